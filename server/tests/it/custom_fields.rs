//! Custom fields: their kinds, their values, and that no change of a field loses what people typed (S116–S118, P23).

use axum::http::Method;
use deskside::limits;
use deskside_db::{DbError, SystemSql, Uuid, system_sql};
use serde_json::{Value, json};

use crate::support::{Actor, Answer, Desk, on_both_databases};

on_both_databases![
    only_an_administrator_defines_fields,
    each_kind_takes_its_values_and_refuses_others,
    a_definition_is_checked,
    fields_have_an_order,
    defaults_stand_in_new_cases_and_in_no_old_one,
    an_option_in_use_is_retired_instead_of_removed,
    another_kind_is_taken_when_every_value_has_a_place_in_it,
    another_kind_is_refused_with_what_would_be_lost,
    renaming_and_archiving_keep_values,
    a_field_with_values_is_deleted_only_with_the_word,
    required_fields_hold_a_case_back,
    two_people_in_one_field_see_both_texts,
    a_save_is_whole_or_not_at_all,
    another_plan_reads_and_changes_nothing,
    values_and_changes_of_a_field_that_race_lose_nothing,
    deleting_a_field_that_is_being_filled_in_loses_nothing,
    defining_twice_under_one_key_is_one_field,
    there_is_an_end_to_how_many,
    guests_and_strangers_learn_nothing_of_fields,
    screens_are_told,
];

/// The least that a definition needs.
fn new(label: &str, kind: &str) -> Value {
    let mut field = json!({ "label": label, "kind": kind });
    if kind.starts_with("choice") {
        field["options"] =
            json!([{ "id": "a", "label": "Basic" }, { "id": "b", "label": "Premium" }]);
    }
    field
}

async fn define(who: &Actor, field: Value) -> Value {
    who.post("/custom-fields", field).await.expect(201)
}

fn id(field: &Value) -> &str {
    field["id"].as_str().expect("an id")
}

fn path_of(field: &Value) -> String {
    format!("/custom-fields/{}", id(field))
}

async fn put(who: &Actor, case: &str, field: &Value, value: &str, version: i64) -> Answer {
    let change = json!({ "custom": { id(field): { "value": value, "version": version } } });
    who.patch(&format!("/cases/{case}"), change).await
}

/// A field as it stands in a case.
async fn held(who: &Actor, case: &str, field: &Value) -> Value {
    let case = who.case(case).await;
    let custom = case["custom"].as_array().expect("custom fields");
    let found = custom
        .iter()
        .find(|custom| custom["field"]["id"] == field["id"]);
    found.map_or(Value::Null, |custom| custom["value"].clone())
}

async fn value(who: &Actor, case: &str, field: &Value) -> String {
    let held = held(who, case, field).await;
    held["value"].as_str().expect("a value").to_owned()
}

/// The labels in the list, in its order.
async fn labels(who: &Actor) -> Vec<String> {
    let list = who.get("/custom-fields").await.expect(200);
    let items = list["items"].as_array().expect("items");
    items
        .iter()
        .map(|item| item["label"].as_str().expect("a label").to_owned())
        .collect()
}

async fn only_an_administrator_defines_fields(desk: &mut Desk) {
    let ada = desk.administrator().await;
    let mari = desk.operator("Mari").await;
    let case = mari.create_case("Nick Evans").await;
    let answer = mari.post("/custom-fields", new("Plan", "text")).await;
    answer.problem(403, "forbidden");
    let field = define(&ada, new("Subscription", "choice")).await;
    for answer in [
        mari.patch(&path_of(&field), json!({ "label": "Mine" }))
            .await,
        mari.delete(&path_of(&field)).await,
    ] {
        answer.problem(403, "forbidden");
    }
    assert_eq!(field["icon"], "tag");
    assert_eq!(field["used"], 0);
    assert_eq!(field["position"], 0);
    // It appears on the case that was there before, and an operator fills it in.
    let custom = mari.case(&case).await["custom"].clone();
    assert_eq!(custom[0]["field"]["label"], "Subscription");
    assert_eq!(custom[0]["value"]["version"], 0);
    assert!(custom[0]["field"].get("used").is_none());
    put(&mari, &case, &field, "b", 0).await.expect(200);
    let held = held(&ada, &case, &field).await;
    assert_eq!(held["value"], "b");
    assert_eq!(held["version"], 1);
    assert_eq!(held["changed_by"]["name"], "Mari");
    let told = ada.get("/custom-fields").await.expect(200);
    assert_eq!(told["items"][0]["used"], 1);
    let told = mari.get("/custom-fields").await.expect(200);
    assert!(told["items"][0].get("used").is_none(), "{told}");
}

