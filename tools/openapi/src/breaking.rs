//! Changes between two documents that break a client of the earlier one.

use std::collections::BTreeSet;

use serde_json::{Value, json};

/// The methods that a path's item may have.
const METHODS: [&str; 5] = ["get", "post", "put", "patch", "delete"];
/// Keywords that allow less the higher they are, and those that allow less the lower they are.
const AT_LEAST: [&str; 3] = ["minimum", "minLength", "minItems"];
const AT_MOST: [&str; 3] = ["maximum", "maxLength", "maxItems"];

/// An earlier document, the one that is compared with it, and what was found.
struct Comparison<'a> {
    old: &'a Value,
    new: &'a Value,
    found: Vec<String>,
}

/// The writer of a value, which decides in which direction the value may change.
#[derive(Clone, Copy)]
enum Written {
    /// A value that clients write: what was taken has to be taken still.
    ByClients,
    /// A value that the API writes: what is answered has to be what was promised.
    ByTheApi,
}

/// A sentence for each change that breaks clients.
#[must_use]
pub fn breaking_changes(old: &Value, new: &Value) -> Vec<String> {
    let mut comparison = Comparison { old, new, found: Vec::new() };
    for (path, item) in members(&old["paths"]) {
        for method in METHODS.iter().filter(|method| item.get(**method).is_some()) {
            comparison.operation(path, method);
        }
    }
    for (event, item) in members(&old["webhooks"]) {
        let at = format!("webhook {event}");
        let (old, new) = (&item["post"], &new["webhooks"][event]["post"]);
        if new.is_null() {
            comparison.found.push(format!("{at} is gone"));
        } else {
            comparison.same(&["operationId"], old, new, &at);
            comparison.bodies(&old["requestBody"], &new["requestBody"], Written::ByTheApi, &at);
            comparison.sent_headers(&old["parameters"], &new["parameters"], &at);
        }
    }
    comparison.names();
    comparison.access();
    comparison.found
}

