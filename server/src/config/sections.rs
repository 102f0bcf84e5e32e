//! The sections of the configuration with their defaults.

use std::net::IpAddr;
use std::path::PathBuf;

use serde::{Deserialize, Serialize};

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
    /// Milliseconds between heartbeats. Three without an answer, and a guest counts as away.
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

/// What helps whoever develops, and never runs where people work.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Dev {
    /// Mail is not sent but shown at `/dev/mail`.
    pub mail: bool,
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
            heartbeat_ms: 8_000,
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
