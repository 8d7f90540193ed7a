//! The log of a function: JSON lines that never have a key or hash of one, a phone number, a transcript, a body, a query
//! string, or a path that a client made up.

use std::panic;

use tracing::Level;
use tracing_subscriber::{
    Layer as _, filter::FilterFn, fmt::MakeWriter, layer::SubscriberExt as _, util::SubscriberInitExt,
};

/// The path of this file within the workspace.
const THIS_FILE: &str = "shared/runtime/src/log.rs";
/// The folders of the crates that the functions are made of.
const FOLDERS: [&str; 2] = ["functions/", "shared/"];

/// The log as CloudWatch takes it: a JSON object a line, with the innermost span's fields on each. Lines of
/// the workspace's own crates are logged down to `level`, those of their dependencies to `WARN` at the most.
pub fn json_lines<W>(writer: W, level: Level) -> impl SubscriberInitExt + tracing::Subscriber + Send + Sync
where
    W: for<'a> MakeWriter<'a> + Send + Sync + 'static,
{
    let lines = tracing_subscriber::fmt::layer()
        .json()
        .flatten_event(true)
        .with_current_span(true)
        .with_span_list(false);
    let filter = FilterFn::new(move |line| is_logged(line.file().unwrap_or_default(), *line.level(), level))
        .with_max_level_hint(level);
    tracing_subscriber::registry().with(lines.with_writer(writer).with_filter(filter))
}

/// Whether a file's lines of the level `line` are logged. A file of the workspace was given to the compiler below the same
/// root as this one; a dependency's file is elsewhere.
fn is_logged(file: &str, line: Level, level: Level) -> bool {
    let root = file!().strip_suffix(THIS_FILE).unwrap_or_default();
    let is_own = file.strip_prefix(root).is_some_and(|file| FOLDERS.iter().any(|own| file.starts_with(own)));
    line <= if is_own { level } else { level.min(Level::WARN) }
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
    use std::{fs, path::Path};

    use super::*;

    #[test]
    fn a_line_of_each_crate_of_the_functions_is_logged_and_one_of_a_dependency_only_from_warn_up() {
        assert!(file!().ends_with(THIS_FILE), "{}", file!());
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
        let mut crates = Vec::new();
        for folder in FOLDERS {
            let found = fs::read_dir(root.join(folder)).expect("a folder of the workspace");
            crates.extend(
                found.map(|entry| format!("{folder}{}", entry.expect("an entry").file_name().display())),
            );
        }
        assert!(crates.contains(&"shared/runtime".to_owned()), "{crates:?}");
        for name in crates {
            let file = format!("{name}/src/lib.rs");
            let logged = [Level::INFO, Level::DEBUG].map(|level| is_logged(&file, level, Level::INFO));
            assert_eq!(logged, [true, false], "{file}");
        }
        let registry =
            "/home/build/.cargo/registry/src/index.crates.io-1949cf8c6b5b557f/shared-1.0.0/src/lib.rs";
        for file in [registry, "vendor/shared/src/lib.rs", "src/lib.rs"] {
            let logged = [Level::WARN, Level::INFO].map(|level| is_logged(file, level, Level::INFO));
            assert_eq!(logged, [true, false], "{file}");
        }
    }
}
