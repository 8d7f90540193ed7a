//! Schemas of objects and references to schemas, of which the document's schemas are put together.

use serde_json::{Map, Value, json};

/// The path of the schemas in the document.
pub(crate) const SCHEMAS: &str = "/components/schemas";

/// A reference to the schema of this name.
pub(crate) fn reference(name: &str) -> Value {
    json!({"$ref": format!("#{SCHEMAS}/{name}")})
}

/// An object that has all these members.
pub(crate) fn object(properties: Value) -> Value {
    let required: Vec<&String> = properties.as_object().map(|it| it.keys().collect()).unwrap_or_default();
    json!({"type": "object", "required": required, "properties": properties})
}

/// Adds a schema with the members of `base`, and these.
pub(crate) fn extend(schemas: &mut Map<String, Value>, name: &str, base: &str, more: &[(&str, Value)]) {
    let mut properties = schemas[base]["properties"].clone();
    for (field, schema) in more {
        properties[*field] = schema.clone();
    }
    schemas.insert(name.to_owned(), object(properties));
}
