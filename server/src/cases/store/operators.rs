//! Who is on a case, and how far operators have read.

use deskside_db::{DbError, OrgSql, OrgTx, Time, org_sql, vals};

use crate::cases::view::OperatorRead;
use crate::events::OperatorRef;
use crate::ids::{CaseId, OperatorId};

static INSERT_OPERATOR: OrgSql = org_sql!(
    "INSERT INTO case_operators (organization_id, case_id, operator_id, joined_at, status, last_activity_at) VALUES ($1, $2, $3, $4, 'active', $4)"
);

static DELETE_OPERATOR: OrgSql = org_sql!(
    "DELETE FROM case_operators WHERE organization_id = $1 AND case_id = $2 AND operator_id = $3"
);

static HAS_OPERATOR: OrgSql = org_sql!(
    "SELECT 1 AS joined FROM case_operators WHERE organization_id = $1 AND case_id = $2 AND operator_id = $3"
);

static COUNT_OPERATORS: OrgSql = org_sql!(
    "SELECT count(*) AS operators FROM case_operators WHERE organization_id = $1 AND case_id = $2"
);

static OPERATORS: OrgSql = org_sql!(
    "SELECT o.id, o.name FROM case_operators c JOIN operators o ON o.organization_id = c.organization_id AND o.id = c.operator_id
     WHERE c.organization_id = $1 AND c.case_id = $2 ORDER BY c.joined_at, o.id"
);

static OPEN_CASES_OF: OrgSql = org_sql!(
    "SELECT case_id FROM case_operators WHERE organization_id = $1 AND operator_id = $2 AND status = 'active' ORDER BY case_id LIMIT $3"
);

static READS: OrgSql = org_sql!(
    "SELECT operator_id, entry, guest_messages, at FROM case_reads WHERE organization_id = $1 AND case_id = $2"
);

/// Puts an operator on a case.
pub async fn insert_operator(
    tx: &mut OrgTx<'_>,
    id: CaseId,
    operator: OperatorId,
    now: Time,
) -> Result<(), DbError> {
    tx.execute(&INSERT_OPERATOR, vals![id, operator, now])
        .await?;
    super::refresh_unread(tx, id, operator).await
}

/// Takes an operator off a case; whether there was one.
pub async fn delete_operator(
    tx: &mut OrgTx<'_>,
    id: CaseId,
    operator: OperatorId,
) -> Result<bool, DbError> {
    Ok(tx.execute(&DELETE_OPERATOR, vals![id, operator]).await? > 0)
}

/// Whether an operator is on a case.
pub async fn has_operator(
    tx: &mut OrgTx<'_>,
    id: CaseId,
    operator: OperatorId,
) -> Result<bool, DbError> {
    Ok(tx.row(&HAS_OPERATOR, vals![id, operator]).await?.is_some())
}

/// How many operators are on a case.
pub async fn count_operators(tx: &mut OrgTx<'_>, id: CaseId) -> Result<i64, DbError> {
    match tx.row(&COUNT_OPERATORS, vals![id]).await? {
        Some(row) => row.get("operators"),
        None => Ok(0),
    }
}

/// Who is on a case, in the order of joining.
pub async fn operators(tx: &mut OrgTx<'_>, id: CaseId) -> Result<Vec<OperatorRef>, DbError> {
    tx.rows(&OPERATORS, vals![id])
        .await?
        .iter()
        .map(|row| {
            Ok(OperatorRef {
                id: row.get("id")?,
                name: row.get("name")?,
            })
        })
        .collect()
}

/// Active cases that an operator is on, in the order in which writes hold several.
pub async fn open_cases_of(
    tx: &mut OrgTx<'_>,
    operator: OperatorId,
    limit: i64,
) -> Result<Vec<CaseId>, DbError> {
    tx.rows(&OPEN_CASES_OF, vals![operator, limit])
        .await?
        .iter()
        .map(|row| row.get("case_id"))
        .collect()
}

/// How far an operator has read, and how many of the guest's messages that were.
pub struct Read {
    /// The mark.
    pub mark: OperatorRead,
    /// The guest's messages up to there.
    pub guest_messages: i64,
}

/// How far operators have read.
pub async fn reads(tx: &mut OrgTx<'_>, id: CaseId) -> Result<Vec<Read>, DbError> {
    tx.rows(&READS, vals![id])
        .await?
        .iter()
        .map(|row| {
            Ok(Read {
                mark: OperatorRead {
                    operator_id: row.get("operator_id")?,
                    entry: row.get("entry")?,
                    at: row.get("at")?,
                },
                guest_messages: row.get("guest_messages")?,
            })
        })
        .collect()
}
