//! What goes over a live socket, as JSON objects told apart by `kind`. These types are schemas of the
//! OpenAPI document.

use axum::extract::ws::Utf8Bytes;
use deskside_db::Time;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::sight::Told;
use crate::calls::view::Call;
use crate::events::{Actor, Event, Stamped};
use crate::guests::GuestCase;
use crate::ids::{CallId, CaseId, OperatorId, ParticipantId};

/// Who looks at a case.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Looking {
    /// The case.
    pub case_id: CaseId,
    /// The operators who have it open.
    pub operator_ids: Vec<OperatorId>,
}

/// A frame to an operator's screen.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum OperatorFrame {
    /// The first frame.
    Hello {
        /// From where the screen is told.
        cursor: i64,
        /// Cases whose guest is online.
        online_cases: Vec<CaseId>,
        /// Operators who are at the desk.
        online_operators: Vec<OperatorId>,
        /// Who looks at which case now.
        looking: Vec<Looking>,
        /// Milliseconds between heartbeats.
        heartbeat_ms: u64,
    },
    /// Something happened.
    Event {
        /// The place in the organization's order.
        cursor: i64,
        /// The case it belongs to.
        case_id: Option<CaseId>,
        /// Its number in the case's timeline.
        entry: Option<i64>,
        /// When.
        at: Time,
        /// Who.
        actor: Actor,
        /// What.
        event: Event,
        /// The number of the case it came from, when that case was merged into this one.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        merged_from: Option<i64>,
    },
    /// The heartbeat: the screen has been told everything up to here.
    Cursor {
        /// The place.
        cursor: i64,
    },
    /// The screen is too far behind: load everything by HTTP and go on from here.
    Reset {
        /// The place.
        cursor: i64,
    },
    /// A guest came or went.
    Presence {
        /// The case.
        case_id: CaseId,
        /// Whether the guest is on the guest page.
        online: bool,
    },
    /// An operator came or went.
    OperatorPresence {
        /// The operator.
        operator_id: OperatorId,
        /// Whether the operator is at the desk.
        online: bool,
    },
    /// Someone writes.
    Typing {
        /// The case.
        case_id: CaseId,
        /// Who.
        actor: Actor,
        /// Whether still.
        typing: bool,
    },
    /// Who looks at a case now, all of them, after one came or went.
    Looking {
        /// The case.
        case_id: CaseId,
        /// The operators who have it open.
        operator_ids: Vec<OperatorId>,
    },
    /// To a screen of separated operators: the case is in sight from now on; load it by HTTP.
    CaseVisible {
        /// The place in the organization's order.
        cursor: Option<i64>,
        /// The case.
        case_id: CaseId,
    },
    /// To a screen of separated operators: the case is out of sight; forget it.
    CaseHidden {
        /// The place in the organization's order.
        cursor: Option<i64>,
        /// The case.
        case_id: CaseId,
    },
    /// A call of a case as it stands after a change; it is not an event, and one with an older revision is no news.
    Call {
        /// The case.
        case_id: CaseId,
        /// The call.
        call: Box<Call>,
    },
    /// Who speaks now in a call; one that gets lost is made up for by the next.
    CallSpeaking {
        /// The case.
        case_id: CaseId,
        /// The call.
        call_id: CallId,
        /// Who, the loudest first.
        speaking: Vec<ParticipantId>,
    },
    /// The server stops: come back after this time.
    Goodbye {
        /// Milliseconds to wait.
        retry_after_ms: u64,
    },
}

/// A frame to a guest's page.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum GuestFrame {
    /// The first frame.
    Hello {
        /// From which entry the page is told.
        entry: i64,
        /// The case as it stands.
        case: Box<GuestCase>,
        /// Milliseconds between heartbeats.
        heartbeat_ms: u64,
    },
    /// Something happened.
    Event {
        /// Its number in the timeline.
        entry: Option<i64>,
        /// When.
        at: Time,
        /// Who.
        actor: Actor,
        /// What.
        event: Event,
        /// The number of the case it came from, when that case was merged into this one.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        merged_from: Option<i64>,
    },
    /// The heartbeat: the page has been told every entry up to here.
    Heartbeat {
        /// The entry.
        entry: i64,
    },
    /// The page is too far behind: load everything by HTTP and go on from here.
    Reset {
        /// The entry.
        entry: i64,
    },
    /// An operator of the case came or went.
    OperatorPresence {
        /// The operator.
        operator_id: OperatorId,
        /// Whether the operator is at the desk.
        online: bool,
    },
    /// Someone writes.
    Typing {
        /// Who.
        actor: Actor,
        /// Whether still.
        typing: bool,
    },
    /// The case's call as it stands after a change; one with an older revision is no news.
    Call {
        /// The call.
        call: Box<Call>,
    },
    /// Who speaks now in the call; one that gets lost is made up for by the next.
    CallSpeaking {
        /// The call.
        call_id: CallId,
        /// Who, the loudest first.
        speaking: Vec<ParticipantId>,
    },
    /// The server stops: come back after this time.
    Goodbye {
        /// Milliseconds to wait.
        retry_after_ms: u64,
    },
}

/// A frame from an operator's screen.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub enum OperatorSays {
    /// The screen is there.
    Ping {},
    /// The operator writes.
    Typing {
        /// The case.
        case_id: CaseId,
        /// Whether still.
        typing: bool,
    },
    /// The operator has a case open, or none.
    Looking {
        /// The case.
        case_id: Option<CaseId>,
    },
}

/// A frame from a guest's page.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub enum GuestSays {
    /// The page is there.
    Ping {},
    /// The guest writes.
    Typing {
        /// Whether still.
        typing: bool,
    },
}

/// The text of a frame.
pub fn text<T: Serialize>(frame: &T) -> Utf8Bytes {
    Utf8Bytes::from(serde_json::to_string(frame).unwrap_or_default())
}

/// The frame of an event for operators.
pub fn for_operators(stamped: &Stamped) -> Utf8Bytes {
    text(&OperatorFrame::Event {
        cursor: stamped.seq,
        case_id: stamped.case_id,
        entry: stamped.entry,
        at: stamped.at,
        actor: stamped.actor.clone(),
        event: stamped.event.clone(),
        merged_from: stamped.merged_from,
    })
}

/// What is told instead of an event, if it is something else.
pub(super) fn told(told: Told, stamped: &Stamped) -> Option<Utf8Bytes> {
    let (cursor, case_id) = (Some(stamped.seq), stamped.case_id?);
    match told {
        Told::Visible => Some(text(&OperatorFrame::CaseVisible { cursor, case_id })),
        Told::Hidden => Some(text(&OperatorFrame::CaseHidden { cursor, case_id })),
        Told::Event | Told::Nothing => None,
    }
}

/// The frame of an event for guests: without the organization's order and operators' keys.
pub fn for_guests(stamped: &Stamped) -> Utf8Bytes {
    let told = stamped.clone().for_guest();
    text(&GuestFrame::Event {
        entry: told.entry,
        at: told.at,
        actor: told.actor,
        event: told.event,
        merged_from: told.merged_from,
    })
}
