//! Folders with many cases, written straight through `crates/db` and kept for the next run.

use std::path::PathBuf;
use std::time::Instant;

use anyhow::Context as _;
use deskside::app::App;
use deskside::auth;
use deskside::auth::routes::Begin;
use deskside::ids::{CaseId, OperatorId, OrganizationId, TagId};
use deskside_db::{DbError, OrgSql, OrgTx, Time, Uuid, org_sql, vals};

use crate::{report, seed};

/// Changes when what is written changes: older folders are written anew.
const EDITION: u32 = 3;
/// Rows of one transaction.
const BATCH: usize = 2_000;
/// Operators that the cases spread over.
const OPERATORS: usize = 20;
/// The tag of every other case, and that of one in a hundred.
pub const TAGS: [(TagId, &str, usize); 2] = [
    (TagId::from_uuid(Uuid::from_u128(1)), "common", 2),
    (TagId::from_uuid(Uuid::from_u128(2)), "rare", 100),
];
/// The newest so many cases ask for the first operator's attention.
const MARKED: usize = 200;
/// Milliseconds between two cases' last activity.
const APART_MS: i64 = 20_000;

static INSERT_OPERATOR: OrgSql = org_sql!(
    "INSERT INTO operators (organization_id, id, email, email_folded, name, role, password_hash, language, time_zone, theme, created_at)
     VALUES ($1, $2, $3, $3, 'Olive Operator', 'operator', '', 'en', 'UTC', 'system', $4)"
);

static INSERT_CASE: OrgSql = org_sql!(
    "INSERT INTO cases (organization_id, id, number, name, status, origin, meeting_type, created_at, completed_at, last_entry,
            last_activity_at, guest_messages, snippet_from, snippet_actor, snippet_text, guest_read_entry, waiting_since)
     VALUES ($1, $2, $3, $4, $5, 'manual', 'individual', $6, $7, 12, $6, 5, 'guest', $2, $8, 10, $9)"
);

static INSERT_JOINED: OrgSql = org_sql!(
    "INSERT INTO case_operators (organization_id, case_id, operator_id, joined_at, status, last_activity_at, unread)
     VALUES ($1, $2, $3, $5, $4, $5, 1)"
);

static INSERT_TAG: OrgSql = org_sql!(
    "INSERT INTO tags (organization_id, id, name, name_folded, created_at) VALUES ($1, $2, $3, $3, $4)"
);

static INSERT_TAGGED: OrgSql = org_sql!(
    "INSERT INTO case_tags (organization_id, case_id, tag_id, status, last_activity_at, waiting_since) VALUES ($1, $2, $3, $4, $5, $6)"
);

static INSERT_MARK: OrgSql = org_sql!(
    "INSERT INTO case_attention (organization_id, case_id, operator_id, reason, entry, at) VALUES ($1, $2, $3, 'mention', 12, $4)"
);

static INSERT_READ: OrgSql = org_sql!(
    "INSERT INTO case_reads (organization_id, case_id, operator_id, entry, guest_messages, at) VALUES ($1, $2, $3, 9, 3, $4)"
);

/// A data folder with this many cases.
pub struct Many {
    /// Where it is.
    pub folder: PathBuf,
    /// The cookie of one of its operators.
    pub cookie: String,
}

/// Makes the folder, or takes the one that is there.
pub async fn cases(count: usize) -> anyhow::Result<Many> {
    let folder = seed::root()?.join(format!("cases-{count}-edition-{EDITION}"));
    let whole = folder.join("cookie");
    if !whole.exists() {
        let began = Instant::now();
        std::fs::remove_dir_all(&folder).ok();
        std::fs::create_dir_all(&folder)?;
        let app = seed::open(&folder).await?;
        let cookie = write(&app, count).await?;
        app.db().close().await;
        // Last: a folder without it was not finished.
        std::fs::write(&whole, cookie)?;
        let took = began.elapsed().as_secs_f64();
        report::line(format!("wrote {count} cases in {took:.0} s"));
    }
    let cookie = std::fs::read_to_string(&whole)?;
    Ok(Many { folder, cookie })
}

