//! A check of every response against the OpenAPI document.

use std::{collections::HashMap, sync::LazyLock};

use boon::{Compiler, Draft, SchemaIndex, Schemas};
use domain::Language;
use reqwest::{Method, header::HeaderMap};
use serde_json::Value;

const URL: &str = "http://localhost/openapi.json";
/// Statuses that belong to no operation: of an unknown path, and of a method that a path does not have.
const OF_NO_OPERATION: [u16; 2] = [404, 405];

static DOCUMENTED: LazyLock<Documented> = LazyLock::new(Documented::new);

struct Documented {
    document: Value,
    schemas: Schemas,
    /// The schemas of responses, by path, method and status.
    answers: HashMap<(String, String, u16), SchemaIndex>,
    error: SchemaIndex,
    /// The schemas of headers, by the component's name, which is mostly the header's.
    headers: HashMap<String, SchemaIndex>,
}

impl Documented {
    fn new() -> Self {
        let document = openapi::document(Language::English).expect("a document");
        let (mut compiler, mut schemas) = (Compiler::new(), Schemas::new());
        compiler.set_default_draft(Draft::V2020_12);
        compiler.enable_format_assertions();
        compiler.add_resource(URL, document.clone()).expect("JSON");
        let mut compile = |pointer: &str| {
            let schema = compiler.compile(&format!("{URL}#{pointer}"), &mut schemas);
            schema.unwrap_or_else(|error| panic!("{pointer}: {error:#}"))
        };
        let mut answers = HashMap::new();
        for (path, item) in document["paths"].as_object().expect("paths") {
            for (method, operation) in item.as_object().expect("methods") {
                for (status, answer) in operation["responses"].as_object().expect("answers") {
                    let escaped = path.replace('/', "~1");
                    let at = format!("/paths/{escaped}/{method}/responses/{status}");
                    let at = answer["$ref"].as_str().map_or(at, |it| it.trim_start_matches('#').to_owned());
                    let schema = compile(&format!("{at}/content/application~1json/schema"));
                    let status = status.parse().expect("a status");
                    answers.insert((path.clone(), method.to_uppercase(), status), schema);
                }
            }
        }
        let error = compile("/components/schemas/Error");
        let names = document["components"]["headers"].as_object().expect("headers").keys();
        let headers =
            names.map(|name| (name.clone(), compile(&format!("/components/headers/{name}/schema"))));
        let headers = headers.collect();
        Self { document, schemas, answers, error, headers }
    }

    fn has(&self, method: &Method, path: &str) -> bool {
        let item = self.path(path).map(|known| &self.document["paths"][known]);
        item.is_some_and(|item| item.get(method.as_str().to_lowercase()).is_some())
    }

    /// The path as the document writes it.
    fn path(&self, path: &str) -> Option<&String> {
        let path = path.split('?').next().unwrap_or_default();
        let fits = |written: &&String| {
            let (written, asked) = (written.split('/'), path.split('/'));
            written.clone().count() == asked.clone().count()
                && written
                    .zip(asked)
                    .all(|(one, other)| one == other || (one.starts_with('{') && !other.is_empty()))
        };
        self.document["paths"].as_object()?.keys().find(fits)
    }
}

/// Checks a response against the document.
///
/// # Panics
/// When it is not there, or is another one.
pub(crate) fn check(method: &Method, path: &str, status: u16, headers: &HeaderMap, body: &Value) {
    if method == Method::HEAD {
        return;
    }
    let documented = &*DOCUMENTED;
    let known = documented.path(path).map(|known| (known.clone(), method.to_string(), status));
    let found = known.as_ref().and_then(|known| documented.answers.get(known));
    let schema = match found {
        Some(schema) => *schema,
        None if OF_NO_OPERATION.contains(&status) && !documented.has(method, path) => documented.error,
        None => panic!("{method} {path} answered {status}, which is not documented: {body}"),
    };
    if let Err(error) = documented.schemas.validate(body, schema) {
        panic!("{method} {path} answered {status} otherwise than documented: {error}\n{body}");
    }
    let Some((path, method, status)) = known.filter(|_| found.is_some()) else { return };
    let answer = &documented.document["paths"][&path][method.to_lowercase()]["responses"][status.to_string()];
    let at = |value: &Value| value["$ref"].as_str().map(|it| it.trim_start_matches('#').to_owned());
    let resolved = |value: &Value| {
        at(value).and_then(|at| documented.document.pointer(&at).cloned()).unwrap_or(value.clone())
    };
    for (name, header) in resolved(answer)["headers"].as_object().expect("headers") {
        let at = format!("{method} {path} answered {status}");
        let Some(value) = headers.get(name).map(|value| value.to_str().expect("ASCII")) else {
            assert!(resolved(header)["required"] != true, "{at} without {name}");
            continue;
        };
        let value = value.parse::<i64>().map_or_else(|_| Value::from(value), Value::from);
        let component = header["$ref"].as_str().and_then(|it| it.rsplit('/').next()).unwrap_or(name);
        let valid = documented.schemas.validate(&value, documented.headers[component]);
        assert!(valid.is_ok(), "{at} with {name}: {value}");
    }
}
