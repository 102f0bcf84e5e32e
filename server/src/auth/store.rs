//! Rows of sessions and attempts. Statements without an organization are here because the cookie or the
//! address is all that is known; they are in the list that the registry test keeps.

use deskside_db::{
    DbError, OrgSql, OrgTx, Row, SystemSql, SystemTx, Time, org_sql, system_sql, vals,
};

use super::{GuestSession, OperatorSession, Rights, Role, policy};
use crate::ids::{CaseId, OperatorId, OrganizationId, SessionId};

static FIND_OPERATOR_SESSION: SystemSql = system_sql!(
    "SELECT s.id, s.organization_id, s.operator_id, s.created_at, s.seen_at,
            o.role, o.seat, o.may_reassign, o.may_delete, o.may_export, g.separate_operators
     FROM operator_sessions s JOIN operators o ON o.organization_id = s.organization_id AND o.id = s.operator_id
     JOIN organizations g ON g.organization_id = s.organization_id
     WHERE s.token_hash = $1 AND o.active = 1"
);

static FIND_GUEST_SESSION: SystemSql = system_sql!(
    "SELECT organization_id, case_id, guest_id, created_at FROM guest_sessions WHERE token_hash = $1 AND case_id = $2"
);

static FIND_CREDENTIALS: SystemSql = system_sql!(
    "SELECT organization_id, id, password_hash FROM operators WHERE email_folded = $1 AND active = 1"
);

static INSERT_SESSION: OrgSql = org_sql!(
    "INSERT INTO operator_sessions (organization_id, token_hash, id, operator_id, created_at, seen_at) VALUES ($1, $2, $3, $4, $5, $5)"
);

static SESSION_SEEN: OrgSql =
    org_sql!("UPDATE operator_sessions SET seen_at = $3 WHERE organization_id = $1 AND id = $2");

static SESSION_NOW: OrgSql = org_sql!(
    "SELECT s.id, s.organization_id, s.operator_id, o.role, o.seat, o.may_reassign, o.may_delete, o.may_export, g.separate_operators
     FROM operator_sessions s JOIN operators o ON o.organization_id = s.organization_id AND o.id = s.operator_id
     JOIN organizations g ON g.organization_id = s.organization_id
     WHERE s.organization_id = $1 AND o.organization_id = $1 AND g.organization_id = $1 AND s.id = $2 AND s.operator_id = $3 AND o.active = 1"
);

static DELETE_SESSION: OrgSql =
    org_sql!("DELETE FROM operator_sessions WHERE organization_id = $1 AND id = $2");

static DELETE_SESSIONS: OrgSql =
    org_sql!("DELETE FROM operator_sessions WHERE organization_id = $1 AND operator_id = $2");

static DELETE_OLD_SESSIONS: SystemSql =
    system_sql!("DELETE FROM operator_sessions WHERE seen_at < $1 OR created_at < $2");

static DELETE_OLD_GUEST_SESSIONS: SystemSql =
    system_sql!("DELETE FROM guest_sessions WHERE created_at < $1");

static COUNT_ATTEMPT: SystemSql = system_sql!(
    "INSERT INTO attempts (scope, subject, window_started_at, failures) VALUES ($1, $2, $3, 1)
     ON CONFLICT (scope, subject) DO UPDATE SET
       failures = CASE WHEN attempts.window_started_at < $4 THEN 1 ELSE attempts.failures + 1 END,
       window_started_at = CASE WHEN attempts.window_started_at < $4 THEN $3 ELSE attempts.window_started_at END
     RETURNING window_started_at, failures"
);

static UNCOUNT_ATTEMPT: SystemSql = system_sql!(
    "UPDATE attempts SET failures = failures - 1 WHERE scope = $1 AND subject = $2 AND failures > 0"
);

static FORGET_ATTEMPTS: SystemSql =
    system_sql!("DELETE FROM attempts WHERE window_started_at < $1");

/// A stored session with what its end depends on.
pub struct StoredSession {
    /// The session.
    pub session: OperatorSession,
    /// When it began.
    pub created_at: Time,
    /// When it was last written down as used.
    pub seen_at: Time,
}

/// The operator's session behind a hashed cookie.
pub async fn find_operator_session(
    tx: &mut SystemTx<'_>,
    token_hash: &[u8],
) -> Result<Option<StoredSession>, DbError> {
    let Some(row) = tx.row(&FIND_OPERATOR_SESSION, vals![token_hash]).await? else {
        return Ok(None);
    };
    Ok(Some(StoredSession {
        session: session_of(&row)?,
        created_at: row.get("created_at")?,
        seen_at: row.get("seen_at")?,
    }))
}

