//! The sample organization: seeded into an empty data folder only, through the same operations that
//! people use, at past times. Its passwords are random and kept in `demo.json`.

pub mod store;
mod stories;

use std::time::Duration;

use anyhow::{Context as _, bail};
use deskside_db::{Clock, Time};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::app::App;
use crate::auth::{OperatorSession, Rights, Role, Sight};
use crate::calls;
use crate::cases::fields::CaseChange;
use crate::cases::{self, Language, NewCase, lifecycle};
use crate::closing;
use crate::events::Who;
use crate::ids::{CaseId, GuestId, OperatorId, OrganizationId, SessionId};
use crate::once::{IdempotencyKey, Once};
use crate::team::{self, NewOperator, OrganizationChange};
use crate::chat::{self, Sender};
use crate::{guests, serve};
use stories::{Line, STORIES, Speaker, Story, TEAM};

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
        let kept = seed(app).await?;
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

async fn seed(app: &App) -> anyhow::Result<Kept> {
    let now = app.clock.now();
    let (clock, hand) = Clock::fixed(now - Duration::from_secs(60 * 24 * 3600));
    let past = app.at(clock);
    let organization = OrganizationId::new(past.clock.now(), &past.random);
    let (operators, sessions) = seed_team(&past, organization).await?;
    let maren = &sessions[0];
    let contact = OrganizationChange {
        name: None,
        contact_email: Some("help@ashgrove.example".into()),
        contact_phone: Some("+44 113 496 0000".into()),
        ..OrganizationChange::default()
    };
    team::organization::change(&past, maren, contact).await?;

    // All cases together in the order of time, so that numbers and activity are as they would be.
    let mut made: Vec<Option<CaseId>> = vec![None; STORIES.len()];
    let guests: Vec<GuestId> = STORIES
        .iter()
        .map(|_| GuestId::new(now, &past.random))
        .collect();
    let mut moments: Vec<(i64, usize, usize)> = Vec::new();
    for (index, story) in STORIES.iter().enumerate() {
        moments.extend(
            story
                .lines
                .iter()
                .enumerate()
                .map(|(line, what)| (what.minutes_ago(), index, line)),
        );
    }
    moments.sort_by_key(|(minutes, index, line)| (-minutes, *index, *line));
    for (minutes, index, line) in moments {
        let story = &STORIES[index];
        hand.set(Time::from_millis(now.as_millis() - minutes * 60_000));
        let case_id = match made[index] {
            Some(case_id) => case_id,
            None => {
                let case_id = open(&past, &sessions[story.team[0]], story).await?;
                for colleague in &story.team[1..] {
                    lifecycle::join(
                        &past,
                        &sessions[story.team[0]],
                        case_id,
                        sessions[*colleague].operator,
                    )
                    .await?;
                }
                *made.get_mut(index).context("a story has its place")? = Some(case_id);
                case_id
            }
        };
        tell(
            &past,
            &sessions,
            story,
            case_id,
            guests[index],
            &story.lines[line],
        )
        .await?;
    }
    let cases = STORIES
        .iter()
        .zip(&made)
        .filter(|(story, _)| story.shown_as_guest)
        .filter_map(|(_, case_id)| *case_id)
        .collect();
    Ok(Kept {
        organization,
        operators,
        cases,
    })
}

