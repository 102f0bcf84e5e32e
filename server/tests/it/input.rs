//! Whatever comes in from outside (P25): bad input is a problem with its own code, never our fault, and
//! nothing of it is written.

use axum::http::Method;
use deskside::auth::policy::{self, Rule};
use deskside::ids::ParticipantId;
use deskside_db::{DbError, SystemSql, Uuid, system_sql};
use serde_json::{Map, Value, json};

use crate::openapi::{id_of, operations};
use crate::support::{Actor, Answer, Desk, description, on_both_databases, start_call};

on_both_databases![
    a_body_that_is_not_the_expected_json_is_refused_everywhere,
    a_post_without_a_right_key_is_refused,
    an_id_of_the_wrong_form_names_nothing,
    only_the_methods_of_a_path_are_answered,
    odd_texts_reach_no_database,
    a_name_of_which_nothing_is_seen_is_none,
    a_body_may_not_be_too_large,
    problems_speak_english_and_german,
];

static ROWS: SystemSql = system_sql!(
    "SELECT (SELECT count(*) FROM cases) + (SELECT count(*) FROM case_fields) + (SELECT count(*) FROM case_operators)
          + (SELECT count(*) FROM case_reads) + (SELECT count(*) FROM drafts) + (SELECT count(*) FROM events)
          + (SELECT count(*) FROM guest_sessions) + (SELECT count(*) FROM idempotency_keys)
          + (SELECT count(*) FROM message_keys) + (SELECT count(*) FROM operator_invites)
          + (SELECT count(*) FROM operator_sessions) + (SELECT count(*) FROM operators)
          + (SELECT count(*) FROM organizations) + (SELECT count(*) FROM calls)
          + (SELECT count(*) FROM call_participants) + (SELECT count(*) FROM custom_fields)
          + (SELECT count(*) FROM case_custom_fields) + (SELECT count(*) FROM quick_responses)
          + (SELECT count(*) FROM case_locations) + (SELECT count(*) FROM consents)
          + (SELECT count(*) FROM tags) + (SELECT count(*) FROM case_tags)
          + (SELECT count(*) FROM saved_filters) AS all_rows"
);

/// How many rows there are that a request could have written.
async fn rows(desk: &Desk) -> i64 {
    desk.app
        .db()
        .read(|tx| {
            Box::pin(async move {
                let row = tx.system().row(&ROWS, &[]).await?;
                row.expect("a count").get("all_rows")
            })
        })
        .await
        .map_err(|error: DbError| error)
        .expect("the rows can be counted")
}

/// An operation that takes a body, with the one who may call it.
struct Taker {
    id: &'static str,
    method: Method,
    path: String,
    who: Actor,
    /// The fields of the body with their schemas, by the description.
    fields: Vec<(&'static String, &'static Value)>,
}

/// Whether a field may hold a value of this type.
fn takes(schema: &Value, kind: &str) -> bool {
    match &schema["type"] {
        Value::String(only) => only == kind,
        Value::Array(any) => any.iter().any(|one| one == kind),
        _ => false,
    }
}

impl Taker {
    async fn send(&self, body: impl Into<Vec<u8>>) -> Answer {
        self.who
            .request(self.method.clone(), &self.path)
            .bytes(body)
            .send()
            .await
    }
}

/// Every operation that takes a body of JSON.
async fn takers(desk: &Desk) -> Vec<Taker> {
    let ada = desk.administrator().await;
    let case = ada.create_case("Nick Evans").await;
    let guest = ada.guest_of(&case).await;
    let call = start_call(&ada, &case).await;
    let participant = ParticipantId::from_uuid(Uuid::now_v7()).to_string();
    let made = async |path: &str, body: Value| {
        let made = ada.post(path, body).await.json();
        made["id"].as_str().expect("an id").to_owned()
    };
    let field = made("/custom-fields", json!({ "label": "Plan", "kind": "text" })).await;
    let response = json!({ "scope": "private", "shortcut": "x", "title": "x", "text": "x" });
    let response = made("/quick-responses", response).await;
    let tag = made("/tags", json!({ "name": "Urgent" })).await;
    let operator = ada.id().await;
    operations()
        .into_iter()
        .filter(|(_, _, operation)| {
            operation["requestBody"]["content"]
                .get("application/json")
                .is_some()
        })
        .map(|(method, path, operation)| {
            let id = id_of(operation);
            let schema = &operation["requestBody"]["content"]["application/json"]["schema"]["$ref"];
            let name = schema
                .as_str()
                .and_then(|path| path.rsplit('/').next())
                .expect("a schema");
            Taker {
                id,
                method: method.parse().expect("a method"),
                path: path
                    .trim_start_matches("/api/v1")
                    .replace("{case_id}", &case)
                    .replace("{call_id}", &call)
                    .replace("{custom_field_id}", &field)
                    .replace("{quick_response_id}", &response)
                    .replace("{tag_id}", &tag)
                    .replace("{operator_id}", &operator)
                    .replace("{participant_id}", &participant),
                who: match policy::rule(id) {
                    Some(Rule::Guest) => guest.clone(),
                    Some(Rule::Anyone) => desk.stranger(),
                    _ => ada.clone(),
                },
                fields: description()["components"]["schemas"][name]["properties"]
                    .as_object()
                    .into_iter()
                    .flat_map(Map::iter)
                    .collect(),
            }
        })
        .collect()
}

