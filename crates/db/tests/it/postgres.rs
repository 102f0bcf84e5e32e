//! What only PostgreSQL can do to a transaction.

use deskside_db::{Db, DbError, Dialect, SystemSql, Tx, system_sql, testing, vals};

use crate::support::{MIGRATIONS, add, insert, numbers, organization};

static KILL: SystemSql = system_sql!(
    sqlite: "SELECT 1 AS n",
    postgres: "SELECT pg_terminate_backend(pg_backend_pid())"
);
static SETTINGS: SystemSql = system_sql!(
    sqlite: "SELECT 1 AS n",
    postgres: "SELECT current_setting('idle_in_transaction_session_timeout') AS idle,
        current_setting('statement_timeout') AS statement, current_setting('lock_timeout') AS lock"
);

async fn run(tx: &mut Tx, sql: &'static SystemSql) -> Result<(), DbError> {
    tx.system().rows(sql, vals![]).await?;
    Ok(())
}

#[test]
fn a_lost_connection_is_told_and_replaced() {
    testing::run(Dialect::Postgres, MIGRATIONS, |db: Db| async move {
        let organization = organization(&db).await;
        for _ in 0..10 {
            let lost: Result<(), DbError> = db
                .write(move |tx| {
                    Box::pin(async move {
                        insert(tx, organization, 1).await?;
                        run(tx, &KILL).await
                    })
                })
                .await;
            assert!(matches!(lost, Err(DbError::Unavailable(_))), "{lost:?}");
        }
        add(&db, organization, 2).await.unwrap();
        assert_eq!(numbers(&db, organization).await, [2]);
    });
}

#[test]
fn a_deadlock_is_busy_and_one_of_both_is_saved() {
    testing::run(Dialect::Postgres, MIGRATIONS, |db: Db| async move {
        let (first, second) = (organization(&db).await, organization(&db).await);
        let both = std::sync::Arc::new(tokio::sync::Barrier::new(2));
        static ONE: SystemSql = system_sql!("UPDATE organizations SET name = name WHERE id = $1");
        let lock = |mine, other| {
            let (db, both) = (db.clone(), both.clone());
            tokio::spawn(async move {
                db.write(move |tx| {
                    Box::pin(async move {
                        tx.system().execute(&ONE, vals![mine]).await?;
                        both.wait().await;
                        tx.system().execute(&ONE, vals![other]).await?;
                        Ok::<_, DbError>(())
                    })
                })
                .await
            })
        };
        let (one, two) = (lock(first, second), lock(second, first));
        let replies = [one.await.unwrap(), two.await.unwrap()];
        assert_eq!(
            replies.iter().filter(|reply| reply.is_ok()).count(),
            1,
            "{replies:?}"
        );
        assert!(
            replies
                .iter()
                .any(|reply| matches!(reply, Err(DbError::Busy(_)))),
            "{replies:?}"
        );
    });
}

#[test]
fn every_connection_has_its_limits() {
    testing::run(Dialect::Postgres, MIGRATIONS, |db: Db| async move {
        let row = db
            .read(|tx| Box::pin(async move { tx.system().row(&SETTINGS, vals![]).await }))
            .await
            .unwrap()
            .unwrap();
        let limits = ["idle", "statement", "lock"].map(|name| row.get::<String>(name).unwrap());
        assert_eq!(limits, ["10s", "30s", "10s"]);
    });
}
