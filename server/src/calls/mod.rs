//! Calls: who may start, join and end one.

pub mod routes;
pub mod view;

use crate::app::App;
use crate::auth::{GuestSession, OperatorSession};
use crate::error::Error;
use crate::ids::{CallId, CaseId, GuestId, OperatorId, OrganizationId, ParticipantId, SessionId};
use crate::once::Once;
use view::{Answered, Call, Joined, Microphone, Video};

/// Which call: a call of another case or organization is not found.
#[derive(Debug, Clone, Copy)]
pub struct Place {
    organization: OrganizationId,
    case_id: CaseId,
    call_id: CallId,
}

impl Place {
    /// A call of a case.
    pub fn new(organization: OrganizationId, case_id: CaseId, call_id: CallId) -> Self {
        Self {
            organization,
            case_id,
            call_id,
        }
    }
}

/// Who takes part: one tile each, however many windows they open.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Person {
    /// An operator, with the session that lets them in.
    Operator(OperatorId, SessionId),
    /// A guest: one browser.
    Guest(GuestId),
}

impl From<&OperatorSession> for Person {
    fn from(session: &OperatorSession) -> Self {
        Person::Operator(session.operator, session.session)
    }
}

impl From<&GuestSession> for Person {
    fn from(session: &GuestSession) -> Self {
        Person::Guest(session.guest)
    }
}

/// A wish to join.
#[derive(Debug)]
pub struct Joining {
    /// The offer.
    pub offer: String,
    /// The participant to go on as.
    pub token: Option<String>,
    /// How the microphone stands.
    pub microphone: Microphone,
    /// What the picture is.
    pub video: Video,
}

/// A started call.
pub struct Started {
    /// The call.
    pub call: Call,
    /// Whether this request made it.
    pub new: bool,
}

/// Starts a call.
///
/// # Errors
/// No media are served.
pub async fn start(_: &App, _: &OperatorSession, _: CaseId, _: Once) -> Result<Started, Error> {
    Err(Error::CallsUnavailable)
}

/// Reads a call.
///
/// # Errors
/// There is none.
pub async fn get(_: &App, _: &Person, _: Place) -> Result<Call, Error> {
    Err(Error::NotFound)
}

/// Joins a call.
///
/// # Errors
/// There is none.
pub async fn join(_: &App, _: Person, _: Place, _: Joining) -> Result<Joined, Error> {
    Err(Error::NotFound)
}

/// Answers a further offer.
///
/// # Errors
/// There is no call.
pub async fn offer(
    _: &App,
    _: &Person,
    _: Place,
    _: ParticipantId,
    _: &str,
    _: &str,
) -> Result<Answered, Error> {
    Err(Error::NotFound)
}

/// Notes how microphone and picture stand.
///
/// # Errors
/// There is no call.
pub async fn put_media(
    _: &App,
    _: &Person,
    _: Place,
    _: ParticipantId,
    _: &str,
    _: (Microphone, Video),
) -> Result<(), Error> {
    Err(Error::NotFound)
}

/// Leaves a call.
///
/// # Errors
/// There is none.
pub async fn leave(_: &App, _: &Person, _: Place, _: ParticipantId, _: &str) -> Result<(), Error> {
    Err(Error::NotFound)
}

/// Ends a call.
///
/// # Errors
/// There is none.
pub async fn end(_: &App, _: &OperatorSession, _: Place) -> Result<(), Error> {
    Err(Error::NotFound)
}
