//! `template.yaml` holds what the code knows: routes, tables, permissions and limits.

use std::collections::{BTreeMap, BTreeSet};

use domain::{DEFAULT_REQUESTS_PER_MINUTE, catalogue, plan};
use harness::stack;
use local::{TEMPLATE, resolved};
use serde_json::{Value, json};
use store::{StreamView, TABLES};

/// The functions that no request reaches. What they may do stands with the tests of what feeds them.
const FED: [&str; 3] = ["ingest", "fanout", "deliver"];
/// The table without point-in-time recovery: restored, it would send again what was sent since.
const NOT_RECOVERABLE: &str = "Deliveries";

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
fn tables_are_those_that_the_code_works_on() {
    let mut tables = of_type("AWS::DynamoDB::Table");
    for table in TABLES.iter() {
        let found =
            tables.remove(&format!("{}Table", table.name)).unwrap_or_else(|| panic!("{}", table.name));
        assert_eq!(found["TableName"], format!("Test-{}", table.name));
        let schema = |partition: &[&str], sort: &[&str]| -> Value {
            let element =
                |kind: &'static str| move |name: &&str| json!({"AttributeName": name, "KeyType": kind});
            partition.iter().map(element("HASH")).chain(sort.iter().map(element("RANGE"))).collect()
        };
        assert_eq!(found["KeySchema"], schema(&table.key[..1], &table.key[1..]), "{}", table.name);
        let indexes: Vec<Value> = table
            .indexes
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
        let indexed = &table.indexes;
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

/// The permissions of a function but for logging, as `Table Action` or `Table/index Action`.
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
        if TABLES.iter().any(|known| known.name == table && !known.indexes.is_empty()) {
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
