//! What was acknowledged is there, whatever ends the server.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use deskside::events::Event;
use deskside::migrations::MIGRATIONS;
use deskside_db::testing::TestDatabase;
use deskside_db::{
    Backend, Db, DbError, Dialect, Options, Random, SystemSql, Uuid, system_sql, vals,
};
use serde_json::{Value, json};
use tokio::sync::watch;
use tokio::task::JoinSet;

use crate::durability_process::{Place, Process};
use crate::live::{log_of, organization_of};
use crate::support::{Actor, Desk, Wire, on_both_databases, run};

/// The seed; a failure says it, and the same seed kills after the same times.
const SEED: u64 = 20_261_123;
/// How often the server is killed.
const KILLS: usize = 20;
/// Before each kill at most this many messages are waited for, and then this long.
const KILL_AFTER_MESSAGES: u64 = 40;
const KILL_AFTER_US: u64 = 20_000;
/// Cases, with an operator and a guest writing in each.
const CASES: usize = 8;

#[test]
fn kills_lose_and_double_nothing_on_sqlite() {
    run(
        Dialect::Sqlite,
        |_| {},
        async |_: &mut Desk| {
            let place = Place::new();
            let backend = Backend::Sqlite {
                file: place.folder.path().join("deskside.db"),
            };
            kills_lose_and_double_nothing(&place, backend).await;
        },
    );
}

#[test]
fn kills_lose_and_double_nothing_on_postgres() {
    run(
        Dialect::Postgres,
        |_| {},
        async |_: &mut Desk| {
            let database = TestDatabase::make(Dialect::Postgres, MIGRATIONS).await;
            let mut place = Place::new();
            if let Backend::Postgres { url, .. } = database.backend() {
                place.postgres = url;
            }
            kills_lose_and_double_nothing(&place, database.backend()).await;
            database.remove().await;
        },
    );
}

/// Where the server is now, counted by its starts; nowhere while it is dead.
type Whereabouts = Option<(usize, std::net::SocketAddr)>;

/// Someone who writes: repeats each message under its key until it is acknowledged.
struct Writer {
    number: usize,
    path: String,
    cookie: String,
    http: reqwest::Client,
    server: watch::Receiver<Whereabouts>,
    stop: Arc<AtomicBool>,
    acknowledged: Vec<(String, i64)>,
    all: Arc<watch::Sender<u64>>,
    repeated: usize,
}

impl Writer {
    async fn write(mut self) -> Writer {
        while !self.stop.load(Ordering::Relaxed) {
            let text = format!("{}.{}", self.number, self.acknowledged.len());
            let entry = self.send(&text).await;
            self.acknowledged.push((text, entry));
            self.all.send_modify(|all| *all += 1);
        }
        self
    }

    async fn send(&mut self, text: &str) -> i64 {
        let key = Uuid::now_v7();
        let mut failed = 0;
        loop {
            let alive = |server: &Whereabouts| server.is_some_and(|(start, _)| start > failed);
            let (start, address) = self.server.wait_for(alive).await.unwrap().unwrap();
            let request = self
                .http
                .post(format!("http://{address}{}", self.path))
                .header("cookie", &self.cookie)
                .header("idempotency-key", key.to_string())
                .json(&json!({ "text": text }));
            let answer = async {
                let answer = request.send().await?;
                Ok::<_, reqwest::Error>((answer.status(), answer.json::<Value>().await?))
            };
            match answer.await {
                Ok((status, entry)) => {
                    assert_eq!(status, 201, "seed {SEED}: {entry}");
                    return entry["entry"].as_i64().unwrap();
                }
                // Nobody knows whether it was saved.
                Err(_) => {
                    failed = start;
                    self.repeated += 1;
                }
            }
        }
    }
}

