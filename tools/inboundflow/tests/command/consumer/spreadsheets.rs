//! CSV for spreadsheets, in which nothing is a formula.

use std::fs;

use serde_json::{Value, json};

use super::{KEY, Reply, StandIn, record};
use crate::{err, out};

/// Texts of callers that a spreadsheet would take for formulas.
const SAID: [&str; 8] = [
    "=HYPERLINK(\"https://evil.example\",\"Open\")",
    "+1+cmd|' /C calc'!A0",
    "-2+3",
    "@SUM(1)",
    "\t=1",
    "Hello;=1+1",
    "two\r\n=lines",
    "＝1＋1",
];

fn calls() -> StandIn {
    StandIn::start(|_, asked| {
        if asked.path == "/v1/me" {
            return asked.answer_list(0);
        }
        let data: Vec<Value> = SAID
            .iter()
            .map(|said| json!({"id": "1", "caller_phone": "+14155550101", "duration_seconds": 7, "caller_name": said, "summary": "plain"}))
            .collect();
        if asked.path.ends_with("/1") {
            return Reply::data(&data[0]);
        }
        Reply::json(200, &json!({"data": data, "has_more": false, "next_cursor": null}))
    })
}

fn rows(text: &str) -> Vec<Vec<String>> {
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    reader.records().map(|row| row.unwrap().iter().map(str::to_owned).collect()).collect()
}

#[test]
fn in_csv_for_spreadsheets_nothing_that_a_caller_said_is_a_formula() {
    let (api, directory) = (calls(), tempfile::tempdir().unwrap());
    let file = |name: &str| directory.path().join(name).to_str().unwrap().to_owned();
    let (plain, harmless) = (file("plain.csv"), file("harmless.csv"));
    out(&api.run(&["export", "calls", "--to", &plain]));
    out(&api.run(&["export", "calls", "--to", &harmless, "--for-spreadsheets"]));
    let (plain, harmless) = (fs::read_to_string(plain).unwrap(), fs::read_to_string(harmless).unwrap());
    for (row, said) in rows(&plain).iter().zip(SAID) {
        assert_eq!(row[3], said, "the plain form has what was said");
    }
    let names: Vec<String> = rows(&harmless).iter().map(|row| row[3].clone()).collect();
    let expected = SAID.map(|said| match said {
        "\t=1" => "'\t'=1".to_owned(),
        "Hello;=1+1" => "Hello;'=1+1".to_owned(),
        "two\r\n=lines" => "two\r\n'=lines".to_owned(),
        said => format!("'{said}"),
    });
    assert_eq!(names, expected);
    for (harmless, plain) in rows(&harmless).iter().zip(rows(&plain)) {
        let others = |row: &[String]| [row[0].clone(), row[1].clone(), row[2].clone(), row[4].clone()];
        assert_eq!(others(harmless), others(&plain), "a phone number is a number");
    }
    // Every other way to CSV.
    for arguments in [
        &["export", "calls", "--to", "-", "--for-spreadsheets"][..],
        &["export", "calls", "--to", "-", "-o", "csv", "--for-spreadsheets"],
        &["calls", "list", "-o", "csv", "--for-spreadsheets"],
        &["calls", "list", "--for-spreadsheets"],
    ] {
        assert_eq!(out(&api.run(arguments)), harmless, "{arguments:?}");
    }
    let one = ["contacts", "create", "--phone", "+14155550101", "--for-spreadsheets"];
    let created = StandIn::start(|_, _| Reply::data(&json!({"name": SAID[0]})));
    assert!(out(&created.run(&one)).contains("\"'=HYPERLINK("));
}

#[test]
fn for_spreadsheets_is_refused_with_every_form_that_is_no_csv() {
    let api = StandIn::start(|_, _| unreachable!("nothing is asked"));
    for form in ["table", "json", "jsonl"] {
        for command in [
            &["calls", "list"][..],
            &["calls", "get", "3f1f6b0e-8f0e-4d53-9d5f-1f7f2b1d6a55"],
            &["contacts", "create", "--phone", "+14155550101"],
            &["me"],
            &["webhooks", "list"],
        ] {
            let output = api.run(&[command, &["-o", form, "--for-spreadsheets"]].concat());
            assert!(
                output.status.code() == Some(2) && err(&output).contains("--for-spreadsheets is about CSV"),
                "{output:?}"
            );
        }
    }
    for arguments in [&["--to", "x.jsonl"][..], &["--to", "-", "--format", "jsonl"]] {
        let output = api.run(&[&["export", "calls", "--for-spreadsheets"], arguments].concat());
        assert!(
            output.status.code() == Some(2) && err(&output).contains("--for-spreadsheets is about CSV"),
            "{output:?}"
        );
    }
}

#[test]
fn an_export_for_spreadsheets_is_not_gone_on_with_as_a_plain_one() {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("calls.csv").to_str().unwrap().to_owned();
    let failing = StandIn::start(|_, asked| match asked.query.contains_key("cursor") {
        true => Reply::error(403, "forbidden", "no more"),
        false => asked.answer_list(250),
    });
    let export = ["export", "calls", "--to", &file];
    assert_eq!(failing.run(&[&export[..], &["--for-spreadsheets"]].concat()).status.code(), Some(1));
    let output = failing.run(&export);
    assert!(err(&output).contains("format spreadsheet (now csv)"), "{output:?}");
    assert_eq!(record(0)["summary"].as_str().map(|text| text.starts_with('=')), Some(true));
    let text = fs::read_to_string(format!("{file}.part")).unwrap();
    assert!(rows(&text).iter().all(|row| row[2].starts_with("'=")), "{KEY}: {text}");
}
