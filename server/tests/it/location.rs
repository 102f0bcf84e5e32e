//! The customer's location: asked on the guest's page, stored only when shared (S111–S115, P20, G11).

use axum::http::Method;
use deskside_db::{DbError, SystemSql, Uuid, system_sql};
use serde_json::{Value, json};

use crate::support::{Actor, Answer, Desk, on_both_databases};

on_both_databases![
    off_until_an_administrator_turns_it_on,
    another_plan_has_no_locations,
    a_shared_location_stands_in_the_case_and_in_no_event,
    a_refusal_stores_nothing_but_the_refusal,
    a_device_that_cannot_tell_says_why,
    a_refusal_takes_back_what_was_shared_before,
    a_case_has_one_request_at_a_time,
    a_late_answer_to_an_older_request_is_refused,
    forgetting_deletes_the_place_and_withdraws_the_question,
    coordinates_have_their_bounds,
    only_the_guest_of_the_case_answers,
    a_completed_case_is_neither_asked_nor_answered,
    answering_twice_under_one_key_is_one_answer,
    of_two_answers_at_once_one_counts,
    the_question_comes_to_the_page_and_the_answer_to_the_screen,
];

/// Somewhere in Berlin.
const LATITUDE: f64 = 52.516_275;
const LONGITUDE: f64 = 13.377_704;

/// A case with its operator and its guest, in an organization where locations are turned on.
struct Scene {
    ada: Actor,
    mari: Actor,
    guest: Actor,
    case: String,
}

impl Scene {
    async fn open(desk: &Desk) -> Scene {
        let ada = desk.administrator().await;
        switch(&ada, true).await;
        let mari = desk.operator("Mari").await;
        let case = mari.create_case("Nick Evans").await;
        let guest = mari.guest_of(&case).await;
        Scene {
            ada,
            mari,
            guest,
            case,
        }
    }

    async fn request(&self) -> Answer {
        let path = format!("/cases/{}/location/request", self.case);
        self.mari.post(&path, json!({})).await
    }

    /// Asks; the id of the request as the guest's page sees it.
    async fn ask(&self) -> String {
        self.request().await.expect(202);
        let request = self.question().await;
        request["id"].as_str().expect("a question").to_owned()
    }

    /// The question that waits on the guest's page.
    async fn question(&self) -> Value {
        let case = self.guest.get(&format!("/guest/cases/{}", self.case)).await;
        case.expect(200)["location_request"].clone()
    }

    async fn answer(&self, body: Value) -> Answer {
        let path = format!("/guest/cases/{}/location", self.case);
        self.guest.post(&path, body).await
    }

    /// The location as an operator sees it.
    async fn location(&self) -> Value {
        self.mari.case(&self.case).await["location"].clone()
    }

    async fn forget(&self) -> Answer {
        let path = format!("/cases/{}/location", self.case);
        self.mari.delete(&path).await
    }

    /// The kinds of the timeline's entries about locations.
    async fn story(&self) -> Vec<String> {
        let path = format!("/cases/{}/timeline?limit=200", self.case);
        let timeline = self.mari.get(&path).await.expect(200);
        let entries = timeline["entries"].as_array().expect("entries");
        entries
            .iter()
            .filter_map(|entry| entry["event"]["type"].as_str())
            .filter_map(|kind| kind.strip_prefix("location."))
            .map(ToOwned::to_owned)
            .collect()
    }
}

async fn switch(ada: &Actor, on: bool) {
    let change = json!({ "location_enabled": on });
    ada.patch("/organization", change).await.expect(200);
}

fn shared(request: &str) -> Value {
    json!({ "request": request, "answer": "shared", "latitude": LATITUDE, "longitude": LONGITUDE, "accuracy_m": 12.2 })
}

fn refused(request: &str) -> Value {
    json!({ "request": request, "answer": "refused" })
}

