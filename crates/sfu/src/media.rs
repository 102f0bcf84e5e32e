//! A packet on its way from one peer to the others.

use std::sync::Arc;
use std::time::Instant;

use str0m::rtp::{ExtensionValues, RtpPacket, Ssrc};

use crate::types::Kind;
use crate::vp8::Picture;

/// A packet of a track on its way through the room.
#[derive(Debug, Clone)]
pub(crate) struct Media {
    /// What it carries.
    pub(crate) kind: Kind,
    /// The stream that it is part of.
    pub(crate) ssrc: Ssrc,
    /// Its extended sequence number.
    pub(crate) sequence: u64,
    /// Its RTP time, in 1/48 000 s for sound and 1/90 000 s for pictures.
    pub(crate) timestamp: u32,
    /// The end of a frame, or the start of a talk spurt.
    pub(crate) marker: bool,
    /// When it arrived.
    pub(crate) received: Instant,
    /// Header extensions, without those that are between us and the sender.
    pub(crate) extensions: ExtensionValues,
    /// What it says.
    pub(crate) payload: Arc<[u8]>,
    /// The numbers of its picture.
    pub(crate) picture: Option<Picture>,
}

impl Media {
    /// Takes of a packet what the others get.
    pub(crate) fn new(kind: Kind, packet: RtpPacket) -> Media {
        let mut extensions = packet.header.ext_vals;
        // Those are between us and the sender; the receiver gets its own.
        extensions.mid = None;
        extensions.rid = None;
        extensions.rid_repair = None;
        extensions.transport_cc = None;
        extensions.abs_send_time = None;
        Media {
            kind,
            ssrc: packet.header.ssrc,
            sequence: *packet.seq_no,
            timestamp: packet.header.timestamp,
            marker: packet.header.marker,
            received: packet.timestamp,
            extensions,
            picture: match kind {
                Kind::Audio => None,
                Kind::Video => Picture::read(&packet.payload),
            },
            payload: packet.payload,
        }
    }
}
