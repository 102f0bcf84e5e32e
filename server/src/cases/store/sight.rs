//! Who sees a case.

use deskside_db::{DbError, OrgSql, OrgTx, Uuid, Val, org_sql, vals};

use crate::cases::sight::Visibility;
use crate::ids::{CaseId, OperatorId};

// The one predicate of sight in SQL; `cases/sight.rs` has it in Rust, and says what it means.
static IS_SEEN: OrgSql = org_sql!(
    "SELECT 1 AS seen FROM cases c WHERE c.organization_id = $1 AND c.id = $2
     AND (c.waiting_since IS NOT NULL OR EXISTS (SELECT 1 FROM case_operators s WHERE s.organization_id = $1 AND s.case_id = c.id AND s.operator_id = $3))"
);

static VISIBILITY: OrgSql = org_sql!(
    sqlite: "SELECT c.id, c.waiting_since IS NOT NULL AS waits,
            (SELECT group_concat(hex(p.operator_id)) FROM case_operators p WHERE p.organization_id = $1 AND p.case_id = c.id) AS operators
     FROM cases c WHERE c.organization_id = $1 AND c.id IN (SELECT unhex(value) FROM json_each($2))",
    postgres: "SELECT c.id, CAST(c.waiting_since IS NOT NULL AS int)::bigint AS waits,
            (SELECT string_agg(p.operator_id::text, ',') FROM case_operators p WHERE p.organization_id = $1 AND p.case_id = c.id) AS operators
     FROM cases c WHERE c.organization_id = $1 AND c.id IN (SELECT value::uuid FROM json_array_elements_text($2::text::json))"
);

/// Whether an operator with [`Sight::Own`](crate::auth::Sight::Own) sees a case.
pub async fn is_seen(
    tx: &mut OrgTx<'_>,
    id: CaseId,
    operator: OperatorId,
) -> Result<bool, DbError> {
    Ok(tx.row(&IS_SEEN, vals![id, operator]).await?.is_some())
}

/// What decides who sees these cases; deleted ones are left out.
pub async fn visibility(
    tx: &mut OrgTx<'_>,
    ids: impl IntoIterator<Item = CaseId>,
) -> Result<Vec<(CaseId, Visibility)>, DbError> {
    let ids = Val::uuids(ids.into_iter().map(|id| id.uuid()));
    let mut found = Vec::new();
    for row in tx.rows(&VISIBILITY, vals![ids]).await? {
        let operators: Option<String> = row.get("operators")?;
        let operators = operators
            .iter()
            .flat_map(|list| list.split(','))
            .map(|text| Uuid::try_parse(text).map(OperatorId::from_uuid))
            .collect::<Result<Vec<_>, _>>()
            .map_err(|error| DbError::Decode(error.to_string()))?;
        let waits = row.get("waits")?;
        found.push((row.get("id")?, Visibility { waits, operators }));
    }
    Ok(found)
}
