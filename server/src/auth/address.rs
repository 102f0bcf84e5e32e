//! The client's address: the peer's, or past configured proxies the rightmost one that is none of them.

use std::net::{IpAddr, SocketAddr};
use std::sync::Once;

use axum::extract::{ConnectInfo, FromRequestParts};
use axum::http::request::Parts;
use axum::http::{Extensions, HeaderMap};
use ipnet::IpNet;

use crate::app::App;
use crate::error::Error;

/// The header in which proxies tell the client's address.
const FORWARDED: &str = "x-forwarded-for";

/// Where a request comes from. Attempt limits count by it: an IPv6 client by its /64.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ClientAddress(pub IpAddr);

impl ClientAddress {
    /// The bytes that limits count by.
    pub fn subject(self) -> Vec<u8> {
        match self.0.to_canonical() {
            IpAddr::V4(v4) => v4.octets().to_vec(),
            IpAddr::V6(v6) => v6.octets()[..8].to_vec(),
        }
    }
}

/// Walks `X-Forwarded-For` from the right, past the proxies of `trusted` only.
pub fn client(peer: IpAddr, headers: &HeaderMap, trusted: &[IpNet]) -> IpAddr {
    let believed = |address: &IpAddr| trusted.iter().any(|network| network.contains(address));
    let mut current = peer.to_canonical();
    let forwarded: Vec<&str> = headers
        .get_all(FORWARDED)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .collect();
    for part in forwarded.iter().rev() {
        if !believed(&current) {
            break;
        }
        match part.trim().parse::<IpAddr>() {
            Ok(address) => current = address.to_canonical(),
            Err(_) => break,
        }
    }
    current
}

/// Whether it was said that a proxy stands in front of this server and nobody told us.
static TOLD: Once = Once::new();

/// Where a request with these headers comes from.
pub fn of(extensions: &Extensions, headers: &HeaderMap, app: &App) -> ClientAddress {
    if app.config.trusted_proxies.is_empty() && headers.contains_key(FORWARDED) {
        TOLD.call_once(|| {
            tracing::warn!(
                "Requests come with X-Forwarded-For, but `trusted_proxies` is empty. If a proxy stands in front of this \
                 server, name it there: until then everyone behind it counts as one client, and attempt limits hit all."
            );
        });
    }
    let peer = extensions
        .get::<ConnectInfo<SocketAddr>>()
        .map_or(IpAddr::from([0, 0, 0, 0]), |ConnectInfo(address)| {
            address.ip()
        });
    ClientAddress(client(peer, headers, &app.config.trusted_proxies))
}

impl FromRequestParts<App> for ClientAddress {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Error> {
        Ok(of(&parts.extensions, &parts.headers, app))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_configured_proxies_are_believed() {
        let trusted: Vec<IpNet> = vec!["10.0.0.0/8".parse().unwrap()];
        let with = |peer: &str, forwarded: &str| {
            let mut headers = HeaderMap::new();
            headers.insert("x-forwarded-for", forwarded.parse().unwrap());
            client(peer.parse().unwrap(), &headers, &trusted).to_string()
        };
        assert_eq!(
            with("203.0.113.9", "1.1.1.1"),
            "203.0.113.9",
            "a stranger's header is air"
        );
        assert_eq!(with("10.0.0.1", "198.51.100.7"), "198.51.100.7");
        assert_eq!(
            with("10.0.0.1", "6.6.6.6, 198.51.100.7, 10.2.3.4"),
            "198.51.100.7",
            "what the client wrote itself is not reached"
        );
        assert_eq!(with("10.0.0.1", "nonsense"), "10.0.0.1");
        assert_eq!(with("::ffff:10.0.0.1", "198.51.100.7"), "198.51.100.7");
    }
}
