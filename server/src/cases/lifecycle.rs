//! Joining and leaving, completing and reopening, deleting for good.

use super::attention::{self, Reason};
use super::{Status, search, sight, snooze, store};
use crate::app::App;
use crate::audit::Verb;
use crate::auth::{OperatorSession, policy};
use crate::error::Error;
use crate::events::{self, Event, OperatorRef, Who};
use crate::ids::{CaseId, OperatorId};
use crate::once::{self, Once};
use crate::tx::Write;
use crate::{custom_fields, guests, location, team};

/// Puts an operator on a case: joining oneself or adding a colleague, who is told. The first one takes an awaiting
/// case out of the queue. Repeating it changes nothing.
///
/// # Errors
/// Unknown case or operator, a right or seat that is missing, a colleague who cannot take cases, a completed case, or
/// the database's.
pub async fn join(
    app: &App,
    who: &OperatorSession,
    case_id: CaseId,
    operator: OperatorId,
) -> Result<(), Error> {
    policy::may_put_on_case(who, operator)?;
    let who = who.clone();
    app.write(who.organization, move |write| {
        Box::pin(async move {
            sight::lock_open(write, &who, case_id).await?;
            if operator != who.operator {
                available(write, operator).await?;
            }
            if store::has_operator(&mut write.org(), case_id, operator).await? {
                return Ok(());
            }
            let entry = join_locked(write, case_id, operator, who.who()).await?;
            if operator != who.operator {
                let (reason, about) = (Reason::Added, Some(entry));
                attention::give(write, case_id, operator, reason, about, who.who()).await?;
            }
            Ok(())
        })
    })
    .await
}

/// The inner half of joining: the case is locked and the operator not on it. The entry that tells it.
///
/// # Errors
/// Unknown operator, or the database's.
pub async fn join_locked(
    write: &mut Write<'_>,
    case_id: CaseId,
    operator: OperatorId,
    who: Who,
) -> Result<i64, Error> {
    let Some(operator) = team::store::operator_ref(&mut write.org(), operator).await? else {
        return Err(Error::NotFound);
    };
    let claimed = store::lock(&mut write.org(), case_id).await? == Some(Status::Awaiting);
    put_on(write, case_id, operator, who, claimed).await
}

/// Puts the one who creates a case on it: it never waited for anybody.
///
/// # Errors
/// Unknown operator, or the database's.
pub(super) async fn join_created(
    write: &mut Write<'_>,
    case_id: CaseId,
    operator: OperatorId,
    who: Who,
) -> Result<i64, Error> {
    let Some(operator) = team::store::operator_ref(&mut write.org(), operator).await? else {
        return Err(Error::NotFound);
    };
    put_on(write, case_id, operator, who, false).await
}

async fn put_on(
    write: &mut Write<'_>,
    case_id: CaseId,
    operator: OperatorRef,
    who: Who,
    claimed: bool,
) -> Result<i64, Error> {
    let now = write.now();
    store::set_status(&mut write.org(), case_id, Status::Active, now).await?;
    store::insert_operator(&mut write.org(), case_id, operator.id, now).await?;
    let entry = store::next_entry(&mut write.org(), case_id, now).await?;
    let event = Event::OperatorJoined { operator, claimed };
    write.emit_entry(case_id, entry, who, event);
    Ok(entry)
}

/// A colleague who can take cases.
///
/// # Errors
/// `NotFound`, `OperatorUnavailable` for one who is deactivated or has no seat, or the database's.
pub(super) async fn available(
    write: &mut Write<'_>,
    operator: OperatorId,
) -> Result<OperatorRef, Error> {
    let found = team::operators::store::colleagues(&mut write.org(), &[operator]).await?;
    let colleague = found.into_iter().next().ok_or(Error::NotFound)?;
    if colleague.active && colleague.seat {
        Ok(colleague.operator)
    } else {
        Err(Error::OperatorUnavailable)
    }
}

/// Takes an operator off a case. The last one puts it back into the queue (S133). Repeating it changes nothing.
///
/// # Errors
/// Unknown case or operator, a right that is missing, a completed case, or the database's.
pub async fn leave(
    app: &App,
    who: &OperatorSession,
    case_id: CaseId,
    operator: OperatorId,
) -> Result<(), Error> {
    policy::may_take_off_case(who, operator)?;
    let who = who.clone();
    app.write(who.organization, move |write| {
        Box::pin(async move {
            sight::lock_open(write, &who, case_id).await?;
            let Some(operator) = team::store::operator_ref(&mut write.org(), operator).await?
            else {
                return Err(Error::NotFound);
            };
            leave_locked(write, case_id, operator, who.who()).await
        })
    })
    .await
}

