//! Cases with all that an export says of them.

use std::collections::BTreeMap;

use deskside_db::{DbError, OrgSql, OrgTx, Time, Val, org_sql, vals};

use crate::cases::{FieldName, Status};
use crate::ids::CaseId;

static HEADS: OrgSql = org_sql!(
    sqlite: "SELECT id, number, name, status, created_at, completed_at, last_activity_at FROM cases
             WHERE organization_id = $1 AND id IN (SELECT unhex(value) FROM json_each($2))",
    postgres: "SELECT id, number, name, status, created_at, completed_at, last_activity_at FROM cases
             WHERE organization_id = $1 AND id IN (SELECT value::uuid FROM json_array_elements_text($2::text::json))"
);

static VALUES: OrgSql = org_sql!(
    sqlite: "SELECT case_id, field, value FROM case_fields
             WHERE organization_id = $1 AND case_id IN (SELECT unhex(value) FROM json_each($2))",
    postgres: "SELECT case_id, field, value FROM case_fields
             WHERE organization_id = $1 AND case_id IN (SELECT value::uuid FROM json_array_elements_text($2::text::json))"
);

static NAMES: OrgSql = org_sql!(
    sqlite: "SELECT c.case_id, o.name FROM case_operators c JOIN operators o ON o.organization_id = c.organization_id AND o.id = c.operator_id
             WHERE c.organization_id = $1 AND c.case_id IN (SELECT unhex(value) FROM json_each($2)) ORDER BY c.joined_at, o.id",
    postgres: "SELECT c.case_id, o.name FROM case_operators c JOIN operators o ON o.organization_id = c.organization_id AND o.id = c.operator_id
             WHERE c.organization_id = $1 AND c.case_id IN (SELECT value::uuid FROM json_array_elements_text($2::text::json))
             ORDER BY c.joined_at, o.id"
);

static TAGS: OrgSql = org_sql!(
    sqlite: "SELECT x.case_id, t.name FROM case_tags x JOIN tags t ON t.organization_id = x.organization_id AND t.id = x.tag_id
             WHERE x.organization_id = $1 AND x.case_id IN (SELECT unhex(value) FROM json_each($2)) ORDER BY t.name_folded",
    postgres: "SELECT x.case_id, t.name FROM case_tags x JOIN tags t ON t.organization_id = x.organization_id AND t.id = x.tag_id
             WHERE x.organization_id = $1 AND x.case_id IN (SELECT value::uuid FROM json_array_elements_text($2::text::json))
             ORDER BY t.name_folded"
);

/// A case with its details.
pub struct ExportRow {
    /// Its id.
    pub id: CaseId,
    /// Its number.
    pub number: i64,
    /// Its name.
    pub name: String,
    /// Where it stands.
    pub status: Status,
    /// When it was created.
    pub created_at: Time,
    /// When it was completed.
    pub completed_at: Option<Time>,
    /// When something happened last.
    pub last_activity_at: Time,
    /// Who works on it, in the order of joining.
    pub operators: Vec<String>,
    /// Its tags, by name.
    pub tags: Vec<String>,
    /// The details that were ever set.
    pub fields: BTreeMap<FieldName, String>,
}

/// Cases with their details, in any order.
pub async fn export_rows(tx: &mut OrgTx<'_>, ids: &[CaseId]) -> Result<Vec<ExportRow>, DbError> {
    let ids = || Val::uuids(ids.iter().map(|id| id.uuid()));
    let mut fields: BTreeMap<CaseId, BTreeMap<FieldName, String>> = BTreeMap::new();
    for row in tx.rows(&VALUES, vals![ids()]).await? {
        if let Some(name) = FieldName::parse(&row.get::<String>("field")?) {
            let of_case = fields.entry(row.get("case_id")?).or_default();
            of_case.insert(name, row.get("value")?);
        }
    }
    let mut operators = names(tx, &NAMES, ids()).await?;
    let mut tags = names(tx, &TAGS, ids()).await?;
    tx.rows(&HEADS, vals![ids()])
        .await?
        .iter()
        .map(|row| {
            let id: CaseId = row.get("id")?;
            Ok(ExportRow {
                id,
                number: row.get("number")?,
                name: row.get("name")?,
                status: Status::parse(&row.get::<String>("status")?)?,
                created_at: row.get("created_at")?,
                completed_at: row.get("completed_at")?,
                last_activity_at: row.get("last_activity_at")?,
                operators: operators.remove(&id).unwrap_or_default(),
                tags: tags.remove(&id).unwrap_or_default(),
                fields: fields.remove(&id).unwrap_or_default(),
            })
        })
        .collect()
}

async fn names(
    tx: &mut OrgTx<'_>,
    sql: &'static OrgSql,
    ids: Val,
) -> Result<BTreeMap<CaseId, Vec<String>>, DbError> {
    let mut names: BTreeMap<CaseId, Vec<String>> = BTreeMap::new();
    for row in tx.rows(sql, vals![ids]).await? {
        let of_case = names.entry(row.get("case_id")?).or_default();
        of_case.push(row.get("name")?);
    }
    Ok(names)
}
