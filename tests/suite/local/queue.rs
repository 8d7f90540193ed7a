//! The local queue is as the template says, and hands events to a function as Lambda would.

use std::sync::{Arc, Mutex};

use aws_lambda_events::sqs::{BatchItemFailure, SqsBatchResponse, SqsEvent, SqsMessage};
use harness::{World, stack};
use local::{Counts, LocalQueue, Stack, TEMPLATE};

/// The template's stack, whose queue gives up at the second failure.
fn impatient() -> Stack {
    let mut stack = stack();
    stack.queues.get_mut("EventsQueue").unwrap().redrive.as_mut().unwrap().max_receives = 2;
    stack
}

fn failures(ids: impl IntoIterator<Item = String>) -> SqsBatchResponse {
    let failure = |id| {
        let mut failure = BatchItemFailure::default();
        failure.item_identifier = id;
        failure
    };
    let mut answer = SqsBatchResponse::default();
    answer.batch_item_failures = ids.into_iter().map(failure).collect();
    answer
}

/// The events that a function is handed that answers with `answer`, once the queue is empty.
async fn handed(
    queue: &LocalQueue,
    answer: fn(&SqsEvent) -> SqsBatchResponse,
    bodies: &[&str],
) -> Vec<Vec<SqsMessage>> {
    let batches = Arc::new(Mutex::new(Vec::new()));
    queue.send(bodies.iter().map(|body| (*body).to_owned())).unwrap();
    let taken = batches.clone();
    queue.consume_by(move |event| {
        let taken = taken.clone();
        async move {
            let answer = answer(&event);
            taken.lock().unwrap().push(event.records);
            answer
        }
    });
    queue.drained().await;
    std::mem::take(&mut *batches.lock().unwrap())
}

fn bodies(queue: &LocalQueue) -> Vec<String> {
    let mut bodies: Vec<String> = queue.dead_letters().into_iter().map(|letter| letter.body).collect();
    bodies.sort();
    bodies
}

#[tokio::test]
async fn a_batch_has_as_many_messages_as_the_template_says_and_lambdas_form() {
    let queue = LocalQueue::listen(&stack()).await.unwrap();
    let batches = handed(&queue, |_| SqsBatchResponse::default(), &["a"; 25]).await;
    let sizes: Vec<usize> = batches.iter().map(Vec::len).collect();
    assert_eq!((sizes.iter().sum::<usize>(), sizes.iter().max()), (25, Some(&10)), "{sizes:?}");
    let message = &batches[0][0];
    assert_eq!(message.body.as_deref(), Some("a"));
    assert_eq!(message.md5_of_body.as_deref(), Some("0cc175b9c0f1b6a831c399e269772661"));
    assert_eq!(message.attributes["ApproximateReceiveCount"], "1");
    assert_eq!(message.event_source.as_deref(), Some("aws:sqs"));
    let arn = "arn:aws:sqs:us-east-1:000000000000:Test-events";
    assert_eq!(
        (message.event_source_arn.as_deref(), message.aws_region.as_deref()),
        (Some(arn), Some("us-east-1"))
    );
    assert!(message.message_id.is_some() && message.receipt_handle.is_some());
}

#[tokio::test]
async fn only_what_failed_comes_again_and_what_fails_for_good_goes_to_the_dead_letters() {
    let queue = LocalQueue::listen(&impatient()).await.unwrap();
    let answer = |event: &SqsEvent| {
        let fails = |message: &&SqsMessage| match message.body.as_deref() {
            Some("once") => message.attributes["ApproximateReceiveCount"] == "1",
            body => body == Some("always"),
        };
        let failed = event.records.iter().filter(fails);
        failures(failed.filter_map(|message| message.message_id.clone()))
    };
    let batches = handed(&queue, answer, &["never", "once", "always"]).await;
    let mut seen: Vec<String> = batches.into_iter().flatten().filter_map(|message| message.body).collect();
    seen.sort();
    assert_eq!(seen, ["always", "always", "never", "once", "once"]);
    let dead_letters = queue.dead_letters();
    assert_eq!((dead_letters.len(), dead_letters[0].body.as_str()), (1, "always"));
    assert_eq!((&dead_letters[0].kind, &dead_letters[0].reason), (&None, &None), "SQS gives no reason");
}

#[tokio::test]
async fn a_function_that_panics_or_names_messages_that_it_never_got_has_failed_whole() {
    let answers: [fn(&SqsEvent) -> SqsBatchResponse; 2] =
        [|_| panic!("on purpose"), |_| failures(["00000000-0000-0000-0000-000000000000".to_owned()])];
    for answer in answers {
        let queue = LocalQueue::listen(&impatient()).await.unwrap();
        handed(&queue, answer, &["a", "b"]).await;
        assert_eq!(bodies(&queue), ["a", "b"]);
    }
}

#[tokio::test]
async fn what_nobody_takes_waits_and_what_is_driven_back_is_taken_anew() {
    let world = World::new().await;
    let stack = impatient();
    let queue = LocalQueue::listen(&stack).await.unwrap();
    queue.send(["{}".to_owned()]).unwrap();
    assert_eq!(queue.counts(), Counts { waiting: 1, ..Counts::default() });
    queue.consume(queue.ingest(&stack, &world.store).unwrap());
    for _ in 0..2 {
        queue.drained().await;
        assert_eq!(queue.dead_letters()[0].kind.as_deref(), Some("invalid_event"));
        assert_eq!(queue.redrive(), 1);
    }
    queue.drained().await;
    assert_eq!((queue.counts(), bodies(&queue)), (Counts::default(), vec!["{}".to_owned()]));
}

#[tokio::test]
async fn a_template_that_the_queue_cannot_be_like_is_refused_with_the_reason() {
    let world = World::new().await;
    let refusal = async |from: &str, to: &str| {
        assert!(TEMPLATE.contains(from), "{from}");
        let queue = match Stack::read(&TEMPLATE.replace(from, to), "Test") {
            Ok(stack) => LocalQueue::start(&stack, &world.store).await.map(|_| ()),
            Err(error) => Err(error),
        };
        format!("{:#}", queue.unwrap_err())
    };
    for (from, to, expected) in [
        ("[ReportBatchItemFailures]", "[]", "has to have the FunctionResponseTypes"),
        ("Type: SQS", "Type: Kinesis", "no queue feeds ingest"),
        ("Binary: ingest", "Binary: other", "a queue feeds other, which"),
        ("maxReceiveCount:", "other:", "it has no maxReceiveCount"),
        ("RedrivePolicy:", "Other:", "Test-events has no queue for dead letters"),
        (
            "EventsBucket:\n    Type: AWS::S3::Bucket",
            "EventsBucket:\n    Type: Other",
            "no bucket EventsBucket",
        ),
        ("DEAD_LETTER_QUEUE_URL:", "OTHER:", "the environment of ingest has no DEAD_LETTER_QUEUE_URL"),
        ("MAX_RECEIVES: \"5\"", "MAX_RECEIVES: x", "MAX_RECEIVES is no number"),
    ] {
        let refusal = refusal(from, to).await;
        assert!(refusal.contains(expected), "{expected}\n{refusal}");
    }
}
