//! Live screens: every event once and in order, over fresh and broken connections.

use deskside::app::App;
use deskside::auth::{OperatorSession, Rights, Role, Sight};
use deskside::chat::{self, Sender};
use deskside::events::store as events;
use deskside::events::{Audience, Event, NewEvent, Stamped, Who};
use deskside::ids::{OrganizationId, SessionId};
use deskside_db::{Clock, DbError, Dialect, Random, Uuid};
use futures_util::future::join_all;
use serde_json::{Value, json};

use crate::support::{Actor, Desk, Socket, on_both_databases, run};

on_both_databases![
    a_fresh_screen_hears_what_happens_from_now_on,
    a_screen_that_comes_back_reads_what_it_missed,
    catching_up_goes_on_while_others_write,
    too_far_behind_or_from_the_future_is_a_reset,
    a_guest_learns_entries_and_nothing_of_the_team,
    a_guest_that_comes_back_reads_what_it_missed,
    two_screens_of_one_operator_hear_the_same,
    a_lost_doorbell_is_heard_by_looking,
    other_organizations_are_not_heard,
];

/// The organization of an operator.
pub async fn organization_of(operator: &Actor) -> OrganizationId {
    let me = operator.get("/me").await.expect(200);
    let id = me["organization"]["id"].as_str().unwrap();
    id.parse().unwrap()
}

/// Everything that happened, as the database has it.
pub async fn log_of(desk: &Desk, organization: OrganizationId) -> Vec<Stamped> {
    let read = desk.app.db().read(move |tx| {
        Box::pin(async move { events::after(&mut tx.org(organization), 0, i64::MAX).await })
    });
    let log: Result<_, DbError> = read.await;
    log.unwrap()
}

/// The place in the organization's order of an event or heartbeat.
pub fn cursor(frame: &Value) -> i64 {
    frame["cursor"]
        .as_i64()
        .unwrap_or_else(|| panic!("no cursor in {frame}"))
}

/// The next events, as many as asked for; other frames are passed over.
async fn events_of(socket: &mut Socket, count: usize) -> Vec<Value> {
    let mut found = Vec::new();
    while found.len() < count {
        found.push(socket.next_of("event").await);
    }
    found
}

fn texts(frames: &[Value]) -> Vec<&str> {
    frames
        .iter()
        .map(|frame| frame["event"]["text"].as_str().unwrap_or("-"))
        .collect()
}

/// Sends messages one after the other.
async fn say(operator: &Actor, case_id: &str, texts: &[&str]) {
    for text in texts {
        operator.send(case_id, text).await;
    }
}

async fn a_fresh_screen_hears_what_happens_from_now_on(desk: &mut Desk) {
    let ada = desk.administrator().await;
    let case = ada.create_case("Nick Evans").await;
    ada.send(&case, "before").await;
    let mut live = ada.live("/live").await.unwrap();
    let hello = live.next().await;
    assert_eq!(hello["kind"], "hello");
    let from = cursor(&hello);

    let guest = desk.guest_of(&case).await;
    ada.send(&case, "one").await;
    guest.guest_send(&case, "two").await;
    ada.patch(
        &format!("/cases/{case}"),
        json!({ "name": { "value": "Nick E.", "version": 1 } }),
    )
    .await
    .expect(200);

    let heard = events_of(&mut live, 4).await;
    let kinds: Vec<&str> = heard
        .iter()
        .map(|frame| frame["event"]["type"].as_str().unwrap())
        .collect();
    assert_eq!(
        kinds,
        [
            "guest.arrived",
            "message.sent",
            "message.sent",
            "case.changed"
        ]
    );
    let places: Vec<i64> = heard.iter().map(cursor).collect();
    assert_eq!(places, [from + 1, from + 2, from + 3, from + 4]);
    let entries: Vec<&Value> = heard.iter().map(|frame| &frame["entry"]).collect();
    assert_eq!(entries, [&json!(4), &json!(5), &json!(6), &Value::Null]);
    assert_eq!(heard[1]["actor"]["name"], "Ada");
    assert_eq!(heard[2]["actor"]["kind"], "guest");
    assert_eq!(heard[3]["event"]["name"], "Nick E.");
}

