//! The kinds of custom fields: what is a value of each, and what becomes of a value when the kind changes.
//!
//! Values are texts: a number as decimals, a date as `YYYY-MM-DD`, a checkbox as `true` or nothing, a choice as the
//! id of its option, several choices as their ids joined by commas in the order of the options.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::FieldOption;
use super::forms::{date, link, number};
use crate::error::FieldErrorCode;
use crate::limits;
use crate::text;

/// The kinds (E38).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum FieldKind {
    /// One line.
    Text,
    /// Many lines.
    LongText,
    /// A decimal number.
    Number,
    /// A day.
    Date,
    /// One of some options.
    Choice,
    /// Any of some options.
    Choices,
    /// Yes or not yet.
    Checkbox,
    /// An address of the web.
    Link,
}

impl FieldKind {
    const ALL: [(FieldKind, &'static str); 8] = [
        (FieldKind::Text, "text"),
        (FieldKind::LongText, "long_text"),
        (FieldKind::Number, "number"),
        (FieldKind::Date, "date"),
        (FieldKind::Choice, "choice"),
        (FieldKind::Choices, "choices"),
        (FieldKind::Checkbox, "checkbox"),
        (FieldKind::Link, "link"),
    ];

    /// As stored.
    pub fn as_str(self) -> &'static str {
        Self::ALL
            .iter()
            .find(|(kind, _)| *kind == self)
            .map_or("text", |(_, name)| name)
    }

    /// From what is stored; anything unknown is shown as text.
    pub fn parse(text: &str) -> Self {
        Self::ALL
            .iter()
            .find(|(_, name)| *name == text)
            .map_or(FieldKind::Text, |(kind, _)| *kind)
    }

    /// Whether its values are options.
    pub fn has_options(self) -> bool {
        matches!(self, FieldKind::Choice | FieldKind::Choices)
    }
}

/// A kind with its options.
#[derive(Debug, Clone, Copy)]
pub struct Shape<'a> {
    /// The kind.
    pub kind: FieldKind,
    /// The options; none where the kind has none.
    pub options: &'a [FieldOption],
}

