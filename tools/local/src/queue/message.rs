//! A message of a queue, and the bounds that SQS has for one.

use std::{collections::BTreeMap, time::Duration};

use domain::Timestamp;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// A message, as it was sent.
#[derive(Clone, Debug)]
pub(crate) struct Message {
    pub(crate) id: Uuid,
    pub(crate) body: String,
    pub(crate) attributes: Attributes,
    /// The message's group, where the queue is to be fair.
    pub(crate) group: Option<String>,
    pub(crate) sent_at: Timestamp,
    /// How often the message was received.
    pub(crate) receives: u32,
    /// The name of the queue that the message was received from too often, where it is a dead letter for that.
    pub(crate) moved_from: Option<String>,
}

/// A message to be sent.
#[derive(Default)]
pub struct NewMessage {
    pub(crate) body: String,
    pub(crate) attributes: Attributes,
    pub(crate) group: Option<String>,
    /// How long the message cannot be received after it was sent.
    pub(crate) delay: Duration,
}

/// The attributes of a message, by name.
pub(crate) type Attributes = BTreeMap<String, Attribute>;

/// A message attribute, as SQS has it in JSON.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Attribute {
    pub(crate) data_type: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) string_value: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) binary_value: Option<String>,
}

/// The reason for which a queue did not do what it was asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum QueueError {
    /// There is no queue of that name.
    NoSuchQueue,
    /// The message is longer than the queue takes.
    TooLong {
        /// The longest message that the queue takes, in bytes.
        max_bytes: usize,
    },
    /// The message has characters that SQS does not take.
    NotText,
}

impl NewMessage {
    /// A message without attributes; the queue is fair to its group, if it has one.
    #[must_use]
    pub fn new(body: String, group: Option<String>) -> Self {
        Self { body, group, ..Self::default() }
    }

    pub(super) fn check(&self, max_bytes: usize) -> Result<(), QueueError> {
        if self.body.len() + self.attributes.iter().map(size).sum::<usize>() > max_bytes {
            return Err(QueueError::TooLong { max_bytes });
        }
        let values = self.attributes.values().filter_map(|value| value.string_value.as_deref());
        let mut texts = [&*self.body].into_iter().chain(values);
        if texts.all(|text| text.chars().all(is_text)) { Ok(()) } else { Err(QueueError::NotText) }
    }
}

fn size((name, value): (&String, &Attribute)) -> usize {
    let values = [&value.string_value, &value.binary_value].into_iter().flatten();
    name.len() + value.data_type.len() + values.map(String::len).sum::<usize>()
}

/// Whether SQS takes this character.
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
        let too_long = Err(QueueError::TooLong { max_bytes: 20 });
        assert_eq!((check(&"0".repeat(20), None), check(&"0".repeat(21), None)), (Ok(()), too_long));
        assert_eq!(check("012345678", Some("v")), Ok(()), "11 bytes beside it");
        assert_eq!(check("0123456789", Some("v")), too_long);
        assert_eq!(check("a\u{1}", None), Err(QueueError::NotText));
        assert_eq!(check("a", Some("\u{ffff}")), Err(QueueError::NotText));
        assert_eq!(check("\t\r\n ü\u{fffd}", None), Ok(()));
    }
}
