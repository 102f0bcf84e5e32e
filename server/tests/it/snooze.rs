//! Putting cases off: until a time, or until the customer writes.

use std::time::Duration;

use serde_json::{Value, json};

use crate::claim::{leave, put_on};
use crate::lists::{list, names_of};
use crate::support::{Actor, Answer, Desk, on_both_databases};

on_both_databases![
    a_snoozed_case_leaves_the_own_list_until_its_time,
    the_customer_wakes_it_earlier_and_the_old_time_does_nothing,
    a_snooze_is_one_operator_s_own,
    a_snooze_can_be_changed_and_taken_back,
    a_snooze_and_a_message_at_once_end_in_one_of_two_ways,
    what_is_not_open_or_not_one_s_own_is_not_snoozed,
    a_time_that_is_none_is_refused,
];

const HOUR: Duration = Duration::from_secs(3600);

async fn snooze(desk: &Desk, who: &Actor, case: &str, after: Duration) -> Answer {
    let until = desk.app.clock.now() + after;
    let path = format!("/cases/{case}/snooze");
    who.put(&path, json!({ "until": until })).await
}

async fn shown(who: &Actor, query: &str) -> Vec<String> {
    let page = list(who, query).await;
    names_of(&page).into_iter().map(str::to_owned).collect()
}

async fn a_snoozed_case_leaves_the_own_list_until_its_time(desk: &mut Desk) {
    let mari = desk.operator("Mari").await;
    let case = mari.create_case("Later").await;
    let mut screen = mari.live("/live").await.expect("a socket");
    screen.next_of("hello").await;
    let changed = snooze(desk, &mari, &case, HOUR).await.expect(200);
    let until = changed["mine"]["snoozed_until"].clone();
    assert!(until.is_string(), "{changed}");
    let told = screen.next_event("case.snoozed").await;
    assert_eq!(told["event"]["until"], until);
    assert_eq!(told["event"]["operator_id"], mari.id().await);
    assert_eq!(shown(&mari, "").await, [""; 0]);
    assert_eq!(shown(&mari, "view=snoozed").await, ["Later"]);
    for query in ["operator=everyone", "status=all"] {
        assert_eq!(shown(&mari, query).await, ["Later"], "{query}");
    }
    desk.wait(HOUR / 2);
    desk.run_jobs().await;
    assert_eq!(shown(&mari, "view=snoozed").await, ["Later"], "not yet");
    desk.wait(HOUR / 2);
    assert!(desk.run_jobs().await > 0);
    let woke = screen.next_event("case.woke").await;
    assert_eq!(woke["actor"]["kind"], "system");
    let mark = screen.next_event("case.attention").await;
    assert_eq!(mark["event"]["reason"], "woke");
    assert_eq!(shown(&mari, "").await, ["Later"]);
    assert_eq!(shown(&mari, "view=snoozed").await, [""; 0]);
    assert_eq!(shown(&mari, "view=attention").await, ["Later"]);
    assert_eq!(mari.case(&case).await["mine"]["snoozed_until"], Value::Null);
}

async fn the_customer_wakes_it_earlier_and_the_old_time_does_nothing(desk: &mut Desk) {
    let mari = desk.operator("Mari").await;
    let case = mari.create_case("Later").await;
    let guest = mari.guest_of(&case).await;
    snooze(desk, &mari, &case, HOUR).await.expect(200);
    mari.send(&case, "An answer of one's own wakes nothing")
        .await;
    assert_eq!(shown(&mari, "view=snoozed").await, ["Later"]);
    guest.guest_send(&case, "Are you there?").await;
    assert_eq!(shown(&mari, "").await, ["Later"]);
    let row = list(&mari, "").await["items"][0].clone();
    assert_eq!(row["attention"], "woke");
    assert_eq!(row["snoozed_until"], Value::Null);
    let entry = json!({ "entry": row["last_entry"] });
    mari.put(&format!("/cases/{case}/read"), entry)
        .await
        .expect(204);
    desk.wait(HOUR);
    desk.run_jobs().await;
    assert_eq!(shown(&mari, "view=attention").await, [""; 0]);
}

