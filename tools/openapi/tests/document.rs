//! The document is valid, says what the catalogue says, and is described in every language.

use std::collections::BTreeSet;

use boon::{Compiler, Schemas};
use domain::{
    Language, WholeNumber, catalogue,
    webhooks::{EventType, MAX_ATTEMPTS, MAX_WEBHOOKS, sample},
};
use serde_json::{Value, json};

fn document() -> Value {
    openapi::document(Language::English).expect("the texts are complete")
}

fn operations(document: &Value) -> Vec<(String, String, Value)> {
    let paths = document["paths"].as_object().expect("paths");
    let of = |(path, item): (&String, &Value)| {
        let methods = item.as_object().expect("methods").clone();
        let path = path.clone();
        methods.into_iter().map(move |(method, operation)| (path.clone(), method.to_uppercase(), operation))
    };
    paths.iter().flat_map(of).collect()
}

fn compiler(document: &Value) -> Compiler {
    let mut compiler = Compiler::new();
    compiler.set_default_draft(boon::Draft::V2020_12);
    compiler.enable_format_assertions();
    compiler.add_resource("http://localhost/openapi.json", document.clone()).expect("JSON");
    compiler
}

fn check(document: &Value, pointer: &str, instance: &Value) {
    check_by(&mut compiler(document), pointer, instance);
}

/// Compiles the schema at a JSON pointer of the document.
fn check_by(compiler: &mut Compiler, pointer: &str, instance: &Value) {
    let mut schemas = Schemas::new();
    let schema = compiler.compile(&format!("http://localhost/openapi.json#{pointer}"), &mut schemas);
    let schema = schema.unwrap_or_else(|error| panic!("{pointer}: {error:#}"));
    if let Err(error) = schemas.validate(instance, schema) {
        panic!(
            "{pointer}: {error}\nexamples are in tools/openapi/operations.json; this one is\n{instance:#}"
        );
    }
}

#[test]
fn every_language_describes_it_and_changes_nothing_else() {
    let english = document();
    for language in Language::ALL {
        let other = openapi::document(language).unwrap_or_else(|error| panic!("{error}"));
        assert_eq!(without_texts(&other), without_texts(&english), "{}", language.tag());
    }
}

/// The limits that texts name are those that hold.
#[test]
fn texts_name_the_limits_that_hold() {
    for language in Language::ALL {
        let document = openapi::document(language).expect("a document");
        let digits = |pointer: &str| -> String {
            let text = document.pointer(pointer).and_then(Value::as_str).expect(pointer);
            text.chars().filter(char::is_ascii_digit).collect()
        };
        for (pointer, limit) in [
            ("/components/responses/PayloadTooLarge/description", catalogue::MAX_BODY_BYTES),
            ("/paths/~1v1~1webhooks/post/description", MAX_WEBHOOKS),
            ("/components/schemas/Delivery/properties/attempts/description", MAX_ATTEMPTS),
        ] {
            assert_eq!(digits(pointer), limit.to_string(), "{} {pointer}", language.tag());
        }
    }
}

fn without_texts(value: &Value) -> Value {
    match value {
        Value::Object(members) => members
            .iter()
            .filter(|(name, value)| {
                !(value.is_string()
                    && ["description", "summary", "title", "x-displayName"].contains(&name.as_str()))
            })
            .map(|(name, value)| (name.clone(), without_texts(value)))
            .collect(),
        Value::Array(values) => values.iter().map(without_texts).collect(),
        other => other.clone(),
    }
}

#[test]
fn it_has_the_catalogues_routes_and_methods_and_no_other() {
    let mut documented: Vec<(String, String)> =
        operations(&document()).into_iter().map(|(path, method, _)| (path, method)).collect();
    let routes = catalogue::ALL.iter().flat_map(|resource| resource.routes);
    let mut expected: Vec<(String, String)> = routes
        .flat_map(|route| route.methods.iter().map(|method| (route.path.to_owned(), (*method).to_owned())))
        .collect();
    documented.sort();
    expected.sort();
    assert_eq!(documented, expected);
}

