//! Rows of organizations, operators and invitations.

use deskside_db::{
    DbError, OrgSql, OrgTx, Row, SystemSql, SystemTx, Time, org_sql, system_sql, vals,
};

use super::invites::InviteMail;
use super::{NewOperator, Operator, OperatorRow, Theme, fold_email, picture_url};
use crate::auth::{Rights, Role};
use crate::cases::Language;
use crate::events::OperatorRef;
use crate::ids::{InviteId, OperatorId, OrganizationId};

pub use super::organization::store::{organization, public_organization};

static ORGANIZATIONS: SystemSql =
    system_sql!("SELECT organization_id FROM organizations ORDER BY created_at LIMIT 2");

static INSERT_OPERATOR: OrgSql = org_sql!(
    "INSERT INTO operators (organization_id, id, email, email_folded, name, role, password_hash, language, time_zone, theme, seat, created_at)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, 'system', $10, $11)"
);

static OPERATOR: OrgSql = org_sql!(
    "SELECT id, name, email, role, language, time_zone, theme, seat, active, picture FROM operators WHERE organization_id = $1 AND id = $2"
);

static RIGHTS: OrgSql = org_sql!(
    "SELECT role, may_reassign, may_delete, may_export FROM operators WHERE organization_id = $1 AND id = $2"
);

static UPDATE_OPERATOR: OrgSql = org_sql!(
    "UPDATE operators SET name = $3, language = $4, time_zone = $5, theme = $6 WHERE organization_id = $1 AND id = $2"
);

static OPERATOR_PAGE: OrgSql = org_sql!(
    "SELECT id, name, email, role, created_at, active, seat, may_reassign, may_delete, may_export, picture
     FROM operators WHERE organization_id = $1 AND id > $2 ORDER BY id LIMIT $3"
);

static HAS_EMAIL: OrgSql =
    org_sql!("SELECT 1 AS here FROM operators WHERE organization_id = $1 AND email_folded = $2");

static INSERT_INVITE: OrgSql = org_sql!(
    "INSERT INTO operator_invites (organization_id, id, token_hash, token_sealed, email, role, invited_by, mail, created_at, expires_at)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)"
);

static INVITES: OrgSql = org_sql!(
    "SELECT i.id, i.email, i.role, i.created_at, i.expires_at, i.token_sealed, i.invited_by, i.mail, o.name AS invited_by_name
     FROM operator_invites i JOIN operators o ON o.organization_id = i.organization_id AND o.id = i.invited_by
     WHERE i.organization_id = $1 AND i.expires_at > $2 ORDER BY i.created_at DESC, i.id DESC LIMIT $3"
);

static LOCK_INVITES: OrgSql = org_sql!(
    sqlite: "SELECT 1 AS held FROM organizations WHERE organization_id = $1",
    postgres: "SELECT CAST(pg_advisory_xact_lock(hashtextextended('operator_invites' || CAST(organization_id AS text), 0)) AS text) AS held
               FROM organizations WHERE organization_id = $1"
);

static COUNT_INVITES: OrgSql =
    org_sql!("SELECT count(*) AS invites FROM operator_invites WHERE organization_id = $1");

static DELETE_INVITE: OrgSql =
    org_sql!("DELETE FROM operator_invites WHERE organization_id = $1 AND id = $2");

static DELETE_OLD_INVITES: OrgSql =
    org_sql!("DELETE FROM operator_invites WHERE organization_id = $1 AND expires_at <= $2");

static USE_INVITE: OrgSql = org_sql!(
    "DELETE FROM operator_invites WHERE organization_id = $1 AND token_hash = $2 AND expires_at > $3"
);

static SET_INVITE_MAIL: OrgSql =
    org_sql!("UPDATE operator_invites SET mail = $3 WHERE organization_id = $1 AND id = $2");

static FIND_INVITE: SystemSql = system_sql!(
    "SELECT i.organization_id, i.email, i.role, i.expires_at, o.name AS invited_by_name
     FROM operator_invites i JOIN operators o ON o.organization_id = i.organization_id AND o.id = i.invited_by
     WHERE i.token_hash = $1"
);

/// The first organizations of this server, two at most: enough to tell none, one and many apart.
pub async fn organizations(tx: &mut SystemTx<'_>) -> Result<Vec<OrganizationId>, DbError> {
    tx.rows(&ORGANIZATIONS, &[])
        .await?
        .iter()
        .map(|row| row.get("organization_id"))
        .collect()
}

