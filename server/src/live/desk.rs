//! Who is connected in one organization. Pure state: it is told who comes, goes and writes, and puts frames
//! into queues; it reads no clock and waits for nothing.

use std::collections::{HashMap, HashSet};

use axum::extract::ws::Utf8Bytes;
use tokio::sync::mpsc;

use super::frames::{self, GuestFrame, OperatorFrame};
use super::hub::{End, Signal};
use crate::events::{Actor, Audience, Event, Stamped};
use crate::ids::{CaseId, OperatorId, SessionId};

/// A socket's queue; `None` once it was full.
struct Seat {
    id: u64,
    queue: Option<mpsc::Sender<Signal>>,
}

impl Seat {
    /// Puts a signal into the queue. A reader that does not keep up loses the queue, and with it the socket.
    fn tell(&mut self, signal: Signal) {
        if let Some(queue) = &self.queue
            && queue.try_send(signal).is_err()
        {
            self.queue = None;
        }
    }

    /// Puts something passing into the queue while there is ample room: nobody loses a socket over it.
    fn murmur(&mut self, frame: &Utf8Bytes) {
        if let Some(queue) = &self.queue
            && queue.capacity() > queue.max_capacity() / 2
        {
            queue.try_send(Signal::Frame(frame.clone())).ok();
        }
    }
}

struct OperatorSeat {
    seat: Seat,
    operator: OperatorId,
    session: SessionId,
}

/// The guests of one case.
#[derive(Default)]
struct GuestTable {
    seats: Vec<Seat>,
    /// Operators on the case: only their coming and going is told here.
    operators: HashSet<OperatorId>,
}

/// The live state of one organization.
#[derive(Default)]
pub(super) struct Desk {
    /// The newest event handed out.
    pub(super) last: i64,
    operators: Vec<OperatorSeat>,
    guests: HashMap<CaseId, GuestTable>,
    online_cases: HashSet<CaseId>,
    online_operators: HashSet<OperatorId>,
}

impl Desk {
    pub(super) fn is_empty(&self) -> bool {
        self.operators.is_empty() && self.guests.is_empty()
    }

    pub(super) fn operator_sockets(&self, operator: OperatorId) -> usize {
        self.operators
            .iter()
            .filter(|seat| seat.operator == operator)
            .count()
    }

    pub(super) fn guest_sockets(&self, case_id: CaseId) -> usize {
        self.guests
            .get(&case_id)
            .map_or(0, |table| table.seats.len())
    }

    pub(super) fn guest_online(&self, case_id: CaseId) -> bool {
        self.online_cases.contains(&case_id)
    }

    pub(super) fn operator_online(&self, operator: OperatorId) -> bool {
        self.online_operators.contains(&operator)
    }

    pub(super) fn online(&self, cases_max: usize) -> (Vec<CaseId>, Vec<OperatorId>) {
        (
            self.online_cases.iter().take(cases_max).copied().collect(),
            self.online_operators.iter().copied().collect(),
        )
    }

    pub(super) fn seat_operator(
        &mut self,
        id: u64,
        operator: OperatorId,
        session: SessionId,
        queue: mpsc::Sender<Signal>,
    ) {
        if self.online_operators.insert(operator) {
            self.tell_operator_presence(operator, true);
        }
        self.operators.push(OperatorSeat {
            seat: Seat {
                id,
                queue: Some(queue),
            },
            operator,
            session,
        });
    }

    pub(super) fn seat_guest(&mut self, id: u64, case_id: CaseId, queue: mpsc::Sender<Signal>) {
        self.guests.entry(case_id).or_default().seats.push(Seat {
            id,
            queue: Some(queue),
        });
        if self.online_cases.insert(case_id) {
            self.tell_operators(&Signal::Frame(frames::text(&OperatorFrame::Presence {
                case_id,
                online: true,
            })));
        }
    }

    pub(super) fn set_case_operators(
        &mut self,
        case_id: CaseId,
        operators: impl Iterator<Item = OperatorId>,
    ) {
        if let Some(table) = self.guests.get_mut(&case_id) {
            table.operators = operators.collect();
        }
    }

    /// An operator's socket has gone; the operator counts as present until [`Desk::operator_gone`].
    pub(super) fn unseat_operator(&mut self, id: u64) {
        self.operators.retain(|seat| seat.seat.id != id);
    }

    /// A guest's socket has gone; the guest counts as present until [`Desk::guest_gone`].
    pub(super) fn unseat_guest(&mut self, id: u64, case_id: CaseId) {
        if let Some(table) = self.guests.get_mut(&case_id) {
            table.seats.retain(|seat| seat.id != id);
            if table.seats.is_empty() {
                self.guests.remove(&case_id);
            }
        }
    }

