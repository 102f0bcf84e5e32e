//! A link that is put in trouble and left alone.

use super::*;

const ROUND: Duration = Duration::from_millis(100);
const FREE: Duration = Duration::from_millis(40);
const FULL: Duration = Duration::from_millis(340);

/// A link on which packets take a given time and a part of them is lost.
struct Bench {
    now: Instant,
    link: Link,
    pictures: usize,
}

impl Bench {
    fn new(pictures: usize) -> Bench {
        let now = Instant::now();
        Bench {
            now,
            link: Link::new(now),
            pictures,
        }
    }

    /// Lets time pass; tells how many pictures are sent, and how large each may be, in each round.
    fn pass(&mut self, time: Duration, delay: Duration, lost: f32) -> Vec<(usize, u32)> {
        let mut rungs = Vec::new();
        for _ in 0..time.as_millis() / ROUND.as_millis() {
            self.now += ROUND;
            let bytes = self.link.limit() as usize * self.link.carried() * 1_000 / 8 / 10;
            self.link.video.count(self.now, bytes);
            self.link.measured(self.now, Some(delay), Some(lost), None);
            self.link.settle(self.now, self.pictures);
            rungs.push((self.link.carried(), self.link.limit()));
        }
        rungs
    }

    fn seconds(&mut self, seconds: u64, delay: Duration, lost: f32) -> (usize, u32) {
        self.pass(Duration::from_secs(seconds), delay, lost);
        (self.link.carried(), self.link.limit())
    }
}

#[test]
fn begins_at_800_and_goes_up_one_step_after_the_other() {
    let mut bench = Bench::new(1);
    let mut limits: Vec<u32> = bench
        .pass(Duration::from_secs(10), FREE, 0.0)
        .iter()
        .map(|rung| rung.1)
        .collect();
    limits.dedup();
    assert_eq!(limits, [800, 1_200, 1_800]);
    assert_eq!(
        bench.seconds(60, FREE, 0.05),
        (1, 1_800),
        "a little loss is repeated"
    );
}

#[test]
fn waits_half_a_second_before_it_goes_down() {
    let mut bench = Bench::new(1);
    bench.seconds(10, FREE, 0.0);
    bench.pass(
        Duration::from_millis(400),
        FREE + Duration::from_millis(150),
        0.0,
    );
    assert_eq!(
        bench.seconds(1, FREE, 0.0),
        (1, 1_800),
        "a short delay is none"
    );
    bench.pass(
        Duration::from_millis(1_200),
        FREE + Duration::from_millis(150),
        0.0,
    );
    assert!(bench.link.limit() < 1_800);
}

#[test]
fn great_trouble_stops_pictures_at_once_and_for_a_moment() {
    let mut bench = Bench::new(1);
    bench.seconds(15, FREE, 0.0);
    bench.pass(Duration::from_millis(600), FULL, 0.5);
    assert!(bench.link.limit() <= 800, "{}", bench.link.limit());
    assert!(bench.link.sheds(bench.now));
    assert!(!bench.link.sheds(bench.now + SHED_MAX));
}

#[test]
fn withholds_pictures_one_after_the_other_and_only_at_the_lowest_limit() {
    let mut bench = Bench::new(2);
    bench.seconds(5, FREE, 0.0);
    let rungs = bench.pass(Duration::from_secs(20), FULL, 0.3);
    let first = rungs
        .iter()
        .position(|(carried, _)| *carried == 1)
        .expect("one is withheld");
    assert!(rungs[..first].contains(&(2, 150)));
    assert!(rungs[first..].iter().any(|(carried, _)| *carried == 0));
    assert_eq!(bench.link.quality(), Quality::Poor);
    assert_eq!(bench.seconds(90, FREE, 0.0), (2, 1_800), "all comes back");
    assert_eq!(bench.link.quality(), Quality::Good);
}

#[test]
fn tries_a_rung_that_failed_after_longer_and_longer_times() {
    let mut bench = Bench::new(1);
    let mut tries = Vec::new();
    let mut was = 800;
    for round in 0..3_000 {
        // The link carries 800 kbit/s and no more.
        let delay = if bench.link.limit() > 800 {
            FREE + DELAYED * 2
        } else {
            FREE
        };
        let (_, limit) = bench.pass(ROUND, delay, 0.0)[0];
        if limit > 800 && was == 800 {
            tries.push(round / 10);
        }
        was = limit;
    }
    let pauses: Vec<i32> = tries.windows(2).map(|pair| pair[1] - pair[0]).collect();
    assert!(
        pauses.windows(2).all(|pair| pair[1] + 1 >= pair[0]),
        "{pauses:?}"
    );
    assert!(
        pauses.iter().skip(3).all(|pause| *pause >= 30),
        "{pauses:?}"
    );
    assert!(tries.len() <= 15, "{tries:?}");
}

#[test]
fn more_pictures_begin_with_no_more_than_a_link_is_known_to_carry() {
    let mut bench = Bench::new(1);
    bench.seconds(10, FREE, 0.0);
    bench.pictures = 3;
    assert_eq!(bench.pass(ROUND, FREE, 0.0), [(3, 800)]);
    bench.pictures = 2;
    assert_eq!(bench.pass(ROUND, FREE, 0.0), [(2, 800)]);
    bench.pictures = 0;
    assert_eq!(bench.pass(ROUND, FREE, 0.0)[0].0, 0);
    bench.pictures = 1;
    assert_eq!(
        bench.pass(ROUND, FREE, 0.0),
        [(1, 800)],
        "and begin anew after none"
    );
    // A slow link that carries one small picture does not carry two at once.
    bench.pass(Duration::from_millis(5_000), FULL, 0.3);
    let rung = (bench.link.carried(), bench.link.limit());
    assert!(rung.1 <= 300, "{rung:?}");
    bench.pictures = 2;
    let cost = |rung: (usize, u32)| rung.0 as u32 * rung.1;
    let two = bench.pass(ROUND, FREE, 0.0)[0];
    assert!(cost(two) <= cost(rung), "{rung:?} {two:?}");
}

#[test]
fn a_longer_way_is_no_queue() {
    let mut bench = Bench::new(1);
    bench.seconds(10, FREE, 0.0);
    bench.seconds(25, FREE + DELAYED * 2, 0.0);
    let limit = bench.link.limit();
    assert!(
        bench.seconds(60, FREE + DELAYED * 2, 0.0).1 > limit,
        "it is known after a while"
    );
}

#[test]
fn receivers_without_feedback_are_judged_by_their_reports() {
    let mut bench = Bench::new(1);
    bench.link.settle(bench.now, 1);
    for _ in 0..30 {
        bench.now += ROUND;
        bench.link.measured(bench.now, None, None, None);
        bench.link.reported(bench.now, Some(FREE), Some(0.5));
        bench.link.settle(bench.now, 1);
    }
    assert!(bench.link.limit() < 800);
}

#[test]
fn trouble_of_our_own_is_none_of_the_link() {
    let mut bench = Bench::new(1);
    bench.seconds(10, FREE, 0.0);
    bench.link.stalled(bench.now);
    assert_eq!(bench.seconds(1, FULL, 0.5), (1, 1_800));
    assert_eq!(bench.seconds(5, FREE, 0.0), (1, 1_800));
    bench.seconds(1, FULL, 0.5);
    assert!(bench.link.limit() < 1_800, "it hears again");
}
