//! `import` and `demo`.

use std::{
    io::Write as _,
    process::{Output, Stdio},
};

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
async fn an_import_names_a_number_or_a_time_that_cannot_be() {
    let dev = Dev::start(&["--dynamodb-port", "0", "--no-demo"]);
    let demo = out(&run(&["demo", "--calls", "60", "--seed", "7"]));
    let demo: Vec<Value> = demo.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let with = |resource: &str, fields: Value| {
        let line = demo.iter().find(|line| line["resource"] == resource).unwrap();
        let mut line = line.clone();
        let record = line["record"].as_object_mut().unwrap();
        record.extend(fields.as_object().unwrap().clone());
        line.to_string()
    };
    let far = "2062-01-01T00:00:00Z";
    let span = |start: &str, end: &str| serde_json::json!({start: "2026-02-24T11:00:00Z", end: "2026-02-24T10:59:59Z"});
    let ends = [
        ("calls", "started_at", "ended_at"),
        ("appointments", "appointment_time_start", "appointment_time_end"),
    ];
    let mut lines = Vec::new();
    for (resource, start, end) in ends {
        let said =
            format!("record.{end}: 2026-02-24T10:59:59Z is before record.{start}, 2026-02-24T11:00:00Z");
        lines.push((with(resource, span(start, end)), said));
    }
    for (resource, field) in [("calls", "duration_seconds"), ("contacts", "total_calls")] {
        for number in ["9007199254740992", "9223372036854775808", "12.5", "-1"] {
            let number: Value = serde_json::from_str(number).unwrap();
            let said = format!("record.{field}: invalid value: ");
            lines.push((with(resource, serde_json::json!({field: number})), said));
        }
    }
    for (resource, field) in [
        ("calls", "started_at"),
        ("contacts", "last_call_at"),
        ("leads", "created_at"),
        ("appointments", "updated_at"),
    ] {
        let said = format!("record.{field}: {far} is more than 24 hours ahead of this clock");
        lines.push((with(resource, serde_json::json!({field: far})), said));
    }
    let ahead = serde_json::json!({"appointment_time_start": far, "appointment_time_end": far});
    let good = [
        with("calls", serde_json::json!({"duration_seconds": 55.0})),
        with("contacts", serde_json::json!({"total_calls": 5.5e1})),
        with("appointments", ahead),
    ];
    let text: Vec<&str> = good.iter().chain(lines.iter().map(|(line, _)| line)).map(String::as_str).collect();
    let output = import(&dev, text.join("\n"));
    let counts = format!("3 imported, {} failed\n", lines.len());
    assert_eq!(String::from_utf8_lossy(&output.stdout), counts, "{}", err(&output));
    for (nth, (_, said)) in lines.iter().enumerate() {
        let said = format!("line {}: {said}", nth + 1 + good.len());
        assert!(err(&output).contains(&said), "{said} in {}", err(&output));
    }
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
            "line 11: record.phone: the contact ",
        ),
        (
            r#"{"resource":"calls","record":{"messages":[{"role":"bot","content":"x"}]}}"#.to_owned(),
            "line 12: record.messages[0].role: unknown variant `bot`",
        ),
        (String::new(), ""),
    ];
    let text: Vec<&str> = lines.iter().map(|(line, _)| line.as_str()).collect();
    let output = import(&dev, text.join("\n"));
    assert_eq!(output.status.code(), Some(1));
    let said = err(&output);
    for (_, expected) in &lines {
        assert!(said.contains(expected), "{expected}\n{said}");
    }
    assert_eq!(String::from_utf8(output.stdout).unwrap(), "1 imported, 11 failed\n");
    let (_, page) = dev.get("/v1/contacts", &dev.text("api_key")).await;
    assert_eq!(page["data"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn a_line_that_is_no_text_costs_only_itself() {
    let dev = Dev::start(&["--dynamodb-port", "0", "--no-demo"]);
    let demo = out(&run(&["demo", "--calls", "60"]));
    let mut file = "\u{feff}".to_owned().into_bytes();
    for (nth, line) in demo.lines().enumerate() {
        file.extend(line.bytes());
        file.extend(if nth == 30 { &b"\r\n\xff\xfe\x00\r\n"[..] } else { &b"\r\n"[..] });
    }
    let output = import(&dev, file);
    assert_eq!(output.status.code(), Some(1));
    assert_eq!(
        String::from_utf8(output.stdout.clone()).unwrap(),
        format!("{} imported, 1 failed\n", demo.lines().count())
    );
    assert!(err(&output).starts_with("line 32: "), "{}", err(&output));
}
