//! A participant's secret is good for one person, call and connection, and only as long as each of them lasts.

use std::time::Duration;

use deskside::calls::view::{Microphone, Video};
use deskside::calls::{self, Arrival, Joining, Person, sweep};
use deskside::error::Error;
use deskside::limits;
use deskside_db::{DbError, SystemSql, system_sql, vals};

use crate::call_ends::organization;
use crate::calls::ids;
use crate::support::{Actor, Caller, Desk, PASSWORD, offer, on_both_databases, start_call};

on_both_databases![
    a_secret_is_worth_nothing_without_a_session,
    a_secret_outlives_the_session_of_its_person,
    a_copied_tab_is_another_window,
    a_request_that_was_slow_takes_nobody_s_place,
    one_who_cannot_be_taken_out_keeps_nobody_else_in,
];

/// Everything that a participant's secret is good for is refused with this problem.
async fn is_refused(caller: &Caller, status: u16, code: &str) {
    let join = format!("{}/participants", caller.call);
    let body = crate::support::joining(&caller.offer, Some(&caller.token));
    caller.actor.post(&join, body).await.problem(status, code);
    caller.offer().await.problem(status, code);
    caller.media("off", "off").await.problem(status, code);
    caller.leave().await.problem(status, code);
}

async fn sign_in(desk: &Desk, email: &str) -> Actor {
    let someone = desk.stranger();
    someone.sign_in(email, PASSWORD).await.expect(200);
    someone
}

async fn a_secret_is_worth_nothing_without_a_session(desk: &mut Desk) {
    let mari = desk.operator("Mari").await;
    let case = mari.create_case("Nick Evans").await;
    let nick = desk.guest_of(&case).await;
    let call = start_call(&mari, &case).await;
    let operator = Caller::silent_operator(&mari, &case, &call).await;
    let guest = Caller::silent_guest(&nick, &case, &call).await;
    // Signed out in another tab.
    mari.twin().delete("/session").await.expect(204);
    is_refused(&operator, 401, "not_signed_in").await;
    assert_eq!(ids(&guest.read().await), [guest.id.as_str()]);
    // Too old: nobody has cleared it away yet.
    let mari = sign_in(desk, "mari@desk.example").await;
    let operator = Caller::silent_operator(&mari, &case, &call).await;
    desk.wait(limits::SESSION_IDLE_MAX + Duration::from_secs(1));
    is_refused(&operator, 401, "not_signed_in").await;
    desk.wait(limits::GUEST_SESSION_AGE_MAX);
    is_refused(&guest, 404, "not_found").await;
}

async fn a_secret_outlives_the_session_of_its_person(desk: &mut Desk) {
    let mari = desk.operator("Mari").await;
    let cole = desk.operator("Cole").await;
    let case = mari.create_case("Nick Evans").await;
    let nick = desk.guest_of(&case).await;
    let call = start_call(&mari, &case).await;
    let operator = Caller::silent_operator(&mari, &case, &call).await;
    let guest = Caller::silent_guest(&nick, &case, &call).await;
    mari.delete("/session").await.expect(204);
    // The page asks for the password and goes on as the same.
    let again = sign_in(desk, "mari@desk.example").await;
    let back = Caller::join(&again, &operator.call, &offer(), Some(&operator.token)).await;
    assert_eq!((&back.id, &back.token), (&operator.id, &operator.token));
    assert_eq!(ids(&guest.read().await).len(), 2);
    // Who signs in instead at the same page is another person.
    again.delete("/session").await.expect(204);
    let other = Caller::join(&cole, &operator.call, &offer(), Some(&operator.token)).await;
    assert_ne!((&other.id, &other.token), (&operator.id, &operator.token));
}

async fn a_copied_tab_is_another_window(desk: &mut Desk) {
    let mari = desk.operator("Mari").await;
    let case = mari.create_case("Nick Evans").await;
    let nick = desk.guest_of(&case).await;
    let call = start_call(&mari, &case).await;
    let first = Caller::silent_guest(&nick, &case, &call).await;
    first.offer().await.expect(200);
    // A browser that copies a tab copies what the page keeps: the secret too.
    let copy = Caller::join(&nick, &first.call, &offer(), Some(&first.token)).await;
    assert_eq!(copy.id, first.id);
    first.offer().await.problem(409, "call_moved");
    copy.offer().await.expect(200);
    // "Use here" in the first one.
    let here = Caller::join(&nick, &first.call, &offer(), Some(&first.token)).await;
    copy.offer().await.problem(409, "call_moved");
    here.offer().await.expect(200);
    assert_eq!(ids(&here.read().await), [first.id.as_str()]);
    // No connection outlives a restart: whoever offers first is told to join again.
    desk.restart().await;
    copy.offer().await.problem(410, "call_peer_gone");
}