async fn a_body_that_is_not_the_expected_json_is_refused_everywhere(desk: &mut Desk) {
    let takers = takers(desk).await;
    assert!(takers.len() >= 17, "{}", takers.len());
    let before = rows(desk).await;
    let deep = format!("{}{}", "[".repeat(50_000), "]".repeat(50_000));
    for taker in &takers {
        let id = taker.id;
        for body in [
            &b""[..],
            b"{",
            b"{} {}",
            b"{'a':1}",
            b"{\"a\" 1}",
            b"null",
            b"7",
            b"\"text\"",
            b"[]",
            b"[{}]",
            b"[\"Hello\"]",
            b"[\"Hello\", 0]",
            b"{\"\\ud800\": 1}",
            b"\xff\xfe{}",
            b"{\"a\": \"\xff\"}",
            deep.as_bytes(),
        ] {
            let answer = taker.send(body).await;
            let shown = String::from_utf8_lossy(&body[..body.len().min(40)]).into_owned();
            assert!(
                [(400, "bad_json"), (422, "unknown_field")].contains(&(
                    answer.status,
                    answer.json()["code"].as_str().unwrap_or_default()
                )),
                "{id} with {shown}: {} {}",
                answer.status,
                answer.text()
            );
        }
        let unknown = taker.send("{\"surprise\": 1}").await;
        let problem = unknown.problem(422, "unknown_field");
        assert!(problem["detail"].as_str().unwrap().contains("surprise"));
        for (field, schema) in &taker.fields {
            for (wrong, kind) in [
                ("[]", "array"),
                ("[[1]]", ""),
                ("true", "boolean"),
                ("1e999", ""),
                ("7.5", "number"),
                ("{\"x\": {}}", ""),
            ] {
                if takes(schema, kind) {
                    continue;
                }
                let answer = taker.send(format!("{{\"{field}\": {wrong}}}")).await;
                assert!(
                    answer.status == 400 || answer.status == 422,
                    "{id}.{field} = {wrong}: {} {}",
                    answer.status,
                    answer.text()
                );
            }
            let nested = format!("{{\"{field}\": {deep}}}");
            taker.send(nested).await.problem(400, "bad_json");
            let twice = format!("{{\"{field}\": null, \"{field}\": null}}");
            taker.send(twice).await.problem(400, "bad_json");
        }
        for kind in [
            "",
            "text/plain",
            "application/x-www-form-urlencoded",
            "multipart/form-data; boundary=x",
        ] {
            taker
                .who
                .request(taker.method.clone(), &taker.path)
                .typed(kind, "{}")
                .send()
                .await
                .problem(415, "wrong_content_type");
        }
    }
    assert_eq!(rows(desk).await, before, "nothing was written");
}

