//! What goes into the index: the details of a case as a few documents, and each message as one. Written when the write
//! that made it has its event numbers, in the same transaction.

use std::collections::BTreeMap;

use deskside_db::{DbError, OrgTx, Time};

use super::Place;
use super::fold::{Folded, fold, fold_phone};
use super::question::{BEFORE_NUMBER, BEFORE_OTHER, BEFORE_START};
use super::store::{self, NewRow, Standing};
use crate::events::{Event, NewEvent, Stamped};
use crate::ids::CaseId;
use crate::limits;

/// The slot of a message.
pub const MESSAGE: i64 = 0;
/// The slot of a message among operators.
pub const INTERNAL_MESSAGE: i64 = 255;
/// The slot of the short texts of the details, which are one document: words may stand in several of them.
pub const DETAILS: i64 = 1;
/// The slot of the notes.
const NOTES: i64 = 2;
/// The slots of long custom fields.
const LONG: std::ops::RangeInclusive<i64> = 3..=254;

/// A text of the details.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Part {
    /// Which kind of text.
    pub place: Place,
    /// What the field is called, where administrators named it.
    pub label: Option<String>,
    /// The text as people read it.
    pub text: String,
}

impl Part {
    /// The text as it is compared.
    pub fn folded(&self) -> Folded {
        match self.place {
            Place::Phone => fold_phone(&self.text),
            _ => fold(&self.text),
        }
    }

    fn is_long(&self) -> bool {
        self.text.len() > limits::DETAIL_BYTES_MAX
    }

    /// The slot of the document that it stands in, `long` being the next free one of the long texts.
    fn slot(&self, long: i64) -> i64 {
        match self.place {
            Place::Notes => NOTES,
            Place::CustomField if self.is_long() && LONG.contains(&long) => long,
            _ => DETAILS,
        }
    }
}

/// The documents of a case's details: by slot, folded.
pub fn documents(parts: &[Part]) -> BTreeMap<i64, String> {
    let mut documents: BTreeMap<i64, String> = BTreeMap::new();
    let mut long = *LONG.start();
    for part in parts.iter().filter(|part| !part.text.is_empty()) {
        let slot = part.slot(long);
        long += i64::from(slot == long);
        let before = match part.place {
            Place::Number => BEFORE_NUMBER,
            Place::Name | Place::InternalReference => BEFORE_START,
            _ => BEFORE_OTHER,
        };
        let document = documents.entry(slot).or_default();
        if slot == DETAILS {
            document.extend([before, before]);
        }
        document.push_str(&part.folded().text);
    }
    if let Some(details) = documents.get_mut(&DETAILS) {
        details.push(BEFORE_OTHER);
    }
    documents.retain(|_, text| !text.is_empty());
    documents
}

/// Those of the parts that stand in a document.
pub fn parts_in(parts: &[Part], slot: i64) -> Vec<&Part> {
    let mut long = *LONG.start();
    let mut found = Vec::new();
    for part in parts.iter().filter(|part| !part.text.is_empty()) {
        let own = part.slot(long);
        long += i64::from(own == long);
        if own == slot {
            found.push(part);
        }
    }
    found
}

/// A change of the index, collected by a write.
#[derive(Debug, Clone)]
pub enum Change {
    /// A message was written: an entry of this write.
    Message {
        /// The case.
        case_id: CaseId,
        /// The entry.
        entry: i64,
        /// Whether only operators see it.
        internal: bool,
        /// Its text.
        text: String,
    },
    /// The details of a case are these now.
    Details {
        /// The case.
        case_id: CaseId,
        /// By slot, folded.
        documents: BTreeMap<i64, String>,
        /// Whether the case comes from the past: nobody is changing it now.
        past: bool,
    },
}

/// Carries the changes of a write out; whether a job has to go on with them. `events` are those of the write, the last
/// of them with the number `last`.
///
/// # Errors
/// The database's.
pub async fn flush(
    tx: &mut OrgTx<'_>,
    changes: &[Change],
    events: &[NewEvent],
    last: i64,
    now: Time,
) -> Result<bool, DbError> {
    let mut unsettled = false;
    let first = last - events.len() as i64 + 1;
    let seq_of = |wanted: &dyn Fn(&NewEvent) -> bool| {
        let at = events.iter().rposition(wanted)?;
        Some(first + at as i64)
    };
    for (at, change) in changes.iter().enumerate() {
        match change {
            Change::Message {
                case_id,
                entry,
                internal,
                text,
            } => {
                let own = |event: &NewEvent| {
                    event.case_id == Some(*case_id) && event.entry == Some(*entry)
                };
                let seq = seq_of(&own)
                    .ok_or_else(|| DbError::Other("a message without its entry".into()))?;
                insert_message(tx, *case_id, *entry, seq, now, *internal, text).await?;
            }
            Change::Details {
                case_id,
                documents,
                past,
            } => {
                let again = changes[at + 1..].iter().any(
                    |later| matches!(later, Change::Details { case_id: other, .. } if other == case_id),
                );
                if !again {
                    let seq = seq_of(&|event: &NewEvent| event.case_id == Some(*case_id));
                    let state = if *past {
                        store::INDEXED
                    } else {
                        store::WAITING
                    };
                    unsettled |= put_details(tx, *case_id, documents, seq, state, now).await?;
                }
            }
        }
    }
    Ok(unsettled)
}