impl Shape<'_> {
    /// The value as it is kept, or why not; the empty one is always right. `standing` is what stands there now: an
    /// option that was retired may stay where it is, and be chosen nowhere else.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn check(self, value: &str, standing: &str) -> Result<String, FieldErrorCode> {
        if value.trim().is_empty() {
            return Ok(String::new());
        }
        match self.kind {
            FieldKind::Text => text::line(value, limits::CUSTOM_TEXT_CHARACTERS_MAX),
            FieldKind::LongText => text::lines(value, limits::CUSTOM_LONG_TEXT_CHARACTERS_MAX),
            FieldKind::Number => number(value.trim()),
            FieldKind::Date => date(value.trim()),
            FieldKind::Link => link(value.trim()),
            FieldKind::Checkbox if value == "true" => Ok(value.to_owned()),
            FieldKind::Checkbox => Err(FieldErrorCode::UnknownValue),
            FieldKind::Choice if value.contains(',') => Err(FieldErrorCode::UnknownValue),
            FieldKind::Choice | FieldKind::Choices => self.options(value, standing),
        }
    }

    fn options(self, value: &str, standing: &str) -> Result<String, FieldErrorCode> {
        let mut chosen: Vec<usize> = Vec::new();
        for id in value.split(',').map(str::trim) {
            let place = self.options.iter().position(|option| option.id == id);
            let Some(place) = place else {
                return Err(FieldErrorCode::UnknownValue);
            };
            if self.options[place].retired && !standing.split(',').any(|stands| stands == id) {
                return Err(FieldErrorCode::UnknownValue);
            }
            chosen.push(place);
        }
        chosen.sort_unstable();
        chosen.dedup();
        Ok(self.joined(&chosen))
    }

    fn joined(self, places: &[usize]) -> String {
        let ids: Vec<&str> = places
            .iter()
            .map(|place| self.options[*place].id.as_str())
            .collect();
        ids.join(",")
    }

    /// The value as people read it: options by their labels; none for a checkbox, which has no words of its own.
    pub fn words(self, value: &str) -> Option<String> {
        match self.kind {
            FieldKind::Checkbox => None,
            FieldKind::Choice | FieldKind::Choices => {
                let labels: Vec<&str> = value
                    .split(',')
                    .filter_map(|id| self.options.iter().find(|option| option.id == id))
                    .map(|option| option.label.as_str())
                    .collect();
                Some(labels.join(", "))
            }
            _ => Some(value.to_owned()),
        }
    }

    /// What becomes of a value of this shape in another; none when it has no place there.
    pub fn convert(self, value: &str, into: Shape<'_>) -> Option<String> {
        if value.is_empty() {
            return Some(String::new());
        }
        if self.kind.has_options() && into.kind.has_options() {
            return into.check(value, value).ok();
        }
        if self.kind == into.kind {
            return Some(value.to_owned());
        }
        let words = self.words(value)?;
        if into.kind.has_options() {
            let place = into
                .options
                .iter()
                .position(|option| option.label.to_lowercase() == words.to_lowercase())?;
            return Some(into.joined(&[place]));
        }
        into.check(&words, "").ok().filter(|text| !text.is_empty())
    }

    /// Whether every value of this shape is one of the other as it stands, so that none needs to be looked at.
    pub fn is_part_of(self, into: Shape<'_>) -> bool {
        use FieldKind::{Date, Link, LongText, Number, Text};
        match (self.kind, into.kind) {
            (Text | Number | Date | Link, LongText) | (Number | Date, Text) => true,
            (FieldKind::Choice | FieldKind::Choices, _) => false,
            (from, to) => from == to,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn options() -> Vec<FieldOption> {
        [
            ("a", "Basic", false),
            ("b", "Premium", false),
            ("c", "Old", true),
        ]
        .map(|(id, label, retired)| FieldOption {
            id: id.into(),
            label: label.into(),
            retired,
        })
        .into()
    }

    fn shape(kind: FieldKind, options: &[FieldOption]) -> Shape<'_> {
        Shape { kind, options }
    }

    #[test]
    fn a_retired_option_stays_where_it_is_and_is_chosen_nowhere_else() {
        let options = options();
        let (one, many) = (
            shape(FieldKind::Choice, &options),
            shape(FieldKind::Choices, &options),
        );
        assert_eq!(one.check("a", "").as_deref(), Ok("a"));
        assert_eq!(one.check("c", "c").as_deref(), Ok("c"));
        assert_eq!(many.check("b, a,b", "").as_deref(), Ok("a,b"));
        assert_eq!(many.check("c,a", "c").as_deref(), Ok("a,c"));
        for (shape, value, standing) in [
            (one, "c", ""),
            (one, "c", "a"),
            (one, "a,b", ""),
            (one, "x", ""),
            (one, "Basic", ""),
            (many, "a,c", "a"),
            (many, "a,,b", ""),
        ] {
            let refused = shape.check(value, standing);
            assert_eq!(refused, Err(FieldErrorCode::UnknownValue), "{value}");
        }
    }

    #[test]
    fn what_has_a_place_in_another_kind_goes_there_and_what_has_none_says_so() {
        use FieldKind::*;
        let options = options();
        let renamed = [FieldOption {
            id: "z".into(),
            label: "PREMIUM".into(),
            retired: false,
        }];
        for (from, value, into, expected) in [
            (Text, "12.50", Number, Some("12.50")),
            (Text, "about 12", Number, None),
            (Text, "2026-02-01", Date, Some("2026-02-01")),
            (Text, "premium", Choice, Some("b")),
            (Text, "gold", Choice, None),
            (Text, "true", Checkbox, Some("true")),
            (Text, "yes", Checkbox, None),
            (LongText, "one line", Text, Some("one line")),
            (LongText, "two\nlines", Text, None),
            (
                LongText,
                "https://a.example",
                Link,
                Some("https://a.example"),
            ),
            (Number, "7", LongText, Some("7")),
            (Choice, "b", Text, Some("Premium")),
            (Choice, "b", Choices, Some("b")),
            (Choice, "c", Choices, Some("c")),
            (Choices, "a,b", Text, Some("Basic, Premium")),
            (Choices, "a,b", Choice, None),
            (Choices, "b", Choice, Some("b")),
            (Checkbox, "true", Text, None),
            (Date, "2026-02-01", Number, None),
        ] {
            let converted = shape(from, &options).convert(value, shape(into, &options));
            assert_eq!(
                converted.as_deref(),
                expected,
                "{from:?} {value:?} as {into:?}"
            );
        }
        let to_other = shape(Text, &[]).convert("Premium", shape(Choice, &renamed));
        assert_eq!(to_other.as_deref(), Some("z"), "by its label");
        let lost = shape(Choice, &options).convert("b", shape(Choice, &renamed));
        assert_eq!(lost, None, "an id that is not there any more");
        for (from, into) in [
            (Number, Text),
            (Date, LongText),
            (Link, LongText),
            (Text, Text),
        ] {
            assert!(shape(from, &[]).is_part_of(shape(into, &[])));
        }
        for (from, into) in [
            (Text, Number),
            (LongText, Text),
            (Link, Text),
            (Checkbox, Text),
        ] {
            assert!(!shape(from, &[]).is_part_of(shape(into, &[])));
        }
    }
}
