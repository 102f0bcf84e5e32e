//! What happened: one enum for the timeline of a case, for catching up, and for live screens.
//!
//! An event with an `entry` number stands in its case's timeline; one without is a fact that screens
//! need and people do not read. Each has an [`Audience`]: guests receive only [`Audience::Case`].

pub mod store;

use deskside_db::Time;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::cases::attention::Reason;
use crate::cases::tags::TagRef;
use crate::cases::{FieldName, Origin};
use crate::ids::{CallId, CaseId, CustomFieldId, GuestId, LocationRequestId, OperatorId};
use crate::location;

/// Something that happened, told apart by `type`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(tag = "type")]
pub enum Event {
    /// A case came into being.
    #[serde(rename = "case.created")]
    CaseCreated {
        /// How.
        origin: Origin,
    },
    /// A field of the details was saved.
    #[serde(rename = "case.changed")]
    CaseChanged {
        /// Which.
        field: FieldName,
        /// Its version now.
        version: i64,
        /// With `field = name`: the new name.
        name: Option<String>,
    },
    /// The case was completed.
    #[serde(rename = "case.completed")]
    CaseCompleted {},
    /// The case was opened again.
    #[serde(rename = "case.reopened")]
    CaseReopened {},
    /// The case and all it held is gone.
    #[serde(rename = "case.deleted")]
    CaseDeleted {
        /// Who was on it; guests are not told.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        operator_ids: Vec<OperatorId>,
        /// Whether it waited in the queue; guests are not told.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        queued: bool,
    },
    /// Someone has read up to an entry.
    #[serde(rename = "case.read")]
    CaseRead {
        /// The last entry read.
        entry: i64,
    },
    /// An operator should look at the case, or has done so.
    #[serde(rename = "case.attention")]
    CaseAttention {
        /// Whose mark it is.
        operator_id: OperatorId,
        /// Why; none when the mark is gone.
        reason: Option<Reason>,
    },
    /// An operator put the case off, or took that back.
    #[serde(rename = "case.snoozed")]
    CaseSnoozed {
        /// Whose snooze it is.
        operator_id: OperatorId,
        /// Until when; none when it was taken back.
        until: Option<Time>,
    },
    /// The case is back: its time has come, or the customer wrote.
    #[serde(rename = "case.woke")]
    CaseWoke {
        /// Who had snoozed it.
        operator_id: OperatorId,
    },
    /// A tag was put on the case.
    #[serde(rename = "case.tagged")]
    CaseTagged {
        /// Which.
        tag: TagRef,
    },
    /// A tag was taken off the case.
    #[serde(rename = "case.untagged")]
    CaseUntagged {
        /// Which.
        tag: TagRef,
    },
    /// Another case was merged into this one. Told of the other case too, without a place in a timeline: it is gone.
    #[serde(rename = "case.merged")]
    CaseMerged {
        /// The number of the case that is gone.
        number: i64,
        /// Its name.
        name: String,
        /// How many entries came along.
        entries: i64,
        /// Told of the case that is gone: where it went.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        into: Option<CaseId>,
        /// Told of the case that is gone: who was on it; guests are not told.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        operator_ids: Vec<OperatorId>,
        /// Told of the case that is gone: whether it waited in the queue; guests are not told.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        queued: bool,
    },
    /// An operator joined, or was added by the actor.
    #[serde(rename = "operator.joined")]
    OperatorJoined {
        /// Who joined.
        operator: OperatorRef,
        /// Whether that took the case out of the queue.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        claimed: bool,
    },
    /// An operator left, or was removed by the actor.
    #[serde(rename = "operator.left")]
    OperatorLeft {
        /// Who left.
        operator: OperatorRef,
        /// Whether that put the case back into the queue.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        queued: bool,
    },
    /// The actor handed the case to a colleague, who has joined.
    #[serde(rename = "case.handed_over")]
    CaseHandedOver {
        /// Who handed it over.
        from: OperatorRef,
        /// Who has it now.
        to: OperatorRef,
        /// What the colleague should know; empty when nothing.
        note: String,
    },
    /// The guest opened the guest page.
    #[serde(rename = "guest.arrived")]
    GuestArrived {},
    /// A message.
    #[serde(rename = "message.sent")]
    MessageSent {
        /// Its text.
        text: String,
        /// The key its sender's device made; guests are not told those of operators.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        client_key: Option<Uuid>,
    },
    /// A message that only the team reads.
    #[serde(rename = "message.internal")]
    MessageInternal {
        /// Its text.
        text: String,
        /// The colleagues it is meant for.
        mentions: Vec<OperatorRef>,
        /// The key its sender's device made.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        client_key: Option<Uuid>,
    },
    /// The actor started a call.
    #[serde(rename = "call.started")]
    CallStarted {
        /// Which.
        call_id: CallId,
    },
    /// A call ended, by the actor or, when nobody was there any more, by itself.
    #[serde(rename = "call.ended")]
    CallEnded {
        /// Which.
        call_id: CallId,
        /// Who had started it.
        started_by: OperatorRef,
        /// How long it was, in milliseconds.
        duration_ms: i64,
    },
    /// An operator came into the organization.
    #[serde(rename = "operator.created")]
    OperatorCreated {
        /// Who.
        operator: OperatorRef,
    },
    /// An operator's name, picture, role, seat or rights changed, or whether the operator may sign in.
    #[serde(rename = "operator.changed")]
    OperatorChanged {
        /// Who, with the name as it is now.
        operator: OperatorRef,
    },
    /// A tag came, was renamed or is gone.
    #[serde(rename = "tag.changed")]
    TagChanged {},
    /// The organization's name or contact changed.
    #[serde(rename = "organization.changed")]
    OrganizationChanged {},
    /// A value of a custom field was saved.
    #[serde(rename = "case.field_changed")]
    CaseFieldChanged {
        /// Which field.
        field_id: CustomFieldId,
        /// The value's version now.
        version: i64,
    },
    /// Custom fields were defined, changed, put in order or deleted.
    #[serde(rename = "custom_fields.changed")]
    CustomFieldsChanged {},
    /// Quick responses were written, changed or deleted.
    #[serde(rename = "quick_responses.changed")]
    QuickResponsesChanged {},
    /// The actor asked the guest for the location.
    #[serde(rename = "location.requested")]
    LocationRequested {
        /// The request: the guest's answer names it.
        request_id: LocationRequestId,
    },
    /// The guest shared the location; where that is stands in the case.
    #[serde(rename = "location.shared")]
    LocationShared {},
    /// The guest does not want to share the location.
    #[serde(rename = "location.refused")]
    LocationRefused {},
    /// The guest agreed, but the device could not tell the location.
    #[serde(rename = "location.failed")]
    LocationFailed {
        /// Why.
        reason: location::Reason,
    },
    /// The actor deleted the location, and withdrew a request that was open.
    #[serde(rename = "location.forgotten")]
    LocationForgotten {},
    /// What a deleted case leaves: a place in the order, no content.
    #[serde(rename = "tombstone")]
    Tombstone {},
}

