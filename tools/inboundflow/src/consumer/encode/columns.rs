//! The columns of a table for each kind of record.

use domain::{
    Appointment, Call, Contact, Kind, Lead, Timestamp, fields,
    webhooks::{Delivery, Event, Webhook},
};
use serde_json::Value;

use crate::{consumer::record::Record, output};

/// A kind of record that can be listed.
pub(crate) trait Listed: Kind {
    /// The columns of a table of such records.
    const COLUMNS: &'static [Column];

    /// The fields of such a record, in the order in which the API prints them.
    const FIELDS: fn() -> &'static [&'static str];
}

/// A column of a table.
#[derive(Debug)]
pub(crate) struct Column {
    pub(super) title: &'static str,
    pub(super) field: &'static str,
    pub(super) form: Form,
    /// Where there is no room for all columns, those of the highest rank go first.
    pub(super) rank: u8,
}

/// How a field is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Form {
    /// The value unchanged and whole.
    Whole,
    /// Words, which may be cut off.
    Words,
    /// A time, to the minute, in UTC.
    Time,
    /// Seconds, in larger units.
    Seconds,
    /// What became of the last of some attempts.
    LastAttempt,
}

const NOTHING: &str = "-";

impl Column {
    const fn new(title: &'static str, field: &'static str, form: Form, rank: u8) -> Self {
        Self { title, field, form, rank }
    }

    /// The cell of a record, on one line and harmless.
    pub(super) fn cell(&self, record: &Record) -> String {
        let value = record.get(self.field).unwrap_or(&Value::Null);
        let text = match (self.form, value) {
            (_, Value::Null) => return NOTHING.to_owned(),
            (Form::Time, Value::String(text)) => minute(text),
            (Form::Seconds, Value::Number(seconds)) => {
                seconds.as_u64().map_or_else(|| seconds.to_string(), duration)
            }
            (Form::LastAttempt, Value::Array(attempts)) => {
                attempts.last().map_or_else(|| NOTHING.to_owned(), last_attempt)
            }
            (Form::Words, Value::Array(words)) if words.iter().all(Value::is_string) => {
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

fn duration(seconds: u64) -> String {
    let (hours, minutes, seconds) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
    match (hours, minutes) {
        (0, 0) => format!("{seconds}s"),
        (0, minutes) => format!("{minutes}m{seconds:02}s"),
        (hours, minutes) => format!("{hours}h{minutes:02}m{seconds:02}s"),
    }
}

impl Listed for Call {
    const COLUMNS: &'static [Column] = &[
        Column::new("CREATED (UTC)", "created_at", Form::Time, 2),
        Column::new("PHONE", "caller_phone", Form::Whole, 1),
        Column::new("NAME", "caller_name", Form::Words, 4),
        Column::new("STATUS", "status", Form::Words, 3),
        Column::new("DURATION", "duration_seconds", Form::Seconds, 5),
        Column::new("SUMMARY", "summary", Form::Words, 6),
        Column::new("ID", "id", Form::Whole, 0),
    ];
    const FIELDS: fn() -> &'static [&'static str] = fields::of::<Self>;
}

impl Listed for Contact {
    const COLUMNS: &'static [Column] = &[
        Column::new("CREATED (UTC)", "created_at", Form::Time, 4),
        Column::new("PHONE", "phone", Form::Whole, 1),
        Column::new("NAME", "name", Form::Words, 2),
        Column::new("EMAIL", "email", Form::Words, 3),
        Column::new("COMPANY", "company", Form::Words, 6),
        Column::new("CALLS", "total_calls", Form::Whole, 5),
        Column::new("ID", "id", Form::Whole, 0),
    ];
    const FIELDS: fn() -> &'static [&'static str] = fields::of::<Self>;
}

impl Listed for Lead {
    const COLUMNS: &'static [Column] = &[
        Column::new("CREATED (UTC)", "created_at", Form::Time, 2),
        Column::new("PHONE", "caller_phone", Form::Whole, 1),
        Column::new("NAME", "caller_name", Form::Words, 4),
        Column::new("STATUS", "status", Form::Words, 3),
        Column::new("URGENCY", "urgency", Form::Whole, 5),
        Column::new("INTEREST", "interest", Form::Words, 6),
        Column::new("ID", "id", Form::Whole, 0),
    ];
    const FIELDS: fn() -> &'static [&'static str] = fields::of::<Self>;
}

