//! What can go wrong, as one enum, and its one way out: `application/problem+json` (RFC 9457)
//! with a stable `code`, a sentence for people in English or German, and the request's id.
//!
//! Features return [`Error`]; only this file knows status codes. What is not said here on purpose
//! (a foreign organization's case, the inside of a failure) never leaves the server.

use axum::body::Body;
use axum::http::{HeaderValue, Response, StatusCode, header};
use axum::response::IntoResponse;
use deskside_db::{DbError, Time};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::auth::Right;
use crate::custom_fields::CustomFieldRef;
use crate::events::{Actor, OperatorRef};
use crate::ids::CaseId;
use crate::team::Plan;

/// Why an operation was not carried out.
#[derive(Debug, thiserror::Error)]
#[expect(
    missing_docs,
    reason = "each variant is a problem code, explained by its text in `words`"
)]
pub enum Error {
    #[error("bad json: {0}")]
    BadJson(String),
    #[error("wrong content type")]
    WrongContentType,
    #[error("body too large")]
    BodyTooLarge,
    #[error("unknown field {0}")]
    UnknownField(String),
    #[error("invalid input")]
    Invalid(Vec<FieldError>),
    #[error("idempotency key missing")]
    IdempotencyKeyMissing,
    #[error("idempotency key reused")]
    IdempotencyKeyReused,
    #[error("not signed in")]
    NotSignedIn,
    #[error("wrong credentials")]
    WrongCredentials,
    #[error("forbidden")]
    Forbidden,
    #[error("seat required")]
    SeatRequired,
    #[error("right missing: {0:?}")]
    RightMissing(Right),
    #[error("plan required: {0:?}")]
    PlanRequired(Plan),
    #[error("cross site")]
    CrossSite,
    #[error("not found")]
    NotFound,
    #[error("method not allowed")]
    MethodNotAllowed,
    #[error("setup closed")]
    SetupClosed,
    #[error("setup link invalid")]
    SetupLinkInvalid,
    #[error("invite invalid")]
    InviteInvalid,
    #[error("reset invalid")]
    ResetInvalid,
    #[error("picture invalid")]
    PictureInvalid,
    #[error("picture too large")]
    PictureTooLarge,
    #[error("email taken")]
    EmailTaken,
    #[error("field conflict")]
    FieldConflict(Vec<Conflict>),
    #[error("case completed")]
    CaseCompleted(Option<PublicOrganization>),
    #[error("case not completed")]
    CaseNotCompleted,
    #[error("case taken")]
    CaseTaken(OperatorRef),
    #[error("last administrator")]
    LastAdministrator,
    #[error("no seat free")]
    NoSeatFree,
    #[error("operator unavailable")]
    OperatorUnavailable,
    #[error("placeholder left")]
    PlaceholderLeft(String),
    #[error("case merged")]
    CaseMerged(CaseId),
    #[error("call open")]
    CallOpen,
    #[error("merge too large")]
    MergeTooLarge,
    #[error("drafts too long to merge")]
    MergeDraftsTooLong(OperatorRef),
    #[error("merge with itself")]
    MergeWithItself,
    #[error("not on the case")]
    NotOnCase,
    #[error("tag exists")]
    TagExists,
    #[error("too many tags")]
    TooManyTags,
    #[error("too many filters")]
    TooManyFilters,
    #[error("case deleted")]
    CaseDeleted(Option<PublicOrganization>),
    #[error("link unknown")]
    LinkUnknown(Option<PublicOrganization>),
    #[error("call ended")]
    CallEnded,
    #[error("call full")]
    CallFull,
    #[error("call moved")]
    CallMoved,
    #[error("call peer gone")]
    CallPeerGone,
    #[error("calls unavailable")]
    CallsUnavailable,
    #[error("offer invalid")]
    OfferInvalid,
    #[error("bad cursor")]
    BadCursor,
    #[error("bad limit")]
    BadLimit,
    #[error("too many open invitations")]
    TooManyInvites,
    #[error("limit of {0} reached")]
    LimitReached(i64),
    #[error("field in use in {cases} cases")]
    FieldInUse { cases: i64, examples: Vec<String> },
    #[error("fields required")]
    FieldsRequired(Vec<CustomFieldRef>),
    #[error("location off")]
    LocationOff,
    #[error("location not asked")]
    LocationNotAsked,
    #[error("too many attempts")]
    TooManyAttempts { retry_after_s: u64 },
    #[error("overloaded")]
    Overloaded,
    #[error("not saved: {0}")]
    NotSaved(String),
    #[error("storage full")]
    StorageFull,
    #[error("internal: {0}")]
    Internal(#[from] anyhow::Error),
}

impl From<DbError> for Error {
    fn from(error: DbError) -> Self {
        match error {
            DbError::Busy(why) | DbError::Unavailable(why) | DbError::NotCommitted(why) => {
                Error::NotSaved(why)
            }
            DbError::StorageFull => Error::StorageFull,
            // Two at once made the same thing: the second finds it when it asks again.
            DbError::Constraint {
                unique: true,
                message,
            } => Error::NotSaved(message),
            other => Error::Internal(anyhow::Error::new(other)),
        }
    }
}

/// What is wrong with one field of a request.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema, PartialEq, Eq)]
pub struct FieldError {
    /// The field's name in the request.
    pub field: String,
    /// What is wrong, for programs.
    pub code: FieldErrorCode,
    /// What is wrong, for people.
    #[serde(default)]
    pub detail: String,
}

impl FieldError {
    /// An error of `field`; the words are added on the way out.
    pub fn new(field: &str, code: FieldErrorCode) -> Self {
        Self {
            field: field.to_owned(),
            code,
            detail: String::new(),
        }
    }
}

/// The kinds of field errors.
#[derive(Debug, Clone, Copy, Serialize, Deserialize, ToSchema, PartialEq, Eq)]
#[serde(rename_all = "snake_case")]
pub enum FieldErrorCode {
    /// Empty, but needed.
    Required,
    /// Longer than the limit.
    TooLong,
    /// Shorter than the limit.
    TooShort,
    /// Not of the form the field needs.
    Invalid,
    /// Holds control characters or line breaks where none may be.
    ControlCharacters,
    /// A phone number without `+` and country code.
    CountryCodeMissing,
    /// Not one of the known values.
    UnknownValue,
    /// A password that is on every attacker's list.
    TooCommon,
    /// Something else has it already.
    Taken,
    /// A name in braces that stands for nothing, or that has a brace too few or too many.
    UnknownPlaceholder,
    /// Not the password that is in use.
    WrongPassword,
    /// A time that is over.
    Past,
    /// A time that is too far off.
    TooFar,
}

/// Two people wrote one field: both texts, nothing lost (O14).
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct Conflict {
    /// The field's name.
    pub field: String,
    /// The text of this request, not saved.
    pub yours: String,
    /// The text that is saved.
    pub theirs: String,
    /// The version of the saved text: send it to replace that text.
    pub version: i64,
    /// Who saved it.
    pub changed_by: Option<Actor>,
    /// When it was saved.
    pub changed_at: Option<Time>,
}

/// What anyone holding a link may know of an organization.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema, PartialEq, Eq)]
pub struct PublicOrganization {
    /// Its name.
    pub name: String,
    /// Email address for customers; empty when not given.
    pub contact_email: String,
    /// Phone number for customers; empty when not given.
    pub contact_phone: String,
    /// Its colour as `#rrggbb`; empty for Deskside's own.
    #[serde(default)]
    pub brand_color: String,
    /// Where its logo is.
    #[serde(default)]
    pub logo: Option<String>,
}

/// An error on its way out, as every program receives it (RFC 9457).
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct Problem {
    /// Always `about:blank`: the code tells the kind.
    #[serde(rename = "type")]
    pub kind: String,
    /// The kind in a few words, in the reader's language.
    pub title: String,
    /// The HTTP status.
    pub status: u16,
    /// The kind, for programs; never changes its meaning.
    pub code: String,
    /// What happened and what to do, in the reader's language.
    pub detail: String,
    /// The request's id, as in the server's log.
    pub request_id: String,
    /// Errors of single fields.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub errors: Vec<FieldError>,
    /// With `field_conflict`: both texts of each field.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub conflicts: Vec<Conflict>,
    /// With `too_many_attempts`: seconds to wait.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub retry_after_s: Option<u64>,
    /// With `case_merged`: the case that it is a part of now.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub into: Option<CaseId>,
    /// With a guest's dead ends: whom to ask.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub organization: Option<PublicOrganization>,
    /// With `right_missing`: which.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub right: Option<Right>,
    /// With `plan_required`: the least plan that has it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub plan: Option<Plan>,
    /// With `case_taken`: who has it, oneself where one is on the case, else who was first.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub taken_by: Option<OperatorRef>,
    /// With `merge_drafts_too_long`: whose drafts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub drafts_of: Option<OperatorRef>,
    /// With `limit_reached`: how many there may be.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limit: Option<i64>,
    /// With `field_in_use`: in how many cases a value stands in the way.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cases: Option<i64>,
    /// With `field_in_use`: up to three of these values.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub examples: Vec<String>,
    /// With `fields_required`: the fields to fill in.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub fields: Vec<CustomFieldRef>,
}

/// The language of a sentence.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tongue {
    /// English.
    En,
    /// German.
    De,
}

