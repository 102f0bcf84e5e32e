//! Claims jobs and hands them to the handlers of their kinds.

use std::{
    collections::HashMap, fmt, future::Future, panic::AssertUnwindSafe, sync::Arc, time::Duration,
};

use deskside_db::{BoxFuture, Clock, DbError, Random, Time};
use futures_util::FutureExt;
use tokio::{
    sync::watch,
    task::{JoinHandle, JoinSet},
    time::timeout,
};

use crate::{Delivery, Job, Outcome, Queue, delay};

/// Jobs that [`Runner::run_due`] claims at once.
const DUE_BATCH: usize = 100;

/// How a runner works.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// Jobs that run at the same time.
    pub concurrency: usize,
    /// How long a claim is valid. A handler is stopped before that, so that no job runs twice at
    /// once.
    pub lease: Duration,
    /// How often it looks for jobs that are due; between, [`Queue::notify`] wakes it.
    pub poll: Duration,
    /// How long running handlers may go on when the server stops.
    pub grace: Duration,
}

impl Default for Limits {
    fn default() -> Limits {
        Limits {
            concurrency: 8,
            lease: Duration::from_secs(60),
            poll: Duration::from_secs(2),
            grace: Duration::from_secs(10),
        }
    }
}

type Handler = Arc<dyn Fn(Job) -> BoxFuture<'static, Outcome> + Send + Sync>;

/// The handlers of every kind, and how they are run.
#[derive(Clone)]
pub struct Runner {
    queue: Queue,
    clock: Clock,
    random: Random,
    limits: Limits,
    handlers: HashMap<&'static str, Handler>,
}

impl fmt::Debug for Runner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Runner")
            .field("limits", &self.limits)
            .field("handlers", &self.handlers.keys())
            .finish_non_exhaustive()
    }
}

impl Runner {
    /// A runner without handlers.
    pub fn new(queue: Queue, clock: Clock, random: Random, limits: Limits) -> Runner {
        Runner {
            queue,
            clock,
            random,
            limits,
            handlers: HashMap::new(),
        }
    }

    /// Sets the handler of a kind.
    pub fn handle<F, Fut>(mut self, kind: &'static str, handler: F) -> Runner
    where
        F: Fn(Job) -> Fut + Send + Sync + 'static,
        Fut: Future<Output = Outcome> + Send + 'static,
    {
        self.handlers
            .insert(kind, Arc::new(move |job| handler(job).boxed()));
        self
    }

    /// Runs whatever is due at this time, and what that makes due, one after the other; how many
    /// attempts it took. For tests and for commands that end.
    pub async fn run_due(&self, now: Time) -> Result<usize, DbError> {
        let mut attempts = 0;
        loop {
            let jobs = self.queue.claim(now, DUE_BATCH, self.limits.lease).await?;
            if jobs.is_empty() {
                return Ok(attempts);
            }
            for job in jobs {
                attempts += 1;
                let outcome = self.attempt(&job).await;
                self.settle(&job, outcome, now).await?;
            }
        }
    }

    /// Starts to work, in the background.
    pub fn start(self) -> Running {
        let queue = self.queue.clone();
        let (stop, stopped) = watch::channel(false);
        Running {
            queue,
            stop,
            work: tokio::spawn(self.work(stopped)),
        }
    }

    async fn work(self, mut stopped: watch::Receiver<bool>) {
        let runner = Arc::new(self);
        let mut running = JoinSet::new();
        loop {
            let free = runner.limits.concurrency.max(1) - running.len();
            if free > 0 {
                match runner
                    .queue
                    .claim(runner.clock.now(), free, runner.limits.lease)
                    .await
                {
                    Ok(jobs) => {
                        for job in jobs {
                            running.spawn(runner.clone().run(job));
                        }
                    }
                    Err(error) => tracing::warn!(%error, "jobs.claim_failed"),
                }
            }
            tokio::select! {
                biased;
                // Both a stop and a dropped `Running` end the work.
                _ = stopped.changed() => break,
                // A free place may let the next job in.
                Some(_) = running.join_next() => {}
                () = runner.queue.woken(), if free > 0 => {}
                () = tokio::time::sleep(runner.limits.poll), if free > 0 => {}
            }
        }
        let all_ended = async { while running.join_next().await.is_some() {} };
        if timeout(runner.limits.grace, all_ended).await.is_err() {
            // Their leases will end, and with them comes what each kind asks for.
            tracing::warn!(jobs = running.len(), "jobs.stopped_while_running");
        }
    }

    async fn run(self: Arc<Self>, job: Job) {
        let outcome = self.attempt(&job).await;
        match self.settle(&job, outcome, self.clock.now()).await {
            Ok(true) => {}
            Ok(false) => tracing::warn!(job = %job.id, kind = job.kind, "jobs.lease_lost"),
            Err(error) => {
                tracing::error!(job = %job.id, kind = job.kind, %error, "jobs.not_settled")
            }
        }
    }

    /// Runs the handler, for three quarters of the lease at most.
    async fn attempt(&self, job: &Job) -> Outcome {
        let Some(handler) = self.handlers.get(job.kind.as_str()) else {
            return Outcome::Retry("no_handler");
        };
        let handled = AssertUnwindSafe(async { handler(job.clone()).await }).catch_unwind();
        match timeout(self.limits.lease.mul_f32(0.75), handled).await {
            Ok(Ok(outcome)) => outcome,
            Ok(Err(_)) => unclear(job, "panicked"),
            Err(_) => unclear(job, "timed_out"),
        }
    }

    async fn settle(&self, job: &Job, outcome: Outcome, now: Time) -> Result<bool, DbError> {
        let (at, code) = match outcome {
            Outcome::Done => return self.queue.done(job).await,
            Outcome::Unknown(code) => {
                tracing::error!(job = %job.id, kind = job.kind, code, "jobs.unknown");
                return self.queue.unknown(job, code).await;
            }
            Outcome::Dead(code) => (None, code),
            Outcome::Retry(code) => (Some(now + delay(job.attempt, &self.random)), code),
            Outcome::RetryAt(at, code) => (Some(at), code),
        };
        match at.filter(|_| job.attempt < job.attempts_max) {
            Some(at) => {
                tracing::info!(job = %job.id, kind = job.kind, attempt = job.attempt, code, "jobs.retry");
                self.queue.retry(job, at, code).await
            }
            None => {
                tracing::error!(job = %job.id, kind = job.kind, attempt = job.attempt, code, "jobs.dead");
                self.queue.dead(job, code).await
            }
        }
    }
}

/// An attempt of which nobody knows how it ended.
fn unclear(job: &Job, code: &'static str) -> Outcome {
    match job.delivery {
        Delivery::AtLeastOnce => Outcome::Retry(code),
        Delivery::AtMostOnce => Outcome::Unknown(code),
    }
}

/// A runner at work. Dropping it stops it without waiting.
#[derive(Debug)]
pub struct Running {
    queue: Queue,
    stop: watch::Sender<bool>,
    work: JoinHandle<()>,
}

impl Running {
    /// Wakes it: something was enqueued.
    pub fn notify(&self) {
        self.queue.notify();
    }

    /// Claims nothing more and waits for what runs, for the time of [`Limits::grace`].
    pub async fn stop(self) {
        self.stop.send_replace(true);
        if let Err(error) = self.work.await {
            tracing::error!(%error, "jobs.runner_failed");
        }
    }
}
