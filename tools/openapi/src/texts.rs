//! The document's texts in each language. The places that want a text are those of the document:
//! a language that lacks one, or has one too many, is refused.

use std::{collections::BTreeSet, fmt};

use domain::Language;
use serde_json::{Map, Value, json};

/// What is wrong with the texts of a language.
#[derive(Debug, PartialEq, Eq)]
pub struct BadTexts {
    language: &'static str,
    missing: Vec<String>,
    unused: Vec<String>,
}

impl fmt::Display for BadTexts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { language, missing, unused } = self;
        write!(f, "texts/{language}.toml lacks {missing:?}, and has {unused:?}, which nothing asks for")
    }
}

impl std::error::Error for BadTexts {}

struct Texts {
    table: toml::Table,
    used: BTreeSet<String>,
    missing: Vec<String>,
}

/// Schemas whose fields are those of another one, which describes them.
const MADE_OF: [(&str, &str); 15] = [
    ("CallCompletedEvent", "Event"),
    ("CallTransferredEvent", "Event"),
    ("AppointmentBookedEvent", "Event"),
    ("LeadCreatedEvent", "Event"),
    ("WebhookDisabledEvent", "Event"),
    ("CallWithMessages", "Call"),
    ("CallCompletedData", "Call"),
    ("CallTransferredData", "Call"),
    ("LeadCreatedData", "Lead"),
    ("AppointmentBookedData", "Appointment"),
    ("WebhookWithSecret", "Webhook"),
    ("RotatedWebhook", "Webhook"),
    ("WebhookPatch", "Webhook"),
    ("DeliveryWithAnswers", "Delivery"),
    ("AttemptWithAnswer", "Attempt"),
];

/// Puts the texts of a language where the document wants one.
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
    #[expect(clippy::expect_used, reason = "the tests read every language")]
    let table = toml::from_str(text).expect("TOML");
    let mut texts = Texts { table, used: BTreeSet::new(), missing: Vec::new() };
    texts.describe(document);
    let unused: Vec<String> = texts.keys().into_iter().filter(|key| !texts.used.contains(key)).collect();
    if texts.missing.is_empty() && unused.is_empty() {
        return Ok(());
    }
    Err(BadTexts { language: language.tag(), missing: texts.missing, unused })
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
        for (status, answer) in object(operation, "responses") {
            if answer.get("$ref").is_none() {
                self.put(answer, "description", &[&format!("answers.{status}")]);
            }
        }
    }

    /// A field that many records have is described once, unless a record says something else of it.
    fn schema(&mut self, name: &str, schema: &mut Value) {
        let plumbing = name.ends_with("List") || name.ends_with("Response") || name.ends_with("Data");
        if !plumbing {
            self.put(schema, "description", &[&format!("schemas.{name}.self")]);
        }
        let base = MADE_OF.iter().find(|(made, _)| *made == name).map_or(name, |(_, base)| base);
        for (field, property) in object(schema, "properties") {
            let keys = [name, base].map(|schema| format!("schemas.{schema}.{field}"));
            self.put(property, "description", &[&keys[0], &keys[1], &format!("fields.{field}")]);
        }
    }

    /// The text of the first key that has one.
    fn put(&mut self, place: &mut Value, member: &str, keys: &[&str]) {
        let found = keys.iter().find_map(|key| Some((*key, self.get(key)?.to_owned())));
        match found {
            None => self.missing.push(keys.join(" or ")),
            Some((key, text)) => {
                self.used.insert(key.to_owned());
                place[member] = json!(text.trim());
            }
        }
    }

    fn get(&self, key: &str) -> Option<&str> {
        let (part, rest) = key.split_once('.')?;
        match self.table.get(part)?.get(rest) {
            Some(text) => text.as_str(),
            None => {
                let (part_of, last) = rest.rsplit_once('.')?;
                self.table.get(part)?.get(part_of)?.get(last)?.as_str()
            }
        }
    }

    fn keys(&self) -> Vec<String> {
        let mut keys = Vec::new();
        for (part, texts) in &self.table {
            for (name, text) in texts.as_table().into_iter().flatten() {
                match text.as_table() {
                    None => keys.push(format!("{part}.{name}")),
                    Some(texts) => keys.extend(texts.keys().map(|last| format!("{part}.{name}.{last}"))),
                }
            }
        }
        keys
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
