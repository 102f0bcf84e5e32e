//! A field of another kind: read so at once, written so by a job, some cases at a time, and the same whenever it is
//! looked at (P23).

use std::collections::BTreeSet;

use deskside::custom_fields::change::{self, CustomFieldChange, Wanted};
use deskside::custom_fields::survey;
use deskside::error::Error;
use deskside::limits;
use deskside_db::{DbError, SystemSql, system_sql};
use futures_util::future::{join, join_all};
use serde_json::{Value, json};

use crate::bounds::session_of;
use crate::custom_fields::{define, held, id, new, path_of, put, value};
use crate::support::{Actor, Desk, on_both_databases};

on_both_databases![
    a_new_kind_is_read_at_once_and_written_later,
    changes_before_the_job_come_to_the_same_as_after_it,
    whoever_writes_before_the_job_writes_the_new_kind,
    a_restart_before_the_job_loses_nothing,
    many_values_are_written_in_pieces_while_people_work,
    what_is_written_after_the_look_is_looked_at_too,
    a_field_deleted_before_the_job_leaves_no_words,
];

static ROWS: SystemSql =
    system_sql!("SELECT value, version FROM case_custom_fields ORDER BY value");
static STEPS: SystemSql = system_sql!("SELECT count(*) AS steps FROM custom_field_steps");

/// The values as they are written, with their versions, in order.
async fn written(desk: &Desk) -> Vec<(String, i64)> {
    let rows = desk.app.db().read(|tx| {
        Box::pin(async move {
            let rows = tx.system().rows(&ROWS, &[]).await?;
            rows.iter()
                .map(|row| Ok((row.get("value")?, row.get("version")?)))
                .collect::<Result<_, DbError>>()
        })
    });
    rows.await.expect("the rows can be read")
}

/// How many changes of a kind wait for a job.
async fn steps(desk: &Desk) -> i64 {
    let counted = desk.app.db().read(|tx| {
        Box::pin(async move {
            let row = tx.system().row(&STEPS, &[]).await?.expect("a count");
            row.get::<i64>("steps")
        })
    });
    counted.await.expect("the rows can be counted")
}

async fn retype(who: &Actor, field: &Value, change: Value) {
    who.patch(&path_of(field), change).await.expect(200);
}

async fn found(who: &Actor, typed: &str) -> usize {
    let page = who.get(&format!("/search?q={typed}")).await.expect(200);
    page["items"].as_array().expect("items").len()
}

async fn a_new_kind_is_read_at_once_and_written_later(desk: &mut Desk) {
    let ada = desk.administrator().await;
    let mari = desk.operator("Mari").await;
    let (one, two) = (ada.create_case("One").await, ada.create_case("Two").await);
    let field = define(&ada, new("Size", "text")).await;
    put(&mari, &one, &field, "00712", 0).await.expect(200);
    put(&mari, &two, &field, "12.50", 0).await.expect(200);
    desk.run_jobs().await;
    let mut screen = mari.live("/live").await.expect("a socket");
    screen.next_of("hello").await;
    retype(&ada, &field, json!({ "kind": "number" })).await;
    let before = written(desk).await;
    assert_eq!(before, [("00712".into(), 1), ("12.50".into(), 1)]);
    screen.next_event("custom_fields.changed").await;
    let first = held(&mari, &one, &field).await;
    assert_eq!(first["value"], "712");
    assert_eq!(first["version"], 2, "it is not what Mari wrote");
    assert_eq!(first["changed_by"]["name"], "Ada");
    let second = held(&mari, &two, &field).await;
    assert_eq!(second["version"], 1, "it is what Mari wrote");
    assert_eq!(second["changed_by"]["name"], "Mari");
    let list = ada.get("/cases/export?status=all&operator=everyone").await;
    assert!(list.text().contains(",712") && !list.text().contains("00712"));

    assert!(desk.run_jobs().await > 0);
    let after = written(desk).await;
    assert_eq!(after, [("12.50".into(), 1), ("712".into(), 2)]);
    assert_eq!(held(&mari, &one, &field).await, first);
    assert_eq!(held(&mari, &two, &field).await, second);
    assert_eq!(steps(desk).await, 0);
    assert_eq!(found(&mari, "712").await, 1);
    ada.send(&one, "Hello").await;
    let told = screen.next_of("event").await;
    assert_eq!(told["event"]["type"], "message.sent", "told once");
}

