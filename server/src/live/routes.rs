//! The two live sockets: an operator's, over everything in the organization, and a guest's, over one case.

use std::collections::HashMap;

use axum::extract::State;
use axum::extract::ws::{Utf8Bytes, WebSocket, WebSocketUpgrade};
use axum::http::Response;
use deskside_db::OrgTx;
use serde::Deserialize;
use utoipa::IntoParams;

use super::frames::{self, GuestFrame, GuestSays, OperatorFrame, OperatorSays};
use super::hub::{End, Online, Seat, Subscription};
use super::sight::Told;
use super::socket::{Side, Step, close, run, send};
use crate::app::App;
use crate::auth::{self, GuestSession, OperatorSession, Sight};
use crate::body::Query;
use crate::cases::Status;
use crate::cases::sight::{self, Visibility};
use crate::error::{Error, Problem};
use crate::events::store::Reader;
use crate::events::{self, Actor, ActorKind, Audience, Stamped};
use crate::guests;
use crate::ids::CaseId;
use crate::limits;

/// Where an operator's screen is.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(default, deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct LiveQuery {
    /// The cursor of the last frame; from now without.
    cursor: Option<i64>,
}

/// Where a guest's page is.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(default, deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct GuestLiveQuery {
    /// The last entry seen; from now without.
    after: Option<i64>,
}

/// Sets the small buffers: the library's defaults cost 18 times the memory of an idle socket.
fn tuned(upgrade: WebSocketUpgrade) -> WebSocketUpgrade {
    upgrade
        .read_buffer_size(limits::LIVE_READ_BUFFER_BYTES)
        .write_buffer_size(0)
        .max_write_buffer_size(limits::LIVE_WRITE_BUFFER_BYTES_MAX)
        .max_message_size(limits::LIVE_FRAME_BYTES_MAX)
        .max_frame_size(limits::LIVE_FRAME_BYTES_MAX)
}

/// How many passing frames of a kind a socket may still pass on before the next heartbeat.
struct Allowance {
    left: u32,
    each: u32,
}

impl Allowance {
    fn per_heartbeat(app: &App) -> Self {
        let each = limits::PASSING_PER_SECOND_MAX
            * u32::try_from(app.hub.heartbeat().as_secs().max(1)).unwrap_or(1);
        Self { left: each, each }
    }

    fn take(&mut self) -> bool {
        let some = self.left > 0;
        self.left = self.left.saturating_sub(1);
        some
    }

    fn refill(&mut self) {
        self.left = self.each;
    }
}

/// Live events of the organization, over a WebSocket.
#[utoipa::path(get, path = "/api/v1/live", operation_id = "live", tag = "live", params(LiveQuery),
    responses((status = 101, description = "A WebSocket: frames OperatorFrame out, OperatorSays in"), (status = 401, body = Problem), (status = 503, body = Problem)))]
pub async fn live(
    State(app): State<App>,
    who: OperatorSession,
    Query(query): Query<LiveQuery>,
    upgrade: Result<WebSocketUpgrade, axum::extract::ws::rejection::WebSocketUpgradeRejection>,
) -> Result<Response<axum::body::Body>, Error> {
    let upgrade = upgrade.map_err(|_| Error::MethodNotAllowed)?;
    let subscription = app.hub.seat_operator(&who).await?;
    Ok(tuned(upgrade).on_upgrade(move |socket| async move {
        operator_socket(&app, who, socket, subscription, query.cursor).await;
    }))
}

struct OperatorSide {
    actor: Actor,
    typing: Allowance,
    looks: Allowance,
    /// What was looked at last, where that was too often to be told at once.
    looking: Option<Option<CaseId>>,
}

impl Side for OperatorSide {
    fn heartbeat(&self, place: i64) -> Utf8Bytes {
        frames::text(&OperatorFrame::Cursor { cursor: place })
    }

    fn goodbye(&self, retry_after_ms: u64) -> Utf8Bytes {
        frames::text(&OperatorFrame::Goodbye { retry_after_ms })
    }

