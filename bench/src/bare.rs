//! What the product is compared with: a hello, and a WebSocket relay, with nothing around them.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};

use axum::Router;
use axum::extract::ws::{Message, WebSocket, WebSocketUpgrade};
use axum::extract::{Path, State};
use axum::response::{Html, IntoResponse};
use axum::routing::get;
use axum::serve::ListenerExt as _;
use futures_util::{SinkExt as _, StreamExt as _};
use tokio::sync::mpsc;

/// Messages that wait for one socket of the relay.
const QUEUE: usize = 256;

/// Who is connected, by pair and side.
type Ends = Arc<Mutex<HashMap<(usize, usize), mpsc::Sender<Message>>>>;

/// Serves `/` and `/relay/{pair}/{side}` until it is killed.
pub async fn run(address: SocketAddr) -> anyhow::Result<()> {
    let router = Router::new()
        .route(
            "/",
            get(|| async { Html("<!doctype html><title>Hello</title><p>Hello.") }),
        )
        .route("/relay/{pair}/{side}", get(relay))
        .with_state(Ends::default());
    let listener = tokio::net::TcpListener::bind(address)
        .await?
        .tap_io(|stream| {
            stream.set_nodelay(true).ok();
        });
    Ok(axum::serve(listener, router).await?)
}

/// The same buffers as the product's sockets have.
async fn relay(
    State(ends): State<Ends>,
    Path((pair, side)): Path<(usize, usize)>,
    upgrade: WebSocketUpgrade,
) -> impl IntoResponse {
    upgrade
        .read_buffer_size(deskside::limits::LIVE_READ_BUFFER_BYTES)
        .write_buffer_size(0)
        .max_write_buffer_size(deskside::limits::LIVE_WRITE_BUFFER_BYTES_MAX)
        .max_message_size(deskside::limits::LIVE_FRAME_BYTES_MAX)
        .max_frame_size(deskside::limits::LIVE_FRAME_BYTES_MAX)
        .on_upgrade(move |socket| pass_on(ends, pair, side, socket))
}

/// Hands what one side sends to the other side's socket.
async fn pass_on(ends: Ends, pair: usize, side: usize, socket: WebSocket) {
    let (sender, mut queue) = mpsc::channel(QUEUE);
    ends.lock()
        .unwrap_or_else(PoisonError::into_inner)
        .insert((pair, side), sender);
    let (mut out, mut inward) = socket.split();
    loop {
        tokio::select! {
            message = queue.recv() => match message {
                Some(message) => if out.send(message).await.is_err() { return },
                None => return,
            },
            heard = inward.next() => match heard {
                Some(Ok(message @ Message::Text(_))) => {
                    let other = ends
                        .lock()
                        .unwrap_or_else(PoisonError::into_inner)
                        .get(&(pair, 1 - side))
                        .cloned();
                    if let Some(other) = other {
                        other.send(message).await.ok();
                    }
                }
                Some(Ok(_)) => {}
                _ => return,
            },
        }
    }
}
