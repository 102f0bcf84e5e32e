//! Quick responses: everyone's and one's own (S97, V12, V67).

use axum::http::Method;
use deskside::limits;
use deskside_db::Uuid;
use serde_json::{Value, json};

use crate::support::{Actor, Answer, Desk, on_both_databases};

on_both_databases![
    everyone_s_are_written_by_administrators_and_read_by_all,
    a_private_one_exists_for_nobody_else,
    shortcuts_titles_and_texts_are_checked,
    unknown_placeholders_are_refused_and_known_ones_kept,
    two_people_in_one_text_see_both_versions,
    a_shortcut_stands_once_for_everyone_and_once_for_each,
    racing_for_a_shortcut_one_wins,
    writing_twice_under_one_key_is_one_response,
    there_is_an_end_to_how_many,
    other_screens_are_told_that_there_is_news,
];

fn new(scope: &str, shortcut: &str) -> Value {
    json!({ "scope": scope, "shortcut": shortcut, "title": format!("About {shortcut}"),
        "text": "Hello {case_name}, this is {operator_name}." })
}

async fn write(who: &Actor, scope: &str, shortcut: &str) -> Answer {
    who.post("/quick-responses", new(scope, shortcut)).await
}

async fn made(who: &Actor, scope: &str, shortcut: &str) -> Value {
    write(who, scope, shortcut).await.expect(201)
}

fn path_of(response: &Value) -> String {
    format!(
        "/quick-responses/{}",
        response["id"].as_str().expect("an id")
    )
}

/// The shortcuts that someone sees.
async fn shortcuts(who: &Actor) -> Vec<String> {
    let list = who.get("/quick-responses").await.expect(200);
    let items = list["items"].as_array().expect("items");
    items
        .iter()
        .map(|item| item["shortcut"].as_str().expect("a shortcut").to_owned())
        .collect()
}

async fn everyone_s_are_written_by_administrators_and_read_by_all(desk: &mut Desk) {
    let ada = desk.administrator().await;
    let mari = desk.operator("Mari").await;
    let hello = made(&ada, "global", "hello").await;
    assert_eq!(hello["scope"], "global");
    assert_eq!(hello["version"], 1);
    assert_eq!(hello["title"], "About hello");
    let list = mari.get("/quick-responses").await.expect(200);
    assert_eq!(list, json!({ "items": [hello] }));

    write(&mari, "global", "mine")
        .await
        .problem(403, "forbidden");
    let change = json!({ "version": 1, "text": "Changed" });
    mari.patch(&path_of(&hello), &change)
        .await
        .problem(403, "forbidden");
    mari.delete(&path_of(&hello))
        .await
        .problem(403, "forbidden");
    assert_eq!(mari.get("/quick-responses").await.expect(200), list);

    let changed = ada.patch(&path_of(&hello), &change).await.expect(200);
    assert_eq!(changed["text"], "Changed");
    assert_eq!(changed["title"], "About hello", "what is absent stays");
    assert_eq!(changed["version"], 2);
    ada.delete(&path_of(&hello)).await.expect(204);
    ada.delete(&path_of(&hello)).await.problem(404, "not_found");
    assert!(shortcuts(&mari).await.is_empty());
}

async fn a_private_one_exists_for_nobody_else(desk: &mut Desk) {
    let ada = desk.administrator().await;
    let mari = desk.operator("Mari").await;
    let cole = desk.operator("Cole").await;
    let own = made(&mari, "private", "bye").await;
    assert_eq!(shortcuts(&mari).await, ["bye"]);
    for other in [&ada, &cole] {
        assert!(shortcuts(other).await.is_empty());
        let change = json!({ "version": 1, "text": "Changed" });
        let refused = other.patch(&path_of(&own), change).await;
        refused.problem(404, "not_found");
        // Whether a text would be right is told to nobody who may not change it.
        let wrong = json!({ "version": 1, "text": "{nothing}" });
        other
            .patch(&path_of(&own), wrong)
            .await
            .problem(404, "not_found");
        other.delete(&path_of(&own)).await.problem(404, "not_found");
    }
    let heard = String::from_utf8_lossy(&ada.heard()).into_owned();
    assert!(!heard.contains("About bye"), "not a byte of it");
    assert_eq!(
        mari.get("/quick-responses").await.expect(200),
        json!({ "items": [own] })
    );
}

