//! A table's stream feeds a function as Lambda would: in order, again from what failed, from the beginning
//! after a restart.

use std::{
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use aws_sdk_dynamodb::types::{
    AttributeDefinition, AttributeValue, BillingMode, KeySchemaElement, KeyType, ScalarAttributeType,
    StreamSpecification, StreamViewType,
};
use harness::{World, stack};
use local::{EventSources, Handler, LocalQueue, Schedule, Services, Stack, StreamSource, Streams};
use serde_json::{Value, json};
use tokio::{sync::watch, task::JoinHandle};

/// A table of its own in the process's engine, with a stream.
struct Table {
    dynamodb: aws_sdk_dynamodb::Client,
    name: String,
    endpoint: String,
}

/// The records that a function was handed, call by call.
#[derive(Clone)]
struct Seen(watch::Sender<Vec<Vec<Value>>>);

impl Table {
    async fn new(has_stream: bool) -> Self {
        let world = World::new().await;
        let dynamodb = world.raw_dynamodb();
        let name = format!("Streams-{}", world.organization);
        let id = AttributeDefinition::builder().attribute_name("id").attribute_type(ScalarAttributeType::S);
        let key = KeySchemaElement::builder().attribute_name("id").key_type(KeyType::Hash);
        let stream = StreamSpecification::builder().stream_enabled(true);
        let stream = stream.stream_view_type(StreamViewType::NewAndOldImages).build().unwrap();
        let table = dynamodb.create_table().table_name(&name).billing_mode(BillingMode::PayPerRequest);
        let table = table.attribute_definitions(id.build().unwrap()).key_schema(key.build().unwrap());
        table.set_stream_specification(has_stream.then_some(stream)).send().await.unwrap();
        Self { dynamodb, name, endpoint: world.dynamodb().to_owned() }
    }

    async fn put(&self, id: u32, value: &str) {
        let item = self.dynamodb.put_item().table_name(&self.name).item("id", text(&id.to_string()));
        item.item("value", text(value)).send().await.unwrap();
    }

    async fn delete(&self, id: u32) {
        let item = self.dynamodb.delete_item().table_name(&self.name);
        item.key("id", text(&id.to_string())).send().await.unwrap();
    }

    /// Hands changes, at most `batch_size` at once, to a function that answers with `answer`.
    async fn follow<F>(&self, batch_size: usize, answer: F) -> (Seen, JoinHandle<()>)
    where
        F: Fn(&[Value]) -> Value + Clone + Send + Sync + 'static,
    {
        let seen = Seen(watch::Sender::new(Vec::new()));
        let kept = seen.clone();
        let function = Handler::new(move |mut event: Value| {
            let Value::Array(records) = event["Records"].take() else { panic!("there are no records") };
            kept.0.send_modify(|calls| calls.push(records.clone()));
            let answer = answer.clone();
            async move { Ok(answer(&records)) }
        });
        let source = StreamSource { function: "test".to_owned(), table: self.name.clone(), batch_size };
        let following = Streams::local(&self.endpoint).follow(&source, function).await.unwrap().run();
        (seen, tokio::spawn(following))
    }
}

impl Seen {
    /// The calls, once they have handed over `count` records in all.
    async fn after(&self, count: usize) -> Vec<Vec<Value>> {
        let mut calls = self.0.subscribe();
        let calls = calls.wait_for(|calls| calls.iter().map(Vec::len).sum::<usize>() >= count);
        calls.await.unwrap().clone()
    }
}

fn text(text: &str) -> AttributeValue {
    AttributeValue::S(text.to_owned())
}

fn done(_: &[Value]) -> Value {
    Value::Null
}

fn ids(calls: &[Vec<Value>]) -> Vec<Vec<&str>> {
    let id = |record| Value::pointer(record, "/dynamodb/Keys/id/S").and_then(Value::as_str).unwrap();
    calls.iter().map(|call| call.iter().map(id).collect()).collect()
}

#[tokio::test]
async fn changes_come_in_their_order_with_both_images() {
    let table = Table::new(true).await;
    table.put(1, "a").await;
    let (seen, task) = table.follow(10, done).await;
    seen.after(1).await;
    table.put(1, "b").await;
    table.put(2, "x").await;
    table.delete(1).await;
    let calls = seen.after(4).await;
    let shown = |record: &Value| {
        let images = ["OldImage", "NewImage"].map(|name| record["dynamodb"][name]["value"]["S"].clone());
        json!([record["eventName"], record["dynamodb"]["Keys"], images])
    };
    let expected = json!([
        ["INSERT", {"id": {"S": "1"}}, [null, "a"]],
        ["MODIFY", {"id": {"S": "1"}}, ["a", "b"]],
        ["INSERT", {"id": {"S": "2"}}, [null, "x"]],
        ["REMOVE", {"id": {"S": "1"}}, ["b", null]],
    ]);
    assert_eq!(Value::from(calls.iter().flatten().map(shown).collect::<Vec<_>>()), expected);
    let record = &calls[0][0];
    assert_eq!((&record["eventSource"], &record["eventVersion"]), (&json!("aws:dynamodb"), &json!("1.1")));
    let arn = record["eventSourceARN"].as_str().unwrap();
    assert!(arn.contains(&format!(":table/{}/stream/", table.name)), "{arn}");
    let (change, mut numbers) = (&record["dynamodb"], calls.iter().flatten());
    assert_eq!(change["StreamViewType"], "NEW_AND_OLD_IMAGES");
    assert!(change["ApproximateCreationDateTime"].as_i64() > Some(1_700_000_000), "{change}");
    assert!(numbers.all(|record| record["dynamodb"]["SequenceNumber"].as_str().unwrap().len() >= 21));
    task.abort();
}

#[tokio::test]
async fn a_batch_is_as_large_as_the_template_says_and_goes_on_from_what_failed() {
    let table = Table::new(true).await;
    for id in 1..=7 {
        table.put(id, "a").await;
    }
    let has_failed = Arc::new(AtomicBool::new(false));
    let fails_once = move |records: &[Value]| {
        let third = records.iter().find(|record| record["dynamodb"]["Keys"]["id"]["S"] == "3");
        match third {
            Some(third) if !has_failed.swap(true, Ordering::SeqCst) => {
                json!({"batchItemFailures": [{"itemIdentifier": third["dynamodb"]["SequenceNumber"]}]})
            }
            _ => json!({"batchItemFailures": []}),
        }
    };
    let (seen, task) = table.follow(4, fails_once).await;
    let calls = seen.after(9).await;
    assert_eq!(ids(&calls), [vec!["1", "2", "3", "4"], vec!["3", "4"], vec!["5", "6", "7"]]);
    task.abort();
}

#[tokio::test]
async fn a_function_that_panics_gets_the_same_again_in_halves_and_nothing_is_skipped() {
    let table = Table::new(true).await;
    for id in 1..=4 {
        table.put(id, "a").await;
    }
    let panics = Arc::new(Mutex::new(1));
    let panics_once = move |_: &[Value]| {
        let mut left = panics.lock().unwrap();
        if *left > 0 {
            *left -= 1;
            drop(left);
            panic!("on purpose");
        }
        Value::Null
    };
    let (seen, task) = table.follow(10, panics_once).await;
    let calls = seen.after(8).await;
    assert_eq!(ids(&calls), [vec!["1", "2", "3", "4"], vec!["1", "2"], vec!["3", "4"]]);
    table.put(5, "a").await;
    assert_eq!(ids(&seen.after(9).await)[3], ["5"]);
    task.abort();
}

#[tokio::test]
async fn whoever_follows_anew_begins_at_the_beginning() {
    let table = Table::new(true).await;
    table.put(1, "a").await;
    let (seen, task) = table.follow(10, done).await;
    seen.after(1).await;
    task.abort();
    table.put(2, "a").await;
    let (seen, task) = table.follow(1, done).await;
    assert_eq!(ids(&seen.after(2).await), [["1"], ["2"]]);
    task.abort();
}

#[tokio::test]
async fn a_table_without_a_stream_is_named() {
    let table = Table::new(false).await;
    let refusal = async |table: &str, endpoint: &str| {
        let source = StreamSource { function: "fanout".to_owned(), table: table.to_owned(), batch_size: 1 };
        let function = Handler::new(async |_: Value| Ok(Value::Null));
        let followed = Streams::local(endpoint).follow(&source, function).await;
        format!("{:#}", followed.map(|_| ()).unwrap_err())
    };
    let refused = refusal(&table.name, &table.endpoint).await;
    assert!(refused.contains(&format!("The table {} has no stream, and fanout", table.name)), "{refused}");
    let refused = refusal("Other", &table.endpoint).await;
    assert!(refused.contains("cannot look at the table Other"), "{refused}");
}

#[tokio::test]
async fn what_feeds_a_function_that_dev_does_not_know_is_named() {
    let world = World::new().await;
    let refusal = async |change: fn(&mut Stack)| {
        let mut stack = stack();
        change(&mut stack);
        let services = Services::listen(&stack).await.unwrap();
        let started = EventSources::start(&stack, &world.store, &services, world.dynamodb()).await;
        format!("{:#}", started.map(|_| ()).unwrap_err())
    };
    fn other() -> String {
        "other".to_owned()
    }
    let refused = refusal(|stack| stack.sources[0].function = other()).await;
    assert!(refused.starts_with("a queue feeds other, which"), "{refused}");
    let refused = refusal(|stack| {
        stack.streams.push(StreamSource { function: other(), table: "Test-Calls".to_owned(), batch_size: 1 });
    });
    assert!(refused.await.starts_with("a stream feeds other, which"));
    let refused = refusal(|stack| {
        let every = Duration::from_secs(60);
        stack.schedules.push(Schedule { function: other(), name: other(), every });
    });
    assert!(refused.await.starts_with("a schedule feeds other, which"));
}

#[tokio::test]
async fn a_stack_feeds_its_functions_until_it_is_dropped() {
    let world = World::new().await;
    let stack = stack();
    let services = Services::listen(&stack).await.unwrap();
    let queue = LocalQueue::new(&stack, &services).unwrap();
    queue.send(["{}".to_owned()]).unwrap();
    let feeding = EventSources::start(&stack, &world.store, &services, world.dynamodb()).await.unwrap();
    services.drained().await;
    assert_eq!(queue.dead_letters()[0].kind.as_deref(), Some("invalid_event"));
    drop(feeding);
    queue.send(["{}".to_owned()]).unwrap();
    assert_eq!(queue.counts().waiting, 1);
}