/// The inner half of leaving: the case is locked and not completed.
///
/// # Errors
/// The database's.
pub(super) async fn leave_locked(
    write: &mut Write<'_>,
    case_id: CaseId,
    operator: OperatorRef,
    who: Who,
) -> Result<(), Error> {
    snooze::wake_in(write, case_id, operator.id).await?;
    if !store::delete_operator(&mut write.org(), case_id, operator.id).await? {
        return Ok(());
    }
    if store::clear_attention(&mut write.org(), case_id, operator.id).await? {
        let event = Event::CaseAttention {
            operator_id: operator.id,
            reason: None,
        };
        write.emit(Some(case_id), who, event);
    }
    let now = write.now();
    let queued = store::count_operators(&mut write.org(), case_id).await? == 0;
    if queued {
        store::set_status(&mut write.org(), case_id, Status::Awaiting, now).await?;
    }
    let entry = store::next_entry(&mut write.org(), case_id, now).await?;
    write.emit_entry(
        case_id,
        entry,
        who,
        Event::OperatorLeft { operator, queued },
    );
    Ok(())
}

/// Completes a case (S05), in the write that has ended what goes on in it. Whoever completes one that nobody has
/// taken takes it with that: a completed case has someone to ask.
///
/// # Errors
/// Unknown or completed case, or the database's.
pub async fn complete_in(
    write: &mut Write<'_>,
    who: &OperatorSession,
    case_id: CaseId,
) -> Result<(), Error> {
    if sight::lock_open(write, who, case_id).await? == Status::Awaiting {
        join_locked(write, case_id, who.operator, who.who()).await?;
    }
    custom_fields::values::need_required(write, case_id).await?;
    location::withdraw_in(write, case_id).await?;
    let now = write.now();
    store::set_status(&mut write.org(), case_id, Status::Completed, now).await?;
    let entry = store::next_entry(&mut write.org(), case_id, now).await?;
    write.emit_entry(case_id, entry, who.who(), Event::CaseCompleted {});
    write.audit(who.who(), Verb::CaseCompleted, case_id);
    Ok(())
}

/// Opens a completed case again, with those of its operators who can still take cases; without any the one who
/// reopens joins (S06).
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
            if sight::lock(write, &who, case_id).await? != Status::Completed {
                return Err(Error::CaseNotCompleted);
            }
            let now = write.now();
            store::set_status(&mut write.org(), case_id, Status::Active, now).await?;
            let entry = store::next_entry(&mut write.org(), case_id, now).await?;
            write.emit_entry(case_id, entry, who.who(), Event::CaseReopened {});
            write.audit(who.who(), Verb::CaseReopened, case_id);
            let standing = store::operators(&mut write.org(), case_id).await?;
            let ids: Vec<OperatorId> = standing.iter().map(|operator| operator.id).collect();
            let colleagues = team::operators::store::colleagues(&mut write.org(), &ids).await?;
            let can =
                |colleague: &team::operators::store::Colleague| colleague.active && colleague.seat;
            if !colleagues.iter().any(can) && !ids.contains(&who.operator) {
                join_locked(write, case_id, who.operator, who.who()).await?;
            }
            for colleague in colleagues.into_iter().filter(|colleague| !colleague.active) {
                leave_locked(write, case_id, colleague.operator, who.who()).await?;
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
/// Unknown case, the right that is missing, or the database's.
pub async fn delete_in(
    write: &mut Write<'_>,
    who: &OperatorSession,
    case_id: CaseId,
) -> Result<(), Error> {
    policy::need(who, crate::auth::Right::Delete)?;
    sight::lock(write, who, case_id).await?;
    let now = write.now();
    let (operator_ids, queued) = seen_last(write, case_id).await?;
    guests::store::mark_links_deleted(&mut write.org(), case_id, now).await?;
    once::store::forget_made(&mut write.org(), case_id.uuid()).await?;
    search::remove_case(write, case_id).await?;
    for merged in store::merged_of(&mut write.org(), case_id).await? {
        once::store::forget_made(&mut write.org(), merged.uuid()).await?;
        events::store::erase_case(&mut write.org(), merged).await?;
    }
    store::delete(&mut write.org(), case_id).await?;
    events::store::erase_case(&mut write.org(), case_id).await?;
    let gone = Event::CaseDeleted {
        operator_ids,
        queued,
    };
    write.emit(Some(case_id), who.who(), gone);
    write.audit(who.who(), Verb::CaseDeleted, case_id);
    write
        .enqueue(crate::housekeeping::clear_deleted(who.organization, now))
        .await?;
    Ok(())
}

/// Who is on a case that is about to go, and whether it waits in the queue: afterwards nobody can say any more whom
/// to tell that it is gone.
///
/// # Errors
/// The database's.
pub(super) async fn seen_last(
    write: &mut Write<'_>,
    case_id: CaseId,
) -> Result<(Vec<OperatorId>, bool), Error> {
    let found = store::visibility(&mut write.org(), [case_id]).await?;
    let last = found.into_iter().next();
    Ok(last
        .map(|(_, visibility)| (visibility.operators, visibility.waits))
        .unwrap_or_default())
}
