//! A person or program at the desk: a client with its own cookies. Every answer is checked on its way.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use axum::http::{Method, header};
use deskside_db::Uuid;
use serde::Serialize;
use serde_json::{Value, json};

use super::answer::Answer;
use super::schema;
use super::socket::Socket;
use super::token_of;
use super::turn::MediaTurn;

/// Everyone's password.
pub const PASSWORD: &str = "ein langes Wort von mir";

/// What all people of a desk share: the way to the server, wherever it listens now.
pub struct Wire {
    http: reqwest::Client,
    address: Mutex<SocketAddr>,
    media: MediaTurn,
}

impl Wire {
    /// A way to nowhere yet.
    pub fn new() -> Wire {
        Wire {
            http: reqwest::Client::builder()
                .no_proxy()
                .redirect(reqwest::redirect::Policy::none())
                .build()
                .expect("a client"),
            address: Mutex::new(SocketAddr::from(([127, 0, 0, 1], 0))),
            media: MediaTurn::default(),
        }
    }

    /// The server listens somewhere else now.
    pub fn move_to(&self, address: SocketAddr) {
        *lock(&self.address) = address;
    }

    /// Where the server listens.
    pub fn address(&self) -> SocketAddr {
        *lock(&self.address)
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Someone with cookies. A copy is another tab of the same browser.
#[derive(Clone)]
pub struct Actor {
    wire: Arc<Wire>,
    cookies: Arc<Mutex<BTreeMap<String, String>>>,
    heard: Arc<Mutex<Vec<u8>>>,
}

impl Actor {
    /// Someone without cookies.
    pub fn new(wire: Arc<Wire>) -> Actor {
        Actor {
            wire,
            cookies: Arc::default(),
            heard: Arc::default(),
        }
    }

    /// Waits until people of this desk may connect.
    pub async fn media_turn(&self) {
        self.wire.media.take().await;
    }

    /// A request to prepare further; `path` goes under `/api/v1`.
    pub fn request(&self, method: Method, path: &str) -> Request {
        self.prepare(method, format!("/api/v1{path}"))
    }

    /// A request outside of the API.
    pub fn page(&self, method: Method, path: &str) -> Request {
        self.prepare(method, path.to_owned())
    }

    fn prepare(&self, method: Method, path: String) -> Request {
        let url = format!("http://{}{path}", self.wire.address());
        let key = (method == Method::POST).then(Uuid::now_v7);
        Request {
            actor: self.clone(),
            inner: self.wire.http.request(method.clone(), url),
            method,
            path,
            key: key.map(|key| key.to_string()),
        }
    }

    /// GET.
    pub async fn get(&self, path: &str) -> Answer {
        self.request(Method::GET, path).send().await
    }

    /// POST under a new key.
    pub async fn post(&self, path: &str, body: impl Serialize) -> Answer {
        self.request(Method::POST, path).json(body).send().await
    }

    /// PUT.
    pub async fn put(&self, path: &str, body: impl Serialize) -> Answer {
        self.request(Method::PUT, path).json(body).send().await
    }

    /// PATCH.
    pub async fn patch(&self, path: &str, body: impl Serialize) -> Answer {
        self.request(Method::PATCH, path).json(body).send().await
    }

    /// DELETE.
    pub async fn delete(&self, path: &str) -> Answer {
        self.request(Method::DELETE, path).send().await
    }

    /// Opens a live socket; the status of the answer where there is none.
    pub async fn live(&self, path: &str) -> Result<Socket, u16> {
        self.live_with(path, &[]).await
    }

    /// Opens a live socket with further headers.
    pub async fn live_with(&self, path: &str, headers: &[(&str, &str)]) -> Result<Socket, u16> {
        let path = format!("/api/v1{path}");
        Socket::open(self.wire.address(), &path, &self.cookie_header(), headers)
            .await
            .map(|socket| socket.heard_by(self.heard.clone()))
    }

    /// The value of a cookie.
    pub fn cookie(&self, name: &str) -> Option<String> {
        lock(&self.cookies).get(name).cloned()
    }

    /// Puts a cookie into the browser by hand.
    pub fn set_cookie(&self, name: &str, value: &str) {
        lock(&self.cookies).insert(name.to_owned(), value.to_owned());
    }

    /// Someone else with the same cookies as this one has now: a stolen browser.
    pub fn twin(&self) -> Actor {
        let twin = Actor::new(self.wire.clone());
        *lock(&twin.cookies) = lock(&self.cookies).clone();
        twin
    }

    fn cookie_header(&self) -> String {
        let pairs: Vec<String> = lock(&self.cookies)
            .iter()
            .map(|(name, value)| format!("{name}={value}"))
            .collect();
        pairs.join("; ")
    }

    /// Every byte that this one ever received: heads, bodies and frames.
    pub fn heard(&self) -> Vec<u8> {
        lock(&self.heard).clone()
    }

    /// Sets the server up with the token of its link.
    pub async fn set_up(&self, token: &str, name: &str) -> Answer {
        let body = json!({ "token": token, "organization": "Desk GmbH", "name": name,
            "email": email_of(name), "password": PASSWORD, "language": "de", "time_zone": "Europe/Berlin" });
        self.post("/setup", body).await
    }

    /// Signs in.
    pub async fn sign_in(&self, email: &str, password: &str) -> Answer {
        self.post("/session", json!({ "email": email, "password": password }))
            .await
    }

    /// Accepts an invitation.
    pub async fn accept(&self, token: &str, name: &str) -> Answer {
        let body = json!({ "token": token, "name": name, "password": PASSWORD,
            "language": "en", "time_zone": "Europe/London" });
        self.post("/operator-invites/accept", body).await
    }

    /// An administrator invites someone, who accepts.
    pub async fn invite(&self, name: &str, role: &str) -> Actor {
        let body = json!({ "email": email_of(name), "role": role });
        let invite = self.post("/operator-invites", body).await.expect(201);
        let newcomer = Actor::new(self.wire.clone());
        newcomer
            .accept(token_of(text(&invite, "link")), name)
            .await
            .expect(201);
        newcomer
    }

    /// The id of the operator who is signed in.
    pub async fn id(&self) -> String {
        let me = self.get("/me").await.expect(200);
        text(&me["operator"], "id").to_owned()
    }

    /// Creates a case with a name; its id.
    pub async fn create_case(&self, name: &str) -> String {
        let case = self
            .post("/cases", json!({ "name": name }))
            .await
            .expect(201);
        text(&case, "id").to_owned()
    }

    /// A case, whole.
    pub async fn case(&self, case_id: &str) -> Value {
        self.get(&format!("/cases/{case_id}")).await.expect(200)
    }

    /// Sends a message as an operator; its entry.
    pub async fn send(&self, case_id: &str, text: &str) -> Value {
        self.post(
            &format!("/cases/{case_id}/messages"),
            json!({ "text": text }),
        )
        .await
        .expect(201)
    }

    /// Sends a message as a guest; its entry.
    pub async fn guest_send(&self, case_id: &str, text: &str) -> Value {
        let path = format!("/guest/cases/{case_id}/messages");
        self.post(&path, json!({ "text": text })).await.expect(201)
    }

    /// The address of a case's guest page.
    pub async fn guest_link(&self, case_id: &str) -> String {
        let link = self
            .get(&format!("/cases/{case_id}/guest-link"))
            .await
            .expect(200);
        text(&link, "url").to_owned()
    }

    /// Opens a guest link by its token.
    pub async fn open_link(&self, token: &str) -> Answer {
        self.post("/guest/session", json!({ "token": token })).await
    }

    /// A guest of a case of this operator's, who has opened the link.
    pub async fn guest_of(&self, case_id: &str) -> Actor {
        let link = self.guest_link(case_id).await;
        let guest = Actor::new(self.wire.clone());
        guest.open_link(token_of(&link)).await.expect(200);
        guest
    }
}

/// The email address of someone by that name.
pub fn email_of(name: &str) -> String {
    format!("{}@desk.example", name.to_lowercase().replace(' ', "."))
}

/// A text of an object.
pub fn text<'v>(value: &'v Value, field: &str) -> &'v str {
    value[field]
        .as_str()
        .unwrap_or_else(|| panic!("no text `{field}` in {value}"))
}

