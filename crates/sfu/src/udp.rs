//! A UDP socket of a worker: batches in, bursts out (GRO, GSO).

use std::collections::HashMap;
use std::io::{self, ErrorKind, IoSliceMut};
use std::net::{IpAddr, SocketAddr, UdpSocket};
use std::os::fd::{AsFd, BorrowedFd};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use quinn_udp::{RecvMeta, Transmit, UdpSocketState};

use crate::backlog::{Backlog, burst};
use crate::types::{Incoming, Outgoing, Protocol};

/// What is asked for as receive buffer; Linux doubles it for its own book-keeping. It carries a worker over a hiccup
/// of some ten milliseconds. A larger one would turn an overload into seconds of delay instead of loss, and loss is
/// what senders can see and mend.
const RECEIVE_BUFFER: usize = 256 * 1024;

/// What is asked for as send buffer: a key frame to everyone in a few rooms.
const SEND_BUFFER: usize = 512 * 1024;

/// Messages of one read. With GRO each may hold many datagrams of one sender, so this is also what bounds how long
/// timers and commands wait under a flood.
const BATCH: usize = 16;

/// The largest message: what GRO may merge.
const MESSAGE_MAX: usize = 64 * 1024;

/// A way out that refused bursts is tried again after this long: what it refused may have been one bad address.
const BURSTS_AGAIN: Duration = Duration::from_secs(60);

/// One socket.
pub(crate) struct Udp {
    socket: UdpSocket,
    state: UdpSocketState,
    /// Datagrams that one burst may hold, as found at first.
    segments: usize,
    bursts_checked: Instant,
    is_ipv4: bool,
    /// Whether it listens on all addresses, so that answers must say where they come from.
    is_any: bool,
    inbox: Box<[u8]>,
    metas: [RecvMeta; BATCH],
    read_at: Instant,
    read_wall: Duration,
    /// When the socket was last seen empty.
    empty_at: Instant,
    /// Whether the last read left nothing behind.
    was_emptied: bool,
    /// Whether the one before it left something.
    was_behind: bool,
    /// Which of our addresses a peer speaks to.
    asked: HashMap<SocketAddr, IpAddr>,
    backlog: Backlog,
    burst: Vec<u8>,
    /// Packets that the system did not take.
    dropped: u64,
}

impl Udp {
    /// Takes a bound socket over.
    ///
    /// # Errors
    /// When the system refuses an option that is needed.
    pub(crate) fn new(socket: UdpSocket, now: Instant) -> io::Result<Udp> {
        let state = UdpSocketState::new((&socket).into())?;
        // The system may allow less; what it allows is good enough.
        let _ = state.set_recv_buffer_size((&socket).into(), RECEIVE_BUFFER);
        let _ = state.set_send_buffer_size((&socket).into(), SEND_BUFFER);
        let local = socket.local_addr()?;
        Ok(Udp {
            is_ipv4: local.is_ipv4(),
            is_any: local.ip().is_unspecified(),
            segments: state.max_gso_segments(),
            bursts_checked: now,
            socket,
            state,
            inbox: vec![0; BATCH * MESSAGE_MAX].into_boxed_slice(),
            metas: [RecvMeta::default(); BATCH],
            read_at: now,
            read_wall: Duration::ZERO,
            empty_at: now,
            was_emptied: true,
            was_behind: false,
            asked: HashMap::new(),
            backlog: Backlog::default(),
            burst: Vec::with_capacity(MESSAGE_MAX),
            dropped: 0,
        })
    }

    /// Whether it carries packets to that address.
    pub(crate) fn reaches(&self, address: SocketAddr) -> bool {
        self.is_ipv4 == address.is_ipv4()
    }

