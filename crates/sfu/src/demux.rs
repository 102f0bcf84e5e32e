//! Whose packet it is: by the address for media, by the user name for connection checks.

use std::collections::HashMap;

use crate::route::{Address, Transaction};

/// What a datagram is, by its first byte (RFC 7983 §7).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Packet<'a> {
    /// A connection check for the agent with this user name fragment.
    Check {
        /// The part of USERNAME that is ours.
        ufrag: &'a str,
        /// Which check it is.
        transaction: Transaction,
    },
    /// Handshake, media or feedback: belongs to whoever's address it comes from.
    Other,
}

/// Bytes of a STUN header (RFC 8489 §5).
const STUN_HEADER: usize = 20;
const STUN_BINDING_REQUEST: [u8; 2] = [0x00, 0x01];
const STUN_COOKIE: [u8; 4] = [0x21, 0x12, 0xA4, 0x42];
const STUN_USERNAME: [u8; 2] = [0x00, 0x06];

/// Looks what a datagram is; nothing for what nobody can use. Cheap, and trusts nothing.
pub(crate) fn classify(bytes: &[u8]) -> Option<Packet<'_>> {
    match bytes.first()? {
        0..=3 => classify_stun(bytes),
        20..=63 | 128..=191 => Some(Packet::Other),
        _ => None,
    }
}

fn classify_stun(bytes: &[u8]) -> Option<Packet<'_>> {
    let header = bytes.get(..STUN_HEADER)?;
    if header.get(..2)? != STUN_BINDING_REQUEST || header.get(4..8)? != STUN_COOKIE {
        return None;
    }
    let transaction = header.get(8..)?.try_into().ok()?;
    let mut rest = bytes.get(STUN_HEADER..)?;
    loop {
        let kind = rest.get(..2)?;
        let length = usize::from(u16::from_be_bytes(rest.get(2..4)?.try_into().ok()?));
        let value = rest.get(4..4 + length)?;
        if kind == STUN_USERNAME {
            // "ours:theirs" (RFC 8445 §7.2.2).
            let (ufrag, _) = std::str::from_utf8(value).ok()?.split_once(':')?;
            return Some(Packet::Check { ufrag, transaction });
        }
        rest = rest.get(4 + length.next_multiple_of(4)..)?;
    }
}

/// Which connection a packet belongs to.
#[derive(Debug, Default)]
pub(crate) struct Demux {
    by_ufrag: HashMap<String, u64>,
    by_address: HashMap<Address, u64>,
}

impl Demux {
    /// The connection that a check names. Says nothing of whether the check is authentic.
    pub(crate) fn named(&self, ufrag: &str) -> Option<u64> {
        self.by_ufrag.get(ufrag).copied()
    }

    /// The connection that an address was bound to.
    pub(crate) fn at(&self, address: Address) -> Option<u64> {
        self.by_address.get(&address).copied()
    }

    /// Names and addresses that are known.
    #[cfg(test)]
    pub(crate) fn len(&self) -> usize {
        self.by_ufrag.len() + self.by_address.len()
    }

    /// A connection is known by this name from now on.
    pub(crate) fn name(&mut self, ufrag: &str, connection: u64) {
        self.by_ufrag.insert(ufrag.to_owned(), connection);
    }

    /// A connection has this name no more.
    pub(crate) fn forget_name(&mut self, ufrag: &str, connection: u64) {
        if self.named(ufrag) == Some(connection) {
            self.by_ufrag.remove(ufrag);
        }
    }

    /// An authentic check came from there.
    pub(crate) fn bind(&mut self, address: Address, connection: u64) {
        self.by_address.insert(address, connection);
    }

    /// The address leads to the connection no more.
    pub(crate) fn unbind(&mut self, address: Address, connection: u64) {
        if self.at(address) == Some(connection) {
            self.by_address.remove(&address);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(username: &str) -> Vec<u8> {
        let mut bytes = vec![0, 1, 0, 0, 0x21, 0x12, 0xA4, 0x42];
        bytes.extend([7; 12]);
        bytes.extend([0x80, 0x22, 0, 3, b'a', b'b', b'c', 0]);
        let length = u16::try_from(username.len()).unwrap_or(0);
        bytes.extend([0, 6]);
        bytes.extend(length.to_be_bytes());
        bytes.extend(username.as_bytes());
        bytes.resize(bytes.len().next_multiple_of(4), 0);
        bytes
    }

    #[test]
    fn reads_our_part_of_the_user_name() {
        assert_eq!(
            classify(&check("ours:theirs")),
            Some(Packet::Check {
                ufrag: "ours",
                transaction: [7; 12]
            })
        );
        assert_eq!(classify(&check("no colon")), None);
    }

    #[test]
    fn takes_nothing_that_is_cut_or_foreign() {
        let whole = check("ours:theirs");
        for length in 0..whole.len() - 1 {
            assert_eq!(
                classify(whole.get(..length).unwrap_or(&[])),
                None,
                "{length}"
            );
        }
        let mut foreign = whole.clone();
        if let Some(byte) = foreign.get_mut(4) {
            *byte = 0;
        }
        assert_eq!(classify(&foreign), None, "without the cookie");
        let mut long = whole;
        if let Some(byte) = long.get_mut(22) {
            *byte = 0xFF;
        }
        assert_eq!(classify(&long), None, "an attribute beyond the end");
        assert_eq!(classify(&[70; 40]), None);
        assert_eq!(classify(&[]), None);
        assert_eq!(classify(&[0x80, 111]), Some(Packet::Other));
        assert_eq!(classify(&[22, 254]), Some(Packet::Other));
    }

    #[test]
    fn a_name_or_address_that_was_given_on_is_not_taken_away() {
        let mut demux = Demux::default();
        let address = (crate::types::Protocol::Udp, ([192, 0, 2, 1], 9).into());
        demux.bind(address, 1);
        demux.bind(address, 2);
        demux.unbind(address, 1);
        assert_eq!(demux.at(address), Some(2));
        demux.name("a", 1);
        demux.forget_name("a", 2);
        assert_eq!(demux.named("a"), Some(1));
    }
}
