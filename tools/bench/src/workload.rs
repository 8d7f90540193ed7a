//! The records that the functions are asked for, and the recorded events that ask.

use std::{collections::BTreeMap, fs, path::Path};

use harness::{World, call, message};
use serde_json::{Value, json};

/// How many calls a page has, and how many there are.
const PAGE: usize = 50;
const CALLS: usize = 60;

/// An organization with calls of about a kilobyte each.
pub(crate) struct Workload {
    pub(crate) world: World,
    /// The `data` of the list of calls.
    pub(crate) list: Value,
    /// A call with its conversation.
    pub(crate) call: Value,
    /// The `data` of `/v1/me`.
    pub(crate) me: Value,
}

impl Workload {
    pub(crate) async fn new() -> Self {
        let world = World::new().await;
        let mut calls = Vec::new();
        for nth in 0..CALLS {
            let mut call = call(&format!("2026-02-24T20:{:02}:{:02}.123Z", nth / 60, nth % 60));
            call["summary"] =
                json!("Asked whether the bumper of a Corolla can be mended by Friday. ".repeat(4));
            call["transcript"] = json!("Caller: Hi, I would like to ask about the \"bumper\".\n".repeat(4));
            call["messages"] = json!([
                message("assistant", "Good afternoon, how may I help you?"),
                message("user", "Can you mend a bumper by Friday?"),
            ]);
            calls.push(call);
        }
        world.import("calls", &calls).await;
        let data = async |path: &str| world.client.get(path).await.body["data"].clone();
        let list = data(&format!("/v1/calls?limit={PAGE}")).await;
        assert_eq!(list.as_array().map(Vec::len), Some(PAGE), "a whole page");
        let call = data(&format!("/v1/calls/{}", list[0]["id"].as_str().unwrap_or_default())).await;
        let me = data("/v1/me").await;
        Self { world, list, call, me }
    }

    /// A recorded event, with a key that works.
    pub(crate) fn event(&self, file: &str) -> Value {
        recorded(file, &self.world.key)
    }

    /// The request of this method and path, with this body.
    pub(crate) fn request(world: &World, method: &str, path: &str, body: Option<&Value>) -> Value {
        let mut event = recorded("calls/list.json", &world.key);
        let url = reqwest::Url::parse(&format!("http://localhost{path}")).expect("a path");
        let query: BTreeMap<_, _> = url.query_pairs().map(|(name, value)| (name, [value])).collect();
        event["httpMethod"] = json!(method);
        event["path"] = json!(url.path());
        event["queryStringParameters"] = Value::Null;
        event["multiValueQueryStringParameters"] = json!(query);
        event["multiValueHeaders"]["Content-Type"] = json!(["application/json"]);
        event["body"] = json!(body.map(Value::to_string));
        event
    }

    /// The request for a page of calls.
    pub(crate) fn list_event(&self) -> Value {
        let mut event = self.event("calls/list.json");
        event["queryStringParameters"] = json!({"limit": PAGE.to_string()});
        event["multiValueQueryStringParameters"] = json!({"limit": [PAGE.to_string()]});
        event
    }

    /// The request for one call.
    pub(crate) fn get_event(&self) -> Value {
        let mut event = self.event("calls/get.json");
        let id = self.call["id"].clone();
        event["path"] = json!(format!("/v1/calls/{}", id.as_str().unwrap_or_default()));
        event["pathParameters"] = json!({"id": id});
        event
    }
}

/// Where the repository is.
pub(crate) fn root() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../.."))
}

fn recorded(file: &str, key: &str) -> Value {
    let text = fs::read_to_string(root().join("events").join(file)).expect("a recorded event");
    let text = text.replace("sk_live_your_key_here", key);
    let mut event: Value = serde_json::from_str(&text).expect("JSON");
    if let Some(event) = event.as_object_mut() {
        event.retain(|name, _| !name.starts_with('_'));
    }
    event
}
