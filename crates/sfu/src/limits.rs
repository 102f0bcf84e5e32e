//! How much one worker takes.

use std::time::Duration;

use crate::types::OfferError;

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
    /// Packets that wait to be sent: beyond it pictures are dropped, beyond twice as many everything.
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

/// Lines of an offer: a browser's with 32 media sections and all its codecs stays below a third of it.
const OFFER_LINES_MAX: usize = 4_096;

impl Limits {
    /// Looks at an offer before it is parsed.
    pub(crate) fn check_offer(&self, offer: &str) -> Result<(), OfferError> {
        let invalid = |why: &str| Err(OfferError::Invalid(why.to_owned()));
        if offer.len() > self.offer_bytes {
            return invalid("it is too long");
        }
        let (mut lines, mut media) = (0, 0);
        for line in offer.lines() {
            lines += 1;
            if let Some(section) = line.strip_prefix("m=") {
                media += 1;
                if !section.starts_with("audio ") && !section.starts_with("video ") {
                    return invalid("only sound and pictures are taken");
                }
            }
            if line.starts_with("a=simulcast:") {
                return invalid("one encoding of a picture is taken");
            }
        }
        if lines > OFFER_LINES_MAX {
            return invalid("it has too many lines");
        }
        if media > self.offer_media {
            return invalid("it has too many media sections");
        }
        Ok(())
    }
}
