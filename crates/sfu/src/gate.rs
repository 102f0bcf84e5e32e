//! Which packets of media a connection gets to see: so many, and of streams that are its peer's.
//!
//! The connection gives a track's place to the stream that names it, before it has proved that the packet is the
//! peer's. Whoever can write the peer's address on a packet would so take its sound and picture away. And it
//! remembers each stream that ever was, so a peer with a new one for each packet would fill the memory.

use std::time::{Duration, Instant};

/// What a peer may cost within a second, and at once after a silence. See [`PROVEN`].
const COST_PER_SECOND: f64 = 6_000.0;
/// What a packet costs that goes on to others, when any other costs 1: so 2 000 of them within a second, ten times
/// what sound and a picture of 1.8 Mbit/s take.
const PROVEN: f64 = 3.0;
/// A track whose stream was heard within this time keeps it.
const QUIET: Duration = Duration::from_secs(1);
/// Streams that a connection takes in beside those of the offer; a browser changes them when their numbers collide.
const STREAMS_MAX: u32 = 64;
/// Bytes of an RTP header without extensions (RFC 3550 §5.1).
const HEADER: usize = 12;

/// What is seen of a packet of media from outside.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Label {
    /// The number of its stream.
    pub(crate) ssrc: u32,
    /// What it says that it carries.
    pub(crate) payload_type: u8,
}

impl Label {
    /// Reads it; nothing for what is no RTP (RFC 5761 §4).
    pub(crate) fn read(bytes: &[u8]) -> Option<Label> {
        let header = bytes.get(..HEADER)?;
        if !matches!(header, [128..=191, kind, ..] if !(192..=223).contains(kind)) {
            return None;
        }
        let ssrc = header.last_chunk::<4>()?;
        Some(Label {
            ssrc: u32::from_be_bytes(*ssrc),
            payload_type: header.get(1)? & 0x7F,
        })
    }

    /// Whether browsers use it to try what their link carries, with no track behind it.
    pub(crate) fn is_probe(self) -> bool {
        self.ssrc == 0
    }
}

/// The gate of a peer.
#[derive(Debug)]
pub(crate) struct Gate {
    left: f64,
    filled: Instant,
    taken: u32,
    repeats_tried: u32,
}

impl Gate {
    pub(crate) fn new(now: Instant) -> Gate {
        Gate {
            left: COST_PER_SECOND,
            filled: now,
            taken: 0,
            repeats_tried: 0,
        }
    }

    /// Whether one more packet may pass; it costs.
    pub(crate) fn opens(&mut self, now: Instant) -> bool {
        let passed = now.saturating_duration_since(self.filled).as_secs_f64();
        self.filled = self.filled.max(now);
        self.left = (self.left + passed * COST_PER_SECOND).min(COST_PER_SECOND);
        if self.left < PROVEN {
            return false;
        }
        self.left -= 1.0;
        true
    }

    /// So many packets were passed on.
    pub(crate) fn passed(&mut self, packets: u64) {
        self.left -= packets as f64 * (PROVEN - 1.0);
    }

    /// Whether a stream that is not known may try to become one of a track that was heard then.
    pub(crate) fn admits_stream(&self, now: Instant, heard: Option<Instant>) -> bool {
        let keeps = |heard: Instant| now.saturating_duration_since(heard) < QUIET;
        self.taken < STREAMS_MAX && !heard.is_some_and(keeps)
    }

    /// Whether a stream that is not known may try to become the repeats of a track that has none. Nothing proves it.
    pub(crate) fn admits_repeats(&mut self) -> bool {
        self.repeats_tried = self.repeats_tried.saturating_add(1);
        self.repeats_tried <= STREAMS_MAX
    }

    /// A stream was taken in.
    pub(crate) fn took_stream(&mut self) {
        self.taken += 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_what_is_media_and_nothing_else() {
        let mut bytes = vec![0x90, 0x80 | 111, 0, 1, 0, 0, 0, 2, 1, 2, 3, 4, 5];
        let label = Label {
            ssrc: 0x0102_0304,
            payload_type: 111,
        };
        assert_eq!(Label::read(&bytes), Some(label));
        for length in 0..HEADER {
            assert_eq!(Label::read(&bytes[..length]), None);
        }
        bytes[1] = 200;
        assert_eq!(Label::read(&bytes), None, "a report");
        bytes[0] = 22;
        assert_eq!(Label::read(&bytes), None, "a handshake");
    }

    #[test]
    fn who_sends_too_much_is_heard_in_part() {
        let start = Instant::now();
        let mut gate = Gate::new(start);
        let mut passed = 0;
        for packet in 0..50_000 {
            let now = start + Duration::from_millis(100) * packet / 1_000;
            if gate.opens(now) {
                gate.passed(1);
                passed += 1;
            }
        }
        assert!(
            (11_900..12_100).contains(&passed),
            "{passed} in five seconds"
        );
        assert!(gate.opens(start + Duration::from_secs(6)));
    }

    #[test]
    fn a_stream_is_changed_in_silence_and_not_for_ever() {
        let start = Instant::now();
        let mut gate = Gate::new(start);
        assert!(gate.admits_stream(start, None));
        assert!(!gate.admits_stream(start + QUIET / 2, Some(start)));
        assert!(gate.admits_stream(start + QUIET, Some(start)));
        for _ in 0..STREAMS_MAX {
            gate.took_stream();
        }
        assert!(!gate.admits_stream(start, None));
    }
}