impl Listed for Appointment {
    const COLUMNS: &'static [Column] = &[
        Column::new("DATE", "appointment_date", Form::Whole, 1),
        Column::new("START (UTC)", "appointment_time_start", Form::Time, 4),
        Column::new("PHONE", "caller_phone", Form::Whole, 2),
        Column::new("NAME", "caller_name", Form::Words, 5),
        Column::new("SERVICE", "service_type", Form::Words, 6),
        Column::new("STATUS", "status", Form::Words, 3),
        Column::new("ID", "id", Form::Whole, 0),
    ];
    const FIELDS: fn() -> &'static [&'static str] = fields::of::<Self>;
}

impl Listed for Event {
    const COLUMNS: &'static [Column] = &[
        Column::new("TIME (UTC)", "timestamp", Form::Time, 1),
        Column::new("EVENT", "event", Form::Whole, 0),
        Column::new("DATA", "data", Form::Words, 3),
        Column::new("DELIVERY ID", "delivery_id", Form::Whole, 2),
    ];
    // An event writes its JSON itself, so its fields are listed here.
    const FIELDS: fn() -> &'static [&'static str] =
        || &["event", "timestamp", "organization_id", "delivery_id", "data"];
}

impl Listed for Webhook {
    const COLUMNS: &'static [Column] = &[
        Column::new("CREATED (UTC)", "created_at", Form::Time, 5),
        Column::new("URL", "url", Form::Words, 1),
        Column::new("EVENTS", "events", Form::Words, 3),
        Column::new("STATUS", "status", Form::Whole, 2),
        Column::new("FAILING SINCE (UTC)", "failing_since", Form::Time, 4),
        Column::new("DESCRIPTION", "description", Form::Words, 6),
        Column::new("ID", "id", Form::Whole, 0),
    ];
    const FIELDS: fn() -> &'static [&'static str] = fields::of::<Self>;
}

impl Listed for Delivery {
    const COLUMNS: &'static [Column] = &[
        Column::new("CREATED (UTC)", "created_at", Form::Time, 4),
        Column::new("EVENT", "event", Form::Whole, 2),
        Column::new("STATUS", "status", Form::Whole, 1),
        Column::new("LAST ATTEMPT", "attempts", Form::LastAttempt, 3),
        Column::new("NEXT TRY (UTC)", "next_attempt_at", Form::Time, 5),
        Column::new("ID", "id", Form::Whole, 0),
    ];
    const FIELDS: fn() -> &'static [&'static str] = fields::of::<Self>;
}

#[cfg(test)]
mod tests {
    use domain::{
        OrganizationId, RecordId,
        webhooks::{EventType, sample},
    };
    use serde_json::json;

    use super::*;

    fn shown(form: Form, value: &Value) -> String {
        let record = json!({"field": value}).as_object().expect("an object").clone();
        Column::new("FIELD", "field", form, 0).cell(&record)
    }

    #[test]
    fn each_column_is_a_field_of_the_record_and_all_ranks_differ() {
        fn check<T: Listed>() {
            for column in T::COLUMNS {
                assert!((T::FIELDS)().contains(&column.field), "{column:?}");
                assert_eq!(
                    T::COLUMNS.iter().filter(|other| other.rank == column.rank).count(),
                    1,
                    "{column:?}"
                );
            }
        }
        check::<Call>();
        check::<Contact>();
        check::<Lead>();
        check::<Appointment>();
        check::<Event>();
        check::<Webhook>();
        check::<Delivery>();
    }

    #[test]
    fn an_events_fields_are_those_that_it_prints() {
        let event = Event {
            id: RecordId::from_u128(1),
            event: EventType::LeadCreated,
            organization_id: OrganizationId::from_u128(2),
            created_at: Timestamp::from_unix_ms(0).expect("a time"),
            data: sample(EventType::LeadCreated),
        };
        let body: Record = serde_json::from_str(&event.body(RecordId::from_u128(3))).expect("JSON");
        assert!(body.keys().eq((Event::FIELDS)()), "{body:?}");
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
        assert_eq!(shown(Form::Words, &json!(["lead.created", "\u{9b}"])), "lead.created, \\u009b");
        assert_eq!(shown(Form::LastAttempt, &json!([])), "-");
        let attempts = [json!({"number": 1}), json!({"number": 2, "status_code": 500, "error": "500"})];
        assert_eq!(shown(Form::LastAttempt, &json!(attempts)), "2: 500");
        assert_eq!(
            shown(Form::LastAttempt, &json!([{"number": 3, "error": "time\nout"}])),
            "3: time\\u000aout"
        );
        assert_eq!(shown(Form::Words, &json!(" two\r\n lines\t")), "two lines");
        assert_eq!(shown(Form::Words, &json!("\u{1b}[31mred\u{9b}0m")), "\\u001b[31mred\\u009b0m");
        assert_eq!(shown(Form::Words, &json!({"a": "\u{1b}"})), "{\"a\":\"\\u001b\"}");
    }
}
