//! The subjects of a measurement: our functions' binaries and their peers, each with a request.

use std::{
    fs,
    path::{Path, PathBuf},
};

use harness::SESSION;
use serde::Deserialize;
use serde_json::Value;

use crate::{
    process::Program,
    runtime_api::InvocationResponse,
    stand_in::StandIn,
    workload::{Workload, root},
};

/// A program and its request.
#[derive(Clone)]
pub(crate) struct Subject {
    pub(crate) name: String,
    pub(crate) title: String,
    pub(crate) program: Program,
    /// The size of what is deployed, in bytes.
    pub(crate) bytes: u64,
    pub(crate) event: String,
    /// The `data` that the response has to have; none where the response is no JSON of ours.
    pub(crate) expected: Option<Value>,
}

/// One of the commands that `peers/build` leaves.
#[derive(Deserialize)]
struct Peer {
    name: String,
    title: String,
    command: Vec<String>,
    directory: PathBuf,
    bytes: u64,
}

/// A function's binary: as `cargo build` or as `sam build` lays it.
pub(crate) fn binary(directory: &Path, function: &str) -> PathBuf {
    let built = directory.join(function);
    if built.is_file() {
        return built;
    }
    let capital = format!("{}{}", function[..1].to_uppercase(), &function[1..]);
    let built = directory.join(format!("{capital}Function/bootstrap"));
    assert!(built.is_file(), "{} holds no binary of {function}", directory.display());
    built
}

impl Subject {
    /// One of our functions, with a recorded event as its request.
    pub(crate) fn function(directory: &Path, function: &str, title: &str, event: Value) -> Self {
        let binary = fs::canonicalize(binary(directory, function)).expect("a path");
        Self {
            name: function.to_owned(),
            title: title.to_owned(),
            bytes: fs::metadata(&binary).expect("a file").len(),
            program: Program::of(&binary),
            event: event.to_string(),
            expected: None,
        }
    }

    /// This subject, whose response has to have this `data`.
    pub(crate) fn expecting(self, data: Value) -> Self {
        Self { expected: Some(data), ..self }
    }

    /// The peers that `peers/build` built: hello world first, then those that list calls as we do.
    pub(crate) fn peers(workload: &Workload) -> Vec<Self> {
        let built = root().join("target/peers/commands.json");
        let text = fs::read_to_string(&built)
            .unwrap_or_else(|_| panic!("{} is missing: run tools/bench/peers/build", built.display()));
        let peers: Vec<Peer> = serde_json::from_str(&text).expect("what peers/build writes");
        let event = workload.list_event().to_string();
        let of_peer = |peer: Peer| Self {
            expected: (peer.name != "hello").then(|| workload.list.clone()),
            program: Program { argv: peer.command, directory: peer.directory },
            name: peer.name,
            title: peer.title,
            bytes: peer.bytes,
            event: event.clone(),
        };
        peers.into_iter().map(of_peer).collect()
    }

    /// The variables that Lambda and the template set; a peer gets those of the function that it stands beside.
    pub(crate) fn variables(&self, api: &str, dynamodb: &StandIn, prefix: &str) -> Vec<(String, String)> {
        let stack = harness::stack();
        let of_template = stack.functions.get(&self.name).unwrap_or(&stack.functions["calls"]);
        let mut variables = of_template.clone();
        let authority = dynamodb.authority.display().to_string();
        let fixed = [
            ("AWS_LAMBDA_FUNCTION_NAME", "bench"),
            ("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "512"),
            ("AWS_LAMBDA_FUNCTION_VERSION", "1"),
            ("AWS_LAMBDA_LOG_STREAM_NAME", "bench"),
            ("AWS_LAMBDA_LOG_GROUP_NAME", "bench"),
            ("AWS_REGION", "us-east-1"),
            ("AWS_DEFAULT_REGION", "us-east-1"),
            ("AWS_ACCESS_KEY_ID", SESSION.access_key),
            ("AWS_SECRET_ACCESS_KEY", SESSION.secret_key),
            ("AWS_SESSION_TOKEN", SESSION.session_token),
            // What its SDK says of the Node that it runs on.
            ("NODE_NO_WARNINGS", "1"),
            ("AWS_LAMBDA_RUNTIME_API", api),
            ("AWS_ENDPOINT_URL_DYNAMODB", &dynamodb.endpoint_url),
            ("TABLE_PREFIX", prefix),
            ("AWS_CA_BUNDLE", &authority),
            ("SSL_CERT_FILE", &authority),
            ("NODE_EXTRA_CA_CERTS", &authority),
        ];
        variables.extend(fixed.map(|(name, value)| (name.to_owned(), value.to_owned())));
        variables.into_iter().collect()
    }

    /// Ends the run where the response is not the expected one. A text that was right before is compared as a text, so
    /// that the check costs the machine next to nothing between two requests.
    pub(crate) fn check(&self, response: &InvocationResponse, right: &mut Option<String>) {
        let Some(expected) = &self.expected else { return };
        let data = response.body.split(r#"\"meta\""#).next().unwrap_or_default();
        if right.as_deref() == Some(data) {
            return;
        }
        let outer: Value = serde_json::from_str(&response.body).unwrap_or_default();
        let body: Value =
            outer["body"].as_str().and_then(|body| serde_json::from_str(body).ok()).unwrap_or_default();
        let as_expected = outer["statusCode"] == 200 && &body["data"] == expected;
        assert!(as_expected, "{} responds otherwise: {:.500}", self.name, response.body);
        *right = Some(data.to_owned());
    }
}