static CONSENTS: SystemSql =
    system_sql!("SELECT answer, text_version, language, kind FROM consents ORDER BY at, id");

/// The answers of the ledger.
async fn consents(desk: &Desk) -> Vec<String> {
    desk.app
        .db()
        .read(|tx| {
            Box::pin(async move {
                let mut answers = Vec::new();
                for row in tx.system().rows(&CONSENTS, &[]).await? {
                    let version: i64 = row.get("text_version")?;
                    assert_eq!(version, deskside::consents::LOCATION_TEXT_VERSION);
                    assert_eq!(row.get::<String>("kind")?, "location");
                    assert_eq!(row.get::<String>("language")?, "en");
                    answers.push(row.get("answer")?);
                }
                Ok::<_, DbError>(answers)
            })
        })
        .await
        .expect("the ledger can be read")
}

static COORDINATES: SystemSql = system_sql!(
    "SELECT count(*) AS rows_with FROM case_locations
     WHERE latitude_e7 IS NOT NULL OR longitude_e7 IS NOT NULL OR accuracy_m IS NOT NULL OR located_at IS NOT NULL"
);

/// In how many rows coordinates stand.
async fn rows_with_coordinates(desk: &Desk) -> i64 {
    desk.app
        .db()
        .read(|tx| {
            Box::pin(async move {
                let row = tx.system().row(&COORDINATES, &[]).await?;
                row.expect("a count").get("rows_with")
            })
        })
        .await
        .map_err(|error: DbError| error)
        .expect("the rows can be counted")
}

async fn off_until_an_administrator_turns_it_on(desk: &mut Desk) {
    let scene = Scene::open(desk).await;
    switch(&scene.ada, false).await;
    let refused_on = async |request: &str| {
        scene.request().await.problem(403, "location_off");
        scene.forget().await.problem(403, "location_off");
        scene
            .answer(shared(request))
            .await
            .problem(403, "location_off");
        assert_eq!(scene.location().await, Value::Null);
        assert_eq!(scene.question().await, Value::Null);
    };
    refused_on("loc_019d8b1c3f707cc298c4dc0c0c").await;
    assert!(scene.story().await.is_empty());

    switch(&scene.ada, true).await;
    assert_eq!(scene.location().await, json!({ "state": "none" }));
    let request = scene.ask().await;
    switch(&scene.ada, false).await;
    refused_on(&request).await;
    assert_eq!(rows_with_coordinates(desk).await, 0);
    assert!(consents(desk).await.is_empty());
    switch(&scene.ada, true).await;
    scene.answer(shared(&request)).await.expect(204);
}

async fn another_plan_has_no_locations(desk: &mut Desk) {
    let scene = Scene::open(desk).await;
    let request = scene.ask().await;
    for plan in ["professional", "starter"] {
        desk.set_plan(plan).await;
        for answer in [
            scene.request().await,
            scene.forget().await,
            scene.answer(shared(&request)).await,
        ] {
            let problem = answer.problem(403, "plan_required");
            assert_eq!(problem["plan"], "enterprise");
        }
        assert_eq!(scene.location().await, Value::Null);
        assert_eq!(scene.question().await, Value::Null);
    }
    desk.set_plan("enterprise").await;
    scene.answer(shared(&request)).await.expect(204);
    assert_eq!(scene.location().await["state"], "shared");
}

