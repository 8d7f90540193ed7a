//! Time limits and isolation of the work on a batch: a batch that Lambda cuts off comes again as a whole, and so
//! no message of it may take the function's minute, nor the process, from the others.

use std::{fmt, panic::AssertUnwindSafe, time::Duration};

use futures_util::FutureExt as _;
use tokio::time::{Instant, timeout};

/// The time that the work on one batch has.
#[derive(Clone, Copy, Debug)]
pub struct TimeBudget {
    began: Instant,
    /// After how long no further work is begun.
    to_begin: Duration,
    /// How long one message, record or call may take.
    for_one: Duration,
}

/// Why a piece of work has no result.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Interruption {
    /// The work was not begun, since too much of the batch's time was spent.
    NotBegun,
    /// The work was stopped when its time was over.
    TimedOut(Duration),
    /// The work panicked.
    Panicked,
}

impl TimeBudget {
    /// The budget of a batch whose messages are worked on in turn: with the time that is taken by a last one, and by
    /// its dead letter, they stay within the function's minute.
    #[must_use]
    pub fn in_turn() -> Self {
        Self { began: Instant::now(), to_begin: Duration::from_secs(33), for_one: Duration::from_secs(15) }
    }

    /// The budget of a batch whose messages are all begun at once.
    #[must_use]
    pub fn at_once(for_one: Duration) -> Self {
        Self { began: Instant::now(), to_begin: Duration::MAX, for_one }
    }

    /// Does `work` as long as there is time. Its panic ends it alone.
    ///
    /// # Errors
    /// When it was not begun, took too long, or panicked.
    pub async fn isolate<T>(self, work: impl Future<Output = T>) -> Result<T, Interruption> {
        if self.began.elapsed() >= self.to_begin {
            return Err(Interruption::NotBegun);
        }
        match timeout(self.for_one, AssertUnwindSafe(work).catch_unwind()).await {
            Ok(done) => done.map_err(|_| Interruption::Panicked),
            Err(_) => Err(Interruption::TimedOut(self.for_one)),
        }
    }
}

impl fmt::Display for Interruption {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotBegun => f.write_str("the batch took too long before it"),
            Self::TimedOut(time) => write!(f, "it took longer than {} s", time.as_secs()),
            Self::Panicked => f.write_str("the function panicked; its log says where"),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::future::pending;

    use tokio::time::advance;

    use super::*;

    #[tokio::test(start_paused = true)]
    async fn nothing_takes_longer_than_it_may_and_in_turn_nothing_begins_too_late() {
        let (in_turn, at_once) = (TimeBudget::in_turn(), TimeBudget::at_once(Duration::from_secs(45)));
        for (budget, time) in [(in_turn, 15), (at_once, 45)] {
            let forever = budget.isolate(pending::<()>()).await;
            assert_eq!(forever, Err(Interruption::TimedOut(Duration::from_secs(time))));
        }
        // 60 s are over.
        assert_eq!(in_turn.isolate(async {}).await, Err(Interruption::NotBegun));
        assert_eq!(at_once.isolate(async {}).await, Ok(()));
        let in_turn = TimeBudget::in_turn();
        advance(Duration::from_millis(32_999)).await;
        assert_eq!(in_turn.isolate(async { 1 }).await, Ok(1));
        advance(Duration::from_millis(1)).await;
        assert_eq!(in_turn.isolate(async { 1 }).await, Err(Interruption::NotBegun));
    }

    #[tokio::test]
    async fn a_panic_ends_the_work_that_panics_alone() {
        let panicked = TimeBudget::in_turn().isolate(async { panic!("on purpose") });
        assert_eq!(panicked.await, Err::<(), _>(Interruption::Panicked));
    }
}