async fn each_kind_takes_its_values_and_refuses_others(desk: &mut Desk) {
    let ada = desk.administrator().await;
    let case = ada.create_case("Nick Evans").await;
    let long = "x".repeat(501);
    let longer = "😀".repeat(5_001);
    let many_digits = "9".repeat(41);
    let long_link = format!("https://desk.example/{}", "x".repeat(2_000));
    /// What is written, and what comes of it.
    type Tries<'a> = &'a [(&'a str, &'a str)];
    let kinds: [(&str, Tries<'_>, Tries<'_>); 8] = [
        (
            "text",
            &[
                (" Heat pump ", "Heat pump"),
                (&long[1..], &long[1..]),
                ("<b>'\"", "<b>'\""),
            ],
            &[
                ("two\nlines", "control_characters"),
                ("nul\0", "control_characters"),
                (&long, "too_long"),
            ],
        ),
        (
            "long_text",
            &[("two\r\nlines", "two\nlines"), (&longer[4..], &longer[4..])],
            &[("nul\0", "control_characters"), (&longer, "too_long")],
        ),
        (
            "number",
            &[("7", "7"), (" -007.50 ", "-7.50"), ("-0", "0")],
            &[
                ("seven", "invalid"),
                ("1,5", "invalid"),
                ("1e9", "invalid"),
                ("NaN", "invalid"),
                (&many_digits, "too_long"),
            ],
        ),
        (
            "date",
            &[("2024-02-29", "2024-02-29")],
            &[
                ("2026-02-29", "invalid"),
                ("1.2.2026", "invalid"),
                ("tomorrow", "invalid"),
            ],
        ),
        (
            "choice",
            &[("a", "a"), ("b", "b")],
            &[
                ("Basic", "unknown_value"),
                ("a,b", "unknown_value"),
                ("c", "unknown_value"),
            ],
        ),
        (
            "choices",
            &[("b,a", "a,b"), ("b", "b"), ("a,a", "a")],
            &[("a,c", "unknown_value"), ("a,", "unknown_value")],
        ),
        (
            "checkbox",
            &[("true", "true")],
            &[
                ("false", "unknown_value"),
                ("yes", "unknown_value"),
                ("1", "unknown_value"),
            ],
        ),
        (
            "link",
            &[("https://desk.example/a?b=c", "https://desk.example/a?b=c")],
            &[
                ("javascript:alert(1)", "invalid"),
                ("desk.example", "invalid"),
                ("https://a@b.example", "invalid"),
                (&long_link, "too_long"),
            ],
        ),
    ];
    for (kind, right, wrong) in kinds {
        let field = define(&ada, new(kind, kind)).await;
        let mut version = 0;
        for (typed, kept) in right {
            put(&ada, &case, &field, typed, version).await.expect(200);
            version += 1;
            assert_eq!(value(&ada, &case, &field).await, *kept, "{kind}: {typed:?}");
        }
        for (typed, code) in wrong {
            let answer = put(&ada, &case, &field, typed, version).await;
            assert_eq!(answer.field_error(id(&field)), *code, "{kind}: {typed:?}");
        }
        assert_eq!(
            held(&ada, &case, &field).await["version"],
            version,
            "{kind}"
        );
        put(&ada, &case, &field, "  ", version).await.expect(200);
        assert_eq!(
            value(&ada, &case, &field).await,
            "",
            "{kind} can be emptied"
        );
    }
    let problem = ada
        .patch(
            &format!("/cases/{case}"),
            json!({ "custom": { "fld_nothing": { "value": "", "version": 0 } } }),
        )
        .await;
    problem.problem(400, "bad_json");
}

