//! The capacity that the template asks of an account: concurrent functions, requests, and what stands
//! before both.

use local::{TEMPLATE, resolved_with};
use serde_json::{Map, Value, json};

use crate::template::queue::number;

/// The parameter's values, with the concurrent executions of the account that each is for.
const CAPACITIES: [(&str, i64); 3] = [("small", 10), ("usual", 1_000), ("reserved", 1_000)];
/// The invocations a second for each concurrent execution (AWS: "Understanding Lambda function scaling").
const INVOCATIONS_A_SECOND: i64 = 10;
/// The invocations that a request takes: identify, and the function that it is for.
const INVOCATIONS_OF_A_REQUEST: i64 = 2;
/// The executions that AWS keeps unreserved ("Configuring reserved concurrency for a function").
const UNRESERVED: i64 = 100;
/// The requests a second and at once that an account of API Gateway has in the newer regions. In the others
/// it has 10 000 and 5 000.
const GATEWAY: (i64, i64) = (2_500, 1_250);
const OPERATIONS: &str = include_str!("../../../docs/OPERATIONS.md");

fn resources(parameters: &[(&str, &str)]) -> Map<String, Value> {
    resolved_with(TEMPLATE, "Test", parameters).unwrap()["Resources"].as_object().unwrap().clone()
}

fn of_type(resources: &Map<String, Value>, kind: &str) -> Vec<(String, Value)> {
    let all = resources.iter().filter(|(_, resource)| resource["Type"] == kind);
    all.map(|(name, resource)| (name.clone(), resource["Properties"].clone())).collect()
}

/// The concurrency that each function reserves, where it does.
fn reserved(resources: &Map<String, Value>) -> Vec<(String, i64)> {
    let functions = of_type(resources, "AWS::Serverless::Function").into_iter();
    functions.filter_map(|(name, it)| Some((name, it["ReservedConcurrentExecutions"].as_i64()?))).collect()
}

/// The batches of queues that Lambda works on at once.
fn batches(resources: &Map<String, Value>) -> Vec<i64> {
    let functions = of_type(resources, "AWS::Serverless::Function").into_iter();
    let events = functions.flat_map(|(_, it)| it["Events"].as_object().cloned().unwrap_or_default());
    events
        .filter(|(_, event)| event["Type"] == "SQS")
        .map(|(_, event)| number(&event["Properties"]["ScalingConfig"]["MaximumConcurrency"]))
        .collect()
}

#[test]
fn queues_leave_the_api_its_share_of_the_account() {
    for (capacity, account) in CAPACITIES {
        let resources = resources(&[("Capacity", capacity)]);
        let batches = batches(&resources);
        assert_eq!(batches.len(), 3, "{capacity}");
        assert!(batches.iter().all(|at_once| *at_once >= 2), "{capacity}: Lambda takes no less: {batches:?}");
        // Three queues at their least are more than that of a small account, and still not all of it.
        let share = if capacity == "small" { account - 4 } else { account / 10 };
        assert!(batches.iter().sum::<i64>() <= share, "{capacity}: {batches:?}");
    }
}

#[test]
fn nothing_is_reserved_unless_asked_for_and_then_no_more_than_lambda_takes() {
    for (capacity, account) in CAPACITIES {
        let resources = resources(&[("Capacity", capacity)]);
        let reserved = reserved(&resources);
        let sum: i64 = reserved.iter().map(|(_, executions)| executions).sum();
        if capacity != "reserved" {
            assert_eq!(sum, 0, "{capacity}: AWS refuses it where the account is new");
            continue;
        }
        let names: Vec<&str> = reserved.iter().map(|(name, _)| name.as_str()).collect();
        for (name, function) in of_type(&resources, "AWS::Serverless::Function") {
            let events = function["Events"].as_object().cloned().unwrap_or_default();
            let paths = events.values().filter_map(|event| event["Properties"]["Path"].as_str());
            let answers_keys =
                paths.into_iter().any(|path| path.starts_with("/v1/") && path != "/v1/openapi.json");
            assert_eq!(names.contains(&name.as_str()), answers_keys || name == "IdentifyFunction", "{name}");
        }
        let rest = account - sum;
        assert!(rest >= UNRESERVED, "{sum} of {account}");
        assert!(
            rest >= 2 * batches(&resources).iter().sum::<i64>(),
            "queues, streams and pages have the rest"
        );
        let identify = reserved.iter().find(|(name, _)| name == "IdentifyFunction").unwrap().1;
        assert!(2 * identify <= sum, "each request is one of identify and one of another");
    }
}

