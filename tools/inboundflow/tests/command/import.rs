//! `import` and `demo`.

mod refused;

use std::{
    io::Write as _,
    process::{Output, Stdio},
};

use domain::catalogue;
use serde_json::Value;

use crate::{Dev, err, inboundflow, out, run};

fn import(dev: &Dev, lines: impl AsRef<[u8]>) -> Output {
    let endpoint = dev.text("dynamodb_endpoint");
    let organization = dev.text("organization_id");
    let mut command =
        inboundflow(&["import", "-", "--organization", &organization, "--endpoint-url", &endpoint]);
    let mut child =
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let mut input = child.stdin.take().unwrap();
    let lines = lines.as_ref().to_owned();
    let writer = std::thread::spawn(move || input.write_all(&lines).unwrap());
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
async fn what_export_and_list_wrote_is_imported_and_comes_out_again_as_it_was() {
    let dev = Dev::start(&["--dynamodb-port", "0"]);
    let endpoint = dev.text("dynamodb_endpoint");
    let directory = tempfile::tempdir().unwrap();
    let (url, scopes) = (dev.text("url"), "calls:read,contacts:read,leads:read,appointments:read");
    let ask = |organization: &str, arguments: &[&str]| {
        let key = dev.another_key(organization, scopes);
        let asked =
            inboundflow(arguments).env("INBOUNDFLOW_BASE_URL", &url).env("INBOUNDFLOW_API_KEY", key).output();
        out(&asked.unwrap())
    };
    let create = |name: &str| -> String {
        let made = run(&[
            "orgs",
            "create",
            "--name",
            name,
            "--plan",
            "Pro Plan",
            "--json",
            "--endpoint-url",
            &endpoint,
        ]);
        let made: Value = serde_json::from_str(&out(&made)).unwrap();
        made["organization_id"].as_str().unwrap().to_owned()
    };
    let (demo, of_lines, of_array) = (dev.text("organization_id"), create("Lines"), create("Array"));
    for resource in catalogue::IMPORTED.iter().map(|resource| resource.name) {
        let export = ["export", resource, "--to", "-", "--format", "jsonl"];
        let exported = ask(&demo, &export);
        assert!(exported.lines().count() > 10, "{resource}");
        let listed = ask(&demo, &[resource, "list", "--all", "-o", "json"]);
        assert!(listed.starts_with("[\n"), "{listed}");
        for (organization, text) in [(&of_lines, &exported), (&of_array, &listed)] {
            let file = directory.path().join(format!("{organization}-{resource}"));
            std::fs::write(&file, text).unwrap();
            let output = run(&[
                "import",
                file.to_str().unwrap(),
                "--resource",
                resource,
                "--organization",
                organization,
                "--endpoint-url",
                &endpoint,
            ]);
            let count = exported.lines().count();
            assert_eq!(out(&output), format!("{count} imported, 0 failed\n"), "{}", err(&output));
            assert_eq!(ask(organization, &export), exported, "{resource}");
        }
    }
    // A single call comes with its conversation, and takes it along.
    let call = ask(&demo, &["calls", "list", "--status", "completed", "--limit", "1", "-o", "jsonl"]);
    let id = serde_json::from_str::<Value>(&call).unwrap()["id"].as_str().unwrap().to_owned();
    let whole = ask(&demo, &["calls", "get", &id, "-o", "jsonl"]);
    let file = directory.path().join("call");
    std::fs::write(&file, &whole).unwrap();
    let to = ["--organization", &of_lines, "--endpoint-url", &endpoint];
    out(&run(&[&["import", file.to_str().unwrap(), "--resource", "calls"], &to[..]].concat()));
    assert_eq!(ask(&of_lines, &["calls", "get", &id, "-o", "jsonl"]), whole);
    assert!(whole.contains("\"messages\":[{"), "{whole}");
}

#[tokio::test]
async fn a_withheld_number_is_null_in_an_import_too() {
    let dev = Dev::start(&["--dynamodb-port", "0", "--no-demo"]);
    let call = |phone: &str| {
        let mut record = harness::call("2026-02-20T14:00:00Z");
        (record["caller_phone"], record["contact_id"]) = (phone.into(), Value::Null);
        harness::line("calls", &record)
    };
    let lines = ["anonymous", "+266696687", "sip:alice@example.com"].map(call).join("\n");
    assert_eq!(out(&import(&dev, lines)), "3 imported, 0 failed\n");
    let (_, page) = dev.get("/v1/calls", &dev.text("api_key")).await;
    assert!(page["data"].as_array().unwrap().iter().all(|call| call["caller_phone"].is_null()), "{page}");
}
