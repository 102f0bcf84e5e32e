//! The loop of a worker: what gives the rooms their time and their packets.

use std::net::SocketAddr;
use std::sync::mpsc::{Receiver, TryRecvError};
use std::time::{Duration, Instant, SystemTime};

use rustix::event::{PollFd, PollFlags, Timespec, poll};

use crate::Rooms;
use crate::lag::{Lag, Meter};
use crate::losses::Losses;
use crate::port::Port;
use crate::reports::Reports;
use crate::types::{OfferError, Outgoing, PeerId, Protocol, RoomId};
use crate::wake::Woken;
use crate::worker::Command;

/// Time for commands in one turn: packets wait meanwhile, and when everyone comes back at once, answers are many.
const COMMANDS_TIME: Duration = Duration::from_millis(3);

/// The shortest wait when only time is waited for: what is due within it is done together and goes out in bursts, and
/// rooms that are always due do not take a whole processor. No call feels half a millisecond.
const WAIT_MIN: Duration = Duration::from_micros(500);

/// How long to wait before reports are offered again to an application that was busy.
const REPORTS_AGAIN: Duration = Duration::from_millis(20);

/// How often connections and addresses that no one uses are looked for.
const TIDY_EVERY: Duration = Duration::from_secs(1);

/// A packet of media that is larger is a picture's: sound and feedback stay below.
const SMALL: usize = 400;

/// Packets that are gathered before they are sent: enough to make bursts of, few enough to be a small part of memory.
const FLUSH_AT: usize = 512;

/// The loop and all it works on.
pub(crate) struct Driver<'a> {
    port: &'a mut Port,
    rooms: Rooms,
    reports: &'a mut Reports,
    lag: &'a Lag,
    meter: Meter,
    commands: &'a Receiver<Command>,
    woken: &'a Woken,
    /// Packets on their way out, by the socket that takes them.
    out: Vec<Vec<Outgoing>>,
    out_count: usize,
    ready: Ready,
    tidy_at: Instant,
    /// Pictures that waited longer are not worth the work.
    stale: Duration,
    losses: Losses,
}

/// Which sockets have something.
#[derive(Default)]
struct Ready {
    woken: bool,
    udp: Vec<bool>,
    accept: bool,
    connections: Vec<SocketAddr>,
}

/// Whether a turn is followed by another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Next {
    /// When something happens.
    Wait,
    /// At once: commands are left.
    Hurry,
    Stop,
}

