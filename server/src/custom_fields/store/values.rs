//! Rows of the values that cases hold. Whoever reads them is told what they are in the field's shape of now.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

use deskside_db::{DbError, OrgSql, OrgTx, Row, Time, Val, org_sql, vals};

use super::steps;
use crate::cases::fields::Field;
use crate::custom_fields::steps::{Carried, Step, carry, carry_field};
use crate::events::{Actor, ActorKind, Who};
use crate::ids::{CaseId, CustomFieldId};

static USED: OrgSql = org_sql!(
    "SELECT field_id, count(*) AS cases FROM case_custom_fields WHERE organization_id = $1 AND value <> '' GROUP BY field_id"
);

static USED_ONE: OrgSql = org_sql!(
    "SELECT count(*) AS cases FROM case_custom_fields WHERE organization_id = $1 AND field_id = $2 AND value <> ''"
);

static IS_USED: OrgSql = org_sql!(
    "SELECT 1 AS found FROM case_custom_fields WHERE organization_id = $1 AND field_id = $2 AND value <> '' LIMIT 1"
);

static HAS_ROWS: OrgSql = org_sql!(
    "SELECT 1 AS found FROM case_custom_fields WHERE organization_id = $1 AND field_id = $2 LIMIT 1"
);

static PAGE: OrgSql = org_sql!(
    "SELECT case_id, value, version, shape FROM case_custom_fields
     WHERE organization_id = $1 AND field_id = $2 AND case_id > $3 ORDER BY case_id LIMIT $4"
);

static HELD_IN: OrgSql = org_sql!(
    sqlite: "SELECT case_id, value, version, shape FROM case_custom_fields
             WHERE organization_id = $1 AND field_id = $2 AND case_id IN (SELECT unhex(value) FROM json_each($3))",
    postgres: "SELECT case_id, value, version, shape FROM case_custom_fields
             WHERE organization_id = $1 AND field_id = $2
               AND case_id IN (SELECT value::uuid FROM json_array_elements_text($3::text::json))"
);

static VALUES: OrgSql = org_sql!(
    "SELECT f.field_id, f.value, f.version, f.changed_by_kind, f.changed_by, f.changed_at, f.shape, d.shape AS field_shape,
            o.name AS changed_by_name
     FROM case_custom_fields f JOIN custom_fields d ON d.organization_id = f.organization_id AND d.id = f.field_id
     LEFT JOIN operators o ON o.organization_id = f.organization_id AND o.id = f.changed_by
     WHERE f.organization_id = $1 AND f.case_id = $2"
);

static VALUES_OF: OrgSql = org_sql!(
    sqlite: "SELECT f.case_id, f.field_id, f.value, f.shape, d.shape AS field_shape
             FROM case_custom_fields f JOIN custom_fields d ON d.organization_id = f.organization_id AND d.id = f.field_id
             WHERE f.organization_id = $1 AND f.case_id IN (SELECT unhex(value) FROM json_each($2))",
    postgres: "SELECT f.case_id, f.field_id, f.value, f.shape, d.shape AS field_shape
             FROM case_custom_fields f JOIN custom_fields d ON d.organization_id = f.organization_id AND d.id = f.field_id
             WHERE f.organization_id = $1 AND f.case_id IN (SELECT value::uuid FROM json_array_elements_text($2::text::json))"
);

static PUT_VALUE: OrgSql = org_sql!(
    "INSERT INTO case_custom_fields (organization_id, case_id, field_id, value, version, changed_by_kind, changed_by, changed_at, shape)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, (SELECT shape FROM custom_fields WHERE organization_id = $1 AND id = $3))
     ON CONFLICT (organization_id, case_id, field_id) DO UPDATE SET value = excluded.value, version = excluded.version,
       changed_by_kind = excluded.changed_by_kind, changed_by = excluded.changed_by, changed_at = excluded.changed_at,
       shape = excluded.shape"
);

static REACH: OrgSql = org_sql!(
    "UPDATE case_custom_fields SET shape = $4 WHERE organization_id = $1 AND case_id = $2 AND field_id = $3"
);

static DELETE_VALUE: OrgSql = org_sql!(
    "DELETE FROM case_custom_fields WHERE organization_id = $1 AND case_id = $2 AND field_id = $3"
);

/// In how many cases each field is filled in.
pub async fn used(tx: &mut OrgTx<'_>) -> Result<BTreeMap<CustomFieldId, i64>, DbError> {
    tx.rows(&USED, &[])
        .await?
        .iter()
        .map(|row| Ok((row.get("field_id")?, row.get("cases")?)))
        .collect()
}

/// In how many cases a field is filled in; every row of it is read, so not while others wait to write.
pub async fn used_one(tx: &mut OrgTx<'_>, id: CustomFieldId) -> Result<i64, DbError> {
    match tx.row(&USED_ONE, vals![id]).await? {
        Some(row) => row.get("cases"),
        None => Ok(0),
    }
}

