//! A place where a peer receives one track: what comes there goes on without a jump whoever sends it.

use std::time::Instant;

use str0m::media::{Mid, Pt};
use str0m::rtp::{RtpWrite, SeqNo, Ssrc};

use crate::media::Media;
use crate::types::{self, Kind, PeerId};

/// The first sequence number that goes out. RFC 3550 §5.1 wants it unknown to keep unencrypted streams apart;
/// these are encrypted, and a small one keeps the first roll-over counter at zero, as the receiver expects.
const FIRST_SEQUENCE: u64 = 1_000;
/// PictureID is sent with 15 bits (RFC 7741 §4.2).
const PICTURE_IDS: u16 = 1 << 15;

/// Which stream of which connection comes to a slot.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Source {
    /// The connection.
    pub(crate) connection: u64,
    /// The stream.
    pub(crate) ssrc: Ssrc,
}

/// A place where a peer receives one track.
#[derive(Debug)]
pub(crate) struct Slot {
    /// Its media section.
    pub(crate) mid: Mid,
    /// What can come there.
    pub(crate) kind: Kind,
    /// Whether the peer still wants to receive there.
    pub(crate) open: bool,
    /// Whose track comes there.
    pub(crate) from: Option<PeerId>,
    /// A picture that is withheld because the link is too slow.
    pub(crate) paused: bool,
    /// The payload type that the peer knows the codec by.
    pub(crate) payload_type: Option<Pt>,
    /// Whether what is sent is kept for repeats.
    pub(crate) kept: bool,
    source: Option<Source>,
    waits_for_key: bool,
    line: Line,
}

impl Slot {
    pub(crate) fn new(mid: Mid, kind: Kind) -> Slot {
        Slot {
            mid,
            kind,
            open: true,
            from: None,
            paused: false,
            payload_type: None,
            kept: false,
            source: None,
            waits_for_key: kind == Kind::Video,
            line: Line::default(),
        }
    }

    /// Gives the slot to a peer's track, or to nobody.
    pub(crate) fn assign(&mut self, from: Option<PeerId>) {
        self.from = from;
        self.paused = false;
        self.interrupt();
    }

    /// Something was left out: a picture goes on with a key frame only.
    pub(crate) fn interrupt(&mut self) {
        self.waits_for_key = self.kind == Kind::Video;
    }

    /// Whether nothing comes before the source has sent a key frame.
    pub(crate) fn waits_for_key(&self) -> bool {
        self.waits_for_key && self.from.is_some() && !self.paused
    }

    /// What is told of it; nothing while nobody's track comes there.
    pub(crate) fn state(&self) -> Option<types::Slot> {
        Some(types::Slot {
            mid: self.mid.to_string(),
            kind: self.kind,
            from: self.from?,
            paused: self.paused,
        })
    }

    /// What to write for a packet; nothing where it has to be left out.
    pub(crate) fn take(
        &mut self,
        now: Instant,
        connection: u64,
        media: &Media,
    ) -> Option<RtpWrite> {
        if self.paused || !self.open {
            return None;
        }
        let source = Source {
            connection,
            ssrc: media.ssrc,
        };
        if self.source != Some(source) {
            self.interrupt();
        }
        if self.waits_for_key {
            if !media
                .picture
                .is_some_and(|picture| picture.starts_key_frame)
            {
                return None;
            }
            self.waits_for_key = false;
            self.source = None;
        }
        if self.source != Some(source) {
            self.source = Some(source);
            self.line.splice(now, self.kind, media);
        }
        let pt = self.payload_type?;
        let place = self.line.place(now, media)?;
        let write = RtpWrite::new(
            pt,
            SeqNo::from(place.sequence),
            place.timestamp,
            media.received,
            media.payload.clone(),
        )
        .marker(media.marker)
        .nackable(self.kind == Kind::Video)
        .ext_vals(media.extensions.clone());
        let patch = media
            .picture
            .and_then(|picture| picture.patch(place.picture_id, place.base_index));
        Some(match patch {
            Some(patch) => write.vp8_patch(patch),
            None => write,
        })
    }
}

/// How the numbers of a source become those of the slot's stream.
#[derive(Debug, Default)]
struct Line {
    first_in: u64,
    sequence_shift: i64,
    timestamp_shift: u32,
    picture_shift: u16,
    base_index_shift: u8,
    last: Option<Last>,
}

/// The newest packet that went out.
#[derive(Debug, Clone, Copy)]
struct Last {
    at: Instant,
    sequence: u64,
    timestamp: u32,
    picture_id: Option<u16>,
    base_index: Option<u8>,
}

#[derive(Debug, PartialEq, Eq)]
struct Place {
    sequence: u64,
    timestamp: u32,
    picture_id: Option<u16>,
    base_index: Option<u8>,
}

impl Line {
    /// Goes on with a packet of another source as if it were the next of the old one.
    fn splice(&mut self, now: Instant, kind: Kind, media: &Media) {
        self.first_in = media.sequence;
        let Some(last) = self.last else {
            self.sequence_shift = difference(FIRST_SEQUENCE, media.sequence);
            return;
        };
        self.sequence_shift = difference(last.sequence.saturating_add(1), media.sequence);
        // Sources have unrelated clocks: what joins them is the time that has passed here.
        let rate = match kind {
            Kind::Audio => 48,
            Kind::Video => 90,
        };
        let elapsed = now.saturating_duration_since(last.at).as_millis().max(1);
        let ticks = (elapsed * rate) as u32;
        self.timestamp_shift = last
            .timestamp
            .wrapping_add(ticks)
            .wrapping_sub(media.timestamp);
        if let (Some(id), Some(before)) = (
            media.picture.and_then(|picture| picture.id()),
            last.picture_id,
        ) {
            self.picture_shift = before.wrapping_add(1).wrapping_sub(id);
        }
        if let (Some(index), Some(before)) = (
            media.picture.and_then(|picture| picture.base_index()),
            last.base_index,
        ) {
            self.base_index_shift = before.wrapping_add(1).wrapping_sub(index);
        }
    }

