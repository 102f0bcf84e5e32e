//! A new password for who forgot the old one.

use std::time::Duration;

use axum::http::Method;
use deskside_db::{DbError, SystemSql, system_sql};
use deskside_outbound::{Kept, Outbox};
use serde_json::json;

use crate::support::{
    Answer, Desk, MailServer, Manner, PASSWORD, PUBLIC_URL, on_both_databases, outbox, token_of,
};

const NEW: &str = "noch ein langes Wort";
const MARI: &str = "mari@desk.example";

on_both_databases![|config| {
    config.dev.mail = true;
};
    a_link_sets_a_password_once_and_ends_every_session,
    asking_looks_the_same_for_everyone,
    only_who_may_sign_in_gets_mail,
    the_newest_link_is_the_only_one,
    a_link_ends_after_an_hour,
    asking_has_limits_that_a_restart_does_not_forget,
    an_address_is_one_address,
    mail_goes_to_the_address_that_is_known,
    a_link_stands_hashed_and_sealed,
    a_new_password_lets_in_who_was_shut_out,
    guessing_links_has_a_limit,
    mail_waits_for_the_mail_server_and_goes_out_once,
    a_message_whose_receipt_was_lost_is_sent_again_as_the_same,
    a_mail_server_that_refuses_blocks_no_later_link,
];

async fn ask(desk: &Desk, email: &str) -> Answer {
    desk.stranger()
        .post("/password-resets", json!({ "email": email }))
        .await
}

async fn use_up(desk: &Desk, token: &str, new: &str) -> Answer {
    desk.stranger()
        .post(
            "/password-resets/use",
            json!({ "token": token, "new": new }),
        )
        .await
}

async fn look_up(desk: &Desk, token: &str) -> Answer {
    desk.stranger()
        .post("/password-resets/lookup", json!({ "token": token }))
        .await
}

fn kept(desk: &Desk) -> Vec<Kept> {
    match &desk.app.outbox {
        Some(Outbox::Mailbox(mailbox)) => mailbox.newest_first(),
        _ => panic!("mail goes elsewhere"),
    }
}

/// Asks for a link and takes its token out of the newest mail.
async fn token_for(desk: &Desk, email: &str) -> String {
    ask(desk, email).await.expect(202);
    desk.run_jobs().await;
    token_in(&kept(desk)[0].mail.text)
}

fn token_in(text: &str) -> String {
    let link = text
        .split_whitespace()
        .find(|word| word.starts_with(&format!("{PUBLIC_URL}/reset/")))
        .unwrap_or_else(|| panic!("no link in {text}"));
    token_of(link).to_owned()
}

async fn a_link_sets_a_password_once_and_ends_every_session(desk: &mut Desk) {
    let mari = desk.operator("Mari").await;
    let mut screen = mari.live("/live").await.expect("a socket");
    screen.next_of("hello").await;
    let token = token_for(desk, MARI).await;
    assert_eq!(token.len(), 22, "128 random bits");
    let mail = kept(desk)[0].mail.clone();
    assert_eq!(mail.to, MARI);
    assert_eq!(mail.subject, "A new password for Desk GmbH");
    for words in [
        "Hello Mari",
        "at Desk GmbH",
        "one hour",
        "If it was not you, do nothing",
    ] {
        assert!(mail.text.contains(words), "{words}: {}", mail.text);
    }
    for _ in 0..2 {
        assert_eq!(look_up(desk, &token).await.expect(200)["email"], MARI);
    }
    let answer = use_up(desk, &token, "short").await;
    assert_eq!(answer.field_error("new"), "too_short");
    mari.get("/me").await.expect(200);

    use_up(desk, &token, NEW).await.expect(204);
    assert_eq!(screen.closed().await, 4401);
    mari.get("/me").await.problem(401, "not_signed_in");
    look_up(desk, &token).await.problem(410, "reset_invalid");
    use_up(desk, &token, "ein drittes langes Wort")
        .await
        .problem(410, "reset_invalid");
    let someone = desk.stranger();
    someone
        .sign_in(MARI, PASSWORD)
        .await
        .problem(401, "wrong_credentials");
    someone.sign_in(MARI, NEW).await.expect(200);
    desk.run_jobs().await;
    assert_eq!(
        kept(desk)[0].mail.subject,
        "Your password for Desk GmbH was changed"
    );
}

