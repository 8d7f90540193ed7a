//! What the clients of all of AWS's services have in common: the HTTP client, and the configuration from the
//! environment.

mod buffered;
mod environment;
mod http;

pub use environment::environment;
pub(crate) use environment::{ATTEMPT_TIMEOUT, defaults};
pub use http::http_client;
