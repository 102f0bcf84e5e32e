//! Every SQL text of the house: both databases can read it, and each of an organization's tables is bound.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use deskside::migrations::MIGRATIONS;
use deskside_db::testing::{FoundSql, Scope, TestDatabase, prepare, sql_texts_in, unbound_tables};
use deskside_db::{Db, DbError, Dialect, SystemSql, system_sql};

/// Where statements that see every organization may stand, and nowhere else.
const SYSTEM_FILES: &[&str] = &[
    "crates/db/src/db.rs",
    "crates/jobs/src/queue.rs",
    "server/src/auth/account/store.rs",
    "server/src/auth/store.rs",
    "server/src/calls/store.rs",
    "server/src/guests/store.rs",
    "server/src/once/store.rs",
    "server/src/pictures/store.rs",
    "server/src/search/store/mod.rs",
    "server/src/setup/store.rs",
    "server/src/team/organization/store.rs",
    "server/src/team/store.rs",
];

/// Tables whose rows belong to no organization, or carry it only as a note.
const SHARED_TABLES: [&str; 4] = ["attempts", "jobs", "refinery_schema_history", "setup"];

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("..")
        .canonicalize()
        .expect("the repository")
}

/// Every statement of the product, with its file as seen from the root.
fn statements() -> Vec<FoundSql> {
    let root = root();
    let mut found: Vec<FoundSql> = ["server/src", "crates/jobs/src", "crates/db/src"]
        .into_iter()
        .flat_map(|folder| sql_texts_in(&root.join(folder)))
        .collect();
    for statement in &mut found {
        statement.file = statement
            .file
            .strip_prefix(&root)
            .expect("inside the repository")
            .to_owned();
    }
    assert!(found.len() > 80, "only {} statements found", found.len());
    found
}

#[test]
fn sqlite_reads_every_statement() {
    every_statement_is_prepared(Dialect::Sqlite);
}

#[test]
fn postgres_reads_every_statement() {
    every_statement_is_prepared(Dialect::Postgres);
}

fn every_statement_is_prepared(dialect: Dialect) {
    deskside_db::testing::run(dialect, MIGRATIONS, async |db: Db| {
        let mut refused = Vec::new();
        for statement in statements() {
            if let Err(error) = prepare(&db, &statement).await {
                refused.push(format!(
                    "{}:{}: {error}",
                    statement.file.display(),
                    statement.line
                ));
            }
        }
        assert!(refused.is_empty(), "{dialect:?}: {}", refused.join("\n"));
    });
}

#[test]
fn each_table_of_an_organization_is_bound_to_it_in_every_statement() {
    let schema = schema_of(Dialect::Sqlite);
    let tables: BTreeSet<&str> = schema
        .iter()
        .filter(|line| line.contains(".organization_id "))
        .filter_map(|line| line.split('.').next())
        .filter(|table| !SHARED_TABLES.contains(table))
        .collect();
    assert!(tables.contains("cases") && tables.contains("events") && tables.len() >= 12);
    let tables: Vec<&str> = tables.into_iter().collect();
    for statement in statements() {
        if statement.scope == Scope::Org {
            for text in [&statement.sqlite, &statement.postgres] {
                let unbound = unbound_tables(text, &tables);
                assert!(
                    unbound.is_empty(),
                    "{}:{}: {unbound:?} is not bound to $1: {text}",
                    statement.file.display(),
                    statement.line
                );
            }
        }
    }
}

#[test]
fn statements_over_all_organizations_stand_only_where_they_must() {
    let found: BTreeSet<String> = statements()
        .into_iter()
        .filter(|statement| statement.scope == Scope::System)
        .map(|statement| statement.file.display().to_string())
        .collect();
    let allowed: BTreeSet<String> = SYSTEM_FILES.iter().copied().map(String::from).collect();
    assert_eq!(found, allowed);
}

static SCHEMA: SystemSql = system_sql!(
    sqlite: "SELECT m.name AS table_name, p.name AS column_name, lower(p.type) AS kind, p.\"notnull\" AS filled
             FROM sqlite_master m JOIN pragma_table_info(m.name) p WHERE m.type = 'table' AND m.name NOT LIKE 'sqlite_%'",
    postgres: "SELECT table_name::text, column_name::text, data_type::text AS kind, CAST(is_nullable = 'NO' AS int)::bigint AS filled
             FROM information_schema.columns WHERE table_schema = 'public'"
);

static INDEXES: SystemSql = system_sql!(
    sqlite: "SELECT name FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL",
    postgres: "SELECT i.indexname::text AS name FROM pg_indexes i WHERE i.schemaname = 'public'
               AND NOT EXISTS (SELECT 1 FROM pg_constraint c WHERE c.conname = i.indexname)"
);

/// Tables, columns and indexes of a fresh database, one line each, in words that both databases share.
fn schema_of(dialect: Dialect) -> BTreeSet<String> {
    let runtime = tokio::runtime::Runtime::new().expect("a runtime starts");
    runtime.block_on(async {
        let database = TestDatabase::make(dialect, MIGRATIONS).await;
        let db = database.open().await;
        let lines = db
            .read(|tx| {
                Box::pin(async move {
                    let mut lines = BTreeSet::new();
                    for row in tx.system().rows(&SCHEMA, &[]).await? {
                        let table: String = row.get("table_name")?;
                        let column: String = row.get("column_name")?;
                        let kind: String = row.get("kind")?;
                        let kind = match kind.as_str() {
                            "blob" | "bytea" | "uuid" => "bytes",
                            "integer" | "bigint" | "smallint" => "integer",
                            other => other,
                        };
                        let filled: i64 = row.get("filled")?;
                        // The migration tool's own table differs a little between its drivers, and SQLite keeps the
                        // trigrams in tables where PostgreSQL has an index.
                        if table != "refinery_schema_history" && !table.starts_with("search_fts") {
                            lines.insert(format!("{table}.{column} {kind} {filled}"));
                        }
                    }
                    for row in tx.system().rows(&INDEXES, &[]).await? {
                        let name: String = row.get("name")?;
                        if name != "search_rows_trigrams" {
                            lines.insert(format!("index {name}"));
                        }
                    }
                    Ok::<_, DbError>(lines)
                })
            })
            .await
            .expect("the schema can be read");
        db.close().await;
        database.remove().await;
        lines
    })
}

#[test]
fn both_databases_have_the_same_tables_columns_and_indexes() {
    let (lite, postgres) = (schema_of(Dialect::Sqlite), schema_of(Dialect::Postgres));
    let only = |a: &BTreeSet<String>, b: &BTreeSet<String>| -> Vec<String> {
        a.difference(b).cloned().collect()
    };
    assert!(lite.len() > 80, "{lite:?}");
    assert_eq!(only(&lite, &postgres), [""; 0], "only on SQLite");
    assert_eq!(only(&postgres, &lite), [""; 0], "only on PostgreSQL");
}
