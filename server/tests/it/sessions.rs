//! Signing in and out: what the cookie is, how many guesses there are, and how sessions end.

use std::time::{Duration, Instant};

use axum::http::Method;
use deskside::limits;
use futures_util::future::join_all;
use serde_json::{Value, json};

use crate::openapi::operations;
use crate::support::{Actor, Answer, Desk, PASSWORD, PUBLIC_URL, on_both_databases};

const COOKIE: &str = "__Host-deskside";
const MINUTE: Duration = Duration::from_secs(60);
const DAY: Duration = Duration::from_secs(86_400);

on_both_databases![
    the_cookie_is_for_this_server_alone,
    a_wrong_password_and_an_unknown_address_look_the_same,
    too_many_wrong_passwords_must_wait_and_a_restart_does_not_help,
    a_hundred_guesses_at_once_are_no_more_than_ten,
    right_passwords_are_not_counted,
    an_address_is_one_person_in_any_case,
    signing_out_ends_this_session_and_no_other,
    signing_out_everywhere_ends_every_session,
    an_unused_session_ends_after_two_weeks,
    a_used_session_ends_after_ninety_days,
    a_cookie_that_is_not_one_of_ours_opens_nothing,
    who_signs_in_as_someone_else_is_no_longer_who_they_were,
    other_sites_change_nothing,
    other_sites_open_no_sockets,
];

/// The value and the attributes of the cookie that an answer sets.
fn set_cookie(answer: &Answer) -> (String, Vec<String>) {
    let header = answer.header("set-cookie");
    let (pair, rest) = header.split_once("; ").expect("attributes");
    let (name, value) = pair.split_once('=').expect("a value");
    assert_eq!(name, COOKIE);
    let mut attributes: Vec<String> = rest.split("; ").map(str::to_owned).collect();
    attributes.sort();
    (value.to_owned(), attributes)
}

async fn the_cookie_is_for_this_server_alone(desk: &mut Desk) {
    desk.operator("Mari").await;
    let someone = desk.stranger();
    let first = someone.sign_in("mari@desk.example", PASSWORD).await;
    assert_eq!(first.expect(200)["operator"]["name"], "Mari");
    let (value, attributes) = set_cookie(&first);
    assert_eq!(
        attributes,
        [
            "HttpOnly",
            "Max-Age=7776000",
            "Path=/",
            "SameSite=Lax",
            "Secure"
        ],
        "no Domain, no script, no other site"
    );
    assert!(value.len() >= 43, "256 random bits, not {value}");
    let (again, _) = set_cookie(&someone.sign_in("mari@desk.example", PASSWORD).await);
    assert_ne!(again, value, "each sign-in is a session of its own");
}

/// What a client can tell two answers apart by.
fn shape(answer: &Answer) -> (u16, Vec<String>, Value) {
    let mut names: Vec<String> = answer.headers.keys().map(ToString::to_string).collect();
    names.sort();
    let mut body = answer.json();
    body["request_id"] = Value::Null;
    (answer.status, names, body)
}

async fn a_wrong_password_and_an_unknown_address_look_the_same(desk: &mut Desk) {
    desk.operator("Mari").await;
    let someone = desk.stranger();
    let mut times = [Vec::new(), Vec::new()];
    for _ in 0..5 {
        let mut shapes = Vec::new();
        for (at, email) in ["mari@desk.example", "nobody@desk.example"]
            .iter()
            .enumerate()
        {
            let began = Instant::now();
            let answer = someone.sign_in(email, "some other password").await;
            times[at].push(began.elapsed());
            answer.problem(401, "wrong_credentials");
            shapes.push(shape(&answer));
        }
        assert_eq!(shapes[0], shapes[1]);
    }
    let [known, unknown] = times.map(|times| times.into_iter().min().expect("times"));
    assert!(
        unknown > known / 3,
        "an unknown address is answered in {unknown:?}, a known one in {known:?}"
    );
    let long = "x".repeat(1_000);
    let too_long = someone.sign_in("mari@desk.example", &long).await;
    too_long.problem(401, "wrong_credentials");
    let email = format!("{long}@desk.example");
    someone
        .sign_in(&email, PASSWORD)
        .await
        .problem(401, "wrong_credentials");
    assert_eq!(someone.cookie(COOKIE), None);
}

async fn wrong_passwords(someone: &Actor, count: i64) {
    for _ in 0..count {
        someone
            .sign_in("mari@desk.example", "some other password")
            .await
            .problem(401, "wrong_credentials");
    }
}

