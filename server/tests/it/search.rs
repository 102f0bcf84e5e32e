//! Search: what is found by which words, in which order, by whom; and that nothing is found, or left, of what is gone.

use std::time::Duration;

use axum::http::Method;
use deskside::auth::{OperatorSession, Rights, Role, Sight};
use deskside::ids::SessionId;
use deskside::search::find::{self, Reach};
use deskside::search::{SearchPage, tend};
use deskside_db::{DbError, Dialect, SystemSql, Uuid, system_sql};
use serde_json::{Value, json};

use crate::support::{Actor, Desk, on_both_databases};

on_both_databases![
    every_text_of_a_case_is_found_where_it_stands,
    words_may_stand_anywhere_in_one_text,
    spelling_and_script_do_not_matter,
    nothing_that_is_typed_breaks_the_search,
    one_or_two_characters_find_beginnings,
    a_phone_number_is_found_in_every_spelling,
    what_fits_best_comes_first_and_then_the_newest,
    pages_have_no_gap_and_no_double_while_messages_come_in,
    beyond_the_newest_hits_each_case_comes_once_newest_first,
    what_changes_is_found_as_it_stands,
    separated_operators_find_nothing_that_they_do_not_see,
    another_organization_finds_nothing,
    what_waited_is_found_in_the_index_as_before,
    of_a_deleted_case_no_trigram_is_left,
    the_past_is_read_after_an_upgrade,
];

async fn search(who: &Actor, typed: &str) -> Value {
    search_with(who, typed, "").await
}

async fn search_with(who: &Actor, typed: &str, more: &str) -> Value {
    let mut typed_safely = String::new();
    for byte in typed.bytes() {
        typed_safely += &format!("%{byte:02X}");
    }
    who.get(&format!("/search?q={typed_safely}{more}"))
        .await
        .expect(200)
}

/// The names of the found cases, in order.
async fn names(who: &Actor, typed: &str) -> Vec<String> {
    names_of(&search(who, typed).await)
}

fn names_of(page: &Value) -> Vec<String> {
    page["items"]
        .as_array()
        .expect("items")
        .iter()
        .map(|item| item["case"]["name"].as_str().expect("a name").to_owned())
        .collect()
}

/// The only hit, as `where: text` with what is marked in brackets.
async fn hit(who: &Actor, typed: &str) -> String {
    let page = search(who, typed).await;
    let items = page["items"].as_array().expect("items");
    assert_eq!(items.len(), 1, "{typed}: {page}");
    let hit = &items[0]["hit"];
    let text = hit["snippet"]["text"].as_str().expect("a text");
    let units: Vec<u16> = text.encode_utf16().collect();
    let mut shown = String::new();
    let mut at = 0;
    let piece =
        |from: usize, to: usize| String::from_utf16(&units[from..to]).expect("whole characters");
    for mark in hit["snippet"]["marks"].as_array().expect("marks") {
        let place = |end: usize| usize::try_from(mark[end].as_u64().expect("a place")).unwrap();
        shown += &format!("{}[{}]", piece(at, place(0)), piece(place(0), place(1)));
        at = place(1);
    }
    shown += &piece(at, units.len());
    let label = hit["label"].as_str().map(|label| format!(" {label}"));
    format!(
        "{}{}: {shown}",
        hit["where"].as_str().expect("a kind"),
        label.unwrap_or_default()
    )
}

async fn create(who: &Actor, new: Value) -> String {
    let made = who.post("/cases", new).await.expect(201);
    made["id"].as_str().expect("an id").to_owned()
}

async fn change(who: &Actor, case: &str, field: &str, value: &str) {
    let version = who.case(case).await["fields"][field]["version"].clone();
    let change = json!({ field: { "value": value, "version": version } });
    who.patch(&format!("/cases/{case}"), change)
        .await
        .expect(200);
}

