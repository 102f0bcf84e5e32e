//! The TCP connections of a worker: for peers whose network lets no UDP through (RFC 6544, passive candidates).

use std::collections::HashMap;
use std::io::{self, ErrorKind, Read};
use std::net::{IpAddr, Ipv6Addr, SocketAddr, TcpListener, TcpStream};
use std::os::fd::{AsFd, BorrowedFd};
use std::time::{Duration, Instant};

use socket2::SockRef;

use crate::framing::{Input, Output};
use crate::types::{Incoming, Outgoing, Protocol};

/// Connections of a worker at most. A browser opens up to three, of which one is used.
const CONNECTIONS_MAX: usize = 512;

/// Of one address at most: an office behind one, everyone with spare connections.
const CONNECTIONS_PER_ADDRESS_MAX: usize = 64;

/// A connection that has not sent a connection check by then is no peer.
const FIRST_CHECK_MAX: Duration = Duration::from_secs(5);

/// A connection that no living peer has used for so long is closed: browsers keep spare ones open.
const UNUSED_MAX: Duration = Duration::from_secs(30);

/// Connections that are accepted in one turn at most.
const ACCEPTS_A_TURN: usize = 16;

/// After an accept that failed for want of descriptors, none is tried for so long.
const ACCEPT_PAUSE: Duration = Duration::from_millis(500);

/// Bytes that are read of one connection in one turn.
const READ_MAX: usize = 16 * 1024;

/// What is asked for as receive buffer: a sender that is too fast feels it, instead of being heard late.
const RECEIVE_BUFFER: usize = 128 * 1024;

/// What the kernel may hold unsent: the rest waits here, where pictures can be dropped.
const UNSENT_MAX: u32 = 16 * 1024;

/// The connections, and where they come from.
pub(crate) struct Tcp {
    listeners: Vec<TcpListener>,
    accept_from: Instant,
    connections: HashMap<SocketAddr, Connection>,
    inbox: Box<[u8]>,
    dropped: u64,
}

struct Connection {
    stream: TcpStream,
    local: IpAddr,
    input: Input,
    output: Output,
    /// When it was accepted, or a living peer last used it.
    used: Instant,
    /// When it was last seen to have nothing to read.
    empty_at: Instant,
    was_emptied: bool,
    is_broken: bool,
}

impl Tcp {
    /// Takes listening sockets over.
    pub(crate) fn new(listeners: Vec<TcpListener>, now: Instant) -> Tcp {
        Tcp {
            listeners,
            accept_from: now,
            connections: HashMap::new(),
            inbox: vec![0; READ_MAX].into_boxed_slice(),
            dropped: 0,
        }
    }

