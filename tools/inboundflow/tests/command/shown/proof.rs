//! What the comparison notices, and what it lets pass.

use std::collections::HashSet;

use super::{Answer, Format, Kind, Known, steps};

const ID: &str = "48e27c75-c142-49a4-8bd4-ea73c8ddbfa7";
const OTHER: &str = "e8a12def-d316-4644-91ff-db497759dc83";
const THIRD: &str = "66118eec-8d80-44de-b152-1d650b475574";

fn compare(format: Format, shown: &str, printed: &str) -> Result<(), String> {
    Answer { format, text: shown.to_owned() }.compare(printed, &mut Known::default())
}

fn json(shown: &str, printed: &str) -> Result<(), String> {
    compare(Format::Json, shown, printed)
}

fn said(shown: &str, printed: &str) -> String {
    json(shown, printed).unwrap_err()
}

#[test]
fn a_value_a_member_or_a_type_that_differs_is_named_with_its_place() {
    let call = r#"{"data": [{"status": "failed", "seconds": 55, "ended": null, "ok": true}]}"#;
    assert_eq!(json(call, call), Ok(()));
    for (shown, printed, expected) in [
        ("failed", "completed", r#".data[0].status is shown as "failed" and is "completed""#),
        (r#""failed""#, "null", r#".data[0].status is shown as "failed" and is null"#),
        ("55", "56", ".data[0].seconds is shown as 55 and is 56"),
        ("55", "\"55\"", ".data[0].seconds is shown as 55 and is \"55\""),
        ("55", "55.0", ".data[0].seconds is shown as 55 and is 55.0"),
        ("null", "\"\"", ".data[0].ended is shown as null and is \"\""),
        ("true", "false", ".data[0].ok is shown as true and is false"),
        (r#", "ok": true"#, "", ".data[0].ok is shown and is not there"),
        ("true}", r#"true, "more": 1}"#, ".data[0].more is there and is not shown"),
        ("true}", "true}, {}", ".data is shown with 1 elements and has 2"),
        ("[{", "{", ".data is shown as [{"),
    ] {
        let printed = call.replace(shown, printed);
        let printed = if expected.ends_with("[{") { printed.replace("}]", "}") } else { printed };
        assert!(said(call, &printed).starts_with(expected), "{}", said(call, &printed));
    }
    assert_eq!(said(r#"{"a": [1, 2]}"#, r#"{"a": [1]}"#), ".a is shown with 2 elements and has 1");
    assert!(said("{}", "Bad Gateway").starts_with("no JSON was printed"));
    assert!(said("{\"a\": …}", "{\"a\": 1}").starts_with("what is shown is no JSON"));
}

#[test]
fn what_is_cut_stands_for_anything_where_it_is_and_for_nothing_elsewhere() {
    let printed = r#"{"a": "one two three", "b": [1, 2, 3], "c": {"d": 1}, "e": "x … y"}"#;
    for shown in [
        "{…}",
        r#"{"a": "one …", …}"#,
        r#"{"a": "one … three", "b": [1, …], "c": {…}, …}"#,
        r#"{"a": "…", "b": […], "c": {"d": 1, …}, "e": "x … y"}"#,
        "{\n  \"a\": \"one two three\",\n  …\n  \"e\": \"x …\"\n}",
    ] {
        assert_eq!(json(shown, printed), Ok(()), "{shown}");
    }
    for shown in [
        r#"{"a": "one … four", …}"#,
        r#"{"a": "two …", …}"#,
        r#"{"b": [2, …], …}"#,
        r#"{"b": [1, 2, 3, 4, …], …}"#,
        r#"{"c": {"d": 2, …}, …}"#,
        r#"{"c": […], …}"#,
        r#"{"f": "…", …}"#,
        r#"{"a": "…", "b": "…", …}"#,
    ] {
        assert!(json(shown, printed).is_err(), "{shown}");
    }
}

#[test]
fn values_that_differ_from_run_to_run_compare_by_form() {
    for (shown, printed) in [
        (ID, OTHER),
        ("2026-02-24T20:59:00Z", "2027-01-01T00:00:00.123Z"),
        ("2026-02-24 20:59", "2027-01-01 00:00"),
        ("2026-02-24", "2027-01-01"),
        ("req_abc123def456", "req_2a208388df90"),
        ("whsec_your_signing_secret", "whsec_SW5ib3VuZEZsb3cgdGVzdCA9/+E="),
        ("eyJjcmVhdGVkX2F0Ijo…", "eyJjcmVhdGVkX2F0IjoiMjAyNi0xMS0yN1QyM"),
    ] {
        let whole = |value: &str| format!(r#"{{"v": "{value}"}}"#);
        assert_eq!(json(&whole(shown), &whole(printed)), Ok(()));
        let inside = |value: &str| format!(r#"{{"v": "https://example.com/{value}.mp3"}}"#);
        assert_eq!(json(&inside(shown), &inside(printed)), Ok(()));
        for wrong in ["", "nothing", &printed[1..], &format!("{printed}!"), "2026-02-24T20:59:00"] {
            assert!(json(&whole(shown), &whole(wrong)).is_err(), "{shown} is not {wrong}");
        }
        assert!(json(&whole(shown), r#"{"v": null}"#).is_err(), "{shown} is not null");
        assert!(json(r#"{"v": null}"#, &whole(printed)).is_err(), "nothing is not {printed}");
    }
    assert_eq!(json(r#"{"duration_ms": 3}"#, r#"{"duration_ms": 17}"#), Ok(()));
    assert!(json(r#"{"duration_ms": 3}"#, r#"{"duration_ms": "17"}"#).is_err());
    assert!(json(r#"{"duration_seconds": 3}"#, r#"{"duration_seconds": 17}"#).is_err());
}

#[test]
fn one_id_of_a_page_is_one_id_of_the_run() {
    let two = |one: &str, another: &str| format!(r#"["{one}", "{another}"]"#);
    assert_eq!(json(&two(ID, ID), &two(OTHER, OTHER)), Ok(()));
    assert_eq!(json(&two(ID, OTHER), &two(OTHER, THIRD)), Ok(()));
    assert!(json(&two(ID, ID), &two(OTHER, THIRD)).is_err());
    assert!(json(&two(ID, OTHER), &two(THIRD, THIRD)).is_err());
}

#[test]
fn what_is_the_same_in_each_run_or_said_by_a_command_is_itself() {
    let fixed = HashSet::from([ID.to_owned()]);
    assert!(Known::new(fixed.clone()).is(ID, ID));
    assert!(!Known::new(fixed.clone()).is(ID, OTHER) && !Known::new(fixed).is(OTHER, ID));
    let command = format!("curl -d '{{\"id\": \"{ID}\", \"at\": \"2026-02-24T20:59:00Z\"}}'");
    for (shown, printed, is) in [
        (ID, ID, true),
        (ID, OTHER, false),
        (OTHER, ID, false),
        (OTHER, THIRD, true),
        ("2026-02-24T20:59:00Z", "2026-02-24T20:59:00Z", true),
        ("2026-02-24T20:59:00Z", "2026-02-24T20:59:00.100Z", false),
        ("2026-02-24T20:58:00Z", "2026-02-24T20:59:00Z", false),
    ] {
        let mut known = Known::default();
        known.command(&command);
        assert_eq!(known.is(shown, printed), is, "{shown} {printed}");
    }
}

#[test]
fn commands_take_what_earlier_answers_have_told() {
    let mut known = Known::default();
    let shown = format!(r#"{{"id": "{ID}", "secret": "whsec_yours", "next_cursor": "eyJ2Ijox…"}}"#);
    let printed = format!(r#"{{"id": "{OTHER}", "secret": "whsec_c2VjcmV0", "next_cursor": "eyJ2IjoxfQ"}}"#);
    let answer = Answer { format: Format::Json, text: shown };
    assert_eq!(answer.compare(&printed, &mut known), Ok(()));
    let command = known.command(&format!("ID={ID} SECRET=whsec_yours CURSOR=eyJ2Ijox… MORE={THIRD}"));
    assert_eq!(command, format!("ID={OTHER} SECRET=whsec_c2VjcmV0 CURSOR=eyJ2IjoxfQ MORE={THIRD}"));
    assert!(known.is(ID, OTHER) && !known.is(ID, ID), "although the command says it");
    let key = "Store it: sk_live_narrow_key_here";
    assert!(known.is(key, "Store it: sk_live_0Secret0") && !known.is(key, "Store it: sk_live_other"));
}

#[test]
fn lines_are_compared_each_and_a_line_of_dots_is_any_number_of_them() {
    let printed = "one\ntwo 2026-02-24T20:59:00Z\n\n  three\n";
    for shown in [
        "one\ntwo 2027-02-24T20:59:00Z\n\n  three\n",
        "one\n…\n",
        "…\n  three\n",
        "one\n  …\n  three\n",
        "one\n…\ntwo …\n\n  three\n",
        "…",
    ] {
        assert_eq!(compare(Format::Text, shown, printed), Ok(()), "{shown}");
    }
    for shown in
        ["one\n", "one\ntwo\n…\n", "one\n…\nthree\n", "one\n…\n  three\nfour\n", "…\none …\n  three\n", ""]
    {
        assert!(compare(Format::Text, shown, printed).is_err(), "{shown}");
    }
}

#[test]
fn an_answer_of_http_has_the_status_the_headers_and_the_body_that_are_shown() {
    let printed =
        "HTTP/1.1 200 OK\r\nX-RateLimit-Remaining: 41\r\ncontent-type: application/json\r\n\r\n{\"a\":1}";
    for shown in [
        "HTTP/1.1 200 OK\ncontent-type: application/json\nx-ratelimit-remaining: 58\n\n{\n  \"a\": 1\n}\n",
        "HTTP/1.1 200 OK\n…\n\n{…}\n",
        "HTTP/1.1 200 OK\nx-ratelimit-remaining: 0\n…\n\n{\"a\": 1}\n",
    ] {
        assert_eq!(compare(Format::Http, shown, printed), Ok(()), "{shown}");
    }
    for shown in [
        "HTTP/1.1 201 Created\n…\n\n{…}\n",
        "HTTP/1.1 200 OK\ncontent-type: application/json\n\n{…}\n",
        "HTTP/1.1 200 OK\ncontent-type: text/plain\n…\n\n{…}\n",
        "HTTP/1.1 200 OK\nretry-after: 5\n…\n\n{…}\n",
        "HTTP/1.1 200 OK\nx-ratelimit-remaining: none\n…\n\n{…}\n",
        "HTTP/1.1 200 OK\n…\n\n{\"a\": 2}\n",
        "HTTP/1.1 200 OK\n…\n",
        "{\"a\": 1}",
    ] {
        assert!(compare(Format::Http, shown, printed).is_err(), "{shown}");
    }
}

#[test]
fn a_pages_commands_are_found_with_their_answers() {
    let page = "# T\n\n```sh no-run\ncargo run dev\n```\n\n```sh\ncurl x\n```\n\n```json\n{}\n```\n\n```json\n[]\n```\n\
                ```sh\nexport A=1\n```\n\nThat prints:\n\n```text\nno answer\n```\n\n```sh background\ninboundflow listen\n```\n\
                ```text\nReady\n```\n\n```text background\nMore\n```\n\n```python\ncurl = 1\n```\n";
    let steps = steps(page).unwrap();
    let kinds: Vec<_> = steps.iter().map(|step| (step.line, step.kind, step.code.as_str())).collect();
    let code = "inboundflow listen\n";
    assert_eq!(
        kinds,
        [
            (7, Kind::Run, "curl x\n"),
            (18, Kind::Run, "export A=1\n"),
            (28, Kind::Start, code),
            (35, Kind::Printed, "")
        ]
    );
    let answers: Vec<_> = steps
        .iter()
        .map(|step| step.answer.as_ref().map(|answer| (answer.format, answer.text.as_str())))
        .collect();
    let text = Format::Text;
    assert_eq!(
        answers,
        [Some((Format::Json, "{}\n")), None, Some((text, "Ready\n")), Some((text, "More\n"))]
    );
}

#[test]
fn a_command_that_would_not_be_run_is_refused() {
    for (fence, expected) in [
        ("```sh no-run\ncurl x\n```", "line 1: curl and inboundflow can be run"),
        ("```sh no-run\nexport A=1\ninboundflow dev\n```", "line 1: curl and inboundflow can be run"),
        ("```text\ncurl x\n```", "line 1: a command is shown without being run"),
        ("```text\n$ inboundflow dev\n```", "line 1: a command is shown without being run"),
        ("```bash\ncurl x\n```", "line 1: no fence is called \"bash\""),
        ("```\ncurl x\n```", "line 1: no fence is called \"\""),
        ("- a\n  ```sh\n  curl x\n  ```", "line 2: a fence begins at the line's beginning"),
        ("```sh\ncurl x\n", "the last fence does not end"),
    ] {
        let said = steps(fence).unwrap_err();
        assert!(said.starts_with(expected), "{said}");
    }
    let many = "```sh\ncurl x\n```\n".repeat(50);
    assert!(steps(&many).unwrap_err().contains("50 commands"));
    assert_eq!(steps("```sh no-run\ncargo install --path tools/inboundflow\n```").unwrap(), []);
}
