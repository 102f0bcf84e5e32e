//! Whether every table of a statement is bound to the organization, not only one of them.

/// What stands before a table; a column after a comma is taken for one if it is named like one.
const BEFORE_TABLE: [&str; 6] = ["from", "join", "into", "update", "using", ","];

/// The column that binds a row.
const KEY: &str = "organization_id";

/// Words that may follow a table without being its alias.
const NO_ALIAS: [&str; 27] = [
    "cross",
    "default",
    "do",
    "except",
    "fetch",
    "for",
    "full",
    "group",
    "having",
    "inner",
    "intersect",
    "join",
    "left",
    "limit",
    "natural",
    "offset",
    "on",
    "order",
    "returning",
    "right",
    "select",
    "set",
    "union",
    "using",
    "values",
    "where",
    "window",
];

/// The tables of a statement, among those given, that are not bound to `$1`; by alias where there
/// is one.
///
/// A table is bound by `alias.organization_id = $1`, by being joined to another table on
/// `organization_id`, or by a bare `organization_id = $1` when the (sub)select has no other table.
/// Rows are inserted with `organization_id` as the first column.
pub fn unbound_tables(statement: &str, tables: &[&str]) -> Vec<String> {
    let tokens = tokens(statement);
    let token = |at: usize| tokens.get(at).map_or("", |token| token.text.as_str());
    let mut references = Vec::new();
    let mut unbound = Vec::new();
    for (at, seen) in tokens.iter().enumerate() {
        let before = at.checked_sub(1).map_or("", token);
        let is_table = BEFORE_TABLE.contains(&before) && token(at + 1) != ".";
        if !is_table || !tables.contains(&seen.text.as_str()) {
            continue;
        }
        if before == "into" {
            if !is_bound_insert(&tokens, at + 1) {
                unbound.push(seen.text.clone());
            }
            continue;
        }
        let after = at + 1 + usize::from(token(at + 1) == "as");
        let is_alias = token(after).starts_with(|first: char| first.is_ascii_alphabetic())
            && !NO_ALIAS.contains(&token(after));
        let alias = if is_alias { token(after) } else { &seen.text };
        references.push((alias.to_owned(), seen.group));
    }
    for (alias, group) in &references {
        let alone = references.iter().filter(|other| other.1 == *group).count();
        let bare = (0..tokens.len())
            .filter(|at| tokens[*at].group == *group && (*at == 0 || token(at - 1) != "."))
            .filter(|at| token(*at) == KEY && token(at + 1) == "=" && token(at + 2) == "$1")
            .count();
        let qualified = (0..tokens.len()).any(|at| {
            token(at) == alias
                && token(at + 1) == "."
                && token(at + 2) == KEY
                && (is_bound_side(&tokens, at + 4, token(at + 3))
                    || at > 0 && is_bound_side_before(&tokens, at - 1))
        });
        if !qualified && bare < alone {
            unbound.push(alias.clone());
        }
    }
    unbound
}

/// `= $1` or `= other.organization_id` after a column.
fn is_bound_side(tokens: &[Token], at: usize, operator: &str) -> bool {
    let token = |at: usize| tokens.get(at).map_or("", |token| token.text.as_str());
    operator == "=" && (token(at) == "$1" || token(at + 1) == "." && token(at + 2) == KEY)
}

/// `$1 =` or `other.organization_id =` before a column.
fn is_bound_side_before(tokens: &[Token], equals: usize) -> bool {
    let token = |back: usize| {
        equals
            .checked_sub(back)
            .map_or("", |at| tokens[at].text.as_str())
    };
    token(0) == "=" && (token(1) == "$1" || token(1) == KEY && token(2) == ".")
}

/// `(organization_id, …) VALUES ($1`, `… SELECT $1` or `… SELECT x.organization_id`.
fn is_bound_insert(tokens: &[Token], columns: usize) -> bool {
    let token = |at: usize| tokens.get(at).map_or("", |token| token.text.as_str());
    if token(columns) != "(" || token(columns + 1) != KEY {
        return false;
    }
    let Some(length) = tokens[columns..].iter().position(|token| token.text == ")") else {
        return false;
    };
    let source = columns + length + 1;
    match token(source) {
        "values" => token(source + 1) == "(" && token(source + 2) == "$1",
        "select" => {
            token(source + 1) == "$1" || token(source + 2) == "." && token(source + 3) == KEY
        }
        _ => false,
    }
}

/// A word or sign, and the subselect it stands in.
struct Token {
    text: String,
    group: usize,
}

