//! Statements with clauses: both databases carry them out, and they are read from the source as they are compiled.

use std::path::Path;

use deskside_db::testing::sql_texts_in;
use deskside_db::{Db, OrgSql, both_databases, org_sql, vals};

use crate::support::{MIGRATIONS, add, organization};

macro_rules! among {
    (sqlite, $numbers:literal) => {
        concat!(
            "AND number IN (SELECT value FROM json_each($",
            $numbers,
            "))"
        )
    };
    (postgres, $numbers:literal) => {
        concat!(
            "AND number IN (SELECT value::bigint FROM json_array_elements_text($",
            $numbers,
            "::text::json))",
        )
    };
}

macro_rules! nameless {
    (sqlite) => {
        "AND name IS NULL"
    };
    (postgres) => {
        "AND (name IS NULL OR name = '')"
    };
}

static AMONG: OrgSql = org_sql!(
    "SELECT number FROM cases WHERE organization_id = $1 AND number > $2",
    among!(3),
    "ORDER BY number"
);

static COUNT: OrgSql = org_sql!(
    "SELECT count(*) AS cases FROM cases WHERE organization_id = $1",
    among!(2),
    nameless!(),
);

both_databases! {
    MIGRATIONS;

    /// Each database is asked in its own words.
    async fn clauses_are_carried_out(db: Db) {
        let organization = organization(&db).await;
        for number in 1..=4 {
            add(&db, organization, number).await.unwrap();
        }
        let numbers = db
            .read(move |tx| {
                Box::pin(async move { tx.org(organization).rows(&AMONG, vals![1_i64, "[1, 2, 4, 9]"]).await })
            })
            .await
            .unwrap();
        let numbers: Vec<i64> = numbers.iter().map(|row| row.get("number").unwrap()).collect();
        assert_eq!(numbers, [2, 4]);
        let count = db
            .read(move |tx| Box::pin(async move { tx.org(organization).row(&COUNT, vals!["[1, 2]"]).await }))
            .await
            .unwrap()
            .unwrap();
        assert_eq!(count.get::<i64>("cases"), Ok(0), "every case has a name");
    }
}

#[test]
fn the_reader_sees_what_is_compiled() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/clauses");
    let found = sql_texts_in(&folder);
    assert_eq!(found.len(), 2);
    for (statement, compiled) in found.iter().zip([&AMONG, &COUNT]) {
        let compiled = format!("{compiled:?}");
        for text in [&statement.sqlite, &statement.postgres] {
            assert!(
                compiled.contains(&format!("{text:?}")),
                "{compiled}: {text}"
            );
        }
        assert_ne!(statement.sqlite, statement.postgres);
    }
}
