//! Custom fields as administrators define them: who may, what is checked, their order, and who is told (S117).

use axum::http::Method;
use deskside::limits;
use deskside_db::Uuid;
use serde_json::{Value, json};

use crate::support::{Actor, Answer, Desk, on_both_databases};

on_both_databases![
    only_an_administrator_defines_fields,
    a_definition_is_checked,
    fields_have_an_order,
    another_plan_reads_and_changes_nothing,
    defining_twice_under_one_key_is_one_field,
    there_is_an_end_to_how_many,
    guests_and_strangers_learn_nothing_of_fields,
    screens_are_told,
];

/// The least that a definition needs.
pub fn new(label: &str, kind: &str) -> Value {
    let mut field = json!({ "label": label, "kind": kind });
    if kind.starts_with("choice") {
        field["options"] =
            json!([{ "id": "a", "label": "Basic" }, { "id": "b", "label": "Premium" }]);
    }
    field
}

/// A field as an administrator defines it.
pub async fn define(who: &Actor, field: Value) -> Value {
    who.post("/custom-fields", field).await.expect(201)
}

/// Its id.
pub fn id(field: &Value) -> &str {
    field["id"].as_str().expect("an id")
}

/// Where it is changed.
pub fn path_of(field: &Value) -> String {
    format!("/custom-fields/{}", id(field))
}

/// Fills it in.
pub async fn put(who: &Actor, case: &str, field: &Value, value: &str, version: i64) -> Answer {
    let change = json!({ "custom": { id(field): { "value": value, "version": version } } });
    who.patch(&format!("/cases/{case}"), change).await
}

/// A field as it stands in a case.
pub async fn held(who: &Actor, case: &str, field: &Value) -> Value {
    let case = who.case(case).await;
    let custom = case["custom"].as_array().expect("custom fields");
    let found = custom
        .iter()
        .find(|custom| custom["field"]["id"] == field["id"]);
    found.map_or(Value::Null, |custom| custom["value"].clone())
}

/// What it holds in a case.
pub async fn value(who: &Actor, case: &str, field: &Value) -> String {
    let held = held(who, case, field).await;
    held["value"].as_str().expect("a value").to_owned()
}

/// The labels in the list, in its order.
pub async fn labels(who: &Actor) -> Vec<String> {
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
