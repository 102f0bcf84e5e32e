//! The email of an invitation: a job sends it, and the list says how far it has come.

use std::time::Duration;

use deskside::app::App;
use deskside::housekeeping;
use deskside_outbound::{Security, Smtp, SmtpOptions};
use serde_json::json;
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpListener;

use crate::support::{Actor, Desk, on_both_databases};

// Port 9 takes nothing: the mail server is away at first.
on_both_databases![|config| {
    config.smtp.host = "127.0.0.1".into();
    config.smtp.port = 9;
    config.smtp.security = deskside::config::SmtpSecurity::None;
    config.smtp.from = "desk@desk.example".into();
};
    an_invitation_goes_out_once_the_mail_server_is_back,
    an_invitation_withdrawn_meanwhile_is_not_sent,
];

async fn an_invitation_goes_out_once_the_mail_server_is_back(desk: &mut Desk) {
    let ada = desk.administrator().await;
    let invite = json!({ "email": "mari@desk.example", "role": "operator" });
    let invite = ada.post("/operator-invites", invite).await.expect(201);
    assert_eq!(invite["mail"], "queued");
    assert_eq!(desk.run_jobs().await, 1);
    assert_eq!(
        mail_of(&ada).await,
        "queued",
        "a server that is away is asked again"
    );

    let (port, heard) = mail_server().await;
    let app = with_mail_server(desk, port);
    desk.wait(Duration::from_secs(3600));
    let sent = housekeeping::runner(&app).run_due(app.clock.now()).await;
    assert_eq!(sent.expect("the queue answers"), 1);
    drop(app);
    assert_eq!(mail_of(&ada).await, "accepted");
    let heard = heard.await.expect("the mail server heard");
    let link = invite["link"].as_str().expect("a link");
    assert!(heard.contains("RCPT TO:<mari@desk.example>"), "{heard}");
    let text = heard.replace("=\n", "").replace("=3D", "=");
    assert!(text.contains(link), "{heard}");
}

async fn an_invitation_withdrawn_meanwhile_is_not_sent(desk: &mut Desk) {
    let ada = desk.administrator().await;
    let invite = json!({ "email": "mari@desk.example", "role": "operator" });
    let invite = ada.post("/operator-invites", invite).await.expect(201);
    let id = invite["id"].as_str().expect("an id");
    ada.delete(&format!("/operator-invites/{id}"))
        .await
        .expect(204);
    assert_eq!(desk.run_jobs().await, 1);
    desk.wait(Duration::from_secs(3600));
    assert_eq!(desk.run_jobs().await, 0, "nothing is tried again");
}

async fn mail_of(ada: &Actor) -> String {
    let invites = ada.get("/operator-invites").await.expect(200);
    invites["items"][0]["mail"]
        .as_str()
        .unwrap_or_default()
        .to_owned()
}

fn with_mail_server(desk: &Desk, port: u16) -> App {
    let options = SmtpOptions {
        host: "127.0.0.1".into(),
        port,
        security: Security::None,
        username: String::new(),
        password: String::new(),
        from: "desk@desk.example".into(),
    };
    App {
        mail: Some(Smtp::new(&options).expect("options that can be")),
        ..desk.app.clone()
    }
}

/// Takes one message and returns everything that was said.
async fn mail_server() -> (u16, tokio::task::JoinHandle<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let port = listener.local_addr().expect("an address").port();
    let heard = tokio::spawn(async move {
        let (socket, _) = listener.accept().await.expect("a connection");
        let (reader, mut writer) = socket.into_split();
        let mut lines = BufReader::new(reader).lines();
        let mut heard = String::new();
        writer
            .write_all(b"220 mail.test\r\n")
            .await
            .expect("a reader");
        let mut in_data = false;
        while let Ok(Some(line)) = lines.next_line().await {
            heard += &line;
            heard.push('\n');
            let answer: &[u8] = match line.as_str() {
                "." => b"250 taken\r\n",
                _ if in_data => continue,
                "DATA" => b"354 go on\r\n",
                _ => b"250 ok\r\n",
            };
            in_data = line == "DATA";
            if writer.write_all(answer).await.is_err() {
                break;
            }
        }
        heard
    });
    (port, heard)
}
