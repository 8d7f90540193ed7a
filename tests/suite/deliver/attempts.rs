//! Attempts: the documented request, and what the delivery's log says of each.

use std::time::Duration;

use deliver::Deliver;
use domain::{
    OrganizationId, RecordId,
    webhooks::{
        Delivery, DeliveryStatus, DeliveryTask, DisabledReason, Event, Secret, Webhook, WebhookPatch,
        WebhookStatus,
    },
};
use harness::{Deployment, FAST, Receiver, Reply, SLOW, task};
use store::Claim;
use tokio::{net::TcpListener, sync::watch};

/// The time that a receiver has to respond where a test waits for the time-out.
const SHORT: Duration = Duration::from_millis(300);
/// The time that a receiver has to respond where no test waits for the time-out.
pub(crate) const LONG: Duration = Duration::from_secs(60);

/// An organization with one endpoint.
pub(crate) struct Shop {
    pub(crate) deployment: Deployment,
    pub(crate) deliver: Deliver,
    pub(crate) organization: OrganizationId,
    pub(crate) webhook: RecordId,
    pub(crate) secret: Secret,
}

/// A receiver that answers 200, to so many of its requests only once it is let go.
pub(crate) async fn held(requests: usize) -> (Receiver, watch::Sender<bool>) {
    let go = watch::Sender::new(false);
    let wait = go.clone();
    let receiver = Receiver::new(move |_, nth| {
        let mut going = wait.subscribe();
        match nth < requests {
            true => Reply::After(Box::pin(async move {
                let _ = going.wait_for(|go| *go).await;
            })),
            false => Reply::status(200),
        }
    });
    (receiver.await, go)
}

impl Shop {
    pub(crate) async fn with(url: &str) -> Self {
        Self::with_time(url, LONG).await
    }

    async fn with_time(url: &str, time: Duration) -> Self {
        let deployment = Deployment::new().await;
        let organization = OrganizationId::random();
        let (webhook, secret) = deployment.endpoint(organization, url).await;
        let deliver = deployment.deliver(time);
        Self { deployment, deliver, organization, webhook: webhook.id, secret }
    }

    /// Publishes the event of a call that ended, and attempts its deliveries at once.
    pub(crate) async fn attempted(&self) -> Event {
        let event = self.deployment.happened(self.organization).await;
        self.work().await;
        event
    }

    pub(crate) async fn work(&self) {
        self.deployment.work(&self.deliver, 1).await;
    }

    pub(crate) async fn delivery(&self, event: &Event) -> Delivery {
        self.deployment.delivery(event, self.webhook).await.0
    }

    pub(crate) async fn endpoint(&self) -> Webhook {
        self.deployment.webhook(self.organization, self.webhook).await
    }

    pub(crate) async fn change(&self, status: WebhookStatus) {
        let patch = WebhookPatch { status: Some(status), ..WebhookPatch::default() };
        self.deployment
            .store
            .changes::<Webhook>(self.organization)
            .change(self.webhook, patch)
            .await
            .unwrap();
    }

    /// The seconds until a delivery's next attempt.
    fn wait_of(&self, delivery: &Delivery) -> f64 {
        let now = self.deployment.store.now().unix_ms();
        (delivery.next_attempt_at.expect("another try").unix_ms() - now) as f64 / 1000.0
    }
}

