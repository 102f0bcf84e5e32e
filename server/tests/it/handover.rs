//! Who works on a case: adding and removing colleagues, handing over with a note, and the rights to do so.

use std::time::Duration;

use serde_json::{Value, json};

use crate::claim::{leave, put_on, waiting_case};
use crate::support::{Actor, Answer, Desk, on_both_databases};

on_both_databases![
    a_case_is_handed_over_with_a_note,
    whoever_stays_stays,
    a_handover_is_done_once,
    only_who_can_take_cases_gets_one,
    a_handover_that_says_nothing_sensible_is_refused,
    assigning_others_needs_the_right_and_leaving_needs_none,
    whoever_is_added_is_told,
    a_reopened_case_has_someone_who_can_work_on_it,
];

async fn hand_over(who: &Actor, case: &str, body: Value) -> Answer {
    who.post(&format!("/cases/{case}/handover"), body).await
}

/// Changes an operator as an administrator.
pub async fn change(ada: &Actor, operator: &Actor, body: Value) -> Answer {
    let id = operator.id().await;
    ada.patch(&format!("/operators/{id}"), body).await
}

fn names(case: &Value) -> Vec<&str> {
    let operators = case["operators"].as_array().expect("operators");
    operators
        .iter()
        .map(|operator| operator["name"].as_str().expect("a name"))
        .collect()
}

async fn events(who: &Actor, case: &str) -> Vec<Value> {
    let timeline = who
        .get(&format!("/cases/{case}/timeline"))
        .await
        .expect(200);
    let entries = timeline["entries"].as_array().expect("entries").iter();
    entries.map(|entry| entry["event"].clone()).collect()
}

async fn a_case_is_handed_over_with_a_note(desk: &mut Desk) {
    let (mari, cole) = (desk.operator("Mari").await, desk.operator("Cole").await);
    let case = mari.create_case("Nick Evans").await;
    let guest = desk.guest_of(&case).await;
    let mut live = cole.live("/live").await.unwrap();
    live.next_of("hello").await;
    let body = json!({ "to": cole.id().await, "note": " He wants the blue one. \n" });
    let handed = hand_over(&mari, &case, body).await.expect(200);
    assert_eq!(names(&handed), ["Cole"]);
    assert_eq!(handed["status"], "active");
    let event = live.next_event("case.handed_over").await["event"].clone();
    assert_eq!(
        event,
        json!({ "type": "case.handed_over", "from": { "id": mari.id().await, "name": "Mari" },
            "to": { "id": cole.id().await, "name": "Cole" }, "note": "He wants the blue one." })
    );
    let attention = live.next_event("case.attention").await["event"].clone();
    assert_eq!(attention["operator_id"], cole.id().await);
    assert_eq!(attention["reason"], "handover");
    assert_eq!(cole.case(&case).await["mine"]["attention"], "handover");
    assert!(events(&mari, &case).await.contains(&event));
    // The guest learns who comes and goes, and nothing of what the team says about it.
    let path = format!("/guest/cases/{case}/timeline");
    let told = guest.get(&path).await.expect(200).to_string();
    assert!(told.contains("operator.joined") && told.contains("operator.left"));
    assert!(!told.contains("handed_over") && !told.contains("blue"));
    assert!(!String::from_utf8_lossy(&guest.heard()).contains("blue"));
}

async fn whoever_stays_stays(desk: &mut Desk) {
    let (mari, cole) = (desk.operator("Mari").await, desk.operator("Cole").await);
    let case = mari.create_case("Nick Evans").await;
    let body = json!({ "to": cole.id().await, "stay": true });
    let handed = hand_over(&mari, &case, body.clone()).await.expect(200);
    assert_eq!(names(&handed), ["Mari", "Cole"]);
    desk.wait(Duration::from_secs(1));
    // A colleague who is there already gets it all the same, and an administrator hands over what is not theirs.
    hand_over(&mari, &case, json!({ "to": cole.id().await }))
        .await
        .expect(200);
    let ada = desk.administrator().await;
    let handed = hand_over(&ada, &case, json!({ "to": mari.id().await })).await;
    assert_eq!(names(&handed.expect(200)), ["Cole", "Mari"]);
    // One that nobody had is taken from the queue by it.
    let waiting = waiting_case(&mari, "Someone else").await;
    let handed = hand_over(&mari, &waiting, body).await.expect(200);
    assert_eq!(
        (names(&handed), &handed["status"]),
        (vec!["Cole"], &json!("active"))
    );
}

async fn a_handover_is_done_once(desk: &mut Desk) {
    let (mari, cole) = (desk.operator("Mari").await, desk.operator("Cole").await);
    let case = mari.create_case("Nick Evans").await;
    let (path, key) = (
        format!("/cases/{case}/handover"),
        deskside_db::Uuid::now_v7(),
    );
    let body = json!({ "to": cole.id().await, "note": "once" });
    for _ in 0..3 {
        let request = mari.request(axum::http::Method::POST, &path).json(&body);
        request.key(key).send().await.expect(200);
    }
    let handed = events(&mari, &case).await;
    let handed = handed
        .iter()
        .filter(|event| event["type"] == "case.handed_over");
    assert_eq!(handed.count(), 1);
}

