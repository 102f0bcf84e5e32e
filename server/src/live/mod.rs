//! Live screens: who is connected, what they are told, in order, each once.
//!
//! Writes never come in here. After a commit the hub is rung with the organization; its pump reads the new
//! events from the database, in the order of their `seq`, and hands each to the queues of the sockets that
//! may hear it. A queue that is full closes its socket: the client comes back with the cursor of its last
//! frame and reads what it missed. A doorbell that is lost is harmless, the pump also looks on its own.

mod desk;
pub mod frames;
mod hub;
pub mod routes;
mod sight;
mod socket;

pub use hub::Hub;
