//! Messages that come twice, functions that come too late, and replays in between.

use std::time::Duration;

use domain::{
    RecordId,
    webhooks::{Delivery, DeliveryStatus, DeliveryTask, Event, WebhookStatus},
};
use futures_util::join;
use harness::{FAST, Receiver, Reply, SLOW, task};

use crate::deliver::attempts::{Shop, held};

const MINUTE: Duration = Duration::from_secs(60);

impl Shop {
    /// The message that the stream makes of a delivery as it is now.
    async fn current_task(&self, event: &Event) -> DeliveryTask {
        let task = task(event, self.webhook);
        let item = self.deployment.item("Deliveries", self.organization, task.delivery_id).await.unwrap();
        DeliveryTask { number: item["number"].as_n().unwrap().parse().unwrap(), ..task }
    }

    async fn replay(&self, id: RecordId) {
        let deliveries = self.deployment.store.changes::<Delivery>(self.organization);
        let enabled = deliveries.enabled_webhook(self.webhook).await.unwrap();
        deliveries.replay(enabled, id).await.unwrap();
    }

    /// Hands the function one message; returns whether it is done.
    async fn made(&self, task: &DeliveryTask) -> bool {
        self.deployment.send(FAST, task);
        let batch = self.deployment.receive(FAST).unwrap();
        let answer = self.deliver.handle(batch.event.clone()).await;
        let is_done = answer.batch_item_failures.is_empty();
        self.deployment.settle(&batch, answer);
        is_done
    }
}

#[tokio::test]
async fn of_messages_that_come_together_one_is_tried_and_the_others_find_it_done() {
    let receiver = Receiver::answering(200).await;
    let shop = Shop::with(&receiver.url()).await;
    let (event, tasks) = shop.deployment.published(shop.organization).await;
    for _ in 0..25 {
        shop.deployment.send(FAST, &tasks[0]);
        shop.deployment.send(SLOW, &tasks[0]);
    }
    shop.deployment.pass(&shop.deliver, 30 * MINUTE).await;
    assert_eq!(shop.delivery(&event).await.attempts.len(), 1);
    assert_eq!(receiver.count(), 1);
    assert_eq!([FAST, SLOW].map(|queue| shop.deployment.messages(queue)), [0, 0]);
    assert!(shop.deployment.dead_letters().is_empty());
}

#[tokio::test]
async fn a_message_that_comes_later_finds_its_try_made() {
    let receiver = Receiver::answering(500).await;
    let shop = Shop::with(&receiver.url()).await;
    let event = shop.attempted().await;
    for _ in 0..3 {
        assert!(shop.made(&task(&event, shop.webhook)).await);
        shop.work().await;
        assert_eq!(receiver.count(), 1);
    }
}

#[tokio::test]
async fn a_message_comes_again_while_another_worker_may_not_come_to_an_end() {
    let (receiver, go) = held(1).await;
    let shop = Shop::with(&receiver.url()).await;
    let (event, tasks) = shop.deployment.published(shop.organization).await;
    let second = async {
        receiver.reached(1).await;
        assert!(!shop.made(&tasks[0]).await, "it is not done");
        go.send_replace(true);
    };
    join!(shop.made(&tasks[0]), second);
    assert_eq!(shop.delivery(&event).await.status, DeliveryStatus::Succeeded);
    shop.deployment.pass(&shop.deliver, 10 * MINUTE).await;
    assert_eq!((receiver.count(), shop.deployment.messages(FAST)), (1, 0));
}

#[tokio::test]
async fn a_worker_that_was_given_up_changes_nothing_of_what_the_next_one_did() {
    let (receiver, go) = held(1).await;
    let shop = Shop::with(&receiver.url()).await;
    let (event, tasks) = shop.deployment.published(shop.organization).await;
    let next = async {
        receiver.reached(1).await;
        shop.deployment.wait(MINUTE);
        assert!(shop.made(&tasks[0]).await);
        let done = shop.delivery(&event).await;
        assert_eq!((done.status, done.attempts.len()), (DeliveryStatus::Succeeded, 1));
        go.send_replace(true);
        done
    };
    let (_, done) = join!(shop.made(&tasks[0]), next);
    let now = shop.delivery(&event).await;
    assert_eq!((now.status, &now.attempts), (done.status, &done.attempts));
    let [first, second] = receiver.got().try_into().unwrap();
    assert_eq!((first.id(), first.body), (second.id(), second.body));
}

#[tokio::test]
async fn a_replay_sends_the_same_again_whatever_became_of_it() {
    for status in [200, 410, 500] {
        let receiver = Receiver::new(move |_, nth| Reply::status(if nth == 0 { status } else { 200 })).await;
        let shop = Shop::with(&receiver.url()).await;
        let event = shop.attempted().await;
        let before = shop.delivery(&event).await;
        if status == 410 {
            shop.change(WebhookStatus::Enabled).await;
        }
        shop.replay(before.id).await;
        shop.made(&shop.current_task(&event).await).await;
        shop.deployment.pass(&shop.deliver, 30 * MINUTE).await;
        let after = shop.delivery(&event).await;
        assert_eq!((after.status, after.attempts.len()), (DeliveryStatus::Succeeded, 2), "{status}");
        assert_eq!((after.attempts[1].number, &after.attempts[0]), (2, &before.attempts[0]));
        let [first, second] = receiver.got().try_into().unwrap();
        assert_eq!((first.id(), first.body), (second.id(), second.body));
    }
}

#[tokio::test]
async fn a_replay_during_a_try_is_not_lost() {
    for message_comes in [true, false] {
        let (receiver, go) = held(1).await;
        let shop = Shop::with(&receiver.url()).await;
        let (event, tasks) = shop.deployment.published(shop.organization).await;
        let replay = async {
            receiver.reached(1).await;
            shop.replay(tasks[0].delivery_id).await;
            // The stream's message may come before the try is over, or get lost.
            if message_comes {
                assert!(!shop.made(&shop.current_task(&event).await).await);
            }
            go.send_replace(true);
        };
        join!(shop.made(&tasks[0]), replay);
        let delivery = shop.delivery(&event).await;
        assert_eq!(
            (delivery.status, delivery.attempts.len(), receiver.count()),
            (DeliveryStatus::Pending, 1, 1),
            "it waits for the replay"
        );
        shop.deployment.pass(&shop.deliver, 30 * MINUTE).await;
        assert_eq!(shop.delivery(&event).await.status, DeliveryStatus::Succeeded);
        assert_eq!(receiver.count(), 2);
    }
}
