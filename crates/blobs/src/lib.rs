//! Files' bytes in a folder.
//!
//! A blob is written whole under a random name and never changed: first the bytes, then the caller's row that names
//! them. What a crash leaves between the two is an orphan, and [`Blobs::sweep`] finds it. Content type, name and
//! owner stand in the caller's row; nothing here tells whose bytes they are.

mod name;

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::SystemTime;

use bytes::Bytes;
use deskside_db::Time;
use futures_util::StreamExt as _;
use object_store::local::LocalFileSystem;
use object_store::path::Path as Place;
use object_store::{ObjectStore, ObjectStoreExt as _, PutMode, PutOptions};

pub use name::BlobName;

/// Why bytes could not be kept or read.
#[derive(Debug, thiserror::Error)]
pub enum BlobError {
    /// The disk has no room.
    #[error("the disk has no room for a blob")]
    Full,
    /// The disk failed, or the folder is not ours.
    #[error("blob: {0}")]
    Failed(String),
}

/// The folder of all blobs. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Blobs {
    store: Arc<LocalFileSystem>,
    folder: PathBuf,
}

impl Blobs {
    /// Opens the folder, which is made when it is not there.
    ///
    /// # Errors
    /// The folder cannot be made or read.
    pub fn open(folder: &Path) -> Result<Blobs, BlobError> {
        std::fs::create_dir_all(folder)
            .map_err(|error| BlobError::Failed(format!("{}: {error}", folder.display())))?;
        let store = LocalFileSystem::new_with_prefix(folder)
            .map_err(failed)?
            .with_fsync(true);
        Ok(Blobs {
            store: Arc::new(store),
            folder: folder.to_owned(),
        })
    }

    /// Keeps bytes under a new name. When this returns they are on the disk, whole.
    ///
    /// # Errors
    /// No room, or the disk failed; then nothing is kept.
    pub async fn put(&self, name: &BlobName, bytes: Bytes) -> Result<(), BlobError> {
        let options = PutOptions {
            mode: PutMode::Create,
            ..PutOptions::default()
        };
        self.store
            .put_opts(&place(name), bytes.into(), options)
            .await
            .map_err(failed)?;
        Ok(())
    }

    /// The bytes; none when there is no such blob.
    ///
    /// # Errors
    /// The disk failed.
    pub async fn get(&self, name: &BlobName) -> Result<Option<Bytes>, BlobError> {
        let found = match self.store.get(&place(name)).await {
            Ok(found) => found.bytes().await,
            Err(error) => Err(error),
        };
        match found {
            Ok(bytes) => Ok(Some(bytes)),
            Err(object_store::Error::NotFound { .. }) => Ok(None),
            Err(error) => Err(failed(error)),
        }
    }

    /// Deletes a blob; one that is gone already is fine.
    ///
    /// # Errors
    /// The disk failed.
    pub async fn delete(&self, name: &BlobName) -> Result<(), BlobError> {
        match self.store.delete(&place(name)).await {
            Ok(()) | Err(object_store::Error::NotFound { .. }) => Ok(()),
            Err(error) => Err(failed(error)),
        }
    }

    /// Deletes what was written before `before` and is not `wanted`, and what a crash left half written before
    /// then. Returns how many files went. A file that is no blob is left alone.
    ///
    /// # Errors
    /// The disk failed, or what `wanted` returns; the rest waits for the next sweep.
    pub async fn sweep<E, F>(
        &self,
        before: Time,
        wanted: impl Fn(BlobName) -> F,
    ) -> Result<usize, E>
    where
        E: From<BlobError>,
        F: Future<Output = Result<bool, E>>,
    {
        let mut gone = 0;
        let mut files = self.store.list(None);
        while let Some(file) = files.next().await {
            let file = match file {
                Ok(file) => file,
                // Deleted while it was listed.
                Err(object_store::Error::NotFound { .. }) => continue,
                Err(error) => return Err(failed(error).into()),
            };
            let Some(name) = file.location.filename().and_then(BlobName::parse) else {
                continue;
            };
            if file.last_modified.timestamp_millis() < before.as_millis()
                && place(&name) == file.location
                && !wanted(name.clone()).await?
            {
                self.delete(&name).await?;
                gone += 1;
            }
        }
        let folder = self.folder.clone();
        let halves = tokio::task::spawn_blocking(move || clear_halves(&folder, before))
            .await
            .map_err(|error| BlobError::Failed(error.to_string()))?
            .map_err(|error| BlobError::Failed(error.to_string()))?;
        Ok(gone + halves)
    }
}

