//! Separated operators (V07, O16): what is out of sight is told nowhere, and what comes into sight or goes is told
//! at once.

use std::time::Duration;

use axum::http::Method;
use deskside::auth::policy::{self, Rule};
use serde_json::{Value, json};

use crate::claim::{claim, leave, put_on, waiting_case};
use crate::handover::change;
use crate::matrix::{Asker, Side};
use crate::openapi::{id_of, operations};
use crate::support::{Actor, Desk, Socket, on_both_databases};

on_both_databases![
    not_one_byte_of_a_case_out_of_sight_is_told,
    separated_operators_see_what_waits_and_their_own,
    what_comes_into_sight_and_goes_is_told_at_once,
    presence_typing_looking_and_calls_are_told_to_who_sees_the_case,
    a_screen_that_comes_back_is_told_what_it_may_know,
    separating_operators_counts_at_once_on_open_screens,
    whoever_loses_sight_of_a_case_leaves_its_call,
];

async fn separate(desk: &Desk, on: bool) {
    let ada = desk.administrator().await;
    let change = json!({ "separate_operators": on });
    ada.patch("/organization", change).await.expect(200);
}

async fn screen(who: &Actor, path: &str) -> Socket {
    let mut live = who.live(path).await.unwrap();
    live.next_of("hello").await;
    live
}

/// The frames until the event of this case, which is not among them.
async fn until(live: &mut Socket, case: &str) -> Vec<Value> {
    let mut told = Vec::new();
    loop {
        let frame = live.next().await;
        if frame["case_id"] == case && frame["kind"] == "event" {
            return told;
        }
        told.push(frame);
    }
}

/// Texts that stand in the case of [`Side`] and what is told of it, in small letters.
const WORDS: [&str; 12] = [
    // With the quote behind it: tags, which everyone may know, begin with the same words.
    "zaunkoenig case\"",
    "zaunkoenig notes",
    "zaunkoenig.guest",
    "zaunkoenig-7",
    "zaunkoenig hello",
    "zaunkoenig internal",
    "zaunkoenig wonders",
    "zaunkoenig draft",
    "zaunkoenig value",
    "zaunkoenig note",
    "1709876543",
    "47.123",
];

async fn fill(side: &Side, ada: &Actor) {
    let mari = &side.operator;
    let case = &format!("/cases/{}", side.case);
    let field = json!({ "label": "Colour", "kind": "text" });
    let field = ada.post("/custom-fields", field).await.expect(201);
    let mut change = json!({ "phone": { "value": "+49 170 9876543", "version": 0 } });
    change["custom"] =
        json!({ field["id"].as_str().unwrap(): { "value": "Zaunkoenig value", "version": 0 } });
    mari.patch(case, change).await.expect(200);
    let tag = mari.post("/tags", json!({ "name": "Urgent" })).await;
    let tag = tag.json()["id"].as_str().expect("a tag").to_owned();
    let path = format!("{case}/tags/{tag}");
    mari.request(Method::PUT, &path).send().await.expect(200);
    let note =
        json!({ "text": "Zaunkoenig internal", "internal": true, "mentions": [ada.id().await] });
    mari.post(&format!("{case}/messages"), note)
        .await
        .expect(201);
    let draft = json!({ "text": "Zaunkoenig draft", "version": 0 });
    mari.put(&format!("{case}/draft"), draft).await.expect(200);
    side.guest
        .guest_send(&side.case, "Zaunkoenig wonders")
        .await;
    mari.post(&format!("{case}/location/request"), json!({}))
        .await
        .expect(202);
    let asked = side.guest.get(&format!("/guest{case}")).await.expect(200);
    let answer = json!({ "request": asked["location_request"]["id"], "answer": "shared",
        "latitude": 47.123, "longitude": 8.5, "accuracy_m": 12 });
    side.guest
        .post(&format!("/guest{case}/location"), answer)
        .await
        .expect(204);
    let body = json!({ "to": side.colleague_id, "note": "Zaunkoenig note", "stay": true });
    mari.post(&format!("{case}/handover"), body)
        .await
        .expect(200);
}

