//! The audit log over HTTP.

use axum::extract::State;
use serde::Deserialize;
use utoipa::IntoParams;

use super::{AuditPage, AuditVerdict, Filter, Verb};
use crate::app::App;
use crate::auth::OperatorSession;
use crate::body::{Query, page_rows};
use crate::error::{Error, Problem};
use crate::limits;

/// Which page of which entries.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(default, deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct AuditQuery {
    /// Only what this operator did.
    actor: Option<String>,
    /// Only this verb, for example `case.deleted`.
    verb: Option<String>,
    /// Rows of the page, 1 to 100; 50 without.
    limit: Option<i64>,
    /// Where the page begins: `next` of the page before.
    cursor: Option<String>,
}

/// Read the audit log, newest first.
#[utoipa::path(get, path = "/api/v1/audit", operation_id = "audit_list", tag = "audit", params(AuditQuery),
    responses((status = 200, body = AuditPage), (status = 400, body = Problem), (status = 403, body = Problem)))]
pub async fn audit_list(
    State(app): State<App>,
    who: OperatorSession,
    Query(query): Query<AuditQuery>,
) -> Result<axum::Json<AuditPage>, Error> {
    let actor = query
        .actor
        .map(|id| id.parse().map_err(|_| Error::BadJson("actor".into())))
        .transpose()?;
    let verb = query
        .verb
        .map(|word| Verb::parse(&word).ok_or_else(|| Error::BadJson("verb".into())))
        .transpose()?;
    let limit = page_rows(query.limit, limits::PAGE_ROWS, limits::PAGE_ROWS_MAX)?;
    let before = match query.cursor {
        None => i64::MAX,
        Some(cursor) => cursor.parse().map_err(|_| Error::BadCursor)?,
    };
    let filter = Filter { actor, verb };
    let page = super::page(&app, &who, filter, before, limit).await?;
    Ok(axum::Json(page))
}

/// See whether the audit log is whole: no entry changed, none missing.
#[utoipa::path(post, path = "/api/v1/audit/verify", operation_id = "audit_verify", tag = "audit",
    responses((status = 200, body = AuditVerdict), (status = 403, body = Problem)))]
pub async fn audit_verify(
    State(app): State<App>,
    who: OperatorSession,
) -> Result<axum::Json<AuditVerdict>, Error> {
    Ok(axum::Json(super::verify(&app, who.organization).await?))
}
