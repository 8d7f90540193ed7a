//! The alarms of `template.yaml`: what they watch, and that the operators' page knows each of them.

use domain::catalogue;
use local::TEMPLATE;
use serde_json::{Value, json};
use store::TABLES;

use crate::template::definitions::{of_type, resources};

const OPERATIONS: &str = include_str!("../../../docs/OPERATIONS.md");

#[test]
fn every_function_and_table_is_watched_and_shown() {
    let alarms = of_type("AWS::CloudWatch::Alarm");
    let dashboard =
        of_type("AWS::CloudWatch::Dashboard")["Dashboard"]["DashboardBody"].as_str().unwrap().to_owned();
    assert!(serde_json::from_str::<Value>(&dashboard).is_ok(), "{dashboard}");
    let watched = |metric: &str, dimension: &str, value: &str| {
        let named = json!({"Name": dimension, "Value": value});
        alarms.values().any(|alarm| {
            let dimensions = alarm["Dimensions"].as_array();
            alarm["MetricName"] == metric && dimensions.is_some_and(|all| all.contains(&named))
        })
    };
    for (name, function) in of_type("AWS::Serverless::Function") {
        let own = function["FunctionName"].as_str().unwrap();
        assert!(own.len() - "Test".len() <= 13, "a stack's name may have 51 characters: {own}");
        assert!(watched("Errors", "FunctionName", own), "{own}");
        assert!(dashboard.contains(&format!("\"Throttles\", \"FunctionName\", \"{own}\"")), "{own}");
        assert!(dashboard.contains(&format!("\"{own}\"")), "{own}");
        let logs = &resources()[function["LoggingConfig"]["LogGroup"].as_str().unwrap()]["Properties"];
        assert_eq!(logs["LogGroupName"], format!("/aws/lambda/{own}"), "{name}");
        assert_eq!(function["CodeUri"], format!("functions/{}", own.trim_start_matches("Test-")), "{name}");
    }
    for table in TABLES.iter() {
        let logical = format!("{}Table", table.name);
        assert!(watched("ThrottledRequests", "TableName", &logical), "{logical}");
        assert!(dashboard.contains(&format!("\"Test-{}\"", table.name)), "{logical}");
        let output = format!("  {}TableName:\n    Value: !Ref {logical}\n", table.name);
        assert!(TEMPLATE.contains(&output), "{output}");
    }
    for (name, alarm) in &alarms {
        // Nothing happening is no alarm, but where something has to happen each minute.
        let always = name == "SweepMissing" || name.ends_with("Unread");
        let missing = if always { "breaching" } else { "notBreaching" };
        assert_eq!(alarm["TreatMissingData"], missing, "{name}");
    }
}

