//! Search: what is found by which words, and that nothing that is typed breaks it.

use serde_json::{Value, json};

use crate::support::{Actor, Desk, on_both_databases};

on_both_databases![
    every_text_of_a_case_is_found_where_it_stands,
    words_may_stand_anywhere_in_one_text,
    spelling_and_script_do_not_matter,
    german_words_are_found_in_both_spellings,
    a_day_is_found_as_people_write_it,
    one_or_two_characters_find_beginnings,
    a_phone_number_is_found_in_every_spelling,
    nothing_that_is_typed_breaks_the_search,
];

/// Searches for what is typed: the first page.
pub async fn search(who: &Actor, typed: &str) -> Value {
    search_with(who, typed, "").await
}

/// The same with more in the query.
pub async fn search_with(who: &Actor, typed: &str, more: &str) -> Value {
    let mut typed_safely = String::new();
    for byte in typed.bytes() {
        typed_safely += &format!("%{byte:02X}");
    }
    who.get(&format!("/search?q={typed_safely}{more}"))
        .await
        .expect(200)
}

/// The names of the found cases, in order.
pub async fn names(who: &Actor, typed: &str) -> Vec<String> {
    names_of(&search(who, typed).await)
}

/// The names of the cases on a page, in order.
pub fn names_of(page: &Value) -> Vec<String> {
    page["items"]
        .as_array()
        .expect("items")
        .iter()
        .map(|item| item["case"]["name"].as_str().expect("a name").to_owned())
        .collect()
}

/// The only hit, as `where: text` with what is marked in brackets.
pub async fn hit(who: &Actor, typed: &str) -> String {
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

/// A case with these details.
pub async fn create(who: &Actor, new: Value) -> String {
    let made = who.post("/cases", new).await.expect(201);
    made["id"].as_str().expect("an id").to_owned()
}

/// Changes a detail.
pub async fn change(who: &Actor, case: &str, field: &str, value: &str) {
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

async fn german_words_are_found_in_both_spellings(desk: &mut Desk) {
    let mari = desk.operator("Mari").await;
    mari.create_case("Frau Müller").await;
    mari.create_case("Herr Mueller").await;
    for typed in ["mueller", "müller", "MUELLER"] {
        let mut found = names(&mari, typed).await;
        found.sort();
        assert_eq!(found, ["Frau Müller", "Herr Mueller"], "{typed}");
    }
    assert_eq!(hit(&mari, "frau mueller").await, "name: [Frau] [Müller]");
    mari.create_case("August").await;
    assert_eq!(names(&mari, "guest").await, [""; 0]);
}

async fn a_day_is_found_as_people_write_it(desk: &mut Desk) {
    let ada = desk.administrator().await;
    desk.set_plan("professional").await;
    let new = json!({ "label": "Contract ends", "kind": "date" });
    let field = ada.post("/custom-fields", new).await.expect(201);
    let field = field["id"].as_str().unwrap();
    let case = ada.create_case("Nick Evans").await;
    let change = json!({ "custom": { field: { "value": "2027-03-29", "version": 0 } } });
    ada.patch(&format!("/cases/{case}"), change)
        .await
        .expect(200);
    for typed in [
        "2027-03-29",
        "29.03.2027",
        "29.3.2027",
        "29/03/2027",
        "29 March 2027",
        "29. März 2027",
    ] {
        let found = hit(&ada, typed).await;
        assert_eq!(found, "custom_field Contract ends: [2027-03-29]", "{typed}");
    }
    assert_eq!(names(&ada, "28.03.2027").await, [""; 0]);
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