async fn every_text_of_a_case_is_found_where_it_stands(desk: &mut Desk) {
    let ada = desk.administrator().await;
    let field = json!({ "label": "Contract", "kind": "text", "icon": "tag" });
    let field = ada.post("/custom-fields", field).await.expect(201);
    let mari = desk.operator("Mari").await;
    mari.create_case("Somebody else").await;
    let case = create(
        &mari,
        json!({ "name": "Nick Evans", "email": "nick@mail.example", "phone": "+49 170 1234567",
            "internal_reference": "KD-4711", "notes": "Prefers calls\nin the afternoon" }),
    )
    .await;
    let own = json!({ "custom": { field["id"].as_str().expect("an id"): { "value": "Gold Premium", "version": 0 } } });
    mari.patch(&format!("/cases/{case}"), own).await.expect(200);
    mari.send(&case, "Have you opened the valve?").await;
    let guest = mari.guest_of(&case).await;
    guest.guest_send(&case, "Yes, and the boiler hums").await;
    let internal = json!({ "text": "He sounds annoyed", "internal": true });
    mari.post(&format!("/cases/{case}/messages"), internal)
        .await
        .expect(201);
    for (typed, found) in [
        ("evans", "name: Nick [Evans]"),
        ("#2", "number: [2]"),
        ("kd-4711", "internal_reference: [KD-4711]"),
        ("mail.exa", "email: nick@[mail.exa]mple"),
        ("0170 1234", "phone: +49[1701234]567"),
        ("premium gold", "custom_field Contract: [Gold] [Premium]"),
        (
            "calls in the",
            "notes: Prefers [calls] [in] [the] afternoon",
        ),
        (
            "\"calls in the\"",
            "notes: Prefers [calls in the] afternoon",
        ),
        ("valve", "message: Have you opened the [valve]?"),
        ("boiler", "message: Yes, and the [boiler] hums"),
        ("annoyed", "internal_message: He sounds [annoyed]"),
    ] {
        assert_eq!(hit(&mari, typed).await, found, "{typed}");
    }
    let page = search(&mari, "annoyed").await;
    assert_eq!(page["complete"], true);
    assert_eq!(page["next"], Value::Null);
    let item = &page["items"][0];
    let entry = item["hit"]["entry"].as_i64().expect("an entry");
    let timeline = mari
        .get(&format!("/cases/{case}/timeline"))
        .await
        .expect(200);
    let found = timeline["entries"].as_array().expect("entries");
    let found = found.iter().find(|one| one["entry"] == entry).expect("it");
    assert_eq!(found["event"]["text"], "He sounds annoyed");
    assert_eq!(found["at"], item["hit"]["at"]);
    mari.post(&format!("/cases/{case}/complete"), json!({}))
        .await
        .expect(200);
    assert_eq!(
        names(&mari, "KD-4711").await,
        ["Nick Evans"],
        "completed ones too"
    );
    // What only the server knows is no text of the case.
    for typed in ["message.sent", "operator", "Mari", "white", &case] {
        assert_eq!(names(&mari, typed).await, [""; 0], "{typed}");
    }
}

async fn words_may_stand_anywhere_in_one_text(desk: &mut Desk) {
    let mari = desk.operator("Mari").await;
    let heating = create(
        &mari,
        json!({ "name": "Heating", "internal_reference": "A-100" }),
    )
    .await;
    mari.send(&heating, "The pump is cold since yesterday evening")
        .await;
    mari.send(&heating, "I will look at it").await;
    for typed in [
        "pump cold",
        "evening PUMP",
        "ump is co",
        "pump is the",
        "\"pump is cold\"",
        "heat a-1",
    ] {
        assert_eq!(names(&mari, typed).await, ["Heating"], "{typed}");
    }
    for typed in [
        "pump warm",
        "\"cold is pump\"",
        "pump look",
        "pumps",
        "pump it zz",
    ] {
        assert_eq!(names(&mari, typed).await, [""; 0], "{typed}");
    }
    let long = format!("{} needle {}", "hay ".repeat(1_200), "straw ".repeat(800));
    mari.send(&heating, &long).await;
    let shown = hit(&mari, "needle").await;
    assert!(shown.starts_with("message: …hay "), "{shown}");
    assert!(shown.contains("hay  [needle] straw"), "{shown}");
    assert!(shown.len() < 250, "{shown}");
}

async fn spelling_and_script_do_not_matter(desk: &mut Desk) {
    let mari = desk.operator("Mari").await;
    for name in [
        "Jörg Müßig",
        "Ægir Łoś",
        "שרה כהן",
        "田中太郎",
        "Ελένη Σίσυφος",
    ] {
        mari.create_case(name).await;
    }
    let case = mari.create_case("Emoji").await;
    mari.send(&case, "Alles gut 👍🏽 und 👩‍👩‍👧 da, ١٢٣").await;
    for (typed, name) in [
        ("jorg", "Jörg Müßig"),
        ("JÖRG MÜSSIG", "Jörg Müßig"),
        ("Mu\u{308}ßig", "Jörg Müßig"),
        ("MÜẞIG", "Jörg Müßig"),
        ("aegir los", "Ægir Łoś"),
        ("שרה", "שרה כהן"),
        ("\u{200f}כהן", "שרה כהן"),
        ("田中太", "田中太郎"),
        ("σισυφοσ", "Ελένη Σίσυφος"),
        ("ΣΊΣΥΦΟΣ", "Ελένη Σίσυφος"),
        ("👍🏽 und", "Emoji"),
        ("👩‍👩‍👧", "Emoji"),
        ("١٢٣", "Emoji"),
        ("田中", "田中太郎"),
    ] {
        assert_eq!(names(&mari, typed).await, [name], "{typed}");
    }
    assert_eq!(hit(&mari, "müssig").await, "name: Jörg [Müßig]");
    assert_eq!(
        hit(&mari, "gut 👍🏽").await,
        "message: Alles [gut] [👍🏽] und 👩‍👩‍👧 da, ١٢٣"
    );
}