async fn shortcuts_titles_and_texts_are_checked(desk: &mut Desk) {
    let mari = desk.operator("Mari").await;
    for (typed, kept) in [
        ("a", "a"),
        (" /Noise-in_2 ", "Noise-in_2"),
        ("grüße", "grüße"),
        (&"x".repeat(30), &"x".repeat(30)),
    ] {
        let response = made(&mari, "private", typed).await;
        assert_eq!(response["shortcut"], kept);
    }
    let before = shortcuts(&mari).await;
    let long = "x".repeat(10_001);
    let long_title = "x".repeat(101);
    for (field, value, code) in [
        ("shortcut", "", "required"),
        ("shortcut", "/", "required"),
        ("shortcut", &"x".repeat(31), "too_long"),
        ("shortcut", "two words", "invalid"),
        ("shortcut", "//x", "invalid"),
        ("shortcut", "a\n", "taken"),
        ("shortcut", "a.b", "invalid"),
        ("title", "", "required"),
        ("title", "two\nlines", "control_characters"),
        ("title", &long_title, "too_long"),
        ("text", " \n ", "required"),
        ("text", "nul\0", "control_characters"),
        ("text", &long, "too_long"),
    ] {
        let mut body = new("private", "other");
        body[field] = json!(value);
        let answer = mari.post("/quick-responses", body).await;
        assert_eq!(answer.field_error(field), code, "{field} = {value:?}");
    }
    for body in [
        json!({ "scope": "team", "shortcut": "x", "title": "x", "text": "x" }),
        json!({ "shortcut": "x", "title": "x", "text": "x" }),
    ] {
        mari.post("/quick-responses", body)
            .await
            .problem(400, "bad_json");
    }
    assert_eq!(shortcuts(&mari).await, before);
}

async fn unknown_placeholders_are_refused_and_known_ones_kept(desk: &mut Desk) {
    let mari = desk.operator("Mari").await;
    let all = deskside::placeholders::NAMES
        .map(|name| format!("{{{name}}}"))
        .join(" ");
    let mut body = new("private", "all");
    body["text"] = json!(all);
    let response = mari.post("/quick-responses", &body).await.expect(201);
    assert_eq!(response["text"], all);
    body["shortcut"] = json!("braces");
    body["text"] = json!("Sorry :-{\nThanks } {}");
    mari.post("/quick-responses", &body).await.expect(201);
    for text in [
        "{nickname}",
        "Hello {Case_name}",
        "{case name}",
        "{booking_link}",
        "Hi {case_name",
        "Hi case_name}",
        "{{case_name}}",
        "{case_name}}",
        "Hi {nickname",
    ] {
        body["text"] = json!(text);
        let answer = mari.post("/quick-responses", &body).await;
        assert_eq!(answer.field_error("text"), "unknown_placeholder", "{text}");
        let change = json!({ "version": 1, "text": text });
        let answer = mari.patch(&path_of(&response), change).await;
        assert_eq!(answer.field_error("text"), "unknown_placeholder", "{text}");
    }
}

async fn two_people_in_one_text_see_both_versions(desk: &mut Desk) {
    let ada = desk.administrator().await;
    let bea = ada.invite("Bea", "administrator").await;
    let hello = made(&ada, "global", "hello").await;
    let path = path_of(&hello);
    let first = json!({ "version": 1, "text": "From Ada", "title": "Greeting" });
    ada.patch(&path, &first).await.expect(200);
    let problem = bea
        .patch(
            &path,
            json!({ "version": 1, "text": "From Bea", "title": "Greeting" }),
        )
        .await
        .problem(409, "field_conflict");
    let conflicts = problem["conflicts"].as_array().expect("conflicts");
    assert_eq!(conflicts.len(), 1, "only what differs: {problem}");
    assert_eq!(conflicts[0]["field"], "text");
    assert_eq!(conflicts[0]["yours"], "From Bea");
    assert_eq!(conflicts[0]["theirs"], "From Ada");
    assert_eq!(conflicts[0]["version"], 2);
    // The same again is no conflict, however old its version is.
    let again = ada.patch(&path, &first).await.expect(200);
    assert_eq!(again["version"], 2);
    let mine = json!({ "version": 2, "text": "From Bea" });
    let settled = bea.patch(&path, mine).await.expect(200);
    assert_eq!(settled["text"], "From Bea");
    assert_eq!(settled["version"], 3);
}

