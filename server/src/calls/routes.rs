//! Calls over HTTP: the operators' side, then the guests'. Most of it is the same for both, and stands once at the
//! end; each side has operations of its own, as paths, rules and descriptions differ.

use std::marker::PhantomData;

use axum::extract::{FromRequestParts, State};
use axum::http::StatusCode;
use axum::http::request::Parts;
use serde::Deserialize;
use utoipa::ToSchema;

use super::view::{Answered, Call, Joined, Microphone, Video};
use super::{Arrival, Joining, Person, Place};
use crate::app::App;
use crate::auth::{GuestSession, OperatorSession};
use crate::body::{Json, Params};
use crate::cases::routes::Nothing;
use crate::error::{Error, Problem};
use crate::ids::{CallId, CaseId, OrganizationId, ParticipantId};
use crate::once::{IdempotencyKey, Once};

/// Someone who joins.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewParticipant {
    /// The offer (SDP, RFC 8866): one sound and one picture to send, and places to receive.
    pub offer: String,
    /// The secret of the participant to go on as, for example after a reload.
    #[serde(default)]
    pub token: Option<String>,
    /// How the microphone stands.
    pub microphone: Microphone,
    /// What the picture is.
    pub video: Video,
}

/// A further offer of a participant: more places, or a new way through the network.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewOffer {
    /// The participant's secret.
    pub token: String,
    /// The offer (SDP, RFC 8866).
    pub offer: String,
}

/// How a participant's microphone and picture stand now.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewMedia {
    /// The participant's secret.
    pub token: String,
    /// How the microphone stands.
    pub microphone: Microphone,
    /// What the picture is.
    pub video: Video,
}

/// A participant's farewell.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Farewell {
    /// The participant's secret.
    pub token: String,
}

/// Start a call; in a case that has one, that one is the answer. Whoever starts it joins the case.
#[utoipa::path(post, path = "/api/v1/cases/{case_id}/calls", operation_id = "call_start", tag = "calls", request_body = Nothing,
    params(("case_id" = CaseId, Path), ("Idempotency-Key" = uuid::Uuid, Header, description = "A new UUID for each call, the same when repeated")),
    responses((status = 201, body = Call), (status = 200, body = Call, description = "One was open"), (status = 404, body = Problem), (status = 409, body = Problem)))]
pub async fn call_start(
    State(app): State<App>,
    who: OperatorSession,
    Params(case_id): Params<CaseId>,
    key: IdempotencyKey,
    Json { hash, .. }: Json<Nothing>,
) -> Result<(StatusCode, axum::Json<Call>), Error> {
    let once = Once::new(
        who.operator.uuid(),
        key,
        &format!("call_start {case_id}"),
        hash,
    );
    let started = super::start(&app, &who, case_id, once).await?;
    let status = if started.new {
        StatusCode::CREATED
    } else {
        StatusCode::OK
    };
    Ok((status, axum::Json(started.call)))
}

/// Read a call, also one that has ended.
#[utoipa::path(get, path = "/api/v1/cases/{case_id}/calls/{call_id}", operation_id = "call_get", tag = "calls",
    params(("case_id" = CaseId, Path), ("call_id" = CallId, Path)),
    responses((status = 200, body = Call), (status = 404, body = Problem)))]
pub async fn call_get(
    State(app): State<App>,
    at: AtCall<OperatorSession>,
) -> Result<axum::Json<Call>, Error> {
    read(&app, at).await
}

/// Join a call, or go on as the participant of `token`. The same person in another window is taken over from.
#[utoipa::path(post, path = "/api/v1/cases/{case_id}/calls/{call_id}/participants", operation_id = "call_join", tag = "calls", request_body = NewParticipant,
    params(("case_id" = CaseId, Path), ("call_id" = CallId, Path)),
    responses((status = 201, body = Joined), (status = 404, body = Problem), (status = 409, body = Problem), (status = 422, body = Problem), (status = 429, body = Problem), (status = 503, body = Problem)))]
pub async fn call_join(
    State(app): State<App>,
    at: AtCall<OperatorSession>,
    body: Json<NewParticipant>,
) -> Result<(StatusCode, axum::Json<Joined>), Error> {
    join(&app, at, body.value).await
}

/// Send a further offer: more places, or a new way through the network.
#[utoipa::path(post, path = "/api/v1/cases/{case_id}/calls/{call_id}/participants/{participant_id}/offer", operation_id = "call_offer", tag = "calls", request_body = NewOffer,
    params(("case_id" = CaseId, Path), ("call_id" = CallId, Path), ("participant_id" = ParticipantId, Path)),
    responses((status = 200, body = Answered), (status = 404, body = Problem), (status = 409, body = Problem), (status = 410, body = Problem), (status = 422, body = Problem), (status = 429, body = Problem), (status = 503, body = Problem)))]
