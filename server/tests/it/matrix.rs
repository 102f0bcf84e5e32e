//! Who may do what, for every operation of the description: each kind of principal, with ids of the own and
//! of another organization. What must come out is asked of `auth/policy.rs`; the request of a cell is one
//! that succeeds for the right principal, so a refusal is about the principal and nothing else.

use axum::http::Method;
use deskside::app::App;
use deskside::auth::account::reset;
use deskside::auth::policy::{self, Decision, Rule};
use deskside::auth::{GuestSession, OperatorSession, Principal, Rights, Role, Sight};
use deskside::ids::{CaseId, GuestId, OperatorId, OrganizationId, SessionId};
use deskside_db::Uuid;
use serde_json::{Value, json};

use crate::openapi::{id_of, operations};
use crate::support::{Actor, Desk, PASSWORD, offer, on_both_databases, token_of};

on_both_databases![every_operation_answers_each_principal_as_the_policy_says];

/// Operations after whose success the next one needs other things to work on.
const SPENDING: &[&str] = &[
    "call_end",
    "case_claim",
    "case_complete",
    "case_delete",
    "case_handover",
    "case_merge",
    "case_operator_delete",
    "case_operator_put",
    "case_queue",
    "case_reopen",
    "custom_field_delete",
    "filter_delete",
    "guest_location_create",
    "operator_invite_accept",
    "operator_invite_delete",
    "password_reset_use",
    "quick_response_delete",
    "session_create",
    "session_delete",
    "sessions_delete",
    "tag_delete",
];

/// One organization with everything that operations are about.
pub struct Side {
    /// A word in all its texts: whoever sees it in an answer has seen this organization's data.
    mark: &'static str,
    administrator: Actor,
    /// Who is on the case.
    pub operator: Actor,
    /// The email address of `operator`.
    email: String,
    /// Another operator.
    pub colleague_id: String,
    /// One without a seat.
    seatless: Actor,
    /// One who is on no case.
    apart: Actor,
    /// The case that operations are about.
    pub case: String,
    /// Another one.
    pub sibling: String,
    /// The guest of the case.
    pub guest: Actor,
    guest_of_sibling: Actor,
    /// What stands in the guest's link.
    pub guest_token: String,
    invite: Value,
    /// A custom field, where an operation is about one.
    field: String,
    /// A quick response of the operator's own and one of the administrator's, where an operation is about one.
    responses: [String; 2],
    /// A tag on the case, where an operation is about one.
    tag: String,
    /// A saved filter of the operator's and one of the administrator's, where an operation is about one.
    filters: [String; 2],
    /// The question for the guest's location, where an operation answers one.
    location_request: String,
    /// The open call of the case, where an operation is about one.
    pub call: String,
    /// Participants of it with their tokens, for who asks: operator, administrator, guest.
    participants: [(String, String); 3],
    /// What a browser offers.
    offer: String,
    /// The way around the API, for what only an email tells.
    app: App,
    /// The token of a link to a new password for the colleague, where an operation is about one.
    reset: String,
    /// The token of a picture, where an operation is about one.
    picture: String,
}

/// The people who ask.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Asker {
    Stranger,
    SessionEnded,
    Operator,
    Administrator,
    /// An operator without a seat.
    Seatless,
    OperatorElsewhere,
    /// An operator of the organization elsewhere, which separates operators, who is not on the case.
    Separated,
    Guest,
    GuestOfSibling,
    GuestElsewhere,
}

const ASKERS: [Asker; 10] = [
    Asker::Stranger,
    Asker::SessionEnded,
    Asker::Operator,
    Asker::Administrator,
    Asker::Seatless,
    Asker::OperatorElsewhere,
    Asker::Separated,
    Asker::Guest,
    Asker::GuestOfSibling,
    Asker::GuestElsewhere,
];

/// Operations about what is the asker's own, as it was made for the operator and the administrator.
const PRIVATE: [&str; 4] = [
    "call_leave",
    "filter_delete",
    "quick_response_delete",
    "quick_response_patch",
];

/// What an answer may be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Outcome {
    Success,
    Refused(u16),
}

