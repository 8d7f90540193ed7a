//! A dead letter, as it was received from its queue.

use std::collections::HashMap;

use aws_sdk_sqs::types::{Message, MessageAttributeValue, MessageSystemAttributeName};
use domain::{OrganizationId, Timestamp};
use serde_json::{Map, Value, json};

use super::reason::unquoting;
use crate::{
    cli::{DeadLetterQueue, NO_KIND},
    print::Record,
};

/// The attributes that the functions give a dead letter.
const KIND: &str = "kind";
const REASON: &str = "reason";

/// A message in a queue of dead letters.
pub(super) struct DeadLetter {
    pub(super) queue: DeadLetterQueue,
    message: Message,
}

impl DeadLetter {
    pub(super) fn new(queue: DeadLetterQueue, message: Message) -> Self {
        Self { queue, message }
    }

    pub(super) fn id(&self) -> &str {
        self.message.message_id().unwrap_or_default()
    }

    pub(super) fn receipt(&self) -> &str {
        self.message.receipt_handle().unwrap_or_default()
    }

    pub(super) fn body(&self) -> &str {
        self.message.body().unwrap_or_default()
    }

    /// Whether the dead letter is of this kind, where `none` is what SQS itself moved.
    pub(super) fn is_of(&self, kind: &str) -> bool {
        self.text(KIND).unwrap_or(NO_KIND) == kind
    }

    /// The group that the message had in the queue that it came from.
    pub(super) fn group(&self) -> Option<&str> {
        self.system(MessageSystemAttributeName::MessageGroupId)
    }

    /// The name of the queue that SQS itself moved the message from, where it did.
    pub(super) fn moved_from(&self) -> Option<&str> {
        self.system(MessageSystemAttributeName::DeadLetterQueueSourceArn)?.rsplit(':').next()
    }

    pub(super) fn sent_at(&self) -> Option<Timestamp> {
        let sent = self.system(MessageSystemAttributeName::SentTimestamp)?;
        sent.parse().ok().and_then(Timestamp::from_unix_ms)
    }

    /// The attributes that the message's producer gave it.
    pub(super) fn attributes(&self) -> HashMap<String, MessageAttributeValue> {
        let mut attributes = self.message.message_attributes().cloned().unwrap_or_default();
        attributes.retain(|name, _| name != KIND && name != REASON);
        attributes
    }

    /// The dead letter without a word of its message.
    pub(super) fn listed(&self) -> Record {
        let reason = self.text(REASON).map(unquoting);
        self.record([("reason", json!(reason))])
    }

    /// The dead letter as a whole.
    pub(super) fn whole(&self) -> Record {
        let attribute = |(name, value): (String, MessageAttributeValue)| (name, json!(value.string_value));
        let attributes: Map<String, Value> = self.attributes().into_iter().map(attribute).collect();
        self.record([
            ("reason", json!(self.text(REASON))),
            ("attributes", attributes.into()),
            ("body", self.body().into()),
        ])
    }

    fn record(&self, more: impl IntoIterator<Item = (&'static str, Value)>) -> Record {
        let known = [
            ("message_id", json!(self.id())),
            ("queue", json!(self.queue.as_str())),
            ("kind", json!(self.text(KIND).unwrap_or(NO_KIND))),
            ("organization_id", json!(self.organization())),
            ("sent_at", json!(self.sent_at())),
        ];
        known.into_iter().chain(more).map(|(name, value)| (name.to_owned(), value)).collect()
    }

    /// The organization whose message it is, where the body's first level says so.
    fn organization(&self) -> Option<OrganizationId> {
        let body: Value = serde_json::from_str(self.body()).ok()?;
        body.get("organization_id")?.as_str()?.parse().ok()
    }

    fn text(&self, name: &str) -> Option<&str> {
        self.message.message_attributes()?.get(name)?.string_value()
    }

    fn system(&self, name: MessageSystemAttributeName) -> Option<&str> {
        self.message.attributes()?.get(&name).map(String::as_str)
    }
}
