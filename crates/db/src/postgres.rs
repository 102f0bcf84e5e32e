//! PostgreSQL: a pool of connections, one transaction on each.

use std::{sync::Arc, time::Duration};

use deadpool_postgres::{Hook, HookError, Manager, Object, Pool, PoolError, Runtime};
use futures_util::future::BoxFuture;
use tokio_postgres::{
    Config, NoTls, Socket,
    config::SslMode,
    error::SqlState,
    tls::{MakeTlsConnect, TlsConnect},
    types::{ToSql, Type},
};
use tokio_postgres_rustls::MakeRustlsConnect;
use uuid::Uuid;

use crate::{
    DbError, Migration, OpenError, Row, Tx, Val,
    migrate::{self, with_cause},
    tx::Link,
};

/// How long a caller waits for a free connection, and a connection for the server.
const PLACE_TIMEOUT: Duration = Duration::from_secs(10);
/// How long a new connection may take.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
/// Set on every connection, so that nothing that hangs holds a lock for long, and so that a COMMIT is
/// durable when it returns even where the database is set to be fast and forgetful.
const SESSION: &str = "SET idle_in_transaction_session_timeout = '10s';
    SET statement_timeout = '30s';
    SET lock_timeout = '10s';
    SET default_transaction_isolation = 'read committed';
    SELECT set_config('synchronous_commit', 'on', false) WHERE current_setting('synchronous_commit') = 'off'";

/// The pool.
#[derive(Debug)]
pub(crate) struct Postgres {
    pool: Pool,
}

impl Postgres {
    /// Migrates, then opens the pool.
    pub(crate) async fn open(
        url: &str,
        pool_size: usize,
        migrations: &[Migration],
    ) -> Result<Postgres, OpenError> {
        let mut config: Config = url
            .parse()
            .map_err(|error| OpenError::Url(with_cause(&error)))?;
        config.application_name("deskside");
        if config.get_connect_timeout().is_none() {
            config.connect_timeout(CONNECT_TIMEOUT);
        }
        match config.get_ssl_mode() {
            SslMode::Disable => Postgres::connect(config, NoTls, pool_size, migrations).await,
            _ => Postgres::connect(config, tls()?, pool_size, migrations).await,
        }
    }

    async fn connect<T>(
        config: Config,
        tls: T,
        pool_size: usize,
        migrations: &[Migration],
    ) -> Result<Postgres, OpenError>
    where
        T: MakeTlsConnect<Socket> + Clone + Send + Sync + 'static,
        T::Stream: Send + Sync + 'static,
        T::TlsConnect: Send + Sync,
        <T::TlsConnect as TlsConnect<Socket>>::Future: Send,
    {
        // Not from the pool: building an index may take longer than its timeouts allow.
        let (mut client, connection) = config.connect(tls.clone()).await.map_err(opening)?;
        let connection = tokio::spawn(connection);
        let migrated = migrate::postgres(&mut client, migrations).await;
        drop(client);
        // How the connection ended says nothing that the migration did not.
        connection.await.ok();
        migrated?;

        let pool = Pool::builder(Manager::new(config, tls))
            .max_size(pool_size.max(1))
            .runtime(Runtime::Tokio1)
            .wait_timeout(Some(PLACE_TIMEOUT))
            .create_timeout(Some(PLACE_TIMEOUT))
            .recycle_timeout(Some(CONNECT_TIMEOUT))
            .post_create(Hook::async_fn(|client, _| {
                Box::pin(async move {
                    client
                        .batch_execute(SESSION)
                        .await
                        .map_err(HookError::Backend)
                })
            }))
            .build()
            .map_err(|error| OpenError::Database(error.to_string()))?;
        Ok(Postgres { pool })
    }

