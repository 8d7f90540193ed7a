//! The queue of voice events in `template.yaml`: its limits, its permissions, and its alarms.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::template::definitions::{of_type, permissions, resources};

/// The largest event that a producer may send over the queue.
const MAX_EVENT_BYTES: i64 = domain::ingest::MAX_QUEUED_BYTES as i64;
/// More than a kind and a reason take: a reason ends at 1 000 characters, each of 4 bytes at the most.
const ROOM_FOR_REASON_BYTES: i64 = 4_096;

pub(crate) fn queue(name: &str) -> Value {
    of_type("AWS::SQS::Queue")[name].clone()
}

pub(crate) fn number(value: &Value) -> i64 {
    value.as_i64().unwrap_or_else(|| panic!("{value}"))
}

fn ingest() -> Value {
    of_type("AWS::Serverless::Function")["IngestFunction"].clone()
}

#[test]
fn an_event_is_parked_by_the_function_before_the_queue_moves_it_without_a_reason() {
    let redrive = &queue("EventsQueue")["RedrivePolicy"];
    let environment = &ingest()["Environment"]["Variables"];
    assert_eq!(environment["MAX_RECEIVES"], redrive["maxReceiveCount"].to_string());
    assert_eq!(redrive["deadLetterTargetArn"], "DeadLetterQueue.Arn");
    assert_eq!(environment["DEAD_LETTER_QUEUE_URL"], "DeadLetterQueue");
    assert!(number(&redrive["maxReceiveCount"]) >= 5, "Lambda's advice: a throttled batch counts as well");
}

#[test]
fn the_largest_event_fits_with_its_reason_there_and_back() {
    let (events, dead_letters) = (queue("EventsQueue"), queue("DeadLetterQueue"));
    let largest = number(&events["MaximumMessageSize"]);
    assert!(largest >= MAX_EVENT_BYTES + ROOM_FOR_REASON_BYTES, "else it could not come back");
    assert!(number(&dead_letters["MaximumMessageSize"]) >= largest + ROOM_FOR_REASON_BYTES);
}

#[test]
fn a_dead_letter_and_what_it_points_at_outlive_the_queue() {
    let kept = |name: &str| number(&queue(name)["MessageRetentionPeriod"]);
    assert!(kept("DeadLetterQueue") > kept("EventsQueue"), "a moved message keeps its age");
    let bucket = &of_type("AWS::S3::Bucket")["EventsBucket"];
    let days = number(&bucket["LifecycleConfiguration"]["Rules"][0]["ExpirationInDays"]);
    assert!(days * 86_400 >= kept("DeadLetterQueue") + kept("EventsQueue"));
}

#[test]
fn a_batch_is_not_delivered_again_while_the_function_may_be_at_it() {
    let function = ingest();
    let patience = number(&queue("EventsQueue")["VisibilityTimeout"]);
    assert!(patience >= 6 * number(&function["Timeout"]), "Lambda's advice");
    let source = &function["Events"]["Queue"];
    assert_eq!((&source["Type"], &source["Properties"]["Queue"]), (&json!("SQS"), &json!("EventsQueue.Arn")));
    assert_eq!(source["Properties"]["FunctionResponseTypes"], json!(["ReportBatchItemFailures"]));
}

#[test]
fn ingest_may_do_what_an_event_takes_and_nothing_else() {
    let expected: BTreeSet<String> = [
        "EventsQueue sqs:ReceiveMessage",
        "EventsQueue sqs:DeleteMessage",
        "EventsQueue sqs:GetQueueAttributes",
        "DeadLetterQueue sqs:SendMessage",
        "EventsBucket/* s3:GetObject",
        "EventsBucket s3:ListBucket",
        "Organizations GetItem",
        "Organizations UpdateItem",
        "Calls GetItem",
        "Calls PutItem",
        "Calls/index/by_phone Query",
        "Contacts GetItem",
        "Contacts PutItem",
        "Leads GetItem",
        "Leads PutItem",
        "Appointments GetItem",
        "Appointments PutItem",
        "CallMessages GetItem",
        "CallMessages PutItem",
        "CallMessages UpdateItem",
        "CallMessages DeleteItem",
    ]
    .map(str::to_owned)
    .into();
    assert_eq!(permissions(&ingest()), expected);
}

#[test]
fn a_producer_may_send_and_put_and_nothing_else() {
    let policy = &of_type("AWS::IAM::ManagedPolicy")["EventsProducerPolicy"]["PolicyDocument"];
    let as_function = json!({"Policies": [policy]});
    let expected = ["EventsQueue sqs:SendMessage", "EventsBucket/* s3:PutObject"].map(str::to_owned);
    assert_eq!(permissions(&as_function), expected.into());
}

#[test]
fn events_are_encrypted_where_they_lie_and_on_the_way() {
    for (name, queue) in of_type("AWS::SQS::Queue") {
        assert_eq!(queue["SqsManagedSseEnabled"], true, "{name}");
    }
    let bucket = &of_type("AWS::S3::Bucket")["EventsBucket"];
    let public = bucket["PublicAccessBlockConfiguration"].as_object().unwrap();
    assert!(public.len() == 4 && public.values().all(|blocked| *blocked == true), "{public:?}");
    let all = resources();
    for name in ["QueuesPolicy", "EventsBucketPolicy"] {
        let policy = &all[name]["Properties"];
        let statement = &policy["PolicyDocument"]["Statement"][0];
        assert_eq!((&statement["Effect"], &statement["Principal"]), (&json!("Deny"), &json!("*")), "{name}");
        assert_eq!(statement["Condition"], json!({"Bool": {"aws:SecureTransport": "false"}}), "{name}");
    }
    let covered = all["QueuesPolicy"]["Properties"]["Queues"].as_array().unwrap();
    let covered: BTreeSet<&str> = covered.iter().map(|queue| queue.as_str().unwrap()).collect();
    assert_eq!(covered, of_type("AWS::SQS::Queue").keys().map(String::as_str).collect());
    assert_eq!(all["EventsBucketPolicy"]["Properties"]["Bucket"], "EventsBucket");
}

#[test]
fn the_queue_and_the_dead_letters_are_watched_and_shown() {
    let alarms = of_type("AWS::CloudWatch::Alarm");
    let dashboard = &of_type("AWS::CloudWatch::Dashboard")["Dashboard"]["DashboardBody"];
    let watched = [
        ("EventsQueue", "ApproximateAgeOfOldestMessage"),
        ("DeadLetterQueue", "ApproximateNumberOfMessagesVisible"),
    ];
    for (name, metric) in watched {
        let named = json!([{"Name": "QueueName", "Value": format!("{name}.QueueName")}]);
        let mut of_queue = alarms.values().filter(|alarm| alarm["Dimensions"] == named);
        assert!(of_queue.any(|alarm| alarm["MetricName"] == metric), "{name}");
        let own = &queue(name)["QueueName"];
        assert!(
            dashboard.as_str().unwrap().contains(&format!("\"{metric}\", \"QueueName\", {own}")),
            "{name}"
        );
    }
    let written = json!([{"Name": "TableName", "Value": "CallsTable"}, {"Name": "Operation", "Value": "TransactWriteItems"}]);
    assert!(alarms.values().any(|alarm| alarm["Dimensions"] == written), "each call's event writes there");
    let patience = number(&queue("EventsQueue")["VisibilityTimeout"]);
    assert!(
        number(&alarms["EventsAge"]["Threshold"]) > 2 * patience,
        "a try or two may fail without an alarm"
    );
}
