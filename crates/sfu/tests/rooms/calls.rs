//! People see and hear each other.

use std::time::Duration;

use deskside_sfu::{GoneWhy, Kind, Limits, OfferError, Quality};

use crate::world::{World, peer, room};

const SECOND: Duration = Duration::from_secs(1);

/// Everybody sees and hears everybody else, now.
fn all_flow(world: &mut World) {
    let before: Vec<Vec<(u8, u32, u64)>> = snapshot(world);
    world.run(SECOND);
    let after = snapshot(world);
    let others = world
        .clients
        .iter()
        .filter(|client| !client.dead && !client.closed)
        .count()
        - 1;
    for (client, (before, after)) in before.iter().zip(&after).enumerate() {
        if world.clients[client].dead || world.clients[client].closed {
            continue;
        }
        let growing = after
            .iter()
            .filter(|(sender, shown, heard)| {
                let was = before.iter().find(|(was, ..)| was == sender).copied();
                let (_, was_shown, was_heard) = was.unwrap_or((*sender, 0, 0));
                *shown > was_shown + 15 && *heard > was_heard + 40
            })
            .count();
        assert_eq!(growing, others, "client {client}: {before:?} {after:?}");
    }
}

/// For each client: who sends, frames shown, packets heard.
fn snapshot(world: &World) -> Vec<Vec<(u8, u32, u64)>> {
    let each = |client: &crate::client::Client| {
        client
            .screens
            .values()
            .filter_map(|screen| {
                let sender = *screen.senders.last()?;
                let heard = client
                    .ears
                    .values()
                    .filter(|ear| ear.senders.last() == Some(&sender))
                    .map(|ear| ear.packets)
                    .sum();
                Some((sender, screen.shown, heard))
            })
            .collect()
    };
    world.clients.iter().map(each).collect()
}

#[test]
fn two_see_and_hear_each_other() {
    let mut world = World::new();
    let (one, two) = (world.join(1), world.join(2));
    let took = world.until(SECOND, "both see and hear", |world| {
        world
            .clients
            .iter()
            .all(|client| client.shown() > 0 && client.heard() > 0)
    });
    assert!(took < SECOND / 2, "{took:?}");
    world.run(SECOND * 5);
    for (at, other) in [(one, two), (two, one)] {
        let client = &world.clients[at];
        let screen = client.screens.values().next().expect("a picture");
        assert!(screen.shown >= 124, "{screen:?}");
        assert_eq!((screen.jumps, screen.twice), (0, 0));
        assert!(
            screen.longest_gap <= SECOND / 10,
            "{:?}",
            screen.longest_gap
        );
        let ear = client.ears.values().next().expect("sound");
        assert!(
            ear.first.is_some_and(|first| first < 65_536),
            "no roll-over in the first packet"
        );
        assert_eq!(ear.highest - ear.first.unwrap_or(0) + 1, ear.packets);
        let state = world.state(at);
        assert!(state.flowing);
        assert_eq!(state.quality, Quality::Good);
        assert_eq!(state.slots_missing, 0);
        let from = world.clients[other].peer;
        let mut kinds: Vec<Kind> = state.slots.iter().map(|slot| slot.kind).collect();
        kinds.sort_by_key(|kind| *kind == Kind::Video);
        assert_eq!(kinds, [Kind::Audio, Kind::Video]);
        assert!(
            state
                .slots
                .iter()
                .all(|slot| slot.from == from && !slot.paused)
        );
        let mid = screen_mid(&world, at);
        assert!(
            state
                .slots
                .iter()
                .any(|slot| slot.kind == Kind::Video && slot.mid == mid)
        );
    }
    assert!(world.gone.is_empty());
}

fn screen_mid(world: &World, at: usize) -> String {
    world.clients[at]
        .screens
        .keys()
        .next()
        .map(ToString::to_string)
        .unwrap_or_default()
}

