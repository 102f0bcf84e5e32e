//! The one gate of every request: an id for it, its origin, its principal, its rule, its time.

use std::collections::HashMap;
use std::sync::Arc;

use axum::body::Body;
use axum::extract::{FromRequestParts as _, MatchedPath, RawPathParams, Request, State};
use axum::http::{HeaderName, HeaderValue, Method, Response, header};
use axum::middleware::Next;
use axum::response::IntoResponse;

use super::policy::{self, Decision, Rule};
use super::{OperatorSession, Principal, Sight, address, cookie, origin, store};
use crate::app::App;
use crate::cases::{merge, sight};
use crate::error::{self, Error, Tongue, finish};
use crate::ids::CaseId;
use crate::limits;

/// Every operation of the API by method and path, with its rule.
#[derive(Clone, Default)]
pub struct Operations(Arc<HashMap<(Method, String), Option<Rule>>>);

impl Operations {
    /// Reads the operations out of the OpenAPI document.
    pub fn of(document: &utoipa::openapi::OpenApi) -> Self {
        let mut map = HashMap::new();
        for (path, item) in &document.paths.paths {
            let methods = [
                (Method::GET, &item.get),
                (Method::POST, &item.post),
                (Method::PUT, &item.put),
                (Method::PATCH, &item.patch),
                (Method::DELETE, &item.delete),
            ];
            for (method, operation) in methods {
                if let Some(id) = operation
                    .as_ref()
                    .and_then(|operation| operation.operation_id.clone())
                {
                    map.insert((method, path.clone()), policy::rule(&id));
                }
            }
        }
        Self(Arc::new(map))
    }

    fn rule(&self, method: &Method, path: &str) -> Option<Rule> {
        let method = if method == Method::HEAD {
            Method::GET
        } else {
            method.clone()
        };
        self.0.get(&(method, path.to_owned())).copied().flatten()
    }
}

static REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// Wraps the whole service: request id, place among the requests at once, time limit, and every error's words.
pub async fn enter(State(app): State<App>, request: Request, next: Next) -> Response<Body> {
    let id = app.random.uuid_v7(app.clock.now()).simple().to_string();
    let tongue = Tongue::accepted(request.headers().get(header::ACCEPT_LANGUAGE));
    let method = request.method().clone();
    let started = app.clock.now();
    let address = address::of(request.extensions(), request.headers(), &app);
    let places = (
        app.crowd.enter(address.subject()),
        app.requests.try_acquire(),
    );
    let response = match places {
        (None, _) | (_, Err(_)) => Error::Overloaded.into_response(),
        (Some(_), Ok(_)) if !origin::is_own(&method, request.headers(), &app.config.public_url) => {
            Error::CrossSite.into_response()
        }
        (Some(_own), Ok(_place)) => {
            match tokio::time::timeout(limits::REQUEST_TIMEOUT, next.run(request)).await {
                Ok(response) => response,
                Err(_) => Error::Overloaded.into_response(),
            }
        }
    };
    let mut response = finish(response, tongue, &id);
    if let Ok(value) = HeaderValue::from_str(&id) {
        response.headers_mut().insert(REQUEST_ID.clone(), value);
    }
    let path = response
        .extensions()
        .get::<MatchedPath>()
        .map_or("", MatchedPath::as_str);
    tracing::debug!(
        request.id = id,
        request.method = %method,
        request.route = path,
        response.status = response.status().as_u16(),
        duration.ms = app.clock.now().since(started).as_millis() as u64,
        "Answered a request."
    );
    response
}

/// Wraps every operation of the API: finds the principal and asks the policy.
pub async fn authorize(
    State((app, operations)): State<(App, Operations)>,
    request: Request,
    next: Next,
) -> Response<Body> {
    let (mut parts, body) = request.into_parts();
    let matched = parts.extensions.get::<MatchedPath>().cloned();
    let path = matched.as_ref().map_or("", MatchedPath::as_str);
    let Some(rule) = operations.rule(&parts.method, path) else {
        // No such method here, or an operation that nobody has decided about.
        return Error::MethodNotAllowed.into_response();
    };
    let principal = match principal(&app, rule, &mut parts).await {
        Ok(principal) => principal,
        Err(error) => return error.into_response(),
    };
    let asked = case_of_operator(&principal, &mut parts).await;
    let refused = match (policy::decide(rule, &principal), &asked) {
        (Decision::SignIn, _) => Some(Error::NotSignedIn),
        (Decision::Forbid, _) => Some(Error::Forbidden),
        (Decision::NeedSeat, _) => Some(Error::SeatRequired),
        (Decision::Hide, _) => Some(Error::NotFound),
        (Decision::Allow, Some((who, case_id))) => out_of_sight(&app, who, *case_id).await,
        (Decision::Allow, None) => None,
    };
    let mut response = match refused {
        Some(error) => error.into_response(),
        None => {
            parts.extensions.insert(principal);
            next.run(Request::from_parts(parts, body)).await
        }
    };
    if let Some((who, case_id)) = asked
        && error::is_not_found(&response)
    {
        response = whereabouts(&app, who, case_id).await.into_response();
    }
    if let Some(matched) = matched {
        response.extensions_mut().insert(matched);
    }
    response
        .headers_mut()
        .entry(header::CACHE_CONTROL)
        .or_insert(HeaderValue::from_static("no-store"));
    response
}

