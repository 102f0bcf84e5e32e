//! A durable queue in the database.
//!
//! A job is enqueued in the transaction of what it belongs to: either both are there after COMMIT,
//! or neither. A runner claims it under a lease, hands it to the handler of its kind and deletes it
//! when it is done. What could not be done is tried again, later and later; what must not be done
//! twice (a text message) is never tried again without a person when its outcome is not known.
//!
//! A handler gets ids in the payload, never content: it reads what it needs when it runs, so a
//! deleted case leaves nothing behind here.

mod backoff;
mod job;
mod queue;
mod runner;

pub use backoff::delay;
pub use job::{Delivery, Job, JobId, Kind, NewJob, Outcome};
pub use queue::Queue;
pub use runner::{Limits, Runner, Running};

/// The table for SQLite, as the server's migration holds it.
pub const SQLITE_SCHEMA: &str = include_str!("../schema/sqlite.sql");

/// The table for PostgreSQL, as the server's migration holds it.
pub const POSTGRES_SCHEMA: &str = include_str!("../schema/postgres.sql");
