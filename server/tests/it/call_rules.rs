//! Who may do what in calls, and what becomes of wrong input.

use deskside::limits;
use serde_json::json;

use crate::calls::ids;
use crate::support::{Caller, Desk, joining, offer, on_both_databases, start_call};

on_both_databases![
    guests_neither_start_nor_end_calls,
    a_call_of_another_case_or_organization_is_not_there,
    a_call_that_has_ended_says_so,
    a_wrong_secret_opens_nothing,
    an_offer_that_is_none_is_refused,
    a_call_takes_so_many_people_and_no_more,
    who_offers_without_end_must_wait,
    without_media_nobody_can_join,
];

async fn guests_neither_start_nor_end_calls(desk: &mut Desk) {
    let mari = desk.operator("Mari").await;
    let case = mari.create_case("Nick Evans").await;
    let nick = desk.guest_of(&case).await;
    let call = start_call(&mari, &case).await;
    for path in [
        format!("/cases/{case}/calls"),
        format!("/cases/{case}/calls/{call}/end"),
    ] {
        nick.post(&path, json!({}))
            .await
            .problem(401, "not_signed_in");
        let guests = nick.post(&format!("/guest{path}"), json!({})).await;
        assert_eq!(guests.status, 404, "{guests:?}");
    }
    let guest = Caller::silent_guest(&nick, &case, &call).await;
    assert!(guest.read().await["ended_at"].is_null());
}

async fn a_call_of_another_case_or_organization_is_not_there(desk: &mut Desk) {
    let mari = desk.operator("Mari").await;
    let otto = desk.other_organization().await;
    let case = mari.create_case("Nick Evans").await;
    let sibling = mari.create_case("Amina Haddad").await;
    let elsewhere = otto.create_case("Yusuf Demir").await;
    let nick = desk.guest_of(&case).await;
    let amina = desk.guest_of(&sibling).await;
    let call = start_call(&mari, &case).await;
    let guest = Caller::silent_guest(&nick, &case, &call).await;
    for (who, side, case) in [
        (&mari, "", &sibling),
        (&otto, "", &case),
        (&otto, "", &elsewhere),
        (&amina, "/guest", &sibling),
        (&amina, "/guest", &case),
    ] {
        let path = format!("{side}/cases/{case}/calls/{call}");
        let one = format!("{path}/participants/{}", guest.id);
        let token = &guest.token;
        let answers = [
            who.get(&path).await,
            who.post(
                &format!("{path}/participants"),
                joining(&offer(), Some(token)),
            )
            .await,
            who.post(
                &format!("{one}/offer"),
                json!({ "token": token, "offer": offer() }),
            )
            .await,
            who.put(
                &format!("{one}/media"),
                json!({ "token": token, "microphone": "on", "video": "off" }),
            )
            .await,
            who.post(&format!("{one}/leave"), json!({ "token": token }))
                .await,
        ];
        for answer in answers {
            answer.problem(404, "not_found");
        }
    }
    assert_eq!(ids(&guest.read().await), [guest.id.as_str()]);
    let end = format!("/cases/{elsewhere}/calls/{call}/end");
    otto.post(&end, json!({})).await.problem(404, "not_found");
}

async fn a_call_that_has_ended_says_so(desk: &mut Desk) {
    let mari = desk.operator("Mari").await;
    let case = mari.create_case("Nick Evans").await;
    let nick = desk.guest_of(&case).await;
    let call = start_call(&mari, &case).await;
    let guest = Caller::silent_guest(&nick, &case, &call).await;
    mari.post(&format!("/cases/{case}/calls/{call}/end"), json!({}))
        .await
        .expect(204);
    let join = format!("{}/participants", guest.call);
    for token in [None, Some(guest.token.as_str())] {
        let body = joining(&offer(), token);
        nick.post(&join, body).await.problem(409, "call_ended");
    }
    guest.offer().await.problem(409, "call_ended");
    guest.media("off", "off").await.problem(409, "call_ended");
    guest.leave().await.expect(204);
    // A secret of the old call is none of the next.
    let next = start_call(&mari, &case).await;
    assert_ne!(next, call);
    let body = joining(&offer(), Some(&guest.token));
    let join = format!("/guest/cases/{case}/calls/{next}/participants");
    let joined = nick.post(&join, body).await.expect(201);
    assert_ne!(joined["participant_id"], guest.id.as_str());
}

async fn a_wrong_secret_opens_nothing(desk: &mut Desk) {
    let mari = desk.operator("Mari").await;
    let case = mari.create_case("Nick Evans").await;
    let nick = desk.guest_of(&case).await;
    let call = start_call(&mari, &case).await;
    let operator = Caller::silent_operator(&mari, &case, &call).await;
    let guest = Caller::silent_guest(&nick, &case, &call).await;
    // A guest with the operator's id, and with the operator's secret.
    for (id, token) in [
        (&operator.id, &guest.token),
        (&operator.id, &operator.token),
        (&guest.id, &operator.token),
        (&guest.id, &"x".repeat(1_000)),
    ] {
        let one = format!("{}/participants/{id}", guest.call);
        let answers = [
            nick.post(
                &format!("{one}/offer"),
                json!({ "token": token, "offer": offer() }),
            )
            .await,
            nick.put(
                &format!("{one}/media"),
                json!({ "token": token, "microphone": "on", "video": "off" }),
            )
            .await,
            nick.post(&format!("{one}/leave"), json!({ "token": token }))
                .await,
        ];
        for answer in answers {
            answer.problem(404, "not_found");
        }
    }
    assert_eq!(ids(&guest.read().await).len(), 2);
}

