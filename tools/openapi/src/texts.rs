//! The document's texts in each language. The places that want a text are those of the document:
//! a language that lacks one, or has one too many, is refused.

use std::fmt;

use domain::Language;
use serde_json::{Map, Value, json};

use crate::{
    bounds, examples,
    table::{Table, is_plumbing, keys_of_field},
};

/// The faults of the texts of a language, or of the examples.
#[derive(Debug, PartialEq, Eq)]
pub struct BadTexts {
    file: String,
    missing: Vec<String>,
    unused: Vec<String>,
}

impl fmt::Display for BadTexts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { file, missing, unused } = self;
        write!(f, "{file} lacks {missing:?}, and has {unused:?}, which nothing asks for")
    }
}

impl std::error::Error for BadTexts {}

struct Texts {
    table: Table,
    language: Language,
}

/// Puts the texts of a language where the document wants one, and the examples beside them.
///
/// # Errors
/// [`BadTexts`].
pub(crate) fn describe(document: &mut Value, language: Language) -> Result<(), BadTexts> {
    let text = match language {
        Language::English => include_str!("../texts/en.toml"),
        Language::German => include_str!("../texts/de.toml"),
        Language::French => include_str!("../texts/fr.toml"),
        Language::Spanish => include_str!("../texts/es.toml"),
    };
    let mut texts = Texts { table: Table::read(text), language };
    texts.describe(document);
    complete(texts.table, &format!("texts/{}.toml", language.tag()))?;
    let mut table = Table::read(include_str!("../texts/examples.toml"));
    examples::add(document, &mut table);
    complete(table, "texts/examples.toml")
}

fn complete(table: Table, file: &str) -> Result<(), BadTexts> {
    let (missing, unused) = table.faults();
    if missing.is_empty() && unused.is_empty() {
        return Ok(());
    }
    Err(BadTexts { file: file.to_owned(), missing, unused })
}

impl Texts {
    fn describe(&mut self, document: &mut Value) {
        self.put(&mut document["info"], "title", &["info.title"]);
        self.put(&mut document["info"], "description", &["info.description"]);
        self.put(&mut document["externalDocs"], "description", &["info.documentation"]);
        for server in array(document, "servers") {
            let key = format!("servers.{}", server["x-text"].as_str().unwrap_or_default());
            remove(server, "x-text");
            self.put(server, "description", &[&key]);
        }
        for tag in array(document, "tags") {
            let name = tag["name"].as_str().unwrap_or_default().to_owned();
            self.put(tag, "x-displayName", &[&format!("tags.{name}.name")]);
            self.put(tag, "description", &[&format!("tags.{name}.description")]);
        }
        let components = &mut document["components"];
        for part in ["parameters", "headers", "responses", "securitySchemes"] {
            for (name, component) in object(components, part) {
                self.put(component, "description", &[&format!("{part}.{name}")]);
            }
        }
        for (name, schema) in object(components, "schemas") {
            self.schema(name, schema);
        }
        for (_, item) in object(document, "paths") {
            for (_, operation) in members(item) {
                self.operation(operation, "operations");
            }
        }
        for (_, item) in object(document, "webhooks") {
            for (_, operation) in members(item) {
                self.operation(operation, "events");
            }
        }
    }

    fn operation(&mut self, operation: &mut Value, part: &str) {
        let id = operation["operationId"].as_str().unwrap_or_default().to_owned();
        self.put(operation, "summary", &[&format!("{part}.{id}.summary")]);
        self.put(operation, "description", &[&format!("{part}.{id}.description")]);
        for parameter in array(operation, "parameters") {
            if parameter.get("$ref").is_some() {
                continue;
            }
            let name = parameter["name"].as_str().unwrap_or_default().to_owned();
            let own = parameter["x-text"].as_str().map(|own| format!("parameters.{own}"));
            remove(parameter, "x-text");
            self.put(parameter, "description", &[&own.unwrap_or(format!("{part}.headers.{name}"))]);
        }
        for (status, response) in object(operation, "responses") {
            if response.get("$ref").is_none() {
                let keys = [format!("{part}.{id}.response"), format!("responses.{status}")];
                self.put(response, "description", &keys);
            }
        }
    }

    fn schema(&mut self, name: &str, schema: &mut Value) {
        if !is_plumbing(name) {
            self.put(schema, "description", &[&format!("schemas.{name}.self")]);
        }
        for (field, property) in object(schema, "properties") {
            self.put(property, "description", &keys_of_field(name, field));
        }
    }

    /// The text of the first key that has one.
    fn put<K: AsRef<str>>(&mut self, place: &mut Value, member: &str, keys: &[K]) {
        let Some(text) = self.table.take(keys) else { return };
        match bounds::filled(text.as_str().unwrap_or_default().trim(), self.language) {
            Ok(text) => place[member] = json!(text),
            Err(bound) => self.table.lacks(format!("the bound {bound}")),
        }
    }
}

// Indexing would put a null where there is nothing.
fn array<'a>(value: &'a mut Value, member: &str) -> impl Iterator<Item = &'a mut Value> + use<'a> {
    value.get_mut(member).and_then(Value::as_array_mut).into_iter().flatten()
}

fn object<'a>(
    value: &'a mut Value,
    member: &str,
) -> impl Iterator<Item = (&'a String, &'a mut Value)> + use<'a> {
    value.get_mut(member).into_iter().flat_map(members)
}

fn members(value: &mut Value) -> impl Iterator<Item = (&String, &mut Value)> {
    value.as_object_mut().map(Map::iter_mut).into_iter().flatten()
}

fn remove(value: &mut Value, member: &str) {
    if let Some(object) = value.as_object_mut() {
        object.shift_remove(member);
    }
}
