//! Which hits of a search come first, and its pages.

use std::time::Duration;

use deskside::auth::{OperatorSession, Rights, Role, Sight};
use deskside::ids::SessionId;
use deskside::search::SearchPage;
use deskside::search::find::{self, Reach};
use deskside_db::{DbError, SystemSql, Uuid, system_sql};
use serde_json::json;

use crate::search::{create, names, names_of, search, search_with};
use crate::support::{Actor, Desk, on_both_databases};

on_both_databases![
    what_fits_best_comes_first_and_then_the_newest,
    pages_have_no_gap_and_no_double_while_messages_come_in,
    beyond_the_newest_hits_each_case_comes_once_newest_first,
];

async fn what_fits_best_comes_first_and_then_the_newest(desk: &mut Desk) {
    let mari = desk.operator("Mari").await;
    let tick = || desk.wait(Duration::from_secs(1));
    let reference = create(
        &mari,
        json!({ "name": "Old", "internal_reference": "KD-4711" }),
    )
    .await;
    tick();
    create(
        &mari,
        json!({ "name": "kd-4711 begins", "internal_reference": "" }),
    )
    .await;
    tick();
    let first = mari.create_case("Message first").await;
    mari.send(&first, "About KD-4711").await;
    tick();
    let second = mari.create_case("Message second").await;
    mari.send(&second, "Also kd-4711").await;
    tick();
    mari.send(&first, "And again kd-4711").await;
    mari.post(&format!("/cases/{reference}/complete"), json!({}))
        .await
        .expect(200);
    let expected = ["Old", "kd-4711 begins", "Message first", "Message second"];
    assert_eq!(names(&mari, "KD-4711").await, expected);
    assert_eq!(
        names(&mari, "kd-47").await,
        ["kd-4711 begins", "Old", "Message first", "Message second"]
    );
    let page = search(&mari, "again kd").await;
    assert_eq!(
        page["items"][0]["hit"]["snippet"]["text"],
        "And again kd-4711"
    );
}

async fn pages_have_no_gap_and_no_double_while_messages_come_in(desk: &mut Desk) {
    let mari = desk.operator("Mari").await;
    let mut cases = Vec::new();
    for n in 0..23 {
        let case = mari.create_case(&format!("Case {n:02}")).await;
        mari.send(&case, &format!("The pump of {n} hums")).await;
        mari.send(&case, &format!("The pump of {n} still hums"))
            .await;
        cases.push(case);
    }
    let mut seen = Vec::new();
    let mut cursor = String::new();
    loop {
        let page = search_with(&mari, "pump", &format!("&limit=5{cursor}")).await;
        seen.extend(names_of(&page));
        // Someone writes on: in a case that was shown, and in one that was not.
        mari.send(&cases[22], "The pump again").await;
        mari.send(&cases[1], "The pump again").await;
        match page["next"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => break,
        }
    }
    let expected: Vec<String> = (0..23).rev().map(|n| format!("Case {n:02}")).collect();
    assert_eq!(seen, expected);
    assert_eq!(names(&mari, "pump").await[..2], ["Case 01", "Case 22"]);
}

/// The session of an operator, for asking the search itself.
pub async fn session_of(desk: &Desk, who: &Actor, sight: Sight) -> OperatorSession {
    let organization = desk
        .app
        .db()
        .read(|tx| {
            Box::pin(async move {
                let rows = tx.system().rows(&ORGANIZATION, &[]).await?;
                rows[0].get("organization_id")
            })
        })
        .await
        .map_err(|error: DbError| error)
        .expect("an organization");
    OperatorSession {
        organization,
        operator: who.id().await.parse().expect("an id"),
        role: Role::Operator,
        seat: true,
        rights: Rights::default(),
        sight,
        session: SessionId::from_uuid(Uuid::nil()),
    }
}

static ORGANIZATION: SystemSql =
    system_sql!("SELECT organization_id FROM organizations ORDER BY ordinal LIMIT 1");

/// Every page of a search within a reach, `limit` at once: the names.
pub async fn all_pages(
    desk: &Desk,
    who: &OperatorSession,
    typed: &str,
    limit: usize,
    reach: Reach,
) -> Vec<String> {
    let mut seen = Vec::new();
    let mut cursor = None;
    loop {
        let page: SearchPage = find::search(&desk.app, who, typed, cursor, limit, reach)
            .await
            .expect("a page");
        assert!(page.items.len() <= limit);
        assert!(
            page.next.is_none() || page.items.len() == limit,
            "a page that goes on is full"
        );
        seen.extend(page.items.into_iter().map(|item| item.case.name));
        match page.next {
            Some(next) => cursor = Some(next.parse().expect("a cursor")),
            None => return seen,
        }
    }
}

async fn beyond_the_newest_hits_each_case_comes_once_newest_first(desk: &mut Desk) {
    let mari = desk.operator("Mari").await;
    let mut cases = Vec::new();
    for n in 0..12 {
        cases.push(
            create(
                &mari,
                json!({ "name": format!("Case {n:02}"), "notes": "pump" }),
            )
            .await,
        );
    }
    for round in 0..3 {
        for (n, case) in cases.iter().enumerate() {
            if n % (round + 1) == 0 {
                mari.send(case, &format!("pump {round}")).await;
            }
        }
    }
    let who = session_of(desk, &mari, Sight::All).await;
    let mut expected: Vec<String> = Vec::new();
    for round in (0..3).rev() {
        for n in (0..12).rev().filter(|n| n % (round + 1) == 0) {
            let name = format!("Case {n:02}");
            if !expected.contains(&name) {
                expected.push(name);
            }
        }
    }
    for (best_hits, older_hits) in [(1_000, 200), (5, 2), (4, 3), (1, 1), (2, 50)] {
        for limit in [1, 2, 5, 12, 50] {
            let reach = Reach {
                best_hits,
                older_hits,
                own_rows: 0,
            };
            let seen = all_pages(desk, &who, "pump", limit, reach).await;
            assert_eq!(seen, expected, "{reach:?} by {limit}");
        }
    }
}
