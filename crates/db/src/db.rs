//! The handle everything gets: open, write, read, close.

use std::{fmt, path::PathBuf, sync::Arc};

use futures_util::future::BoxFuture;

use crate::{
    DbError, Migration, OpenError, SystemSql, Tx, migrate,
    postgres::Postgres,
    sqlite::{self, Sqlite},
    system_sql, vals,
};

/// Which database, and where.
#[derive(Clone)]
pub enum Backend {
    /// A file of this process alone.
    Sqlite {
        /// The file; it is made when it is not there.
        file: PathBuf,
    },
    /// A PostgreSQL server.
    Postgres {
        /// `postgres://user:password@host:port/database?sslmode=require`
        url: String,
        /// Connections at most.
        pool_size: usize,
    },
}

impl fmt::Debug for Backend {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Backend::Sqlite { file } => f.debug_struct("Sqlite").field("file", file).finish(),
            // The URL holds a password.
            Backend::Postgres { pool_size, .. } => f
                .debug_struct("Postgres")
                .field("pool_size", pool_size)
                .finish_non_exhaustive(),
        }
    }
}

/// What [`Db::open`] needs to know.
#[derive(Debug, Clone)]
pub struct Options {
    /// Which database, and where.
    pub backend: Backend,
    /// Every migration of this release, in any order.
    pub migrations: &'static [Migration],
    /// Connections for reading; SQLite only.
    pub readers: usize,
}

/// The language of the database, for the few things that are not SQL (backups, figures).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Dialect {
    /// SQLite.
    Sqlite,
    /// PostgreSQL.
    Postgres,
}

/// The database. Copies are cheap and share it.
#[derive(Debug, Clone)]
pub struct Db(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    store: Store,
    schema: i64,
}

#[derive(Debug)]
enum Store {
    Lite(Sqlite),
    Pg(Postgres),
}

/// Changes nothing, and yet needs a database that takes writes.
static PROBE: SystemSql = system_sql!(
    "UPDATE refinery_schema_history SET name = name
     WHERE version = (SELECT MAX(version) FROM refinery_schema_history) RETURNING version"
);

impl Db {
    /// Opens the database and brings its schema up to date. It refuses a schema of a newer release
    /// and a SQLite file that another process has open.
    pub async fn open(options: Options) -> Result<Db, OpenError> {
        let Options {
            backend,
            migrations,
            readers,
        } = options;
        let store = match backend {
            Backend::Postgres { url, pool_size } => {
                Store::Pg(Postgres::open(&url, pool_size, migrations).await?)
            }
            Backend::Sqlite { file } => {
                let open = move || Sqlite::open(&file, migrations, readers);
                let opened = tokio::task::spawn_blocking(open).await;
                Store::Lite(opened.map_err(|error| OpenError::Database(error.to_string()))??)
            }
        };
        Ok(Db(Arc::new(Inner {
            store,
            schema: migrate::newest(migrations),
        })))
    }

    /// Runs one transaction and answers after its COMMIT. When the closure returns an error, or
    /// panics, nothing of it stays. The closure must await nothing but the [`Tx`]. It runs to its
    /// end even when the caller goes away.
    pub async fn write<T, E, F>(&self, closure: F) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<DbError> + Send + 'static,
        F: for<'t> FnOnce(&'t mut Tx) -> BoxFuture<'t, Result<T, E>> + Send + 'static,
    {
        match &self.0.store {
            Store::Pg(postgres) => postgres.write(closure).await,
            Store::Lite(sqlite) => {
                let (work, answer) = sqlite::promise(closure);
                sqlite.writer.write(work).await?;
                answer.await.unwrap_or_else(|_| {
                    Err(DbError::Unavailable("it was closed".to_owned()).into())
                })
            }
        }
    }

    /// Runs a closure on one state of the database; nothing it does is saved.
    pub async fn read<T, E, F>(&self, closure: F) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<DbError> + Send + 'static,
        F: for<'t> FnOnce(&'t mut Tx) -> BoxFuture<'t, Result<T, E>> + Send + 'static,
    {
        match &self.0.store {
            Store::Pg(postgres) => postgres.read(closure).await,
            Store::Lite(sqlite) => sqlite.readers.read(closure).await,
        }
    }

    /// Whether the database takes writes and has the schema of this release.
    pub async fn check(&self) -> Result<(), DbError> {
        let known = self.0.schema;
        let found = self
            .write(|tx| {
                Box::pin(async move {
                    match tx.system().row(&PROBE, vals![]).await? {
                        Some(row) => row.get::<i64>("version"),
                        None => Ok(0),
                    }
                })
            })
            .await?;
        if found == known {
            Ok(())
        } else {
            Err(DbError::Other(format!(
                "the schema is {found}, this release has {known}"
            )))
        }
    }

    /// Empties SQLite's log, so that deleted content is gone from it too. On PostgreSQL there is
    /// nothing to do here.
    pub async fn truncate_log(&self) -> Result<(), DbError> {
        match &self.0.store {
            Store::Lite(sqlite) => sqlite.writer.truncate_log().await,
            Store::Pg(_) => Ok(()),
        }
    }

    /// Which database this is.
    pub fn dialect(&self) -> Dialect {
        match &self.0.store {
            Store::Lite(_) => Dialect::Sqlite,
            Store::Pg(_) => Dialect::Postgres,
        }
    }

    /// Finishes what runs, empties SQLite's log and closes; every later call fails.
    pub async fn close(&self) {
        match &self.0.store {
            Store::Lite(sqlite) => {
                sqlite.readers.stop().await;
                sqlite.writer.stop().await;
            }
            Store::Pg(postgres) => postgres.close(),
        }
    }
}
