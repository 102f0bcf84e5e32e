//! Rows of the fields of the details.

use std::collections::BTreeMap;

use deskside_db::{DbError, OrgSql, OrgTx, Time, org_sql, vals};

use crate::cases::FieldName;
use crate::cases::fields::Field;
use crate::events::{Actor, ActorKind, Who};
use crate::ids::CaseId;

static PUT_FIELD: OrgSql = org_sql!(
    "INSERT INTO case_fields (organization_id, case_id, field, value, version, changed_by_kind, changed_by, changed_at)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
     ON CONFLICT (organization_id, case_id, field) DO UPDATE SET value = excluded.value, version = excluded.version,
       changed_by_kind = excluded.changed_by_kind, changed_by = excluded.changed_by, changed_at = excluded.changed_at"
);

static SET_EMAIL: OrgSql =
    org_sql!("UPDATE cases SET customer_email = $3 WHERE organization_id = $1 AND id = $2");

static SET_PHONE: OrgSql =
    org_sql!("UPDATE cases SET customer_phone = $3 WHERE organization_id = $1 AND id = $2");

static FIELDS: OrgSql = org_sql!(
    "SELECT f.field, f.value, f.version, f.changed_by_kind, f.changed_by, f.changed_at, o.name AS changed_by_name
     FROM case_fields f LEFT JOIN operators o ON o.organization_id = f.organization_id AND o.id = f.changed_by
     WHERE f.organization_id = $1 AND f.case_id = $2"
);

/// Writes a field; email and phone also as cases of one customer are found by them.
pub async fn put_field(
    tx: &mut OrgTx<'_>,
    id: CaseId,
    field: FieldName,
    value: &str,
    version: i64,
    who: Who,
    now: Time,
) -> Result<(), DbError> {
    tx.execute(
        &PUT_FIELD,
        vals![
            id,
            field.as_str(),
            value,
            version,
            who.kind().as_str(),
            who.id(),
            now
        ],
    )
    .await?;
    match field {
        FieldName::Email => {
            let email = some(value.to_lowercase());
            tx.execute(&SET_EMAIL, vals![id, email]).await?;
        }
        FieldName::Phone => {
            let digits = |c: &char| c.is_ascii_digit() || *c == '+';
            let phone = some(value.chars().filter(digits).collect());
            tx.execute(&SET_PHONE, vals![id, phone]).await?;
        }
        _ => {}
    }
    Ok(())
}

/// A text, if there is one.
fn some(text: String) -> Option<String> {
    (!text.is_empty()).then_some(text)
}

/// The fields that were ever set.
pub async fn fields(tx: &mut OrgTx<'_>, id: CaseId) -> Result<BTreeMap<FieldName, Field>, DbError> {
    let mut fields = BTreeMap::new();
    for row in tx.rows(&FIELDS, vals![id]).await? {
        let Some(name) = FieldName::parse(&row.get::<String>("field")?) else {
            continue;
        };
        let kind = ActorKind::parse(&row.get::<String>("changed_by_kind")?);
        let field = Field {
            value: row.get("value")?,
            version: row.get("version")?,
            changed_by: Some(Actor::from_parts(
                kind,
                row.get("changed_by")?,
                row.get("changed_by_name")?,
            )),
            changed_at: Some(row.get("changed_at")?),
        };
        fields.insert(name, field);
    }
    Ok(fields)
}
