//! What a room knows of who sees which case, while separated operators are connected to it (O16). It is filled from
//! the database by the pump, with the events that change it; a case of which nothing is known is told to none of
//! them: what there is to tell waits until the pump has looked.

use std::collections::{HashMap, HashSet};

use axum::extract::ws::Utf8Bytes;

use crate::cases::sight::Visibility;
use crate::events::{Event, Stamped};
use crate::ids::{CaseId, OperatorId};
use crate::limits;

/// What an operator who sees only some cases is told of an event in one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Told {
    /// The event.
    Event,
    /// That the case is in sight from now on.
    Visible,
    /// That the case is out of sight from now on.
    Hidden,
    /// Nothing.
    Nothing,
}

impl Told {
    /// What `operator` is told of an event, after which the case's visibility is as given. Entries that came along
    /// when a case was merged tell of a time long gone.
    pub(super) fn of(stamped: &Stamped, visibility: &Visibility, operator: OperatorId) -> Told {
        let seen = visibility.is_seen_by(operator);
        match (stamped.merged_from, seen) {
            (None, _) => {
                let is_own = stamped.actor.id.as_deref() == Some(operator.to_string().as_str());
                Told::of_news(&stamped.event, is_own, visibility, operator)
            }
            (Some(_), true) => Told::Event,
            (Some(_), false) => Told::Nothing,
        }
    }

    /// `is_own`: whether the operator did it. Whoever joins by themselves saw the case before.
    fn of_news(event: &Event, is_own: bool, visibility: &Visibility, operator: OperatorId) -> Told {
        if visibility.is_seen_by(operator) {
            let was_hidden = match event {
                Event::OperatorJoined {
                    operator: joined,
                    claimed,
                } => joined.id == operator && !claimed && !is_own,
                Event::OperatorLeft {
                    operator: left,
                    queued,
                } => *queued && left.id != operator,
                _ => false,
            };
            return if was_hidden {
                Told::Visible
            } else {
                Told::Event
            };
        }
        let was_visible = match event {
            Event::OperatorJoined { claimed, .. } => *claimed,
            Event::OperatorLeft { operator: left, .. } => left.id == operator,
            Event::CaseDeleted {
                operator_ids,
                queued,
            }
            | Event::CaseMerged {
                operator_ids,
                queued,
                ..
            } => *queued || operator_ids.contains(&operator),
            _ => false,
        };
        if was_visible {
            Told::Hidden
        } else {
            Told::Nothing
        }
    }
}

/// A frame about a case, until it is known who sees it.
#[derive(Debug)]
pub(super) struct Waiting {
    pub(super) case_id: CaseId,
    pub(super) frame: Utf8Bytes,
    /// Whether it may be left out where a reader is slow.
    pub(super) passing: bool,
    /// The socket it came from.
    pub(super) except: Option<u64>,
}

/// Who sees which case.
#[derive(Default)]
pub(super) struct Sights {
    known: HashMap<CaseId, Visibility>,
    wanted: HashSet<CaseId>,
    waiting: Vec<Waiting>,
}

impl Sights {
    /// Who sees a case, as far as that is known; otherwise the pump will look.
    pub(super) fn of(&mut self, case_id: CaseId) -> Option<&Visibility> {
        let known = self.known.get(&case_id);
        if known.is_none() && self.wanted.len() < limits::SIGHT_REMEMBERED_MAX {
            self.wanted.insert(case_id);
        }
        known
    }

    /// Keeps a frame until it is known who sees its case.
    pub(super) fn put_off(&mut self, waiting: Waiting) {
        if self.waiting.len() < limits::SIGHT_WAITING_FRAMES_MAX {
            self.waiting.push(waiting);
        }
    }

    /// Whether the pump should look.
    pub(super) fn is_wanting(&self) -> bool {
        !self.wanted.is_empty()
    }

    /// Cases of which the pump should look who sees them.
    pub(super) fn wanted(&self) -> Vec<CaseId> {
        self.wanted.iter().copied().collect()
    }

    /// Notes who sees the cases that were asked for; one that was not found is seen by nobody. Returns the frames
    /// that waited for it.
    pub(super) fn learn(
        &mut self,
        asked: &[CaseId],
        found: Vec<(CaseId, Visibility)>,
    ) -> Vec<Waiting> {
        if self.known.len() + asked.len() > limits::SIGHT_REMEMBERED_MAX {
            self.known.clear();
        }
        for case_id in asked {
            self.wanted.remove(case_id);
            self.known.insert(*case_id, Visibility::default());
        }
        self.known.extend(found);
        let known = &self.known;
        let (ready, waiting) = std::mem::take(&mut self.waiting)
            .into_iter()
            .partition(|waiting| known.contains_key(&waiting.case_id));
        self.waiting = waiting;
        ready
    }

    /// Forgets all: nobody needs it any more, and nobody keeps it true.
    pub(super) fn forget(&mut self) {
        *self = Sights::default();
    }
}

#[cfg(test)]
mod tests {
    use deskside_db::Uuid;

