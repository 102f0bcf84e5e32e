//! The conversation of a case over HTTP, for operators.

use axum::extract::State;
use axum::http::StatusCode;
use serde::Deserialize;
use utoipa::{IntoParams, ToSchema};

use super::{Draft, Piece, Sender, Timeline};
use crate::app::App;
use crate::audit::{self, Verb};
use crate::auth::OperatorSession;
use crate::body::{Json, Params, Query, page_rows};
use crate::error::{Error, FieldError, FieldErrorCode, Problem};
use crate::events::Entry;
use crate::events::store::Reader;
use crate::ids::{CaseId, OperatorId};
use crate::limits;
use crate::once::IdempotencyKey;

/// Which piece of the timeline; the newest without `before` and `after`.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(default, deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct TimelineQuery {
    /// Entries before this one.
    before: Option<i64>,
    /// Entries after this one.
    after: Option<i64>,
    /// Entries of the page, 1 to 200; 50 without.
    limit: Option<i64>,
}

impl TimelineQuery {
    /// The piece and its length.
    ///
    /// # Errors
    /// `BadLimit`, or `BadCursor` with both ends.
    pub fn piece(&self) -> Result<(Piece, i64), Error> {
        let limit = page_rows(self.limit, limits::PAGE_ROWS, limits::TIMELINE_ROWS_MAX)?;
        match (self.before, self.after) {
            (None, None) => Ok((Piece::Newest, limit)),
            (Some(entry), None) => Ok((Piece::Before(entry), limit)),
            (None, Some(entry)) if entry >= 0 => Ok((Piece::After(entry), limit)),
            _ => Err(Error::BadCursor),
        }
    }
}

/// A new message.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewMessage {
    /// Its text, 1 to 10 000 characters.
    pub text: String,
    /// Whether only the team reads it.
    #[serde(default)]
    pub internal: bool,
    /// With `internal`: the colleagues it is meant for, 20 at most; each must be active and see the case.
    #[serde(default)]
    pub mentions: Vec<OperatorId>,
}

/// How far one has read.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewRead {
    /// The last entry read.
    pub entry: i64,
}

/// A draft to save.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewDraft {
    /// Its text; empty takes the draft away.
    pub text: String,
    /// The version it replaces; 0 for the first.
    pub version: i64,
}

/// Read a piece of a case's timeline.
#[utoipa::path(get, path = "/api/v1/cases/{case_id}/timeline", operation_id = "case_timeline", tag = "chat",
    params(("case_id" = CaseId, Path), TimelineQuery),
    responses((status = 200, body = Timeline), (status = 400, body = Problem), (status = 404, body = Problem)))]
pub async fn case_timeline(
    State(app): State<App>,
    who: OperatorSession,
    Params(case_id): Params<CaseId>,
    Query(query): Query<TimelineQuery>,
) -> Result<axum::Json<Timeline>, Error> {
    let (piece, limit) = query.piece()?;
    let (organization, reader) = (who.organization, Reader::Operator);
    let timeline = super::timeline(&app, organization, case_id, reader, piece, limit).await?;
    audit::opened::note(&app, &who, Verb::CaseOpened, case_id.into()).await?;
    Ok(axum::Json(timeline))
}

/// Send a message to the guest, or with `internal` to the team.
#[utoipa::path(post, path = "/api/v1/cases/{case_id}/messages", operation_id = "message_create", tag = "chat", request_body = NewMessage,
    params(("case_id" = CaseId, Path), ("Idempotency-Key" = uuid::Uuid, Header, description = "One for each message, unique per case and sender for good")),
    responses((status = 201, body = Entry), (status = 404, body = Problem), (status = 409, body = Problem), (status = 422, body = Problem)))]
pub async fn message_create(
    State(app): State<App>,
    who: OperatorSession,
    Params(case_id): Params<CaseId>,
    key: IdempotencyKey,
    Json { value: message, .. }: Json<NewMessage>,
) -> Result<(StatusCode, axum::Json<Entry>), Error> {
    let NewMessage {
        text,
        internal,
        mentions,
    } = message;
    let entry = if internal {
        super::internal::send(&app, &who, case_id, &text, mentions, key.0).await?
    } else if mentions.is_empty() {
        let organization = who.organization;
        let sender = Sender::Operator(who);
        super::send(&app, organization, case_id, sender, &text, key.0).await?
    } else {
        let error = FieldError::new("mentions", FieldErrorCode::Invalid);
        return Err(Error::Invalid(vec![error]));
    };
    Ok((StatusCode::CREATED, axum::Json(entry)))
}

/// Note how far the operator has read.
#[utoipa::path(put, path = "/api/v1/cases/{case_id}/read", operation_id = "case_read_put", tag = "chat",
    params(("case_id" = CaseId, Path)), request_body = NewRead,
    responses((status = 204, description = "Noted"), (status = 404, body = Problem)))]
pub async fn case_read_put(
    State(app): State<App>,
    who: OperatorSession,
    Params(case_id): Params<CaseId>,
    Json { value: read, .. }: Json<NewRead>,
) -> Result<StatusCode, Error> {
    super::read(&app, who.organization, case_id, who.who(), read.entry).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Save the operator's draft.
#[utoipa::path(put, path = "/api/v1/cases/{case_id}/draft", operation_id = "draft_put", tag = "chat",
    params(("case_id" = CaseId, Path)), request_body = NewDraft,
    responses((status = 200, body = Draft), (status = 404, body = Problem), (status = 409, body = Problem)))]
pub async fn draft_put(
    State(app): State<App>,
    who: OperatorSession,
    Params(case_id): Params<CaseId>,
    Json { value: draft, .. }: Json<NewDraft>,
) -> Result<axum::Json<Draft>, Error> {
    Ok(axum::Json(
        super::save_draft(&app, &who, case_id, &draft.text, draft.version).await?,
    ))
}
