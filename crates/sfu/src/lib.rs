//! Rooms of WebRTC peers: an SFU.
//!
//! [`Rooms`] is the pure part: bytes and time in, bytes and reports out. It knows no case, no HTTP, no database.

mod limits;
mod rooms;
mod types;

pub use limits::Limits;
pub use rooms::Rooms;
pub use types::*;
