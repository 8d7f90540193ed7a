//! The tables as they are made: what the engine holds is what the definitions say.

use harness::World;
use store::TABLES;

#[tokio::test]
async fn each_table_has_the_keys_and_indexes_of_its_definition() {
    let world = World::new().await;
    let client = world.raw_dynamodb();
    for table in TABLES {
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
        let mut expected = (table.indexes)();
        expected.sort_by(|a, b| a.name.cmp(&b.name));
        let mut made: Vec<_> = described.global_secondary_indexes().to_vec();
        made.sort_by(|a, b| a.index_name().cmp(&b.index_name()));
        assert_eq!(made.len(), expected.len(), "{}", table.name);
        for (made, expected) in made.iter().zip(&expected) {
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