async fn a_screen_that_comes_back_reads_what_it_missed(desk: &mut Desk) {
    let ada = desk.administrator().await;
    let case = ada.create_case("Nick Evans").await;
    let mut live = ada.live("/live").await.unwrap();
    live.next_of("hello").await;
    say(&ada, &case, &["one", "two"]).await;
    let heard = events_of(&mut live, 2).await;
    let last = cursor(&heard[1]);
    live.leave().await;

    say(&ada, &case, &["three", "four"]).await;
    let mut live = ada.live(&format!("/live?cursor={last}")).await.unwrap();
    assert_eq!(cursor(&live.next_of("hello").await), last);
    say(&ada, &case, &["five"]).await;
    let heard = events_of(&mut live, 3).await;
    assert_eq!(texts(&heard), ["three", "four", "five"]);
    assert_eq!(
        heard.iter().map(cursor).collect::<Vec<_>>(),
        [last + 1, last + 2, last + 3]
    );

    // The same over a new start of the server.
    desk.restart().await;
    let path = format!("/live?cursor={}", last + 1);
    let mut live = ada.live(&path).await.unwrap();
    assert_eq!(texts(&events_of(&mut live, 2).await), ["four", "five"]);
}

async fn catching_up_goes_on_while_others_write(desk: &mut Desk) {
    let ada = desk.administrator().await;
    let case = ada.create_case("Nick Evans").await;
    let organization = organization_of(&ada).await;
    let from = log_of(desk, organization).await.len() as i64;
    append(desk, organization, 1_200).await;

    let writers = join_all((0..4).map(|writer| {
        let (ada, case) = (ada.clone(), case.clone());
        async move {
            for number in 0..50 {
                ada.send(&case, &format!("{writer}.{number}")).await;
            }
        }
    }));
    let reader = async {
        let mut place = from;
        'connections: loop {
            let path = format!("/live?cursor={place}");
            let mut live = ada.live(&path).await.unwrap();
            assert_eq!(cursor(&live.next().await), place, "nothing is skipped");
            loop {
                match live.frame().await {
                    Ok(frame) if frame["kind"] == "event" => {
                        assert_eq!(cursor(&frame), place + 1, "each once, in order");
                        place += 1;
                        if place == from + 1_400 {
                            return;
                        }
                    }
                    Ok(frame) => assert_ne!(frame["kind"], "reset"),
                    // A screen that catches up may be too slow for what comes meanwhile.
                    Err(code) => {
                        assert_eq!(code, 4409);
                        continue 'connections;
                    }
                }
            }
        }
    };
    futures_util::join!(writers, reader);
    let log = log_of(desk, organization).await;
    assert_eq!(
        log.len() as i64,
        from + 1_400,
        "the screen heard everything there is"
    );
}

/// Appends quiet events in one transaction, without telling anyone.
async fn append(desk: &Desk, organization: OrganizationId, count: usize) {
    let at = desk.app.clock.now();
    let quiet = NewEvent {
        case_id: None,
        entry: None,
        at,
        who: Who::System,
        event: Event::OrganizationChanged {},
        merged_from: None,
    };
    let many = vec![quiet; count];
    let write = desk.app.db().write(move |tx| {
        Box::pin(async move { events::append(&mut tx.org(organization), &many).await })
    });
    write.await.unwrap();
}