async fn kills_lose_and_double_nothing(place: &Place, backend: Backend) {
    let wire = Arc::new(Wire::new());
    let mut process = Process::first(place).await;
    let ada = process.administrator(&wire).await;
    let (locate, server) = watch::channel(None);
    let stop = Arc::new(AtomicBool::new(false));
    let all = Arc::new(watch::Sender::new(0));
    let mut writers = JoinSet::new();
    for number in 0..CASES * 2 {
        let case = ada.create_case(&format!("Case {number}")).await;
        let (who, path, name) = if number % 2 == 0 {
            let path = format!("/api/v1/cases/{case}/messages");
            (ada.clone(), path, "__Host-deskside")
        } else {
            let path = format!("/api/v1/guest/cases/{case}/messages");
            (ada.guest_of(&case).await, path, "__Host-deskside_guest")
        };
        let writer = Writer {
            number,
            path,
            cookie: format!("{name}={}", who.cookie(name).unwrap()),
            http: reqwest::Client::builder().no_proxy().build().unwrap(),
            server: server.clone(),
            stop: stop.clone(),
            acknowledged: Vec::new(),
            all: all.clone(),
            repeated: 0,
        };
        writers.spawn(writer.write());
    }

    let random = Random::seeded(SEED);
    for start in 1..=KILLS {
        locate.send_replace(Some((start, process.address)));
        // However slow the machine is, the server has been at work; then any moment will do.
        let goal = *all.borrow() + 1 + random.below(KILL_AFTER_MESSAGES);
        let mut reached = all.subscribe();
        reached.wait_for(|all| *all >= goal).await.unwrap();
        tokio::time::sleep(Duration::from_micros(random.below(KILL_AFTER_US))).await;
        locate.send_replace(None);
        process.kill();
        process = Process::again(place).await;
    }
    locate.send_replace(Some((KILLS + 1, process.address)));
    stop.store(true, Ordering::Relaxed);
    let mut done = Vec::new();
    while let Some(writer) = writers.join_next().await {
        done.push(writer.unwrap());
    }
    assert!(process.stop().await.success(), "the server stops well");
    let repeated: usize = done.iter().map(|writer| writer.repeated).sum();
    assert!(
        repeated > KILLS,
        "seed {SEED}: only {repeated} messages were caught by a kill"
    );
    check(backend, &done).await;
}

static ORGANIZATION: SystemSql = system_sql!("SELECT organization_id FROM organizations");

/// Compares what was acknowledged with what the database holds.
async fn check(backend: Backend, writers: &[Writer]) {
    let db = Db::open(Options {
        backend,
        migrations: MIGRATIONS,
        readers: 1,
    })
    .await
    .unwrap();
    let log: Result<_, DbError> = db
        .read(|tx| {
            Box::pin(async move {
                let row = tx.system().row(&ORGANIZATION, vals![]).await?;
                let organization = row.expect("one organization").get("organization_id")?;
                deskside::events::store::after(&mut tx.org(organization), 0, i64::MAX).await
            })
        })
        .await;
    let log = log.unwrap();
    db.close().await;

    let seqs: Vec<i64> = log.iter().map(|event| event.seq).collect();
    let whole: Vec<i64> = (1..=seqs.len() as i64).collect();
    assert!(seqs == whole, "seed {SEED}: the order has gaps: {seqs:?}");

    let mut entries: BTreeMap<String, Vec<i64>> = BTreeMap::new();
    let mut saved: BTreeMap<String, Vec<i64>> = BTreeMap::new();
    for event in log {
        let (Some(case), Some(entry)) = (event.case_id, event.entry) else {
            continue;
        };
        entries.entry(case.to_string()).or_default().push(entry);
        if let Event::MessageSent { text, .. } = event.event {
            saved.entry(text).or_default().push(entry);
        }
    }
    for (case, entries) in &entries {
        let whole: Vec<i64> = (1..=entries.len() as i64).collect();
        assert!(
            *entries == whole,
            "seed {SEED}: {case} has gaps: {entries:?}"
        );
    }
    let mut acknowledged = 0;
    for writer in writers {
        assert!(!writer.acknowledged.is_empty());
        for (text, entry) in &writer.acknowledged {
            acknowledged += 1;
            let found = saved.get(text);
            assert_eq!(found, Some(&vec![*entry]), "seed {SEED}: message {text}");
        }
        // Each writes alone in a case: the order of sending is the order of entries.
        let order = writer.acknowledged.windows(2);
        assert!(order.into_iter().all(|two| two[0].1 < two[1].1));
    }
    assert_eq!(
        saved.len(),
        acknowledged,
        "seed {SEED}: messages that nobody sent"
    );
    assert!(
        acknowledged > KILLS * 5,
        "seed {SEED}: only {acknowledged} messages in all"
    );
}

