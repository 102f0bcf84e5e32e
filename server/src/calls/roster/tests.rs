//! The roster, told what happens and when.

use std::time::Duration;

use deskside_db::Uuid;

use super::*;
use crate::calls::view::{Quality, TrackKind};
use crate::events::OperatorRef;
use crate::ids::{GuestId, OperatorId, SessionId};

const NOW: Time = Time::from_millis(1_795_340_000_000);
const SECOND: Duration = Duration::from_secs(1);

fn place() -> Place {
    let id = Uuid::from_u128;
    Place::new(
        OrganizationId::from_uuid(id(1)),
        CaseId::from_uuid(id(2)),
        CallId::from_uuid(id(3)),
    )
}

fn row(number: u128) -> ParticipantRow {
    let id = Uuid::from_u128(number);
    let person = if number.is_multiple_of(2) {
        Person::Guest(GuestId::from_uuid(id))
    } else {
        Person::Operator(OperatorId::from_uuid(id), SessionId::from_uuid(id))
    };
    ParticipantRow {
        id: ParticipantId::from_uuid(id),
        person,
        name: None,
        token_hash: vec![number as u8],
        joined_at: NOW,
        left_at: None,
    }
}

fn roster(members: Vec<ParticipantRow>) -> Roster {
    let mut roster = Roster::default();
    let row = CallRow {
        id: place().call_id,
        case_id: place().case_id,
        started_at: NOW,
        started_by: OperatorRef {
            id: OperatorId::from_uuid(Uuid::from_u128(1)),
            name: "Mari".into(),
        },
        last_sign_at: NOW,
        ended_at: None,
    };
    roster.take_up(place(), row, members, NOW);
    roster
}

fn join(roster: &mut Roster, number: u128, now: Time) -> ParticipantId {
    let entry = Entry {
        arrival: Arrival(0),
        media: (Microphone::On, Video::Camera),
        fingerprint: None,
    };
    let joined = roster.join(place(), row(number), entry, &[], now);
    assert!(joined.is_some());
    row(number).id
}

fn report(what: sfu::RoomReport) -> sfu::Report {
    sfu::Report {
        room: place().room(),
        what,
    }
}

fn state(number: u128, flowing: bool) -> sfu::Report {
    report(sfu::RoomReport::Peer {
        peer: sfu::PeerId(Uuid::from_u128(number)),
        state: sfu::PeerState {
            flowing,
            ..sfu::PeerState::default()
        },
    })
}

fn gone(number: u128, why: sfu::GoneWhy) -> sfu::Report {
    let peer = sfu::PeerId(Uuid::from_u128(number));
    report(sfu::RoomReport::Gone { peer, why })
}

#[test]
fn what_changes_nothing_is_not_told() {
    let mut roster = roster(Vec::new());
    join(&mut roster, 1, NOW);
    assert_eq!(roster.take_untold().len(), 1);
    assert!(roster.hear(state(1, true), NOW));
    assert_eq!(roster.take_untold().len(), 1);
    assert!(!roster.hear(state(1, true), NOW));
    assert!(!roster.hear(state(7, true), NOW), "nobody of ours");
    assert!(!roster.hear(gone(1, sfu::GoneWhy::Replaced), NOW));
    assert!(roster.take_untold().is_empty());
}

#[test]
fn revisions_grow_even_within_a_millisecond_and_when_the_clock_goes_back() {
    let mut roster = roster(Vec::new());
    join(&mut roster, 1, NOW);
    let mut last = roster.snapshot(place()).unwrap().revision;
    for (second, flowing) in [(0, true), (0, false), (5, true), (1, false)] {
        roster.hear(state(1, flowing), NOW + SECOND * second);
        let next = roster.snapshot(place()).unwrap().revision;
        assert!(next > last, "{next} after {last}");
        last = next;
    }
}

#[test]
fn slots_show_only_who_is_there() {
    let mut roster = roster(Vec::new());
    join(&mut roster, 1, NOW);
    join(&mut roster, 2, NOW);
    let slot = |from| sfu::Slot {
        mid: "3".into(),
        kind: sfu::Kind::Video,
        from: sfu::PeerId(Uuid::from_u128(from)),
        paused: true,
    };
    let heard = report(sfu::RoomReport::Peer {
        peer: sfu::PeerId(Uuid::from_u128(1)),
        state: sfu::PeerState {
            slots: vec![slot(2), slot(9)],
            slots_missing: 2,
            send_max_kbps: 800,
            quality: sfu::Quality::Weak,
            ..sfu::PeerState::default()
        },
    });
    assert!(roster.hear(heard, NOW));
    let first = roster.snapshot(place()).unwrap().participants.remove(0);
    assert_eq!(first.slots.len(), 1);
    assert_eq!(first.slots[0].from, row(2).id);
    assert_eq!(first.slots[0].kind, TrackKind::Video);
    assert!(first.slots[0].paused);
    assert_eq!((first.slots_missing, first.send_max_kbps), (2, 800));
    assert_eq!(first.quality, Quality::Weak);
}

#[test]
fn signs_of_life_are_noted_now_and_then_and_silence_ends_the_call() {
    let mut roster = roster(Vec::new());
    join(&mut roster, 1, NOW);
    roster.hear(state(1, true), NOW);
    let at = NOW + limits::CALL_SIGN_EVERY;
    let chores = roster.chores(at, |_, _| true);
    assert_eq!(chores.sign, [(place(), at)]);
    roster.signed(place(), at, at);
    assert!(roster.chores(at + SECOND, |_, _| true).sign.is_empty());
    roster.hear(state(1, false), at + SECOND);
    let last = at + SECOND;
    let chores = roster.chores(last + limits::CALL_QUIET_MAX - SECOND, |_, _| true);
    assert!(chores.over.is_empty());
    let chores = roster.chores(last + limits::CALL_QUIET_MAX, |_, _| true);
    assert_eq!(chores.over, [(place(), last)]);
}

#[test]
fn a_call_that_another_process_carries_is_left_alone() {
    let mut roster = roster(vec![row(1), row(2)]);
    for step in 1..20 {
        let now = NOW + SECOND * 15 * step;
        roster.signed(place(), now - SECOND, now);
        let chores = roster.chores(now, |_, _| false);
        assert!(
            chores.over.is_empty() && chores.lost.is_empty(),
            "{chores:?}"
        );
    }
    let now = NOW + SECOND * 15 * 19 + limits::CALL_QUIET_MAX;
    assert_eq!(roster.chores(now, |_, _| false).over.len(), 1);
}

#[test]
fn who_is_given_up_by_the_worker_is_lost_at_once_and_who_failed_may_come_back() {
    let mut roster = roster(Vec::new());
    let (one, two) = (join(&mut roster, 1, NOW), join(&mut roster, 2, NOW));
    roster.hear(state(1, true), NOW);
    roster.hear(state(2, true), NOW);
    assert!(roster.hear(gone(1, sfu::GoneWhy::Silent), NOW));
    assert!(roster.hear(gone(2, sfu::GoneWhy::Failed), NOW));
    assert_eq!(roster.chores(NOW, |_, _| true).lost, [(place(), one)]);
    let away = NOW + limits::CALL_AWAY_SILENCE_MAX;
    assert_eq!(roster.chores(away, |_, _| false).lost.len(), 2);
    join(&mut roster, 2, away);
    assert_eq!(roster.chores(away, |_, _| true).lost, [(place(), one)]);
    assert!(roster.leave(place(), one, away) && !roster.leave(place(), one, away));
    let left = roster.snapshot(place()).unwrap().participants;
    assert_eq!(left.len(), 1);
    assert_eq!(left[0].id, two);
}
