//! Rows of custom fields, and of the steps that values have yet to go.

mod values;

use deskside_db::{DbError, OrgSql, OrgTx, Row, Time, Uuid, org_sql, vals};

use super::steps::{Side, Step};
use super::{CustomField, FieldIcon, FieldKind, FieldOption};
use crate::events::{Actor, ActorKind};
use crate::ids::{CustomFieldId, OperatorId};

pub use values::*;

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

static SHAPE: OrgSql =
    org_sql!("SELECT shape FROM custom_fields WHERE organization_id = $1 AND id = $2");

static SET_SHAPE: OrgSql =
    org_sql!("UPDATE custom_fields SET shape = $3 WHERE organization_id = $1 AND id = $2");

static PUT_STEP: OrgSql = org_sql!(
    "INSERT INTO custom_field_steps (organization_id, field_id, number, from_kind, from_options, into_kind, into_options, changed_by, changed_at)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)"
);

static STEPS: OrgSql = org_sql!(
    "SELECT s.number, s.from_kind, s.from_options, s.into_kind, s.into_options, s.changed_by, s.changed_at, o.name AS changed_by_name
     FROM custom_field_steps s LEFT JOIN operators o ON o.organization_id = s.organization_id AND o.id = s.changed_by
     WHERE s.organization_id = $1 AND s.field_id = $2 ORDER BY s.number"
);

static FORGET_STEPS: OrgSql = org_sql!(
    "DELETE FROM custom_field_steps WHERE organization_id = $1 AND field_id = $2 AND number <= $3"
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

/// Options from what is stored.
fn parsed(options: &str) -> Result<Vec<FieldOption>, DbError> {
    serde_json::from_str(options)
        .map_err(|error| DbError::Decode(format!("options of a field: {error}")))
}

fn written(options: &[FieldOption]) -> Result<String, DbError> {
    serde_json::to_string(options).map_err(|error| DbError::Other(error.to_string()))
}

fn field(row: &Row) -> Result<CustomField, DbError> {
    Ok(CustomField {
        id: row.get("id")?,
        label: row.get("label")?,
        kind: FieldKind::parse(&row.get::<String>("kind")?),
        icon: FieldIcon::parse(&row.get::<String>("icon")?),
        help: row.get("help")?,
        required: row.get("required")?,
        default_value: row.get("default_value")?,
        options: parsed(&row.get::<String>("options")?)?,
        position: row.get("position")?,
        archived: row.get("archived")?,
        used: None,
    })
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
            written(&field.options)?,
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
            written(&field.options)?,
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
    forget_steps(tx, id, i64::MAX).await
}

/// Deletes a field that no case has a row of.
pub async fn delete(tx: &mut OrgTx<'_>, id: CustomFieldId) -> Result<(), DbError> {
    tx.execute(&DELETE, vals![id]).await?;
    Ok(())
}

/// The number of a field's shape; 0 for one that is not there.
pub async fn shape(tx: &mut OrgTx<'_>, id: CustomFieldId) -> Result<i64, DbError> {
    match tx.row(&SHAPE, vals![id]).await? {
        Some(row) => row.get("shape"),
        None => Ok(0),
    }
}

/// Writes a step of a field, whose shape is then the one that the step leads to.
pub async fn put_step(
    tx: &mut OrgTx<'_>,
    id: CustomFieldId,
    number: i64,
    (from, into): (&CustomField, &CustomField),
    changed_by: OperatorId,
    now: Time,
) -> Result<(), DbError> {
    tx.execute(&SET_SHAPE, vals![id, number]).await?;
    tx.execute(
        &PUT_STEP,
        vals![
            id,
            number,
            from.kind.as_str(),
            written(&from.options)?,
            into.kind.as_str(),
            written(&into.options)?,
            changed_by,
            now
        ],
    )
    .await?;
    Ok(())
}

/// The steps of a field that some values have yet to go, in their order.
pub async fn steps(tx: &mut OrgTx<'_>, id: CustomFieldId) -> Result<Vec<Step>, DbError> {
    let side = |row: &Row, kind: &str, options: &str| {
        Ok::<_, DbError>(Side {
            kind: FieldKind::parse(&row.get::<String>(kind)?),
            options: parsed(&row.get::<String>(options)?)?,
        })
    };
    tx.rows(&STEPS, vals![id])
        .await?
        .iter()
        .map(|row| {
            let by: Uuid = row.get("changed_by")?;
            let name = row.get("changed_by_name")?;
            Ok(Step {
                number: row.get("number")?,
                from: side(row, "from_kind", "from_options")?,
                into: side(row, "into_kind", "into_options")?,
                changed_by: Actor::from_parts(ActorKind::Operator, Some(by), name),
                changed_at: row.get("changed_at")?,
            })
        })
        .collect()
}

/// Forgets the steps up to a shape: every value has gone them.
pub async fn forget_steps(
    tx: &mut OrgTx<'_>,
    id: CustomFieldId,
    shape: i64,
) -> Result<(), DbError> {
    tx.execute(&FORGET_STEPS, vals![id, shape]).await?;
    Ok(())
}
