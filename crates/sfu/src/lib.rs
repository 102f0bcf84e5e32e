//! Rooms of WebRTC peers: an SFU.
//!
//! [`Rooms`] is the pure part: bytes and time in, bytes and reports out. It knows no case, no HTTP, no database.

mod announce;
mod driver;
mod lag;
mod limits;
mod port;
mod reports;
mod rooms;
mod sfu;
mod types;
mod wake;
mod worker;

pub use limits::Limits;
pub use rooms::Rooms;
pub use sfu::{Options, Sfu, StartError};
pub use types::*;
