//! `dev`'s queue of voice events: by hand, through the AWS SDK, and replayed.

use std::{
    io::{BufRead as _, BufReader},
    process::Stdio,
};

use aws_config::{BehaviorVersion, Region, SdkConfig};
use aws_sdk_sqs::{
    config::{Credentials, SharedCredentialsProvider},
    error::ProvideErrorMetadata as _,
    types::{
        MessageAttributeValue, MessageSystemAttributeName, QueueAttributeName, SendMessageBatchRequestEntry,
    },
};
use domain::RecordId;
use serde_json::{Value, json};

use crate::{Dev, err, inboundflow, run};

const ORGANIZATION: &str = "c6af9ac6-7b61-41e6-9a41-93e8deadbeef";

/// A call's event, without an organization.
pub(crate) fn call(id: RecordId, at: &str, more: &Value) -> Value {
    let mut call = json!({"id": id, "caller_phone": "+12015550123", "status": "in-progress"});
    call.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    json!({"version": 1, "event_id": RecordId::random(), "occurred_at": at, "call": call})
}

fn empty() -> Dev {
    Dev::start(&["--dynamodb-port", "0", "--no-demo"])
}

pub(crate) fn sdk(dev: &Dev) -> SdkConfig {
    let credentials = Credentials::new("any", "any", None, None, "test");
    SdkConfig::builder()
        .behavior_version(BehaviorVersion::latest())
        .http_client(dynamodb::aws::http_client())
        .region(Region::from_static("us-east-1"))
        .credentials_provider(SharedCredentialsProvider::new(credentials))
        .endpoint_url(format!("{}/_local/aws", dev.text("url")))
        .build()
}

#[tokio::test]
async fn an_event_that_is_posted_becomes_a_record() {
    let dev = empty();
    let (first, second) = (RecordId::random(), RecordId::random());
    let one = serde_json::to_string_pretty(&call(first, "2026-03-01T18:00:00Z", &json!({}))).unwrap();
    assert_eq!(
        dev.post("/_local/ingest", &one).await,
        (202, json!({"queued": 1})),
        "an object of many lines"
    );
    let lines = [("2026-03-01T18:00:00Z", "in-progress"), ("2026-03-01T18:02:00Z", "completed")]
        .map(|(at, status)| call(second, at, &json!({"status": status})).to_string());
    let lines = format!("\u{feff}{}\r\n\r\n{}", lines[0], lines[1]);
    assert_eq!(dev.post("/_local/ingest", &lines).await, (202, json!({"queued": 2})));
    assert_eq!(dev.drained().await["dead_letters"], json!([]));
    let (_, calls) = dev.get("/v1/calls", &dev.text("api_key")).await;
    let mut statuses: Vec<&str> =
        calls["data"].as_array().unwrap().iter().map(|call| call["status"].as_str().unwrap()).collect();
    statuses.sort_unstable();
    assert_eq!(statuses, ["completed", "in-progress"]);
    let (_, contacts) = dev.get("/v1/contacts", &dev.text("api_key")).await;
    assert_eq!(contacts["data"][0]["total_calls"], 2);
}

#[tokio::test]
async fn what_is_no_event_at_all_is_refused_whole() {
    let dev = empty();
    let event = call(RecordId::random(), "2026-03-01T18:00:00Z", &json!({}));
    let (status, answer) = dev.post("/_local/ingest", &format!("{event}\n\n[1]\n{event}")).await;
    let error = answer["error"].as_str().unwrap();
    assert!(status == 400 && error.starts_with("line 3: it is no JSON object"), "{error}");
    assert_eq!(dev.post("/_local/ingest", " \n").await.0, 400);
    assert_eq!(
        dev.get("/_local/ingest", "").await.1,
        json!({"waiting": 0, "in_flight": 0, "dead_letters": []})
    );
    assert_eq!(dev.get("/v1/calls", &dev.text("api_key")).await.1["data"], json!([]));
    assert_eq!(dev.get("/_local/other", "").await.0, 404);
}

