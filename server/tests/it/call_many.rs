//! A thousand short calls leave nothing behind: no open row, no tile, no descriptor, no thread, no task, no memory.

use std::sync::Arc;
use std::time::Duration;

use deskside::migrations::MIGRATIONS;
use deskside_db::{Backend, Db, DbError, Dialect, Options, SystemSql, system_sql, vals};
use futures_util::future::join_all;
use serde_json::json;
use tokio::runtime::Handle;
use tokio::time::{Instant, sleep};

use crate::call_ends::organization;
use crate::calls::calls_of;
use crate::durability_process::{Place, Process};
use crate::support::{Actor, Caller, Desk, Wire, offer, on_both_databases, run, start_call};

/// Calls that are counted, and those before them, which fill caches and pools.
const CALLS: usize = 1_000;
const BEFORE: usize = 200;
/// Operators who call at once, one call after another.
const LANES: usize = 4;
/// Cases of each, which take turns: guests may join so often in a minute, and those of a case together.
const CASES: usize = 8;
/// Guests of a case, who take turns.
const GUESTS: usize = 2;
/// In every so many-th call an operator and a guest connect and hear each other.
const CONNECTED_EVERY: usize = 50;
/// What the connections of this test's own people may add: one for each lane and one besides.
const DESCRIPTORS_MORE: usize = LANES + 1;
/// Threads that the pool for slow work may have woken meanwhile.
const THREADS_MORE: usize = 8;
/// What a call may add, which is what caches still take: unoptimized about 2 KiB. A peer alone would be over 100.
const BYTES_MAX: u64 = 8 * 1024;
/// How long the last connections may take to go.
const PATIENCE: Duration = Duration::from_secs(60);

static OPEN: SystemSql = system_sql!(
    "SELECT (SELECT COUNT(*) FROM calls) AS calls,
            (SELECT COUNT(*) FROM calls WHERE ended_at IS NULL) AS open_calls,
            (SELECT COUNT(*) FROM call_participants WHERE left_at IS NULL) AS present"
);

#[test]
fn a_thousand_short_calls_leave_nothing_behind() {
    run(
        Dialect::Sqlite,
        |_| {},
        async |_: &mut Desk| {
            let place = Place::new();
            let process = Process::first(&place).await;
            let ada = process.administrator(&Arc::new(Wire::new())).await;
            let lanes = join_all((0..LANES).map(|number| Lane::open(&ada, number))).await;

            call_in(&lanes, BEFORE).await;
            let descriptors = count(&process, "fd");
            let threads = count(&process, "task");
            let memory = process.memory();

            call_in(&lanes, CALLS).await;
            until(|| {
                count(&process, "fd") <= descriptors + DESCRIPTORS_MORE
                    && count(&process, "task") <= threads + THREADS_MORE
            })
            .await
            .unwrap_or_else(|()| {
                let (now, then) = (count(&process, "fd"), count(&process, "task"));
                panic!("{descriptors} descriptors became {now}, {threads} threads {then}");
            });
            let each = process.memory().saturating_sub(memory) / CALLS as u64;
            assert!(each < BYTES_MAX, "{each} bytes for each call that is over");

            // A screen that comes is shown what the server holds open: before the message comes nothing.
            let mut screen = ada.live("/live").await.unwrap();
            screen.next_of("hello").await;
            ada.send(&lanes[0].cases[0].0, "Who is there?").await;
            loop {
                let frame = screen.next().await;
                assert_ne!(frame["kind"], "call", "{frame}");
                if frame["event"]["type"] == "message.sent" {
                    break;
                }
            }
            assert!(process.stop().await.success());
            let file = place.folder.path().join("deskside.db");
            assert_eq!(rows(file).await, ((BEFORE + CALLS) as i64, 0, 0));
        },
    );
}

/// An operator with cases, each with guests, who call each other.
struct Lane {
    operator: Actor,
    cases: Vec<(String, Vec<Actor>)>,
    offer: String,
}

