//! The email of an invitation, sent by a job when this server sends mail.

use deskside_db::Time;
use deskside_jobs::{Job, NewJob, Outcome};
use serde::{Deserialize, Serialize};

use super::invites::{self, InviteMail};
use super::store;
use crate::app::App;
use crate::error::Error;
use crate::ids::{InviteId, OrganizationId};
use crate::mail::{self, Letter, Sent, words};

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
    let (Some(organization), Ok(Payload { invite })) = (job.organization, payload) else {
        return Outcome::Dead("not_possible");
    };
    let letter = match compose(app, organization, invite).await {
        Ok(Some(letter)) => letter,
        Ok(None) => return Outcome::Done,
        Err(_) => return Outcome::Retry("database"),
    };
    let sent = mail::send(app, job, letter).await;
    let state = match sent {
        Sent::Accepted => InviteMail::Accepted,
        Sent::Never(_) => InviteMail::Refused,
        Sent::Later => return sent.outcome(),
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
    sent.outcome()
}

async fn compose(
    app: &App,
    organization: OrganizationId,
    invite: InviteId,
) -> Result<Option<Letter>, Error> {
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
    Ok(Some(Letter {
        words: words::invitation(language, &name, &invite.invited_by.name, &invite.link),
        from: name,
        to: invite.email,
    }))
}