    /// Reads a batch; `wall` is the time of day that packets are stamped with. Returns how many messages came.
    pub(crate) fn fill(&mut self, now: Instant, wall: SystemTime) -> usize {
        self.was_behind = !self.was_emptied;
        if self.was_emptied {
            self.empty_at = self.read_at;
        }
        self.read_at = now;
        self.read_wall = wall.duration_since(UNIX_EPOCH).unwrap_or_default();
        let mut chunks = self.inbox.chunks_mut(MESSAGE_MAX);
        let mut buffers: [IoSliceMut<'_>; BATCH] =
            std::array::from_fn(|_| IoSliceMut::new(chunks.next().unwrap_or_default()));
        let read = self
            .state
            .recv((&self.socket).into(), &mut buffers, &mut self.metas);
        // Anything but WouldBlock is what an earlier packet met on its way; the rest comes with the next read.
        let read = read.unwrap_or(0);
        self.was_emptied = read < BATCH;
        read
    }

    /// The datagrams of a message that was read, `now` being when they are handled.
    pub(crate) fn datagrams(
        &self,
        message: usize,
        now: Instant,
    ) -> impl Iterator<Item = Incoming<'_>> {
        let meta = &self.metas[message];
        let start = message * MESSAGE_MAX;
        let bytes = &self.inbox[start..start + meta.len.min(MESSAGE_MAX)];
        let age = self.waited(meta) + now.saturating_duration_since(self.read_at);
        // Nothing can be answered to port 0, and trying would look like a way out that refuses bursts.
        let source = Some(meta.addr).filter(|source| source.port() != 0);
        let destination = meta.dst_ip;
        source.into_iter().flat_map(move |source| {
            bytes.chunks(meta.stride.max(1)).map(move |bytes| Incoming {
                protocol: Protocol::Udp,
                source,
                destination,
                bytes,
                age,
            })
        })
    }

    /// How long a message waited in the socket: by the system's stamp, and no longer than since the socket was empty,
    /// so that a clock that is set does no harm. Without a stamp only that bound is left, while reads do not keep up.
    fn waited(&self, meta: &RecvMeta) -> Duration {
        let since_empty = self.read_at.saturating_duration_since(self.empty_at);
        match meta.timestamp {
            Some(stamp) => self.read_wall.saturating_sub(stamp).min(since_empty),
            None if self.was_behind => since_empty,
            None => Duration::ZERO,
        }
    }

    /// Remembers which of our addresses a message of a living peer was sent to, so that it is answered from there.
    pub(crate) fn remember(&mut self, message: usize, is_living: impl FnOnce(SocketAddr) -> bool) {
        let meta = &self.metas[message];
        if let Some(asked) = meta.dst_ip
            && self.is_any
            && self.asked.get(&meta.addr) != Some(&asked)
            && is_living(meta.addr)
        {
            self.asked.insert(meta.addr, asked);
        }
    }

    /// Sends what it may, in order, as few calls as possible; `packets` are grouped by destination. What the system
    /// does not take now waits, but for pictures.
    pub(crate) fn send(&mut self, packets: &mut Vec<Outgoing>) {
        self.flush();
        let sent = if self.backlog.is_empty() {
            self.send_all(packets)
        } else {
            0
        };
        self.dropped += self.backlog.keep(packets.drain(..).skip(sent));
    }

    /// Sends what waits.
    pub(crate) fn flush(&mut self) {
        if self.backlog.is_empty() {
            return;
        }
        let waiting = self.backlog.take();
        let sent = self.send_all(&waiting);
        self.dropped += self.backlog.keep(waiting.into_iter().skip(sent));
    }

    /// Whether something waits for the socket.
    pub(crate) fn wants_out(&self) -> bool {
        !self.backlog.is_empty()
    }

