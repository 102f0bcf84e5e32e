//! Merging over HTTP.

use axum::extract::State;
use serde::Deserialize;
use utoipa::IntoParams;

use super::{MergePreview, NewMerge};
use crate::app::App;
use crate::auth::OperatorSession;
use crate::body::{Json, Params, Query};
use crate::cases::view::{self, Case};
use crate::closing;
use crate::error::{Error, Problem};
use crate::ids::CaseId;
use crate::once::{IdempotencyKey, Once};

/// Which case would be merged into the one of the path.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct MergeQuery {
    /// The case that would be gone.
    from: CaseId,
}

/// Show what merging another case into this one would do.
#[utoipa::path(get, path = "/api/v1/cases/{case_id}/merge", operation_id = "case_merge_preview", tag = "cases",
    params(("case_id" = CaseId, Path), MergeQuery),
    responses((status = 200, body = MergePreview), (status = 400, body = Problem), (status = 403, body = Problem),
        (status = 404, body = Problem), (status = 409, body = Problem), (status = 410, body = Problem)))]
pub async fn case_merge_preview(
    State(app): State<App>,
    who: OperatorSession,
    Params(into): Params<CaseId>,
    Query(query): Query<MergeQuery>,
) -> Result<axum::Json<MergePreview>, Error> {
    Ok(axum::Json(
        super::preview(&app, &who, into, query.from).await?,
    ))
}

/// Merge another case into this one; that one is gone.
#[utoipa::path(post, path = "/api/v1/cases/{case_id}/merge", operation_id = "case_merge", tag = "cases",
    params(("case_id" = CaseId, Path), ("Idempotency-Key" = uuid::Uuid, Header)), request_body = NewMerge,
    responses((status = 200, body = Case), (status = 403, body = Problem), (status = 404, body = Problem),
        (status = 409, body = Problem), (status = 410, body = Problem), (status = 422, body = Problem)))]
pub async fn case_merge(
    State(app): State<App>,
    who: OperatorSession,
    Params(into): Params<CaseId>,
    key: IdempotencyKey,
    Json { value: merge, hash }: Json<NewMerge>,
) -> Result<axum::Json<Case>, Error> {
    let once = Once::new(
        who.operator.uuid(),
        key,
        &format!("case_merge {into}"),
        hash,
    );
    closing::merge_cases(&app, &who, into, merge, once).await?;
    Ok(axum::Json(view::show(&app, &who, into).await?))
}
