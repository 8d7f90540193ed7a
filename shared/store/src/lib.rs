//! InboundFlow's persistence: the tables, their items, the pages of a list, and the count of each key's requests. The
//! functions reach DynamoDB through here alone.

mod bulk;
mod compressed;
mod contacts;
mod error;
mod ingest;
mod item;
mod items;
mod keys;
mod messages;
mod organizations;
mod page;
mod raw_item;
mod setup;
mod store;
mod tables;
mod unreadable;
mod webhooks;

pub use bulk::{BulkWriter, Row};
pub use contacts::{Created, IdempotencyKey};
pub use ingest::NotApplied;
pub use items::{Changes, Items};
pub use keys::{
    Admission, Identity, IssuedKey, KeyFit, KeyRequest, KeyRing, KeyStanding, KeySummary, KeyUpdate,
    PreparedKey, Recall, Rotation,
};
pub use messages::MAX_ANSWER_BYTES;
pub use organizations::{Holdings, ListedOrganization};
pub use page::Page;
pub use store::{Clock, DEFAULT_TABLE_PREFIX, Store, TABLE_PREFIX_VARIABLE};
pub use tables::{Index, KEPT, StreamView, TABLES, Table};
pub use unreadable::{Examined, Unreadable};
pub use webhooks::{
    Backfilled, Claim, Claimed, DeliveryEndpoint, Enabled, FailingPage, FailingWebhook, Replayable, Replayed,
    Rotatable, SECRETS, Verdict, task_to_send,
};
