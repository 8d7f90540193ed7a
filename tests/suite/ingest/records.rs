//! Records out of voice events, one rule a test.

use domain::{RecordId, ingest::Body};
use harness::{World, body, call, call_event, contact, fields, status_event};
use serde_json::{Value, json};
use store::NotApplied;

pub(crate) async fn apply(world: &World, event: &Value) -> bool {
    world.store.apply(&body(event)).await.unwrap()
}

pub(crate) async fn only(world: &World, resource: &str) -> Value {
    let records = world.client.walk(&format!("/v1/{resource}?limit=9")).await;
    assert_eq!(records.len(), 1, "{records:?}");
    records.into_iter().next().unwrap()
}

#[tokio::test]
async fn a_call_grows_from_its_start_to_its_end() {
    let world = World::new().await;
    let call = RecordId::random();
    let mut start = call_event(world.organization, call, "2026-02-24T20:59:00.5Z");
    start["call"]["started_at"] = "2026-02-24T20:59:00Z".into();
    assert!(apply(&world, &start).await);
    let seen = only(&world, "calls").await;
    assert_eq!((&seen["status"], &seen["summary"]), (&json!("in-progress"), &Value::Null));
    let contact = only(&world, "contacts").await;
    assert_eq!(contact["id"], seen["contact_id"]);
    assert_eq!((&contact["source"], &contact["total_calls"]), (&json!("inbound_call"), &json!(1)));
    assert_eq!((&contact["name"], &contact["last_call_at"]), (&Value::Null, &json!("2026-02-24T20:59:00Z")));

    let mut end = call_event(world.organization, call, "2026-02-24T21:00:00Z");
    end["call"] = json!({
        "id": call, "caller_phone": "+1 (415) 555-0101", "caller_name": "Dave", "caller_email": "dave@example.com",
        "status": "completed", "duration_seconds": 55, "summary": "A quote.", "transcript": "Hi.",
        "messages": [{"role": "user", "content": "Hi", "timestamp": "2026-02-24T20:59:05Z"}],
        "recording_url": "https://recordings.example.com/1.mp3", "transfer_status": null,
        "assistant_id": call, "intent": "quote", "urgency": "high",
        "started_at": "2026-02-24T20:59:00Z", "ended_at": "2026-02-24T21:00:00Z",
    });
    end["lead"] = json!({"interest": "body work", "qualification_reason": "asks for a price", "urgency": "high", "status": null});
    end["appointment"] = json!({
        "service_type": "Repair", "date": "2026-02-25", "start": "2026-02-25T11:00:00Z", "end": null,
        "calendar_event_link": null, "status": null,
    });
    assert!(apply(&world, &end).await);
    assert!(!apply(&world, &end).await && !apply(&world, &start).await, "again is no change");

    let done = world.client.get(&format!("/v1/calls/{call}")).await.ok()["data"].clone();
    let expected = json!({
        "id": call, "caller_phone": "+14155550101", "caller_name": "Dave", "status": "completed",
        "duration_seconds": 55, "summary": "A quote.", "transcript": "Hi.",
        "recording_url": "https://recordings.example.com/1.mp3", "transfer_status": null,
        "started_at": "2026-02-24T20:59:00Z", "ended_at": "2026-02-24T21:00:00Z", "assistant_id": call,
        "contact_id": contact["id"], "created_at": seen["created_at"],
        "messages": [{"role": "user", "content": "Hi", "timestamp": "2026-02-24T20:59:05Z"}],
    });
    assert_eq!(done, expected);
    let known = only(&world, "contacts").await;
    assert_eq!((&known["name"], &known["email"]), (&json!("Dave"), &json!("dave@example.com")));
    assert_eq!(known["total_calls"], 1);
    let lead = only(&world, "leads").await;
    let appointment = only(&world, "appointments").await;
    for record in [&lead, &appointment] {
        assert_eq!((&record["call_log_id"], &record["contact_id"]), (&json!(call), &contact["id"]));
        assert_eq!(fields(record, ["caller_phone", "caller_name"]), json!(["+14155550101", "Dave"]));
    }
    assert_eq!((&lead["id"], &lead["status"]), (&json!(call.derived("lead")), &json!("new")));
    assert_eq!(fields(&lead, ["caller_email", "call_summary"]), json!(["dave@example.com", "A quote."]));
    assert_eq!(fields(&appointment, ["status", "appointment_date"]), json!(["booked", "2026-02-25"]));
    assert_eq!(appointment["id"], json!(call.derived("appointment")));
}

