//! The audit log (E40): what stands in it, who may read it, and that nobody changes it unseen (T22).

use std::time::Duration;

use axum::http::Method;
use deskside_db::{DbError, SystemSql, Val, system_sql};
use serde_json::{Value, json};

use crate::support::{Actor, Desk, on_both_databases};

on_both_databases![
    acts_stand_in_the_log_with_ids_alone,
    looking_at_a_case_is_noted_once_an_hour,
    a_failed_sign_in_is_noted,
    pages_and_filters_show_each_entry_once,
    a_changed_or_missing_entry_is_found,
    only_administrators_read_it_and_only_their_own,
];

async fn log(ada: &Actor, query: &str) -> Vec<Value> {
    let page = ada.get(&format!("/audit?{query}")).await.expect(200);
    page["items"].as_array().expect("items").clone()
}

/// The verbs of the log about an object, oldest first.
async fn about(ada: &Actor, object: &str) -> Vec<String> {
    let mut verbs: Vec<String> = log(ada, "limit=100")
        .await
        .iter()
        .filter(|entry| entry["object_id"] == object)
        .map(|entry| entry["verb"].as_str().expect("a verb").to_owned())
        .collect();
    verbs.reverse();
    verbs
}

async fn verify(ada: &Actor) -> Value {
    ada.request(Method::POST, "/audit/verify")
        .send()
        .await
        .expect(200)
}

async fn acts_stand_in_the_log_with_ids_alone(desk: &mut Desk) {
    let ada = desk.administrator().await;
    let mari = desk.operator("Mari").await;
    let new = json!({ "name": "Quastenflosser", "notes": "Quastenflosser" });
    let case = mari.post("/cases", new).await.expect(201)["id"]
        .as_str()
        .expect("an id")
        .to_owned();
    let path = format!("/cases/{case}");
    mari.post(&format!("{path}/complete"), json!({}))
        .await
        .expect(200);
    mari.post(&format!("{path}/reopen"), json!({}))
        .await
        .expect(200);
    let entry = log(&ada, "verb=case.created").await.remove(0);
    assert_eq!(entry["object_name"], "Quastenflosser");
    assert_eq!(entry["actor"]["name"], "Mari");
    assert_eq!(entry["object_kind"], "case");
    mari.delete(&path).await.expect(204);
    desk.run_jobs().await;
    let mut verbs = about(&ada, &case).await;
    // An answer that shows the case counts as looking at it.
    verbs.retain(|verb| verb != "case.opened");
    let expected = [
        "case.created",
        "case.completed",
        "case.reopened",
        "case.deleted",
    ];
    assert_eq!(verbs, expected);
    let whole = Value::from(log(&ada, "limit=100").await).to_string();
    assert!(!whole.contains("Quastenflosser"), "{whole}");
    assert!(whole.contains(&case));
    let verdict = verify(&ada).await;
    assert_eq!(verdict["ok"], true, "{verdict}");
    assert!(verdict["entries"].as_i64() > Some(4));
    assert_eq!(verdict["broken_at"], Value::Null);
}

async fn looking_at_a_case_is_noted_once_an_hour(desk: &mut Desk) {
    let ada = desk.administrator().await;
    let mari = desk.operator("Mari").await;
    let case = mari.create_case("Nick Evans").await;
    let path = format!("/cases/{case}");
    let opened = async |desk: &Desk| {
        let ada = desk.administrator().await;
        let verbs = about(&ada, &case).await;
        verbs.iter().filter(|verb| *verb == "case.opened").count()
    };
    for _ in 0..3 {
        mari.get(&path).await.expect(200);
    }
    assert_eq!(opened(desk).await, 1);
    ada.get(&path).await.expect(200);
    assert_eq!(opened(desk).await, 2, "each operator");
    desk.restart().await;
    mari.get(&path).await.expect(200);
    assert_eq!(opened(desk).await, 2, "a restart forgets nothing");
    desk.wait(Duration::from_secs(3600));
    mari.get(&path).await.expect(200);
    mari.get(&path).await.expect(200);
    assert_eq!(opened(desk).await, 3, "the next hour");
    mari.get("/cases/case_01khzv5rhe8000000000000000").await;
    assert_eq!(opened(desk).await, 3);
}

async fn a_failed_sign_in_is_noted(desk: &mut Desk) {
    let ada = desk.administrator().await;
    let mari = desk.operator("Mari").await;
    let id = mari.id().await;
    desk.stranger()
        .sign_in("mari@desk.example", "not the right password")
        .await
        .problem(401, "wrong_credentials");
    desk.stranger()
        .sign_in("nobody@desk.example", "not the right password")
        .await
        .problem(401, "wrong_credentials");
    mari.delete("/session").await.expect(204);
    // It is written beside the answer.
    let refused = loop {
        let refused = log(&ada, "verb=session.refused").await;
        if !refused.is_empty() {
            break refused;
        }
        tokio::task::yield_now().await;
    };
    assert_eq!(refused.len(), 1, "no one's failure belongs to no one");
    assert_eq!(refused[0]["object_id"], id.as_str());
    assert_eq!(refused[0]["actor"]["kind"], "system");
    let ended = log(&ada, &format!("verb=session.ended&actor={id}")).await;
    assert_eq!(ended.len(), 1);
}