async fn not_one_byte_of_a_case_out_of_sight_is_told(desk: &mut Desk) {
    let ada = desk.administrator().await;
    separate(desk, true).await;
    let cole = desk.operator("Cole").await;
    let early = screen(&cole, "/live").await;
    let reading = tokio::spawn(read_to_the_fence(early));
    let mut side = Side::open(desk.app.clone(), ada.clone(), "Zaunkoenig").await;
    fill(&side, &ada).await;
    let own = cole.create_case("Own").await;
    let details = json!({ "email": { "value": "zaunkoenig.GUEST@desk.example", "version": 0 },
        "phone": { "value": "0049 170 9876543", "version": 0 } });
    // What Cole types Cole reads again; it is not heard from the server's other cases.
    let typist = cole.twin();
    typist
        .patch(&format!("/cases/{own}"), details)
        .await
        .expect(200);

    // Every operation of the description, with the ids of the case out of sight.
    let mut refused = 0;
    for (method, pattern, operation) in operations() {
        let id = id_of(operation);
        let rule = policy::rule(id).expect("a row in the policy");
        if rule == Rule::Anyone || ["session_delete", "sessions_delete", "live"].contains(&id) {
            continue;
        }
        if id != "case_claim" {
            side.prepare(id).await;
        }
        let call = side.call(id, &method, &pattern, Asker::Operator);
        let (status, body) = call.ask(&cole).await;
        let is_clean = !WORDS.iter().any(|word| body.to_lowercase().contains(word));
        assert!(
            is_clean && !body.contains(&side.case),
            "{id}: {status} {body}"
        );
        if pattern.contains("{case_id}") {
            let expected = if rule == Rule::Administrator {
                403
            } else {
                404
            };
            assert_eq!(status, expected, "{id}: {body}");
            refused += 1;
        }
    }
    assert!(refused > 20, "{refused} operations are about a case");

    // Everything that lists, counts or finds.
    let case = &side.case.clone();
    let mari = side.operator.id().await;
    for path in [
        "/cases?status=all&operator=everyone".to_owned(),
        format!("/cases?status=all&operator={mari}"),
        "/cases?status=awaiting".to_owned(),
        "/cases?view=attention".to_owned(),
        "/cases?view=snoozed".to_owned(),
        "/cases/counts".to_owned(),
        "/search?q=Zaunkoenig".to_owned(),
        "/search?q=zau".to_owned(),
        "/search?q=za".to_owned(),
        "/search?q=%231".to_owned(),
        "/search?q=0170%209876543".to_owned(),
        "/tags".to_owned(),
        "/operators".to_owned(),
        "/filters".to_owned(),
        "/quick-responses".to_owned(),
        "/custom-fields".to_owned(),
    ] {
        let found = cole.get(&path).await.expect(200);
        if path == "/tags" {
            assert_eq!(found["items"][0]["cases"], 0, "{found}");
        }
        if path.starts_with("/search") {
            let others = found["items"].as_array().unwrap().iter();
            let others = others
                .filter(|hit| hit["case"]["id"] != own.as_str())
                .count();
            assert_eq!(others, 0, "{path}: {found}");
        }
    }
    let earlier = cole.get(&format!("/cases/{own}/earlier")).await.expect(200);
    assert_eq!(earlier["items"], json!([]));
    for (path, body) in [
        (format!("/cases/{own}/merge?from={case}"), None),
        (format!("/cases/{own}/merge"), Some(json!({ "from": case }))),
    ] {
        let answer = match body {
            Some(body) => cole.post(&path, body).await,
            None => cole.get(&path).await,
        };
        answer.problem(404, "not_found");
    }

    // Everything that passes by: presence, typing, looking, a call.
    let page = format!("/guest/cases/{case}/live");
    let mut guest = side.guest.live(&page).await.unwrap();
    guest.next_of("hello").await;
    let mut live = screen(&side.operator, "/live").await;
    for frame in [
        json!({ "kind": "looking", "case_id": case }),
        json!({ "kind": "typing", "case_id": case, "typing": true }),
    ] {
        live.say(frame).await;
    }
    guest.say(json!({ "kind": "typing", "typing": true })).await;
    guest.next_of("typing").await;
    side.prepare("call_get").await;
    guest.leave().await;

    let late = screen(&cole, "/live?cursor=0").await;
    let late = tokio::spawn(read_to_the_fence(late));
    desk.operator("Fence").await;
    for told in [reading.await.unwrap(), late.await.unwrap()] {
        let hidden: Vec<&Value> = told
            .iter()
            .filter(|frame| frame["kind"] == "case_hidden" || frame["kind"] == "case_visible")
            .collect();
        assert!(hidden.is_empty(), "{hidden:?}");
    }
    let heard = String::from_utf8_lossy(&cole.heard()).to_lowercase();
    let secrets = [case.as_str(), &side.sibling, &side.call, &side.guest_token];
    for word in WORDS.into_iter().chain(secrets) {
        let at = heard.find(&word.to_lowercase());
        let around = at
            .map(|at| String::from_utf8_lossy(&heard.as_bytes()[at.saturating_sub(200)..at + 50]));
        // What Cole typed into the own case comes back to Cole.
        let is_own = ["zaunkoenig.guest", "1709876543"].contains(&word);
        assert!(at.is_none() || is_own, "{word}: {around:?}");
    }
}

