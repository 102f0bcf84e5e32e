//! Rows of calls and of who took part.

use deskside_db::{
    DbError, OrgSql, OrgTx, Row, SystemSql, SystemTx, Time, Uuid, Val, org_sql, system_sql, vals,
};

use super::Person;
use super::view::ParticipantKind;
use crate::events::OperatorRef;
use crate::ids::{CallId, CaseId, GuestId, OperatorId, OrganizationId, ParticipantId, SessionId};

static INSERT: OrgSql = org_sql!(
    "INSERT INTO calls (organization_id, id, case_id, started_by, started_at, last_sign_at) VALUES ($1, $2, $3, $4, $5, $5)"
);

static FIND: OrgSql = org_sql!(
    "SELECT c.id, c.case_id, c.started_at, c.last_sign_at, c.ended_at, c.started_by, o.name AS started_by_name
     FROM calls c LEFT JOIN operators o ON o.organization_id = c.organization_id AND o.id = c.started_by
     WHERE c.organization_id = $1 AND c.id = $2"
);

static FIND_OPEN: OrgSql = org_sql!(
    "SELECT c.id, c.case_id, c.started_at, c.last_sign_at, c.ended_at, c.started_by, o.name AS started_by_name
     FROM calls c LEFT JOIN operators o ON o.organization_id = c.organization_id AND o.id = c.started_by
     WHERE c.organization_id = $1 AND c.case_id = $2 AND c.ended_at IS NULL"
);

static CASES_IN_CALL: OrgSql =
    org_sql!("SELECT case_id FROM calls WHERE organization_id = $1 AND ended_at IS NULL");

static OF_CASE: OrgSql =
    org_sql!("SELECT id FROM calls WHERE organization_id = $1 AND case_id = $2");

static OPEN_EVERYWHERE: SystemSql = system_sql!(
    "SELECT organization_id, id, case_id, last_sign_at FROM calls WHERE ended_at IS NULL"
);

static SESSIONS_IN_CALLS: SystemSql = system_sql!(
    "SELECT s.id FROM operator_sessions s WHERE EXISTS (
       SELECT 1 FROM calls c JOIN call_participants p ON p.organization_id = c.organization_id AND p.call_id = c.id
       WHERE c.ended_at IS NULL AND p.organization_id = s.organization_id AND p.kind = 'operator' AND p.person = s.operator_id)"
);

static SIGN: OrgSql = org_sql!(
    sqlite: "UPDATE calls SET last_sign_at = $3 WHERE organization_id = $1 AND ended_at IS NULL AND last_sign_at < $3
     AND id IN (SELECT unhex(value) FROM json_each($2))",
    postgres: "UPDATE calls SET last_sign_at = $3 WHERE organization_id = $1 AND ended_at IS NULL AND last_sign_at < $3
     AND id IN (SELECT value::uuid FROM json_array_elements_text($2::text::json))"
);

static END: OrgSql = org_sql!(
    "UPDATE calls SET ended_at = $3 WHERE organization_id = $1 AND id = $2 AND ended_at IS NULL"
);

static LEAVE_ALL: OrgSql = org_sql!(
    "UPDATE call_participants SET left_at = $3 WHERE organization_id = $1 AND call_id = $2 AND left_at IS NULL"
);

static INSERT_PARTICIPANT: OrgSql = org_sql!(
    "INSERT INTO call_participants (organization_id, id, call_id, kind, person, session, token_hash, joined_at)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8)"
);

static RETURN_PARTICIPANT: OrgSql = org_sql!(
    "UPDATE call_participants SET left_at = NULL, session = $3 WHERE organization_id = $1 AND id = $2"
);

static LEAVE: OrgSql = org_sql!(
    "UPDATE call_participants SET left_at = $3 WHERE organization_id = $1 AND id = $2 AND left_at IS NULL"
);

static PARTICIPANTS: OrgSql = org_sql!(
    "SELECT p.id, p.kind, p.person, p.session, p.token_hash, p.joined_at, p.left_at, o.name
     FROM call_participants p LEFT JOIN operators o ON o.organization_id = p.organization_id AND o.id = p.person
     WHERE p.organization_id = $1 AND p.call_id = $2 AND p.left_at IS NULL ORDER BY p.joined_at, p.id"
);

