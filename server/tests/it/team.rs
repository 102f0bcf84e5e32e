//! The team: invitations, profiles, the organization.

use std::time::Duration;

use axum::http::Method;
use deskside::limits;
use deskside_db::Uuid;
use serde_json::{Value, json};

use crate::support::{Desk, PASSWORD, PUBLIC_URL, on_both_databases, token_of};

on_both_databases![
    an_invitation_brings_one_operator_in,
    an_invitation_ends_after_seven_days,
    a_withdrawn_invitation_is_worth_nothing,
    an_operator_who_exists_is_never_overwritten,
    an_invitation_gives_the_role_that_it_names,
    inviting_twice_under_one_key_is_one_invitation,
    the_number_of_open_invitations_has_an_end,
    guessing_invitations_has_an_end,
    an_operator_changes_the_own_profile_and_nothing_else_of_it,
    the_organization_s_contact_is_checked_and_shown_to_guests,
    a_long_team_comes_in_pages,
    an_operator_with_a_screen_is_online,
];

fn items(page: &Value) -> &Vec<Value> {
    page["items"].as_array().expect("items")
}

async fn an_invitation_brings_one_operator_in(desk: &mut Desk) {
    let ada = desk.administrator().await;
    let invite = ada
        .post(
            "/operator-invites",
            json!({ "email": "Mari.Leht@desk.example", "role": "operator" }),
        )
        .await
        .expect(201);
    let link = invite["link"].as_str().unwrap();
    assert!(link.starts_with(&format!("{PUBLIC_URL}/invite/")), "{link}");
    assert_eq!(token_of(link).len(), 22, "128 random bits");
    assert_eq!(invite["invited_by"]["name"], "Ada");
    let listed = ada.get("/operator-invites").await.expect(200);
    assert_eq!(items(&listed), &vec![invite.clone()], "with its link");

    let mari = desk.stranger();
    let token = json!({ "token": token_of(link) });
    let offer = mari
        .post("/operator-invites/lookup", &token)
        .await
        .expect(200);
    assert_eq!(
        offer,
        json!({ "organization": "Desk GmbH", "invited_by": "Ada", "email": "Mari.Leht@desk.example",
            "role": "operator", "expires_at": invite["expires_at"] })
    );
    let me = mari.accept(token_of(link), "Mari").await.expect(201);
    assert_eq!(me["operator"]["email"], "Mari.Leht@desk.example");
    assert_eq!(
        me["rights"],
        json!({ "invite": false, "delete": true, "edit_organization": false, "reassign": true, "export": false,
            "seat": true, "custom_fields": true, "location": false })
    );
    assert_eq!(mari.get("/me").await.expect(200), me, "signed in");

    let eve = desk.stranger();
    eve.post("/operator-invites/lookup", &token)
        .await
        .problem(410, "invite_invalid");
    eve.accept(token_of(link), "Eve")
        .await
        .problem(410, "invite_invalid");
    let team = ada.get("/operators").await.expect(200);
    let names: Vec<&Value> = items(&team).iter().map(|row| &row["name"]).collect();
    assert_eq!(names, ["Ada", "Mari"]);
    let listed = ada.get("/operator-invites").await.expect(200);
    assert!(items(&listed).is_empty());
}

async fn an_invitation_ends_after_seven_days(desk: &mut Desk) {
    let ada = desk.administrator().await;
    let new = json!({ "email": "mari@desk.example", "role": "operator" });
    let invite = ada.post("/operator-invites", &new).await.expect(201);
    let token = token_of(invite["link"].as_str().unwrap()).to_owned();
    let mari = desk.stranger();
    let look = json!({ "token": token });
    desk.wait(limits::INVITE_AGE_MAX - Duration::from_millis(1));
    mari.post("/operator-invites/lookup", &look)
        .await
        .expect(200);
    desk.wait(Duration::from_millis(1));
    mari.post("/operator-invites/lookup", &look)
        .await
        .problem(410, "invite_invalid");
    mari.accept(&token, "Mari")
        .await
        .problem(410, "invite_invalid");
    assert!(items(&ada.get("/operator-invites").await.expect(200)).is_empty());
    ada.post("/operator-invites", &new).await.expect(201);
}

async fn a_withdrawn_invitation_is_worth_nothing(desk: &mut Desk) {
    let ada = desk.administrator().await;
    let invite = ada
        .post(
            "/operator-invites",
            json!({ "email": "mari@desk.example", "role": "operator" }),
        )
        .await
        .expect(201);
    let path = format!("/operator-invites/{}", invite["id"].as_str().unwrap());
    ada.delete(&path).await.expect(204);
    ada.delete(&path).await.problem(404, "not_found");
    desk.stranger()
        .accept(token_of(invite["link"].as_str().unwrap()), "Mari")
        .await
        .problem(410, "invite_invalid");
}

