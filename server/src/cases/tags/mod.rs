//! Tags: an organization's words for its cases (E29). Case does not tell two tags apart.

pub mod routes;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{Status, sight, store};
use crate::app::App;
use crate::auth::{OperatorSession, Sight};
use crate::error::{Error, FieldError};
use crate::events::Event;
use crate::ids::{CaseId, TagId};
use crate::limits;
use crate::once::Once;
use crate::text;

/// A tag as it stands on a case.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct TagRef {
    /// The tag.
    pub id: TagId,
    /// Its name.
    pub name: String,
}

/// A tag with how much it is used.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Tag {
    /// The tag.
    pub id: TagId,
    /// Its name.
    pub name: String,
    /// Active cases with it that the reader sees, counted up to 1 000.
    pub cases: i64,
}

/// The name of a tag, new or changed.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct TagName {
    /// One line of at most 40 characters.
    pub name: String,
}

impl TagName {
    fn check(&self) -> Result<String, Error> {
        text::tag_name(&self.name)
            .map_err(|code| Error::Invalid(vec![FieldError::new("name", code)]))
    }
}

/// All tags by name.
///
/// # Errors
/// The database's.
pub async fn all(app: &App, who: &OperatorSession) -> Result<Vec<Tag>, Error> {
    let only_of = (who.sight == Sight::Own).then_some(who.operator);
    app.read(who.organization, move |tx| {
        Box::pin(async move { Ok(store::tags(tx, only_of, limits::COUNT_MAX).await?) })
    })
    .await
}

/// Makes a tag, or finds the one of that name.
///
/// # Errors
/// A name that is none, too many tags, a reused key, or the database's.
pub async fn create(
    app: &App,
    who: &OperatorSession,
    new: TagName,
    once: Once,
) -> Result<TagRef, Error> {
    let name = new.check()?;
    let id = TagId::new(app.clock.now(), &app.random);
    let who = who.clone();
    app.write(who.organization, move |write| {
        Box::pin(async move {
            let folded = text::folded(&name);
            store::lock_tags(&mut write.org()).await?;
            if let Some(standing) = store::find_tag_named(&mut write.org(), &folded).await? {
                return Ok(standing);
            }
            if let Some(made) = once.claim(write, id.uuid()).await? {
                let made = store::hold_tag(&mut write.org(), TagId::from_uuid(made)).await?;
                return made.ok_or(Error::NotFound);
            }
            if store::count_tags(&mut write.org()).await? >= limits::TAGS_MAX {
                return Err(Error::TooManyTags);
            }
            let now = write.now();
            store::insert_tag(&mut write.org(), id, &name, &folded, now).await?;
            write.emit(None, who.who(), Event::TagChanged {});
            Ok(TagRef { id, name })
        })
    })
    .await
}

/// Gives a tag another name.
///
/// # Errors
/// A name that is none or another tag's, an unknown tag, or the database's.
pub async fn rename(
    app: &App,
    who: &OperatorSession,
    id: TagId,
    change: TagName,
) -> Result<TagRef, Error> {
    let name = change.check()?;
    let who = who.clone();
    app.write(who.organization, move |write| {
        Box::pin(async move {
            store::lock_tags(&mut write.org()).await?;
            let Some(standing) = store::hold_tag(&mut write.org(), id).await? else {
                return Err(Error::NotFound);
            };
            if standing.name == name {
                return Ok(standing);
            }
            let folded = text::folded(&name);
            let named = store::find_tag_named(&mut write.org(), &folded).await?;
            if named.is_some_and(|named| named.id != id) {
                return Err(Error::TagExists);
            }
            store::rename_tag(&mut write.org(), id, &name, &folded).await?;
            write.emit(None, who.who(), Event::TagChanged {});
            Ok(TagRef { id, name })
        })
    })
    .await
}

/// Deletes a tag: it is taken off all cases, and saved filters go on without it.
///
/// # Errors
/// An unknown tag, or the database's.
pub async fn delete(app: &App, who: &OperatorSession, id: TagId) -> Result<(), Error> {
    let who = who.clone();
    app.write(who.organization, move |write| {
        Box::pin(async move {
            if !store::delete_tag(&mut write.org(), id).await? {
                return Err(Error::NotFound);
            }
            write.emit(None, who.who(), Event::TagChanged {});
            Ok(())
        })
    })
    .await
}

/// Puts a tag on a case. Repeating it changes nothing.
///
/// # Errors
/// An unknown case or tag, a completed case, too many tags, or the database's.
pub async fn put(
    app: &App,
    who: &OperatorSession,
    case_id: CaseId,
    tag: TagId,
) -> Result<(), Error> {
    set(app, who, case_id, tag, true).await
}

/// Takes a tag off a case. Repeating it changes nothing.
///
/// # Errors
/// An unknown case or tag, a completed case, or the database's.
pub async fn take(
    app: &App,
    who: &OperatorSession,
    case_id: CaseId,
    tag: TagId,
) -> Result<(), Error> {
    set(app, who, case_id, tag, false).await
}

async fn set(
    app: &App,
    who: &OperatorSession,
    case_id: CaseId,
    tag: TagId,
    on: bool,
) -> Result<(), Error> {
    let who = who.clone();
    app.write(who.organization, move |write| {
        Box::pin(async move {
            let status = sight::lock(write, &who, case_id).await?;
            let tag = store::hold_tag(&mut write.org(), tag)
                .await?
                .ok_or(Error::NotFound)?;
            let standing = store::case_tags(&mut write.org(), case_id).await?;
            if standing.iter().any(|standing| standing.id == tag.id) == on {
                return Ok(());
            }
            if status == Status::Completed {
                return Err(Error::CaseCompleted(None));
            }
            let event = if on {
                if standing.len() >= limits::TAGS_PER_CASE_MAX {
                    return Err(Error::TooManyTags);
                }
                store::put_case_tag(&mut write.org(), case_id, tag.id).await?;
                Event::CaseTagged { tag }
            } else {
                store::delete_case_tag(&mut write.org(), case_id, tag.id).await?;
                Event::CaseUntagged { tag }
            };
            write.emit(Some(case_id), who.who(), event);
            Ok(())
        })
    })
    .await
}
