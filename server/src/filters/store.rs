//! Rows of saved filters.

use deskside_db::{DbError, OrgSql, OrgTx, Time, org_sql, vals};

use super::{FilterWords, SavedFilter};
use crate::ids::{FilterId, OperatorId};

static LOCK: OrgSql = org_sql!(
    sqlite: "SELECT 1 AS held FROM organizations WHERE organization_id = $1 AND $2 IS NOT NULL",
    postgres: "SELECT CAST(pg_advisory_xact_lock(hashtextextended('saved_filters' || CAST(CAST($2 AS uuid) AS text), 0)) AS text) AS held
               FROM organizations WHERE organization_id = $1"
);

static ALL: OrgSql = org_sql!(
    "SELECT id, name, filter FROM saved_filters WHERE organization_id = $1 AND operator_id = $2 ORDER BY created_at, id"
);

static COUNT: OrgSql = org_sql!(
    "SELECT count(*) AS filters FROM saved_filters WHERE organization_id = $1 AND operator_id = $2"
);

static INSERT: OrgSql = org_sql!(
    "INSERT INTO saved_filters (organization_id, id, operator_id, name, filter, created_at) VALUES ($1, $2, $3, $4, $5, $6)"
);

static DELETE: OrgSql = org_sql!(
    "DELETE FROM saved_filters WHERE organization_id = $1 AND operator_id = $2 AND id = $3"
);

/// Lets an operator save one filter at a time until the commit: there are only so many.
pub async fn lock(tx: &mut OrgTx<'_>, operator: OperatorId) -> Result<(), DbError> {
    tx.row(&LOCK, vals![operator]).await?;
    Ok(())
}

/// An operator's filters, the oldest first.
pub async fn all(tx: &mut OrgTx<'_>, operator: OperatorId) -> Result<Vec<SavedFilter>, DbError> {
    tx.rows(&ALL, vals![operator])
        .await?
        .iter()
        .map(|row| {
            let filter: FilterWords = serde_json::from_str(&row.get::<String>("filter")?)
                .map_err(|error| DbError::Decode(error.to_string()))?;
            Ok(SavedFilter {
                id: row.get("id")?,
                name: row.get("name")?,
                filter,
            })
        })
        .collect()
}

/// How many filters an operator has.
pub async fn count(tx: &mut OrgTx<'_>, operator: OperatorId) -> Result<i64, DbError> {
    tx.row(&COUNT, vals![operator])
        .await?
        .map_or(Ok(0), |row| row.get("filters"))
}

/// Writes a new filter.
pub async fn insert(
    tx: &mut OrgTx<'_>,
    operator: OperatorId,
    saved: &SavedFilter,
    now: Time,
) -> Result<(), DbError> {
    let filter =
        serde_json::to_string(&saved.filter).map_err(|error| DbError::Other(error.to_string()))?;
    tx.execute(
        &INSERT,
        vals![saved.id, operator, saved.name.as_str(), filter, now],
    )
    .await?;
    Ok(())
}

/// Deletes a filter of an operator's; whether there was one.
pub async fn delete(
    tx: &mut OrgTx<'_>,
    operator: OperatorId,
    id: FilterId,
) -> Result<bool, DbError> {
    Ok(tx.execute(&DELETE, vals![operator, id]).await? > 0)
}
