//! Cases as operators see them: one whole, or a row of a list.

use deskside_db::{OrgTx, Time};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::fields::Field;
use super::{FieldName, MeetingType, Origin, Snippet, Status, store};
use crate::app::App;
use crate::auth::OperatorSession;
use crate::calls::{self, view::Call};
use crate::chat::Draft;
use crate::error::Error;
use crate::events::OperatorRef;
use crate::ids::{CaseId, OperatorId};

/// The fields of the details, each as it stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct CaseFields {
    /// The case's name.
    pub name: Field,
    /// The customer's email address.
    pub email: Field,
    /// The customer's phone number.
    pub phone: Field,
    /// Own code for customer or case.
    pub internal_reference: Field,
    /// Notes for the team.
    pub notes: Field,
    /// The customer's language.
    pub language: Field,
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
    /// How far the reader has read; 0 when not at all.
    pub read_entry: i64,
    /// The customer's messages not read yet.
    pub unread: i64,
    /// An answer begun and not sent; an emptied one goes on with its version, so that old answers are told apart.
    pub draft: Option<Draft>,
}

/// A case, whole.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
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
    /// The details.
    pub fields: CaseFields,
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
    /// The last words.
    pub snippet: Option<Snippet>,
}

/// Which cases a list shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Filter {
    /// Only this status; all without.
    pub status: Option<Status>,
    /// Only cases this operator is on; everyone's without.
    pub operator: Option<OperatorId>,
}

/// A place in a list: after this case.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cursor {
    /// Its time.
    pub at: Time,
    /// Its id.
    pub id: CaseId,
}

impl std::fmt::Display for Cursor {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}.{}", self.at.as_millis(), self.id)
    }
}

impl std::str::FromStr for Cursor {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        let (at, id) = text.split_once('.').ok_or(Error::BadCursor)?;
        let at = at.parse().map_err(|_| Error::BadCursor)?;
        Ok(Cursor {
            at: Time::from_millis(at),
            id: id.parse().map_err(|_| Error::BadCursor)?,
        })
    }
}

/// Loads a case for an operator.
///
/// # Errors
/// `NotFound`, or the database's.
pub async fn load(app: &App, who: &OperatorSession, case_id: CaseId) -> Result<Case, Error> {
    let (viewer, now) = (who.operator, app.clock.now());
    let case = app
        .read(who.organization, move |tx| {
            Box::pin(async move { load_in(tx, viewer, case_id, now).await })
        })
        .await?;
    let mut case = case.ok_or(Error::NotFound)?;
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
        phone: take(FieldName::Phone),
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
        fields,
        guest_online: false,
        guest_last_seen_at: head.guest_seen_at,
        guest_read: head.guest_read,
        mine: Mine {
            joined,
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

/// A page of a list of cases.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct CasePage {
    /// The rows.
    pub items: Vec<CaseRow>,
    /// The cursor of the next page; none at the end.
    pub next: Option<String>,
}

/// Loads a page of cases: newest activity first, awaiting ones oldest first.
///
/// # Errors
/// The database's.
pub async fn list(
    app: &App,
    who: &OperatorSession,
    filter: Filter,
    cursor: Option<Cursor>,
    limit: i64,
) -> Result<CasePage, Error> {
    let viewer = who.operator;
    let (mut items, next) = app
        .read(who.organization, move |tx| {
            Box::pin(async move {
                let mut page = store::page(tx, filter, cursor, limit + 1).await?;
                let more = page.len() > limit as usize;
                page.truncate(limit as usize);
                let next = if more {
                    page.last().map(ToString::to_string)
                } else {
                    None
                };
                let ids: Vec<CaseId> = page.iter().map(|place| place.id).collect();
                let mut rows = store::rows(tx, viewer, &ids).await?;
                let in_call = calls::cases_in_call(tx).await?;
                for row in &mut rows {
                    row.in_call = in_call.contains(&row.id);
                }
                rows.sort_by_key(|row| ids.iter().position(|id| *id == row.id));
                Ok((rows, next))
            })
        })
        .await?;
    for row in &mut items {
        row.guest_online = app.hub.guest_online(who.organization, row.id);
    }
    Ok(CasePage { items, next })
}
