//! Kinds of jobs to try things on, and what every test does with them.

use std::time::Duration;

use deskside_db::{
    Db, DbError, Migration, OrganizationId, Random, SystemSql, Time, system_sql, vals,
};
use deskside_jobs::{Delivery, Kind, NewJob, POSTGRES_SCHEMA, Queue, SQLITE_SCHEMA};

pub(crate) static MIGRATIONS: &[Migration] = &[Migration {
    version: 1,
    name: "jobs",
    sqlite: SQLITE_SCHEMA,
    postgres: POSTGRES_SCHEMA,
}];

static KINDS: &[Kind] = &[
    Kind {
        name: "webhook",
        delivery: Delivery::AtLeastOnce,
        attempts_max: 3,
    },
    Kind {
        name: "sms",
        delivery: Delivery::AtMostOnce,
        attempts_max: 2,
    },
];

static ALL: SystemSql = system_sql!(
    "SELECT kind, state, attempts, run_at, payload, last_error FROM jobs ORDER BY run_at, id"
);

pub(crate) const LEASE: Duration = Duration::from_secs(60);

/// A moment to start from.
pub(crate) const NOON: Time = Time::from_millis(1_795_348_800_000);

pub(crate) fn queue(db: &Db) -> Queue {
    Queue::new(db.clone(), Random::system(), KINDS)
}

pub(crate) fn job(kind: &'static str, run_at: Time) -> NewJob {
    NewJob {
        organization: None,
        kind,
        key: None,
        payload: "{\"n\":1}".to_owned(),
        run_at,
    }
}

pub(crate) fn organization() -> OrganizationId {
    OrganizationId::new(NOON, &Random::system())
}

pub(crate) async fn enqueue(db: &Db, queue: &Queue, job: NewJob) -> Result<bool, DbError> {
    let queue = queue.clone();
    db.write(move |tx| Box::pin(async move { queue.enqueue(tx, job).await }))
        .await
}

/// A row as a test compares it.
#[derive(Debug, PartialEq)]
pub(crate) struct Seen {
    pub(crate) kind: String,
    pub(crate) state: String,
    pub(crate) attempts: i64,
    pub(crate) run_at: Time,
    pub(crate) payload: String,
    pub(crate) last_error: Option<String>,
}

/// Everything in the table.
pub(crate) async fn table(db: &Db) -> Vec<Seen> {
    let rows = db
        .read(|tx| Box::pin(async move { tx.system().rows(&ALL, vals![]).await }))
        .await
        .unwrap();
    rows.iter()
        .map(|row| Seen {
            kind: row.get("kind").unwrap(),
            state: row.get("state").unwrap(),
            attempts: row.get("attempts").unwrap(),
            run_at: row.get("run_at").unwrap(),
            payload: row.get("payload").unwrap(),
            last_error: row.get("last_error").unwrap(),
        })
        .collect()
}

/// State, attempts and code of the only row.
pub(crate) async fn only(db: &Db) -> (String, i64, Option<String>) {
    let mut rows = table(db).await;
    assert_eq!(rows.len(), 1, "{rows:?}");
    let row = rows.remove(0);
    (row.state, row.attempts, row.last_error)
}
