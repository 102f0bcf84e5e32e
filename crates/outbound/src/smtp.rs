//! Email by SMTP (RFC 5321), one message at a time.

use std::time::Duration;

use lettre::message::header::ContentType;
use lettre::message::{Mailbox, Message};
use lettre::transport::smtp::authentication::Credentials;
use lettre::transport::smtp::client::{Tls, TlsParameters};
use lettre::{AsyncSmtpTransport, AsyncTransport, Tokio1Executor};

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

/// A message in plain text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mail {
    /// The name that mail comes from; the address is the server's.
    pub from_name: String,
    /// One address.
    pub to: String,
    /// One line.
    pub subject: String,
    /// The text.
    pub text: String,
}

/// Why a message was not accepted.
#[derive(Debug, thiserror::Error)]
pub enum SendError {
    /// Not now: the server is away or asks to come back.
    #[error("not now: {0}")]
    Later(String),
    /// Never: the server refuses this message, or it is no message.
    #[error("never: {0}")]
    Never(String),
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
        let never = |error: String| SendError::Never(error);
        let message = Message::builder()
            .from(mailbox(&mail.from_name, &self.from).map_err(never)?)
            .to(mailbox("", &mail.to).map_err(never)?)
            .subject(one_line(&mail.subject))
            .header(ContentType::TEXT_PLAIN)
            .body(mail.text.clone())
            .map_err(|error| never(error.to_string()))?;
        match self.transport.send(message).await {
            Ok(_) => Ok(()),
            Err(error) if error.is_permanent() => Err(SendError::Never(error.to_string())),
            Err(error) => Err(SendError::Later(error.to_string())),
        }
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
