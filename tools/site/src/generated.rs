//! Parts of a guide that are made from the OpenAPI document and the format of voice events: what these describe, no page
//! describes again. A fence of `generated scopes` stands for such a part.

use std::fmt::Write as _;

use domain::schema::schema;
use serde_json::Value;

use crate::{
    navigation::slug_of,
    reference::{Document, Operation, array, object, text},
    strings::Strings,
};

/// The parameters that every list has.
const OF_EVERY_LIST: [&str; 3] = ["limit", "cursor", "since"];

/// The Markdown of the part with this name; none where there is no such part.
pub(crate) fn markdown(name: &str, document: &Value, strings: &Strings) -> Option<String> {
    let document = Document(document);
    match name.split_once(' ').unwrap_or((name, "")) {
        ("scopes", "") => Some(scopes(document, strings)),
        ("filters", "") => Some(filters(document, strings)),
        ("event", event) => Some(format!("```json\n{:#}\n```\n", example(document, event)?)),
        ("fields", record) => fields(document, record, strings),
        _ => None,
    }
}

/// Each scope, with the operations that take it.
fn scopes(document: Document<'_>, strings: &Strings) -> String {
    let mut table = head(strings.operations.scope, strings.operations.overview);
    for scope in array(&document.schema("Scope")["enum"]).filter_map(Value::as_str) {
        let taking = document.operations().filter(|operation| operation.scopes().contains(&scope));
        let links: Vec<String> = taking.map(|operation| link(operation, operation.text("summary"))).collect();
        row(&mut table, &format!("`{scope}`"), &links.join(", "));
    }
    table
}

/// Each list that has filters, with what they take.
fn filters(document: Document<'_>, strings: &Strings) -> String {
    let mut table = head(strings.operations.overview, strings.operations.query_parameters);
    for operation in document.operations() {
        let parameters = document.parameters(operation, "query").into_iter();
        let narrowing = parameters.filter(|parameter| {
            // Such a parameter says how records are shown, not which.
            let is_id = parameter["schema"]["format"] == "uuid";
            !is_id && !OF_EVERY_LIST.contains(&text(parameter, "name"))
        });
        let filters: Vec<String> = narrowing
            .map(|parameter| match words(document, &parameter["schema"]) {
                words if words.is_empty() => format!("`{}`", text(parameter, "name")),
                words => format!("`{}`: {words}", text(parameter, "name")),
            })
            .collect();
        if let Some(path) = operation.path.filter(|_| !filters.is_empty()) {
            row(&mut table, &link(operation, &format!("`{path}`")), &filters.join("; "));
        }
    }
    table
}

/// The body of an event.
fn example<'a>(document: Document<'a>, event: &str) -> Option<&'a Value> {
    let body = &document.0["webhooks"].get(event)?["post"]["requestBody"];
    Some(&body["content"]["application/json"]["example"])
}

/// The fields of a record that a voice event may have.
fn fields(document: Document<'_>, record: &str, strings: &Strings) -> Option<String> {
    let schema = schema();
    let told = schema["$defs"].get(format!("{record}Snapshot"))?;
    let mut table = head(strings.operations.field, strings.operations.description);
    for (name, _) in object(&told["properties"]) {
        let field = document.schema(record)["properties"].get(name)?;
        let words = words(document, field);
        let description = text(field, "description");
        row(&mut table, &format!("`{name}`"), format!("{description} {words}").trim_end());
    }
    Some(table)
}

/// The words that a schema allows.
fn words(document: Document<'_>, schema: &Value) -> String {
    let of_schema = |schema: &Value| -> Vec<String> {
        array(&document.resolve(schema)["enum"])
            .filter_map(|word| Some(format!("`{}`", word.as_str()?)))
            .collect()
    };
    let words: Vec<String> = of_schema(schema);
    let any_of = || array(&schema["anyOf"]).flat_map(of_schema).collect();
    if words.is_empty() { any_of() } else { words }.join(", ")
}

fn link(operation: Operation<'_>, text: &str) -> String {
    let slug = slug_of(|tag| operation.has_tag(tag)).unwrap_or_default();
    format!("[{text}]({slug}.md#{})", operation.id)
}

fn head(first: &str, second: &str) -> String {
    format!("| {first} | {second} |\n|---|---|\n")
}

fn row(table: &mut String, first: &str, second: &str) {
    // Writing into a string cannot fail.
    let _ = writeln!(table, "| {first} | {second} |");
}
