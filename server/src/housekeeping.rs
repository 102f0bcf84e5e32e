//! The kinds of jobs, and the work that nobody asks for: clearing what has ended, and what databases
//! keep of deleted rows.

use std::time::Duration;

use deskside_db::Time;
use deskside_jobs::{Delivery, Kind, Limits, NewJob, Outcome, Runner, Running};

use crate::app::App;
use crate::auth;
use crate::cases;
use crate::closing;
use crate::error::Error;
use crate::ids::{OperatorId, OrganizationId};
use crate::{custom_fields, limits, once, pictures, search, team};

const PRUNE: &str = "prune";
const CLEAR_DELETED: &str = "clear_deleted";
const RELEASE: &str = "release_cases";

/// How often ended sessions, keys and attempts are cleared.
const PRUNE_EVERY: Duration = Duration::from_secs(3600);

/// Every kind of job.
pub const KINDS: &[Kind] = &[
    Kind {
        name: PRUNE,
        delivery: Delivery::AtLeastOnce,
        attempts_max: 1_000,
    },
    Kind {
        name: cases::snooze::KIND,
        delivery: Delivery::AtLeastOnce,
        attempts_max: 1_000,
    },
    Kind {
        name: team::invite_mail::KIND,
        delivery: Delivery::AtLeastOnce,
        attempts_max: 12,
    },
    Kind {
        name: custom_fields::sweep::KIND,
        delivery: Delivery::AtLeastOnce,
        attempts_max: 1_000,
    },
    Kind {
        name: auth::account::reset::KIND,
        delivery: Delivery::AtLeastOnce,
        attempts_max: 12,
    },
    Kind {
        name: auth::account::notice::KIND,
        delivery: Delivery::AtLeastOnce,
        attempts_max: 12,
    },
    Kind {
        name: pictures::FORGET,
        delivery: Delivery::AtLeastOnce,
        attempts_max: 50,
    },
    Kind {
        name: pictures::SWEEP,
        delivery: Delivery::AtLeastOnce,
        attempts_max: 1_000,
    },
    Kind {
        name: RELEASE,
        delivery: Delivery::AtLeastOnce,
        attempts_max: 1_000,
    },
    search::tend::TEND,
    search::tend::FILL,
    Kind {
        name: CLEAR_DELETED,
        delivery: Delivery::AtLeastOnce,
        attempts_max: 50,
    },
];

/// Clears the database's log after a deletion: what was deleted is nowhere in its files any more.
pub fn clear_deleted(organization: OrganizationId, now: Time) -> NewJob {
    NewJob {
        organization: Some(organization),
        kind: CLEAR_DELETED,
        key: None,
        payload: "{}".into(),
        run_at: now,
    }
}

/// Takes a deactivated operator off further cases.
pub fn release(organization: OrganizationId, operator: OperatorId, now: Time) -> NewJob {
    NewJob {
        organization: Some(organization),
        kind: RELEASE,
        key: None,
        payload: operator.to_string(),
        run_at: now,
    }
}

fn prune(run_at: Time) -> NewJob {
    let hour = run_at.as_millis() / PRUNE_EVERY.as_millis() as i64;
    NewJob {
        organization: None,
        kind: PRUNE,
        key: Some(format!("prune {hour}")),
        payload: "{}".into(),
        run_at,
    }
}

