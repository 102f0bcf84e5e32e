//! Pictures of people and logos of organizations (V11, V14): sent raw, made anew, and read by everyone who knows their
//! address, which nobody can guess and which changes with the picture.

pub mod routes;
pub mod store;
pub mod studio;

use std::time::Duration;

use bytes::Bytes;
use deskside_blobs::{BlobError, BlobName};
use deskside_db::Time;
use deskside_jobs::{Job, NewJob, Outcome};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::app::App;
use crate::auth::OperatorSession;
use crate::error::Error;
use crate::limits;
use crate::team::{self, picture_url};
use crate::tx::Write;

/// The kind of job that deletes the bytes of a picture that is gone.
pub const FORGET: &str = "picture_forget";

/// The kind of job that looks for bytes that no row names, once a day.
pub const SWEEP: &str = "picture_sweep";

/// How often it looks.
const SWEEP_EVERY: Duration = Duration::from_secs(24 * 3600);

/// Where a picture is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Picture {
    /// Its address on this server, new with each picture.
    pub url: String,
}

/// What a picture is of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Of {
    /// The operator who is signed in.
    Me,
    /// The organization: its logo.
    Organization,
}

#[derive(Serialize, Deserialize)]
struct Payload {
    blob: String,
}

impl From<BlobError> for Error {
    fn from(error: BlobError) -> Self {
        match error {
            BlobError::Full => Error::StorageFull,
            BlobError::Failed(why) => Error::NotSaved(why),
        }
    }
}

/// Puts a picture where another one may have been; that one is gone.
///
/// # Errors
/// `PictureInvalid`, `PictureTooLarge`, or it could not be kept.
pub async fn put(app: &App, who: &OperatorSession, of: Of, sent: Bytes) -> Result<Picture, Error> {
    let print = app.studio.print(sent).await?;
    let new = store::NewPicture {
        token: app.random.token_base62(128),
        blob: BlobName::new(&app.random),
        content_type: print.content_type,
    };
    let url = picture_url(new.token.clone());
    app.blobs.put(&new.blob, print.bytes.into()).await?;
    let blob = new.blob.clone();
    let session = who.clone();
    let written = app
        .write(who.organization, move |write| {
            Box::pin(async move {
                let now = write.now();
                store::insert(&mut write.org(), &new, now).await?;
                replace(write, &session, of, Some(new.token)).await
            })
        })
        .await;
    match written {
        Ok(()) => Ok(Picture { url }),
        Err(error) => {
            // Without its row nobody asks for it; where this fails too, the sweep comes.
            if app.blobs.delete(&blob).await.is_err() {
                tracing::warn!("The bytes of a picture that was not saved wait for the sweep.");
            }
            Err(error)
        }
    }
}

/// Takes a picture away; none there is fine.
///
/// # Errors
/// The database's.
pub async fn remove(app: &App, who: &OperatorSession, of: Of) -> Result<(), Error> {
    let session = who.clone();
    app.write(who.organization, move |write| {
        Box::pin(async move { replace(write, &session, of, None).await })
    })
    .await
}

/// Notes the new token where the picture belongs, and forgets the picture before it.
async fn replace(
    write: &mut Write<'_>,
    who: &OperatorSession,
    of: Of,
    token: Option<String>,
) -> Result<(), Error> {
    let before = match of {
        Of::Me => team::looks::set_picture(write, who.operator, token).await?,
        Of::Organization => team::looks::set_logo(write, who.who(), token).await?,
    };
    let Some(before) = before else {
        return Ok(());
    };
    if let Some(blob) = store::delete(&mut write.org(), &before).await? {
        let blob = blob.as_str().to_owned();
        let job = NewJob {
            organization: Some(write.organization()),
            kind: FORGET,
            key: None,
            payload: serde_json::to_string(&Payload { blob }).unwrap_or_default(),
            run_at: write.now(),
        };
        write.enqueue(job).await?;
    }
    Ok(())
}

/// Deletes the bytes of a picture that is gone.
pub async fn run_forget(app: &App, job: &Job) -> Outcome {
    let blob = serde_json::from_str(&job.payload)
        .ok()
        .and_then(|Payload { blob }| BlobName::parse(&blob));
    let Some(blob) = blob else {
        return Outcome::Dead("not_possible");
    };
    match app.blobs.delete(&blob).await {
        Ok(()) => Outcome::Done,
        Err(_) => Outcome::Retry("disk"),
    }
}

/// Bytes and content type of the picture at an address.
///
/// # Errors
/// `NotFound`, or it could not be read.
pub async fn read(app: &App, token: String) -> Result<(Bytes, String), Error> {
    let (blob, content_type) = app
        .db()
        .read(move |tx| {
            Box::pin(async move { Ok::<_, Error>(store::find(&mut tx.system(), &token).await?) })
        })
        .await?
        .ok_or(Error::NotFound)?;
    let bytes = app.blobs.get(&blob).await?.ok_or(Error::NotFound)?;
    Ok((bytes, content_type))
}

/// The sweep of a day; enqueued once for each.
pub fn sweep_job(run_at: Time) -> NewJob {
    let day = run_at.as_millis() / SWEEP_EVERY.as_millis() as i64;
    NewJob {
        organization: None,
        kind: SWEEP,
        key: Some(format!("{SWEEP} {day}")),
        payload: "{}".into(),
        run_at,
    }
}

/// Sweeps, and has the next day's sweep come.
pub async fn run_sweep(app: &App, _: &Job) -> Outcome {
    let now = app.clock.now();
    match sweep(app, now - limits::BLOB_ORPHAN_AGE).await {
        Ok(0) => {}
        Ok(files) => tracing::info!(files, "Files that nothing names were swept."),
        Err(_) => return Outcome::Retry("disk"),
    }
    let queue = app.writer.queue.clone();
    let next = app
        .db()
        .write(move |tx| {
            Box::pin(async move {
                queue.enqueue(tx, sweep_job(now + SWEEP_EVERY)).await?;
                Ok::<_, Error>(())
            })
        })
        .await;
    match next {
        Ok(()) => Outcome::Done,
        Err(_) => Outcome::Retry("database"),
    }
}

/// Deletes bytes written before `before` that no picture has: a crash left them between bytes and row. Returns how
/// many files went.
///
/// # Errors
/// The disk's or the database's.
pub async fn sweep(app: &App, before: Time) -> Result<usize, Error> {
    app.blobs
        .sweep(before, |blob| {
            let db = app.db().clone();
            async move {
                db.read(move |tx| {
                    Box::pin(async move {
                        Ok::<_, Error>(store::has_blob(&mut tx.system(), blob.as_str()).await?)
                    })
                })
                .await
            }
        })
        .await
}
