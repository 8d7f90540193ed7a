//! `dead-letters`: on the queues of `dev`, and on those of a stack behind the SDK's own endpoint.

use std::process::Output;

use aws_sdk_sqs::types::{MessageAttributeValue, MessageSystemAttributeName};
use local::{Services, Stack, TEMPLATE};
use serde_json::{Value, json};

use crate::{Dev, err, inboundflow, out, run};

const PHONE: &str = "+12015550123";
const NOBODY: &str = "c6af9ac6-7b61-41e6-9a41-93e8deadbeef";

/// The queues of a stack that nothing takes messages from.
struct Deployed(Services);

impl Deployed {
    async fn new() -> Self {
        Self(Services::listen(&Stack::read(TEMPLATE, "InboundFlow").unwrap()).await.unwrap())
    }

    fn run(&self, arguments: &[&str]) -> Output {
        let url = self.0.queue_url("x");
        let endpoint = url.strip_suffix("/000000000000/x").unwrap();
        let mut command = inboundflow(&[&["dead-letters"], arguments].concat());
        command.env("AWS_ENDPOINT_URL_SQS", endpoint).envs([
            ("AWS_ACCESS_KEY_ID", "a"),
            ("AWS_SECRET_ACCESS_KEY", "b"),
            ("AWS_REGION", "us-east-1"),
        ]);
        command.output().unwrap()
    }

    fn json(&self, arguments: &[&str]) -> Value {
        serde_json::from_str(&out(&self.run(arguments))).unwrap()
    }

    fn ids(&self, arguments: &[&str]) -> Vec<String> {
        let listed = self.json(&[&["list"], arguments].concat());
        let ids = listed.as_array().unwrap().iter().map(|row| row["message_id"].as_str().unwrap().to_owned());
        ids.collect()
    }

    /// Makes a dead letter, as a function does where there is a kind, and SQS where there is none; its id.
    async fn send(&self, queue: &str, kind: Option<&str>, body: &str) -> String {
        let send = self.0.sqs().send_message().message_body(body).message_group_id("shop-1");
        let send = send.queue_url(self.0.queue_url(&format!("InboundFlow-{queue}-dead-letters")));
        let text = |text: &str| {
            MessageAttributeValue::builder().data_type("String").string_value(text).build().unwrap()
        };
        let send = send.message_attributes("trace", text("t-1"));
        let send = match kind {
            Some(kind) => {
                send.message_attributes("kind", text(kind)).message_attributes("reason", text("why"))
            }
            None => send,
        };
        send.send().await.unwrap().message_id.unwrap()
    }
}

fn empty() -> Dev {
    Dev::start(&["--dynamodb-port", "0", "--no-demo"])
}

fn on(dev: &Dev, arguments: &[&str]) -> Output {
    let place = format!("--dev={}", dev.text("url"));
    run(&[&["dead-letters"], arguments, &[&place]].concat())
}

fn listed(dev: &Dev, arguments: &[&str]) -> Value {
    serde_json::from_str(&out(&on(dev, &[&["list"], arguments].concat()))).unwrap()
}

