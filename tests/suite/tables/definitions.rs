//! The tables as the engine has them, held against their definitions.

use aws_sdk_dynamodb::types::{
    AttributeDefinition, BillingMode, KeySchemaElement, KeyType, ScalarAttributeType, StreamViewType,
    TimeToLiveStatus,
};
use harness::{Wire, World};
use serde_json::json;
use store::{StreamView, TABLES};

#[tokio::test]
async fn each_table_has_the_keys_and_indexes_of_its_definition() {
    let world = World::new().await;
    let client = world.raw_dynamodb();
    for table in TABLES.iter() {
        let described = client.describe_table().table_name(world.table(table.name)).send().await.unwrap();
        let described = described.table.unwrap();
        let names = |schema: &[aws_sdk_dynamodb::types::KeySchemaElement]| -> Vec<String> {
            schema
                .iter()
                .map(|element| format!("{} {}", element.attribute_name(), element.key_type().as_str()))
                .collect()
        };
        let keys = |partition: &[&str], sort: &[&str]| -> Vec<String> {
            let partition = partition.iter().map(|name| format!("{name} HASH"));
            partition.chain(sort.iter().map(|name| format!("{name} RANGE"))).collect()
        };
        assert_eq!(names(described.key_schema()), keys(&table.key[..1], &table.key[1..]), "{}", table.name);
        let mut expected: Vec<_> = table.indexes.iter().collect();
        expected.sort_by(|a, b| a.name.cmp(&b.name));
        let mut made: Vec<_> = described.global_secondary_indexes().to_vec();
        made.sort_by(|a, b| a.index_name().cmp(&b.index_name()));
        assert_eq!(made.len(), expected.len(), "{}", table.name);
        for (made, expected) in made.iter().zip(expected) {
            assert_eq!(made.index_name(), Some(expected.name.as_str()));
            assert_eq!(
                names(made.key_schema()),
                keys(&expected.partition, &expected.sort),
                "{}",
                expected.name
            );
            let projection =
                made.projection().and_then(|projection| projection.projection_type()).unwrap().as_str();
            assert_eq!(projection, if expected.whole_items { "ALL" } else { "KEYS_ONLY" });
        }
        let ttl = client.describe_time_to_live().table_name(world.table(table.name)).send().await.unwrap();
        let ttl = ttl
            .time_to_live_description
            .filter(|ttl| ttl.time_to_live_status() == Some(&TimeToLiveStatus::Enabled));
        assert_eq!(ttl.and_then(|ttl| ttl.attribute_name).as_deref(), table.ttl, "{}", table.name);
        let stream = described.stream_specification().filter(|stream| stream.stream_enabled());
        let tells = stream.and_then(|stream| stream.stream_view_type()).map(|view| view.as_str().to_owned());
        let expected = table.stream.map(|view| match view {
            StreamView::BothImages => "NEW_AND_OLD_IMAGES".to_owned(),
            StreamView::NewImage => "NEW_IMAGE".to_owned(),
        });
        assert_eq!(tells, expected, "{}", table.name);
        assert!(described.local_secondary_indexes().is_empty(), "an LSI would end an organization at 10 GB");
    }
}

#[tokio::test]
async fn making_the_tables_again_changes_nothing() {
    let world = World::new().await;
    world.store.create_tables().await.unwrap();
    assert!(
        !world.wire.take_calls().contains(&"UpdateTimeToLive".to_owned()),
        "AWS refuses to enable it twice"
    );
}

/// An earlier version made its tables without streams, and `dev --data` finds them again.
#[tokio::test]
async fn a_table_that_is_there_without_a_stream_gets_one() {
    let world = World::new().await;
    let (client, name) = (world.raw_dynamodb(), "Earlier-Calls");
    let created = client.create_table().table_name(name).billing_mode(BillingMode::PayPerRequest);
    let created = [("organization_id", KeyType::Hash), ("id", KeyType::Range)].into_iter().fold(
        created,
        |created, (name, kind)| {
            let key = KeySchemaElement::builder().attribute_name(name).key_type(kind).build().unwrap();
            let text = AttributeDefinition::builder().attribute_name(name);
            let text = text.attribute_type(ScalarAttributeType::S).build().unwrap();
            created.key_schema(key).attribute_definitions(text)
        },
    );
    created.send().await.unwrap();
    for _ in 0..2 {
        world.store.with_table_prefix("Earlier-").create_tables().await.unwrap();
    }
    let described = client.describe_table().table_name(name).send().await.unwrap().table.unwrap();
    assert_eq!(
        described.stream_specification().and_then(|stream| stream.stream_view_type()),
        Some(&StreamViewType::NewAndOldImages)
    );
}

/// What the engine lets pass and AWS refuses must be refused on the wire, or no test would notice it.
#[test]
fn the_wire_is_as_strict_as_aws() {
    let wire = Wire::default();
    let text = |text: &str| json!({"S": text});
    let requests = [
        ("Query", json!({"TableName": "T", "IndexName": "i", "ProjectionExpression": "a"})),
        ("PutItem", json!({"TableName": "T", "Item": {"id": text("1")}, "ReturnValues": "ALL_OLD"})),
        ("GetItem", json!({"TableName": "T", "Key": {"id": text("")}})),
        ("Query", json!({"TableName": "T", "ExclusiveStartKey": {"id": text("")}})),
        ("Query", json!({"TableName": "T", "ExpressionAttributeValues": {":a": text("")}})),
        ("PutItem", json!({"TableName": "T", "Item": {"id": text("")}})),
        (
            "BatchWriteItem",
            json!({"RequestItems": {"T": [{"PutRequest": {"Item": {"created_at": text("")}}}]}}),
        ),
        (
            "TransactWriteItems",
            json!({"TransactItems": [{"Put": {"TableName": "T", "Item": {"organization_id": text("")}}}]}),
        ),
        ("UpdateItem", json!({"TableName": "T", "ExpressionAttributeValues": {":a": {"BOOL": true}}})),
        ("UpdateItem", json!({"TableName": "T", "ExpressionAttributeValues": {":a": {"M": {}}}})),
    ];
    for (operation, request) in requests {
        assert!(wire.broken_rule(operation, &request).is_some(), "{operation} {request}");
    }
    let enable = json!({"TableName": "T", "TimeToLiveSpecification": {"Enabled": true}});
    assert_eq!(wire.broken_rule("UpdateTimeToLive", &enable), None);
    assert!(wire.broken_rule("UpdateTimeToLive", &enable).is_some());
    assert_eq!(wire.broken_rule("Query", &json!({"ExpressionAttributeValues": {":a": text("b")}})), None);
}
