//! People see and hear each other.

use std::time::Duration;

use crate::world::{World, peer};

const SECOND: Duration = Duration::from_secs(1);

#[test]
fn two_see_and_hear_each_other() {
    let mut world = World::new();
    let (one, two) = (world.join(1), world.join(2));
    let took = world.until(SECOND, "both see", |world| {
        world
            .clients
            .iter()
            .all(|client| client.shown() > 0 && client.heard() > 0)
    });
    println!("first picture after {took:?}");
    world.run(SECOND * 5);
    for at in [one, two] {
        let client = &world.clients[at];
        println!("{:?} {:?}", client.screens, client.ears);
        println!("{:?}", world.state(at));
    }
    assert!(world.gone.is_empty(), "{:?}", peer(1));
}
