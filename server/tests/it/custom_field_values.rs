//! The values of custom fields: what each kind takes, defaults, what is required, and two people in one field (S116).

use serde_json::json;

use crate::custom_fields::{define, held, id, new, path_of, put, value};
use crate::support::{Answer, Desk, on_both_databases};

on_both_databases![
    each_kind_takes_its_values_and_refuses_others,
    defaults_stand_in_new_cases_and_in_no_old_one,
    required_fields_hold_a_case_back,
    two_people_in_one_field_see_both_texts,
    a_save_is_whole_or_not_at_all,
];

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
