//! What a stack's creation, update and end depend on: the order of its resources, what is kept of it, what protects its
//! tables, and who may make log groups.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value, json};

use crate::{of_type, template, translated};

/// An account, as ARNs name it.
const PSEUDO: [(&str, &str); 4] = [
    ("${AWS::Partition}", "aws"),
    ("${AWS::Region}", "us-east-1"),
    ("${AWS::AccountId}", "111122223333"),
    ("${AWS::StackName}", "Shop"),
];
const KEPT: [&str; 2] = ["Retain", "RetainExceptOnCreate"];

/// The resources that a value names: by `Ref`, `Fn::GetAtt` or `Fn::Sub`.
fn named(value: &Value) -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    match value {
        Value::Array(items) => names.extend(items.iter().flat_map(named)),
        Value::Object(members) => {
            for (function, argument) in members {
                match (function.as_str(), argument) {
                    ("Ref", Value::String(name)) => _ = names.insert(name.clone()),
                    ("Fn::GetAtt", Value::Array(parts)) => {
                        _ = names.insert(parts[0].as_str().unwrap().to_owned())
                    }
                    ("Fn::GetAtt", Value::String(name)) => {
                        _ = names.insert(name.split('.').next().unwrap().to_owned());
                    }
                    ("Fn::Sub", Value::String(text)) => names.extend(substituted(text)),
                    ("Fn::Sub", Value::Array(parts)) => {
                        names.extend(substituted(parts[0].as_str().unwrap()));
                        names.extend(named(&parts[1]));
                    }
                    _ => names.extend(named(argument)),
                }
            }
        }
        _ => {}
    }
    names
}

fn substituted(text: &str) -> impl Iterator<Item = String> {
    text.split("${").skip(1).map(|rest| rest.split(['}', '.']).next().unwrap().to_owned())
}

/// The resources that each resource waits for.
fn dependencies() -> BTreeMap<String, BTreeSet<String>> {
    let all = translated();
    all.iter()
        .map(|(name, resource)| {
            let mut before = named(&resource["Properties"]);
            match &resource["DependsOn"] {
                Value::String(other) => _ = before.insert(other.clone()),
                Value::Array(others) => {
                    before.extend(others.iter().map(|other| other.as_str().unwrap().to_owned()));
                }
                _ => {}
            }
            before.retain(|other| all.contains_key(other));
            (name.clone(), before)
        })
        .collect()
}

#[test]
fn the_graph_of_dependencies_has_no_circle() {
    let mut waiting = dependencies();
    assert!(waiting.len() > 200, "{}", waiting.len());
    while !waiting.is_empty() {
        let ready: BTreeSet<String> =
            waiting.iter().filter(|(_, before)| before.is_empty()).map(|(name, _)| name.clone()).collect();
        assert!(!ready.is_empty(), "these wait for each other: {waiting:?}");
        waiting.retain(|name, _| !ready.contains(name));
        waiting.values_mut().for_each(|before| before.retain(|name| !ready.contains(name)));
    }
}

/// AWS documents it of `AWS::ApiGateway::Account`: an account without any API has to have one of these resources first.
#[test]
fn the_gateways_account_comes_after_a_resource_of_the_gateway_and_before_its_stage() {
    let (all, before) = (translated(), dependencies());
    let of_gateway = |name: &String| {
        let (resource, kind) = (&all[name], all[name]["Type"].as_str().unwrap());
        kind.starts_with("AWS::ApiGateway::") && resource["Condition"].is_null()
    };
    assert!(before["GatewayLogAccount"].iter().any(of_gateway), "{:?}", before["GatewayLogAccount"]);
    assert!(before["ApiliveStage"].contains("GatewayLogAccount"), "access logs need the role");
}

#[test]
fn what_is_waited_for_by_name_is_always_there() {
    let all = translated();
    for (name, resource) in &all {
        let others: Vec<&str> = match &resource["DependsOn"] {
            Value::String(other) => vec![other],
            Value::Array(others) => others.iter().map(|other| other.as_str().unwrap()).collect(),
            _ => Vec::new(),
        };
        for other in others {
            assert!(
                all[other]["Condition"].is_null(),
                "{name} waits for {other}, which a condition can leave out"
            );
        }
    }
}

