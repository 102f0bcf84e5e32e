//! When something around the server is wrong: its configuration, its database, its disk (P28, P30, P31).

use std::net::TcpListener;
use std::path::Path;
use std::process::{Command, Output};

use axum::http::Method;
use deskside_db::{DbError, Dialect, SystemSql, Uuid, system_sql};
use futures_util::future::join_all;
use serde_json::json;
use tempfile::TempDir;

use crate::support::{Actor, Answer, Desk, on_both_databases, run};

on_both_databases![
    a_newer_schema_stops_the_start,
    a_full_server_says_when_to_come_back,
];

/// Runs a command of the program, with nothing from this environment.
fn deskside(arguments: &[&str], data: &Path, environment: &[(&str, &str)]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_deskside"))
        .args(arguments)
        .env_clear()
        .env("DESKSIDE_DATA", data)
        .envs(environment.iter().copied())
        .output()
        .expect("the program runs")
}

/// What it said on its way out, line by line; it must have failed, and in sentences.
#[track_caller]
fn sentences(output: &Output) -> Vec<String> {
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(1), "{said}");
    assert!(output.stdout.is_empty(), "no half start");
    for noise in ["panicked", "Error {", "backtrace", "Err("] {
        assert!(!said.contains(noise), "{said}");
    }
    said.lines().map(str::to_owned).collect()
}

#[test]
fn each_mistake_in_the_configuration_has_its_sentence() {
    let folder = TempDir::new().unwrap();
    let data = folder.path().join("data");
    let file = folder.path().join("deskside.toml");
    let name = file.to_str().unwrap();
    let check = |toml: &str, environment: &[(&str, &str)]| {
        std::fs::write(&file, toml).unwrap();
        sentences(&deskside(&["check", "--config", name], &data, environment))
    };
    let all = check(
        "lisen = \"127.0.0.1:1\"\npublic_url = \"desk\"\n[live]\nheartbeat_ms = 1\n[database]\nreaders = \"many\"\n[tls]\nkey = \"k.pem\"\n",
        &[("DESKSIDE_LISTEN", "here"), ("DESKSIDE_LOG__FORM", "json")],
    );
    for part in [
        "`lisen`",
        "`public_url`",
        "`live.heartbeat_ms`",
        "`database.readers`",
        "`tls.key`",
        "`listen`",
        "`log.form`",
    ] {
        assert!(
            all.iter().any(|line| line.contains(part)),
            "{part}: {all:#?}"
        );
    }
    assert_eq!(all.len(), 7, "one sentence each: {all:#?}");
    let broken = check("this is no TOML", &[]);
    assert!(broken[0].contains("not valid TOML"), "{broken:?}");
    let filter = check("", &[("DESKSIDE_LOG__FILTER", "deskside=shouting")]);
    assert!(filter[0].contains("`log.filter`"), "{filter:?}");
    let missing = sentences(&deskside(
        &["check", "--config", "nowhere.toml"],
        &data,
        &[],
    ));
    assert!(missing[0].contains("cannot be read"), "{missing:?}");
    assert!(!data.join("deskside.db").exists(), "no half start");
}

#[test]
fn what_the_start_needs_and_cannot_have_is_said_in_a_sentence() {
    let folder = TempDir::new().unwrap();
    let data = folder.path().join("data");
    let said = |arguments: &[&str], data: &Path, environment: &[(&str, &str)]| {
        let lines = sentences(&deskside(arguments, data, environment));
        assert_eq!(lines.len(), 1, "{lines:#?}");
        lines[0].clone()
    };
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let line = said(&["serve", "--listen", &address], &data, &[]);
    assert!(
        line.contains(&address) && line.contains("--listen"),
        "{line}"
    );
    assert!(!data.join("deskside.db").exists(), "no half start");

    let file = folder.path().join("file");
    std::fs::write(&file, "").unwrap();
    let line = said(&["check"], &file, &[]);
    assert!(line.contains("data folder"), "{line}");

    let away = [("DESKSIDE_DATABASE__URL", "postgres://desk@127.0.0.1:1/desk")];
    let line = said(&["check"], &data, &away);
    assert!(line.contains("database"), "{line}");
    let nonsense = [("DESKSIDE_DATABASE__URL", "mysql://desk@127.0.0.1/desk")];
    let line = said(&["check"], &data, &nonsense);
    assert!(line.contains("URL"), "{line}");

    let short = TempDir::new().unwrap();
    std::fs::write(short.path().join("secret.key"), "short").unwrap();
    let line = said(&["check"], short.path(), &[]);
    assert!(line.contains("key"), "{line}");
}

