//! A mailbox in memory: what would have been sent, to be looked at.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};

use crate::Mail;

/// Messages kept; the oldest makes room.
pub const KEPT_MAX: usize = 100;

/// A message that was kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Kept {
    /// Counts up from 1 since the start.
    pub number: u64,
    /// The message.
    pub mail: Mail,
}

/// The mailbox. Copies share it; it ends with the process.
#[derive(Debug, Clone, Default)]
pub struct Mailbox(Arc<Mutex<VecDeque<Kept>>>);

impl Mailbox {
    /// Keeps a message.
    pub fn keep(&self, mail: Mail) {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let number = kept.front().map_or(1, |newest| newest.number + 1);
        kept.truncate(KEPT_MAX - 1);
        kept.push_front(Kept { number, mail });
    }

    /// What was kept, newest first.
    pub fn newest_first(&self) -> Vec<Kept> {
        let kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        kept.iter().cloned().collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_newest_hundred_stay() {
        let mailbox = Mailbox::default();
        for number in 1..=KEPT_MAX as i64 + 5 {
            mailbox.keep(Mail {
                id: format!("job_{number}"),
                at_ms: number,
                from_name: "Desk".into(),
                to: "mari@desk.example".into(),
                subject: "Hello".into(),
                text: "Hello".into(),
            });
        }
        let kept = mailbox.newest_first();
        assert_eq!(kept.len(), KEPT_MAX);
        assert_eq!((kept[0].number, kept[0].mail.at_ms), (105, 105));
        assert_eq!(kept[KEPT_MAX - 1].number, 6);
    }
}
