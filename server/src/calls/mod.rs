//! Calls: who may start, join and end one, and for how long it lives.
//!
//! A case has one open call at most; a row says so. Who takes part is written down too, so that a participant who
//! comes back, after a reload or a restart of the server, is the same one: each person has one tile. What changes
//! by the second (who is connected, where whose picture comes) is in the [`roster`] and goes out as snapshots over
//! the live sockets. Packets are the business of `crates/sfu`: a call is a room there, a participant a peer.

mod ending;
pub mod media;
mod roster;
pub mod routes;
pub mod store;
pub mod sweep;
pub mod view;

use deskside_db::{OrgTx, Time, Uuid};
use deskside_sfu::{OfferError, PeerId, RoomId};

use crate::app::{App, whole};
use crate::auth::{GuestSession, OperatorSession, cookie};
use crate::cases::{self, Status, lifecycle};
use crate::error::Error;
use crate::events::{Event, Who};
use crate::ids::{CallId, CaseId, GuestId, OperatorId, OrganizationId, ParticipantId, SessionId};
use crate::limits;
use crate::once::Once;
use crate::team;
use crate::tx::Write;
use roster::Standing;
use store::{CallRow, ParticipantRow};
use view::{Answered, Call, Joined, Microphone, ParticipantKind, Video};

pub use ending::{Ended, end, end_in_case, forget_in, leave, over, session_over};
pub use media::Calls;

/// Which call: one of another case or organization is not found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place {
    /// The organization.
    pub organization: OrganizationId,
    /// The case.
    pub case_id: CaseId,
    /// The call.
    pub call_id: CallId,
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

    fn room(self) -> RoomId {
        RoomId(self.call_id.uuid())
    }
}

/// Who takes part: one tile each, however many windows they open.
#[derive(Debug, Clone, Copy)]
pub enum Person {
    /// An operator, with the session that let them in.
    Operator(OperatorId, SessionId),
    /// A guest: one browser.
    Guest(GuestId),
}

impl Person {
    fn kind(&self) -> ParticipantKind {
        match self {
            Person::Operator(..) => ParticipantKind::Operator,
            Person::Guest(_) => ParticipantKind::Guest,
        }
    }

    fn uuid(&self) -> Uuid {
        match self {
            Person::Operator(operator, _) => operator.uuid(),
            Person::Guest(guest) => guest.uuid(),
        }
    }

    fn session(&self) -> Option<SessionId> {
        match self {
            Person::Operator(_, session) => Some(*session),
            Person::Guest(_) => None,
        }
    }

    fn who(&self) -> Who {
        match self {
            Person::Operator(operator, _) => Who::Operator(*operator),
            Person::Guest(guest) => Who::Guest(*guest),
        }
    }