async fn changes_before_the_job_come_to_the_same_as_after_it(desk: &mut Desk) {
    let ada = desk.administrator().await;
    let texts = ["007", "12.50", "7", ""];
    let mut cases = Vec::new();
    for text in texts {
        cases.push(ada.create_case(&format!("Case {text}")).await);
    }
    let slow = define(&ada, new("Slow", "text")).await;
    let fast = define(&ada, new("Fast", "text")).await;
    for (case, text) in cases.iter().zip(texts) {
        for field in [&slow, &fast] {
            put(&ada, case, field, "x", 0).await.expect(200);
            put(&ada, case, field, text, 1).await.expect(200);
        }
    }
    let sizes =
        |seven: &str| json!([{ "id": "s", "label": seven }, { "id": "l", "label": "12.50" }]);
    let steps_taken = [
        (json!({ "kind": "number" }), ["7", "12.50", "7", ""]),
        (
            json!({ "kind": "choice", "options": sizes("7") }),
            ["s", "l", "s", ""],
        ),
        // The option that all the sevens became is called something else, and the other is left out but in use.
        (
            json!({ "options": [{ "id": "s", "label": "Seven" }, { "id": "n", "label": "New" }] }),
            ["s", "l", "s", ""],
        ),
        (json!({ "kind": "choices" }), ["s", "l", "s", ""]),
        (json!({ "kind": "text" }), ["Seven", "12.50", "Seven", ""]),
        (
            json!({ "kind": "long_text" }),
            ["Seven", "12.50", "Seven", ""],
        ),
    ];
    for (change, _) in &steps_taken {
        retype(&ada, &slow, change.clone()).await;
        desk.run_jobs().await;
    }
    assert_eq!(steps(desk).await, 0);
    for (change, expected) in &steps_taken {
        retype(&ada, &fast, change.clone()).await;
        for (case, expected) in cases.iter().zip(expected) {
            assert_eq!(value(&ada, case, &fast).await, *expected, "{change}");
        }
    }
    assert_eq!(steps(desk).await, 4, "no job came between");
    let mut versions = Vec::new();
    for at in 0..2 {
        for case in &cases {
            let (slow, fast) = (held(&ada, case, &slow).await, held(&ada, case, &fast).await);
            assert_eq!(slow["value"], fast["value"]);
            assert_eq!(slow["version"], fast["version"]);
            versions.push(fast["version"].clone());
        }
        if at == 0 {
            desk.run_jobs().await;
        }
    }
    assert_eq!(versions, [5, 4, 4, 2, 5, 4, 4, 2]);
    assert_eq!(steps(desk).await, 0);
    let written = written(desk).await;
    let texts: BTreeSet<&str> = written.iter().map(|(value, _)| value.as_str()).collect();
    assert_eq!(texts, BTreeSet::from(["", "12.50", "Seven"]));
}

async fn whoever_writes_before_the_job_writes_the_new_kind(desk: &mut Desk) {
    let ada = desk.administrator().await;
    let mut size = new("Size", "text");
    size["required"] = json!(true);
    let field = define(&ada, size).await;
    let mut cases = Vec::new();
    for name in ["Written", "Done", "Goes"] {
        let case = ada.create_case(name).await;
        put(&ada, &case, &field, "007", 0).await.expect(200);
        cases.push(case);
    }
    let [case, done, goes] = &cases[..] else {
        panic!("three cases");
    };
    retype(&ada, &field, json!({ "kind": "number" })).await;
    let stale = put(&ada, case, &field, "8", 1).await;
    let conflict = stale.problem(409, "field_conflict")["conflicts"][0].clone();
    assert_eq!(conflict["theirs"], "7");
    assert_eq!(conflict["version"], 2);
    let wrong = put(&ada, case, &field, "eight", 2).await;
    assert_eq!(wrong.field_error(id(&field)), "invalid");
    put(&ada, case, &field, "7", 2).await.expect(200);
    assert_eq!(
        held(&ada, case, &field).await["version"],
        2,
        "what stands there is no change"
    );
    put(&ada, case, &field, "0", 2).await.expect(200);
    ada.post(&format!("/cases/{done}/complete"), json!({}))
        .await
        .expect(200);
    let into = ada.create_case("Stays").await;
    let path = format!("/cases/{into}/merge");
    let shown = ada.get(&format!("{path}?from={goes}")).await.expect(200);
    assert!(shown["fields"].to_string().contains("\"from\":\"7\""));
    ada.post(&path, json!({ "from": goes })).await.expect(200);
    for _ in 0..2 {
        for (case, expected, version) in [(case, "0", 3), (done, "7", 2), (&into, "7", 1)] {
            let held = held(&ada, case, &field).await;
            assert_eq!(held["value"], expected);
            assert_eq!(held["version"], version);
        }
        desk.run_jobs().await;
    }
    assert_eq!(steps(desk).await, 0);
}

async fn a_restart_before_the_job_loses_nothing(desk: &mut Desk) {
    let ada = desk.administrator().await;
    let case = ada.create_case("One").await;
    let field = define(&ada, new("Size", "text")).await;
    put(&ada, &case, &field, "007", 0).await.expect(200);
    retype(&ada, &field, json!({ "kind": "number" })).await;
    desk.restart().await;
    assert_eq!(value(&ada, &case, &field).await, "7");
    retype(&ada, &field, json!({ "kind": "text" })).await;
    assert_eq!(
        value(&ada, &case, &field).await,
        "7",
        "not what it was before"
    );
    desk.restart().await;
    desk.run_jobs().await;
    assert_eq!(written(desk).await, [("7".into(), 2)]);
    assert_eq!(steps(desk).await, 0);
}

