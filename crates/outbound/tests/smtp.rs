//! Speaks to a mail server that answers as it is told.
#![expect(
    clippy::unwrap_used,
    reason = "a test may fail where it stands, its helpers too"
)]

use deskside_outbound::{Mail, Security, SendError, Smtp, SmtpOptions};
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

/// Takes one connection, answers `RCPT` with `recipient`, and returns everything that was said.
async fn mail_server(recipient: &'static str) -> (u16, JoinHandle<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let heard = tokio::spawn(async move {
        let (socket, _) = listener.accept().await.unwrap();
        let (reader, mut writer) = socket.into_split();
        let mut lines = BufReader::new(reader).lines();
        let mut heard = String::new();
        let mut in_data = false;
        writer.write_all(b"220 mail.test\r\n").await.unwrap();
        while let Some(line) = lines.next_line().await.unwrap_or(None) {
            heard += &line;
            heard.push('\n');
            let answer = match line
                .split(' ')
                .next()
                .unwrap_or_default()
                .to_uppercase()
                .as_str()
            {
                _ if in_data && line != "." => continue,
                "." => {
                    in_data = false;
                    "250 taken"
                }
                "RCPT" => recipient,
                "DATA" => {
                    in_data = true;
                    "354 go on"
                }
                "QUIT" => "221 bye",
                _ => "250 ok",
            };
            if writer
                .write_all(format!("{answer}\r\n").as_bytes())
                .await
                .is_err()
                || answer.starts_with("221")
            {
                break;
            }
        }
        heard
    });
    (port, heard)
}

fn smtp(port: u16) -> Smtp {
    Smtp::new(&SmtpOptions {
        host: "127.0.0.1".into(),
        port,
        security: Security::None,
        username: String::new(),
        password: String::new(),
        from: "desk@ashgrove.example".into(),
    })
    .unwrap()
}

fn mail() -> Mail {
    Mail {
        id: "job_1".into(),
        at_ms: 1_795_340_000_000,
        from_name: "Ashgrove\r\nBcc: evil@elsewhere.example".into(),
        to: "tomasz@ashgrove.example".into(),
        subject: "Einladung für Tomasz\r\nX-Evil: 1".into(),
        text: "Hallo,\n.\nein Punkt allein beendet nichts.\n".into(),
    }
}

#[tokio::test]
async fn a_message_is_taken_over_and_no_header_is_smuggled_in() {
    let (port, heard) = mail_server("250 ok").await;
    let smtp = smtp(port);
    smtp.send(&mail()).await.unwrap();
    drop(smtp);
    let heard = heard.await.unwrap();
    assert!(
        heard.contains("MAIL FROM:<desk@ashgrove.example>"),
        "{heard}"
    );
    assert!(
        heard.contains("RCPT TO:<tomasz@ashgrove.example>"),
        "{heard}"
    );
    let header = heard.split("\n\n").next().unwrap();
    assert!(
        !header
            .lines()
            .any(|line| line.starts_with("Bcc:") || line.starts_with("X-Evil:")),
        "{header}"
    );
    assert_eq!(heard.matches("RCPT TO").count(), 1, "{heard}");
    assert!(heard.contains("\n..\n"), "a lone dot is stuffed: {heard}");
}

#[tokio::test]
async fn a_refusal_is_for_good_and_a_busy_server_is_for_later() {
    let (port, _heard) = mail_server("550 no such person").await;
    assert!(matches!(
        smtp(port).send(&mail()).await,
        Err(SendError::Never(_))
    ));
    let (port, _heard) = mail_server("451 come back").await;
    assert!(matches!(
        smtp(port).send(&mail()).await,
        Err(SendError::Later(_))
    ));
}

#[tokio::test]
async fn a_server_that_is_away_is_for_later() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    drop(listener);
    assert!(matches!(
        smtp(port).send(&mail()).await,
        Err(SendError::Later(_))
    ));
}

#[tokio::test]
async fn what_is_no_address_is_never_sent() {
    let wrong = Mail {
        to: "a@b.example, c@d.example".into(),
        ..mail()
    };
    assert!(matches!(
        smtp(9).send(&wrong).await,
        Err(SendError::Never(_))
    ));
}
