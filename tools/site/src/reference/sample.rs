//! The example of an operation: the command, and what it answers.

use std::collections::BTreeMap;

use maud::{Markup, html};
use serde_json::Value;

use super::document::{Document, Operation, array, json_of, text};
use openapi::LOCAL_URL;

use crate::{
    code::{Code, figure},
    strings::Strings,
};

/// The command and the answer, or what the API sends.
pub(super) fn figures(document: Document<'_>, operation: Operation<'_>, strings: &Strings) -> Markup {
    let command = command(operation);
    let answer = if command.is_some() {
        document.responses(operation, true).into_iter().find_map(|(_, response)| json_of(response))
    } else {
        operation.body()
    };
    let example = answer.and_then(|json| json.get("example"));
    let answer = example.map(pretty);
    let kept = openapi::KEPT_IDS.iter().find(|(id, _)| *id == operation.id);
    let kept = kept
        .zip(example)
        .map(|((_, variable), answer)| format!("{variable}={}", text(&answer["data"], "id")));
    html! {
        @if let Some(text) = command {
            (figure(&Code { language: "sh", text, answers: false }, strings))
        }
        @if let Some(text) = &answer {
            (figure(&Code { language: "json", text, answers: command.is_some() }, strings))
        }
        @if let Some(text) = &kept {
            p { (strings.operations.kept) }
            (figure(&Code { language: "sh", text, answers: false }, strings))
        }
    }
}

/// JSON as people read it.
pub(super) fn pretty(value: &Value) -> String {
    format!("{value:#}")
}

fn command<'a>(operation: Operation<'a>) -> Option<&'a str> {
    array(&operation.value["x-codeSamples"]).map(|sample| text(sample, "source")).next()
}

/// The values that the example has for the parameters in the path, where they are none of the shell's variables.
pub(super) fn path_values<'a>(operation: Operation<'a>) -> BTreeMap<&'a str, &'a str> {
    let template = operation.path.unwrap_or_default();
    let path = command(operation)
        .and_then(|command| command.split_once(LOCAL_URL))
        .map(|(_, rest)| rest.split(['"', '\'', '?', ' ']).next().unwrap_or_default())
        .unwrap_or_default();
    let parameter =
        |(name, value): (&'a str, &'a str)| Some((name.strip_prefix('{')?.strip_suffix('}')?, value));
    let named = template.split('/').zip(path.split('/')).filter_map(parameter);
    named.filter(|(_, value)| !value.starts_with('$')).collect()
}