/// Writes them; the cookie of the first operator.
async fn write(app: &App, count: usize) -> anyhow::Result<String> {
    let owner = seed::operator(app, 0).await?;
    let organization = owner.session.organization;
    let now = app.clock.now();
    let mut operators = vec![owner.session.operator];
    while operators.len() < OPERATORS {
        operators.push(colleague(app, organization, operators.len()).await?);
    }
    app.db()
        .write(move |tx| {
            Box::pin(async move {
                for (id, name, _) in TAGS {
                    let values = vals![id, name, now];
                    tx.org(organization).execute(&INSERT_TAG, values).await?;
                }
                Ok::<_, DbError>(())
            })
        })
        .await?;
    let mut number = 0;
    while number < count {
        let rows: Vec<Row> = (number..count.min(number + BATCH))
            .map(|number| Row::new(app, &operators, count, number, now))
            .collect();
        number += rows.len();
        app.db()
            .write(move |tx| {
                Box::pin(async move {
                    let mut tx = tx.org(organization);
                    for row in &rows {
                        row.insert(&mut tx).await?;
                    }
                    Ok::<_, DbError>(())
                })
            })
            .await?;
    }
    cookie(app, organization, owner.session.operator).await
}

/// Another operator of an organization, without a session.
pub async fn colleague(
    app: &App,
    organization: OrganizationId,
    index: usize,
) -> anyhow::Result<OperatorId> {
    let now = app.clock.now();
    let id = OperatorId::new(now, &app.random);
    let email = format!("colleague{index}@bench.example");
    app.db()
        .write(move |tx| {
            Box::pin(async move {
                let values = vals![id, email, now];
                tx.org(organization).execute(&INSERT_OPERATOR, values).await
            })
        })
        .await?;
    Ok(id)
}

struct Row {
    id: CaseId,
    number: i64,
    status: &'static str,
    at: Time,
    operators: Vec<OperatorId>,
    tags: Vec<TagId>,
    marked: Option<OperatorId>,
}

impl Row {
    /// Of ten cases six are completed, three active and one awaits someone; some have two operators.
    fn new(app: &App, operators: &[OperatorId], count: usize, number: usize, now: Time) -> Self {
        let age = i64::try_from(count - number).unwrap_or(0) * APART_MS;
        let at = Time::from_millis(now.as_millis() - age);
        // The shares must not follow the turn of the operators.
        let dice = number.wrapping_mul(2_654_435_761) >> 7;
        let status = match dice % 10 {
            0 => "awaiting",
            1..=3 => "active",
            _ => "completed",
        };
        let first = number % operators.len();
        let mut joined = Vec::new();
        if status != "awaiting" {
            joined.push(operators[first]);
            if dice.is_multiple_of(7) {
                joined.push(operators[(first + 1) % operators.len()]);
            }
        }
        Self {
            id: CaseId::new(at, &app.random),
            number: i64::try_from(number + 1).unwrap_or(0),
            status,
            at,
            operators: joined,
            tags: TAGS
                .iter()
                .filter(|(_, _, every)| (dice / 10).is_multiple_of(*every))
                .map(|(id, _, _)| *id)
                .collect(),
            marked: (number + MARKED >= count).then_some(operators[0]),
        }
    }

    async fn insert(&self, tx: &mut OrgTx<'_>) -> Result<(), DbError> {
        let (id, at) = (self.id, self.at);
        let completed = (self.status == "completed").then_some(at);
        let name = format!("Customer {}", self.number);
        let snippet = "Thank you, the pump runs quietly again since this morning.";
        let waiting = (self.status == "awaiting").then_some(at);
        let values = vals![
            id,
            self.number,
            name,
            self.status,
            at,
            completed,
            snippet,
            waiting
        ];
        tx.execute(&INSERT_CASE, values).await?;
        for operator in &self.operators {
            tx.execute(&INSERT_JOINED, vals![id, *operator, self.status, at])
                .await?;
            tx.execute(&INSERT_READ, vals![id, *operator, at]).await?;
        }
        for tag in &self.tags {
            let values = vals![id, *tag, self.status, at, waiting];
            tx.execute(&INSERT_TAGGED, values).await?;
        }
        if let Some(operator) = self.marked {
            tx.execute(&INSERT_MARK, vals![id, operator, at]).await?;
        }
        Ok(())
    }
}

/// A session that the folder keeps.
pub async fn cookie(
    app: &App,
    organization: OrganizationId,
    operator: OperatorId,
) -> anyhow::Result<String> {
    let begin = Begin::new(app, operator);
    let [(_, header)] = begin.header().0;
    app.write(organization, move |write| {
        Box::pin(async move { begin.run(write).await })
    })
    .await?;
    let pair = header.to_str()?.split(';').next();
    pair.filter(|pair| pair.starts_with(auth::cookie::OPERATOR))
        .map(ToOwned::to_owned)
        .context("no cookie was made")
}