pub async fn call_offer(
    State(app): State<App>,
    seat: InSeat<OperatorSession>,
    body: Json<NewOffer>,
) -> Result<axum::Json<Answered>, Error> {
    offer(&app, seat, body.value).await
}

/// Say how microphone and picture stand.
#[utoipa::path(put, path = "/api/v1/cases/{case_id}/calls/{call_id}/participants/{participant_id}/media", operation_id = "call_media_put", tag = "calls", request_body = NewMedia,
    params(("case_id" = CaseId, Path), ("call_id" = CallId, Path), ("participant_id" = ParticipantId, Path)),
    responses((status = 204, description = "Told to all"), (status = 404, body = Problem), (status = 409, body = Problem), (status = 410, body = Problem), (status = 429, body = Problem)))]
pub async fn call_media_put(
    State(app): State<App>,
    seat: InSeat<OperatorSession>,
    body: Json<NewMedia>,
) -> Result<StatusCode, Error> {
    put_media(&app, seat, body.value).await
}

/// Leave a call. The last one who leaves ends it.
#[utoipa::path(post, path = "/api/v1/cases/{case_id}/calls/{call_id}/participants/{participant_id}/leave", operation_id = "call_leave", tag = "calls", request_body = Farewell,
    params(("case_id" = CaseId, Path), ("call_id" = CallId, Path), ("participant_id" = ParticipantId, Path)),
    responses((status = 204, description = "Gone"), (status = 404, body = Problem)))]
pub async fn call_leave(
    State(app): State<App>,
    seat: InSeat<OperatorSession>,
    body: Json<Farewell>,
) -> Result<StatusCode, Error> {
    leave(&app, seat, &body.value).await
}

/// End a call for everyone; ending it again changes nothing.
#[utoipa::path(post, path = "/api/v1/cases/{case_id}/calls/{call_id}/end", operation_id = "call_end", tag = "calls", request_body = Nothing,
    params(("case_id" = CaseId, Path), ("call_id" = CallId, Path)),
    responses((status = 204, description = "Ended"), (status = 404, body = Problem)))]
pub async fn call_end(
    State(app): State<App>,
    who: OperatorSession,
    Params((case_id, call_id)): Params<(CaseId, CallId)>,
    Json { .. }: Json<Nothing>,
) -> Result<StatusCode, Error> {
    super::end(&app, &who, Place::new(who.organization, case_id, call_id)).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Read a call of the case, also one that has ended.
#[utoipa::path(get, path = "/api/v1/guest/cases/{case_id}/calls/{call_id}", operation_id = "guest_call_get", tag = "calls",
    params(("case_id" = CaseId, Path), ("call_id" = CallId, Path)),
    responses((status = 200, body = Call), (status = 404, body = Problem), (status = 409, body = Problem)))]
pub async fn guest_call_get(
    State(app): State<App>,
    at: AtCall<GuestSession>,
) -> Result<axum::Json<Call>, Error> {
    read(&app, at).await
}

/// Join a call as a guest, or go on as the participant of `token`.
#[utoipa::path(post, path = "/api/v1/guest/cases/{case_id}/calls/{call_id}/participants", operation_id = "guest_call_join", tag = "calls", request_body = NewParticipant,
    params(("case_id" = CaseId, Path), ("call_id" = CallId, Path)),
    responses((status = 201, body = Joined), (status = 404, body = Problem), (status = 409, body = Problem), (status = 422, body = Problem), (status = 429, body = Problem), (status = 503, body = Problem)))]
pub async fn guest_call_join(
    State(app): State<App>,
    at: AtCall<GuestSession>,
    body: Json<NewParticipant>,
) -> Result<(StatusCode, axum::Json<Joined>), Error> {
    join(&app, at, body.value).await
}

/// Send a further offer as a guest.
#[utoipa::path(post, path = "/api/v1/guest/cases/{case_id}/calls/{call_id}/participants/{participant_id}/offer", operation_id = "guest_call_offer", tag = "calls", request_body = NewOffer,
    params(("case_id" = CaseId, Path), ("call_id" = CallId, Path), ("participant_id" = ParticipantId, Path)),
    responses((status = 200, body = Answered), (status = 404, body = Problem), (status = 409, body = Problem), (status = 410, body = Problem), (status = 422, body = Problem), (status = 429, body = Problem), (status = 503, body = Problem)))]
pub async fn guest_call_offer(
    State(app): State<App>,
    seat: InSeat<GuestSession>,
    body: Json<NewOffer>,
) -> Result<axum::Json<Answered>, Error> {
    offer(&app, seat, body.value).await
}

