//! A single record for people: a line for each field, a conversation and attempts in words.

use domain::{Message, webhooks::Attempt};
use serde_json::Value;

use super::record::Record;
use crate::output;

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
        Value::Array(items) if items.is_empty() => "-".to_owned(),
        Value::String(text) => text.clone(),
        Value::Array(items) => items.iter().map(item).collect::<Vec<_>>().join("\n"),
        other => other.to_string(),
    }
}

fn item(value: &Value) -> String {
    if let Ok(message) = serde_json::from_value::<Message>(value.clone()) {
        return format!("{}: {}", message.role.as_str(), message.content);
    }
    serde_json::from_value::<Attempt>(value.clone())
        .map_or_else(|_| shown(value), |made| attempt(&made, value))
}

/// An attempt, and under it what the receiver answered, where that was asked for.
fn attempt(attempt: &Attempt, value: &Value) -> String {
    let Attempt { number, attempted_at, status_code, duration_ms, error } = attempt;
    let status = status_code.map_or_else(|| "no answer".to_owned(), |code| code.to_string());
    let error = error.iter().map(|error| format!(": {error}")).collect::<String>();
    let made = format!("attempt {number} at {attempted_at}: {status} after {duration_ms} ms{error}");
    let answer = value["response_body"].as_str().unwrap_or_default();
    let answer = answer.lines().map(|line| format!("\n    {line}"));
    made + &answer.collect::<String>()
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

    #[test]
    fn attempts_are_readable_with_what_the_receiver_answered() {
        let at = "2026-02-24T20:59:00.120Z";
        let record = json!({"attempts": [
            {"number": 1, "attempted_at": at, "status_code": null, "duration_ms": 15000, "error": "time-out"},
            {"number": 2, "attempted_at": at, "status_code": 500, "duration_ms": 12, "error": null,
             "response_body": "Traceback:\r\n\tno \u{1b}[2J"},
        ]});
        let expected = "attempts  attempt 1 at 2026-02-24T20:59:00.120Z: no answer after 15000 ms: time-out\n          \
                        attempt 2 at 2026-02-24T20:59:00.120Z: 500 after 12 ms\n              Traceback:\n              \
                        \tno \\u001b[2J\n";
        assert_eq!(of(record.as_object().expect("an object")), expected);
    }
}