async fn every_operation_answers_each_principal_as_the_policy_says(desk: &mut Desk) {
    let ada = desk.administrator().await;
    let otto = desk.other_organization().await;
    let ended = ada.invite("Zoe", "operator").await;
    let kept = ended.twin();
    ended.delete("/session").await.expect(204);
    let mut sides = [
        Side::open(desk.app.clone(), ada, "Amsel").await,
        Side::open(desk.app.clone(), otto, "Zeisig").await,
    ];
    let separate = json!({ "separate_operators": true });
    let apart = sides[1].administrator.patch("/organization", separate);
    apart.await.expect(200);

    for (method, pattern, operation) in operations() {
        let id = id_of(operation);
        let rule = policy::rule(id).expect("a row in the policy");
        for side in &mut sides {
            side.prepare(id).await;
        }
        let mut successes = 0;
        let mut standing = [const { Vec::new() }; 2];
        for asker in ASKERS {
            for of in 0..sides.len() {
                let ids = &sides[of];
                let call = ids.call(id, &method, &pattern, asker);
                let expected = expected(id, rule, asker, of, &call);
                let watched = expected != Outcome::Success && !call.method.is_safe();
                if watched && standing[of].is_empty() {
                    standing[of] = ids.snapshot().await;
                }
                let from = match asker {
                    Asker::SessionEnded => kept.clone(),
                    Asker::Stranger => desk.stranger(),
                    Asker::Operator => sides[0].operator.clone(),
                    Asker::Administrator => sides[0].administrator.clone(),
                    Asker::Seatless => sides[0].seatless.clone(),
                    Asker::Separated => sides[1].apart.clone(),
                    Asker::Guest => sides[0].guest.clone(),
                    Asker::GuestOfSibling => sides[0].guest_of_sibling.clone(),
                    Asker::OperatorElsewhere => sides[1].operator.clone(),
                    Asker::GuestElsewhere => sides[1].guest.clone(),
                };
                let (status, body) = call.send(&from).await;
                let context = format!(
                    "{id} by {asker:?} with ids of {}: {status} {body}",
                    ids.mark
                );
                let outcome = if status < 300 {
                    Outcome::Success
                } else {
                    Outcome::Refused(status)
                };
                assert_eq!(outcome, expected, "{context}");
                match outcome {
                    Outcome::Success => {
                        successes += 1;
                        standing = [const { Vec::new() }; 2];
                        if rule != Rule::Anyone {
                            let home = usize::from(is_elsewhere(asker));
                            assert!(!body.contains(sides[1 - home].mark), "{context}");
                        }
                        if SPENDING.contains(&id) {
                            let used = if call.has_ids {
                                of
                            } else {
                                usize::from(is_elsewhere(asker))
                            };
                            sides[used].refresh().await;
                            sides[used].prepare(id).await;
                        }
                    }
                    Outcome::Refused(_) => {
                        assert!(!body.contains(ids.mark), "{context}");
                        if watched {
                            assert_eq!(ids.snapshot().await, standing[of], "{context}");
                        }
                    }
                }
            }
        }
        // Set-up is closed for everyone once there is an organization; that it opens is in setup.rs.
        assert!(successes > 0 || id == "setup_create", "{id} never succeeds");
    }
}

fn is_elsewhere(asker: Asker) -> bool {
    matches!(
        asker,
        Asker::OperatorElsewhere | Asker::Separated | Asker::GuestElsewhere
    )
}

/// What the policy decides about this asker, given whose ids stand in the request.
fn expected(id: &str, rule: Rule, asker: Asker, of: usize, call: &Call) -> Outcome {
    let has_ids = call.has_ids;
    if rule == Rule::Anyone {
        return if has_ids {
            Outcome::Success
        } else {
            // Marked by the builder: set-up, the one operation that is over.
            Outcome::Refused(409)
        };
    }
    let home = usize::from(is_elsewhere(asker));
    let principal = principal(asker, home == of);
    match policy::decide(rule, &principal) {
        Decision::SignIn => Outcome::Refused(401),
        Decision::Forbid | Decision::NeedSeat => Outcome::Refused(403),
        Decision::Hide => Outcome::Refused(404),
        Decision::Allow if has_ids && home != of => Outcome::Refused(404),
        // What waits in the queue is in everyone's sight.
        Decision::Allow if asker == Asker::Separated && call.is_of_case && id != "case_claim" => {
            Outcome::Refused(404)
        }
        Decision::Allow
            if matches!(asker, Asker::Seatless | Asker::Separated) && PRIVATE.contains(&id) =>
        {
            Outcome::Refused(404)
        }
        Decision::Allow => Outcome::Success,
    }
}

