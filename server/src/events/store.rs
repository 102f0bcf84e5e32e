//! The events table: the timeline, the log for catching up, and the order of everything.

use deskside_db::{DbError, OrgSql, OrgTx, Row, Val, org_sql, vals};

use super::{Actor, ActorKind, Event, NewEvent, Stamped};
use crate::ids::CaseId;

static NEXT_SEQ: OrgSql =
    org_sql!("UPDATE organizations SET seq = seq + $2 WHERE organization_id = $1 RETURNING seq");

static APPEND: OrgSql = org_sql!(
    "INSERT INTO events (organization_id, seq, case_id, entry, at, audience, kind, actor_kind, actor_id, payload, merged_from)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)"
);

static CURRENT_SEQ: OrgSql = org_sql!("SELECT seq FROM organizations WHERE organization_id = $1");

static AFTER: OrgSql = org_sql!(
    "SELECT e.seq, e.case_id, e.entry, e.at, e.actor_kind, e.actor_id, e.payload, e.merged_from, o.name AS actor_name
     FROM events e LEFT JOIN operators o ON o.organization_id = e.organization_id AND o.id = e.actor_id
     WHERE e.organization_id = $1 AND e.seq > $2 ORDER BY e.seq LIMIT $3"
);

static BACK_FROM: OrgSql = org_sql!(
    "SELECT e.seq, e.case_id, e.entry, e.at, e.actor_kind, e.actor_id, e.payload, e.merged_from, o.name AS actor_name
     FROM events e LEFT JOIN operators o ON o.organization_id = e.organization_id AND o.id = e.actor_id
     WHERE e.organization_id = $1 AND e.seq <= $2 ORDER BY e.seq DESC LIMIT $3"
);

static BEFORE_ENTRY: OrgSql = org_sql!(
    "SELECT e.seq, e.case_id, e.entry, e.at, e.actor_kind, e.actor_id, e.payload, e.merged_from, o.name AS actor_name
     FROM events e LEFT JOIN operators o ON o.organization_id = e.organization_id AND o.id = e.actor_id
     WHERE e.organization_id = $1 AND e.case_id = $2 AND e.entry < $3 AND (e.audience = 'case' OR CAST($4 AS bigint) = 1)
     ORDER BY e.entry DESC LIMIT $5"
);

static AFTER_ENTRY: OrgSql = org_sql!(
    "SELECT e.seq, e.case_id, e.entry, e.at, e.actor_kind, e.actor_id, e.payload, e.merged_from, o.name AS actor_name
     FROM events e LEFT JOIN operators o ON o.organization_id = e.organization_id AND o.id = e.actor_id
     WHERE e.organization_id = $1 AND e.case_id = $2 AND e.entry > $3 AND (e.audience = 'case' OR CAST($4 AS bigint) = 1)
     ORDER BY e.entry LIMIT $5"
);

static ERASE_CASE: OrgSql = org_sql!(
    "UPDATE events SET case_id = NULL, entry = NULL, at = 0, audience = 'nobody', kind = 'tombstone',
            actor_kind = 'system', actor_id = NULL, payload = '{\"type\":\"tombstone\"}', merged_from = NULL
     WHERE organization_id = $1 AND case_id = $2"
);

/// Gives the events the organization's next numbers and appends them; the last number. Close to the end of a
/// transaction: the row of the organization stays locked until the commit, so commit order is `seq` order.
pub async fn append(tx: &mut OrgTx<'_>, events: &[NewEvent]) -> Result<i64, DbError> {
    let count =
        i64::try_from(events.len()).map_err(|_| DbError::Other("too many events".into()))?;
    let Some(row) = tx.row(&NEXT_SEQ, vals![count]).await? else {
        return Err(DbError::Other("the organization is gone".into()));
    };
    let last: i64 = row.get("seq")?;
    for (event, seq) in events.iter().zip(last - count + 1..) {
        let payload =
            serde_json::to_string(&event.event).map_err(|e| DbError::Other(e.to_string()))?;
        tx.execute(
            &APPEND,
            vals![
                seq,
                event.case_id,
                event.entry,
                event.at,
                event.event.audience().as_str(),
                event.event.kind(),
                event.who.kind().as_str(),
                event.who.id(),
                payload,
                event.merged_from
            ],
        )
        .await?;
    }
    Ok(last)
}

/// The organization's newest number.
pub async fn current_seq(tx: &mut OrgTx<'_>) -> Result<i64, DbError> {
    match tx.row(&CURRENT_SEQ, &[]).await? {
        Some(row) => row.get("seq"),
        None => Ok(0),
    }
}

/// Events after `seq`, in order.
pub async fn after(tx: &mut OrgTx<'_>, seq: i64, limit: i64) -> Result<Vec<Stamped>, DbError> {
    tx.rows(&AFTER, vals![seq, limit])
        .await?
        .iter()
        .map(stamped)
        .collect()
}

/// Events from `seq` back into the past, newest first.
pub async fn back_from(tx: &mut OrgTx<'_>, seq: i64, limit: i64) -> Result<Vec<Stamped>, DbError> {
    tx.rows(&BACK_FROM, vals![seq, limit])
        .await?
        .iter()
        .map(stamped)
        .collect()
}

/// Which entries of a timeline a reader may see.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reader {
    /// All of them.
    Operator,
    /// Those for the case's guests.
    Guest,
}

impl From<Reader> for Val {
    fn from(reader: Reader) -> Self {
        Val::from(i64::from(reader == Reader::Operator))
    }
}

/// Entries before `entry`, newest first.
pub async fn before_entry(
    tx: &mut OrgTx<'_>,
    case: CaseId,
    entry: i64,
    reader: Reader,
    limit: i64,
) -> Result<Vec<Stamped>, DbError> {
    tx.rows(&BEFORE_ENTRY, vals![case, entry, reader, limit])
        .await?
        .iter()
        .map(stamped)
        .collect()
}

/// Entries after `entry`, oldest first.
pub async fn after_entry(
    tx: &mut OrgTx<'_>,
    case: CaseId,
    entry: i64,
    reader: Reader,
    limit: i64,
) -> Result<Vec<Stamped>, DbError> {
    tx.rows(&AFTER_ENTRY, vals![case, entry, reader, limit])
        .await?
        .iter()
        .map(stamped)
        .collect()
}

/// Overwrites all events of a case with tombstones that keep their numbers.
pub async fn erase_case(tx: &mut OrgTx<'_>, case: CaseId) -> Result<(), DbError> {
    tx.execute(&ERASE_CASE, vals![case]).await?;
    Ok(())
}

fn stamped(row: &Row) -> Result<Stamped, DbError> {
    let payload: String = row.get("payload")?;
    let event: Event = serde_json::from_str(&payload)
        .map_err(|e| DbError::Decode(format!("event payload: {e}")))?;
    let kind = ActorKind::parse(&row.get::<String>("actor_kind")?);
    Ok(Stamped {
        seq: row.get("seq")?,
        case_id: row.get("case_id")?,
        entry: row.get("entry")?,
        at: row.get("at")?,
        actor: Actor::from_parts(kind, row.get("actor_id")?, row.get("actor_name")?),
        event,
        merged_from: row.get("merged_from")?,
    })
}