/// The text of an ARN or a name, with an account's values in the place of the pseudo parameters.
fn text(value: &Value) -> String {
    let written = match (value.as_str(), value["Fn::Sub"].as_str(), value["Fn::GetAtt"].as_array()) {
        (Some(text), ..) | (_, Some(text), _) => text.to_owned(),
        (.., Some(parts)) => {
            let name = parts[0].as_str().unwrap();
            match of_type("AWS::Logs::LogGroup").get(name) {
                Some(group) => {
                    format!(
                        "arn:aws:logs:us-east-1:111122223333:log-group:{}:*",
                        text(&group["LogGroupName"])
                    )
                }
                None => format!("{name}.{}", parts[1].as_str().unwrap()),
            }
        }
        _ => panic!("{value}"),
    };
    PSEUDO.iter().fold(written, |text, (name, value)| text.replace(name, value))
}

/// Whether a pattern with IAM's wildcard `*` matches a text.
fn matches(pattern: &str, text: &str) -> bool {
    match pattern.split_once('*') {
        None => pattern == text,
        Some((start, rest)) => text
            .strip_prefix(start)
            .is_some_and(|text| (0..=text.len()).any(|skipped| matches(rest, &text[skipped..]))),
    }
}

fn list(value: &Value) -> Vec<Value> {
    value.as_array().cloned().unwrap_or_else(|| vec![value.clone()])
}

/// The statements of a role, of the managed policies that it has among them.
fn statements(role: &Value) -> Vec<Value> {
    let mut documents: Vec<Value> =
        list(&role["Policies"]).iter().map(|policy| policy["PolicyDocument"].clone()).collect();
    for policy in role["ManagedPolicyArns"].as_array().into_iter().flatten() {
        documents.push(match policy["Ref"].as_str() {
            Some(name) => of_type("AWS::IAM::ManagedPolicy")[name]["PolicyDocument"].clone(),
            None => match text(policy).rsplit('/').next().unwrap() {
                "AWSLambdaBasicExecutionRole" => json!({"Statement": {
                    "Effect": "Allow", "Resource": "*",
                    "Action": ["logs:CreateLogGroup", "logs:CreateLogStream", "logs:PutLogEvents"]}}),
                "AWSXrayWriteOnlyAccess" => json!({"Statement": {
                    "Effect": "Allow", "Resource": "*", "Action": ["xray:PutTraceSegments"]}}),
                other => panic!("what {other} allows is not known here"),
            },
        });
    }
    documents
        .iter()
        .filter(|document| !document.is_null())
        .flat_map(|document| list(&document["Statement"]))
        .collect()
}

/// Whether a role may do something: a statement allows it, and none denies it.
fn may(role: &Value, action: &str, resource: &str) -> bool {
    let any = |patterns: &Value, value: &str| list(patterns).iter().any(|one| matches(&text(one), value));
    let applies = |statement: &Value| {
        let of_resource = match &statement["NotResource"] {
            Value::Null => any(&statement["Resource"], resource),
            others => !any(others, resource),
        };
        any(&statement["Action"], action) && of_resource
    };
    let has = |effect: &str| statements(role).iter().any(|one| one["Effect"] == effect && applies(one));
    has("Allow") && !has("Deny")
}

#[test]
fn a_function_logs_to_its_own_group_alone_and_cannot_make_it_again() {
    let (roles, groups) = (of_type("AWS::IAM::Role"), of_type("AWS::Logs::LogGroup"));
    let functions = of_type("AWS::Lambda::Function");
    assert_eq!(functions.len(), 13);
    for (name, function) in functions {
        let role = &roles[function["Role"]["Fn::GetAtt"][0].as_str().unwrap()];
        let group = &groups[function["LoggingConfig"]["LogGroup"]["Ref"].as_str().unwrap()];
        let arn = |name: &str| format!("arn:aws:logs:us-east-1:111122223333:log-group:{name}");
        let own = arn(&text(&group["LogGroupName"]));
        // Those of the other functions, and of a stack whose name begins with this one's.
        let others = groups.values().map(|group| arn(&text(&group["LogGroupName"])));
        let others: Vec<String> = others
            .chain([format!("{own}-dev"), own.replace("-", "-dev-")])
            .filter(|other| *other != own)
            .collect();
        for action in ["logs:CreateLogStream", "logs:PutLogEvents"] {
            let may_in = |group: &String| may(role, action, &format!("{group}:log-stream:live"));
            assert!(may_in(&own), "{name} cannot log");
            assert!(!others.iter().any(may_in), "{name} may log elsewhere");
        }
        assert!(
            !may(role, "logs:CreateLogGroup", &own),
            "{name} would make {own} after the stack has deleted it"
        );
    }
}

