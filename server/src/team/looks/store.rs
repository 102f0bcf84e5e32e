//! The tokens of pictures in the rows of operators and organizations. Each is read under a lock before it is replaced:
//! of two at once the second replaces the first one's, and no picture is left over.

use deskside_db::{DbError, OrgSql, OrgTx, org_sql, vals};

use crate::ids::OperatorId;

static LOCK_PICTURE: OrgSql = org_sql!(
    sqlite: "SELECT picture FROM operators WHERE organization_id = $1 AND id = $2",
    postgres: "SELECT picture FROM operators WHERE organization_id = $1 AND id = $2 FOR UPDATE"
);

static SET_PICTURE: OrgSql =
    org_sql!("UPDATE operators SET picture = $3 WHERE organization_id = $1 AND id = $2");

static LOCK_LOGO: OrgSql = org_sql!(
    sqlite: "SELECT logo FROM organizations WHERE organization_id = $1",
    postgres: "SELECT logo FROM organizations WHERE organization_id = $1 FOR UPDATE"
);

static SET_LOGO: OrgSql = org_sql!("UPDATE organizations SET logo = $2 WHERE organization_id = $1");

/// The token of an operator's picture, held until the commit.
pub async fn lock_picture(
    tx: &mut OrgTx<'_>,
    operator: OperatorId,
) -> Result<Option<String>, DbError> {
    match tx.row(&LOCK_PICTURE, vals![operator]).await? {
        Some(row) => row.get("picture"),
        None => Ok(None),
    }
}

/// Writes the token of an operator's picture.
pub async fn set_picture(
    tx: &mut OrgTx<'_>,
    operator: OperatorId,
    token: Option<String>,
) -> Result<(), DbError> {
    tx.execute(&SET_PICTURE, vals![operator, token]).await?;
    Ok(())
}

/// The token of the organization's logo, held until the commit.
pub async fn lock_logo(tx: &mut OrgTx<'_>) -> Result<Option<String>, DbError> {
    match tx.row(&LOCK_LOGO, &[]).await? {
        Some(row) => row.get("logo"),
        None => Ok(None),
    }
}

/// Writes the token of the organization's logo.
pub async fn set_logo(tx: &mut OrgTx<'_>, token: Option<String>) -> Result<(), DbError> {
    tx.execute(&SET_LOGO, vals![token]).await?;
    Ok(())
}
