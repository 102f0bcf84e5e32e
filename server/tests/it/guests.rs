//! Guests: the permanent link, what opening it does, and what a guest never receives.

use std::time::Duration;

use axum::http::Method;
use deskside::limits;
use serde_json::{Value, json};

use crate::openapi::operations;
use crate::support::{Actor, Desk, PUBLIC_URL, on_both_databases, token_of};

on_both_databases![
    opening_the_link_gives_a_session_and_tells_of_the_arrival,
    reading_the_page_changes_nothing,
    a_guest_is_online_while_the_page_s_socket_is_open,
    an_unknown_link_is_a_kind_dead_end,
    a_completed_case_is_a_kind_dead_end,
    a_deleted_case_is_a_kind_dead_end,
    guessing_links_has_an_end,
    a_link_in_many_browsers_keeps_the_newest,
    a_guest_who_floods_is_told_to_wait,
    one_browser_may_hold_many_cases_and_is_one_guest_in_each,
    a_guest_s_session_ends_and_the_link_opens_it_again,
    nothing_internal_ever_reaches_a_guest,
    guests_are_told_of_what_concerns_them,
];

const COOKIE: &str = "__Host-deskside_guest";

async fn kinds(who: &Actor, case: &str) -> Vec<String> {
    let timeline = who
        .get(&format!("/cases/{case}/timeline?limit=200"))
        .await
        .expect(200);
    let entries = timeline["entries"].as_array().expect("entries");
    entries
        .iter()
        .map(|entry| entry["event"]["type"].as_str().expect("a type").to_owned())
        .collect()
}

async fn opening_the_link_gives_a_session_and_tells_of_the_arrival(desk: &mut Desk) {
    let mari = desk.operator("Mari").await;
    let case = mari.create_case("Nick Evans").await;
    let link = mari.guest_link(&case).await;
    assert!(link.starts_with(&format!("{PUBLIC_URL}/g/")), "{link}");
    assert_eq!(token_of(&link).len(), 22, "128 random bits");
    assert_eq!(mari.guest_link(&case).await, link);

    let nick = desk.stranger();
    let path = format!("/guest/cases/{case}");
    nick.get(&path).await.problem(404, "not_found");
    let opened = nick.open_link(token_of(&link)).await;
    let cookie = opened.header("set-cookie");
    for attribute in ["; Path=/", "; Secure", "; HttpOnly", "; SameSite=Lax"] {
        assert!(cookie.contains(attribute), "{cookie}");
    }
    assert!(cookie.starts_with("__Host-deskside_guest="), "{cookie}");
    assert!(
        !cookie.contains(token_of(&link)),
        "the link stays in the bar"
    );
    let seen = opened.expect(200);
    assert_eq!(seen, nick.get(&path).await.expect(200));
    assert_eq!(
        seen,
        json!({ "id": case, "name": "Nick Evans", "status": "active", "language": "en",
            "organization": { "name": "Desk GmbH", "contact_email": "", "contact_phone": "", "brand_color": "", "logo": null },
            "operators": [{ "id": mari.id().await, "name": "Mari", "picture": null, "online": false }],
            "read": null, "operator_read": null, "last_entry": 3, "call": null, "location_request": null })
    );
    let told = ["case.created", "operator.joined", "guest.arrived"];
    assert_eq!(kinds(&mari, &case).await, told);

    // A reload is no new arrival; a visit much later is one.
    nick.open_link(token_of(&link)).await.expect(200);
    assert_eq!(kinds(&mari, &case).await, told);
    desk.wait(limits::ARRIVAL_EVERY + Duration::from_secs(1));
    nick.open_link(token_of(&link)).await.expect(200);
    assert_eq!(kinds(&mari, &case).await[3], "guest.arrived");
}

