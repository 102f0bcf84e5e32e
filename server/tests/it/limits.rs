//! `docs/limits.md` says what the code says.

use std::collections::BTreeMap;
use std::path::Path;

use syn::{BinOp, Expr, Item, Lit, Meta};

/// Where numeric limits stand, from the root of the repository.
const SOURCES: [&str; 7] = [
    "server/src/limits.rs",
    "server/src/housekeeping.rs",
    "crates/db/src/sqlite/mod.rs",
    "crates/db/src/sqlite/writer.rs",
    "crates/db/src/sqlite/readers.rs",
    "crates/db/src/postgres.rs",
    "crates/jobs/src/backoff.rs",
];

#[test]
fn the_page_about_limits_has_every_limit_with_its_value_and_sentence() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let page = std::fs::read_to_string(root.join("docs/limits.md")).expect("docs/limits.md");
    let mut shown: BTreeMap<String, String> = BTreeMap::new();
    for row in page.lines().filter(|line| line.starts_with("| `")) {
        let name = row.split('`').nth(1).expect("a name").to_owned();
        assert_eq!(
            shown.insert(name.clone(), row.to_owned()),
            None,
            "{name} twice"
        );
    }
    let mut differences = Vec::new();
    for source in SOURCES {
        for (name, value, sentence) in limits_of(&root.join(source)) {
            let name = format!("{}{name}", room_of(source));
            let row = format!("| `{name}` | {value} | {sentence} |");
            if shown.remove(&name).as_ref() != Some(&row) {
                differences.push(format!("{source}: expected {row}"));
            }
        }
    }
    differences.extend(shown.keys().map(|name| format!("{name} is no limit")));
    assert!(
        differences.is_empty(),
        "docs/limits.md differs from the code:\n{}",
        differences.join("\n")
    );
}

/// What stands before a limit's name outside of `limits.rs`, where names would not be unique.
fn room_of(source: &str) -> String {
    let room = source
        .trim_end_matches("/mod.rs")
        .trim_end_matches(".rs")
        .rsplit('/')
        .next()
        .unwrap_or_default();
    match room {
        "limits" => String::new(),
        room => format!("{room}::"),
    }
}

/// Name, value and sentence of each number or time that is a constant of a file.
fn limits_of(file: &Path) -> Vec<(String, String, String)> {
    let source = std::fs::read_to_string(file).expect("a source file");
    let parsed = syn::parse_file(&source).expect("Rust");
    let constants = parsed.items.into_iter().filter_map(|item| match item {
        Item::Const(constant) => Some(constant),
        _ => None,
    });
    constants
        .filter_map(|constant| {
            let name = constant.ident.to_string();
            let value = shown(&name, &constant.expr)?;
            let sentence: Vec<String> = constant
                .attrs
                .iter()
                .filter_map(|attribute| match &attribute.meta {
                    Meta::NameValue(pair) if pair.path.is_ident("doc") => text(&pair.value),
                    _ => None,
                })
                .map(|line| line.trim().to_owned())
                .collect();
            assert!(!sentence.is_empty(), "{name} has no sentence");
            Some((name, value, sentence.join(" ")))
        })
        .collect()
}

fn text(expression: &Expr) -> Option<String> {
    match expression {
        Expr::Lit(literal) => match &literal.lit {
            Lit::Str(text) => Some(text.value()),
            _ => None,
        },
        _ => None,
    }
}

/// A value as people read it: `256 KiB`, `14 days`, `20 000`; none for what is no number.
fn shown(name: &str, expression: &Expr) -> Option<String> {
    if let Expr::Call(call) = expression {
        let Expr::Path(function) = &*call.func else {
            return None;
        };
        let unit = function.path.segments.last()?.ident.to_string();
        let number = number(call.args.first()?)?;
        return match unit.as_str() {
            "from_secs" => Some(duration(number)),
            "from_millis" => Some(format!("{} ms", spaced(number))),
            _ => None,
        };
    }
    let number = number(expression)?;
    Some(match () {
        () if name.contains("BYTES") && number.is_multiple_of(1024 * 1024) => {
            format!("{} MiB", spaced(number / (1024 * 1024)))
        }
        () if name.contains("BYTES") && number.is_multiple_of(1024) => {
            format!("{} KiB", spaced(number / 1024))
        }
        () if name.ends_with("_KIB") && number.is_multiple_of(1024) => {
            format!("{} MiB", spaced(number / 1024))
        }
        () => spaced(number),
    })
}

fn number(expression: &Expr) -> Option<u64> {
    match expression {
        Expr::Lit(literal) => match &literal.lit {
            Lit::Int(number) => number.base10_parse().ok(),
            _ => None,
        },
        Expr::Binary(binary) => {
            let (left, right) = (number(&binary.left)?, number(&binary.right)?);
            match binary.op {
                BinOp::Mul(_) => Some(left * right),
                BinOp::Add(_) => Some(left + right),
                _ => None,
            }
        }
        Expr::Paren(inner) => number(&inner.expr),
        _ => None,
    }
}

fn duration(seconds: u64) -> String {
    const UNITS: [(u64, &str); 3] = [(86_400, "days"), (3_600, "hours"), (60, "minutes")];
    for (length, unit) in UNITS {
        if seconds.is_multiple_of(length) && seconds > length {
            return format!("{} {unit}", spaced(seconds / length));
        }
    }
    format!("{} seconds", spaced(seconds))
}

fn spaced(number: u64) -> String {
    let digits = number.to_string();
    let mut out = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            out.push(' ');
        }
        out.push(digit);
    }
    out
}
