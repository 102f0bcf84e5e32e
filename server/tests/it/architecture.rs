//! The invariants of ARCHITECTURE.md, read from the sources.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// A source file of the product without comments and without the tests inside it.
struct Source {
    /// From the root of the repository, for example `server/src/cases/mod.rs`.
    path: String,
    text: String,
}

impl Source {
    /// The feature (folder or file) of the server that it belongs to.
    fn feature(&self) -> &str {
        let inner = self.path.trim_start_matches("server/src/");
        inner.split(['/', '.']).next().unwrap_or_default()
    }

    fn is_store(&self) -> bool {
        self.path.ends_with("/store.rs") || self.path.contains("/store/")
    }
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

fn sources(folder: &str) -> Vec<Source> {
    let mut found = Vec::new();
    collect(&root().join(folder), folder, &mut found);
    assert!(!found.is_empty(), "{folder} has no sources");
    found
}

fn collect(folder: &Path, name: &str, found: &mut Vec<Source>) {
    for entry in std::fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        let file = path.file_name().expect("a name").to_string_lossy();
        let name = format!("{name}/{file}");
        if path.is_dir() {
            collect(&path, &name, found);
        } else if name.ends_with(".rs") {
            let whole = std::fs::read_to_string(&path).expect("a source file");
            let product = whole
                .split("#[cfg(test)]\nmod tests")
                .next()
                .unwrap_or_default();
            let text = product
                .lines()
                .filter(|line| !line.trim_start().starts_with("//"))
                .collect::<Vec<_>>()
                .join("\n");
            found.push(Source { path: name, text });
        }
    }
}

/// Fails for each file but the allowed ones where one of the words stands.
fn only_in(words: &[&str], allowed: impl Fn(&Source) -> bool, rule: &str) {
    let mut found = Vec::new();
    for source in sources("server/src") {
        for word in words {
            if source.text.contains(word) && !allowed(&source) {
                found.push(format!("{} has {word}", source.path));
            }
        }
    }
    assert!(found.is_empty(), "{rule}:\n{}", found.join("\n"));
}

#[test]
fn sql_stands_in_stores() {
    let words = [
        "org_sql!(",
        "system_sql!(",
        "\"SELECT ",
        "\"INSERT ",
        "\"UPDATE ",
        "\"DELETE FROM",
        "\"PRAGMA ",
    ];
    only_in(&words, Source::is_store, "SQL stands in */store.rs");
}

#[test]
fn status_codes_are_known_at_the_edge() {
    let edge = [
        "server/src/error.rs",
        "server/src/pages.rs",
        "server/src/serve.rs",
    ];
    only_in(
        &["StatusCode"],
        |source| edge.contains(&source.path.as_str()) || source.path.ends_with("/routes.rs"),
        "features return Error; status codes stand in error.rs, routes.rs and the files around the router",
    );
}

#[test]
fn the_clock_randomness_and_the_environment_come_in_through_seams() {
    only_in(
        &["SystemTime", "Instant::now", "getrandom", "rand::"],
        |_| false,
        "time and randomness are App's",
    );
    only_in(
        &["Clock::system", "Random::system", "std::env", "env::var"],
        |source| source.path == "server/src/main.rs",
        "only main knows the real clock, randomness and environment",
    );
}

#[test]
fn sockets_are_known_to_live_alone() {
    only_in(
        &["extract::ws", "WebSocket"],
        |source| source.feature() == "live",
        "only live knows sockets",
    );
}

#[test]
fn nothing_is_sent_to_the_outside_world() {
    only_in(
        &["TcpStream", "UdpSocket", "reqwest", "hyper::client"],
        // Asks the routing table for this machine's address; nothing is sent.
        |source| source.path == "server/src/main.rs",
        "a request enqueues a job, it does not call anyone",
    );
}

/// Whose stores a feature may use besides its own. Lower features know nothing of higher ones, with one
/// exception: deleting a case is the case's own business, wherever its rows are.
const STORES: &[(&str, &[&str])] = &[
    ("admin", &["team"]),
    ("calls", &["cases", "once", "team"]),
    ("closing", &["auth", "team"]),
    (
        "cases",
        &[
            "chat",
            "consents",
            "custom_fields",
            "events",
            "guests",
            "location",
            "once",
            "search",
            "team",
        ],
    ),
    ("chat", &["cases", "events", "team"]),
    ("custom_fields", &["cases", "events", "team"]),
    ("demo", &["cases", "team"]),
    ("filters", &["cases"]),
    ("guests", &["cases", "events", "team"]),
    ("housekeeping", &["auth", "once"]),
    ("live", &["events", "team"]),
    ("location", &["cases", "guests", "team"]),
    ("search", &["cases", "events"]),
    ("setup", &["team"]),
    ("tx", &["events"]),
    ("auth", &[]),
];

#[test]
fn a_feature_s_store_is_used_by_those_who_are_listed() {
    let features: BTreeSet<String> = sources("server/src")
        .iter()
        .filter(|source| source.is_store())
        .map(|source| source.feature().to_owned())
        .collect();
    let mut found = Vec::new();
    for source in sources("server/src") {
        let own = source.feature();
        let allowed = STORES
            .iter()
            .find(|(feature, _)| *feature == own)
            .map_or(&[][..], |(_, stores)| *stores);
        for feature in &features {
            let used = source.text.contains(&format!("{feature}::store"));
            if used && feature != own && !allowed.contains(&feature.as_str()) {
                found.push(format!("{} uses {feature}::store", source.path));
            }
        }
    }
    assert!(found.is_empty(), "{}", found.join("\n"));
}

#[test]
fn a_store_knows_no_http_and_no_app() {
    for source in sources("server/src").iter().filter(|s| s.is_store()) {
        for word in ["axum", "crate::app", "crate::tx", "crate::live"] {
            assert!(!source.text.contains(word), "{} knows {word}", source.path);
        }
    }
}

#[test]
fn crates_know_nothing_of_the_server() {
    for entry in std::fs::read_dir(root().join("crates")).expect("crates") {
        let name = entry.expect("an entry").file_name();
        let name = name.to_str().expect("a name");
        for source in sources(&format!("crates/{name}/src")) {
            assert!(
                !source.text.contains("deskside::"),
                "{} knows the server",
                source.path
            );
            assert!(
                ["db", "jobs"].contains(&name) || !source.text.contains("\"SELECT "),
                "{} has SQL",
                source.path
            );
        }
        let manifest = root().join(format!("crates/{name}/Cargo.toml"));
        let manifest = std::fs::read_to_string(manifest).expect("a manifest");
        assert!(
            !manifest.lines().any(|line| line.starts_with("deskside =")),
            "crates/{name} depends on the server"
        );
    }
}

#[test]
fn every_room_of_the_server_stands_on_the_map() {
    let map = std::fs::read_to_string(root().join("ARCHITECTURE.md")).expect("ARCHITECTURE.md");
    assert!(
        map.lines().count() <= 300,
        "the map has {} lines",
        map.lines().count()
    );
    let rooms: BTreeSet<String> = std::fs::read_dir(root().join("server/src"))
        .expect("server/src")
        .map(|entry| {
            let path = entry.expect("an entry").path();
            let name = path.file_name().expect("a name").to_string_lossy();
            if path.is_dir() {
                format!("{name}/")
            } else {
                name.into_owned()
            }
        })
        .filter(|name| name != "lib.rs")
        .collect();
    for room in rooms {
        assert!(map.contains(&room), "ARCHITECTURE.md does not name {room}");
    }
}