async fn a_request_that_was_slow_takes_nobody_s_place(desk: &mut Desk) {
    let mari = desk.operator("Mari").await;
    let case = mari.create_case("Nick Evans").await;
    let nick = desk.guest_of(&case).await;
    let call = start_call(&mari, &case).await;
    let operator = Caller::silent_operator(&mari, &case, &call).await;
    // A request comes, its client gives up, and the next one of the same client is done before it.
    let slow = desk.app.calls.arrive();
    let other = desk.app.calls.arrive();
    let guest = Caller::silent_guest(&nick, &case, &call).await;
    let person = guest_in(desk).await;
    for token in [None, Some(guest.token.clone())] {
        let joined = join(desk, person, slow, token).await;
        assert!(matches!(joined, Err(Error::CallMoved)), "{joined:?}");
    }
    guest.offer().await.expect(200);
    let both = [operator.id.as_str(), guest.id.as_str()];
    assert_eq!(ids(&guest.read().await), both);
    // Nor does it bring anyone back who has left since.
    guest.leave().await.expect(204);
    let joined = join(desk, person, other, None).await;
    assert!(matches!(joined, Err(Error::CallMoved)), "{joined:?}");
    assert_eq!(ids(&operator.read().await), [operator.id.as_str()]);
    let now = desk.app.calls.arrive();
    join(desk, person, now, Some(guest.token)).await.unwrap();
    assert_eq!(ids(&operator.read().await), both);
}

/// The guest in the only call.
async fn guest_in(desk: &Desk) -> Person {
    let organization = organization(desk).await;
    let call_id = desk.app.calls.of_organization(organization)[0].1.id;
    let read = desk.app.db().read(move |tx| {
        Box::pin(
            async move { calls::store::participants(&mut tx.org(organization), call_id).await },
        )
    });
    let found: Result<_, DbError> = read.await;
    let people = found.unwrap().into_iter().map(|row| row.person);
    people
        .into_iter()
        .find(|person| matches!(person, Person::Guest(_)))
        .unwrap()
}

/// Joins the only call by a request that came at this time.
async fn join(
    desk: &Desk,
    person: Person,
    arrival: Arrival,
    token: Option<String>,
) -> Result<calls::view::Joined, Error> {
    let organization = organization(desk).await;
    let (case_id, call) = desk.app.calls.of_organization(organization).remove(0);
    let joining = Joining {
        arrival,
        offer: offer(),
        token,
        microphone: Microphone::On,
        video: Video::Camera,
    };
    let place = calls::Place::new(organization, case_id, call.id);
    calls::join(&desk.app, person, place, joining).await
}

// A participant who joined when the desk opened cannot be written any more.
static STUCK: SystemSql = system_sql!(
    sqlite: "CREATE TRIGGER stuck BEFORE UPDATE ON call_participants WHEN old.joined_at = 1795340000000
             BEGIN SELECT RAISE(ABORT, 'stuck'); END",
    postgres: "CREATE FUNCTION stuck() RETURNS trigger LANGUAGE plpgsql AS
               'BEGIN IF old.joined_at = 1795340000000 THEN RAISE EXCEPTION ''stuck''; END IF; RETURN new; END'"
);
static STUCK_FOR_ALL: SystemSql = system_sql!(
    sqlite: "CREATE INDEX call_participants_by_joined_at ON call_participants (joined_at)",
    postgres: "CREATE TRIGGER stuck BEFORE UPDATE ON call_participants FOR EACH ROW EXECUTE FUNCTION stuck()"
);
static END_SESSIONS: SystemSql = system_sql!("DELETE FROM operator_sessions");

async fn one_who_cannot_be_taken_out_keeps_nobody_else_in(desk: &mut Desk) {
    let mari = desk.operator("Mari").await;
    let cole = desk.operator("Cole").await;
    let case = mari.create_case("Nick Evans").await;
    let nick = desk.guest_of(&case).await;
    let call = start_call(&mari, &case).await;
    let stuck = Caller::silent_operator(&mari, &case, &call).await;
    desk.wait(Duration::from_secs(1));
    let other = Caller::silent_operator(&cole, &case, &call).await;
    let guest = Caller::silent_guest(&nick, &case, &call).await;
    sweep::look(&desk.app).await.unwrap();
    let all = [&stuck, &other, &guest].map(|one| one.id.clone());
    assert_eq!(ids(&guest.read().await), all);
    // Another process, or somebody at the database: this one is not told.
    for sql in [&STUCK, &STUCK_FOR_ALL, &END_SESSIONS] {
        let written: Result<u64, DbError> = desk
            .app
            .db()
            .write(move |tx| Box::pin(async move { tx.system().execute(sql, vals![]).await }))
            .await;
        written.unwrap();
    }
    sweep::look(&desk.app).await.unwrap();
    assert_eq!(
        ids(&guest.read().await),
        [stuck.id.as_str(), guest.id.as_str()]
    );
}
