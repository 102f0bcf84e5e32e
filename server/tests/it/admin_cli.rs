//! What whoever runs the server does from its shell, by the real program.

use std::path::Path;
use std::process::Command;

use deskside::admin::{self, Seats};
use deskside::migrations::MIGRATIONS;
use deskside::team::Plan;
use deskside_db::testing::TestDatabase;
use deskside_db::{Backend, Dialect};
use serde_json::json;
use tempfile::TempDir;

use crate::support::{Desk, PASSWORD, on_both_databases, token_of};

on_both_databases![
    plan_and_seats_count_at_once_and_nobody_loses_a_seat,
    a_link_from_the_shell_sets_a_password,
];

async fn plan_and_seats_count_at_once_and_nobody_loses_a_seat(desk: &mut Desk) {
    let ada = desk.administrator().await;
    let mari = desk.operator("Mari").await;
    let organization = ada.get("/organization").await.expect(200);
    assert_eq!(
        (&organization["plan"], &organization["seats"]),
        (&json!("enterprise"), &json!(null))
    );
    let id = organization["id"].as_str().unwrap();
    let mut screen = ada.live("/live").await.expect("a socket");
    screen.next_of("hello").await;
    let set = admin::set_organization(&desk.app, id, Some(Plan::Starter), Some(Seats::Number(1)))
        .await
        .unwrap();
    assert_eq!(
        (set.plan, set.seats, set.seats_used),
        (Plan::Starter, Some(1), 2)
    );
    screen.next_event("organization.changed").await;
    let organization = ada.get("/organization").await.expect(200);
    assert_eq!(
        (&organization["plan"], &organization["seats"]),
        (&json!("starter"), &json!(1))
    );
    mari.create_case("Nick").await;
    let cole = desk.operator("Cole").await;
    assert_eq!(cole.get("/me").await.expect(200)["operator"]["seat"], false);

    let set = admin::set_organization(&desk.app, id, None, Some(Seats::Unlimited))
        .await
        .unwrap();
    assert_eq!(
        (set.plan, set.seats),
        (Plan::Starter, None),
        "what is not said stays"
    );
    for (id, word) in [
        ("org_x", "no id"),
        (desk_like(id).as_str(), "There is no organization"),
    ] {
        let error = admin::set_organization(&desk.app, id, Some(Plan::Starter), None)
            .await
            .unwrap_err();
        assert!(error.to_string().contains(word), "{error}");
    }
}

/// An id of the same form that nobody has.
fn desk_like(id: &str) -> String {
    let last = if id.ends_with('0') { '1' } else { '0' };
    format!("{}{last}", &id[..id.len() - 1])
}

async fn a_link_from_the_shell_sets_a_password(desk: &mut Desk) {
    let mari = desk.operator("Mari").await;
    let link = admin::password_link(&desk.app, "Mari@desk.example")
        .await
        .unwrap();
    let body = json!({ "token": token_of(&link), "new": "noch ein langes Wort" });
    desk.stranger()
        .post("/password-resets/use", body)
        .await
        .expect(204);
    mari.get("/me").await.problem(401, "not_signed_in");
    mari.sign_in("mari@desk.example", PASSWORD)
        .await
        .problem(401, "wrong_credentials");
    let nobody = admin::password_link(&desk.app, "nobody@desk.example").await;
    assert!(nobody.is_err());
}

#[test]
fn the_program_lists_and_sets_on_sqlite() {
    the_program_lists_and_sets(Dialect::Sqlite);
}

#[test]
fn the_program_lists_and_sets_on_postgres() {
    the_program_lists_and_sets(Dialect::Postgres);
}

fn the_program_lists_and_sets(dialect: Dialect) {
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    let database = runtime.block_on(TestDatabase::make(dialect, MIGRATIONS));
    let url = match database.backend() {
        Backend::Postgres { url, .. } => url,
        Backend::Sqlite { .. } => String::new(),
    };
    let folder = TempDir::new().unwrap();
    let run = |arguments: &[&str]| admin_run(folder.path(), &url, arguments);

    let (fine, out, _) = run(&["organization", "list"]);
    assert!(fine && out.is_empty(), "{out}");
    for (name, email) in [
        ("Desk GmbH", "ada@desk.example"),
        ("Other", "otto@other.example"),
    ] {
        let (fine, out, error) = run(&[
            "organization",
            "add",
            name,
            "--email",
            email,
            "--administrator",
            "Someone",
        ]);
        assert!(fine && out.contains(email), "{out}{error}");
    }
    let (_, out, _) = run(&["organization", "list"]);
    let lines: Vec<&str> = out.lines().collect();
    assert_eq!(lines.len(), 2, "{out}");
    assert!(
        lines[0].ends_with("plan enterprise  seats unlimited (1 in use)  Desk GmbH"),
        "{out}"
    );
    let id = lines[0].split_whitespace().next().unwrap();

    let (fine, out, error) = run(&[
        "organization",
        "set",
        id,
        "--plan",
        "professional",
        "--seats",
        "7",
    ]);
    assert!(
        fine && out.contains("plan professional  seats 7 (1 in use)"),
        "{out}{error}"
    );
    let (_, out, _) = run(&["organization", "list"]);
    assert!(
        out.contains("seats 7") && out.contains("plan enterprise"),
        "{out}"
    );
    let (fine, out, error) = run(&["password-link", "ada@desk.example"]);
    assert!(
        fine && out.starts_with("http://localhost:8080/reset/"),
        "{out}{error}"
    );

    let (fine, out, error) = run(&["audit", "verify"]);
    assert!(fine, "{error}");
    assert!(
        out.lines().count() == 2 && out.contains("all as they were written  Desk GmbH"),
        "{out}"
    );

    let wrong: [(&[&str], &str); 6] = [
        (&["organization", "set", id], "--plan, --seats or both"),
        (
            &["organization", "set", id, "--plan", "gold"],
            "starter, professional or enterprise",
        ),
        (&["organization", "set", id, "--seats", "0"], "or unlimited"),
        (
            &["organization", "set", id, "--seats", "many"],
            "or unlimited",
        ),
        (
            &["organization", "set", "org_x", "--seats", "1"],
            "organization list",
        ),
        (
            &["password-link", "nobody@desk.example"],
            "nobody@desk.example",
        ),
    ];
    for (arguments, word) in wrong {
        let (fine, _, error) = run(arguments);
        assert!(!fine && error.contains(word), "{arguments:?}: {error}");
    }
    runtime.block_on(database.remove());
}

/// Runs `deskside admin …` over a data folder: whether it went well, what it printed, what it complained of.
fn admin_run(data: &Path, postgres: &str, arguments: &[&str]) -> (bool, String, String) {
    let out = Command::new(env!("CARGO_BIN_EXE_deskside"))
        .arg("admin")
        .args(arguments)
        .arg("--data")
        .arg(data)
        .env("DESKSIDE_DATABASE__URL", postgres)
        .env("DESKSIDE_LOG__FILTER", "warn")
        .output()
        .expect("the program runs");
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    (out.status.success(), text(&out.stdout), text(&out.stderr))
}
