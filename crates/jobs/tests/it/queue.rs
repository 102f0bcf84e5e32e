//! In, claimed once, and out again.

use std::{collections::HashSet, time::Duration};

use deskside_db::{Db, DbError, both_databases};
use deskside_jobs::{JobId, NewJob};

use crate::support::{LEASE, MIGRATIONS, NOON, enqueue, job, only, organization, queue, table};

const SECOND: Duration = Duration::from_secs(1);

fn keyed(key: &str) -> NewJob {
    NewJob {
        key: Some(key.to_owned()),
        ..job("webhook", NOON)
    }
}

fn code(text: &str) -> Option<String> {
    Some(text.to_owned())
}

both_databases! {
    MIGRATIONS;

    /// A job is there when its transaction is, and only then.
    async fn a_job_belongs_to_its_transaction(db: Db) {
        let queue = queue(&db);
        let refused: Result<(), DbError> = {
            let queue = queue.clone();
            db.write(move |tx| {
                Box::pin(async move {
                    assert!(queue.enqueue(tx, job("webhook", NOON)).await?);
                    Err(DbError::Other("refused by a rule".to_owned()))
                })
            })
            .await
        };
        assert!(refused.is_err());
        assert_eq!(table(&db).await, []);
        assert_eq!(enqueue(&db, &queue, job("webhook", NOON)).await, Ok(true));
        assert_eq!(table(&db).await.len(), 1);
    }

    /// A kind nobody listed is a defect, not a job that waits for ever.
    async fn an_unknown_kind_is_refused(db: Db) {
        let refused = enqueue(&db, &queue(&db), job("webhok", NOON)).await;
        assert_eq!(refused, Err(DbError::Other("there is no kind of job called webhok".to_owned())));
        assert_eq!(table(&db).await, []);
    }

    /// What went in comes out, the oldest first, not before its time, and not beyond the limit.
    async fn due_jobs_come_in_order(db: Db) {
        let queue = queue(&db);
        let organization = organization();
        let first = NewJob { organization: Some(organization), ..keyed("case_1:invite") };
        enqueue(&db, &queue, job("sms", NOON + SECOND)).await.unwrap();
        enqueue(&db, &queue, first.clone()).await.unwrap();
        enqueue(&db, &queue, job("webhook", NOON + SECOND * 2)).await.unwrap();
        enqueue(&db, &queue, job("webhook", NOON + SECOND * 3)).await.unwrap();

        assert_eq!(queue.claim(NOON - SECOND, 10, LEASE).await, Ok(Vec::new()));
        let jobs = queue.claim(NOON + SECOND * 2, 2, LEASE).await.unwrap();
        assert_eq!(jobs.len(), 2);
        assert_eq!(
            (jobs[0].organization, jobs[0].kind.as_str(), jobs[0].key.as_deref(), jobs[0].run_at),
            (Some(organization), "webhook", Some("case_1:invite"), NOON)
        );
        assert_eq!((jobs[0].payload.as_str(), jobs[0].attempt, jobs[0].attempts_max), ("{\"n\":1}", 1, 3));
        assert_eq!((jobs[1].kind.as_str(), jobs[1].organization), ("sms", None));
        let rest = queue.claim(NOON + SECOND * 2, 10, LEASE).await.unwrap();
        assert_eq!(rest.len(), 1);
        assert_eq!(rest[0].run_at, NOON + SECOND * 2);
    }

    /// Eight claimers at once: every job goes to one of them.
    async fn each_job_is_claimed_once(db: Db) {
        let queue = queue(&db);
        for _ in 0..60 {
            enqueue(&db, &queue, job("webhook", NOON)).await.unwrap();
        }
        let claimers = (0..8).map(|_| {
            let queue = queue.clone();
            tokio::spawn(async move {
                let mut mine: Vec<JobId> = Vec::new();
                loop {
                    let jobs = queue.claim(NOON, 3, LEASE).await.unwrap();
                    if jobs.is_empty() {
                        return mine;
                    }
                    assert!(jobs.len() <= 3);
                    mine.extend(jobs.iter().map(|job| job.id));
                }
            })
        });
        let mut all = Vec::new();
        for claimer in claimers.collect::<Vec<_>>() {
            all.extend(claimer.await.unwrap());
        }
        // PostgreSQL may show a claimer nothing while others hold the rows; nothing is left for
        // that.
        all.extend(queue.claim(NOON, 100, LEASE).await.unwrap().iter().map(|job| job.id));
        assert_eq!(all.len(), 60);
        assert_eq!(all.iter().collect::<HashSet<_>>().len(), 60);
        assert!(table(&db).await.iter().all(|row| row.attempts == 1 && row.state == "running"));
    }

    /// Nothing of a done job stays.
    async fn a_done_job_is_gone(db: Db) {
        let queue = queue(&db);
        enqueue(&db, &queue, job("sms", NOON)).await.unwrap();
        let jobs = queue.claim(NOON, 10, LEASE).await.unwrap();
        assert_eq!(queue.done(&jobs[0]).await, Ok(true));
        assert_eq!(table(&db).await, []);
        assert_eq!(queue.done(&jobs[0]).await, Ok(false));
    }

    /// A dead job keeps the code and loses its payload.
    async fn a_dead_job_keeps_only_its_code(db: Db) {
        let queue = queue(&db);
        enqueue(&db, &queue, job("webhook", NOON)).await.unwrap();
        let jobs = queue.claim(NOON, 10, LEASE).await.unwrap();
        assert_eq!(queue.dead(&jobs[0], "gone").await, Ok(true));
        assert_eq!(only(&db).await, ("dead".to_owned(), 1, code("gone")));
        assert_eq!(table(&db).await[0].payload, "{}");
        assert_eq!(queue.claim(NOON + LEASE * 100, 10, LEASE).await, Ok(Vec::new()));
    }

    /// An ended lease puts the job back, and its first claimer can no longer settle it.
    async fn an_ended_lease_puts_the_job_back(db: Db) {
        let queue = queue(&db);
        enqueue(&db, &queue, job("webhook", NOON)).await.unwrap();
        let first = queue.claim(NOON, 10, LEASE).await.unwrap();
        assert_eq!(queue.claim(NOON + LEASE - SECOND, 10, LEASE).await, Ok(Vec::new()));
        let second = queue.claim(NOON + LEASE, 10, LEASE).await.unwrap();
        assert_eq!((second[0].id, second[0].attempt), (first[0].id, 2));
        assert_eq!(queue.done(&first[0]).await, Ok(false));
        assert_eq!(queue.retry(&first[0], NOON, "late").await, Ok(false));
        assert_eq!(queue.dead(&first[0], "late").await, Ok(false));
        assert_eq!(queue.unknown(&first[0], "late").await, Ok(false));
        assert_eq!(only(&db).await, ("running".to_owned(), 2, code("lease_expired")));

        let third = queue.claim(NOON + LEASE * 2, 10, LEASE).await.unwrap();
        assert_eq!(third[0].attempt, 3);
        assert_eq!(queue.claim(NOON + LEASE * 3, 10, LEASE).await, Ok(Vec::new()));
        assert_eq!(only(&db).await, ("dead".to_owned(), 3, code("lease_expired")));
        assert_eq!(table(&db).await[0].payload, "{}");
    }

    /// What must not be done twice is not tried again after an ended lease.
    async fn an_ended_lease_of_a_message_is_unknown(db: Db) {
        let queue = queue(&db);
        enqueue(&db, &queue, job("sms", NOON)).await.unwrap();
        assert_eq!(queue.claim(NOON, 10, LEASE).await.unwrap().len(), 1);
        assert_eq!(queue.claim(NOON + LEASE, 10, LEASE).await, Ok(Vec::new()));
        assert_eq!(only(&db).await, ("unknown".to_owned(), 1, code("lease_expired")));
        assert_eq!(queue.claim(NOON + LEASE * 100, 10, LEASE).await, Ok(Vec::new()));
    }

    /// A key stands for one job, until it is done or cancelled.
    async fn a_key_stands_for_one_job(db: Db) {
        let queue = queue(&db);
        assert_eq!(enqueue(&db, &queue, keyed("case_1:reminder")).await, Ok(true));
        assert_eq!(enqueue(&db, &queue, keyed("case_1:reminder")).await, Ok(false));
        assert_eq!(enqueue(&db, &queue, keyed("case_2:reminder")).await, Ok(true));
        let cancel = |key: &'static str| {
            let (db, queue) = (db.clone(), queue.clone());
            async move {
                db.write(move |tx| Box::pin(async move { queue.cancel(tx, key).await })).await
            }
        };
        assert_eq!(cancel("case_2:reminder").await, Ok(true));
        assert_eq!(cancel("case_2:reminder").await, Ok(false));
        let jobs = queue.claim(NOON, 10, LEASE).await.unwrap();
        assert_eq!(jobs.len(), 1);
        // It runs: too late to cancel.
        assert_eq!(cancel("case_1:reminder").await, Ok(false));
        queue.done(&jobs[0]).await.unwrap();
        assert_eq!(enqueue(&db, &queue, keyed("case_1:reminder")).await, Ok(true));
    }

    /// An organization that goes takes its jobs along, and no others.
    async fn an_organization_is_forgotten(db: Db) {
        let queue = queue(&db);
        let gone = organization();
        for organization in [Some(gone), Some(gone), Some(organization()), None] {
            let job = NewJob { organization, ..job("webhook", NOON) };
            enqueue(&db, &queue, job).await.unwrap();
        }
        queue.claim(NOON, 1, LEASE).await.unwrap();
        let forgotten = {
            let queue = queue.clone();
            db.write(move |tx| Box::pin(async move { queue.forget(tx, gone).await })).await
        };
        assert_eq!(forgotten, Ok(2));
        assert_eq!(table(&db).await.len(), 2);
    }
}