/// `RetainExceptOnCreate`: a creation that fails takes them away again, unlike what belongs to the account once it is set.
#[test]
fn what_is_kept_is_kept_whole() {
    let all = translated();
    let is_kept =
        |resource: &Value| resource["DeletionPolicy"].as_str().is_some_and(|policy| KEPT.contains(&policy));
    let kept: Map<String, Value> = all
        .iter()
        .filter(|(_, resource)| is_kept(resource) && resource["Type"] != "AWS::Lambda::Version")
        .map(|(name, resource)| (name.clone(), resource.clone()))
        .collect();
    let policies: BTreeMap<&str, &str> =
        kept.iter().map(|(name, one)| (name.as_str(), one["DeletionPolicy"].as_str().unwrap())).collect();
    let expected = [
        ("EventsBucket", "RetainExceptOnCreate"),
        ("EventsBucketPolicy", "RetainExceptOnCreate"),
        ("GatewayLogAccount", "Retain"),
        ("GatewayLogRole", "Retain"),
    ];
    assert_eq!(policies, expected.into());
    for (name, resource) in &kept {
        let given = resource["Properties"].as_object().unwrap();
        let own_names = ["BucketName", "RoleName"];
        assert!(
            !given.keys().any(|property| own_names.contains(&property.as_str())),
            "{name} bars its own name"
        );
        assert_eq!(resource["UpdateReplacePolicy"], "Retain", "{name}");
        for other in named(&resource["Properties"]).iter().filter(|other| all.contains_key(*other)) {
            assert!(kept.contains_key(other), "{name} is kept, and {other}, which it needs, is not");
        }
    }
    for (name, resource) in
        all.iter().filter(|(name, _)| name.ends_with("Policy") && !kept.contains_key(*name))
    {
        let at = ["Bucket", "Queues"].map(|property| named(&resource["Properties"][property]));
        let about: Vec<&String> = at.iter().flatten().filter(|other| kept.contains_key(*other)).collect();
        assert!(about.is_empty(), "{name} goes, and {about:?} stays without it");
    }
}

#[test]
fn tables_are_protected_by_a_parameter_that_is_off_for_the_creation_and_on_for_all_that_follows() {
    let tables = of_type("AWS::DynamoDB::Table");
    assert_eq!(tables.len(), store::TABLES.len());
    for (name, table) in tables {
        assert_eq!(
            table["DeletionProtectionEnabled"],
            json!({"Fn::If": ["IsProtected", true, false]}),
            "{name}"
        );
    }
    let template = template();
    let on = json!({"Fn::Equals": [{"Ref": "DeletionProtection"}, "on"]});
    assert_eq!(template["Conditions"]["IsProtected"], on);
    assert_eq!(template["Parameters"]["DeletionProtection"]["Default"], "off");
    let config: toml::Table = include_str!("../../samconfig.toml").parse().unwrap();
    let settings = |name: &str| config[name]["deploy"]["parameters"].as_table().unwrap();
    let (first, then) = (settings("prod-first"), settings("prod"));
    let differing: Vec<&String> = then.keys().filter(|name| then.get(*name) != first.get(*name)).collect();
    assert_eq!(differing, ["parameter_overrides"]);
    let overrides = |settings: &toml::Table| -> BTreeSet<String> {
        settings["parameter_overrides"].as_str().unwrap().split(' ').map(str::to_owned).collect()
    };
    let (first, then) = (overrides(first), overrides(then));
    assert_eq!(first.difference(&then).collect::<Vec<_>>(), ["DeletionProtection=off"]);
    assert_eq!(then.difference(&first).collect::<Vec<_>>(), ["DeletionProtection=on"]);
    for given in then {
        let (name, value) = given.split_once('=').unwrap();
        let allowed = template["Parameters"][name]["AllowedValues"].as_array().unwrap();
        assert!(allowed.contains(&json!(value)), "{given}");
    }
}