async fn a_definition_is_checked(desk: &mut Desk) {
    let ada = desk.administrator().await;
    let many: Vec<Value> = (0..101)
        .map(|n| json!({ "label": format!("{n}") }))
        .collect();
    for (change, field, code) in [
        (json!({ "label": "" }), "label", "required"),
        (
            json!({ "label": "two\nlines" }),
            "label",
            "control_characters",
        ),
        (json!({ "label": "x".repeat(101) }), "label", "too_long"),
        (json!({ "help": "x".repeat(501) }), "help", "too_long"),
        (json!({ "options": [] }), "options", "required"),
        (json!({ "options": many }), "options", "too_long"),
        (
            json!({ "options": [{ "label": "" }] }),
            "options",
            "required",
        ),
        (
            json!({ "options": [{ "label": "A" }, { "label": "a" }] }),
            "options",
            "taken",
        ),
        (
            json!({ "options": [{ "id": "x", "label": "A" }, { "id": "x", "label": "B" }] }),
            "options",
            "taken",
        ),
        (
            json!({ "options": [{ "id": "a,b", "label": "A" }] }),
            "options",
            "invalid",
        ),
        (
            json!({ "options": [{ "id": "", "label": "A" }] }),
            "options",
            "invalid",
        ),
        (
            json!({ "options": [{ "label": "A", "retired": true }] }),
            "options",
            "required",
        ),
        (json!({ "kind": "text" }), "options", "invalid"),
        (
            json!({ "default_value": "Basic" }),
            "default_value",
            "unknown_value",
        ),
        (
            json!({ "kind": "number", "options": [], "default_value": "x" }),
            "default_value",
            "invalid",
        ),
    ] {
        let mut body = new("Plan", "choice");
        for (name, value) in change.as_object().expect("fields") {
            body[name] = value.clone();
        }
        let answer = ada.post("/custom-fields", body).await;
        assert_eq!(answer.field_error(field), code, "{change}");
    }
    for body in [
        json!({ "label": "x", "kind": "colour" }),
        json!({ "label": "x", "kind": "text", "icon": "unicorn" }),
        json!({ "label": "x" }),
    ] {
        ada.post("/custom-fields", body)
            .await
            .problem(400, "bad_json");
    }
    assert!(labels(&ada).await.is_empty());
    let mut whole = new(" Plan ", "choice");
    whole["options"] = json!([{ "label": "Basic" }, { "id": "premium", "label": "Premium" }]);
    whole["default_value"] = json!("premium");
    whole["help"] = json!("What they pay for");
    whole["icon"] = json!("card");
    let field = define(&ada, whole).await;
    assert_eq!(field["label"], "Plan");
    assert_eq!(field["icon"], "card");
    assert_eq!(
        field["options"][1],
        json!({ "id": "premium", "label": "Premium", "retired": false })
    );
    assert!(
        !field["options"][0]["id"].as_str().unwrap().is_empty(),
        "made by the server"
    );
    let answer = ada
        .patch(
            &path_of(&field),
            json!({ "options": [{ "label": "Other" }] }),
        )
        .await;
    assert_eq!(
        answer.field_error("default_value"),
        "invalid",
        "the default would stand for nothing"
    );
}

async fn fields_have_an_order(desk: &mut Desk) {
    let ada = desk.administrator().await;
    let mut fields = Vec::new();
    for label in ["A", "B", "C", "D"] {
        fields.push(define(&ada, new(label, "text")).await);
    }
    for (moved, position, expected) in [
        (3, 0, ["D", "A", "B", "C"]),
        (3, 2, ["A", "B", "D", "C"]),
        (0, 99, ["B", "D", "C", "A"]),
        (0, -5, ["A", "B", "D", "C"]),
    ] {
        let change = json!({ "position": position });
        ada.patch(&path_of(&fields[moved]), change)
            .await
            .expect(200);
        assert_eq!(labels(&ada).await, expected);
    }
    ada.delete(&path_of(&fields[1])).await.expect(204);
    let list = ada.get("/custom-fields").await.expect(200);
    let places: Vec<i64> = list["items"]
        .as_array()
        .expect("items")
        .iter()
        .map(|item| item["position"].as_i64().expect("a place"))
        .collect();
    assert_eq!(places, [0, 1, 2]);
    let case = ada.create_case("Nick Evans").await;
    let custom = ada.case(&case).await["custom"].clone();
    let order: Vec<&str> = custom
        .as_array()
        .expect("custom fields")
        .iter()
        .map(|custom| custom["field"]["label"].as_str().expect("a label"))
        .collect();
    assert_eq!(order, ["A", "D", "C"]);
}

