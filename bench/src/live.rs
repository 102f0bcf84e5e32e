//! Live: from the moment a message is due to the moment it stands on the other screen.
//!
//! An open loop: messages are due at fixed times whether earlier ones have arrived or not, and every
//! wait counts from there. Compared with what cannot be saved: one durable row, and one bare relay.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Context as _, bail};
use deskside_db::{Backend, Db, DbError, Migration, Options, SystemSql, system_sql, vals};
use futures_util::{SinkExt as _, StreamExt as _};
use tokio::sync::mpsc;
use tokio::task::JoinSet;
use tokio_tungstenite::tungstenite::Message;

use crate::client::{self, Http, Socket};
use crate::process::Server;
use crate::report::{self, Goal, ms, quantile};
use crate::{Plan, seed};

/// Messages a second.
const RATE: u64 = 500;
/// An operator and a guest each.
const PAIRS: usize = 50;
/// What fills a message up to 200 bytes.
const PADDING: &str = "The boiler shows 1.2 bar, I have photographed the gauge and the valve below it, and the pump is \
     still warm after the night; shall I open the valve a little, or wait until somebody has looked?";
/// A run counts while its comparison is at most this many times the best one: a machine that was busy
/// elsewhere makes the comparison slow, and the desk look good.
const NOISE_MAX: f64 = 2.0;
/// How screens say that they live, and how often.
const PING: &str = r#"{"kind":"ping"}"#;
const PING_EVERY: Duration = Duration::from_secs(7);
/// How long the last message may take.
const DRAIN_TIMEOUT: Duration = Duration::from_secs(10);

static MIGRATIONS: &[Migration] = &[Migration {
    version: 1,
    name: "probe",
    sqlite: "CREATE TABLE probe (id INTEGER NOT NULL PRIMARY KEY, text TEXT NOT NULL) STRICT",
    postgres: "CREATE TABLE probe (id BIGINT NOT NULL PRIMARY KEY, text TEXT NOT NULL)",
}];

static INSERT: SystemSql = system_sql!("INSERT INTO probe (id, text) VALUES ($1, $2)");

/// When messages are due, and when each arrived.
struct Course {
    began: Instant,
    count: usize,
    latency_us: Vec<AtomicU64>,
    arrivals: Vec<AtomicU32>,
    arrived: AtomicU64,
}

impl Course {
    fn new(time: Duration) -> Arc<Self> {
        let count = (time.as_secs_f64() * RATE as f64) as usize;
        Arc::new(Self {
            began: Instant::now() + Duration::from_millis(50),
            count,
            latency_us: (0..count).map(|_| AtomicU64::new(0)).collect(),
            arrivals: (0..count).map(|_| AtomicU32::new(0)).collect(),
            arrived: AtomicU64::new(0),
        })
    }

    fn due(&self, index: usize) -> Instant {
        self.began + Duration::from_micros(1_000_000 / RATE) * u32::try_from(index).unwrap_or(0)
    }

    fn arrive(&self, index: usize) {
        let taken = self.due(index).elapsed();
        if self.arrivals[index].fetch_add(1, Ordering::Relaxed) == 0 {
            let us = u64::try_from(taken.as_micros()).unwrap_or(u64::MAX);
            self.latency_us[index].store(us, Ordering::Relaxed);
            self.arrived.fetch_add(1, Ordering::Relaxed);
        }
    }

    /// Waits until everything has arrived, or nothing more does.
    async fn finish(&self) -> Outcome {
        let until = self.due(self.count) + DRAIN_TIMEOUT;
        while (self.arrived.load(Ordering::Relaxed) as usize) < self.count && Instant::now() < until
        {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        // A doubled one would come late.
        tokio::time::sleep(Duration::from_millis(200)).await;
        let mut outcome = Outcome::default();
        for (arrivals, us) in self.arrivals.iter().zip(&self.latency_us) {
            match arrivals.load(Ordering::Relaxed) {
                0 => outcome.lost += 1,
                times => {
                    outcome.doubled += usize::from(times > 1);
                    outcome
                        .latencies
                        .push(Duration::from_micros(us.load(Ordering::Relaxed)));
                }
            }
        }
        outcome
    }
}

#[derive(Default)]
struct Outcome {
    latencies: Vec<Duration>,
    lost: usize,
    doubled: usize,
}

impl Outcome {
    fn p99(&self) -> f64 {
        ms(quantile(&self.latencies, 0.99))
    }

