//! Calls over HTTP: the operators' side, then the guests'.

use axum::extract::State;
use axum::http::StatusCode;
use serde::Deserialize;
use utoipa::ToSchema;

use super::view::{Answered, Call, Joined, Microphone, Video};
use super::{Joining, Person, Place};
use crate::app::App;
use crate::auth::{GuestSession, OperatorSession};
use crate::body::{Json, Params};
use crate::cases::routes::Nothing;
use crate::error::{Error, Problem};
use crate::ids::{CallId, CaseId, ParticipantId};
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
    who: OperatorSession,
    Params((case_id, call_id)): Params<(CaseId, CallId)>,
) -> Result<axum::Json<Call>, Error> {
    let place = Place::new(who.organization, case_id, call_id);
    Ok(axum::Json(
        super::get(&app, &Person::from(&who), place).await?,
    ))
}

/// Join a call, or go on as the participant of `token`. The same person in another window is taken over from.
#[utoipa::path(post, path = "/api/v1/cases/{case_id}/calls/{call_id}/participants", operation_id = "call_join", tag = "calls", request_body = NewParticipant,
    params(("case_id" = CaseId, Path), ("call_id" = CallId, Path)),
    responses((status = 201, body = Joined), (status = 404, body = Problem), (status = 409, body = Problem), (status = 422, body = Problem), (status = 429, body = Problem), (status = 503, body = Problem)))]
pub async fn call_join(
    State(app): State<App>,
    who: OperatorSession,
    Params((case_id, call_id)): Params<(CaseId, CallId)>,
    Json { value: new, .. }: Json<NewParticipant>,
) -> Result<(StatusCode, axum::Json<Joined>), Error> {
    let place = Place::new(who.organization, case_id, call_id);
    let joined = super::join(&app, Person::from(&who), place, new.into()).await?;
    Ok((StatusCode::CREATED, axum::Json(joined)))
}

/// Send a further offer: more places, or a new way through the network.
#[utoipa::path(post, path = "/api/v1/cases/{case_id}/calls/{call_id}/participants/{participant_id}/offer", operation_id = "call_offer", tag = "calls", request_body = NewOffer,
    params(("case_id" = CaseId, Path), ("call_id" = CallId, Path), ("participant_id" = ParticipantId, Path)),
    responses((status = 200, body = Answered), (status = 404, body = Problem), (status = 409, body = Problem), (status = 410, body = Problem), (status = 422, body = Problem), (status = 429, body = Problem), (status = 503, body = Problem)))]
pub async fn call_offer(
    State(app): State<App>,
    who: OperatorSession,
    Params((case_id, call_id, participant)): Params<(CaseId, CallId, ParticipantId)>,
    Json { value: new, .. }: Json<NewOffer>,
) -> Result<axum::Json<Answered>, Error> {
    let place = Place::new(who.organization, case_id, call_id);
    let person = Person::from(&who);
    Ok(axum::Json(
        super::offer(&app, &person, place, participant, &new.token, &new.offer).await?,
    ))
}

/// Say how microphone and picture stand.
#[utoipa::path(put, path = "/api/v1/cases/{case_id}/calls/{call_id}/participants/{participant_id}/media", operation_id = "call_media_put", tag = "calls", request_body = NewMedia,
    params(("case_id" = CaseId, Path), ("call_id" = CallId, Path), ("participant_id" = ParticipantId, Path)),
    responses((status = 204, description = "Told to all"), (status = 404, body = Problem), (status = 409, body = Problem), (status = 410, body = Problem), (status = 429, body = Problem)))]
pub async fn call_media_put(
    State(app): State<App>,
    who: OperatorSession,
    Params((case_id, call_id, participant)): Params<(CaseId, CallId, ParticipantId)>,
    Json { value: new, .. }: Json<NewMedia>,
) -> Result<StatusCode, Error> {
    let place = Place::new(who.organization, case_id, call_id);
    let person = Person::from(&who);
    let media = (new.microphone, new.video);
    super::put_media(&app, &person, place, participant, &new.token, media).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Leave a call. The last one who leaves ends it.
#[utoipa::path(post, path = "/api/v1/cases/{case_id}/calls/{call_id}/participants/{participant_id}/leave", operation_id = "call_leave", tag = "calls", request_body = Farewell,
    params(("case_id" = CaseId, Path), ("call_id" = CallId, Path), ("participant_id" = ParticipantId, Path)),
    responses((status = 204, description = "Gone"), (status = 404, body = Problem)))]
