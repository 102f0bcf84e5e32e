//! Messages, read marks and drafts: the conversation of a case.

pub mod internal;
pub mod routes;
pub mod store;

use deskside_db::Time;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::app::App;
use crate::auth::OperatorSession;
use crate::cases::{self, Status, lifecycle};
use crate::error::{Conflict, Error, FieldError, FieldErrorCode};
use crate::events::store::Reader;
use crate::events::{self, Actor, Entry, Event, Who};
use crate::ids::{CaseId, GuestId, OrganizationId};
use crate::placeholders;
use crate::search::index::Change;
use crate::text;
use crate::tx::Write;

/// An answer begun and not sent (E35).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Draft {
    /// Its text.
    pub text: String,
    /// Counts up with each change.
    pub version: i64,
    /// When it was saved.
    pub saved_at: Time,
}

/// A piece of a case's timeline, oldest first.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct Timeline {
    /// The entries.
    pub entries: Vec<Entry>,
    /// Whether there are older ones.
    pub has_before: bool,
    /// Whether there are newer ones.
    pub has_after: bool,
}

/// Which piece of a timeline.
#[derive(Debug, Clone, Copy)]
pub enum Piece {
    /// The newest entries.
    Newest,
    /// Those before an entry.
    Before(i64),
    /// Those after an entry.
    After(i64),
}

/// Who sends a message.
#[derive(Debug, Clone)]
pub enum Sender {
    /// An operator, to the guest.
    Operator(OperatorSession),
    /// A guest.
    Guest(GuestId),
}

impl Sender {
    fn who(&self) -> Who {
        match self {
            Sender::Operator(session) => session.who(),
            Sender::Guest(guest) => Who::Guest(*guest),
        }
    }

    /// Holds the case, if the sender sees it.
    async fn lock(&self, write: &mut Write<'_>, case_id: CaseId) -> Result<Status, Error> {
        match self {
            Sender::Operator(session) => cases::sight::lock(write, session, case_id).await,
            Sender::Guest(_) => cases::store::lock(&mut write.org(), case_id)
                .await?
                .ok_or(Error::NotFound),
        }
    }
}

/// Sends a message. The key makes it one message however often it is sent; answering a case that the
/// operator has not joined joins it, and takes it where nobody has.
///
/// # Errors
/// A text that is no message, an operator's text with a placeholder that nobody filled in (P24), an unknown or completed case, a key with another text, or the database's.
pub async fn send(
    app: &App,
    organization: OrganizationId,
    case_id: CaseId,
    sender: Sender,
    text: &str,
    key: Uuid,
) -> Result<Entry, Error> {
    let text =
        text::message(text).map_err(|code| Error::Invalid(vec![FieldError::new("text", code)]))?;
    if matches!(sender, Sender::Operator(_))
        && let Some(left) = placeholders::left(&text)
    {
        return Err(Error::PlaceholderLeft(left));
    }
    let who = sender.who();
    let entry = app
        .write(organization, move |write| {
            Box::pin(async move { send_in(write, case_id, sender, text, key).await })
        })
        .await?;
    named(app, organization, who, entry).await
}

/// The entry with the name of its operator.
async fn named(
    app: &App,
    organization: OrganizationId,
    who: Who,
    mut entry: Entry,
) -> Result<Entry, Error> {
    if entry.actor.name.is_none()
        && let Who::Operator(operator) = who
    {
        let named = app
            .read(organization, move |tx| {
                Box::pin(async move { Ok(crate::team::store::operator_ref(tx, operator).await?) })
            })
            .await?;
        entry.actor.name = named.map(|operator| operator.name);
    }
    Ok(entry)
}

async fn send_in(
    write: &mut Write<'_>,
    case_id: CaseId,
    from: Sender,
    text: String,
    key: Uuid,
) -> Result<Entry, Error> {
    let status = from.lock(write, case_id).await?;
    let who = from.who();
    let sender = who.id().unwrap_or_default();
    if let Some(entry) = store::find_message(&mut write.org(), case_id, sender, key).await? {
        return sent_before(write, case_id, entry, &text, false).await;
    }
    if status == Status::Completed {
        return Err(Error::CaseCompleted(None));
    }
    if let Who::Operator(operator) = who
        && !cases::store::has_operator(&mut write.org(), case_id, operator).await?
    {
        lifecycle::join_locked(write, case_id, operator, who).await?;
    }
    let now = write.now();
    let entry =
        cases::store::next_message(&mut write.org(), case_id, who, &text::snippet(&text), now)
            .await?;
    store::insert_message(&mut write.org(), case_id, sender, key, entry).await?;
    let indexed = text.clone();
    let event = Event::MessageSent {
        text,
        client_key: Some(key),
    };
    write.emit_entry(case_id, entry, who, event.clone());
    write.index(Change::Message {
        case_id,
        entry,
        internal: false,
        text: indexed,
    });
    if matches!(who, Who::Guest(_)) {
        cases::snooze::wake_by_message(write, case_id, entry, who).await?;
    }
    Ok(Entry {
        entry,
        at: now,
        actor: Actor::from_parts(who.kind(), who.id(), None),
        merged_from: None,
        event,
    })
}

