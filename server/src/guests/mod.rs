//! Guests: the permanent link of a case (G17), the session a browser gets for it, and what a guest sees.
//!
//! The types here are the guest's own: nothing that only the team may know has a place in them.

pub mod routes;
pub mod store;

use deskside_db::{Db, OrgTx, Time};
use futures_util::future::BoxFuture;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::app::App;
use crate::auth::seal::Place;
use crate::auth::{GuestSession, cookie};
use crate::calls::{self, view::Call};
use crate::cases::view::ReadMark;
use crate::cases::{self, Language, Status};
use crate::error::{Error, PublicOrganization};
use crate::events::{Event, Who};
use crate::ids::{CaseId, GuestId, OperatorId, OrganizationId};
use crate::limits;
use crate::location::{self, LocationRequest};
use crate::team;
use crate::tx::Write;

/// An operator as a guest sees one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct GuestOperator {
    /// The operator.
    pub id: OperatorId,
    /// The operator's name.
    pub name: String,
    /// Whether the operator is at the desk.
    pub online: bool,
    /// Where the operator's picture is.
    pub picture: Option<String>,
}

/// A case as its guest sees it. Of a completed one only its id, language and organization are told, and how many entries
/// there are: the guest's page waits for it to be opened again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct GuestCase {
    /// Its id.
    pub id: CaseId,
    /// Its name.
    pub name: String,
    /// Where it stands.
    pub status: Status,
    /// The language the guest is served in.
    pub language: Language,
    /// Who invites.
    pub organization: PublicOrganization,
    /// Who works on it.
    pub operators: Vec<GuestOperator>,
    /// How far the guest has read.
    pub read: Option<ReadMark>,
    /// How far the operators have read, the furthest of them.
    pub operator_read: Option<ReadMark>,
    /// The newest entry of the timeline.
    pub last_entry: i64,
    /// The call that is going on.
    pub call: Option<Call>,
    /// The question for the location that waits for an answer.
    pub location_request: Option<LocationRequest>,
}

impl GuestCase {
    /// As it goes to the guest: nothing can be read in a completed case, not even its name (P11).
    pub fn told(self) -> Self {
        if self.status != Status::Completed {
            return self;
        }
        Self {
            name: String::new(),
            operators: Vec::new(),
            read: None,
            operator_read: None,
            call: None,
            location_request: None,
            ..self
        }
    }
}

/// A link about to be made for a new case.
pub struct NewLink {
    case_id: CaseId,
    hash: Vec<u8>,
    sealed: Vec<u8>,
}

fn place(organization: OrganizationId, case_id: CaseId) -> Place<'static> {
    Place {
        table: "guest_links",
        row: case_id.uuid(),
        organization,
    }
}

impl NewLink {
    /// Makes the id of a case and its link: 128 random bits, hashed for the look-up and sealed to be shown.
    ///
    /// # Errors
    /// Internal ones only.
    pub fn make(app: &App, organization: OrganizationId) -> Result<Self, Error> {
        let case_id = CaseId::new(app.clock.now(), &app.random);
        let token = app.random.token_base62(128);
        let sealed = app.sealer.seal(&place(organization, case_id), &token)?;
        Ok(Self {
            case_id,
            hash: cookie::hash(&token),
            sealed,
        })
    }

    /// The new case's id.
    pub fn case_id(&self) -> CaseId {
        self.case_id
    }

    /// Writes the link.
    ///
    /// # Errors
    /// The database's.
    pub async fn insert(self, write: &mut Write<'_>) -> Result<(), Error> {
        let now = write.now();
        Ok(store::insert_link(&mut write.org(), self.hash, self.case_id, self.sealed, now).await?)
    }
}

/// The address of a case's guest page.
///
/// # Errors
/// An unknown case, or a link sealed under another server key.
pub async fn link(
    app: &App,
    organization: OrganizationId,
    case_id: CaseId,
) -> Result<String, Error> {
    let sealed = app
        .read(organization, move |tx| {
            Box::pin(async move { Ok(store::sealed_link(tx, case_id).await?) })
        })
        .await?
        .ok_or(Error::NotFound)?;
    let token = app.sealer.unseal(&place(organization, case_id), &sealed)?;
    Ok(app.link(&format!("/g/{token}")))
}

/// A browser that opened a link.
pub struct Arrival {
    /// The session it has now.
    pub session: GuestSession,
    /// The secret for its cookie.
    pub secret: String,
}

