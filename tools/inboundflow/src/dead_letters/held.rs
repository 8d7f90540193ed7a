//! Dead letters that were received, and that nobody else receives until they are released.

use std::collections::{HashMap, HashSet};

use anyhow::Result;

use super::{letter::DeadLetter, queues::Queues};
use crate::{cli::DeadLetterQueue, output::warn};

/// The dead letters that were received so far and are still in their queues.
pub(super) struct Held<'a> {
    pub(super) queues: &'a Queues,
    /// The receipts by the messages' ids.
    receipts: HashMap<String, (DeadLetterQueue, String)>,
}

/// The dead letters that a search found.
#[derive(Default)]
pub(super) struct Found {
    pub(super) letters: Vec<DeadLetter>,
    /// Whether the search ended before the queues did.
    pub(super) has_more: bool,
}

impl<'a> Held<'a> {
    pub(super) fn new(queues: &'a Queues) -> Self {
        Self { queues, receipts: HashMap::new() }
    }

    /// Receives everything in `among` until `most` are found that are `wanted`.
    ///
    /// Nothing is changed meanwhile, so what is sent back later does not come again in the same search.
    pub(super) async fn find(
        &mut self,
        among: &[DeadLetterQueue],
        most: usize,
        wanted: impl Fn(&DeadLetter) -> bool,
    ) -> Result<Found> {
        let mut found = Found::default();
        for queue in among {
            while found.letters.len() <= most {
                let new = self.receive(*queue).await?;
                if new.is_empty() {
                    break;
                }
                found.letters.extend(new.into_iter().filter(&wanted));
            }
        }
        found.has_more = found.letters.len() > most;
        found.letters.truncate(most);
        Ok(found)
    }

    /// Up to ten messages that were not received before.
    async fn receive(&mut self, queue: DeadLetterQueue) -> Result<Vec<DeadLetter>> {
        let mut new = self.queues.receive(queue).await?;
        new.retain(|letter| {
            let receipt = (queue, letter.receipt().to_owned());
            self.receipts.insert(letter.id().to_owned(), receipt).is_none()
        });
        Ok(new)
    }

    /// Deletes a dead letter from its queue.
    pub(super) async fn delete(&mut self, letter: &DeadLetter) -> Result<()> {
        self.queues.delete(letter).await?;
        self.receipts.remove(letter.id());
        Ok(())
    }

    /// Lets others receive what is left at once, instead of some minutes later.
    pub(super) async fn release(self) {
        let queues: HashSet<DeadLetterQueue> = self.receipts.values().map(|(queue, _)| *queue).collect();
        for queue in queues {
            let of_queue = self.receipts.values().filter(|(of, _)| *of == queue);
            let receipts: Vec<&str> = of_queue.map(|(_, receipt)| receipt.as_str()).collect();
            if let Err(error) = self.queues.release(queue, &receipts).await {
                warn(&format!(
                    "{} dead letters are seen again only in five minutes: {error:#}",
                    receipts.len()
                ));
            }
        }
    }
}
