//! The media workers in a process of their own, so that their memory can be told from their peers': a line with a room, a
//! peer and an offer on standard input is answered by a line on standard output.

use std::io::{BufRead as _, BufReader, Write as _};
use std::net::Ipv4Addr;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use anyhow::Context as _;
use deskside_sfu::{Options, PeerId, RoomId, Sfu};
use uuid::Uuid;

use crate::process;

/// Stands for the line breaks of an offer or answer (RFC 8866 knows no form feed).
const BREAK: &str = "\u{c}";

/// Answers offers until its input ends.
pub async fn run() -> anyhow::Result<()> {
    let (sfu, mut reports) = Sfu::start(Options {
        listen: Ipv4Addr::LOCALHOST.into(),
        ..Options::default()
    })?;
    tokio::spawn(async move { while reports.recv().await.is_some() {} });
    let (lines, mut next) = tokio::sync::mpsc::channel(1);
    std::thread::spawn(move || {
        for line in std::io::stdin().lock().lines().map_while(Result::ok) {
            if lines.blocking_send(line).is_err() {
                break;
            }
        }
    });
    while let Some(line) = next.recv().await {
        let mut parts = line.splitn(3, ' ');
        let mut number = || parts.next().and_then(|part| part.parse::<u128>().ok());
        let room = number().context("no room")?;
        let peer = number().context("no peer")?;
        let offer = parts.next().context("no offer")?.replace(BREAK, "\r\n");
        let (room, peer) = (RoomId(Uuid::from_u128(room)), PeerId(Uuid::from_u128(peer)));
        let answer = sfu.join(room, peer, &offer).await?;
        println!("{}", answer.replace("\r\n", BREAK));
        std::io::stdout().flush()?;
    }
    Ok(())
}

/// Such a process; it ends when this is dropped.
pub struct Alone {
    child: Child,
    input: ChildStdin,
    output: BufReader<ChildStdout>,
}

impl Alone {
    /// Starts one.
    pub fn start() -> anyhow::Result<Self> {
        let mut child = Command::new(std::env::current_exe()?)
            .arg("alone")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()?;
        let input = child.stdin.take().context("no input")?;
        let output = BufReader::new(child.stdout.take().context("no output")?);
        Ok(Self {
            child,
            input,
            output,
        })
    }

    /// Lets a peer into a room: the answer to its offer.
    pub fn join(&mut self, room: usize, peer: usize, offer: &str) -> anyhow::Result<String> {
        let offer = offer.replace("\r\n", BREAK);
        writeln!(self.input, "{room} {peer} {offer}")?;
        let mut answer = String::new();
        self.output.read_line(&mut answer)?;
        Ok(answer.trim_end_matches('\n').replace(BREAK, "\r\n"))
    }

    /// Its proportional share of the machine's memory, in bytes.
    pub fn memory(&self) -> anyhow::Result<u64> {
        process::memory(self.child.id())
    }
}

impl Drop for Alone {
    fn drop(&mut self) {
        self.child.kill().ok();
        self.child.wait().ok();
    }
}
