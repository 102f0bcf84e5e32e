//! Rows of the index. A row's number orders all of them: organization, then the event it was written with, then its
//! kind. So an organization is one stretch of numbers, and the newest row has the greatest.
//!
//! SQLite keeps the trigrams in `search_fts`, which triggers of the schema fill. Taking a text out of it safely costs
//! milliseconds, so a changing text waits outside of it for a while (`WAITING`, found by looking at it), and one that is
//! gone is taken out by a job (`GONE`, found by nothing). PostgreSQL does both at once.

mod asking;

use deskside_db::{DbError, OrgSql, OrgTx, SystemSql, SystemTx, Time, org_sql, system_sql, vals};

use crate::ids::{CaseId, OrganizationId};

pub use asking::*;

/// Not in the trigram index yet; searches look at it.
pub const WAITING: i64 = 0;
/// In the trigram index.
pub const INDEXED: i64 = 1;

/// How far the number of the event is moved to the left in a row's number.
const SEQ_SHIFT: u32 = 8;
/// How far the organization's ordinal is: room for 2^39 events.
const ORGANIZATION_SHIFT: u32 = 47;

static SCOPE: OrgSql =
    org_sql!("SELECT ordinal, search_left FROM organizations WHERE organization_id = $1");

static INSERT: OrgSql = org_sql!(
    sqlite: "INSERT INTO search_rows (organization_id, id, case_id, slot, entry, at, state, text)
     SELECT $1, (o.ordinal << 47) | ($2 << 8) | $3, $4, $3, $5, $6, $7, $8 FROM organizations o WHERE o.organization_id = $1
     ON CONFLICT (id) DO NOTHING",
    postgres: "INSERT INTO search_rows (organization_id, id, case_id, slot, entry, at, state, text)
     SELECT $1, (o.ordinal << 47) | (CAST($2 AS bigint) << 8) | CAST($3 AS bigint), $4, $3, $5, $6, greatest(CAST($7 AS bigint), 1), $8
     FROM organizations o WHERE o.organization_id = $1
     ON CONFLICT (id) DO NOTHING"
);

static INSERT_BESIDE: OrgSql = org_sql!(
    sqlite: "INSERT INTO search_rows (organization_id, id, case_id, slot, entry, at, state, text)
     SELECT $1, max(s.id) + 1, $3, $4, NULL, $5, $6, $7 FROM search_rows s
     WHERE s.organization_id = $1 AND s.id >= $2 AND s.id <= $2 + 255 HAVING max(s.id) < $2 + 255",
    postgres: "INSERT INTO search_rows (organization_id, id, case_id, slot, entry, at, state, text)
     SELECT $1, max(s.id) + 1, $3, $4, NULL, $5, greatest(CAST($6 AS bigint), 1), $7 FROM search_rows s
     WHERE s.organization_id = $1 AND s.id >= CAST($2 AS bigint) AND s.id <= CAST($2 AS bigint) + 255
     HAVING max(s.id) < CAST($2 AS bigint) + 255"
);

static DETAILS_OF: OrgSql = org_sql!(
    "SELECT id, slot, state, text FROM search_rows
     WHERE organization_id = $1 AND case_id = $2 AND slot BETWEEN 1 AND 254 AND state <> 2"
);

static REWRITE: OrgSql =
    org_sql!("UPDATE search_rows SET text = $3, at = $4 WHERE organization_id = $1 AND id = $2");

static LET_GO: OrgSql = org_sql!(
    sqlite: "UPDATE search_rows SET state = 2 WHERE organization_id = $1 AND id = $2",
    postgres: "DELETE FROM search_rows WHERE organization_id = $1 AND id = $2"
);

static DELETE: OrgSql = org_sql!("DELETE FROM search_rows WHERE organization_id = $1 AND id = $2");

static DELETE_WAITING_OF: OrgSql =
    org_sql!("DELETE FROM search_rows WHERE organization_id = $1 AND case_id = $2 AND state = 0");

