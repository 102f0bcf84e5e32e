//! Seats, roles and rights: who may work, who may administer, and that a change counts at once, on open screens too.

use std::time::Duration;

use axum::http::Method;
use deskside::admin;
use deskside::auth::policy::{self, Rule};
use serde_json::{Value, json};

use crate::claim::{put_on, waiting_case};
use crate::handover::change;
use crate::openapi::{id_of, operations};
use crate::support::{Actor, Desk, PASSWORD, Socket, on_both_databases};

on_both_databases![
    without_a_seat_everything_can_be_read_and_nothing_done,
    whoever_has_no_seat_may_assign_others_unless_separated,
    seats_are_counted,
    an_organization_keeps_one_administrator,
    a_right_taken_away_counts_at_once_on_open_screens,
    whoever_is_deactivated_is_out_at_once,
    cases_without_anyone_go_back_to_the_queue,
    a_thousand_cases_are_released_piece_by_piece,
    a_name_that_changes_ends_no_screen,
];

async fn row(ada: &Actor, name: &str) -> Value {
    let team = ada.get("/operators").await.expect(200);
    let rows = team["items"].as_array().expect("rows").iter();
    let mut rows = rows.filter(|row| row["name"] == name);
    rows.next().expect("an operator by that name").clone()
}

async fn set(ada: &Actor, id: &str, body: Value) -> crate::support::Answer {
    ada.patch(&format!("/operators/{id}"), body).await
}

async fn screen(who: &Actor) -> Socket {
    let mut live = who.live("/live").await.unwrap();
    live.next_of("hello").await;
    live
}

/// The code with which a socket is closed; it must be within a moment.
async fn closed(live: &mut Socket) -> u16 {
    tokio::time::timeout(Duration::from_secs(10), live.closed())
        .await
        .expect("closed at once")
}

async fn set_seats(desk: &Desk, seats: i64) {
    let ada = desk.administrator().await;
    let me = ada.get("/me").await.expect(200);
    let organization = me["organization"]["id"].as_str().expect("an id");
    let seats = Some(admin::Seats::Number(seats));
    admin::set_organization(&desk.app, organization, None, seats)
        .await
        .expect("the organization is there");
}

async fn without_a_seat_everything_can_be_read_and_nothing_done(desk: &mut Desk) {
    let ada = desk.administrator().await;
    let mari = desk.operator("Mari").await;
    let case = mari.create_case("Nick Evans").await;
    let waiting = waiting_case(&mari, "Someone else").await;
    put_on(&ada, &case, &ada).await.expect(200);
    let row = change(&ada, &mari, json!({ "seat": false }))
        .await
        .expect(200);
    assert_eq!(row["seat"], false);
    let me = mari.get("/me").await.expect(200);
    assert_eq!(me["operator"]["seat"], false);
    assert_eq!(
        (
            &me["rights"]["seat"],
            &me["rights"]["delete"],
            &me["rights"]["reassign"]
        ),
        (&json!(false), &json!(false), &json!(true))
    );
    let before = ada.case(&case).await;
    // Every operation of who works is refused, whatever it is asked about.
    let mut refused = 0;
    for (method, pattern, operation) in operations() {
        let id = id_of(operation);
        if policy::rule(id) != Some(Rule::Operator) {
            continue;
        }
        let path = pattern
            .trim_start_matches("/api/v1")
            .replace("{case_id}", &case)
            .split('/')
            .map(|part| if part.starts_with('{') { "x" } else { part })
            .collect::<Vec<_>>()
            .join("/");
        let method: Method = method.parse().expect("a method");
        let answer = mari.request(method, &path).json(json!({})).send().await;
        answer.problem(403, "seat_required");
        refused += 1;
    }
    assert!(refused > 15, "{refused}");
    for path in [
        format!("/cases/{case}"),
        format!("/cases/{case}/timeline"),
        format!("/cases/{waiting}"),
        "/cases?operator=everyone".to_owned(),
        "/search?q=Evans".to_owned(),
        "/operators".to_owned(),
    ] {
        mari.get(&path).await.expect(200);
    }
    // Own settings stay one's own, and the screen hears on; what is typed there is not passed on.
    mari.patch("/me", json!({ "theme": "dark" }))
        .await
        .expect(200);
    let mut live = screen(&mari).await;
    let mut seen = screen(&ada).await;
    live.say(json!({ "kind": "typing", "case_id": case, "typing": true }))
        .await;
    live.say(json!({ "kind": "looking", "case_id": case }))
        .await;
    loop {
        let frame = seen.next().await;
        assert_ne!(frame["kind"], "typing", "{frame}");
        if frame["kind"] == "looking" {
            break;
        }
    }
    ada.send(&case, "Good morning").await;
    live.next_event("message.sent").await;
    let after = ada.case(&case).await;
    assert_eq!(after["fields"], before["fields"]);
    assert_eq!(after["status"], "active");
}