    fn hear(&mut self, text: &str, seat: &Seat) -> bool {
        match serde_json::from_str(text) {
            Ok(OperatorSays::Ping {}) => {}
            Ok(OperatorSays::Typing { case_id, typing }) => {
                if self.typing.take() {
                    seat.typing(case_id, &self.actor, typing);
                }
            }
            Ok(OperatorSays::Looking { case_id }) => {
                if self.looks.take() {
                    seat.look(case_id);
                } else {
                    self.looking = Some(case_id);
                }
            }
            Err(_) => return false,
        }
        true
    }

    fn beat(&mut self, seat: &Seat) {
        self.typing.refill();
        self.looks.refill();
        if let Some(case_id) = self.looking.take() {
            seat.look(case_id);
        }
    }
}

async fn operator_socket(
    app: &App,
    who: OperatorSession,
    mut socket: WebSocket,
    mut subscription: Subscription,
    cursor: Option<i64>,
) {
    if let Some((place, name)) = greet_operator(app, &who, &mut socket, &subscription, cursor).await
    {
        let actor = Actor {
            kind: ActorKind::Operator,
            id: Some(who.operator.to_string()),
            name,
        };
        let side = OperatorSide {
            actor,
            typing: Allowance::per_heartbeat(app),
            looks: Allowance::per_heartbeat(app),
            looking: None,
        };
        run(
            socket,
            &mut subscription,
            place,
            app.hub.heartbeat(),
            app.hub.goodbye_ms(),
            side,
        )
        .await;
    }
}

/// Hello, and everything missed since `cursor`. How far the screen has been told, and the operator's name.
async fn greet_operator(
    app: &App,
    who: &OperatorSession,
    socket: &mut WebSocket,
    subscription: &Subscription,
    cursor: Option<i64>,
) -> Option<(i64, Option<String>)> {
    let organization = who.organization;
    let online = subscription.seat.online();
    let viewer = who.clone();
    let (current, name, now, online) = app
        .read(organization, move |tx| {
            Box::pin(async move {
                let name = crate::team::store::operator_ref(tx, viewer.operator)
                    .await?
                    .map(|operator| operator.name);
                let now = auth::now(tx, viewer.session, viewer.operator).await?;
                let online = seen_of(tx, &viewer, online).await?;
                Ok((events::store::current_seq(tx).await?, name, now, online))
            })
        })
        .await
        .map_err(told)
        .ok()?;
    // Whoever signed out or was changed before the socket had its seat was not found there.
    match now {
        None => {
            close(socket, End::SessionOver).await;
            return None;
        }
        Some(now) if now != *who => {
            close(socket, End::Changed).await;
            return None;
        }
        Some(_) => {}
    }
    let known = cursor.is_some_and(|cursor| {
        (0..=current).contains(&cursor) && current - cursor <= limits::LIVE_BEHIND_MAX
    });
    let mut place = if known {
        cursor.unwrap_or(current)
    } else {
        current
    };
    let heartbeat_ms = u64::try_from(app.hub.heartbeat().as_millis()).unwrap_or(u64::MAX);
    let hello = OperatorFrame::Hello {
        cursor: place,
        online_cases: online.cases,
        online_operators: online.operators,
        looking: online.looking,
        heartbeat_ms,
    };
    if matches!(send(socket, frames::text(&hello)).await, Step::Gone) {
        return None;
    }
    if cursor.is_some()
        && !known
        && matches!(
            send(
                socket,
                frames::text(&OperatorFrame::Reset { cursor: place })
            )
            .await,
            Step::Gone
        )
    {
        return None;
    }
    loop {
        let (viewer, after) = (who.clone(), place);
        let missed = app
            .read(organization, move |tx| {
                Box::pin(async move { missed(tx, &viewer, after).await })
            })
            .await
            .map_err(told)
            .ok()?;
        let count = missed.len() as i64;
        for (seq, frame) in missed {
            place = seq;
            if let Some(frame) = frame
                && matches!(send(socket, frame).await, Step::Gone)
            {
                return None;
            }
        }
        if count < limits::LIVE_READ_ROWS {
            break;
        }
    }
    match show_calls(app, who, socket).await {
        Step::On => Some((place, name)),
        Step::Gone => None,
    }
}