async fn reading_the_page_changes_nothing(desk: &mut Desk) {
    let ada = desk.administrator().await;
    let case = ada.create_case("Nick Evans").await;
    let link = ada.guest_link(&case).await;
    let invite = ada
        .post(
            "/operator-invites",
            json!({ "email": "mari@desk.example", "role": "operator" }),
        )
        .await
        .expect(201);
    let nick = ada.guest_of(&case).await;
    let before = (ada.case(&case).await, ada.get("/cases").await.expect(200));
    let mut screen = ada.live("/live").await.expect("a socket");
    let cursor = screen.next_of("hello").await["cursor"].clone();

    let scanner = desk.stranger();
    let guest_page = format!("/g/{}", token_of(&link));
    let invite_page = format!("/invite/{}", token_of(invite["link"].as_str().unwrap()));
    for path in [
        guest_page.as_str(),
        &invite_page,
        "/",
        "/setup/x",
        "/cases/x",
    ] {
        for method in [Method::GET, Method::HEAD] {
            let answer = scanner.page(method, path).send().await;
            assert_eq!(answer.header("set-cookie"), "");
        }
    }
    for (method, pattern, _) in operations() {
        if method == "GET" {
            let path = pattern.trim_start_matches("/api/v1");
            let path = path.replace("{case_id}", &case);
            for who in [&ada, &nick, &scanner] {
                for method in [Method::GET, Method::HEAD] {
                    who.request(method, &path).send().await;
                }
            }
        }
    }
    let unsafe_paths = ["/guest/session", "/operator-invites/accept", "/session"];
    for path in unsafe_paths {
        scanner.get(path).await.problem(405, "method_not_allowed");
    }
    assert_eq!(
        (ada.case(&case).await, ada.get("/cases").await.expect(200)),
        before,
        "Away, and nobody has arrived"
    );
    // The next fact is the next number: nothing was written in between.
    ada.send(&case, "Hello").await;
    let told = screen.next_of("event").await;
    assert_eq!(told["cursor"].as_i64(), cursor.as_i64().map(|at| at + 1));
    scanner
        .accept(token_of(invite["link"].as_str().unwrap()), "Mari")
        .await
        .expect(201);
}

async fn a_guest_is_online_while_the_page_s_socket_is_open(desk: &mut Desk) {
    let mari = desk.operator("Mari").await;
    let case = mari.create_case("Nick Evans").await;
    let nick = mari.guest_of(&case).await;
    assert_eq!(mari.case(&case).await["guest_online"], false);
    let mut screen = mari.live("/live").await.expect("a socket");
    screen.next_of("hello").await;
    let path = format!("/guest/cases/{case}/live");
    let mut page = nick.live(&path).await.expect("a socket");
    page.next_of("hello").await;
    assert_eq!(screen.next_of("presence").await["online"], true);
    assert_eq!(mari.case(&case).await["guest_online"], true);
    let list = mari.get("/cases").await.expect(200);
    assert_eq!(list["items"][0]["guest_online"], true);
    desk.wait(Duration::from_secs(60));
    page.leave().await;
    assert_eq!(screen.next_of("presence").await["online"], false);
    let away = mari.case(&case).await;
    assert_eq!(away["guest_online"], false);
}

async fn an_unknown_link_is_a_kind_dead_end(desk: &mut Desk) {
    let ada = desk.administrator().await;
    ada.create_case("Nick Evans").await;
    ada.patch("/organization", json!({ "contact_phone": "+49 30 123456" }))
        .await
        .expect(200);
    let whom = json!({ "name": "Desk GmbH", "contact_email": "", "contact_phone": "+49 30 123456",
        "brand_color": "", "logo": null });
    let lost = desk.stranger();
    for token in [
        "0123456789012345678901",
        "",
        "x",
        &"x".repeat(10_000),
        "../a\0",
    ] {
        let problem = lost.open_link(token).await.problem(404, "link_unknown");
        assert_eq!(problem["organization"], whom, "the only one there is");
    }
    assert_eq!(lost.cookie(COOKIE), None);
    desk.other_organization().await;
    let problem = lost
        .open_link("0123456789012345678901")
        .await
        .problem(404, "link_unknown");
    assert_eq!(
        problem["organization"],
        Value::Null,
        "nobody knows whose it was"
    );
}