    use super::*;
    use crate::events::OperatorRef;

    fn operator(n: u128) -> OperatorRef {
        OperatorRef {
            id: OperatorId::from_uuid(Uuid::from_u128(n)),
            name: format!("Operator {n}"),
        }
    }

    fn seen_by(operators: &[u128], waits: bool) -> Visibility {
        let operators = operators.iter().map(|n| operator(*n).id).collect();
        Visibility { waits, operators }
    }

    #[test]
    fn whoever_loses_or_gains_sight_is_told_so_and_nobody_else() {
        let joined = |n, claimed| Event::OperatorJoined {
            operator: operator(n),
            claimed,
        };
        let left = |n, queued| Event::OperatorLeft {
            operator: operator(n),
            queued,
        };
        let deleted = |on: &[u128], queued| Event::CaseDeleted {
            operator_ids: on.iter().map(|n| operator(*n).id).collect(),
            queued,
        };
        let nobody = Visibility::default();
        let cases = [
            (
                "taken by oneself",
                joined(1, true),
                seen_by(&[1], false),
                Told::Event,
            ),
            (
                "taken by another",
                joined(2, true),
                seen_by(&[2], false),
                Told::Hidden,
            ),
            (
                "added",
                joined(1, false),
                seen_by(&[1, 2], false),
                Told::Visible,
            ),
            (
                "another added",
                joined(3, false),
                seen_by(&[2, 3], false),
                Told::Nothing,
            ),
            (
                "a colleague added",
                joined(3, false),
                seen_by(&[1, 3], false),
                Told::Event,
            ),
            (
                "taken off",
                left(1, false),
                seen_by(&[2], false),
                Told::Hidden,
            ),
            (
                "another taken off",
                left(2, false),
                seen_by(&[3], false),
                Told::Nothing,
            ),
            (
                "back in the queue",
                left(2, true),
                seen_by(&[], true),
                Told::Visible,
            ),
            (
                "put back by oneself",
                left(1, true),
                seen_by(&[], true),
                Told::Event,
            ),
            (
                "done by another",
                Event::CaseCompleted {},
                seen_by(&[2], false),
                Told::Nothing,
            ),
            (
                "done on one's own",
                Event::CaseCompleted {},
                seen_by(&[1], false),
                Told::Event,
            ),
            (
                "own gone",
                deleted(&[1, 2], false),
                nobody.clone(),
                Told::Hidden,
            ),
            (
                "waiting one gone",
                deleted(&[], true),
                nobody.clone(),
                Told::Hidden,
            ),
            (
                "another's gone",
                deleted(&[2], false),
                nobody,
                Told::Nothing,
            ),
        ];
        for (what, event, visibility, expected) in cases {
            assert_eq!(
                Told::of_news(&event, false, &visibility, operator(1).id),
                expected,
                "{what}"
            );
        }
    }

    #[test]
    fn whoever_joins_by_themselves_saw_the_case_before() {
        let event = Event::OperatorJoined {
            operator: operator(1),
            claimed: false,
        };
        let told = Told::of_news(&event, true, &seen_by(&[1], false), operator(1).id);
        assert_eq!(told, Told::Event);
    }

    #[test]
    fn frames_wait_until_it_is_known_who_sees_their_case() {
        let mut sights = Sights::default();
        let case = |n| CaseId::from_uuid(Uuid::from_u128(n));
        assert_eq!(sights.of(case(1)), None);
        assert_eq!(sights.wanted(), [case(1)]);
        for n in [1, 2] {
            sights.put_off(Waiting {
                case_id: case(n),
                frame: Utf8Bytes::from_static("{}"),
                passing: true,
                except: None,
            });
        }
        let ready = sights.learn(&[case(1), case(3)], vec![(case(1), seen_by(&[7], false))]);
        assert_eq!(ready.len(), 1);
        assert_eq!(ready[0].case_id, case(1));
        assert!(!sights.is_wanting());
        assert_eq!(sights.of(case(1)), Some(&seen_by(&[7], false)));
        let gone = Visibility::default();
        assert_eq!(sights.of(case(3)), Some(&gone), "not found: seen by nobody");
    }

    #[test]
    fn no_number_of_cases_fills_the_memory() {
        let mut sights = Sights::default();
        for n in 0..3 * limits::SIGHT_REMEMBERED_MAX as u128 {
            let case_id = CaseId::from_uuid(Uuid::from_u128(n));
            sights.of(case_id);
            sights.put_off(Waiting {
                case_id,
                frame: Utf8Bytes::from_static("{}"),
                passing: false,
                except: None,
            });
            if n % 2 == 0 {
                sights.learn(&[case_id], Vec::new());
            }
        }
        assert!(sights.known.len() <= limits::SIGHT_REMEMBERED_MAX);
        assert!(sights.wanted.len() <= limits::SIGHT_REMEMBERED_MAX);
        assert!(sights.waiting.len() <= limits::SIGHT_WAITING_FRAMES_MAX);
    }
}
