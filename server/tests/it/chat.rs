//! The conversation: messages once and in order, unread counts, read marks, drafts, the timeline in pages.

use std::time::Duration;

use axum::http::Method;
use deskside_db::Uuid;
use futures_util::future::join_all;
use serde_json::{Value, json};

use crate::support::{Actor, Answer, Desk, on_both_databases};

on_both_databases![
    a_message_has_one_to_ten_thousand_characters,
    messages_of_both_sides_stand_in_one_order,
    fifty_sends_of_one_key_are_one_message,
    a_key_is_good_for_one_message_for_ever,
    a_key_with_another_text_is_refused,
    each_sender_and_each_case_has_its_own_keys,
    a_hundred_messages_at_once_have_numbers_without_gap,
    what_the_guest_wrote_is_unread_until_it_is_read,
    read_marks_never_go_back,
    a_mark_where_nothing_can_be_read_is_refused_or_changes_nothing,
    a_draft_is_kept_for_its_operator,
    a_draft_of_two_tabs_loses_no_text,
    the_timeline_comes_in_pages_both_ways_without_gap_or_double,
    a_piece_of_the_timeline_that_cannot_be_is_refused,
];

/// Sends under a key, as an operator.
async fn send(who: &Actor, case: &str, key: Uuid, text: &str) -> Answer {
    who.request(Method::POST, &format!("/cases/{case}/messages"))
        .key(key)
        .json(json!({ "text": text }))
        .send()
        .await
}

async fn timeline(who: &Actor, case: &str, query: &str) -> Value {
    who.get(&format!("/cases/{case}/timeline?{query}"))
        .await
        .expect(200)
}

/// The texts of the messages among these entries.
fn texts(timeline: &Value) -> Vec<&str> {
    timeline["entries"]
        .as_array()
        .expect("entries")
        .iter()
        .filter_map(|entry| entry["event"]["text"].as_str())
        .collect()
}

fn numbers(timeline: &Value) -> Vec<i64> {
    timeline["entries"]
        .as_array()
        .expect("entries")
        .iter()
        .map(|entry| entry["entry"].as_i64().expect("a number"))
        .collect()
}

async fn a_message_has_one_to_ten_thousand_characters(desk: &mut Desk) {
    let mari = desk.operator("Mari").await;
    let case = mari.create_case("Nick Evans").await;
    let guest = mari.guest_of(&case).await;
    let before = mari.case(&case).await["last_entry"].clone();
    let path = format!("/cases/{case}/messages");
    let guest_path = format!("/guest/cases/{case}/messages");
    for (typed, code) in [
        ("", "required"),
        (" \n\t ", "required"),
        ("nul\0", "control_characters"),
        ("bell\u{7}", "control_characters"),
        (&"x".repeat(10_001), "too_long"),
        (&"😀".repeat(10_001), "too_long"),
    ] {
        for (who, path) in [(&mari, &path), (&guest, &guest_path)] {
            let answer = who.post(path, json!({ "text": typed })).await;
            assert_eq!(answer.field_error("text"), code);
        }
    }
    assert_eq!(mari.case(&case).await["last_entry"], before);
    for (typed, kept) in [
        ("x", "x"),
        (" two\r\nlines \n", "two\nlines"),
        (&"😀".repeat(10_000), &"😀".repeat(10_000)),
        ("<script>alert(1)</script>", "<script>alert(1)</script>"),
        ("שלום \u{202e}turned", "שלום \u{202e}turned"),
    ] {
        assert_eq!(mari.send(&case, typed).await["event"]["text"], kept);
        let entry = guest.guest_send(&case, typed).await;
        assert_eq!(entry["event"]["text"], kept);
    }
}

