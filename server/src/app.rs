//! The handles that everything gets, built in one place.

use std::sync::Arc;

use deskside_blobs::Blobs;
use deskside_db::{Backend, Clock, Db, Options, OrgTx, Random, Tx};
use deskside_jobs::Queue;
use deskside_outbound::{Mailbox, Outbox, Security, Smtp, SmtpOptions};
use futures_util::future::BoxFuture;
use tokio::sync::Semaphore;

use crate::audit::Opened;
use crate::auth::crowd::Crowd;
use crate::auth::password::Passwords;
use crate::auth::seal::Sealer;
use crate::calls::Calls;
use crate::config::{Config, SmtpSecurity};
use crate::error::Error;
use crate::ids::OrganizationId;
use crate::limits;
use crate::live::Hub;
use crate::migrations::MIGRATIONS;
use crate::pace::Pace;
use crate::pictures::studio::Studio;
use crate::tx::{Write, Writer};

/// What a handler or a job needs. Cheap to clone.
#[derive(Clone)]
pub struct App {
    /// The database, the hub and the clock of writes.
    pub writer: Writer,
    /// Time for everyone.
    pub clock: Clock,
    /// Randomness for everyone.
    pub random: Random,
    /// Live screens.
    pub hub: Hub,
    /// Hashes passwords, a few at once.
    pub passwords: Passwords,
    /// Seals secrets that must be shown again.
    pub sealer: Sealer,
    /// How fast guests write.
    pub pace: Pace,
    /// The open calls.
    pub calls: Calls,
    /// What was looked at within the running hour.
    pub opened: Opened,
    /// Where mail goes, if it goes anywhere.
    pub outbox: Option<Outbox>,
    /// Files' bytes.
    pub blobs: Blobs,
    /// Decodes pictures, one at a time.
    pub studio: Studio,
    /// What the server was told at its start.
    pub config: Arc<Config>,
    /// Bounds the requests in work.
    pub requests: Arc<Semaphore>,
    /// Bounds those of one client address.
    pub crowd: Crowd,
}

impl App {
    /// Opens the database and puts the handles together.
    ///
    /// # Errors
    /// A sentence why the start is not possible.
    pub async fn open(config: Config, clock: Clock, random: Random) -> anyhow::Result<App> {
        let sealer = Sealer::open(&config, &random)?;
        let backend = match config.database.url.as_str() {
            "" => Backend::Sqlite {
                file: config.data.join("deskside.db"),
            },
            url => Backend::Postgres {
                url: url.to_owned(),
                pool_size: config.database.pool_size,
            },
        };
        let db = Db::open(Options {
            backend,
            migrations: MIGRATIONS,
            readers: config.database.readers,
        })
        .await?;
        let outbox = outbox(&config)?;
        let blobs = Blobs::open(&config.data.join("blobs"))?;
        let hub = Hub::new(
            db.clone(),
            clock.clone(),
            random.clone(),
            std::time::Duration::from_millis(config.live.heartbeat_ms),
            crate::guests::left,
        );
        let queue = Queue::new(db.clone(), random.clone(), crate::housekeeping::KINDS);
        let writer = Writer {
            db,
            clock: clock.clone(),
            hub: hub.clone(),
            queue,
        };
        Ok(App {
            writer,
            clock,
            hub,
            passwords: Passwords::new(&random),
            random,
            sealer,
            pace: Pace::new(limits::GUEST_MESSAGES_PER_MINUTE),
            calls: Calls::default(),
            opened: Opened::default(),
            outbox,
            blobs,
            studio: Studio::default(),
            config: Arc::new(config),
            requests: Arc::new(Semaphore::new(limits::REQUESTS_AT_ONCE_MAX)),
            crowd: Crowd::default(),
        })
    }

    /// The same server at another time: how the demo writes its past.
    pub fn at(&self, clock: Clock) -> App {
        let writer = Writer {
            clock: clock.clone(),
            ..self.writer.clone()
        };
        App {
            writer,
            clock,
            ..self.clone()
        }
    }

    /// The database.
    pub fn db(&self) -> &Db {
        &self.writer.db
    }

    /// One write of an organization; see [`Writer::write`].
    ///
    /// # Errors
    /// What `work` returns, or why it could not be made durable.
    pub async fn write<T, F>(&self, organization: OrganizationId, work: F) -> Result<T, Error>
    where
        T: Send + 'static,
        F: for<'w, 't> FnOnce(&'w mut Write<'t>) -> BoxFuture<'w, Result<T, Error>>
            + Send
            + 'static,
    {
        self.writer.write(organization, work).await
    }

    /// One consistent read of an organization.
    ///
    /// # Errors
    /// What `work` returns.
    pub async fn read<T, F>(&self, organization: OrganizationId, work: F) -> Result<T, Error>
    where
        T: Send + 'static,
        F: for<'w, 't> FnOnce(&'w mut OrgTx<'t>) -> BoxFuture<'w, Result<T, Error>>
            + Send
            + 'static,
    {
        self.db()
            .read(move |tx: &mut Tx| Box::pin(async move { work(&mut tx.org(organization)).await }))
            .await
    }

    /// A link of this server, from the configured public address, never from a request's Host.
    pub fn link(&self, path: &str) -> String {
        format!("{}{path}", self.config.public_url.trim_end_matches('/'))
    }
}

/// Runs to its end even when the caller goes away: what stands in memory follows what was committed.
///
/// # Errors
/// What `work` returns.
pub async fn whole<T: Send + 'static>(
    work: impl Future<Output = Result<T, Error>> + Send + 'static,
) -> Result<T, Error> {
    tokio::spawn(work)
        .await
        .map_err(|error| Error::Internal(error.into()))?
}

/// Where the configuration sends mail.
fn outbox(config: &Config) -> anyhow::Result<Option<Outbox>> {
    let smtp = &config.smtp;
    if smtp.host.is_empty() {
        return Ok(config.dev.mail.then(|| Outbox::Mailbox(Mailbox::default())));
    }
    let options = SmtpOptions {
        host: smtp.host.clone(),
        port: smtp.port,
        security: match smtp.security {
            SmtpSecurity::StartTls => Security::StartTls,
            SmtpSecurity::Tls => Security::Tls,
            SmtpSecurity::None => Security::None,
        },
        username: smtp.username.clone(),
        password: smtp.password.clone(),
        from: smtp.from.clone(),
    };
    let smtp = Smtp::new(&options)
        .map_err(|error| anyhow::anyhow!("The mail server of `smtp` cannot be used: {error}."))?;
    Ok(Some(Outbox::Server(smtp)))
}
