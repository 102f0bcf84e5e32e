//! Typed ids: `case_` and 26 characters, the same text in URL, API, log and event.

use utoipa::openapi::{ObjectBuilder, RefOr, Schema, schema::Type};
use uuid::Uuid;

/// Crockford's base32 in lower case: no i, l, o, u.
const ALPHABET: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";

/// 128 bits in groups of five; the first character holds only three.
const LENGTH: usize = 26;

/// A text is not an id of the kind that was asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not an id that starts with {prefix}_")]
pub struct IdError {
    /// The prefix such an id has.
    pub prefix: &'static str,
}

/// The text of an id.
#[doc(hidden)]
pub fn encode(prefix: &str, id: Uuid) -> String {
    let bits = id.as_u128();
    let mut text = String::with_capacity(prefix.len() + 1 + LENGTH);
    text.push_str(prefix);
    text.push('_');
    for place in (0..LENGTH).rev() {
        text.push(char::from(ALPHABET[(bits >> (place * 5) & 31) as usize]));
    }
    text
}

/// The id of a text. Only the canonical text counts, so that one thing has one URL.
#[doc(hidden)]
pub fn decode(prefix: &'static str, text: &str) -> Result<Uuid, IdError> {
    let wrong = IdError { prefix };
    let digits = text
        .strip_prefix(prefix)
        .and_then(|rest| rest.strip_prefix('_'))
        .filter(|digits| digits.len() == LENGTH)
        .ok_or(wrong)?;
    let mut bits = 0_u128;
    for (place, digit) in digits.bytes().enumerate() {
        let value = ALPHABET
            .iter()
            .position(|known| *known == digit)
            .ok_or(wrong)?;
        if place == 0 && value > 7 {
            return Err(wrong);
        }
        bits = bits << 5 | value as u128;
    }
    Ok(Uuid::from_u128(bits))
}

/// The schema of an id in the OpenAPI document.
#[doc(hidden)]
pub fn schema(prefix: &str) -> RefOr<Schema> {
    ObjectBuilder::new()
        .schema_type(Type::String)
        .pattern(Some(format!(
            "^{prefix}_[0-7][0-9abcdefghjkmnpqrstvwxyz]{{25}}$"
        )))
        .examples([encode(
            prefix,
            Uuid::from_u128(0x019d_8b1c_3f70_7cc2_98c4_dc0c_0c07_398f),
        )])
        .into()
}

/// Makes an id type: `typed_id!(CaseId, "case");`.
///
/// The type is `Copy` and ordered by its time of making, reads and writes itself as `case_…` (text,
/// JSON, URL), goes into a statement and comes out of a row.
#[macro_export]
macro_rules! typed_id {
    ($(#[$meta:meta])* $name:ident, $prefix:literal) => {
        $(#[$meta])*
        #[doc = concat!("An id written `", $prefix, "_` and 26 characters.")]
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name($crate::Uuid);

        impl $name {
            /// What its text starts with, before the `_`.
            pub const PREFIX: &'static str = $prefix;

            /// A new id, made now.
            pub fn new(now: $crate::Time, random: &$crate::Random) -> Self {
                Self(random.uuid_v7(now))
            }

            /// The id with these bits.
            pub const fn from_uuid(id: $crate::Uuid) -> Self {
                Self(id)
            }

            /// The bits of the id.
            pub const fn uuid(self) -> $crate::Uuid {
                self.0
            }
        }

        impl ::std::fmt::Display for $name {
            fn fmt(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
                f.pad(&$crate::__private::encode($prefix, self.0))
            }
        }

        impl ::std::fmt::Debug for $name {
            fn fmt(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
                ::std::fmt::Display::fmt(self, f)
            }
        }

        impl ::std::str::FromStr for $name {
            type Err = $crate::IdError;

            fn from_str(text: &str) -> ::std::result::Result<Self, $crate::IdError> {
                $crate::__private::decode($prefix, text).map(Self)
            }
        }

        impl $crate::__private::serde::Serialize for $name {
            fn serialize<S: $crate::__private::serde::Serializer>(
                &self,
                to: S,
            ) -> ::std::result::Result<S::Ok, S::Error> {
                to.collect_str(self)
            }
        }

        impl<'de> $crate::__private::serde::Deserialize<'de> for $name {
            fn deserialize<D: $crate::__private::serde::Deserializer<'de>>(
                from: D,
            ) -> ::std::result::Result<Self, D::Error> {
                <::std::string::String as $crate::__private::serde::Deserialize>::deserialize(from)?
                    .parse()
                    .map_err($crate::__private::serde::de::Error::custom)
            }
        }

        impl $crate::__private::utoipa::PartialSchema for $name {
            fn schema() -> $crate::__private::utoipa::openapi::RefOr<$crate::__private::utoipa::openapi::Schema> {
                $crate::__private::schema($prefix)
            }
        }

        impl $crate::__private::utoipa::ToSchema for $name {
            fn name() -> ::std::borrow::Cow<'static, str> {
                stringify!($name).into()
            }
        }

        impl From<$name> for $crate::Val {
            fn from(id: $name) -> $crate::Val {
                $crate::Val::Uuid(id.0)
            }
        }

        impl From<&$name> for $crate::Val {
            fn from(id: &$name) -> $crate::Val {
                $crate::Val::Uuid(id.0)
            }
        }

        impl $crate::FromVal for $name {
            const EXPECTED: &'static str = "an id";

            fn from_val(value: &$crate::Val) -> ::std::option::Option<Self> {
                <$crate::Uuid as $crate::FromVal>::from_val(value).map(Self)
            }
        }
    };
}

