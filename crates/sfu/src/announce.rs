//! Where peers are told to send.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use crate::sfu::{Options, StartError};
use crate::types::Announce;

/// Interfaces' addresses that are announced at most: each costs a browser a connection check, and a machine with
/// many bridges has many that no one reaches.
const ADDRESSES_MAX: usize = 16;

/// What is announced and what is listened on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Announced {
    /// Where peers are told to send; never empty.
    pub(crate) to: Vec<Announce>,
    /// The addresses to listen on: one, or one of each family.
    pub(crate) listen: Vec<IpAddr>,
}

impl Announced {
    /// What the worker of that number tells, which listens on `port`. A forwarded port counts up with the workers.
    pub(crate) fn addresses(&self, port: u16, worker: usize) -> Vec<SocketAddr> {
        let mut addresses = Vec::new();
        for announce in &self.to {
            let address = match announce {
                Announce::Ip(ip) => SocketAddr::new(*ip, port),
                Announce::Address(address) => {
                    let step = u16::try_from(worker).unwrap_or(u16::MAX);
                    SocketAddr::new(address.ip(), address.port().saturating_add(step))
                }
            };
            if !addresses.contains(&address) {
                addresses.push(address);
            }
        }
        addresses
    }
}

/// Finds what to announce and, from that, what to listen on.
///
/// # Errors
/// When an address is one that no one can send to, or of a family that is not listened on.
pub(crate) fn resolve(options: &Options) -> Result<Announced, StartError> {
    let interfaces = || -> Result<Vec<IpAddr>, StartError> {
        let all = if_addrs::get_if_addrs().map_err(StartError::Interfaces)?;
        Ok(all.iter().map(if_addrs::Interface::ip).collect())
    };
    let to = if !options.announce.is_empty() {
        options.announce.clone()
    } else if options.listen.is_unspecified() {
        let found = of_interfaces(&interfaces()?, options.loopback);
        found.into_iter().map(Announce::Ip).collect()
    } else {
        vec![Announce::Ip(options.listen)]
    };

    let mut listen = vec![options.listen];
    for announce in &to {
        let (ip, port) = match announce {
            Announce::Ip(ip) => (*ip, 1),
            Announce::Address(address) => (address.ip(), address.port()),
        };
        if ip.is_unspecified() || ip.is_multicast() || port == 0 {
            return Err(StartError::Announce(ip));
        }
        if listen.iter().all(|other| other.is_ipv4() != ip.is_ipv4()) {
            if !options.listen.is_unspecified() {
                return Err(StartError::Announce(ip));
            }
            listen.push(match ip {
                IpAddr::V4(_) => IpAddr::V4(Ipv4Addr::UNSPECIFIED),
                IpAddr::V6(_) => IpAddr::V6(Ipv6Addr::UNSPECIFIED),
            });
        }
    }
    Ok(Announced { to, listen })
}

/// Which of the interfaces' addresses are worth telling: others' machines reach them, IPv4 first. Those of this
/// machine alone come last, where asked for or where there is nothing else.
fn of_interfaces(all: &[IpAddr], loopback: bool) -> Vec<IpAddr> {
    let mut far: Vec<IpAddr> = all.iter().copied().filter(|ip| reaches_far(*ip)).collect();
    far.sort_by_key(IpAddr::is_ipv6);
    far.dedup();
    far.truncate(ADDRESSES_MAX);
    if loopback || far.is_empty() {
        far.push(IpAddr::V4(Ipv4Addr::LOCALHOST));
    }
    far
}

fn reaches_far(ip: IpAddr) -> bool {
    if ip.is_loopback() || ip.is_unspecified() || ip.is_multicast() {
        return false;
    }
    match ip {
        IpAddr::V4(ip) => !ip.is_link_local(),
        // Link-local addresses mean nothing without the interface, which differs at the other end.
        IpAddr::V6(ip) => !ip.is_unicast_link_local(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ip(text: &str) -> IpAddr {
        text.parse().expect("an address")
    }

    fn announcing(listen: &str, announce: &[Announce]) -> Options {
        Options {
            listen: ip(listen),
            announce: announce.to_vec(),
            ..Options::default()
        }
    }

    #[test]
    fn addresses_that_reach_no_one_are_not_told() {
        let all = [
            "127.0.0.1",
            "fe80::1",
            "2001:db8::7",
            "::1",
            "169.254.3.4",
            "192.0.2.8",
        ]
        .map(ip);
        assert_eq!(
            of_interfaces(&all, false),
            ["192.0.2.8", "2001:db8::7"].map(ip)
        );
        assert_eq!(
            of_interfaces(&all, true),
            ["192.0.2.8", "2001:db8::7", "127.0.0.1"].map(ip)
        );
    }

    #[test]
    fn a_machine_without_a_network_still_reaches_itself() {
        assert_eq!(
            of_interfaces(&[ip("127.0.0.1"), ip("::1")], false),
            [ip("127.0.0.1")]
        );
    }

    #[test]
    fn listens_to_each_family_that_is_announced() {
        let both = [
            Announce::Ip(ip("192.0.2.8")),
            Announce::Ip(ip("2001:db8::7")),
        ];
        let found = resolve(&announcing("0.0.0.0", &both)).expect("resolves");
        assert_eq!(found.listen, ["0.0.0.0", "::"].map(ip));
        let found = resolve(&announcing("0.0.0.0", &both[..1])).expect("resolves");
        assert_eq!(found.listen, [ip("0.0.0.0")]);
    }

    #[test]
    fn what_cannot_be_reached_is_refused() {
        for (listen, announce) in [
            ("0.0.0.0", Announce::Ip(ip("0.0.0.0"))),
            ("0.0.0.0", Announce::Ip(ip("224.0.0.1"))),
            (
                "0.0.0.0",
                Announce::Address(SocketAddr::new(ip("192.0.2.8"), 0)),
            ),
            ("127.0.0.1", Announce::Ip(ip("2001:db8::7"))),
        ] {
            let refused = resolve(&announcing(listen, &[announce]));
            assert!(
                matches!(refused, Err(StartError::Announce(_))),
                "{announce:?}"
            );
        }
    }

    #[test]
    fn one_address_listened_on_is_the_one_announced() {
        let found = resolve(&announcing("127.0.0.1", &[])).expect("resolves");
        assert_eq!(found.to, [Announce::Ip(ip("127.0.0.1"))]);
        assert_eq!(found.listen, [ip("127.0.0.1")]);
    }

    #[test]
    fn forwarded_ports_count_up_with_the_workers() {
        let announced = Announced {
            to: vec![
                Announce::Ip(ip("192.0.2.8")),
                Announce::Address("198.51.100.1:7000".parse().expect("an address")),
            ],
            listen: vec![ip("0.0.0.0")],
        };
        let told: Vec<String> = announced
            .addresses(40_001, 1)
            .iter()
            .map(ToString::to_string)
            .collect();
        assert_eq!(told, ["192.0.2.8:40001", "198.51.100.1:7001"]);
    }
}
