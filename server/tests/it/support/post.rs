//! A mail server that speaks enough of SMTP (RFC 5321) to take real mail, on a port of its own, and that can be away,
//! refuse, or cut the line.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use deskside_outbound::{Outbox, Security, Smtp, SmtpOptions};
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;

/// What it does with a message that it has heard to the end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Manner {
    /// Takes it and says so.
    Take,
    /// Takes it, and the line is cut before it can say so.
    TakeAndCut,
    /// Says that there is no such person.
    Refuse,
    /// Says to come back later.
    Later,
}

/// A message that was taken.
#[derive(Debug, Clone)]
pub struct Letter {
    /// The recipient of the envelope.
    pub to: String,
    /// Header and body as sent.
    pub source: String,
}

impl Letter {
    /// The value of a header, as sent.
    pub fn header(&self, name: &str) -> &str {
        self.source
            .lines()
            .take_while(|line| !line.is_empty())
            .find_map(|line| line.strip_prefix(name)?.strip_prefix(": "))
            .unwrap_or_default()
    }

    /// The text that a reader sees.
    pub fn text(&self) -> String {
        let body = self.source.split_once("\n\n").expect("a body").1;
        match self.header("Content-Transfer-Encoding") {
            "quoted-printable" => unquoted(body),
            "base64" => panic!("nobody reads base64 here"),
            _ => body.to_owned(),
        }
    }

    /// The first link of the text that begins so.
    #[track_caller]
    pub fn link(&self, beginning: &str) -> String {
        let text = self.text();
        text.split_whitespace()
            .find(|word| word.starts_with(beginning))
            .unwrap_or_else(|| panic!("no link {beginning} in {text}"))
            .to_owned()
    }
}

/// Undoes quoted-printable (RFC 2045 section 6.7).
fn unquoted(body: &str) -> String {
    let joined = body.replace("=\n", "");
    let mut pieces = joined.split('=');
    let mut bytes = pieces.next().unwrap_or_default().as_bytes().to_vec();
    for piece in pieces {
        bytes.push(u8::from_str_radix(&piece[..2], 16).expect("two digits"));
        bytes.extend_from_slice(&piece.as_bytes()[2..]);
    }
    String::from_utf8(bytes).expect("UTF-8")
}

/// The mail server; it goes when this is dropped.
pub struct MailServer {
    address: SocketAddr,
    manner: Arc<Mutex<Manner>>,
    letters: Arc<Mutex<Vec<Letter>>>,
    listening: JoinHandle<()>,
}

impl Drop for MailServer {
    fn drop(&mut self) {
        self.listening.abort();
    }
}

impl MailServer {
    /// Starts on any free port.
    pub async fn start() -> MailServer {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = listener.local_addr().expect("an address");
        let manner = Arc::new(Mutex::new(Manner::Take));
        let letters = Arc::<Mutex<Vec<Letter>>>::default();
        let (how, taken) = (manner.clone(), letters.clone());
        let listening = tokio::spawn(async move {
            while let Ok((socket, _)) = listener.accept().await {
                tokio::spawn(converse(socket, how.clone(), taken.clone()));
            }
        });
        MailServer {
            address,
            manner,
            letters,
            listening,
        }
    }

    /// The way to it, for a server that is to send there.
    pub fn outbox(&self) -> Option<Outbox> {
        outbox(self.address.port())
    }

    /// What it does from now on.
    pub fn behave(&self, manner: Manner) {
        *lock(&self.manner) = manner;
    }

    /// What it has taken so far.
    pub fn letters(&self) -> Vec<Letter> {
        lock(&self.letters).clone()
    }

    /// The only message so far.
    #[track_caller]
    pub fn letter(&self) -> Letter {
        let letters = self.letters();
        assert_eq!(letters.len(), 1, "{letters:#?}");
        letters[0].clone()
    }
}

/// The way to a mail server on a port of this machine.
pub fn outbox(port: u16) -> Option<Outbox> {
    let options = SmtpOptions {
        host: "127.0.0.1".into(),
        port,
        security: Security::None,
        username: String::new(),
        password: String::new(),
        from: "desk@desk.example".into(),
    };
    Some(Outbox::Server(
        Smtp::new(&options).expect("options that can be"),
    ))
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

async fn converse(socket: TcpStream, manner: Arc<Mutex<Manner>>, letters: Arc<Mutex<Vec<Letter>>>) {
    let (reader, mut writer) = socket.into_split();
    let mut lines = BufReader::new(reader).lines();
    if writer.write_all(b"220 mail.test ESMTP\r\n").await.is_err() {
        return;
    }
    let (mut from, mut to) = (false, String::new());
    while let Ok(Some(line)) = lines.next_line().await {
        let verb = line.split([' ', ':']).next().unwrap_or_default();
        let how = *lock(&manner);
        let answer = match verb.to_ascii_uppercase().as_str() {
            "EHLO" => "250-mail.test\r\n250 8BITMIME",
            "HELO" | "NOOP" | "RSET" => "250 ok",
            "MAIL" => {
                from = true;
                "250 ok"
            }
            "RCPT" if !from => "503 who writes?",
            "RCPT" if how == Manner::Refuse => "550 no such person",
            "RCPT" => {
                to = line
                    .split_once('<')
                    .and_then(|(_, rest)| rest.split_once('>'))
                    .map(|(address, _)| address.to_owned())
                    .unwrap_or_default();
                "250 ok"
            }
            "DATA" if to.is_empty() => "503 to whom?",
            "DATA" => {
                if writer.write_all(b"354 go on\r\n").await.is_err() {
                    return;
                }
                let Some(source) = message(&mut lines).await else {
                    return;
                };
                if how == Manner::Later {
                    "451 come back later"
                } else {
                    let to = std::mem::take(&mut to);
                    lock(&letters).push(Letter { to, source });
                    if how == Manner::TakeAndCut {
                        return;
                    }
                    "250 taken"
                }
            }
            "QUIT" => "221 bye",
            _ => "502 not here",
        };
        let said = format!("{answer}\r\n");
        if writer.write_all(said.as_bytes()).await.is_err() || answer.starts_with("221") {
            return;
        }
    }
}

/// Reads a message up to its lone dot and takes the doubled dots out.
async fn message<R>(lines: &mut tokio::io::Lines<R>) -> Option<String>
where
    R: tokio::io::AsyncBufRead + Unpin,
{
    let mut source = String::new();
    while let Ok(Some(line)) = lines.next_line().await {
        if line == "." {
            return Some(source);
        }
        source += line.strip_prefix('.').unwrap_or(&line);
        source.push('\n');
    }
    None
}
