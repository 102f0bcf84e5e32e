//! What the case desk must hold against whoever works at it: many at once, what grows, and rights that end meanwhile.

use axum::http::Method;
use deskside::auth;
use deskside::cases::list::{Filter, export};
use deskside::limits;
use deskside_db::{DbError, SystemSql, system_sql};
use futures_util::StreamExt as _;
use futures_util::future::join_all;
use serde_json::{Value, json};

use crate::support::{Actor, Desk, on_both_databases};

on_both_databases![
    a_name_that_many_give_at_once_is_one_tag,
    no_crowd_saves_more_filters_than_there_may_be,
    no_crowd_invites_more_than_there_may_be,
    a_slow_export_ends_with_the_right_to_it,
    whoever_is_shown_a_case_stands_in_the_log,
    notes_grow_no_longer_by_merging_than_by_typing,
    drafts_grow_no_longer_by_merging_than_by_typing,
    options_in_use_do_not_pile_up,
    a_snooze_is_one_job_however_often_it_is_changed,
];

async fn a_name_that_many_give_at_once_is_one_tag(desk: &mut Desk) {
    let ada = desk.administrator().await;
    let made = join_all((0..12).map(|n| {
        let (ada, name) = (ada.clone(), format!("Tag {}", n % 2));
        async move { ada.post("/tags", json!({ "name": name })).await.expect(200) }
    }))
    .await;
    let mut ids: Vec<String> = made.iter().map(|tag| tag["id"].to_string()).collect();
    ids.sort_unstable();
    ids.dedup();
    assert_eq!(ids.len(), 2, "{made:?}");
    // And when several become one: the first keeps it.
    let mut tags = Vec::new();
    for n in 0..6 {
        let made = ada.post("/tags", json!({ "name": format!("Old {n}") }));
        tags.push(made.await.expect(200)["id"].as_str().unwrap().to_owned());
    }
    let renamed = join_all(tags.iter().map(|tag| {
        let (ada, path) = (ada.clone(), format!("/tags/{tag}"));
        async move { ada.patch(&path, json!({ "name": "New" })).await }
    }))
    .await;
    let (right, wrong): (Vec<_>, Vec<_>) = renamed.iter().partition(|one| one.status == 200);
    assert_eq!(right.len(), 1);
    for answer in wrong {
        answer.problem(409, "tag_exists");
    }
}

async fn no_crowd_saves_more_filters_than_there_may_be(desk: &mut Desk) {
    let mari = desk.operator("Mari").await;
    let filter = json!({ "status": "active", "operator": "me", "tags": [] });
    let saved = join_all((0..60).map(|n| {
        let new = json!({ "name": format!("Filter {n}"), "filter": filter });
        let mari = mari.clone();
        async move { mari.post("/filters", new).await }
    }))
    .await;
    assert_eq!(saved.iter().filter(|one| one.status == 201).count(), 50);
    for answer in saved.iter().filter(|one| one.status != 201) {
        answer.problem(409, "too_many_filters");
    }
    let standing = mari.get("/filters").await.expect(200);
    assert_eq!(standing["items"].as_array().map(Vec::len), Some(50));
}

async fn no_crowd_invites_more_than_there_may_be(desk: &mut Desk) {
    let ada = desk.administrator().await;
    let invite = |n: i64| {
        let new = json!({ "email": format!("m{n}@desk.example"), "role": "operator" });
        let ada = ada.clone();
        async move { ada.post("/operator-invites", new).await }
    };
    let room = 5;
    let most = limits::INVITES_OPEN_MAX;
    for n in room..most {
        invite(n).await.expect(201);
    }
    let crowd = join_all((0..20).map(|n| invite(most + n))).await;
    let (made, refused): (Vec<_>, Vec<_>) = crowd.iter().partition(|one| one.status == 201);
    assert_eq!(made.len() as i64, room);
    for answer in refused {
        answer.problem(409, "too_many_invites");
    }
}

async fn a_slow_export_ends_with_the_right_to_it(desk: &mut Desk) {
    let ada = desk.administrator().await;
    let mari = desk.operator("Mari").await;
    let mari_id = mari.id().await;
    let path = format!("/operators/{mari_id}");
    let right = |export: bool| json!({ "rights": { "export": export } });
    ada.patch(&path, right(true)).await.expect(200);
    // More than are read at once.
    for _ in 0..11 {
        join_all((0..50).map(|_| mari.create_case("Nick Evans"))).await;
    }
    let who = session_of(desk, &mari).await;
    let asked = || Filter::default();
    let mut whole = Box::pin(export::lines(&desk.app, &who, asked()).await.unwrap());
    let mut pieces = 0;
    while let Some(piece) = whole.next().await {
        piece.expect("a piece");
        pieces += 1;
    }
    assert_eq!(pieces, 2);
    let mut slow = Box::pin(export::lines(&desk.app, &who, asked()).await.unwrap());
    slow.next().await.unwrap().expect("the first piece");
    ada.patch(&path, right(false)).await.expect(200);
    assert!(slow.next().await.unwrap().is_err(), "the right is gone");
}

