//! Who is asking, and whether they may.
//!
//! [`guard`] looks at every request once: where it comes from ([`origin`]), who is behind it (the session in
//! its cookie), and whether [`policy`] lets that principal do this operation. Handlers receive the principal
//! as [`OperatorSession`] or [`GuestSession`] and pass its organization to the store; they decide nothing.

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

/// An operator with a session.
#[derive(Debug, Clone)]
pub struct OperatorSession {
    /// The organization.
    pub organization: OrganizationId,
    /// The operator.
    pub operator: OperatorId,
    /// The role.
    pub role: Role,
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

/// Whether an operator's session still stands.
///
/// # Errors
/// The database's.
pub async fn stands(
    tx: &mut OrgTx<'_>,
    session: SessionId,
    operator: OperatorId,
) -> Result<bool, DbError> {
    store::has_session(tx, session, operator).await
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
