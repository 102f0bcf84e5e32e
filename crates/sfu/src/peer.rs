//! One peer: its connection, what it sends, and the places where it receives.

use std::time::{Duration, Instant};

use str0m::media::{Direction, MediaKind, Mid};
use str0m::rtp::{RtpPacket, Ssrc};
use str0m::{Event, Output, net};

use crate::connection::Connection;
use crate::gate::Gate;
use crate::media::Media;
use crate::rate::Link;
use crate::route::{Address, Route};
use crate::sink::{Effect, Sink};
use crate::slot::Slot;
use crate::speaker::Level;
use crate::types::{
    Class, GoneWhy, Kind, LocalAddress, OfferError, PeerId, PeerState, Protocol, RoomId,
};

/// A picture's sender is asked for a key frame at most so often.
const KEY_FRAME_PAUSE: Duration = Duration::from_millis(400);
/// An instant that never comes.
const FAR: Duration = Duration::from_secs(3_600);
/// Streams whose media section is remembered; a client sends two, and one more after each change of a track.
const STREAMS_MAX: usize = 32;

/// A track that a peer sends.
#[derive(Debug)]
pub(crate) struct Track {
    pub(crate) mid: Mid,
    asked: Option<Instant>,
    /// Somebody waits for a key frame.
    pub(crate) wanted: bool,
    /// When a packet of it came.
    pub(crate) heard: Option<Instant>,
}

/// One peer.
pub(crate) struct Peer {
    pub(crate) id: PeerId,
    pub(crate) room: RoomId,
    /// The number of its connection, which no other has or had.
    pub(crate) number: u64,
    pub(crate) connection: Connection,
    pub(crate) ufrag: String,
    pub(crate) route: Route,
    pub(crate) link: Link,
    pub(crate) level: Level,
    pub(crate) audio: Option<Track>,
    pub(crate) video: Option<Track>,
    pub(crate) slots: Vec<Slot>,
    /// Tracks of the others that it has no place for.
    pub(crate) slots_missing: u32,
    /// What was told of it, and when.
    pub(crate) told: Option<(PeerState, Instant)>,
    /// When the connection wants to be told the time.
    pub(crate) due: Instant,
    /// The same as the rooms' schedule has it.
    pub(crate) noted_due: Instant,
    /// Why it has ended.
    pub(crate) ended: Option<GoneWhy>,
    pub(crate) audio_types: Vec<u8>,
    pub(crate) video_types: Vec<u8>,
    /// What it may send.
    pub(crate) gate: Gate,
    /// Streams that were heard, with their media sections.
    pub(crate) streams: Vec<(Ssrc, Mid)>,
    outputs: Vec<Output>,
}

impl Peer {
    /// Answers an offer with a new connection.
    pub(crate) fn answer(
        now: Instant,
        (room, id, number): (RoomId, PeerId, u64),
        local: &[LocalAddress],
        offer: &str,
    ) -> Result<(Peer, String), OfferError> {
        let (connection, answer) = Connection::answer(now, local, offer)?;
        let mut peer = Peer {
            id,
            room,
            number,
            connection,
            ufrag: String::new(),
            route: Route::new(now),
            link: Link::new(now),
            level: Level::default(),
            audio: None,
            video: None,
            slots: Vec::new(),
            slots_missing: 0,
            told: None,
            due: now,
            noted_due: now,
            ended: None,
            audio_types: Vec::new(),
            video_types: Vec::new(),
            gate: Gate::new(now),
            streams: Vec::new(),
            outputs: Vec::new(),
        };
        peer.learn();
        Ok((peer, answer))
    }

    /// Answers a further offer.
    pub(crate) fn answer_again(&mut self, offer: &str) -> Result<String, OfferError> {
        let answer = self.connection.answer_again(offer);
        self.learn();
        answer
    }

    /// What the last offer changed.
    fn learn(&mut self) {
        let settled = self.connection.settled();
        self.ufrag = settled.ufrag;
        self.audio_types = settled.audio_types;
        self.video_types = settled.video_types;
        self.streams.clear();
        for slot in &mut self.slots {
            slot.payload_type = None;
        }
    }

    /// Tells the connection the time.
    pub(crate) fn timeout(&mut self, now: Instant, sink: &mut Sink<'_>) {
        self.connection.timeout(now);
        self.drain(now, sink);
    }