static LET_GO_OF: OrgSql = org_sql!(
    sqlite: "UPDATE search_rows SET state = 2 WHERE organization_id = $1 AND case_id = $2 AND state = 1",
    postgres: "DELETE FROM search_rows WHERE organization_id = $1 AND case_id = $2 AND state = 1"
);

static MOVE_MESSAGES: OrgSql = org_sql!(
    "UPDATE search_rows SET case_id = $3, entry = entry + $4
     WHERE organization_id = $1 AND case_id = $2 AND slot IN (0, 255) AND state <> 2"
);

static CREATED_SEQ: OrgSql =
    org_sql!("SELECT seq FROM events WHERE organization_id = $1 AND case_id = $2 AND entry = 1");

static SET_LEFT: OrgSql =
    org_sql!("UPDATE organizations SET search_left = $2 WHERE organization_id = $1");

static SETTLE: OrgSql = org_sql!(
    "UPDATE search_rows SET state = 1 WHERE organization_id = $1 AND id IN (
       SELECT w.id FROM search_rows w WHERE w.organization_id = $1 AND w.state <> 1 AND w.state = 0 AND w.at <= $2 ORDER BY w.id LIMIT $3)"
);

static GONE: OrgSql = org_sql!(
    "SELECT id, length(text) AS characters FROM search_rows WHERE organization_id = $1 AND state <> 1 AND state = 2 ORDER BY id LIMIT $2"
);

static UNTENDED: SystemSql = system_sql!(
    "SELECT organization_id FROM organizations WHERE search_left > 0
     UNION SELECT organization_id FROM search_rows WHERE state <> 1"
);

/// The numbers that an organization's rows may have, and how much of its past is not in the index yet.
#[derive(Debug, Clone, Copy)]
pub struct Scope {
    /// The least.
    pub low: i64,
    /// The greatest.
    pub high: i64,
    /// Events up to this number may be missing; 0 when none is.
    pub left: i64,
}

/// The organization's stretch of the index.
pub async fn scope(tx: &mut OrgTx<'_>) -> Result<Option<Scope>, DbError> {
    let Some(row) = tx.row(&SCOPE, &[]).await? else {
        return Ok(None);
    };
    let low = row.get::<i64>("ordinal")? << ORGANIZATION_SHIFT;
    Ok(Some(Scope {
        low,
        high: low | ((1 << ORGANIZATION_SHIFT) - 1),
        left: row.get("search_left")?,
    }))
}

/// A row on its way into the index.
#[derive(Debug, Clone)]
pub struct NewRow<'a> {
    /// The number of the event it is written with.
    pub seq: i64,
    /// Which of the case's texts.
    pub slot: i64,
    /// The case.
    pub case_id: CaseId,
    /// With messages: the entry of the timeline.
    pub entry: Option<i64>,
    /// When it was written.
    pub at: Time,
    /// [`WAITING`] or [`INDEXED`]; PostgreSQL lets none wait.
    pub state: i64,
    /// The folded text.
    pub text: &'a str,
}

/// Writes a row; false when its number is taken.
pub async fn insert(tx: &mut OrgTx<'_>, row: &NewRow<'_>) -> Result<bool, DbError> {
    let values = vals![
        row.seq,
        row.slot,
        row.case_id,
        row.entry,
        row.at,
        row.state,
        row.text
    ];
    Ok(tx.execute(&INSERT, values).await? > 0)
}

/// Writes a row of details as near to another one as there is room: what changes without an event of its case keeps its
/// place. False when there is no room.
pub async fn insert_beside(tx: &mut OrgTx<'_>, id: i64, row: &NewRow<'_>) -> Result<bool, DbError> {
    let first = id & !((1 << SEQ_SHIFT) - 1);
    let values = vals![first, row.case_id, row.slot, row.at, row.state, row.text];
    Ok(tx.execute(&INSERT_BESIDE, values).await? > 0)
}

