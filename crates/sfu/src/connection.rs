//! The one place that knows str0m's `Rtc`. Each call into it is guarded: a panic in there is a failure of this
//! connection and of no other.

use std::net::SocketAddr;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::{Duration, Instant};

use str0m::change::SdpOffer;
use str0m::format::Codec;
use str0m::media::{KeyframeRequestKind, MediaKind, Mid, Pt};
use str0m::net::{self, Receive, TcpType};
use str0m::rtp::{RtpWrite, Ssrc};
use str0m::{Candidate, Input, Output, Rtc};

use crate::types::{Incoming, Kind, LocalAddress, OfferError, Protocol};

/// How often the connection tells loss and delay.
const STATS_INTERVAL: Duration = Duration::from_millis(200);
/// Packets of a picture that are kept for repeats, and how long: 1.5 s of 1.8 Mbit/s fit well.
const REPEAT_PACKETS: usize = 512;
const REPEAT_AGE: Duration = Duration::from_millis(1_500);
/// Repeats are at most this share of what is sent. The default of 0.15 forgets all of them in a burst of loss.
const REPEAT_SHARE: f32 = 0.5;
/// The connection may ask for the same instant again a few times; then it waits a moment.
const SPINS_MAX: usize = 8;
const SPIN_PAUSE: Duration = Duration::from_millis(1);

/// What an offer settled.
#[derive(Debug, Default)]
pub(crate) struct Settled {
    /// The name by which checks call the connection (RFC 8445 §5.3).
    pub(crate) ufrag: String,
    /// The payload types of sound.
    pub(crate) audio_types: Vec<u8>,
    /// The payload types of pictures, without repeats.
    pub(crate) video_types: Vec<u8>,
}

/// The streams of a track that comes in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Streams {
    /// The track itself.
    pub(crate) main: Ssrc,
    /// Its repeats (RFC 4588).
    pub(crate) repeats: Option<Ssrc>,
}

/// A WebRTC connection.
pub(crate) struct Connection {
    rtc: Rtc,
    panicked: bool,
    #[cfg(test)]
    pub(crate) fault: bool,
}

impl Connection {
    /// Answers an offer with a new connection, which tells the peer these addresses.
    pub(crate) fn answer(
        now: Instant,
        local: &[LocalAddress],
        offer: &str,
    ) -> Result<(Connection, String), OfferError> {
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
        let (rtc, answer) = catch_unwind(build).unwrap_or_else(|_| unreadable())?;
        let connection = Connection {
            rtc,
            panicked: false,
            #[cfg(test)]
            fault: false,
        };
        Ok((connection, answer))
    }

    /// Answers a further offer.
    pub(crate) fn answer_again(&mut self, offer: &str) -> Result<String, OfferError> {
        self.guarded(|rtc| accept(rtc, offer))
            .unwrap_or_else(unreadable)
    }

    /// What the last offer settled.
    pub(crate) fn settled(&mut self) -> Settled {
        let types = |rtc: &Rtc, codec| {
            let params = rtc.codec_config().params().iter();
            let of_codec = params.filter(|params| params.spec().codec == codec);
            of_codec.map(|params| *params.pt()).collect()
        };
        self.guarded(|rtc| Settled {
            audio_types: types(rtc, Codec::Opus),
            video_types: types(rtc, Codec::Vp8),
            ufrag: rtc.direct_api().local_ice_credentials().ufrag,
        })
        .unwrap_or_default()
    }

    /// Whether a call has panicked: it was the last.
    pub(crate) fn panicked(&self) -> bool {
        self.panicked
    }

    /// Whether the connection still works.
    pub(crate) fn is_alive(&self) -> bool {
        !self.panicked && self.rtc.is_alive()
    }

    /// Takes a packet in. One that cannot be read says nothing about the connection: anyone may have sent it.
    pub(crate) fn receive(&mut self, now: Instant, packet: &Incoming<'_>, local: &[LocalAddress]) {
        let Some(destination) = arrived_at(packet, local) else {
            return;
        };
        self.guarded(|rtc| {
            let protocol = match packet.protocol {
                Protocol::Udp => net::Protocol::Udp,
                Protocol::Tcp => net::Protocol::Tcp,
            };
            let taken = Receive::new(protocol, packet.source, destination, packet.bytes)
                .map_err(Into::into)
                .and_then(|receive| rtc.handle_input(Input::Receive(now, receive)));
            if let Err(error) = taken {
                tracing::debug!(%error, "a packet could not be read");
            }
        });
    }

    /// Tells the time.
    pub(crate) fn timeout(&mut self, now: Instant) {
        self.guarded(|rtc| {
            if let Err(error) = rtc.handle_input(Input::Timeout(now)) {
                tracing::debug!(%error, "a connection failed");
            }
        });
    }

