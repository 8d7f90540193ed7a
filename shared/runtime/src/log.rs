//! What is logged, and what never is: no key or hash of one, no phone number, no transcript, no
//! body, no query string, no path that a client made up.

use std::panic;

use tracing::Level;
use tracing_subscriber::{
    Layer as _, filter::Targets, fmt::MakeWriter, layer::SubscriberExt as _, util::SubscriberInitExt,
};

/// The crates whose lines are logged down to the level that was asked for.
const OURS: [&str; 6] = ["api", "deliver", "fanout", "ingest", "runtime", "store"];

/// The log as CloudWatch takes it: a JSON object a line, with the innermost span's fields on each, down
/// to `level`.
pub fn json_lines<W>(writer: W, level: Level) -> impl SubscriberInitExt + tracing::Subscriber + Send + Sync
where
    W: for<'a> MakeWriter<'a> + Send + Sync + 'static,
{
    let ours =
        Targets::new().with_default(level.min(Level::WARN)).with_targets(OURS.map(|target| (target, level)));
    let lines = tracing_subscriber::fmt::layer()
        .json()
        .flatten_event(true)
        .with_current_span(true)
        .with_span_list(false);
    tracing_subscriber::registry().with(lines.with_writer(writer).with_filter(ours))
}

/// Has panics logged by where they happened. What they say stays out: a slice error quotes the text
/// that it could not slice.
pub fn quiet_panics() {
    panic::set_hook(Box::new(|info| {
        let at = info.location().map(ToString::to_string).unwrap_or_default();
        tracing::error!(at, "panicked");
    }));
}
