//! Handlers: what they answer decides, and what they do not answer too.

use std::{
    future::pending,
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use deskside_db::{Clock, Db, Random, Time, both_databases};
use deskside_jobs::{Limits, Outcome, Queue, Runner};
use futures_util::poll;
use tokio::sync::{Notify, Semaphore};

use crate::support::{LEASE, MIGRATIONS, NOON, enqueue, job, only, queue, table};

/// Long enough that only a wake-up can be what makes a test pass.
const NEVER: Duration = Duration::from_secs(3_600);

fn runner(queue: &Queue, limits: Limits) -> Runner {
    let (clock, _) = Clock::fixed(NOON);
    Runner::new(queue.clone(), clock, Random::seeded(1), limits)
}

async fn until(what: &str, mut is_so: impl AsyncFnMut() -> bool) {
    let seen = tokio::time::timeout(Duration::from_secs(20), async {
        while !is_so().await {
            tokio::task::yield_now().await;
        }
    });
    assert!(seen.await.is_ok(), "it never came to this: {what}");
}

both_databases! {
    MIGRATIONS;

    /// A job that fails comes back later and later, and is given up in the end.
    async fn a_failing_job_backs_off_by_the_clock(db: Db) {
        let queue = queue(&db);
        let runner = runner(&queue, Limits::default())
            .handle("webhook", async |_| Outcome::Retry("refused_503"));
        enqueue(&db, &queue, job("webhook", NOON)).await.unwrap();

        let (clock, hand) = Clock::fixed(NOON);
        for (attempt, least, most) in [(1, 5, 10), (2, 10, 20)] {
            assert_eq!(runner.run_due(clock.now()).await, Ok(1));
            let row = table(&db).await.remove(0);
            assert_eq!((row.state.as_str(), row.attempts), ("ready", attempt));
            assert_eq!(row.last_error.as_deref(), Some("refused_503"));
            let wait = row.run_at.since(clock.now());
            assert!((least..=most).contains(&wait.as_secs()), "{wait:?}");
            hand.advance(wait - Duration::from_millis(1));
            assert_eq!(runner.run_due(clock.now()).await, Ok(0));
            hand.advance(Duration::from_millis(1));
        }
        assert_eq!(runner.run_due(clock.now()).await, Ok(1));
        assert_eq!(only(&db).await, ("dead".to_owned(), 3, Some("refused_503".to_owned())));
    }

    /// Each answer of a handler does what it says.
    async fn an_answer_decides(db: Db) {
        let queue = queue(&db);
        let later = NOON + Duration::from_secs(90);
        for (outcome, expected) in [
            (Outcome::Done, None),
            (Outcome::Dead("no_such_number"), Some(("dead", NOON))),
            (Outcome::Unknown("no_answer"), Some(("unknown", NOON))),
            (Outcome::RetryAt(later, "night"), Some(("ready", later))),
        ] {
            enqueue(&db, &queue, job("sms", NOON)).await.unwrap();
            let runner = runner(&queue, Limits::default()).handle("sms", move |_| async move { outcome });
            assert_eq!(runner.run_due(NOON).await, Ok(1));
            let rows = table(&db).await;
            let seen = rows.last().map(|row| (row.state.as_str(), row.run_at));
            assert_eq!(seen, expected, "{outcome:?}");
            // Only the row under test is looked at.
            for job in queue.claim(later, 10, LEASE).await.unwrap() {
                queue.done(&job).await.unwrap();
            }
            clear(&db).await;
        }
    }

    /// A panic and a handler that hangs are tried again, unless that could do it twice.
    async fn a_handler_without_an_answer(db: Db) {
        let queue = queue(&db);
        let limits = Limits { lease: Duration::from_millis(40), ..Limits::default() };
        for (kind, state) in [("webhook", "ready"), ("sms", "unknown")] {
            let hung = runner(&queue, limits).handle(kind, async |_| pending().await);
            enqueue(&db, &queue, job(kind, NOON)).await.unwrap();
            assert_eq!(hung.run_due(NOON).await, Ok(1));
            assert_eq!(only(&db).await, (state.to_owned(), 1, Some("timed_out".to_owned())));
            clear(&db).await;

            let panics = runner(&queue, Limits::default()).handle(kind, async |_| panic!("a defect"));
            enqueue(&db, &queue, job(kind, NOON)).await.unwrap();
            assert_eq!(panics.run_due(NOON).await, Ok(1));
            assert_eq!(only(&db).await, (state.to_owned(), 1, Some("panicked".to_owned())));
            clear(&db).await;
        }
        // Without a handler nothing was done, so even a message may come back.
        enqueue(&db, &queue, job("sms", NOON)).await.unwrap();
        assert_eq!(runner(&queue, Limits::default()).run_due(NOON).await, Ok(1));
        assert_eq!(only(&db).await, ("ready".to_owned(), 1, Some("no_handler".to_owned())));
    }

    /// The runner works in the background, no more at once than allowed, and wakes when it is told.
    async fn it_works_in_the_background(db: Db) {
        let queue = queue(&db);
        let (now, most, done) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
        let gate = Arc::new(Semaphore::new(0));
        let limits = Limits { concurrency: 3, poll: NEVER, ..Limits::default() };
        let running = {
            let (now, most, done, gate) = (now.clone(), most.clone(), done.clone(), gate.clone());
            runner(&queue, limits)
                .handle("webhook", move |_| {
                    let (now, most, done, gate) = (now.clone(), most.clone(), done.clone(), gate.clone());
                    async move {
                        most.fetch_max(now.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
                        gate.acquire().await.unwrap().forget();
                        now.fetch_sub(1, Ordering::SeqCst);
                        done.fetch_add(1, Ordering::SeqCst);
                        Outcome::Done
                    }
                })
                .start()
        };
        for _ in 0..10 {
            enqueue(&db, &queue, job("webhook", NOON)).await.unwrap();
        }
        running.notify();
        until("three run", async || now.load(Ordering::SeqCst) == 3).await;
        gate.add_permits(10);
        until("all are done", async || table(&db).await.is_empty()).await;
        assert_eq!((most.load(Ordering::SeqCst), done.load(Ordering::SeqCst)), (3, 10));

        // Idle again: only the notice can bring this one in.
        enqueue(&db, &queue, job("webhook", NOON)).await.unwrap();
        gate.add_permits(1);
        queue.notify();
        until("it is done too", async || table(&db).await.is_empty()).await;
        running.stop().await;
    }

    /// Without a notice it looks by itself.
    async fn it_polls(db: Db) {
        let queue = queue(&db);
        let limits = Limits { poll: Duration::from_millis(10), ..Limits::default() };
        let running = runner(&queue, limits).handle("webhook", async |_| Outcome::Done).start();
        enqueue(&db, &queue, job("webhook", NOON)).await.unwrap();
        until("it is done", async || table(&db).await.is_empty()).await;
        running.stop().await;
    }

    /// Stopping claims nothing more, lets a handler finish, and leaves to its lease what does not.
    async fn it_stops_gracefully(db: Db) {
        let queue = queue(&db);
        let (started, go_on) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
        let seen: Arc<Mutex<Vec<Time>>> = Arc::default();
        let limits = Limits { concurrency: 1, poll: NEVER, grace: NEVER, ..Limits::default() };
        for second in 0..2 {
            enqueue(&db, &queue, job("webhook", NOON - Duration::from_secs(second)))
                .await
                .unwrap();
        }
        let running = {
            let (started, go_on, seen) = (started.clone(), go_on.clone(), seen.clone());
            runner(&queue, limits)
                .handle("webhook", move |job| {
                    let (started, go_on, seen) = (started.clone(), go_on.clone(), seen.clone());
                    async move {
                        seen.lock().unwrap().push(job.run_at);
                        started.notify_one();
                        go_on.notified().await;
                        Outcome::Done
                    }
                })
                .start()
        };
        started.notified().await;
        let mut stopping = Box::pin(running.stop());
        assert!(poll!(stopping.as_mut()).is_pending());
        go_on.notify_one();
        stopping.await;
        assert_eq!(seen.lock().unwrap().as_slice(), [NOON - Duration::from_secs(1)]);
        assert_eq!(only(&db).await, ("ready".to_owned(), 0, None));

        let limits = Limits { poll: NEVER, grace: Duration::ZERO, ..Limits::default() };
        let begun = Arc::new(Notify::new());
        let running = {
            let begun = begun.clone();
            runner(&queue, limits)
                .handle("webhook", move |_| {
                    begun.notify_one();
                    pending()
                })
                .start()
        };
        begun.notified().await;
        running.stop().await;
        assert_eq!(only(&db).await, ("running".to_owned(), 1, None));
        assert_eq!(queue.claim(NOON + LEASE, 10, LEASE).await.unwrap()[0].attempt, 2);
    }
}

async fn clear(db: &Db) {
    static CLEAR: deskside_db::SystemSql = deskside_db::system_sql!("DELETE FROM jobs");
    db.write(|tx| Box::pin(async move { tx.system().execute(&CLEAR, deskside_db::vals![]).await }))
        .await
        .unwrap();
}
