//! The email of an invitation, sent by a job when the server has a mail server.

use deskside_db::Time;
use deskside_jobs::{Job, NewJob, Outcome};
use deskside_outbound::{Mail, SendError};
use serde::{Deserialize, Serialize};

use super::invites::{self, Invite, InviteMail};
use super::store;
use crate::app::App;
use crate::cases::Language;
use crate::error::Error;
use crate::ids::{InviteId, OrganizationId};

/// The job's kind.
pub const KIND: &str = "invite_mail";

#[derive(Serialize, Deserialize)]
struct Payload {
    invite: InviteId,
}

/// The job that sends the email of an invitation.
pub fn job(organization: OrganizationId, invite: InviteId, now: Time) -> NewJob {
    NewJob {
        organization: Some(organization),
        kind: KIND,
        key: Some(format!("{invite} mail")),
        payload: serde_json::to_string(&Payload { invite }).unwrap_or_default(),
        run_at: now,
    }
}

/// Sends the email. An invitation that is used or withdrawn meanwhile needs none.
pub async fn run(app: &App, job: &Job) -> Outcome {
    let payload: Result<Payload, _> = serde_json::from_str(&job.payload);
    let (Some(organization), Ok(Payload { invite }), Some(smtp)) =
        (job.organization, payload, &app.mail)
    else {
        return Outcome::Dead("not_possible");
    };
    let mail = match compose(app, organization, invite).await {
        Ok(Some(mail)) => mail,
        Ok(None) => return Outcome::Done,
        Err(_) => return Outcome::Retry("database"),
    };
    let (state, outcome) = match smtp.send(&mail).await {
        Ok(()) => (InviteMail::Accepted, Outcome::Done),
        Err(SendError::Never(_)) => (InviteMail::Refused, Outcome::Dead("mail_refused")),
        Err(SendError::Later(_)) if job.attempt < job.attempts_max => {
            return Outcome::Retry("mail_server_away");
        }
        Err(SendError::Later(_)) => (InviteMail::Refused, Outcome::Dead("mail_server_away")),
    };
    let noted = app
        .write(organization, move |write| {
            Box::pin(
                async move { Ok(store::set_invite_mail(&mut write.org(), invite, state).await?) },
            )
        })
        .await;
    if noted.is_err() {
        tracing::warn!("How far the email of an invitation has come could not be noted.");
    }
    outcome
}

async fn compose(
    app: &App,
    organization: OrganizationId,
    invite: InviteId,
) -> Result<Option<Mail>, Error> {
    let Some(invite) = invites::open(app, organization)
        .await?
        .into_iter()
        .find(|open| open.id == invite)
    else {
        return Ok(None);
    };
    let inviter = invite.invited_by.id;
    let (name, language) = app
        .read(organization, move |tx| {
            Box::pin(async move {
                let organization = store::organization(tx).await?.ok_or(Error::NotFound)?;
                let inviter = store::operator(tx, inviter).await?.ok_or(Error::NotFound)?;
                Ok((organization.name, inviter.language))
            })
        })
        .await?;
    let (subject, text) = words(language, &name, &invite);
    Ok(Some(Mail {
        from_name: name,
        to: invite.email,
        subject,
        text,
    }))
}

/// Subject and text in the inviter's language.
fn words(language: Language, organization: &str, invite: &Invite) -> (String, String) {
    let (by, link) = (&invite.invited_by.name, &invite.link);
    match language {
        Language::En => (
            format!("{by} invites you to {organization}"),
            format!(
                "Hello,\n\n{by} invites you to work on cases together at {organization}.\n\nAccept the invitation here:\n{link}\n\n\
                 The link works once and for seven days. If you do not expect it, do nothing.\n"
            ),
        ),
        Language::De => (
            format!("{by} lädt Sie zu {organization} ein"),
            format!(
                "Guten Tag,\n\n{by} lädt Sie ein, bei {organization} gemeinsam an Fällen zu arbeiten.\n\nHier nehmen Sie die Einladung an:\n{link}\n\n\
                 Der Link gilt einmal und sieben Tage lang. Wenn Sie ihn nicht erwarten, tun Sie einfach nichts.\n"
            ),
        ),
    }
}
