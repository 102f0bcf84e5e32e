//! Rows of quick responses. What is read is everyone's or the asking operator's own, never another's.

use deskside_db::{DbError, OrgSql, OrgTx, Row, org_sql, vals};

use super::{QuickResponse, Scope};
use crate::ids::{OperatorId, QuickResponseId};

static LOCK: OrgSql = org_sql!(
    sqlite: "SELECT 1 AS held FROM organizations WHERE organization_id = $1",
    postgres: "SELECT CAST(pg_advisory_xact_lock(hashtextextended('quick_responses' || CAST(organization_id AS text), 0)) AS text) AS held
               FROM organizations WHERE organization_id = $1"
);

static LIST: OrgSql = org_sql!(
    "SELECT id, owner, shortcut, title, text, version, changed_at FROM quick_responses
     WHERE organization_id = $1 AND (owner IS NULL OR owner = $2) ORDER BY shortcut_folded, id"
);

static FIND: OrgSql = org_sql!(
    sqlite: "SELECT id, owner, shortcut, title, text, version, changed_at FROM quick_responses
             WHERE organization_id = $1 AND id = $2 AND (owner IS NULL OR owner = $3)",
    postgres: "SELECT id, owner, shortcut, title, text, version, changed_at FROM quick_responses
               WHERE organization_id = $1 AND id = $2 AND (owner IS NULL OR owner = $3) FOR UPDATE"
);

static COUNT: OrgSql = org_sql!(
    "SELECT count(*) AS responses FROM quick_responses WHERE organization_id = $1
     AND ((CAST($2 AS bigint) = 1 AND owner IS NULL) OR owner = $3)"
);

static ID_OF: OrgSql = org_sql!(
    "SELECT id FROM quick_responses WHERE organization_id = $1 AND shortcut_folded = $2
     AND ((CAST($3 AS bigint) = 1 AND owner IS NULL) OR owner = $4)"
);

static INSERT: OrgSql = org_sql!(
    "INSERT INTO quick_responses (organization_id, id, owner, shortcut, shortcut_folded, title, text, version, changed_at)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)"
);

static UPDATE: OrgSql = org_sql!(
    "UPDATE quick_responses SET shortcut = $3, shortcut_folded = $4, title = $5, text = $6, version = $7, changed_at = $8
     WHERE organization_id = $1 AND id = $2"
);

static DELETE: OrgSql =
    org_sql!("DELETE FROM quick_responses WHERE organization_id = $1 AND id = $2");

fn response(row: &Row) -> Result<QuickResponse, DbError> {
    let owner: Option<OperatorId> = row.get("owner")?;
    Ok(QuickResponse {
        id: row.get("id")?,
        scope: if owner.is_some() {
            Scope::Private
        } else {
            Scope::Global
        },
        shortcut: row.get("shortcut")?,
        title: row.get("title")?,
        text: row.get("text")?,
        version: row.get("version")?,
        changed_at: row.get("changed_at")?,
    })
}

/// Lets one write at a time count and compare; the others wait.
pub async fn lock(tx: &mut OrgTx<'_>) -> Result<(), DbError> {
    tx.row(&LOCK, &[]).await?;
    Ok(())
}

/// Everyone's and this operator's own, by shortcut.
pub async fn list(tx: &mut OrgTx<'_>, operator: OperatorId) -> Result<Vec<QuickResponse>, DbError> {
    tx.rows(&LIST, vals![operator])
        .await?
        .iter()
        .map(response)
        .collect()
}

/// One that this operator may see; held until the commit. For writes only.
pub async fn find(
    tx: &mut OrgTx<'_>,
    id: QuickResponseId,
    operator: OperatorId,
) -> Result<Option<QuickResponse>, DbError> {
    tx.row(&FIND, vals![id, operator])
        .await?
        .as_ref()
        .map(response)
        .transpose()
}

/// How many there are of everyone's, or of an owner's.
pub async fn count(tx: &mut OrgTx<'_>, owner: Option<OperatorId>) -> Result<i64, DbError> {
    match tx.row(&COUNT, vals![owner.is_none(), owner]).await? {
        Some(row) => row.get("responses"),
        None => Ok(0),
    }
}

/// Which one has this shortcut among everyone's, or an owner's.
pub async fn id_of(
    tx: &mut OrgTx<'_>,
    folded: &str,
    owner: Option<OperatorId>,
) -> Result<Option<QuickResponseId>, DbError> {
    let values = vals![folded, owner.is_none(), owner];
    match tx.row(&ID_OF, values).await? {
        Some(row) => row.get("id").map(Some),
        None => Ok(None),
    }
}

/// Writes a new one.
pub async fn insert(
    tx: &mut OrgTx<'_>,
    response: &QuickResponse,
    folded: &str,
    owner: Option<OperatorId>,
) -> Result<(), DbError> {
    tx.execute(
        &INSERT,
        vals![
            response.id,
            owner,
            &response.shortcut,
            folded,
            &response.title,
            &response.text,
            response.version,
            response.changed_at
        ],
    )
    .await?;
    Ok(())
}

/// Writes a changed one; whose it is stays.
pub async fn update(
    tx: &mut OrgTx<'_>,
    response: &QuickResponse,
    folded: &str,
) -> Result<(), DbError> {
    tx.execute(
        &UPDATE,
        vals![
            response.id,
            &response.shortcut,
            folded,
            &response.title,
            &response.text,
            response.version,
            response.changed_at
        ],
    )
    .await?;
    Ok(())
}

/// Deletes one.
pub async fn delete(tx: &mut OrgTx<'_>, id: QuickResponseId) -> Result<(), DbError> {
    tx.execute(&DELETE, vals![id]).await?;
    Ok(())
}
