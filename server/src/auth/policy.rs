//! Who may do what: one row for every operation of the OpenAPI document, enforced by [`super::guard`].
//! An operation without a row is refused, and the matrix test fails.
//!
//! A row says which kind of principal may call the operation. Which cases that principal may see is the
//! organization of the session, bound into every statement by `OrgTx`, and within it the session's [`Sight`]
//! (`cases/sight.rs`); a case out of sight is not found. Questions inside of operations are answered here too.

use super::{OperatorSession, Principal, Right, Rights, Role, Sight};
use crate::error::Error;
use crate::ids::OperatorId;
use crate::team::{MyRights, Operator, Organization, Plan};

/// Which principals may call an operation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rule {
    /// Everyone; the operation itself checks the secret it is given, if any.
    Anyone,
    /// Every active operator of the organization.
    Reader,
    /// Every operator with a seat: who works on cases.
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
    /// Signed in, but without the seat that it needs (403).
    NeedSeat,
    /// Not even the existence is told (404).
    Hide,
}

/// The table.
pub const POLICY: &[(&str, Rule)] = &[
    ("setup_state", Rule::Anyone),
    ("setup_create", Rule::Anyone),
    ("session_create", Rule::Anyone),
    ("session_delete", Rule::Reader),
    ("sessions_delete", Rule::Reader),
    ("me_get", Rule::Reader),
    ("me_patch", Rule::Reader),
    ("me_password_change", Rule::Reader),
    ("me_picture_put", Rule::Reader),
    ("me_picture_delete", Rule::Reader),
    ("password_reset_create", Rule::Anyone),
    ("password_reset_lookup", Rule::Anyone),
    ("password_reset_use", Rule::Anyone),
    ("organization_get", Rule::Reader),
    ("organization_patch", Rule::Administrator),
    ("organization_logo_put", Rule::Administrator),
    ("organization_logo_delete", Rule::Administrator),
    ("picture_get", Rule::Anyone),
    ("operator_list", Rule::Reader),
    ("operator_patch", Rule::Administrator),
    ("operator_invite_list", Rule::Administrator),
    ("operator_invite_create", Rule::Administrator),
    ("operator_invite_delete", Rule::Administrator),
    ("operator_invite_lookup", Rule::Anyone),
    ("operator_invite_accept", Rule::Anyone),
    ("case_list", Rule::Reader),
    ("case_create", Rule::Operator),
    ("case_get", Rule::Reader),
    ("case_patch", Rule::Operator),
    ("case_delete", Rule::Operator),
    ("case_complete", Rule::Operator),
    ("case_reopen", Rule::Operator),
    ("case_operator_put", Rule::Reader),
    ("case_operator_delete", Rule::Reader),
    ("case_claim", Rule::Operator),
    ("case_queue", Rule::Administrator),
    ("case_handover", Rule::Operator),
    ("case_guest_link", Rule::Reader),
    ("case_counts", Rule::Reader),
    ("case_export", Rule::Reader),
    ("case_earlier", Rule::Reader),
    ("case_snooze_put", Rule::Operator),
    ("case_snooze_delete", Rule::Operator),
    ("case_tag_put", Rule::Operator),
    ("case_tag_delete", Rule::Operator),
    ("case_merge_preview", Rule::Operator),
    ("case_merge", Rule::Operator),
    ("tag_list", Rule::Reader),
    ("tag_create", Rule::Operator),
    ("tag_patch", Rule::Administrator),
    ("tag_delete", Rule::Administrator),
    ("filter_list", Rule::Reader),
    ("filter_create", Rule::Reader),
    ("filter_delete", Rule::Reader),
    ("case_location_request", Rule::Operator),
    ("case_location_delete", Rule::Operator),
    ("custom_field_list", Rule::Reader),
    ("custom_field_create", Rule::Administrator),
    ("custom_field_patch", Rule::Administrator),
    ("custom_field_delete", Rule::Administrator),
    ("quick_response_list", Rule::Reader),
    ("quick_response_create", Rule::Reader),
    ("quick_response_patch", Rule::Reader),
    ("quick_response_delete", Rule::Reader),
    ("case_timeline", Rule::Reader),
    ("message_create", Rule::Operator),
    ("case_read_put", Rule::Reader),
    ("draft_put", Rule::Operator),
    ("call_start", Rule::Operator),
    ("call_get", Rule::Reader),
    ("call_join", Rule::Operator),
    ("call_offer", Rule::Operator),
    ("call_media_put", Rule::Operator),
    ("call_leave", Rule::Reader),
    ("call_end", Rule::Operator),
    ("live", Rule::Reader),
    ("guest_session_create", Rule::Anyone),
    ("guest_case_get", Rule::Guest),
    ("guest_timeline", Rule::Guest),
    ("guest_message_create", Rule::Guest),
    ("guest_read_put", Rule::Guest),
    ("guest_location_create", Rule::Guest),
    ("guest_call_get", Rule::Guest),
    ("guest_call_join", Rule::Guest),
    ("guest_call_offer", Rule::Guest),
    ("guest_call_media_put", Rule::Guest),
    ("guest_call_leave", Rule::Guest),
    ("guest_live", Rule::Guest),
    ("search", Rule::Reader),
    ("audit_list", Rule::Administrator),
    ("audit_verify", Rule::Administrator),
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
        (Rule::Reader, Principal::Operator(_)) => Decision::Allow,
        (Rule::Operator, Principal::Operator(session)) => {
            if session.seat {
                Decision::Allow
            } else {
                Decision::NeedSeat
            }
        }
        (Rule::Administrator, Principal::Operator(session)) => match session.role {
            Role::Administrator => Decision::Allow,
            Role::Operator => Decision::Forbid,
        },
        (Rule::Reader | Rule::Operator | Rule::Administrator, _) => Decision::SignIn,
        (Rule::Guest, Principal::Guest(_)) => Decision::Allow,
        (Rule::Guest, _) => Decision::Hide,
    }
}