async fn too_far_behind_or_from_the_future_is_a_reset(desk: &mut Desk) {
    let ada = desk.administrator().await;
    let case = ada.create_case("Nick Evans").await;
    let organization = organization_of(&ada).await;
    append(desk, organization, 5_001).await;
    let now = log_of(desk, organization).await.len() as i64;

    for stale in [now - 5_001, now + 1, i64::MAX, -1] {
        let path = format!("/live?cursor={stale}");
        let mut live = ada.live(&path).await.unwrap();
        assert_eq!(cursor(&live.next().await), now, "{stale}");
        let reset = live.next().await;
        assert_eq!(
            (reset["kind"].as_str(), cursor(&reset)),
            (Some("reset"), now),
            "{stale}"
        );
    }
    // From there it goes on.
    let mut live = ada.live("/live?cursor=-7").await.unwrap();
    live.next_of("reset").await;
    ada.send(&case, "and on").await;
    let event = live.next_of("event").await;
    assert_eq!(
        (cursor(&event), &event["event"]["text"]),
        (now + 1, &json!("and on"))
    );
    // As far behind as a screen may be, all is read.
    let mut live = ada
        .live(&format!("/live?cursor={}", now - 4_999))
        .await
        .unwrap();
    let missed = events_of(&mut live, 5_000).await;
    assert_eq!(cursor(&missed[4_999]), now + 1);
}

async fn a_guest_learns_entries_and_nothing_of_the_team(desk: &mut Desk) {
    let ada = desk.administrator().await;
    let case = ada.create_case("Nick Evans").await;
    let other = ada.create_case("Someone else").await;
    let guest = desk.guest_of(&case).await;
    let mut live = guest
        .live(&format!("/guest/cases/{case}/live"))
        .await
        .unwrap();
    let hello = live.next().await;
    assert_eq!(hello["entry"], hello["case"]["last_entry"]);
    let entry = hello["entry"].as_i64().unwrap();

    ada.send(&other, "not for you").await;
    let change = json!({ "notes": { "value": "a difficult one", "version": 0 }, "email": { "value": "nick@home.example", "version": 0 } });
    ada.patch(&format!("/cases/{case}"), change)
        .await
        .expect(200);
    desk.operator("Mari").await;
    ada.patch(
        "/organization",
        json!({ "contact_phone": "+44 113 496 0000" }),
    )
    .await
    .expect(200);
    // Another browser of the guest, long after the first: told to operators only.
    desk.wait(std::time::Duration::from_secs(3600));
    desk.guest_of(&case).await;
    ada.send(&case, "for you").await;

    let changed = live.next_of("event").await;
    assert_eq!(changed["event"], json!({ "type": "organization.changed" }));
    assert_eq!(
        (&changed["entry"], &changed["actor"]["kind"]),
        (&Value::Null, &json!("system")),
        "how to reach the organization is the guest's matter, who changed it is not"
    );
    let event = live.next_of("event").await;
    assert_eq!(
        event["event"]["text"], "for you",
        "nothing else was told before"
    );
    assert_eq!(
        event["entry"],
        json!(entry + 1 + 1),
        "the arrival has a number of its own"
    );
    let heard = String::from_utf8(guest.heard()).unwrap();
    for secret in [
        "cursor",
        "not for you",
        "difficult",
        "nick@home",
        "arrived",
        "Mari",
        other.as_str(),
    ] {
        assert!(!heard.contains(secret), "{secret} in {heard}");
    }
}

async fn a_guest_that_comes_back_reads_what_it_missed(desk: &mut Desk) {
    let ada = desk.administrator().await;
    let case = ada.create_case("Nick Evans").await;
    let guest = desk.guest_of(&case).await;
    let path = format!("/guest/cases/{case}/live");
    let mut live = guest.live(&path).await.unwrap();
    live.next_of("hello").await;
    say(&ada, &case, &["one", "two"]).await;
    let heard = events_of(&mut live, 2).await;
    let seen = heard[0]["entry"].as_i64().unwrap();
    live.leave().await;
    say(&ada, &case, &["three"]).await;

    let mut live = guest.live(&format!("{path}?after={seen}")).await.unwrap();
    assert_eq!(live.next().await["entry"], json!(seen));
    guest.guest_send(&case, "four").await;
    let heard = events_of(&mut live, 3).await;
    assert_eq!(texts(&heard), ["two", "three", "four"]);
    assert_eq!(heard[2]["entry"], json!(seen + 3));

    for stale in [seen + 100, -1] {
        let mut live = guest.live(&format!("{path}?after={stale}")).await.unwrap();
        assert_eq!(live.next().await["entry"], json!(seen + 3));
        let reset = live.next().await;
        assert_eq!(reset, json!({ "kind": "reset", "entry": seen + 3 }));
    }
}

