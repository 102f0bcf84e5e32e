//! The email of an invitation: a job sends it, and the list says how far it has come.

use std::time::Duration;

use serde_json::json;

use crate::support::{Actor, Desk, MailServer, Manner, PUBLIC_URL, on_both_databases};

// Port 9 takes nothing: the mail server is away at first.
on_both_databases![|config| {
    config.smtp.host = "127.0.0.1".into();
    config.smtp.port = 9;
    config.smtp.security = deskside::config::SmtpSecurity::None;
    config.smtp.from = "desk@desk.example".into();
};
    an_invitation_goes_out_once_the_mail_server_is_back,
    an_invitation_withdrawn_meanwhile_is_not_sent,
    a_refused_invitation_says_so,
];

async fn an_invitation_goes_out_once_the_mail_server_is_back(desk: &mut Desk) {
    let ada = desk.administrator().await;
    let invite = invite(&ada).await;
    assert_eq!(invite["mail"], "queued");
    assert_eq!(desk.run_jobs().await, 1);
    assert_eq!(
        mail_of(&ada).await,
        "queued",
        "a server that is away is asked again"
    );
    let mail_server = MailServer::start().await;
    desk.app.outbox = mail_server.outbox();
    desk.wait(Duration::from_secs(3600));
    assert_eq!(desk.run_jobs().await, 1);
    assert_eq!(mail_of(&ada).await, "accepted");
    let letter = mail_server.letter();
    assert_eq!(letter.to, "mari@desk.example");
    assert!(letter.header("From").contains("Desk GmbH"), "{letter:?}");
    assert_eq!(
        letter.link(&format!("{PUBLIC_URL}/invite/")),
        invite["link"].as_str().unwrap()
    );
    desk.wait(Duration::from_secs(24 * 3600));
    desk.run_jobs().await;
    assert_eq!(mail_server.letters().len(), 1, "once and no more");
}

async fn an_invitation_withdrawn_meanwhile_is_not_sent(desk: &mut Desk) {
    let ada = desk.administrator().await;
    let invite = invite(&ada).await;
    let id = invite["id"].as_str().expect("an id");
    ada.delete(&format!("/operator-invites/{id}"))
        .await
        .expect(204);
    assert_eq!(desk.run_jobs().await, 1);
    desk.wait(Duration::from_secs(3600));
    assert_eq!(desk.run_jobs().await, 0, "nothing is tried again");
}

async fn a_refused_invitation_says_so(desk: &mut Desk) {
    let ada = desk.administrator().await;
    let mail_server = MailServer::start().await;
    desk.app.outbox = mail_server.outbox();
    mail_server.behave(Manner::Refuse);
    invite(&ada).await;
    assert_eq!(desk.run_jobs().await, 1);
    assert_eq!(mail_of(&ada).await, "refused");
    assert!(mail_server.letters().is_empty());
}

async fn invite(ada: &Actor) -> serde_json::Value {
    let body = json!({ "email": "mari@desk.example", "role": "operator" });
    ada.post("/operator-invites", body).await.expect(201)
}

async fn mail_of(ada: &Actor) -> String {
    let invites = ada.get("/operator-invites").await.expect(200);
    invites["items"][0]["mail"]
        .as_str()
        .unwrap_or_default()
        .to_owned()
}
