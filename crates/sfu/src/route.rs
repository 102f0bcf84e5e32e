//! From where a peer was heard, and where to answer it.
//!
//! An ICE-lite agent sends no checks, so it learns of a changed address only from the peer. Every address here has
//! passed the integrity check of a STUN request (RFC 8445 §7.3). Answers go where ICE nominated, until the peer's
//! accepted media comes from another of its addresses while the nominated one is silent (a NAT gave it a new port):
//! then they follow, without the peer's help and before its ICE notices.

use std::collections::VecDeque;
use std::net::SocketAddr;
use std::time::{Duration, Instant};

use crate::types::Protocol;

/// A way to a peer.
pub(crate) type Address = (Protocol, SocketAddr);
/// A STUN transaction id (RFC 8489 §5).
pub(crate) type Transaction = [u8; 12];

/// Addresses that are known of one peer: a browser's interfaces, over UDP and TCP.
const ADDRESSES_MAX: usize = 16;
/// New addresses at once; str0m keeps each for good.
const NEW_ADDRESSES_BURST: f64 = 16.0;
/// New addresses a second after that.
const NEW_ADDRESSES_RATE: f64 = 0.5;
/// Remembered checks: a copy of one from another address is no check.
const CHECKS_REMEMBERED: usize = 64;
/// Media follows when its present destination was silent for so long.
const FOLLOW_AFTER: Duration = Duration::from_millis(400);
/// A peer that sends no media is followed when not even checks came for so long: browsers send one every 2.5 s.
const FOLLOW_CHECKS_AFTER: Duration = Duration::from_millis(5_500);
/// Moves at most so often.
const MOVE_PAUSE: Duration = Duration::from_secs(1);
/// A peer flows while it was heard within this time.
const FLOWING: Duration = Duration::from_secs(2);
/// A peer that sends no media is known by its checks only, of which one may be lost. So long do reports of a known
/// address count, too, which str0m takes or leaves without a word.
const FLOWING_BY_CHECKS: Duration = Duration::from_secs(6);

#[derive(Debug)]
struct Known {
    address: Address,
    heard: Instant,
    media: Option<Instant>,
    /// Checks since the present destination was heard last.
    checks: u32,
}

/// From where a peer was heard, and where to answer it.
#[derive(Debug)]
pub(crate) struct Route {
    known: Vec<Known>,
    seen: VecDeque<(Transaction, Address)>,
    credit: f64,
    credit_at: Instant,
    nominated: Option<Address>,
    followed: Option<Address>,
    moved_at: Option<Instant>,
    media: Option<Instant>,
    checked: Option<Instant>,
    reported: Option<Instant>,
    since: Instant,
}

impl Route {
    pub(crate) fn new(now: Instant) -> Route {
        Route {
            known: Vec::new(),
            seen: VecDeque::new(),
            credit: NEW_ADDRESSES_BURST,
            credit_at: now,
            nominated: None,
            followed: None,
            moved_at: None,
            media: None,
            checked: None,
            reported: None,
            since: now,
        }
    }

    /// Whether a check may be looked at: no copy from elsewhere, and not too many new addresses.
    pub(crate) fn admits(&mut self, now: Instant, from: Address, transaction: Transaction) -> bool {
        if self
            .seen
            .iter()
            .any(|(seen, address)| *seen == transaction && *address != from)
        {
            return false;
        }
        if self.known.iter().any(|known| known.address == from) {
            return true;
        }
        let passed = now.saturating_duration_since(self.credit_at).as_secs_f64();
        self.credit = (self.credit + passed * NEW_ADDRESSES_RATE).min(NEW_ADDRESSES_BURST);
        self.credit_at = now;
        self.credit >= 1.0
    }

    /// A check from there was authentic. Tells which address had to be forgotten for it.
    pub(crate) fn checked(
        &mut self,
        now: Instant,
        from: Address,
        transaction: Transaction,
    ) -> Option<Address> {
        // A repeated request is authentic, but no fresh sign of life.
        if self.seen.iter().any(|(seen, _)| *seen == transaction) {
            return None;
        }
        self.seen.push_back((transaction, from));
        if self.seen.len() > CHECKS_REMEMBERED {
            self.seen.pop_front();
        }
        self.checked = Some(now);
        let mut forgotten = None;
        if !self.known.iter().any(|known| known.address == from) {
            self.credit -= 1.0;
            if self.known.len() >= ADDRESSES_MAX {
                let oldest = self
                    .known
                    .iter()
                    .enumerate()
                    .filter(|(_, known)| Some(known.address) != self.destination())
                    .min_by_key(|(_, known)| known.heard)
                    .map(|(at, _)| at);
                forgotten = oldest.map(|at| self.known.swap_remove(at).address);
            }
            self.known.push(Known {
                address: from,
                heard: now,
                media: None,
                checks: 0,
            });
        }
        self.heard(now, from, false);
        forgotten
    }

    /// A packet from there was accepted as the peer's media.
    pub(crate) fn media(&mut self, now: Instant, from: Address) {
        self.media = Some(now);
        self.heard(now, from, true);
    }

    /// Something that looks like RTCP came from a known address.
    pub(crate) fn reported(&mut self, now: Instant) {
        self.reported = Some(now);
    }

