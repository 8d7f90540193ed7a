//! `template.yaml` holds what the code knows: routes, tables, permissions, limits, and the words of the
//! answers that the gateway makes itself.

use std::collections::{BTreeMap, BTreeSet};

use domain::{DEFAULT_REQUESTS_PER_MINUTE, Language, catalogue, plan};
use harness::{World, functions, invoke, stack};
use inboundflow::dev::{TEMPLATE, resolved};
use reqwest::Method;
use serde_json::{Value, json};
use store::{StreamView, TABLES};

/// The functions that no request reaches. What they may do stands with the tests of what feeds them.
const FED: [&str; 3] = ["ingest", "fanout", "deliver"];
/// Its record would be of no use: restored, it would send again what was sent since.
const NOT_RECOVERABLE: &str = "Deliveries";
/// Every type of gateway response that API Gateway knows.
const RESPONSE_TYPES: [&str; 21] = [
    "ACCESS_DENIED",
    "API_CONFIGURATION_ERROR",
    "AUTHORIZER_CONFIGURATION_ERROR",
    "AUTHORIZER_FAILURE",
    "BAD_REQUEST_BODY",
    "BAD_REQUEST_PARAMETERS",
    "DEFAULT_4XX",
    "DEFAULT_5XX",
    "EXPIRED_TOKEN",
    "INTEGRATION_FAILURE",
    "INTEGRATION_TIMEOUT",
    "INVALID_API_KEY",
    "INVALID_SIGNATURE",
    "MISSING_AUTHENTICATION_TOKEN",
    "QUOTA_EXCEEDED",
    "REQUEST_TOO_LARGE",
    "RESOURCE_NOT_FOUND",
    "THROTTLED",
    "UNAUTHORIZED",
    "UNSUPPORTED_MEDIA_TYPE",
    "WAF_FILTERED",
];

/// What the gateway says in words that the document does not repeat: of paths that it has no operation for, of buckets, and
/// of what our authorizer and methods never give cause for.
const NOT_SHOWN: [&str; 11] = [
    "ACCESS_DENIED",
    "BAD_REQUEST_BODY",
    "BAD_REQUEST_PARAMETERS",
    "DEFAULT_4XX",
    "EXPIRED_TOKEN",
    "INVALID_SIGNATURE",
    "MISSING_AUTHENTICATION_TOKEN",
    "QUOTA_EXCEEDED",
    "RESOURCE_NOT_FOUND",
    "THROTTLED",
    "UNAUTHORIZED",
];

pub(crate) fn resources() -> serde_json::Map<String, Value> {
    resolved(TEMPLATE, "Test").unwrap()["Resources"].as_object().unwrap().clone()
}

pub(crate) fn of_type(kind: &str) -> BTreeMap<String, Value> {
    let all = resources().into_iter().filter(|(_, resource)| resource["Type"] == kind);
    all.map(|(name, resource)| (name, resource["Properties"].clone())).collect()
}

fn words(value: &Value) -> Vec<String> {
    match value {
        Value::Array(items) => items.iter().flat_map(words).collect(),
        Value::String(word) => vec![word.clone()],
        other => panic!("{other}"),
    }
}

#[test]
fn every_route_of_the_catalogue_is_there_and_no_other() {
    let mut expected: Vec<(String, String)> = catalogue::ALL
        .iter()
        .flat_map(|resource| {
            resource.routes.iter().map(|route| (route.path.to_owned(), resource.name.to_owned()))
        })
        .chain(["/", "/{proxy+}"].map(|path| (path.to_owned(), "fallback".to_owned())))
        .chain(catalogue::DOCUMENTATION.map(|path| (path.to_owned(), "docs".to_owned())))
        .collect();
    let mut routes: Vec<(String, String)> =
        stack().routes.into_iter().map(|route| (route.path, route.function)).collect();
    expected.sort();
    routes.sort();
    assert_eq!(routes, expected);
    let functions: BTreeSet<String> = stack().functions.into_keys().collect();
    let of_routes: BTreeSet<String> = routes.into_iter().map(|(_, function)| function).collect();
    let others: BTreeSet<String> = FED.into_iter().chain(["identify"]).map(str::to_owned).collect();
    assert_eq!(functions, &of_routes | &others);
    assert_eq!(stack().authorizer, "identify");
}

