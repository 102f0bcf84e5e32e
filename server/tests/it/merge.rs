//! Merging two cases: what moves, what stays, what everyone is told, and that nothing of either outlives the result.

use axum::http::Method;
use serde_json::{Value, json};

use crate::claim::{leave, put_on, waiting_case};
use crate::deletion::{MARK, places};
use crate::openapi::operations;
use crate::support::{Actor, Answer, Caller, Desk, on_both_databases, start_call, token_of};
use crate::tags::{make_tag, tag};

on_both_databases![
    everything_of_the_other_case_moves_over,
    a_preview_tells_what_would_happen,
    fields_are_filled_taken_and_put_together,
    both_links_open_the_case_that_is_left,
    screens_and_guests_follow,
    what_was_read_stays_read,
    two_merges_of_one_pair_at_once_make_one,
    what_cannot_be_merged_is_refused,
    a_right_and_sight_are_needed,
    a_merged_case_deleted_leaves_nothing_of_either,
    a_merge_of_a_merge_leads_to_the_last,
    whatever_is_asked_of_a_merged_case_is_answered_with_the_other,
];

async fn merge(who: &Actor, into: &str, from: &str, take: &[&str]) -> Answer {
    let path = format!("/cases/{into}/merge");
    who.post(&path, json!({ "from": from, "take": take })).await
}

async fn open(who: &Actor, body: Value) -> String {
    let case = who.post("/cases", body).await.expect(201);
    case["id"].as_str().expect("an id").to_owned()
}

async fn entries(who: &Actor, case: &str) -> Vec<Value> {
    let path = format!("/cases/{case}/timeline?limit=200");
    let timeline = who.get(&path).await.expect(200);
    timeline["entries"].as_array().expect("entries").clone()
}

async fn everything_of_the_other_case_moves_over(desk: &mut Desk) {
    let mari = desk.operator("Mari").await;
    let cole = desk.operator("Cole").await;
    let (red, blue) = (make_tag(&mari, "red").await, make_tag(&mari, "blue").await);
    let into = mari.create_case("Stays").await;
    let from = cole.create_case("Goes").await;
    tag(&mari, &into, &red).await.expect(200);
    tag(&cole, &from, &red).await.expect(200);
    tag(&cole, &from, &blue).await.expect(200);
    let guest = cole.guest_of(&from).await;
    desk.wait(std::time::Duration::from_secs(60));
    guest.guest_send(&from, "From the customer").await;
    cole.send(&from, "From Cole").await;
    let call = start_call(&cole, &from).await;
    Caller::silent_guest(&guest, &from, &call).await;
    cole.post(&format!("/cases/{from}/calls/{call}/end"), json!({}))
        .await
        .expect(204);
    let draft = |text: &str| json!({ "text": text, "version": 0 });
    cole.put(&format!("/cases/{from}/draft"), draft("begun there"))
        .await
        .expect(200);
    cole.put(&format!("/cases/{into}/draft"), draft("begun here"))
        .await
        .expect(200);
    put_on(&cole, &from, &mari).await.expect(200);
    let before = entries(&mari, &from).await;
    let own = entries(&mari, &into).await;
    desk.wait(std::time::Duration::from_secs(60));

    let merged = merge(&mari, &into, &from, &[]).await.expect(200);
    let after = entries(&mari, &into).await;
    assert_eq!(after[..own.len()], own, "the own entries are as they were");
    let tells = &after[own.len()];
    assert_eq!(tells["event"]["type"], "case.merged");
    assert_eq!(tells["event"]["number"], 2);
    assert_eq!(tells["event"]["name"], "Goes");
    assert_eq!(tells["event"]["entries"], before.len());
    assert_eq!(tells["actor"]["name"], "Mari");
    let moved = &after[own.len() + 1..][..before.len()];
    for (moved, before) in moved.iter().zip(&before) {
        for part in ["at", "actor", "event"] {
            assert_eq!(moved[part], before[part]);
        }
        assert_eq!(moved["merged_from"], 2);
    }
    let numbers: Vec<i64> = after
        .iter()
        .map(|entry| entry["entry"].as_i64().unwrap())
        .collect();
    let count = i64::try_from(after.len()).unwrap();
    assert_eq!(numbers, (1..=count).collect::<Vec<_>>());
    let joined = after.last().unwrap();
    assert_eq!(joined["event"]["type"], "operator.joined");
    assert_eq!(joined["event"]["operator"]["name"], "Cole");
    assert_eq!(merged["last_entry"], count);
    let names = |list: &Value| -> Vec<String> {
        let items = list.as_array().unwrap().iter();
        items
            .map(|item| item["name"].as_str().unwrap().to_owned())
            .collect()
    };
    assert_eq!(names(&merged["tags"]), ["blue", "red"]);
    assert_eq!(names(&merged["operators"]), ["Mari", "Cole"]);
    let draft = cole.case(&into).await["mine"]["draft"]["text"].clone();
    assert_eq!(draft, "begun here\n\nbegun there");
    // The mark of attention that Mari had on the other case came along.
    assert_eq!(merged["mine"]["attention"], "added");
    let old = cole.get(&format!("/cases/{into}/calls/{call}")).await;
    assert_eq!(old.expect(200)["id"], call.as_str());
    let gone = mari.get(&format!("/cases/{from}")).await;
    assert_eq!(gone.problem(410, "case_merged")["into"], into.as_str());
    let list = mari.get("/cases?status=all&operator=everyone").await;
    assert_eq!(names(&list.expect(200)["items"]), ["Stays"]);
    let found = mari.get("/search?q=customer").await.expect(200);
    assert_eq!(found["items"][0]["case"]["id"], into.as_str(), "{found}");
    let hit = found["items"][0]["hit"]["entry"].as_i64().unwrap();
    let entry = &after[usize::try_from(hit).unwrap() - 1];
    assert_eq!(entry["event"]["text"], "From the customer");
    assert_eq!(
        mari.get("/search?q=Goes").await.expect(200)["items"],
        json!([])
    );
}

