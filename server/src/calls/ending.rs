//! How people go and how calls end: by a button, with the case, with a session, or because nobody is there.

use deskside_db::Time;

use super::joining::{may_stay, stands};
use super::store::{self, CallRow};
use super::view::Call;
use super::{Person, Place, peer, room};
use crate::app::{App, whole};
use crate::auth::OperatorSession;
use crate::cases;
use crate::error::Error;
use crate::events::{Event, Who};
use crate::ids::{CaseId, ParticipantId};
use crate::once;
use crate::tx::Write;

/// A call that has ended in a write: once that is committed, [`over`] closes it for everyone.
#[derive(Debug)]
pub struct Ended {
    place: Place,
    row: CallRow,
    at: Time,
}

/// Ends a call for everyone; one that has ended stays as it is.
///
/// # Errors
/// `NotFound`, or the database's.
pub async fn end(app: &App, who: &OperatorSession, place: Place) -> Result<(), Error> {
    let (app, who) = (app.clone(), who.who());
    whole(async move {
        let ended = app
            .write(place.organization, move |write| {
                Box::pin(async move {
                    lock(write, place.case_id).await?;
                    let row = store::find(&mut write.org(), place.call_id)
                        .await?
                        .filter(|row| row.case_id == place.case_id)
                        .ok_or(Error::NotFound)?;
                    let now = write.now();
                    end_locked(write, row, who, now).await
                })
            })
            .await?;
        over(&app, ended);
        Ok(())
    })
    .await
}

/// Ends the open call of a case, if it has one; for who completes the case in the same write.
///
/// # Errors
/// `NotFound`, or the database's.
pub async fn end_in_case(
    write: &mut Write<'_>,
    case_id: CaseId,
    who: Who,
) -> Result<Option<Ended>, Error> {
    lock(write, case_id).await?;
    match store::find_open(&mut write.org(), case_id).await? {
        Some(row) => {
            let now = write.now();
            end_locked(write, row, who, now).await
        }
        None => Ok(None),
    }
}

/// Forgets what outlives a deleted case's calls, and tells which one must be closed; their rows go with the case.
///
/// # Errors
/// `NotFound`, or the database's.
pub async fn forget_in(write: &mut Write<'_>, case_id: CaseId) -> Result<Option<Ended>, Error> {
    lock(write, case_id).await?;
    for call_id in store::of_case(&mut write.org(), case_id).await? {
        once::store::forget_made(&mut write.org(), call_id.uuid()).await?;
    }
    let open = store::find_open(&mut write.org(), case_id).await?;
    let (organization, at) = (write.organization(), write.now());
    Ok(open.map(|row| Ended {
        place: Place::new(organization, case_id, row.id),
        row,
        at,
    }))
}

async fn lock(write: &mut Write<'_>, case_id: CaseId) -> Result<(), Error> {
    cases::store::lock(&mut write.org(), case_id)
        .await?
        .map(|_| ())
        .ok_or(Error::NotFound)
}

/// The inner half of ending: the case is locked.
async fn end_locked(
    write: &mut Write<'_>,
    row: CallRow,
    who: Who,
    at: Time,
) -> Result<Option<Ended>, Error> {
    let at = at.max(row.started_at);
    if !store::end(&mut write.org(), row.id, at).await? {
        return Ok(None);
    }
    let now = write.now();
    let entry = cases::store::next_entry(&mut write.org(), row.case_id, now).await?;
    let event = Event::CallEnded {
        call_id: row.id,
        started_by: row.started_by.clone(),
        duration_ms: at.as_millis() - row.started_at.as_millis(),
    };
    write.emit_entry(row.case_id, entry, who, event);
    Ok(Some(Ended {
        place: Place::new(write.organization(), row.case_id, row.id),
        row,
        at,
    }))
}

/// Closes an ended call for everyone, after the commit.
pub fn over(app: &App, ended: Option<Ended>) {
    let Some(Ended { place, row, at }) = ended else {
        return;
    };
    let now = app.clock.now();
    let last = app.calls.roster().end(place, at, now);
    let last = last.unwrap_or_else(|| Call {
        ended_at: Some(at),
        ..room::picture(place, row, Vec::new(), now)
    });
    app.calls.close(app, place, last);
}