/// How the policy sees an asker; a guest is one only of the case in the path.
fn principal(asker: Asker, own: bool) -> Principal {
    let organization = OrganizationId::from_uuid(Uuid::nil());
    let operator = |role, seat| {
        Principal::Operator(OperatorSession {
            organization,
            operator: OperatorId::from_uuid(Uuid::nil()),
            role,
            seat,
            rights: Rights::default(),
            sight: Sight::All,
            session: SessionId::from_uuid(Uuid::nil()),
        })
    };
    match asker {
        Asker::Operator | Asker::OperatorElsewhere | Asker::Separated => {
            operator(Role::Operator, true)
        }
        Asker::Seatless => operator(Role::Operator, false),
        Asker::Administrator => operator(Role::Administrator, true),
        Asker::Guest | Asker::GuestElsewhere if own => Principal::Guest(GuestSession {
            organization,
            case_id: CaseId::from_uuid(Uuid::nil()),
            guest: GuestId::from_uuid(Uuid::nil()),
        }),
        _ => Principal::Stranger,
    }
}

/// A request of the matrix.
pub struct Call {
    method: Method,
    path: String,
    body: Option<Value>,
    /// Whether its path or body names something of an organization.
    has_ids: bool,
    /// Whether its path names a case, for operators.
    is_of_case: bool,
    live: bool,
}

impl Call {
    /// Sends it from a copy of this browser, so that no cookie of the answer stays.
    async fn send(&self, from: &Actor) -> (u16, String) {
        self.ask(&from.twin()).await
    }

    /// Sends it from this browser: status and body.
    pub async fn ask(&self, from: &Actor) -> (u16, String) {
        if self.live {
            return match from.live(&self.path).await {
                Ok(socket) => {
                    socket.leave().await;
                    (101, String::new())
                }
                Err(status) => (status, String::new()),
            };
        }
        let mut request = from.request(self.method.clone(), &self.path);
        if self.path.ends_with("/picture") || self.path.ends_with("/logo") {
            request = request.typed("image/png", picture());
        } else if let Some(body) = &self.body {
            request = request.json(body);
        }
        let answer = request.send().await;
        (answer.status, answer.text())
    }
}

impl Side {
    /// An organization with the people and things that operations are about, `mark` in all its texts.
    pub async fn open(app: App, administrator: Actor, mark: &'static str) -> Side {
        let change = json!({ "name": format!("{mark} GmbH"), "contact_email": format!("{mark}@desk.example"),
            "location_enabled": true });
        administrator
            .patch("/organization", change)
            .await
            .expect(200);
        let operator = administrator
            .invite(&format!("{mark} Mari"), "operator")
            .await;
        let me = operator.get("/me").await.expect(200);
        let (apart, reader) = (format!("{mark} Apart"), format!("{mark} Reader"));
        let apart = administrator.invite(&apart, "operator").await;
        let seatless = administrator.invite(&reader, "operator").await;
        for (who, seat) in [(&apart, true), (&seatless, false)] {
            let change = json!({ "seat": seat, "rights": { "export": true } });
            let path = format!("/operators/{}", who.id().await);
            administrator.patch(&path, change).await.expect(200);
        }
        let path = format!("/operators/{}", operator.id().await);
        let exports = json!({ "rights": { "export": true } });
        administrator.patch(&path, exports).await.expect(200);
        let mut side = Side {
            mark,
            colleague_id: administrator
                .invite(&format!("{mark} Cole"), "operator")
                .await
                .id()
                .await,
            email: me["operator"]["email"].as_str().unwrap().to_owned(),
            guest: administrator.twin(),
            guest_of_sibling: administrator.twin(),
            administrator,
            operator,
            seatless,
            apart,
            case: String::new(),
            sibling: String::new(),
            guest_token: String::new(),
            invite: Value::Null,
            field: String::new(),
            responses: Default::default(),
            tag: String::new(),
            filters: Default::default(),
            location_request: String::new(),
            call: String::new(),
            participants: Default::default(),
            offer: offer(),
            app,
            reset: String::new(),
            picture: String::new(),
        };
        side.refresh().await;
        side
    }

