//! `/dev/mail`: the mail that was kept instead of sent.

use std::process::Command;

use axum::http::Method;
use serde_json::json;
use tempfile::TempDir;

use crate::support::{Desk, on_both_databases};

on_both_databases![|config| config.dev.mail = true;
    mail_is_shown_with_its_links_and_as_text,
    only_a_local_name_opens_it,
];

mod nowhere {
    use crate::support::{Desk, on_both_databases};
    use serde_json::json;

    on_both_databases![without_it_there_is_no_page_and_no_promise];

    async fn without_it_there_is_no_page_and_no_promise(desk: &mut Desk) {
        let ada = desk.administrator().await;
        for path in ["/dev/mail", "/dev/mail.css"] {
            let answer = ada.page(axum::http::Method::GET, path).send().await;
            assert!(!answer.text().contains("<article"), "{}", answer.text());
            assert_ne!(answer.status, 200, "{path}");
        }
        assert_eq!(ada.get("/setup").await.expect(200)["mail"], false);
        let body = json!({ "email": "ada@desk.example" });
        ada.post("/password-resets", body).await.expect(202);
        assert_eq!(desk.run_jobs().await, 0);
        let invite = json!({ "email": "mari@desk.example", "role": "operator" });
        let invite = ada.post("/operator-invites", invite).await.expect(201);
        assert_eq!(invite["mail"], "off");
    }
}

async fn mail_is_shown_with_its_links_and_as_text(desk: &mut Desk) {
    let ada = desk.administrator().await;
    assert_eq!(ada.get("/setup").await.expect(200)["mail"], true);
    let name = json!({ "name": "<img src=x onerror=alert(1)> & Co" });
    ada.patch("/organization", name).await.expect(200);
    let invite = json!({ "email": "mari@desk.example", "role": "operator" });
    let invite = ada.post("/operator-invites", invite).await.expect(201);
    assert_eq!(invite["mail"], "queued");
    desk.run_jobs().await;
    let page = desk
        .stranger()
        .page(Method::GET, "/dev/mail")
        .header("accept-language", "de-AT,de;q=0.9")
        .send()
        .await;
    assert_eq!(page.status, 200);
    assert!(page.header("content-type").starts_with("text/html"));
    let policy = page.header("content-security-policy");
    assert!(
        policy.contains("default-src 'none'") && !policy.contains("script-src"),
        "{policy}"
    );
    let text = page.text();
    let link = invite["link"].as_str().unwrap();
    assert!(
        text.contains(&format!("<a href=\"{link}\">{link}</a>")),
        "{text}"
    );
    assert!(text.contains("mari@desk.example") && text.contains("<html lang=\"de\">"));
    assert!(
        !text.contains("<img") && text.contains("&lt;img src=x"),
        "{text}"
    );
    let style = desk
        .stranger()
        .page(Method::GET, "/dev/mail.css")
        .send()
        .await;
    assert_eq!(
        (style.status, style.header("content-type")),
        (200, "text/css; charset=utf-8")
    );
    let invites = ada.get("/operator-invites").await.expect(200);
    assert_eq!(invites["items"][0]["mail"], "accepted");
}

async fn only_a_local_name_opens_it(desk: &mut Desk) {
    desk.administrator().await;
    for host in [
        "rebound.example",
        "desk.example",
        "localhost.evil.example:8080",
    ] {
        desk.stranger()
            .page(Method::GET, "/dev/mail")
            .header("host", host)
            .send()
            .await
            .problem(403, "cross_site");
    }
    let page = desk
        .stranger()
        .page(Method::GET, "/dev/mail")
        .header("host", "localhost:8080")
        .send()
        .await;
    assert_eq!(page.status, 200);
}

#[test]
fn a_start_that_would_show_mail_to_others_stops() {
    let folder = TempDir::new().unwrap();
    let check = |listen: &str, smtp: &str, url: &str| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_deskside"));
        command
            .args(["check", "--listen", listen, "--data"])
            .arg(folder.path())
            .env("DESKSIDE_DEV__MAIL", "true")
            .env("DESKSIDE_SMTP__HOST", smtp)
            .env("DESKSIDE_SMTP__FROM", "desk@desk.example");
        if !url.is_empty() {
            command.args(["--public-url", url]);
        }
        let out = command.output().expect("the program runs");
        let said = String::from_utf8_lossy(&out.stderr).into_owned();
        (out.status.success(), said)
    };
    let fine = check("127.0.0.1:0", "", "");
    assert!(fine.0, "{}", fine.1);
    for (listen, smtp, url, word) in [
        ("0.0.0.0:0", "", "", "`listen`"),
        ("127.0.0.1:0", "mail.example", "", "`smtp.host`"),
        ("127.0.0.1:0", "", "https://desk.example", "`public_url`"),
    ] {
        let (started, said) = check(listen, smtp, url);
        assert!(
            !started && said.contains("`dev.mail`") && said.contains(word),
            "{said}"
        );
    }
}
