//! A client with a socket: a thread that sends sound and a picture, and counts what comes.

use std::collections::HashSet;
use std::io::{ErrorKind, Read, Write};
use std::net::{SocketAddr, TcpStream, UdpSocket};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use deskside_sfu::{OfferError, PeerId, RoomId, Sfu};
use str0m::change::{SdpAnswer, SdpPendingOffer};
use str0m::format::Codec;
use str0m::media::{Direction, MediaKind, Mid};
use str0m::net::{Protocol, Receive, TcpType, Transmit};
use str0m::rtp::RtpWrite;
use str0m::{Candidate, Event, Input, Output, Rtc};
use tokio::sync::watch;

/// Sound and a picture are sent so often.
const PACE: Duration = Duration::from_millis(10);

/// A picture's packet, which is a whole key frame each time (RFC 7741): descriptor, header, then anything.
const PICTURE: [u8; 1_100] = {
    let mut picture = [0; 1_100];
    picture[0] = 0x10;
    picture
};

const SOUND: [u8; 80] = [0; 80];

/// How far the client got.
#[derive(Debug, Clone, Copy, Default)]
pub struct Progress {
    pub connected: bool,
    pub sound: u64,
    pub pictures: u64,
    /// The last address that it got something from.
    pub from: Option<SocketAddr>,
}

/// A client that runs until it is dropped.
pub struct Client {
    pub progress: watch::Receiver<Progress>,
    stop: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl Client {
    /// Joins by way of one protocol alone, to the address of the SFU that is given.
    pub async fn join(
        sfu: &Sfu,
        room: RoomId,
        peer: PeerId,
        protocol: Protocol,
        to: SocketAddr,
    ) -> Client {
        let (mut running, offer, pending) = Running::new(Wire::open(protocol, to));
        let answer = sfu.join(room, peer, &offer).await.expect("an answer");
        let answer = SdpAnswer::from_sdp_string(&answer).expect("an answer that can be read");
        running
            .rtc
            .sdp_api()
            .accept_answer(pending, answer)
            .expect("an answer that fits");

        let (sender, progress) = watch::channel(Progress::default());
        let stop = Arc::new(AtomicBool::new(false));
        let stopped = stop.clone();
        let thread = std::thread::spawn(move || running.run(&sender, &stopped));
        Client {
            progress,
            stop,
            thread: Some(thread),
        }
    }

    /// Waits until the client got that far.
    pub async fn until(&mut self, mut enough: impl FnMut(&Progress) -> bool) -> Progress {
        let watched = self.progress.clone();
        let far = self.progress.wait_for(|far| enough(far));
        match tokio::time::timeout(Duration::from_secs(20), far).await {
            Ok(far) => *far.expect("the client runs"),
            Err(_) => panic!("the client got no further than {:?}", *watched.borrow()),
        }
    }

    /// Waits for that many more packets of each kind.
    pub async fn more(&mut self, packets: u64) -> Progress {
        let now = *self.progress.borrow();
        self.until(|far| far.sound >= now.sound + packets && far.pictures >= now.pictures + packets)
            .await
    }
}

impl Drop for Client {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Relaxed);
        if let Some(thread) = self.thread.take() {
            let ended = thread.join();
            assert!(
                ended.is_ok() || std::thread::panicking(),
                "the client fell over"
            );
        }
    }
}

/// An offer that no one will follow up.
pub fn offer() -> String {
    let somewhere = SocketAddr::from(([127, 0, 0, 1], 9));
    let (_, offer, _) = Running::new(Wire::open(Protocol::Udp, somewhere));
    offer
}

/// What a join of a client that is not there gives.
pub async fn join_only(sfu: &Sfu, room: RoomId, peer: PeerId) -> Result<String, OfferError> {
    sfu.join(room, peer, &offer()).await
}

enum Wire {
    Udp(UdpSocket),
    Tcp(TcpStream, SocketAddr, Vec<u8>),
}

impl Wire {
    fn open(protocol: Protocol, to: SocketAddr) -> Wire {
        if protocol == Protocol::Tcp {
            let stream = TcpStream::connect(to).expect("connects");
            stream.set_nodelay(true).expect("a socket");
            Wire::Tcp(stream, to, Vec::new())
        } else {
            let socket = UdpSocket::bind(SocketAddr::new(to.ip(), 0)).expect("binds");
            Wire::Udp(socket)
        }
    }

    fn local(&self) -> SocketAddr {
        match self {
            Wire::Udp(socket) => socket.local_addr(),
            Wire::Tcp(stream, ..) => stream.local_addr(),
        }
        .expect("bound")
    }

    fn candidate(&self) -> Candidate {
        match self {
            Wire::Udp(_) => Candidate::host(self.local(), "udp"),
            Wire::Tcp(..) => Candidate::builder()
                .tcp()
                .host(self.local())
                .tcptype(TcpType::Active)
                .build(),
        }
        .expect("a candidate")
    }

    fn send(&mut self, transmit: &Transmit) {
        match self {
            // What is lost is lost; a client that gets nothing says so.
            Wire::Udp(socket) => drop(socket.send_to(&transmit.contents, transmit.destination)),
            Wire::Tcp(stream, ..) => {
                let length = u16::try_from(transmit.contents.len()).expect("a short packet");
                let frame = [&length.to_be_bytes(), &transmit.contents[..]].concat();
                drop(stream.write_all(&frame));
            }
        }
    }

