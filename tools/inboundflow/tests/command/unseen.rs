//! Text of others that would steer a terminal, turn the text around it, or not be seen.

use std::{
    io::Write as _,
    process::{Output, Stdio},
};

use crate::{Dev, inboundflow};

const UNSEEN: [char; 5] = ['\u{202e}', '\u{2066}', '\u{200b}', '\u{ad}', '\u{e0067}'];

fn run(dev: &Dev, arguments: &[&str], input: &str) -> Output {
    let mut command = inboundflow(arguments);
    command.envs([("INBOUNDFLOW_API_KEY", dev.text("api_key")), ("INBOUNDFLOW_BASE_URL", dev.text("url"))]);
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    child.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
    child.wait_with_output().unwrap()
}

#[test]
fn no_command_prints_text_of_others_as_it_is() {
    let dev = Dev::start(&["--dynamodb-port", "0", "--no-demo"]);
    let (dynamodb, organization) = (dev.text("dynamodb_endpoint"), dev.text("organization_id"));
    let tables = ["--endpoint-url", &dynamodb];
    let name: String = ["Zoe"].into_iter().map(str::to_owned).chain(UNSEEN.map(String::from)).collect();
    let phone = "+14155550101";
    let of = |arguments: &[&str]| {
        [arguments, &tables[..]].concat().into_iter().map(str::to_owned).collect::<Vec<_>>()
    };
    let line = format!("{{\"resource\":\"contacts\",\"record\":{{\"{name}\":1}}}}\n");
    let commands = [
        (of(&["orgs", "create", "--name", &name, "--plan", &name]), ""),
        (of(&["orgs", "create", "--name", &name, "--plan", &name, "--json"]), ""),
        (of(&["orgs", "list"]), ""),
        (of(&["orgs", "list", "--json"]), ""),
        (
            of(&[
                "keys",
                "create",
                "--organization",
                &organization,
                "--name",
                &name,
                "--scopes",
                "calls:read",
            ]),
            "",
        ),
        (of(&["keys", "list", "--organization", &organization]), ""),
        (of(&["keys", "list", "--organization", &organization, "--json"]), ""),
        (of(&["import", "-", "--organization", &organization]), &*line),
        (of(&["ingest", "-", "--organization", &organization]), &*line),
        (["contacts", "create", "--phone", phone, "--name", &name].map(str::to_owned).to_vec(), ""),
        (["contacts", "list"].map(str::to_owned).to_vec(), ""),
        (["contacts", "list", "-o", "json"].map(str::to_owned).to_vec(), ""),
        (["contacts", "list", "-o", "jsonl"].map(str::to_owned).to_vec(), ""),
    ];
    for (command, input) in commands {
        let output = run(&dev, &command.iter().map(String::as_str).collect::<Vec<_>>(), input);
        let said = String::from_utf8([output.stdout, output.stderr].concat()).unwrap();
        assert!(!said.contains(UNSEEN), "{command:?}: {said:?}");
        if command.iter().any(|argument| matches!(&**argument, "--json" | "json" | "jsonl")) {
            assert!(said.contains("\\u202e\\u2066\\u200b\\u00ad\\udb40\\udc67"), "{command:?}: {said}");
            let parsed: Vec<serde_json::Value> =
                serde_json::Deserializer::from_str(&said).into_iter().map(Result::unwrap).collect();
            assert!(serde_json::to_string(&parsed).unwrap().contains(&name), "{command:?}: {said}");
        }
    }
}
