//! Quick responses over HTTP.

use axum::extract::State;
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{NewQuickResponse, QuickResponse, QuickResponseChange};
use crate::app::App;
use crate::auth::OperatorSession;
use crate::body::{Json, Params};
use crate::error::{Error, Problem};
use crate::ids::QuickResponseId;
use crate::once::{IdempotencyKey, Once};

/// The quick responses that an operator may use.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct QuickResponseList {
    /// All of them by shortcut: everyone's and the reader's own.
    pub items: Vec<QuickResponse>,
}

/// List the quick responses: everyone's and one's own.
#[utoipa::path(get, path = "/api/v1/quick-responses", operation_id = "quick_response_list", tag = "chat",
    responses((status = 200, body = QuickResponseList), (status = 401, body = Problem)))]
pub async fn quick_response_list(
    State(app): State<App>,
    who: OperatorSession,
) -> Result<axum::Json<QuickResponseList>, Error> {
    Ok(axum::Json(QuickResponseList {
        items: super::list(&app, &who).await?,
    }))
}

/// Write a quick response.
#[utoipa::path(post, path = "/api/v1/quick-responses", operation_id = "quick_response_create", tag = "chat", request_body = NewQuickResponse,
    params(("Idempotency-Key" = uuid::Uuid, Header)),
    responses((status = 201, body = QuickResponse), (status = 403, body = Problem), (status = 409, body = Problem), (status = 422, body = Problem)))]
pub async fn quick_response_create(
    State(app): State<App>,
    who: OperatorSession,
    key: IdempotencyKey,
    Json { value: new, hash }: Json<NewQuickResponse>,
) -> Result<(StatusCode, axum::Json<QuickResponse>), Error> {
    let once = Once::new(who.operator.uuid(), key, "quick_response_create", hash);
    let response = super::create(&app, &who, new, once).await?;
    Ok((StatusCode::CREATED, axum::Json(response)))
}

/// Change a quick response, with the version it replaces.
#[utoipa::path(patch, path = "/api/v1/quick-responses/{quick_response_id}", operation_id = "quick_response_patch", tag = "chat",
    params(("quick_response_id" = QuickResponseId, Path)), request_body = QuickResponseChange,
    responses((status = 200, body = QuickResponse), (status = 403, body = Problem), (status = 404, body = Problem), (status = 409, body = Problem), (status = 422, body = Problem)))]
pub async fn quick_response_patch(
    State(app): State<App>,
    who: OperatorSession,
    Params(id): Params<QuickResponseId>,
    Json { value: change, .. }: Json<QuickResponseChange>,
) -> Result<axum::Json<QuickResponse>, Error> {
    Ok(axum::Json(super::change(&app, &who, id, change).await?))
}

/// Delete a quick response.
#[utoipa::path(delete, path = "/api/v1/quick-responses/{quick_response_id}", operation_id = "quick_response_delete", tag = "chat",
    params(("quick_response_id" = QuickResponseId, Path)),
    responses((status = 204, description = "Gone"), (status = 403, body = Problem), (status = 404, body = Problem)))]
pub async fn quick_response_delete(
    State(app): State<App>,
    who: OperatorSession,
    Params(id): Params<QuickResponseId>,
) -> Result<StatusCode, Error> {
    super::delete(&app, &who, id).await?;
    Ok(StatusCode::NO_CONTENT)
}
