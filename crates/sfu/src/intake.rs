//! What a peer takes in, and what it leaves unseen.

use std::time::Instant;

use str0m::media::Mid;
use str0m::rtp::Ssrc;

use crate::connection::Streams;
use crate::gate::Label;
use crate::peer::{Peer, Track};
use crate::route::{Address, Transaction};
use crate::sink::Sink;
use crate::types::{Class, Incoming, LocalAddress};

/// What came of a packet.
#[derive(Debug, Default)]
pub(crate) struct Received {
    /// The address that it proved to be the peer's.
    pub(crate) proved: Option<Address>,
    /// One that had to be forgotten for it.
    pub(crate) forgotten: Option<Address>,
}

/// A packet is not taken in.
struct Refused;

/// A packet of a stream that the connection does not know, and the streams of the tracks before it.
struct Stray {
    ssrc: Ssrc,
    before: Vec<(Mid, Option<Streams>)>,
}

impl Peer {
    /// Takes a packet in.
    pub(crate) fn receive(
        &mut self,
        now: Instant,
        packet: &Incoming<'_>,
        local: &[LocalAddress],
        check: Option<Transaction>,
        sink: &mut Sink<'_>,
    ) -> Received {
        let from = (packet.protocol, packet.source);
        if matches!(packet.bytes, [128..=191, ..]) && !self.gate.opens(now) {
            return Received::default();
        }
        let Ok(stray) = self.look_at(now, packet.bytes) else {
            return Received::default();
        };
        self.connection.receive(now, packet, local);
        let before = sink.media;
        let replied = self.drain_for(now, Some(from), sink);
        let passed = sink.media - before;
        self.gate.passed(passed);
        if let Some(stray) = stray {
            self.judge(&stray, passed > 0);
        }
        match check {
            // Only an authentic check is answered.
            Some(transaction) if replied => {
                let forgotten = self.route.checked(now, from, transaction);
                return Received {
                    proved: Some(from),
                    forgotten,
                };
            }
            Some(_) => {}
            None if passed > 0 => self.route.media(now, from),
            None if self.class(packet.bytes) == Class::Control => self.route.reported(now),
            None => {}
        }
        Received::default()
    }

    /// Looks at a packet before it is proved to be the peer's.
    ///
    /// # Errors
    /// When it is not to be taken in.
    fn look_at(&mut self, now: Instant, bytes: &[u8]) -> Result<Option<Stray>, Refused> {
        let Some(label) = Label::read(bytes).filter(|label| !label.is_probe()) else {
            return Ok(None);
        };
        let ssrc = Ssrc::from(label.ssrc);
        if self.streams.iter().any(|(known, _)| *known == ssrc) || self.connection.has_stream(ssrc)
        {
            return Ok(None);
        }
        let tracks = [&self.audio, &self.video].map(|track| track.as_ref().map(|track| track.mid));
        let before: Vec<_> = tracks
            .into_iter()
            .flatten()
            .map(|mid| (mid, self.connection.streams(mid)))
            .collect();
        let mut known = before.iter().filter_map(|(_, streams)| *streams);
        if known.any(|streams| streams.repeats == Some(ssrc)) {
            return Ok(None);
        }
        let heard = |track: &Option<Track>| track.as_ref().and_then(|track| track.heard);
        let admitted = if self.audio_types.contains(&label.payload_type) {
            self.gate.admits_stream(now, heard(&self.audio))
        } else if self.video_types.contains(&label.payload_type) {
            self.gate.admits_stream(now, heard(&self.video))
        } else {
            // Repeats that the offer did not name: they are found once.
            let mut streams = before.iter().filter_map(|(_, streams)| *streams);
            !streams.any(|streams| streams.repeats.is_some()) && self.gate.admits_repeats()
        };
        if admitted {
            Ok(Some(Stray { ssrc, before }))
        } else {
            Err(Refused)
        }
    }

    /// A stray packet was the peer's; or it was not, and all is to be as it was before.
    fn judge(&mut self, stray: &Stray, proved: bool) {
        if proved {
            self.gate.took_stream();
            return;
        }
        if self.connection.has_stream(stray.ssrc) {
            self.connection.forget_stream(stray.ssrc);
        }
        for (mid, before) in &stray.before {
            if let Some(before) = before
                && self.connection.streams(*mid) != Some(*before)
            {
                self.connection.give_streams(*mid, *before);
            }
        }
    }
}