async fn an_operator_who_exists_is_never_overwritten(desk: &mut Desk) {
    let ada = desk.administrator().await;
    let otto = desk.other_organization().await;
    let again = json!({ "email": "mari@desk.example", "role": "administrator" });
    // Made before Mari is here; used after.
    let early = ada.post("/operator-invites", &again).await.expect(201);
    let mari = desk.operator("Mari").await;
    let before = mari.get("/me").await.expect(200);

    let upper = json!({ "email": "MARI@desk.example", "role": "administrator" });
    for new in [&again, &upper] {
        ada.post("/operator-invites", new)
            .await
            .problem(409, "email_taken");
    }
    // Another organization may invite, but whoever accepts learns that the address is in use.
    let elsewhere = otto.post("/operator-invites", &upper).await.expect(201);
    for invite in [early, elsewhere] {
        let eve = desk.stranger();
        let token = token_of(invite["link"].as_str().unwrap());
        eve.accept(token, "Eve").await.problem(409, "email_taken");
        eve.get("/me").await.problem(401, "not_signed_in");
    }
    assert_eq!(mari.get("/me").await.expect(200), before);
    desk.stranger()
        .sign_in("mari@desk.example", PASSWORD)
        .await
        .expect(200);
}

async fn an_invitation_gives_the_role_that_it_names(desk: &mut Desk) {
    let ada = desk.administrator().await;
    let ben = ada.invite("Ben", "administrator").await;
    assert_eq!(
        ben.get("/me").await.expect(200)["operator"]["role"],
        "administrator"
    );
    ben.get("/operator-invites").await.expect(200);
    let mari = ben.invite("Mari", "operator").await;
    mari.get("/operator-invites")
        .await
        .problem(403, "forbidden");
    mari.post(
        "/operator-invites",
        json!({ "email": "eve@desk.example", "role": "administrator" }),
    )
    .await
    .problem(403, "forbidden");
    mari.patch("/organization", json!({ "name": "Mine" }))
        .await
        .problem(403, "forbidden");
}

async fn inviting_twice_under_one_key_is_one_invitation(desk: &mut Desk) {
    let ada = desk.administrator().await;
    let key = Uuid::now_v7();
    let send = |email: &str| {
        ada.request(Method::POST, "/operator-invites")
            .key(key)
            .json(json!({ "email": email, "role": "operator" }))
            .send()
    };
    let first = send("mari@desk.example").await.expect(201);
    assert_eq!(send("mari@desk.example").await.expect(201), first);
    send("cole@desk.example")
        .await
        .problem(422, "idempotency_key_reused");
    assert_eq!(
        items(&ada.get("/operator-invites").await.expect(200)).len(),
        1
    );
}

async fn the_number_of_open_invitations_has_an_end(desk: &mut Desk) {
    let ada = desk.administrator().await;
    let new =
        |number: i64| json!({ "email": format!("m{number}@desk.example"), "role": "operator" });
    for number in 0..limits::INVITES_OPEN_MAX {
        ada.post("/operator-invites", new(number)).await.expect(201);
    }
    ada.post("/operator-invites", new(1_000))
        .await
        .problem(409, "too_many_invites");
    desk.wait(limits::INVITE_AGE_MAX);
    ada.post("/operator-invites", new(1_000)).await.expect(201);
}

async fn guessing_invitations_has_an_end(desk: &mut Desk) {
    desk.administrator().await;
    let eve = desk.stranger();
    let guess = json!({ "token": "0123456789012345678901" });
    for _ in 0..limits::LINK_FAILURES_PER_ADDRESS {
        eve.post("/operator-invites/lookup", &guess)
            .await
            .problem(410, "invite_invalid");
    }
    eve.post("/operator-invites/lookup", &guess)
        .await
        .problem(429, "too_many_attempts");
    eve.accept("0123456789012345678901", "Eve")
        .await
        .problem(429, "too_many_attempts");
}

