//! The handle of the workers: what the application asks, and how it is told.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{mpsc, oneshot};

use crate::announce;
use crate::limits::Limits;
use crate::types::{Announce, OfferError, PeerId, PortChoice, Report, RoomId};
use crate::worker::{Ask, Command, Worker};

/// Workers at most: each takes a thread and a port.
const WORKERS_MAX: usize = 64;

/// Reports that wait for the application. What does not fit is kept by the worker, where a newer state takes the
/// place of an older one.
const REPORTS_MAX: usize = 256;

/// How long an offer may wait for its answer. An answer takes under a millisecond; a worker that has not found the
/// time in two seconds will not give a good call either.
const ANSWER_MAX: Duration = Duration::from_secs(2);

/// How the workers listen and what they take.
#[derive(Debug, Clone)]
pub struct Options {
    /// The address to listen on; `0.0.0.0` and `::` mean all.
    pub listen: IpAddr,
    /// The port of the first worker; each further one takes the next.
    pub port: PortChoice,
    /// Where peers are told to send. Empty: the addresses of this machine's interfaces.
    pub announce: Vec<Announce>,
    /// Where `announce` is empty: whether a browser on this machine is to be reached by the loopback address.
    pub loopback: bool,
    /// Threads, at least one. A room lives on one of them.
    pub workers: usize,
    /// How much each worker takes.
    pub limits: Limits,
}

impl Default for Options {
    /// Any free port of all addresses, told as they are.
    fn default() -> Options {
        Options {
            listen: IpAddr::V4(Ipv4Addr::UNSPECIFIED),
            port: PortChoice::Any,
            announce: Vec::new(),
            loopback: false,
            workers: 1,
            limits: Limits::default(),
        }
    }
}