/// The operator who asks and the case in the path, if there are both.
async fn case_of_operator(
    principal: &Principal,
    parts: &mut axum::http::request::Parts,
) -> Option<(OperatorSession, CaseId)> {
    match principal {
        Principal::Operator(who) => Some((who.clone(), case_in_path(parts).await?)),
        _ => None,
    }
}

/// Why an operator may not be told of a case, if it is out of sight.
async fn out_of_sight(app: &App, who: &OperatorSession, case_id: CaseId) -> Option<Error> {
    if who.sight == Sight::All {
        return None;
    }
    let session = who.clone();
    let seen = app.read(who.organization, move |tx| {
        Box::pin(async move { sight::sees(tx, &session, case_id).await })
    });
    match seen.await {
        Ok(true) => None,
        Ok(false) => Some(Error::NotFound),
        Err(error) => Some(error),
    }
}

/// What is said of a case where something was not found, whatever of it was asked for: which case it went into.
async fn whereabouts(app: &App, who: OperatorSession, case_id: CaseId) -> Error {
    app.read(who.organization, move |tx| {
        Box::pin(async move { merge::missing(tx, &who, case_id).await })
    })
    .await
    .unwrap_or_else(|error| error)
}

async fn case_in_path(parts: &mut axum::http::request::Parts) -> Option<CaseId> {
    let params = RawPathParams::from_request_parts(parts, &()).await.ok()?;
    let case_id = params.iter().find(|(name, _)| *name == "case_id")?;
    case_id.1.parse().ok()
}

/// Reads the session that counts for this rule, and no other.
async fn principal(
    app: &App,
    rule: Rule,
    parts: &mut axum::http::request::Parts,
) -> Result<Principal, Error> {
    match rule {
        Rule::Anyone => Ok(Principal::Stranger),
        Rule::Reader | Rule::Operator | Rule::Administrator => operator(app, parts).await,
        Rule::Guest => guest(app, parts).await,
    }
}

async fn operator(app: &App, parts: &axum::http::request::Parts) -> Result<Principal, Error> {
    let Some(secret) = cookie::read(&parts.headers, cookie::OPERATOR) else {
        return Ok(Principal::Stranger);
    };
    let hash = cookie::hash(secret);
    let found = app
        .db()
        .read(move |tx| {
            Box::pin(async move { store::find_operator_session(&mut tx.system(), &hash).await })
        })
        .await
        .map_err(|error: deskside_db::DbError| Error::from(error))?;
    let Some(found) = found else {
        return Ok(Principal::Stranger);
    };
    let now = app.clock.now();
    if now.since(found.created_at) > limits::SESSION_AGE_MAX
        || now.since(found.seen_at) > limits::SESSION_IDLE_MAX
    {
        return Ok(Principal::Stranger);
    }
    if now.since(found.seen_at) > limits::SESSION_SEEN_EVERY {
        let id = found.session.session;
        app.write(found.session.organization, move |write| {
            Box::pin(async move { Ok(store::session_seen(&mut write.org(), id, now).await?) })
        })
        .await?;
    }
    Ok(Principal::Operator(found.session))
}

async fn guest(app: &App, parts: &mut axum::http::request::Parts) -> Result<Principal, Error> {
    let Some(secret) = cookie::read(&parts.headers, cookie::GUEST) else {
        return Ok(Principal::Stranger);
    };
    let hash = cookie::hash(secret);
    let Some(case_id) = case_in_path(parts).await else {
        return Ok(Principal::Stranger);
    };
    let found = app
        .db()
        .read(move |tx| {
            Box::pin(
                async move { store::find_guest_session(&mut tx.system(), &hash, case_id).await },
            )
        })
        .await
        .map_err(|error: deskside_db::DbError| Error::from(error))?;
    let now = app.clock.now();
    match found {
        Some((session, created_at)) if now.since(created_at) <= limits::GUEST_SESSION_AGE_MAX => {
            Ok(Principal::Guest(session))
        }
        _ => Ok(Principal::Stranger),
    }
}
