//! One write: rows, events, search, audit and jobs in one transaction, and the doorbell after its commit.

use deskside_db::{Db, DbError, OrgTx, SystemTx, Time, Tx};
use deskside_jobs::{NewJob, Queue};
use futures_util::future::BoxFuture;

use crate::audit::{self, NewEntry, Object, Verb};
use crate::error::Error;
use crate::events::{self, Event, NewEvent, Stamped, Who};
use crate::ids::{CaseId, OrganizationId};
use crate::live::Hub;
use crate::search::index::{self, Change};
use crate::search::tend;

/// A write in progress. Events, changes of the search index and entries of the audit log are collected; events get their
/// numbers when the closure has ended well, and the others follow them.
pub struct Write<'t> {
    tx: &'t mut Tx,
    queue: Queue,
    organization: OrganizationId,
    now: Time,
    events: Vec<NewEvent>,
    changes: Vec<Change>,
    audited: Vec<NewEntry>,
    enqueued: bool,
}

impl Write<'_> {
    /// The organization that this write belongs to.
    pub fn organization(&self) -> OrganizationId {
        self.organization
    }

    /// The time of this write; the same for all its rows.
    pub fn now(&self) -> Time {
        self.now
    }

    /// The way to SQL, for stores.
    pub fn org(&mut self) -> OrgTx<'_> {
        self.tx.org(self.organization)
    }

    /// The way to the few statements without an organization.
    pub fn system(&mut self) -> SystemTx<'_> {
        self.tx.system()
    }

    /// Tells a fact about a case (no entry of its timeline).
    pub fn emit(&mut self, case_id: Option<CaseId>, who: Who, event: Event) {
        self.events.push(NewEvent {
            case_id,
            entry: None,
            at: self.now,
            who,
            event,
            merged_from: None,
        });
    }

    /// Writes an entry of a case's timeline; `entry` comes from `cases::next_entry`.
    pub fn emit_entry(&mut self, case_id: CaseId, entry: i64, who: Who, event: Event) {
        self.events.push(NewEvent {
            case_id: Some(case_id),
            entry: Some(entry),
            at: self.now,
            who,
            event,
            merged_from: None,
        });
    }

    /// Writes an entry of a case again as one of the case that it is merged into, behind `offset`: it stays as it was,
    /// and says which number its case had.
    pub fn emit_moved(&mut self, into: CaseId, offset: i64, entry: Stamped, number: i64) {
        self.events.push(NewEvent {
            case_id: Some(into),
            entry: entry.entry.map(|entry| entry + offset),
            at: entry.at,
            who: entry.actor.who(),
            event: entry.event,
            merged_from: entry.merged_from.or(Some(number)),
        });
    }

    /// Takes a job that waits out of the queue; one that runs already is left to find that there is nothing to do.
    pub async fn cancel(&mut self, key: &str) -> Result<(), DbError> {
        self.queue.cancel(self.tx, key).await.map(|_| ())
    }

    /// Puts a job into the queue; it runs after the commit.
    pub async fn enqueue(&mut self, job: NewJob) -> Result<(), DbError> {
        self.enqueued = true;
        self.queue.enqueue(self.tx, job).await.map(|_| ())
    }

    /// Changes the search index together with what it is about.
    pub fn index(&mut self, change: Change) {
        self.changes.push(change);
    }

    /// Notes in the audit log who did what to which thing.
    pub fn audit(&mut self, who: Who, verb: Verb, object: impl Into<Object>) {
        self.audit_with(who, verb, object, String::new());
    }

    /// The same with more of it: ids and words of the house, never content.
    pub fn audit_with(
        &mut self,
        who: Who,
        verb: Verb,
        object: impl Into<Object>,
        detail: impl Into<String>,
    ) {
        self.audited.push(NewEntry {
            who,
            verb,
            object: object.into(),
            detail: detail.into(),
        });
    }

    /// Numbers the events, then writes what follows from them. The organization's row is locked from its first
    /// statement on, so nothing of it stands earlier in a write.
    async fn finish(&mut self) -> Result<Rang, DbError> {
        let events = std::mem::take(&mut self.events);
        let told = !events.is_empty();
        let last = if told {
            events::store::append(&mut self.org(), &events).await?
        } else {
            0
        };
        let (changes, now) = (std::mem::take(&mut self.changes), self.now);
        if index::flush(&mut self.org(), &changes, &events, last, now).await? {
            let later = tend::settle_later(self.organization, now);
            self.enqueue(later).await?;
        }
        let audited = std::mem::take(&mut self.audited);
        if !audited.is_empty() {
            audit::append(&mut self.org(), &audited, now).await?;
        }
        Ok(Rang {
            told,
            enqueued: self.enqueued,
        })
    }
}

struct Rang {
    told: bool,
    enqueued: bool,
}

/// What writes need besides the database: the hub that is told and the jobs that are woken.
#[derive(Clone)]
pub struct Writer {
    /// The database.
    pub db: Db,
    /// The clock of all writes.
    pub clock: deskside_db::Clock,
    /// Who is told after a commit.
    pub hub: Hub,
    /// Where jobs go.
    pub queue: Queue,
}

impl Writer {
    /// Runs one write of an organization. When this returns `Ok`, its rows, events and jobs are durable.
    pub async fn write<T, F>(&self, organization: OrganizationId, work: F) -> Result<T, Error>
    where
        T: Send + 'static,
        F: for<'w, 't> FnOnce(&'w mut Write<'t>) -> BoxFuture<'w, Result<T, Error>>
            + Send
            + 'static,
    {
        let writer = self.clone();
        let now = self.clock.now();
        // A task of its own: a caller that goes away ends neither the write nor the telling of it.
        let written = tokio::spawn(async move {
            let queue = writer.queue.clone();
            let (value, rang) = writer
                .db
                .write(move |tx| {
                    Box::pin(async move {
                        let mut write = Write {
                            tx,
                            queue,
                            organization,
                            now,
                            events: Vec::new(),
                            changes: Vec::new(),
                            audited: Vec::new(),
                            enqueued: false,
                        };
                        let value = work(&mut write).await?;
                        let rang = write.finish().await?;
                        Ok::<_, Error>((value, rang))
                    })
                })
                .await?;
            if rang.told {
                writer.hub.ring(organization);
            }
            if rang.enqueued {
                writer.queue.notify();
            }
            Ok(value)
        });
        written
            .await
            .map_err(|error| Error::Internal(error.into()))?
    }
}
