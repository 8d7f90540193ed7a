//! The webhook functions in `template.yaml`: what feeds `fanout` and `deliver`, their permissions, and their alarms.

use std::collections::{BTreeMap, BTreeSet};

use domain::webhooks::UrlPolicy;
use local::TEMPLATE;
use proptest::{prop_assert, proptest, string::string_regex};
use serde_json::{Value, json};
use store::TABLES;

use crate::{
    template::definitions::{of_type, permissions},
    template::queue::{number, queue},
};

/// How long DynamoDB keeps the records of a stream.
const STREAM_SECONDS: i64 = 24 * 60 * 60;
/// The concurrency that an account of Lambda has for all its functions.
const ACCOUNT_CONCURRENCY: i64 = 1_000;
/// The longest that SQS itself holds a message back.
const LONGEST_DELAY_SECONDS: i64 = 900;
/// The queues of deliveries, and the sources that they are.
const QUEUES: [(&str, &str); 2] = [("DeliveriesQueue", "Fast"), ("SlowDeliveriesQueue", "Slow")];

fn function(name: &str) -> Value {
    of_type("AWS::Serverless::Function")[name].clone()
}

/// The properties of a function's events of a type, by name.
fn events(function: &Value, kind: &str) -> BTreeMap<String, Value> {
    let all = function["Events"].as_object().unwrap().iter().filter(|(_, event)| event["Type"] == kind);
    all.map(|(name, event)| (name.clone(), event["Properties"].clone())).collect()
}

fn owned<const N: usize>(words: [&str; N]) -> BTreeSet<String> {
    words.map(str::to_owned).into()
}

#[test]
fn every_stream_feeds_fanout_and_nothing_of_it_expires_unseen() {
    let streams = events(&function("FanoutFunction"), "DynamoDB");
    let with_stream = TABLES.iter().filter(|table| table.stream.is_some());
    let expected: BTreeSet<&str> = with_stream.map(|table| table.name).collect();
    assert_eq!(streams.keys().map(String::as_str).collect::<BTreeSet<_>>(), expected);
    for (table, stream) in streams {
        assert_eq!(stream["Stream"], format!("{table}Table.StreamArn"));
        assert_eq!(stream["StartingPosition"], "TRIM_HORIZON", "{table}");
        assert_eq!(stream["FunctionResponseTypes"], json!(["ReportBatchItemFailures"]), "{table}");
        assert_eq!(stream["BisectBatchOnFunctionError"], true, "{table}");
        assert_eq!(stream["MaximumRetryAttempts"], -1, "{table}: only age ends it");
        let given_up = number(&stream["MaximumRecordAgeInSeconds"]);
        assert!(given_up * 2 <= STREAM_SECONDS, "{table}: whoever is told can still fetch the records");
        let destination = json!({"OnFailure": {"Type": "SQS", "Destination": "FanoutDeadLetterQueue.Arn"}});
        assert_eq!(stream["DestinationConfig"], destination, "{table}");
        let record = match table.as_str() {
            "Webhooks" => json!({"status": {"S": ["disabled"]}}),
            "Deliveries" => json!({"send": {"BOOL": [{"exists": true}]}}),
            _ => json!({domain::ingest::REVISION: {"N": [{"exists": true}]}}),
        };
        let filters = stream["FilterCriteria"]["Filters"].as_array().unwrap();
        let patterns: Vec<Value> = filters
            .iter()
            .map(|filter| serde_json::from_str(filter["Pattern"].as_str().unwrap()).unwrap())
            .collect();
        assert_eq!(patterns, [json!({"dynamodb": {"NewImage": record}})], "{table}");
    }
}

#[test]
fn the_sweep_comes_each_minute_and_is_never_made_up_for() {
    let fanout = function("FanoutFunction");
    let schedules = events(&fanout, "Schedule");
    assert_eq!(schedules["Sweep"]["Schedule"], "rate(1 minute)");
    assert_eq!(schedules.len(), 1);
    let patience = json!({"MaximumEventAgeInSeconds": 60, "MaximumRetryAttempts": 0});
    assert_eq!(fanout["EventInvokeConfig"], patience);
    let missing = &of_type("AWS::CloudWatch::Alarm")["SweepMissing"];
    assert_eq!(missing["Dimensions"], json!([{"Name": "RuleName", "Value": schedules["Sweep"]["Name"]}]));
}

