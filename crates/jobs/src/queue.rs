//! The table of jobs: in, claimed, and out again.

use std::{sync::Arc, time::Duration};

use deskside_db::{
    BoxFuture, Db, DbError, OrganizationId, Random, Row, SystemSql, Time, Tx, Uuid, Val,
    system_sql, vals,
};
use tokio::sync::{Notify, futures::Notified};

use crate::{Delivery, Job, JobId, Kind, NewJob};

static ENQUEUE: SystemSql = system_sql!(
    "INSERT INTO jobs
        (id, organization_id, kind, key, payload, run_at, at_most_once, attempts, attempts_max, state)
     VALUES ($1, $2, $3, $4, $5, $6, $7, 0, $8, 'ready')
     ON CONFLICT (key) DO NOTHING"
);
static CANCEL: SystemSql = system_sql!("DELETE FROM jobs WHERE key = $1 AND state <> 'running'");
static FORGET: SystemSql = system_sql!("DELETE FROM jobs WHERE organization_id = $1");
static EXPIRE: SystemSql = system_sql!(
    "UPDATE jobs SET
        state = CASE
            WHEN at_most_once = 1 THEN 'unknown'
            WHEN attempts >= attempts_max THEN 'dead'
            ELSE 'ready' END,
        payload = CASE WHEN at_most_once = 0 AND attempts >= attempts_max THEN '{}' ELSE payload END,
        last_error = 'lease_expired', lease_until = NULL, lease_token = NULL
     WHERE state = 'running' AND lease_until <= $1"
);
static CLAIM: SystemSql = system_sql!(
    sqlite: "UPDATE jobs SET state = 'running', attempts = attempts + 1, lease_until = $3, lease_token = $4
        WHERE id IN (
            SELECT id FROM jobs WHERE state = 'ready' AND run_at <= $1 ORDER BY run_at, id LIMIT $2)
        RETURNING id, organization_id, kind, key, payload, run_at, at_most_once, attempts, attempts_max",
    postgres: "WITH due AS MATERIALIZED (
            SELECT id FROM jobs WHERE state = 'ready' AND run_at <= $1 ORDER BY run_at, id LIMIT $2
            FOR UPDATE SKIP LOCKED)
        UPDATE jobs SET state = 'running', attempts = attempts + 1, lease_until = $3, lease_token = $4
        FROM due WHERE jobs.id = due.id
        RETURNING jobs.id, organization_id, kind, key, payload, run_at, at_most_once, attempts, attempts_max",
);
static DONE: SystemSql = system_sql!("DELETE FROM jobs WHERE id = $1 AND lease_token = $2");
static RETRY: SystemSql = system_sql!(
    "UPDATE jobs SET state = 'ready', run_at = $3, last_error = $4, lease_until = NULL, lease_token = NULL
     WHERE id = $1 AND lease_token = $2"
);
static DEAD: SystemSql = system_sql!(
    "UPDATE jobs SET state = 'dead', payload = '{}', last_error = $3, lease_until = NULL, lease_token = NULL
     WHERE id = $1 AND lease_token = $2"
);
static UNKNOWN: SystemSql = system_sql!(
    "UPDATE jobs SET state = 'unknown', last_error = $3, lease_until = NULL, lease_token = NULL
     WHERE id = $1 AND lease_token = $2"
);

/// The queue. Copies are cheap and share it.
#[derive(Debug, Clone)]
pub struct Queue {
    db: Db,
    random: Random,
    kinds: &'static [Kind],
    wake: Arc<Notify>,
}

impl Queue {
    /// A queue for these kinds of jobs.
    pub fn new(db: Db, random: Random, kinds: &'static [Kind]) -> Queue {
        Queue {
            db,
            random,
            kinds,
            wake: Arc::new(Notify::new()),
        }
    }

    /// Adds a job in the caller's transaction; false when one with its key is already there. After
    /// the transaction, [`Queue::notify`] has it run at once.
    pub async fn enqueue(&self, tx: &mut Tx, job: NewJob) -> Result<bool, DbError> {
        let kind = self
            .kinds
            .iter()
            .find(|kind| kind.name == job.kind)
            .ok_or_else(|| {
                DbError::Other(format!("there is no kind of job called {}", job.kind))
            })?;
        let values = vals![
            JobId::new(job.run_at, &self.random),
            job.organization,
            kind.name,
            job.key,
            job.payload,
            job.run_at,
            kind.delivery == Delivery::AtMostOnce,
            kind.attempts_max,
        ];
        Ok(tx.system().execute(&ENQUEUE, values).await? > 0)
    }

