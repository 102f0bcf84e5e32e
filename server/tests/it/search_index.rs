//! The index of search: true after every change, settled, filled from the past, and empty of what is gone.

use std::time::Duration;

use deskside::search::tend;
use deskside_db::{DbError, Dialect, SystemSql, system_sql};
use serde_json::json;

use crate::search::{change, create, hit, names, names_of, search, search_with};
use crate::support::{Desk, on_both_databases};

on_both_databases![
    what_changes_is_found_as_it_stands,
    what_waited_is_found_in_the_index_as_before,
    of_a_deleted_case_no_trigram_is_left,
    the_past_is_read_after_an_upgrade,
];

async fn what_changes_is_found_as_it_stands(desk: &mut Desk) {
    let mari = desk.operator("Mari").await;
    let case = create(
        &mari,
        json!({ "name": "Before", "notes": "oldnote", "email": "old@mail.example", "phone": "+49 170 1234567" }),
    )
    .await;
    for round in 0..2 {
        change(&mari, &case, "name", "Afterwards").await;
        change(&mari, &case, "notes", "newnote").await;
        change(&mari, &case, "email", "new@mail.example").await;
        change(&mari, &case, "phone", "+44 7700 900142").await;
        for typed in ["Before", "oldnote", "old@mail", "1701234567"] {
            assert_eq!(
                names(&mari, typed).await,
                [""; 0],
                "{typed} in round {round}"
            );
        }
        for typed in ["afterw", "newnote", "new@mail", "7700 900142"] {
            assert_eq!(
                names(&mari, typed).await,
                ["Afterwards"],
                "{typed} in round {round}"
            );
        }
        change(&mari, &case, "notes", "").await;
        assert_eq!(names(&mari, "newnote").await, [""; 0]);
        change(&mari, &case, "notes", "oldnote").await;
        change(&mari, &case, "name", "Before").await;
        change(&mari, &case, "email", "old@mail.example").await;
        change(&mari, &case, "phone", "+49 170 1234567").await;
        assert_eq!(names(&mari, "oldnote").await, ["Before"]);
        // The same once more, when the texts have gone into the index.
        desk.wait(Duration::from_secs(180));
        desk.run_jobs().await;
        assert_eq!(names(&mari, "oldnote").await, ["Before"]);
    }
    let conflict = json!({ "name": { "value": "Lost", "version": 0 }, "notes": { "value": "lostnote", "version": 0 } });
    mari.patch(&format!("/cases/{case}"), conflict)
        .await
        .problem(409, "field_conflict");
    assert_eq!(
        names(&mari, "lost").await,
        [""; 0],
        "what was not saved is not found"
    );
    let other = mari.create_case("Twin").await;
    mari.send(&other, "The boiler of the twin").await;
    mari.send(&case, "The pump of the first").await;
    let merged = json!({ "from": other });
    mari.post(&format!("/cases/{case}/merge"), merged)
        .await
        .expect(200);
    assert_eq!(names(&mari, "boiler").await, ["Before"]);
    assert_eq!(
        hit(&mari, "boiler").await,
        "message: The [boiler] of the twin"
    );
    assert_eq!(hit(&mari, "pump").await, "message: The [pump] of the first");
    assert_eq!(
        names(&mari, "Twin").await,
        ["Before"],
        "only in the message"
    );
    desk.run_jobs().await;
    assert_eq!(
        hit(&mari, "boiler").await,
        "message: The [boiler] of the twin"
    );
    let deleted = mari.delete(&format!("/cases/{case}")).await;
    deleted.expect(204);
    for typed in ["Before", "boiler", "pump", "oldnote", "#1", "bo"] {
        assert_eq!(names(&mari, typed).await, [""; 0], "{typed}");
    }
    desk.run_jobs().await;
    assert_eq!(names(&mari, "boiler").await, [""; 0]);
}

async fn what_waited_is_found_in_the_index_as_before(desk: &mut Desk) {
    let mari = desk.operator("Mari").await;
    for n in 0..150 {
        create(
            &mari,
            json!({ "name": format!("Case {n:03}"), "notes": "waiting" }),
        )
        .await;
    }
    let before = search_with(&mari, "waiting", "&limit=100").await;
    assert_eq!(before["items"].as_array().map(Vec::len), Some(100));
    desk.wait(Duration::from_secs(180));
    desk.run_jobs().await;
    assert_eq!(count(desk, &UNSETTLED).await, 0);
    let after = search_with(&mari, "waiting", "&limit=100").await;
    assert_eq!(names_of(&after), names_of(&before));
    assert_eq!(names(&mari, "#77").await, ["Case 076"]);
    assert_eq!(names(&mari, "ca").await.len(), 50);
    check_index(desk).await;
}

static UNSETTLED: SystemSql =
    system_sql!("SELECT count(*) AS found FROM search_rows WHERE state <> 1");
static ROWS: SystemSql = system_sql!("SELECT count(*) AS found FROM search_rows");

async fn count(desk: &Desk, sql: &'static SystemSql) -> i64 {
    desk.app
        .db()
        .read(move |tx| {
            Box::pin(async move {
                let rows = tx.system().rows(sql, &[]).await?;
                rows[0].get("found")
            })
        })
        .await
        .map_err(|error: DbError| error)
        .expect("a count")
}

static CHECK: SystemSql = system_sql!(
    sqlite: "INSERT INTO search_fts (search_fts, rank) VALUES ('integrity-check', 0)",
    postgres: "UPDATE search_rows SET state = state WHERE false"
);

static EMPTY: SystemSql = system_sql!("DELETE FROM search_rows");

