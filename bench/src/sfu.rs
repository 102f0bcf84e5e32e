//! SFU: packets that a media worker passes on for each second of processor time, compared with a relay that copies
//! datagrams and does nothing else; and from a join to the first packet.

use std::collections::HashMap;
use std::net::{Ipv4Addr, SocketAddr, UdpSocket};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Context as _, bail, ensure};
use deskside_sfu::{Options, PeerId, Report, RoomId, Sfu};
use tokio::sync::mpsc::Receiver;
use uuid::Uuid;

use crate::Plan;
use crate::alone::Alone;
use crate::peer::{PACKET, Peer};
use crate::report::{self, Goal};

/// Rooms at once.
const ROOMS: usize = 32;
/// Who receives what one sends.
const RECEIVERS: usize = 3;
/// Frames a second, and packets of each: 1.1 Mbit/s.
const FRAMES: u32 = 30;
const FRAME_PACKETS: usize = 4;
/// Until links are known to carry what is sent.
const WARM_UP: Duration = Duration::from_secs(6);
/// Joins of which the time is taken.
const JOINS: usize = 21;
/// How long a join may take.
const JOIN_MAX: Duration = Duration::from_secs(20);
/// How long a round through all sockets waits for the next.
const PAUSE: Duration = Duration::from_micros(500);

/// Runs the benchmark.
pub async fn run(plan: Plan) -> anyhow::Result<()> {
    report::section(&format!(
        "SFU: packets of {PACKET} bytes in {ROOMS} rooms of 1 to {RECEIVERS}, {} s a run",
        plan.time.as_secs()
    ));
    let mut ratios = Vec::new();
    for run in 1..=plan.runs {
        let relay = tokio::task::spawn_blocking(move || relay(plan.time)).await??;
        let sfu = rooms(plan.time).await?;
        let ratio = sfu.per_second() / relay.per_second();
        report::line(format!(
            "run {run}: relay {relay}, SFU {sfu}, ratio {ratio:.2}"
        ));
        ratios.push(ratio);
    }
    report::verdict(
        "packets of the SFU / of a bare relay, each for a second of processor time",
        &ratios,
        Goal::AtLeast(0.30),
    );
    tokio::task::spawn_blocking(memory).await??;
    joins().await
}

/// What was passed on, and what it cost.
struct Passed {
    packets: u64,
    lost: u64,
    processor: Duration,
}

impl Passed {
    fn per_second(&self) -> f64 {
        self.packets as f64 / self.processor.as_secs_f64()
    }
}

impl std::fmt::Display for Passed {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:.0}/s ({} lost)", self.per_second(), self.lost)
    }
}

/// The processor time of the thread of this process that has this name.
fn processor(thread: &str) -> anyhow::Result<Duration> {
    for task in std::fs::read_dir("/proc/self/task")? {
        let task = task?.path();
        // A thread that has ended meanwhile is not the one.
        let name = std::fs::read_to_string(task.join("comm")).unwrap_or_default();
        if name.trim() == thread {
            let text = std::fs::read_to_string(task.join("schedstat"))?;
            let first = text.split(' ').next().and_then(|first| first.parse().ok());
            return Ok(Duration::from_nanos(
                first.context("schedstat has no time")?,
            ));
        }
    }
    bail!("there is no thread {thread}")
}

/// When the next frame is due, and how many have been.
struct Camera {
    start: Instant,
    frames: u32,
}

impl Camera {
    fn new() -> Camera {
        Camera {
            start: Instant::now(),
            frames: 0,
        }
    }

    /// Whether a frame is due; it then counts as sent.
    fn is_due(&mut self, now: Instant) -> bool {
        let due = now >= self.start + Duration::from_secs(1) * self.frames / FRAMES;
        self.frames += u32::from(due);
        due
    }
}

