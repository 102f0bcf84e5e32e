//! One peer: its WebRTC connection, what it sends and the places where it receives.
//!
//! Each call into the connection is guarded: a panic in there ends this peer and no other.

use std::collections::VecDeque;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::{Duration, Instant};

use str0m::change::SdpOffer;
use str0m::format::Codec;
use str0m::media::{Direction, KeyframeRequestKind, MediaKind, Mid, Pt};
use str0m::net::{Receive, TcpType, Transmit};
use str0m::rtp::{RtpPacket, RtpWrite};
use str0m::{Candidate, Event, Input, Output, Rtc};

use crate::rate::Link;
use crate::route::{Address, Route, Transaction};
use crate::slot::{Media, Slot};
use crate::speaker::Level;
use crate::types::{
    Class, GoneWhy, Incoming, Kind, LocalAddress, OfferError, Outgoing, PeerId, PeerState,
    Protocol, RoomId,
};
use crate::vp8::Picture;

/// How often the connection tells loss and delay.
const STATS_INTERVAL: Duration = Duration::from_millis(200);
/// Packets of a picture that are kept for repeats, and how long: half a second of 1.8 Mbit/s, on memory's side.
const REPEAT_PACKETS: usize = 512;
const REPEAT_AGE: Duration = Duration::from_millis(1_500);
/// Repeats are at most this share of what is sent. The default of 0.15 forgets all of them in a burst of loss.
const REPEAT_SHARE: f32 = 0.5;
/// A picture's sender is asked for a key frame at most so often.
const KEY_FRAME_PAUSE: Duration = Duration::from_millis(400);
/// The connection may ask for the same instant again a few times; then it waits a moment.
const SPINS_MAX: usize = 8;
const SPIN_PAUSE: Duration = Duration::from_millis(1);
/// An instant that never comes.
const FAR: Duration = Duration::from_secs(3_600);

/// What a connection has to say to its room.
#[derive(Debug)]
pub(crate) enum Effect {
    /// A packet for those who receive the track.
    Media(Box<Media>),
    /// A receiver needs a key frame there.
    KeyFrame(Mid),
    /// Tracks or slots were added or changed.
    Layout,
}

/// A track that a peer sends.
#[derive(Debug)]
pub(crate) struct Track {
    /// Its media section.
    pub(crate) mid: Mid,
    asked: Option<Instant>,
    /// Somebody waits for a key frame.
    pub(crate) wanted: bool,
    /// When a packet came last.
    pub(crate) heard: Option<Instant>,
}

/// One peer.
pub(crate) struct Peer {
    pub(crate) id: PeerId,
    pub(crate) room: RoomId,
    pub(crate) connection: u64,
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
    pub(crate) told: Option<PeerState>,
    pub(crate) told_at: Option<Instant>,
    /// When the connection wants to be told the time.
    pub(crate) due: Instant,
    /// The same as the room's schedule has it.
    pub(crate) noted_due: Instant,
    /// Why it has ended.
    pub(crate) ended: Option<GoneWhy>,
    rtc: Rtc,
    audio_types: Vec<u8>,
    outputs: Vec<Output>,
    #[cfg(test)]
    pub(crate) fault: bool,
}

impl Peer {
    /// Answers an offer with a new connection.
    pub(crate) fn answer(
        now: Instant,
        (room, id, connection): (RoomId, PeerId, u64),
        local: &[LocalAddress],
        offer: &str,
    ) -> Result<(Peer, String), OfferError> {
        let build = || -> Result<(Rtc, String), OfferError> {
            let mut rtc = Rtc::builder()
                .set_rtp_mode(true)
                .set_ice_lite(true)
                .clear_codecs()
                .enable_opus(true, false)
                .enable_vp8(true)
                .set_stats_interval(Some(STATS_INTERVAL))
                .build(now);
            for address in local {
                let candidate = match address.protocol {
                    Protocol::Udp => Candidate::host(address.address, "udp"),
                    Protocol::Tcp => Candidate::builder()
                        .tcp()
                        .host(address.address)
                        .tcptype(TcpType::Passive)
                        .build(),
                };
                match candidate {
                    Ok(candidate) => {
                        rtc.add_local_candidate(candidate);
                    }
                    Err(error) => tracing::warn!(%error, "an announced address is no candidate"),
                }
            }
            let answer = accept(&mut rtc, offer)?;
            Ok((rtc, answer))
        };
        let (rtc, answer) = catch_unwind(build)
            .unwrap_or_else(|_| Err(OfferError::Invalid("it cannot be read".to_owned())))?;
        let mut peer = Peer {
            id,
            room,
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
            told_at: None,
            due: now,
            noted_due: now,
            ended: None,
            rtc,
            audio_types: Vec::new(),
            outputs: Vec::new(),
            #[cfg(test)]
            fault: false,
        };
        peer.learn();
        Ok((peer, answer))
    }

