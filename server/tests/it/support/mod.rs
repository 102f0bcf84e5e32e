//! What tests need: a desk, people at it, and answers that are checked against the published description.
//!
//! A test is an `async fn name(desk: &mut Desk)` in the file of its feature, named there in
//! `on_both_databases![name, …]`; it runs as `feature::name::sqlite` and `feature::name::postgres`, each
//! with a server and a database of its own.

mod actor;
mod answer;
mod caller;
mod desk;
mod peer;
mod post;
mod schema;
mod socket;
mod turn;

use std::panic::{AssertUnwindSafe, resume_unwind};

use deskside::config::Config;
use deskside_db::Dialect;
use futures_util::FutureExt;

pub use actor::{Actor, PASSWORD, Wire};
pub use answer::Answer;
pub use caller::{Caller, joining, start_call};
pub use desk::{Desk, PUBLIC_URL};
pub use peer::offer;
pub use post::{MailServer, Manner, outbox};
pub use schema::description;
pub use socket::Socket;

/// Makes tests of these functions, one for each database. `on_both_databases![|config| …; name]` changes the
/// server's configuration before it starts.
macro_rules! on_both_databases {
    ($adjust:expr; $($name:ident),* $(,)?) => {$(
        mod $name {
            #[test]
            fn sqlite() {
                crate::support::run(deskside_db::Dialect::Sqlite, $adjust, super::$name);
            }

            #[test]
            fn postgres() {
                crate::support::run(deskside_db::Dialect::Postgres, $adjust, super::$name);
            }
        }
    )*};
    ($($name:ident),* $(,)?) => {
        crate::support::on_both_databases![|_| {}; $($name),*];
    };
}
pub(crate) use on_both_databases;

/// Runs a test at a fresh desk and clears it away, whether the test passed or not. `adjust` changes the
/// server's configuration before it starts.
pub fn run<T>(dialect: Dialect, adjust: fn(&mut Config), test: T)
where
    T: AsyncFnOnce(&mut Desk),
{
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .expect("a runtime starts");
    let outcome = runtime.block_on(async {
        let mut desk = Desk::open(dialect, adjust).await;
        let outcome = AssertUnwindSafe(test(&mut desk)).catch_unwind().await;
        desk.close().await;
        outcome
    });
    if let Err(panic) = outcome {
        resume_unwind(panic);
    }
}

/// What stands behind the last slash of a link: the token of a guest, invite or set-up link.
pub fn token_of(link: &str) -> &str {
    link.rsplit('/').next().unwrap_or_default()
}
