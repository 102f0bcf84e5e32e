//! Desks with media take turns: a peer that must wait for the processor looks like one that is lost.

use tokio::sync::{OnceCell, Semaphore, SemaphorePermit};

/// Desks whose people are connected at once, each with two or three peers that send all the time.
const DESKS_AT_ONCE: usize = 2;

static TURNS: Semaphore = Semaphore::const_new(DESKS_AT_ONCE);

/// A desk's turn: taken with its first connected peer, kept until the desk is gone, so that no desk that has one
/// peer waits for another.
#[derive(Default)]
pub struct MediaTurn(OnceCell<SemaphorePermit<'static>>);

impl MediaTurn {
    /// Waits until it is this desk's turn.
    pub async fn take(&self) {
        let taken = self.0.get_or_init(|| async {
            let turn = TURNS.acquire().await;
            turn.expect("turns are never closed")
        });
        taken.await;
    }
}
