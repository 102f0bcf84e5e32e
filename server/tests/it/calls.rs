//! Calls: starting one, being in it, coming back to it, and what everyone's screens show of it.

use std::time::Duration;

use axum::http::Method;
use deskside_db::Uuid;
use serde_json::{Value, json};

use crate::support::{Actor, Caller, Desk, Socket, joining, offer, on_both_databases, start_call};

on_both_databases![
    many_starts_at_once_make_one_call,
    the_same_key_starts_the_same_call,
    operator_and_guest_hear_each_other_and_every_screen_sees_it,
    who_comes_back_with_the_token_is_the_same_participant,
    another_window_takes_the_place_over,
    microphone_and_picture_are_told_to_all,
    who_speaks_is_told,
    a_call_shows_in_lists_and_on_first_load,
    a_restarted_server_lets_everyone_back_in,
];

/// The entries about calls in a case's timeline.
pub async fn calls_of(operator: &Actor, case: &str) -> Vec<Value> {
    let path = format!("/cases/{case}/timeline?limit=200");
    let timeline = operator.get(&path).await.expect(200);
    let entries = timeline["entries"].as_array().unwrap().clone();
    entries
        .into_iter()
        .filter(|entry| {
            entry["event"]["type"]
                .as_str()
                .unwrap()
                .starts_with("call.")
        })
        .collect()
}

/// The next snapshot of a call for which this holds.
pub async fn shown(socket: &mut Socket, holds: impl Fn(&Value) -> bool) -> Value {
    loop {
        let call = socket.next_of("call").await["call"].clone();
        if holds(&call) {
            return call;
        }
    }
}

/// How many participants of a snapshot are connected.
pub fn connected(call: &Value) -> usize {
    let all = call["participants"].as_array().unwrap();
    all.iter().filter(|one| one["connected"] == true).count()
}

/// The ids of a snapshot's participants.
pub fn ids(call: &Value) -> Vec<&str> {
    let all = call["participants"].as_array().unwrap();
    all.iter().map(|one| one["id"].as_str().unwrap()).collect()
}

async fn many_starts_at_once_make_one_call(desk: &mut Desk) {
    let mari = desk.operator("Mari").await;
    let cole = desk.operator("Cole").await;
    let case = mari.create_case("Nick Evans").await;
    let path = format!("/cases/{case}/calls");
    let starts = (0..20).map(|n| {
        let (who, path) = ([&mari, &cole][n % 2].clone(), path.clone());
        tokio::spawn(async move { who.post(&path, json!({})).await })
    });
    let mut made = Vec::new();
    let mut found = Vec::new();
    for start in starts.collect::<Vec<_>>() {
        let answer = start.await.unwrap();
        let id = answer.json()["id"].clone();
        match answer.status {
            201 => made.push(id),
            200 => found.push(id),
            _ => panic!("{answer:?}"),
        }
    }
    assert_eq!((made.len(), found.len()), (1, 19));
    assert!(found.iter().all(|id| *id == made[0]));
    let entries = calls_of(&mari, &case).await;
    assert_eq!(entries.len(), 1, "{entries:?}");
    assert_eq!(
        entries[0]["event"],
        json!({ "type": "call.started", "call_id": made[0] })
    );
    // Whoever started it is on the case.
    let call = mari
        .get(&format!("{path}/{}", made[0].as_str().unwrap()))
        .await
        .expect(200);
    assert_eq!(call["started_by"]["name"], entries[0]["actor"]["name"]);
    let operators = mari.case(&case).await["operators"].clone();
    let starter = call["started_by"].clone();
    assert!(
        operators.as_array().unwrap().contains(&starter),
        "{operators}"
    );
}

async fn the_same_key_starts_the_same_call(desk: &mut Desk) {
    let mari = desk.operator("Mari").await;
    let case = mari.create_case("Nick Evans").await;
    let path = format!("/cases/{case}/calls");
    let key = Uuid::now_v7();
    let start = || mari.request(Method::POST, &path).key(key).json(json!({}));
    let first = start().send().await.expect(201);
    let id = first["id"].as_str().unwrap();
    assert_eq!(start().send().await.expect(201)["id"], id);
    assert_eq!(mari.post(&path, json!({})).await.expect(200)["id"], id);
    mari.post(&format!("{path}/{id}/end"), json!({}))
        .await
        .expect(204);
    let late = start().send().await.expect(201);
    assert_eq!(late["id"], id);
    assert!(late["ended_at"].is_string(), "{late}");
    assert_ne!(mari.post(&path, json!({})).await.expect(201)["id"], id);
    assert_eq!(calls_of(&mari, &case).await.len(), 3);
}