async fn a_preview_tells_what_would_happen(desk: &mut Desk) {
    let mari = desk.operator("Mari").await;
    let into = open(
        &mari,
        json!({ "name": "Stays", "email": "a@mail.example", "notes": "one" }),
    )
    .await;
    let from = open(
        &mari,
        json!({ "name": "Goes", "phone": "+49 30 901820", "notes": "two" }),
    )
    .await;
    let shown = mari
        .get(&format!("/cases/{into}/merge?from={from}"))
        .await
        .expect(200);
    assert_eq!(shown["into"]["id"], into.as_str());
    assert_eq!(shown["from"]["id"], from.as_str());
    assert_eq!(shown["entries"], mari.case(&from).await["last_entry"]);
    assert_eq!(shown["guests_told"], true);
    let fields: Vec<(&str, &str, &str, bool)> = shown["fields"]
        .as_array()
        .unwrap()
        .iter()
        .map(|field| {
            let text = |name: &str| field[name].as_str().unwrap();
            (
                text("key"),
                text("into"),
                text("from"),
                field["differs"].as_bool().unwrap(),
            )
        })
        .collect();
    assert_eq!(fields[0], ("name", "Stays", "Goes", true));
    assert_eq!(fields[1], ("email", "a@mail.example", "", false));
    assert_eq!(fields[2], ("phone", "", "+49 30 901820", false));
    assert_eq!(fields[3], ("notes", "one", "two", true));
    assert_eq!(fields[4], ("language", "en", "en", false));
    assert_eq!(mari.case(&from).await["name"], "Goes", "nothing happened");
    let path = format!("/cases/{into}/merge");
    mari.get(&path).await.problem(400, "bad_json");
    mari.get(&format!("{path}?from=x"))
        .await
        .problem(400, "bad_json");
    let itself = mari.get(&format!("{path}?from={into}")).await;
    itself.problem(409, "merge_with_itself");
}