async fn a_shortcut_stands_once_for_everyone_and_once_for_each(desk: &mut Desk) {
    let ada = desk.administrator().await;
    let mari = desk.operator("Mari").await;
    made(&ada, "global", "hello").await;
    made(&ada, "private", "hello").await;
    made(&mari, "private", "hello").await;
    let other = made(&mari, "private", "other").await;
    for (who, scope) in [(&ada, "global"), (&ada, "private"), (&mari, "private")] {
        let answer = write(who, scope, "HELLO").await;
        assert_eq!(answer.field_error("shortcut"), "taken", "{scope}");
    }
    let change = json!({ "version": 1, "shortcut": "Hello" });
    let answer = mari.patch(&path_of(&other), change).await;
    assert_eq!(answer.field_error("shortcut"), "taken");
    let change = json!({ "version": 1, "shortcut": "OTHER" });
    let changed = mari.patch(&path_of(&other), change).await.expect(200);
    assert_eq!(
        changed["shortcut"], "OTHER",
        "its own shortcut is free to it"
    );
    let otto = desk.other_organization().await;
    made(&otto, "global", "hello").await;
}

async fn racing_for_a_shortcut_one_wins(desk: &mut Desk) {
    let ada = desk.administrator().await;
    let bea = ada.invite("Bea", "administrator").await;
    let answers = futures_util::future::join_all((0..8).map(|n| {
        let who = if n % 2 == 0 { &ada } else { &bea };
        write(who, "global", "hello")
    }))
    .await;
    let won = answers.iter().filter(|answer| answer.status == 201).count();
    assert_eq!(won, 1);
    for answer in answers.iter().filter(|answer| answer.status != 201) {
        assert_eq!(answer.field_error("shortcut"), "taken");
    }
    assert_eq!(shortcuts(&ada).await, ["hello"]);
}

async fn writing_twice_under_one_key_is_one_response(desk: &mut Desk) {
    let mari = desk.operator("Mari").await;
    let key = Uuid::now_v7();
    let send = |body: Value| {
        let request = mari.request(Method::POST, "/quick-responses").key(key);
        request.json(body).send()
    };
    let first = send(new("private", "bye")).await.expect(201);
    let second = send(new("private", "bye")).await.expect(201);
    assert_eq!(first, second);
    send(new("private", "other"))
        .await
        .problem(422, "idempotency_key_reused");
    assert_eq!(shortcuts(&mari).await, ["bye"]);
}

async fn there_is_an_end_to_how_many(desk: &mut Desk) {
    let mari = desk.operator("Mari").await;
    let cole = desk.operator("Cole").await;
    for n in 0..limits::QUICK_RESPONSES_MAX {
        made(&mari, "private", &format!("r{n}")).await;
    }
    let problem = write(&mari, "private", "more")
        .await
        .problem(409, "limit_reached");
    assert_eq!(problem["limit"], limits::QUICK_RESPONSES_MAX);
    made(&cole, "private", "more").await;
}

async fn other_screens_are_told_that_there_is_news(desk: &mut Desk) {
    let ada = desk.administrator().await;
    let mari = desk.operator("Mari").await;
    let mut screen = mari.live("/live").await.expect("a socket");
    screen.next_of("hello").await;
    let hello = made(&ada, "global", "hello").await;
    let told = screen.next_event("quick_responses.changed").await;
    assert_eq!(told["event"], json!({ "type": "quick_responses.changed" }));
    assert_eq!(told["case_id"], Value::Null);
    ada.delete(&path_of(&hello)).await.expect(204);
    screen.next_event("quick_responses.changed").await;
}
