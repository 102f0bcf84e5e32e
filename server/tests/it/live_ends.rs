//! How live sockets end.

use std::time::Duration;

use futures_util::future::join_all;
use serde_json::{Value, json};
use tokio::time::{Instant, timeout};

use crate::live::cursor;
use crate::support::{Desk, on_both_databases};

/// The time between heartbeats in tests that wait for some of them, as configured below.
const HEARTBEAT: Duration = Duration::from_millis(500);

on_both_databases![|config| config.live.heartbeat_ms = 500;
    the_heartbeat_carries_the_place,
    a_silent_client_is_closed_and_a_pinging_one_is_not,
    only_our_frames_are_a_sign_of_life,
];
on_both_databases![
    signing_out_ends_the_sockets_of_the_session,
    signing_out_everywhere_ends_all_sockets_of_the_operator,
    signing_out_during_the_handshake_leaves_no_socket,
    a_deleted_case_ends_its_guests,
    completing_and_reopening_keep_the_socket,
    a_stop_tells_everyone_to_come_back,
];

/// How soon a socket must end when its session does.
const SOON: Duration = Duration::from_secs(1);

async fn the_heartbeat_carries_the_place(desk: &mut Desk) {
    let ada = desk.administrator().await;
    let case = ada.create_case("Nick Evans").await;
    let guest = desk.guest_of(&case).await;
    let mut operator = ada.live("/live").await.unwrap();
    let mut page = guest
        .live(&format!("/guest/cases/{case}/live"))
        .await
        .unwrap();
    let hello = operator.next().await;
    assert_eq!(hello["heartbeat_ms"], json!(500));
    assert_eq!(cursor(&operator.next_of("cursor").await), cursor(&hello));
    let entry = ada.send(&case, "one").await["entry"].clone();
    let told = cursor(&operator.next_event("message.sent").await);
    assert_eq!(cursor(&operator.next_of("cursor").await), told);
    page.next_event("message.sent").await;
    assert_eq!(page.next_of("heartbeat").await["entry"], entry);
}

async fn a_silent_client_is_closed_and_a_pinging_one_is_not(desk: &mut Desk) {
    let ada = desk.administrator().await;
    let case = ada.create_case("Nick Evans").await;
    let guest = desk.guest_of(&case).await;
    let mut watching = ada.live("/live").await.unwrap();
    watching.next_of("hello").await;
    let mut silent = guest
        .live(&format!("/guest/cases/{case}/live"))
        .await
        .unwrap();
    let began = Instant::now();
    let silent = async {
        assert_eq!(silent.closed().await, 4408);
        began.elapsed()
    };
    let watching = async {
        // A ping for each heartbeat, as screens do.
        let mut beats = 0;
        loop {
            let frame = watching.next().await;
            if frame["kind"] == "cursor" {
                beats += 1;
                watching.say(json!({ "kind": "ping" })).await;
            }
            if frame == json!({ "kind": "presence", "case_id": case, "online": false }) {
                return (beats, began.elapsed());
            }
        }
    };
    let (closed, (beats, away)) = futures_util::join!(silent, watching);
    assert!(beats >= 3, "the pinging one outlived {beats} heartbeats");
    let three = HEARTBEAT * 3;
    assert!(closed <= three + HEARTBEAT, "closed after {closed:?}");
    // 24 seconds of silence with the usual 8 seconds between heartbeats, no grace on top.
    assert!(away <= three + HEARTBEAT, "away after {away:?}");
}

async fn only_our_frames_are_a_sign_of_life(desk: &mut Desk) {
    let ada = desk.administrator().await;
    let mut live = ada.live("/live").await.unwrap();
    let code = loop {
        match live.frame().await {
            Ok(frame) if frame["kind"] == "cursor" => {
                for strange in [
                    "",
                    "{}",
                    "hello",
                    r#"{"kind":"pong"}"#,
                    r#"{"kind":"ping","more":1}"#,
                ] {
                    live.say_text(strange).await;
                }
            }
            Ok(_) => {}
            Err(code) => break code,
        }
    };
    assert_eq!(code, 4408);
}

async fn signing_out_ends_the_sockets_of_the_session(desk: &mut Desk) {
    let ada = desk.administrator().await;
    let elsewhere = desk.stranger();
    elsewhere
        .sign_in("ada@desk.example", crate::support::PASSWORD)
        .await
        .expect(200);
    let mut here = ada.live("/live").await.unwrap();
    let mut tab = ada.live("/live").await.unwrap();
    let mut there = elsewhere.live("/live").await.unwrap();
    there.next_of("hello").await;
    ada.delete("/session").await.expect(204);
    for socket in [&mut here, &mut tab] {
        let code = timeout(SOON, socket.closed()).await.expect("soon");
        assert_eq!(code, 4401);
    }
    assert_eq!(ada.live("/live").await.err(), Some(401));
    let case = elsewhere.create_case("Nick Evans").await;
    assert_eq!(there.next_of("event").await["case_id"], json!(case));
}

