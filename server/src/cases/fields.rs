//! The fields of the details: each has a version, so that two people in one field lose nothing (O14).

use std::collections::BTreeMap;

use deskside_db::Time;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{Language, search, sight, store};
use crate::app::App;
use crate::auth::OperatorSession;
use crate::custom_fields;
use crate::error::{Conflict, Error, FieldErrorCode};
use crate::events::{Actor, Event};
use crate::ids::{CaseId, CustomFieldId};
use crate::limits;
use crate::text::{self, Checks};
use crate::tx::Write;

/// The fields that operators edit in place.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum FieldName {
    /// The case's name; the customer sees it.
    Name,
    /// The customer's email address.
    Email,
    /// The customer's phone number.
    Phone,
    /// Own code for customer or case.
    InternalReference,
    /// Notes for the team.
    Notes,
    /// The customer's language.
    Language,
}

impl FieldName {
    /// All of them.
    pub const ALL: [FieldName; 6] = [
        FieldName::Name,
        FieldName::Email,
        FieldName::Phone,
        FieldName::InternalReference,
        FieldName::Notes,
        FieldName::Language,
    ];

    /// As stored and sent.
    pub fn as_str(self) -> &'static str {
        match self {
            FieldName::Name => "name",
            FieldName::Email => "email",
            FieldName::Phone => "phone",
            FieldName::InternalReference => "internal_reference",
            FieldName::Notes => "notes",
            FieldName::Language => "language",
        }
    }

    /// From what is stored.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|field| field.as_str() == text)
    }

    /// The text as it is kept, or why not.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn check(self, value: &str) -> Result<String, FieldErrorCode> {
        match self {
            FieldName::Name => text::case_name(value),
            FieldName::Email => text::optional_email(value),
            FieldName::Phone => text::customer_phone(value),
            FieldName::InternalReference => text::line(value, limits::REFERENCE_CHARACTERS_MAX),
            FieldName::Notes => text::lines(value, limits::NOTES_CHARACTERS_MAX),
            FieldName::Language => match value {
                "en" | "de" => Ok(Language::parse(value).as_str().to_owned()),
                _ => Err(FieldErrorCode::UnknownValue),
            },
        }
    }
}

/// A field as it stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Field {
    /// Its text; empty when never set.
    pub value: String,
    /// Counts up with each change; 0 when never set.
    pub version: i64,
    /// Who changed it last.
    pub changed_by: Option<Actor>,
    /// When.
    pub changed_at: Option<Time>,
}

impl Field {
    /// A field that was never set.
    pub fn unset() -> Self {
        Self {
            value: String::new(),
            version: 0,
            changed_by: None,
            changed_at: None,
        }
    }
}

/// A change of one field, with the version that its author saw.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct FieldChange {
    /// The new text.
    pub value: String,
    /// The version that the author had before the eyes.
    pub version: i64,
}

/// Changes of fields; those absent stay as they are.
#[derive(Debug, Clone, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CaseChange {
    /// The case's name.
    pub name: Option<FieldChange>,
    /// The customer's email address.
    pub email: Option<FieldChange>,
    /// The customer's phone number.
    pub phone: Option<FieldChange>,
    /// Own code for customer or case.
    pub internal_reference: Option<FieldChange>,
    /// Notes for the team.
    pub notes: Option<FieldChange>,
    /// The customer's language.
    pub language: Option<FieldChange>,
    /// Custom fields by their ids.
    #[serde(default)]
    pub custom: BTreeMap<CustomFieldId, FieldChange>,
}

impl CaseChange {
    fn changes(self) -> impl Iterator<Item = (FieldName, FieldChange)> {
        [
            (FieldName::Name, self.name),
            (FieldName::Email, self.email),
            (FieldName::Phone, self.phone),
            (FieldName::InternalReference, self.internal_reference),
            (FieldName::Notes, self.notes),
            (FieldName::Language, self.language),
        ]
        .into_iter()
        .filter_map(|(field, change)| change.map(|change| (field, change)))
    }
}

/// Saves changed fields, all or none. A field that someone changed meanwhile is a conflict with both
/// texts; saving what already stands there is none, so repeating a request is safe.
///
/// # Errors
/// Field errors, conflicts, a completed or unknown case, or the database's.
pub async fn change(
    app: &App,
    who: &OperatorSession,
    case_id: CaseId,
    mut change: CaseChange,
) -> Result<(), Error> {
    let mut checks = Checks::default();
    let custom = std::mem::take(&mut change.custom);
    let changes: Vec<(FieldName, i64, String)> = change
        .changes()
        .map(|(field, change)| {
            (
                field,
                change.version,
                checks.take(field.as_str(), field.check(&change.value)),
            )
        })
        .collect();
    checks.done()?;
    let who = who.clone();
    app.write(who.organization, move |write| {
        Box::pin(async move {
            sight::lock_open(write, &who, case_id).await?;
            let mut conflicts = save(write, &who, case_id, changes).await?;
            let others = custom_fields::values::save(write, who.who(), case_id, custom).await?;
            conflicts.extend(others);
            if conflicts.is_empty() {
                search::reindex(write, case_id).await
            } else {
                Err(Error::FieldConflict(conflicts))
            }
        })
    })
    .await
}

async fn save(
    write: &mut Write<'_>,
    who: &OperatorSession,
    case_id: CaseId,
    changes: Vec<(FieldName, i64, String)>,
) -> Result<Vec<Conflict>, Error> {
    let standing: BTreeMap<FieldName, Field> = store::fields(&mut write.org(), case_id).await?;
    let mut conflicts = Vec::new();
    for (field, version, value) in changes {
        let current = standing.get(&field).cloned().unwrap_or_else(Field::unset);
        if current.value == value {
            continue;
        }
        if current.version != version {
            conflicts.push(Conflict {
                field: field.as_str().into(),
                yours: value,
                theirs: current.value,
                version: current.version,
                changed_by: current.changed_by,
                changed_at: current.changed_at,
            });
            continue;
        }
        let now = write.now();
        store::put_field(
            &mut write.org(),
            case_id,
            field,
            &value,
            version + 1,
            who.who(),
            now,
        )
        .await?;
        let name = if field == FieldName::Name {
            store::rename(&mut write.org(), case_id, &value).await?;
            Some(value)
        } else {
            None
        };
        write.emit(
            Some(case_id),
            who.who(),
            Event::CaseChanged {
                field,
                version: version + 1,
                name,
            },
        );
    }
    Ok(conflicts)
}
