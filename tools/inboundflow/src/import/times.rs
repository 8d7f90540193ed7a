//! Checks of a record's times: nothing happened far ahead of the clock, and no appointment ends before it
//! begins.

use domain::Timestamp;
use serde_json::{Map, Value};

const START: &str = "appointment_time_start";
const END: &str = "appointment_time_end";
/// The ending of the names of times at which something has happened, or is said to have.
const HAPPENED: &str = "_at";

/// Checks the times of a record, as the API prints it.
pub(super) fn check(record: &Map<String, Value>, now: Timestamp) -> Result<(), String> {
    let time = |field: &str| record.get(field).and_then(Value::as_str).and_then(Timestamp::parse);
    let mut happened = record.keys().filter(|field| field.ends_with(HAPPENED));
    if let Some((field, at)) =
        happened.find_map(|field| Some((field, time(field).filter(|at| at.is_ahead_of(now))?)))
    {
        return Err(format!(
            "record.{field}: {at} is more than 24 hours ahead of this clock, which says {now}"
        ));
    }
    if let Some((starts, ends)) = time(START).zip(time(END)).filter(|(starts, ends)| ends < starts) {
        return Err(format!("record.{END}: {ends} is before record.{START}, {starts}"));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use domain::schema::answers;

    use super::*;

    #[test]
    fn each_time_of_a_record_may_be_ahead_or_is_refused_when_it_is() {
        let may_be_ahead = ["appointment_time_start", "appointment_time_end"];
        let now = Timestamp::now();
        let ahead = now.plus(domain::ingest::MAX_AHEAD);
        let (taken, refused) = (ahead, ahead.plus(std::time::Duration::from_millis(1)));
        let mut seen = 0;
        let schemas = answers("/");
        for name in ["Call", "Contact", "Lead", "Appointment"] {
            for (field, schema) in schemas[name]["properties"].as_object().expect("fields") {
                if schema["format"] != "date-time" {
                    continue;
                }
                let record = |at: Timestamp| Map::from_iter([(field.clone(), at.to_string().into())]);
                assert_eq!(check(&record(taken), now), Ok(()), "{name}.{field}");
                let refusal = check(&record(refused), now).err();
                let expected = (!may_be_ahead.contains(&field.as_str())).then(|| format!("record.{field}: "));
                assert_eq!(refusal.is_some(), expected.is_some(), "{name}.{field}");
                assert!(
                    refusal.unwrap_or_default().starts_with(&expected.unwrap_or_default()),
                    "{name}.{field}"
                );
                seen += 1;
            }
        }
        assert_eq!(seen, 12, "the times of all records");
    }
}
