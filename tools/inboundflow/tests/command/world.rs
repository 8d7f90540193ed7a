//! A deployment: the embedded DynamoDB, with a stand-in for API Gateway before it.

use std::process::{Command, Output, Stdio};

use domain::{Organization, OrganizationId};
use inboundflow::Deployment;
use local::Engine;
use serde_json::{Value, json};
use store::{KeyStanding, Store};

use crate::{
    err,
    gateway::{Fault, Gateway},
    inboundflow, out,
};

/// A table and a gateway of its own.
pub(crate) struct World {
    pub(crate) engine: Engine,
    pub(crate) store: Store,
    pub(crate) gateway: Gateway,
    organization: String,
}

impl World {
    pub(crate) async fn new() -> Self {
        let engine = Engine::start(Some(0), None).unwrap();
        let deployment = Deployment { endpoint_url: None, table_prefix: "InboundFlow-".to_owned() };
        let store = deployment.local(engine.endpoint_url.clone());
        store.create_tables().await.unwrap();
        let organization = Organization {
            organization_id: OrganizationId::random(),
            organization_name: "Lakeview Realty".to_owned(),
            plan: "Pro Plan".to_owned(),
        };
        store.put_organization(&organization).await.unwrap();
        let organization = organization.organization_id.to_string();
        Self { engine, store, gateway: Gateway::start(), organization }
    }

    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        let mut command = inboundflow(arguments);
        command
            .env("AWS_ENDPOINT_URL_DYNAMODB", &self.engine.endpoint_url)
            .env("AWS_ENDPOINT_URL_API_GATEWAY", &self.gateway.url)
            .envs([("AWS_ACCESS_KEY_ID", "a"), ("AWS_SECRET_ACCESS_KEY", "b"), ("AWS_REGION", "us-east-1")])
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        command
    }

    pub(crate) fn run(&self, arguments: &[&str]) -> Output {
        self.command(arguments).output().unwrap()
    }

    pub(crate) fn create_arguments(&self) -> [&str; 9] {
        let scopes = "calls:read";
        ["keys", "create", "--organization", &self.organization, "--name", "x", "--scopes", scopes, "--json"]
    }

    pub(crate) fn try_create(&self) -> Output {
        self.run(&self.create_arguments())
    }

    /// Creates a key; returns its id.
    pub(crate) fn create(&self) -> String {
        let made: Value = serde_json::from_str(&out(&self.try_create())).unwrap();
        made["key_id"].as_str().unwrap().to_owned()
    }

    pub(crate) fn fault(&self, call: &'static str, status: u16, code: &'static str, times: usize) {
        self.gateway.state().faults.push(Fault { call, status, code, times, lost: false });
    }

    /// Gives each key of the plan such a bucket.
    pub(crate) fn throttle(&self, rate: f64, burst: u32) {
        let throttle = json!({"rateLimit": rate, "burstLimit": burst});
        self.gateway.state().plans[1]["throttle"] = throttle;
    }

    pub(crate) async fn table(&self) -> Vec<KeyStanding> {
        self.store.key_standings().await.unwrap()
    }

    /// Runs `keys doctor`; returns the exit code, the findings and the counts.
    pub(crate) fn doctor(&self, arguments: &[&str]) -> (Option<i32>, Vec<Value>, Value) {
        let output = self.run(&[&["keys", "doctor", "--json"], arguments].concat());
        let lines = String::from_utf8(output.stdout.clone()).unwrap();
        let mut lines: Vec<Value> = lines.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        let counts = lines.pop().unwrap_or_else(|| panic!("{}", err(&output)));
        (output.status.code(), lines, counts)
    }
}

/// The gateway's name for an API key's own key.
pub(crate) fn name(key_id: &str) -> String {
    format!("InboundFlow-key-{key_id}")
}