    /// Answers a further offer. A wrong one leaves the connection as it is.
    pub(crate) fn answer_again(&mut self, offer: &str) -> Result<String, OfferError> {
        let answer = self
            .guarded(|rtc| accept(rtc, offer))
            .unwrap_or_else(|| Err(OfferError::Invalid("it cannot be read".to_owned())));
        self.learn();
        answer
    }

    /// What the last offer changed.
    fn learn(&mut self) {
        let learned = self.guarded(|rtc| {
            let types = rtc
                .codec_config()
                .params()
                .iter()
                .filter(|params| params.spec().codec == Codec::Opus)
                .map(|params| *params.pt())
                .collect();
            (rtc.direct_api().local_ice_credentials().ufrag, types)
        });
        if let Some((ufrag, types)) = learned {
            self.ufrag = ufrag;
            self.audio_types = types;
        }
        for slot in &mut self.slots {
            slot.payload_type = None;
        }
    }

    /// A call into the connection. One that panics was the last.
    fn guarded<T>(&mut self, call: impl FnOnce(&mut Rtc) -> T) -> Option<T> {
        if self.ended.is_some() {
            return None;
        }
        let rtc = &mut self.rtc;
        #[cfg(test)]
        let fault = self.fault;
        let result = catch_unwind(AssertUnwindSafe(|| {
            #[cfg(test)]
            assert!(!fault, "a fault that a test put in");
            call(rtc)
        }));
        match result {
            Ok(value) => Some(value),
            Err(_) => {
                tracing::error!(peer = %self.id.0, "a peer's connection panicked");
                self.ended = Some(GoneWhy::Panicked);
                None
            }
        }
    }

    /// Takes a packet in. Tells the address that it proved, if it was a check, and one that had to be forgotten.
    pub(crate) fn receive(
        &mut self,
        now: Instant,
        packet: &Incoming<'_>,
        local: &[LocalAddress],
        check: Option<Transaction>,
        sink: &mut Sink<'_>,
    ) -> (Option<Address>, Option<Address>) {
        let from = (packet.protocol, packet.source);
        let Some(destination) = arrived_at(packet, local) else {
            return (None, None);
        };
        let taken = self.guarded(|rtc| {
            let receive = Receive::new(
                protocol(packet.protocol),
                packet.source,
                destination,
                packet.bytes,
            )
            .ok()?;
            rtc.handle_input(Input::Receive(now, receive)).ok()
        });
        // A packet that cannot be read says nothing about the connection: anyone may have sent it.
        if taken.flatten().is_none() {
            tracing::debug!(peer = %self.id.0, "a packet that could not be read");
        }
        let before = sink.media;
        let replied = self.drain_from(now, Some(from), sink);
        if let Some(transaction) = check.filter(|_| replied) {
            return (Some(from), self.route.checked(now, from, transaction));
        }
        if sink.media > before {
            self.route.media(now, from);
        }
        (None, None)
    }

    /// Tells the connection the time.
    pub(crate) fn timeout(&mut self, now: Instant, sink: &mut Sink<'_>) {
        let handled = self.guarded(|rtc| rtc.handle_input(Input::Timeout(now)));
        if let Some(Err(error)) = handled {
            tracing::debug!(%error, peer = %self.id.0, "a connection failed");
        }
        self.drain(now, sink);
    }

    /// Writes a packet to a slot.
    pub(crate) fn write(
        &mut self,
        now: Instant,
        mid: Mid,
        prepare: bool,
        write: RtpWrite,
        sink: &mut Sink<'_>,
    ) {
        self.guarded(|rtc| {
            if let Some(stream) = rtc.direct_api().stream_tx_by_mid(mid, None) {
                if prepare {
                    stream.set_rtx_cache(REPEAT_PACKETS, REPEAT_AGE, Some(REPEAT_SHARE));
                }
                stream.write_rtp(write);
            }
        });
        self.drain(now, sink);
    }

    /// Gives up what was lost of the pictures sent so far: repeats would only fill a link that is full.
    pub(crate) fn forget_repeats(&mut self, now: Instant, sink: &mut Sink<'_>) {
        let sent: Vec<Mid> = self
            .slots
            .iter()
            .filter(|slot| slot.kind == Kind::Video && slot.prepared)
            .map(|slot| slot.mid)
            .collect();
        self.guarded(|rtc| {
            for mid in sent {
                if let Some(stream) = rtc.direct_api().stream_tx_by_mid(mid, None) {
                    stream.set_rtx_cache(REPEAT_PACKETS, REPEAT_AGE, Some(REPEAT_SHARE));
                }
            }
        });
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
        let mid = video.mid;
        self.guarded(|rtc| {
            if let Some(stream) = rtc.direct_api().stream_rx_by_mid(mid, None) {
                stream.request_keyframe(KeyframeRequestKind::Pli);
            }
        });
        self.drain(now, sink);
    }