async fn seed_team(
    app: &App,
    organization: OrganizationId,
) -> anyhow::Result<(Vec<SampleOperator>, Vec<OperatorSession>)> {
    app.write(organization, |write| {
        Box::pin(async move { team::organization::found(write, "Ashgrove Heating").await })
    })
    .await?;
    let (mut operators, mut sessions) = (Vec::new(), Vec::new());
    for (name, email, role) in TEAM {
        let password = app.random.token_base62(72);
        let id = OperatorId::new(app.clock.now(), &app.random);
        let new = NewOperator {
            id,
            email: (*email).into(),
            name: (*name).into(),
            role: *role,
            password_hash: app.passwords.hash(&password).await?,
            language: Language::En,
            time_zone: "Europe/London".into(),
        };
        app.write(organization, move |write| {
            Box::pin(async move { team::add_operator(write, &new).await })
        })
        .await?;
        let role_name = if *role == Role::Administrator {
            "administrator"
        } else {
            "operator"
        };
        operators.push(SampleOperator {
            name: (*name).into(),
            email: (*email).into(),
            password,
            role: role_name.into(),
        });
        sessions.push(OperatorSession {
            organization,
            operator: id,
            role: *role,
            seat: true,
            rights: Rights::default(),
            sight: Sight::All,
            session: SessionId::new(app.clock.now(), &app.random),
        });
    }
    Ok((operators, sessions))
}

fn once(app: &App, who: &OperatorSession) -> Once {
    let key: [u8; 16] = app.random.bytes();
    Once::new(
        who.operator.uuid(),
        IdempotencyKey(Uuid::from_bytes(key)),
        "demo",
        [0; 32],
    )
}

async fn open(app: &App, who: &OperatorSession, story: &Story) -> anyhow::Result<CaseId> {
    let new = NewCase {
        name: story.name.into(),
        email: story.email.into(),
        phone: story.phone.into(),
        internal_reference: story.reference.into(),
        notes: story.notes.into(),
        language: Some(story.language),
    };
    Ok(cases::create(app, who, new, once(app, who)).await?)
}

async fn tell(
    app: &App,
    sessions: &[OperatorSession],
    story: &Story,
    case_id: CaseId,
    guest: GuestId,
    line: &Line,
) -> anyhow::Result<()> {
    let first = &sessions[story.team[0]];
    match line {
        Line::Says(_, speaker, text) => {
            let (who, sender) = match speaker {
                Speaker::Guest => (Who::Guest(guest), Sender::Guest(guest)),
                Speaker::Team(index) => {
                    let session = &sessions[*index];
                    (session.who(), Sender::Operator(session.clone()))
                }
            };
            let key: [u8; 16] = app.random.bytes();
            let entry = chat::send(
                app,
                first.organization,
                case_id,
                sender,
                text,
                Uuid::from_bytes(key),
            )
            .await?;
            // Who answers has read what came before.
            chat::read(app, first.organization, case_id, who, entry.entry).await?;
        }
        Line::Arrives(_) => {
            app.write(first.organization, move |write| {
                Box::pin(async move {
                    let now = write.now();
                    let entry =
                        cases::store::next_entry_of_arrival(&mut write.org(), case_id, now).await?;
                    write.emit_entry(
                        case_id,
                        entry,
                        Who::Guest(guest),
                        crate::events::Event::GuestArrived {},
                    );
                    Ok(())
                })
            })
            .await?;
        }
        Line::Leaves(_, index) => {
            lifecycle::leave(app, &sessions[*index], case_id, sessions[*index].operator).await?
        }
        Line::Calls(_, index) => {
            let who = &sessions[*index];
            calls::start(app, who, case_id, once(app, who)).await?;
        }
        Line::Ends(_, index) => {
            let who = &sessions[*index];
            let call = cases::view::load(app, who, case_id).await?.call;
            let call = call.context("a call goes on in the story")?;
            let place = calls::Place::new(who.organization, case_id, call.id);
            calls::end(app, who, place).await?;
        }
        Line::Completes(_, index) => {
            closing::complete_case(app, &sessions[*index], case_id, once(app, first)).await?
        }
        Line::Notes(_, index, text) => {
            let version = cases::view::load(app, first, case_id)
                .await?
                .fields
                .notes
                .version;
            let change = CaseChange {
                notes: Some(cases::fields::FieldChange {
                    value: (*text).into(),
                    version,
                }),
                ..CaseChange::default()
            };
            cases::fields::change(app, &sessions[*index], case_id, change).await?;
        }
    }
    Ok(())
}
