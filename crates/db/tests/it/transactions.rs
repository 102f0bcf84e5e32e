//! What a transaction promises, on both databases.

use std::sync::mpsc;

use deskside_db::{Db, DbError, SystemSql, both_databases, system_sql, vals};
use futures_util::poll;

use crate::support::{
    MIGRATIONS, add, insert, numbers, organization, read_numbers, until_numbers_are,
};

/// An error of the application, as stores have them.
#[derive(Debug, PartialEq)]
enum Refused {
    Completed,
    Db(DbError),
}

impl From<DbError> for Refused {
    fn from(error: DbError) -> Refused {
        Refused::Db(error)
    }
}

both_databases! {
    MIGRATIONS;

    /// What was written is there when the reply is.
    async fn a_reply_comes_after_commit(db: Db) {
        let organization = organization(&db).await;
        for number in 1..=20 {
            add(&db, organization, number).await.unwrap();
            assert_eq!(numbers(&db, organization).await.len() as i64, number);
        }
    }

    /// An error of the closure reaches the caller and undoes everything before it.
    async fn an_error_undoes_the_transaction(db: Db) {
        let organization = organization(&db).await;
        let refused: Result<(), Refused> = db
            .write(move |tx| {
                Box::pin(async move {
                    insert(tx, organization, 1).await?;
                    assert_eq!(read_numbers(tx, organization).await?, [1]);
                    Err(Refused::Completed)
                })
            })
            .await;
        assert_eq!(refused, Err(Refused::Completed));
        assert_eq!(numbers(&db, organization).await, [0; 0]);
        add(&db, organization, 1).await.unwrap();
    }

    /// A panic is an error of this one transaction.
    async fn a_panic_undoes_the_transaction(db: Db) {
        let organization = organization(&db).await;
        for _ in 0..10 {
            let panicked: Result<(), DbError> = db
                .write(move |tx| {
                    Box::pin(async move {
                        insert(tx, organization, 1).await?;
                        panic!("a defect")
                    })
                })
                .await;
            assert_eq!(panicked, Err(DbError::Other("a transaction panicked".to_owned())));
            let panicked: Result<(), DbError> =
                db.read(move |_| Box::pin(async move { panic!("a defect") })).await;
            assert!(matches!(panicked, Err(DbError::Other(_))));
        }
        add(&db, organization, 2).await.unwrap();
        assert_eq!(numbers(&db, organization).await, [2]);
    }

    /// After a failed statement nothing is saved, even when the closure hides the failure.
    async fn a_failed_statement_loses_the_transaction(db: Db) {
        let organization = organization(&db).await;
        add(&db, organization, 1).await.unwrap();
        let hidden: Result<(), DbError> = db
            .write(move |tx| {
                Box::pin(async move {
                    insert(tx, organization, 2).await?;
                    assert!(insert(tx, organization, 1).await.unwrap_err().is_unique());
                    assert!(matches!(insert(tx, organization, 3).await, Err(DbError::Other(_))));
                    Ok(())
                })
            })
            .await;
        assert!(matches!(hidden, Err(DbError::NotCommitted(_))), "{hidden:?}");
        assert_eq!(numbers(&db, organization).await, [1]);
    }

    /// A constraint that is looked at only by COMMIT fails the write.
    async fn a_refused_commit_is_an_error(db: Db) {
        let known = organization(&db).await;
        let unknown = deskside_db::OrganizationId::from_uuid(deskside_db::Uuid::from_u128(7));
        let refused = add(&db, unknown, 1).await;
        assert!(matches!(refused, Err(DbError::NotCommitted(_))), "{refused:?}");
        assert_eq!(numbers(&db, unknown).await, [0; 0]);
        add(&db, known, 1).await.unwrap();
    }

    /// A read sees one state, whatever is committed meanwhile.
    async fn a_read_is_a_snapshot(db: Db) {
        let organization = organization(&db).await;
        add(&db, organization, 1).await.unwrap();
        let (seen, has_seen) = tokio::sync::oneshot::channel();
        let (go_on, may_go_on) = mpsc::channel();
        let reader = tokio::spawn({
            let db = db.clone();
            async move {
                db.read(move |tx| {
                    Box::pin(async move {
                        let before = read_numbers(tx, organization).await?;
                        seen.send(()).unwrap();
                        tokio::task::block_in_place(|| may_go_on.recv().unwrap());
                        Ok::<_, DbError>((before, read_numbers(tx, organization).await?))
                    })
                })
                .await
            }
        });
        has_seen.await.unwrap();
        add(&db, organization, 2).await.unwrap();
        go_on.send(()).unwrap();
        assert_eq!(reader.await.unwrap(), Ok((vec![1], vec![1])));
        assert_eq!(numbers(&db, organization).await, [1, 2]);
    }

    /// A read cannot write.
    async fn a_read_changes_nothing(db: Db) {
        let organization = organization(&db).await;
        let refused = db
            .read(move |tx| Box::pin(async move { insert(tx, organization, 1).await }))
            .await;
        assert!(matches!(refused, Err(DbError::Other(_))), "{refused:?}");
        assert_eq!(numbers(&db, organization).await, [0; 0]);
    }

    /// Nobody waits for the reply any more: the write is done all the same.
    async fn a_write_outlives_its_caller(db: Db) {
        let organization = organization(&db).await;
        {
            let mut write = std::pin::pin!(add(&db, organization, 1));
            assert!(poll!(write.as_mut()).is_pending());
        }
        until_numbers_are(&db, organization, &[1]).await;
    }

    /// Many writers at once: nothing is lost and nothing is doubled.
    async fn writes_do_not_lose_each_other(db: Db) {
        let organization = organization(&db).await;
        static NEXT: SystemSql = system_sql!(
            "UPDATE organizations SET name = name WHERE id = $1 RETURNING (SELECT COUNT(*) FROM cases) AS n"
        );
        let writes = (0..100).map(|_| {
            let db = db.clone();
            tokio::spawn(async move {
                db.write(move |tx| {
                    Box::pin(async move {
                        // The organization's row is the lock that puts the writers in a row.
                        tx.system().row(&NEXT, vals![organization]).await?;
                        let number = read_numbers(tx, organization).await?.len() as i64 + 1;
                        insert(tx, organization, number).await?;
                        Ok::<_, DbError>(number)
                    })
                })
                .await
            })
        });
        let mut given = Vec::new();
        for write in writes.collect::<Vec<_>>() {
            given.push(write.await.unwrap().unwrap());
        }
        given.sort_unstable();
        assert_eq!(given, (1..=100).collect::<Vec<i64>>());
        assert_eq!(numbers(&db, organization).await, given);
    }

    /// A closed database refuses in words a caller can act on.
    async fn a_closed_database_is_unavailable(db: Db) {
        let organization = organization(&db).await;
        assert_eq!(db.check().await, Ok(()));
        db.close().await;
        assert!(matches!(add(&db, organization, 1).await, Err(DbError::Unavailable(_))));
        let read: Result<(), DbError> = db.read(|_| Box::pin(async { Ok(()) })).await;
        assert!(matches!(read, Err(DbError::Unavailable(_))), "{read:?}");
        assert!(matches!(db.check().await, Err(DbError::Unavailable(_))));
        db.close().await;
    }
}