    /// Takes out everything that the connection has to say; tells when it wants to be told the time, if ever.
    /// Has to follow each call that changes it before the next one.
    pub(crate) fn drain(&mut self, now: Instant, outputs: &mut Vec<Output>) -> Option<Instant> {
        self.guarded(|rtc| drain(rtc, now, outputs))
    }

    /// Begins to keep what is sent to a slot for repeats, with nothing kept so far.
    pub(crate) fn keep_for_repeats(&mut self, mid: Mid) {
        self.guarded(|rtc| {
            if let Some(stream) = rtc.direct_api().stream_tx_by_mid(mid, None) {
                stream.set_rtx_cache(REPEAT_PACKETS, REPEAT_AGE, Some(REPEAT_SHARE));
            }
        });
    }

    /// Writes a packet to a slot.
    pub(crate) fn write(&mut self, mid: Mid, write: RtpWrite) {
        self.guarded(|rtc| {
            if let Some(stream) = rtc.direct_api().stream_tx_by_mid(mid, None) {
                stream.write_rtp(write);
            }
        });
    }

    /// Asks for a key frame of a track (PLI, RFC 4585 §6.3.1).
    pub(crate) fn ask_key_frame(&mut self, mid: Mid) {
        self.guarded(|rtc| {
            if let Some(stream) = rtc.direct_api().stream_rx_by_mid(mid, None) {
                stream.request_keyframe(KeyframeRequestKind::Pli);
            }
        });
    }

    /// Says goodbye (RTCP BYE and DTLS close_notify).
    pub(crate) fn close(&mut self) {
        self.guarded(Rtc::close);
    }

    /// The kind of a media section.
    pub(crate) fn kind(&mut self, mid: Mid) -> Option<MediaKind> {
        self.guarded(|rtc| rtc.media(mid).map(|media| media.kind()))
            .flatten()
    }

    /// The media section of a stream that comes in; nothing for one of several encodings.
    pub(crate) fn section(&mut self, ssrc: Ssrc) -> Option<Mid> {
        self.guarded(|rtc| {
            let mut api = rtc.direct_api();
            let stream = api.stream_rx(&ssrc)?;
            stream.rid().is_none().then(|| stream.mid())
        })
        .flatten()
    }

    /// Whether a track comes in as this stream.
    pub(crate) fn has_stream(&mut self, ssrc: Ssrc) -> bool {
        self.guarded(|rtc| rtc.direct_api().stream_rx(&ssrc).is_some())
            .unwrap_or_default()
    }

    /// The streams of a track.
    pub(crate) fn streams(&mut self, mid: Mid) -> Option<Streams> {
        self.guarded(|rtc| {
            let mut api = rtc.direct_api();
            let stream = api.stream_rx_by_mid(mid, None)?;
            Some(Streams {
                main: stream.ssrc(),
                repeats: stream.rtx(),
            })
        })
        .flatten()
    }

    /// Forgets a stream.
    pub(crate) fn forget_stream(&mut self, ssrc: Ssrc) {
        self.guarded(|rtc| rtc.direct_api().remove_stream_rx(ssrc));
    }

    /// Gives a track its streams.
    pub(crate) fn give_streams(&mut self, mid: Mid, streams: Streams) {
        self.guarded(|rtc| {
            if rtc.media(mid).is_some() {
                rtc.direct_api()
                    .expect_stream_rx(streams.main, streams.repeats, mid, None);
            }
        });
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

    fn guarded<T>(&mut self, call: impl FnOnce(&mut Rtc) -> T) -> Option<T> {
        if self.panicked {
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
        self.panicked = result.is_err();
        result.ok()
    }
}

fn unreadable<T>() -> Result<T, OfferError> {
    Err(OfferError::Invalid("it cannot be read".to_owned()))
}

fn accept(rtc: &mut Rtc, offer: &str) -> Result<String, OfferError> {
    let invalid = |error: &dyn std::fmt::Display| OfferError::Invalid(error.to_string());
    let offer = SdpOffer::from_sdp_string(offer).map_err(|error| invalid(&error))?;
    let answer = rtc
        .sdp_api()
        .accept_offer(offer)
        .map_err(|error| invalid(&error))?;
    Ok(answer.to_sdp_string())
}

fn drain(rtc: &mut Rtc, now: Instant, outputs: &mut Vec<Output>) -> Instant {
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
fn arrived_at(packet: &Incoming<'_>, local: &[LocalAddress]) -> Option<SocketAddr> {
    let same = |address: &&LocalAddress| address.protocol == packet.protocol;
    let family = |address: &&LocalAddress| address.address.is_ipv4() == packet.source.is_ipv4();
    let exact = |address: &&LocalAddress| packet.destination == Some(address.address.ip());
    local
        .iter()
        .filter(same)
        .find(exact)
        .or_else(|| local.iter().filter(same).find(family))
        .or_else(|| local.iter().find(same))
        .map(|address| address.address)
}
