//! Invitations of operators: a link that an administrator hands on, valid for a week, used once.

use deskside_db::Time;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{NewOperator, invite_mail, store};
use crate::app::App;
use crate::audit::Verb;
use crate::auth::seal::Place;
use crate::auth::{OperatorSession, Role, cookie, routes::Begin, routes::SetCookie};
use crate::cases::Language;
use crate::error::Error;
use crate::events::{OperatorRef, Who};
use crate::ids::{InviteId, OperatorId, OrganizationId};
use crate::limits;
use crate::once::Once;
use crate::text::{self, Checks};

/// How far the email of an invitation has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum InviteMail {
    /// None is sent: this server sends no mail.
    Off,
    /// It waits to be sent.
    Queued,
    /// The mail server took it over.
    Accepted,
    /// The mail server refused it.
    Refused,
}

impl InviteMail {
    /// As stored.
    pub fn as_str(self) -> &'static str {
        match self {
            InviteMail::Off => "off",
            InviteMail::Queued => "queued",
            InviteMail::Accepted => "accepted",
            InviteMail::Refused => "refused",
        }
    }

    /// From what is stored.
    pub fn parse(text: &str) -> Self {
        match text {
            "queued" => InviteMail::Queued,
            "accepted" => InviteMail::Accepted,
            "refused" => InviteMail::Refused,
            _ => InviteMail::Off,
        }
    }
}

/// An open invitation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Invite {
    /// Its id.
    pub id: InviteId,
    /// Whom it is for.
    pub email: String,
    /// The role that the newcomer will have.
    pub role: Role,
    /// When it was made.
    pub created_at: Time,
    /// When it ends.
    pub expires_at: Time,
    /// Who made it.
    pub invited_by: OperatorRef,
    /// The address to hand on.
    pub link: String,
    /// How far its email has come.
    pub mail: InviteMail,
}

/// A new invitation.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewInvite {
    /// Whom it is for.
    pub email: String,
    /// The role that the newcomer will have.
    pub role: Role,
}

/// What the invited person sees before accepting.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct InviteOffer {
    /// The organization's name.
    pub organization: String,
    /// Who invites.
    pub invited_by: String,
    /// Whom the invitation is for.
    pub email: String,
    /// The role.
    pub role: Role,
    /// When it ends.
    pub expires_at: Time,
}

/// The newcomer's own part.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AcceptInvite {
    /// What stands behind `/invite/` in the link.
    pub token: String,
    /// The name that colleagues and customers will see.
    pub name: String,
    /// The password to sign in with.
    pub password: String,
    /// Language of the interface.
    pub language: Language,
    /// IANA time zone.
    pub time_zone: String,
}

fn place(organization: OrganizationId, id: InviteId) -> Place<'static> {
    Place {
        table: "operator_invites",
        row: id.uuid(),
        organization,
    }
}

/// Makes an invitation. Done once per key.
///
/// # Errors
/// A wrong address, an operator who is already here, too many open ones, or the database's.
pub async fn create(
    app: &App,
    who: &OperatorSession,
    new: NewInvite,
    once: Once,
) -> Result<Invite, Error> {
    let mut checks = Checks::default();
    let email = checks.take("email", text::email(&new.email));
    checks.done()?;
    let id = InviteId::new(app.clock.now(), &app.random);
    let token = app.random.token_base62(128);
    let sealed = app.sealer.seal(&place(who.organization, id), &token)?;
    let row = store::NewInviteRow {
        id,
        token_hash: cookie::hash(&token),
        token_sealed: sealed,
        email,
        role: new.role,
        invited_by: who.operator,
        mail: if app.outbox.is_some() {
            InviteMail::Queued
        } else {
            InviteMail::Off
        },
    };
    let actor = who.who();
    let made = app
        .write(who.organization, move |write| {
            Box::pin(async move {
                if let Some(made) = once.claim(write, row.id.uuid()).await? {
                    return Ok(InviteId::from_uuid(made));
                }
                let now = write.now();
                store::lock_invites(&mut write.org()).await?;
                store::delete_old_invites(&mut write.org(), now).await?;
                if store::count_invites(&mut write.org()).await? >= limits::INVITES_OPEN_MAX {
                    return Err(Error::TooManyInvites);
                }
                if store::has_email(&mut write.org(), &super::fold_email(&row.email)).await? {
                    return Err(Error::EmailTaken);
                }
                store::insert_invite(&mut write.org(), &row, now, now + limits::INVITE_AGE_MAX)
                    .await?;
                if row.mail == InviteMail::Queued {
                    let job = invite_mail::job(write.organization(), row.id, now);
                    write.enqueue(job).await?;
                }
                write.audit(actor, Verb::OperatorInvited, row.id);
                Ok(row.id)
            })
        })
        .await?;
    list(app, who)
        .await?
        .into_iter()
        .find(|invite| invite.id == made)
        .ok_or(Error::NotFound)
}

