//! What the server is told at its start: `deskside.toml`, then the environment (`DESKSIDE_*`, nested
//! with `__`), then the command line. An unknown key or a wrong value stops the start, one sentence each.

mod reading;
mod sections;
mod sense;

use std::net::{IpAddr, SocketAddr};
use std::path::{Path, PathBuf};

use ipnet::IpNet;
use serde::{Deserialize, Serialize};
use toml::Table;

pub use sections::{Database, Dev, Live, Log, LogFormat, Media, Smtp, SmtpSecurity, Tls};
pub use sense::check_start;

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
    /// Development.
    pub dev: Dev,
    /// Logs.
    pub log: Log,
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
            dev: Dev::default(),
            log: Log::default(),
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
                reading::one_line(error.message())
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
        reading::put(
            &mut table,
            &known,
            &path.to_lowercase(),
            &text,
            &mut mistakes,
        );
    }
    reading::drop_unknown(&mut table, &known, "", &mut mistakes);
    let port_is_chosen = table
        .get("media")
        .is_some_and(|media| media.get("port").is_some());
    let mut config = reading::check_values(table, &known, &mut mistakes);
    config.media.port_is_default = !port_is_chosen;
    sense::check(&config, &mut mistakes);
    if mistakes.is_empty() {
        Ok(config)
    } else {
        Err(mistakes)
    }
}

#[cfg(test)]
mod tests {
    use toml::Value;

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
                ("DESKSIDE_LIVE__HEARTBEAT_MS", "6000"),
                ("DESKSIDE_TRUSTED_PROXIES", "10.0.0.0/8, ::1/128"),
                ("OTHER", "x"),
            ],
        )
        .unwrap();
        assert_eq!(config.listen.port(), 2);
        assert_eq!(config.live.heartbeat_ms, 6000);
        assert_eq!(config.trusted_proxies.len(), 2);
    }

    #[test]
    fn a_dead_line_is_told_within_thirty_seconds() {
        let live = Config::default().live;
        let silence_ms = live.heartbeat_ms * u64::from(crate::limits::LIVE_MISSED_HEARTBEATS);
        let room_for_telling_ms = 5_000;
        assert!(silence_ms + room_for_telling_ms <= 30_000, "{silence_ms}");
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

    #[test]
    fn mail_of_development_stays_on_this_machine() {
        let dev = |change: fn(&mut Config)| {
            let mut config = from("[dev]\nmail = true", &[]).unwrap();
            change(&mut config);
            check_start(&config)
        };
        assert!(dev(|_| {}).is_ok());
        assert!(dev(|config| config.listen = "[::1]:0".parse().unwrap()).is_ok());
        type Change = fn(&mut Config);
        let wrong: [(Change, &str); 3] = [
            (
                |config| config.smtp.host = "mail.example".into(),
                "smtp.host",
            ),
            (
                |config| config.listen = "0.0.0.0:80".parse().unwrap(),
                "`listen`",
            ),
            (
                |config| config.public_url = "https://desk.example".into(),
                "public_url",
            ),
        ];
        for (change, word) in wrong {
            let mistakes = dev(change).unwrap_err();
            assert!(
                mistakes.len() == 1 && mistakes[0].contains(word),
                "{mistakes:?}"
            );
        }
        assert!(
            check_start(&Config {
                listen: "0.0.0.0:80".parse().unwrap(),
                ..Config::default()
            })
            .is_ok()
        );
    }
}
