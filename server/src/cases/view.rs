//! Cases as operators see them: one whole, or a row of a list.

use deskside_db::{OrgTx, Time};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::attention::Reason;
use super::fields::Field;
use super::tags::TagRef;
use super::{FieldName, MeetingType, Origin, Snippet, Status, sight, store};
use crate::app::App;
use crate::audit::{self, Verb};
use crate::auth::OperatorSession;
use crate::calls::{self, view::Call};
use crate::chat::Draft;
use crate::custom_fields::{self, CaseCustomField};
use crate::error::Error;
use crate::events::{Actor, OperatorRef};
use crate::ids::{CaseId, OperatorId};
use crate::location::{self, Location};
use crate::phone;

/// The fields of the details, each as it stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct CaseFields {
    /// The case's name.
    pub name: Field,
    /// The customer's email address.
    pub email: Field,
    /// The customer's phone number.
    pub phone: PhoneField,
    /// Own code for customer or case.
    pub internal_reference: Field,
    /// Notes for the team.
    pub notes: Field,
    /// The customer's language.
    pub language: Field,
}

/// The phone number as it stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct PhoneField {
    /// The number, as E.164 since its last change; empty when never set.
    pub value: String,
    /// The number as people read it, in the groups that its country writes: `+44 20 7946 0018`.
    pub formatted: String,
    /// Counts up with each change; 0 when never set.
    pub version: i64,
    /// Who changed it last.
    pub changed_by: Option<Actor>,
    /// When.
    pub changed_at: Option<Time>,
    /// Whether the number is in no numbering plan that we know: it may be mistyped.
    pub doubtful: bool,
}

impl From<Field> for PhoneField {
    fn from(field: Field) -> Self {
        let phone::Number {
            formatted,
            doubtful,
            ..
        } = phone::stored(&field.value);
        Self {
            formatted,
            doubtful,
            value: field.value,
            version: field.version,
            changed_by: field.changed_by,
            changed_at: field.changed_at,
        }
    }
}

/// How far someone has read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ReadMark {
    /// The last entry read.
    pub entry: i64,
    /// When.
    pub at: Time,
}

/// How far an operator has read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct OperatorRead {
    /// The operator.
    pub operator_id: OperatorId,
    /// The last entry read.
    pub entry: i64,
    /// When.
    pub at: Time,
}

/// What is the reader's own in a case.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Mine {
    /// Whether the reader is on the case.
    pub joined: bool,
    /// Why the reader should look at the case.
    pub attention: Option<Reason>,
    /// Until when the reader put the case off.
    pub snoozed_until: Option<Time>,
    /// How far the reader has read; 0 when not at all.
    pub read_entry: i64,
    /// The customer's messages not read yet.
    pub unread: i64,
    /// An answer begun and not sent; an emptied one goes on with its version, so that old answers are told apart.
    pub draft: Option<Draft>,
}

/// A case, whole.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Case {
    /// Its id.
    pub id: CaseId,
    /// Its number in the organization, never reused.
    pub number: i64,
    /// Its name.
    pub name: String,
    /// Where it stands.
    pub status: Status,
    /// How it came into being.
    pub origin: Origin,
    /// One guest or several.
    pub meeting_type: MeetingType,
    /// When it was created.
    pub created_at: Time,
    /// When it was completed.
    pub completed_at: Option<Time>,
    /// The newest entry of its timeline.
    pub last_entry: i64,
    /// When something happened last.
    pub last_activity_at: Time,
    /// Since when it waits in the queue.
    pub waiting_since: Option<Time>,
    /// Its tags, by name.
    pub tags: Vec<TagRef>,
    /// The details.
    pub fields: CaseFields,
    /// The organization's own fields in their order, with what they hold here.
    pub custom: Vec<CaseCustomField>,
    /// Where the customer is, as far as the customer said so; none where locations are off.
    pub location: Option<Location>,
    /// Who works on it.
    pub operators: Vec<OperatorRef>,
    /// Whether the guest is on the guest page.
    pub guest_online: bool,
    /// When the guest was there last.
    pub guest_last_seen_at: Option<Time>,
    /// How far the guest has read.
    pub guest_read: Option<ReadMark>,
    /// How far operators have read.
    pub operator_reads: Vec<OperatorRead>,
    /// The call that is going on.
    pub call: Option<Call>,
    /// The reader's own.
    pub mine: Mine,
}

