//! The list of cases: filters, order, pages.

use std::time::Duration;

use axum::http::Method;
use futures_util::future::join_all;
use serde_json::{Value, json};

use crate::support::{Actor, Desk, on_both_databases};

on_both_databases![
    each_filter_shows_its_cases,
    the_newest_activity_comes_first_and_the_longest_waiting_in_the_queue,
    three_hundred_cases_come_in_pages_without_gap_or_double,
    a_list_that_changes_between_two_pages_repeats_nothing,
    what_cannot_be_a_page_is_refused,
    a_row_says_what_was_said_last_and_what_is_unread,
];

const SECOND: Duration = Duration::from_secs(1);

async fn list(who: &Actor, query: &str) -> Value {
    who.get(&format!("/cases?{query}")).await.expect(200)
}

fn names_of(page: &Value) -> Vec<&str> {
    page["items"]
        .as_array()
        .expect("items")
        .iter()
        .map(|row| row["name"].as_str().expect("a name"))
        .collect()
}

async fn leave(who: &Actor, case: &str) {
    let path = format!("/cases/{case}/operators/{}", who.id().await);
    who.delete(&path).await.expect(200);
}

async fn each_filter_shows_its_cases(desk: &mut Desk) {
    let mari = desk.operator("Mari").await;
    let cole = desk.operator("Cole").await;
    let otto = desk.other_organization().await;
    otto.create_case("Elsewhere").await;
    mari.create_case("Mari's").await;
    cole.create_case("Cole's").await;
    let both = mari.create_case("Both's").await;
    let path = format!("/cases/{both}/operators/{}", cole.id().await);
    mari.request(Method::PUT, &path).send().await.expect(200);
    let done = mari.create_case("Done").await;
    mari.post(&format!("/cases/{done}/complete"), json!({}))
        .await
        .expect(200);
    let waiting = mari.create_case("Waiting").await;
    leave(&mari, &waiting).await;

    let cole_id = cole.id().await;
    let mari_id = mari.id().await;
    for (query, expected) in [
        ("", vec!["Both's", "Mari's"]),
        ("status=active&operator=me", vec!["Both's", "Mari's"]),
        ("operator=everyone", vec!["Both's", "Cole's", "Mari's"]),
        (&format!("operator={cole_id}"), vec!["Both's", "Cole's"]),
        ("status=completed", vec!["Done"]),
        (&format!("status=completed&operator={cole_id}"), vec![]),
        ("status=awaiting&operator=everyone", vec!["Waiting"]),
        ("status=awaiting", vec!["Waiting"]),
        ("status=awaiting&operator=me", vec![]),
        ("status=all", vec!["Both's", "Done", "Mari's"]),
        (
            "status=all&operator=everyone",
            vec!["Both's", "Cole's", "Done", "Mari's", "Waiting"],
        ),
        (&format!("status=all&operator={}", otto.id().await), vec![]),
        ("status=all&operator=op_01kp5hrfvgfk19hh6w1g60eecf", vec![]),
    ] {
        let page = list(&mari, query).await;
        let mut names = names_of(&page);
        names.sort_unstable();
        assert_eq!(names, expected, "{query}");
        assert_eq!(page["next"], Value::Null);
        for row in page["items"].as_array().unwrap() {
            let ids = row["operator_ids"].as_array().unwrap();
            assert_eq!(row["joined"], ids.contains(&json!(mari_id)), "{row}");
        }
    }
}

async fn the_newest_activity_comes_first_and_the_longest_waiting_in_the_queue(desk: &mut Desk) {
    let mari = desk.operator("Mari").await;
    let mut cases = Vec::new();
    for name in ["One", "Two", "Three", "Four"] {
        desk.wait(SECOND);
        cases.push(mari.create_case(name).await);
    }
    assert_eq!(
        names_of(&list(&mari, "").await),
        ["Four", "Three", "Two", "One"]
    );
    desk.wait(SECOND);
    mari.send(&cases[1], "Hello").await;
    let change = json!({ "notes": { "value": "x", "version": 0 } });
    desk.wait(SECOND);
    mari.patch(&format!("/cases/{}", cases[0]), change)
        .await
        .expect(200);
    assert_eq!(
        names_of(&list(&mari, "").await),
        ["Two", "Four", "Three", "One"],
        "a message moves a case up, a note does not"
    );
    assert_eq!(
        names_of(&list(&mari, "operator=everyone").await),
        ["Two", "Four", "Three", "One"]
    );
    for case in [2, 0, 3] {
        desk.wait(SECOND);
        leave(&mari, &cases[case]).await;
    }
    assert_eq!(
        names_of(&list(&mari, "status=awaiting&operator=everyone").await),
        ["Three", "One", "Four"]
    );
}

/// All rows of a list, page by page.
async fn walk(who: &Actor, query: &str, limit: usize) -> Vec<String> {
    let mut seen = Vec::new();
    let mut cursor = String::new();
    loop {
        let page = list(who, &format!("{query}&limit={limit}{cursor}")).await;
        let names = names_of(&page);
        assert!(names.len() <= limit);
        seen.extend(names.into_iter().map(str::to_owned));
        match page["next"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => return seen,
        }
    }
}