/// Takes a participant out at its own wish; the last one who leaves ends the call. Repeating it changes nothing.
///
/// # Errors
/// A call or participant that is not there for this person, or the database's.
pub async fn leave(
    app: &App,
    person: &Person,
    place: Place,
    id: ParticipantId,
    token: &str,
) -> Result<(), Error> {
    match stands(app, person, place, id, token).await {
        Ok(()) => take_out(app, place, id, person.who(), true).await,
        Err(
            Error::CallEnded | Error::CaseCompleted(_) | Error::CallMoved | Error::CallPeerGone,
        ) => Ok(()),
        Err(error) => Err(error),
    }
}

/// Takes a participant out. `last_ends`: whether the call ends when nobody is left.
pub(super) async fn take_out(
    app: &App,
    place: Place,
    id: ParticipantId,
    who: Who,
    last_ends: bool,
) -> Result<(), Error> {
    let app = app.clone();
    whole(async move {
        let Some(turn) = app.calls.roster().turn(place) else {
            return Ok(());
        };
        let _turn = turn.lock().await;
        let ended = app
            .write(place.organization, move |write| {
                Box::pin(async move { take_out_in(write, place, id, who, last_ends).await })
            })
            .await?;
        if let Ok(sfu) = app.calls.sfu() {
            sfu.leave(place.room(), peer(id));
        }
        if app.calls.roster().leave(place, id, app.clock.now()) {
            app.calls.tell();
        }
        over(&app, ended);
        Ok(())
    })
    .await
}

async fn take_out_in(
    write: &mut Write<'_>,
    place: Place,
    id: ParticipantId,
    who: Who,
    last_ends: bool,
) -> Result<Option<Ended>, Error> {
    if cases::store::lock(&mut write.org(), place.case_id)
        .await?
        .is_none()
    {
        return Ok(None);
    }
    let now = write.now();
    let was_there = store::leave(&mut write.org(), id, now).await?;
    let left = store::participants(&mut write.org(), place.call_id).await?;
    if !was_there || !last_ends || !left.is_empty() {
        return Ok(None);
    }
    match store::find(&mut write.org(), place.call_id).await? {
        Some(row) => end_locked(write, row, who, now).await,
        None => Ok(None),
    }
}

/// Takes an operator's participants out whose session is over. That it cannot be noted keeps nobody signed in:
/// the sweeper tries again.
pub async fn session_over(app: &App, is_over: impl Fn(Place, &Person) -> bool) {
    let found = app.calls.roster().members(is_over);
    for (place, id, person) in found {
        put_out(app, place, id, person).await;
    }
}

/// Looks again at participants whose rights may have changed, and takes those out who may not be in the call any more.
pub async fn look_again(app: &App, concerns: impl Fn(Place, &Person) -> bool) {
    let found = app.calls.roster().members(concerns);
    for (place, id, person) in found {
        match may_stay(app, place, &person).await {
            Ok(true) => {}
            // Who cannot be looked at now is out rather than in by mistake; the page comes back by itself.
            Ok(false) | Err(_) => put_out(app, place, id, person).await,
        }
    }
}

async fn put_out(app: &App, place: Place, id: ParticipantId, person: Person) {
    if let Err(error) = take_out(app, place, id, person.who(), true).await {
        tracing::warn!(call.id = %place.call_id, error = %error, "A participant whose session is over could not be taken out; trying again.");
    }
}

/// Ends a call in which nobody was connected since `last_sign`, unless another process knows better.
///
/// # Errors
/// The database's.
pub(super) async fn end_quiet(app: &App, place: Place, last_sign: Time) -> Result<(), Error> {
    let (ended, alive) = app
        .write(place.organization, move |write| {
            Box::pin(async move {
                if cases::store::lock(&mut write.org(), place.case_id)
                    .await?
                    .is_none()
                {
                    return Ok((None, None));
                }
                let Some(row) = store::find(&mut write.org(), place.call_id).await? else {
                    return Ok((None, None));
                };
                if row.last_sign_at > last_sign {
                    return Ok((None, Some(row.last_sign_at)));
                }
                Ok((end_locked(write, row, Who::System, last_sign).await?, None))
            })
        })
        .await?;
    if let Some(sign) = alive {
        app.calls.roster().signed(place, sign, app.clock.now());
    }
    over(app, ended);
    Ok(())
}
