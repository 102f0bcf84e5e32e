//! SQL texts: written once with `$1…$n`, checked for their organization while compiling.

use std::sync::OnceLock;

use crate::Dialect;

/// Both dialects of one statement.
#[derive(Debug)]
pub(crate) struct Texts {
    sqlite: &'static str,
    postgres: &'static str,
    numbered: OnceLock<String>,
}

impl Texts {
    const fn new(sqlite: &'static str, postgres: &'static str) -> Texts {
        Texts {
            sqlite,
            postgres,
            numbered: OnceLock::new(),
        }
    }

    /// The text as the database wants it.
    pub(crate) fn of(&self, dialect: Dialect) -> &str {
        match dialect {
            Dialect::Postgres => self.postgres,
            Dialect::Sqlite => self.numbered.get_or_init(|| number(self.sqlite)),
        }
    }
}

/// A statement on an organization's rows; `$1` is the organization. Made by
/// [`org_sql!`](crate::org_sql).
#[derive(Debug)]
pub struct OrgSql(pub(crate) Texts);

/// A statement that sees every organization (sign-in, look-up of a link, claim of jobs, set-up).
/// Made by [`system_sql!`](crate::system_sql).
#[derive(Debug)]
pub struct SystemSql(pub(crate) Texts);

impl OrgSql {
    /// For [`org_sql!`](crate::org_sql) only.
    #[doc(hidden)]
    pub const fn checked(sqlite: &'static str, postgres: &'static str) -> OrgSql {
        assert!(
            is_scoped(sqlite) && is_scoped(postgres),
            "a statement on an organization's rows needs `organization_id = $1`, or `INSERT INTO t (organization_id, …)` \
             with $1 as its first value; if it must see every organization, write system_sql!"
        );
        OrgSql(Texts::new(sqlite, postgres))
    }
}

impl SystemSql {
    /// For [`system_sql!`](crate::system_sql) only.
    #[doc(hidden)]
    pub const fn new(sqlite: &'static str, postgres: &'static str) -> SystemSql {
        SystemSql(Texts::new(sqlite, postgres))
    }
}

/// A statement on an organization's rows, for a `static`. It does not compile unless it is bound to
/// the organization: with `organization_id = $1`, or by inserting `$1` as `organization_id` first.
///
/// ```
/// use deskside_db::{OrgSql, org_sql};
/// static FIND: OrgSql = org_sql!("SELECT name FROM cases WHERE organization_id = $1 AND id = $2");
/// static ADD: OrgSql = org_sql!("INSERT INTO cases (organization_id, id, name) VALUES ($1, $2, $3)");
/// static SEARCH: OrgSql = org_sql!(
///     sqlite: "SELECT id FROM cases WHERE organization_id = $1 AND name LIKE $2",
///     postgres: "SELECT id FROM cases WHERE organization_id = $1 AND name ILIKE $2",
/// );
/// ```
///
/// ```compile_fail
/// use deskside_db::{OrgSql, org_sql};
/// static FIND: OrgSql = org_sql!("SELECT name FROM cases WHERE id = $1");
/// ```
///
/// ```compile_fail
/// use deskside_db::{OrgSql, org_sql};
/// static SEARCH: OrgSql = org_sql!(
///     sqlite: "SELECT id FROM cases WHERE organization_id = $1 AND name LIKE $2",
///     postgres: "SELECT id FROM cases WHERE name ILIKE $2",
/// );
/// ```
///
/// What several statements say in the same words is a *clause*: a macro of the same file, with an arm for each database
/// and at most one number, that of its parameter. A statement with clauses is written once; its parts are put together
/// with blanks between them, for each database with the clauses as that database has them.
///
/// ```
/// use deskside_db::{OrgSql, org_sql};
/// macro_rules! among {
///     (sqlite, $ids:literal) => { concat!("AND id IN (SELECT unhex(value) FROM json_each($", $ids, "))") };
///     (postgres, $ids:literal) => {
///         concat!("AND id IN (SELECT value::uuid FROM json_array_elements_text($", $ids, "::text::json))")
///     };
/// }
/// static NAMES: OrgSql = org_sql!("SELECT name FROM cases WHERE organization_id = $1", among!(2), "ORDER BY id");
/// ```
///
/// ```compile_fail
/// use deskside_db::{OrgSql, org_sql};
/// macro_rules! newest {
///     ($any:ident) => { "ORDER BY id DESC" };
/// }
/// static NAMES: OrgSql = org_sql!("SELECT name FROM cases", newest!(), "LIMIT 10");
/// ```
#[macro_export]
macro_rules! org_sql {
    ($text:literal $(,)?) => {
        const { $crate::OrgSql::checked($text, $text) }
    };
    ($first:literal $(, $clause:ident!($($number:literal)?) $(, $text:literal)?)+ $(,)?) => {
        const {
            $crate::OrgSql::checked(
                concat!($first $(, " ", $clause!(sqlite $(, $number)?) $(, " ", $text)?)+),
                concat!($first $(, " ", $clause!(postgres $(, $number)?) $(, " ", $text)?)+),
            )
        }
    };
    (sqlite: $sqlite:literal, postgres: $postgres:literal $(,)?) => {
        const { $crate::OrgSql::checked($sqlite, $postgres) }
    };
}

/// A statement that sees every organization, for a `static`; see [`SystemSql`](crate::SystemSql).
#[macro_export]
macro_rules! system_sql {
    ($text:literal $(,)?) => {
        const { $crate::SystemSql::new($text, $text) }
    };
    (sqlite: $sqlite:literal, postgres: $postgres:literal $(,)?) => {
        const { $crate::SystemSql::new($sqlite, $postgres) }
    };
}