typed_id!(
    /// The organization: the owner of every row.
    OrganizationId,
    "org"
);

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Random, Time};

    typed_id!(CaseId, "case");

    #[test]
    fn text_and_bits_are_the_same_thing() {
        let random = Random::seeded(1);
        for bits in (0..500)
            .map(|_| u128::from_le_bytes(random.bytes()))
            .chain([0, 1, u128::MAX])
        {
            let id = CaseId::from_uuid(Uuid::from_u128(bits));
            let text = id.to_string();
            assert_eq!(text.len(), 31);
            assert_eq!(text.parse::<CaseId>(), Ok(id));
            assert_eq!(
                serde_json::from_str::<CaseId>(&serde_json::to_string(&id).unwrap()).unwrap(),
                id
            );
        }
        assert_eq!(
            CaseId::from_uuid(Uuid::from_u128(0)).to_string(),
            format!("case_{}", "0".repeat(26))
        );
        assert_eq!(
            CaseId::from_uuid(Uuid::max()).to_string(),
            format!("case_7{}", "z".repeat(25))
        );
    }

    #[test]
    fn only_the_canonical_text_is_read() {
        let good =
            CaseId::new(Time::from_millis(1_795_339_800_000), &Random::seeded(1)).to_string();
        assert!(good.parse::<CaseId>().is_ok());
        let digits = &good[5..];
        for wrong in [
            String::new(),
            "case_".to_owned(),
            digits.to_owned(),
            format!("case{digits}"),
            format!("org_{digits}"),
            format!("Case_{digits}"),
            format!("case_{}", digits.to_uppercase()),
            format!("case_{}", &digits[1..]),
            format!("{good}0"),
            format!(" {good}"),
            format!("{good} "),
            format!("case_8{}", &digits[1..]),
            format!("case_{}i", &digits[1..]),
            format!("case_{}l", &digits[1..]),
            format!("case_{}o", &digits[1..]),
            format!("case_{}u", &digits[1..]),
            format!("case_{}-", &digits[1..]),
            format!("case_{}é", &digits[2..]),
        ] {
            assert_eq!(
                wrong.parse::<CaseId>(),
                Err(IdError { prefix: "case" }),
                "{wrong}"
            );
        }
        assert!(serde_json::from_str::<CaseId>("\"case_x\"").is_err());
        assert!(serde_json::from_str::<CaseId>("7").is_err());
    }

    #[test]
    fn texts_are_ordered_as_the_ids_are() {
        let random = Random::system();
        let ids: Vec<CaseId> = (0..1_000)
            .map(|n| CaseId::new(Time::from_millis(n / 10), &random))
            .collect();
        assert!(ids.windows(2).all(|pair| pair[0] < pair[1]));
        assert!(
            ids.windows(2)
                .all(|pair| pair[0].to_string() < pair[1].to_string())
        );
    }

    #[test]
    fn the_schema_fits_the_text() {
        let schema = serde_json::to_value(<CaseId as utoipa::PartialSchema>::schema()).unwrap();
        assert_eq!(schema["type"], "string");
        assert_eq!(
            schema["pattern"],
            "^case_[0-7][0-9abcdefghjkmnpqrstvwxyz]{25}$"
        );
        assert!(
            schema["examples"][0]
                .as_str()
                .unwrap()
                .parse::<CaseId>()
                .is_ok()
        );
        assert_eq!(<CaseId as utoipa::ToSchema>::name(), "CaseId");
    }
}
