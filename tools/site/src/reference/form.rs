//! The form that sends an operation's request. It is hidden until the script that sends it is there.

use maud::{Markup, html};
use serde_json::Value;

use super::{
    document::{Document, Operation, array, text},
    sample::{path_values, pretty},
};
use crate::strings::Strings;

pub(super) fn form(document: Document<'_>, operation: Operation<'_>, strings: &Strings) -> Markup {
    let Some(path) = operation.path else { return html! {} };
    let words = &strings.operations;
    let values = path_values(operation);
    html! {
        details.try hidden {
            summary { (words.try_it) }
            form data-method=(operation.method.to_uppercase()) data-path=(path) {
                label {
                    span { (words.api_key) }
                    input.key type="password" autocomplete="off" required placeholder="sk_live_…";
                    small { (words.key_note) }
                }
                @for parameter in document.parameters(operation, "path") {
                    @let name = text(parameter, "name");
                    label {
                        code { (name) }
                        // Dots alone would be another path.
                        input data-in="path" name=(name) autocomplete="off" spellcheck="false" required
                            pattern=".*[^ .].*" value=(values.get(name).copied().unwrap_or_default());
                    }
                }
                @for place in ["query", "header"] {
                    @for parameter in document.parameters(operation, place) {
                        label { code { (text(parameter, "name")) } (input(document, place, parameter)) }
                    }
                }
                @if let Some(body) = operation.body() {
                    @let example = body.get("example").map_or_else(|| "{}".to_owned(), pretty);
                    label.wide {
                        span { (words.body) }
                        textarea data-in="body" spellcheck="false" rows=(example.lines().count().clamp(3, 12)) {
                            (example)
                        }
                    }
                }
                button type="submit" { (words.send) }
                div.result aria-live="polite" {}
            }
        }
    }
}

/// A parameter that may be left out: one of its words, or a text.
fn input(document: Document<'_>, place: &str, parameter: &Value) -> Markup {
    let name = text(parameter, "name");
    let schema = document.resolve(&parameter["schema"]);
    let words: Vec<&str> = array(&schema["enum"]).filter_map(Value::as_str).collect();
    html! {
        @if words.is_empty() {
            input data-in=(place) name=(name) autocomplete="off" spellcheck="false"
                placeholder=[schema.get("default").map(ToString::to_string)];
        } @else {
            select data-in=(place) name=(name) {
                option value="" {}
                @for word in words { option { (word) } }
            }
        }
    }
}
