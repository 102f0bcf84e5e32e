//! A peer of a call, as small as can be: sends a picture that is never shown, counts what it receives.

use std::io::ErrorKind;
use std::net::{Ipv4Addr, SocketAddr, UdpSocket};
use std::time::Instant;

use anyhow::Context as _;
use str0m::change::{SdpAnswer, SdpPendingOffer};
use str0m::format::Codec;
use str0m::media::{Direction, MediaKind, Mid};
use str0m::net::{Protocol, Receive};
use str0m::rtp::RtpWrite;
use str0m::{Candidate, Event, Input, Output, Rtc};

/// Bytes of a packet on the wire, near enough.
pub const PACKET: usize = 1_200;
/// Of these, what is not payload: RTP header, its extensions, the tag of SRTP.
const OVERHEAD: usize = 48;
/// The clock of pictures, in Hz (RFC 7741).
const CLOCK: u128 = 90_000;

/// One peer with its socket.
pub struct Peer {
    rtc: Rtc,
    socket: UdpSocket,
    local: SocketAddr,
    picture: Option<Mid>,
    pending: Option<SdpPendingOffer>,
    start: Instant,
    due: Instant,
    connected: bool,
    sequence: u64,
    /// Packets of pictures that came.
    pub received: u64,
}

impl Peer {
    /// A peer that sends a picture or receives one, and its offer.
    pub fn new(sends: bool) -> anyhow::Result<(Peer, String)> {
        let socket = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0))?;
        socket.set_nonblocking(true)?;
        let local = socket.local_addr()?;
        let start = Instant::now();
        let mut rtc = Rtc::builder()
            .set_rtp_mode(true)
            .clear_codecs()
            .enable_opus(true, false)
            .enable_vp8(true)
            .build(start);
        rtc.add_local_candidate(Candidate::host(local, "udp")?);
        let mut changes = rtc.sdp_api();
        let direction = if sends {
            Direction::SendOnly
        } else {
            Direction::RecvOnly
        };
        let mid = changes.add_media(MediaKind::Video, direction, None, None, None);
        let (offer, pending) = changes.apply().context("nothing to offer")?;
        let peer = Peer {
            rtc,
            socket,
            local,
            picture: sends.then_some(mid),
            pending: Some(pending),
            start,
            due: start,
            connected: false,
            sequence: 0,
            received: 0,
        };
        Ok((peer, offer.to_sdp_string()))
    }

    /// Takes the answer.
    pub fn answered(mut self, answer: &str) -> anyhow::Result<Peer> {
        let pending = self.pending.take().context("nothing was offered")?;
        let answer = SdpAnswer::from_sdp_string(answer)?;
        self.rtc.sdp_api().accept_answer(pending, answer)?;
        self.poll()?;
        Ok(self)
    }

    /// Sends a frame of that many packets; how many were sent.
    pub fn film(&mut self, now: Instant, packets: usize) -> anyhow::Result<u64> {
        let Some(picture) = self.picture.filter(|_| self.connected) else {
            return Ok(0);
        };
        let mut params = self.rtc.codec_config().params().iter();
        let found = params.find(|params| params.spec().codec == Codec::Vp8);
        let pt = found.context("no VP8")?.pt();
        let time = (now - self.start).as_micros() * CLOCK / 1_000_000;
        for number in 0..packets {
            self.sequence += 1;
            let mut payload = [0; PACKET - OVERHEAD];
            // The first packet of a key frame says so (RFC 7741 §4.2); each frame is one.
            payload[0] = if number == 0 { 0x10 } else { 0 };
            let packet = RtpWrite::new(pt, self.sequence.into(), time as u32, now, payload)
                .marker(number + 1 == packets)
                .nackable(true);
            let mut direct = self.rtc.direct_api();
            let stream = direct.stream_tx_by_mid(picture, None);
            stream.context("no stream")?.write_rtp(packet);
            self.poll()?;
        }
        self.pass(now)?;
        Ok(packets as u64)
    }

    /// Takes what came and lets time pass.
    pub fn turn(&mut self) -> anyhow::Result<()> {
        let mut bytes = [0; 2_048];
        loop {
            let (length, from) = match self.socket.recv_from(&mut bytes) {
                Ok(came) => came,
                Err(error) if error.kind() == ErrorKind::WouldBlock => break,
                Err(error) => return Err(error.into()),
            };
            let packet = Receive::new(Protocol::Udp, from, self.local, &bytes[..length])?;
            let now = Instant::now();
            self.rtc.handle_input(Input::Receive(now, packet))?;
            self.poll()?;
        }
        let now = Instant::now();
        if self.due <= now {
            self.pass(now)?;
        }
        Ok(())
    }

    fn pass(&mut self, now: Instant) -> anyhow::Result<()> {
        self.rtc.handle_input(Input::Timeout(now))?;
        self.poll()
    }

    fn poll(&mut self) -> anyhow::Result<()> {
        loop {
            match self.rtc.poll_output()? {
                Output::Timeout(due) => {
                    self.due = due;
                    return Ok(());
                }
                Output::Transmit(transmit) => {
                    // A socket that is full loses it, as a network would.
                    self.socket
                        .send_to(&transmit.contents, transmit.destination)
                        .ok();
                }
                Output::Event(Event::Connected) => self.connected = true,
                Output::Event(Event::RtpPacket(packet)) => {
                    self.received += u64::from(packet.payload.len() == PACKET - OVERHEAD);
                }
                Output::Event(_) => {}
            }
        }
    }
}
