//! JSON as a page shows it, with `…` for what is left out, held against an answer.

use serde_json::{Map, Value};

use super::Known;

/// Takes the place of a `…` that is no part of a string: no answer has such a name.
const MORE: &str = "\u{0}…";
/// Members that say how long something took.
const DURATIONS: [&str; 1] = ["duration_ms"];

/// Reads what a page shows.
pub(crate) fn read(shown: &str) -> Result<Value, String> {
    serde_json::from_str(&strict(shown)).map_err(|error| format!("what is shown is no JSON: {error}"))
}

/// The same as JSON: `…` becomes a member or an element of its own.
fn strict(shown: &str) -> String {
    let mut json = String::new();
    let mut open = Vec::new();
    let (mut inside, mut escaped) = (false, false);
    let mut rest = shown.chars();
    while let Some(c) = rest.next() {
        match c {
            _ if escaped => escaped = false,
            '\\' => escaped = inside,
            '"' => inside = !inside,
            '{' | '[' if !inside => open.push(c),
            '}' | ']' if !inside => drop(open.pop()),
            '…' if !inside => {
                let name = Value::from(MORE);
                json.push_str(&if open.last() == Some(&'{') {
                    format!("{name}:null")
                } else {
                    name.to_string()
                });
                // A line of its own in the middle needs no comma.
                if !rest.as_str().trim_start().starts_with([',', '}', ']']) {
                    json.push(',');
                }
                continue;
            }
            _ => {}
        }
        json.push(c);
    }
    json
}

/// What differs between what is shown and an answer, each with its place in it.
pub(crate) fn differences(shown: &Value, actual: &Value, known: &mut Known) -> Vec<String> {
    let mut found = Vec::new();
    compare(shown, actual, "", known, &mut found);
    found
}

fn compare(shown: &Value, actual: &Value, path: &str, known: &mut Known, found: &mut Vec<String>) {
    match (shown, actual) {
        (Value::Object(shown), Value::Object(actual)) => members(shown, actual, path, known, found),
        (Value::Array(shown), Value::Array(actual)) => elements(shown, actual, path, known, found),
        (Value::String(text), Value::String(other)) if known.is(text, other) => {}
        (Value::Number(_), Value::Number(other)) if is_duration(path) && other.is_u64() => {}
        _ if shown == actual => {}
        _ => found.push(format!("{path} is shown as {shown} and is {actual}")),
    }
}

fn members(
    shown: &Map<String, Value>,
    actual: &Map<String, Value>,
    path: &str,
    known: &mut Known,
    found: &mut Vec<String>,
) {
    for (name, value) in shown.iter().filter(|(name, _)| *name != MORE) {
        let path = format!("{path}.{name}");
        match actual.get(name) {
            Some(actual) => compare(value, actual, &path, known, found),
            None => found.push(format!("{path} is shown and is not there")),
        }
    }
    if !shown.contains_key(MORE) {
        let more = actual.keys().filter(|name| !shown.contains_key(*name));
        found.extend(more.map(|name| format!("{path}.{name} is there and is not shown")));
    }
}

fn elements(shown: &[Value], actual: &[Value], path: &str, known: &mut Known, found: &mut Vec<String>) {
    let (shown, more) = match shown.split_last() {
        Some((last, rest)) if *last == MORE => (rest, true),
        _ => (shown, false),
    };
    if shown.len() > actual.len() || (shown.len() < actual.len() && !more) {
        found.push(format!("{path} is shown with {} elements and has {}", shown.len(), actual.len()));
    }
    for (index, (shown, actual)) in shown.iter().zip(actual).enumerate() {
        compare(shown, actual, &format!("{path}[{index}]"), known, found);
    }
}

fn is_duration(path: &str) -> bool {
    DURATIONS.iter().any(|name| path.ends_with(&format!(".{name}")))
}
