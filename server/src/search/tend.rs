//! Looking after the index, in pieces so small that no writer waits long: texts that have waited go into the trigram
//! index, those that are gone leave it, and what was there before an upgrade is read, newest first.

use std::collections::BTreeSet;
use std::time::Duration;

use deskside_db::Time;
use deskside_jobs::{Delivery, Job, Kind, NewJob, Outcome};

use super::{index, store};
use crate::app::App;
use crate::cases;
use crate::error::Error;
use crate::events::{self, Event};
use crate::housekeeping;
use crate::ids::{CaseId, OrganizationId};
use crate::limits;
use crate::tx::Write;

/// Settling and purging.
pub const TEND: Kind = Kind {
    name: "search_tend",
    delivery: Delivery::AtLeastOnce,
    attempts_max: 1_000,
};

/// Reading the past.
pub const FILL: Kind = Kind {
    name: "search_fill",
    delivery: Delivery::AtLeastOnce,
    attempts_max: 1_000,
};

/// A text waits this long at least, since someone may be typing on.
const SETTLE_AFTER: Duration = Duration::from_secs(60);
/// Pieces of work that one run of a job does; the rest is for another run.
const PIECES: usize = 200;

fn job(kind: Kind, organization: OrganizationId, key: Option<String>, run_at: Time) -> NewJob {
    NewJob {
        organization: Some(organization),
        kind: kind.name,
        key,
        payload: "{}".into(),
        run_at,
    }
}

/// The job that settles what is written now: one for each minute, so that it is never taken for the one that runs.
pub fn settle_later(organization: OrganizationId, now: Time) -> NewJob {
    let minute = SETTLE_AFTER.as_millis() as i64;
    let run_at = (now.as_millis().div_euclid(minute) + 2) * minute;
    let key = format!("{organization} search {run_at}");
    job(TEND, organization, Some(key), Time::from_millis(run_at))
}

/// The job that takes out what was deleted now.
pub fn purge(organization: OrganizationId, now: Time) -> NewJob {
    job(TEND, organization, None, now)
}

fn fill(organization: OrganizationId, left: i64, now: Time) -> NewJob {
    let key = format!("{organization} search_fill {left}");
    job(FILL, organization, Some(key), now)
}

/// Finds organizations whose index has something to be done, at the start and every hour.
///
/// # Errors
/// The database's.
pub async fn look_round(app: &App) -> Result<(), Error> {
    let organizations = app
        .db()
        .read(|tx| {
            Box::pin(async move { Ok::<_, Error>(store::untended(&mut tx.system()).await?) })
        })
        .await?;
    for organization in organizations {
        app.write(organization, move |write| {
            Box::pin(async move {
                let now = write.now();
                write.enqueue(purge(organization, now)).await?;
                match store::scope(&mut write.org()).await? {
                    Some(scope) if scope.left > 0 => {
                        Ok(write.enqueue(fill(organization, scope.left, now)).await?)
                    }
                    _ => Ok(()),
                }
            })
        })
        .await?;
    }
    Ok(())
}

/// Settles what has waited and purges what is gone.
pub async fn tend(app: &App, job: &Job) -> Outcome {
    let Some(organization) = job.organization else {
        return Outcome::Dead("organization_missing");
    };
    match tend_in(app, organization).await {
        Ok(()) => Outcome::Done,
        Err(_) => Outcome::Retry("database"),
    }
}

async fn tend_in(app: &App, organization: OrganizationId) -> Result<(), Error> {
    let mut purged = false;
    let mut rest = true;
    for _ in 0..PIECES {
        let (settled, gone) = app
            .write(organization, |write| {
                Box::pin(async move {
                    let since = write.now() - SETTLE_AFTER;
                    let rows = limits::SEARCH_SETTLE_ROWS;
                    let settled = store::settle(&mut write.org(), since, rows).await?;
                    if settled > 0 {
                        return Ok((settled, 0));
                    }
                    let characters = limits::SEARCH_PURGE_CHARACTERS;
                    let gone = store::purge(&mut write.org(), rows, characters).await?;
                    Ok((0, gone))
                })
            })
            .await?;
        purged |= gone > 0;
        if settled == 0 && gone == 0 {
            rest = false;
            break;
        }
    }
    app.write(organization, move |write| {
        Box::pin(async move {
            let now = write.now();
            if rest {
                write.enqueue(purge(organization, now)).await?;
            }
            // What was deleted stands in the database's log until that is cleared.
            if purged {
                write
                    .enqueue(housekeeping::clear_deleted(organization, now))
                    .await?;
            }
            Ok(())
        })
    })
    .await
}

/// Reads what was there before the index was.
pub async fn fill_past(app: &App, job: &Job) -> Outcome {
    let Some(organization) = job.organization else {
        return Outcome::Dead("organization_missing");
    };
    for _ in 0..PIECES {
        let piece = app.write(organization, |write| Box::pin(fill_piece(write)));
        match piece.await {
            Ok(true) => {}
            Ok(false) => return Outcome::Done,
            Err(_) => return Outcome::Retry("database"),
        }
    }
    let again = app.write(organization, move |write| {
        Box::pin(async move {
            let now = write.now();
            match store::scope(&mut write.org()).await? {
                Some(scope) if scope.left > 0 => {
                    Ok(write.enqueue(fill(organization, scope.left, now)).await?)
                }
                _ => Ok(()),
            }
        })
    });
    match again.await {
        Ok(()) => Outcome::Done,
        Err(_) => Outcome::Retry("database"),
    }
}

/// Reads some events into the index; whether there may be more.
async fn fill_piece(write: &mut Write<'_>) -> Result<bool, Error> {
    let Some(scope) = store::scope(&mut write.org()).await? else {
        return Ok(false);
    };
    if scope.left == 0 {
        return Ok(false);
    }
    let rows = limits::SEARCH_FILL_EVENTS;
    let past = events::store::back_from(&mut write.org(), scope.left, rows).await?;
    let left = past.last().map_or(0, |event| event.seq - 1);
    // Held in one order, so that none is deleted while its texts are read.
    let cases: BTreeSet<CaseId> = past.iter().filter_map(|event| event.case_id).collect();
    let mut standing = BTreeSet::new();
    for case_id in cases {
        if cases::store::lock(&mut write.org(), case_id)
            .await?
            .is_some()
        {
            standing.insert(case_id);
        }
    }
    for stamped in past {
        let Some(case_id) = stamped.case_id.filter(|id| standing.contains(id)) else {
            continue;
        };
        match stamped.event {
            Event::CaseCreated { .. } => cases::search::index_past(write, case_id).await?,
            _ => index::insert_past(&mut write.org(), &stamped).await?,
        }
    }
    store::set_left(&mut write.org(), left).await?;
    Ok(left > 0)
}
