//! The writers of an import: a few at once, each with its own batches. A record always goes to the
//! writer of its id, so that of two lines with one id the later one counts. Contacts have a writer to
//! themselves: of two with one phone number the earlier one counts.

use domain::{Contact, Error, OrganizationId};
use futures_util::future::join_all;
use store::{BulkWriter, Row, Store};
use tokio::{
    sync::mpsc::{self, Receiver, Sender, UnboundedReceiver, UnboundedSender},
    task::JoinHandle,
};

use super::{
    Report,
    line::{Ready, Write, describe},
};

const WORKERS: usize = 8;
/// The length of a writer's queue: as much as a batch takes. A full one holds the reader back, which bounds memory.
const QUEUE: usize = 25;

type Failures = UnboundedSender<(usize, String)>;

pub(super) struct Workers {
    queues: Vec<Sender<(usize, Ready)>>,
    running: Vec<JoinHandle<u64>>,
    failures: UnboundedReceiver<(usize, String)>,
    fail: Failures,
}

impl Workers {
    pub(super) fn start(store: &Store) -> Self {
        let (fail, failures) = mpsc::unbounded_channel();
        let (mut queues, mut running) = (Vec::new(), Vec::new());
        for _ in 0..WORKERS {
            let (queue, jobs) = mpsc::channel(QUEUE);
            queues.push(queue);
            running.push(tokio::spawn(work(store.clone(), jobs, fail.clone())));
        }
        Self { queues, running, failures, fail }
    }

    pub(super) async fn send(&mut self, line: usize, ready: Ready) {
        let at = match ready.write {
            Write::Contact(_) => 0,
            Write::Rows(..) => 1 + ready.id.spread(WORKERS - 1),
        };
        if self.queues[at].send((line, ready)).await.is_err() {
            self.fail(line, "its writer has stopped".to_owned());
        }
    }

    pub(super) fn fail(&mut self, line: usize, message: String) {
        // The receiver lives as long as this does.
        let _ = self.fail.send((line, message));
    }

    pub(super) fn report(&mut self, report: &Report) {
        while let Ok((line, message)) = self.failures.try_recv() {
            report.failed(line, &message);
        }
    }

    /// Waits for what is under way; returns how many records were written.
    pub(super) async fn finish(mut self, report: &Report) -> u64 {
        self.queues.clear();
        let written = join_all(std::mem::take(&mut self.running)).await;
        self.report(report);
        written.into_iter().map(Result::unwrap_or_default).sum()
    }
}

/// Writes what arrives, a batch at a time; returns how many records that were.
async fn work(store: Store, mut jobs: Receiver<(usize, Ready)>, failures: Failures) -> u64 {
    let mut written = 0;
    let mut batch = Vec::with_capacity(QUEUE);
    while jobs.recv_many(&mut batch, QUEUE).await > 0 {
        let (mut rows, mut contacts) = (Vec::new(), Vec::<(usize, OrganizationId, Contact)>::new());
        for (line, Ready { organization, write, .. }) in batch.drain(..) {
            match write {
                Write::Rows(first, second) => rows.push((line, first, second)),
                Write::Contact(contact) => {
                    if contacts
                        .iter()
                        .any(|(_, _, other)| other.id == contact.id || other.phone == contact.phone)
                    {
                        written += put_all(&store, std::mem::take(&mut contacts), &failures).await;
                    }
                    contacts.push((line, organization, contact));
                }
            }
        }
        written += put_all(&store, contacts, &failures).await;
        written += write_rows(&store, rows, &failures).await;
    }
    written
}

/// Writes all first rows, then all second ones; where either fails, all lines have failed.
async fn write_rows(store: &Store, rows: Vec<(usize, Vec<Row>, Vec<Row>)>, failures: &Failures) -> u64 {
    let (mut lines, mut first, mut second) = (Vec::new(), Vec::new(), Vec::new());
    for (line, before, after) in rows {
        lines.push(line);
        first.extend(before);
        second.extend(after);
    }
    let written = match write_all(store, first).await {
        Ok(()) => write_all(store, second).await,
        failed => failed,
    };
    match written {
        Ok(()) => lines.len() as u64,
        Err(error) => {
            lines.into_iter().for_each(|line| drop(failures.send((line, describe(error.clone())))));
            0
        }
    }
}

async fn write_all(store: &Store, rows: Vec<Row>) -> Result<(), Error> {
    let mut writer = BulkWriter::new(store.clone());
    for row in rows {
        writer.add(row).await?;
    }
    writer.flush().await
}

/// Writes contacts that have neither an id nor a phone number in common, all at once.
async fn put_all(store: &Store, contacts: Vec<(usize, OrganizationId, Contact)>, failures: &Failures) -> u64 {
    let put = contacts.into_iter().map(|(line, organization, contact)| async move {
        let put = store.changes(organization).put(&contact).await;
        put.map_err(|error| drop(failures.send((line, describe(error))))).is_ok()
    });
    join_all(put).await.into_iter().filter(|written| *written).count() as u64
}
