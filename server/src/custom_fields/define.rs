//! What administrators do with custom fields: define, order, change, archive, delete.

use serde::Deserialize;
use utoipa::ToSchema;

use super::{CustomField, FieldIcon, FieldKind, FieldOption, Shape, store, sweep, values};
use crate::app::App;
use crate::audit::Verb;
use crate::auth::{OperatorSession, policy};
use crate::error::{Error, FieldError, FieldErrorCode};
use crate::events::Event;
use crate::ids::{CaseId, CustomFieldId};
use crate::limits;
use crate::once::Once;
use crate::text::{self, Checks};
use crate::tx::Write;

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

/// A change of a custom field; what is absent stays.
#[derive(Debug, Clone, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CustomFieldChange {
    /// What it is called.
    pub label: Option<String>,
    /// What can be filled in. Another kind is taken when every value has a place in it.
    pub kind: Option<FieldKind>,
    /// Its picture.
    pub icon: Option<FieldIcon>,
    /// A sentence for whoever fills it in.
    pub help: Option<String>,
    /// Whether a case can be completed only with it.
    pub required: Option<bool>,
    /// What it holds in a new case.
    pub default_value: Option<String>,
    /// What can be chosen, all of it in its order. One that is left out is removed, or retired where it is in use.
    pub options: Option<Vec<OptionChange>>,
    /// Its place among the fields, from 0.
    pub position: Option<i64>,
    /// Whether it is put away.
    pub archived: Option<bool>,
}

fn check_label(label: &str) -> Result<String, FieldErrorCode> {
    match text::line(label, limits::LABEL_CHARACTERS_MAX)? {
        label if label.is_empty() => Err(FieldErrorCode::Required),
        label => Ok(label),
    }
}