async fn a_post_without_a_right_key_is_refused(desk: &mut Desk) {
    let takers = takers(desk).await;
    let before = rows(desk).await;
    let mut keyed = 0;
    for (method, path, operation) in operations() {
        let parameters = operation["parameters"].as_array();
        if !parameters.is_some_and(|all| all.iter().any(|one| one["name"] == "Idempotency-Key")) {
            continue;
        }
        keyed += 1;
        let id = id_of(operation);
        let taker = takers
            .iter()
            .find(|taker| taker.id == id)
            .unwrap_or_else(|| panic!("{method} {path} has a key and no body"));
        for key in [
            "",
            "1",
            "not-a-uuid",
            "01a2029a-5b00-7e59-8917-18e382bb830g",
            &"a".repeat(2_000),
        ] {
            let request = taker.who.request(taker.method.clone(), &taker.path);
            let request = request.key(key).json(json!({}));
            request.send().await.problem(400, "idempotency_key_missing");
        }
        let request = taker.who.request(taker.method.clone(), &taker.path);
        let request = request.no_key().json(json!({}));
        request.send().await.problem(400, "idempotency_key_missing");
    }
    assert!(keyed >= 6, "{keyed}");
    assert_eq!(rows(desk).await, before, "nothing was written");
}

async fn an_id_of_the_wrong_form_names_nothing(desk: &mut Desk) {
    let ada = desk.administrator().await;
    let case = ada.create_case("Nick Evans").await;
    let digits = case.trim_start_matches("case_");
    let wrong = [
        "case_".to_owned(),
        "1".to_owned(),
        digits.to_owned(),
        case.to_uppercase(),
        format!("CASE_{digits}"),
        format!("op_{digits}"),
        format!("case_8{}", &digits[1..]),
        format!("{case}0"),
        format!("{case}%00"),
        format!("{case}%20"),
        "%ff".to_owned(),
        "..%2F..%2Fetc%2Fpasswd".to_owned(),
        "'%20OR%201=1--".to_owned(),
        "x".repeat(3_000),
    ];
    for id in &wrong {
        for path in [
            format!("/cases/{id}"),
            format!("/cases/{id}/timeline"),
            format!("/cases/{id}/guest-link"),
            format!("/guest/cases/{id}"),
        ] {
            ada.get(&path).await.problem(404, "not_found");
        }
        ada.delete(&format!("/cases/{id}"))
            .await
            .problem(404, "not_found");
        ada.delete(&format!("/operator-invites/{id}"))
            .await
            .problem(404, "not_found");
    }
    ada.get(&format!("/cases/{case}/nothing"))
        .await
        .problem(404, "not_found");
    ada.get("/nothing").await.problem(404, "not_found");
    ada.case(&case).await;
}

async fn only_the_methods_of_a_path_are_answered(desk: &mut Desk) {
    let ada = desk.administrator().await;
    let case = ada.create_case("Nick Evans").await;
    let known: Vec<(String, String)> = operations()
        .into_iter()
        .map(|(method, path, _)| (method, path))
        .collect();
    for (_, pattern) in &known {
        for method in ["GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE"] {
            if known.contains(&(method.to_owned(), pattern.clone())) {
                continue;
            }
            let path = pattern
                .trim_start_matches("/api/v1")
                .replace("{case_id}", &case);
            let answer = ada
                .request(method.parse().expect("a method"), &path)
                .json(json!({}))
                .send()
                .await;
            answer.problem(405, "method_not_allowed");
        }
    }
    ada.case(&case).await;
}

async fn odd_texts_reach_no_database(desk: &mut Desk) {
    let ada = desk.administrator().await;
    let case = ada.create_case("Nick Evans").await;
    let someone = desk.stranger();
    for odd in [
        "a\0b@desk.example",
        "\0",
        "\u{feff}",
        "'; DROP TABLE cases; --",
    ] {
        someone
            .sign_in(odd, "some password or other")
            .await
            .problem(401, "wrong_credentials");
        someone
            .sign_in("ada@desk.example", odd)
            .await
            .problem(401, "wrong_credentials");
        someone.open_link(odd).await.problem(404, "link_unknown");
        someone
            .accept(odd, "Eve")
            .await
            .problem(410, "invite_invalid");
    }
    for query in [
        "cursor=%00",
        "status=%00",
        "operator=%00",
        "limit=%00",
        "%ff=%ff",
        "cursor=%ff",
    ] {
        let answer = ada.get(&format!("/cases?{query}")).await;
        assert!(
            answer.status == 400 || answer.status == 422,
            "{query}: {} {}",
            answer.status,
            answer.text()
        );
    }
    ada.get(&format!("/cases?{}", "x".repeat(6_000)))
        .await
        .problem(422, "unknown_field");
    ada.case(&case).await;
}