async fn whoever_has_no_seat_may_assign_others_unless_separated(desk: &mut Desk) {
    let ada = desk.administrator().await;
    let (mari, cole) = (desk.operator("Mari").await, desk.operator("Cole").await);
    let case = cole.create_case("Nick Evans").await;
    change(&ada, &mari, json!({ "seat": false }))
        .await
        .expect(200);
    put_on(&mari, &case, &ada).await.expect(200);
    let off = format!("/cases/{case}/operators/{}", ada.id().await);
    mari.delete(&off).await.expect(200);
    put_on(&mari, &case, &mari)
        .await
        .problem(403, "seat_required");
    let to = json!({ "to": ada.id().await });
    let answer = mari.post(&format!("/cases/{case}/handover"), to).await;
    answer.problem(403, "seat_required");
    let separate = json!({ "separate_operators": true });
    ada.patch("/organization", separate).await.expect(200);
    let waiting = waiting_case(&cole, "Someone else").await;
    put_on(&mari, &waiting, &ada)
        .await
        .problem(403, "seat_required");
    assert_eq!(
        mari.get("/me").await.expect(200)["rights"]["reassign"],
        false
    );
    // An administrator without a seat administers, and does not work.
    change(&ada, &mari, json!({ "role": "administrator" }))
        .await
        .expect(200);
    put_on(&mari, &waiting, &ada).await.expect(200);
    mari.post(&format!("/cases/{waiting}/queue"), json!({}))
        .await
        .expect(200);
    let answer = mari
        .post(&format!("/cases/{waiting}/claim"), json!({}))
        .await;
    answer.problem(403, "seat_required");
}

async fn seats_are_counted(desk: &mut Desk) {
    let ada = desk.administrator().await;
    let mari = desk.operator("Mari").await;
    let organization = ada.get("/organization").await.expect(200);
    assert_eq!(
        (&organization["seats"], &organization["seats_used"]),
        (&Value::Null, &json!(2))
    );
    set_seats(desk, 2).await;
    // Whoever comes when none is free reads.
    let cole = ada.invite("Cole", "operator").await;
    assert_eq!(cole.get("/me").await.expect(200)["operator"]["seat"], false);
    change(&ada, &cole, json!({ "seat": true }))
        .await
        .problem(409, "no_seat_free");
    change(&ada, &mari, json!({ "seat": false }))
        .await
        .expect(200);
    let organization = ada.get("/organization").await.expect(200);
    assert_eq!(
        (&organization["seats"], &organization["seats_used"]),
        (&json!(2), &json!(1))
    );
    change(&ada, &cole, json!({ "seat": true }))
        .await
        .expect(200);
    change(&ada, &mari, json!({ "seat": true }))
        .await
        .problem(409, "no_seat_free");
    // Two at once get the one that is left.
    let cole_id = cole.id().await;
    set(&ada, &cole_id, json!({ "seat": false }))
        .await
        .expect(200);
    let (a, b) = tokio::join!(
        set(&ada, &cole_id, json!({ "seat": true })),
        change(&ada, &mari, json!({ "seat": true }))
    );
    let mut statuses = [a.status, b.status];
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 409]);
    // A deactivated one needs none, and finds it taken on the way back.
    let mari_id = row(&ada, "Mari").await["id"].as_str().unwrap().to_owned();
    set(&ada, &cole_id, json!({ "seat": true, "active": true })).await;
    for id in [&mari_id, &cole_id] {
        set(&ada, id, json!({ "active": false })).await.expect(200);
    }
    let back = set(&ada, &mari_id, json!({ "active": true, "seat": true })).await;
    assert_eq!(back.expect(200)["seat"], true);
    let back = set(&ada, &cole_id, json!({ "active": true })).await;
    assert_eq!(back.expect(200)["seat"], false);
}

