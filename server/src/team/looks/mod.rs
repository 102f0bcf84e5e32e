//! How operators and the organization look: which picture is theirs. The pictures themselves are of `pictures/`.

pub mod store;

use crate::audit::{ObjectKind, Verb};
use crate::error::Error;
use crate::events::{Event, Who};
use crate::ids::OperatorId;
use crate::tx::Write;

/// Notes an operator's picture by its token, or that there is none; the token before.
///
/// # Errors
/// `NotSignedIn` when the operator is gone, or the database's.
pub async fn set_picture(
    write: &mut Write<'_>,
    operator: OperatorId,
    token: Option<String>,
) -> Result<Option<String>, Error> {
    let before = store::lock_picture(&mut write.org(), operator).await?;
    store::set_picture(&mut write.org(), operator, token).await?;
    let changed = super::store::operator_ref(&mut write.org(), operator)
        .await?
        .ok_or(Error::NotSignedIn)?;
    write.emit(
        None,
        Who::Operator(operator),
        Event::OperatorChanged { operator: changed },
    );
    Ok(before)
}

/// Notes the organization's logo by its token, or that there is none; the token before.
///
/// # Errors
/// The database's.
pub async fn set_logo(
    write: &mut Write<'_>,
    who: Who,
    token: Option<String>,
) -> Result<Option<String>, Error> {
    let before = store::lock_logo(&mut write.org()).await?;
    store::set_logo(&mut write.org(), token).await?;
    write.emit(None, who, Event::OrganizationChanged {});
    write.audit_with(
        who,
        Verb::OrganizationChanged,
        ObjectKind::Organization,
        "logo",
    );
    Ok(before)
}
