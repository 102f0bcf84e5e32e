//! Packets and offers that mean harm, or nothing.

use std::net::SocketAddr;
use std::time::Duration;

use deskside_sfu::{OfferError, RoomId};
use uuid::Uuid;

use crate::client::Client;
use crate::network::Chance;
use crate::world::{World, peer, room};

const SECOND: Duration = Duration::from_secs(1);

fn stranger() -> SocketAddr {
    SocketAddr::from(([203, 0, 113, 9], 9_999))
}

/// Two in a call, and what they sent in a second.
fn listened() -> (World, Vec<(SocketAddr, Vec<u8>)>) {
    let mut world = World::new();
    world.tape = Some(Vec::new());
    world.join(1);
    world.join(2);
    world.run(SECOND * 2);
    let tape = world.tape.take().expect("a tape");
    (world, tape)
}

fn is_check(bytes: &[u8]) -> bool {
    bytes.starts_with(&[0, 1])
}

fn is_media(bytes: &[u8]) -> bool {
    matches!(bytes, [128..=191, kind, ..] if !(192..=223).contains(kind))
}

/// The call goes on as if nothing had been sent, and nothing was sent to the stranger.
fn unharmed(mut world: World) {
    let before: Vec<(u32, u64)> = world
        .clients
        .iter()
        .map(|client| (client.shown(), client.heard()))
        .collect();
    world.run(SECOND);
    for (client, (shown, heard)) in world.clients.iter().zip(before) {
        assert!(
            (24..=26).contains(&(client.shown() - shown)),
            "{}",
            client.shown() - shown
        );
        assert!(
            (49..=51).contains(&(client.heard() - heard)),
            "{}",
            client.heard() - heard
        );
        for screen in client.screens.values() {
            assert_eq!((screen.twice, screen.jumps), (0, 0));
            assert_eq!(screen.senders.len(), 1);
        }
    }
    assert!(world.gone.is_empty(), "{:?}", world.gone);
    assert_eq!(
        world.sent_to.get(&stranger()),
        None,
        "nothing goes to a stranger"
    );
}

#[test]
fn a_check_with_a_wrong_password_binds_nothing() {
    let (mut world, tape) = listened();
    let (_, check) = tape
        .iter()
        .rfind(|(_, bytes)| is_check(bytes))
        .expect("a check")
        .clone();
    for at in (4 + 4..20).chain(check.len() - 30..check.len()) {
        let mut forged = check.clone();
        forged[at] ^= 0x55;
        world.inject(stranger(), &forged);
    }
    for (_, media) in tape.iter().filter(|(_, bytes)| is_media(bytes)) {
        world.inject(stranger(), media);
    }
    unharmed(world);
}

#[test]
fn a_copied_check_binds_nothing() {
    let (mut world, tape) = listened();
    for (_, check) in tape.iter().filter(|(_, bytes)| is_check(bytes)) {
        world.inject(stranger(), check);
    }
    unharmed(world);
}

#[test]
fn media_from_a_stranger_reaches_nobody() {
    let (mut world, _) = listened();
    // Fresh packets that the SFU has not seen: they are taken on their way.
    world.tape = Some(Vec::new());
    world.clients[0].up.hole = true;
    world.run(SECOND / 10);
    world.clients[0].up.hole = false;
    let heard = world.clients[1].heard();
    let tape = world.tape.take().expect("a tape");
    let fresh = tape
        .iter()
        .filter(|(from, bytes)| *from == world.clients[0].outside && is_media(bytes));
    let fresh: Vec<Vec<u8>> = fresh.map(|(_, bytes)| bytes.clone()).collect();
    assert!(fresh.len() >= 5);
    for media in &fresh {
        world.inject(stranger(), media);
    }
    world.run(Duration::from_millis(30));
    assert!(world.clients[1].heard() <= heard + 2);
    world.run(SECOND);
    unharmed(world);
}

#[test]
fn packets_that_come_again_are_ignored() {
    let (mut world, tape) = listened();
    for (from, bytes) in tape.iter().filter(|(_, bytes)| is_media(bytes)) {
        world.inject(*from, bytes);
    }
    unharmed(world);
}

