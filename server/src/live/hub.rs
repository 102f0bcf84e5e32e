//! The hub: one desk for each organization that someone is connected to, and the pump that fills it.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use axum::extract::ws::Utf8Bytes;
use deskside_db::{Clock, Db, OrgTx, Random, Time};
use futures_util::future::BoxFuture;
use tokio::sync::{Notify, OnceCell, mpsc, watch};

use super::desk::Desk;
use super::frames::{self, GuestFrame, Looking, OperatorFrame};
use crate::auth::{GuestSession, OperatorSession};
use crate::cases::sight::{self, Visibility};
use crate::error::Error;
use crate::events::{self, Actor, Stamped};
use crate::ids::{CaseId, OperatorId, OrganizationId, SessionId};
use crate::limits;

/// Why the server ends a socket.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum End {
    /// The session is over: sign in.
    SessionOver,
    /// Nothing was heard for too long.
    Silent,
    /// The reader is too slow: come back.
    TooSlow,
    /// What the operator may see or do changed: load everything anew and come back.
    Changed,
    /// The case is deleted.
    CaseGone,
    /// The server stops: come back.
    Stopping,
}

impl End {
    /// The close code (RFC 6455 section 7.4; 4000 and up are ours).
    pub fn code(self) -> u16 {
        match self {
            End::SessionOver => 4401,
            End::Silent => 4408,
            End::TooSlow => 4409,
            End::CaseGone => 4410,
            End::Changed => 4412,
            End::Stopping => 1012,
        }
    }
}

/// What a socket is told.
#[derive(Debug, Clone)]
pub enum Signal {
    /// An event, with its place in the socket's order (`seq` or entry), if it has one.
    Event {
        /// The place.
        place: Option<i64>,
        /// The frame.
        frame: Utf8Bytes,
    },
    /// Something passing: presence, typing.
    Frame(Utf8Bytes),
    /// Events up to this place happened out of sight.
    Passed(i64),
    /// The socket ends.
    End(End),
}

struct Room {
    organization: OrganizationId,
    doorbell: Notify,
    started: OnceCell<()>,
    desk: Mutex<Desk>,
}

impl Room {
    /// The desk; a panic while it was held leaves queues, not broken state.
    fn desk(&self) -> MutexGuard<'_, Desk> {
        self.desk.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Tells something at the desk; where that needs to know who sees a case, the pump looks.
    fn tell<T>(&self, what: impl FnOnce(&mut Desk) -> T) -> T {
        let mut desk = self.desk();
        let out = what(&mut desk);
        if desk.is_wanting() {
            self.doorbell.notify_one();
        }
        out
    }
}

struct Inner {
    db: Db,
    clock: Clock,
    random: Random,
    heartbeat: Duration,
    rooms: Mutex<HashMap<OrganizationId, Arc<Room>>>,
    sockets: watch::Sender<usize>,
    next_seat: AtomicU64,
    stopping: watch::Sender<bool>,
    guest_left: GuestLeft,
}

/// What is done when a guest has left; comes from outside, the hub knows no feature.
pub type GuestLeft = fn(Db, Time, OrganizationId, CaseId) -> BoxFuture<'static, ()>;

/// Everyone who is connected. Cheap to clone.
#[derive(Clone)]
pub struct Hub(Arc<Inner>);

/// Who sits at a socket.
#[derive(Debug, Clone, Copy)]
enum Sitter {
    Operator(OperatorId),
    Guest(CaseId),
}

/// A socket's place at the desk; dropping it leaves.
pub struct Seat {
    hub: Hub,
    room: Arc<Room>,
    id: u64,
    sitter: Sitter,
    grace: Duration,
}

/// A socket's place, and what it is told there.
pub struct Subscription {
    /// The place.
    pub seat: Seat,
    /// What the socket is told; ends when the reader was too slow.
    pub queue: mpsc::Receiver<Signal>,
    /// Turns true when the server stops.
    pub stopping: watch::Receiver<bool>,
}

impl Hub {
    /// A hub over a database.
    pub fn new(
        db: Db,
        clock: Clock,
        random: Random,
        heartbeat: Duration,
        guest_left: GuestLeft,
    ) -> Self {
        Self(Arc::new(Inner {
            db,
            clock,
            random,
            heartbeat,
            rooms: Mutex::default(),
            sockets: watch::Sender::new(0),
            next_seat: AtomicU64::new(1),
            stopping: watch::Sender::new(false),
            guest_left,
        }))
    }