impl Event {
    /// The name of the kind, as stored beside the event.
    pub fn kind(&self) -> &'static str {
        match self {
            Event::CaseCreated { .. } => "case.created",
            Event::CaseChanged { .. } => "case.changed",
            Event::CaseCompleted {} => "case.completed",
            Event::CaseReopened {} => "case.reopened",
            Event::CaseDeleted { .. } => "case.deleted",
            Event::CaseRead { .. } => "case.read",
            Event::CaseAttention { .. } => "case.attention",
            Event::CaseSnoozed { .. } => "case.snoozed",
            Event::CaseWoke { .. } => "case.woke",
            Event::CaseTagged { .. } => "case.tagged",
            Event::CaseUntagged { .. } => "case.untagged",
            Event::CaseMerged { .. } => "case.merged",
            Event::TagChanged {} => "tag.changed",
            Event::OperatorJoined { .. } => "operator.joined",
            Event::OperatorLeft { .. } => "operator.left",
            Event::CaseHandedOver { .. } => "case.handed_over",
            Event::GuestArrived {} => "guest.arrived",
            Event::MessageSent { .. } => "message.sent",
            Event::MessageInternal { .. } => "message.internal",
            Event::CallStarted { .. } => "call.started",
            Event::CallEnded { .. } => "call.ended",
            Event::OperatorCreated { .. } => "operator.created",
            Event::OperatorChanged { .. } => "operator.changed",
            Event::OrganizationChanged {} => "organization.changed",
            Event::CaseFieldChanged { .. } => "case.field_changed",
            Event::CustomFieldsChanged {} => "custom_fields.changed",
            Event::QuickResponsesChanged {} => "quick_responses.changed",
            Event::LocationRequested { .. } => "location.requested",
            Event::LocationShared {} => "location.shared",
            Event::LocationRefused {} => "location.refused",
            Event::LocationFailed { .. } => "location.failed",
            Event::LocationForgotten {} => "location.forgotten",
            Event::Tombstone {} => "tombstone",
        }
    }

    /// Who may hear of it.
    pub fn audience(&self) -> Audience {
        match self {
            Event::CaseChanged {
                field: FieldName::Name,
                ..
            }
            | Event::CaseCreated { .. }
            | Event::CaseCompleted {}
            | Event::CaseReopened {}
            | Event::CaseDeleted { .. }
            | Event::CaseRead { .. }
            | Event::CaseMerged { .. }
            | Event::OperatorJoined { .. }
            | Event::OperatorLeft { .. }
            | Event::MessageSent { .. }
            | Event::CallStarted { .. }
            | Event::CallEnded { .. }
            | Event::LocationRequested { .. }
            | Event::LocationShared {}
            | Event::LocationRefused {}
            | Event::LocationFailed { .. }
            | Event::LocationForgotten {} => Audience::Case,
            Event::CaseChanged { .. }
            | Event::CaseAttention { .. }
            | Event::CaseSnoozed { .. }
            | Event::CaseWoke { .. }
            | Event::CaseTagged { .. }
            | Event::CaseUntagged { .. }
            | Event::CaseFieldChanged { .. }
            | Event::CaseHandedOver { .. }
            | Event::GuestArrived {}
            | Event::MessageInternal { .. } => Audience::Operators,
            Event::OperatorCreated { .. }
            | Event::OperatorChanged { .. }
            | Event::CustomFieldsChanged {}
            | Event::QuickResponsesChanged {}
            | Event::TagChanged {}
            | Event::OrganizationChanged {} => Audience::Organization,
            Event::Tombstone {} => Audience::Nobody,
        }
    }
}

