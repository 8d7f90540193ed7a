//! A function as Lambda calls it: with an event and for a response, both in JSON.

use std::{collections::HashSet, future::pending, pin::Pin, sync::Arc};

use anyhow::{Context as _, Result, bail};
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use serde_json::Value;

type Call = Pin<Box<dyn Future<Output = Result<Value>> + Send>>;

/// A function that a queue, a stream or a schedule feeds. Cheap to clone.
#[derive(Clone)]
pub struct Handler(Arc<dyn Fn(String) -> Call + Send + Sync>);

/// The response of a function to a batch.
#[derive(Deserialize)]
struct BatchResponse {
    #[serde(rename = "batchItemFailures")]
    failures: Option<Vec<ItemFailure>>,
}

#[derive(Deserialize)]
struct ItemFailure {
    #[serde(rename = "itemIdentifier")]
    id: String,
}

impl Handler {
    /// A function that takes events of this form.
    pub fn new<E, A, F>(handle: impl Fn(E) -> F + Send + Sync + 'static) -> Self
    where
        E: DeserializeOwned,
        A: Serialize,
        F: Future<Output = Result<A>> + Send,
    {
        let handle = Arc::new(handle);
        Self(Arc::new(move |event| {
            let handle = handle.clone();
            Box::pin(async move {
                let answer = {
                    let event = serde_json::from_str(&event);
                    handle(event.context("the function does not take this event")?)
                };
                Ok(serde_json::to_value(answer.await?)?)
            })
        }))
    }

    /// Calls the function; a panic ends the call, as it would end the function's process.
    pub(super) async fn invoke(&self, event: &Value) -> Result<Value> {
        match tokio::spawn((self.0)(event.to_string())).await {
            Ok(answered) => answered,
            // The runtime is shutting down.
            Err(stopped) if stopped.is_cancelled() => pending().await,
            Err(_) => bail!("it panicked"),
        }
    }

    /// The ids of the items of a batch that failed, all of which have to be in `known`.
    pub(super) async fn invoke_batch(&self, event: &Value, known: &HashSet<&str>) -> Result<HashSet<String>> {
        let answer = serde_json::from_value::<Option<BatchResponse>>(self.invoke(event).await?);
        let answer = answer.context("its answer does not say which items failed")?;
        let failures = answer.and_then(|answer| answer.failures).unwrap_or_default();
        failures
            .into_iter()
            .map(|ItemFailure { id }| {
                let is_known = known.contains(id.as_str());
                is_known.then_some(id).context("its answer names an item that was not in the batch")
            })
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use std::{
        pin::pin,
        task::{Context, Poll, Waker},
    };

    use serde_json::json;
    use tokio::runtime::Runtime;

    use super::*;

    #[test]
    fn a_call_that_ends_with_the_process_is_no_panic_and_a_panic_is_one() {
        let runtime = Runtime::new().expect("a runtime");
        let panicking = Handler::new(async |_: Value| -> Result<Value> { panic!("on purpose") });
        let ended = runtime.block_on(panicking.invoke(&json!({})));
        assert_eq!(ended.expect_err("a failure").to_string(), "it panicked");

        let endless = Handler::new(async |_: Value| pending::<Result<Value>>().await);
        let event = json!({});
        let mut call = pin!(endless.invoke(&event));
        let mut context = Context::from_waker(Waker::noop());
        let inside = runtime.enter();
        assert!(call.as_mut().poll(&mut context).is_pending());
        drop(inside);
        drop(runtime);
        assert!(matches!(call.as_mut().poll(&mut context), Poll::Pending), "there is nothing to tell");
    }
}
