//! Profile, organization, team and invitations over HTTP.

use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::IntoResponse;
use deskside_db::Uuid;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::invites::{self, AcceptInvite, Invite, InviteOffer, NewInvite};
use super::operators::OperatorChange;
use super::{Me, MeChange, OperatorRow, Organization, OrganizationChange, store};
use crate::app::App;
use crate::auth::address::ClientAddress;
use crate::auth::attempts::{self, Attempt};
use crate::auth::{self, OperatorSession};
use crate::body::{Json, Params, Query, page_rows};
use crate::closing;
use crate::error::{Error, Problem};
use crate::ids::{InviteId, OperatorId};
use crate::limits;
use crate::once::{IdempotencyKey, Once};

/// Which page of the team.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(default, deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct OperatorListQuery {
    /// Rows of the page, 1 to 500; 500 without.
    limit: Option<i64>,
    /// Where the page begins: `next` of the page before.
    cursor: Option<String>,
}

/// A page of operators.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct OperatorPage {
    /// The rows.
    pub items: Vec<OperatorRow>,
    /// The cursor of the next page; none at the end.
    pub next: Option<String>,
}

/// The open invitations.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct InvitePage {
    /// The rows, newest first; at most 200 are open at once.
    pub items: Vec<Invite>,
}

/// An invitation's secret.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct InviteToken {
    /// What stands behind `/invite/` in the link.
    pub token: String,
}

/// Who is signed in.
#[utoipa::path(get, path = "/api/v1/me", operation_id = "me_get", tag = "team",
    responses((status = 200, body = Me), (status = 401, body = Problem)))]
pub async fn me_get(State(app): State<App>, who: OperatorSession) -> Result<axum::Json<Me>, Error> {
    Ok(axum::Json(
        super::me(&app, who.organization, who.operator).await?,
    ))
}

/// Change one's own profile.
#[utoipa::path(patch, path = "/api/v1/me", operation_id = "me_patch", tag = "team", request_body = MeChange,
    responses((status = 200, body = Me), (status = 422, body = Problem)))]
pub async fn me_patch(
    State(app): State<App>,
    who: OperatorSession,
    Json { value: change, .. }: Json<MeChange>,
) -> Result<axum::Json<Me>, Error> {
    Ok(axum::Json(super::change_me(&app, &who, change).await?))
}

/// Read the organization.
#[utoipa::path(get, path = "/api/v1/organization", operation_id = "organization_get", tag = "team",
    responses((status = 200, body = Organization), (status = 401, body = Problem)))]
pub async fn organization_get(
    State(app): State<App>,
    who: OperatorSession,
) -> Result<axum::Json<Organization>, Error> {
    Ok(axum::Json(
        super::organization::organization(&app, who.organization).await?,
    ))
}

/// Change the organization.
#[utoipa::path(patch, path = "/api/v1/organization", operation_id = "organization_patch", tag = "team", request_body = OrganizationChange,
    responses((status = 200, body = Organization), (status = 403, body = Problem), (status = 422, body = Problem)))]
pub async fn organization_patch(
    State(app): State<App>,
    who: OperatorSession,
    Json { value: change, .. }: Json<OrganizationChange>,
) -> Result<axum::Json<Organization>, Error> {
    Ok(axum::Json(
        closing::change_organization(&app, &who, change).await?,
    ))
}

/// List the team in the order of coming.
#[utoipa::path(get, path = "/api/v1/operators", operation_id = "operator_list", tag = "team", params(OperatorListQuery),
    responses((status = 200, body = OperatorPage), (status = 400, body = Problem)))]
pub async fn operator_list(
    State(app): State<App>,
    who: OperatorSession,
    Query(query): Query<OperatorListQuery>,
) -> Result<axum::Json<OperatorPage>, Error> {
    let limit = page_rows(query.limit, limits::TEAM_ROWS_MAX, limits::TEAM_ROWS_MAX)?;
    let after = match query.cursor {
        Some(text) => text.parse::<OperatorId>().map_err(|_| Error::BadCursor)?,
        None => OperatorId::from_uuid(Uuid::nil()),
    };
    let mut items = app
        .read(who.organization, move |tx| {
            Box::pin(async move { Ok(store::operator_page(tx, after, limit + 1).await?) })
        })
        .await?;
    let more = items.len() > limit as usize;
    items.truncate(limit as usize);
    for row in &mut items {
        row.online = app.hub.operator_online(who.organization, row.id);
    }
    let next = if more {
        items.last().map(|row| row.id.to_string())
    } else {
        None
    };
    Ok(axum::Json(OperatorPage { items, next }))
}

