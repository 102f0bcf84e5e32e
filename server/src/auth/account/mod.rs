//! One's own password: changed by who knows it, or made anew through an email by who forgot it ([`reset`]).

pub mod notice;
pub mod reset;
pub mod routes;
pub mod store;

use serde::Deserialize;
use utoipa::ToSchema;

use super::attempts::{self, Attempt};
use super::{OperatorSession, password};
use crate::app::{App, whole};
use crate::audit::Verb;
use crate::closing;
use crate::error::{Error, FieldError, FieldErrorCode};
use crate::events::Who;
use crate::limits;
use crate::text::Checks;

/// A change of one's own password.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PasswordChange {
    /// The password so far.
    pub current: String,
    /// The new one.
    pub new: String,
}

/// Changes one's own password. All other sessions of the operator end, and a link to a new password ends too.
///
/// # Errors
/// Field errors, `TooManyAttempts` after too many wrong ones, or the database's.
pub async fn change(app: &App, who: &OperatorSession, change: PasswordChange) -> Result<(), Error> {
    let mut checks = Checks::default();
    let new = checks.take("new", password::check_new(&change.new));
    checks.done()?;
    let wrong = || {
        let error = FieldError::new("current", FieldErrorCode::WrongPassword);
        Err(Error::Invalid(vec![error]))
    };
    if change.current.chars().count() > limits::PASSWORD_CHARACTERS_MAX {
        return wrong();
    }
    let counted = vec![Attempt {
        scope: "password_change",
        subject: who.operator.uuid().as_bytes().to_vec(),
        failures_max: limits::PASSWORD_CHANGE_FAILURES,
    }];
    attempts::count(app, counted.clone()).await?;
    let operator = who.operator;
    let before = app
        .read(who.organization, move |tx| {
            Box::pin(async move { Ok(store::password_hash(tx, operator).await?) })
        })
        .await?
        .ok_or(Error::NotSignedIn)?;
    match app
        .passwords
        .verify(&change.current, Some(before.clone()))
        .await
    {
        Ok(true) => attempts::take_back(app, counted).await?,
        Ok(false) => return wrong(),
        Err(error) => {
            // Nothing was tried: our being busy locks nobody out.
            attempts::take_back(app, counted).await?;
            return Err(error);
        }
    }
    let hash = app.passwords.hash(&new).await?;
    let (app, who) = (app.clone(), who.clone());
    whole(async move {
        let own = who.session;
        let tell = app.outbox.is_some();
        let ended = app
            .write(who.organization, move |write| {
                Box::pin(async move {
                    // Of two changes at once the second knew a password that is none any more.
                    if !store::change_password(&mut write.org(), operator, &before, &hash).await? {
                        return Ok(None);
                    }
                    store::end_reset(&mut write.org(), operator).await?;
                    write.audit(Who::Operator(operator), Verb::PasswordChanged, operator);
                    let ended =
                        store::delete_other_sessions(&mut write.org(), operator, own).await?;
                    if tell {
                        notice::enqueue(write, operator).await?;
                    }
                    Ok(Some(ended))
                })
            })
            .await?;
        let Some(ended) = ended else {
            return wrong();
        };
        for session in ended {
            closing::end_session(&app, who.organization, session).await;
        }
        Ok(())
    })
    .await
}