    fn heard(&mut self, now: Instant, from: Address, media: bool) {
        let current = self.destination();
        let mut checks = 0;
        for known in &mut self.known {
            if known.address == from {
                known.heard = now;
                known.checks += 1;
                checks = known.checks;
                if media {
                    known.media = Some(now);
                }
            } else if current == Some(from) {
                known.checks = 0;
            }
        }
        let Some(current) = current.filter(|current| *current != from) else {
            return;
        };
        let (last_media, last_heard) = self
            .known
            .iter()
            .find(|known| known.address == current)
            .map_or((None, None), |known| (known.media, Some(known.heard)));
        let silent = |since: Option<Instant>, limit: Duration| {
            since.is_none_or(|since| now.saturating_duration_since(since) > limit)
        };
        let moves = if media {
            silent(last_media, FOLLOW_AFTER)
        } else {
            checks >= 2
                && silent(last_heard, FOLLOW_CHECKS_AFTER)
                && silent(self.media, FOLLOW_CHECKS_AFTER)
        };
        if moves && silent(self.moved_at, MOVE_PAUSE) {
            self.moved_at = Some(now);
            self.followed = Some(from);
        }
    }

    /// Where to send what ICE would send to `nominated`.
    pub(crate) fn toward(&mut self, nominated: Address) -> Address {
        if self.nominated != Some(nominated) {
            self.nominated = Some(nominated);
            self.followed = None;
        }
        self.followed.unwrap_or(nominated)
    }

    fn destination(&self) -> Option<Address> {
        self.followed.or(self.nominated)
    }

    /// Whether authenticated packets came of late.
    pub(crate) fn flows(&self, now: Instant) -> bool {
        let within = |at: Option<Instant>, limit: Duration| {
            at.is_some_and(|at| now.saturating_duration_since(at) <= limit)
        };
        let proved = self.media.max(self.checked);
        if within(proved, FLOWING) {
            return true;
        }
        if within(self.reported, FLOWING) && within(proved, FLOWING_BY_CHECKS) {
            return true;
        }
        // With the microphone off and no picture a browser sends nothing but checks.
        let quiet = match (self.checked, self.media) {
            (Some(checked), Some(media)) => checked.saturating_duration_since(media) > FLOWING,
            (Some(_), None) => true,
            (None, _) => false,
        };
        quiet && within(self.checked, FLOWING_BY_CHECKS)
    }

    /// How long nothing authentic was heard.
    pub(crate) fn silence(&self, now: Instant) -> Duration {
        let last = self.media.max(self.checked).unwrap_or(self.since);
        now.saturating_duration_since(last)
    }

    /// All addresses that lead to the peer.
    pub(crate) fn addresses(&self) -> impl Iterator<Item = Address> + '_ {
        self.known.iter().map(|known| known.address)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn address(port: u16) -> Address {
        (Protocol::Udp, SocketAddr::from(([192, 0, 2, 1], port)))
    }

    fn after(start: Instant, milliseconds: u64) -> Instant {
        start + Duration::from_millis(milliseconds)
    }

    fn check(route: &mut Route, now: Instant, port: u16, number: u8) {
        if route.admits(now, address(port), [number; 12]) {
            route.checked(now, address(port), [number; 12]);
        }
    }

    #[test]
    fn reports_count_for_a_while_only() {
        let start = Instant::now();
        let mut route = Route::new(start);
        check(&mut route, start, 1, 1);
        route.media(after(start, 100), address(1));
        for at in 0..100 {
            route.reported(after(start, at * 100));
        }
        assert!(route.flows(after(start, 6_100)));
        assert!(
            !route.flows(after(start, 6_101)),
            "anyone may have sent these"
        );
    }

    #[test]
    fn media_follows_to_an_address_that_took_over() {
        let start = Instant::now();
        let mut route = Route::new(start);
        check(&mut route, start, 1, 1);
        assert_eq!(route.toward(address(1)), address(1));
        route.media(after(start, 10), address(1));
        check(&mut route, after(start, 20), 2, 2);
        route.media(after(start, 300), address(2));
        assert_eq!(
            route.toward(address(1)),
            address(1),
            "the old one was heard just now"
        );
        route.media(after(start, 500), address(2));
        assert_eq!(route.toward(address(1)), address(2));
        route.media(after(start, 1_000), address(1));
        assert_eq!(route.toward(address(1)), address(2), "one move a second");
        assert_eq!(route.toward(address(3)), address(3), "ICE nominated anew");
    }

    #[test]
    fn a_copied_check_opens_no_address() {
        let start = Instant::now();
        let mut route = Route::new(start);
        check(&mut route, start, 1, 1);
        assert!(!route.admits(start, address(9), [1; 12]));
        assert!(
            route.admits(start, address(1), [1; 12]),
            "a repetition from the same address"
        );
    }

    #[test]
    fn new_addresses_are_bounded() {
        let start = Instant::now();
        let mut route = Route::new(start);
        let mut admitted = 0;
        for port in 1..=200 {
            let number = u8::try_from(port).unwrap_or(0);
            if route.admits(start, address(port), [number; 12]) {
                route.checked(start, address(port), [number; 12]);
                admitted += 1;
            }
        }
        assert_eq!(admitted, 16);
        check(&mut route, after(start, 10_000), 1_000, 255);
        assert_eq!(route.addresses().count(), ADDRESSES_MAX);
        assert!(route.addresses().any(|known| known == address(1_000)));
    }

    #[test]
    fn a_peer_that_only_checks_still_flows_and_is_followed_later() {
        let start = Instant::now();
        let mut route = Route::new(start);
        check(&mut route, start, 1, 1);
        route.toward(address(1));
        assert!(route.flows(after(start, 5_000)));
        check(&mut route, after(start, 2_500), 2, 2);
        check(&mut route, after(start, 5_000), 2, 3);
        assert_eq!(route.toward(address(1)), address(1));
        check(&mut route, after(start, 7_500), 2, 4);
        assert_eq!(route.toward(address(1)), address(2));
        assert!(!route.flows(after(start, 14_000)));
        route.media(after(start, 20_000), address(2));
        assert!(route.flows(after(start, 22_000)));
        assert!(
            !route.flows(after(start, 22_001)),
            "who sent media is missed sooner"
        );
    }
}
