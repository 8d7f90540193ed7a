//! The translated template: what SAM makes of `template.yaml`, which no linter holds against what was
//! meant. `.ci/template` translates it and names the file in `TRANSLATED_TEMPLATE`, and in `TRANSLATED_CHANGED` that of
//! the same template with another time-out at each function.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::collections::{BTreeMap, BTreeSet};

use domain::catalogue;
use harness::stack;
use inboundflow::dev::{TEMPLATE, resolved};
use serde_json::{Map, Value, json};

fn translated() -> Map<String, Value> {
    let path = std::env::var("TRANSLATED_TEMPLATE").expect("TRANSLATED_TEMPLATE: run .ci/template");
    let template: Value = serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
    template["Resources"].as_object().unwrap().clone()
}

fn of_type(kind: &str) -> BTreeMap<String, Value> {
    let all = translated().into_iter().filter(|(_, resource)| resource["Type"] == kind);
    all.map(|(name, resource)| (name, resource["Properties"].clone())).collect()
}

fn only(kind: &str) -> Value {
    let all = of_type(kind);
    assert_eq!(all.len(), 1, "{kind}");
    all.into_values().next().unwrap()
}

/// Every name that a `Ref` inside refers to, but for AWS's own.
fn referred_to(value: &Value) -> Vec<String> {
    match value {
        Value::Array(items) => items.iter().flat_map(referred_to).collect(),
        Value::Object(members) => members
            .iter()
            .flat_map(|(name, value)| match value {
                Value::String(to) if name == "Ref" && !to.starts_with("AWS::") => vec![to.clone()],
                value => referred_to(value),
            })
            .collect(),
        _ => Vec::new(),
    }
}

/// The name of one of AWS's policies, whose ARN may still have the partition to be put in.
fn policy_name(arn: &Value) -> &str {
    let text = arn.as_str().or_else(|| arn["Fn::Sub"].as_str()).unwrap();
    text.rsplit('/').next().unwrap()
}

/// Whether `text` is anywhere inside.
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
    assert_eq!(only("AWS::ApiGateway::RestApi")["ApiKeySourceType"], "AUTHORIZER");
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
            role["ManagedPolicyArns"].as_array().unwrap().iter().map(policy_name).collect();
        assert_eq!(managed, ["AWSLambdaBasicExecutionRole", "AWSXrayWriteOnlyAccess"].into(), "{name}");
        let function = &source["Resources"][name]["Properties"];
        let written = function["Policies"].as_array().cloned().unwrap_or_default();
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
fn a_changed_parameter_reaches_the_version_that_callers_reach() {
    for (name, alias) in of_type("AWS::Lambda::Alias") {
        assert_eq!(alias["Name"], "live", "{name}");
    }
    let versions = of_type("AWS::Lambda::Version");
    let functions = of_type("AWS::Lambda::Function");
    let resources = translated();
    assert_eq!(versions.len(), functions.len());
    for (name, function) in functions {
        let used: BTreeSet<String> =
            referred_to(&function).into_iter().filter(|to| !resources.contains_key(to)).collect();
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
