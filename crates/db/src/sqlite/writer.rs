//! The one thread that writes: many transactions share a COMMIT, each within a savepoint of its
//! own.

use std::{
    collections::VecDeque,
    fs::File,
    panic::{AssertUnwindSafe, catch_unwind},
    time::Duration,
};

use futures_util::{FutureExt, future::BoxFuture};
use rusqlite::Connection;
use tokio::sync::{
    mpsc::{self, error::SendTimeoutError},
    oneshot,
};

use super::{connection, control, failure};
use crate::{DbError, Tx, tx::Link};

/// Transactions that may wait for the thread.
const QUEUE: usize = 1024;
/// Transactions that share one COMMIT at most.
const BATCH: usize = 128;
/// How long a caller waits for a place in the queue.
const PLACE_TIMEOUT: Duration = Duration::from_secs(10);

/// A write on its way through the thread, whatever its types are.
pub(crate) trait Work: Send {
    /// Runs the closure; whether its changes are to stay.
    fn run(&mut self, tx: &mut Tx) -> bool;
    /// Tells the caller, after COMMIT succeeded or failed.
    fn reply(self: Box<Self>, committed: Result<(), DbError>);
}

/// What the thread is asked for.
enum Task {
    Write(Box<dyn Work>),
    TruncateLog(oneshot::Sender<Result<(), DbError>>),
    Stop(oneshot::Sender<()>),
}

/// The way to the thread.
#[derive(Debug)]
pub(crate) struct Writer(mpsc::Sender<Task>);

impl Writer {
    pub(super) fn start(connection: Connection, lock: File) -> std::io::Result<Writer> {
        let (sender, tasks) = mpsc::channel(QUEUE);
        std::thread::Builder::new()
            .name("sqlite-writer".to_owned())
            .spawn(move || serve(Tx::new(Link::Lite(connection)), tasks, lock))?;
        Ok(Writer(sender))
    }

    /// Queues a write; its reply comes through the [`promise`] it was made from.
    pub(crate) async fn write(&self, work: Box<dyn Work>) -> Result<(), DbError> {
        self.send(Task::Write(work)).await
    }

    /// Moves the whole log into the database and empties it.
    pub(crate) async fn truncate_log(&self) -> Result<(), DbError> {
        let (reply, answer) = oneshot::channel();
        self.send(Task::TruncateLog(reply)).await?;
        answer.await.unwrap_or_else(|_| Err(closed()))
    }

    /// Finishes what is queued, empties the log and ends the thread.
    pub(crate) async fn stop(&self) {
        let (reply, answer) = oneshot::channel();
        if self.send(Task::Stop(reply)).await.is_ok() {
            // Without an answer the thread has already ended.
            answer.await.ok();
        }
    }

    async fn send(&self, task: Task) -> Result<(), DbError> {
        self.0
            .send_timeout(task, PLACE_TIMEOUT)
            .await
            .map_err(|error| match error {
                SendTimeoutError::Timeout(_) => {
                    DbError::Unavailable("too many writes are waiting".to_owned())
                }
                SendTimeoutError::Closed(_) => closed(),
            })
    }
}

fn closed() -> DbError {
    DbError::Unavailable("it was closed".to_owned())
}

fn serve(mut tx: Tx, mut tasks: mpsc::Receiver<Task>, lock: File) {
    let mut taken = Vec::with_capacity(BATCH);
    let mut stopped = None;
    while stopped.is_none() && tasks.blocking_recv_many(&mut taken, BATCH) > 0 {
        let mut works = VecDeque::new();
        for task in taken.drain(..) {
            match task {
                Task::Write(work) => works.push_back(work),
                Task::TruncateLog(reply) => {
                    commit_all(&mut tx, &mut works);
                    reply.send(truncate_log(&tx)).ok();
                }
                Task::Stop(reply) => {
                    tasks.close();
                    stopped = Some(reply);
                }
            }
        }
        commit_all(&mut tx, &mut works);
    }
    if let Err(error) = truncate_log(&tx) {
        tracing::warn!(%error, "sqlite.log_not_emptied");
    }
    drop(tx);
    drop(lock);
    if let Some(reply) = stopped {
        reply.send(()).ok();
    }
}

fn truncate_log(tx: &Tx) -> Result<(), DbError> {
    let busy: bool = connection(tx)?
        .query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |row| row.get(0))
        .map_err(failure)?;
    if busy {
        return Err(DbError::Busy("a reader still needs the log".to_owned()));
    }
    Ok(())
}

