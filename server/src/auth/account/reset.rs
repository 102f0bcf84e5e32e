//! A new password for who forgot the old one.
//!
//! Asking tells no one whether an address belongs to somebody: the request counts attempts and enqueues a job, the same
//! for every address, and only the job looks whose it is. A link holds 128 random bits, works once and for an hour; the
//! newest of an operator is the only one.

use deskside_db::Uuid;
use deskside_jobs::{Job, NewJob, Outcome};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{notice, store};
use crate::app::{App, whole};
use crate::audit::Verb;
use crate::auth::address::ClientAddress;
use crate::auth::attempts::{self, Attempt};
use crate::auth::seal::Place;
use crate::auth::{cookie, password};
use crate::closing;
use crate::error::Error;
use crate::events::Who;
use crate::ids::{OperatorId, OrganizationId};
use crate::limits;
use crate::mail::{self, Letter, words};
use crate::team;
use crate::text::Checks;

/// The kind of job that finds whose an address is, and sends the link.
pub const KIND: &str = "reset_mail";

/// Who forgot the password.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ResetRequest {
    /// The email address to sign in with, in any case.
    pub email: String,
}

/// A link's secret.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ResetToken {
    /// What stands behind `/reset/` in the link.
    pub token: String,
}

/// Whose password a link sets.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ResetOffer {
    /// The email address to sign in with.
    pub email: String,
}

/// A new password by a link.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ResetUse {
    /// What stands behind `/reset/` in the link.
    pub token: String,
    /// The new password.
    pub new: String,
}

#[derive(Serialize, Deserialize)]
struct Payload {
    /// Folded, as typed by whoever asked; the job is deleted as soon as it has looked.
    email: String,
}

/// Asks for the link. What happens next depends on the address; nothing that the caller sees does.
///
/// # Errors
/// `TooManyAttempts` for too many requests from one client address or for one email address, or the database's.
pub async fn ask(app: &App, from: ClientAddress, email: &str) -> Result<(), Error> {
    let email = team::fold_email(email);
    let counted = vec![
        Attempt {
            scope: "reset_address",
            subject: from.subject(),
            failures_max: limits::RESETS_PER_ADDRESS,
        },
        Attempt {
            scope: "reset_email",
            subject: cookie::hash(&email),
            failures_max: limits::RESETS_PER_EMAIL,
        },
    ];
    attempts::count(app, counted).await?;
    // No address of an operator is that long or holds a NUL, which PostgreSQL would not take.
    if app.outbox.is_none() || email.len() > limits::EMAIL_BYTES_MAX || email.contains('\0') {
        return Ok(());
    }
    let job = NewJob {
        organization: None,
        kind: KIND,
        key: None,
        payload: serde_json::to_string(&Payload { email }).unwrap_or_default(),
        run_at: app.clock.now(),
    };
    let queue = app.writer.queue.clone();
    app.db()
        .write(move |tx| {
            Box::pin(async move { Ok::<_, Error>(queue.enqueue(tx, job).await.map(|_| ())?) })
        })
        .await?;
    app.writer.queue.notify();
    Ok(())
}

/// Sends the link, if the address belongs to someone who may sign in.
pub async fn run(app: &App, job: &Job) -> Outcome {
    let Ok(Payload { email }) = serde_json::from_str(&job.payload) else {
        return Outcome::Dead("not_possible");
    };
    match compose(app, email, job.id.uuid()).await {
        Err(_) => Outcome::Retry("database"),
        Ok(None) => Outcome::Done,
        Ok(Some(letter)) => mail::send(app, job, letter).await.outcome(),
    }
}

/// Who signs in with a folded email address and may.
async fn whose(app: &App, email: String) -> Result<Option<(OrganizationId, OperatorId)>, Error> {
    app.db()
        .read(move |tx| {
            Box::pin(
                async move { Ok::<_, Error>(store::find_active(&mut tx.system(), &email).await?) },
            )
        })
        .await
}

/// A link for who signs in with an email address, made by whoever runs the server; none when nobody does.
///
/// # Errors
/// The database's.
pub async fn link(app: &App, email: &str) -> Result<Option<String>, Error> {
    let Some((organization, operator)) = whose(app, team::fold_email(email)).await? else {
        return Ok(None);
    };
    let request = app.random.uuid_v7(app.clock.now());
    let token = issue(app, organization, operator, request).await?;
    Ok(token.map(|token| app.link(&format!("/reset/{token}"))))
}

