//! Rows of passwords and of links to new ones. Where the address or the link is all that is known the statement has no
//! organization.

use deskside_db::{
    DbError, OrgSql, OrgTx, SystemSql, SystemTx, Time, Uuid, org_sql, system_sql, vals,
};

use crate::cases::Language;
use crate::ids::{OperatorId, OrganizationId, SessionId};

static PASSWORD_HASH: OrgSql =
    org_sql!("SELECT password_hash FROM operators WHERE organization_id = $1 AND id = $2");

static CHANGE_PASSWORD: OrgSql = org_sql!(
    "UPDATE operators SET password_hash = $4 WHERE organization_id = $1 AND id = $2 AND password_hash = $3"
);

static SET_PASSWORD: OrgSql =
    org_sql!("UPDATE operators SET password_hash = $3 WHERE organization_id = $1 AND id = $2");

static DELETE_OTHER_SESSIONS: OrgSql = org_sql!(
    "DELETE FROM operator_sessions WHERE organization_id = $1 AND operator_id = $2 AND id <> $3 RETURNING id"
);

static DELETE_SESSIONS: OrgSql =
    org_sql!("DELETE FROM operator_sessions WHERE organization_id = $1 AND operator_id = $2");

static FORGET_ATTEMPT: SystemSql =
    system_sql!("DELETE FROM attempts WHERE scope = $1 AND subject = $2");

static FIND_ACTIVE: SystemSql =
    system_sql!("SELECT organization_id, id FROM operators WHERE email_folded = $1 AND active = 1");

static ADDRESSEE: OrgSql = org_sql!(
    "SELECT p.name, p.email, p.language, o.name AS organization
     FROM operators p JOIN organizations o ON o.organization_id = p.organization_id
     WHERE p.organization_id = $1 AND p.id = $2 AND p.active = 1"
);

static NEWEST_RESET: OrgSql = org_sql!(
    "SELECT request, token_sealed, used FROM password_resets WHERE organization_id = $1 AND operator_id = $2"
);

static PUT_RESET: OrgSql = org_sql!(
    "INSERT INTO password_resets (organization_id, operator_id, request, token_hash, token_sealed, expires_at, used)
     VALUES ($1, $2, $3, $4, $5, $6, 0)
     ON CONFLICT (organization_id, operator_id) DO UPDATE SET
       request = excluded.request, token_hash = excluded.token_hash,
       token_sealed = excluded.token_sealed, expires_at = excluded.expires_at, used = 0"
);

static FIND_RESET: SystemSql = system_sql!(
    "SELECT r.organization_id, r.operator_id, r.expires_at, p.email
     FROM password_resets r JOIN operators p ON p.organization_id = r.organization_id AND p.id = r.operator_id
     WHERE r.token_hash = $1 AND r.used = 0 AND p.active = 1"
);

static USE_RESET: OrgSql = org_sql!(
    "UPDATE password_resets SET used = 1
     WHERE organization_id = $1 AND operator_id = $2 AND token_hash = $3 AND used = 0 AND expires_at > $4"
);

static END_RESET: OrgSql =
    org_sql!("UPDATE password_resets SET used = 1 WHERE organization_id = $1 AND operator_id = $2");

static DELETE_OLD_RESETS: SystemSql =
    system_sql!("DELETE FROM password_resets WHERE expires_at <= $1");

/// The hash of an operator's password.
pub async fn password_hash(
    tx: &mut OrgTx<'_>,
    operator: OperatorId,
) -> Result<Option<String>, DbError> {
    match tx.row(&PASSWORD_HASH, vals![operator]).await? {
        Some(row) => Ok(Some(row.get("password_hash")?)),
        None => Ok(None),
    }
}

/// Replaces a password's hash; whether `before` was still the one.
pub async fn change_password(
    tx: &mut OrgTx<'_>,
    operator: OperatorId,
    before: &str,
    hash: &str,
) -> Result<bool, DbError> {
    let changed = tx
        .execute(&CHANGE_PASSWORD, vals![operator, before, hash])
        .await?;
    Ok(changed > 0)
}

/// Writes a password's hash.
pub async fn set_password(
    tx: &mut OrgTx<'_>,
    operator: OperatorId,
    hash: &str,
) -> Result<(), DbError> {
    tx.execute(&SET_PASSWORD, vals![operator, hash]).await?;
    Ok(())
}

/// Ends all sessions of an operator but one; which ended.
pub async fn delete_other_sessions(
    tx: &mut OrgTx<'_>,
    operator: OperatorId,
    own: SessionId,
) -> Result<Vec<SessionId>, DbError> {
    tx.rows(&DELETE_OTHER_SESSIONS, vals![operator, own])
        .await?
        .iter()
        .map(|row| row.get("id"))
        .collect()
}