#[tokio::test]
async fn a_finished_call_does_not_go_back_and_nothing_known_is_forgotten() {
    let world = World::new().await;
    let call = RecordId::random();
    let mut end = call_event(world.organization, call, "2026-02-24T21:00:00Z");
    end["call"]["status"] = "failed".into();
    end["call"]["summary"] = "It broke off.".into();
    let mut late = call_event(world.organization, call, "2026-02-24T21:00:01Z");
    late["call"]["recording_url"] = "https://recordings.example.com/1.mp3".into();
    late["call"]["messages"] = json!([]);
    let mut older = call_event(world.organization, call, "2026-02-24T20:59:00Z");
    older["call"]["summary"] = "Too early to say.".into();
    older["call"]["transfer_status"] = "ringing".into();
    for event in [&late, &end, &older] {
        apply(&world, event).await;
    }
    let seen = only(&world, "calls").await;
    assert_eq!((&seen["status"], &seen["summary"]), (&json!("failed"), &json!("It broke off.")));
    assert_eq!(seen["recording_url"], "https://recordings.example.com/1.mp3");
    assert_eq!(seen["transfer_status"], "ringing", "which only the oldest knew");
}

#[tokio::test]
async fn what_a_person_wrote_of_a_contact_stays() {
    let world = World::new().await;
    let made = json!({"phone": "+14155550101", "name": "Maria Garcia"});
    let made = world.client.post("/v1/contacts", &made).await.ok()["data"].clone();
    let mut event = call_event(world.organization, RecordId::random(), "2026-02-24T21:00:00Z");
    event["call"]["caller_name"] = "Dave".into();
    event["call"]["caller_email"] = "not understood".into();
    apply(&world, &event).await;
    event = call_event(world.organization, RecordId::random(), "2026-02-24T22:00:00Z");
    event["call"]["caller_email"] = "maria@example.com".into();
    apply(&world, &event).await;
    let contact = only(&world, "contacts").await;
    assert_eq!((&contact["id"], &contact["source"]), (&made["id"], &json!("api")));
    assert_eq!((&contact["name"], &contact["email"]), (&json!("Maria Garcia"), &json!("maria@example.com")));
    assert_eq!(fields(&contact, ["total_calls", "last_call_at"]), json!([2, "2026-02-24T22:00:00Z"]));
}

#[tokio::test]
async fn a_status_that_a_person_set_outranks_the_pipelines() {
    let world = World::new().await;
    let call = RecordId::random();
    let mut event = call_event(world.organization, call, "2026-02-24T21:00:00Z");
    event["lead"] = json!({"status": "new"});
    let contacted =
        status_event(world.organization, "lead", call.derived("lead"), "contacted", "2026-02-24T21:30:00Z");
    assert!(matches!(world.store.apply(&body(&contacted)).await, Err(NotApplied::Missing(_))), "not yet");
    apply(&world, &event).await;
    let created = only(&world, "leads").await;
    assert!(apply(&world, &contacted).await && !apply(&world, &contacted).await);
    let mut recorded = event.clone();
    recorded["event_id"] = "later".into();
    recorded["occurred_at"] = "2026-02-24T22:00:00Z".into();
    recorded["lead"]["urgency"] = "low".into();
    apply(&world, &recorded).await;
    let lead = only(&world, "leads").await;
    assert_eq!((&lead["status"], &lead["urgency"]), (&json!("contacted"), &json!("low")));
    assert_eq!(lead["created_at"], created["created_at"]);
    let older =
        status_event(world.organization, "lead", call.derived("lead"), "lost", "2026-02-24T21:29:00Z");
    apply(&world, &older).await;
    assert_eq!(only(&world, "leads").await["status"], "contacted");
}

