//! Changes of custom fields: none loses what people typed (S118, P23).

use futures_util::future::{join, join_all};
use serde_json::{Value, json};

use crate::custom_fields::{define, held, id, labels, new, path_of, put, value};
use crate::support::{Desk, on_both_databases};

on_both_databases![
    an_option_in_use_is_retired_instead_of_removed,
    another_kind_is_taken_when_every_value_has_a_place_in_it,
    another_kind_is_refused_with_what_would_be_lost,
    renaming_and_archiving_keep_values,
    values_and_changes_of_a_field_that_race_lose_nothing,
    cases_are_made_while_fields_are_made,
];

/// Both take the definitions and the organization's row: in one order, or one of two that meet waits for the other until
/// the database ends it.
async fn cases_are_made_while_fields_are_made(desk: &mut Desk) {
    let ada = desk.administrator().await;
    for _ in 0..10 {
        let cases = join_all((0..4).map(|_| ada.post("/cases", json!({ "name": "Nick Evans" }))));
        let field = define(&ada, new("Plan", "text"));
        let (cases, field) = join(cases, field).await;
        for case in cases {
            case.expect(201);
        }
        ada.delete(&path_of(&field)).await.expect(204);
    }
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
