//! `keys doctor`: what differs between table and gateway is found, and mended once.

use domain::{RecordId, Timestamp};
use serde_json::json;

use crate::{
    err, out,
    world::{World, name},
};

const HOUR_SECONDS: i64 = 3600;

#[tokio::test]
async fn doctor_deletes_what_belongs_to_no_key_but_not_what_is_just_being_made() {
    let world = World::new().await;
    let key_id = world.create();
    let now = Timestamp::now().unix_seconds();
    let (old, young) = (RecordId::random().to_string(), RecordId::random().to_string());
    world.gateway.state().add(&name(&old), "value-of-the-old-one", now - HOUR_SECONDS);
    world.gateway.state().add(&name(&young), "value-of-the-young-one", now - 60);
    world.gateway.state().add(&name("of-somebody-else"), "value-of-another", now - HOUR_SECONDS);
    let (code, found, counts) = world.doctor(&["--dry-run"]);
    assert_eq!((code, found.len(), &counts["mended"]), (Some(1), 1, &json!(0)));
    assert_eq!((&found[0]["key_id"], &found[0]["finding"]), (&json!(old), &json!("orphan")));

    world.fault("DELETE /apikeys", 403, "AccessDeniedException", 1);
    let failed = world.run(&["keys", "doctor"]);
    assert!(failed.status.code() == Some(1) && err(&failed).contains("1 could not be mended"), "{failed:?}");
    assert!(String::from_utf8_lossy(&failed.stdout).contains("NOT deleted"), "{failed:?}");

    assert_eq!(world.doctor(&[]).0, Some(0));
    let (code, found, _) = world.doctor(&[]);
    assert!(code == Some(0) && found.is_empty(), "the second time: {found:?}");
    assert_eq!(world.gateway.state().keys.len(), 3);
    assert!(world.gateway.state().key(&name(&key_id)).is_some());
}

#[tokio::test]
async fn doctor_mends_a_key_and_shows_no_hash() {
    let world = World::new().await;
    let keys: Vec<String> = (0..3).map(|_| world.create()).collect();
    {
        let mut state = world.gateway.state();
        state.key(&name(&keys[0])).unwrap()["enabled"] = json!(false);
        state.key(&name(&keys[1])).unwrap()["value"] = json!("something-else");
        state.keys.retain(|key| key["name"] != name(&keys[2]));
        state.attached.clear();
    }
    let output = world.run(&["keys", "doctor"]);
    let shown = out(&output) + &err(&output);
    assert!(shown.contains("is disabled in the gateway") && shown.contains("4 found, 4 mended."), "{shown}");
    assert!(world.table().await.iter().all(|key| !shown.contains(&key.hash.to_hex())));
    assert!(world.doctor(&[]).1.is_empty());
    let table = world.table().await;
    let mut state = world.gateway.state();
    for key in table {
        let found = state.key(&name(&key.key_id.to_string())).unwrap();
        assert_eq!((&found["value"], &found["enabled"]), (&json!(key.hash.to_hex()), &json!(true)));
    }
    assert_eq!((state.keys.len(), state.attached.len()), (3, 3));
}

#[tokio::test]
async fn who_looks_after_a_stack_of_prod_is_told_which_tables_nothing_protects() {
    let world = World::new().await;
    let said = |arguments: &[&str]| {
        let output = world.run(arguments);
        assert!(output.status.success(), "{output:?}");
        err(&output)
    };
    let create = world.create_arguments();
    for command in [&["keys", "doctor"][..], &create] {
        assert!(!said(command).contains("deletion"), "a stack of dev needs none");
    }
    world.gateway.state().plans[1]["tags"]["Stage"] = json!("prod");
    for command in [&["keys", "doctor"][..], &create] {
        let said = said(command);
        assert!(said.contains("InboundFlow-Calls") && said.contains("DeletionProtection=on"), "{said}");
    }
    let dynamodb = harness::raw_dynamodb(&world.engine.endpoint_url);
    let protect = async |table: &str, is_protected: bool| {
        let update = dynamodb.update_table().table_name(format!("InboundFlow-{table}"));
        update.deletion_protection_enabled(is_protected).send().await.unwrap();
    };
    for table in store::TABLES.iter() {
        protect(table.name, table.name != "Leads").await;
    }
    let left = said(&["keys", "doctor"]);
    assert!(left.contains("InboundFlow-Leads.") && !left.contains("InboundFlow-Calls"), "{left}");
    protect("Leads", true).await;
    assert!(!said(&["keys", "doctor"]).contains("deletion"));
    protect("Leads", false).await;
    dynamodb.delete_table().table_name("InboundFlow-Leads").send().await.unwrap();
    assert!(said(&["keys", "doctor"]).contains("is not known"));
}

#[tokio::test]
async fn doctor_counts_the_keys_that_the_plan_cuts_short() {
    let world = World::new().await;
    let key_id = world.create();
    world.throttle(17.0, 1000);
    out(&world.run(&["keys", "update", &key_id, "--requests-per-minute", "500"]));
    assert!(!err(&world.run(&["keys", "doctor"])).contains("may make more requests"));
    world.throttle(2.0, 120);
    let output = world.run(&["keys", "doctor"]);
    assert!(output.status.success() && err(&output).contains("1 keys may make more requests"), "{output:?}");
    assert!(err(&output).contains("RequestsPerMinute"), "{output:?}");
    out(&world.run(&["keys", "revoke", &key_id]));
    assert!(!err(&world.run(&["keys", "doctor"])).contains("may make more requests"), "it has ended");
}