#[test]
fn the_apis_body_takes_each_path_to_the_function_whose_event_it_is() {
    let api = &of_type("AWS::Serverless::Api")["Api"];
    let paths = api["DefinitionBody"]["paths"].as_object().unwrap();
    let routes = stack().routes;
    assert_eq!(paths.len(), routes.len());
    for route in routes {
        let (path, function) = (&route.path, &route.function);
        let any = &paths[path]["x-amazon-apigateway-any-method"]["x-amazon-apigateway-integration"];
        let to = any["uri"].as_str().unwrap_or_else(|| panic!("{path} is not in the body"));
        let expected = format!("functions/{}{}Function.Alias/", function[..1].to_uppercase(), &function[1..]);
        assert!(to.contains(&expected), "{path} goes to {to}");
    }
}

#[test]
fn tables_are_those_that_the_code_works_on() {
    let mut tables = of_type("AWS::DynamoDB::Table");
    for table in TABLES {
        let found =
            tables.remove(&format!("{}Table", table.name)).unwrap_or_else(|| panic!("{}", table.name));
        assert_eq!(found["TableName"], format!("Test-{}", table.name));
        let schema = |partition: &[&str], sort: &[&str]| -> Value {
            let element =
                |kind: &'static str| move |name: &&str| json!({"AttributeName": name, "KeyType": kind});
            partition.iter().map(element("HASH")).chain(sort.iter().map(element("RANGE"))).collect()
        };
        assert_eq!(found["KeySchema"], schema(&table.key[..1], &table.key[1..]), "{}", table.name);
        let indexes: Vec<Value> = (table.indexes)()
            .iter()
            .map(|index| {
                let projection = if index.whole_items { "ALL" } else { "KEYS_ONLY" };
                json!({
                    "IndexName": index.name, "Projection": {"ProjectionType": projection},
                    "KeySchema": schema(&index.partition, &index.sort),
                })
            })
            .collect();
        assert_eq!(
            found["GlobalSecondaryIndexes"].as_array().cloned().unwrap_or_default(),
            indexes,
            "{}",
            table.name
        );
        let ttl = table.ttl.map(|attribute| json!({"AttributeName": attribute, "Enabled": true}));
        assert_eq!(found.get("TimeToLiveSpecification"), ttl.as_ref(), "{}", table.name);
        let mut attributes: Vec<&str> = table.key.to_vec();
        let indexed = (table.indexes)();
        attributes.extend(indexed.iter().flat_map(|index| index.partition.iter().chain(&index.sort)));
        attributes.sort_unstable();
        attributes.dedup();
        let attributes: Value =
            attributes.iter().map(|name| json!({"AttributeName": name, "AttributeType": "S"})).collect();
        assert_eq!(found["AttributeDefinitions"], attributes, "{}", table.name);
        let stream = table.stream.map(|view| match view {
            StreamView::BothImages => json!({"StreamViewType": "NEW_AND_OLD_IMAGES"}),
            StreamView::NewImage => json!({"StreamViewType": "NEW_IMAGE"}),
        });
        assert_eq!(found.get("StreamSpecification"), stream.as_ref(), "{}", table.name);
        let recoverable = &found["PointInTimeRecoverySpecification"]["PointInTimeRecoveryEnabled"];
        assert_eq!(recoverable, &json!(table.name != NOT_RECOVERABLE), "{}", table.name);
        assert_eq!(found["BillingMode"], "PAY_PER_REQUEST");
    }
    assert!(tables.is_empty(), "{:?}", tables.keys());
}

