//! Email by SMTP (RFC 5321), one message at a time.

use std::time::{Duration, SystemTime};

use lettre::message::header::{ContentType, Header, HeaderName, HeaderValue};
use lettre::message::{Mailbox, Message};
use lettre::transport::smtp::authentication::Credentials;
use lettre::transport::smtp::client::{Tls, TlsParameters};
use lettre::{AsyncSmtpTransport, AsyncTransport, Tokio1Executor};

use crate::{Mail, SendError};

/// How long one exchange with the mail server may take.
const TIMEOUT: Duration = Duration::from_secs(20);

/// How the connection is secured.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Security {
    /// TLS from the first byte (port 465).
    Tls,
    /// TLS after STARTTLS, and not without (port 587).
    StartTls,
    /// None: for a mail server on the same machine.
    None,
}

/// Where and as whom to send.
#[derive(Debug, Clone)]
pub struct SmtpOptions {
    /// Host name of the mail server.
    pub host: String,
    /// Its port.
    pub port: u16,
    /// How the connection is secured.
    pub security: Security,
    /// User name; empty: no sign-in.
    pub username: String,
    /// Password.
    pub password: String,
    /// The address that mail comes from.
    pub from: String,
}

/// A mail server.
#[derive(Clone)]
pub struct Smtp {
    transport: AsyncSmtpTransport<Tokio1Executor>,
    from: String,
}

impl Smtp {
    /// Prepares connections; none is made yet.
    ///
    /// # Errors
    /// A sentence about an option that cannot be.
    pub fn new(options: &SmtpOptions) -> Result<Smtp, String> {
        mailbox("", &options.from)
            .map_err(|_| format!("{} is not one email address", options.from))?;
        let tls =
            |host: &str| TlsParameters::new(host.to_owned()).map_err(|error| error.to_string());
        let tls = match options.security {
            Security::Tls => Tls::Wrapper(tls(&options.host)?),
            Security::StartTls => Tls::Required(tls(&options.host)?),
            Security::None => Tls::None,
        };
        let mut builder = AsyncSmtpTransport::<Tokio1Executor>::builder_dangerous(&options.host)
            .port(options.port)
            .tls(tls)
            .timeout(Some(TIMEOUT));
        if !options.username.is_empty() {
            builder = builder.credentials(Credentials::new(
                options.username.clone(),
                options.password.clone(),
            ));
        }
        Ok(Smtp {
            transport: builder.build(),
            from: options.from.clone(),
        })
    }

    /// Hands a message to the mail server. `Ok` means that it took it over.
    ///
    /// # Errors
    /// Whether later or never.
    pub async fn send(&self, mail: &Mail) -> Result<(), SendError> {
        let message = self.message(mail).map_err(SendError::Never)?;
        match self.transport.send(message).await {
            Ok(_) => Ok(()),
            Err(error) if error.is_permanent() => Err(SendError::Never(error.to_string())),
            Err(error) => Err(SendError::Later(error.to_string())),
        }
    }

    fn message(&self, mail: &Mail) -> Result<Message, String> {
        let host = self.from.rsplit('@').next().unwrap_or_default();
        let since = Duration::from_millis(u64::try_from(mail.at_ms).unwrap_or_default());
        Message::builder()
            .from(mailbox(&mail.from_name, &self.from)?)
            .to(mailbox("", &mail.to)?)
            .subject(one_line(&mail.subject))
            .date(SystemTime::UNIX_EPOCH + since)
            .message_id(Some(format!("<{}@{host}>", mail.id)))
            .header(AutoSubmitted)
            .header(ContentType::TEXT_PLAIN)
            .body(mail.text.clone())
            .map_err(|error| error.to_string())
    }
}

/// `Auto-Submitted: auto-generated` (RFC 3834): no holiday note answers.
#[derive(Debug, Clone, Copy)]
struct AutoSubmitted;

impl Header for AutoSubmitted {
    fn name() -> HeaderName {
        HeaderName::new_from_ascii_str("Auto-Submitted")
    }

    fn parse(_: &str) -> Result<Self, Box<dyn std::error::Error + Send + Sync>> {
        Ok(AutoSubmitted)
    }

    fn display(&self) -> HeaderValue {
        HeaderValue::new(Self::name(), "auto-generated".to_owned())
    }
}

fn mailbox(name: &str, address: &str) -> Result<Mailbox, String> {
    let address = address
        .parse()
        .map_err(|error| format!("{address:?}: {error}"))?;
    let name = one_line(name);
    Ok(Mailbox::new((!name.is_empty()).then_some(name), address))
}

/// A header is one line, whatever is in a name: no line break, no control character.
fn one_line(text: &str) -> String {
    text.chars()
        .map(|c| if c.is_control() { ' ' } else { c })
        .collect::<String>()
        .trim()
        .to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn smtp() -> Smtp {
        Smtp::new(&SmtpOptions {
            host: "127.0.0.1".into(),
            port: 25,
            security: Security::None,
            username: String::new(),
            password: String::new(),
            from: "desk@desk.example".into(),
        })
        .unwrap()
    }

    fn mail() -> Mail {
        Mail {
            id: "job_7".into(),
            at_ms: 1_795_340_000_000,
            from_name: "Praxis Dr. Müller".into(),
            to: "mari@desk.example".into(),
            subject: "Neues Passwort".into(),
            text: "Hallo".into(),
        }
    }

    fn written(mail: &Mail) -> String {
        String::from_utf8(smtp().message(mail).unwrap().formatted()).unwrap()
    }

    #[test]
    fn a_message_sent_again_is_the_same_message() {
        let text = written(&mail());
        assert_eq!(text, written(&mail()));
        assert!(
            text.contains("Message-ID: <job_7@desk.example>\r\n"),
            "{text}"
        );
        assert!(
            text.contains("Date: Sun, 22 Nov 2026 09:33:20 +0000\r\n"),
            "{text}"
        );
        assert!(
            text.contains("Auto-Submitted: auto-generated\r\n"),
            "{text}"
        );
    }
}