async fn an_offer_that_is_none_is_refused(desk: &mut Desk) {
    let mari = desk.operator("Mari").await;
    let case = mari.create_case("Nick Evans").await;
    let call = start_call(&mari, &case).await;
    let operator = Caller::silent_operator(&mari, &case, &call).await;
    let good = offer();
    let join = format!("{}/participants", operator.call);
    for bad in [
        String::new(),
        "v=0\r\n".into(),
        "\u{0}".into(),
        good.replace("a=fingerprint", "a=nothing"),
        good.replace("a=ice-ufrag", "a=nothing"),
        good.replace("opus/48000", "opus/x"),
        good.replace(
            "m=audio 9 UDP/TLS/RTP/SAVPF",
            "m=audio 9 UDP/TLS/RTP/SAVPF 300",
        ),
        good.chars().take(good.len() / 2).collect(),
        "a=rtpmap:200 x\r\n".repeat(4_000),
        good.clone() + &"m=audio 9 UDP/TLS/RTP/SAVPF 111\r\n".repeat(40),
        good.clone() + &"a=x\r\n".repeat(20_000),
    ] {
        let answer = mari.post(&join, joining(&bad, None)).await;
        let taken = answer.status == 201;
        assert!(
            taken || answer.problem(422, "offer_invalid").is_object(),
            "{answer:?}"
        );
        assert!(!taken || !bad.is_empty(), "an empty offer is taken");
    }
    let large = joining(&"x".repeat(1 << 20), None);
    mari.post(&join, large).await.problem(413, "body_too_large");
    mari.post(&join, json!({ "offer": good, "microphone": "on" }))
        .await
        .problem(400, "bad_json");
    let body = json!({ "offer": good, "microphone": "on", "video": "off", "name": "x" });
    mari.post(&join, body).await.problem(422, "unknown_field");
    // Nobody's place was taken by an offer that could not be answered.
    let body = json!({ "token": operator.token, "offer": "v=0\r\n" });
    let again = Caller::silent_operator(&mari, &case, &call).await;
    let path = format!("{}/participants/{}/offer", again.call, again.id);
    let body = json!({ "token": again.token, "offer": body["offer"] });
    mari.post(&path, body).await.problem(422, "offer_invalid");
    mari.post(&join, joining("v=0\r\n", None))
        .await
        .problem(422, "offer_invalid");
    assert_eq!(ids(&again.read().await), [again.id.as_str()]);
}

async fn a_call_takes_so_many_people_and_no_more(desk: &mut Desk) {
    let mari = desk.operator("Mari").await;
    let case = mari.create_case("Nick Evans").await;
    let call = start_call(&mari, &case).await;
    let operator = Caller::silent_operator(&mari, &case, &call).await;
    let others = limits::CALL_PARTICIPANTS_MAX - limits::CALL_GUESTS_MAX;
    for number in 0..others {
        let colleague = desk.operator(&format!("Colleague{number}")).await;
        Caller::silent_operator(&colleague, &case, &call).await;
    }
    let mut guests = Vec::new();
    for _ in others + 1..limits::CALL_PARTICIPANTS_MAX {
        let nick = desk.guest_of(&case).await;
        guests.push(Caller::silent_guest(&nick, &case, &call).await);
    }
    let late = desk.guest_of(&case).await;
    let join = format!("/guest/cases/{case}/calls/{call}/participants");
    late.post(&join, joining(&offer(), None))
        .await
        .problem(409, "call_full");
    assert_eq!(
        ids(&operator.read().await).len(),
        limits::CALL_PARTICIPANTS_MAX
    );
    // Who is in it may come by another window.
    Caller::silent_operator(&mari, &case, &call).await;
    guests[0].leave().await.expect(204);
    Caller::silent_guest(&late, &case, &call).await;
}

async fn who_offers_without_end_must_wait(desk: &mut Desk) {
    let mari = desk.operator("Mari").await;
    let case = mari.create_case("Nick Evans").await;
    let nick = desk.guest_of(&case).await;
    let call = start_call(&mari, &case).await;
    let guest = Caller::silent_guest(&nick, &case, &call).await;
    for _ in 1..limits::CALL_OFFERS_PER_MINUTE {
        guest.offer().await.expect(200);
    }
    guest.offer().await.problem(429, "too_many_attempts");
    let join = format!("{}/participants", guest.call);
    let body = joining(&offer(), Some(&guest.token));
    nick.post(&join, body)
        .await
        .problem(429, "too_many_attempts");
    Caller::silent_operator(&mari, &case, &call).await;
    for _ in 0..limits::CALL_CHANGES_PER_MINUTE {
        guest.media("off", "off").await.expect(204);
    }
    guest
        .media("off", "off")
        .await
        .problem(429, "too_many_attempts");
    desk.wait(limits::PACE_WINDOW);
    guest.offer().await.expect(200);
    guest.media("on", "off").await.expect(204);
}

async fn without_media_nobody_can_join(desk: &mut Desk) {
    let mari = desk.operator("Mari").await;
    let case = mari.create_case("Nick Evans").await;
    let call = start_call(&mari, &case).await;
    let operator = Caller::silent_operator(&mari, &case, &call).await;
    desk.stop_media().await;
    operator.offer().await.problem(503, "calls_unavailable");
    let join = format!("{}/participants", operator.call);
    mari.post(&join, joining(&offer(), None))
        .await
        .problem(503, "calls_unavailable");
    mari.send(&case, "We can still write").await;
    assert_eq!(ids(&operator.read().await), [operator.id.as_str()]);
}
