//! A row as it came back, read by column name.

use std::sync::Arc;

use uuid::Uuid;

use crate::{DbError, Val};

/// One row of an answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    columns: Arc<[Box<str>]>,
    values: Box<[Val]>,
}

impl Row {
    pub(crate) fn new(columns: Arc<[Box<str>]>, values: Box<[Val]>) -> Row {
        Row { columns, values }
    }

    /// The value of a column.
    pub fn get<T: FromVal>(&self, column: &str) -> Result<T, DbError> {
        let at = self
            .columns
            .iter()
            .position(|name| &**name == column)
            .ok_or_else(|| DbError::Decode(format!("there is no column {column}")))?;
        T::from_val(&self.values[at])
            .ok_or_else(|| DbError::Decode(format!("column {column} is not {}", T::EXPECTED)))
    }
}

/// What a column can be read as.
pub trait FromVal: Sized {
    /// The kind of value expected, for the error's sentence.
    const EXPECTED: &'static str;

    /// The value as this type, or nothing where it is of another kind.
    fn from_val(value: &Val) -> Option<Self>;
}

impl<T: FromVal> FromVal for Option<T> {
    const EXPECTED: &'static str = T::EXPECTED;

    fn from_val(value: &Val) -> Option<Self> {
        match value {
            Val::Null => Some(None),
            other => T::from_val(other).map(Some),
        }
    }
}

impl FromVal for i64 {
    const EXPECTED: &'static str = "a whole number";

    fn from_val(value: &Val) -> Option<Self> {
        match value {
            Val::Int(number) => Some(*number),
            _ => None,
        }
    }
}

impl FromVal for bool {
    const EXPECTED: &'static str = "0 or 1";

    fn from_val(value: &Val) -> Option<Self> {
        match value {
            Val::Int(0) => Some(false),
            Val::Int(1) => Some(true),
            _ => None,
        }
    }
}

impl FromVal for String {
    const EXPECTED: &'static str = "a text";

    fn from_val(value: &Val) -> Option<Self> {
        match value {
            Val::Text(text) => Some(text.clone()),
            _ => None,
        }
    }
}

impl FromVal for Vec<u8> {
    const EXPECTED: &'static str = "bytes";

    fn from_val(value: &Val) -> Option<Self> {
        match value {
            Val::Blob(bytes) => Some(bytes.clone()),
            _ => None,
        }
    }
}

impl FromVal for Uuid {
    const EXPECTED: &'static str = "an id";

    fn from_val(value: &Val) -> Option<Self> {
        match value {
            Val::Uuid(id) => Some(*id),
            // SQLite has no type of its own for ids.
            Val::Blob(bytes) => Uuid::from_slice(bytes).ok(),
            _ => None,
        }
    }
}
