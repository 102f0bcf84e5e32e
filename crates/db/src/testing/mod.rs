//! For tests: the same test on both databases, and a list of every SQL text.
//!
//! PostgreSQL is not optional. `TEST_POSTGRES` holds the URL of a running server where databases may be made;
//! `./script/test` starts one.

mod clauses;
mod database;
mod scope;
mod texts;

use std::{
    future::Future,
    panic::{AssertUnwindSafe, resume_unwind},
};

pub use database::TestDatabase;
pub use scope::unbound_tables;
pub use texts::{FoundSql, Scope, plan, prepare, sql_texts_in};

use futures_util::FutureExt;

use crate::{Db, Dialect, Migration};

/// Writes a test once and runs it on both databases, as `name::sqlite` and `name::postgres`. Each
/// run has a database of its own, with the given migrations.
///
/// ```
/// use deskside_db::{Db, Migration, both_databases};
///
/// static MIGRATIONS: &[Migration] = &[];
///
/// both_databases! {
///     MIGRATIONS;
///
///     async fn takes_writes(db: Db) {
///         assert_eq!(db.check().await, Ok(()));
///     }
/// }
/// # fn main() {}
/// ```
#[macro_export]
macro_rules! both_databases {
    ($migrations:expr; $($(#[$meta:meta])* async fn $name:ident($db:ident: $kind:ty) $body:block)*) => {$(
        $(#[$meta])*
        mod $name {
            #[allow(unused_imports, clippy::allow_attributes, reason = "a test may need nothing of its surroundings")]
            use super::*;

            async fn test($db: $kind) $body

            #[test]
            fn sqlite() {
                $crate::testing::run($crate::Dialect::Sqlite, $migrations, test);
            }

            #[test]
            fn postgres() {
                $crate::testing::run($crate::Dialect::Postgres, $migrations, test);
            }
        }
    )*};
    ($($(#[$meta:meta])* async fn $name:ident($db:ident: $kind:ty) $body:block)*) => {
        $crate::both_databases! { &[]; $($(#[$meta])* async fn $name($db: $kind) $body)* }
    };
}

/// Runs a test on a fresh database and removes it afterwards, whether the test passed or not.
///
/// # Panics
/// When the test does, or the database cannot be had.
pub fn run<F, Fut>(dialect: Dialect, migrations: &'static [Migration], test: F)
where
    F: FnOnce(Db) -> Fut,
    Fut: Future<Output = ()>,
{
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .expect("a runtime starts");
    let outcome = runtime.block_on(async {
        let database = TestDatabase::make(dialect, migrations).await;
        let db = database.open().await;
        let outcome = AssertUnwindSafe(test(db.clone())).catch_unwind().await;
        db.close().await;
        database.remove().await;
        outcome
    });
    if let Err(error) = outcome {
        resume_unwind(error);
    }
}
