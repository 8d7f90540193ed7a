//! The writers of an import: a few at once, each with its own batches. A record always goes to the
//! writer of its id, so that of two lines with one id the later one counts.

use domain::Error;
use futures_util::future::join_all;
use store::{BulkWriter, Store};
use tokio::{
    sync::mpsc::{self, Receiver, Sender, UnboundedReceiver, UnboundedSender},
    task::JoinHandle,
};

use super::{
    Counts, Report,
    line::{AnyRecord, Ready},
};

const WORKERS: usize = 8;
/// As many as a batch takes; a full queue holds the reader back, so memory stays as it is.
const QUEUE: usize = 25;

pub(super) struct Workers {
    queues: Vec<Sender<(usize, Ready)>>,
    running: Vec<JoinHandle<u64>>,
    failures: UnboundedReceiver<(usize, String)>,
    fail: UnboundedSender<(usize, String)>,
    failed: u64,
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
        Self { queues, running, failures, fail, failed: 0 }
    }

    pub(super) async fn send(&mut self, line: usize, ready: Ready) {
        let at = ready.record.id().spread(WORKERS);
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
            self.failed += 1;
            report.failed(line, &message);
        }
    }

    pub(super) async fn finish(mut self, report: &Report) -> Counts {
        self.queues.clear();
        let written = join_all(std::mem::take(&mut self.running)).await;
        self.report(report);
        Counts { imported: written.into_iter().map(Result::unwrap_or_default).sum(), failed: self.failed }
    }
}

/// Writes what arrives, a batch at a time; returns how many records that were.
async fn work(
    store: Store,
    mut jobs: Receiver<(usize, Ready)>,
    failures: UnboundedSender<(usize, String)>,
) -> u64 {
    let mut written = 0;
    let mut batch = Vec::with_capacity(QUEUE);
    while jobs.recv_many(&mut batch, QUEUE).await > 0 {
        let mut writer = BulkWriter::new(store.clone());
        let mut added = Vec::new();
        for (line, ready) in batch.drain(..) {
            match add(&store, &mut writer, ready).await {
                Ok(()) => added.push(line),
                Err(error) => fail(&failures, line, error),
            }
        }
        match writer.flush().await {
            Ok(()) => written += added.len() as u64,
            Err(error) => added.into_iter().for_each(|line| fail(&failures, line, error.clone())),
        }
    }
    written
}

async fn add(store: &Store, writer: &mut BulkWriter, ready: Ready) -> Result<(), Error> {
    let organization = ready.organization;
    match ready.record {
        AnyRecord::Call(call, None) => writer.record(organization, &*call).await,
        AnyRecord::Call(call, Some(messages)) => writer.call(organization, &call, &messages).await,
        AnyRecord::Contact(contact) => store.items(organization).put(&contact).await,
        AnyRecord::Lead(lead) => writer.record(organization, &*lead).await,
        AnyRecord::Appointment(appointment) => writer.record(organization, &*appointment).await,
    }
}

fn fail(failures: &UnboundedSender<(usize, String)>, line: usize, error: Error) {
    let message = match error {
        Error::Invalid { param: Some(param), message } => format!("record.{param}: {message}"),
        Error::Conflict(conflict) => format!("record.phone: {conflict}"),
        error => format!("{:#}", crate::output::explain(error)),
    };
    let _ = failures.send((line, message));
}
