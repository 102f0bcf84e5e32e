//! Rows of cases, their fields, their operators and how far these have read.

use std::collections::BTreeMap;

use deskside_db::{DbError, OrgSql, OrgTx, Row, Time, Uuid, Val, org_sql, vals};

use super::fields::Field;
use super::view::{CaseRow, Cursor, Filter, OperatorRead, ReadMark};
use super::{FieldName, MeetingType, Origin, Snippet, Status};
use crate::events::{Actor, ActorKind, OperatorRef, Who};
use crate::ids::{CaseId, OperatorId};

static NEXT_NUMBER: OrgSql = org_sql!(
    "UPDATE organizations SET last_case_number = last_case_number + 1 WHERE organization_id = $1 RETURNING last_case_number"
);

static INSERT: OrgSql = org_sql!(
    "INSERT INTO cases (organization_id, id, number, name, status, origin, meeting_type, created_at, last_entry, last_activity_at, guest_messages, guest_read_entry)
     VALUES ($1, $2, $3, $4, 'awaiting', $5, $6, $7, 0, $7, 0, 0)"
);

static LOCK: OrgSql = org_sql!(
    sqlite: "SELECT status FROM cases WHERE organization_id = $1 AND id = $2",
    postgres: "SELECT status FROM cases WHERE organization_id = $1 AND id = $2 FOR UPDATE"
);

static NEXT_ENTRY: OrgSql = org_sql!(
    "UPDATE cases SET last_entry = last_entry + 1, last_activity_at = $3 WHERE organization_id = $1 AND id = $2 RETURNING last_entry"
);

static NEXT_ENTRY_QUIET: OrgSql = org_sql!(
    "UPDATE cases SET last_entry = last_entry + 1, guest_seen_at = $3 WHERE organization_id = $1 AND id = $2 RETURNING last_entry"
);

static NEXT_MESSAGE: OrgSql = org_sql!(
    "UPDATE cases SET last_entry = last_entry + 1, last_activity_at = $3, guest_messages = guest_messages + $4,
            snippet_from = $5, snippet_actor = $6, snippet_text = $7
     WHERE organization_id = $1 AND id = $2 RETURNING last_entry"
);

static TOUCH_OPERATORS: OrgSql = org_sql!(
    "UPDATE case_operators SET last_activity_at = $3 WHERE organization_id = $1 AND case_id = $2"
);

static RENAME: OrgSql =
    org_sql!("UPDATE cases SET name = $3 WHERE organization_id = $1 AND id = $2");

static SET_STATUS: OrgSql = org_sql!(
    "UPDATE cases SET status = $3, completed_at = $4 WHERE organization_id = $1 AND id = $2"
);

static SET_OPERATORS_STATUS: OrgSql =
    org_sql!("UPDATE case_operators SET status = $3 WHERE organization_id = $1 AND case_id = $2");

static DELETE: OrgSql = org_sql!("DELETE FROM cases WHERE organization_id = $1 AND id = $2");

static PUT_FIELD: OrgSql = org_sql!(
    "INSERT INTO case_fields (organization_id, case_id, field, value, version, changed_by_kind, changed_by, changed_at)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
     ON CONFLICT (organization_id, case_id, field) DO UPDATE SET value = excluded.value, version = excluded.version,
       changed_by_kind = excluded.changed_by_kind, changed_by = excluded.changed_by, changed_at = excluded.changed_at"
);

static FIELDS: OrgSql = org_sql!(
    "SELECT f.field, f.value, f.version, f.changed_by_kind, f.changed_by, f.changed_at, o.name AS changed_by_name
     FROM case_fields f LEFT JOIN operators o ON o.organization_id = f.organization_id AND o.id = f.changed_by
     WHERE f.organization_id = $1 AND f.case_id = $2"
);

static INSERT_OPERATOR: OrgSql = org_sql!(
    "INSERT INTO case_operators (organization_id, case_id, operator_id, joined_at, status, last_activity_at) VALUES ($1, $2, $3, $4, 'active', $4)"
);

static DELETE_OPERATOR: OrgSql = org_sql!(
    "DELETE FROM case_operators WHERE organization_id = $1 AND case_id = $2 AND operator_id = $3"
);

static HAS_OPERATOR: OrgSql = org_sql!(
    "SELECT 1 AS joined FROM case_operators WHERE organization_id = $1 AND case_id = $2 AND operator_id = $3"
);

