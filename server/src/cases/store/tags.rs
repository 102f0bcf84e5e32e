//! Rows of tags, and which case has which.

use deskside_db::{DbError, OrgSql, OrgTx, Row, Time, org_sql, vals};

use crate::cases::tags::{Tag, TagRef};
use crate::ids::{CaseId, OperatorId, TagId};

static TAGS: OrgSql = org_sql!(
    "SELECT t.id, t.name, (SELECT count(*) FROM (SELECT 1 AS one FROM case_tags x
       WHERE x.organization_id = $1 AND x.tag_id = t.id AND x.status = 'active' LIMIT $2) found) AS cases
     FROM tags t WHERE t.organization_id = $1 ORDER BY t.name_folded"
);

static TAGS_OF: OrgSql = org_sql!(
    "SELECT t.id, t.name, (SELECT count(*) FROM (SELECT 1 AS one FROM case_tags x
       WHERE x.organization_id = $1 AND x.tag_id = t.id AND x.status = 'active'
         AND EXISTS (SELECT 1 FROM case_operators p WHERE p.organization_id = $1 AND p.case_id = x.case_id AND p.operator_id = $3)
       LIMIT $2) found) AS cases
     FROM tags t WHERE t.organization_id = $1 ORDER BY t.name_folded"
);

static FIND_NAME: OrgSql =
    org_sql!("SELECT id, name FROM tags WHERE organization_id = $1 AND name_folded = $2");

static HOLD: OrgSql = org_sql!(
    sqlite: "SELECT id, name FROM tags WHERE organization_id = $1 AND id = $2",
    postgres: "SELECT id, name FROM tags WHERE organization_id = $1 AND id = $2 FOR SHARE"
);

static LOCK: OrgSql = org_sql!(
    sqlite: "SELECT 1 AS held FROM organizations WHERE organization_id = $1",
    postgres: "SELECT CAST(pg_advisory_xact_lock(hashtextextended('tags' || CAST(organization_id AS text), 0)) AS text) AS held
               FROM organizations WHERE organization_id = $1"
);

static COUNT: OrgSql = org_sql!("SELECT count(*) AS tags FROM tags WHERE organization_id = $1");

static INSERT: OrgSql = org_sql!(
    "INSERT INTO tags (organization_id, id, name, name_folded, created_at) VALUES ($1, $2, $3, $4, $5)"
);

static RENAME: OrgSql =
    org_sql!("UPDATE tags SET name = $3, name_folded = $4 WHERE organization_id = $1 AND id = $2");

static DELETE: OrgSql = org_sql!("DELETE FROM tags WHERE organization_id = $1 AND id = $2");

static PUT: OrgSql = org_sql!(
    "INSERT INTO case_tags (organization_id, case_id, tag_id, status, last_activity_at, waiting_since)
     SELECT $1, c.id, $3, c.status, c.last_activity_at, c.waiting_since FROM cases c WHERE c.organization_id = $1 AND c.id = $2
     ON CONFLICT (organization_id, case_id, tag_id) DO NOTHING"
);

static TAKE: OrgSql =
    org_sql!("DELETE FROM case_tags WHERE organization_id = $1 AND case_id = $2 AND tag_id = $3");

static OF_CASE: OrgSql = org_sql!(
    "SELECT t.id, t.name FROM case_tags x JOIN tags t ON t.organization_id = $1 AND t.id = x.tag_id
     WHERE x.organization_id = $1 AND x.case_id = $2 ORDER BY t.name_folded"
);

fn tag_ref(row: &Row) -> Result<TagRef, DbError> {
    Ok(TagRef {
        id: row.get("id")?,
        name: row.get("name")?,
    })
}

/// All tags by name, each with its active cases, counted up to `most`; with `only_of` those this operator is on.
pub async fn tags(
    tx: &mut OrgTx<'_>,
    only_of: Option<OperatorId>,
    most: i64,
) -> Result<Vec<Tag>, DbError> {
    let rows = match only_of {
        None => tx.rows(&TAGS, vals![most]).await?,
        Some(operator) => tx.rows(&TAGS_OF, vals![most, operator]).await?,
    };
    rows.iter()
        .map(|row| {
            Ok(Tag {
                id: row.get("id")?,
                name: row.get("name")?,
                cases: row.get("cases")?,
            })
        })
        .collect()
}

/// The tag of a folded name.
pub async fn find_tag_named(tx: &mut OrgTx<'_>, folded: &str) -> Result<Option<TagRef>, DbError> {
    let row = tx.row(&FIND_NAME, vals![folded]).await?;
    row.as_ref().map(tag_ref).transpose()
}

/// A tag, held until the commit so that nobody deletes it meanwhile.
pub async fn hold_tag(tx: &mut OrgTx<'_>, id: TagId) -> Result<Option<TagRef>, DbError> {
    let row = tx.row(&HOLD, vals![id]).await?;
    row.as_ref().map(tag_ref).transpose()
}

/// Lets nobody else make or name a tag until the commit: names are one each, and there are only so many.
pub async fn lock_tags(tx: &mut OrgTx<'_>) -> Result<(), DbError> {
    tx.row(&LOCK, &[]).await?;
    Ok(())
}

/// How many tags there are.
pub async fn count_tags(tx: &mut OrgTx<'_>) -> Result<i64, DbError> {
    tx.row(&COUNT, &[])
        .await?
        .map_or(Ok(0), |row| row.get("tags"))
}

/// Writes a new tag.
pub async fn insert_tag(
    tx: &mut OrgTx<'_>,
    id: TagId,
    name: &str,
    folded: &str,
    now: Time,
) -> Result<(), DbError> {
    tx.execute(&INSERT, vals![id, name, folded, now]).await?;
    Ok(())
}

/// Gives a tag another name.
pub async fn rename_tag(
    tx: &mut OrgTx<'_>,
    id: TagId,
    name: &str,
    folded: &str,
) -> Result<(), DbError> {
    tx.execute(&RENAME, vals![id, name, folded]).await?;
    Ok(())
}

/// Deletes a tag and takes it off all cases; whether there was such a tag.
pub async fn delete_tag(tx: &mut OrgTx<'_>, id: TagId) -> Result<bool, DbError> {
    Ok(tx.execute(&DELETE, vals![id]).await? > 0)
}

/// Puts a tag on a case; whether it was not there.
pub async fn put_case_tag(
    tx: &mut OrgTx<'_>,
    case_id: CaseId,
    tag: TagId,
) -> Result<bool, DbError> {
    Ok(tx.execute(&PUT, vals![case_id, tag]).await? > 0)
}

/// Takes a tag off a case; whether it was there.
pub async fn delete_case_tag(
    tx: &mut OrgTx<'_>,
    case_id: CaseId,
    tag: TagId,
) -> Result<bool, DbError> {
    Ok(tx.execute(&TAKE, vals![case_id, tag]).await? > 0)
}

/// The tags of a case, by name.
pub async fn case_tags(tx: &mut OrgTx<'_>, case_id: CaseId) -> Result<Vec<TagRef>, DbError> {
    tx.rows(&OF_CASE, vals![case_id])
        .await?
        .iter()
        .map(tag_ref)
        .collect()
}

static TAG_IDS: OrgSql = org_sql!("SELECT id FROM tags WHERE organization_id = $1");

/// The ids of all tags.
pub async fn tag_ids(tx: &mut OrgTx<'_>) -> Result<Vec<TagId>, DbError> {
    tx.rows(&TAG_IDS, &[])
        .await?
        .iter()
        .map(|row| row.get("id"))
        .collect()
}
