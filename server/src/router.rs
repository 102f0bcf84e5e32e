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
use crate::{
    audit, auth, calls, cases, chat, custom_fields, dev_mail, filters, guests, live, location,
    openapi, pages, pictures, quick_responses, search, serve, setup, team,
};

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
        .routes(routes!(auth::account::routes::me_password_change))
        .routes(routes!(auth::account::routes::password_reset_create))
        .routes(routes!(auth::account::routes::password_reset_lookup))
        .routes(routes!(auth::account::routes::password_reset_use))
        .routes(routes!(
            pictures::routes::me_picture_put,
            pictures::routes::me_picture_delete
        ))
        .routes(routes!(
            pictures::routes::organization_logo_put,
            pictures::routes::organization_logo_delete
        ))
        .routes(routes!(pictures::routes::picture_get))
        .routes(routes!(
            team::routes::organization_get,
            team::routes::organization_patch
        ))
        .routes(routes!(team::routes::operator_list))
        .routes(routes!(team::routes::operator_patch))
        .routes(routes!(
            team::routes::operator_invite_list,
            team::routes::operator_invite_create
        ))
        .routes(routes!(team::routes::operator_invite_delete))
        .routes(routes!(team::routes::operator_invite_lookup))
        .routes(routes!(team::routes::operator_invite_accept))
        .routes(routes!(
            cases::list::routes::case_list,
            cases::routes::case_create
        ))
        .routes(routes!(
            cases::routes::case_get,
            cases::routes::case_patch,
            cases::routes::case_delete
        ))
        .routes(routes!(cases::routes::case_complete))
        .routes(routes!(cases::routes::case_reopen))
        .routes(routes!(cases::assignment::routes::case_claim))
        .routes(routes!(cases::assignment::routes::case_queue))
        .routes(routes!(cases::assignment::routes::case_handover))
        .routes(routes!(
            cases::assignment::routes::case_operator_put,
            cases::assignment::routes::case_operator_delete
        ))
        .routes(routes!(cases::routes::case_guest_link))
        .routes(routes!(cases::list::routes::case_counts))
        .routes(routes!(cases::list::routes::case_export))
        .routes(routes!(cases::list::routes::case_earlier))
        .routes(routes!(
            cases::routes::case_snooze_put,
            cases::routes::case_snooze_delete
        ))
        .routes(routes!(
            cases::tags::routes::case_tag_put,
            cases::tags::routes::case_tag_delete
        ))
        .routes(routes!(
            cases::merge::routes::case_merge_preview,
            cases::merge::routes::case_merge
        ))
        .routes(routes!(
            cases::tags::routes::tag_list,
            cases::tags::routes::tag_create
        ))
        .routes(routes!(
            cases::tags::routes::tag_patch,
            cases::tags::routes::tag_delete
        ))
        .routes(routes!(
            filters::routes::filter_list,
            filters::routes::filter_create
        ))
        .routes(routes!(filters::routes::filter_delete))
        .routes(routes!(location::routes::case_location_request))
        .routes(routes!(location::routes::case_location_delete))
        .routes(routes!(
            custom_fields::routes::custom_field_list,
            custom_fields::routes::custom_field_create
        ))
        .routes(routes!(
            custom_fields::routes::custom_field_patch,
            custom_fields::routes::custom_field_delete
        ))
        .routes(routes!(
            quick_responses::routes::quick_response_list,
            quick_responses::routes::quick_response_create
        ))
        .routes(routes!(
            quick_responses::routes::quick_response_patch,
            quick_responses::routes::quick_response_delete
        ))
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
        .routes(routes!(location::routes::guest_location_create))
        .routes(routes!(calls::routes::guest_call_get))
        .routes(routes!(calls::routes::guest_call_join))
        .routes(routes!(calls::routes::guest_call_offer))
        .routes(routes!(calls::routes::guest_call_media_put))
        .routes(routes!(calls::routes::guest_call_leave))
        .routes(routes!(live::routes::live))
        .routes(routes!(live::routes::guest_live))
        .routes(routes!(search::routes::search))
        .routes(routes!(audit::routes::audit_list))
        .routes(routes!(audit::routes::audit_verify))
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
    .merge(dev_mail::pages(&app))
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