    pub(crate) async fn write<T, E, F>(&self, closure: F) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<DbError> + Send + 'static,
        F: for<'t> FnOnce(&'t mut Tx) -> BoxFuture<'t, Result<T, E>> + Send + 'static,
    {
        self.run("BEGIN ISOLATION LEVEL READ COMMITTED", "COMMIT", closure)
            .await
    }

    pub(crate) async fn read<T, E, F>(&self, closure: F) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<DbError> + Send + 'static,
        F: for<'t> FnOnce(&'t mut Tx) -> BoxFuture<'t, Result<T, E>> + Send + 'static,
    {
        self.run(
            "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY",
            "ROLLBACK",
            closure,
        )
        .await
    }

    /// Runs a transaction in a task of its own: a caller that goes away must not leave it half
    /// done.
    async fn run<T, E, F>(&self, begin: &'static str, end: &'static str, closure: F) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<DbError> + Send + 'static,
        F: for<'t> FnOnce(&'t mut Tx) -> BoxFuture<'t, Result<T, E>> + Send + 'static,
    {
        let pool = self.pool.clone();
        let task = tokio::spawn(async move {
            let lease = Lease::take(&pool).await?;
            lease.control(begin).await?;
            let mut tx = Tx::new(Link::Pg(lease));
            let result = closure(&mut tx).await;
            let failed = tx.take_failure().is_some();
            let Link::Pg(lease) = tx.link else {
                return Err(DbError::Other("not a PostgreSQL transaction".to_owned()).into());
            };
            match result {
                Ok(_) if failed => {
                    lease.end("ROLLBACK").await.ok();
                    Err(DbError::NotCommitted("one of its statements failed".to_owned()).into())
                }
                Ok(value) => {
                    lease.end(end).await.map_err(DbError::at_commit)?;
                    Ok(value)
                }
                Err(error) => {
                    // A connection that cannot roll back is dropped, and so is what it did.
                    lease.end("ROLLBACK").await.ok();
                    Err(error)
                }
            }
        });
        match task.await {
            Ok(result) => result,
            Err(error) if error.is_panic() => {
                Err(DbError::Other("a transaction panicked".to_owned()).into())
            }
            Err(_) => Err(DbError::Unavailable("the server is stopping".to_owned()).into()),
        }
    }

    pub(crate) fn close(&self) {
        self.pool.close();
    }
}

/// A connection of the pool within a transaction. Unless [`Lease::end`] was reached it is closed
/// instead of going back.
#[derive(Debug)]
pub(crate) struct Lease(Option<Object>);

impl Lease {
    async fn take(pool: &Pool) -> Result<Lease, DbError> {
        match pool.get().await {
            Ok(object) => Ok(Lease(Some(object))),
            Err(PoolError::Timeout(_)) => {
                Err(DbError::Unavailable("no connection became free".to_owned()))
            }
            Err(error) => Err(DbError::Unavailable(with_cause(&error))),
        }
    }

    fn object(&self) -> Result<&Object, DbError> {
        self.0
            .as_ref()
            .ok_or_else(|| DbError::Other("the transaction has ended".to_owned()))
    }

    async fn control(&self, sql: &str) -> Result<(), DbError> {
        self.object()?
            .batch_execute(sql)
            .await
            .map_err(|error| failure(&error))
    }

    /// Ends the transaction; only then the connection goes back to the pool.
    async fn end(mut self, sql: &str) -> Result<(), DbError> {
        let ended = self.control(sql).await;
        // A refused COMMIT has rolled back and left the connection clean; after anything else it is
        // not known, and the connection is closed.
        let clean = matches!(
            ended,
            Ok(()) | Err(DbError::Constraint { .. } | DbError::Busy(_) | DbError::StorageFull)
        );
        if clean {
            drop(self.0.take());
        }
        ended
    }

    /// Lets the server read a statement without running it.
    #[cfg(feature = "testing")]
    pub(crate) async fn prepare(&self, sql: &str) -> Result<(), DbError> {
        self.object()?
            .prepare(sql)
            .await
            .map_err(|error| failure(&error))?;
        Ok(())
    }

    /// How the server would carry a statement out, whatever its parameters.
    #[cfg(feature = "testing")]
    pub(crate) async fn plan(&self, sql: &str) -> Result<Vec<String>, DbError> {
        let object = self.object()?;
        let count = object
            .prepare(sql)
            .await
            .map_err(|error| failure(&error))?
            .params()
            .len();
        let nothing = vec!["NULL"; count].join(", ");
        let arguments = if count == 0 {
            String::new()
        } else {
            format!("({nothing})")
        };
        let script = format!(
            "SET LOCAL plan_cache_mode = force_generic_plan; SET LOCAL enable_seqscan = off; PREPARE explained AS {sql}; \
             EXPLAIN EXECUTE explained{arguments}; DEALLOCATE explained"
        );
        let answers = object
            .simple_query(&script)
            .await
            .map_err(|error| failure(&error))?;
        Ok(answers
            .iter()
            .filter_map(|answer| match answer {
                tokio_postgres::SimpleQueryMessage::Row(row) => row.get(0).map(str::to_owned),
                _ => None,
            })
            .collect())
    }

    pub(crate) async fn rows(
        &mut self,
        sql: &str,
        first: Option<&Val>,
        params: &[Val],
    ) -> Result<Vec<Row>, DbError> {
        let object = self.object()?;
        let statement = object
            .prepare_cached(sql)
            .await
            .map_err(|error| failure(&error))?;
        let values = values(first, params, statement.params().len())?;
        let answer = object
            .query(&statement, &values)
            .await
            .map_err(|error| failure(&error))?;
        let columns: Arc<[Box<str>]> = statement
            .columns()
            .iter()
            .map(|column| column.name().into())
            .collect();
        answer
            .iter()
            .map(|row| {
                let values = (0..columns.len())
                    .map(|at| read(row, at))
                    .collect::<Result<_, _>>()?;
                Ok(Row::new(columns.clone(), values))
            })
            .collect()
    }