async fn fields_are_filled_taken_and_put_together(desk: &mut Desk) {
    let ada = desk.administrator().await;
    let field = json!({ "label": "Contract", "kind": "text" });
    let field = ada.post("/custom-fields", field).await.expect(201);
    let field = field["id"].as_str().unwrap().to_owned();
    let other = json!({ "label": "Device", "kind": "text" });
    let other = ada.post("/custom-fields", other).await.expect(201);
    let other = other["id"].as_str().unwrap().to_owned();
    let into = open(
        &ada,
        json!({ "name": "Stays", "email": "a@mail.example", "notes": "one" }),
    )
    .await;
    let from = open(
        &ada,
        json!({ "name": "Goes", "email": "b@mail.example", "internal_reference": "K-7", "notes": "two" }),
    )
    .await;
    let value = |value: &str| json!({ "value": value, "version": 0 });
    let custom = |a: Value, b: Value| json!({ "custom": { &field: a, &other: b } });
    ada.patch(&format!("/cases/{into}"), custom(value("old"), value("")))
        .await
        .expect(200);
    ada.patch(
        &format!("/cases/{from}"),
        custom(value("new"), value("drill")),
    )
    .await
    .expect(200);
    let merged = merge(&ada, &into, &from, &["name", &field])
        .await
        .expect(200);
    assert_eq!(merged["name"], "Goes");
    for (name, expected) in [
        ("name", "Goes"),
        ("email", "a@mail.example"),
        ("internal_reference", "K-7"),
        ("notes", "one\n\ntwo"),
    ] {
        assert_eq!(merged["fields"][name]["value"], expected, "{name}");
    }
    assert_eq!(merged["fields"]["notes"]["version"], 2);
    let customs: Vec<&str> = merged["custom"]
        .as_array()
        .unwrap()
        .iter()
        .map(|custom| custom["value"]["value"].as_str().unwrap())
        .collect();
    assert_eq!(customs, ["new", "drill"]);
}

async fn both_links_open_the_case_that_is_left(desk: &mut Desk) {
    let mari = desk.operator("Mari").await;
    let into = mari.create_case("Stays").await;
    let from = mari.create_case("Goes").await;
    let (own, old) = (mari.guest_link(&into).await, mari.guest_link(&from).await);
    let guest = mari.guest_of(&from).await;
    let both = mari.guest_of(&into).await;
    both.open_link(token_of(&old)).await.expect(200);
    merge(&mari, &into, &from, &[]).await.expect(200);
    assert_eq!(
        mari.guest_link(&into).await,
        own,
        "the link shown is its own"
    );
    // The browser that knew the other case is let in without the link, as is one that knew both.
    for knows in [&guest, &both] {
        let path = format!("/guest/cases/{into}");
        let seen = knows.get(&path).await.expect(200);
        assert_eq!(seen["name"], "Stays");
        let path = format!("/guest/cases/{from}");
        assert!([401, 404].contains(&knows.get(&path).await.status));
        knows.guest_send(&into, "Still here").await;
    }
    let stranger = desk.stranger();
    let opened = stranger.open_link(token_of(&old)).await.expect(200);
    assert_eq!(opened["id"], into.as_str(), "{opened}");
}

async fn screens_and_guests_follow(desk: &mut Desk) {
    let mari = desk.operator("Mari").await;
    let into = mari.create_case("Stays").await;
    let from = mari.create_case("Goes").await;
    let (kept, gone) = (mari.guest_of(&into).await, mari.guest_of(&from).await);
    gone.guest_send(&from, "Hello").await;
    let mut screen = mari.live("/live").await.expect("a socket");
    screen.next_of("hello").await;
    let mut page = kept
        .live(&format!("/guest/cases/{into}/live"))
        .await
        .expect("a socket");
    page.next_of("hello").await;
    let mut left = gone
        .live(&format!("/guest/cases/{from}/live"))
        .await
        .expect("a socket");
    left.next_of("hello").await;
    merge(&mari, &into, &from, &[]).await.expect(200);
    let told = screen.next_event("case.merged").await;
    assert_eq!(told["case_id"], into.as_str());
    let again = screen.next_event("message.sent").await;
    assert_eq!(again["merged_from"], 2);
    let told = screen.next_event("case.merged").await;
    assert_eq!(told["case_id"], from.as_str());
    assert_eq!(told["entry"], Value::Null);
    assert_eq!(told["event"]["into"], into.as_str());
    page.next_event("case.merged").await;
    assert_eq!(
        page.next_event("message.sent").await["event"]["text"],
        "Hello"
    );
    assert_eq!(left.closed().await, 4401, "the page opens its link again");
}

