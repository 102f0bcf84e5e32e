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
const CONNECTIONS_MAX: usize = 384;

/// Of one address at most: an office behind one, everyone with spare connections.
const CONNECTIONS_PER_ADDRESS_MAX: usize = 64;

/// A connection that has not sent a connection check by then is no peer.
const FIRST_CHECK_MAX: Duration = Duration::from_secs(5);

/// A connection that no living peer has used for so long is closed: browsers keep spare ones open.
const UNUSED_MAX: Duration = Duration::from_secs(30);

/// Where there are as many as may be, a connection that was not used for so long makes room for a new one, the longest
/// unused first: strangers cannot keep peers out by holding connections. Those in use are seen to be at each
/// [`Tcp::tidy`].
const UNUSED_GIVES_WAY: Duration = Duration::from_secs(3);

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
        if of_client >= CONNECTIONS_PER_ADDRESS_MAX || !self.make_room(now) {
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

    /// Whether one more connection may be.
    fn make_room(&mut self, now: Instant) -> bool {
        if self.connections.len() < CONNECTIONS_MAX {
            return true;
        }
        let longest = self.connections.iter().min_by_key(|(_, one)| one.used);
        let gives_way = longest
            .filter(|(_, one)| now.saturating_duration_since(one.used) >= UNUSED_GIVES_WAY)
            .map(|(address, _)| *address);
        gives_way.is_some_and(|address| self.connections.remove(&address).is_some())
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
mod tests;
