//! The queues and buckets of `template.yaml`, and which function takes what lies in which queue.

use std::{collections::BTreeMap, time::Duration};

use anyhow::{Context as _, Result, ensure};
use serde_json::Value;

use super::{
    stack::{of_type, text},
    template::entries,
};

/// What SQS takes where a queue says nothing else.
const DEFAULT_MESSAGE_BYTES: u64 = 1024 * 1024;
const DEFAULT_VISIBILITY_SECONDS: u64 = 30;
/// As many batches at once as Lambda begins with.
const BATCHES_AT_ONCE: u64 = 5;

/// A queue, as far as its messages notice.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct QueueSettings {
    /// Its name.
    pub name: String,
    /// What a message may have, its attributes included.
    pub max_message_bytes: usize,
    /// How long a message that was received stays unseen.
    pub visibility_timeout: Duration,
    /// What becomes of a message that was received too often.
    pub redrive: Option<Redrive>,
}

/// Where messages go that were received too often.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Redrive {
    /// The name of that queue.
    pub dead_letters: String,
    /// How often a message may be received.
    pub max_receives: u32,
}

/// A queue that feeds a function.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Source {
    /// The function's binary.
    pub function: String,
    /// The queue's name.
    pub queue: String,
    /// The most messages that it is handed at once.
    pub batch_size: usize,
    /// How many batches are under way at once.
    pub batches_at_once: usize,
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
pub(super) fn sources(resources: &Value, binary: &str, function: &Value) -> Result<Vec<Source>> {
    let events = entries(&function["Events"]).filter(|(_, event)| event["Type"] == "SQS");
    events
        .map(|(name, event)| {
            let event = &event["Properties"];
            // Without it Lambda takes a batch for done in which some messages failed.
            let reports = event["FunctionResponseTypes"].as_array();
            ensure!(
                reports.is_some_and(|types| types.contains(&"ReportBatchItemFailures".into())),
                "{binary}'s event {name} has to have the FunctionResponseTypes [ReportBatchItemFailures]"
            );
            let at_once = event["ScalingConfig"]["MaximumConcurrency"].as_u64();
            Ok(Source {
                function: binary.to_owned(),
                queue: name_of(resources, resource(&event["Queue"])),
                batch_size: usize::try_from(event["BatchSize"].as_u64().unwrap_or(10))?,
                batches_at_once: usize::try_from(at_once.unwrap_or(BATCHES_AT_ONCE).min(BATCHES_AT_ONCE))?,
            })
        })
        .collect()
}

/// The buckets' own names, by those in the template; one that the template does not say is made up.
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
