//! Emails: what they say stands in [`words`], and each is sent by a job of the feature that it belongs to. A job that
//! runs again sends the same message, by the same id.

pub mod words;

use deskside_jobs::{Job, Outcome};
use deskside_outbound::{Mail, SendError};

use crate::app::App;
use words::Words;

/// How far an email came with one attempt.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sent {
    /// The mail server took it over; what becomes of it further on only that server knows.
    Accepted,
    /// The mail server is away or asks to come back, and the job may try again.
    Later,
    /// It will not be sent, with the reason for the log.
    Never(&'static str),
}

impl Sent {
    /// How the job's attempt ended.
    pub fn outcome(self) -> Outcome {
        match self {
            Sent::Accepted => Outcome::Done,
            Sent::Later => Outcome::Retry("mail_server_away"),
            Sent::Never(why) => Outcome::Dead(why),
        }
    }
}

/// A message about to be sent.
#[derive(Debug)]
pub struct Letter {
    /// The organization's name, which the message comes from.
    pub from: String,
    /// One address.
    pub to: String,
    /// What it says.
    pub words: Words,
}

/// Sends the email of a job.
pub async fn send(app: &App, job: &Job, letter: Letter) -> Sent {
    let Some(outbox) = &app.outbox else {
        return Sent::Never("no_mail_server");
    };
    let mail = Mail {
        id: job.id.to_string(),
        at_ms: app.clock.now().as_millis(),
        from_name: letter.from,
        to: letter.to,
        subject: letter.words.subject,
        text: letter.words.text,
    };
    match outbox.send(&mail).await {
        Ok(()) => Sent::Accepted,
        Err(SendError::Never(_)) => Sent::Never("mail_refused"),
        Err(SendError::Later(_)) if job.attempt < job.attempts_max => Sent::Later,
        Err(SendError::Later(_)) => Sent::Never("mail_server_away"),
    }
}
