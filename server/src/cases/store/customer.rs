//! How cases of one customer find each other.

use deskside_db::{DbError, OrgSql, OrgTx, Uuid, org_sql, vals};

use super::list::place;
use crate::cases::list::Place;
use crate::ids::{CaseId, OperatorId};

static BY_EMAIL: OrgSql = org_sql!(
    "SELECT c.id, c.created_at AS at FROM cases c
     WHERE c.organization_id = $1 AND c.customer_email = $5 AND c.id < $3 AND c.id <> $2
       AND (CAST($6 AS bigint) = 0 OR c.waiting_since IS NOT NULL
         OR EXISTS (SELECT 1 FROM case_operators o WHERE o.organization_id = $1 AND o.case_id = c.id AND o.operator_id = $7))
     ORDER BY c.id DESC LIMIT $4"
);

static BY_PHONE: OrgSql = org_sql!(
    "SELECT c.id, c.created_at AS at FROM cases c
     WHERE c.organization_id = $1 AND c.customer_phone = $5 AND c.id < $3 AND c.id <> $2
       AND (CAST($6 AS bigint) = 0 OR c.waiting_since IS NOT NULL
         OR EXISTS (SELECT 1 FROM case_operators o WHERE o.organization_id = $1 AND o.case_id = c.id AND o.operator_id = $7))
     ORDER BY c.id DESC LIMIT $4"
);

static CUSTOMER: OrgSql = org_sql!(
    "SELECT customer_email, customer_phone FROM cases WHERE organization_id = $1 AND id = $2"
);

/// By what cases of one customer find each other.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Customer {
    /// The email address, folded.
    pub email: Option<String>,
    /// The phone number: `+` and digits.
    pub phone: Option<String>,
}

/// The customer of a case.
pub async fn customer(tx: &mut OrgTx<'_>, id: CaseId) -> Result<Option<Customer>, DbError> {
    match tx.row(&CUSTOMER, vals![id]).await? {
        Some(row) => Ok(Some(Customer {
            email: row.get("customer_email")?,
            phone: row.get("customer_phone")?,
        })),
        None => Ok(None),
    }
}

/// Other cases of a customer before `before`, the newest first; with `only_of` only those that wait or that this
/// operator is on.
pub async fn of_customer(
    tx: &mut OrgTx<'_>,
    id: CaseId,
    customer: &Customer,
    only_of: Option<OperatorId>,
    before: CaseId,
    limit: i64,
) -> Result<Vec<Place>, DbError> {
    let mut found: Vec<Place> = Vec::new();
    for (sql, value) in [(&BY_EMAIL, &customer.email), (&BY_PHONE, &customer.phone)] {
        let Some(value) = value else { continue };
        let own = i64::from(only_of.is_some());
        let viewer = only_of.map_or(Uuid::nil(), |operator| operator.uuid());
        let values = vals![id, before, limit, value.as_str(), own, viewer];
        for row in tx.rows(sql, values).await? {
            found.push(place(&row)?);
        }
    }
    found.sort_by_key(|place| std::cmp::Reverse(place.id));
    found.dedup();
    found.truncate(limit as usize);
    Ok(found)
}