#[test]
fn a_postgres_session_commits_durably_whatever_the_database_is_set_to() {
    run(
        Dialect::Postgres,
        |_| {},
        async |desk: &mut Desk| {
            assert_eq!(setting(desk).await, "on");
            // Someone made the database fast and forgetful.
            execute(desk, &FORGETFUL).await;
            desk.restart().await;
            assert_eq!(setting(desk).await, "on");
        },
    );
}

static FORGETFUL: SystemSql = system_sql!(
    "DO 'BEGIN EXECUTE format(''ALTER DATABASE %I SET synchronous_commit = off'', current_database()); END'"
);
static SETTING: SystemSql = system_sql!("SELECT current_setting('synchronous_commit') AS setting");

async fn setting(desk: &Desk) -> String {
    let read = desk.app.db().read(|tx| {
        Box::pin(async move {
            let row = tx.system().row(&SETTING, vals![]).await?;
            row.expect("a setting").get("setting")
        })
    });
    let setting: Result<String, DbError> = read.await;
    setting.unwrap()
}

async fn execute(desk: &Desk, sql: &'static SystemSql) {
    let write = desk
        .app
        .db()
        .write(move |tx| Box::pin(async move { tx.system().execute(sql, vals![]).await }));
    let written: Result<u64, DbError> = write.await;
    written.unwrap();
}

on_both_databases![a_commit_that_fails_is_not_acknowledged_and_not_told];

// A text that makes the COMMIT itself fail: a reference that is looked at only then.
static ALTAR: SystemSql = system_sql!(
    "CREATE TABLE altar (id BIGINT REFERENCES altar_stone (id) DEFERRABLE INITIALLY DEFERRED)"
);
static STONE: SystemSql = system_sql!("CREATE TABLE altar_stone (id BIGINT PRIMARY KEY)");
static DOOM: SystemSql = system_sql!(
    sqlite: "CREATE TRIGGER doom AFTER INSERT ON events WHEN new.payload LIKE '%doomed%'
             BEGIN INSERT INTO altar (id) VALUES (1); END",
    postgres: "CREATE FUNCTION doom() RETURNS trigger LANGUAGE plpgsql AS
               'BEGIN INSERT INTO altar (id) VALUES (1); RETURN NULL; END'"
);
static DOOMED: SystemSql = system_sql!(
    sqlite: "CREATE INDEX altar_by_id ON altar (id)",
    postgres: "CREATE TRIGGER doom AFTER INSERT ON events FOR EACH ROW WHEN (new.payload LIKE '%doomed%')
               EXECUTE FUNCTION doom()"
);

async fn a_commit_that_fails_is_not_acknowledged_and_not_told(desk: &mut Desk) {
    for sql in [&STONE, &ALTAR, &DOOM, &DOOMED] {
        execute(desk, sql).await;
    }
    let ada: Actor = desk.administrator().await;
    let case = ada.create_case("Nick Evans").await;
    let mut live = ada.live("/live").await.unwrap();
    live.next_of("hello").await;
    let path = format!("/cases/{case}/messages");
    let key = Uuid::now_v7();
    let message = |text: &str| {
        ada.request(axum::http::Method::POST, &path)
            .key(key)
            .json(json!({ "text": text }))
    };
    message("doomed").send().await.problem(503, "not_saved");

    // The number and the key are free again, and nobody was told.
    let entry = message("saved").send().await.expect(201)["entry"].clone();
    let event = live.next_of("event").await;
    assert_eq!(
        (&event["event"]["text"], &event["entry"]),
        (&json!("saved"), &entry)
    );
    let log = log_of(desk, organization_of(&ada).await).await;
    let seqs: Vec<i64> = log.iter().map(|event| event.seq).collect();
    assert_eq!(seqs, (1..=log.len() as i64).collect::<Vec<_>>());
    assert_eq!(event["cursor"].as_i64(), seqs.last().copied());
}
