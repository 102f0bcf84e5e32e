//! JSON read strictly: an object is written as an object. serde takes a list of values for a type with as many
//! fields, and a key that stands twice for its last value where any key may stand; neither is meant by anyone.

use std::collections::BTreeMap;

use serde::de::value::{MapAccessDeserializer, MapDeserializer, SeqDeserializer};
use serde::de::{self, DeserializeOwned, Error as _, IntoDeserializer, MapAccess, SeqAccess};
use serde::{Deserialize, Deserializer, forward_to_deserialize_any};
use serde_json::{Error, Value};

/// Reads a value of any type from JSON.
///
/// # Errors
/// Text that is no JSON or not of this type, a list where an object belongs, or a key that stands twice.
pub fn from_slice<T: DeserializeOwned>(json: &[u8]) -> Result<T, Error> {
    T::deserialize(serde_json::from_slice::<Node>(json)?)
}

/// JSON as it was sent.
enum Node {
    Scalar(Value),
    List(Vec<Node>),
    Object(BTreeMap<String, Node>),
}

impl<'de> Deserialize<'de> for Node {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Visitor;

        impl<'de> de::Visitor<'de> for Visitor {
            type Value = Node;

            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("JSON")
            }

            fn visit_unit<E>(self) -> Result<Node, E> {
                Ok(Node::Scalar(Value::Null))
            }

            fn visit_bool<E>(self, value: bool) -> Result<Node, E> {
                Ok(Node::Scalar(value.into()))
            }

            fn visit_i64<E>(self, value: i64) -> Result<Node, E> {
                Ok(Node::Scalar(value.into()))
            }

            fn visit_u64<E>(self, value: u64) -> Result<Node, E> {
                Ok(Node::Scalar(value.into()))
            }

            fn visit_f64<E>(self, value: f64) -> Result<Node, E> {
                Ok(Node::Scalar(value.into()))
            }

            fn visit_str<E>(self, value: &str) -> Result<Node, E> {
                Ok(Node::Scalar(value.into()))
            }

            fn visit_string<E>(self, value: String) -> Result<Node, E> {
                Ok(Node::Scalar(value.into()))
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Node, A::Error> {
                let mut items = Vec::new();
                while let Some(item) = seq.next_element()? {
                    items.push(item);
                }
                Ok(Node::List(items))
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Node, A::Error> {
                let mut members = BTreeMap::new();
                while let Some((key, value)) = map.next_entry::<String, Node>()? {
                    if members.insert(key, value).is_some() {
                        return Err(A::Error::custom("a key stands twice"));
                    }
                }
                Ok(Node::Object(members))
            }
        }

        deserializer.deserialize_any(Visitor)
    }
}

impl IntoDeserializer<'_, Error> for Node {
    type Deserializer = Self;

    fn into_deserializer(self) -> Self {
        self
    }
}

impl<'de> Deserializer<'de> for Node {
    type Error = Error;

    fn deserialize_any<V: de::Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        match self {
            Node::Scalar(value) => value.deserialize_any(visitor),
            Node::List(items) => {
                let mut items = SeqDeserializer::new(items.into_iter());
                let value = visitor.visit_seq(&mut items)?;
                items.end()?;
                Ok(value)
            }
            Node::Object(members) => {
                let mut members = MapDeserializer::new(members.into_iter());
                let value = visitor.visit_map(&mut members)?;
                members.end()?;
                Ok(value)
            }
        }
    }

    fn deserialize_struct<V: de::Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Error> {
        match self {
            Node::List(_) => Err(Error::custom("a list where an object belongs")),
            other => other.deserialize_any(visitor),
        }
    }

    fn deserialize_option<V: de::Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        match self {
            Node::Scalar(Value::Null) => visitor.visit_none(),
            other => visitor.visit_some(other),
        }
    }

    fn deserialize_newtype_struct<V: de::Visitor<'de>>(
        self,
        _: &'static str,
        visitor: V,
    ) -> Result<V::Value, Error> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_enum<V: de::Visitor<'de>>(
        self,
        name: &'static str,
        variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Error> {
        match self {
            Node::Scalar(value) => value.deserialize_enum(name, variants, visitor),
            Node::Object(members) => visitor.visit_enum(MapAccessDeserializer::new(
                MapDeserializer::new(members.into_iter()),
            )),
            Node::List(_) => Err(Error::custom("a list where a value belongs")),
        }
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf
        unit unit_struct seq tuple tuple_struct map identifier ignored_any
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, PartialEq, Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Outer {
        tags: Vec<String>,
        inner: Option<Inner>,
        #[serde(default)]
        any: BTreeMap<String, Inner>,
    }

    #[derive(Debug, PartialEq, Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Inner {
        text: String,
    }

    fn read(json: &str) -> Result<Outer, String> {
        from_slice(json.as_bytes()).map_err(|error| error.to_string())
    }

    #[test]
    fn lists_stand_where_the_type_has_lists() {
        let read = read(r#"{"tags":["a","b"],"inner":{"text":"[]"},"any":{"x":{"text":"y"}}}"#);
        let read = read.expect("it is of the type");
        assert_eq!(read.tags, ["a", "b"]);
        assert_eq!(read.inner.map(|inner| inner.text).as_deref(), Some("[]"));
        assert_eq!(read.any["x"].text, "y");
    }

    #[test]
    fn a_list_is_no_object_at_any_depth() {
        for json in [
            r#"[["a"],{"text":"x"},{}]"#,
            r#"{"tags":[],"inner":["x"]}"#,
            r#"{"tags":[],"inner":null,"any":{"x":["y"]}}"#,
        ] {
            let error = read(json).expect_err(json);
            assert!(error.starts_with("a list where an object"), "{error}");
        }
        assert!(read(r#"{"tags":{"0":"a"},"inner":null}"#).is_err());
        assert!(read(r#"{"tags":[],"inner":null,"any":[]}"#).is_err());
    }

    #[test]
    fn no_key_stands_twice_and_none_is_unknown() {
        for json in [
            r#"{"tags":[],"tags":[],"inner":null}"#,
            r#"{"tags":[],"inner":null,"any":{"x":{"text":"a"},"x":{"text":"b"}}}"#,
        ] {
            assert!(
                read(json)
                    .expect_err(json)
                    .starts_with("a key stands twice")
            );
        }
        let error = read(r#"{"tags":[],"inner":{"text":"a","more":1}}"#).expect_err("unknown");
        assert!(error.starts_with("unknown field `more`"), "{error}");
    }
}