async fn many_values_are_written_in_pieces_while_people_work(desk: &mut Desk) {
    let ada = desk.administrator().await;
    let mari = desk.operator("Mari").await;
    let mut size = new("Size", "text");
    size["default_value"] = json!("007");
    let field = define(&ada, size).await;
    let many = limits::SWEEP_ROWS + 10;
    let mut cases = Vec::new();
    for _ in 0..many / 30 {
        cases.extend(join_all((0..30).map(|_| mari.create_case("Nick Evans"))).await);
    }
    desk.run_jobs().await;
    retype(&ada, &field, json!({ "kind": "number" })).await;
    // The job and people go through the same cases, and the kind changes once more.
    let work = async {
        for (n, case) in cases.iter().enumerate().step_by(10) {
            let typed = format!("{n}");
            put(&mari, case, &field, &typed, 2).await.expect(200);
        }
        retype(&ada, &field, json!({ "kind": "text" })).await;
    };
    let (first, ()) = join(desk.run_jobs(), work).await;
    let jobs = first + desk.run_jobs().await;
    assert!(jobs >= 5, "two pieces and an end, and an end again: {jobs}");
    assert_eq!(steps(desk).await, 0);
    for (n, case) in cases.iter().enumerate().step_by(5) {
        let held = held(&mari, case, &field).await;
        let expected = if n % 10 == 0 {
            n.to_string()
        } else {
            "7".into()
        };
        assert_eq!(held["value"], expected.as_str());
        assert_eq!(held["version"], if n % 10 == 0 && n != 7 { 3 } else { 2 });
    }
    for (text, version) in written(desk).await {
        assert!(text != "007" && (2..=3).contains(&version), "{text}");
    }
}

async fn what_is_written_after_the_look_is_looked_at_too(desk: &mut Desk) {
    let ada = desk.administrator().await;
    let (one, two) = (ada.create_case("One").await, ada.create_case("Two").await);
    let field = define(&ada, new("Size", "text")).await;
    put(&ada, &one, &field, "007", 0).await.expect(200);
    let who = session_of(desk, &ada).await;
    let (app, field_id) = (desk.app.clone(), id(&field).parse().expect("an id"));
    let wanted = |change: Value| {
        let change: CustomFieldChange = serde_json::from_value(change).expect("a change");
        Wanted::checked(&app, change).expect("right texts")
    };
    let number = wanted(json!({ "kind": "number" }));
    let look = async |wanted: &Wanted| survey::look(&app, &who, field_id, wanted).await.unwrap();
    let take = async |wanted, survey| change::take(&app, &who, field_id, wanted, survey).await;

    let survey = look(&number).await;
    put(&ada, &two, &field, "large", 0).await.expect(200);
    match take(&number, survey).await {
        Err(Error::FieldInUse { cases, examples }) => {
            assert_eq!((cases, examples), (1, vec!["large".to_owned()]));
        }
        other => panic!("{other:?}"),
    }
    put(&ada, &two, &field, "0013", 1).await.expect(200);
    // More has happened than one write looks at.
    let survey = look(&number).await;
    for _ in 0..limits::SWEEP_ROWS / 40 {
        join_all((0..40).map(|_| ada.send(&one, "Hello"))).await;
    }
    assert!(take(&number, survey).await.unwrap().is_none());
    // The field has become something else.
    let survey = look(&number).await;
    retype(&ada, &field, json!({ "kind": "long_text" })).await;
    assert!(take(&number, survey).await.unwrap().is_none());
    let survey = look(&number).await;
    put(&ada, &two, &field, "0014", 2).await.expect(200);
    assert!(take(&number, survey).await.unwrap().is_some());
    assert_eq!(value(&ada, &one, &field).await, "7");
    assert_eq!(value(&ada, &two, &field).await, "14");

    let options = json!([{ "id": "s", "label": "7" }, { "id": "l", "label": "14" }, { "id": "x", "label": "X" }]);
    let choice = json!({ "kind": "choice", "options": options });
    retype(&ada, &field, choice).await;
    let fewer = wanted(json!({ "options": [{ "id": "s", "label": "7" }] }));
    let survey = look(&fewer).await;
    let version = held(&ada, &one, &field).await["version"].as_i64().unwrap();
    put(&ada, &one, &field, "x", version).await.expect(200);
    let left = take(&fewer, survey).await.unwrap().expect("taken").options;
    let retired: Vec<(&str, bool)> = left
        .iter()
        .map(|option| (option.id.as_str(), option.retired))
        .collect();
    assert_eq!(retired, [("s", false), ("l", true), ("x", true)]);
}

async fn a_field_deleted_before_the_job_leaves_no_words(desk: &mut Desk) {
    let ada = desk.administrator().await;
    let case = ada.create_case("One").await;
    let field = define(&ada, new("Plan", "choice")).await;
    put(&ada, &case, &field, "a", 0).await.expect(200);
    retype(&ada, &field, json!({ "kind": "text" })).await;
    retype(&ada, &field, json!({ "archived": true })).await;
    let with_values = format!("{}?values=delete", path_of(&field));
    ada.delete(&with_values).await.expect(204);
    assert_eq!(
        steps(desk).await,
        0,
        "their options were words of the field"
    );
    ada.case(&case).await;
    desk.run_jobs().await;
    assert!(written(desk).await.is_empty());
}
