//! Migrations: forward only, never edited, never by two at once.

use deskside_db::{
    Backend, Db, Dialect, Migration, OpenError, Options,
    testing::{FoundSql, Scope, TestDatabase, prepare},
};

use crate::support::{MIGRATIONS, add, numbers, organization};

static NONE: &[Migration] = &[];
static FIRST: &[Migration] = MIGRATIONS.split_at(1).0;
static EDITED: &[Migration] = &[
    Migration {
        sqlite: "CREATE TABLE other (id INTEGER) STRICT;",
        postgres: "CREATE TABLE other (id BIGINT);",
        ..MIGRATIONS[0]
    },
    MIGRATIONS[1],
];
static SECOND_ONLY: &[Migration] = MIGRATIONS.split_at(1).1;
static BROKEN: &[Migration] = &[
    MIGRATIONS[0],
    Migration {
        version: 2,
        name: "broken",
        sqlite: "CREATE TABLE half (id INTEGER) STRICT; CREATE TABEL typo;",
        postgres: "CREATE TABLE half (id BIGINT); CREATE TABEL typo;",
    },
];

fn on_both<F, Fut>(test: F)
where
    F: Fn(TestDatabase) -> Fut,
    Fut: Future<Output = TestDatabase>,
{
    let runtime = tokio::runtime::Runtime::new().unwrap();
    for dialect in [Dialect::Sqlite, Dialect::Postgres] {
        runtime.block_on(async {
            let database = TestDatabase::make(dialect, NONE).await;
            test(database).await.remove().await;
        });
    }
}

async fn open(database: &TestDatabase, migrations: &'static [Migration]) -> Result<Db, OpenError> {
    Db::open(Options {
        migrations,
        ..database.options()
    })
    .await
}

#[test]
fn a_schema_grows_from_release_to_release() {
    on_both(|database| async move {
        let db = open(&database, FIRST).await.unwrap();
        let organization = organization(&db).await;
        db.close().await;
        let db = open(&database, MIGRATIONS).await.unwrap();
        assert_eq!(db.check().await, Ok(()));
        add(&db, organization, 1).await.unwrap();
        db.close().await;
        let db = open(&database, MIGRATIONS).await.unwrap();
        assert_eq!(numbers(&db, organization).await, [1]);
        db.close().await;
        database
    });
}

#[test]
fn a_newer_schema_is_refused() {
    on_both(|database| async move {
        open(&database, MIGRATIONS).await.unwrap().close().await;
        let refused = open(&database, FIRST).await.unwrap_err();
        assert!(
            matches!(refused, OpenError::SchemaNewer { found: 2, known: 1 }),
            "{refused:?}"
        );
        assert_eq!(
            refused.to_string(),
            "the database has schema 2, this release knows up to 1: start a newer release or restore a backup"
        );
        database
    });
}

#[test]
fn an_edited_or_missing_migration_is_refused() {
    on_both(|database| async move {
        open(&database, MIGRATIONS).await.unwrap().close().await;
        for (migrations, word) in [
            (EDITED, "V1__organizations was changed"),
            (SECOND_ONLY, "missing"),
        ] {
            let refused = open(&database, migrations).await.unwrap_err();
            assert!(matches!(refused, OpenError::Migration(_)), "{refused:?}");
            assert!(refused.to_string().contains(word), "{refused}");
        }
        open(&database, MIGRATIONS).await.unwrap().close().await;
        database
    });
}

#[test]
fn a_migration_that_fails_leaves_nothing() {
    on_both(|database| async move {
        let refused = open(&database, BROKEN).await.unwrap_err();
        assert!(refused.to_string().contains("TABEL"), "{refused}");
        let db = open(&database, FIRST).await.unwrap();
        let half = prepare(&db, &statement("SELECT id FROM half")).await;
        assert!(half.is_err(), "half of a migration stayed");
        assert_eq!(
            prepare(
                &db,
                &statement("SELECT id FROM organizations WHERE id = $1")
            )
            .await,
            Ok(())
        );
        db.close().await;
        database
    });
}

fn statement(text: &str) -> FoundSql {
    FoundSql {
        file: file!().into(),
        line: 1,
        scope: Scope::System,
        sqlite: text.to_owned(),
        postgres: text.to_owned(),
    }
}

