//! Which cases an operator sees (V07, O16). This is the one rule of it, for every list, item, search, count, export
//! and live screen: an operator with [`Sight::Own`] sees a case that waits in the queue, and a case that they are on.
//! Everyone else of the organization sees all. A case out of sight is not found: not even that it exists is told.
//!
//! In SQL the rule stands in `store/sight.rs` (`IS_SEEN`); statements over many cases repeat its words.

use deskside_db::OrgTx;

use super::{Status, store};
use crate::auth::{OperatorSession, Sight};
use crate::error::Error;
use crate::ids::{CaseId, OperatorId};
use crate::tx::Write;

/// What decides who sees a case.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Visibility {
    /// Whether it waits in the queue.
    pub waits: bool,
    /// Who is on it.
    pub operators: Vec<OperatorId>,
}

impl Visibility {
    /// Whether an operator with [`Sight::Own`] sees the case.
    pub fn is_seen_by(&self, operator: OperatorId) -> bool {
        self.waits || self.operators.contains(&operator)
    }
}

/// Whether an operator sees a case. That it exists is certain only for [`Sight::Own`].
///
/// # Errors
/// The database's.
pub async fn sees(
    tx: &mut OrgTx<'_>,
    who: &OperatorSession,
    case_id: CaseId,
) -> Result<bool, Error> {
    match who.sight {
        Sight::All => Ok(true),
        Sight::Own => Ok(store::is_seen(tx, case_id, who.operator).await?),
    }
}

/// What decides who sees each of these cases; deleted ones are left out.
///
/// # Errors
/// The database's.
pub async fn visibility(
    tx: &mut OrgTx<'_>,
    cases: &[CaseId],
) -> Result<Vec<(CaseId, Visibility)>, Error> {
    if cases.is_empty() {
        return Ok(Vec::new());
    }
    Ok(store::visibility(tx, cases.iter().copied()).await?)
}

/// Those of some cases that an operator sees, in their order.
///
/// # Errors
/// The database's.
pub async fn seen_of(
    tx: &mut OrgTx<'_>,
    who: &OperatorSession,
    cases: Vec<CaseId>,
) -> Result<Vec<CaseId>, Error> {
    if who.sight == Sight::All || cases.is_empty() {
        return Ok(cases);
    }
    let sights = store::visibility(tx, cases.iter().copied()).await?;
    let seen: std::collections::HashSet<CaseId> = sights
        .into_iter()
        .filter(|(_, visibility)| visibility.is_seen_by(who.operator))
        .map(|(case_id, _)| case_id)
        .collect();
    Ok(cases.into_iter().filter(|id| seen.contains(id)).collect())
}

/// Holds a case that an operator sees until the commit, whatever changed since the request came in.
///
/// # Errors
/// `NotFound`, or the database's.
pub async fn lock(
    write: &mut Write<'_>,
    who: &OperatorSession,
    case_id: CaseId,
) -> Result<Status, Error> {
    match store::lock(&mut write.org(), case_id).await? {
        Some(status) if sees(&mut write.org(), who, case_id).await? => Ok(status),
        _ => Err(Error::NotFound),
    }
}

/// The same for a case that is worked on: one that is not completed.
///
/// # Errors
/// `NotFound`, `CaseCompleted`, or the database's.
pub async fn lock_open(
    write: &mut Write<'_>,
    who: &OperatorSession,
    case_id: CaseId,
) -> Result<Status, Error> {
    match lock(write, who, case_id).await? {
        Status::Completed => Err(Error::CaseCompleted(None)),
        status => Ok(status),
    }
}
