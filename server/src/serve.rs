//! Running: listen, answer, say how one is, and stop without losing anyone.

use std::net::SocketAddr;
use std::path::Path;

use anyhow::Context as _;
use axum::Router;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::IntoResponse;
use axum::routing::get;
use axum_server::Handle;
use axum_server::accept::NoDelayAcceptor;
use axum_server::tls_rustls::{RustlsAcceptor, RustlsConfig};
use hyper_util::rt::TokioTimer;
use tokio::signal::unix::{SignalKind, signal};

use crate::app::App;
use crate::calls::media::Media;
use crate::config::Config;
use crate::prompt::PromptAcceptor;
use crate::{housekeeping, limits, router};

/// `/livez` and `/readyz`.
pub fn health() -> Router<App> {
    Router::new()
        .route("/livez", get(livez))
        .route("/readyz", get(readyz))
}

/// The process answers.
async fn livez() -> &'static str {
    "ok\n"
}

/// The database takes writes and has our schema, the disk has room; a stopping server takes no new work.
async fn readyz(State(app): State<App>) -> impl IntoResponse {
    if app.hub.is_stopping() {
        return (StatusCode::SERVICE_UNAVAILABLE, "stopping\n");
    }
    if let Ok(disk) = rustix::fs::statvfs(&app.config.data)
        && disk.f_bavail.saturating_mul(disk.f_frsize) < limits::DISK_FREE_BYTES_MIN
    {
        tracing::warn!("The disk of the data folder is nearly full.");
        return (StatusCode::SERVICE_UNAVAILABLE, "the disk is nearly full\n");
    }
    match app.db().check().await {
        Ok(()) => (StatusCode::OK, "ok\n"),
        Err(error) => {
            tracing::warn!(error = %error, "The database is not ready.");
            (
                StatusCode::SERVICE_UNAVAILABLE,
                "the database is not ready\n",
            )
        }
    }
}

/// A server that listens already.
pub struct Listening {
    listener: std::net::TcpListener,
    /// Where it listens, with the port that the system gave for port 0.
    pub address: SocketAddr,
}

impl Listening {
    /// Binds an address.
    ///
    /// # Errors
    /// A sentence why it cannot.
    pub fn bind(wanted: SocketAddr) -> anyhow::Result<Self> {
        let listener = std::net::TcpListener::bind(wanted)
            .with_context(|| format!("{wanted} cannot be listened on; is another server running there? Choose another with --listen"))?;
        listener.set_nonblocking(true)?;
        let address = listener.local_addr()?;
        Ok(Self { listener, address })
    }

    /// Answers until SIGTERM or SIGINT, then stops gracefully: sockets are told to come back, running
    /// requests end, jobs end, the database is closed.
    ///
    /// # Errors
    /// When serving fails as a whole.
    pub async fn run(self, app: App, media: Media) -> anyhow::Result<()> {
        let handle = Handle::new();
        tokio::spawn(stop_on_signal(app.clone(), handle.clone()));
        let calls = media.start(&app);
        // Pages need not wait until the disk has taken the first job.
        let answering = tokio::spawn(self.answer(app.clone(), handle));
        let jobs = housekeeping::start(&app).await?;
        let served = answering
            .await
            .context("The server ended by a mistake of its own")?;
        // Live sockets are no requests: that has not waited for their last frames.
        if tokio::time::timeout(limits::STOP_TIMEOUT, app.hub.emptied())
            .await
            .is_err()
        {
            tracing::warn!(
                sockets.count = app.hub.sockets(),
                "Some live sockets did not end in time."
            );
        }
        calls.stop().await;
        jobs.stop().await;
        app.db().close().await;
        tracing::info!("Stopped.");
        served
    }

