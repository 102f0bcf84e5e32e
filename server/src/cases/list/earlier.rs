//! Other cases of the same customer: the same email address or phone number (E31).

use super::{CasePage, cut, rows, with_presence};
use crate::app::App;
use crate::auth::{OperatorSession, Sight};
use crate::cases::{sight, store};
use crate::error::Error;
use crate::ids::CaseId;

/// Loads other cases of the customer of a case, the newest first, after the case of the cursor.
///
/// # Errors
/// An unknown case, or the database's.
pub async fn earlier(
    app: &App,
    who: &OperatorSession,
    case_id: CaseId,
    after: Option<CaseId>,
    limit: i64,
) -> Result<CasePage, Error> {
    let reader = who.clone();
    let (items, next) = app
        .read(who.organization, move |tx| {
            Box::pin(async move {
                let customer = store::customer(tx, case_id).await?.ok_or(Error::NotFound)?;
                if !sight::sees(tx, &reader, case_id).await? {
                    return Err(Error::NotFound);
                }
                let only_of = (reader.sight == Sight::Own).then_some(reader.operator);
                let before = after.unwrap_or(CaseId::from_uuid(deskside_db::Uuid::max()));
                let mut places =
                    store::of_customer(tx, case_id, &customer, only_of, before, limit + 1).await?;
                let next = cut(&mut places, limit)
                    .and_then(|_| places.last().map(|place| place.id.to_string()));
                Ok((rows(tx, reader.operator, &places).await?, next))
            })
        })
        .await?;
    Ok(CasePage {
        items: with_presence(app, who, items),
        next,
    })
}