    /// Makes everything new that an operation may have used up.
    async fn refresh(&mut self) {
        let mark = self.mark;
        if self.operator.get("/me").await.status == 401 {
            self.operator
                .sign_in(&self.email, PASSWORD)
                .await
                .expect(200);
        }
        for (who, name) in [(&self.seatless, "reader"), (&self.apart, "apart")] {
            if who.get("/me").await.status == 401 {
                let email = format!("{}.{name}@desk.example", mark.to_lowercase());
                who.sign_in(&email, PASSWORD).await.expect(200);
            }
        }
        if self.administrator.get("/me").await.status == 401 {
            self.administrator
                .sign_in("ada@desk.example", PASSWORD)
                .await
                .expect(200);
        }
        let new = json!({ "name": format!("{mark} case"), "notes": format!("{mark} notes"),
            "email": format!("{mark}.guest@desk.example"), "internal_reference": format!("{mark}-7") });
        for case in [&mut self.case, &mut self.sibling] {
            let made = self.operator.post("/cases", &new).await.expect(201);
            *case = made["id"].as_str().unwrap().to_owned();
        }
        self.operator
            .send(&self.case, &format!("{mark} hello"))
            .await;
        self.guest = self.operator.guest_of(&self.case).await;
        self.guest_of_sibling = self.operator.guest_of(&self.sibling).await;
        let link = self.operator.guest_link(&self.case).await;
        self.guest_token = token_of(&link).to_owned();
        let body = json!({ "email": format!("{mark}.{}@desk.example", Uuid::now_v7().simple()), "role": "operator" });
        self.invite = self
            .administrator
            .post("/operator-invites", body)
            .await
            .expect(201);
    }

    /// Brings the case into the state that an operation needs.
    pub async fn prepare(&mut self, operation: &str) {
        let case = self.operator.case(&self.case).await;
        if case["status"] == "completed" && operation != "case_reopen" {
            let path = format!("/cases/{}/reopen", self.case);
            self.operator.post(&path, json!({})).await.expect(200);
        }
        match operation {
            "case_reopen" => {
                let path = format!("/cases/{}/complete", self.case);
                self.operator.post(&path, json!({})).await.expect(200);
            }
            "case_claim" => {
                let path = format!("/cases/{}/queue", self.case);
                self.administrator.post(&path, json!({})).await.expect(200);
            }
            // Only who is on a case puts it off.
            "case_snooze_put" | "case_snooze_delete" => {
                let id = self.administrator.id().await;
                let path = format!("/cases/{}/operators/{id}", self.case);
                let joined = self.administrator.request(Method::PUT, &path).send();
                joined.await.expect(200);
            }
            "case_operator_delete" => {
                let path = format!("/cases/{}/operators/{}", self.case, self.colleague_id);
                self.operator
                    .request(Method::PUT, &path)
                    .send()
                    .await
                    .expect(200);
            }
            _ => {}
        }
        self.prepare_fields(operation).await;
        self.prepare_account(operation).await;
        let open = format!("/cases/{}/calls", self.case);
        if operation.contains("call_") {
            let call = self.operator.post(&open, json!({})).await.json();
            self.call = call["id"].as_str().expect("a call").to_owned();
            self.participants = [
                self.join(&self.operator, "").await,
                self.join(&self.administrator, "").await,
                self.join(&self.guest, "/guest").await,
            ];
        } else if let Some(call) = case["call"]["id"].as_str() {
            let end = format!("{open}/{call}/end");
            self.operator.post(&end, json!({})).await.expect(204);
        }
    }