    /// Time between heartbeats.
    pub fn heartbeat(&self) -> Duration {
        self.0.heartbeat
    }

    /// The clock of the server.
    pub fn clock(&self) -> &Clock {
        &self.0.clock
    }

    /// How long a socket should stay away when the server stops: spread, so that not all come at once.
    pub fn goodbye_ms(&self) -> u64 {
        500 + self.0.random.below(2_000)
    }

    /// Tells that an organization has new events. Called after every commit that made some.
    pub fn ring(&self, organization: OrganizationId) {
        if let Some(room) = self.room(organization) {
            room.doorbell.notify_one();
        }
    }

    /// Whether a case's guest is on the guest page.
    pub fn guest_online(&self, organization: OrganizationId, case_id: CaseId) -> bool {
        self.room(organization)
            .is_some_and(|room| room.desk().guest_online(case_id))
    }

    /// Whether an operator is at the desk.
    pub fn operator_online(&self, organization: OrganizationId, operator: OperatorId) -> bool {
        self.room(organization)
            .is_some_and(|room| room.desk().operator_online(operator))
    }

    /// Tells everyone in a case, and every operator, something that stands nowhere. A reader that does not keep up
    /// loses the socket, as with events.
    pub fn tell_case(
        &self,
        organization: OrganizationId,
        case_id: CaseId,
        to_operators: &OperatorFrame,
        to_guests: &GuestFrame,
    ) {
        if let Some(room) = self.room(organization) {
            let frames = (frames::text(to_operators), frames::text(to_guests));
            room.tell(|desk| desk.tell_case(case_id, &frames.0, &frames.1, false));
        }
    }

    /// The same for something passing: it is left out where a queue is half full.
    pub fn murmur_case(
        &self,
        organization: OrganizationId,
        case_id: CaseId,
        to_operators: &OperatorFrame,
        to_guests: &GuestFrame,
    ) {
        if let Some(room) = self.room(organization) {
            let frames = (frames::text(to_operators), frames::text(to_guests));
            room.tell(|desk| desk.tell_case(case_id, &frames.0, &frames.1, true));
        }
    }

    /// Ends the sockets of one session.
    pub fn end_session(&self, organization: OrganizationId, session: SessionId) {
        if let Some(room) = self.room(organization) {
            room.desk().end_sessions(|_, id| id == session);
        }
    }

    /// Ends all sockets of an operator.
    pub fn end_operator(&self, organization: OrganizationId, operator: OperatorId) {
        if let Some(room) = self.room(organization) {
            room.desk().end_sessions(|id, _| id == operator);
        }
    }

    /// Ends all sockets of an operator whose role, seat or rights changed.
    pub fn end_changed(&self, organization: OrganizationId, operator: OperatorId) {
        if let Some(room) = self.room(organization) {
            room.desk().end_changed(operator);
        }
    }

    /// Ends the sockets of all operators: what they see changed with the organization.
    pub fn end_sight(&self, organization: OrganizationId) {
        if let Some(room) = self.room(organization) {
            room.desk().end_sight();
        }
    }

    /// Tells every socket to come back later, and ends it.
    pub fn stop(&self) {
        self.0.stopping.send_replace(true);
    }

    /// Whether the server is stopping.
    pub fn is_stopping(&self) -> bool {
        *self.0.stopping.borrow()
    }

    /// Sockets connected now.
    pub fn sockets(&self) -> usize {
        *self.0.sockets.borrow()
    }

    /// Waits until no socket is connected any more.
    pub async fn emptied(&self) {
        // It ends with an error only when the hub is gone, and with it every socket.
        self.0
            .sockets
            .subscribe()
            .wait_for(|count| *count == 0)
            .await
            .ok();
    }

    /// Seats an operator's socket. From now on its queue holds everything newer than what the database
    /// shows after this call.
    ///
    /// # Errors
    /// `Overloaded` when there are too many sockets, or the database's.
    pub async fn seat_operator(&self, session: &OperatorSession) -> Result<Subscription, Error> {
        let (operator, who) = (session.operator, session.clone());
        let id = self.next_seat()?;
        let seated = self.seat(
            session.organization,
            id,
            Sitter::Operator(operator),
            |desk, queue| {
                if desk.operator_sockets(operator) >= limits::LIVE_SOCKETS_PER_OPERATOR_MAX {
                    return false;
                }
                desk.seat_operator(id, who, queue);
                true
            },
        );
        self.start(seated?).await
    }

