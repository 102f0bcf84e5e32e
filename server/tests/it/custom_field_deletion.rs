//! Deleting a custom field: with values only by the word that they go too, and then nothing of them is left (P23).

use deskside_db::{DbError, SystemSql, system_sql};
use serde_json::json;

use crate::custom_fields::{define, labels, new, path_of, put, value};
use crate::support::{Desk, on_both_databases};

on_both_databases![
    a_field_with_values_is_deleted_only_with_the_word,
    deleting_a_field_that_is_being_filled_in_loses_nothing,
];

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
