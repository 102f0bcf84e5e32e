//! Lists by status, operator and tags, the views of one operator, the counts, and how the databases find all that.

use std::path::Path;
use std::time::Duration;

use axum::http::Method;
use deskside::migrations::MIGRATIONS;
use deskside_db::testing::{self, plan, sql_texts_in};
use deskside_db::{Db, Dialect};
use serde_json::{Value, json};

use crate::claim::{leave, put_on, waiting_case};
use crate::support::{Actor, Desk, on_both_databases};
use crate::tags::{make_tag, tag};

on_both_databases![
    a_list_crosses_status_operator_and_tags,
    all_tags_of_a_filter_must_be_there_and_pages_lose_nothing,
    the_queue_of_a_tag_goes_by_waiting,
    separated_operators_list_what_they_see,
    operators_stand_in_a_row_as_they_joined,
    what_there_is_to_do_is_counted,
    saved_filters_are_one_operator_s_own,
    a_saved_filter_goes_on_without_a_deleted_tag,
    what_is_no_filter_is_refused,
];

pub async fn list(who: &Actor, query: &str) -> Value {
    who.get(&format!("/cases?{query}")).await.expect(200)
}

pub fn names_of(page: &Value) -> Vec<&str> {
    page["items"]
        .as_array()
        .expect("items")
        .iter()
        .map(|row| row["name"].as_str().expect("a name"))
        .collect()
}

