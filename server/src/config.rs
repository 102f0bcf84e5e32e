//! What the server is told at its start: `deskside.toml`, then the environment (`DESKSIDE_*`, nested
//! with `__`), then the command line. An unknown key or a wrong value stops the start, one sentence each.

use std::net::{IpAddr, SocketAddr};
use std::path::{Path, PathBuf};

use ipnet::IpNet;
use serde::{Deserialize, Serialize};
use toml::{Table, Value};

/// The documented default configuration: the manual.
pub const MANUAL: &str = include_str!("../deskside.toml");

/// Everything that can be configured.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Config {
    /// The folder that holds everything.
    pub data: PathBuf,
    /// Address and port to listen on.
    pub listen: SocketAddr,
    /// How browsers reach this server; links are built from it.
    pub public_url: String,
    /// Proxies whose `X-Forwarded-For` is believed.
    pub trusted_proxies: Vec<IpNet>,
    /// File with the server key; empty: `secret.key` in the data folder.
    pub secret_key_file: PathBuf,
    /// The database.
    pub database: Database,
    /// Certificate and key for https.
    pub tls: Tls,
    /// Live screens.
    pub live: Live,
    /// Calls.
    pub media: Media,
    /// The mail server.
    pub smtp: Smtp,
    /// Logs.
    pub log: Log,
}

/// The database.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Database {
    /// PostgreSQL URL; empty: SQLite in the data folder.
    pub url: String,
    /// Connections to PostgreSQL.
    pub pool_size: usize,
    /// Connections that read SQLite at once.
    pub readers: usize,
}

/// Certificate and key for https; both empty: http.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Tls {
    /// PEM file with the certificate chain.
    pub certificate: PathBuf,
    /// PEM file with the key.
    pub key: PathBuf,
}

/// Live screens.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Live {
    /// Milliseconds between heartbeats.
    pub heartbeat_ms: u64,
}

/// Calls.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Media {
    /// The port for UDP and TCP; 0: any free one.
    pub port: u16,
    /// Nobody has chosen the port: another one will do where it is taken.
    #[serde(skip)]
    pub port_is_default: bool,
    /// The address to listen on.
    pub listen: IpAddr,
    /// Where browsers are told to send, as `ip` or `ip:port`; empty: the addresses of this machine.
    pub announce: Vec<String>,
    /// Threads that carry media, each with a port of its own.
    pub workers: usize,
}

/// The mail server; no host: no email is sent.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Smtp {
    /// Its host name; empty: no email is sent.
    pub host: String,
    /// Its port.
    pub port: u16,
    /// How the connection is secured.
    pub security: SmtpSecurity,
    /// User name; empty: no sign-in.
    pub username: String,
    /// Password.
    pub password: String,
    /// The address that mail comes from.
    pub from: String,
}

/// How the connection to the mail server is secured.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum SmtpSecurity {
    /// TLS after STARTTLS, and not without.
    StartTls,
    /// TLS from the first byte.
    Tls,
    /// None.
    None,
}

/// Logs.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Log {
    /// `text` or `json`.
    pub format: LogFormat,
    /// What to log, for example `info` or `deskside=debug,info`.
    pub filter: String,
}

/// The form of log lines.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LogFormat {
    /// For people.
    Text,
    /// For programs.
    Json,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            data: "data".into(),
            listen: SocketAddr::from(([127, 0, 0, 1], 8080)),
            public_url: "http://localhost:8080".into(),
            trusted_proxies: Vec::new(),
            secret_key_file: PathBuf::new(),
            database: Database::default(),
            tls: Tls::default(),
            live: Live::default(),
            media: Media::default(),
            smtp: Smtp::default(),
            log: Log::default(),
        }
    }
}

impl Default for Database {
    fn default() -> Self {
        Self {
            url: String::new(),
            pool_size: 16,
            readers: 8,
        }
    }
}

impl Default for Live {
    fn default() -> Self {
        Self {
            heartbeat_ms: 10_000,
        }
    }
}

impl Default for Media {
    fn default() -> Self {
        Self {
            port: 40_000,
            port_is_default: true,
            listen: IpAddr::from([0, 0, 0, 0]),
            announce: Vec::new(),
            workers: 1,
        }
    }
}