    /// Passes a packet on to the slot of its sender's track. Tells whether a key frame is needed for it.
    pub(crate) fn forward(
        &mut self,
        now: Instant,
        (from, number): (PeerId, u64),
        media: &Media,
        stale: bool,
        sink: &mut Sink<'_>,
    ) -> bool {
        let theirs = |slot: &&mut Slot| slot.kind == media.kind && slot.from == Some(from);
        let Some(slot) = self.slots.iter_mut().find(theirs) else {
            return false;
        };
        if stale || (media.kind == Kind::Video && self.link.sheds(now)) {
            slot.interrupt();
            return false;
        }
        if slot.payload_type.is_none() {
            slot.payload_type = self.connection.payload_type(slot.mid, slot.kind);
        }
        let write = slot.take(now, number, media);
        let waits = slot.waits_for_key();
        if let Some(write) = write {
            let (mid, kept) = (slot.mid, std::mem::replace(&mut slot.kept, true));
            if media.kind == Kind::Video {
                self.link.video.count(now, media.payload.len());
                if !kept {
                    self.connection.keep_for_repeats(mid);
                }
            }
            self.connection.write(mid, write);
            self.drain(now, sink);
        }
        waits
    }

    /// Gives up what was lost of the pictures sent so far: repeats would only fill a link that is full.
    pub(crate) fn forget_repeats(&mut self, now: Instant, sink: &mut Sink<'_>) {
        for slot in &self.slots {
            if slot.kind == Kind::Video && slot.kept {
                self.connection.keep_for_repeats(slot.mid);
            }
        }
        self.drain(now, sink);
    }

    /// Asks the peer for a key frame, now or as soon as one may be asked for.
    pub(crate) fn ask_key_frame(&mut self, now: Instant, sink: &mut Sink<'_>) {
        let Some(video) = &mut self.video else { return };
        let early = |asked: Instant| now.saturating_duration_since(asked) < KEY_FRAME_PAUSE;
        video.wanted = video.asked.is_some_and(early);
        // Whoever sends nothing begins with a key frame by itself.
        if video.wanted || video.heard.is_none() {
            return;
        }
        video.asked = Some(now);
        self.connection.ask_key_frame(video.mid);
        self.drain(now, sink);
    }

    /// Says goodbye.
    pub(crate) fn close(&mut self, now: Instant, sink: &mut Sink<'_>) {
        self.connection.close();
        self.drain(now, sink);
    }

    /// Sends as many pictures as the link carries and withholds the others. Tells whose are sent again.
    pub(crate) fn adapt(&mut self, now: Instant, sink: &mut Sink<'_>) -> Vec<PeerId> {
        let pictures = self
            .slots
            .iter()
            .filter(|slot| slot.kind == Kind::Video && slot.from.is_some());
        if self.link.settle(now, pictures.count()) {
            self.forget_repeats(now, sink);
        }
        let mut carried = self.link.carried();
        let mut resumed = Vec::new();
        for slot in self
            .slots
            .iter_mut()
            .filter(|slot| slot.kind == Kind::Video)
        {
            let Some(from) = slot.from else { continue };
            let paused = carried == 0;
            carried = carried.saturating_sub(1);
            if slot.paused != paused {
                slot.paused = paused;
                slot.interrupt();
                if !paused {
                    resumed.push(from);
                }
            }
        }
        resumed
    }

    /// Whether it receives a peer's picture and could use a better one.
    pub(crate) fn takes_picture_of(&self, from: PeerId) -> bool {
        self.slots
            .iter()
            .any(|slot| slot.kind == Kind::Video && slot.from == Some(from) && !slot.paused)
    }

    fn drain(&mut self, now: Instant, sink: &mut Sink<'_>) {
        self.drain_for(now, None, sink);
    }

    /// Takes everything that the connection has to say; tells whether a check from `asker` was answered.
    pub(crate) fn drain_for(
        &mut self,
        now: Instant,
        asker: Option<Address>,
        sink: &mut Sink<'_>,
    ) -> bool {
        let mut outputs = std::mem::take(&mut self.outputs);
        self.due = self
            .connection
            .drain(now, &mut outputs)
            .unwrap_or(now + FAR);
        let mut replied = false;
        for output in outputs.drain(..) {
            match output {
                Output::Timeout(_) => {}
                Output::Transmit(transmit) => {
                    let class = self.class(&transmit.contents);
                    let check = transmit.contents.first().is_some_and(|first| *first < 2);
                    let protocol = match transmit.proto {
                        net::Protocol::Udp => Protocol::Udp,
                        _ => Protocol::Tcp,
                    };
                    let to = (protocol, transmit.destination);
                    replied |= check && Some(to) == asker;
                    let to = if check { to } else { self.route.toward(to) };
                    sink.send(to, transmit, class);
                }
                Output::Event(event) => self.event(now, event, sink),
            }
        }
        self.outputs = outputs;
        if self.connection.panicked() {
            tracing::error!(peer = %self.id.0, "a peer's connection panicked");
            self.ended = Some(GoneWhy::Panicked);
        } else if !self.connection.is_alive() {
            self.ended = self.ended.or(Some(GoneWhy::Failed));
        }
        if self.ended.is_some() {
            sink.ended.push(self.number);
        }
        replied
    }

