//! Many writers, and screens whose connections break at random: at the end every screen's log is the
//! database's.

use std::cell::RefCell;
use std::time::Duration;

use axum::http::Method;
use deskside::events::{Audience, Stamped};
use deskside_db::Random;
use futures_util::future::join_all;
use serde_json::{Value, json};

use crate::live::{log_of, organization_of};
use crate::support::{Actor, Desk, on_both_databases};

on_both_databases![every_log_equals_the_database];

const CASES: usize = 4;
const WRITERS: usize = 8;
const WRITES: usize = 60;
const SCREENS: usize = 5;

/// The seed; a failure says it, and the same seed makes the same choices.
const SEED: u64 = 20_261_122;

/// A screen that writes down what it hears and comes back whenever its connection breaks.
struct Screen {
    who: Actor,
    path: String,
    /// How the path says where the screen is, and how frames do.
    words: [&'static str; 2],
    log: Vec<(i64, Value)>,
    place: Option<i64>,
    breaks: usize,
    random: Random,
}

impl Screen {
    fn new(who: &Actor, case_id: Option<&str>, seed: u64) -> Screen {
        let (path, words) = match case_id {
            Some(case_id) => (format!("/guest/cases/{case_id}/live"), ["after", "entry"]),
            None => ("/live".to_owned(), ["cursor", "cursor"]),
        };
        Screen {
            who: who.clone(),
            path,
            words,
            log: Vec::new(),
            place: None,
            breaks: 0,
            random: Random::seeded(seed),
        }
    }