/// Those who are online, as far as the operator may know of it.
async fn seen_of(
    tx: &mut OrgTx<'_>,
    who: &OperatorSession,
    online: Online,
) -> Result<Online, Error> {
    let looked_at: Vec<CaseId> = online.looking.iter().map(|one| one.case_id).collect();
    let looked_at = sight::seen_of(tx, who, looked_at).await?;
    Ok(Online {
        cases: sight::seen_of(tx, who, online.cases).await?,
        operators: online.operators,
        looking: online
            .looking
            .into_iter()
            .filter(|one| looked_at.contains(&one.case_id))
            .collect(),
    })
}

/// A piece of what happened after `place`: the frame for each event, none for one that the operator may not hear of.
async fn missed(
    tx: &mut OrgTx<'_>,
    who: &OperatorSession,
    place: i64,
) -> Result<Vec<(i64, Option<Utf8Bytes>)>, Error> {
    let events = events::store::after(tx, place, limits::LIVE_READ_ROWS).await?;
    let visibility: HashMap<CaseId, Visibility> = match who.sight {
        Sight::All => HashMap::new(),
        Sight::Own => {
            let mut cases: Vec<CaseId> = events.iter().filter_map(|event| event.case_id).collect();
            cases.sort_unstable();
            cases.dedup();
            sight::visibility(tx, &cases).await?.into_iter().collect()
        }
    };
    let gone = Visibility::default();
    let frame = |stamped: &Stamped| {
        if stamped.event.audience() == Audience::Nobody {
            return None;
        }
        let told = match (who.sight, stamped.case_id) {
            (Sight::All, _) | (_, None) => Told::Event,
            (Sight::Own, Some(case_id)) => {
                let known = visibility.get(&case_id).unwrap_or(&gone);
                Told::of(stamped, known, who.operator)
            }
        };
        match told {
            Told::Event => Some(frames::for_operators(stamped)),
            other => frames::told(other, stamped),
        }
    };
    Ok(events
        .iter()
        .map(|stamped| (stamped.seq, frame(stamped)))
        .collect())
}

/// Shows the open calls: what changed in them meanwhile is no event.
async fn show_calls(app: &App, who: &OperatorSession, socket: &mut WebSocket) -> Step {
    let calls = app.calls.of_organization(who.organization);
    let cases: Vec<CaseId> = calls.iter().map(|(case_id, _)| *case_id).collect();
    let viewer = who.clone();
    let seen = app
        .read(who.organization, move |tx| {
            Box::pin(async move { sight::seen_of(tx, &viewer, cases).await })
        })
        .await
        .map_err(told);
    let Ok(seen) = seen else {
        return Step::Gone;
    };
    for (case_id, call) in calls {
        if !seen.contains(&case_id) {
            continue;
        }
        let call = Box::new(call);
        let frame = frames::text(&OperatorFrame::Call { case_id, call });
        if matches!(send(socket, frame).await, Step::Gone) {
            return Step::Gone;
        }
    }
    Step::On
}

/// Notes why a socket could not be told what it missed: it ends, and the client comes back.
fn told(error: Error) {
    tracing::warn!(error = %error, "A live socket could not be told what it missed.");
}

/// Live events of one case, over a WebSocket; the guest counts as online while it is open.
#[utoipa::path(get, path = "/api/v1/guest/cases/{case_id}/live", operation_id = "guest_live", tag = "live",
    params(("case_id" = CaseId, Path), GuestLiveQuery),
    responses((status = 101, description = "A WebSocket: frames GuestFrame out, GuestSays in"), (status = 404, body = Problem), (status = 503, body = Problem)))]
pub async fn guest_live(
    State(app): State<App>,
    who: GuestSession,
    Query(query): Query<GuestLiveQuery>,
    upgrade: Result<WebSocketUpgrade, axum::extract::ws::rejection::WebSocketUpgradeRejection>,
) -> Result<Response<axum::body::Body>, Error> {
    let upgrade = upgrade.map_err(|_| Error::MethodNotAllowed)?;
    let subscription = app.hub.seat_guest(&who).await?;
    Ok(tuned(upgrade).on_upgrade(move |socket| async move {
        guest_socket(&app, who, socket, subscription, query.after).await;
    }))
}

