//! The queue: taking a case, of which one of many gets it, and putting it back.

use std::time::Duration;

use axum::http::Method;
use futures_util::future::join_all;
use serde_json::{Value, json};

use crate::support::{Actor, Desk, on_both_databases};

on_both_databases![
    twenty_at_once_and_one_gets_it,
    twenty_of_two_operators_and_one_is_answered_with_the_case,
    whoever_has_it_is_told_so_by_the_own_name,
    a_claim_under_one_key_is_done_once,
    answering_a_waiting_case_takes_it_and_answering_another_joins_it,
    the_longest_waiting_stands_first_whatever_the_guest_writes,
    the_last_to_leave_puts_a_case_back,
    an_administrator_puts_a_case_into_the_queue,
    a_completed_case_is_nobody_s_to_take,
    completing_a_waiting_case_takes_it,
];

/// A case of this operator's that waits in the queue.
pub async fn waiting_case(who: &Actor, name: &str) -> String {
    let case = who.create_case(name).await;
    leave(who, &case).await.expect(200);
    case
}

/// Leaves a case.
pub async fn leave(who: &Actor, case: &str) -> crate::support::Answer {
    let path = format!("/cases/{case}/operators/{}", who.id().await);
    who.delete(&path).await
}

/// Puts an operator on a case.
pub async fn put_on(who: &Actor, case: &str, operator: &Actor) -> crate::support::Answer {
    let path = format!("/cases/{case}/operators/{}", operator.id().await);
    who.request(Method::PUT, &path).send().await
}

/// Takes a case.
pub async fn claim(who: &Actor, case: &str) -> crate::support::Answer {
    who.post(&format!("/cases/{case}/claim"), json!({})).await
}

fn names(case: &Value) -> Vec<&str> {
    let operators = case["operators"].as_array().expect("operators");
    operators
        .iter()
        .map(|operator| operator["name"].as_str().expect("a name"))
        .collect()
}

async fn twenty_at_once_and_one_gets_it(desk: &mut Desk) {
    let ada = desk.administrator().await;
    let mut team = Vec::new();
    for n in 0..20 {
        team.push(desk.operator(&format!("Operator {n}")).await);
    }
    let mut live = ada.live("/live").await.unwrap();
    live.next_of("hello").await;
    let case = waiting_case(&ada, "Nick Evans").await;

    let answers = join_all(team.iter().map(|operator| claim(operator, &case))).await;

    let won: Vec<usize> = (0..20).filter(|n| answers[*n].status == 200).collect();
    let [winner] = won[..] else {
        panic!("{won:?} have it");
    };
    let id = team[winner].id().await;
    let won = answers[winner].json();
    assert_eq!(won["status"], "active");
    assert_eq!(won["waiting_since"], Value::Null);
    assert_eq!(won["mine"]["joined"], true);
    for answer in answers.iter().filter(|answer| answer.status != 200) {
        let problem = answer.problem(409, "case_taken");
        assert_eq!(problem["taken_by"]["id"], id);
        assert_eq!(problem["taken_by"]["name"], format!("Operator {winner}"));
    }
    let case = ada.case(&case).await;
    assert_eq!(names(&case), [format!("Operator {winner}")]);
    // The screen of everyone else is told at once, and only of one.
    live.next_event("operator.left").await;
    let joined = live.next_event("operator.joined").await;
    assert_eq!(joined["event"]["operator"]["id"], id);
    assert_eq!(joined["event"]["claimed"], true);
    let entries = format!("/cases/{}/timeline", case["id"].as_str().unwrap());
    let entries = ada.get(&entries).await.expect(200);
    let joins = entries["entries"].as_array().unwrap().iter();
    let joins = joins.filter(|entry| entry["event"]["type"] == "operator.joined");
    assert_eq!(joins.count(), 2, "Ada's own, and the winner's");
}

