//! The document as a collection for Postman, which Bruno and Insomnia import as well. It can be run from top to
//! bottom: what one request makes, the next ones use.

use serde_json::{Map, Value, json};

use crate::{LOCAL_URL, breaking::resolved, operations, operations::Operation};

const FORMAT: &str = "https://schema.getpostman.com/json/collection/v2.1.0/collection.json";
/// The operations whose responses have an id that later requests take, and the variable that keeps it.
pub const KEPT_IDS: [(&str, &str); 2] = [("createWebhook", "WEBHOOK_ID"), ("testWebhook", "DELIVERY_ID")];

/// The collection of the requests that `document` describes.
#[must_use]
pub fn postman(document: &Value) -> Value {
    let folder = |tag: &Value| {
        let requests =
            operations::ALL.iter().filter(|it| it.resource().is_some_and(|its| its.name == tag["name"]));
        let items: Vec<Value> = requests.map(|it| item(document, it)).collect();
        json!({"name": tag["x-displayName"], "description": tag["description"], "item": items})
    };
    let folders: Vec<Value> = document["tags"].as_array().into_iter().flatten().map(folder).collect();
    let variable = |key: &str, value: &str| json!({"key": key, "value": value});
    json!({
        "info": {
            "name": document["info"]["title"], "description": document["info"]["description"], "schema": FORMAT,
        },
        "auth": {"type": "bearer", "bearer": [{"key": "token", "value": "{{INBOUNDFLOW_API_KEY}}", "type": "string"}]},
        "variable": [
            variable("base_url", LOCAL_URL), variable("INBOUNDFLOW_API_KEY", "sk_live_your_key_here"),
            variable("WEBHOOK_ID", ""), variable("DELIVERY_ID", ""),
        ],
        "item": folders,
    })
}

fn item(document: &Value, operation: &Operation) -> Value {
    let example = &operation.example;
    let described = &document["paths"][&operation.path][operation.method.to_lowercase()];
    let mut headers: Vec<Value> =
        example.headers.iter().map(|(name, value)| json!({"key": name, "value": value})).collect();
    let mut request = json!({"method": operation.method, "url": url(document, described, operation), "description": described["description"]});
    if let Some(body) = &example.body {
        headers.push(json!({"key": "Content-Type", "value": "application/json"}));
        let text = format!("{body:#}");
        request["body"] = json!({"mode": "raw", "raw": text, "options": {"raw": {"language": "json"}}});
    }
    request["header"] = headers.into();
    let answer = json!({
        "name": described["summary"], "originalRequest": request, "code": operation.response.status,
        "header": [{"key": "Content-Type", "value": "application/json"}], "body": format!("{:#}", example.response),
        "_postman_previewlanguage": "json",
    });
    json!({"name": described["summary"], "request": request, "response": [answer], "event": [{"listen": "test", "script": script(operation)}]})
}

fn script(operation: &Operation) -> Value {
    let status = operation.response.status;
    let mut lines = vec![format!("pm.test('answers {status}', () => pm.response.to.have.status({status}));")];
    if let Some((_, variable)) = KEPT_IDS.iter().find(|(id, _)| *id == operation.id) {
        lines.push(format!("pm.collectionVariables.set('{variable}', pm.response.json().data.id);"));
    }
    json!({"type": "text/javascript", "exec": lines})
}

/// The names of the query parameters that a request may have.
fn query_of(document: &Value, described: &Value) -> Vec<String> {
    let parameters = described["parameters"].as_array().into_iter().flatten();
    let parameters = parameters.map(|parameter| resolved(document, parameter));
    let of_query = parameters.filter(|parameter| parameter["in"] == "query");
    of_query.filter_map(|parameter| parameter["name"].as_str().map(str::to_owned)).collect()
}

fn url(document: &Value, described: &Value, operation: &Operation) -> Value {
    let example = &operation.example;
    let path = operation.path.trim_start_matches('/').replace('{', ":").replace('}', "");
    // `$WEBHOOK_ID` of a shell is `{{WEBHOOK_ID}}` here.
    let value = |value: &str| match value.strip_prefix('$') {
        Some(variable) => format!("{{{{{variable}}}}}"),
        None => value.to_owned(),
    };
    let variables: Vec<Value> =
        example.path.iter().map(|(name, id)| json!({"key": name, "value": value(id)})).collect();
    let used = example.query.iter().map(|(name, value)| {
        json!({"key": name, "value": value.as_str().map_or(value.to_string(), str::to_owned)})
    });
    let others = query_of(document, described).into_iter().filter(|name| !example.query.contains_key(name));
    let others = others.map(|name| json!({"key": name, "value": "", "disabled": true}));
    let query: Vec<Value> = used.chain(others).collect();
    let used: Vec<String> = query
        .iter()
        .filter(|it| it["disabled"] != true)
        .map(|it| {
            format!("{}={}", it["key"].as_str().unwrap_or_default(), it["value"].as_str().unwrap_or_default())
        })
        .collect();
    let separator = if used.is_empty() { "" } else { "?" };
    let mut url = Map::new();
    url.insert("raw".to_owned(), json!(format!("{{{{base_url}}}}/{path}{separator}{}", used.join("&"))));
    url.insert("host".to_owned(), json!(["{{base_url}}"]));
    url.insert("path".to_owned(), json!(path.split('/').collect::<Vec<_>>()));
    if !query.is_empty() {
        url.insert("query".to_owned(), query.into());
    }
    if !variables.is_empty() {
        url.insert("variable".to_owned(), variables.into());
    }
    url.into()
}