    /// Seats a guest's socket; see [`Hub::seat_operator`].
    ///
    /// # Errors
    /// `Overloaded` when there are too many sockets, or the database's.
    pub async fn seat_guest(&self, session: &GuestSession) -> Result<Subscription, Error> {
        let case_id = session.case_id;
        let id = self.next_seat()?;
        let seated = self.seat(
            session.organization,
            id,
            Sitter::Guest(case_id),
            |desk, queue| {
                if desk.guest_sockets(case_id) >= limits::LIVE_SOCKETS_PER_CASE_MAX {
                    return false;
                }
                desk.seat_guest(id, case_id, queue);
                true
            },
        );
        self.start(seated?).await
    }

    fn next_seat(&self) -> Result<u64, Error> {
        if self.sockets() >= limits::LIVE_SOCKETS_MAX {
            return Err(Error::Overloaded);
        }
        Ok(self.0.next_seat.fetch_add(1, Ordering::Relaxed))
    }

    /// Takes the seat while the map of rooms is held: a room that is being given up is not joined.
    fn seat(
        &self,
        organization: OrganizationId,
        id: u64,
        sitter: Sitter,
        sit: impl FnOnce(&mut Desk, mpsc::Sender<Signal>) -> bool,
    ) -> Result<Subscription, Error> {
        let (sender, queue) = mpsc::channel(limits::LIVE_QUEUE_FRAMES);
        let mut rooms = self.rooms();
        let room = rooms.entry(organization).or_insert_with(|| {
            Arc::new(Room {
                organization,
                doorbell: Notify::new(),
                started: OnceCell::new(),
                desk: Mutex::default(),
            })
        });
        if !room.tell(|desk| sit(desk, sender)) {
            return Err(Error::Overloaded);
        }
        self.0.sockets.send_modify(|count| *count += 1);
        let seat = Seat {
            hub: self.clone(),
            room: room.clone(),
            id,
            sitter,
            grace: limits::PRESENCE_GRACE,
        };
        Ok(Subscription {
            seat,
            queue,
            stopping: self.0.stopping.subscribe(),
        })
    }

    /// Starts the room's pump with the first seat.
    async fn start(&self, subscription: Subscription) -> Result<Subscription, Error> {
        let room = &subscription.seat.room;
        room.started
            .get_or_try_init(|| async {
                let organization = room.organization;
                let last = self
                    .0
                    .db
                    .read(move |tx| {
                        Box::pin(async move {
                            Ok::<_, Error>(
                                events::store::current_seq(&mut tx.org(organization)).await?,
                            )
                        })
                    })
                    .await?;
                room.desk().last = last;
                tokio::spawn(self.clone().pump(room.clone()));
                Ok::<(), Error>(())
            })
            .await?;
        Ok(subscription)
    }

    /// Hands new events to the room until nobody sits there any more.
    async fn pump(self, room: Arc<Room>) {
        loop {
            let rang = tokio::time::timeout(limits::LIVE_POLL_EVERY, room.doorbell.notified())
                .await
                .is_ok();
            if !rang && self.give_up(&room) {
                return;
            }
            if let Err(error) = self.fill(&room).await {
                tracing::warn!(organization.id = %room.organization, error = %error, "Live screens could not be told; trying again.");
                tokio::time::sleep(Duration::from_millis(250)).await;
                room.doorbell.notify_one();
            }
        }
    }

    async fn fill(&self, room: &Room) -> Result<(), Error> {
        loop {
            let organization = room.organization;
            let (last, wanted) = {
                let desk = room.desk();
                let wanted = desk.is_separated().then(|| desk.wanted());
                (desk.last, wanted)
            };
            let news = self
                .0
                .db
                .read(move |tx| {
                    Box::pin(async move { news(&mut tx.org(organization), last, wanted).await })
                })
                .await?;
            let more = news.events.len() as i64 == limits::LIVE_READ_ROWS;
            {
                let mut desk = room.desk();
                match news.sights {
                    Some((asked, found)) => desk.learn(&asked, found),
                    // Someone came meanwhile who must not be told everything: look again, at who sees what.
                    None if desk.is_separated() => continue,
                    None => {}
                }
                for stamped in &news.events {
                    desk.tell(stamped);
                }
                desk.settle();
            }
            if !more {
                return Ok(());
            }
        }
    }