/// Opens cases named by their numbers, many within one millisecond.
async fn open_many(desk: &Desk, who: &Actor, count: usize) {
    for batch in 0..count / 30 {
        desk.wait(Duration::from_millis(batch as u64 % 2));
        join_all((0..30).map(|n| {
            let name = format!("Case {}", batch * 30 + n);
            async move { who.create_case(&name).await }
        }))
        .await;
    }
}

async fn three_hundred_cases_come_in_pages_without_gap_or_double(desk: &mut Desk) {
    let mari = desk.operator("Mari").await;
    open_many(desk, &mari, 300).await;
    assert_eq!(names_of(&list(&mari, "").await).len(), 50, "50 unless told");
    let mut expected: Vec<String> = (0..300).map(|n| format!("Case {n}")).collect();
    expected.sort_unstable();
    for (query, limit) in [
        ("status=active", 100),
        ("status=active", 7),
        ("status=all&operator=everyone", 33),
        ("status=active&operator=everyone", 100),
        ("status=all", 99),
    ] {
        let mut seen = walk(&mari, query, limit).await;
        seen.sort_unstable();
        assert_eq!(seen, expected, "{query} by {limit}");
    }
    let whole = walk(&mari, "status=active", 100).await;
    assert_eq!(walk(&mari, "status=active", 13).await, whole, "one order");
}

async fn a_list_that_changes_between_two_pages_repeats_nothing(desk: &mut Desk) {
    let mari = desk.operator("Mari").await;
    let mut cases = Vec::new();
    for n in 0..9 {
        desk.wait(SECOND);
        cases.push(mari.create_case(&format!("Case {n}")).await);
    }
    let first = list(&mari, "limit=3").await;
    assert_eq!(names_of(&first), ["Case 8", "Case 7", "Case 6"]);
    desk.wait(SECOND);
    // One comes, one of the first page goes, one of the next page moves to the top.
    mari.create_case("Late").await;
    mari.delete(&format!("/cases/{}", cases[6]))
        .await
        .expect(204);
    mari.send(&cases[4], "Hello").await;
    let next = first["next"].as_str().expect("a next page");
    let second = list(&mari, &format!("limit=3&cursor={next}")).await;
    assert_eq!(names_of(&second), ["Case 5", "Case 3", "Case 2"]);
}

async fn what_cannot_be_a_page_is_refused(desk: &mut Desk) {
    let mari = desk.operator("Mari").await;
    let case = mari.create_case("Nick Evans").await;
    let out_of_time = format!("cursor=99999999999999999999.{case}");
    for (query, status, code) in [
        ("limit=0", 400, "bad_limit"),
        ("limit=-1", 400, "bad_limit"),
        ("limit=101", 400, "bad_limit"),
        ("limit=1000000000", 400, "bad_limit"),
        ("limit=99999999999999999999", 400, "bad_limit"),
        ("limit=ten", 400, "bad_limit"),
        ("cursor=", 400, "bad_cursor"),
        ("cursor=x", 400, "bad_cursor"),
        ("cursor=1.case_1", 400, "bad_cursor"),
        (&out_of_time, 400, "bad_cursor"),
        ("status=open", 400, "bad_json"),
        ("operator=mari", 400, "bad_json"),
        ("operator=all", 400, "bad_json"),
        (&format!("operator={case}"), 400, "bad_json"),
        ("sort=name", 422, "unknown_field"),
        ("limit=1&limit=2", 400, "bad_limit"),
    ] {
        let answer = mari.get(&format!("/cases?{query}")).await;
        let problem = answer.json();
        assert_eq!(
            (answer.status, problem["code"].as_str()),
            (status, Some(code)),
            "{query}: {problem}"
        );
    }
    let extremes = [i64::MIN, -1, 0, i64::MAX].map(|at| format!("cursor={at}.{case}"));
    for query in extremes {
        list(&mari, &query).await;
        list(&mari, &format!("{query}&status=awaiting&operator=everyone")).await;
    }
}

async fn a_row_says_what_was_said_last_and_what_is_unread(desk: &mut Desk) {
    let mari = desk.operator("Mari").await;
    let cole = desk.operator("Cole").await;
    let case = mari.create_case("Nick Evans").await;
    let guest = mari.guest_of(&case).await;
    let row = async |who: &Actor| list(who, "operator=everyone").await["items"][0].clone();
    assert_eq!(row(&mari).await["snippet"], Value::Null);
    guest
        .guest_send(&case, "Hello,\n\n  is anybody   there?")
        .await;
    let seen = row(&mari).await;
    assert_eq!(seen["snippet"]["from"], "guest");
    assert_eq!(seen["snippet"]["text"], "Hello, is anybody there?");
    assert_eq!(seen["unread"], 1);
    assert_eq!(row(&cole).await["unread"], 0, "not on the case");
    assert_eq!(row(&cole).await["joined"], false);
    let long = "ü".repeat(500);
    mari.send(&case, &long).await;
    let seen = row(&mari).await;
    assert_eq!(seen["snippet"]["from"], "operator");
    assert_eq!(seen["snippet"]["actor_id"], mari.id().await);
    assert_eq!(seen["snippet"]["text"], format!("{}…", "ü".repeat(120)));
    assert_eq!(seen["unread"], 1, "an own answer reads nothing");
}
