//! The handle of calls, and the tasks that carry them: what the media workers report goes into the roster, what
//! changed there goes to the screens.

use std::net::{IpAddr, SocketAddr};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::Duration;

use anyhow::Context as _;
use deskside_sfu::{Announce, Options, PortChoice, Report, Sfu, StartError};
use tokio::sync::{Notify, mpsc};
use tokio::task::JoinHandle;

use super::roster::{Arrival, Roster};
use super::view::Call;
use super::{Place, sweep};
use crate::app::App;
use crate::config::Config;
use crate::error::Error;
use crate::ids::{CaseId, OrganizationId};
use crate::limits;
use crate::live::frames::{GuestFrame, OperatorFrame};
use crate::pace::Pace;

struct Inner {
    roster: Mutex<Roster>,
    sfu: OnceLock<Sfu>,
    changed: Notify,
    spoken: Notify,
    arrivals: AtomicU64,
}

/// The open calls of this process. Cheap to clone.
#[derive(Clone)]
pub struct Calls {
    inner: Arc<Inner>,
    /// How fast people offer.
    pub(super) offers: Pace,
    /// How fast all guests of a call offer together.
    pub(super) guest_offers: Pace,
    /// How fast people change microphone and picture.
    pub(super) changes: Pace,
}

impl Default for Calls {
    /// No calls, and no media yet: until [`Media::start`] nobody can join.
    fn default() -> Self {
        Self {
            inner: Arc::new(Inner {
                roster: Mutex::default(),
                sfu: OnceLock::new(),
                changed: Notify::new(),
                spoken: Notify::new(),
                arrivals: AtomicU64::new(0),
            }),
            offers: Pace::new(limits::CALL_OFFERS_PER_MINUTE),
            guest_offers: Pace::new(limits::CALL_GUEST_OFFERS_PER_MINUTE),
            changes: Pace::new(limits::CALL_CHANGES_PER_MINUTE),
        }
    }
}

impl Calls {
    /// The roster; a panic while it was held leaves a picture, not broken state.
    pub(super) fn roster(&self) -> MutexGuard<'_, Roster> {
        self.inner
            .roster
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }

    /// The media workers.
    pub(super) fn sfu(&self) -> Result<Sfu, Error> {
        self.inner.sfu.get().cloned().ok_or(Error::CallsUnavailable)
    }

    /// A request to join comes: later than all before it.
    pub fn arrive(&self) -> Arrival {
        Arrival(self.inner.arrivals.fetch_add(1, Ordering::Relaxed))
    }

    /// There is something to tell.
    pub(super) fn tell(&self) {
        self.inner.changed.notify_one();
    }

    /// How a call that the database shows open stands now, as far as this process knows.
    pub fn fresher(&self, organization: OrganizationId, call: Call) -> Call {
        let place = Place::new(organization, call.case_id, call.id);
        self.roster().snapshot(place).unwrap_or(call)
    }

    /// The open calls of an organization with their cases, for a screen that comes.
    pub fn of_organization(&self, organization: OrganizationId) -> Vec<(CaseId, Call)> {
        self.roster().of_organization(organization)
    }

    /// Ends the media of a call that is over, and shows everyone its last picture.
    pub(super) fn close(&self, app: &App, place: Place, last: Call) {
        if let Ok(sfu) = self.sfu() {
            sfu.close(place.room());
        }
        show(app, place, last);
    }
}

/// Shows a call to everyone in its case.
fn show(app: &App, place: Place, call: Call) {
    let case_id = place.case_id;
    let call = Box::new(call);
    let to_guests = GuestFrame::Call { call: call.clone() };
    let to_operators = OperatorFrame::Call { case_id, call };
    app.hub
        .tell_case(place.organization, case_id, &to_operators, &to_guests);
}

/// Media workers that listen already.
pub struct Media {
    sfu: Sfu,
    reports: mpsc::Receiver<Report>,
}

/// The running tasks of calls.
pub struct Running {
    sfu: Sfu,
    tasks: Vec<JoinHandle<()>>,
}

