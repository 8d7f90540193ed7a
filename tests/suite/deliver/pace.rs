//! The pace of an endpoint: so many POSTs a second by all functions together, and the rest later.

use std::{collections::HashMap, time::Duration};

use domain::webhooks::{DeliveryStatus, MAX_POSTS_PER_SECOND};
use harness::{FAST, Fault, Receiver};

use crate::deliver::attempts::Shop;

const MOST: usize = MAX_POSTS_PER_SECOND as usize;

/// How many POSTs came in each second of the deployment's clock.
fn by_second(receiver: &Receiver) -> HashMap<String, usize> {
    receiver.got().iter().fold(HashMap::new(), |mut counts, got| {
        *counts.entry(got.header("webhook-timestamp").to_owned()).or_default() += 1;
        counts
    })
}

#[tokio::test]
async fn what_comes_over_the_ceiling_waits_and_nothing_is_lost_or_counted_as_a_try() {
    let (receiver, other) = (Receiver::answering(200).await, Receiver::answering(200).await);
    let shop = Shop::with(&receiver.url()).await;
    let mut events = Vec::new();
    for _ in 0..3 * MOST {
        events.push(shop.deployment.happened(shop.organization).await);
    }
    // Another endpoint of the same organization, which has its own.
    let (second, _) = shop.deployment.endpoint(shop.organization, &other.url()).await;
    let last = shop.deployment.published(shop.organization).await.1;
    last.iter().filter(|task| task.webhook_id == second.id).for_each(|task| shop.deployment.send(FAST, task));
    shop.deployment.work(&shop.deliver, 8).await;
    assert_eq!((receiver.count(), other.count()), (MOST, 1), "within a second");
    let mut waiting = Vec::new();
    for event in &events {
        waiting.push(shop.delivery(event).await);
    }
    let waiting = waiting.iter().filter(|delivery| delivery.status == DeliveryStatus::Pending);
    assert!(waiting.clone().all(|delivery| delivery.attempts.is_empty()), "no attempt was made");
    assert_eq!(waiting.count(), 2 * MOST);

    shop.deployment.pass(&shop.deliver, Duration::from_secs(600)).await;
    let (counts, ids) = (by_second(&receiver), receiver.got());
    assert!(counts.values().all(|count| *count <= MOST), "{counts:?}");
    let ids: std::collections::BTreeSet<_> = ids.iter().map(|got| got.id()).collect();
    assert!(events.iter().all(|event| ids.contains(&event.delivery_id(shop.webhook))), "nothing is lost");
    for event in &events {
        let delivery = shop.delivery(event).await;
        assert_eq!((delivery.status, delivery.attempts.len()), (DeliveryStatus::Succeeded, 1));
    }
}

#[tokio::test]
async fn where_the_count_is_throttled_the_delivery_waits() {
    let receiver = Receiver::answering(200).await;
    let shop = Shop::with(&receiver.url()).await;
    shop.deployment.wire.disturb(|operation, body| {
        let is_count = operation == "UpdateItem" && body["Key"].to_string().contains("posts#");
        if is_count { Fault::error(400, "ProvisionedThroughputExceededException") } else { Fault::None }
    });
    let event = shop.attempted().await;
    assert_eq!((receiver.count(), shop.delivery(&event).await.attempts.len()), (0, 0));
    shop.deployment.wire.let_be();
    shop.deployment.pass(&shop.deliver, Duration::from_secs(60)).await;
    assert_eq!(shop.delivery(&event).await.status, DeliveryStatus::Succeeded);
}