/// The same message again: its entry, as long as the text is the same.
async fn sent_before(
    write: &mut Write<'_>,
    case_id: CaseId,
    entry: i64,
    text: &str,
    internal: bool,
) -> Result<Entry, Error> {
    let found =
        events::store::after_entry(&mut write.org(), case_id, entry - 1, Reader::Operator, 1)
            .await?;
    let found = found
        .into_iter()
        .next()
        .and_then(events::Stamped::into_entry)
        .filter(|found| found.entry == entry)
        .ok_or(Error::NotFound)?;
    let is_same = match &found.event {
        Event::MessageSent { text: standing, .. } => !internal && standing == text,
        Event::MessageInternal { text: standing, .. } => internal && standing == text,
        _ => false,
    };
    if is_same {
        Ok(found)
    } else {
        Err(Error::IdempotencyKeyReused)
    }
}

/// Reads a piece of a timeline.
///
/// # Errors
/// An unknown case, or the database's.
pub async fn timeline(
    app: &App,
    organization: OrganizationId,
    case_id: CaseId,
    reader: Reader,
    piece: Piece,
    limit: i64,
) -> Result<Timeline, Error> {
    app.read(organization, move |tx| {
        Box::pin(async move {
            let head = cases::store::head(tx, case_id)
                .await?
                .ok_or(Error::NotFound)?;
            let mut found = match piece {
                Piece::Newest => {
                    events::store::before_entry(tx, case_id, i64::MAX, reader, limit + 1).await?
                }
                Piece::Before(entry) => {
                    events::store::before_entry(tx, case_id, entry, reader, limit + 1).await?
                }
                Piece::After(entry) => {
                    events::store::after_entry(tx, case_id, entry, reader, limit + 1).await?
                }
            };
            let more = found.len() > limit as usize;
            found.truncate(limit as usize);
            let mut entries: Vec<Entry> = found
                .into_iter()
                .map(|stamped| match reader {
                    Reader::Operator => stamped,
                    Reader::Guest => stamped.for_guest(),
                })
                .filter_map(events::Stamped::into_entry)
                .collect();
            let (has_before, has_after) = match piece {
                Piece::Newest => (more, false),
                Piece::Before(entry) => (more, entry <= head.last_entry),
                Piece::After(entry) => (entry > 0, more),
            };
            if !matches!(piece, Piece::After(_)) {
                entries.reverse();
            }
            Ok(Timeline {
                entries,
                has_before,
                has_after,
            })
        })
    })
    .await
}

/// Notes how far a reader has read; going back changes nothing.
///
/// # Errors
/// A number that no entry has, an unknown case, or the database's.
pub async fn read(
    app: &App,
    organization: OrganizationId,
    case_id: CaseId,
    who: Who,
    entry: i64,
) -> Result<(), Error> {
    if entry < 0 {
        let error = FieldError::new("entry", FieldErrorCode::Invalid);
        return Err(Error::Invalid(vec![error]));
    }
    app.write(organization, move |write| {
        Box::pin(async move {
            cases::store::lock(&mut write.org(), case_id)
                .await?
                .ok_or(Error::NotFound)?;
            let head = cases::store::head(&mut write.org(), case_id)
                .await?
                .ok_or(Error::NotFound)?;
            let entry = entry.min(head.last_entry);
            let now = write.now();
            let further = match who {
                // Nothing is read yet, and a mark would say so aloud.
                _ if entry == 0 => false,
                Who::Operator(operator) => {
                    let later =
                        store::guest_messages_after(&mut write.org(), case_id, entry).await?;
                    store::put_operator_read(
                        &mut write.org(),
                        case_id,
                        operator,
                        entry,
                        head.guest_messages - later,
                        now,
                    )
                    .await?
                }
                Who::Guest(_) => {
                    store::put_guest_read(&mut write.org(), case_id, entry, now).await?
                }
                Who::System => false,
            };
            if further {
                write.emit(Some(case_id), who, Event::CaseRead { entry });
            }
            if let Who::Operator(operator) = who {
                let to_the_end = entry >= head.last_entry;
                cases::attention::after_reading(write, case_id, operator, to_the_end).await?;
            }
            Ok(())
        })
    })
    .await
}

/// Saves a draft; the empty text takes it away.
///
/// # Errors
/// A text that is too long, a draft that another tab changed, an unknown case, or the database's.
pub async fn save_draft(
    app: &App,
    who: &OperatorSession,
    case_id: CaseId,
    text: &str,
    version: i64,
) -> Result<Draft, Error> {
    let text = text::lines(text, crate::limits::DRAFT_CHARACTERS_MAX)
        .map_err(|code| Error::Invalid(vec![FieldError::new("text", code)]))?;
    let operator = who.operator;
    app.write(who.organization, move |write| {
        Box::pin(async move {
            cases::store::lock(&mut write.org(), case_id)
                .await?
                .ok_or(Error::NotFound)?;
            let standing = store::find_draft(&mut write.org(), case_id, operator).await?;
            let current = standing.as_ref().map_or(0, |draft| draft.version);
            match standing {
                Some(draft) if draft.text == text => return Ok(draft),
                Some(draft) if current != version && !draft.text.is_empty() => {
                    return Err(Error::FieldConflict(vec![Conflict {
                        field: "draft".into(),
                        yours: text,
                        theirs: draft.text,
                        version: current,
                        changed_by: None,
                        changed_at: Some(draft.saved_at),
                    }]));
                }
                _ => {}
            }
            let draft = Draft {
                text,
                version: current + 1,
                saved_at: write.now(),
            };
            store::put_draft(&mut write.org(), case_id, operator, &draft).await?;
            Ok(draft)
        })
    })
    .await
}