async fn defaults_stand_in_new_cases_and_in_no_old_one(desk: &mut Desk) {
    let ada = desk.administrator().await;
    let old = ada.create_case("Old").await;
    let mut field = new("Plan", "choice");
    field["default_value"] = json!("a");
    let field = define(&ada, field).await;
    let case = ada.create_case("New").await;
    assert_eq!(value(&ada, &case, &field).await, "a");
    assert_eq!(held(&ada, &case, &field).await["changed_by"]["name"], "Ada");
    assert_eq!(value(&ada, &old, &field).await, "");
    put(&ada, &case, &field, "", 1).await.expect(200);
    assert_eq!(
        value(&ada, &case, &field).await,
        "",
        "an emptied default stays empty"
    );
    ada.patch(&path_of(&field), json!({ "archived": true }))
        .await
        .expect(200);
    let later = ada.create_case("Later").await;
    ada.patch(&path_of(&field), json!({ "archived": false }))
        .await
        .expect(200);
    assert_eq!(
        value(&ada, &later, &field).await,
        "",
        "archived fields have no part in new cases"
    );
}

async fn an_option_in_use_is_retired_instead_of_removed(desk: &mut Desk) {
    let ada = desk.administrator().await;
    let case = ada.create_case("Nick Evans").await;
    let other = ada.create_case("Ana").await;
    let mut field = new("Plan", "choices");
    field["options"] = json!([{ "id": "a", "label": "A" }, { "id": "b", "label": "B" }, { "id": "c", "label": "C" }]);
    let field = define(&ada, field).await;
    put(&ada, &case, &field, "a,b", 0).await.expect(200);
    let change =
        json!({ "options": [{ "id": "b", "label": "Better" }, { "id": "d", "label": "D" }] });
    let changed = ada.patch(&path_of(&field), change).await.expect(200);
    assert_eq!(
        changed["options"],
        json!([{ "id": "b", "label": "Better", "retired": false }, { "id": "d", "label": "D", "retired": false },
            { "id": "a", "label": "A", "retired": true }]),
        "c is nowhere and goes, a stands in a case and stays"
    );
    assert_eq!(value(&ada, &case, &field).await, "a,b");
    // Where it stands it may stay; nobody chooses it anew.
    put(&ada, &case, &field, "a,d", 1).await.expect(200);
    let answer = put(&ada, &other, &field, "a", 0).await;
    assert_eq!(answer.field_error(id(&field)), "unknown_value");
    put(&ada, &case, &field, "d", 2).await.expect(200);
    let answer = put(&ada, &case, &field, "a,d", 3).await;
    assert_eq!(answer.field_error(id(&field)), "unknown_value");
}

async fn another_kind_is_taken_when_every_value_has_a_place_in_it(desk: &mut Desk) {
    let ada = desk.administrator().await;
    let (one, two) = (ada.create_case("One").await, ada.create_case("Two").await);
    let field = define(&ada, new("Size", "text")).await;
    let retype = async |change: Value| ada.patch(&path_of(&field), change).await.expect(200);
    put(&ada, &one, &field, "12.50", 0).await.expect(200);
    put(&ada, &two, &field, "7", 0).await.expect(200);
    retype(json!({ "kind": "number" })).await;
    assert_eq!(value(&ada, &one, &field).await, "12.50");
    retype(json!({ "kind": "long_text" })).await;
    let options = json!([{ "id": "s", "label": "7" }, { "id": "l", "label": "12.50" }]);
    let choice = retype(json!({ "kind": "choice", "options": options })).await;
    assert_eq!(choice["used"], 2);
    assert_eq!(
        value(&ada, &one, &field).await,
        "l",
        "by the option's label"
    );
    retype(json!({ "kind": "choices" })).await;
    put(
        &ada,
        &two,
        &field,
        "s,l",
        held(&ada, &two, &field).await["version"].as_i64().unwrap(),
    )
    .await
    .expect(200);
    let text = retype(json!({ "kind": "text" })).await;
    assert_eq!(text["options"], json!([]));
    assert_eq!(
        value(&ada, &one, &field).await,
        "12.50",
        "options turn into their labels"
    );
    assert_eq!(value(&ada, &two, &field).await, "7, 12.50");
    // A value that was turned into another has a newer version: who still sees the old one gets a conflict.
    let problem = put(&ada, &one, &field, "13", 1)
        .await
        .problem(409, "field_conflict");
    assert_eq!(problem["conflicts"][0]["theirs"], "12.50");
}

