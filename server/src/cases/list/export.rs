//! A list of cases as CSV (RFC 4180): read in batches, written as they come, however many there are.

use std::collections::BTreeMap;

use bytes::Bytes;
use deskside_db::{OrgTx, Time};
use futures_util::{Stream, stream};
use jiff::Timestamp;
use jiff::tz::TimeZone;

use super::{Filter, Place, cut, page};
use crate::app::App;
use crate::auth::{self, OperatorSession, Right, policy};
use crate::cases::store::ExportRow;
use crate::cases::{FieldName, Language, Status, store};
use crate::custom_fields::{self, CustomField, FieldKind};
use crate::error::Error;
use crate::ids::CaseId;
use crate::{limits, team};

/// What a spreadsheet reads as the beginning of a formula (OWASP ASVS 5.0, 1.2.10).
const FORMULA: [char; 6] = ['=', '+', '-', '@', '\t', '\r'];

/// The byte order mark, without which spreadsheets take UTF-8 for something else.
const MARK: &str = "\u{feff}";

/// How an operator reads a list.
struct Reader {
    language: Language,
    zone: TimeZone,
    fields: Vec<CustomField>,
}

/// Where an export stands.
struct Standing {
    app: App,
    who: OperatorSession,
    filter: Filter,
    reader: Reader,
    /// None before the first batch.
    cursor: Option<Place>,
    more: bool,
}

/// The lines of a list, some at a time; the first ones with the words of the columns.
///
/// # Errors
/// The missing right, or the database's; one that comes later cuts the stream off.
pub async fn lines(
    app: &App,
    who: &OperatorSession,
    filter: Filter,
) -> Result<impl Stream<Item = Result<Bytes, Error>> + use<>, Error> {
    policy::need(who, Right::Export)?;
    let operator = who.operator;
    let (me, fields) = app
        .read(who.organization, move |tx| {
            Box::pin(async move {
                let me = team::store::operator(tx, operator)
                    .await?
                    .ok_or(Error::NotSignedIn)?;
                Ok((me, custom_fields::store::fields(tx).await?))
            })
        })
        .await?;
    let reader = Reader {
        language: me.language,
        zone: TimeZone::get(&me.time_zone).unwrap_or(TimeZone::UTC),
        fields: fields.into_iter().filter(|field| !field.archived).collect(),
    };
    let mut standing = Standing {
        app: app.clone(),
        who: who.clone(),
        filter,
        reader,
        cursor: None,
        more: true,
    };
    let head = format!("{MARK}{}", line(standing.reader.columns()));
    let first = head + &standing.batch().await?;
    let rest = stream::try_unfold(standing, |mut standing| async move {
        if !standing.more {
            return Ok(None);
        }
        let lines = standing.batch().await.inspect_err(|error| {
            tracing::warn!(error = %error, "An export was cut off.");
        })?;
        Ok(Some((Bytes::from(lines), standing)))
    });
    let first = stream::once(async move { Ok(Bytes::from(first)) });
    Ok(futures_util::StreamExt::chain(first, rest))
}

impl Standing {
    /// The next lines.
    async fn batch(&mut self) -> Result<String, Error> {
        let (who, filter, cursor) = (self.who.clone(), self.filter.clone(), self.cursor);
        let limit = limits::EXPORT_ROWS;
        let (rows, last) = self
            .app
            .read(self.who.organization, move |tx| {
                Box::pin(async move {
                    // Whoever reads slowly reads no longer than the right to it lasts.
                    match auth::now(tx, who.session, who.operator).await? {
                        None => return Err(Error::NotSignedIn),
                        Some(now) if now != who => return Err(Error::Forbidden),
                        Some(_) => {}
                    }
                    let mut places = page(tx, &who, &filter, cursor, limit + 1).await?;
                    let more = cut(&mut places, limit).is_some();
                    let ids: Vec<CaseId> = places.iter().map(|place| place.id).collect();
                    let last = places.last().copied().filter(|_| more);
                    Ok((read(tx, &ids).await?, last))
                })
            })
            .await?;
        (self.cursor, self.more) = (last, last.is_some());
        Ok(rows
            .iter()
            .map(|row| line(self.reader.cells(row)))
            .collect())
    }
}

/// A case with all that its line says.
struct Exported {
    row: ExportRow,
    customs: BTreeMap<crate::ids::CustomFieldId, String>,
}

async fn read(tx: &mut OrgTx<'_>, ids: &[CaseId]) -> Result<Vec<Exported>, Error> {
    let mut customs = custom_fields::store::values_of(tx, ids).await?;
    let mut rows = store::export_rows(tx, ids).await?;
    rows.sort_by_key(|row| ids.iter().position(|id| *id == row.id));
    Ok(rows
        .into_iter()
        .map(|row| Exported {
            customs: customs.remove(&row.id).unwrap_or_default(),
            row,
        })
        .collect())
}

