//! The queue of voice events: batches, dead letters and their reasons, and messages that are retried.

use std::{collections::BTreeSet, sync::atomic::Ordering::SeqCst};

use domain::{OrganizationId, RecordId};
use harness::{Fault, World, call_event, clock, stack, status_event};
use local::LocalQueue;
use serde_json::{Value, json};

async fn queue(world: &World) -> LocalQueue {
    LocalQueue::start(&stack(), &world.store).await.unwrap()
}

async fn send(queue: &LocalQueue, events: &[Value]) {
    // As a producer has to write it: SQS takes no such character.
    queue.send(events.iter().map(|event| event.to_string().replace('\u{fffe}', "\\ufffe"))).unwrap();
    queue.drained().await;
}

fn kinds(queue: &LocalQueue) -> Vec<String> {
    let mut kinds: Vec<String> =
        queue.dead_letters().into_iter().map(|letter| letter.kind.unwrap()).collect();
    kinds.sort();
    kinds
}

#[tokio::test]
async fn what_is_poisoned_is_parked_with_its_reason_and_holds_nothing_up() {
    let world = World::new().await;
    let queue = queue(&world).await;
    let good = |nth| {
        let mut event = call_event(world.organization, RecordId::from_u128(nth), "2026-02-24T21:00:00Z");
        event["call"]["caller_phone"] = format!("+1415555010{nth}").into();
        event
    };
    let (mut misspelt, mut unknown_version, mut strangers) = (good(9), good(9), good(9));
    misspelt["call"]["sumary"] = "A quote.".into();
    let mut unsayable = good(9);
    unsayable["call"]["status"] = "\u{7}\u{fffe}".into();
    unknown_version["version"] = 2.into();
    strangers["organization_id"] = json!(OrganizationId::random());
    let nowhere = json!({"version": 1, "s3": {"bucket": queue.bucket(), "key": "nowhere.json"}});
    let events =
        [good(1), misspelt.clone(), unsayable, good(2), unknown_version, strangers, nowhere, good(3)];
    send(&queue, &events).await;
    let expected =
        ["invalid_event", "invalid_event", "unknown_organization", "unknown_version", "unreadable_object"];
    assert_eq!(kinds(&queue), expected);
    let dead_letters = queue.dead_letters();
    let misspelt_letter = dead_letters.iter().find(|letter| letter.body.contains("sumary")).unwrap();
    assert_eq!(misspelt_letter.body, misspelt.to_string(), "as it came");
    assert!(
        misspelt_letter.reason.as_ref().unwrap().starts_with("call.sumary: unknown field `sumary`"),
        "{misspelt_letter:?}"
    );
    assert_eq!(world.client.walk("/v1/calls?limit=9").await.len(), 3);
}

#[tokio::test]
async fn a_change_of_a_record_that_is_not_there_is_parked_at_last_and_can_be_driven_again() {
    let world = World::new().await;
    let queue = queue(&world).await;
    let call = RecordId::random();
    let change = status_event(
        world.organization,
        "appointment",
        call.derived("appointment"),
        "cancelled",
        "2026-02-25T09:00:00Z",
    );
    send(&queue, &[change]).await;
    assert_eq!(kinds(&queue), ["unknown_record"]);
    let mut event = call_event(world.organization, call, "2026-02-24T21:00:00Z");
    event["appointment"] = json!({"date": "2026-02-26"});
    send(&queue, &[event]).await;
    assert_eq!(queue.redrive(), 1);
    queue.drained().await;
    assert!(queue.dead_letters().is_empty());
    let appointments = world.client.walk("/v1/appointments?limit=9").await;
    assert_eq!((appointments.len(), &appointments[0]["status"]), (1, &json!("cancelled")));
}

#[tokio::test]
async fn an_event_that_is_too_large_for_the_queue_comes_by_way_of_the_bucket() {
    let world = World::new().await;
    let queue = queue(&world).await;
    let call = RecordId::random();
    let mut event = call_event(world.organization, call, "2026-02-24T21:00:00Z");
    let said: String = (0..20_000).map(|nth| format!("{:x} ", nth * 7_919_u64)).collect();
    event["call"]["messages"] = json!(
        (0..20).map(|_| json!({"role": "user", "content": said, "timestamp": null})).collect::<Vec<_>>()
    );
    assert!(event.to_string().len() > 2_000_000);
    let put = queue.s3().put_object().bucket(queue.bucket()).key("large.json");
    put.body(event.to_string().into_bytes().into()).send().await.unwrap();
    send(&queue, &[json!({"version": 1, "s3": {"bucket": queue.bucket(), "key": "large.json"}})]).await;
    assert_eq!(kinds(&queue), Vec::<String>::new());
    let found = world.client.get(&format!("/v1/calls/{call}")).await.ok();
    assert_eq!(found["data"]["messages"], event["call"]["messages"]);
}