async fn too_many_wrong_passwords_must_wait_and_a_restart_does_not_help(desk: &mut Desk) {
    desk.operator("Mari").await;
    desk.operator("Cole").await;
    let someone = desk.stranger();
    wrong_passwords(&someone, limits::SIGN_IN_FAILURES_PER_EMAIL).await;
    desk.wait(5 * MINUTE);
    let right = someone.sign_in("mari@desk.example", PASSWORD).await;
    let problem = right.problem(429, "too_many_attempts");
    let seconds = problem["retry_after_s"].as_u64().expect("seconds");
    assert!((590..=610).contains(&seconds), "{seconds} s of ten minutes");
    assert_eq!(right.header("retry-after"), seconds.to_string());

    desk.restart().await;
    someone
        .sign_in("MARI@desk.example", PASSWORD)
        .await
        .problem(429, "too_many_attempts");
    someone
        .sign_in("cole@desk.example", PASSWORD)
        .await
        .expect(200);

    desk.wait(Duration::from_secs(seconds));
    someone
        .sign_in("mari@desk.example", PASSWORD)
        .await
        .expect(200);
}

async fn a_hundred_guesses_at_once_are_no_more_than_ten(desk: &mut Desk) {
    desk.operator("Mari").await;
    let someone = desk.stranger();
    let guesses = (0..100).map(|guess| {
        let someone = &someone;
        async move {
            let password = format!("guess number {guess}");
            someone.sign_in("mari@desk.example", &password).await.status
        }
    });
    let statuses = join_all(guesses).await;
    let evaluated = statuses.iter().filter(|status| **status == 401).count();
    let refused = statuses.iter().filter(|status| **status == 429).count();
    assert_eq!(evaluated as i64, limits::SIGN_IN_FAILURES_PER_EMAIL);
    assert_eq!(evaluated + refused, 100, "{statuses:?}");
}

async fn right_passwords_are_not_counted(desk: &mut Desk) {
    desk.operator("Mari").await;
    let someone = desk.stranger();
    for _ in 0..limits::SIGN_IN_FAILURES_PER_EMAIL + 2 {
        someone
            .sign_in("mari@desk.example", PASSWORD)
            .await
            .expect(200);
    }
    wrong_passwords(&someone, limits::SIGN_IN_FAILURES_PER_EMAIL - 1).await;
    someone
        .sign_in("mari@desk.example", PASSWORD)
        .await
        .expect(200);
}

async fn an_address_is_one_person_in_any_case(desk: &mut Desk) {
    let mari = desk.operator("Mari").await;
    let someone = desk.stranger();
    someone
        .sign_in(" MARI@Desk.Example ", PASSWORD)
        .await
        .expect(200);
    assert_eq!(someone.id().await, mari.id().await);
}

async fn signing_out_ends_this_session_and_no_other(desk: &mut Desk) {
    let mari = desk.operator("Mari").await;
    let phone = desk.stranger();
    phone
        .sign_in("mari@desk.example", PASSWORD)
        .await
        .expect(200);
    let thief = mari.twin();
    let gone = mari.delete("/session").await;
    gone.expect(204);
    assert!(gone.header("set-cookie").contains("Max-Age=0"));
    assert_eq!(mari.cookie(COOKIE), None);
    thief.get("/me").await.problem(401, "not_signed_in");
    thief.delete("/session").await.problem(401, "not_signed_in");
    phone.get("/me").await.expect(200);
}

async fn signing_out_everywhere_ends_every_session(desk: &mut Desk) {
    let mari = desk.operator("Mari").await;
    let cole = desk.operator("Cole").await;
    let phone = desk.stranger();
    phone
        .sign_in("mari@desk.example", PASSWORD)
        .await
        .expect(200);
    let thief = mari.twin();
    phone.delete("/sessions").await.expect(204);
    for ended in [mari, phone, thief] {
        ended.get("/me").await.problem(401, "not_signed_in");
    }
    cole.get("/me").await.expect(200);
}

async fn an_unused_session_ends_after_two_weeks(desk: &mut Desk) {
    let mari = desk.operator("Mari").await;
    desk.wait(13 * DAY);
    mari.get("/me").await.expect(200);
    desk.wait(14 * DAY);
    mari.get("/me").await.expect(200);
    desk.wait(14 * DAY + Duration::from_secs(1));
    mari.get("/me").await.problem(401, "not_signed_in");
    mari.live("/live").await.map(|_| ()).expect_err("no socket");
}

