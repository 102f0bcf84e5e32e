//! Entries for looking at something: once for each operator, thing and hour. What this process has noted already is
//! known in memory; the log itself is asked before another entry is written, so that neither a restart nor a second
//! node doubles one.

use std::collections::HashSet;
use std::sync::{Arc, Mutex, PoisonError};

use deskside_db::Time;

use super::{Object, Verb, store};
use crate::app::App;
use crate::auth::OperatorSession;
use crate::error::Error;
use crate::ids::{OperatorId, OrganizationId};

/// An hour in milliseconds.
const HOUR_MS: i64 = 3_600_000;

type Seen = (OrganizationId, OperatorId, Verb, Object);

/// What was noted within the running hour.
#[derive(Clone, Default)]
pub struct Opened(Arc<Mutex<(i64, HashSet<Seen>)>>);

impl Opened {
    fn with<T>(&self, hour: i64, work: impl FnOnce(&mut HashSet<Seen>) -> T) -> T {
        let mut held = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if held.0 != hour {
            *held = (hour, HashSet::new());
        }
        work(&mut held.1)
    }
}

/// Notes that this operator looked at something, unless that stands in the log for the running hour.
///
/// # Errors
/// The database's: what cannot be noted is not shown.
pub async fn note(
    app: &App,
    who: &OperatorSession,
    verb: Verb,
    object: Object,
) -> Result<(), Error> {
    let hour = app.clock.now().as_millis().div_euclid(HOUR_MS);
    let seen = (who.organization, who.operator, verb, object);
    if app.opened.with(hour, |noted| noted.contains(&seen)) {
        return Ok(());
    }
    let (operator, actor) = (who.operator, who.who());
    app.write(who.organization, move |write| {
        Box::pin(async move {
            let since = Time::from_millis(hour * HOUR_MS);
            if !store::is_noted(&mut write.org(), operator, verb, object, since).await? {
                write.audit(actor, verb, object);
            }
            Ok(())
        })
    })
    .await?;
    app.opened.with(hour, |noted| noted.insert(seen));
    Ok(())
}