async fn a_name_of_which_nothing_is_seen_is_none(desk: &mut Desk) {
    let ada = desk.administrator().await;
    desk.set_plan("professional").await;
    let case = ada.create_case("Nick Evans").await;
    for unseen in ["\u{200b}", "\u{feff} \u{2060}", "\u{3164}", "\u{2800}"] {
        let quick = json!({ "scope": "global", "shortcut": "x", "title": unseen, "text": unseen });
        for (path, field, body) in [
            ("/cases", "name", json!({ "name": unseen })),
            ("/tags", "name", json!({ "name": unseen })),
            ("/quick-responses", "title", quick.clone()),
            ("/quick-responses", "text", quick),
            (
                "/custom-fields",
                "label",
                json!({ "label": unseen, "kind": "text" }),
            ),
        ] {
            let answer = ada.post(path, body).await;
            let problem = answer.problem(422, "invalid_input");
            let errors = problem["errors"].as_array().expect("errors");
            let is_told = |error: &Value| error["field"] == field && error["code"] == "required";
            assert!(errors.iter().any(is_told), "{path} {unseen:?}: {problem}");
        }
        let change = json!({ "name": { "value": unseen, "version": 1 } });
        let answer = ada.patch(&format!("/cases/{case}"), change).await;
        assert_eq!(answer.field_error("name"), "required", "{unseen:?}");
    }
    // Joiners that belong to what is seen stay where they are.
    for seen in ["می\u{200c}خواهم", "👩\u{200d}👩\u{200d}👧"] {
        let made = ada.create_case(seen).await;
        assert_eq!(ada.case(&made).await["name"], seen);
    }
    let family = "👩🏽‍❤️‍💋‍👨🏿".repeat(50);
    let made = ada.create_case(&family).await;
    assert_eq!(ada.case(&made).await["name"], family);
}

async fn a_body_may_not_be_too_large(desk: &mut Desk) {
    let ada = desk.administrator().await;
    let case = ada.create_case("Nick Evans").await;
    let before = ada.case(&case).await;
    for length in [300_000, 1_000_000, 4_000_000] {
        let long = "x".repeat(length);
        let change = json!({ "notes": { "value": long, "version": 0 } });
        ada.patch(&format!("/cases/{case}"), change)
            .await
            .problem(413, "body_too_large");
        ada.post(&format!("/cases/{case}/messages"), json!({ "text": long }))
            .await
            .problem(413, "body_too_large");
        desk.stranger()
            .sign_in(&long, "x")
            .await
            .problem(413, "body_too_large");
    }
    assert_eq!(ada.case(&case).await, before);
    let escaped: String = "\\ud83d\\ude00".repeat(20_000);
    let body = format!("{{\"notes\": {{\"value\": \"{escaped}\", \"version\": 0}}}}");
    let whole = ada
        .request(Method::PATCH, &format!("/cases/{case}"))
        .bytes(body)
        .send()
        .await;
    let notes = whole.expect(200)["fields"]["notes"]["value"].clone();
    assert_eq!(notes, "😀".repeat(20_000), "the longest notes fit, escaped");
}

async fn problems_speak_english_and_german(desk: &mut Desk) {
    let someone = desk.stranger();
    let ask = async |language: &str| {
        let mut request = someone.request(Method::GET, "/me");
        if !language.is_empty() {
            request = request.header("accept-language", language);
        }
        let problem = request.send().await.problem(401, "not_signed_in");
        problem["title"].as_str().expect("a title").to_owned()
    };
    let (english, german) = (ask("").await, ask("de").await);
    assert_ne!(english, german);
    for (language, expected) in [
        ("de-AT,de;q=0.9,en;q=0.8", &german),
        ("fr, de;q=0.5", &german),
        ("en-GB", &english),
        ("fr", &english),
        ("\u{e9}, ;;;=,", &english),
    ] {
        assert_eq!(&ask(language).await, expected, "{language}");
    }
    let ada = desk.administrator().await;
    let answer = ada
        .request(Method::POST, "/cases")
        .header("accept-language", "de")
        .json(json!({ "name": "" }))
        .send()
        .await;
    let detail = answer.problem(422, "invalid_input")["errors"][0]["detail"].clone();
    let answer = ada.post("/cases", json!({ "name": "" })).await;
    let english = answer.problem(422, "invalid_input")["errors"][0]["detail"].clone();
    assert_ne!(detail, english);
    assert!(!detail.as_str().unwrap().is_empty() && !english.as_str().unwrap().is_empty());
}
