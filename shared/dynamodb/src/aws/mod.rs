//! How a process reaches any of AWS's services: the HTTP client, and what the environment says of region, credentials
//! and endpoints.

mod buffered;
mod environment;
mod http;

pub use environment::environment;
pub(crate) use environment::{ATTEMPT_TIMEOUT, defaults};
pub use http::http_client;
