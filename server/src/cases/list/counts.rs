//! How many cases wait, are one's own, are unread: the numbers beside the lists, each counted only so far.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::app::App;
use crate::auth::{OperatorSession, Sight};
use crate::cases::store;
use crate::error::Error;
use crate::limits;

/// A number that is counted only so far.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Count {
    /// How many, at most 1 000.
    pub count: i64,
    /// Whether there are more.
    pub more: bool,
}

impl Count {
    /// The count of something counted one further than it is told.
    pub fn new(counted: i64) -> Self {
        Self {
            count: counted.min(limits::COUNT_MAX),
            more: counted > limits::COUNT_MAX,
        }
    }
}

/// How many cases there are to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct CaseCounts {
    /// Cases that wait for someone to take them.
    pub queue: Count,
    /// Active cases the reader is on and has not snoozed.
    pub active_mine: Count,
    /// Those among them with messages of the customer that the reader has not read.
    pub unread_cases_mine: Count,
    /// Cases that the reader should look at.
    pub attention: Count,
    /// Cases that the reader snoozed.
    pub snoozed: Count,
}

/// Counts.
///
/// # Errors
/// The database's.
pub async fn counts(app: &App, who: &OperatorSession) -> Result<CaseCounts, Error> {
    let (operator, own) = (who.operator, who.sight == Sight::Own);
    app.read(who.organization, move |tx| {
        Box::pin(async move {
            let counted = store::counts(tx, operator, own, limits::COUNT_MAX + 1).await?;
            Ok(CaseCounts {
                queue: Count::new(counted.queue),
                active_mine: Count::new(counted.active),
                unread_cases_mine: Count::new(counted.unread),
                attention: Count::new(counted.attention),
                snoozed: Count::new(counted.snoozed),
            })
        })
    })
    .await
}
