//! Deleting a case for good: nothing of it is left anywhere (T14, P21).

use std::path::Path;

use axum::http::Method;
use deskside::ids::{CallId, CaseId, ParticipantId};
use deskside_db::{DbError, Dialect, SystemSql, Uuid, system_sql};
use serde_json::{Value, json};

use crate::support::{Actor, Caller, Desk, on_both_databases, start_call};

on_both_databases![
    of_a_deleted_case_nothing_is_left,
    deleting_again_is_an_honest_404,
    events_keep_their_numbers_as_tombstones,
    a_deleted_case_is_gone_from_every_list_and_screen,
];

/// Stands in every text of the case that will be deleted.
pub const MARK: &str = "Quastenflosser";

async fn of_a_deleted_case_nothing_is_left(desk: &mut Desk) {
    let mari = desk.operator("Mari").await;
    let on = json!({ "location_enabled": true });
    let ada = desk.administrator().await;
    ada.patch("/organization", on).await.expect(200);
    let kept = mari.create_case("Bleibt hier").await;
    mari.send(&kept, "Bleibt auch").await;

    let key = Uuid::now_v7();
    let new = json!({ "name": format!("{MARK} one"), "email": format!("{MARK}@mail.example"), "phone": "+49 30 77712345",
        "internal_reference": format!("{MARK}-7"), "notes": format!("{MARK} {}", "long notes ".repeat(800)) });
    let made = mari
        .request(Method::POST, "/cases")
        .key(key)
        .json(&new)
        .send()
        .await
        .expect(201);
    let case = made["id"].as_str().unwrap().to_owned();
    let path = format!("/cases/{case}");
    let link = mari.guest_link(&case).await;
    let guest = mari.guest_of(&case).await;
    for n in 0..40 {
        let text = format!("{MARK} says {n} {}", "and more ".repeat(n * 20));
        mari.send(&case, &text).await;
        guest.guest_send(&case, &text).await;
    }
    for version in 1..5 {
        let change = json!({ "name": { "value": format!("{MARK} {version}"), "version": version },
            "notes": { "value": format!("{MARK} notes {version}"), "version": version } });
        mari.patch(&path, change).await.expect(200);
    }
    let draft = json!({ "text": format!("{MARK} draft"), "version": 0 });
    mari.put(&format!("{path}/draft"), draft).await.expect(200);
    mari.put(&format!("{path}/read"), json!({ "entry": 20 }))
        .await
        .expect(204);
    for act in ["complete", "reopen"] {
        mari.post(&format!("{path}/{act}"), json!({}))
            .await
            .expect(200);
    }
    fill_in(desk, &mari, &case).await;
    locate(&mari, &guest, &case).await;
    let call = start_call(&mari, &case).await;
    let caller = Caller::silent_guest(&guest, &case, &call).await;
    Caller::silent_operator(&mari, &case, &call).await;
    let ids = [
        case.parse::<CaseId>().unwrap().uuid(),
        call.parse::<CallId>().unwrap().uuid(),
        caller.id.parse::<ParticipantId>().unwrap().uuid(),
    ];
    assert!(!places(desk, MARK).await.is_empty(), "the search finds it");
    for id in ids {
        assert!(!places_of(desk, id).await.is_empty(), "the search finds it");
    }

    mari.delete(&path).await.expect(204);
    assert!(desk.run_jobs().await > 0, "a job clears the log");
    let token = crate::support::token_of(&link);
    let key = key.to_string();
    for word in [
        MARK,
        "77712345",
        "long notes",
        token,
        &key,
        &call,
        &caller.id,
    ] {
        let found = places(desk, word).await;
        assert!(found.is_empty(), "{word} is still in {found:?}");
    }
    for id in &ids[1..] {
        let found = places_of(desk, *id).await;
        assert!(found.is_empty(), "{id} is still in {found:?}");
    }
    assert_eq!(rows_of_locations(desk).await, 0, "no place, no consent");
    assert!(!places(desk, "Bleibt auch").await.is_empty());
    let left = mari
        .get(&format!("/cases/{kept}/timeline"))
        .await
        .expect(200);
    assert!(left.to_string().contains("Bleibt auch"));
}