#[tokio::test]
async fn a_request_is_the_documented_one_to_the_byte() {
    let receiver = Receiver::answering(204).await;
    let shop = Shop::with(&receiver.url()).await;
    let event = shop.attempted().await;
    let id = event.delivery_id(shop.webhook);

    let got = receiver.got().remove(0);
    assert_eq!(got.body, event.body(id));
    assert!(got.is_signed_with(&shop.secret) && got.is_signed_as_standard_with(&shop.secret));
    let (mut lines, address) = (got.head.lines(), receiver.address);
    assert_eq!(lines.next(), Some("POST /hook?from=inboundflow HTTP/1.1"));
    let mut lines: Vec<String> = lines.map(str::to_owned).collect();
    lines.sort();
    let expected = [
        "connection: close".to_owned(),
        format!("content-length: {}", got.body.len()),
        "content-type: application/json".to_owned(),
        format!("host: {address}"),
        "user-agent: InboundFlow-Webhook/1.0".to_owned(),
        format!("webhook-id: {id}"),
        format!("webhook-signature: {}", got.header("webhook-signature")),
        "webhook-timestamp: 1771966800".to_owned(),
        format!("x-inboundflow-delivery-id: {id}"),
        "x-inboundflow-event: call.completed".to_owned(),
        format!("x-inboundflow-signature: {}", got.header("x-inboundflow-signature")),
        "x-inboundflow-timestamp: 1771966800".to_owned(),
    ];
    assert_eq!(lines, expected);
}

#[tokio::test]
async fn what_is_made_up_says_so_in_a_header() {
    let receiver = Receiver::answering(204).await;
    let shop = Shop::with(&receiver.url()).await;
    let webhooks = shop.deployment.store.changes::<Webhook>(shop.organization);
    let enabled = webhooks.enabled(shop.webhook).await.unwrap();
    let delivery_id = webhooks.test(enabled, None).await.unwrap().id;
    let (organization_id, webhook_id) = (shop.organization, shop.webhook);
    shop.deployment.send(FAST, &DeliveryTask { organization_id, webhook_id, delivery_id, number: 0 });
    shop.work().await;
    let got = receiver.got().remove(0);
    assert_eq!(got.header("x-inboundflow-test"), "true");
    assert!(got.is_signed_as_standard_with(&shop.secret));
}

#[tokio::test]
async fn each_try_has_its_own_time_and_signature_but_the_same_id_and_body() {
    let receiver = Receiver::new(|_, nth| Reply::status(if nth == 0 { 500 } else { 200 })).await;
    let shop = Shop::with(&receiver.url()).await;
    let event = shop.attempted().await;
    shop.deployment.pass(&shop.deliver, Duration::from_secs(60)).await;
    assert_eq!(shop.delivery(&event).await.status, DeliveryStatus::Succeeded);
    let [first, second] = receiver.got().try_into().unwrap();
    assert_eq!((first.id(), &first.body), (second.id(), &second.body));
    assert_ne!(first.header("webhook-timestamp"), second.header("webhook-timestamp"));
    assert_ne!(first.header("webhook-signature"), second.header("webhook-signature"));
    assert!(second.is_signed_as_standard_with(&shop.secret));
}

#[tokio::test]
async fn while_a_rotation_overlaps_either_secret_verifies() {
    let receiver = Receiver::answering(200).await;
    let shop = Shop::with(&receiver.url()).await;
    let (next, day) = (Secret::generate().unwrap(), Duration::from_secs(24 * 60 * 60));
    let webhooks = shop.deployment.store.changes::<Webhook>(shop.organization);
    let rotatable = webhooks.rotatable(shop.webhook).await.unwrap();
    webhooks.rotate_secret(rotatable, &next, day).await.unwrap();
    shop.attempted().await;
    shop.deployment.wait(day);
    shop.attempted().await;

    let [during, after] = receiver.got().try_into().unwrap();
    assert!(during.is_signed_as_standard_with(&shop.secret) && during.is_signed_as_standard_with(&next));
    assert!(during.is_signed_with(&shop.secret), "who has not changed anything goes on");
    assert!(!after.is_signed_as_standard_with(&shop.secret) && after.is_signed_as_standard_with(&next));
    assert!(!after.is_signed_with(&shop.secret) && after.is_signed_with(&next));
}