async fn a_completed_case_is_a_kind_dead_end(desk: &mut Desk) {
    let mari = desk.operator("Mari").await;
    let case = mari.create_case("Nick Evans").await;
    let link = mari.guest_link(&case).await;
    mari.post(&format!("/cases/{case}/complete"), json!({}))
        .await
        .expect(200);
    let before = kinds(&mari, &case).await;
    let nick = desk.stranger();
    let answer = nick.open_link(token_of(&link)).await;
    let told = answer.expect(200);
    assert_eq!(told["status"], "completed");
    assert_eq!(told["organization"]["name"], "Desk GmbH");
    assert!(!answer.text().contains("Nick"), "no word of the case");
    assert!(!answer.text().contains("Mari"), "nor of who is on it");
    assert_eq!(kinds(&mari, &case).await, before, "nobody has arrived");
    let path = format!("/guest/cases/{case}");
    for path in [path.clone(), format!("{path}/timeline")] {
        let problem = nick.get(&path).await.problem(409, "case_completed");
        assert_eq!(problem["organization"]["name"], "Desk GmbH");
    }

    // The page that waits is told nothing of what was said, only that the case is open again.
    let live = format!("{path}/live?after=0");
    let mut page = nick.live(&live).await.expect("a socket");
    let hello = page.next_of("hello").await;
    assert_eq!(hello["case"], told);
    mari.post(&format!("/cases/{case}/reopen"), json!({}))
        .await
        .expect(200);
    let first = page.next_of("event").await;
    assert_eq!(first["event"]["type"], "case.reopened", "nothing before it");
    let opened = nick.open_link(token_of(&link)).await.expect(200);
    assert_eq!(opened["name"], "Nick Evans");
    assert_eq!(
        kinds(&mari, &case).await.last().map(String::as_str),
        Some("guest.arrived")
    );
}

async fn a_deleted_case_is_a_kind_dead_end(desk: &mut Desk) {
    let mari = desk.operator("Mari").await;
    let case = mari.create_case("Nick Evans").await;
    let link = mari.guest_link(&case).await;
    let nick = mari.guest_of(&case).await;
    let live = format!("/guest/cases/{case}/live");
    let mut page = nick.live(&live).await.expect("a socket");
    page.next_of("hello").await;
    mari.delete(&format!("/cases/{case}")).await.expect(204);
    page.next_event("case.deleted").await;
    assert_eq!(page.closed().await, 4410);
    assert_eq!(nick.live(&live).await.err(), Some(404));
    let path = format!("/guest/cases/{case}");
    nick.get(&path).await.problem(404, "not_found");
    nick.get(&format!("{path}/timeline"))
        .await
        .problem(404, "not_found");
    nick.post(&format!("{path}/messages"), json!({ "text": "Hi" }))
        .await
        .problem(404, "not_found");
    for someone in [nick, desk.stranger()] {
        let answer = someone.open_link(token_of(&link)).await;
        let problem = answer.problem(410, "case_deleted");
        assert_eq!(problem["organization"]["name"], "Desk GmbH");
        assert!(!answer.text().contains("Nick"));
    }
    mari.get(&format!("/cases/{case}/guest-link"))
        .await
        .problem(404, "not_found");
}

async fn guessing_links_has_an_end(desk: &mut Desk) {
    let ada = desk.administrator().await;
    let case = ada.create_case("Nick Evans").await;
    let link = ada.guest_link(&case).await;
    let eve = desk.stranger();
    for _ in 0..limits::LINK_FAILURES_PER_ADDRESS {
        eve.open_link("0123456789012345678901")
            .await
            .problem(404, "link_unknown");
    }
    let guess = "0123456789012345678901";
    let waits = eve.open_link(guess).await;
    waits.problem(429, "too_many_attempts");
    // Whoever holds a right link does not wait for what others behind the same address try.
    eve.open_link(token_of(&link)).await.expect(200);
    desk.restart().await;
    let waits = eve.open_link(guess).await;
    waits.problem(429, "too_many_attempts");
    desk.wait(limits::ATTEMPT_WINDOW + Duration::from_secs(1));
    let heard = eve.open_link(guess).await;
    heard.problem(404, "link_unknown");
}

