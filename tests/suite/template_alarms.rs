//! The alarms of `template.yaml`: what they watch, and that the operators' page knows each of them.

use inboundflow::dev::TEMPLATE;
use serde_json::{Value, json};
use store::TABLES;

use crate::template::{of_type, resources};

const OPERATIONS: &str = include_str!("../../docs/OPERATIONS.md");

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
        assert!(dashboard.contains(&format!("\"{own}\"")), "{own}");
        let logs = &resources()[function["LoggingConfig"]["LogGroup"].as_str().unwrap()]["Properties"];
        assert_eq!(logs["LogGroupName"], format!("/aws/lambda/{own}"), "{name}");
        assert_eq!(function["CodeUri"], format!("functions/{}", own.trim_start_matches("Test-")), "{name}");
    }
    for table in TABLES {
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
fn what_an_alarm_says_to_read_is_there() {
    for (name, alarm) in of_type("AWS::CloudWatch::Alarm") {
        let told = alarm["AlarmDescription"].as_str().unwrap();
        let section =
            told.split_once(". See \"").and_then(|(_, rest)| rest.strip_suffix("\" in docs/OPERATIONS.md."));
        let section = section.unwrap_or_else(|| panic!("{name} names no section: {told}"));
        assert!(OPERATIONS.lines().any(|line| line == format!("### {section}")), "{name}: {section}");
    }
    let count = of_type("AWS::CloudWatch::Alarm").len();
    assert!(OPERATIONS.contains(&format!("{count} alarms. They mail")), "there are {count}");
    assert!(OPERATIONS.contains(&format!("| Alarms | {count} × ")), "{count} cost something");
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
            (&alarm["Threshold"], &alarm["ComparisonOperator"]),
            (&json!(0), &json!("LessThanThreshold")),
            "{table}"
        );
    }
    assert_eq!(alarms.keys().filter(|name| name.ends_with("Unread")).count(), streams.len());
}
