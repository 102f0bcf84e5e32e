//! Moving everything of a case to the one it is merged into.

use super::{FieldKey, fields_of, value};
use crate::audit::Verb;
use crate::auth::OperatorSession;
use crate::cases::view::ReadMark;
use crate::cases::{FieldName, lifecycle, search, store};
use crate::error::Error;
use crate::events::store::Reader;
use crate::events::{self, Event};
use crate::ids::CaseId;
use crate::tx::Write;
use crate::{chat, consents, custom_fields, guests, limits, location};

/// Merges `from` into `into`; both are held, and no call goes on in either.
///
/// # Errors
/// Notes or drafts that are too long together, or the database's.
pub async fn merge_in(
    write: &mut Write<'_>,
    who: &OperatorSession,
    into: CaseId,
    from: CaseId,
    take: &[FieldKey],
) -> Result<(), Error> {
    let too_long = chat::store::drafts_too_long(&mut write.org(), from, into).await?;
    if let Some(operator) = too_long {
        return Err(Error::MergeDraftsTooLong(operator));
    }
    let now = write.now();
    let gone = store::head(&mut write.org(), from)
        .await?
        .ok_or(Error::NotFound)?;
    let before = store::head(&mut write.org(), into)
        .await?
        .ok_or(Error::NotFound)?;
    let operators = store::operators_at_work(&mut write.org(), from).await?;
    let entry = store::next_entry(&mut write.org(), into, now).await?;
    let (operator_ids, queued) = lifecycle::seen_last(write, from).await?;
    let merged = |into, operator_ids, queued| Event::CaseMerged {
        number: gone.number,
        name: gone.name.clone(),
        entries: gone.last_entry,
        into,
        operator_ids,
        queued,
    };
    write.emit_entry(into, entry, who.who(), merged(None, Vec::new(), false));
    move_entries(write, from, into, entry, gone.number).await?;
    move_counters(write, (into, &before), (from, &gone), entry).await?;
    store::move_marks(&mut write.org(), from, into, entry).await?;
    chat::store::move_case(&mut write.org(), from, into, entry).await?;
    guests::store::move_case(&mut write.org(), from, into).await?;
    consents::store::move_case(&mut write.org(), from, into).await?;
    location::store::move_case(&mut write.org(), from, into).await?;
    move_fields(write, who, into, from, take).await?;

    for operator in operators {
        if !store::has_operator(&mut write.org(), into, operator).await? {
            lifecycle::join_locked(write, into, operator, who.who()).await?;
        }
    }
    for operator in store::operators(&mut write.org(), into).await? {
        store::refresh_unread(&mut write.org(), into, operator.id).await?;
    }
    if let (Some(since), Some(other)) = (before.waiting_since, gone.waiting_since)
        && other < since
    {
        store::wait_since(&mut write.org(), into, other).await?;
    }
    search::move_messages(write, from, into, entry).await?;
    search::reindex(write, into).await?;
    search::remove_case(write, from).await?;
    store::note_merged(&mut write.org(), from, into, gone.number, now).await?;
    store::delete(&mut write.org(), from).await?;
    events::store::erase_case(&mut write.org(), from).await?;
    let told = merged(Some(into), operator_ids, queued);
    write.emit(Some(from), who.who(), told);
    write.audit_with(who.who(), Verb::CaseMerged, into, from.to_string());
    Ok(())
}

/// Adds up what is counted, and how far everyone has read. Whoever had read all of `into` has read as much of `from`
/// as before; for everyone else all of it is new.
async fn move_counters(
    write: &mut Write<'_>,
    (into, before): (CaseId, &store::Head),
    (from, gone): (CaseId, &store::Head),
    offset: i64,
) -> Result<(), Error> {
    let reads = store::reads(&mut write.org(), into).await?;
    let coming = store::reads(&mut write.org(), from).await?;
    let guest_read = match (&before.guest_read, &gone.guest_read) {
        (Some(mark), Some(other)) if mark.entry >= before.last_entry => Some(ReadMark {
            entry: offset + other.entry,
            at: mark.at.max(other.at),
        }),
        (None, Some(other)) if before.last_entry == 0 => Some(ReadMark {
            entry: offset + other.entry,
            at: other.at,
        }),
        (mark, _) => mark.clone(),
    };
    let sum = store::Counters {
        entries: gone.last_entry,
        guest_messages: gone.guest_messages,
        guest_read,
        guest_seen_at: before.guest_seen_at.max(gone.guest_seen_at),
    };
    store::add_counters(&mut write.org(), into, &sum).await?;
    if gone.last_activity_at > before.last_activity_at {
        store::move_snippet(&mut write.org(), from, into).await?;
    }
    for read in coming {
        let standing = reads
            .iter()
            .find(|standing| standing.mark.operator_id == read.mark.operator_id)
            .map_or(0, |standing| standing.guest_messages);
        if standing == before.guest_messages {
            chat::store::put_operator_read(
                &mut write.org(),
                into,
                read.mark.operator_id,
                offset + read.mark.entry,
                standing + read.guest_messages,
                read.mark.at,
            )
            .await?;
        }
    }
    Ok(())
}

