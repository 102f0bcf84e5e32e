//! A live socket as a client holds it: frames one by one, each checked against its schema.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use axum::http::{HeaderName, HeaderValue};
use futures_util::{SinkExt, StreamExt};
use serde_json::Value;
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::{Error, Message};
use tokio_tungstenite::{WebSocketStream, client_async};

use super::schema;

/// How long a test waits for a frame before it gives up: far longer than any should take, also on a small machine
/// that does everything at once.
const PATIENCE: Duration = Duration::from_secs(60);

/// An open live socket.
pub struct Socket {
    stream: WebSocketStream<TcpStream>,
    schema: &'static str,
    heard: Arc<Mutex<Vec<u8>>>,
}

impl Socket {
    /// Connects; the status of the answer where that is refused.
    pub async fn open(
        address: SocketAddr,
        path: &str,
        cookies: &str,
        headers: &[(&str, &str)],
    ) -> Result<Socket, u16> {
        let mut request = format!("ws://{address}{path}")
            .into_client_request()
            .expect("a handshake");
        if !cookies.is_empty() {
            let cookies = HeaderValue::from_str(cookies).expect("cookies are text");
            request.headers_mut().insert("cookie", cookies);
        }
        for (name, value) in headers {
            let name = HeaderName::try_from(*name).expect("a header's name");
            let value = HeaderValue::from_str(value).expect("a header's value");
            request.headers_mut().insert(name, value);
        }
        let stream = TcpStream::connect(address)
            .await
            .expect("the server listens");
        match client_async(request, stream).await {
            Ok((stream, _)) => Ok(Socket {
                stream,
                schema: if path.contains("/guest/") {
                    "GuestFrame"
                } else {
                    "OperatorFrame"
                },
                heard: Arc::default(),
            }),
            Err(Error::Http(response)) => Err(response.status().as_u16()),
            Err(error) => panic!("{path}: {error}"),
        }
    }

    /// Keeps every byte of its frames in this place too.
    pub fn heard_by(mut self, heard: Arc<Mutex<Vec<u8>>>) -> Socket {
        self.heard = heard;
        self
    }

    /// The next frame, or the code of the close.
    pub async fn frame(&mut self) -> Result<Value, u16> {
        loop {
            let message = timeout(PATIENCE, self.stream.next())
                .await
                .expect("a frame comes in time");
            match message {
                Some(Ok(Message::Text(text))) => {
                    let mut heard = self.heard.lock().unwrap_or_else(PoisonError::into_inner);
                    heard.extend_from_slice(text.as_bytes());
                    heard.push(b'\n');
                    let frame: Value = serde_json::from_str(&text).expect("a frame is JSON");
                    schema::validate(self.schema, &frame)
                        .unwrap_or_else(|error| panic!("{error}: {frame}"));
                    return Ok(frame);
                }
                Some(Ok(Message::Close(close))) => {
                    return Err(close.map_or(1005, |close| close.code.into()));
                }
                Some(Ok(_)) => {}
                Some(Err(_)) | None => return Err(1006),
            }
        }
    }

    /// The next frame.
    pub async fn next(&mut self) -> Value {
        match self.frame().await {
            Ok(frame) => frame,
            Err(code) => panic!("the socket was closed with {code}"),
        }
    }

    /// The next frame of a kind; those before it are passed over.
    pub async fn next_of(&mut self, kind: &str) -> Value {
        loop {
            let frame = self.next().await;
            if frame["kind"] == kind {
                return frame;
            }
        }
    }

    /// The next event of a type, as its frame; frames before it are passed over.
    pub async fn next_event(&mut self, kind: &str) -> Value {
        loop {
            let frame = self.next_of("event").await;
            if frame["event"]["type"] == kind {
                return frame;
            }
        }
    }

    /// Sends a frame.
    pub async fn say(&mut self, frame: Value) {
        self.say_text(&frame.to_string()).await;
    }

    /// Sends any text.
    pub async fn say_text(&mut self, text: &str) {
        self.stream
            .send(Message::text(text))
            .await
            .expect("the socket is open");
    }

    /// The code with which the server closes, whatever it says before.
    pub async fn closed(&mut self) -> u16 {
        loop {
            if let Err(code) = self.frame().await {
                return code;
            }
        }
    }

    /// Closes it properly.
    pub async fn leave(mut self) {
        // The server may have closed it first, which is as good.
        let _ = self.stream.close(None).await;
    }
}
