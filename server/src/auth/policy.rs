//! Who may do what: one row for every operation of the OpenAPI document, enforced by [`super::guard`].
//! An operation without a row is refused, and the matrix test fails.
//!
//! A row says which kind of principal may call the operation. Which cases that principal may see is the
//! organization of the session, bound into every statement by `OrgTx`; a foreign id is not found.

use super::{Principal, Role};

/// Which principals may call an operation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rule {
    /// Everyone; the operation itself checks the secret it is given, if any.
    Anyone,
    /// Every operator of the organization.
    Operator,
    /// Administrators of the organization.
    Administrator,
    /// The guests of the case in the path.
    Guest,
}

/// What is decided.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Decision {
    /// Go on.
    Allow,
    /// Sign in first (401).
    SignIn,
    /// Signed in, but not allowed (403).
    Forbid,
    /// Not even the existence is told (404).
    Hide,
}

/// The table.
pub const POLICY: &[(&str, Rule)] = &[
    ("setup_state", Rule::Anyone),
    ("setup_create", Rule::Anyone),
    ("session_create", Rule::Anyone),
    ("session_delete", Rule::Operator),
    ("sessions_delete", Rule::Operator),
    ("me_get", Rule::Operator),
    ("me_patch", Rule::Operator),
    ("organization_get", Rule::Operator),
    ("organization_patch", Rule::Administrator),
    ("operator_list", Rule::Operator),
    ("operator_invite_list", Rule::Administrator),
    ("operator_invite_create", Rule::Administrator),
    ("operator_invite_delete", Rule::Administrator),
    ("operator_invite_lookup", Rule::Anyone),
    ("operator_invite_accept", Rule::Anyone),
    ("case_list", Rule::Operator),
    ("case_create", Rule::Operator),
    ("case_get", Rule::Operator),
    ("case_patch", Rule::Operator),
    ("case_delete", Rule::Operator),
    ("case_complete", Rule::Operator),
    ("case_reopen", Rule::Operator),
    ("case_operator_put", Rule::Operator),
    ("case_operator_delete", Rule::Operator),
    ("case_guest_link", Rule::Operator),
    ("case_timeline", Rule::Operator),
    ("message_create", Rule::Operator),
    ("case_read_put", Rule::Operator),
    ("draft_put", Rule::Operator),
    ("call_start", Rule::Operator),
    ("call_get", Rule::Operator),
    ("call_join", Rule::Operator),
    ("call_offer", Rule::Operator),
    ("call_media_put", Rule::Operator),
    ("call_leave", Rule::Operator),
    ("call_end", Rule::Operator),
    ("live", Rule::Operator),
    ("guest_session_create", Rule::Anyone),
    ("guest_case_get", Rule::Guest),
    ("guest_timeline", Rule::Guest),
    ("guest_message_create", Rule::Guest),
    ("guest_read_put", Rule::Guest),
    ("guest_call_get", Rule::Guest),
    ("guest_call_join", Rule::Guest),
    ("guest_call_offer", Rule::Guest),
    ("guest_call_media_put", Rule::Guest),
    ("guest_call_leave", Rule::Guest),
    ("guest_live", Rule::Guest),
    ("openapi", Rule::Anyone),
];

/// The rule of an operation, if it has a row.
pub fn rule(operation: &str) -> Option<Rule> {
    POLICY
        .iter()
        .find(|(id, _)| *id == operation)
        .map(|(_, rule)| *rule)
}

/// Decides.
pub fn decide(rule: Rule, principal: &Principal) -> Decision {
    match (rule, principal) {
        (Rule::Anyone, _) => Decision::Allow,
        (Rule::Operator, Principal::Operator(_)) => Decision::Allow,
        (Rule::Administrator, Principal::Operator(session)) => match session.role {
            Role::Administrator => Decision::Allow,
            Role::Operator => Decision::Forbid,
        },
        (Rule::Operator | Rule::Administrator, _) => Decision::SignIn,
        (Rule::Guest, Principal::Guest(_)) => Decision::Allow,
        (Rule::Guest, _) => Decision::Hide,
    }
}

/// Whether an operator may delete cases for good.
pub fn may_delete_cases(_: Role) -> bool {
    true
}

/// Whether an operator may change team and organization.
pub fn may_administer(role: Role) -> bool {
    role == Role::Administrator
}
