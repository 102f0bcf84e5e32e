//! Saved filters over HTTP.

use axum::extract::State;
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{NewFilter, SavedFilter};
use crate::app::App;
use crate::auth::OperatorSession;
use crate::body::{Json, Params};
use crate::error::{Error, Problem};
use crate::ids::FilterId;
use crate::once::{IdempotencyKey, Once};

/// The operator's saved filters.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct FilterPage {
    /// All of them, the oldest first.
    pub items: Vec<SavedFilter>,
}

/// List the saved filters of the one who asks.
#[utoipa::path(get, path = "/api/v1/filters", operation_id = "filter_list", tag = "filters",
    responses((status = 200, body = FilterPage)))]
pub async fn filter_list(
    State(app): State<App>,
    who: OperatorSession,
) -> Result<axum::Json<FilterPage>, Error> {
    let items = super::all(&app, &who).await?;
    Ok(axum::Json(FilterPage { items }))
}

/// Save a filter.
#[utoipa::path(post, path = "/api/v1/filters", operation_id = "filter_create", tag = "filters", request_body = NewFilter,
    params(("Idempotency-Key" = uuid::Uuid, Header)),
    responses((status = 201, body = SavedFilter), (status = 409, body = Problem), (status = 422, body = Problem)))]
pub async fn filter_create(
    State(app): State<App>,
    who: OperatorSession,
    key: IdempotencyKey,
    Json { value: new, hash }: Json<NewFilter>,
) -> Result<(StatusCode, axum::Json<SavedFilter>), Error> {
    let once = Once::new(who.operator.uuid(), key, "filter_create", hash);
    let saved = super::create(&app, &who, new, once).await?;
    Ok((StatusCode::CREATED, axum::Json(saved)))
}

/// Delete a saved filter.
#[utoipa::path(delete, path = "/api/v1/filters/{filter_id}", operation_id = "filter_delete", tag = "filters",
    params(("filter_id" = FilterId, Path)),
    responses((status = 204, description = "Gone"), (status = 404, body = Problem)))]
pub async fn filter_delete(
    State(app): State<App>,
    who: OperatorSession,
    Params(filter): Params<FilterId>,
) -> Result<StatusCode, Error> {
    super::delete(&app, &who, filter).await?;
    Ok(StatusCode::NO_CONTENT)
}
