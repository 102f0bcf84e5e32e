//! The texts of a case's details as search knows them: what goes into the index, and what is shown of a hit.

use std::collections::HashMap;

use deskside_db::OrgTx;

use super::{FieldName, store};
use crate::custom_fields;
use crate::error::Error;
use crate::events;
use crate::events::store::Reader;
use crate::ids::CaseId;
use crate::limits;
use crate::search::Place;
use crate::search::index::{self, Change, Part};
use crate::search::{store as search_store, tend};
use crate::tx::Write;

/// Puts the details of a case into the index as they stand in this write. Whoever changes one of them calls this.
///
/// # Errors
/// The database's.
pub async fn reindex(write: &mut Write<'_>, case_id: CaseId) -> Result<(), Error> {
    put(write, case_id, false).await
}

/// The same for a case from before the index.
///
/// # Errors
/// The database's.
pub async fn index_past(write: &mut Write<'_>, case_id: CaseId) -> Result<(), Error> {
    put(write, case_id, true).await
}

async fn put(write: &mut Write<'_>, case_id: CaseId, past: bool) -> Result<(), Error> {
    let parts = parts(&mut write.org(), &[case_id]).await?;
    if let Some(parts) = parts.get(&case_id) {
        write.index(Change::Details {
            case_id,
            documents: index::documents(parts),
            past,
        });
    }
    Ok(())
}

/// Takes everything of a case out of the index: in the write that deletes the case.
///
/// # Errors
/// The database's.
pub async fn remove_case(write: &mut Write<'_>, case_id: CaseId) -> Result<(), Error> {
    search_store::let_go_of(&mut write.org(), case_id).await?;
    let (organization, now) = (write.organization(), write.now());
    write.enqueue(tend::purge(organization, now)).await?;
    Ok(())
}

/// Gives the messages of a case to the one that it is merged into, where their entries come `offset` later. The details
/// of both are the caller's: `reindex` for the one that stays, `remove_case` for the one that goes.
///
/// # Errors
/// The database's.
pub async fn move_messages(
    write: &mut Write<'_>,
    from: CaseId,
    into: CaseId,
    offset: i64,
) -> Result<(), Error> {
    let scope = search_store::scope(&mut write.org()).await?;
    if scope.is_some_and(|scope| scope.left > 0) {
        index_messages(write, from).await?;
    }
    Ok(search_store::move_messages(&mut write.org(), from, into, offset).await?)
}

/// Makes sure that all messages of a case are in the index, while the past is still being read.
async fn index_messages(write: &mut Write<'_>, case_id: CaseId) -> Result<(), Error> {
    let mut after = 0;
    loop {
        let tx = &mut write.org();
        let rows = limits::LIVE_READ_ROWS;
        let found = events::store::after_entry(tx, case_id, after, Reader::Operator, rows).await?;
        let Some(last) = found.last().and_then(|stamped| stamped.entry) else {
            return Ok(());
        };
        after = last;
        for stamped in &found {
            index::insert_past(tx, stamped).await?;
        }
    }
}

/// The texts of cases, in the order in which the details show them.
///
/// # Errors
/// The database's.
pub async fn parts(
    tx: &mut OrgTx<'_>,
    cases: &[CaseId],
) -> Result<HashMap<CaseId, Vec<Part>>, Error> {
    let mut found = HashMap::new();
    for case_id in cases {
        if found.contains_key(case_id) {
            continue;
        }
        let Some(head) = store::head(tx, *case_id).await? else {
            continue;
        };
        let mut fields = store::fields(tx, *case_id).await?;
        let mut parts = vec![
            part(Place::Number, head.number.to_string()),
            part(Place::Name, head.name),
        ];
        for (place, field) in [
            (Place::InternalReference, FieldName::InternalReference),
            (Place::Email, FieldName::Email),
            (Place::Phone, FieldName::Phone),
        ] {
            let text = fields.remove(&field).map(|field| field.value);
            parts.push(part(place, text.unwrap_or_default()));
        }
        for own in custom_fields::values::in_case(tx, *case_id).await? {
            let text = own.field.shape().words(&own.value.value);
            parts.push(Part {
                place: Place::CustomField,
                text: text.unwrap_or_default(),
                label: Some(own.field.label),
            });
        }
        let notes = fields.remove(&FieldName::Notes).map(|field| field.value);
        parts.push(part(Place::Notes, notes.unwrap_or_default()));
        found.insert(*case_id, parts);
    }
    Ok(found)
}

fn part(place: Place, text: String) -> Part {
    Part {
        place,
        label: None,
        text,
    }
}
