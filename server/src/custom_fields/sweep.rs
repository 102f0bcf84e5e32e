//! What a changed field asks of every case that holds a value of it: to be found by its new words, or to lose the
//! value of a deleted field. A job does it, some cases at a time, so that nobody waits for it.

use deskside_db::Uuid;
use deskside_jobs::{Job, NewJob, Outcome};
use serde::{Deserialize, Serialize};

use super::store;
use crate::app::App;
use crate::cases;
use crate::error::Error;
use crate::ids::{CaseId, CustomFieldId};
use crate::limits;
use crate::tx::Write;

/// The job's kind.
pub const KIND: &str = "custom_field_sweep";

#[derive(Serialize, Deserialize)]
struct Payload {
    field: CustomFieldId,
    after: CaseId,
}

/// Puts the job into the queue, from the first case on.
///
/// # Errors
/// The database's.
pub async fn enqueue(write: &mut Write<'_>, field: CustomFieldId) -> Result<(), Error> {
    go_on(write, field, CaseId::from_uuid(Uuid::nil())).await
}

async fn go_on(write: &mut Write<'_>, field: CustomFieldId, after: CaseId) -> Result<(), Error> {
    let payload = serde_json::to_string(&Payload { field, after });
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
    let (Some(organization), Ok(Payload { field, after })) = (job.organization, payload) else {
        return Outcome::Dead("not_possible");
    };
    let swept = app
        .write(organization, move |write| {
            Box::pin(async move { some_cases(write, field, after).await })
        })
        .await;
    match swept {
        Ok(()) => Outcome::Done,
        Err(_) => Outcome::Retry("database"),
    }
}

async fn some_cases(
    write: &mut Write<'_>,
    field: CustomFieldId,
    after: CaseId,
) -> Result<(), Error> {
    let deleted = store::is_deleted(&mut write.org(), field).await?;
    let page = store::page(&mut write.org(), field, after, limits::SWEEP_ROWS).await?;
    for held in &page {
        let case_id = held.case_id;
        if cases::store::lock(&mut write.org(), case_id)
            .await?
            .is_none()
        {
            continue;
        }
        if deleted {
            store::delete_value(&mut write.org(), case_id, field).await?;
        }
        cases::search::reindex(write, case_id).await?;
    }
    let now = write.now();
    match page.last() {
        Some(last) => go_on(write, field, last.case_id).await,
        None if deleted => {
            // A merge may have brought one of the last rows behind the place that was passed already.
            if store::has_rows(&mut write.org(), field).await? {
                return enqueue(write, field).await;
            }
            store::delete(&mut write.org(), field).await?;
            let organization = write.organization();
            let clear = crate::housekeeping::clear_deleted(organization, now);
            Ok(write.enqueue(clear).await?)
        }
        None => Ok(()),
    }
}