    /// Sends until the socket takes no more; returns how many packets are done with.
    fn send_all(&mut self, packets: &[Outgoing]) -> usize {
        let mut done = 0;
        while done < packets.len() {
            let rest = &packets[done..];
            let mut count = burst(rest, self.state.max_gso_segments());
            let mut sent = self.send_burst(&rest[..count]);
            if count > 1 && matches!(&sent, Err(error) if error.kind() != ErrorKind::WouldBlock) {
                // The way out takes no bursts, or not this one: one by one.
                count = 1;
                sent = self.send_burst(&rest[..1]);
            }
            match sent {
                Ok(()) => {}
                Err(error) if error.kind() == ErrorKind::WouldBlock => return done,
                Err(_) => self.dropped += count as u64,
            }
            done += count;
        }
        done
    }

    /// Sends packets of one destination and size in one call.
    fn send_burst(&mut self, packets: &[Outgoing]) -> io::Result<()> {
        let Some(first) = packets.first() else {
            return Ok(());
        };
        let contents = if packets.len() == 1 {
            first.bytes.as_slice()
        } else {
            self.burst.clear();
            for packet in packets {
                self.burst.extend_from_slice(&packet.bytes);
            }
            self.burst.as_slice()
        };
        let mut transmit = Transmit {
            destination: first.destination,
            ecn: None,
            contents,
            segment_size: (packets.len() > 1).then_some(first.bytes.len()),
            src_ip: self.asked.get(&first.destination).copied(),
        };
        let sent = self.state.try_send((&self.socket).into(), &transmit);
        match sent {
            Err(error) if error.kind() != ErrorKind::WouldBlock && transmit.src_ip.is_some() => {
                // The address may have been taken from this machine.
                transmit.src_ip = None;
                let again = self.state.try_send((&self.socket).into(), &transmit);
                if again.is_ok() {
                    self.asked.remove(&first.destination);
                }
                again
            }
            other => other,
        }
    }

    /// Forgets peers that are gone and tries bursts again.
    pub(crate) fn tidy(&mut self, now: Instant, is_living: impl Fn(SocketAddr) -> bool) {
        self.asked.retain(|address, _| is_living(*address));
        if now.saturating_duration_since(self.bursts_checked) < BURSTS_AGAIN {
            return;
        }
        self.bursts_checked = now;
        if self.state.max_gso_segments() < self.segments
            && let Ok(state) = UdpSocketState::new((&self.socket).into())
        {
            self.state = state;
        }
    }

    /// Forgets what belonged to rooms that were.
    pub(crate) fn forget(&mut self) {
        self.asked.clear();
        self.backlog = Backlog::default();
    }

    /// How many packets were dropped since it was last asked.
    pub(crate) fn take_dropped(&mut self) -> u64 {
        std::mem::take(&mut self.dropped)
    }
}

impl AsFd for Udp {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.socket.as_fd()
    }
}

#[cfg(test)]
mod tests {
    use std::net::Ipv4Addr;

    use super::*;
    use crate::types::Class;