async fn an_operator_changes_the_own_profile_and_nothing_else_of_it(desk: &mut Desk) {
    let mari = desk.operator("Mari").await;
    let before = mari.get("/me").await.expect(200);
    let change = json!({ "name": " Mari Leht ", "language": "de", "time_zone": "Asia/Kathmandu", "theme": "dark" });
    let me = mari.patch("/me", change).await.expect(200);
    assert_eq!(me["operator"]["name"], "Mari Leht");
    assert_eq!(me["operator"]["language"], "de");
    assert_eq!(me["operator"]["time_zone"], "Asia/Kathmandu");
    assert_eq!(me["operator"]["theme"], "dark");
    for field in ["id", "email", "role"] {
        assert_eq!(me["operator"][field], before["operator"][field]);
    }
    for (field, value) in [
        ("role", "administrator"),
        ("email", "eve@desk.example"),
        ("password", PASSWORD),
        ("id", "op_1"),
    ] {
        mari.patch("/me", json!({ field: value }))
            .await
            .problem(422, "unknown_field");
    }
    for (field, value, code) in [
        ("name", "", "required"),
        ("name", "a\u{202e}b", "control_characters"),
        ("time_zone", "Mars", "unknown_value"),
    ] {
        let answer = mari.patch("/me", json!({ field: value })).await;
        assert_eq!(answer.field_error(field), code);
    }
    mari.patch("/me", json!({ "name": "x".repeat(101) }))
        .await
        .field_error("name");
    mari.patch("/me", json!({ "theme": "pink" }))
        .await
        .problem(400, "bad_json");
    assert_eq!(mari.get("/me").await.expect(200), me);
    assert_eq!(mari.patch("/me", json!({})).await.expect(200), me);
}

async fn the_organization_s_contact_is_checked_and_shown_to_guests(desk: &mut Desk) {
    let ada = desk.administrator().await;
    let otto = desk.other_organization().await;
    let change = json!({ "name": "Neuer Name", "contact_email": "help@desk.example", "contact_phone": "+49 30 1234567" });
    let changed = ada.patch("/organization", change).await.expect(200);
    assert_eq!(changed["name"], "Neuer Name");
    assert_eq!(ada.get("/organization").await.expect(200), changed);
    let me = ada.get("/me").await.expect(200);
    assert_eq!(me["organization"], changed);
    for (field, value, code) in [
        ("name", " ", "required"),
        ("contact_email", "help", "invalid"),
        ("contact_phone", "030 1234567", "country_code_missing"),
        ("contact_phone", "+49 letters", "invalid"),
    ] {
        let answer = ada.patch("/organization", json!({ field: value })).await;
        assert_eq!(answer.field_error(field), code, "{field} = {value:?}");
    }
    let case = ada.create_case("Nick Evans").await;
    let guest = desk.guest_of(&case).await;
    let seen = guest.get(&format!("/guest/cases/{case}")).await.expect(200);
    assert_eq!(
        seen["organization"],
        json!({ "name": "Neuer Name", "contact_email": "help@desk.example", "contact_phone": "+49 30 1234567",
            "brand_color": "", "logo": null })
    );
    let cleared = ada
        .patch(
            "/organization",
            json!({ "contact_email": "", "contact_phone": "" }),
        )
        .await
        .expect(200);
    assert_eq!(cleared["contact_email"], "");
    assert_eq!(cleared["name"], "Neuer Name");
    assert_eq!(
        otto.get("/organization").await.expect(200)["name"],
        "Other GmbH"
    );
}

async fn a_long_team_comes_in_pages(desk: &mut Desk) {
    let ada = desk.administrator().await;
    for name in ["Ben", "Cem", "Dana", "Emil"] {
        desk.operator(name).await;
    }
    let mut names = Vec::new();
    let mut path = "/operators?limit=2".to_owned();
    loop {
        let page = ada.get(&path).await.expect(200);
        assert!(items(&page).len() <= 2);
        names.extend(
            items(&page)
                .iter()
                .map(|row| row["name"].as_str().unwrap().to_owned()),
        );
        match page["next"].as_str() {
            Some(next) => path = format!("/operators?limit=2&cursor={next}"),
            None => break,
        }
    }
    assert_eq!(names, ["Ada", "Ben", "Cem", "Dana", "Emil"]);
    for (query, code) in [
        ("limit=0", "bad_limit"),
        ("limit=501", "bad_limit"),
        ("limit=many", "bad_limit"),
        ("cursor=x", "bad_cursor"),
    ] {
        ada.get(&format!("/operators?{query}"))
            .await
            .problem(400, code);
    }
}

async fn an_operator_with_a_screen_is_online(desk: &mut Desk) {
    let ada = desk.administrator().await;
    let mari = desk.operator("Mari").await;
    let online = async || {
        let team = ada.get("/operators").await.expect(200);
        items(&team)
            .iter()
            .map(|row| row["online"].as_bool().unwrap())
            .collect::<Vec<_>>()
    };
    assert_eq!(online().await, [false, false]);
    let mut screen = mari.live("/live").await.expect("a socket");
    screen.next_of("hello").await;
    assert_eq!(online().await, [false, true]);
}
