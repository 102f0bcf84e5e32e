//! Lists of cases: which cases, in which order, page by page. However many cases there are, a page is read along the
//! index that fits best; where several things are asked for at once, along the one with the fewest rows.

pub mod counts;
pub mod earlier;
pub mod export;
pub mod routes;

use deskside_db::{OrgTx, Time};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::store::{Along, Besides, Reach};
use super::view::CaseRow;
use super::{Status, store};
use crate::app::App;
use crate::auth::{OperatorSession, Sight};
use crate::calls;
use crate::error::Error;
use crate::ids::{CaseId, OperatorId, TagId};
use crate::limits;

/// Which cases a list shows.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Filter {
    /// Only this status; all without.
    pub status: Option<Status>,
    /// Only cases this operator is on; everyone's without.
    pub operator: Option<OperatorId>,
    /// Only cases with all of these tags.
    pub tags: Vec<TagId>,
    /// Instead of status and operator: what the reader put or found there.
    pub view: Option<View>,
}

/// Lists that are one operator's own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = CaseListView)]
pub enum View {
    /// Cases that the reader should look at.
    Attention,
    /// Cases that the reader snoozed.
    Snoozed,
}

/// A place in a list: after this case.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place {
    /// The time that orders it.
    pub at: Time,
    /// Its id.
    pub id: CaseId,
}

impl std::fmt::Display for Place {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}.{}", self.at.as_millis(), self.id)
    }
}

impl std::str::FromStr for Place {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        let (at, id) = text.split_once('.').ok_or(Error::BadCursor)?;
        let at = at.parse().map_err(|_| Error::BadCursor)?;
        Ok(Place {
            at: Time::from_millis(at),
            id: id.parse().map_err(|_| Error::BadCursor)?,
        })
    }
}

/// A page of a list of cases.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct CasePage {
    /// The rows.
    pub items: Vec<CaseRow>,
    /// The cursor of the next page; none at the end.
    pub next: Option<String>,
}

/// Loads a page of cases: newest activity first, awaiting ones the longest waiting first.
///
/// # Errors
/// The database's.
pub async fn list(
    app: &App,
    who: &OperatorSession,
    filter: Filter,
    cursor: Option<Place>,
    limit: i64,
) -> Result<CasePage, Error> {
    let reader = who.clone();
    let (items, next) = app
        .read(who.organization, move |tx| {
            Box::pin(async move {
                let mut places = page(tx, &reader, &filter, cursor, limit + 1).await?;
                let next = cut(&mut places, limit);
                Ok((rows(tx, reader.operator, &places).await?, next))
            })
        })
        .await?;
    Ok(CasePage {
        items: with_presence(app, who, items),
        next,
    })
}

/// Cuts a page that was read one row too far; the cursor of the next one.
fn cut(places: &mut Vec<Place>, limit: i64) -> Option<String> {
    let more = places.len() > limit as usize;
    places.truncate(limit as usize);
    places
        .last()
        .filter(|_| more)
        .map(std::string::ToString::to_string)
}

/// The rows of some cases as an operator sees them, in the order of their places.
///
/// # Errors
/// The database's.
pub async fn rows(
    tx: &mut OrgTx<'_>,
    viewer: OperatorId,
    places: &[Place],
) -> Result<Vec<CaseRow>, Error> {
    let ids: Vec<CaseId> = places.iter().map(|place| place.id).collect();
    let mut rows = store::rows(tx, viewer, &ids).await?;
    let in_call = calls::cases_in_call(tx).await?;
    for row in &mut rows {
        row.in_call = in_call.contains(&row.id);
    }
    rows.sort_by_key(|row| ids.iter().position(|id| *id == row.id));
    Ok(rows)
}

/// Adds to rows what stands in no table: whose guest is there.
pub fn with_presence(app: &App, who: &OperatorSession, mut rows: Vec<CaseRow>) -> Vec<CaseRow> {
    for row in &mut rows {
        row.guest_online = app.hub.guest_online(who.organization, row.id);
    }
    rows
}

/// The places of a page as an operator may see it.
///
/// # Errors
/// The database's.
pub async fn page(
    tx: &mut OrgTx<'_>,
    who: &OperatorSession,
    filter: &Filter,
    cursor: Option<Place>,
    limit: i64,
) -> Result<Vec<Place>, Error> {
    let mut found = Vec::new();
    let mut ascending = false;
    for part in parts(filter, who.operator, who.sight) {
        let Some((along, besides)) = choose(tx, part).await? else {
            continue;
        };
        ascending = along.ascending();
        found.extend(store::page(tx, along, &besides, cursor, limit).await?);
    }
    // The parts of a list have no case in common; each is in order, and each as long as the page may be.
    found.sort_by_key(|place| (place.at, place.id));
    if !ascending {
        found.reverse();
    }
    found.truncate(limit as usize);
    Ok(found)
}

