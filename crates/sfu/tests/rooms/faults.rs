//! Networks that lose, delay, change and end.

use std::net::SocketAddr;
use std::time::Duration;

use deskside_sfu::GoneWhy;

use crate::world::{World, peer};

const SECOND: Duration = Duration::from_secs(1);

fn two() -> World {
    let mut world = World::new();
    world.join(1);
    world.join(2);
    world.run(SECOND * 3);
    world
}

#[test]
fn repeats_make_up_for_five_percent_of_loss() {
    let mut world = two();
    for client in &mut world.clients {
        client.up.loss = 0.05;
        client.down.loss = 0.05;
        client.wish = 300;
        client.forget_gaps();
    }
    let before: Vec<u32> = world.clients.iter().map(|client| client.shown()).collect();
    world.run(SECOND * 20);
    for (client, before) in world.clients.iter().zip(before) {
        let shown = client.shown() - before;
        // Both directions lose: without repeats every fifth frame would be broken, and all until a key frame.
        assert!(shown >= 490, "{shown} of 500 frames");
        let screen = client.screens.values().next().expect("a picture");
        assert!(
            screen.longest_gap < SECOND * 4 / 10,
            "{:?}",
            screen.longest_gap
        );
        assert!(screen.key_frames <= 5, "{} key frames", screen.key_frames);
        assert_eq!((screen.jumps, screen.twice), (0, 0));
    }
}

#[test]
fn packets_that_overtake_each_other_arrive_in_order() {
    let mut world = two();
    for client in &mut world.clients {
        client.up.jitter = Duration::from_millis(30);
        client.down.jitter = Duration::from_millis(30);
        client.wish = 300;
    }
    let before = world.clients[0].shown();
    world.run(SECOND * 10);
    let screen = world.clients[0].screens.values().next().expect("a picture");
    assert!(world.clients[0].shown() - before >= 245);
    assert_eq!(screen.jumps, 0);
}

#[test]
fn a_new_port_heals_without_the_client() {
    for (seed, port) in [(1, 7_001), (2, 7_002), (3, 7_003)] {
        let mut world = two();
        world.run(Duration::from_millis(370 * seed));
        world.clients[1].forget_gaps();
        world.clients[1].outside = SocketAddr::from(([192, 0, 2, 2], port));
        let (shown, heard) = (world.clients[1].shown(), world.clients[1].heard());
        let took = world.until(SECOND, "the picture is back", |world| {
            world.clients[1].shown() > shown + 1 && world.clients[1].heard() > heard + 1
        });
        assert!(took <= SECOND, "{took:?}");
        world.run(SECOND * 2);
        let gap = world.clients[1]
            .ears
            .values()
            .map(|ear| ear.longest_gap)
            .max();
        assert!(gap <= Some(SECOND), "{gap:?}");
        assert!(world.state(1).flowing && world.gone.is_empty());
        // And back again.
        world.clients[1].outside = SocketAddr::from(([192, 0, 2, 2], 6_000));
        world.run(SECOND * 2);
        let shown = world.clients[1].shown();
        world.run(SECOND);
        assert!(world.clients[1].shown() > shown + 20);
    }
}

#[test]
fn a_hole_is_told_and_heals() {
    let mut world = two();
    for at in [0, 1] {
        assert!(world.state(at).flowing);
    }
    world.clients[1].up.hole = true;
    world.clients[1].down.hole = true;
    let took = world.until(SECOND * 3, "told", |world| !world.state(1).flowing);
    assert!(took >= SECOND * 19 / 10, "{took:?}");
    world.run(SECOND * 8);
    assert!(world.state(0).flowing);
    world.clients[1].up.hole = false;
    world.clients[1].down.hole = false;
    let shown: Vec<u32> = world.clients.iter().map(|client| client.shown()).collect();
    world.until(SECOND * 3, "both see again", |world| {
        world
            .clients
            .iter()
            .zip(&shown)
            .all(|(client, shown)| client.shown() > *shown)
    });
    world.run(SECOND);
    assert!(world.state(1).flowing && world.gone.is_empty());
}

#[test]
fn who_is_silent_is_taken_out() {
    let mut world = two();
    world.clients[1].dead = true;
    world.run(SECOND * 29);
    assert!(world.gone.is_empty());
    world.run(SECOND * 2);
    assert_eq!(world.gone, [(peer(2), GoneWhy::Silent)]);
    assert!(world.state(0).slots.is_empty());
    world.run(SECOND);
    assert!(world.state(0).flowing);
}

#[test]
fn who_never_connects_is_taken_out() {
    let mut world = World::new();
    let one = world.join(1);
    world.clients[one].dead = true;
    world.run(SECOND * 31);
    assert_eq!(world.gone, [(peer(1), GoneWhy::Silent)]);
    assert_eq!(world.rooms.next_timeout(), None);
}

#[test]
fn who_sends_neither_sound_nor_picture_stays() {
    let mut world = World::new();
    // A browser checks a way that works every 2.5 s.
    world.checks = Duration::from_millis(2_500);
    world.join(1);
    world.join(2);
    world.run(SECOND * 3);
    world.clients[1].microphone = None;
    world.clients[1].camera_on = false;
    let since = world.now - world.start;
    world.run(SECOND * 40);
    let flowed = world
        .history
        .iter()
        .filter(|(at, who, _)| *at > since && *who == peer(2))
        .all(|(_, _, state)| state.flowing);
    assert!(flowed && world.gone.is_empty());
    let (shown, heard) = (world.clients[1].shown(), world.clients[1].heard());
    world.run(SECOND);
    assert!(world.clients[1].shown() > shown + 20 && world.clients[1].heard() > heard + 45);
}

#[test]
fn old_pictures_are_not_passed_on_and_nobody_is_asked_to_repeat_them() {
    let mut world = two();
    let sent = world.clients[0].sent_video();
    let (shown, heard) = (world.clients[1].shown(), world.clients[1].heard());
    world.age = Duration::from_millis(300);
    world.run(SECOND);
    assert!(
        world.clients[1].shown() <= shown + 1,
        "too old for pictures"
    );
    assert!(
        world.clients[1].heard() >= heard + 48,
        "young enough for sound"
    );
    let frames = u64::from(world.clients[0].wish) * 1_000 / 8 / 1_000;
    assert!(
        world.clients[0].sent_video() - sent < frames * 2,
        "received, not asked for again"
    );
    world.age = Duration::from_millis(500);
    let heard = world.clients[1].heard();
    world.run(SECOND);
    assert!(world.clients[1].heard() <= heard + 2);
    world.age = Duration::ZERO;
    let keys = world.clients[0].camera.key_frames;
    world.until(SECOND, "a key frame goes on", |world| {
        world.clients[1].shown() > shown + 2
    });
    assert!(world.clients[0].camera.key_frames > keys);
    let screen = world.clients[1].screens.values().next().expect("a picture");
    assert_eq!(screen.jumps, 0);
}

#[test]
fn key_frames_are_asked_for_with_pauses() {
    let mut world = two();
    let keys = world.clients[0].camera.key_frames;
    for _ in 0..100 {
        world.clients[1].ask_key_frames();
        world.run(SECOND / 50);
    }
    let asked = world.clients[0].camera.key_frames - keys;
    assert!(
        (3..=6).contains(&asked),
        "{asked} key frames in two seconds"
    );
}
