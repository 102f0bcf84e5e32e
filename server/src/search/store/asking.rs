//! Asking the index: rows that may hold a question, among all of an organization's or those of one operator's cases.

use deskside_db::{DbError, Dialect, OrgSql, OrgTx, Row, Time, org_sql, vals};

use crate::ids::{CaseId, OperatorId};
use crate::search::question::Question;

static INDEXED_WITH: OrgSql = org_sql!(
    sqlite: "SELECT r.id, r.case_id, r.slot, r.entry, r.at, r.text
     FROM search_fts f CROSS JOIN search_rows r ON r.id = f.rowid
     WHERE f.search_fts MATCH $2 AND f.rowid >= $4 AND f.rowid <= $5 AND r.organization_id = $1 AND r.state = 1
     ORDER BY f.rowid DESC LIMIT $6",
    postgres: "WITH found AS MATERIALIZED (
       SELECT id, case_id, slot, entry, at, text FROM search_rows
       WHERE organization_id = $1 AND (text LIKE $2 OR text LIKE $3))
     SELECT f.id, f.case_id, f.slot, f.entry, f.at, f.text FROM found f
     WHERE f.id >= $4 AND f.id <= $5 ORDER BY f.id DESC LIMIT $6"
);

static NEWEST_WITH: OrgSql = org_sql!(
    sqlite: "SELECT n.id, n.case_id, n.slot, n.entry, n.at, n.text FROM (
       SELECT id, case_id, slot, entry, at, text FROM search_rows
       WHERE organization_id = $1 AND id >= $4 AND id <= $5 ORDER BY id DESC LIMIT $7) n
     WHERE n.text LIKE $2 OR n.text LIKE $3 ORDER BY n.id DESC LIMIT $6",
    postgres: "SELECT n.id, n.case_id, n.slot, n.entry, n.at, n.text FROM (
       SELECT id, case_id, slot, entry, at, text FROM search_rows
       WHERE organization_id = $1 AND id >= $4 AND id <= $5 ORDER BY id DESC LIMIT $7) n
     WHERE n.text LIKE $2 OR n.text LIKE $3 ORDER BY n.id DESC LIMIT $6"
);

static WAITING_WITH: OrgSql = org_sql!(
    sqlite: "SELECT id, case_id, slot, entry, at, text FROM search_rows
     WHERE organization_id = $1 AND state <> 1 AND state = 0 AND id >= $4 AND id <= $5
       AND (instr(text, $2) > 0 OR instr(text, $3) > 0) ORDER BY id DESC LIMIT $6",
    postgres: "SELECT id, case_id, slot, entry, at, text FROM search_rows
     WHERE organization_id = $1 AND state <> 1 AND state = 0 AND id >= $4 AND id <= $5
       AND (position($2 IN text) > 0 OR position($3 IN text) > 0) ORDER BY id DESC LIMIT $6"
);

// The words of `cases/sight.rs` over the cases of one operator; these first, whatever a planner thinks of the rest.
static OWN_COUNT: OrgSql = org_sql!(
    sqlite: "SELECT count(*) AS held FROM (
       SELECT r.id FROM (
         SELECT p.case_id FROM case_operators p WHERE p.organization_id = $1 AND p.operator_id = $2
         UNION ALL SELECT c.id FROM cases c WHERE c.organization_id = $1 AND c.waiting_since IS NOT NULL
       ) v CROSS JOIN search_rows r ON r.case_id = v.case_id WHERE r.organization_id = $1 LIMIT $3) held",
    postgres: "WITH v AS MATERIALIZED (
         SELECT p.case_id FROM case_operators p WHERE p.organization_id = $1 AND p.operator_id = $2
         UNION ALL SELECT c.id FROM cases c WHERE c.organization_id = $1 AND c.waiting_since IS NOT NULL)
     SELECT count(*) AS held FROM (
       SELECT r.id FROM v CROSS JOIN LATERAL (
         SELECT n.id FROM search_rows n WHERE n.organization_id = $1 AND n.case_id = v.case_id OFFSET 0) r
       LIMIT $3) held"
);

static OWN_WITH: OrgSql = org_sql!(
    sqlite: "SELECT r.id, r.case_id, r.slot, r.entry, r.at, r.text FROM (
         SELECT p.case_id FROM case_operators p WHERE p.organization_id = $1 AND p.operator_id = $7
         UNION ALL SELECT c.id FROM cases c WHERE c.organization_id = $1 AND c.waiting_since IS NOT NULL
       ) v CROSS JOIN search_rows r ON r.case_id = v.case_id
     WHERE r.organization_id = $1 AND r.state <> 2 AND r.id >= $4 AND r.id <= $5
       AND (instr(r.text, $2) > 0 OR instr(r.text, $3) > 0) ORDER BY r.id DESC LIMIT $6",
    postgres: "WITH v AS MATERIALIZED (
         SELECT p.case_id FROM case_operators p WHERE p.organization_id = $1 AND p.operator_id = $7
         UNION ALL SELECT c.id FROM cases c WHERE c.organization_id = $1 AND c.waiting_since IS NOT NULL)
     SELECT r.id, r.case_id, r.slot, r.entry, r.at, r.text FROM v CROSS JOIN LATERAL (
       SELECT n.id, n.case_id, n.slot, n.entry, n.at, n.text, n.state FROM search_rows n
       WHERE n.organization_id = $1 AND n.case_id = v.case_id OFFSET 0) r
     WHERE r.state <> 2 AND r.id >= $4 AND r.id <= $5
       AND (position($2 IN r.text) > 0 OR position($3 IN r.text) > 0) ORDER BY r.id DESC LIMIT $6"
);

