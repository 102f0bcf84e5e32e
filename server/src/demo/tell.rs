//! Telling what happened in a story, through the operations that people use.

use std::time::Duration;

use anyhow::Context as _;
use uuid::Uuid;

use super::seed::Seeding;
use super::stories::{Line, Speaker, Story};
use crate::app::App;
use crate::auth::{GuestSession, OperatorSession};
use crate::calls;
use crate::cases::assignment::{self, Handover};
use crate::cases::fields::{self, CaseChange, FieldChange};
use crate::cases::{self, NewCase, lifecycle, snooze, tags};
use crate::chat::{self, Sender, internal};
use crate::closing;
use crate::events::{Event, Who};
use crate::guests;
use crate::ids::{CaseId, GuestId};
use crate::location::{self, LocationAnswer, Told};
use crate::once::{IdempotencyKey, Once};

/// A key that was used for nothing else.
pub(super) fn once(app: &App, principal: Uuid) -> Once {
    let key: [u8; 16] = app.random.bytes();
    let key = IdempotencyKey(Uuid::from_bytes(key));
    Once::new(principal, key, "demo", [0; 32])
}

/// Opens the case of a story, with its team, tags and fields.
pub(super) async fn open(desk: &Seeding, story: &Story) -> anyhow::Result<CaseId> {
    let (app, who) = (&desk.app, desk.member(story.team[0]));
    let new = NewCase {
        name: story.name.into(),
        email: story.email.into(),
        phone: story.phone.into(),
        internal_reference: story.reference.into(),
        notes: story.notes.into(),
        language: Some(story.language),
    };
    let case_id = cases::create(app, who, new, once(app, who.operator.uuid())).await?;
    for colleague in &story.team[1..] {
        lifecycle::join(app, who, case_id, desk.member(*colleague).operator).await?;
    }
    for name in story.tags {
        tags::put(app, who, case_id, desk.tag(name)?).await?;
    }
    fill_in(desk, who, story, case_id).await?;
    Ok(case_id)
}

async fn fill_in(
    desk: &Seeding,
    who: &OperatorSession,
    story: &Story,
    case_id: CaseId,
) -> anyhow::Result<()> {
    let standing = cases::view::load(&desk.app, who, case_id).await?.custom;
    let mut change = CaseChange::default();
    for (label, value) in story.custom {
        let custom = standing.iter().find(|custom| custom.field.label == *label);
        let custom = custom.with_context(|| format!("there is a field {label}"))?;
        let filled = FieldChange {
            value: (*value).into(),
            version: custom.value.version,
        };
        change.custom.insert(custom.field.id, filled);
    }
    fields::change(&desk.app, who, case_id, change).await?;
    Ok(())
}

/// A case on its way through its story.
pub(super) struct Scene<'s> {
    pub(super) story: &'s Story,
    pub(super) case_id: CaseId,
    pub(super) guest: GuestId,
}