async fn a_shared_location_stands_in_the_case_and_in_no_event(desk: &mut Desk) {
    let scene = Scene::open(desk).await;
    let request = scene.ask().await;
    let question = scene.question().await;
    assert_eq!(question["operator"]["name"], "Mari");
    let asked = scene.location().await;
    assert_eq!(asked["state"], "asked");
    assert_eq!(asked["at"], question["at"]);
    scene.answer(shared(&request)).await.expect(204);
    let location = scene.location().await;
    assert_eq!(location["state"], "shared");
    assert_eq!(location["latitude"], LATITUDE);
    assert_eq!(location["longitude"], LONGITUDE);
    assert_eq!(location["accuracy_m"], 13, "rounded to the worse side");
    assert!(location["at"].is_string());
    assert_eq!(scene.question().await, Value::Null);
    assert_eq!(scene.story().await, ["requested", "shared"]);
    let timeline = format!("/cases/{}/timeline?limit=200", scene.case);
    let timeline = scene.mari.get(&timeline).await.text();
    assert!(
        !timeline.contains("52.5") && !timeline.contains("52516"),
        "{timeline}"
    );
    assert_eq!(consents(desk).await, ["given"]);
    assert_eq!(rows_with_coordinates(desk).await, 1, "the search finds it");
}

async fn a_refusal_stores_nothing_but_the_refusal(desk: &mut Desk) {
    let scene = Scene::open(desk).await;
    let request = scene.ask().await;
    // Whatever a page sends along with a no is not kept.
    let mut no = shared(&request);
    no["answer"] = json!("refused");
    scene.answer(no).await.expect(204);
    let location = scene.location().await;
    assert_eq!(location["state"], "refused");
    for left in ["latitude", "longitude", "accuracy_m", "reason"] {
        assert!(location.get(left).is_none(), "{location}");
    }
    assert_eq!(rows_with_coordinates(desk).await, 0);
    assert_eq!(consents(desk).await, ["refused"]);
    assert_eq!(scene.story().await, ["requested", "refused"]);
}

async fn a_device_that_cannot_tell_says_why(desk: &mut Desk) {
    let scene = Scene::open(desk).await;
    for (reason, consent) in [
        ("timeout", "given"),
        ("unavailable", "given"),
        ("denied", "refused"),
    ] {
        let request = scene.ask().await;
        let failed = json!({ "request": request, "answer": "failed", "reason": reason });
        scene.answer(failed).await.expect(204);
        let location = scene.location().await;
        assert_eq!(location["state"], "failed");
        assert_eq!(location["reason"], reason);
        assert!(location.get("latitude").is_none());
        assert_eq!(
            consents(desk).await.last().map(String::as_str),
            Some(consent)
        );
    }
    let request = scene.ask().await;
    let silent = json!({ "request": request, "answer": "failed" });
    assert_eq!(scene.answer(silent).await.field_error("reason"), "required");
    assert_eq!(scene.location().await["state"], "asked");
}

async fn a_refusal_takes_back_what_was_shared_before(desk: &mut Desk) {
    let scene = Scene::open(desk).await;
    let request = scene.ask().await;
    scene.answer(shared(&request)).await.expect(204);
    let before = scene.location().await;

    let request = scene.ask().await;
    let asked = scene.location().await;
    assert_eq!(asked["state"], "asked");
    assert_eq!(asked["latitude"], LATITUDE, "asking again loses nothing");
    assert_eq!(asked["at"], before["at"]);
    let failed = json!({ "request": request, "answer": "failed", "reason": "timeout" });
    scene.answer(failed).await.expect(204);
    assert_eq!(scene.location().await["latitude"], LATITUDE);

    let request = scene.ask().await;
    scene.answer(refused(&request)).await.expect(204);
    assert_eq!(rows_with_coordinates(desk).await, 0);
    assert!(scene.location().await.get("latitude").is_none());
    assert_eq!(consents(desk).await, ["given", "given", "refused"]);
}

async fn a_case_has_one_request_at_a_time(desk: &mut Desk) {
    let scene = Scene::open(desk).await;
    let answers = futures_util::future::join_all((0..6).map(|_| scene.request())).await;
    for answer in answers {
        answer.expect(202);
    }
    let question = scene.question().await;
    scene.request().await.expect(202);
    assert_eq!(scene.question().await, question);
    assert_eq!(scene.story().await, ["requested"]);
}