#[test]
fn it_has_the_catalogues_scopes_and_filters() {
    let document = document();
    for (path, method, operation) in operations(&document) {
        let resource = catalogue::ALL.iter().find(|it| it.routes.iter().any(|route| route.path == path));
        let resource = resource.expect("a resource");
        let scope = if method == "GET" { resource.read } else { resource.write };
        let scopes: Vec<&str> = scope.iter().map(|scope| scope.as_str()).collect();
        assert_eq!(operation["security"], json!([{"apiKey": scopes}]), "{method} {path}");
        if operation["operationId"].as_str().expect("an id").starts_with("list") {
            let listed = if path.ends_with("/deliveries") { &catalogue::DELIVERIES } else { *resource };
            let parameters = operation["parameters"].as_array().expect("parameters");
            let name = |it: &Value| {
                let reference =
                    it["$ref"].as_str().map(|it| it.rsplit('/').next().expect("a name").to_owned());
                reference.unwrap_or_else(|| it["name"].as_str().expect("a name").to_owned())
            };
            let names: Vec<String> = parameters.iter().map(name).collect();
            for filter in listed.filters.iter().filter(|it| it.kind != domain::FilterKind::Owner) {
                assert!(names.iter().any(|it| it == filter.parameter), "{path} {}", filter.parameter);
            }
        }
    }
}

#[test]
fn every_operation_has_an_id_of_its_own_examples_and_errors() {
    let document = document();
    let mut ids = std::collections::BTreeSet::new();
    for (path, method, operation) in operations(&document) {
        let at = format!("{method} {path}");
        assert!(ids.insert(operation["operationId"].to_string()), "{at}");
        for status in ["400", "401", "429", "500"] {
            assert!(operation["responses"].get(status).is_some(), "{at} {status}");
        }
        assert!(
            operation["x-codeSamples"][0]["source"].as_str().expect("a sample").starts_with("curl "),
            "{at}"
        );
    }
}

#[test]
fn every_example_is_what_its_schema_says() {
    let document = document();
    for (path, method, operation) in operations(&document) {
        let at = format!("/paths/{}/{}", path.replace('/', "~1"), method.to_lowercase());
        let body = &operation["requestBody"]["content"]["application/json"];
        if let Some(example) = body.get("example") {
            check(&document, &format!("{at}/requestBody/content/application~1json/schema"), example);
        }
        for (status, answer) in operation["responses"].as_object().expect("answers") {
            if let Some(example) = answer["content"]["application/json"].get("example") {
                check(
                    &document,
                    &format!("{at}/responses/{status}/content/application~1json/schema"),
                    example,
                );
            }
        }
    }
    for (name, response) in document["components"]["responses"].as_object().expect("responses") {
        let examples = response["content"]["application/json"]["examples"].as_object().expect("examples");
        assert!(!examples.is_empty(), "{name}");
        for example in examples.values() {
            check(&document, "/components/schemas/Error", &example["value"]);
        }
    }
    for (event, item) in document["webhooks"].as_object().expect("webhooks") {
        let at = format!("/webhooks/{event}/post/requestBody/content/application~1json");
        let example = document.pointer(&format!("{at}/example")).expect("an example");
        check(&document, &format!("{at}/schema"), example);
        check(&document, "/components/schemas/Event", example);
        assert!(item["post"]["operationId"].is_string());
    }
}

/// A schema that lists its values, and an object, whose fields have examples, need none.
#[test]
fn every_field_has_a_description_and_an_example_that_its_schema_takes() {
    let document = document();
    let mut compiler = compiler(&document);
    let resolved = |schema: &Value| match schema["$ref"].as_str() {
        Some(reference) => document.pointer(&reference[1..]).expect(reference).clone(),
        None => schema.clone(),
    };
    let says_all = |schema: &Value| {
        ["enum", "const", "properties", "oneOf"]
            .iter()
            .any(|keyword| resolved(schema).get(*keyword).is_some())
    };
    let mut examples = 0;
    for (name, schema) in document["components"]["schemas"].as_object().expect("schemas") {
        for (field, property) in schema["properties"].as_object().into_iter().flatten() {
            let at = format!("/components/schemas/{name}/properties/{field}");
            assert!(property["description"].is_string(), "{at} has no description");
            for example in property["examples"].as_array().into_iter().flatten() {
                check_by(&mut compiler, &at, example);
                examples += 1;
            }
            let is_boolean = property["type"] == "boolean" || property["type"] == json!(["boolean", "null"]);
            let is_of_objects =
                property.get("items").is_some_and(|items| resolved(items)["properties"].is_object())
                    || property.get("items").is_some_and(|items| resolved(items)["oneOf"].is_array());
            let is_of_words =
                property["anyOf"].as_array().into_iter().flatten().any(|one| one.get("$ref").is_some());
            let needs_none = is_boolean || is_of_objects || is_of_words || says_all(property);
            assert!(needs_none || property["examples"][0] != Value::Null, "{at} has no example");
        }
    }
    assert!(examples > 150, "{examples}");
    for (part, component) in [("parameters", "Accept-Language"), ("headers", "RateLimit")] {
        for (name, parameter) in document["components"][part].as_object().expect(part) {
            for example in parameter["schema"]["examples"].as_array().into_iter().flatten() {
                check_by(&mut compiler, &format!("/components/{part}/{name}/schema"), example);
            }
        }
        assert!(document["components"][part][component]["schema"]["examples"].is_array(), "{part}");
    }
    for (event, item) in document["webhooks"].as_object().expect("webhooks") {
        for (nth, header) in item["post"]["parameters"].as_array().expect("headers").iter().enumerate() {
            for example in header["schema"]["examples"].as_array().into_iter().flatten() {
                check_by(&mut compiler, &format!("/webhooks/{event}/post/parameters/{nth}/schema"), example);
            }
        }
    }
}

