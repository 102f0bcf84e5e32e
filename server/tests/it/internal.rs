//! Messages that only the team reads, mentions in them, and messages that must not leave with a hole.

use axum::http::Method;
use serde_json::{Value, json};

use crate::claim::{put_on, waiting_case};
use crate::handover::change;
use crate::support::{Actor, Answer, Desk, on_both_databases};

on_both_databases![
    a_guest_hears_not_one_byte_of_an_internal_message,
    an_internal_message_neither_takes_nor_joins,
    one_key_is_one_message_of_one_kind,
    whoever_is_mentioned_is_told,
    only_who_would_see_it_can_be_mentioned,
    where_operators_are_separated_a_mention_reaches_who_is_on_the_case,
    no_message_to_a_guest_leaves_with_a_placeholder,
    guests_have_no_internal_messages,
];

async fn note(who: &Actor, case: &str, text: &str, mentions: Value) -> Answer {
    let body = json!({ "text": text, "internal": true, "mentions": mentions });
    who.post(&format!("/cases/{case}/messages"), body).await
}

async fn a_guest_hears_not_one_byte_of_an_internal_message(desk: &mut Desk) {
    let (mari, cole) = (desk.operator("Mari").await, desk.operator("Cole").await);
    let case = mari.create_case("Nick Evans").await;
    let guest = desk.guest_of(&case).await;
    let page = format!("/guest/cases/{case}");
    let mut live = guest.live(&format!("{page}/live")).await.unwrap();
    live.next_of("hello").await;
    let mut screen = cole.live("/live").await.unwrap();
    screen.next_of("hello").await;
    let sent = note(&mari, &case, "ZAUNKOENIG pays late", json!([]))
        .await
        .expect(201);
    assert_eq!(sent["event"]["type"], "message.internal");
    assert_eq!(sent["actor"]["name"], "Mari");
    let told = screen.next_event("message.internal").await;
    assert_eq!(told["entry"], sent["entry"]);
    assert_eq!(told["event"]["text"], "ZAUNKOENIG pays late");
    mari.send(&case, "Good morning").await;
    // What comes next is the message after it.
    assert_eq!(live.next_of("event").await["event"]["text"], "Good morning");
    guest.get(&page).await.expect(200);
    guest.get(&format!("{page}/timeline")).await.expect(200);
    let mut again = guest.live(&format!("{page}/live?after=0")).await.unwrap();
    while again.next_of("event").await["event"]["text"] != "Good morning" {}
    assert!(!String::from_utf8_lossy(&guest.heard()).contains("ZAUNKOENIG"));
    // Nor does it stand in the list as the last words.
    let row = cole.get("/cases?operator=everyone").await.expect(200)["items"][0].clone();
    assert_eq!(row["snippet"]["text"], "Good morning");
}

async fn an_internal_message_neither_takes_nor_joins(desk: &mut Desk) {
    let (mari, cole) = (desk.operator("Mari").await, desk.operator("Cole").await);
    let waiting = waiting_case(&mari, "Nick Evans").await;
    note(&cole, &waiting, "Who knows him?", json!([]))
        .await
        .expect(201);
    let case = cole.case(&waiting).await;
    assert_eq!(
        (&case["status"], &case["operators"]),
        (&json!("awaiting"), &json!([]))
    );
    let mine = mari.create_case("Someone else").await;
    note(&cole, &mine, "Ask for the number", json!([]))
        .await
        .expect(201);
    assert_eq!(cole.case(&mine).await["mine"]["joined"], false);
    mari.post(&format!("/cases/{mine}/complete"), json!({}))
        .await
        .expect(200);
    let late = note(&cole, &mine, "Too late", json!([])).await;
    late.problem(409, "case_completed");
    for text in ["", " \n", &"x".repeat(10_001)] {
        note(&mari, &waiting, text, json!([]))
            .await
            .field_error("text");
    }
}

async fn one_key_is_one_message_of_one_kind(desk: &mut Desk) {
    let mari = desk.operator("Mari").await;
    let case = mari.create_case("Nick Evans").await;
    let (path, key) = (
        format!("/cases/{case}/messages"),
        deskside_db::Uuid::now_v7(),
    );
    let send = async |body: Value| {
        let request = mari.request(Method::POST, &path).json(body);
        request.key(key).send().await
    };
    let first = send(json!({ "text": "one", "internal": true }))
        .await
        .expect(201);
    let again = send(json!({ "text": "one", "internal": true }))
        .await
        .expect(201);
    assert_eq!(first["entry"], again["entry"]);
    for other in [
        json!({ "text": "two", "internal": true }),
        json!({ "text": "one" }),
    ] {
        send(other).await.problem(422, "idempotency_key_reused");
    }
}

