//! How long to wait before the next attempt.

use std::time::Duration;

use deskside_db::Random;

/// The wait after the first failure; it doubles with each one.
const FIRST: Duration = Duration::from_secs(10);
/// The longest wait.
const LONGEST: Duration = Duration::from_secs(3_600);

/// Doublings after which the longest wait is reached in any case.
const DOUBLINGS_MAX: i64 = 16;

/// The wait after this many attempts: twice as long each time up to an hour, half of it by chance,
/// so that jobs which failed together do not come back together.
pub fn delay(attempts: i64, random: &Random) -> Duration {
    let doublings = attempts.clamp(1, DOUBLINGS_MAX + 1) - 1;
    let whole = (FIRST * (1_u32 << doublings)).min(LONGEST);
    let half = whole / 2;
    let chance = u64::try_from(half.as_millis()).unwrap_or(u64::MAX);
    half + Duration::from_millis(random.below(chance.saturating_add(1)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_wait_grows_and_varies_within_its_half() {
        let random = Random::seeded(1);
        let bounds = [
            (0, 5, 10),
            (1, 5, 10),
            (2, 10, 20),
            (3, 20, 40),
            (9, 1_280, 2_560),
            (10, 1_800, 3_600),
        ];
        for (attempts, least, most) in bounds.into_iter().chain([(i64::MAX, 1_800, 3_600)]) {
            let waits: Vec<Duration> = (0..200).map(|_| delay(attempts, &random)).collect();
            assert!(
                waits
                    .iter()
                    .all(|wait| (least..=most).contains(&wait.as_secs())),
                "{attempts}"
            );
            assert!(waits.iter().any(|wait| *wait != waits[0]), "{attempts}");
        }
    }
}
