//! Custom fields over HTTP.

use axum::extract::State;
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::CustomField;
use super::change::{self, CustomFieldChange};
use super::define::{self, NewCustomField};
use crate::app::App;
use crate::auth::OperatorSession;
use crate::body::{Json, Params, Query};
use crate::error::{Error, Problem};
use crate::ids::CustomFieldId;
use crate::once::{IdempotencyKey, Once};

/// The custom fields.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct CustomFieldList {
    /// All of them in their order.
    pub items: Vec<CustomField>,
}

/// What becomes of the values of a field that is deleted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ValuesToo {
    /// They go too.
    Delete,
}

/// How a field is deleted.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(default, deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct CustomFieldDeleteQuery {
    /// `delete`: the values of an archived field go too.
    #[param(inline)]
    values: Option<ValuesToo>,
}

/// List the custom fields in their order.
#[utoipa::path(get, path = "/api/v1/custom-fields", operation_id = "custom_field_list", tag = "fields",
    responses((status = 200, body = CustomFieldList), (status = 401, body = Problem)))]
pub async fn custom_field_list(
    State(app): State<App>,
    who: OperatorSession,
) -> Result<axum::Json<CustomFieldList>, Error> {
    Ok(axum::Json(CustomFieldList {
        items: define::list(&app, &who).await?,
    }))
}

/// Define a custom field.
#[utoipa::path(post, path = "/api/v1/custom-fields", operation_id = "custom_field_create", tag = "fields", request_body = NewCustomField,
    params(("Idempotency-Key" = uuid::Uuid, Header)),
    responses((status = 201, body = CustomField), (status = 403, body = Problem), (status = 409, body = Problem), (status = 422, body = Problem)))]
pub async fn custom_field_create(
    State(app): State<App>,
    who: OperatorSession,
    key: IdempotencyKey,
    Json { value: new, hash }: Json<NewCustomField>,
) -> Result<(StatusCode, axum::Json<CustomField>), Error> {
    let once = Once::new(who.operator.uuid(), key, "custom_field_create", hash);
    let field = define::create(&app, &who, new, once).await?;
    Ok((StatusCode::CREATED, axum::Json(field)))
}

/// Change a custom field: rename, retype, move, archive. Values are kept, or the change is refused.
#[utoipa::path(patch, path = "/api/v1/custom-fields/{custom_field_id}", operation_id = "custom_field_patch", tag = "fields",
    params(("custom_field_id" = CustomFieldId, Path)), request_body = CustomFieldChange,
    responses((status = 200, body = CustomField), (status = 403, body = Problem), (status = 404, body = Problem), (status = 409, body = Problem), (status = 422, body = Problem)))]
pub async fn custom_field_patch(
    State(app): State<App>,
    who: OperatorSession,
    Params(id): Params<CustomFieldId>,
    Json { value: asked, .. }: Json<CustomFieldChange>,
) -> Result<axum::Json<CustomField>, Error> {
    Ok(axum::Json(change::change(&app, &who, id, asked).await?))
}

/// Delete a custom field that no case holds a value of, or an archived one with its values.
#[utoipa::path(delete, path = "/api/v1/custom-fields/{custom_field_id}", operation_id = "custom_field_delete", tag = "fields",
    params(("custom_field_id" = CustomFieldId, Path), CustomFieldDeleteQuery),
    responses((status = 204, description = "Gone"), (status = 403, body = Problem), (status = 404, body = Problem), (status = 409, body = Problem)))]
pub async fn custom_field_delete(
    State(app): State<App>,
    who: OperatorSession,
    Params(id): Params<CustomFieldId>,
    Query(query): Query<CustomFieldDeleteQuery>,
) -> Result<StatusCode, Error> {
    define::delete(&app, &who, id, query.values.is_some()).await?;
    Ok(StatusCode::NO_CONTENT)
}
