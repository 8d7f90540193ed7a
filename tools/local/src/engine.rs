//! The embedded DynamoDB, which is dynoxide over HTTP, on a thread and runtime of its own.

mod front;

use std::{
    fs::File,
    io,
    path::{Path, PathBuf},
    thread::JoinHandle,
};

use anyhow::{Context as _, Result, anyhow, ensure};
use dynoxide::{Database, DynoxideError};
use rusqlite::{Connection, ErrorCode};
use tokio::sync::oneshot;
use uuid::Uuid;

use crate::{
    private,
    server::{Hosts, ListenAddress, guarded, serve},
};
use front::{Front, Trouble};

/// The port of DynamoDB Local, at which tools look first.
const USUAL_PORT: u16 = 8000;
const OPTION: &str = "--dynamodb-port";
const FILE: &str = "dynamodb.sqlite";

/// A running DynamoDB. Dropping it ends it.
pub struct Engine {
    /// The URL at which any AWS SDK or CLI reaches the engine.
    pub endpoint_url: String,
    database: Database,
    /// The directory in which the data are kept.
    directory: Option<PathBuf>,
    trouble: Trouble,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
    _lock: Option<File>,
}

impl Engine {
    /// Starts an engine on `port` (0 is any free one; none is the usual one where it is free), kept in
    /// `directory` or in memory.
    ///
    /// # Errors
    /// When the port is taken or the directory cannot be used.
    pub fn start(port: Option<u16>, directory: Option<&Path>) -> Result<Self> {
        Self::start_at(&ListenAddress::default(), port, directory)
    }

    /// Starts an engine on another address than 127.0.0.1.
    ///
    /// # Errors
    /// As [`Engine::start`].
    pub fn start_at(listens: &ListenAddress, port: Option<u16>, directory: Option<&Path>) -> Result<Self> {
        let (database, lock) = open(directory)?;
        let listener = match port {
            Some(port) => listens.bind(port, OPTION)?,
            None => listens.bind(USUAL_PORT, OPTION).or_else(|_| listens.bind(0, OPTION))?,
        };
        listener.set_nonblocking(true)?;
        let endpoint_url = listens.url(&listener)?;
        // It works on the thread that it answers on; requests to the API must not wait for that.
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        let (stop, stopped) = oneshot::channel();
        let (served, trouble) = (database.clone(), Trouble::default());
        let (told, listens) = (trouble.clone(), listens.clone());
        let thread = std::thread::Builder::new().name("dynamodb".to_owned()).spawn(move || {
            let outcome: io::Result<()> = runtime.block_on(async {
                let listener = tokio::net::TcpListener::from_std(listener)?;
                let front = Front::new(served, told).await?;
                let router = guarded(front.router(), Hosts::HereAndContainers, &listens);
                let serving = serve(listener, router, std::future::pending());
                // What it carries out it carries out at once: nothing is half done when its connections end.
                tokio::select! { () = serving => {}, _ = stopped => {} }
                Ok(())
            });
            if let Err(error) = outcome {
                tracing::error!(error = error.to_string(), "dynamodb_stopped");
            }
        })?;
        let directory = directory.map(Path::to_owned);
        Ok(Self {
            endpoint_url,
            database,
            directory,
            trouble,
            stop: Some(stop),
            thread: Some(thread),
            _lock: lock,
        })
    }

    /// The fault of the engine's data, where that is why something failed; else the failure itself.
    #[must_use]
    pub fn explain(&self, failure: anyhow::Error) -> anyhow::Error {
        match (&self.directory, self.trouble.told()) {
            (Some(directory), Some(reason)) => unwritable(directory, &reason),
            _ => failure,
        }
    }

    /// Runs `work` without waiting for the disk after each write.
    ///
    /// # Errors
    /// What `work` says, or the database.
    pub async fn bulk<T>(&self, work: impl Future<Output = Result<T>>) -> Result<T> {
        self.database.enable_bulk_loading().map_err(|error| anyhow!("{error:?}"))?;
        let outcome = work.await;
        self.database.disable_bulk_loading().map_err(|error| anyhow!("{error:?}"))?;
        outcome
    }
}