impl Tongue {
    /// The first of our languages in an `Accept-Language` header; English without one.
    pub fn accepted(header: Option<&HeaderValue>) -> Self {
        let header = header
            .and_then(|value| value.to_str().ok())
            .unwrap_or_default();
        for part in header.split(',').take(20) {
            match part.trim().get(..2).map(str::to_ascii_lowercase).as_deref() {
                Some("de") => return Tongue::De,
                Some("en") => return Tongue::En,
                _ => {}
            }
        }
        Tongue::En
    }
}

impl Error {
    fn status(&self) -> StatusCode {
        match self {
            Error::BadJson(_)
            | Error::IdempotencyKeyMissing
            | Error::BadCursor
            | Error::BadLimit => StatusCode::BAD_REQUEST,
            Error::WrongContentType => StatusCode::UNSUPPORTED_MEDIA_TYPE,
            Error::BodyTooLarge | Error::PictureTooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            Error::UnknownField(_)
            | Error::Invalid(_)
            | Error::PictureInvalid
            | Error::IdempotencyKeyReused
            | Error::PlaceholderLeft(_)
            | Error::OfferInvalid => StatusCode::UNPROCESSABLE_ENTITY,
            Error::NotSignedIn | Error::WrongCredentials => StatusCode::UNAUTHORIZED,
            Error::Forbidden
            | Error::SeatRequired
            | Error::RightMissing(_)
            | Error::PlanRequired(_)
            | Error::LocationOff
            | Error::CrossSite
            | Error::SetupLinkInvalid => StatusCode::FORBIDDEN,
            Error::NotFound | Error::LinkUnknown(_) => StatusCode::NOT_FOUND,
            Error::MethodNotAllowed => StatusCode::METHOD_NOT_ALLOWED,
            Error::SetupClosed
            | Error::EmailTaken
            | Error::FieldConflict(_)
            | Error::CaseCompleted(_)
            | Error::CaseNotCompleted
            | Error::CallOpen
            | Error::MergeTooLarge
            | Error::MergeDraftsTooLong(_)
            | Error::MergeWithItself
            | Error::NotOnCase
            | Error::TagExists
            | Error::TooManyTags
            | Error::TooManyFilters
            | Error::CaseTaken(_)
            | Error::LastAdministrator
            | Error::NoSeatFree
            | Error::OperatorUnavailable
            | Error::LimitReached(_)
            | Error::FieldInUse { .. }
            | Error::FieldsRequired(_)
            | Error::LocationNotAsked
            | Error::CallEnded
            | Error::CallFull
            | Error::CallMoved
            | Error::TooManyInvites => StatusCode::CONFLICT,
            Error::CaseMerged(_)
            | Error::CaseDeleted(_)
            | Error::InviteInvalid
            | Error::ResetInvalid
            | Error::CallPeerGone => StatusCode::GONE,
            Error::TooManyAttempts { .. } => StatusCode::TOO_MANY_REQUESTS,
            Error::Overloaded | Error::NotSaved(_) | Error::CallsUnavailable => {
                StatusCode::SERVICE_UNAVAILABLE
            }
            Error::StorageFull => StatusCode::INSUFFICIENT_STORAGE,
            Error::Internal(_) => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }

    /// The stable code.
    pub fn code(&self) -> &'static str {
        match self {
            Error::BadJson(_) => "bad_json",
            Error::WrongContentType => "wrong_content_type",
            Error::BodyTooLarge => "body_too_large",
            Error::UnknownField(_) => "unknown_field",
            Error::Invalid(_) => "invalid_input",
            Error::IdempotencyKeyMissing => "idempotency_key_missing",
            Error::IdempotencyKeyReused => "idempotency_key_reused",
            Error::NotSignedIn => "not_signed_in",
            Error::WrongCredentials => "wrong_credentials",
            Error::Forbidden => "forbidden",
            Error::SeatRequired => "seat_required",
            Error::RightMissing(_) => "right_missing",
            Error::PlanRequired(_) => "plan_required",
            Error::CrossSite => "cross_site",
            Error::NotFound => "not_found",
            Error::MethodNotAllowed => "method_not_allowed",
            Error::SetupClosed => "setup_closed",
            Error::SetupLinkInvalid => "setup_link_invalid",
            Error::InviteInvalid => "invite_invalid",
            Error::ResetInvalid => "reset_invalid",
            Error::PictureInvalid => "picture_invalid",
            Error::PictureTooLarge => "picture_too_large",
            Error::EmailTaken => "email_taken",
            Error::FieldConflict(_) => "field_conflict",
            Error::CaseCompleted(_) => "case_completed",
            Error::CaseNotCompleted => "case_not_completed",
            Error::CaseTaken(_) => "case_taken",
            Error::LastAdministrator => "last_administrator",
            Error::NoSeatFree => "no_seat_free",
            Error::OperatorUnavailable => "operator_unavailable",
            Error::PlaceholderLeft(_) => "placeholder_left",
            Error::CaseMerged(_) => "case_merged",
            Error::CallOpen => "call_open",
            Error::MergeTooLarge => "merge_too_large",
            Error::MergeDraftsTooLong(_) => "merge_drafts_too_long",
            Error::MergeWithItself => "merge_with_itself",
            Error::NotOnCase => "not_on_case",
            Error::TagExists => "tag_exists",
            Error::TooManyTags => "too_many_tags",
            Error::TooManyFilters => "too_many_filters",
            Error::CaseDeleted(_) => "case_deleted",
            Error::LinkUnknown(_) => "link_unknown",
            Error::CallEnded => "call_ended",
            Error::CallFull => "call_full",
            Error::CallMoved => "call_moved",
            Error::CallPeerGone => "call_peer_gone",
            Error::CallsUnavailable => "calls_unavailable",
            Error::OfferInvalid => "offer_invalid",
            Error::BadCursor => "bad_cursor",
            Error::BadLimit => "bad_limit",
            Error::TooManyInvites => "too_many_invites",
            Error::LimitReached(_) => "limit_reached",
            Error::FieldInUse { .. } => "field_in_use",
            Error::FieldsRequired(_) => "fields_required",
            Error::LocationOff => "location_off",
            Error::LocationNotAsked => "location_not_asked",
            Error::TooManyAttempts { .. } => "too_many_attempts",
            Error::Overloaded => "overloaded",
            Error::NotSaved(_) => "not_saved",
            Error::StorageFull => "storage_full",
            Error::Internal(_) => "internal",
        }
    }