impl Comparison<'_> {
    fn operation(&mut self, path: &str, method: &str) {
        let at = format!("{} {path}", method.to_uppercase());
        let (old, new) = (self.old["paths"][path][method].clone(), self.new["paths"][path][method].clone());
        if new.is_null() {
            return self.found.push(format!("{at} is gone"));
        }
        // Generated clients name a function by its id, put it where the tags say, and send what security wants.
        self.same(&["operationId", "tags", "security"], &old, &new, &at);
        self.parameters(&old["parameters"], &new["parameters"], &at);
        if new["requestBody"]["required"] == true && old["requestBody"]["required"] != true {
            self.found.push(format!("{at}: a body is required now"));
        }
        self.bodies(&old["requestBody"], &new["requestBody"], Written::ByClients, &format!("{at}: body"));
        self.responses(&old["responses"], &new["responses"], &at);
    }

    /// Compares members to which clients are written word by word.
    fn same(&mut self, names: &[&str], old: &Value, new: &Value, at: &str) {
        for name in names.iter().filter(|name| old[**name] != new[**name]) {
            self.found.push(format!("{at}: {name} was {} and is {}", old[*name], new[*name]));
        }
    }

    /// Compares the API's addresses, and how a client shows its key.
    fn access(&mut self) {
        let urls = |document: &Value| -> Vec<Value> {
            document["servers"].as_array().into_iter().flatten().map(|server| server["url"].clone()).collect()
        };
        let gone = urls(self.old).into_iter().filter(|url| !urls(self.new).contains(url));
        self.found.extend(gone.map(|url| format!("server {url} is gone")));
        for (name, scheme) in members(&self.old["components"]["securitySchemes"]) {
            let new = &self.new["components"]["securitySchemes"][name];
            self.same(&["type", "scheme", "in", "name"], scheme, new, &format!("security scheme {name}"));
        }
    }

    /// Compares the names of the schemas, of which generated clients have types.
    fn names(&mut self) {
        let new = &self.new["components"]["schemas"];
        let gone = members(&self.old["components"]["schemas"]).filter(|(name, _)| new.get(name).is_none());
        self.found.extend(gone.map(|(name, _)| format!("schema {name} is gone")));
    }

    fn parameters(&mut self, old: &Value, new: &Value, at: &str) {
        let all = |document: &Value, parameters: &Value| -> Vec<Value> {
            parameters.as_array().into_iter().flatten().map(|it| resolved(document, it)).collect()
        };
        let same = |a: &Value, b: &Value| a["name"] == b["name"] && a["in"] == b["in"];
        let (old, new) = (all(self.old, old), all(self.new, new));
        for parameter in &old {
            let at = format!("{at}: parameter {}", parameter["name"]);
            match new.iter().find(|other| same(parameter, other)) {
                None => self.found.push(format!("{at} is gone")),
                Some(other) => {
                    if other["required"] == true && parameter["required"] != true {
                        self.found.push(format!("{at} is required now"));
                    }
                    let (schema, other) = (&parameter["schema"], &other["schema"]);
                    if schema["default"] != other["default"] {
                        self.found.push(format!(
                            "{at}: default was {} and is {}",
                            schema["default"], other["default"]
                        ));
                    }
                    self.schemas(schema, other, Written::ByClients, &at);
                }
            }
        }
        for parameter in
            new.iter().filter(|it| it["required"] == true && !old.iter().any(|other| same(it, other)))
        {
            self.found.push(format!("{at}: parameter {} is new and required", parameter["name"]));
        }
    }

    /// Compares the headers of requests to receivers.
    fn sent_headers(&mut self, old: &Value, new: &Value, at: &str) {
        for header in old.as_array().into_iter().flatten() {
            let at = format!("{at}: the header {}", header["name"]);
            let same = new.as_array().into_iter().flatten().find(|other| other["name"] == header["name"]);
            match same {
                Some(other) if header["required"] != true || other["required"] == true => {
                    self.schemas(&header["schema"], &other["schema"], Written::ByTheApi, &at);
                }
                _ => self.found.push(format!("{at} is no longer promised")),
            }
        }
    }

    fn responses(&mut self, old: &Value, new: &Value, at: &str) {
        for (status, answer) in members(old) {
            let at = format!("{at}: {status}");
            let Some(other) = new.get(status) else {
                self.found.push(format!("{at} is gone"));
                continue;
            };
            let (answer, other) = (resolved(self.old, answer), resolved(self.new, other));
            for (name, header) in members(&answer["headers"]) {
                let (header, other) =
                    (resolved(self.old, header), resolved(self.new, &other["headers"][name]));
                if other.is_null() || (header["required"] == true && other["required"] != true) {
                    self.found.push(format!("{at}: the header {name} is no longer promised"));
                } else {
                    let at = format!("{at}: the header {name}");
                    self.schemas(&header["schema"], &other["schema"], Written::ByTheApi, &at);
                }
            }
            self.bodies(&answer, &other, Written::ByTheApi, &at);
        }
    }

    fn bodies(&mut self, old: &Value, new: &Value, written: Written, at: &str) {
        let schema = |body: &Value| body["content"]["application/json"]["schema"].clone();
        if !schema(old).is_null() && schema(new).is_null() {
            return self.found.push(format!("{at} is gone"));
        }
        self.schemas(&schema(old), &schema(new), written, at);
    }

    /// Finds fields that the API did answer, and need not any more.
    fn lost(&mut self, old: &Value, new: &Value, at: &str) {
        let (old, new) = (resolved(self.old, old), resolved(self.new, new));
        if let (Some(items), Some(others)) = (old.get("items"), new.get("items")) {
            self.lost(items, others, &format!("{at}[]"));
        }
        let Some(properties) = new["properties"].as_object() else { return };
        for (field, schema) in members(&old["properties"]) {
            match properties.get(field) {
                None if !texts(&old["required"]).contains(field) => {
                    self.found.push(format!("{at}.{field} is gone"));
                }
                None => {}
                Some(other) => self.lost(schema, other, &format!("{at}.{field}")),
            }
        }
    }

    fn schemas(&mut self, old: &Value, new: &Value, written: Written, at: &str) {
        match written {
            Written::ByClients => {
                let refused = narrowing((self.old, old), (self.new, new), at);
                self.found.extend(refused.into_iter().map(|what| format!("{what} (was taken, is refused)")));
            }
            Written::ByTheApi => {
                self.lost(old, new, at);
                let unexpected = narrowing((self.new, new), (self.old, old), at);
                self.found
                    .extend(unexpected.into_iter().map(|what| format!("{what} (was promised, is not)")));
            }
        }
    }
}

