//! An operation's example as a command that a reader pastes.

use serde_json::Value;

use crate::{LOCAL_URL, operations::Operation};

/// The `curl` command of an operation's example. It takes the key from `INBOUNDFLOW_API_KEY`.
pub(crate) fn line(operation: &Operation) -> String {
    let example = &operation.example;
    let mut lines = vec![format!("curl \"{}\"", url(operation))];
    lines.push("-H \"Authorization: Bearer $INBOUNDFLOW_API_KEY\"".to_owned());
    lines.extend(example.headers.iter().map(|(name, value)| format!("-H '{name}: {value}'")));
    match (&example.body, operation.method.as_str()) {
        (Some(body), method) => {
            if method != "POST" {
                lines[0].insert_str("curl".len(), &format!(" -X {method}"));
            }
            lines.push("-H 'Content-Type: application/json'".to_owned());
            // What does not fit a line is broken as JSON is.
            let fields = body.as_object().map_or(0, serde_json::Map::len);
            lines.push(if fields > 1 { format!("-d '{body:#}'") } else { format!("-d '{body}'") });
        }
        (None, "GET") => {}
        (None, method) => lines[0].insert_str("curl".len(), &format!(" -X {method}")),
    }
    lines.join(" \\\n  ")
}

fn url(operation: &Operation) -> String {
    let example = &operation.example;
    let mut url = format!("{LOCAL_URL}{}", operation.path);
    for (name, value) in &example.path {
        url = url.replace(&format!("{{{name}}}"), value);
    }
    let parameter = |(name, value): (&String, &Value)| {
        format!("{name}={}", value.as_str().map_or(value.to_string(), |text| text.replace('+', "%2B")))
    };
    let query: Vec<String> = example.query.iter().map(parameter).collect();
    if query.is_empty() { url } else { format!("{url}?{}", query.join("&")) }
}