async fn what_was_read_stays_read(desk: &mut Desk) {
    let mari = desk.operator("Mari").await;
    let cole = desk.operator("Cole").await;
    let into = mari.create_case("Stays").await;
    let from = mari.create_case("Goes").await;
    put_on(&mari, &into, &cole).await.expect(200);
    let (kept, gone) = (mari.guest_of(&into).await, mari.guest_of(&from).await);
    kept.guest_send(&into, "one").await;
    gone.guest_send(&from, "two").await;
    gone.guest_send(&from, "three").await;
    for case in [&into, &from] {
        let entry = json!({ "entry": mari.case(case).await["last_entry"] });
        mari.put(&format!("/cases/{case}/read"), entry)
            .await
            .expect(204);
    }
    gone.guest_send(&from, "four").await;
    merge(&mari, &into, &from, &[]).await.expect(200);
    assert_eq!(mari.case(&into).await["mine"]["unread"], 1, "four");
    assert_eq!(cole.case(&into).await["mine"]["unread"], 4, "read nothing");
    let counts = mari.get("/cases/counts").await.expect(200);
    assert_eq!(counts["unread_cases_mine"]["count"], 1);
    let entry = json!({ "entry": mari.case(&into).await["last_entry"] });
    mari.put(&format!("/cases/{into}/read"), entry)
        .await
        .expect(204);
    assert_eq!(mari.case(&into).await["mine"]["unread"], 0);
    let counts = mari.get("/cases/counts").await.expect(200);
    assert_eq!(counts["unread_cases_mine"]["count"], 0);
}

async fn two_merges_of_one_pair_at_once_make_one(desk: &mut Desk) {
    let mari = desk.operator("Mari").await;
    for round in 0..6 {
        let one = mari.create_case(&format!("One {round}")).await;
        let two = mari.create_case(&format!("Two {round}")).await;
        mari.send(&one, "first").await;
        mari.send(&two, "second").await;
        // The same way round, and one into the other and back.
        let (a, b) = if round % 2 == 0 {
            tokio::join!(merge(&mari, &one, &two, &[]), merge(&mari, &one, &two, &[]))
        } else {
            tokio::join!(merge(&mari, &one, &two, &[]), merge(&mari, &two, &one, &[]))
        };
        let mut statuses = [a.status, b.status];
        statuses.sort_unstable();
        assert_eq!(statuses, [200, 410], "{a:?} {b:?}");
        let (won, lost) = if a.status == 200 { (a, b) } else { (b, a) };
        let left = won.json()["id"].as_str().unwrap().to_owned();
        assert_eq!(lost.problem(410, "case_merged")["into"], left.as_str());
        let told = entries(&mari, &left).await;
        let merges = told
            .iter()
            .filter(|entry| entry["event"]["type"] == "case.merged");
        assert_eq!(merges.count(), 1);
    }
    // Under one key it is one merge, however often it is asked for.
    let (into, from) = (
        mari.create_case("Stays").await,
        mari.create_case("Goes").await,
    );
    let key = deskside_db::Uuid::now_v7();
    for _ in 0..2 {
        let path = format!("/cases/{into}/merge");
        let asked = mari.request(Method::POST, &path).key(key);
        let merged = asked.json(json!({ "from": from })).send().await;
        assert_eq!(merged.expect(200)["id"], into.as_str());
    }
}

