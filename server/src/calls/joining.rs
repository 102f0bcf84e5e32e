//! Being in a call: joining and coming back, further offers, microphone and picture.

use deskside_db::OrgTx;
use deskside_sfu::OfferError;

use super::ending::take_out;
use super::roster::{Arrival, Entry, Standing};
use super::store::{self, ParticipantRow};
use super::view::{Answered, Joined, Microphone, ParticipantKind, Video};
use super::{Person, Place, know, peer};
use crate::app::{App, whole};
use crate::auth::{self, cookie};
use crate::cases;
use crate::error::Error;
use crate::ids::ParticipantId;
use crate::limits;
use crate::tx::Write;

/// A wish to join.
#[derive(Debug)]
pub struct Joining {
    /// When it came.
    pub arrival: Arrival,
    /// The offer.
    pub offer: String,
    /// The participant to go on as.
    pub token: Option<String>,
    /// How the microphone stands.
    pub microphone: Microphone,
    /// What the picture is.
    pub video: Video,
}

fn refused(error: OfferError) -> Error {
    match error {
        OfferError::Gone => Error::CallPeerGone,
        OfferError::Invalid(_) => Error::OfferInvalid,
        OfferError::Full => Error::CallFull,
        OfferError::Unavailable => Error::CallsUnavailable,
    }
}

/// Reading an offer takes a worker's time from all calls: a person offers so often, and so do all guests of a call
/// together, for one link makes any number of guests.
fn check_pace(app: &App, person: &Person, place: Place) -> Result<(), Error> {
    let now = app.clock.now();
    app.calls.offers.step(person.uuid(), now)?;
    match person.kind() {
        ParticipantKind::Operator => Ok(()),
        ParticipantKind::Guest => app.calls.guest_offers.step(place.case_id.uuid(), now),
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

/// The certificate of an offer (RFC 8122), which a connection keeps for life: all sections of a bundle have the same.
fn fingerprint(offer: &str) -> Option<String> {
    let line = offer
        .lines()
        .find_map(|line| line.strip_prefix("a=fingerprint:"));
    line.map(|text| text.trim().to_ascii_lowercase())
}

/// Lets someone in: as the participant of the token, or as a new one, who takes the place of the same person's
/// other window. A request that was slow takes nothing from one of the same person that came after it: whoever sent
/// it may have given up and asked again.
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
    check_pace(app, &person, place)?;
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
    let turn = turn.lock_owned().await;
    if app
        .calls
        .roster()
        .is_overtaken(place, &person, joining.arrival)
    {
        return Err(Error::CallMoved);
    }
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
    let entry = Entry {
        arrival: joining.arrival,
        media: (joining.microphone, joining.video),
        fingerprint: fingerprint(&joining.offer),
    };
    let now = app.clock.now();
    let joined = app
        .calls
        .roster()
        .join(place, row, entry, &replaced, now)
        .ok_or_else(|| {
            sfu.close(place.room());
            Error::CallEnded
        })?;
    app.calls.tell();
    drop(turn);
    // Whoever signed out meanwhile was looked for before they were there.
    if !may_stay(app, place, &person).await? {
        take_out(app, place, id, person.who(), true).await?;
        return Err(Error::NotSignedIn);
    }
    Ok(Joined {
        participant_id: id,
        token,
        answer,
        call: joined,
    })
}

/// Whether the session that let someone in goes on, with a seat, and sees the case. That of a guest goes with the
/// case, which ends the call.
///
/// # Errors
/// The database's.
pub(super) async fn may_stay(app: &App, place: Place, person: &Person) -> Result<bool, Error> {
    let Person::Operator(operator, session) = *person else {
        return Ok(true);
    };
    app.read(place.organization, move |tx| {
        Box::pin(async move {
            match auth::now(tx, session, operator).await? {
                Some(now) => Ok(now.seat && cases::sight::sees(tx, &now, place.case_id).await?),
                None => Ok(false),
            }
        })
    })
    .await
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
    let others = present.iter().filter(|row| !row.person.is(person));
    let guests = others
        .clone()
        .filter(|row| row.person.kind() == ParticipantKind::Guest);
    let is_guest = person.kind() == ParticipantKind::Guest;
    if others.count() >= limits::CALL_PARTICIPANTS_MAX
        || (is_guest && guests.count() >= limits::CALL_GUESTS_MAX)
    {
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
pub(super) async fn stands(
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

/// Answers a further offer of a participant, by the connection that it joined with last.
///
/// # Errors
/// As [`stands`], `CallMoved` for another connection (a copied tab has the same token), an offer that cannot be
/// answered, or an offer too many.
pub async fn offer(
    app: &App,
    person: &Person,
    place: Place,
    id: ParticipantId,
    token: &str,
    offer: &str,
) -> Result<Answered, Error> {
    check_pace(app, person, place)?;
    check_offer(offer)?;
    stands(app, person, place, id, token).await?;
    let fingerprint = fingerprint(offer);
    if let Some(fingerprint) = fingerprint
        && !app.calls.roster().is_by(place, id, &fingerprint)
    {
        return Err(Error::CallMoved);
    }
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