    fn event(&mut self, now: Instant, event: Event, sink: &mut Sink<'_>) {
        match event {
            Event::MediaAdded(media) => {
                self.lay_out(media.mid, media.kind, media.direction);
                sink.effect(self.number, Effect::Layout);
            }
            Event::MediaChanged(media) => {
                if let Some(kind) = self.connection.kind(media.mid) {
                    self.lay_out(media.mid, kind, media.direction);
                    sink.effect(self.number, Effect::Layout);
                }
            }
            Event::RtpPacket(packet) => self.packet(now, packet, sink),
            Event::KeyframeRequest(request) => {
                sink.effect(self.number, Effect::KeyFrame(request.mid));
            }
            Event::PeerStats(stats) => self.link.measured(
                now,
                stats.rtt,
                stats.egress_loss_fraction,
                stats.ingress_loss_fraction,
            ),
            Event::MediaEgressStats(stats) => self.link.reported(now, stats.rtt, stats.loss),
            Event::Closed => self.ended = self.ended.or(Some(GoneWhy::Closed)),
            _ => {}
        }
    }

    /// A media section was added or changed its direction, as seen from here.
    fn lay_out(&mut self, mid: Mid, kind: MediaKind, direction: Direction) {
        let (kind, track) = match kind {
            MediaKind::Audio => (Kind::Audio, &mut self.audio),
            MediaKind::Video => (Kind::Video, &mut self.video),
        };
        if direction.is_receiving() {
            // One track of a kind; what more comes is not passed on.
            track.get_or_insert(Track {
                mid,
                asked: None,
                wanted: false,
                heard: None,
            });
        }
        let receives = direction == Direction::SendOnly;
        match self.slots.iter_mut().find(|slot| slot.mid == mid) {
            Some(slot) => {
                slot.open = receives;
                if !receives {
                    slot.assign(None);
                }
            }
            None if receives => self.slots.push(Slot::new(mid, kind)),
            None => {}
        }
    }

    fn packet(&mut self, now: Instant, packet: RtpPacket, sink: &mut Sink<'_>) {
        sink.media += 1;
        let ssrc = packet.header.ssrc;
        let Some(mid) = self.section(ssrc) else {
            return;
        };
        let kind = match (&mut self.audio, &mut self.video) {
            (Some(audio), _) if audio.mid == mid => {
                audio.heard = Some(now);
                Kind::Audio
            }
            (_, Some(video)) if video.mid == mid => {
                video.heard = Some(now);
                Kind::Video
            }
            _ => return,
        };
        if let Some(level) = packet
            .header
            .ext_vals
            .audio_level
            .filter(|_| kind == Kind::Audio)
        {
            self.level.heard(now, level);
        }
        let media = Media::new(kind, packet);
        sink.effect(self.number, Effect::Media(Box::new(media)));
    }

    fn section(&mut self, ssrc: Ssrc) -> Option<Mid> {
        if let Some((_, mid)) = self.streams.iter().find(|(known, _)| *known == ssrc) {
            return Some(*mid);
        }
        let mid = self.connection.section(ssrc)?;
        if self.streams.len() >= STREAMS_MAX {
            self.streams.clear();
        }
        self.streams.push((ssrc, mid));
        Some(mid)
    }

    pub(crate) fn class(&self, bytes: &[u8]) -> Class {
        match bytes {
            // RTCP shares the range of RTP; its packet types tell it (RFC 5761 §4).
            [128..=191, 192..=223, ..] => Class::Control,
            [128..=191, kind, ..] if self.audio_types.contains(&(kind & 0x7F)) => Class::Audio,
            [128..=191, ..] => Class::Video,
            _ => Class::Control,
        }
    }
}
