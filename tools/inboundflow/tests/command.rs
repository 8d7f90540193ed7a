//! The command as it is used: the real binary, its output and its exit codes.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::{
    io::{BufRead as _, BufReader, Write as _},
    net::TcpListener,
    process::{Child, Command, Output, Stdio},
};

use serde_json::Value;

fn inboundflow(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_inboundflow"));
    command.args(arguments).stdin(Stdio::null()).env_remove("AWS_ENDPOINT_URL").env_remove("TABLE_PREFIX");
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

    /// Ctrl-C; whether it ended cleanly, and what else it had printed on stdout.
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

#[tokio::test]
async fn dev_prints_one_json_line_serves_demo_data_and_ends_on_ctrl_c() {
    let dev = Dev::start(&["--dynamodb-port", "0"]);
    let fields: Vec<&String> = dev.ready.as_object().unwrap().keys().collect();
    assert_eq!(fields, ["url", "dynamodb_endpoint", "organization_id", "api_key"]);
    for path in ["calls", "contacts", "leads", "appointments"] {
        let (status, page) = dev.get(&format!("/v1/{path}"), &dev.text("api_key")).await;
        assert_eq!(status, 200);
        assert!(page["data"].as_array().unwrap().len() > 20, "{path}");
    }
    let (_, me) = dev.get("/v1/me", &dev.text("api_key")).await;
    assert_eq!(me["data"]["organization_id"], dev.ready["organization_id"]);
    assert_eq!(dev.interrupt(), (true, String::new()), "nothing else on stdout");
}

#[test]
fn dev_says_what_to_do_where_a_port_is_taken() {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port().to_string();
    for option in ["--port", "--dynamodb-port"] {
        let mut arguments = vec!["dev", option, &port];
        if option != "--port" {
            arguments.extend(["--port", "0"]);
        }
        let output = run(&arguments);
        assert_eq!(output.status.code(), Some(1));
        let said = err(&output);
        assert!(said.contains(&format!("Port {port} is taken")) && said.contains(option), "{said}");
        assert_eq!(said.lines().count(), 1);
    }
}

#[tokio::test]
async fn data_is_kept_where_it_is_asked_for() {
    let directory = tempfile::tempdir().unwrap();
    let data = directory.path().join("new").to_str().unwrap().to_owned();
    let arguments = ["--dynamodb-port", "0", "--data", &data];
    let first = Dev::start(&arguments);
    let (key, organization) = (first.text("api_key"), first.text("organization_id"));
    let (_, before) = first.get("/v1/calls", &key).await;
    assert!(first.interrupt().0);
    let second = Dev::start(&arguments);
    assert_eq!(second.text("organization_id"), organization);
    let (status, after) = second.get("/v1/calls", &key).await;
    assert_eq!((status, &after["data"]), (200, &before["data"]), "the earlier key still works");
}

#[tokio::test]
async fn dev_runs_over_an_existing_dynamodb() {
    let first = Dev::start(&["--dynamodb-port", "0", "--no-demo"]);
    let endpoint = first.text("dynamodb_endpoint");
    let second = Dev::start(&["--endpoint-url", &endpoint, "--no-demo"]);
    assert_eq!(second.text("dynamodb_endpoint"), endpoint);
    assert_eq!(second.get("/v1/calls", &second.text("api_key")).await.1["data"], serde_json::json!([]));
    assert_eq!(second.get("/v1/me", &first.text("api_key")).await.0, 200, "one database");
}

#[tokio::test]
async fn organizations_and_keys_are_looked_after() {
    let dev = Dev::start(&["--dynamodb-port", "0", "--no-demo"]);
    let endpoint = dev.text("dynamodb_endpoint");
    let json = |arguments: &[&str]| -> Value {
        let output = run(&[arguments, &["--json", "--endpoint-url", &endpoint]].concat());
        serde_json::from_str(&out(&output)).unwrap()
    };
    let made = json(&["orgs", "create", "--name", "Lakeview Realty", "--plan", "Pro Plan"]);
    let organization = made["organization_id"].as_str().unwrap();
    let listed = out(&run(&["orgs", "list", "--endpoint-url", &endpoint]));
    assert!(
        listed.contains(organization) && listed.contains("Lakeview Realty") && listed.contains("Pro Plan")
    );

    let scopes = "calls:read,leads:read";
    let key = json(&[
        "keys",
        "create",
        "--organization",
        organization,
        "--name",
        "CRM",
        "--scopes",
        scopes,
        "--expires-in",
        "30d",
    ]);
    let (key_id, api_key) = (key["key_id"].as_str().unwrap(), key["api_key"].as_str().unwrap());
    let (_, me) = dev.get("/v1/me", api_key).await;
    assert_eq!(me["data"]["organization_name"], "Lakeview Realty");
    assert_eq!(me["data"]["scopes"], serde_json::json!(["calls:read", "leads:read"]));
    assert_eq!(dev.get("/v1/contacts", api_key).await.0, 403);

    let listed = json(&["keys", "list", "--organization", organization]);
    assert_eq!(listed["hint"], format!("{}…{}", &api_key[..12], &api_key[42..]));
    assert!(listed["last_used_at"].is_string() && listed["expires_at"].is_string());
    assert!(!listed.to_string().contains(api_key));

    let rotated = json(&["keys", "rotate", key_id, "--overlap", "1h"]);
    let new_key = rotated["api_key"].as_str().unwrap();
    assert_eq!(
        (dev.get("/v1/me", new_key).await.0, dev.get("/v1/me", api_key).await.0),
        (200, 200),
        "both for a while"
    );
    let rotated_again = json(&["keys", "rotate", rotated["key_id"].as_str().unwrap(), "--overlap", "0s"]);
    assert_eq!(dev.get("/v1/me", new_key).await.0, 401, "no overlap");

    let newest = rotated_again["key_id"].as_str().unwrap();
    assert_eq!(json(&["keys", "revoke", newest])["revoked"], true);
    assert_eq!(dev.get("/v1/me", rotated_again["api_key"].as_str().unwrap()).await.0, 401);
    let listed = out(&run(&["keys", "list", "--organization", organization, "--endpoint-url", &endpoint]));
    assert_eq!(listed.lines().count(), 3);
    assert!(listed.lines().next().unwrap().contains("REVOKED"), "newest first: {listed}");
}

#[test]
fn what_is_wrong_is_said_in_one_sentence_with_the_way_out() {
    let dev = Dev::start(&["--dynamodb-port", "0", "--no-demo"]);
    let endpoint = dev.text("dynamodb_endpoint");
    let nobody = "c6af9ac6-7b61-41e6-9a41-93e8deadbeef";
    let unused = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let dead = format!("http://{unused}");
    let create = [
        "keys",
        "create",
        "--organization",
        nobody,
        "--name",
        "x",
        "--scopes",
        "calls:read",
        "--endpoint-url",
    ];
    for (arguments, code, said) in [
        ([&create[..], &[&endpoint]].concat(), 1, "`orgs list` shows"),
        (
            vec!["keys", "revoke", nobody, "--endpoint-url", &endpoint],
            1,
            "`keys list --organization ID` shows",
        ),
        (vec!["orgs", "list", "--endpoint-url", &endpoint, "--table-prefix", "Other-"], 1, "--table-prefix"),
        (vec!["orgs", "list", "--endpoint-url", &dead], 1, "is `inboundflow dev` running?"),
        (vec!["import", "/no/such/file", "--endpoint-url", &endpoint], 1, "Cannot open /no/such/file"),
        (
            vec!["keys", "create", "--organization", nobody, "--name", "x", "--scopes", "calls:write"],
            2,
            "calls:read, contacts:read",
        ),
        (
            vec!["keys", "create", "--organization", "7", "--name", "x", "--scopes", "calls:read"],
            2,
            "expected a UUID",
        ),
        (vec!["keys", "rotate", nobody, "--overlap", "soon"], 2, "such as 30d, 24h"),
        (vec!["dev", "--data", "x", "--endpoint-url", "http://127.0.0.1:1"], 2, "cannot be used with"),
    ] {
        let output = run(&arguments);
        assert_eq!(output.status.code(), Some(code), "{arguments:?} {output:?}");
        assert!(err(&output).contains(said), "{arguments:?}: {}", err(&output));
        assert!(code == 2 || err(&output).lines().count() == 1, "{}", err(&output));
    }
}

fn import(dev: &Dev, lines: &str) -> Output {
    let endpoint = dev.text("dynamodb_endpoint");
    let organization = dev.text("organization_id");
    let mut command =
        inboundflow(&["import", "-", "--organization", &organization, "--endpoint-url", &endpoint]);
    let mut child =
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let mut input = child.stdin.take().unwrap();
    let lines = lines.to_owned();
    let writer = std::thread::spawn(move || input.write_all(lines.as_bytes()).unwrap());
    let output = child.wait_with_output().unwrap();
    writer.join().unwrap();
    output
}

#[tokio::test]
async fn a_demo_is_imported_whole_and_again_without_a_trace() {
    let dev = Dev::start(&["--dynamodb-port", "0", "--no-demo"]);
    let demo = out(&run(&["demo", "--calls", "300", "--seed", "7"]));
    assert_eq!(
        demo,
        out(&run(&["demo", "--calls", "300", "--seed", "7"])),
        "the same seed, the same records"
    );
    assert_ne!(demo, out(&run(&["demo", "--calls", "300", "--seed", "8"])));
    for _ in 0..2 {
        let output = import(&dev, &demo);
        assert_eq!(
            out(&output),
            format!("{} imported, 0 failed\n", demo.lines().count()),
            "{}",
            err(&output)
        );
        assert_eq!(err(&output), "", "quiet where there is no terminal");
    }
    let records: Vec<Value> = demo.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let of = |resource: &str| {
        records
            .iter()
            .filter(|line| line["resource"] == resource)
            .map(|line| &line["record"])
            .collect::<Vec<_>>()
    };
    let (calls, contacts, leads, appointments) =
        (of("calls"), of("contacts"), of("leads"), of("appointments"));
    assert!(calls.len() == 300 && contacts.len() > 50 && leads.len() > 30 && appointments.len() > 30);
    let statuses: std::collections::HashSet<_> =
        calls.iter().map(|call| call["status"].to_string()).collect();
    assert_eq!(statuses.len(), 5, "every status");
    let times: std::collections::HashSet<_> =
        calls.iter().map(|call| call["created_at"].to_string()).collect();
    assert!(times.len() < 295, "some equal timestamps");
    for record in leads.iter().chain(&appointments) {
        assert!(calls.iter().any(|call| call["id"] == record["call_log_id"]), "linked to its call");
        assert!(contacts.iter().any(|contact| contact["id"] == record["contact_id"]), "and to its contact");
    }
    for contact in &contacts {
        let of_contact = calls.iter().filter(|call| call["contact_id"] == contact["id"]).count();
        assert_eq!(contact["total_calls"], of_contact);
    }
    let call = calls.iter().find(|call| call["status"] == "completed").unwrap();
    let (_, answer) =
        dev.get(&format!("/v1/calls/{}", call["id"].as_str().unwrap()), &dev.text("api_key")).await;
    assert_eq!(&&answer["data"], call, "as it was printed");
}

#[tokio::test]
async fn an_import_names_line_and_field_and_writes_the_rest() {
    let dev = Dev::start(&["--dynamodb-port", "0", "--no-demo"]);
    let contact = |change: &dyn Fn(&mut Value)| {
        let mut record = serde_json::json!({
            "id": uuid::Uuid::new_v4(), "phone": "+14155551234", "name": null, "email": null, "company": null,
            "source": "api", "total_calls": 0, "last_call_at": null, "notes": null,
            "created_at": "2026-02-20T14:00:00Z", "updated_at": "2026-02-20T14:00:00Z",
        });
        change(&mut record);
        serde_json::json!({"resource": "contacts", "record": record}).to_string()
    };
    let nobody = "c6af9ac6-7b61-41e6-9a41-93e8deadbeef";
    let lines = [
        (contact(&|_| ()), ""),
        ("not json".to_owned(), "line 2: expected"),
        (contact(&|record| record["phone"] = "555".into()), "line 3: record.phone: expected a phone number"),
        (
            contact(&|record| record["created_at"] = "yesterday".into()),
            "line 4: record.created_at: expected an RFC 3339",
        ),
        (
            contact(&|record| record["colour"] = "red".into()),
            "line 5: record.colour: contacts have no such field",
        ),
        (contact(&|record| record["total_calls"] = "5".into()), "line 6: record.total_calls: invalid type"),
        (contact(&|record| record["id"] = "5".into()), "line 7: record.id: expected a UUID"),
        (
            contact(&|record| drop(record.as_object_mut().unwrap().remove("source"))),
            "line 8: record: missing field `source`",
        ),
        (
            r#"{"resource":"orders","record":{}}"#.to_owned(),
            "line 9: resource: \"orders\" is none of calls, contacts",
        ),
        (
            format!(r#"{{"organization_id":"{nobody}","resource":"leads","record":{{}}}}"#),
            "line 10: record: missing field",
        ),
        (
            contact(&|record| record["name"] = "A second one with that phone".into()),
            "line 11: record.phone: Your organization already has",
        ),
        (
            r#"{"resource":"calls","record":{"messages":[{"role":"bot","content":"x"}]}}"#.to_owned(),
            "line 12: record.messages[0].role: unknown variant `bot`",
        ),
        (String::new(), ""),
    ];
    let text: Vec<&str> = lines.iter().map(|(line, _)| line.as_str()).collect();
    let output = import(&dev, &text.join("\n"));
    assert_eq!(output.status.code(), Some(1));
    let said = err(&output);
    for (_, expected) in &lines {
        assert!(said.contains(expected), "{expected}\n{said}");
    }
    assert_eq!(String::from_utf8(output.stdout).unwrap(), "1 imported, 11 failed\n");
    let (_, page) = dev.get("/v1/contacts", &dev.text("api_key")).await;
    assert_eq!(page["data"].as_array().unwrap().len(), 1);
}

#[test]
fn help_and_completions_are_there() {
    let help = out(&run(&["--help"]));
    for command in ["dev", "orgs", "keys", "import", "demo", "completions"] {
        assert!(help.contains(&format!("\n  {command}")), "{help}");
    }
    assert!(help.contains("Exit codes"));
    for shell in ["bash", "zsh", "fish", "powershell", "elvish"] {
        assert!(out(&run(&["completions", shell])).contains("inboundflow"), "{shell}");
    }
    assert_eq!(run(&["orgs", "create"]).status.code(), Some(2));
}
