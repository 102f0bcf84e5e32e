//! List: the 50 newest cases of a million, compared with those of fifty thousand, as requests.

use std::time::{Duration, Instant};

use anyhow::{Context as _, bail};

use crate::client::Http;
use crate::process::Server;
use crate::report::{self, Goal, ms, quantile};
use crate::{Plan, many};

/// Cases of the two folders.
const FEW: usize = 50_000;
const MANY: usize = 1_000_000;
/// Requests of one kind in one run.
const REQUESTS: usize = 200;
/// The page deep in the list.
const DEEP_PAGE: usize = 1_000;
/// Rows of a page.
const PAGE: usize = 50;

/// The list that is read page after page.
const ALL: (&str, &str) = ("everyone's, all", "status=all&operator=everyone");

/// Kinds of list, as the dashboard asks for them.
fn kinds() -> Vec<(&'static str, String)> {
    let [(common, ..), (rare, ..)] = many::TAGS;
    let everyone = "status=active&operator=everyone";
    vec![
        ("mine, active", "status=active&operator=me".to_owned()),
        ("everyone's, active", everyone.to_owned()),
        (ALL.0, ALL.1.to_owned()),
        ("the queue", "status=awaiting&operator=everyone".to_owned()),
        (
            "mine, a common tag",
            format!("status=active&operator=me&tags={common}"),
        ),
        (
            "everyone's, a common tag",
            format!("{everyone}&tags={common}"),
        ),
        ("everyone's, a rare tag", format!("{everyone}&tags={rare}")),
        (
            "everyone's, a common and a rare tag",
            format!("status=all&operator=everyone&tags={common},{rare}"),
        ),
        ("my attention", "view=attention".to_owned()),
    ]
}

/// A server on one of the folders, and a connection to it.
struct Side {
    server: Server,
    http: Http,
    headers: String,
}

impl Side {
    async fn start(count: usize) -> anyhow::Result<Self> {
        let many = many::cases(count).await?;
        let server = Server::deskside(&many.folder).await?;
        let http = Http::connect(server.address).await?;
        let headers = format!("cookie: {}\r\n", many.cookie);
        Ok(Self {
            server,
            http,
            headers,
        })
    }

    /// One page; its cursor to the next.
    async fn page(&mut self, query: &str, rows: usize) -> anyhow::Result<Option<String>> {
        let path = format!("/api/v1/cases?{query}&limit={rows}");
        let answer = self.http.send("GET", &path, &self.headers, "").await?;
        let body = String::from_utf8(answer.body)?;
        let found = body.matches(r#""last_activity_at""#).count();
        if answer.status != 200 || found != rows {
            bail!("{path} got {} with {found} rows", answer.status);
        }
        let next = body
            .rsplit_once(r#""next":""#)
            .and_then(|(_, rest)| rest.split('"').next());
        Ok(next.map(ToOwned::to_owned))
    }

    /// Times of many requests for one page.
    async fn times(&mut self, query: &str) -> anyhow::Result<Vec<Duration>> {
        let mut times = Vec::with_capacity(REQUESTS);
        for _ in 0..REQUESTS {
            let began = Instant::now();
            self.page(query, PAGE).await?;
            times.push(began.elapsed());
        }
        Ok(times)
    }

    /// The query of the page that many pages come before.
    async fn deep(&mut self, query: &str) -> anyhow::Result<String> {
        let mut cursor = String::new();
        for _ in 1..DEEP_PAGE {
            cursor = self
                .page(&format!("{query}{cursor}"), PAGE)
                .await?
                .map(|next| format!("&cursor={next}"))
                .context("the list ended early")?;
        }
        Ok(format!("{query}{cursor}"))
    }
}

/// Runs the benchmark.
pub async fn run(plan: Plan) -> anyhow::Result<()> {
    report::section(&format!(
        "List: {PAGE} newest of {MANY} cases against {FEW}, {REQUESTS} requests a run"
    ));
    // Both folders first: a server closes a connection on which nothing comes.
    many::cases(FEW).await?;
    many::cases(MANY).await?;
    let mut few = Side::start(FEW).await?;
    let mut many = Side::start(MANY).await?;
    for (name, query) in kinds() {
        let mut ratios = Vec::new();
        for run in 1..=plan.runs {
            let (small, large) = (few.times(&query).await?, many.times(&query).await?);
            ratios.push(show(
                run,
                &format!("{name}, {FEW}"),
                &small,
                &MANY.to_string(),
                &large,
            ));
        }
        let what = format!("{name}: median time with {MANY} / with {FEW}");
        report::verdict(&what, &ratios, Goal::AtMost(2.0));
    }
    let (name, query) = ALL;
    let deep = many.deep(query).await?;
    let mut ratios = Vec::new();
    for run in 1..=plan.runs {
        let (first, later) = (many.times(query).await?, many.times(&deep).await?);
        let page = format!("page {DEEP_PAGE}");
        ratios.push(show(run, &format!("{name}, page 1"), &first, &page, &later));
    }
    let what = format!("{name}: median time of page {DEEP_PAGE} / of page 1");
    report::verdict(&what, &ratios, Goal::AtMost(2.0));
    few.server.stop().await?;
    many.server.stop().await
}

/// Prints one run; the ratio of the medians.
fn show(run: usize, one: &str, first: &[Duration], other: &str, second: &[Duration]) -> f64 {
    let text = |times: &[Duration]| {
        format!(
            "p50 {:.2} p99 {:.2} ms",
            ms(quantile(times, 0.5)),
            ms(quantile(times, 0.99))
        )
    };
    let ratio = ms(quantile(second, 0.5)) / ms(quantile(first, 0.5));
    report::line(format!(
        "run {run}: {one}: {}; {other}: {}; ratio {ratio:.2}",
        text(first),
        text(second)
    ));
    ratio
}
