//! The schedule of attempts: ten over three days, and the end of an endpoint that fails for five.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU16, Ordering::SeqCst},
    },
    time::Duration,
};

use domain::webhooks::{DeliveryStatus, DisabledReason, RETRY_AFTER, WebhookStatus};
use harness::{Receiver, Reply, SLOW};

use crate::deliver::attempts::Shop;

const HOUR: Duration = Duration::from_secs(60 * 60);
/// How many seconds late the queue's deliveries come at the most; the sweep's come with the next minute.
const BY_QUEUE: f64 = 1.0;
const BY_SWEEP: f64 = 60.0;

#[tokio::test]
async fn a_delivery_is_tried_ten_times_each_within_a_tenth_of_its_time() {
    let receiver = Receiver::answering(500).await;
    let shop = Shop::with(&receiver.url()).await;
    let event = shop.deployment.happened(shop.organization).await;
    shop.deployment.pass(&shop.deliver, 96 * HOUR).await;

    let (delivery, _) = shop.deployment.delivery(&event, shop.webhook).await;
    assert_eq!((delivery.status, delivery.next_attempt_at), (DeliveryStatus::Failed, None));
    let numbers: Vec<u32> = delivery.attempts.iter().map(|attempt| attempt.number).collect();
    assert_eq!(numbers, (1..=10).collect::<Vec<_>>());
    let at = |nth: usize| delivery.attempts[nth].attempted_at.unix_ms();
    assert_eq!(at(0), event.created_at.unix_ms(), "at once");
    for (nth, after) in RETRY_AFTER.iter().enumerate() {
        let (waited, after) = ((at(nth + 1) - at(nth)) as f64 / 1000.0, after.as_secs_f64());
        let late = if after < 900.0 { BY_QUEUE } else { BY_SWEEP };
        assert!((after * 0.9..=after * 1.1 + late).contains(&waited), "{nth}: {waited} for {after}");
    }
    assert_eq!(receiver.count(), 10);
    let bodies: Vec<String> = receiver.got().into_iter().map(|got| got.body).collect();
    assert!(bodies.iter().all(|body| *body == event.body(delivery.id)));
    assert_eq!((shop.deployment.messages(SLOW), shop.deployment.next_sweep().await), (0, None));
    assert_eq!(shop.endpoint().await.status, WebhookStatus::Enabled, "three days are not five");
}

#[tokio::test]
async fn an_endpoint_that_fails_for_five_days_is_disabled_and_what_waits_for_it_cancelled() {
    let receiver = Receiver::answering(500).await;
    let shop = Shop::with(&receiver.url()).await;
    let start = shop.deployment.store.now();
    let mut events = Vec::new();
    for _ in 0..7 {
        events.push(shop.deployment.happened(shop.organization).await);
        shop.deployment.pass(&shop.deliver, 24 * HOUR).await;
    }
    let webhook = shop.endpoint().await;
    assert_eq!(
        (webhook.status, webhook.disabled_reason),
        (WebhookStatus::Disabled, Some(DisabledReason::Failing))
    );
    assert_eq!(webhook.failing_since, Some(start));
    let disabled_after = webhook.updated_at.unix_ms() - start.unix_ms();
    let days = disabled_after as f64 / 24.0 / HOUR.as_millis() as f64;
    assert!((5.0..5.2).contains(&days), "{days}");

    let mut ends = Vec::new();
    // Nothing was written for it once it was disabled.
    for event in events.iter().filter(|event| event.created_at <= webhook.updated_at) {
        let (delivery, _) = shop.deployment.delivery(event, shop.webhook).await;
        assert_eq!(delivery.next_attempt_at, None);
        assert!(delivery.attempts.iter().all(|attempt| attempt.attempted_at <= webhook.updated_at));
        ends.push((delivery.status, delivery.attempts.len()));
    }
    assert_eq!(ends.first(), Some(&(DeliveryStatus::Failed, 10)));
    assert_eq!(ends.last().map(|(status, _)| *status), Some(DeliveryStatus::Cancelled));
    assert_eq!(receiver.count(), ends.iter().map(|(_, attempts)| attempts).sum::<usize>());
}

#[tokio::test]
async fn an_endpoint_that_recovers_begins_anew() {
    let status = Arc::new(AtomicU16::new(500));
    let answer = status.clone();
    let receiver = Receiver::new(move |_, _| Reply::status(answer.load(SeqCst))).await;
    let shop = Shop::with(&receiver.url()).await;
    // Four days each, with a success between them.
    for _ in 0..2 {
        for _ in 0..4 {
            shop.deployment.happened(shop.organization).await;
            shop.deployment.pass(&shop.deliver, 24 * HOUR).await;
        }
        assert!(shop.endpoint().await.failing_since.is_some());
        status.store(200, SeqCst);
        let event = shop.attempted().await;
        shop.work().await;
        assert_eq!(shop.delivery(&event).await.status, DeliveryStatus::Succeeded);
        let webhook = shop.endpoint().await;
        assert_eq!((webhook.status, webhook.failing_since), (WebhookStatus::Enabled, None));
        status.store(500, SeqCst);
    }
}
