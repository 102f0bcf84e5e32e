//! A client: an str0m peer with a microphone, a camera, a loudspeaker and screens.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::time::{Duration, Instant};

use deskside_sfu::PeerId;
use str0m::change::{SdpAnswer, SdpPendingOffer};
use str0m::format::Codec;
use str0m::media::{Direction, KeyframeRequestKind, MediaKind, Mid, Pt};
use str0m::net::{Protocol, Receive};
use str0m::rtp::{ExtensionValues, RtpPacket, RtpWrite};
use str0m::{Candidate, Event, IceConnectionState, Input, Output, Rtc};

use super::network::Wire;
use super::picture::{Camera, FRAMES, Screen};

/// Bytes of a packet of sound: 20 ms at 32 kbit/s.
const SOUND: usize = 80;

/// What a receive slot got to hear.
#[derive(Debug, Default)]
pub struct Ear {
    pub packets: u64,
    pub last: Option<Instant>,
    pub longest_gap: Duration,
    pub senders: Vec<u8>,
    pub highest: u64,
    pub first: Option<u64>,
}

pub struct Client {
    pub peer: PeerId,
    pub rtc: Rtc,
    pub up: Wire,
    pub down: Wire,
    /// Where the SFU sees it: what a NAT gave it.
    pub outside: SocketAddr,
    pub sending: Vec<Vec<u8>>,
    pub ears: HashMap<Mid, Ear>,
    pub screens: HashMap<Mid, Screen>,
    pub camera: Camera,
    /// Level of the microphone, or off.
    pub microphone: Option<i8>,
    pub camera_on: bool,
    /// What the camera would like to send, in kbit/s.
    pub wish: u32,
    /// What the SFU lets it send.
    pub limit: u32,
    /// The process is gone: nothing comes in or out.
    pub dead: bool,
    pub connected: bool,
    pub closed: bool,
    pub audio: Option<Mid>,
    pub video: Option<Mid>,
    sent_video: u64,
    inside: SocketAddr,
    tag: u8,
    slots: usize,
    offered_slots: usize,
    pending: Option<SdpPendingOffer>,
    due: Instant,
    sound_at: Instant,
    frame_at: Instant,
    sound_sequence: u64,
    picture_sequence: u64,
    start: Instant,
}

impl Client {
    /// `checks` is how often it looks whether its way to the SFU is open.
    pub fn new(
        now: Instant,
        number: usize,
        peer: PeerId,
        slots: usize,
        checks: Duration,
    ) -> Client {
        let last = u8::try_from(number).expect("few clients") + 1;
        let inside = SocketAddr::from(([10, 0, 0, last], 5_000));
        let mut config = Rtc::builder()
            .set_rtp_mode(true)
            .clear_codecs()
            .enable_opus(true, false)
            .enable_vp8(true);
        config.set_max_stun_rto(checks);
        let mut rtc = config.build(now);
        rtc.add_local_candidate(Candidate::host(inside, "udp").expect("a candidate"));
        Client {
            peer,
            rtc,
            up: Wire::default(),
            down: Wire::default(),
            outside: SocketAddr::from(([192, 0, 2, last], 6_000)),
            sending: Vec::new(),
            ears: HashMap::new(),
            screens: HashMap::new(),
            camera: Camera::default(),
            microphone: Some(-30),
            camera_on: true,
            wish: 400,
            limit: u32::MAX,
            dead: false,
            connected: false,
            closed: false,
            audio: None,
            video: None,
            sent_video: 0,
            inside,
            tag: last,
            slots,
            offered_slots: 0,
            pending: None,
            due: now,
            sound_at: now,
            frame_at: now,
            // Different from client to client, and not far from where the roll-over counter changes.
            sound_sequence: 60_000 + u64::from(last) * 100,
            picture_sequence: 64_000 + u64::from(last) * 100,
            start: now,
        }
    }

    pub fn more_slots(&mut self, slots: usize) {
        self.slots += slots;
    }

