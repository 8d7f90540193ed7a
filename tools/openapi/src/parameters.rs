//! Parameters of paths and lists, and the headers that a request may have.

use domain::{
    DEFAULT_LIMIT, Filter, FilterKind, MAX_LIMIT, Resource, catalogue::MAX_IDEMPOTENCY_KEY, schema,
};
use serde_json::{Map, Value, json};

use crate::{
    operations::{Content, Operation},
    schemas, shapes,
};

/// The parameters that more than one operation has, by the name of the component.
pub(crate) fn components() -> Map<String, Value> {
    let id = json!({"type": "string", "format": "uuid"});
    let limit = json!({"type": "integer", "minimum": 1, "maximum": MAX_LIMIT, "default": DEFAULT_LIMIT});
    let since = json!({"anyOf": schema::time()});
    // White space at either end is HTTP's to drop.
    let idempotency_key = json!({
        "type": "string", "minLength": 1, "maxLength": MAX_IDEMPOTENCY_KEY,
        "pattern": format!("^[!-~]([ -~]{{0,{}}}[!-~])?$", MAX_IDEMPOTENCY_KEY - 2),
    });
    let language = json!({"type": "string", "examples": ["de", "fr-CA, fr;q=0.9, en;q=0.5"]});
    let components = [
        ("id", path("id", &id)),
        ("delivery_id", path("delivery_id", &id)),
        ("limit", query("limit", limit)),
        ("cursor", query("cursor", schema::cursor())),
        ("since", query("since", since)),
        ("phone", query("phone", schema::phone())),
        ("webhook_id", query("webhook_id", id)),
        ("Accept-Language", header("Accept-Language", language)),
        ("Idempotency-Key", header("Idempotency-Key", idempotency_key)),
    ];
    components.map(|(name, parameter)| (name.to_owned(), parameter)).into_iter().collect()
}

/// The parameters of an operation.
pub(crate) fn of(operation: &Operation) -> Vec<Value> {
    let ids = ["id", "delivery_id"].into_iter().filter(|id| operation.path.contains(&format!("{{{id}}}")));
    let mut parameters: Vec<Value> = ids.map(reference).collect();
    if let (Content::List(_), Some(listed)) = (&operation.response.content, operation.listed()) {
        parameters.extend(["limit", "cursor", "since"].map(reference));
        parameters.extend(listed.filters.iter().filter_map(|filter| of_filter(listed, filter)));
        parameters.extend(listed.shown_to.map(reference));
    }
    if operation.id == "createContact" {
        parameters.push(reference("Idempotency-Key"));
    }
    parameters.push(reference("Accept-Language"));
    parameters
}

/// The parameter of a filter whose words differ from list to list, and which so stands with its operation.
fn of_filter(listed: &Resource, filter: &Filter) -> Option<Value> {
    match filter.kind {
        FilterKind::Owner => None,
        FilterKind::Phone => Some(reference(filter.parameter)),
        FilterKind::OneOf(words) => {
            let named = schemas::of_words(words).map(|name| shapes::reference(&name));
            let mut parameter =
                query(filter.parameter, named.unwrap_or_else(|| json!({"type": "string", "enum": words})));
            parameter["x-text"] = json!(format!("{}.{}", listed.name, filter.parameter));
            Some(parameter)
        }
    }
}

fn reference(name: &str) -> Value {
    json!({"$ref": format!("#/components/parameters/{name}")})
}

fn path(name: &str, schema: &Value) -> Value {
    json!({"name": name, "in": "path", "required": true, "schema": schema})
}

fn query(name: &str, schema: Value) -> Value {
    json!({"name": name, "in": "query", "schema": schema})
}

fn header(name: &str, schema: Value) -> Value {
    json!({"name": name, "in": "header", "schema": schema})
}
