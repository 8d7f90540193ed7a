//! The translated template: what SAM makes of `template.yaml`, which no linter holds against what was
//! meant. `.ci/template` translates it and names the file in `TRANSLATED_TEMPLATE`, and in `TRANSLATED_CHANGED` that of
//! the same template with another time-out at each function.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod gateway;
mod lifecycle;

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::OnceLock,
};

use domain::catalogue;
use harness::stack;
use local::{TEMPLATE, resolved};
use serde_json::{Map, Value, json};

fn template() -> &'static Value {
    static TEMPLATE: OnceLock<Value> = OnceLock::new();
    TEMPLATE.get_or_init(|| {
        let path = std::env::var("TRANSLATED_TEMPLATE").expect("TRANSLATED_TEMPLATE: run .ci/template");
        serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
    })
}

fn translated() -> Map<String, Value> {
    template()["Resources"].as_object().unwrap().clone()
}

fn of_type(kind: &str) -> BTreeMap<String, Value> {
    let all = template()["Resources"].as_object().unwrap().iter();
    let found = all.filter(|(_, resource)| resource["Type"] == kind);
    found.map(|(name, resource)| (name.clone(), resource["Properties"].clone())).collect()
}

fn only(kind: &str) -> Value {
    let all = of_type(kind);
    assert_eq!(all.len(), 1, "{kind}");
    all.into_values().next().unwrap()
}

/// The names that `Ref`s inside a value refer to, and those in conditions that decide inside, but for AWS's
/// own.
fn referred_to(value: &Value, conditions: &Value) -> Vec<String> {
    match value {
        Value::Array(items) => items.iter().flat_map(|item| referred_to(item, conditions)).collect(),
        Value::Object(members) => members
            .iter()
            .flat_map(|(name, value)| match value {
                Value::String(to) if name == "Ref" && !to.starts_with("AWS::") => vec![to.clone()],
                Value::String(condition) if name == "Condition" => {
                    referred_to(&conditions[condition], conditions)
                }
                Value::Array(parts) if name == "Fn::If" => {
                    let condition = referred_to(&conditions[parts[0].as_str().unwrap()], conditions);
                    [condition, referred_to(value, conditions)].concat()
                }
                value => referred_to(value, conditions),
            })
            .collect(),
        _ => Vec::new(),
    }
}

/// The name of a policy: one of ours, or of AWS's, whose ARN may still have the partition to be put in.
fn policy_name(arn: &Value) -> &str {
    let text = arn.as_str().or_else(|| arn["Fn::Sub"].as_str()).or_else(|| arn["Ref"].as_str()).unwrap();
    text.rsplit('/').next().unwrap()
}

/// Whether a value has `text` anywhere inside.
fn mentions(value: &Value, text: &str) -> bool {
    value.to_string().contains(text)
}

#[test]
fn every_route_takes_any_method_to_its_functions_alias_and_asks_the_authorizer() {
    let body = &only("AWS::ApiGateway::RestApi")["Body"];
    let paths = body["paths"].as_object().unwrap();
    let routes = stack().routes;
    assert_eq!(paths.len(), routes.len());
    let known: Vec<&str> =
        catalogue::ALL.iter().flat_map(|resource| resource.routes).map(|route| route.path).collect();
    assert!(known.iter().all(|path| paths.contains_key(*path)), "{known:?}");
    for route in routes {
        let methods: Vec<&String> = paths[&route.path].as_object().unwrap().keys().collect();
        assert_eq!(methods, ["x-amazon-apigateway-any-method"], "{}", route.path);
        let any = &paths[&route.path]["x-amazon-apigateway-any-method"];
        assert_eq!(any["security"], json!([{"Identify": []}, {"api_key": []}]), "{}", route.path);
        let integration = &any["x-amazon-apigateway-integration"];
        assert_eq!(integration["type"], "aws_proxy");
        let function =
            format!("{}{}FunctionAliaslive", route.function[..1].to_uppercase(), &route.function[1..]);
        assert!(mentions(&integration["uri"], &function), "{integration}");
    }
}

#[test]
fn the_authorizer_is_asked_by_its_alias_and_never_cached() {
    let body = &only("AWS::ApiGateway::RestApi")["Body"];
    let authorizer = &body["components"]["securitySchemes"]["Identify"]["x-amazon-apigateway-authorizer"];
    assert_eq!(
        (&authorizer["type"], &authorizer["authorizerResultTtlInSeconds"]),
        (&json!("request"), &json!(0))
    );
    assert!(mentions(&authorizer["authorizerUri"], "IdentifyFunctionAliaslive"));
}