#[test]
fn the_server_key_is_made_once_and_for_its_owner_only() {
    use std::os::unix::fs::PermissionsExt as _;
    let folder = TempDir::new().unwrap();
    let data = folder.path().join("data");
    assert!(deskside(&["check"], &data, &[]).status.success());
    let key = data.join("secret.key");
    let mode = std::fs::metadata(&key).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    let made = std::fs::read(&key).unwrap();
    assert!(deskside(&["check"], &data, &[]).status.success());
    assert_eq!(std::fs::read(&key).unwrap(), made);
}

static FROM_THE_FUTURE: SystemSql = system_sql!(
    "INSERT INTO refinery_schema_history (version, name, applied_on, checksum)
     VALUES (999, 'future', '2030-01-01T00:00:00Z', '1')"
);

async fn a_newer_schema_stops_the_start(desk: &mut Desk) {
    let environment = [(
        "DESKSIDE_DATABASE__URL",
        desk.app.config.database.url.as_str(),
    )];
    let check = || deskside(&["check"], desk.folder(), &environment);
    if desk.dialect() == Dialect::Sqlite {
        let lines = sentences(&check());
        assert!(lines[0].contains("another process"), "{lines:?}");
    }
    desk.app
        .db()
        .write(|tx| Box::pin(async move { tx.system().execute(&FROM_THE_FUTURE, &[]).await }))
        .await
        .map_err(|error: DbError| error)
        .expect("a row of the history");
    desk.app.db().close().await;
    let lines = sentences(&check());
    assert_eq!(lines.len(), 1, "{lines:?}");
    assert!(lines[0].contains("schema 999"), "{lines:?}");
    let known = deskside::migrations::MIGRATIONS
        .last()
        .expect("one")
        .version;
    assert!(lines[0].contains(&format!("up to {known}")), "{lines:?}");
}

async fn a_full_server_says_when_to_come_back(desk: &mut Desk) {
    let ada = desk.administrator().await;
    let all = u32::try_from(deskside::limits::REQUESTS_AT_ONCE_MAX).unwrap();
    let requests = desk.app.requests.clone();
    let places = requests.acquire_many(all).await.expect("every place");
    for answer in [
        ada.get("/me").await,
        ada.post("/cases", json!({ "name": "x" })).await,
    ] {
        let problem = answer.problem(503, "overloaded");
        assert_eq!(problem["retry_after_s"], 1);
        assert_eq!(answer.header("retry-after"), "1");
    }
    drop(places);
    ada.get("/me").await.expect(200);
    let list = ada.get("/cases").await.expect(200);
    assert_eq!(list["items"], json!([]), "what was refused was not done");
}

static NO_MORE_PAGES: SystemSql = system_sql!("PRAGMA max_page_count = 1");
static ENOUGH_PAGES: SystemSql = system_sql!("PRAGMA max_page_count = 1000000");

/// Sets how far the file may grow, in the connection that writes.
async fn set_pages(desk: &Desk, pragma: &'static SystemSql) {
    desk.app
        .db()
        .write(move |tx| Box::pin(async move { tx.system().row(pragma, &[]).await.map(|_| ()) }))
        .await
        .map_err(|error: DbError| error)
        .expect("the limit is set");
}

/// Sends a long message under a key.
async fn send(who: &Actor, case: &str, key: Uuid) -> Answer {
    let text = format!("{key} {}", "long message ".repeat(700));
    who.request(Method::POST, &format!("/cases/{case}/messages"))
        .key(key)
        .json(json!({ "text": text }))
        .send()
        .await
}

