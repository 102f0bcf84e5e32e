//! Every SQL text of a folder of source files.

use std::{
    fs,
    path::{Path, PathBuf},
};

use proc_macro2::{TokenStream, TokenTree};
use syn::{
    Ident, LitInt, LitStr, Token,
    parse::{ParseStream, Parser},
    visit::Visit,
};

use super::clauses::Clauses;
use crate::{Db, DbError, sql::number, sqlite, tx::Link};

/// Which rows a statement may see.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scope {
    /// One organization's; written with `org_sql!`.
    Org,
    /// Everybody's; written with `system_sql!`.
    System,
}

/// A statement as it stands in the source.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FoundSql {
    /// The source file.
    pub file: PathBuf,
    /// The line of its macro.
    pub line: usize,
    /// Which macro it was.
    pub scope: Scope,
    /// The text for SQLite.
    pub sqlite: String,
    /// The text for PostgreSQL.
    pub postgres: String,
}

/// Every `org_sql!` and `system_sql!` in the `.rs` files of a folder and those below it, in a
/// stable order.
///
/// # Panics
/// When a file cannot be read or is not Rust, when a macro holds something else than texts and the clauses of its
/// file, and when it stands inside of another macro.
pub fn sql_texts_in(folder: &Path) -> Vec<FoundSql> {
    let mut files = Vec::new();
    collect(folder, &mut files);
    files.sort();
    let mut found = Vec::new();
    for file in files {
        let source = fs::read_to_string(&file).expect("a source file can be read");
        let parsed =
            syn::parse_file(&source).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
        let mut reader = Reader {
            file: &file,
            clauses: Clauses::of(&parsed),
            found: &mut found,
        };
        reader.visit_file(&parsed);
    }
    found
}

fn collect(folder: &Path, files: &mut Vec<PathBuf>) {
    let entries =
        fs::read_dir(folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    for entry in entries {
        let path = entry.expect("a folder can be listed").path();
        if path.is_dir() {
            collect(&path, files);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            files.push(path);
        }
    }
}

struct Reader<'a> {
    file: &'a Path,
    clauses: Clauses,
    found: &'a mut Vec<FoundSql>,
}

impl<'ast> Visit<'ast> for Reader<'_> {
    fn visit_macro(&mut self, seen: &'ast syn::Macro) {
        let Some(name) = seen.path.segments.last() else {
            return;
        };
        let line = name.ident.span().start().line;
        let Some(scope) = scope(&name.ident) else {
            assert!(
                !holds_statements(seen.tokens.clone()),
                "{}:{line}: a statement inside of another macro cannot be read",
                self.file.display()
            );
            return;
        };
        let (sqlite, postgres) = texts(seen.tokens.clone(), &self.clauses)
            .unwrap_or_else(|error| panic!("{}:{line}: {error}", self.file.display()));
        self.found.push(FoundSql {
            file: self.file.to_owned(),
            line,
            scope,
            sqlite,
            postgres,
        });
    }
}

/// Which rows the statements of a macro may see, if it makes statements.
fn scope(name: &Ident) -> Option<Scope> {
    match name.to_string().as_str() {
        "org_sql" => Some(Scope::Org),
        "system_sql" => Some(Scope::System),
        _ => None,
    }
}

fn holds_statements(tokens: TokenStream) -> bool {
    let mut tokens = tokens.into_iter().peekable();
    while let Some(token) = tokens.next() {
        let holds = match token {
            TokenTree::Group(group) => holds_statements(group.stream()),
            TokenTree::Ident(name) => {
                let next = tokens.peek();
                scope(&name).is_some()
                    && matches!(next, Some(TokenTree::Punct(mark)) if mark.as_char() == '!')
            }
            _ => false,
        };
        if holds {
            return true;
        }
    }
    false
}

