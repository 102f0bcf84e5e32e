//! Who is connected in one organization. Pure state: it is told who comes, goes and writes, and puts frames
//! into queues; it reads no clock and waits for nothing.

use std::collections::{HashMap, HashSet};

use axum::extract::ws::Utf8Bytes;
use tokio::sync::mpsc;

use super::frames::{self, GuestFrame, Looking, OperatorFrame};
use super::hub::{End, Signal};
use super::sight::{Sights, Told, Waiting};
use crate::auth::{OperatorSession, Role, Sight};
use crate::cases::sight::Visibility;
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
        self.hint(Signal::Frame(frame.clone()));
    }

    fn hint(&mut self, signal: Signal) {
        if let Some(queue) = &self.queue
            && queue.capacity() > queue.max_capacity() / 2
        {
            queue.try_send(signal).ok();
        }
    }

    fn say(&mut self, frame: &Utf8Bytes, passing: bool) {
        if passing {
            self.murmur(frame);
        } else {
            self.tell(Signal::Frame(frame.clone()));
        }
    }
}

struct OperatorSeat {
    seat: Seat,
    who: OperatorSession,
    /// The case that is open on the screen.
    looking: Option<CaseId>,
    /// Whether events passed that were not told, since the last that was.
    behind: bool,
}

impl OperatorSeat {
    /// Whether a case of this visibility is in sight.
    fn sees(&self, visibility: Option<&Visibility>) -> bool {
        match self.who.sight {
            Sight::All => true,
            Sight::Own => visibility.is_some_and(|known| known.is_seen_by(self.who.operator)),
        }
    }
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
    /// Seats that see only some cases; without any, nothing about sight is looked up or remembered.
    separated: usize,
    sights: Sights,
    /// Who looks at which case, as it was told last.
    looking: HashMap<CaseId, Vec<OperatorId>>,
}

impl Desk {
    pub(super) fn is_empty(&self) -> bool {
        self.operators.is_empty() && self.guests.is_empty()
    }

