//! Lists of cases as CSV.

use serde_json::json;

use crate::support::{Actor, Desk, on_both_databases};
use crate::tags::{make_tag, tag};

on_both_databases![
    an_export_holds_what_the_list_holds,
    no_cell_is_a_formula,
    who_may_not_export_is_told_so,
    a_long_list_comes_whole_and_in_order,
];

async fn export(who: &Actor, query: &str) -> String {
    let answer = who.get(&format!("/cases/export?{query}")).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    assert!(answer.header("content-type").starts_with("text/csv"));
    assert!(answer.header("content-disposition").contains("attachment"));
    assert_eq!(answer.header("cache-control"), "no-store");
    let text = answer.text();
    text.strip_prefix('\u{feff}')
        .expect("a byte order mark")
        .to_owned()
}

async fn an_export_holds_what_the_list_holds(desk: &mut Desk) {
    let ada = desk.administrator().await;
    let red = make_tag(&ada, "red").await;
    let new = json!({ "name": "Evans, \"Nick\"", "email": "nick@mail.example", "phone": "+4930901820",
        "internal_reference": "K-7", "notes": "one\ntwo", "language": "de" });
    let made = ada.post("/cases", new).await.expect(201);
    let case = made["id"].as_str().unwrap();
    tag(&ada, case, &red).await.expect(200);
    ada.create_case("Another").await;
    let change = json!({ "language": "en", "time_zone": "Europe/Berlin" });
    ada.patch("/me", change).await.expect(200);
    let text = export(&ada, &format!("tags={red}")).await;
    let (head, line) = text.split_once("\r\n").expect("two lines");
    assert_eq!(
        head,
        "Number,Name,Status,Created (Europe/Berlin),Completed (Europe/Berlin),Last activity (Europe/Berlin),\
         Operators,Tags,Email,Phone,Internal reference,Language,Notes"
    );
    assert!(
        line.starts_with("1,\"Evans, \"\"Nick\"\"\",Active,2026-11-"),
        "{line}"
    );
    assert!(
        line.ends_with(",red,nick@mail.example,'+4930901820,K-7,de,\"one\ntwo\"\r\n"),
        "{line}"
    );
    ada.patch("/me", json!({ "language": "de" }))
        .await
        .expect(200);
    let text = export(&ada, "operator=everyone").await;
    assert!(text.starts_with("Nummer,Name,Status,Erstellt"), "{text}");
    assert!(text.contains(",Aktiv,"));
}

async fn no_cell_is_a_formula(desk: &mut Desk) {
    let ada = desk.administrator().await;
    for name in ["=1+1", "+1", "-1", "@SUM(A1)", "=cmd|' /C calc'!A0, x"] {
        let new = json!({ "name": name, "notes": "\t=1", "internal_reference": name });
        ada.post("/cases", new).await.expect(201);
    }
    let text = export(&ada, "").await;
    for line in text.lines().skip(1) {
        for cell in line.split(',') {
            let bare = cell.trim_start_matches('"');
            assert!(!bare.starts_with(['=', '+', '-', '@', '\t']), "{line}");
        }
    }
    assert!(text.contains("'@SUM(A1)"));
    assert!(text.contains("\"'=cmd|' /C calc'!A0, x\""));
}

async fn who_may_not_export_is_told_so(desk: &mut Desk) {
    let ada = desk.administrator().await;
    let mari = desk.operator("Mari").await;
    mari.create_case("Nick Evans").await;
    let refused = mari.get("/cases/export").await;
    let problem = refused.problem(403, "right_missing");
    assert_eq!(problem["right"], "export");
    let path = format!("/operators/{}", mari.id().await);
    let change = json!({ "rights": { "export": true } });
    ada.patch(&path, change).await.expect(200);
    assert!(export(&mari, "").await.contains("Nick Evans"));
}

async fn a_long_list_comes_whole_and_in_order(desk: &mut Desk) {
    let ada = desk.administrator().await;
    let mut expected = Vec::new();
    for n in 0..1_100 {
        desk.wait(std::time::Duration::from_millis(1));
        ada.create_case(&format!("Case {n}")).await;
        expected.push(n);
    }
    let text = export(&ada, "status=all&operator=everyone").await;
    let seen: Vec<u32> = text
        .lines()
        .skip(1)
        .map(|line| line.split(',').nth(1).expect("a name"))
        .map(|name| name.trim_start_matches("Case ").parse().expect("a number"))
        .collect();
    expected.reverse();
    assert_eq!(seen, expected);
}
