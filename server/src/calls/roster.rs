//! The open calls as this process knows them: who is in each and how they are connected, fed by the reports of the
//! media workers. Pure state: it is told what happens and when, reads no clock and waits for nothing. Who may be in a
//! call is decided by the rows in the database; the roster follows them.

use std::collections::HashMap;
use std::sync::Arc;

use deskside_db::Time;
use deskside_sfu as sfu;

use super::room::{Member, Room};
use super::store::{CallRow, ParticipantRow};
use super::view::{Call, Microphone, Video};
use super::{Person, Place};
use crate::ids::{CallId, CaseId, OrganizationId, ParticipantId};
use crate::limits;

/// What a participant says of itself when it asks for something.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// It is in the call.
    Present,
    /// The call is open, but there is no such participant in it.
    Absent,
    /// The call is not known here.
    Unknown,
}

/// What must be done about calls after a look at all of them.
#[derive(Debug, Default)]
pub struct Chores {
    /// Calls in which someone is connected, which the database should know.
    pub sign: Vec<(Place, Time)>,
    /// Participants that are lost.
    pub lost: Vec<(Place, ParticipantId)>,
    /// Calls in which nobody is connected any more, with their last sign.
    pub over: Vec<(Place, Time)>,
}

/// The place of a request to join in the order in which they came to this process.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Arrival(pub(super) u64);

/// How someone comes into a call.
#[derive(Debug)]
pub struct Entry {
    /// When the request came.
    pub arrival: Arrival,
    /// How microphone and picture stand.
    pub media: (Microphone, Video),
    /// The fingerprint of the connection's certificate.
    pub fingerprint: Option<String>,
}

/// All open calls.
#[derive(Debug, Default)]
pub struct Roster {
    rooms: HashMap<CallId, Room>,
}

impl Roster {
    /// Takes up a call as the database has it; one that is known stays as it is.
    pub fn take_up(&mut self, place: Place, row: CallRow, members: Vec<ParticipantRow>, now: Time) {
        self.rooms
            .entry(place.call_id)
            .or_insert_with(|| Room::of_rows(place, row, members, now));
    }

    fn room(&mut self, place: Place) -> Option<&mut Room> {
        self.rooms
            .get_mut(&place.call_id)
            .filter(|room| room.place == place)
    }

    /// Whether a call is known here.
    pub fn knows(&mut self, place: Place) -> bool {
        self.room(place).is_some()
    }

    /// The lock under which people come and go in a call.
    pub fn turn(&mut self, place: Place) -> Option<Arc<tokio::sync::Mutex<()>>> {
        self.room(place).map(|room| room.turn.clone())
    }

    /// A call as it stands.
    pub fn snapshot(&mut self, place: Place) -> Option<Call> {
        self.room(place).map(|room| room.snapshot())
    }

    /// The open calls of an organization.
    pub fn of_organization(&self, organization: OrganizationId) -> Vec<(CaseId, Call)> {
        self.rooms
            .values()
            .filter(|room| room.place.organization == organization)
            .map(|room| (room.place.case_id, room.snapshot()))
            .collect()
    }

    /// Whether a participant with this token, who is this person, is in the call.
    pub fn standing(
        &mut self,
        place: Place,
        id: ParticipantId,
        person: &Person,
        token_hash: &[u8],
    ) -> Standing {
        let Some(room) = self.room(place) else {
            return Standing::Unknown;
        };
        let known = room.members.iter().any(|member| {
            member.id == id && member.person.is(person) && member.token_hash == token_hash
        });
        if known {
            Standing::Present
        } else {
            Standing::Absent
        }
    }

    /// Whether the same person has joined by a later request, whatever became of that since.
    pub fn is_overtaken(&mut self, place: Place, person: &Person, arrival: Arrival) -> bool {
        let last = self
            .room(place)
            .and_then(|room| room.arrivals.get(&person.key()).copied());
        last.is_some_and(|last| last > arrival)
    }

    /// Whether a participant joined by the connection with this fingerprint, or by one that is not known.
    pub fn is_by(&mut self, place: Place, id: ParticipantId, fingerprint: &str) -> bool {
        let known = self
            .room(place)
            .and_then(|room| room.member(id))
            .and_then(|member| member.fingerprint.as_deref());
        known.is_none_or(|known| known == fingerprint)
    }

    /// Someone has joined, or joined again; those it takes the place of are gone. None when the call is not known.
    pub fn join(
        &mut self,
        place: Place,
        row: ParticipantRow,
        entry: Entry,
        replaced: &[ParticipantId],
        now: Time,
    ) -> Option<Call> {
        let room = self.room(place)?;
        room.members
            .retain(|member| !replaced.contains(&member.id) && member.id != row.id);
        let mut member = Member::of_row(row, now);
        (member.microphone, member.video) = entry.media;
        member.fingerprint = entry.fingerprint;
        member.seen = true;
        room.arrivals.insert(member.person.key(), entry.arrival);
        room.members.push(member);
        room.members
            .sort_by_key(|member| (member.joined_at, member.id));
        room.here = true;
        room.sign(now);
        room.changed(now);
        Some(room.snapshot())
    }

    /// Someone is gone; whether it was there.
    pub fn leave(&mut self, place: Place, id: ParticipantId, now: Time) -> bool {
        let Some(room) = self.room(place) else {
            return false;
        };
        let before = room.members.len();
        room.members.retain(|member| member.id != id);
        let was_there = room.members.len() < before;
        if was_there {
            room.changed(now);
        }
        was_there
    }

