//! The queue on both databases.
#![expect(clippy::unwrap_used, reason = "a test may fail where it stands")]

mod queue;
mod runner;
mod schema;
mod support;
