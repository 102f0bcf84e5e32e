//! Many writes of SQLite in one COMMIT: each fails alone, and none is told too early.

use std::{future::Future, pin::Pin, sync::mpsc};

use deskside_db::{
    Db, DbError, Dialect, OrganizationId, SystemSql, Uuid, system_sql,
    testing::{self, TestDatabase},
    vals,
};
use futures_util::{future::join_all, poll};

use crate::support::{MIGRATIONS, add, insert, numbers, organization};

type Write<'a> = Pin<Box<dyn Future<Output = Result<(), DbError>> + Send + 'a>>;

/// Holds the writer, queues the writes in order, and lets go: all of them are one batch.
async fn as_one_batch(db: &Db, mut writes: Vec<Write<'_>>) -> Vec<Result<(), DbError>> {
    let (let_go, held) = mpsc::channel::<()>();
    let (running, is_running) = tokio::sync::oneshot::channel();
    let mut holder: Write<'_> = Box::pin(db.write(move |_| {
        Box::pin(async move {
            running.send(()).unwrap();
            held.recv().unwrap();
            Ok(())
        })
    }));
    assert!(poll!(holder.as_mut()).is_pending());
    is_running.await.unwrap();
    for write in &mut writes {
        assert!(poll!(write.as_mut()).is_pending());
    }
    let_go.send(()).unwrap();
    holder.await.unwrap();
    join_all(writes).await
}

fn on_sqlite<F, Fut>(test: F)
where
    F: FnOnce(Db) -> Fut,
    Fut: Future<Output = ()>,
{
    testing::run(Dialect::Sqlite, MIGRATIONS, test);
}

fn failing(db: &Db, organization: OrganizationId, number: i64) -> Write<'_> {
    Box::pin(db.write(move |tx| {
        Box::pin(async move {
            insert(tx, organization, number).await?;
            Err(DbError::Other("refused by a rule".to_owned()))
        })
    }))
}

fn panicking(db: &Db, organization: OrganizationId, number: i64) -> Write<'_> {
    Box::pin(db.write(move |tx| {
        Box::pin(async move {
            insert(tx, organization, number).await?;
            panic!("a defect")
        })
    }))
}

#[test]
fn a_failure_and_a_panic_are_undone_alone() {
    on_sqlite(|db| async move {
        let organization = organization(&db).await;
        let replies = as_one_batch(
            &db,
            vec![
                Box::pin(add(&db, organization, 1)),
                failing(&db, organization, 2),
                Box::pin(add(&db, organization, 3)),
                panicking(&db, organization, 4),
                Box::pin(add(&db, organization, 3)),
                Box::pin(add(&db, organization, 6)),
            ],
        )
        .await;
        assert_eq!(replies[0], Ok(()));
        assert_eq!(
            replies[1],
            Err(DbError::Other("refused by a rule".to_owned()))
        );
        assert_eq!(replies[2], Ok(()));
        assert_eq!(
            replies[3],
            Err(DbError::Other("a transaction panicked".to_owned()))
        );
        // A later write sees the earlier ones of its batch: the number is taken.
        assert!(replies[4].as_ref().unwrap_err().is_unique());
        assert_eq!(replies[5], Ok(()));
        assert_eq!(numbers(&db, organization).await, [1, 3, 6]);
        add(&db, organization, 7).await.unwrap();
    });
}

#[test]
fn a_refused_commit_fails_every_write_of_its_batch() {
    on_sqlite(|db| async move {
        let organization = organization(&db).await;
        let unknown = OrganizationId::from_uuid(Uuid::from_u128(7));
        let replies = as_one_batch(
            &db,
            vec![
                Box::pin(add(&db, organization, 1)),
                failing(&db, organization, 2),
                Box::pin(add(&db, unknown, 3)),
                Box::pin(add(&db, organization, 4)),
            ],
        )
        .await;
        for at in [0, 2, 3] {
            assert!(
                matches!(replies[at], Err(DbError::NotCommitted(_))),
                "{at}: {:?}",
                replies[at]
            );
        }
        assert_eq!(
            replies[1],
            Err(DbError::Other("refused by a rule".to_owned()))
        );
        assert_eq!(numbers(&db, organization).await, [0; 0]);
        assert_eq!(numbers(&db, unknown).await, [0; 0]);
        add(&db, organization, 5).await.unwrap();
        assert_eq!(numbers(&db, organization).await, [5]);
    });
}

