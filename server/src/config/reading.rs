//! From texts to values: what the environment says is put where it belongs, what is unknown or wrong is named.

use serde::Deserialize as _;
use toml::{Table, Value};

use super::Config;

/// Puts `DESKSIDE_LIVE__HEARTBEAT_MS=…` where `live.heartbeat_ms` stands, in the type that the default has.
/// A name ending in `_file` that is no key itself gives the content of that file.
pub(super) fn put(
    table: &mut Table,
    known: &Table,
    path: &str,
    text: &str,
    mistakes: &mut Vec<String>,
) {
    let mut steps: Vec<&str> = path.split("__").collect();
    let last = steps.pop().unwrap_or_default();
    let (mut at, mut shape) = (table, Some(known));
    for step in steps {
        shape = shape
            .and_then(|table| table.get(step))
            .and_then(Value::as_table);
        let next = at
            .entry(step.to_owned())
            .or_insert_with(|| Value::Table(Table::new()));
        let Value::Table(next) = next else { return };
        at = next;
    }
    let (last, text) = match (
        shape.is_some_and(|table| table.contains_key(last)),
        last.strip_suffix("_file"),
    ) {
        (false, Some(key)) => match std::fs::read_to_string(text) {
            Ok(content) => (key, content.trim_end().to_owned()),
            Err(error) => {
                mistakes.push(format!(
                    "The file of DESKSIDE_{} cannot be read: {error}.",
                    path.to_uppercase()
                ));
                return;
            }
        },
        _ => (last, text.to_owned()),
    };
    let value = match shape.and_then(|table| table.get(last)) {
        Some(Value::Integer(_)) => text
            .parse()
            .map(Value::Integer)
            .unwrap_or(Value::String(text)),
        Some(Value::Boolean(_)) => text
            .parse()
            .map(Value::Boolean)
            .unwrap_or(Value::String(text)),
        Some(Value::Array(_)) => Value::Array(
            text.split(',')
                .map(str::trim)
                .filter(|part| !part.is_empty())
                .map(|part| Value::String(part.into()))
                .collect(),
        ),
        _ => Value::String(text),
    };
    at.insert(last.to_owned(), value);
}

/// Takes unknown keys out and names each, with the nearest known one.
pub(super) fn drop_unknown(
    table: &mut Table,
    known: &Table,
    path: &str,
    mistakes: &mut Vec<String>,
) {
    let unknown: Vec<String> = table
        .keys()
        .filter(|key| !known.contains_key(*key))
        .cloned()
        .collect();
    for key in unknown {
        table.remove(&key);
        let nearest = known.keys().min_by_key(|name| distance(name, &key));
        let hint = nearest
            .map(|name| format!(" Did you mean `{path}{name}`?"))
            .unwrap_or_default();
        mistakes.push(format!("The configuration has no key `{path}{key}`.{hint}"));
    }
    for (key, value) in table {
        if let (Value::Table(inner), Some(Value::Table(shape))) = (value, known.get(key)) {
            drop_unknown(inner, shape, &format!("{path}{key}."), mistakes);
        }
    }
}

/// Takes each value alone, so that every wrong one is named.
pub(super) fn check_values(table: Table, known: &Table, mistakes: &mut Vec<String>) -> Config {
    let mut good = known.clone();
    for (key, value) in table {
        let parts: Vec<(String, Value)> = match (&value, known.get(&key)) {
            (Value::Table(inner), Some(Value::Table(_))) => inner
                .iter()
                .map(|(name, value)| (name.clone(), value.clone()))
                .collect(),
            _ => vec![(String::new(), value.clone())],
        };
        for (name, value) in parts {
            let mut tried = good.clone();
            match tried.get_mut(&key) {
                Some(Value::Table(inner)) if !name.is_empty() => {
                    inner.insert(name.clone(), value);
                }
                _ => {
                    tried.insert(key.clone(), value);
                }
            }
            match Config::deserialize(tried.clone()) {
                Ok(_) => good = tried,
                Err(error) => {
                    let dot = if name.is_empty() { "" } else { "." };
                    mistakes.push(format!(
                        "The value of `{key}{dot}{name}` is not right: {}.",
                        one_line(error.message())
                    ));
                }
            }
        }
    }
    Config::deserialize(good).unwrap_or_default()
}

/// A message of a library in one line, without its full stop.
pub(super) fn one_line(text: &str) -> String {
    text.split_whitespace()
        .collect::<Vec<_>>()
        .join(" ")
        .trim_end_matches('.')
        .to_owned()
}

/// Edit distance of two short words.
fn distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, ca) in a.chars().enumerate() {
        let mut before = row[0];
        row[0] = i + 1;
        for (j, cb) in b.iter().enumerate() {
            let cost = before + usize::from(ca != *cb);
            before = row[j + 1];
            row[j + 1] = cost.min(row[j] + 1).min(before + 1);
        }
    }
    row[b.len()]
}