    fn local() -> UdpSocket {
        UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).expect("binds")
    }

    fn video(destination: SocketAddr, bytes: Vec<u8>) -> Outgoing {
        Outgoing {
            protocol: Protocol::Udp,
            destination,
            bytes,
            class: Class::Video,
        }
    }

    /// Waits for the socket and reads a batch.
    fn fill(udp: &mut Udp) -> usize {
        let mut fds = [rustix::event::PollFd::new(
            udp,
            rustix::event::PollFlags::IN,
        )];
        rustix::event::poll(&mut fds, None).expect("polls");
        udp.fill(Instant::now(), SystemTime::now())
    }

    #[test]
    fn a_burst_arrives_as_the_packets_that_it_was() {
        let receiver = local();
        let to = receiver.local_addr().expect("bound");
        let mut udp = Udp::new(local(), Instant::now()).expect("a socket");
        let sent: Vec<Vec<u8>> = (0..40u8)
            .map(|n| vec![n; if n % 7 == 6 { 90 } else { 1_200 }])
            .collect();
        udp.send(&mut sent.iter().map(|bytes| video(to, bytes.clone())).collect());
        let mut bytes = [0; 2_048];
        for expected in &sent {
            let length = receiver.recv(&mut bytes).expect("receives");
            assert_eq!(&bytes[..length], expected);
        }
        assert_eq!(udp.take_dropped(), 0);
    }

    #[test]
    fn merged_messages_are_taken_apart() {
        let mut sender = Udp::new(local(), Instant::now()).expect("a socket");
        let mut receiver = Udp::new(local(), Instant::now()).expect("a socket");
        let to = receiver.socket.local_addr().expect("bound");
        let sent: Vec<Vec<u8>> = (0..20u8).map(|n| vec![n; 1_000]).collect();
        sender.send(&mut sent.iter().map(|bytes| video(to, bytes.clone())).collect());
        let mut got = Vec::new();
        while got.len() < sent.len() {
            for message in 0..fill(&mut receiver) {
                let packets = receiver.datagrams(message, Instant::now());
                got.extend(packets.map(|packet| packet.bytes.to_vec()));
            }
        }
        assert_eq!(got, sent);
    }

    #[test]
    fn what_waited_says_how_long() {
        let mut udp = Udp::new(local(), Instant::now()).expect("a socket");
        let to = udp.socket.local_addr().expect("bound");
        let before = Instant::now();
        local().send_to(b"late", to).expect("sends");
        let late = Duration::from_millis(30);
        while before.elapsed() < late {
            std::hint::spin_loop();
        }
        assert_eq!(fill(&mut udp), 1);
        let age = |udp: &Udp| {
            udp.datagrams(0, udp.read_at)
                .next()
                .map(|packet| packet.age)
        };
        let waited = age(&udp).expect("a packet");
        // The stamp is the wall clock's, which is steered and runs a little faster or slower than the other.
        let steered = Duration::from_millis(1);
        assert!(waited <= before.elapsed() + steered);
        if udp.metas[0].timestamp.is_some() {
            assert!(waited + steered >= late, "{waited:?}");
        }
        // The socket was empty after that read: a stamp from before it is a clock that was set.
        udp.read_at = Instant::now();
        udp.empty_at = udp.read_at;
        assert_eq!(age(&udp), Some(Duration::ZERO));
    }

    #[test]
    fn an_answer_comes_from_the_address_that_was_asked() {
        let any = UdpSocket::bind((Ipv4Addr::UNSPECIFIED, 0)).expect("binds");
        let port = any.local_addr().expect("bound").port();
        let mut udp = Udp::new(any, Instant::now()).expect("a socket");
        let client = local();
        let asked = SocketAddr::from((Ipv4Addr::new(127, 0, 0, 5), port));
        client.send_to(b"hello", asked).expect("sends");
        assert_eq!(fill(&mut udp), 1);
        udp.remember(0, |_| true);
        udp.send(&mut vec![video(
            client.local_addr().expect("bound"),
            vec![1],
        )]);
        let (_, from) = client.recv_from(&mut [0; 8]).expect("receives");
        assert_eq!(from, asked);

        udp.tidy(Instant::now(), |_| false);
        assert!(udp.asked.is_empty());
    }

    #[test]
    fn one_address_that_cannot_be_reached_stops_no_one_else() {
        let receiver = local();
        let mut udp = Udp::new(local(), Instant::now()).expect("a socket");
        let nowhere = SocketAddr::from((Ipv4Addr::BROADCAST, 9));
        let to = receiver.local_addr().expect("bound");
        udp.send(&mut vec![
            video(nowhere, vec![0; 100]),
            video(nowhere, vec![0; 100]),
            video(to, vec![7; 100]),
            video(to, vec![8; 100]),
        ]);
        let mut bytes = [0; 128];
        for expected in [7, 8] {
            assert_eq!(receiver.recv(&mut bytes).expect("receives"), 100);
            assert_eq!(bytes[0], expected);
        }
        assert_eq!(udp.take_dropped(), 2);
    }
}
