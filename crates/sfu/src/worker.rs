//! A worker as the handle sees it: its thread, its queue of commands and how late it runs.

use std::net::SocketAddr;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;

use tokio::sync::{mpsc, oneshot};

use crate::Rooms;
use crate::announce::Announced;
use crate::driver::Driver;
use crate::lag::Lag;
use crate::limits::Limits;
use crate::port::Port;
use crate::reports::Reports;
use crate::sfu::{Options, StartError};
use crate::types::{LocalAddress, OfferError, PeerId, Protocol, Report, RoomId};
use crate::wake::{self, Waker};

/// Offers that wait for a worker at most. It answers more than a thousand in a second: a longer queue would only
/// make everyone in it too late.
const ASKS_MAX: usize = 256;

/// The pause after a fault of the whole worker, so that one that comes back at once does not eat the machine.
const FAULT_PAUSE: Duration = Duration::from_millis(100);

/// What a worker is told to do.
#[derive(Debug)]
pub(crate) enum Command {
    /// Let a peer in.
    Join {
        room: RoomId,
        peer: PeerId,
        offer: String,
        ask: Ask,
    },
    /// Answer a further offer.
    Offer {
        room: RoomId,
        peer: PeerId,
        offer: String,
        ask: Ask,
    },
    /// Take a peer out.
    Leave { room: RoomId, peer: PeerId },
    /// Take all peers of a room out.
    Close { room: RoomId },
    /// End the thread.
    Stop,
    /// Fall over, as by a mistake of ours.
    #[cfg(test)]
    Fault,
}

/// Someone who waits for an answer, counted among those who do.
#[derive(Debug)]
pub(crate) struct Ask {
    reply: oneshot::Sender<Result<String, OfferError>>,
    waiting: Waiting,
}

impl Ask {
    /// Whether no one waits any more.
    pub(crate) fn is_over(&self) -> bool {
        self.reply.is_closed()
    }

    /// Answers. False: no one waits any more.
    pub(crate) fn answer(self, answer: Result<String, OfferError>) -> bool {
        drop(self.waiting);
        self.reply.send(answer).is_ok()
    }
}

#[derive(Debug)]
struct Waiting(Arc<AtomicUsize>);

impl Drop for Waiting {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

/// The handle of one worker. Dropping it ends the thread without waiting.
pub(crate) struct Worker {
    commands: std::sync::mpsc::Sender<Command>,
    waiting: Arc<AtomicUsize>,
    waker: Waker,
    lag: Arc<Lag>,
    addresses: Vec<SocketAddr>,
    thread: Mutex<Option<JoinHandle<()>>>,
}

impl Worker {
    /// Listens and starts the thread of the worker of that number.
    pub(crate) fn start(
        number: usize,
        options: &Options,
        announced: &Announced,
        reports: mpsc::Sender<Report>,
    ) -> Result<Worker, StartError> {
        let port = Port::bind(&announced.listen, options.port, number)
            .map_err(|(port, source)| StartError::Port { port, source })?;
        let addresses = announced.addresses(port.number, number);
        let (waker, woken) = wake::pair().map_err(StartError::Thread)?;
        let (commands, queue) = std::sync::mpsc::channel();
        let lag = Arc::new(Lag::default());
        let thread = Thread {
            number,
            local: candidates(&addresses),
            limits: options.limits.clone(),
            lag: lag.clone(),
            reports: Reports::new(reports),
        };
        let thread = std::thread::Builder::new()
            .name(format!("media-{number}"))
            .spawn(move || thread.run(port, &queue, &woken))
            .map_err(StartError::Thread)?;
        Ok(Worker {
            commands,
            waiting: Arc::new(AtomicUsize::new(0)),
            waker,
            lag,
            addresses,
            thread: Mutex::new(Some(thread)),
        })
    }

    /// Where its peers are told to send.
    pub(crate) fn addresses(&self) -> &[SocketAddr] {
        &self.addresses
    }

    /// How late it runs.
    pub(crate) fn lag(&self) -> Duration {
        self.lag.now()
    }

    /// Puts in the queue what must not be lost: who left would go on to see and hear. That it cannot grow without end
    /// comes from what it ends, which is bounded.
    pub(crate) fn tell(&self, command: Command) {
        // An ended worker has no peers.
        if self.commands.send(command).is_ok() {
            self.waker.wake();
        }
    }

    /// Puts in the queue what is answered through `reply`.
    ///
    /// # Errors
    /// When too many wait already, or the thread has ended.
    pub(crate) fn ask(
        &self,
        reply: oneshot::Sender<Result<String, OfferError>>,
        command: impl FnOnce(Ask) -> Command,
    ) -> Result<(), OfferError> {
        let before = self.waiting.fetch_add(1, Ordering::Relaxed);
        let waiting = Waiting(self.waiting.clone());
        if before >= ASKS_MAX {
            return Err(OfferError::Unavailable);
        }
        self.commands
            .send(command(Ask { reply, waiting }))
            .map_err(|_| OfferError::Unavailable)?;
        self.waker.wake();
        Ok(())
    }

    /// Waits for the thread, which has been told to stop.
    pub(crate) fn join(&self) {
        let thread = self
            .thread
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .take();
        if let Some(thread) = thread
            && thread.join().is_err()
        {
            tracing::error!("A media worker ended with a fault.");
        }
    }
}

impl Drop for Worker {
    fn drop(&mut self) {
        self.tell(Command::Stop);
    }
}

/// The candidates that peers are told: each address for UDP and for TCP.
fn candidates(addresses: &[SocketAddr]) -> Vec<LocalAddress> {
    [Protocol::Udp, Protocol::Tcp]
        .into_iter()
        .flat_map(|protocol| {
            addresses
                .iter()
                .map(move |&address| LocalAddress { protocol, address })
        })
        .collect()
}

/// What the thread has for as long as it runs.
struct Thread {
    number: usize,
    local: Vec<LocalAddress>,
    limits: Limits,
    lag: Arc<Lag>,
    reports: Reports,
}

impl Thread {
    /// Drives rooms until told to stop. A fault that no peer could be blamed for costs all rooms of this worker, but
    /// not the worker: it starts anew on the same sockets, and peers are told as gone so that they come back.
    fn run(
        mut self,
        mut port: Port,
        commands: &std::sync::mpsc::Receiver<Command>,
        woken: &wake::Woken,
    ) {
        loop {
            let ended = catch_unwind(AssertUnwindSafe(|| {
                let rooms = Rooms::new(self.local.clone(), self.limits.clone());
                Driver::new(
                    &mut port,
                    (rooms, self.limits.video_age),
                    &mut self.reports,
                    &self.lag,
                    commands,
                    woken,
                )
                .run();
            }));
            if ended.is_ok() {
                return;
            }
            tracing::error!(
                worker.number = self.number,
                media.peers = self.reports.living(),
                "A media worker fell over and starts anew; its calls connect again."
            );
            self.reports.all_gone();
            port.forget();
            std::thread::sleep(FAULT_PAUSE);
        }
    }
}
