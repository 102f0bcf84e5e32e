//! The house's one way to its data: a transaction over SQLite or PostgreSQL.
//!
//! A store writes one SQL text with `$1…$n` and runs it inside [`Db::write`] or [`Db::read`]; which
//! database answers is decided when the server starts. On SQLite one thread writes and commits many
//! transactions at once (group commit), on PostgreSQL each transaction has its own connection. The
//! reply of a write comes after its COMMIT, never before.
//!
//! Identifiers, the clock and randomness live here too: they are what every row is made of.
//!
//! ```no_run
//! use deskside_db::{Db, DbError, OrgSql, OrganizationId, org_sql, vals};
//!
//! static RENAME: OrgSql = org_sql!("UPDATE cases SET name = $3 WHERE organization_id = $1 AND number = $2");
//!
//! async fn rename(db: &Db, organization: OrganizationId, number: i64, name: String) -> Result<u64, DbError> {
//!     db.write(move |tx| {
//!         Box::pin(async move { tx.org(organization).execute(&RENAME, vals![number, name]).await })
//!     })
//!     .await
//! }
//! ```

mod db;
mod error;
mod id;
mod migrate;
mod postgres;
mod random;
mod row;
mod sql;
mod sqlite;
#[cfg(feature = "testing")]
pub mod testing;
mod time;
mod tx;
mod val;

pub use db::{Backend, Db, Dialect, Options};
pub use error::{DbError, OpenError};
pub use futures_util::future::BoxFuture;
pub use id::{IdError, OrganizationId};
pub use migrate::Migration;
pub use random::Random;
pub use row::{FromVal, Row};
pub use sql::{OrgSql, SystemSql};
pub use time::{Clock, ClockHand, Time, TimeError};
pub use tx::{OrgTx, SystemTx, Tx};
pub use uuid::Uuid;
pub use val::Val;

/// What the macros of this crate need at the place where they are used.
#[doc(hidden)]
pub mod __private {
    pub use crate::id::{decode, encode, schema};
    pub use serde;
    pub use utoipa;
    pub use uuid;
}
