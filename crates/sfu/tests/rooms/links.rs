//! What is sent to a slow link.

use std::time::Duration;

use deskside_sfu::Quality;

use crate::world::World;

const SECOND: Duration = Duration::from_secs(1);

/// What came through in a time.
#[derive(Debug)]
struct Passed {
    /// kbit/s of pictures.
    video: usize,
    frames: u32,
    sound: u64,
    /// The longest time without sound.
    gap: Duration,
    /// How often the sender's limit changed.
    changes: usize,
}

/// One who sends as much as may be, and one behind a slow link.
fn call() -> (World, usize, usize) {
    let mut world = World::new();
    let (one, two) = (world.join(1), world.join(2));
    world.clients[one].wish = 1_800;
    world.clients[two].wish = 300;
    (world, one, two)
}

fn pass(world: &mut World, (one, two): (usize, usize), time: Duration) -> Passed {
    world.clients[two].forget_gaps();
    let bytes = |world: &World| {
        world.clients[two]
            .screens
            .values()
            .map(|screen| screen.bytes)
            .sum::<usize>()
    };
    let begin = world.now - world.start;
    let before = (
        bytes(world),
        world.clients[two].shown(),
        world.clients[two].heard(),
    );
    world.run(time);
    let sender = world.clients[one].peer;
    let mut limits: Vec<u32> = world
        .history
        .iter()
        .filter(|(at, peer, _)| *at > begin && *peer == sender)
        .map(|(_, _, state)| state.send_max_kbps)
        .collect();
    limits.dedup();
    let client = &world.clients[two];
    Passed {
        video: (bytes(world) - before.0) * 8 / 1_000 / time.as_secs() as usize,
        frames: client.shown() - before.1,
        sound: client.heard() - before.2,
        gap: client
            .ears
            .values()
            .map(|ear| ear.longest_gap)
            .max()
            .unwrap_or_default(),
        changes: limits.len().saturating_sub(1),
    }
}

#[test]
fn a_fast_link_gets_the_best_picture_and_keeps_it() {
    let (mut world, one, two) = call();
    world.clients[two].down.rate = Some(3_000);
    let took = world.until(SECOND * 8, "the highest limit", |world| {
        world.state(one).send_max_kbps == 1_800
    });
    assert!(took > SECOND * 3, "one step after the other: {took:?}");
    world.run(SECOND);
    let passed = pass(&mut world, (one, two), SECOND * 20);
    assert_eq!(passed.changes, 0, "{passed:?}");
    assert!(passed.frames >= 498 && passed.sound >= 998, "{passed:?}");
    assert_eq!(world.state(two).quality, Quality::Good);
}

#[test]
fn a_middling_link_gets_what_it_carries() {
    let (mut world, one, two) = call();
    world.clients[two].down.rate = Some(800);
    world.run(SECOND * 10);
    let passed = pass(&mut world, (one, two), SECOND * 30);
    assert!(passed.video > 450 && passed.video < 700, "{passed:?}");
    assert!(passed.frames > 690, "{passed:?}");
    assert!(
        passed.sound > 1_480 && passed.gap < SECOND / 5,
        "{passed:?}"
    );
    assert!(passed.changes <= 6, "tries grow rarer: {passed:?}");
}

#[test]
fn a_slow_link_gets_a_small_picture_and_all_the_sound() {
    let (mut world, one, two) = call();
    world.clients[two].down.rate = Some(300);
    world.run(SECOND * 10);
    let passed = pass(&mut world, (one, two), SECOND * 30);
    assert!(passed.video > 120, "{passed:?}");
    assert!(passed.frames > 600, "{passed:?}");
    assert!(
        passed.sound > 1_440 && passed.gap < SECOND / 5,
        "{passed:?}"
    );
    assert!(passed.changes <= 8, "{passed:?}");
}

#[test]
fn a_link_too_slow_for_pictures_carries_sound() {
    let (mut world, one, two) = call();
    world.clients[two].down.rate = Some(100);
    world.until(SECOND * 10, "the picture is withheld", |world| {
        world.state(two).slots.iter().any(|slot| slot.paused)
    });
    world.run(SECOND * 20);
    let state = world.state(two);
    assert_eq!(state.quality, Quality::Poor);
    assert_eq!(
        world.state(one).send_max_kbps,
        0,
        "nobody takes the picture"
    );
    let passed = pass(&mut world, (one, two), SECOND * 20);
    // It is tried now and then whether the link has become faster.
    assert!(passed.sound > 900 && passed.gap < SECOND / 2, "{passed:?}");
    assert!(passed.changes <= 4, "{passed:?}");
}

#[test]
fn a_link_that_becomes_slow_and_fast_again_is_followed() {
    let (mut world, one, two) = call();
    world.clients[two].down.rate = Some(3_000);
    world.run(SECOND * 10);
    assert_eq!(world.state(one).send_max_kbps, 1_800);
    world.clients[two].down.rate = Some(300);
    world.until(SECOND * 5, "the limit comes down", |world| {
        world.state(one).send_max_kbps <= 300
    });
    world.run(SECOND * 2);
    let slow = pass(&mut world, (one, two), SECOND * 8);
    assert!(slow.frames > 130 && slow.sound > 380, "{slow:?}");
    assert!(slow.gap < SECOND / 4, "{slow:?}");
    world.clients[two].down.rate = Some(3_000);
    world.until(SECOND * 40, "the limit goes up again", |world| {
        world.state(one).send_max_kbps == 1_800
    });
    world.run(SECOND);
    let fast = pass(&mut world, (one, two), SECOND * 10);
    assert!(fast.frames >= 248 && fast.changes == 0, "{fast:?}");
}

#[test]
fn the_slowest_who_takes_pictures_decides() {
    let (mut world, one, two) = call();
    let three = world.join(3);
    world.clients[three].down.rate = Some(400);
    world.run(SECOND * 12);
    let limit = world.state(one).send_max_kbps;
    assert!(limit <= 300, "two pictures on 400 kbit/s: {limit}");
    let before = world.clients[two].shown();
    world.run(SECOND * 4);
    assert!(
        world.clients[two].shown() > before + 90,
        "the others still see"
    );
    // Whoever takes no picture at all decides nothing.
    world.clients[three].down.rate = Some(100);
    world.until(SECOND * 40, "the others get a better picture", |world| {
        world.state(one).send_max_kbps >= 1_200
    });
}

#[test]
fn lost_packets_alone_are_no_slow_link() {
    let (mut world, one, two) = call();
    world.clients[two].down.loss = 0.04;
    world.run(SECOND * 20);
    assert!(
        world.state(one).send_max_kbps >= 1_200,
        "{:?}",
        world.state(one)
    );
    assert_eq!(world.state(two).quality, Quality::Weak);
}

#[test]
fn a_busy_machine_is_no_slow_link() {
    let (mut world, one, _) = call();
    world.run(SECOND * 12);
    assert_eq!(world.state(one).send_max_kbps, 1_800);
    for _ in 0..5 {
        world.stall(SECOND * 9 / 10);
        world.run(SECOND * 2);
        assert_eq!(world.state(one).send_max_kbps, 1_800);
    }
}