async fn twenty_of_two_operators_and_one_is_answered_with_the_case(desk: &mut Desk) {
    let team = [desk.operator("Mari").await, desk.operator("Cole").await];
    let case = waiting_case(&team[0], "Nick Evans").await;

    let answers = join_all((0..20).map(|n| claim(&team[n % 2], &case))).await;

    let won: Vec<usize> = (0..20).filter(|n| answers[*n].status == 200).collect();
    let [first] = won[..] else {
        panic!("{won:?} have it");
    };
    let winner = ["Mari", "Cole"][first % 2];
    for answer in answers.iter().filter(|answer| answer.status != 200) {
        let problem = answer.problem(409, "case_taken");
        assert_eq!(problem["taken_by"]["name"], winner);
    }
    assert_eq!(names(&team[0].case(&case).await), [winner]);
}

async fn whoever_has_it_is_told_so_by_the_own_name(desk: &mut Desk) {
    let (mari, cole) = (desk.operator("Mari").await, desk.operator("Cole").await);
    let case = waiting_case(&mari, "Nick Evans").await;
    let entry = claim(&mari, &case).await.expect(200)["last_entry"].clone();
    let problem = claim(&mari, &case).await.problem(409, "case_taken");
    assert_eq!(problem["taken_by"]["name"], "Mari");
    assert_eq!(mari.case(&case).await["last_entry"], entry);
    desk.wait(Duration::from_secs(1));
    put_on(&mari, &case, &cole).await.expect(200);
    let problem = claim(&cole, &case).await.problem(409, "case_taken");
    assert_eq!(problem["taken_by"]["name"], "Cole", "who is on it, too");
    let ada = desk.administrator().await;
    let problem = claim(&ada, &case).await.problem(409, "case_taken");
    assert_eq!(problem["taken_by"]["name"], "Mari", "who was there first");
}

async fn a_claim_under_one_key_is_done_once(desk: &mut Desk) {
    let mari = desk.operator("Mari").await;
    let (one, other) = (
        waiting_case(&mari, "Nick Evans").await,
        waiting_case(&mari, "Someone else").await,
    );
    let key = deskside_db::Uuid::now_v7();
    let ask = async |case: &str| {
        let path = format!("/cases/{case}/claim");
        let request = mari.request(Method::POST, &path).json(json!({}));
        request.key(key).send().await
    };
    let entry = ask(&one).await.expect(200)["last_entry"].clone();
    assert_eq!(ask(&one).await.expect(200)["last_entry"], entry);
    claim(&mari, &one).await.problem(409, "case_taken");
    assert_eq!(ask(&one).await.expect(200)["last_entry"], entry);
    ask(&other).await.problem(422, "idempotency_key_reused");
    assert_eq!(mari.case(&other).await["status"], "awaiting");
}

async fn answering_a_waiting_case_takes_it_and_answering_another_joins_it(desk: &mut Desk) {
    let (mari, cole) = (desk.operator("Mari").await, desk.operator("Cole").await);
    let case = waiting_case(&mari, "Nick Evans").await;
    cole.send(&case, "Good morning").await;
    let taken = cole.case(&case).await;
    assert_eq!(
        (names(&taken), &taken["status"]),
        (vec!["Cole"], &json!("active"))
    );
    desk.wait(Duration::from_secs(1));
    mari.send(&case, "I am here too").await;
    assert_eq!(names(&mari.case(&case).await), ["Cole", "Mari"]);
}

async fn the_longest_waiting_stands_first_whatever_the_guest_writes(desk: &mut Desk) {
    let mari = desk.operator("Mari").await;
    let mut cases = Vec::new();
    for name in ["First", "Second", "Third"] {
        cases.push(waiting_case(&mari, name).await);
        desk.wait(Duration::from_secs(60));
    }
    let queue = async || {
        let page = mari
            .get("/cases?status=awaiting&operator=everyone")
            .await
            .expect(200);
        let rows = page["items"].as_array().unwrap().clone();
        let waiting = rows
            .iter()
            .map(|row| row["waiting_since"].as_str().expect("a time"));
        assert!(waiting.is_sorted(), "{rows:?}");
        let names = rows
            .iter()
            .map(|row| row["name"].as_str().unwrap().to_owned());
        names.collect::<Vec<_>>()
    };
    assert_eq!(queue().await, ["First", "Second", "Third"]);
    let since = mari.case(&cases[0]).await["waiting_since"].clone();
    let guest = desk.guest_of(&cases[0]).await;
    guest.guest_send(&cases[0], "Is anybody there?").await;
    assert_eq!(queue().await, ["First", "Second", "Third"]);
    assert_eq!(mari.case(&cases[0]).await["waiting_since"], since);
    // One that was taken and comes back waits from then on.
    claim(&mari, &cases[0]).await.expect(200);
    leave(&mari, &cases[0]).await.expect(200);
    assert_eq!(queue().await, ["Second", "Third", "First"]);
}