/// Who hears of an event.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Audience {
    /// Everyone who works here; that the organization looks different, its guests learn too.
    Organization,
    /// Those who may see the case, but no guest.
    Operators,
    /// Those who may see the case, and its guests.
    Case,
    /// No one: the place is kept, the content is gone.
    Nobody,
}

impl Audience {
    /// As stored.
    pub fn as_str(self) -> &'static str {
        match self {
            Audience::Organization => "organization",
            Audience::Operators => "operators",
            Audience::Case => "case",
            Audience::Nobody => "nobody",
        }
    }
}

/// An operator with the name everyone in the case may see.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct OperatorRef {
    /// The operator.
    pub id: OperatorId,
    /// The operator's name.
    pub name: String,
}

/// The kinds of people and things that act.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ActorKind {
    /// An operator.
    Operator,
    /// The guest of the case.
    Guest,
    /// Deskside itself.
    System,
}

impl ActorKind {
    /// As stored.
    pub fn as_str(self) -> &'static str {
        match self {
            ActorKind::Operator => "operator",
            ActorKind::Guest => "guest",
            ActorKind::System => "system",
        }
    }

    /// From what is stored; anything else is the system.
    pub fn parse(text: &str) -> Self {
        match text {
            "operator" => ActorKind::Operator,
            "guest" => ActorKind::Guest,
            _ => ActorKind::System,
        }
    }
}

/// Who did something, as shown. A guest is shown by the case's name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Actor {
    /// The kind.
    pub kind: ActorKind,
    /// The operator's or guest's id.
    pub id: Option<String>,
    /// The operator's name.
    pub name: Option<String>,
}