#[tokio::test]
async fn calls_of_a_withheld_number_have_no_contact() {
    let world = World::new().await;
    let call = RecordId::random();
    let mut event = call_event(world.organization, call, "2026-02-24T21:00:00Z");
    event["call"]["caller_phone"] = Value::Null;
    apply(&world, &event).await;
    assert_eq!(only(&world, "calls").await["contact_id"], Value::Null);
    assert!(world.client.walk("/v1/contacts?limit=9").await.is_empty());
    apply(&world, &call_event(world.organization, call, "2026-02-24T21:00:01Z")).await;
    assert_eq!(only(&world, "calls").await["contact_id"], only(&world, "contacts").await["id"]);
}

#[tokio::test]
async fn a_call_whose_number_was_corrected_counts_for_the_right_caller() {
    for order in [[0, 1], [1, 0]] {
        let world = World::new().await;
        let call = RecordId::random();
        let wrong = call_event(world.organization, call, "2026-02-24T21:00:00Z");
        let mut right = call_event(world.organization, call, "2026-02-24T21:00:01Z");
        right["call"]["caller_phone"] = "+14155550102".into();
        let events = [wrong, right];
        for at in order {
            apply(&world, &events[at]).await;
        }
        let contacts = world.client.walk("/v1/contacts?limit=9").await;
        let total = |phone: &str| -> Value {
            contacts.iter().find(|contact| contact["phone"] == phone).unwrap()["total_calls"].clone()
        };
        assert_eq!((total("+14155550101"), total("+14155550102")), (json!(0), json!(1)));
    }
}

#[tokio::test]
async fn events_that_cannot_be_carried_out_say_why() {
    let world = World::new().await;
    let call = RecordId::random();
    let refused = async |event: &Value| match world.store.apply(&body(event)).await {
        Err(NotApplied::Rejected(rejection)) => rejection,
        other => panic!("{other:?}"),
    };
    let stranger = domain::OrganizationId::random();
    let nobodys = refused(&call_event(stranger, call, "2026-02-24T21:00:00Z")).await;
    assert_eq!(nobodys.kind.as_str(), "unknown_organization");
    let nobodys = refused(&status_event(stranger, "lead", call, "lost", "2026-02-24T21:00:00Z")).await;
    assert_eq!(nobodys.kind.as_str(), "unknown_organization");
    let mut huge = call_event(world.organization, call, "2026-02-24T21:00:00Z");
    huge["call"]["transcript"] = "x".repeat(410_000).into();
    let too_large = refused(&huge).await;
    assert_eq!(too_large.kind.as_str(), "too_large");
    assert!(too_large.message.starts_with("calls: it takes 410"), "{}", too_large.message);
    let mut long = call_event(world.organization, call, "2026-02-24T21:00:00Z");
    long["call"]["messages"] = json!([{"role": "user", "content": "x".repeat(5_000_000)}]);
    let too_large = refused(&long).await;
    assert!(too_large.message.starts_with("call.messages: "), "{}", too_large.message);
    assert!(
        world.client.walk("/v1/calls?limit=9").await.is_empty()
            && world.client.walk("/v1/contacts?limit=9").await.is_empty()
    );
}

#[tokio::test]
async fn another_organizations_records_are_out_of_reach() {
    let world = World::new().await;
    let (other, stranger) = world.stranger().await;
    let call = RecordId::random();
    let mut event = call_event(world.organization, call, "2026-02-24T21:00:00Z");
    event["lead"] = json!({"status": "new"});
    apply(&world, &event).await;
    let theirs = status_event(other, "lead", call.derived("lead"), "lost", "2026-02-24T22:00:00Z");
    assert!(matches!(world.store.apply(&body(&theirs)).await, Err(NotApplied::Missing(_))));
    event["organization_id"] = json!(other);
    apply(&world, &event).await;
    assert_eq!(only(&world, "leads").await["status"], "new");
    assert_eq!(stranger.walk("/v1/calls?limit=9").await.len(), 1, "an id of their own, by chance the same");
}

