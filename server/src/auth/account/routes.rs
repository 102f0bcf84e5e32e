//! Passwords over HTTP.

use axum::extract::State;
use axum::http::StatusCode;

use super::PasswordChange;
use super::reset::{self, ResetOffer, ResetRequest, ResetToken, ResetUse};
use crate::app::App;
use crate::auth::OperatorSession;
use crate::auth::address::ClientAddress;
use crate::auth::attempts::{self, Attempt};
use crate::body::Json;
use crate::error::{Error, Problem};
use crate::limits;

/// Change one's own password. Every other session ends; this one stays.
#[utoipa::path(post, path = "/api/v1/me/password", operation_id = "me_password_change", tag = "sessions", request_body = PasswordChange,
    responses((status = 204, description = "Changed"), (status = 422, body = Problem), (status = 429, body = Problem)))]
pub async fn me_password_change(
    State(app): State<App>,
    who: OperatorSession,
    Json { value: change, .. }: Json<PasswordChange>,
) -> Result<StatusCode, Error> {
    super::change(&app, &who, change).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Ask for a link to a new password by email. The answer is the same whether the address belongs to somebody or not.
#[utoipa::path(post, path = "/api/v1/password-resets", operation_id = "password_reset_create", tag = "sessions", request_body = ResetRequest,
    responses((status = 202, description = "If someone signs in with this address, an email is on its way"), (status = 429, body = Problem)))]
pub async fn password_reset_create(
    State(app): State<App>,
    address: ClientAddress,
    Json { value: body, .. }: Json<ResetRequest>,
) -> Result<StatusCode, Error> {
    reset::ask(&app, address, &body.email).await?;
    Ok(StatusCode::ACCEPTED)
}

/// See whose password a link sets before setting it.
#[utoipa::path(post, path = "/api/v1/password-resets/lookup", operation_id = "password_reset_lookup", tag = "sessions", request_body = ResetToken,
    responses((status = 200, body = ResetOffer), (status = 410, body = Problem), (status = 429, body = Problem)))]
pub async fn password_reset_lookup(
    State(app): State<App>,
    address: ClientAddress,
    Json { value: body, .. }: Json<ResetToken>,
) -> Result<axum::Json<ResetOffer>, Error> {
    let offer = reset::offer(&app, &body.token).await;
    Ok(axum::Json(counted(&app, address, offer).await?))
}

/// Set a new password by a link. Every session of the operator ends; sign in with the new password.
#[utoipa::path(post, path = "/api/v1/password-resets/use", operation_id = "password_reset_use", tag = "sessions", request_body = ResetUse,
    responses((status = 204, description = "Set"), (status = 410, body = Problem), (status = 422, body = Problem), (status = 429, body = Problem)))]
pub async fn password_reset_use(
    State(app): State<App>,
    address: ClientAddress,
    Json { value: body, .. }: Json<ResetUse>,
) -> Result<StatusCode, Error> {
    let used = reset::use_up(&app, address, body).await;
    counted(&app, address, used).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Counts a link that is none for its client address.
async fn counted<T>(
    app: &App,
    address: ClientAddress,
    outcome: Result<T, Error>,
) -> Result<T, Error> {
    if let Err(Error::ResetInvalid) = outcome {
        let failure = Attempt {
            scope: "reset_link_address",
            subject: address.subject(),
            failures_max: limits::LINK_FAILURES_PER_ADDRESS,
        };
        attempts::count(app, vec![failure]).await?;
    }
    outcome
}
