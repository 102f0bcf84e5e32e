//! Who is there, and who writes.

use std::time::Duration;

use serde_json::{Value, json};
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;

use crate::live_harm::handshake;
use crate::support::{Actor, Desk, Socket, on_both_databases};

on_both_databases![
    a_guest_is_online_at_once_and_away_after_the_last_socket,
    a_reload_is_no_leaving,
    a_broken_handshake_leaves_nobody_online,
    guests_see_the_operators_of_their_case_come_and_go,
    operators_see_each_other_come_and_go,
    an_open_guest_page_learns_that_the_organization_looks_different,
    typing_goes_to_the_others_of_the_case,
    a_flood_of_typing_hurts_nobody,
];

async fn page(guest: &Actor, case_id: &str) -> Socket {
    let mut page = guest
        .live(&format!("/guest/cases/{case_id}/live"))
        .await
        .unwrap();
    page.next_of("hello").await;
    page
}

async fn screen(operator: &Actor) -> Socket {
    let mut live = operator.live("/live").await.unwrap();
    live.next_of("hello").await;
    live
}

fn presence(case_id: &str, online: bool) -> Value {
    json!({ "kind": "presence", "case_id": case_id, "online": online })
}

/// What is told until an event of this type, without it.
async fn until_event(socket: &mut Socket, kind: &str) -> Vec<Value> {
    let mut told = Vec::new();
    loop {
        let frame = socket.next().await;
        if frame["event"]["type"] == kind {
            return told;
        }
        told.push(frame);
    }
}

async fn a_guest_is_online_at_once_and_away_after_the_last_socket(desk: &mut Desk) {
    let ada = desk.administrator().await;
    let (case, other) = (
        ada.create_case("Nick Evans").await,
        ada.create_case("Someone else").await,
    );
    let guest = desk.guest_of(&case).await;
    let stranger = desk.guest_of(&other).await;
    assert_eq!(
        ada.case(&case).await["guest_online"],
        false,
        "opening the link is not yet being there"
    );
    let mut live = screen(&ada).await;

    let one = page(&guest, &case).await;
    assert_eq!(live.next().await, presence(&case, true));
    assert_eq!(ada.case(&case).await["guest_online"], true);
    let list = ada.get("/cases").await.expect(200);
    let row = list["items"]
        .as_array()
        .unwrap()
        .iter()
        .find(|row| row["id"] == json!(case))
        .unwrap();
    assert_eq!(row["guest_online"], true);
    let two = page(&guest, &case).await;
    let elsewhere = page(&stranger, &other).await;
    assert_eq!(
        live.next().await,
        presence(&other, true),
        "a second socket is no second arrival"
    );
    let hello = ada.live("/live").await.unwrap().next().await;
    let online = hello["online_cases"].as_array().unwrap();
    assert!(online.contains(&json!(case)) && online.contains(&json!(other)));

    // The first of two sockets goes, and then, later, the only one of another case: that one is told.
    one.leave().await;
    elsewhere.leave().await;
    assert_eq!(live.next().await, presence(&other, false));
    assert_eq!(ada.case(&case).await["guest_online"], true);
    drop(two);
    assert_eq!(live.next().await, presence(&case, false));
    assert_eq!(ada.case(&case).await["guest_online"], false);
    let seen = async { while ada.case(&case).await["guest_last_seen_at"].is_null() {} };
    tokio::time::timeout(Duration::from_secs(10), seen)
        .await
        .expect("when the guest left is noted");
}

async fn a_reload_is_no_leaving(desk: &mut Desk) {
    let ada = desk.administrator().await;
    let (case, other) = (
        ada.create_case("Nick Evans").await,
        ada.create_case("Someone else").await,
    );
    let guest = desk.guest_of(&case).await;
    let stranger = desk.guest_of(&other).await;
    let mut live = screen(&ada).await;
    let first = page(&guest, &case).await;
    let elsewhere = page(&stranger, &other).await;
    assert_eq!(live.next().await, presence(&case, true));
    assert_eq!(live.next().await, presence(&other, true));
    first.leave().await;
    let _again = page(&guest, &case).await;
    elsewhere.leave().await;
    assert_eq!(
        live.next().await,
        presence(&other, false),
        "of the reload nothing is told"
    );
}

