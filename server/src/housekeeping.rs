//! The kinds of jobs, and the work that nobody asks for: clearing what has ended, and what databases
//! keep of deleted rows.

use std::time::Duration;

use deskside_db::Time;
use deskside_jobs::{Delivery, Kind, Limits, NewJob, Outcome, Runner, Running};

use crate::app::App;
use crate::auth;
use crate::error::Error;
use crate::ids::OrganizationId;
use crate::{limits, once, team};

const PRUNE: &str = "prune";
const CLEAR_DELETED: &str = "clear_deleted";

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
        name: team::invite_mail::KIND,
        delivery: Delivery::AtLeastOnce,
        attempts_max: 12,
    },
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
    Runner::new(
        app.writer.queue.clone(),
        app.clock.clone(),
        app.random.clone(),
        Limits::default(),
    )
    .handle(PRUNE, move |_| {
        let app = for_prune.clone();
        async move {
            match run_prune(&app).await {
                Ok(()) => Outcome::Done,
                Err(_) => Outcome::Retry("database"),
            }
        }
    })
    .handle(team::invite_mail::KIND, move |job| {
        let app = for_mail.clone();
        async move { team::invite_mail::run(&app, &job).await }
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
            Box::pin(
                async move { Ok::<_, Error>(queue.enqueue(tx, prune(now)).await.map(|_| ())?) },
            )
        })
        .await?;
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