#[test]
fn nodes_that_start_together_migrate_once() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    runtime.block_on(async {
        let database = TestDatabase::make(Dialect::Postgres, NONE).await;
        let opened =
            futures_util::future::join_all((0..5).map(|_| open(&database, MIGRATIONS))).await;
        for db in opened {
            let db = db.unwrap();
            assert_eq!(db.check().await, Ok(()));
            db.close().await;
        }
        database.remove().await;
    });
}

#[test]
fn a_migration_may_rebuild_a_table_that_others_point_to() {
    static REBUILT: &[Migration] = &[
        MIGRATIONS[0],
        MIGRATIONS[1],
        Migration {
            version: 3,
            name: "rebuild",
            sqlite:
                "CREATE TABLE fresh (id BLOB PRIMARY KEY, name TEXT NOT NULL, note TEXT) STRICT;
                INSERT INTO fresh SELECT id, name, NULL FROM organizations;
                DROP TABLE organizations;
                ALTER TABLE fresh RENAME TO organizations;",
            postgres: "ALTER TABLE organizations ADD COLUMN note TEXT;",
        },
    ];
    on_both(|database| async move {
        let db = open(&database, MIGRATIONS).await.unwrap();
        let organization = organization(&db).await;
        add(&db, organization, 1).await.unwrap();
        db.close().await;
        let db = open(&database, REBUILT).await.unwrap();
        assert_eq!(numbers(&db, organization).await, [1]);
        let unknown = deskside_db::OrganizationId::from_uuid(deskside_db::Uuid::from_u128(7));
        assert!(
            add(&db, unknown, 1).await.is_err(),
            "foreign keys are checked again"
        );
        db.close().await;
        database
    });
}

/// A migration that forgets rows which point to others.
static ORPHANING: &[Migration] = &[
    MIGRATIONS[0],
    MIGRATIONS[1],
    Migration {
        version: 3,
        name: "orphaning",
        sqlite: "DELETE FROM organizations;",
        postgres: "SELECT 1;",
    },
];

#[test]
fn rows_are_looked_at_after_a_migration_until_they_are_right_and_then_no_more() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    runtime.block_on(async {
        let database = TestDatabase::make(Dialect::Sqlite, NONE).await;
        let db = open(&database, MIGRATIONS).await.unwrap();
        let organization = organization(&db).await;
        add(&db, organization, 1).await.unwrap();
        db.close().await;
        for start in 1..=2 {
            let refused = open(&database, ORPHANING).await.unwrap_err();
            assert!(refused.to_string().contains("cases"), "start {start}: {refused}");
        }

        // A start without a migration takes as long with a million rows as with none: it does not look.
        let database = TestDatabase::make(Dialect::Sqlite, NONE).await;
        open(&database, MIGRATIONS).await.unwrap().close().await;
        let Backend::Sqlite { file } = database.backend() else {
            panic!("not a file");
        };
        let orphan = "PRAGMA foreign_keys = OFF; INSERT INTO cases (organization_id, id, number) VALUES (x'00', x'00', 1);";
        rusqlite::Connection::open(file).unwrap().execute_batch(orphan).unwrap();
        open(&database, MIGRATIONS).await.unwrap().close().await;
    });
}

#[test]
fn a_wrong_url_and_a_dead_server_say_so() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    runtime.block_on(async {
        let postgres = |url: &str| Options {
            backend: deskside_db::Backend::Postgres {
                url: url.to_owned(),
                pool_size: 1,
            },
            migrations: NONE,
            readers: 1,
        };
        let wrong = Db::open(postgres("postgres://host:port/x"))
            .await
            .unwrap_err();
        assert!(matches!(wrong, OpenError::Url(_)), "{wrong:?}");
        // Port 9 (discard) answers nobody on a test machine.
        let dead = Db::open(postgres(
            "postgres://u:secret@127.0.0.1:9/x?connect_timeout=2",
        ))
        .await
        .unwrap_err();
        assert!(matches!(dead, OpenError::Database(_)), "{dead:?}");
        assert!(!dead.to_string().contains("secret"));
        assert!(!format!("{:?}", postgres("postgres://u:secret@h/x")).contains("secret"));
    });
}
