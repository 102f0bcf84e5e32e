//! The sample organization: seeded into an empty data folder only, through the same operations that
//! people use, at past times. Its passwords are random and kept in `demo.json`.

mod desk;
mod seed;
pub mod store;
mod stories;
mod tell;

use std::time::Duration;

use anyhow::{Context as _, bail};
use serde::{Deserialize, Serialize};

use crate::app::App;
use crate::ids::{CaseId, OrganizationId};
use crate::{guests, serve, team};

/// Older than this, the demo's past moves up to now.
const STALE_AFTER: Duration = Duration::from_secs(12 * 3600);
/// How long before now the newest entry stands after the move.
const NEWEST_AGE: Duration = Duration::from_secs(4 * 60);

/// Who can sign in, and where a guest enters.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Sample {
    /// The address of the server.
    pub url: String,
    /// The team.
    pub operators: Vec<SampleOperator>,
    /// Guest links to try.
    pub guest_links: Vec<String>,
}

/// An operator of the sample organization.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct SampleOperator {
    /// Name.
    pub name: String,
    /// Email address.
    pub email: String,
    /// Password.
    pub password: String,
    /// `administrator` or `operator`.
    pub role: String,
}

/// What `demo.json` keeps.
#[derive(Debug, Serialize, Deserialize)]
struct Kept {
    organization: OrganizationId,
    operators: Vec<SampleOperator>,
    cases: Vec<CaseId>,
}

impl Sample {
    /// The words printed at the start.
    pub fn for_people(&self) -> String {
        let mut out = format!("\nDeskside is at {}\n\nSign in as\n", self.url);
        for operator in &self.operators {
            out += &format!(
                "  {:<16} {:<28} {:<20} ({})\n",
                operator.name, operator.email, operator.password, operator.role
            );
        }
        out += "\nOpen as a guest, best in another browser or on a phone\n";
        for link in &self.guest_links {
            out += &format!("  {link}\n");
        }
        out += "\nStop with Ctrl-C; started again, everything is still there.\n\n";
        out
    }
}

/// Seeds an empty server, or takes up the demo that is there.
///
/// # Errors
/// When the folder holds other data, or the database fails.
pub async fn prepare(app: &App) -> anyhow::Result<Sample> {
    let file = app.config.data.join("demo.json");
    let empty = app
        .db()
        .read(|tx| Box::pin(async move { team::store::organizations(&mut tx.system()).await }))
        .await?
        .is_empty();
    let kept: Kept = if empty {
        let kept = seed::seed(app).await?;
        serve::write_private(&file, &serde_json::to_string_pretty(&kept)?)?;
        kept
    } else {
        let Ok(text) = std::fs::read_to_string(&file) else {
            bail!(
                "{} holds other data; the demo starts only in an empty folder. Choose another with --data.",
                app.config.data.display()
            );
        };
        serde_json::from_str(&text).with_context(|| format!("{} cannot be read", file.display()))?
    };
    refresh(app, kept.organization).await?;
    let mut guest_links = Vec::new();
    for case_id in kept.cases {
        if let Ok(link) = guests::link(app, kept.organization, case_id).await {
            guest_links.push(link);
        }
    }
    Ok(Sample {
        url: app.config.public_url.trim_end_matches('/').to_owned(),
        operators: kept.operators,
        guest_links,
    })
}

/// Moves all times up when the newest entry is old, so that the demo is always of today.
async fn refresh(app: &App, organization: OrganizationId) -> anyhow::Result<()> {
    let now = app.clock.now();
    app.db()
        .write(move |tx| {
            Box::pin(async move {
                let mut tx = tx.org(organization);
                let newest = store::newest(&mut tx).await?;
                if now.since(newest) > STALE_AFTER {
                    let by = now.since(newest).saturating_sub(NEWEST_AGE);
                    store::shift(&mut tx, by).await?;
                }
                Ok::<_, deskside_db::DbError>(())
            })
        })
        .await?;
    Ok(())
}