/// A case as a row of the list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct CaseRow {
    /// Its id.
    pub id: CaseId,
    /// Its number.
    pub number: i64,
    /// Its name.
    pub name: String,
    /// Where it stands.
    pub status: Status,
    /// How it came into being.
    pub origin: Origin,
    /// Whether the guest is on the guest page.
    pub guest_online: bool,
    /// The customer's messages that the reader, being on the case, has not read.
    pub unread: i64,
    /// Whether a call is going on.
    pub in_call: bool,
    /// Whether the reader is on the case.
    pub joined: bool,
    /// Who works on it.
    pub operator_ids: Vec<OperatorId>,
    /// The newest entry of its timeline.
    pub last_entry: i64,
    /// When something happened last.
    pub last_activity_at: Time,
    /// Since when it waits in the queue.
    pub waiting_since: Option<Time>,
    /// Its tags, by name.
    pub tags: Vec<TagRef>,
    /// Why the reader should look at it.
    pub attention: Option<Reason>,
    /// Until when the reader put it off.
    pub snoozed_until: Option<Time>,
    /// The last words.
    pub snippet: Option<Snippet>,
}

/// Shows a case to an operator: whatever was asked for, who is shown a whole case has opened it, and the audit log
/// says so.
///
/// # Errors
/// `NotFound`, also for a case out of sight, or the database's.
pub async fn show(app: &App, who: &OperatorSession, case_id: CaseId) -> Result<Case, Error> {
    let case = load(app, who, case_id).await?;
    audit::opened::note(app, who, Verb::CaseOpened, case_id.into()).await?;
    Ok(case)
}

/// Loads a case for an operator who has just made it, or for the server itself.
///
/// # Errors
/// `NotFound`, also for a case out of sight, or the database's.
pub async fn load(app: &App, who: &OperatorSession, case_id: CaseId) -> Result<Case, Error> {
    let (viewer, now) = (who.clone(), app.clock.now());
    let mut case = app
        .read(who.organization, move |tx| {
            Box::pin(async move {
                if !sight::sees(tx, &viewer, case_id).await? {
                    return Err(Error::NotFound);
                }
                let case = load_in(tx, viewer.operator, case_id, now).await?;
                case.ok_or(Error::NotFound)
            })
        })
        .await?;
    case.guest_online = app.hub.guest_online(who.organization, case_id);
    let call = case.call.take();
    case.call = call.map(|call| app.calls.fresher(who.organization, call));
    Ok(case)
}

async fn load_in(
    tx: &mut OrgTx<'_>,
    viewer: OperatorId,
    case_id: CaseId,
    now: Time,
) -> Result<Option<Case>, Error> {
    let Some(head) = store::head(tx, case_id).await? else {
        return Ok(None);
    };
    let mut fields = store::fields(tx, case_id).await?;
    let mut take = |field: FieldName| fields.remove(&field).unwrap_or_else(Field::unset);
    let fields = CaseFields {
        name: take(FieldName::Name),
        email: take(FieldName::Email),
        phone: take(FieldName::Phone).into(),
        internal_reference: take(FieldName::InternalReference),
        notes: take(FieldName::Notes),
        language: take(FieldName::Language),
    };
    let operators = store::operators(tx, case_id).await?;
    let reads = store::reads(tx, case_id).await?;
    let draft = crate::chat::store::find_draft(tx, case_id, viewer).await?;
    let own = reads.iter().find(|read| read.mark.operator_id == viewer);
    let joined = operators.iter().any(|operator| operator.id == viewer);
    Ok(Some(Case {
        id: case_id,
        number: head.number,
        name: head.name,
        status: head.status,
        origin: head.origin,
        meeting_type: head.meeting_type,
        created_at: head.created_at,
        completed_at: head.completed_at,
        last_entry: head.last_entry,
        last_activity_at: head.last_activity_at,
        waiting_since: head.waiting_since,
        tags: store::case_tags(tx, case_id).await?,
        fields,
        custom: custom_fields::values::in_case(tx, case_id).await?,
        location: location::in_case(tx, case_id).await?,
        guest_online: false,
        guest_last_seen_at: head.guest_seen_at,
        guest_read: head.guest_read,
        mine: Mine {
            joined,
            attention: store::attention(tx, case_id, viewer).await?,
            snoozed_until: store::snoozed_until(tx, case_id, viewer).await?,
            read_entry: own.map_or(0, |read| read.mark.entry),
            unread: if joined {
                (head.guest_messages - own.map_or(0, |read| read.guest_messages)).max(0)
            } else {
                0
            },
            draft,
        },
        operators,
        call: calls::in_case(tx, case_id, now).await?,
        operator_reads: reads.into_iter().map(|read| read.mark).collect(),
    }))
}
