//! The real program as a process that can be killed.

use std::ffi::OsStr;
use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::Arc;

use tempfile::TempDir;

use crate::support::{Actor, Wire, token_of};

const PROGRAM: &str = env!("CARGO_BIN_EXE_deskside");

/// Where a server keeps everything.
pub struct Place {
    /// Its data folder.
    pub folder: TempDir,
    /// Its PostgreSQL; SQLite where it is empty.
    pub postgres: String,
}

impl Place {
    /// A fresh folder, for SQLite.
    pub fn new() -> Place {
        Place {
            folder: TempDir::new().unwrap(),
            postgres: String::new(),
        }
    }
}

/// A running `deskside serve`; it is killed when this is dropped.
pub struct Process {
    child: Child,
    /// Where it listens.
    pub address: SocketAddr,
    /// The token of its set-up link, as long as it is empty.
    pub setup: Option<String>,
}

impl Process {
    /// Starts it for the first time, and waits until it listens.
    pub async fn first(place: &Place) -> Process {
        Process::start(Command::new(PROGRAM), place, true).await
    }

    /// Starts it over what it wrote before.
    pub async fn again(place: &Place) -> Process {
        Process::start(Command::new(PROGRAM), place, false).await
    }

    /// Starts it for the first time as the last arguments of another program.
    pub async fn first_under(mut command: Command, place: &Place) -> Process {
        command.arg(PROGRAM);
        Process::start(command, place, true).await
    }

    async fn start(mut command: Command, place: &Place, empty: bool) -> Process {
        let data = place.folder.path();
        command
            .args([OsStr::new("serve"), OsStr::new("--data"), data.as_os_str()])
            .args(["--listen", "127.0.0.1:0"])
            .env("DESKSIDE_DATABASE__URL", &place.postgres)
            .env("DESKSIDE_MEDIA__PORT", "0")
            .env("DESKSIDE_LOG__FILTER", "warn")
            .stdin(Stdio::null())
            .stdout(Stdio::piped());
        tokio::task::spawn_blocking(move || Process::read_start(command, empty))
            .await
            .unwrap()
    }

    fn read_start(mut command: Command, empty: bool) -> Process {
        let mut child = command
            .spawn()
            .unwrap_or_else(|error| panic!("{command:?} does not start: {error}"));
        let mut out = BufReader::new(child.stdout.take().unwrap());
        let mut said = String::new();
        let mut line = || {
            let mut line = String::new();
            out.read_line(&mut line).unwrap();
            said.push_str(&line);
            assert!(!line.is_empty(), "the program ended: {said}");
            line
        };
        let first = line();
        let (_, port) = first.trim().rsplit_once(':').expect("an address");
        let address = SocketAddr::from(([127, 0, 0, 1], port.parse().expect("a port")));
        let setup = empty.then(|| token_of(line().trim()).to_owned());
        Process {
            child,
            address,
            setup,
        }
    }

    /// Ends it as a failing machine would.
    pub fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// Asks it to stop and waits until it has.
    pub async fn stop(mut self) -> ExitStatus {
        signal("TERM", self.program());
        tokio::task::spawn_blocking(move || self.child.wait().unwrap())
            .await
            .unwrap()
    }

    /// The process id of the program, which may be the only child of a tracer.
    pub fn program(&self) -> u32 {
        let id = self.child.id();
        let children = std::fs::read_to_string(format!("/proc/{id}/task/{id}/children"));
        let child = children.ok().and_then(|list| list.trim().parse().ok());
        child.unwrap_or(id)
    }

    /// The memory of its own, in bytes: pages of the program's file are shared with whoever runs it meanwhile.
    pub fn memory(&self) -> u64 {
        let file = format!("/proc/{}/smaps_rollup", self.program());
        let text = std::fs::read_to_string(file).unwrap();
        let line = text.lines().find_map(|line| line.strip_prefix("Pss_Anon:"));
        let kib: u64 = line
            .and_then(|rest| rest.trim().strip_suffix("kB")?.trim().parse().ok())
            .expect("the kernel says how much");
        kib * 1024
    }

    /// The first operator: sets an empty server up.
    pub async fn administrator(&self, wire: &Arc<Wire>) -> Actor {
        wire.move_to(self.address);
        let ada = Actor::new(wire.clone());
        let token = self.setup.as_deref().expect("the server is empty");
        ada.set_up(token, "Ada").await.expect(201);
        ada
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // It may have ended already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn signal(name: &str, id: u32) {
    let status = Command::new("kill")
        .args(["-s", name, &id.to_string()])
        .status()
        .unwrap();
    assert!(status.success());
}
