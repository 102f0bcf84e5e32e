//! Who works on a case: taking it from the queue, putting it back, handing it over (S81, S82, S132, E32).

pub mod routes;

use super::attention::{self, Reason};
use super::lifecycle::{available, join_locked, leave_locked};
use super::{Status, sight, store};
use crate::app::App;
use crate::audit::Verb;
use crate::auth::{OperatorSession, Right, policy};
use crate::error::{Error, FieldError, FieldErrorCode};
use crate::events::{Event, OperatorRef, Who};
use crate::ids::{CaseId, OperatorId};
use crate::limits;
use crate::once::Once;
use crate::team;
use crate::text::{self, Checks};
use crate::tx::Write;

/// Takes a case from the queue (S82). Of any number of requests at once one gets it; the others learn who has it, also
/// where they are of the same operator: whoever is on the case is told so by the own name, anyone else who was there
/// first. Done once per key.
///
/// # Errors
/// Unknown or completed case, `CaseTaken`, a reused key, or the database's.
pub async fn claim(
    app: &App,
    who: &OperatorSession,
    case_id: CaseId,
    once: Once,
) -> Result<(), Error> {
    let who = who.clone();
    app.write(who.organization, move |write| {
        Box::pin(async move {
            // The case first: whoever asks for it waits here, and finds it as the one before left it.
            let status = sight::lock_open(write, &who, case_id).await?;
            if once.claim(write, case_id.uuid()).await?.is_some() {
                return Ok(());
            }
            if status == Status::Awaiting {
                join_locked(write, case_id, who.operator, who.who()).await?;
                write.audit(who.who(), Verb::CaseClaimed, case_id);
                return Ok(());
            }
            let operators = store::operators(&mut write.org(), case_id).await?;
            let own = operators
                .iter()
                .position(|operator| operator.id == who.operator);
            match operators.into_iter().nth(own.unwrap_or_default()) {
                Some(operator) => Err(Error::CaseTaken(operator)),
                None => Err(Error::NotFound),
            }
        })
    })
    .await
}

/// Puts a case back into the queue: all operators leave. Done once per key.
///
/// # Errors
/// Unknown or completed case, a reused key, or the database's.
pub async fn queue(
    app: &App,
    who: &OperatorSession,
    case_id: CaseId,
    once: Once,
) -> Result<(), Error> {
    let who = who.clone();
    app.write(who.organization, move |write| {
        Box::pin(async move {
            sight::lock_open(write, &who, case_id).await?;
            if once.claim(write, case_id.uuid()).await?.is_some() {
                return Ok(());
            }
            for operator in store::operators(&mut write.org(), case_id).await? {
                leave_locked(write, case_id, operator, who.who()).await?;
            }
            Ok(())
        })
    })
    .await
}

/// A case on its way to a colleague.
#[derive(Debug, Clone)]
pub struct Handover {
    /// To whom.
    pub to: OperatorId,
    /// What the colleague should know.
    pub note: String,
    /// Whether oneself stays on the case.
    pub stay: bool,
}

/// Hands a case to a colleague, who joins and is told; oneself leaves, unless staying. Done once per key.
///
/// # Errors
/// Unknown or completed case, the right that is missing, a colleague who cannot take cases, oneself as the colleague,
/// a note that is too long, a reused key, or the database's.
pub async fn hand_over(
    app: &App,
    who: &OperatorSession,
    case_id: CaseId,
    handover: Handover,
    once: Once,
) -> Result<(), Error> {
    policy::need(who, Right::Reassign)?;
    let mut checks = Checks::default();
    let note = text::lines(handover.note.trim(), limits::HANDOVER_NOTE_CHARACTERS_MAX);
    let note = checks.take("note", note);
    checks.done()?;
    if handover.to == who.operator {
        let error = FieldError::new("to", FieldErrorCode::Invalid);
        return Err(Error::Invalid(vec![error]));
    }
    let who = who.clone();
    app.write(who.organization, move |write| {
        Box::pin(async move {
            sight::lock_open(write, &who, case_id).await?;
            if once.claim(write, case_id.uuid()).await?.is_some() {
                return Ok(());
            }
            let to = available(write, handover.to).await?;
            let from = team::store::operator_ref(&mut write.org(), who.operator)
                .await?
                .ok_or(Error::NotSignedIn)?;
            if !store::has_operator(&mut write.org(), case_id, to.id).await? {
                join_locked(write, case_id, to.id, who.who()).await?;
            }
            let now = write.now();
            let entry = store::next_entry(&mut write.org(), case_id, now).await?;
            let (colleague, leaves, actor) = (to.id, from.clone(), who.who());
            let event = Event::CaseHandedOver { from, to, note };
            write.emit_entry(case_id, entry, actor, event);
            write.audit_with(actor, Verb::CaseHandedOver, case_id, colleague.to_string());
            let (reason, about) = (Reason::Handover, Some(entry));
            attention::give(write, case_id, colleague, reason, about, actor).await?;
            if !handover.stay {
                leave_locked(write, case_id, leaves, who.who()).await?;
            }
            Ok(())
        })
    })
    .await
}

/// Takes an operator off cases that are not completed, as many as one write may hold; whether there are more.
///
/// # Errors
/// The database's.
pub async fn release_in(
    write: &mut Write<'_>,
    operator: &OperatorRef,
    who: Who,
) -> Result<bool, Error> {
    let limit = limits::RELEASED_CASES_AT_ONCE;
    let cases = store::open_cases_of(&mut write.org(), operator.id, limit + 1).await?;
    let more = cases.len() as i64 > limit;
    for case_id in cases.into_iter().take(limit as usize) {
        match store::lock(&mut write.org(), case_id).await? {
            None | Some(Status::Completed) => {}
            Some(_) => leave_locked(write, case_id, operator.clone(), who).await?,
        }
    }
    Ok(more)
}