/// The session of a row with all that decides what its operator may do.
fn session_of(row: &Row) -> Result<OperatorSession, DbError> {
    let role = Role::parse(&row.get::<String>("role")?);
    let rights = Rights {
        reassign: row.get("may_reassign")?,
        delete: row.get("may_delete")?,
        export: row.get("may_export")?,
    };
    Ok(OperatorSession {
        organization: row.get("organization_id")?,
        operator: row.get("operator_id")?,
        role,
        seat: row.get("seat")?,
        rights: rights.of(role),
        sight: policy::sight(role, row.get("separate_operators")?),
        session: row.get("id")?,
    })
}

/// The guest's session on a case behind a hashed cookie, and when it began.
pub async fn find_guest_session(
    tx: &mut SystemTx<'_>,
    token_hash: &[u8],
    case_id: CaseId,
) -> Result<Option<(GuestSession, Time)>, DbError> {
    let Some(row) = tx
        .row(&FIND_GUEST_SESSION, vals![token_hash, case_id])
        .await?
    else {
        return Ok(None);
    };
    let session = GuestSession {
        organization: row.get("organization_id")?,
        case_id: row.get("case_id")?,
        guest: row.get("guest_id")?,
    };
    Ok(Some((session, row.get("created_at")?)))
}

/// Organization, operator and password hash behind the folded email address of one who may sign in.
pub async fn find_credentials(
    tx: &mut SystemTx<'_>,
    email_folded: &str,
) -> Result<Option<(OrganizationId, OperatorId, String)>, DbError> {
    match tx.row(&FIND_CREDENTIALS, vals![email_folded]).await? {
        Some(row) => Ok(Some((
            row.get("organization_id")?,
            row.get("id")?,
            row.get("password_hash")?,
        ))),
        None => Ok(None),
    }
}

/// Begins a session.
pub async fn insert_session(
    tx: &mut OrgTx<'_>,
    id: SessionId,
    token_hash: Vec<u8>,
    operator: OperatorId,
    now: Time,
) -> Result<(), DbError> {
    tx.execute(&INSERT_SESSION, vals![token_hash, id, operator, now])
        .await?;
    Ok(())
}

/// Writes down that a session is used.
pub async fn session_seen(tx: &mut OrgTx<'_>, id: SessionId, now: Time) -> Result<(), DbError> {
    tx.execute(&SESSION_SEEN, vals![id, now]).await?;
    Ok(())
}

/// An operator's session as it is now, if it stands and its operator is active.
pub async fn session_now(
    tx: &mut OrgTx<'_>,
    id: SessionId,
    operator: OperatorId,
) -> Result<Option<OperatorSession>, DbError> {
    tx.row(&SESSION_NOW, vals![id, operator])
        .await?
        .as_ref()
        .map(session_of)
        .transpose()
}

/// Ends one session.
pub async fn delete_session(tx: &mut OrgTx<'_>, id: SessionId) -> Result<(), DbError> {
    tx.execute(&DELETE_SESSION, vals![id]).await?;
    Ok(())
}

/// Ends all sessions of an operator.
pub async fn delete_sessions(tx: &mut OrgTx<'_>, operator: OperatorId) -> Result<(), DbError> {
    tx.execute(&DELETE_SESSIONS, vals![operator]).await?;
    Ok(())
}

/// Ends sessions unused since `idle`, begun before `age`, and guests' sessions begun before `guest_age`.
pub async fn delete_old_sessions(
    tx: &mut SystemTx<'_>,
    idle: Time,
    age: Time,
    guest_age: Time,
) -> Result<(), DbError> {
    tx.execute(&DELETE_OLD_SESSIONS, vals![idle, age]).await?;
    tx.execute(&DELETE_OLD_GUEST_SESSIONS, vals![guest_age])
        .await?;
    Ok(())
}

/// Counts one attempt; a window that began before `stale` starts anew.
pub async fn count_attempt(
    tx: &mut SystemTx<'_>,
    scope: &str,
    subject: &[u8],
    now: Time,
    stale: Time,
) -> Result<(Time, i64), DbError> {
    match tx
        .row(&COUNT_ATTEMPT, vals![scope, subject, now, stale])
        .await?
    {
        Some(row) => Ok((row.get("window_started_at")?, row.get("failures")?)),
        None => Err(DbError::Other("an attempt was not counted".into())),
    }
}

/// Takes one attempt back: it was right.
pub async fn uncount_attempt(
    tx: &mut SystemTx<'_>,
    scope: &str,
    subject: &[u8],
) -> Result<(), DbError> {
    tx.execute(&UNCOUNT_ATTEMPT, vals![scope, subject]).await?;
    Ok(())
}

/// Forgets windows that began before `stale`.
pub async fn forget_attempts(tx: &mut SystemTx<'_>, stale: Time) -> Result<(), DbError> {
    tx.execute(&FORGET_ATTEMPTS, vals![stale]).await?;
    Ok(())
}
