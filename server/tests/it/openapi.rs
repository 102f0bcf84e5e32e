//! The published description of the API: it is the code's, and nothing is left out of it.

use std::collections::BTreeSet;

use deskside::auth::policy::POLICY;
use deskside::{openapi, router};
use serde_json::Value;

use crate::support::{Desk, description, on_both_databases};

on_both_databases![the_server_serves_its_description];

#[test]
fn the_committed_description_is_the_code_s() {
    let committed = include_str!("../../openapi.json");
    let made = openapi::json(&router::document()).unwrap();
    assert!(
        committed == made,
        "server/openapi.json is stale: run ./script/types and commit it with web/lib/api/schema.ts"
    );
}

async fn the_server_serves_its_description(desk: &mut Desk) {
    let served = desk.stranger().get("/openapi.json").await;
    assert_eq!(&served.expect(200), description());
    assert_eq!(served.header("content-type"), "application/json");
    assert_eq!(description()["openapi"], "3.1.0");
}

/// Every operation with its method and path.
pub fn operations() -> Vec<(String, String, &'static Value)> {
    let paths = description()["paths"].as_object().expect("paths");
    paths
        .iter()
        .flat_map(|(path, item)| {
            let methods = item.as_object().expect("operations of a path");
            methods
                .iter()
                .map(|(method, operation)| (method.to_uppercase(), path.clone(), operation))
        })
        .collect()
}

/// The id of an operation.
pub fn id_of(operation: &Value) -> &str {
    operation["operationId"].as_str().expect("an operation id")
}

#[test]
fn every_operation_has_one_row_in_the_policy_and_every_row_an_operation() {
    let operations = operations();
    let described: BTreeSet<&str> = operations
        .iter()
        .map(|(_, _, operation)| id_of(operation))
        .collect();
    assert_eq!(described.len(), operations.len(), "an id stands twice");
    let decided: BTreeSet<&str> = POLICY.iter().map(|(id, _)| *id).collect();
    assert_eq!(decided.len(), POLICY.len(), "a row stands twice");
    assert_eq!(described, decided);
}

#[test]
fn every_operation_says_what_it_does_and_every_field_what_it_is() {
    for (method, path, operation) in operations() {
        let summary = operation["summary"].as_str().unwrap_or_default();
        assert!(!summary.is_empty(), "{method} {path} has no summary");
        assert!(path.starts_with("/api/v1/"), "{path}");
    }
    let schemas = description()["components"]["schemas"]
        .as_object()
        .expect("schemas");
    for (name, schema) in schemas {
        for (field, rule) in schema["properties"].as_object().into_iter().flatten() {
            let described = rule.get("description").is_some()
                || rule["oneOf"]
                    .as_array()
                    .is_some_and(|rules| rules.iter().any(|r| r.get("description").is_some()));
            assert!(described, "{name}.{field} has no description");
        }
    }
}

/// The POSTs that carry a secret and set a cookie (or only look a secret up) take no key, nor do those inside a
/// call: they carry the participant's secret and may be repeated as they are.
const WITHOUT_KEY: [&str; 17] = [
    "audit_verify",
    "me_password_change",
    "password_reset_create",
    "password_reset_lookup",
    "password_reset_use",
    "setup_create",
    "session_create",
    "operator_invite_lookup",
    "operator_invite_accept",
    "guest_session_create",
    "call_join",
    "call_offer",
    "call_leave",
    "call_end",
    "guest_call_join",
    "guest_call_offer",
    "guest_call_leave",
];

#[test]
fn every_post_but_those_with_secrets_carries_an_idempotency_key() {
    for (method, _, operation) in operations() {
        let keyed = operation["parameters"]
            .as_array()
            .into_iter()
            .flatten()
            .any(|parameter| {
                parameter["name"] == "Idempotency-Key" && parameter["required"] == true
            });
        let id = id_of(operation);
        assert_eq!(
            keyed,
            method == "POST" && !WITHOUT_KEY.contains(&id),
            "{id}"
        );
    }
}
