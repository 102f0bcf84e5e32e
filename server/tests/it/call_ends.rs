//! How calls end, and how people get out of them.

use std::time::Duration;

use deskside::calls::sweep;
use deskside::limits;
use serde_json::{Value, json};

use crate::calls::{calls_of, ids, shown};
use crate::support::{Actor, Caller, Desk, on_both_databases, start_call};

on_both_databases![
    a_call_has_one_start_and_one_end_with_who_and_how_long,
    the_last_one_who_leaves_ends_the_call,
    a_call_without_anyone_ends_with_its_last_sign,
    a_call_found_open_at_the_start_ends_when_nobody_returns,
    a_call_found_open_at_the_start_goes_on_when_somebody_returns,
    lost_participants_are_taken_out_and_may_return,
    completing_a_case_ends_its_call_first,
    deleting_a_case_closes_its_call,
    who_signs_out_is_out_of_the_call,
    a_session_that_ended_elsewhere_is_found,
];

/// The only end in a case's timeline.
async fn only_end(operator: &Actor, case: &str) -> Value {
    let entries = calls_of(operator, case).await;
    let kinds: Vec<&str> = entries
        .iter()
        .map(|entry| entry["event"]["type"].as_str().unwrap())
        .collect();
    assert_eq!(kinds, ["call.started", "call.ended"], "{entries:?}");
    entries[1].clone()
}

/// Lets so much time go by and looks after calls.
async fn pass(desk: &Desk, time: Duration) {
    desk.wait(time);
    sweep::round(&desk.app).await;
}

async fn a_call_has_one_start_and_one_end_with_who_and_how_long(desk: &mut Desk) {
    let mari = desk.operator("Mari").await;
    let cole = desk.operator("Cole").await;
    let case = mari.create_case("Nick Evans").await;
    let nick = desk.guest_of(&case).await;
    let call = start_call(&mari, &case).await;
    let guest = Caller::guest(&nick, &case, &call).await;
    let mut page = nick
        .live(&format!("/guest/cases/{case}/live"))
        .await
        .unwrap();
    desk.wait(Duration::from_secs(146));
    let end = format!("/cases/{case}/calls/{call}/end");
    cole.post(&end, json!({})).await.expect(204);
    cole.post(&end, json!({})).await.expect(204);

    let ended = only_end(&mari, &case).await;
    assert_eq!(ended["actor"]["name"], "Cole");
    let starter = json!({ "id": mari.id().await, "name": "Mari" });
    assert_eq!(
        ended["event"],
        json!({ "type": "call.ended", "call_id": call, "started_by": starter, "duration_ms": 146_000 })
    );
    // The entry and the last picture come one after another, in either order.
    let (mut entry, mut last) = (None, None);
    while entry.is_none() || last.is_none() {
        let frame = page.next().await;
        match frame["kind"].as_str() {
            Some("event") if frame["event"]["type"] == "call.ended" => {
                entry = Some(frame["event"].clone());
            }
            Some("call") if frame["call"]["ended_at"].is_string() => {
                last = Some(frame["call"]["ended_at"].clone());
            }
            _ => {}
        }
    }
    assert_eq!(
        (entry, last),
        (Some(ended["event"].clone()), Some(ended["at"].clone()))
    );
    let read = guest.read().await;
    assert_eq!(read["ended_at"], ended["at"]);
    assert_eq!(read["participants"], json!([]));
    let seen = nick
        .get(&format!("/guest/cases/{case}/timeline"))
        .await
        .expect(200);
    assert!(seen["entries"].as_array().unwrap().contains(&ended));
}

async fn the_last_one_who_leaves_ends_the_call(desk: &mut Desk) {
    let mari = desk.operator("Mari").await;
    let case = mari.create_case("Nick Evans").await;
    let nick = desk.guest_of(&case).await;
    let call = start_call(&mari, &case).await;
    let operator = Caller::silent_operator(&mari, &case, &call).await;
    let guest = Caller::silent_guest(&nick, &case, &call).await;
    operator.leave().await.expect(204);
    operator.leave().await.expect(204);
    assert_eq!(ids(&guest.read().await), [guest.id.as_str()]);
    desk.wait(Duration::from_secs(9));
    guest.leave().await.expect(204);
    guest.leave().await.expect(204);
    let ended = only_end(&mari, &case).await;
    assert_eq!(ended["actor"]["kind"], "guest");
    assert_eq!(ended["event"]["duration_ms"], 9_000);
}

