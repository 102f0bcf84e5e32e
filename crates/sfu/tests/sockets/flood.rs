//! Strangers who send what they should not.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream, UdpSocket};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread::JoinHandle;
use std::time::Duration;

/// Connections that say nothing.
const HALF_OPEN: usize = 100;

/// A flood that goes on until it is dropped.
pub struct Flood {
    sent: Arc<AtomicU64>,
    stop: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl Flood {
    fn start(mut step: impl FnMut() -> u64 + Send + 'static) -> Flood {
        let (sent, stop) = (
            Arc::new(AtomicU64::new(0)),
            Arc::new(AtomicBool::new(false)),
        );
        let (counted, stopped) = (sent.clone(), stop.clone());
        let thread = std::thread::spawn(move || {
            while !stopped.load(Ordering::Relaxed) {
                counted.fetch_add(step(), Ordering::Relaxed);
                // The machine is the flooded one's too: a flood that takes a whole processor shows nothing.
                std::thread::yield_now();
            }
        });
        Flood {
            sent,
            stop,
            thread: Some(thread),
        }
    }

    pub fn sent(&self) -> u64 {
        self.sent.load(Ordering::Relaxed)
    }
}

impl Drop for Flood {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Relaxed);
        if let Some(thread) = self.thread.take() {
            assert!(
                thread.join().is_ok() || std::thread::panicking(),
                "the flood fell over"
            );
        }
    }
}

/// Numbers that look random and are the same each time (xorshift64).
struct Numbers(u64);

impl Numbers {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }

    fn bytes(&mut self, length: usize) -> Vec<u8> {
        (0..length).map(|_| self.next() as u8).collect()
    }
}

/// Datagrams of any length and beginning, some of which look like STUN, DTLS, RTP and RTCP, from many ports.
pub fn garbage(to: SocketAddr) -> Flood {
    let sockets: Vec<UdpSocket> = (0..16)
        .map(|_| UdpSocket::bind((to.ip(), 0)).expect("binds"))
        .collect();
    let mut numbers = Numbers(0x9E37_79B9_7F4A_7C15);
    Flood::start(move || {
        let length = numbers.next() as usize % 1_400;
        let mut bytes = numbers.bytes(length);
        let beginnings: [&[u8]; 6] = [
            &[],
            &[0x00, 0x01, 0x00, 0x10, 0x21, 0x12, 0xA4, 0x42],
            &[0x01, 0x01, 0xFF, 0xFF, 0x21, 0x12, 0xA4, 0x42],
            &[0x16, 0xFE, 0xFD],
            &[0x80, 0x60],
            &[0x81, 0xC8, 0xFF, 0xFF],
        ];
        let beginning = beginnings[numbers.next() as usize % beginnings.len()];
        let begun = beginning.len().min(bytes.len());
        bytes[..begun].copy_from_slice(&beginning[..begun]);
        let socket = &sockets[numbers.next() as usize % sockets.len()];
        u64::from(socket.send_to(&bytes, to).is_ok())
    })
}

/// Many connections that say nothing.
pub struct HalfOpen(Vec<TcpStream>);

/// Opens them.
pub fn half_open(to: SocketAddr) -> HalfOpen {
    HalfOpen(
        (0..HALF_OPEN)
            .map(|_| TcpStream::connect(to).expect("connects"))
            .collect(),
    )
}

impl HalfOpen {
    /// How many of them were closed without having done anything. Waits for the newest, which comes after all.
    pub fn closed_at_once(&self) -> usize {
        let newest = self.0.last().expect("connections");
        newest
            .set_read_timeout(Some(Duration::from_secs(20)))
            .expect("a socket");
        let _ = (&*newest).read(&mut [0]);
        let is_closed = |mut stream: &TcpStream| {
            stream.set_nonblocking(true).expect("a socket");
            !matches!(stream.read(&mut [0]), Err(error) if error.kind() == std::io::ErrorKind::WouldBlock)
        };
        self.0.iter().filter(|stream| is_closed(stream)).count()
    }
}

/// A connection that sends a frame byte by byte and never ends it; when it is closed, another one.
pub fn slow(to: SocketAddr) -> Flood {
    let mut stream = TcpStream::connect(to).expect("connects");
    Flood::start(move || {
        std::thread::sleep(Duration::from_millis(1));
        if stream.write_all(&[0x07]).is_err() {
            stream = TcpStream::connect(to).expect("connects");
        }
        1
    })
}
