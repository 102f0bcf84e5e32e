//! The audit log (E40): who did what to which thing and when. Ids and words, never content, so that it may outlive
//! what it tells of. Each entry carries a hash over itself and the hash before it ([`chain`]), and the newest one stands
//! in the organization's row as well: an entry that was changed, taken out or cut off is found.

pub mod chain;
pub mod opened;
pub mod routes;
pub mod store;

use deskside_db::{DbError, OrgTx, Time, Uuid};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::app::App;
use crate::auth::OperatorSession;
use crate::error::Error;
use crate::events::{Actor, Who};
use crate::ids::{CaseId, CustomFieldId, InviteId, OperatorId, OrganizationId, QuickResponseId};

pub use opened::Opened;

macro_rules! words {
    ($(#[$meta:meta])* $name:ident { $($(#[$doc:meta])* $variant:ident = $text:tt,)* }) => {
        $(#[$meta])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
        pub enum $name {
            $($(#[$doc])* #[serde(rename = $text)] $variant,)*
        }

        impl $name {
            /// As stored and sent.
            pub fn as_str(self) -> &'static str {
                match self {
                    $($name::$variant => $text,)*
                }
            }

            /// From what is stored.
            pub fn parse(text: &str) -> Option<Self> {
                match text {
                    $($text => Some($name::$variant),)*
                    _ => None,
                }
            }
        }
    };
}

words! {
    /// What was done.
    Verb {
        /// An operator signed in.
        SignedIn = "session.started",
        /// Someone tried a wrong password for an operator.
        SignInRefused = "session.refused",
        /// An operator signed out.
        SignedOut = "session.ended",
        /// An operator changed the own password.
        PasswordChanged = "password.changed",
        /// An operator set a new password by email.
        PasswordReset = "password.reset",
        /// Someone was invited into the team.
        OperatorInvited = "operator.invited",
        /// An invitation was taken back.
        InviteWithdrawn = "operator.invite_withdrawn",
        /// Someone accepted an invitation.
        OperatorAccepted = "operator.accepted",
        /// An operator's role, seat or rights were changed.
        OperatorChanged = "operator.changed",
        /// An operator may not sign in any more.
        OperatorDeactivated = "operator.deactivated",
        /// Settings of the organization were changed.
        OrganizationChanged = "organization.changed",
        /// The organization's plan or seats were changed.
        PlanChanged = "plan.changed",
        /// A custom field was made, changed or taken away.
        CustomFieldChanged = "custom_field.changed",
        /// A quick response for everyone was made, changed or taken away.
        QuickResponseChanged = "quick_response.changed",
        /// A case was created.
        CaseCreated = "case.created",
        /// A case was looked at.
        CaseOpened = "case.opened",
        /// A case was completed.
        CaseCompleted = "case.completed",
        /// A case was opened again.
        CaseReopened = "case.reopened",
        /// A case was deleted for good.
        CaseDeleted = "case.deleted",
        /// Another case was merged into this one.
        CaseMerged = "case.merged",
        /// A case was exported.
        CaseExported = "case.exported",
        /// A case was taken from the queue.
        CaseClaimed = "case.claimed",
        /// A case was handed over.
        CaseHandedOver = "case.handed_over",
        /// The customer was asked for the location.
        LocationAsked = "location.asked",
        /// A list of cases was exported.
        CaseListExported = "case_list.exported",
        /// The audit log was read.
        AuditRead = "audit.read",
    }
}

words! {
    /// The kinds of things that something is done to.
    ObjectKind {
        /// The organization itself.
        Organization = "organization",
        /// An operator.
        Operator = "operator",
        /// An invitation into the team.
        Invite = "invite",
        /// A case.
        Case = "case",
        /// A custom field.
        CustomField = "custom_field",
        /// A quick response.
        QuickResponse = "quick_response",
        /// A list of cases.
        CaseList = "case_list",
        /// The audit log.
        AuditLog = "audit_log",
    }
}

/// What something is done to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Object {
    /// The kind of thing.
    pub kind: ObjectKind,
    /// Which one, where there are several.
    pub id: Option<Uuid>,
}

impl Object {
    /// One of several.
    pub const fn one(kind: ObjectKind, id: Uuid) -> Self {
        Self { kind, id: Some(id) }
    }

    /// The id as people and programs see it.
    fn id_text(self) -> Option<String> {
        let id = self.id?;
        Some(match self.kind {
            ObjectKind::Operator => OperatorId::from_uuid(id).to_string(),
            ObjectKind::Invite => InviteId::from_uuid(id).to_string(),
            ObjectKind::Case => CaseId::from_uuid(id).to_string(),
            ObjectKind::CustomField => CustomFieldId::from_uuid(id).to_string(),
            ObjectKind::QuickResponse => QuickResponseId::from_uuid(id).to_string(),
            ObjectKind::Organization | ObjectKind::CaseList | ObjectKind::AuditLog => {
                id.to_string()
            }
        })
    }
}

impl From<CaseId> for Object {
    fn from(id: CaseId) -> Self {
        Self::one(ObjectKind::Case, id.uuid())
    }
}

impl From<OperatorId> for Object {
    fn from(id: OperatorId) -> Self {
        Self::one(ObjectKind::Operator, id.uuid())
    }
}

impl From<ObjectKind> for Object {
    fn from(kind: ObjectKind) -> Self {
        Self { kind, id: None }
    }
}

impl From<CustomFieldId> for Object {
    fn from(id: CustomFieldId) -> Self {
        Self::one(ObjectKind::CustomField, id.uuid())
    }
}

impl From<QuickResponseId> for Object {
    fn from(id: QuickResponseId) -> Self {
        Self::one(ObjectKind::QuickResponse, id.uuid())
    }
}

impl From<InviteId> for Object {
    fn from(id: InviteId) -> Self {
        Self::one(ObjectKind::Invite, id.uuid())
    }
}

/// An entry on its way into the log.
#[derive(Debug, Clone)]
pub struct NewEntry {
    /// Who did it.
    pub who: Who,
    /// What was done.
    pub verb: Verb,
    /// To what.
    pub object: Object,
    /// More of it in ids and words of the house, never content.
    pub detail: String,
}

/// Appends entries to the log of the organization: the last step of a write that has some, since it holds the
/// organization's row until the commit.
///
/// # Errors
/// The database's.
pub async fn append(tx: &mut OrgTx<'_>, entries: &[NewEntry], now: Time) -> Result<(), DbError> {
    let count =
        i64::try_from(entries.len()).map_err(|_| DbError::Other("too many entries".into()))?;
    let Some((last, mut previous)) = store::advance(tx, count).await? else {
        return Err(DbError::Other("the organization is gone".into()));
    };
    for (entry, n) in entries.iter().zip(last - count + 1..) {
        let row = store::StoredEntry {
            n,
            at: now,
            actor_kind: entry.who.kind().as_str().to_owned(),
            actor_id: entry.who.id(),
            verb: entry.verb.as_str().to_owned(),
            object_kind: entry.object.kind.as_str().to_owned(),
            object_id: entry.object.id,
            detail: entry.detail.clone(),
        };
        let hash = chain::hash(tx.organization(), &previous, &row);
        store::insert(tx, &row, &previous, &hash).await?;
        previous = hash;
    }
    store::set_head(tx, &previous).await
}

/// Notes by itself what an operator did: before the answer, for what is read and not written.
///
/// # Errors
/// The database's: what cannot be noted is not shown.
pub async fn note(
    app: &App,
    who: &OperatorSession,
    verb: Verb,
    object: impl Into<Object>,
) -> Result<(), Error> {
    let (actor, object) = (who.who(), object.into());
    app.write(who.organization, move |write| {
        Box::pin(async move {
            write.audit(actor, verb, object);
            Ok(())
        })
    })
    .await
}

/// Notes by itself what happened, without the caller waiting for it.
pub fn later(app: &App, organization: OrganizationId, verb: Verb, object: Object) {
    let app = app.clone();
    tokio::spawn(async move {
        let noted = app.write(organization, move |write| {
            Box::pin(async move {
                write.audit(Who::System, verb, object);
                Ok(())
            })
        });
        if let Err(error) = noted.await {
            tracing::error!(audit.verb = verb.as_str(), error = %error, "An entry of the audit log was not written.");
        }
    });
}

/// An entry of the log.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct AuditEntry {
    /// Its number, from 1 without gaps.
    pub n: i64,
    /// When.
    pub at: Time,
    /// Who did it.
    pub actor: Actor,
    /// What was done.
    pub verb: Verb,
    /// The kind of thing that it was done to.
    pub object_kind: ObjectKind,
    /// Which one, where there are several.
    pub object_id: Option<String>,
    /// What it is called today; none when it is gone.
    pub object_name: Option<String>,
    /// More of it in ids and words, never content; mostly empty.
    pub detail: String,
}

/// A page of the log, newest first.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct AuditPage {
    /// The entries.
    pub items: Vec<AuditEntry>,
    /// The cursor of the next page; none at the end.
    pub next: Option<String>,
}

