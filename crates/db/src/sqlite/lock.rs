//! One SQLite file belongs to one process: a lock on a file beside it says so.
//!
//! The lock is taken on a file of its own because closing any handle of the database would drop
//! SQLite's own locks.

use std::{
    fs::{File, OpenOptions, TryLockError},
    path::{Path, PathBuf},
};

use crate::OpenError;

/// The lock, held as long as the file is open; the system drops it when the process ends, however
/// it ends.
pub(super) fn take(database: &Path) -> Result<File, OpenError> {
    let path = beside(database);
    let fail = |path: &Path| {
        let path = path.to_owned();
        move |source| OpenError::File { path, source }
    };
    let lock = private(&path).map_err(fail(&path))?;
    match lock.try_lock() {
        Ok(()) => {}
        Err(TryLockError::WouldBlock) => return Err(OpenError::InUse(database.to_owned())),
        Err(TryLockError::Error(source)) => return Err(OpenError::File { path, source }),
    }
    // SQLite would make the database readable for everybody; made here first, it and its log are
    // not.
    private(database).map_err(fail(database))?;
    Ok(lock)
}

fn beside(database: &Path) -> PathBuf {
    let mut name = database.as_os_str().to_owned();
    name.push(".lock");
    name.into()
}

fn private(path: &Path) -> std::io::Result<File> {
    let mut options = OpenOptions::new();
    options.read(true).write(true).create(true).truncate(false);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}