    /// After the grace: whether the operator is really gone, and now told so.
    pub(super) fn operator_gone(&mut self, operator: OperatorId) -> bool {
        let gone = self.operator_sockets(operator) == 0 && self.online_operators.remove(&operator);
        if gone {
            self.tell_operator_presence(operator, false);
        }
        gone
    }

    /// After the grace: whether the guest is really gone, and now told so.
    pub(super) fn guest_gone(&mut self, case_id: CaseId) -> bool {
        let gone = self.guest_sockets(case_id) == 0 && self.online_cases.remove(&case_id);
        if gone {
            self.tell_operators(&Signal::Frame(frames::text(&OperatorFrame::Presence {
                case_id,
                online: false,
            })));
        }
        gone
    }

    /// Hands an event to everyone who may hear it.
    pub(super) fn tell(&mut self, stamped: &Stamped) {
        self.last = stamped.seq;
        let audience = stamped.event.audience();
        if audience == Audience::Nobody {
            return;
        }
        if !self.operators.is_empty() {
            let frame = frames::for_operators(stamped);
            self.tell_operators(&Signal::Event {
                place: Some(stamped.seq),
                frame,
            });
        }
        let (Audience::Case, Some(case_id)) = (audience, stamped.case_id) else {
            return;
        };
        let Some(table) = self.guests.get_mut(&case_id) else {
            return;
        };
        match &stamped.event {
            Event::OperatorJoined { operator } => {
                table.operators.insert(operator.id);
            }
            Event::OperatorLeft { operator } => {
                table.operators.remove(&operator.id);
            }
            _ => {}
        }
        let frame = frames::for_guests(stamped);
        for seat in &mut table.seats {
            seat.tell(Signal::Event {
                place: stamped.entry,
                frame: frame.clone(),
            });
            if matches!(stamped.event, Event::CaseDeleted {}) {
                seat.tell(Signal::End(End::CaseGone));
            }
        }
    }

    /// Passes on that someone writes, to everyone in the case but the socket it came from.
    pub(super) fn typing(&mut self, from: u64, case_id: CaseId, actor: &Actor, typing: bool) {
        let to_operators = frames::text(&OperatorFrame::Typing {
            case_id,
            actor: actor.clone(),
            typing,
        });
        for seat in self.operators.iter_mut().map(|seat| &mut seat.seat) {
            if seat.id != from {
                seat.murmur(&to_operators);
            }
        }
        if let Some(table) = self.guests.get_mut(&case_id) {
            let frame: Utf8Bytes = frames::text(&GuestFrame::Typing {
                actor: actor.clone(),
                typing,
            });
            for seat in table.seats.iter_mut().filter(|seat| seat.id != from) {
                seat.murmur(&frame);
            }
        }
    }

    /// Tells all operators and the guests of a case.
    pub(super) fn tell_case(
        &mut self,
        case_id: CaseId,
        to_operators: Utf8Bytes,
        to_guests: Utf8Bytes,
    ) {
        self.tell_operators(&Signal::Frame(to_operators));
        for seat in self.guests_of(case_id) {
            seat.tell(Signal::Frame(to_guests.clone()));
        }
    }

    /// Tells the same people something passing.
    pub(super) fn murmur_case(
        &mut self,
        case_id: CaseId,
        to_operators: &Utf8Bytes,
        to_guests: &Utf8Bytes,
    ) {
        for seat in &mut self.operators {
            seat.seat.murmur(to_operators);
        }
        for seat in self.guests_of(case_id) {
            seat.murmur(to_guests);
        }
    }

    fn guests_of(&mut self, case_id: CaseId) -> impl Iterator<Item = &mut Seat> {
        let table = self.guests.get_mut(&case_id);
        table.into_iter().flat_map(|table| &mut table.seats)
    }

    /// Ends the sockets of sessions that are over.
    pub(super) fn end_sessions(&mut self, over: impl Fn(OperatorId, SessionId) -> bool) {
        for seat in self
            .operators
            .iter_mut()
            .filter(|seat| over(seat.operator, seat.session))
        {
            seat.seat.tell(Signal::End(End::SessionOver));
        }
    }

    fn tell_operators(&mut self, signal: &Signal) {
        for seat in &mut self.operators {
            seat.seat.tell(signal.clone());
        }
    }

    fn tell_operator_presence(&mut self, operator_id: OperatorId, online: bool) {
        self.tell_operators(&Signal::Frame(frames::text(
            &OperatorFrame::OperatorPresence {
                operator_id,
                online,
            },
        )));
        let frame = frames::text(&GuestFrame::OperatorPresence {
            operator_id,
            online,
        });
        for table in self
            .guests
            .values_mut()
            .filter(|table| table.operators.contains(&operator_id))
        {
            for seat in &mut table.seats {
                seat.tell(Signal::Frame(frame.clone()));
            }
        }
    }
}
