//! The columns of a table, and how each shows a field.

use domain::Timestamp;
use serde_json::Value;

use super::record::Record;
use crate::output;

/// A column of a table.
#[derive(Debug)]
pub(crate) struct Column {
    pub(super) title: &'static str,
    /// The field's name; a dot leads to a field within a field.
    pub(super) field: &'static str,
    pub(super) form: Form,
    /// Where there is no room for all columns, those of the highest rank go first.
    pub(super) rank: u8,
}

/// The way a field is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Form {
    /// The value unchanged and whole.
    Whole,
    /// An id. Where room is scarce, as many of its characters as tell it from the others on the page.
    Id,
    /// A few words, such as a name, which may be cut off.
    Words,
    /// Sentences, which may be cut off, but say nothing in a narrow column.
    Prose,
    /// A time, to the minute, in UTC.
    Time,
    /// The time since then.
    Age,
    /// Seconds, in larger units.
    Seconds,
    /// A number; there are more where the field of this name is true.
    AtLeast(&'static str),
    /// The outcome of the last of some attempts.
    LastAttempt,
}

const NOTHING: &str = "-";

impl Form {
    /// The narrowest width that a column of this form may have; none where it is shown whole or not at all.
    pub(super) fn least(self) -> Option<usize> {
        match self {
            Self::Words => Some(16),
            Self::Prose | Self::LastAttempt => Some(20),
            _ => None,
        }
    }
}

impl Column {
    pub(crate) const fn new(title: &'static str, field: &'static str, form: Form, rank: u8) -> Self {
        Self { title, field, form, rank }
    }

    /// The cell of a record, on one line and harmless.
    pub(super) fn cell(&self, record: &Record) -> String {
        let mut names = self.field.split('.');
        let first = names.next().and_then(|name| record.get(name));
        let value = names.fold(first, |value, name| value.and_then(|value| value.get(name)));
        let value = value.unwrap_or(&Value::Null);
        let text = match (self.form, value) {
            (_, Value::Null) => return NOTHING.to_owned(),
            (Form::Time, Value::String(text)) => minute(text),
            (Form::Age, Value::String(text)) => age(text, Timestamp::now()),
            (Form::Seconds, Value::Number(seconds)) => {
                seconds.as_u64().map_or_else(|| seconds.to_string(), duration)
            }
            (Form::AtLeast(more), Value::Number(number)) => {
                let has_more = record.get(more).and_then(Value::as_bool).unwrap_or_default();
                format!("{number}{}", if has_more { "+" } else { "" })
            }
            (Form::LastAttempt, Value::Array(attempts)) => {
                attempts.last().map_or_else(|| NOTHING.to_owned(), last_attempt)
            }
            (Form::Words | Form::Prose, Value::Array(words)) if words.iter().all(Value::is_string) => {
                words.iter().filter_map(Value::as_str).collect::<Vec<_>>().join(", ")
            }
            (_, Value::String(text)) => text.split_whitespace().collect::<Vec<_>>().join(" "),
            (_, other) => other.to_string(),
        };
        output::harmless_line(&text)
    }
}

fn last_attempt(last: &Value) -> String {
    let why = || last["error"].as_str().unwrap_or("no answer").to_owned();
    format!("{}: {}", last["number"], last["status_code"].as_u64().map_or_else(why, |code| code.to_string()))
}

fn minute(text: &str) -> String {
    // 2026-02-24T20:59:00.120Z: the form is the service's own, so that places can be counted.
    let shown = |time: Timestamp| time.fixed_width()[..16].replace('T', " ");
    Timestamp::parse(text).map_or_else(|| text.to_owned(), shown)
}

fn age(text: &str, now: Timestamp) -> String {
    let Some(then) = Timestamp::parse(text) else { return text.to_owned() };
    let minutes = (now.unix_ms() - then.unix_ms()).max(0) / 60_000;
    match (minutes / (24 * 60), minutes / 60) {
        (0, 0) => format!("{minutes}m"),
        (0, hours) => format!("{hours}h{:02}m", minutes % 60),
        (days, hours) => format!("{days}d{:02}h", hours % 24),
    }
}

fn duration(seconds: u64) -> String {
    let (hours, minutes, seconds) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
    match (hours, minutes) {
        (0, 0) => format!("{seconds}s"),
        (0, minutes) => format!("{minutes}m{seconds:02}s"),
        (hours, minutes) => format!("{hours}h{minutes:02}m{seconds:02}s"),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn shown(form: Form, value: &Value) -> String {
        let record = json!({"field": value, "more": true}).as_object().expect("an object").clone();
        Column::new("FIELD", "field", form, 0).cell(&record)
    }

    #[test]
    fn cells_are_short_on_one_line_and_harmless() {
        assert_eq!(shown(Form::Time, &json!("2026-02-24T20:59:07.120Z")), "2026-02-24 20:59");
        assert_eq!(shown(Form::Time, &json!("soon")), "soon");
        assert_eq!(shown(Form::Seconds, &json!(45)), "45s");
        assert_eq!(shown(Form::Seconds, &json!(361)), "6m01s");
        assert_eq!(shown(Form::Seconds, &json!(3661)), "1h01m01s");
        assert_eq!(shown(Form::Words, &json!(null)), "-");
        assert_eq!(shown(Form::Whole, &json!(3)), "3");
        assert_eq!(shown(Form::AtLeast("more"), &json!(1000)), "1000+");
        assert_eq!(shown(Form::AtLeast("other"), &json!(1000)), "1000");
        assert_eq!(shown(Form::Words, &json!(["lead.created", "\u{9b}"])), "lead.created, \\u009b");
        assert_eq!(shown(Form::LastAttempt, &json!([])), "-");
        let attempts = [json!({"number": 1}), json!({"number": 2, "status_code": 500, "error": "500"})];
        assert_eq!(shown(Form::LastAttempt, &json!(attempts)), "2: 500");
        let failed = json!([{"number": 3, "error": "time\nout"}]);
        assert_eq!(shown(Form::LastAttempt, &failed), "3: time\\u000aout");
        assert_eq!(shown(Form::Words, &json!(" two\r\n lines\t")), "two lines");
        assert_eq!(shown(Form::Prose, &json!("\u{1b}[31mred\u{9b}0m")), "\\u001b[31mred\\u009b0m");
        assert_eq!(shown(Form::Words, &json!({"a": "\u{1b}"})), "{\"a\":\"\\u001b\"}");
    }

    #[test]
    fn an_age_has_its_two_largest_units() {
        let now = Timestamp::parse("2026-03-01T12:00:00Z").expect("a time");
        for (then, expected) in [
            ("2026-03-01T12:00:07Z", "0m"),
            ("2026-03-01T11:15:30Z", "44m"),
            ("2026-03-01T08:59:00Z", "3h01m"),
            ("2026-02-15T09:00:00Z", "14d03h"),
            ("soon", "soon"),
        ] {
            assert_eq!(age(then, now), expected);
        }
    }
}