/// The statements of a function: its own, or those of the role that it names.
fn statements(function: &Value) -> Vec<Value> {
    let of_role = |role: &str| resources()[role.trim_end_matches(".Arn")]["Properties"]["Policies"].clone();
    let policies = function["Role"].as_str().map_or_else(|| function["Policies"].clone(), of_role);
    let document = |policy: &Value| policy.get("PolicyDocument").unwrap_or(policy)["Statement"].clone();
    // A name is that of a managed policy: it denies, and gives nothing (tests/translated).
    let documents =
        policies.as_array().into_iter().flatten().filter(|policy| policy.is_object()).map(document);
    documents.flat_map(|statements| statements.as_array().unwrap().clone()).collect()
}

/// What a function may do but log, as `Table Action` or `Table/index Action`.
pub(crate) fn permissions(function: &Value) -> BTreeSet<String> {
    let mut permissions = BTreeSet::new();
    let statements = statements(function);
    assert!(
        statements.iter().all(|statement| ["Allow", "Deny"].contains(&statement["Effect"].as_str().unwrap()))
    );
    for statement in statements.iter().filter(|statement| statement["Effect"] == "Allow") {
        for resource in words(&statement["Resource"]) {
            let resource = resource.replace("Table.Arn/index/*", "/index").replace("Table.Arn", "");
            let actions =
                words(&statement["Action"]).into_iter().filter(|action| !action.starts_with("logs:"));
            permissions.extend(actions.map(|action| {
                format!("{} {}", resource.replace(".Arn", ""), action.replace("dynamodb:", ""))
            }));
        }
    }
    permissions
}

#[test]
fn a_function_may_do_what_it_does_and_nothing_else() {
    for (name, function) in of_type("AWS::Serverless::Function") {
        let allowed = permissions(&function);
        let binary = name.strip_suffix("Function").unwrap().to_lowercase();
        if FED.contains(&binary.as_str()) {
            continue;
        }
        let Some(resource) = catalogue::ALL.iter().find(|resource| resource.name == binary) else {
            assert!(allowed.is_empty(), "{name} needs no DynamoDB");
            continue;
        };
        let table = resource.table;
        let mut expected = vec!["ApiKeys UpdateItem".to_owned(), format!("{table} GetItem")];
        if TABLES.iter().any(|known| known.name == table && !(known.indexes)().is_empty()) {
            expected.push(format!("{table}/index Query"));
        }
        if resource.write.is_some() {
            expected.push(format!("{table} PutItem"));
        }
        let more: &[&str] = match table {
            "Calls" => &["Calls BatchGetItem", "CallMessages BatchGetItem", "CallMessages Query"],
            "Webhooks" => &[
                "Webhooks UpdateItem",
                "Webhooks DeleteItem",
                "Webhooks Query",
                "WebhookSecrets GetItem",
                "WebhookSecrets UpdateItem",
                "WebhookSecrets DeleteItem",
                "Events/index Query",
                "Events PutItem",
                "Deliveries GetItem",
                "Deliveries PutItem",
                "Deliveries UpdateItem",
                "Deliveries Query",
                "Deliveries/index/by_webhook_id Query",
            ],
            "Contacts" => &["Contacts ConditionCheckItem"],
            "Events" => &["Webhooks GetItem"],
            _ => &[],
        };
        expected.extend(more.iter().map(|permission| (*permission).to_owned()));
        assert_eq!(allowed, expected.into_iter().collect(), "{name}");
    }
}

