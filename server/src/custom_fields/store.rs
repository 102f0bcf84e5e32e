//! Rows of custom fields and of their values.

use std::collections::BTreeMap;

use deskside_db::{DbError, OrgSql, OrgTx, Row, Time, Val, org_sql, vals};

use super::{CustomField, FieldIcon, FieldKind};
use crate::cases::fields::Field;
use crate::events::{Actor, ActorKind, Who};
use crate::ids::{CaseId, CustomFieldId};

// Whoever fills fields in holds the definitions together with others, whoever changes them holds them alone: no value
// is saved into a field that is becoming another. It is one lock for all fields of an organization, taken after the
// case and before anything else, so that nobody waits in a circle. On SQLite one write runs at a time anyway.
static HOLD: OrgSql = org_sql!(
    sqlite: "SELECT 1 AS held FROM organizations WHERE organization_id = $1",
    postgres: "SELECT CAST(pg_advisory_xact_lock_shared(hashtextextended('custom_fields' || CAST(organization_id AS text), 0)) AS text) AS held
               FROM organizations WHERE organization_id = $1"
);

static HOLD_ALONE: OrgSql = org_sql!(
    sqlite: "SELECT 1 AS held FROM organizations WHERE organization_id = $1",
    postgres: "SELECT CAST(pg_advisory_xact_lock(hashtextextended('custom_fields' || CAST(organization_id AS text), 0)) AS text) AS held
               FROM organizations WHERE organization_id = $1"
);

static FIELDS: OrgSql = org_sql!(
    "SELECT id, label, kind, icon, help, required, default_value, options, position, archived FROM custom_fields
     WHERE organization_id = $1 AND deleted = 0 ORDER BY position, id"
);

static FIND: OrgSql = org_sql!(
    "SELECT id, label, kind, icon, help, required, default_value, options, position, archived FROM custom_fields
     WHERE organization_id = $1 AND id = $2 AND deleted = 0"
);

static IS_DELETED: OrgSql = org_sql!(
    "SELECT 1 AS found FROM custom_fields WHERE organization_id = $1 AND id = $2 AND deleted = 1"
);

static INSERT: OrgSql = org_sql!(
    "INSERT INTO custom_fields (organization_id, id, label, kind, icon, help, required, default_value, options, position, archived, deleted)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, 0)"
);

static UPDATE: OrgSql = org_sql!(
    "UPDATE custom_fields SET label = $3, kind = $4, icon = $5, help = $6, required = $7, default_value = $8, options = $9,
            archived = $10 WHERE organization_id = $1 AND id = $2"
);

static PLACE: OrgSql =
    org_sql!("UPDATE custom_fields SET position = $3 WHERE organization_id = $1 AND id = $2");

static MARK_DELETED: OrgSql = org_sql!(
    "UPDATE custom_fields SET deleted = 1, label = '', help = '', default_value = '', options = '[]'
     WHERE organization_id = $1 AND id = $2"
);

static DELETE: OrgSql =
    org_sql!("DELETE FROM custom_fields WHERE organization_id = $1 AND id = $2");

static USED: OrgSql = org_sql!(
    "SELECT field_id, count(*) AS cases FROM case_custom_fields WHERE organization_id = $1 AND value <> '' GROUP BY field_id"
);

static USED_ONE: OrgSql = org_sql!(
    "SELECT count(*) AS cases FROM case_custom_fields WHERE organization_id = $1 AND field_id = $2 AND value <> ''"
);

static HAS_ROWS: OrgSql = org_sql!(
    "SELECT 1 AS found FROM case_custom_fields WHERE organization_id = $1 AND field_id = $2 LIMIT 1"
);

static CHOSEN: OrgSql = org_sql!(
    "SELECT DISTINCT value FROM case_custom_fields WHERE organization_id = $1 AND field_id = $2 AND value <> ''"
);

static PAGE: OrgSql = org_sql!(
    "SELECT case_id, value, version FROM case_custom_fields WHERE organization_id = $1 AND field_id = $2 AND case_id > $3
     ORDER BY case_id LIMIT $4"
);

static VALUES: OrgSql = org_sql!(
    "SELECT f.field_id, f.value, f.version, f.changed_by_kind, f.changed_by, f.changed_at, o.name AS changed_by_name
     FROM case_custom_fields f LEFT JOIN operators o ON o.organization_id = f.organization_id AND o.id = f.changed_by
     WHERE f.organization_id = $1 AND f.case_id = $2"
);

