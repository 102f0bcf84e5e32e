//! Rooms of WebRTC peers: an SFU.
//!
//! [`Rooms`] is the pure part: bytes and time in, bytes and reports out. It knows no case, no HTTP, no database.

// Tests of the crate and from outside share clients and a network, which know it by name.
#[cfg(test)]
extern crate self as deskside_sfu;

mod announce;
mod backlog;
mod connection;
mod demux;
mod driver;
mod framing;
mod gate;
mod intake;
#[cfg(test)]
mod isolation;
mod lag;
mod limits;
mod losses;
mod media;
mod meter;
mod peer;
mod port;
mod rate;
mod reports;
mod room;
mod rooms;
mod route;
mod sfu;
mod sink;
mod slot;
mod speaker;
mod tcp;
mod tell;
mod types;
mod udp;
mod vp8;
mod wake;
mod worker;

pub use limits::Limits;
pub use rooms::Rooms;
pub use sfu::{Options, Sfu, StartError};
pub use types::*;
