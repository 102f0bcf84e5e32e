//! Rows of guest links and guest sessions.

use deskside_db::{DbError, OrgSql, OrgTx, SystemSql, SystemTx, Time, org_sql, system_sql, vals};

use super::GuestOperator;
use crate::ids::{CaseId, GuestId, OrganizationId};
use crate::team::picture_url;

static FIND_LINK: SystemSql = system_sql!(
    "SELECT organization_id, case_id, deleted_at FROM guest_links WHERE token_hash = $1"
);

static INSERT_LINK: OrgSql = org_sql!(
    "INSERT INTO guest_links (organization_id, token_hash, case_id, token_sealed, created_at) VALUES ($1, $2, $3, $4, $5)"
);

static SEALED_LINK: OrgSql = org_sql!(
    "SELECT token_sealed FROM guest_links WHERE organization_id = $1 AND case_id = $2 AND token_sealed IS NOT NULL"
);

static MARK_LINKS_DELETED: OrgSql = org_sql!(
    "UPDATE guest_links SET token_sealed = NULL, deleted_at = $3 WHERE organization_id = $1 AND case_id = $2"
);

static MOVE_LINKS: OrgSql = org_sql!(
    "UPDATE guest_links SET case_id = $3, token_sealed = NULL WHERE organization_id = $1 AND case_id = $2"
);

static DROP_DOUBLE_SESSIONS: OrgSql = org_sql!(
    "DELETE FROM guest_sessions WHERE organization_id = $1 AND case_id = $2 AND EXISTS (SELECT 1 FROM guest_sessions x
       WHERE x.organization_id = $1 AND x.case_id = $3 AND x.token_hash = guest_sessions.token_hash)"
);

static MOVE_SESSIONS: OrgSql =
    org_sql!("UPDATE guest_sessions SET case_id = $3 WHERE organization_id = $1 AND case_id = $2");

static PUT_SESSION: OrgSql = org_sql!(
    "INSERT INTO guest_sessions (organization_id, token_hash, case_id, guest_id, created_at) VALUES ($1, $2, $3, $4, $5)
     ON CONFLICT (token_hash, case_id) DO UPDATE SET created_at = excluded.created_at RETURNING guest_id"
);

static IS_KNOWN: SystemSql =
    system_sql!("SELECT 1 AS stands FROM guest_sessions WHERE token_hash = $1 LIMIT 1");

static DELETE_OLDEST_SESSIONS: OrgSql = org_sql!(
    "DELETE FROM guest_sessions WHERE organization_id = $1 AND case_id = $2 AND created_at < (
       SELECT s.created_at FROM guest_sessions s WHERE s.organization_id = $1 AND s.case_id = $2
       ORDER BY s.created_at DESC LIMIT 1 OFFSET $3)"
);

static SET_SEEN: OrgSql =
    org_sql!("UPDATE cases SET guest_seen_at = $3 WHERE organization_id = $1 AND id = $2");

static OPERATORS: OrgSql = org_sql!(
    "SELECT o.id, o.name, o.picture FROM case_operators c JOIN operators o ON o.organization_id = c.organization_id AND o.id = c.operator_id
     WHERE c.organization_id = $1 AND c.case_id = $2 ORDER BY c.joined_at, o.id"
);

static LANGUAGE: OrgSql = org_sql!(
    "SELECT value FROM case_fields WHERE organization_id = $1 AND case_id = $2 AND field = 'language'"
);

/// What stands behind a link.
pub struct Link {
    /// The organization.
    pub organization: OrganizationId,
    /// The case.
    pub case_id: CaseId,
    /// Whether the case is deleted.
    pub deleted: bool,
}

/// The link behind a hashed token.
pub async fn find_link(tx: &mut SystemTx<'_>, token_hash: &[u8]) -> Result<Option<Link>, DbError> {
    let Some(row) = tx.row(&FIND_LINK, vals![token_hash]).await? else {
        return Ok(None);
    };
    let deleted_at: Option<Time> = row.get("deleted_at")?;
    Ok(Some(Link {
        organization: row.get("organization_id")?,
        case_id: row.get("case_id")?,
        deleted: deleted_at.is_some(),
    }))
}