    /// Title and sentence in one language.
    fn words(&self, tongue: Tongue) -> (&'static str, &'static str) {
        let (en, de) = crate::error::texts(self.code());
        match tongue {
            Tongue::En => en,
            Tongue::De => de,
        }
    }

    /// The problem document of this error.
    pub fn problem(self, tongue: Tongue, request_id: &str) -> Problem {
        let (title, detail) = self.words(tongue);
        let mut problem = Problem {
            kind: "about:blank".into(),
            title: title.into(),
            status: self.status().as_u16(),
            code: self.code().into(),
            detail: detail.into(),
            request_id: request_id.into(),
            errors: Vec::new(),
            conflicts: Vec::new(),
            retry_after_s: None,
            into: None,
            organization: None,
            right: None,
            plan: None,
            taken_by: None,
            drafts_of: None,
            limit: None,
            cases: None,
            examples: Vec::new(),
            fields: Vec::new(),
        };
        match self {
            Error::Invalid(mut errors) => {
                for error in &mut errors {
                    error.detail = field_words(error.code, tongue).into();
                }
                problem.errors = errors;
            }
            Error::FieldConflict(conflicts) => problem.conflicts = conflicts,
            Error::CaseMerged(into) => problem.into = Some(into),
            Error::TooManyAttempts { retry_after_s } => problem.retry_after_s = Some(retry_after_s),
            Error::Overloaded | Error::NotSaved(_) | Error::CallsUnavailable => {
                problem.retry_after_s = Some(1);
            }
            Error::CaseCompleted(organization)
            | Error::CaseDeleted(organization)
            | Error::LinkUnknown(organization) => {
                problem.organization = organization;
            }
            Error::RightMissing(right) => problem.right = Some(right),
            Error::PlanRequired(plan) => problem.plan = Some(plan),
            Error::CaseTaken(operator) => problem.taken_by = Some(operator),
            Error::MergeDraftsTooLong(operator) => problem.drafts_of = Some(operator),
            Error::LimitReached(limit) => problem.limit = Some(limit),
            Error::FieldInUse { cases, examples } => {
                problem.cases = Some(cases);
                problem.examples = examples;
            }
            Error::FieldsRequired(fields) => problem.fields = fields,
            Error::UnknownField(field) | Error::BadJson(field) | Error::PlaceholderLeft(field)
                if !field.is_empty() =>
            {
                problem.detail = format!("{} ({field})", problem.detail);
            }
            _ => {}
        }
        problem
    }
}

