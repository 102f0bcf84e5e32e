//! Where the customer is, if the customer says so (S111–S115). Off until an administrator turns it on; the guest's
//! page asks first, then the browser. Coordinates stand in one row and in no event.
//!
//! A case has one request at a time. Its answer ends it: a late one to an older request is refused. Who refuses is
//! located no more: what an earlier answer left goes too, and only the ledger of consents keeps that there was a no.

pub mod routes;
pub mod store;

use deskside_db::{OrgTx, Time};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::app::App;
use crate::audit::Verb;
use crate::auth::{GuestSession, OperatorSession, policy};
use crate::cases::{self, Language, Status};
use crate::consents::{self, Answer, Kind, NewConsent};
use crate::error::{Error, FieldError, FieldErrorCode};
use crate::events::{Event, OperatorRef};
use crate::ids::{CaseId, ConsentId, LocationRequestId};
use crate::limits;
use crate::once::Once;
use crate::team;
use crate::text::Checks;
use crate::tx::Write;

/// How it stands with the location of a case.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// Nobody has asked.
    None,
    /// Asked, not answered yet.
    Asked,
    /// The customer shared it.
    Shared,
    /// The customer does not want to.
    Refused,
    /// The customer agreed, but the device could not tell.
    Failed,
}

impl State {
    /// As stored.
    pub fn as_str(self) -> &'static str {
        match self {
            State::None => "none",
            State::Asked => "asked",
            State::Shared => "shared",
            State::Refused => "refused",
            State::Failed => "failed",
        }
    }

    /// From what is stored.
    pub fn parse(text: &str) -> Self {
        match text {
            "asked" => State::Asked,
            "shared" => State::Shared,
            "refused" => State::Refused,
            "failed" => State::Failed,
            _ => State::None,
        }
    }
}

/// Why a device could not tell where it is, as browsers name it (W3C Geolocation, `GeolocationPositionError`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Reason {
    /// The browser or the device forbids it.
    Denied,
    /// It took too long.
    Timeout,
    /// The device does not know.
    Unavailable,
}

impl Reason {
    /// As stored.
    pub fn as_str(self) -> &'static str {
        match self {
            Reason::Denied => "denied",
            Reason::Timeout => "timeout",
            Reason::Unavailable => "unavailable",
        }
    }

    /// From what is stored.
    pub fn parse(text: &str) -> Self {
        match text {
            "denied" => Reason::Denied,
            "timeout" => Reason::Timeout,
            _ => Reason::Unavailable,
        }
    }
}

/// The location of a case as operators see it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Location {
    /// How it stands.
    pub state: State,
    /// Degrees north. A request that is open or failed leaves what was shared before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub latitude: Option<f64>,
    /// Degrees east.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub longitude: Option<f64>,
    /// The radius in metres within which the device believes to be.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub accuracy_m: Option<i64>,
    /// When the coordinates were shared; without any, since when it stands so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at: Option<Time>,
    /// With `failed`: why.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<Reason>,
}

impl Location {
    /// Nobody has asked yet.
    pub fn unasked() -> Self {
        Self {
            state: State::None,
            latitude: None,
            longitude: None,
            accuracy_m: None,
            at: None,
            reason: None,
        }
    }
}

/// An operator asks the guest for the location.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct LocationRequest {
    /// The request: the answer names it.
    pub id: LocationRequestId,
    /// When it was asked.
    pub at: Time,
    /// Who asks.
    pub operator: OperatorRef,
}

/// What a guest answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Told {
    /// Here it is.
    Shared,
    /// No.
    Refused,
    /// Yes, but the device could not tell.
    Failed,
}

/// A guest's answer.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct LocationAnswer {
    /// The request that it answers.
    pub request: LocationRequestId,
    /// What it is.
    pub answer: Told,
    /// With `shared`: degrees north, -90 to 90.
    pub latitude: Option<f64>,
    /// With `shared`: degrees east, -180 to 180.
    pub longitude: Option<f64>,
    /// With `shared`: the radius in metres within which the device believes to be.
    pub accuracy_m: Option<f64>,
    /// With `failed`: why.
    pub reason: Option<Reason>,
}

/// Degrees are kept as whole numbers of this part: a centimetre.
const PARTS_OF_DEGREE: f64 = 1e7;

/// Coordinates as they are kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Coordinates {
    /// North, in 1e-7 degrees.
    pub latitude_e7: i64,
    /// East, in 1e-7 degrees.
    pub longitude_e7: i64,
    /// Radius in metres.
    pub accuracy_m: i64,
}

