//! Pages and assets: what they may do, and that nothing else is served.

use std::path::{Path, PathBuf};

use axum::http::Method;
use serde_json::json;

use crate::support::{Actor, Answer, Desk, on_both_databases};

on_both_databases![
    every_answer_binds_what_a_page_may_do,
    each_page_has_its_html,
    what_is_no_page_is_not_found,
    assets_are_kept_for_ever_and_served_small,
    nothing_outside_of_the_web_is_served,
    health_says_how_the_server_is,
];

/// The built web, when it is there; tests pass without it.
fn dist() -> Option<PathBuf> {
    let dist = Path::new(env!("CARGO_MANIFEST_DIR")).join("../web/dist");
    dist.join("dashboard.html").exists().then_some(dist)
}

async fn open(who: &Actor, path: &str) -> Answer {
    who.page(Method::GET, path).send().await
}

/// A page, or the sentence that says what to do before there is one.
fn is_page(answer: &Answer, status: u16) {
    if dist().is_some() {
        assert_eq!(answer.status, status, "{}", answer.asked);
        assert_eq!(answer.header("content-type"), "text/html; charset=utf-8");
    } else {
        answer.problem(500, "internal");
    }
}

async fn every_answer_binds_what_a_page_may_do(desk: &mut Desk) {
    let ada = desk.administrator().await;
    let case = ada.create_case("Nick Evans").await;
    let paths = [
        "/".to_owned(),
        "/sign-in".into(),
        "/g/0123456789012345678901".into(),
        "/nowhere".into(),
        "/assets/nothing.js".into(),
        "/livez".into(),
        "/readyz".into(),
        "/api/v1/me".into(),
        format!("/api/v1/cases/{case}"),
        "/api/v1/nothing".into(),
    ];
    for path in paths {
        let answer = open(&ada, &path).await;
        let policy = answer.header("content-security-policy");
        for rule in ["default-src 'none'", "frame-ancestors 'none'"] {
            assert!(policy.contains(rule), "{path}: {policy}");
        }
        for hole in ["unsafe-inline", "unsafe-eval", "*", "http:", "https:"] {
            assert!(!policy.contains(hole), "{path}: {policy}");
        }
        for (name, value) in [
            ("x-content-type-options", "nosniff"),
            ("referrer-policy", "no-referrer"),
            ("x-frame-options", "DENY"),
            ("cross-origin-opener-policy", "same-origin"),
            ("cross-origin-resource-policy", "same-origin"),
        ] {
            assert_eq!(answer.header(name), value, "{path}");
        }
        assert_eq!(answer.header("server"), "", "{path}");
        if path.starts_with("/api/") {
            assert_eq!(answer.header("cache-control"), "no-store", "{path}");
        }
    }
}

async fn each_page_has_its_html(desk: &mut Desk) {
    let someone = desk.stranger();
    for path in [
        "/",
        "/sign-in",
        "/setup/x",
        "/invite/x",
        "/cases/x",
        "/settings/team",
        "/g/x",
    ] {
        let page = open(&someone, path).await;
        is_page(&page, 200);
        assert_eq!(page.header("set-cookie"), "");
        let head = someone.page(Method::HEAD, path).send().await;
        assert_eq!(head.status, page.status, "{path}");
        assert!(head.body.is_empty(), "{path}");
        let Some(dist) = dist() else { continue };
        let file = if path.starts_with("/g/") {
            "guest.html"
        } else {
            "dashboard.html"
        };
        let html = std::fs::read_to_string(dist.join(file)).expect("the page");
        assert_eq!(page.text(), html, "{path}");
        for inline in ["<style", " style=", " onload=", " onclick="] {
            assert!(!html.contains(inline), "{file} has {inline}");
        }
        for script in html.split("<script").skip(1) {
            let tag = script.split('>').next().unwrap_or_default();
            assert!(tag.contains(" src="), "{file} has an inline script");
        }
        let policy = page.header("content-security-policy");
        for rule in [
            "script-src 'self'",
            "style-src 'self'",
            "base-uri 'none'",
            "form-action 'self'",
        ] {
            assert!(policy.contains(rule), "{policy}");
        }
        let tag = page.header("etag");
        let known = someone
            .page(Method::GET, path)
            .header("if-none-match", tag)
            .send()
            .await;
        assert_eq!((known.status, known.body.len()), (304, 0), "{path}");
    }
}