async fn asking_looks_the_same_for_everyone(desk: &mut Desk) {
    desk.operator("Mari").await;
    let mut seen = Vec::new();
    for email in [
        MARI,
        "nobody@desk.example",
        "not an address",
        "",
        "a\u{0}b@c.example",
    ] {
        let answer = ask(desk, email).await;
        let mut headers: Vec<String> = answer
            .headers
            .iter()
            .filter(|(name, _)| !["x-request-id", "date"].contains(&name.as_str()))
            .map(|(name, value)| format!("{name}: {value:?}"))
            .collect();
        headers.sort();
        seen.push((answer.status, answer.body.clone(), headers));
    }
    assert!(seen.iter().all(|answer| *answer == seen[0]), "{seen:#?}");
    assert_eq!((seen[0].0, seen[0].1.len()), (202, 0));
    assert_eq!(
        jobs(desk).await,
        4,
        "whose an address is was not looked at yet; only what PostgreSQL cannot hold is left out"
    );
    desk.run_jobs().await;
    assert_eq!(kept(desk).len(), 1);
    assert_eq!(jobs(desk).await, 0, "and no address is left behind");
}

async fn only_who_may_sign_in_gets_mail(desk: &mut Desk) {
    let ada = desk.administrator().await;
    let mari = desk.operator("Mari").await;
    let path = format!("/operators/{}", mari.id().await);
    let token = token_for(desk, MARI).await;
    ada.patch(&path, json!({ "active": false }))
        .await
        .expect(200);
    look_up(desk, &token).await.problem(410, "reset_invalid");
    use_up(desk, &token, NEW)
        .await
        .problem(410, "reset_invalid");
    let before = kept(desk).len();
    ask(desk, MARI).await.expect(202);
    desk.run_jobs().await;
    assert_eq!(kept(desk).len(), before);
    ada.patch(&path, json!({ "active": true }))
        .await
        .expect(200);
    let token = token_for(desk, MARI).await;
    use_up(desk, &token, NEW).await.expect(204);
}

async fn the_newest_link_is_the_only_one(desk: &mut Desk) {
    let mari = desk.operator("Mari").await;
    let older = token_for(desk, MARI).await;
    desk.wait(Duration::from_secs(60));
    let newer = token_for(desk, MARI).await;
    assert_ne!(older, newer);
    use_up(desk, &older, NEW)
        .await
        .problem(410, "reset_invalid");
    look_up(desk, &newer).await.expect(200);
    let change = json!({ "current": PASSWORD, "new": NEW });
    mari.post("/me/password", change).await.expect(204);
    look_up(desk, &newer).await.problem(410, "reset_invalid");
}

async fn a_link_ends_after_an_hour(desk: &mut Desk) {
    desk.operator("Mari").await;
    let token = token_for(desk, MARI).await;
    desk.wait(Duration::from_secs(3599));
    look_up(desk, &token).await.expect(200);
    desk.wait(Duration::from_secs(1));
    look_up(desk, &token).await.problem(410, "reset_invalid");
    use_up(desk, &token, NEW)
        .await
        .problem(410, "reset_invalid");
}

async fn asking_has_limits_that_a_restart_does_not_forget(desk: &mut Desk) {
    desk.operator("Mari").await;
    for email in [MARI, "nobody@desk.example"] {
        for _ in 0..5 {
            ask(desk, email).await.expect(202);
        }
        let told = ask(desk, &email.to_uppercase())
            .await
            .problem(429, "too_many_attempts");
        assert!(
            told["retry_after_s"].as_u64().is_some_and(|s| s <= 901),
            "{told}"
        );
    }
    for number in 0..8 {
        ask(desk, &format!("x{number}@desk.example"))
            .await
            .expect(202);
    }
    desk.restart().await;
    ask(desk, "fresh@desk.example")
        .await
        .problem(429, "too_many_attempts");
    desk.wait(Duration::from_secs(16 * 60));
    ask(desk, MARI).await.expect(202);
}

