//! The command as it is used: the real binary, its output and its exit codes.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::{
    io::{BufRead as _, BufReader},
    process::{Child, Command, Output, Stdio},
    time::Duration,
};

use serde_json::Value;

mod banner;
mod check;
mod consumer;
mod credentials;
mod dead_letters;
mod demo;
mod dev;
mod doctor;
mod document;
mod gateway;
mod guarded;
mod import;
mod ingest;
mod kept_key;
mod listen;
mod local_queue;
mod looking_after;
mod plan;
mod published;
mod records;
mod reference;
mod shown;
mod site;
mod times;
mod unseen;
mod webhooks;
mod world;

fn inboundflow(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_inboundflow"));
    command.args(arguments).stdin(Stdio::null());
    for variable in [
        "AWS_ENDPOINT_URL",
        "AWS_ENDPOINT_URL_DYNAMODB",
        "AWS_ENDPOINT_URL_API_GATEWAY",
        "AWS_ENDPOINT_URL_SQS",
        "TABLE_PREFIX",
        "INBOUNDFLOW_API_KEY",
        "INBOUNDFLOW_BASE_URL",
        "COLUMNS",
        "WEBHOOK_PORTS",
        "WEBHOOK_ALLOW_LOOPBACK",
        "INBOUNDFLOW_WEBHOOK_SECRET",
    ] {
        command.env_remove(variable);
    }
    command
}

fn run(arguments: &[&str]) -> Output {
    inboundflow(arguments).output().unwrap()
}

fn out(output: &Output) -> String {
    assert!(output.status.success(), "{output:?}");
    String::from_utf8(output.stdout.clone()).unwrap()
}

fn err(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).unwrap()
}

/// A running `dev`, ended with the test.
struct Dev {
    child: Child,
    ready: Value,
}

impl Dev {
    fn start(arguments: &[&str]) -> Self {
        let mut command = inboundflow(&["dev", "--json", "--port", "0"]);
        let mut child = command.args(arguments).stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.as_mut().unwrap()).read_line(&mut line).unwrap();
        Self { ready: serde_json::from_str(&line).unwrap(), child }
    }

    fn text(&self, name: &str) -> String {
        self.ready[name].as_str().unwrap().to_owned()
    }

    async fn get(&self, path: &str, key: &str) -> (u16, Value) {
        let request = reqwest::Client::new().get(format!("{}{path}", self.text("url"))).bearer_auth(key);
        let response = request.send().await.unwrap();
        (response.status().as_u16(), response.json().await.unwrap())
    }

    /// Posts voice events to `dev`.
    async fn post(&self, path: &str, body: &str) -> (u16, Value) {
        let request =
            reqwest::Client::new().post(format!("{}{path}", self.text("url"))).body(body.to_owned());
        let response = request.send().await.unwrap();
        (response.status().as_u16(), response.json().await.unwrap())
    }

    /// The state of the queue once nothing in it waits or is under way.
    async fn drained(&self) -> Value {
        for _ in 0..200 {
            let (_, queue) = self.get("/_local/ingest", "").await;
            if queue["waiting"] == 0 && queue["in_flight"] == 0 {
                return queue;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        panic!("events are still under way");
    }

    /// Sends Ctrl-C to `dev`; returns whether it ended cleanly, and what else it had printed on stdout.
    fn interrupt(mut self) -> (bool, String) {
        let id = self.child.id().to_string();
        assert!(Command::new("kill").args(["-INT", &id]).status().unwrap().success());
        let status = self.child.wait().unwrap();
        let mut rest = String::new();
        std::io::Read::read_to_string(self.child.stdout.as_mut().unwrap(), &mut rest).unwrap();
        (status.success(), rest)
    }
}

impl Drop for Dev {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
