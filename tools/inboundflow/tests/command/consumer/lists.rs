//! `list`, in every form that it prints.

use std::{
    io::{BufRead as _, BufReader, Read as _},
    process::Stdio,
    time::Duration,
};

use serde_json::Value;

use super::{KEY, StandIn, command, json_lines, printed};
use crate::{Dev, err, out};

const LISTS: [&str; 5] = ["calls", "contacts", "leads", "appointments", "events"];

/// The records of the API's response to a request for a list.
async fn listed(dev: &Dev, key: &str, path: &str) -> Vec<Value> {
    let (status, page) = dev.get(path, key).await;
    assert_eq!(status, 200, "{path}");
    page["data"].as_array().unwrap().clone()
}

/// CSV read back as the records that it was made of: what is empty may have been null.
fn from_csv(text: &str) -> (Vec<String>, Vec<Vec<String>>) {
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    let header = reader.headers().unwrap().iter().map(str::to_owned).collect();
    let rows = reader.records().map(|row| row.unwrap().iter().map(str::to_owned).collect());
    (header, rows.collect())
}

pub(crate) fn assert_csv(text: &str, records: &[Value]) {
    let (header, rows) = from_csv(text);
    let cell = |value: &Value| match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    };
    let fields = |record: &Value| record.as_object().unwrap().keys().cloned().collect::<Vec<_>>();
    assert_eq!(header, fields(&records[0]));
    let expected: Vec<Vec<String>> =
        records.iter().map(|record| record.as_object().unwrap().values().map(cell).collect()).collect();
    assert_eq!(rows, expected);
}

