//! Saved filters: lists of cases that an operator gave a name. They are the operator's own.

pub mod routes;
pub mod store;

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::app::App;
use crate::auth::OperatorSession;
use crate::cases;
use crate::error::{Error, FieldError, FieldErrorCode};
use crate::ids::{FilterId, OperatorId, TagId};
use crate::limits;
use crate::once::Once;
use crate::text::{self, Checks};

/// Which cases a filter shows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct FilterWords {
    /// `active`, `awaiting`, `completed` or `all`.
    pub status: String,
    /// `me`, `everyone` or an operator's id.
    pub operator: String,
    /// Cases that have all of these tags.
    pub tags: Vec<TagId>,
}

/// A filter with a name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct SavedFilter {
    /// Its id.
    pub id: FilterId,
    /// Its name.
    pub name: String,
    /// Which cases it shows.
    pub filter: FilterWords,
}

/// A filter to save.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewFilter {
    /// One line of at most 40 characters.
    pub name: String,
    /// Which cases it shows.
    pub filter: FilterWords,
}

impl FilterWords {
    fn check(&self) -> Result<(), FieldError> {
        let bad = |field| FieldError::new(field, FieldErrorCode::UnknownValue);
        if !["active", "awaiting", "completed", "all"].contains(&self.status.as_str()) {
            return Err(bad("filter.status"));
        }
        if !["me", "everyone"].contains(&self.operator.as_str())
            && self.operator.parse::<OperatorId>().is_err()
        {
            return Err(bad("filter.operator"));
        }
        if self.tags.len() > limits::TAGS_PER_CASE_MAX {
            return Err(FieldError::new("filter.tags", FieldErrorCode::TooLong));
        }
        Ok(())
    }
}

/// The operator's filters, the oldest first; tags that are deleted meanwhile are left out.
///
/// # Errors
/// The database's.
pub async fn all(app: &App, who: &OperatorSession) -> Result<Vec<SavedFilter>, Error> {
    let operator = who.operator;
    app.read(who.organization, move |tx| {
        Box::pin(async move {
            let mut filters = store::all(tx, operator).await?;
            let tags: BTreeSet<TagId> = cases::store::tag_ids(tx).await?.into_iter().collect();
            for saved in &mut filters {
                saved.filter.tags.retain(|tag| tags.contains(tag));
            }
            Ok(filters)
        })
    })
    .await
}

/// Saves a filter. Done once per key.
///
/// # Errors
/// Field errors, too many filters, a reused key, or the database's.
pub async fn create(
    app: &App,
    who: &OperatorSession,
    new: NewFilter,
    once: Once,
) -> Result<SavedFilter, Error> {
    let mut checks = Checks::default();
    let name = checks.take("name", text::tag_name(&new.name));
    checks.done()?;
    new.filter
        .check()
        .map_err(|error| Error::Invalid(vec![error]))?;
    let saved = SavedFilter {
        id: FilterId::new(app.clock.now(), &app.random),
        name,
        filter: new.filter,
    };
    let who = who.clone();
    app.write(who.organization, move |write| {
        Box::pin(async move {
            if let Some(made) = once.claim(write, saved.id.uuid()).await? {
                let made = FilterId::from_uuid(made);
                let standing = store::all(&mut write.org(), who.operator).await?;
                let standing = standing.into_iter().find(|filter| filter.id == made);
                return standing.ok_or(Error::NotFound);
            }
            store::lock(&mut write.org(), who.operator).await?;
            if store::count(&mut write.org(), who.operator).await? >= limits::FILTERS_MAX {
                return Err(Error::TooManyFilters);
            }
            let now = write.now();
            store::insert(&mut write.org(), who.operator, &saved, now).await?;
            Ok(saved)
        })
    })
    .await
}

/// Deletes a filter of the operator's.
///
/// # Errors
/// An unknown filter, or the database's.
pub async fn delete(app: &App, who: &OperatorSession, id: FilterId) -> Result<(), Error> {
    let operator = who.operator;
    app.write(who.organization, move |write| {
        Box::pin(async move {
            if store::delete(&mut write.org(), operator, id).await? {
                Ok(())
            } else {
                Err(Error::NotFound)
            }
        })
    })
    .await
}
