//! Phone numbers of customers: any spelling with its country, kept as E.164; doubtful ones are kept and told (P2, S25).

use deskside_db::{DbError, SystemSql, system_sql};
use serde_json::{Value, json};

use crate::support::{Actor, Desk, on_both_databases};

on_both_databases![
    every_spelling_is_kept_as_one,
    a_doubtful_number_is_kept_and_told,
    what_is_no_number_is_refused_and_nothing_is_lost,
    a_number_from_before_stays_until_it_is_changed,
];

async fn phone_of(who: &Actor, case: &str) -> Value {
    who.case(case).await["fields"]["phone"].clone()
}

async fn every_spelling_is_kept_as_one(desk: &mut Desk) {
    let mari = desk.operator("Mari").await;
    for spelling in [
        "+49 170 1234567",
        "+491701234567",
        "0049 170 1234567",
        "00491701234567",
        "+49 (0)170 1234567",
        "+49/170/12-34-567",
        "(+49) 170 1234567",
        "\u{202a}+49\u{a0}170\u{a0}1234567\u{202c}",
    ] {
        let new = json!({ "name": "Nick", "phone": spelling });
        let made = mari.post("/cases", new).await.expect(201);
        assert_eq!(
            made["fields"]["phone"]["value"], "+491701234567",
            "{spelling:?}"
        );
        assert_eq!(
            made["fields"]["phone"]["formatted"], "+49 170 1234567",
            "{spelling:?}"
        );
        assert_eq!(made["fields"]["phone"]["doubtful"], false, "{spelling:?}");
        let path = format!("/cases/{}", made["id"].as_str().expect("an id"));
        let change = json!({ "phone": { "value": "+44 7700 900142", "version": 1 } });
        let changed = mari.patch(&path, change).await.expect(200);
        assert_eq!(changed["fields"]["phone"]["value"], "+447700900142");
        let again = json!({ "phone": { "value": spelling, "version": 2 } });
        let again = mari.patch(&path, again).await.expect(200);
        assert_eq!(
            again["fields"]["phone"]["value"], "+491701234567",
            "{spelling:?}"
        );
        // The same number in another spelling is no change, whatever version its author saw.
        let same = json!({ "phone": { "value": "0049 170 1234567", "version": 0 } });
        let same = mari.patch(&path, same).await.expect(200);
        assert_eq!(same["fields"]["phone"]["version"], 3);
    }
}

async fn a_doubtful_number_is_kept_and_told(desk: &mut Desk) {
    let mari = desk.operator("Mari").await;
    let new = json!({ "name": "Nick", "phone": "+49 9999 999" });
    let made = mari.post("/cases", new).await.expect(201);
    let phone = &made["fields"]["phone"];
    assert_eq!(phone["value"], "+499999999");
    assert_eq!(phone["doubtful"], true);
    let case = made["id"].as_str().expect("an id");
    let change = json!({ "phone": { "value": "", "version": 1 } });
    mari.patch(&format!("/cases/{case}"), change)
        .await
        .expect(200);
    let phone = phone_of(&mari, case).await;
    assert_eq!(phone["value"], "");
    assert_eq!(phone["formatted"], "");
    assert_eq!(phone["doubtful"], false);
}

async fn what_is_no_number_is_refused_and_nothing_is_lost(desk: &mut Desk) {
    let mari = desk.operator("Mari").await;
    let case = mari.create_case("Nick").await;
    let long = "+49".to_owned() + &"1".repeat(200_000);
    for (text, code) in [
        ("0170 1234567", "country_code_missing"),
        ("9999 999", "country_code_missing"),
        ("+49 abc", "invalid"),
        ("+", "invalid"),
        ("+49", "invalid"),
        ("+999 1234567", "invalid"),
        ("+49 170 1234567;ext=5", "invalid"),
        ("+49+170 123", "invalid"),
        (long.as_str(), "too_long"),
    ] {
        let new = json!({ "name": "Nick", "phone": text });
        let error = mari.post("/cases", new).await.field_error("phone");
        assert_eq!(error, code, "{text:.40}");
        let change = json!({ "phone": { "value": text, "version": 0 },
            "notes": { "value": "not saved", "version": 0 } });
        let error = mari
            .patch(&format!("/cases/{case}"), change)
            .await
            .field_error("phone");
        assert_eq!(error, code, "{text:.40}");
    }
    let case = mari.case(&case).await;
    assert_eq!(case["fields"]["phone"]["version"], 0);
    assert_eq!(case["fields"]["notes"]["version"], 0);
}

static AS_TYPED: SystemSql =
    system_sql!("UPDATE case_fields SET value = '+49 (0)170 / 77' WHERE field = 'phone'");

async fn a_number_from_before_stays_until_it_is_changed(desk: &mut Desk) {
    let mari = desk.operator("Mari").await;
    let new = json!({ "name": "Nick", "phone": "+49 170 1234567" });
    let made = mari.post("/cases", new).await.expect(201);
    let case = made["id"].as_str().expect("an id");
    desk.app
        .db()
        .write(|tx| {
            Box::pin(async move {
                tx.system().execute(&AS_TYPED, &[]).await?;
                Ok::<_, DbError>(())
            })
        })
        .await
        .expect("written as before");
    let phone = phone_of(&mari, case).await;
    assert_eq!(phone["value"], "+49 (0)170 / 77");
    assert_eq!(phone["formatted"], "+49 17077");
    assert_eq!(phone["doubtful"], true);
    let change = json!({ "notes": { "value": "something else", "version": 0 } });
    mari.patch(&format!("/cases/{case}"), change)
        .await
        .expect(200);
    assert_eq!(phone_of(&mari, case).await["value"], "+49 (0)170 / 77");
    let change = json!({ "phone": { "value": "+49 170 1234567", "version": 1 } });
    mari.patch(&format!("/cases/{case}"), change)
        .await
        .expect(200);
    assert_eq!(phone_of(&mari, case).await["value"], "+491701234567");
}
