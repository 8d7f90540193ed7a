//! What the operators' commands say where there is nothing to reach the tables with.

use std::{
    fs,
    io::{Read as _, Write as _},
    net::TcpListener,
    process::Output,
    thread,
};

use crate::{err, inboundflow, out};

const ORGANIZATION: &str = "c6af9ac6-7b61-41e6-9a41-93e8deadbeef";
const QUEUE: &str = "https://sqs.eu-central-1.amazonaws.com/123456789012/events";
const EVENT: &str = r#"{"version": 1, "event_id": "e-1", "occurred_at": "2026-11-21T04:10:00Z", "call": {"id": "3f1f6b0e-8f0e-4d53-9d5f-1f7f2b1d6a55", "status": "completed"}}"#;

/// Each command that works on a deployment's tables, queue or gateway.
fn commands<'a>(events: &'a str, records: &'a str) -> Vec<Vec<&'a str>> {
    let of = |arguments: &[&'a str]| [arguments, &["--organization", ORGANIZATION]].concat();
    let webhooks = |arguments: &[&'a str]| of(&[&["webhooks"], arguments].concat());
    let id = ORGANIZATION;
    vec![
        vec!["orgs", "list"],
        vec!["orgs", "create", "--name", "x", "--plan", "x"],
        of(&["keys", "list"]),
        of(&["keys", "create", "--name", "x", "--scopes", "calls:read"]),
        vec!["keys", "revoke", id],
        vec!["keys", "update", id, "--name", "x"],
        vec!["webhooks", "failing"],
        vec!["dead-letters", "list"],
        vec!["keys", "rotate", id],
        vec!["keys", "doctor"],
        of(&["import", records]),
        of(&["ingest", events]),
        of(&["ingest", events, "--queue", QUEUE]),
        webhooks(&["list"]),
        webhooks(&["get", id]),
        webhooks(&["create", "--url", "https://x.example/in", "--events", "lead.created"]),
        webhooks(&["update", id, "--enable"]),
        webhooks(&["delete", id]),
        webhooks(&["test", id]),
        webhooks(&["rotate-secret", id]),
        webhooks(&["deliveries", id]),
        webhooks(&["delivery", id, id]),
        webhooks(&["replay", id, "--since", "2026-01-01"]),
    ]
}

fn run(arguments: &[&str], variables: &[(&str, &str)]) -> Output {
    let mut command = inboundflow(arguments);
    for (name, _) in std::env::vars().filter(|(name, _)| name.starts_with("AWS_")) {
        command.env_remove(name);
    }
    command.env("HOME", "/nonexistent").env("AWS_EC2_METADATA_DISABLED", "true");
    command.envs(variables.iter().copied()).output().unwrap()
}

#[test]
fn what_is_missing_for_the_tables_is_said_in_a_line_and_nothing_of_where_it_was_looked_for() {
    let directory = tempfile::tempdir().unwrap();
    let (events, records) = (directory.path().join("events"), directory.path().join("records"));
    fs::write(&events, format!("{EVENT}\n")).unwrap();
    fs::write(
        &records,
        out(&inboundflow(&["demo", "--calls", "1"]).output().unwrap()).lines().next().unwrap(),
    )
    .unwrap();
    for arguments in commands(events.to_str().unwrap(), records.to_str().unwrap()) {
        let said = err(&run(&arguments, &[("AWS_REGION", "eu-central-1")]));
        assert!(
            said.contains("No AWS credentials could be loaded: set AWS_PROFILE"),
            "{arguments:?}: {said}"
        );
        assert!(!said.contains("IMDS") && !said.contains("dispatch failure"), "{arguments:?}: {said}");
        let lines = if matches!(arguments[0], "import" | "ingest") { 2..=2 } else { 1..=1 };
        assert!(lines.contains(&said.lines().count()), "{arguments:?}: {said}");
    }
    let keyed = [("AWS_REGION", "eu-central-1"), ("INBOUNDFLOW_API_KEY", "sk_live_your_key_here")];
    let said = err(&run(&["orgs", "list"], &keyed));
    assert!(said.contains("INBOUNDFLOW_API_KEY is for the API, which this command does not ask."), "{said}");
    let credentials = [("AWS_ACCESS_KEY_ID", "a"), ("AWS_SECRET_ACCESS_KEY", "b")];
    for arguments in [&["orgs", "list"][..], &["keys", "doctor"]] {
        let said = err(&run(arguments, &credentials));
        assert!(
            said.starts_with("error: No AWS region is set: set AWS_REGION") && said.lines().count() == 1,
            "{said}"
        );
    }
}

#[test]
fn a_profile_of_aws_login_is_read() {
    const SESSION: &str = "arn:aws:sts::123456789012:assumed-role/operator/session";
    // The file's name is the session's SHA-256, as `aws login` writes it.
    const CACHED: &str = "d413b610350296befd085fa705e38dd9f50b02c4be33d0697c3ba8050a365b97.json";
    let directory = tempfile::tempdir().unwrap();
    let config = directory.path().join("config");
    fs::write(&config, format!("[profile operator]\nregion = eu-central-1\nlogin_session = {SESSION}\n"))
        .unwrap();
    let token = r#"{
        "accessToken": {"accessKeyId": "ASIALOGIN", "secretAccessKey": "secret", "sessionToken": "of the session",
            "accountId": "123456789012", "expiresAt": "2999-01-01T00:00:00Z"},
        "tokenType": "aws_sigv4", "refreshToken": "r", "clientId": "c", "dpopKey": "k"
    }"#;
    fs::write(directory.path().join(CACHED), token).unwrap();
    let dynamodb = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", dynamodb.local_addr().unwrap());
    let asked = thread::spawn(move || {
        let (mut stream, _) = dynamodb.accept().unwrap();
        let mut request = [0; 16 * 1024];
        let read = stream.read(&mut request).unwrap();
        let answer = r#"{"Count": 0, "Items": [], "ScannedCount": 0}"#;
        write!(stream, "HTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\n{answer}", answer.len()).unwrap();
        String::from_utf8_lossy(&request[..read]).into_owned()
    });
    let output = run(
        &["orgs", "list"],
        &[
            ("AWS_PROFILE", "operator"),
            ("AWS_CONFIG_FILE", config.to_str().unwrap()),
            ("AWS_LOGIN_CACHE_DIRECTORY", directory.path().to_str().unwrap()),
            ("AWS_ENDPOINT_URL", &url),
        ],
    );
    assert!(output.status.success(), "{}", err(&output));
    let asked = asked.join().unwrap();
    assert!(asked.contains("Credential=ASIALOGIN/") && asked.contains("of the session"), "{asked}");
}
