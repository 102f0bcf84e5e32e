//! The port of a worker: the same number for UDP and TCP, in each family that is listened on.

use std::io::{self, ErrorKind};
use std::net::{IpAddr, SocketAddr, UdpSocket};
use std::time::Instant;

use socket2::{Domain, Protocol, Socket, Type};

use crate::tcp::Tcp;
use crate::types::PortChoice;
use crate::udp::Udp;

/// How often a free port is asked for until one is free for everything: what the system gives for UDP may be taken
/// for TCP.
const TRIES: usize = 64;

/// Connections that wait to be accepted at most.
const BACKLOG: i32 = 128;

/// The sockets of a worker. They outlive a fault of its rooms.
pub(crate) struct Port {
    /// Its number.
    pub(crate) number: u16,
    /// One for each family.
    pub(crate) udp: Vec<Udp>,
    /// The connections of all families.
    pub(crate) tcp: Tcp,
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
                    media.port = port,
                    error = %error,
                    "The media port is not free; calls use another one."
                );
                any(listen)
            }
            other => other,
        }
    }

    /// Forgets what belonged to rooms that were.
    pub(crate) fn forget(&mut self) {
        self.udp.iter_mut().for_each(Udp::forget);
        self.tcp.forget();
    }
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
    let now = Instant::now();
    let mut number = wanted;
    let (mut udp, mut tcp) = (Vec::new(), Vec::new());
    for &ip in listen {
        let socket = socket(ip, Type::DGRAM, Protocol::UDP)?;
        socket.bind(&SocketAddr::new(ip, number).into())?;
        let socket: UdpSocket = socket.into();
        number = socket.local_addr()?.port();
        udp.push(Udp::new(socket, now)?);

        let socket = self::socket(ip, Type::STREAM, Protocol::TCP)?;
        // Connections of a process that has just ended do not keep the port from the next one.
        socket.set_reuse_address(true)?;
        socket.bind(&SocketAddr::new(ip, number).into())?;
        socket.listen(BACKLOG)?;
        tcp.push(socket.into());
    }
    let tcp = Tcp::new(tcp, now);
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

#[cfg(test)]
mod tests {
    use std::net::{Ipv4Addr, Ipv6Addr, TcpListener};

    use super::*;

    const ANY: [IpAddr; 1] = [IpAddr::V4(Ipv4Addr::UNSPECIFIED)];

    /// A port whose number is free for UDP, but taken for TCP.
    fn taken() -> (TcpListener, u16) {
        let other = TcpListener::bind((Ipv4Addr::UNSPECIFIED, 0)).expect("binds");
        let port = other.local_addr().expect("bound").port();
        (other, port)
    }

    #[test]
    fn a_fixed_port_is_that_one_or_none() {
        let (other, number) = taken();
        let refused = Port::bind(&ANY, PortChoice::Fixed(number), 0).map(|port| port.number);
        assert!(matches!(refused, Err((port, error))
            if port == number && error.kind() == ErrorKind::AddrInUse));
        drop(other);
        let port = Port::bind(&ANY, PortChoice::Fixed(number), 0).map(|port| port.number);
        assert_eq!(port.map_err(|(_, error)| error.kind()), Ok(number));
    }

    #[test]
    fn a_preferred_port_that_is_taken_is_another_one() {
        let (_other, number) = taken();
        let port = Port::bind(&ANY, PortChoice::Preferred(number), 0).map(|port| port.number);
        assert!(matches!(port, Ok(other) if other != number && other != 0));
    }

    #[test]
    fn ports_count_up_and_end() {
        let below = Port::bind(&ANY, PortChoice::Any, 0).map_or(0, |port| port.number - 1);
        let next = Port::bind(&ANY, PortChoice::Fixed(below), 1).map(|port| port.number);
        assert_eq!(next.map_err(|(_, error)| error.kind()), Ok(below + 1));
        let last = Port::bind(&ANY, PortChoice::Fixed(u16::MAX), 1).map(|port| port.number);
        assert!(matches!(last, Err((u16::MAX, _))));
    }

    #[test]
    fn both_families_have_one_number() {
        let both = [ANY[0], IpAddr::V6(Ipv6Addr::UNSPECIFIED)];
        // A machine without IPv6 has nothing to show here.
        if UdpSocket::bind((Ipv6Addr::LOCALHOST, 0)).is_err() {
            return;
        }
        let port = Port::bind(&both, PortChoice::Any, 0).map_err(|(_, error)| error);
        let port = port.expect("binds");
        assert_eq!(port.udp.len(), 2);
        let here = |ip: IpAddr| SocketAddr::new(ip, port.number);
        for ip in [Ipv4Addr::LOCALHOST.into(), Ipv6Addr::LOCALHOST.into()] {
            assert!(std::net::TcpStream::connect(here(ip)).is_ok(), "{ip}");
            assert!(port.udp.iter().any(|udp| udp.reaches(here(ip))));
        }
    }
}
