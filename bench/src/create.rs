//! Create: cases a second through HTTP with 4 clients, each answered with the whole case after its commit, compared with
//! the same statements run on `crates/db` by 4 tasks and nothing around them.

use deskside::app::App;
use deskside::audit::{self, NewEntry, Verb};
use deskside::auth::OperatorSession;
use deskside::events::store as events;
use deskside::events::{Event, NewEvent, OperatorRef, Who};
use deskside::ids::CaseId;
use deskside::once::{self, IdempotencyKey, Once};
use deskside::search::index::{self, Change, Part};
use deskside::search::{Place, tend};
use deskside::{cases, custom_fields, guests, team};
use deskside_db::{DbError, Uuid};

use crate::client::Http;
use crate::durable::{Step, rate};
use crate::process::Server;
use crate::report::{self, Goal};
use crate::{Plan, seed};

/// Who creates at once.
const CLIENTS: usize = 4;

/// Runs the benchmark.
pub async fn run(plan: Plan) -> anyhow::Result<()> {
    report::section(&format!(
        "Create: cases/s with {CLIENTS} clients, {} s a run",
        plan.time.as_secs()
    ));
    let (served, alone) = (seed::folder()?, seed::folder()?);
    let app = seed::open(served.path()).await?;
    let operator = seed::operator(&app, 0).await?;
    app.db().close().await;
    let server = Server::deskside(served.path()).await?;
    let app = seed::open(alone.path()).await?;
    let same = seed::operator(&app, 0).await?.session;

    let mut ratios = Vec::new();
    for run in 1..=plan.runs {
        let rows = (0..CLIENTS).map(|_| Rows {
            app: app.clone(),
            who: same.clone(),
        });
        let bare = rate(plan.time, rows.collect()).await?;
        let mut requests = Vec::new();
        for _ in 0..CLIENTS {
            requests.push(Requests {
                http: Http::connect(server.address).await?,
                cookie: operator.cookie.clone(),
            });
        }
        let desk = rate(plan.time, requests).await?;
        let ratio = desk / bare;
        report::line(format!(
            "run {run}: crates/db alone {bare:.0}/s, through HTTP {desk:.0}/s, ratio {ratio:.2}"
        ));
        ratios.push(ratio);
    }
    report::verdict(
        "cases/s through HTTP / the same rows through crates/db",
        &ratios,
        Goal::AtLeast(0.40),
    );
    app.db().close().await;
    server.stop().await
}

struct Requests {
    http: Http,
    cookie: String,
}

impl Step for Requests {
    async fn step(&mut self) -> anyhow::Result<()> {
        let key = Uuid::now_v7();
        let headers = format!("cookie: {}\r\nidempotency-key: {key}\r\n", self.cookie);
        let body = r#"{"name":"Nick Evans","email":"nick@mail.example"}"#;
        let answer = self
            .http
            .send("POST", "/api/v1/cases", &headers, body)
            .await?;
        if answer.status != 201 {
            anyhow::bail!("a case got {}", answer.status);
        }
        Ok(())
    }
}

struct Rows {
    app: App,
    who: OperatorSession,
}

impl Step for Rows {
    /// The statements of `cases::create`, in its order.
    async fn step(&mut self) -> anyhow::Result<()> {
        let (now, key) = (self.app.clock.now(), IdempotencyKey(Uuid::now_v7()));
        let id = CaseId::new(now, &self.app.random);
        let once = Once::new(self.who.operator.uuid(), key, "bench", [0; 32]);
        let (who, queue) = (self.who.clone(), self.app.writer.queue.clone());
        let hash: [u8; 32] = self.app.random.bytes();
        self.app
            .db()
            .write(move |tx| {
                Box::pin(async move {
                    let actor = Who::Operator(who.operator);
                    let mut org = tx.org(who.organization);
                    once::store::claim(&mut org, &once, id.uuid(), now).await?;
                    let (origin, meeting) = (cases::Origin::Manual, cases::MeetingType::Individual);
                    let number =
                        cases::store::insert(&mut org, id, "Nick Evans", origin, meeting, now)
                            .await?;
                    for (field, value) in [
                        (cases::FieldName::Name, "Nick Evans"),
                        (cases::FieldName::Email, "nick@mail.example"),
                        (cases::FieldName::Language, "en"),
                    ] {
                        cases::store::put_field(&mut org, id, field, value, 1, actor, now).await?;
                    }
                    team::store::organization(&mut org).await?;
                    custom_fields::store::hold(&mut org).await?;
                    custom_fields::store::fields(&mut org).await?;
                    let first = cases::store::next_entry(&mut org, id, now).await?;
                    let operator = team::store::operator_ref(&mut org, who.operator).await?;
                    let operator = operator.unwrap_or(OperatorRef {
                        id: who.operator,
                        name: String::new(),
                    });
                    cases::store::set_status(&mut org, id, cases::Status::Active, now).await?;
                    cases::store::insert_operator(&mut org, id, who.operator, now).await?;
                    let second = cases::store::next_entry(&mut org, id, now).await?;
                    guests::store::insert_link(&mut org, hash.to_vec(), id, vec![0; 80], now)
                        .await?;
                    cases::store::head(&mut org, id).await?;
                    cases::store::fields(&mut org, id).await?;
                    custom_fields::store::fields(&mut org).await?;
                    custom_fields::store::values(&mut org, id).await?;
                    let event = |entry, event| NewEvent {
                        case_id: Some(id),
                        entry: Some(entry),
                        at: now,
                        who: actor,
                        event,
                        merged_from: None,
                    };
                    let told = [
                        event(first, Event::CaseCreated { origin }),
                        event(
                            second,
                            Event::OperatorJoined {
                                operator,
                                claimed: false,
                            },
                        ),
                    ];
                    let last = events::append(&mut org, &told).await?;
                    let part = |place, text: String| Part {
                        place,
                        label: None,
                        text,
                    };
                    let details = Change::Details {
                        case_id: id,
                        documents: index::documents(&[
                            part(Place::Number, number.to_string()),
                            part(Place::Name, "Nick Evans".into()),
                            part(Place::Email, "nick@mail.example".into()),
                        ]),
                        past: false,
                    };
                    index::flush(&mut org, &[details], &told, last, now).await?;
                    let entry = NewEntry {
                        who: actor,
                        verb: Verb::CaseCreated,
                        object: id.into(),
                        detail: String::new(),
                    };
                    audit::append(&mut org, &[entry], now).await?;
                    queue
                        .enqueue(tx, tend::settle_later(who.organization, now))
                        .await?;
                    Ok::<_, DbError>(())
                })
            })
            .await?;
        Ok(())
    }
}