static PARTICIPANT: OrgSql = org_sql!(
    "SELECT p.id, p.kind, p.person, p.session, p.token_hash, p.joined_at, p.left_at, o.name
     FROM call_participants p LEFT JOIN operators o ON o.organization_id = p.organization_id AND o.id = p.person
     WHERE p.organization_id = $1 AND p.call_id = $2 AND p.id = $3"
);

static PARTICIPANT_OF_TOKEN: OrgSql = org_sql!(
    "SELECT p.id, p.kind, p.person, p.session, p.token_hash, p.joined_at, p.left_at, o.name
     FROM call_participants p LEFT JOIN operators o ON o.organization_id = p.organization_id AND o.id = p.person
     WHERE p.organization_id = $1 AND p.call_id = $2 AND p.token_hash = $3"
);

/// The row of a call.
#[derive(Debug, Clone)]
pub struct CallRow {
    /// Its id.
    pub id: CallId,
    /// The case.
    pub case_id: CaseId,
    /// When it was started.
    pub started_at: Time,
    /// Who started it.
    pub started_by: OperatorRef,
    /// When it was last known that someone is connected.
    pub last_sign_at: Time,
    /// When it ended.
    pub ended_at: Option<Time>,
}

/// The row of a participant.
#[derive(Debug, Clone)]
pub struct ParticipantRow {
    /// Its id.
    pub id: ParticipantId,
    /// Who it is.
    pub person: Person,
    /// The operator's name.
    pub name: Option<String>,
    /// The hash of its token.
    pub token_hash: Vec<u8>,
    /// When it joined.
    pub joined_at: Time,
    /// When it left.
    pub left_at: Option<Time>,
}

/// An open call of any organization.
#[derive(Debug, Clone, Copy)]
pub struct OpenCall {
    /// The organization.
    pub organization: OrganizationId,
    /// The case.
    pub case_id: CaseId,
    /// The call.
    pub id: CallId,
    /// When it was last known that someone is connected.
    pub last_sign_at: Time,
}

fn call(row: Option<Row>) -> Result<Option<CallRow>, DbError> {
    let Some(row) = row else { return Ok(None) };
    let name: Option<String> = row.get("started_by_name")?;
    Ok(Some(CallRow {
        id: row.get("id")?,
        case_id: row.get("case_id")?,
        started_at: row.get("started_at")?,
        started_by: OperatorRef {
            id: row.get("started_by")?,
            name: name.unwrap_or_default(),
        },
        last_sign_at: row.get("last_sign_at")?,
        ended_at: row.get("ended_at")?,
    }))
}

fn participant(row: &Row) -> Result<ParticipantRow, DbError> {
    let person: Uuid = row.get("person")?;
    let session: Option<SessionId> = row.get("session")?;
    let person = match (ParticipantKind::parse(&row.get::<String>("kind")?), session) {
        (ParticipantKind::Operator, Some(session)) => {
            Person::Operator(OperatorId::from_uuid(person), session)
        }
        _ => Person::Guest(GuestId::from_uuid(person)),
    };
    Ok(ParticipantRow {
        id: row.get("id")?,
        person,
        name: row.get("name")?,
        token_hash: row.get("token_hash")?,
        joined_at: row.get("joined_at")?,
        left_at: row.get("left_at")?,
    })
}

static MOVE_CASE: OrgSql =
    org_sql!("UPDATE calls SET case_id = $3 WHERE organization_id = $1 AND case_id = $2");

/// Moves the calls of a case to the one that it is merged into.
pub async fn move_case(tx: &mut OrgTx<'_>, from: CaseId, into: CaseId) -> Result<(), DbError> {
    tx.execute(&MOVE_CASE, vals![from, into]).await?;
    Ok(())
}

/// Writes a new call.
pub async fn insert(
    tx: &mut OrgTx<'_>,
    id: CallId,
    case_id: CaseId,
    started_by: OperatorId,
    now: Time,
) -> Result<(), DbError> {
    tx.execute(&INSERT, vals![id, case_id, started_by, now])
        .await?;
    Ok(())
}

/// A call.
pub async fn find(tx: &mut OrgTx<'_>, id: CallId) -> Result<Option<CallRow>, DbError> {
    call(tx.row(&FIND, vals![id]).await?)
}

/// The open call of a case.
pub async fn find_open(tx: &mut OrgTx<'_>, case_id: CaseId) -> Result<Option<CallRow>, DbError> {
    call(tx.row(&FIND_OPEN, vals![case_id]).await?)
}