#[test]
fn who_is_alone_is_connected_and_asked_for_no_picture() {
    let mut world = World::new();
    let one = world.join(1);
    world.run(SECOND * 2);
    assert!(world.state(one).flowing);
    assert_eq!(world.state(one).send_max_kbps, 0);
    assert!(world.state(one).slots.is_empty());
    world.join(2);
    world.until(SECOND, "a limit for a new pair", |world| {
        world.state(one).send_max_kbps == 800
    });
}

#[test]
fn three_talk_and_who_comes_late_sees_at_once() {
    let mut world = World::new();
    world.join(1);
    world.join(2);
    world.run(SECOND * 3);
    let keys = world.clients[0].camera.key_frames;
    let three = world.join(3);
    let took = world.until(SECOND, "the late one sees both", |world| {
        let client = &world.clients[three];
        client.screens.len() == 2 && client.screens.values().all(|screen| screen.shown > 0)
    });
    assert!(took < SECOND * 6 / 10, "{took:?}");
    world.run(SECOND);
    all_flow(&mut world);
    assert!(
        world.clients[0].camera.key_frames - keys <= 2,
        "not more key frames than asked for"
    );
}

#[test]
fn who_leaves_makes_room_for_the_next() {
    let mut world = World::new();
    for number in 1..=3 {
        world.join_with(number, 2);
    }
    world.run(SECOND * 2);
    all_flow(&mut world);
    world.leave(2);
    assert_eq!(world.gone, [(peer(3), GoneWhy::Left)]);
    world.run(SECOND / 5);
    assert!(world.clients[2].closed, "who is taken out is told");
    assert_eq!(world.state(0).slots.len(), 2);
    world.join_with(4, 2);
    world.run(SECOND * 2);
    all_flow(&mut world);
    let screens = world.clients[0].screens.values();
    assert!(
        screens.into_iter().all(|screen| screen.jumps == 0),
        "one picture goes on as another"
    );
    assert_eq!(world.state(0).slots_missing, 0);
}

#[test]
fn a_closed_connection_is_gone_at_once() {
    let mut world = World::new();
    world.join(1);
    world.join(2);
    world.run(SECOND);
    world.clients[1].close();
    world.until(SECOND / 5, "gone", |world| !world.gone.is_empty());
    assert_eq!(world.gone, [(peer(2), GoneWhy::Closed)]);
}

#[test]
fn a_replaced_peer_keeps_its_one_tile() {
    let mut world = World::new();
    let watcher = world.join(1);
    let old = world.join(2);
    world.run(SECOND * 2);
    let slots = world.state(watcher).slots;
    world.clients[old].dead = true;
    let new = world.join(2);
    assert_eq!(world.gone, [(peer(2), GoneWhy::Replaced)]);
    world.run(SECOND * 2);
    let seen = world
        .history
        .iter()
        .filter(|(_, who, _)| *who == world.clients[watcher].peer);
    let most = seen.map(|(_, _, state)| state.slots.len()).max();
    assert_eq!(most, Some(2), "never a second tile");
    assert_eq!(world.state(watcher).slots, slots, "in the same place");
    let screen = world.clients[watcher]
        .screens
        .values()
        .next()
        .expect("a picture");
    assert_eq!(
        screen.senders,
        [2, 3],
        "the new one's camera in the old one's stream"
    );
    assert_eq!(screen.jumps, 0, "as if nothing had happened");
    assert!(
        screen.longest_gap < SECOND * 6 / 10,
        "{:?}",
        screen.longest_gap
    );
    all_flow(&mut world);
    assert!(world.state(new).flowing);
}

#[test]
fn more_slots_come_with_a_new_offer() {
    let mut world = World::new();
    for number in 1..=4 {
        world.join_with(number, 2);
    }
    world.run(SECOND);
    assert_eq!(world.state(0).slots_missing, 1);
    for at in 0..4 {
        world.clients[at].more_slots(1);
        world.offer(at, false).expect("answered");
    }
    world.run(SECOND * 2);
    assert_eq!(world.state(0).slots_missing, 0);
    assert_eq!(world.state(0).slots.len(), 6);
    all_flow(&mut world);
}

