//! Changing a custom field: its name, its kind, what can be chosen, its place.
//!
//! However many cases hold a value of it, the write is short: the values were looked through before ([`survey`]), and
//! turning them into the new kind is left to a step that readers go and a job writes down ([`super::steps`]).

use serde::Deserialize;
use utoipa::ToSchema;

use super::define::{self, OptionChange};
use super::survey::{self, Survey};
use super::{CustomField, FieldIcon, FieldKind, FieldOption, store, sweep, values};
use crate::app::App;
use crate::audit::Verb;
use crate::auth::OperatorSession;
use crate::error::{Error, FieldErrorCode};
use crate::events::Event;
use crate::ids::CustomFieldId;
use crate::limits;
use crate::text::Checks;
use crate::tx::Write;

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

/// A change whose texts are checked.
#[derive(Clone)]
pub struct Wanted {
    label: Option<String>,
    help: Option<String>,
    options: Option<Vec<FieldOption>>,
    change: CustomFieldChange,
}

impl Wanted {
    /// Checks the texts of a change.
    ///
    /// # Errors
    /// Field errors.
    pub fn checked(app: &App, mut change: CustomFieldChange) -> Result<Wanted, Error> {
        let mut checks = Checks::default();
        let label = change.label.take();
        let label = label.map(|label| checks.take("label", define::check_label(&label)));
        let help = change.help.take();
        let help = help.map(|help| checks.take("help", define::check_help(&help)));
        let options = change.options.take();
        let options = match options.map(|all| define::check_options(app, all)) {
            Some(Ok(options)) => Some(options),
            Some(Err(code)) => {
                checks.take("options", Err(code));
                None
            }
            None => None,
        };
        checks.done()?;
        Ok(Wanted {
            label,
            help,
            options,
            change,
        })
    }

    /// The options of a field of options that it has no more after the change.
    pub fn left_out<'f>(
        &'f self,
        before: &'f CustomField,
        kind: FieldKind,
    ) -> impl Iterator<Item = &'f FieldOption> {
        let wanted = self.options.as_deref();
        let wanted = wanted.filter(|_| before.kind.has_options() && kind.has_options());
        before.options.iter().filter(move |old| {
            wanted.is_some_and(|wanted| !wanted.iter().any(|new| new.id == old.id))
        })
    }

    /// The kind and its options after the change. Options that are left out although cases hold them are put back:
    /// retired, at the end.
    pub fn kind_and_options(
        &self,
        before: &CustomField,
        is_used: impl Fn(&FieldOption) -> bool,
    ) -> (FieldKind, Vec<FieldOption>) {
        let kind = self.change.kind.unwrap_or(before.kind);
        let mut options = match &self.options {
            Some(options) => options.clone(),
            None if kind.has_options() => before.options.clone(),
            None => Vec::new(),
        };
        let kept = self.left_out(before, kind).filter(|option| is_used(option));
        options.extend(kept.map(|option| FieldOption {
            retired: true,
            ..option.clone()
        }));
        (kind, options)
    }

    /// The field after the change.
    fn apply(&self, before: &CustomField, survey: &Survey) -> Result<CustomField, Error> {
        let change = &self.change;
        let mut after = before.clone();
        after.label = self.label.clone().unwrap_or(after.label);
        after.help = self.help.clone().unwrap_or(after.help);
        after.icon = change.icon.unwrap_or(after.icon);
        after.required = change.required.unwrap_or(after.required);
        after.archived = change.archived.unwrap_or(after.archived);
        (after.kind, after.options) = self.kind_and_options(before, |option| survey.uses(option));
        if after.options.len() > limits::CUSTOM_FIELD_OPTIONS_MAX {
            return Err(define::wrong("options", FieldErrorCode::TooLong));
        }
        after.default_value = match &change.default_value {
            Some(value) => value.clone(),
            None => before
                .shape()
                .convert(&before.default_value, after.shape())
                .ok_or_else(|| define::wrong("default_value", FieldErrorCode::Invalid))?,
        };
        after.default_value = define::check_whole(&after)?;
        Ok(after)
    }
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
    change: CustomFieldChange,
) -> Result<CustomField, Error> {
    let wanted = Wanted::checked(app, change)?;
    loop {
        let survey = survey::look(app, who, id, &wanted).await?;
        if let Some(field) = take(app, who, id, &wanted, survey).await? {
            return define::with_use(app, who, field).await;
        }
    }
}

/// Takes a change for which the values were looked through; none when the definition, or more cases than one write
/// looks at, have changed since: then it is to be done again.
///
/// # Errors
/// As of [`change`].
pub async fn take(
    app: &App,
    who: &OperatorSession,
    id: CustomFieldId,
    wanted: &Wanted,
    survey: Survey,
) -> Result<Option<CustomField>, Error> {
    let (who, wanted) = (who.clone(), wanted.clone());
    app.write(who.organization, move |write| {
        Box::pin(async move { take_in(write, &who, id, &wanted, survey).await })
    })
    .await
}

async fn take_in(
    write: &mut Write<'_>,
    who: &OperatorSession,
    id: CustomFieldId,
    wanted: &Wanted,
    mut survey: Survey,
) -> Result<Option<CustomField>, Error> {
    values::need_plan(&mut write.org()).await?;
    store::hold_alone(&mut write.org()).await?;
    let before = store::find(&mut write.org(), id)
        .await?
        .ok_or(Error::NotFound)?;
    let shape = store::shape(&mut write.org(), id).await?;
    if !survey.is_of(&before, shape) || !survey.follow(&mut write.org()).await? {
        return Ok(None);
    }
    let after = wanted.apply(&before, &survey)?;
    survey.need_no_loss()?;
    let has_rows = store::has_rows(&mut write.org(), id).await?;
    if has_rows && survey.turns_values() {
        let (now, sides) = (write.now(), (&before, &after));
        store::put_step(&mut write.org(), id, shape + 1, sides, who.operator, now).await?;
    }
    if after != before {
        store::update(&mut write.org(), &after).await?;
    }
    if let Some(position) = wanted.change.position {
        move_to(write, id, position).await?;
    }
    let reads_differently = before.kind != after.kind
        || before.archived != after.archived
        || before.options != after.options;
    if has_rows && reads_differently {
        sweep::enqueue(write, id).await?;
    }
    let stands = store::find(&mut write.org(), id)
        .await?
        .ok_or(Error::NotFound)?;
    if stands != before {
        write.emit(None, who.who(), Event::CustomFieldsChanged {});
        write.audit_with(who.who(), Verb::CustomFieldChanged, id, "changed");
    }
    Ok(Some(stands))
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
