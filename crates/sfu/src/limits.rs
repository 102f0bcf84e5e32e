//! How much one worker takes.

use std::time::Duration;

/// How much one worker takes. What is beyond is refused or dropped, never queued without end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Limits {
    /// Bytes of an offer.
    pub offer_bytes: usize,
    /// Media sections of an offer.
    pub offer_media: usize,
    /// Peers in a room.
    pub room_peers: usize,
    /// Rooms of a worker.
    pub rooms: usize,
    /// Packets that wait to be sent; above it pictures are dropped, above twice as many everything.
    pub outgoing_packets: usize,
    /// A picture's packet that waited longer before it was read is not passed on.
    pub video_age: Duration,
    /// The same for sound.
    pub audio_age: Duration,
    /// A peer that nothing is heard of for so long is taken out.
    pub silence: Duration,
}

impl Default for Limits {
    fn default() -> Limits {
        Limits {
            offer_bytes: 64 * 1024,
            offer_media: 32,
            room_peers: 16,
            rooms: 256,
            outgoing_packets: 16_384,
            video_age: Duration::from_millis(200),
            audio_age: Duration::from_millis(400),
            silence: Duration::from_secs(30),
        }
    }
}
