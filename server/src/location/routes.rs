//! The customer's location over HTTP, for operators and for the guest page.

use axum::extract::State;
use axum::http::StatusCode;

use super::LocationAnswer;
use crate::app::App;
use crate::auth::{GuestSession, OperatorSession};
use crate::body::{Json, Params};
use crate::cases::routes::Nothing;
use crate::error::{Error, Problem};
use crate::ids::CaseId;
use crate::once::{IdempotencyKey, Once};

/// Ask the customer for the location.
#[utoipa::path(post, path = "/api/v1/cases/{case_id}/location/request", operation_id = "case_location_request", tag = "cases",
    params(("case_id" = CaseId, Path), ("Idempotency-Key" = uuid::Uuid, Header)), request_body = Nothing,
    responses((status = 202, description = "The guest's page asks"), (status = 403, body = Problem), (status = 404, body = Problem), (status = 409, body = Problem)))]
pub async fn case_location_request(
    State(app): State<App>,
    who: OperatorSession,
    Params(case_id): Params<CaseId>,
    key: IdempotencyKey,
    Json { hash, .. }: Json<Nothing>,
) -> Result<StatusCode, Error> {
    let operation = format!("case_location_request {case_id}");
    let once = Once::new(who.operator.uuid(), key, &operation, hash);
    super::request(&app, &who, case_id, once).await?;
    Ok(StatusCode::ACCEPTED)
}

/// Forget the location of a case, and withdraw an open request.
#[utoipa::path(delete, path = "/api/v1/cases/{case_id}/location", operation_id = "case_location_delete", tag = "cases",
    params(("case_id" = CaseId, Path)),
    responses((status = 204, description = "Forgotten"), (status = 403, body = Problem), (status = 404, body = Problem), (status = 409, body = Problem)))]
pub async fn case_location_delete(
    State(app): State<App>,
    who: OperatorSession,
    Params(case_id): Params<CaseId>,
) -> Result<StatusCode, Error> {
    super::forget(&app, &who, case_id).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Answer the request for the location.
#[utoipa::path(post, path = "/api/v1/guest/cases/{case_id}/location", operation_id = "guest_location_create", tag = "guests",
    params(("case_id" = CaseId, Path), ("Idempotency-Key" = uuid::Uuid, Header)), request_body = LocationAnswer,
    responses((status = 204, description = "Noted"), (status = 403, body = Problem), (status = 404, body = Problem), (status = 409, body = Problem), (status = 422, body = Problem), (status = 429, body = Problem)))]
pub async fn guest_location_create(
    State(app): State<App>,
    who: GuestSession,
    key: IdempotencyKey,
    Json {
        value: answer,
        hash,
    }: Json<LocationAnswer>,
) -> Result<StatusCode, Error> {
    app.pace.step(who.guest.uuid(), app.clock.now())?;
    let operation = format!("guest_location_create {}", who.case_id);
    let once = Once::new(who.guest.uuid(), key, &operation, hash);
    super::answer(&app, &who, answer, once).await?;
    Ok(StatusCode::NO_CONTENT)
}
