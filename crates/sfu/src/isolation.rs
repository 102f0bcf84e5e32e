//! Tests that need a fault inside a connection, which only the crate itself can put in.

use std::time::Duration;

use crate::types::{GoneWhy, RoomId};

#[path = "../tests/rooms/client.rs"]
#[expect(
    dead_code,
    reason = "shared with the tests of rooms, which use all of it"
)]
mod client;
#[path = "../tests/rooms/network.rs"]
mod network;
#[path = "../tests/rooms/picture.rs"]
mod picture;
#[path = "../tests/rooms/world.rs"]
#[expect(
    dead_code,
    reason = "shared with the tests of rooms, which use all of it"
)]
mod world;

use world::{World, peer};

const SECOND: Duration = Duration::from_secs(1);

#[test]
fn a_panic_ends_one_peer_and_the_others_go_on() {
    let mut world = World::new();
    for number in 1..=3 {
        world.join(number);
    }
    world.run(SECOND * 2);
    let faulty = world
        .rooms
        .peers
        .values_mut()
        .find(|faulty| faulty.id == peer(2));
    faulty.expect("it is there").connection.fault = true;
    let took = world.until(SECOND / 5, "the fault is met", |world| {
        !world.gone.is_empty()
    });
    assert!(took < SECOND / 10, "{took:?}");
    assert_eq!(world.gone, [(peer(2), GoneWhy::Panicked)]);
    let seen = |world: &World| {
        [0, 2].map(|at: usize| (world.clients[at].shown(), world.clients[at].heard()))
    };
    let before = seen(&world);
    world.run(SECOND);
    for ((shown, heard), (shown_before, heard_before)) in seen(&world).into_iter().zip(before) {
        assert!(shown >= shown_before + 24, "{shown_before} {shown}");
        assert!(heard >= heard_before + 49, "{heard_before} {heard}");
    }
    assert_eq!(world.state(0).slots.len(), 2, "its places are free");
    // Whoever it was may come again.
    let again = world.join(2);
    world.until(SECOND, "it is back", |world| {
        world.clients[again].shown() > 25
    });
    assert_eq!(world.gone.len(), 1);
}

#[test]
fn a_panic_of_the_last_peer_leaves_nothing_behind() {
    let mut world = World::new();
    world.join(1);
    world.run(SECOND);
    for faulty in world.rooms.peers.values_mut() {
        faulty.connection.fault = true;
    }
    world.run(SECOND);
    assert_eq!(world.gone, [(peer(1), GoneWhy::Panicked)]);
    assert!(world.rooms.peers.is_empty());
    assert!(world.rooms.rooms.is_empty());
    assert_eq!(world.rooms.next_timeout(), None);
}

#[test]
fn many_short_calls_leave_nothing_behind() {
    let mut world = World::new();
    let offer = client::Client::new(world.now, 0, peer(1), 3, SECOND).offer(false);
    for number in 0..100_u128 {
        let room = RoomId(uuid::Uuid::from_u128(number));
        for who in [peer(1), peer(2), peer(1)] {
            assert!(world.rooms.join(world.now, room, who, &offer).is_ok());
        }
        world.run(Duration::from_millis(1));
        world.rooms.leave(world.now, room, peer(1));
        world.rooms.close(world.now, room);
        world.run(Duration::from_millis(1));
    }
    let rooms = &world.rooms;
    assert!(rooms.peers.is_empty() && rooms.rooms.is_empty());
    assert_eq!(rooms.remembered(), 0);
    assert_eq!(rooms.next_timeout(), None);
}