/// Whether any case holds a value of a field.
pub async fn is_used(tx: &mut OrgTx<'_>, id: CustomFieldId) -> Result<bool, DbError> {
    Ok(tx.row(&IS_USED, vals![id]).await?.is_some())
}

/// Whether any case has a row of a field, filled in or emptied.
pub async fn has_rows(tx: &mut OrgTx<'_>, id: CustomFieldId) -> Result<bool, DbError> {
    Ok(tx.row(&HAS_ROWS, vals![id]).await?.is_some())
}

/// A case's value of a field as its row has it.
pub struct Held {
    /// The case.
    pub case_id: CaseId,
    /// The value.
    pub value: String,
    /// Its version.
    pub version: i64,
    /// The number of the shape that it stands in.
    pub shape: i64,
}

fn held(row: &Row) -> Result<Held, DbError> {
    Ok(Held {
        case_id: row.get("case_id")?,
        value: row.get("value")?,
        version: row.get("version")?,
        shape: row.get("shape")?,
    })
}

/// The rows of a field in the cases after `after`, in their order.
pub async fn page(
    tx: &mut OrgTx<'_>,
    id: CustomFieldId,
    after: CaseId,
    limit: i64,
) -> Result<Vec<Held>, DbError> {
    tx.rows(&PAGE, vals![id, after, limit])
        .await?
        .iter()
        .map(held)
        .collect()
}

/// The rows of a field in these cases.
pub async fn held_in(
    tx: &mut OrgTx<'_>,
    id: CustomFieldId,
    cases: impl IntoIterator<Item = CaseId>,
) -> Result<Vec<Held>, DbError> {
    let ids = Val::uuids(cases.into_iter().map(|id| id.uuid()));
    tx.rows(&HELD_IN, vals![id, ids])
        .await?
        .iter()
        .map(held)
        .collect()
}

/// The steps of the fields that were met, each read once.
#[derive(Default)]
struct Known(BTreeMap<CustomFieldId, Vec<Step>>);

impl Known {
    /// The steps that the value of this row has yet to go; hardly ever any.
    async fn ahead(&mut self, tx: &mut OrgTx<'_>, row: &Row) -> Result<(&[Step], i64), DbError> {
        let (id, shape): (CustomFieldId, i64) = (row.get("field_id")?, row.get("shape")?);
        if shape >= row.get("field_shape")? {
            return Ok((&[], shape));
        }
        let ahead = match self.0.entry(id) {
            Entry::Occupied(known) => known.into_mut(),
            Entry::Vacant(unknown) => unknown.insert(steps(tx, id).await?),
        };
        Ok((ahead, shape))
    }
}

/// The values of a case that were ever set.
pub async fn values(
    tx: &mut OrgTx<'_>,
    case_id: CaseId,
) -> Result<BTreeMap<CustomFieldId, Field>, DbError> {
    let (mut known, mut values) = (Known::default(), BTreeMap::new());
    for row in tx.rows(&VALUES, vals![case_id]).await? {
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
        let (ahead, shape) = known.ahead(tx, &row).await?;
        values.insert(row.get("field_id")?, carry_field(ahead, shape, value));
    }
    Ok(values)
}

/// The values of some cases.
pub async fn values_of(
    tx: &mut OrgTx<'_>,
    cases: &[CaseId],
) -> Result<BTreeMap<CaseId, BTreeMap<CustomFieldId, String>>, DbError> {
    let ids = Val::uuids(cases.iter().map(|id| id.uuid()));
    let mut known = Known::default();
    let mut values: BTreeMap<CaseId, BTreeMap<CustomFieldId, String>> = BTreeMap::new();
    for row in tx.rows(&VALUES_OF, vals![ids]).await? {
        let (ahead, shape) = known.ahead(tx, &row).await?;
        let value = carry(ahead, shape, row.get("value")?).value;
        let of_case = values.entry(row.get("case_id")?).or_default();
        of_case.insert(row.get("field_id")?, value);
    }
    Ok(values)
}

/// Writes a value in the field's shape of now. The definitions are held, and the same write tells of an event of the
/// case: by these a survey learns which values have changed.
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

/// Writes a row as everyone reads it already: the case and the definitions are held.
pub async fn put_carried(
    tx: &mut OrgTx<'_>,
    field: CustomFieldId,
    held: &Held,
    carried: &Carried<'_>,
    shape: i64,
) -> Result<(), DbError> {
    let case_id = held.case_id;
    match carried.last {
        Some(step) => {
            let (who, at) = (step.changed_by.who(), step.changed_at);
            let version = held.version + carried.changes;
            put_value(tx, case_id, field, &carried.value, version, who, at).await
        }
        None => {
            tx.execute(&REACH, vals![case_id, field, shape]).await?;
            Ok(())
        }
    }
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