#[tokio::test]
async fn any_2xx_is_a_success_and_what_was_answered_is_kept() {
    for (status, body) in [(200, "thanks"), (204, ""), (299, "a\u{0}b")] {
        let receiver = Receiver::new(move |_, _| Reply::Answer(status, String::new(), body.to_owned())).await;
        let shop = Shop::with(&receiver.url()).await;
        let event = shop.attempted().await;
        let (delivery, answers) = shop.deployment.delivery(&event, shop.webhook).await;
        assert_eq!((delivery.status, delivery.next_attempt_at), (DeliveryStatus::Succeeded, None));
        let [attempt] = delivery.attempts.as_slice() else { panic!("{:?}", delivery.attempts) };
        assert_eq!((attempt.number, attempt.status_code, &attempt.error), (1, Some(status), &None));
        assert_eq!(attempt.attempted_at, shop.deployment.store.now());
        let expected: Vec<_> = (!body.is_empty()).then(|| (1, body.to_owned())).into_iter().collect();
        assert_eq!(answers, expected);
        assert_eq!(shop.deployment.messages(SLOW), 0);
    }
}

#[tokio::test]
async fn of_a_gigabyte_the_start_is_kept_and_says_that_it_is_the_start() {
    let receiver = Receiver::new(|_, _| Reply::Flood).await;
    let shop = Shop::with(&receiver.url()).await;
    let event = shop.attempted().await;
    let (delivery, answers) = shop.deployment.delivery(&event, shop.webhook).await;
    assert_eq!(delivery.status, DeliveryStatus::Succeeded);
    assert_eq!(answers, [(1, format!("{}\n[cut off here]", "x".repeat(1024)))]);
}

#[tokio::test]
async fn what_is_no_2xx_is_tried_again_and_the_log_says_why() {
    let canary = Receiver::answering(200).await;
    let location = format!("Location: {}\r\n", canary.url());
    for (status, headers, reason, wait) in [
        (500, String::new(), "The receiver answered 500.", 4.5..5.5),
        (404, "Retry-After: soon\r\n".to_owned(), "The receiver answered 404.", 4.5..5.5),
        (301, location.clone(), "a redirect, and none is followed", 4.5..5.5),
        (307, location, "a redirect, and none is followed", 4.5..5.5),
        (429, "Retry-After: 3600\r\n".to_owned(), "too many requests", 3600.0..3600.001),
        (503, "Retry-After: Tue, 24 Feb 2026 21:02:00 GMT\r\n".to_owned(), "answered 503", 120.0..120.001),
    ] {
        let answer = move |_: &_, _| Reply::Answer(status, headers.clone(), "no".to_owned());
        let receiver = Receiver::new(answer).await;
        let shop = Shop::with(&receiver.url()).await;
        let event = shop.attempted().await;
        let (delivery, answers) = shop.deployment.delivery(&event, shop.webhook).await;
        assert_eq!((delivery.status, answers), (DeliveryStatus::Pending, vec![(1, "no".to_owned())]));
        let [attempt] = delivery.attempts.as_slice() else { panic!("{:?}", delivery.attempts) };
        assert_eq!((attempt.number, attempt.status_code), (1, Some(status)));
        assert!(attempt.error.as_ref().unwrap().contains(reason), "{:?}", attempt.error);
        assert!(wait.contains(&shop.wait_of(&delivery)), "{}", shop.wait_of(&delivery));
        let due = Duration::from_millis(delivery.next_attempt_at.unwrap().unix_ms().cast_unsigned());
        let by_queue = shop.deployment.next_message().map(|ms| Duration::from_millis(ms.cast_unsigned()));
        match wait.end < 900.0 {
            true => assert!((due..due + Duration::from_secs(1)).contains(&by_queue.unwrap())),
            false => assert_eq!(by_queue, None),
        }
    }
    assert_eq!(canary.count(), 0);
}