impl Config {
    /// Whether browsers on this machine are who reaches this server.
    pub fn is_local(&self) -> bool {
        let rest = self
            .public_url
            .split_once("://")
            .map_or("", |(_, rest)| rest);
        let host = match rest.strip_prefix('[') {
            Some(v6) => v6.split(']').next(),
            None => rest.split([':', '/']).next(),
        };
        let host = host.unwrap_or_default();
        host == "localhost" || host.parse().is_ok_and(|ip: IpAddr| ip.is_loopback())
    }
}

impl Default for Smtp {
    fn default() -> Self {
        Self {
            host: String::new(),
            port: 587,
            security: SmtpSecurity::StartTls,
            username: String::new(),
            password: String::new(),
            from: String::new(),
        }
    }
}

impl Default for Log {
    fn default() -> Self {
        Self {
            format: LogFormat::Text,
            filter: "info,refinery_core=warn".into(),
        }
    }
}

/// Reads file and environment. `environment` yields all variables; only `DESKSIDE_*` count.
///
/// # Errors
/// One sentence per mistake.
pub fn load(
    file: Option<&Path>,
    environment: impl Iterator<Item = (String, String)>,
) -> Result<Config, Vec<String>> {
    let mut mistakes = Vec::new();
    let mut table = match file.map(std::fs::read_to_string) {
        None => Table::new(),
        Some(Ok(text)) => text.parse::<Table>().unwrap_or_else(|error| {
            mistakes.push(format!(
                "The configuration file is not valid TOML: {}.",
                one_line(error.message())
            ));
            Table::new()
        }),
        Some(Err(error)) => {
            mistakes.push(format!("The configuration file cannot be read: {error}."));
            Table::new()
        }
    };
    let known = Table::try_from(Config::default()).unwrap_or_default();
    for (name, text) in environment {
        let Some(path) = name.strip_prefix("DESKSIDE_") else {
            continue;
        };
        put(
            &mut table,
            &known,
            &path.to_lowercase(),
            &text,
            &mut mistakes,
        );
    }
    drop_unknown(&mut table, &known, "", &mut mistakes);
    let port_is_chosen = table
        .get("media")
        .is_some_and(|media| media.get("port").is_some());
    let mut config = check_values(table, &known, &mut mistakes);
    config.media.port_is_default = !port_is_chosen;
    check_sense(&config, &mut mistakes);
    if mistakes.is_empty() {
        Ok(config)
    } else {
        Err(mistakes)
    }
}

/// Puts `DESKSIDE_LIVE__HEARTBEAT_MS=…` where `live.heartbeat_ms` stands, in the type that the default has.
/// A name ending in `_file` that is no key itself gives the content of that file.
fn put(table: &mut Table, known: &Table, path: &str, text: &str, mistakes: &mut Vec<String>) {
    let mut steps: Vec<&str> = path.split("__").collect();
    let last = steps.pop().unwrap_or_default();
    let (mut at, mut shape) = (table, Some(known));
    for step in steps {
        shape = shape
            .and_then(|table| table.get(step))
            .and_then(Value::as_table);
        let next = at
            .entry(step.to_owned())
            .or_insert_with(|| Value::Table(Table::new()));
        let Value::Table(next) = next else { return };
        at = next;
    }
    let (last, text) = match (
        shape.is_some_and(|table| table.contains_key(last)),
        last.strip_suffix("_file"),
    ) {
        (false, Some(key)) => match std::fs::read_to_string(text) {
            Ok(content) => (key, content.trim_end().to_owned()),
            Err(error) => {
                mistakes.push(format!(
                    "The file of DESKSIDE_{} cannot be read: {error}.",
                    path.to_uppercase()
                ));
                return;
            }
        },
        _ => (last, text.to_owned()),
    };
    let value = match shape.and_then(|table| table.get(last)) {
        Some(Value::Integer(_)) => text
            .parse()
            .map(Value::Integer)
            .unwrap_or(Value::String(text)),
        Some(Value::Boolean(_)) => text
            .parse()
            .map(Value::Boolean)
            .unwrap_or(Value::String(text)),
        Some(Value::Array(_)) => Value::Array(
            text.split(',')
                .map(str::trim)
                .filter(|part| !part.is_empty())
                .map(|part| Value::String(part.into()))
                .collect(),
        ),
        _ => Value::String(text),
    };
    at.insert(last.to_owned(), value);
}