async fn an_address_is_one_address(desk: &mut Desk) {
    desk.operator("Mari").await;
    for body in [
        r#"{"email":["mari@desk.example","eve@elsewhere.example"]}"#,
        r#"{"email":"mari@desk.example","email":"eve@elsewhere.example"}"#,
        r#"[["mari@desk.example"]]"#,
        r#"["mari@desk.example"]"#,
        r#"{"email":{"0":"mari@desk.example"}}"#,
    ] {
        desk.stranger()
            .request(Method::POST, "/password-resets")
            .bytes(body)
            .send()
            .await
            .problem(400, "bad_json");
    }
    let body = r#"{"email":"mari@desk.example","to":"eve@elsewhere.example"}"#;
    desk.stranger()
        .request(Method::POST, "/password-resets")
        .bytes(body)
        .send()
        .await
        .problem(422, "unknown_field");
    for odd in [
        "mari@desk.example,eve@elsewhere.example",
        "mari@desk.example\r\nBcc: eve@elsewhere.example",
        "mari@desk.example eve@elsewhere.example",
    ] {
        ask(desk, odd).await.expect(202);
    }
    desk.run_jobs().await;
    assert!(kept(desk).is_empty(), "{:?}", kept(desk));
}

async fn mail_goes_to_the_address_that_is_known(desk: &mut Desk) {
    desk.operator("Kim").await;
    // The Kelvin sign is a small k when folded: what was typed is another mailbox.
    ask(desk, "\u{212A}IM@Desk.Example").await.expect(202);
    desk.run_jobs().await;
    assert_eq!(kept(desk)[0].mail.to, "kim@desk.example");
}

static RESETS: SystemSql = system_sql!("SELECT token_hash, token_sealed FROM password_resets");
static JOBS: SystemSql = system_sql!("SELECT count(*) AS jobs FROM jobs WHERE kind = 'reset_mail'");

async fn jobs(desk: &Desk) -> i64 {
    let found = desk.app.db().read(|tx| {
        Box::pin(async move {
            tx.system()
                .row(&JOBS, &[])
                .await?
                .expect("a row")
                .get("jobs")
        })
    });
    let jobs: Result<i64, DbError> = found.await;
    jobs.unwrap()
}

async fn a_link_stands_hashed_and_sealed(desk: &mut Desk) {
    desk.operator("Mari").await;
    let token = token_for(desk, MARI).await;
    let stored = desk.app.db().read(|tx| {
        Box::pin(async move {
            let mut bytes = Vec::new();
            for row in tx.system().rows(&RESETS, &[]).await? {
                bytes.push(row.get::<Vec<u8>>("token_hash")?);
                bytes.push(row.get::<Vec<u8>>("token_sealed")?);
            }
            Ok::<_, DbError>(bytes)
        })
    });
    let stored = stored.await.unwrap();
    assert_eq!(stored.len(), 2);
    for bytes in stored {
        let holds = bytes
            .windows(token.len())
            .any(|window| window == token.as_bytes());
        assert!(!holds);
    }
}

async fn a_new_password_lets_in_who_was_shut_out(desk: &mut Desk) {
    desk.operator("Mari").await;
    let someone = desk.stranger();
    for _ in 0..10 {
        someone
            .sign_in(MARI, "which one was it again")
            .await
            .problem(401, "wrong_credentials");
    }
    someone
        .sign_in(MARI, PASSWORD)
        .await
        .problem(429, "too_many_attempts");
    let token = token_for(desk, MARI).await;
    use_up(desk, &token, NEW).await.expect(204);
    someone.sign_in(MARI, NEW).await.expect(200);
}