async fn an_organization_keeps_one_administrator(desk: &mut Desk) {
    let ada = desk.administrator().await;
    let mari = desk.operator("Mari").await;
    for step in [json!({ "role": "operator" }), json!({ "active": false })] {
        change(&ada, &ada, step)
            .await
            .problem(409, "last_administrator");
    }
    change(&ada, &mari, json!({ "role": "administrator" }))
        .await
        .expect(200);
    // Of two who step down at once one stays.
    let down = json!({ "role": "operator" });
    let (a, b) = tokio::join!(
        change(&ada, &ada, down.clone()),
        change(&mari, &mari, down.clone())
    );
    let mut statuses = [a.status, b.status];
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 409]);
    let nobody = "op_00000000000000000000000000";
    let left = if a.status == 200 { &mari } else { &ada };
    set(left, nobody, down).await.problem(404, "not_found");
    let stepped_down = if a.status == 200 { &ada } else { &mari };
    change(stepped_down, left, json!({ "seat": false }))
        .await
        .problem(403, "forbidden");
}

async fn a_right_taken_away_counts_at_once_on_open_screens(desk: &mut Desk) {
    let ada = desk.administrator().await;
    let mari = desk.operator("Mari").await;
    let case = mari.create_case("Nick Evans").await;
    for (body, path, code) in [
        (
            json!({ "rights": { "delete": false } }),
            "",
            "right_missing",
        ),
        (json!({ "seat": false }), "", "seat_required"),
    ] {
        let mut screens = [screen(&mari).await, screen(&mari).await];
        let mut other = screen(&ada).await;
        change(&ada, &mari, body.clone()).await.expect(200);
        let answer = mari.delete(&format!("/cases/{case}{path}")).await;
        answer.problem(403, code);
        for live in &mut screens {
            assert_eq!(closed(live).await, 4412);
        }
        // Everyone else's screen stays, and is told.
        let told = other.next_event("operator.changed").await;
        assert_eq!(told["event"]["operator"]["name"], "Mari");
        // The same again changes nothing.
        let mut live = screen(&mari).await;
        change(&ada, &mari, body).await.expect(200);
        ada.send(&case, "Still there?").await;
        live.next_event("message.sent").await;
    }
    // An administrator who is none any more administers no more.
    let zoe = ada.invite("Zoe", "administrator").await;
    let mut live = screen(&zoe).await;
    change(&ada, &zoe, json!({ "role": "operator" }))
        .await
        .expect(200);
    let answer = zoe.patch("/organization", json!({ "name": "Mine" })).await;
    answer.problem(403, "forbidden");
    assert_eq!(closed(&mut live).await, 4412);
    let me = screen(&zoe).await;
    me.leave().await;
    assert_eq!(
        zoe.get("/me").await.expect(200)["operator"]["role"],
        "operator"
    );
}