async fn a_call_without_anyone_ends_with_its_last_sign(desk: &mut Desk) {
    let mari = desk.operator("Mari").await;
    let case = mari.create_case("Nick Evans").await;
    let call = start_call(&mari, &case).await;
    desk.wait(Duration::from_secs(20));
    let connected = Caller::operator(&mari, &case, &call).await;
    let mut screen = mari.live("/live").await.unwrap();
    shown(&mut screen, |call| {
        call["participants"][0]["connected"] == true
    })
    .await;
    // As long as somebody is connected it goes on, however long that is.
    pass(desk, Duration::from_secs(600)).await;
    pass(desk, Duration::from_secs(600)).await;
    assert_eq!(connected.read().await["ended_at"], Value::Null);
    drop(connected.peer);
    shown(&mut screen, |call| {
        call["participants"][0]["connected"] == false
    })
    .await;

    pass(desk, limits::CALL_QUIET_MAX - Duration::from_secs(1)).await;
    assert_eq!(calls_of(&mari, &case).await.len(), 1);
    pass(desk, Duration::from_secs(1)).await;
    let ended = only_end(&mari, &case).await;
    assert_eq!(ended["actor"]["kind"], "system");
    assert_eq!(
        ended["event"]["duration_ms"], 1_220_000,
        "until the last sign"
    );
    pass(desk, Duration::from_secs(600)).await;
    only_end(&mari, &case).await;
}

async fn a_call_found_open_at_the_start_ends_when_nobody_returns(desk: &mut Desk) {
    let mari = desk.operator("Mari").await;
    let case = mari.create_case("Nick Evans").await;
    let call = start_call(&mari, &case).await;
    let connected = Caller::operator(&mari, &case, &call).await;
    let mut screen = mari.live("/live").await.unwrap();
    shown(&mut screen, |call| {
        call["participants"][0]["connected"] == true
    })
    .await;
    pass(desk, Duration::from_secs(100)).await;
    drop(connected);
    desk.restart_after(Duration::from_secs(3_600)).await;
    sweep::look(&desk.app).await.unwrap();
    sweep::round(&desk.app).await;
    assert_eq!(
        calls_of(&mari, &case).await.len(),
        1,
        "it waits for who returns"
    );
    pass(desk, limits::CALL_QUIET_MAX).await;
    let ended = only_end(&mari, &case).await;
    assert_eq!(ended["actor"]["kind"], "system");
    assert_eq!(
        ended["event"]["duration_ms"], 100_000,
        "the last sign before the crash"
    );
}

async fn a_call_found_open_at_the_start_goes_on_when_somebody_returns(desk: &mut Desk) {
    let mari = desk.operator("Mari").await;
    let case = mari.create_case("Nick Evans").await;
    let nick = desk.guest_of(&case).await;
    let call = start_call(&mari, &case).await;
    let mut operator = Caller::silent_operator(&mari, &case, &call).await;
    Caller::silent_guest(&nick, &case, &call).await;
    desk.restart().await;
    sweep::look(&desk.app).await.unwrap();
    pass(desk, Duration::from_secs(15)).await;
    operator.reload().await;
    let mut screen = mari.live("/live").await.unwrap();
    shown(&mut screen, |call| {
        call["participants"]
            .as_array()
            .unwrap()
            .iter()
            .any(|one| one["connected"] == true)
    })
    .await;
    pass(desk, Duration::from_secs(10)).await;
    assert_eq!(
        ids(&operator.read().await).len(),
        2,
        "the guest may still return"
    );
    pass(desk, Duration::from_secs(20)).await;
    assert_eq!(
        ids(&operator.read().await),
        [operator.id.as_str()],
        "the guest did not"
    );
    pass(desk, Duration::from_secs(600)).await;
    assert_eq!(operator.read().await["ended_at"], Value::Null);
}

async fn lost_participants_are_taken_out_and_may_return(desk: &mut Desk) {
    let mari = desk.operator("Mari").await;
    let cole = desk.operator("Cole").await;
    let case = mari.create_case("Nick Evans").await;
    let nick = desk.guest_of(&case).await;
    let call = start_call(&mari, &case).await;
    let operator = Caller::operator(&mari, &case, &call).await;
    let mut screen = cole.live("/live").await.unwrap();
    shown(&mut screen, |call| {
        call["participants"][0]["connected"] == true
    })
    .await;
    let with_socket = Caller::silent_operator(&cole, &case, &call).await;
    let without = Caller::silent_guest(&nick, &case, &call).await;

    pass(desk, limits::CALL_AWAY_SILENCE_MAX - Duration::from_secs(1)).await;
    assert_eq!(ids(&operator.read().await).len(), 3);
    pass(desk, Duration::from_secs(1)).await;
    let left = operator.read().await;
    assert_eq!(ids(&left), [operator.id.as_str(), with_socket.id.as_str()]);
    pass(desk, limits::CALL_SILENCE_MAX).await;
    assert_eq!(ids(&operator.read().await), [operator.id.as_str()]);
    without.offer().await.problem(410, "call_peer_gone");
    let back = Caller::connect(&nick, &without.call, Some(&without.token)).await;
    assert_eq!(back.id, without.id);
    let again = ids(&back.joined["call"]).len();
    assert_eq!(again, 2);
}