async fn messages_of_both_sides_stand_in_one_order(desk: &mut Desk) {
    let mari = desk.operator("Mari").await;
    let case = mari.create_case("Nick Evans").await;
    let guest = mari.guest_of(&case).await;
    mari.send(&case, "one").await;
    guest.guest_send(&case, "two").await;
    desk.wait(Duration::from_secs(1));
    let last = mari.send(&case, "three").await;
    let seen = timeline(&mari, &case, "").await;
    assert_eq!(texts(&seen), ["one", "two", "three"]);
    let entries = seen["entries"].as_array().unwrap();
    assert_eq!(entries.last(), Some(&last), "as it was answered");
    assert_eq!(last["actor"]["kind"], "operator");
    assert_eq!(last["actor"]["name"], "Mari");
    let of_guest = &entries[entries.len() - 2];
    assert_eq!(of_guest["actor"]["kind"], "guest");
    assert_eq!(of_guest["actor"]["name"], Value::Null);
    let seen = guest
        .get(&format!("/guest/cases/{case}/timeline"))
        .await
        .expect(200);
    assert_eq!(texts(&seen), ["one", "two", "three"]);
}

async fn fifty_sends_of_one_key_are_one_message(desk: &mut Desk) {
    let mari = desk.operator("Mari").await;
    let case = mari.create_case("Nick Evans").await;
    let guest = mari.guest_of(&case).await;
    let key = Uuid::now_v7();
    let guest_path = format!("/guest/cases/{case}/messages");
    let operators = join_all((0..50).map(|_| send(&mari, &case, key, "Hello"))).await;
    let guests = join_all((0..50).map(|_| {
        guest
            .request(Method::POST, &guest_path)
            .key(key)
            .json(json!({ "text": "Hello back" }))
            .send()
    }))
    .await;
    for answers in [operators, guests] {
        let first = answers[0].expect(201);
        for answer in &answers {
            assert_eq!(answer.expect(201), first, "the same entry each time");
        }
    }
    let seen = timeline(&mari, &case, "").await;
    assert_eq!(texts(&seen), ["Hello", "Hello back"]);
    assert_eq!(mari.case(&case).await["mine"]["unread"], 1);
}

async fn a_key_is_good_for_one_message_for_ever(desk: &mut Desk) {
    let mari = desk.operator("Mari").await;
    let case = mari.create_case("Nick Evans").await;
    let key = Uuid::now_v7();
    let first = send(&mari, &case, key, "Hello").await.expect(201);
    let month = Duration::from_secs(30 * 86_400);
    for _ in 0..3 {
        desk.wait(month / 3);
        mari.get("/me").await.expect(200);
        desk.run_jobs().await;
    }
    assert_eq!(send(&mari, &case, key, "Hello").await.expect(201), first);
    desk.restart().await;
    assert_eq!(send(&mari, &case, key, " Hello ").await.expect(201), first);
    mari.post(&format!("/cases/{case}/complete"), json!({}))
        .await
        .expect(200);
    assert_eq!(
        send(&mari, &case, key, "Hello").await.expect(201),
        first,
        "what was sent was sent, also when the case is completed now"
    );
}

async fn a_key_with_another_text_is_refused(desk: &mut Desk) {
    let mari = desk.operator("Mari").await;
    let case = mari.create_case("Nick Evans").await;
    let key = Uuid::now_v7();
    send(&mari, &case, key, "Hello").await.expect(201);
    send(&mari, &case, key, "Good bye")
        .await
        .problem(422, "idempotency_key_reused");
    let seen = timeline(&mari, &case, "").await;
    assert_eq!(texts(&seen), ["Hello"]);
}

async fn each_sender_and_each_case_has_its_own_keys(desk: &mut Desk) {
    let mari = desk.operator("Mari").await;
    let cole = desk.operator("Cole").await;
    let case = mari.create_case("Nick Evans").await;
    let other = mari.create_case("Someone Else").await;
    let key = Uuid::now_v7();
    send(&mari, &case, key, "from Mari").await.expect(201);
    send(&cole, &case, key, "from Cole").await.expect(201);
    send(&mari, &other, key, "elsewhere").await.expect(201);
    let seen = timeline(&mari, &case, "").await;
    assert_eq!(texts(&seen), ["from Mari", "from Cole"]);
}