async fn another_kind_is_refused_with_what_would_be_lost(desk: &mut Desk) {
    let ada = desk.administrator().await;
    let field = define(&ada, new("Size", "text")).await;
    let mut cases = Vec::new();
    for text in ["about 12", "large", "huge", "tiny", "12"] {
        let case = ada.create_case(text).await;
        put(&ada, &case, &field, text, 0).await.expect(200);
        cases.push((case, text));
    }
    let answer = ada
        .patch(
            &path_of(&field),
            json!({ "kind": "number", "label": "Number" }),
        )
        .await;
    let problem = answer.problem(409, "field_in_use");
    assert_eq!(problem["cases"], 4);
    let examples = problem["examples"].as_array().expect("examples");
    assert_eq!(examples.len(), 3);
    assert!(!examples.contains(&json!("12")), "what fits is no example");
    assert_eq!(
        labels(&ada).await,
        ["Size"],
        "nothing of the change was taken"
    );
    for (case, text) in &cases {
        let held = held(&ada, case, &field).await;
        assert_eq!(held["value"], *text);
        assert_eq!(held["version"], 1);
    }
    let tick = define(&ada, new("Agreed", "checkbox")).await;
    put(&ada, &cases[0].0, &tick, "true", 0).await.expect(200);
    let answer = ada.patch(&path_of(&tick), json!({ "kind": "text" })).await;
    assert_eq!(answer.problem(409, "field_in_use")["cases"], 1);
    put(&ada, &cases[0].0, &tick, "", 1).await.expect(200);
    ada.patch(&path_of(&tick), json!({ "kind": "text" }))
        .await
        .expect(200);
}

async fn renaming_and_archiving_keep_values(desk: &mut Desk) {
    let ada = desk.administrator().await;
    let mari = desk.operator("Mari").await;
    let case = ada.create_case("Nick Evans").await;
    let field = define(&ada, new("Plan", "text")).await;
    put(&ada, &case, &field, "Premium", 0).await.expect(200);
    ada.patch(&path_of(&field), json!({ "label": "Subscription" }))
        .await
        .expect(200);
    assert_eq!(value(&ada, &case, &field).await, "Premium");
    ada.patch(&path_of(&field), json!({ "archived": true }))
        .await
        .expect(200);
    assert_eq!(ada.case(&case).await["custom"], json!([]));
    let answer = put(&ada, &case, &field, "Other", 1).await;
    answer.problem(422, "unknown_field");
    assert_eq!(
        labels(&mari).await,
        [""; 0],
        "operators are not told of archived fields"
    );
    let list = ada.get("/custom-fields").await.expect(200);
    assert_eq!(list["items"][0]["archived"], true);
    assert_eq!(list["items"][0]["used"], 1);
    ada.patch(&path_of(&field), json!({ "archived": false }))
        .await
        .expect(200);
    let held = held(&ada, &case, &field).await;
    assert_eq!(held["value"], "Premium");
    assert_eq!(held["version"], 1);
}

static VALUES: SystemSql = system_sql!(
    "SELECT (SELECT count(*) FROM case_custom_fields) AS case_values, (SELECT count(*) FROM custom_fields) AS fields"
);

/// How many rows of values and of fields there are.
async fn rows(desk: &Desk) -> (i64, i64) {
    desk.app
        .db()
        .read(|tx| {
            Box::pin(async move {
                let row = tx.system().row(&VALUES, &[]).await?.expect("counts");
                Ok::<_, DbError>((row.get("case_values")?, row.get("fields")?))
            })
        })
        .await
        .expect("the rows can be counted")
}

async fn a_field_with_values_is_deleted_only_with_the_word(desk: &mut Desk) {
    let ada = desk.administrator().await;
    let kept = define(&ada, new("Kept", "text")).await;
    let field = define(&ada, new("Plan", "text")).await;
    let path = path_of(&field);
    for n in 0..3 {
        let case = ada.create_case(&format!("Case {n}")).await;
        put(&ada, &case, &field, "Premium", 0).await.expect(200);
        put(&ada, &case, &kept, "Kept", 0).await.expect(200);
    }
    let with_values = format!("{path}?values=delete");
    for answer in [ada.delete(&path).await, ada.delete(&with_values).await] {
        let problem = answer.problem(409, "field_in_use");
        assert_eq!(problem["cases"], 3);
    }
    ada.patch(&path, json!({ "archived": true }))
        .await
        .expect(200);
    ada.delete(&path).await.problem(409, "field_in_use");
    ada.delete(&format!("{path}?values=keep"))
        .await
        .problem(400, "bad_json");
    assert_eq!(rows(desk).await, (6, 2));
    ada.delete(&with_values).await.expect(204);
    ada.delete(&with_values).await.problem(404, "not_found");
    ada.patch(&path, json!({ "archived": false }))
        .await
        .problem(404, "not_found");
    assert_eq!(labels(&ada).await, ["Kept"]);
    assert!(desk.run_jobs().await > 0, "a job takes the values away");
    assert_eq!(rows(desk).await, (3, 1));

    // One that was emptied everywhere goes without a word.
    let empty = define(&ada, new("Empty", "text")).await;
    let case = ada.create_case("Last").await;
    put(&ada, &case, &empty, "x", 0).await.expect(200);
    put(&ada, &case, &empty, "", 1).await.expect(200);
    ada.delete(&path_of(&empty)).await.expect(204);
    desk.run_jobs().await;
    assert_eq!(rows(desk).await, (3, 1));
}