async fn what_cannot_be_merged_is_refused(desk: &mut Desk) {
    let mari = desk.operator("Mari").await;
    let otto = desk.other_organization().await;
    let into = mari.create_case("Stays").await;
    let from = mari.create_case("Goes").await;
    let foreign = otto.create_case("Elsewhere").await;
    merge(&mari, &into, &into, &[])
        .await
        .problem(409, "merge_with_itself");
    merge(&mari, &into, &foreign, &[])
        .await
        .problem(404, "not_found");
    merge(&mari, &foreign, &into, &[])
        .await
        .problem(404, "not_found");
    let answer = merge(&mari, &into, &from, &["name", "colour"]).await;
    assert_eq!(answer.field_error("take"), "unknown_value");
    for case in [&into, &from] {
        let call = start_call(&mari, case).await;
        merge(&mari, &into, &from, &[])
            .await
            .problem(409, "call_open");
        mari.post(&format!("/cases/{case}/calls/{call}/end"), json!({}))
            .await
            .expect(204);
    }
    mari.post(&format!("/cases/{into}/complete"), json!({}))
        .await
        .expect(200);
    merge(&mari, &into, &from, &[])
        .await
        .problem(409, "case_completed");
    // The other way round a completed case goes into an open one.
    let merged = merge(&mari, &from, &into, &[]).await.expect(200);
    assert_eq!(merged["status"], "active");
    // Of two that wait the longer wait counts.
    let first = waiting_case(&mari, "First").await;
    desk.wait(std::time::Duration::from_secs(60));
    let second = waiting_case(&mari, "Second").await;
    let since = mari.case(&first).await["waiting_since"].clone();
    let merged = merge(&mari, &second, &first, &[]).await.expect(200);
    assert_eq!(merged["status"], "awaiting");
    assert_eq!(merged["waiting_since"], since);
}

async fn a_right_and_sight_are_needed(desk: &mut Desk) {
    let ada = desk.administrator().await;
    let mari = desk.operator("Mari").await;
    let cole = desk.operator("Cole").await;
    let into = mari.create_case("Stays").await;
    let from = cole.create_case("Goes").await;
    let rights = |reassign: bool| json!({ "rights": { "reassign": reassign } });
    let path = format!("/operators/{}", mari.id().await);
    ada.patch(&path, rights(false)).await.expect(200);
    let refused = merge(&mari, &into, &from, &[]).await;
    assert_eq!(refused.problem(403, "right_missing")["right"], "reassign");
    let preview = format!("/cases/{into}/merge?from={from}");
    mari.get(&preview).await.problem(403, "right_missing");
    ada.patch(&path, rights(true)).await.expect(200);
    ada.patch("/organization", json!({ "separate_operators": true }))
        .await
        .expect(200);
    merge(&mari, &into, &from, &[])
        .await
        .problem(404, "not_found");
    mari.get(&preview).await.problem(404, "not_found");
    put_on(&ada, &from, &mari).await.expect(200);
    merge(&mari, &into, &from, &[]).await.expect(200);
    // Where it went is told to whoever sees the one it went into.
    let gone = format!("/cases/{from}");
    mari.get(&gone).await.problem(410, "case_merged");
    leave(&mari, &into).await.expect(204);
    mari.get(&gone).await.problem(404, "not_found");
    cole.get(&gone).await.problem(410, "case_merged");
}

async fn a_merged_case_deleted_leaves_nothing_of_either(desk: &mut Desk) {
    let mari = desk.operator("Mari").await;
    let red = make_tag(&mari, "red").await;
    let into = mari.create_case(&format!("{MARK} stays")).await;
    let from = open(
        &mari,
        json!({ "name": format!("{MARK} goes"), "email": format!("{MARK}@mail.example"), "notes": format!("{MARK} notes") }),
    )
    .await;
    let guest = mari.guest_of(&from).await;
    let link = mari.guest_link(&from).await;
    for n in 0..20 {
        guest.guest_send(&from, &format!("{MARK} says {n}")).await;
    }
    tag(&mari, &from, &red).await.expect(200);
    let draft = json!({ "text": format!("{MARK} draft"), "version": 0 });
    mari.put(&format!("/cases/{from}/draft"), draft)
        .await
        .expect(200);
    merge(&mari, &into, &from, &["name"]).await.expect(200);
    mari.delete(&format!("/cases/{into}")).await.expect(204);
    while desk.run_jobs().await > 0 {}
    let found = places(desk, MARK).await;
    assert!(found.is_empty(), "{MARK} is still in {found:?}");
    let found = places(desk, token_of(&link)).await;
    assert!(found.is_empty(), "the link is still in {found:?}");
    let gone = mari.get(&format!("/cases/{from}")).await;
    gone.problem(404, "not_found");
    let opened = desk.stranger().open_link(token_of(&link)).await;
    opened.problem(410, "case_deleted");
}

