//! Calls when things happen at once, and when a link has got into the wrong hands.

use std::collections::BTreeSet;

use deskside::limits;
use serde_json::json;

use crate::call_ends::organization;
use crate::calls::{calls_of, ids};
use crate::support::{Caller, Desk, PASSWORD, joining, offer, on_both_databases, start_call};

on_both_databases![
    guests_leave_room_for_the_team,
    guests_of_one_link_offer_so_often_together,
    who_signs_out_while_joining_is_not_in_the_call,
    whatever_races_the_screens_show_the_calls_that_are_open,
];

async fn guests_leave_room_for_the_team(desk: &mut Desk) {
    let mari = desk.operator("Mari").await;
    let cole = desk.operator("Cole").await;
    let case = mari.create_case("Nick Evans").await;
    let call = start_call(&mari, &case).await;
    // One link, opened in many browsers before anyone of the team is in the call.
    let mut guests = Vec::new();
    for _ in 0..limits::CALL_GUESTS_MAX {
        let guest = desk.guest_of(&case).await;
        guests.push(Caller::silent_guest(&guest, &case, &call).await);
    }
    let late = desk.guest_of(&case).await;
    let join = format!("/guest/cases/{case}/calls/{call}/participants");
    late.post(&join, joining(&offer(), None))
        .await
        .problem(409, "call_full");
    Caller::silent_operator(&mari, &case, &call).await;
    let second = Caller::silent_operator(&cole, &case, &call).await;
    assert_eq!(ids(&second.read().await).len(), limits::CALL_GUESTS_MAX + 2);
    // Who is in it may come by another window.
    Caller::silent_guest(&guests[0].actor, &case, &call).await;
}

async fn guests_of_one_link_offer_so_often_together(desk: &mut Desk) {
    let mari = desk.operator("Mari").await;
    let case = mari.create_case("Nick Evans").await;
    let call = start_call(&mari, &case).await;
    let mut left = limits::CALL_GUEST_OFFERS_PER_MINUTE;
    for _ in 0..3 {
        let guest = desk.guest_of(&case).await;
        let guest = Caller::silent_guest(&guest, &case, &call).await;
        left -= 1;
        for _ in 0..left.min(limits::CALL_OFFERS_PER_MINUTE / 2) {
            guest.offer().await.expect(200);
            left -= 1;
        }
    }
    let last = desk.guest_of(&case).await;
    let last = Caller::silent_guest(&last, &case, &call).await;
    for _ in 1..left {
        last.offer().await.expect(200);
    }
    last.offer().await.problem(429, "too_many_attempts");
    // The team is not held up by its guests.
    let operator = Caller::silent_operator(&mari, &case, &call).await;
    operator.offer().await.expect(200);
    desk.wait(limits::PACE_WINDOW);
    last.offer().await.expect(200);
}

async fn who_signs_out_while_joining_is_not_in_the_call(desk: &mut Desk) {
    let mari = desk.operator("Mari").await;
    desk.operator("Cole").await;
    let case = mari.create_case("Nick Evans").await;
    let call = start_call(&mari, &case).await;
    let stays = Caller::silent_operator(&mari, &case, &call).await;
    for _ in 0..6 {
        let cole = desk.stranger();
        cole.sign_in("cole@desk.example", PASSWORD)
            .await
            .expect(200);
        let path = format!("{}/participants", stays.call);
        let (joined, left) = tokio::join!(
            cole.post(&path, joining(&offer(), None)),
            cole.delete("/session")
        );
        assert_eq!(left.status, 204, "{left:?}");
        assert!([201, 401].contains(&joined.status), "{joined:?}");
        assert_eq!(ids(&stays.read().await), [stays.id.as_str()], "{joined:?}");
    }
}

async fn whatever_races_the_screens_show_the_calls_that_are_open(desk: &mut Desk) {
    let mari = desk.operator("Mari").await;
    let cole = desk.operator("Cole").await;
    let case = mari.create_case("Nick Evans").await;
    let nick = desk.guest_of(&case).await;
    let start = format!("/cases/{case}/calls");
    for _ in 0..12 {
        let call = start_call(&mari, &case).await;
        let end = format!("{start}/{call}/end");
        let join = format!("/guest/cases/{case}/calls/{call}/participants");
        let (ended, joined, again, other) = tokio::join!(
            mari.post(&end, json!({})),
            nick.post(&join, joining(&offer(), None)),
            cole.post(&start, json!({})),
            mari.post(&start, json!({})),
        );
        assert_eq!(ended.status, 204, "{ended:?}");
        assert!([201, 409].contains(&joined.status), "{joined:?}");
        for started in [again, other] {
            assert!([200, 201].contains(&started.status), "{started:?}");
        }
    }
    let open = mari.case(&case).await["call"]["id"].clone();
    let expected: BTreeSet<String> = open.as_str().map(str::to_owned).into_iter().collect();
    let calls = desk.app.calls.of_organization(organization(desk).await);
    let known: BTreeSet<String> = calls.iter().map(|(_, call)| call.id.to_string()).collect();
    assert_eq!(known, expected);
    let entries = calls_of(&mari, &case).await;
    let of = |kind: &str| {
        entries
            .iter()
            .filter(|one| one["event"]["type"] == kind)
            .count()
    };
    assert_eq!(of("call.started"), of("call.ended") + expected.len());
}