async fn required_fields_hold_a_case_back(desk: &mut Desk) {
    let ada = desk.administrator().await;
    let case = ada.create_case("Nick Evans").await;
    let mut plan = new("Plan", "choice");
    plan["required"] = json!(true);
    let plan = define(&ada, plan).await;
    let mut agreed = new("Agreed", "checkbox");
    agreed["required"] = json!(true);
    let agreed = define(&ada, agreed).await;
    define(&ada, new("Other", "text")).await;
    let complete = format!("/cases/{case}/complete");
    let problem = ada
        .post(&complete, json!({}))
        .await
        .problem(409, "fields_required");
    assert_eq!(
        problem["fields"],
        json!([{ "id": plan["id"], "label": "Plan" }, { "id": agreed["id"], "label": "Agreed" }])
    );
    assert_eq!(ada.case(&case).await["status"], "active");
    put(&ada, &case, &plan, "a", 0).await.expect(200);
    let problem = ada
        .post(&complete, json!({}))
        .await
        .problem(409, "fields_required");
    assert_eq!(problem["fields"].as_array().map(Vec::len), Some(1));
    ada.patch(&path_of(&agreed), json!({ "archived": true }))
        .await
        .expect(200);
    ada.post(&complete, json!({})).await.expect(200);
    put(&ada, &case, &plan, "b", 1)
        .await
        .problem(409, "case_completed");
    // What became required later does not undo what is completed.
    ada.patch(&path_of(&agreed), json!({ "archived": false }))
        .await
        .expect(200);
    assert_eq!(ada.case(&case).await["status"], "completed");
}

async fn two_people_in_one_field_see_both_texts(desk: &mut Desk) {
    let ada = desk.administrator().await;
    let mari = desk.operator("Mari").await;
    let case = ada.create_case("Nick Evans").await;
    let field = define(&ada, new("Plan", "text")).await;
    put(&mari, &case, &field, "From Mari", 0).await.expect(200);
    let problem = put(&ada, &case, &field, "From Ada", 0)
        .await
        .problem(409, "field_conflict");
    let conflict = &problem["conflicts"][0];
    assert_eq!(conflict["field"], field["id"]);
    assert_eq!(conflict["yours"], "From Ada");
    assert_eq!(conflict["theirs"], "From Mari");
    assert_eq!(conflict["version"], 1);
    assert_eq!(conflict["changed_by"]["name"], "Mari");
    put(&ada, &case, &field, "From Mari", 0).await.expect(200);
    assert_eq!(
        held(&ada, &case, &field).await["version"],
        1,
        "the same text is no change"
    );
    put(&ada, &case, &field, "From Ada", 1).await.expect(200);
    assert_eq!(value(&mari, &case, &field).await, "From Ada");

    let both = |n: i64| {
        let who = if n % 2 == 0 { &ada } else { &mari };
        let (case, field) = (&case, &field);
        async move { put(who, case, field, &format!("racer {n}"), 2).await }
    };
    let answers = futures_util::future::join_all((0..6).map(both)).await;
    let won: Vec<&Answer> = answers
        .iter()
        .filter(|answer| answer.status == 200)
        .collect();
    assert_eq!(won.len(), 1);
    let standing = value(&ada, &case, &field).await;
    for answer in answers.iter().filter(|answer| answer.status != 200) {
        let problem = answer.problem(409, "field_conflict");
        assert_eq!(problem["conflicts"][0]["theirs"], standing.as_str());
    }
}