async fn a_late_answer_to_an_older_request_is_refused(desk: &mut Desk) {
    let scene = Scene::open(desk).await;
    let first = scene.ask().await;
    scene.answer(refused(&first)).await.expect(204);
    scene
        .answer(shared(&first))
        .await
        .problem(409, "location_not_asked");
    let second = scene.ask().await;
    assert_ne!(first, second);
    scene
        .answer(shared(&first))
        .await
        .problem(409, "location_not_asked");
    assert_eq!(scene.location().await["state"], "asked");
    assert_eq!(rows_with_coordinates(desk).await, 0);
    assert_eq!(consents(desk).await, ["refused"]);
    scene.answer(shared(&second)).await.expect(204);
}

async fn forgetting_deletes_the_place_and_withdraws_the_question(desk: &mut Desk) {
    let scene = Scene::open(desk).await;
    let request = scene.ask().await;
    scene.answer(shared(&request)).await.expect(204);
    scene.forget().await.expect(204);
    assert_eq!(scene.location().await, json!({ "state": "none" }));
    assert_eq!(rows_with_coordinates(desk).await, 0);
    let request = scene.ask().await;
    scene.forget().await.expect(204);
    assert_eq!(scene.question().await, Value::Null);
    scene
        .answer(shared(&request))
        .await
        .problem(409, "location_not_asked");
    assert_eq!(
        scene.story().await,
        ["requested", "shared", "forgotten", "requested", "forgotten"]
    );
    scene.forget().await.expect(204);
    assert_eq!(scene.story().await.len(), 5, "nothing left to forget");
    assert_eq!(consents(desk).await, ["given"], "the ledger stays");
}

async fn coordinates_have_their_bounds(desk: &mut Desk) {
    let scene = Scene::open(desk).await;
    let request = scene.ask().await;
    for (field, value, code) in [
        ("latitude", json!(90.000_001), "invalid"),
        ("latitude", json!(-91), "invalid"),
        ("latitude", Value::Null, "required"),
        ("longitude", json!(180.000_1), "invalid"),
        ("longitude", json!(-1e300), "invalid"),
        ("longitude", Value::Null, "required"),
        ("accuracy_m", json!(-1), "invalid"),
        ("accuracy_m", json!(1e9), "invalid"),
        ("accuracy_m", Value::Null, "required"),
    ] {
        let mut body = shared(&request);
        body[field] = value.clone();
        let answer = scene.answer(body).await;
        assert_eq!(answer.field_error(field), code, "{field} = {value}");
    }
    for wrong in [
        json!({ "request": request, "answer": "perhaps" }),
        json!({ "request": "loc_x", "answer": "refused" }),
        json!({ "request": request, "answer": "failed", "reason": "tired" }),
        json!({ "request": request, "answer": "shared", "latitude": "52", "longitude": 13, "accuracy_m": 1 }),
    ] {
        scene.answer(wrong).await.problem(400, "bad_json");
    }
    assert_eq!(scene.location().await["state"], "asked");
    for (latitude, longitude, accuracy) in [
        (-90.0, -180.0, 0.0),
        (90.0, 180.0, 20_100_000.0),
        (0.0, -0.000_000_1, 10_000.0),
    ] {
        let request = match scene.question().await["id"].as_str() {
            Some(id) => id.to_owned(),
            None => scene.ask().await,
        };
        let body = json!({ "request": request, "answer": "shared", "latitude": latitude, "longitude": longitude,
            "accuracy_m": accuracy });
        scene.answer(body).await.expect(204);
        let location = scene.location().await;
        assert_eq!(location["latitude"], latitude);
        assert_eq!(location["longitude"], longitude);
        assert_eq!(location["accuracy_m"].as_f64(), Some(accuracy));
    }
}

