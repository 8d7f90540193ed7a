//! API keys: made, listed, rotated and revoked by operators; authenticated and counted at each request.

mod cache;
mod issue;
mod key_ring;
mod list;

pub use issue::{IssuedKey, KeyRequest, PreparedKey, Rotation};
pub use key_ring::{Admission, Identity, KeyRing, Recall};
pub(crate) use list::StoredKey;
pub use list::{KeyStanding, KeySummary};