async fn a_snooze_is_one_operator_s_own(desk: &mut Desk) {
    let mari = desk.operator("Mari").await;
    let cole = desk.operator("Cole").await;
    let case = mari.create_case("Both's").await;
    put_on(&mari, &case, &cole).await.expect(200);
    snooze(desk, &mari, &case, HOUR).await.expect(200);
    assert_eq!(shown(&mari, "").await, [""; 0]);
    assert_eq!(shown(&cole, "").await, ["Both's"]);
    let mari_id = mari.id().await;
    let of_mari = shown(&cole, &format!("operator={mari_id}")).await;
    assert_eq!(of_mari, ["Both's"], "a colleague's list shows it");
    assert_eq!(cole.case(&case).await["mine"]["snoozed_until"], Value::Null);
    leave(&mari, &case).await.expect(200);
    put_on(&mari, &case, &mari).await.expect(200);
    assert_eq!(shown(&mari, "").await, ["Both's"], "leaving ends it");
}

async fn a_snooze_can_be_changed_and_taken_back(desk: &mut Desk) {
    let mari = desk.operator("Mari").await;
    let case = mari.create_case("Later").await;
    snooze(desk, &mari, &case, HOUR).await.expect(200);
    snooze(desk, &mari, &case, HOUR).await.expect(200);
    snooze(desk, &mari, &case, 3 * HOUR).await.expect(200);
    desk.wait(2 * HOUR);
    desk.run_jobs().await;
    assert_eq!(shown(&mari, "view=snoozed").await, ["Later"], "the later");
    let path = format!("/cases/{case}/snooze");
    for _ in 0..2 {
        let back = mari.delete(&path).await.expect(200);
        assert_eq!(back["mine"]["snoozed_until"], Value::Null);
        assert_eq!(back["mine"]["attention"], Value::Null);
    }
    desk.wait(2 * HOUR);
    desk.run_jobs().await;
    assert_eq!(mari.case(&case).await["mine"]["attention"], Value::Null);
    // Taken back and put off again to the very same time it still wakes.
    snooze(desk, &mari, &case, HOUR).await.expect(200);
    mari.delete(&path).await.expect(200);
    snooze(desk, &mari, &case, HOUR).await.expect(200);
    desk.wait(HOUR);
    desk.run_jobs().await;
    assert_eq!(mari.case(&case).await["mine"]["attention"], "woke");
}

async fn a_snooze_and_a_message_at_once_end_in_one_of_two_ways(desk: &mut Desk) {
    let mari = desk.operator("Mari").await;
    for n in 0..8 {
        let case = mari.create_case(&format!("Case {n}")).await;
        let guest = mari.guest_of(&case).await;
        let (snoozed, _) = tokio::join!(
            snooze(desk, &mari, &case, HOUR),
            guest.guest_send(&case, "Hello")
        );
        snoozed.expect(200);
        let mine = mari.case(&case).await["mine"].clone();
        let sleeps = mine["snoozed_until"].is_string();
        assert_eq!(sleeps, mine["attention"].is_null(), "{mine}");
        assert_eq!(mine["unread"], 1);
    }
}

async fn what_is_not_open_or_not_one_s_own_is_not_snoozed(desk: &mut Desk) {
    let mari = desk.operator("Mari").await;
    let cole = desk.operator("Cole").await;
    let case = mari.create_case("Nick Evans").await;
    let answer = snooze(desk, &cole, &case, HOUR).await;
    answer.problem(409, "not_on_case");
    snooze(desk, &mari, &case, HOUR).await.expect(200);
    let path = format!("/cases/{case}/complete");
    mari.post(&path, json!({})).await.expect(200);
    assert_eq!(mari.case(&case).await["mine"]["snoozed_until"], Value::Null);
    let answer = snooze(desk, &mari, &case, HOUR).await;
    answer.problem(409, "case_completed");
    mari.post(&format!("/cases/{case}/reopen"), json!({}))
        .await
        .expect(200);
    desk.wait(HOUR);
    desk.run_jobs().await;
    assert_eq!(mari.case(&case).await["mine"]["attention"], Value::Null);
    mari.delete(&format!("/cases/{case}")).await.expect(204);
    let answer = snooze(desk, &mari, &case, HOUR).await;
    answer.problem(404, "not_found");
}

async fn a_time_that_is_none_is_refused(desk: &mut Desk) {
    let mari = desk.operator("Mari").await;
    let case = mari.create_case("Nick Evans").await;
    let path = format!("/cases/{case}/snooze");
    for (until, code) in [
        ("2020-01-01T00:00:00.000Z", "past"),
        ("2027-12-01T00:00:00.000Z", "too_far"),
    ] {
        let answer = mari.put(&path, json!({ "until": until })).await;
        assert_eq!(answer.field_error("until"), code);
    }
    for body in [
        json!({ "until": "tomorrow" }),
        json!({ "until": 5 }),
        json!({}),
        json!(["2026-12-01T00:00:00.000Z"]),
    ] {
        mari.put(&path, body).await.problem(400, "bad_json");
    }
}