#[test]
fn both_lanes_feed_deliver_and_leave_the_account_to_the_api() {
    let deliver = function("DeliverFunction");
    let sources = events(&deliver, "SQS");
    for (name, source) in QUEUES {
        let (queue, source) = (queue(name), &sources[source]);
        assert_eq!(source["Queue"], format!("{name}.Arn"));
        assert_eq!(source["FunctionResponseTypes"], json!(["ReportBatchItemFailures"]), "{name}");
        let patience = number(&queue["VisibilityTimeout"]);
        assert!(patience >= 6 * number(&deliver["Timeout"]), "{name}: Lambda's advice");
        let redrive = json!({"deadLetterTargetArn": "DeliveriesDeadLetterQueue.Arn", "maxReceiveCount": 5});
        assert_eq!(queue["RedrivePolicy"], redrive, "{name}");
        assert!(queue["MessageRetentionPeriod"].as_i64() < kept("DeliveriesDeadLetterQueue"), "{name}");
    }
    let at_once = |source: &Value| number(&source["ScalingConfig"]["MaximumConcurrency"]);
    let (fast, slow) = (at_once(&sources["Fast"]), at_once(&sources["Slow"]));
    let ingest = at_once(&events(&function("IngestFunction"), "SQS")["Queue"]);
    assert!(slow <= fast && 10 * (fast + slow + ingest) <= ACCOUNT_CONCURRENCY);
    assert_eq!(sources.len(), QUEUES.len());
}

fn kept(name: &str) -> Option<i64> {
    queue(name)["MessageRetentionPeriod"].as_i64()
}

#[test]
fn a_change_of_a_record_fits_the_dead_letter_queue() {
    // Two images, each of an item at the most.
    assert!(number(&queue("FanoutDeadLetterQueue")["MaximumMessageSize"]) >= 2 * 400 * 1024);
    assert!(kept("FanoutDeadLetterQueue") >= Some(14 * STREAM_SECONDS));
}

#[test]
fn fanout_and_deliver_know_their_queues_and_the_ports() {
    let variables = |name: &str| function(name)["Environment"]["Variables"].clone();
    let queues = json!({
        "DELIVERIES_QUEUE_URL": "DeliveriesQueue", "SLOW_DELIVERIES_QUEUE_URL": "SlowDeliveriesQueue",
        "FANOUT_DEAD_LETTER_QUEUE_URL": "FanoutDeadLetterQueue",
    });
    assert_eq!(variables("FanoutFunction"), queues);
    let deliver = json!({"SLOW_DELIVERIES_QUEUE_URL": "SlowDeliveriesQueue", "WEBHOOK_PORTS": "443"});
    assert_eq!(variables("DeliverFunction"), deliver);
    assert_eq!(variables("WebhooksFunction"), json!({"WEBHOOK_PORTS": "443"}));
}

#[test]
fn the_functions_can_read_whatever_ports_the_parameter_takes() {
    let parameter = TEMPLATE.split_once("\n  WebhookPorts:").unwrap().1;
    let (_, pattern) = parameter.split_once("AllowedPattern: ^").unwrap();
    let (pattern, _) = pattern.split_once("$\n").unwrap();
    proptest!(|(ports in string_regex(pattern).unwrap())| {
        let read = |name: &str| (name == "WEBHOOK_PORTS").then(|| ports.clone());
        prop_assert!(UrlPolicy::from_variables(read).is_ok(), "{ports}");
        prop_assert!(ports.split(',').all(|port| port != "0"), "{ports}");
    });
}

#[test]
fn nothing_private_is_in_the_reach_of_deliver() {
    assert!(!TEMPLATE.contains("WEBHOOK_ALLOW_LOOPBACK"), "that is for a laptop");
    assert!(!TEMPLATE.contains("VpcConfig"), "inside of a VPC a receiver's address could be a neighbour's");
}

#[test]
fn fanout_and_deliver_may_do_what_a_delivery_takes_and_nothing_else() {
    let of_streams = TABLES.iter().filter(|table| table.stream.is_some()).flat_map(|table| {
        ["DescribeStream", "GetRecords", "GetShardIterator", "ListStreams"]
            .map(|action| format!("{}/stream/* {action}", table.name))
    });
    let fanout = owned([
        "Webhooks Query",
        "Events PutItem",
        "Deliveries PutItem",
        "Deliveries UpdateItem",
        "Deliveries/index/due Query",
        "DeliveriesQueue sqs:SendMessage",
        "SlowDeliveriesQueue sqs:SendMessage",
        "FanoutDeadLetterQueue sqs:SendMessage",
    ]);
    assert_eq!(permissions(&function("FanoutFunction")), fanout.into_iter().chain(of_streams).collect());
    let deliver = owned([
        "DeliveriesQueue sqs:ReceiveMessage",
        "DeliveriesQueue sqs:DeleteMessage",
        "DeliveriesQueue sqs:GetQueueAttributes",
        "SlowDeliveriesQueue sqs:ReceiveMessage",
        "SlowDeliveriesQueue sqs:DeleteMessage",
        "SlowDeliveriesQueue sqs:GetQueueAttributes",
        "SlowDeliveriesQueue sqs:SendMessage",
        "Webhooks GetItem",
        "Webhooks UpdateItem",
        "WebhookSecrets GetItem",
        "Events GetItem",
        "Deliveries PutItem",
        "Deliveries UpdateItem",
    ]);
    assert_eq!(permissions(&function("DeliverFunction")), deliver);
}

