//! Custom fields as administrators define them and delete them.

use serde::Deserialize;
use utoipa::ToSchema;

use super::{CustomField, FieldIcon, FieldKind, FieldOption, store, sweep, values};
use crate::app::App;
use crate::audit::Verb;
use crate::auth::{OperatorSession, policy};
use crate::error::{Error, FieldError, FieldErrorCode};
use crate::events::Event;
use crate::ids::CustomFieldId;
use crate::limits;
use crate::once::Once;
use crate::text::{self, Checks};

/// An option as an administrator sends it.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct OptionChange {
    /// The id of one that stands, or of a new one as its author likes (1 to 32 letters, digits, `-` or `_`); without,
    /// the server makes one.
    pub id: Option<String>,
    /// What people read.
    pub label: String,
    /// Whether it can be chosen no more.
    #[serde(default)]
    pub retired: bool,
}

/// A new custom field; it comes last.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewCustomField {
    /// What it is called.
    pub label: String,
    /// What can be filled in.
    pub kind: FieldKind,
    /// Its picture; a tag without.
    pub icon: Option<FieldIcon>,
    /// A sentence for whoever fills it in.
    #[serde(default)]
    pub help: String,
    /// Whether a case can be completed only with it.
    #[serde(default)]
    pub required: bool,
    /// What it holds in a new case.
    #[serde(default)]
    pub default_value: String,
    /// What can be chosen, with the kinds `choice` and `choices`.
    #[serde(default)]
    pub options: Vec<OptionChange>,
}

pub(super) fn check_label(label: &str) -> Result<String, FieldErrorCode> {
    match text::line(label, limits::LABEL_CHARACTERS_MAX)? {
        label if label.is_empty() => Err(FieldErrorCode::Required),
        label => Ok(label),
    }
}

pub(super) fn check_help(help: &str) -> Result<String, FieldErrorCode> {
    text::line(help, limits::HELP_CHARACTERS_MAX)
}

fn check_option_id(id: &str) -> Result<(), FieldErrorCode> {
    let is_right = (1..=32).contains(&id.len())
        && id
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_');
    if is_right {
        Ok(())
    } else {
        Err(FieldErrorCode::Invalid)
    }
}

/// The options as they are kept: labels and ids that stand once.
pub(super) fn check_options(
    app: &App,
    options: Vec<OptionChange>,
) -> Result<Vec<FieldOption>, FieldErrorCode> {
    if options.len() > limits::CUSTOM_FIELD_OPTIONS_MAX {
        return Err(FieldErrorCode::TooLong);
    }
    let mut kept: Vec<FieldOption> = Vec::new();
    for option in options {
        let label = check_label(&option.label)?;
        let id = match option.id {
            Some(id) => {
                check_option_id(&id)?;
                id
            }
            None => app.random.token_base62(48),
        };
        let folded = label.to_lowercase();
        let stands = kept
            .iter()
            .any(|other| other.id == id || other.label.to_lowercase() == folded);
        if stands {
            return Err(FieldErrorCode::Taken);
        }
        kept.push(FieldOption {
            id,
            label,
            retired: option.retired,
        });
    }
    Ok(kept)
}

pub(super) fn wrong(field: &str, code: FieldErrorCode) -> Error {
    Error::Invalid(vec![FieldError::new(field, code)])
}

/// Makes sure that kind, options and default go together; the default as it is kept.
pub(super) fn check_whole(field: &CustomField) -> Result<String, Error> {
    let choosable = field.options.iter().any(|option| !option.retired);
    if field.kind.has_options() && !choosable {
        return Err(wrong("options", FieldErrorCode::Required));
    }
    if !field.kind.has_options() && !field.options.is_empty() {
        return Err(wrong("options", FieldErrorCode::Invalid));
    }
    field
        .shape()
        .check(&field.default_value, "")
        .map_err(|code| wrong("default_value", code))
}

/// The fields in their order: for administrators all of them, with how often they are filled in; for others those
/// that are in use.
///
/// # Errors
/// The database's.
pub async fn list(app: &App, who: &OperatorSession) -> Result<Vec<CustomField>, Error> {
    let sees_all = policy::sees_archived_fields(who);
    app.read(who.organization, move |tx| {
        Box::pin(async move {
            let mut fields = store::fields(tx).await?;
            if sees_all {
                let used = store::used(tx).await?;
                for field in &mut fields {
                    field.used = Some(used.get(&field.id).copied().unwrap_or(0));
                }
            } else {
                fields.retain(|field| !field.archived);
            }
            Ok(fields)
        })
    })
    .await
}

