//! Cases: opening, details, who works on them, where they stand.

use std::time::Duration;

use axum::http::Method;
use deskside_db::Uuid;
use futures_util::future::join_all;
use serde_json::{Value, json};

use crate::support::{Actor, Desk, on_both_databases};

on_both_databases![
    a_name_has_one_to_fifty_characters_of_a_reader,
    details_are_checked_one_by_one_and_nothing_is_made_of_a_wrong_form,
    a_new_case_has_what_it_was_given_and_its_creator,
    a_double_click_makes_one_case,
    a_key_is_forgotten_after_a_day,
    numbers_count_up_and_are_never_used_again,
    a_field_is_saved_with_the_version_that_was_seen,
    two_operators_in_one_field_lose_nothing,
    of_several_fields_all_are_saved_or_none,
    a_new_name_shows_everywhere,
    operators_join_leave_and_add_each_other,
    nobody_from_elsewhere_can_be_added,
    answering_joins,
    a_completed_case_takes_nothing_until_it_is_reopened,
    completing_twice_under_one_key_is_completing_once,
    a_case_can_be_reopened_after_four_hundred_days,
    reopening_a_case_without_operators_joins_it,
    racing_fields_lose_no_text,
];

/// A time that the test lets pass so that two things do not happen at once.
const SECOND: Duration = Duration::from_secs(1);

async fn add(who: &Actor, case: &str, operator: &str) -> Value {
    who.request(Method::PUT, &format!("/cases/{case}/operators/{operator}"))
        .send()
        .await
        .expect(200)
}

async fn take_off(who: &Actor, case: &str, operator: &str) -> Value {
    who.delete(&format!("/cases/{case}/operators/{operator}"))
        .await
        .expect(200)
}

async fn act(who: &Actor, case: &str, act: &str) -> Value {
    who.post(&format!("/cases/{case}/{act}"), json!({}))
        .await
        .expect(200)
}

fn names(case: &Value) -> Vec<&str> {
    case["operators"]
        .as_array()
        .expect("operators")
        .iter()
        .map(|operator| operator["name"].as_str().expect("a name"))
        .collect()
}

/// The kinds of a case's entries, oldest first.
async fn story(who: &Actor, case: &str) -> Vec<String> {
    let timeline = who
        .get(&format!("/cases/{case}/timeline?limit=200"))
        .await
        .expect(200);
    let entries = timeline["entries"].as_array().expect("entries");
    entries
        .iter()
        .map(|entry| entry["event"]["type"].as_str().expect("a type").to_owned())
        .collect()
}

async fn a_name_has_one_to_fifty_characters_of_a_reader(desk: &mut Desk) {
    let ada = desk.administrator().await;
    let fifty_families = "👩‍👩‍👧".repeat(50);
    for (typed, kept) in [
        ("x", "x"),
        ("  Nick Evans\t", "Nick Evans"),
        (&"ß".repeat(50), &"ß".repeat(50)),
        (&"👍🏽".repeat(50), &"👍🏽".repeat(50)),
        (&fifty_families, &fifty_families),
        ("שלום עולם", "שלום עולם"),
        ("e\u{301}tude", "e\u{301}tude"),
        ("<b>&amp;'\"", "<b>&amp;'\""),
    ] {
        let case = ada.create_case(typed).await;
        assert_eq!(ada.case(&case).await["name"], kept);
    }
    let before = ada.get("/cases?limit=100").await.expect(200);
    for (typed, code) in [
        ("", "required"),
        ("   ", "required"),
        ("\u{a0}\u{2003}", "required"),
        (&"x".repeat(51), "too_long"),
        (&"👍🏽".repeat(51), "too_long"),
        (&format!("a{}", "\u{301}".repeat(300)), "too_long"),
        ("two\nlines", "control_characters"),
        ("nul\0", "control_characters"),
        ("turned\u{202e}round", "control_characters"),
    ] {
        let answer = ada.post("/cases", json!({ "name": typed })).await;
        assert_eq!(answer.field_error("name"), code, "{typed:?}");
    }
    assert_eq!(ada.get("/cases?limit=100").await.expect(200), before);
}