/// A relay of its own thread that copies each datagram to the receivers of its sender. What it sends counts, whether
/// it arrives or not; of the SFU only what arrives.
fn relay(time: Duration) -> anyhow::Result<Passed> {
    let open = || -> anyhow::Result<UdpSocket> {
        let socket = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0))?;
        socket.set_nonblocking(true)?;
        Ok(socket)
    };
    let senders: Vec<UdpSocket> = (0..ROOMS).map(|_| open()).collect::<Result<_, _>>()?;
    let receivers: Vec<UdpSocket> = (0..ROOMS * RECEIVERS)
        .map(|_| open())
        .collect::<Result<_, _>>()?;
    let mut table: HashMap<SocketAddr, Vec<SocketAddr>> = HashMap::new();
    for (sender, receivers) in senders.iter().zip(receivers.chunks(RECEIVERS)) {
        let receivers = receivers.iter().map(UdpSocket::local_addr);
        table.insert(sender.local_addr()?, receivers.collect::<Result<_, _>>()?);
    }

    let socket = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0))?;
    socket.set_read_timeout(Some(Duration::from_millis(100)))?;
    let to = socket.local_addr()?;
    let (stop, passed) = (
        Arc::new(AtomicBool::new(false)),
        Arc::new(AtomicU64::new(0)),
    );
    let (stopped, counted) = (stop.clone(), passed.clone());
    let thread = std::thread::Builder::new()
        .name("relay".to_owned())
        .spawn(move || {
            let mut bytes = [0; 2_048];
            while !stopped.load(Ordering::Relaxed) {
                let Ok((length, from)) = socket.recv_from(&mut bytes) else {
                    continue;
                };
                for receiver in table.get(&from).into_iter().flatten() {
                    let sent = socket.send_to(&bytes[..length], receiver).is_ok();
                    counted.fetch_add(u64::from(sent), Ordering::Relaxed);
                }
            }
        })?;

    let mut camera = Camera::new();
    let (packet, mut bytes) = ([7; PACKET], [0; 2_048]);
    let mut sent = 0;
    // A thread that has not begun has no name, and has taken no time.
    let before = processor("relay").unwrap_or_default();
    let end = Instant::now() + time;
    let last = end + Duration::from_millis(100);
    while Instant::now() < last {
        let now = Instant::now();
        while now < end && camera.is_due(now) {
            for sender in &senders {
                for _ in 0..FRAME_PACKETS {
                    sender.send_to(&packet, to)?;
                    sent += RECEIVERS as u64;
                }
            }
        }
        for receiver in &receivers {
            while receiver.recv(&mut bytes).is_ok() {}
        }
        std::thread::sleep(PAUSE);
    }
    let processor = processor("relay")?.saturating_sub(before);
    stop.store(true, Ordering::Relaxed);
    ensure!(thread.join().is_ok(), "the relay fell over");
    let packets = passed.load(Ordering::Relaxed);
    Ok(Passed {
        packets,
        lost: sent - packets,
        processor,
    })
}

fn start() -> anyhow::Result<(Sfu, Receiver<Report>)> {
    Ok(Sfu::start(Options {
        listen: Ipv4Addr::LOCALHOST.into(),
        ..Options::default()
    })?)
}

/// The same through rooms of the SFU: handshakes, encryption, feedback and all.
async fn rooms(time: Duration) -> anyhow::Result<Passed> {
    let (sfu, _reports) = start()?;
    let mut peers = Vec::new();
    for number in 0..ROOMS * (1 + RECEIVERS) {
        let room = RoomId(Uuid::from_u128((number / (1 + RECEIVERS)) as u128));
        let sends = number % (1 + RECEIVERS) == 0;
        peers.push(join(&sfu, room, number, sends).await?);
    }
    let passed = tokio::task::spawn_blocking(move || talk(&mut peers, time)).await??;
    sfu.stop().await;
    Ok(passed)
}

async fn join(sfu: &Sfu, room: RoomId, number: usize, sends: bool) -> anyhow::Result<Peer> {
    let (peer, offer) = Peer::new(sends)?;
    let id = PeerId(Uuid::from_u128(number as u128 + 1));
    let answer = sfu.join(room, id, &offer).await?;
    peer.answered(&answer)
}

