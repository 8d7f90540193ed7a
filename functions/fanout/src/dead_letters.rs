//! Dead letters of the stream: records that cannot be carried out, as they came but without an endpoint's secrets.

use serde_json::{Value, value::RawValue};
use store::SECRETS;
use worker::{MAX_BODY_BYTES, escaped};

use crate::{
    function::Fanout,
    record::{Refusal, StreamRecord},
};

const IMAGES: [&str; 2] = ["NewImage", "OldImage"];

impl Fanout {
    /// Sends a record to the dead-letter queue; false where it has to come again.
    pub(crate) async fn keep_dead_letter(&self, record: &StreamRecord<'_>, refusal: Refusal) -> bool {
        let sequence_number = &record.sequence_number;
        let (kind, reason) = (refusal.kind(), refusal.reason());
        match self.dead_letters.send(&body(record.json, MAX_BODY_BYTES), kind, reason).await {
            Ok(dead_letter_id) => {
                tracing::error!(sequence_number, kind, reason, dead_letter_id, "message_dead_lettered");
                true
            }
            Err(error) => {
                tracing::error!(sequence_number, kind, error, "dead_letter_failed");
                false
            }
        }
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
    let whole = if has_secrets { escaped(&cut.to_string()) } else { escaped(record.get()) };
    if whole.len() <= max_bytes {
        return whole;
    }
    if let Some(change) = cut.get_mut("dynamodb").and_then(Value::as_object_mut) {
        change.retain(|name, _| !IMAGES.contains(&name.as_str()));
    }
    let rest = escaped(&cut.to_string());
    if rest.len() <= max_bytes { rest } else { "{}".to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn dead_letter(record: &str, max_bytes: usize) -> String {
        body(&RawValue::from_string(record.to_owned()).expect("JSON"), max_bytes)
    }

    #[test]
    fn a_record_is_kept_as_it_came_if_the_queue_takes_it() {
        let record = r#"{ "dynamodb": {"NewImage": {"a": {"S": "ü\u0001"}}, "SequenceNumber": "1"} }"#;
        assert_eq!(dead_letter(record, record.len()), record);
        let cut = r#"{"dynamodb":{"SequenceNumber":"1"}}"#;
        assert_eq!(dead_letter(record, record.len() - 1), cut);
        assert_eq!(dead_letter(record, cut.len() - 1), "{}");
        let secret = r#"{"dynamodb":{"OldImage":{"secrets":{"M":{}},"id":{"S":"1"}}}}"#;
        assert_eq!(dead_letter(secret, 99), r#"{"dynamodb":{"OldImage":{"id":{"S":"1"}}}}"#);
        assert_eq!(dead_letter("{\"a\":\"\u{fffe}\u{ffff}\"}", 99), "{\"a\":\"\\ufffe\\uffff\"}");
    }
}
