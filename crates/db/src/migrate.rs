//! Brings the schema up to date, forward only.

use refinery::{Runner, error::Kind};
use rusqlite::{Connection, OptionalExtension};
use tokio_postgres::Client;

use crate::OpenError;

/// One step of the schema in both dialects.
#[derive(Debug, Clone, Copy)]
pub struct Migration {
    /// Its number, from 1 on, without gaps.
    pub version: i64,
    /// The word after `V0001__` in its file's name.
    pub name: &'static str,
    /// The text for SQLite.
    pub sqlite: &'static str,
    /// The text for PostgreSQL.
    pub postgres: &'static str,
}

/// Any number will do, as long as every node takes the same.
const ADVISORY_LOCK: i64 = 0x6465_736b_7369_6465;

/// The newest version among these; 0 when there are none.
pub(crate) fn newest(migrations: &[Migration]) -> i64 {
    migrations
        .iter()
        .map(|migration| migration.version)
        .max()
        .unwrap_or(0)
}

/// Migrates a SQLite file on its only connection.
pub(crate) fn sqlite(
    connection: &mut Connection,
    migrations: &[Migration],
) -> Result<(), OpenError> {
    let runner = runner(migrations, |migration| migration.sqlite)?;
    let exists: bool = connection
        .query_row(
            "SELECT EXISTS (SELECT 1 FROM sqlite_schema WHERE name = 'refinery_schema_history')",
            [],
            |row| row.get(0),
        )
        .map_err(broken)?;
    if exists {
        let found: Option<i64> = connection
            .query_row(
                "SELECT MAX(version) FROM refinery_schema_history",
                [],
                |row| row.get(0),
            )
            .optional()
            .map_err(broken)?
            .flatten();
        refuse_newer(found, migrations)?;
    }
    // A table that is rebuilt must not take the rows that point to it along; the switch works only
    // outside of a transaction, so it is turned here, and what it would have guarded is looked at
    // afterwards.
    connection
        .pragma_update(None, "foreign_keys", false)
        .map_err(broken)?;
    runner.run(connection).map_err(failed)?;
    check_references(connection, newest(migrations))?;
    connection
        .pragma_update(None, "foreign_keys", true)
        .map_err(broken)
}

/// Makes sure that no migration left a row that points to nothing. That looks at every row, seconds with a
/// million cases, so the file's `user_version` keeps up to which migration it was done.
fn check_references(connection: &Connection, newest: i64) -> Result<(), OpenError> {
    let checked: i64 = connection
        .query_row("PRAGMA user_version", [], |row| row.get(0))
        .map_err(broken)?;
    if checked == newest {
        return Ok(());
    }
    let orphan: Option<String> = connection
        .query_row("PRAGMA foreign_key_check", [], |row| row.get(0))
        .optional()
        .map_err(broken)?;
    if let Some(table) = orphan {
        return Err(OpenError::Migration(format!(
            "a row of {table} points to one that is not there"
        )));
    }
    connection
        .pragma_update(None, "user_version", newest)
        .map_err(broken)
}

/// Migrates a PostgreSQL database on a connection of its own; other nodes wait at the lock
/// meanwhile.
pub(crate) async fn postgres(
    client: &mut Client,
    migrations: &[Migration],
) -> Result<(), OpenError> {
    let runner = runner(migrations, |migration| migration.postgres)?;
    client
        .execute("SELECT pg_advisory_lock($1)", &[&ADVISORY_LOCK])
        .await
        .map_err(broken)?;
    let exists: bool = client
        .query_one(
            "SELECT to_regclass('refinery_schema_history') IS NOT NULL",
            &[],
        )
        .await
        .map_err(broken)?
        .get(0);
    if exists {
        let newest = "SELECT MAX(version)::BIGINT FROM refinery_schema_history";
        let found: Option<i64> = client.query_one(newest, &[]).await.map_err(broken)?.get(0);
        refuse_newer(found, migrations)?;
    }
    runner.run_async(client).await.map_err(failed)?;
    // The lock also ends with the connection, when this was not reached.
    client
        .execute("SELECT pg_advisory_unlock($1)", &[&ADVISORY_LOCK])
        .await
        .map_err(broken)?;
    Ok(())
}

fn runner(
    migrations: &[Migration],
    text: fn(&Migration) -> &'static str,
) -> Result<Runner, OpenError> {
    let steps = migrations
        .iter()
        .map(|migration| {
            let name = format!("V{:04}__{}", migration.version, migration.name);
            refinery::Migration::unapplied(&name, text(migration)).map_err(failed)
        })
        .collect::<Result<Vec<_>, _>>()?;
    Ok(Runner::new(&steps))
}

fn refuse_newer(found: Option<i64>, migrations: &[Migration]) -> Result<(), OpenError> {
    let known = newest(migrations);
    match found {
        Some(found) if found > known => Err(OpenError::SchemaNewer { found, known }),
        _ => Ok(()),
    }
}

fn broken(error: impl std::error::Error) -> OpenError {
    OpenError::Migration(with_cause(&error))
}

fn failed(error: refinery::Error) -> OpenError {
    OpenError::Migration(match error.kind() {
        Kind::DivergentVersion(applied, _) => {
            format!("{applied} was changed after it had been applied; a migration is never edited")
        }
        Kind::MissingVersion(missing) => format!("{missing} is missing in between"),
        _ => with_cause(&error),
    })
}

/// The sentence of an error with those of its causes: the drivers keep the useful one at the end.
pub(crate) fn with_cause(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(next) = cause {
        let words = next.to_string();
        if !text.contains(&words) {
            text = format!("{text}: {words}");
        }
        cause = next.source();
    }
    text
}