impl Coordinates {
    /// Degrees north and east.
    pub fn degrees(self) -> (f64, f64) {
        (
            self.latitude_e7 as f64 / PARTS_OF_DEGREE,
            self.longitude_e7 as f64 / PARTS_OF_DEGREE,
        )
    }
}

/// An answer that makes sense.
#[derive(Debug, Clone, Copy)]
enum Checked {
    Shared(Coordinates),
    Refused,
    Failed(Reason),
}

impl LocationAnswer {
    fn check(&self) -> Result<Checked, Error> {
        let mut checks = Checks::default();
        let mut number = |field: &str, value: Option<f64>, least: f64, most: f64| match value {
            Some(value) if value.is_finite() && (least..=most).contains(&value) => value,
            Some(_) => {
                checks.take(field, Err(FieldErrorCode::Invalid));
                0.0
            }
            None => {
                checks.take(field, Err(FieldErrorCode::Required));
                0.0
            }
        };
        match self.answer {
            Told::Shared => {
                let latitude = number("latitude", self.latitude, -90.0, 90.0);
                let longitude = number("longitude", self.longitude, -180.0, 180.0);
                let most = limits::LOCATION_ACCURACY_METRES_MAX as f64;
                let accuracy = number("accuracy_m", self.accuracy_m, 0.0, most);
                checks.done()?;
                // All three are bounded above, so nothing is cut off here.
                Ok(Checked::Shared(Coordinates {
                    latitude_e7: (latitude * PARTS_OF_DEGREE).round() as i64,
                    longitude_e7: (longitude * PARTS_OF_DEGREE).round() as i64,
                    accuracy_m: accuracy.ceil() as i64,
                }))
            }
            Told::Refused => Ok(Checked::Refused),
            Told::Failed => self.reason.map(Checked::Failed).ok_or_else(|| {
                Error::Invalid(vec![FieldError::new("reason", FieldErrorCode::Required)])
            }),
        }
    }
}

/// Makes sure that the organization's plan has locations and that they are turned on (G11).
async fn open_to(tx: &mut OrgTx<'_>) -> Result<(), Error> {
    let organization = team::store::organization(tx)
        .await?
        .ok_or(Error::NotFound)?;
    policy::plan_has_location(organization.plan)?;
    if organization.location_enabled {
        Ok(())
    } else {
        Err(Error::LocationOff)
    }
}

/// Whether locations are turned on, for views that leave them out where they are not.
async fn is_on(tx: &mut OrgTx<'_>) -> Result<bool, Error> {
    match open_to(tx).await {
        Ok(()) => Ok(true),
        Err(Error::LocationOff | Error::PlanRequired(_)) => Ok(false),
        Err(other) => Err(other),
    }
}

/// The location of a case; none where locations are off.
///
/// # Errors
/// The database's.
pub async fn in_case(tx: &mut OrgTx<'_>, case_id: CaseId) -> Result<Option<Location>, Error> {
    if !is_on(tx).await? {
        return Ok(None);
    }
    let found = store::find(tx, case_id).await?;
    Ok(Some(
        found.map_or_else(Location::unasked, |row| row.location()),
    ))
}

/// The open request of a case, for its guest; none where locations are off.
///
/// # Errors
/// The database's.
pub async fn request_in_case(
    tx: &mut OrgTx<'_>,
    case_id: CaseId,
) -> Result<Option<LocationRequest>, Error> {
    if !is_on(tx).await? {
        return Ok(None);
    }
    let Some(row) = store::find(tx, case_id).await? else {
        return Ok(None);
    };
    if row.state != State::Asked {
        return Ok(None);
    }
    let operator = team::store::operator_ref(tx, row.requested_by).await?;
    Ok(operator.map(|operator| LocationRequest {
        id: row.request,
        at: row.requested_at,
        operator,
    }))
}

/// Asks the guest (S112). While a request is open, asking again changes nothing.
///
/// # Errors
/// `PlanRequired`, `LocationOff`, an unknown or completed case, a reused key, or the database's.
pub async fn request(
    app: &App,
    who: &OperatorSession,
    case_id: CaseId,
    once: Once,
) -> Result<(), Error> {
    let who = who.clone();
    let id = LocationRequestId::new(app.clock.now(), &app.random);
    app.write(who.organization, move |write| {
        Box::pin(async move {
            if once.claim(write, case_id.uuid()).await?.is_some() {
                return Ok(());
            }
            cases::sight::lock_open(write, &who, case_id).await?;
            open_to(&mut write.org()).await?;
            let now = write.now();
            let standing = store::find(&mut write.org(), case_id).await?;
            if standing.is_some_and(|row| row.state == State::Asked) {
                return Ok(());
            }
            store::ask(&mut write.org(), case_id, id, who.operator, now).await?;
            let entry = cases::store::next_entry(&mut write.org(), case_id, now).await?;
            let event = Event::LocationRequested { request_id: id };
            write.emit_entry(case_id, entry, who.who(), event);
            write.audit(who.who(), Verb::LocationAsked, case_id);
            Ok(())
        })
    })
    .await
}