/// Takes unknown keys out and names each, with the nearest known one.
fn drop_unknown(table: &mut Table, known: &Table, path: &str, mistakes: &mut Vec<String>) {
    let unknown: Vec<String> = table
        .keys()
        .filter(|key| !known.contains_key(*key))
        .cloned()
        .collect();
    for key in unknown {
        table.remove(&key);
        let nearest = known.keys().min_by_key(|name| distance(name, &key));
        let hint = nearest
            .map(|name| format!(" Did you mean `{path}{name}`?"))
            .unwrap_or_default();
        mistakes.push(format!("The configuration has no key `{path}{key}`.{hint}"));
    }
    for (key, value) in table {
        if let (Value::Table(inner), Some(Value::Table(shape))) = (value, known.get(key)) {
            drop_unknown(inner, shape, &format!("{path}{key}."), mistakes);
        }
    }
}

/// Takes each value alone, so that every wrong one is named.
fn check_values(table: Table, known: &Table, mistakes: &mut Vec<String>) -> Config {
    let mut good = known.clone();
    for (key, value) in table {
        let parts: Vec<(String, Value)> = match (&value, known.get(&key)) {
            (Value::Table(inner), Some(Value::Table(_))) => inner
                .iter()
                .map(|(name, value)| (name.clone(), value.clone()))
                .collect(),
            _ => vec![(String::new(), value.clone())],
        };
        for (name, value) in parts {
            let mut tried = good.clone();
            match tried.get_mut(&key) {
                Some(Value::Table(inner)) if !name.is_empty() => {
                    inner.insert(name.clone(), value);
                }
                _ => {
                    tried.insert(key.clone(), value);
                }
            }
            match Config::deserialize(tried.clone()) {
                Ok(_) => good = tried,
                Err(error) => {
                    let dot = if name.is_empty() { "" } else { "." };
                    mistakes.push(format!(
                        "The value of `{key}{dot}{name}` is not right: {}.",
                        one_line(error.message())
                    ));
                }
            }
        }
    }
    Config::deserialize(good).unwrap_or_default()
}

/// What cannot be told by looking at one value.
fn check_sense(config: &Config, mistakes: &mut Vec<String>) {
    let url = config.public_url.trim_end_matches('/');
    let host = url
        .strip_prefix("https://")
        .or_else(|| url.strip_prefix("http://"));
    if !host.is_some_and(|host| !host.is_empty() && !host.contains(['/', '?', '#', '@', ' '])) {
        mistakes.push("`public_url` must be like https://desk.example.org, without a path.".into());
    }
    if config.tls.certificate.as_os_str().is_empty() != config.tls.key.as_os_str().is_empty() {
        mistakes.push("`tls.certificate` and `tls.key` belong together: give both or none.".into());
    }
    if !(1..=256).contains(&config.database.pool_size)
        || !(1..=64).contains(&config.database.readers)
    {
        mistakes.push(
            "`database.pool_size` goes from 1 to 256 and `database.readers` from 1 to 64.".into(),
        );
    }
    if !config.smtp.host.is_empty() && crate::text::email(&config.smtp.from).is_err() {
        mistakes.push("`smtp.from` must be one email address when `smtp.host` is given.".into());
    }
    for text in &config.media.announce {
        if crate::calls::media::parse_announced(text).is_err() {
            mistakes.push(format!("`media.announce` has \"{text}\": it must be an address like 203.0.113.7, or address and port like 203.0.113.7:40000."));
        }
    }
    if !(1..=64).contains(&config.media.workers) {
        mistakes.push("`media.workers` goes from 1 to 64.".into());
    }
    if !(500..=60_000).contains(&config.live.heartbeat_ms) {
        mistakes.push("`live.heartbeat_ms` goes from 500 to 60000.".into());
    }
}

fn one_line(text: &str) -> String {
    text.split_whitespace()
        .collect::<Vec<_>>()
        .join(" ")
        .trim_end_matches('.')
        .to_owned()
}

