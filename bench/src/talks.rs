//! A folder with many cases and five times as many messages, written straight through `crates/db` with their index.

use std::path::PathBuf;
use std::time::Instant;

use deskside::app::App;
use deskside::ids::{CaseId, OperatorId, OrganizationId};
use deskside::search::Place;
use deskside::search::index::{self, Part};
use deskside_db::{DbError, OrgSql, OrgTx, SystemSql, Time, org_sql, system_sql, vals};

use crate::{many, report, seed};

/// Changes when what is written changes: older folders are written anew.
const EDITION: u32 = 1;
/// Cases of one transaction, with their messages.
const BATCH: usize = 10_000;
/// Messages of each case.
pub const MESSAGES: usize = 5;
/// Cases of the operator who sees few, spread over all.
pub const OWN: usize = 20;
/// Words that messages are made of.
const WORDS: usize = 5_000;
/// Words of a message.
const LENGTH: usize = 14;
/// In one message of four.
pub const COMMON: &str = "heating";
/// In one message of each case of the operator who sees few, and nowhere else.
pub const RARE: &str = "quokka";

static SEPARATE: OrgSql =
    org_sql!("UPDATE organizations SET separate_operators = 1 WHERE organization_id = $1");

static SET_SEQ: OrgSql =
    org_sql!("UPDATE organizations SET seq = $2, last_case_number = $3 WHERE organization_id = $1");

static INSERT_CASE: OrgSql = org_sql!(
    "INSERT INTO cases (organization_id, id, number, name, status, origin, meeting_type, created_at, completed_at, last_entry,
            last_activity_at, guest_messages, guest_read_entry)
     VALUES ($1, $2, $3, $4, 'completed', 'manual', 'individual', $5, $5, 6, $5, 2, 6)"
);

static INSERT_JOINED: OrgSql = org_sql!(
    "INSERT INTO case_operators (organization_id, case_id, operator_id, joined_at, status, last_activity_at)
     VALUES ($1, $2, $3, $4, 'completed', $4)"
);

static INSERT_EVENT: OrgSql = org_sql!(
    "INSERT INTO events (organization_id, seq, case_id, entry, at, audience, kind, actor_kind, actor_id, payload)
     VALUES ($1, $2, $3, $4, $5, 'case', $6, 'operator', $7, $8)"
);

static INSERT_ROW: OrgSql = org_sql!(
    "INSERT INTO search_rows (organization_id, id, case_id, slot, entry, at, state, text)
     SELECT $1, (o.ordinal << 47) | ($2 << 8) | $3, $4, $3, $5, $6, 1, $7 FROM organizations o WHERE o.organization_id = $1"
);

// The index is built at once, which takes a third of the time; the trigger is the migration's.
static WITHOUT_TRIGGER: SystemSql = system_sql!("DROP TRIGGER search_rows_inserted");
static REBUILD: SystemSql = system_sql!("INSERT INTO search_fts (search_fts) VALUES ('rebuild')");
static WITH_TRIGGER: SystemSql = system_sql!(
    "CREATE TRIGGER search_rows_inserted AFTER INSERT ON search_rows WHEN new.state = 1 BEGIN
  INSERT INTO search_fts (rowid, text) VALUES (new.id, new.text);
END"
);

/// A data folder with this many cases and their messages.
pub struct Talks {
    /// Where it is.
    pub folder: PathBuf,
    /// The cookie of its administrator.
    pub administrator: String,
    /// The cookie of the operator who sees few cases.
    pub operator: String,
}

/// Makes the folder, or takes the one that is there.
pub async fn talks(count: usize) -> anyhow::Result<Talks> {
    let folder = seed::root()?.join(format!("talks-{count}-edition-{EDITION}"));
    let whole = folder.join("cookies");
    if !whole.exists() {
        let began = Instant::now();
        std::fs::remove_dir_all(&folder).ok();
        std::fs::create_dir_all(&folder)?;
        let app = seed::open(&folder).await?;
        let cookies = write(&app, count).await?;
        app.db().close().await;
        // Last: a folder without it was not finished.
        std::fs::write(&whole, cookies)?;
        let took = began.elapsed().as_secs_f64();
        report::line(format!(
            "wrote {count} cases with their messages in {took:.0} s"
        ));
    }
    let cookies = std::fs::read_to_string(&whole)?;
    let (administrator, operator) = cookies.split_once('\n').unwrap_or_default();
    Ok(Talks {
        folder,
        administrator: administrator.to_owned(),
        operator: operator.to_owned(),
    })
}

