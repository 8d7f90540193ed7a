//! Tests of the comparison: what it notices. What it lets pass the pages show.

use std::collections::HashSet;

use super::{Format, Kind, PageValues, ShownOutput, steps};

const ID: &str = "48e27c75-c142-49a4-8bd4-ea73c8ddbfa7";
const OTHER: &str = "e8a12def-d316-4644-91ff-db497759dc83";
const THIRD: &str = "66118eec-8d80-44de-b152-1d650b475574";

fn holds(format: Format, shown: &str, printed: &str) -> bool {
    ShownOutput { format, text: shown.to_owned() }.compare(printed, &mut PageValues::default()).is_ok()
}

/// A printed output, and shown ones that differ from it.
struct Case {
    format: Format,
    printed: &'static str,
    differs: &'static [&'static str],
}

const CASES: [Case; 4] = [
    Case {
        format: Format::Json,
        printed: r#"{"a":[{"s":"one two three","n":55,"z":null,"t":true}],"b":{"c":1,"d":[]},"e":"x … y, z"}"#,
        differs: &[
            r#"{"a": [{"s": "one … four", …}], …}"#,
            r#"{"a": [{…, "n": 56, …}], …}"#,
            r#"{"a": [{…, "n": "55", …}], …}"#,
            r#"{"a": [{…, "z": "", …}], …}"#,
            r#"{"a": [{…, "t": false}], …}"#,
            r#"{"a": [{…, "t": true, "u": 1}], …}"#,
            r#"{"a": [{…}, {…}], …}"#,
            r#"{"a": [{…}], "b": {"c": 1}, …}"#,
            r#"{"a": [{…}], "b": {"c": 1, …}}"#,
            r#"{"a": […], "e": "…"}"#,
            r#"{"f": "…", …}"#,
            "Bad Gateway",
        ],
    },
    Case {
        format: Format::Json,
        printed: r#"{"duration_ms":17,"duration_seconds":17}"#,
        differs: &[
            r#"{"duration_ms": "17", "duration_seconds": 17}"#,
            r#"{"duration_ms": 17, "duration_seconds": 3}"#,
        ],
    },
    Case {
        format: Format::Text,
        printed: "one\ntwo 2026-02-24T20:59:00Z\n\n  three\n",
        differs: &[
            "one\n",
            "one\ntwo\n…\n",
            "one\n…\nthree\n",
            "one\n…\n  three\nfour\n",
            "…\none …\n  three\n",
            "",
        ],
    },
    Case {
        format: Format::Http,
        printed: "HTTP/1.1 200 OK\r\nX-RateLimit-Remaining: 41\r\ncontent-type: application/json\r\n\r\n{\"a\":1}",
        differs: &[
            "HTTP/1.1 201 Created\n…\n\n{…}\n",
            "HTTP/1.1 200 OK\ncontent-type: application/json\n\n{…}\n",
            "HTTP/1.1 200 OK\ncontent-type: text/plain\n…\n\n{…}\n",
            "HTTP/1.1 200 OK\nretry-after: 5\n…\n\n{…}\n",
            "HTTP/1.1 200 OK\nx-ratelimit-remaining: none\n…\n\n{…}\n",
            "HTTP/1.1 200 OK\n…\n\n{\"a\": 2}\n",
            "HTTP/1.1 200 OK\n…\n",
            "{\"a\": 1}",
        ],
    },
];