/// All names of a list, page by page.
pub async fn walk(who: &Actor, query: &str, limit: usize) -> Vec<String> {
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

async fn complete(who: &Actor, case: &str) {
    let path = format!("/cases/{case}/complete");
    who.post(&path, json!({})).await.expect(200);
}

async fn a_list_crosses_status_operator_and_tags(desk: &mut Desk) {
    let mari = desk.operator("Mari").await;
    let cole = desk.operator("Cole").await;
    let (red, blue) = (make_tag(&mari, "red").await, make_tag(&mari, "blue").await);
    let (cole_id, mari_id) = (cole.id().await, mari.id().await);
    for (who, name, tags, done) in [
        (&mari, "m plain", vec![], false),
        (&mari, "m red", vec![&red], false),
        (&mari, "m both", vec![&red, &blue], false),
        (&mari, "m red done", vec![&red], true),
        (&cole, "c red", vec![&red], false),
        (&cole, "c blue done", vec![&blue], true),
    ] {
        desk.wait(Duration::from_secs(1));
        let case = who.create_case(name).await;
        for id in tags {
            tag(who, &case, id).await.expect(200);
        }
        if done {
            complete(who, &case).await;
        }
    }
    desk.wait(Duration::from_secs(1));
    let waits = waiting_case(&mari, "w red").await;
    tag(&mari, &waits, &red).await.expect(200);

    let unknown = "tag_01kp5hrfvgfk19hh6w1g60eecf";
    for (query, expected) in [
        (format!("tags={red}"), vec!["m both", "m red"]),
        (format!("tags={red},{red}"), vec!["m both", "m red"]),
        (format!("tags={blue},{red}"), vec!["m both"]),
        (
            format!("operator=everyone&tags={red}"),
            vec!["c red", "m both", "m red"],
        ),
        (format!("operator={cole_id}&tags={red}"), vec!["c red"]),
        (
            format!("status=all&operator={mari_id}&tags={red}"),
            vec!["m red done", "m both", "m red"],
        ),
        (
            format!("status=completed&operator=everyone&tags={blue}"),
            vec!["c blue done"],
        ),
        (
            format!("status=all&operator=everyone&tags={red}"),
            vec!["w red", "c red", "m red done", "m both", "m red"],
        ),
        (format!("status=awaiting&tags={red}"), vec!["w red"]),
        (format!("status=awaiting&tags={red},{blue}"), vec![]),
        (
            format!("status=all&operator=everyone&tags={unknown}"),
            vec![],
        ),
    ] {
        assert_eq!(names_of(&list(&mari, &query).await), expected, "{query}");
    }
    let row = list(&mari, &format!("tags={blue},{red}")).await["items"][0].clone();
    assert_eq!(
        row["tags"],
        json!([{ "id": blue, "name": "blue" }, { "id": red, "name": "red" }])
    );
    // A message moves a case up in the lists of its tags too, and completing takes it out.
    let guest = mari.guest_of(&waits).await;
    let found = list(&mari, &format!("operator=everyone&tags={red}")).await;
    let last = found["items"][2]["id"].as_str().expect("an id").to_owned();
    desk.wait(Duration::from_secs(1));
    mari.send(&last, "Hello").await;
    guest.guest_send(&waits, "Hello?").await;
    let query = format!("operator=everyone&tags={red}");
    assert_eq!(
        names_of(&list(&mari, &query).await),
        ["m red", "c red", "m both"]
    );
    complete(&mari, &last).await;
    assert_eq!(names_of(&list(&mari, &query).await), ["c red", "m both"]);
}

async fn all_tags_of_a_filter_must_be_there_and_pages_lose_nothing(desk: &mut Desk) {
    let mari = desk.operator("Mari").await;
    let tags = [
        make_tag(&mari, "every").await,
        make_tag(&mari, "second").await,
        make_tag(&mari, "third").await,
    ];
    let mut expected = Vec::new();
    for n in 0..60 {
        if n % 7 == 0 {
            desk.wait(Duration::from_millis(1));
        }
        let name = format!("Case {n}");
        let case = mari.create_case(&name).await;
        for (id, every) in tags.iter().zip([1, 2, 3]) {
            if n % every == 0 {
                tag(&mari, &case, id).await.expect(200);
            }
        }
        if n % 6 == 0 {
            expected.push(name);
        }
    }
    expected.sort_unstable();
    for query in [
        "",
        "operator=everyone&",
        "status=all&",
        "status=all&operator=everyone&",
    ] {
        let query = format!("{query}tags={},{},{}", tags[2], tags[0], tags[1]);
        let whole = walk(&mari, &query, 100).await;
        assert_eq!(walk(&mari, &query, 3).await, whole, "one order");
        let mut seen = whole;
        seen.sort_unstable();
        assert_eq!(seen, expected, "{query}");
    }
}

async fn the_queue_of_a_tag_goes_by_waiting(desk: &mut Desk) {
    let mari = desk.operator("Mari").await;
    let red = make_tag(&mari, "red").await;
    let mut cases = Vec::new();
    for name in ["One", "Two", "Three"] {
        let case = mari.create_case(name).await;
        tag(&mari, &case, &red).await.expect(200);
        cases.push(case);
    }
    for at in [1, 2, 0] {
        desk.wait(Duration::from_secs(1));
        leave(&mari, &cases[at]).await.expect(200);
    }
    let guest = mari.guest_of(&cases[1]).await;
    desk.wait(Duration::from_secs(1));
    guest.guest_send(&cases[1], "Still waiting").await;
    let query = format!("status=awaiting&tags={red}");
    assert_eq!(walk(&mari, &query, 100).await, ["Two", "Three", "One"]);
    assert_eq!(walk(&mari, &query, 1).await, ["Two", "Three", "One"]);
    let row = &list(&mari, &query).await["items"][0];
    assert!(row["waiting_since"].is_string(), "{row}");
}

async fn separated_operators_list_what_they_see(desk: &mut Desk) {
    let ada = desk.administrator().await;
    let mari = desk.operator("Mari").await;
    let cole = desk.operator("Cole").await;
    let red = make_tag(&mari, "red").await;
    for (who, name) in [(&mari, "m one"), (&cole, "c one"), (&mari, "m done")] {
        desk.wait(Duration::from_secs(1));
        let case = who.create_case(name).await;
        tag(who, &case, &red).await.expect(200);
        if name == "m done" {
            complete(who, &case).await;
        }
        if name == "c one" {
            // A mark on a case that goes out of sight stays out of sight with it.
            put_on(&cole, &case, &mari).await.expect(200);
            leave(&mari, &case).await.expect(200);
        }
    }
    desk.wait(Duration::from_secs(1));
    let waits = waiting_case(&cole, "waits").await;
    tag(&cole, &waits, &red).await.expect(200);
    let change = json!({ "separate_operators": true });
    ada.patch("/organization", change).await.expect(200);
    let cole_id = cole.id().await;
    for (query, expected) in [
        ("operator=everyone".to_owned(), vec!["m one"]),
        (format!("operator={cole_id}"), vec![]),
        (
            "status=all&operator=everyone".into(),
            vec!["waits", "m done", "m one"],
        ),
        ("status=completed&operator=everyone".into(), vec!["m done"]),
        ("status=awaiting&operator=everyone".into(), vec!["waits"]),
        (format!("operator=everyone&tags={red}"), vec!["m one"]),
        (
            format!("status=all&operator=everyone&tags={red}"),
            vec!["waits", "m done", "m one"],
        ),
        ("view=attention".into(), vec![]),
    ] {
        assert_eq!(names_of(&list(&mari, &query).await), expected, "{query}");
        assert_eq!(walk(&mari, &query, 1).await, expected, "{query} by one");
    }
    let counts = mari.get("/cases/counts").await.expect(200);
    assert_eq!(counts["attention"]["count"], 0, "{counts}");
    assert_eq!(counts["queue"]["count"], 1);
    let tags = mari.get("/tags").await.expect(200);
    assert_eq!(tags["items"][0]["cases"], 1, "only the own one: {tags}");
    assert_eq!(ada.get("/tags").await.expect(200)["items"][0]["cases"], 2);
}

async fn operators_stand_in_a_row_as_they_joined(desk: &mut Desk) {
    let ada = desk.administrator().await;
    let mari = desk.operator("Mari").await;
    let cole = desk.operator("Cole").await;
    let case = cole.create_case("Nick Evans").await;
    for operator in [&mari, &ada] {
        desk.wait(Duration::from_secs(1));
        put_on(operator, &case, operator).await.expect(200);
    }
    // What is written to one of them alone moves nobody.
    let until = json!({ "until": "2026-12-24T08:00:00.000Z" });
    cole.put(&format!("/cases/{case}/snooze"), until)
        .await
        .expect(200);
    let joined = json!([cole.id().await, mari.id().await, ada.id().await]);
    let row = &list(&ada, "status=all").await["items"][0];
    assert_eq!(row["operator_ids"], joined);
    let operators = ada.case(&case).await["operators"].clone();
    let shown: Vec<&Value> = operators
        .as_array()
        .expect("operators")
        .iter()
        .map(|operator| &operator["id"])
        .collect();
    assert_eq!(json!(shown), joined, "the case itself says the same");
}

async fn what_there_is_to_do_is_counted(desk: &mut Desk) {
    let mari = desk.operator("Mari").await;
    let cole = desk.operator("Cole").await;
    let case = mari.create_case("One").await;
    let other = mari.create_case("Two").await;
    let late = mari.create_case("Three").await;
    waiting_case(&cole, "Waits").await;
    let of_cole = cole.create_case("Cole's").await;
    put_on(&cole, &of_cole, &mari).await.expect(200);
    for written in [&case, &other, &late] {
        let guest = mari.guest_of(written).await;
        guest.guest_send(written, "Hello").await;
    }
    let until = json!({ "until": "2026-12-24T08:00:00.000Z" });
    mari.put(&format!("/cases/{late}/snooze"), until)
        .await
        .expect(200);
    let entry = mari.case(&other).await["last_entry"].clone();
    mari.put(&format!("/cases/{other}/read"), json!({ "entry": entry }))
        .await
        .expect(204);
    let count = |count: i64| json!({ "count": count, "more": false });
    assert_eq!(
        mari.get("/cases/counts").await.expect(200),
        json!({ "queue": count(1), "active_mine": count(3), "unread_cases_mine": count(1),
            "attention": count(1), "snoozed": count(1) })
    );
    // Whoever leaves and comes back has read what they have read.
    leave(&mari, &other).await.expect(200);
    put_on(&mari, &other, &mari).await.expect(200);
    let counts = mari.get("/cases/counts").await.expect(200);
    assert_eq!(counts["unread_cases_mine"], count(1));
    assert_eq!(
        cole.get("/cases/counts").await.expect(200)["active_mine"],
        count(1)
    );
}

async fn saved_filters_are_one_operator_s_own(desk: &mut Desk) {
    let mari = desk.operator("Mari").await;
    let cole = desk.operator("Cole").await;
    let red = make_tag(&mari, "red").await;
    let filter = json!({ "status": "all", "operator": "everyone", "tags": [red] });
    let new = json!({ "name": "  Red ones ", "filter": filter });
    let key = deskside_db::Uuid::now_v7();
    let mut ids = Vec::new();
    for _ in 0..2 {
        let saved = mari.request(Method::POST, "/filters").key(key).json(&new);
        let saved = saved.send().await.expect(201);
        assert_eq!(saved["name"], "Red ones");
        assert_eq!(saved["filter"], filter);
        ids.push(saved["id"].as_str().unwrap().to_owned());
    }
    assert_eq!(ids[0], ids[1]);
    let mine = mari.get("/filters").await.expect(200);
    assert_eq!(mine["items"].as_array().unwrap().len(), 1);
    assert_eq!(cole.get("/filters").await.expect(200)["items"], json!([]));
    let path = format!("/filters/{}", ids[0]);
    cole.delete(&path).await.problem(404, "not_found");
    mari.delete(&path).await.expect(204);
    mari.delete(&path).await.problem(404, "not_found");
    for n in 0..50 {
        let new = json!({ "name": format!("Filter {n}"), "filter": filter });
        mari.post("/filters", new).await.expect(201);
    }
    let answer = mari.post("/filters", new).await;
    answer.problem(409, "too_many_filters");
}

async fn a_saved_filter_goes_on_without_a_deleted_tag(desk: &mut Desk) {
    let ada = desk.administrator().await;
    let (red, blue) = (make_tag(&ada, "red").await, make_tag(&ada, "blue").await);
    let filter = json!({ "status": "active", "operator": "me", "tags": [red, blue] });
    ada.post("/filters", json!({ "name": "Both", "filter": filter }))
        .await
        .expect(201);
    ada.delete(&format!("/tags/{red}")).await.expect(204);
    let saved = ada.get("/filters").await.expect(200);
    assert_eq!(saved["items"][0]["filter"]["tags"], json!([blue]));
}

async fn what_is_no_filter_is_refused(desk: &mut Desk) {
    let mari = desk.operator("Mari").await;
    let case = mari.create_case("Nick Evans").await;
    let red = make_tag(&mari, "red").await;
    let many: Vec<String> = (0..21)
        .map(|n| format!("tag_01kp5hrfvgfk19hh6w1g60ee{:02}", n + 10))
        .collect();
    for query in [
        "tags=",
        "tags=red",
        &format!("tags={case}"),
        &format!("tags={red},"),
        &format!("tags=,{red}"),
        &format!("tags={red};{red}"),
        &format!("tags={}", many.join(",")),
        "view=all",
        "view=attention&status=all",
        "view=snoozed&operator=me",
        "status=",
        "operator=",
    ] {
        for path in ["/cases", "/cases/export"] {
            let answer = mari.get(&format!("{path}?{query}")).await;
            answer.problem(400, "bad_json");
        }
    }
    mari.get("/cases/export?limit=5")
        .await
        .problem(422, "unknown_field");
    for cursor in ["", "x", "1", "case_1", "1.case_1", "-.case_1"] {
        let path = format!("/cases?view=snoozed&cursor={cursor}");
        mari.get(&path).await.problem(400, "bad_cursor");
        let path = format!("/cases/{case}/earlier?cursor={cursor}");
        mari.get(&path).await.problem(400, "bad_cursor");
    }
    for (filter, field, code) in [
        (
            json!({ "status": "open", "operator": "me", "tags": [] }),
            "filter.status",
            "unknown_value",
        ),
        (
            json!({ "status": "all", "operator": "all", "tags": [] }),
            "filter.operator",
            "unknown_value",
        ),
        (
            json!({ "status": "all", "operator": "me", "tags": many }),
            "filter.tags",
            "too_long",
        ),
    ] {
        let new = json!({ "name": "x", "filter": filter });
        assert_eq!(mari.post("/filters", new).await.field_error(field), code);
    }
    for body in [
        json!({ "name": "x", "filter": ["all", "me", []] }),
        json!({ "name": "x", "filter": { "status": "all", "operator": "me", "tags": ["x"] } }),
        json!({ "name": "x", "filter": { "status": "all", "operator": "me", "tags": {} } }),
        json!({ "name": "x" }),
    ] {
        mari.post("/filters", body).await.problem(400, "bad_json");
    }
}

#[test]
fn sqlite_reads_no_list_without_its_index() {
    no_list_reads_a_whole_table(Dialect::Sqlite);
}

#[test]
fn postgres_reads_no_list_without_its_index() {
    no_list_reads_a_whole_table(Dialect::Postgres);
}

/// Every statement of the lists, the rows, the counts and the marks is found by an index, whatever is asked for.
fn no_list_reads_a_whole_table(dialect: Dialect) {
    testing::run(dialect, MIGRATIONS, async |db: Db| {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/cases/store");
        let mut looked_at = 0;
        for statement in sql_texts_in(&folder) {
            let file = statement
                .file
                .file_name()
                .expect("a name")
                .to_string_lossy();
            let lists = [
                "attention.rs",
                "counts.rs",
                "customer.rs",
                "export.rs",
                "list.rs",
                "rows.rs",
                "tags.rs",
            ];
            if !lists.contains(&&*file) {
                continue;
            }
            looked_at += 1;
            let steps = plan(&db, &statement).await.expect("a plan");
            for step in &steps {
                assert!(
                    !reads_a_table(step),
                    "{file}:{}: {steps:#?}",
                    statement.line
                );
            }
            let sorted = steps
                .iter()
                .any(|step| step.contains("TEMP B-TREE FOR ORDER BY"))
                || steps.iter().any(|step| step.contains("Sort Key"));
            let of_few = ["PAGE_ATTENTION", "PAGE_SNOOZED"];
            let text = &statement.sqlite;
            let is_page = ["customer.rs", "list.rs"].contains(&&*file)
                && text.contains("LIMIT $4")
                && text.contains("ORDER BY");
            if is_page && !text.contains("ORDER BY +") {
                assert!(!sorted, "a page is sorted ({of_few:?} may be): {steps:#?}");
            }
        }
        assert!(looked_at > 30, "only {looked_at} statements");
    });
}

/// Whether a step of a plan reads one of our tables from end to end.
fn reads_a_table(step: &str) -> bool {
    let tables = [
        "cases",
        "case_operators",
        "case_tags",
        "case_attention",
        "case_fields",
        "case_reads",
        "tags",
        "operators",
    ];
    if step.contains("Seq Scan on") {
        return tables
            .iter()
            .any(|table| step.contains(&format!("Seq Scan on {table} ")));
    }
    // SQLite names the alias; lists of ids are the only things that are scanned.
    step.starts_with("SCAN ")
        && !step.contains("VIRTUAL TABLE")
        && !step.contains("CONSTANT ROW")
        && ![
            "SCAN found",
            "SCAN q",
            "SCAN m",
            "SCAN u",
            "SCAN a",
            "SCAN s",
        ]
        .contains(&step)
}
