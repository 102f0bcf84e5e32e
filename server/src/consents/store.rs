//! Rows of the ledger.

use deskside_db::{DbError, OrgSql, OrgTx, Time, org_sql, vals};

use super::NewConsent;
use crate::ids::CaseId;

static INSERT: OrgSql = org_sql!(
    "INSERT INTO consents (organization_id, id, case_id, guest_id, kind, answer, text_version, language, at)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)"
);

static MOVE_CASE: OrgSql =
    org_sql!("UPDATE consents SET case_id = $3 WHERE organization_id = $1 AND case_id = $2");

/// Adds an answer.
pub async fn insert(tx: &mut OrgTx<'_>, consent: &NewConsent, now: Time) -> Result<(), DbError> {
    tx.execute(
        &INSERT,
        vals![
            consent.id,
            consent.case_id,
            consent.guest,
            consent.kind.as_str(),
            consent.answer.as_str(),
            consent.text_version,
            consent.language.as_str(),
            now
        ],
    )
    .await?;
    Ok(())
}

/// Moves the answers of a case to the one that it is merged into.
pub async fn move_case(tx: &mut OrgTx<'_>, from: CaseId, into: CaseId) -> Result<(), DbError> {
    tx.execute(&MOVE_CASE, vals![from, into]).await?;
    Ok(())
}