/// The keywords by which the second schema refuses what the first one allows. Each comes with its document.
fn narrowing(wide: (&Value, &Value), narrow: (&Value, &Value), at: &str) -> Vec<String> {
    let (a, b) = (resolved(wide.0, wide.1), resolved(narrow.0, narrow.1));
    if b.is_null() || b.as_object().is_some_and(serde_json::Map::is_empty) {
        return Vec::new();
    }
    let mut found = Vec::new();
    words(&a, &b, at, &mut found);
    bounds(&a, &b, at, &mut found);
    let required = |schema: &Value| texts(&schema["required"]);
    found.extend(required(&b).difference(&required(&a)).map(|field| format!("{at}: {field} is required")));
    let is_closed = |schema: &Value| schema["additionalProperties"] == false;
    if is_closed(&b) && !is_closed(&a) {
        found.push(format!("{at}: no other fields"));
    }
    for (field, schema) in members(&a["properties"]) {
        match b["properties"].get(field) {
            Some(other) => {
                found.extend(narrowing((wide.0, schema), (narrow.0, other), &format!("{at}.{field}")));
            }
            None if is_closed(&b) => found.push(format!("{at}: no field {field}")),
            None => {}
        }
    }
    if let (Some(items), Some(others)) = (a.get("items"), b.get("items")) {
        found.extend(narrowing((wide.0, items), (narrow.0, others), &format!("{at}[]")));
    }
    found.extend(alternatives((wide.0, &a), (narrow.0, &b), at));
    let told_by = |schema: &Value| schema["discriminator"]["propertyName"].clone();
    if !told_by(&b).is_null() && told_by(&a) != told_by(&b) {
        found.push(format!("{at}: discriminator is {}", told_by(&b)));
    }
    found
}

/// The keywords by which an alternative of the first schema fits none of the second.
fn alternatives(wide: (&Value, &Value), narrow: (&Value, &Value), at: &str) -> Vec<String> {
    let of = |schema: &Value| schema.get("anyOf").or(schema.get("oneOf")).and_then(Value::as_array).cloned();
    let Some(narrower) = of(narrow.1) else { return Vec::new() };
    let wider = of(wide.1).unwrap_or_else(|| vec![wide.1.clone()]);
    let fits =
        |one: &Value| narrower.iter().any(|other| narrowing((wide.0, one), (narrow.0, other), at).is_empty());
    let lost = wider.iter().filter(|one| !fits(one));
    lost.map(|one| format!("{at}: none of the alternatives is {one}")).collect()
}

fn words(a: &Value, b: &Value, at: &str, found: &mut Vec<String>) {
    for keyword in ["type", "enum"] {
        let (wide, narrow) = (set(a, keyword), set(b, keyword));
        let lost: Vec<&String> = wide.difference(&narrow).collect();
        if !narrow.is_empty() && (wide.is_empty() || !lost.is_empty()) {
            found.push(format!("{at}: {keyword} is {}", Vec::from_iter(narrow).join(", ")));
        }
    }
    for keyword in ["pattern", "format", "uniqueItems"] {
        if let Some(value) = b.get(keyword).filter(|value| a.get(keyword) != Some(value)) {
            found.push(format!("{at}: {keyword} is {value}"));
        }
    }
}

fn bounds(a: &Value, b: &Value, at: &str, found: &mut Vec<String>) {
    let number = |schema: &Value, keyword: &str| schema.get(keyword).and_then(Value::as_f64);
    let tighter = AT_LEAST.map(|word| (word, 1.0)).into_iter().chain(AT_MOST.map(|word| (word, -1.0)));
    for (keyword, sign) in tighter {
        let Some(narrow) = number(b, keyword) else { continue };
        if number(a, keyword).is_none_or(|wide| sign * narrow > sign * wide) {
            found.push(format!("{at}: {keyword} is {narrow}"));
        }
    }
}

/// The values of a keyword that takes one or several; `const` is an `enum` of one.
fn set(schema: &Value, keyword: &str) -> BTreeSet<String> {
    let value = match (keyword, schema.get("const")) {
        ("enum", Some(one)) => json!([one]),
        _ => schema[keyword].clone(),
    };
    match value {
        Value::Null => BTreeSet::new(),
        Value::Array(values) => values.iter().map(Value::to_string).collect(),
        one => BTreeSet::from([one.to_string()]),
    }
}

fn texts(value: &Value) -> BTreeSet<String> {
    value.as_array().into_iter().flatten().filter_map(Value::as_str).map(str::to_owned).collect()
}

fn members(value: &Value) -> impl Iterator<Item = (&String, &Value)> {
    value.as_object().into_iter().flatten()
}

/// The value that a reference stands for.
pub(crate) fn resolved(document: &Value, value: &Value) -> Value {
    let target =
        value["$ref"].as_str().and_then(|reference| document.pointer(reference.trim_start_matches('#')));
    target.unwrap_or(value).clone()
}