#[tokio::test]
async fn each_list_is_what_the_api_lists_in_every_form() {
    let dev = Dev::start(&["--dynamodb-port", "0"]);
    let ended = r#"{"version": 1, "event_id": "e-1", "occurred_at": "2026-11-21T04:10:00Z", "call":
        {"id": "3f1f6b0e-8f0e-4d53-9d5f-1f7f2b1d6a55", "caller_phone": "+12015550199", "caller_name": "=1+1", "status": "completed"}}"#;
    assert_eq!(dev.post("/_local/ingest", &ended.replace('\n', "")).await.0, 202);
    dev.drained().await;
    let key = dev.another_key(
        &dev.text("organization_id"),
        "calls:read,contacts:read,leads:read,appointments:read,webhooks:read",
    );
    for _ in 0..100 {
        if !listed(&dev, &key, "/v1/events").await.is_empty() {
            break;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    let key = dev.another_key(
        &dev.text("organization_id"),
        "calls:read,contacts:read,leads:read,appointments:read,webhooks:read",
    );
    for list in LISTS {
        let expected = listed(&dev, &key, &format!("/v1/{list}?limit=20")).await;
        assert!(!expected.is_empty(), "{list}");
        let shown = |arguments: &[&str]| out(&dev.ask(&[&[list, "list"], arguments].concat()));
        assert_eq!(shown(&[]), format!("{:#}\n", Value::from(expected.clone())), "JSON, where nobody looks");
        assert_eq!(json_lines(&shown(&["-o", "jsonl"])), expected);
        assert_csv(&shown(&["--output", "csv"]), &expected);
        let table = shown(&["-o", "table"]);
        assert_eq!(table.lines().count(), expected.len() + 1, "{table}");
        for (line, record) in table.lines().skip(1).zip(&expected) {
            let id = record["id"].as_str().or_else(|| record["delivery_id"].as_str()).unwrap();
            assert!(line.ends_with(id), "{line}");
        }
        // The header is there where there is nothing to put under it, and the same.
        let nothing = shown(&["-o", "csv", "--since", "2099-01-01"]);
        assert_eq!(nothing, shown(&["-o", "csv"]).lines().next().unwrap().to_owned() + "\r\n");
        assert_eq!(shown(&["--since", "2099-01-01"]), "[]\n");
    }
}

#[tokio::test]
async fn a_list_is_walked_as_far_as_it_was_asked_for() {
    let dev = Dev::start(&["--dynamodb-port", "0"]);
    let key = dev.another_key(&dev.text("organization_id"), "calls:read");
    let (_, first) = dev.get("/v1/calls?limit=100", &key).await;
    let next = format!("/v1/calls?limit=100&cursor={}", first["next_cursor"].as_str().unwrap());
    let mut expected = first["data"].as_array().unwrap().clone();
    expected.extend(listed(&dev, &key, &next).await);
    assert_eq!(expected.len(), 200, "the demo's");

    let all = dev.ask(&["calls", "list", "--all"]);
    assert_eq!((printed(&all), err(&all)), (Value::from(expected.clone()), String::new()));
    let some = dev.ask(&["calls", "list", "--limit", "130", "-o", "jsonl"]);
    assert_eq!((json_lines(&out(&some)), err(&some)), (expected[..130].to_vec(), String::new()));
    let usual = dev.ask(&["calls", "list"]);
    assert_eq!(printed(&usual), Value::from(expected[..20].to_vec()));
    assert!(err(&usual).contains("newest 20 calls") && err(&usual).contains("--all"), "{usual:?}");
    let refused = dev.ask(&["calls", "list", "--all", "--limit", "5"]);
    assert_eq!(refused.status.code(), Some(2));
}

#[tokio::test]
async fn filters_are_those_of_the_catalogue() {
    let dev = Dev::start(&["--dynamodb-port", "0"]);
    let key = dev.another_key(&dev.text("organization_id"), "calls:read,leads:read");
    let calls = "/v1/calls?status=completed&phone=%2B12015550142&limit=100";
    let expected = listed(&dev, &key, calls).await;
    assert!(!expected.is_empty());
    let filters = ["--status", "completed", "--phone", "+1 (201) 555-0142", "--all"];
    assert_eq!(printed(&dev.ask(&[&["calls", "list"], &filters[..]].concat())), Value::from(expected));
    let expected = listed(&dev, &key, "/v1/leads?urgency=high&status=new&limit=100").await;
    let found = dev.ask(&["leads", "list", "--urgency", "high", "--status", "new", "--all"]);
    assert_eq!(printed(&found), Value::from(expected));

    for (arguments, says) in [
        (&["calls", "list", "--status", "done"][..], "completed, failed, blocked, in-progress, forwarding"),
        (&["contacts", "list", "--phone", "555"], "E.164"),
        (&["contacts", "list", "--status", "completed"], "--status"),
        (&["events", "list", "--webhook-id", "7"], "UUID"),
        (&["calls", "list", "--since", "yesterday"], "2h or 3d"),
        (&["calls", "list", "--limit", "0"], "--limit"),
        (&["calls", "list", "-o", "yaml"], "table, json, jsonl, csv"),
    ] {
        let refused = dev.ask(arguments);
        assert!(refused.status.code() == Some(2) && err(&refused).contains(says), "{refused:?}");
    }
}

#[test]
fn since_is_a_time_ago_a_date_or_a_time() {
    let api = StandIn::start(|_, asked| asked.answer_list(0));
    let now = domain::Timestamp::now();
    for (since, earliest_ms, latest_ms) in
        [("2h", 7_200_000, 7_190_000), ("3d", 259_200_000, 259_190_000), ("1h 30m", 5_400_000, 5_390_000)]
    {
        api.run(&["calls", "list", "--since", since]);
        let sent = api.asked().last().unwrap().query["since"].clone();
        let sent = domain::Timestamp::parse(&sent).unwrap().unix_ms();
        let ago = now.unix_ms() - sent;
        assert!((latest_ms - 60_000..=earliest_ms).contains(&ago), "{since}: {ago}");
    }
    for (since, expected) in [
        ("2026-02-24", "2026-02-24T00:00:00Z"),
        ("2026-02-24T20:59:00+02:00", "2026-02-24T18:59:00Z"),
        ("2026-02-24T20:59:00.5Z", "2026-02-24T20:59:00.500Z"),
    ] {
        api.run(&["calls", "list", "--since", since]);
        assert_eq!(api.asked().last().unwrap().query["since"], expected);
    }
}

#[test]
fn a_table_is_as_wide_as_it_is_told() {
    let api = StandIn::start(|_, asked| asked.answer_list(3));
    let table = |columns: Option<&str>| {
        let mut command = command(&api.url, KEY, &["calls", "list", "-o", "table"]);
        out(&command.envs(columns.map(|columns| ("COLUMNS", columns))).output().unwrap())
    };
    assert!(table(None).contains("=\"2\", and so on…"), "{}", table(None));
    let narrow = table(Some("30"));
    assert!(narrow.lines().all(|line| line.chars().count() <= 30), "{narrow}");
    let empty = StandIn::start(|_, asked| asked.answer_list(0)).run(&["calls", "list", "-o", "table"]);
    assert_eq!((out(&empty).as_str(), err(&empty).as_str()), ("", "There are no such calls.\n"));
}

#[test]
fn whoever_has_read_enough_ends_it_quietly() {
    for arguments in [&["calls", "list", "--all", "-o", "jsonl"][..], &["export", "calls", "--to", "-"]] {
        let api = StandIn::start(|number, asked| {
            asked.answer_list(1000).late(Duration::from_millis(if number == 0 { 0 } else { 300 }))
        });
        let mut command = command(&api.url, KEY, arguments);
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        assert_eq!(json_lines(&line), [super::record(0)]);
        assert!(child.wait().unwrap().success());
        let mut said = String::new();
        child.stderr.unwrap().read_to_string(&mut said).unwrap();
        assert_eq!(said, "");
        assert!(api.asked().len() < 10, "it does not go on asking");
    }
}