/// Writes the entries of `from` again as entries of `into`, behind `offset`, each as it was.
async fn move_entries(
    write: &mut Write<'_>,
    from: CaseId,
    into: CaseId,
    offset: i64,
    number: i64,
) -> Result<(), Error> {
    let mut after = 0;
    loop {
        let found = events::store::after_entry(
            &mut write.org(),
            from,
            after,
            Reader::Operator,
            limits::LIVE_READ_ROWS,
        )
        .await?;
        let Some(last) = found.last().and_then(|stamped| stamped.entry) else {
            return Ok(());
        };
        after = last;
        for stamped in found {
            write.emit_moved(into, offset, stamped, number);
        }
    }
}

/// Fills what is empty, takes what is asked for, and puts the notes one under the other.
async fn move_fields(
    write: &mut Write<'_>,
    who: &OperatorSession,
    into: CaseId,
    from: CaseId,
    take: &[FieldKey],
) -> Result<(), Error> {
    let now = write.now();
    custom_fields::store::hold(&mut write.org()).await?;
    let standing = fields_of(&mut write.org(), into).await?;
    let coming = fields_of(&mut write.org(), from).await?;
    for (key, field) in &coming {
        let taken = take.contains(key);
        let Some(text) = merged(*key, value(&standing, *key), &field.value, taken) else {
            continue;
        };
        if *key == FieldKey::Detail(FieldName::Notes)
            && text.chars().count() > limits::NOTES_CHARACTERS_MAX
        {
            return Err(Error::MergeTooLarge);
        }
        let version = standing.get(key).map_or(0, |field| field.version) + 1;
        match *key {
            FieldKey::Detail(name) => {
                store::put_field(&mut write.org(), into, name, &text, version, who.who(), now)
                    .await?;
                let renamed = name == FieldName::Name;
                if renamed {
                    store::rename(&mut write.org(), into, &text).await?;
                }
                let event = Event::CaseChanged {
                    field: name,
                    version,
                    name: renamed.then_some(text),
                };
                write.emit(Some(into), who.who(), event);
            }
            FieldKey::Custom(id) => {
                custom_fields::store::put_value(
                    &mut write.org(),
                    into,
                    id,
                    &text,
                    version,
                    who.who(),
                    now,
                )
                .await?;
                let event = Event::CaseFieldChanged {
                    field_id: id,
                    version,
                };
                write.emit(Some(into), who.who(), event);
            }
        }
    }
    Ok(())
}

/// What a field is after the merge, where that is not what it was.
fn merged(key: FieldKey, before: &str, coming: &str, taken: bool) -> Option<String> {
    if coming.is_empty() || coming == before {
        None
    } else if before.is_empty() || taken {
        Some(coming.to_owned())
    } else if key == FieldKey::Detail(FieldName::Notes) {
        Some(format!("{before}\n\n{coming}"))
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_lost_but_what_was_chosen_to_go() {
        let name = FieldKey::Detail(FieldName::Name);
        let notes = FieldKey::Detail(FieldName::Notes);
        for (key, before, coming, taken, expected) in [
            (name, "Ann", "", true, None),
            (name, "Ann", "Ann", true, None),
            (name, "", "Ben", false, Some("Ben")),
            (name, "Ann", "Ben", false, None),
            (name, "Ann", "Ben", true, Some("Ben")),
            (notes, "one", "two", false, Some("one\n\ntwo")),
            (notes, "one", "two", true, Some("two")),
            (notes, "one", "one", false, None),
        ] {
            assert_eq!(merged(key, before, coming, taken).as_deref(), expected);
        }
    }
}