/// Change an operator's role, seat and rights, or whether they may sign in.
#[utoipa::path(patch, path = "/api/v1/operators/{operator_id}", operation_id = "operator_patch", tag = "team",
    params(("operator_id" = OperatorId, Path)), request_body = OperatorChange,
    responses((status = 200, body = OperatorRow), (status = 403, body = Problem), (status = 404, body = Problem), (status = 409, body = Problem)))]
pub async fn operator_patch(
    State(app): State<App>,
    who: OperatorSession,
    Params(id): Params<OperatorId>,
    Json { value: change, .. }: Json<OperatorChange>,
) -> Result<axum::Json<OperatorRow>, Error> {
    let mut row = closing::change_operator(&app, &who, id, change).await?;
    row.online = app.hub.operator_online(who.organization, id);
    Ok(axum::Json(row))
}

/// List open invitations.
#[utoipa::path(get, path = "/api/v1/operator-invites", operation_id = "operator_invite_list", tag = "team",
    responses((status = 200, body = InvitePage), (status = 403, body = Problem)))]
pub async fn operator_invite_list(
    State(app): State<App>,
    who: OperatorSession,
) -> Result<axum::Json<InvitePage>, Error> {
    Ok(axum::Json(InvitePage {
        items: invites::list(&app, &who).await?,
    }))
}

/// Invite an operator: the answer holds the link to hand on.
#[utoipa::path(post, path = "/api/v1/operator-invites", operation_id = "operator_invite_create", tag = "team", request_body = NewInvite,
    params(("Idempotency-Key" = uuid::Uuid, Header)),
    responses((status = 201, body = Invite), (status = 403, body = Problem), (status = 409, body = Problem), (status = 422, body = Problem)))]
pub async fn operator_invite_create(
    State(app): State<App>,
    who: OperatorSession,
    key: IdempotencyKey,
    Json { value: new, hash }: Json<NewInvite>,
) -> Result<(StatusCode, axum::Json<Invite>), Error> {
    let once = Once::new(who.operator.uuid(), key, "operator_invite_create", hash);
    Ok((
        StatusCode::CREATED,
        axum::Json(invites::create(&app, &who, new, once).await?),
    ))
}

/// Withdraw an invitation.
#[utoipa::path(delete, path = "/api/v1/operator-invites/{invite_id}", operation_id = "operator_invite_delete", tag = "team",
    params(("invite_id" = InviteId, Path)),
    responses((status = 204, description = "Withdrawn"), (status = 403, body = Problem), (status = 404, body = Problem)))]
pub async fn operator_invite_delete(
    State(app): State<App>,
    who: OperatorSession,
    Params(id): Params<InviteId>,
) -> Result<StatusCode, Error> {
    invites::withdraw(&app, &who, id).await?;
    Ok(StatusCode::NO_CONTENT)
}

fn failures(address: ClientAddress) -> Attempt {
    Attempt {
        scope: "invite_address",
        subject: address.subject(),
        failures_max: limits::LINK_FAILURES_PER_ADDRESS,
    }
}

/// Look at an invitation before accepting it.
#[utoipa::path(post, path = "/api/v1/operator-invites/lookup", operation_id = "operator_invite_lookup", tag = "team", request_body = InviteToken,
    responses((status = 200, body = InviteOffer), (status = 410, body = Problem), (status = 429, body = Problem)))]
pub async fn operator_invite_lookup(
    State(app): State<App>,
    address: ClientAddress,
    Json { value: body, .. }: Json<InviteToken>,
) -> Result<axum::Json<InviteOffer>, Error> {
    match invites::offer(&app, &body.token).await {
        Err(Error::InviteInvalid) => {
            attempts::count(&app, vec![failures(address)]).await?;
            Err(Error::InviteInvalid)
        }
        other => other.map(axum::Json),
    }
}

/// Accept an invitation: become an operator, signed in.
#[utoipa::path(post, path = "/api/v1/operator-invites/accept", operation_id = "operator_invite_accept", tag = "team", request_body = AcceptInvite,
    responses((status = 201, body = Me, description = "Sets the cookie"), (status = 409, body = Problem), (status = 410, body = Problem), (status = 422, body = Problem)))]
pub async fn operator_invite_accept(
    State(app): State<App>,
    address: ClientAddress,
    headers: HeaderMap,
    Json { value: body, .. }: Json<AcceptInvite>,
) -> Result<impl IntoResponse, Error> {
    let (header, organization, operator) = match invites::accept(&app, body).await {
        Err(Error::InviteInvalid) => {
            attempts::count(&app, vec![failures(address)]).await?;
            return Err(Error::InviteInvalid);
        }
        other => other?,
    };
    auth::routes::end_presented(&app, &headers).await?;
    Ok((
        StatusCode::CREATED,
        header,
        axum::Json(super::me(&app, organization, operator).await?),
    ))
}
