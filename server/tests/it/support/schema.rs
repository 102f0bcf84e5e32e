//! Checks what the server sends against what it publishes (P32): a small reader of JSON Schema that knows
//! exactly the words which the description uses, and fails on any other.

use std::sync::OnceLock;

use axum::http::Method;
use serde_json::{Map, Value};

use super::answer::Answer;

/// Every problem code; a new one is added here, to the words in `error/texts.rs` and to the web's catalogues.
pub const CODES: &[&str] = &[
    "bad_cursor",
    "bad_json",
    "bad_limit",
    "body_too_large",
    "call_ended",
    "call_full",
    "call_moved",
    "call_open",
    "call_peer_gone",
    "calls_unavailable",
    "case_completed",
    "case_deleted",
    "case_merged",
    "case_not_completed",
    "case_taken",
    "cross_site",
    "email_taken",
    "field_conflict",
    "field_in_use",
    "fields_required",
    "forbidden",
    "idempotency_key_missing",
    "idempotency_key_reused",
    "internal",
    "invalid_input",
    "invite_invalid",
    "last_administrator",
    "limit_reached",
    "link_unknown",
    "location_not_asked",
    "location_off",
    "merge_drafts_too_long",
    "merge_too_large",
    "merge_with_itself",
    "method_not_allowed",
    "no_seat_free",
    "not_found",
    "not_on_case",
    "not_saved",
    "not_signed_in",
    "offer_invalid",
    "operator_unavailable",
    "overloaded",
    "picture_invalid",
    "picture_too_large",
    "placeholder_left",
    "plan_required",
    "reset_invalid",
    "right_missing",
    "seat_required",
    "setup_closed",
    "setup_link_invalid",
    "storage_full",
    "tag_exists",
    "too_many_attempts",
    "too_many_filters",
    "too_many_invites",
    "too_many_tags",
    "unknown_field",
    "wrong_content_type",
    "wrong_credentials",
];

/// The description of the API, as the server publishes it.
pub fn description() -> &'static Value {
    static DESCRIPTION: OnceLock<Value> = OnceLock::new();
    DESCRIPTION.get_or_init(|| {
        serde_json::to_value(deskside::router::document()).expect("the description is JSON")
    })
}

/// Fails when an answer is not what the description promises.
#[track_caller]
pub fn check(method: &Method, path: &str, answer: &Answer) {
    let context = format!("{} → {}: {}", answer.asked, answer.status, answer.text());
    let id = answer.header("x-request-id");
    assert!(!id.is_empty(), "no x-request-id in {context}");
    assert_eq!(
        answer.header("x-content-type-options"),
        "nosniff",
        "{context}"
    );
    let is_picture = answer.header("content-type").starts_with("image/");
    if path.starts_with("/api/") && path != "/api/v1/openapi.json" && !is_picture {
        assert_eq!(answer.header("cache-control"), "no-store", "{context}");
    }
    if answer.status >= 400 && !["/livez", "/readyz"].contains(&path) {
        // An unknown page is a page.
        if answer.header("content-type").starts_with("text/html") {
            return;
        }
        assert_eq!(
            answer.header("content-type"),
            "application/problem+json",
            "{context}"
        );
        if *method == Method::HEAD {
            return;
        }
        let problem = answer.json();
        validate("Problem", &problem).unwrap_or_else(|error| panic!("{error}: {context}"));
        assert_eq!(problem["status"], answer.status, "{context}");
        assert_eq!(problem["request_id"], id, "{context}");
        let code = problem["code"].as_str().unwrap_or_default();
        assert!(CODES.contains(&code), "unknown code: {context}");
        let waits = problem["retry_after_s"].as_u64().map(|s| s.to_string());
        assert_eq!(
            answer.header("retry-after"),
            waits.unwrap_or_default(),
            "{context}"
        );
        return;
    }
    let Some(operation) = operation(method, path) else {
        return;
    };
    let response = &operation["responses"][answer.status.to_string()];
    assert!(response.is_object(), "a status not described: {context}");
    // A picture, a table: described by its content type alone.
    let kind = answer
        .header("content-type")
        .split(';')
        .next()
        .unwrap_or_default();
    if !["", "application/json"].contains(&kind) && response["content"][kind].is_object() {
        return;
    }
    match response["content"]["application/json"]["schema"].as_object() {
        Some(schema) => {
            fits(schema, &answer.json(), "").unwrap_or_else(|error| panic!("{error}: {context}"))
        }
        None if path == "/api/v1/openapi.json" => {}
        None => assert!(answer.body.is_empty(), "a body not described: {context}"),
    }
}