/// Fills in a custom field of each kind that takes words.
async fn fill_in(desk: &Desk, mari: &Actor, case: &str) {
    let ada = desk.administrator().await;
    for (kind, value) in [
        ("text", MARK.to_owned()),
        (
            "long_text",
            format!("{MARK}\n{}", "more words ".repeat(300)),
        ),
        ("link", format!("https://{MARK}.example/")),
    ] {
        let field = json!({ "label": kind, "kind": kind });
        let field = ada.post("/custom-fields", field).await.expect(201);
        let id = field["id"].as_str().expect("an id");
        for (version, value) in [format!("{value}/first"), value].into_iter().enumerate() {
            let change = json!({ "custom": { id: { "value": value, "version": version } } });
            mari.patch(&format!("/cases/{case}"), change)
                .await
                .expect(200);
        }
    }
}

/// Asks the guest for the location twice: one time it is shared, one time refused.
async fn locate(mari: &Actor, guest: &Actor, case: &str) {
    for answer in ["shared", "refused"] {
        let ask = format!("/cases/{case}/location/request");
        mari.post(&ask, json!({})).await.expect(202);
        let page = guest.get(&format!("/guest/cases/{case}")).await.expect(200);
        let body = json!({ "request": page["location_request"]["id"], "answer": answer,
            "latitude": 52.5, "longitude": 13.3, "accuracy_m": 10 });
        guest
            .post(&format!("/guest/cases/{case}/location"), body)
            .await
            .expect(204);
    }
}

static LOCATIONS: SystemSql = system_sql!(
    "SELECT (SELECT count(*) FROM case_locations) + (SELECT count(*) FROM consents)
          + (SELECT count(*) FROM case_custom_fields) AS all_rows"
);

/// How many rows there are about places, consents and custom fields; only one case had any.
async fn rows_of_locations(desk: &Desk) -> i64 {
    let counted: Result<i64, DbError> = desk
        .app
        .db()
        .read(|tx| {
            Box::pin(async move {
                let row = tx.system().row(&LOCATIONS, &[]).await?;
                row.expect("a count").get("all_rows")
            })
        })
        .await;
    counted.expect("the rows can be counted")
}

/// Where a word stands: files of the data folder, or columns of tables.
pub async fn places(desk: &Desk, word: &str) -> Vec<String> {
    match desk.dialect() {
        Dialect::Sqlite => files_with(desk.folder(), word.as_bytes()),
        Dialect::Postgres => columns_with(desk, word).await,
    }
}

/// Where an id stands, as the databases keep it.
async fn places_of(desk: &Desk, id: Uuid) -> Vec<String> {
    match desk.dialect() {
        Dialect::Sqlite => files_with(desk.folder(), id.as_bytes()),
        Dialect::Postgres => columns_with(desk, &id.to_string()).await,
    }
}

fn files_with(folder: &Path, word: &[u8]) -> Vec<String> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            found.extend(files_with(&path, word));
            continue;
        }
        let bytes = std::fs::read(&path).expect("a file");
        let stands = bytes
            .windows(word.len())
            .any(|window| window.eq_ignore_ascii_case(word));
        if stands {
            found.push(path.display().to_string());
        }
    }
    found
}

/// Each row of each table as one text; an object type of PostgreSQL that all rows can be cast to.
static ROWS_WITH: SystemSql = system_sql!(
    sqlite: "SELECT $1 AS place",
    postgres: "SELECT t.table_name::text AS place FROM information_schema.tables t
               WHERE t.table_schema = 'public' AND t.table_type = 'BASE TABLE'
                 AND position(lower($1) IN lower(query_to_xml(format('SELECT * FROM %I', t.table_name), true, true, '')::text)) > 0"
);

async fn columns_with(desk: &Desk, word: &str) -> Vec<String> {
    let word = word.to_owned();
    desk.app
        .db()
        .read(move |tx| {
            Box::pin(async move {
                tx.system()
                    .rows(&ROWS_WITH, &[word.into()])
                    .await?
                    .iter()
                    .map(|row| row.get("place"))
                    .collect::<Result<Vec<String>, DbError>>()
            })
        })
        .await
        .expect("the tables can be read")
}

