//! The ledger of what guests answered when they were asked (O06): only ever added to, and gone with the case.
//!
//! A refusal leaves its row here and nothing anywhere else.

pub mod store;

use crate::cases::Language;
use crate::error::Error;
use crate::ids::{CaseId, ConsentId, GuestId};
use crate::tx::Write;

/// The sentence that asks for the location, as `web/guest` shows it. Whoever changes its meaning in any language
/// counts this up: the ledger says which text was answered.
pub const LOCATION_TEXT_VERSION: i64 = 1;

/// What was asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// The location.
    Location,
}

impl Kind {
    /// As stored.
    pub fn as_str(self) -> &'static str {
        match self {
            Kind::Location => "location",
        }
    }
}

/// What was answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Answer {
    /// Yes.
    Given,
    /// No.
    Refused,
}

impl Answer {
    /// As stored.
    pub fn as_str(self) -> &'static str {
        match self {
            Answer::Given => "given",
            Answer::Refused => "refused",
        }
    }
}

/// An answer about to be written down.
#[derive(Debug, Clone, Copy)]
pub struct NewConsent {
    /// The id it will have.
    pub id: ConsentId,
    /// The case in which it was asked.
    pub case_id: CaseId,
    /// The browser that answered.
    pub guest: GuestId,
    /// What for.
    pub kind: Kind,
    /// Yes or no.
    pub answer: Answer,
    /// Which text was answered.
    pub text_version: i64,
    /// In which language it stood there.
    pub language: Language,
}

/// Writes an answer down.
///
/// # Errors
/// The database's.
pub async fn note(write: &mut Write<'_>, consent: NewConsent) -> Result<(), Error> {
    let now = write.now();
    Ok(store::insert(&mut write.org(), &consent, now).await?)
}
