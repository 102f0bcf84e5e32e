//! A value on its way into a statement or out of a row.

use bytes::BytesMut;
use rusqlite::types::{ToSqlOutput, ValueRef};
use tokio_postgres::types::{IsNull, ToSql, Type, WrongType, to_sql_checked};
use uuid::Uuid;

/// One value; both databases know these five kinds and no others.
///
/// Truth values are 0 and 1, times are UTC milliseconds, JSON is text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Val {
    /// No value.
    Null,
    /// A whole number, `INTEGER` or `BIGINT`.
    Int(i64),
    /// A text.
    Text(String),
    /// Bytes, `BLOB` or `BYTEA`.
    Blob(Vec<u8>),
    /// An id, `BLOB` of 16 bytes or `UUID`.
    Uuid(Uuid),
}

impl Val {
    /// Any number of ids as one value: a JSON array of them in hexadecimal, which SQLite reads by
    /// `unhex(value) FROM json_each($n)` and PostgreSQL by
    /// `value::uuid FROM json_array_elements_text($n::text::json)`.
    pub fn uuids(ids: impl IntoIterator<Item = Uuid>) -> Val {
        let ids: Vec<String> = ids
            .into_iter()
            .map(|id| format!("\"{}\"", id.simple()))
            .collect();
        Val::Text(format!("[{}]", ids.join(",")))
    }
}

macro_rules! from {
    ($($kind:ty => |$value:ident| $made:expr;)*) => {$(
        impl From<$kind> for Val {
            fn from($value: $kind) -> Val {
                $made
            }
        }
    )*};
}

from! {
    i64 => |v| Val::Int(v);
    i32 => |v| Val::Int(v.into());
    u32 => |v| Val::Int(v.into());
    bool => |v| Val::Int(v.into());
    &str => |v| Val::Text(v.to_owned());
    &String => |v| Val::Text(v.clone());
    String => |v| Val::Text(v);
    &[u8] => |v| Val::Blob(v.to_vec());
    Vec<u8> => |v| Val::Blob(v);
    Uuid => |v| Val::Uuid(v);
    &Uuid => |v| Val::Uuid(*v);
}

impl<const N: usize> From<[u8; N]> for Val {
    fn from(bytes: [u8; N]) -> Val {
        Val::Blob(bytes.to_vec())
    }
}

impl<const N: usize> From<&[u8; N]> for Val {
    fn from(bytes: &[u8; N]) -> Val {
        Val::Blob(bytes.to_vec())
    }
}

impl<T: Into<Val>> From<Option<T>> for Val {
    fn from(value: Option<T>) -> Val {
        value.map_or(Val::Null, Into::into)
    }
}

/// The values of a statement, in order: `vals![number, "name", id]`.
#[macro_export]
macro_rules! vals {
    ($($value:expr),* $(,)?) => { &[$($crate::Val::from($value)),*] };
}

impl rusqlite::ToSql for Val {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::Borrowed(match self {
            Val::Null => ValueRef::Null,
            Val::Int(number) => ValueRef::Integer(*number),
            Val::Text(text) => ValueRef::Text(text.as_bytes()),
            Val::Blob(bytes) => ValueRef::Blob(bytes),
            Val::Uuid(id) => ValueRef::Blob(id.as_bytes()),
        }))
    }
}

impl ToSql for Val {
    fn to_sql(
        &self,
        kind: &Type,
        out: &mut BytesMut,
    ) -> Result<IsNull, Box<dyn std::error::Error + Sync + Send>> {
        match self {
            Val::Null => Ok(IsNull::Yes),
            Val::Int(number) => match *kind {
                Type::INT4 => i32::try_from(*number)?.to_sql(kind, out),
                Type::INT2 => i16::try_from(*number)?.to_sql(kind, out),
                Type::BOOL => (*number != 0).to_sql(kind, out),
                _ => checked(number, kind, out),
            },
            Val::Text(text) => checked(text, kind, out),
            Val::Blob(bytes) => checked(bytes, kind, out),
            Val::Uuid(id) => checked(id, kind, out),
        }
    }

    // What a value may become is known only when it is there, so the check stands in `to_sql`.
    fn accepts(_: &Type) -> bool {
        true
    }

    to_sql_checked!();
}

fn checked<T: ToSql>(
    value: &T,
    kind: &Type,
    out: &mut BytesMut,
) -> Result<IsNull, Box<dyn std::error::Error + Sync + Send>> {
    if T::accepts(kind) {
        value.to_sql(kind, out)
    } else {
        Err(Box::new(WrongType::new::<T>(kind.clone())))
    }
}
