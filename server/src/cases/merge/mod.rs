//! Merging: two cases of one customer become one (E31). What the other case holds moves over in one transaction; its
//! entries keep their times and actors and stand behind the entry that tells of the merge.

mod moving;
pub mod routes;

use std::collections::BTreeMap;

use deskside_db::OrgTx;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::fields::Field;
use super::list::{self, Place};
use super::view::CaseRow;
use super::{FieldName, Status, sight, store};
use crate::app::App;
use crate::audit::{self, Verb};
use crate::auth::{OperatorSession, Right, policy};
use crate::custom_fields;
use crate::error::{Error, FieldError, FieldErrorCode};
use crate::ids::{CaseId, CustomFieldId};
use crate::limits;
use crate::phone;
use crate::tx::Write;

pub use moving::merge_in;

/// A field of a case: one of the details, or one that administrators defined.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum FieldKey {
    /// One of the details.
    Detail(FieldName),
    /// A custom field.
    Custom(CustomFieldId),
}

impl std::fmt::Display for FieldKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            FieldKey::Detail(name) => f.write_str(name.as_str()),
            FieldKey::Custom(id) => id.fmt(f),
        }
    }
}

impl std::str::FromStr for FieldKey {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        FieldName::parse(text)
            .map(FieldKey::Detail)
            .or_else(|| text.parse().ok().map(FieldKey::Custom))
            .ok_or_else(|| {
                Error::Invalid(vec![FieldError::new("take", FieldErrorCode::UnknownValue)])
            })
    }
}

/// Which case to merge into another.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewMerge {
    /// The case that will be gone.
    pub from: CaseId,
    /// Fields whose value is taken from that case although both have one: names of the details or ids of custom fields.
    /// Notes that are not named here are put one under the other.
    #[serde(default)]
    pub take: Vec<String>,
}

impl NewMerge {
    /// The fields to take.
    ///
    /// # Errors
    /// A field error for a word that is no field.
    pub fn taken(&self) -> Result<Vec<FieldKey>, Error> {
        if self.take.len() > FieldName::ALL.len() + limits::CUSTOM_FIELDS_MAX {
            let error = FieldError::new("take", FieldErrorCode::TooLong);
            return Err(Error::Invalid(vec![error]));
        }
        self.take.iter().map(|key| key.parse()).collect()
    }
}

/// A field as both cases have it; phone numbers in the groups that their country writes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct MergeField {
    /// The name of the detail, or the id of the custom field.
    pub key: String,
    /// The label of a custom field.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub label: Option<String>,
    /// What the case has that stays.
    pub into: String,
    /// What the case has that will be gone.
    pub from: String,
    /// Whether both have something, and not the same.
    pub differs: bool,
}

/// What merging would do.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct MergePreview {
    /// The case that stays.
    pub into: CaseRow,
    /// The case that will be gone.
    pub from: CaseRow,
    /// Every field that one of them has, in the order of the details.
    pub fields: Vec<MergeField>,
    /// How many entries would come along.
    pub entries: i64,
    /// Guests of both cases see that the conversation of the other one joins theirs.
    pub guests_told: bool,
}

/// The fields of a case by key, with the labels of custom ones; archived custom fields too, so that nothing is lost.
async fn fields_of(
    tx: &mut OrgTx<'_>,
    case_id: CaseId,
) -> Result<BTreeMap<FieldKey, Field>, Error> {
    let mut fields: BTreeMap<FieldKey, Field> = store::fields(tx, case_id)
        .await?
        .into_iter()
        .map(|(name, field)| (FieldKey::Detail(name), field))
        .collect();
    for (id, field) in custom_fields::store::values(tx, case_id).await? {
        fields.insert(FieldKey::Custom(id), field);
    }
    Ok(fields)
}

fn value(fields: &BTreeMap<FieldKey, Field>, key: FieldKey) -> &str {
    fields.get(&key).map_or("", |field| field.value.as_str())
}

