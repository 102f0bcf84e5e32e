//! What a job is before, while and after it runs.

use deskside_db::{OrganizationId, Time, Uuid, typed_id};

typed_id!(
    /// A job, as the log names it.
    JobId,
    "job"
);

/// A kind of job; the server lists all of them in one place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Kind {
    /// Its name in the table and in the log, `snake_case`.
    pub name: &'static str,
    /// What is to happen when nobody knows how an attempt ended.
    pub delivery: Delivery,
    /// Attempts before it is given up.
    pub attempts_max: i64,
}

/// What is to happen when an attempt neither succeeded nor failed: the process died, the handler
/// hung.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Delivery {
    /// Try again; doing it twice does no harm (a webhook, an email with its id).
    AtLeastOnce,
    /// Never again without a person; doing it twice is worse than not at all (a text message that
    /// costs).
    AtMostOnce,
}

/// A job to enqueue.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewJob {
    /// Whose it is; none for the server's own.
    pub organization: Option<OrganizationId>,
    /// The name of its [`Kind`].
    pub kind: &'static str,
    /// Enqueued only once under this key, and found by it again to be cancelled. Start it with the
    /// id of the thing it belongs to: it is unique for the whole server.
    pub key: Option<String>,
    /// JSON for the handler: ids, no content.
    pub payload: String,
    /// Not before this time.
    pub run_at: Time,
}

/// A claimed job.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Job {
    /// Its id.
    pub id: JobId,
    /// Whose it is; none for the server's own.
    pub organization: Option<OrganizationId>,
    /// The name of its kind.
    pub kind: String,
    /// Its key, if it has one.
    pub key: Option<String>,
    /// JSON for the handler.
    pub payload: String,
    /// When it was due.
    pub run_at: Time,
    /// What is to happen when nobody knows how the attempt ended.
    pub delivery: Delivery,
    /// Which attempt this is, from 1 on.
    pub attempt: i64,
    /// Attempts before it is given up.
    pub attempts_max: i64,
    /// Proves that this claim is still the valid one.
    pub(crate) lease_token: Uuid,
}

/// How an attempt ended. The word is a code for the table and the log, `snake_case` and without
/// content.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// It is done; its row is deleted.
    Done,
    /// Nothing was done; try again after a while, or give up after the last attempt.
    Retry(&'static str),
    /// Nothing was done; try again at this time, or give up after the last attempt.
    RetryAt(Time, &'static str),
    /// It can never be done.
    Dead(&'static str),
    /// It may have been done; a person must look.
    Unknown(&'static str),
}