mod texts;
use texts::{field_words, texts};

/// An error waiting for [`finish`] to put it into the reader's language.
#[derive(Clone)]
struct Pending(std::sync::Arc<std::sync::Mutex<Option<Error>>>);

impl IntoResponse for Error {
    fn into_response(self) -> Response<Body> {
        let mut response = Response::new(Body::empty());
        *response.status_mut() = self.status();
        response
            .extensions_mut()
            .insert(Pending(std::sync::Arc::new(std::sync::Mutex::new(Some(
                self,
            )))));
        response
    }
}

/// Whether a handler left `NotFound` in the response.
pub fn is_not_found(response: &Response<Body>) -> bool {
    let pending = response.extensions().get::<Pending>();
    pending.is_some_and(|Pending(slot)| {
        slot.lock()
            .is_ok_and(|slot| matches!(*slot, Some(Error::NotFound)))
    })
}

/// Turns an error that a handler left in the response into its document, and logs it once.
pub fn finish(mut response: Response<Body>, tongue: Tongue, request_id: &str) -> Response<Body> {
    let Some(Pending(slot)) = response.extensions_mut().remove::<Pending>() else {
        return response;
    };
    let error = slot.lock().ok().and_then(|mut slot| slot.take());
    let Some(error) = error else {
        return response;
    };
    match &error {
        Error::Internal(source) => {
            tracing::error!(request.id = request_id, error = %format!("{source:#}"), "A request failed inside.")
        }
        Error::NotSaved(source) => {
            tracing::warn!(request.id = request_id, error = %source, "A request could not be saved.")
        }
        Error::StorageFull => tracing::error!(request.id = request_id, "The storage is full."),
        _ => {}
    }
    respond(error.problem(tongue, request_id), response)
}

fn respond(problem: Problem, mut response: Response<Body>) -> Response<Body> {
    if let Some(seconds) = problem.retry_after_s {
        response
            .headers_mut()
            .insert(header::RETRY_AFTER, HeaderValue::from(seconds));
    }
    let body = serde_json::to_vec(&problem).unwrap_or_default();
    response.headers_mut().insert(
        header::CONTENT_TYPE,
        HeaderValue::from_static("application/problem+json"),
    );
    response
        .headers_mut()
        .insert(header::CONTENT_LENGTH, HeaderValue::from(body.len()));
    response
        .headers_mut()
        .insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    *response.body_mut() = Body::from(body);
    response
}