async fn pages_and_filters_show_each_entry_once(desk: &mut Desk) {
    let ada = desk.administrator().await;
    let mari = desk.operator("Mari").await;
    for n in 0..12 {
        mari.create_case(&format!("Case {n}")).await;
    }
    let (mut query, mut seen) = (String::from("verb=case.created&limit=5"), Vec::new());
    loop {
        let page = ada.get(&format!("/audit?{query}")).await.expect(200);
        let items = page["items"].as_array().expect("items");
        seen.extend(
            items
                .iter()
                .map(|entry| entry["n"].as_i64().expect("a number")),
        );
        let Some(next) = page["next"].as_str() else {
            break;
        };
        query = format!("verb=case.created&limit=5&cursor={next}");
    }
    assert_eq!(seen.len(), 12);
    assert!(
        seen.is_sorted_by(|a, b| a > b),
        "newest first, none twice: {seen:?}"
    );
    let of_mari = log(&ada, &format!("actor={}&limit=100", mari.id().await)).await;
    assert!(of_mari.len() >= 12);
    assert!(of_mari.iter().all(|entry| entry["actor"]["name"] == "Mari"));
    for (query, code) in [
        ("verb=case.eaten", "bad_json"),
        ("actor=mari", "bad_json"),
        ("cursor=x", "bad_cursor"),
        ("limit=0", "bad_limit"),
    ] {
        ada.get(&format!("/audit?{query}")).await.problem(400, code);
    }
    let reads = log(&ada, "verb=audit.read").await;
    assert_eq!(reads.len(), 1, "reading it is noted, once an hour");
}

static CHANGE: SystemSql = system_sql!("UPDATE audit SET verb = 'case.opened' WHERE n = $1");
static CHANGE_BACK: SystemSql = system_sql!("UPDATE audit SET verb = 'case.created' WHERE n = $1");
static DELETE: SystemSql = system_sql!("DELETE FROM audit WHERE n = $1");
static REWRITE: SystemSql = system_sql!(
    sqlite: "UPDATE audit SET detail = 'x', hash = zeroblob(32) WHERE n = $1",
    postgres: "UPDATE audit SET detail = 'x', hash = decode(repeat('00', 32), 'hex') WHERE n = $1"
);

async fn run(desk: &Desk, sql: &'static SystemSql, n: i64) {
    desk.app
        .db()
        .write(move |tx| {
            Box::pin(async move {
                let touched = tx.system().execute(sql, &[Val::from(n)]).await?;
                assert_eq!(touched, 1);
                Ok::<_, DbError>(())
            })
        })
        .await
        .expect("tampered with");
}

async fn a_changed_or_missing_entry_is_found(desk: &mut Desk) {
    let ada = desk.administrator().await;
    for n in 0..6 {
        ada.create_case(&format!("Case {n}")).await;
    }
    let created = log(&ada, "verb=case.created").await;
    let middle = created[3]["n"].as_i64().expect("a number");
    assert_eq!(verify(&ada).await["ok"], true);
    run(desk, &CHANGE, middle).await;
    let verdict = verify(&ada).await;
    assert_eq!(
        verdict,
        json!({ "ok": false, "entries": middle - 1, "broken_at": middle })
    );
    run(desk, &CHANGE_BACK, middle).await;
    assert_eq!(verify(&ada).await["ok"], true);
    // The end cut off: the row of the organization knows better.
    ada.create_case("The last one").await;
    let last = log(&ada, "limit=1").await[0]["n"]
        .as_i64()
        .expect("a number");
    run(desk, &DELETE, last).await;
    let verdict = verify(&ada).await;
    assert_eq!(verdict["ok"], false);
    assert_eq!(verdict["broken_at"], last);
    // One taken out of the middle, and one whose hash was made to look new.
    run(desk, &DELETE, middle + 1).await;
    assert_eq!(verify(&ada).await["broken_at"], middle + 1);
    run(desk, &REWRITE, middle).await;
    assert_eq!(verify(&ada).await["broken_at"], middle);
    // The log goes on, and the damage stays told.
    ada.create_case("After it").await;
    assert_eq!(verify(&ada).await["broken_at"], middle);
}

async fn only_administrators_read_it_and_only_their_own(desk: &mut Desk) {
    let ada = desk.administrator().await;
    let mari = desk.operator("Mari").await;
    let otto = desk.other_organization().await;
    let case = otto.create_case("Elsewhere").await;
    mari.get("/audit").await.problem(403, "forbidden");
    mari.request(Method::POST, "/audit/verify")
        .send()
        .await
        .problem(403, "forbidden");
    desk.stranger()
        .get("/audit")
        .await
        .problem(401, "not_signed_in");
    assert_eq!(about(&ada, &case).await, [""; 0]);
    assert_eq!(about(&otto, &case).await, ["case.created"]);
    assert_eq!(verify(&otto).await["ok"], true);
}