/// Defines a field. Done once per key.
///
/// # Errors
/// Field errors, `PlanRequired`, too many, a reused key, or the database's.
pub async fn create(
    app: &App,
    who: &OperatorSession,
    new: NewCustomField,
    once: Once,
) -> Result<CustomField, Error> {
    let mut checks = Checks::default();
    let mut field = CustomField {
        id: CustomFieldId::new(app.clock.now(), &app.random),
        label: checks.take("label", check_label(&new.label)),
        kind: new.kind,
        icon: new.icon.unwrap_or(FieldIcon::Tag),
        help: checks.take("help", check_help(&new.help)),
        required: new.required,
        default_value: new.default_value,
        options: Vec::new(),
        position: 0,
        archived: false,
        used: None,
    };
    match check_options(app, new.options) {
        Ok(options) => field.options = options,
        Err(code) => {
            checks.take("options", Err(code));
        }
    }
    checks.done()?;
    field.default_value = check_whole(&field)?;
    let asker = who.clone();
    let made = app
        .write(who.organization, move |write| {
            Box::pin(async move {
                let who = asker;
                if let Some(made) = once.claim(write, field.id.uuid()).await? {
                    let made = CustomFieldId::from_uuid(made);
                    let stands = store::find(&mut write.org(), made).await?;
                    return stands.ok_or(Error::NotFound);
                }
                values::need_plan(&mut write.org()).await?;
                store::hold_alone(&mut write.org()).await?;
                let standing = store::fields(&mut write.org()).await?;
                if standing.len() >= limits::CUSTOM_FIELDS_MAX {
                    return Err(Error::LimitReached(limits::CUSTOM_FIELDS_MAX as i64));
                }
                field.position = standing.len() as i64;
                store::insert(&mut write.org(), &field).await?;
                write.emit(None, who.who(), Event::CustomFieldsChanged {});
                write.audit_with(who.who(), Verb::CustomFieldChanged, field.id, "created");
                Ok(field)
            })
        })
        .await?;
    with_use(app, who, made).await
}

/// The field with in how many cases it is filled in: counted when the write is over, since all of them are read.
///
/// # Errors
/// The database's.
pub(super) async fn with_use(
    app: &App,
    who: &OperatorSession,
    mut field: CustomField,
) -> Result<CustomField, Error> {
    field.used = Some(count(app, who, field.id).await?);
    Ok(field)
}

async fn count(app: &App, who: &OperatorSession, id: CustomFieldId) -> Result<i64, Error> {
    app.read(who.organization, move |tx| {
        Box::pin(async move { Ok(store::used_one(tx, id).await?) })
    })
    .await
}

/// Deletes a field. With values it must be archived, and the word that they go too must be given; a job then takes
/// them out of the cases.
///
/// # Errors
/// `FieldInUse`, `PlanRequired`, `NotFound`, or the database's.
pub async fn delete(
    app: &App,
    who: &OperatorSession,
    id: CustomFieldId,
    with_values: bool,
) -> Result<(), Error> {
    let counted = count(app, who, id).await?;
    let who = who.clone();
    app.write(who.organization, move |write| {
        Box::pin(async move {
            values::need_plan(&mut write.org()).await?;
            store::hold_alone(&mut write.org()).await?;
            let field = store::find(&mut write.org(), id)
                .await?
                .ok_or(Error::NotFound)?;
            let may_lose = field.archived && with_values;
            if !may_lose && store::is_used(&mut write.org(), id).await? {
                // One that was filled in since the counting is one at least.
                let (cases, examples) = (counted.max(1), Vec::new());
                return Err(Error::FieldInUse { cases, examples });
            }
            if store::has_rows(&mut write.org(), id).await? {
                store::mark_deleted(&mut write.org(), id).await?;
                sweep::enqueue(write, id).await?;
            } else {
                store::delete(&mut write.org(), id).await?;
            }
            let rest = store::fields(&mut write.org()).await?;
            for (place, field) in rest.into_iter().enumerate() {
                let place = place as i64;
                if field.position != place {
                    store::place(&mut write.org(), field.id, place).await?;
                }
            }
            write.emit(None, who.who(), Event::CustomFieldsChanged {});
            write.audit_with(who.who(), Verb::CustomFieldChanged, id, "deleted");
            Ok(())
        })
    })
    .await
}
