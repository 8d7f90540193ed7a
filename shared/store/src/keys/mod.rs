//! API keys: made, listed, rotated and revoked by operators; authenticated and counted at each request.

mod cache;
mod identity;
mod issue;
mod key_ring;
mod list;
mod update;

pub use identity::{Admission, Identity, Recall};
pub use issue::{IssuedKey, KeyFit, KeyRequest, PreparedKey, Rotation};
pub use key_ring::KeyRing;
pub(crate) use list::StoredKey;
pub use list::{KeyStanding, KeySummary};
pub use update::KeyUpdate;
