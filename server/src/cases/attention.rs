//! Marks of attention: an operator should look at a case, whatever else is unread in it. One mark at most for each
//! operator and case, with its newest reason; reading the case to its end clears it.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::store;
use crate::error::Error;
use crate::events::{Event, Who};
use crate::ids::{CaseId, OperatorId};
use crate::tx::Write;

/// Why an operator should look at a case.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = AttentionReason)]
pub enum Reason {
    /// A colleague mentioned the operator in an internal message.
    Mention,
    /// A colleague handed the case over.
    Handover,
    /// A colleague put the operator on the case.
    Added,
    /// The case was snoozed and is back.
    Woke,
}

impl Reason {
    /// As stored.
    pub fn as_str(self) -> &'static str {
        match self {
            Reason::Mention => "mention",
            Reason::Handover => "handover",
            Reason::Added => "added",
            Reason::Woke => "woke",
        }
    }

    /// From what is stored.
    pub fn parse(text: &str) -> Self {
        match text {
            "mention" => Reason::Mention,
            "handover" => Reason::Handover,
            "added" => Reason::Added,
            _ => Reason::Woke,
        }
    }
}

/// Marks a case for an operator, and tells the operator's screens. `entry` is what the mark is about, if it is an entry.
///
/// # Errors
/// The database's.
pub async fn give(
    write: &mut Write<'_>,
    case_id: CaseId,
    operator: OperatorId,
    reason: Reason,
    entry: Option<i64>,
    who: Who,
) -> Result<(), Error> {
    let now = write.now();
    store::put_attention(&mut write.org(), case_id, operator, reason, entry, now).await?;
    write.emit(
        Some(case_id),
        who,
        Event::CaseAttention {
            operator_id: operator,
            reason: Some(reason),
        },
    );
    Ok(())
}

/// An operator has read up to an entry, as the rows of the case say by now: at the end of the case the mark goes.
///
/// # Errors
/// The database's.
pub async fn after_reading(
    write: &mut Write<'_>,
    case_id: CaseId,
    operator: OperatorId,
    to_the_end: bool,
) -> Result<(), Error> {
    store::refresh_unread(&mut write.org(), case_id, operator).await?;
    if to_the_end && store::clear_attention(&mut write.org(), case_id, operator).await? {
        write.emit(
            Some(case_id),
            Who::Operator(operator),
            Event::CaseAttention {
                operator_id: operator,
                reason: None,
            },
        );
    }
    Ok(())
}