async fn what_is_no_page_is_not_found(desk: &mut Desk) {
    let someone = desk.stranger();
    for path in [
        "/nowhere",
        "/admin",
        "/index.html",
        "/.env",
        "/wp-login.php",
    ] {
        is_page(&open(&someone, path).await, 404);
    }
    for path in [
        "/api",
        "/api/",
        "/api/v1",
        "/api/v2/cases",
        "/api/v1/cases/",
    ] {
        open(&someone, path).await.problem(404, "not_found");
    }
    for (method, path) in [
        (Method::POST, "/"),
        (Method::PUT, "/g/x"),
        (Method::DELETE, "/cases/x"),
        (Method::PATCH, "/assets/x.js"),
    ] {
        let answer = someone.page(method, path).json(json!({})).send().await;
        answer.problem(405, "method_not_allowed");
    }
}

async fn assets_are_kept_for_ever_and_served_small(desk: &mut Desk) {
    let someone = desk.stranger();
    open(&someone, "/assets/nothing.js")
        .await
        .problem(404, "not_found");
    let Some(dist) = dist() else { return };
    let scripts: Vec<String> = std::fs::read_dir(dist.join("assets"))
        .expect("assets")
        .map(|entry| {
            entry
                .expect("an entry")
                .file_name()
                .into_string()
                .expect("a name")
        })
        .filter(|name| name.ends_with(".js") && dist.join(format!("assets/{name}.br")).exists())
        .collect();
    let name = scripts.first().expect("a script that is stored small");
    let path = format!("/assets/{name}");
    let plain = std::fs::read(dist.join("assets").join(name)).expect("the script");
    for (accepted, encoding, ending) in [
        ("gzip, deflate, br", "br", ".br"),
        ("gzip", "gzip", ".gz"),
        ("identity", "", ""),
    ] {
        let asset = someone
            .page(Method::GET, &path)
            .header("accept-encoding", accepted)
            .send()
            .await;
        assert_eq!(asset.status, 200);
        assert_eq!(asset.header("content-encoding"), encoding);
        assert_eq!(asset.header("vary"), "accept-encoding");
        assert_eq!(
            asset.header("cache-control"),
            "public, max-age=31536000, immutable"
        );
        assert_eq!(
            asset.header("content-type"),
            "text/javascript; charset=utf-8"
        );
        let stored = std::fs::read(dist.join(format!("assets/{name}{ending}"))).expect("a file");
        assert_eq!(asset.body, stored);
        assert!(asset.body.len() <= plain.len());
    }
}

async fn nothing_outside_of_the_web_is_served(desk: &mut Desk) {
    let someone = desk.stranger();
    for path in [
        "/assets/..%2f..%2fpackage.json",
        "/assets/%2e%2e/%2e%2e/package.json",
        "/assets/....//package.json",
        "/assets//etc/passwd",
        "/assets/%2fetc%2fpasswd",
        "/assets/..%5c..%5cpackage.json",
        "/assets/",
        "/assets",
        "/favicon.svg/../../package.json",
        "/.vite/manifest.json",
    ] {
        let answer = open(&someone, path).await;
        assert!(
            answer.status == 404 || dist().is_none() && answer.status == 500,
            "{path}: {}",
            answer.status
        );
        assert!(!answer.text().contains("\"dependencies\""), "{path}");
        assert!(!answer.text().contains("root:"), "{path}");
    }
}

async fn health_says_how_the_server_is(desk: &mut Desk) {
    let someone = desk.stranger();
    for path in ["/livez", "/readyz"] {
        let answer = open(&someone, path).await;
        assert_eq!((answer.status, answer.text().as_str()), (200, "ok\n"));
    }
    desk.app.hub.stop();
    assert_eq!(open(&someone, "/livez").await.status, 200);
    let stopping = open(&someone, "/readyz").await;
    assert_eq!(
        (stopping.status, stopping.text().as_str()),
        (503, "stopping\n")
    );
}
