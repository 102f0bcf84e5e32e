//! Messages that only the team reads, and the colleagues mentioned in them (E28). They neither take nor join a case.

use std::collections::HashSet;

use uuid::Uuid;

use super::{named, sent_before, store};
use crate::app::App;
use crate::auth::{OperatorSession, Role};
use crate::cases::attention::{self, Reason};
use crate::cases::{self, Status};
use crate::error::{Error, FieldError, FieldErrorCode};
use crate::events::{Actor, Entry, Event, OperatorRef};
use crate::ids::{CaseId, OperatorId};
use crate::limits;
use crate::search::index::Change;
use crate::text::{self, Checks};
use crate::tx::Write;

/// Sends a message to the team. The key makes it one message however often it is sent.
///
/// # Errors
/// A text that is no message, mentions of too many or of someone who would not see it, an unknown or completed case,
/// a key with another text, or the database's.
pub async fn send(
    app: &App,
    who: &OperatorSession,
    case_id: CaseId,
    text: &str,
    mentions: Vec<OperatorId>,
    key: Uuid,
) -> Result<Entry, Error> {
    let mut checks = Checks::default();
    let text = checks.take("text", text::message(text));
    checks.done()?;
    let mut seen = HashSet::from([who.operator]);
    let mentions: Vec<OperatorId> = mentions.into_iter().filter(|id| seen.insert(*id)).collect();
    if mentions.len() > limits::MENTIONS_MAX {
        return Err(wrong_mentions(FieldErrorCode::TooLong));
    }
    let (organization, actor, session) = (who.organization, who.who(), who.clone());
    let entry = app
        .write(organization, move |write| {
            Box::pin(async move { send_in(write, &session, case_id, text, mentions, key).await })
        })
        .await?;
    named(app, organization, actor, entry).await
}

fn wrong_mentions(code: FieldErrorCode) -> Error {
    Error::Invalid(vec![FieldError::new("mentions", code)])
}

async fn send_in(
    write: &mut Write<'_>,
    who: &OperatorSession,
    case_id: CaseId,
    text: String,
    mentions: Vec<OperatorId>,
    key: Uuid,
) -> Result<Entry, Error> {
    let status = cases::sight::lock(write, who, case_id).await?;
    let sender = who.operator.uuid();
    if let Some(entry) = store::find_message(&mut write.org(), case_id, sender, key).await? {
        return sent_before(write, case_id, entry, &text, true).await;
    }
    if status == Status::Completed {
        return Err(Error::CaseCompleted(None));
    }
    let mentions = mentioned(write, case_id, mentions).await?;
    let (now, actor) = (write.now(), who.who());
    let entry = cases::store::next_entry(&mut write.org(), case_id, now).await?;
    store::insert_message(&mut write.org(), case_id, sender, key, entry).await?;
    let indexed = text.clone();
    let event = Event::MessageInternal {
        text,
        mentions: mentions.clone(),
        client_key: Some(key),
    };
    write.emit_entry(case_id, entry, actor, event.clone());
    write.index(Change::Message {
        case_id,
        entry,
        internal: true,
        text: indexed,
    });
    for operator in mentions {
        let (reason, about) = (Reason::Mention, Some(entry));
        attention::give(write, case_id, operator.id, reason, about, actor).await?;
    }
    Ok(Entry {
        entry,
        at: now,
        actor: Actor::from_parts(actor.kind(), actor.id(), None),
        merged_from: None,
        event,
    })
}

/// The colleagues of these ids, in their order. Where operators are separated, each must be on the case or an
/// administrator: one who sees it only while it waits would be told of a case that is out of sight a moment later.
async fn mentioned(
    write: &mut Write<'_>,
    case_id: CaseId,
    ids: Vec<OperatorId>,
) -> Result<Vec<OperatorRef>, Error> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let separate = crate::team::store::organization(&mut write.org())
        .await?
        .is_some_and(|organization| organization.separate_operators);
    let found = crate::team::operators::store::colleagues(&mut write.org(), &ids).await?;
    let mut mentions = Vec::new();
    for id in ids {
        let colleague = found
            .iter()
            .find(|colleague| colleague.operator.id == id && colleague.active)
            .ok_or_else(|| wrong_mentions(FieldErrorCode::UnknownValue))?;
        if separate
            && colleague.role != Role::Administrator
            && !cases::store::has_operator(&mut write.org(), case_id, id).await?
        {
            return Err(wrong_mentions(FieldErrorCode::UnknownValue));
        }
        mentions.push(colleague.operator.clone());
    }
    Ok(mentions)
}