    pub(super) fn operator_sockets(&self, operator: OperatorId) -> usize {
        self.operators
            .iter()
            .filter(|seat| seat.who.operator == operator)
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

    pub(super) fn looking(&self) -> Vec<Looking> {
        let looking = self.looking.iter();
        looking
            .map(|(case_id, operator_ids)| Looking {
                case_id: *case_id,
                operator_ids: operator_ids.clone(),
            })
            .collect()
    }

    pub(super) fn seat_operator(
        &mut self,
        id: u64,
        who: OperatorSession,
        queue: mpsc::Sender<Signal>,
    ) {
        if self.online_operators.insert(who.operator) {
            self.tell_operator_presence(who.operator, true);
        }
        self.separated += usize::from(who.sight == Sight::Own);
        self.operators.push(OperatorSeat {
            seat: Seat {
                id,
                queue: Some(queue),
            },
            who,
            looking: None,
            behind: false,
        });
    }

    pub(super) fn seat_guest(&mut self, id: u64, case_id: CaseId, queue: mpsc::Sender<Signal>) {
        self.guests.entry(case_id).or_default().seats.push(Seat {
            id,
            queue: Some(queue),
        });
        if self.online_cases.insert(case_id) {
            self.tell_presence(case_id, true);
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
        let Some(at) = self.operators.iter().position(|seat| seat.seat.id == id) else {
            return;
        };
        let gone = self.operators.remove(at);
        self.separated -= usize::from(gone.who.sight == Sight::Own);
        if self.separated == 0 {
            self.sights.forget();
        }
        if let Some(case_id) = gone.looking {
            self.tell_looking(case_id);
        }
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
            self.tell_presence(case_id, false);
        }
        gone
    }

    /// Whether someone sees only some cases.
    pub(super) fn is_separated(&self) -> bool {
        self.separated > 0
    }

    /// Whether the pump should look who sees a case.
    pub(super) fn is_wanting(&self) -> bool {
        self.sights.is_wanting()
    }

    /// Cases of which it should.
    pub(super) fn wanted(&self) -> Vec<CaseId> {
        self.sights.wanted()
    }

    /// Notes who sees the cases that were asked for, and tells what waited for that.
    pub(super) fn learn(&mut self, asked: &[CaseId], found: Vec<(CaseId, Visibility)>) {
        for waiting in self.sights.learn(asked, found) {
            let visibility = self.sights.of(waiting.case_id);
            for seat in &mut self.operators {
                if seat.who.sight == Sight::Own
                    && Some(seat.seat.id) != waiting.except
                    && seat.sees(visibility)
                {
                    seat.seat.say(&waiting.frame, waiting.passing);
                }
            }
        }
        let watched: HashSet<CaseId> = self.operators.iter().filter_map(|s| s.looking).collect();
        for case_id in asked.iter().filter(|case_id| watched.contains(case_id)) {
            self.tell_looking(*case_id);
        }
    }

    /// Hands an event to everyone who may hear it.
    pub(super) fn tell(&mut self, stamped: &Stamped) {
        self.last = stamped.seq;
        let audience = stamped.event.audience();
        if audience == Audience::Nobody {
            return;
        }
        if !self.operators.is_empty() {
            self.tell_event(stamped);
        }
        if matches!(stamped.event, Event::OrganizationChanged {}) {
            self.tell_all_guests(stamped);
        }
        let (Audience::Case, Some(case_id)) = (audience, stamped.case_id) else {
            return;
        };
        let Some(table) = self.guests.get_mut(&case_id) else {
            return;
        };
        match &stamped.event {
            Event::OperatorJoined { operator, .. } => {
                table.operators.insert(operator.id);
            }
            Event::OperatorLeft { operator, .. } => {
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
            match &stamped.event {
                Event::CaseDeleted { .. } => seat.tell(Signal::End(End::CaseGone)),
                // The link opens the case that this one was merged into.
                Event::CaseMerged { into: Some(_), .. } => {
                    seat.tell(Signal::End(End::SessionOver));
                }
                _ => {}
            }
        }
    }

    /// Lets every guest's page know of what it shows of the organization: its name, colour, logo and contact.
    fn tell_all_guests(&mut self, stamped: &Stamped) {
        let frame = frames::for_guests(stamped);
        for table in self.guests.values_mut() {
            for seat in &mut table.seats {
                seat.say(&frame, false);
            }
        }
    }

    fn tell_event(&mut self, stamped: &Stamped) {
        let signal = Signal::Event {
            place: Some(stamped.seq),
            frame: frames::for_operators(stamped),
        };
        let visibility = match stamped.case_id {
            Some(case_id) if self.separated > 0 => self.sights.of(case_id),
            _ => None,
        };
        for seat in &mut self.operators {
            let told = match (seat.who.sight, stamped.case_id, visibility) {
                (Sight::All, _, _) | (_, None, _) => Told::Event,
                (Sight::Own, Some(_), Some(known)) => Told::of(stamped, known, seat.who.operator),
                (Sight::Own, Some(_), None) => Told::Nothing,
            };
            seat.behind = told == Told::Nothing;
            match frames::told(told, stamped) {
                Some(frame) => seat.seat.tell(Signal::Event {
                    place: Some(stamped.seq),
                    frame,
                }),
                None if told == Told::Event => seat.seat.tell(signal.clone()),
                None => {}
            }
        }
    }

    /// Lets those know how far they are who were told nothing of the last events.
    pub(super) fn settle(&mut self) {
        let last = self.last;
        for seat in self.operators.iter_mut().filter(|seat| seat.behind) {
            seat.behind = false;
            seat.seat.hint(Signal::Passed(last));
        }
    }

    /// Passes on that someone writes, to everyone in the case but the socket it came from. An operator without a seat
    /// writes nothing, and one who does not see the case is not heard there.
    pub(super) fn typing(&mut self, from: u64, case_id: CaseId, actor: &Actor, typing: bool) {
        if let Some(at) = self.operators.iter().position(|seat| seat.seat.id == from) {
            let visibility = match self.operators[at].who.sight {
                Sight::Own => self.sights.of(case_id),
                Sight::All => None,
            };
            let seat = &self.operators[at];
            if !seat.who.seat || !seat.sees(visibility) {
                return;
            }
        }
        let frame = frames::text(&OperatorFrame::Typing {
            case_id,
            actor: actor.clone(),
            typing,
        });
        self.say_operators(case_id, &frame, true, Some(from));
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

    /// Notes which case an operator's screen shows, and tells it to those who see that case.
    pub(super) fn look(&mut self, id: u64, case_id: Option<CaseId>) {
        let Some(seat) = self.operators.iter_mut().find(|seat| seat.seat.id == id) else {
            return;
        };
        let before = std::mem::replace(&mut seat.looking, case_id);
        for changed in [before, case_id].into_iter().flatten() {
            self.tell_looking(changed);
        }
    }

    /// Tells who looks at a case, if that is not what was told last. Who does not see it does not look at it.
    fn tell_looking(&mut self, case_id: CaseId) {
        let visibility = if self.separated > 0 {
            self.sights.of(case_id)
        } else {
            None
        };
        let mut operator_ids: Vec<OperatorId> = self
            .operators
            .iter()
            .filter(|seat| seat.looking == Some(case_id) && seat.sees(visibility))
            .map(|seat| seat.who.operator)
            .collect();
        operator_ids.sort_unstable();
        operator_ids.dedup();
        let told = self.looking.get(&case_id).map_or(&[][..], Vec::as_slice);
        if told == operator_ids {
            return;
        }
        if operator_ids.is_empty() {
            self.looking.remove(&case_id);
        } else {
            self.looking.insert(case_id, operator_ids.clone());
        }
        let frame = frames::text(&OperatorFrame::Looking {
            case_id,
            operator_ids,
        });
        self.say_operators(case_id, &frame, false, None);
    }

    /// Tells the operators who see a case, and its guests.
    pub(super) fn tell_case(
        &mut self,
        case_id: CaseId,
        to_operators: &Utf8Bytes,
        to_guests: &Utf8Bytes,
        passing: bool,
    ) {
        self.say_operators(case_id, to_operators, passing, None);
        for seat in self.guests_of(case_id) {
            seat.say(to_guests, passing);
        }
    }

    /// Puts a frame about a case into the queues of the operators who see it. Where that is not known of one, it
    /// waits until it is.
    fn say_operators(
        &mut self,
        case_id: CaseId,
        frame: &Utf8Bytes,
        passing: bool,
        except: Option<u64>,
    ) {
        let visibility = if self.separated > 0 {
            self.sights.of(case_id)
        } else {
            None
        };
        for seat in &mut self.operators {
            if Some(seat.seat.id) != except && seat.sees(visibility) {
                seat.seat.say(frame, passing);
            }
        }
        if self.separated > 0 && visibility.is_none() {
            self.sights.put_off(Waiting {
                case_id,
                frame: frame.clone(),
                passing,
                except,
            });
        }
    }

    fn guests_of(&mut self, case_id: CaseId) -> impl Iterator<Item = &mut Seat> {
        let table = self.guests.get_mut(&case_id);
        table.into_iter().flat_map(|table| &mut table.seats)
    }

    /// Ends the sockets of sessions that are over.
    pub(super) fn end_sessions(&mut self, over: impl Fn(OperatorId, SessionId) -> bool) {
        self.end(End::SessionOver, |who| over(who.operator, who.session));
    }

    /// Ends the sockets of an operator whose role, seat or rights changed.
    pub(super) fn end_changed(&mut self, operator: OperatorId) {
        self.end(End::Changed, |who| who.operator == operator);
    }

    /// Ends the sockets of all whose sight the organization decides.
    pub(super) fn end_sight(&mut self) {
        self.end(End::Changed, |who| who.role == Role::Operator);
    }

    /// Ends sockets: nothing is told behind the end.
    fn end(&mut self, end: End, whose: impl Fn(&OperatorSession) -> bool) {
        for seat in self.operators.iter_mut().filter(|seat| whose(&seat.who)) {
            seat.seat.tell(Signal::End(end));
            seat.seat.queue = None;
        }
    }

    fn tell_operators(&mut self, signal: &Signal) {
        for seat in &mut self.operators {
            seat.seat.tell(signal.clone());
        }
    }

    fn tell_presence(&mut self, case_id: CaseId, online: bool) {
        let frame = frames::text(&OperatorFrame::Presence { case_id, online });
        self.say_operators(case_id, &frame, false, None);
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