static COUNT_OPERATORS: OrgSql = org_sql!(
    "SELECT count(*) AS operators FROM case_operators WHERE organization_id = $1 AND case_id = $2"
);

static OPERATORS: OrgSql = org_sql!(
    "SELECT o.id, o.name FROM case_operators c JOIN operators o ON o.organization_id = c.organization_id AND o.id = c.operator_id
     WHERE c.organization_id = $1 AND c.case_id = $2 ORDER BY c.joined_at, o.id"
);

static READS: OrgSql = org_sql!(
    "SELECT operator_id, entry, guest_messages, at FROM case_reads WHERE organization_id = $1 AND case_id = $2"
);

static HEAD: OrgSql = org_sql!(
    "SELECT number, name, status, origin, meeting_type, created_at, completed_at, last_entry, last_activity_at,
            guest_messages, guest_seen_at, guest_read_entry, guest_read_at
     FROM cases WHERE organization_id = $1 AND id = $2"
);

static PAGE_ALL: OrgSql = org_sql!(
    "SELECT id, last_activity_at FROM cases WHERE organization_id = $1 AND (last_activity_at, id) < ($2, $3)
     ORDER BY last_activity_at DESC, id DESC LIMIT $4"
);

static PAGE_STATUS: OrgSql = org_sql!(
    "SELECT id, last_activity_at FROM cases WHERE organization_id = $1 AND status = $5 AND (last_activity_at, id) < ($2, $3)
     ORDER BY last_activity_at DESC, id DESC LIMIT $4"
);

static PAGE_AWAITING: OrgSql = org_sql!(
    "SELECT id, last_activity_at FROM cases WHERE organization_id = $1 AND status = 'awaiting' AND (last_activity_at, id) > ($2, $3)
     ORDER BY last_activity_at, id LIMIT $4"
);

static PAGE_OPERATOR: OrgSql = org_sql!(
    "SELECT case_id AS id, last_activity_at FROM case_operators
     WHERE organization_id = $1 AND operator_id = $5 AND (last_activity_at, case_id) < ($2, $3)
     ORDER BY last_activity_at DESC, case_id DESC LIMIT $4"
);

static PAGE_OPERATOR_STATUS: OrgSql = org_sql!(
    "SELECT case_id AS id, last_activity_at FROM case_operators
     WHERE organization_id = $1 AND operator_id = $5 AND status = $6 AND (last_activity_at, case_id) < ($2, $3)
     ORDER BY last_activity_at DESC, case_id DESC LIMIT $4"
);

