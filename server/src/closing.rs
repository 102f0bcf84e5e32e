//! What ends more than one feature's things at once: a case with its call, a session with its sockets and its place
//! in calls. It stands above the features, so that none of them needs to know the others.

use crate::app::{App, whole};
use crate::auth::{self, OperatorSession};
use crate::calls::{self, Person};
use crate::cases::assignment::{self, Handover};
use crate::cases::lifecycle;
use crate::cases::merge::{self, NewMerge};
use crate::error::Error;
use crate::events::Who;
use crate::housekeeping;
use crate::ids::{CaseId, OperatorId, OrganizationId, SessionId};
use crate::once::Once;
use crate::team::operators::{self, Effect, OperatorChange};
use crate::team::{self, OperatorRow, Organization, OrganizationChange, organization};
use crate::tx::Write;

/// Completes a case (S05); its call ends first. Done once per key.
///
/// # Errors
/// Unknown or completed case, a reused key, or the database's.
pub async fn complete_case(
    app: &App,
    who: &OperatorSession,
    case_id: CaseId,
    once: Once,
) -> Result<(), Error> {
    let (app, session) = (app.clone(), who.clone());
    whole(async move {
        let ended = app
            .write(session.organization, move |write| {
                Box::pin(async move {
                    if once.claim(write, case_id.uuid()).await?.is_some() {
                        return Ok(None);
                    }
                    let ended = calls::end_in_case(write, case_id, session.who()).await?;
                    lifecycle::complete_in(write, &session, case_id).await?;
                    Ok(ended)
                })
            })
            .await?;
        calls::over(&app, ended);
        Ok(())
    })
    .await
}

/// Deletes a case for good (S07, S08), and closes its call.
///
/// # Errors
/// Unknown case, or the database's.
pub async fn delete_case(app: &App, who: &OperatorSession, case_id: CaseId) -> Result<(), Error> {
    let (app, session) = (app.clone(), who.clone());
    whole(async move {
        let ended = app
            .write(session.organization, move |write| {
                Box::pin(async move {
                    let ended = calls::forget_in(write, case_id).await?;
                    lifecycle::delete_in(write, &session, case_id).await?;
                    Ok(ended)
                })
            })
            .await?;
        calls::over(&app, ended);
        Ok(())
    })
    .await
}

/// Takes an operator off a case (S133); whoever does not see it any more leaves its call too.
///
/// # Errors
/// As [`lifecycle::leave`].
pub async fn leave_case(
    app: &App,
    who: &OperatorSession,
    case_id: CaseId,
    operator: OperatorId,
) -> Result<(), Error> {
    let (app, session) = (app.clone(), who.clone());
    whole(async move {
        lifecycle::leave(&app, &session, case_id, operator).await?;
        look_at_call_of(&app, session.organization, case_id).await;
        Ok(())
    })
    .await
}

/// Hands a case to a colleague (E32); whoever does not see it any more leaves its call too.
///
/// # Errors
/// As [`assignment::hand_over`].
pub async fn hand_over(
    app: &App,
    who: &OperatorSession,
    case_id: CaseId,
    handover: Handover,
    once: Once,
) -> Result<(), Error> {
    let (app, session) = (app.clone(), who.clone());
    whole(async move {
        assignment::hand_over(&app, &session, case_id, handover, once).await?;
        look_at_call_of(&app, session.organization, case_id).await;
        Ok(())
    })
    .await
}

async fn look_at_call_of(app: &App, organization: OrganizationId, case_id: CaseId) {
    calls::look_again(app, |place, _| {
        place.organization == organization && place.case_id == case_id
    })
    .await;
}

