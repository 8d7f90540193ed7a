//! What the clients of all of AWS's services have in common: the HTTP client, the configuration from the environment,
//! and the signature of what goes past the SDK.

mod buffered;
mod environment;
mod http;
mod signature;

pub use environment::environment;
pub(crate) use environment::{ATTEMPT_TIMEOUT, defaults};
pub use http::{http_client, http_connector};
pub use signature::Signer;
