//! The email that tells an operator of a new password, so that one who did not choose it learns of it.

use deskside_db::DbError;
use deskside_jobs::{Job, NewJob, Outcome};
use serde::{Deserialize, Serialize};

use super::store;
use crate::app::App;
use crate::ids::OperatorId;
use crate::mail::{self, Letter, words};
use crate::tx::Write;

/// The job's kind.
pub const KIND: &str = "password_mail";

#[derive(Serialize, Deserialize)]
struct Payload {
    operator: OperatorId,
}

/// Has the email sent after the commit of this write.
///
/// # Errors
/// The database's.
pub async fn enqueue(write: &mut Write<'_>, operator: OperatorId) -> Result<(), DbError> {
    let job = NewJob {
        organization: Some(write.organization()),
        kind: KIND,
        key: None,
        payload: serde_json::to_string(&Payload { operator }).unwrap_or_default(),
        run_at: write.now(),
    };
    write.enqueue(job).await
}

/// Sends the email; one who is not active any more gets none.
pub async fn run(app: &App, job: &Job) -> Outcome {
    let payload: Result<Payload, _> = serde_json::from_str(&job.payload);
    let (Some(organization), Ok(Payload { operator })) = (job.organization, payload) else {
        return Outcome::Dead("not_possible");
    };
    let found = app
        .read(organization, move |tx| {
            Box::pin(async move { Ok(store::addressee(tx, operator).await?) })
        })
        .await;
    let to = match found {
        Ok(Some(to)) => to,
        Ok(None) => return Outcome::Done,
        Err(_) => return Outcome::Retry("database"),
    };
    let desk = app.link("/sign-in");
    let letter = Letter {
        words: words::password_changed(to.language, &to.organization, &to.name, &desk),
        from: to.organization,
        to: to.email,
    };
    mail::send(app, job, letter).await.outcome()
}