/// The session of an operator, as the gate finds it.
pub async fn session_of(desk: &Desk, who: &Actor) -> auth::OperatorSession {
    let secret = who.cookie(auth::cookie::OPERATOR).expect("a session");
    let hash = auth::cookie::hash(&secret);
    let found = desk.app.db().read(move |tx| {
        Box::pin(async move { auth::store::find_operator_session(&mut tx.system(), &hash).await })
    });
    let found: Result<_, DbError> = found.await;
    found.unwrap().expect("a session").session
}

async fn whoever_is_shown_a_case_stands_in_the_log(desk: &mut Desk) {
    let ada = desk.administrator().await;
    let tag = ada
        .post("/tags", json!({ "name": "red" }))
        .await
        .expect(200);
    let tag = tag["id"].as_str().unwrap();
    let other = ada.create_case("Other").await;
    let ways: [(&str, Method, &str, Option<Value>); 6] = [
        ("Timo", Method::GET, "/timeline", None),
        ("Nina", Method::PATCH, "", Some(json!({}))),
        ("Olga", Method::GET, "/guest-link", None),
        ("Paul", Method::DELETE, &format!("/tags/{tag}"), None),
        ("Rosa", Method::DELETE, "/snooze", None),
        ("Sven", Method::GET, &format!("/merge?from={other}"), None),
    ];
    let case = ada.create_case("Nick Evans").await;
    for (name, method, path, body) in ways {
        let who = desk.operator(name).await;
        let path = format!("/cases/{case}{path}");
        for _ in 0..2 {
            let mut asked = who.request(method.clone(), &path);
            if let Some(body) = &body {
                asked = asked.json(body);
            }
            asked.send().await.expect(200);
        }
        let query = format!("/audit?verb=case.opened&actor={}", who.id().await);
        let page = ada.get(&query).await.expect(200);
        let opened: Vec<&Value> = page["items"].as_array().unwrap().iter().collect();
        let of_case = opened
            .iter()
            .filter(|one| one["object_id"] == case.as_str());
        assert_eq!(of_case.count(), 1, "{name}: {page}");
    }
    // Making one is no looking at it.
    let query = format!("/audit?verb=case.opened&actor={}", ada.id().await);
    let page = ada.get(&query).await.expect(200);
    assert_eq!(page["items"], json!([]));
}

async fn notes_grow_no_longer_by_merging_than_by_typing(desk: &mut Desk) {
    let mari = desk.operator("Mari").await;
    let open = async |notes: String| {
        let new = json!({ "name": "Nick Evans", "notes": notes });
        let made = mari.post("/cases", new).await.expect(201);
        made["id"].as_str().unwrap().to_owned()
    };
    let into = open("a".repeat(12_000)).await;
    let from = open("b".repeat(8_000)).await;
    let path = format!("/cases/{into}/merge");
    let refused = mari.post(&path, json!({ "from": from })).await;
    refused.problem(409, "merge_too_large");
    let standing = mari.case(&from).await;
    assert_eq!(standing["status"], "active", "nothing has moved");
    // Choosing one, or shortening, helps; both together may be as long as notes are.
    let shorter = json!({ "notes": { "value": "b".repeat(7_998), "version": 1 } });
    mari.patch(&format!("/cases/{from}"), shorter)
        .await
        .expect(200);
    let merged = mari.post(&path, json!({ "from": from })).await.expect(200);
    let notes = merged["fields"]["notes"]["value"].as_str().unwrap();
    assert_eq!(notes.chars().count(), 20_000);
    let last = open("c".repeat(9_000)).await;
    let taken = json!({ "from": last, "take": ["notes"] });
    let merged = mari.post(&path, taken).await.expect(200);
    assert_eq!(merged["fields"]["notes"]["value"], "c".repeat(9_000));
}

