//! `webhooks listen`: a receiver on this machine.

use std::{
    io::{BufRead as _, BufReader, Lines},
    net::TcpListener,
    process::{Child, ChildStdout, Command, Stdio},
    time::{Duration, Instant},
};

use domain::{
    RecordId, Timestamp,
    webhooks::{Secret, Secrets, Signed},
};
use serde_json::{Value, json};

use crate::{err, inboundflow, run};

const BODY: &str = r#"{"event":"lead.created","data":{"caller_name":"Zoë"}}"#;

/// A running `webhooks listen`, ended with the test.
pub(crate) struct Listen {
    child: Child,
    said: Lines<BufReader<ChildStdout>>,
    pub(crate) url: String,
}

impl Listen {
    pub(crate) fn start(arguments: &[&str], secret: Option<&Secret>) -> Self {
        let mut command = inboundflow(&[&["webhooks", "listen", "--port", "0"], arguments].concat());
        if let Some(secret) = secret {
            command.env("INBOUNDFLOW_WEBHOOK_SECRET", secret.reveal());
        }
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
        let mut said = BufReader::new(child.stdout.take().unwrap()).lines();
        let ready = said.next().unwrap().unwrap();
        let url = ready.split(['"', ' ']).find(|word| word.starts_with("http://127.0.0.1:"));
        Self { child, said, url: url.unwrap().to_owned() }
    }

    /// Sends a delivery; returns the status of the response.
    async fn deliver(&self, headers: &[(&'static str, String)], body: &'static str) -> u16 {
        let request = reqwest::Client::new().post(format!("{}any/path", self.url)).body(body);
        let request = headers.iter().fold(request, |request, (name, value)| request.header(*name, value));
        request.send().await.unwrap().status().as_u16()
    }

    fn line(&mut self) -> String {
        self.said.next().unwrap().unwrap()
    }

    fn json(&mut self) -> Value {
        serde_json::from_str(&self.line()).unwrap()
    }
}

impl Drop for Listen {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn headers(secret: &Secret, id: RecordId) -> Vec<(&'static str, String)> {
    let signed = Signed::new(&Secrets::new(secret.clone()), id, Timestamp::now(), BODY);
    signed.headers("lead.created").into()
}

#[tokio::test]
async fn it_says_of_each_delivery_whether_it_is_ours_and_whether_it_came_before() {
    let (secret, id) = (Secret::generate().unwrap(), RecordId::random());
    let mut listen = Listen::start(&["--json"], Some(&secret));
    let signed = headers(&secret, id);
    assert_eq!(listen.deliver(&signed, BODY).await, 200);
    let first = listen.json();
    assert!(Timestamp::parse(first["received_at"].as_str().unwrap()).is_some(), "{first}");
    let expected = json!({
        "received_at": first["received_at"], "event": "lead.created", "delivery_id": id, "test": false,
        "verified": true, "problems": [], "duplicate": false, "body": serde_json::from_str::<Value>(BODY).unwrap(),
    });
    assert_eq!(first, expected);
    listen.deliver(&signed, BODY).await;
    let second = listen.json();
    assert_eq!((&second["verified"], &second["duplicate"]), (&json!(true), &json!(true)));
    assert_eq!(listen.deliver(&signed, "{}").await, 400, "what receivers answer to a stranger");
    let third = listen.json();
    assert_eq!((&third["verified"], third["problems"].as_array().unwrap().len()), (&json!(false), 2));
    listen.deliver(&[], "no JSON").await;
    let fourth = listen.json();
    assert_eq!((&fourth["delivery_id"], &fourth["body"]), (&Value::Null, &json!("no JSON")));
    assert_eq!(fourth["problems"][0], "webhook-id is missing");
}

#[tokio::test]
async fn it_answers_late_and_with_any_status_and_prints_for_people() {
    let secret = Secret::generate().unwrap();
    let mut listen = Listen::start(&["--status", "503", "--delay", "300ms"], None);
    let sent = Instant::now();
    assert_eq!(listen.deliver(&headers(&secret, RecordId::random()), BODY).await, 503);
    assert!(sent.elapsed() >= Duration::from_millis(300));
    let line = listen.line();
    assert!(line.contains("  lead.created  ") && line.ends_with("  not checked"), "{line}");
    let body: Vec<String> = (0..6).map(|_| listen.line()).collect();
    assert_eq!(body.join("\n") + "\n", format!("{:#}\n", serde_json::from_str::<Value>(BODY).unwrap()));
    let got = reqwest::get(&listen.url).await.unwrap().status();
    assert_eq!(got, 405, "a page in a browser delivers nothing");

    assert!(Command::new("kill").args(["-INT", &listen.child.id().to_string()]).status().unwrap().success());
    assert!(listen.child.wait().unwrap().success());
}

#[test]
fn what_it_cannot_do_it_says_and_never_shows_a_secret() {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port().to_string();
    let output = run(&["webhooks", "listen", "--port", &port]);
    assert!(err(&output).contains(&format!("Port {port} is taken")), "{output:?}");
    let output = run(&["webhooks", "listen", "--port", "0", "--secret", "whsec_mistyped"]);
    assert_eq!(output.status.code(), Some(1));
    assert!(err(&output).contains("expected whsec_") && !err(&output).contains("mistyped"), "{output:?}");
    for (option, value) in [("--status", "199"), ("--status", "600"), ("--delay", "soon")] {
        let output = run(&["webhooks", "listen", option, value]);
        assert_eq!(output.status.code(), Some(2), "{output:?}");
    }
    let output = run(&["webhooks", "listen", "--help"]);
    assert!(String::from_utf8(output.stdout).unwrap().contains("INBOUNDFLOW_WEBHOOK_SECRET"));
}
