//! Connections that only read: each read sees one state of the database, beside the writer.

use std::{
    path::{Path, PathBuf},
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use futures_util::future::BoxFuture;
use tokio::sync::Semaphore;

use super::{control, failure, reader, writer::drive};
use crate::{DbError, Tx};

/// How long a caller waits for a free connection.
const PLACE_TIMEOUT: Duration = Duration::from_secs(10);

/// The pool; a permit stands for a connection in it.
#[derive(Debug)]
pub(crate) struct Readers {
    places: Arc<Semaphore>,
    count: u32,
    idle: Arc<Mutex<Vec<Tx>>>,
    file: PathBuf,
}

impl Readers {
    pub(super) fn new(connections: Vec<Tx>, file: &Path) -> Readers {
        Readers {
            places: Arc::new(Semaphore::new(connections.len())),
            count: u32::try_from(connections.len()).unwrap_or(u32::MAX),
            idle: Arc::new(Mutex::new(connections)),
            file: file.to_owned(),
        }
    }

    /// Runs a closure on a snapshot.
    pub(crate) async fn read<T, E, F>(&self, closure: F) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<DbError> + Send + 'static,
        F: for<'t> FnOnce(&'t mut Tx) -> BoxFuture<'t, Result<T, E>> + Send + 'static,
    {
        let place = tokio::time::timeout(PLACE_TIMEOUT, self.places.clone().acquire_owned())
            .await
            .map_err(|_| DbError::Unavailable("too many reads are waiting".to_owned()))?
            .map_err(|_| DbError::Unavailable("it was closed".to_owned()))?;
        let idle = self.idle.clone();
        let file = self.file.clone();
        let read = move || {
            let taken = idle.lock().unwrap_or_else(PoisonError::into_inner).pop();
            let mut tx = match taken {
                Some(tx) => tx,
                // One was given up after an error: open another in its place.
                None => reader(&file).map_err(failure)?,
            };
            control(&tx, "BEGIN DEFERRED")?;
            let result = drive(&mut tx, closure);
            tx.take_failure();
            if control(&tx, "ROLLBACK").is_ok() {
                idle.lock().unwrap_or_else(PoisonError::into_inner).push(tx);
            }
            drop(place);
            result
        };
        match tokio::task::spawn_blocking(read).await {
            Ok(result) => result,
            Err(_) => Err(DbError::Unavailable("the server is stopping".to_owned()).into()),
        }
    }

    /// Lets running reads end, then closes every connection.
    pub(crate) async fn stop(&self) {
        let all = self.places.acquire_many(self.count).await;
        self.places.close();
        drop(all);
        self.idle
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clear();
    }
}