    /// Makes the field, the responses or the question that an operation is about.
    async fn prepare_fields(&mut self, operation: &str) {
        let made = |answer: Value| answer["id"].as_str().expect("an id").to_owned();
        if operation.starts_with("custom_field_") && operation != "custom_field_create" {
            let field = json!({ "label": format!("{} field", self.mark), "kind": "text" });
            let field = self.administrator.post("/custom-fields", field).await;
            self.field = made(field.expect(201));
        }
        if operation.starts_with("quick_response_") && operation != "quick_response_create" {
            for (place, who) in [(0, &self.operator), (1, &self.administrator)] {
                let response = who
                    .post("/quick-responses", Side::response(self.mark))
                    .await;
                self.responses[place] = made(response.expect(201));
            }
        }
        if operation.starts_with("tag_") || operation.starts_with("case_tag_") {
            let tag = json!({ "name": format!("{} {operation}", self.mark) });
            self.tag = made(self.operator.post("/tags", tag).await.expect(200));
            let path = format!("/cases/{}/tags/{}", self.case, self.tag);
            let put = self.operator.request(Method::PUT, &path).send().await;
            put.expect(200);
        }
        if operation == "filter_delete" {
            for (place, who) in [(0, &self.operator), (1, &self.administrator)] {
                self.filters[place] = made(
                    who.post("/filters", Side::filter(self.mark))
                        .await
                        .expect(201),
                );
            }
        }
        if operation == "guest_location_create" {
            let path = format!("/cases/{}/location/request", self.case);
            self.operator.post(&path, json!({})).await.expect(202);
            let case = format!("/guest/cases/{}", self.case);
            let case = self.guest.get(&case).await.expect(200);
            self.location_request = made(case["location_request"].clone());
        }
    }

    /// Makes the link to a new password or the picture that an operation is about.
    async fn prepare_account(&mut self, operation: &str) {
        if operation.starts_with("password_reset_") {
            let organization = self.administrator.get("/organization").await.expect(200);
            let organization = organization["id"].as_str().expect("an id").parse();
            self.reset = reset::issue(
                &self.app,
                organization.expect("an organization"),
                self.colleague_id.parse().expect("an operator"),
                Uuid::now_v7(),
            )
            .await
            .expect("the database answers")
            .expect("no newer link");
        }
        if operation == "picture_get" {
            let put = Call {
                method: Method::PUT,
                path: "/me/picture".into(),
                body: Some(Value::Null),
                has_ids: false,
                is_of_case: false,
                live: false,
            };
            let (_, answer) = put.send(&self.operator).await;
            let answer: Value = serde_json::from_str(&answer).expect("an address");
            self.picture = token_of(answer["url"].as_str().expect("an address")).to_owned();
        }
    }

    fn filter(name: &str) -> Value {
        json!({ "name": format!("{name} filter"),
            "filter": { "status": "active", "operator": "everyone", "tags": [] } })
    }

    fn response(name: &str) -> Value {
        let shortcut = &Uuid::now_v7().simple().to_string()[12..];
        json!({ "scope": "private", "shortcut": shortcut, "title": format!("{name} response"), "text": "Hello" })
    }

    async fn join(&self, who: &Actor, side: &str) -> (String, String) {
        let path = format!(
            "{side}/cases/{}/calls/{}/participants",
            self.case, self.call
        );
        let joined = who.post(&path, self.joining()).await.expect(201);
        let text = |name: &str| joined[name].as_str().expect("a text").to_owned();
        (text("participant_id"), text("token"))
    }

    fn joining(&self) -> Value {
        json!({ "offer": self.offer, "microphone": "on", "video": "camera" })
    }

    /// The participant that this asker could be.
    fn participant(&self, asker: Asker) -> &(String, String) {
        match asker {
            Asker::Administrator => &self.participants[1],
            Asker::Guest | Asker::GuestElsewhere | Asker::GuestOfSibling => &self.participants[2],
            _ => &self.participants[0],
        }
    }

