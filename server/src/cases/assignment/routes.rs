//! Who works on a case, over HTTP.

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use utoipa::ToSchema;

use super::Handover;
use crate::app::App;
use crate::auth::OperatorSession;
use crate::body::{Json, Params};
use crate::cases::lifecycle;
use crate::cases::routes::Nothing;
use crate::cases::view::{self, Case};
use crate::closing;
use crate::error::{Error, Problem};
use crate::ids::{CaseId, OperatorId};
use crate::once::{IdempotencyKey, Once};

/// A case to hand over.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewHandover {
    /// To which colleague.
    pub to: OperatorId,
    /// What the colleague should know, at most 2 000 characters.
    #[serde(default)]
    pub note: String,
    /// Whether oneself stays on the case.
    #[serde(default)]
    pub stay: bool,
}

/// The case after a change; nothing where that took it out of the sight of who changed it.
async fn shown(app: &App, who: &OperatorSession, case_id: CaseId) -> Result<Response, Error> {
    match view::show(app, who, case_id).await {
        Ok(case) => Ok(axum::Json(case).into_response()),
        Err(Error::NotFound) => Ok(StatusCode::NO_CONTENT.into_response()),
        Err(error) => Err(error),
    }
}

/// Take a case from the queue; of several requests at once one gets it.
#[utoipa::path(post, path = "/api/v1/cases/{case_id}/claim", operation_id = "case_claim", tag = "cases",
    params(("case_id" = CaseId, Path), ("Idempotency-Key" = uuid::Uuid, Header)), request_body = Nothing,
    responses((status = 200, body = Case), (status = 404, body = Problem), (status = 409, body = Problem, description = "The case does not wait: `taken_by` of `case_taken` says who has it, oneself where one is on it already")))]
pub async fn case_claim(
    State(app): State<App>,
    who: OperatorSession,
    Params(case_id): Params<CaseId>,
    key: IdempotencyKey,
    Json { hash, .. }: Json<Nothing>,
) -> Result<axum::Json<Case>, Error> {
    let operation = format!("case_claim {case_id}");
    let once = Once::new(who.operator.uuid(), key, &operation, hash);
    super::claim(&app, &who, case_id, once).await?;
    Ok(axum::Json(view::show(&app, &who, case_id).await?))
}

/// Put a case back into the queue; all its operators leave.
#[utoipa::path(post, path = "/api/v1/cases/{case_id}/queue", operation_id = "case_queue", tag = "cases",
    params(("case_id" = CaseId, Path), ("Idempotency-Key" = uuid::Uuid, Header)), request_body = Nothing,
    responses((status = 200, body = Case), (status = 403, body = Problem), (status = 404, body = Problem), (status = 409, body = Problem)))]
pub async fn case_queue(
    State(app): State<App>,
    who: OperatorSession,
    Params(case_id): Params<CaseId>,
    key: IdempotencyKey,
    Json { hash, .. }: Json<Nothing>,
) -> Result<axum::Json<Case>, Error> {
    let operation = format!("case_queue {case_id}");
    let once = Once::new(who.operator.uuid(), key, &operation, hash);
    super::queue(&app, &who, case_id, once).await?;
    Ok(axum::Json(view::show(&app, &who, case_id).await?))
}

/// Hand a case to a colleague, with a note.
#[utoipa::path(post, path = "/api/v1/cases/{case_id}/handover", operation_id = "case_handover", tag = "cases",
    params(("case_id" = CaseId, Path), ("Idempotency-Key" = uuid::Uuid, Header)), request_body = NewHandover,
    responses((status = 200, body = Case), (status = 204, description = "Handed over, and out of sight"), (status = 403, body = Problem),
        (status = 404, body = Problem), (status = 409, body = Problem), (status = 422, body = Problem)))]
pub async fn case_handover(
    State(app): State<App>,
    who: OperatorSession,
    Params(case_id): Params<CaseId>,
    key: IdempotencyKey,
    Json { value: new, hash }: Json<NewHandover>,
) -> Result<Response, Error> {
    let operation = format!("case_handover {case_id}");
    let once = Once::new(who.operator.uuid(), key, &operation, hash);
    let handover = Handover {
        to: new.to,
        note: new.note,
        stay: new.stay,
    };
    closing::hand_over(&app, &who, case_id, handover, once).await?;
    shown(&app, &who, case_id).await
}

/// Put an operator on a case: join, or add a colleague.
#[utoipa::path(put, path = "/api/v1/cases/{case_id}/operators/{operator_id}", operation_id = "case_operator_put", tag = "cases",
    params(("case_id" = CaseId, Path), ("operator_id" = OperatorId, Path)),
    responses((status = 200, body = Case), (status = 204, description = "Added, and out of sight"), (status = 403, body = Problem),
        (status = 404, body = Problem), (status = 409, body = Problem)))]
pub async fn case_operator_put(
    State(app): State<App>,
    who: OperatorSession,
    Params((case_id, operator)): Params<(CaseId, OperatorId)>,
) -> Result<Response, Error> {
    lifecycle::join(&app, &who, case_id, operator).await?;
    shown(&app, &who, case_id).await
}

/// Take an operator off a case; the last one puts it back into the queue.
#[utoipa::path(delete, path = "/api/v1/cases/{case_id}/operators/{operator_id}", operation_id = "case_operator_delete", tag = "cases",
    params(("case_id" = CaseId, Path), ("operator_id" = OperatorId, Path)),
    responses((status = 200, body = Case), (status = 204, description = "Taken off, and out of sight"), (status = 403, body = Problem),
        (status = 404, body = Problem), (status = 409, body = Problem)))]
pub async fn case_operator_delete(
    State(app): State<App>,
    who: OperatorSession,
    Params((case_id, operator)): Params<(CaseId, OperatorId)>,
) -> Result<Response, Error> {
    closing::leave_case(&app, &who, case_id, operator).await?;
    shown(&app, &who, case_id).await
}