impl Reader {
    fn columns(&self) -> Vec<String> {
        let zone = self.zone.iana_name().unwrap_or("UTC");
        let words: [&str; 13] = match self.language {
            Language::En => [
                "Number",
                "Name",
                "Status",
                "Created",
                "Completed",
                "Last activity",
                "Operators",
                "Tags",
                "Email",
                "Phone",
                "Internal reference",
                "Language",
                "Notes",
            ],
            Language::De => [
                "Nummer",
                "Name",
                "Status",
                "Erstellt",
                "Abgeschlossen",
                "Letzte Aktivität",
                "Mitarbeiter",
                "Tags",
                "E-Mail",
                "Telefon",
                "Interne Referenz",
                "Sprache",
                "Notizen",
            ],
        };
        let times = 3..=5;
        words
            .into_iter()
            .enumerate()
            .map(|(at, word)| {
                if times.contains(&at) {
                    format!("{word} ({zone})")
                } else {
                    word.to_owned()
                }
            })
            .chain(self.fields.iter().map(|field| field.label.clone()))
            .collect()
    }

    fn cells(&self, case: &Exported) -> Vec<String> {
        let row = &case.row;
        let detail = |name: FieldName| row.fields.get(&name).cloned().unwrap_or_default();
        let mut cells = vec![
            row.number.to_string(),
            row.name.clone(),
            self.status(row.status).to_owned(),
            self.time(Some(row.created_at)),
            self.time(row.completed_at),
            self.time(Some(row.last_activity_at)),
            row.operators.join(", "),
            row.tags.join(", "),
            detail(FieldName::Email),
            detail(FieldName::Phone),
            detail(FieldName::InternalReference),
            detail(FieldName::Language),
            detail(FieldName::Notes),
        ];
        for field in &self.fields {
            let value = case.customs.get(&field.id).map_or("", String::as_str);
            cells.push(self.custom(field, value));
        }
        cells
    }

    fn status(&self, status: Status) -> &'static str {
        match (self.language, status) {
            (Language::En, Status::Awaiting) => "Awaiting",
            (Language::En, Status::Active) => "Active",
            (Language::En, Status::Completed) => "Completed",
            (Language::De, Status::Awaiting) => "Wartet",
            (Language::De, Status::Active) => "Aktiv",
            (Language::De, Status::Completed) => "Abgeschlossen",
        }
    }

    /// A time to the minute, as spreadsheets read it, in the operator's time zone.
    fn time(&self, time: Option<Time>) -> String {
        time.and_then(|time| Timestamp::from_millisecond(time.as_millis()).ok())
            .map(|time| time.to_zoned(self.zone.clone()))
            .map(|time| time.strftime("%Y-%m-%d %H:%M").to_string())
            .unwrap_or_default()
    }

    fn custom(&self, field: &CustomField, value: &str) -> String {
        match (field.kind, self.language) {
            (FieldKind::Checkbox, Language::En) if value == "true" => "Yes".to_owned(),
            (FieldKind::Checkbox, Language::De) if value == "true" => "Ja".to_owned(),
            (FieldKind::Checkbox, _) => String::new(),
            _ => field.shape().words(value).unwrap_or_default(),
        }
    }
}

/// One line with its end.
fn line(cells: Vec<String>) -> String {
    let cells: Vec<String> = cells.iter().map(|text| cell(text)).collect();
    cells.join(",") + "\r\n"
}

/// A text as a cell: never a formula, and in quotes where it holds what separates.
fn cell(text: &str) -> String {
    let guard = if text.starts_with(FORMULA) { "'" } else { "" };
    if text.contains([',', '"', '\n', '\r']) {
        format!("\"{guard}{}\"", text.replace('"', "\"\""))
    } else {
        format!("{guard}{text}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cell_is_text_whatever_stands_in_it() {
        for (text, expected) in [
            ("", ""),
            ("Nick Evans", "Nick Evans"),
            ("Evans, Nick", "\"Evans, Nick\""),
            ("says \"hi\"", "\"says \"\"hi\"\"\""),
            ("one\ntwo", "\"one\ntwo\""),
            ("=1+1", "'=1+1"),
            ("+49 30 1", "'+49 30 1"),
            ("-1", "'-1"),
            ("@me", "'@me"),
            ("\tx", "'\tx"),
            ("\rx", "\"'\rx\""),
            ("=\"a\",1", "\"'=\"\"a\"\",1\""),
            ("1=1", "1=1"),
        ] {
            assert_eq!(cell(text), expected);
        }
    }
}