    /// Takes the job with this key out again, in the caller's transaction; false when there is none
    /// or it runs.
    pub async fn cancel(&self, tx: &mut Tx, key: &str) -> Result<bool, DbError> {
        Ok(tx.system().execute(&CANCEL, vals![key]).await? > 0)
    }

    /// Deletes every job of an organization, whatever its state, in the caller's transaction.
    pub async fn forget(&self, tx: &mut Tx, organization: OrganizationId) -> Result<u64, DbError> {
        tx.system().execute(&FORGET, vals![organization]).await
    }

    /// Wakes the runner: something was enqueued.
    pub fn notify(&self) {
        self.wake.notify_one();
    }

    pub(crate) fn woken(&self) -> Notified<'_> {
        self.wake.notified()
    }

    /// Takes up to `limit` jobs that are due, the oldest first, for the time of the lease. Each
    /// goes to one caller only. Whose lease ended without a word goes back into the queue, or waits
    /// for a person (see [`Delivery`]).
    pub async fn claim(
        &self,
        now: Time,
        limit: usize,
        lease: Duration,
    ) -> Result<Vec<Job>, DbError> {
        let token = self.random.uuid_v7(now);
        let limit = i64::try_from(limit).unwrap_or(i64::MAX);
        let mut jobs = self
            .db
            .write(move |tx| {
                Box::pin(async move {
                    let mut tx = tx.system();
                    let lost = tx.execute(&EXPIRE, vals![now]).await?;
                    if lost > 0 {
                        tracing::warn!(jobs = lost, "jobs.lease_expired");
                    }
                    let rows = tx
                        .rows(&CLAIM, vals![now, limit, now + lease, token])
                        .await?;
                    rows.iter()
                        .map(|row| claimed(row, token))
                        .collect::<Result<Vec<Job>, DbError>>()
                })
            })
            .await?;
        jobs.sort_unstable_by_key(|job| (job.run_at, job.id));
        Ok(jobs)
    }

    /// The job is done; its row is deleted. False when the lease had been lost meanwhile, here and
    /// below.
    pub async fn done(&self, job: &Job) -> Result<bool, DbError> {
        self.settle(&DONE, job, []).await
    }

    /// Puts the job back until `at`.
    pub async fn retry(&self, job: &Job, at: Time, code: &'static str) -> Result<bool, DbError> {
        self.settle(&RETRY, job, [at.into(), code.into()]).await
    }

    /// Gives the job up. Its row stays with the code, without its payload.
    pub async fn dead(&self, job: &Job, code: &'static str) -> Result<bool, DbError> {
        self.settle(&DEAD, job, [code.into()]).await
    }

    /// Keeps the job for a person to look at: it may have been done.
    pub async fn unknown(&self, job: &Job, code: &'static str) -> Result<bool, DbError> {
        self.settle(&UNKNOWN, job, [code.into()]).await
    }

    async fn settle<const N: usize>(
        &self,
        sql: &'static SystemSql,
        job: &Job,
        more: [Val; N],
    ) -> Result<bool, DbError> {
        let mut values = vals![job.id, job.lease_token].to_vec();
        values.extend(more);
        let touched = self
            .db
            .write(move |tx| -> BoxFuture<'_, Result<u64, DbError>> {
                Box::pin(async move { tx.system().execute(sql, &values).await })
            })
            .await?;
        Ok(touched > 0)
    }
}

fn claimed(row: &Row, lease_token: Uuid) -> Result<Job, DbError> {
    Ok(Job {
        id: row.get("id")?,
        organization: row.get("organization_id")?,
        kind: row.get("kind")?,
        key: row.get("key")?,
        payload: row.get("payload")?,
        run_at: row.get("run_at")?,
        delivery: if row.get("at_most_once")? {
            Delivery::AtMostOnce
        } else {
            Delivery::AtLeastOnce
        },
        attempt: row.get("attempts")?,
        attempts_max: row.get("attempts_max")?,
        lease_token,
    })
}