/// The open invitations, newest first.
///
/// # Errors
/// The database's.
pub async fn list(app: &App, who: &OperatorSession) -> Result<Vec<Invite>, Error> {
    open(app, who.organization).await
}

/// The open invitations of an organization.
///
/// # Errors
/// The database's.
pub async fn open(app: &App, organization: OrganizationId) -> Result<Vec<Invite>, Error> {
    let now = app.clock.now();
    let rows = app
        .read(organization, move |tx| {
            Box::pin(async move { Ok(store::invites(tx, now).await?) })
        })
        .await?;
    rows.into_iter()
        .map(|row| {
            let token = app
                .sealer
                .unseal(&place(organization, row.id), &row.token_sealed)?;
            Ok(Invite {
                id: row.id,
                email: row.email,
                role: row.role,
                created_at: row.created_at,
                expires_at: row.expires_at,
                invited_by: row.invited_by,
                link: app.link(&format!("/invite/{token}")),
                mail: row.mail,
            })
        })
        .collect()
}

/// Withdraws an invitation.
///
/// # Errors
/// An unknown one, or the database's.
pub async fn withdraw(app: &App, who: &OperatorSession, id: InviteId) -> Result<(), Error> {
    let actor = who.who();
    app.write(who.organization, move |write| {
        Box::pin(async move {
            if store::delete_invite(&mut write.org(), id).await? {
                write.audit(actor, Verb::InviteWithdrawn, id);
                Ok(())
            } else {
                Err(Error::NotFound)
            }
        })
    })
    .await
}

/// What an invitation says.
///
/// # Errors
/// `InviteInvalid`, or the database's.
pub async fn offer(app: &App, token: &str) -> Result<InviteOffer, Error> {
    let (now, hash) = (app.clock.now(), cookie::hash(token));
    let found = app
        .db()
        .read(move |tx| {
            Box::pin(
                async move { Ok::<_, Error>(store::find_invite(&mut tx.system(), &hash).await?) },
            )
        })
        .await?
        .filter(|invite| now < invite.expires_at)
        .ok_or(Error::InviteInvalid)?;
    let organization = super::public_organization(app, found.organization).await?;
    Ok(InviteOffer {
        organization: organization.name,
        invited_by: found.invited_by_name,
        email: found.email,
        role: found.role,
        expires_at: found.expires_at,
    })
}

/// Accepts an invitation: a new operator with a session. The address of the invitation counts, and an
/// operator who exists is never changed by it.
///
/// # Errors
/// Field errors, `InviteInvalid`, `EmailTaken`, or the database's.
pub async fn accept(
    app: &App,
    accept: AcceptInvite,
) -> Result<(SetCookie, OrganizationId, OperatorId), Error> {
    let mut checks = Checks::default();
    let (name, password, time_zone) = super::check_newcomer(
        &mut checks,
        &accept.name,
        &accept.password,
        &accept.time_zone,
    );
    checks.done()?;
    offer(app, &accept.token).await?;
    let (now, hash) = (app.clock.now(), cookie::hash(&accept.token));
    let password_hash = app.passwords.hash(&password).await?;
    let id = OperatorId::new(now, &app.random);
    let begin = Begin::new(app, id);
    let header = begin.header();
    let found = app
        .db()
        .read({
            let hash = hash.clone();
            move |tx| {
                Box::pin(async move {
                    Ok::<_, Error>(store::find_invite(&mut tx.system(), &hash).await?)
                })
            }
        })
        .await?
        .ok_or(Error::InviteInvalid)?;
    let organization = found.organization;
    app.write(organization, move |write| {
        Box::pin(async move {
            if !store::use_invite(&mut write.org(), &hash, now).await? {
                return Err(Error::InviteInvalid);
            }
            let new = NewOperator {
                id,
                email: found.email,
                name,
                role: found.role,
                password_hash,
                language: accept.language,
                time_zone,
            };
            super::add_operator(write, &new).await?;
            write.audit(Who::Operator(id), Verb::OperatorAccepted, id);
            begin.run(write).await
        })
    })
    .await?;
    Ok((header, organization, id))
}
