//! The time that a batch has: one that is cut off comes again as a whole.

use std::time::Duration;

use tokio::time::{Instant, timeout};

/// How long one record may take, and after how long no further one of its batch is begun. With the time
/// that a call takes after them they stay within the function's minute.
const TIME_FOR_ONE: Duration = Duration::from_secs(15);
const TIME_TO_BEGIN: Duration = Duration::from_secs(33);

/// The time of one batch.
#[derive(Clone, Copy)]
pub(crate) struct Budget {
    began: Instant,
}

impl Budget {
    pub(crate) fn begin() -> Self {
        Self { began: Instant::now() }
    }

    /// Does something, as long as there is time.
    pub(crate) async fn spend<T>(self, work: impl Future<Output = T>) -> Result<T, String> {
        if self.began.elapsed() >= TIME_TO_BEGIN {
            return Err("the batch took too long before it".to_owned());
        }
        let late = |_| format!("it took longer than {} s", TIME_FOR_ONE.as_secs());
        timeout(TIME_FOR_ONE, work).await.map_err(late)
    }
}

#[cfg(test)]
mod tests {
    use tokio::time::advance;

    use super::*;

    #[tokio::test(start_paused = true)]
    async fn nothing_takes_longer_than_it_may_and_nothing_begins_too_late() {
        let budget = Budget::begin();
        assert_eq!(budget.spend(async { 1 }).await, Ok(1));
        let forever = budget.spend(std::future::pending::<()>()).await;
        assert_eq!(forever, Err("it took longer than 15 s".to_owned()));
        advance(TIME_TO_BEGIN - TIME_FOR_ONE - Duration::from_millis(1)).await;
        assert_eq!(budget.spend(async { 1 }).await, Ok(1));
        advance(Duration::from_millis(1)).await;
        assert_eq!(budget.spend(async { 1 }).await, Err("the batch took too long before it".to_owned()));
    }
}
