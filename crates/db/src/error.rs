//! What can go wrong between a store and its database.

use std::path::PathBuf;

/// A transaction or a statement failed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DbError {
    /// Somebody else held what this transaction needed for too long; the same call may succeed
    /// later.
    #[error("the database is busy: {0}")]
    Busy(String),
    /// The database cannot be reached, its queue is full or it was closed. After a lost connection
    /// it is unknown whether the transaction was saved: repeat it with the same idempotency key.
    #[error("the database is unavailable: {0}")]
    Unavailable(String),
    /// COMMIT was refused; nothing of the transaction stays.
    #[error("the transaction was not saved: {0}")]
    NotCommitted(String),
    /// The disk or the tablespace has no room; nothing of the transaction stays.
    #[error("the storage is full")]
    StorageFull,
    /// A unique key, a foreign key or a check refused the row.
    #[error("a constraint refused the row: {message}")]
    Constraint {
        /// The database's own words; they name the constraint, never the values.
        message: String,
        /// Whether another row already has this key.
        unique: bool,
    },
    /// A call that expects at most one row got more.
    #[error("more than one row came back")]
    TooManyRows,
    /// A column is missing or holds another type than asked for.
    #[error("the row cannot be read: {0}")]
    Decode(String),
    /// A defect: wrong SQL, wrong number of values, a panic inside the transaction.
    #[error("the database refused: {0}")]
    Other(String),
}

impl DbError {
    /// Whether another row already has the key this one wanted.
    pub fn is_unique(&self) -> bool {
        matches!(self, DbError::Constraint { unique: true, .. })
    }

    /// The same failure as the reply to a COMMIT: what a retry could mend keeps its kind.
    pub(crate) fn at_commit(self) -> DbError {
        match self {
            DbError::StorageFull | DbError::Unavailable(_) | DbError::NotCommitted(_) => self,
            DbError::Constraint { message, .. } => DbError::NotCommitted(message),
            DbError::Busy(text) | DbError::Decode(text) | DbError::Other(text) => {
                DbError::NotCommitted(text)
            }
            DbError::TooManyRows => DbError::NotCommitted(self.to_string()),
        }
    }
}

/// The database could not be opened; the sentence is meant for whoever runs the server.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The schema was made by a newer release.
    #[error(
        "the database has schema {found}, this release knows up to {known}: start a newer release or restore a backup"
    )]
    SchemaNewer {
        /// Version found in the database.
        found: i64,
        /// Newest version this release has.
        known: i64,
    },
    /// A migration failed, was changed after it ran, or is missing.
    #[error("the schema could not be brought up to date: {0}")]
    Migration(String),
    /// Another process works on this file.
    #[error("another process has {} open: one SQLite file belongs to one process", .0.display())]
    InUse(PathBuf),
    /// A SQLite with a known defect in its write-ahead log.
    #[error("SQLite {found} can damage its log, {needed} or newer is needed")]
    SqliteTooOld {
        /// Version linked into this program.
        found: String,
        /// Oldest version that is accepted.
        needed: &'static str,
    },
    /// The file or its folder cannot be used.
    #[error("{} cannot be opened: {source}", .path.display())]
    File {
        /// The file that was tried.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// The database answered with an error, or not at all.
    #[error("the database cannot be opened: {0}")]
    Database(String),
    /// The URL of PostgreSQL cannot be understood.
    #[error("the PostgreSQL URL is wrong: {0}")]
    Url(String),
}