/// Writes a new operator; the email address is unique on the server.
pub async fn insert_operator(
    tx: &mut OrgTx<'_>,
    new: &NewOperator,
    seat: bool,
    now: Time,
) -> Result<(), DbError> {
    tx.execute(
        &INSERT_OPERATOR,
        vals![
            new.id,
            new.email.as_str(),
            fold_email(&new.email),
            new.name.as_str(),
            new.role.as_str(),
            new.password_hash.as_str(),
            new.language.as_str(),
            new.time_zone.as_str(),
            seat,
            now
        ],
    )
    .await?;
    Ok(())
}

/// An operator.
pub async fn operator(tx: &mut OrgTx<'_>, id: OperatorId) -> Result<Option<Operator>, DbError> {
    let Some(row) = tx.row(&OPERATOR, vals![id]).await? else {
        return Ok(None);
    };
    Ok(Some(Operator {
        id: row.get("id")?,
        name: row.get("name")?,
        email: row.get("email")?,
        role: Role::parse(&row.get::<String>("role")?),
        language: Language::parse(&row.get::<String>("language")?),
        time_zone: row.get("time_zone")?,
        theme: Theme::parse(&row.get::<String>("theme")?),
        seat: row.get("seat")?,
        active: row.get("active")?,
        picture: row.get::<Option<String>>("picture")?.map(picture_url),
    }))
}

/// What an operator may do beyond working on cases.
pub async fn rights(tx: &mut OrgTx<'_>, id: OperatorId) -> Result<Option<Rights>, DbError> {
    match tx.row(&RIGHTS, vals![id]).await? {
        Some(row) => Ok(Some(rights_of(&row)?)),
        None => Ok(None),
    }
}

/// The rights that a row of an operator gives: all of them to an administrator.
fn rights_of(row: &Row) -> Result<Rights, DbError> {
    let stored = Rights {
        reassign: row.get("may_reassign")?,
        delete: row.get("may_delete")?,
        export: row.get("may_export")?,
    };
    Ok(stored.of(Role::parse(&row.get::<String>("role")?)))
}

/// An operator's id and name.
pub async fn operator_ref(
    tx: &mut OrgTx<'_>,
    id: OperatorId,
) -> Result<Option<OperatorRef>, DbError> {
    Ok(operator(tx, id).await?.map(|operator| OperatorRef {
        id: operator.id,
        name: operator.name,
    }))
}

/// Writes an operator's profile.
pub async fn update_operator(tx: &mut OrgTx<'_>, operator: &Operator) -> Result<(), DbError> {
    tx.execute(
        &UPDATE_OPERATOR,
        vals![
            operator.id,
            operator.name.as_str(),
            operator.language.as_str(),
            operator.time_zone.as_str(),
            operator.theme.as_str()
        ],
    )
    .await?;
    Ok(())
}

/// A page of operators in the order of their coming.
pub async fn operator_page(
    tx: &mut OrgTx<'_>,
    after: OperatorId,
    limit: i64,
) -> Result<Vec<OperatorRow>, DbError> {
    tx.rows(&OPERATOR_PAGE, vals![after, limit])
        .await?
        .iter()
        .map(operator_row)
        .collect()
}

/// An operator, as colleagues see one, of a row that has all of it.
pub fn operator_row(row: &Row) -> Result<OperatorRow, DbError> {
    Ok(OperatorRow {
        id: row.get("id")?,
        name: row.get("name")?,
        email: row.get("email")?,
        role: Role::parse(&row.get::<String>("role")?),
        online: false,
        created_at: row.get("created_at")?,
        active: row.get("active")?,
        seat: row.get("seat")?,
        rights: rights_of(row)?,
        picture: row.get::<Option<String>>("picture")?.map(picture_url),
    })
}

/// Whether an operator of this organization has the address.
pub async fn has_email(tx: &mut OrgTx<'_>, email_folded: &str) -> Result<bool, DbError> {
    Ok(tx.row(&HAS_EMAIL, vals![email_folded]).await?.is_some())
}

/// An invitation to write.
pub struct NewInviteRow {
    /// Its id.
    pub id: InviteId,
    /// Hash of the token, for the look-up.
    pub token_hash: Vec<u8>,
    /// The token, sealed, to be shown again.
    pub token_sealed: Vec<u8>,
    /// Whom it is for.
    pub email: String,
    /// The role.
    pub role: Role,
    /// Who invites.
    pub invited_by: OperatorId,
    /// How far its email has come.
    pub mail: InviteMail,
}

