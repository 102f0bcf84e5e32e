//! Search over HTTP.

use axum::extract::State;
use serde::Deserialize;
use utoipa::IntoParams;

use super::SearchPage;
use super::find::Reach;
use crate::app::App;
use crate::auth::OperatorSession;
use crate::body::{Query, page_rows};
use crate::error::{Error, Problem};
use crate::limits;

/// What to look for.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(default, deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct SearchQuery {
    /// Words that all stand in one text of a case, up to 200 characters; in quotes they stand together. `#29` asks for
    /// a number. One or two characters ask for beginnings of name, internal reference and number.
    q: String,
    /// Cases of the page, 1 to 100; 50 without.
    limit: Option<i64>,
    /// Where the page begins: `next` of the page before.
    cursor: Option<String>,
}

/// Search cases: name, number, internal reference, email, phone in any spelling, custom fields, notes and messages.
#[utoipa::path(get, path = "/api/v1/search", operation_id = "search", tag = "search", params(SearchQuery),
    responses((status = 200, body = SearchPage), (status = 400, body = Problem), (status = 422, body = Problem)))]
pub async fn search(
    State(app): State<App>,
    who: OperatorSession,
    Query(query): Query<SearchQuery>,
) -> Result<axum::Json<SearchPage>, Error> {
    let limit = page_rows(query.limit, limits::PAGE_ROWS, limits::PAGE_ROWS_MAX)?;
    let cursor = query.cursor.as_deref().map(str::parse).transpose()?;
    let page = super::search(
        &app,
        &who,
        &query.q,
        cursor,
        limit as usize,
        Reach::default(),
    )
    .await?;
    Ok(axum::Json(page))
}
