//! Search (S85, E30): texts of cases are folded ([`fold`]) and kept in `search_rows` by the write that makes them
//! ([`index`]); a question ([`question`]) asks an index over these, trigrams of FTS5 or of pg_trgm. Who sees which case is
//! the rule of `cases/sight.rs`, asked for every hit before anything is made of it ([`find`]).

pub mod cursor;
pub mod excerpt;
pub mod find;
pub mod fold;
pub mod index;
pub mod question;
pub mod routes;
pub mod spellings;
pub mod store;
pub mod tend;

use deskside_db::Time;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::cases::view::CaseRow;

pub use excerpt::Excerpt;
pub use find::search;

/// The kinds of text that are searched.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Place {
    /// The case's number.
    Number,
    /// The case's name.
    Name,
    /// Own code for customer or case.
    InternalReference,
    /// The customer's email address.
    Email,
    /// The customer's phone number.
    Phone,
    /// A field that administrators defined.
    CustomField,
    /// Notes for the team.
    Notes,
    /// A message that the customer sees.
    Message,
    /// A message among operators.
    InternalMessage,
}

/// Where something was found in a case.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Hit {
    /// The kind of text.
    #[serde(rename = "where")]
    pub place: Place,
    /// With `custom_field`: what the field is called.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub label: Option<String>,
    /// With messages: the entry of the timeline.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub entry: Option<i64>,
    /// When the text was written.
    pub at: Time,
    /// The piece of it around what was found.
    pub snippet: Excerpt,
}

/// A case in which something was found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct SearchItem {
    /// The case.
    pub case: CaseRow,
    /// The best of what was found in it.
    pub hit: Hit,
}

/// A page of what was found: best of the newest first, then newest first.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct SearchPage {
    /// The cases, each once.
    pub items: Vec<SearchItem>,
    /// The cursor of the next page; none at the end.
    pub next: Option<String>,
    /// False while texts from before an upgrade are still being read into the index: something may be missing yet.
    pub complete: bool,
}