    /// Waits for packets; those that came whole.
    fn receive(&mut self, wait: Duration) -> Vec<(SocketAddr, Vec<u8>)> {
        let wait = Some(wait.max(Duration::from_micros(500)));
        let mut bytes = vec![0; 65_536];
        let quiet = |error: &std::io::Error| {
            matches!(
                error.kind(),
                ErrorKind::WouldBlock | ErrorKind::TimedOut | ErrorKind::ConnectionReset
            )
        };
        match self {
            Wire::Udp(socket) => {
                socket.set_read_timeout(wait).expect("a socket");
                match socket.recv_from(&mut bytes) {
                    Ok((length, from)) => vec![(from, bytes[..length].to_vec())],
                    Err(error) => {
                        assert!(quiet(&error), "{error}");
                        Vec::new()
                    }
                }
            }
            Wire::Tcp(stream, to, rest) => {
                stream.set_read_timeout(wait).expect("a socket");
                match stream.read(&mut bytes) {
                    Ok(length) => rest.extend_from_slice(&bytes[..length]),
                    Err(error) => assert!(quiet(&error), "{error}"),
                }
                let mut packets = Vec::new();
                while let Some((header, after)) = rest.split_first_chunk::<2>() {
                    let length = usize::from(u16::from_be_bytes(*header));
                    let Some(packet) = after.get(..length) else {
                        break;
                    };
                    packets.push((*to, packet.to_vec()));
                    rest.drain(..2 + length);
                }
                packets
            }
        }
    }
}

struct Running {
    rtc: Rtc,
    wire: Wire,
    sound: Mid,
    picture: Mid,
    sequence: u64,
    /// Addresses that something was sent to: only from there may something come.
    asked: HashSet<SocketAddr>,
    progress: Progress,
}

impl Running {
    fn new(wire: Wire) -> (Running, String, SdpPendingOffer) {
        let mut rtc = Rtc::builder()
            .set_rtp_mode(true)
            .clear_codecs()
            .enable_opus(true, false)
            .enable_vp8(true)
            .build(Instant::now());
        rtc.add_local_candidate(wire.candidate());
        let mut changes = rtc.sdp_api();
        let [sound, picture] = [MediaKind::Audio, MediaKind::Video]
            .map(|kind| changes.add_media(kind, Direction::SendOnly, None, None, None));
        for kind in [MediaKind::Audio, MediaKind::Video] {
            changes.add_media(kind, Direction::RecvOnly, None, None, None);
        }
        let (offer, pending) = changes.apply().expect("something to offer");
        let running = Running {
            rtc,
            wire,
            sound,
            picture,
            sequence: 0,
            asked: HashSet::new(),
            progress: Progress::default(),
        };
        (running, offer.to_sdp_string(), pending)
    }

    fn run(mut self, progress: &watch::Sender<Progress>, stop: &AtomicBool) {
        let mut send_at = Instant::now();
        while !stop.load(Ordering::Relaxed) {
            let now = Instant::now();
            self.rtc
                .handle_input(Input::Timeout(now))
                .expect("time passes");
            let due = self.poll();
            if self.progress.connected && send_at <= now {
                send_at = now.max(send_at + PACE);
                self.speak(now);
            }
            progress.send_replace(self.progress);
            let wait = due.min(now + PACE).saturating_duration_since(now);
            for (from, bytes) in self.wire.receive(wait) {
                assert!(self.asked.contains(&from), "{from} was not asked");
                self.progress.from = Some(from);
                let protocol = match self.wire {
                    Wire::Udp(_) => Protocol::Udp,
                    Wire::Tcp(..) => Protocol::Tcp,
                };
                let packet = Receive::new(protocol, from, self.wire.local(), &bytes)
                    .expect("a packet of the SFU");
                self.rtc
                    .handle_input(Input::Receive(Instant::now(), packet))
                    .expect("a packet is taken");
                self.poll();
            }
        }
    }

    fn speak(&mut self, now: Instant) {
        self.sequence += 1;
        for (mid, codec, payload) in [
            (self.sound, Codec::Opus, &SOUND[..]),
            (self.picture, Codec::Vp8, &PICTURE[..]),
        ] {
            let params = self.rtc.codec_config().params();
            let found = params.iter().find(|params| params.spec().codec == codec);
            let pt = found.expect("a codec of ours").pt();
            let time = self.sequence as u32 * 960;
            let packet = RtpWrite::new(pt, self.sequence.into(), time, now, payload)
                .marker(codec == Codec::Vp8)
                .nackable(codec == Codec::Vp8);
            let mut direct = self.rtc.direct_api();
            direct
                .stream_tx_by_mid(mid, None)
                .expect("a stream of ours")
                .write_rtp(packet);
            self.poll();
        }
    }

    fn poll(&mut self) -> Instant {
        loop {
            match self.rtc.poll_output().expect("the client goes on") {
                Output::Timeout(due) => return due,
                Output::Transmit(transmit) => {
                    self.asked.insert(transmit.destination);
                    self.wire.send(&transmit);
                }
                Output::Event(Event::Connected) => self.progress.connected = true,
                Output::Event(Event::RtpPacket(packet)) => {
                    if packet.payload.len() == SOUND.len() {
                        self.progress.sound += 1;
                    } else if packet.payload.len() == PICTURE.len() {
                        self.progress.pictures += 1;
                    }
                }
                Output::Event(_) => {}
            }
        }
    }
}
