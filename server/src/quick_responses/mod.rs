//! Quick responses: prepared answers with placeholders (S97), everyone's or one operator's own (V12).
//!
//! A private one is nobody else's, not even an administrator's: to others it does not exist.

pub mod routes;
pub mod store;

use deskside_db::Time;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::app::App;
use crate::audit::Verb;
use crate::auth::{OperatorSession, policy};
use crate::error::{Conflict, Error, FieldError, FieldErrorCode};
use crate::events::Event;
use crate::ids::{OperatorId, QuickResponseId};
use crate::limits;
use crate::once::Once;
use crate::placeholders;
use crate::text::{self, Checks};
use crate::tx::Write;

/// Whose a quick response is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Scope {
    /// Everyone's; administrators write them.
    Global,
    /// One operator's own.
    Private,
}

/// A prepared answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct QuickResponse {
    /// Its id.
    pub id: QuickResponseId,
    /// Whose it is.
    pub scope: Scope,
    /// What is typed behind `/` to find it.
    pub shortcut: String,
    /// What it is called.
    pub title: String,
    /// The answer, with placeholders such as `{case_name}`.
    pub text: String,
    /// Counts up with each change.
    pub version: i64,
    /// When it was changed last.
    pub changed_at: Time,
}

/// A new quick response.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewQuickResponse {
    /// Whose it is to be.
    pub scope: Scope,
    /// What is typed behind `/`: 1 to 30 letters, digits, `-` or `_`.
    pub shortcut: String,
    /// What it is called.
    pub title: String,
    /// The answer.
    pub text: String,
}

/// A change of a quick response; what is absent stays.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct QuickResponseChange {
    /// The version that the author had before the eyes.
    pub version: i64,
    /// What is typed behind `/`.
    pub shortcut: Option<String>,
    /// What it is called.
    pub title: Option<String>,
    /// The answer.
    pub text: Option<String>,
}

/// A shortcut: 1 to 30 letters, digits, `-` and `_`; a `/` before it is not counted.
fn check_shortcut(typed: &str) -> Result<String, FieldErrorCode> {
    let typed = typed.trim();
    let shortcut = typed.strip_prefix('/').unwrap_or(typed);
    if text::is_blank(shortcut) {
        return Err(FieldErrorCode::Required);
    }
    if shortcut.chars().count() > limits::SHORTCUT_CHARACTERS_MAX {
        return Err(FieldErrorCode::TooLong);
    }
    if !shortcut
        .chars()
        .all(|c| c.is_alphanumeric() || c == '-' || c == '_')
    {
        return Err(FieldErrorCode::Invalid);
    }
    Ok(shortcut.to_owned())
}

fn check_title(title: &str) -> Result<String, FieldErrorCode> {
    match text::line(title, limits::LABEL_CHARACTERS_MAX)? {
        title if title.is_empty() => Err(FieldErrorCode::Required),
        title => Ok(title),
    }
}

fn check_text(text: &str) -> Result<String, FieldErrorCode> {
    let text = text::message(text)?;
    placeholders::check(&text)?;
    Ok(text)
}

/// How shortcuts are compared: two that differ only in case are one.
fn fold(shortcut: &str) -> String {
    shortcut.to_lowercase()
}

fn taken() -> Error {
    Error::Invalid(vec![FieldError::new("shortcut", FieldErrorCode::Taken)])
}

/// Everyone's and one's own, by shortcut.
///
/// # Errors
/// The database's.
pub async fn list(app: &App, who: &OperatorSession) -> Result<Vec<QuickResponse>, Error> {
    let operator = who.operator;
    app.read(who.organization, move |tx| {
        Box::pin(async move { Ok(store::list(tx, operator).await?) })
    })
    .await
}

/// Writes a new one. Done once per key.
///
/// # Errors
/// Field errors, `Forbidden` for everyone's by one who is no administrator, too many, or the database's.
pub async fn create(
    app: &App,
    who: &OperatorSession,
    new: NewQuickResponse,
    once: Once,
) -> Result<QuickResponse, Error> {
    if new.scope == Scope::Global {
        policy::may_write_for_everyone(who)?;
    }
    let mut checks = Checks::default();
    let response = QuickResponse {
        id: QuickResponseId::new(app.clock.now(), &app.random),
        scope: new.scope,
        shortcut: checks.take("shortcut", check_shortcut(&new.shortcut)),
        title: checks.take("title", check_title(&new.title)),
        text: checks.take("text", check_text(&new.text)),
        version: 1,
        changed_at: app.clock.now(),
    };
    checks.done()?;
    let who = who.clone();
    app.write(who.organization, move |write| {
        Box::pin(async move {
            if let Some(made) = once.claim(write, response.id.uuid()).await? {
                let id = QuickResponseId::from_uuid(made);
                let found = store::find(&mut write.org(), id, who.operator).await?;
                return found.ok_or(Error::NotFound);
            }
            let owner = (response.scope == Scope::Private).then_some(who.operator);
            store::lock(&mut write.org()).await?;
            if store::count(&mut write.org(), owner).await? >= limits::QUICK_RESPONSES_MAX {
                return Err(Error::LimitReached(limits::QUICK_RESPONSES_MAX));
            }
            refuse_taken(write, &response, owner).await?;
            let folded = fold(&response.shortcut);
            store::insert(&mut write.org(), &response, &folded, owner).await?;
            tell(write, &who, &response, "created");
            Ok(response)
        })
    })
    .await
}