/// What stands in the macro: one text for both, one for each, or one put together from texts and clauses.
fn texts(tokens: TokenStream, clauses: &Clauses) -> syn::Result<(String, String)> {
    let parser = |input: ParseStream<'_>| {
        if input.peek(LitStr) {
            return parts(input, clauses);
        }
        let mut texts = [String::new(), String::new()];
        for (expected, text) in ["sqlite", "postgres"].into_iter().zip(&mut texts) {
            let name: Ident = input.parse()?;
            if name != expected {
                return Err(syn::Error::new(name.span(), format!("expected {expected}")));
            }
            input.parse::<Token![:]>()?;
            *text = input.parse::<LitStr>()?.value();
            input.parse::<Option<Token![,]>>()?;
        }
        Ok(texts.into())
    };
    parser.parse2(tokens)
}

/// Texts and clauses, put together with blanks as `org_sql!` does it.
fn parts(input: ParseStream<'_>, clauses: &Clauses) -> syn::Result<(String, String)> {
    let (mut sqlite, mut postgres) = (Vec::new(), Vec::new());
    while !input.is_empty() {
        if input.peek(LitStr) {
            let text = input.parse::<LitStr>()?.value();
            sqlite.push(text.clone());
            postgres.push(text);
        } else {
            let clause: Ident = input.parse()?;
            input.parse::<Token![!]>()?;
            let inside;
            syn::parenthesized!(inside in input);
            let number: Option<LitInt> = inside.parse()?;
            if !inside.is_empty() {
                return Err(inside.error("expected one number at most"));
            }
            sqlite.push(clauses.text(&clause, "sqlite", number.as_ref())?);
            postgres.push(clauses.text(&clause, "postgres", number.as_ref())?);
        }
        if !input.is_empty() {
            input.parse::<Token![,]>()?;
        }
    }
    Ok((sqlite.join(" "), postgres.join(" ")))
}

/// Lets the database read a statement without running it: names, types and grammar are checked.
pub async fn prepare(db: &Db, statement: &FoundSql) -> Result<(), DbError> {
    let FoundSql {
        sqlite, postgres, ..
    } = statement.clone();
    db.read(move |tx| {
        Box::pin(async move {
            match &mut tx.link {
                Link::Lite(connection) => {
                    connection
                        .prepare(&number(&sqlite))
                        .map_err(sqlite::failure)?;
                    Ok(())
                }
                Link::Pg(lease) => lease.prepare(&postgres).await,
            }
        })
    })
    .await
}

