//! The row of the organization.

use deskside_db::{DbError, OrgSql, OrgTx, SystemSql, SystemTx, Time, org_sql, system_sql, vals};

use super::{Organization, picture_url};
use crate::error::PublicOrganization;
use crate::ids::OrganizationId;
use crate::team::Plan;

static NEXT_ORDINAL: SystemSql =
    system_sql!("SELECT coalesce(max(ordinal), 0) + 1 AS ordinal FROM organizations");

static INSERT: OrgSql = org_sql!(
    "INSERT INTO organizations (organization_id, ordinal, name, contact_email, contact_phone, seq, last_case_number, created_at)
     VALUES ($1, $2, $3, '', '', 0, 0, $4)"
);

static LOCK: OrgSql = org_sql!(
    sqlite: "SELECT seats FROM organizations WHERE organization_id = $1",
    postgres: "SELECT seats FROM organizations WHERE organization_id = $1 FOR UPDATE"
);

static ORGANIZATION: OrgSql = org_sql!(
    "SELECT organization_id, name, contact_email, contact_phone, plan, seats, separate_operators, location_enabled, map_url, brand_color, logo,
            (SELECT count(*) FROM operators p WHERE p.organization_id = $1 AND p.active = 1 AND p.seat = 1) AS seats_used
     FROM organizations WHERE organization_id = $1"
);

static PUBLIC: OrgSql = org_sql!(
    "SELECT name, contact_email, contact_phone, brand_color, logo FROM organizations WHERE organization_id = $1"
);

static UPDATE: OrgSql = org_sql!(
    "UPDATE organizations SET name = $2, contact_email = $3, contact_phone = $4, separate_operators = $5, location_enabled = $6,
            map_url = $7, brand_color = $8 WHERE organization_id = $1"
);

static ALL: SystemSql =
    system_sql!("SELECT organization_id FROM organizations ORDER BY created_at, organization_id");

static BOOK: OrgSql =
    org_sql!("UPDATE organizations SET plan = $2, seats = $3 WHERE organization_id = $1");

/// Every organization of this server, for whoever runs it.
pub async fn all(tx: &mut SystemTx<'_>) -> Result<Vec<OrganizationId>, DbError> {
    tx.rows(&ALL, &[])
        .await?
        .iter()
        .map(|row| row.get("organization_id"))
        .collect()
}

/// Writes plan and seats.
pub async fn book(tx: &mut OrgTx<'_>, plan: Plan, seats: Option<i64>) -> Result<(), DbError> {
    tx.execute(&BOOK, vals![plan.as_str(), seats]).await?;
    Ok(())
}

/// The number that the next organization gets; of two at once the second is refused by the index and tries again.
pub async fn next_ordinal(tx: &mut SystemTx<'_>) -> Result<i64, DbError> {
    match tx.row(&NEXT_ORDINAL, &[]).await? {
        Some(row) => row.get("ordinal"),
        None => Ok(1),
    }
}

/// Writes a new organization.
pub async fn insert(
    tx: &mut OrgTx<'_>,
    ordinal: i64,
    name: &str,
    now: Time,
) -> Result<(), DbError> {
    tx.execute(&INSERT, vals![ordinal, name, now]).await?;
    Ok(())
}

/// Holds the organization until the commit: seats and administrators are counted by one at a time.
pub async fn lock(tx: &mut OrgTx<'_>) -> Result<(), DbError> {
    tx.row(&LOCK, &[]).await?;
    Ok(())
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
        plan: plan(&row.get::<String>("plan")?)?,
        seats: row.get("seats")?,
        seats_used: row.get("seats_used")?,
        separate_operators: row.get("separate_operators")?,
        location_enabled: row.get("location_enabled")?,
        map_url: row.get("map_url")?,
        brand_color: row.get("brand_color")?,
        logo: row.get::<Option<String>>("logo")?.map(picture_url),
    }))
}

fn plan(text: &str) -> Result<Plan, DbError> {
    Plan::parse(text).ok_or_else(|| DbError::Decode(format!("plan {text}")))
}

/// The part of the organization that anyone with a link may know.
pub async fn public_organization(
    tx: &mut OrgTx<'_>,
) -> Result<Option<PublicOrganization>, DbError> {
    let Some(row) = tx.row(&PUBLIC, &[]).await? else {
        return Ok(None);
    };
    Ok(Some(PublicOrganization {
        name: row.get("name")?,
        contact_email: row.get("contact_email")?,
        contact_phone: row.get("contact_phone")?,
        brand_color: row.get("brand_color")?,
        logo: row.get::<Option<String>>("logo")?.map(picture_url),
    }))
}

/// Writes what an administrator may change.
pub async fn update(tx: &mut OrgTx<'_>, organization: &Organization) -> Result<(), DbError> {
    tx.execute(
        &UPDATE,
        vals![
            organization.name.as_str(),
            organization.contact_email.as_str(),
            organization.contact_phone.as_str(),
            organization.separate_operators,
            organization.location_enabled,
            organization.map_url.as_str(),
            organization.brand_color.as_str()
        ],
    )
    .await?;
    Ok(())
}
