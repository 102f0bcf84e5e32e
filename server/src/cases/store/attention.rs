//! Marks of attention, snoozing, and whether an operator has something unread.

use deskside_db::{DbError, OrgSql, OrgTx, Time, org_sql, vals};

use crate::cases::attention::Reason;
use crate::ids::{CaseId, OperatorId};

static PUT_ATTENTION: OrgSql = org_sql!(
    "INSERT INTO case_attention (organization_id, case_id, operator_id, reason, entry, at) VALUES ($1, $2, $3, $4, $5, $6)
     ON CONFLICT (organization_id, case_id, operator_id) DO UPDATE SET reason = excluded.reason, entry = excluded.entry, at = excluded.at"
);

static CLEAR_ATTENTION: OrgSql = org_sql!(
    "DELETE FROM case_attention WHERE organization_id = $1 AND case_id = $2 AND operator_id = $3"
);

static ATTENTION: OrgSql = org_sql!(
    "SELECT reason FROM case_attention WHERE organization_id = $1 AND case_id = $2 AND operator_id = $3"
);

static SNOOZE: OrgSql = org_sql!(
    "UPDATE case_operators SET snoozed_until = $4 WHERE organization_id = $1 AND case_id = $2 AND operator_id = $3"
);

static SNOOZED_UNTIL: OrgSql = org_sql!(
    "SELECT snoozed_until FROM case_operators WHERE organization_id = $1 AND case_id = $2 AND operator_id = $3"
);

static SNOOZED_FOR: OrgSql = org_sql!(
    "SELECT operator_id FROM case_operators WHERE organization_id = $1 AND case_id = $2 AND snoozed_until IS NOT NULL ORDER BY operator_id"
);

static REFRESH_UNREAD: OrgSql = org_sql!(
    "UPDATE case_operators SET unread = CASE WHEN
       (SELECT c.guest_messages FROM cases c WHERE c.organization_id = $1 AND c.id = $2) >
       coalesce((SELECT r.guest_messages FROM case_reads r WHERE r.organization_id = $1 AND r.case_id = $2 AND r.operator_id = $3), 0)
       THEN 1 ELSE 0 END
     WHERE organization_id = $1 AND case_id = $2 AND operator_id = $3"
);

/// Marks a case for an operator; a mark that stands is replaced.
pub async fn put_attention(
    tx: &mut OrgTx<'_>,
    case_id: CaseId,
    operator: OperatorId,
    reason: Reason,
    entry: Option<i64>,
    now: Time,
) -> Result<(), DbError> {
    tx.execute(
        &PUT_ATTENTION,
        vals![case_id, operator, reason.as_str(), entry, now],
    )
    .await?;
    Ok(())
}

/// Takes an operator's mark away; whether there was one.
pub async fn clear_attention(
    tx: &mut OrgTx<'_>,
    case_id: CaseId,
    operator: OperatorId,
) -> Result<bool, DbError> {
    Ok(tx
        .execute(&CLEAR_ATTENTION, vals![case_id, operator])
        .await?
        > 0)
}

/// Why an operator should look at a case.
pub async fn attention(
    tx: &mut OrgTx<'_>,
    case_id: CaseId,
    operator: OperatorId,
) -> Result<Option<Reason>, DbError> {
    match tx.row(&ATTENTION, vals![case_id, operator]).await? {
        Some(row) => Ok(Some(Reason::parse(&row.get::<String>("reason")?))),
        None => Ok(None),
    }
}

/// Lets a case sleep for an operator until a time, or wakes it; whether the operator is on it.
pub async fn snooze(
    tx: &mut OrgTx<'_>,
    case_id: CaseId,
    operator: OperatorId,
    until: Option<Time>,
) -> Result<bool, DbError> {
    Ok(tx.execute(&SNOOZE, vals![case_id, operator, until]).await? > 0)
}

/// Until when a case sleeps for an operator.
pub async fn snoozed_until(
    tx: &mut OrgTx<'_>,
    case_id: CaseId,
    operator: OperatorId,
) -> Result<Option<Time>, DbError> {
    match tx.row(&SNOOZED_UNTIL, vals![case_id, operator]).await? {
        Some(row) => row.get("snoozed_until"),
        None => Ok(None),
    }
}

/// For whom a case sleeps.
pub async fn snoozed_for(tx: &mut OrgTx<'_>, case_id: CaseId) -> Result<Vec<OperatorId>, DbError> {
    tx.rows(&SNOOZED_FOR, vals![case_id])
        .await?
        .iter()
        .map(|row| row.get("operator_id"))
        .collect()
}

/// Notes anew whether the customer wrote something that an operator has not read.
pub async fn refresh_unread(
    tx: &mut OrgTx<'_>,
    case_id: CaseId,
    operator: OperatorId,
) -> Result<(), DbError> {
    tx.execute(&REFRESH_UNREAD, vals![case_id, operator])
        .await?;
    Ok(())
}
