//! The least client that does: HTTP/1.1 over one connection, and WebSockets. A client library's own work
//! would count into what is measured, since both sides share the machine.

use std::net::SocketAddr;

use anyhow::{Context as _, bail};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::protocol::{Role, WebSocketConfig};

/// What a client holds of an answer before it gives up.
const ANSWER_BYTES_MAX: usize = 4 * 1024 * 1024;

/// A WebSocket of a client.
pub type Socket = WebSocketStream<TcpStream>;

/// One kept-alive connection.
pub struct Http {
    stream: TcpStream,
    address: SocketAddr,
    buffer: Vec<u8>,
    request: String,
}

/// An answer.
pub struct Answer {
    /// The status code.
    pub status: u16,
    /// Body of the answer.
    pub body: Vec<u8>,
}

impl Http {
    /// Connects.
    pub async fn connect(address: SocketAddr) -> anyhow::Result<Self> {
        let stream = TcpStream::connect(address).await?;
        stream.set_nodelay(true)?;
        Ok(Self {
            stream,
            address,
            buffer: Vec::with_capacity(16 * 1024),
            request: String::with_capacity(1024),
        })
    }

    /// One request. `headers` are whole lines, each with its line end.
    pub async fn send(
        &mut self,
        method: &str,
        path: &str,
        headers: &str,
        body: &str,
    ) -> anyhow::Result<Answer> {
        use std::fmt::Write as _;
        self.request.clear();
        write!(
            self.request,
            "{method} {path} HTTP/1.1\r\nhost: {}\r\n{headers}",
            self.address
        )?;
        if !body.is_empty() {
            write!(
                self.request,
                "content-type: application/json\r\ncontent-length: {}\r\n",
                body.len()
            )?;
        }
        self.request.push_str("\r\n");
        self.request.push_str(body);
        self.stream.write_all(self.request.as_bytes()).await?;
        let (head, mut body) = self.head().await?;
        let length = head
            .lines()
            .find_map(|line| line.strip_prefix("content-length:"))
            .map_or(Ok(0), |text| text.trim().parse::<usize>())?;
        if length > ANSWER_BYTES_MAX {
            bail!("an answer of {length} bytes");
        }
        let there = body.len();
        body.resize(length.max(there), 0);
        self.stream.read_exact(&mut body[there..]).await?;
        Ok(Answer {
            status: status(&head)?,
            body,
        })
    }

    /// Sends a message in a case, for its sender's path and cookie.
    pub async fn message(&mut self, path: &str, cookie: &str, text: &str) -> anyhow::Result<()> {
        let key = uuid::Uuid::now_v7();
        let headers = format!("cookie: {cookie}\r\nidempotency-key: {key}\r\n");
        let answer = self
            .send("POST", path, &headers, &format!(r#"{{"text":"{text}"}}"#))
            .await?;
        if answer.status != 201 {
            bail!(
                "a message got {}: {}",
                answer.status,
                String::from_utf8_lossy(&answer.body)
            );
        }
        Ok(())
    }

    /// Reads a head, lower case, and what came after it.
    async fn head(&mut self) -> anyhow::Result<(String, Vec<u8>)> {
        self.buffer.clear();
        loop {
            if let Some(end) = find(&self.buffer, b"\r\n\r\n") {
                let rest = self.buffer.split_off(end + 4);
                let head = String::from_utf8_lossy(&self.buffer).to_ascii_lowercase();
                return Ok((head, rest));
            }
            if self.stream.read_buf(&mut self.buffer).await? == 0 {
                bail!("the server closed the connection");
            }
        }
    }
}

/// Opens a WebSocket.
pub async fn websocket(address: SocketAddr, path: &str, cookie: &str) -> anyhow::Result<Socket> {
    let mut http = Http::connect(address).await?;
    let handshake = format!(
        "GET {path} HTTP/1.1\r\nhost: {address}\r\ncookie: {cookie}\r\nconnection: upgrade\r\nupgrade: websocket\r\n\
         sec-websocket-version: 13\r\nsec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
    );
    http.stream.write_all(handshake.as_bytes()).await?;
    let (head, rest) = http.head().await?;
    if status(&head)? != 101 {
        bail!(
            "the handshake of {path} got {}",
            head.lines().next().unwrap_or_default()
        );
    }
    let config = WebSocketConfig::default()
        .read_buffer_size(4096)
        .write_buffer_size(0);
    Ok(WebSocketStream::from_partially_read(http.stream, rest, Role::Client, Some(config)).await)
}

fn status(head: &str) -> anyhow::Result<u16> {
    head.split(' ')
        .nth(1)
        .and_then(|text| text.parse().ok())
        .context("an answer without a status")
}

fn find(haystack: &[u8], needle: &[u8]) -> Option<usize> {
    haystack
        .windows(needle.len())
        .position(|window| window == needle)
}