async fn drafts_grow_no_longer_by_merging_than_by_typing(desk: &mut Desk) {
    let mari = desk.operator("Mari").await;
    let cole = desk.operator("Cole").await;
    let (into, from) = (
        mari.create_case("Stays").await,
        mari.create_case("Goes").await,
    );
    let save = async |case: &str, text: String, version: i64| {
        let draft = json!({ "text": text, "version": version });
        let path = format!("/cases/{case}/draft");
        cole.put(&path, draft).await.expect(200);
    };
    // Characters of several bytes, as people count them.
    save(&into, "ä".repeat(12_000), 0).await;
    save(&from, "ü".repeat(8_000), 0).await;
    let own = json!({ "text": "Mine", "version": 0 });
    mari.put(&format!("/cases/{from}/draft"), own)
        .await
        .expect(200);
    let path = format!("/cases/{into}/merge");
    let refused = mari.post(&path, json!({ "from": from })).await;
    let problem = refused.problem(409, "merge_drafts_too_long");
    assert_eq!(problem["drafts_of"]["name"], "Cole");
    assert_eq!(mari.case(&from).await["status"], "active");
    let begun = cole.case(&from).await["mine"]["draft"]["text"].clone();
    assert_eq!(begun, "ü".repeat(8_000), "nothing has moved");
    // With the empty line between them they may be as long as a draft is.
    save(&from, "ü".repeat(7_998), 1).await;
    mari.post(&path, json!({ "from": from })).await.expect(200);
    let both = cole.case(&into).await["mine"]["draft"].clone();
    let whole = format!("{}\n\n{}", "ä".repeat(12_000), "ü".repeat(7_998));
    assert_eq!(both["text"], whole);
    // It can be saved as it stands, and one that was emptied is in nobody's way.
    save(&into, whole, both["version"].as_i64().unwrap()).await;
    let next = mari.create_case("Goes too").await;
    save(&next, "x".into(), 0).await;
    save(&next, String::new(), 1).await;
    mari.post(&path, json!({ "from": next })).await.expect(200);
}

async fn options_in_use_do_not_pile_up(desk: &mut Desk) {
    let ada = desk.administrator().await;
    desk.set_plan("professional").await;
    let options = |batch: &str| -> Vec<Value> {
        (0..100)
            .map(|n| json!({ "id": format!("{batch}{n}"), "label": format!("{batch} {n}") }))
            .collect()
    };
    let new = json!({ "label": "Colours", "kind": "choices", "options": options("a") });
    let field = ada.post("/custom-fields", new).await.expect(201);
    let id = field["id"].as_str().unwrap();
    let path = format!("/custom-fields/{id}");
    let case = ada.create_case("Nick Evans").await;
    let change = json!({ "custom": { id: { "value": "a0,a7", "version": 0 } } });
    ada.patch(&format!("/cases/{case}"), change)
        .await
        .expect(200);
    let refused = ada.patch(&path, json!({ "options": options("b") })).await;
    assert_eq!(refused.field_error("options"), "too_long");
    let room: Vec<Value> = options("b").into_iter().skip(2).collect();
    let changed = ada
        .patch(&path, json!({ "options": room }))
        .await
        .expect(200);
    assert_eq!(changed["options"].as_array().map(Vec::len), Some(100));
}

static WAKES: SystemSql = system_sql!("SELECT count(*) AS jobs FROM jobs WHERE kind = 'case_wake'");

async fn wakes(desk: &Desk) -> i64 {
    let found = desk.app.db().read(|tx| {
        Box::pin(async move {
            let row = tx.system().row(&WAKES, &[]).await?;
            row.expect("a row").get("jobs")
        })
    });
    let found: Result<i64, DbError> = found.await;
    found.unwrap()
}

async fn a_snooze_is_one_job_however_often_it_is_changed(desk: &mut Desk) {
    let mari = desk.operator("Mari").await;
    let case = mari.create_case("Nick Evans").await;
    let guest = desk.guest_of(&case).await;
    let path = format!("/cases/{case}/snooze");
    let snooze = async |day: u32| {
        let until = format!("2027-03-{day:02}T09:00:00Z");
        mari.put(&path, json!({ "until": until })).await.expect(200);
    };
    for day in 1..=20 {
        snooze(day).await;
    }
    assert_eq!(wakes(desk).await, 1);
    mari.delete(&path).await.expect(200);
    assert_eq!(wakes(desk).await, 0, "taken back");
    snooze(1).await;
    guest.guest_send(&case, "Hello?").await;
    assert_eq!(wakes(desk).await, 0, "the customer wrote");
    snooze(1).await;
    let left = format!("/cases/{case}/operators/{}", mari.id().await);
    mari.delete(&left).await.expect(200);
    assert_eq!(wakes(desk).await, 0, "left");
}
