//! A message, and why it was not taken.

/// A message in plain text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mail {
    /// Tells this message from all others, and stays when it is sent again: what receives it twice can tell. Letters,
    /// digits and underscores.
    pub id: String,
    /// When it was written, in UTC milliseconds.
    pub at_ms: i64,
    /// The name that mail comes from; the address is the server's.
    pub from_name: String,
    /// One address.
    pub to: String,
    /// One line.
    pub subject: String,
    /// The text.
    pub text: String,
}

/// Why a message was not accepted.
#[derive(Debug, thiserror::Error)]
pub enum SendError {
    /// Not now: the server is away or asks to come back.
    #[error("not now: {0}")]
    Later(String),
    /// Never: the server refuses this message, or it is no message.
    #[error("never: {0}")]
    Never(String),
}
