//! Cases: what they are, and the operations that change them.

pub mod assignment;
pub mod attention;
pub mod fields;
pub mod lifecycle;
pub mod list;
pub mod merge;
pub mod routes;
pub mod search;
pub mod sight;
pub mod snooze;
pub mod store;
pub mod tags;
pub mod view;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::app::App;
use crate::audit::Verb;
use crate::auth::OperatorSession;
use crate::custom_fields;
use crate::error::Error;
use crate::events::Event;
use crate::guests;
use crate::ids::CaseId;
use crate::once::Once;
use crate::text::{self, Checks};
use crate::tx::Write;

pub use fields::FieldName;

/// Where a case stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// Nobody has taken it.
    Awaiting,
    /// Operators work on it.
    Active,
    /// Done, until it is reopened.
    Completed,
}

impl Status {
    /// As stored.
    pub fn as_str(self) -> &'static str {
        match self {
            Status::Awaiting => "awaiting",
            Status::Active => "active",
            Status::Completed => "completed",
        }
    }

    /// From what is stored.
    ///
    /// # Errors
    /// For a text that is no status.
    pub fn parse(text: &str) -> Result<Self, deskside_db::DbError> {
        match text {
            "awaiting" => Ok(Status::Awaiting),
            "active" => Ok(Status::Active),
            "completed" => Ok(Status::Completed),
            other => Err(deskside_db::DbError::Decode(format!("case status {other}"))),
        }
    }
}

/// How a case came into being (S106).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Origin {
    /// An operator's form.
    Manual,
    /// The calendar.
    Calendar,
    /// The website widget.
    Widget,
    /// A booking page.
    BookingPage,
    /// The API.
    Api,
    /// Zapier and the like.
    Zapier,
}

impl Origin {
    /// As stored.
    pub fn as_str(self) -> &'static str {
        match self {
            Origin::Manual => "manual",
            Origin::Calendar => "calendar",
            Origin::Widget => "widget",
            Origin::BookingPage => "booking_page",
            Origin::Api => "api",
            Origin::Zapier => "zapier",
        }
    }

    /// From what is stored; anything unknown came from a program.
    pub fn parse(text: &str) -> Self {
        match text {
            "manual" => Origin::Manual,
            "calendar" => Origin::Calendar,
            "widget" => Origin::Widget,
            "booking_page" => Origin::BookingPage,
            "zapier" => Origin::Zapier,
            _ => Origin::Api,
        }
    }
}

/// One guest or several (S15).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum MeetingType {
    /// One guest.
    Individual,
    /// Several guests.
    Group,
}

impl MeetingType {
    /// As stored.
    pub fn as_str(self) -> &'static str {
        match self {
            MeetingType::Individual => "individual",
            MeetingType::Group => "group",
        }
    }

    /// From what is stored.
    pub fn parse(text: &str) -> Self {
        if text == "group" {
            MeetingType::Group
        } else {
            MeetingType::Individual
        }
    }
}

/// The languages a guest can be served in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Language {
    /// English.
    En,
    /// German.
    De,
}

impl Language {
    /// As stored and sent.
    pub fn as_str(self) -> &'static str {
        match self {
            Language::En => "en",
            Language::De => "de",
        }
    }

    /// From what is stored; English for anything unknown.
    pub fn parse(text: &str) -> Self {
        if text == "de" {
            Language::De
        } else {
            Language::En
        }
    }
}

/// A new case. Only the name is needed (S59, S60).
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewCase {
    /// What the customer and the team call it; the customer sees it.
    pub name: String,
    /// The customer's email address.
    #[serde(default)]
    pub email: String,
    /// The customer's phone number, with + and country code.
    #[serde(default)]
    pub phone: String,
    /// Own code for customer or case; only the team sees it.
    #[serde(default)]
    pub internal_reference: String,
    /// Notes that only the team sees.
    #[serde(default)]
    pub notes: String,
    /// The customer's language.
    #[serde(default)]
    pub language: Option<Language>,
}

/// Opens a case: number, fields, guest link, its creator joined. Done once per key.
///
/// # Errors
/// Field errors, a reused key, or the database's.
pub async fn create(
    app: &App,
    who: &OperatorSession,
    new: NewCase,
    once: Once,
) -> Result<CaseId, Error> {
    let mut checks = Checks::default();
    let values = [
        (
            FieldName::Name,
            checks.take("name", text::case_name(&new.name)),
        ),
        (
            FieldName::Email,
            checks.take("email", FieldName::Email.check(&new.email)),
        ),
        (
            FieldName::Phone,
            checks.take("phone", FieldName::Phone.check(&new.phone)),
        ),
        (
            FieldName::InternalReference,
            checks.take(
                "internal_reference",
                FieldName::InternalReference.check(&new.internal_reference),
            ),
        ),
        (
            FieldName::Notes,
            checks.take("notes", FieldName::Notes.check(&new.notes)),
        ),
        (
            FieldName::Language,
            new.language.unwrap_or(Language::En).as_str().to_owned(),
        ),
    ];
    checks.done()?;
    let link = guests::NewLink::make(app, who.organization)?;
    let who = who.clone();
    app.write(who.organization, move |write| {
        Box::pin(async move {
            let id = link.case_id();
            if let Some(made) = once.claim(write, id.uuid()).await? {
                return Ok(CaseId::from_uuid(made));
            }
            open(write, &who, id, &values).await?;
            link.insert(write).await?;
            Ok(id)
        })
    })
    .await
}

async fn open(
    write: &mut Write<'_>,
    who: &OperatorSession,
    id: CaseId,
    values: &[(FieldName, String)],
) -> Result<(), Error> {
    let now = write.now();
    let name = values
        .iter()
        .find(|(field, _)| *field == FieldName::Name)
        .map_or("", |(_, name)| name.as_str());
    // Before the organization's row, which gives the number: who changes the definitions takes them in this order too.
    custom_fields::store::hold(&mut write.org()).await?;
    store::insert(
        &mut write.org(),
        id,
        name,
        Origin::Manual,
        MeetingType::Individual,
        now,
    )
    .await?;
    for (field, value) in values.iter().filter(|(_, value)| !value.is_empty()) {
        store::put_field(&mut write.org(), id, *field, value, 1, who.who(), now).await?;
    }
    custom_fields::values::put_defaults(write, who.who(), id).await?;
    let entry = store::next_entry(&mut write.org(), id, now).await?;
    write.emit_entry(
        id,
        entry,
        who.who(),
        Event::CaseCreated {
            origin: Origin::Manual,
        },
    );
    lifecycle::join_created(write, id, who.operator, who.who()).await?;
    write.audit(who.who(), Verb::CaseCreated, id);
    search::reindex(write, id).await
}

/// What a row of the list and the head of the page need to know of the last words.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Snippet {
    /// Who wrote it.
    pub from: crate::events::ActorKind,
    /// Which operator or guest.
    pub actor_id: Option<String>,
    /// Its first words.
    pub text: String,
}
