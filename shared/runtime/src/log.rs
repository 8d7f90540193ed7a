//! The log: what it has, and what it never has. No key or hash of one, no phone number, no transcript, no body, no query
//! string, no path that a client made up.

use std::panic;

use tracing::{Level, Metadata};
use tracing_subscriber::{
    Layer as _, filter::FilterFn, fmt::MakeWriter, layer::SubscriberExt as _, util::SubscriberInitExt,
};

/// This file within the workspace.
const THIS_FILE: &str = "shared/runtime/src/log.rs";
/// The folders of the workspace whose crates make up the functions.
const FOLDERS: [&str; 2] = ["functions/", "shared/"];

/// The log as CloudWatch takes it: a JSON object a line, with the innermost span's fields on each. Lines of
/// the workspace's own crates are logged down to `level`, those of their dependencies to `WARN` at the most.
pub fn json_lines<W>(writer: W, level: Level) -> impl SubscriberInitExt + tracing::Subscriber + Send + Sync
where
    W: for<'a> MakeWriter<'a> + Send + Sync + 'static,
{
    let is_logged = move |metadata: &Metadata<'_>| {
        *metadata.level() <= if is_own(metadata) { level } else { level.min(Level::WARN) }
    };
    let lines = tracing_subscriber::fmt::layer()
        .json()
        .flatten_event(true)
        .with_current_span(true)
        .with_span_list(false);
    let filter = FilterFn::new(is_logged).with_max_level_hint(level);
    tracing_subscriber::registry().with(lines.with_writer(writer).with_filter(filter))
}

/// Whether a line is written by a crate of the workspace: the compiler was given that crate's file below the same root
/// as this one, and a dependency's below another.
fn is_own(metadata: &Metadata<'_>) -> bool {
    let root = file!().strip_suffix(THIS_FILE).unwrap_or_default();
    let file = metadata.file().and_then(|file| file.strip_prefix(root)).unwrap_or_default();
    FOLDERS.iter().any(|folder| file.starts_with(folder))
}

/// Has panics logged by where they happened. What they say stays out: a slice error quotes the text
/// that it could not slice.
pub fn quiet_panics() {
    panic::set_hook(Box::new(|info| {
        let at = info.location().map(ToString::to_string).unwrap_or_default();
        tracing::error!(at, "panicked");
    }));
}

#[cfg(test)]
mod tests {
    use std::{fs, io, path::Path};

    use tracing::{Dispatch, callsite::DefaultCallsite, field::FieldSet, metadata::Kind, subscriber};

    use super::*;

    /// Whether a line of a file is logged by a deployment that logs `INFO`.
    fn is_logged(file: &str, level: Level) -> bool {
        // What a macro of tracing writes down of a line.
        static NOWHERE: DefaultCallsite = DefaultCallsite::new(&METADATA);
        static METADATA: Metadata<'static> = Metadata::new(
            "line",
            "target",
            Level::INFO,
            None,
            None,
            None,
            FieldSet::new(&[], tracing::callsite::Identifier(&NOWHERE)),
            Kind::EVENT,
        );
        let fields = FieldSet::new(&[], METADATA.callsite());
        let line = Metadata::new("line", "target", level, Some(file), None, None, fields, Kind::EVENT);
        Dispatch::new(json_lines(io::sink, Level::INFO)).enabled(&line)
    }

    #[test]
    fn a_line_of_each_crate_of_the_functions_is_logged_and_one_of_a_dependency_only_from_warn_up() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
        let mut crates = 0;
        for folder in FOLDERS {
            for entry in fs::read_dir(root.join(folder)).expect("a folder of the workspace") {
                let name = entry.expect("an entry").file_name();
                let file = format!("{folder}{}/src/lib.rs", name.to_string_lossy());
                assert!(is_logged(&file, Level::INFO), "{file}");
                assert!(!is_logged(&file, Level::DEBUG), "{file}");
                crates += 1;
            }
        }
        assert!(crates > FOLDERS.len(), "{crates}");
        let registry = "/home/build/.cargo/registry/src/index.crates.io-1949cf8c6b5b557f";
        for file in [&format!("{registry}/shared-1.0.0/src/lib.rs"), "vendor/shared/src/lib.rs", "src/lib.rs"]
        {
            assert!(!is_logged(file, Level::INFO), "{file}");
            assert!(is_logged(file, Level::WARN), "{file}");
        }
    }

    #[test]
    fn this_file_is_where_the_rule_looks_for_it() {
        assert!(file!().ends_with(THIS_FILE), "{}", file!());
        let guard = subscriber::set_default(json_lines(io::sink, Level::INFO));
        assert!(tracing::enabled!(Level::INFO) && !tracing::enabled!(Level::DEBUG));
        drop(guard);
    }
}