#[test]
fn a_full_disk_fails_what_does_not_fit_and_nothing_else() {
    on_sqlite(|db| async move {
        static LIMIT: SystemSql = system_sql!("PRAGMA max_page_count = 40");
        static FILL: SystemSql = system_sql!("UPDATE organizations SET name = $2 WHERE id = $1");
        let organization = organization(&db).await;
        db.write(|tx| Box::pin(async move { tx.system().rows(&LIMIT, vals![]).await }))
            .await
            .unwrap();
        let fill = db.write(move |tx| {
            Box::pin(async move {
                let large = "x".repeat(1 << 20);
                tx.system()
                    .execute(&FILL, vals![organization, large])
                    .await?;
                Ok(())
            })
        });
        let writes: Vec<Write<'_>> = vec![
            Box::pin(add(&db, organization, 1)),
            Box::pin(fill),
            Box::pin(add(&db, organization, 3)),
        ];
        let replies = as_one_batch(&db, writes).await;
        assert_eq!(replies[1], Err(DbError::StorageFull));
        // Whether SQLite gives up the batch or only the statement: what was told is what is there.
        let told: Vec<i64> = [0, 2]
            .into_iter()
            .filter(|at| replies[*at].is_ok())
            .map(|at| at as i64 + 1)
            .collect();
        assert_eq!(numbers(&db, organization).await, told);
        add(&db, organization, 9).await.unwrap();
    });
}

#[test]
fn a_transaction_that_waits_for_something_else_is_refused() {
    on_sqlite(|db| async move {
        let organization = organization(&db).await;
        let waiting: Result<(), DbError> = db
            .write(move |tx| {
                Box::pin(async move {
                    insert(tx, organization, 1).await?;
                    std::future::pending().await
                })
            })
            .await;
        assert!(matches!(waiting, Err(DbError::Other(_))), "{waiting:?}");
        add(&db, organization, 2).await.unwrap();
        assert_eq!(numbers(&db, organization).await, [2]);
    });
}

#[test]
fn a_full_queue_makes_callers_wait_and_loses_none() {
    on_sqlite(|db| async move {
        let organization = organization(&db).await;
        let writes: Vec<Write<'_>> = (1..=3_000)
            .map(|number| Box::pin(add(&db, organization, number)) as Write<'_>)
            .collect();
        assert!(as_one_batch(&db, writes).await.iter().all(Result::is_ok));
        assert_eq!(numbers(&db, organization).await.len(), 3_000);
    });
}

#[test]
fn closing_finishes_what_is_queued_and_empties_the_log() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    runtime.block_on(async {
        let database = TestDatabase::make(Dialect::Sqlite, MIGRATIONS).await;
        let deskside_db::Backend::Sqlite { file } = database.backend() else {
            unreachable!()
        };
        let log = file.with_extension("db-wal");
        let db = database.open().await;
        let organization = organization(&db).await;
        assert!(std::fs::metadata(&log).unwrap().len() > 0);
        db.truncate_log().await.unwrap();
        assert_eq!(std::fs::metadata(&log).unwrap().len(), 0);

        let mut write = Box::pin(add(&db, organization, 1));
        assert!(poll!(write.as_mut()).is_pending());
        db.close().await;
        assert_eq!(write.await, Ok(()));
        assert!(!log.exists() || std::fs::metadata(&log).unwrap().len() == 0);

        let again = database.open().await;
        assert_eq!(numbers(&again, organization).await, [1]);
        again.close().await;
    });
}