#[test]
fn every_gateway_response_of_the_template_gets_through() {
    let body = &only("AWS::ApiGateway::RestApi")["Body"];
    let responses = body["x-amazon-apigateway-gateway-responses"].as_object().unwrap();
    let expected = stack().responses;
    assert_eq!(responses.len(), expected.len());
    for (kind, response) in expected {
        let translated = &responses[&kind];
        assert_eq!(translated["statusCode"], response.status.to_string(), "{kind}");
        assert_eq!(translated["responseTemplates"]["application/json"], response.body, "{kind}");
        let headers: Map<String, Value> = response
            .headers
            .into_iter()
            .map(|(name, value)| (format!("gatewayresponse.header.{name}"), json!(value)))
            .collect();
        assert_eq!(translated["responseParameters"], json!(headers), "{kind}");
    }
}

#[test]
fn each_function_has_a_role_of_its_own_with_the_templates_statements() {
    let source = resolved(TEMPLATE, "Test").unwrap();
    let roles = of_type("AWS::IAM::Role");
    for name in of_type("AWS::Lambda::Function").keys() {
        let role = &roles[&format!("{name}Role")];
        let managed: BTreeSet<&str> =
            role["ManagedPolicyArns"].as_array().into_iter().flatten().map(policy_name).collect();
        let function = &source["Resources"][name]["Properties"];
        let expected: &[&str] = match (function["Role"].is_null(), name.as_str()) {
            (true, _) => &["AWSLambdaBasicExecutionRole", "AWSXrayWriteOnlyAccess", "FunctionLogsPolicy"],
            (false, "FanoutFunction") => &[],
            (false, _) => &["AWSXrayWriteOnlyAccess"],
        };
        assert_eq!(managed, expected.iter().copied().collect(), "{name}");
        let mut written = function["Policies"].as_array().cloned().unwrap_or_default();
        written.retain(Value::is_object);
        let inline = role["Policies"].as_array().cloned().unwrap_or_default();
        let count = |policies: &[Value], at: &str| -> usize {
            policies.iter().map(|policy| policy.pointer(at).unwrap().as_array().unwrap().len()).sum()
        };
        if function["Role"].is_null() {
            assert_eq!(count(&inline, "/PolicyDocument/Statement"), count(&written, "/Statement"), "{name}");
        }
        assert!(!mentions(role, "dynamodb:*") && !mentions(role, "Scan"), "{name}");
    }
}

#[test]
fn queues_and_streams_feed_the_aliases_and_take_back_only_what_failed() {
    let mappings = of_type("AWS::Lambda::EventSourceMapping");
    let source = |mapping: &Value| {
        let parts = mapping["EventSourceArn"]["Fn::GetAtt"].as_array().unwrap();
        parts.iter().map(|part| part.as_str().unwrap()).collect::<Vec<_>>().join(".")
    };
    let fed: BTreeSet<(String, String)> = mappings
        .values()
        .map(|mapping| (source(mapping), mapping["FunctionName"]["Ref"].as_str().unwrap().to_owned()))
        .collect();
    let expected = [
        ("EventsQueue.Arn", "IngestFunctionAliaslive"),
        ("CallsTable.StreamArn", "FanoutFunctionAliaslive"),
        ("LeadsTable.StreamArn", "FanoutFunctionAliaslive"),
        ("AppointmentsTable.StreamArn", "FanoutFunctionAliaslive"),
        ("WebhooksTable.StreamArn", "FanoutFunctionAliaslive"),
        ("DeliveriesTable.StreamArn", "FanoutFunctionAliaslive"),
        ("DeliveriesQueue.Arn", "DeliverFunctionAliaslive"),
        ("SlowDeliveriesQueue.Arn", "DeliverFunctionAliaslive"),
    ];
    let expected = expected.map(|(source, function)| (source.to_owned(), function.to_owned()));
    assert_eq!(fed, expected.into());
    assert_eq!(mappings.len(), fed.len());
    for (name, mapping) in &mappings {
        assert_eq!(mapping["FunctionResponseTypes"], json!(["ReportBatchItemFailures"]), "{name}");
        if source(mapping).ends_with(".StreamArn") {
            let given_up =
                json!({"OnFailure": {"Destination": {"Fn::GetAtt": ["FanoutDeadLetterQueue", "Arn"]}}});
            assert_eq!(mapping["DestinationConfig"], given_up, "{name}");
            assert!(mapping["FilterCriteria"]["Filters"][0]["Pattern"].is_string(), "{name}");
        }
    }
}