pub async fn call_leave(
    State(app): State<App>,
    who: OperatorSession,
    Params((case_id, call_id, participant)): Params<(CaseId, CallId, ParticipantId)>,
    Json {
        value: farewell, ..
    }: Json<Farewell>,
) -> Result<StatusCode, Error> {
    let place = Place::new(who.organization, case_id, call_id);
    let person = Person::from(&who);
    super::leave(&app, &person, place, participant, &farewell.token).await?;
    Ok(StatusCode::NO_CONTENT)
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
    who: GuestSession,
    Params((case_id, call_id)): Params<(CaseId, CallId)>,
) -> Result<axum::Json<Call>, Error> {
    let place = Place::new(who.organization, case_id, call_id);
    Ok(axum::Json(
        super::get(&app, &Person::from(&who), place).await?,
    ))
}

/// Join a call as a guest, or go on as the participant of `token`.
#[utoipa::path(post, path = "/api/v1/guest/cases/{case_id}/calls/{call_id}/participants", operation_id = "guest_call_join", tag = "calls", request_body = NewParticipant,
    params(("case_id" = CaseId, Path), ("call_id" = CallId, Path)),
    responses((status = 201, body = Joined), (status = 404, body = Problem), (status = 409, body = Problem), (status = 422, body = Problem), (status = 429, body = Problem), (status = 503, body = Problem)))]
pub async fn guest_call_join(
    State(app): State<App>,
    who: GuestSession,
    Params((case_id, call_id)): Params<(CaseId, CallId)>,
    Json { value: new, .. }: Json<NewParticipant>,
) -> Result<(StatusCode, axum::Json<Joined>), Error> {
    let place = Place::new(who.organization, case_id, call_id);
    let joined = super::join(&app, Person::from(&who), place, new.into()).await?;
    Ok((StatusCode::CREATED, axum::Json(joined)))
}

/// Send a further offer as a guest.
#[utoipa::path(post, path = "/api/v1/guest/cases/{case_id}/calls/{call_id}/participants/{participant_id}/offer", operation_id = "guest_call_offer", tag = "calls", request_body = NewOffer,
    params(("case_id" = CaseId, Path), ("call_id" = CallId, Path), ("participant_id" = ParticipantId, Path)),
    responses((status = 200, body = Answered), (status = 404, body = Problem), (status = 409, body = Problem), (status = 410, body = Problem), (status = 422, body = Problem), (status = 429, body = Problem), (status = 503, body = Problem)))]
pub async fn guest_call_offer(
    State(app): State<App>,
    who: GuestSession,
    Params((case_id, call_id, participant)): Params<(CaseId, CallId, ParticipantId)>,
    Json { value: new, .. }: Json<NewOffer>,
) -> Result<axum::Json<Answered>, Error> {
    let place = Place::new(who.organization, case_id, call_id);
    let person = Person::from(&who);
    Ok(axum::Json(
        super::offer(&app, &person, place, participant, &new.token, &new.offer).await?,
    ))
}

/// Say as a guest how microphone and picture stand.
#[utoipa::path(put, path = "/api/v1/guest/cases/{case_id}/calls/{call_id}/participants/{participant_id}/media", operation_id = "guest_call_media_put", tag = "calls", request_body = NewMedia,
    params(("case_id" = CaseId, Path), ("call_id" = CallId, Path), ("participant_id" = ParticipantId, Path)),
    responses((status = 204, description = "Told to all"), (status = 404, body = Problem), (status = 409, body = Problem), (status = 410, body = Problem), (status = 429, body = Problem)))]
pub async fn guest_call_media_put(
    State(app): State<App>,
    who: GuestSession,
    Params((case_id, call_id, participant)): Params<(CaseId, CallId, ParticipantId)>,
    Json { value: new, .. }: Json<NewMedia>,
) -> Result<StatusCode, Error> {
    let place = Place::new(who.organization, case_id, call_id);
    let person = Person::from(&who);
    let media = (new.microphone, new.video);
    super::put_media(&app, &person, place, participant, &new.token, media).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Leave a call as a guest. The last one who leaves ends it.
#[utoipa::path(post, path = "/api/v1/guest/cases/{case_id}/calls/{call_id}/participants/{participant_id}/leave", operation_id = "guest_call_leave", tag = "calls", request_body = Farewell,
    params(("case_id" = CaseId, Path), ("call_id" = CallId, Path), ("participant_id" = ParticipantId, Path)),
    responses((status = 204, description = "Gone"), (status = 404, body = Problem)))]
pub async fn guest_call_leave(
    State(app): State<App>,
    who: GuestSession,
    Params((case_id, call_id, participant)): Params<(CaseId, CallId, ParticipantId)>,
    Json {
        value: farewell, ..
    }: Json<Farewell>,
) -> Result<StatusCode, Error> {
    let place = Place::new(who.organization, case_id, call_id);
    let person = Person::from(&who);
    super::leave(&app, &person, place, participant, &farewell.token).await?;
    Ok(StatusCode::NO_CONTENT)
}

impl From<NewParticipant> for Joining {
    fn from(new: NewParticipant) -> Self {
        Joining {
            offer: new.offer,
            token: new.token,
            microphone: new.microphone,
            video: new.video,
        }
    }
}
