//! One socket: what its queue holds goes out in order, each place once; what comes in is a sign of life.

use std::time::Duration;

use axum::extract::ws::{CloseFrame, Message, Utf8Bytes, WebSocket};
use tokio::sync::watch;
use tokio::time::{MissedTickBehavior, interval, timeout};

use super::hub::{End, Seat, Signal, Subscription};
use crate::limits;

/// How a socket went on.
pub(super) enum Step {
    /// Go on.
    On,
    /// The other side has gone, or cannot be reached.
    Gone,
}

/// Sends a frame; a socket stuck for too long counts as gone.
pub(super) async fn send(socket: &mut WebSocket, frame: Utf8Bytes) -> Step {
    match timeout(limits::LIVE_SEND_TIMEOUT, socket.send(Message::Text(frame))).await {
        Ok(Ok(())) => Step::On,
        _ => Step::Gone,
    }
}

/// Closes with a code that tells the client what to do.
pub(super) async fn close(socket: &mut WebSocket, end: End) {
    let frame = CloseFrame {
        code: end.code(),
        reason: Utf8Bytes::from_static(""),
    };
    let _ = timeout(
        limits::LIVE_SEND_TIMEOUT,
        socket.send(Message::Close(Some(frame))),
    )
    .await;
}

/// What differs between operators' and guests' sockets.
pub(super) trait Side {
    /// The heartbeat that carries the place reached.
    fn heartbeat(&self, place: i64) -> Utf8Bytes;
    /// The frame before the server stops.
    fn goodbye(&self, retry_after_ms: u64) -> Utf8Bytes;
    /// Reads a frame; whether it was one of ours.
    fn hear(&mut self, text: &str, seat: &Seat) -> bool;
    /// A heartbeat has passed.
    fn beat(&mut self, seat: &Seat);
}

/// Runs a socket after its catching up: `place` is how far it has been told.
pub(super) async fn run(
    mut socket: WebSocket,
    subscription: &mut Subscription,
    mut place: i64,
    heartbeat: Duration,
    goodbye_ms: u64,
    mut side: impl Side,
) {
    let mut ticks = interval(heartbeat);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    ticks.reset();
    let mut silent_for = 0;
    loop {
        tokio::select! {
            signal = subscription.queue.recv() => {
                let step = match signal {
                    Some(Signal::Event { place: Some(at), .. }) if at <= place => Step::On,
                    Some(Signal::Event { place: at, frame }) => {
                        place = at.unwrap_or(place);
                        send(&mut socket, frame).await
                    }
                    Some(Signal::Frame(frame)) => send(&mut socket, frame).await,
                    Some(Signal::Passed(at)) => {
                        place = place.max(at);
                        Step::On
                    }
                    Some(Signal::End(end)) => return close(&mut socket, end).await,
                    None => return close(&mut socket, End::TooSlow).await,
                };
                if matches!(step, Step::Gone) {
                    return;
                }
            }
            heard = socket.recv() => match heard {
                Some(Ok(Message::Text(text))) => {
                    if side.hear(&text, &subscription.seat) {
                        silent_for = 0;
                    }
                }
                Some(Ok(Message::Close(_)) | Err(_)) | None => return,
                Some(Ok(_)) => {}
            },
            _ = ticks.tick() => {
                silent_for += 1;
                side.beat(&subscription.seat);
                if silent_for >= limits::LIVE_MISSED_HEARTBEATS {
                    // Whoever was silent for so long does not come back within a moment.
                    subscription.seat.skip_grace();
                    return close(&mut socket, End::Silent).await;
                }
                if matches!(send(&mut socket, side.heartbeat(place)).await, Step::Gone) {
                    return;
                }
            }
            () = stopped(&mut subscription.stopping) => {
                let _ = send(&mut socket, side.goodbye(goodbye_ms)).await;
                return close(&mut socket, End::Stopping).await;
            }
        }
    }
}

/// Waits until the server stops.
async fn stopped(stopping: &mut watch::Receiver<bool>) {
    let _ = stopping.wait_for(|stopping| *stopping).await.map(drop);
}
