//! The settings of the gateway: in its body, so that no deployment loses them, and where it may be reached.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::{of_type, only, template, translated};

/// An update puts the body in the place of the API. What is only a property besides may go back to its default by that, and
/// SAM makes a new deployment only where the body has changed.
#[test]
fn the_api_is_set_up_by_its_body_alone() {
    let api = only("AWS::ApiGateway::RestApi");
    let properties: BTreeSet<&str> = api.as_object().unwrap().keys().map(String::as_str).collect();
    assert_eq!(properties, ["Body", "EndpointConfiguration", "Name", "Parameters"].into());
    let body = &api["Body"];
    assert_eq!(body["x-amazon-apigateway-api-key-source"], "AUTHORIZER");
    assert_eq!(body["x-amazon-apigateway-minimum-compression-size"], 1024);
    assert_eq!(body["x-amazon-apigateway-security-policy"], "TLS_1_2");
    let closed = json!({"disableExecuteApiEndpoint": {"Fn::If": ["HasGatewayAddress", false, true]}});
    assert_eq!(body["servers"], json!([{"url": "/", "x-amazon-apigateway-endpoint-configuration": closed}]));
}

#[test]
fn the_gateways_address_is_closed_only_where_a_domain_leads_to_it() {
    let template = template();
    assert_eq!(template["Parameters"]["GatewayAddress"]["Default"], "open");
    let open = json!({"Fn::Equals": [{"Ref": "GatewayAddress"}, "open"]});
    assert_eq!(template["Conditions"]["HasGatewayAddress"], open);
    let rule = &template["Rules"]["AClosedGatewayAddressNeedsADomain"];
    assert_eq!(rule["RuleCondition"], json!({"Fn::Equals": [{"Ref": "GatewayAddress"}, "closed"]}));
    let named = json!({"Fn::Not": [{"Fn::Equals": [{"Ref": "DomainName"}, ""]}]});
    assert_eq!(rule["Assertions"][0]["Assert"], named);
    assert_eq!(template["Outputs"]["GatewayUrl"]["Condition"], "HasGatewayAddress");
    // AWS: "This setting takes affect when you update any setting on any stage".
    let stage = only("AWS::ApiGateway::Stage");
    assert_eq!(stage["Variables"], json!({"gateway_address": {"Ref": "GatewayAddress"}}));
    // Where `inboundflow keys` asks whether a new key is taken.
    let tags = of_type("AWS::ApiGateway::UsagePlan")["KeysPlan"]["Tags"].as_array().unwrap().clone();
    let tag = |name: &str| tags.iter().find(|tag| tag["Key"] == name).unwrap()["Value"].clone();
    let url = json!({"Fn::If": ["HasGatewayAddress", "gateway", {"Fn::Sub": "https://${DomainName}"}]});
    assert_eq!((tag("Url"), tag("Stage")), (url, json!({"Ref": "Stage"})));
}

#[test]
fn a_domain_is_reached_over_ipv4_and_ipv6() {
    let domain = only("AWS::ApiGateway::DomainName");
    assert_eq!(domain["EndpointConfiguration"], json!({"Types": ["REGIONAL"], "IpAddressType": "dualstack"}));
    assert_eq!(domain["SecurityPolicy"], "TLS_1_2");
    let records = of_type("AWS::Route53::RecordSet");
    let types: BTreeSet<&str> = records.values().map(|record| record["Type"].as_str().unwrap()).collect();
    assert_eq!(types, ["A", "AAAA"].into());
    for (name, record) in records {
        assert_eq!(
            record["AliasTarget"]["DNSName"],
            json!({"Fn::GetAtt": ["Domain", "RegionalDomainName"]}),
            "{name}"
        );
    }
}

/// The trust policy of the role that API Gateway logs by, and the permissions to invoke functions.
#[test]
fn where_a_service_says_for_whom_it_asks_it_has_to_be_this_account() {
    let roles = of_type("AWS::IAM::Role");
    let trusting: Vec<(&String, Value)> = roles
        .iter()
        .map(|(name, role)| (name, role["AssumeRolePolicyDocument"]["Statement"][0].clone()))
        .filter(|(_, trust)| trust["Principal"]["Service"] == "apigateway.amazonaws.com")
        .collect();
    let own = json!({"StringEqualsIfExists": {"aws:SourceAccount": {"Ref": "AWS::AccountId"}}});
    assert_eq!(trusting.len(), 1);
    assert!(trusting.iter().all(|(_, trust)| trust["Condition"] == own), "{trusting:?}");
    for (name, permission) in of_type("AWS::Lambda::Permission") {
        assert!(!permission["SourceArn"].is_null(), "{name} lets any account's {}", permission["Principal"]);
    }
}

/// `deliver` puts on a queue what comes to it again; ten attempts end that. AWS may stop it after about sixteen.
#[test]
fn deliver_alone_may_be_called_by_what_it_sends() {
    for (name, function) in of_type("AWS::Lambda::Function") {
        let allowed = if name == "DeliverFunction" { json!("Allow") } else { Value::Null };
        assert_eq!(function["RecursiveLoop"], allowed, "{name}");
    }
}

/// Lambda samples the first call of each second: of the sweep, one a minute, that is every one.
#[test]
fn traces_are_sampled_where_the_parameter_says_so_and_never_of_the_sweep() {
    let template = template();
    assert_eq!(template["Parameters"]["Tracing"]["Default"], "off");
    assert_eq!(template["Conditions"]["IsTraced"], json!({"Fn::Equals": [{"Ref": "Tracing"}, "sampled"]}));
    assert_eq!(
        only("AWS::ApiGateway::Stage")["TracingEnabled"],
        json!({"Fn::If": ["IsTraced", true, false]})
    );
    let rules = of_type("AWS::Events::Rule");
    let sweeps: BTreeSet<String> = translated()
        .into_iter()
        .filter(|(_, resource)| resource["Type"] == "AWS::Lambda::Function")
        .filter(|(name, _)| rules.values().any(|rule| rule["Targets"].to_string().contains(name)))
        .map(|(name, _)| name)
        .collect();
    assert_eq!(sweeps, ["FanoutFunction".to_owned()].into());
    for (name, function) in of_type("AWS::Lambda::Function") {
        let mode = if sweeps.contains(&name) {
            json!("PassThrough")
        } else {
            json!({"Fn::If": ["IsTraced", "Active", "PassThrough"]})
        };
        assert_eq!(function["TracingConfig"]["Mode"], mode, "{name}");
    }
}