async fn only_who_can_take_cases_gets_one(desk: &mut Desk) {
    let ada = desk.administrator().await;
    let (mari, cole) = (desk.operator("Mari").await, desk.operator("Cole").await);
    let case = mari.create_case("Nick Evans").await;
    let body = json!({ "to": cole.id().await });
    let path = format!("/cases/{case}/operators/{}", cole.id().await);
    for gone in [json!({ "seat": false }), json!({ "active": false })] {
        change(&ada, &cole, json!({ "seat": true }))
            .await
            .expect(200);
        let id = ada.get("/operators").await.expect(200)["items"]
            .as_array()
            .unwrap()
            .iter()
            .find(|row| row["name"] == "Cole")
            .unwrap()["id"]
            .clone();
        let id = id.as_str().unwrap();
        ada.patch(&format!("/operators/{id}"), gone)
            .await
            .expect(200);
        let answer = hand_over(&mari, &case, body.clone()).await;
        answer.problem(409, "operator_unavailable");
        let put = mari.request(axum::http::Method::PUT, &path).send().await;
        put.problem(409, "operator_unavailable");
        assert_eq!(names(&mari.case(&case).await), ["Mari"]);
    }
}

async fn a_handover_that_says_nothing_sensible_is_refused(desk: &mut Desk) {
    let (mari, cole) = (desk.operator("Mari").await, desk.operator("Cole").await);
    let otto = desk.other_organization().await;
    let case = mari.create_case("Nick Evans").await;
    let to = cole.id().await;
    let long = "x".repeat(2_001);
    let answer = hand_over(&mari, &case, json!({ "to": to, "note": long })).await;
    assert_eq!(answer.field_error("note"), "too_long");
    let answer = hand_over(&mari, &case, json!({ "to": mari.id().await })).await;
    assert_eq!(answer.field_error("to"), "invalid");
    let answer = hand_over(&mari, &case, json!({ "to": otto.id().await })).await;
    answer.problem(404, "not_found");
    let answer = hand_over(&mari, &case, json!({ "note": "to nobody" })).await;
    answer.problem(400, "bad_json");
    assert_eq!(names(&mari.case(&case).await), ["Mari"]);
}

async fn assigning_others_needs_the_right_and_leaving_needs_none(desk: &mut Desk) {
    let ada = desk.administrator().await;
    let (mari, cole) = (desk.operator("Mari").await, desk.operator("Cole").await);
    let case = mari.create_case("Nick Evans").await;
    put_on(&mari, &case, &cole).await.expect(200);
    let rights = json!({ "rights": { "reassign": false } });
    change(&ada, &mari, rights).await.expect(200);
    let me = mari.get("/me").await.expect(200);
    assert_eq!(me["rights"]["reassign"], false);
    for answer in [
        put_on(&mari, &case, &ada).await,
        hand_over(&mari, &case, json!({ "to": ada.id().await })).await,
        mari.delete(&format!("/cases/{case}/operators/{}", cole.id().await))
            .await,
    ] {
        let problem = answer.problem(403, "right_missing");
        assert_eq!(problem["right"], "reassign");
    }
    assert_eq!(names(&mari.case(&case).await), ["Mari", "Cole"]);
    leave(&mari, &case).await.expect(200);
    put_on(&mari, &case, &mari).await.expect(200);
    // An administrator has every right, whatever is written down.
    let nothing = json!({ "rights": { "reassign": false, "delete": false, "export": false } });
    let row = change(&ada, &ada, nothing).await.expect(200);
    assert_eq!(
        row["rights"],
        json!({ "reassign": true, "delete": true, "export": true })
    );
    put_on(&ada, &case, &ada).await.expect(200);
    // The right to delete is one of its own.
    change(&ada, &mari, json!({ "rights": { "delete": false } }))
        .await
        .expect(200);
    let answer = mari.delete(&format!("/cases/{case}")).await;
    assert_eq!(answer.problem(403, "right_missing")["right"], "delete");
    ada.delete(&format!("/cases/{case}")).await.expect(204);
}

async fn whoever_is_added_is_told(desk: &mut Desk) {
    let (mari, cole) = (desk.operator("Mari").await, desk.operator("Cole").await);
    let case = mari.create_case("Nick Evans").await;
    let mut live = cole.live("/live").await.unwrap();
    live.next_of("hello").await;
    put_on(&mari, &case, &cole).await.expect(200);
    let attention = live.next_event("case.attention").await["event"].clone();
    assert_eq!(
        (&attention["operator_id"], &attention["reason"]),
        (&json!(cole.id().await), &json!("added"))
    );
    let list = cole.get("/cases?view=attention").await.expect(200);
    assert_eq!(list["items"][0]["attention"], "added");
    // Joining by oneself is no news to oneself.
    let other = mari.create_case("Someone else").await;
    put_on(&cole, &other, &cole).await.expect(200);
    assert_eq!(cole.case(&other).await["mine"]["attention"], Value::Null);
}

async fn a_reopened_case_has_someone_who_can_work_on_it(desk: &mut Desk) {
    let ada = desk.administrator().await;
    let (mari, cole) = (desk.operator("Mari").await, desk.operator("Cole").await);
    let case = mari.create_case("Nick Evans").await;
    put_on(&mari, &case, &cole).await.expect(200);
    mari.post(&format!("/cases/{case}/complete"), json!({}))
        .await
        .expect(200);
    change(&ada, &mari, json!({ "active": false }))
        .await
        .expect(200);
    let reopen = format!("/cases/{case}/reopen");
    let open = ada.post(&reopen, json!({})).await.expect(200);
    assert_eq!(
        names(&open),
        ["Cole"],
        "who is gone is off, who is there stays"
    );
    ada.post(&format!("/cases/{case}/complete"), json!({}))
        .await
        .expect(200);
    change(&ada, &cole, json!({ "active": false }))
        .await
        .expect(200);
    let open = ada.post(&reopen, json!({})).await.expect(200);
    assert_eq!(names(&open), ["Ada"]);
}