    /// Answers requests until `handle` ends it: what [`run`](Self::run) does between start and stop.
    ///
    /// # Errors
    /// When the certificate cannot be used, or serving fails as a whole.
    pub async fn answer(self, app: App, handle: Handle<SocketAddr>) -> anyhow::Result<()> {
        let tls = tls(&app.config).await?;
        let service = router::router(app).into_make_service_with_connect_info::<SocketAddr>();
        let served = match tls {
            Some(tls) => {
                let acceptor = RustlsAcceptor::new(tls).acceptor(NoDelayAcceptor::new());
                let mut server = axum_server::from_tcp(self.listener)?
                    .acceptor(PromptAcceptor(acceptor))
                    .handle(handle);
                tune(server.http_builder());
                server.serve(service).await
            }
            None => {
                let mut server = axum_server::from_tcp(self.listener)?
                    .acceptor(PromptAcceptor(NoDelayAcceptor::new()))
                    .handle(handle);
                tune(server.http_builder());
                server.serve(service).await
            }
        };
        served.context("The server could not go on")
    }
}

/// Slow heads are cut off, and idle connections hold little.
fn tune(builder: &mut hyper_util::server::conn::auto::Builder<hyper_util::rt::TokioExecutor>) {
    builder
        .http1()
        .timer(TokioTimer::new())
        .header_read_timeout(limits::HEAD_READ_TIMEOUT)
        .keep_alive(true)
        .max_buf_size(16 * 1024);
    builder
        .http2()
        .timer(TokioTimer::new())
        .keep_alive_interval(limits::HTTP2_PING_EVERY)
        .keep_alive_timeout(limits::HEAD_READ_TIMEOUT)
        .max_concurrent_streams(limits::HTTP2_STREAMS_MAX);
}

async fn tls(config: &Config) -> anyhow::Result<Option<RustlsConfig>> {
    if config.tls.certificate.as_os_str().is_empty() {
        return Ok(None);
    }
    let tls = RustlsConfig::from_pem_file(&config.tls.certificate, &config.tls.key)
        .await
        .context("`tls.certificate` and `tls.key` cannot be used")?;
    Ok(Some(tls))
}

async fn stop_on_signal(app: App, handle: Handle<SocketAddr>) {
    let (Ok(mut term), Ok(mut int)) = (
        signal(SignalKind::terminate()),
        signal(SignalKind::interrupt()),
    ) else {
        tracing::error!("Signals cannot be listened for; the server stops only when killed.");
        return;
    };
    tokio::select! { _ = term.recv() => {} _ = int.recv() => {} }
    tracing::info!("Stopping: sockets are told to come back, running requests may end.");
    app.hub.stop();
    handle.graceful_shutdown(Some(limits::STOP_TIMEOUT));
    tokio::select! { _ = term.recv() => {} _ = int.recv() => {} }
    tracing::warn!("Stopping at once.");
    handle.shutdown();
}

/// Makes (once) a self-signed certificate for these names, so that a phone in the same network can try the
/// product over https. Returns certificate and key files.
///
/// # Errors
/// When the files cannot be written.
pub fn self_signed(
    folder: &Path,
    names: Vec<String>,
) -> anyhow::Result<(std::path::PathBuf, std::path::PathBuf)> {
    let (certificate, key) = (folder.join("lan.crt"), folder.join("lan.key"));
    let names_file = folder.join("lan.names");
    let wanted = names.join("\n");
    if certificate.exists()
        && key.exists()
        && std::fs::read_to_string(&names_file).is_ok_and(|known| known == wanted)
    {
        return Ok((certificate, key));
    }
    let made = rcgen::generate_simple_self_signed(names)?;
    std::fs::write(&certificate, made.cert.pem())?;
    write_private(&key, &made.signing_key.serialize_pem())?;
    std::fs::write(&names_file, wanted)?;
    Ok((certificate, key))
}

/// Writes a file that only its owner may read.
///
/// # Errors
/// The file system's.
pub fn write_private(file: &Path, text: &str) -> std::io::Result<()> {
    use std::io::Write as _;
    use std::os::unix::fs::OpenOptionsExt as _;
    let mut out = std::fs::OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(true)
        .mode(0o600)
        .open(file)?;
    out.write_all(text.as_bytes())?;
    out.sync_all()
}