async fn a_hundred_messages_at_once_have_numbers_without_gap(desk: &mut Desk) {
    let mari = desk.operator("Mari").await;
    let case = mari.create_case("Nick Evans").await;
    let guest = mari.guest_of(&case).await;
    let first = mari.case(&case).await["last_entry"].as_i64().unwrap() + 1;
    let sends = (0..100).map(|n| {
        let (mari, guest, case) = (&mari, &guest, &case);
        async move {
            let entry = if n % 2 == 0 {
                mari.send(case, &format!("message {n}")).await
            } else {
                guest.guest_send(case, &format!("message {n}")).await
            };
            entry["entry"].as_i64().expect("a number")
        }
    });
    let mut given = join_all(sends).await;
    given.sort_unstable();
    assert_eq!(given, (first..first + 100).collect::<Vec<_>>());
    let whole = timeline(&mari, &case, "limit=200").await;
    assert_eq!(numbers(&whole), (1..first + 100).collect::<Vec<_>>());
    let head = mari.case(&case).await;
    assert_eq!(head["last_entry"], first + 99);
    assert_eq!(head["mine"]["unread"], 50);
}

async fn read(who: &Actor, case: &str, entry: i64) {
    who.put(&format!("/cases/{case}/read"), json!({ "entry": entry }))
        .await
        .expect(204);
}

async fn what_the_guest_wrote_is_unread_until_it_is_read(desk: &mut Desk) {
    let mari = desk.operator("Mari").await;
    let cole = desk.operator("Cole").await;
    let case = mari.create_case("Nick Evans").await;
    let guest = mari.guest_of(&case).await;
    let unread = async |who: &Actor| {
        let list = who.get("/cases?operator=everyone").await.expect(200);
        let row = list["items"][0]["unread"].as_i64().unwrap();
        let head = who.case(&case).await["mine"]["unread"].as_i64().unwrap();
        assert_eq!(row, head, "list and page count alike");
        row
    };
    assert_eq!(unread(&mari).await, 0);
    let first = guest.guest_send(&case, "one").await["entry"]
        .as_i64()
        .unwrap();
    mari.send(&case, "mine").await;
    guest.guest_send(&case, "two").await;
    let last = guest.guest_send(&case, "three").await["entry"]
        .as_i64()
        .unwrap();
    assert_eq!(unread(&mari).await, 3);
    assert_eq!(unread(&cole).await, 0, "not on the case");
    read(&mari, &case, first).await;
    assert_eq!(unread(&mari).await, 2);
    read(&mari, &case, last).await;
    assert_eq!(unread(&mari).await, 0);
    guest.guest_send(&case, "four").await;
    assert_eq!(unread(&mari).await, 1);
    let path = format!("/cases/{case}/operators/{}", cole.id().await);
    cole.request(Method::PUT, &path).send().await.expect(200);
    assert_eq!(unread(&cole).await, 4, "all of it is new to Cole");
    read(&cole, &case, 1_000_000).await;
    assert_eq!(unread(&cole).await, 0);
    guest.guest_send(&case, "five").await;
    assert_eq!(unread(&cole).await, 1, "a mark ends at the newest entry");
    assert_eq!(unread(&mari).await, 2);
}

async fn read_marks_never_go_back(desk: &mut Desk) {
    let mari = desk.operator("Mari").await;
    let case = mari.create_case("Nick Evans").await;
    let guest = mari.guest_of(&case).await;
    for n in 0..4 {
        guest.guest_send(&case, &format!("message {n}")).await;
    }
    let last = mari.case(&case).await["last_entry"].as_i64().unwrap();
    let guest_path = format!("/guest/cases/{case}/read");
    desk.wait(Duration::from_secs(1));
    read(&mari, &case, last).await;
    guest
        .put(&guest_path, json!({ "entry": last }))
        .await
        .expect(204);
    let seen = mari.case(&case).await;
    assert_eq!(seen["mine"]["read_entry"], last);
    assert_eq!(seen["guest_read"]["entry"], last);
    assert_eq!(seen["operator_reads"][0]["entry"], last);
    desk.wait(Duration::from_secs(1));
    for entry in [last, last - 1, 1, 0] {
        read(&mari, &case, entry).await;
        guest
            .put(&guest_path, json!({ "entry": entry }))
            .await
            .expect(204);
    }
    assert_eq!(mari.case(&case).await, seen, "neither mark nor time");
    let page = guest.get(&format!("/guest/cases/{case}")).await.expect(200);
    assert_eq!(page["read"]["entry"], last);
    assert_eq!(page["operator_read"]["entry"], last);
}