    /// Where a packet goes; nothing for one from before the splice.
    fn place(&mut self, now: Instant, media: &Media) -> Option<Place> {
        if media.sequence < self.first_in {
            return None;
        }
        let place = Place {
            sequence: media.sequence.checked_add_signed(self.sequence_shift)?,
            timestamp: media.timestamp.wrapping_add(self.timestamp_shift),
            picture_id: media
                .picture
                .and_then(|picture| picture.id())
                .map(|id| id.wrapping_add(self.picture_shift) % PICTURE_IDS),
            base_index: media
                .picture
                .and_then(|picture| picture.base_index())
                .map(|index| index.wrapping_add(self.base_index_shift)),
        };
        if self.last.is_none_or(|last| place.sequence > last.sequence) {
            self.last = Some(Last {
                at: now,
                sequence: place.sequence,
                timestamp: place.timestamp,
                picture_id: place.picture_id,
                base_index: place.base_index,
            });
        }
        Some(place)
    }
}

fn difference(target: u64, from: u64) -> i64 {
    i64::try_from(i128::from(target) - i128::from(from)).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use str0m::rtp::ExtensionValues;

    use super::*;
    use crate::vp8::Picture;

    fn media(now: Instant, sequence: u64, timestamp: u32, payload: &[u8]) -> Media {
        Media {
            kind: Kind::Video,
            ssrc: Ssrc::from(7),
            sequence,
            timestamp,
            marker: true,
            received: now,
            extensions: ExtensionValues::default(),
            payload: payload.into(),
            picture: Picture::read(payload),
        }
    }

    fn key(id: u8, base: u8) -> [u8; 7] {
        [0x90, 0xE0, 0x80, id, base, 0x00, 0x00]
    }

    fn inter(id: u8, base: u8) -> [u8; 7] {
        [0x90, 0xE0, 0x80, id, base, 0x00, 0x01]
    }

    #[test]
    fn another_source_goes_on_where_the_first_one_ended() {
        let start = Instant::now();
        let mut line = Line::default();
        let first = media(start, 70_000, 5_000_000, &key(100, 200));
        line.splice(start, Kind::Video, &first);
        let place = line.place(start, &first);
        assert_eq!(place.map(|place| place.sequence), Some(FIRST_SEQUENCE));
        let second = media(start, 70_003, 5_003_000, &inter(101, 201));
        let before = line.place(start, &second);
        assert_eq!(
            before.as_ref().map(|place| place.sequence),
            Some(FIRST_SEQUENCE + 3)
        );

        let later = start + Duration::from_secs(1);
        let other = media(later, 12, 90, &key(3, 9));
        line.splice(later, Kind::Video, &other);
        assert_eq!(
            line.place(later, &other),
            Some(Place {
                sequence: FIRST_SEQUENCE + 4,
                timestamp: 5_003_000 + 90_000,
                picture_id: Some(102),
                base_index: Some(202),
            })
        );
        assert_eq!(line.place(later, &media(later, 11, 0, &inter(2, 8))), None);
    }

    #[test]
    fn numbers_wrap_where_their_fields_do() {
        let start = Instant::now();
        let mut line = Line::default();
        let first = media(
            start,
            1,
            u32::MAX - 10,
            &[0x90, 0xE0, 0xFF, 0xFF, 0xFF, 0, 0],
        );
        line.splice(start, Kind::Video, &first);
        line.place(start, &first);
        let other = media(start, 500, 7, &key(5, 5));
        let later = start + Duration::from_millis(1);
        line.splice(later, Kind::Video, &other);
        let place = line.place(later, &other);
        assert_eq!(place.as_ref().map(|place| place.picture_id), Some(Some(0)));
        assert_eq!(place.as_ref().map(|place| place.base_index), Some(Some(0)));
        assert_eq!(place.map(|place| place.timestamp), Some(79));
    }

    #[test]
    fn a_picture_starts_and_goes_on_after_a_gap_with_a_key_frame() {
        let now = Instant::now();
        let mut slot = Slot::new(Mid::from("3"), Kind::Video);
        slot.payload_type = Some(Pt::from(96));
        slot.assign(Some(PeerId(uuid::Uuid::nil())));
        assert!(slot.take(now, 1, &media(now, 1, 0, &inter(1, 1))).is_none());
        assert!(slot.waits_for_key());
        assert!(slot.take(now, 1, &media(now, 2, 0, &key(2, 2))).is_some());
        assert!(slot.take(now, 1, &media(now, 3, 0, &inter(3, 3))).is_some());
        slot.interrupt();
        assert!(slot.take(now, 1, &media(now, 4, 0, &inter(4, 4))).is_none());
        assert!(slot.take(now, 1, &media(now, 5, 0, &key(5, 5))).is_some());
        assert!(
            slot.take(now, 2, &media(now, 6, 0, &inter(6, 6))).is_none(),
            "another source"
        );
        slot.paused = true;
        assert!(slot.take(now, 2, &media(now, 7, 0, &key(7, 7))).is_none());
    }
}
