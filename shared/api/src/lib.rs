//! The HTTP side: gateway events in, envelopes out, the caller, and `serve`.

mod answer;
mod caller;
mod event;
mod exchange;
mod extract;
mod failure;
mod function;
mod header;
mod language;
mod log;
mod message;
mod serve;

pub use answer::{Accepted, Created, List, One};
pub use caller::{Access, Caller, Read, Write};
pub use extract::{Body, Id, IdempotencyKey, Ids, ListQuery, NoParameters, OptionalBody};
pub use failure::Failure;
pub use function::{App, Function};
pub use serve::serve;
