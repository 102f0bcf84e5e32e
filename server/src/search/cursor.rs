//! Where a page of hits ended, as the next request says it.

use std::fmt;
use std::str::FromStr;

use crate::error::Error;

/// A place in what was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cursor {
    /// Among the newest hits, which are ordered by how well they fit: after this one. Rows after `top` are newer than the
    /// first page and told by none.
    Best {
        /// The newest row of the first page.
        top: i64,
        /// How well the last one fits.
        distance: u8,
        /// The last one's row.
        id: i64,
    },
    /// Among older hits: after this row.
    Older {
        /// The newest row of the first page.
        top: i64,
        /// The last one's row.
        id: i64,
    },
}

impl fmt::Display for Cursor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Cursor::Best { top, distance, id } => write!(f, "b.{top}.{distance}.{id}"),
            Cursor::Older { top, id } => write!(f, "o.{top}.{id}"),
        }
    }
}

impl FromStr for Cursor {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        let number = |text: &str| match text.parse::<i64>() {
            Ok(number) if number >= 0 => Ok(number),
            _ => Err(Error::BadCursor),
        };
        match text.split('.').collect::<Vec<_>>()[..] {
            ["b", top, distance, id] => Ok(Cursor::Best {
                top: number(top)?,
                distance: distance.parse().map_err(|_| Error::BadCursor)?,
                id: number(id)?,
            }),
            ["o", top, id] => Ok(Cursor::Older {
                top: number(top)?,
                id: number(id)?,
            }),
            _ => Err(Error::BadCursor),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_reads_itself() {
        for cursor in [
            Cursor::Best {
                top: i64::MAX,
                distance: 2,
                id: 7,
            },
            Cursor::Older { top: 9, id: 8 },
        ] {
            assert_eq!(cursor.to_string().parse::<Cursor>().ok(), Some(cursor));
        }
        for text in [
            "",
            "b",
            "b.1.2",
            "o.1.2.3",
            "o.x.2",
            "o.-1.2",
            "b.1.300.2",
            "o.1.99999999999999999999",
        ] {
            assert!(text.parse::<Cursor>().is_err(), "{text}");
        }
    }
}