#[tokio::test]
async fn a_receiver_that_cannot_be_asked_is_asked_again() {
    let hangs = Receiver::new(|_, _| Reply::Hang).await;
    let closes = Receiver::new(|_, _| Reply::Close).await;
    let nobody = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap();
    for (url, reason) in [
        (hangs.url(), "did not answer within 0.3 s"),
        (closes.url(), "closed the connection without an answer"),
        (format!("http://{nobody}/"), "refused the connection"),
        ("http://hooks.example.com/".to_owned(), "must begin with https://"),
        ("https://10.0.0.1/".to_owned(), "must lead to the public internet"),
        ("https://".to_owned(), "The URL must be one such as"),
    ] {
        let shop = Shop::with_time(&url, SHORT).await;
        let event = shop.attempted().await;
        let (delivery, answers) = shop.deployment.delivery(&event, shop.webhook).await;
        assert_eq!((delivery.status, answers), (DeliveryStatus::Pending, Vec::new()));
        let [attempt] = delivery.attempts.as_slice() else { panic!("{:?}", delivery.attempts) };
        assert_eq!(attempt.status_code, None);
        assert!(attempt.error.as_ref().unwrap().contains(reason), "{:?}", attempt.error);
        assert!((4.5..5.5).contains(&shop.wait_of(&delivery)));
        assert_eq!(shop.endpoint().await.failing_since, Some(shop.deployment.store.now()));
    }
}

#[tokio::test]
async fn a_receiver_that_says_gone_is_sent_nothing_more() {
    let receiver = Receiver::answering(410).await;
    let shop = Shop::with(&receiver.url()).await;
    let (event, other) = (shop.attempted().await, shop.deployment.published(shop.organization).await);
    assert_eq!(shop.delivery(&event).await.status, DeliveryStatus::Failed);
    let webhook = shop.endpoint().await;
    assert_eq!(
        (webhook.status, webhook.disabled_reason),
        (WebhookStatus::Disabled, Some(DisabledReason::Gone))
    );
    assert_eq!(other.1, [], "nothing is written for it any more");
    assert_eq!((receiver.count(), shop.deployment.messages(SLOW)), (1, 0));
}

#[tokio::test]
async fn what_nobody_can_be_told_of_any_more_is_cancelled() {
    let receiver = Receiver::answering(200).await;
    for case in ["disabled", "deleted", "event"] {
        let shop = Shop::with(&receiver.url()).await;
        let event = shop.deployment.happened(shop.organization).await;
        match case {
            "disabled" => shop.change(WebhookStatus::Disabled).await,
            "deleted" => {
                let webhooks = shop.deployment.store.changes::<Webhook>(shop.organization);
                webhooks.delete(shop.webhook).await.unwrap();
            }
            _ => shop.deployment.delete("Events", shop.organization, event.id).await,
        }
        shop.work().await;
        let task = task(&event, shop.webhook);
        assert!(matches!(shop.deployment.store.claim(&task).await.unwrap(), Claim::Over), "{case}");
        let item = shop.deployment.item("Deliveries", shop.organization, task.delivery_id).await.unwrap();
        assert_eq!(item["status"].as_s().unwrap(), "cancelled", "{case}");
        assert!(!item.contains_key("due_at"), "{case}");
        assert_eq!((receiver.count(), shop.deployment.messages(FAST)), (0, 0), "{case}");
    }
}

#[tokio::test]
async fn a_message_that_is_no_ticket_ends_among_the_dead_letters_and_holds_nothing_up() {
    let receiver = Receiver::answering(200).await;
    let shop = Shop::with(&receiver.url()).await;
    for body in ["", "{}", "not JSON"] {
        shop.deployment.send_text(FAST, "-", body);
    }
    let event = shop.attempted().await;
    assert_eq!(shop.delivery(&event).await.status, DeliveryStatus::Succeeded);
    shop.deployment.pass(&shop.deliver, Duration::from_secs(60 * 60)).await;
    let mut dead = shop.deployment.dead_letters();
    dead.sort();
    assert_eq!((dead, receiver.count()), (vec![String::new(), "not JSON".to_owned(), "{}".to_owned()], 1));
}