#[test]
fn what_is_cut_stands_for_what_is_there_and_nothing_else_may_differ() {
    for case in CASES {
        for shown in case.differs {
            assert!(!holds(case.format, shown, case.printed), "{shown}");
        }
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
        let whole = |value: &str| format!("{{\"v\": {value:?}}}");
        let inside = |value: &str| format!(r#"{{"v": "https://example.com/{value}.mp3"}}"#);
        assert!(holds(Format::Json, &whole(shown), &whole(printed)), "{shown}");
        assert!(holds(Format::Json, &inside(shown), &inside(printed)), "{shown}");
        for wrong in ["", "nothing", &printed[1..], &format!("{printed}!"), "2026-02-24T20:59:00"] {
            assert!(!holds(Format::Json, &whole(shown), &whole(wrong)), "{shown} is not {wrong}");
        }
        assert!(!holds(Format::Json, &whole(shown), r#"{"v": null}"#), "{shown} is not null");
        assert!(!holds(Format::Json, r#"{"v": null}"#, &whole(printed)), "nothing is not {printed}");
    }
}

#[test]
fn one_id_of_a_page_is_one_id_of_the_run_and_what_is_fixed_or_said_is_itself() {
    for (shown, printed, is) in [
        ([ID, ID], [OTHER, OTHER], true),
        ([ID, OTHER], [OTHER, THIRD], true),
        ([ID, ID], [OTHER, THIRD], false),
        ([ID, OTHER], [THIRD, THIRD], false),
    ] {
        assert_eq!(holds(Format::Text, &shown.join(" "), &printed.join(" ")), is, "{shown:?} {printed:?}");
    }
    let (then, later) = ("2026-02-24T20:59:00Z", "2026-02-24T20:59:00.100Z");
    let pairs = [(ID, ID, true), (ID, OTHER, false), (OTHER, ID, false), (OTHER, THIRD, true)];
    for (shown, printed, is) in
        pairs.into_iter().chain([(then, then, true), (then, later, false), (later, then, false)])
    {
        let mut said = PageValues::default();
        said.command(&format!("curl -d '{{\"id\": \"{ID}\", \"at\": \"{then}\"}}'"));
        assert_eq!(said.are(&[shown], &[printed]), is, "{shown} {printed}");
        let is_id = !shown.starts_with("2026");
        assert!(
            !is_id || PageValues::new(HashSet::from([ID.to_owned()])).are(&[shown], &[printed]) == is,
            "{shown} {printed}"
        );
    }
}

#[test]
fn a_pages_commands_are_found_with_their_answers_and_none_is_left_out() {
    let page = "# T\n\n```sh no-run\ncargo run dev\n```\n\n```sh\ncurl x\n```\n\n```json\n{}\n```\n\n```json\n[]\n```\n\
                ```sh\nexport A=1\n```\n\nThat prints:\n\n```text\nno answer\n```\n\n```sh background\ninboundflow listen\n```\n\
                ```text\nReady\n```\n\n```text background\nMore\n```\n\n```python\ncurl = 1\n```\n";
    let found = steps(page).unwrap();
    let answer = |at: usize| found[at].answer.as_ref().map(|answer| (answer.format, answer.text.as_str()));
    let found: Vec<_> =
        (0..).zip(&found).map(|(at, step)| (step.line, step.kind, step.code.as_str(), answer(at))).collect();
    let text = |shown| Some((Format::Text, shown));
    let expected = [
        (7, Kind::Run, "curl x\n", Some((Format::Json, "{}\n"))),
        (18, Kind::Run, "export A=1\n", None),
        (28, Kind::Start, "inboundflow listen\n", text("Ready\n")),
        (35, Kind::Printed, "", text("More\n")),
    ];
    assert_eq!(found, expected);
    for (fence, expected) in [
        ("```sh no-run\ncurl x\n```", "line 1: curl and inboundflow can be run"),
        ("```sh no-run\nexport A=1\ninboundflow dev\n```", "line 1: curl and inboundflow can be run"),
        ("```text\ncurl x\n```", "line 1: a command is shown without being run"),
        ("```text\n$ inboundflow dev\n```", "line 1: a command is shown without being run"),
        ("```bash\ncurl x\n```", "line 1: no fence is called \"bash\""),
        ("- a\n  ```sh\n  curl x\n  ```", "line 2: a fence begins at the line's beginning"),
        ("```sh\ncurl x\n", "the last fence does not end"),
        (&"```sh\ncurl x\n```\n".repeat(50), "50 commands"),
    ] {
        let said = steps(fence).unwrap_err();
        assert!(said.starts_with(expected), "{said}");
    }
}