async fn guessing_links_has_a_limit(desk: &mut Desk) {
    desk.operator("Mari").await;
    let token = token_for(desk, MARI).await;
    for guess in 0..100 {
        look_up(desk, &format!("guess{guess}"))
            .await
            .problem(410, "reset_invalid");
    }
    use_up(desk, "guess", NEW)
        .await
        .problem(429, "too_many_attempts");
    use_up(desk, &token, NEW).await.expect(204);
}

async fn mail_waits_for_the_mail_server_and_goes_out_once(desk: &mut Desk) {
    desk.operator("Mari").await;
    // Port 9 takes nothing.
    desk.app.outbox = outbox(9);
    for _ in 0..3 {
        ask(desk, MARI).await.expect(202);
        desk.run_jobs().await;
        desk.wait(Duration::from_secs(2));
    }
    assert_eq!(jobs(desk).await, 3);
    desk.wait(Duration::from_secs(600));
    desk.run_jobs().await;
    assert_eq!(jobs(desk).await, 1, "still away, and only the newest waits");

    let mail_server = MailServer::start().await;
    desk.app.outbox = mail_server.outbox();
    mail_server.behave(Manner::Later);
    desk.wait(Duration::from_secs(3600));
    desk.run_jobs().await;
    assert!(mail_server.letters().is_empty());
    mail_server.behave(Manner::Take);
    desk.wait(Duration::from_secs(3600));
    desk.run_jobs().await;
    let letter = mail_server.letter();
    assert_eq!(letter.to, MARI);
    assert_eq!(letter.header("Subject"), "A new password for Desk GmbH");
    assert_eq!(letter.header("Auto-Submitted"), "auto-generated");
    let token = token_in(&letter.text());
    look_up(desk, &token).await.expect(200);
    use_up(desk, &token, NEW).await.expect(204);
    for _ in 0..6 {
        desk.wait(Duration::from_secs(3600));
        desk.run_jobs().await;
    }
    let subjects: Vec<String> = mail_server
        .letters()
        .iter()
        .map(|letter| letter.header("Subject").to_owned())
        .collect();
    assert_eq!(
        subjects,
        [
            "A new password for Desk GmbH",
            "Your password for Desk GmbH was changed"
        ],
        "the older requests send nothing more"
    );
    assert_eq!(jobs(desk).await, 0);
}

async fn a_message_whose_receipt_was_lost_is_sent_again_as_the_same(desk: &mut Desk) {
    desk.operator("Mari").await;
    let mail_server = MailServer::start().await;
    desk.app.outbox = mail_server.outbox();
    mail_server.behave(Manner::TakeAndCut);
    ask(desk, MARI).await.expect(202);
    desk.run_jobs().await;
    mail_server.behave(Manner::Take);
    desk.wait(Duration::from_secs(60));
    desk.run_jobs().await;
    let letters = mail_server.letters();
    assert_eq!(letters.len(), 2);
    assert!(letters[0].header("Message-ID").ends_with("@desk.example>"));
    assert_eq!(
        letters[0].header("Message-ID"),
        letters[1].header("Message-ID")
    );
    let link = format!("{PUBLIC_URL}/reset/");
    assert_eq!(letters[0].link(&link), letters[1].link(&link));
    use_up(desk, &token_in(&letters[0].text()), NEW)
        .await
        .expect(204);
}

async fn a_mail_server_that_refuses_blocks_no_later_link(desk: &mut Desk) {
    desk.operator("Mari").await;
    let mail_server = MailServer::start().await;
    desk.app.outbox = mail_server.outbox();
    mail_server.behave(Manner::Refuse);
    ask(desk, MARI).await.expect(202);
    desk.run_jobs().await;
    mail_server.behave(Manner::Take);
    ask(desk, MARI).await.expect(202);
    desk.run_jobs().await;
    let token = token_in(&mail_server.letter().text());
    use_up(desk, &token, NEW).await.expect(204);
}