    /// An offer with all slots that are wanted by now.
    pub fn offer(&mut self, restart: bool) -> String {
        let mut changes = self.rtc.sdp_api();
        if self.audio.is_none() {
            let send = Direction::SendOnly;
            self.audio = Some(changes.add_media(MediaKind::Audio, send, None, None, None));
            self.video = Some(changes.add_media(MediaKind::Video, send, None, None, None));
        }
        for _ in self.offered_slots..self.slots {
            for kind in [MediaKind::Audio, MediaKind::Video] {
                changes.add_media(kind, Direction::RecvOnly, None, None, None);
            }
        }
        self.offered_slots = self.slots;
        if restart {
            changes.ice_restart(true);
        }
        let (offer, pending) = changes.apply().expect("something to offer");
        self.pending = Some(pending);
        offer.to_sdp_string()
    }

    pub fn answer(&mut self, answer: &str) {
        let answer = SdpAnswer::from_sdp_string(answer).expect("an answer that can be read");
        let pending = self.pending.take().expect("an offer");
        self.rtc
            .sdp_api()
            .accept_answer(pending, answer)
            .expect("an answer that fits");
        self.poll(self.due);
    }

    /// When the client does something next.
    pub fn next(&self) -> Option<Instant> {
        (!self.dead).then(|| {
            let media = if self.connected {
                self.sound_at.min(self.frame_at)
            } else {
                self.due
            };
            self.due.min(media)
        })
    }

    pub fn step(&mut self, now: Instant) {
        if self.dead {
            return;
        }
        if self.due <= now {
            self.rtc
                .handle_input(Input::Timeout(now))
                .expect("time passes");
            self.poll(now);
        }
        if self.connected {
            self.speak(now);
            self.film(now);
        }
    }

    pub fn receive(&mut self, now: Instant, source: SocketAddr, bytes: &[u8]) {
        if self.dead {
            return;
        }
        if let Ok(receive) = Receive::new(Protocol::Udp, source, self.inside, bytes) {
            self.rtc
                .handle_input(Input::Receive(now, receive))
                .expect("a packet is taken");
        }
        self.poll(now);
    }

    /// Says goodbye.
    pub fn close(&mut self) {
        self.rtc.close().expect("closing");
        self.poll(self.due);
    }

    /// Asks all senders for key frames.
    pub fn ask_key_frames(&mut self) {
        for mid in self.screens.keys().copied().collect::<Vec<_>>() {
            if let Some(stream) = self.rtc.direct_api().stream_rx_by_mid(mid, None) {
                stream.request_keyframe(KeyframeRequestKind::Pli);
            }
        }
    }

    /// Packets of pictures sent, with repeats.
    pub fn sent_video(&self) -> u64 {
        self.sent_video
    }

    /// Everything that was shown, whoever's it was.
    pub fn shown(&self) -> u32 {
        self.screens.values().map(|screen| screen.shown).sum()
    }

    pub fn heard(&self) -> u64 {
        self.ears.values().map(|ear| ear.packets).sum()
    }

    pub fn forget_gaps(&mut self) {
        self.screens
            .values_mut()
            .for_each(|screen| screen.longest_gap = Duration::ZERO);
        self.ears
            .values_mut()
            .for_each(|ear| ear.longest_gap = Duration::ZERO);
    }

    fn speak(&mut self, now: Instant) {
        while self.sound_at <= now {
            self.sound_at = self.sound_at.max(now - Duration::from_secs(1));
            self.sound_at += Duration::from_millis(20);
            let (Some(level), Some(mid)) = (self.microphone, self.audio) else {
                continue;
            };
            self.sound_sequence += 1;
            let mut payload = vec![self.tag];
            payload.extend(self.sound_sequence.to_be_bytes());
            payload.resize(SOUND, 0);
            let extensions = ExtensionValues {
                audio_level: Some(level),
                voice_activity: Some(true),
                ..ExtensionValues::default()
            };
            let time = (self.sound_sequence * 960) as u32;
            let sequence = self.sound_sequence;
            self.write(
                now,
                mid,
                Codec::Opus,
                sequence,
                time,
                false,
                payload,
                extensions,
            );
        }
    }

    /// Sends so many packets of sound at once.
    pub fn babble(&mut self, now: Instant, packets: usize) {
        for _ in 0..packets {
            self.sound_at = now;
            self.speak(now);
        }
    }

