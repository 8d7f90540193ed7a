//! Hands a batch of changes to a function until it has taken all of them, in their order, as Lambda does.

use std::{collections::HashSet, time::Duration};

use serde_json::json;
use tokio::time::sleep;

use super::wire::Change;
use crate::handler::Handler;

/// The longest pause between two calls of a function that fails again and again.
const LONGEST_PAUSE: Duration = Duration::from_secs(15);

/// Hands changes to a function until it has taken all of them. From the first one that failed it goes on
/// after a pause; where all failed together, with half of them, so that one that always fails is soon alone.
pub(super) async fn hand_over(function: &Handler, name: &str, changes: &[Change], retry_after: Duration) {
    let (mut left, mut most, mut pause) = (changes, changes.len(), retry_after);
    while !left.is_empty() {
        let batch = &left[..most.min(left.len())];
        let event = json!({"Records": batch.iter().map(|change| &change.record).collect::<Vec<_>>()});
        let known: HashSet<&str> = batch.iter().map(|change| change.sequence_number.as_str()).collect();
        let done = match function.invoke_batch(&event, &known).await {
            Ok(failed) => {
                let has_failed = |change: &Change| failed.contains(&change.sequence_number);
                batch.iter().position(has_failed).unwrap_or(batch.len())
            }
            Err(error) => {
                tracing::error!(error = format!("{error:#}"), function = name, "function_failed");
                most = batch.len().div_ceil(2);
                0
            }
        };
        left = &left[done..];
        if done > 0 {
            pause = retry_after;
        }
        if done < batch.len() {
            sleep(pause).await;
            pause = (pause * 2).min(LONGEST_PAUSE);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::{Arc, Mutex};

    use anyhow::{Result, bail};
    use serde_json::Value;

    use super::*;

    /// The batches that a function saw which answers each with `answer`.
    async fn seen(count: usize, answer: fn(attempts: usize, &[u64]) -> Result<Value>) -> Vec<Vec<u64>> {
        let change = |number: usize| Change {
            sequence_number: number.to_string(),
            record: json!({"dynamodb": {"number": number}}),
        };
        let changes: Vec<Change> = (1..=count).map(change).collect();
        let batches = Arc::new(Mutex::new(Vec::new()));
        let kept = batches.clone();
        let function = Handler::new(move |event: Value| {
            let records = event["Records"].as_array().expect("records").iter();
            let numbers = records.map(|record| record["dynamodb"]["number"].as_u64().expect("a number"));
            let numbers: Vec<u64> = numbers.collect();
            let attempts = {
                let mut kept = kept.lock().expect("a lock");
                kept.push(numbers.clone());
                kept.len()
            };
            async move { answer(attempts, &numbers) }
        });
        hand_over(&function, "test", &changes, Duration::ZERO).await;
        std::mem::take(&mut *batches.lock().expect("a lock"))
    }

    fn failures(numbers: &[u64]) -> Value {
        let failure = |number: &u64| json!({"itemIdentifier": number.to_string()});
        json!({"batchItemFailures": numbers.iter().map(failure).collect::<Vec<_>>()})
    }

    #[tokio::test]
    async fn what_succeeds_is_handed_over_once() {
        for answer in [
            |_, _: &[u64]| Ok(failures(&[])),
            |_, _: &[u64]| Ok(Value::Null),
            |_, _: &[u64]| Ok(json!({"batchItemFailures": null})),
        ] {
            assert_eq!(seen(3, answer).await, [[1, 2, 3]]);
        }
        assert!(seen(0, |_, _| bail!("never asked")).await.is_empty());
    }

    #[tokio::test]
    async fn it_goes_on_from_the_first_that_failed() {
        let batches =
            seen(5, |attempts, _| Ok(if attempts == 1 { failures(&[4, 3]) } else { Value::Null })).await;
        assert_eq!(batches, [vec![1, 2, 3, 4, 5], vec![3, 4, 5]]);
    }

    #[tokio::test]
    async fn a_batch_that_fails_whole_is_halved_until_the_one_at_fault_is_alone() {
        let batches = seen(5, |attempts, numbers| match numbers.contains(&3) && attempts < 6 {
            true => bail!("three"),
            false => Ok(Value::Null),
        });
        let expected =
            [vec![1, 2, 3, 4, 5], vec![1, 2, 3], vec![1, 2], vec![3, 4], vec![3], vec![3], vec![4], vec![5]];
        assert_eq!(batches.await, expected);
    }

    #[tokio::test]
    async fn a_panic_and_an_answer_that_means_nothing_have_failed_whole() {
        for answer in [
            |attempts, _: &[u64]| if attempts == 1 { panic!("on purpose") } else { Ok(Value::Null) },
            |attempts, _: &[u64]| Ok(if attempts == 1 { failures(&[9]) } else { Value::Null }),
            |attempts, _: &[u64]| {
                Ok(if attempts == 1 { json!({"batchItemFailures": 1}) } else { Value::Null })
            },
        ] {
            assert_eq!(seen(2, answer).await, [vec![1, 2], vec![1], vec![2]]);
        }
    }
}
