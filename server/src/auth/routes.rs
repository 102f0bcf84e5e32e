//! Signing in and out.

use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{AppendHeaders, IntoResponse};
use deskside_db::DbError;
use serde::Deserialize;
use utoipa::ToSchema;

use super::address::ClientAddress;
use super::attempts::{self, Attempt};
use super::{OperatorSession, cookie, store};
use crate::app::App;
use crate::audit::{self, Verb};
use crate::body::Json;
use crate::closing;
use crate::error::{Error, Problem};
use crate::events::Who;
use crate::ids::{OperatorId, SessionId};
use crate::limits;
use crate::team::{self, Me};
use crate::tx::Write;

/// Email and password.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewSession {
    /// The operator's email address, in any case.
    pub email: String,
    /// The password.
    pub password: String,
}

/// The cookie header of a new session.
pub type SetCookie = AppendHeaders<[(header::HeaderName, header::HeaderValue); 1]>;

/// Sign in.
#[utoipa::path(post, path = "/api/v1/session", operation_id = "session_create", tag = "sessions", request_body = NewSession,
    responses((status = 200, body = Me, description = "Signed in; sets the cookie"), (status = 401, body = Problem), (status = 429, body = Problem)))]
pub async fn session_create(
    State(app): State<App>,
    address: ClientAddress,
    headers: HeaderMap,
    Json { value: body, .. }: Json<NewSession>,
) -> Result<impl IntoResponse, Error> {
    let email = team::fold_email(&body.email);
    let counted = vec![
        Attempt {
            scope: "sign_in_address",
            subject: address.subject(),
            failures_max: limits::SIGN_IN_FAILURES_PER_ADDRESS,
        },
        // By both, so that a stranger elsewhere cannot keep an operator out.
        Attempt {
            scope: "sign_in_email",
            subject: [address.subject(), cookie::hash(&email)].concat(),
            failures_max: limits::SIGN_IN_FAILURES_PER_EMAIL,
        },
        Attempt {
            scope: "sign_in_email_anywhere",
            subject: cookie::hash(&email),
            failures_max: limits::SIGN_IN_FAILURES_PER_EMAIL_ANYWHERE,
        },
    ];
    // No address holds a NUL, and PostgreSQL takes no text with one.
    if body.email.len() > limits::EMAIL_BYTES_MAX
        || body.email.contains('\0')
        || body.password.chars().count() > limits::PASSWORD_CHARACTERS_MAX
    {
        return Err(Error::WrongCredentials);
    }
    attempts::count(&app, counted.clone()).await?;
    let found = app
        .db()
        .read(move |tx| {
            Box::pin(async move { store::find_credentials(&mut tx.system(), &email).await })
        })
        .await
        .map_err(|error: DbError| Error::from(error))?;
    let hash = found.as_ref().map(|(_, _, hash)| hash.clone());
    let right = match app.passwords.verify(&body.password, hash).await {
        Err(Error::Overloaded) => {
            // Nothing was tried: our being busy locks nobody out.
            attempts::take_back(&app, counted).await?;
            return Err(Error::Overloaded);
        }
        other => other?,
    };
    let Some((organization, operator, _)) = found else {
        return Err(Error::WrongCredentials);
    };
    if !right {
        // Without waiting: the time of the answer must not tell that there is such an operator.
        audit::later(&app, organization, Verb::SignInRefused, operator.into());
        return Err(Error::WrongCredentials);
    }
    attempts::take_back(&app, counted).await?;
    end_presented(&app, &headers).await?;
    let begin = Begin::new(&app, operator);
    let header = begin.header();
    app.write(organization, move |write| {
        Box::pin(async move {
            write.audit(Who::Operator(operator), Verb::SignedIn, operator);
            begin.run(write).await
        })
    })
    .await?;
    let me = team::me(&app, organization, operator).await?;
    Ok((header, axum::Json(me)))
}

/// Sign out on this device.
#[utoipa::path(delete, path = "/api/v1/session", operation_id = "session_delete", tag = "sessions",
    responses((status = 204, description = "Signed out"), (status = 401, body = Problem)))]
pub async fn session_delete(
    State(app): State<App>,
    who: OperatorSession,
) -> Result<impl IntoResponse, Error> {
    let (id, operator) = (who.session, who.operator);
    app.write(who.organization, move |write| {
        Box::pin(async move {
            write.audit(Who::Operator(operator), Verb::SignedOut, operator);
            Ok(store::delete_session(&mut write.org(), id).await?)
        })
    })
    .await?;
    closing::end_session(&app, who.organization, id).await;
    Ok((
        StatusCode::NO_CONTENT,
        AppendHeaders([(header::SET_COOKIE, cookie::clear(cookie::OPERATOR))]),
    ))
}

/// Sign out everywhere.
#[utoipa::path(delete, path = "/api/v1/sessions", operation_id = "sessions_delete", tag = "sessions",
    responses((status = 204, description = "All sessions of this operator have ended"), (status = 401, body = Problem)))]
pub async fn sessions_delete(
    State(app): State<App>,
    who: OperatorSession,
) -> Result<impl IntoResponse, Error> {
    let operator = who.operator;
    app.write(who.organization, move |write| {
        Box::pin(async move {
            write.audit_with(
                Who::Operator(operator),
                Verb::SignedOut,
                operator,
                "everywhere",
            );
            Ok(store::delete_sessions(&mut write.org(), operator).await?)
        })
    })
    .await?;
    closing::end_operator(&app, who.organization, operator).await;
    Ok((
        StatusCode::NO_CONTENT,
        AppendHeaders([(header::SET_COOKIE, cookie::clear(cookie::OPERATOR))]),
    ))
}

/// Ends the session whose cookie a browser shows while it gets another: its other tabs would go on
/// writing, as someone else than they show.
///
/// # Errors
/// The database's.
pub async fn end_presented(app: &App, headers: &HeaderMap) -> Result<(), Error> {
    let Some(hash) = cookie::read(headers, cookie::OPERATOR).map(cookie::hash) else {
        return Ok(());
    };
    let found = app
        .db()
        .read(move |tx| {
            Box::pin(async move { store::find_operator_session(&mut tx.system(), &hash).await })
        })
        .await
        .map_err(|error: DbError| Error::from(error))?;
    let Some(before) = found.map(|found| found.session) else {
        return Ok(());
    };
    let id = before.session;
    app.write(before.organization, move |write| {
        Box::pin(async move { Ok(store::delete_session(&mut write.org(), id).await?) })
    })
    .await?;
    closing::end_session(app, before.organization, id).await;
    Ok(())
}

/// A session about to begin: made outside of the transaction, written inside.
pub struct Begin {
    id: SessionId,
    secret: String,
    operator: OperatorId,
}

impl Begin {
    /// A new session of an operator.
    pub fn new(app: &App, operator: OperatorId) -> Self {
        Self {
            id: SessionId::new(app.clock.now(), &app.random),
            secret: cookie::new_secret(&app.random),
            operator,
        }
    }

    /// The header that sets its cookie.
    pub fn header(&self) -> SetCookie {
        AppendHeaders([(
            header::SET_COOKIE,
            cookie::set(cookie::OPERATOR, &self.secret, limits::SESSION_AGE_MAX),
        )])
    }

    /// Writes it.
    ///
    /// # Errors
    /// The database's.
    pub async fn run(self, write: &mut Write<'_>) -> Result<(), Error> {
        let now = write.now();
        Ok(store::insert_session(
            &mut write.org(),
            self.id,
            cookie::hash(&self.secret),
            self.operator,
            now,
        )
        .await?)
    }
}