/// Runs the queue to its end. It is one transaction, unless SQLite gives one up by itself halfway.
fn commit_all(tx: &mut Tx, queue: &mut VecDeque<Box<dyn Work>>) {
    while !queue.is_empty() {
        let mut done = Vec::with_capacity(queue.len());
        let outcome = run_batch(tx, queue, &mut done);
        if let Err(error) = &outcome {
            tracing::error!(%error, writes = done.len(), "sqlite.not_committed");
            roll_back(tx);
            // Where not even BEGIN worked nothing ran; the writes are refused, or the loop would
            // not end.
            done.extend(queue.drain(..if done.is_empty() { queue.len() } else { 0 }));
        }
        for work in done {
            work.reply(outcome.clone());
        }
    }
}

fn run_batch(
    tx: &mut Tx,
    queue: &mut VecDeque<Box<dyn Work>>,
    done: &mut Vec<Box<dyn Work>>,
) -> Result<(), DbError> {
    control(tx, "BEGIN IMMEDIATE")?;
    while let Some(mut work) = queue.pop_front() {
        let kept = within_savepoint(tx, &mut *work);
        done.push(work);
        kept?;
    }
    control(tx, "COMMIT").map_err(DbError::at_commit)
}

/// Runs one write; an error here means that the transaction around it is lost too.
fn within_savepoint(tx: &mut Tx, work: &mut dyn Work) -> Result<(), DbError> {
    control(tx, "SAVEPOINT work").map_err(DbError::at_commit)?;
    let keep = work.run(tx);
    let failure = tx.take_failure();
    if connection(tx)?.is_autocommit() {
        // A full disk or a failing one makes SQLite roll back everything by itself.
        let cause =
            failure.unwrap_or_else(|| DbError::Other("the transaction was lost".to_owned()));
        return Err(cause.at_commit());
    }
    if !keep {
        control(tx, "ROLLBACK TO work").map_err(DbError::at_commit)?;
    }
    control(tx, "RELEASE work").map_err(DbError::at_commit)
}

fn roll_back(tx: &Tx) {
    let open = connection(tx).is_ok_and(|connection| !connection.is_autocommit());
    if open && let Err(error) = control(tx, "ROLLBACK") {
        tracing::error!(%error, "sqlite.rollback_failed");
    }
}

/// A typed write in two halves: what the thread runs, and what its caller awaits.
pub(crate) fn promise<T, E, F>(closure: F) -> (Box<dyn Work>, oneshot::Receiver<Result<T, E>>)
where
    T: Send + 'static,
    E: From<DbError> + Send + 'static,
    F: for<'t> FnOnce(&'t mut Tx) -> BoxFuture<'t, Result<T, E>> + Send + 'static,
{
    let (reply, answer) = oneshot::channel();
    (
        Box::new(Typed {
            closure: Some(closure),
            result: None,
            reply,
        }),
        answer,
    )
}

struct Typed<F, T, E> {
    closure: Option<F>,
    result: Option<Result<T, E>>,
    reply: oneshot::Sender<Result<T, E>>,
}

impl<F, T, E> Work for Typed<F, T, E>
where
    T: Send,
    E: From<DbError> + Send,
    F: for<'t> FnOnce(&'t mut Tx) -> BoxFuture<'t, Result<T, E>> + Send,
{
    fn run(&mut self, tx: &mut Tx) -> bool {
        let Some(closure) = self.closure.take() else {
            return false;
        };
        let result = drive(tx, closure);
        let keep = result.is_ok();
        self.result = Some(result);
        keep
    }

    fn reply(self: Box<Self>, committed: Result<(), DbError>) {
        let result = match (self.result, committed) {
            (Some(Ok(value)), Ok(())) => Ok(value),
            (Some(Err(error)), _) => Err(error),
            (Some(Ok(_)), Err(error)) | (None, Err(error)) => Err(error.into()),
            (None, Ok(())) => Err(DbError::Other("the write did not run".to_owned()).into()),
        };
        // A caller who went away has nothing to hear; the write stands.
        self.reply.send(result).ok();
    }
}

/// Runs a closure to its end on this thread. SQLite never makes it wait; a closure that waits for
/// anything else would stop every other write, so it fails instead.
pub(super) fn drive<T, E, F>(tx: &mut Tx, closure: F) -> Result<T, E>
where
    E: From<DbError>,
    F: for<'t> FnOnce(&'t mut Tx) -> BoxFuture<'t, Result<T, E>>,
{
    let outcome = catch_unwind(AssertUnwindSafe(|| closure(tx).now_or_never()));
    match outcome {
        Ok(Some(Ok(_))) if tx.has_failed() => {
            Err(DbError::NotCommitted("one of its statements failed".to_owned()).into())
        }
        Ok(Some(result)) => result,
        Ok(None) => Err(DbError::Other(
            "a transaction waited for something else than the database".to_owned(),
        )
        .into()),
        Err(_) => Err(DbError::Other("a transaction panicked".to_owned()).into()),
    }
}