async fn details_are_checked_one_by_one_and_nothing_is_made_of_a_wrong_form(desk: &mut Desk) {
    let ada = desk.administrator().await;
    let case = ada.create_case("Nick Evans").await;
    let long_host = format!("a@{}.example", "b".repeat(320));
    let wrong = [
        ("email", "a@b.example, c@d.example", "invalid"),
        ("email", "Ana <a@b.example>", "invalid"),
        ("email", "a@b.example.", "invalid"),
        ("email", "a@b.example\nBcc: c@d.example", "invalid"),
        ("email", &long_host, "too_long"),
        ("phone", "0170 1234567", "country_code_missing"),
        ("phone", "+49", "invalid"),
        ("phone", "+49 170 1234567 1234567 1234567 12", "too_long"),
        ("phone", "+49 CALL ME", "invalid"),
        ("internal_reference", "two\nlines", "control_characters"),
        ("internal_reference", &"x".repeat(101), "too_long"),
        ("notes", "nul\0", "control_characters"),
        ("notes", &"x".repeat(20_001), "too_long"),
    ];
    for (field, value, code) in wrong {
        let new = json!({ "name": "New", field: value });
        let answer = ada.post("/cases", new).await;
        assert_eq!(answer.field_error(field), code, "{field} = {value:?}");
        let change = json!({ field: { "value": value, "version": 0 } });
        let answer = ada.patch(&format!("/cases/{case}"), change).await;
        assert_eq!(answer.field_error(field), code, "{field} = {value:?}");
    }
    let both = json!({ "name": "", "email": "x", "phone": "1" });
    let problem = ada.post("/cases", both).await.problem(422, "invalid_input");
    assert_eq!(problem["errors"].as_array().map(Vec::len), Some(3));
    let cases = ada.get("/cases").await.expect(200);
    assert_eq!(cases["items"].as_array().map(Vec::len), Some(1));
    let fields = &ada.case(&case).await["fields"];
    assert_eq!(fields["email"]["version"], 0);

    let longest = "😀".repeat(20_000);
    for (field, value, kept) in [
        (
            "email",
            " ana.müller+x@bücher.example ",
            "ana.müller+x@bücher.example",
        ),
        ("phone", "+44 (7700) 900-142", "+447700900142"),
        ("internal_reference", " K-7/2 ", "K-7/2"),
        ("notes", "one\r\ntwo\n\tthree\n", "one\ntwo\n\tthree\n"),
        ("notes", &longest, &longest),
        ("language", "de", "de"),
    ] {
        let new = json!({ "name": "New", field: value });
        let case = ada.post("/cases", new).await.expect(201);
        assert_eq!(case["fields"][field]["value"], kept);
    }
}

async fn a_new_case_has_what_it_was_given_and_its_creator(desk: &mut Desk) {
    let mari = desk.operator("Mari").await;
    let new = json!({ "name": "Nick Evans", "email": "nick@mail.example", "phone": "+49 170 1234567",
        "internal_reference": "K-7", "notes": "calls at noon", "language": "de" });
    let case = mari.post("/cases", &new).await.expect(201);
    assert_eq!(case["status"], "active");
    assert_eq!(case["origin"], "manual");
    assert_eq!(case["meeting_type"], "individual");
    assert_eq!(case["number"], 1);
    assert_eq!(names(&case), ["Mari"]);
    assert_eq!(case["mine"]["joined"], true);
    assert_eq!(case["guest_online"], false);
    assert_eq!(case["guest_last_seen_at"], Value::Null);
    for (field, value) in new.as_object().unwrap() {
        let kept = &case["fields"][field];
        let standing = match field.as_str() {
            "phone" => &json!("+491701234567"),
            _ => value,
        };
        assert_eq!(&kept["value"], standing);
        assert_eq!(kept["version"], 1);
        assert_eq!(kept["changed_by"]["name"], "Mari");
    }
    let id = case["id"].as_str().unwrap();
    assert_eq!(mari.case(id).await, case);
    assert_eq!(story(&mari, id).await, ["case.created", "operator.joined"]);
    let small = mari.create_case("Only a name").await;
    let small = mari.case(&small).await;
    assert_eq!(small["fields"]["language"]["value"], "en");
    let unset = json!({ "value": "", "version": 0, "changed_by": null, "changed_at": null });
    assert_eq!(small["fields"]["notes"], unset);
}

