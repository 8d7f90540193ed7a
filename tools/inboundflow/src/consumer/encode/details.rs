//! A single record for people: a line for each field, and a conversation as one.

use domain::Message;
use serde_json::Value;

use crate::{consumer::record::Record, output};

const BETWEEN: &str = "  ";

/// A record, a field a line. Further lines of a text are under its first.
pub(super) fn of(record: &Record) -> String {
    let widest = record.keys().map(|name| name.chars().count()).max().unwrap_or_default();
    let indent = format!("\n{}{BETWEEN}", " ".repeat(widest));
    let line = |(name, value): (&String, &Value)| {
        let shown = output::harmless(&shown(value)).replace('\n', &indent);
        format!("{:widest$}{BETWEEN}{shown}\n", output::harmless_line(name))
    };
    record.iter().map(line).collect()
}

fn shown(value: &Value) -> String {
    match value {
        Value::Null => "-".to_owned(),
        Value::String(text) => text.clone(),
        Value::Array(items) => items.iter().map(item).collect::<Vec<_>>().join("\n"),
        other => other.to_string(),
    }
}

fn item(value: &Value) -> String {
    match serde_json::from_value::<Message>(value.clone()) {
        Ok(message) => format!("{}: {}", message.role.as_str(), message.content),
        Err(_) => shown(value),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_conversation_is_readable_and_cannot_steer_the_terminal() {
        let record = json!({
            "id": "1", "caller_name": null, "duration_seconds": 7, "transcript": "Assistant: Hi\nZoë: \u{1b}[2J",
            "messages": [
                {"role": "assistant", "content": "Hi", "timestamp": null},
                {"role": "user", "content": "Is it\nopen?", "timestamp": "2026-02-24T20:59:00Z"},
            ],
        });
        let expected = "id                1\n\
                        caller_name       -\n\
                        duration_seconds  7\n\
                        transcript        Assistant: Hi\n                  Zoë: \\u001b[2J\n\
                        messages          assistant: Hi\n                  user: Is it\n                  open?\n";
        assert_eq!(of(record.as_object().expect("an object")), expected);
    }
}