static AS_BEFORE: SystemSql = system_sql!("UPDATE organizations SET search_left = seq");

async fn execute(desk: &Desk, sql: &'static SystemSql) {
    desk.app
        .db()
        .write(move |tx| {
            Box::pin(async move {
                tx.system().execute(sql, &[]).await?;
                Ok::<_, DbError>(())
            })
        })
        .await
        .expect("the statement runs");
}

/// Lets SQLite compare its trigrams with the rows they were made of.
async fn check_index(desk: &Desk) {
    execute(desk, &CHECK).await;
}

/// Letters that nothing else in a database begins with: their bytes would be seen in the index's own pages too.
const RARE: [&str; 6] = ["Ꞃ", "ꞃ", "Ꞅ", "ꞅ", "Ꞇ", "ꞇ"];

async fn of_a_deleted_case_no_trigram_is_left(desk: &mut Desk) {
    let mari = desk.operator("Mari").await;
    let kept = mari.create_case("Kept").await;
    mari.send(&kept, "This stays").await;
    // Folded letters are what the index holds.
    let marker = "ꞃꞅꞇꞅꞃꞇ";
    let case = create(
        &mari,
        json!({ "name": format!("A {marker}"), "notes": format!("{marker} {}", "and more words ".repeat(200)),
            "internal_reference": marker }),
    )
    .await;
    for n in 0..30 {
        mari.send(&case, &format!("{marker} number {n}")).await;
    }
    desk.wait(Duration::from_secs(180));
    desk.run_jobs().await;
    change(&mari, &case, "notes", &format!("changed {marker}")).await;
    assert_eq!(names(&mari, marker).await.len(), 1);
    if desk.dialect() == Dialect::Sqlite {
        assert!(
            bytes_with(desk, marker.as_bytes()),
            "the search for bytes finds it"
        );
    }
    mari.delete(&format!("/cases/{case}")).await.expect(204);
    assert_eq!(names(&mari, marker).await, [""; 0], "at once");
    desk.wait(Duration::from_secs(180));
    desk.run_jobs().await;
    assert_eq!(
        count(desk, &ROWS).await,
        2,
        "the details and the message of the other case"
    );
    check_index(desk).await;
    assert_eq!(names(&mari, "this stays").await, ["Kept"]);
    if desk.dialect() == Dialect::Sqlite {
        for letter in RARE {
            assert!(!bytes_with(desk, letter.as_bytes()), "{letter} is left");
        }
        // Pages share the beginnings of neighbours: the ends of the letters alone would be left.
        assert!(
            !bytes_with(desk, "꞉".as_bytes()),
            "nothing like it was there"
        );
    }
}

fn bytes_with(desk: &Desk, sought: &[u8]) -> bool {
    std::fs::read_dir(desk.folder())
        .expect("a folder")
        .map(|entry| entry.expect("an entry").path())
        .filter(|path| path.is_file())
        .any(|path| {
            let bytes = std::fs::read(&path).expect("a file");
            bytes.windows(sought.len()).any(|window| window == sought)
        })
}

async fn the_past_is_read_after_an_upgrade(desk: &mut Desk) {
    let mari = desk.operator("Mari").await;
    let mut cases = Vec::new();
    for n in 0..60 {
        let case = create(
            &mari,
            json!({ "name": format!("Past {n:02}"), "notes": "pastnote" }),
        )
        .await;
        mari.send(&case, &format!("pump {n}")).await;
        let internal = json!({ "text": format!("among us {n}"), "internal": true });
        mari.post(&format!("/cases/{case}/messages"), internal)
            .await
            .expect(201);
        cases.push(case);
    }
    execute(desk, &EMPTY).await;
    execute(desk, &AS_BEFORE).await;
    let page = search(&mari, "pump").await;
    assert_eq!(page["items"], json!([]));
    assert_eq!(
        page["complete"], false,
        "that something may be missing is said"
    );
    // Life goes on meanwhile.
    change(&mari, &cases[3], "name", "Past but renamed").await;
    mari.send(&cases[4], "pump again").await;
    mari.delete(&format!("/cases/{}", cases[5]))
        .await
        .expect(204);
    assert_eq!(names(&mari, "renamed").await, ["Past but renamed"]);
    assert_eq!(names(&mari, "pump").await, ["Past 04"]);
    tend::look_round(&desk.app).await.expect("looked round");
    tend::look_round(&desk.app)
        .await
        .expect("twice does no harm");
    desk.wait(Duration::from_secs(180));
    desk.run_jobs().await;
    let page = search_with(&mari, "pump", "&limit=100").await;
    assert_eq!(page["complete"], true);
    let found = names_of(&page);
    assert_eq!(found.len(), 59);
    assert_eq!(found[0], "Past 04");
    assert_eq!(found[1..4], ["Past 59", "Past 58", "Past 57"]);
    assert_eq!(names(&mari, "pastnote").await.len(), 50);
    assert_eq!(names(&mari, "past 05").await, [""; 0]);
    assert_eq!(names(&mari, "past 03").await, [""; 0]);
    assert_eq!(names(&mari, "\"among us 7\"").await, ["Past 07"]);
    assert_eq!(names(&mari, "#1").await[0], "Past 00");
    let rows = count(desk, &ROWS).await;
    // Details, notes and two messages of each, and one message more.
    assert_eq!(rows, 59 * 4 + 1);
    check_index(desk).await;
    tend::look_round(&desk.app).await.expect("looked round");
    desk.run_jobs().await;
    assert_eq!(count(desk, &ROWS).await, rows);
}