#[tokio::test]
async fn what_cannot_be_carried_out_is_parked_with_the_reason_and_can_be_driven_back() {
    let dev = empty();
    let call_id = RecordId::random();
    let contacted = json!({
        "version": 1, "event_id": "1", "organization_id": dev.ready["organization_id"],
        "occurred_at": "2026-03-01T19:00:00Z",
        "lead": {"id": call_id.derived("lead"), "status": "contacted"},
    })
    .to_string();
    let poison = format!(r#"{{"version": 1, "organization_id": "{ORGANIZATION}", "call": {{"idd": 1}}}}"#);
    dev.post("/_local/ingest", &format!("{contacted}\n{poison}")).await;
    let dead_letters = dev.drained().await["dead_letters"].clone();
    let kinds: Vec<&Value> = dead_letters.as_array().unwrap().iter().map(|letter| &letter["kind"]).collect();
    assert_eq!(kinds, ["invalid_event", "unknown_record"], "the latter after its last attempt");
    assert!(dead_letters[0]["reason"].as_str().unwrap().contains("idd"), "{dead_letters}");
    assert_eq!(
        (&dead_letters[0]["body"], &dead_letters[1]["body"]),
        (&json!(poison), &json!(contacted)),
        "as they came"
    );

    let mut event = call(call_id, "2026-03-01T18:00:00Z", &json!({"status": "completed"}));
    event["lead"] = json!({"interest": "brakes"});
    dev.post("/_local/ingest", &event.to_string()).await;
    dev.drained().await;
    assert_eq!(dev.post("/_local/ingest/redrive", "").await, (200, json!({"queued": 2})));
    let dead_letters = dev.drained().await["dead_letters"].clone();
    assert_eq!((dead_letters[0]["kind"].as_str(), dead_letters[1].is_null()), (Some("invalid_event"), true));
    let (_, leads) = dev.get("/v1/leads", &dev.text("api_key")).await;
    assert_eq!(leads["data"][0]["status"], "contacted");
}

#[tokio::test]
async fn the_sdk_for_sqs_sends_receives_counts_and_deletes() {
    let dev = empty();
    let sqs = aws_sdk_sqs::Client::new(&sdk(&dev));
    // Nothing takes what lies among the dead letters.
    let url = dev.text("dead_letter_queue_url");
    let kind = MessageAttributeValue::builder().data_type("String").string_value("k").build().unwrap();
    let sent = sqs.send_message().queue_url(&url).message_body("a").message_attributes("kind", kind.clone());
    let sent = sent.send().await.unwrap();
    assert_eq!(sent.md5_of_message_body(), Some("0cc175b9c0f1b6a831c399e269772661"));
    let entry = |id: &str, body: String| {
        SendMessageBatchRequestEntry::builder().id(id).message_body(body).build().unwrap()
    };
    let batch =
        [entry("x", "b".to_owned()), entry("y", "c".repeat(1_048_570)), entry("z", "\u{1}".to_owned())];
    let batch =
        sqs.send_message_batch().queue_url(&url).set_entries(Some(batch.into())).send().await.unwrap();
    assert_eq!(batch.successful.iter().map(|entry| entry.id()).collect::<Vec<_>>(), ["x", "y"]);
    assert_eq!((batch.failed[0].id(), batch.failed[0].sender_fault()), ("z", true));

    let received = sqs.receive_message().queue_url(&url).max_number_of_messages(1).send().await.unwrap();
    let message = &received.messages()[0];
    assert_eq!((message.body(), message.message_id()), (Some("a"), sent.message_id()));
    assert_eq!(message.message_attributes().unwrap()["kind"], kind);
    let counts = async || {
        let names = [
            QueueAttributeName::ApproximateNumberOfMessages,
            QueueAttributeName::ApproximateNumberOfMessagesNotVisible,
        ];
        let asked = sqs.get_queue_attributes().queue_url(&url).set_attribute_names(Some(names.to_vec()));
        let found = asked.send().await.unwrap().attributes.unwrap();
        names.map(|name| found[&name].clone())
    };
    assert_eq!(counts().await, ["2", "1"]);
    let delete = sqs.delete_message().queue_url(&url).set_receipt_handle(message.receipt_handle.clone());
    delete.send().await.unwrap();
    assert_eq!(counts().await, ["2", "0"]);
}

#[tokio::test]
async fn the_sdk_for_sqs_delays_messages_and_shares_a_queue_between_groups() {
    let dev = empty();
    let sqs = aws_sdk_sqs::Client::new(&sdk(&dev));
    let url = dev.text("dead_letter_queue_url");
    let send = async |body: &str, group: &str, delay: i32| {
        let sent = sqs.send_message().queue_url(&url).message_body(body);
        sent.message_group_id(group).delay_seconds(delay).send().await
    };
    send("late", "a", 900).await.unwrap();
    // With thirty in flight a group is noisy, and others come first.
    for _ in 0..32 {
        send("x", "a", 0).await.unwrap();
    }
    let receive = async || {
        let received = sqs.receive_message().queue_url(&url).max_number_of_messages(10).send().await.unwrap();
        let group = MessageSystemAttributeName::MessageGroupId;
        let groups = received.messages().iter().map(|message| message.attributes().unwrap()[&group].clone());
        groups.collect::<String>()
    };
    for _ in 0..3 {
        assert_eq!(receive().await, "a".repeat(10));
    }
    send("x", "b", 0).await.unwrap();
    assert_eq!(receive().await, "baa");
    let delayed = QueueAttributeName::ApproximateNumberOfMessagesDelayed;
    let asked = sqs.get_queue_attributes().queue_url(&url).attribute_names(delayed.clone());
    assert_eq!(asked.send().await.unwrap().attributes().unwrap()[&delayed], "1");

    for (group, delay) in [("a", 901), ("a", -1), ("", 0), ("a b", 0), (&*"a".repeat(129), 0)] {
        let refused = send("x", group, delay).await.unwrap_err();
        assert_eq!(refused.code(), Some("InvalidParameterValue"), "{group} {delay}");
    }
    let entry = |id: &str, delay| {
        SendMessageBatchRequestEntry::builder().id(id).message_body("x").delay_seconds(delay).build().unwrap()
    };
    let batch = sqs.send_message_batch().queue_url(&url).entries(entry("x", 900)).entries(entry("y", 901));
    let batch = batch.send().await.unwrap();
    assert_eq!((batch.successful[0].id(), batch.failed[0].id()), ("x", "y"));
}

#[tokio::test]
async fn the_sdks_understand_what_is_refused() {
    let dev = empty();
    let sqs = aws_sdk_sqs::Client::new(&sdk(&dev));
    let send = async |url: &str, body: &str| {
        sqs.send_message().queue_url(url).message_body(body).send().await.map(|_| ()).unwrap_err()
    };
    let (url, other) = (dev.text("queue_url"), format!("{}/other", dev.text("url")));
    assert!(send(&other, "a").await.as_service_error().unwrap().is_queue_does_not_exist());
    assert_eq!(send(&url, &"a".repeat(266_241)).await.code(), Some("InvalidParameterValue"));
    assert!(send(&url, "\u{b}").await.as_service_error().unwrap().is_invalid_message_contents());
    let purge = sqs.purge_queue().queue_url(&url).send().await.unwrap_err();
    assert!(purge.as_service_error().unwrap().is_unsupported_operation());

    // The SDK puts a bucket's name right after the endpoint's path.
    let endpoint = format!("{}/_local/aws/", dev.text("url"));
    let config = aws_sdk_s3::config::Builder::from(&sdk(&dev)).endpoint_url(endpoint).force_path_style(true);
    let s3 = aws_sdk_s3::Client::from_conf(config.build());
    let bucket = dev.text("events_bucket");
    let get = async |bucket: &str| s3.get_object().bucket(bucket).key("a b/ü+").send().await;
    assert!(get(&bucket).await.unwrap_err().as_service_error().unwrap().is_no_such_key());
    assert_eq!(get("other").await.unwrap_err().code(), Some("NoSuchBucket"));
    s3.put_object().bucket(&bucket).key("a b/ü+").body(vec![1, 2].into()).send().await.unwrap();
    assert_eq!(get(&bucket).await.unwrap().body.collect().await.unwrap().to_vec(), [1, 2]);
}

#[tokio::test]
async fn a_recorded_day_is_replayed() {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("day.jsonl");
    let lost = json!({
        "version": 1, "event_id": "1", "occurred_at": "2026-03-01T18:00:30Z",
        "lead": {"id": RecordId::random(), "status": "contacted"},
    });
    let id = RecordId::random();
    let lines = [
        call(id, "2026-03-01T10:00:00Z", &json!({})),
        call(id, "2026-03-01T18:00:00Z", &json!({"status": "completed"})),
        lost,
    ];
    std::fs::write(&file, lines.map(|line| line.to_string()).join("\n")).unwrap();
    let arguments = ["dev", "--json", "--port", "0", "--dynamodb-port", "0", "--no-demo", "--replay"];
    let mut command = inboundflow(&[&arguments[..], &[file.to_str().unwrap(), "--speed", "1e12"]].concat());
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let mut ready = String::new();
    BufReader::new(child.stdout.as_mut().unwrap()).read_line(&mut ready).unwrap();
    let mut said = BufReader::new(child.stderr.take().unwrap()).lines().map_while(Result::ok);
    let dev = Dev { child, ready: serde_json::from_str(&ready).unwrap() };
    assert!(said.any(|line| line == "3 events played, 1 of them became dead letters"));
    assert_eq!(dev.drained().await["dead_letters"][0]["kind"], "unknown_record");
    let (_, answer) = dev.get(&format!("/v1/calls/{id}"), &dev.text("api_key")).await;
    assert_eq!(answer["data"]["status"], "completed");
    assert!(dev.interrupt().0);
    let lost = "warning: The queue is in memory: 0 waiting and 1 dead letters are lost.";
    assert!(said.any(|line| line == lost));
}

#[test]
fn a_recording_with_a_broken_line_is_not_played() {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("day.jsonl");
    let good = call(RecordId::random(), "2026-03-01T10:00:00Z", &json!({}));
    std::fs::write(&file, format!("{good}\n{}", good.to_string().replace("in-progress", "busy"))).unwrap();
    let file = file.to_str().unwrap();
    let dev = ["dev", "--port", "0", "--dynamodb-port", "0", "--no-demo"];
    let output = run(&[&dev[..], &["--replay", file]].concat());
    let said = err(&output);
    assert_eq!(output.status.code(), Some(1));
    assert!(
        said.contains("line 2: call.status: unknown variant `busy`") && output.stdout.is_empty(),
        "{said}"
    );
    for (arguments, expected) in [
        (&["--replay", file, "--speed", "0"][..], "expected a number above 0"),
        (&["--replay", file, "--speed=-1"], "expected a number above 0"),
        (&["--speed", "2"], "--replay <FILE>"),
    ] {
        let output = run(&[&dev[..], arguments].concat());
        assert!(output.status.code() == Some(2) && err(&output).contains(expected), "{output:?}");
    }
}