async fn one_browser_may_hold_many_cases_and_is_one_guest_in_each(desk: &mut Desk) {
    let mari = desk.operator("Mari").await;
    let otto = desk.other_organization().await;
    let first = mari.create_case("First").await;
    let second = mari.create_case("Second").await;
    let elsewhere = otto.create_case("Elsewhere").await;
    let nick = desk.stranger();
    for (owner, case) in [(&mari, &first), (&mari, &second), (&otto, &elsewhere)] {
        let link = owner.guest_link(case).await;
        nick.open_link(token_of(&link)).await.expect(200);
    }
    let mut senders = Vec::new();
    for case in [&first, &second, &elsewhere] {
        let entry = nick.guest_send(case, "It is me").await;
        let link = if case == &elsewhere { &otto } else { &mari };
        let link = link.guest_link(case).await;
        nick.open_link(token_of(&link)).await.expect(200);
        let again = nick.guest_send(case, "Still me").await;
        assert_eq!(entry["actor"]["id"], again["actor"]["id"]);
        senders.push(entry["actor"]["id"].clone());
    }
    senders.dedup();
    assert_eq!(senders.len(), 3, "no id says that it is the same browser");

    let phone = mari.guest_of(&first).await;
    phone
        .get(&format!("/guest/cases/{second}"))
        .await
        .problem(404, "not_found");
    let other = phone.guest_send(&first, "From a phone").await;
    assert_ne!(other["actor"]["id"], senders[0]);
}

async fn a_guest_s_session_ends_and_the_link_opens_it_again(desk: &mut Desk) {
    let ada = desk.administrator().await;
    let case = ada.create_case("Nick Evans").await;
    let link = ada.guest_link(&case).await;
    let nick = ada.guest_of(&case).await;
    let path = format!("/guest/cases/{case}");
    desk.wait(limits::GUEST_SESSION_AGE_MAX);
    nick.get(&path).await.expect(200);
    desk.wait(Duration::from_secs(1));
    nick.get(&path).await.problem(404, "not_found");
    nick.open_link(token_of(&link)).await.expect(200);
    nick.get(&path).await.expect(200);
}

async fn nothing_internal_ever_reaches_a_guest(desk: &mut Desk) {
    let mari = desk.operator("Marimail").await;
    let cole = desk.operator("Colemail").await;
    let new = json!({ "name": "Nick Evans", "email": "canary-email@mail.example", "phone": "+49 30 55512345",
        "internal_reference": "canary-reference", "notes": "canary-notes" });
    let case = mari.post("/cases", new).await.expect(201)["id"]
        .as_str()
        .unwrap()
        .to_owned();
    let path = format!("/cases/{case}");
    let guest_path = format!("/guest/cases/{case}");
    let nick = mari.guest_of(&case).await;
    let mut page = nick
        .live(&format!("{guest_path}/live"))
        .await
        .expect("a socket");
    page.next_of("hello").await;
    let colleague = mari.guest_of(&case).await;
    colleague.guest_send(&case, "from another device").await;

    // Everything that operators do, with a mark wherever a guest must not look.
    let change = json!({ "notes": { "value": "canary-notes two", "version": 1 },
        "email": { "value": "canary-second@mail.example", "version": 1 },
        "name": { "value": "Nicola Evans", "version": 1 } });
    mari.patch(&path, change).await.expect(200);
    mari.put(
        &format!("{path}/draft"),
        json!({ "text": "canary-draft", "version": 0 }),
    )
    .await
    .expect(200);
    let key = mari.send(&case, "Hello Nick").await["event"]["client_key"].clone();
    cole.send(&case, "I help too").await;
    mari.put(&format!("{path}/read"), json!({ "entry": 5 }))
        .await
        .expect(204);
    mari.patch("/me", json!({ "time_zone": "Asia/Kathmandu" }))
        .await
        .expect(200);
    desk.administrator()
        .await
        .post(
            "/operator-invites",
            json!({ "email": "canary-invite@mail.example", "role": "operator" }),
        )
        .await
        .expect(201);
    for act in ["complete", "reopen"] {
        mari.post(&format!("{path}/{act}"), json!({}))
            .await
            .expect(200);
    }
    mari.send(&case, "the last words").await;

    for query in ["", "?limit=200", "?after=0", "?before=100", "?after=-1"] {
        nick.get(&format!("{guest_path}/timeline{query}")).await;
    }
    nick.get(&guest_path).await.expect(200);
    nick.guest_send(&case, "Thank you").await;
    nick.put(&format!("{guest_path}/read"), json!({ "entry": 9 }))
        .await
        .expect(204);
    for foreign in [
        path.as_str(),
        "/cases",
        "/me",
        "/operators",
        "/organization",
    ] {
        nick.get(foreign).await.problem(401, "not_signed_in");
    }
    let mut again = nick
        .live(&format!("{guest_path}/live?after=0"))
        .await
        .expect("a socket");
    for socket in [&mut page, &mut again] {
        loop {
            let told = socket.next_event("message.sent").await;
            if told["event"]["text"] == "Thank you" {
                break;
            }
        }
    }
    let heard = String::from_utf8(nick.heard()).expect("text");
    assert!(heard.contains("the last words") && heard.contains("Nicola Evans"));
    for canary in [
        "canary",
        "55512345",
        "marimail@",
        "colemail@",
        "ada@",
        "guest.arrived",
        "Kathmandu",
        "internal_reference",
        "\"cursor\":",
        key.as_str().unwrap(),
    ] {
        assert!(
            !heard.to_lowercase().contains(&canary.to_lowercase()),
            "a guest received {canary}"
        );
    }
}

