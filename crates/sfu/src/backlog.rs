//! What waits for a UDP socket that takes no more, and what goes out in one call.

use crate::types::{Class, Outgoing};

/// Bytes that wait at most: sound and feedback of a few tens of milliseconds.
const BACKLOG_MAX: usize = 64 * 1024;

/// Of these, what sound may take: connection checks and feedback come through even then.
const BACKLOG_AUDIO_MAX: usize = BACKLOG_MAX / 4 * 3;

/// Bytes of one burst: what fits into one IP packet, which is what it is until it is cut.
const BURST_MAX: usize = 65_000;

/// Packets that wait. Pictures do not: they would be late, and receivers ask again for those that still matter.
#[derive(Default)]
pub(crate) struct Backlog {
    packets: Vec<Outgoing>,
    bytes: usize,
}

impl Backlog {
    /// Whether nothing waits.
    pub(crate) fn is_empty(&self) -> bool {
        self.packets.is_empty()
    }

    /// Takes all.
    pub(crate) fn take(&mut self) -> Vec<Outgoing> {
        self.bytes = 0;
        std::mem::take(&mut self.packets)
    }

    /// Keeps what may wait; returns how many packets were dropped.
    pub(crate) fn keep(&mut self, packets: impl IntoIterator<Item = Outgoing>) -> u64 {
        let mut dropped = 0;
        for packet in packets {
            let max = match packet.class {
                Class::Control => BACKLOG_MAX,
                Class::Audio => BACKLOG_AUDIO_MAX,
                Class::Video => 0,
            };
            if self.bytes + packet.bytes.len() <= max {
                self.bytes += packet.bytes.len();
                self.packets.push(packet);
            } else {
                dropped += 1;
            }
        }
        dropped
    }
}

/// How many packets from the front make one burst of at most `segments`: one destination and one size, but for a
/// last that may be shorter.
pub(crate) fn burst(packets: &[Outgoing], segments: usize) -> usize {
    let Some(first) = packets.first() else {
        return 0;
    };
    let size = first.bytes.len();
    if size == 0 {
        return 1;
    }
    let most = segments.min(BURST_MAX / size).max(1);
    let mut count = 1;
    while count < most.min(packets.len()) {
        let next = &packets[count];
        if next.destination != first.destination || next.bytes.len() > size {
            break;
        }
        count += 1;
        if next.bytes.len() < size {
            break;
        }
    }
    count
}

#[cfg(test)]
mod tests {
    use std::net::{Ipv4Addr, SocketAddr};

    use super::*;
    use crate::types::Protocol;

    fn packet(port: u16, size: usize, class: Class) -> Outgoing {
        Outgoing {
            protocol: Protocol::Udp,
            destination: SocketAddr::from((Ipv4Addr::LOCALHOST, port)),
            bytes: vec![0; size],
            class,
        }
    }

    fn sizes(sizes: &[usize]) -> Vec<Outgoing> {
        sizes
            .iter()
            .map(|&size| packet(1, size, Class::Video))
            .collect()
    }

    #[test]
    fn bursts_are_equal_packets_to_one_place() {
        assert_eq!(burst(&[], 64), 0);
        assert_eq!(burst(&sizes(&[1_000; 5]), 64), 5);
        assert_eq!(burst(&sizes(&[1_000; 5]), 3), 3);
        assert_eq!(burst(&sizes(&[1_000; 5]), 1), 1);
        assert_eq!(burst(&sizes(&[1_000, 1_000, 400, 400]), 64), 3);
        assert_eq!(burst(&sizes(&[400, 1_000]), 64), 1);
        assert_eq!(burst(&sizes(&[1_400; 64]), 64), 46);
        assert_eq!(burst(&sizes(&[0, 0]), 64), 1);
        let elsewhere = [packet(1, 9, Class::Audio), packet(2, 9, Class::Audio)];
        assert_eq!(burst(&elsewhere, 64), 1);
    }

    #[test]
    fn pictures_do_not_wait_and_feedback_waits_longest() {
        let mut backlog = Backlog::default();
        let dropped = backlog.keep([
            packet(1, 1_000, Class::Video),
            packet(1, 1_000, Class::Audio),
            packet(1, 1_000, Class::Control),
        ]);
        assert_eq!(dropped, 1);
        let audio = std::iter::repeat_with(|| packet(1, 1_000, Class::Audio)).take(1_000);
        assert!(backlog.keep(audio) > 900);
        assert_eq!(backlog.keep([packet(1, 1_000, Class::Control)]), 0);
        let control = std::iter::repeat_with(|| packet(1, 1_000, Class::Control)).take(1_000);
        assert!(backlog.keep(control) > 900);

        let waiting = backlog.take();
        assert!(waiting.iter().all(|packet| packet.class != Class::Video));
        let bytes: usize = waiting.iter().map(|packet| packet.bytes.len()).sum();
        assert!(bytes <= BACKLOG_MAX);
        assert!(backlog.is_empty());
        assert_eq!(backlog.keep([packet(1, 1_000, Class::Audio)]), 0);
    }
}