async fn operator_and_guest_hear_each_other_and_every_screen_sees_it(desk: &mut Desk) {
    let mari = desk.operator("Mari").await;
    let cole = desk.operator("Cole").await;
    let case = mari.create_case("Nick Evans").await;
    let nick = desk.guest_of(&case).await;
    let mut screen = cole.live("/live").await.unwrap();
    let mut page = nick
        .live(&format!("/guest/cases/{case}/live"))
        .await
        .unwrap();
    page.next_of("hello").await;

    let call = start_call(&mari, &case).await;
    assert_eq!(
        page.next_event("call.started").await["actor"]["name"],
        "Mari"
    );
    let mut operator = Caller::operator(&mari, &case, &call).await;
    let alone = shown(&mut page, |call| connected(call) == 1).await;
    assert_eq!(alone["id"], call.as_str());
    assert_eq!(alone["participants"][0]["name"], "Mari");
    assert_eq!(alone["participants"][0]["kind"], "operator");
    let mut guest = Caller::guest(&nick, &case, &call).await;
    operator.peer.as_mut().unwrap().hears().await;
    guest.peer.as_mut().unwrap().hears().await;

    for socket in [&mut screen, &mut page] {
        let both = shown(socket, |call| {
            connected(call) == 2
                && call["participants"].as_array().unwrap().iter().all(|one| {
                    one["slots"]
                        .as_array()
                        .unwrap()
                        .iter()
                        .any(|slot| slot["kind"] == "audio")
                })
        })
        .await;
        assert_eq!(ids(&both), [operator.id.as_str(), guest.id.as_str()]);
        let (first, second) = (&both["participants"][0], &both["participants"][1]);
        assert_eq!(first["slots"][0]["from"], guest.id.as_str());
        assert_eq!(second["slots"][0]["from"], operator.id.as_str());
        assert_eq!(second["kind"], "guest");
        assert_eq!(
            (&second["name"], &second["operator_id"]),
            (&Value::Null, &Value::Null)
        );
    }

    // A tab that is closed: reconnecting, but there.
    guest.peer = None;
    let gone = shown(&mut page, |call| connected(call) == 1).await;
    assert_eq!(ids(&gone).len(), 2);
    assert!(gone["revision"].as_i64() > alone["revision"].as_i64());
}

async fn who_comes_back_with_the_token_is_the_same_participant(desk: &mut Desk) {
    let mari = desk.operator("Mari").await;
    let case = mari.create_case("Nick Evans").await;
    let nick = desk.guest_of(&case).await;
    let call = start_call(&mari, &case).await;
    let operator = Caller::silent_operator(&mari, &case, &call).await;
    let mut guest = Caller::guest(&nick, &case, &call).await;
    let (id, token) = (guest.id.clone(), guest.token.clone());
    for _ in 0..3 {
        let joined = guest.reload().await;
        assert_eq!((&guest.id, &guest.token), (&id, &token));
        assert_eq!(ids(&joined["call"]), [operator.id.as_str(), id.as_str()]);
    }
    // Someone else's secret makes nobody that one.
    let body = joining(&offer(), Some(&token));
    let path = format!("/cases/{case}/calls/{call}/participants");
    let joined = mari.post(&path, body).await.expect(201);
    assert_ne!(joined["participant_id"], id.as_str());
    assert_ne!(joined["token"], token.as_str());
    assert_eq!(ids(&joined["call"]).len(), 2);
    // Nor one of another call, or of none.
    let body = joining(&offer(), Some("nothing"));
    let joined = mari.post(&path, body).await.expect(201);
    assert_ne!(joined["token"], "nothing");
    // Who has left comes back as the same.
    guest.leave().await.expect(204);
    assert_eq!(ids(&guest.read().await).len(), 1);
    assert_eq!(guest.offer().await.status, 410);
    guest.reload().await;
    assert_eq!(guest.id, id);
}

async fn another_window_takes_the_place_over(desk: &mut Desk) {
    let mari = desk.operator("Mari").await;
    let case = mari.create_case("Nick Evans").await;
    let nick = desk.guest_of(&case).await;
    let call = start_call(&mari, &case).await;
    let operator = Caller::silent_operator(&mari, &case, &call).await;
    let old = Caller::guest(&nick, &case, &call).await;
    let new = Caller::guest(&nick, &case, &call).await;
    assert_ne!((&old.id, &old.token), (&new.id, &new.token));
    assert_eq!(
        ids(&new.joined["call"]),
        [operator.id.as_str(), new.id.as_str()]
    );

    old.offer().await.problem(409, "call_moved");
    old.media("off", "off").await.problem(409, "call_moved");
    let back = joining(&offer(), Some(&old.token));
    let path = format!("{}/participants", old.call);
    nick.post(&path, back).await.problem(409, "call_moved");
    old.leave().await.expect(204);
    assert_eq!(
        ids(&new.read().await).len(),
        2,
        "the new one is still there"
    );
    // "Use here" takes the place back.
    let here = Caller::guest(&nick, &case, &call).await;
    new.offer().await.problem(409, "call_moved");
    assert_eq!(
        ids(&here.read().await),
        [operator.id.as_str(), here.id.as_str()]
    );

    // An operator in another browser is the same person too.
    let twin = desk.stranger();
    twin.sign_in("mari@desk.example", crate::support::PASSWORD)
        .await
        .expect(200);
    let elsewhere = Caller::silent_operator(&twin, &case, &call).await;
    operator.offer().await.problem(409, "call_moved");
    assert_eq!(
        ids(&here.read().await),
        [here.id.as_str(), elsewhere.id.as_str()]
    );
}

