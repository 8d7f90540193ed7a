//! The queues, buckets and event sources of `template.yaml`.

use std::{collections::BTreeMap, time::Duration};

use anyhow::{Context as _, Result, bail, ensure};
use serde_json::Value;

use crate::template::{entries, of_type, text};

/// The longest message that SQS takes where the queue does not say otherwise.
const DEFAULT_MESSAGE_BYTES: u64 = 1024 * 1024;
const DEFAULT_VISIBILITY_SECONDS: u64 = 30;
/// How many batches Lambda begins with, and the most that this machine handles at once.
const BATCHES_AT_ONCE: u64 = 5;
const MOST_BATCHES_AT_ONCE: u64 = 20;
/// The most records of a stream's batch where the template does not say otherwise.
const DEFAULT_RECORDS: u64 = 100;

/// The settings of a queue that its messages notice.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct QueueSettings {
    /// The queue's name.
    pub name: String,
    /// The most bytes that a message may have, its attributes included.
    pub max_message_bytes: usize,
    /// How long a message that was received stays unseen.
    pub visibility_timeout: Duration,
    /// The dead-letter queue, for messages that were received too often; none where they are dropped.
    pub redrive: Option<Redrive>,
}

/// The dead-letter queue of messages that were received too often.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Redrive {
    /// The name of the dead-letter queue.
    pub dead_letters: String,
    /// How often a message may be received.
    pub max_receives: u32,
}

/// A queue that feeds a function.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct QueueSource {
    /// The function's binary.
    pub function: String,
    /// The queue's name.
    pub queue: String,
    /// The most messages that the function is handed at once.
    pub batch_size: usize,
    /// How many batches are under way at once.
    pub batches_at_once: usize,
}

/// A table whose changes feed a function.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StreamSource {
    /// The function's binary.
    pub function: String,
    /// The table's name.
    pub table: String,
    /// The most records that the function is handed at once.
    pub batch_size: usize,
}

/// A function that is called again and again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Schedule {
    /// The function's binary.
    pub function: String,
    /// The schedule's name in the template.
    pub name: String,
    /// The time between two calls.
    pub every: Duration,
}

/// The queues, by their names in the template.
pub(super) fn queues(resources: &Value) -> Result<BTreeMap<String, QueueSettings>> {
    of_type(resources, "AWS::SQS::Queue")
        .map(|(logical, queue)| {
            let number = |name: &str, default| queue[name].as_u64().unwrap_or(default);
            let settings = QueueSettings {
                name: name_of(resources, logical),
                max_message_bytes: usize::try_from(number("MaximumMessageSize", DEFAULT_MESSAGE_BYTES))?,
                visibility_timeout: Duration::from_secs(number(
                    "VisibilityTimeout",
                    DEFAULT_VISIBILITY_SECONDS,
                )),
                redrive: redrive(resources, &queue["RedrivePolicy"])
                    .with_context(|| format!("the RedrivePolicy of {logical}"))?,
            };
            Ok((logical.clone(), settings))
        })
        .collect()
}

fn redrive(resources: &Value, policy: &Value) -> Result<Option<Redrive>> {
    if policy.is_null() {
        return Ok(None);
    }
    let max_receives = policy["maxReceiveCount"].as_u64().context("it has no maxReceiveCount")?;
    let dead_letters = name_of(resources, resource(&policy["deadLetterTargetArn"]));
    Ok(Some(Redrive { dead_letters, max_receives: u32::try_from(max_receives)? }))
}

/// The queues that feed this function.
pub(super) fn sources(resources: &Value, binary: &str, function: &Value) -> Result<Vec<QueueSource>> {
    events(function, "SQS")
        .map(|(name, event)| {
            reports_failures(binary, name, event)?;
            let at_once = event["ScalingConfig"]["MaximumConcurrency"].as_u64().unwrap_or(BATCHES_AT_ONCE);
            Ok(QueueSource {
                function: binary.to_owned(),
                queue: name_of(resources, resource(&event["Queue"])),
                batch_size: usize::try_from(event["BatchSize"].as_u64().unwrap_or(10))?,
                batches_at_once: usize::try_from(at_once.min(MOST_BATCHES_AT_ONCE))?,
            })
        })
        .collect()
}

/// The tables whose changes feed this function.
pub(super) fn streams(resources: &Value, binary: &str, function: &Value) -> Result<Vec<StreamSource>> {
    events(function, "DynamoDB")
        .map(|(name, event)| {
            reports_failures(binary, name, event)?;
            ensure!(
                event["StartingPosition"] == "TRIM_HORIZON",
                "{binary}'s event {name} has to have the StartingPosition TRIM_HORIZON: it would miss changes"
            );
            let table = resource(&event["Stream"]);
            let table = resources[table]["Properties"]["TableName"].as_str();
            Ok(StreamSource {
                function: binary.to_owned(),
                table: table.with_context(|| format!("{binary}'s event {name} is of no table"))?.to_owned(),
                batch_size: usize::try_from(event["BatchSize"].as_u64().unwrap_or(DEFAULT_RECORDS))?,
            })
        })
        .collect()
}

