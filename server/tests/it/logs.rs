//! What the log never holds: marked content goes through every endpoint of the real program, and no mark
//! turns up in the most talkative log there is.

use std::fs::File;
use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;

use axum::http::Method;
use deskside::migrations::MIGRATIONS;
use deskside_db::testing::TestDatabase;
use deskside_db::{Backend, Dialect};
use serde_json::json;
use tempfile::TempDir;

use crate::support::{Actor, Caller, PASSWORD, Wire, start_call, token_of};

/// Stands in everything that people write here.
const MARK: &str = "Zwiebelfisch";

struct Program(Child);

impl Drop for Program {
    fn drop(&mut self) {
        // It may have ended already, which is what is wanted.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

#[test]
fn no_word_of_anyone_is_in_the_log_on_sqlite() {
    no_word_of_anyone_is_in_the_log(Dialect::Sqlite);
}

#[test]
fn no_word_of_anyone_is_in_the_log_on_postgres() {
    no_word_of_anyone_is_in_the_log(Dialect::Postgres);
}

fn no_word_of_anyone_is_in_the_log(dialect: Dialect) {
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    runtime.block_on(async {
        let folder = TempDir::new().unwrap();
        let database = TestDatabase::make(dialect, MIGRATIONS).await;
        let url = match database.backend() {
            Backend::Postgres { url, .. } => url,
            Backend::Sqlite { .. } => String::new(),
        };
        let log = folder.path().join("log");
        let child = Command::new(env!("CARGO_BIN_EXE_deskside"))
            .args(["serve", "--listen", "127.0.0.1:0", "--data"])
            .arg(folder.path().join("data"))
            .env("DESKSIDE_DATABASE__URL", url)
            .env("DESKSIDE_MEDIA__LISTEN", "127.0.0.1")
            .env("DESKSIDE_MEDIA__PORT", "0")
            .env("DESKSIDE_LOG__FILTER", "trace")
            .env("DESKSIDE_LOG__FORMAT", "json")
            .stdout(Stdio::piped())
            .stderr(File::create(&log).unwrap())
            .spawn()
            .expect("the program starts");
        let mut program = Program(child);
        let out = BufReader::new(program.0.stdout.take().expect("its output"));
        let link = out
            .lines()
            .map(|line| line.expect("a line"))
            .find(|line| line.contains("/setup/"))
            .expect("a set-up link");
        let link = link.split_whitespace().last().expect("a link").to_owned();
        let address = link
            .trim_start_matches("http://localhost:")
            .split('/')
            .next()
            .expect("a port");
        let wire = Arc::new(Wire::new());
        wire.move_to(format!("127.0.0.1:{address}").parse().expect("an address"));
        let mut secrets = visit(&wire, token_of(&link)).await;
        drop(program);
        database.remove().await;

        let log = std::fs::read_to_string(&log).expect("the log");
        let answered = log.matches("Answered a request.").count();
        assert!(answered >= 30, "{answered} requests are in the log");
        assert!(log.lines().all(|line| line.starts_with('{')), "JSON lines");
        secrets.extend([MARK.to_owned(), PASSWORD.into(), token_of(&link).into()]);
        for secret in secrets {
            let line = log
                .lines()
                .find(|line| line.to_lowercase().contains(&secret.to_lowercase()));
            assert_eq!(line, None, "{secret} is in the log");
        }
    });
}

/// What stands in an offer or answer and lets one into the connection.
fn secrets_of(sdp: &str) -> Vec<String> {
    let names = ["a=ice-ufrag:", "a=ice-pwd:", "a=fingerprint:sha-256 "];
    let found: Vec<String> = sdp
        .lines()
        .filter_map(|line| names.iter().find_map(|name| line.strip_prefix(name)))
        .map(ToOwned::to_owned)
        .collect();
    assert!(found.len() >= 3, "{sdp}");
    found
}

/// Goes through everything, right and wrong; what must stay secret besides the mark.
async fn visit(wire: &Arc<Wire>, setup: &str) -> Vec<String> {
    let mut secrets = vec!["7712345".to_owned()];
    let ada = Actor::new(wire.clone());
    ada.set_up(setup, &format!("{MARK} Ada")).await.expect(201);
    ada.set_up(setup, MARK).await.problem(409, "setup_closed");
    let mari = ada.invite(&format!("{MARK} Mari"), "operator").await;
    let invite = json!({ "email": format!("{MARK}@mail.example"), "role": "operator" });
    let pending = ada.post("/operator-invites", &invite).await.expect(201);
    let token = token_of(pending["link"].as_str().expect("a link")).to_owned();
    let someone = Actor::new(wire.clone());
    someone
        .post("/operator-invites/lookup", json!({ "token": token }))
        .await
        .expect(200);
    secrets.push(token);
    someone
        .sign_in(&format!("{MARK}@nowhere.example"), MARK)
        .await
        .problem(401, "wrong_credentials");
    let change = json!({ "name": MARK, "contact_email": format!("{MARK}@mail.example"), "contact_phone": "+49 30 7712345" });
    ada.patch("/organization", change).await.expect(200);
    mari.patch("/me", json!({ "name": format!("{MARK} Leht") }))
        .await
        .expect(200);

    let new = json!({ "name": MARK, "email": format!("{MARK}@mail.example"), "phone": "+49 30 7712345",
        "internal_reference": MARK, "notes": MARK });
    let case = mari.post("/cases", &new).await.expect(201);
    let case = case["id"].as_str().expect("an id").to_owned();
    let path = format!("/cases/{case}");
    let link = mari.guest_link(&case).await;
    secrets.push(token_of(&link).to_owned());
    let guest = mari.guest_of(&case).await;
    guest
        .page(Method::GET, &format!("/g/{}", token_of(&link)))
        .send()
        .await;
    for (who, name) in [(&ada, "__Host-deskside"), (&guest, "__Host-deskside_guest")] {
        secrets.push(who.cookie(name).expect("a cookie"));
    }
    let mut page = guest
        .live(&format!("/guest/cases/{case}/live"))
        .await
        .expect("a socket");
    page.next_of("hello").await;
    mari.send(&case, MARK).await;
    guest.guest_send(&case, MARK).await;
    page.say_text(&format!("{{\"kind\": \"{MARK}\"}}")).await;
    let stale = json!({ "notes": { "value": format!("{MARK} two"), "version": 9 } });
    mari.patch(&path, stale)
        .await
        .problem(409, "field_conflict");
    let draft = json!({ "text": MARK, "version": 0 });
    mari.put(&format!("{path}/draft"), draft).await.expect(200);
    mari.get(&format!("/cases?{MARK}=1"))
        .await
        .problem(422, "unknown_field");
    mari.post("/cases", json!({ MARK: 1 }))
        .await
        .problem(422, "unknown_field");
    mari.post("/cases", json!({ "name": 1, "notes": MARK }))
        .await
        .problem(400, "bad_json");
    mari.get(&format!("/cases/{MARK}"))
        .await
        .problem(404, "not_found");
    let call = start_call(&mari, &case).await;
    let mut operator = Caller::operator(&mari, &case, &call).await;
    let mut caller = Caller::guest(&guest, &case, &call).await;
    for one in [&mut operator, &mut caller] {
        one.peer.as_mut().expect("a connection").hears().await;
        one.media("off", "off").await.expect(204);
        let bad =
            json!({ "offer": format!("v=0\r\ns={MARK}\r\n"), "microphone": "on", "video": "off" });
        let join = format!("{}/participants", one.call);
        one.actor
            .post(&join, bad)
            .await
            .problem(422, "offer_invalid");
        secrets.push(one.token.clone());
        let answer = one.joined["answer"].as_str().expect("an answer");
        secrets.extend(secrets_of(&one.offer));
        secrets.extend(secrets_of(answer));
    }
    // A person's address: where their packets come from.
    for line in operator.offer.lines().chain(caller.offer.lines()) {
        let words: Vec<&str> = line.split(' ').collect();
        if words[0].starts_with("a=candidate:") {
            secrets.push(format!("{}:{}", words[4], words[5]));
        }
    }
    drop((operator.peer.take(), caller.peer.take()));
    for act in ["complete", "reopen"] {
        mari.post(&format!("{path}/{act}"), json!({}))
            .await
            .expect(200);
    }
    mari.delete(&path).await.expect(204);
    for path in [
        format!("/{MARK}"),
        format!("/invite/{MARK}"),
        format!("/g/{MARK}"),
    ] {
        guest.page(Method::GET, &path).send().await;
    }
    mari.delete("/sessions").await.expect(204);
    secrets
}