    /// How someone's microphone and picture stand now; whether that is new.
    pub fn set_media(
        &mut self,
        place: Place,
        id: ParticipantId,
        media: (Microphone, Video),
        now: Time,
    ) -> bool {
        let Some(room) = self.room(place) else {
            return false;
        };
        let Some(member) = room.member(id) else {
            return false;
        };
        let new = (member.microphone, member.video) != media;
        (member.microphone, member.video) = media;
        if new {
            room.changed(now);
        }
        new
    }

    /// The call is over: it is forgotten, and this is its last picture.
    pub fn end(&mut self, place: Place, ended_at: Time, now: Time) -> Option<Call> {
        self.room(place)?;
        let mut room = self.rooms.remove(&place.call_id)?;
        room.members.clear();
        room.changed(now);
        Some(Call {
            ended_at: Some(ended_at),
            ..room.snapshot()
        })
    }

    /// What a worker tells; whether there is something to tell on.
    pub fn hear(&mut self, report: sfu::Report, now: Time) -> bool {
        let id = CallId::from_uuid(report.room.0);
        let Some(room) = self.rooms.get_mut(&id) else {
            return false;
        };
        match report.what {
            sfu::RoomReport::Peer { peer, state } => {
                let Some(member) = room.member(ParticipantId::from_uuid(peer.0)) else {
                    return false;
                };
                if member.state == state {
                    return false;
                }
                if member.state.flowing || state.flowing {
                    member.silent_since = now;
                }
                let flowing = state.flowing;
                member.given_up = false;
                member.state = state;
                if flowing {
                    room.sign(now);
                }
                room.changed(now);
                true
            }
            sfu::RoomReport::Gone { peer, why } => {
                let Some(member) = room.member(ParticipantId::from_uuid(peer.0)) else {
                    return false;
                };
                match why {
                    // We did that ourselves: whoever it is about has left, or has a new connection.
                    sfu::GoneWhy::Left | sfu::GoneWhy::Replaced => return false,
                    sfu::GoneWhy::Silent => member.given_up = true,
                    _ => {}
                }
                if member.state.flowing {
                    member.silent_since = now;
                }
                member.state = sfu::PeerState::default();
                room.changed(now);
                true
            }
            sfu::RoomReport::Speaking(peers) => {
                let speaking: Vec<ParticipantId> = peers
                    .into_iter()
                    .map(|peer| ParticipantId::from_uuid(peer.0))
                    .filter(|id| room.members.iter().any(|member| member.id == *id))
                    .collect();
                let new = room.speaking != speaking;
                room.speaking = speaking;
                room.unspoken |= new;
                new
            }
        }
    }

    /// Calls that changed since the last time.
    pub fn take_untold(&mut self) -> Vec<(Place, Call)> {
        let mut untold = Vec::new();
        for room in self.rooms.values_mut() {
            if std::mem::take(&mut room.untold) {
                untold.push((room.place, room.snapshot()));
            }
        }
        untold
    }

    /// Calls in which others speak than the last time.
    pub fn take_unspoken(&mut self) -> Vec<(Place, Vec<ParticipantId>)> {
        let mut unspoken = Vec::new();
        for room in self.rooms.values_mut() {
            if std::mem::take(&mut room.unspoken) {
                unspoken.push((room.place, room.speaking.clone()));
            }
        }
        unspoken
    }

    /// Looks at every call. `is_here` tells whether a person has a live socket.
    pub fn chores(&mut self, now: Time, is_here: impl Fn(Place, &Person) -> bool) -> Chores {
        let mut chores = Chores::default();
        for room in self.rooms.values_mut() {
            if room.members.iter().any(|member| member.state.flowing) {
                room.sign(now);
            }
            if now.since(room.noted) >= limits::CALL_SIGN_EVERY && room.last_sign > room.noted {
                chores.sign.push((room.place, room.last_sign));
            }
            if now.since(room.quiet_since) >= limits::CALL_QUIET_MAX {
                chores.over.push((room.place, room.last_sign));
            }
            if room.here {
                let lost = room
                    .members
                    .iter()
                    .filter(|member| member.is_lost(now, is_here(room.place, &member.person)));
                chores
                    .lost
                    .extend(lost.map(|member| (room.place, member.id)));
            }
        }
        chores
    }

    /// The database knows of a sign: ours, or one of another process that carries the call.
    pub fn signed(&mut self, place: Place, at: Time, now: Time) {
        if let Some(room) = self.room(place) {
            room.noted = room.noted.max(at);
            if at > room.last_sign {
                room.last_sign = at;
                room.quiet_since = now;
            }
        }
    }

    /// Every call known here.
    pub fn places(&self) -> Vec<Place> {
        self.rooms.values().map(|room| room.place).collect()
    }

    /// The participants of whom this is so.
    pub fn members(
        &self,
        is: impl Fn(Place, &Person) -> bool,
    ) -> Vec<(Place, ParticipantId, Person)> {
        let mut found = Vec::new();
        for room in self.rooms.values() {
            for member in &room.members {
                if is(room.place, &member.person) {
                    found.push((room.place, member.id, member.person));
                }
            }
        }
        found
    }
}

#[cfg(test)]
mod tests;
