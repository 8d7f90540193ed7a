//! A schedule that calls a function again and again, as a rule of `EventBridge` does.

use domain::Timestamp;
use serde_json::{Value, json};
use tokio::time::{MissedTickBehavior, interval};
use uuid::Uuid;

use crate::{handler::Handler, sources::Schedule};

/// Calls a function at once and then on its schedule, for ever. One call never overtakes another.
pub(super) async fn follow(schedule: Schedule, function: Handler) {
    let mut ticks = interval(schedule.every);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        ticks.tick().await;
        if let Err(error) = function.invoke(&event(&schedule.name, Timestamp::now())).await {
            let function = &schedule.function;
            tracing::error!(error = format!("{error:#}"), function, "function_failed");
        }
    }
}

fn event(rule: &str, at: Timestamp) -> Value {
    json!({
        "version": "0",
        "id": Uuid::new_v4(),
        "detail-type": "Scheduled Event",
        "source": "aws.events",
        "account": "000000000000",
        "time": at,
        "region": "us-east-1",
        "resources": [format!("arn:aws:events:us-east-1:000000000000:rule/{rule}")],
        "detail": {},
    })
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use anyhow::bail;
    use tokio::sync::mpsc;

    use super::*;

    #[tokio::test]
    async fn a_function_is_called_at_once_and_again_whatever_becomes_of_it() {
        let (called, mut calls) = mpsc::unbounded_channel();
        let function = Handler::new(move |event: Value| {
            let sent = called.send(event);
            async move { if sent.is_err() { Ok(()) } else { bail!("on purpose") } }
        });
        let schedule =
            Schedule { function: "f".to_owned(), name: "Sweep".to_owned(), every: Duration::from_millis(1) };
        let task = tokio::spawn(follow(schedule, function));
        for _ in 0..3 {
            let event = calls.recv().await.expect("a call");
            assert_eq!(
                (&event["source"], &event["detail-type"]),
                (&json!("aws.events"), &json!("Scheduled Event"))
            );
            assert!(
                event["resources"][0].as_str().is_some_and(|rule| rule.ends_with(":rule/Sweep")),
                "{event}"
            );
        }
        task.abort();
    }
}
