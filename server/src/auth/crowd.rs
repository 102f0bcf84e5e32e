//! One client address among all: how many of its requests are in work. Whoever sends requests slowly from one
//! place fills a part of the server, never all of it.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::limits;

/// Requests in work by client address. Cheap to clone.
#[derive(Debug, Clone, Default)]
pub struct Crowd(Arc<Mutex<HashMap<Vec<u8>, usize>>>);

/// A request's place; dropping it gives it back.
#[derive(Debug)]
pub struct Place {
    crowd: Crowd,
    subject: Vec<u8>,
}

impl Crowd {
    /// A place for one more request of this address, if it has not too many already.
    pub fn enter(&self, subject: Vec<u8>) -> Option<Place> {
        let mut crowd = self.lock();
        let count = crowd.entry(subject.clone()).or_default();
        if *count >= limits::REQUESTS_AT_ONCE_PER_ADDRESS_MAX {
            return None;
        }
        *count += 1;
        Some(Place {
            crowd: self.clone(),
            subject,
        })
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<Vec<u8>, usize>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut crowd = self.crowd.lock();
        if let Some(count) = crowd.get_mut(&self.subject) {
            *count -= 1;
            if *count == 0 {
                crowd.remove(&self.subject);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_address_fills_its_part_and_no_more() {
        let crowd = Crowd::default();
        let mut places: Vec<Place> =
            std::iter::from_fn(|| crowd.enter(vec![203, 0, 113, 9])).collect();
        assert_eq!(places.len(), limits::REQUESTS_AT_ONCE_PER_ADDRESS_MAX);
        assert!(
            crowd.enter(vec![203, 0, 113, 10]).is_some(),
            "others come in"
        );
        places.pop();
        assert!(crowd.enter(vec![203, 0, 113, 9]).is_some(), "one left");
        drop(places);
        assert!(crowd.lock().is_empty(), "nobody is remembered");
    }
}
