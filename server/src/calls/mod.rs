//! Calls: who may start, join and end one, and for how long it lives.
//!
//! A case has one open call at most; a row says so. Who takes part is written down too, so that a participant who
//! comes back, after a reload or a restart of the server, is the same one: each person has one tile. What changes
//! by the second (who is connected, where whose picture comes) is in the [`roster`] and goes out as snapshots over
//! the live sockets. Packets are the business of `crates/sfu`: a call is a room there, a participant a peer.

mod ending;
mod joining;
pub mod media;
mod room;
mod roster;
pub mod routes;
pub mod store;
pub mod sweep;
pub mod view;

use deskside_db::{OrgTx, Time, Uuid};
use deskside_sfu::{PeerId, RoomId};

use crate::app::App;
use crate::auth::{GuestSession, OperatorSession};
use crate::cases::{self, Status, lifecycle};
use crate::error::Error;
use crate::events::{Event, Who};
use crate::ids::{CallId, CaseId, GuestId, OperatorId, OrganizationId, ParticipantId, SessionId};
use crate::once::Once;
use crate::team;
use crate::tx::Write;
use store::{CallRow, ParticipantRow};
use view::{Call, ParticipantKind};

pub use ending::{Ended, end, end_in_case, forget_in, leave, look_again, over, session_over};
pub use joining::{Joining, join, offer, put_media};
pub use media::Calls;
pub use roster::Arrival;

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
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
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

    /// What is the same for the same person, in whichever session.
    fn key(&self) -> (ParticipantKind, Uuid) {
        (self.kind(), self.uuid())
    }

    /// Whether it is the same person, in whichever session.
    fn is(&self, other: &Person) -> bool {
        self.key() == other.key()
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
        match know(app, &Person::from(who), place).await {
            Ok(()) => app.calls.tell(),
            // Somebody was quick to end it.
            Err(Error::CallEnded) => {
                let call = get(app, &Person::from(who), place).await?;
                return Ok(Started { call, new });
            }
            Err(error) => return Err(error),
        }
    }
    let call = app.calls.roster().snapshot(place);
    let call = call.unwrap_or_else(|| room::picture(place, row, Vec::new(), app.clock.now()));
    Ok(Started { call, new })
}

async fn start_in(
    write: &mut Write<'_>,
    who: &OperatorSession,
    case_id: CaseId,
    id: CallId,
    once: &Once,
) -> Result<(CallRow, bool), Error> {
    let status = cases::sight::lock(write, who, case_id).await?;
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
    Ok(Some(room::picture(place, row, members, now)))
}

/// The cases in which a call goes on.
///
/// # Errors
/// The database's.
pub async fn cases_in_call(tx: &mut OrgTx<'_>) -> Result<Vec<CaseId>, Error> {
    Ok(store::cases_in_call(tx).await?)
}

/// Moves the calls of a case to the one that it is merged into; both are locked.
///
/// # Errors
/// `CallOpen` while a call goes on in either, or the database's.
pub async fn move_in(write: &mut Write<'_>, from: CaseId, into: CaseId) -> Result<(), Error> {
    for case_id in [from, into] {
        if store::find_open(&mut write.org(), case_id).await?.is_some() {
            return Err(Error::CallOpen);
        }
    }
    Ok(store::move_case(&mut write.org(), from, into).await?)
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
    Ok(room::picture(place, row, members, app.clock.now()))
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
    // One that ended since it was read was not there to be closed.
    let again = find(app, person, place).await.and_then(|(row, _)| {
        let is_open = row.ended_at.is_none();
        is_open.then_some(()).ok_or(Error::CallEnded)
    });
    if matches!(
        again,
        Err(Error::CallEnded | Error::NotFound | Error::CaseCompleted(_))
    ) {
        app.calls.roster().end(place, now, now);
    }
    again
}
