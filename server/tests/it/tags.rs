//! Tags: making, naming, putting on cases and taking off, deleting.

use std::time::Duration;

use axum::http::Method;
use futures_util::future::join_all;
use serde_json::{Value, json};

use crate::support::{Actor, Answer, Desk, on_both_databases};

on_both_databases![
    a_name_makes_one_tag_however_it_is_written,
    a_tag_goes_on_a_case_and_off_again,
    screens_hear_of_tags_and_guests_do_not,
    a_deleted_tag_is_off_every_case,
    a_tag_deleted_while_it_is_put_leaves_nothing_half,
    there_are_so_many_tags_and_no_more,
    a_completed_case_keeps_its_tags,
];

/// Makes a tag; its id.
pub async fn make_tag(who: &Actor, name: &str) -> String {
    let made = who.post("/tags", json!({ "name": name })).await.expect(200);
    made["id"].as_str().expect("an id").to_owned()
}

/// Puts a tag on a case.
pub async fn tag(who: &Actor, case: &str, tag: &str) -> Answer {
    let path = format!("/cases/{case}/tags/{tag}");
    who.request(Method::PUT, &path).send().await
}

async fn tags_of(who: &Actor) -> Vec<Value> {
    let page = who.get("/tags").await.expect(200);
    page["items"].as_array().expect("items").clone()
}

async fn a_name_makes_one_tag_however_it_is_written(desk: &mut Desk) {
    let ada = desk.administrator().await;
    let mari = desk.operator("Mari").await;
    let otto = desk.other_organization().await;
    let first = make_tag(&mari, "Rücksendung").await;
    assert_eq!(make_tag(&mari, "  RÜCKSENDUNG ").await, first);
    assert_ne!(make_tag(&otto, "Rücksendung").await, first);
    let other = make_tag(&ada, "Anfrage").await;
    let all = tags_of(&mari).await;
    assert_eq!(
        all,
        [
            json!({ "id": other, "name": "Anfrage", "cases": 0 }),
            json!({ "id": first, "name": "Rücksendung", "cases": 0 })
        ]
    );
    let made = join_all((0..8).map(|n| {
        let name = if n % 2 == 0 { "At once" } else { "at ONCE" };
        let mari = mari.clone();
        async move { mari.post("/tags", json!({ "name": name })).await }
    }))
    .await;
    let mut ids: Vec<String> = Vec::new();
    for answer in made {
        // One that lost the race may be asked to try again; then it finds the tag.
        match answer.status {
            200 => ids.push(answer.json()["id"].to_string()),
            _ => {
                answer.problem(503, "not_saved");
            }
        }
    }
    ids.dedup();
    assert_eq!(ids.len(), 1);
    for (name, code) in [
        (String::new(), "required"),
        ("   ".into(), "required"),
        ("x".repeat(41), "too_long"),
        ("two\nlines".into(), "control_characters"),
        ("right\u{202e}left".into(), "control_characters"),
    ] {
        let answer = mari.post("/tags", json!({ "name": name })).await;
        assert_eq!(answer.field_error("name"), code);
    }
    make_tag(&mari, &"ü".repeat(40)).await;

    let path = format!("/tags/{first}");
    let change = json!({ "name": "anfrage" });
    ada.patch(&path, change).await.problem(409, "tag_exists");
    let change = json!({ "name": "RÜCKSENDUNG" });
    let renamed = ada.patch(&path, &change).await.expect(200);
    assert_eq!(renamed["name"], "RÜCKSENDUNG");
    mari.patch(&path, &change).await.problem(403, "forbidden");
    mari.delete(&path).await.problem(403, "forbidden");
    otto.patch(&path, &change).await.problem(404, "not_found");
    otto.delete(&path).await.problem(404, "not_found");
}

async fn a_tag_goes_on_a_case_and_off_again(desk: &mut Desk) {
    let mari = desk.operator("Mari").await;
    let otto = desk.other_organization().await;
    let case = mari.create_case("Nick Evans").await;
    let (red, blue) = (make_tag(&mari, "red").await, make_tag(&mari, "blue").await);
    let foreign = make_tag(&otto, "foreign").await;
    for _ in 0..2 {
        let changed = tag(&mari, &case, &red).await.expect(200);
        assert_eq!(changed["tags"], json!([{ "id": red, "name": "red" }]));
    }
    tag(&mari, &case, &blue).await.expect(200);
    tag(&mari, &case, &foreign).await.problem(404, "not_found");
    tag(&otto, &case, &foreign).await.problem(404, "not_found");
    let counted: Vec<Value> = tags_of(&mari).await;
    assert_eq!(counted[0]["cases"], 1);
    let path = format!("/cases/{case}/tags/{red}");
    for _ in 0..2 {
        let changed = mari.delete(&path).await.expect(200);
        assert_eq!(changed["tags"], json!([{ "id": blue, "name": "blue" }]));
    }
}

