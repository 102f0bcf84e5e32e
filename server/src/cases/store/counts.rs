//! How much there is to do for an operator.

use deskside_db::{DbError, OrgSql, OrgTx, org_sql, vals};

use crate::ids::OperatorId;

static COUNTS: OrgSql = org_sql!(
    "SELECT
       (SELECT count(*) FROM (SELECT 1 AS one FROM cases c WHERE c.organization_id = $1 AND c.waiting_since IS NOT NULL LIMIT $4) q) AS queue,
       (SELECT count(*) FROM (SELECT 1 AS one FROM case_operators p WHERE p.organization_id = $1 AND p.operator_id = $2
         AND p.status = 'active' AND p.snoozed_until IS NULL LIMIT $4) m) AS active,
       (SELECT count(*) FROM (SELECT 1 AS one FROM case_operators p WHERE p.organization_id = $1 AND p.operator_id = $2
         AND p.status = 'active' AND p.unread = 1 AND p.snoozed_until IS NULL LIMIT $4) u) AS unread,
       (SELECT count(*) FROM (SELECT 1 AS one FROM case_attention a WHERE a.organization_id = $1 AND a.operator_id = $2
         AND (CAST($3 AS bigint) = 0
           OR EXISTS (SELECT 1 FROM case_operators o WHERE o.organization_id = $1 AND o.case_id = a.case_id AND o.operator_id = $2)
           OR EXISTS (SELECT 1 FROM cases c WHERE c.organization_id = $1 AND c.id = a.case_id AND c.waiting_since IS NOT NULL))
         LIMIT $4) a) AS attention,
       (SELECT count(*) FROM (SELECT 1 AS one FROM case_operators p WHERE p.organization_id = $1 AND p.operator_id = $2
         AND p.snoozed_until IS NOT NULL LIMIT $4) s) AS snoozed
     FROM organizations WHERE organization_id = $1"
);

/// How many cases there are to do, each counted up to a bound.
#[derive(Debug, Default)]
pub struct Counted {
    /// In the queue.
    pub queue: i64,
    /// Active ones of the operator, not snoozed.
    pub active: i64,
    /// Those among them with something unread.
    pub unread: i64,
    /// With a mark of attention.
    pub attention: i64,
    /// Snoozed by the operator.
    pub snoozed: i64,
}

/// Counts what there is to do for an operator, each up to `most`; with `own` marks count only on cases that wait or
/// that the operator is on.
pub async fn counts(
    tx: &mut OrgTx<'_>,
    operator: OperatorId,
    own: bool,
    most: i64,
) -> Result<Counted, DbError> {
    let row = tx
        .row(&COUNTS, vals![operator, i64::from(own), most])
        .await?;
    let Some(row) = row else {
        return Ok(Counted::default());
    };
    Ok(Counted {
        queue: row.get("queue")?,
        active: row.get("active")?,
        unread: row.get("unread")?,
        attention: row.get("attention")?,
        snoozed: row.get("snoozed")?,
    })
}