    fn show(&self) -> String {
        format!(
            "p50 {:.2} p99 {:.2} ms",
            ms(quantile(&self.latencies, 0.5)),
            self.p99()
        )
    }
}

/// A pair's two ways of sending: side 0 is the operator, side 1 the guest.
struct Side {
    path: String,
    live: String,
    cookie: String,
}

/// Runs the benchmark.
pub async fn run(plan: Plan) -> anyhow::Result<()> {
    report::section(&format!(
        "Live: {RATE} messages/s over {PAIRS} pairs, due -> on the other screen, {} s a run",
        plan.time.as_secs()
    ));
    let folder = seed::folder()?;
    let sides = seed_pairs(folder.path()).await?;
    let server = Server::deskside(folder.path()).await?;
    let bare = Server::bare().await?;
    let (mut found, mut lost, mut doubled) = (Vec::new(), 0, 0);
    for run in 1..=plan.runs {
        let raw = raw_commits(plan.time).await?;
        let relay = relayed(bare.address, plan.time).await?;
        let desk = through_desk(server.address, &sides, plan.time).await?;
        if raw.lost + relay.lost > 0 {
            bail!("the comparison itself lost messages");
        }
        let bare_p99 = raw.p99() + relay.p99();
        let ratio = desk.p99() / bare_p99;
        report::line(format!(
            "run {run}: raw commit {}, bare relay {}, desk {}, lost {}, doubled {}, ratio {ratio:.2}",
            raw.show(),
            relay.show(),
            desk.show(),
            desk.lost,
            desk.doubled
        ));
        found.push((bare_p99, ratio));
        lost += desk.lost;
        doubled += desk.doubled;
    }
    let best = found.iter().map(|(bare, _)| *bare).fold(f64::MAX, f64::min);
    let calm = |(bare, _): &&(f64, f64)| *bare <= best * NOISE_MAX;
    let ratios: Vec<f64> = found.iter().filter(calm).map(|(_, ratio)| *ratio).collect();
    if ratios.len() < found.len() {
        report::line(format!(
            "{} of {} runs do not count: the comparison itself was disturbed",
            found.len() - ratios.len(),
            found.len()
        ));
    }
    report::verdict(
        "p99 of the desk / (raw commit p99 + bare relay p99)",
        &ratios,
        Goal::AtMost(5.0),
    );
    server.stop().await?;
    if lost + doubled > 0 {
        bail!("{lost} messages were lost and {doubled} came twice");
    }
    Ok(())
}

async fn seed_pairs(folder: &std::path::Path) -> anyhow::Result<Vec<[Side; 2]>> {
    let app = seed::open(folder).await?;
    let mut pairs = Vec::new();
    for index in 0..PAIRS {
        let operator = seed::operator(&app, index).await?;
        let guest = seed::guest(&app, &operator, index).await?;
        let case_id = guest.case_id;
        pairs.push([
            Side {
                path: format!("/api/v1/cases/{case_id}/messages"),
                live: "/api/v1/live".to_owned(),
                cookie: operator.cookie,
            },
            Side {
                path: format!("/api/v1/guest/cases/{case_id}/messages"),
                live: format!("/api/v1/guest/cases/{case_id}/live"),
                cookie: guest.cookie,
            },
        ]);
    }
    app.db().close().await;
    Ok(pairs)
}

/// One row a message through `crates/db`, at the same times.
async fn raw_commits(time: Duration) -> anyhow::Result<Outcome> {
    let folder = seed::folder()?;
    let db = Db::open(Options {
        backend: Backend::Sqlite {
            file: folder.path().join("probe.db"),
        },
        migrations: MIGRATIONS,
        readers: 1,
    })
    .await?;
    let course = Course::new(time);
    let mut writes = JoinSet::new();
    for index in 0..course.count {
        tokio::time::sleep_until(course.due(index).into()).await;
        let (db, course) = (db.clone(), course.clone());
        writes.spawn(async move {
            let id = i64::try_from(index).unwrap_or(0);
            db.write(move |tx| {
                Box::pin(async move { tx.system().execute(&INSERT, vals![id, PADDING]).await })
            })
            .await?;
            course.arrive(index);
            Ok::<_, DbError>(())
        });
    }
    while let Some(written) = writes.join_next().await {
        written??;
    }
    let outcome = course.finish().await;
    db.close().await;
    Ok(outcome)
}

/// The same messages over a relay that keeps nothing.
async fn relayed(address: SocketAddr, time: Duration) -> anyhow::Result<Outcome> {
    let mut senders = Vec::new();
    let mut sockets = Vec::new();
    for pair in 0..PAIRS {
        for side in 0..2 {
            let path = format!("/relay/{pair}/{side}");
            sockets.push((side, client::websocket(address, &path, "").await?));
        }
    }
    let course = Course::new(time);
    let mut tasks = JoinSet::new();
    for (side, socket) in sockets {
        let (sender, mut due) = mpsc::unbounded_channel::<usize>();
        senders.push(sender);
        let course = course.clone();
        let (mut out, inward) = socket.split();
        tasks.spawn(listen(course, side, inward));
        tasks.spawn(async move {
            while let Some(index) = due.recv().await {
                out.send(Message::Text(text(index, side).into())).await?;
            }
            // Dropping this half closes nothing: the socket lives in the listening one.
            std::future::pending().await
        });
    }
    drive(&course, &senders).await;
    let outcome = course.finish().await;
    tasks.abort_all();
    Ok(outcome)
}

/// The same messages as the product takes and shows them.
async fn through_desk(
    address: SocketAddr,
    pairs: &[[Side; 2]],
    time: Duration,
) -> anyhow::Result<Outcome> {
    let mut ends = Vec::new();
    for pair in pairs {
        for (side, end) in pair.iter().enumerate() {
            let socket = client::websocket(address, &end.live, &end.cookie).await?;
            let http = Http::connect(address).await?;
            ends.push((side, end, socket, http));
        }
    }
    let course = Course::new(time);
    let mut tasks: JoinSet<anyhow::Result<()>> = JoinSet::new();
    let mut senders = Vec::new();
    for (side, end, socket, mut http) in ends {
        let (sender, mut due) = mpsc::unbounded_channel::<usize>();
        senders.push(sender);
        let (mut out, inward) = socket.split();
        tasks.spawn(listen(course.clone(), side, inward));
        tasks.spawn(async move {
            loop {
                out.send(Message::Text(PING.into())).await?;
                tokio::time::sleep(PING_EVERY).await;
            }
        });
        let (path, cookie) = (end.path.clone(), end.cookie.clone());
        tasks.spawn(async move {
            while let Some(index) = due.recv().await {
                http.message(&path, &cookie, &text(index, side)).await?;
            }
            std::future::pending().await
        });
    }
    drive(&course, &senders).await;
    let outcome = course.finish().await;
    tasks.abort_all();
    // A task that ended by itself failed.
    while let Some(ended) = tasks.join_next().await {
        if let Ok(result) = ended {
            result.context("a client failed")?;
        }
    }
    Ok(outcome)
}

/// Hands out what is due, in turn to each pair, both sides alternating.
async fn drive(course: &Course, senders: &[mpsc::UnboundedSender<usize>]) {
    for index in 0..course.count {
        tokio::time::sleep_until(course.due(index).into()).await;
        let (pair, side) = (index % PAIRS, (index / PAIRS) % 2);
        senders[pair * 2 + side].send(index).ok();
    }
}

fn text(index: usize, side: usize) -> String {
    let mut text = format!("m{index}.{side} {PADDING}");
    text.truncate(200);
    text
}

/// Notes every message of the other side.
async fn listen(
    course: Arc<Course>,
    side: usize,
    mut inward: futures_util::stream::SplitStream<Socket>,
) -> anyhow::Result<()> {
    while let Some(message) = inward.next().await {
        if let Message::Text(frame) = message? {
            let marked = match frame.as_str().split_once(r#""text":"m"#) {
                Some((_, rest)) => rest,
                None => match frame.as_str().strip_prefix('m') {
                    Some(rest) => rest,
                    None => continue,
                },
            };
            let (index, from) = marked
                .split_once(' ')
                .and_then(|(mark, _)| mark.split_once('.'))
                .context("a message without its mark")?;
            let index: usize = index.parse()?;
            if from.parse::<usize>()? != side && index < course.count {
                course.arrive(index);
            }
        }
    }
    bail!("a socket ended")
}
