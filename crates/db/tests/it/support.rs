//! A schema to try things on, and what every test does with it.

use std::time::Duration;

use deskside_db::{
    Db, DbError, Migration, OrgSql, OrganizationId, Random, SystemSql, Time, Uuid, org_sql,
    system_sql, vals,
};

pub(crate) static MIGRATIONS: &[Migration] = &[
    Migration {
        version: 1,
        name: "organizations",
        sqlite: "CREATE TABLE organizations (id BLOB PRIMARY KEY, name TEXT NOT NULL) STRICT;",
        postgres: "CREATE TABLE organizations (id UUID PRIMARY KEY, name TEXT NOT NULL);",
    },
    Migration {
        version: 2,
        name: "cases",
        sqlite: "CREATE TABLE cases (
                organization_id BLOB NOT NULL REFERENCES organizations (id) DEFERRABLE INITIALLY DEFERRED,
                id BLOB NOT NULL, number INTEGER NOT NULL CHECK (number > 0), name TEXT, picture BLOB,
                PRIMARY KEY (organization_id, id), UNIQUE (organization_id, number)
            ) STRICT;",
        postgres: "CREATE TABLE cases (
                organization_id UUID NOT NULL REFERENCES organizations (id) DEFERRABLE INITIALLY DEFERRED,
                id UUID NOT NULL, number BIGINT NOT NULL CHECK (number > 0), name TEXT, picture BYTEA,
                PRIMARY KEY (organization_id, id), UNIQUE (organization_id, number)
            );",
    },
];

static ADD_ORGANIZATION: SystemSql =
    system_sql!("INSERT INTO organizations (id, name) VALUES ($1, $2)");
pub(crate) static ADD_CASE: OrgSql =
    org_sql!("INSERT INTO cases (organization_id, id, number, name) VALUES ($1, $2, $3, $4)");
pub(crate) static NUMBERS: OrgSql =
    org_sql!("SELECT number FROM cases WHERE organization_id = $1 ORDER BY number");

/// Makes an organization.
pub(crate) async fn organization(db: &Db) -> OrganizationId {
    let id = OrganizationId::new(Time::from_millis(1_795_339_800_000), &Random::system());
    let added: Result<u64, DbError> = db
        .write(move |tx| {
            Box::pin(async move {
                let values = vals![id, "Ordination Süd"];
                tx.system().execute(&ADD_ORGANIZATION, values).await
            })
        })
        .await;
    assert_eq!(added, Ok(1));
    id
}

/// Adds a case with this number.
pub(crate) async fn add(db: &Db, organization: OrganizationId, number: i64) -> Result<(), DbError> {
    db.write(move |tx| {
        Box::pin(async move {
            insert(tx, organization, number).await?;
            Ok(())
        })
    })
    .await
}

/// Adds a case within a transaction.
pub(crate) async fn insert(
    tx: &mut deskside_db::Tx,
    organization: OrganizationId,
    number: i64,
) -> Result<u64, DbError> {
    tx.org(organization)
        .execute(&ADD_CASE, vals![Uuid::now_v7(), number, "Anna Berg"])
        .await
}

/// The numbers of the organization's cases.
pub(crate) async fn numbers(db: &Db, organization: OrganizationId) -> Vec<i64> {
    db.read(move |tx| Box::pin(async move { read_numbers(tx, organization).await }))
        .await
        .expect("the numbers can be read")
}

/// The numbers of the organization's cases, within a transaction.
pub(crate) async fn read_numbers(
    tx: &mut deskside_db::Tx,
    organization: OrganizationId,
) -> Result<Vec<i64>, DbError> {
    let rows = tx.org(organization).rows(&NUMBERS, vals![]).await?;
    rows.iter().map(|row| row.get("number")).collect()
}

/// Waits until the numbers are these, at most ten seconds.
pub(crate) async fn until_numbers_are(db: &Db, organization: OrganizationId, expected: &[i64]) {
    let seen = tokio::time::timeout(Duration::from_secs(10), async {
        while numbers(db, organization).await != expected {
            tokio::task::yield_now().await;
        }
    });
    assert!(seen.await.is_ok(), "the numbers never became {expected:?}");
}