    /// The sockets that wait for connections, while some may be accepted.
    pub(crate) fn listeners(&self, now: Instant) -> impl Iterator<Item = BorrowedFd<'_>> {
        let open = now >= self.accept_from;
        self.listeners
            .iter()
            .filter(move |_| open)
            .map(|listener| listener.as_fd())
    }

    /// The connections, and whether each has something to write.
    pub(crate) fn connections(&self) -> impl Iterator<Item = (SocketAddr, BorrowedFd<'_>, bool)> {
        self.connections.iter().map(|(address, connection)| {
            let wants_out = !connection.output.is_empty();
            (*address, connection.stream.as_fd(), wants_out)
        })
    }

    /// Accepts those who wait.
    pub(crate) fn accept(&mut self, now: Instant) {
        for number in 0..self.listeners.len() {
            for _ in 0..ACCEPTS_A_TURN {
                match self.listeners[number].accept() {
                    Ok((stream, address)) => self.admit(stream, address, now),
                    Err(error) => match error.kind() {
                        ErrorKind::WouldBlock => break,
                        ErrorKind::Interrupted | ErrorKind::ConnectionAborted => {}
                        _ => {
                            // Most likely no descriptor is left; the listener would be ready again at once.
                            self.accept_from = now + ACCEPT_PAUSE;
                            tracing::warn!(error = %error, "Media connections cannot be accepted; trying again.");
                            return;
                        }
                    },
                }
            }
        }
    }

    /// Takes a connection in, or closes it where there are enough.
    fn admit(&mut self, stream: TcpStream, address: SocketAddr, now: Instant) {
        let client = client(address.ip());
        let of_client = self
            .connections
            .keys()
            .filter(|other| self::client(other.ip()) == client)
            .count();
        if self.connections.len() >= CONNECTIONS_MAX || of_client >= CONNECTIONS_PER_ADDRESS_MAX {
            return;
        }
        // A connection that is gone already is found out by reading.
        if let Ok(local) = set_up(&stream) {
            let connection = Connection {
                stream,
                local,
                input: Input::default(),
                output: Output::default(),
                used: now,
                empty_at: now,
                was_emptied: true,
                is_broken: false,
            };
            self.connections.insert(address, connection);
        }
    }

    /// Reads what came from there and hands each packet on.
    pub(crate) fn read(
        &mut self,
        address: SocketAddr,
        now: Instant,
        mut packet: impl FnMut(Incoming<'_>),
    ) {
        let Some(connection) = self.connections.get_mut(&address) else {
            return;
        };
        let read = match connection.stream.read(&mut self.inbox) {
            Ok(0) => {
                connection.is_broken = true;
                return;
            }
            Ok(read) => read,
            Err(error) => {
                connection.is_broken =
                    !matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::Interrupted);
                return;
            }
        };
        // What came while the last read still left something may have waited since.
        let age = if connection.was_emptied {
            Duration::ZERO
        } else {
            now.saturating_duration_since(connection.empty_at)
        };
        connection.was_emptied = read < self.inbox.len();
        if connection.was_emptied {
            connection.empty_at = now;
        }
        let destination = Some(connection.local);
        let taken = connection.input.take(&self.inbox[..read], |bytes| {
            packet(Incoming {
                protocol: Protocol::Tcp,
                source: address,
                destination,
                bytes,
                age,
            });
        });
        connection.is_broken |= taken.is_err();
    }

    /// Puts packets behind what waits for their connections.
    pub(crate) fn push(&mut self, packet: Outgoing) {
        // A connection that is gone has a peer that connects again.
        if let Some(connection) = self.connections.get_mut(&packet.destination)
            && !connection.output.push(packet.class, packet.bytes)
        {
            self.dropped += 1;
        }
    }

    /// Writes what the connections take and closes what is broken.
    pub(crate) fn flush(&mut self) {
        self.connections.retain(|_, connection| {
            !connection.is_broken && connection.output.write(&connection.stream).is_ok()
        });
    }

    /// Closes what is no peer's.
    pub(crate) fn tidy(&mut self, now: Instant, is_living: impl Fn(SocketAddr) -> bool) {
        self.connections.retain(|address, connection| {
            if is_living(*address) {
                connection.used = now;
            }
            let max = if connection.input.has_spoken() {
                UNUSED_MAX
            } else {
                FIRST_CHECK_MAX
            };
            now.saturating_duration_since(connection.used) < max
        });
    }

    /// Forgets the connections of rooms that were.
    pub(crate) fn forget(&mut self) {
        self.connections.clear();
    }

    /// How many packets were dropped since it was last asked.
    pub(crate) fn take_dropped(&mut self) -> u64 {
        std::mem::take(&mut self.dropped)
    }
}

/// Sets options; returns which of our addresses was asked.
fn set_up(stream: &TcpStream) -> io::Result<IpAddr> {
    stream.set_nonblocking(true)?;
    stream.set_nodelay(true)?;
    let socket = SockRef::from(stream);
    socket.set_recv_buffer_size(RECEIVE_BUFFER)?;
    socket.set_tcp_notsent_lowat(UNSENT_MAX)?;
    Ok(stream.local_addr()?.ip())
}