#[test]
fn no_path_and_no_bucket_takes_what_the_account_has_for_all() {
    for (capacity, account) in CAPACITIES {
        let resources = resources(&[("Capacity", capacity)]);
        let invocations = account * INVOCATIONS_A_SECOND;
        let settings = &resources["Api"]["Properties"]["MethodSettings"];
        assert_eq!((&settings[0]["ResourcePath"], &settings[0]["HttpMethod"]), (&json!("/*"), &json!("*")));
        assert!(settings[1].is_null(), "{settings}");
        let rate = number(&settings[0]["ThrottlingRateLimit"]);
        let burst = number(&settings[0]["ThrottlingBurstLimit"]);
        assert!(rate < GATEWAY.0 && burst < GATEWAY.1, "{capacity}: {rate}, {burst}");
        // Neither a key nor a reader is refused at a path what its bucket has.
        for plan in ["KeysPlan", "DocumentationPlan"] {
            let at_once = number(&resources[plan]["Properties"]["Throttle"]["BurstLimit"]);
            assert!(burst >= at_once, "{capacity}: {burst} at a path, {at_once} of {plan}");
        }
        assert!(4 * rate <= invocations, "{capacity}: {rate} of {invocations}");
        let plans = of_type(&resources, "AWS::ApiGateway::UsagePlan").into_iter();
        let shared: i64 = plans
            .filter(|(name, _)| name != "KeysPlan")
            .map(|(_, plan)| number(&plan["Throttle"]["RateLimit"]))
            .sum();
        assert!(
            2 * INVOCATIONS_OF_A_REQUEST * shared <= invocations,
            "{capacity}: {shared} of {invocations}"
        );
    }
}

#[test]
fn the_usage_plan_lets_each_key_make_the_requests_that_it_may_be_given() {
    let allowed = ["60", "120", "300", "500"];
    assert!(TEMPLATE.contains(&format!("AllowedValues: {allowed:?}")), "the parameter's");
    for most in allowed {
        let resources = resources(&[("RequestsPerMinute", most)]);
        let throttle = &resources["KeysPlan"]["Properties"]["Throttle"];
        let most: i64 = most.parse().unwrap();
        // The end of a minute and the beginning of the next one are one moment.
        assert!(number(&throttle["BurstLimit"]) >= 2 * most, "{most}: {throttle}");
        assert!(60 * number(&throttle["RateLimit"]) >= most, "{most}: {throttle}");
        let path = number(&resources["Api"]["Properties"]["MethodSettings"][0]["ThrottlingBurstLimit"]);
        assert!(path >= number(&throttle["BurstLimit"]), "{most}: no path takes less");
    }
}

/// A number as OPERATIONS.md has it, with a space before each three digits.
fn spaced(number: i64) -> String {
    match number {
        0..1_000 => number.to_string(),
        _ => format!("{} {:03}", spaced(number / 1_000), number % 1_000),
    }
}