/// Takes a guest's answer.
///
/// # Errors
/// Field errors, `LocationNotAsked` for anything but the open request, `PlanRequired`, `LocationOff`, a completed or
/// deleted case, a reused key, or the database's.
pub async fn answer(
    app: &App,
    who: &GuestSession,
    answer: LocationAnswer,
    once: Once,
) -> Result<(), Error> {
    let checked = answer.check()?;
    let (who, request) = (who.clone(), answer.request);
    let consent = ConsentId::new(app.clock.now(), &app.random);
    app.write(who.organization, move |write| {
        Box::pin(async move {
            let case_id = who.case_id;
            if once.claim(write, case_id.uuid()).await?.is_some() {
                return Ok(());
            }
            match cases::store::lock(&mut write.org(), case_id).await? {
                None => return Err(Error::CaseDeleted(None)),
                Some(Status::Completed) => return Err(Error::CaseCompleted(None)),
                Some(_) => {}
            }
            open_to(&mut write.org()).await?;
            let standing = store::find(&mut write.org(), case_id).await?;
            let is_open =
                standing.is_some_and(|row| row.state == State::Asked && row.request == request);
            if !is_open {
                return Err(Error::LocationNotAsked);
            }
            take(write, &who, consent, checked).await
        })
    })
    .await
}

async fn take(
    write: &mut Write<'_>,
    who: &GuestSession,
    id: ConsentId,
    answer: Checked,
) -> Result<(), Error> {
    let (case_id, now) = (who.case_id, write.now());
    let event = match answer {
        Checked::Shared(coordinates) => {
            store::share(&mut write.org(), case_id, coordinates, now).await?;
            Event::LocationShared {}
        }
        Checked::Refused => {
            store::refuse(&mut write.org(), case_id, now).await?;
            Event::LocationRefused {}
        }
        Checked::Failed(reason) => {
            store::fail(&mut write.org(), case_id, reason, now).await?;
            Event::LocationFailed { reason }
        }
    };
    let language = crate::guests::store::language(&mut write.org(), case_id).await?;
    let consent = NewConsent {
        id,
        case_id,
        guest: who.guest,
        kind: Kind::Location,
        // Whoever agrees on the page and then forbids it in the browser has said no.
        answer: match answer {
            Checked::Refused | Checked::Failed(Reason::Denied) => Answer::Refused,
            Checked::Shared(_) | Checked::Failed(_) => Answer::Given,
        },
        text_version: consents::LOCATION_TEXT_VERSION,
        language: Language::parse(&language),
    };
    consents::note(write, consent).await?;
    let entry = cases::store::next_entry(&mut write.org(), case_id, now).await?;
    write.emit_entry(case_id, entry, who.who(), event);
    Ok(())
}

/// Forgets the location of a case, and withdraws an open request. Repeating it changes nothing.
///
/// # Errors
/// `PlanRequired`, `LocationOff`, an unknown or completed case, or the database's.
pub async fn forget(app: &App, who: &OperatorSession, case_id: CaseId) -> Result<(), Error> {
    let who = who.clone();
    app.write(who.organization, move |write| {
        Box::pin(async move {
            cases::sight::lock_open(write, &who, case_id).await?;
            open_to(&mut write.org()).await?;
            if !store::delete(&mut write.org(), case_id).await? {
                return Ok(());
            }
            let now = write.now();
            let entry = cases::store::next_entry(&mut write.org(), case_id, now).await?;
            write.emit_entry(case_id, entry, who.who(), Event::LocationForgotten {});
            write
                .enqueue(crate::housekeeping::clear_deleted(who.organization, now))
                .await?;
            Ok(())
        })
    })
    .await
}

/// Takes the open request of a case back when it is completed: its guest is not there any more to be asked.
///
/// # Errors
/// The database's.
pub async fn withdraw_in(write: &mut Write<'_>, case_id: CaseId) -> Result<(), Error> {
    Ok(store::withdraw(&mut write.org(), case_id).await?)
}