async fn a_mark_where_nothing_can_be_read_is_refused_or_changes_nothing(desk: &mut Desk) {
    let mari = desk.operator("Mari").await;
    let case = mari.create_case("Nick Evans").await;
    let guest = mari.guest_of(&case).await;
    guest.guest_send(&case, "Hello").await;
    let before = mari.case(&case).await;
    let mut screen = mari.live("/live").await.expect("a socket");
    screen.next_of("hello").await;
    for entry in [-1, i64::MIN, 0] {
        for (who, path) in [
            (&mari, format!("/cases/{case}/read")),
            (&guest, format!("/guest/cases/{case}/read")),
        ] {
            let answer = who.put(&path, json!({ "entry": entry })).await;
            if entry < 0 {
                assert_eq!(answer.field_error("entry"), "invalid");
            } else {
                answer.expect(204);
            }
        }
    }
    assert_eq!(mari.case(&case).await, before);
    mari.send(&case, "next").await;
    let told = screen.next_of("event").await;
    assert_eq!(told["event"]["type"], "message.sent", "no mark was told");
}

async fn a_draft_is_kept_for_its_operator(desk: &mut Desk) {
    let mari = desk.operator("Mari").await;
    let cole = desk.operator("Cole").await;
    let case = mari.create_case("Nick Evans").await;
    let path = format!("/cases/{case}/draft");
    let typed = "  begun,\nnot sent ";
    let saved = mari
        .put(&path, json!({ "text": typed, "version": 0 }))
        .await
        .expect(200);
    assert_eq!(saved["text"], typed, "as it was typed");
    assert_eq!(mari.case(&case).await["mine"]["draft"], saved);
    assert_eq!(cole.case(&case).await["mine"]["draft"], Value::Null);
    desk.restart().await;
    assert_eq!(mari.case(&case).await["mine"]["draft"], saved);

    let version = saved["version"].clone();
    let emptied = mari
        .put(&path, json!({ "text": "", "version": version }))
        .await
        .expect(200);
    assert_eq!(
        mari.case(&case).await["mine"]["draft"],
        emptied,
        "with its version, so that an older answer is told apart"
    );
    let anew = mari
        .put(&path, json!({ "text": "anew", "version": 0 }))
        .await;
    assert_eq!(anew.expect(200)["text"], "anew", "as if for the first time");

    let long = json!({ "text": "x".repeat(20_001), "version": 0 });
    assert_eq!(mari.put(&path, long).await.field_error("text"), "too_long");
    let nul = json!({ "text": "\0", "version": 0 });
    let answer = mari.put(&path, nul).await;
    assert_eq!(answer.field_error("text"), "control_characters");
    assert_eq!(mari.case(&case).await["mine"]["draft"]["text"], "anew");
}

async fn a_draft_of_two_tabs_loses_no_text(desk: &mut Desk) {
    let mari = desk.operator("Mari").await;
    let case = mari.create_case("Nick Evans").await;
    let path = format!("/cases/{case}/draft");
    let save =
        |text: &str, version: i64| mari.put(&path, json!({ "text": text, "version": version }));
    let first = save("first tab", 0).await.expect(200);
    let problem = save("second tab", 0).await.problem(409, "field_conflict");
    assert_eq!(
        problem["conflicts"],
        json!([{ "field": "draft", "yours": "second tab", "theirs": "first tab", "version": 1,
            "changed_by": null, "changed_at": first["saved_at"] }])
    );
    assert_eq!(save("first tab", 0).await.expect(200), first);
    let second = save("second tab", 1).await.expect(200);
    assert_eq!(second["version"], 2);
    assert_eq!(mari.case(&case).await["mine"]["draft"], second);
}