#[test]
fn what_signs_is_read_by_nobody_who_does_not_sign_or_rotate() {
    let readers: Vec<String> = of_type("AWS::Serverless::Function")
        .into_iter()
        .filter(|(_, function)| {
            permissions(function).iter().any(|allowed| allowed.contains("WebhookSecrets"))
        })
        .map(|(name, _)| name)
        .collect();
    assert_eq!(readers, ["DeliverFunction", "WebhooksFunction"]);
    let table = TABLES.iter().find(|table| table.name == "WebhookSecrets").unwrap();
    assert!(table.stream.is_none() && table.indexes.is_empty(), "what nobody may read nobody is handed");
}

#[test]
fn what_is_late_or_given_up_is_watched_and_shown() {
    let alarms = of_type("AWS::CloudWatch::Alarm");
    let dashboard = &of_type("AWS::CloudWatch::Dashboard")["Dashboard"]["DashboardBody"];
    let shown = |metric: &str, dimension: &str, value: &Value| {
        assert!(
            dashboard.as_str().unwrap().contains(&format!("\"{metric}\", \"{dimension}\", {value}")),
            "{metric} of {value}"
        );
    };
    let (age, visible) = ("ApproximateAgeOfOldestMessage", "ApproximateNumberOfMessagesVisible");
    for (alarm, name, metric) in [
        ("DeliveriesAge", "DeliveriesQueue", age),
        ("SlowDeliveriesAge", "SlowDeliveriesQueue", age),
        ("DeliveriesDeadLetters", "DeliveriesDeadLetterQueue", visible),
        ("FanoutDeadLetters", "FanoutDeadLetterQueue", visible),
    ] {
        let of_queue = json!([{"Name": "QueueName", "Value": format!("{name}.QueueName")}]);
        assert_eq!((&alarms[alarm]["Dimensions"], &alarms[alarm]["MetricName"]), (&of_queue, &json!(metric)));
        shown(metric, "QueueName", &queue(name)["QueueName"]);
    }
    let threshold = |alarm: &str| number(&alarms[alarm]["Threshold"]);
    let patience = number(&queue("DeliveriesQueue")["VisibilityTimeout"]);
    assert!(threshold("DeliveriesAge") > 2 * patience, "a try or two may fail without an alarm");
    assert!(threshold("SlowDeliveriesAge") > 2 * patience + LONGEST_DELAY_SECONDS, "and some are held back");
    let fanout = function("FanoutFunction");
    assert_eq!(alarms["FanoutAge"]["MetricName"], "IteratorAge");
    shown("IteratorAge", "FunctionName", &fanout["FunctionName"]);
}

#[test]
fn the_operator_is_told_of_an_endpoint_that_we_disabled() {
    is_told_of("WebhooksDisabled", "FanoutFunction", "endpoint_disabled");
}

#[test]
fn the_operator_is_told_of_replays_that_are_spent() {
    is_told_of("ReplaysSpent", "WebhooksFunction", "replays_spent");
    let store = include_str!("../../../shared/store/src/webhooks/budget.rs");
    assert!(store.contains("\"replays_spent\""), "as the log says it");
}

/// Checks that an alarm goes off at the first line of a function's log that has this message.
fn is_told_of(alarm: &str, by: &str, message: &str) {
    let filter = &of_type("AWS::Logs::MetricFilter")[&format!("{alarm}Filter")];
    assert_eq!(filter["LogGroupName"], function(by)["LoggingConfig"]["LogGroup"]);
    assert_eq!(filter["FilterPattern"], format!("{{ $.message = \"{message}\" }}"));
    let counted = &filter["MetricTransformations"][0];
    let alarm = &of_type("AWS::CloudWatch::Alarm")[alarm];
    assert_eq!(
        (&alarm["Namespace"], &alarm["MetricName"]),
        (&counted["MetricNamespace"], &counted["MetricName"])
    );
    assert!(alarm["Dimensions"].is_null() && alarm["Threshold"] == 1);
}
