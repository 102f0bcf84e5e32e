//! The API's description, made from the code: operations by their attributes, live frames as schemas.

use std::sync::LazyLock;

use axum::http::{HeaderValue, header};
use axum::response::IntoResponse;
use utoipa::OpenApi;

use crate::error::Problem;
use crate::live::frames::{GuestFrame, GuestSays, OperatorFrame, OperatorSays};

/// What the attributes of operations do not say.
#[derive(OpenApi)]
#[openapi(
    info(
        title = "Deskside",
        description = "A self-hosted case desk. Errors are application/problem+json with a stable code; \
                       POST requests carry an Idempotency-Key; live sockets tell facts as frames whose schemas stand here too.",
        license(name = "Apache-2.0", identifier = "Apache-2.0")
    ),
    servers((url = "/", description = "This server")),
    components(schemas(Problem, OperatorFrame, OperatorSays, GuestFrame, GuestSays)),
    tags(
        (name = "setup", description = "The first organization"),
        (name = "sessions", description = "Signing in and out"),
        (name = "team", description = "Profile, organization, operators"),
        (name = "cases", description = "Cases"),
        (name = "fields", description = "Custom fields of cases"),
        (name = "chat", description = "Conversation of a case"),
        (name = "calls", description = "Video calls of a case"),
        (name = "search", description = "Search over cases and messages"),
        (name = "audit", description = "Who did what"),
        (name = "guests", description = "The guest page"),
        (name = "live", description = "Live sockets"),
        (name = "meta", description = "About this API")
    )
)]
pub struct Document;

/// The document as JSON, as it is committed and served.
///
/// # Errors
/// Only when the document cannot be serialized, which a test rules out.
pub fn json(document: &utoipa::openapi::OpenApi) -> anyhow::Result<String> {
    let mut text = serde_json::to_string_pretty(document)?;
    text.push('\n');
    Ok(text)
}

/// This document.
#[utoipa::path(get, path = "/api/v1/openapi.json", operation_id = "openapi", tag = "meta",
    responses((status = 200, description = "OpenAPI 3.1", content_type = "application/json")))]
pub async fn openapi() -> impl IntoResponse {
    static TEXT: LazyLock<String> =
        LazyLock::new(|| json(&crate::router::document()).unwrap_or_default());
    let text = TEXT.as_str();
    (
        [(
            header::CONTENT_TYPE,
            HeaderValue::from_static("application/json"),
        )],
        text,
    )
}