    /// Says goodbye (RTCP BYE and DTLS close_notify).
    pub(crate) fn close(&mut self, now: Instant, sink: &mut Sink<'_>) {
        self.guarded(|rtc| rtc.close());
        self.drain(now, sink);
    }

    /// Takes everything that the connection has to say.
    pub(crate) fn drain(&mut self, now: Instant, sink: &mut Sink<'_>) {
        self.drain_from(now, None, sink);
    }

    /// The same; tells whether a check from `asker` was answered, which only authentic ones are.
    fn drain_from(&mut self, now: Instant, asker: Option<Address>, sink: &mut Sink<'_>) -> bool {
        let mut outputs = std::mem::take(&mut self.outputs);
        let due = self.guarded(|rtc| collect(rtc, now, &mut outputs));
        self.due = due.unwrap_or(now + FAR);
        let mut replied = false;
        for output in outputs.drain(..) {
            match output {
                Output::Timeout(_) => {}
                Output::Transmit(transmit) => {
                    let class = self.class(&transmit.contents);
                    let check = transmit.contents.first().is_some_and(|first| *first < 2);
                    let to = (outer(transmit.proto), transmit.destination);
                    replied |= check && Some(to) == asker;
                    let to = if check { to } else { self.route.toward(to) };
                    sink.outgoing(to, transmit, class);
                }
                Output::Event(event) => self.event(now, event, sink),
            }
        }
        self.outputs = outputs;
        if self.ended.is_none() && !self.rtc.is_alive() {
            self.ended = Some(GoneWhy::Failed);
        }
        if self.ended.is_some() {
            sink.ended.push(self.connection);
        }
        replied
    }

    fn event(&mut self, now: Instant, event: Event, sink: &mut Sink<'_>) {
        match event {
            Event::MediaAdded(media) => {
                self.lay_out(media.mid, media.kind, media.direction);
                sink.effect(self.connection, Effect::Layout);
            }
            Event::MediaChanged(media) => {
                let kind = self.guarded(|rtc| rtc.media(media.mid).map(|media| media.kind()));
                if let Some(Some(kind)) = kind {
                    self.lay_out(media.mid, kind, media.direction);
                    sink.effect(self.connection, Effect::Layout);
                }
            }
            Event::RtpPacket(packet) => self.packet(now, packet, sink),
            Event::KeyframeRequest(request) => {
                sink.effect(self.connection, Effect::KeyFrame(request.mid));
            }
            Event::PeerStats(stats) => {
                self.link.measured(
                    now,
                    stats.rtt,
                    stats.egress_loss_fraction,
                    stats.ingress_loss_fraction,
                );
            }
            Event::Closed => self.ended = self.ended.or(Some(GoneWhy::Closed)),
            _ => {}
        }
    }

    /// A media section was added or changed its direction, as seen from here.
    fn lay_out(&mut self, mid: Mid, kind: MediaKind, direction: Direction) {
        let kind = match kind {
            MediaKind::Audio => Kind::Audio,
            MediaKind::Video => Kind::Video,
        };
        let track = match kind {
            Kind::Audio => &mut self.audio,
            Kind::Video => &mut self.video,
        };
        if direction.is_receiving() {
            // One track of a kind; what more comes is not passed on.
            track.get_or_insert(Track {
                mid,
                asked: None,
                wanted: false,
                heard: None,
            });
        } else if track.as_ref().is_some_and(|track| track.mid == mid)
            && direction == Direction::SendOnly
        {
            *track = None;
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
        let from = self.guarded(|rtc| {
            rtc.direct_api()
                .stream_rx(&ssrc)
                .map(|stream| (stream.mid(), stream.rid()))
        });
        let Some(Some((mid, None))) = from else {
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
        let mut extensions = packet.header.ext_vals;
        // Those are between us and the sender; the receiver gets its own.
        extensions.mid = None;
        extensions.rid = None;
        extensions.rid_repair = None;
        extensions.transport_cc = None;
        extensions.abs_send_time = None;
        let picture = match kind {
            Kind::Audio => None,
            Kind::Video => Picture::read(&packet.payload),
        };
        let media = Media {
            kind,
            ssrc,
            sequence: *packet.seq_no,
            timestamp: packet.header.timestamp,
            marker: packet.header.marker,
            received: packet.timestamp,
            extensions,
            payload: packet.payload,
            picture,
        };
        sink.effect(self.connection, Effect::Media(Box::new(media)));
    }

    /// The payload type that the peer knows a slot's codec by.
    pub(crate) fn payload_type(&mut self, mid: Mid, kind: Kind) -> Option<Pt> {
        let codec = match kind {
            Kind::Audio => Codec::Opus,
            Kind::Video => Codec::Vp8,
        };
        self.guarded(|rtc| {
            let offered = rtc.media(mid)?.remote_pts();
            rtc.codec_config()
                .params()
                .iter()
                .find(|params| {
                    params.spec().codec == codec
                        && (offered.is_empty() || offered.contains(&params.pt()))
                })
                .map(|params| params.pt())
        })
        .flatten()
    }

    fn class(&self, bytes: &[u8]) -> Class {
        match (bytes.first(), bytes.get(1)) {
            // RTCP shares the range of RTP; its packet types tell it (RFC 5761 §4).
            (Some(128..=191), Some(192..=223)) => Class::Control,
            (Some(128..=191), Some(kind)) if self.audio_types.contains(&(kind & 0x7F)) => {
                Class::Audio
            }
            (Some(128..=191), Some(_)) => Class::Video,
            _ => Class::Control,
        }
    }
}

/// Where what connections say is gathered.
pub(crate) struct Sink<'a> {
    /// What is to be sent.
    pub(crate) outbox: &'a mut Outbox,
    /// What rooms have to do.
    pub(crate) effects: &'a mut VecDeque<(u64, Effect)>,
    /// Connections that have ended.
    pub(crate) ended: &'a mut Vec<u64>,
    /// Packets of media that were accepted.
    pub(crate) media: u64,
}

impl Sink<'_> {
    fn effect(&mut self, connection: u64, effect: Effect) {
        self.effects.push_back((connection, effect));
    }