#[test]
fn every_reference_leads_somewhere_and_every_component_is_wanted() {
    let document = document();
    let mut wanted = std::collections::BTreeSet::new();
    references(&document, &mut wanted);
    for reference in &wanted {
        assert!(document.pointer(reference.trim_start_matches('#')).is_some(), "{reference}");
    }
    for kind in ["schemas", "parameters", "headers", "responses"] {
        for name in document["components"][kind].as_object().expect(kind).keys() {
            let reference = format!("#/components/{kind}/{name}");
            // No operation's path and method can meet it: those of other methods do.
            let alone = name == "MethodNotAllowed" || name == "Allow";
            assert!(alone || wanted.contains(&reference), "{reference}");
        }
    }
}

fn references(value: &Value, found: &mut std::collections::BTreeSet<String>) {
    match value {
        Value::Object(members) => {
            for (name, value) in members {
                match value.as_str() {
                    Some(reference) if name == "$ref" => drop(found.insert(reference.to_owned())),
                    _ => references(value, found),
                }
            }
        }
        Value::Array(values) => values.iter().for_each(|value| references(value, found)),
        _ => {}
    }
}

#[test]
fn the_data_of_an_event_is_described_field_by_field() {
    let document = document();
    for word in EventType::VALUES {
        let event = serde_json::from_value(json!(word)).expect("an event");
        let told: Value = serde_json::from_str(sample(event).get()).expect("JSON");
        let capital = |part: &str| part[..1].to_uppercase() + &part[1..];
        let name: String = word.split('.').map(capital).collect();
        let described = document["components"]["schemas"][format!("{name}Data")]["properties"].as_object();
        let described: BTreeSet<&String> = described.expect("a schema").keys().collect();
        assert_eq!(told.as_object().expect("fields").keys().collect::<BTreeSet<_>>(), described, "{word}");
    }
}

#[test]
fn every_whole_number_that_a_client_sends_or_a_record_holds_has_its_bounds() {
    fn check(schema: &Value, at: &str, seen: &mut usize) {
        let is_integer = |kind: &Value| {
            kind == "integer" || kind.as_array().is_some_and(|kinds| kinds.contains(&json!("integer")))
        };
        if schema.get("type").is_some_and(is_integer) {
            let bound = |name: &str| schema[name].as_u64().unwrap_or_else(|| panic!("{at} has no {name}"));
            assert!(bound("minimum") <= bound("maximum") && bound("maximum") <= WholeNumber::MAX, "{at}");
            *seen += 1;
        }
        let inner = schema.as_object().into_iter().flatten();
        inner.for_each(|(name, schema)| check(schema, &format!("{at}/{name}"), seen));
        schema.as_array().into_iter().flatten().for_each(|schema| check(schema, at, seen));
    }
    let document = document();
    let mut seen = 0;
    for (path, method, operation) in operations(&document) {
        check(&operation["parameters"], &format!("{method} {path}"), &mut seen);
    }
    let schemas = document["components"]["schemas"].as_object().expect("schemas");
    let records = ["Call", "Contact", "Lead", "Appointment"];
    let bodies = domain::schema::bodies("/");
    for (name, schema) in schemas {
        if records.contains(&name.as_str()) || bodies.contains_key(name) {
            check(schema, name, &mut seen);
        }
    }
    check(&document["components"]["parameters"], "parameters", &mut seen);
    assert!(seen >= 4, "limit, overlap_hours, duration_seconds and total_calls at least: {seen}");
}
