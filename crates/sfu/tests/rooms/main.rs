//! Rooms with str0m peers in memory: no socket, no sleep, a clock that is turned by hand.

mod calls;
mod client;
mod faults;
mod hostile;
mod links;
mod network;
mod picture;
mod world;