impl Lane {
    async fn open(administrator: &Actor, number: usize) -> Lane {
        let operator = administrator
            .invite(&format!("Mari {number}"), "operator")
            .await;
        let mut cases = Vec::new();
        for number in 0..CASES {
            let case = operator.create_case(&format!("Case {number}")).await;
            let mut guests = Vec::new();
            for _ in 0..GUESTS {
                guests.push(operator.guest_of(&case).await);
            }
            cases.push((case, guests));
        }
        Lane {
            operator,
            cases,
            offer: offer(),
        }
    }

    async fn call(&self, number: usize) {
        let (case, guests) = &self.cases[number % CASES];
        let call = start_call(&self.operator, case).await;
        let guest = &guests[number / CASES % GUESTS];
        let at = format!("/guest/cases/{case}/calls/{call}");
        if number.is_multiple_of(CONNECTED_EVERY) {
            let mut operator = Caller::operator(&self.operator, case, &call).await;
            let mut guest = Caller::connect(guest, &at, None).await;
            operator.peer.as_mut().unwrap().hears().await;
            guest.peer.as_mut().unwrap().hears().await;
            operator.leave().await.expect(204);
            guest.leave().await.expect(204);
        } else if number.is_multiple_of(2) {
            let guest = Caller::join(guest, &at, &self.offer, None).await;
            guest.leave().await.expect(204);
        } else {
            Caller::join(guest, &at, &self.offer, None).await;
            let end = format!("/cases/{case}/calls/{call}/end");
            self.operator.post(&end, json!({})).await.expect(204);
        }
    }
}

/// So many calls, one after another in each lane.
async fn call_in(lanes: &[Lane], calls: usize) {
    let each = calls / lanes.len();
    join_all(lanes.iter().map(async |lane| {
        for number in 0..each {
            lane.call(number).await;
        }
    }))
    .await;
}

/// How much the kernel lists for a process.
fn count(process: &Process, list: &str) -> usize {
    let folder = format!("/proc/{}/{list}", process.program());
    std::fs::read_dir(folder).unwrap().count()
}

/// Waits until it is so.
async fn until(is: impl Fn() -> bool) -> Result<(), ()> {
    let begin = Instant::now();
    while !is() {
        if begin.elapsed() > PATIENCE {
            return Err(());
        }
        sleep(Duration::from_millis(20)).await;
    }
    Ok(())
}

/// Calls, those that are open, and participants who are present.
async fn rows(file: std::path::PathBuf) -> (i64, i64, i64) {
    let db = Db::open(Options {
        backend: Backend::Sqlite { file },
        migrations: MIGRATIONS,
        readers: 1,
    })
    .await
    .unwrap();
    let found: Result<_, DbError> = db
        .read(|tx| {
            Box::pin(async move {
                let row = tx.system().row(&OPEN, vals![]).await?;
                let row = row.expect("one row");
                Ok((
                    row.get("calls")?,
                    row.get("open_calls")?,
                    row.get("present")?,
                ))
            })
        })
        .await;
    db.close().await;
    found.unwrap()
}

on_both_databases![short_calls_leave_no_task_behind];

async fn short_calls_leave_no_task_behind(desk: &mut Desk) {
    let mari = desk.operator("Mari").await;
    let case = mari.create_case("Nick Evans").await;
    let offer = offer();
    let calls = async |count: usize| {
        for _ in 0..count {
            let call = start_call(&mari, &case).await;
            let at = format!("/cases/{case}/calls/{call}");
            let operator = Caller::join(&mari, &at, &offer, None).await;
            operator.leave().await.expect(204);
        }
    };
    calls(5).await;
    let metrics = Handle::current().metrics();
    let tasks = metrics.num_alive_tasks();
    calls(25).await;
    // Each connection of a client is a task on both sides.
    let gone = until(|| metrics.num_alive_tasks() <= tasks + 2).await;
    let now = metrics.num_alive_tasks();
    assert!(gone.is_ok(), "{tasks} tasks became {now}");
    assert_eq!(calls_of(&mari, &case).await.len(), 60);
    let open = desk.app.calls.of_organization(organization(desk).await);
    assert!(open.is_empty(), "{open:?}");
}
