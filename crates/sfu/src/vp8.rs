//! What the SFU has to know of VP8: where a key frame starts (RFC 7741 §4.2 and §4.3).

use str0m::rtp::{Vp8Descriptor, Vp8Patch};

/// The numbers of a VP8 payload descriptor that count on from packet to packet, and so must go on without
/// a jump when the source changes.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Picture {
    /// Whether the packet is the first of a key frame.
    pub(crate) starts_key_frame: bool,
    descriptor: Vp8Descriptor,
}

impl Picture {
    /// Reads a payload; nothing where it is none of VP8.
    pub(crate) fn read(payload: &[u8]) -> Option<Picture> {
        let descriptor = Vp8Descriptor::parse(payload).ok()?;
        Some(Picture {
            starts_key_frame: starts_key_frame(payload),
            descriptor,
        })
    }

    /// PictureID, which counts frames, modulo 2^15.
    pub(crate) fn id(&self) -> Option<u16> {
        self.descriptor.picture_id()
    }

    /// TL0PICIDX, which counts frames of the lowest temporal layer, modulo 2^8.
    pub(crate) fn base_index(&self) -> Option<u8> {
        self.descriptor.tl0_pic_idx()
    }

    /// A change of both numbers in a packet that has them; nothing where they do not fit.
    pub(crate) fn patch(&self, id: Option<u16>, base_index: Option<u8>) -> Option<Vp8Patch> {
        let mut patch = self.descriptor.patch();
        if let Some(id) = id {
            patch = patch.picture_id(id);
        }
        if let Some(base_index) = base_index {
            patch = patch.tl0_pic_idx(base_index);
        }
        patch.build().ok()
    }
}

fn starts_key_frame(payload: &[u8]) -> bool {
    let mut bytes = payload.iter().copied();
    let Some(first) = bytes.next() else {
        return false;
    };
    // S: start of a partition; PID 0: the first one, whose first byte is the frame's header.
    if first & 0x10 == 0 || first & 0x07 != 0 {
        return false;
    }
    if first & 0x80 != 0 {
        let Some(extension) = bytes.next() else {
            return false;
        };
        if extension & 0x80 != 0 && bytes.next().is_some_and(|id| id & 0x80 != 0) {
            bytes.next();
        }
        if extension & 0x40 != 0 {
            bytes.next();
        }
        if extension & 0x30 != 0 {
            bytes.next();
        }
    }
    // P, the inverse of "key frame".
    bytes.next().is_some_and(|header| header & 0x01 == 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_the_first_packet_of_a_key_frame() {
        assert!(starts_key_frame(&[0x10, 0x00]));
        assert!(!starts_key_frame(&[0x10, 0x01]), "an inter frame");
        assert!(!starts_key_frame(&[0x00, 0x00]), "not the first packet");
        assert!(!starts_key_frame(&[0x11, 0x00]), "a later partition");
        assert!(starts_key_frame(&[
            0x90, 0xF0, 0x81, 0x02, 0x07, 0x20, 0x00
        ]));
        assert!(
            starts_key_frame(&[0x90, 0x80, 0x11, 0x00]),
            "a picture id of 7 bits"
        );
    }

    #[test]
    fn survives_payloads_that_end_early() {
        let whole = [0x90, 0xF0, 0x81, 0x02, 0x07, 0x20];
        for length in 0..=whole.len() {
            let part = whole.get(..length).unwrap_or(&[]);
            assert!(!starts_key_frame(part));
            let _ = Picture::read(part);
        }
    }
}