async fn the_last_to_leave_puts_a_case_back(desk: &mut Desk) {
    let (mari, cole) = (desk.operator("Mari").await, desk.operator("Cole").await);
    let case = mari.create_case("Nick Evans").await;
    put_on(&mari, &case, &cole).await.expect(200);
    let mut live = cole.live("/live").await.unwrap();
    live.next_of("hello").await;
    let left = leave(&mari, &case).await.expect(200);
    assert_eq!(
        (names(&left), &left["status"]),
        (vec!["Cole"], &json!("active"))
    );
    let told = live.next_event("operator.left").await;
    assert_eq!(told["event"]["queued"], Value::Null);
    let left = leave(&cole, &case).await.expect(200);
    assert_eq!(left["status"], "awaiting");
    assert!(left["waiting_since"].is_string(), "{left}");
    let told = live.next_event("operator.left").await;
    assert_eq!(told["event"]["queued"], true);
    // Leaving again changes nothing.
    let again = leave(&cole, &case).await.expect(200);
    assert_eq!(again["last_entry"], left["last_entry"]);
}

async fn an_administrator_puts_a_case_into_the_queue(desk: &mut Desk) {
    let ada = desk.administrator().await;
    let (mari, cole) = (desk.operator("Mari").await, desk.operator("Cole").await);
    let case = mari.create_case("Nick Evans").await;
    put_on(&mari, &case, &cole).await.expect(200);
    let path = format!("/cases/{case}/queue");
    mari.post(&path, json!({})).await.problem(403, "forbidden");
    let queued = ada.post(&path, json!({})).await.expect(200);
    assert_eq!(
        (names(&queued), &queued["status"]),
        (vec![], &json!("awaiting"))
    );
    let again = ada.post(&path, json!({})).await.expect(200);
    assert_eq!(again["last_entry"], queued["last_entry"]);
    assert_eq!(again["waiting_since"], queued["waiting_since"]);
    let entries = ada
        .get(&format!("/cases/{case}/timeline"))
        .await
        .expect(200);
    let left: Vec<&Value> = entries["entries"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|entry| entry["event"]["type"] == "operator.left")
        .collect();
    assert_eq!(left.len(), 2);
    assert!(left.iter().all(|entry| entry["actor"]["name"] == "Ada"));
}

async fn a_completed_case_is_nobody_s_to_take(desk: &mut Desk) {
    let ada = desk.administrator().await;
    let mari = desk.operator("Mari").await;
    let case = mari.create_case("Nick Evans").await;
    mari.post(&format!("/cases/{case}/complete"), json!({}))
        .await
        .expect(200);
    claim(&ada, &case).await.problem(409, "case_completed");
    for (act, body) in [
        ("queue", json!({})),
        ("handover", json!({ "to": mari.id().await })),
        ("complete", json!({})),
    ] {
        let answer = ada.post(&format!("/cases/{case}/{act}"), body).await;
        answer.problem(409, "case_completed");
    }
    leave(&mari, &case).await.problem(409, "case_completed");
    put_on(&mari, &case, &ada)
        .await
        .problem(409, "case_completed");
    ada.post(&format!("/cases/{case}/reopen"), json!({}))
        .await
        .expect(200);
    let problem = claim(&ada, &case).await.problem(409, "case_taken");
    assert_eq!(problem["taken_by"]["name"], "Mari");
}

async fn completing_a_waiting_case_takes_it(desk: &mut Desk) {
    let (mari, cole) = (desk.operator("Mari").await, desk.operator("Cole").await);
    let case = waiting_case(&mari, "Spam").await;
    let done = cole
        .post(&format!("/cases/{case}/complete"), json!({}))
        .await
        .expect(200);
    assert_eq!(
        (names(&done), &done["status"]),
        (vec!["Cole"], &json!("completed"))
    );
    assert_eq!(done["waiting_since"], Value::Null);
}