async fn two_screens_of_one_operator_hear_the_same(desk: &mut Desk) {
    let ada = desk.administrator().await;
    let case = ada.create_case("Nick Evans").await;
    let mut one = ada.live("/live").await.unwrap();
    let mut two = ada.live("/live").await.unwrap();
    one.next_of("hello").await;
    two.next_of("hello").await;
    say(&ada, &case, &["one", "two", "three"]).await;
    let heard = events_of(&mut one, 3).await;
    assert_eq!(heard, events_of(&mut two, 3).await);
    assert_eq!(texts(&heard), ["one", "two", "three"]);
    one.leave().await;
    say(&ada, &case, &["four"]).await;
    assert_eq!(texts(&events_of(&mut two, 1).await), ["four"]);
}

async fn a_lost_doorbell_is_heard_by_looking(desk: &mut Desk) {
    let ada = desk.administrator().await;
    let organization = organization_of(&ada).await;
    let mut live = ada.live("/live").await.unwrap();
    let from = cursor(&live.next_of("hello").await);
    append(desk, organization, 3).await;
    let heard = events_of(&mut live, 3).await;
    assert_eq!(
        heard.iter().map(cursor).collect::<Vec<_>>(),
        [from + 1, from + 2, from + 3]
    );
}

#[test]
fn what_another_server_writes_is_heard_too() {
    run(
        Dialect::Postgres,
        |_| {},
        async |desk: &mut Desk| {
            let ada = desk.administrator().await;
            let case = ada.create_case("Nick Evans").await;
            let guest = desk.guest_of(&case).await;
            let organization = organization_of(&ada).await;
            let who = OperatorSession {
                organization,
                operator: ada.id().await.parse().unwrap(),
                role: Role::Administrator,
                seat: true,
                rights: Rights::default(),
                sight: Sight::All,
                session: SessionId::from_uuid(Uuid::nil()),
            };
            let mut live = ada.live("/live").await.unwrap();
            let mut page = guest
                .live(&format!("/guest/cases/{case}/live"))
                .await
                .unwrap();
            live.next_of("hello").await;
            page.next_of("hello").await;
            // Over the same database, with a hub of its own in which nobody sits.
            let config = desk.app.config.as_ref().clone();
            let other = App::open(config, Clock::system(), Random::system())
                .await
                .unwrap();
            let id = case.parse().unwrap();
            for text in ["one", "two"] {
                chat::send(
                    &other,
                    organization,
                    id,
                    Sender::Operator(who.clone()),
                    text,
                    Uuid::now_v7(),
                )
                .await
                .unwrap();
            }
            assert_eq!(texts(&events_of(&mut live, 2).await), ["one", "two"]);
            assert_eq!(texts(&events_of(&mut page, 2).await), ["one", "two"]);
            other.db().close().await;
        },
    );
}

async fn other_organizations_are_not_heard(desk: &mut Desk) {
    let ada = desk.administrator().await;
    let otto = desk.other_organization().await;
    let (ours, theirs) = (
        ada.create_case("Nick Evans").await,
        otto.create_case("Nick Evans").await,
    );
    let mut live = otto.live("/live").await.unwrap();
    let hello = live.next_of("hello").await;
    assert_eq!(hello["online_operators"], json!([otto.id().await]));
    ada.send(&ours, "ours").await;
    otto.send(&theirs, "theirs").await;
    let event = live.next_of("event").await;
    assert_eq!(texts(&[event]), ["theirs"]);
    let log = log_of(desk, organization_of(&otto).await).await;
    assert!(
        log.iter()
            .all(|event| event.event.audience() != Audience::Nobody)
    );
}
