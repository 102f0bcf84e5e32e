//! The values of custom fields in a case.

use std::collections::BTreeMap;

use deskside_db::OrgTx;

use super::{CaseCustomField, CustomField, CustomFieldRef, store};
use crate::auth::policy;
use crate::cases::fields::{Field, FieldChange};
use crate::error::{Conflict, Error, FieldError};
use crate::events::{Event, Who};
use crate::ids::{CaseId, CustomFieldId};
use crate::team;
use crate::tx::Write;

/// The fields of a case with what they hold, in their order; archived ones are left out.
///
/// # Errors
/// The database's.
pub async fn in_case(tx: &mut OrgTx<'_>, case_id: CaseId) -> Result<Vec<CaseCustomField>, Error> {
    let fields = store::fields(tx).await?;
    let mut values = store::values(tx, case_id).await?;
    Ok(fields
        .into_iter()
        .filter(|field| !field.archived)
        .map(|field| CaseCustomField {
            value: values.remove(&field.id).unwrap_or_else(Field::unset),
            field,
        })
        .collect())
}

/// Makes sure that the organization's plan has custom fields.
///
/// # Errors
/// `PlanRequired`, or the database's.
pub async fn need_plan(tx: &mut OrgTx<'_>) -> Result<(), Error> {
    let organization = team::store::organization(tx)
        .await?
        .ok_or(Error::NotFound)?;
    policy::plan_has_custom_fields(organization.plan)
}

async fn plan_has_them(tx: &mut OrgTx<'_>) -> Result<bool, Error> {
    match need_plan(tx).await {
        Ok(()) => Ok(true),
        Err(Error::PlanRequired(_)) => Ok(false),
        Err(other) => Err(other),
    }
}

/// Saves values of a locked case; what was meanwhile changed by someone else comes back as conflicts with both texts.
/// Saving what already stands there is none. The index is the caller's.
///
/// # Errors
/// `PlanRequired`, `UnknownField` for one that is not there (any more), field errors by the field's id, or the
/// database's.
pub async fn save(
    write: &mut Write<'_>,
    who: Who,
    case_id: CaseId,
    changes: BTreeMap<CustomFieldId, FieldChange>,
) -> Result<Vec<Conflict>, Error> {
    if changes.is_empty() {
        return Ok(Vec::new());
    }
    need_plan(&mut write.org()).await?;
    store::hold(&mut write.org()).await?;
    let fields: BTreeMap<CustomFieldId, CustomField> = store::fields(&mut write.org())
        .await?
        .into_iter()
        .map(|field| (field.id, field))
        .collect();
    let standing = store::values(&mut write.org(), case_id).await?;
    let (mut wrong, mut right) = (Vec::new(), Vec::new());
    for (id, change) in changes {
        let field = fields.get(&id).filter(|field| !field.archived);
        let field = field.ok_or_else(|| Error::UnknownField(id.to_string()))?;
        let current = standing.get(&id).cloned().unwrap_or_else(Field::unset);
        match field.shape().check(&change.value, &current.value) {
            Ok(value) => right.push((id, current, value, change.version)),
            Err(code) => wrong.push(FieldError::new(&id.to_string(), code)),
        }
    }
    if !wrong.is_empty() {
        return Err(Error::Invalid(wrong));
    }
    let mut conflicts = Vec::new();
    for (id, current, value, version) in right {
        if current.value == value {
            continue;
        }
        if current.version == version {
            put(write, who, case_id, id, &value, version + 1).await?;
        } else {
            conflicts.push(Conflict {
                field: id.to_string(),
                yours: value,
                theirs: current.value,
                version: current.version,
                changed_by: current.changed_by,
                changed_at: current.changed_at,
            });
        }
    }
    Ok(conflicts)
}

/// Writes a value and tells of it.
async fn put(
    write: &mut Write<'_>,
    who: Who,
    case_id: CaseId,
    field_id: CustomFieldId,
    value: &str,
    version: i64,
) -> Result<(), Error> {
    let now = write.now();
    store::put_value(
        &mut write.org(),
        case_id,
        field_id,
        value,
        version,
        who,
        now,
    )
    .await?;
    let event = Event::CaseFieldChanged { field_id, version };
    write.emit(Some(case_id), who, event);
    Ok(())
}

/// Gives a new case the defaults, while the definitions are held ([`store::hold`]); its creation puts them into the index.
///
/// # Errors
/// The database's.
pub async fn put_defaults(write: &mut Write<'_>, who: Who, case_id: CaseId) -> Result<(), Error> {
    if !plan_has_them(&mut write.org()).await? {
        return Ok(());
    }
    let now = write.now();
    for field in store::fields(&mut write.org()).await? {
        if !field.archived && !field.default_value.is_empty() {
            let (id, value) = (field.id, &field.default_value);
            store::put_value(&mut write.org(), case_id, id, value, 1, who, now).await?;
        }
    }
    Ok(())
}

/// Makes sure that a case about to be completed holds what it needs. A plan without custom fields needs none: nobody
/// could fill them in.
///
/// # Errors
/// `FieldsRequired`, or the database's.
pub async fn need_required(write: &mut Write<'_>, case_id: CaseId) -> Result<(), Error> {
    store::hold(&mut write.org()).await?;
    let empty: Vec<CustomFieldRef> = in_case(&mut write.org(), case_id)
        .await?
        .into_iter()
        .filter(|custom| custom.field.required && custom.value.value.is_empty())
        .map(|custom| CustomFieldRef {
            id: custom.field.id,
            label: custom.field.label,
        })
        .collect();
    if empty.is_empty() || !plan_has_them(&mut write.org()).await? {
        Ok(())
    } else {
        Err(Error::FieldsRequired(empty))
    }
}