static PUT_VALUE: OrgSql = org_sql!(
    "INSERT INTO case_custom_fields (organization_id, case_id, field_id, value, version, changed_by_kind, changed_by, changed_at)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
     ON CONFLICT (organization_id, case_id, field_id) DO UPDATE SET value = excluded.value, version = excluded.version,
       changed_by_kind = excluded.changed_by_kind, changed_by = excluded.changed_by, changed_at = excluded.changed_at"
);

static DELETE_VALUE: OrgSql = org_sql!(
    "DELETE FROM case_custom_fields WHERE organization_id = $1 AND case_id = $2 AND field_id = $3"
);

/// Holds the definitions as they are, together with others, until the commit.
pub async fn hold(tx: &mut OrgTx<'_>) -> Result<(), DbError> {
    tx.row(&HOLD, &[]).await?;
    Ok(())
}

/// Holds the definitions alone until the commit.
pub async fn hold_alone(tx: &mut OrgTx<'_>) -> Result<(), DbError> {
    tx.row(&HOLD_ALONE, &[]).await?;
    Ok(())
}

fn field(row: &Row) -> Result<CustomField, DbError> {
    let options: String = row.get("options")?;
    Ok(CustomField {
        id: row.get("id")?,
        label: row.get("label")?,
        kind: FieldKind::parse(&row.get::<String>("kind")?),
        icon: FieldIcon::parse(&row.get::<String>("icon")?),
        help: row.get("help")?,
        required: row.get("required")?,
        default_value: row.get("default_value")?,
        options: serde_json::from_str(&options)
            .map_err(|error| DbError::Decode(format!("options of a field: {error}")))?,
        position: row.get("position")?,
        archived: row.get("archived")?,
        used: None,
    })
}

fn options(field: &CustomField) -> Result<String, DbError> {
    serde_json::to_string(&field.options).map_err(|error| DbError::Other(error.to_string()))
}

/// The fields in their order, archived ones too.
pub async fn fields(tx: &mut OrgTx<'_>) -> Result<Vec<CustomField>, DbError> {
    tx.rows(&FIELDS, &[]).await?.iter().map(field).collect()
}

/// A field.
pub async fn find(tx: &mut OrgTx<'_>, id: CustomFieldId) -> Result<Option<CustomField>, DbError> {
    tx.row(&FIND, vals![id])
        .await?
        .as_ref()
        .map(field)
        .transpose()
}

/// Whether a field is deleted and waits for its values to go.
pub async fn is_deleted(tx: &mut OrgTx<'_>, id: CustomFieldId) -> Result<bool, DbError> {
    Ok(tx.row(&IS_DELETED, vals![id]).await?.is_some())
}

/// Writes a new field.
pub async fn insert(tx: &mut OrgTx<'_>, field: &CustomField) -> Result<(), DbError> {
    tx.execute(
        &INSERT,
        vals![
            field.id,
            &field.label,
            field.kind.as_str(),
            field.icon.as_str(),
            &field.help,
            field.required,
            &field.default_value,
            options(field)?,
            field.position,
            field.archived
        ],
    )
    .await?;
    Ok(())
}

/// Writes a changed field; its place stays.
pub async fn update(tx: &mut OrgTx<'_>, field: &CustomField) -> Result<(), DbError> {
    tx.execute(
        &UPDATE,
        vals![
            field.id,
            &field.label,
            field.kind.as_str(),
            field.icon.as_str(),
            &field.help,
            field.required,
            &field.default_value,
            options(field)?,
            field.archived
        ],
    )
    .await?;
    Ok(())
}

/// Puts a field in its place.
pub async fn place(tx: &mut OrgTx<'_>, id: CustomFieldId, position: i64) -> Result<(), DbError> {
    tx.execute(&PLACE, vals![id, position]).await?;
    Ok(())
}

/// Hides a field for good, with nothing left in it but its place among the values that are about to go.
pub async fn mark_deleted(tx: &mut OrgTx<'_>, id: CustomFieldId) -> Result<(), DbError> {
    tx.execute(&MARK_DELETED, vals![id]).await?;
    Ok(())
}

/// Deletes a field that no case has a row of.
pub async fn delete(tx: &mut OrgTx<'_>, id: CustomFieldId) -> Result<(), DbError> {
    tx.execute(&DELETE, vals![id]).await?;
    Ok(())
}

