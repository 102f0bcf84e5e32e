//! The built web: pages, hashed assets, and the headers that bind what a page may do.
//!
//! A release carries `web/dist` inside; a debug build reads the folder at run time.

use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderValue, Method, Response, StatusCode, header};
use axum::middleware::Next;
use axum::response::IntoResponse;
use rust_embed::RustEmbed;

use crate::app::App;
use crate::error::Error;

#[derive(RustEmbed)]
#[folder = "$CARGO_MANIFEST_DIR/../web/dist"]
#[allow_missing = true]
struct Dist;

/// Scripts, styles and connections only from here; no frame around us.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; \
     font-src 'self'; connect-src 'self'; media-src 'self' blob:; manifest-src 'self'; worker-src 'self'; \
     base-uri 'none'; form-action 'self'; frame-ancestors 'none'";

/// Whatever is no operation of the API: an asset, a page, or nothing.
pub async fn page(State(_): State<App>, request: Request) -> Response<Body> {
    let path = request.uri().path();
    if path == "/api" || path.starts_with("/api/") {
        return Error::NotFound.into_response();
    }
    if request.method() != Method::GET && request.method() != Method::HEAD {
        return Error::MethodNotAllowed.into_response();
    }
    let first = path
        .trim_start_matches('/')
        .split('/')
        .next()
        .unwrap_or_default();
    match first {
        "assets" | "favicon.svg" => asset(path.trim_start_matches('/'), request.headers()),
        "g" => html("guest.html", StatusCode::OK, request.headers()),
        "" | "sign-in" | "setup" | "invite" | "cases" | "search" | "settings" | "reset"
        | "help" => html("dashboard.html", StatusCode::OK, request.headers()),
        _ => html("dashboard.html", StatusCode::NOT_FOUND, request.headers()),
    }
}

/// Adds what every page needs to the responses that are pages.
pub async fn secure(request: Request, next: Next) -> Response<Body> {
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    headers
        .entry(header::CONTENT_SECURITY_POLICY)
        .or_insert(HeaderValue::from_static(
            "default-src 'none'; frame-ancestors 'none'",
        ));
    headers
        .entry("cross-origin-opener-policy")
        .or_insert(HeaderValue::from_static("same-origin"));
    headers
        .entry("cross-origin-resource-policy")
        .or_insert(HeaderValue::from_static("same-origin"));
    headers
        .entry("permissions-policy")
        .or_insert(HeaderValue::from_static(
            "camera=(self), microphone=(self), display-capture=(self), geolocation=(self)",
        ));
    response
}

fn html(file: &str, status: StatusCode, headers: &HeaderMap) -> Response<Body> {
    let Some(mut response) = stored(file, headers) else {
        return Error::Internal(anyhow::anyhow!(
            "the web is not built: run ./script/server or build web first"
        ))
        .into_response();
    };
    // 304 has no body, so it stays what it is.
    if response.status() == StatusCode::OK {
        *response.status_mut() = status;
    }
    let out = response.headers_mut();
    out.insert(
        header::CONTENT_TYPE,
        HeaderValue::from_static("text/html; charset=utf-8"),
    );
    out.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-cache"));
    out.insert(
        header::CONTENT_SECURITY_POLICY,
        HeaderValue::from_static(POLICY),
    );
    response
}

fn asset(path: &str, headers: &HeaderMap) -> Response<Body> {
    let Some(mut response) = stored(path, headers) else {
        return Error::NotFound.into_response();
    };
    let kind = mime_guess::from_path(path).first_or_octet_stream();
    let kind = if kind.type_() == mime_guess::mime::TEXT {
        format!("{kind}; charset=utf-8")
    } else {
        kind.to_string()
    };
    let out = response.headers_mut();
    if let Ok(kind) = HeaderValue::from_str(&kind) {
        out.insert(header::CONTENT_TYPE, kind);
    }
    let keep = if path.starts_with("assets/") {
        "public, max-age=31536000, immutable"
    } else {
        "public, max-age=3600"
    };
    out.insert(header::CACHE_CONTROL, HeaderValue::from_static(keep));
    response
}

/// A file of the built web, in the smallest form that the client takes.
fn stored(path: &str, headers: &HeaderMap) -> Option<Response<Body>> {
    let accepted = headers
        .get(header::ACCEPT_ENCODING)
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default();
    let takes = |name: &str| {
        accepted
            .split(',')
            .any(|part| part.split(';').next().unwrap_or_default().trim() == name)
    };
    for (encoding, ending) in [("br", ".br"), ("gzip", ".gz")] {
        if takes(encoding)
            && let Some(file) = Dist::get(&format!("{path}{ending}"))
        {
            let mut response = respond(
                file.data.into_owned(),
                &file.metadata.sha256_hash(),
                headers,
            );
            response
                .headers_mut()
                .insert(header::CONTENT_ENCODING, HeaderValue::from_static(encoding));
            return Some(response);
        }
    }
    let file = Dist::get(path)?;
    Some(respond(
        file.data.into_owned(),
        &file.metadata.sha256_hash(),
        headers,
    ))
}

fn respond(data: Vec<u8>, hash: &[u8; 32], headers: &HeaderMap) -> Response<Body> {
    let tag: String = hash[..16]
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect();
    let tag = HeaderValue::from_str(&format!("\"{tag}\""))
        .unwrap_or_else(|_| HeaderValue::from_static("\"\""));
    let unchanged = headers
        .get(header::IF_NONE_MATCH)
        .is_some_and(|known| *known == tag);
    let mut response = Response::new(if unchanged {
        Body::empty()
    } else {
        Body::from(data)
    });
    if unchanged {
        *response.status_mut() = StatusCode::NOT_MODIFIED;
    }
    response.headers_mut().insert(header::ETAG, tag);
    response
        .headers_mut()
        .insert(header::VARY, HeaderValue::from_static("accept-encoding"));
    response
}
