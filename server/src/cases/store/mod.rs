//! Rows of cases and of what belongs to them; here the case itself, its status and the numbers of its timeline.

mod attention;
mod counts;
mod customer;
mod export;
mod fields;
mod list;
mod merge;
mod operators;
mod rows;
mod sight;
mod tags;

use deskside_db::{DbError, OrgSql, OrgTx, Row, Time, org_sql, vals};

use super::view::ReadMark;
use super::{MeetingType, Origin, Status};
use crate::events::Who;
use crate::ids::CaseId;

pub use attention::*;
pub use counts::*;
pub use customer::*;
pub use export::*;
pub use fields::*;
pub use list::*;
pub use merge::*;
pub use operators::*;
pub use rows::*;
pub use sight::*;
pub use tags::*;

static NEXT_NUMBER: OrgSql = org_sql!(
    "UPDATE organizations SET last_case_number = last_case_number + 1 WHERE organization_id = $1 RETURNING last_case_number"
);

static INSERT: OrgSql = org_sql!(
    "INSERT INTO cases (organization_id, id, number, name, status, origin, meeting_type, created_at, last_entry, last_activity_at, waiting_since, guest_messages, guest_read_entry)
     VALUES ($1, $2, $3, $4, 'awaiting', $5, $6, $7, 0, $7, $7, 0, 0)"
);

static LOCK: OrgSql = org_sql!(
    sqlite: "SELECT status FROM cases WHERE organization_id = $1 AND id = $2",
    postgres: "SELECT status FROM cases WHERE organization_id = $1 AND id = $2 FOR UPDATE"
);

static NEXT_ENTRY: OrgSql = org_sql!(
    "UPDATE cases SET last_entry = last_entry + 1, last_activity_at = $3 WHERE organization_id = $1 AND id = $2
     RETURNING last_entry, EXISTS (SELECT 1 FROM case_tags t WHERE t.organization_id = $1 AND t.case_id = $2) AS tagged"
);

static NEXT_ENTRY_QUIET: OrgSql = org_sql!(
    "UPDATE cases SET last_entry = last_entry + 1, guest_seen_at = $3 WHERE organization_id = $1 AND id = $2 RETURNING last_entry"
);

static NEXT_MESSAGE: OrgSql = org_sql!(
    "UPDATE cases SET last_entry = last_entry + 1, last_activity_at = $3, guest_messages = guest_messages + $4,
            snippet_from = $5, snippet_actor = $6, snippet_text = $7
     WHERE organization_id = $1 AND id = $2
     RETURNING last_entry, EXISTS (SELECT 1 FROM case_tags t WHERE t.organization_id = $1 AND t.case_id = $2) AS tagged"
);

static TOUCH_OPERATORS: OrgSql = org_sql!(
    "UPDATE case_operators SET last_activity_at = $3 WHERE organization_id = $1 AND case_id = $2"
);

static TOUCH_OPERATORS_UNREAD: OrgSql = org_sql!(
    "UPDATE case_operators SET last_activity_at = $3, unread = 1 WHERE organization_id = $1 AND case_id = $2"
);

static TOUCH_TAGS: OrgSql = org_sql!(
    "UPDATE case_tags SET last_activity_at = $3 WHERE organization_id = $1 AND case_id = $2"
);

static RENAME: OrgSql =
    org_sql!("UPDATE cases SET name = $3 WHERE organization_id = $1 AND id = $2");

static SET_STATUS: OrgSql = org_sql!(
    "UPDATE cases SET status = $3, completed_at = $4, waiting_since = $5 WHERE organization_id = $1 AND id = $2"
);

static SET_OPERATORS_STATUS: OrgSql = org_sql!(
    "UPDATE case_operators SET status = $3, snoozed_until = CASE WHEN CAST($3 AS text) = 'active' THEN snoozed_until END
     WHERE organization_id = $1 AND case_id = $2"
);

static SET_TAGS_STATUS: OrgSql = org_sql!(
    "UPDATE case_tags SET status = $3, waiting_since = $4 WHERE organization_id = $1 AND case_id = $2"
);

static DELETE: OrgSql = org_sql!("DELETE FROM cases WHERE organization_id = $1 AND id = $2");

static HEAD: OrgSql = org_sql!(
    "SELECT number, name, status, origin, meeting_type, created_at, completed_at, last_entry, last_activity_at,
            guest_messages, guest_seen_at, guest_read_entry, guest_read_at, waiting_since
     FROM cases WHERE organization_id = $1 AND id = $2"
);

/// Inserts a case with the organization's next number, awaiting and without entries.
pub async fn insert(
    tx: &mut OrgTx<'_>,
    id: CaseId,
    name: &str,
    origin: Origin,
    meeting: MeetingType,
    now: Time,
) -> Result<i64, DbError> {
    let Some(row) = tx.row(&NEXT_NUMBER, &[]).await? else {
        return Err(DbError::Other("the organization is gone".into()));
    };
    let number: i64 = row.get("last_case_number")?;
    tx.execute(
        &INSERT,
        vals![id, number, name, origin.as_str(), meeting.as_str(), now],
    )
    .await?;
    Ok(number)
}

/// Holds the case until the commit; its status, or none when it does not exist.
pub async fn lock(tx: &mut OrgTx<'_>, id: CaseId) -> Result<Option<Status>, DbError> {
    match tx.row(&LOCK, vals![id]).await? {
        Some(row) => Status::parse(&row.get::<String>("status")?).map(Some),
        None => Ok(None),
    }
}

