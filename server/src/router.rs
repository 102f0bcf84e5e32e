//! Every URL on one page, in the order of the features.

use axum::Router;
use axum::http::{HeaderValue, header};
use axum::middleware::{from_fn, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use tower::util::option_layer;
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::set_header::SetResponseHeaderLayer;
use utoipa::OpenApi as _;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::app::App;
use crate::auth::guard::{self, Operations};
use crate::error::Error;
use crate::{auth, calls, cases, chat, guests, live, openapi, pages, serve, setup, team};

/// The operations of the API with their description.
fn api() -> OpenApiRouter<App> {
    OpenApiRouter::with_openapi(openapi::Document::openapi())
        .routes(routes!(
            setup::routes::setup_state,
            setup::routes::setup_create
        ))
        .routes(routes!(
            auth::routes::session_create,
            auth::routes::session_delete
        ))
        .routes(routes!(auth::routes::sessions_delete))
        .routes(routes!(team::routes::me_get, team::routes::me_patch))
        .routes(routes!(
            team::routes::organization_get,
            team::routes::organization_patch
        ))
        .routes(routes!(team::routes::operator_list))
        .routes(routes!(
            team::routes::operator_invite_list,
            team::routes::operator_invite_create
        ))
        .routes(routes!(team::routes::operator_invite_delete))
        .routes(routes!(team::routes::operator_invite_lookup))
        .routes(routes!(team::routes::operator_invite_accept))
        .routes(routes!(
            cases::routes::case_list,
            cases::routes::case_create
        ))
        .routes(routes!(
            cases::routes::case_get,
            cases::routes::case_patch,
            cases::routes::case_delete
        ))
        .routes(routes!(cases::routes::case_complete))
        .routes(routes!(cases::routes::case_reopen))
        .routes(routes!(
            cases::routes::case_operator_put,
            cases::routes::case_operator_delete
        ))
        .routes(routes!(cases::routes::case_guest_link))
        .routes(routes!(chat::routes::case_timeline))
        .routes(routes!(chat::routes::message_create))
        .routes(routes!(chat::routes::case_read_put))
        .routes(routes!(chat::routes::draft_put))
        .routes(routes!(calls::routes::call_start))
        .routes(routes!(calls::routes::call_get))
        .routes(routes!(calls::routes::call_join))
        .routes(routes!(calls::routes::call_offer))
        .routes(routes!(calls::routes::call_media_put))
        .routes(routes!(calls::routes::call_leave))
        .routes(routes!(calls::routes::call_end))
        .routes(routes!(guests::routes::guest_session_create))
        .routes(routes!(guests::routes::guest_case_get))
        .routes(routes!(guests::routes::guest_timeline))
        .routes(routes!(guests::routes::guest_message_create))
        .routes(routes!(guests::routes::guest_read_put))
        .routes(routes!(calls::routes::guest_call_get))
        .routes(routes!(calls::routes::guest_call_join))
        .routes(routes!(calls::routes::guest_call_offer))
        .routes(routes!(calls::routes::guest_call_media_put))
        .routes(routes!(calls::routes::guest_call_leave))
        .routes(routes!(live::routes::live))
        .routes(routes!(live::routes::guest_live))
        .routes(routes!(openapi::openapi))
}

/// The description of the API.
pub fn document() -> utoipa::openapi::OpenApi {
    api().into_openapi()
}

/// The whole service.
pub fn router(app: App) -> Router {
    let (api, document) = api().split_for_parts();
    let operations = Operations::of(&document);
    let header =
        |name, value| SetResponseHeaderLayer::if_not_present(name, HeaderValue::from_static(value));
    // Once https, always https: only said where the public address is so.
    let transport = app
        .config
        .public_url
        .starts_with("https://")
        .then(|| header(header::STRICT_TRANSPORT_SECURITY, "max-age=31536000"));
    api.layer(from_fn_with_state(
        (app.clone(), operations),
        guard::authorize,
    ))
    .merge(serve::health())
    .fallback(pages::page)
    .layer(CatchPanicLayer::custom(panicked))
    .layer(from_fn_with_state(app.clone(), guard::enter))
    .layer(from_fn(pages::secure))
    .layer(header(header::X_CONTENT_TYPE_OPTIONS, "nosniff"))
    .layer(header(header::REFERRER_POLICY, "no-referrer"))
    .layer(header(header::X_FRAME_OPTIONS, "DENY"))
    .layer(option_layer(transport))
    .with_state(app)
}

/// A handler's panic is our fault: the caller gets a problem, the process lives on.
fn panicked(_: Box<dyn std::any::Any + Send + 'static>) -> Response {
    Error::Internal(anyhow::anyhow!("a handler panicked")).into_response()
}
