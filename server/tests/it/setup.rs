//! Set-up: one link, one organization, closed for good.

use deskside::{limits, setup};
use futures_util::future::join_all;
use serde_json::json;

use crate::support::{Desk, PASSWORD, PUBLIC_URL, on_both_databases, token_of};

on_both_databases![
    an_empty_server_is_set_up_once_by_its_link,
    the_link_of_a_later_start_replaces_the_one_before,
    a_wrong_form_does_not_use_the_link_up,
    five_at_once_make_one_organization,
    guessing_set_up_links_has_an_end,
];

/// A new set-up link, as each start prints it while the server is empty.
async fn link(desk: &Desk) -> Option<String> {
    setup::link(&desk.app).await.expect("the database answers")
}

async fn an_empty_server_is_set_up_once_by_its_link(desk: &mut Desk) {
    let someone = desk.stranger();
    assert_eq!(someone.get("/setup").await.expect(200)["open"], true);
    let link = link(desk).await.expect("a link");
    assert!(link.starts_with(&format!("{PUBLIC_URL}/setup/")), "{link}");
    assert_eq!(token_of(&link).len(), 22, "128 random bits");
    someone
        .set_up("0123456789012345678901", "Eve")
        .await
        .problem(403, "setup_link_invalid");

    let me = someone.set_up(token_of(&link), "Ada").await.expect(201);
    assert_eq!(me["operator"]["role"], "administrator");
    assert_eq!(me["operator"]["email"], "ada@desk.example");
    assert_eq!(me["operator"]["time_zone"], "Europe/Berlin");
    assert_eq!(me["organization"]["name"], "Desk GmbH");
    assert_eq!(
        me["rights"],
        json!({ "invite": true, "delete": true, "edit_organization": true, "reassign": true, "export": true, "seat": true,
            "custom_fields": true, "location": false })
    );
    assert_eq!(someone.get("/me").await.expect(200), me, "signed in");

    let eve = desk.stranger();
    assert_eq!(eve.get("/setup").await.expect(200)["open"], false);
    eve.set_up(token_of(&link), "Eve")
        .await
        .problem(409, "setup_closed");
    desk.restart().await;
    assert_eq!(self::link(desk).await, None, "closed for good");
    eve.set_up(token_of(&link), "Eve")
        .await
        .problem(409, "setup_closed");
    let team = someone.get("/operators").await.expect(200);
    assert_eq!(team["items"].as_array().map(Vec::len), Some(1));
}

async fn the_link_of_a_later_start_replaces_the_one_before(desk: &mut Desk) {
    let first = link(desk).await.expect("a link");
    desk.restart().await;
    let second = link(desk).await.expect("another link");
    assert_ne!(first, second);
    let someone = desk.stranger();
    someone
        .set_up(token_of(&first), "Ada")
        .await
        .problem(403, "setup_link_invalid");
    someone.set_up(token_of(&second), "Ada").await.expect(201);
}

async fn a_wrong_form_does_not_use_the_link_up(desk: &mut Desk) {
    let link = link(desk).await.expect("a link");
    let someone = desk.stranger();
    let right = json!({ "token": token_of(&link), "organization": "Desk GmbH", "name": "Ada",
        "email": "ada@desk.example", "password": PASSWORD, "language": "de", "time_zone": "Europe/Berlin" });
    for (field, value, code) in [
        ("organization", "  ", "required"),
        ("organization", "a\nb", "control_characters"),
        ("name", "", "required"),
        ("email", "ada", "invalid"),
        ("email", "", "required"),
        ("email", "ada@desk.example, eve@desk.example", "invalid"),
        ("password", "", "required"),
        ("password", "elf Zeichen", "too_short"),
        ("password", "password1234", "too_common"),
        ("time_zone", "Europe/Atlantis", "unknown_value"),
    ] {
        let mut form = right.clone();
        form[field] = json!(value);
        let answer = someone.post("/setup", &form).await;
        assert_eq!(answer.field_error(field), code, "{field} = {value:?}");
    }
    let mut form = right.clone();
    form["password"] = json!("x".repeat(129));
    let answer = someone.post("/setup", &form).await;
    assert_eq!(answer.field_error("password"), "too_long");
    for field in ["organization", "name", "password"] {
        form[field] = json!("");
    }
    let all = someone
        .post("/setup", &form)
        .await
        .problem(422, "invalid_input");
    assert_eq!(
        all["errors"].as_array().map(Vec::len),
        Some(3),
        "all at once"
    );
    someone.post("/setup", &right).await.expect(201);
}

async fn five_at_once_make_one_organization(desk: &mut Desk) {
    let link = link(desk).await.expect("a link");
    let people = ["Ada", "Ben", "Cem", "Dana", "Emil"];
    let tries = people.map(|name| {
        let (someone, token) = (desk.stranger(), token_of(&link).to_owned());
        async move { someone.set_up(&token, name).await }
    });
    let answers = join_all(tries).await;
    let made = answers.iter().filter(|answer| answer.status == 201).count();
    assert_eq!(made, 1);
    for answer in answers.iter().filter(|answer| answer.status != 201) {
        answer.problem(409, "setup_closed");
    }
}

async fn guessing_set_up_links_has_an_end(desk: &mut Desk) {
    let link = link(desk).await.expect("a link");
    let eve = desk.stranger();
    for _ in 0..limits::LINK_FAILURES_PER_ADDRESS {
        eve.set_up("0123456789012345678901", "Eve")
            .await
            .problem(403, "setup_link_invalid");
    }
    eve.set_up("0123456789012345678901", "Eve")
        .await
        .problem(429, "too_many_attempts");
    eve.set_up(token_of(&link), "Eve").await.expect(201);
}