    fn give_up(&self, room: &Arc<Room>) -> bool {
        let mut rooms = self.rooms();
        let empty = room.desk().is_empty();
        if empty {
            rooms.remove(&room.organization);
        }
        empty
    }

    fn rooms(&self) -> MutexGuard<'_, HashMap<OrganizationId, Arc<Room>>> {
        self.0.rooms.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn room(&self, organization: OrganizationId) -> Option<Arc<Room>> {
        self.rooms().get(&organization).cloned()
    }
}

/// Who is there.
pub struct Online {
    /// Cases whose guest is online.
    pub cases: Vec<CaseId>,
    /// Operators who are at the desk.
    pub operators: Vec<OperatorId>,
    /// Who looks at which case.
    pub looking: Vec<Looking>,
}

/// What is new in an organization.
struct News {
    events: Vec<Stamped>,
    /// Nothing where all see all.
    sights: Option<Sights>,
}

/// The cases of which it was looked who sees them, and who does.
type Sights = (Vec<CaseId>, Vec<(CaseId, Visibility)>);

/// Reads the events after `last` and, where `wanted` says so, who sees their cases and those.
async fn news(tx: &mut OrgTx<'_>, last: i64, wanted: Option<Vec<CaseId>>) -> Result<News, Error> {
    let events = events::store::after(tx, last, limits::LIVE_READ_ROWS).await?;
    let sights = match wanted {
        Some(mut asked) => {
            asked.extend(events.iter().filter_map(|stamped| stamped.case_id));
            asked.sort_unstable();
            asked.dedup();
            let found = sight::visibility(tx, &asked).await?;
            Some((asked, found))
        }
        None => None,
    };
    Ok(News { events, sights })
}

impl Seat {
    /// Who is online and who looks at which case, for the first frame.
    pub fn online(&self) -> Online {
        let desk = self.room.desk();
        let (cases, operators) = desk.online(limits::ONLINE_CASES_MAX);
        Online {
            cases,
            operators,
            looking: desk.looking(),
        }
    }

    /// Tells which operators' presence this case's guests may learn of.
    pub fn set_case_operators(&self, operators: impl Iterator<Item = OperatorId>) {
        if let Sitter::Guest(case_id) = self.sitter {
            self.room.desk().set_case_operators(case_id, operators);
        }
    }

    /// Passes on that the sitter writes.
    pub fn typing(&self, case_id: CaseId, actor: &Actor, typing: bool) {
        self.room
            .tell(|desk| desk.typing(self.id, case_id, actor, typing));
    }

    /// Notes which case the sitter's screen shows.
    pub fn look(&self, case_id: Option<CaseId>) {
        self.room.tell(|desk| desk.look(self.id, case_id));
    }

    /// Leaving will be told at once.
    pub fn skip_grace(&mut self) {
        self.grace = Duration::ZERO;
    }

    /// The organization of the room.
    pub fn organization(&self) -> OrganizationId {
        self.room.organization
    }
}

/// Leaving: the grace, then whoever is really gone is told so.
async fn farewell(hub: Hub, room: Arc<Room>, sitter: Sitter, grace: Duration) {
    tokio::time::sleep(grace).await;
    match sitter {
        Sitter::Operator(operator) => {
            room.desk().operator_gone(operator);
        }
        Sitter::Guest(case_id) => {
            let gone = room.tell(|desk| desk.guest_gone(case_id));
            if gone {
                (hub.0.guest_left)(
                    hub.0.db.clone(),
                    hub.0.clock.now(),
                    room.organization,
                    case_id,
                )
                .await;
            }
        }
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        self.hub.0.sockets.send_modify(|count| *count -= 1);
        {
            self.room.tell(|desk| match self.sitter {
                Sitter::Operator(_) => desk.unseat_operator(self.id),
                Sitter::Guest(case_id) => desk.unseat_guest(self.id, case_id),
            });
        }
        if let Ok(runtime) = tokio::runtime::Handle::try_current() {
            let (hub, room) = (self.hub.clone(), self.room.clone());
            runtime.spawn(farewell(hub, room, self.sitter, self.grace));
        }
    }
}
