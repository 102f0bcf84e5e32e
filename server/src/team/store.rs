//! Rows of organizations, operators and invitations.

use deskside_db::{
    DbError, OrgSql, OrgTx, Row, SystemSql, SystemTx, Time, org_sql, system_sql, vals,
};

use super::invites::InviteMail;
use super::{NewOperator, Operator, OperatorRow, Organization, Theme, fold_email};
use crate::auth::Role;
use crate::cases::Language;
use crate::error::PublicOrganization;
use crate::events::OperatorRef;
use crate::ids::{InviteId, OperatorId, OrganizationId};

static INSERT_ORGANIZATION: OrgSql = org_sql!(
    "INSERT INTO organizations (organization_id, name, contact_email, contact_phone, seq, last_case_number, created_at) VALUES ($1, $2, '', '', 0, 0, $3)"
);

static ORGANIZATIONS: SystemSql =
    system_sql!("SELECT organization_id FROM organizations ORDER BY created_at LIMIT 2");

static ORGANIZATION: OrgSql = org_sql!(
    "SELECT organization_id, name, contact_email, contact_phone FROM organizations WHERE organization_id = $1"
);

static UPDATE_ORGANIZATION: OrgSql = org_sql!(
    "UPDATE organizations SET name = $2, contact_email = $3, contact_phone = $4 WHERE organization_id = $1"
);

static INSERT_OPERATOR: OrgSql = org_sql!(
    "INSERT INTO operators (organization_id, id, email, email_folded, name, role, password_hash, language, time_zone, theme, created_at)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, 'system', $10)"
);

static OPERATOR: OrgSql = org_sql!(
    "SELECT id, name, email, role, language, time_zone, theme FROM operators WHERE organization_id = $1 AND id = $2"
);

static UPDATE_OPERATOR: OrgSql = org_sql!(
    "UPDATE operators SET name = $3, language = $4, time_zone = $5, theme = $6 WHERE organization_id = $1 AND id = $2"
);

static OPERATOR_PAGE: OrgSql = org_sql!(
    "SELECT id, name, email, role, created_at FROM operators WHERE organization_id = $1 AND id > $2 ORDER BY id LIMIT $3"
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

/// Writes a new organization.
pub async fn insert_organization(tx: &mut OrgTx<'_>, name: &str, now: Time) -> Result<(), DbError> {
    tx.execute(&INSERT_ORGANIZATION, vals![name, now]).await?;
    Ok(())
}

/// The first organizations of this server, two at most: enough to tell none, one and many apart.
pub async fn organizations(tx: &mut SystemTx<'_>) -> Result<Vec<OrganizationId>, DbError> {
    tx.rows(&ORGANIZATIONS, &[])
        .await?
        .iter()
        .map(|row| row.get("organization_id"))
        .collect()
}

/// The organization.
pub async fn organization(tx: &mut OrgTx<'_>) -> Result<Option<Organization>, DbError> {
    let Some(row) = tx.row(&ORGANIZATION, &[]).await? else {
        return Ok(None);
    };
    Ok(Some(Organization {
        id: row.get("organization_id")?,
        name: row.get("name")?,
        contact_email: row.get("contact_email")?,
        contact_phone: row.get("contact_phone")?,
    }))
}

/// The part of the organization that anyone with a link may know.
pub async fn public_organization(
    tx: &mut OrgTx<'_>,
) -> Result<Option<PublicOrganization>, DbError> {
    Ok(organization(tx)
        .await?
        .map(|organization| PublicOrganization {
            name: organization.name,
            contact_email: organization.contact_email,
            contact_phone: organization.contact_phone,
        }))
}

/// Writes name and contact.
pub async fn update_organization(
    tx: &mut OrgTx<'_>,
    organization: &Organization,
) -> Result<(), DbError> {
    tx.execute(
        &UPDATE_ORGANIZATION,
        vals![
            organization.name.as_str(),
            organization.contact_email.as_str(),
            organization.contact_phone.as_str()
        ],
    )
    .await?;
    Ok(())
}

/// Writes a new operator; the email address is unique on the server.
pub async fn insert_operator(
    tx: &mut OrgTx<'_>,
    new: &NewOperator,
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
    }))
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
        .map(|row| {
            Ok(OperatorRow {
                id: row.get("id")?,
                name: row.get("name")?,
                email: row.get("email")?,
                role: Role::parse(&row.get::<String>("role")?),
                online: false,
                created_at: row.get("created_at")?,
            })
        })
        .collect()
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
