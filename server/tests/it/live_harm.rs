//! What live sockets withstand: readers that stick, frames that are none, strangers, and too many of them.

use std::net::SocketAddr;
use std::time::Duration;

use futures_util::future::join_all;
use serde_json::json;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpSocket, TcpStream};
use tokio::time::timeout;

use crate::support::{Actor, Desk, on_both_databases};

on_both_databases![
    a_slow_reader_is_cut_and_others_hear_everything,
    broken_frames_end_only_their_own_socket,
    handshakes_without_right_are_refused,
    sockets_are_limited,
];

async fn a_slow_reader_is_cut_and_others_hear_everything(desk: &mut Desk) {
    const MESSAGES: usize = 640;
    const AT_ONCE: usize = 16;
    let ada = desk.administrator().await;
    let case = ada.create_case("Nick Evans").await;
    let mut stuck = stuck_reader(desk.address(), &ada).await;
    let mut live = ada.live("/live").await.unwrap();
    live.next_of("hello").await;
    // Large frames, so that what the system keeps for a socket is full soon.
    let text = "書".repeat(10_000);
    let mut last = None;
    for _ in 0..MESSAGES / AT_ONCE {
        // The other reader keeps up, however slow the machine is.
        join_all((0..AT_ONCE).map(|_| ada.send(&case, &text))).await;
        for _ in 0..AT_ONCE {
            let frame = live.next_event("message.sent").await;
            let entry = frame["entry"].as_i64().unwrap();
            assert!(
                last.is_none_or(|last| entry == last + 1),
                "{entry} after {last:?}"
            );
            last = Some(entry);
        }
    }
    // The server gives the stuck one up without ever being read from again.
    let gone = async {
        while desk.app.hub.sockets() > 1 {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    timeout(Duration::from_secs(20), gone)
        .await
        .expect("the stuck socket is given up");
    // What had left before is all there is; then the connection ends.
    let mut rest = Vec::new();
    let _ = stuck.read_to_end(&mut rest).await;
    let got = rest
        .windows(12)
        .filter(|window| window == b"message.sent")
        .count();
    assert!(got < MESSAGES, "the stuck one was told {got}");
}

/// A socket whose client stops reading after the handshake, and whose system keeps little for it.
async fn stuck_reader(address: SocketAddr, who: &Actor) -> TcpStream {
    let socket = TcpSocket::new_v4().unwrap();
    socket.set_recv_buffer_size(4_096).unwrap();
    let mut stream = socket.connect(address).await.unwrap();
    stream
        .write_all(handshake("/api/v1/live", who, "").as_bytes())
        .await
        .unwrap();
    let mut head = [0; 12];
    stream.read_exact(&mut head).await.unwrap();
    assert_eq!(&head, b"HTTP/1.1 101");
    stream
}

/// The bytes of a handshake.
pub fn handshake(path: &str, who: &Actor, headers: &str) -> String {
    let cookies: Vec<String> = ["__Host-deskside", "__Host-deskside_guest"]
        .into_iter()
        .filter_map(|name| who.cookie(name).map(|value| format!("{name}={value}")))
        .collect();
    format!(
        "GET {path} HTTP/1.1\r\nhost: desk.example\r\nconnection: upgrade\r\nupgrade: websocket\r\n\
         sec-websocket-version: 13\r\nsec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\ncookie: {}\r\n{headers}\r\n",
        cookies.join("; ")
    )
}

async fn broken_frames_end_only_their_own_socket(desk: &mut Desk) {
    let ada = desk.administrator().await;
    let case = ada.create_case("Nick Evans").await;
    let guest = desk.guest_of(&case).await;
    let path = format!("/guest/cases/{case}/live");
    let mut live = ada.live("/live").await.unwrap();
    live.next_of("hello").await;
    let mut page = guest.live(&path).await.unwrap();
    page.next_of("hello").await;

    // Too large for a ping or typing: the socket ends.
    let mut large = guest.live(&path).await.unwrap();
    large.next_of("hello").await;
    large.say_text(&"x".repeat(5_000)).await;
    large.closed().await;

    // Bytes that are no frames: masked with nonsense, a reserved opcode, text that is not UTF-8.
    for garbage in [
        &[0xff; 64][..],
        &[0x83, 0x80, 0, 0, 0, 0],
        &[0x81, 0x82, 0, 0, 0, 0, 0xc3, 0x28],
    ] {
        let mut stream = TcpStream::connect(desk.address()).await.unwrap();
        let hands = handshake(&format!("/api/v1{path}"), &guest, "");
        stream.write_all(hands.as_bytes()).await.unwrap();
        stream.write_all(garbage).await.unwrap();
        let mut all = Vec::new();
        let ends = timeout(Duration::from_secs(10), stream.read_to_end(&mut all));
        let _ = ends.await.expect("the connection ends");
        assert!(all.starts_with(b"HTTP/1.1 101"));
    }

    // Frames that mean nothing are passed over, and the socket lives.
    for strange in [
        "",
        "[]",
        "null",
        r#"{"kind":"goodbye"}"#,
        r#"{"kind":"typing"}"#,
        "\u{0}",
    ] {
        page.say_text(strange).await;
    }
    page.say(json!({ "kind": "typing", "typing": true })).await;
    assert_eq!(live.next_of("typing").await["actor"]["kind"], "guest");
    ada.send(&case, "still here").await;
    assert_eq!(
        page.next_event("message.sent").await["event"]["text"],
        "still here"
    );
    assert_eq!(
        live.next_event("message.sent").await["event"]["text"],
        "still here"
    );
}

async fn handshakes_without_right_are_refused(desk: &mut Desk) {
    let ada = desk.administrator().await;
    let case = ada.create_case("Nick Evans").await;
    let other = ada.create_case("Someone else").await;
    let guest = desk.guest_of(&case).await;
    let path = format!("/guest/cases/{case}/live");
    for foreign in [
        &[("origin", "https://evil.example")][..],
        &[("origin", "null")],
        &[("origin", "https://desk.example.evil.example")],
        &[
            ("sec-fetch-site", "cross-site"),
            ("origin", "https://desk.example"),
        ],
        &[("sec-fetch-site", "same-site")],
    ] {
        assert_eq!(
            ada.live_with("/live", foreign).await.err(),
            Some(403),
            "{foreign:?}"
        );
        assert_eq!(
            guest.live_with(&path, foreign).await.err(),
            Some(403),
            "{foreign:?}"
        );
    }
    let own = [
        ("origin", crate::support::PUBLIC_URL),
        ("sec-fetch-site", "same-origin"),
    ];
    assert!(ada.live_with("/live", &own).await.is_ok());
    assert!(guest.live_with(&path, &own).await.is_ok());

    assert_eq!(desk.stranger().live("/live").await.err(), Some(401));
    assert_eq!(
        guest.live("/live").await.err(),
        Some(401),
        "a guest is no operator"
    );
    assert_eq!(
        ada.live(&path).await.err(),
        Some(404),
        "an operator is no guest"
    );
    assert_eq!(
        guest
            .live(&format!("/guest/cases/{other}/live"))
            .await
            .err(),
        Some(404)
    );
    // Without the words of a handshake it is a request like any other, and not one there is.
    ada.get("/live").await.problem(405, "method_not_allowed");
    assert_eq!(ada.live("/live?cursor=here").await.err(), Some(400));
}

async fn sockets_are_limited(desk: &mut Desk) {
    let ada = desk.administrator().await;
    let case = ada.create_case("Nick Evans").await;
    let guest = desk.guest_of(&case).await;
    let path = format!("/guest/cases/{case}/live");
    let mut pages = Vec::new();
    for _ in 0..16 {
        pages.push(guest.live(&path).await.unwrap());
    }
    assert_eq!(guest.live(&path).await.err(), Some(503));
    let mut screens = Vec::new();
    for _ in 0..32 {
        screens.push(ada.live("/live").await.unwrap());
    }
    assert_eq!(ada.live("/live").await.err(), Some(503));
    let mari = desk.operator("Mari").await;
    assert!(
        mari.live("/live").await.is_ok(),
        "another operator has a place"
    );
    // A place that is given back is taken again.
    pages.remove(0).leave().await;
    screens.remove(0).leave().await;
    let again =
        async { while guest.live(&path).await.is_err() || ada.live("/live").await.is_err() {} };
    timeout(Duration::from_secs(10), again)
        .await
        .expect("places come back");
}
