//! What a changed field asks of every case that holds a value of it: to stand in its new shape, to be found by its new
//! words, or to lose the value of a deleted field. A job does it, some cases at a time, so that nobody waits for it.

use std::collections::BTreeSet;

use deskside_db::Uuid;
use deskside_jobs::{Job, NewJob, Outcome};
use serde::{Deserialize, Serialize};

use super::{steps, store};
use crate::app::App;
use crate::cases;
use crate::error::Error;
use crate::ids::{CaseId, CustomFieldId};
use crate::limits;
use crate::tx::Write;

/// The job's kind.
pub const KIND: &str = "custom_field_sweep";

#[derive(Clone, Copy, Serialize, Deserialize)]
struct Payload {
    field: CustomFieldId,
    after: CaseId,
    /// The shape that every value has reached when the job is through; 0 in jobs from before there were shapes.
    #[serde(default)]
    shape: i64,
}

/// Puts the job into the queue, from the first case on.
///
/// # Errors
/// The database's.
pub async fn enqueue(write: &mut Write<'_>, field: CustomFieldId) -> Result<(), Error> {
    let shape = store::shape(&mut write.org(), field).await?;
    let after = CaseId::from_uuid(Uuid::nil());
    let payload = Payload {
        field,
        after,
        shape,
    };
    go_on(write, payload).await
}

async fn go_on(write: &mut Write<'_>, payload: Payload) -> Result<(), Error> {
    let payload = serde_json::to_string(&payload);
    let job = NewJob {
        organization: Some(write.organization()),
        kind: KIND,
        key: None,
        payload: payload.map_err(|error| Error::Internal(error.into()))?,
        run_at: write.now(),
    };
    Ok(write.enqueue(job).await?)
}

/// Does some cases, and puts the rest into the queue.
pub async fn run(app: &App, job: &Job) -> Outcome {
    let payload: Result<Payload, _> = serde_json::from_str(&job.payload);
    let (Some(organization), Ok(payload)) = (job.organization, payload) else {
        return Outcome::Dead("not_possible");
    };
    let swept = app
        .write(organization, move |write| {
            Box::pin(async move { some_cases(write, payload).await })
        })
        .await;
    match swept {
        Ok(()) => Outcome::Done,
        Err(_) => Outcome::Retry("database"),
    }
}

async fn some_cases(write: &mut Write<'_>, payload: Payload) -> Result<(), Error> {
    let Payload { field, after, .. } = payload;
    let page = store::page(&mut write.org(), field, after, limits::SWEEP_ROWS).await?;
    let mut standing = BTreeSet::new();
    for held in &page {
        let case_id = held.case_id;
        let locked = cases::store::lock(&mut write.org(), case_id).await?;
        if locked.is_some() {
            standing.insert(case_id);
        }
    }
    store::hold(&mut write.org()).await?;
    let deleted = store::is_deleted(&mut write.org(), field).await?;
    if deleted {
        for case_id in &standing {
            store::delete_value(&mut write.org(), *case_id, field).await?;
        }
    } else {
        carry_over(write, field, &standing).await?;
    }
    for case_id in standing {
        cases::search::reindex(write, case_id).await?;
    }
    match page.last() {
        Some(last) => {
            let after = last.case_id;
            go_on(write, Payload { after, ..payload }).await
        }
        None if deleted => finish_deleting(write, field).await,
        None => {
            // Values that were written meanwhile stand in that shape already, wherever the place was.
            Ok(store::forget_steps(&mut write.org(), field, payload.shape).await?)
        }
    }
}

/// Writes the values of these cases as everyone reads them already.
async fn carry_over(
    write: &mut Write<'_>,
    field: CustomFieldId,
    cases: &BTreeSet<CaseId>,
) -> Result<(), Error> {
    let tx = &mut write.org();
    let steps = store::steps(tx, field).await?;
    if steps.is_empty() {
        return Ok(());
    }
    let shape = store::shape(tx, field).await?;
    for held in store::held_in(tx, field, cases.iter().copied()).await? {
        if held.shape < shape {
            let carried = steps::carry(&steps, held.shape, held.value.clone());
            store::put_carried(tx, field, &held, &carried, shape).await?;
        }
    }
    Ok(())
}

/// Takes away what is left of a deleted field.
async fn finish_deleting(write: &mut Write<'_>, field: CustomFieldId) -> Result<(), Error> {
    // A merge may have brought one of the last rows behind the place that was passed already.
    if store::has_rows(&mut write.org(), field).await? {
        return enqueue(write, field).await;
    }
    store::delete(&mut write.org(), field).await?;
    let (organization, now) = (write.organization(), write.now());
    let clear = crate::housekeeping::clear_deleted(organization, now);
    Ok(write.enqueue(clear).await?)
}
