//! The dead-letter queue, for records that cannot be carried out: as they came, and with the reason.

use aws_sdk_sqs::types::MessageAttributeValue;
use domain::chain;
use serde_json::{Value, value::RawValue};
use store::SECRETS;

use crate::{
    Fanout,
    record::{Record, Refusal},
};

/// What SQS takes, less what the attributes need.
const MAX_BYTES: usize = 1024 * 1024 - 1024;
const IMAGES: [&str; 2] = ["NewImage", "OldImage"];

impl Fanout {
    /// Parks a record; false where it has to come again.
    pub(crate) async fn park(&self, record: &Record<'_>, refusal: Refusal) -> bool {
        let (sequence_number, kind) = (&record.sequence_number, refusal.kind());
        match self.try_park(record.json, refusal).await {
            Ok(dead_letter_id) => {
                tracing::error!(sequence_number, kind, reason = refusal.reason(), dead_letter_id, "parked");
                true
            }
            Err(error) => {
                tracing::error!(sequence_number, kind, error, "could not park");
                false
            }
        }
    }

    async fn try_park(&self, record: &RawValue, refusal: Refusal) -> Result<String, String> {
        let parked = self
            .sqs
            .send_message()
            .queue_url(&self.queues.dead_letters)
            .message_body(body(record, MAX_BYTES))
            .message_attributes("kind", text(refusal.kind())?)
            .message_attributes("reason", text(refusal.reason())?)
            .send()
            .await;
        let parked = parked.map(|parked| parked.message_id.unwrap_or_default());
        parked.map_err(|error| format!("SQS SendMessage: {}", chain(&error)))
    }
}

/// The record as it came, but without an endpoint's secrets; where it is too long, without its images: the
/// item itself is in its table.
fn body(record: &RawValue, max_bytes: usize) -> String {
    let mut cut: Value = serde_json::from_str(record.get()).unwrap_or_default();
    let mut has_secrets = false;
    for image in IMAGES {
        let item = cut.pointer_mut(&format!("/dynamodb/{image}")).and_then(Value::as_object_mut);
        has_secrets |= item.and_then(|item| item.remove(SECRETS)).is_some();
    }
    let whole = if has_secrets { sendable(&cut.to_string()) } else { sendable(record.get()) };
    if whole.len() <= max_bytes {
        return whole;
    }
    if let Some(change) = cut.get_mut("dynamodb").and_then(Value::as_object_mut) {
        change.retain(|name, _| !IMAGES.contains(&name.as_str()));
    }
    let rest = sendable(&cut.to_string());
    if rest.len() <= max_bytes { rest } else { "{}".to_owned() }
}

/// SQS takes neither of two characters, and in JSON they can stand in strings alone.
fn sendable(json: &str) -> String {
    json.replace('\u{fffe}', "\\ufffe").replace('\u{ffff}', "\\uffff")
}

fn text(text: &str) -> Result<MessageAttributeValue, String> {
    let value = MessageAttributeValue::builder().data_type("String").string_value(text).build();
    value.map_err(|error| error.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parked(record: &str, max_bytes: usize) -> String {
        body(&RawValue::from_string(record.to_owned()).expect("JSON"), max_bytes)
    }

    #[test]
    fn a_record_is_parked_as_it_came_if_the_queue_takes_it() {
        let record = r#"{ "dynamodb": {"NewImage": {"a": {"S": "ü\u0001"}}, "SequenceNumber": "1"} }"#;
        assert_eq!(parked(record, record.len()), record);
        let cut = r#"{"dynamodb":{"SequenceNumber":"1"}}"#;
        assert_eq!(parked(record, record.len() - 1), cut);
        assert_eq!(parked(record, cut.len() - 1), "{}");
        let secret = r#"{"dynamodb":{"OldImage":{"secrets":{"M":{}},"id":{"S":"1"}}}}"#;
        assert_eq!(parked(secret, 99), r#"{"dynamodb":{"OldImage":{"id":{"S":"1"}}}}"#);
        assert_eq!(parked("{\"a\":\"\u{fffe}\u{ffff}\"}", 99), "{\"a\":\"\\ufffe\\uffff\"}");
    }
}