/// The handlers of all kinds.
pub fn runner(app: &App) -> Runner {
    let (for_prune, for_clear, for_mail) = (app.clone(), app.clone(), app.clone());
    let (for_sweep, for_release) = (app.clone(), app.clone());
    let (for_reset, for_notice) = (app.clone(), app.clone());
    let (for_forget, for_files) = (app.clone(), app.clone());
    let for_wake = app.clone();
    let (for_search, for_past) = (app.clone(), app.clone());
    Runner::new(
        app.writer.queue.clone(),
        app.clock.clone(),
        app.random.clone(),
        Limits::default(),
    )
    .handle(PRUNE, move |_| {
        let app = for_prune.clone();
        async move {
            let pruned = async {
                search::tend::look_round(&app).await?;
                run_prune(&app).await
            };
            match pruned.await {
                Ok(()) => Outcome::Done,
                Err(_) => Outcome::Retry("database"),
            }
        }
    })
    .handle(cases::snooze::KIND, move |job| {
        let app = for_wake.clone();
        async move { cases::snooze::run(&app, &job).await }
    })
    .handle(team::invite_mail::KIND, move |job| {
        let app = for_mail.clone();
        async move { team::invite_mail::run(&app, &job).await }
    })
    .handle(custom_fields::sweep::KIND, move |job| {
        let app = for_sweep.clone();
        async move { custom_fields::sweep::run(&app, &job).await }
    })
    .handle(RELEASE, move |job| {
        let app = for_release.clone();
        async move {
            let (Some(organization), Ok(operator)) = (job.organization, job.payload.parse()) else {
                return Outcome::Dead("not_possible");
            };
            match closing::release(&app, organization, operator).await {
                Ok(()) => Outcome::Done,
                Err(_) => Outcome::Retry("database"),
            }
        }
    })
    .handle(auth::account::reset::KIND, move |job| {
        let app = for_reset.clone();
        async move { auth::account::reset::run(&app, &job).await }
    })
    .handle(auth::account::notice::KIND, move |job| {
        let app = for_notice.clone();
        async move { auth::account::notice::run(&app, &job).await }
    })
    .handle(pictures::FORGET, move |job| {
        let app = for_forget.clone();
        async move { pictures::run_forget(&app, &job).await }
    })
    .handle(pictures::SWEEP, move |job| {
        let app = for_files.clone();
        async move { pictures::run_sweep(&app, &job).await }
    })
    .handle(search::tend::TEND.name, move |job| {
        let app = for_search.clone();
        async move { search::tend::tend(&app, &job).await }
    })
    .handle(search::tend::FILL.name, move |job| {
        let app = for_past.clone();
        async move { search::tend::fill_past(&app, &job).await }
    })
    .handle(CLEAR_DELETED, move |_| {
        let app = for_clear.clone();
        async move {
            match app.db().truncate_log().await {
                Ok(()) => Outcome::Done,
                Err(_) => Outcome::Retry("log_in_use"),
            }
        }
    })
}

/// Starts the runner, and the first clearing.
///
/// # Errors
/// The database's.
pub async fn start(app: &App) -> Result<Running, Error> {
    let (queue, now) = (app.writer.queue.clone(), app.clock.now());
    app.db()
        .write(move |tx| {
            Box::pin(async move {
                queue.enqueue(tx, prune(now)).await?;
                queue.enqueue(tx, pictures::sweep_job(now)).await?;
                Ok::<_, Error>(())
            })
        })
        .await?;
    search::tend::look_round(app).await?;
    Ok(runner(app).start())
}

async fn run_prune(app: &App) -> Result<(), Error> {
    let (queue, now) = (app.writer.queue.clone(), app.clock.now());
    app.db()
        .write(move |tx| {
            Box::pin(async move {
                let mut system = tx.system();
                once::store::forget_old(&mut system, now - limits::IDEMPOTENCY_AGE).await?;
                auth::store::forget_attempts(&mut system, now - limits::ATTEMPT_WINDOW).await?;
                auth::account::store::delete_old_resets(&mut system, now - limits::RESET_KEPT)
                    .await?;
                auth::store::delete_old_sessions(
                    &mut system,
                    now - limits::SESSION_IDLE_MAX,
                    now - limits::SESSION_AGE_MAX,
                    now - limits::GUEST_SESSION_AGE_MAX,
                )
                .await?;
                queue.enqueue(tx, prune(now + PRUNE_EVERY)).await?;
                Ok(())
            })
        })
        .await
}
