//! Changing one's own password.

use axum::http::Method;
use deskside_outbound::{Kept, Outbox};
use serde_json::json;

use crate::support::{Actor, Desk, PASSWORD, on_both_databases};

const NEW: &str = "noch ein langes Wort";

on_both_databases![|config| config.dev.mail = true;
    a_new_password_ends_every_other_session_and_keeps_this_one,
    a_wrong_current_password_is_said_and_counted,
    a_new_password_keeps_the_rules,
    of_two_changes_at_once_one_counts,
    the_operator_is_told_by_mail,
    a_body_says_one_thing_once,
];

async fn change(who: &Actor, current: &str, new: &str) -> crate::support::Answer {
    let body = json!({ "current": current, "new": new });
    who.post("/me/password", body).await
}

async fn signed_in(desk: &Desk, email: &str, password: &str) -> Actor {
    let someone = desk.stranger();
    someone.sign_in(email, password).await.expect(200);
    someone
}

async fn a_new_password_ends_every_other_session_and_keeps_this_one(desk: &mut Desk) {
    let mari = desk.operator("Mari").await;
    let phone = signed_in(desk, "mari@desk.example", PASSWORD).await;
    let mut own_screen = mari.live("/live").await.expect("a socket");
    own_screen.next_of("hello").await;
    let mut phone_screen = phone.live("/live").await.expect("a socket");
    phone_screen.next_of("hello").await;

    change(&mari, PASSWORD, NEW).await.expect(204);
    assert_eq!(phone_screen.closed().await, 4401);
    phone.get("/me").await.problem(401, "not_signed_in");
    mari.get("/me").await.expect(200);
    mari.create_case("Nick").await;
    own_screen.next_event("case.created").await;

    let someone = desk.stranger();
    someone
        .sign_in("mari@desk.example", PASSWORD)
        .await
        .problem(401, "wrong_credentials");
    someone.sign_in("mari@desk.example", NEW).await.expect(200);
    desk.administrator().await.get("/me").await.expect(200);
}

async fn a_wrong_current_password_is_said_and_counted(desk: &mut Desk) {
    let mari = desk.operator("Mari").await;
    for _ in 0..10 {
        let answer = change(&mari, "not my password at all", NEW).await;
        assert_eq!(answer.field_error("current"), "wrong_password");
    }
    let told = change(&mari, PASSWORD, NEW)
        .await
        .problem(429, "too_many_attempts");
    assert!(
        told["retry_after_s"].as_u64().is_some_and(|s| s > 0),
        "{told}"
    );
    desk.restart().await;
    change(&mari, PASSWORD, NEW)
        .await
        .problem(429, "too_many_attempts");
    let cole = desk.operator("Cole").await;
    change(&cole, PASSWORD, NEW).await.expect(204);
    desk.wait(std::time::Duration::from_secs(16 * 60));
    change(&mari, PASSWORD, NEW).await.expect(204);
}

async fn a_new_password_keeps_the_rules(desk: &mut Desk) {
    let mari = desk.operator("Mari").await;
    for (new, code) in [
        ("", "required"),
        ("short", "too_short"),
        (&"ab c".repeat(40)[..], "too_long"),
        ("password1234", "too_common"),
    ] {
        assert_eq!(change(&mari, PASSWORD, new).await.field_error("new"), code);
    }
    let long = "x".repeat(100_000);
    let answer = change(&mari, &long, NEW).await;
    assert_eq!(answer.field_error("current"), "wrong_password");
    mari.get("/me").await.expect(200);
    signed_in(desk, "mari@desk.example", PASSWORD).await;
}

async fn of_two_changes_at_once_one_counts(desk: &mut Desk) {
    let mari = desk.operator("Mari").await;
    let phone = signed_in(desk, "mari@desk.example", PASSWORD).await;
    let (one, two) = tokio::join!(
        change(&mari, PASSWORD, "das eine lange Wort"),
        change(&phone, PASSWORD, "das andere lange Wort"),
    );
    let changed = [one.status, two.status]
        .iter()
        .filter(|status| **status == 204)
        .count();
    assert_eq!(changed, 1, "{one:?} {two:?}");
    let valid = if one.status == 204 {
        "das eine lange Wort"
    } else {
        "das andere lange Wort"
    };
    signed_in(desk, "mari@desk.example", valid).await;
}

async fn the_operator_is_told_by_mail(desk: &mut Desk) {
    let ada = desk.administrator().await;
    change(&ada, PASSWORD, NEW).await.expect(204);
    desk.run_jobs().await;
    let kept = kept(desk);
    assert_eq!(kept.len(), 1);
    let mail = &kept[0].mail;
    assert_eq!(
        (mail.to.as_str(), mail.from_name.as_str()),
        ("ada@desk.example", "Desk GmbH")
    );
    assert_eq!(mail.subject, "Ihr Passwort für Desk GmbH wurde geändert");
    assert!(
        mail.text.contains("nicht waren") && mail.text.contains("/sign-in"),
        "{}",
        mail.text
    );
    assert!(!mail.text.contains(NEW) && !mail.text.contains(PASSWORD));
}

fn kept(desk: &Desk) -> Vec<Kept> {
    match &desk.app.outbox {
        Some(Outbox::Mailbox(mailbox)) => mailbox.newest_first(),
        _ => panic!("mail goes elsewhere"),
    }
}

async fn a_body_says_one_thing_once(desk: &mut Desk) {
    let mari = desk.operator("Mari").await;
    for body in [
        format!(r#"{{"current":"x","current":"{PASSWORD}","new":"{NEW}"}}"#),
        format!(r#"{{"current":"{PASSWORD}","new":["{NEW}"]}}"#),
        format!(r#"["{PASSWORD}","{NEW}"]"#),
    ] {
        mari.request(Method::POST, "/me/password")
            .bytes(body)
            .send()
            .await
            .problem(400, "bad_json");
    }
    signed_in(desk, "mari@desk.example", PASSWORD).await;
}