/// Puts an event of the past into the index, if it is a message; one that is there already stays as it is.
///
/// # Errors
/// The database's.
pub async fn insert_past(tx: &mut OrgTx<'_>, stamped: &Stamped) -> Result<(), DbError> {
    let (internal, text) = match &stamped.event {
        Event::MessageSent { text, .. } => (false, text),
        Event::MessageInternal { text, .. } => (true, text),
        _ => return Ok(()),
    };
    let (Some(case_id), Some(entry)) = (stamped.case_id, stamped.entry) else {
        return Ok(());
    };
    insert_message(tx, case_id, entry, stamped.seq, stamped.at, internal, text).await
}

async fn insert_message(
    tx: &mut OrgTx<'_>,
    case_id: CaseId,
    entry: i64,
    seq: i64,
    at: Time,
    internal: bool,
    text: &str,
) -> Result<(), DbError> {
    let row = NewRow {
        seq,
        slot: if internal { INTERNAL_MESSAGE } else { MESSAGE },
        case_id,
        entry: Some(entry),
        at,
        state: store::INDEXED,
        text: &fold(text).text,
    };
    store::insert(tx, &row).await?;
    Ok(())
}

/// Makes the rows of a case's details what they should be; whether the index has something left to do. Rows that stay
/// the same keep their place; one that changes with an event of its case moves to the newest place.
async fn put_details(
    tx: &mut OrgTx<'_>,
    case_id: CaseId,
    documents: &BTreeMap<i64, String>,
    seq: Option<i64>,
    state: i64,
    now: Time,
) -> Result<bool, DbError> {
    let mut standing: BTreeMap<i64, Standing> = store::details_of(tx, case_id)
        .await?
        .into_iter()
        .map(|row| (row.slot, row))
        .collect();
    let mut unsettled = false;
    for (slot, text) in documents {
        let before = standing.remove(slot);
        let mut row = NewRow {
            seq: seq.unwrap_or_default(),
            slot: *slot,
            case_id,
            entry: None,
            at: now,
            state,
            text,
        };
        match (&before, seq) {
            (Some(standing), _) if standing.text == *text => continue,
            (Some(standing), None) => {
                if standing.state == store::WAITING
                    || !store::insert_beside(tx, standing.id, &row).await?
                {
                    store::rewrite(tx, standing.id, text, now).await?;
                    continue;
                }
                store::let_go(tx, standing).await?;
            }
            (Some(standing), Some(_)) => {
                store::let_go(tx, standing).await?;
                store::insert(tx, &row).await?;
            }
            (None, Some(_)) => {
                store::insert(tx, &row).await?;
            }
            (None, None) => {
                let Some(created) = store::created_seq(tx, case_id).await? else {
                    continue;
                };
                row.seq = created;
                store::insert(tx, &row).await?;
            }
        }
        unsettled |= state == store::WAITING;
    }
    for row in standing.values() {
        store::let_go(tx, row).await?;
        unsettled = true;
    }
    Ok(unsettled)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn part(place: Place, text: &str) -> Part {
        Part {
            place,
            label: None,
            text: text.into(),
        }
    }

    #[test]
    fn short_texts_are_one_document_and_long_ones_their_own() {
        let long = "x".repeat(limits::DETAIL_BYTES_MAX + 1);
        let parts = [
            part(Place::Number, "29"),
            part(Place::Name, "Nick Müller"),
            part(Place::Email, ""),
            part(Place::Phone, "+49 170 1"),
            part(Place::CustomField, "Gold"),
            part(Place::CustomField, &long),
            part(Place::CustomField, &long.replace('x', "y")),
            part(Place::Notes, "Ruft später an"),
        ];
        let documents = documents(&parts);
        assert_eq!(
            documents[&DETAILS],
            "\u{1}\u{1}29\u{2}\u{2}nick muller\u{3}\u{3}491701\u{3}\u{3}gold\u{3}"
        );
        assert_eq!(documents[&NOTES], "ruft spater an");
        assert_eq!(documents[&3], long);
        assert!(documents[&4].starts_with('y'));
        assert_eq!(parts_in(&parts, 4), [&parts[6]]);
        assert_eq!(parts_in(&parts, DETAILS).len(), 4);
        assert_eq!(parts_in(&parts, NOTES), [&parts[7]]);
    }
}
