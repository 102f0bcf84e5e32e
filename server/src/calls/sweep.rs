//! The life of calls: signs of life are noted, lost participants taken out, calls without anyone ended.

use std::collections::{HashMap, HashSet};

use deskside_db::{DbError, Time};

use super::ending::{end_quiet, take_out};
use super::{Person, Place, store};
use crate::app::App;
use crate::error::Error;
use crate::ids::{CallId, OrganizationId, ParticipantId, SessionId};
use crate::limits;

/// Looks after calls until the task is ended.
pub(super) async fn run(app: App) {
    let looks_every = limits::CALL_SIGN_EVERY.as_secs() / limits::CALL_SWEEP_EVERY.as_secs().max(1);
    let mut rounds = 0;
    loop {
        if rounds % looks_every.max(1) == 0
            && let Err(error) = look(&app).await
        {
            tracing::warn!(error = %error, "Open calls could not be read; trying again.");
        }
        round(&app).await;
        rounds += 1;
        tokio::time::sleep(limits::CALL_SWEEP_EVERY).await;
    }
}

/// Does what is due in the calls that are known here.
pub async fn round(app: &App) {
    let now = app.clock.now();
    let hub = &app.hub;
    let chores = app
        .calls
        .roster()
        .chores(now, |place, person| match person {
            Person::Operator(operator, _) => hub.operator_online(place.organization, *operator),
            Person::Guest(_) => hub.guest_online(place.organization, place.case_id),
        });
    if !chores.sign.is_empty() {
        // Whoever is connected is so now: an organization's calls share their sign, but for those just left.
        let mut signs: HashMap<(OrganizationId, Time), Vec<CallId>> = HashMap::new();
        for (place, at) in &chores.sign {
            let calls = signs.entry((place.organization, *at)).or_default();
            calls.push(place.call_id);
        }
        let noted = app
            .db()
            .write(move |tx| {
                Box::pin(async move {
                    for ((organization, at), calls) in signs {
                        store::sign(&mut tx.org(organization), &calls, at).await?;
                    }
                    Ok::<_, DbError>(())
                })
            })
            .await;
        match noted {
            Ok(()) => {
                let mut roster = app.calls.roster();
                for (place, at) in chores.sign {
                    roster.signed(place, at, now);
                }
            }
            Err(error) => {
                tracing::warn!(error = %error, "Signs of life of calls could not be noted; trying again.");
            }
        }
    }
    for (place, id) in chores.lost {
        let who = crate::events::Who::System;
        if let Err(error) = take_out(app, place, id, who, false).await {
            tracing::warn!(call.id = %place.call_id, error = %error, "A lost participant could not be taken out; trying again.");
        }
    }
    for (place, last_sign) in chores.over {
        if let Err(error) = end_quiet(app, place, last_sign).await {
            tracing::warn!(call.id = %place.call_id, error = %error, "A call without anyone could not be ended; trying again.");
        }
    }
}

/// Compares what is known here with the database: calls that another process began or ended, those found open at the
/// start, and operators whose session is over.
///
/// # Errors
/// The database's.
pub async fn look(app: &App) -> Result<(), Error> {
    let before = app.calls.roster().places();
    let open = app
        .db()
        .read(|tx| {
            Box::pin(async move { Ok::<_, Error>(store::open_everywhere(&mut tx.system()).await?) })
        })
        .await?;
    let now = app.clock.now();
    for call in &open {
        let place = Place::new(call.organization, call.case_id, call.id);
        if app.calls.roster().knows(place) {
            app.calls.roster().signed(place, call.last_sign_at, now);
        } else {
            take_up(app, place).await?;
        }
    }
    for place in before {
        if !open.iter().any(|call| call.id == place.call_id) {
            let last = app.calls.roster().end(place, now, now);
            if let Some(last) = last {
                app.calls.close(app, place, last);
            }
        }
    }
    drop_signed_out(app).await
}

async fn take_up(app: &App, place: Place) -> Result<(), Error> {
    let found = read(app, place).await?;
    if let (Some(row), members) = found
        && row.ended_at.is_none()
    {
        let now = app.clock.now();
        app.calls.roster().take_up(place, row, members, now);
        // One that ended since it was read was not there to be closed.
        let (row, _) = read(app, place).await?;
        if row.is_none_or(|row| row.ended_at.is_some()) {
            app.calls.roster().end(place, now, now);
        }
        app.calls.tell();
    }
    Ok(())
}

async fn read(
    app: &App,
    place: Place,
) -> Result<(Option<store::CallRow>, Vec<store::ParticipantRow>), Error> {
    app.read(place.organization, move |tx| {
        Box::pin(async move {
            let row = store::find(tx, place.call_id).await?;
            Ok((row, store::participants(tx, place.call_id).await?))
        })
    })
    .await
}

/// Takes out operators whose session ended elsewhere: in another process, or by its age. One who cannot be taken out
/// now keeps nobody else in.
async fn drop_signed_out(app: &App) -> Result<(), Error> {
    let before = operators(app);
    if before.is_empty() {
        return Ok(());
    }
    let standing: HashSet<SessionId> = app
        .db()
        .read(|tx| {
            Box::pin(
                async move { Ok::<_, Error>(store::sessions_in_calls(&mut tx.system()).await?) },
            )
        })
        .await?
        .into_iter()
        .collect();
    // Whoever came back by another session since is none of those.
    let now = operators(app);
    for member in before.into_iter().filter(|member| now.contains(member)) {
        let (place, id, person) = member;
        if person
            .session()
            .is_none_or(|session| standing.contains(&session))
        {
            continue;
        }
        if let Err(error) = take_out(app, place, id, person.who(), true).await {
            tracing::warn!(call.id = %place.call_id, error = %error, "A participant whose session is over could not be taken out; trying again.");
        }
    }
    Ok(())
}

fn operators(app: &App) -> Vec<(Place, ParticipantId, Person)> {
    app.calls
        .roster()
        .members(|_, person| person.session().is_some())
}
