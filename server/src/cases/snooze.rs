//! Snoozing: a case leaves an operator's own list until a time, or until the customer writes (E36).

use deskside_db::Time;
use deskside_jobs::{Job, NewJob, Outcome};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::attention::{self, Reason};
use super::{sight, store};
use crate::app::App;
use crate::auth::OperatorSession;
use crate::error::{Error, FieldError, FieldErrorCode};
use crate::events::{Event, Who};
use crate::ids::{CaseId, OperatorId, OrganizationId};
use crate::limits;
use crate::tx::Write;

/// The job that wakes a case.
pub const KIND: &str = "case_wake";

/// Until when a case sleeps.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Snooze {
    /// In the future, within a year.
    pub until: Time,
}

/// What the job knows: whom it wakes, and the time it was made for. A snooze that was changed since has a job of its own.
#[derive(Serialize, Deserialize)]
struct Waking {
    case_id: CaseId,
    operator_id: OperatorId,
    until: Time,
}

/// Snoozes a case for the operator, or changes until when.
///
/// # Errors
/// A time that is past or too far, a case that is not active or that the operator is not on, or the database's.
pub async fn put(
    app: &App,
    who: &OperatorSession,
    case_id: CaseId,
    until: Time,
) -> Result<(), Error> {
    let now = app.clock.now();
    let fault = if until <= now {
        Some(FieldErrorCode::Past)
    } else {
        (until > now + limits::SNOOZE_MAX).then_some(FieldErrorCode::TooFar)
    };
    if let Some(code) = fault {
        return Err(Error::Invalid(vec![FieldError::new("until", code)]));
    }
    let who = who.clone();
    app.write(who.organization, move |write| {
        Box::pin(async move {
            sight::lock_open(write, &who, case_id).await?;
            if store::snoozed_until(&mut write.org(), case_id, who.operator).await? == Some(until) {
                return Ok(());
            }
            wake_in(write, case_id, who.operator).await?;
            if !store::snooze(&mut write.org(), case_id, who.operator, Some(until)).await? {
                return Err(Error::NotOnCase);
            }
            write
                .enqueue(wake_at(who.organization, case_id, who.operator, until)?)
                .await?;
            // Whoever puts it off has seen it.
            if store::clear_attention(&mut write.org(), case_id, who.operator).await? {
                write.emit(
                    Some(case_id),
                    who.who(),
                    Event::CaseAttention {
                        operator_id: who.operator,
                        reason: None,
                    },
                );
            }
            told(write, case_id, who.operator, who.who(), Some(until));
            Ok(())
        })
    })
    .await
}

/// Takes a snooze back. Repeating it changes nothing.
///
/// # Errors
/// An unknown case, or the database's.
pub async fn delete(app: &App, who: &OperatorSession, case_id: CaseId) -> Result<(), Error> {
    let who = who.clone();
    app.write(who.organization, move |write| {
        Box::pin(async move {
            sight::lock(write, &who, case_id).await?;
            let operator = who.operator;
            if wake_in(write, case_id, operator).await? {
                told(write, case_id, operator, who.who(), None);
            }
            Ok(())
        })
    })
    .await
}

/// Wakes a case for everyone who snoozed it, in the write of the customer's message; the case is locked.
///
/// # Errors
/// The database's.
pub async fn wake_by_message(
    write: &mut Write<'_>,
    case_id: CaseId,
    entry: i64,
    who: Who,
) -> Result<(), Error> {
    for operator in store::snoozed_for(&mut write.org(), case_id).await? {
        wake_in(write, case_id, operator).await?;
        woke(write, case_id, operator, Some(entry), who).await?;
    }
    Ok(())
}

/// Ends an operator's snooze of a case and takes its job with it, so that none waits for nothing; whether there was
/// one.
///
/// # Errors
/// The database's.
pub(super) async fn wake_in(
    write: &mut Write<'_>,
    case_id: CaseId,
    operator: OperatorId,
) -> Result<bool, Error> {
    let Some(until) = store::snoozed_until(&mut write.org(), case_id, operator).await? else {
        return Ok(false);
    };
    write.cancel(&key(case_id, operator, until)).await?;
    Ok(store::snooze(&mut write.org(), case_id, operator, None).await?)
}

async fn woke(
    write: &mut Write<'_>,
    case_id: CaseId,
    operator: OperatorId,
    entry: Option<i64>,
    who: Who,
) -> Result<(), Error> {
    write.emit(
        Some(case_id),
        who,
        Event::CaseWoke {
            operator_id: operator,
        },
    );
    attention::give(write, case_id, operator, Reason::Woke, entry, who).await
}

fn told(
    write: &mut Write<'_>,
    case_id: CaseId,
    operator_id: OperatorId,
    who: Who,
    until: Option<Time>,
) {
    write.emit(
        Some(case_id),
        who,
        Event::CaseSnoozed { operator_id, until },
    );
}

/// The key of the job that ends a snooze.
fn key(case_id: CaseId, operator_id: OperatorId, until: Time) -> String {
    format!("wake {case_id} {operator_id} {}", until.as_millis())
}

fn wake_at(
    organization: OrganizationId,
    case_id: CaseId,
    operator_id: OperatorId,
    until: Time,
) -> Result<NewJob, Error> {
    let waking = Waking {
        case_id,
        operator_id,
        until,
    };
    Ok(NewJob {
        organization: Some(organization),
        kind: KIND,
        key: Some(key(case_id, operator_id, until)),
        payload: serde_json::to_string(&waking).map_err(|error| Error::Internal(error.into()))?,
        run_at: until,
    })
}

/// Wakes the case of a job, if it still sleeps until the time of the job.
pub async fn run(app: &App, job: &Job) -> Outcome {
    let (Some(organization), Ok(waking)) = (
        job.organization,
        serde_json::from_str::<Waking>(&job.payload),
    ) else {
        return Outcome::Dead("payload");
    };
    let done = app
        .write(organization, move |write| {
            Box::pin(async move {
                let (case_id, operator) = (waking.case_id, waking.operator_id);
                if store::lock(&mut write.org(), case_id).await?.is_none() {
                    return Ok(());
                }
                let until = store::snoozed_until(&mut write.org(), case_id, operator).await?;
                if until == Some(waking.until) {
                    store::snooze(&mut write.org(), case_id, operator, None).await?;
                    woke(write, case_id, operator, None, Who::System).await?;
                }
                Ok(())
            })
        })
        .await;
    match done {
        Ok(()) => Outcome::Done,
        Err(_) => Outcome::Retry("database"),
    }
}