async fn a_save_is_whole_or_not_at_all(desk: &mut Desk) {
    let ada = desk.administrator().await;
    let case = ada.create_case("Nick Evans").await;
    let path = format!("/cases/{case}");
    let plan = define(&ada, new("Plan", "text")).await;
    let size = define(&ada, new("Size", "number")).await;
    let change = json!({ "notes": { "value": "Notes", "version": 0 },
        "custom": { id(&plan): { "value": "Premium", "version": 0 }, id(&size): { "value": "large", "version": 0 } } });
    let answer = ada.patch(&path, &change).await;
    assert_eq!(answer.field_error(id(&size)), "invalid");
    let stands = ada.case(&case).await;
    assert_eq!(stands["fields"]["notes"]["value"], "");
    assert_eq!(value(&ada, &case, &plan).await, "");
    put(&ada, &case, &plan, "Basic", 0).await.expect(200);
    let mut change = change;
    change["custom"][id(&size)]["value"] = json!("7");
    let problem = ada
        .patch(&path, &change)
        .await
        .problem(409, "field_conflict");
    assert_eq!(problem["conflicts"].as_array().map(Vec::len), Some(1));
    assert_eq!(value(&ada, &case, &size).await, "");
    change["custom"][id(&plan)]["version"] = json!(1);
    let case = ada.patch(&path, &change).await.expect(200);
    assert_eq!(case["fields"]["notes"]["value"], "Notes");
    assert_eq!(case["custom"][0]["value"]["value"], "Premium");
    assert_eq!(case["custom"][1]["value"]["value"], "7");
}

async fn another_plan_reads_and_changes_nothing(desk: &mut Desk) {
    let ada = desk.administrator().await;
    let case = ada.create_case("Nick Evans").await;
    let mut field = new("Plan", "text");
    field["required"] = json!(true);
    field["default_value"] = json!("Basic");
    let field = define(&ada, field).await;
    put(&ada, &case, &field, "Premium", 0).await.expect(200);
    desk.set_plan("starter").await;
    assert_eq!(
        value(&ada, &case, &field).await,
        "Premium",
        "still there to read"
    );
    assert_eq!(labels(&ada).await, ["Plan"]);
    for answer in [
        put(&ada, &case, &field, "Basic", 1).await,
        ada.post("/custom-fields", new("Other", "text")).await,
        ada.patch(&path_of(&field), json!({ "label": "Other" }))
            .await,
        ada.delete(&path_of(&field)).await,
    ] {
        assert_eq!(answer.problem(403, "plan_required")["plan"], "professional");
    }
    let notes = json!({ "notes": { "value": "x", "version": 0 } });
    ada.patch(&format!("/cases/{case}"), notes)
        .await
        .expect(200);
    let other = ada.create_case("Other").await;
    assert_eq!(
        value(&ada, &other, &field).await,
        "",
        "no default that nobody could change"
    );
    ada.post(&format!("/cases/{other}/complete"), json!({}))
        .await
        .expect(200);
    desk.set_plan("professional").await;
    put(&ada, &case, &field, "Basic", 1).await.expect(200);
}

async fn values_and_changes_of_a_field_that_race_lose_nothing(desk: &mut Desk) {
    let ada = desk.administrator().await;
    let bea = ada.invite("Bea", "administrator").await;
    for round in 0..6 {
        let case = ada.create_case(&format!("Round {round}")).await;
        let field = define(&ada, new(&format!("Field {round}"), "text")).await;
        let text = if round % 2 == 0 { "not a number" } else { "42" };
        let retype = json!({ "kind": "number" });
        let path = path_of(&field);
        let (saved, retyped) = futures_util::future::join(
            put(&ada, &case, &field, text, 0),
            bea.patch(&path, &retype),
        )
        .await;
        let stands = value(&ada, &case, &field).await;
        let list = ada.get("/custom-fields").await.expect(200);
        let kind = list["items"][round]["kind"].as_str().expect("a kind");
        match saved.status {
            200 => assert_eq!(stands, text, "what was taken stands"),
            _ => {
                assert_eq!(saved.field_error(id(&field)), "invalid");
                assert_eq!(stands, "");
            }
        }
        match retyped.status {
            200 => assert!(kind == "number" && (stands.is_empty() || stands == "42")),
            _ => {
                retyped.problem(409, "field_in_use");
                assert!(kind == "text" && stands == "not a number");
            }
        }
    }
}

async fn deleting_a_field_that_is_being_filled_in_loses_nothing(desk: &mut Desk) {
    let ada = desk.administrator().await;
    let bea = ada.invite("Bea", "administrator").await;
    for round in 0..6 {
        let case = ada.create_case(&format!("Round {round}")).await;
        let field = define(&ada, new(&format!("Field {round}"), "text")).await;
        let path = path_of(&field);
        let (saved, deleted) =
            futures_util::future::join(put(&ada, &case, &field, "Typed", 0), bea.delete(&path))
                .await;
        if deleted.status == 204 {
            saved.problem(422, "unknown_field");
        } else {
            deleted.problem(409, "field_in_use");
            saved.expect(200);
            assert_eq!(value(&ada, &case, &field).await, "Typed");
        }
    }
}

