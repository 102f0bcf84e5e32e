//! What leaves the server.
//!
//! A request never sends anything: it enqueues a job, and the job's handler comes here. An error says whether
//! trying again later makes sense; the words for people are the caller's.

mod mail;
mod mailbox;
mod smtp;

pub use mail::{Mail, SendError};
pub use mailbox::{KEPT_MAX, Kept, Mailbox};
pub use smtp::{Security, Smtp, SmtpOptions};

/// Where mail goes. Cheap to clone.
#[derive(Clone)]
pub enum Outbox {
    /// To a mail server.
    Server(Smtp),
    /// Into memory, for whoever develops: nothing leaves.
    Mailbox(Mailbox),
}

impl Outbox {
    /// Hands a message over. `Ok` means that it was taken.
    ///
    /// # Errors
    /// Whether later or never.
    pub async fn send(&self, mail: &Mail) -> Result<(), SendError> {
        match self {
            Outbox::Server(smtp) => smtp.send(mail).await,
            Outbox::Mailbox(mailbox) => {
                mailbox.keep(mail.clone());
                Ok(())
            }
        }
    }
}