#[test]
fn the_schedule_calls_the_alias_and_may() {
    let rule = only("AWS::Events::Rule");
    assert_eq!(rule["ScheduleExpression"], "rate(1 minute)");
    assert_eq!(rule["Targets"][0]["Arn"], json!({"Ref": "FanoutFunctionAliaslive"}));
    let permissions = of_type("AWS::Lambda::Permission");
    let mut of_rules = permissions.values().filter(|one| one["Principal"] == "events.amazonaws.com");
    let permission = of_rules.next().unwrap();
    assert_eq!(permission["FunctionName"], json!({"Ref": "FanoutFunctionAliaslive"}));
    let patience = only("AWS::Lambda::EventInvokeConfig");
    assert_eq!((&patience["Qualifier"], &patience["MaximumRetryAttempts"]), (&json!("live"), &json!(0)));
    assert!(of_rules.next().is_none());
}

#[test]
fn what_depends_on_the_account_is_looked_up_when_it_is_deployed() {
    let looked_up = |key: &str| json!({"Fn::FindInMap": ["Capacity", {"Ref": "Capacity"}, key]});
    let settings = &only("AWS::ApiGateway::Stage")["MethodSettings"];
    assert_eq!(
        settings,
        &json!([{
            "ResourcePath": "/*", "HttpMethod": "*",
            "ThrottlingRateLimit": looked_up("PathRate"), "ThrottlingBurstLimit": looked_up("PathBurst"),
        }])
    );
    let mappings = of_type("AWS::Lambda::EventSourceMapping");
    for (name, key) in [
        ("IngestFunctionQueue", "IngestBatches"),
        ("DeliverFunctionFast", "DeliveryBatches"),
        ("DeliverFunctionSlow", "SlowDeliveryBatches"),
    ] {
        assert_eq!(mappings[name]["ScalingConfig"], json!({"MaximumConcurrency": looked_up(key)}), "{name}");
    }
    for (name, mapping) in mappings.iter().filter(|(name, _)| name.starts_with("Fanout")) {
        assert_eq!(mapping["ParallelizationFactor"], looked_up("StreamBatches"), "{name}");
    }
    // A version does not have it, and so it may not be in a version's description: nothing else would have changed.
    let reserved =
        of_type("AWS::Lambda::Function").into_values().map(|it| it["ReservedConcurrentExecutions"].clone());
    assert_eq!(reserved.filter(|reserved| reserved["Fn::If"][0] == "ReservesConcurrency").count(), 8);
}

#[test]
fn a_changed_parameter_reaches_the_version_that_callers_reach() {
    for (name, alias) in of_type("AWS::Lambda::Alias") {
        assert_eq!(alias["Name"], "live", "{name}");
    }
    let versions = of_type("AWS::Lambda::Version");
    let functions = of_type("AWS::Lambda::Function");
    let (resources, conditions) = (translated(), &template()["Conditions"]);
    assert_eq!(versions.len(), functions.len());
    for (name, mut function) in functions {
        // Concurrency is set aside for a function, whatever its versions.
        function.as_object_mut().unwrap().remove("ReservedConcurrentExecutions");
        let used: BTreeSet<String> =
            referred_to(&function, conditions).into_iter().filter(|to| !resources.contains_key(to)).collect();
        let version = versions.values().find(|version| version["FunctionName"]["Ref"] == name).unwrap();
        let description = version["Description"]["Fn::Sub"].as_str().unwrap();
        let named = description.split("${").skip(1).map(|rest| rest.split('}').next().unwrap().to_owned());
        assert_eq!(
            named.collect::<BTreeSet<_>>(),
            used,
            "{name}: a version names what it was made with, no more"
        );
    }
    for group in of_type("AWS::CodeDeploy::DeploymentGroup").values() {
        assert!(mentions(&group["DeploymentConfigName"], "Canary10Percent5Minutes"));
        // Of what answers requests the share of failures, of what works off a queue any.
        let alarms = &group["AlarmConfiguration"];
        let is_watched = mentions(alarms, "Failing") || mentions(alarms, "Errors");
        assert!(is_watched, "a canary without an alarm shifts blindly");
    }
}

#[test]
fn a_changed_property_is_a_new_version_of_its_function() {
    let path = std::env::var("TRANSLATED_CHANGED").expect("TRANSLATED_CHANGED: run .ci/template");
    let changed: Value = serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
    for (name, version) in of_type("AWS::Lambda::Version") {
        let function = &version["FunctionName"]["Ref"];
        assert!(changed["Resources"][&name].is_null(), "{function}: the alias stays at its old properties");
    }
}

#[test]
fn every_function_logs_to_a_declared_group_that_forgets() {
    let groups = of_type("AWS::Logs::LogGroup");
    for (name, function) in of_type("AWS::Lambda::Function") {
        let group = function["LoggingConfig"]["LogGroup"]["Ref"].as_str().unwrap();
        assert_eq!(groups[group]["RetentionInDays"], json!({"Ref": "LogRetentionDays"}), "{name}");
        assert_eq!(function["LoggingConfig"]["LogFormat"], "JSON", "{name}");
        assert_eq!(function["Runtime"], "provided.al2023", "{name}");
    }
}
