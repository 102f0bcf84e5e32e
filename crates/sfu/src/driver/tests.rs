//! When a worker takes no more, and what it leaves undone.

use std::net::{IpAddr, Ipv4Addr, UdpSocket};

use tokio::sync::mpsc;
use uuid::Uuid;

use super::*;
use crate::lag::LAG_MAX;
use crate::limits::Limits;
use crate::types::{GoneWhy, PortChoice, Report, RoomReport};
use crate::wake;

const VIDEO_AGE: Duration = Duration::from_millis(200);
const PEER: PeerId = PeerId(Uuid::from_u128(1));

fn room(number: u128) -> RoomId {
    RoomId(Uuid::from_u128(number))
}

/// Gives a test a loop that does not run; what it tells goes nowhere, since the queue of reports takes one only.
fn with_driver(video_age: Duration, test: impl FnOnce(&mut Driver<'_>)) {
    let listen = [IpAddr::V4(Ipv4Addr::LOCALHOST)];
    let mut port = Port::bind(&listen, PortChoice::Any, 0)
        .map_err(|(_, error)| error)
        .expect("binds");
    let (out, _receiver) = mpsc::channel(1);
    let (mut reports, lag) = (Reports::new(out), Lag::default());
    let (_waker, woken) = wake::pair().expect("a pair");
    let (_sender, commands) = std::sync::mpsc::channel();
    let rooms = Rooms::new(Vec::new(), Limits::default());
    let rooms = (rooms, video_age);
    let mut driver = Driver::new(&mut port, rooms, &mut reports, &lag, &commands, &woken);
    test(&mut driver);
}

/// What a join comes to, with an offer that no room would answer.
fn join(driver: &mut Driver<'_>, room: RoomId) -> OfferError {
    driver
        .join(Instant::now(), room, PEER, "")
        .expect_err("no offer")
}

#[test]
fn a_late_worker_takes_no_new_rooms() {
    with_driver(VIDEO_AGE, |driver| {
        driver.reports.joined(room(1), PEER);
        let mut now = Instant::now();
        for _ in 0..3 {
            now += Duration::from_secs(1);
            driver.meter.count(now, 2 * LAG_MAX, driver.lag);
        }
        assert!(driver.lag.now() > LAG_MAX);
        assert_eq!(join(driver, room(2)), OfferError::Unavailable);
        // Who was cut off from a call that goes on comes back into it.
        assert!(matches!(join(driver, room(1)), OfferError::Invalid(_)));
        now += Duration::from_secs(1);
        driver.meter.count(now, Duration::ZERO, driver.lag);
        assert!(matches!(join(driver, room(2)), OfferError::Invalid(_)));
    });
}

#[test]
fn a_worker_that_no_one_listens_to_takes_no_more_peers() {
    with_driver(VIDEO_AGE, |driver| {
        let mut departures = (0u128..).map(|number| Report {
            room: room(1),
            what: RoomReport::Gone {
                peer: PeerId(Uuid::from_u128(number)),
                why: GoneWhy::Left,
            },
        });
        while !driver.reports.is_full() {
            driver.reports.push(departures.next().expect("endless"));
        }
        assert_eq!(join(driver, room(1)), OfferError::Unavailable);
    });
}

#[test]
fn what_is_too_late_makes_time_for_the_rest() {
    let (sound, picture, handshake) = ([0x80; 200], [0x80; 1_200], [0x16; 1_200]);
    for (video_age, late) in [(Duration::ZERO, 1), (Duration::from_secs(60), 0)] {
        with_driver(video_age, |driver| {
            let to = (Ipv4Addr::LOCALHOST, driver.port.number);
            let peer = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).expect("binds");
            for packet in [&sound[..], &picture, &handshake] {
                peer.send_to(packet, to).expect("sends");
            }
            // What is sent on the loopback interface is there at once.
            driver.wait(Instant::now(), Next::Wait);
            assert_eq!(driver.ready.udp, [true]);
            let oldest = driver.receive_udp(Instant::now());
            assert!(oldest > Duration::ZERO);
            assert_eq!(driver.losses.late, late);
        });
    }
}
