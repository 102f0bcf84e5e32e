//! Lists of cases over HTTP.

use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderName, HeaderValue, header};
use serde::Deserialize;
use utoipa::IntoParams;

use super::counts::{self, CaseCounts};
use super::{CasePage, Filter, Place, View, earlier, export};
use crate::app::App;
use crate::audit::{self, ObjectKind, Verb};
use crate::auth::OperatorSession;
use crate::body::{Params, Query, page_rows};
use crate::cases::Status;
use crate::error::{Error, Problem};
use crate::ids::{CaseId, OperatorId, TagId};
use crate::limits;

/// Which cases.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(default, deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct CaseFilterQuery {
    /// `active` (default), `awaiting`, `completed` or `all`.
    status: Option<String>,
    /// `me` (default, but with `status=awaiting` everyone), `everyone` or an operator's id.
    operator: Option<String>,
    /// Ids of tags with commas between them, at most 20: cases that have all of them.
    tags: Option<String>,
    /// `attention` for cases the reader should look at, `snoozed` for those the reader put off. Neither goes with a
    /// status or an operator.
    view: Option<String>,
}

/// Which page of which cases.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(default, deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct CaseListQuery {
    /// `active` (default), `awaiting`, `completed` or `all`.
    status: Option<String>,
    /// `me` (default, but with `status=awaiting` everyone), `everyone` or an operator's id.
    operator: Option<String>,
    /// Ids of tags with commas between them, at most 20: cases that have all of them.
    tags: Option<String>,
    /// `attention` for cases the reader should look at, `snoozed` for those the reader put off. Neither goes with a
    /// status or an operator.
    view: Option<String>,
    /// Rows of the page, 1 to 100; 50 without.
    limit: Option<i64>,
    /// Where the page begins: `next` of the page before.
    cursor: Option<String>,
}

/// Which page of the earlier cases.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(default, deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct EarlierQuery {
    /// Rows of the page, 1 to 100; 50 without.
    limit: Option<i64>,
    /// Where the page begins: `next` of the page before.
    cursor: Option<String>,
}

impl CaseFilterQuery {
    /// What is asked for.
    ///
    /// # Errors
    /// Words that are none, or that do not go together.
    fn filter(&self, who: &OperatorSession) -> Result<Filter, Error> {
        let view = match self.view.as_deref() {
            None => None,
            Some("attention") => Some(View::Attention),
            Some("snoozed") => Some(View::Snoozed),
            Some(_) => return Err(Error::BadJson("view".into())),
        };
        if view.is_some() && (self.status.is_some() || self.operator.is_some()) {
            return Err(Error::BadJson("view".into()));
        }
        let status = match self.status.as_deref() {
            None | Some("active") => Some(Status::Active),
            Some("awaiting") => Some(Status::Awaiting),
            Some("completed") => Some(Status::Completed),
            Some("all") => None,
            Some(_) => return Err(Error::BadJson("status".into())),
        };
        let operator = match self.operator.as_deref() {
            None if status == Some(Status::Awaiting) => None,
            None | Some("me") => Some(who.operator),
            Some("everyone") => None,
            Some(id) => Some(
                id.parse::<OperatorId>()
                    .map_err(|_| Error::BadJson("operator".into()))?,
            ),
        };
        Ok(Filter {
            status,
            operator,
            tags: tags(self.tags.as_deref())?,
            view,
        })
    }
}

fn tags(text: Option<&str>) -> Result<Vec<TagId>, Error> {
    let bad = || Error::BadJson("tags".into());
    let mut tags = Vec::new();
    for id in text.into_iter().flat_map(|text| text.split(',')) {
        let id: TagId = id.parse().map_err(|_| bad())?;
        if !tags.contains(&id) {
            tags.push(id);
        }
        if tags.len() > limits::TAGS_PER_CASE_MAX {
            return Err(bad());
        }
    }
    Ok(tags)
}

/// List cases: newest activity first, awaiting ones the longest waiting first.
#[utoipa::path(get, path = "/api/v1/cases", operation_id = "case_list", tag = "cases", params(CaseListQuery),
    responses((status = 200, body = CasePage), (status = 400, body = Problem)))]
pub async fn case_list(
    State(app): State<App>,
    who: OperatorSession,
    Query(query): Query<CaseListQuery>,
) -> Result<axum::Json<CasePage>, Error> {
    let limit = page_rows(query.limit, limits::PAGE_ROWS, limits::PAGE_ROWS_MAX)?;
    let cursor = query
        .cursor
        .as_deref()
        .map(str::parse::<Place>)
        .transpose()?;
    let asked = CaseFilterQuery {
        status: query.status,
        operator: query.operator,
        tags: query.tags,
        view: query.view,
    };
    let filter = asked.filter(&who)?;
    Ok(axum::Json(
        super::list(&app, &who, filter, cursor, limit).await?,
    ))
}

/// Count the cases there are to do.
#[utoipa::path(get, path = "/api/v1/cases/counts", operation_id = "case_counts", tag = "cases",
    responses((status = 200, body = CaseCounts)))]
pub async fn case_counts(
    State(app): State<App>,
    who: OperatorSession,
) -> Result<axum::Json<CaseCounts>, Error> {
    Ok(axum::Json(counts::counts(&app, &who).await?))
}

/// Export a list of cases as CSV (RFC 4180, UTF-8 with a byte order mark), in the order of the list. A cell that a
/// spreadsheet would take for a formula begins with `'`.
#[utoipa::path(get, path = "/api/v1/cases/export", operation_id = "case_export", tag = "cases", params(CaseFilterQuery),
    responses((status = 200, body = String, content_type = "text/csv"), (status = 400, body = Problem), (status = 403, body = Problem)))]
pub async fn case_export(
    State(app): State<App>,
    who: OperatorSession,
    Query(query): Query<CaseFilterQuery>,
) -> Result<([(HeaderName, HeaderValue); 3], Body), Error> {
    let filter = query.filter(&who)?;
    let lines = export::lines(&app, &who, filter).await?;
    audit::note(&app, &who, Verb::CaseListExported, ObjectKind::CaseList).await?;
    let headers = [
        (
            header::CONTENT_TYPE,
            HeaderValue::from_static("text/csv; charset=utf-8; header=present"),
        ),
        (
            header::CONTENT_DISPOSITION,
            HeaderValue::from_static("attachment; filename=\"cases.csv\""),
        ),
        (header::CACHE_CONTROL, HeaderValue::from_static("no-store")),
    ];
    Ok((headers, Body::from_stream(lines)))
}

/// List other cases of the same customer, the newest first: the same email address or phone number.
#[utoipa::path(get, path = "/api/v1/cases/{case_id}/earlier", operation_id = "case_earlier", tag = "cases",
    params(("case_id" = CaseId, Path), EarlierQuery),
    responses((status = 200, body = CasePage), (status = 400, body = Problem), (status = 404, body = Problem)))]
pub async fn case_earlier(
    State(app): State<App>,
    who: OperatorSession,
    Params(case_id): Params<CaseId>,
    Query(query): Query<EarlierQuery>,
) -> Result<axum::Json<CasePage>, Error> {
    let limit = page_rows(query.limit, limits::PAGE_ROWS, limits::PAGE_ROWS_MAX)?;
    let after = query
        .cursor
        .as_deref()
        .map(|text| text.parse::<CaseId>().map_err(|_| Error::BadCursor))
        .transpose()?;
    Ok(axum::Json(
        earlier::earlier(&app, &who, case_id, after, limit).await?,
    ))
}