impl Actor {
    /// The actor of stored parts.
    pub fn from_parts(kind: ActorKind, id: Option<Uuid>, name: Option<String>) -> Self {
        let id = id.map(|id| match kind {
            ActorKind::Operator => OperatorId::from_uuid(id).to_string(),
            ActorKind::Guest | ActorKind::System => GuestId::from_uuid(id).to_string(),
        });
        Self { kind, id, name }
    }

    /// Who that is, inside the server; the system where the id is missing.
    pub fn who(&self) -> Who {
        let id = self.id.as_deref().unwrap_or_default();
        match self.kind {
            ActorKind::Operator => id.parse().map_or(Who::System, Who::Operator),
            ActorKind::Guest => id.parse().map_or(Who::System, Who::Guest),
            ActorKind::System => Who::System,
        }
    }
}

/// Who does something, inside the server.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Who {
    /// An operator.
    Operator(OperatorId),
    /// A guest.
    Guest(GuestId),
    /// Deskside itself.
    System,
}

impl Who {
    /// The kind.
    pub fn kind(self) -> ActorKind {
        match self {
            Who::Operator(_) => ActorKind::Operator,
            Who::Guest(_) => ActorKind::Guest,
            Who::System => ActorKind::System,
        }
    }

    /// The id behind it.
    pub fn id(self) -> Option<Uuid> {
        match self {
            Who::Operator(id) => Some(id.uuid()),
            Who::Guest(id) => Some(id.uuid()),
            Who::System => None,
        }
    }
}

/// An event on its way into the database: the organization's next `seq` is given at the end of the transaction.
#[derive(Debug, Clone)]
pub struct NewEvent {
    /// The case it belongs to.
    pub case_id: Option<CaseId>,
    /// Its number in the case's timeline.
    pub entry: Option<i64>,
    /// When.
    pub at: Time,
    /// Who.
    pub who: Who,
    /// What.
    pub event: Event,
    /// The number of the case it came from, when that case was merged into this one.
    pub merged_from: Option<i64>,
}

/// An event as read back.
#[derive(Debug, Clone)]
pub struct Stamped {
    /// The organization's number of it, without gaps.
    pub seq: i64,
    /// The case it belongs to.
    pub case_id: Option<CaseId>,
    /// Its number in the case's timeline.
    pub entry: Option<i64>,
    /// When.
    pub at: Time,
    /// Who.
    pub actor: Actor,
    /// What.
    pub event: Event,
    /// The number of the case it came from, when that case was merged into this one.
    pub merged_from: Option<i64>,
}

impl Stamped {
    /// The event as guests are told it: without the keys of operators' devices, without the queue, and without
    /// who of the team changed the organization.
    pub fn for_guest(mut self) -> Self {
        if matches!(self.event, Event::OrganizationChanged {}) {
            self.actor = Actor::from_parts(ActorKind::System, None, None);
        }
        match &mut self.event {
            Event::MessageSent { client_key, .. } if self.actor.kind != ActorKind::Guest => {
                *client_key = None;
            }
            Event::OperatorJoined { claimed: told, .. }
            | Event::OperatorLeft { queued: told, .. } => *told = false,
            Event::CaseDeleted {
                operator_ids,
                queued,
            }
            | Event::CaseMerged {
                operator_ids,
                queued,
                ..
            } => {
                operator_ids.clear();
                *queued = false;
            }
            _ => {}
        }
        self
    }

    /// The entry of the timeline, if it is one.
    pub fn into_entry(self) -> Option<Entry> {
        Some(Entry {
            entry: self.entry?,
            at: self.at,
            actor: self.actor,
            event: self.event,
            merged_from: self.merged_from,
        })
    }
}

/// An entry of a case's timeline.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Entry {
    /// Its number in the case, from 1.
    pub entry: i64,
    /// When.
    pub at: Time,
    /// Who.
    pub actor: Actor,
    /// What.
    pub event: Event,
    /// The number of the case it came from, when that case was merged into this one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub merged_from: Option<i64>,
}
