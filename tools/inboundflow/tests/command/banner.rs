//! What `dev` prints when it is ready: lines that whoever reads them can paste.

use std::{
    io::{BufRead as _, BufReader},
    process::{Child, Command, Stdio},
};

use crate::inboundflow;

/// A `dev` that has told people that it is ready.
pub(crate) struct Told {
    child: Child,
    pub(crate) banner: String,
}

impl Told {
    /// One that was started so, by cargo or by its own name.
    pub(crate) fn start(options: &[&str], by_cargo: bool) -> Self {
        let mut command = inboundflow(&["dev", "--port", "0", "--dynamodb-port", "0"]);
        match by_cargo {
            true => command.env("CARGO", "/a/toolchain/bin/cargo"),
            false => command.env_remove("CARGO"),
        };
        let mut child = command.args(options).stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
        let mut banner = String::new();
        for line in BufReader::new(child.stdout.take().unwrap()).lines().map_while(Result::ok) {
            banner = banner + &line + "\n";
            if line.starts_with("Ctrl-C") {
                break;
            }
        }
        Self { child, banner }
    }

    /// What stands after this in the list at the beginning.
    fn value(&self, name: &str) -> &str {
        self.banner.lines().find_map(|line| line.trim().strip_prefix(name)).unwrap().trim()
    }

    /// The banner as one at the usual addresses prints it.
    pub(crate) fn at_usual_addresses(&self) -> String {
        let api = self.value("API  ").trim_end_matches("/v1");
        self.banner
            .replace(api, "http://127.0.0.1:3000")
            .replace(self.value("DynamoDB"), "http://127.0.0.1:8000")
    }

    /// The lines to paste.
    fn commands(&self) -> Vec<&str> {
        let (_, lines) = self.banner.split_once("Try it").unwrap();
        lines.lines().filter_map(|line| line.strip_prefix("  ")).collect()
    }
}

impl Drop for Told {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[test]
fn the_lines_that_dev_prints_do_something_when_they_are_pasted_into_another_terminal() {
    for options in [&[][..], &["--no-demo"]] {
        let dev = Told::start(options, false);
        let commands = dev.commands();
        assert_eq!(commands.len(), 6, "{}", dev.banner);
        // The receiver stays, and takes a port that another test may have.
        let script: Vec<&str> =
            commands.into_iter().filter(|line| !line.ends_with("webhooks listen")).collect();
        let directory = tempfile::tempdir().unwrap();
        let mut terminal = Command::new("bash");
        terminal.args(["-ec", &script.join("\necho\n")]).current_dir(directory.path()).env("NO_PROXY", "*");
        let output =
            terminal.env("CURL_HOME", directory.path()).env("PATH", "/usr/bin:/bin").output().unwrap();
        let said = String::from_utf8(output.stdout.clone()).unwrap();
        assert!(output.status.success(), "{output:?}");
        let shown = if options.is_empty() { "Chloé Costa" } else { "Local development" };
        assert!(said.matches(shown).count() >= 2 && said.contains("{\"queued\":1}"), "{said}");
        assert!(said.contains("\"secret\":\"whsec_") && !said.contains("\"error\""), "{said}");
    }
}

#[test]
fn dev_names_the_command_as_it_was_started() {
    let started = |by_cargo| Told::start(&["--no-demo"], by_cargo).banner.clone();
    let banner = started(true);
    assert!(
        banner.contains("\n  cargo run -- me\n") && banner.contains("\n  cargo run -- webhooks listen\n")
    );
    let path = std::fs::canonicalize(env!("CARGO_BIN_EXE_inboundflow")).unwrap();
    assert!(started(false).contains(&format!("\n  {} webhooks listen\n", path.display())));
}

#[test]
fn dev_offers_no_receiver_on_this_machine_where_webhooks_may_not_go_there() {
    let banner = Told::start(&["--no-demo", "--no-loopback-webhooks"], true).banner.clone();
    assert!(!banner.contains("webhooks") && banner.contains("\n\nCtrl-C ends it.\n"), "{banner}");
}
