//! HTTP over `lambda_http`: the pre-check of events, the caller, the extractors, the envelope, and `serve`.

mod app;
mod caller;
mod envelope;
mod error;
mod exchange;
mod extract;
mod function;
mod header;
mod log;
mod message;
mod precheck;
mod response;
mod serve;

pub use app::App;
pub use caller::{Access, Caller, Read, Write};
pub use error::ApiError;
pub use extract::{Address, Body, Id, IdempotencyKey, Ids, ListQuery, NoParameters, OptionalBody};
pub use function::Function;
pub use response::{Accepted, Created, List, One, Public};
pub use serve::serve;
