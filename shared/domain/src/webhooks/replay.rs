//! The requests to an endpoint besides changing it: to rotate its secret, to send a test event, and to replay deliveries.

use std::time::Duration;

use serde::Deserialize as _;
use serde_json::{Map, Value};

use super::EventType;
use crate::{Error, Expected, FromFields, Missing, Timestamp, WholeNumber, only};

/// The hours that an old secret signs beside the new one, unless the request names others.
pub const DEFAULT_OVERLAP_HOURS: u64 = 24;
pub(crate) const MAX_OVERLAP_HOURS: u64 = 7 * 24;
/// The longest overlap of two secrets.
pub const MAX_OVERLAP: Duration = Duration::from_secs(MAX_OVERLAP_HOURS * 60 * 60);
/// The most deliveries that an organization may replay in an hour: a day's of a large one, and a month's within some hours.
pub const MAX_REPLAYS_PER_HOUR: u64 = 10_000;
pub(crate) const REPLAYED_AGAIN_MINUTES: u64 = 10;
/// The time after which a delivery that succeeded and was replayed may be replayed again.
pub const REPLAYED_AGAIN_AFTER: Duration = Duration::from_secs(REPLAYED_AGAIN_MINUTES * 60);

/// The request to rotate an endpoint's secret.
#[derive(Clone, Copy, Debug)]
pub struct RotationRequest {
    /// How long the old secret signs beside the new one.
    pub overlap: Duration,
}

/// The request for a test delivery.
#[derive(Clone, Copy, Debug)]
pub struct TestRequest {
    /// The type of the test event; none for the endpoint's first one.
    pub event: Option<EventType>,
}

/// The request to replay one delivery, whose body has no fields.
#[derive(Clone, Copy, Debug)]
pub struct DeliveryReplay;

/// The request to replay the deliveries of a period.
#[derive(Clone, Copy, Debug)]
pub struct ReplayRange {
    /// The start of the period.
    pub since: Timestamp,
    /// The end of the period, exclusive; none for now.
    pub until: Option<Timestamp>,
    /// Whether deliveries that succeeded are replayed too.
    pub include_succeeded: bool,
}

impl FromFields for RotationRequest {
    fn from_fields(fields: &Map<String, Value>) -> Result<Self, Error> {
        only(fields, &["overlap_hours"])?;
        let hours = match fields.get("overlap_hours") {
            None => Some(DEFAULT_OVERLAP_HOURS),
            Some(value) => WholeNumber::deserialize(value).ok().map(WholeNumber::get),
        };
        let hours = hours.filter(|hours| *hours <= MAX_OVERLAP_HOURS);
        let hours = hours.ok_or_else(|| {
            Error::invalid("overlap_hours", Expected::Integer { min: 0, max: MAX_OVERLAP_HOURS })
        })?;
        Ok(Self { overlap: Duration::from_secs(hours * 60 * 60) })
    }
}

impl FromFields for TestRequest {
    fn from_fields(fields: &Map<String, Value>) -> Result<Self, Error> {
        only(fields, &["event"])?;
        let event = fields.get("event").filter(|event| !event.is_null()).map(|event| {
            serde_json::from_value(event.clone())
                .map_err(|_| Error::invalid("event", Expected::OneOf(EventType::VALUES)))
        });
        Ok(Self { event: event.transpose()? })
    }
}

impl FromFields for DeliveryReplay {
    fn from_fields(fields: &Map<String, Value>) -> Result<Self, Error> {
        only(fields, &[]).map(|()| Self)
    }
}

impl FromFields for ReplayRange {
    fn from_fields(fields: &Map<String, Value>) -> Result<Self, Error> {
        only(fields, &["since", "until", "include_succeeded"])?;
        let since = time(fields, "since")?.ok_or_else(|| Error::invalid("since", Missing::Time))?;
        let until = time(fields, "until")?;
        if until.is_some_and(|until| until <= since) {
            return Err(Error::invalid("until", Expected::LaterThan("since")));
        }
        let include_succeeded = match fields.get("include_succeeded") {
            None | Some(Value::Null) => false,
            Some(Value::Bool(include)) => *include,
            Some(_) => return Err(Error::invalid("include_succeeded", Expected::Boolean)),
        };
        Ok(Self { since, until, include_succeeded })
    }
}

fn time(fields: &Map<String, Value>, name: &str) -> Result<Option<Timestamp>, Error> {
    match fields.get(name) {
        None | Some(Value::Null) => Ok(None),
        Some(value) => {
            let time = value.as_str().and_then(Timestamp::parse_or_date);
            time.map(Some).ok_or_else(|| Error::invalid(name, Expected::Time))
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn secrets_overlap_for_a_day_unless_the_request_says_otherwise() {
        let parse = |body: Value| RotationRequest::from_fields(body.as_object().expect("an object"));
        for (body, hours) in [
            (json!({}), 24),
            (json!({"overlap_hours": 0}), 0),
            (json!({"overlap_hours": 24.0}), 24),
            (json!({"overlap_hours": 168}), 168),
        ] {
            let overlap = parse(body).expect("a rotation").overlap;
            assert_eq!(overlap, Duration::from_secs(hours * 3600));
        }
        for body in [
            json!({"overlap_hours": 169}),
            json!({"overlap_hours": -1}),
            json!({"overlap_hours": 1.5}),
            json!({"overlap_hours": null}),
            json!({"overlap_hours": "24"}),
            json!({"hours": 1}),
        ] {
            assert!(parse(body.clone()).is_err(), "{body}");
        }
    }

    #[test]
    fn a_time_range_begins_before_it_ends() {
        let parse = |body: Value| ReplayRange::from_fields(body.as_object().expect("an object"));
        let range =
            parse(json!({"since": "2026-02-24", "until": "2026-02-25T00:00:00+01:00"})).expect("a range");
        assert_eq!(
            (range.since.to_string().as_str(), range.include_succeeded),
            ("2026-02-24T00:00:00Z", false)
        );
        for (body, named) in [
            (json!({}), "since"),
            (json!({"since": "yesterday"}), "since"),
            (json!({"since": "2026-02-24", "until": "2026-02-24"}), "until"),
            (json!({"since": "2026-02-24", "include_succeeded": 1}), "include_succeeded"),
            (json!({"since": "2026-02-24", "from": "x"}), "from"),
        ] {
            match parse(body.clone()) {
                Err(Error::Invalid { param: Some(param), .. }) => assert_eq!(param, named, "{body}"),
                other => panic!("{body} gave {other:?}"),
            }
        }
    }
}
