//! A browser's side of a call: offers, and a peer that sends sound over the loopback interface.

use std::io::ErrorKind;
use std::net::{Ipv4Addr, UdpSocket};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use str0m::change::{SdpAnswer, SdpPendingOffer};
use str0m::format::Codec;
use str0m::media::{Direction, MediaKind, Mid};
use str0m::net::{Protocol, Receive};
use str0m::rtp::{ExtensionValues, RtpWrite};
use str0m::{Candidate, Event, Input, Output, Rtc};
use tokio::sync::watch;

/// Sound is sent so often.
const PACE: Duration = Duration::from_millis(20);
const SOUND: [u8; 80] = [0; 80];
/// How long a test waits for packets before it gives up: a handshake on a busy machine may be tried a few times.
const PATIENCE: Duration = Duration::from_secs(60);

/// A peer with an offer that waits for its answer.
pub struct Peer {
    rtc: Rtc,
    pending: SdpPendingOffer,
    socket: UdpSocket,
    sound: Mid,
    /// The offer.
    pub offer: String,
}

/// A connected peer; dropping it is a tab that is closed.
pub struct RunningPeer {
    heard: watch::Receiver<u64>,
    stop: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

/// An offer that no one follows up: whoever joins with it never connects.
pub fn offer() -> String {
    Peer::new().offer
}

impl Peer {
    /// A peer that sends sound and picture and has a place for one of each.
    pub fn new() -> Peer {
        let socket = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).expect("a socket");
        let local = socket.local_addr().expect("bound");
        let mut rtc = Rtc::builder()
            .set_rtp_mode(true)
            .clear_codecs()
            .enable_opus(true, false)
            .enable_vp8(true)
            .build(Instant::now());
        rtc.add_local_candidate(Candidate::host(local, "udp").expect("a candidate"));
        let mut changes = rtc.sdp_api();
        let sound = changes.add_media(MediaKind::Audio, Direction::SendOnly, None, None, None);
        changes.add_media(MediaKind::Video, Direction::SendOnly, None, None, None);
        for kind in [MediaKind::Audio, MediaKind::Video] {
            changes.add_media(kind, Direction::RecvOnly, None, None, None);
        }
        let (offer, pending) = changes.apply().expect("something to offer");
        Peer {
            rtc,
            pending,
            socket,
            sound,
            offer: offer.to_sdp_string(),
        }
    }

    /// Takes the answer and connects.
    pub fn run(mut self, answer: &str) -> RunningPeer {
        let answer = SdpAnswer::from_sdp_string(answer).expect("an answer that can be read");
        self.rtc
            .sdp_api()
            .accept_answer(self.pending, answer)
            .expect("an answer that fits");
        let (told, heard) = watch::channel(0);
        let stop = Arc::new(AtomicBool::new(false));
        let stopped = stop.clone();
        let (rtc, socket, sound) = (self.rtc, self.socket, self.sound);
        let thread = std::thread::spawn(move || run(rtc, &socket, sound, &told, &stopped));
        RunningPeer {
            heard,
            stop,
            thread: Some(thread),
        }
    }
}

impl RunningPeer {
    /// Waits until it has heard the others.
    pub async fn hears(&mut self) {
        let count = *self.heard.borrow();
        let more = self.heard.wait_for(|heard| *heard > count + 5);
        tokio::time::timeout(PATIENCE, more)
            .await
            .expect("sound comes in time")
            .expect("the peer runs");
    }
}

impl Drop for RunningPeer {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Relaxed);
        if let Some(thread) = self.thread.take() {
            let ended = thread.join();
            assert!(ended.is_ok() || std::thread::panicking(), "the peer fell");
        }
    }
}

fn run(mut rtc: Rtc, socket: &UdpSocket, sound: Mid, told: &watch::Sender<u64>, stop: &AtomicBool) {
    let local = socket.local_addr().expect("bound");
    let (mut connected, mut heard, mut sent) = (false, 0_u64, 0_u64);
    let mut send_at = Instant::now();
    let mut bytes = vec![0; 65_536];
    while !stop.load(Ordering::Relaxed) && rtc.is_alive() {
        let now = Instant::now();
        rtc.handle_input(Input::Timeout(now)).expect("time passes");
        let due = poll(&mut rtc, socket, &mut connected, &mut heard);
        if connected && send_at <= now {
            send_at = now + PACE;
            sent += 1;
            speak(&mut rtc, sound, sent, now);
            poll(&mut rtc, socket, &mut connected, &mut heard);
        }
        told.send_replace(heard);
        let wait = due.min(now + PACE).saturating_duration_since(now);
        let wait = wait.max(Duration::from_millis(1));
        socket.set_read_timeout(Some(wait)).expect("a socket");
        match socket.recv_from(&mut bytes) {
            Ok((length, from)) => {
                let packet = Receive::new(Protocol::Udp, from, local, &bytes[..length]);
                let packet = packet.expect("a packet of the server");
                rtc.handle_input(Input::Receive(Instant::now(), packet))
                    .expect("a packet is taken");
            }
            Err(error) => assert!(
                matches!(
                    error.kind(),
                    ErrorKind::WouldBlock | ErrorKind::TimedOut | ErrorKind::ConnectionRefused
                ),
                "{error}"
            ),
        }
    }
}

fn speak(rtc: &mut Rtc, sound: Mid, number: u64, now: Instant) {
    let params = rtc.codec_config().params();
    let opus = params
        .iter()
        .find(|params| params.spec().codec == Codec::Opus);
    let pt = opus.expect("a codec of ours").pt();
    let time = u32::try_from(number * 960).expect("a short call");
    let loud = ExtensionValues {
        audio_level: Some(-10),
        voice_activity: Some(true),
        ..ExtensionValues::default()
    };
    let packet = RtpWrite::new(pt, number.into(), time, now, &SOUND[..])
        .ext_vals(loud)
        .nackable(false);
    rtc.direct_api()
        .stream_tx_by_mid(sound, None)
        .expect("a stream of ours")
        .write_rtp(packet);
}

fn poll(rtc: &mut Rtc, socket: &UdpSocket, connected: &mut bool, heard: &mut u64) -> Instant {
    loop {
        match rtc.poll_output().expect("the peer goes on") {
            Output::Timeout(due) => return due,
            // What is lost is lost; a peer that hears nothing says so.
            Output::Transmit(packet) => drop(socket.send_to(&packet.contents, packet.destination)),
            Output::Event(Event::Connected) => *connected = true,
            Output::Event(Event::RtpPacket(packet)) if packet.payload.len() == SOUND.len() => {
                *heard += 1;
            }
            Output::Event(_) => {}
        }
    }
}
