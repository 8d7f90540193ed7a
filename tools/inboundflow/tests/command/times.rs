//! Options that take a time or a duration, of every command.

use clap::{Command, CommandFactory as _, error::ErrorKind};
use inboundflow::cli::Cli;

/// Times and durations that are refused: each has overflowed something somewhere.
const NO_TIMES: [&str; 13] = [
    "18446744073709551615s 1000000000ns",
    "18446744073709551615s",
    "18446744073709551616s",
    "584942417355y",
    "999999999y 999999999y",
    "9223372036854775807ms",
    "1000000000000000000000000ns",
    "262143-01-01T00:00:00Z",
    "9999-12-31T23:59:60+99:99",
    "-9223372036854775808",
    "1e400",
    "NaN",
    "\u{661}h",
];

/// Every command with its path.
fn commands(command: &Command, path: &[String], all: &mut Vec<(Vec<String>, Command)>) {
    all.push((path.to_vec(), command.clone()));
    for inner in command.get_subcommands() {
        commands(inner, &[path, &[inner.get_name().to_owned()]].concat(), all);
    }
}

/// What clap says of this value of an option, if it is about the value.
fn refused(path: &[String], option: &str, value: &str) -> Option<String> {
    let arguments = path.iter().cloned().chain([format!("--{option}={value}")]);
    let error = Cli::command().try_get_matches_from(arguments).err()?;
    matches!(error.kind(), ErrorKind::ValueValidation).then(|| error.to_string())
}

#[test]
fn no_time_that_an_option_is_given_ends_the_command_otherwise_than_with_its_usage() {
    let mut all = Vec::new();
    commands(&Cli::command(), &["inboundflow".to_owned()], &mut all);
    let mut of_time = Vec::new();
    for (path, command) in &all {
        let options = command.get_arguments().filter(|argument| argument.get_action().takes_values());
        for option in options.filter_map(|argument| argument.get_long()) {
            let usual = refused(path, option, "soon");
            let is_of_time =
                usual.as_ref().is_some_and(|usual| usual.contains("expected a time") || option == "speed");
            for value in NO_TIMES {
                // Whatever the option is about, nothing panics.
                let said = refused(path, option, value);
                if is_of_time {
                    let sentence = usual.as_ref().unwrap().replace("soon", value);
                    assert_eq!(said.as_deref(), Some(&*sentence), "{path:?} --{option}");
                }
            }
            if is_of_time {
                of_time.push(option.to_owned());
            }
        }
    }
    of_time.sort();
    of_time.dedup();
    assert_eq!(of_time, ["delay", "expires-in", "overlap", "since", "speed", "until"]);
}