    pub(crate) async fn execute(
        &mut self,
        sql: &str,
        first: Option<&Val>,
        params: &[Val],
    ) -> Result<u64, DbError> {
        let object = self.object()?;
        let statement = object
            .prepare_cached(sql)
            .await
            .map_err(|error| failure(&error))?;
        if !statement.columns().is_empty() {
            return Err(DbError::Other(
                "a statement with an answer was executed; ask for its rows".to_owned(),
            ));
        }
        let values = values(first, params, statement.params().len())?;
        object
            .execute(&statement, &values)
            .await
            .map_err(|error| failure(&error))
    }
}

impl Drop for Lease {
    fn drop(&mut self) {
        if let Some(object) = self.0.take() {
            drop(Object::take(object));
        }
    }
}

/// The driver panics when the number of values is wrong; here it is an error.
fn values<'v>(
    first: Option<&'v Val>,
    params: &'v [Val],
    wanted: usize,
) -> Result<Vec<&'v (dyn ToSql + Sync)>, DbError> {
    let values: Vec<&(dyn ToSql + Sync)> = first
        .into_iter()
        .chain(params)
        .map(|value| value as &(dyn ToSql + Sync))
        .collect();
    if values.len() == wanted {
        Ok(values)
    } else {
        Err(DbError::Other(format!(
            "{} values for {wanted} places",
            values.len()
        )))
    }
}

fn read(row: &tokio_postgres::Row, at: usize) -> Result<Val, DbError> {
    let column = &row.columns()[at];
    let value = match *column.type_() {
        Type::INT8 => row.try_get::<_, Option<i64>>(at).map(Val::from),
        Type::INT4 => row.try_get::<_, Option<i32>>(at).map(Val::from),
        Type::INT2 => row
            .try_get::<_, Option<i16>>(at)
            .map(|value| Val::from(value.map(i32::from))),
        Type::BOOL => row.try_get::<_, Option<bool>>(at).map(Val::from),
        Type::TEXT | Type::VARCHAR | Type::NAME => {
            row.try_get::<_, Option<String>>(at).map(Val::from)
        }
        Type::BYTEA => row.try_get::<_, Option<Vec<u8>>>(at).map(Val::from),
        Type::UUID => row.try_get::<_, Option<Uuid>>(at).map(Val::from),
        ref other => {
            return Err(DbError::Decode(format!(
                "column {} is of type {other}",
                column.name()
            )));
        }
    };
    value.map_err(|error| DbError::Decode(with_cause(&error)))
}

/// Encrypted connections, with the certificates the system trusts.
fn tls() -> Result<MakeRustlsConnect, OpenError> {
    let mut roots = rustls::RootCertStore::empty();
    roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let config = rustls::ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|error| OpenError::Database(error.to_string()))?
        .with_root_certificates(roots)
        .with_no_client_auth();
    Ok(MakeRustlsConnect::new(config))
}

fn opening(error: tokio_postgres::Error) -> OpenError {
    let text = with_cause(&error);
    if text.contains("certificate") {
        return OpenError::Database(format!(
            "{text} (add its certificate to those the system trusts, or write sslmode=disable for a server on this machine)"
        ));
    }
    OpenError::Database(text)
}

/// What PostgreSQL says, in the house's words. Its detail holds values of the row and is left out.
fn failure(error: &tokio_postgres::Error) -> DbError {
    let Some(said) = error.as_db_error() else {
        let text = with_cause(error);
        return if error.is_closed() || is_io(error) {
            DbError::Unavailable(text)
        } else {
            DbError::Other(text)
        };
    };
    let text = said.message().to_owned();
    match said.code() {
        code if code.code().starts_with("23") => DbError::Constraint {
            message: text,
            unique: *code == SqlState::UNIQUE_VIOLATION,
        },
        code if *code == SqlState::DISK_FULL => DbError::StorageFull,
        code if *code == SqlState::T_R_SERIALIZATION_FAILURE
            || *code == SqlState::T_R_DEADLOCK_DETECTED
            || *code == SqlState::LOCK_NOT_AVAILABLE
            || *code == SqlState::QUERY_CANCELED =>
        {
            DbError::Busy(text)
        }
        code if code.code().starts_with("08")
            || code.code().starts_with("53")
            || code.code().starts_with("57P")
            || *code == SqlState::IDLE_IN_TRANSACTION_SESSION_TIMEOUT =>
        {
            DbError::Unavailable(text)
        }
        _ => DbError::Other(text),
    }
}

fn is_io(error: &tokio_postgres::Error) -> bool {
    std::error::Error::source(error).is_some_and(|source| source.is::<std::io::Error>())
}