/// A row of a case's details as it stands.
pub struct Standing {
    /// Its number.
    pub id: i64,
    /// Which text it is.
    pub slot: i64,
    /// Whether it is in the trigram index.
    pub state: i64,
    /// The folded text.
    pub text: String,
}

/// The rows of a case but those of its messages.
pub async fn details_of(tx: &mut OrgTx<'_>, case_id: CaseId) -> Result<Vec<Standing>, DbError> {
    tx.rows(&DETAILS_OF, vals![case_id])
        .await?
        .iter()
        .map(|row| {
            Ok(Standing {
                id: row.get("id")?,
                slot: row.get("slot")?,
                state: row.get("state")?,
                text: row.get("text")?,
            })
        })
        .collect()
}

/// Replaces the text of a row, in the trigram index as well.
pub async fn rewrite(tx: &mut OrgTx<'_>, id: i64, text: &str, now: Time) -> Result<(), DbError> {
    tx.execute(&REWRITE, vals![id, text, now]).await?;
    Ok(())
}

/// Takes a row out: one that waits at once, another one by the job.
pub async fn let_go(tx: &mut OrgTx<'_>, row: &Standing) -> Result<(), DbError> {
    let sql = if row.state == WAITING {
        &DELETE
    } else {
        &LET_GO
    };
    tx.execute(sql, vals![row.id]).await?;
    Ok(())
}

/// Deletes a row, in the trigram index as well.
pub async fn delete(tx: &mut OrgTx<'_>, id: i64) -> Result<(), DbError> {
    tx.execute(&DELETE, vals![id]).await?;
    Ok(())
}

/// Takes all rows of a case out, as [`let_go`].
pub async fn let_go_of(tx: &mut OrgTx<'_>, case_id: CaseId) -> Result<(), DbError> {
    tx.execute(&DELETE_WAITING_OF, vals![case_id]).await?;
    tx.execute(&LET_GO_OF, vals![case_id]).await?;
    Ok(())
}

/// Gives the messages of a case to another one, their entries moved on by `offset`.
pub async fn move_messages(
    tx: &mut OrgTx<'_>,
    from: CaseId,
    into: CaseId,
    offset: i64,
) -> Result<(), DbError> {
    tx.execute(&MOVE_MESSAGES, vals![from, into, offset])
        .await?;
    Ok(())
}

/// The event that opened a case.
pub async fn created_seq(tx: &mut OrgTx<'_>, case_id: CaseId) -> Result<Option<i64>, DbError> {
    match tx.row(&CREATED_SEQ, vals![case_id]).await? {
        Some(row) => Ok(Some(row.get("seq")?)),
        None => Ok(None),
    }
}

/// Notes up to which event the past is still to be read.
pub async fn set_left(tx: &mut OrgTx<'_>, left: i64) -> Result<(), DbError> {
    tx.execute(&SET_LEFT, vals![left]).await?;
    Ok(())
}

/// Puts rows that have waited since a time into the trigram index; how many.
pub async fn settle(tx: &mut OrgTx<'_>, since: Time, limit: i64) -> Result<u64, DbError> {
    tx.execute(&SETTLE, vals![since, limit]).await
}

/// Deletes rows that are gone, up to so many characters (one row at least); how many.
pub async fn purge(tx: &mut OrgTx<'_>, rows: i64, characters_max: i64) -> Result<usize, DbError> {
    let (mut purged, mut characters) = (0, 0);
    for row in tx.rows(&GONE, vals![rows]).await? {
        characters += row.get::<i64>("characters")?;
        if purged > 0 && characters > characters_max {
            break;
        }
        delete(tx, row.get("id")?).await?;
        purged += 1;
    }
    Ok(purged)
}

/// The organizations whose index has something to be done.
pub async fn untended(tx: &mut SystemTx<'_>) -> Result<Vec<OrganizationId>, DbError> {
    tx.rows(&UNTENDED, &[])
        .await?
        .iter()
        .map(|row| row.get("organization_id"))
        .collect()
}
