//! The organization, its operators, and how they come in.

pub mod invite_mail;
pub mod invites;
pub mod looks;
pub mod operators;
pub mod organization;
pub mod plan;
pub mod routes;
pub mod store;

use deskside_db::Time;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::app::App;
use crate::auth::{OperatorSession, Rights, Role, policy};
use crate::cases::Language;
use crate::error::Error;
use crate::events::{Event, OperatorRef, Who};
use crate::ids::{OperatorId, OrganizationId};
use crate::text::{self, Checks};
use crate::tx::Write;

pub use organization::{
    Organization, OrganizationChange, picture_url, public_organization, sole_organization,
};
pub use plan::Plan;

/// Colours of the interface.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Theme {
    /// As the device has it.
    System,
    /// Light.
    Light,
    /// Dark.
    Dark,
}

impl Theme {
    /// As stored.
    pub fn as_str(self) -> &'static str {
        match self {
            Theme::System => "system",
            Theme::Light => "light",
            Theme::Dark => "dark",
        }
    }

    /// From what is stored.
    pub fn parse(text: &str) -> Self {
        match text {
            "light" => Theme::Light,
            "dark" => Theme::Dark,
            _ => Theme::System,
        }
    }
}

/// An operator, as the operator sees it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Operator {
    /// The operator's id.
    pub id: OperatorId,
    /// The name that colleagues and customers see.
    pub name: String,
    /// The email address to sign in with.
    pub email: String,
    /// The role.
    pub role: Role,
    /// Language of the interface.
    pub language: Language,
    /// IANA time zone.
    pub time_zone: String,
    /// Colours of the interface.
    pub theme: Theme,
    /// Whether the operator has a seat; without one the desk is read only (V15, V16).
    pub seat: bool,
    /// Whether the operator may sign in.
    pub active: bool,
    /// Where the operator's picture is.
    pub picture: Option<String>,
}

/// An operator, as colleagues see one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct OperatorRow {
    /// The operator's id.
    pub id: OperatorId,
    /// The name.
    pub name: String,
    /// The email address.
    pub email: String,
    /// The role.
    pub role: Role,
    /// Whether the operator is at the desk.
    pub online: bool,
    /// When the operator came.
    pub created_at: Time,
    /// Whether the operator may sign in; one who may not stays for the history's sake.
    pub active: bool,
    /// Whether the operator has a seat.
    pub seat: bool,
    /// What the operator may do beyond working on cases; an administrator may do all.
    pub rights: Rights,
    /// Where the operator's picture is.
    pub picture: Option<String>,
}

/// What the operator may do now.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct MyRights {
    /// Invite and change operators.
    pub invite: bool,
    /// Delete cases for good.
    pub delete: bool,
    /// Change the organization.
    pub edit_organization: bool,
    /// Put others on cases and take them off, hand cases over, merge cases.
    pub reassign: bool,
    /// Export lists of cases.
    pub export: bool,
    /// Work on cases: has a seat.
    pub seat: bool,
    /// Fill in custom fields: the plan has them.
    pub custom_fields: bool,
    /// Ask for a customer's location: the plan has it, and it is switched on.
    pub location: bool,
}

/// The operator who is signed in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Me {
    /// The operator.
    pub operator: Operator,
    /// The organization.
    pub organization: Organization,
    /// What the operator may do now.
    pub rights: MyRights,
    /// The server's version.
    pub version: String,
}

/// Changes of one's own profile; what is absent stays.
#[derive(Debug, Clone, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct MeChange {
    /// The name.
    pub name: Option<String>,
    /// Language of the interface.
    pub language: Option<Language>,
    /// IANA time zone.
    pub time_zone: Option<String>,
    /// Colours.
    pub theme: Option<Theme>,
}

/// How email addresses are compared: two that differ only in case are one person's.
pub fn fold_email(email: &str) -> String {
    email.trim().to_lowercase()
}

/// A new operator's own part: everything but organization and role.
#[derive(Debug, Clone)]
pub struct NewOperator {
    /// The id it will have.
    pub id: OperatorId,
    /// The email address.
    pub email: String,
    /// The name.
    pub name: String,
    /// The role.
    pub role: Role,
    /// The password's hash.
    pub password_hash: String,
    /// Language of the interface.
    pub language: Language,
    /// IANA time zone.
    pub time_zone: String,
}

/// Puts a new operator into the organization of this write, with a seat if one is free.
///
/// # Errors
/// `EmailTaken`, or the database's.
pub async fn add_operator(write: &mut Write<'_>, new: &NewOperator) -> Result<(), Error> {
    let now = write.now();
    let seat = operators::has_free_seat(write).await?;
    match store::insert_operator(&mut write.org(), new, seat, now).await {
        Ok(()) => {}
        Err(error) if error.is_unique() => return Err(Error::EmailTaken),
        Err(error) => return Err(error.into()),
    }
    let operator = OperatorRef {
        id: new.id,
        name: new.name.clone(),
    };
    write.emit(
        None,
        Who::Operator(new.id),
        Event::OperatorCreated { operator },
    );
    Ok(())
}

/// Loads the operator who is signed in.
///
/// # Errors
/// `NotSignedIn` when the operator is gone, or the database's.
pub async fn me(
    app: &App,
    organization: OrganizationId,
    operator: OperatorId,
) -> Result<Me, Error> {
    app.read(organization, move |tx| {
        Box::pin(async move {
            let operator = store::operator(tx, operator)
                .await?
                .ok_or(Error::NotSignedIn)?;
            let organization = store::organization(tx).await?.ok_or(Error::NotSignedIn)?;
            let rights = store::rights(tx, operator.id)
                .await?
                .ok_or(Error::NotSignedIn)?;
            Ok(Me {
                rights: policy::my_rights(&operator, rights, &organization),
                operator,
                organization,
                version: env!("CARGO_PKG_VERSION").to_owned(),
            })
        })
    })
    .await
}

/// Changes one's own profile.
///
/// # Errors
/// Field errors, or the database's.
pub async fn change_me(app: &App, who: &OperatorSession, change: MeChange) -> Result<Me, Error> {
    let mut checks = Checks::default();
    let name = change
        .name
        .map(|name| checks.take("name", text::person_name(&name)));
    let time_zone = change
        .time_zone
        .map(|zone| checks.take("time_zone", text::time_zone(&zone)));
    checks.done()?;
    let operator = who.operator;
    app.write(who.organization, move |write| {
        Box::pin(async move {
            let mut me = store::operator(&mut write.org(), operator)
                .await?
                .ok_or(Error::NotSignedIn)?;
            let renamed = name.as_ref().is_some_and(|name| *name != me.name);
            me.name = name.unwrap_or(me.name);
            me.time_zone = time_zone.unwrap_or(me.time_zone);
            me.language = change.language.unwrap_or(me.language);
            me.theme = change.theme.unwrap_or(me.theme);
            store::update_operator(&mut write.org(), &me).await?;
            if renamed {
                let operator = OperatorRef {
                    id: operator,
                    name: me.name,
                };
                write.emit(
                    None,
                    Who::Operator(operator.id),
                    Event::OperatorChanged { operator },
                );
            }
            Ok(())
        })
    })
    .await?;
    me(app, who.organization, operator).await
}

/// The checks of a name, a password and a time zone that someone new gives; errors are noted in `checks`.
pub fn check_newcomer(
    checks: &mut Checks,
    name: &str,
    password: &str,
    time_zone: &str,
) -> (String, String, String) {
    (
        checks.take("name", text::person_name(name)),
        checks.take("password", crate::auth::password::check_new(password)),
        checks.take("time_zone", text::time_zone(time_zone)),
    )
}
