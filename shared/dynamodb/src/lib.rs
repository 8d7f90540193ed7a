//! DynamoDB's client: connections, direct calls, replies read off the wire, transactions and errors. Of the functions'
//! crates this one alone imports the SDK of DynamoDB, and it knows nothing of what is stored.
//!
//! The SDK's calls are awaited by `.customize().send()`: the future behind it is compiled once, in the SDK's crate and for
//! size. The one behind `.send()` is compiled again in each crate that awaits it, and has some 100 KB each time.

pub mod aws;
mod calls;
mod client;
mod direct;
mod error;
mod item;
mod raw_body;
mod reply;
mod request;
mod transaction;
mod update;
mod wire;

pub use aws_sdk_dynamodb as sdk;
pub use client::{Client, DIRECT_CALLS_VARIABLE};
pub use error::{Error, ErrorKind, is_throttle};
pub use item::{Condition, Item, n, s};
pub use reply::{Bytes, item, number};
pub use request::{GetItem, Value, Values};
pub use transaction::{Transacted, check_missing, condition_failed, delete, put};
pub use update::{UpdateExpression, Updated, update};
pub use wire::{Attribute, FromItem, Map};
