//! A desk: a server of its own over a fresh database, with a clock that the test moves.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use axum_server::Handle;
use deskside::app::App;
use deskside::calls::media;
use deskside::config::Config;
use deskside::migrations::MIGRATIONS;
use deskside::serve::Listening;
use deskside::team::Plan;
use deskside::{admin, housekeeping, setup};
use deskside_db::testing::TestDatabase;
use deskside_db::{Backend, Clock, ClockHand, Dialect, Random, Time};
use tempfile::TempDir;
use tokio::sync::OnceCell;
use tokio::task::JoinHandle;

use super::actor::{Actor, Wire};
use super::token_of;

/// The time at which every desk starts.
pub const START: Time = Time::from_millis(1_795_340_000_000);

/// The address that links are built from; it is not where the server listens.
pub const PUBLIC_URL: &str = "https://desk.example";

/// A server in this process with its database, folder and clock.
pub struct Desk {
    /// The handles of the running server.
    pub app: App,
    /// Moves the server's clock.
    pub hand: ClockHand,
    config: Config,
    clock: Clock,
    starts: u64,
    wire: Arc<Wire>,
    administrator: OnceCell<Actor>,
    running: Option<Running>,
    database: Option<TestDatabase>,
    folder: TempDir,
}

struct Running {
    handle: Handle<SocketAddr>,
    served: JoinHandle<anyhow::Result<()>>,
    calls: Option<media::Running>,
}

impl Desk {
    /// Starts a server over a fresh database.
    pub async fn open(dialect: Dialect, adjust: fn(&mut Config)) -> Desk {
        let folder = TempDir::new().expect("a temporary folder");
        let database = TestDatabase::make(dialect, MIGRATIONS).await;
        let mut config = Config {
            data: folder.path().to_owned(),
            public_url: PUBLIC_URL.into(),
            ..Config::default()
        };
        config.database.readers = 2;
        // Sockets of tests say nothing while the test does other things: they stay for 45 seconds.
        config.live.heartbeat_ms = 15_000;
        config.media.port = 0;
        config.media.listen = Ipv4Addr::LOCALHOST.into();
        if let Backend::Postgres { url, pool_size } = database.backend() {
            config.database.url = url;
            config.database.pool_size = pool_size;
        }
        adjust(&mut config);
        let (clock, hand) = Clock::fixed(START);
        let wire = Arc::new(Wire::new());
        let (app, running) = start(&config, &clock, 1, &wire).await;
        Desk {
            app,
            hand,
            config,
            clock,
            starts: 1,
            wire,
            administrator: OnceCell::new(),
            running: Some(running),
            database: Some(database),
            folder,
        }
    }

    /// Stops the server and starts it again over the same database, on another port. People keep their cookies.
    pub async fn restart(&mut self) {
        self.restart_after(Duration::ZERO).await;
    }

    /// The same, with a time in between in which no server runs.
    pub async fn restart_after(&mut self, pause: Duration) {
        self.stop().await;
        self.wait(pause);
        self.starts += 1;
        let (app, running) = start(&self.config, &self.clock, self.starts, &self.wire).await;
        self.app = app;
        self.running = Some(running);
    }

    async fn stop(&mut self) {
        if let Some(running) = self.running.take() {
            self.app.hub.stop();
            running
                .handle
                .graceful_shutdown(Some(Duration::from_secs(2)));
            running
                .served
                .await
                .expect("the server's task ends")
                .expect("the server ends well");
            if let Some(calls) = running.calls {
                calls.stop().await;
            }
            self.app.db().close().await;
        }
    }

    /// Stops the media workers alone.
    pub async fn stop_media(&mut self) {
        if let Some(calls) = self
            .running
            .as_mut()
            .and_then(|running| running.calls.take())
        {
            calls.stop().await;
        }
    }

    /// Ends everything and removes the database.
    pub async fn close(mut self) {
        self.stop().await;
        if let Some(database) = self.database.take() {
            database.remove().await;
        }
    }

    /// Which database it runs on.
    pub fn dialect(&self) -> Dialect {
        self.app.db().dialect()
    }

    /// Where the server listens.
    pub fn address(&self) -> SocketAddr {
        self.wire.address()
    }

    /// The folder that holds everything (but the rows, on PostgreSQL).
    pub fn folder(&self) -> &std::path::Path {
        self.folder.path()
    }

    /// Moves the clock.
    pub fn wait(&self, time: Duration) {
        self.hand.advance(time);
    }

    /// Runs every job that is due now, and what that makes due.
    pub async fn run_jobs(&self) -> usize {
        housekeeping::runner(&self.app)
            .run_due(self.clock.now())
            .await
            .expect("the queue answers")
    }

    /// Someone without any session.
    pub fn stranger(&self) -> Actor {
        Actor::new(self.wire.clone())
    }

    /// The administrator who set this desk up; the first call does so through the API.
    pub async fn administrator(&self) -> Actor {
        self.administrator
            .get_or_init(|| async {
                let link = setup::link(&self.app)
                    .await
                    .expect("the database answers")
                    .expect("the server is empty");
                let someone = self.stranger();
                someone.set_up(token_of(&link), "Ada").await.expect(201);
                someone
            })
            .await
            .clone()
    }

    /// A new operator, invited by the administrator; the email address is the name at desk.example.
    pub async fn operator(&self, name: &str) -> Actor {
        self.administrator().await.invite(name, "operator").await
    }

    /// Gives the first organization another plan, as whoever runs the server does.
    pub async fn set_plan(&self, plan: &str) {
        let me = self.administrator().await.get("/me").await.expect(200);
        let organization = me["organization"]["id"].as_str().expect("an id");
        let plan = Plan::parse(plan).expect("a plan");
        admin::set_organization(&self.app, organization, Some(plan), None)
            .await
            .expect("the organization is there");
    }

    /// The administrator of another organization on the same server.
    pub async fn other_organization(&self) -> Actor {
        self.administrator().await;
        let email = "otto@other.example";
        let password = admin::add_organization(&self.app, "Other GmbH", email, "Otto")
            .await
            .expect("a second organization");
        let someone = self.stranger();
        someone.sign_in(email, &password).await.expect(200);
        someone
    }

    /// A guest of a case of the first organization, who has opened the link.
    pub async fn guest_of(&self, case_id: &str) -> Actor {
        self.administrator().await.guest_of(case_id).await
    }
}

async fn start(config: &Config, clock: &Clock, seed: u64, wire: &Wire) -> (App, Running) {
    let media = media::Media::bind(config).expect("there is a free port for calls");
    let app = App::open(config.clone(), clock.clone(), Random::seeded(seed))
        .await
        .expect("the server starts");
    let listening =
        Listening::bind(SocketAddr::from(([127, 0, 0, 1], 0))).expect("there is a free port");
    wire.move_to(listening.address);
    let calls = media.start(&app);
    let handle = Handle::new();
    let served = tokio::spawn(listening.answer(app.clone(), handle.clone()));
    let running = Running {
        handle,
        served,
        calls: Some(calls),
    };
    (app, running)
}