static ROWS: OrgSql = org_sql!(
    sqlite: "SELECT c.id, c.number, c.name, c.status, c.origin, c.last_entry, c.last_activity_at, c.guest_messages,
            c.snippet_from, c.snippet_actor, c.snippet_text, coalesce(r.guest_messages, 0) AS read_messages,
            (SELECT group_concat(hex(p.operator_id)) FROM case_operators p WHERE p.organization_id = $1 AND p.case_id = c.id) AS operators
     FROM cases c LEFT JOIN case_reads r ON r.organization_id = $1 AND r.case_id = c.id AND r.operator_id = $2
     WHERE c.organization_id = $1 AND c.id IN (SELECT unhex(value) FROM json_each($3))",
    postgres: "SELECT c.id, c.number, c.name, c.status, c.origin, c.last_entry, c.last_activity_at, c.guest_messages,
            c.snippet_from, c.snippet_actor, c.snippet_text, coalesce(r.guest_messages, 0) AS read_messages,
            (SELECT string_agg(p.operator_id::text, ',') FROM case_operators p WHERE p.organization_id = $1 AND p.case_id = c.id) AS operators
     FROM cases c LEFT JOIN case_reads r ON r.organization_id = $1 AND r.case_id = c.id AND r.operator_id = $2
     WHERE c.organization_id = $1 AND c.id IN (SELECT value::uuid FROM json_array_elements_text($3::text::json))"
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

fn entry(row: Option<Row>) -> Result<i64, DbError> {
    row.ok_or_else(|| DbError::Other("the case is gone".into()))?
        .get("last_entry")
}

/// The next number of the timeline; the case moves to the top of lists.
pub async fn next_entry(tx: &mut OrgTx<'_>, id: CaseId, now: Time) -> Result<i64, DbError> {
    let row = tx.row(&NEXT_ENTRY, vals![id, now]).await?;
    tx.execute(&TOUCH_OPERATORS, vals![id, now]).await?;
    entry(row)
}

/// The next number of the timeline for the guest's arrival; the case keeps its place in lists.
pub async fn next_entry_of_arrival(
    tx: &mut OrgTx<'_>,
    id: CaseId,
    now: Time,
) -> Result<i64, DbError> {
    let row = tx.row(&NEXT_ENTRY_QUIET, vals![id, now]).await?;
    entry(row)
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
    tx.execute(&TOUCH_OPERATORS, vals![id, now]).await?;
    entry(row)
}

/// Changes the name in lists.
pub async fn rename(tx: &mut OrgTx<'_>, id: CaseId, name: &str) -> Result<(), DbError> {
    tx.execute(&RENAME, vals![id, name]).await?;
    Ok(())
}

/// Moves a case to a status.
pub async fn set_status(
    tx: &mut OrgTx<'_>,
    id: CaseId,
    status: Status,
    completed_at: Option<Time>,
) -> Result<(), DbError> {
    tx.execute(&SET_STATUS, vals![id, status.as_str(), completed_at])
        .await?;
    tx.execute(&SET_OPERATORS_STATUS, vals![id, status.as_str()])
        .await?;
    Ok(())
}

/// Deletes a case and, by reference, all its rows but events and links.
pub async fn delete(tx: &mut OrgTx<'_>, id: CaseId) -> Result<(), DbError> {
    tx.execute(&DELETE, vals![id]).await?;
    Ok(())
}

/// Writes a field.
pub async fn put_field(
    tx: &mut OrgTx<'_>,
    id: CaseId,
    field: FieldName,
    value: &str,
    version: i64,
    who: Who,
    now: Time,
) -> Result<(), DbError> {
    tx.execute(
        &PUT_FIELD,
        vals![
            id,
            field.as_str(),
            value,
            version,
            who.kind().as_str(),
            who.id(),
            now
        ],
    )
    .await?;
    Ok(())
}

/// The fields that were ever set.
pub async fn fields(tx: &mut OrgTx<'_>, id: CaseId) -> Result<BTreeMap<FieldName, Field>, DbError> {
    let mut fields = BTreeMap::new();
    for row in tx.rows(&FIELDS, vals![id]).await? {
        let Some(name) = FieldName::parse(&row.get::<String>("field")?) else {
            continue;
        };
        let kind = ActorKind::parse(&row.get::<String>("changed_by_kind")?);
        let field = Field {
            value: row.get("value")?,
            version: row.get("version")?,
            changed_by: Some(Actor::from_parts(
                kind,
                row.get("changed_by")?,
                row.get("changed_by_name")?,
            )),
            changed_at: Some(row.get("changed_at")?),
        };
        fields.insert(name, field);
    }
    Ok(fields)
}

/// Puts an operator on a case.
pub async fn insert_operator(
    tx: &mut OrgTx<'_>,
    id: CaseId,
    operator: OperatorId,
    now: Time,
) -> Result<(), DbError> {
    tx.execute(&INSERT_OPERATOR, vals![id, operator, now])
        .await?;
    Ok(())
}

/// Takes an operator off a case; whether there was one.
pub async fn delete_operator(
    tx: &mut OrgTx<'_>,
    id: CaseId,
    operator: OperatorId,
) -> Result<bool, DbError> {
    Ok(tx.execute(&DELETE_OPERATOR, vals![id, operator]).await? > 0)
}

/// Whether an operator is on a case.
pub async fn has_operator(
    tx: &mut OrgTx<'_>,
    id: CaseId,
    operator: OperatorId,
) -> Result<bool, DbError> {
    Ok(tx.row(&HAS_OPERATOR, vals![id, operator]).await?.is_some())
}

/// How many operators are on a case.
pub async fn count_operators(tx: &mut OrgTx<'_>, id: CaseId) -> Result<i64, DbError> {
    match tx.row(&COUNT_OPERATORS, vals![id]).await? {
        Some(row) => row.get("operators"),
        None => Ok(0),
    }
}

/// Who is on a case, in the order of joining.
pub async fn operators(tx: &mut OrgTx<'_>, id: CaseId) -> Result<Vec<OperatorRef>, DbError> {
    tx.rows(&OPERATORS, vals![id])
        .await?
        .iter()
        .map(|row| {
            Ok(OperatorRef {
                id: row.get("id")?,
                name: row.get("name")?,
            })
        })
        .collect()
}

/// How far an operator has read, and how many of the guest's messages that were.
pub struct Read {
    /// The mark.
    pub mark: OperatorRead,
    /// The guest's messages up to there.
    pub guest_messages: i64,
}

/// How far operators have read.
pub async fn reads(tx: &mut OrgTx<'_>, id: CaseId) -> Result<Vec<Read>, DbError> {
    tx.rows(&READS, vals![id])
        .await?
        .iter()
        .map(|row| {
            Ok(Read {
                mark: OperatorRead {
                    operator_id: row.get("operator_id")?,
                    entry: row.get("entry")?,
                    at: row.get("at")?,
                },
                guest_messages: row.get("guest_messages")?,
            })
        })
        .collect()
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
    }))
}