/// Which entries of the log are asked for.
#[derive(Debug, Clone, Copy, Default)]
pub struct Filter {
    /// Only by this operator.
    pub actor: Option<OperatorId>,
    /// Only this verb.
    pub verb: Option<Verb>,
}

/// Reads a page of the log. That someone reads it is an entry too, once an hour.
///
/// # Errors
/// The database's.
pub async fn page(
    app: &App,
    who: &OperatorSession,
    filter: Filter,
    before: i64,
    limit: i64,
) -> Result<AuditPage, Error> {
    opened::note(app, who, Verb::AuditRead, ObjectKind::AuditLog.into()).await?;
    app.read(who.organization, move |tx| {
        Box::pin(async move {
            let mut items = store::page(tx, filter, before, limit + 1).await?;
            let more = items.len() > limit as usize;
            items.truncate(limit as usize);
            let next = items.last().filter(|_| more).map(|last| last.n.to_string());
            Ok(AuditPage { items, next })
        })
    })
    .await
}

/// Whether a log is whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct AuditVerdict {
    /// Every entry is as it was written, and none is missing.
    pub ok: bool,
    /// Entries that are right, from the first on.
    pub entries: i64,
    /// The first entry that was changed or is missing.
    pub broken_at: Option<i64>,
}

/// Entries looked at in one read.
const VERIFY_ROWS: i64 = 2_000;