async fn only_the_guest_of_the_case_answers(desk: &mut Desk) {
    let scene = Scene::open(desk).await;
    let other_case = scene.mari.create_case("Someone else").await;
    let other = scene.mari.guest_of(&other_case).await;
    let request = scene.ask().await;
    let path = format!("/guest/cases/{}/location", scene.case);
    for who in [&other, &scene.mari, &desk.stranger()] {
        who.post(&path, shared(&request))
            .await
            .problem(404, "not_found");
    }
    let elsewhere = format!("/guest/cases/{other_case}/location");
    let answer = other.post(&elsewhere, shared(&request)).await;
    answer.problem(409, "location_not_asked");
    let ask = format!("/cases/{}/location/request", scene.case);
    scene
        .guest
        .post(&ask, json!({}))
        .await
        .problem(401, "not_signed_in");
    let otto = desk.other_organization().await;
    otto.post(&ask, json!({})).await.problem(404, "not_found");
    assert_eq!(scene.location().await["state"], "asked");
}

async fn a_completed_case_is_neither_asked_nor_answered(desk: &mut Desk) {
    let scene = Scene::open(desk).await;
    let request = scene.ask().await;
    let complete = format!("/cases/{}/complete", scene.case);
    scene.mari.post(&complete, json!({})).await.expect(200);
    scene
        .answer(shared(&request))
        .await
        .problem(409, "case_completed");
    scene.request().await.problem(409, "case_completed");
    assert_eq!(
        scene.location().await["state"],
        "none",
        "the question is withdrawn"
    );
    let reopen = format!("/cases/{}/reopen", scene.case);
    scene.mari.post(&reopen, json!({})).await.expect(200);
    scene
        .answer(shared(&request))
        .await
        .problem(409, "location_not_asked");
    assert_eq!(rows_with_coordinates(desk).await, 0);
}

async fn answering_twice_under_one_key_is_one_answer(desk: &mut Desk) {
    let scene = Scene::open(desk).await;
    let request = scene.ask().await;
    let key = Uuid::now_v7();
    let path = format!("/guest/cases/{}/location", scene.case);
    for _ in 0..2 {
        let request = scene
            .guest
            .request(Method::POST, &path)
            .key(key)
            .json(shared(&request));
        request.send().await.expect(204);
    }
    assert_eq!(scene.story().await, ["requested", "shared"]);
    assert_eq!(consents(desk).await, ["given"]);
}

async fn of_two_answers_at_once_one_counts(desk: &mut Desk) {
    let scene = Scene::open(desk).await;
    let request = scene.ask().await;
    let (yes, no) = futures_util::future::join(
        scene.answer(shared(&request)),
        scene.answer(refused(&request)),
    )
    .await;
    let mut statuses = [yes.status, no.status];
    statuses.sort_unstable();
    assert_eq!(statuses, [204, 409]);
    let expected = i64::from(yes.status == 204);
    assert_eq!(rows_with_coordinates(desk).await, expected);
    assert_eq!(consents(desk).await.len(), 1);
}

async fn the_question_comes_to_the_page_and_the_answer_to_the_screen(desk: &mut Desk) {
    let scene = Scene::open(desk).await;
    let live = format!("/guest/cases/{}/live", scene.case);
    let mut page = scene.guest.live(&live).await.expect("a socket");
    let hello = page.next_of("hello").await;
    assert_eq!(hello["case"]["location_request"], Value::Null);
    let mut screen = scene.mari.live("/live").await.expect("a socket");
    screen.next_of("hello").await;
    let request = scene.ask().await;
    let asked = page.next_event("location.requested").await;
    assert_eq!(asked["event"]["request_id"], request.as_str());
    assert_eq!(asked["actor"]["name"], "Mari");
    let mut late = scene.guest.live(&live).await.expect("a socket");
    let hello = late.next_of("hello").await;
    assert_eq!(hello["case"]["location_request"]["id"], request.as_str());
    scene.answer(shared(&request)).await.expect(204);
    let told = screen.next_event("location.shared").await;
    assert_eq!(told["event"], json!({ "type": "location.shared" }));
    assert_eq!(told["actor"]["kind"], "guest");
    page.next_event("location.shared").await;
}
