//! How figures are made and shown.

use std::fmt::Display;
use std::time::Duration;

/// The middle one; half-way between the middle two of an even number.
pub fn median(values: &[f64]) -> f64 {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    match (sorted.len(), sorted.len() / 2) {
        (0, _) => f64::NAN,
        (count, middle) if count % 2 == 1 => sorted[middle],
        (_, middle) => f64::midpoint(sorted[middle - 1], sorted[middle]),
    }
}

/// The time below which this share of them lies.
pub fn quantile(times: &[Duration], share: f64) -> Duration {
    let mut sorted = times.to_vec();
    sorted.sort_unstable();
    let rank = (share * sorted.len() as f64).ceil() as usize;
    sorted
        .get(rank.clamp(1, sorted.len().max(1)) - 1)
        .copied()
        .unwrap_or_default()
}

/// Milliseconds, for arithmetic and print.
pub fn ms(time: Duration) -> f64 {
    time.as_secs_f64() * 1000.0
}

/// The machine's load averages.
pub fn load() -> String {
    let text = std::fs::read_to_string("/proc/loadavg").unwrap_or_default();
    text.split(' ').take(3).collect::<Vec<_>>().join(" ")
}

/// Starts the section of one benchmark.
pub fn section(title: &str) {
    println!("\n{title}\n  load before: {}", load());
}

/// One line of a section.
pub fn line(what: impl Display) {
    println!("  {what}");
}

/// What a ratio must be.
#[derive(Debug, Clone, Copy)]
pub enum Goal {
    /// No more than this.
    AtMost(f64),
    /// No less than this.
    AtLeast(f64),
}

/// The verdict on the median of a ratio.
pub fn verdict(what: &str, ratios: &[f64], goal: Goal) {
    let middle = median(ratios);
    let (met, sign, bound) = match goal {
        Goal::AtMost(bound) => (middle <= bound, "<=", bound),
        Goal::AtLeast(bound) => (middle >= bound, ">=", bound),
    };
    let all: Vec<String> = ratios.iter().map(|ratio| format!("{ratio:.2}")).collect();
    line(format!(
        "=> {what}: median {middle:.2} of [{}], goal {sign} {bound}: {}",
        all.join(" "),
        if met { "met" } else { "MISSED" }
    ));
    line(format!("load after: {}", load()));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_middle_and_the_tail() {
        assert!((median(&[3.0, 1.0, 2.0]) - 2.0).abs() < f64::EPSILON);
        assert!((median(&[4.0, 1.0, 2.0, 3.0]) - 2.5).abs() < f64::EPSILON);
        let times: Vec<Duration> = (1..=100).map(Duration::from_millis).collect();
        assert_eq!(quantile(&times, 0.99), Duration::from_millis(99));
        assert_eq!(quantile(&times, 0.5), Duration::from_millis(50));
        assert_eq!(quantile(&times, 1.0), Duration::from_millis(100));
        assert_eq!(quantile(&[], 0.99), Duration::ZERO);
    }
}
