//! The HTTP side: gateway events in, envelopes out, the caller, and `serve`.

mod caller;
mod error;
mod event;
mod exchange;
mod extract;
mod function;
mod header;
mod language;
mod log;
mod message;
mod response;
mod serve;

pub use caller::{Access, Caller, Read, Write};
pub use error::Failure;
pub use extract::{Address, Body, Id, IdempotencyKey, Ids, ListQuery, NoParameters, OptionalBody};
pub use function::{App, Function};
pub use response::{Accepted, Created, List, One, Public};
pub use serve::serve;