/// Lets the peers of all rooms talk.
fn talk(peers: &mut [Peer], time: Duration) -> anyhow::Result<Passed> {
    let mut camera = Camera::new();
    let began = Instant::now();
    let (mut sent, mut before) = (0, None);
    loop {
        let now = Instant::now();
        if before.is_none() && now >= began + WARM_UP {
            let received: u64 = peers.iter().map(|peer| peer.received).sum();
            before = Some((received, processor("media-0")?));
            sent = 0;
        }
        if now >= began + WARM_UP + time {
            break;
        }
        while camera.is_due(now) {
            for peer in peers.iter_mut() {
                sent += RECEIVERS as u64 * peer.film(now, FRAME_PACKETS)?;
            }
        }
        for peer in peers.iter_mut() {
            peer.turn()?;
        }
        std::thread::sleep(PAUSE);
    }
    let (received, processor_before) = before.context("there was no time")?;
    let packets = peers.iter().map(|peer| peer.received).sum::<u64>() - received;
    Ok(Passed {
        packets,
        lost: sent.saturating_sub(packets),
        processor: processor("media-0")?.saturating_sub(processor_before),
    })
}

/// What each peer adds to the memory of the media workers, once its buffers are full.
fn memory() -> anyhow::Result<()> {
    let mut alone = Alone::start()?;
    let mut peers = Vec::new();
    let mut first = None;
    for number in 0..ROOMS * (1 + RECEIVERS) {
        let room = number / (1 + RECEIVERS);
        // The first room shows what the process itself takes.
        if room == 1 && first.is_none() {
            first = Some(alone.memory()?);
        }
        let (peer, offer) = Peer::new(number % (1 + RECEIVERS) == 0)?;
        let answer = alone.join(room, number + 1, &offer)?;
        peers.push(peer.answered(&answer)?);
    }
    let mut camera = Camera::new();
    let end = Instant::now() + WARM_UP;
    while Instant::now() < end {
        let now = Instant::now();
        while camera.is_due(now) {
            for peer in peers.iter_mut() {
                peer.film(now, FRAME_PACKETS)?;
            }
        }
        for peer in peers.iter_mut() {
            peer.turn()?;
        }
        std::thread::sleep(PAUSE);
    }
    let more = alone.memory()?.saturating_sub(first.unwrap_or_default());
    let count = peers.len() - 1 - RECEIVERS;
    report::line(format!(
        "memory for each of {count} peers, one sending to {RECEIVERS}: {} KiB",
        more / 1024 / count as u64
    ));
    Ok(())
}

/// Takes the time from a join to the first packet, in a room where someone sends.
async fn joins() -> anyhow::Result<()> {
    let (sfu, _reports) = start()?;
    let room = RoomId(Uuid::from_u128(1));
    let mut sender = join(&sfu, room, 0, true).await?;
    let mut camera = Camera::new();
    let mut times = Vec::new();
    for number in 1..=JOINS {
        let began = Instant::now();
        let mut receiver = join(&sfu, room, number, false).await?;
        (sender, camera) = tokio::task::spawn_blocking(move || {
            while receiver.received == 0 {
                let now = Instant::now();
                ensure!(now < began + JOIN_MAX, "nothing came after a join");
                while camera.is_due(now) {
                    sender.film(now, FRAME_PACKETS)?;
                }
                sender.turn()?;
                receiver.turn()?;
                std::thread::sleep(PAUSE);
            }
            anyhow::Ok((sender, camera))
        })
        .await??;
        times.push(began.elapsed());
        sfu.leave(room, PeerId(Uuid::from_u128(number as u128 + 1)));
    }
    report::line(format!(
        "from a join to the first packet: median {:.0} ms, slowest of {JOINS} {:.0} ms",
        report::ms(report::quantile(&times, 0.5)),
        report::ms(report::quantile(&times, 1.0))
    ));
    sfu.stop().await;
    Ok(())
}