    /// The request of an operation with this side's ids; every operation has one here.
    pub fn call(&self, operation: &str, method: &str, pattern: &str, asker: Asker) -> Call {
        let (participant, token) = self.participant(asker);
        let (body, live, names_something) = match operation {
            "setup_create" => (Some(self.setup()), false, false),
            "session_create" => (
                Some(json!({ "email": self.email, "password": PASSWORD })),
                false,
                true,
            ),
            "setup_state" | "openapi" => (None, false, true),
            "operator_invite_lookup" => {
                (Some(json!({ "token": self.invite_token() })), false, true)
            }
            "operator_invite_accept" => (Some(self.acceptance()), false, true),
            "guest_session_create" => (Some(json!({ "token": self.guest_token })), false, true),
            "me_password_change" => (
                Some(json!({ "current": PASSWORD, "new": PASSWORD })),
                false,
                false,
            ),
            "password_reset_create" => (
                Some(json!({ "email": format!("{}@desk.example", Uuid::now_v7().simple()) })),
                false,
                true,
            ),
            "password_reset_lookup" => (Some(json!({ "token": self.reset })), false, true),
            "password_reset_use" => (
                Some(json!({ "token": self.reset, "new": PASSWORD })),
                false,
                true,
            ),
            "me_patch" => (Some(json!({ "theme": "dark" })), false, false),
            "organization_patch" => (
                Some(json!({ "contact_phone": "+49 30 123456" })),
                false,
                false,
            ),
            "operator_invite_create" => (
                Some(
                    json!({ "email": format!("{}@desk.example", Uuid::now_v7().simple()), "role": "operator" }),
                ),
                false,
                false,
            ),
            "case_create" => (Some(json!({ "name": "New" })), false, false),
            "custom_field_create" => (
                Some(json!({ "label": "New", "kind": "date" })),
                false,
                false,
            ),
            "custom_field_patch" => (Some(json!({ "help": "the same for all" })), false, false),
            "quick_response_create" => (Some(Side::response("New")), false, false),
            "quick_response_patch" => (
                Some(json!({ "version": 1, "text": "the same for all" })),
                false,
                false,
            ),
            "case_location_request" => (Some(json!({})), false, false),
            "case_snooze_put" => (
                Some(json!({ "until": "2026-12-24T08:00:00.000Z" })),
                false,
                false,
            ),
            "case_merge" => (Some(json!({ "from": self.sibling })), false, false),
            "tag_create" => (Some(json!({ "name": "the same for all" })), false, false),
            "tag_patch" => (
                Some(json!({ "name": format!("{} renamed", self.mark) })),
                false,
                false,
            ),
            "filter_create" => (Some(Side::filter("New")), false, false),
            "guest_location_create" => (
                Some(json!({ "request": self.location_request, "answer": "refused" })),
                false,
                false,
            ),
            "case_patch" => (
                Some(json!({ "notes": { "value": "the same for all", "version": 1 } })),
                false,
                false,
            ),
            "operator_patch" => (Some(json!({ "rights": { "export": false } })), false, false),
            "case_handover" => (Some(json!({ "to": self.colleague_id })), false, false),
            "case_claim" | "case_queue" | "case_complete" | "case_reopen" | "call_start"
            | "call_end" => (Some(json!({})), false, false),
            "call_join" | "guest_call_join" => (Some(self.joining()), false, false),
            "call_offer" | "guest_call_offer" => (
                Some(json!({ "token": token, "offer": self.offer })),
                false,
                false,
            ),
            "call_media_put" | "guest_call_media_put" => (
                Some(json!({ "token": token, "microphone": "off", "video": "off" })),
                false,
                false,
            ),
            "call_leave" | "guest_call_leave" => (Some(json!({ "token": token })), false, false),
            "message_create" | "guest_message_create" => {
                (Some(json!({ "text": "Hello" })), false, false)
            }
            "case_read_put" | "guest_read_put" => (Some(json!({ "entry": 2 })), false, false),
            "draft_put" => (
                Some(json!({ "text": "the same draft", "version": 0 })),
                false,
                false,
            ),
            "live" | "guest_live" => (None, true, false),
            "session_delete"
            | "sessions_delete"
            | "me_get"
            | "me_picture_put"
            | "me_picture_delete"
            | "organization_logo_put"
            | "organization_logo_delete"
            | "picture_get"
            | "organization_get"
            | "operator_list"
            | "operator_invite_list"
            | "operator_invite_delete"
            | "case_list"
            | "case_counts"
            | "case_export"
            | "case_earlier"
            | "case_snooze_delete"
            | "case_tag_put"
            | "case_tag_delete"
            | "case_merge_preview"
            | "tag_list"
            | "tag_delete"
            | "filter_list"
            | "filter_delete"
            | "call_get"
            | "guest_call_get"
            | "case_get"
            | "case_delete"
            | "case_operator_put"
            | "case_operator_delete"
            | "case_guest_link"
            | "search"
            | "audit_list"
            | "audit_verify"
            | "case_location_delete"
            | "custom_field_list"
            | "custom_field_delete"
            | "quick_response_list"
            | "quick_response_delete"
            | "case_timeline"
            | "guest_case_get"
            | "guest_timeline" => (None, false, false),
            other => panic!(
                "the matrix has no request for {other}: add one that succeeds for the right principal"
            ),
        };
        let mut path = self.fill(pattern, participant, asker);
        if operation == "case_merge_preview" {
            path = format!("{path}?from={}", self.sibling);
        }
        Call {
            method: method.parse().expect("a method"),
            path,
            body,
            has_ids: names_something || pattern.contains('{'),
            is_of_case: pattern.contains("{case_id}"),
            live,
        }
    }