/// The places of a page, in its order.
pub async fn page(
    tx: &mut OrgTx<'_>,
    filter: Filter,
    cursor: Option<Cursor>,
    limit: i64,
) -> Result<Vec<Cursor>, DbError> {
    let awaiting = filter.status == Some(Status::Awaiting) && filter.operator.is_none();
    let (at, id) = match cursor {
        Some(cursor) => (cursor.at, cursor.id),
        None if awaiting => (Time::from_millis(i64::MIN), CaseId::from_uuid(Uuid::nil())),
        None => (Time::from_millis(i64::MAX), CaseId::from_uuid(Uuid::max())),
    };
    let rows = match (filter.operator, filter.status) {
        (None, Some(Status::Awaiting)) => tx.rows(&PAGE_AWAITING, vals![at, id, limit]).await?,
        (None, None) => tx.rows(&PAGE_ALL, vals![at, id, limit]).await?,
        (None, Some(status)) => {
            tx.rows(&PAGE_STATUS, vals![at, id, limit, status.as_str()])
                .await?
        }
        (Some(operator), None) => {
            tx.rows(&PAGE_OPERATOR, vals![at, id, limit, operator])
                .await?
        }
        (Some(operator), Some(status)) => {
            tx.rows(
                &PAGE_OPERATOR_STATUS,
                vals![at, id, limit, operator, status.as_str()],
            )
            .await?
        }
    };
    rows.iter()
        .map(|row| {
            Ok(Cursor {
                at: row.get("last_activity_at")?,
                id: row.get("id")?,
            })
        })
        .collect()
}

/// The rows of these cases, in any order, with what `viewer` has not read.
pub async fn rows(
    tx: &mut OrgTx<'_>,
    viewer: OperatorId,
    ids: &[CaseId],
) -> Result<Vec<CaseRow>, DbError> {
    let ids = Val::uuids(ids.iter().map(|id| id.uuid()));
    tx.rows(&ROWS, vals![viewer, ids])
        .await?
        .iter()
        .map(|row| case_row(row, viewer))
        .collect()
}

fn case_row(row: &Row, viewer: OperatorId) -> Result<CaseRow, DbError> {
    let operators: Option<String> = row.get("operators")?;
    let mut operator_ids = Vec::new();
    for text in operators.iter().flat_map(|list| list.split(',')) {
        let id = Uuid::try_parse(text).map_err(|error| DbError::Decode(error.to_string()))?;
        operator_ids.push(OperatorId::from_uuid(id));
    }
    let joined = operator_ids.contains(&viewer);
    let unread = row.get::<i64>("guest_messages")? - row.get::<i64>("read_messages")?;
    let snippet: Option<String> = row.get("snippet_text")?;
    let from: Option<String> = row.get("snippet_from")?;
    let actor: Option<Uuid> = row.get("snippet_actor")?;
    Ok(CaseRow {
        id: row.get("id")?,
        number: row.get("number")?,
        name: row.get("name")?,
        status: Status::parse(&row.get::<String>("status")?)?,
        origin: Origin::parse(&row.get::<String>("origin")?),
        guest_online: false,
        in_call: false,
        unread: if joined { unread.max(0) } else { 0 },
        joined,
        operator_ids,
        last_entry: row.get("last_entry")?,
        last_activity_at: row.get("last_activity_at")?,
        snippet: snippet.map(|text| {
            let from = ActorKind::parse(&from.unwrap_or_default());
            Snippet {
                from,
                actor_id: Actor::from_parts(from, actor, None).id,
                text,
            }
        }),
    })
}