fn tokens(statement: &str) -> Vec<Token> {
    let mut tokens: Vec<Token> = Vec::new();
    let mut rest = statement;
    let mut open = vec![0];
    let mut groups = 0;
    while let Some(first) = rest.chars().next() {
        let length = match first {
            '\'' => rest[1..].find('\'').map_or(rest.len(), |end| end + 2),
            '-' if rest.starts_with("--") => rest.find('\n').unwrap_or(rest.len()),
            '/' if rest.starts_with("/*") => rest.find("*/").map_or(rest.len(), |end| end + 2),
            '$' => rest[1..]
                .find(|c: char| !c.is_ascii_digit())
                .map_or(rest.len(), |end| end + 1),
            first if is_word(first) => rest.find(|c| !is_word(c)).unwrap_or(rest.len()),
            other => other.len_utf8(),
        };
        let text = rest[..length].to_lowercase();
        rest = &rest[length..];
        let skipped =
            first == '\'' || first.is_whitespace() || text.len() > 1 && matches!(first, '-' | '/');
        if skipped {
            continue;
        }
        let mut group = open.last().copied().unwrap_or(0);
        match text.as_str() {
            "(" => open.push(group),
            ")" if open.len() > 1 => {
                open.pop();
            }
            "select" if tokens.last().is_some_and(|before| before.text == "(") => {
                groups += 1;
                group = groups;
                if let Some(innermost) = open.last_mut() {
                    *innermost = group;
                }
            }
            _ => {}
        }
        tokens.push(Token { text, group });
    }
    tokens
}

fn is_word(character: char) -> bool {
    character.is_alphanumeric() || character == '_'
}

#[cfg(test)]
mod tests {
    use super::unbound_tables;

    const TABLES: [&str; 4] = ["organizations", "cases", "events", "reads"];

    #[test]
    fn bound_statements_pass() {
        for text in [
            "SELECT name FROM cases WHERE organization_id = $1",
            "SELECT c.name FROM cases c JOIN events AS e ON e.organization_id = c.organization_id AND e.case_id = c.id \
             WHERE c.organization_id = $1",
            "SELECT c.name FROM cases c LEFT JOIN events e ON e.organization_id = $1 WHERE $1 = c.organization_id",
            "SELECT name, (SELECT COUNT(*) FROM events WHERE organization_id = $1) AS n FROM cases WHERE organization_id = $1",
            "SELECT id FROM cases WHERE organization_id = $1 UNION ALL SELECT id FROM events WHERE organization_id = $1",
            "INSERT INTO reads (organization_id, case_id) VALUES ($1, $2) ON CONFLICT (organization_id, case_id) DO NOTHING",
            "INSERT INTO reads (organization_id, case_id) SELECT $1, id FROM cases WHERE organization_id = $1",
            "UPDATE organizations SET seq = seq + 1 WHERE organization_id = $1 RETURNING seq",
            "SELECT COUNT(*) AS cases FROM events WHERE organization_id = $1",
            "SELECT e.seq AS cases, cases.events FROM events e, cases \
             WHERE e.organization_id = $1 AND cases.organization_id = e.organization_id",
            "DELETE FROM cases WHERE organization_id = $1 AND name = 'from events'",
            "SELECT n FROM unknown_table WHERE x = $1",
        ] {
            assert_eq!(unbound_tables(text, &TABLES), [""; 0], "{text}");
        }
    }

    #[test]
    fn each_forgotten_table_is_named() {
        for (text, unbound) in [
            ("SELECT name FROM cases WHERE id = $1", vec!["cases"]),
            (
                "SELECT name FROM cases WHERE organization_id = $10",
                vec!["cases"],
            ),
            (
                "SELECT c.name FROM cases c JOIN events e ON e.case_id = c.id WHERE c.organization_id = $1",
                vec!["e"],
            ),
            (
                "SELECT name FROM cases JOIN events ON events.case_id = cases.id WHERE organization_id = $1",
                vec!["cases", "events"],
            ),
            (
                "SELECT name, (SELECT COUNT(*) FROM events e WHERE e.case_id = c.id) FROM cases c WHERE c.organization_id = $1",
                vec!["e"],
            ),
            (
                "INSERT INTO reads (case_id, organization_id) VALUES ($2, $1)",
                vec!["reads"],
            ),
            (
                "INSERT INTO reads (organization_id) VALUES ($2)",
                vec!["reads"],
            ),
            (
                "SELECT name FROM cases -- organization_id = $1",
                vec!["cases"],
            ),
        ] {
            assert_eq!(unbound_tables(text, &TABLES), unbound, "{text}");
        }
    }
}