#[test]
fn garbage_from_anywhere_harms_nobody() {
    let (mut world, tape) = listened();
    let mut chance = Chance::new(99);
    let known = world.clients[0].outside;
    for round in 0..3_000 {
        let (_, real) = &tape[chance.number() as usize % tape.len()];
        let mut bytes = real.clone();
        match round % 4 {
            0 => bytes.truncate(chance.number() as usize % (bytes.len() + 1)),
            1 => bytes
                .iter_mut()
                .for_each(|byte| *byte = chance.number() as u8),
            _ => {
                let length = bytes.len();
                for _ in 0..=chance.number() % 4 {
                    bytes[chance.number() as usize % length] = chance.number() as u8;
                }
            }
        }
        world.inject(if round % 2 == 0 { known } else { stranger() }, &bytes);
    }
    unharmed(world);
}

fn offer(slots: usize) -> String {
    let world = World::new();
    Client::new(world.now, 0, peer(1), slots, SECOND).offer(false)
}

/// Joins a room of its own.
fn answer(world: &mut World, offer: &str) -> Result<String, OfferError> {
    let own = RoomId(Uuid::from_u128(77));
    let answer = world.rooms.join(world.now, own, peer(77), offer);
    world.rooms.close(world.now, own);
    while world.rooms.report().is_some() || world.rooms.transmit().is_some() {}
    answer
}

fn without(offer: &str, prefix: &str) -> String {
    let kept = offer.lines().filter(|line| !line.starts_with(prefix));
    kept.map(|line| format!("{line}\r\n")).collect()
}

#[test]
fn offers_that_make_no_sense_are_refused() {
    let mut world = World::new();
    let good = offer(3);
    assert!(answer(&mut world, &good).is_ok());
    let section = &good[good.find("m=audio").expect("sound")..];
    let bad = [
        String::new(),
        "v=0".to_owned(),
        "hello".to_owned(),
        "\0\0\0".to_owned(),
        "ü".repeat(500),
        good[..good.len() / 2].to_owned(),
        good[..good.find("m=").expect("a section")].to_owned(),
        without(&good, "a=fingerprint"),
        without(&good, "a=ice-ufrag"),
        without(&good, "a=ice-pwd"),
        format!("{good}{}", "a=x\r\n".repeat(200_000)),
        format!("{good}{}", "a=x\r\n".repeat(5_000)),
        format!("{good}{}", section.repeat(40)),
        format!("{good}a=simulcast:send h;l\r\n"),
        good.replacen("m=audio", "m=application", 1),
    ];
    for offer in &bad {
        let answer = answer(&mut world, offer);
        let text = offer.get(..40).unwrap_or(offer);
        assert!(
            matches!(answer, Err(OfferError::Invalid(_))),
            "{text:?}: {answer:?}"
        );
    }
    assert_eq!(world.rooms.next_timeout(), None, "nothing is left of them");
}

#[test]
fn payload_types_beyond_the_range_are_no_panic() {
    let mut world = World::new();
    let good = offer(1);
    for number in ["128", "255", "256", "99999999999", "-1", "x"] {
        for name in [
            "a=rtpmap:111",
            "a=rtpmap:96",
            "a=fmtp:97 apt=96",
            "a=rtcp-fb:96",
        ] {
            let pair = name.rsplit_once([':', '=']).expect("a number at the end").0;
            let separator = &name[pair.len()..=pair.len()];
            let bad = good.replace(name, &format!("{pair}{separator}{number}"));
            let _ = answer(&mut world, &bad);
        }
        let _ = answer(&mut world, &good.replace(" 111", &format!(" {number}")));
    }
    assert!(answer(&mut world, &good).is_ok());
}

#[test]
fn offers_changed_at_random_are_answered_or_refused() {
    let mut world = World::new();
    let good = offer(2);
    let mut chance = Chance::new(5);
    for _ in 0..400 {
        let mut lines: Vec<String> = good.lines().map(str::to_owned).collect();
        for _ in 0..=chance.number() % 3 {
            let at = chance.number() as usize % lines.len();
            let from = chance.number() as usize % lines.len();
            match chance.number() % 4 {
                0 => drop(lines.remove(at)),
                1 => lines[at] = lines[from].clone(),
                2 => lines.insert(at, lines[from].clone()),
                _ => {
                    let mut bytes = lines[at].clone().into_bytes();
                    let length = bytes.len();
                    bytes[chance.number() as usize % length] = 32 + (chance.number() % 95) as u8;
                    lines[at] = String::from_utf8_lossy(&bytes).into_owned();
                }
            }
        }
        let _ = answer(&mut world, &format!("{}\r\n", lines.join("\r\n")));
    }
    assert!(answer(&mut world, &good).is_ok());
    assert_eq!(world.rooms.next_timeout(), None);
}