#[tokio::test]
async fn a_pointer_to_a_pointer_or_to_no_event_is_a_dead_letter() {
    let world = World::new().await;
    let queue = queue(&world).await;
    for (key, content) in [
        ("pointer", json!({"version": 1, "s3": {"bucket": queue.bucket(), "key": "pointer"}}).to_string()),
        ("text", "not JSON".to_owned()),
    ] {
        let put = queue.s3().put_object().bucket(queue.bucket()).key(key).body(content.into_bytes().into());
        put.send().await.unwrap();
    }
    let pointer = |bucket: &str, key: &str| json!({"version": 1, "s3": {"bucket": bucket, "key": key}});
    let known = queue.bucket();
    let nowhere = [pointer("no-such-bucket", "text"), pointer(known, "nothing")];
    send(&queue, &[&[pointer(known, "pointer"), pointer(known, "text")], &nowhere[..]].concat()).await;
    let [invalid, unreadable] = ["invalid_event", "unreadable_object"];
    assert_eq!(kinds(&queue), [invalid, invalid, unreadable, unreadable]);
}

#[tokio::test]
async fn a_pointer_names_a_bucket_and_a_key_or_is_parked_without_asking_s3() {
    let world = World::new().await;
    let queue = queue(&world).await;
    let known = queue.bucket();
    let arn = format!("arn:aws:s3:::{known}");
    let access_point = "arn:aws:s3:eu-central-1:123456789012:accesspoint/events";
    let key = "k".repeat(1025);
    let cases = [
        (arn.as_str(), "text", "s3.bucket: expected a bucket's name, not its ARN or URL"),
        (access_point, "text", "s3.bucket: expected a bucket's name"),
        ("", "text", "s3.bucket: expected a bucket's name"),
        ("a b/c", "text", "s3.bucket: expected a bucket's name"),
        (known, "", "s3.key: expected an object's key: 1 to 1024 bytes"),
        (known, key.as_str(), "s3.key: expected an object's key"),
    ];
    for (bucket, key, expected) in cases {
        let before = queue.dead_letters().len();
        send(&queue, &[json!({"version": 1, "s3": {"bucket": bucket, "key": key}})]).await;
        let letter = &queue.dead_letters()[before];
        assert_eq!(letter.kind.as_deref(), Some("invalid_event"), "{bucket}/{key}");
        let reason = letter.reason.as_deref().unwrap();
        assert!(reason.starts_with(expected), "{bucket}/{key}: {reason}");
    }
}

#[tokio::test]
async fn what_is_far_ahead_of_the_clock_is_parked_and_can_be_driven_again_when_it_no_longer_is() {
    let (ms, clock) = clock("2026-02-24T21:00:00Z");
    let world = World::with_clock(clock).await;
    let queue = queue(&world).await;
    let call = RecordId::random();
    let event = call_event(world.organization, call, "2026-02-25T21:00:00.001Z");
    let change = status_event(world.organization, "lead", call, "lost", "2062-02-24T21:00:00Z");
    send(&queue, &[event, change]).await;
    assert_eq!(kinds(&queue), ["in_the_future", "in_the_future"]);
    let reason = queue.dead_letters()[0].reason.clone().unwrap();
    let expected = "occurred_at: 2026-02-25T21:00:00.001Z is more than 24 hours ahead of the service's clock, which \
                    says 2026-02-24T21:00:00Z";
    assert_eq!(reason, expected);
    ms.fetch_add(1, SeqCst);
    assert_eq!(queue.redrive(), 2);
    queue.drained().await;
    assert_eq!(kinds(&queue), ["in_the_future"], "exactly 24 hours are taken");
    assert_eq!(world.client.walk("/v1/calls?limit=9").await.len(), 1);
}

