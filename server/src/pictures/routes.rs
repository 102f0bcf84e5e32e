//! Pictures over HTTP: raw bytes in, raw bytes out.

use axum::extract::{FromRequest, Request, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use bytes::Bytes;

use super::{Of, Picture};
use crate::app::App;
use crate::auth::OperatorSession;
use crate::body::{self, Params};
use crate::error::{Error, Problem};
use crate::limits;

/// The content types that a picture may be sent as; what counts is what its bytes say.
const TYPES: [&str; 3] = ["image/png", "image/jpeg", "image/webp"];

/// The bytes of a picture as sent.
pub struct Sent(Bytes);

impl<S: Send + Sync> FromRequest<S> for Sent {
    type Rejection = Error;

    async fn from_request(request: Request, _: &S) -> Result<Self, Error> {
        let is_picture = request
            .headers()
            .get(header::CONTENT_TYPE)
            .and_then(|value| value.to_str().ok())
            .is_some_and(|value| {
                TYPES
                    .iter()
                    .any(|kind| value.trim().eq_ignore_ascii_case(kind))
            });
        if !is_picture {
            return Err(Error::PictureInvalid);
        }
        let limit = limits::PICTURE_BYTES_MAX;
        match body::whole(request, limit, limits::PICTURE_READ_TIMEOUT).await {
            Ok(bytes) => Ok(Sent(bytes)),
            Err(Error::BodyTooLarge) => Err(Error::PictureTooLarge),
            Err(error) => Err(error),
        }
    }
}

/// Put one's own picture: PNG, JPEG or WebP, at most 5 MiB and 8000 pixels on a side. It is made anew, at most 512
/// pixels on a side and without anything but its pixels.
#[utoipa::path(put, path = "/api/v1/me/picture", operation_id = "me_picture_put", tag = "pictures",
    request_body(content((Vec<u8> = "image/png"), (Vec<u8> = "image/jpeg"), (Vec<u8> = "image/webp"))),
    responses((status = 200, body = Picture), (status = 413, body = Problem), (status = 422, body = Problem), (status = 507, body = Problem)))]
pub async fn me_picture_put(
    State(app): State<App>,
    who: OperatorSession,
    Sent(bytes): Sent,
) -> Result<axum::Json<Picture>, Error> {
    Ok(axum::Json(super::put(&app, &who, Of::Me, bytes).await?))
}

/// Take one's own picture away.
#[utoipa::path(delete, path = "/api/v1/me/picture", operation_id = "me_picture_delete", tag = "pictures",
    responses((status = 204, description = "There is none now")))]
pub async fn me_picture_delete(
    State(app): State<App>,
    who: OperatorSession,
) -> Result<StatusCode, Error> {
    super::remove(&app, &who, Of::Me).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Put the organization's logo, under the rules of one's own picture.
#[utoipa::path(put, path = "/api/v1/organization/logo", operation_id = "organization_logo_put", tag = "pictures",
    request_body(content((Vec<u8> = "image/png"), (Vec<u8> = "image/jpeg"), (Vec<u8> = "image/webp"))),
    responses((status = 200, body = Picture), (status = 403, body = Problem), (status = 413, body = Problem), (status = 422, body = Problem), (status = 507, body = Problem)))]
pub async fn organization_logo_put(
    State(app): State<App>,
    who: OperatorSession,
    Sent(bytes): Sent,
) -> Result<axum::Json<Picture>, Error> {
    let picture = super::put(&app, &who, Of::Organization, bytes).await?;
    Ok(axum::Json(picture))
}

/// Take the organization's logo away.
#[utoipa::path(delete, path = "/api/v1/organization/logo", operation_id = "organization_logo_delete", tag = "pictures",
    responses((status = 204, description = "There is none now"), (status = 403, body = Problem)))]
pub async fn organization_logo_delete(
    State(app): State<App>,
    who: OperatorSession,
) -> Result<StatusCode, Error> {
    super::remove(&app, &who, Of::Organization).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Read a picture. Its address never shows another one, so it may be kept for good.
#[utoipa::path(get, path = "/api/v1/pictures/{token}", operation_id = "picture_get", tag = "pictures",
    params(("token" = String, Path, description = "As in the address that the API gives")),
    responses((status = 200, content((Vec<u8> = "image/png"), (Vec<u8> = "image/jpeg")), description = "The picture"), (status = 404, body = Problem)))]
pub async fn picture_get(
    State(app): State<App>,
    Params(token): Params<String>,
) -> Result<Response, Error> {
    // A token is 22 letters and digits; PostgreSQL takes no text with a NUL.
    if token.len() > 64 || !token.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
        return Err(Error::NotFound);
    }
    let (bytes, content_type) = super::read(&app, token).await?;
    let kind = HeaderValue::from_str(&content_type).map_err(anyhow::Error::from)?;
    let fixed = HeaderValue::from_static;
    let headers = [
        (header::CONTENT_TYPE, kind),
        (
            header::CACHE_CONTROL,
            fixed("public, max-age=31536000, immutable"),
        ),
        // Opened by itself it is a picture and nothing else.
        (
            header::CONTENT_SECURITY_POLICY,
            fixed("default-src 'none'; frame-ancestors 'none'; sandbox"),
        ),
        (header::CONTENT_DISPOSITION, fixed("inline")),
    ];
    Ok((headers, bytes).into_response())
}