#[test]
fn a_release_goes_by_its_functions_own_share_of_failures() {
    let (alarms, filters) = (of_type("AWS::CloudWatch::Alarm"), of_type("AWS::Logs::MetricFilter"));
    for (name, function) in of_type("AWS::Serverless::Function") {
        let own = function["FunctionName"].as_str().unwrap();
        let binary = own.trim_start_matches("Test-");
        let logical = name.strip_suffix("Function").unwrap();
        let watched = &function["DeploymentPreference"]["Alarms"];
        if ["ingest", "fanout", "deliver"].contains(&binary) {
            assert_eq!(watched, &json!([format!("{logical}Errors")]), "{name}: it answers nobody");
            continue;
        }
        assert_eq!(watched, &json!([format!("{logical}Failing")]), "{name}");
        let metrics = alarms[&format!("{logical}Failing")]["Metrics"].as_array().unwrap();
        let of =
            |id: &str| metrics.iter().find(|metric| metric["Id"] == id).map(|it| &it["MetricStat"]["Metric"]);
        for (id, metric) in [("crashed", "Errors"), ("requests", "Invocations")] {
            let dimensions = json!([{"Name": "FunctionName", "Value": own}]);
            assert_eq!(
                of(id).unwrap(),
                &json!({"Namespace": "AWS/Lambda", "MetricName": metric, "Dimensions": dimensions})
            );
        }
        let Some(answered) = of("answered") else {
            assert_eq!(binary, "identify", "the others answer");
            continue;
        };
        let filter = &filters[&format!("{logical}FailedAnswers")];
        assert_eq!(filter["LogGroupName"], function["LoggingConfig"]["LogGroup"], "{name}");
        // As shared/api/src/log.rs writes the line.
        assert_eq!(filter["FilterPattern"], r#"{ $.message = "request_finished" && $.status >= 500 }"#);
        assert_eq!(filter["MetricTransformations"][0]["MetricName"], answered["MetricName"]);
        assert_eq!(filter["MetricTransformations"][0]["MetricNamespace"], answered["Namespace"]);
        assert_eq!(
            filter["MetricTransformations"][0]["DefaultValue"], 0,
            "there is a number before any failure"
        );
        assert_eq!(
            metrics[0]["Expression"],
            "IF(FILL(answered, 0) + FILL(crashed, 0) >= 3, 100 * (FILL(answered, 0) + FILL(crashed, 0)) / requests, 0)"
        );
    }
}

/// Lambda counts a request that it throttles as `Throttles`, and neither as one of `Invocations` nor of `Errors` (AWS: *Types of
/// metrics for Lambda functions*). The gateway counts it as a 5xx.
#[test]
fn a_release_is_not_taken_back_because_the_account_is_full() {
    let (alarms, filters) = (of_type("AWS::CloudWatch::Alarm"), of_type("AWS::Logs::MetricFilter"));
    let of_a_log = |metric: &Value| {
        filters.values().any(|filter| {
            let counted = &filter["MetricTransformations"][0];
            counted["MetricName"] == metric["MetricName"]
                && counted["MetricNamespace"] == metric["Namespace"]
                && filter["LogGroupName"].as_str().is_some_and(|group| group != "GatewayLogs")
        })
    };
    for (name, function) in of_type("AWS::Serverless::Function") {
        let watched = function["DeploymentPreference"]["Alarms"].as_array().unwrap();
        assert!(!watched.is_empty(), "{name} goes by no alarm");
        for alarm in watched.iter().map(|alarm| &alarms[alarm.as_str().unwrap()]) {
            let several = alarm["Metrics"].as_array().into_iter().flatten();
            let metrics: Vec<&Value> = match alarm.get("MetricName") {
                Some(_) => vec![alarm],
                None => several.filter_map(|one| one.get("MetricStat")).map(|stat| &stat["Metric"]).collect(),
            };
            assert!(!metrics.is_empty(), "{alarm}");
            for metric in metrics {
                let of_lambda = metric["Namespace"] == "AWS/Lambda"
                    && ["Errors", "Invocations"].iter().any(|counted| metric["MetricName"] == *counted);
                assert!(of_lambda || of_a_log(metric), "{name}: {metric}");
            }
        }
    }
}

#[test]
fn an_item_that_does_not_read_is_counted_wherever_something_lists() {
    let filters = of_type("AWS::Logs::MetricFilter");
    let alarm = &of_type("AWS::CloudWatch::Alarm")["UnreadableItems"];
    let lists = catalogue::ALL.iter().map(|resource| resource.name).filter(|name| *name != "me");
    for function in lists.chain(["fanout"]) {
        let group = of_type("AWS::Logs::LogGroup");
        let named = format!("/aws/lambda/Test-{function}");
        let (logical, _) = group.iter().find(|(_, group)| group["LogGroupName"] == named).unwrap();
        let counted = filters.values().any(|filter| {
            let metric = &filter["MetricTransformations"][0];
            filter["LogGroupName"] == *logical
                && filter["FilterPattern"] == r#"{ $.message = "item_unreadable" }"#
                && metric["MetricName"] == alarm["MetricName"]
                && metric["MetricNamespace"] == alarm["Namespace"]
        });
        assert!(counted, "{function}");
    }
}

#[test]
fn what_an_alarm_says_to_read_is_there() {
    for (name, alarm) in of_type("AWS::CloudWatch::Alarm") {
        let told = alarm["AlarmDescription"].as_str().unwrap();
        let section =
            told.split_once(". See \"").and_then(|(_, rest)| rest.strip_suffix("\" in docs/OPERATIONS.md."));
        let section = section.unwrap_or_else(|| panic!("{name} names no section: {told}"));
        assert!(OPERATIONS.lines().any(|line| line == format!("### {section}")), "{name}: {section}");
    }
}

#[test]
fn what_alarms_cost_by_their_metrics_is_about_what_the_operators_are_told() {
    let line = OPERATIONS.lines().find(|line| line.starts_with("| Alarms | 0.10* for each metric")).unwrap();
    let told = line.trim_end_matches(" |").rsplit("about ").next().unwrap().parse::<usize>().unwrap();
    let metrics = of_type("AWS::CloudWatch::Alarm").into_iter().map(|(name, alarm)| {
        let metrics = measured(&alarm).len().max(1);
        assert!(metrics <= 10, "{name}: CloudWatch takes ten metrics in an alarm");
        metrics
    });
    let metrics: usize = metrics.sum();
    assert!(metrics.abs_diff(10 * told) <= 25, "{metrics} metrics at 0.10 are not about {told}");
}

/// The metrics that an alarm on an expression looks at.
fn measured(alarm: &Value) -> Vec<&Value> {
    let metrics = alarm["Metrics"].as_array().into_iter().flatten();
    metrics.map(|metric| &metric["MetricStat"]["Metric"]).filter(|metric| !metric.is_null()).collect()
}

/// The alarms on sums of a metric: the dimension's value and the alarm's name of each.
fn summed(metric: &str) -> Vec<(String, String)> {
    let mut found = Vec::new();
    for (name, alarm) in of_type("AWS::CloudWatch::Alarm") {
        for of in measured(&alarm).into_iter().filter(|of| of["MetricName"] == metric) {
            assert_eq!(alarm["Metrics"][0]["Expression"], "SUM(FILL(METRICS(), 0))", "{name}");
            found.push((of["Dimensions"][0]["Value"].as_str().unwrap().to_owned(), name.clone()));
        }
    }
    found.sort();
    found
}

#[test]
fn a_throttle_of_any_function_and_a_conflict_on_any_table_is_noticed() {
    let of_functions = of_type("AWS::Serverless::Function").into_values().map(|function| {
        let own = function["FunctionName"].as_str().unwrap().to_owned();
        let works = ["ingest", "fanout", "deliver"].contains(&own.trim_start_matches("Test-"));
        (own, if works { "WorkerThrottles" } else { "FunctionThrottles" }.to_owned())
    });
    let mut expected: Vec<_> = of_functions.collect();
    expected.sort();
    assert_eq!(summed("Throttles"), expected);
    // Each of the tables is written by some transaction; a new one belongs there, unless none is.
    let watched: Vec<String> = summed("TransactionConflict").into_iter().map(|(table, _)| table).collect();
    let mut tables: Vec<String> = TABLES.iter().map(|table| format!("{}Table", table.name)).collect();
    tables.sort();
    assert_eq!(watched, tables);
}

#[test]
fn a_stream_that_nobody_reads_is_noticed_by_there_being_no_polls() {
    let mappings = of_type("AWS::Serverless::Function")["FanoutFunction"]["Events"].clone();
    let alarms = of_type("AWS::CloudWatch::Alarm");
    let streams: Vec<&str> =
        TABLES.iter().filter(|table| table.stream.is_some()).map(|table| table.name).collect();
    for table in &streams {
        let counted = &mappings[table]["Properties"]["MetricsConfig"];
        assert_eq!(counted, &json!({"Metrics": ["EventCount"]}), "{table}: without it there is no metric");
        let alarm = &alarms[&format!("{table}Unread")];
        let of_mapping =
            json!([{"Name": "EventSourceMappingUUID", "Value": format!("FanoutFunction{table}.Id")}]);
        assert_eq!(
            (&alarm["MetricName"], &alarm["Dimensions"]),
            (&json!("PolledEventCount"), &of_mapping),
            "{table}"
        );
        // A quiet night counts zeros.
        assert_eq!(
            harness::fields(alarm, ["Threshold", "ComparisonOperator"]),
            json!([0, "LessThanThreshold"]),
            "{table}"
        );
    }
    assert_eq!(alarms.keys().filter(|name| name.ends_with("Unread")).count(), streams.len());
}
