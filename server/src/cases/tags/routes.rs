//! Tags over HTTP.

use axum::extract::State;
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{Tag, TagName, TagRef};
use crate::app::App;
use crate::auth::OperatorSession;
use crate::body::{Json, Params};
use crate::cases::view::{self, Case};
use crate::error::{Error, Problem};
use crate::ids::{CaseId, TagId};
use crate::once::{IdempotencyKey, Once};

/// The tags of the organization.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct TagPage {
    /// All of them, by name.
    pub items: Vec<Tag>,
}

/// List the organization's tags.
#[utoipa::path(get, path = "/api/v1/tags", operation_id = "tag_list", tag = "tags",
    responses((status = 200, body = TagPage)))]
pub async fn tag_list(
    State(app): State<App>,
    who: OperatorSession,
) -> Result<axum::Json<TagPage>, Error> {
    let items = super::all(&app, &who).await?;
    Ok(axum::Json(TagPage { items }))
}

/// Make a tag, or find the one of that name.
#[utoipa::path(post, path = "/api/v1/tags", operation_id = "tag_create", tag = "tags", request_body = TagName,
    params(("Idempotency-Key" = uuid::Uuid, Header)),
    responses((status = 200, body = TagRef), (status = 409, body = Problem), (status = 422, body = Problem)))]
pub async fn tag_create(
    State(app): State<App>,
    who: OperatorSession,
    key: IdempotencyKey,
    Json { value: new, hash }: Json<TagName>,
) -> Result<axum::Json<TagRef>, Error> {
    let once = Once::new(who.operator.uuid(), key, "tag_create", hash);
    Ok(axum::Json(super::create(&app, &who, new, once).await?))
}

/// Give a tag another name.
#[utoipa::path(patch, path = "/api/v1/tags/{tag_id}", operation_id = "tag_patch", tag = "tags", params(("tag_id" = TagId, Path)),
    request_body = TagName,
    responses((status = 200, body = TagRef), (status = 404, body = Problem), (status = 409, body = Problem), (status = 422, body = Problem)))]
pub async fn tag_patch(
    State(app): State<App>,
    who: OperatorSession,
    Params(tag): Params<TagId>,
    Json { value: change, .. }: Json<TagName>,
) -> Result<axum::Json<TagRef>, Error> {
    Ok(axum::Json(super::rename(&app, &who, tag, change).await?))
}

/// Delete a tag; it is taken off all cases.
#[utoipa::path(delete, path = "/api/v1/tags/{tag_id}", operation_id = "tag_delete", tag = "tags", params(("tag_id" = TagId, Path)),
    responses((status = 204, description = "Gone"), (status = 404, body = Problem)))]
pub async fn tag_delete(
    State(app): State<App>,
    who: OperatorSession,
    Params(tag): Params<TagId>,
) -> Result<StatusCode, Error> {
    super::delete(&app, &who, tag).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Put a tag on a case.
#[utoipa::path(put, path = "/api/v1/cases/{case_id}/tags/{tag_id}", operation_id = "case_tag_put", tag = "tags",
    params(("case_id" = CaseId, Path), ("tag_id" = TagId, Path)),
    responses((status = 200, body = Case), (status = 404, body = Problem), (status = 409, body = Problem)))]
pub async fn case_tag_put(
    State(app): State<App>,
    who: OperatorSession,
    Params((case_id, tag)): Params<(CaseId, TagId)>,
) -> Result<axum::Json<Case>, Error> {
    super::put(&app, &who, case_id, tag).await?;
    Ok(axum::Json(view::show(&app, &who, case_id).await?))
}

/// Take a tag off a case.
#[utoipa::path(delete, path = "/api/v1/cases/{case_id}/tags/{tag_id}", operation_id = "case_tag_delete", tag = "tags",
    params(("case_id" = CaseId, Path), ("tag_id" = TagId, Path)),
    responses((status = 200, body = Case), (status = 404, body = Problem), (status = 409, body = Problem)))]
pub async fn case_tag_delete(
    State(app): State<App>,
    who: OperatorSession,
    Params((case_id, tag)): Params<(CaseId, TagId)>,
) -> Result<axum::Json<Case>, Error> {
    super::take(&app, &who, case_id, tag).await?;
    Ok(axum::Json(view::show(&app, &who, case_id).await?))
}
