//! The same statement and the same values give the same answer on both databases.

use deskside_db::{
    Db, DbError, OrgSql, OrganizationId, SystemSql, Time, Uuid, Val, both_databases, org_sql,
    system_sql, vals,
};

use crate::support::{MIGRATIONS, add, organization};

static ADD: OrgSql = org_sql!(
    "INSERT INTO cases (organization_id, id, number, name, picture) VALUES ($1, $2, $3, $4, $5)"
);
static FIND: OrgSql = org_sql!(
    "SELECT organization_id, id, number, name, picture, name IS NULL AS nameless
     FROM cases WHERE organization_id = $1 AND id = $2"
);
static RENAME: OrgSql =
    org_sql!("UPDATE cases SET name = $2 WHERE organization_id = $1 AND number >= $3");
static EVERY: OrgSql = org_sql!("SELECT id FROM cases WHERE organization_id = $1");
static WITHOUT_ONE: OrgSql =
    org_sql!("DELETE FROM cases WHERE organization_id = $1 RETURNING number");
static ECHO: SystemSql =
    system_sql!("SELECT CAST($1 AS BIGINT) AS n, '$2' AS quoted, $2 || '!' AS said");
static NO_TABLE: SystemSql = system_sql!("SELECT 1 AS n FROM nowhere");
static REAL: SystemSql = system_sql!("SELECT 0.5 AS half");

/// What one statement answers, for errors as well.
async fn execute(
    db: &Db,
    organization: OrganizationId,
    sql: &'static OrgSql,
    params: Vec<Val>,
) -> Result<u64, DbError> {
    db.write(move |tx| Box::pin(async move { tx.org(organization).execute(sql, &params).await }))
        .await
}

fn case(id: u128, number: i64) -> Vec<Val> {
    vals![Uuid::from_u128(id), number, "x", None::<Vec<u8>>].to_vec()
}

both_databases! {
    MIGRATIONS;

    /// Every kind of value comes back as it went in.
    async fn values_come_back_as_they_went(db: Db) {
        let organization = organization(&db).await;
        let texts = [Some("Zoë 👩‍⚕️ 'quoted' \"double\" $1 ?1 \\ \n".to_owned()), Some(String::new()), None];
        let pictures = [Some(vec![0, 255, 0x27]), Some(Vec::new()), None];
        let numbers = [1, i64::MAX, 1 << 40];
        for ((text, picture), number) in texts.into_iter().zip(pictures).zip(numbers) {
            let id = Uuid::now_v7();
            let given = (text.clone(), picture.clone());
            let row = db
                .write(move |tx| {
                    Box::pin(async move {
                        tx.org(organization).execute(&ADD, vals![id, number, given.0, given.1]).await?;
                        tx.org(organization).row(&FIND, vals![id]).await
                    })
                })
                .await
                .unwrap()
                .unwrap();
            assert_eq!(row.get::<OrganizationId>("organization_id"), Ok(organization));
            assert_eq!(row.get::<Uuid>("id"), Ok(id));
            assert_eq!(row.get::<i64>("number"), Ok(number));
            assert_eq!(row.get::<Time>("number"), Ok(Time::from_millis(number)));
            assert_eq!(row.get::<Option<String>>("name"), Ok(text.clone()));
            assert_eq!(row.get::<Option<Vec<u8>>>("picture"), Ok(picture));
            assert_eq!(row.get::<bool>("nameless"), Ok(text.is_none()));
        }
    }

    /// A row says in words why it cannot be read.
    async fn a_wrong_read_of_a_row_is_an_error(db: Db) {
        let row = db
            .read(|tx| Box::pin(async move { tx.system().row(&ECHO, vals![2_i64, "said"]).await }))
            .await
            .unwrap()
            .unwrap();
        assert_eq!(row.get::<String>("said"), Ok("said!".to_owned()));
        assert_eq!(row.get::<String>("quoted"), Ok("$2".to_owned()));
        assert_eq!(row.get::<i64>("missing"), Err(DbError::Decode("there is no column missing".to_owned())));
        assert_eq!(row.get::<i64>("said"), Err(DbError::Decode("column said is not a whole number".to_owned())));
        assert_eq!(row.get::<bool>("n"), Err(DbError::Decode("column n is not 0 or 1".to_owned())));
        assert_eq!(row.get::<Uuid>("said"), Err(DbError::Decode("column said is not an id".to_owned())));
        let real = db.read(|tx| Box::pin(async move { tx.system().row(&REAL, vals![]).await })).await;
        assert!(matches!(real, Err(DbError::Decode(_))), "{real:?}");
    }

    /// Rows are counted as touched, not as looked at.
    async fn touched_rows_are_counted(db: Db) {
        let organization = organization(&db).await;
        for number in 1..=3 {
            add(&db, organization, number).await.unwrap();
        }
        assert_eq!(execute(&db, organization, &RENAME, vals!["Ben", 2_i64].to_vec()).await, Ok(2));
        assert_eq!(execute(&db, organization, &RENAME, vals!["Ben", 9_i64].to_vec()).await, Ok(0));
        let other = crate::support::organization(&db).await;
        assert_eq!(execute(&db, other, &RENAME, vals!["Ben", 1_i64].to_vec()).await, Ok(0));
    }

    /// Constraints are told apart.
    async fn constraints_are_told_apart(db: Db) {
        let organization = organization(&db).await;
        assert_eq!(execute(&db, organization, &ADD, case(1, 1)).await, Ok(1));
        for (params, unique) in [(case(1, 2), true), (case(2, 1), true), (case(2, 0), false)] {
            let refused = execute(&db, organization, &ADD, params).await.unwrap_err();
            assert!(matches!(refused, DbError::Constraint { .. }), "{refused:?}");
            assert_eq!(refused.is_unique(), unique, "{refused:?}");
        }
    }

    /// Defects in a statement or its values are errors, never a panic or a half result.
    async fn defects_are_errors(db: Db) {
        let organization = organization(&db).await;
        for number in 1..=2 {
            add(&db, organization, number).await.unwrap();
        }
        let several = db
            .read(move |tx| Box::pin(async move { tx.org(organization).row(&EVERY, vals![]).await }))
            .await;
        assert_eq!(several, Err(DbError::TooManyRows));
        let no_table =
            db.read(|tx| Box::pin(async move { tx.system().row(&NO_TABLE, vals![]).await })).await;
        assert!(matches!(no_table, Err(DbError::Other(_))), "{no_table:?}");
        for params in [vals![].to_vec(), vals!["x", 1_i64, 2_i64].to_vec()] {
            let refused = execute(&db, organization, &RENAME, params).await;
            assert!(matches!(refused, Err(DbError::Other(_))), "{refused:?}");
        }
        let answered = execute(&db, organization, &WITHOUT_ONE, Vec::new()).await;
        assert!(matches!(answered, Err(DbError::Other(_))), "{answered:?}");
        let kept = db
            .read(move |tx| Box::pin(async move { tx.org(organization).rows(&EVERY, vals![]).await }))
            .await;
        assert_eq!(kept.unwrap().len(), 2);
    }
}
