//! Search finds nothing of what someone may not see.

use std::time::Duration;

use axum::http::Method;
use deskside::auth::Sight;
use deskside::search::find::Reach;
use serde_json::{Value, json};

use crate::search::{create, names, names_of, search_with};
use crate::search_order::{all_pages, session_of};
use crate::support::{Desk, on_both_databases};

on_both_databases![
    separated_operators_find_nothing_that_they_do_not_see,
    another_organization_finds_nothing,
];

async fn separated_operators_find_nothing_that_they_do_not_see(desk: &mut Desk) {
    let ada = desk.administrator().await;
    let mari = desk.operator("Mari").await;
    let cole = desk.operator("Cole").await;
    for n in 0..8 {
        let case = create(
            &cole,
            json!({ "name": format!("Cole {n}"), "notes": "secretnote pump" }),
        )
        .await;
        cole.send(&case, "The pump of Cole hums").await;
    }
    let own = mari.create_case("Mari own").await;
    mari.send(&own, "The pump of Mari hums").await;
    let waiting = cole.create_case("Waiting").await;
    cole.send(&waiting, "The pump waits").await;
    let me = format!("/cases/{waiting}/operators/{}", cole.id().await);
    cole.delete(&me).await.expect(200);
    assert_eq!(
        names(&mari, "pump").await.len(),
        10,
        "together they see all"
    );
    ada.patch("/organization", json!({ "separate_operators": true }))
        .await
        .expect(200);
    for typed in [
        "secretnote",
        "Cole",
        "of cole",
        "co",
        "#2",
        "2",
        "cole hums",
    ] {
        let page = search_with(&mari, typed, "&limit=1").await;
        assert_eq!(page["items"], json!([]), "{typed}");
        assert_eq!(page["next"], Value::Null, "{typed}");
    }
    assert_eq!(names(&mari, "pump").await, ["Waiting", "Mari own"]);
    assert_eq!(
        names(&cole, "pump").await.len(),
        9,
        "his own and the one that waits"
    );
    assert_eq!(
        names(&ada, "pump").await.len(),
        10,
        "an administrator sees all"
    );
    // Both ways to ask answer alike, however little is read at once.
    let who = session_of(desk, &mari, Sight::Own).await;
    for own_rows in [0, 1_000] {
        for (best_hits, older_hits) in [(1_000, 200), (1, 1), (3, 2)] {
            let reach = Reach {
                best_hits,
                older_hits,
                own_rows,
            };
            let seen = all_pages(desk, &who, "pump", 1, reach).await;
            assert_eq!(seen, ["Waiting", "Mari own"], "{reach:?}");
            let seen = all_pages(desk, &who, "secretnote", 1, reach).await;
            assert_eq!(seen, [""; 0], "{reach:?}");
        }
    }
    // The whole case comes into sight with joining and goes with leaving.
    let path = format!("/cases/{waiting}/operators/{}", cole.id().await);
    cole.request(Method::PUT, &path).send().await.expect(200);
    assert_eq!(names(&mari, "pump").await, ["Mari own"]);
    let heard = mari.heard();
    let told = String::from_utf8_lossy(&heard);
    assert!(!told.contains("secretnote"));
}

async fn another_organization_finds_nothing(desk: &mut Desk) {
    let mari = desk.operator("Mari").await;
    let otto = desk.other_organization().await;
    let case = create(
        &mari,
        json!({ "name": "Nick Evans", "phone": "+49 170 1234567", "notes": "pump" }),
    )
    .await;
    mari.send(&case, "The pump hums").await;
    desk.wait(Duration::from_secs(180));
    desk.run_jobs().await;
    for typed in ["pump", "nick", "ni", "#1", "0170 1234567"] {
        assert_eq!(names(&otto, typed).await, [""; 0], "{typed}");
        assert_eq!(names(&mari, typed).await, ["Nick Evans"], "{typed}");
    }
    let theirs = otto.create_case("Pump elsewhere").await;
    otto.send(&theirs, "nick").await;
    assert_eq!(names(&otto, "pump").await, ["Pump elsewhere"]);
    assert_eq!(names(&mari, "elsewhere").await, [""; 0]);
    // A cursor of one is none of the other's rows.
    let cursor = format!("&cursor=o.{}.{}", i64::MAX, i64::MAX);
    let page = search_with(&otto, "pump", &cursor).await;
    assert_eq!(names_of(&page), ["Pump elsewhere"]);
    desk.stranger()
        .get("/search?q=pump")
        .await
        .problem(401, "not_signed_in");
}