#[test]
fn a_wrong_offer_harms_no_call() {
    let mut world = World::new();
    world.join(1);
    world.join(2);
    world.run(SECOND);
    let now = world.now;
    for offer in [
        "",
        "v=0",
        "v=0\r\no=- 1 1 IN IP4 0.0.0.0\r\ns=-\r\nt=0 0\r\n",
    ] {
        let invalid = |answer| matches!(answer, Err(OfferError::Invalid(_)));
        assert!(invalid(world.rooms.offer(now, room(), peer(1), offer)));
        assert!(invalid(world.rooms.join(now, room(), peer(1), offer)));
    }
    let gone = world.rooms.offer(now, room(), peer(9), &offer(1));
    assert_eq!(gone, Err(OfferError::Gone));
    unharmed(world);
}

/// The number under which a header extension stands in an offer.
fn extension(offer: &str, uri: &str) -> u8 {
    let line = offer.lines().find(|line| line.ends_with(uri));
    let number = line.and_then(|line| line.strip_prefix("a=extmap:")?.split([' ', '/']).next());
    number
        .and_then(|number| number.parse().ok())
        .expect("a number")
}

/// A packet of a stream that nobody knows, for a media section (RFC 8843 §15), as anyone can write it.
fn stray(kind: u8, ssrc: u32, sequence: u16, extension: u8, mid: &str) -> Vec<u8> {
    let mut bytes = vec![0x90, kind];
    bytes.extend(sequence.to_be_bytes());
    bytes.extend(7_u32.to_be_bytes());
    bytes.extend(ssrc.to_be_bytes());
    let length = u8::try_from(mid.len()).expect("a short name");
    let mut value = vec![extension << 4 | (length - 1)];
    value.extend(mid.bytes());
    value.resize(value.len().next_multiple_of(4), 0);
    bytes.extend([0xBE, 0xDE]);
    let words = u16::try_from(value.len() / 4).expect("a short name");
    bytes.extend(words.to_be_bytes());
    bytes.extend(value);
    bytes.extend([0x55; 200]);
    bytes
}

/// Writes packets of unknown streams under the first client's address, for both of its tracks.
fn take_streams(world: &mut World) {
    let offer = Client::new(world.now, 0, peer(1), 3, SECOND).offer(false);
    let number = extension(&offer, "urn:ietf:params:rtp-hdrext:sdes:mid");
    let from = world.clients[0].outside;
    let sections = [(111, world.clients[0].audio), (96, world.clients[0].video)];
    for (kind, mid) in sections {
        let mid = mid.expect("a section").to_string();
        for ssrc in [0xBAD0_0001, 0xBAD0_0002, 0xBAD0_0003] {
            world.inject(from, &stray(kind, ssrc, 1, number, &mid));
            world.inject(from, &stray(97, ssrc + 9, 1, number, &mid));
        }
    }
}

#[test]
fn a_packet_under_a_peers_address_takes_none_of_its_streams_away() {
    let mut world = World::new();
    world.join(1);
    world.join(2);
    // Browsers name the section only until the first report; then the stream's number alone tells it.
    world.run(SECOND * 8);
    take_streams(&mut world);
    unharmed(world);
}

#[test]
fn nor_while_the_peer_is_quiet() {
    let mut world = World::new();
    world.join(1);
    world.join(2);
    world.run(SECOND * 8);
    world.clients[0].camera_on = false;
    world.clients[0].microphone = None;
    world.run(SECOND * 2);
    take_streams(&mut world);
    world.run(SECOND * 2);
    take_streams(&mut world);
    world.clients[0].camera_on = true;
    world.clients[0].microphone = Some(-30);
    world.run(SECOND * 2);
    unharmed(world);
}

#[test]
fn who_sends_without_end_is_passed_on_in_part() {
    let mut world = World::new();
    world.join(1);
    world.join(2);
    world.run(SECOND * 2);
    let before = world.clients[1].heard();
    for _ in 0..100 {
        world.clients[0].babble(world.now, 80);
        world.run(SECOND / 100);
    }
    let heard = world.clients[1].heard() - before;
    assert!((2_000..4_500).contains(&heard), "{heard}");
    assert!(world.gone.is_empty());
    world.run(SECOND);
    unharmed(world);
}
