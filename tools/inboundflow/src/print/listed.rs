//! The records that can be listed: what each kind is called, the columns of its table, and its fields.

use domain::{
    Appointment, Call, Contact, Lead, fields,
    webhooks::{Delivery, Event, Webhook},
};

use super::columns::{Column, Form};

/// A kind of record that can be listed.
pub(crate) trait Listed {
    /// The plural of what such a record is called.
    const NAME: &'static str;

    /// The columns of a table of such records.
    const COLUMNS: &'static [Column];

    /// The fields of such a record, in the order in which they are printed.
    const FIELDS: fn() -> &'static [&'static str];
}

impl Listed for Call {
    const NAME: &'static str = "calls";
    const COLUMNS: &'static [Column] = &[
        Column::new("CREATED (UTC)", "created_at", Form::Time, 3),
        Column::new("PHONE", "caller_phone", Form::Whole, 4),
        Column::new("NAME", "caller_name", Form::Words, 1),
        Column::new("STATUS", "status", Form::Words, 5),
        Column::new("DURATION", "duration_seconds", Form::Seconds, 6),
        Column::new("SUMMARY", "summary", Form::Prose, 2),
        Column::new("ID", "id", Form::Id, 0),
    ];
    const FIELDS: fn() -> &'static [&'static str] = fields::of::<Self>;
}

impl Listed for Contact {
    const NAME: &'static str = "contacts";
    const COLUMNS: &'static [Column] = &[
        Column::new("CREATED (UTC)", "created_at", Form::Time, 5),
        Column::new("PHONE", "phone", Form::Whole, 2),
        Column::new("NAME", "name", Form::Words, 1),
        Column::new("EMAIL", "email", Form::Words, 3),
        Column::new("COMPANY", "company", Form::Words, 4),
        Column::new("CALLS", "total_calls", Form::Whole, 6),
        Column::new("ID", "id", Form::Id, 0),
    ];
    const FIELDS: fn() -> &'static [&'static str] = fields::of::<Self>;
}

impl Listed for Lead {
    const NAME: &'static str = "leads";
    const COLUMNS: &'static [Column] = &[
        Column::new("CREATED (UTC)", "created_at", Form::Time, 5),
        Column::new("PHONE", "caller_phone", Form::Whole, 4),
        Column::new("NAME", "caller_name", Form::Words, 1),
        Column::new("STATUS", "status", Form::Words, 3),
        Column::new("URGENCY", "urgency", Form::Whole, 6),
        Column::new("INTEREST", "interest", Form::Words, 2),
        Column::new("ID", "id", Form::Id, 0),
    ];
    const FIELDS: fn() -> &'static [&'static str] = fields::of::<Self>;
}

impl Listed for Appointment {
    const NAME: &'static str = "appointments";
    const COLUMNS: &'static [Column] = &[
        Column::new("DATE", "appointment_date", Form::Whole, 2),
        Column::new("START (UTC)", "appointment_time_start", Form::Time, 5),
        Column::new("PHONE", "caller_phone", Form::Whole, 6),
        Column::new("NAME", "caller_name", Form::Words, 1),
        Column::new("SERVICE", "service_type", Form::Words, 3),
        Column::new("STATUS", "status", Form::Words, 4),
        Column::new("ID", "id", Form::Id, 0),
    ];
    const FIELDS: fn() -> &'static [&'static str] = fields::of::<Self>;
}

impl Listed for Event {
    const NAME: &'static str = "events";
    const COLUMNS: &'static [Column] = &[
        Column::new("TIME (UTC)", "timestamp", Form::Time, 1),
        Column::new("EVENT", "event", Form::Whole, 0),
        Column::new("PHONE", "data.caller_phone", Form::Whole, 3),
        Column::new("NAME", "data.caller_name", Form::Words, 2),
        Column::new("DELIVERY ID", "delivery_id", Form::Id, 4),
    ];
    // An event writes its JSON itself, so its fields are listed here.
    const FIELDS: fn() -> &'static [&'static str] =
        || &["event", "timestamp", "organization_id", "delivery_id", "data"];
}

impl Listed for Webhook {
    const NAME: &'static str = "endpoints";
    const COLUMNS: &'static [Column] = &[
        Column::new("CREATED (UTC)", "created_at", Form::Time, 5),
        Column::new("URL", "url", Form::Prose, 1),
        Column::new("EVENTS", "events", Form::Words, 4),
        Column::new("STATUS", "status", Form::Whole, 2),
        Column::new("FAILING SINCE (UTC)", "failing_since", Form::Time, 6),
        Column::new("DESCRIPTION", "description", Form::Words, 3),
        Column::new("ID", "id", Form::Id, 0),
    ];
    const FIELDS: fn() -> &'static [&'static str] = fields::of::<Self>;
}

impl Listed for Delivery {
    const NAME: &'static str = "deliveries";
    const COLUMNS: &'static [Column] = &[
        Column::new("CREATED (UTC)", "created_at", Form::Time, 4),
        Column::new("EVENT", "event", Form::Whole, 2),
        Column::new("STATUS", "status", Form::Whole, 1),
        Column::new("LAST ATTEMPT", "attempts", Form::LastAttempt, 3),
        Column::new("NEXT ATTEMPT (UTC)", "next_attempt_at", Form::Time, 5),
        Column::new("ID", "id", Form::Id, 0),
    ];
    const FIELDS: fn() -> &'static [&'static str] = fields::of::<Self>;
}

#[cfg(test)]
mod tests {
    use domain::{
        OrganizationId, RecordId, Timestamp,
        webhooks::{EventType, sample},
    };

    use super::*;
    use crate::print::Record;

    #[test]
    fn each_column_is_a_field_of_the_record_and_all_ranks_differ() {
        fn check<T: Listed>() {
            for column in T::COLUMNS {
                // What is within an event's data is a field of the record that it is about.
                let (field, within) = column.field.split_once('.').unwrap_or((column.field, "id"));
                let is_within = (Lead::FIELDS)().contains(&within);
                assert!((T::FIELDS)().contains(&field) && is_within, "{column:?}");
                let same = T::COLUMNS.iter().filter(|other| other.rank == column.rank).count();
                assert_eq!(same, 1, "{column:?}");
            }
        }
        check::<Call>();
        check::<Contact>();
        check::<Lead>();
        check::<Appointment>();
        check::<Event>();
        check::<Webhook>();
        check::<Delivery>();
        check::<crate::dead_letters::DeadLetterRow>();
        check::<crate::keys::KeyRow>();
        check::<crate::orgs::OrganizationRow>();
        check::<crate::plan::FindingRow>();
        check::<crate::records::UnreadableRow>();
        check::<crate::webhooks::FailingRow>();
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
}