/// Sends an event about a person whose status is none, and so becomes a dead letter.
async fn post_wrong_event(dev: &Dev) -> String {
    let event = json!({
        "version": 1, "event_id": "1", "occurred_at": "2026-03-01T18:00:00Z",
        "organization_id": dev.text("organization_id"),
        "call": {"id": NOBODY, "caller_phone": PHONE, "caller_name": "Priya", "status": "Priya hung up"},
    })
    .to_string();
    // What is no event at all is refused at once, but not what the queue holds.
    assert_eq!(dev.post("/_local/ingest", &event).await.0, 202);
    assert_eq!(dev.drained().await["dead_letters"][0]["kind"], "invalid_event");
    event
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_list_says_why_but_shows_nothing_of_the_messages() {
    let dev = empty();
    post_wrong_event(&dev).await;
    let rows = listed(&dev, &[]);
    let row = &rows[0];
    assert_eq!((&row["queue"], &row["kind"]), (&json!("events"), &json!("invalid_event")));
    assert_eq!(row["organization_id"], dev.text("organization_id"));
    assert_eq!(row["reason"], "call.status: unknown variant …");
    assert_eq!(listed(&dev, &[]), rows, "whoever looks next sees them at once");
    let id = row["message_id"].as_str().unwrap();
    let place = format!("--dev={}", dev.text("url"));
    for width in ["60", "80", "120"] {
        let mut list = inboundflow(&["dead-letters", "list", "-o", "table", &place]);
        let table = out(&list.env("COLUMNS", width).output().unwrap());
        assert!(table.contains("invalid_event") && table.contains(&id[..8]), "{table}");
        assert!(table.lines().all(|line| line.chars().count() <= width.parse().unwrap()), "{table}");
    }
    for form in ["table", "json", "jsonl", "csv"] {
        let shown = out(&on(&dev, &["list", "-o", form, "--wide"]));
        assert!(shown.contains(id) && !shown.contains("Priya") && !shown.contains("2015550123"), "{shown}");
    }
    assert_eq!(listed(&dev, &["--kind", "unavailable"]), json!([]));
    assert_eq!(listed(&dev, &["--queue", "deliveries"]), json!([]));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_is_shown_whole_on_demand() {
    let dev = empty();
    let event = post_wrong_event(&dev).await;
    let id = listed(&dev, &[])[0]["message_id"].as_str().unwrap().to_owned();
    for id in [&id[..8], &id] {
        let shown: Value = serde_json::from_str(&out(&on(&dev, &["show", id]))).unwrap();
        assert_eq!(shown["body"], event, "as it came");
        assert!(shown["reason"].as_str().unwrap().contains("Priya hung up"), "{shown}");
    }
    assert_eq!(dev.drained().await["dead_letters"].as_array().unwrap().len(), 1, "it stays where it is");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_sent_back_becomes_a_record_or_a_dead_letter_again_but_once() {
    let dev = empty();
    post_wrong_event(&dev).await;
    let first = listed(&dev, &[])[0]["message_id"].clone();
    let output = on(&dev, &["redrive", "--all", "-o", "jsonl"]);
    assert_eq!(out(&output), "{\"redriven\":1}\n", "it fails again, and is not sent a second time");
    dev.drained().await;
    let second = listed(&dev, &[])[0]["message_id"].clone();
    assert_ne!(first, second, "a dead letter anew");

    // The queue is to be mended by what the event says, so a good one takes its place.
    let good = json!({
        "version": 1, "event_id": "2", "occurred_at": "2026-03-01T18:00:00Z",
        "organization_id": dev.text("organization_id"),
        "call": {"id": NOBODY, "caller_phone": PHONE, "status": "completed"},
    });
    let sqs = aws_sdk_sqs::Client::new(&crate::local_queue::sdk(&dev));
    let sent = sqs.send_message().queue_url(dev.text("dead_letter_queue_url")).message_body(good.to_string());
    sent.send().await.unwrap();
    let output = on(&dev, &["redrive", "--kind", "none", "-o", "jsonl"]);
    assert_eq!(out(&output), "{\"redriven\":1}\n");
    assert_eq!(dev.drained().await["dead_letters"].as_array().unwrap().len(), 1, "the other one stays");
    assert_eq!(dev.get("/v1/calls", &dev.text("api_key")).await.1["data"][0]["id"], NOBODY);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_message_goes_back_to_its_own_queue_as_it_was_sent() {
    let stack = Deployed::new().await;
    stack.send("events", Some("unavailable"), "event").await;
    stack.send("deliveries", None, "delivery").await;
    stack.send("fanout", Some("crashed"), "change").await;
    let output = stack.run(&["redrive", "--all", "-o", "jsonl"]);
    assert_eq!(out(&output), "{\"redriven\":2}\n");
    assert!(err(&output).contains("1 stay: dead letters of fanout came from no queue"), "{output:?}");
    assert_eq!(stack.ids(&[]).len(), 1);
    for (queue, body) in [("events", "event"), ("deliveries", "delivery")] {
        let url = stack.0.queue_url(&format!("InboundFlow-{queue}"));
        let receive = stack.0.sqs().receive_message().queue_url(url).message_attribute_names("All");
        let received = receive.send().await.unwrap();
        let message = &received.messages()[0];
        assert_eq!(message.body(), Some(body));
        assert_eq!(message.attributes().unwrap()[&MessageSystemAttributeName::MessageGroupId], "shop-1");
        let names: Vec<&String> = message.message_attributes().unwrap().keys().collect();
        assert_eq!(names, ["trace"], "what made it a dead letter is gone");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_delivery_that_the_slow_queue_gave_up_goes_back_to_the_slow_queue() {
    let stack = Deployed::new().await;
    let slow = stack.0.queue_url("InboundFlow-slow-deliveries");
    stack.0.sqs().send_message().queue_url(&slow).message_body("slow").send().await.unwrap();
    // Received six times, once more than the queue allows.
    for _ in 0..6 {
        let receive = stack.0.sqs().receive_message().queue_url(&slow).visibility_timeout(0);
        receive.send().await.unwrap();
    }
    let row = &stack.json(&["list"])[0];
    assert_eq!((&row["queue"], &row["kind"]), (&json!("deliveries"), &json!("none")));
    assert_eq!(stack.json(&["redrive", "--all"]), json!({"redriven": 1}));
    assert_eq!(stack.0.bodies("InboundFlow-slow-deliveries"), ["slow"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_a_queue_does_not_take_stays_and_the_others_go() {
    let stack = Deployed::new().await;
    let large = stack.send("events", Some("too_large"), &"x".repeat(300_000)).await;
    stack.send("events", Some("unavailable"), "a").await;
    let output = stack.run(&["redrive", "--all"]);
    let said = err(&output);
    assert!(output.status.code() == Some(1) && output.stdout.is_empty(), "{output:?}");
    assert!(said.contains("1 of 2 were sent back") && said.contains(&large), "{said}");
    assert_eq!((stack.ids(&[]), stack.0.bodies("InboundFlow-events")), (vec![large], vec!["a".to_owned()]));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn only_what_was_chosen_is_deleted_and_only_where_that_was_agreed_to() {
    let stack = Deployed::new().await;
    let first = stack.send("events", Some("invalid_event"), "a").await;
    let second = stack.send("events", Some("crashed"), "b").await;
    let third = stack.send("deliveries", None, "c").await;
    let unasked = stack.run(&["delete", "--all"]);
    assert!(unasked.status.code() == Some(2) && err(&unasked).contains("--yes"), "{unasked:?}");
    for arguments in [&["delete", "--yes"][..], &["delete", "--queue", "events", "--yes"], &["redrive"]] {
        assert_eq!(stack.run(arguments).status.code(), Some(2), "{arguments:?} chooses nothing");
    }
    let unknown = stack.run(&["delete", &first, NOBODY, "--yes"]);
    assert!(
        unknown.status.code() == Some(1) && err(&unknown).contains("There is no dead letter"),
        "{unknown:?}"
    );
    assert_eq!(stack.ids(&[]).len(), 3, "one that is wrong, and nothing is deleted");

    assert_eq!(stack.json(&["delete", &first[..13], "--yes"]), json!({"deleted": 1}));
    assert_eq!(stack.json(&["delete", "--kind", "crashed", "--yes"]), json!({"deleted": 1}));
    assert_eq!(stack.ids(&[]), std::slice::from_ref(&third), "{second} is gone too");
    let more: Vec<String> =
        vec![stack.send("events", None, "d").await, stack.send("events", None, "e").await];
    let output = stack.run(&["delete", "--all", "--queue", "events", "--max", "1", "--yes", "-o", "jsonl"]);
    assert_eq!(out(&output), "{\"deleted\":1}\n");
    assert!(err(&output).contains("There are more than 1"), "{output:?}");
    let left = stack.ids(&[]);
    assert!(left.contains(&third) && more.iter().filter(|id| left.contains(id)).count() == 1, "{left:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_list_goes_on_over_many_messages_and_says_where_it_ends() {
    let stack = Deployed::new().await;
    for number in 0..25 {
        stack.send("events", Some("unavailable"), &number.to_string()).await;
    }
    assert_eq!(stack.ids(&[]).len(), 25);
    let output = stack.run(&["list", "--limit", "12", "-o", "jsonl"]);
    assert_eq!(out(&output).lines().count(), 12);
    assert!(err(&output).contains("There are more than 12"), "{output:?}");
    assert_eq!(stack.ids(&[]).len(), 25, "nothing stays hidden");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_wrong_is_said_in_one_sentence() {
    let stack = Deployed::new().await;
    let fanout = stack.send("fanout", Some("crashed"), "x").await;
    for (arguments, code, said) in [
        (&["show", NOBODY][..], 1, "`dead-letters list` shows"),
        (&["show", "c6af9ac"], 2, "at least its first 8 characters"),
        (&["redrive", &fanout], 1, "`webhooks backfill` makes up for them. Nothing was sent"),
        (&["redrive", "--all", "--queue", "fanout"], 2, "`webhooks backfill` makes up for them"),
        (&["list", "--kind", "other"], 2, "unknown_organization"),
        (&["list", "--endpoint-url", "http://127.0.0.1:1"], 2, "dead letters lie in queues"),
        (
            &["list", "--table-prefix", "Other-"],
            1,
            "There is no queue Other-events-dead-letters in us-east-1",
        ),
        (&["list", "--dev=http://127.0.0.1:1"], 1, "is `inboundflow dev` running there?"),
        (&["list", "--dev", "http://127.0.0.1:1"], 1, "named with --dev=URL"),
        (&["redrive", "--dev", NOBODY], 2, "ids stand before --dev"),
    ] {
        let output = stack.run(arguments);
        assert_eq!(output.status.code(), Some(code), "{arguments:?} {output:?}");
        assert!(err(&output).contains(said), "{arguments:?}: {}", err(&output));
        assert!(code == 2 || err(&output).lines().count() == 1, "{}", err(&output));
    }
    let dev = empty();
    let other = on(&dev, &["list", "--table-prefix", "Other-"]);
    assert!(err(&other).contains("has no queue Other-events-dead-letters"), "{other:?}");
}

#[test]
fn dev_without_an_address_is_the_one_of_the_banner() {
    let dev = empty();
    let list = |base_url: &str| {
        let mut list = inboundflow(&["dead-letters", "list", "--dev", "-o", "json"]);
        list.env("INBOUNDFLOW_BASE_URL", base_url).output().unwrap()
    };
    assert_eq!(out(&list(dev.text("url").as_str())), "[]\n");
    let elsewhere = list("https://api.example.com");
    assert!(!format!("{elsewhere:?}").contains("api.example.com"), "{elsewhere:?}");
}
