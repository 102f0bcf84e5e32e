//! What leaves the server.
//!
//! A request never sends anything: it enqueues a job, and the job's handler comes here. An error says whether
//! trying again later makes sense; the words for people are the caller's.

mod smtp;

pub use smtp::{Mail, Security, SendError, Smtp, SmtpOptions};
