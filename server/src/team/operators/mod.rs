//! What an administrator decides about operators: role, seat, rights, and whether they may sign in (V03, V17).

pub mod store;

use serde::Deserialize;
use utoipa::ToSchema;

use super::OperatorRow;
use crate::audit::Verb;
use crate::auth::{OperatorSession, Role};
use crate::error::Error;
use crate::events::{Event, OperatorRef};
use crate::ids::OperatorId;
use crate::tx::Write;

/// Changes of an operator's rights; what is absent stays.
#[derive(Debug, Clone, Copy, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RightsChange {
    /// Put others on cases and take them off, hand cases over, merge cases.
    pub reassign: Option<bool>,
    /// Delete cases for good.
    pub delete: Option<bool>,
    /// Export lists of cases.
    pub export: Option<bool>,
}

/// Changes of an operator; what is absent stays.
#[derive(Debug, Clone, Copy, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct OperatorChange {
    /// The role.
    pub role: Option<Role>,
    /// Whether the operator has a seat.
    pub seat: Option<bool>,
    /// Whether the operator may sign in.
    pub active: Option<bool>,
    /// The rights that count while the operator is no administrator.
    pub rights: Option<RightsChange>,
}

/// What a change of an operator ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Effect {
    /// Nothing: all was so already.
    None,
    /// What the operator's screens may show, and which calls they may be in.
    Changed,
    /// All sessions.
    Deactivated,
}

/// Whether one more operator may work. Who counts waits for those who counted before.
///
/// # Errors
/// The database's.
pub async fn has_free_seat(write: &mut Write<'_>) -> Result<bool, Error> {
    store::hold(&mut write.org()).await?;
    let seats = store::seats(&mut write.org()).await?;
    Ok(seats.total.is_none_or(|total| seats.used < total))
}

/// Changes an operator in this write. Sessions go here; sockets and calls are ended after the commit.
///
/// # Errors
/// `NotFound`, `LastAdministrator`, `NoSeatFree`, or the database's.
pub async fn change_in(
    write: &mut Write<'_>,
    who: &OperatorSession,
    id: OperatorId,
    change: OperatorChange,
) -> Result<(OperatorRow, Effect), Error> {
    store::hold(&mut write.org()).await?;
    let standing = store::standing(&mut write.org(), id)
        .await?
        .ok_or(Error::NotFound)?;
    let mut next = standing.clone();
    next.role = change.role.unwrap_or(next.role);
    next.seat = change.seat.unwrap_or(next.seat);
    next.active = change.active.unwrap_or(next.active);
    if let Some(rights) = change.rights {
        next.rights.reassign = rights.reassign.unwrap_or(next.rights.reassign);
        next.rights.delete = rights.delete.unwrap_or(next.rights.delete);
        next.rights.export = rights.export.unwrap_or(next.rights.export);
    }
    // Whoever comes back finds the seat gone when another has it.
    if next.active && !standing.active && next.seat && change.seat.is_none() {
        next.seat = has_free_seat(write).await?;
    }
    if next.works() && !standing.works() && !has_free_seat(write).await? {
        return Err(Error::NoSeatFree);
    }
    if standing.administers()
        && !next.administers()
        && store::administrators(&mut write.org()).await? <= 1
    {
        return Err(Error::LastAdministrator);
    }
    let effect = if next == standing {
        Effect::None
    } else if standing.active && !next.active {
        Effect::Deactivated
    } else {
        Effect::Changed
    };
    if effect != Effect::None {
        store::put(&mut write.org(), id, &next).await?;
        let operator = OperatorRef {
            id,
            name: standing.name,
        };
        write.emit(None, who.who(), Event::OperatorChanged { operator });
        let verb = match effect {
            Effect::Deactivated => Verb::OperatorDeactivated,
            _ => Verb::OperatorChanged,
        };
        write.audit_with(who.who(), verb, id, next.words());
    }
    let row = store::row(&mut write.org(), id)
        .await?
        .ok_or(Error::NotFound)?;
    Ok((row, effect))
}
