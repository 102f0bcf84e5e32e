//! Custom fields: what administrators want to know about every case (S117), filled in by operators (S116).
//!
//! Nothing that people typed is ever dropped by changing a field (P23): another kind is taken only when every value
//! has a place in it, an option in use is retired instead of removed, and a field with values is deleted only after
//! it was archived and with a word that the values go too.

pub mod change;
pub mod define;
mod forms;
pub mod kinds;
pub mod routes;
pub mod steps;
pub mod store;
pub mod survey;
pub mod sweep;
pub mod values;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::cases::fields::Field;
use crate::ids::CustomFieldId;

pub use kinds::{FieldKind, Shape};

/// The pictures that a field may have, by the names of the icons on the web.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "each is the name of its picture")]
pub enum FieldIcon {
    Tag,
    Star,
    Box,
    Card,
    Calendar,
    Globe,
    Person,
    Home,
    Wrench,
    Shield,
    Clip,
    Pin,
}

impl FieldIcon {
    const ALL: [(FieldIcon, &'static str); 12] = [
        (FieldIcon::Tag, "tag"),
        (FieldIcon::Star, "star"),
        (FieldIcon::Box, "box"),
        (FieldIcon::Card, "card"),
        (FieldIcon::Calendar, "calendar"),
        (FieldIcon::Globe, "globe"),
        (FieldIcon::Person, "person"),
        (FieldIcon::Home, "home"),
        (FieldIcon::Wrench, "wrench"),
        (FieldIcon::Shield, "shield"),
        (FieldIcon::Clip, "clip"),
        (FieldIcon::Pin, "pin"),
    ];

    /// As stored.
    pub fn as_str(self) -> &'static str {
        Self::ALL
            .iter()
            .find(|(icon, _)| *icon == self)
            .map_or("tag", |(_, name)| name)
    }

    /// From what is stored; a tag for anything unknown.
    pub fn parse(text: &str) -> Self {
        Self::ALL
            .iter()
            .find(|(_, name)| *name == text)
            .map_or(FieldIcon::Tag, |(icon, _)| *icon)
    }
}

/// One of the values of a choice.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct FieldOption {
    /// Its id, unique in its field.
    pub id: String,
    /// What people read.
    pub label: String,
    /// Whether it can be chosen no more; where it stands it stays.
    pub retired: bool,
}

/// A field that an administrator defined.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct CustomField {
    /// Its id.
    pub id: CustomFieldId,
    /// What it is called.
    pub label: String,
    /// What can be filled in.
    pub kind: FieldKind,
    /// Its picture.
    pub icon: FieldIcon,
    /// A sentence for whoever fills it in; empty when none is needed.
    pub help: String,
    /// Whether a case can be completed only with it.
    pub required: bool,
    /// What it holds in a new case; empty for nothing.
    pub default_value: String,
    /// What can be chosen, with the kinds `choice` and `choices`.
    pub options: Vec<FieldOption>,
    /// Its place among the fields, from 0.
    pub position: i64,
    /// Whether it is put away: no case shows it, its values stay.
    pub archived: bool,
    /// In how many cases it is filled in; only administrators are told, in the list.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub used: Option<i64>,
}

impl CustomField {
    /// What its values look like.
    pub fn shape(&self) -> Shape<'_> {
        Shape {
            kind: self.kind,
            options: &self.options,
        }
    }
}

/// A custom field in a case.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct CaseCustomField {
    /// The field.
    pub field: CustomField,
    /// What it holds here.
    pub value: Field,
}

/// A custom field as a problem names it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct CustomFieldRef {
    /// Its id.
    pub id: CustomFieldId,
    /// What it is called.
    pub label: String,
}
