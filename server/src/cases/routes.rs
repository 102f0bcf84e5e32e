//! Cases over HTTP.

use axum::extract::State;
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::fields::{self, CaseChange};
use super::snooze::{self, Snooze};
use super::view::{self, Case};
use super::{NewCase, lifecycle};
use crate::app::App;
use crate::audit::{self, Verb};
use crate::auth::OperatorSession;
use crate::body::{Json, Params};
use crate::closing;
use crate::error::{Error, Problem};
use crate::guests;
use crate::ids::CaseId;
use crate::once::{IdempotencyKey, Once};

/// Nothing to say: the body of an act.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Nothing {}

/// A case's guest link.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct GuestLink {
    /// The address to send to the guest; it stays the same for the life of the case.
    pub url: String,
}

/// Create a case; its creator has joined.
#[utoipa::path(post, path = "/api/v1/cases", operation_id = "case_create", tag = "cases", request_body = NewCase,
    params(("Idempotency-Key" = uuid::Uuid, Header, description = "A new UUID for each case, the same when repeated")),
    responses((status = 201, body = Case), (status = 422, body = Problem)))]
pub async fn case_create(
    State(app): State<App>,
    who: OperatorSession,
    key: IdempotencyKey,
    Json { value: new, hash }: Json<NewCase>,
) -> Result<(StatusCode, axum::Json<Case>), Error> {
    let once = Once::new(who.operator.uuid(), key, "case_create", hash);
    let id = super::create(&app, &who, new, once).await?;
    Ok((
        StatusCode::CREATED,
        axum::Json(view::load(&app, &who, id).await?),
    ))
}

/// Read a case.
#[utoipa::path(get, path = "/api/v1/cases/{case_id}", operation_id = "case_get", tag = "cases", params(("case_id" = CaseId, Path)),
    responses((status = 200, body = Case), (status = 404, body = Problem)))]
pub async fn case_get(
    State(app): State<App>,
    who: OperatorSession,
    Params(case_id): Params<CaseId>,
) -> Result<axum::Json<Case>, Error> {
    Ok(axum::Json(view::show(&app, &who, case_id).await?))
}

/// Change fields of a case, each with the version it replaces.
#[utoipa::path(patch, path = "/api/v1/cases/{case_id}", operation_id = "case_patch", tag = "cases", params(("case_id" = CaseId, Path)),
    request_body = CaseChange,
    responses((status = 200, body = Case), (status = 404, body = Problem), (status = 409, body = Problem), (status = 422, body = Problem)))]
pub async fn case_patch(
    State(app): State<App>,
    who: OperatorSession,
    Params(case_id): Params<CaseId>,
    Json { value: change, .. }: Json<CaseChange>,
) -> Result<axum::Json<Case>, Error> {
    fields::change(&app, &who, case_id, change).await?;
    Ok(axum::Json(view::show(&app, &who, case_id).await?))
}

/// Delete a case and all it holds, for good.
#[utoipa::path(delete, path = "/api/v1/cases/{case_id}", operation_id = "case_delete", tag = "cases", params(("case_id" = CaseId, Path)),
    responses((status = 204, description = "Gone"), (status = 404, body = Problem)))]
pub async fn case_delete(
    State(app): State<App>,
    who: OperatorSession,
    Params(case_id): Params<CaseId>,
) -> Result<StatusCode, Error> {
    closing::delete_case(&app, &who, case_id).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Complete a case.
#[utoipa::path(post, path = "/api/v1/cases/{case_id}/complete", operation_id = "case_complete", tag = "cases",
    params(("case_id" = CaseId, Path), ("Idempotency-Key" = uuid::Uuid, Header)), request_body = Nothing,
    responses((status = 200, body = Case), (status = 404, body = Problem), (status = 409, body = Problem)))]
pub async fn case_complete(
    State(app): State<App>,
    who: OperatorSession,
    Params(case_id): Params<CaseId>,
    key: IdempotencyKey,
    Json { hash, .. }: Json<Nothing>,
) -> Result<axum::Json<Case>, Error> {
    let once = Once::new(
        who.operator.uuid(),
        key,
        &format!("case_complete {case_id}"),
        hash,
    );
    closing::complete_case(&app, &who, case_id, once).await?;
    Ok(axum::Json(view::show(&app, &who, case_id).await?))
}

/// Open a completed case again.
#[utoipa::path(post, path = "/api/v1/cases/{case_id}/reopen", operation_id = "case_reopen", tag = "cases",
    params(("case_id" = CaseId, Path), ("Idempotency-Key" = uuid::Uuid, Header)), request_body = Nothing,
    responses((status = 200, body = Case), (status = 404, body = Problem), (status = 409, body = Problem)))]
pub async fn case_reopen(
    State(app): State<App>,
    who: OperatorSession,
    Params(case_id): Params<CaseId>,
    key: IdempotencyKey,
    Json { hash, .. }: Json<Nothing>,
) -> Result<axum::Json<Case>, Error> {
    let once = Once::new(
        who.operator.uuid(),
        key,
        &format!("case_reopen {case_id}"),
        hash,
    );
    lifecycle::reopen(&app, &who, case_id, once).await?;
    Ok(axum::Json(view::show(&app, &who, case_id).await?))
}

/// Put a case off: it leaves the own list until a time, or until the customer writes.
#[utoipa::path(put, path = "/api/v1/cases/{case_id}/snooze", operation_id = "case_snooze_put", tag = "cases", params(("case_id" = CaseId, Path)),
    request_body = Snooze,
    responses((status = 200, body = Case), (status = 404, body = Problem), (status = 409, body = Problem), (status = 422, body = Problem)))]
pub async fn case_snooze_put(
    State(app): State<App>,
    who: OperatorSession,
    Params(case_id): Params<CaseId>,
    Json { value, .. }: Json<Snooze>,
) -> Result<axum::Json<Case>, Error> {
    snooze::put(&app, &who, case_id, value.until).await?;
    Ok(axum::Json(view::show(&app, &who, case_id).await?))
}

/// Take putting a case off back.
#[utoipa::path(delete, path = "/api/v1/cases/{case_id}/snooze", operation_id = "case_snooze_delete", tag = "cases",
    params(("case_id" = CaseId, Path)),
    responses((status = 200, body = Case), (status = 404, body = Problem)))]
pub async fn case_snooze_delete(
    State(app): State<App>,
    who: OperatorSession,
    Params(case_id): Params<CaseId>,
) -> Result<axum::Json<Case>, Error> {
    snooze::delete(&app, &who, case_id).await?;
    Ok(axum::Json(view::show(&app, &who, case_id).await?))
}

/// Show the guest link of a case.
#[utoipa::path(get, path = "/api/v1/cases/{case_id}/guest-link", operation_id = "case_guest_link", tag = "cases", params(("case_id" = CaseId, Path)),
    responses((status = 200, body = GuestLink), (status = 404, body = Problem)))]
pub async fn case_guest_link(
    State(app): State<App>,
    who: OperatorSession,
    Params(case_id): Params<CaseId>,
) -> Result<axum::Json<GuestLink>, Error> {
    let url = guests::link(&app, who.organization, case_id).await?;
    // Behind the link stands all that the guest is told.
    audit::opened::note(&app, &who, Verb::CaseOpened, case_id.into()).await?;
    Ok(axum::Json(GuestLink { url }))
}