async fn deleting_again_is_an_honest_404(desk: &mut Desk) {
    let mari = desk.operator("Mari").await;
    let case = mari.create_case("Nick Evans").await;
    let path = format!("/cases/{case}");
    mari.delete(&path).await.expect(204);
    mari.delete(&path).await.problem(404, "not_found");
    let me = format!("{path}/operators/{}", mari.id().await);
    let change = json!({ "notes": { "value": "x", "version": 0 } });
    for answer in [
        mari.get(&path).await,
        mari.patch(&path, change).await,
        mari.get(&format!("{path}/timeline")).await,
        mari.get(&format!("{path}/guest-link")).await,
        mari.post(&format!("{path}/complete"), json!({})).await,
        mari.post(&format!("{path}/reopen"), json!({})).await,
        mari.post(&format!("{path}/messages"), json!({ "text": "x" }))
            .await,
        mari.put(&format!("{path}/read"), json!({ "entry": 1 }))
            .await,
        mari.put(
            &format!("{path}/draft"),
            json!({ "text": "x", "version": 0 }),
        )
        .await,
        mari.request(Method::PUT, &me).send().await,
        mari.delete(&me).await,
    ] {
        answer.problem(404, "not_found");
    }
}

static EVENTS: SystemSql = system_sql!(
    "SELECT seq, at, kind, audience, actor_kind, payload, case_id IS NULL AND entry IS NULL AND actor_id IS NULL AS empty
     FROM events ORDER BY organization_id, seq"
);

async fn events_keep_their_numbers_as_tombstones(desk: &mut Desk) {
    let mari = desk.operator("Mari").await;
    let kept = mari.create_case("Kept").await;
    let case = mari.create_case("Nick Evans").await;
    mari.send(&case, "one").await;
    mari.send(&kept, "two").await;
    mari.delete(&format!("/cases/{case}")).await.expect(204);
    let rows: Vec<(i64, String, bool, String)> = desk
        .app
        .db()
        .read(|tx| {
            Box::pin(async move {
                let mut rows = Vec::new();
                for row in tx.system().rows(&EVENTS, &[]).await? {
                    let kind: String = row.get("kind")?;
                    let blank = row.get("empty")?;
                    rows.push((row.get("seq")?, kind, blank, row.get("payload")?));
                }
                Ok::<_, DbError>(rows)
            })
        })
        .await
        .expect("the events can be read");
    let seqs: Vec<i64> = rows.iter().map(|row| row.0).collect();
    let count = i64::try_from(rows.len()).unwrap();
    assert_eq!(seqs, (1..=count).collect::<Vec<_>>(), "no gap");
    let kinds: Vec<&str> = rows.iter().map(|row| row.1.as_str()).collect();
    assert_eq!(
        kinds,
        [
            "operator.created",
            "operator.created",
            "case.created",
            "operator.joined",
            "tombstone",
            "tombstone",
            "tombstone",
            "message.sent",
            "case.deleted"
        ]
    );
    for (_, kind, blank, payload) in &rows {
        if kind == "tombstone" {
            assert!(blank, "{payload}");
            let payload: Value = serde_json::from_str(payload).expect("JSON");
            assert_eq!(payload, json!({ "type": "tombstone" }));
        }
    }
}

async fn a_deleted_case_is_gone_from_every_list_and_screen(desk: &mut Desk) {
    let mari = desk.operator("Mari").await;
    let cole = desk.operator("Cole").await;
    let case = mari.create_case("Nick Evans").await;
    mari.send(&case, "one").await;
    let mut screen = cole.live("/live").await.expect("a socket");
    screen.next_of("hello").await;
    mari.delete(&format!("/cases/{case}")).await.expect(204);
    let told = screen.next_event("case.deleted").await;
    assert_eq!(told["case_id"], case.as_str());
    assert_eq!(told["actor"]["name"], "Mari");
    for query in [
        "status=all&operator=everyone",
        "status=all",
        "",
        "operator=everyone",
    ] {
        let list = mari.get(&format!("/cases?{query}")).await.expect(200);
        assert_eq!(list["items"], json!([]), "{query}");
    }
    // A screen that catches up from before the case was made hears only that it is gone.
    let mut late = cole.live("/live?cursor=0").await.expect("a socket");
    late.next_of("hello").await;
    for expected in [
        "operator.created",
        "operator.created",
        "operator.created",
        "case.deleted",
    ] {
        assert_eq!(late.next_of("event").await["event"]["type"], expected);
    }
}