async fn whoever_is_deactivated_is_out_at_once(desk: &mut Desk) {
    let ada = desk.administrator().await;
    let mari = desk.operator("Mari").await;
    let id = mari.id().await;
    let case = mari.create_case("Nick Evans").await;
    put_on(&ada, &case, &ada).await.expect(200);
    let calls = format!("/cases/{case}/calls");
    let call = ada.post(&calls, json!({})).await.expect(201);
    let call = format!("{calls}/{}", call["id"].as_str().unwrap());
    let joining = json!({ "offer": crate::support::offer(), "microphone": "on", "video": "off" });
    for who in [&ada, &mari] {
        who.post(&format!("{call}/participants"), &joining)
            .await
            .expect(201);
    }
    let mut live = screen(&mari).await;
    let row = set(&ada, &id, json!({ "active": false })).await.expect(200);
    assert_eq!(row["active"], false);
    assert_eq!(closed(&mut live).await, 4401);
    mari.get("/me").await.problem(401, "not_signed_in");
    assert_eq!(mari.live("/live").await.err(), Some(401));
    mari.sign_in("mari@desk.example", PASSWORD)
        .await
        .problem(401, "wrong_credentials");
    let call = ada.get(&call).await.expect(200);
    let present = call["participants"].as_array().unwrap().len();
    assert_eq!(present, 1, "{call}");
    assert_eq!(
        self::row(&ada, "Mari").await["active"],
        false,
        "still in the team's list"
    );
    // Back again: the same operator, who signs in again.
    set(&ada, &id, json!({ "active": true })).await.expect(200);
    mari.get("/me").await.problem(401, "not_signed_in");
    mari.sign_in("mari@desk.example", PASSWORD)
        .await
        .expect(200);
    assert_eq!(mari.id().await, id);
}

async fn cases_without_anyone_go_back_to_the_queue(desk: &mut Desk) {
    let ada = desk.administrator().await;
    let (mari, cole) = (desk.operator("Mari").await, desk.operator("Cole").await);
    let alone = mari.create_case("Alone").await;
    let shared = mari.create_case("Shared").await;
    put_on(&mari, &shared, &cole).await.expect(200);
    let done = mari.create_case("Done").await;
    mari.post(&format!("/cases/{done}/complete"), json!({}))
        .await
        .expect(200);
    let invite = json!({ "email": "new@desk.example", "role": "operator" });
    change(&ada, &mari, json!({ "role": "administrator" }))
        .await
        .expect(200);
    mari.post("/operator-invites", invite).await.expect(201);
    change(&ada, &mari, json!({ "active": false }))
        .await
        .expect(200);
    let case = ada.case(&alone).await;
    assert_eq!(
        (&case["status"], &case["operators"]),
        (&json!("awaiting"), &json!([]))
    );
    let case = ada.case(&shared).await;
    assert_eq!(case["status"], "active");
    assert_eq!(case["operators"].as_array().unwrap().len(), 1);
    let case = ada.case(&done).await;
    assert_eq!(
        case["operators"][0]["name"], "Mari",
        "what is done stays as it was"
    );
    let invites = ada.get("/operator-invites").await.expect(200);
    assert_eq!(invites["items"][0]["invited_by"]["name"], "Mari");
}

async fn a_thousand_cases_are_released_piece_by_piece(desk: &mut Desk) {
    let ada = desk.administrator().await;
    let mari = desk.operator("Mari").await;
    // More than one write holds.
    let many = deskside::limits::RELEASED_CASES_AT_ONCE + 50;
    for n in 0..many {
        mari.create_case(&format!("Case {n}")).await;
    }
    let waiting = async || {
        let counts = ada.get("/cases/counts").await.expect(200);
        counts["queue"]["count"].as_i64().expect("a number")
    };
    change(&ada, &mari, json!({ "active": false }))
        .await
        .expect(200);
    assert_eq!(waiting().await, deskside::limits::RELEASED_CASES_AT_ONCE);
    desk.run_jobs().await;
    assert_eq!(waiting().await, many);
}

async fn a_name_that_changes_ends_no_screen(desk: &mut Desk) {
    let ada = desk.administrator().await;
    let mari = desk.operator("Mari").await;
    let mut live = screen(&mari).await;
    let mut other = screen(&ada).await;
    mari.patch("/me", json!({ "name": "Mari Lindqvist" }))
        .await
        .expect(200);
    for live in [&mut live, &mut other] {
        let told = live.next_event("operator.changed").await;
        assert_eq!(told["event"]["operator"]["name"], "Mari Lindqvist");
    }
}
