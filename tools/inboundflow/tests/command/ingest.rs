//! `ingest`: events into the tables, or onto a queue.

use std::{
    io::Write as _,
    process::{Output, Stdio},
};

use domain::RecordId;
use serde_json::{Value, json};

use crate::{Dev, err, inboundflow, local_queue::call, out, run};

const AT: &str = "2026-03-01T18:00:00Z";

fn ingest(lines: &[String], arguments: &[&str]) -> Output {
    let mut command = inboundflow(&[&["ingest", "-"], arguments].concat());
    let mut child =
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let mut input = child.stdin.take().unwrap();
    let lines = lines.join("\n");
    let writer = std::thread::spawn(move || input.write_all(lines.as_bytes()).unwrap());
    let output = child.wait_with_output().unwrap();
    writer.join().unwrap();
    output
}

fn counts(output: &Output) -> Value {
    serde_json::from_slice(&output.stdout).unwrap_or_else(|_| panic!("{}", err(output)))
}

fn empty() -> Dev {
    Dev::start(&["--dynamodb-port", "0", "--no-demo"])
}

#[tokio::test]
async fn events_are_applied_to_the_tables_and_again_without_a_trace() {
    let dev = empty();
    let (endpoint, organization) = (dev.text("dynamodb_endpoint"), dev.text("organization_id"));
    let to = ["--endpoint-url", &endpoint, "--organization", &organization];
    let call_id = RecordId::random();
    // The change comes before the lead that it changes.
    let contacted = json!({
        "version": 1, "event_id": "1", "occurred_at": "2026-03-01T19:00:00Z",
        "lead": {"id": call_id.derived("lead"), "status": "contacted"},
    });
    let mut lines = vec![contacted.to_string()];
    let mut event = call(call_id, AT, &json!({"status": "completed"}));
    event["lead"] = json!({"interest": "brakes"});
    lines.push(event.to_string());
    lines.extend((0..30).map(|_| call(RecordId::random(), AT, &json!({})).to_string()));
    assert_eq!(out(&ingest(&lines, &to)), "32 applied, 0 unchanged, 0 failed\n");
    let again = ingest(&lines, &[&to[..], &["--json"]].concat());
    assert_eq!(counts(&again), json!({"applied": 0, "unchanged": 32, "failed": 0, "not_tried": 0}));
    let key = dev.text("api_key");
    assert_eq!(dev.get("/v1/leads", &key).await.1["data"][0]["status"], "contacted");
    assert_eq!(dev.get("/v1/contacts", &key).await.1["data"][0]["total_calls"], 31);
}

#[test]
fn a_wrong_line_is_named_and_left_out() {
    let dev = empty();
    let (endpoint, organization) = (dev.text("dynamodb_endpoint"), dev.text("organization_id"));
    let good = call(RecordId::random(), AT, &json!({}));
    let with = |change: &dyn Fn(&mut Value)| {
        let mut event = good.clone();
        change(&mut event);
        event.to_string()
    };
    let missing = json!({
        "version": 1, "event_id": "1", "occurred_at": AT,
        "lead": {"id": RecordId::random(), "status": "contacted"},
    });
    let nobody = "c6af9ac6-7b61-41e6-9a41-93e8deadbeef";
    let lines = [
        (good.to_string(), ""),
        ("[]".to_owned(), "line 2: it is no JSON object"),
        (with(&|event| event["version"] = 2.into()), "line 3: version is 2"),
        (with(&|event| event["call"]["colour"] = 1.into()), "line 4: call.colour: unknown field"),
        (with(&|event| event["organization_id"] = nobody.into()), "line 5: "),
        (missing.to_string(), "line 6: "),
        (
            r#"{"version": 1, "s3": {"bucket": "events", "key": "k"}}"#.to_owned(),
            "line 7: s3: a pointer goes over",
        ),
    ];
    let text = lines.clone().map(|(line, _)| line);
    let output = ingest(&text, &["--endpoint-url", &endpoint, "--organization", &organization]);
    let said = err(&output);
    assert_eq!(output.status.code(), Some(1));
    for (_, expected) in &lines {
        assert!(said.contains(expected), "{expected}\n{said}");
    }
    assert_eq!(String::from_utf8(output.stdout).unwrap(), "1 applied, 0 unchanged, 6 failed\n");
    let without = ingest(&[good.to_string()], &["--endpoint-url", &endpoint]);
    assert!(err(&without).contains("line 1: organization_id is missing"), "{without:?}");
}