    /// Connects; hears until the place, or until the connection is broken by chance. `done` once it is there.
    async fn hear(&mut self, goal: &RefCell<Option<i64>>) -> bool {
        let path = match self.place {
            Some(place) => format!("{}?{}={place}", self.path, self.words[0]),
            None => self.path.clone(),
        };
        let mut live = self
            .who
            .live(&path)
            .await
            .expect("the server takes the socket");
        let hello = live.next_of("hello").await;
        let from = hello[self.words[1]].as_i64().unwrap();
        assert!(
            self.place.is_none_or(|place| place == from),
            "seed {SEED}: {hello}"
        );
        self.place = Some(from);
        let mut left = self.random.below(40);
        loop {
            if goal.borrow().is_some_and(|goal| self.place >= Some(goal)) {
                return true;
            }
            if left == 0 && goal.borrow().is_none() {
                self.breaks += 1;
                // Half of them say goodbye, half vanish.
                if self.random.below(2) == 0 {
                    live.leave().await;
                }
                return false;
            }
            left = left.saturating_sub(1);
            match live.frame().await {
                Ok(frame) if frame["kind"] == "event" => {
                    if let Some(place) = frame[self.words[1]].as_i64() {
                        self.place = Some(place);
                        let mut event = frame["event"].clone();
                        if self.words[1] == "entry" {
                            // Who sent a message hears its key, others do not.
                            event
                                .as_object_mut()
                                .map(|fields| fields.remove("client_key"));
                        }
                        self.log.push((place, event));
                    }
                }
                // The heartbeat says that there is nothing more up to here.
                Ok(frame) if frame["kind"] == "cursor" || frame["kind"] == "heartbeat" => {
                    assert_eq!(frame[self.words[1]].as_i64(), self.place, "seed {SEED}");
                }
                Ok(frame) => assert_ne!(frame["kind"], "reset", "seed {SEED}"),
                Err(code) => {
                    assert_eq!(code, 4409, "seed {SEED}");
                    return false;
                }
            }
        }
    }
}

async fn every_log_equals_the_database(desk: &mut Desk) {
    let ada = desk.administrator().await;
    let mari = desk.operator("Mari").await;
    let organization = organization_of(&ada).await;
    let (mut cases, mut guests) = (Vec::new(), Vec::new());
    for number in 0..CASES {
        let case = ada.create_case(&format!("Case {number}")).await;
        guests.push(desk.guest_of(&case).await);
        cases.push(case);
    }
    let mut screens: Vec<Screen> = (0..SCREENS)
        .map(|number| {
            Screen::new(
                if number % 2 == 0 { &ada } else { &mari },
                None,
                SEED + number as u64,
            )
        })
        .collect();
    for (number, (guest, case)) in guests.iter().zip(&cases).enumerate() {
        screens.push(Screen::new(guest, Some(case), SEED + 100 + number as u64));
    }

    let goals: Vec<RefCell<Option<i64>>> = screens.iter().map(|_| RefCell::new(None)).collect();
    let read = join_all(
        screens
            .iter_mut()
            .zip(&goals)
            .map(|(screen, goal)| async { while !screen.hear(goal).await {} }),
    );
    let write = async {
        let writers = (0..WRITERS).map(|writer| {
            write(
                writer,
                [&ada, &mari],
                &cases,
                &guests,
                Random::seeded(SEED + 200 + writer as u64),
            )
        });
        join_all(writers).await;
        let log = log_of(desk, organization).await;
        for (number, goal) in goals.iter().enumerate() {
            let last = match number.checked_sub(SCREENS) {
                None => log.last().map(|event| event.seq),
                Some(guest) => last_entry(&ada, &cases[guest]).await,
            };
            *goal.borrow_mut() = last;
        }
        // Something more for each, so that those who wait for a frame look at their goal.
        for case in &cases {
            ada.send(case, "the end").await;
        }
    };
    tokio::time::timeout(Duration::from_secs(60), async {
        futures_util::join!(read, write)
    })
    .await
    .unwrap_or_else(|_| panic!("seed {SEED}: a screen waits for what does not come"));

    let log = log_of(desk, organization).await;
    for (number, screen) in screens.iter().enumerate() {
        assert!(
            screen.breaks > 3,
            "screen {number} was broken {} times",
            screen.breaks
        );
        let (first, last) = (screen.log[0].0, screen.log[screen.log.len() - 1].0);
        let expected: Vec<(i64, Value)> = match number.checked_sub(SCREENS) {
            None => log
                .iter()
                .filter(|event| event.event.audience() != Audience::Nobody)
                .map(|event| (event.seq, json!(event.event)))
                .filter(|(place, _)| (first..=last).contains(place))
                .collect(),
            Some(guest) => log
                .iter()
                .filter(|event| {
                    event.case_id.map(|id| id.to_string()).as_ref() == Some(&cases[guest])
                })
                .filter(|event| event.event.audience() == Audience::Case)
                .filter_map(|event| Some((event.entry?, as_guests_hear(event))))
                .filter(|(place, _)| (first..=last).contains(place))
                .collect(),
        };
        let differs = screen
            .log
            .iter()
            .zip(&expected)
            .find(|(one, other)| one != other);
        assert_eq!(differs, None, "seed {SEED}: screen {number}");
        assert_eq!(
            screen.log.len(),
            expected.len(),
            "seed {SEED}: screen {number}"
        );
        assert!(expected.len() > WRITES, "screen {number} saw little");
    }
    // The order itself has no gap.
    let seqs: Vec<i64> = log.iter().map(|event| event.seq).collect();
    assert_eq!(seqs, (1..=seqs.len() as i64).collect::<Vec<_>>());
}

/// An event as a guest hears it: the keys are the senders' own.
fn as_guests_hear(event: &Stamped) -> Value {
    let mut event = json!(event.event);
    if let Some(fields) = event.as_object_mut() {
        fields.remove("client_key");
    }
    event
}

/// The newest entry that a guest is told of.
async fn last_entry(ada: &Actor, case_id: &str) -> Option<i64> {
    let timeline = ada
        .get(&format!("/cases/{case_id}/timeline"))
        .await
        .expect(200);
    timeline["entries"]
        .as_array()?
        .iter()
        .filter(|entry| entry["event"]["type"] != "guest.arrived")
        .filter_map(|entry| entry["entry"].as_i64())
        .max()
}

/// One writer: messages of both sides, names, notes and read marks, in a case chosen each time.
async fn write(
    writer: usize,
    operators: [&Actor; 2],
    cases: &[String],
    guests: &[Actor],
    random: Random,
) {
    let operator = operators[writer % 2];
    for number in 0..WRITES {
        let at = random.below(cases.len() as u64) as usize;
        let case = &cases[at];
        match random.below(10) {
            0..4 => drop(operator.send(case, &format!("{writer}.{number}")).await),
            4..7 => drop(
                guests[at]
                    .guest_send(case, &format!("guest {writer}.{number}"))
                    .await,
            ),
            7 => {
                let entry = operator.case(case).await["last_entry"].clone();
                operator
                    .put(&format!("/cases/{case}/read"), json!({ "entry": entry }))
                    .await
                    .expect(204);
            }
            8 => {
                let entry = operator.case(case).await["last_entry"].clone();
                let path = format!("/guest/cases/{case}/read");
                guests[at]
                    .put(&path, json!({ "entry": entry }))
                    .await
                    .expect(204);
            }
            _ => {
                // Several at once: one wins, the others are told, and that is as good here.
                let field = if random.below(2) == 0 {
                    "name"
                } else {
                    "notes"
                };
                let version = operator.case(case).await["fields"][field]["version"].clone();
                let change =
                    json!({ field: { "value": format!("{writer}.{number}"), "version": version } });
                let path = format!("/cases/{case}");
                let answer = operator
                    .request(Method::PATCH, &path)
                    .json(change)
                    .send()
                    .await;
                assert!([200, 409].contains(&answer.status), "{}", answer.text());
            }
        }
    }
}