#[tokio::test]
async fn what_dynamodb_refuses_for_a_while_is_applied_and_what_it_refuses_for_long_is_a_dead_letter() {
    let world = World::new().await;
    let queue = queue(&world).await;
    let event = || call_event(world.organization, RecordId::random(), "2026-02-24T21:00:00Z");
    world.wire.fail("TransactWriteItems", 2, || Fault::error(400, "AccessDeniedException"));
    send(&queue, &[event()]).await;
    assert!(queue.dead_letters().is_empty());
    world.wire.disturb(|_, _| Fault::error(400, "AccessDeniedException"));
    send(&queue, &[event()]).await;
    world.wire.let_be();
    assert_eq!(kinds(&queue), ["unavailable"]);
    let reason = queue.dead_letters()[0].reason.clone().unwrap();
    assert!(reason.starts_with("DynamoDB ") && reason.contains("AccessDeniedException"), "{reason}");
    assert_eq!(queue.redrive(), 1);
    queue.drained().await;
    assert!(queue.dead_letters().is_empty());
    assert_eq!(world.client.walk("/v1/calls?limit=9").await.len(), 2);
}

#[tokio::test]
async fn a_message_that_crashes_the_function_takes_no_other_down() {
    let world = World::new().await;
    let queue = queue(&world).await;
    world.wire.disturb(|_, body| {
        assert!(!body.to_string().contains("+14155550666"), "injected");
        Fault::None
    });
    let events = ["+14155550101", "+14155550666", "+14155550102"].map(|phone| {
        let mut event = call_event(world.organization, RecordId::random(), "2026-02-24T21:00:00Z");
        event["call"]["caller_phone"] = phone.into();
        event
    });
    send(&queue, &events).await;
    assert_eq!(kinds(&queue), ["crashed"]);
    assert_eq!(world.client.walk("/v1/calls?limit=9").await.len(), 2);
}

/// A day of some busy switchboards: of ten events one is broken, one is a stranger's, one is repeated.
fn busy_day(organizations: &[OrganizationId]) -> Vec<Value> {
    let event = |nth: usize| {
        let of = nth / 2;
        let at = format!("2026-02-24T{:02}:{:02}:{:02}Z", nth / 3600, nth / 60 % 60, nth % 60);
        let organization = organizations[of % organizations.len()];
        let mut event = call_event(organization, RecordId::from_u128(of as u128 + 1), &at);
        event["event_id"] = format!("e{nth}").into();
        event["call"]["caller_phone"] = format!("+1415555{:04}", of % 997).into();
        event["call"]["status"] = if nth.is_multiple_of(2) { "in-progress" } else { "completed" }.into();
        match nth % 10 {
            3 => event["call"]["status"] = "ended".into(),
            5 => event["organization_id"] = json!(RecordId::from_u128(7)),
            _ => {}
        }
        event
    };
    (0..10_000).map(|nth| event(if nth % 10 == 7 { nth - 1 } else { nth })).collect()
}

/// The ids of an organization's calls in these events, counted without any of our code.
fn calls_in(events: &[Value], organization: OrganizationId, statuses: &[&str]) -> BTreeSet<String> {
    let good = events.iter().filter(|event| {
        event["organization_id"] == json!(organization)
            && statuses.iter().any(|status| event["call"]["status"] == **status)
    });
    good.map(|event| event["call"]["id"].to_string()).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_ten_thousand_events_each_is_visible_or_parked_with_its_reason() {
    let world = World::new().await;
    let mut organizations = vec![(world.organization, world.client.clone())];
    for _ in 0..7 {
        organizations.push(world.stranger().await);
    }
    let queue = queue(&world).await;
    let ids: Vec<OrganizationId> = organizations.iter().map(|(id, _)| *id).collect();
    let events = busy_day(&ids);
    send(&queue, &events).await;
    let dead_letters = queue.dead_letters();
    let of_kind =
        |kind: &str| dead_letters.iter().filter(|letter| letter.kind.as_deref() == Some(kind)).count();
    assert_eq!(
        (of_kind("invalid_event"), of_kind("unknown_organization"), dead_letters.len()),
        (1_000, 1_000, 2_000)
    );
    assert!(
        dead_letters.iter().all(|letter| letter.reason.as_ref().is_some_and(|reason| !reason.is_empty()))
    );

    let ids = |records: &[Value]| -> BTreeSet<String> {
        records.iter().map(|record| record["id"].to_string()).collect()
    };
    for (organization, client) in organizations {
        let expected = calls_in(&events, organization, &["in-progress", "completed"]);
        let calls = client.walk("/v1/calls?limit=100").await;
        assert_eq!((calls.len(), ids(&calls)), (expected.len(), expected.clone()));
        let finished = client.walk("/v1/calls?limit=100&status=completed").await;
        assert_eq!(ids(&finished), calls_in(&events, organization, &["completed"]));
        let contacts = client.walk("/v1/contacts?limit=100").await;
        let total: u64 = contacts.iter().map(|contact| contact["total_calls"].as_u64().unwrap()).sum();
        assert_eq!(total, expected.len() as u64, "each call is one caller's");
    }
}