    /// Whether it is the same person, in whichever session.
    fn is(&self, other: &Person) -> bool {
        self.kind() == other.kind() && self.uuid() == other.uuid()
    }
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

fn peer(id: ParticipantId) -> PeerId {
    PeerId(id.uuid())
}

fn refused(error: OfferError) -> Error {
    match error {
        OfferError::Gone => Error::CallPeerGone,
        OfferError::Invalid(_) => Error::OfferInvalid,
        OfferError::Full => Error::CallFull,
        OfferError::Unavailable => Error::CallsUnavailable,
    }
}

/// What is too large is no offer; everything else about it is the workers' to say.
fn check_offer(offer: &str) -> Result<(), Error> {
    let sections = offer.lines().filter(|line| line.starts_with("m=")).count();
    if offer.len() > limits::CALL_OFFER_BYTES_MAX || sections > limits::CALL_OFFER_SECTIONS_MAX {
        return Err(Error::OfferInvalid);
    }
    Ok(())
}

/// Starts a call, or finds the one that is open; whoever starts it joins the case. Done once per key.
///
/// # Errors
/// An unknown or completed case, a reused key, or the database's.
pub async fn start(
    app: &App,
    who: &OperatorSession,
    case_id: CaseId,
    once: Once,
) -> Result<Started, Error> {
    let id = CallId::new(app.clock.now(), &app.random);
    let session = who.clone();
    let (row, new) = app
        .write(who.organization, move |write| {
            Box::pin(async move { start_in(write, &session, case_id, id, &once).await })
        })
        .await?;
    let place = Place::new(who.organization, case_id, row.id);
    if row.ended_at.is_none() {
        know(app, &Person::from(who), place).await?;
        app.calls.tell();
    }
    let call = app.calls.roster().snapshot(place);
    let call = call.unwrap_or_else(|| roster::picture(place, row, Vec::new(), app.clock.now()));
    Ok(Started { call, new })
}

async fn start_in(
    write: &mut Write<'_>,
    who: &OperatorSession,
    case_id: CaseId,
    id: CallId,
    once: &Once,
) -> Result<(CallRow, bool), Error> {
    let status = cases::store::lock(&mut write.org(), case_id)
        .await?
        .ok_or(Error::NotFound)?;
    let open = store::find_open(&mut write.org(), case_id).await?;
    let made = open.as_ref().map_or(id, |open| open.id);
    if let Some(made) = once.claim(write, made.uuid()).await? {
        let made = store::find(&mut write.org(), CallId::from_uuid(made))
            .await?
            .ok_or(Error::NotFound)?;
        let new = made.started_by.id == who.operator;
        return Ok((made, new));
    }
    if status == Status::Completed {
        return Err(Error::CaseCompleted(None));
    }
    if let Some(open) = open {
        return Ok((open, false));
    }
    if !cases::store::has_operator(&mut write.org(), case_id, who.operator).await? {
        lifecycle::join_locked(write, case_id, who.operator, who.who()).await?;
    }
    let now = write.now();
    store::insert(&mut write.org(), id, case_id, who.operator, now).await?;
    let entry = cases::store::next_entry(&mut write.org(), case_id, now).await?;
    write.emit_entry(
        case_id,
        entry,
        who.who(),
        Event::CallStarted { call_id: id },
    );
    let row = store::find(&mut write.org(), id)
        .await?
        .ok_or(Error::NotFound)?;
    Ok((row, true))
}

/// The open call of a case, as the database shows it; [`Calls::fresher`] knows how it stands now.
///
/// # Errors
/// The database's.
pub async fn in_case(
    tx: &mut OrgTx<'_>,
    case_id: CaseId,
    now: Time,
) -> Result<Option<Call>, Error> {
    let Some(row) = store::find_open(tx, case_id).await? else {
        return Ok(None);
    };
    let members = store::participants(tx, row.id).await?;
    let place = Place::new(tx.organization(), case_id, row.id);
    Ok(Some(roster::picture(place, row, members, now)))
}

/// The cases in which a call goes on.
///
/// # Errors
/// The database's.
pub async fn cases_in_call(tx: &mut OrgTx<'_>) -> Result<Vec<CaseId>, Error> {
    Ok(store::cases_in_call(tx).await?)
}

/// Reads a call, also one that has ended.
///
/// # Errors
/// `NotFound`, a completed case for its guest, or the database's.
pub async fn get(app: &App, person: &Person, place: Place) -> Result<Call, Error> {
    let (row, members) = find(app, person, place).await?;
    if row.ended_at.is_none()
        && let Some(call) = app.calls.roster().snapshot(place)
    {
        return Ok(call);
    }
    Ok(roster::picture(place, row, members, app.clock.now()))
}

/// A call with those in it; a guest finds none in a completed case.
async fn find(
    app: &App,
    person: &Person,
    place: Place,
) -> Result<(CallRow, Vec<ParticipantRow>), Error> {
    let is_guest = matches!(person, Person::Guest(_));
    app.read(place.organization, move |tx| {
        Box::pin(async move {
            let head = cases::store::head(tx, place.case_id)
                .await?
                .ok_or(Error::NotFound)?;
            if is_guest && head.status == Status::Completed {
                let organization = team::store::public_organization(tx).await?;
                return Err(Error::CaseCompleted(organization));
            }
            let row = store::find(tx, place.call_id)
                .await?
                .filter(|row| row.case_id == place.case_id)
                .ok_or(Error::NotFound)?;
            let members = store::participants(tx, row.id).await?;
            Ok((row, members))
        })
    })
    .await
}

/// Makes sure that the roster has an open call.
async fn know(app: &App, person: &Person, place: Place) -> Result<(), Error> {
    if app.calls.roster().knows(place) {
        return Ok(());
    }
    let (row, members) = find(app, person, place).await?;
    if row.ended_at.is_some() {
        return Err(Error::CallEnded);
    }
    let now = app.clock.now();
    app.calls.roster().take_up(place, row, members, now);
    Ok(())
}

/// Lets someone in: as the participant of the token, or as a new one, who takes the place of the same person's
/// other window.
///
/// # Errors
/// An unknown, ended or full call, an offer that cannot be answered, a participant whose place another window
/// has taken, a join too many, or the database's.
pub async fn join(
    app: &App,
    person: Person,
    place: Place,
    joining: Joining,
) -> Result<Joined, Error> {
    app.calls.offers.step(person.uuid(), app.clock.now())?;
    check_offer(&joining.offer)?;
    let app = app.clone();
    whole(async move { join_whole(&app, person, place, joining).await }).await
}

async fn join_whole(
    app: &App,
    person: Person,
    place: Place,
    joining: Joining,
) -> Result<Joined, Error> {
    know(app, &person, place).await?;
    let sfu = app.calls.sfu()?;
    let turn = app.calls.roster().turn(place).ok_or(Error::CallEnded)?;
    let _turn = turn.lock().await;
    let hash = joining.token.as_deref().map(cookie::hash);
    let known = app
        .read(place.organization, move |tx| {
            Box::pin(async move { as_whom(tx, place, &person, hash).await })
        })
        .await?;
    let (id, token) = match (known, joining.token) {
        (Some(id), Some(token)) => (id, token),
        _ => (
            ParticipantId::new(app.clock.now(), &app.random),
            app.random.token_base62(256),
        ),
    };
    // The offer first: one that cannot be answered takes nobody's place.
    let answer = sfu
        .join(place.room(), peer(id), &joining.offer)
        .await
        .map_err(refused)?;
    let hash = cookie::hash(&token);
    let written = app
        .write(place.organization, move |write| {
            Box::pin(async move { join_in(write, place, id, person, &hash).await })
        })
        .await;
    let (row, replaced) = written.inspect_err(|_| sfu.leave(place.room(), peer(id)))?;
    for old in &replaced {
        sfu.leave(place.room(), peer(*old));
    }
    let media = (joining.microphone, joining.video);
    let now = app.clock.now();
    let joined = app
        .calls
        .roster()
        .join(place, row, media, &replaced, now)
        .ok_or_else(|| {
            sfu.close(place.room());
            Error::CallEnded
        })?;
    app.calls.tell();
    Ok(Joined {
        participant_id: id,
        token,
        answer,
        call: joined,
    })
}

/// The participant that a token stands for, if it is this person's; and whether there is room.
async fn as_whom(
    tx: &mut OrgTx<'_>,
    place: Place,
    person: &Person,
    token_hash: Option<Vec<u8>>,
) -> Result<Option<ParticipantId>, Error> {
    let present = store::participants(tx, place.call_id).await?;
    let known = match token_hash {
        Some(hash) => store::participant_of_token(tx, place.call_id, &hash).await?,
        None => None,
    };
    let known = known.filter(|row| row.person.is(person));
    if let Some(row) = &known
        && has_moved(row, &present)
    {
        return Err(Error::CallMoved);
    }
    has_room(&present, person)?;
    Ok(known.map(|row| row.id))
}

/// Whether another window of the same person has taken a participant's place.
fn has_moved(row: &ParticipantRow, present: &[ParticipantRow]) -> bool {
    row.left_at.is_some() && present.iter().any(|other| other.person.is(&row.person))
}

fn has_room(present: &[ParticipantRow], person: &Person) -> Result<(), Error> {
    let others = present.iter().filter(|row| !row.person.is(person)).count();
    if others >= limits::CALL_PARTICIPANTS_MAX {
        return Err(Error::CallFull);
    }
    Ok(())
}

async fn join_in(
    write: &mut Write<'_>,
    place: Place,
    id: ParticipantId,
    person: Person,
    token_hash: &[u8],
) -> Result<(ParticipantRow, Vec<ParticipantId>), Error> {
    cases::store::lock(&mut write.org(), place.case_id)
        .await?
        .ok_or(Error::NotFound)?;
    let call = store::find(&mut write.org(), place.call_id)
        .await?
        .ok_or(Error::NotFound)?;
    if call.ended_at.is_some() {
        return Err(Error::CallEnded);
    }
    let now = write.now();
    let present = store::participants(&mut write.org(), place.call_id).await?;
    has_room(&present, &person)?;
    let mut replaced = Vec::new();
    for other in present {
        if other.id != id && other.person.is(&person) {
            store::leave(&mut write.org(), other.id, now).await?;
            replaced.push(other.id);
        }
    }
    let known = store::find_participant(&mut write.org(), place.call_id, id).await?;
    if known.is_some() {
        store::return_participant(&mut write.org(), id, person).await?;
    } else {
        let mut org = write.org();
        store::insert_participant(&mut org, place.call_id, id, person, token_hash, now).await?;
    }
    let row = store::find_participant(&mut write.org(), place.call_id, id)
        .await?
        .ok_or(Error::NotFound)?;
    Ok((row, replaced))
}

/// Makes sure that a participant is in its call, or says why it is not.
///
/// # Errors
/// Besides what [`know`] finds: `NotFound` for a token that is not this participant's or another person's,
/// `CallMoved`, and `CallPeerGone` for one that was taken out.
async fn stands(
    app: &App,
    person: &Person,
    place: Place,
    id: ParticipantId,
    token: &str,
) -> Result<(), Error> {
    know(app, person, place).await?;
    let hash = cookie::hash(token);
    let standing = app.calls.roster().standing(place, id, person, &hash);
    match standing {
        Standing::Present => return Ok(()),
        Standing::Unknown => return Err(Error::CallEnded),
        Standing::Absent => {}
    }
    let (row, present) = app
        .read(place.organization, move |tx| {
            Box::pin(async move {
                let row = store::find_participant(tx, place.call_id, id).await?;
                Ok((row, store::participants(tx, place.call_id).await?))
            })
        })
        .await?;
    match row {
        Some(row) if row.person.is(person) && row.token_hash == hash => {
            if has_moved(&row, &present) {
                Err(Error::CallMoved)
            } else {
                Err(Error::CallPeerGone)
            }
        }
        _ => Err(Error::NotFound),
    }
}

/// Answers a further offer of a participant.
///
/// # Errors
/// As [`stands`], an offer that cannot be answered, or an offer too many.
pub async fn offer(
    app: &App,
    person: &Person,
    place: Place,
    id: ParticipantId,
    token: &str,
    offer: &str,
) -> Result<Answered, Error> {
    app.calls.offers.step(person.uuid(), app.clock.now())?;
    check_offer(offer)?;
    stands(app, person, place, id, token).await?;
    let sfu = app.calls.sfu()?;
    let answer = sfu
        .offer(place.room(), peer(id), offer)
        .await
        .map_err(refused)?;
    let call = app.calls.roster().snapshot(place).ok_or(Error::CallEnded)?;
    Ok(Answered { answer, call })
}

/// Notes how a participant's microphone and picture stand, and tells it to all.
///
/// # Errors
/// As [`stands`], or a change too many.
pub async fn put_media(
    app: &App,
    person: &Person,
    place: Place,
    id: ParticipantId,
    token: &str,
    media: (Microphone, Video),
) -> Result<(), Error> {
    let now = app.clock.now();
    app.calls.changes.step(person.uuid(), now)?;
    stands(app, person, place, id, token).await?;
    if app.calls.roster().set_media(place, id, media, now) {
        app.calls.tell();
    }
    Ok(())
}
