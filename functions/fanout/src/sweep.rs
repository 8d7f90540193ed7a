//! The sweep: it sends the deliveries that are due, whose attempt was further off than a queue can delay or whose message
//! got lost.

use std::time::{Duration, Instant};

use futures_util::{StreamExt as _, stream};
use tokio::time::sleep;
use worker::MAX_ENTRIES;

use crate::function::Fanout;

/// The time after which the index is not read again. With the time that one reading takes the sweep stays within the
/// function's minute.
const TIME_TO_LOOK: Duration = Duration::from_secs(40);
/// The time that the index may need to follow what others have taken.
const PAUSE: Duration = Duration::from_millis(200);
/// How many batches are sent at once.
const AT_ONCE: usize = 4;

impl Fanout {
    /// Sends every delivery that is due, as far as the time allows. One that does not get to the queue is due
    /// again after a while.
    pub(crate) async fn sweep(&self) -> Result<(), String> {
        let began = Instant::now();
        let mut sent = 0;
        while began.elapsed() < TIME_TO_LOOK {
            let Some(tasks) = self.store.take_due().await.map_err(|error| error.for_log())? else { break };
            if tasks.is_empty() {
                sleep(PAUSE).await;
                continue;
            }
            let batches: Vec<_> =
                tasks.chunks(MAX_ENTRIES).map(|tasks| self.slow_deliveries.send_all(tasks)).collect();
            let failed = stream::iter(batches).buffer_unordered(AT_ONCE);
            let failed = failed.fold(0, async |sum, failed| sum + failed.len()).await;
            sent += tasks.len() - failed;
            if failed > 0 {
                // Whatever else is due stays due now.
                tracing::error!(sent, failed, "sweep_finished");
                return Err(format!("{failed} deliveries that are due did not get to the queue"));
            }
        }
        tracing::info!(sent, failed = 0, "sweep_finished");
        Ok(())
    }
}