struct GuestSide {
    case_id: CaseId,
    actor: Actor,
    typing: Allowance,
}

impl Side for GuestSide {
    fn heartbeat(&self, place: i64) -> Utf8Bytes {
        frames::text(&GuestFrame::Heartbeat { entry: place })
    }

    fn goodbye(&self, retry_after_ms: u64) -> Utf8Bytes {
        frames::text(&GuestFrame::Goodbye { retry_after_ms })
    }

    fn hear(&mut self, text: &str, seat: &Seat) -> bool {
        match serde_json::from_str(text) {
            Ok(GuestSays::Ping {}) => {}
            Ok(GuestSays::Typing { typing }) => {
                if self.typing.take() {
                    seat.typing(self.case_id, &self.actor, typing);
                }
            }
            Err(_) => return false,
        }
        true
    }

    fn beat(&mut self, _: &Seat) {
        self.typing.refill();
    }
}

async fn guest_socket(
    app: &App,
    who: GuestSession,
    mut socket: WebSocket,
    mut subscription: Subscription,
    after: Option<i64>,
) {
    if let Some(place) = greet_guest(app, &who, &mut socket, &subscription, after).await {
        let actor = Actor {
            kind: ActorKind::Guest,
            id: Some(who.guest.to_string()),
            name: None,
        };
        let side = GuestSide {
            case_id: who.case_id,
            actor,
            typing: Allowance::per_heartbeat(app),
        };
        run(
            socket,
            &mut subscription,
            place,
            app.hub.heartbeat(),
            app.hub.goodbye_ms(),
            side,
        )
        .await;
    }
}

/// Hello with the case as it stands, and every entry after `after`; of a completed one nothing can be read, so it gets the
/// hello alone and waits. How far the page has been told.
async fn greet_guest(
    app: &App,
    who: &GuestSession,
    socket: &mut WebSocket,
    subscription: &Subscription,
    after: Option<i64>,
) -> Option<i64> {
    let case = match guests::load(app, who).await {
        Ok(case) => case,
        Err(error) => {
            if matches!(error, Error::CaseDeleted(_)) {
                close(socket, End::CaseGone).await;
            }
            return None;
        }
    };
    subscription
        .seat
        .set_case_operators(case.operators.iter().map(|operator| operator.id));
    let last = case.last_entry;
    let completed = case.status == Status::Completed;
    let known = after.is_some_and(|after| {
        (0..=last).contains(&after) && last - after <= limits::LIVE_BEHIND_MAX
    });
    let mut place = if known && !completed {
        after.unwrap_or(last)
    } else {
        last
    };
    let heartbeat_ms = u64::try_from(app.hub.heartbeat().as_millis()).unwrap_or(u64::MAX);
    let hello = GuestFrame::Hello {
        entry: place,
        case: Box::new(case.told()),
        heartbeat_ms,
    };
    if matches!(send(socket, frames::text(&hello)).await, Step::Gone) {
        return None;
    }
    if completed {
        return Some(place);
    }
    if after.is_some()
        && !known
        && matches!(
            send(socket, frames::text(&GuestFrame::Reset { entry: place })).await,
            Step::Gone
        )
    {
        return None;
    }
    let case_id = who.case_id;
    loop {
        let missed = app
            .read(who.organization, move |tx| {
                Box::pin(async move {
                    Ok(events::store::after_entry(
                        tx,
                        case_id,
                        place,
                        Reader::Guest,
                        limits::LIVE_READ_ROWS,
                    )
                    .await?)
                })
            })
            .await
            .map_err(told)
            .ok()?;
        for stamped in &missed {
            place = stamped.entry.unwrap_or(place);
            if matches!(send(socket, frames::for_guests(stamped)).await, Step::Gone) {
                return None;
            }
        }
        if (missed.len() as i64) < limits::LIVE_READ_ROWS {
            return Some(place);
        }
    }
}