async fn nothing_that_is_typed_breaks_the_search(desk: &mut Desk) {
    let mari = desk.operator("Mari").await;
    let case = mari.create_case("100%_sure \\ \"quoted\" O'Neil").await;
    mari.send(
        &case,
        "5\" pipe AND (valve) OR NEAR {x} col:umn ^start -minus +plus *star",
    )
    .await;
    let name = ["100%_sure \\ \"quoted\" O'Neil"];
    for typed in [
        "100%",
        "%_s",
        "_sure",
        "re \\ \"q",
        "O'Neil",
        "o’neil",
        "5\" pipe",
        "AND (valve)",
        "NEAR {x}",
        "col:umn",
        "^start",
        "-minus",
        "+plus",
        "*star",
        "(valve)",
        "OR NEAR",
    ] {
        assert_eq!(names(&mari, typed).await, name, "{typed}");
    }
    for typed in [
        "",
        " ",
        "\"",
        "\"\"",
        "\"\" \"\"",
        "%%%",
        "___",
        "1%0",
        "NOT",
        "valve*x",
        "\"pipe valve\"",
        "\0",
        "\u{301}",
        "\u{200b}",
        "' OR 1=1 --",
        "));DROP",
        "\\\\\\",
        "#",
        "#0",
        "#x",
        "#99999999999999999999",
        "NULL",
        "{}",
        "[[",
    ] {
        assert_eq!(names(&mari, typed).await, [""; 0], "{typed:?}");
    }
    mari.get(&format!("/search?q={}", "x".repeat(200)))
        .await
        .expect(200);
    let error = mari
        .get(&format!("/search?q={}", "x".repeat(201)))
        .await
        .field_error("q");
    assert_eq!(error, "too_long");
    mari.get(&format!("/search?q={}", "%20a".repeat(100)))
        .await
        .expect(200);
    for cursor in [
        "x",
        "b.1",
        "o.1.2.3",
        "b.1.2.99999999999999999999",
        "b.-1.0.5",
        "o.1.-9223372036854775808",
    ] {
        mari.get(&format!("/search?q=valve&cursor={cursor}"))
            .await
            .problem(400, "bad_cursor");
    }
    for cursor in [
        "b.0.0.0",
        "b.9223372036854775807.255.9223372036854775807",
        "o.9223372036854775807.0",
        "o.0.9223372036854775807",
    ] {
        mari.get(&format!("/search?q=valve&cursor={cursor}"))
            .await
            .expect(200);
    }
    for limit in ["0", "101", "x"] {
        mari.get(&format!("/search?q=valve&limit={limit}"))
            .await
            .problem(400, "bad_limit");
    }
}

async fn one_or_two_characters_find_beginnings(desk: &mut Desk) {
    let mari = desk.operator("Mari").await;
    create(
        &mari,
        json!({ "name": "Anna", "internal_reference": "X-1" }),
    )
    .await;
    create(
        &mari,
        json!({ "name": "Hanna", "email": "anna@mail.example", "notes": "an old friend" }),
    )
    .await;
    create(&mari, json!({ "name": "Öl", "internal_reference": "an-7" })).await;
    for n in 4..=12 {
        mari.create_case(&format!("Case {n}")).await;
    }
    assert_eq!(names(&mari, "an").await, ["Öl", "Anna"]);
    assert_eq!(names(&mari, "A").await, ["Öl", "Anna"]);
    assert_eq!(names(&mari, "ö").await, ["Öl"]);
    assert_eq!(names(&mari, "ol").await, ["Öl"], "the whole of it");
    assert_eq!(names(&mari, "x").await, ["Anna"]);
    assert_eq!(
        names(&mari, "1").await,
        ["Anna", "Case 12", "Case 11", "Case 10"],
        "number one itself first"
    );
    assert_eq!(names(&mari, "12").await, ["Case 12"]);
    assert_eq!(
        names(&mari, "#1").await,
        ["Anna", "Case 12", "Case 11", "Case 10"]
    );
    assert_eq!(names(&mari, "#12").await, ["Case 12"]);
    assert_eq!(names(&mari, "#012").await, ["Case 12"]);
    assert_eq!(names(&mari, "nn").await, [""; 0]);
    assert_eq!(hit(&mari, "ö").await, "name: [Ö]l");
    assert_eq!(hit(&mari, "12").await, "number: [12]");
}

async fn a_phone_number_is_found_in_every_spelling(desk: &mut Desk) {
    let mari = desk.operator("Mari").await;
    create(&mari, json!({ "name": "Nick", "phone": "+49 170 1234567" })).await;
    create(
        &mari,
        json!({ "name": "Other", "phone": "+49 170 7654321" }),
    )
    .await;
    for typed in [
        "+49 170 1234567",
        "+491701234567",
        "0170 1234567",
        "01701234567",
        "0170/123 45 67",
        "0049 170 1234567",
        "(0170) 1234-567",
        "+49 (0)170 1234567",
        "1701234567",
        "170 1234",
        "4567",
    ] {
        assert_eq!(names(&mari, typed).await, ["Nick"], "{typed}");
    }
    assert_eq!(names(&mari, "0170").await, ["Other", "Nick"]);
    assert_eq!(hit(&mari, "0170 1234567").await, "phone: +49[1701234567]");
}

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
async fn session_of(desk: &Desk, who: &Actor, sight: Sight) -> OperatorSession {
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
async fn all_pages(
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