/// The keys of the messages in a timeline.
async fn keys_of(who: &Actor, case: &str) -> Vec<Uuid> {
    let timeline = who
        .get(&format!("/cases/{case}/timeline?limit=200"))
        .await
        .expect(200);
    timeline["entries"]
        .as_array()
        .expect("entries")
        .iter()
        .filter_map(|entry| entry["event"]["client_key"].as_str())
        .map(|key| key.parse().expect("a key"))
        .collect()
}

#[test]
fn a_full_disk_refuses_messages_and_loses_none() {
    run(
        Dialect::Sqlite,
        |_| {},
        async |desk: &mut Desk| {
            let ada = desk.administrator().await;
            let case = ada.create_case("Nick Evans").await;
            set_pages(desk, &NO_MORE_PAGES).await;
            let keys: Vec<Uuid> = (0..40).map(|_| Uuid::now_v7()).collect();
            let answers = join_all(keys.iter().map(|key| send(&ada, &case, *key))).await;
            let mut acknowledged = Vec::new();
            for (key, answer) in keys.iter().zip(&answers) {
                if answer.status == 201 {
                    acknowledged.push(*key);
                } else {
                    answer.problem(507, "storage_full");
                }
            }
            assert!(acknowledged.len() < 40, "the disk is full");
            let mut standing = keys_of(&ada, &case).await;
            standing.sort_unstable();
            acknowledged.sort_unstable();
            assert_eq!(standing, acknowledged, "what was acknowledged, and no more");
            let head = ada.case(&case).await;
            let long = json!({ "notes": { "value": "x".repeat(20_000), "version": 0 } });
            ada.patch(&format!("/cases/{case}"), long)
                .await
                .problem(507, "storage_full");
            assert_eq!(ada.case(&case).await, head, "nothing half-written");

            set_pages(desk, &ENOUGH_PAGES).await;
            for key in &keys {
                send(&ada, &case, *key).await.expect(201);
            }
            let mut standing = keys_of(&ada, &case).await;
            standing.sort_unstable();
            let mut all = keys.clone();
            all.sort_unstable();
            assert_eq!(standing, all, "sent again, each is there once");
        },
    );
}

static CUT_ALL_CONNECTIONS: SystemSql = system_sql!(
    sqlite: "SELECT 1 AS cut",
    postgres: "SELECT count(pg_terminate_backend(pid)) AS cut FROM pg_stat_activity
               WHERE datname = current_database() AND pid <> pg_backend_pid()"
);

#[test]
fn after_a_cut_to_postgresql_the_server_goes_on_and_no_message_is_doubled() {
    run(
        Dialect::Postgres,
        |_| {},
        async |desk: &mut Desk| {
            let ada = desk.administrator().await;
            let case = ada.create_case("Nick Evans").await;
            let keys: Vec<Uuid> = (0..60).map(|_| Uuid::now_v7()).collect();
            let cut = async {
                for _ in 0..5 {
                    let cut = desk.app.db().read(|tx| {
                        Box::pin(async move {
                            tx.system().row(&CUT_ALL_CONNECTIONS, &[]).await.map(|_| ())
                        })
                    });
                    // May itself be cut by nobody: it spares its own connection.
                    let outcome: Result<(), DbError> = cut.await;
                    outcome.expect("the cut");
                }
            };
            let sends = join_all(keys.iter().map(|key| async {
                // As a client does: again under the same key until it is acknowledged.
                loop {
                    let answer = send(&ada, &case, *key).await;
                    if answer.status == 201 {
                        break;
                    }
                    answer.problem(503, "not_saved");
                }
            }));
            futures_util::join!(cut, sends);
            let mut standing = keys_of(&ada, &case).await;
            standing.sort_unstable();
            let mut all = keys.clone();
            all.sort_unstable();
            assert_eq!(standing, all);
        },
    );
}
