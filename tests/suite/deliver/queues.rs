//! The slow deliveries queue: an endpoint that makes others wait keeps to it, and its organization to itself.

use std::time::Duration;

use domain::{OrganizationId, webhooks::DeliveryStatus};
use futures_util::join;
use harness::{Deployment, FAST, Receiver, Reply, SLOW};
use tokio::time::sleep;

use crate::deliver::attempts::{LONG, Shop, held};

const MINUTE: Duration = Duration::from_secs(60);

impl Shop {
    /// Hands the function what is on one queue.
    async fn work_on(&self, queue: &str) {
        while let Some(batch) = self.deployment.receive(queue) {
            let answer = self.deliver.handle(batch.event.clone()).await;
            self.deployment.settle(&batch, answer);
        }
    }

    async fn is_troubled(&self) -> bool {
        let store = &self.deployment.store;
        let endpoint = store.delivery_endpoint(self.organization, self.webhook).await.unwrap().unwrap();
        endpoint.is_troubled(store.now())
    }
}

#[tokio::test]
async fn an_endpoint_in_trouble_is_asked_in_the_slow_lane_alone() {
    let receiver = Receiver::new(|_, nth| Reply::status(if nth == 0 { 500 } else { 200 })).await;
    let shop = Shop::with(&receiver.url()).await;
    shop.attempted().await;
    assert!(shop.is_troubled().await);
    let counts = || [FAST, SLOW].map(|queue| shop.deployment.messages(queue));
    assert_eq!((receiver.count(), counts()), (1, [0, 1]), "the next attempt is delayed");

    let event = shop.deployment.happened(shop.organization).await;
    shop.work_on(FAST).await;
    assert_eq!((receiver.count(), counts()), (1, [0, 2]), "it changed queues, and no receiver was asked");
    shop.work_on(SLOW).await;
    assert_eq!((receiver.count(), counts()), (2, [0, 1]));
    assert_eq!(shop.delivery(&event).await.status, DeliveryStatus::Succeeded);
    assert!(!shop.is_troubled().await, "a quick answer ends the trouble");
    shop.deployment.happened(shop.organization).await;
    shop.work_on(FAST).await;
    assert_eq!(receiver.count(), 3);
}

#[tokio::test]
async fn trouble_is_forgotten_after_ten_minutes() {
    let receiver = Receiver::answering(500).await;
    let shop = Shop::with(&receiver.url()).await;
    shop.attempted().await;
    for (wait, count) in [(10 * MINUTE - Duration::from_millis(1), 1), (Duration::from_millis(1), 2)] {
        shop.deployment.wait(wait);
        shop.deployment.happened(shop.organization).await;
        shop.work_on(FAST).await;
        assert_eq!(receiver.count(), count);
    }
}

#[tokio::test]
async fn an_endpoint_that_takes_long_is_in_trouble_before_it_has_answered_and_after() {
    let (receiver, go) = held(usize::MAX).await;
    let mut shop = Shop::with(&receiver.url()).await;
    // A third of that is long.
    shop.deliver = shop.deployment.deliver(Duration::from_secs(3));
    let event = shop.deployment.happened(shop.organization).await;
    let noticed = async {
        while !shop.is_troubled().await {
            sleep(Duration::from_millis(20)).await;
        }
        assert_eq!(shop.delivery(&event).await.attempts, [], "it has not answered");
        go.send_replace(true);
    };
    join!(shop.work_on(FAST), noticed);
    assert_eq!(shop.delivery(&event).await.status, DeliveryStatus::Succeeded);
    assert!(shop.is_troubled().await);
    assert_eq!(shop.endpoint().await.failing_since, None);
}

#[tokio::test]
async fn an_organization_whose_receiver_hangs_delays_no_other() {
    let deployment = Deployment::new().await;
    let deliver = deployment.deliver(LONG);
    let (slow, go) = held(usize::MAX).await;
    let quick = Receiver::answering(200).await;
    let [first, second] = [OrganizationId::random(), OrganizationId::random()];
    // Each thing that happens is told ten times.
    for _ in 0..9 {
        deployment.endpoint(first, &slow.url()).await;
        deployment.endpoint(second, &quick.url()).await;
    }
    let hanging = deployment.endpoint(first, &slow.url()).await.0.id;
    deployment.endpoint(second, &quick.url()).await;
    let event = deployment.happened(first).await;
    for _ in 0..19 {
        deployment.happened(first).await;
    }
    for _ in 0..5 {
        deployment.happened(second).await;
    }
    let others = async {
        quick.reached(50).await;
        let first = deployment.delivery(&event, hanging).await.0;
        assert_eq!((first.status, first.attempts), (DeliveryStatus::Pending, vec![]), "it hangs still");
        go.send_replace(true);
    };
    // Far fewer at once than the first has messages.
    join!(deployment.work(&deliver, 12), others);
    assert_eq!((slow.count(), quick.count()), (200, 50));
}
