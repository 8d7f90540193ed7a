//! Functions that are killed at every call of a delivery: nothing is lost, and what is sent twice is the same.

use std::{
    collections::HashMap,
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering::SeqCst},
    },
    time::Duration,
};

use domain::{OrganizationId, webhooks::DeliveryStatus};
use harness::{Deployment, FAST, Fault, Got, Receiver, Reply};

use crate::deliver::attempts::{LONG, Shop};

const HOUR: Duration = Duration::from_secs(60 * 60);

/// The point at which a worker dies.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Death {
    /// The number of the call of AWS at which the worker dies; the first is 0.
    pub(crate) call: usize,
    /// Whether that call arrives.
    pub(crate) arrives: bool,
}

/// Does work as a worker that dies at this point; none where the worker died.
pub(crate) async fn until_death<T>(
    deployment: &Deployment,
    death: Death,
    work: impl Future<Output = T>,
) -> Option<T> {
    let kill = deployment.wire.kill_at(death.call, death.arrives);
    let end = kill.unless_killed(work).await;
    deployment.wire.let_be();
    end
}

/// A receiver that answers each delivery's first attempt with the first status, and so on; the last one
/// stays.
async fn answering(statuses: &'static [u16]) -> Receiver {
    let seen = Mutex::new(HashMap::<_, usize>::new());
    let reply = move |got: &Got, _| {
        let mut seen = seen.lock().unwrap();
        let attempts = seen.entry(got.id()).or_default();
        *attempts += 1;
        Reply::Answer(statuses[(*attempts - 1).min(statuses.len() - 1)], String::new(), "said".to_owned())
    };
    Receiver::new(reply).await
}

/// The ends of a delivery whose first try went wrong in this way, by the call at which it did, and how often
/// it was sent.
async fn ends(
    statuses: &'static [u16],
    go_wrong: impl AsyncFn(&Deployment, &deliver::Deliver, usize) -> bool,
) -> Vec<(DeliveryStatus, usize)> {
    let receiver = answering(statuses).await;
    let deployment = Deployment::new().await;
    let deliver = deployment.deliver(LONG);
    let mut ends = Vec::new();
    loop {
        let organization = OrganizationId::random();
        let (webhook, _) = deployment.endpoint(organization, &receiver.url()).await;
        let event = deployment.happened(organization).await;
        let is_over = !go_wrong(&deployment, &deliver, ends.len()).await;
        deployment.pass(&deliver, HOUR).await;
        let (delivery, answers) = deployment.delivery(&event, webhook.id).await;
        let sent: Vec<_> = receiver.got().into_iter().filter(|got| got.id() == delivery.id).collect();
        assert!(sent.iter().all(|got| got.body == event.body(delivery.id)), "duplicates are the same");
        assert!(answers.iter().all(|(_, answer)| answer == "said"));
        if is_over {
            return ends;
        }
        ends.push((delivery.status, sent.len()));
    }
}

/// The ends of a delivery whose first worker dies, by the call at which it does, and how often it was sent.
async fn ends_after_death(statuses: &'static [u16], arrives: bool) -> Vec<(DeliveryStatus, usize)> {
    ends(statuses, async |deployment, deliver, call| {
        let batch = deployment.receive(FAST).unwrap();
        let work = deliver.handle(batch.event.clone());
        match until_death(deployment, Death { call, arrives }, work).await {
            None => true,
            Some(answer) => {
                deployment.settle(&batch, answer);
                false
            }
        }
    })
    .await
}

#[tokio::test]
async fn a_worker_that_dies_at_any_step_of_a_success_costs_one_more_try_at_the_most() {
    let done = DeliveryStatus::Succeeded;
    // Endpoint, its secrets, the second's count, claim, event, answer, end.
    for (arrives, end) in [(false, 2), (true, 1)] {
        let mut expected = vec![(done, 1); 5];
        expected.extend([(done, 2), (done, end)]);
        assert_eq!(ends_after_death(&[200], arrives).await, expected);
    }
}

#[tokio::test]
async fn a_worker_that_dies_at_any_step_of_a_failure_leaves_the_next_try_to_others() {
    for arrives in [false, true] {
        let ends = ends_after_death(&[500, 200], arrives).await;
        // Beside those of a success the next try's message and the endpoint's trouble.
        assert_eq!(ends, [(DeliveryStatus::Succeeded, 2); 9], "{arrives}");
    }
}

#[tokio::test]
async fn a_worker_that_dies_at_any_step_of_a_farewell_leaves_nothing_pending() {
    for arrives in [false, true] {
        let ends = ends_after_death(&[410], arrives).await;
        assert_eq!(ends.len(), 8);
        assert!(
            ends.iter().all(|(status, sent)| *status == DeliveryStatus::Failed && *sent <= 2),
            "{ends:?}"
        );
    }
}

#[tokio::test]
async fn a_call_whose_answer_is_lost_or_that_is_lost_itself_makes_no_second_post() {
    for arrives in [false, true] {
        for statuses in [&[200][..], &[500, 200]] {
            let ends = ends(statuses, async |deployment, deliver, nth| {
                let calls = Arc::new(AtomicUsize::new(0));
                let count = calls.clone();
                deployment.wire.disturb(move |_, _| match (count.fetch_add(1, SeqCst) == nth, arrives) {
                    (false, _) => Fault::None,
                    (true, true) => Fault::LostAnswer,
                    (true, false) => Fault::Timeout,
                });
                deployment.work(deliver, 1).await;
                deployment.wire.let_be();
                calls.load(SeqCst) > nth
            });
            let ends = ends.await;
            assert!(ends.len() >= 5, "{ends:?}");
            let expected = (DeliveryStatus::Succeeded, statuses.len());
            assert!(ends.iter().all(|end| *end == expected), "{ends:?}");
        }
    }
}

#[tokio::test]
async fn a_worker_that_dies_while_a_receiver_takes_its_time_is_followed_by_another() {
    let receiver = Receiver::new(|_, nth| if nth == 0 { Reply::Hang } else { Reply::status(200) }).await;
    let shop = Shop::with(&receiver.url()).await;
    let event = shop.deployment.happened(shop.organization).await;
    let batch = shop.deployment.receive(FAST).unwrap();
    tokio::select! {
        _ = shop.deliver.handle(batch.event.clone()) => panic!("it hangs"),
        () = receiver.reached(1) => {}
    }
    shop.deployment.pass(&shop.deliver, HOUR).await;
    let delivery = shop.delivery(&event).await;
    assert_eq!((delivery.status, delivery.attempts.len()), (DeliveryStatus::Succeeded, 1));
    let [first, second] = receiver.got().try_into().unwrap();
    assert_eq!((first.id(), first.body), (second.id(), second.body));
}

#[tokio::test]
async fn a_message_that_was_never_sent_is_found_in_a_quarter_of_an_hour() {
    let receiver = Receiver::answering(200).await;
    let shop = Shop::with(&receiver.url()).await;
    let (event, _) = shop.deployment.published(shop.organization).await;
    shop.deployment.pass(&shop.deliver, HOUR / 4 - Duration::from_secs(1)).await;
    assert_eq!(receiver.count(), 0);
    shop.deployment.pass(&shop.deliver, Duration::from_secs(61)).await;
    assert_eq!(shop.delivery(&event).await.status, DeliveryStatus::Succeeded);
    assert_eq!(receiver.count(), 1);
}