/// The operation of a path, if it is one of the API.
fn operation(method: &Method, path: &str) -> Option<&'static Value> {
    let steps: Vec<&str> = path.split('/').collect();
    let paths = description()["paths"].as_object()?;
    let item = paths.get(path).or_else(|| {
        let found = paths.iter().find(|(pattern, _)| {
            let pattern: Vec<&str> = pattern.split('/').collect();
            pattern.len() == steps.len()
                && pattern
                    .iter()
                    .zip(&steps)
                    .all(|(pattern, step)| pattern.starts_with('{') || pattern == step)
        });
        found.map(|(_, item)| item)
    })?;
    item.get(method.as_str().to_lowercase())
}

/// Whether a value is what the named schema says.
pub fn validate(name: &str, value: &Value) -> Result<(), String> {
    fits(named(name), value, name)
}

fn named(name: &str) -> &'static Map<String, Value> {
    description()["components"]["schemas"][name]
        .as_object()
        .unwrap_or_else(|| panic!("there is no schema {name}"))
}

fn fits(schema: &Map<String, Value>, value: &Value, at: &str) -> Result<(), String> {
    for (word, rule) in schema {
        match word.as_str() {
            "description" | "examples" | "format" => {}
            "$ref" => {
                let name = rule.as_str().and_then(|path| path.rsplit('/').next());
                fits(named(name.unwrap_or_default()), value, at)?;
            }
            "type" => {
                let known = match rule {
                    Value::Array(types) => types.iter().any(|kind| is(kind, value)),
                    kind => is(kind, value),
                };
                if !known {
                    return Err(format!("{at} is {value}, not {rule}"));
                }
            }
            "enum" => {
                if !rule.as_array().is_some_and(|known| known.contains(value)) {
                    return Err(format!("{at} is {value}, none of {rule}"));
                }
            }
            "minimum" => {
                if value.as_f64() < rule.as_f64() {
                    return Err(format!("{at} is {value}, below {rule}"));
                }
            }
            "pattern" => matches(rule, value).map_err(|error| format!("{at}: {error}"))?,
            "oneOf" => one_of(rule, value, at)?,
            "items" => {
                let rule = rule.as_object().ok_or("items is no schema")?;
                for (index, item) in value.as_array().into_iter().flatten().enumerate() {
                    fits(rule, item, &format!("{at}[{index}]"))?;
                }
            }
            "properties" => properties(rule, value, at)?,
            "required" => {
                for field in rule.as_array().into_iter().flatten() {
                    let field = field.as_str().unwrap_or_default();
                    if value.is_object() && value.get(field).is_none() {
                        return Err(format!("{at}.{field} is missing"));
                    }
                }
            }
            "additionalProperties" => {
                if *rule != Value::Bool(false) {
                    return Err(format!(
                        "{at}: additionalProperties {rule} is not understood"
                    ));
                }
            }
            other => return Err(format!("{at}: the word {other} is not understood")),
        }
    }
    // A type without fields of its own, as `{"type": "object"}`, allows none.
    if schema.get("type").is_some_and(|kind| kind == "object")
        && !schema.contains_key("properties")
        && value.as_object().is_some_and(|fields| !fields.is_empty())
    {
        return Err(format!(
            "{at} has fields that are not in the schema: {value}"
        ));
    }
    Ok(())
}

fn properties(rule: &Value, value: &Value, at: &str) -> Result<(), String> {
    for (field, inner) in value.as_object().into_iter().flatten() {
        let at = format!("{at}.{field}");
        match rule.get(field).and_then(Value::as_object) {
            Some(rule) => fits(rule, inner, &at)?,
            None => return Err(format!("{at} is not in the schema")),
        }
    }
    Ok(())
}