impl<'a> Driver<'a> {
    /// A loop over rooms that are new and pass no picture on that is older than `video_age`.
    pub(crate) fn new(
        port: &'a mut Port,
        (rooms, video_age): (Rooms, Duration),
        reports: &'a mut Reports,
        lag: &'a Lag,
        commands: &'a Receiver<Command>,
        woken: &'a Woken,
    ) -> Driver<'a> {
        let now = Instant::now();
        Driver {
            out: port.udp.iter().map(|_| Vec::new()).collect(),
            out_count: 0,
            port,
            rooms,
            reports,
            lag,
            meter: Meter::new(now),
            commands,
            woken,
            ready: Ready::default(),
            tidy_at: now + TIDY_EVERY,
            stale: video_age / 4 * 3,
            losses: Losses::new(now),
        }
    }

    /// Runs until told to stop.
    pub(crate) fn run(mut self) {
        // What was asked before the thread ran has woken no one.
        let mut next = Next::Hurry;
        loop {
            let due = self.due(next);
            self.lag.due(due);
            self.wait(due, next);
            next = self.turn(due);
            if next == Next::Stop {
                return;
            }
        }
    }

    /// When there is something to do even if nothing happens.
    fn due(&self, next: Next) -> Instant {
        let now = Instant::now();
        if next == Next::Hurry {
            return now;
        }
        let mut due = self.tidy_at;
        if let Some(timeout) = self.rooms.next_timeout() {
            due = due.min(timeout);
        }
        if self.reports.is_waiting() {
            due = due.min(now + REPORTS_AGAIN);
        }
        due.max(now)
    }

    /// Waits for sockets, commands or the time.
    fn wait(&mut self, due: Instant, next: Next) {
        let now = Instant::now();
        let mut fds = vec![PollFd::new(self.woken, PollFlags::IN)];
        for udp in &self.port.udp {
            fds.push(PollFd::new(udp, interest(udp.wants_out())));
        }
        let listeners = fds.len();
        for listener in self.port.tcp.listeners(now) {
            fds.push(PollFd::from_borrowed_fd(listener, PollFlags::IN));
        }
        let connections = fds.len();
        self.ready.connections.clear();
        for (address, connection, wants_out) in self.port.tcp.connections() {
            self.ready.connections.push(address);
            fds.push(PollFd::from_borrowed_fd(connection, interest(wants_out)));
        }

        let wait = match next {
            Next::Hurry | Next::Stop => Duration::ZERO,
            Next::Wait => due.saturating_duration_since(now).max(WAIT_MIN),
        };
        let timeout = Timespec::try_from(wait).ok();
        if let Err(error) = poll(&mut fds, timeout.as_ref())
            && error != rustix::io::Errno::INTR
        {
            tracing::error!(error = %error, "A media worker cannot wait for its sockets; trying again.");
            std::thread::sleep(REPORTS_AGAIN);
        }

        self.ready.woken = has_come(&fds[0]);
        self.ready.udp.clear();
        self.ready
            .udp
            .extend(fds[1..listeners].iter().map(has_come));
        self.ready.accept = fds[listeners..connections].iter().any(has_come);
        let mut connections = fds[connections..].iter().map(has_come);
        self.ready
            .connections
            .retain(|_| connections.next().unwrap_or_default());
    }

    /// Does what is there to do, each thing for a bounded time.
    fn turn(&mut self, due: Instant) -> Next {
        let began = Instant::now();
        let mut late = began.saturating_duration_since(due);
        if self.ready.woken {
            self.woken.take();
        }
        let next = self.obey();
        late = late.max(self.receive_udp(began));
        self.receive_tcp();

        let now = Instant::now();
        if self.rooms.next_timeout().is_some_and(|at| at <= now) {
            self.rooms.timeout(now);
        }
        self.collect();
        self.flush();
        self.hear();
        self.reports.tell();
        if now >= self.tidy_at {
            self.tidy(now);
        }

        let ended = Instant::now();
        let took = ended.saturating_duration_since(began);
        self.meter.count(ended, late.max(took), self.lag);
        next
    }

    /// Does what it is told.
    fn obey(&mut self) -> Next {
        let began = Instant::now();
        let mut now = began;
        while now.saturating_duration_since(began) < COMMANDS_TIME {
            match self.commands.try_recv() {
                Ok(Command::Join {
                    room,
                    peer,
                    offer,
                    ask,
                }) => {
                    // Whoever no longer waits would not know that it is in.
                    if !ask.is_over() {
                        let answer = self.join(now, room, peer, &offer);
                        let joined = answer.is_ok();
                        if !ask.answer(answer) && joined {
                            self.rooms.leave(now, room, peer);
                        }
                    }
                }
                Ok(Command::Offer {
                    room,
                    peer,
                    offer,
                    ask,
                }) => {
                    if !ask.is_over() {
                        ask.answer(self.rooms.offer(now, room, peer, &offer));
                    }
                }
                Ok(Command::Leave { room, peer }) => self.rooms.leave(now, room, peer),
                Ok(Command::Close { room }) => self.rooms.close(now, room),
                #[cfg(test)]
                Ok(Command::Fault) => panic!("a fault, as asked for"),
                Ok(Command::Stop) | Err(TryRecvError::Disconnected) => return Next::Stop,
                Err(TryRecvError::Empty) => return Next::Wait,
            }
            self.collect();
            now = Instant::now();
        }
        Next::Hurry
    }

    fn join(
        &mut self,
        now: Instant,
        room: RoomId,
        peer: PeerId,
        offer: &str,
    ) -> Result<String, OfferError> {
        let is_new = !self.reports.has_room(room);
        if self.reports.is_full() || (is_new && self.meter.is_late()) {
            return Err(OfferError::Unavailable);
        }
        let answer = self.rooms.join(now, room, peer, offer)?;
        // The one that was replaced is told as gone before the new one is there.
        self.hear();
        self.reports.joined(room, peer);
        Ok(answer)
    }

    /// Reads one batch of each UDP socket; returns how long the oldest packet waited.
    ///
    /// A worker that cannot keep up would otherwise decrypt each packet when it is too late already, and pass on none:
    /// thrown away unseen, old ones make time for those that still matter, and senders learn that they send too much.
    fn receive_udp(&mut self, began: Instant) -> Duration {
        let mut oldest = Duration::ZERO;
        for number in 0..self.port.udp.len() {
            if !self.ready.udp.get(number).copied().unwrap_or_default() {
                continue;
            }
            let messages = self.port.udp[number].fill(began, SystemTime::now());
            for message in 0..messages {
                let now = Instant::now();
                for packet in self.port.udp[number].datagrams(message, now) {
                    oldest = oldest.max(packet.age);
                    if packet.age > self.stale && is_picture(packet.bytes) {
                        self.losses.late += 1;
                    } else {
                        self.rooms.receive(now, packet);
                    }
                }
                let rooms = &self.rooms;
                self.port.udp[number]
                    .remember(message, |address| rooms.heard_from(Protocol::Udp, address));
                self.collect();
            }
        }
        oldest
    }

    /// Accepts connections and reads those that have something.
    fn receive_tcp(&mut self) {
        let now = Instant::now();
        if self.ready.accept {
            self.port.tcp.accept(now);
        }
        let connections = std::mem::take(&mut self.ready.connections);
        for &address in &connections {
            let rooms = &mut self.rooms;
            let now = Instant::now();
            self.port
                .tcp
                .read(address, now, |packet| rooms.receive(now, packet));
            self.collect();
        }
        self.ready.connections = connections;
    }

    /// Takes what the rooms have to send.
    fn collect(&mut self) {
        while let Some(packet) = self.rooms.transmit() {
            match packet.protocol {
                Protocol::Tcp => self.port.tcp.push(packet),
                Protocol::Udp => {
                    let udp = self.port.udp.iter();
                    let number = udp
                        .into_iter()
                        .position(|udp| udp.reaches(packet.destination));
                    if let Some(number) = number {
                        self.out[number].push(packet);
                        self.out_count += 1;
                    }
                }
            }
        }
        if self.out_count >= FLUSH_AT {
            self.flush();
        }
    }

    /// Sends what is collected.
    fn flush(&mut self) {
        for (udp, out) in self.port.udp.iter_mut().zip(&mut self.out) {
            if out.is_empty() {
                udp.flush();
                continue;
            }
            // One fan-out goes to everyone in turn; sorted (and in order for each) it makes bursts.
            out.sort_by_key(|packet| packet.destination);
            udp.send(out);
        }
        self.out_count = 0;
        self.port.tcp.flush();
    }

    /// Takes what the rooms have to tell.
    fn hear(&mut self) {
        while let Some(report) = self.rooms.report() {
            self.reports.push(report);
        }
    }

    /// Looks for what no one uses.
    fn tidy(&mut self, now: Instant) {
        self.tidy_at = now + TIDY_EVERY;
        let rooms = &self.rooms;
        for udp in &mut self.port.udp {
            udp.tidy(now, |address| rooms.heard_from(Protocol::Udp, address));
            self.losses.untaken += udp.take_dropped();
        }
        self.port
            .tcp
            .tidy(now, |address| rooms.heard_from(Protocol::Tcp, address));
        self.losses.untaken += self.port.tcp.take_dropped();
        self.losses.tell(now);
    }
}

/// Whether it is a packet of a picture by its looks: RTP or RTCP (RFC 7983 §7), and not small.
fn is_picture(bytes: &[u8]) -> bool {
    bytes.len() > SMALL && matches!(bytes[0], 128..=191)
}

/// Whether a read would not have to wait: for bytes, or for the news that there will be none.
fn has_come(fd: &PollFd<'_>) -> bool {
    fd.revents().intersects(!PollFlags::OUT)
}

fn interest(wants_out: bool) -> PollFlags {
    if wants_out {
        PollFlags::IN | PollFlags::OUT
    } else {
        PollFlags::IN
    }
}

#[cfg(test)]
mod tests;
