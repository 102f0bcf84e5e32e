//! Durable: messages a second through HTTP with 64 senders, each answered after its commit, compared
//! with the same statements run on `crates/db` by 64 tasks and nothing around them.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use deskside::app::App;
use deskside::events::store as events;
use deskside::events::{Event, NewEvent, Who};
use deskside::ids::{CaseId, OperatorId, OrganizationId};
use deskside::search::index::{self, Change};
use deskside::{cases, chat, text};
use deskside_db::{DbError, Uuid};
use tokio::task::JoinSet;
use tokio::time::Instant;

use crate::client::Http;
use crate::process::Server;
use crate::report::{self, Goal};
use crate::{Plan, seed};

/// Who sends at once, each in a case of its own.
const SENDERS: usize = 64;
/// A message of everyday length.
const TEXT: &str = "The boiler shows 1.2 bar, I have photographed the gauge and the valve below it, and the pump is \
     still warm after the night; shall I open the valve a little, or wait?";

/// Runs the benchmark.
pub async fn run(plan: Plan) -> anyhow::Result<()> {
    report::section(&format!(
        "Durable: messages/s with {SENDERS} senders, {} s a run",
        plan.time.as_secs()
    ));
    let (served, alone) = (seed::folder()?, seed::folder()?);
    let app = seed::open(served.path()).await?;
    let operator = seed::operator(&app, 0).await?;
    let mut paths = Vec::new();
    for index in 0..SENDERS {
        let guest = seed::guest(&app, &operator, index).await?;
        paths.push(format!("/api/v1/cases/{}/messages", guest.case_id));
    }
    app.db().close().await;
    let server = Server::deskside(served.path()).await?;

    let app = seed::open(alone.path()).await?;
    let same = seed::operator(&app, 0).await?.session;
    let mut case_ids = Vec::new();
    let one = seed::Operator {
        session: same.clone(),
        cookie: String::new(),
    };
    for index in 0..SENDERS {
        case_ids.push(seed::guest(&app, &one, index).await?.case_id);
    }

    let mut ratios = Vec::new();
    for run in 1..=plan.runs {
        let bare = {
            let mut tasks = Vec::new();
            for case_id in &case_ids {
                tasks.push(Rows {
                    app: app.clone(),
                    organization: same.organization,
                    case_id: *case_id,
                    operator: same.operator,
                });
            }
            rate(plan.time, tasks).await?
        };
        let desk = {
            let mut tasks = Vec::new();
            for path in &paths {
                tasks.push(Requests {
                    http: Http::connect(server.address).await?,
                    path: path.clone(),
                    cookie: operator.cookie.clone(),
                });
            }
            rate(plan.time, tasks).await?
        };
        let ratio = desk / bare;
        report::line(format!(
            "run {run}: crates/db alone {bare:.0}/s, through HTTP {desk:.0}/s, ratio {ratio:.2}"
        ));
        ratios.push(ratio);
    }
    report::verdict(
        "messages/s through HTTP / the same rows through crates/db",
        &ratios,
        Goal::AtLeast(0.40),
    );
    app.db().close().await;
    server.stop().await
}

/// Something that is done again and again.
pub trait Step: Send + 'static {
    /// Does it once.
    fn step(&mut self) -> impl Future<Output = anyhow::Result<()>> + Send;
}

/// How many steps a second all of them do together.
pub async fn rate<S: Step>(time: Duration, steps: Vec<S>) -> anyhow::Result<f64> {
    let done = Arc::new(AtomicU64::new(0));
    let mut tasks = JoinSet::new();
    let began = Instant::now();
    for mut step in steps {
        let done = done.clone();
        tasks.spawn(async move {
            while began.elapsed() < time {
                step.step().await?;
                done.fetch_add(1, Ordering::Relaxed);
            }
            anyhow::Ok(())
        });
    }
    while let Some(ended) = tasks.join_next().await {
        ended??;
    }
    Ok(done.load(Ordering::Relaxed) as f64 / began.elapsed().as_secs_f64())
}

struct Requests {
    http: Http,
    path: String,
    cookie: String,
}

impl Step for Requests {
    async fn step(&mut self) -> anyhow::Result<()> {
        self.http.message(&self.path, &self.cookie, TEXT).await
    }
}

struct Rows {
    app: App,
    organization: OrganizationId,
    case_id: CaseId,
    operator: OperatorId,
}

impl Step for Rows {
    /// The statements of `chat::send`, in its order.
    async fn step(&mut self) -> anyhow::Result<()> {
        let (organization, case_id, operator) = (self.organization, self.case_id, self.operator);
        let (now, key) = (self.app.clock.now(), Uuid::now_v7());
        self.app
            .db()
            .write(move |tx| {
                Box::pin(async move {
                    let who = Who::Operator(operator);
                    let mut tx = tx.org(organization);
                    cases::store::lock(&mut tx, case_id).await?;
                    chat::store::find_message(&mut tx, case_id, operator.uuid(), key).await?;
                    cases::store::has_operator(&mut tx, case_id, operator).await?;
                    let snippet = text::snippet(TEXT);
                    let entry =
                        cases::store::next_message(&mut tx, case_id, who, &snippet, now).await?;
                    chat::store::insert_message(&mut tx, case_id, operator.uuid(), key, entry)
                        .await?;
                    let event = NewEvent {
                        case_id: Some(case_id),
                        entry: Some(entry),
                        at: now,
                        who,
                        event: Event::MessageSent {
                            text: TEXT.to_owned(),
                            client_key: Some(key),
                        },
                        merged_from: None,
                    };
                    let last = events::append(&mut tx, std::slice::from_ref(&event)).await?;
                    let indexed = Change::Message {
                        case_id,
                        entry,
                        internal: false,
                        text: TEXT.to_owned(),
                    };
                    index::flush(&mut tx, &[indexed], &[event], last, now).await?;
                    Ok::<_, DbError>(())
                })
            })
            .await?;
        Ok(())
    }
}
