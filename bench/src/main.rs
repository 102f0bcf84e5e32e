//! Measures the desk against what the machine and bare parts can do, in the same run: each figure is a
//! ratio, the median of alternating runs. `bench/README.md` says what each one means.

mod alone;
mod bare;
mod client;
mod create;
mod durable;
mod idle;
mod list;
mod live;
mod many;
mod peer;
mod process;
mod report;
mod search;
mod seed;
mod sfu;
mod start;
mod talks;

use std::net::SocketAddr;
use std::process::ExitCode;
use std::time::Duration;

use clap::{Parser, Subcommand};

/// Measures the desk against what the machine and bare parts can do.
#[derive(Parser)]
#[command(about)]
struct Cli {
    #[command(subcommand)]
    what: Option<What>,
    /// Alternating runs of each benchmark.
    #[arg(long, global = true, default_value_t = 5, value_parser = clap::value_parser!(u8).range(1..=50))]
    runs: u8,
    /// Seconds of each timed part.
    #[arg(long, global = true, default_value_t = 8, value_parser = clap::value_parser!(u8).range(1..=60))]
    seconds: u8,
}

#[derive(Subcommand, Clone, Copy)]
enum What {
    /// A message on its way to the other screen, 500 a second.
    Live,
    /// Messages a second with 64 senders.
    Durable,
    /// Cases a second with 4 clients.
    Create,
    /// Memory of an idle live socket.
    Idle,
    /// The newest cases of a million.
    List,
    /// A rare and a common word among five million messages.
    Search {
        /// Cases, each with five messages.
        #[arg(long, default_value_t = 1_000_000, value_parser = clap::value_parser!(u32).range(1_000..=2_000_000))]
        cases: u32,
    },
    /// From exec to the first page.
    Start,
    /// Media packets for a second of processor time.
    Sfu,
    /// All of them, one after the other.
    All,
    /// Run the media workers alone, for their memory.
    #[command(hide = true)]
    Alone,
    /// Serve the bare parts that others are compared with.
    #[command(hide = true)]
    Bare {
        /// Where to listen.
        address: SocketAddr,
    },
}

/// How much is measured.
#[derive(Clone, Copy)]
pub struct Plan {
    /// Alternating runs.
    pub runs: usize,
    /// Time of each timed part.
    pub time: Duration,
}

#[tokio::main]
async fn main() -> ExitCode {
    let cli = Cli::parse();
    let plan = Plan {
        runs: usize::from(cli.runs),
        time: Duration::from_secs(u64::from(cli.seconds)),
    };
    // Opening the product's database needs its provider, as the product's own start does.
    rustls::crypto::aws_lc_rs::default_provider()
        .install_default()
        .ok();
    match run(cli.what.unwrap_or(What::All), plan).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

async fn run(what: What, plan: Plan) -> anyhow::Result<()> {
    match what {
        What::Live => live::run(plan).await,
        What::Durable => durable::run(plan).await,
        What::Create => create::run(plan).await,
        What::Idle => idle::run(plan).await,
        What::List => list::run(plan).await,
        What::Search { cases } => search::run(plan, cases as usize).await,
        What::Start => start::run(plan).await,
        What::Sfu => sfu::run(plan).await,
        What::Bare { address } => bare::run(address).await,
        What::Alone => alone::run().await,
        What::All => {
            live::run(plan).await?;
            durable::run(plan).await?;
            create::run(plan).await?;
            idle::run(plan).await?;
            list::run(plan).await?;
            search::run(plan, 1_000_000).await?;
            start::run(plan).await?;
            sfu::run(plan).await
        }
    }
}
