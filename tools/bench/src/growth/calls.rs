//! The calls that organizations have: the first one written as an import would, the others copied from it
//! where the engine keeps them, since a million would take half an hour over HTTP.

use std::time::{Duration, Instant};

use domain::{Call, CallStatus, OrganizationId, Phone, RecordId, Timestamp};
use dynoxide::{AttributeValue, Database, ImportOptions, Item};
use serde_json::json;
use store::{BulkWriter, Row, Store};

/// One in so many calls is blocked, beside a number that is on all of them.
pub(super) const ONE_IN: usize = 10_000;
/// The query for the calls that are blocked.
pub(super) const RARE: [(&str, &str); 2] = [("phone", PHONE), ("status", "blocked")];
/// The phone number that everybody calls from.
const PHONE: &str = "+14155550123";
/// How many are copied at once.
const CHUNK: usize = 5_000;
const PROGRESS_EVERY: usize = 100_000;
/// The time of every organization's first call, 2026-02-24T20:59:00Z; one a second follows.
const FIRST_MS: i64 = 1_771_966_740_000;

/// Writes an organization's first call.
pub(super) async fn write_first(store: &Store, organization: OrganizationId) {
    let at = created_at(0);
    let call = Call {
        id: id(0),
        caller_phone: Phone::parse(PHONE).ok(),
        caller_name: Some("Maria Garcia".to_owned()),
        status: CallStatus::Completed,
        duration_seconds: Some(55.into()),
        summary: Some("The caller asks what a repair of the bumper costs. ".repeat(5)),
        transcript: Some("assistant: How can I help? user: My bumper is broken. ".repeat(5)),
        recording_url: Some(format!("https://recordings.example.com/{}.mp3", id(0))),
        transfer_status: None,
        started_at: Some(at),
        ended_at: Some(at.plus(Duration::from_secs(55))),
        assistant_id: Some(id(1)),
        contact_id: Some(id(2)),
        created_at: at,
    };
    let mut writer = BulkWriter::new(store.clone());
    writer.add(Row::of(organization, &call).expect("a call")).await.expect("written");
    writer.flush().await.expect("written");
}

/// Makes an organization's calls as many as this, with times, ids and statuses of their own.
pub(super) fn copy_first(database: &Database, table: &str, organization: OrganizationId, calls: usize) {
    let key = json!({"organization_id": {"S": organization}, "id": {"S": id(0)}});
    let asked = serde_json::from_value(json!({"TableName": table, "Key": key})).expect("a request");
    let first = database.get_item(asked).expect("an answer").item.expect("the first call");
    let begun = Instant::now();
    for from in (1..calls).step_by(CHUNK) {
        let items = (from..calls.min(from + CHUNK)).map(|nth| copy(&first, nth)).collect();
        database.import_items(table, items, ImportOptions::default()).expect("imported");
        let done = from + CHUNK - 1;
        if done.is_multiple_of(PROGRESS_EVERY) {
            eprintln!("{done} of {calls} calls after {:.0?}", begun.elapsed());
        }
    }
}

fn copy(first: &Item, nth: usize) -> Item {
    let rare = nth % ONE_IN == ONE_IN / 2;
    let status = if rare { CallStatus::Blocked } else { CallStatus::Completed };
    let mut item = first.clone();
    for (name, text) in [
        ("id", id(nth).to_string()),
        ("created_at", created_at(nth).fixed_width()),
        ("status", status.as_str().to_owned()),
    ] {
        let known = item.insert(name.to_owned(), AttributeValue::S(text));
        assert!(matches!(known, Some(AttributeValue::S(_))), "{name} is a text");
    }
    item
}

/// When a call was written, from 0 on.
pub(super) fn created_at(nth: usize) -> Timestamp {
    Timestamp::from_unix_ms(FIRST_MS + 1000 * nth as i64).expect("a time")
}

/// A call's id: spread as random ones are, so that neighbours in time are none in the table.
pub(super) fn id(nth: usize) -> RecordId {
    RecordId::from_u128((nth as u128 + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15_f39c_c060_5ced_c835))
}