    fn fill(&self, pattern: &str, participant: &str, asker: Asker) -> String {
        let own = usize::from(asker == Asker::Administrator);
        let invite = self.invite["id"].as_str().expect("an invite");
        let path = pattern
            .trim_start_matches("/api/v1")
            .replace("{case_id}", &self.case)
            .replace("{invite_id}", invite)
            .replace("{operator_id}", &self.colleague_id)
            .replace("{call_id}", &self.call)
            .replace("{custom_field_id}", &self.field)
            .replace("{quick_response_id}", &self.responses[own])
            .replace("{tag_id}", &self.tag)
            .replace("{filter_id}", &self.filters[own])
            .replace("{token}", &self.picture)
            .replace("{participant_id}", participant);
        assert!(!path.contains('{'), "the matrix knows no id for {pattern}");
        path
    }

    fn invite_token(&self) -> &str {
        token_of(self.invite["link"].as_str().expect("a link"))
    }

    fn acceptance(&self) -> Value {
        json!({ "token": self.invite_token(), "name": format!("{} Neu", self.mark), "password": PASSWORD,
            "language": "en", "time_zone": "UTC" })
    }

    fn setup(&self) -> Value {
        json!({ "token": "x", "organization": "Third", "name": "Third", "email": "third@desk.example",
            "password": PASSWORD, "language": "en", "time_zone": "UTC" })
    }

    /// What stands in this organization, to see that nothing of it has changed.
    async fn snapshot(&self) -> Vec<Value> {
        let mut seen = Vec::new();
        let case = format!("/cases/{}", self.case);
        for path in [
            case.as_str(),
            "/cases?status=all&operator=everyone",
            "/operator-invites",
        ] {
            let mut body = self.administrator.get(path).await.expect(200);
            forget_presence(&mut body);
            seen.push(body);
        }
        seen
    }
}

/// The smallest picture there is.
fn picture() -> Vec<u8> {
    let mut bytes = std::io::Cursor::new(Vec::new());
    image::RgbImage::new(1, 1)
        .write_to(&mut bytes, image::ImageFormat::Png)
        .expect("a picture");
    bytes.into_inner()
}

/// Takes presence out of a body: it follows sockets that closed a moment ago.
fn forget_presence(body: &mut Value) {
    match body {
        Value::Object(fields) => {
            fields
                .retain(|name, _| !["guest_online", "guest_last_seen_at"].contains(&name.as_str()));
            fields.values_mut().for_each(forget_presence);
        }
        Value::Array(items) => items.iter_mut().for_each(forget_presence),
        _ => {}
    }
}
