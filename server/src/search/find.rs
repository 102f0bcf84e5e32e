//! Answers to a question. Of the newest hits the best come first; behind them everything is newest first. A case is
//! told once, with its best hit among the newest, else with its newest. Hits in cases out of sight are dropped before
//! anything is counted, ordered or cut from them, so that no page and no cursor depends on them.

use std::collections::{HashMap, HashSet};

use deskside_db::OrgTx;

use super::cursor::Cursor;
use super::excerpt::{Excerpt, marks};
use super::fold::fold;
use super::index::{self, Part};
use super::question::Question;
use super::store::{self, Found, Scope, Stretch};
use super::{Hit, Place, SearchItem, SearchPage};
use crate::app::App;
use crate::auth::{OperatorSession, Sight};
use crate::cases::list;
use crate::cases::view::CaseRow;
use crate::cases::{self, sight};
use crate::error::{Error, FieldError, FieldErrorCode};
use crate::events::store::Reader;
use crate::events::{self, Event};
use crate::ids::CaseId;
use crate::limits;

/// How far a search looks; see the limits of these names.
#[derive(Debug, Clone, Copy)]
pub struct Reach {
    /// `SEARCH_BEST_HITS`.
    pub best_hits: usize,
    /// `SEARCH_OLDER_HITS`.
    pub older_hits: usize,
    /// `SEARCH_OWN_ROWS_MAX`.
    pub own_rows: i64,
}

impl Default for Reach {
    fn default() -> Self {
        Self {
            best_hits: limits::SEARCH_BEST_HITS,
            older_hits: limits::SEARCH_OLDER_HITS,
            own_rows: limits::SEARCH_OWN_ROWS_MAX,
        }
    }
}

/// Looks for what someone typed.
///
/// # Errors
/// A question that is too long, or the database's.
pub async fn search(
    app: &App,
    who: &OperatorSession,
    typed: &str,
    cursor: Option<Cursor>,
    limit: usize,
    reach: Reach,
) -> Result<SearchPage, Error> {
    if typed.chars().count() > limits::SEARCH_CHARACTERS_MAX {
        let error = FieldError::new("q", FieldErrorCode::TooLong);
        return Err(Error::Invalid(vec![error]));
    }
    let question = Question::read(typed);
    let viewer = who.clone();
    let (found, next, complete) = app
        .read(who.organization, move |tx| {
            Box::pin(async move {
                let scope = store::scope(tx).await?.ok_or(Error::NotFound)?;
                let complete = scope.left == 0;
                let Some(question) = question else {
                    return Ok((Vec::new(), None, complete));
                };
                let mut asking = Asking {
                    tx,
                    who: &viewer,
                    question: &question,
                    scope,
                    reach,
                };
                let (found, next) = asking.page(cursor, limit).await?;
                Ok((asking.show(&found).await?, next, complete))
            })
        })
        .await?;
    let (hits, rows): (Vec<Hit>, Vec<CaseRow>) = found.into_iter().unzip();
    let rows = list::with_presence(app, who, rows);
    Ok(SearchPage {
        items: rows
            .into_iter()
            .zip(hits)
            .map(|(case, hit)| SearchItem { case, hit })
            .collect(),
        next: next.map(|next| next.to_string()),
        complete,
    })
}

/// A question being answered, on one state of the database.
struct Asking<'a, 't> {
    tx: &'a mut OrgTx<'t>,
    who: &'a OperatorSession,
    question: &'a Question,
    scope: Scope,
    reach: Reach,
}