static NEWER_OF: OrgSql = org_sql!(
    sqlite: "SELECT id, case_id, slot, entry, at, text FROM search_rows
     WHERE organization_id = $1 AND case_id = $6 AND state <> 2 AND id > $4 AND id <= $5
       AND (instr(text, $2) > 0 OR instr(text, $3) > 0)",
    postgres: "SELECT id, case_id, slot, entry, at, text FROM search_rows
     WHERE organization_id = $1 AND case_id = $6 AND state <> 2 AND id > $4 AND id <= $5
       AND (position($2 IN text) > 0 OR position($3 IN text) > 0)"
);

/// A row of the index.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    /// Its number: the greater, the newer.
    pub id: i64,
    /// The case.
    pub case_id: CaseId,
    /// Which of the case's texts; see [`crate::search::index`].
    pub slot: i64,
    /// With messages: the entry of the timeline.
    pub entry: Option<i64>,
    /// When it was written.
    pub at: Time,
    /// The folded text.
    pub text: String,
}

fn found(rows: &[Row]) -> Result<Vec<Found>, DbError> {
    rows.iter()
        .map(|row| {
            Ok(Found {
                id: row.get("id")?,
                case_id: row.get("case_id")?,
                slot: row.get("slot")?,
                entry: row.get("entry")?,
                at: row.get("at")?,
                text: row.get("text")?,
            })
        })
        .collect()
}

/// A stretch of row numbers, both ends in it.
#[derive(Debug, Clone, Copy)]
pub struct Stretch {
    /// The least.
    pub low: i64,
    /// The greatest.
    pub top: i64,
}

/// What PostgreSQL's `LIKE` finds a text by.
fn pattern(word: &str) -> String {
    let mut pattern = String::from("%");
    for c in word.chars() {
        if matches!(c, '%' | '_' | '\\') {
            pattern.push('\\');
        }
        pattern.push(c);
    }
    pattern.push('%');
    pattern
}

/// Rows that PostgreSQL looks at one by one before it asks the index: a common word is found among them sooner.
const NEWEST_ROWS: i64 = 20_000;

/// Rows that may hold the question, newest first, at most `limit`: a superset of the answers among them.
pub async fn with(
    tx: &mut OrgTx<'_>,
    question: &Question,
    Stretch { low, top }: Stretch,
    limit: i64,
) -> Result<Vec<Found>, DbError> {
    let hints = question.hints();
    if tx.dialect() == Dialect::Postgres {
        let [one, other] = hints.map(pattern);
        let (one, other) = (one.as_str(), other.as_str());
        let values = vals![one, other, low, top, limit, NEWEST_ROWS];
        let newest = found(&tx.rows(&NEWEST_WITH, values).await?)?;
        if newest.len() as i64 >= limit {
            return Ok(newest);
        }
        let values = vals![one, other, low, top, limit];
        return found(&tx.rows(&INDEXED_WITH, values).await?);
    }
    let [one, other] = hints;
    let values = vals![question.as_match(), "", low, top, limit];
    let mut rows = found(&tx.rows(&INDEXED_WITH, values).await?)?;
    let values = vals![one, other, low, top, limit];
    rows.extend(found(&tx.rows(&WAITING_WITH, values).await?)?);
    rows.sort_by_key(|row| std::cmp::Reverse(row.id));
    rows.truncate(usize::try_from(limit).unwrap_or(usize::MAX));
    Ok(rows)
}

/// How many rows there are of the cases that an operator with `Sight::Own` sees, counted up to `most`.
pub async fn own_count(
    tx: &mut OrgTx<'_>,
    operator: OperatorId,
    most: i64,
) -> Result<i64, DbError> {
    match tx.row(&OWN_COUNT, vals![operator, most]).await? {
        Some(row) => row.get("held"),
        None => Ok(0),
    }
}

/// As [`with`], of the cases that an operator with `Sight::Own` sees, by looking at each of their rows.
pub async fn own_with(
    tx: &mut OrgTx<'_>,
    operator: OperatorId,
    question: &Question,
    Stretch { low, top }: Stretch,
    limit: i64,
) -> Result<Vec<Found>, DbError> {
    let [one, other] = question.hints();
    let values = vals![one, other, low, top, limit, operator];
    found(&tx.rows(&OWN_WITH, values).await?)
}

/// Rows of a case that may hold the question, newer than `id` and no newer than `top`.
pub async fn newer_of(
    tx: &mut OrgTx<'_>,
    case_id: CaseId,
    question: &Question,
    id: i64,
    top: i64,
) -> Result<Vec<Found>, DbError> {
    let [one, other] = question.hints();
    found(
        &tx.rows(&NEWER_OF, vals![one, other, id, top, case_id])
            .await?,
    )
}
