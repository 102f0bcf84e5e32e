//! Attempt limits, kept in the database: a restart or a second node does not forget them. An attempt is
//! counted before the secret is looked at, and taken back when it was right, so that a thousand at once
//! are not a thousand guesses.

use std::time::Duration;

use crate::app::App;
use crate::error::Error;
use crate::limits;

use super::store;

/// What is counted.
#[derive(Debug, Clone)]
pub struct Attempt {
    /// The kind, for example `sign_in_email`.
    pub scope: &'static str,
    /// Whom it counts for.
    pub subject: Vec<u8>,
    /// How many may fail within the window.
    pub failures_max: i64,
}

/// Counts an attempt.
///
/// # Errors
/// `TooManyAttempts` with the seconds until the window ends.
pub async fn count(app: &App, attempts: Vec<Attempt>) -> Result<(), Error> {
    let now = app.clock.now();
    app.db()
        .write(move |tx| {
            Box::pin(async move {
                for attempt in &attempts {
                    let stale = now - limits::ATTEMPT_WINDOW;
                    let (started, failures) = store::count_attempt(
                        &mut tx.system(),
                        attempt.scope,
                        &attempt.subject,
                        now,
                        stale,
                    )
                    .await?;
                    if failures > attempt.failures_max {
                        let ends_in = limits::ATTEMPT_WINDOW.saturating_sub(now.since(started));
                        return Ok(Err(Error::TooManyAttempts {
                            retry_after_s: seconds_up(ends_in),
                        }));
                    }
                }
                Ok::<_, Error>(Ok(()))
            })
        })
        .await?
}

/// Takes counted attempts back: the secret was right.
///
/// # Errors
/// The database's.
pub async fn take_back(app: &App, attempts: Vec<Attempt>) -> Result<(), Error> {
    app.db()
        .write(move |tx| {
            Box::pin(async move {
                for attempt in &attempts {
                    store::uncount_attempt(&mut tx.system(), attempt.scope, &attempt.subject)
                        .await?;
                }
                Ok::<_, Error>(())
            })
        })
        .await
}

fn seconds_up(duration: Duration) -> u64 {
    duration.as_secs() + 1
}