/// Which cases an operator of this role sees; an administrator sees all (V07).
pub fn sight(role: Role, separate_operators: bool) -> Sight {
    match role {
        Role::Operator if separate_operators => Sight::Own,
        Role::Operator | Role::Administrator => Sight::All,
    }
}

/// Makes sure that an operator has a right.
///
/// # Errors
/// `RightMissing`.
pub fn need(who: &OperatorSession, right: Right) -> Result<(), Error> {
    if who.rights.has(right) {
        Ok(())
    } else {
        Err(Error::RightMissing(right))
    }
}

/// Makes sure that an operator may put `operator` on a case. Oneself: who works on cases. Others: who may reassign,
/// also without a seat (V16), unless operators are separated.
///
/// # Errors
/// `SeatRequired` or `RightMissing`.
pub fn may_put_on_case(who: &OperatorSession, operator: OperatorId) -> Result<(), Error> {
    if who.operator != operator {
        need(who, Right::Reassign)?;
    }
    if who.seat || (who.operator != operator && who.sight == Sight::All) {
        Ok(())
    } else {
        Err(Error::SeatRequired)
    }
}

/// Makes sure that an operator may take `operator` off a case; anyone may leave.
///
/// # Errors
/// `SeatRequired` or `RightMissing`.
pub fn may_take_off_case(who: &OperatorSession, operator: OperatorId) -> Result<(), Error> {
    if who.operator == operator {
        Ok(())
    } else {
        may_put_on_case(who, operator)
    }
}

/// Makes sure that an operator may write quick responses for everyone (V12).
///
/// # Errors
/// `Forbidden`.
pub fn may_write_for_everyone(who: &OperatorSession) -> Result<(), Error> {
    match who.role {
        Role::Administrator => Ok(()),
        Role::Operator => Err(Error::Forbidden),
    }
}

/// Whether an operator is told of archived fields, and how often each is filled in.
pub fn sees_archived_fields(who: &OperatorSession) -> bool {
    who.role == Role::Administrator
}

/// Makes sure that a plan has custom fields (S156).
///
/// # Errors
/// `PlanRequired`.
pub fn plan_has_custom_fields(plan: Plan) -> Result<(), Error> {
    needs_plan(plan, Plan::Professional)
}

/// Makes sure that a plan has the customer's location.
///
/// # Errors
/// `PlanRequired`.
pub fn plan_has_location(plan: Plan) -> Result<(), Error> {
    needs_plan(plan, Plan::Enterprise)
}

fn needs_plan(plan: Plan, least: Plan) -> Result<(), Error> {
    if plan >= least {
        Ok(())
    } else {
        Err(Error::PlanRequired(least))
    }
}

/// What an operator may do now, for the operator's own screen.
pub fn my_rights(operator: &Operator, rights: Rights, organization: &Organization) -> MyRights {
    let administers = operator.role == Role::Administrator;
    let sees_all = sight(operator.role, organization.separate_operators) == Sight::All;
    MyRights {
        invite: administers,
        delete: rights.delete && operator.seat,
        edit_organization: administers,
        reassign: rights.reassign && (operator.seat || sees_all),
        export: rights.export,
        seat: operator.seat,
        custom_fields: plan_has_custom_fields(organization.plan).is_ok(),
        location: organization.location_enabled && plan_has_location(organization.plan).is_ok(),
    }
}