async fn completing_a_case_ends_its_call_first(desk: &mut Desk) {
    let mari = desk.operator("Mari").await;
    let case = mari.create_case("Nick Evans").await;
    let nick = desk.guest_of(&case).await;
    let call = start_call(&mari, &case).await;
    let operator = Caller::operator(&mari, &case, &call).await;
    let guest = Caller::silent_guest(&nick, &case, &call).await;
    let mut screen = mari.live("/live").await.unwrap();
    screen.next_of("hello").await;
    mari.post(&format!("/cases/{case}/complete"), json!({}))
        .await
        .expect(200);
    shown(&mut screen, |call| call["ended_at"].is_string()).await;
    let timeline = mari
        .get(&format!("/cases/{case}/timeline"))
        .await
        .expect(200);
    let kinds: Vec<&str> = timeline["entries"]
        .as_array()
        .unwrap()
        .iter()
        .map(|entry| entry["event"]["type"].as_str().unwrap())
        .collect();
    assert_eq!(
        kinds[kinds.len() - 3..],
        ["call.started", "call.ended", "case.completed"]
    );
    operator.offer().await.problem(409, "call_ended");
    guest.offer().await.problem(409, "case_completed");
    guest
        .media("off", "off")
        .await
        .problem(409, "case_completed");
    nick.get(&guest.call).await.problem(409, "case_completed");
    guest.leave().await.expect(204);
    let start = format!("/cases/{case}/calls");
    mari.post(&start, json!({}))
        .await
        .problem(409, "case_completed");
}

async fn deleting_a_case_closes_its_call(desk: &mut Desk) {
    let mari = desk.operator("Mari").await;
    let case = mari.create_case("Nick Evans").await;
    let call = start_call(&mari, &case).await;
    let operator = Caller::operator(&mari, &case, &call).await;
    let mut screen = mari.live("/live").await.unwrap();
    screen.next_of("hello").await;
    mari.delete(&format!("/cases/{case}")).await.expect(204);
    shown(&mut screen, |call| call["ended_at"].is_string()).await;
    operator.offer().await.problem(404, "not_found");
    mari.get(&operator.call).await.problem(404, "not_found");
    operator.leave().await.problem(404, "not_found");
    // No tombstone tells of it.
    let mut late = mari.live("/live?cursor=0").await.unwrap();
    late.next_of("hello").await;
    late.next_event("case.deleted").await;
}

async fn who_signs_out_is_out_of_the_call(desk: &mut Desk) {
    let mari = desk.operator("Mari").await;
    let cole = desk.operator("Cole").await;
    let case = mari.create_case("Nick Evans").await;
    let nick = desk.guest_of(&case).await;
    let call = start_call(&mari, &case).await;
    Caller::operator(&cole, &case, &call).await;
    let operator = Caller::operator(&mari, &case, &call).await;
    let guest = Caller::silent_guest(&nick, &case, &call).await;
    cole.delete("/session").await.expect(204);
    assert_eq!(
        ids(&guest.read().await),
        [operator.id.as_str(), guest.id.as_str()]
    );
    mari.delete("/sessions").await.expect(204);
    assert_eq!(ids(&guest.read().await), [guest.id.as_str()]);
    assert_eq!(
        guest.read().await["ended_at"],
        Value::Null,
        "the guest is still there"
    );
}

async fn a_session_that_ended_elsewhere_is_found(desk: &mut Desk) {
    let mari = desk.operator("Mari").await;
    let case = mari.create_case("Nick Evans").await;
    let nick = desk.guest_of(&case).await;
    let call = start_call(&mari, &case).await;
    let operator = Caller::operator(&mari, &case, &call).await;
    let guest = Caller::silent_guest(&nick, &case, &call).await;
    let mut page = nick
        .live(&format!("/guest/cases/{case}/live"))
        .await
        .unwrap();
    shown(&mut page, |call| {
        call["participants"][0]["connected"] == true
    })
    .await;
    sweep::look(&desk.app).await.unwrap();
    assert_eq!(ids(&guest.read().await).len(), 2);
    // As housekeeping clears it: nobody tells this process.
    desk.wait(limits::SESSION_AGE_MAX + Duration::from_secs(1));
    desk.run_jobs().await;
    deskside::housekeeping::start(&desk.app)
        .await
        .unwrap()
        .stop()
        .await;
    desk.run_jobs().await;
    sweep::look(&desk.app).await.unwrap();
    assert!(!ids(&operator_view(desk, &case, &call).await).contains(&operator.id.as_str()));
}

/// A call as the team reads it, by whoever signs in now.
async fn operator_view(desk: &Desk, case: &str, call: &str) -> Value {
    let someone = desk.stranger();
    someone
        .sign_in("mari@desk.example", crate::support::PASSWORD)
        .await
        .expect(200);
    let path = format!("/cases/{case}/calls/{call}");
    someone.get(&path).await.expect(200)
}

/// The only organization of a desk.
pub async fn organization(desk: &Desk) -> deskside::ids::OrganizationId {
    let found = desk
        .app
        .db()
        .read(|tx| {
            Box::pin(async move { deskside::team::store::organizations(&mut tx.system()).await })
        })
        .await
        .unwrap();
    found[0]
}
