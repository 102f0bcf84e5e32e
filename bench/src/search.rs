//! Search: a rare and a common word among millions of messages, for an administrator and for an operator who sees
//! 20 cases, as requests; compared with the bare question to the index in the same run.

use std::time::{Duration, Instant};

use anyhow::bail;
use deskside::limits;
use deskside::search::store;
use deskside_db::{DbError, SystemSql, system_sql, vals};

use crate::client::Http;
use crate::process::Server;
use crate::report::{self, Goal, ms, quantile};
use crate::talks::{self, COMMON, MESSAGES, OWN, RARE, Talks};
use crate::{Plan, seed};

/// Questions of one kind in one run.
const REQUESTS: usize = 60;

/// The newest hits by their numbers alone, as many as a search looks at.
static BARE: SystemSql = system_sql!(
    "SELECT f.rowid AS id FROM search_fts f WHERE f.search_fts MATCH $1 AND f.rowid >= $2 AND f.rowid <= $3
     ORDER BY f.rowid DESC LIMIT $4"
);

/// Runs the benchmark.
pub async fn run(plan: Plan, cases: usize) -> anyhow::Result<()> {
    report::section(&format!(
        "Search: {cases} cases, {} messages, {REQUESTS} questions of a kind a run",
        cases * MESSAGES
    ));
    let talks = talks::talks(cases).await?;
    let kinds = [
        ("rare, administrator", RARE, true),
        ("common, administrator", COMMON, true),
        ("rare, sees 20 cases", RARE, false),
        ("common, sees 20 cases", COMMON, false),
    ];
    let mut ratios = [const { Vec::new() }; 4];
    for run in 1..=plan.runs {
        let bare = [
            (RARE, bare(&talks, RARE).await?),
            (COMMON, bare(&talks, COMMON).await?),
        ];
        let server = Server::deskside(&talks.folder).await?;
        let mut http = Http::connect(server.address).await?;
        for ((name, word, all), ratios) in kinds.into_iter().zip(&mut ratios) {
            let cookie = if all {
                &talks.administrator
            } else {
                &talks.operator
            };
            let times = requests(&mut http, cookie, word, all).await?;
            let alone = bare
                .iter()
                .find(|(own, _)| *own == word)
                .map_or(Duration::ZERO, |bare| bare.1);
            let ratio = ms(quantile(&times, 0.5)) / ms(alone);
            report::line(format!(
                "run {run}: {name}: index alone p50 {:.2} ms; request p50 {:.2} p99 {:.2} ms; ratio {ratio:.2}",
                ms(alone),
                ms(quantile(&times, 0.5)),
                ms(quantile(&times, 0.99))
            ));
            ratios.push(ratio);
        }
        server.stop().await?;
    }
    for ((name, ..), ratios) in kinds.iter().zip(&ratios) {
        let what = format!("{name}: median time of a request / of the bare question to the index");
        report::verdict(&what, ratios, Goal::AtMost(10.0));
    }
    Ok(())
}

/// Time of the bare question, in this process.
async fn bare(talks: &Talks, word: &'static str) -> anyhow::Result<Duration> {
    let app = seed::open(&talks.folder).await?;
    let organization = talks::organization(&app).await?;
    let scope = app
        .read(organization, |tx| {
            Box::pin(async move { Ok(store::scope(tx).await?) })
        })
        .await?
        .ok_or_else(|| anyhow::anyhow!("no organization"))?;
    let mut times = Vec::with_capacity(REQUESTS);
    for _ in 0..REQUESTS {
        let began = Instant::now();
        let hits = app
            .db()
            .read(move |tx| {
                Box::pin(async move {
                    let phrase = format!("\"{word}\"");
                    let most = limits::SEARCH_BEST_HITS as i64;
                    let values = vals![phrase, scope.low, scope.high, most];
                    let rows = tx.system().rows(&BARE, values).await?;
                    Ok::<_, DbError>(rows.len())
                })
            })
            .await?;
        times.push(began.elapsed());
        if hits < OWN {
            bail!("{word} was found {hits} times");
        }
    }
    app.db().close().await;
    Ok(quantile(&times, 0.5))
}

/// Times of requests for a page.
async fn requests(
    http: &mut Http,
    cookie: &str,
    word: &str,
    all: bool,
) -> anyhow::Result<Vec<Duration>> {
    let headers = format!("cookie: {cookie}\r\n");
    let expected = if all && word == COMMON { 50 } else { OWN };
    let mut times = Vec::with_capacity(REQUESTS);
    for _ in 0..REQUESTS {
        let began = Instant::now();
        let path = format!("/api/v1/search?q={word}&limit=50");
        let answer = http.send("GET", &path, &headers, "").await?;
        times.push(began.elapsed());
        let body = String::from_utf8(answer.body)?;
        let found = body.matches(r#""hit":"#).count();
        if answer.status != 200 || found != expected {
            bail!("{path} got {} with {found} cases", answer.status);
        }
    }
    Ok(times)
}