impl Drop for Engine {
    fn drop(&mut self) {
        drop(self.stop.take());
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

/// Opens the database, and the lock that keeps a second process away from it.
fn open(directory: Option<&Path>) -> Result<(Database, Option<File>)> {
    let Some(directory) = directory else {
        // In memory too, it has a name, by which it is found again for its index.
        let name = format!("file:/{}?vfs=memdb", Uuid::new_v4());
        let database = Database::new(&name).map_err(|error| anyhow!("{error:?}"))?;
        index_streams(&name)?;
        return Ok((database, None));
    };
    let shown = directory.display();
    ensure!(!directory.is_file(), "{shown} is a file: --data takes a directory");
    let unusable = || format!("Cannot keep data in {shown}: pass another --data");
    private::create_directory(directory).with_context(unusable)?;
    private::prepare(&directory.join("lock")).with_context(unusable)?;
    let lock = File::options().write(true).open(directory.join("lock")).with_context(unusable)?;
    lock.try_lock()
        .map_err(|_| anyhow!("{shown} is in use: end the `dev` that uses it, or pass another --data."))?;
    let file = directory.join(FILE);
    let file = file.to_str().with_context(|| format!("{shown} is not UTF-8: pass another --data"))?;
    // What SQLite makes beside it, it gives the same mode.
    private::prepare(Path::new(file)).with_context(unusable)?;
    for beside in ["-wal", "-shm"].map(|ending| format!("{file}{ending}")) {
        if Path::new(&beside).exists() {
            private::prepare(Path::new(&beside)).with_context(unusable)?;
        }
    }
    let database = Database::new(file).map_err(|error| match error {
        DynoxideError::SqliteError(error) if !is_damage(&error) => unwritable(directory, &error.to_string()),
        _ => anyhow!(
            "{file} is damaged, or was written by something else: move it away or pass another --data."
        ),
    })?;
    index_streams(file).map_err(|error| unwritable(directory, &format!("{error:#}")))?;
    Ok((database, Some(lock)))
}

fn is_damage(error: &rusqlite::Error) -> bool {
    matches!(error.sqlite_error_code(), None | Some(ErrorCode::NotADatabase | ErrorCode::DatabaseCorrupt))
}

/// The error for a directory that cannot be written to, with SQLite's reason, such as `database or disk is
/// full`.
fn unwritable(directory: &Path, reason: &str) -> anyhow::Error {
    let shown = directory.display();
    anyhow!("Nothing can be written in {shown} ({reason}): make room there, or pass another --data.")
}

/// Creates an index of the streams' records, which the engine looks for without one: each write to a table
/// that has a stream would read all that were ever written, of any table.
fn index_streams(database: &str) -> Result<()> {
    let index = "CREATE INDEX IF NOT EXISTS inboundflow_streams
                 ON _stream_records (table_name, CAST(sequence_number AS INTEGER))";
    let database = Connection::open(database).context("the embedded DynamoDB cannot be opened twice")?;
    database.execute_batch(index).context("the embedded DynamoDB's streams cannot be indexed")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_engine_asks_of_streams_is_found_by_the_index() {
        let directory = tempfile::tempdir().expect("a directory");
        for _ in 0..2 {
            open(Some(directory.path())).expect("a database");
        }
        let database = Connection::open(directory.path().join(FILE)).expect("a database");
        for asked in ["table_name = 'a'", "table_name = 'a' AND CAST(sequence_number AS INTEGER) > 1"] {
            let plan = format!("EXPLAIN QUERY PLAN SELECT keys_json FROM _stream_records WHERE {asked}");
            let plan = database.query_row(&plan, [], |row| row.get::<_, String>("detail")).expect("a plan");
            assert!(plan.starts_with("SEARCH") && plan.contains("inboundflow_streams"), "{plan}");
        }
    }
}