/// Writes them; the cookies of both operators.
async fn write(app: &App, count: usize) -> anyhow::Result<String> {
    let owner = seed::operator(app, 0).await?;
    let organization = owner.session.organization;
    let few = many::colleague(app, organization, 1).await?;
    system(app, &WITHOUT_TRIGGER).await?;
    let words = words();
    let now = app.clock.now();
    let mut first = 0;
    while first < count {
        let last = count.min(first + BATCH);
        let cases: Vec<Talk> = (first..last)
            .map(|number| Talk::new(app, &words, count, number, now))
            .collect();
        let by = owner.session.operator;
        app.db()
            .write(move |tx| {
                Box::pin(async move {
                    let mut tx = tx.org(organization);
                    for case in &cases {
                        case.insert(&mut tx, by, few).await?;
                    }
                    Ok::<_, DbError>(())
                })
            })
            .await?;
        first = last;
    }
    let (seq, cases) = ((count * (MESSAGES + 1)) as i64 + 100, count as i64);
    app.db()
        .write(move |tx| {
            Box::pin(async move {
                let mut tx = tx.org(organization);
                tx.execute(&SET_SEQ, vals![seq, cases]).await?;
                tx.execute(&SEPARATE, &[]).await
            })
        })
        .await?;
    system(app, &REBUILD).await?;
    system(app, &WITH_TRIGGER).await?;
    let operator = many::cookie(app, organization, few).await?;
    Ok(format!("{}\n{operator}", owner.cookie))
}

async fn system(app: &App, sql: &'static SystemSql) -> anyhow::Result<()> {
    app.db()
        .write(move |tx| Box::pin(async move { tx.system().execute(sql, &[]).await }))
        .await?;
    Ok(())
}

/// Words of three to nine letters, the same each time.
fn words() -> Vec<String> {
    let mut seed = 1_u64;
    let mut next = || {
        seed = seed
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (seed >> 33) as usize
    };
    (0..WORDS)
        .map(|_| {
            let length = 3 + next() % 7;
            (0..length)
                .map(|_| char::from(b'a' + (next() % 22) as u8))
                .collect()
        })
        .collect()
}

struct Talk {
    id: CaseId,
    number: i64,
    at: Time,
    own: bool,
    texts: Vec<String>,
}

impl Talk {
    fn new(app: &App, words: &[String], count: usize, number: usize, now: Time) -> Self {
        let at = Time::from_millis(now.as_millis() - (count - number) as i64 * 20_000);
        let own = number.is_multiple_of((count / OWN).max(1));
        let texts = (0..MESSAGES)
            .map(|message| {
                let mut dice = (number * MESSAGES + message) as u64 + 7;
                let mut text: Vec<&str> = Vec::with_capacity(LENGTH + 1);
                for _ in 0..LENGTH {
                    dice = dice
                        .wrapping_mul(6_364_136_223_846_793_005)
                        .wrapping_add(1_442_695_040_888_963_407);
                    // Some words come often, most seldom.
                    let (one, two) = ((dice >> 20) as usize % WORDS, (dice >> 40) as usize % WORDS);
                    text.push(&words[one.min(two)]);
                }
                if (dice >> 13).is_multiple_of(4) || own && message == 1 {
                    text.push(COMMON);
                }
                if own && message == 0 {
                    text.push(RARE);
                }
                text.join(" ")
            })
            .collect();
        Self {
            id: CaseId::new(at, &app.random),
            number: number as i64 + 1,
            at,
            own,
            texts,
        }
    }

    async fn insert(
        &self,
        tx: &mut OrgTx<'_>,
        by: OperatorId,
        few: OperatorId,
    ) -> Result<(), DbError> {
        let (id, at) = (self.id, self.at);
        let name = format!("Customer {}", self.number);
        tx.execute(&INSERT_CASE, vals![id, self.number, name.as_str(), at])
            .await?;
        tx.execute(&INSERT_JOINED, vals![id, by, at]).await?;
        if self.own {
            tx.execute(&INSERT_JOINED, vals![id, few, at]).await?;
        }
        let part = |place, text| Part {
            place,
            label: None,
            text,
        };
        let parts = [
            part(Place::Number, self.number.to_string()),
            part(Place::Name, name),
        ];
        let mut seq = (self.number - 1) * (MESSAGES as i64 + 1) + 50;
        let created = r#"{"type":"case.created","origin":"manual"}"#;
        tx.execute(
            &INSERT_EVENT,
            vals![seq, id, 1_i64, at, "case.created", by, created],
        )
        .await?;
        for (slot, text) in index::documents(&parts) {
            let none: Option<i64> = None;
            tx.execute(&INSERT_ROW, vals![seq, slot, id, none, at, text])
                .await?;
        }
        for (text, entry) in self.texts.iter().zip(2_i64..) {
            seq += 1;
            let payload = format!(r#"{{"type":"message.sent","text":"{text}"}}"#);
            tx.execute(
                &INSERT_EVENT,
                vals![seq, id, entry, at, "message.sent", by, payload],
            )
            .await?;
            tx.execute(
                &INSERT_ROW,
                vals![seq, index::MESSAGE, id, entry, at, text.as_str()],
            )
            .await?;
        }
        Ok(())
    }
}

/// The organization's rows for the bare question.
pub async fn organization(app: &App) -> anyhow::Result<OrganizationId> {
    let all = deskside::team::organization::all(app).await?;
    all.first()
        .map(|organization| organization.id)
        .ok_or_else(|| anyhow::anyhow!("the folder has no organization"))
}
