//! The log lines of deliveries.

use std::time::Duration;

use domain::{OrganizationId, webhooks::Event};
use futures_util::future::join_all;
use harness::{Deployment, Fault, Receiver, Reply, SLOW, task};
use serde_json::json;

use crate::Log;

#[tokio::test]
async fn of_a_delivery_neither_where_it_goes_nor_what_it_says_is_logged() {
    let deployment = Deployment::new().await;
    let organization = OrganizationId::random();
    let reply = |_: &_, nth: usize| {
        let location = "Location: https://maria.example.com/\r\n".to_owned();
        Reply::Answer([200, 500, 301, 410][nth], location, "I am Maria Garcia".to_owned())
    };
    let receiver = Receiver::new(reply).await;
    let (webhook, secret) = deployment.endpoint(organization, &receiver.url()).await;
    let log = Log::begin();
    let deliver = deployment.deliver(Duration::from_secs(60));
    let events = [(); 6].map(|()| deployment.happened(organization));
    let events = join_all(events).await;
    let one = |event: &Event| {
        deployment.send(SLOW, &task(event, webhook.id));
        deployment.receive(SLOW).unwrap().event
    };
    for event in &events[..4] {
        deliver.handle(one(event)).await;
    }
    // The endpoint is gone by now, DynamoDB refuses, and there is a message that is none of ours.
    deliver.handle(one(&events[4])).await;
    deployment.wire.disturb(|_, _| Fault::error(400, "AccessDeniedException"));
    deliver.handle(one(&events[5])).await;
    deployment.send_text(SLOW, "-", r#"{"organization_id":"Maria Garcia"}"#);
    deliver.handle(deployment.receive(SLOW).unwrap().event).await;

    let text = log.text();
    let attempted = log.of("delivery_attempted");
    let results = attempted.iter().map(|line| json!([line["status_code"], line["failure"], line["outcome"]]));
    let expected = [
        json!([200, null, "succeeded"]),
        json!([500, "status", "again"]),
        json!([301, "redirect", "again"]),
        json!([410, "status", "failed"]),
    ];
    assert_eq!(results.collect::<Vec<_>>(), expected, "{text}");
    assert_eq!(attempted[0]["delivery_id"], json!(events[0].delivery_id(webhook.id)));
    assert_eq!(log.of("endpoint_disabled")[0]["webhook_id"], json!(webhook.id));
    assert_eq!(log.count(["delivery_cancelled", "delivery_failed"]), [1, 2], "{text}");
    assert_eq!(log.lines().len(), 8, "{text}");
    // The second is a phone number of the event's body.
    log.assert_none_of([&secret.reveal()["whsec_".len()..], "2015550123", "Maria", "maria", "127.0.0.1"]);
    log.assert_none_of(["/hook", "inboundflow", "sha256=", "v1,"]);
}