    fn film(&mut self, now: Instant) {
        while self.frame_at <= now {
            self.frame_at = self.frame_at.max(now - Duration::from_secs(1));
            self.frame_at += Duration::from_secs(1) / FRAMES;
            let kbps = self.wish.min(self.limit);
            let Some(mid) = self.video.filter(|_| self.camera_on && kbps > 0) else {
                continue;
            };
            let time = ((now - self.start).as_millis() * 90) as u32 + u32::from(self.tag) * 77_777;
            let payloads = self.camera.shoot(self.tag, kbps);
            let count = payloads.len();
            for (at, payload) in payloads.into_iter().enumerate() {
                self.picture_sequence += 1;
                let sequence = self.picture_sequence;
                let extensions = ExtensionValues::default();
                let ends = at + 1 == count;
                self.write(
                    now,
                    mid,
                    Codec::Vp8,
                    sequence,
                    time,
                    ends,
                    payload,
                    extensions,
                );
            }
        }
    }

    fn payload_type(&self, codec: Codec) -> Option<Pt> {
        let params = self.rtc.codec_config().params();
        params
            .iter()
            .find(|params| params.spec().codec == codec)
            .map(|params| params.pt())
    }

    #[expect(clippy::too_many_arguments, reason = "the fields of an RTP packet")]
    fn write(
        &mut self,
        now: Instant,
        mid: Mid,
        codec: Codec,
        sequence: u64,
        time: u32,
        marker: bool,
        payload: Vec<u8>,
        extensions: ExtensionValues,
    ) {
        let Some(pt) = self.payload_type(codec) else {
            return;
        };
        if let Some(stream) = self.rtc.direct_api().stream_tx_by_mid(mid, None) {
            stream.write_rtp(
                RtpWrite::new(pt, sequence.into(), time, now, payload)
                    .marker(marker)
                    .nackable(codec == Codec::Vp8)
                    .ext_vals(extensions),
            );
        }
        self.rtc
            .handle_input(Input::Timeout(now))
            .expect("time passes");
        self.poll(now);
    }

    fn poll(&mut self, now: Instant) {
        loop {
            match self.rtc.poll_output() {
                Ok(Output::Timeout(due)) => {
                    self.due = due.max(now + Duration::from_micros(500));
                    return;
                }
                Ok(Output::Transmit(transmit)) => {
                    let sound = self.payload_type(Codec::Opus).map(|pt| *pt);
                    if let [128..=191, kind, ..] = transmit.contents[..]
                        && !(192..=223).contains(&kind)
                        && Some(kind & 0x7F) != sound
                    {
                        self.sent_video += 1;
                    }
                    self.sending.push(transmit.contents.into());
                }
                Ok(Output::Event(event)) => self.event(now, event),
                Err(_) => {
                    self.dead = true;
                    return;
                }
            }
        }
    }

    fn event(&mut self, now: Instant, event: Event) {
        match event {
            Event::Connected => {
                self.connected = true;
                self.sound_at = now;
                self.frame_at = now;
            }
            Event::IceConnectionStateChange(IceConnectionState::Disconnected) => {}
            Event::KeyframeRequest(_) => self.camera.key_wanted = true,
            Event::RtpPacket(packet) => self.packet(now, packet),
            Event::Closed => {
                self.closed = true;
                self.connected = false;
            }
            _ => {}
        }
    }

    fn packet(&mut self, now: Instant, packet: RtpPacket) {
        let ssrc = packet.header.ssrc;
        let mid = self
            .rtc
            .direct_api()
            .stream_rx(&ssrc)
            .map(|stream| stream.mid());
        let Some(mid) = mid else { return };
        let kind = self.rtc.media(mid).map(|media| media.kind());
        match kind {
            Some(MediaKind::Audio) => {
                let ear = self.ears.entry(mid).or_default();
                ear.packets += 1;
                if let Some(last) = ear.last {
                    ear.longest_gap = ear.longest_gap.max(now - last);
                }
                ear.last = Some(now);
                ear.first.get_or_insert(*packet.seq_no);
                ear.highest = ear.highest.max(*packet.seq_no);
                let tag = packet.payload.first().copied().unwrap_or_default();
                if ear.senders.last() != Some(&tag) {
                    ear.senders.push(tag);
                }
            }
            Some(MediaKind::Video) => {
                let screen = self.screens.entry(mid).or_default();
                let asks = screen.take(
                    now,
                    *packet.seq_no,
                    packet.header.timestamp,
                    packet.header.marker,
                    &packet.payload,
                );
                if asks && let Some(stream) = self.rtc.direct_api().stream_rx_by_mid(mid, None) {
                    stream.request_keyframe(KeyframeRequestKind::Pli);
                }
            }
            None => {}
        }
    }
}
