//! What ends more than one feature's things at once: a case with its call, a session with its sockets and its place
//! in calls. It stands above the features, so that none of them needs to know the others.

use crate::app::{App, whole};
use crate::auth::OperatorSession;
use crate::calls::{self, Person};
use crate::cases::lifecycle;
use crate::error::Error;
use crate::ids::{CaseId, OperatorId, OrganizationId, SessionId};
use crate::once::Once;

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

/// A session is over: its sockets end, and its participant leaves the call.
pub async fn end_session(app: &App, organization: OrganizationId, session: SessionId) {
    app.hub.end_session(organization, session);
    calls::session_over(
        app,
        organization,
        |person| matches!(person, Person::Operator(_, id) if *id == session),
    )
    .await;
}

/// All sessions of an operator are over.
pub async fn end_operator(app: &App, organization: OrganizationId, operator: OperatorId) {
    app.hub.end_operator(organization, operator);
    calls::session_over(
        app,
        organization,
        |person| matches!(person, Person::Operator(id, _) if *id == operator),
    )
    .await;
}