async fn a_used_session_ends_after_ninety_days(desk: &mut Desk) {
    let mari = desk.operator("Mari").await;
    for _ in 0..9 {
        desk.wait(10 * DAY);
        mari.get("/me").await.expect(200);
    }
    desk.wait(Duration::from_secs(1));
    mari.get("/me").await.problem(401, "not_signed_in");
}

async fn a_cookie_that_is_not_one_of_ours_opens_nothing(desk: &mut Desk) {
    let mari = desk.operator("Mari").await;
    let secret = mari.cookie(COOKIE).expect("a cookie");
    let someone = desk.stranger();
    for wrong in ["", "x", &secret[1..], &"x".repeat(43), &"x".repeat(5_000)] {
        someone.set_cookie(COOKIE, wrong);
        someone.get("/me").await.problem(401, "not_signed_in");
    }
    let with = |cookies: String| {
        desk.stranger()
            .request(Method::GET, "/me")
            .header("cookie", &cookies)
            .send()
    };
    with(format!("{COOKIE}={secret}")).await.expect(200);
    with(format!("{COOKIE}={secret}; {COOKIE}={secret}"))
        .await
        .problem(401, "not_signed_in");
    with(format!("deskside={secret}"))
        .await
        .problem(401, "not_signed_in");
}

/// What a browser says about a request that another website made.
const FOREIGN: [&[(&str, &str)]; 6] = [
    &[("sec-fetch-site", "cross-site")],
    &[("sec-fetch-site", "same-site")],
    &[("sec-fetch-site", "cross-site"), ("origin", PUBLIC_URL)],
    &[("origin", "https://evil.example")],
    &[("origin", "null")],
    &[("origin", "https://desk.example.evil.example")],
];

async fn other_sites_change_nothing(desk: &mut Desk) {
    let ada = desk.administrator().await;
    let case = ada.create_case("Nick Evans").await;
    let before = ada.case(&case).await;
    for (method, pattern, _) in operations() {
        let method: Method = method.parse().expect("a method");
        let path = pattern
            .trim_start_matches("/api/v1")
            .replace("{case_id}", &case)
            .replace("{operator_id}", &ada.id().await);
        for headers in FOREIGN {
            let mut request = ada.request(method.clone(), &path);
            for (name, value) in headers {
                request = request.header(name, value);
            }
            if method.is_safe() {
                assert_ne!(
                    request.send().await.status,
                    403,
                    "{pattern} is free to read"
                );
            } else {
                let answer = request.json(json!({})).send().await;
                answer.problem(403, "cross_site");
            }
        }
    }
    assert_eq!(ada.case(&case).await, before);
    let own = ada
        .request(Method::DELETE, &format!("/cases/{case}"))
        .header("sec-fetch-site", "same-origin")
        .header("origin", PUBLIC_URL);
    own.send().await.expect(204);
}

async fn other_sites_open_no_sockets(desk: &mut Desk) {
    let ada = desk.administrator().await;
    let case = ada.create_case("Nick Evans").await;
    let guest = ada.guest_of(&case).await;
    let guest_path = format!("/guest/cases/{case}/live");
    for headers in FOREIGN {
        assert_eq!(ada.live_with("/live", headers).await.err(), Some(403));
        assert_eq!(guest.live_with(&guest_path, headers).await.err(), Some(403));
    }
    let here = format!("http://{}", desk.address());
    for origin in [PUBLIC_URL, &here] {
        let own = [("origin", origin), ("sec-fetch-site", "same-origin")];
        for (who, path) in [(&ada, "/live"), (&guest, guest_path.as_str())] {
            let socket = who.live_with(path, &own).await;
            socket.expect("our own page opens a socket").leave().await;
        }
    }
}

async fn who_signs_in_as_someone_else_is_no_longer_who_they_were(desk: &mut Desk) {
    desk.operator("Mari").await;
    desk.operator("Cole").await;
    let browser = desk.stranger();
    let mari = browser.sign_in("mari@desk.example", PASSWORD).await;
    mari.expect(200);
    let mut first_tab = browser.live("/live").await.expect("a socket");
    first_tab.next_of("hello").await;
    let cole = browser.sign_in("cole@desk.example", PASSWORD).await;
    cole.expect(200);
    assert_eq!(
        first_tab.closed().await,
        4401,
        "the tab must not write as Cole"
    );
}