impl Scene<'_> {
    /// Lets a line happen.
    pub(super) async fn tell(&self, desk: &Seeding, line: &Line) -> anyhow::Result<()> {
        let (app, case_id) = (&desk.app, self.case_id);
        let key = || once(app, self.guest.uuid());
        match *line {
            Line::Says(_, ref speaker, text) => self.say(desk, speaker, text).await?,
            Line::Tells(_, index, text, mentions) => {
                let mentions = mentions.iter().map(|index| desk.member(*index).operator);
                let (who, key) = (desk.member(index), Uuid::from_bytes(app.random.bytes()));
                internal::send(app, who, case_id, text, mentions.collect(), key).await?;
            }
            Line::Arrives(_) => self.arrive(desk).await?,
            Line::Notes(_, index, text) => self.note(desk, index, text).await?,
            Line::Leaves(_, index) => {
                let who = desk.member(index);
                lifecycle::leave(app, who, case_id, who.operator).await?;
            }
            Line::HandsOver(_, from, to, note) => {
                let handover = Handover {
                    to: desk.member(to).operator,
                    note: note.into(),
                    stay: false,
                };
                let from = desk.member(from);
                assignment::hand_over(app, from, case_id, handover, key()).await?;
            }
            Line::Snoozes(_, index, minutes) => {
                let until = desk.now + Duration::from_secs(minutes.unsigned_abs() * 60);
                snooze::put(app, desk.member(index), case_id, until).await?;
            }
            Line::AsksWhere(_, index) => {
                location::request(app, desk.member(index), case_id, key()).await?;
            }
            Line::SharesWhere(_, latitude, longitude, accuracy) => {
                let place = Some((latitude, longitude, accuracy));
                self.answer(desk, Told::Shared, place).await?;
            }
            Line::Refuses(_) => self.answer(desk, Told::Refused, None).await?,
            Line::Calls(_, index) => {
                calls::start(app, desk.member(index), case_id, key()).await?;
            }
            Line::Ends(_, index) => {
                let who = desk.member(index);
                let call = cases::view::load(app, who, case_id).await?.call;
                let call = call.context("a call goes on in the story")?;
                let place = calls::Place::new(who.organization, case_id, call.id);
                calls::end(app, who, place).await?;
            }
            Line::Completes(_, index) => {
                closing::complete_case(app, desk.member(index), case_id, key()).await?;
                // Whoever worked on it has read it to its end.
                for member in self.story.team {
                    let who = desk.member(*member).who();
                    chat::read(app, desk.organization, case_id, who, i64::MAX).await?;
                }
            }
        }
        Ok(())
    }

    async fn say(&self, desk: &Seeding, speaker: &Speaker, text: &str) -> anyhow::Result<()> {
        let (app, case_id) = (&desk.app, self.case_id);
        let (who, sender) = match speaker {
            Speaker::Guest => (Who::Guest(self.guest), Sender::Guest(self.guest)),
            Speaker::Team(index) => {
                let session = desk.member(*index);
                (session.who(), Sender::Operator(session.clone()))
            }
        };
        let key = Uuid::from_bytes(app.random.bytes());
        let entry = chat::send(app, desk.organization, case_id, sender, text, key).await?;
        // Who answers has read what came before.
        chat::read(app, desk.organization, case_id, who, entry.entry).await?;
        Ok(())
    }

    async fn arrive(&self, desk: &Seeding) -> anyhow::Result<()> {
        let (case_id, who) = (self.case_id, Who::Guest(self.guest));
        desk.app
            .write(desk.organization, move |write| {
                Box::pin(async move {
                    let now = write.now();
                    let entry =
                        cases::store::next_entry_of_arrival(&mut write.org(), case_id, now).await?;
                    write.emit_entry(case_id, entry, who, Event::GuestArrived {});
                    Ok(())
                })
            })
            .await?;
        Ok(())
    }

    async fn note(&self, desk: &Seeding, index: usize, text: &str) -> anyhow::Result<()> {
        let who = desk.member(index);
        let standing = cases::view::load(&desk.app, who, self.case_id).await?;
        let change = CaseChange {
            notes: Some(FieldChange {
                value: text.into(),
                version: standing.fields.notes.version,
            }),
            ..CaseChange::default()
        };
        fields::change(&desk.app, who, self.case_id, change).await?;
        Ok(())
    }

    async fn answer(
        &self,
        desk: &Seeding,
        told: Told,
        place: Option<(f64, f64, f64)>,
    ) -> anyhow::Result<()> {
        let session = GuestSession {
            organization: desk.organization,
            case_id: self.case_id,
            guest: self.guest,
        };
        let asked = guests::load(&desk.app, &session).await?.location_request;
        let answer = LocationAnswer {
            request: asked.context("someone asked in the story")?.id,
            answer: told,
            latitude: place.map(|(latitude, _, _)| latitude),
            longitude: place.map(|(_, longitude, _)| longitude),
            accuracy_m: place.map(|(_, _, accuracy)| accuracy),
            reason: None,
        };
        let key = once(&desk.app, self.guest.uuid());
        location::answer(&desk.app, &session, answer, key).await?;
        Ok(())
    }
}