#[tokio::test]
async fn events_are_sent_to_a_queue_large_ones_through_the_bucket() {
    let dev = empty();
    let (queue, bucket, organization) =
        (dev.text("queue_url"), dev.text("events_bucket"), dev.text("organization_id"));
    let to = ["--queue", &queue, "--organization", &organization];
    let large = RecordId::random();
    let mut lines: Vec<String> =
        (0..25).map(|_| call(RecordId::random(), AT, &json!({})).to_string()).collect();
    let transcript = json!({"transcript": "x".repeat(300_000)});
    lines.insert(12, call(large, AT, &transcript).to_string());
    lines.push(r#"{"version": 1}"#.to_owned());
    let without = ingest(&lines, &[&to[..], &["--json"]].concat());
    assert_eq!(counts(&without), json!({"sent": 25, "failed": 2, "not_tried": 0}));
    let said = err(&without);
    assert!(said.contains("line 13: it has 300") && said.contains("pass --bucket"), "{said}");
    assert!(said.contains("line 27: there is no call"), "{said}");
    lines.pop();
    let output = ingest(&lines, &[&to[..], &["--bucket", &bucket]].concat());
    assert_eq!((out(&output).as_str(), err(&output).as_str()), ("26 sent, 0 failed\n", ""));
    assert_eq!(dev.drained().await["dead_letters"], json!([]), "nothing broken came onto the queue");
    let key = dev.text("api_key");
    assert_eq!(dev.get("/v1/contacts", &key).await.1["data"][0]["total_calls"], 26);
    let (_, answer) = dev.get(&format!("/v1/calls/{large}"), &key).await;
    assert_eq!(answer["data"]["transcript"], transcript["transcript"]);
}

#[test]
fn a_queue_or_a_bucket_that_is_not_there_is_named() {
    let dev = empty();
    let (queue, organization) = (dev.text("queue_url"), dev.text("organization_id"));
    let line = call(RecordId::random(), AT, &json!({})).to_string();
    let lines = vec![line; 100];
    let output = ingest(&lines, &["--queue", &format!("{queue}x"), "--organization", &organization]);
    let said = err(&output);
    assert!(said.contains("There is no such queue: check --queue."), "{said}");
    assert_eq!(said.matches("There is no such queue").count(), 1, "{said}");
    assert_eq!(String::from_utf8_lossy(&output.stdout), "0 sent, 0 failed, 100 not tried\n");
    let large = call(RecordId::random(), AT, &json!({"transcript": "x".repeat(300_000)})).to_string();
    let arguments = ["--queue", &queue, "--bucket", "other", "--organization", &organization];
    let output = ingest(&[large], &arguments);
    assert!(err(&output).contains("There is no such bucket: check --bucket."), "{output:?}");
    let gone = "http://127.0.0.1:1/000000000000/events";
    let output = ingest(&lines, &["--queue", gone, "--organization", &organization]);
    assert!(output.status.code() == Some(1) && err(&output).contains("cannot be reached"), "{output:?}");
}

#[test]
fn the_schema_is_printed_and_options_that_make_no_sense_are_refused() {
    let schema: Value = serde_json::from_str(&out(&run(&["ingest", "--schema"]))).unwrap();
    assert_eq!(schema, domain::schema::schema());
    for arguments in [
        &["ingest"][..],
        &["ingest", "x", "--schema"],
        &["ingest", "x", "--bucket", "b"],
        &["ingest", "x", "--queue", "events"],
        &["ingest", "x", "--queue", "http://h/1/q", "--endpoint-url", "http://127.0.0.1:1"],
    ] {
        assert_eq!(run(arguments).status.code(), Some(2), "{arguments:?}");
    }
}