/// Say as a guest how microphone and picture stand.
#[utoipa::path(put, path = "/api/v1/guest/cases/{case_id}/calls/{call_id}/participants/{participant_id}/media", operation_id = "guest_call_media_put", tag = "calls", request_body = NewMedia,
    params(("case_id" = CaseId, Path), ("call_id" = CallId, Path), ("participant_id" = ParticipantId, Path)),
    responses((status = 204, description = "Told to all"), (status = 404, body = Problem), (status = 409, body = Problem), (status = 410, body = Problem), (status = 429, body = Problem)))]
pub async fn guest_call_media_put(
    State(app): State<App>,
    seat: InSeat<GuestSession>,
    body: Json<NewMedia>,
) -> Result<StatusCode, Error> {
    put_media(&app, seat, body.value).await
}

/// Leave a call as a guest. The last one who leaves ends it.
#[utoipa::path(post, path = "/api/v1/guest/cases/{case_id}/calls/{call_id}/participants/{participant_id}/leave", operation_id = "guest_call_leave", tag = "calls", request_body = Farewell,
    params(("case_id" = CaseId, Path), ("call_id" = CallId, Path), ("participant_id" = ParticipantId, Path)),
    responses((status = 204, description = "Gone"), (status = 404, body = Problem)))]
pub async fn guest_call_leave(
    State(app): State<App>,
    seat: InSeat<GuestSession>,
    body: Json<Farewell>,
) -> Result<StatusCode, Error> {
    leave(&app, seat, &body.value).await
}

/// What operators and guests are asked for alike: who they are, and where.
pub trait Side: FromRequestParts<App, Rejection = Error> + Send {
    /// The organization.
    fn organization(&self) -> OrganizationId;
    /// Who takes part.
    fn person(&self) -> Person;
}

impl Side for OperatorSession {
    fn organization(&self) -> OrganizationId {
        self.organization
    }

    fn person(&self) -> Person {
        self.into()
    }
}

impl Side for GuestSession {
    fn organization(&self) -> OrganizationId {
        self.organization
    }

    fn person(&self) -> Person {
        self.into()
    }
}

/// Someone of one side at the call of the path.
pub struct AtCall<S> {
    person: Person,
    place: Place,
    side: PhantomData<S>,
}

impl<S: Side> FromRequestParts<App> for AtCall<S> {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Error> {
        let who = S::from_request_parts(parts, app).await?;
        let Params((case_id, call_id)) = Params::from_request_parts(parts, app).await?;
        Ok(Self {
            person: who.person(),
            place: Place::new(who.organization(), case_id, call_id),
            side: PhantomData,
        })
    }
}

/// Someone of one side who speaks for the participant of the path.
pub struct InSeat<S> {
    person: Person,
    place: Place,
    participant: ParticipantId,
    side: PhantomData<S>,
}

impl<S: Side> FromRequestParts<App> for InSeat<S> {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Error> {
        let who = S::from_request_parts(parts, app).await?;
        let Params((case_id, call_id, participant)) =
            Params::from_request_parts(parts, app).await?;
        Ok(Self {
            person: who.person(),
            place: Place::new(who.organization(), case_id, call_id),
            participant,
            side: PhantomData,
        })
    }
}

async fn read<S>(app: &App, at: AtCall<S>) -> Result<axum::Json<Call>, Error> {
    Ok(axum::Json(super::get(app, &at.person, at.place).await?))
}

async fn join<S>(
    app: &App,
    at: AtCall<S>,
    new: NewParticipant,
) -> Result<(StatusCode, axum::Json<Joined>), Error> {
    let joined = super::join(app, at.person, at.place, new.at(app.calls.arrive())).await?;
    Ok((StatusCode::CREATED, axum::Json(joined)))
}

async fn offer<S>(
    app: &App,
    seat: InSeat<S>,
    new: NewOffer,
) -> Result<axum::Json<Answered>, Error> {
    let (person, place, id) = (&seat.person, seat.place, seat.participant);
    let answered = super::offer(app, person, place, id, &new.token, &new.offer).await?;
    Ok(axum::Json(answered))
}

async fn put_media<S>(app: &App, seat: InSeat<S>, new: NewMedia) -> Result<StatusCode, Error> {
    let (person, place, id) = (&seat.person, seat.place, seat.participant);
    let media = (new.microphone, new.video);
    super::put_media(app, person, place, id, &new.token, media).await?;
    Ok(StatusCode::NO_CONTENT)
}

async fn leave<S>(app: &App, seat: InSeat<S>, farewell: &Farewell) -> Result<StatusCode, Error> {
    let (person, place, id) = (&seat.person, seat.place, seat.participant);
    super::leave(app, person, place, id, &farewell.token).await?;
    Ok(StatusCode::NO_CONTENT)
}

impl NewParticipant {
    fn at(self, arrival: Arrival) -> Joining {
        Joining {
            arrival,
            offer: self.offer,
            token: self.token,
            microphone: self.microphone,
            video: self.video,
        }
    }
}