async fn signing_out_everywhere_ends_all_sockets_of_the_operator(desk: &mut Desk) {
    let ada = desk.administrator().await;
    let mari = desk.operator("Mari").await;
    let elsewhere = desk.stranger();
    elsewhere
        .sign_in("mari@desk.example", crate::support::PASSWORD)
        .await
        .expect(200);
    let mut sockets = [
        mari.live("/live").await.unwrap(),
        elsewhere.live("/live").await.unwrap(),
    ];
    let mut other = ada.live("/live").await.unwrap();
    other.next_of("hello").await;
    elsewhere.delete("/sessions").await.expect(204);
    for socket in &mut sockets {
        let code = timeout(SOON, socket.closed()).await.expect("soon");
        assert_eq!(code, 4401);
    }
    ada.create_case("Nick Evans").await;
    other.next_event("case.created").await;
}

async fn signing_out_during_the_handshake_leaves_no_socket(desk: &mut Desk) {
    desk.administrator().await;
    for _ in 0..12 {
        let ada = desk.stranger();
        ada.sign_in("ada@desk.example", crate::support::PASSWORD)
            .await
            .expect(200);
        let twin = ada.twin();
        let open = join_all((0..8).map(|_| twin.live("/live")));
        let (opened, answer) = futures_util::join!(open, ada.delete("/session"));
        answer.expect(204);
        for mut socket in opened.into_iter().flatten() {
            let code = timeout(SOON, socket.closed())
                .await
                .expect("no socket outlives its session");
            assert_eq!(code, 4401);
        }
    }
}

async fn a_deleted_case_ends_its_guests(desk: &mut Desk) {
    let ada = desk.administrator().await;
    let (case, other) = (
        ada.create_case("Nick Evans").await,
        ada.create_case("Someone else").await,
    );
    let guest = desk.guest_of(&case).await;
    let stays = desk.guest_of(&other).await;
    let path = format!("/guest/cases/{case}/live");
    let mut pages = [
        guest.live(&path).await.unwrap(),
        guest.live(&path).await.unwrap(),
    ];
    let mut other_page = stays
        .live(&format!("/guest/cases/{other}/live"))
        .await
        .unwrap();
    let mut live = ada.live("/live").await.unwrap();
    for page in &mut pages {
        page.next_of("hello").await;
    }
    live.next_of("hello").await;

    ada.delete(&format!("/cases/{case}")).await.expect(204);
    for page in &mut pages {
        let gone = page.next_event("case.deleted").await;
        assert_eq!(gone["entry"], Value::Null);
        assert_eq!(page.closed().await, 4410);
    }
    assert_eq!(
        live.next_event("case.deleted").await["case_id"],
        json!(case)
    );
    assert_eq!(guest.live(&path).await.err(), Some(404));
    ada.send(&other, "still here").await;
    assert_eq!(
        other_page.next_event("message.sent").await["event"]["text"],
        "still here"
    );
}

async fn completing_and_reopening_keep_the_socket(desk: &mut Desk) {
    let ada = desk.administrator().await;
    let case = ada.create_case("Nick Evans").await;
    let guest = desk.guest_of(&case).await;
    let mut page = guest
        .live(&format!("/guest/cases/{case}/live"))
        .await
        .unwrap();
    page.next_of("hello").await;
    ada.post(&format!("/cases/{case}/complete"), json!({}))
        .await
        .expect(200);
    assert_eq!(
        page.next_of("event").await["event"]["type"],
        "case.completed"
    );
    ada.post(&format!("/cases/{case}/reopen"), json!({}))
        .await
        .expect(200);
    assert_eq!(
        page.next_of("event").await["event"]["type"],
        "case.reopened"
    );
    ada.send(&case, "on we go").await;
    assert_eq!(page.next_of("event").await["event"]["text"], "on we go");
}

async fn a_stop_tells_everyone_to_come_back(desk: &mut Desk) {
    let ada = desk.administrator().await;
    let case = ada.create_case("Nick Evans").await;
    let guest = desk.guest_of(&case).await;
    let mut sockets = vec![
        guest
            .live(&format!("/guest/cases/{case}/live"))
            .await
            .unwrap(),
    ];
    for _ in 0..20 {
        sockets.push(ada.live("/live").await.unwrap());
    }
    for socket in &mut sockets {
        socket.next_of("hello").await;
    }
    let restarting = desk.restart();
    let hearing = join_all(sockets.iter_mut().map(|socket| async {
        let goodbye = socket.next_of("goodbye").await;
        let wait = goodbye["retry_after_ms"].as_u64().unwrap();
        assert!((500..2_500).contains(&wait), "{wait}");
        assert_eq!(socket.closed().await, 1012);
        wait
    }));
    let (_, waits) = futures_util::join!(restarting, hearing);
    assert!(
        waits.iter().any(|wait| *wait != waits[0]),
        "they do not all come back at once"
    );
    ada.live("/live").await.unwrap().next_of("hello").await;
}