#[test]
fn each_type_of_gateway_response_stands_alone_in_the_envelope() {
    let responses = stack().responses;
    let types: BTreeSet<&str> = responses.keys().map(String::as_str).collect();
    assert_eq!(types, RESPONSE_TYPES.into());
    for (kind, response) in &responses {
        let body: Value =
            serde_json::from_str(&response.body).unwrap_or_else(|error| panic!("{kind}: {error}"));
        assert_eq!(body["error"]["status"], response.status, "{kind}");
        let code = match response.status {
            400 => "bad_request",
            401 => "unauthorized",
            403 => "forbidden",
            404 => "not_found",
            413 => "payload_too_large",
            415 => "unsupported_media_type",
            429 => "rate_limited",
            503 => "unavailable",
            other => panic!("{kind}: {other} is not documented"),
        };
        assert_eq!(body["error"]["code"], code, "{kind}");
        let names: Vec<&String> =
            body.as_object().unwrap().keys().chain(body["error"].as_object().unwrap().keys()).collect();
        let param: &[&str] = if response.status == 415 { &["param"] } else { &[] };
        assert_eq!(names, [&["error", "meta", "code", "message", "status"][..], param].concat(), "{kind}");
        let (id, limit) = (&response.headers["X-Request-Id"], &response.headers["X-RateLimit-Limit"]);
        assert_eq!(body["meta"]["request_id"], format!("${id}"), "{kind}");
        assert_eq!(limit, &format!("'{DEFAULT_REQUESTS_PER_MINUTE}'"), "{kind}");
        assert_eq!(response.headers["X-RateLimit-Remaining"], "'0'", "{kind}");
        let policy = domain::Rate::unrecognised(domain::Timestamp::now()).ietf_policy();
        assert_eq!(response.headers["RateLimit-Policy"], format!("'{policy}'"), "{kind}");
        let wait = match (kind.as_str(), response.status) {
            ("WAF_FILTERED", _) => Some("'60'"),
            (_, 429) => Some("'1'"),
            (_, 503) => Some("'2'"),
            _ => None,
        };
        assert_eq!(response.headers.get("Retry-After").map(String::as_str), wait, "{kind}");
        assert_eq!(response.headers["Strict-Transport-Security"], "'max-age=31536000'", "{kind}");
    }
}

/// What AWS gives where no function answered, whether Lambda throttled it or it failed: a class, since `DEFAULT_5XX` gives
/// its status to all of them. See docs/decisions/0077.
#[test]
fn where_no_function_answered_the_gateway_says_when_to_try_again() {
    let responses = stack().responses;
    let unavailable: BTreeSet<&str> = responses
        .iter()
        .filter(|(_, response)| response.status == 503)
        .map(|(kind, _)| kind.as_str())
        .collect();
    assert_eq!(
        unavailable,
        [
            "API_CONFIGURATION_ERROR",
            "AUTHORIZER_CONFIGURATION_ERROR",
            "AUTHORIZER_FAILURE",
            "DEFAULT_5XX",
            "INTEGRATION_FAILURE",
            "INTEGRATION_TIMEOUT",
        ]
        .into()
    );
    assert!(responses.values().all(|response| response.status < 500 || response.status == 503));
    // Beside `Retry-After` each has the headers of its kind, before or after the authorizer.
    for kind in unavailable {
        let alike = if kind.starts_with("AUTHORIZER") { "RESOURCE_NOT_FOUND" } else { "REQUEST_TOO_LARGE" };
        let mut expected = responses[alike].headers.clone();
        expected.insert("Retry-After".to_owned(), "'2'".to_owned());
        assert_eq!(responses[kind].headers, expected, "{kind}");
    }
}

/// The headers of a gateway's 401 are those of its kind, before or after the authorizer, and one more: API Gateway renames
/// it where a function sends it, and not here.
#[test]
fn each_401_of_the_gateway_asks_for_bearer() {
    let responses = stack().responses;
    for (kind, response) in responses.iter().filter(|(_, response)| response.status == 401) {
        let alike = if kind == "INVALID_API_KEY" { "REQUEST_TOO_LARGE" } else { "RESOURCE_NOT_FOUND" };
        let mut expected = responses[alike].headers.clone();
        expected.insert("WWW-Authenticate".to_owned(), "'Bearer'".to_owned());
        assert_eq!(response.headers, expected, "{kind}");
    }
}