/// A request about to be sent.
pub struct Request {
    actor: Actor,
    inner: reqwest::RequestBuilder,
    method: Method,
    path: String,
    key: Option<String>,
}

impl Request {
    /// With a header.
    pub fn header(mut self, name: &str, value: &str) -> Request {
        self.inner = self.inner.header(name, value);
        self
    }

    /// With a JSON body.
    pub fn json(mut self, body: impl Serialize) -> Request {
        self.inner = self.inner.json(&body);
        self
    }

    /// With these bytes, said to be JSON.
    pub fn bytes(mut self, body: impl Into<Vec<u8>>) -> Request {
        self.inner = self
            .inner
            .header(header::CONTENT_TYPE, "application/json")
            .body(body.into());
        self
    }

    /// With these bytes of a content type; none when it is empty.
    pub fn typed(mut self, kind: &str, body: impl Into<Vec<u8>>) -> Request {
        if !kind.is_empty() {
            self.inner = self.inner.header(header::CONTENT_TYPE, kind);
        }
        self.inner = self.inner.body(body.into());
        self
    }

    /// Under this idempotency key.
    pub fn key(mut self, key: impl ToString) -> Request {
        self.key = Some(key.to_string());
        self
    }

    /// Without an idempotency key.
    pub fn no_key(mut self) -> Request {
        self.key = None;
        self
    }

    /// Sends it; the answer, checked against the description of the API.
    pub async fn send(self) -> Answer {
        let mut inner = self.inner;
        if let Some(key) = &self.key {
            inner = inner.header("idempotency-key", key);
        }
        let cookies = self.actor.cookie_header();
        if !cookies.is_empty() {
            inner = inner.header(header::COOKIE, cookies);
        }
        let asked = format!("{} {}", self.method, self.path);
        let response = inner
            .send()
            .await
            .unwrap_or_else(|error| panic!("{asked}: no answer: {error:?}"));
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        let body = response
            .bytes()
            .await
            .unwrap_or_else(|error| panic!("{asked}: half an answer: {error:?}"))
            .to_vec();
        self.actor.remember(&headers, &body);
        let answer = Answer {
            asked,
            status,
            headers,
            body,
        };
        let path = self.path.split('?').next().unwrap_or_default();
        schema::check(&self.method, path, &answer);
        answer
    }
}

impl Actor {
    /// Keeps the cookies of an answer, and every byte of it.
    fn remember(&self, headers: &axum::http::HeaderMap, body: &[u8]) {
        let mut heard = lock(&self.heard);
        for (name, value) in headers {
            heard.extend_from_slice(name.as_str().as_bytes());
            heard.extend_from_slice(value.as_bytes());
            heard.push(b'\n');
        }
        heard.extend_from_slice(body);
        heard.push(b'\n');
        let mut cookies = lock(&self.cookies);
        for header in headers.get_all(header::SET_COOKIE) {
            let header = header.to_str().expect("a cookie is text");
            let (pair, rest) = header.split_once(';').unwrap_or((header, ""));
            let (name, value) = pair.split_once('=').expect("a cookie has a value");
            if rest.contains("Max-Age=0") {
                cookies.remove(name);
            } else {
                cookies.insert(name.to_owned(), value.to_owned());
            }
        }
    }
}