/// Where a blob lies: 256 folders, so that none grows too long to look through.
fn place(name: &BlobName) -> Place {
    let text = name.as_str();
    Place::from_iter([&text[..2], text])
}

/// Clears what the store had begun to write beside a blob's place (`name#1`) and a crash cut off; the store's own
/// list does not show it.
fn clear_halves(folder: &Path, before: Time) -> std::io::Result<usize> {
    let mut gone = 0;
    for shelf in std::fs::read_dir(folder)? {
        let shelf = shelf?.path();
        if !shelf.is_dir() {
            continue;
        }
        for file in std::fs::read_dir(shelf)? {
            let file = file?;
            let name = file.file_name();
            let half = name
                .to_str()
                .and_then(|name| name.split_once('#'))
                .is_some_and(|(name, step)| {
                    BlobName::parse(name).is_some() && step.parse::<u32>().is_ok()
                });
            if half && written_at(&file)? < before.as_millis() {
                std::fs::remove_file(file.path())?;
                gone += 1;
            }
        }
    }
    Ok(gone)
}

/// When a file was last written to, in UTC milliseconds.
fn written_at(file: &std::fs::DirEntry) -> std::io::Result<i64> {
    let since = file
        .metadata()?
        .modified()?
        .duration_since(SystemTime::UNIX_EPOCH)
        .unwrap_or_default();
    Ok(i64::try_from(since.as_millis()).unwrap_or(i64::MAX))
}

/// Tells a full disk from all else by the cause at the bottom.
fn failed(error: object_store::Error) -> BlobError {
    let mut cause: Option<&dyn std::error::Error> = Some(&error);
    while let Some(at) = cause {
        if let Some(io) = at.downcast_ref::<std::io::Error>()
            && matches!(
                io.kind(),
                std::io::ErrorKind::StorageFull | std::io::ErrorKind::QuotaExceeded
            )
        {
            return BlobError::Full;
        }
        cause = at.source();
    }
    BlobError::Failed(error.to_string())
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use deskside_db::Random;

    use super::*;

    fn files(folder: &Path) -> usize {
        let mut count = 0;
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            count += if path.is_dir() { files(&path) } else { 1 };
        }
        count
    }

    const LATER: Time = Time::from_millis(i64::MAX);

    #[tokio::test]
    async fn bytes_come_back_until_they_are_deleted() {
        let folder = tempfile::tempdir().unwrap();
        let (blobs, random) = (Blobs::open(folder.path()).unwrap(), Random::seeded(1));
        let name = BlobName::new(&random);
        assert_eq!(blobs.get(&name).await.unwrap(), None);
        blobs
            .put(&name, Bytes::from_static(b"a picture"))
            .await
            .unwrap();
        let again = Blobs::open(folder.path()).unwrap();
        assert_eq!(&again.get(&name).await.unwrap().unwrap()[..], b"a picture");
        assert!(
            blobs
                .put(&name, Bytes::from_static(b"another"))
                .await
                .is_err(),
            "a blob never changes"
        );
        blobs.delete(&name).await.unwrap();
        blobs.delete(&name).await.unwrap();
        assert_eq!(blobs.get(&name).await.unwrap(), None);
        assert_eq!(files(folder.path()), 0);
    }

    #[tokio::test]
    async fn a_sweep_takes_orphans_and_halves_and_nothing_else() {
        let folder = tempfile::tempdir().unwrap();
        let (blobs, random) = (Blobs::open(folder.path()).unwrap(), Random::seeded(2));
        let names: Vec<BlobName> = (0..6).map(|_| BlobName::new(&random)).collect();
        for name in &names {
            blobs.put(name, Bytes::from_static(b"x")).await.unwrap();
        }
        let half = folder.path().join(format!(
            "{}/{}#1",
            &names[0].as_str()[..2],
            names[0].as_str()
        ));
        std::fs::write(&half, b"ha").unwrap();
        std::fs::write(folder.path().join("README"), b"not ours").unwrap();
        let wanted: HashSet<BlobName> = names[..4].iter().cloned().collect();

        let long_ago = blobs
            .sweep(Time::from_millis(0), async |_| Ok::<_, BlobError>(false))
            .await;
        assert_eq!(long_ago.unwrap(), 0, "what is young may still get its row");
        let swept = blobs
            .sweep(LATER, |name| {
                std::future::ready(Ok::<_, BlobError>(wanted.contains(&name)))
            })
            .await;
        assert_eq!(swept.unwrap(), 3, "two orphans and a half");
        assert!(!half.exists());
        assert_eq!(files(folder.path()), 5);
        assert!(blobs.get(&names[3]).await.unwrap().is_some());
        assert!(blobs.get(&names[4]).await.unwrap().is_none());
    }
}