/// Whether a text is bound to the organization. It guards against forgetting; that every table of a
/// statement is bound, not only one, is looked at by the registry test.
pub(crate) const fn is_scoped(text: &str) -> bool {
    let text = text.as_bytes();
    let mut at = 0;
    while at < text.len() {
        if is_equal_to_first(text, at, b"organization_id") || is_insert_of_first(text, at) {
            return true;
        }
        at += 1;
    }
    false
}

/// `name = $1` at this place, as a whole word and not `$10`.
const fn is_equal_to_first(text: &[u8], at: usize, name: &[u8]) -> bool {
    if at > 0 && is_word(text[at - 1]) {
        return false;
    }
    match skip(text, at, name) {
        None => false,
        Some(after) => match skip(text, after, b"=") {
            None => false,
            Some(after) => is_first(text, after),
        },
    }
}

/// `(organization_id, …) VALUES ($1` or `(organization_id, …) SELECT $1` at this place.
const fn is_insert_of_first(text: &[u8], at: usize) -> bool {
    let Some(mut after) = skip(text, at, b"(") else {
        return false;
    };
    after = match skip(text, after, b"organization_id") {
        Some(after) if after < text.len() && (text[after] == b',' || text[after] == b')') => after,
        _ => return false,
    };
    while after < text.len() && text[after] != b')' {
        after += 1;
    }
    let Some(after) = skip(text, after, b")") else {
        return false;
    };
    if let Some(values) = skip(text, after, b"VALUES") {
        return match skip(text, values, b"(") {
            Some(first) => is_first(text, first),
            None => false,
        };
    }
    match skip(text, after, b"SELECT") {
        Some(first) => is_first(text, first),
        None => false,
    }
}

const fn is_first(text: &[u8], at: usize) -> bool {
    at + 1 < text.len()
        && text[at] == b'$'
        && text[at + 1] == b'1'
        && (at + 2 == text.len() || !is_word(text[at + 2]))
}

/// The place after this word and the blanks that follow it.
const fn skip(text: &[u8], at: usize, word: &[u8]) -> Option<usize> {
    let mut seen = 0;
    while seen < word.len() {
        if at + seen >= text.len() || text[at + seen] != word[seen] {
            return None;
        }
        seen += 1;
    }
    let mut after = at + seen;
    while after < text.len() && text[after].is_ascii_whitespace() {
        after += 1;
    }
    Some(after)
}

const fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_'
}

/// Writes `$n` as `?n`: SQLite would read `$1` as a name. Quoted texts and comments stay as they
/// are.
pub(crate) fn number(text: &str) -> String {
    let mut numbered = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let length = match first {
            '\'' | '"' => rest[1..].find(first).map_or(rest.len(), |end| end + 2),
            '-' if rest.starts_with("--") => rest.find('\n').unwrap_or(rest.len()),
            '/' if rest.starts_with("/*") => rest.find("*/").map_or(rest.len(), |end| end + 2),
            '$' if rest[1..].starts_with(|next: char| next.is_ascii_digit()) => {
                numbered.push('?');
                rest = &rest[1..];
                continue;
            }
            other => other.len_utf8(),
        };
        numbered.push_str(&rest[..length]);
        rest = &rest[length..];
    }
    numbered
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bound_statement_is_accepted() {
        for text in [
            "SELECT id FROM cases WHERE organization_id = $1",
            "SELECT id FROM cases WHERE organization_id=$1 AND id = $2",
            "SELECT c.id FROM cases c WHERE c.organization_id  =  $1\n  AND c.id = $2",
            "UPDATE organizations SET seq = seq + 1 WHERE organization_id = $1 RETURNING seq",
            "INSERT INTO cases (organization_id, id) VALUES ($1, $2)",
            "INSERT INTO marks(organization_id)VALUES($1)",
            "INSERT INTO cases (organization_id, id)\n SELECT $1, id FROM drafts d WHERE d.id = $2",
        ] {
            assert!(is_scoped(text), "{text}");
        }
    }

    #[test]
    fn an_unbound_statement_is_refused() {
        for text in [
            "",
            "SELECT id FROM cases WHERE id = $1",
            "SELECT id FROM cases WHERE organization_id = $2",
            "SELECT id FROM cases WHERE organization_id = $10",
            "SELECT id FROM cases WHERE organization_id <> $1",
            "SELECT id FROM cases WHERE suborganization_id = $1",
            "SELECT organization_id FROM cases",
            "INSERT INTO cases (organization_id, id) VALUES ($2, $1)",
            "INSERT INTO cases (organization_id, id) VALUES ($10, $1)",
            "INSERT INTO cases (id, organization_id) VALUES ($1, $2)",
            "INSERT INTO cases (organization_id, id) SELECT organization_id, $1 FROM drafts",
            "organization_id =",
            "(organization_id",
        ] {
            assert!(!is_scoped(text), "{text}");
        }
    }

    #[test]
    fn numbers_are_rewritten_outside_of_quotes_and_comments() {
        for (postgres, sqlite) in [
            ("SELECT $1, $2, $12", "SELECT ?1, ?2, ?12"),
            (
                "SELECT '$1 costs $2', \"$3\", $4",
                "SELECT '$1 costs $2', \"$3\", ?4",
            ),
            ("SELECT 'it''s $1', $2", "SELECT 'it''s $1', ?2"),
            ("SELECT $1 -- not $2\n, $3", "SELECT ?1 -- not $2\n, ?3"),
            ("SELECT /* $1 */ $2", "SELECT /* $1 */ ?2"),
            ("SELECT 'ä$1ö', $2 || '€'", "SELECT 'ä$1ö', ?2 || '€'"),
            ("SELECT '$.name'", "SELECT '$.name'"),
            ("SELECT 'open $1", "SELECT 'open $1"),
        ] {
            assert_eq!(number(postgres), sqlite);
        }
    }
}