impl Asking<'_, '_> {
    async fn page(
        &mut self,
        cursor: Option<Cursor>,
        limit: usize,
    ) -> Result<(Vec<Found>, Option<Cursor>), Error> {
        let (top, after) = match cursor {
            Some(Cursor::Older { top, id }) => return self.older(Vec::new(), top, id, limit).await,
            Some(Cursor::Best { top, distance, id }) => (top, Some((distance, -id))),
            None => (self.scope.high, None),
        };
        let newest = self.newest(top, self.reach.best_hits).await?;
        let top = match cursor {
            None => newest.first().map_or(top, |hit| hit.id),
            Some(_) => top,
        };
        let oldest = newest.last().map_or(0, |hit| hit.id);
        let full = newest.len() == self.reach.best_hits;
        let mut best: HashMap<CaseId, ((u8, i64), Found)> = HashMap::new();
        for hit in newest {
            let distance = match hit.slot {
                index::DETAILS => self.question.distance(&hit.text),
                _ => 2,
            };
            // Newer ones came before.
            let place = (distance, -hit.id);
            match best.get(&hit.case_id) {
                Some((standing, _)) if *standing <= place => {}
                _ => {
                    best.insert(hit.case_id, (place, hit));
                }
            }
        }
        let mut ordered: Vec<((u8, i64), Found)> = best.into_values().collect();
        ordered.sort_by_key(|(place, _)| *place);
        ordered.retain(|(place, _)| after.is_none_or(|after| *place > after));
        let more = ordered.len() > limit;
        ordered.truncate(limit);
        let last = ordered
            .last()
            .map(|((distance, _), hit)| (*distance, hit.id));
        let page: Vec<Found> = ordered.into_iter().map(|(_, hit)| hit).collect();
        match last {
            Some((distance, id)) if more => Ok((page, Some(Cursor::Best { top, distance, id }))),
            _ if full => self.older(page, top, oldest, limit).await,
            _ => Ok((page, None)),
        }
    }

    /// Fills a page with the cases whose newest hit is older than `below`.
    async fn older(
        &mut self,
        mut page: Vec<Found>,
        top: i64,
        mut below: i64,
        limit: usize,
    ) -> Result<(Vec<Found>, Option<Cursor>), Error> {
        let mut cursor = Cursor::Older { top, id: below };
        // Each case is decided by the first of its hits that comes along.
        let mut decided: HashSet<CaseId> = page.iter().map(|hit| hit.case_id).collect();
        loop {
            let hits = self.newest(below - 1, self.reach.older_hits).await?;
            let full = hits.len() == self.reach.older_hits;
            for hit in hits {
                below = hit.id;
                if !decided.insert(hit.case_id) || self.has_newer(&hit, top).await? {
                    continue;
                }
                if page.len() == limit {
                    return Ok((page, Some(cursor)));
                }
                cursor = Cursor::Older { top, id: hit.id };
                page.push(hit);
            }
            if !full {
                return Ok((page, None));
            }
        }
    }

    /// Whether a case was told already, by a newer hit.
    async fn has_newer(&mut self, hit: &Found, top: i64) -> Result<bool, Error> {
        let newer = store::newer_of(self.tx, hit.case_id, self.question, hit.id, top).await?;
        Ok(newer.iter().any(|row| self.question.is_in(&row.text)))
    }

    /// The newest hits that this operator sees, up to `top`.
    async fn newest(&mut self, top: i64, count: usize) -> Result<Vec<Found>, Error> {
        let low = self.scope.low;
        let top = top.min(self.scope.high);
        if self.who.sight == Sight::Own {
            // Few cases are looked through row by row: that costs the same whatever the others hold.
            let (operator, most) = (self.who.operator, self.reach.own_rows);
            if store::own_count(self.tx, operator, most + 1).await? <= most {
                let all = Stretch { low, top };
                let mut hits = store::own_with(self.tx, operator, self.question, all, most).await?;
                hits.dedup_by_key(|hit| hit.id);
                hits.retain(|hit| self.question.is_in(&hit.text));
                hits.truncate(count);
                return Ok(hits);
            }
        }
        let mut hits = Vec::new();
        let mut top = top;
        while hits.len() < count {
            let limit = (count - hits.len()).max(self.reach.older_hits) as i64;
            let mut piece =
                store::with(self.tx, self.question, Stretch { low, top }, limit).await?;
            let last = piece.last().map(|hit| hit.id);
            let full = piece.len() as i64 == limit;
            piece.retain(|hit| self.question.is_in(&hit.text));
            hits.extend(self.seen(piece).await?);
            match last {
                Some(last) if full => top = last - 1,
                _ => break,
            }
        }
        hits.truncate(count);
        Ok(hits)
    }