/// Reads until somebody by this name comes into the organization, and says what came before.
async fn read_to_the_fence(mut live: Socket) -> Vec<Value> {
    let mut told = Vec::new();
    loop {
        let frame = live.next().await;
        if frame["event"]["operator"]["name"] == "Fence" {
            return told;
        }
        told.push(frame);
    }
}

async fn separated_operators_see_what_waits_and_their_own(desk: &mut Desk) {
    let ada = desk.administrator().await;
    let (mari, cole) = (desk.operator("Mari").await, desk.operator("Cole").await);
    let case = mari.create_case("Nick Evans").await;
    let waiting = waiting_case(&mari, "Someone else").await;
    let path = format!("/cases/{case}");
    cole.get(&path).await.expect(200);
    separate(desk, true).await;
    cole.get(&path).await.problem(404, "not_found");
    ada.get(&path).await.expect(200);
    mari.get(&path).await.expect(200);
    assert_eq!(cole.case(&waiting).await["status"], "awaiting");
    // Taken by another it is gone, without a word on who has it.
    claim(&mari, &waiting).await.expect(200);
    claim(&cole, &waiting).await.problem(404, "not_found");
    put_on(&mari, &case, &cole).await.expect(200);
    cole.get(&path).await.expect(200);
    // Whoever leaves while others stay has done it, and sees no more of it.
    assert_eq!(leave(&cole, &case).await.status, 204);
    cole.get(&path).await.problem(404, "not_found");
    let answer = mari
        .post(
            &format!("{path}/handover"),
            json!({ "to": cole.id().await }),
        )
        .await;
    assert_eq!(answer.status, 204);
    mari.get(&path).await.problem(404, "not_found");
    // An operator made administrator sees all, and back.
    change(&ada, &mari, json!({ "role": "administrator" }))
        .await
        .expect(200);
    mari.get(&path).await.expect(200);
    change(&ada, &mari, json!({ "role": "operator" }))
        .await
        .expect(200);
    mari.get(&path).await.problem(404, "not_found");
    separate(desk, false).await;
    mari.get(&path).await.expect(200);
}

async fn what_comes_into_sight_and_goes_is_told_at_once(desk: &mut Desk) {
    let ada = desk.administrator().await;
    let (mari, cole) = (desk.operator("Mari").await, desk.operator("Cole").await);
    separate(desk, true).await;
    let case = mari.create_case("Nick Evans").await;
    let mut live = screen(&cole, "/live").await;
    let changed = async |live: &mut Socket| loop {
        let frame = live.next().await;
        if frame["kind"] == "case_visible" || frame["kind"] == "case_hidden" {
            assert_eq!(frame["case_id"], case.as_str());
            assert!(frame["cursor"].is_i64());
            return frame["kind"].as_str().unwrap().to_owned();
        }
        assert_ne!(frame["case_id"], case.as_str(), "{frame}");
    };
    put_on(&mari, &case, &cole).await.expect(200);
    assert_eq!(changed(&mut live).await, "case_visible");
    mari.send(&case, "Now you hear it").await;
    assert_eq!(
        live.next_event("message.sent").await["event"]["text"],
        "Now you hear it"
    );
    let off = format!("/cases/{case}/operators/{}", cole.id().await);
    mari.delete(&off).await.expect(200);
    assert_eq!(changed(&mut live).await, "case_hidden");
    mari.send(&case, "Now you do not").await;
    ada.post(&format!("/cases/{case}/queue"), json!({}))
        .await
        .expect(200);
    assert_eq!(changed(&mut live).await, "case_visible");
    claim(&mari, &case).await.expect(200);
    assert_eq!(changed(&mut live).await, "case_hidden");
    ada.post(&format!("/cases/{case}/queue"), json!({}))
        .await
        .expect(200);
    assert_eq!(changed(&mut live).await, "case_visible");
    ada.delete(&format!("/cases/{case}")).await.expect(204);
    assert_eq!(changed(&mut live).await, "case_hidden");
    let fence = cole.create_case("Own").await;
    assert_eq!(until(&mut live, &fence).await, Vec::<Value>::new());
    assert!(!String::from_utf8_lossy(&cole.heard()).contains("Now you do not"));
}

