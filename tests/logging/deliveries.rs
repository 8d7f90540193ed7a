//! What is logged of deliveries.

use std::time::Duration;

use domain::{OrganizationId, webhooks::Event};
use futures_util::future::join_all;
use harness::{Deployment, Fault, Receiver, Reply, SLOW, ticket};
use serde_json::{Value, json};

use crate::Lines;

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
    let lines = Lines::default();
    let writer = lines.clone();
    let _guard =
        tracing::subscriber::set_default(runtime::json_lines(move || writer.clone(), tracing::Level::INFO));
    let deliver = deployment.deliver(Duration::from_secs(60));
    let events = [(); 6].map(|()| deployment.happened(organization));
    let events = join_all(events).await;
    let one = |event: &Event| {
        deployment.send(SLOW, &ticket(event, webhook.id));
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

    let text = String::from_utf8(lines.0.lock().unwrap().clone()).unwrap();
    let logged: Vec<Value> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let of = |message: &str| logged.iter().filter(|line| line["message"] == message).collect::<Vec<_>>();
    let tried =
        of("tried").into_iter().map(|line| json!([line["status_code"], line["failure"], line["outcome"]]));
    let expected = [
        json!([200, null, "succeeded"]),
        json!([500, "status", "again"]),
        json!([301, "redirect", "again"]),
        json!([410, "status", "failed"]),
    ];
    assert_eq!(tried.collect::<Vec<_>>(), expected, "{text}");
    assert_eq!(of("tried")[0]["delivery_id"], json!(events[0].delivery_id(webhook.id)));
    assert_eq!(of("disabled an endpoint")[0]["webhook_id"], json!(webhook.id));
    assert_eq!((of("cancelled").len(), of("could not deliver").len(), logged.len()), (1, 2, 8), "{text}");
    let secret = &secret.reveal()["whsec_".len()..];
    let body = "2015550123";
    for secret in [secret, body, "Maria", "maria", "127.0.0.1", "/hook", "inboundflow", "sha256=", "v1,"] {
        assert!(!text.contains(secret), "{secret}: {text}");
    }
}
