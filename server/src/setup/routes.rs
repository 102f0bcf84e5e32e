//! Set-up over HTTP.

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::IntoResponse;

use super::{NewSetup, SetupState};
use crate::app::App;
use crate::auth::address::ClientAddress;
use crate::auth::attempts::{self, Attempt};
use crate::body::Json;
use crate::error::{Error, Problem};
use crate::limits;
use crate::team::{self, Me};

/// Whether the server waits to be set up.
#[utoipa::path(get, path = "/api/v1/setup", operation_id = "setup_state", tag = "setup", responses((status = 200, body = SetupState)))]
pub async fn setup_state(State(app): State<App>) -> Result<axum::Json<SetupState>, Error> {
    Ok(axum::Json(super::state(&app).await?))
}

/// Create the first organization and its administrator, signed in.
#[utoipa::path(post, path = "/api/v1/setup", operation_id = "setup_create", tag = "setup", request_body = NewSetup,
    responses((status = 201, body = Me, description = "Sets the cookie"), (status = 403, body = Problem), (status = 409, body = Problem), (status = 422, body = Problem), (status = 429, body = Problem)))]
pub async fn setup_create(
    State(app): State<App>,
    address: ClientAddress,
    Json { value: new, .. }: Json<NewSetup>,
) -> Result<impl IntoResponse, Error> {
    let failures = Attempt {
        scope: "setup_address",
        subject: address.subject(),
        failures_max: limits::LINK_FAILURES_PER_ADDRESS,
    };
    let (header, organization, operator) = match super::create(&app, new).await {
        Err(Error::SetupLinkInvalid) => {
            attempts::count(&app, vec![failures]).await?;
            return Err(Error::SetupLinkInvalid);
        }
        other => other?,
    };
    Ok((
        StatusCode::CREATED,
        header,
        axum::Json(team::me(&app, organization, operator).await?),
    ))
}