/// Looks at the log of an organization from its first entry to the newest one there was when it began.
///
/// # Errors
/// The database's.
pub async fn verify(app: &App, organization: OrganizationId) -> Result<AuditVerdict, Error> {
    let (last, head) = app
        .read(organization, |tx| {
            Box::pin(async move { store::head(tx).await?.ok_or(Error::NotFound) })
        })
        .await?;
    let mut previous = chain::FIRST;
    let mut right = 0;
    while right < last {
        let rows = app
            .read(organization, move |tx| {
                Box::pin(async move { Ok(store::after(tx, right, VERIFY_ROWS).await?) })
            })
            .await?;
        let before = right;
        for (row, stored_previous, stored) in rows.into_iter().filter(|(row, ..)| row.n <= last) {
            let hash = chain::hash(organization, &previous, &row);
            if row.n != right + 1 || stored_previous != previous || stored != hash {
                return Ok(broken(right));
            }
            previous = hash;
            right += 1;
        }
        if right == before {
            return Ok(broken(right));
        }
    }
    if previous != head {
        return Ok(broken(right.saturating_sub(1)));
    }
    Ok(AuditVerdict {
        ok: true,
        entries: right,
        broken_at: None,
    })
}

fn broken(right: i64) -> AuditVerdict {
    AuditVerdict {
        ok: false,
        entries: right,
        broken_at: Some(right + 1),
    }
}