/// Shows what merging would do.
///
/// # Errors
/// Unknown cases, one case twice, a completed case to merge into, or the database's.
pub async fn preview(
    app: &App,
    who: &OperatorSession,
    into: CaseId,
    from: CaseId,
) -> Result<MergePreview, Error> {
    policy::need(who, Right::Reassign)?;
    let reader = who.clone();
    let mut preview = app
        .read(who.organization, move |tx| {
            Box::pin(async move { preview_in(tx, &reader, into, from).await })
        })
        .await?;
    for row in [&mut preview.into, &mut preview.from] {
        audit::opened::note(app, who, Verb::CaseOpened, row.id.into()).await?;
        row.guest_online = app.hub.guest_online(who.organization, row.id);
    }
    Ok(preview)
}

async fn preview_in(
    tx: &mut OrgTx<'_>,
    who: &OperatorSession,
    into: CaseId,
    from: CaseId,
) -> Result<MergePreview, Error> {
    if into == from {
        return Err(Error::MergeWithItself);
    }
    let mut rows = Vec::new();
    for case_id in [into, from] {
        let head = match store::head(tx, case_id).await? {
            Some(head) if sight::sees(tx, who, case_id).await? => head,
            _ => return Err(missing(tx, who, case_id).await?),
        };
        let place = Place {
            at: head.last_activity_at,
            id: case_id,
        };
        rows.extend(list::rows(tx, who.operator, &[place]).await?);
    }
    let (Some(row_from), Some(row_into)) = (rows.pop(), rows.pop()) else {
        return Err(Error::NotFound);
    };
    if row_into.status == Status::Completed {
        return Err(Error::CaseCompleted(None));
    }
    let (of_into, of_from) = (fields_of(tx, into).await?, fields_of(tx, from).await?);
    let labels = custom_fields::store::fields(tx).await?;
    let details = FieldName::ALL
        .into_iter()
        .map(|name| (FieldKey::Detail(name), None));
    let customs = labels
        .into_iter()
        .map(|field| (FieldKey::Custom(field.id), Some(field.label)));
    let mut fields = Vec::new();
    let shown = |key, value: &str| match key {
        FieldKey::Detail(FieldName::Phone) => phone::stored(value).formatted,
        _ => value.to_owned(),
    };
    for (key, label) in details.chain(customs) {
        let (a, b) = (value(&of_into, key), value(&of_from, key));
        if !a.is_empty() || !b.is_empty() {
            fields.push(MergeField {
                key: key.to_string(),
                label,
                into: shown(key, a),
                from: shown(key, b),
                differs: !a.is_empty() && !b.is_empty() && a != b,
            });
        }
    }
    Ok(MergePreview {
        entries: row_from.last_entry,
        into: row_into,
        from: row_from,
        fields,
        guests_told: true,
    })
}

/// Why a case is not here: it was merged into one that the operator sees, or it is not found.
///
/// # Errors
/// The database's.
pub async fn missing(
    tx: &mut OrgTx<'_>,
    who: &OperatorSession,
    case_id: CaseId,
) -> Result<Error, Error> {
    match store::merged_into(tx, case_id).await? {
        Some(into) if sight::sees(tx, who, into).await? => Ok(Error::CaseMerged(into)),
        _ => Ok(Error::NotFound),
    }
}

/// Holds both cases until the commit, whichever way round others merge them, and makes sure that they can be merged.
///
/// # Errors
/// The missing right, unknown cases, one case twice, a completed case to merge into, too many entries, or the
/// database's.
pub async fn hold(
    write: &mut Write<'_>,
    who: &OperatorSession,
    into: CaseId,
    from: CaseId,
) -> Result<(), Error> {
    policy::need(who, Right::Reassign)?;
    if into == from {
        return Err(Error::MergeWithItself);
    }
    let mut both = [into, from];
    both.sort_unstable();
    for case_id in both {
        let found = store::lock(&mut write.org(), case_id).await?;
        if found.is_none() || !sight::sees(&mut write.org(), who, case_id).await? {
            return Err(missing(&mut write.org(), who, case_id).await?);
        }
    }
    let into = store::head(&mut write.org(), into)
        .await?
        .ok_or(Error::NotFound)?;
    let from = store::head(&mut write.org(), from)
        .await?
        .ok_or(Error::NotFound)?;
    if into.status == Status::Completed {
        return Err(Error::CaseCompleted(None));
    }
    if from.last_entry > limits::MERGE_ENTRIES_MAX {
        return Err(Error::MergeTooLarge);
    }
    Ok(())
}