fn entry(row: Option<&Row>) -> Result<i64, DbError> {
    row.ok_or_else(|| DbError::Other("the case is gone".into()))?
        .get("last_entry")
}

/// Moves a case up in the lists of its operators and, where it has some, of its tags.
async fn touch(
    tx: &mut OrgTx<'_>,
    id: CaseId,
    row: Option<&Row>,
    unread: bool,
    now: Time,
) -> Result<(), DbError> {
    let operators = if unread {
        &TOUCH_OPERATORS_UNREAD
    } else {
        &TOUCH_OPERATORS
    };
    tx.execute(operators, vals![id, now]).await?;
    if let Some(row) = row
        && row.get("tagged")?
    {
        tx.execute(&TOUCH_TAGS, vals![id, now]).await?;
    }
    Ok(())
}

/// The next number of the timeline; the case moves to the top of lists.
pub async fn next_entry(tx: &mut OrgTx<'_>, id: CaseId, now: Time) -> Result<i64, DbError> {
    let row = tx.row(&NEXT_ENTRY, vals![id, now]).await?;
    touch(tx, id, row.as_ref(), false, now).await?;
    entry(row.as_ref())
}

/// The next number of the timeline for the guest's arrival; the case keeps its place in lists.
pub async fn next_entry_of_arrival(
    tx: &mut OrgTx<'_>,
    id: CaseId,
    now: Time,
) -> Result<i64, DbError> {
    let row = tx.row(&NEXT_ENTRY_QUIET, vals![id, now]).await?;
    entry(row.as_ref())
}

/// The next number of the timeline for a message, with its first words for the list.
pub async fn next_message(
    tx: &mut OrgTx<'_>,
    id: CaseId,
    who: Who,
    snippet: &str,
    now: Time,
) -> Result<i64, DbError> {
    let from_guest = matches!(who, Who::Guest(_));
    let row = tx
        .row(
            &NEXT_MESSAGE,
            vals![id, now, from_guest, who.kind().as_str(), who.id(), snippet],
        )
        .await?;
    touch(tx, id, row.as_ref(), from_guest, now).await?;
    entry(row.as_ref())
}

/// Changes the name in lists.
pub async fn rename(tx: &mut OrgTx<'_>, id: CaseId, name: &str) -> Result<(), DbError> {
    tx.execute(&RENAME, vals![id, name]).await?;
    Ok(())
}

/// Moves a case to a status: an awaiting one waits from now on, one that is not active is snoozed by nobody.
pub async fn set_status(
    tx: &mut OrgTx<'_>,
    id: CaseId,
    status: Status,
    now: Time,
) -> Result<(), DbError> {
    let completed_at = (status == Status::Completed).then_some(now);
    let waiting_since = (status == Status::Awaiting).then_some(now);
    tx.execute(
        &SET_STATUS,
        vals![id, status.as_str(), completed_at, waiting_since],
    )
    .await?;
    tx.execute(&SET_OPERATORS_STATUS, vals![id, status.as_str()])
        .await?;
    tx.execute(&SET_TAGS_STATUS, vals![id, status.as_str(), waiting_since])
        .await?;
    Ok(())
}

/// Deletes a case and, by reference, all its rows but events and links.
pub async fn delete(tx: &mut OrgTx<'_>, id: CaseId) -> Result<(), DbError> {
    tx.execute(&DELETE, vals![id]).await?;
    Ok(())
}

/// The row of a case.
pub struct Head {
    /// Its number.
    pub number: i64,
    /// Its name.
    pub name: String,
    /// Where it stands.
    pub status: Status,
    /// How it came into being.
    pub origin: Origin,
    /// One guest or several.
    pub meeting_type: MeetingType,
    /// When it was created.
    pub created_at: Time,
    /// When it was completed.
    pub completed_at: Option<Time>,
    /// Its newest entry.
    pub last_entry: i64,
    /// When something happened last.
    pub last_activity_at: Time,
    /// The guest's messages so far.
    pub guest_messages: i64,
    /// When the guest was there last.
    pub guest_seen_at: Option<Time>,
    /// How far the guest has read.
    pub guest_read: Option<ReadMark>,
    /// Since when it waits in the queue.
    pub waiting_since: Option<Time>,
}

/// The row of a case.
pub async fn head(tx: &mut OrgTx<'_>, id: CaseId) -> Result<Option<Head>, DbError> {
    let Some(row) = tx.row(&HEAD, vals![id]).await? else {
        return Ok(None);
    };
    let read_entry: i64 = row.get("guest_read_entry")?;
    let read_at: Option<Time> = row.get("guest_read_at")?;
    Ok(Some(Head {
        number: row.get("number")?,
        name: row.get("name")?,
        status: Status::parse(&row.get::<String>("status")?)?,
        origin: Origin::parse(&row.get::<String>("origin")?),
        meeting_type: MeetingType::parse(&row.get::<String>("meeting_type")?),
        created_at: row.get("created_at")?,
        completed_at: row.get("completed_at")?,
        last_entry: row.get("last_entry")?,
        last_activity_at: row.get("last_activity_at")?,
        guest_messages: row.get("guest_messages")?,
        guest_seen_at: row.get("guest_seen_at")?,
        guest_read: read_at.map(|at| ReadMark {
            entry: read_entry,
            at,
        }),
        waiting_since: row.get("waiting_since")?,
    }))
}