async fn presence_typing_looking_and_calls_are_told_to_who_sees_the_case(desk: &mut Desk) {
    let (mari, cole) = (desk.operator("Mari").await, desk.operator("Cole").await);
    separate(desk, true).await;
    let (shared, hidden) = (
        mari.create_case("Shared").await,
        mari.create_case("Hidden").await,
    );
    put_on(&mari, &shared, &cole).await.expect(200);
    let guests = [desk.guest_of(&shared).await, desk.guest_of(&hidden).await];
    // A server that has just started knows of no case yet who sees it.
    desk.restart().await;
    let mut live = screen(&cole, "/live").await;
    let mut seen_by_mari = screen(&mari, "/live").await;
    let mut pages = Vec::new();
    for (guest, case) in guests.iter().zip([&hidden, &shared].into_iter().rev()) {
        let page = guest
            .live(&format!("/guest/cases/{case}/live"))
            .await
            .unwrap();
        pages.push(page);
    }
    for page in &mut pages {
        page.next_of("hello").await;
        page.say(json!({ "kind": "typing", "typing": true })).await;
    }
    for case in [&hidden, &shared] {
        seen_by_mari
            .say(json!({ "kind": "looking", "case_id": case }))
            .await;
    }
    let mut told = Vec::new();
    while told.len() < 3 {
        let frame = live.next().await;
        if ["presence", "typing", "looking"].contains(&frame["kind"].as_str().unwrap()) {
            assert_eq!(frame["case_id"], shared.as_str(), "{frame}");
            told.push(frame["kind"].as_str().unwrap().to_owned());
        }
    }
    told.sort();
    assert_eq!(told, ["looking", "presence", "typing"]);
    // Who does not see a case is not heard in it, and does not look at it.
    live.say(json!({ "kind": "typing", "case_id": hidden, "typing": true }))
        .await;
    live.say(json!({ "kind": "looking", "case_id": hidden }))
        .await;
    live.say(json!({ "kind": "looking", "case_id": shared }))
        .await;
    live.say(json!({ "kind": "typing", "case_id": shared, "typing": true }))
        .await;
    let id = cole.id().await;
    loop {
        let frame = seen_by_mari.next().await;
        let is_cole = frame.to_string().contains(&id);
        if !is_cole || frame["kind"] == "operator_presence" {
            continue;
        }
        assert_eq!(frame["case_id"], shared.as_str(), "{frame}");
        if frame["kind"] == "typing" {
            break;
        }
    }
    let hello = cole.live("/live").await.unwrap().next_of("hello").await;
    assert_eq!(hello["online_cases"], json!([shared]));
    let looking: Vec<&Value> = hello["looking"].as_array().unwrap().iter().collect();
    assert_eq!(looking.len(), 1);
    assert_eq!(looking[0]["case_id"], shared.as_str());
    // Calls too.
    for case in [&hidden, &shared] {
        mari.post(&format!("/cases/{case}/calls"), json!({}))
            .await
            .expect(201);
    }
    let call = live.next_of("call").await;
    assert_eq!(call["case_id"], shared.as_str());
    // One who has closed the tab looks at nothing any more.
    live.leave().await;
    let mut list = seen_by_mari.next_of("looking").await;
    while list["operator_ids"]
        .as_array()
        .unwrap()
        .contains(&json!(id))
    {
        list = seen_by_mari.next_of("looking").await;
    }
}

