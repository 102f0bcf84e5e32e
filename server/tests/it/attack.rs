//! What strangers try: to fill the server from one place, to hold connections, to choose someone's cookie.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use deskside::limits;
use serde_json::json;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpSocket, TcpStream};
use tokio::time::timeout;

use crate::support::{Desk, PASSWORD, on_both_databases, token_of};

on_both_databases![
    slow_requests_of_one_address_leave_room_for_others,
    a_stranger_elsewhere_does_not_lock_an_operator_out,
    a_connection_that_says_nothing_is_cut,
    a_guest_s_cookie_of_foreign_making_is_not_kept,
];

/// The head of a request whose body never comes.
const SLOW: &str = "POST /api/v1/session HTTP/1.1\r\nHost: desk.example\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n";

/// The status of the answer to a request from `from`.
async fn ask(from: [u8; 4], server: SocketAddr, request: &str) -> String {
    let socket = TcpSocket::new_v4().unwrap();
    socket.bind(SocketAddr::from((from, 0))).unwrap();
    let mut stream = socket.connect(server).await.unwrap();
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut heard = String::new();
    stream.read_to_string(&mut heard).await.unwrap();
    heard.split(' ').nth(1).unwrap_or_default().to_owned()
}

/// The status of the answer to a reader at `from`.
async fn status(from: [u8; 4], server: SocketAddr) -> String {
    let request = "GET /livez HTTP/1.1\r\nHost: desk.example\r\nConnection: close\r\n\r\n";
    ask(from, server, request).await
}

async fn slow_requests_of_one_address_leave_room_for_others(desk: &mut Desk) {
    let mut slow = Vec::new();
    for _ in 0..limits::REQUESTS_AT_ONCE_PER_ADDRESS_MAX {
        let mut stream = TcpStream::connect(desk.address()).await.unwrap();
        stream.write_all(SLOW.as_bytes()).await.unwrap();
        slow.push(stream);
    }
    // On a busy machine the first bodies are given up before the last ones are here: one more takes the place.
    let full = async {
        while status([127, 0, 0, 1], desk.address()).await != "503" {
            let mut stream = TcpStream::connect(desk.address()).await.unwrap();
            stream.write_all(SLOW.as_bytes()).await.unwrap();
            slow.push(stream);
        }
    };
    timeout(Duration::from_secs(10), full)
        .await
        .expect("one address fills its own part");
    assert_eq!(status([127, 0, 0, 2], desk.address()).await, "200");
    drop(slow);
    let room = async { while status([127, 0, 0, 1], desk.address()).await != "200" {} };
    timeout(Duration::from_secs(10), room)
        .await
        .expect("places come back");
}

/// The status of a sign-in from `from`.
async fn sign_in(from: [u8; 4], server: SocketAddr, email: &str, password: &str) -> String {
    let body = json!({ "email": email, "password": password }).to_string();
    let head = format!(
        "POST /api/v1/session HTTP/1.1\r\nHost: desk.example\r\nConnection: close\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n",
        body.len()
    );
    ask(from, server, &(head + &body)).await
}

async fn a_stranger_elsewhere_does_not_lock_an_operator_out(desk: &mut Desk) {
    let mari = desk.operator("Mari").await;
    let me = mari.get("/me").await.expect(200);
    let email = me["operator"]["email"].as_str().unwrap();
    let (stranger, office) = ([127, 0, 0, 66], [127, 0, 0, 2]);
    for _ in 0..limits::SIGN_IN_FAILURES_PER_EMAIL {
        let status = sign_in(stranger, desk.address(), email, "nobody has this").await;
        assert_eq!(status, "401");
    }
    let status = sign_in(stranger, desk.address(), email, PASSWORD).await;
    assert_eq!(status, "429", "the stranger waits, even when right");
    let status = sign_in(office, desk.address(), email, PASSWORD).await;
    assert_eq!(status, "200", "the operator does not");
}

async fn a_connection_that_says_nothing_is_cut(desk: &mut Desk) {
    let began = Instant::now();
    let mut silent = Vec::new();
    for words in ["", "P", "PRI * HTTP/2.0\r\n", "GET / HTTP/1.1\r\n"] {
        let mut stream = TcpStream::connect(desk.address()).await.unwrap();
        stream.write_all(words.as_bytes()).await.unwrap();
        silent.push((words, stream));
    }
    let patience = limits::HEAD_READ_TIMEOUT + Duration::from_secs(10);
    for (words, mut stream) in silent {
        let mut heard = Vec::new();
        let ended = timeout(
            patience.saturating_sub(began.elapsed()),
            stream.read_to_end(&mut heard),
        );
        assert!(ended.await.is_ok(), "{words:?} holds its connection");
    }
}

async fn a_guest_s_cookie_of_foreign_making_is_not_kept(desk: &mut Desk) {
    const COOKIE: &str = "__Host-deskside_guest";
    let mari = desk.operator("Mari").await;
    let case = mari.create_case("Nick Evans").await;
    let link = mari.guest_link(&case).await;
    let chosen = "A".repeat(43);
    let nick = desk.stranger();
    nick.set_cookie(COOKIE, &chosen);
    nick.open_link(token_of(&link)).await.expect(200);
    let given = nick.cookie(COOKIE).expect("a cookie");
    assert_ne!(given, chosen);
    let eve = desk.stranger();
    eve.set_cookie(COOKIE, &chosen);
    let path = format!("/guest/cases/{case}");
    eve.get(&path).await.problem(404, "not_found");
    nick.open_link(token_of(&link)).await.expect(200);
    assert_eq!(nick.cookie(COOKIE), Some(given), "one of our own is kept");
}