/// Who is on a case, in the order of joining, as guests see them; whether they are at the desk is not here.
pub async fn operators(tx: &mut OrgTx<'_>, case_id: CaseId) -> Result<Vec<GuestOperator>, DbError> {
    tx.rows(&OPERATORS, vals![case_id])
        .await?
        .iter()
        .map(|row| {
            Ok(GuestOperator {
                id: row.get("id")?,
                name: row.get("name")?,
                online: false,
                picture: row.get::<Option<String>>("picture")?.map(picture_url),
            })
        })
        .collect()
}

/// Writes a link.
pub async fn insert_link(
    tx: &mut OrgTx<'_>,
    token_hash: Vec<u8>,
    case_id: CaseId,
    sealed: Vec<u8>,
    now: Time,
) -> Result<(), DbError> {
    tx.execute(&INSERT_LINK, vals![token_hash, case_id, sealed, now])
        .await?;
    Ok(())
}

/// The sealed token of a case's link.
pub async fn sealed_link(tx: &mut OrgTx<'_>, case_id: CaseId) -> Result<Option<Vec<u8>>, DbError> {
    match tx.row(&SEALED_LINK, vals![case_id]).await? {
        Some(row) => Ok(Some(row.get("token_sealed")?)),
        None => Ok(None),
    }
}

/// Lets the links of a case say only that it is deleted.
pub async fn mark_links_deleted(
    tx: &mut OrgTx<'_>,
    case_id: CaseId,
    now: Time,
) -> Result<(), DbError> {
    tx.execute(&MARK_LINKS_DELETED, vals![case_id, now]).await?;
    Ok(())
}

/// Whether a cookie's secret was given out here: some case has a session for it.
pub async fn is_known(tx: &mut SystemTx<'_>, token_hash: &[u8]) -> Result<bool, DbError> {
    Ok(tx.row(&IS_KNOWN, vals![token_hash]).await?.is_some())
}

/// Gives a browser its session on a case; a browser that has one keeps its guest.
pub async fn put_session(
    tx: &mut OrgTx<'_>,
    token_hash: &[u8],
    case_id: CaseId,
    guest: GuestId,
    now: Time,
) -> Result<GuestId, DbError> {
    match tx
        .row(&PUT_SESSION, vals![token_hash, case_id, guest, now])
        .await?
    {
        Some(row) => row.get("guest_id"),
        None => Err(DbError::Other("a guest session was not written".into())),
    }
}

/// Ends the oldest sessions of a case beyond `keep`.
pub async fn delete_oldest_sessions(
    tx: &mut OrgTx<'_>,
    case_id: CaseId,
    keep: i64,
) -> Result<(), DbError> {
    tx.execute(&DELETE_OLDEST_SESSIONS, vals![case_id, keep - 1])
        .await?;
    Ok(())
}

/// Notes when the guest was here.
pub async fn set_seen(tx: &mut OrgTx<'_>, case_id: CaseId, now: Time) -> Result<(), DbError> {
    tx.execute(&SET_SEEN, vals![case_id, now]).await?;
    Ok(())
}

/// The customer's language.
pub async fn language(tx: &mut OrgTx<'_>, case_id: CaseId) -> Result<String, DbError> {
    match tx.row(&LANGUAGE, vals![case_id]).await? {
        Some(row) => row.get("value"),
        None => Ok(String::new()),
    }
}

/// Lets the links and browsers of a case open the one that it is merged into. A moved link works and is never shown
/// again: it is sealed for the case that is gone, and the other one has its own.
pub async fn move_case(tx: &mut OrgTx<'_>, from: CaseId, into: CaseId) -> Result<(), DbError> {
    tx.execute(&MOVE_LINKS, vals![from, into]).await?;
    tx.execute(&DROP_DOUBLE_SESSIONS, vals![from, into]).await?;
    tx.execute(&MOVE_SESSIONS, vals![from, into]).await?;
    Ok(())
}