#[tokio::test]
async fn a_pointer_is_no_event() {
    let world = World::new().await;
    let pointer = Body::parse(r#"{"version":1,"s3":{"bucket":"events","key":"k"}}"#).unwrap();
    assert!(matches!(world.store.apply(&pointer).await, Err(NotApplied::Rejected(_))));
}

#[tokio::test]
async fn a_contact_is_filled_from_its_calls_whichever_event_named_the_number() {
    for order in [[0, 1, 2], [2, 1, 0], [1, 2, 0]] {
        let world = World::new().await;
        let id = RecordId::random();
        let [named, mut met, mut mailed] = ["20:00:00", "20:01:00", "20:02:00"]
            .map(|time| call_event(world.organization, id, &format!("2026-02-24T{time}Z")));
        for event in [&mut met, &mut mailed] {
            event["call"]["caller_phone"] = Value::Null;
        }
        met["call"]["caller_name"] = "Maria".into();
        mailed["call"]["caller_email"] = "maria@example.com".into();
        let events = [named, met, mailed];
        for at in order {
            apply(&world, &events[at]).await;
        }
        let contact = only(&world, "contacts").await;
        assert_eq!((&contact["name"], &contact["email"]), (&json!("Maria"), &json!("maria@example.com")));
        assert_eq!(fields(&contact, ["total_calls", "last_call_at"]), json!([1, "2026-02-24T20:02:00Z"]));
    }
}

#[tokio::test]
async fn blank_text_is_not_knowledge() {
    let world = World::new().await;
    let call = RecordId::random();
    let mut first = call_event(world.organization, call, "2026-02-24T21:00:00Z");
    (first["call"]["caller_name"], first["call"]["summary"]) = ("".into(), "A quote.".into());
    let mut second = call_event(world.organization, call, "2026-02-24T21:00:01Z");
    (second["call"]["caller_name"], second["call"]["summary"]) = ("Maria".into(), " ".into());
    for event in [&first, &second] {
        apply(&world, event).await;
    }
    let seen = only(&world, "calls").await;
    assert_eq!((&seen["caller_name"], &seen["summary"]), (&json!("Maria"), &json!("A quote.")));
    assert_eq!(only(&world, "contacts").await["name"], "Maria");
}

#[tokio::test]
async fn imported_records_are_older_than_every_event() {
    let world = World::new().await;
    let mut known = contact("+14155550101", "2026-02-20T14:00:00Z");
    known["email"] = Value::Null;
    let mut imported = call("2026-02-24T21:00:00Z");
    imported["caller_phone"] = "+14155550101".into();
    imported["contact_id"] = known["id"].clone();
    world.import("contacts", std::slice::from_ref(&known)).await;
    world.import("calls", std::slice::from_ref(&imported)).await;
    let id = imported["id"].as_str().unwrap().parse().unwrap();
    // However old it is.
    let mut event = call_event(world.organization, id, "2020-01-01T00:00:00Z");
    event["call"]["summary"] = "A quote.".into();
    event["call"]["caller_name"] = "Dave".into();
    event["call"]["caller_email"] = "dave@example.com".into();
    apply(&world, &event).await;
    let seen = only(&world, "calls").await;
    assert_eq!((&seen["status"], &seen["summary"]), (&json!("completed"), &json!("A quote.")));
    assert_eq!(
        (&seen["transcript"], &seen["created_at"]),
        (&imported["transcript"], &imported["created_at"])
    );
    let contact = only(&world, "contacts").await;
    assert_eq!((&contact["name"], &contact["email"]), (&known["name"], &json!("dave@example.com")));
    assert_eq!(contact["total_calls"], known["total_calls"], "it was counted before");
}

#[tokio::test]
async fn a_contact_that_was_deleted_by_hand_is_made_anew() {
    let world = World::new().await;
    apply(&world, &call_event(world.organization, RecordId::random(), "2026-02-24T21:00:00Z")).await;
    let gone = only(&world, "contacts").await["id"].clone();
    world.delete_item("Contacts", gone.as_str().unwrap()).await;
    apply(&world, &call_event(world.organization, RecordId::random(), "2026-02-24T22:00:00Z")).await;
    let contact = only(&world, "contacts").await;
    assert_ne!(contact["id"], gone);
    let taken = world.client.post("/v1/contacts", &json!({"phone": "+14155550101"})).await;
    assert_eq!(taken.body["error"]["existing_id"], contact["id"]);
}