async fn a_double_click_makes_one_case(desk: &mut Desk) {
    let mari = desk.operator("Mari").await;
    let cole = desk.operator("Cole").await;
    let key = Uuid::now_v7();
    let send = |who: &Actor, name: &str| {
        who.request(Method::POST, "/cases")
            .key(key)
            .json(json!({ "name": name }))
            .send()
    };
    let clicks = join_all((0..12).map(|_| send(&mari, "Nick Evans"))).await;
    let first = clicks[0].expect(201)["id"].clone();
    for click in &clicks {
        assert_eq!(click.expect(201)["id"], first);
    }
    send(&mari, "Someone Else")
        .await
        .problem(422, "idempotency_key_reused");
    let others = send(&cole, "Someone Else").await.expect(201);
    assert_ne!(others["id"], first, "a key is its sender's");
    let cases = mari.get("/cases?operator=everyone").await.expect(200);
    assert_eq!(cases["items"].as_array().map(Vec::len), Some(2));
    let numbers: Vec<&Value> = cases["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|row| &row["number"])
        .collect();
    assert!(numbers.contains(&&json!(1)) && numbers.contains(&&json!(2)));

    // The same key for another operation is another request.
    let path = format!("/cases/{}/complete", first.as_str().unwrap());
    mari.request(Method::POST, &path)
        .key(key)
        .json(json!({}))
        .send()
        .await
        .problem(422, "idempotency_key_reused");
}

async fn a_key_is_forgotten_after_a_day(desk: &mut Desk) {
    let mari = desk.operator("Mari").await;
    let key = Uuid::now_v7();
    let send = || {
        mari.request(Method::POST, "/cases")
            .key(key)
            .json(json!({ "name": "Nick Evans" }))
            .send()
    };
    let prune = async |desk: &Desk| {
        // The first clearing is enqueued by the server's start; it enqueues the next.
        let running = deskside::housekeeping::start(&desk.app).await.unwrap();
        running.stop().await;
        desk.run_jobs().await;
    };
    let first = send().await.expect(201)["id"].clone();
    desk.wait(Duration::from_secs(24 * 3_600));
    prune(desk).await;
    assert_eq!(send().await.expect(201)["id"], first);
    desk.wait(SECOND);
    prune(desk).await;
    desk.wait(Duration::from_secs(3_600));
    prune(desk).await;
    assert_ne!(send().await.expect(201)["id"], first);
}

async fn numbers_count_up_and_are_never_used_again(desk: &mut Desk) {
    let ada = desk.administrator().await;
    let otto = desk.other_organization().await;
    let number = async |who: &Actor, name: &str| {
        let case = who.create_case(name).await;
        (who.case(&case).await["number"].as_i64().unwrap(), case)
    };
    let (first, _) = number(&ada, "One").await;
    let (second, last) = number(&ada, "Two").await;
    assert_eq!((first, second), (1, 2));
    assert_eq!(number(&otto, "Elsewhere").await.0, 1);
    ada.delete(&format!("/cases/{last}")).await.expect(204);
    assert_eq!(number(&ada, "Three").await.0, 3);
    let many = join_all((0..10).map(|n| ada.create_case(["A", "B"][n % 2]))).await;
    let mut numbers = Vec::new();
    for case in many {
        numbers.push(ada.case(&case).await["number"].as_i64().unwrap());
    }
    numbers.sort_unstable();
    assert_eq!(numbers, (4..14).collect::<Vec<i64>>());
}

async fn a_field_is_saved_with_the_version_that_was_seen(desk: &mut Desk) {
    let mari = desk.operator("Mari").await;
    let id = mari.create_case("Nick Evans").await;
    let path = format!("/cases/{id}");
    let entries = mari.case(&id).await["last_entry"].clone();
    for (version, text) in ["one", "two", ""].iter().enumerate() {
        desk.wait(SECOND);
        let change = json!({ "notes": { "value": text, "version": version } });
        let case = mari.patch(&path, change).await.expect(200);
        assert_eq!(case["fields"]["notes"]["value"], *text);
        assert_eq!(case["fields"]["notes"]["version"], version + 1);
        assert_eq!(case["last_entry"], entries, "no entry for each keystroke");
    }
    mari.patch(&path, json!({})).await.expect(200);
    let future = json!({ "notes": { "value": "x", "version": 99 } });
    mari.patch(&path, future)
        .await
        .problem(409, "field_conflict");
}

async fn two_operators_in_one_field_lose_nothing(desk: &mut Desk) {
    let mari = desk.operator("Mari").await;
    let cole = desk.operator("Cole").await;
    let id = mari.create_case("Nick Evans").await;
    let path = format!("/cases/{id}");
    let change =
        |text: &str, version: i64| json!({ "notes": { "value": text, "version": version } });
    let saved = mari
        .patch(&path, change("Mari's text", 0))
        .await
        .expect(200);
    let stale = cole.patch(&path, change("Cole's text", 0)).await;
    let problem = stale.problem(409, "field_conflict");
    let conflicts = json!([{ "field": "notes", "yours": "Cole's text", "theirs": "Mari's text", "version": 1,
        "changed_by": { "kind": "operator", "id": mari.id().await, "name": "Mari" },
        "changed_at": saved["fields"]["notes"]["changed_at"] }]);
    assert_eq!(problem["conflicts"], conflicts);
    assert_eq!(cole.case(&id).await["fields"], saved["fields"]);

    let same = cole.patch(&path, change("Mari's text", 0)).await;
    assert_eq!(
        same.expect(200)["fields"]["notes"],
        saved["fields"]["notes"],
        "the same text is no conflict and no change"
    );
    let resolved = cole.patch(&path, change("Cole's text", 1)).await;
    let notes = &resolved.expect(200)["fields"]["notes"];
    assert_eq!(notes["version"], 2);
    assert_eq!(notes["changed_by"]["name"], "Cole");
}

async fn of_several_fields_all_are_saved_or_none(desk: &mut Desk) {
    let mari = desk.operator("Mari").await;
    let id = mari.create_case("Nick Evans").await;
    let path = format!("/cases/{id}");
    let before = mari.case(&id).await;
    let screen = &mut mari.live("/live").await.expect("a socket");
    screen.next_of("hello").await;

    let half_stale = json!({ "name": { "value": "New name", "version": 1 },
        "phone": { "value": "+49 170 1234567", "version": 0 }, "notes": { "value": "x", "version": 5 } });
    let problem = mari.patch(&path, half_stale).await;
    let conflicts = &problem.problem(409, "field_conflict")["conflicts"];
    assert_eq!(conflicts.as_array().map(Vec::len), Some(1));
    let half_wrong = json!({ "name": { "value": "New name", "version": 1 },
        "phone": { "value": "170", "version": 0 } });
    mari.patch(&path, half_wrong).await.field_error("phone");
    assert_eq!(mari.case(&id).await, before);

    let right = json!({ "name": { "value": "New name", "version": 1 },
        "phone": { "value": "+49 170 1234567", "version": 0 } });
    mari.patch(&path, right).await.expect(200);
    for (field, version) in [("name", 2), ("phone", 1)] {
        let told = screen.next_event("case.changed").await;
        assert_eq!(
            told["event"]["field"], field,
            "only the saved ones are told"
        );
        assert_eq!(told["event"]["version"], version);
    }
}

async fn racing_fields_lose_no_text(desk: &mut Desk) {
    let ada = desk.administrator().await;
    let id = ada.create_case("Nick Evans").await;
    let path = format!("/cases/{id}");
    let writes = (0..20).map(|n| {
        let change = json!({ "notes": { "value": format!("text {n}"), "version": 0 } });
        let (ada, path) = (&ada, &path);
        async move { ada.patch(path, change).await }
    });
    let answers = join_all(writes).await;
    let saved: Vec<&crate::support::Answer> = answers.iter().filter(|a| a.status == 200).collect();
    assert_eq!(saved.len(), 1, "one of them was first");
    let text = ada.case(&id).await["fields"]["notes"].clone();
    assert_eq!(text["version"], 1);
    for answer in answers.iter().filter(|answer| answer.status != 200) {
        let problem = answer.problem(409, "field_conflict");
        assert_eq!(problem["conflicts"][0]["theirs"], text["value"]);
    }
}

async fn a_new_name_shows_everywhere(desk: &mut Desk) {
    let mari = desk.operator("Mari").await;
    let id = mari.create_case("Nick Evans").await;
    let guest = mari.guest_of(&id).await;
    let mut page = guest
        .live(&format!("/guest/cases/{id}/live"))
        .await
        .expect("a socket");
    page.next_of("hello").await;
    let change = json!({ "name": { "value": "Nicola Evans", "version": 1 }, "notes": { "value": "secret", "version": 0 } });
    let case = mari
        .patch(&format!("/cases/{id}"), change)
        .await
        .expect(200);
    assert_eq!(case["name"], "Nicola Evans");
    let list = mari.get("/cases").await.expect(200);
    assert_eq!(list["items"][0]["name"], "Nicola Evans");
    let seen = guest.get(&format!("/guest/cases/{id}")).await.expect(200);
    assert_eq!(seen["name"], "Nicola Evans");
    let told = page.next_event("case.changed").await;
    assert_eq!(told["event"]["name"], "Nicola Evans");
    assert!(!String::from_utf8_lossy(&guest.heard()).contains("notes"));
}

async fn operators_join_leave_and_add_each_other(desk: &mut Desk) {
    let mari = desk.operator("Mari").await;
    let cole = desk.operator("Cole").await;
    let (mari_id, cole_id) = (mari.id().await, cole.id().await);
    let id = mari.create_case("Nick Evans").await;

    assert_eq!(names(&add(&mari, &id, &cole_id).await), ["Mari", "Cole"]);
    assert_eq!(names(&add(&mari, &id, &cole_id).await), ["Mari", "Cole"]);
    let timeline = mari.get(&format!("/cases/{id}/timeline")).await.expect(200);
    let added = &timeline["entries"][2];
    assert_eq!(added["event"]["type"], "operator.joined");
    assert_eq!(added["event"]["operator"]["name"], "Cole");
    assert_eq!(added["actor"]["name"], "Mari");
    assert_eq!(timeline["entries"].as_array().map(Vec::len), Some(3));

    assert_eq!(names(&take_off(&cole, &id, &mari_id).await), ["Cole"]);
    let left = take_off(&cole, &id, &cole_id).await;
    assert_eq!(left["status"], "awaiting", "the last one has left");
    assert!(names(&left).is_empty());
    let entries = left["last_entry"].clone();
    assert_eq!(take_off(&cole, &id, &cole_id).await["last_entry"], entries);
    let queue = mari
        .get("/cases?status=awaiting&operator=everyone")
        .await
        .expect(200);
    assert_eq!(queue["items"][0]["id"], id.as_str());
    assert_eq!(queue["items"][0]["operator_ids"], json!([]));

    let taken = add(&cole, &id, &cole_id).await;
    assert_eq!(taken["status"], "active");
    assert_eq!(taken["mine"]["joined"], true);
    assert_eq!(
        story(&mari, &id).await,
        [
            "case.created",
            "operator.joined",
            "operator.joined",
            "operator.left",
            "operator.left",
            "operator.joined"
        ]
    );
}

async fn nobody_from_elsewhere_can_be_added(desk: &mut Desk) {
    let mari = desk.operator("Mari").await;
    let otto = desk.other_organization().await;
    let id = mari.create_case("Nick Evans").await;
    let before = mari.case(&id).await;
    let otto_id = otto.id().await;
    let nobody = "op_01kp5hrfvgfk19hh6w1g60eecf";
    for stranger in [otto_id.as_str(), nobody, "op_1", &id] {
        let path = format!("/cases/{id}/operators/{stranger}");
        let put = mari.request(Method::PUT, &path).send().await;
        put.problem(404, "not_found");
        mari.delete(&path).await.problem(404, "not_found");
    }
    let path = format!("/cases/{id}/operators/{}", mari.id().await);
    otto.request(Method::PUT, &path)
        .send()
        .await
        .problem(404, "not_found");
    assert_eq!(mari.case(&id).await, before);
}

async fn answering_joins(desk: &mut Desk) {
    let mari = desk.operator("Mari").await;
    let cole = desk.operator("Cole").await;
    let id = mari.create_case("Nick Evans").await;
    take_off(&mari, &id, &mari.id().await).await;
    cole.send(&id, "I take this").await;
    let case = cole.case(&id).await;
    assert_eq!(case["status"], "active");
    assert_eq!(names(&case), ["Cole"]);
    let told = story(&cole, &id).await;
    assert_eq!(told[told.len() - 2..], ["operator.joined", "message.sent"]);
    desk.wait(SECOND);
    mari.send(&id, "Me too").await;
    assert_eq!(names(&mari.case(&id).await), ["Cole", "Mari"]);
}

async fn a_completed_case_takes_nothing_until_it_is_reopened(desk: &mut Desk) {
    let mari = desk.operator("Mari").await;
    let id = mari.create_case("Nick Evans").await;
    let guest = mari.guest_of(&id).await;
    mari.post(&format!("/cases/{id}/reopen"), json!({}))
        .await
        .problem(409, "case_not_completed");
    desk.wait(SECOND);
    let done = act(&mari, &id, "complete").await;
    assert_eq!(done["status"], "completed");
    assert_eq!(done["completed_at"], done["last_activity_at"]);
    assert_eq!(names(&done), ["Mari"], "who worked on it stays");

    let path = |rest: &str| format!("/cases/{id}{rest}");
    let mari_id = mari.id().await;
    let me = path(&format!("/operators/{mari_id}"));
    let change = json!({ "notes": { "value": "x", "version": 0 } });
    let refused = [
        mari.post(&path("/complete"), json!({})).await,
        mari.post(&path("/messages"), json!({ "text": "Hello" }))
            .await,
        mari.patch(&path(""), change).await,
        mari.request(Method::PUT, &me).send().await,
        mari.delete(&me).await,
        guest.get(&format!("/guest/cases/{id}")).await,
        guest.get(&format!("/guest/cases/{id}/timeline")).await,
        guest
            .post(
                &format!("/guest/cases/{id}/messages"),
                json!({ "text": "Hi" }),
            )
            .await,
        guest
            .put(&format!("/guest/cases/{id}/read"), json!({ "entry": 1 }))
            .await,
    ];
    for answer in refused {
        answer.problem(409, "case_completed");
    }
    assert_eq!(mari.case(&id).await, done, "still readable, unchanged");
    mari.get(&path("/timeline")).await.expect(200);
    mari.get(&path("/guest-link")).await.expect(200);
    mari.put(&path("/read"), json!({ "entry": 3 }))
        .await
        .expect(204);

    let again = act(&mari, &id, "reopen").await;
    assert_eq!(again["status"], "active");
    assert_eq!(again["completed_at"], Value::Null);
    mari.send(&id, "Hello again").await;
    guest.guest_send(&id, "Hello").await;
    let told = story(&mari, &id).await;
    assert_eq!(
        told[told.len() - 4..],
        [
            "case.completed",
            "case.reopened",
            "message.sent",
            "message.sent"
        ]
    );
}

async fn completing_twice_under_one_key_is_completing_once(desk: &mut Desk) {
    let mari = desk.operator("Mari").await;
    let id = mari.create_case("Nick Evans").await;
    let twice = async |act: &str| {
        let key = Uuid::now_v7();
        let send = || {
            mari.request(Method::POST, &format!("/cases/{id}/{act}"))
                .key(key)
                .json(json!({}))
                .send()
        };
        let both = join_all([send(), send(), send()]).await;
        both.iter().map(|answer| answer.status).collect::<Vec<_>>()
    };
    assert_eq!(twice("complete").await, [200, 200, 200]);
    assert_eq!(twice("reopen").await, [200, 200, 200]);
    assert_eq!(
        story(&mari, &id).await,
        [
            "case.created",
            "operator.joined",
            "case.completed",
            "case.reopened"
        ]
    );
}

async fn a_case_can_be_reopened_after_four_hundred_days(desk: &mut Desk) {
    let mari = desk.operator("Mari").await;
    let id = mari.create_case("Nick Evans").await;
    let link = mari.guest_link(&id).await;
    mari.send(&id, "See you").await;
    act(&mari, &id, "complete").await;
    desk.wait(Duration::from_secs(400 * 86_400));
    desk.run_jobs().await;
    mari.sign_in("mari@desk.example", crate::support::PASSWORD)
        .await
        .expect(200);
    let case = act(&mari, &id, "reopen").await;
    assert_eq!(names(&case), ["Mari"]);
    assert_eq!(mari.guest_link(&id).await, link, "the same link for life");
    let guest = mari.guest_of(&id).await;
    let timeline = guest
        .get(&format!("/guest/cases/{id}/timeline"))
        .await
        .expect(200);
    let said = &timeline["entries"][2]["event"];
    assert_eq!(said["text"], "See you");
}

async fn reopening_a_case_without_operators_joins_it(desk: &mut Desk) {
    let mari = desk.operator("Mari").await;
    let cole = desk.operator("Cole").await;
    let id = mari.create_case("Nick Evans").await;
    assert_eq!(act(&mari, &id, "complete").await["status"], "completed");
    let ada = desk.administrator().await;
    let path = format!("/operators/{}", mari.id().await);
    ada.patch(&path, json!({ "active": false }))
        .await
        .expect(200);
    let case = act(&cole, &id, "reopen").await;
    assert_eq!(case["status"], "active");
    assert_eq!(names(&case), ["Cole"]);
}
