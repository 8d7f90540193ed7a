//! Examples of fields, parameters and headers, the same in every language.

use serde_json::{Map, Value, json};

use crate::{
    breaking::resolved,
    operations::{self, Content},
    table::{Table, base, keys_of_field},
};

/// The fields that have no example: a cursor fits nothing but its list, its filters and its `since`.
const OF_NO_USE: [&str; 1] = ["parameters.cursor"];

/// Puts an example wherever a schema neither lists its values nor is an object, whose fields have theirs.
pub(crate) fn add(document: &mut Value, table: &mut Table) {
    let whole = document.clone();
    let mut put = |schema: &mut Value, keys: &[String], shown: Option<&Value>| {
        if !wants_one(&whole, schema) || OF_NO_USE.contains(&keys[0].as_str()) {
            return;
        }
        let example = match shown {
            Some(shown) if !keys[..2].iter().any(|key| table.has(key)) => Some(shown.clone()),
            _ => table.take(keys).map(|example| json!(example)),
        };
        if let Some(example) = example {
            schema["examples"] = json!([example]);
        }
    };
    for part in ["parameters", "headers"] {
        for (name, component) in members(&mut document["components"][part]) {
            put(&mut component["schema"], &[format!("{part}.{name}")], None);
        }
    }
    for (name, schema) in members(&mut document["components"]["schemas"]) {
        for (field, property) in schema.get_mut("properties").into_iter().flat_map(members) {
            put(property, &keys_of_field(name, field), shown(name, field));
        }
    }
    for (_, item) in members(&mut document["webhooks"]) {
        for header in item["post"]["parameters"].as_array_mut().into_iter().flatten() {
            let name = header["name"].as_str().unwrap_or_default().to_owned();
            put(&mut header["schema"], &[format!("events.headers.{name}")], None);
        }
    }
}

/// A field's value in the first response of an operation's example that has such a record.
fn shown(schema: &str, field: &str) -> Option<&'static Value> {
    let values = operations::ALL.iter().filter_map(|operation| {
        let data = &operation.example.response["data"];
        let (of, record) = match &operation.response.content {
            Content::List(of) => (of, &data[0]),
            Content::One(of) => (of, data),
        };
        (base(of) == base(schema)).then(|| &record[field])
    });
    values.into_iter().find(|value| !value.is_null())
}

fn wants_one(document: &Value, schema: &Value) -> bool {
    let schema = resolved(document, schema);
    let parts: Vec<&Value> = schema["anyOf"].as_array().into_iter().flatten().collect();
    let lists = |schema: &Value| schema.get("enum").or(schema.get("const")).is_some();
    let is_object = |schema: &Value| schema.get("properties").or(schema.get("oneOf")).is_some();
    let is_boolean = schema["type"] == "boolean" || schema["type"][0] == "boolean";
    let within = parts.into_iter().chain(schema.get("items")).map(|part| resolved(document, part));
    let is_list = schema["type"] == "array";
    !is_boolean
        && !lists(&schema)
        && !is_object(&schema)
        && !within.into_iter().any(|part| is_object(&part) || (!is_list && lists(&part)))
}

fn members(value: &mut Value) -> impl Iterator<Item = (&String, &mut Value)> {
    value.as_object_mut().map(Map::iter_mut).into_iter().flatten()
}