async fn compose(app: &App, email: String, request: Uuid) -> Result<Option<Letter>, Error> {
    let Some((organization, operator)) = whose(app, email).await? else {
        return Ok(None);
    };
    let Some(token) = issue(app, organization, operator, request).await? else {
        return Ok(None);
    };
    let to = app
        .read(organization, move |tx| {
            Box::pin(async move { Ok(store::addressee(tx, operator).await?) })
        })
        .await?;
    Ok(to.map(|to| {
        let link = app.link(&format!("/reset/{token}"));
        Letter {
            words: words::reset(to.language, &to.organization, &to.name, &link),
            from: to.organization,
            to: to.email,
        }
    }))
}

fn place(organization: OrganizationId, operator: OperatorId) -> Place<'static> {
    Place {
        table: "password_resets",
        row: operator.uuid(),
        organization,
    }
}

/// The token of a request, valid for an hour from now; any other of the operator ends. The same request gets the same
/// one again, so that an email that had to be sent twice is twice the same; one that was asked for before the newest
/// gets none, so that an outage of the mail server leaves one email and not one for each time of asking.
///
/// # Errors
/// The database's.
pub async fn issue(
    app: &App,
    organization: OrganizationId,
    operator: OperatorId,
    request: Uuid,
) -> Result<Option<String>, Error> {
    let place = place(organization, operator);
    let newest = app
        .read(organization, move |tx| {
            Box::pin(async move { Ok(store::newest_reset(tx, operator).await?) })
        })
        .await?;
    let token = match newest {
        Some(newest) if newest.request > request || newest.request == request && newest.used => {
            return Ok(None);
        }
        Some(newest) if newest.request == request => {
            app.sealer.unseal(&place, &newest.token_sealed)?
        }
        _ => app.random.token_base62(128),
    };
    let sealed = app.sealer.seal(&place, &token)?;
    let hash = cookie::hash(&token);
    app.write(organization, move |write| {
        Box::pin(async move {
            let now = write.now();
            let reset = store::NewReset {
                operator,
                request,
                token_hash: hash,
                token_sealed: sealed,
                expires_at: now + limits::RESET_AGE_MAX,
            };
            Ok(store::put_reset(&mut write.org(), &reset).await?)
        })
    })
    .await?;
    Ok(Some(token))
}

/// Whose password a link sets.
///
/// # Errors
/// `ResetInvalid`, or the database's.
pub async fn offer(app: &App, token: &str) -> Result<ResetOffer, Error> {
    find(app, token)
        .await
        .map(|found| ResetOffer { email: found.email })
}

async fn find(app: &App, token: &str) -> Result<store::FoundReset, Error> {
    let (now, hash) = (app.clock.now(), cookie::hash(token));
    app.db()
        .read(move |tx| {
            Box::pin(
                async move { Ok::<_, Error>(store::find_reset(&mut tx.system(), &hash).await?) },
            )
        })
        .await?
        .filter(|found| now < found.expires_at)
        .ok_or(Error::ResetInvalid)
}

/// Sets the password that a link is for. The link is used up, and every session of the operator ends.
///
/// # Errors
/// A field error, `ResetInvalid`, or the database's.
pub async fn use_up(app: &App, from: ClientAddress, used: ResetUse) -> Result<(), Error> {
    let mut checks = Checks::default();
    let new = checks.take("new", password::check_new(&used.new));
    checks.done()?;
    let found = find(app, &used.token).await?;
    let hash = app.passwords.hash(&new).await?;
    let token_hash = cookie::hash(&used.token);
    let email = cookie::hash(&team::fold_email(&found.email));
    let here = [from.subject(), email.clone()].concat();
    let app = app.clone();
    whole(async move {
        let operator = found.operator;
        let tell = app.outbox.is_some();
        app.write(found.organization, move |write| {
            Box::pin(async move {
                let now = write.now();
                if !store::use_reset(&mut write.org(), operator, &token_hash, now).await? {
                    return Err(Error::ResetInvalid);
                }
                store::set_password(&mut write.org(), operator, &hash).await?;
                write.audit(Who::Operator(operator), Verb::PasswordReset, operator);
                store::delete_sessions(&mut write.org(), operator).await?;
                // What was tried with the forgotten one keeps nobody out who has a new one.
                for (scope, subject) in
                    [("sign_in_email", &here), ("sign_in_email_anywhere", &email)]
                {
                    store::forget_attempt(&mut write.system(), scope, subject).await?;
                }
                if tell {
                    notice::enqueue(write, operator).await?;
                }
                Ok(())
            })
        })
        .await?;
        closing::end_operator(&app, found.organization, operator).await;
        Ok(())
    })
    .await
}
