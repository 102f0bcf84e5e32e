//! The database layer against real files and a real PostgreSQL.
#![expect(clippy::unwrap_used, reason = "a test may fail where it stands")]

mod clauses;
mod group_commit;
mod postgres;
mod processes;
mod schema;
mod statements;
mod support;
mod transactions;