/// Changes one. A version that someone has replaced is a conflict with both texts.
///
/// # Errors
/// Field errors, a conflict, `NotFound` for another's own, `Forbidden`, or the database's.
pub async fn change(
    app: &App,
    who: &OperatorSession,
    id: QuickResponseId,
    change: QuickResponseChange,
) -> Result<QuickResponse, Error> {
    let mut checks = Checks::default();
    let mut take = |field: &str, text: Option<&String>, check: fn(&str) -> _| {
        text.map(|text| checks.take(field, check(text)))
    };
    let shortcut = take("shortcut", change.shortcut.as_ref(), check_shortcut);
    let title = take("title", change.title.as_ref(), check_title);
    let text = take("text", change.text.as_ref(), check_text);
    let version = change.version;
    let checked = checks.done();
    let who = who.clone();
    app.write(who.organization, move |write| {
        Box::pin(async move {
            store::lock(&mut write.org()).await?;
            let standing = own(write, &who, id).await?;
            checked?;
            let mut wanted = standing.clone();
            wanted.shortcut = shortcut.unwrap_or(wanted.shortcut);
            wanted.title = title.unwrap_or(wanted.title);
            wanted.text = text.unwrap_or(wanted.text);
            if wanted == standing {
                return Ok(standing);
            }
            if standing.version != version {
                return Err(Error::FieldConflict(conflicts(&standing, &wanted)));
            }
            let owner = (standing.scope == Scope::Private).then_some(who.operator);
            refuse_taken(write, &wanted, owner).await?;
            wanted.version = version + 1;
            wanted.changed_at = write.now();
            store::update(&mut write.org(), &wanted, &fold(&wanted.shortcut)).await?;
            tell(write, &who, &wanted, "changed");
            Ok(wanted)
        })
    })
    .await
}

/// Deletes one.
///
/// # Errors
/// `NotFound`, `Forbidden`, or the database's.
pub async fn delete(app: &App, who: &OperatorSession, id: QuickResponseId) -> Result<(), Error> {
    let who = who.clone();
    app.write(who.organization, move |write| {
        Box::pin(async move {
            let gone = own(write, &who, id).await?;
            store::delete(&mut write.org(), id).await?;
            tell(write, &who, &gone, "deleted");
            Ok(())
        })
    })
    .await
}

/// The one that this operator may change.
async fn own(
    write: &mut Write<'_>,
    who: &OperatorSession,
    id: QuickResponseId,
) -> Result<QuickResponse, Error> {
    let found = store::find(&mut write.org(), id, who.operator)
        .await?
        .ok_or(Error::NotFound)?;
    if found.scope == Scope::Global {
        policy::may_write_for_everyone(who)?;
    }
    Ok(found)
}

async fn refuse_taken(
    write: &mut Write<'_>,
    response: &QuickResponse,
    owner: Option<OperatorId>,
) -> Result<(), Error> {
    let folded = fold(&response.shortcut);
    match store::id_of(&mut write.org(), &folded, owner).await? {
        Some(id) if id != response.id => Err(taken()),
        _ => Ok(()),
    }
}

/// What of a wanted state differs from what stands.
fn conflicts(standing: &QuickResponse, wanted: &QuickResponse) -> Vec<Conflict> {
    [
        ("shortcut", &wanted.shortcut, &standing.shortcut),
        ("title", &wanted.title, &standing.title),
        ("text", &wanted.text, &standing.text),
    ]
    .into_iter()
    .filter(|(_, yours, theirs)| yours != theirs)
    .map(|(field, yours, theirs)| Conflict {
        field: field.into(),
        yours: yours.clone(),
        theirs: theirs.clone(),
        version: standing.version,
        changed_by: None,
        changed_at: Some(standing.changed_at),
    })
    .collect()
}

/// Says that there is news, never which: of a private one others learn nothing, and neither does the audit log.
fn tell(write: &mut Write<'_>, who: &OperatorSession, response: &QuickResponse, how: &str) {
    write.emit(None, who.who(), Event::QuickResponsesChanged {});
    if response.scope == Scope::Global {
        write.audit_with(who.who(), Verb::QuickResponseChanged, response.id, how);
    }
}