/// Exactly one of the alternatives; with a tag, the one that it names.
fn one_of(rule: &Value, value: &Value, at: &str) -> Result<(), String> {
    let alternatives: Vec<&Map<String, Value>> = rule
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(Value::as_object)
        .collect();
    let tagged = |schema: &&&Map<String, Value>| {
        ["type", "kind"].iter().any(|tag| {
            let named = schema
                .get("properties")
                .and_then(|fields| fields[*tag]["enum"].as_array());
            named.is_some_and(|named| value.get(tag).is_some_and(|tag| named.contains(tag)))
        })
    };
    if let Some(schema) = alternatives.iter().find(tagged) {
        return fits(schema, value, at);
    }
    let results: Vec<Result<(), String>> = alternatives
        .iter()
        .map(|schema| fits(schema, value, at))
        .collect();
    match results.iter().filter(|result| result.is_ok()).count() {
        1 => Ok(()),
        0 => {
            let errors: Vec<String> = results.into_iter().filter_map(Result::err).collect();
            Err(errors.join(", or "))
        }
        _ => Err(format!("{at} fits more than one alternative")),
    }
}

fn is(kind: &Value, value: &Value) -> bool {
    match kind.as_str().unwrap_or_default() {
        "object" => value.is_object(),
        "array" => value.is_array(),
        "string" => value.is_string(),
        "boolean" => value.is_boolean(),
        "integer" => value.is_i64() || value.is_u64(),
        "number" => value.is_number(),
        "null" => value.is_null(),
        _ => false,
    }
}

/// Ids are the only texts with a pattern: a prefix and 26 characters of base32.
fn matches(rule: &Value, value: &Value) -> Result<(), String> {
    let rule = rule.as_str().unwrap_or_default();
    let prefix = rule
        .strip_prefix('^')
        .and_then(|rule| rule.strip_suffix("[0-7][0-9abcdefghjkmnpqrstvwxyz]{25}$"))
        .ok_or_else(|| format!("the pattern {rule} is not understood"))?;
    let id = value
        .as_str()
        .and_then(|text| text.strip_prefix(prefix))
        .unwrap_or_default();
    let base32 = |c: char| c.is_ascii_digit() || c.is_ascii_lowercase() && !"ilou".contains(c);
    if id.len() == 26 && id.starts_with(|c| ('0'..='7').contains(&c)) && id.chars().all(base32) {
        Ok(())
    } else {
        Err(format!("{value} does not match {rule}"))
    }
}

#[cfg(test)]
mod tests {
    use super::validate;
    use serde_json::json;

    #[test]
    fn the_validator_sees_each_kind_of_mistake() {
        let right = json!({ "kind": "operator", "id": null, "name": "Ada" });
        assert_eq!(validate("Actor", &right), Ok(()));
        for (wrong, why) in [
            (json!({ "kind": "operator", "id": 7 }), "is 7, not"),
            (json!({ "kind": "boss", "id": null }), "none of"),
            (json!({ "id": null }), "kind is missing"),
            (
                json!({ "kind": "guest", "email": "x" }),
                "email is not in the schema",
            ),
        ] {
            let error = validate("Actor", &wrong).unwrap_err();
            assert!(error.contains(why), "{error}");
        }
        let event = |event| json!({ "kind": "event", "cursor": 1, "at": "", "actor": right, "event": event });
        assert_eq!(
            validate("OperatorFrame", &event(json!({ "type": "case.completed" }))),
            Ok(())
        );
        for wrong in [
            json!({ "type": "case.completed", "secret": 1 }),
            json!({ "type": "case.vanished" }),
            json!({ "type": "message.sent", "text": 7 }),
        ] {
            assert!(validate("OperatorFrame", &event(wrong)).is_err());
        }
        assert!(validate("CaseId", &json!("case_01kp5hrfvgfk19hh6w1g60eecf")).is_ok());
        assert!(validate("CaseId", &json!("case_81kp5hrfvgfk19hh6w1g60eecf")).is_err());
    }
}