fn check_help(help: &str) -> Result<String, FieldErrorCode> {
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
fn check_options(
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

fn wrong(field: &str, code: FieldErrorCode) -> Error {
    Error::Invalid(vec![FieldError::new(field, code)])
}

/// Makes sure that kind, options and default go together; the default as it is kept.
fn check_whole(field: &CustomField) -> Result<String, Error> {
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
        used: Some(0),
    };
    match check_options(app, new.options) {
        Ok(options) => field.options = options,
        Err(code) => {
            checks.take("options", Err(code));
        }
    }
    checks.done()?;
    field.default_value = check_whole(&field)?;
    let who = who.clone();
    app.write(who.organization, move |write| {
        Box::pin(async move {
            if let Some(made) = once.claim(write, field.id.uuid()).await? {
                return find(write, CustomFieldId::from_uuid(made)).await;
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
    .await
}

async fn find(write: &mut Write<'_>, id: CustomFieldId) -> Result<CustomField, Error> {
    let mut field = store::find(&mut write.org(), id)
        .await?
        .ok_or(Error::NotFound)?;
    field.used = Some(store::used_one(&mut write.org(), id).await?);
    Ok(field)
}

/// A change whose texts are checked.
struct Wanted {
    label: Option<String>,
    help: Option<String>,
    options: Option<Vec<FieldOption>>,
    change: CustomFieldChange,
}

/// Changes a field; values are kept or the change is refused (P23).
///
/// # Errors
/// Field errors, `FieldInUse` with the values that have no place in another kind, `PlanRequired`, `NotFound`, or the
/// database's.
pub async fn change(
    app: &App,
    who: &OperatorSession,
    id: CustomFieldId,
    mut change: CustomFieldChange,
) -> Result<CustomField, Error> {
    let mut checks = Checks::default();
    let label = change.label.take();
    let label = label.map(|label| checks.take("label", check_label(&label)));
    let help = change.help.take();
    let help = help.map(|help| checks.take("help", check_help(&help)));
    let options = match change.options.take().map(|all| check_options(app, all)) {
        Some(Ok(options)) => Some(options),
        Some(Err(code)) => {
            checks.take("options", Err(code));
            None
        }
        None => None,
    };
    checks.done()?;
    let wanted = Wanted {
        label,
        help,
        options,
        change,
    };
    let who = who.clone();
    app.write(who.organization, move |write| {
        Box::pin(async move { change_in(write, &who, id, wanted).await })
    })
    .await
}

async fn change_in(
    write: &mut Write<'_>,
    who: &OperatorSession,
    id: CustomFieldId,
    wanted: Wanted,
) -> Result<CustomField, Error> {
    values::need_plan(&mut write.org()).await?;
    store::hold_alone(&mut write.org()).await?;
    let before = store::find(&mut write.org(), id)
        .await?
        .ok_or(Error::NotFound)?;
    let mut after = before.clone();
    let change = wanted.change;
    after.label = wanted.label.unwrap_or(after.label);
    after.help = wanted.help.unwrap_or(after.help);
    after.kind = change.kind.unwrap_or(after.kind);
    after.icon = change.icon.unwrap_or(after.icon);
    after.required = change.required.unwrap_or(after.required);
    after.archived = change.archived.unwrap_or(after.archived);
    after.options = match wanted.options {
        Some(options) => options,
        None if after.kind.has_options() => after.options,
        None => Vec::new(),
    };
    if before.kind.has_options() && after.kind.has_options() {
        keep_options_in_use(write, &before, &mut after).await?;
    }
    after.default_value = match change.default_value {
        Some(value) => value,
        None => before
            .shape()
            .convert(&before.default_value, after.shape())
            .ok_or_else(|| wrong("default_value", FieldErrorCode::Invalid))?,
    };
    after.default_value = check_whole(&after)?;
    if before.kind != after.kind {
        convert_values(write, who, &before, &after).await?;
    }
    if after != before {
        store::update(&mut write.org(), &after).await?;
    }
    if let Some(position) = change.position {
        move_to(write, id, position).await?;
    }
    let reads_differently = before.kind != after.kind
        || before.archived != after.archived
        || before.options != after.options;
    if reads_differently && store::has_rows(&mut write.org(), id).await? {
        sweep::enqueue(write, id).await?;
    }
    let stands = find(write, id).await?;
    if stands
        != (CustomField {
            used: stands.used,
            ..before
        })
    {
        write.emit(None, who.who(), Event::CustomFieldsChanged {});
        write.audit_with(who.who(), Verb::CustomFieldChanged, id, "changed");
    }
    Ok(stands)
}

/// Puts options back that were left out although cases hold them: retired, at the end.
async fn keep_options_in_use(
    write: &mut Write<'_>,
    before: &CustomField,
    after: &mut CustomField,
) -> Result<(), Error> {
    let left_out: Vec<&FieldOption> = before
        .options
        .iter()
        .filter(|old| !after.options.iter().any(|new| new.id == old.id))
        .collect();
    if left_out.is_empty() {
        return Ok(());
    }
    let chosen = store::chosen(&mut write.org(), before.id).await?;
    let mut kept = Vec::new();
    for option in left_out {
        let is_used = chosen
            .iter()
            .any(|value| value.split(',').any(|id| id == option.id));
        if is_used {
            kept.push(FieldOption {
                retired: true,
                ..option.clone()
            });
        }
    }
    after.options.extend(kept);
    if after.options.len() > limits::CUSTOM_FIELD_OPTIONS_MAX {
        return Err(wrong("options", FieldErrorCode::TooLong));
    }
    Ok(())
}

/// Turns every value into one of the new kind, or refuses with some that have no place there.
async fn convert_values(
    write: &mut Write<'_>,
    who: &OperatorSession,
    before: &CustomField,
    after: &CustomField,
) -> Result<(), Error> {
    let (from, into): (Shape<'_>, Shape<'_>) = (before.shape(), after.shape());
    if from.is_part_of(into) {
        return Ok(());
    }
    let (now, mut cases, mut examples) = (write.now(), 0, Vec::new());
    let mut place = CaseId::from_uuid(uuid::Uuid::nil());
    loop {
        let page = store::page(&mut write.org(), before.id, place, limits::SWEEP_ROWS).await?;
        let Some(last) = page.last() else {
            break;
        };
        place = last.case_id;
        for held in &page {
            match from.convert(&held.value, into) {
                Some(value) if value == held.value => {}
                Some(value) => {
                    let (case, version) = (held.case_id, held.version + 1);
                    let tx = &mut write.org();
                    store::put_value(tx, case, before.id, &value, version, who.who(), now).await?;
                }
                None => {
                    cases += 1;
                    let words = from
                        .words(&held.value)
                        .unwrap_or_else(|| held.value.clone());
                    if examples.len() < 3 && !examples.contains(&words) {
                        examples.push(words);
                    }
                }
            }
        }
    }
    if cases == 0 {
        Ok(())
    } else {
        Err(Error::FieldInUse { cases, examples })
    }
}

/// Moves a field among the others; beyond the last it is the last.
async fn move_to(write: &mut Write<'_>, id: CustomFieldId, position: i64) -> Result<(), Error> {
    let fields = store::fields(&mut write.org()).await?;
    let mut order: Vec<CustomFieldId> = fields.iter().map(|field| field.id).collect();
    order.retain(|other| *other != id);
    let place = usize::try_from(position.max(0)).unwrap_or(usize::MAX);
    order.insert(place.min(order.len()), id);
    for (place, id) in order.into_iter().enumerate() {
        let place = place as i64;
        let stands = fields.iter().find(|field| field.id == id);
        if stands.is_none_or(|field| field.position != place) {
            store::place(&mut write.org(), id, place).await?;
        }
    }
    Ok(())
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
    let who = who.clone();
    app.write(who.organization, move |write| {
        Box::pin(async move {
            values::need_plan(&mut write.org()).await?;
            store::hold_alone(&mut write.org()).await?;
            let field = store::find(&mut write.org(), id)
                .await?
                .ok_or(Error::NotFound)?;
            let cases = store::used_one(&mut write.org(), id).await?;
            if cases > 0 && !(field.archived && with_values) {
                let examples = Vec::new();
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