async fn guests_are_told_of_what_concerns_them(desk: &mut Desk) {
    let mari = desk.operator("Mari").await;
    let cole = desk.operator("Cole").await;
    let case = mari.create_case("Nick Evans").await;
    let nick = mari.guest_of(&case).await;
    let mut page = nick
        .live(&format!("/guest/cases/{case}/live"))
        .await
        .expect("a socket");
    let hello = page.next_of("hello").await;
    assert_eq!(hello["case"]["name"], "Nick Evans");
    let path = format!("/cases/{case}");
    let on_case = format!("{path}/operators/{}", cole.id().await);
    mari.request(Method::PUT, &on_case).send().await.expect(200);
    mari.delete(&on_case).await.expect(200);
    mari.put(&format!("{path}/read"), json!({ "entry": 2 }))
        .await
        .expect(204);
    for act in ["complete", "reopen"] {
        mari.post(&format!("{path}/{act}"), json!({}))
            .await
            .expect(200);
    }
    nick.guest_send(&case, "Hello").await;
    let mut entries = Vec::new();
    for expected in [
        "operator.joined",
        "operator.left",
        "case.read",
        "case.completed",
        "case.reopened",
        "message.sent",
    ] {
        let frame = page.next_of("event").await;
        assert_eq!(frame["event"]["type"], expected, "{frame}");
        entries.extend(frame["entry"].as_i64());
    }
    assert_eq!(entries, [4, 5, 6, 7, 8], "the case's own numbers");
}

async fn a_link_in_many_browsers_keeps_the_newest(desk: &mut Desk) {
    let ada = desk.administrator().await;
    let case = ada.create_case("Nick Evans").await;
    let first = ada.guest_of(&case).await;
    for _ in 0..limits::GUEST_SESSIONS_PER_CASE_MAX {
        desk.wait(Duration::from_millis(1));
        ada.guest_of(&case).await;
    }
    let path = format!("/guest/cases/{case}");
    first.get(&path).await.problem(404, "not_found");
    let link = ada.guest_link(&case).await;
    desk.wait(Duration::from_millis(1));
    first.open_link(token_of(&link)).await.expect(200);
    first.get(&path).await.expect(200);
}

async fn a_guest_who_floods_is_told_to_wait(desk: &mut Desk) {
    let ada = desk.administrator().await;
    let case = ada.create_case("Nick Evans").await;
    let guest = ada.guest_of(&case).await;
    let path = format!("/guest/cases/{case}/messages");
    for _ in 0..limits::GUEST_MESSAGES_PER_MINUTE {
        let refused = guest.post(&path, json!({ "text": "" })).await;
        refused.problem(422, "invalid_input");
    }
    let text = json!({ "text": "Hello" });
    guest
        .post(&path, &text)
        .await
        .problem(429, "too_many_attempts");
    desk.wait(limits::PACE_WINDOW);
    guest.post(&path, &text).await.expect(201);
}
