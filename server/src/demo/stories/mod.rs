//! Who works at Ashgrove Heating, and what their customers wrote.

mod going_on;
mod quiet;
mod waiting_and_done;

use crate::auth::Role;
use crate::cases::Language;

/// Someone of the team.
pub(super) struct Member {
    pub(super) name: &'static str,
    pub(super) email: &'static str,
    pub(super) role: Role,
    /// Whether the member works on cases; without a seat one reads.
    pub(super) seat: bool,
}

const fn member(name: &'static str, email: &'static str, role: Role, seat: bool) -> Member {
    Member {
        name,
        email,
        role,
        seat,
    }
}

/// The team; stories name its members by their places here.
pub(super) const TEAM: &[Member] = &[
    member(
        "Maren Lindqvist",
        "maren@ashgrove.example",
        Role::Administrator,
        true,
    ),
    member(
        "Ifeoma Okafor",
        "ifeoma@ashgrove.example",
        Role::Operator,
        true,
    ),
    member(
        "Tomasz Wilk",
        "tomasz@ashgrove.example",
        Role::Operator,
        true,
    ),
    member(
        "Keiko Tanaka",
        "keiko@ashgrove.example",
        Role::Operator,
        true,
    ),
    member(
        "Rupert Hale",
        "rupert@ashgrove.example",
        Role::Operator,
        false,
    ),
];

/// Who speaks: the guest, or a member of [`TEAM`].
pub(super) enum Speaker {
    Guest,
    Team(usize),
}

/// Something that happened, so many minutes before now.
pub(super) enum Line {
    Says(i64, Speaker, &'static str),
    /// A message to the team, with the members it is meant for.
    Tells(i64, usize, &'static str, &'static [usize]),
    Arrives(i64),
    Notes(i64, usize, &'static str),
    Leaves(i64, usize),
    HandsOver(i64, usize, usize, &'static str),
    /// Puts the case off until so many minutes after now.
    Snoozes(i64, usize, i64),
    AsksWhere(i64, usize),
    /// The guest shares latitude, longitude and accuracy in metres.
    SharesWhere(i64, f64, f64, f64),
    Refuses(i64),
    Calls(i64, usize),
    Ends(i64, usize),
    Completes(i64, usize),
}

impl Line {
    pub(super) fn minutes_ago(&self) -> i64 {
        match self {
            Line::Says(minutes, ..)
            | Line::Tells(minutes, ..)
            | Line::Arrives(minutes)
            | Line::Notes(minutes, ..)
            | Line::Leaves(minutes, _)
            | Line::HandsOver(minutes, ..)
            | Line::Snoozes(minutes, ..)
            | Line::AsksWhere(minutes, _)
            | Line::SharesWhere(minutes, ..)
            | Line::Refuses(minutes)
            | Line::Calls(minutes, _)
            | Line::Ends(minutes, _)
            | Line::Completes(minutes, _) => *minutes,
        }
    }
}

/// A case of the sample organization. `team` names who is on it, the first opened it; `custom` fills fields of
/// [`super::desk::FIELDS`] by their labels.
pub(super) struct Story {
    pub(super) name: &'static str,
    pub(super) email: &'static str,
    pub(super) phone: &'static str,
    pub(super) reference: &'static str,
    pub(super) notes: &'static str,
    pub(super) tags: &'static [&'static str],
    pub(super) custom: &'static [(&'static str, &'static str)],
    pub(super) language: Language,
    pub(super) team: &'static [usize],
    pub(super) shown_as_guest: bool,
    pub(super) lines: &'static [Line],
}

const HOUR: i64 = 60;
const DAY: i64 = 24 * HOUR;

/// All cases.
pub(super) fn all() -> Vec<&'static Story> {
    [going_on::STORIES, quiet::STORIES, waiting_and_done::STORIES]
        .into_iter()
        .flatten()
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_number_looks_mistyped() {
        for story in all() {
            let number = crate::phone::stored(story.phone);
            assert!(!number.doubtful, "{}: {}", story.name, story.phone);
        }
    }
}
