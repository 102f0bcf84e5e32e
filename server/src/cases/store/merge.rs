//! Rows of a case on their way to the one it is merged into.

use deskside_db::{DbError, OrgSql, OrgTx, Time, org_sql, vals};

use crate::cases::view::ReadMark;
use crate::ids::{CaseId, OperatorId};

static ADD_COUNTERS: OrgSql = org_sql!(
    "UPDATE cases SET last_entry = last_entry + $3, guest_messages = guest_messages + $4, guest_read_entry = $5, guest_read_at = $6,
            guest_seen_at = $7 WHERE organization_id = $1 AND id = $2"
);

static MOVE_SNIPPET: OrgSql = org_sql!(
    "UPDATE cases SET
       snippet_from = (SELECT f.snippet_from FROM cases f WHERE f.organization_id = $1 AND f.id = $2),
       snippet_actor = (SELECT f.snippet_actor FROM cases f WHERE f.organization_id = $1 AND f.id = $2),
       snippet_text = (SELECT f.snippet_text FROM cases f WHERE f.organization_id = $1 AND f.id = $2)
     WHERE organization_id = $1 AND id = $3
       AND EXISTS (SELECT 1 FROM cases f WHERE f.organization_id = $1 AND f.id = $2 AND f.snippet_text IS NOT NULL)"
);

static MOVE_ATTENTION: OrgSql = org_sql!(
    "UPDATE case_attention SET case_id = $3, entry = entry + $4 WHERE organization_id = $1 AND case_id = $2
       AND NOT EXISTS (SELECT 1 FROM case_attention x WHERE x.organization_id = $1 AND x.case_id = $3 AND x.operator_id = case_attention.operator_id)"
);

static COPY_TAGS: OrgSql = org_sql!(
    "INSERT INTO case_tags (organization_id, case_id, tag_id, status, last_activity_at, waiting_since)
     SELECT $1, c.id, x.tag_id, c.status, c.last_activity_at, c.waiting_since
     FROM case_tags x JOIN cases c ON c.organization_id = $1 AND c.id = $3
     WHERE x.organization_id = $1 AND x.case_id = $2
     ON CONFLICT (organization_id, case_id, tag_id) DO NOTHING"
);

static AT_WORK: OrgSql = org_sql!(
    "SELECT c.operator_id FROM case_operators c JOIN operators o ON o.organization_id = c.organization_id AND o.id = c.operator_id
     WHERE c.organization_id = $1 AND c.case_id = $2 AND o.active = 1 AND o.seat = 1 ORDER BY c.joined_at, c.operator_id"
);

static WAIT_SINCE: OrgSql = org_sql!(
    "UPDATE cases SET waiting_since = $3 WHERE organization_id = $1 AND id = $2 AND waiting_since IS NOT NULL"
);

static TAGS_WAIT_SINCE: OrgSql = org_sql!(
    "UPDATE case_tags SET waiting_since = $3 WHERE organization_id = $1 AND case_id = $2 AND waiting_since IS NOT NULL"
);

static FOLLOW: OrgSql = org_sql!(
    "UPDATE merged_cases SET into_case = $3 WHERE organization_id = $1 AND into_case = $2"
);

static NOTE: OrgSql = org_sql!(
    "INSERT INTO merged_cases (organization_id, case_id, into_case, number, merged_at) VALUES ($1, $2, $3, $4, $5)"
);

static MERGED_INTO: OrgSql =
    org_sql!("SELECT into_case FROM merged_cases WHERE organization_id = $1 AND case_id = $2");

static MERGED_OF: OrgSql =
    org_sql!("SELECT case_id FROM merged_cases WHERE organization_id = $1 AND into_case = $2");

/// What another case adds to the counters of a case.
pub struct Counters {
    /// Entries.
    pub entries: i64,
    /// Messages of the guest.
    pub guest_messages: i64,
    /// How far the guest has read, of both.
    pub guest_read: Option<ReadMark>,
    /// When the guest was there last, in either.
    pub guest_seen_at: Option<Time>,
}

/// Adds up the counters of a case and another one.
pub async fn add_counters(tx: &mut OrgTx<'_>, into: CaseId, sum: &Counters) -> Result<(), DbError> {
    let values = vals![
        into,
        sum.entries,
        sum.guest_messages,
        sum.guest_read.as_ref().map_or(0, |mark| mark.entry),
        sum.guest_read.as_ref().map(|mark| mark.at),
        sum.guest_seen_at
    ];
    tx.execute(&ADD_COUNTERS, values).await?;
    Ok(())
}

/// Shows the last words of `from` as those of `into`, if there are some.
pub async fn move_snippet(tx: &mut OrgTx<'_>, from: CaseId, into: CaseId) -> Result<(), DbError> {
    tx.execute(&MOVE_SNIPPET, vals![from, into]).await?;
    Ok(())
}

/// Moves marks of attention where none stands, and tags that are not there yet.
pub async fn move_marks(
    tx: &mut OrgTx<'_>,
    from: CaseId,
    into: CaseId,
    offset: i64,
) -> Result<(), DbError> {
    tx.execute(&MOVE_ATTENTION, vals![from, into, offset])
        .await?;
    tx.execute(&COPY_TAGS, vals![from, into]).await?;
    Ok(())
}

/// The operators on a case who may work on cases today, in the order of joining.
pub async fn operators_at_work(
    tx: &mut OrgTx<'_>,
    case_id: CaseId,
) -> Result<Vec<OperatorId>, DbError> {
    tx.rows(&AT_WORK, vals![case_id])
        .await?
        .iter()
        .map(|row| row.get("operator_id"))
        .collect()
}

/// Lets a case that waits have waited since a time.
pub async fn wait_since(tx: &mut OrgTx<'_>, id: CaseId, since: Time) -> Result<(), DbError> {
    tx.execute(&WAIT_SINCE, vals![id, since]).await?;
    tx.execute(&TAGS_WAIT_SINCE, vals![id, since]).await?;
    Ok(())
}

/// Notes where a case went, and all that had gone into it.
pub async fn note_merged(
    tx: &mut OrgTx<'_>,
    from: CaseId,
    into: CaseId,
    number: i64,
    now: Time,
) -> Result<(), DbError> {
    tx.execute(&FOLLOW, vals![from, into]).await?;
    tx.execute(&NOTE, vals![from, into, number, now]).await?;
    Ok(())
}

/// Where a case went that was merged.
pub async fn merged_into(tx: &mut OrgTx<'_>, case_id: CaseId) -> Result<Option<CaseId>, DbError> {
    match tx.row(&MERGED_INTO, vals![case_id]).await? {
        Some(row) => Ok(Some(row.get("into_case")?)),
        None => Ok(None),
    }
}

/// The cases that went into a case.
pub async fn merged_of(tx: &mut OrgTx<'_>, into: CaseId) -> Result<Vec<CaseId>, DbError> {
    tx.rows(&MERGED_OF, vals![into])
        .await?
        .iter()
        .map(|row| row.get("case_id"))
        .collect()
}
