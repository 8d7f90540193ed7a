//! A change of an item in the form in which Lambda hands it to a function.

use std::collections::HashMap;

use aws_sdk_dynamodbstreams::{
    primitives::Blob,
    types::{AttributeValue, Record, StreamRecord},
};
use base64::{Engine as _, prelude::BASE64_STANDARD};
use serde_json::{Map, Value, json};

/// One change of an item.
pub(super) struct Change {
    /// The place of the change in the shard.
    pub(super) sequence_number: String,
    /// The record that the function gets.
    pub(super) record: Value,
}

/// A record of the stream `arn` as a change; nothing where it does not say which one it is.
pub(super) fn change(record: Record, arn: &str) -> Option<Change> {
    let image = record.dynamodb?;
    let sequence_number = image.sequence_number.clone()?;
    let mut shown = json!({
        "eventID": record.event_id,
        "eventName": record.event_name.as_ref().map(|name| name.as_str()),
        "eventVersion": record.event_version,
        "eventSource": "aws:dynamodb",
        "awsRegion": record.aws_region,
        "dynamodb": images(image),
        "eventSourceARN": arn,
    });
    // Whose change it was is said where DynamoDB itself has deleted an item after its time.
    if let Some(identity) = record.user_identity {
        shown["userIdentity"] = json!({"type": identity.r#type, "principalId": identity.principal_id});
    }
    Some(Change { sequence_number, record: shown })
}

fn images(record: StreamRecord) -> Value {
    let mut shown = json!({
        "ApproximateCreationDateTime": record.approximate_creation_date_time.map(|time| time.secs()),
        "SequenceNumber": record.sequence_number,
        "SizeBytes": record.size_bytes,
        "StreamViewType": record.stream_view_type.as_ref().map(|kind| kind.as_str()),
    });
    let items = [("Keys", record.keys), ("NewImage", record.new_image), ("OldImage", record.old_image)];
    for (name, item) in items {
        if let Some(item) = item {
            shown[name] = map(item);
        }
    }
    shown
}

fn map(attributes: HashMap<String, AttributeValue>) -> Value {
    attributes.into_iter().map(|(name, attribute)| (name, value(attribute))).collect::<Map<_, _>>().into()
}

/// In DynamoDB's own JSON.
fn value(attribute: AttributeValue) -> Value {
    let binary = |blob: Blob| BASE64_STANDARD.encode(blob);
    match attribute {
        AttributeValue::B(blob) => json!({"B": binary(blob)}),
        AttributeValue::Bool(value) => json!({"BOOL": value}),
        AttributeValue::Bs(blobs) => json!({"BS": blobs.into_iter().map(binary).collect::<Vec<_>>()}),
        AttributeValue::L(list) => json!({"L": list.into_iter().map(value).collect::<Vec<_>>()}),
        AttributeValue::M(attributes) => json!({"M": map(attributes)}),
        AttributeValue::N(number) => json!({"N": number}),
        AttributeValue::Ns(numbers) => json!({"NS": numbers}),
        AttributeValue::Null(value) => json!({"NULL": value}),
        AttributeValue::S(text) => json!({"S": text}),
        AttributeValue::Ss(texts) => json!({"SS": texts}),
        // The SDK does not keep what it does not know.
        _ => Value::Null,
    }
}

#[cfg(test)]
mod tests {
    use aws_sdk_dynamodbstreams::{
        primitives::DateTime,
        types::{Identity, OperationType, StreamViewType},
    };

    use super::*;

    fn record() -> StreamRecord {
        let text = |text: &str| AttributeValue::S(text.to_owned());
        let of_each = [
            ("b", AttributeValue::B(Blob::new([0, 255]))),
            ("bool", AttributeValue::Bool(true)),
            ("bs", AttributeValue::Bs(vec![Blob::new([1])])),
            ("l", AttributeValue::L(vec![text("x"), AttributeValue::Null(true)])),
            ("m", AttributeValue::M([("n".to_owned(), AttributeValue::N("1.50".to_owned()))].into())),
            ("ns", AttributeValue::Ns(vec!["1".to_owned()])),
            ("ss", AttributeValue::Ss(vec!["s".to_owned()])),
        ];
        StreamRecord::builder()
            .approximate_creation_date_time(DateTime::from_secs_and_nanos(1_772_000_000, 5))
            .keys("id", text("1"))
            .set_new_image(Some(of_each.map(|(name, value)| (name.to_owned(), value)).into()))
            .sequence_number("100000000000000000001")
            .size_bytes(9)
            .stream_view_type(StreamViewType::NewAndOldImages)
            .build()
    }

    #[test]
    fn a_change_has_lambdas_form_and_dynamodbs_values() {
        let inserted = Record::builder().event_id("e").event_name(OperationType::Insert).event_version("1.1");
        let inserted = inserted.aws_region("local").dynamodb(record()).build();
        let change = change(inserted, "arn:stream").expect("a change");
        assert_eq!(change.sequence_number, "100000000000000000001");
        let expected = json!({
            "eventID": "e", "eventName": "INSERT", "eventVersion": "1.1", "eventSource": "aws:dynamodb",
            "awsRegion": "local", "eventSourceARN": "arn:stream",
            "dynamodb": {
                "ApproximateCreationDateTime": 1_772_000_000, "SequenceNumber": "100000000000000000001",
                "SizeBytes": 9, "StreamViewType": "NEW_AND_OLD_IMAGES", "Keys": {"id": {"S": "1"}},
                "NewImage": {
                    "b": {"B": "AP8="}, "bool": {"BOOL": true}, "bs": {"BS": ["AQ=="]},
                    "l": {"L": [{"S": "x"}, {"NULL": true}]}, "m": {"M": {"n": {"N": "1.50"}}},
                    "ns": {"NS": ["1"]}, "ss": {"SS": ["s"]},
                },
            },
        });
        assert_eq!(change.record, expected);
    }

    #[test]
    fn it_is_said_whose_change_it_was_and_a_record_without_a_place_is_none() {
        let service = Identity::builder().r#type("Service").principal_id("dynamodb.amazonaws.com").build();
        let removed = Record::builder().event_name(OperationType::Remove).user_identity(service);
        assert!(change(removed.clone().build(), "arn").is_none());
        let removed = change(removed.dynamodb(record()).build(), "arn").expect("a change").record;
        let expected = json!({"type": "Service", "principalId": "dynamodb.amazonaws.com"});
        assert_eq!(removed["userIdentity"], expected);
    }
}