async fn a_screen_that_comes_back_is_told_what_it_may_know(desk: &mut Desk) {
    let ada = desk.administrator().await;
    let (mari, cole) = (desk.operator("Mari").await, desk.operator("Cole").await);
    separate(desk, true).await;
    let (own, hidden) = (
        cole.create_case("Own").await,
        mari.create_case("Hidden").await,
    );
    let waiting = waiting_case(&mari, "Waiting").await;
    let gone = waiting_case(&mari, "Gone").await;
    let mut live = cole.live("/live").await.unwrap();
    let cursor = live.next_of("hello").await["cursor"].as_i64().unwrap();
    live.leave().await;
    mari.send(&hidden, "Not for Cole").await;
    claim(&mari, &waiting).await.expect(200);
    mari.send(&waiting, "Not for Cole either").await;
    ada.delete(&format!("/cases/{gone}")).await.expect(204);
    ada.delete(&format!("/cases/{hidden}")).await.expect(204);
    cole.send(&own, "The last word").await;
    let mut live = screen(&cole, &format!("/live?cursor={cursor}")).await;
    let mut told = until(&mut live, &own).await;
    told.retain(|frame| frame["kind"] != "operator_presence");
    let hidden_now: Vec<(&str, &str)> = told
        .iter()
        .map(|frame| {
            (
                frame["kind"].as_str().unwrap(),
                frame["case_id"].as_str().unwrap(),
            )
        })
        .collect();
    assert_eq!(
        hidden_now,
        [
            ("case_hidden", waiting.as_str()),
            ("case_hidden", gone.as_str())
        ]
    );
    assert!(!String::from_utf8_lossy(&cole.heard()).contains("Not for Cole"));
}

async fn separating_operators_counts_at_once_on_open_screens(desk: &mut Desk) {
    let ada = desk.administrator().await;
    let (mari, cole) = (desk.operator("Mari").await, desk.operator("Cole").await);
    let case = mari.create_case("Nick Evans").await;
    let mut all = screen(&ada, "/live").await;
    let mut live = screen(&cole, "/live").await;
    separate(desk, true).await;
    let closed = tokio::time::timeout(Duration::from_secs(10), live.closed()).await;
    assert_eq!(closed.expect("at once"), 4412);
    cole.get(&format!("/cases/{case}"))
        .await
        .problem(404, "not_found");
    all.next_event("organization.changed").await;
    mari.send(&case, "An administrator hears on").await;
    all.next_event("message.sent").await;
    let mut live = screen(&cole, "/live").await;
    separate(desk, false).await;
    assert_eq!(live.closed().await, 4412);
    cole.get(&format!("/cases/{case}")).await.expect(200);
    // The same again changes nothing for anybody.
    let mut live = screen(&cole, "/live").await;
    separate(desk, false).await;
    live.next_event("organization.changed").await;
    mari.send(&case, "All hear on").await;
    live.next_event("message.sent").await;
}

async fn whoever_loses_sight_of_a_case_leaves_its_call(desk: &mut Desk) {
    let ada = desk.administrator().await;
    let (mari, cole) = (desk.operator("Mari").await, desk.operator("Cole").await);
    separate(desk, true).await;
    let case = mari.create_case("Nick Evans").await;
    put_on(&mari, &case, &cole).await.expect(200);
    let calls = format!("/cases/{case}/calls");
    let call = mari.post(&calls, json!({})).await.expect(201);
    let call = format!("{calls}/{}", call["id"].as_str().unwrap());
    let joining = json!({ "offer": crate::support::offer(), "microphone": "on", "video": "off" });
    for who in [&mari, &cole] {
        who.post(&format!("{call}/participants"), &joining)
            .await
            .expect(201);
    }
    let present = async || {
        let call = ada.get(&call).await.expect(200);
        let participants = call["participants"].as_array().unwrap().iter();
        let names = participants.map(|one| one["name"].as_str().unwrap().to_owned());
        names.collect::<Vec<_>>()
    };
    assert_eq!(present().await, ["Mari", "Cole"]);
    let off = format!("/cases/{case}/operators/{}", cole.id().await);
    mari.delete(&off).await.expect(200);
    assert_eq!(present().await, ["Mari"]);
    // So does who loses the seat, wherever they are on.
    put_on(&mari, &case, &cole).await.expect(200);
    cole.post(&format!("{call}/participants"), &joining)
        .await
        .expect(201);
    assert_eq!(present().await, ["Mari", "Cole"]);
    change(&ada, &cole, json!({ "seat": false }))
        .await
        .expect(200);
    assert_eq!(present().await, ["Mari"]);
}
