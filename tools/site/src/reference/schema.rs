//! A value's type in few words, with its limits.

use maud::{Markup, html};
use serde_json::Value;

use super::document::{Document, array, object, text};
use crate::strings::Strings;

/// The name of the schema that a value refers to.
pub(super) fn name(schema: &Value) -> Option<&str> {
    text(schema, "$ref").rsplit_once('/').map(|(_, name)| name)
}

/// Whether a value has members of its own.
pub(super) fn is_object(document: Document<'_>, schema: &Value) -> bool {
    let schema = document.resolve(schema);
    schema["properties"].is_object() || schema["oneOf"].is_array()
}

/// The schema without null, and whether null is one of its values.
pub(super) fn nullable<'a>(document: Document<'a>, schema: &'a Value) -> (&'a Value, bool) {
    let is_null = |one: &Value| one["type"] == "null";
    let choices: Vec<&Value> = array(&schema["anyOf"]).collect();
    if choices.iter().any(|choice| is_null(choice)) {
        let rest = choices.into_iter().find(|choice| !is_null(choice)).unwrap_or(schema);
        return (document.resolve(rest), true);
    }
    let schema = document.resolve(schema);
    (schema, array(&schema["type"]).any(|one| one == "null") || array(&schema["enum"]).any(Value::is_null))
}

/// The schema of an array's items.
pub(super) fn items<'a>(document: Document<'a>, schema: &'a Value) -> Option<&'a Value> {
    nullable(document, schema).0.get("items")
}

/// A value's type, such as `string | null` or `Call[]`; objects that `shown` knows are links.
pub(super) fn kind(document: Document<'_>, schema: &Value, shown: &dyn Fn(&str) -> Option<String>) -> Markup {
    if let Some(link) = name(schema).and_then(shown) {
        return html! { a href=(link) { (name(schema).unwrap_or_default()) } };
    }
    let (inner, null) = nullable(document, schema);
    if let Some(items) = items(document, schema) {
        return html! { (kind(document, items, shown)) "[]" (or_null(null)) };
    }
    html! { (word(inner)) (or_null(null)) }
}

fn or_null(null: bool) -> &'static str {
    if null { " | null" } else { "" }
}

fn word(schema: &Value) -> &str {
    let one = schema["type"].as_str().or_else(|| array(&schema["type"]).find_map(Value::as_str));
    one.unwrap_or_else(|| match schema.get("const") {
        Some(Value::Bool(_)) => "boolean",
        _ if schema["oneOf"].is_array() => "object",
        _ => "string",
    })
}

/// The form of a text, such as `date-time`.
pub(super) fn format(document: Document<'_>, schema: &Value) -> Option<String> {
    let (schema, _) = nullable(document, schema);
    let one = items(document, schema).map_or(schema, |items| document.resolve(items));
    let formats: Vec<&str> =
        [one].into_iter().chain(array(&one["anyOf"])).filter_map(|one| one["format"].as_str()).collect();
    (!formats.is_empty()).then(|| formats.join(", "))
}

/// The values that a schema allows, where they can be listed.
pub(super) fn values(document: Document<'_>, schema: &Value, strings: &Strings) -> Option<Markup> {
    let (schema, _) = nullable(document, schema);
    let one = items(document, schema).map_or(schema, |items| document.resolve(items));
    let values: Vec<String> = array(&one["enum"])
        .filter(|value| !value.is_null())
        .chain(one.get("const"))
        .map(|value| value.as_str().map_or_else(|| value.to_string(), str::to_owned))
        .collect();
    let always = one.get("const").is_some();
    (!values.is_empty()).then(|| {
        html! {
            (if always { strings.operations.always } else { strings.operations.values }) " "
            @for (at, value) in values.iter().enumerate() {
                @if at > 0 { ", " }
                code { (value) }
            }
        }
    })
}

/// An example of a value, where the schema has one; JSON where it is no text.
pub(super) fn example(document: Document<'_>, schema: &Value, strings: &Strings) -> Option<Markup> {
    let example =
        array(&schema["examples"]).next().or_else(|| array(&document.resolve(schema)["examples"]).next())?;
    let shown = example.as_str().map_or_else(|| example.to_string(), str::to_owned);
    Some(html! { (strings.operations.example) " " code { (shown) } })
}

/// The bounds of a value's size: of a number, a text's length, how many items an array has.
pub(super) fn size(document: Document<'_>, schema: &Value, strings: &Strings) -> Option<String> {
    let (schema, _) = nullable(document, schema);
    let words = &strings.operations;
    let number = |member: &str| schema[member].as_i64();
    let range = match (number("minimum"), number("maximum")) {
        (Some(least), Some(most)) => Some(format!("{least}–{most}")),
        (Some(least), None) if least > 0 => Some(format!("≥ {least}")),
        _ => None,
    };
    let at_most = |member, word: &str| number(member).map(|most| word.replace("{}", &most.to_string()));
    let at_least =
        |member, word: &'static str| number(member).filter(|least| *least == 1).map(|_| word.to_owned());
    let parts = [
        range,
        at_least("minLength", words.not_empty),
        at_most("maxLength", words.characters),
        at_least("minItems", words.not_empty),
        at_most("maxItems", words.items),
        (schema["uniqueItems"] == true).then(|| words.unique.to_owned()),
    ];
    let said: Vec<String> = parts.into_iter().flatten().collect();
    (!said.is_empty()).then(|| said.join(" "))
}

/// The schema's members, with whether each must be there.
pub(super) fn properties(schema: &Value) -> impl Iterator<Item = (&str, &Value, bool)> {
    object(&schema["properties"])
        .map(|(name, property)| (name, property, array(&schema["required"]).any(|required| required == name)))
}