async fn microphone_and_picture_are_told_to_all(desk: &mut Desk) {
    let mari = desk.operator("Mari").await;
    let case = mari.create_case("Nick Evans").await;
    let nick = desk.guest_of(&case).await;
    let call = start_call(&mari, &case).await;
    let mut page = nick
        .live(&format!("/guest/cases/{case}/live"))
        .await
        .unwrap();
    let hello = page.next_of("hello").await;
    assert_eq!(hello["case"]["call"]["id"], call.as_str());
    let operator = Caller::silent_operator(&mari, &case, &call).await;
    let before = operator.joined["call"]["revision"].as_i64().unwrap();
    for (microphone, video) in [
        ("off", "camera"),
        ("on", "screen"),
        ("interrupted", "interrupted"),
        ("absent", "absent"),
        ("on", "off"),
    ] {
        operator.media(microphone, video).await.expect(204);
        let call = shown(&mut page, |call| {
            let one = &call["participants"][0];
            one["microphone"] == microphone && one["video"] == video
        })
        .await;
        assert!(call["revision"].as_i64().unwrap() > before);
    }
    operator.media("loud", "off").await.problem(400, "bad_json");
}

async fn who_speaks_is_told(desk: &mut Desk) {
    let mari = desk.operator("Mari").await;
    let case = mari.create_case("Nick Evans").await;
    let nick = desk.guest_of(&case).await;
    let call = start_call(&mari, &case).await;
    let mut screen = mari.live("/live").await.unwrap();
    let mut page = nick
        .live(&format!("/guest/cases/{case}/live"))
        .await
        .unwrap();
    screen.next_of("hello").await;
    page.next_of("hello").await;
    let operator = Caller::operator(&mari, &case, &call).await;
    // The peers of these tests say aloud that they speak.
    for socket in [&mut screen, &mut page] {
        let told = socket.next_of("call_speaking").await;
        assert_eq!(told["call_id"], call.as_str());
        assert_eq!(told["speaking"], json!([operator.id]));
    }
}

async fn a_call_shows_in_lists_and_on_first_load(desk: &mut Desk) {
    let mari = desk.operator("Mari").await;
    let case = mari.create_case("Nick Evans").await;
    let quiet = mari.create_case("Amina Haddad").await;
    let nick = desk.guest_of(&case).await;
    let call = start_call(&mari, &case).await;
    let operator = Caller::silent_operator(&mari, &case, &call).await;
    let list = mari.get("/cases").await.expect(200);
    for row in list["items"].as_array().unwrap() {
        assert_eq!(row["in_call"], row["id"] == case.as_str(), "{row}");
    }
    assert_eq!(mari.case(&quiet).await["call"], Value::Null);
    let shown_to_operator = mari.case(&case).await["call"].clone();
    let shown_to_guest =
        nick.get(&format!("/guest/cases/{case}")).await.expect(200)["call"].clone();
    assert_eq!(shown_to_operator, shown_to_guest);
    assert_eq!(ids(&shown_to_operator), [operator.id.as_str()]);
    // A screen that comes is shown what goes on.
    let mut screen = desk.operator("Cole").await.live("/live").await.unwrap();
    let frame = screen.next_of("call").await;
    assert_eq!(frame["case_id"], case.as_str());
    assert_eq!(frame["call"], shown_to_operator);

    mari.post(&format!("{}/end", operator.call), json!({}))
        .await
        .expect(204);
    let last = shown(&mut screen, |call| call["ended_at"].is_string()).await;
    assert_eq!(last["participants"], json!([]));
    assert_eq!(mari.case(&case).await["call"], Value::Null);
    assert_eq!(
        mari.get("/cases").await.expect(200)["items"][0]["in_call"],
        false
    );
}

async fn a_restarted_server_lets_everyone_back_in(desk: &mut Desk) {
    let mari = desk.operator("Mari").await;
    let case = mari.create_case("Nick Evans").await;
    let nick = desk.guest_of(&case).await;
    let call = start_call(&mari, &case).await;
    let mut operator = Caller::operator(&mari, &case, &call).await;
    let mut guest = Caller::guest(&nick, &case, &call).await;
    guest.peer.as_mut().unwrap().hears().await;
    let before = [operator.id.clone(), guest.id.clone()];
    let last = guest.read().await["revision"].as_i64().unwrap();

    desk.wait(Duration::from_secs(3));
    desk.restart().await;
    let waiting = operator.read().await;
    assert_eq!(ids(&waiting), before, "both are expected back");
    assert_eq!(connected(&waiting), 0);
    assert!(waiting["revision"].as_i64().unwrap() > last);
    operator.offer().await.problem(410, "call_peer_gone");
    operator.reload().await;
    guest.reload().await;
    operator.peer.as_mut().unwrap().hears().await;
    guest.peer.as_mut().unwrap().hears().await;
    assert_eq!(ids(&guest.read().await), before);
    assert_eq!(calls_of(&mari, &case).await.len(), 1, "it is the same call");
}
