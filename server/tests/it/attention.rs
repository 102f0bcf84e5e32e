//! Marks of attention: given by colleagues and by waking, cleared by reading.

use serde_json::{Value, json};

use crate::claim::put_on;
use crate::lists::{list, names_of};
use crate::support::{Actor, Desk, on_both_databases};

on_both_databases![
    a_colleague_s_case_asks_for_attention_until_it_is_read,
    the_newest_reason_stands,
    joining_oneself_marks_nothing,
];

async fn mark(who: &Actor, case: &str) -> Value {
    who.case(case).await["mine"]["attention"].clone()
}

async fn read_to(who: &Actor, case: &str, entry: i64) {
    let path = format!("/cases/{case}/read");
    let read = who.put(&path, json!({ "entry": entry })).await;
    read.expect(204);
}

async fn a_colleague_s_case_asks_for_attention_until_it_is_read(desk: &mut Desk) {
    let mari = desk.operator("Mari").await;
    let cole = desk.operator("Cole").await;
    let case = mari.create_case("Nick Evans").await;
    let mut screen = cole.live("/live").await.expect("a socket");
    screen.next_of("hello").await;
    put_on(&mari, &case, &cole).await.expect(200);
    let told = screen.next_event("case.attention").await;
    assert_eq!(told["case_id"], case.as_str());
    assert_eq!(told["event"]["operator_id"], cole.id().await);
    assert_eq!(told["event"]["reason"], "added");
    assert_eq!(mark(&cole, &case).await, "added");
    assert_eq!(mark(&mari, &case).await, Value::Null);
    assert_eq!(
        names_of(&list(&cole, "view=attention").await),
        ["Nick Evans"]
    );
    assert_eq!(names_of(&list(&mari, "view=attention").await), [""; 0]);
    let last = cole.case(&case).await["last_entry"].as_i64().unwrap();
    read_to(&cole, &case, last - 1).await;
    assert_eq!(mark(&cole, &case).await, "added", "not to the end");
    read_to(&cole, &case, last).await;
    let told = screen.next_event("case.attention").await;
    assert_eq!(told["event"]["reason"], Value::Null);
    assert_eq!(mark(&cole, &case).await, Value::Null);
    // A mark that comes without an entry goes although nothing new is read.
    let until = json!({ "until": desk.app.clock.now() + std::time::Duration::from_secs(60) });
    cole.put(&format!("/cases/{case}/snooze"), until)
        .await
        .expect(200);
    desk.wait(std::time::Duration::from_secs(60));
    desk.run_jobs().await;
    assert_eq!(mark(&cole, &case).await, "woke");
    read_to(&cole, &case, last).await;
    assert_eq!(mark(&cole, &case).await, Value::Null);
}

async fn the_newest_reason_stands(desk: &mut Desk) {
    let mari = desk.operator("Mari").await;
    let cole = desk.operator("Cole").await;
    let case = mari.create_case("Nick Evans").await;
    put_on(&mari, &case, &cole).await.expect(200);
    let body = json!({ "text": "Please look", "internal": true, "mentions": [cole.id().await] });
    mari.post(&format!("/cases/{case}/messages"), body)
        .await
        .expect(201);
    assert_eq!(mark(&cole, &case).await, "mention");
    let body = json!({ "to": cole.id().await, "note": "Yours" });
    mari.post(&format!("/cases/{case}/handover"), body)
        .await
        .expect(200);
    assert_eq!(mark(&cole, &case).await, "handover");
    let row = list(&cole, "view=attention").await["items"][0].clone();
    assert_eq!(row["attention"], "handover");
    let counts = cole.get("/cases/counts").await.expect(200);
    assert_eq!(counts["attention"], json!({ "count": 1, "more": false }));
    mari.delete(&format!("/cases/{case}")).await.expect(204);
    let counts = cole.get("/cases/counts").await.expect(200);
    assert_eq!(counts["attention"]["count"], 0);
}

async fn joining_oneself_marks_nothing(desk: &mut Desk) {
    let mari = desk.operator("Mari").await;
    let cole = desk.operator("Cole").await;
    let case = mari.create_case("Nick Evans").await;
    put_on(&cole, &case, &cole).await.expect(200);
    assert_eq!(mark(&cole, &case).await, Value::Null);
}
