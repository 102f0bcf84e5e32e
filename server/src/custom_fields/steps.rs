//! Steps: changes of a field's kind that not every value has gone yet.
//!
//! Rewriting a million values would hold every other writer up for seconds. So a field becomes another kind at once, with
//! a step that tells how; whoever reads a value that is behind reads it as it will stand, and a job writes it so, some
//! cases at a time. A step is taken only when every value has a place on its other side, and it keeps the options of
//! both sides as they were: what comes of a value is the same whenever it is asked for.

use deskside_db::Time;

use super::{FieldKind, FieldOption, Shape};
use crate::cases::fields::Field;
use crate::events::Actor;

/// One side of a step.
#[derive(Debug, Clone)]
pub struct Side {
    /// The kind.
    pub kind: FieldKind,
    /// The options; none where the kind has none.
    pub options: Vec<FieldOption>,
}

impl Side {
    fn shape(&self) -> Shape<'_> {
        Shape {
            kind: self.kind,
            options: &self.options,
        }
    }
}

/// A change of a field's kind.
#[derive(Debug, Clone)]
pub struct Step {
    /// The number of the shape that it leads to; a value in a shape before has yet to go it.
    pub number: i64,
    /// What values were.
    pub from: Side,
    /// What they become.
    pub into: Side,
    /// Who changed the kind.
    pub changed_by: Actor,
    /// When.
    pub changed_at: Time,
}

/// A value that has gone all steps.
#[derive(Debug)]
pub struct Carried<'s> {
    /// What it is now.
    pub value: String,
    /// How often it became another text on the way: as many versions newer it is.
    pub changes: i64,
    /// The last step that made it another.
    pub last: Option<&'s Step>,
}

/// Takes a value that stands in `shape` over all steps behind that, in their order.
pub fn carry(steps: &[Step], shape: i64, value: String) -> Carried<'_> {
    let mut carried = Carried {
        value,
        changes: 0,
        last: None,
    };
    for step in steps.iter().filter(|step| step.number > shape) {
        // Without a place on the other side it would stay as it is rather than be lost.
        let next = step.from.shape().convert(&carried.value, step.into.shape());
        if let Some(next) = next.filter(|next| *next != carried.value) {
            carried.value = next;
            carried.changes += 1;
            carried.last = Some(step);
        }
    }
    carried
}

/// The same for a value with its version and who changed it.
pub fn carry_field(steps: &[Step], shape: i64, field: Field) -> Field {
    let carried = carry(steps, shape, field.value);
    let (changed_by, changed_at) = match carried.last {
        Some(step) => (Some(step.changed_by.clone()), Some(step.changed_at)),
        None => (field.changed_by, field.changed_at),
    };
    Field {
        value: carried.value,
        version: field.version + carried.changes,
        changed_by,
        changed_at,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::events::ActorKind;

    fn side(kind: FieldKind, options: &[(&str, &str)]) -> Side {
        let options = options.iter().map(|(id, label)| FieldOption {
            id: (*id).into(),
            label: (*label).into(),
            retired: false,
        });
        Side {
            kind,
            options: options.collect(),
        }
    }

    fn step(number: i64, from: Side, into: Side) -> Step {
        Step {
            number,
            from,
            into,
            changed_by: Actor::from_parts(ActorKind::System, None, None),
            changed_at: Time::from_millis(number),
        }
    }

    #[test]
    fn a_value_goes_the_steps_that_it_has_not_gone_and_counts_its_changes() {
        use FieldKind::{Choice, Number, Text};
        let sizes = [("s", "7"), ("l", "12.50")];
        let steps = [
            step(3, side(Text, &[]), side(Number, &[])),
            step(4, side(Number, &[]), side(Choice, &sizes)),
            step(5, side(Choice, &sizes), side(Text, &[])),
        ];
        for (shape, value, expected, changes, last) in [
            (2, "007", "7", 3, Some(5)),
            (2, "12.50", "12.50", 2, Some(5)),
            (3, "7", "7", 2, Some(5)),
            (4, "s", "7", 1, Some(5)),
            (5, "007", "007", 0, None),
            (0, "", "", 0, None),
            (3, "nowhere", "nowhere", 0, None),
        ] {
            let carried = carry(&steps, shape, value.into());
            assert_eq!(carried.value, expected, "{value:?} from shape {shape}");
            assert_eq!(carried.changes, changes, "{value:?} from shape {shape}");
            assert_eq!(carried.last.map(|step| step.number), last);
        }
    }
}
