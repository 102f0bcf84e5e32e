//! Idle: memory of a live socket on which nothing happens, compared with a bare socket of the same
//! library with the same buffers.

use std::path::Path;

use anyhow::bail;
use tokio::task::JoinSet;

use crate::client::{self, Http, Socket};
use crate::process::Server;
use crate::report::{self, Goal};
use crate::{Plan, seed};

/// Sockets open at once.
const SOCKETS: usize = 5_000;
/// Organizations they spread over.
const ORGANIZATIONS: usize = 50;
/// Sockets of each organization's operator; the others are guests, each in a case of its own.
const PER_OPERATOR: usize = 20;
/// Handshakes under way at once.
const AT_ONCE: usize = 32;

/// A socket to open.
#[derive(Clone)]
struct Place {
    path: String,
    cookie: String,
    /// Read once before memory is measured, so that what the database keeps is there already.
    warm: String,
}

/// Runs the benchmark.
pub async fn run(plan: Plan) -> anyhow::Result<()> {
    report::section(&format!(
        "Idle: memory of each of {SOCKETS} live sockets ({} of guests)",
        SOCKETS - ORGANIZATIONS * PER_OPERATOR
    ));
    enough_files()?;
    let folder = seed::folder()?;
    let places = seed_places(folder.path()).await?;
    let bare_places: Vec<Place> = (0..SOCKETS)
        .map(|index| Place {
            path: format!("/relay/{index}/0"),
            cookie: String::new(),
            warm: "/".to_owned(),
        })
        .collect();
    let mut ratios = Vec::new();
    for run in 1..=plan.runs {
        let bare = each(Server::bare().await?, &bare_places).await?;
        let desk = each(Server::deskside(folder.path()).await?, &places).await?;
        let ratio = desk / bare;
        report::line(format!(
            "run {run}: bare {:.1} KiB, desk {:.1} KiB a socket, ratio {ratio:.2}",
            bare / 1024.0,
            desk / 1024.0
        ));
        ratios.push(ratio);
    }
    report::verdict(
        "memory of an idle live socket / of a bare one",
        &ratios,
        Goal::AtMost(2.0),
    );
    Ok(())
}

async fn seed_places(folder: &Path) -> anyhow::Result<Vec<Place>> {
    let app = seed::open(folder).await?;
    let mut places = Vec::new();
    for index in 0..ORGANIZATIONS {
        let operator = seed::operator(&app, index).await?;
        for case in PER_OPERATOR..SOCKETS / ORGANIZATIONS {
            let guest = seed::guest(&app, &operator, case).await?;
            places.push(Place {
                path: format!("/api/v1/guest/cases/{}/live", guest.case_id),
                cookie: guest.cookie,
                warm: format!("/api/v1/guest/cases/{}", guest.case_id),
            });
        }
        for _ in 0..PER_OPERATOR {
            places.push(Place {
                path: "/api/v1/live".to_owned(),
                cookie: operator.cookie.clone(),
                warm: "/api/v1/cases".to_owned(),
            });
        }
    }
    app.db().close().await;
    Ok(places)
}

/// Bytes that each socket adds to a server's memory.
async fn each(server: Server, places: &[Place]) -> anyhow::Result<f64> {
    let mut http = Http::connect(server.address).await?;
    for place in places {
        let cookie = format!("cookie: {}\r\n", place.cookie);
        let answer = http.send("GET", &place.warm, &cookie, "").await?;
        if answer.status != 200 {
            bail!("{} got {}", place.warm, answer.status);
        }
    }
    let before = server.memory()?;
    let mut open: Vec<Socket> = Vec::with_capacity(places.len());
    let mut opening = JoinSet::new();
    for place in places {
        if opening.len() >= AT_ONCE
            && let Some(opened) = opening.join_next().await
        {
            open.push(opened??);
        }
        let (address, place) = (server.address, place.clone());
        opening.spawn(async move { client::websocket(address, &place.path, &place.cookie).await });
    }
    while let Some(opened) = opening.join_next().await {
        open.push(opened??);
    }
    let after = settled(&server).await?;
    let count = open.len();
    drop(open);
    server.stop().await?;
    Ok(after.saturating_sub(before) as f64 / count as f64)
}

/// Memory once it has stopped changing: a handshake is answered before its first frame is sent.
async fn settled(server: &Server) -> anyhow::Result<u64> {
    let mut last = server.memory()?;
    for _ in 0..40 {
        tokio::time::sleep(std::time::Duration::from_millis(250)).await;
        let now = server.memory()?;
        if now.abs_diff(last) < last / 500 {
            return Ok(now);
        }
        last = now;
    }
    bail!("memory did not settle");
}

/// Both ends of every socket are files of two processes, each with its own limit.
fn enough_files() -> anyhow::Result<()> {
    let text = std::fs::read_to_string("/proc/self/limits")?;
    let soft = text
        .lines()
        .find_map(|line| line.strip_prefix("Max open files"))
        .and_then(|rest| rest.split_whitespace().next())
        .and_then(|number| number.parse::<usize>().ok());
    if soft.is_some_and(|soft| soft < SOCKETS + 200) {
        bail!(
            "at most {soft:?} files may be open; start this by script/bench, or raise `ulimit -n`"
        );
    }
    Ok(())
}
