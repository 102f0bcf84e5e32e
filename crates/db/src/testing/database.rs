//! A database that lives as long as its test.

use std::{
    env,
    hash::{DefaultHasher, Hash, Hasher},
    path::PathBuf,
};

use tempfile::TempDir;
use tokio_postgres::{Client, NoTls};
use uuid::Uuid;

use crate::{Backend, Db, Dialect, Migration, Options, Random};

/// Connections of a test; few, so that many tests fit into one server.
const POOL_SIZE: usize = 4;
/// Guards the making of templates when several test programs start at once.
const TEMPLATE_LOCK: i64 = 0x7465_6d70_6c61_7465;

/// A fresh database: a file in a temporary folder, or a database of the server in `TEST_POSTGRES`.
#[derive(Debug)]
pub struct TestDatabase {
    place: Place,
    migrations: &'static [Migration],
}

#[derive(Debug)]
enum Place {
    Folder(TempDir),
    Server { url: String, name: String },
}

impl TestDatabase {
    /// Makes one, with the schema of these migrations.
    ///
    /// # Panics
    /// When it cannot be made; without `TEST_POSTGRES` the sentence says what to do.
    pub async fn make(dialect: Dialect, migrations: &'static [Migration]) -> TestDatabase {
        let place = match dialect {
            Dialect::Sqlite => Place::Folder(TempDir::new().expect("a temporary folder")),
            Dialect::Postgres => {
                let url = env::var("TEST_POSTGRES").expect(
                    "TEST_POSTGRES is not set: run ./script/test, which starts a PostgreSQL and sets it",
                );
                let name = create(&url, migrations).await;
                Place::Server { url, name }
            }
        };
        TestDatabase { place, migrations }
    }

    /// Where it is.
    pub fn backend(&self) -> Backend {
        match &self.place {
            Place::Folder(folder) => Backend::Sqlite { file: file(folder) },
            Place::Server { url, name } => Backend::Postgres {
                url: with_database(url, name),
                pool_size: POOL_SIZE,
            },
        }
    }

    /// How to open it.
    pub fn options(&self) -> Options {
        Options {
            backend: self.backend(),
            migrations: self.migrations,
            readers: 2,
        }
    }

    /// Opens it.
    ///
    /// # Panics
    /// When that fails.
    pub async fn open(&self) -> Db {
        Db::open(self.options())
            .await
            .expect("the test's database opens")
    }

    /// Removes it, whoever is still connected.
    pub async fn remove(self) {
        if let Place::Server { url, name } = &self.place {
            let client = connect(url).await;
            run(
                &client,
                &format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)"),
            )
            .await;
        }
    }
}

fn file(folder: &TempDir) -> PathBuf {
    folder.path().join("deskside.db")
}

/// A database copied from a template, which is migrated once for all tests with the same
/// migrations.
async fn create(url: &str, migrations: &'static [Migration]) -> String {
    let client = connect(url).await;
    let mut hasher = DefaultHasher::new();
    for migration in migrations {
        (migration.version, migration.name, migration.postgres).hash(&mut hasher);
    }
    let template = format!("template_{:016x}", hasher.finish());
    run(
        &client,
        &format!("SELECT pg_advisory_lock({TEMPLATE_LOCK})"),
    )
    .await;
    let found = client
        .query_opt("SELECT 1 FROM pg_database WHERE datname = $1", &[&template])
        .await
        .expect("the list of databases");
    if found.is_none() {
        // Renamed only when it is whole: a test program that dies here leaves no half template
        // behind.
        let half = fresh_name();
        run(&client, &format!("CREATE DATABASE {half}")).await;
        let backend = Backend::Postgres {
            url: with_database(url, &half),
            pool_size: 1,
        };
        let db = Db::open(Options {
            backend,
            migrations,
            readers: 1,
        })
        .await
        .expect("the migrations run on PostgreSQL");
        db.close().await;
        // A connection of the pool may take a moment to end on the server.
        run(
            &client,
            &format!("SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE datname = '{half}'"),
        )
        .await;
        run(
            &client,
            &format!("ALTER DATABASE {half} RENAME TO {template}"),
        )
        .await;
    }
    run(
        &client,
        &format!("SELECT pg_advisory_unlock({TEMPLATE_LOCK})"),
    )
    .await;
    let name = fresh_name();
    run(
        &client,
        &format!("CREATE DATABASE {name} TEMPLATE {template}"),
    )
    .await;
    name
}

fn fresh_name() -> String {
    format!("t_{}", Uuid::from_bytes(Random::system().bytes()).simple())
}

async fn connect(url: &str) -> Client {
    let (client, connection) = tokio_postgres::connect(url, NoTls)
        .await
        .expect("the PostgreSQL of TEST_POSTGRES answers");
    tokio::spawn(connection);
    client
}

async fn run(client: &Client, sql: &str) {
    client
        .batch_execute(sql)
        .await
        .unwrap_or_else(|error| panic!("{sql}: {error:?}"));
}

/// The URL with another database in its path.
fn with_database(url: &str, name: &str) -> String {
    let host = url.find("://").map_or(0, |at| at + 3);
    let path = url[host..]
        .find(['/', '?'])
        .map_or(url.len(), |at| host + at);
    let query = url[path..].find('?').map_or("", |at| &url[path + at..]);
    format!("{}/{name}{query}", &url[..path])
}

#[cfg(test)]
mod tests {
    use super::with_database;

    #[test]
    fn only_the_database_of_a_url_is_replaced() {
        for (url, expected) in [
            ("postgres://u:p@h:1/postgres", "postgres://u:p@h:1/t"),
            ("postgres://u@h", "postgres://u@h/t"),
            (
                "postgres://u@h/a?sslmode=disable",
                "postgres://u@h/t?sslmode=disable",
            ),
            ("postgresql://?host=/run", "postgresql:///t?host=/run"),
        ] {
            assert_eq!(with_database(url, "t"), expected);
        }
    }
}
