//! Seeding the sample organization: its team, how its desk is set up, and then all stories together.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::time::Duration;

use anyhow::Context as _;
use deskside_db::{Clock, Time};

use super::desk::{BRAND_COLOR, FIELDS, NAME, RESPONSES, TAGS};
use super::stories::{self, Story, TEAM};
use super::tell::{self, Scene, once};
use super::{Kept, SampleOperator};
use crate::app::App;
use crate::auth::{OperatorSession, Rights, Role, Sight};
use crate::cases::Language;
use crate::cases::tags::{self, TagName};
use crate::custom_fields::define::{self, NewCustomField, OptionChange};
use crate::filters::{self, FilterWords, NewFilter};
use crate::ids::{GuestId, OperatorId, OrganizationId, SessionId, TagId};
use crate::quick_responses::{self, NewQuickResponse};
use crate::team::operators::{self, OperatorChange};
use crate::team::{self, NewOperator, OrganizationChange};

/// How long before now the organization came to the desk.
const FOUNDED_BEFORE: Duration = Duration::from_secs(60 * 24 * 3600);

/// What a story needs to happen.
pub(super) struct Seeding {
    /// The server at the time of the story.
    pub(super) app: App,
    /// When the story ends.
    pub(super) now: Time,
    pub(super) organization: OrganizationId,
    sessions: Vec<OperatorSession>,
    tags: BTreeMap<&'static str, TagId>,
}

impl Seeding {
    /// A member of the team as one who acts.
    pub(super) fn member(&self, index: usize) -> &OperatorSession {
        &self.sessions[index]
    }

    /// The tag of this name.
    pub(super) fn tag(&self, name: &str) -> anyhow::Result<TagId> {
        let tag = self.tags.get(name).copied();
        tag.with_context(|| format!("there is a tag {name}"))
    }
}

/// Seeds everything; what `demo.json` keeps of it.
pub(super) async fn seed(app: &App) -> anyhow::Result<Kept> {
    let now = app.clock.now();
    let (clock, hand) = Clock::fixed(now - FOUNDED_BEFORE);
    let past = app.at(clock);
    let organization = OrganizationId::new(past.clock.now(), &past.random);
    let (operators, sessions) = seed_team(&past, organization).await?;
    let mut desk = Seeding {
        app: past,
        now,
        organization,
        sessions,
        tags: BTreeMap::new(),
    };
    set_up(&mut desk).await?;

    // All cases together in the order of time, so that numbers and activity are as they would be.
    let stories = stories::all();
    let mut moments: Vec<(i64, usize, usize)> = Vec::new();
    for (index, story) in stories.iter().enumerate() {
        let lines = story.lines.iter().enumerate();
        moments.extend(lines.map(|(line, what)| (what.minutes_ago(), index, line)));
    }
    moments.sort_by_key(|(minutes, index, line)| (-minutes, *index, *line));
    let mut scenes: BTreeMap<usize, Scene<'_>> = BTreeMap::new();
    for (minutes, index, line) in moments {
        let story: &Story = stories[index];
        hand.set(Time::from_millis(now.as_millis() - minutes * 60_000));
        let scene = match scenes.entry(index) {
            Entry::Occupied(begun) => begun.into_mut(),
            Entry::Vacant(place) => {
                let case_id = tell::open(&desk, story).await?;
                let guest = GuestId::new(now, &desk.app.random);
                place.insert(Scene {
                    story,
                    case_id,
                    guest,
                })
            }
        };
        scene.tell(&desk, &story.lines[line]).await?;
    }
    let cases = scenes
        .values()
        .filter(|scene| scene.story.shown_as_guest)
        .map(|scene| scene.case_id)
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
        Box::pin(async move { team::organization::found(write, NAME).await })
    })
    .await?;
    let (mut operators, mut sessions) = (Vec::new(), Vec::new());
    for member in TEAM {
        let password = app.random.token_base62(72);
        let id = OperatorId::new(app.clock.now(), &app.random);
        let new = NewOperator {
            id,
            email: member.email.into(),
            name: member.name.into(),
            role: member.role,
            password_hash: app.passwords.hash(&password).await?,
            language: Language::En,
            time_zone: "Europe/London".into(),
        };
        app.write(organization, move |write| {
            Box::pin(async move { team::add_operator(write, &new).await })
        })
        .await?;
        operators.push(SampleOperator {
            name: member.name.into(),
            email: member.email.into(),
            password,
            role: member.role.as_str().into(),
        });
        let is_administrator = member.role == Role::Administrator;
        sessions.push(OperatorSession {
            organization,
            operator: id,
            role: member.role,
            seat: member.seat,
            rights: Rights {
                export: is_administrator,
                ..Rights::default()
            },
            sight: Sight::All,
            session: SessionId::new(app.clock.now(), &app.random),
        });
    }
    Ok((operators, sessions))
}

/// What the administrator decided before the first customer came.
async fn set_up(desk: &mut Seeding) -> anyhow::Result<()> {
    let app = desk.app.clone();
    let maren = desk.member(0).clone();
    let change = OrganizationChange {
        contact_email: Some("help@ashgrove.example".into()),
        contact_phone: Some("+44 113 496 0000".into()),
        location_enabled: Some(true),
        brand_color: Some(BRAND_COLOR.into()),
        ..OrganizationChange::default()
    };
    team::organization::change(&app, &maren, change).await?;
    take_seats(desk, &maren).await?;
    let key = || once(&app, maren.operator.uuid());
    for name in TAGS {
        let new = TagName {
            name: (*name).into(),
        };
        let tag = tags::create(&app, &maren, new, key()).await?;
        desk.tags.insert(name, tag.id);
    }
    for field in FIELDS {
        let options = field.options.iter().map(|(id, label)| OptionChange {
            id: Some((*id).into()),
            label: (*label).into(),
            retired: false,
        });
        let new = NewCustomField {
            label: field.label.into(),
            kind: field.kind,
            icon: Some(field.icon),
            help: field.help.into(),
            required: field.required,
            default_value: field.default_value.into(),
            options: options.collect(),
        };
        define::create(&app, &maren, new, key()).await?;
    }
    for response in RESPONSES {
        let new = NewQuickResponse {
            scope: response.scope,
            shortcut: response.shortcut.into(),
            title: response.title.into(),
            text: response.text.into(),
        };
        let who = desk.member(response.member);
        quick_responses::create(&app, who, new, key()).await?;
    }
    let filter = NewFilter {
        name: "Grants under way".into(),
        filter: FilterWords {
            status: "active".into(),
            operator: "everyone".into(),
            tags: vec![desk.tag("Grant")?],
        },
    };
    filters::create(&app, &maren, filter, key()).await?;
    Ok(())
}

/// Leaves those without a seat to read.
async fn take_seats(desk: &Seeding, administrator: &OperatorSession) -> anyhow::Result<()> {
    for (member, session) in TEAM.iter().zip(&desk.sessions) {
        if member.seat {
            continue;
        }
        let (who, id) = (administrator.clone(), session.operator);
        desk.app
            .write(desk.organization, move |write| {
                Box::pin(async move {
                    let change = OperatorChange {
                        seat: Some(false),
                        ..OperatorChange::default()
                    };
                    operators::change_in(write, &who, id, change).await?;
                    Ok(())
                })
            })
            .await?;
    }
    Ok(())
}