/// Ends all sessions of an operator.
pub async fn delete_sessions(tx: &mut OrgTx<'_>, operator: OperatorId) -> Result<(), DbError> {
    tx.execute(&DELETE_SESSIONS, vals![operator]).await?;
    Ok(())
}

/// Forgets the attempts counted for someone.
pub async fn forget_attempt(
    tx: &mut SystemTx<'_>,
    scope: &str,
    subject: &[u8],
) -> Result<(), DbError> {
    tx.execute(&FORGET_ATTEMPT, vals![scope, subject]).await?;
    Ok(())
}

/// Who signs in with a folded email address and may.
pub async fn find_active(
    tx: &mut SystemTx<'_>,
    email_folded: &str,
) -> Result<Option<(OrganizationId, OperatorId)>, DbError> {
    match tx.row(&FIND_ACTIVE, vals![email_folded]).await? {
        Some(row) => Ok(Some((row.get("organization_id")?, row.get("id")?))),
        None => Ok(None),
    }
}

/// Whom an email about an account goes to.
pub struct Addressee {
    /// The operator's name.
    pub name: String,
    /// The operator's email address.
    pub email: String,
    /// The operator's language.
    pub language: Language,
    /// The organization's name.
    pub organization: String,
}

/// Where an email to an operator goes; none to one who is not active.
pub async fn addressee(
    tx: &mut OrgTx<'_>,
    operator: OperatorId,
) -> Result<Option<Addressee>, DbError> {
    let Some(row) = tx.row(&ADDRESSEE, vals![operator]).await? else {
        return Ok(None);
    };
    Ok(Some(Addressee {
        name: row.get("name")?,
        email: row.get("email")?,
        language: Language::parse(&row.get::<String>("language")?),
        organization: row.get("organization")?,
    }))
}

/// A link to a new password.
pub struct NewReset {
    /// Whose.
    pub operator: OperatorId,
    /// Which request it answers.
    pub request: Uuid,
    /// Hash of the token, for the look-up.
    pub token_hash: Vec<u8>,
    /// The token, sealed, for an email that has to be sent again.
    pub token_sealed: Vec<u8>,
    /// When it ends.
    pub expires_at: Time,
}

/// The newest link of an operator.
pub struct NewestReset {
    /// Which request it answers.
    pub request: Uuid,
    /// The token, sealed.
    pub token_sealed: Vec<u8>,
    /// Whether it is used up.
    pub used: bool,
}

/// The newest link of an operator.
pub async fn newest_reset(
    tx: &mut OrgTx<'_>,
    operator: OperatorId,
) -> Result<Option<NewestReset>, DbError> {
    match tx.row(&NEWEST_RESET, vals![operator]).await? {
        Some(row) => Ok(Some(NewestReset {
            request: row.get("request")?,
            token_sealed: row.get("token_sealed")?,
            used: row.get("used")?,
        })),
        None => Ok(None),
    }
}

/// Writes the link of an operator in place of any other.
pub async fn put_reset(tx: &mut OrgTx<'_>, new: &NewReset) -> Result<(), DbError> {
    let values = vals![
        new.operator,
        new.request,
        new.token_hash.clone(),
        new.token_sealed.clone(),
        new.expires_at
    ];
    tx.execute(&PUT_RESET, values).await?;
    Ok(())
}

/// A link that was found.
pub struct FoundReset {
    /// The organization.
    pub organization: OrganizationId,
    /// Whose.
    pub operator: OperatorId,
    /// The operator's email address.
    pub email: String,
    /// When it ends.
    pub expires_at: Time,
}

/// The link behind a hashed token.
pub async fn find_reset(
    tx: &mut SystemTx<'_>,
    token_hash: &[u8],
) -> Result<Option<FoundReset>, DbError> {
    let Some(row) = tx.row(&FIND_RESET, vals![token_hash]).await? else {
        return Ok(None);
    };
    Ok(Some(FoundReset {
        organization: row.get("organization_id")?,
        operator: row.get("operator_id")?,
        email: row.get("email")?,
        expires_at: row.get("expires_at")?,
    }))
}

/// Uses a link up; whether it was there to use.
pub async fn use_reset(
    tx: &mut OrgTx<'_>,
    operator: OperatorId,
    token_hash: &[u8],
    now: Time,
) -> Result<bool, DbError> {
    let used = tx
        .execute(&USE_RESET, vals![operator, token_hash, now])
        .await?;
    Ok(used > 0)
}

/// Ends the link of an operator.
pub async fn end_reset(tx: &mut OrgTx<'_>, operator: OperatorId) -> Result<(), DbError> {
    tx.execute(&END_RESET, vals![operator]).await?;
    Ok(())
}

/// Clears links that ended before `before`.
pub async fn delete_old_resets(tx: &mut SystemTx<'_>, before: Time) -> Result<(), DbError> {
    tx.execute(&DELETE_OLD_RESETS, vals![before]).await?;
    Ok(())
}