async fn whoever_is_mentioned_is_told(desk: &mut Desk) {
    let ada = desk.administrator().await;
    let (mari, cole) = (desk.operator("Mari").await, desk.operator("Cole").await);
    let case = mari.create_case("Nick Evans").await;
    let mut live = cole.live("/live").await.unwrap();
    live.next_of("hello").await;
    let (id, own) = (cole.id().await, mari.id().await);
    let mentions = json!([id, own, id, ada.id().await]);
    let sent = note(&mari, &case, "@Cole, can you?", mentions)
        .await
        .expect(201);
    let told: Vec<&str> = sent["event"]["mentions"]
        .as_array()
        .unwrap()
        .iter()
        .map(|operator| operator["name"].as_str().unwrap())
        .collect();
    assert_eq!(told, ["Cole", "Ada"], "each once, and nobody oneself");
    let attention = live.next_event("case.attention").await["event"].clone();
    assert_eq!(
        (&attention["operator_id"], &attention["reason"]),
        (&json!(id), &json!("mention"))
    );
    let list = cole.get("/cases?view=attention").await.expect(200);
    assert_eq!(list["items"][0]["attention"], "mention");
    assert_eq!(list["items"][0]["joined"], false);
    // Read to its end, it is off the list.
    let read = json!({ "entry": sent["entry"] });
    cole.put(&format!("/cases/{case}/read"), read)
        .await
        .expect(204);
    let list = cole.get("/cases?view=attention").await.expect(200);
    assert_eq!(list["items"], json!([]));
}

async fn only_who_would_see_it_can_be_mentioned(desk: &mut Desk) {
    let ada = desk.administrator().await;
    let (mari, cole) = (desk.operator("Mari").await, desk.operator("Cole").await);
    let zoe = desk.operator("Zoe").await;
    let otto = desk.other_organization().await;
    let case = mari.create_case("Nick Evans").await;
    let gone = cole.id().await;
    change(&ada, &cole, json!({ "active": false }))
        .await
        .expect(200);
    change(&ada, &zoe, json!({ "seat": false }))
        .await
        .expect(200);
    for nobody in [gone, otto.id().await] {
        let answer = note(&mari, &case, "@you", json!([nobody])).await;
        assert_eq!(answer.field_error("mentions"), "unknown_value");
    }
    note(&mari, &case, "@Zoe may read", json!([zoe.id().await]))
        .await
        .expect(201);
    let many: Vec<String> = (0..21)
        .map(|_| deskside::ids::OperatorId::from_uuid(deskside_db::Uuid::now_v7()).to_string())
        .collect();
    let answer = note(&mari, &case, "@all", json!(many)).await;
    assert_eq!(answer.field_error("mentions"), "too_long");
    let body = json!({ "text": "Hello", "mentions": [zoe.id().await] });
    let path = format!("/cases/{case}/messages");
    let answer = mari.post(&path, body).await;
    assert_eq!(answer.field_error("mentions"), "invalid");
}

async fn where_operators_are_separated_a_mention_reaches_who_is_on_the_case(desk: &mut Desk) {
    let ada = desk.administrator().await;
    let (mari, cole) = (desk.operator("Mari").await, desk.operator("Cole").await);
    let zoe = desk.operator("Zoe").await;
    let separate = json!({ "separate_operators": true });
    ada.patch("/organization", separate).await.expect(200);
    let case = mari.create_case("Nick Evans").await;
    put_on(&mari, &case, &cole).await.expect(200);
    let answer = note(&mari, &case, "@Zoe", json!([zoe.id().await])).await;
    assert_eq!(answer.field_error("mentions"), "unknown_value");
    let both = json!([cole.id().await, ada.id().await]);
    note(&mari, &case, "@both", both).await.expect(201);
    let list = zoe.get("/cases?view=attention").await.expect(200);
    assert_eq!(list["items"], json!([]));
}

async fn no_message_to_a_guest_leaves_with_a_placeholder(desk: &mut Desk) {
    let mari = desk.operator("Mari").await;
    let case = mari.create_case("Nick Evans").await;
    let guest = desk.guest_of(&case).await;
    let path = format!("/cases/{case}/messages");
    let body = json!({ "text": "Hello {case_name}, this is Mari." });
    let before = mari.case(&case).await["last_entry"].clone();
    let problem = mari
        .post(&path, body)
        .await
        .problem(422, "placeholder_left");
    assert!(problem["detail"].as_str().unwrap().contains("{case_name}"));
    for text in ["Hello {case_name", "Hello {{case_name}}", "{Case_Name}"] {
        let answer = mari.post(&path, json!({ "text": text })).await;
        let problem = answer.problem(422, "placeholder_left");
        assert!(problem["detail"].as_str().unwrap().contains("{case_name}"));
    }
    let after = mari.case(&case).await["last_entry"].clone();
    assert_eq!(after, before, "nothing was sent");
    // Among the team one may talk about them, braces that mean nothing may stand, and guests may write what they like.
    note(&mari, &case, "Use {case_name} there", json!([]))
        .await
        .expect(201);
    mari.send(&case, "Set x = {name} { and }").await;
    guest.guest_send(&case, "What is {case_name}?").await;
}

async fn guests_have_no_internal_messages(desk: &mut Desk) {
    let mari = desk.operator("Mari").await;
    let case = mari.create_case("Nick Evans").await;
    let guest = desk.guest_of(&case).await;
    let path = format!("/guest/cases/{case}/messages");
    for field in [json!({ "internal": true }), json!({ "mentions": [] })] {
        let mut body = json!({ "text": "Hello" });
        body.as_object_mut()
            .unwrap()
            .extend(field.as_object().unwrap().clone());
        guest.post(&path, body).await.problem(422, "unknown_field");
    }
}
