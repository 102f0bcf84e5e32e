//! The guest page's side of the API.

use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{AppendHeaders, IntoResponse};
use serde::Deserialize;
use utoipa::ToSchema;

use super::GuestCase;
use crate::app::App;
use crate::auth::address::ClientAddress;
use crate::auth::attempts::{self, Attempt};
use crate::auth::{GuestSession, cookie};
use crate::body::{Json, Params, Query};
use crate::chat::routes::{NewRead, TimelineQuery};
use crate::chat::{self, Sender, Timeline};
use crate::error::{Error, Problem};
use crate::events::Entry;
use crate::events::store::Reader;
use crate::ids::CaseId;
use crate::limits;
use crate::once::IdempotencyKey;

/// The end of a guest link.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewGuestSession {
    /// What stands behind `/g/` in the link.
    pub token: String,
}

/// Open a guest link: the page's script calls this, reading the page changes nothing (O12). A completed case answers with that
/// status and nothing of what is in it; its socket tells when it is opened again.
#[utoipa::path(post, path = "/api/v1/guest/session", operation_id = "guest_session_create", tag = "guests", request_body = NewGuestSession,
    responses((status = 200, body = GuestCase, description = "Sets the cookie"), (status = 404, body = Problem), (status = 410, body = Problem), (status = 429, body = Problem)))]
pub async fn guest_session_create(
    State(app): State<App>,
    address: ClientAddress,
    headers: HeaderMap,
    Json { value: body, .. }: Json<NewGuestSession>,
) -> Result<impl IntoResponse, Error> {
    let failures = Attempt {
        scope: "guest_link_address",
        subject: address.subject(),
        failures_max: limits::LINK_FAILURES_PER_ADDRESS,
    };
    let known = cookie::read(&headers, cookie::GUEST).map(ToOwned::to_owned);
    let arrival = match super::arrive(&app, &body.token, known).await {
        Ok(arrival) => arrival,
        Err(error) => {
            if matches!(error, Error::LinkUnknown(_)) {
                attempts::count(&app, vec![failures]).await?;
            }
            return Err(error);
        }
    };
    let case = super::load(&app, &arrival.session).await?;
    let header = cookie::set(
        cookie::GUEST,
        &arrival.secret,
        limits::GUEST_SESSION_AGE_MAX,
    );
    Ok((
        AppendHeaders([(header::SET_COOKIE, header)]),
        axum::Json(case.told()),
    ))
}

/// Read the case.
#[utoipa::path(get, path = "/api/v1/guest/cases/{case_id}", operation_id = "guest_case_get", tag = "guests", params(("case_id" = CaseId, Path)),
    responses((status = 200, body = GuestCase), (status = 404, body = Problem), (status = 409, body = Problem)))]
pub async fn guest_case_get(
    State(app): State<App>,
    who: GuestSession,
) -> Result<axum::Json<GuestCase>, Error> {
    Ok(axum::Json(super::load_open(&app, &who).await?))
}

/// Read a piece of the timeline.
#[utoipa::path(get, path = "/api/v1/guest/cases/{case_id}/timeline", operation_id = "guest_timeline", tag = "guests",
    params(("case_id" = CaseId, Path), TimelineQuery),
    responses((status = 200, body = Timeline), (status = 400, body = Problem), (status = 404, body = Problem), (status = 409, body = Problem)))]
pub async fn guest_timeline(
    State(app): State<App>,
    who: GuestSession,
    Params(case_id): Params<CaseId>,
    Query(query): Query<TimelineQuery>,
) -> Result<axum::Json<Timeline>, Error> {
    let (piece, limit) = query.piece()?;
    super::load_open(&app, &who).await?;
    Ok(axum::Json(
        chat::timeline(&app, who.organization, case_id, Reader::Guest, piece, limit).await?,
    ))
}

/// A guest's message.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewGuestMessage {
    /// Its text, 1 to 10 000 characters.
    pub text: String,
}

/// Send a message to the operators.
#[utoipa::path(post, path = "/api/v1/guest/cases/{case_id}/messages", operation_id = "guest_message_create", tag = "guests", request_body = NewGuestMessage,
    params(("case_id" = CaseId, Path), ("Idempotency-Key" = uuid::Uuid, Header, description = "One for each message, unique per case and sender for good")),
    responses((status = 201, body = Entry), (status = 404, body = Problem), (status = 409, body = Problem), (status = 422, body = Problem), (status = 429, body = Problem)))]
pub async fn guest_message_create(
    State(app): State<App>,
    who: GuestSession,
    Params(case_id): Params<CaseId>,
    key: IdempotencyKey,
    Json { value: message, .. }: Json<NewGuestMessage>,
) -> Result<(StatusCode, axum::Json<Entry>), Error> {
    app.pace.step(who.guest.uuid(), app.clock.now())?;
    let entry = chat::send(
        &app,
        who.organization,
        case_id,
        Sender::Guest(who.guest),
        &message.text,
        key.0,
    )
    .await?;
    Ok((StatusCode::CREATED, axum::Json(entry)))
}

/// Note how far the guest has read.
#[utoipa::path(put, path = "/api/v1/guest/cases/{case_id}/read", operation_id = "guest_read_put", tag = "guests",
    params(("case_id" = CaseId, Path)), request_body = NewRead,
    responses((status = 204, description = "Noted"), (status = 404, body = Problem), (status = 409, body = Problem)))]
pub async fn guest_read_put(
    State(app): State<App>,
    who: GuestSession,
    Params(case_id): Params<CaseId>,
    Json { value: read, .. }: Json<NewRead>,
) -> Result<StatusCode, Error> {
    super::load_open(&app, &who).await?;
    chat::read(&app, who.organization, case_id, who.who(), read.entry).await?;
    Ok(StatusCode::NO_CONTENT)
}
