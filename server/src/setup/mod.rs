//! Set-up: whoever opens the link that an empty server prints creates its organization and becomes the
//! administrator (V02). After that it is closed for good.

pub mod routes;
pub mod store;

use deskside_db::Tx;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::app::App;
use crate::auth::routes::{Begin, SetCookie};
use crate::auth::{Role, cookie};
use crate::cases::Language;
use crate::error::Error;
use crate::ids::{OperatorId, OrganizationId};
use crate::team::{self, NewOperator};
use crate::text::{self, Checks};

/// Whether the server waits to be set up.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct SetupState {
    /// Whether set-up is open.
    pub open: bool,
    /// Whether this server sends mail: without it a forgotten password is a matter for whoever runs it.
    pub mail: bool,
}

/// The first organization and its administrator.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewSetup {
    /// What stands behind `/setup/` in the link.
    pub token: String,
    /// The organization's name.
    pub organization: String,
    /// The administrator's name.
    pub name: String,
    /// The administrator's email address.
    pub email: String,
    /// The administrator's password.
    pub password: String,
    /// Language of the interface.
    pub language: Language,
    /// IANA time zone.
    pub time_zone: String,
}

/// Makes a new one-time link while there is no organization; none once there is one.
///
/// # Errors
/// The database's.
pub async fn link(app: &App) -> Result<Option<String>, Error> {
    let token = app.random.token_base62(128);
    let hash = cookie::hash(&token);
    let open = app
        .db()
        .write(move |tx: &mut Tx| {
            Box::pin(async move {
                let empty = team::store::organizations(&mut tx.system())
                    .await?
                    .is_empty();
                if empty {
                    store::open(&mut tx.system(), &hash).await?;
                }
                Ok::<_, Error>(empty)
            })
        })
        .await?;
    Ok(open.then(|| app.link(&format!("/setup/{token}"))))
}

/// Whether set-up is open.
///
/// # Errors
/// The database's.
pub async fn state(app: &App) -> Result<SetupState, Error> {
    let open = app
        .db()
        .read(|tx| {
            Box::pin(async move {
                Ok::<_, Error>(
                    team::store::organizations(&mut tx.system())
                        .await?
                        .is_empty(),
                )
            })
        })
        .await?;
    Ok(SetupState {
        open,
        mail: app.outbox.is_some(),
    })
}

/// Creates the organization and its administrator, signed in. The link works once.
///
/// # Errors
/// Field errors, `SetupClosed`, `SetupLinkInvalid`, or the database's.
pub async fn create(
    app: &App,
    new: NewSetup,
) -> Result<(SetCookie, OrganizationId, OperatorId), Error> {
    if !state(app).await?.open {
        return Err(Error::SetupClosed);
    }
    let mut checks = Checks::default();
    let organization_name = checks.take("organization", text::person_name(&new.organization));
    let email = checks.take("email", text::email(&new.email));
    let (name, password, time_zone) =
        team::check_newcomer(&mut checks, &new.name, &new.password, &new.time_zone);
    checks.done()?;
    let hash = cookie::hash(&new.token);
    let known = app
        .db()
        .read({
            let hash = hash.clone();
            move |tx| {
                Box::pin(
                    async move { Ok::<_, Error>(store::is_open(&mut tx.system(), &hash).await?) },
                )
            }
        })
        .await?;
    if !known {
        return Err(Error::SetupLinkInvalid);
    }
    let password_hash = app.passwords.hash(&password).await?;
    let now = app.clock.now();
    let organization = OrganizationId::new(now, &app.random);
    let id = OperatorId::new(now, &app.random);
    let begin = Begin::new(app, id);
    let header = begin.header();
    app.write(organization, move |write| {
        Box::pin(async move {
            if !store::close(&mut write.system(), &hash, now).await? {
                return Err(Error::SetupClosed);
            }
            team::organization::found(write, &organization_name).await?;
            let role = Role::Administrator;
            let administrator = NewOperator {
                id,
                email,
                name,
                role,
                password_hash,
                language: new.language,
                time_zone,
            };
            team::add_operator(write, &administrator).await?;
            begin.run(write).await
        })
    })
    .await?;
    Ok((header, organization, id))
}