/// How the database would carry a statement out, one step a line, whatever its parameters. PostgreSQL is told to read
/// a whole table only where it knows no other way.
pub async fn plan(db: &Db, statement: &FoundSql) -> Result<Vec<String>, DbError> {
    let FoundSql {
        sqlite, postgres, ..
    } = statement.clone();
    db.read(move |tx| {
        Box::pin(async move {
            match &mut tx.link {
                Link::Lite(connection) => {
                    let mut explain = connection
                        .prepare(&format!("EXPLAIN QUERY PLAN {}", number(&sqlite)))
                        .map_err(sqlite::failure)?;
                    let nothing = vec![rusqlite::types::Null; explain.parameter_count()];
                    let steps = explain
                        .query_map(rusqlite::params_from_iter(nothing), |row| row.get("detail"))
                        .map_err(sqlite::failure)?;
                    steps
                        .collect::<Result<Vec<String>, _>>()
                        .map_err(sqlite::failure)
                }
                Link::Pg(lease) => lease.plan(&postgres).await,
            }
        })
    })
    .await
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What is found in a folder with this one source file.
    fn found_in(source: &str) -> Vec<FoundSql> {
        let folder = tempfile::TempDir::new().unwrap();
        fs::create_dir(folder.path().join("cases")).unwrap();
        fs::write(folder.path().join("cases/store.rs"), source).unwrap();
        fs::write(folder.path().join("notes.txt"), "org_sql!(\"not Rust\")").unwrap();
        sql_texts_in(folder.path())
    }

    #[test]
    fn every_text_is_found_where_it_stands() {
        let found = found_in(
            "static A: OrgSql = org_sql!(\n    \"SELECT 1 WHERE organization_id = $1\"\n);\n\
            fn f() { static B: SystemSql = deskside_db::system_sql!(sqlite: \"S\", postgres: r#\"P\"#,); }\n\
            static C: &str = concat!(\"no\", \"SQL\");\n",
        );
        assert_eq!(found.len(), 2);
        assert_eq!((found[0].line, found[0].scope), (1, Scope::Org));
        assert_eq!(found[0].sqlite, "SELECT 1 WHERE organization_id = $1");
        assert_eq!(found[0].sqlite, found[0].postgres);
        assert_eq!((found[1].line, found[1].scope), (4, Scope::System));
        assert_eq!(
            (found[1].sqlite.as_str(), found[1].postgres.as_str()),
            ("S", "P")
        );
        assert!(found[0].file.ends_with("cases/store.rs"));
    }

    #[test]
    fn clauses_are_put_in_where_they_stand() {
        let found = found_in(
            r#"
            macro_rules! among {
                (sqlite, $ids:literal) => { concat!("each($", $ids, ")") };
                (postgres, $ids:literal) => { concat!("any($", $ids, ") AND ", "$", $ids, " > 0",) };
            }
            macro_rules! awake { (sqlite) => { "awake" }; (postgres) => ("awake = true"); }
            static A: OrgSql = org_sql!("WHERE a", among!(12), "ORDER", awake!(), among!(2),);
            "#,
        );
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].sqlite, "WHERE a each($12) ORDER awake each($2)");
        assert_eq!(
            found[0].postgres,
            "WHERE a any($12) AND $12 > 0 ORDER awake = true any($2) AND $2 > 0"
        );
    }

    #[test]
    fn what_cannot_be_read_is_an_error() {
        let c = r#"macro_rules! c { (sqlite) => { "s" }; (postgres) => { "p" }; }"#;
        let twice = format!("{c} {c}");
        let one = r#"macro_rules! c { (sqlite) => { "s" }; }"#;
        let any = r#"macro_rules! c { ($on:ident) => { "s" }; }"#;
        let other = r#"macro_rules! c { (sqlite) => { env!("S") }; (postgres) => { "p" }; }"#;
        let unknown = r#"macro_rules! c { (sqlite, $n:literal) => { concat!("$", $m) }; (postgres, $n:literal) => { "p" }; }"#;
        let kind =
            r#"macro_rules! c { (sqlite, $n:expr) => { "s" }; (postgres, $n:expr) => { "p" }; }"#;
        for (clauses, statement) in [
            ("", r#"concat!("SELECT", "1")"#),
            ("", "SELECT"),
            ("", r#"sqlite: "S", mysql: "M""#),
            ("", r#"sqlite: concat!("S"), postgres: "P""#),
            ("", r#""SELECT" "1""#),
            ("", r#""SELECT", c!()"#),
            (c, r#""SELECT", c!(1)"#),
            (c, r#""SELECT", c!("1")"#),
            (c, r#""SELECT", c!(1, 2)"#),
            (c, r#""SELECT", d!()"#),
            (c, r#""SELECT", super::c!()"#),
            (c, r#""SELECT", C"#),
            (&twice, r#""SELECT", c!()"#),
            (one, r#""SELECT", c!()"#),
            (any, r#""SELECT", c!()"#),
            (other, r#""SELECT", c!()"#),
            (unknown, r#""SELECT", c!(2)"#),
            (kind, r#""SELECT", c!(2)"#),
        ] {
            let clauses = Clauses::of(&syn::parse_file(clauses).unwrap());
            let read = texts(statement.parse().unwrap(), &clauses);
            assert!(read.is_err(), "{statement}: {read:?}");
        }
    }

    #[test]
    #[should_panic(expected = "store.rs:2: a statement inside of another macro cannot be read")]
    fn a_statement_inside_of_another_macro_is_not_overlooked() {
        found_in("\nmacro_rules! find { ($t:literal) => { static A: OrgSql = org_sql!($t); }; }\n");
    }
}
