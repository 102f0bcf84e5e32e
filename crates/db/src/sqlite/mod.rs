//! SQLite: one writer thread, a few readers, one process.

mod lock;
mod readers;
mod writer;

use std::{path::Path, sync::Arc, time::Duration};

use rusqlite::{CachedStatement, Connection, ErrorCode, ffi, params_from_iter, types::Value};

use crate::{DbError, Migration, OpenError, Row, Tx, Val, migrate, tx::Link};
pub(crate) use readers::Readers;
pub(crate) use writer::{Writer, promise};

/// Versions before this can damage the log when it is reset while another connection reads.
const VERSION_MIN: (i32, &str) = (3_051_003, "3.51.3");
/// How long a connection waits for another one (a checkpoint, VACUUM INTO).
const BUSY_TIMEOUT: Duration = Duration::from_secs(5);
/// Pages the writer keeps in memory, in KiB.
const WRITER_CACHE_KIB: i64 = 64 * 1024;
/// Pages each reader keeps in memory, in KiB; the mapped file serves most reads.
const READER_CACHE_KIB: i64 = 8 * 1024;
/// How much of the file is read through memory mapping.
const MMAP_BYTES: i64 = 256 * 1024 * 1024;
/// What the log file may keep on the disk after a checkpoint.
const JOURNAL_BYTES: i64 = 64 * 1024 * 1024;
/// Prepared statements each connection keeps; above the number of texts in the house.
const STATEMENTS: usize = 512;

/// The open file.
#[derive(Debug)]
pub(crate) struct Sqlite {
    pub(crate) writer: Writer,
    pub(crate) readers: Readers,
}

impl Sqlite {
    /// Opens, migrates, and starts the writer.
    pub(crate) fn open(
        file: &Path,
        migrations: &[Migration],
        readers: usize,
    ) -> Result<Sqlite, OpenError> {
        if rusqlite::version_number() < VERSION_MIN.0 {
            return Err(OpenError::SqliteTooOld {
                found: rusqlite::version().to_owned(),
                needed: VERSION_MIN.1,
            });
        }
        let lock = lock::take(file)?;
        let mut connection = connect(file, WRITER_CACHE_KIB).map_err(opening)?;
        migrate::sqlite(&mut connection, migrations)?;
        let readers = (0..readers.max(1))
            .map(|_| reader(file))
            .collect::<Result<Vec<_>, _>>()
            .map_err(opening)?;
        Ok(Sqlite {
            readers: Readers::new(readers, file),
            writer: Writer::start(connection, lock).map_err(|source| OpenError::File {
                path: file.to_owned(),
                source,
            })?,
        })
    }
}

fn opening(error: rusqlite::Error) -> OpenError {
    OpenError::Database(error.to_string())
}

fn connect(file: &Path, cache_kib: i64) -> rusqlite::Result<Connection> {
    let connection = Connection::open(file)?;
    connection.busy_timeout(BUSY_TIMEOUT)?;
    let mode: String =
        connection.pragma_update_and_check(None, "journal_mode", "WAL", |row| row.get(0))?;
    if mode != "wal" {
        return Err(rusqlite::Error::SqliteFailure(
            ffi::Error::new(ffi::SQLITE_CANTOPEN),
            Some("this disk allows no write-ahead log (a network disk?)".to_owned()),
        ));
    }
    connection.pragma_update(None, "synchronous", "FULL")?;
    connection.pragma_update(None, "foreign_keys", true)?;
    // Deleted content is overwritten, not only forgotten.
    connection.pragma_update(None, "secure_delete", true)?;
    connection.pragma_update(None, "cache_size", -cache_kib)?;
    connection.pragma_update(None, "mmap_size", MMAP_BYTES)?;
    connection.pragma_update(None, "journal_size_limit", JOURNAL_BYTES)?;
    connection.set_prepared_statement_cache_capacity(STATEMENTS);
    Ok(connection)
}

fn reader(file: &Path) -> rusqlite::Result<Tx> {
    let connection = connect(file, READER_CACHE_KIB)?;
    connection.pragma_update(None, "query_only", true)?;
    Ok(Tx::new(Link::Lite(connection)))
}

/// The connection inside a transaction of this module.
fn connection(tx: &Tx) -> Result<&Connection, DbError> {
    match &tx.link {
        Link::Lite(connection) => Ok(connection),
        Link::Pg(_) => Err(DbError::Other("not a SQLite transaction".to_owned())),
    }
}

/// BEGIN, SAVEPOINT, COMMIT and their like.
fn control(tx: &Tx, sql: &str) -> Result<(), DbError> {
    connection(tx)?
        .prepare_cached(sql)
        .and_then(|mut statement| statement.execute([]))
        .map_err(failure)?;
    Ok(())
}

pub(crate) fn rows(
    connection: &Connection,
    sql: &str,
    first: Option<&Val>,
    params: &[Val],
) -> Result<Vec<Row>, DbError> {
    let mut statement = connection.prepare_cached(sql).map_err(failure)?;
    let columns: Arc<[Box<str>]> = statement.column_names().map(Box::from).collect();
    let mut answer = statement
        .query(params_from_iter(first.into_iter().chain(params)))
        .map_err(failure)?;
    let mut rows = Vec::new();
    while let Some(row) = answer.next().map_err(failure)? {
        let values = (0..columns.len())
            .map(|at| {
                Ok(match row.get(at).map_err(failure)? {
                    Value::Null => Val::Null,
                    Value::Integer(number) => Val::Int(number),
                    Value::Text(text) => Val::Text(text),
                    Value::Blob(bytes) => Val::Blob(bytes),
                    Value::Real(_) => {
                        return Err(DbError::Decode(format!(
                            "column {} is a real number",
                            columns[at]
                        )));
                    }
                })
            })
            .collect::<Result<Box<[Val]>, DbError>>()?;
        rows.push(Row::new(columns.clone(), values));
    }
    Ok(rows)
}

pub(crate) fn execute(
    connection: &Connection,
    sql: &str,
    first: Option<&Val>,
    params: &[Val],
) -> Result<u64, DbError> {
    let mut statement: CachedStatement<'_> = connection.prepare_cached(sql).map_err(failure)?;
    if statement.column_count() > 0 {
        return Err(DbError::Other(
            "a statement with an answer was executed; ask for its rows".to_owned(),
        ));
    }
    let touched = statement
        .execute(params_from_iter(first.into_iter().chain(params)))
        .map_err(failure)?;
    Ok(touched as u64)
}

/// What SQLite says, in the house's words.
pub(crate) fn failure(error: rusqlite::Error) -> DbError {
    let text = error.to_string();
    match error.sqlite_error() {
        None => DbError::Other(text),
        Some(sqlite) => match sqlite.code {
            ErrorCode::ConstraintViolation => DbError::Constraint {
                message: text,
                unique: matches!(
                    sqlite.extended_code,
                    ffi::SQLITE_CONSTRAINT_UNIQUE
                        | ffi::SQLITE_CONSTRAINT_PRIMARYKEY
                        | ffi::SQLITE_CONSTRAINT_ROWID
                ),
            },
            ErrorCode::DiskFull => DbError::StorageFull,
            ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked => DbError::Busy(text),
            ErrorCode::CannotOpen
            | ErrorCode::SystemIoFailure
            | ErrorCode::DatabaseCorrupt
            | ErrorCode::NotADatabase => DbError::Unavailable(text),
            _ => DbError::Other(text),
        },
    }
}