/// In how many cases each field is filled in.
pub async fn used(tx: &mut OrgTx<'_>) -> Result<BTreeMap<CustomFieldId, i64>, DbError> {
    tx.rows(&USED, &[])
        .await?
        .iter()
        .map(|row| Ok((row.get("field_id")?, row.get("cases")?)))
        .collect()
}

/// In how many cases a field is filled in.
pub async fn used_one(tx: &mut OrgTx<'_>, id: CustomFieldId) -> Result<i64, DbError> {
    match tx.row(&USED_ONE, vals![id]).await? {
        Some(row) => row.get("cases"),
        None => Ok(0),
    }
}

/// Whether any case has a row of a field, filled in or emptied.
pub async fn has_rows(tx: &mut OrgTx<'_>, id: CustomFieldId) -> Result<bool, DbError> {
    Ok(tx.row(&HAS_ROWS, vals![id]).await?.is_some())
}

/// The different values of a field of options.
pub async fn chosen(tx: &mut OrgTx<'_>, id: CustomFieldId) -> Result<Vec<String>, DbError> {
    tx.rows(&CHOSEN, vals![id])
        .await?
        .iter()
        .map(|row| row.get("value"))
        .collect()
}

/// A case's value of a field.
pub struct Held {
    /// The case.
    pub case_id: CaseId,
    /// The value.
    pub value: String,
    /// Its version.
    pub version: i64,
}

/// The values of a field in the cases after `after`, in their order.
pub async fn page(
    tx: &mut OrgTx<'_>,
    id: CustomFieldId,
    after: CaseId,
    limit: i64,
) -> Result<Vec<Held>, DbError> {
    tx.rows(&PAGE, vals![id, after, limit])
        .await?
        .iter()
        .map(|row| {
            Ok(Held {
                case_id: row.get("case_id")?,
                value: row.get("value")?,
                version: row.get("version")?,
            })
        })
        .collect()
}

/// The values of a case that were ever set.
pub async fn values(
    tx: &mut OrgTx<'_>,
    case_id: CaseId,
) -> Result<BTreeMap<CustomFieldId, Field>, DbError> {
    tx.rows(&VALUES, vals![case_id])
        .await?
        .iter()
        .map(|row| {
            let kind = ActorKind::parse(&row.get::<String>("changed_by_kind")?);
            let value = Field {
                value: row.get("value")?,
                version: row.get("version")?,
                changed_by: Some(Actor::from_parts(
                    kind,
                    row.get("changed_by")?,
                    row.get("changed_by_name")?,
                )),
                changed_at: Some(row.get("changed_at")?),
            };
            Ok((row.get("field_id")?, value))
        })
        .collect()
}

/// Writes a value.
pub async fn put_value(
    tx: &mut OrgTx<'_>,
    case_id: CaseId,
    field: CustomFieldId,
    value: &str,
    version: i64,
    who: Who,
    now: Time,
) -> Result<(), DbError> {
    tx.execute(
        &PUT_VALUE,
        vals![
            case_id,
            field,
            value,
            version,
            who.kind().as_str(),
            who.id(),
            now
        ],
    )
    .await?;
    Ok(())
}

/// Deletes a value with all that is known about it.
pub async fn delete_value(
    tx: &mut OrgTx<'_>,
    case_id: CaseId,
    field: CustomFieldId,
) -> Result<(), DbError> {
    tx.execute(&DELETE_VALUE, vals![case_id, field]).await?;
    Ok(())
}

static VALUES_OF: OrgSql = org_sql!(
    sqlite: "SELECT case_id, field_id, value FROM case_custom_fields
             WHERE organization_id = $1 AND case_id IN (SELECT unhex(value) FROM json_each($2))",
    postgres: "SELECT case_id, field_id, value FROM case_custom_fields
             WHERE organization_id = $1 AND case_id IN (SELECT value::uuid FROM json_array_elements_text($2::text::json))"
);

/// The values of some cases.
pub async fn values_of(
    tx: &mut OrgTx<'_>,
    cases: &[CaseId],
) -> Result<BTreeMap<CaseId, BTreeMap<CustomFieldId, String>>, DbError> {
    let ids = Val::uuids(cases.iter().map(|id| id.uuid()));
    let mut values: BTreeMap<CaseId, BTreeMap<CustomFieldId, String>> = BTreeMap::new();
    for row in tx.rows(&VALUES_OF, vals![ids]).await? {
        let of_case = values.entry(row.get("case_id")?).or_default();
        of_case.insert(row.get("field_id")?, row.get("value")?);
    }
    Ok(values)
}