async fn defining_twice_under_one_key_is_one_field(desk: &mut Desk) {
    let ada = desk.administrator().await;
    let key = Uuid::now_v7();
    let send = |label: &str| {
        let request = ada.request(Method::POST, "/custom-fields").key(key);
        request.json(new(label, "text")).send()
    };
    let first = send("Plan").await.expect(201);
    assert_eq!(send("Plan").await.expect(201), first);
    send("Other").await.problem(422, "idempotency_key_reused");
    assert_eq!(labels(&ada).await, ["Plan"]);
}

async fn there_is_an_end_to_how_many(desk: &mut Desk) {
    let ada = desk.administrator().await;
    for n in 0..limits::CUSTOM_FIELDS_MAX {
        define(&ada, new(&format!("Field {n}"), "text")).await;
    }
    let answer = ada.post("/custom-fields", new("More", "text")).await;
    assert_eq!(
        answer.problem(409, "limit_reached")["limit"],
        limits::CUSTOM_FIELDS_MAX
    );
    let otto = desk.other_organization().await;
    define(&otto, new("Theirs", "text")).await;
    assert_eq!(labels(&otto).await, ["Theirs"]);
}

async fn guests_and_strangers_learn_nothing_of_fields(desk: &mut Desk) {
    let ada = desk.administrator().await;
    let otto = desk.other_organization().await;
    let case = ada.create_case("Nick Evans").await;
    let field = define(&ada, new("Zahlungsmoral", "text")).await;
    let guest = ada.guest_of(&case).await;
    let live = format!("/guest/cases/{case}/live");
    let mut page = guest.live(&live).await.expect("a socket");
    page.next_of("hello").await;
    put(&ada, &case, &field, "Schleppend", 0).await.expect(200);
    ada.patch(&path_of(&field), json!({ "label": "Zahlungsmoral!" }))
        .await
        .expect(200);
    ada.send(&case, "Hello").await;
    page.next_event("message.sent").await;
    guest.get(&format!("/guest/cases/{case}")).await.expect(200);
    guest
        .get(&format!("/guest/cases/{case}/timeline"))
        .await
        .expect(200);
    guest
        .get("/custom-fields")
        .await
        .problem(401, "not_signed_in");
    let heard = String::from_utf8_lossy(&guest.heard()).into_owned();
    for word in ["Zahlungsmoral", "Schleppend", id(&field)] {
        assert!(!heard.contains(word), "{word}");
    }
    otto.patch(&path_of(&field), json!({ "label": "x" }))
        .await
        .problem(404, "not_found");
    otto.delete(&path_of(&field))
        .await
        .problem(404, "not_found");
    let theirs = otto.create_case("Theirs").await;
    put(&otto, &theirs, &field, "x", 0)
        .await
        .problem(422, "unknown_field");
}

async fn screens_are_told(desk: &mut Desk) {
    let ada = desk.administrator().await;
    let mari = desk.operator("Mari").await;
    let case = ada.create_case("Nick Evans").await;
    let mut screen = mari.live("/live").await.expect("a socket");
    screen.next_of("hello").await;
    let field = define(&ada, new("Plan", "text")).await;
    let told = screen.next_event("custom_fields.changed").await;
    assert_eq!(told["event"], json!({ "type": "custom_fields.changed" }));
    put(&ada, &case, &field, "Premium", 0).await.expect(200);
    let told = screen.next_event("case.field_changed").await;
    assert_eq!(told["case_id"], case.as_str());
    assert_eq!(told["event"]["field_id"], field["id"]);
    assert_eq!(told["event"]["version"], 1);
    assert!(
        !told.to_string().contains("Premium"),
        "screens load the value"
    );
    // A change that changes nothing is no news.
    ada.patch(&path_of(&field), json!({ "label": "Plan" }))
        .await
        .expect(200);
    ada.patch(&path_of(&field), json!({ "label": "Contract" }))
        .await
        .expect(200);
    let told = screen.next_event("custom_fields.changed").await;
    let list = mari.get("/custom-fields").await.expect(200);
    assert_eq!(list["items"][0]["label"], "Contract");
    ada.delete(&format!("/cases/{case}")).await.expect(204);
    let gone = screen.next_of("event").await;
    assert_eq!(
        gone["event"]["type"], "case.deleted",
        "one event for one change, after {told}"
    );
}