/// The cases in which a call goes on.
pub async fn cases_in_call(tx: &mut OrgTx<'_>) -> Result<Vec<CaseId>, DbError> {
    tx.rows(&CASES_IN_CALL, &[])
        .await?
        .iter()
        .map(|row| row.get("case_id"))
        .collect()
}

/// All calls that a case ever had.
pub async fn of_case(tx: &mut OrgTx<'_>, case_id: CaseId) -> Result<Vec<CallId>, DbError> {
    tx.rows(&OF_CASE, vals![case_id])
        .await?
        .iter()
        .map(|row| row.get("id"))
        .collect()
}

/// Every open call of the server.
pub async fn open_everywhere(tx: &mut SystemTx<'_>) -> Result<Vec<OpenCall>, DbError> {
    tx.rows(&OPEN_EVERYWHERE, &[])
        .await?
        .iter()
        .map(|row| {
            Ok(OpenCall {
                organization: row.get("organization_id")?,
                case_id: row.get("case_id")?,
                id: row.get("id")?,
                last_sign_at: row.get("last_sign_at")?,
            })
        })
        .collect()
}

/// The sessions of every operator who takes or took part in an open call, of the whole server.
pub async fn sessions_in_calls(tx: &mut SystemTx<'_>) -> Result<Vec<SessionId>, DbError> {
    tx.rows(&SESSIONS_IN_CALLS, &[])
        .await?
        .iter()
        .map(|row| row.get("id"))
        .collect()
}

/// Notes that in each of these calls someone was connected at `at`.
pub async fn sign(tx: &mut OrgTx<'_>, ids: &[CallId], at: Time) -> Result<(), DbError> {
    let ids = Val::uuids(ids.iter().map(|id| id.uuid()));
    tx.execute(&SIGN, vals![ids, at]).await?;
    Ok(())
}

/// Ends a call and takes everyone out; whether it was open.
pub async fn end(tx: &mut OrgTx<'_>, id: CallId, at: Time) -> Result<bool, DbError> {
    let was_open = tx.execute(&END, vals![id, at]).await? > 0;
    if was_open {
        tx.execute(&LEAVE_ALL, vals![id, at]).await?;
    }
    Ok(was_open)
}

/// Who is in a call, in the order of joining.
pub async fn participants(
    tx: &mut OrgTx<'_>,
    call_id: CallId,
) -> Result<Vec<ParticipantRow>, DbError> {
    tx.rows(&PARTICIPANTS, vals![call_id])
        .await?
        .iter()
        .map(participant)
        .collect()
}

/// A participant, also one that has left.
pub async fn find_participant(
    tx: &mut OrgTx<'_>,
    call_id: CallId,
    id: ParticipantId,
) -> Result<Option<ParticipantRow>, DbError> {
    let row = tx.row(&PARTICIPANT, vals![call_id, id]).await?;
    row.as_ref().map(participant).transpose()
}

/// The participant of a token, also one that has left.
pub async fn participant_of_token(
    tx: &mut OrgTx<'_>,
    call_id: CallId,
    token_hash: &[u8],
) -> Result<Option<ParticipantRow>, DbError> {
    let row = tx
        .row(&PARTICIPANT_OF_TOKEN, vals![call_id, token_hash])
        .await?;
    row.as_ref().map(participant).transpose()
}

/// Writes a new participant.
pub async fn insert_participant(
    tx: &mut OrgTx<'_>,
    call_id: CallId,
    id: ParticipantId,
    person: Person,
    token_hash: &[u8],
    now: Time,
) -> Result<(), DbError> {
    let values = vals![
        id,
        call_id,
        person.kind().as_str(),
        person.uuid(),
        person.session(),
        token_hash,
        now
    ];
    tx.execute(&INSERT_PARTICIPANT, values).await?;
    Ok(())
}

/// A participant is there again, or still, in this session.
pub async fn return_participant(
    tx: &mut OrgTx<'_>,
    id: ParticipantId,
    person: Person,
) -> Result<(), DbError> {
    tx.execute(&RETURN_PARTICIPANT, vals![id, person.session()])
        .await?;
    Ok(())
}

/// Takes a participant out; whether it was there.
pub async fn leave(tx: &mut OrgTx<'_>, id: ParticipantId, now: Time) -> Result<bool, DbError> {
    Ok(tx.execute(&LEAVE, vals![id, now]).await? > 0)
}