#[test]
fn the_operators_are_told_each_number() {
    for (capacity, _) in CAPACITIES {
        let resources = resources(&[("Stage", "prod"), ("Capacity", capacity)]);
        let batches = batches(&resources).iter().map(i64::to_string).collect::<Vec<_>>().join(" + ");
        let calls = &resources["FanoutFunction"]["Properties"]["Events"]["Calls"]["Properties"];
        let path = &resources["Api"]["Properties"]["MethodSettings"][0];
        let path = (number(&path["ThrottlingRateLimit"]), number(&path["ThrottlingBurstLimit"]));
        let plan = |name: &str| {
            let throttle = &resources[name]["Properties"]["Throttle"];
            (number(&throttle["RateLimit"]), number(&throttle["BurstLimit"]))
        };
        let [path, anonymous, readers] = [path, plan("AnonymousPlan"), plan("DocumentationPlan")]
            .map(|(rate, burst)| format!("{} ({})", spaced(rate), spaced(burst)));
        let rule = &resources["WebAcl"]["Properties"]["Rules"][0]["Statement"]["RateBasedStatement"];
        let firewall = spaced(number(&rule["Limit"]));
        let shards = number(&calls["ParallelizationFactor"]);
        let row = format!(
            "| `{capacity}` | {batches} | {shards} | {path} | {anonymous} | {readers} | {firewall} |"
        );
        assert!(OPERATIONS.contains(&row), "docs/OPERATIONS.md lacks {row}");
    }
}

#[test]
fn the_accounts_alarm_goes_off_before_nothing_is_left() {
    for (capacity, account) in CAPACITIES {
        let resources = resources(&[("Capacity", capacity)]);
        let alarm = &resources["ClaimedConcurrency"]["Properties"];
        let of = (&alarm["Namespace"], &alarm["MetricName"], &alarm["Dimensions"]);
        assert_eq!(
            of,
            (&json!("AWS/Lambda"), &json!("ClaimedAccountConcurrency"), &Value::Null),
            "of all functions"
        );
        let threshold = number(&alarm["Threshold"]);
        let claimed: i64 = reserved(&resources).iter().map(|(_, executions)| executions).sum();
        // What is reserved is claimed at any time.
        assert!(
            claimed + (account - claimed) / 2 < threshold && threshold < account,
            "{capacity}: {threshold}"
        );
    }
}

#[test]
fn the_firewall_is_there_in_prod_and_where_it_is_asked_for() {
    for (parameters, is_there) in [
        (&[][..], false),
        (&[("Stage", "prod")], true),
        (&[("Stage", "prod"), ("Firewall", "off")], false),
        (&[("Stage", "prod"), ("Firewall", "on")], true),
        (&[("Firewall", "on")], true),
        (&[("Firewall", "off")], false),
    ] {
        let resources = resources(parameters);
        for name in ["WebAcl", "WebAclAssociation"] {
            assert_eq!(resources.contains_key(name), is_there, "{name}: {parameters:?}");
        }
    }
}

/// A rule that looked at bodies would answer in the place of the functions' 413, and cost by the body.
#[test]
fn the_firewall_counts_by_address_and_takes_what_the_functions_take() {
    for (capacity, account) in CAPACITIES {
        let resources = resources(&[("Stage", "prod"), ("Capacity", capacity)]);
        let firewall = &resources["WebAcl"]["Properties"];
        let rules = firewall["Rules"].as_array().unwrap();
        assert_eq!(rules.len(), 1, "WAF_FILTERED says that too many requests came");
        let statement = &rules[0]["Statement"]["RateBasedStatement"];
        let seconds = number(&statement["EvaluationWindowSec"]);
        let requests = number(&statement["Limit"]);
        assert_eq!(statement["AggregateKeyType"], "IP");
        assert!(10 * requests / seconds <= account * INVOCATIONS_A_SECOND, "{capacity}: {requests}");
        // So many keys keep their minute behind one address.
        let keys = requests * 60 / seconds / i64::from(domain::DEFAULT_REQUESTS_PER_MINUTE);
        assert_eq!(keys, if capacity == "small" { 10 } else { 100 }, "{capacity}");
        assert!(firewall["AssociationConfig"].is_null(), "no body is inspected");
    }
}
