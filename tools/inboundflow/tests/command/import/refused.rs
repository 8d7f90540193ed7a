//! What `import` refuses: lines and files that it cannot take, each named.

use serde_json::Value;

use super::import;
use crate::{Dev, err, out, run};

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
    let backwards = serde_json::json!({
        "appointment_time_start": "2026-02-24T11:00:00Z", "appointment_time_end": "2026-02-24T10:59:59Z",
    });
    let said = "record.appointment_time_end: 2026-02-24T10:59:59Z is before record.appointment_time_start, \
                2026-02-24T11:00:00Z";
    let mut lines = vec![(with("appointments", backwards), said.to_owned())];
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
        let mut record = harness::contact("+14155551234", "2026-02-20T14:00:00Z");
        change(&mut record);
        harness::line("contacts", &record)
    };
    let nobody = "c6af9ac6-7b61-41e6-9a41-93e8deadbeef";
    let lines = [
        (contact(&|_| ()), ""),
        ("not json".to_owned(), "line 2: it is no JSON object: expected"),
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
            r#"{"resource":"calls","record":{"id":"x","id":"y"}}"#.to_owned(),
            "record.id: it is there more than once; give it once",
        ),
        (
            r#"{"resource":"calls","record":{"caller_phone":"+44 (0)20 7946 0958"}}"#.to_owned(),
            "record.caller_phone: expected a phone number in E.164 form such as +14155551234: a zero in brackets",
        ),
        (
            r#"{"resource":"appointments","record":{"appointment_date":"+12026-01-01"}}"#.to_owned(),
            "record.appointment_date: expected a date such as",
        ),
        (r#"{"id":"x","caller_phone":null}"#.to_owned(), "it is a record without its resource: say of which"),
        (r#"{"resource":"calls","records":{}}"#.to_owned(), "unknown field `records`"),
        ("[1]".to_owned(), "it is no JSON object: it is an array"),
        (
            r#"{"resource":"orders","record":{}}"#.to_owned(),
            "line 15: resource: \"orders\" is none of calls, contacts",
        ),
        (
            format!(r#"{{"organization_id":"{nobody}","resource":"leads","record":{{}}}}"#),
            "line 16: record: missing field",
        ),
        (
            contact(&|record| record["name"] = "A second one with that phone".into()),
            "line 17: record.phone: the contact ",
        ),
        (
            r#"{"resource":"calls","record":{"messages":[{"role":"bot","content":"x"}]}}"#.to_owned(),
            "line 18: record.messages[0].role: unknown variant `bot`",
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
    assert_eq!(String::from_utf8(output.stdout).unwrap(), "1 imported, 17 failed\n");
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

#[test]
fn a_file_of_another_kind_is_told_in_one_sentence() {
    let dev = Dev::start(&["--dynamodb-port", "0", "--no-demo"]);
    let (endpoint, organization) = (dev.text("dynamodb_endpoint"), dev.text("organization_id"));
    let directory = tempfile::tempdir().unwrap();
    let utf16: Vec<u8> = "\u{feff}{\"resource\": 1}\n".encode_utf16().flat_map(u16::to_le_bytes).collect();
    let files: [(&[u8], &str); 7] = [
        (b"\x1f\x8b\x08\x00\x00\n\x00\n", "a gzip file"),
        (&utf16, "text in UTF-16"),
        (b"\x7fELF\x02\x01\x01\x00\n\n\xff\n", "a binary file"),
        (b"[\n  {\n    \"id\": 1\n  }\n]\n", "a JSON array"),
        (b"{\n  \"id\": 1\n}\n", "JSON over several lines"),
        (b"{\"data\":[{\"id\":1}],\"has_more\":false}\n", "an answer of the API"),
        (b"id,caller_phone,status\r\n1,,completed\r\n", "CSV"),
    ];
    for (text, kind) in files {
        let file = directory.path().join("file");
        std::fs::write(&file, text).unwrap();
        let file = file.to_str().unwrap();
        let to = ["--organization", &organization, "--endpoint-url", &endpoint];
        for arguments in [
            [&["import", file], &to[..]].concat(),
            [&["import", file, "--resource", "calls"], &to[..]].concat(),
            [&["ingest", file], &to[..]].concat(),
            vec!["dev", "--port", "0", "--dynamodb-port", "0", "--no-demo", "--replay", file],
        ] {
            if kind == "a JSON array" && arguments.contains(&"--resource") {
                continue;
            }
            let output = run(&arguments);
            assert_eq!((output.status.code(), output.stdout.as_slice()), (Some(1), &b""[..]), "{output:?}");
            let said = err(&output);
            assert!(
                said.contains(&format!("{file} seems to be {kind}. Wanted are JSON lines in UTF-8: one ")),
                "{said}"
            );
            assert_eq!(said.lines().count(), 1, "{said}");
        }
    }
}

#[test]
fn of_many_wrong_lines_twenty_are_shown_and_the_rest_is_counted() {
    let dev = Dev::start(&["--dynamodb-port", "0", "--no-demo"]);
    let (endpoint, organization) = (dev.text("dynamodb_endpoint"), dev.text("organization_id"));
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("file");
    std::fs::write(&file, "x\n".repeat(3021)).unwrap();
    for command in ["import", "ingest"] {
        let to = ["--organization", &organization, "--endpoint-url", &endpoint];
        let output = run(&[&[command, file.to_str().unwrap()], &to[..]].concat());
        let said = err(&output);
        let lines: Vec<&str> = said.lines().collect();
        assert_eq!(lines.len(), 22, "{said}");
        assert!(lines[19].starts_with("line 20: it is no JSON object"), "{said}");
        assert_eq!(lines[20], "… and 3,001 more");
        assert!(lines[21].contains("3021 of the lines"), "{said}");
    }
}
