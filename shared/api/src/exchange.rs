//! The state of one request while it is answered: its id, its key's count, its route.

use std::{future::Future, sync::OnceLock};

use domain::{Error, Rate, Scope};
use store::{Admission, Identity};
use tokio::{sync::Mutex, task::JoinHandle};
use tracing::Instrument as _;

/// One request and its response.
pub(crate) struct Exchange {
    pub(crate) request_id: String,
    pub(crate) route: OnceLock<String>,
    count: Mutex<Count>,
    rate: OnceLock<Rate>,
    identity: OnceLock<Identity>,
}

enum Count {
    NotStarted,
    Running(JoinHandle<Result<Admission, Error>>, Option<Scope>),
    Settled(Result<(), Error>),
}

impl Exchange {
    pub(crate) fn new(request_id: String) -> Self {
        Self {
            request_id,
            route: OnceLock::new(),
            count: Mutex::new(Count::NotStarted),
            rate: OnceLock::new(),
            identity: OnceLock::new(),
        }
    }

    /// Starts the count of the request, which runs beside the handler.
    pub(crate) async fn start_count<F>(&self, scope: Option<Scope>, count: F)
    where
        F: Future<Output = Result<Admission, Error>> + Send + 'static,
    {
        *self.count.lock().await = Count::Running(tokio::spawn(count.in_current_span()), scope);
    }

    /// Waits for the count, if one was started, and says whether the request may be answered.
    pub(crate) async fn settle(&self) -> Result<(), Error> {
        let mut count = self.count.lock().await;
        if let Count::Running(running, scope) = &mut *count {
            let scope = *scope;
            let counted =
                running.await.unwrap_or_else(|_| Err(Error::internal("the count of the request panicked")));
            *count = Count::Settled(counted.and_then(|admission| self.admit(admission, scope)));
        }
        match &*count {
            Count::Settled(settled) => settled.clone(),
            _ => Ok(()),
        }
    }

    /// Waits for the count, and returns the caller that it found.
    pub(crate) async fn confirmed(&self) -> Result<&Identity, Error> {
        self.settle().await?;
        self.identity.get().ok_or_else(|| Error::internal("nothing was counted for this request"))
    }

    pub(crate) fn set_rate(&self, rate: Rate) {
        let _ = self.rate.set(rate);
    }

    pub(crate) fn rate(&self) -> Option<&Rate> {
        self.rate.get()
    }

    pub(crate) fn identity(&self) -> Option<&Identity> {
        self.identity.get()
    }

    fn admit(&self, admission: Admission, scope: Option<Scope>) -> Result<(), Error> {
        self.set_rate(admission.rate);
        let identity = self.identity.get_or_init(|| admission.identity);
        if !admission.admitted {
            return Err(Error::RateLimited);
        }
        match scope {
            Some(scope) if !identity.scopes.contains(&scope) => Err(Error::Forbidden(scope)),
            _ => Ok(()),
        }
    }
}