#[test]
fn an_ice_restart_while_both_send_interrupts_nothing() {
    let mut world = World::new();
    world.join(1);
    world.join(2);
    world.run(SECOND * 2);
    world
        .clients
        .iter_mut()
        .for_each(crate::client::Client::forget_gaps);
    for at in [0, 1, 0] {
        world.offer(at, true).expect("answered");
        world.run(SECOND * 2);
        all_flow(&mut world);
    }
    for client in &world.clients {
        let gap = client
            .screens
            .values()
            .map(|screen| screen.longest_gap)
            .max();
        assert!(gap < Some(SECOND / 2), "{gap:?}");
    }
    assert!(world.gone.is_empty());
}

#[test]
fn who_speaks_is_told_and_who_is_muted_is_not() {
    let mut world = World::new();
    world.join(1);
    world.join(2);
    world.clients[1].microphone = Some(-127);
    world.run(SECOND * 2);
    assert_eq!(
        world.speaking.last().map(|(_, who)| who.clone()),
        Some(vec![peer(1)])
    );
    assert!(
        world
            .speaking
            .iter()
            .all(|(_, who)| !who.contains(&peer(2))),
        "silence speaks not"
    );
    world.clients[0].microphone = None;
    world.clients[1].microphone = Some(-25);
    world.run(SECOND * 2);
    assert_eq!(
        world.speaking.last().map(|(_, who)| who.clone()),
        Some(vec![peer(2)])
    );
    let pairs = world.speaking.windows(2);
    assert!(
        pairs
            .into_iter()
            .all(|pair| pair[1].0 - pair[0].0 >= SECOND / 4),
        "four a second"
    );
}

#[test]
fn states_are_told_five_times_a_second_at_most() {
    let mut world = World::new();
    world.join(1);
    world.join(2);
    world.clients[1].down.loss = 0.3;
    world.clients[1].down.rate = Some(200);
    world.run(SECOND * 10);
    for who in [peer(1), peer(2)] {
        let times: Vec<Duration> = world
            .history
            .iter()
            .filter(|(_, of, _)| *of == who)
            .map(|(at, _, _)| *at)
            .collect();
        assert!(times.len() > 2, "{times:?}");
        assert!(
            times.windows(2).all(|pair| pair[1] - pair[0] >= SECOND / 5),
            "{times:?}"
        );
    }
}

#[test]
fn rooms_and_peers_are_bounded() {
    let limits = Limits {
        room_peers: 2,
        rooms: 1,
        ..Limits::default()
    };
    let mut world = World::with(limits);
    world.join(1);
    world.join(2);
    let mut third = crate::client::Client::new(world.now, 2, peer(3), 1, SECOND);
    let offer = third.offer(false);
    let now = world.now;
    assert_eq!(
        world.rooms.join(now, room(), peer(3), &offer),
        Err(OfferError::Full)
    );
    let other = deskside_sfu::RoomId(uuid::Uuid::from_u128(2));
    assert_eq!(
        world.rooms.join(now, other, peer(3), &offer),
        Err(OfferError::Unavailable)
    );
    assert!(
        world.rooms.join(now, room(), peer(2), &offer).is_ok(),
        "who is there may come again"
    );
    world.rooms.close(now, room());
    assert!(
        world.rooms.join(now, other, peer(3), &offer).is_ok(),
        "an empty room is none"
    );
    world.rooms.close(now, other);
    assert_eq!(
        world.rooms.offer(now, other, peer(3), &offer),
        Err(OfferError::Gone)
    );
    assert_eq!(
        world.rooms.next_timeout(),
        None,
        "nobody is left to wait for"
    );
}
