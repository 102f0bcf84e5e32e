//! Who is asking, and whether they may.
//!
//! [`guard`] looks at every request once: where it comes from ([`origin`]), who is behind it (the session in
//! its cookie), and whether [`policy`] lets that principal do this operation. Handlers receive the principal
//! as [`OperatorSession`] or [`GuestSession`] and pass its organization to the store; they decide nothing.

pub mod account;
pub mod address;
pub mod attempts;
pub mod cookie;
pub mod crowd;
pub mod guard;
pub mod origin;
pub mod password;
pub mod policy;
pub mod routes;
pub mod seal;
pub mod store;

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use deskside_db::{DbError, OrgTx};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::error::Error;
use crate::events::Who;
use crate::ids::{CaseId, GuestId, OperatorId, OrganizationId, SessionId};

/// The two roles (V01).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Does everything operators do, and settings and team.
    Administrator,
    /// Works on cases.
    Operator,
}

impl Role {
    /// As stored.
    pub fn as_str(self) -> &'static str {
        match self {
            Role::Administrator => "administrator",
            Role::Operator => "operator",
        }
    }

    /// From what is stored; anything unknown has the lesser role.
    pub fn parse(text: &str) -> Self {
        if text == "administrator" {
            Role::Administrator
        } else {
            Role::Operator
        }
    }
}

/// A right that an operator may have or not.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Right {
    /// Put others on cases and take them off, hand cases over, merge cases.
    Reassign,
    /// Delete cases for good.
    Delete,
    /// Export lists of cases.
    Export,
}

/// What an operator may do beyond working on cases.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Rights {
    /// Put others on cases and take them off, hand cases over, merge cases.
    pub reassign: bool,
    /// Delete cases for good.
    pub delete: bool,
    /// Export lists of cases.
    pub export: bool,
}

impl Default for Rights {
    /// What a newcomer has.
    fn default() -> Self {
        Self {
            reassign: true,
            delete: true,
            export: false,
        }
    }
}

impl Rights {
    /// Whether a right is among them.
    pub fn has(self, right: Right) -> bool {
        match right {
            Right::Reassign => self.reassign,
            Right::Delete => self.delete,
            Right::Export => self.export,
        }
    }

    /// What they come to in a role: an administrator has all.
    pub fn of(self, role: Role) -> Self {
        match role {
            Role::Administrator => Self {
                reassign: true,
                delete: true,
                export: true,
            },
            Role::Operator => self,
        }
    }
}

/// Which cases an operator sees (O16).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sight {
    /// All of the organization.
    All,
    /// Those that wait in the queue, and those the operator is on.
    Own,
}

/// An operator with a session. It is read anew at each request, so that what an administrator changes counts at once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OperatorSession {
    /// The organization.
    pub organization: OrganizationId,
    /// The operator.
    pub operator: OperatorId,
    /// The role.
    pub role: Role,
    /// Whether the operator has a seat.
    pub seat: bool,
    /// What the operator may do beyond working on cases.
    pub rights: Rights,
    /// Which cases the operator sees.
    pub sight: Sight,
    /// The session itself.
    pub session: SessionId,
}

impl OperatorSession {
    /// The operator as one who acts.
    pub fn who(&self) -> Who {
        Who::Operator(self.operator)
    }
}

/// A guest with a session on the case in the path.
#[derive(Debug, Clone)]
pub struct GuestSession {
    /// The organization.
    pub organization: OrganizationId,
    /// The case.
    pub case_id: CaseId,
    /// The guest: one browser.
    pub guest: GuestId,
}

impl GuestSession {
    /// The guest as one who acts.
    pub fn who(&self) -> Who {
        Who::Guest(self.guest)
    }
}

/// An operator's session as it is now, if it still stands.
///
/// # Errors
/// The database's.
pub async fn now(
    tx: &mut OrgTx<'_>,
    session: SessionId,
    operator: OperatorId,
) -> Result<Option<OperatorSession>, DbError> {
    store::session_now(tx, session, operator).await
}

/// Who is behind a request.
#[derive(Debug, Clone)]
pub enum Principal {
    /// No session, or none that counts here.
    Stranger,
    /// An operator.
    Operator(OperatorSession),
    /// A guest of the case in the path.
    Guest(GuestSession),
}

impl<S: Send + Sync> FromRequestParts<S> for OperatorSession {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Error> {
        match parts.extensions.get::<Principal>() {
            Some(Principal::Operator(session)) => Ok(session.clone()),
            _ => Err(Error::NotSignedIn),
        }
    }
}

impl<S: Send + Sync> FromRequestParts<S> for GuestSession {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Error> {
        match parts.extensions.get::<Principal>() {
            Some(Principal::Guest(session)) => Ok(session.clone()),
            _ => Err(Error::NotFound),
        }
    }
}