/// One part of a list: cases of a status that have all of these operators and tags.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Part {
    Cases {
        status: Option<Status>,
        operators: Vec<OperatorId>,
        tags: Vec<TagId>,
        /// Whose snoozed cases stay away.
        awake_of: Option<OperatorId>,
    },
    /// The queue in its own order.
    Queue { tags: Vec<TagId> },
    Attention {
        operator: OperatorId,
        own: bool,
        tags: Vec<TagId>,
    },
    Snoozed {
        operator: OperatorId,
        tags: Vec<TagId>,
    },
}

/// What a list comes to for someone with this sight: one who sees only own cases sees those in the queue and those
/// they are on.
fn parts(filter: &Filter, viewer: OperatorId, sight: Sight) -> Vec<Part> {
    let tags = filter.tags.clone();
    let own = sight == Sight::Own;
    match filter.view {
        Some(View::Attention) => {
            return vec![Part::Attention {
                operator: viewer,
                own,
                tags,
            }];
        }
        Some(View::Snoozed) => {
            return vec![Part::Snoozed {
                operator: viewer,
                tags,
            }];
        }
        None => {}
    }
    let mut operators: Vec<OperatorId> = filter.operator.into_iter().collect();
    match filter.status {
        Some(Status::Awaiting) if operators.is_empty() => return vec![Part::Queue { tags }],
        // Whoever is on a case has taken it out of the queue.
        Some(Status::Awaiting) => return Vec::new(),
        _ => {}
    }
    let waiting = Part::Cases {
        status: Some(Status::Awaiting),
        operators: Vec::new(),
        tags: tags.clone(),
        awake_of: None,
    };
    let everyone = operators.is_empty();
    if own && !operators.contains(&viewer) {
        operators.push(viewer);
    }
    let mine = filter.operator == Some(viewer) && filter.status == Some(Status::Active);
    let taken = Part::Cases {
        status: filter.status,
        operators,
        tags,
        awake_of: mine.then_some(viewer),
    };
    if own && everyone && filter.status.is_none() {
        vec![waiting, taken]
    } else {
        vec![taken]
    }
}

/// The index to read a part along, and what to look up besides.
async fn choose(tx: &mut OrgTx<'_>, part: Part) -> Result<Option<(Along, Besides)>, Error> {
    let tagged = |tags| Besides {
        operators: Vec::new(),
        tags,
    };
    let (status, operators, tags, awake_of) = match part {
        Part::Attention {
            operator,
            own,
            tags,
        } => return Ok(Some((Along::Attention { operator, own }, tagged(tags)))),
        Part::Snoozed { operator, tags } => {
            return Ok(Some((Along::Snoozed(operator), tagged(tags))));
        }
        Part::Queue { tags } => {
            let along = match rarest(tx, &tags).await? {
                Some((tag, _)) => Along::TagQueue(tag),
                None => Along::Queue,
            };
            return Ok(Some((along, tagged(tags))));
        }
        Part::Cases {
            status,
            operators,
            tags,
            awake_of,
        } => (status, operators, tags, awake_of),
    };
    let alone = operators.len() + tags.len() == 1;
    let mut fewest: Option<(OperatorId, Reach)> = None;
    for operator in &operators {
        let reach = if alone {
            Reach::default()
        } else {
            store::reach_of_operator(tx, *operator, limits::REACH_CASES).await?
        };
        if fewest.is_none_or(|(_, least)| reach < least) {
            fewest = Some((*operator, reach));
        }
    }
    let rarest = rarest(tx, &tags).await?;
    let along = match (fewest, rarest) {
        (None, None) => status.map_or(Along::All, Along::Status),
        (Some((_, of_operator)), Some((tag, of_tag))) if of_tag < of_operator => Along::Tag {
            tag,
            status,
            awake_of,
        },
        (None, Some((tag, _))) => Along::Tag {
            tag,
            status,
            awake_of,
        },
        (Some((operator, _)), _) => Along::Operator {
            operator,
            status,
            awake: awake_of == Some(operator),
        },
    };
    Ok(Some((along, Besides { operators, tags })))
}

/// The tag that is met least along the newest cases, and its reach.
async fn rarest(tx: &mut OrgTx<'_>, tags: &[TagId]) -> Result<Option<(TagId, Reach)>, Error> {
    let mut rarest: Option<(TagId, Reach)> = None;
    for tag in tags {
        let reach = store::reach_of_tag(tx, *tag, limits::REACH_CASES).await?;
        if rarest.is_none_or(|(_, least)| reach < least) {
            rarest = Some((*tag, reach));
        }
    }
    Ok(rarest)
}