async fn a_merge_of_a_merge_leads_to_the_last(desk: &mut Desk) {
    let mari = desk.operator("Mari").await;
    let cases = [
        mari.create_case("One").await,
        mari.create_case("Two").await,
        mari.create_case("Three").await,
    ];
    mari.send(&cases[0], "from the first").await;
    merge(&mari, &cases[1], &cases[0], &[]).await.expect(200);
    merge(&mari, &cases[2], &cases[1], &[]).await.expect(200);
    for gone in &cases[..2] {
        let answer = mari.get(&format!("/cases/{gone}")).await;
        assert_eq!(
            answer.problem(410, "case_merged")["into"],
            cases[2].as_str()
        );
    }
    let all = entries(&mari, &cases[2]).await;
    let message = all
        .iter()
        .find(|entry| entry["event"]["text"] == "from the first")
        .expect("the message");
    assert_eq!(message["merged_from"], 1, "its first number");
}

async fn whatever_is_asked_of_a_merged_case_is_answered_with_the_other(desk: &mut Desk) {
    let ada = desk.administrator().await;
    let mari = desk.operator("Mari").await;
    let cole = desk.operator("Cole").await;
    let red = make_tag(&mari, "red").await;
    let into = mari.create_case("Stays").await;
    let gone = mari.create_case("Goes").await;
    let call = start_call(&mari, &gone).await;
    mari.post(&format!("/cases/{gone}/calls/{call}/end"), json!({}))
        .await
        .expect(204);
    merge(&mari, &into, &gone, &[]).await.expect(200);
    let reads: Vec<String> = operations()
        .into_iter()
        .filter(|(method, path, _)| method == "GET" && path.starts_with("/api/v1/cases/{case_id}"))
        .map(|(_, path, _)| {
            let path = path.trim_start_matches("/api/v1");
            let path = path.replace("{case_id}", &gone).replace("{call_id}", &call);
            assert!(!path.contains('{'), "{path}: an id is missing");
            match path.ends_with("/merge") {
                true => format!("{path}?from={into}"),
                false => path,
            }
        })
        .collect();
    assert!(reads.len() >= 6, "{reads:?}");
    let at = |rest: &str| format!("/cases/{gone}{rest}");
    let mari_id = mari.id().await;
    for separate in [false, true] {
        let change = json!({ "separate_operators": separate });
        ada.patch("/organization", change).await.expect(200);
        let mut answers = Vec::new();
        for path in &reads {
            answers.push(mari.get(path).await);
            let of_cole = cole.get(path).await;
            match separate {
                true => drop(of_cole.problem(404, "not_found")),
                false => answers.push(of_cole),
            }
        }
        let name = json!({ "name": { "value": "New", "version": 1 } });
        answers.push(mari.patch(&at(""), name).await);
        let text = json!({ "text": "Too late" });
        answers.push(mari.post(&at("/messages"), text).await);
        let draft = json!({ "text": "begun", "version": 0 });
        answers.push(mari.put(&at("/draft"), draft).await);
        answers.push(mari.put(&at("/read"), json!({ "entry": 1 })).await);
        answers.push(tag(&mari, &gone, &red).await);
        answers.push(mari.post(&at("/complete"), json!({})).await);
        answers.push(mari.delete(&at(&format!("/operators/{mari_id}"))).await);
        answers.push(mari.post(&at("/calls"), json!({})).await);
        for answer in answers {
            assert_eq!(answer.problem(410, "case_merged")["into"], into.as_str());
        }
    }
    // What is not there in a case that is, is just not there.
    let unknown = format!("/cases/{into}/calls/{call}");
    mari.get(&unknown).await.expect(200);
    let unknown = unknown.replace(&call, "call_01kp5hrfvgfk19hh6w1g60eecf");
    mari.get(&unknown).await.problem(404, "not_found");
}