/// Writes an invitation.
pub async fn insert_invite(
    tx: &mut OrgTx<'_>,
    new: &NewInviteRow,
    now: Time,
    expires_at: Time,
) -> Result<(), DbError> {
    tx.execute(
        &INSERT_INVITE,
        vals![
            new.id,
            new.token_hash.clone(),
            new.token_sealed.clone(),
            new.email.as_str(),
            new.role.as_str(),
            new.invited_by,
            new.mail.as_str(),
            now,
            expires_at
        ],
    )
    .await?;
    Ok(())
}

/// An open invitation, its link still sealed.
pub struct InviteRow {
    /// Its id.
    pub id: InviteId,
    /// Whom it is for.
    pub email: String,
    /// The role.
    pub role: Role,
    /// When it was made.
    pub created_at: Time,
    /// When it ends.
    pub expires_at: Time,
    /// Who made it.
    pub invited_by: OperatorRef,
    /// The token, sealed.
    pub token_sealed: Vec<u8>,
    /// How far its email has come.
    pub mail: InviteMail,
}

/// Open invitations, newest first.
pub async fn invites(tx: &mut OrgTx<'_>, now: Time) -> Result<Vec<InviteRow>, DbError> {
    tx.rows(&INVITES, vals![now, crate::limits::INVITES_OPEN_MAX])
        .await?
        .iter()
        .map(invite_row)
        .collect()
}

fn invite_row(row: &Row) -> Result<InviteRow, DbError> {
    Ok(InviteRow {
        id: row.get("id")?,
        email: row.get("email")?,
        role: Role::parse(&row.get::<String>("role")?),
        created_at: row.get("created_at")?,
        expires_at: row.get("expires_at")?,
        invited_by: OperatorRef {
            id: row.get("invited_by")?,
            name: row.get("invited_by_name")?,
        },
        token_sealed: row.get("token_sealed")?,
        mail: InviteMail::parse(&row.get::<String>("mail")?),
    })
}

/// Lets nobody else make an invitation until the commit: there are only so many.
pub async fn lock_invites(tx: &mut OrgTx<'_>) -> Result<(), DbError> {
    tx.row(&LOCK_INVITES, &[]).await?;
    Ok(())
}

/// How many invitations there are.
pub async fn count_invites(tx: &mut OrgTx<'_>) -> Result<i64, DbError> {
    match tx.row(&COUNT_INVITES, &[]).await? {
        Some(row) => row.get("invites"),
        None => Ok(0),
    }
}

/// Takes an invitation back; whether there was one.
pub async fn delete_invite(tx: &mut OrgTx<'_>, id: InviteId) -> Result<bool, DbError> {
    Ok(tx.execute(&DELETE_INVITE, vals![id]).await? > 0)
}

/// Clears invitations that have ended.
pub async fn delete_old_invites(tx: &mut OrgTx<'_>, now: Time) -> Result<(), DbError> {
    tx.execute(&DELETE_OLD_INVITES, vals![now]).await?;
    Ok(())
}

/// Uses an invitation up; whether it was there to use.
pub async fn use_invite(tx: &mut OrgTx<'_>, token_hash: &[u8], now: Time) -> Result<bool, DbError> {
    Ok(tx.execute(&USE_INVITE, vals![token_hash, now]).await? > 0)
}

/// Notes how far the email of an invitation has come.
pub async fn set_invite_mail(
    tx: &mut OrgTx<'_>,
    id: InviteId,
    mail: InviteMail,
) -> Result<(), DbError> {
    tx.execute(&SET_INVITE_MAIL, vals![id, mail.as_str()])
        .await?;
    Ok(())
}

/// An invitation found by its link.
pub struct FoundInvite {
    /// The organization.
    pub organization: OrganizationId,
    /// Whom it is for.
    pub email: String,
    /// The role.
    pub role: Role,
    /// When it ends.
    pub expires_at: Time,
    /// Who made it.
    pub invited_by_name: String,
}

/// The invitation behind a hashed token.
pub async fn find_invite(
    tx: &mut SystemTx<'_>,
    token_hash: &[u8],
) -> Result<Option<FoundInvite>, DbError> {
    let Some(row) = tx.row(&FIND_INVITE, vals![token_hash]).await? else {
        return Ok(None);
    };
    Ok(Some(FoundInvite {
        organization: row.get("organization_id")?,
        email: row.get("email")?,
        role: Role::parse(&row.get::<String>("role")?),
        expires_at: row.get("expires_at")?,
        invited_by_name: row.get("invited_by_name")?,
    }))
}
