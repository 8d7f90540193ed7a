//! The cost of what happens without a request: a call's voice events, the events that are published, and
//! their delivery.

use domain::{
    RecordId,
    webhooks::{DeliveryTask, EventType},
};
use harness::{Fanning, World, attempt, body, call_event, message};
use serde_json::json;
use store::{Claim, Store, Verdict};

use crate::meter::{Meter, Tally};
use crate::requests::at;

/// The units that each step took, by its name. It has endpoints of its own, since others would be sent the events too.
pub(super) async fn steps(meter: &Meter, metered: &Store) -> Vec<(&'static str, Tally)> {
    let world = World::new().await;
    let mut fanning = Fanning::over(&world, metered).await;
    let webhook: RecordId =
        world.webhook(&["call.completed"]).await["id"].as_str().expect("an id").parse().expect("an id");
    fanning.follow().await;
    let _ = meter.take();
    let mut steps = Vec::new();

    let call = RecordId::random();
    let start = call_event(world.organization, call, "2026-02-24T20:59:00Z");
    assert!(metered.apply(&body(&start)).await.expect("applied"));
    steps.push(("voice event: a call begins, of a new contact", meter.take()));

    let mut end = call_event(world.organization, call, "2026-02-24T21:00:00Z");
    let said = || message("user", "My bumper is broken. What does a repair cost?");
    end["call"]["status"] = "completed".into();
    end["call"]["summary"] = "The caller asks what a repair of the bumper costs. ".repeat(5).into();
    end["call"]["transcript"] = "assistant: How can I help? user: My bumper is broken. ".repeat(5).into();
    end["call"]["messages"] = (0..20).map(|_| said()).collect();
    end["lead"] = json!({"interest": "body work"});
    assert!(metered.apply(&body(&end)).await.expect("applied"));
    steps.push(("voice event: it ends, 20 messages and a lead", meter.take()));

    fanning.follow().await;
    assert_eq!(fanning.tasks("deliveries").len(), 1);
    steps.push(("its two events, one of which an endpoint wants", meter.take()));
    steps.push(("its delivery, taken at once with a text", delivery(&world, webhook, meter, metered).await));
    steps
}

/// The calls of the function that delivers, around a POST that is not made.
async fn delivery(world: &World, webhook: RecordId, meter: &Meter, metered: &Store) -> Tally {
    let event = world.happened(EventType::CallCompleted, at(0)).await;
    let task: DeliveryTask = harness::task(&event, webhook);
    let _ = meter.take();
    let endpoint = metered.delivery_endpoint(task.organization_id, webhook).await.expect("an answer");
    assert_eq!(metered.pace(task.organization_id, webhook).await.expect("counted"), None);
    let Claim::Yours(claimed) = metered.claim(&task).await.expect("a claim") else {
        panic!("somebody else has it")
    };
    metered.event(task.organization_id, claimed.event_id).await.expect("an answer").expect("an event");
    metered.settle(&claimed, attempt(1, 200), "ok", Verdict::Succeeded).await.expect("kept");
    metered.note_success(&endpoint.expect("an endpoint"), false).await.expect("noted");
    meter.take()
}
