//! Looking through the values of a field before it changes: would any be lost in another kind, and which options are in
//! use. All cases are read outside of the write, so that nobody waits for it; the write then looks again only at the
//! cases that something has happened to since, by their events.

use std::collections::BTreeSet;

use deskside_db::{OrgTx, Uuid};

use super::change::Wanted;
use super::store::Held;
use super::{CustomField, FieldKind, FieldOption, Shape, steps, store, values};
use crate::app::App;
use crate::auth::OperatorSession;
use crate::error::Error;
use crate::events;
use crate::ids::{CaseId, CustomFieldId};
use crate::limits;

/// Values that are named in a refusal.
const EXAMPLES_MAX: usize = 3;

/// What stands in the cases.
#[derive(Clone)]
pub struct Survey {
    /// The field as it was looked at, and the number of its shape.
    field: CustomField,
    shape: i64,
    /// What the values are to become.
    kind: FieldKind,
    options: Vec<FieldOption>,
    /// The options that the change leaves out.
    left_out: BTreeSet<String>,
    /// Where the next page begins; none when all of them are read.
    place: Option<CaseId>,
    /// The event up to which cases were looked at.
    seq: i64,
    used: BTreeSet<String>,
    lost: i64,
    examples: Vec<String>,
}

/// Looks through all values of a field, as far as the change asks for it.
///
/// # Errors
/// `PlanRequired`, `NotFound`, or the database's.
pub async fn look(
    app: &App,
    who: &OperatorSession,
    id: CustomFieldId,
    wanted: &Wanted,
) -> Result<Survey, Error> {
    let wanted = wanted.clone();
    let mut survey = app
        .read(who.organization, move |tx| {
            Box::pin(async move { Survey::begin(tx, id, &wanted).await })
        })
        .await?;
    loop {
        let (ahead, more) = app
            .read(who.organization, move |tx| {
                Box::pin(async move {
                    let more = survey.next(tx).await?;
                    Ok((survey, more))
                })
            })
            .await?;
        survey = ahead;
        if !more {
            return Ok(survey);
        }
    }
}

impl Survey {
    async fn begin(
        tx: &mut OrgTx<'_>,
        id: CustomFieldId,
        wanted: &Wanted,
    ) -> Result<Survey, Error> {
        values::need_plan(tx).await?;
        let field = store::find(tx, id).await?.ok_or(Error::NotFound)?;
        let (kind, options) = wanted.kind_and_options(&field, |_| true);
        let left_out = wanted.left_out(&field, kind);
        let left_out = left_out.map(|option| option.id.clone()).collect();
        let mut survey = Survey {
            shape: store::shape(tx, id).await?,
            field,
            kind,
            options,
            left_out,
            place: None,
            // Read before any value: what is written from now on has a newer event.
            seq: events::store::current_seq(tx).await?,
            used: BTreeSet::new(),
            lost: 0,
            examples: Vec::new(),
        };
        survey.place = survey.matters().then_some(CaseId::from_uuid(Uuid::nil()));
        Ok(survey)
    }

    fn goal(&self) -> Shape<'_> {
        Shape {
            kind: self.kind,
            options: &self.options,
        }
    }

    /// Whether values could be lost.
    fn lossy(&self) -> bool {
        self.kind != self.field.kind && !self.field.shape().is_part_of(self.goal())
    }

    /// Whether it matters for the change what stands in cases.
    fn matters(&self) -> bool {
        self.lossy() || !self.left_out.is_empty()
    }

    /// Looks at the next cases; whether there are more.
    async fn next(&mut self, tx: &mut OrgTx<'_>) -> Result<bool, Error> {
        let Some(place) = self.place else {
            return Ok(!self.follow(tx).await?);
        };
        let page = store::page(tx, self.field.id, place, limits::SWEEP_ROWS).await?;
        self.place = page.last().map(|held| held.case_id);
        self.look_at(tx, page).await?;
        Ok(true)
    }

    /// Looks at the cases that something has happened to since; whether that were all of them.
    ///
    /// # Errors
    /// The database's.
    pub async fn follow(&mut self, tx: &mut OrgTx<'_>) -> Result<bool, Error> {
        if !self.matters() {
            return Ok(true);
        }
        let since = events::store::after(tx, self.seq, limits::SWEEP_ROWS).await?;
        let Some(last) = since.last() else {
            return Ok(true);
        };
        self.seq = last.seq;
        let cases: BTreeSet<CaseId> = since.iter().filter_map(|event| event.case_id).collect();
        let touched = store::held_in(tx, self.field.id, cases).await?;
        self.look_at(tx, touched).await?;
        Ok((since.len() as i64) < limits::SWEEP_ROWS)
    }

    async fn look_at(&mut self, tx: &mut OrgTx<'_>, page: Vec<Held>) -> Result<(), Error> {
        let steps = store::steps(tx, self.field.id).await?;
        let lossy = self.lossy();
        for held in page {
            let value = steps::carry(&steps, held.shape, held.value).value;
            let chosen = value.split(',').filter(|id| self.left_out.contains(*id));
            self.used.extend(chosen.map(str::to_owned));
            if lossy && self.field.shape().convert(&value, self.goal()).is_none() {
                self.lost += 1;
                let words = self.field.shape().words(&value).unwrap_or(value);
                if self.examples.len() < EXAMPLES_MAX && !self.examples.contains(&words) {
                    self.examples.push(words);
                }
            }
        }
        Ok(())
    }

    /// Whether it is of this definition, which may have changed since.
    pub fn is_of(&self, field: &CustomField, shape: i64) -> bool {
        self.shape == shape && self.field.kind == field.kind && self.field.options == field.options
    }

    /// Whether a case holds this option, which the change leaves out.
    pub fn uses(&self, option: &FieldOption) -> bool {
        self.used.contains(&option.id)
    }

    /// Whether values would become others, if there are any.
    pub fn turns_values(&self) -> bool {
        self.lossy()
    }

    /// Refuses a change in which values would be lost.
    ///
    /// # Errors
    /// `FieldInUse` with some of them.
    pub fn need_no_loss(&self) -> Result<(), Error> {
        if self.lost == 0 {
            return Ok(());
        }
        Err(Error::FieldInUse {
            cases: self.lost,
            examples: self.examples.clone(),
        })
    }
}
