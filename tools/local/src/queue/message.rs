//! A message, and which ones a queue takes.

use std::{collections::BTreeMap, time::Duration};

use domain::Timestamp;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// A message, as it was sent.
#[derive(Clone, Debug)]
pub(in super::super) struct Message {
    pub(in super::super) id: Uuid,
    pub(in super::super) body: String,
    pub(in super::super) attributes: Attributes,
    /// Whose message it is, where the queue is to be fair.
    pub(in super::super) group: Option<String>,
    pub(in super::super) sent_at: Timestamp,
    /// How often it was received.
    pub(in super::super) receives: u32,
}

/// A message to be sent.
#[derive(Default)]
pub(in super::super) struct NewMessage {
    pub(in super::super) body: String,
    pub(in super::super) attributes: Attributes,
    pub(in super::super) group: Option<String>,
    /// How long it cannot be received.
    pub(in super::super) delay: Duration,
}

/// What stands beside a message's body, by name.
pub(in super::super) type Attributes = BTreeMap<String, Attribute>;

/// As SQS has it in JSON.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(in super::super) struct Attribute {
    pub(in super::super) data_type: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(in super::super) string_value: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(in super::super) binary_value: Option<String>,
}

/// Why a queue does not do what it was asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in super::super) enum Refusal {
    NoSuchQueue,
    TooLong { max_bytes: usize },
    NotText,
}

impl NewMessage {
    pub(super) fn check(&self, max_bytes: usize) -> Result<(), Refusal> {
        if self.body.len() + self.attributes.iter().map(size).sum::<usize>() > max_bytes {
            return Err(Refusal::TooLong { max_bytes });
        }
        let values = self.attributes.values().filter_map(|value| value.string_value.as_deref());
        let mut texts = [&*self.body].into_iter().chain(values);
        if texts.all(|text| text.chars().all(is_text)) { Ok(()) } else { Err(Refusal::NotText) }
    }
}

fn size((name, value): (&String, &Attribute)) -> usize {
    let values = [&value.string_value, &value.binary_value].into_iter().flatten();
    name.len() + value.data_type.len() + values.map(String::len).sum::<usize>()
}

/// The characters that SQS takes.
fn is_text(character: char) -> bool {
    !matches!(character, '\0'..='\u{8}' | '\u{b}' | '\u{c}' | '\u{e}'..='\u{1f}' | '\u{fffe}' | '\u{ffff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_has_a_size_and_characters_that_sqs_takes() {
        let check = |body: &str, value: Option<&str>| {
            let attribute = |value: &str| {
                let string_value = Some(value.to_owned());
                let value = Attribute { data_type: "String".to_owned(), string_value, binary_value: None };
                ("name".to_owned(), value)
            };
            let attributes = value.map(attribute).into_iter().collect();
            NewMessage { body: body.to_owned(), attributes, ..NewMessage::default() }.check(20)
        };
        let too_long = Err(Refusal::TooLong { max_bytes: 20 });
        assert_eq!((check(&"0".repeat(20), None), check(&"0".repeat(21), None)), (Ok(()), too_long));
        assert_eq!(check("012345678", Some("v")), Ok(()), "11 bytes beside it");
        assert_eq!(check("0123456789", Some("v")), too_long);
        assert_eq!(check("a\u{1}", None), Err(Refusal::NotText));
        assert_eq!(check("a", Some("\u{ffff}")), Err(Refusal::NotText));
        assert_eq!(check("\t\r\n ü\u{fffd}", None), Ok(()));
    }
}