/// Edit distance of two short words.
fn distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, ca) in a.chars().enumerate() {
        let mut before = row[0];
        row[0] = i + 1;
        for (j, cb) in b.iter().enumerate() {
            let cost = before + usize::from(ca != *cb);
            before = row[j + 1];
            row[j + 1] = cost.min(row[j] + 1).min(before + 1);
        }
    }
    row[b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn from(toml: &str, environment: &[(&str, &str)]) -> Result<Config, Vec<String>> {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), toml).unwrap();
        load(
            Some(file.path()),
            environment
                .iter()
                .map(|(k, v)| ((*k).to_owned(), (*v).to_owned())),
        )
    }

    #[test]
    fn the_manual_is_the_default() {
        let manual = Table::try_from(from(MANUAL, &[]).unwrap()).unwrap();
        assert_eq!(manual, Table::try_from(Config::default()).unwrap());
        for (key, value) in Table::try_from(Config::default()).unwrap() {
            let mentioned = MANUAL.contains(&key);
            assert!(mentioned, "{key} stands in the manual");
            if let Value::Table(inner) = value {
                for name in inner.keys() {
                    assert!(
                        MANUAL.contains(&format!("{name} =")),
                        "{key}.{name} stands in the manual"
                    );
                }
            }
        }
    }

    #[test]
    fn the_environment_wins_and_lists_are_split() {
        let config = from(
            "listen = \"127.0.0.1:1\"",
            &[
                ("DESKSIDE_LISTEN", "127.0.0.1:2"),
                ("DESKSIDE_LIVE__HEARTBEAT_MS", "2000"),
                ("DESKSIDE_TRUSTED_PROXIES", "10.0.0.0/8, ::1/128"),
                ("OTHER", "x"),
            ],
        )
        .unwrap();
        assert_eq!(config.listen.port(), 2);
        assert_eq!(config.live.heartbeat_ms, 2000);
        assert_eq!(config.trusted_proxies.len(), 2);
    }

    #[test]
    fn a_secret_comes_from_a_file() {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), "postgres://desk@localhost/desk\n").unwrap();
        let config = from(
            "",
            &[("DESKSIDE_DATABASE__URL_FILE", file.path().to_str().unwrap())],
        )
        .unwrap();
        assert_eq!(config.database.url, "postgres://desk@localhost/desk");
    }

    #[test]
    fn a_chosen_port_for_calls_is_told_from_the_default() {
        assert!(from("", &[]).unwrap().media.port_is_default);
        assert!(
            !from("[media]\nport = 40000", &[])
                .unwrap()
                .media
                .port_is_default
        );
        let media = from(
            "",
            &[
                ("DESKSIDE_MEDIA__PORT", "0"),
                (
                    "DESKSIDE_MEDIA__ANNOUNCE",
                    "203.0.113.7, [2001:db8::1]:41000",
                ),
            ],
        )
        .unwrap()
        .media;
        assert!(!media.port_is_default);
        assert_eq!((media.port, media.announce.len()), (0, 2));
        let mistakes = from(
            "[media]\nannounce = [\"desk.example.org\"]\nworkers = 0",
            &[],
        )
        .unwrap_err();
        assert_eq!(mistakes.len(), 2, "{mistakes:#?}");
        assert!(
            mistakes[0].contains("desk.example.org") && mistakes[0].contains("203.0.113.7:40000")
        );
    }

    #[test]
    fn a_server_is_local_where_only_this_machine_reaches_it() {
        for (url, local) in [
            ("http://localhost:8080", true),
            ("http://127.0.0.1", true),
            ("https://[::1]:8443/", true),
            ("https://192.0.2.7:8443", false),
            ("https://localhost.example.org", false),
        ] {
            let config = Config {
                public_url: url.into(),
                ..Config::default()
            };
            assert_eq!(config.is_local(), local, "{url}");
        }
    }

    #[test]
    fn each_mistake_has_its_sentence() {
        let mistakes = from("lisen = 1\nlisten = \"here\"\n[live]\nheartbeat_ms = \"fast\"\n[tls]\nkey = \"k.pem\"\n", &[("DESKSIDE_PUBLIC_URL", "desk")]).unwrap_err();
        assert_eq!(mistakes.len(), 5, "{mistakes:#?}");
        assert!(mistakes[0].contains("no key `lisen`") && mistakes[0].contains("`listen`"));
        assert!(mistakes.iter().any(|m| m.contains("`live.heartbeat_ms`")));
        assert!(mistakes.iter().any(|m| m.contains("belong together")));
        assert!(mistakes.iter().any(|m| m.contains("public_url")));
    }
}
