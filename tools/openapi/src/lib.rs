//! The OpenAPI document: made of the catalogue, the domain's types and one row per operation, described in
//! every language.

mod bounds;
mod breaking;
mod curl;
mod errors;
mod events;
mod examples;
mod operations;
mod parameters;
mod postman;
mod responses;
mod schemas;
mod shapes;
mod table;
mod texts;

use domain::{Language, catalogue};
use serde_json::{Map, Value, json};

pub use breaking::breaking_changes;
pub use postman::{KEPT_IDS, postman};
pub use texts::BadTexts;

use operations::{Content, Operation};
use shapes::reference;

/// The address of `dev` unless it is told otherwise: what the document and the pages of the documentation
/// name as the API's address. Whoever serves them puts their own in its place.
pub const LOCAL_URL: &str = "http://127.0.0.1:3000";
/// The address of InboundFlow's own service.
pub const HOSTED_URL: &str = "https://api.inboundflow.app";

/// The document, with its descriptions in a language.
///
/// # Errors
/// [`BadTexts`] where that language does not say what the document wants described.
pub fn document(language: Language) -> Result<Value, BadTexts> {
    let mut document = json!({
        "openapi": "3.1.0",
        "info": {
            "title": "", "version": env!("CARGO_PKG_VERSION"), "description": "",
            "license": {"name": "MIT OR Apache-2.0", "identifier": "MIT OR Apache-2.0"},
        },
        "externalDocs": {"url": format!("{LOCAL_URL}/docs")},
        "servers": [{"url": HOSTED_URL, "x-text": "hosted"}, {"url": LOCAL_URL, "x-text": "local"}],
        "security": [{"apiKey": []}],
        "tags": tags(),
        "paths": paths(),
        "webhooks": events::section(),
        "components": {
            "schemas": schemas::components(),
            "responses": responses::components(),
            "parameters": parameters::components(),
            "headers": responses::headers(),
            "securitySchemes": {"apiKey": {"type": "http", "scheme": "bearer", "bearerFormat": "sk_live_…"}},
        },
    });
    texts::describe(&mut document, language)?;
    Ok(document)
}

/// The tags: one for each resource, in the catalogue's order.
fn tags() -> Vec<Value> {
    catalogue::ALL.iter().map(|resource| json!({"name": resource.name})).collect()
}

fn paths() -> Map<String, Value> {
    let mut paths = Map::new();
    for operation in operations::ALL.iter() {
        let item = paths.entry(&operation.path).or_insert_with(|| json!({}));
        item[operation.method.to_lowercase()] = item_of(operation);
    }
    paths
}

fn item_of(operation: &Operation) -> Value {
    let scopes: Vec<&str> = operation.scope().iter().map(|scope| scope.as_str()).collect();
    let mut item = json!({
        "operationId": operation.id,
        "tags": operation.resource().map(|resource| resource.name).into_iter().collect::<Vec<_>>(),
        "security": [{"apiKey": scopes}],
        "parameters": parameters::of(operation),
    });
    if let Some(schema) = &operation.body {
        let mut content = json!({"schema": reference(schema)});
        if let Some(body) = &operation.example.body {
            content["example"] = body.clone();
        }
        item["requestBody"] =
            json!({"required": !operation.body_optional, "content": {"application/json": content}});
    }
    item["responses"] = responses::of(operation).into();
    if let Some(links) = links(operation) {
        item["responses"][operation.response.status.to_string()]["links"] = links;
    }
    item["x-codeSamples"] = json!([{"lang": "Shell", "label": "curl", "source": curl::line(operation)}]);
    item
}

/// The links from a response to the operations that it leads to.
fn links(operation: &Operation) -> Option<Value> {
    let id = match operation.response.content {
        Content::List(_) => "$response.body#/data/0/id",
        Content::One(_) => "$response.body#/data/id",
    };
    let link = |next: &String| {
        let of_a_delivery =
            operations::ALL.iter().any(|it| it.id == *next && it.path.contains("{delivery_id}"));
        let parameters = if of_a_delivery {
            json!({"id": "$request.path.id", "delivery_id": id})
        } else {
            json!({"id": id})
        };
        (next.clone(), json!({"operationId": next, "parameters": parameters}))
    };
    let links: Map<String, Value> = operation.leads_to.iter().map(link).collect();
    (!links.is_empty()).then(|| links.into())
}
