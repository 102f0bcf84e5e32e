//! Joining and leaving, completing and reopening, deleting for good.

use super::{Status, store};
use crate::app::App;
use crate::auth::OperatorSession;
use crate::error::Error;
use crate::events::{self, Event, Who};
use crate::ids::{CaseId, OperatorId};
use crate::once::{self, Once};
use crate::tx::Write;
use crate::{guests, team};

/// Puts an operator on a case: joining oneself or adding a colleague. The first one takes an awaiting
/// case out of the queue. Repeating it changes nothing.
///
/// # Errors
/// Unknown case or operator, a completed case, or the database's.
pub async fn join(
    app: &App,
    who: &OperatorSession,
    case_id: CaseId,
    operator: OperatorId,
) -> Result<(), Error> {
    let who = who.clone();
    app.write(who.organization, move |write| {
        Box::pin(async move {
            open_status(write, case_id).await?;
            if !store::has_operator(&mut write.org(), case_id, operator).await? {
                join_locked(write, case_id, operator, who.who()).await?;
            }
            Ok(())
        })
    })
    .await
}

/// The inner half of joining: the case is locked and the operator not on it.
///
/// # Errors
/// Unknown operator, or the database's.
pub async fn join_locked(
    write: &mut Write<'_>,
    case_id: CaseId,
    operator: OperatorId,
    who: Who,
) -> Result<(), Error> {
    let Some(operator) = team::store::operator_ref(&mut write.org(), operator).await? else {
        return Err(Error::NotFound);
    };
    let now = write.now();
    store::set_status(&mut write.org(), case_id, Status::Active, None).await?;
    store::insert_operator(&mut write.org(), case_id, operator.id, now).await?;
    let entry = store::next_entry(&mut write.org(), case_id, now).await?;
    write.emit_entry(case_id, entry, who, Event::OperatorJoined { operator });
    Ok(())
}

/// Takes an operator off a case. The last one puts it back into the queue (S133). Repeating it changes nothing.
///
/// # Errors
/// Unknown case, a completed case, or the database's.
pub async fn leave(
    app: &App,
    who: &OperatorSession,
    case_id: CaseId,
    operator: OperatorId,
) -> Result<(), Error> {
    let who = who.clone();
    app.write(who.organization, move |write| {
        Box::pin(async move {
            open_status(write, case_id).await?;
            let Some(operator) = team::store::operator_ref(&mut write.org(), operator).await?
            else {
                return Err(Error::NotFound);
            };
            if !store::delete_operator(&mut write.org(), case_id, operator.id).await? {
                return Ok(());
            }
            let now = write.now();
            if store::count_operators(&mut write.org(), case_id).await? == 0 {
                store::set_status(&mut write.org(), case_id, Status::Awaiting, None).await?;
            }
            let entry = store::next_entry(&mut write.org(), case_id, now).await?;
            write.emit_entry(case_id, entry, who.who(), Event::OperatorLeft { operator });
            Ok(())
        })
    })
    .await
}

/// Completes a case (S05), in the write that has ended what goes on in it.
///
/// # Errors
/// Unknown or completed case, or the database's.
pub async fn complete_in(
    write: &mut Write<'_>,
    who: &OperatorSession,
    case_id: CaseId,
) -> Result<(), Error> {
    open_status(write, case_id).await?;
    let now = write.now();
    store::set_status(&mut write.org(), case_id, Status::Completed, Some(now)).await?;
    let entry = store::next_entry(&mut write.org(), case_id, now).await?;
    write.emit_entry(case_id, entry, who.who(), Event::CaseCompleted {});
    Ok(())
}

/// Opens a completed case again, with its operators; without any the one who reopens joins (S06).
///
/// # Errors
/// Unknown case or one that is not completed, a reused key, or the database's.
pub async fn reopen(
    app: &App,
    who: &OperatorSession,
    case_id: CaseId,
    once: Once,
) -> Result<(), Error> {
    let who = who.clone();
    app.write(who.organization, move |write| {
        Box::pin(async move {
            if once.claim(write, case_id.uuid()).await?.is_some() {
                return Ok(());
            }
            match store::lock(&mut write.org(), case_id).await? {
                None => return Err(Error::NotFound),
                Some(Status::Completed) => {}
                Some(_) => return Err(Error::CaseNotCompleted),
            }
            let now = write.now();
            store::set_status(&mut write.org(), case_id, Status::Active, None).await?;
            let entry = store::next_entry(&mut write.org(), case_id, now).await?;
            write.emit_entry(case_id, entry, who.who(), Event::CaseReopened {});
            if store::count_operators(&mut write.org(), case_id).await? == 0 {
                join_locked(write, case_id, who.operator, who.who()).await?;
            }
            Ok(())
        })
    })
    .await
}

/// Deletes a case for good (S07, S08): its rows go, its events become tombstones, its link says only that
/// it is deleted, and a job clears what databases keep of deleted rows.
///
/// # Errors
/// Unknown case, or the database's.
pub async fn delete_in(
    write: &mut Write<'_>,
    who: &OperatorSession,
    case_id: CaseId,
) -> Result<(), Error> {
    if store::lock(&mut write.org(), case_id).await?.is_none() {
        return Err(Error::NotFound);
    }
    let now = write.now();
    guests::store::mark_links_deleted(&mut write.org(), case_id, now).await?;
    once::store::forget_made(&mut write.org(), case_id.uuid()).await?;
    store::delete(&mut write.org(), case_id).await?;
    events::store::erase_case(&mut write.org(), case_id).await?;
    write.emit(Some(case_id), who.who(), Event::CaseDeleted {});
    write
        .enqueue(crate::housekeeping::clear_deleted(who.organization, now))
        .await?;
    Ok(())
}

/// Locks the case and makes sure that it can be worked on.
async fn open_status(write: &mut Write<'_>, case_id: CaseId) -> Result<Status, Error> {
    match store::lock(&mut write.org(), case_id).await? {
        None => Err(Error::NotFound),
        Some(Status::Completed) => Err(Error::CaseCompleted(None)),
        Some(status) => Ok(status),
    }
}
