//! Start: from exec to the first 200 of the sign-in page, on a folder with a million cases, compared
//! with a bare hello.

use std::path::Path;
use std::time::{Duration, Instant};

use crate::process::{Server, bare_command, deskside_command, free_address};
use crate::report::{self, Goal, ms, quantile};
use crate::{Plan, many};

/// Cases in the folder.
const CASES: usize = 1_000_000;
/// Starts of one run; the middle one counts.
const STARTS: usize = 5;

/// Runs the benchmark.
pub async fn run(plan: Plan) -> anyhow::Result<()> {
    report::section(&format!(
        "Start: exec -> first 200 of /sign-in with {CASES} cases, median of {STARTS} starts a run"
    ));
    let many = many::cases(CASES).await?;
    let mut ratios = Vec::new();
    let mut memory = 0;
    for run in 1..=plan.runs {
        let (mut hello, mut desk) = (Vec::new(), Vec::new());
        for _ in 0..STARTS {
            hello.push(started(None).await?.0);
            let (took, used) = started(Some(&many.folder)).await?;
            desk.push(took);
            memory = used;
        }
        let (hello, desk) = (ms(quantile(&hello, 0.5)), ms(quantile(&desk, 0.5)));
        let ratio = desk / hello;
        report::line(format!(
            "run {run}: hello {hello:.1} ms, desk {desk:.1} ms, ratio {ratio:.2}"
        ));
        ratios.push(ratio);
    }
    report::line(format!(
        "memory of the desk after its first page: {:.1} MiB",
        memory as f64 / 1024.0 / 1024.0
    ));
    report::verdict(
        "time to the first page / of a bare hello",
        &ratios,
        Goal::AtMost(5.0),
    );
    Ok(())
}

/// Starts one and stops it again: the time to its first answer, and its memory then.
async fn started(folder: Option<&Path>) -> anyhow::Result<(Duration, u64)> {
    let address = free_address()?;
    let (command, path) = match folder {
        Some(folder) => (deskside_command(folder, address)?, "/sign-in"),
        None => (bare_command(address)?, "/"),
    };
    let began = Instant::now();
    let server = Server::spawn(command, address)?;
    server.answers(path).await?;
    let took = began.elapsed();
    let memory = server.memory()?;
    server.stop().await?;
    Ok((took, memory))
}
