//! What the command prints, and how it words what went wrong.

use std::io::{self, Write as _};

use anyhow::Context as _;
use domain::Error;
use tracing_subscriber::{
    Layer as _, filter::Targets, layer::SubscriberExt as _, util::SubscriberInitExt as _,
};

use crate::deployment;

/// Prints one line on stdout.
pub(crate) fn line(text: &str) -> anyhow::Result<()> {
    written(writeln!(io::stdout().lock(), "{text}"))
}

/// Prints text on stdout as it is, at once.
pub(crate) fn text(text: &str) -> anyhow::Result<()> {
    let mut stdout = io::stdout().lock();
    written(stdout.write_all(text.as_bytes()).and_then(|()| stdout.flush()))
}

fn written(outcome: io::Result<()>) -> anyhow::Result<()> {
    match outcome {
        // Whoever read the output has seen enough: `inboundflow demo | head`.
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => std::process::exit(0),
        outcome => outcome.context("Cannot write to standard output"),
    }
}

/// Says on stderr what does not stop the command.
pub(crate) fn warn(text: &str) {
    note(&format!("warning: {text}"));
}

/// Says on stderr what is good to know, and not of the output.
pub(crate) fn note(text: &str) {
    // Where nobody can read it, there is nobody to tell.
    let _ = writeln!(io::stderr().lock(), "{text}");
}

/// Shows on stderr what is logged by these targets: what a store leaves out, and what fails in `dev`.
pub(crate) fn start_logging(targets: Targets) {
    let lines = tracing_subscriber::fmt::layer().with_writer(io::stderr).without_time().compact();
    // Whoever runs the command as a library may have a log of its own.
    let _ = tracing_subscriber::registry().with(lines.with_filter(targets)).try_init();
}

/// A stranger's text without what a terminal would take for an instruction; its lines stay.
pub(crate) fn harmless(text: &str) -> String {
    escaped(&text.replace("\r\n", "\n"), &['\n', '\t'])
}

/// The same on one line.
pub(crate) fn harmless_line(text: &str) -> String {
    escaped(text, &[])
}

fn escaped(text: &str, kept: &[char]) -> String {
    let mut escaped = String::new();
    for character in text.chars() {
        match character.is_control() && !kept.contains(&character) {
            true => escaped.extend(character.escape_default()),
            false => escaped.push(character),
        }
    }
    escaped
}

/// An error in one sentence, with the way out where one is known.
pub(crate) fn explain(error: Error) -> anyhow::Error {
    let Some(source) = error.cause() else { return anyhow::Error::msg(error.to_string()) };
    let text = source.to_string();
    if let Some(missing) = deployment::missing(&text) {
        return anyhow::anyhow!(
            "{missing} For a DynamoDB alone, such as `dev`'s, name it with --endpoint-url."
        );
    }
    let way_out = if text.contains("ResourceNotFoundException") {
        "There are no such tables here: deploy the stack, or name others with --table-prefix or --endpoint-url."
    } else if text.contains("dispatch failure") {
        "DynamoDB cannot be reached: check --endpoint-url (is `inboundflow dev` running?) or your network and region."
    } else if text.contains("unhandled error") {
        "What answers there is no DynamoDB: check --endpoint-url."
    } else {
        return anyhow::Error::msg(text);
    };
    anyhow::anyhow!("{way_out} ({text})")
}