async fn a_broken_handshake_leaves_nobody_online(desk: &mut Desk) {
    let ada = desk.administrator().await;
    let case = ada.create_case("Nick Evans").await;
    let guest = desk.guest_of(&case).await;
    let mut live = screen(&ada).await;
    for _ in 0..20 {
        let mut stream = TcpStream::connect(desk.address()).await.unwrap();
        let hands = handshake(&format!("/api/v1/guest/cases/{case}/live"), &guest, "");
        stream.write_all(hands.as_bytes()).await.unwrap();
        // Cut off, not closed: the answer finds nobody.
        stream.set_zero_linger().unwrap();
    }
    ada.send(&case, "anyone there?").await;
    until_event(&mut live, "message.sent").await;
    let away = async {
        while ada.case(&case).await["guest_online"] == true || desk.app.hub.sockets() > 1 {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(Duration::from_secs(10), away)
        .await
        .expect("nobody is there");
}

async fn guests_see_the_operators_of_their_case_come_and_go(desk: &mut Desk) {
    let ada = desk.administrator().await;
    let mari = desk.operator("Mari").await;
    let case = ada.create_case("Nick Evans").await;
    let guest = desk.guest_of(&case).await;
    let (ada_id, mari_id) = (ada.id().await, mari.id().await);
    let mut live = guest
        .live(&format!("/guest/cases/{case}/live"))
        .await
        .unwrap();
    let hello = live.next().await;
    assert_eq!(
        hello["case"]["operators"],
        json!([{ "id": ada_id, "name": "Ada", "online": false, "picture": null }])
    );

    let is = |id: &str, online: bool| json!({ "kind": "operator_presence", "operator_id": id, "online": online });
    let mari_screen = screen(&mari).await;
    let ada_screen = screen(&ada).await;
    assert_eq!(
        live.next().await,
        is(&ada_id, true),
        "Mari is not on the case"
    );
    ada.put(&format!("/cases/{case}/operators/{mari_id}"), json!({}))
        .await
        .expect(200);
    live.next_event("operator.joined").await;
    let seen = guest.get(&format!("/guest/cases/{case}")).await.expect(200);
    assert_eq!(seen["operators"][1]["online"], true);
    mari_screen.leave().await;
    assert_eq!(live.next().await, is(&mari_id, false));
    ada.delete(&format!("/cases/{case}/operators/{mari_id}"))
        .await
        .expect(200);
    live.next_event("operator.left").await;
    let _mari_screen = screen(&mari).await;
    ada_screen.leave().await;
    assert_eq!(
        live.next().await,
        is(&ada_id, false),
        "Mari has left the case"
    );
}

async fn an_open_guest_page_learns_that_the_organization_looks_different(desk: &mut Desk) {
    let ada = desk.administrator().await;
    let case = ada.create_case("Nick Evans").await;
    let guest = desk.guest_of(&case).await;
    let mut open = page(&guest, &case).await;
    ada.patch("/organization", json!({ "brand_color": "#2a5fb8" }))
        .await
        .expect(200);
    let told = open.next_event("organization.changed").await;
    // Who of the team did it is no guest's matter.
    assert_eq!(told["actor"]["kind"], "system");
    assert_eq!(told["actor"]["name"], Value::Null);
    let seen = guest.get(&format!("/guest/cases/{case}")).await.expect(200);
    assert_eq!(seen["organization"]["brand_color"], "#2a5fb8");
}

async fn operators_see_each_other_come_and_go(desk: &mut Desk) {
    let ada = desk.administrator().await;
    let mari = desk.operator("Mari").await;
    let otto = desk.other_organization().await;
    let mari_id = mari.id().await;
    let mut live = screen(&ada).await;
    let is = |online: bool| json!({ "kind": "operator_presence", "operator_id": mari_id, "online": online });
    let _elsewhere = screen(&otto).await;
    let (one, two) = (screen(&mari).await, screen(&mari).await);
    assert_eq!(
        live.next().await,
        is(true),
        "nobody of another organization is told"
    );
    let rows = ada.get("/operators").await.expect(200);
    let row = rows["items"]
        .as_array()
        .unwrap()
        .iter()
        .find(|row| row["id"] == json!(mari_id))
        .unwrap();
    assert_eq!(row["online"], true);
    one.leave().await;
    two.leave().await;
    assert_eq!(live.next().await, is(false), "told once");
}

async fn typing_goes_to_the_others_of_the_case(desk: &mut Desk) {
    let ada = desk.administrator().await;
    let mari = desk.operator("Mari").await;
    let otto = desk.other_organization().await;
    let (case, other) = (
        ada.create_case("Nick Evans").await,
        ada.create_case("Someone else").await,
    );
    let foreign = otto.create_case("Nick Evans").await;
    let (guest, stranger, theirs) = (
        desk.guest_of(&case).await,
        desk.guest_of(&other).await,
        otto.guest_of(&foreign).await,
    );
    let (mut ada_live, mut mari_live, mut otto_live) =
        (screen(&ada).await, screen(&mari).await, screen(&otto).await);
    let (mut guest_live, mut stranger_live, mut theirs_live) = (
        page(&guest, &case).await,
        page(&stranger, &other).await,
        page(&theirs, &foreign).await,
    );

    let says = |typing: bool| json!({ "kind": "typing", "case_id": case, "typing": typing });
    ada_live.say(says(true)).await;
    let heard = mari_live.next_of("typing").await;
    assert_eq!(
        (&heard["case_id"], &heard["typing"]),
        (&json!(case), &json!(true))
    );
    assert_eq!(heard["actor"]["name"], "Ada");
    assert_eq!(
        guest_live.next_of("typing").await["actor"]["id"],
        json!(ada.id().await)
    );
    // From the guest to the operators, without a name: it is shown by the case's.
    guest_live
        .say(json!({ "kind": "typing", "typing": true }))
        .await;
    for live in [&mut ada_live, &mut mari_live] {
        let heard = live.next_of("typing").await;
        assert_eq!(
            (&heard["actor"]["kind"], &heard["actor"]["name"]),
            (&json!("guest"), &Value::Null)
        );
    }
    // Into a case of another organization: nobody hears it.
    otto_live.say(says(true)).await;
    ada_live
        .say(json!({ "kind": "typing", "case_id": foreign, "typing": true }))
        .await;
    ada_live.say(says(false)).await;
    assert_eq!(guest_live.next_of("typing").await["typing"], json!(false));

    // Then something for each who must have heard nothing: it is the first thing they hear.
    ada.send(&case, "done").await;
    ada.send(&other, "done").await;
    otto.send(&foreign, "done").await;
    for live in [
        &mut ada_live,
        &mut stranger_live,
        &mut theirs_live,
        &mut otto_live,
        &mut guest_live,
    ] {
        let told = until_event(live, "message.sent").await;
        let typing: Vec<_> = told
            .iter()
            .filter(|frame| frame["kind"] == "typing")
            .collect();
        assert!(typing.is_empty(), "{typing:?}");
    }
}

async fn a_flood_of_typing_hurts_nobody(desk: &mut Desk) {
    let ada = desk.administrator().await;
    let case = ada.create_case("Nick Evans").await;
    let guest = desk.guest_of(&case).await;
    let mut live = screen(&ada).await;
    let mut flood = page(&guest, &case).await;
    // A ping gives no right to write more.
    for _ in 0..2_000 {
        flood.say(json!({ "kind": "typing", "typing": true })).await;
        flood.say(json!({ "kind": "ping" })).await;
    }
    guest.guest_send(&case, "here I am").await;
    let told = until_event(&mut live, "message.sent").await;
    let typing = told
        .iter()
        .filter(|frame| frame["kind"] == "typing")
        .count();
    assert!((1..=100).contains(&typing), "{typing} were passed on");
}