#[test]
fn what_the_gateway_answers_is_documented() {
    let document = openapi::document(Language::English).unwrap();
    let answers = document["components"]["responses"].as_object().unwrap();
    let errors = |answer: &Value| -> Vec<Value> {
        let examples = answer["content"]["application/json"]["examples"].as_object().unwrap();
        examples.values().map(|example| example["value"]["error"].clone()).collect()
    };
    for (kind, response) in &stack().responses {
        let of_status = |answer: &&Value| errors(answer)[0]["status"] == response.status;
        let documented: Vec<&Value> = answers.values().filter(of_status).collect();
        assert!(!documented.is_empty(), "{kind}");
        for (name, header) in documented.iter().flat_map(|answer| answer["headers"].as_object().unwrap()) {
            let shared =
                header["$ref"].as_str().map(|at| document.pointer(at.trim_start_matches('#')).unwrap());
            let is_promised = shared.unwrap_or(header)["required"] == true;
            assert!(!is_promised || response.headers.contains_key(name), "{kind} without {name}");
        }
        let body: Value = serde_json::from_str(&response.body).unwrap();
        let message = &body["error"]["message"];
        let is_shown =
            documented.iter().flat_map(|answer| errors(answer)).any(|error| error["message"] == *message);
        assert!(is_shown || NOT_SHOWN.contains(&kind.as_str()), "{kind}: {message}");
    }
}

#[tokio::test]
async fn the_gateway_words_its_answers_as_the_functions_do() {
    let world = World::new().await;
    let responses = stack().responses;
    let gateways = |kind: &str| -> Value { serde_json::from_str(&responses[kind].body).unwrap() };
    let post = async |media_type: &str, body: String| {
        world.client.send(Method::POST, "/v1/contacts", &[("content-type", media_type)], Some(body)).await
    };
    let no_path = world.client.get("/nowhere").await;
    let too_large = post("application/json", " ".repeat(65_537)).await;
    let functions = functions(&world.store);
    let coded = json!({
        "path": "/v1/contacts", "httpMethod": "POST", "body": "{}",
        "multiValueHeaders": {"Authorization": [format!("Bearer {}", world.key)], "Content-Encoding": ["br"]},
    });
    let coded: Value =
        serde_json::from_str(invoke(&functions, &coded).await["body"].as_str().unwrap()).unwrap();
    let pairs = [
        ("MISSING_AUTHENTICATION_TOKEN", &no_path),
        ("RESOURCE_NOT_FOUND", &no_path),
        ("REQUEST_TOO_LARGE", &too_large),
    ];
    for (kind, answer) in pairs {
        for field in ["code", "message", "status"] {
            assert_eq!(gateways(kind)["error"][field], answer.body["error"][field], "{kind}");
        }
    }
    assert_eq!(
        gateways("UNSUPPORTED_MEDIA_TYPE")["error"],
        coded["error"],
        "what it refuses is another coding"
    );
    // The gateway cannot tell which: a revoked key is switched off there, an unknown one is not there.
    let unknown = gateways("INVALID_API_KEY")["error"]["message"].to_string();
    assert!(unknown.contains("unknown") && unknown.contains("revoked"));
}

#[test]
fn a_key_that_keeps_to_its_minute_never_empties_its_bucket() {
    let stack = stack();
    let limit = f64::from(DEFAULT_REQUESTS_PER_MINUTE);
    assert!(stack.keys.burst >= 2.0 * limit, "a minute's end and the next one's beginning at once");
    assert!(stack.keys.rate * 60.0 >= limit);
    let own = [plan::anonymous("Test-"), plan::documentation("Test-")];
    assert_eq!(stack.own_keys.into_keys().collect::<BTreeSet<_>>(), own.into());
    for key in of_type("AWS::ApiGateway::ApiKey").values() {
        let value = key["Value"].as_str().unwrap().replace("Test", "");
        assert!(
            (20..=128).contains(&(value.len() + 1)),
            "too short with a stack's name of one letter: {value}"
        );
    }
}

#[test]
fn the_authorizer_is_never_cached_for_longer_than_api_gateway_allows() {
    let api = &of_type("AWS::Serverless::Api")["Api"];
    let authorizer = &api["Auth"]["Authorizers"]["Identify"];
    assert_eq!(authorizer["Identity"]["ReauthorizeEvery"], 0, "a cache would mix up callers' request ids");
    let source = &api["DefinitionBody"]["x-amazon-apigateway-api-key-source"];
    assert_eq!((source, &api["Auth"]["ApiKeyRequired"]), (&json!("AUTHORIZER"), &json!(true)));
}
