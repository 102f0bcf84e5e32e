//! Servers to measure, each a process of its own: the product, and the bare parts it is compared with.

use std::net::{SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context as _, bail};

use crate::client::Http;

/// How long a server may take to answer.
const START_TIMEOUT: Duration = Duration::from_secs(60);
/// How long a server may take to stop.
const STOP_TIMEOUT: Duration = Duration::from_secs(20);

/// A running server; it is killed when this is dropped.
pub struct Server {
    child: Child,
    /// Where it listens.
    pub address: SocketAddr,
}

impl Server {
    /// The product on a data folder, as `script/build` made it.
    pub async fn deskside(data: &Path) -> anyhow::Result<Self> {
        let address = free_address()?;
        let server = Self::spawn(deskside_command(data, address)?, address)?;
        server.answers("/livez").await?;
        Ok(server)
    }

    /// A bare part of this program; see [`crate::bare`].
    pub async fn bare() -> anyhow::Result<Self> {
        let address = free_address()?;
        let server = Self::spawn(bare_command(address)?, address)?;
        server.answers("/").await?;
        Ok(server)
    }

    /// Starts a command that listens on `address`.
    pub fn spawn(mut command: Command, address: SocketAddr) -> anyhow::Result<Self> {
        let child = command
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::inherit())
            .spawn()
            .with_context(|| format!("{command:?} does not start"))?;
        Ok(Self { child, address })
    }

    /// Waits for the first 200 of a path.
    pub async fn answers(&self, path: &str) -> anyhow::Result<()> {
        let began = Instant::now();
        while began.elapsed() < START_TIMEOUT {
            if let Ok(mut http) = Http::connect(self.address).await
                && let Ok(answer) = http.send("GET", path, "", "").await
                && answer.status == 200
            {
                return Ok(());
            }
            tokio::time::sleep(Duration::from_micros(200)).await;
        }
        bail!("no server answered 200 on {path} within {START_TIMEOUT:?}")
    }

    /// Its proportional share of the machine's memory, in bytes.
    pub fn memory(&self) -> anyhow::Result<u64> {
        memory(self.child.id())
    }

    /// Asks it to stop and waits until it has.
    pub async fn stop(mut self) -> anyhow::Result<()> {
        Command::new("kill")
            .arg(self.child.id().to_string())
            .status()?;
        let began = Instant::now();
        while self.child.try_wait()?.is_none() {
            if began.elapsed() > STOP_TIMEOUT {
                bail!("a server did not stop within {STOP_TIMEOUT:?}");
            }
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        Ok(())
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.child.kill().ok();
        self.child.wait().ok();
    }
}

/// A process's proportional share of the machine's memory, in bytes.
pub fn memory(process: u32) -> anyhow::Result<u64> {
    let file = format!("/proc/{process}/smaps_rollup");
    let text = std::fs::read_to_string(&file).context(file)?;
    let kib = text
        .lines()
        .find_map(|line| line.strip_prefix("Pss:"))
        .and_then(|rest| rest.trim().strip_suffix("kB"))
        .and_then(|number| number.trim().parse::<u64>().ok())
        .context("smaps_rollup has no Pss")?;
    Ok(kib * 1024)
}

/// The product's command line.
pub fn deskside_command(data: &Path, address: SocketAddr) -> anyhow::Result<Command> {
    let mut command = Command::new(beside("deskside")?);
    command
        .arg("serve")
        .arg("--data")
        .arg(data)
        .arg("--listen")
        .arg(address.to_string())
        // Idle sockets that say nothing stay for three of them, longer than they are measured.
        .env("DESKSIDE_LIVE__HEARTBEAT_MS", "10000")
        .env("DESKSIDE_MEDIA__PORT", "0")
        .env("DESKSIDE_LOG__FILTER", "warn");
    Ok(command)
}

/// The command line of the bare parts.
pub fn bare_command(address: SocketAddr) -> anyhow::Result<Command> {
    let mut command = Command::new(std::env::current_exe()?);
    command.arg("bare").arg(address.to_string());
    Ok(command)
}

/// A program in the folder of this one.
fn beside(name: &str) -> anyhow::Result<PathBuf> {
    let file = std::env::current_exe()?.with_file_name(name);
    if !file.exists() {
        bail!("{} is not built; run script/bench", file.display());
    }
    Ok(file)
}

/// An address of the loopback interface that nobody listens on.
pub fn free_address() -> anyhow::Result<SocketAddr> {
    Ok(TcpListener::bind("127.0.0.1:0")?.local_addr()?)
}