/// Who counts as one client: an IPv6 network is one subscriber's (RFC 6177).
fn client(ip: IpAddr) -> IpAddr {
    const NETWORK: u128 = !0 << 64;
    match ip {
        IpAddr::V4(_) => ip,
        IpAddr::V6(ip) => IpAddr::V6(Ipv6Addr::from_bits(ip.to_bits() & NETWORK)),
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;
    use std::net::Ipv4Addr;

    use super::*;
    use crate::types::Class;

    /// A connection check by its looks, framed.
    const CHECK: [u8; 22] = [
        0, 20, 0, 1, 0, 0, 0x21, 0x12, 0xA4, 0x42, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12,
    ];

    struct World {
        tcp: Tcp,
        start: Instant,
        to: SocketAddr,
    }

    impl World {
        fn new() -> World {
            let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("binds");
            listener.set_nonblocking(true).expect("a socket");
            let to = listener.local_addr().expect("bound");
            let start = Instant::now();
            let tcp = Tcp::new(vec![listener], start);
            World { tcp, start, to }
        }

        /// Connects and sends; returns once it was read.
        fn connect(&mut self, bytes: &[u8]) -> (TcpStream, usize) {
            let mut client = TcpStream::connect(self.to).expect("connects");
            client.write_all(bytes).expect("writes");
            wait(&self.tcp.listeners[0]);
            self.tcp.accept(self.start);
            let address = client.local_addr().expect("bound");
            let packets = self.read(address, bytes.len());
            (client, packets)
        }

        /// Waits for bytes from there and reads them; returns how many packets they were.
        fn read(&mut self, address: SocketAddr, bytes: usize) -> usize {
            let mut packets = 0;
            if bytes > 0 && self.tcp.connections.contains_key(&address) {
                wait(&self.tcp.connections[&address].stream);
                self.tcp.read(address, self.start, |_| packets += 1);
            }
            packets
        }

        fn open(&self) -> usize {
            self.tcp.connections.len()
        }
    }

    /// Waits until there is something to read or accept.
    fn wait(socket: &impl AsFd) {
        let mut fds = [rustix::event::PollFd::new(
            socket,
            rustix::event::PollFlags::IN,
        )];
        rustix::event::poll(&mut fds, None).expect("polls");
    }

    #[test]
    fn who_says_nothing_sensible_is_closed_soon() {
        let mut world = World::new();
        let (_silent, _) = world.connect(&[]);
        let (_half, packets) = world.connect(&CHECK[..9]);
        assert_eq!(packets, 0);
        let (_web, packets) = world.connect(b"GET / HTTP/1.1\r\n\r\n");
        assert_eq!(packets, 0);
        assert_eq!(world.open(), 3);
        world.tcp.flush();
        assert_eq!(world.open(), 2);
        let almost = FIRST_CHECK_MAX
            .checked_sub(Duration::from_millis(1))
            .expect("longer");
        world.tcp.tidy(world.start + almost, |_| false);
        assert_eq!(world.open(), 2);
        world.tcp.tidy(world.start + FIRST_CHECK_MAX, |_| false);
        assert_eq!(world.open(), 0);
    }

    #[test]
    fn what_no_living_peer_uses_is_closed_later() {
        let mut world = World::new();
        let (used, packets) = world.connect(&CHECK);
        assert_eq!(packets, 1);
        let (_spare, _) = world.connect(&CHECK);
        let living = used.local_addr().expect("bound");
        for second in 1..=60 {
            let now = world.start + Duration::from_secs(second);
            world.tcp.tidy(now, |address| address == living);
            let open = if second < 30 { 2 } else { 1 };
            assert_eq!(world.open(), open, "after {second} s");
        }
        world
            .tcp
            .tidy(world.start + Duration::from_secs(95), |_| false);
        assert_eq!(world.open(), 0);
    }

    #[test]
    fn one_address_does_not_take_all() {
        let mut world = World::new();
        let clients: Vec<TcpStream> = (0..CONNECTIONS_PER_ADDRESS_MAX + 10)
            .map(|_| world.connect(&[]).0)
            .collect();
        assert_eq!(world.open(), CONNECTIONS_PER_ADDRESS_MAX);
        drop(clients);
    }

    #[test]
    fn an_ipv6_network_is_one_client() {
        let [a, b, c] = ["2001:db8::1", "2001:db8::ffff:2", "2001:db8:0:1::1"]
            .map(|text| client(text.parse().expect("an address")));
        assert_eq!(a, b);
        assert_ne!(a, c);
    }

    #[test]
    fn a_reader_that_stalls_keeps_its_sound_and_loses_pictures() {
        let mut world = World::new();
        let (mut client, _) = world.connect(&CHECK);
        let destination = client.local_addr().expect("bound");
        let packet = |class, first| Outgoing {
            protocol: Protocol::Tcp,
            destination,
            bytes: vec![first; 1_000],
            class,
        };
        // Far more than the buffers of both ends take.
        while world.tcp.dropped == 0 {
            world.tcp.push(packet(Class::Video, 1));
            world.tcp.flush();
        }
        world.tcp.dropped = 0;
        for _ in 0..10 {
            world.tcp.push(packet(Class::Audio, 2));
        }
        assert_eq!(world.tcp.take_dropped(), 0);

        client.set_nonblocking(true).expect("a socket");
        let (mut got, mut buffer) = (Vec::new(), vec![0; 65_536]);
        while !world.tcp.connections[&destination].output.is_empty() {
            world.tcp.flush();
            wait(&client);
            let read = client.read(&mut buffer).expect("reads");
            got.extend_from_slice(&buffer[..read]);
        }
        while !got.len().is_multiple_of(1_002) {
            let read = client.read(&mut buffer).unwrap_or_default();
            got.extend_from_slice(&buffer[..read]);
        }
        let frames = || got.chunks(1_002);
        assert!(frames().all(|frame| frame[..2] == 1_000u16.to_be_bytes()));
        assert_eq!(frames().filter(|frame| frame[2] == 2).count(), 10);
        assert_eq!(world.open(), 1);
    }
}
