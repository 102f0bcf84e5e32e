//! Every SQL text of a folder of source files.

use std::{
    fs,
    path::{Path, PathBuf},
};

use proc_macro2::TokenStream;
use syn::{
    LitStr, Token,
    parse::{ParseStream, Parser},
    visit::Visit,
};

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
/// When a file cannot be read or is not Rust, or a macro does not hold plain texts.
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
    found: &'a mut Vec<FoundSql>,
}

impl<'ast> Visit<'ast> for Reader<'_> {
    fn visit_macro(&mut self, seen: &'ast syn::Macro) {
        let Some(name) = seen.path.segments.last() else {
            return;
        };
        let scope = match name.ident.to_string().as_str() {
            "org_sql" => Scope::Org,
            "system_sql" => Scope::System,
            _ => return,
        };
        let line = name.ident.span().start().line;
        let (sqlite, postgres) = texts(seen.tokens.clone())
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

/// What stands in the macro: one text for both, or one for each.
fn texts(tokens: TokenStream) -> syn::Result<(String, String)> {
    let parser = |input: ParseStream<'_>| {
        if input.peek(LitStr) {
            let text = input.parse::<LitStr>()?.value();
            input.parse::<Option<Token![,]>>()?;
            return Ok((text.clone(), text));
        }
        let mut texts = [String::new(), String::new()];
        for (expected, text) in ["sqlite", "postgres"].into_iter().zip(&mut texts) {
            let name: syn::Ident = input.parse()?;
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

    #[test]
    fn every_text_is_found_where_it_stands() {
        let folder = tempfile::TempDir::new().unwrap();
        fs::create_dir(folder.path().join("cases")).unwrap();
        let source = "static A: OrgSql = org_sql!(\n    \"SELECT 1 WHERE organization_id = $1\"\n);\n\
            fn f() { static B: SystemSql = deskside_db::system_sql!(sqlite: \"S\", postgres: r#\"P\"#,); }\n\
            static C: &str = concat!(\"no\", \"SQL\");\n";
        fs::write(folder.path().join("cases/store.rs"), source).unwrap();
        fs::write(folder.path().join("notes.txt"), "org_sql!(\"not Rust\")").unwrap();

        let found = sql_texts_in(folder.path());
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
}