/// The schedules that this function is called on.
pub(super) fn schedules(binary: &str, function: &Value) -> Result<Vec<Schedule>> {
    events(function, "Schedule")
        .map(|(name, event)| {
            let (function, name) = (binary.to_owned(), name.clone());
            let every = rate(&event["Schedule"]).with_context(|| format!("{binary}'s event {name}"))?;
            Ok(Schedule { function, name, every })
        })
        .collect()
}

fn rate(schedule: &Value) -> Result<Duration> {
    let schedule = text(schedule);
    let rate = schedule.strip_prefix("rate(").and_then(|rest| rest.strip_suffix(')'));
    let (value, unit) = rate.and_then(|rate| rate.split_once(' ')).unwrap_or_default();
    let minutes = match unit.trim_end_matches('s') {
        "minute" => 1,
        "hour" => 60,
        "day" => 24 * 60,
        _ => bail!("{schedule} is no rate such as rate(1 minute), and dev knows nothing else"),
    };
    let value = value.parse::<u32>().ok().filter(|value| *value > 0);
    let value = value.with_context(|| format!("{schedule} has no number above 0"))?;
    Ok(Duration::from_secs(60) * minutes * value)
}

/// The properties of a function's events of a type, by name.
fn events<'a>(function: &'a Value, kind: &'a str) -> impl Iterator<Item = (&'a String, &'a Value)> {
    let events = entries(&function["Events"]).filter(move |(_, event)| event["Type"] == kind);
    events.map(|(name, event)| (name, &event["Properties"]))
}

/// Checks that an event source reports failures by the item: without that Lambda takes a batch for done in
/// which some items failed.
fn reports_failures(binary: &str, name: &str, event: &Value) -> Result<()> {
    let reports = event["FunctionResponseTypes"].as_array();
    ensure!(
        reports.is_some_and(|types| types.contains(&"ReportBatchItemFailures".into())),
        "{binary}'s event {name} has to have the FunctionResponseTypes [ReportBatchItemFailures]"
    );
    Ok(())
}

/// The buckets' own names, by those in the template; a name is made up where the template has none.
pub(super) fn buckets(resources: &Value, stack_name: &str) -> BTreeMap<String, String> {
    let name = |(logical, bucket): (&String, &Value)| {
        let made_up = || format!("{stack_name}-{logical}").to_lowercase();
        (logical.clone(), bucket["BucketName"].as_str().map_or_else(made_up, str::to_owned))
    };
    of_type(resources, "AWS::S3::Bucket").map(name).collect()
}

/// The resource of an attribute: `EventsQueue.Arn`.
fn resource(attribute: &Value) -> &str {
    attribute.as_str().unwrap_or_default().split('.').next().unwrap_or_default()
}

fn name_of(resources: &Value, queue: &str) -> String {
    match &resources[queue]["Properties"]["QueueName"] {
        Value::Null => queue.to_owned(),
        name => text(name),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn streams_of(event: &Value) -> Result<Vec<StreamSource>> {
        let resources = json!({"CallsTable": {"Properties": {"TableName": "Shop-Calls"}}});
        streams(&resources, "f", &json!({"Events": {"Calls": {"Type": "DynamoDB", "Properties": event}}}))
    }

    #[test]
    fn a_stream_is_that_of_a_table_from_its_beginning() {
        let event = json!({
            "Stream": "CallsTable.StreamArn", "BatchSize": 25, "StartingPosition": "TRIM_HORIZON",
            "FunctionResponseTypes": ["ReportBatchItemFailures"],
        });
        let source = |batch_size| StreamSource {
            function: "f".to_owned(),
            table: "Shop-Calls".to_owned(),
            batch_size,
        };
        assert_eq!(streams_of(&event).expect("a stream"), [source(25)]);
        for (name, value, expected) in [
            ("BatchSize", Value::Null, Ok(vec![source(100)])),
            ("Stream", json!("Other.StreamArn"), Err("f's event Calls is of no table")),
            ("StartingPosition", json!("LATEST"), Err("the StartingPosition TRIM_HORIZON")),
            ("FunctionResponseTypes", Value::Null, Err("[ReportBatchItemFailures]")),
        ] {
            let mut event = event.clone();
            event[name] = value;
            match (streams_of(&event), expected) {
                (Ok(streams), Ok(expected)) => assert_eq!(streams, expected),
                (Err(error), Err(expected)) => assert!(error.to_string().contains(expected), "{error}"),
                (found, expected) => panic!("{name}: {found:?}, not {expected:?}"),
            }
        }
    }

    #[test]
    fn a_schedule_is_a_rate() {
        for (text, minutes) in [("rate(1 minute)", 1), ("rate(5 minutes)", 5), ("rate(2 hours)", 120)] {
            assert_eq!(rate(&json!(text)).expect(text), Duration::from_secs(60 * minutes));
        }
        for text in ["cron(0 12 * * ? *)", "rate(0 minutes)", "rate(x days)", "rate(1 week)", "1 minute", ""]
        {
            let error = rate(&json!(text)).expect_err(text).to_string();
            assert!(error.starts_with(text), "{error}");
        }
    }
}