/// Opens a link: the browser gets (or keeps) its session, and the timeline learns of the arrival. In a completed case
/// nobody arrives: the session is there to hear that it is opened again.
/// `known` is the secret of the browser's cookie, when it has one.
///
/// # Errors
/// An unknown link, a deleted case, or the database's.
pub async fn arrive(app: &App, token: &str, known: Option<String>) -> Result<Arrival, Error> {
    let hash = cookie::hash(token);
    let found = app
        .db()
        .read(move |tx| {
            Box::pin(
                async move { Ok::<_, Error>(store::find_link(&mut tx.system(), &hash).await?) },
            )
        })
        .await?;
    let Some(link) = found else {
        return Err(Error::LinkUnknown(team::sole_organization(app).await?));
    };
    let organization = team::public_organization(app, link.organization).await?;
    if link.deleted {
        return Err(Error::CaseDeleted(Some(organization)));
    }
    let secret = match known {
        Some(secret) if is_known(app, &secret).await? => secret,
        _ => cookie::new_secret(&app.random),
    };
    let token_hash = cookie::hash(&secret);
    let guest = GuestId::new(app.clock.now(), &app.random);
    let case_id = link.case_id;
    let session = app
        .write(link.organization, move |write| {
            Box::pin(
                async move { arrive_in(write, case_id, token_hash, guest, organization).await },
            )
        })
        .await?;
    Ok(Arrival { session, secret })
}

/// Only a secret of our own making is kept: one that somebody else put into the browser is known to them too.
async fn is_known(app: &App, secret: &str) -> Result<bool, Error> {
    let hash = cookie::hash(secret);
    app.db()
        .read(move |tx| {
            Box::pin(async move { Ok(store::is_known(&mut tx.system(), &hash).await?) })
        })
        .await
}

async fn arrive_in(
    write: &mut Write<'_>,
    case_id: CaseId,
    token_hash: Vec<u8>,
    guest: GuestId,
    organization: PublicOrganization,
) -> Result<GuestSession, Error> {
    let Some(status) = cases::store::lock(&mut write.org(), case_id).await? else {
        return Err(Error::CaseDeleted(Some(organization)));
    };
    let now = write.now();
    let guest = store::put_session(&mut write.org(), &token_hash, case_id, guest, now).await?;
    let keep = limits::GUEST_SESSIONS_PER_CASE_MAX;
    store::delete_oldest_sessions(&mut write.org(), case_id, keep).await?;
    let head = cases::store::head(&mut write.org(), case_id)
        .await?
        .ok_or(Error::NotFound)?;
    let news = head
        .guest_seen_at
        .is_none_or(|seen| now.since(seen) > limits::ARRIVAL_EVERY);
    if news && status != Status::Completed {
        let entry = cases::store::next_entry_of_arrival(&mut write.org(), case_id, now).await?;
        write.emit_entry(case_id, entry, Who::Guest(guest), Event::GuestArrived {});
    }
    Ok(GuestSession {
        organization: write.organization(),
        case_id,
        guest,
    })
}

/// Notes that the guest was here until now; what the hub does when a guest has left.
pub fn left(
    db: Db,
    now: Time,
    organization: OrganizationId,
    case_id: CaseId,
) -> BoxFuture<'static, ()> {
    Box::pin(async move {
        let noted = db
            .write(move |tx| {
                Box::pin(
                    async move { store::set_seen(&mut tx.org(organization), case_id, now).await },
                )
            })
            .await;
        if let Err(error) = noted {
            tracing::debug!(error = %error, "When a guest was last here could not be noted.");
        }
    })
}

/// Loads a case for its guest. A completed one is told apart only by its status.
///
/// # Errors
/// A deleted case, or the database's.
pub async fn load(app: &App, session: &GuestSession) -> Result<GuestCase, Error> {
    let (case_id, now) = (session.case_id, app.clock.now());
    let found = app
        .read(session.organization, move |tx| {
            Box::pin(async move { load_in(tx, case_id, now).await })
        })
        .await?;
    let mut case = found.ok_or(Error::CaseDeleted(None))?;
    let call = case.call.take();
    case.call = call.map(|call| app.calls.fresher(session.organization, call));
    for operator in &mut case.operators {
        operator.online = app.hub.operator_online(session.organization, operator.id);
    }
    Ok(case)
}

async fn load_in(
    tx: &mut OrgTx<'_>,
    case_id: CaseId,
    now: Time,
) -> Result<Option<GuestCase>, Error> {
    let Some(head) = cases::store::head(tx, case_id).await? else {
        return Ok(None);
    };
    let organization = team::store::public_organization(tx)
        .await?
        .ok_or(Error::NotFound)?;
    let operators = store::operators(tx, case_id).await?;
    let language = store::language(tx, case_id).await?;
    let furthest = cases::store::reads(tx, case_id)
        .await?
        .into_iter()
        .map(|read| read.mark)
        .max_by_key(|mark| mark.entry);
    Ok(Some(GuestCase {
        id: case_id,
        name: head.name,
        status: head.status,
        language: Language::parse(&language),
        organization,
        operators,
        read: head.guest_read,
        operator_read: furthest.map(|mark| ReadMark {
            entry: mark.entry,
            at: mark.at,
        }),
        last_entry: head.last_entry,
        call: calls::in_case(tx, case_id, now).await?,
        location_request: location::request_in_case(tx, case_id).await?,
    }))
}

/// Loads a case that the guest may read and write in.
///
/// # Errors
/// `CaseCompleted` once it is completed, with whom to ask.
pub async fn load_open(app: &App, session: &GuestSession) -> Result<GuestCase, Error> {
    let case = load(app, session).await?;
    if case.status == Status::Completed {
        Err(Error::CaseCompleted(Some(case.organization)))
    } else {
        Ok(case)
    }
}