async fn screens_hear_of_tags_and_guests_do_not(desk: &mut Desk) {
    let ada = desk.administrator().await;
    let case = ada.create_case("Nick Evans").await;
    let guest = ada.guest_of(&case).await;
    let mut screen = ada.live("/live").await.expect("a socket");
    screen.next_of("hello").await;
    let mut page = guest
        .live(&format!("/guest/cases/{case}/live"))
        .await
        .expect("a socket");
    page.next_of("hello").await;
    let red = make_tag(&ada, "Zitronengelb").await;
    screen.next_event("tag.changed").await;
    tag(&ada, &case, &red).await.expect(200);
    let told = screen.next_event("case.tagged").await;
    assert_eq!(told["entry"], Value::Null);
    assert_eq!(
        told["event"]["tag"],
        json!({ "id": red, "name": "Zitronengelb" })
    );
    ada.delete(&format!("/cases/{case}/tags/{red}"))
        .await
        .expect(200);
    screen.next_event("case.untagged").await;
    ada.send(&case, "Hello").await;
    page.next_event("message.sent").await;
    guest.get(&format!("/guest/cases/{case}")).await.expect(200);
    guest
        .get(&format!("/guest/cases/{case}/timeline"))
        .await
        .expect(200);
    let heard = String::from_utf8_lossy(&guest.heard()).into_owned();
    assert!(heard.contains("Hello") && !heard.contains("Zitronengelb"));
    assert!(!heard.contains("tag_"), "{heard}");
}

async fn a_deleted_tag_is_off_every_case(desk: &mut Desk) {
    let ada = desk.administrator().await;
    let red = make_tag(&ada, "red").await;
    let mut cases = Vec::new();
    for n in 0..3 {
        let case = ada.create_case(&format!("Case {n}")).await;
        tag(&ada, &case, &red).await.expect(200);
        cases.push(case);
    }
    let path = format!("/tags/{red}");
    ada.delete(&path).await.expect(204);
    ada.delete(&path).await.problem(404, "not_found");
    for case in &cases {
        assert_eq!(ada.case(case).await["tags"], json!([]));
        tag(&ada, case, &red).await.problem(404, "not_found");
    }
    let list = ada.get(&format!("/cases?tags={red}")).await.expect(200);
    assert_eq!(list["items"], json!([]));
}

async fn a_tag_deleted_while_it_is_put_leaves_nothing_half(desk: &mut Desk) {
    let ada = desk.administrator().await;
    let mut cases = Vec::new();
    for n in 0..6 {
        cases.push(ada.create_case(&format!("Case {n}")).await);
    }
    for round in 0..5 {
        desk.wait(Duration::from_secs(1));
        let red = make_tag(&ada, &format!("Round {round}")).await;
        let path = format!("/tags/{red}");
        let (puts, gone) = tokio::join!(
            join_all(cases.iter().map(|case| tag(&ada, case, &red))),
            ada.delete(&path)
        );
        let mut gone = gone;
        for _ in 0..20 {
            if gone.status != 503 {
                break;
            }
            gone = ada.delete(&path).await;
        }
        gone.expect(204);
        for put in puts {
            assert!([200, 404, 503].contains(&put.status), "{put:?}");
        }
        for case in &cases {
            assert_eq!(ada.case(case).await["tags"], json!([]), "round {round}");
        }
    }
}

async fn there_are_so_many_tags_and_no_more(desk: &mut Desk) {
    let mari = desk.operator("Mari").await;
    let case = mari.create_case("Nick Evans").await;
    let mut ids = Vec::new();
    for batch in 0..50 {
        let made = (0..10).map(|n| {
            let name = format!("Tag {}", batch * 10 + n);
            let mari = mari.clone();
            async move { make_tag(&mari, &name).await }
        });
        ids.extend(join_all(made).await);
    }
    let answer = mari.post("/tags", json!({ "name": "one more" })).await;
    answer.problem(409, "too_many_tags");
    assert_eq!(make_tag(&mari, "tag 7").await, ids[7], "one that is there");
    for id in &ids[..20] {
        tag(&mari, &case, id).await.expect(200);
    }
    let answer = tag(&mari, &case, &ids[20]).await;
    answer.problem(409, "too_many_tags");
    tag(&mari, &case, &ids[0]).await.expect(200);
    assert_eq!(tags_of(&mari).await.len(), 500);
}

async fn a_completed_case_keeps_its_tags(desk: &mut Desk) {
    let mari = desk.operator("Mari").await;
    let case = mari.create_case("Nick Evans").await;
    let (red, blue) = (make_tag(&mari, "red").await, make_tag(&mari, "blue").await);
    tag(&mari, &case, &red).await.expect(200);
    mari.post(&format!("/cases/{case}/complete"), json!({}))
        .await
        .expect(200);
    tag(&mari, &case, &blue)
        .await
        .problem(409, "case_completed");
    let path = format!("/cases/{case}/tags/{red}");
    mari.delete(&path).await.problem(409, "case_completed");
    tag(&mari, &case, &red).await.expect(200);
    let query = format!("/cases?status=completed&tags={red}");
    let list = mari.get(&query).await.expect(200);
    assert_eq!(list["items"].as_array().unwrap().len(), 1);
}