    fn outgoing(&mut self, (protocol, destination): Address, transmit: Transmit, class: Class) {
        self.outbox.push(Outgoing {
            protocol,
            destination,
            bytes: transmit.contents.into(),
            class,
        });
    }
}

/// What waits to be sent.
#[derive(Debug)]
pub(crate) struct Outbox {
    waiting: VecDeque<Outgoing>,
    limit: usize,
}

impl Outbox {
    pub(crate) fn new(limit: usize) -> Outbox {
        Outbox {
            waiting: VecDeque::new(),
            limit,
        }
    }

    fn push(&mut self, packet: Outgoing) {
        let limit = match packet.class {
            Class::Video => self.limit,
            Class::Audio | Class::Control => self.limit * 2,
        };
        if self.waiting.len() < limit {
            self.waiting.push_back(packet);
        }
    }

    pub(crate) fn pop(&mut self) -> Option<Outgoing> {
        self.waiting.pop_front()
    }
}

fn accept(rtc: &mut Rtc, offer: &str) -> Result<String, OfferError> {
    let offer =
        SdpOffer::from_sdp_string(offer).map_err(|error| OfferError::Invalid(error.to_string()))?;
    let answer = rtc
        .sdp_api()
        .accept_offer(offer)
        .map_err(|error| OfferError::Invalid(error.to_string()))?;
    Ok(answer.to_sdp_string())
}

/// Drains a connection until it waits for time or bytes; tells until when.
fn collect(rtc: &mut Rtc, now: Instant, outputs: &mut Vec<Output>) -> Instant {
    let mut spins = 0;
    loop {
        match rtc.poll_output() {
            Ok(Output::Timeout(due)) if due > now => return due,
            Ok(Output::Timeout(_)) if spins < SPINS_MAX && rtc.is_alive() => {
                spins += 1;
                if let Err(error) = rtc.handle_input(Input::Timeout(now)) {
                    tracing::debug!(%error, "a connection failed");
                    return now + SPIN_PAUSE;
                }
            }
            Ok(Output::Timeout(_)) => return now + SPIN_PAUSE,
            Ok(output) => outputs.push(output),
            Err(error) => {
                tracing::debug!(%error, "a connection failed");
                return now + SPIN_PAUSE;
            }
        }
    }
}

/// The announced address that a packet arrived at: what str0m knows it by.
fn arrived_at(packet: &Incoming<'_>, local: &[LocalAddress]) -> Option<std::net::SocketAddr> {
    let same = |address: &&LocalAddress| {
        address.protocol == packet.protocol && address.address.is_ipv4() == packet.source.is_ipv4()
    };
    local
        .iter()
        .filter(same)
        .find(|address| packet.destination == Some(address.address.ip()))
        .or_else(|| local.iter().find(same))
        .or_else(|| {
            local
                .iter()
                .find(|address| address.protocol == packet.protocol)
        })
        .map(|address| address.address)
}

fn protocol(protocol: Protocol) -> str0m::net::Protocol {
    match protocol {
        Protocol::Udp => str0m::net::Protocol::Udp,
        Protocol::Tcp => str0m::net::Protocol::Tcp,
    }
}

fn outer(protocol: str0m::net::Protocol) -> Protocol {
    match protocol {
        str0m::net::Protocol::Udp => Protocol::Udp,
        _ => Protocol::Tcp,
    }
}