impl Media {
    /// Binds the sockets and starts the workers.
    ///
    /// # Errors
    /// A sentence why they cannot.
    pub fn bind(config: &Config) -> anyhow::Result<Self> {
        let media = &config.media;
        let port = match media.port {
            0 => PortChoice::Any,
            port if media.port_is_default => PortChoice::Preferred(port),
            port => PortChoice::Fixed(port),
        };
        let options = Options {
            listen: media.listen,
            port,
            announce: announced(&media.announce)?,
            loopback: config.is_local(),
            workers: media.workers,
            ..Options::default()
        };
        let (sfu, reports) = Sfu::start(options).map_err(|error| match error {
            StartError::Port { port, source } => anyhow::anyhow!(
                "Calls cannot listen on port {port} of {}, for UDP and TCP ({source}); is another server running there? Choose another `media.port`",
                media.listen
            ),
            StartError::Announce(_) => anyhow::anyhow!("`media.announce` is not right: {error}"),
            other => anyhow::Error::new(other).context("Calls cannot be carried"),
        })?;
        Ok(Self { sfu, reports })
    }

    /// Where browsers are told to send.
    pub fn addresses(&self) -> Vec<SocketAddr> {
        self.sfu.addresses()
    }

    /// Carries the calls of a server from now on.
    pub fn start(self, app: &App) -> Running {
        // A server is started once; a second set of workers would stay unused.
        let sfu = app.calls.inner.sfu.get_or_init(|| self.sfu).clone();
        let tasks = vec![
            tokio::spawn(hear(app.clone(), self.reports)),
            tokio::spawn(tell_changes(app.clone())),
            tokio::spawn(tell_speakers(app.clone())),
            tokio::spawn(sweep::run(app.clone())),
        ];
        Running { sfu, tasks }
    }
}

impl Running {
    /// Stops. No call ends by it: everyone finds the way back to the next process.
    pub async fn stop(self) {
        for task in &self.tasks {
            task.abort();
        }
        self.sfu.stop().await;
    }
}

/// The configured addresses.
fn announced(texts: &[String]) -> anyhow::Result<Vec<Announce>> {
    texts
        .iter()
        .map(|text| {
            parse_announced(text)
                .with_context(|| format!("`media.announce` holds \"{text}\", which is no address"))
        })
        .collect()
}

/// An address, or an address and port.
///
/// # Errors
/// For any other text.
pub fn parse_announced(text: &str) -> Result<Announce, std::net::AddrParseError> {
    match text.parse::<IpAddr>() {
        Ok(ip) => Ok(Announce::Ip(ip)),
        Err(_) => text.parse().map(Announce::Address),
    }
}

async fn hear(app: App, mut reports: mpsc::Receiver<Report>) {
    while let Some(report) = reports.recv().await {
        let speaks = matches!(report.what, deskside_sfu::RoomReport::Speaking(_));
        if app.calls.roster().hear(report, app.clock.now()) {
            if speaks {
                app.calls.inner.spoken.notify_one();
            } else {
                app.calls.tell();
            }
        }
    }
}

/// Changes that come close together go out together.
async fn tell_changes(app: App) {
    loop {
        app.calls.inner.changed.notified().await;
        let untold = app.calls.roster().take_untold();
        for (place, call) in untold {
            show(&app, place, call);
        }
        pause(limits::CALL_TELL_EVERY).await;
    }
}

async fn tell_speakers(app: App) {
    loop {
        app.calls.inner.spoken.notified().await;
        let unspoken = app.calls.roster().take_unspoken();
        for (place, speaking) in unspoken {
            let (case_id, call_id) = (place.case_id, place.call_id);
            let to_guests = GuestFrame::CallSpeaking {
                call_id,
                speaking: speaking.clone(),
            };
            let to_operators = OperatorFrame::CallSpeaking {
                case_id,
                call_id,
                speaking,
            };
            app.hub
                .murmur_case(place.organization, case_id, &to_operators, &to_guests);
        }
        pause(limits::CALL_SPEAKING_EVERY).await;
    }
}

async fn pause(time: Duration) {
    tokio::time::sleep(time).await;
}
