//! Data to measure with, made through the product's own operations before its process starts.

use std::path::{Path, PathBuf};

use anyhow::Context as _;
use deskside::app::App;
use deskside::auth::routes::Begin;
use deskside::auth::{OperatorSession, Rights, Role, Sight};
use deskside::cases::{self, NewCase};
use deskside::config::Config;
use deskside::ids::{CaseId, SessionId};
use deskside::once::{IdempotencyKey, Once};
use deskside::{admin, auth, guests};
use deskside_db::{Clock, Random, Uuid};
use tempfile::TempDir;

/// A folder of this run on the disk of the repository: what `/tmp` lies on may be memory.
pub fn folder() -> anyhow::Result<TempDir> {
    let root = root()?;
    Ok(TempDir::with_prefix_in("run-", root)?)
}

/// Where data of the benchmarks lives.
pub fn root() -> anyhow::Result<PathBuf> {
    let program = std::env::current_exe()?;
    let target = program
        .ancestors()
        .nth(2)
        .context("the program is in no target folder")?;
    let root = target.join("bench-data");
    std::fs::create_dir_all(&root)?;
    Ok(root)
}

/// The product's handles on a folder, inside of this process.
pub async fn open(folder: &Path) -> anyhow::Result<App> {
    let config = Config {
        data: folder.to_owned(),
        ..Config::default()
    };
    App::open(config, Clock::system(), Random::system()).await
}

/// An operator with an organization of its own.
pub struct Operator {
    /// For the product's operations.
    pub session: OperatorSession,
    /// For requests.
    pub cookie: String,
}

/// A guest with a case of its own.
pub struct Guest {
    /// The case.
    pub case_id: CaseId,
    /// For requests.
    pub cookie: String,
}

/// Adds an organization with one operator, signed in.
pub async fn operator(app: &App, index: usize) -> anyhow::Result<Operator> {
    let email = format!("operator{index}@bench.example");
    admin::add_organization(
        app,
        &format!("Organization {index}"),
        &email,
        "Olive Operator",
    )
    .await?;
    let found = app
        .db()
        .read(move |tx| {
            Box::pin(async move { auth::store::find_credentials(&mut tx.system(), &email).await })
        })
        .await?;
    let (organization, operator, _) = found.context("the operator was not written")?;
    let begin = Begin::new(app, operator);
    let [(_, header)] = begin.header().0;
    app.write(organization, move |write| {
        Box::pin(async move { begin.run(write).await })
    })
    .await?;
    let session = OperatorSession {
        organization,
        operator,
        role: Role::Administrator,
        seat: true,
        rights: Rights::default().of(Role::Administrator),
        sight: Sight::All,
        session: SessionId::new(app.clock.now(), &app.random),
    };
    let cookie = header.to_str()?.split(';').next().unwrap_or_default();
    Ok(Operator {
        session,
        cookie: cookie.to_owned(),
    })
}

/// Opens a case as this operator, and its link as its guest.
pub async fn guest(app: &App, operator: &Operator, index: usize) -> anyhow::Result<Guest> {
    let new = NewCase {
        name: format!("Case {index}"),
        email: String::new(),
        phone: String::new(),
        internal_reference: String::new(),
        notes: String::new(),
        language: None,
    };
    let key = IdempotencyKey(Uuid::from_bytes(app.random.bytes()));
    let once = Once::new(operator.session.operator.uuid(), key, "bench", [0; 32]);
    let case_id = cases::create(app, &operator.session, new, once).await?;
    let link = guests::link(app, operator.session.organization, case_id).await?;
    let token = link.rsplit('/').next().unwrap_or_default();
    let arrival = guests::arrive(app, token, None).await?;
    Ok(Guest {
        case_id,
        cookie: format!("{}={}", auth::cookie::GUEST, arrival.secret),
    })
}