async fn the_timeline_comes_in_pages_both_ways_without_gap_or_double(desk: &mut Desk) {
    let mari = desk.operator("Mari").await;
    let case = mari.create_case("Nick Evans").await;
    let guest = mari.guest_of(&case).await;
    // 2 of the opening, 1 arrival that guests do not see, 500 messages.
    for batch in 0..10 {
        join_all((0..50).map(|n| {
            let (mari, case) = (&mari, &case);
            async move {
                mari.send(case, &format!("message {}", batch * 50 + n))
                    .await
            }
        }))
        .await;
    }
    let last = 503;
    let newest = timeline(&mari, &case, "").await;
    assert_eq!(numbers(&newest), (last - 49..=last).collect::<Vec<_>>());
    assert_eq!(
        (&newest["has_before"], &newest["has_after"]),
        (&json!(true), &json!(false))
    );
    let own = format!("/cases/{case}/timeline");
    let theirs = format!("/guest/cases/{case}/timeline");
    let guest_sees: Vec<i64> = (1..=last).filter(|entry| *entry != 3).collect();
    for (who, path, expected) in [
        (&mari, &own, (1..=last).collect::<Vec<_>>()),
        (&guest, &theirs, guest_sees),
    ] {
        for limit in [7, 200] {
            let mut up = Vec::new();
            let mut before = last + 1;
            loop {
                let page = who
                    .get(&format!("{path}?before={before}&limit={limit}"))
                    .await
                    .expect(200);
                let mut entries = numbers(&page);
                assert!(entries.is_sorted() && entries.len() <= limit);
                let first = entries.first().copied();
                entries.extend(up);
                up = entries;
                match first {
                    Some(first) if page["has_before"] == true => before = first,
                    _ => break,
                }
            }
            assert_eq!(up, expected, "upward by {limit}");

            let mut down: Vec<i64> = Vec::new();
            loop {
                let after = down.last().copied().unwrap_or(0);
                let page = who
                    .get(&format!("{path}?after={after}&limit={limit}"))
                    .await
                    .expect(200);
                down.extend(numbers(&page));
                if page["has_after"] == false {
                    break;
                }
            }
            assert_eq!(down, expected, "downward by {limit}");
        }
    }
    let end = timeline(&mari, &case, &format!("after={last}")).await;
    assert_eq!(numbers(&end), [0; 0]);
    let start = timeline(&mari, &case, "before=1").await;
    assert_eq!(numbers(&start), [0; 0]);
    assert_eq!(start["has_before"], false);
}

async fn a_piece_of_the_timeline_that_cannot_be_is_refused(desk: &mut Desk) {
    let mari = desk.operator("Mari").await;
    let case = mari.create_case("Nick Evans").await;
    let guest = mari.guest_of(&case).await;
    for (query, status, code) in [
        ("limit=0", 400, "bad_limit"),
        ("limit=-1", 400, "bad_limit"),
        ("limit=201", 400, "bad_limit"),
        ("limit=1000000000", 400, "bad_limit"),
        ("limit=x", 400, "bad_limit"),
        ("before=1&after=1", 400, "bad_cursor"),
        ("after=-1", 400, "bad_cursor"),
        ("before=x", 400, "bad_cursor"),
        ("after=99999999999999999999", 400, "bad_cursor"),
        ("page=2", 422, "unknown_field"),
    ] {
        for (who, path) in [
            (&mari, format!("/cases/{case}/timeline?{query}")),
            (&guest, format!("/guest/cases/{case}/timeline?{query}")),
        ] {
            let answer = who.get(&path).await;
            let problem = answer.json();
            assert_eq!(
                (answer.status, problem["code"].as_str()),
                (status, Some(code)),
                "{path}: {problem}"
            );
        }
    }
    for query in [
        "before=-5",
        "before=9223372036854775807",
        "after=9223372036854775807",
    ] {
        timeline(&mari, &case, query).await;
    }
}
