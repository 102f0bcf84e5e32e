//! Earlier cases of the same customer.

use std::time::Duration;

use serde_json::{Value, json};

use crate::claim::{leave, put_on};
use crate::lists::names_of;
use crate::support::{Actor, Desk, on_both_databases};

on_both_databases![
    one_customer_is_known_by_address_or_number,
    pages_of_earlier_cases_lose_nothing,
    a_separated_operator_finds_only_cases_in_sight,
];

/// Opens a case a millisecond later than the one before: their ids tell which is newer.
async fn open(desk: &Desk, who: &Actor, name: &str, email: &str, phone: &str) -> String {
    desk.wait(Duration::from_millis(1));
    let new = json!({ "name": name, "email": email, "phone": phone });
    let case = who.post("/cases", new).await.expect(201);
    case["id"].as_str().expect("an id").to_owned()
}

async fn earlier(who: &Actor, case: &str, query: &str) -> Value {
    let path = format!("/cases/{case}/earlier?{query}");
    who.get(&path).await.expect(200)
}

async fn one_customer_is_known_by_address_or_number(desk: &mut Desk) {
    let mari = desk.operator("Mari").await;
    let otto = desk.other_organization().await;
    let (email, phone) = ("Nick.Evans@Mail.example", "+49 30 901820");
    let first = open(desk, &mari, "Address", "nick.evans@mail.EXAMPLE", "").await;
    open(desk, &mari, "Number", "", "+49 (0)30-901820").await;
    open(desk, &mari, "Both", email, phone).await;
    open(
        desk,
        &mari,
        "Neither",
        "nick@mail.example",
        "+49 30 9018201",
    )
    .await;
    open(desk, &mari, "Nothing", "", "").await;
    open(desk, &otto, "Elsewhere", email, phone).await;
    let case = open(desk, &mari, "Now", email, phone).await;
    let numbers = names_of(&earlier(&mari, &case, "").await).join(" ");
    assert_eq!(numbers, "Both Number Address");
    let none = open(desk, &mari, "Unknown", "", "").await;
    assert_eq!(names_of(&earlier(&mari, &none, "").await), [""; 0]);
    // Whoever gets another address is another customer.
    let change = json!({ "email": { "value": "", "version": 1 } });
    mari.patch(&format!("/cases/{first}"), change)
        .await
        .expect(200);
    assert_eq!(
        names_of(&earlier(&mari, &case, "").await),
        ["Both", "Number"]
    );
    mari.get(&format!("/cases/{case}/earlier?limit=0"))
        .await
        .problem(400, "bad_limit");
}

async fn pages_of_earlier_cases_lose_nothing(desk: &mut Desk) {
    let mari = desk.operator("Mari").await;
    let mut expected = Vec::new();
    for n in 0..13 {
        let (email, phone) = match n % 3 {
            0 => ("a@mail.example", "+49 30 901820"),
            1 => ("a@mail.example", ""),
            _ => ("", "+49 30 901820"),
        };
        let name = format!("Case {n}");
        open(desk, &mari, &name, email, phone).await;
        expected.insert(0, name);
    }
    let case = open(desk, &mari, "Now", "a@mail.example", "+49 30 901820").await;
    for limit in [1, 4, 13, 100] {
        let (mut seen, mut cursor) = (Vec::new(), String::new());
        loop {
            let page = earlier(&mari, &case, &format!("limit={limit}{cursor}")).await;
            seen.extend(names_of(&page).into_iter().map(str::to_owned));
            match page["next"].as_str() {
                Some(next) => cursor = format!("&cursor={next}"),
                None => break,
            }
        }
        assert_eq!(seen, expected, "by {limit}");
    }
}

async fn a_separated_operator_finds_only_cases_in_sight(desk: &mut Desk) {
    let ada = desk.administrator().await;
    let mari = desk.operator("Mari").await;
    let cole = desk.operator("Cole").await;
    let email = "a@mail.example";
    open(desk, &cole, "Cole's", email, "").await;
    let waits = open(desk, &cole, "Waits", email, "").await;
    leave(&cole, &waits).await.expect(200);
    let both = open(desk, &cole, "Both's", email, "").await;
    put_on(&cole, &both, &mari).await.expect(200);
    let case = open(desk, &mari, "Now", email, "").await;
    let hidden = open(desk, &cole, "Hidden", email, "").await;
    ada.patch("/organization", json!({ "separate_operators": true }))
        .await
        .expect(200);
    assert_eq!(
        names_of(&earlier(&mari, &case, "").await),
        ["Both's", "Waits"]
    );
    mari.get(&format!("/cases/{hidden}/earlier"))
        .await
        .problem(404, "not_found");
}