    /// Those hits whose case this operator sees.
    async fn seen(&mut self, hits: Vec<Found>) -> Result<Vec<Found>, Error> {
        if self.who.sight == Sight::All {
            return Ok(hits);
        }
        let cases: HashSet<CaseId> = hits.iter().map(|hit| hit.case_id).collect();
        let seen: HashSet<CaseId> = sight::seen_of(self.tx, self.who, cases.into_iter().collect())
            .await?
            .into_iter()
            .collect();
        Ok(hits
            .into_iter()
            .filter(|hit| seen.contains(&hit.case_id))
            .collect())
    }

    /// What is shown of the hits, and their cases, in their order.
    async fn show(&mut self, hits: &[Found]) -> Result<Vec<(Hit, CaseRow)>, Error> {
        let places: Vec<list::Place> = hits
            .iter()
            .map(|hit| list::Place {
                at: hit.at,
                id: hit.case_id,
            })
            .collect();
        let rows = list::rows(self.tx, self.who.operator, &places).await?;
        let mut rows: HashMap<CaseId, CaseRow> =
            rows.into_iter().map(|row| (row.id, row)).collect();
        let of_details: Vec<CaseId> = hits
            .iter()
            .filter(|hit| hit.entry.is_none())
            .map(|hit| hit.case_id)
            .collect();
        let parts = cases::search::parts(self.tx, &of_details).await?;
        let mut shown = Vec::with_capacity(hits.len());
        for hit in hits {
            let one = match (hit.entry, parts.get(&hit.case_id)) {
                (Some(entry), _) => self.show_message(hit, entry).await?,
                (None, Some(parts)) => self.show_part(hit, parts),
                (None, None) => None,
            };
            shown.extend(one.zip(rows.remove(&hit.case_id)));
        }
        Ok(shown)
    }

    async fn show_message(&mut self, hit: &Found, entry: i64) -> Result<Option<Hit>, Error> {
        let found =
            events::store::after_entry(self.tx, hit.case_id, entry - 1, Reader::Operator, 1)
                .await?;
        let Some(stamped) = found.into_iter().find(|found| found.entry == Some(entry)) else {
            return Ok(None);
        };
        let (place, text) = match stamped.event {
            Event::MessageSent { text, .. } => (Place::Message, text),
            Event::MessageInternal { text, .. } => (Place::InternalMessage, text),
            _ => return Ok(None),
        };
        let marks = marks(self.question, &text, &fold(&text));
        Ok(Some(Hit {
            place,
            label: None,
            entry: Some(entry),
            at: stamped.at,
            snippet: Excerpt::of(&text, &marks),
        }))
    }

    /// The part in which most of the words stand; the first of several.
    fn show_part(&self, hit: &Found, parts: &[Part]) -> Option<Hit> {
        let mut best: Option<(usize, &Part)> = None;
        for part in index::parts_in(parts, hit.slot) {
            if !self.question.asks_for(part.place) {
                continue;
            }
            let words = self.question.count_in(&part.folded().text);
            if best.is_none_or(|(most, _)| words > most) {
                best = Some((words, part));
            }
        }
        let (_, part) = best?;
        let marks = marks(self.question, &part.text, &part.folded());
        Some(Hit {
            place: part.place,
            label: part.label.clone(),
            entry: None,
            at: hit.at,
            snippet: Excerpt::of(&part.text, &marks),
        })
    }
}