/// Why the workers did not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The port is taken, or may not be had.
    #[error("port {port} cannot be listened on for UDP and TCP")]
    Port {
        /// Which; 0 is any.
        port: u16,
        /// What the system said.
        source: std::io::Error,
    },
    /// The interfaces cannot be listed.
    #[error("the addresses of this machine cannot be listed")]
    Interfaces(#[source] std::io::Error),
    /// An address that no one can send to, or that is not listened on.
    #[error("{0} cannot be announced: it is no address that can be reached here")]
    Announce(IpAddr),
    /// No thread could be had.
    #[error("no thread could be started")]
    Thread(#[source] std::io::Error),
}

/// The workers: rooms are made, peers let in and out through it. A clone is the same workers; when the last one
/// is dropped, they end.
#[derive(Clone)]
pub struct Sfu {
    shared: Arc<Shared>,
}

struct Shared {
    workers: Vec<Worker>,
    addresses: Vec<SocketAddr>,
}

impl Sfu {
    /// Listens and starts the threads. The receiver is told what becomes of peers; it may be slow, but a worker that
    /// has much untold takes no new peers.
    ///
    /// # Errors
    /// When the port or the addresses cannot be had.
    pub fn start(options: Options) -> Result<(Sfu, mpsc::Receiver<Report>), StartError> {
        let (reports, receiver) = mpsc::channel(REPORTS_MAX);
        let announced = announce::resolve(&options)?;
        let mut workers = Vec::new();
        let mut addresses = Vec::new();
        for number in 0..options.workers.clamp(1, WORKERS_MAX) {
            let worker = Worker::start(number, &options, &announced, reports.clone())?;
            addresses.extend(worker.addresses());
            workers.push(worker);
        }
        let shared = Arc::new(Shared { workers, addresses });
        Ok((Sfu { shared }, receiver))
    }

    /// Lets a peer into a room, which is made if need be, and answers its offer. A peer that is there already is
    /// replaced.
    ///
    /// Whoever stops waiting for the answer takes the peer out with it.
    ///
    /// # Errors
    /// When the offer cannot be answered, the room is full, or no worker takes it in time.
    pub async fn join(
        &self,
        room: RoomId,
        peer: PeerId,
        offer: &str,
    ) -> Result<String, OfferError> {
        let offer = offer.to_owned();
        self.ask(room, |ask| Command::Join {
            room,
            peer,
            offer,
            ask,
        })
        .await
    }

    /// Answers a further offer of a peer: more places, or an ICE restart.
    ///
    /// # Errors
    /// [`OfferError::Gone`] when there is no such peer, and as for [`Sfu::join`].
    pub async fn offer(
        &self,
        room: RoomId,
        peer: PeerId,
        offer: &str,
    ) -> Result<String, OfferError> {
        let offer = offer.to_owned();
        self.ask(room, |ask| Command::Offer {
            room,
            peer,
            offer,
            ask,
        })
        .await
    }

    /// Takes a peer out. It is told as gone.
    pub fn leave(&self, room: RoomId, peer: PeerId) {
        self.worker(room).tell(Command::Leave { room, peer });
    }

    /// Takes all peers of a room out.
    pub fn close(&self, room: RoomId) {
        self.worker(room).tell(Command::Close { room });
    }

    /// The addresses that peers are told, of all workers.
    #[must_use]
    pub fn addresses(&self) -> Vec<SocketAddr> {
        self.shared.addresses.clone()
    }

    /// How late the latest worker runs: what 95 of 100 turns of the last second kept to. Costs a few loads.
    #[must_use]
    pub fn lag(&self) -> Duration {
        self.shared
            .workers
            .iter()
            .map(Worker::lag)
            .max()
            .unwrap_or_default()
    }

    /// Ends the threads and waits for them. Peers are not told: to them it is a network that went away.
    pub async fn stop(self) {
        for worker in &self.shared.workers {
            worker.tell(Command::Stop);
        }
        let shared = self.shared;
        // Joining a thread blocks; it takes a turn of its loop.
        let joined = tokio::task::spawn_blocking(move || {
            for worker in &shared.workers {
                worker.join();
            }
        });
        if let Err(error) = joined.await {
            tracing::error!(error = %error, "The media workers could not be waited for.");
        }
    }

    /// The worker that a room lives on.
    fn worker(&self, room: RoomId) -> &Worker {
        let (high, low) = room.0.as_u64_pair();
        // Ids begin with their time: the low half is what differs.
        let number = (high ^ low) % self.shared.workers.len() as u64;
        &self.shared.workers[number as usize]
    }

    async fn ask(
        &self,
        room: RoomId,
        command: impl FnOnce(Ask) -> Command,
    ) -> Result<String, OfferError> {
        let (reply, answer) = oneshot::channel();
        self.worker(room).ask(reply, command)?;
        match tokio::time::timeout(ANSWER_MAX, answer).await {
            Ok(Ok(answer)) => answer,
            // The worker has ended, or fell over this very offer.
            Ok(Err(_)) | Err(_) => Err(OfferError::Unavailable),
        }
    }
}

impl std::fmt::Debug for Sfu {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Sfu")
            .field("addresses", &self.shared.addresses)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use str0m::Rtc;
    use str0m::media::{Direction, MediaKind};
    use uuid::Uuid;

    use super::*;
    use crate::types::{GoneWhy, RoomReport};

    const ROOM: RoomId = RoomId(Uuid::from_u128(1));
    const PEER: PeerId = PeerId(Uuid::from_u128(2));

    fn start() -> (Sfu, mpsc::Receiver<Report>) {
        let listen = IpAddr::V4(Ipv4Addr::LOCALHOST);
        Sfu::start(Options {
            listen,
            ..Options::default()
        })
        .expect("starts")
    }

    fn offer() -> String {
        let mut rtc = Rtc::new(std::time::Instant::now());
        let mut changes = rtc.sdp_api();
        changes.add_media(MediaKind::Audio, Direction::SendOnly, None, None, None);
        let (offer, _) = changes.apply().expect("something to offer");
        offer.to_sdp_string()
    }

    #[tokio::test]
    async fn a_worker_that_falls_over_starts_anew_and_tells_whom_it_lost() {
        let (sfu, mut reports) = start();
        sfu.join(ROOM, PEER, &offer()).await.expect("joins");
        sfu.worker(ROOM).tell(Command::Fault);
        let why = loop {
            let report = reports.recv().await.expect("the worker runs");
            if let RoomReport::Gone { peer: PEER, why } = report.what {
                break why;
            }
        };
        assert_eq!(why, GoneWhy::Panicked);
        let gone = sfu.offer(ROOM, PEER, &offer()).await;
        assert_eq!(gone, Err(OfferError::Gone));
        sfu.join(ROOM, PEER, &offer()).await.expect("joins again");
        sfu.stop().await;
    }

    #[tokio::test]
    async fn a_queue_that_is_full_refuses_at_once() {
        let (sfu, _reports) = start();
        let (peer, room) = (PEER, ROOM);
        let (good, mut waiting) = (offer(), Vec::new());
        // Faster than any worker answers.
        let refused = std::iter::repeat_with(|| {
            let (reply, answer) = oneshot::channel();
            waiting.push(answer);
            let offer = good.clone();
            sfu.worker(ROOM).ask(reply, |ask| Command::Join {
                room,
                peer,
                offer,
                ask,
            })
        });
        let refused = refused.take(1_000).find(Result::is_err);
        assert_eq!(refused, Some(Err(OfferError::Unavailable)));
        // Once no one waits there is place again, and no one was let in who had given up.
        drop(waiting);
        let stranger = PeerId(Uuid::from_u128(3));
        let answer = loop {
            match sfu.offer(ROOM, stranger, &offer()).await {
                Err(OfferError::Unavailable) => tokio::task::yield_now().await,
                answer => break answer,
            }
        };
        assert_eq!(answer, Err(OfferError::Gone));
        sfu.stop().await;
    }
}
