//! One open call as this process knows it, and the picture that everyone is shown of it.

use std::collections::HashMap;
use std::sync::Arc;

use deskside_db::{Time, Uuid};
use deskside_sfu as sfu;

use super::roster::Arrival;
use super::store::{CallRow, ParticipantRow};
use super::view::{
    Call, Microphone, Participant, ParticipantKind, Quality, Slot, TrackKind, Video,
};
use super::{Person, Place};
use crate::events::OperatorRef;
use crate::ids::ParticipantId;
use crate::limits;

/// Someone in a call.
#[derive(Debug)]
pub(super) struct Member {
    pub(super) id: ParticipantId,
    pub(super) person: Person,
    pub(super) name: Option<String>,
    pub(super) token_hash: Vec<u8>,
    pub(super) joined_at: Time,
    pub(super) microphone: Microphone,
    pub(super) video: Video,
    pub(super) state: sfu::PeerState,
    /// Since when nothing was heard, while `state` is not flowing.
    pub(super) silent_since: Time,
    /// Whether it has had a connection in this process.
    pub(super) seen: bool,
    /// The worker has given it up.
    pub(super) given_up: bool,
    /// The fingerprint of its connection's certificate, once it has joined in this process.
    pub(super) fingerprint: Option<String>,
}

impl Member {
    pub(super) fn of_row(row: ParticipantRow, now: Time) -> Self {
        Self {
            id: row.id,
            person: row.person,
            name: row.name,
            token_hash: row.token_hash,
            joined_at: row.joined_at,
            microphone: Microphone::Off,
            video: Video::Off,
            state: sfu::PeerState::default(),
            silent_since: now,
            seen: false,
            given_up: false,
            fingerprint: None,
        }
    }

    /// Whether it is to be taken out; `here` is whether the person still has a live socket.
    pub(super) fn is_lost(&self, now: Time, here: bool) -> bool {
        let silence = now.since(self.silent_since);
        let patience = if here || !self.seen {
            limits::CALL_SILENCE_MAX
        } else {
            limits::CALL_AWAY_SILENCE_MAX
        };
        !self.state.flowing && (self.given_up || silence >= patience)
    }
}

/// An open call.
#[derive(Debug)]
pub(super) struct Room {
    pub(super) place: Place,
    pub(super) started_at: Time,
    pub(super) started_by: OperatorRef,
    pub(super) revision: i64,
    pub(super) members: Vec<Member>,
    /// When someone was connected, or joined, for the last time.
    pub(super) last_sign: Time,
    /// The last sign that the database knows.
    pub(super) noted: Time,
    /// Since when nobody is connected here: the wait begins anew with a restart.
    pub(super) quiet_since: Time,
    /// Whether someone has joined in this process: else another one may carry the call.
    pub(super) here: bool,
    pub(super) untold: bool,
    pub(super) speaking: Vec<ParticipantId>,
    pub(super) unspoken: bool,
    /// The last request by which each person joined, also of those who have left.
    pub(super) arrivals: HashMap<(ParticipantKind, Uuid), Arrival>,
    /// Comings and goings happen one after another.
    pub(super) turn: Arc<tokio::sync::Mutex<()>>,
}

impl Room {
    pub(super) fn of_rows(
        place: Place,
        row: CallRow,
        members: Vec<ParticipantRow>,
        now: Time,
    ) -> Self {
        Self {
            place,
            started_at: row.started_at,
            started_by: row.started_by,
            revision: now.as_millis(),
            members: members
                .into_iter()
                .map(|row| Member::of_row(row, now))
                .collect(),
            last_sign: row.last_sign_at,
            noted: row.last_sign_at,
            quiet_since: now,
            here: false,
            untold: true,
            speaking: Vec::new(),
            unspoken: false,
            arrivals: HashMap::new(),
            turn: Arc::default(),
        }
    }

    pub(super) fn changed(&mut self, now: Time) {
        self.revision = (self.revision + 1).max(now.as_millis());
        self.untold = true;
    }

    pub(super) fn sign(&mut self, now: Time) {
        self.last_sign = self.last_sign.max(now);
        self.quiet_since = self.quiet_since.max(now);
    }

    pub(super) fn member(&mut self, id: ParticipantId) -> Option<&mut Member> {
        self.members.iter_mut().find(|member| member.id == id)
    }

    pub(super) fn snapshot(&self) -> Call {
        Call {
            id: self.place.call_id,
            case_id: self.place.case_id,
            started_at: self.started_at,
            started_by: self.started_by.clone(),
            ended_at: None,
            revision: self.revision,
            participants: self
                .members
                .iter()
                .map(|member| self.participant(member))
                .collect(),
        }
    }

    pub(super) fn participant(&self, member: &Member) -> Participant {
        let (kind, operator_id) = match member.person {
            Person::Operator(operator, _) => (ParticipantKind::Operator, Some(operator)),
            Person::Guest(_) => (ParticipantKind::Guest, None),
        };
        let is_here = |id: ParticipantId| self.members.iter().any(|member| member.id == id);
        let slots = member.state.slots.iter().map(|slot| Slot {
            mid: slot.mid.clone(),
            kind: match slot.kind {
                sfu::Kind::Audio => TrackKind::Audio,
                sfu::Kind::Video => TrackKind::Video,
            },
            from: ParticipantId::from_uuid(slot.from.0),
            paused: slot.paused,
        });
        Participant {
            id: member.id,
            kind,
            operator_id,
            name: member.name.clone(),
            joined_at: member.joined_at,
            microphone: member.microphone,
            video: member.video,
            connected: member.state.flowing,
            quality: match member.state.quality {
                sfu::Quality::Good => Quality::Good,
                sfu::Quality::Weak => Quality::Weak,
                sfu::Quality::Poor => Quality::Poor,
            },
            send_max_kbps: member.state.send_max_kbps,
            slots: slots.filter(|slot| is_here(slot.from)).collect(),
            slots_missing: member.state.slots_missing,
        }
    }
}

/// A call as the database alone shows it: one that has ended, or that another process carries.
pub(super) fn picture(place: Place, row: CallRow, members: Vec<ParticipantRow>, now: Time) -> Call {
    let ended_at = row.ended_at;
    Call {
        ended_at,
        ..Room::of_rows(place, row, members, now).snapshot()
    }
}