/// Changes an operator's role, seat, rights, or whether they may sign in. What that ends has ended when this returns:
/// screens load everything anew; one who is deactivated is signed out, out of calls and off cases, of which those that
/// nobody else is on wait in the queue again.
///
/// # Errors
/// As [`operators::change_in`].
pub async fn change_operator(
    app: &App,
    who: &OperatorSession,
    id: OperatorId,
    change: OperatorChange,
) -> Result<OperatorRow, Error> {
    let (app, session) = (app.clone(), who.clone());
    whole(async move {
        let organization = session.organization;
        let (row, effect) = app
            .write(organization, move |write| {
                Box::pin(async move {
                    let (row, effect) = operators::change_in(write, &session, id, change).await?;
                    if effect == Effect::Deactivated {
                        auth::store::delete_sessions(&mut write.org(), id).await?;
                        release_in(write, id, session.who()).await?;
                    }
                    Ok((row, effect))
                })
            })
            .await?;
        match effect {
            Effect::None => {}
            Effect::Changed => {
                app.hub.end_changed(organization, id);
                look_at_calls_of(&app, organization, id).await;
            }
            Effect::Deactivated => end_operator(&app, organization, id).await,
        }
        Ok(row)
    })
    .await
}

async fn look_at_calls_of(app: &App, organization: OrganizationId, operator: OperatorId) {
    calls::look_again(app, |place, person| {
        place.organization == organization
            && matches!(person, Person::Operator(id, _) if *id == operator)
    })
    .await;
}

/// Takes a deactivated operator off open cases; what one write does not hold is left to a job.
async fn release_in(write: &mut Write<'_>, id: OperatorId, who: Who) -> Result<(), Error> {
    let Some(operator) = team::store::operator_ref(&mut write.org(), id).await? else {
        return Ok(());
    };
    if assignment::release_in(write, &operator, who).await? {
        let job = housekeeping::release(write.organization(), id, write.now());
        write.enqueue(job).await?;
    }
    Ok(())
}

/// Goes on taking a deactivated operator off cases, as the job that [`change_operator`] left. One who is active again
/// keeps the rest.
///
/// # Errors
/// The database's.
pub async fn release(app: &App, organization: OrganizationId, id: OperatorId) -> Result<(), Error> {
    app.write(organization, move |write| {
        Box::pin(async move {
            let standing = operators::store::standing(&mut write.org(), id).await?;
            if standing.is_some_and(|standing| !standing.active) {
                release_in(write, id, Who::System).await?;
            }
            Ok(())
        })
    })
    .await
}

/// Changes the organization. Where that changes what operators see, their screens load everything anew, and whoever
/// does not see a case any more leaves its call.
///
/// # Errors
/// As [`organization::change`].
pub async fn change_organization(
    app: &App,
    who: &OperatorSession,
    change: OrganizationChange,
) -> Result<Organization, Error> {
    let (app, session) = (app.clone(), who.clone());
    whole(async move {
        let id = session.organization;
        let (changed, sight_changed) = organization::change(&app, &session, change).await?;
        if sight_changed {
            app.hub.end_sight(id);
            calls::look_again(&app, |place, person| {
                place.organization == id && matches!(person, Person::Operator(..))
            })
            .await;
        }
        Ok(changed)
    })
    .await
}

/// Merges a case into another one (E31), with its calls. Done once per key.
///
/// # Errors
/// The missing right, unknown cases, one case twice, a completed case to merge into, too many entries, an open call,
/// a word that is no field, a reused key, or the database's.
pub async fn merge_cases(
    app: &App,
    who: &OperatorSession,
    into: CaseId,
    merge: NewMerge,
    once: Once,
) -> Result<(), Error> {
    let take = merge.taken()?;
    let (from, session) = (merge.from, who.clone());
    app.write(who.organization, move |write| {
        Box::pin(async move {
            // The same request again finds its case gone, and that is how it should be.
            if once.claim(write, into.uuid()).await?.is_some() {
                return Ok(());
            }
            merge::hold(write, &session, into, from).await?;
            calls::move_in(write, from, into).await?;
            merge::merge_in(write, &session, into, from, &take).await
        })
    })
    .await
}

/// A session is over: its sockets end, and its participant leaves the call.
pub async fn end_session(app: &App, organization: OrganizationId, session: SessionId) {
    app.hub.end_session(organization, session);
    calls::session_over(app, |place, person| {
        place.organization == organization
            && matches!(person, Person::Operator(_, id) if *id == session)
    })
    .await;
}

/// All sessions of an operator are over.
pub async fn end_operator(app: &App, organization: OrganizationId, operator: OperatorId) {
    app.hub.end_operator(organization, operator);
    calls::session_over(app, |place, person| {
        place.organization == organization
            && matches!(person, Person::Operator(id, _) if *id == operator)
    })
    .await;
}
