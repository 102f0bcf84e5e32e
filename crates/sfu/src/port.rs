//! The port of a worker: the same number for UDP and TCP, in each family that is listened on.

use std::io::{self, ErrorKind};
use std::net::{IpAddr, SocketAddr, TcpListener, UdpSocket};

use socket2::{Domain, Protocol, Socket, Type};

use crate::types::PortChoice;

/// How often a free port is asked for until one is free for everything: what the system gives for UDP may be taken
/// for TCP.
const TRIES: usize = 64;

/// Connections that wait to be accepted at most.
const BACKLOG: i32 = 128;

/// The sockets of a worker. They outlive a fault of its rooms.
pub(crate) struct Port {
    /// Its number.
    pub(crate) number: u16,
    udp: Vec<UdpSocket>,
    tcp: Vec<TcpListener>,
}

impl Port {
    /// Listens on all of `listen` as chosen; `worker` counts up from the chosen port.
    ///
    /// # Errors
    /// When the port is not free; with its number, 0 for any.
    pub(crate) fn bind(
        listen: &[IpAddr],
        choice: PortChoice,
        worker: usize,
    ) -> Result<Port, (u16, io::Error)> {
        let (wanted, or_any) = match choice {
            PortChoice::Fixed(0) | PortChoice::Preferred(0) | PortChoice::Any => {
                return any(listen);
            }
            PortChoice::Fixed(port) => (port, false),
            PortChoice::Preferred(port) => (port, true),
        };
        let of_worker = u16::try_from(worker)
            .ok()
            .and_then(|worker| wanted.checked_add(worker));
        let bound = match of_worker {
            Some(port) => bind_all(listen, port).map_err(|error| (port, error)),
            None => Err((wanted, io::Error::from(ErrorKind::AddrNotAvailable))),
        };
        match bound {
            Err((port, error)) if or_any => {
                tracing::warn!(
                    port = port,
                    error = %error,
                    "The media port is not free; calls use another one."
                );
                any(listen)
            }
            other => other,
        }
    }

    /// Forgets what belonged to the rooms that were.
    pub(crate) fn forget(&mut self) {}
}

fn any(listen: &[IpAddr]) -> Result<Port, (u16, io::Error)> {
    let mut last = io::Error::from(ErrorKind::AddrInUse);
    for _ in 0..TRIES {
        match bind_all(listen, 0) {
            Ok(port) => return Ok(port),
            Err(error) if error.kind() == ErrorKind::AddrInUse => last = error,
            Err(error) => return Err((0, error)),
        }
    }
    Err((0, last))
}

/// Binds everything to one number; 0: to the one that the first socket gets.
fn bind_all(listen: &[IpAddr], wanted: u16) -> io::Result<Port> {
    let mut number = wanted;
    let (mut udp, mut tcp) = (Vec::new(), Vec::new());
    for &ip in listen {
        let socket = socket(ip, Type::DGRAM, Protocol::UDP)?;
        socket.bind(&SocketAddr::new(ip, number).into())?;
        let socket: UdpSocket = socket.into();
        number = socket.local_addr()?.port();
        udp.push(socket);

        let socket = self::socket(ip, Type::STREAM, Protocol::TCP)?;
        // Connections of a process that has just ended do not keep the port from the next one.
        socket.set_reuse_address(true)?;
        socket.bind(&SocketAddr::new(ip, number).into())?;
        socket.listen(BACKLOG)?;
        tcp.push(socket.into());
    }
    Ok(Port { number, udp, tcp })
}

fn socket(ip: IpAddr, kind: Type, protocol: Protocol) -> io::Result<Socket> {
    let domain = if ip.is_ipv4() {
        Domain::IPV4
    } else {
        Domain::IPV6
    };
    let socket = Socket::new(domain, kind, Some(protocol))?;
    if ip.is_ipv6() {
        // IPv4 has its own socket: mapped addresses would be strangers to the rooms.
        socket.set_only_v6(true)?;
    }
    socket.set_nonblocking(true)?;
    Ok(socket)
}
