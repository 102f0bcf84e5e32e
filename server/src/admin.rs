//! What whoever runs the server does from its shell.

use anyhow::bail;

use crate::app::App;
use crate::audit;
use crate::auth::Role;
use crate::auth::account::reset;
use crate::cases::Language;
use crate::error::Error;
use crate::ids::{OperatorId, OrganizationId};
use crate::limits;
use crate::team::{self, NewOperator, Organization, Plan};
use crate::text;

/// Creates an organization with its administrator. Returns the administrator's first password.
///
/// # Errors
/// A wrong name or address, an address in use, or the database's.
pub async fn add_organization(
    app: &App,
    name: &str,
    email: &str,
    administrator: &str,
) -> anyhow::Result<String> {
    let Ok(name) = text::person_name(name) else {
        bail!("The organization's name is empty, too long or not one line.")
    };
    let Ok(email) = text::email(email) else {
        bail!("{email} is not one email address.")
    };
    let Ok(administrator) = text::person_name(administrator) else {
        bail!("The administrator's name is empty, too long or not one line.")
    };
    let password = app.random.token_base62(96);
    let password_hash = app.passwords.hash(&password).await?;
    let now = app.clock.now();
    let organization = OrganizationId::new(now, &app.random);
    let new = NewOperator {
        id: OperatorId::new(now, &app.random),
        email,
        name: administrator,
        role: Role::Administrator,
        password_hash,
        language: Language::En,
        time_zone: "UTC".into(),
    };
    app.write(organization, move |write| {
        Box::pin(async move {
            team::organization::found(write, &name).await?;
            team::add_operator(write, &new).await
        })
    })
    .await?;
    Ok(password)
}

/// How many operators may work.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Seats {
    /// So many.
    Number(i64),
    /// As many as there are.
    Unlimited,
}

impl Seats {
    /// From what is typed: a number from 1 on, or `unlimited`.
    pub fn parse(text: &str) -> Option<Self> {
        match text {
            "unlimited" => Some(Seats::Unlimited),
            number => number
                .parse()
                .ok()
                .filter(|seats| (1..=limits::SEATS_MAX).contains(seats))
                .map(Seats::Number),
        }
    }
}

/// Changes plan and seats; what is absent stays. Nobody loses a seat by it.
///
/// # Errors
/// An unknown organization, nothing to change, or the database's.
pub async fn set_organization(
    app: &App,
    id: &str,
    plan: Option<Plan>,
    seats: Option<Seats>,
) -> anyhow::Result<Organization> {
    if plan.is_none() && seats.is_none() {
        bail!("Say what to change: --plan, --seats or both.")
    }
    let known: Option<OrganizationId> = id.parse().ok();
    let Some(id) = known else {
        bail!("{id} is no id of an organization. `deskside admin organization list` shows them.")
    };
    app.write(id, move |write| {
        Box::pin(async move {
            let seats = seats.map(|seats| match seats {
                Seats::Number(seats) => Some(seats),
                Seats::Unlimited => None,
            });
            team::organization::book(write, plan, seats).await
        })
    })
    .await
    .map_err(|error| match error {
        Error::NotFound => anyhow::anyhow!("There is no organization {id}."),
        other => other.into(),
    })?;
    Ok(team::organization::organization(app, id).await?)
}

/// An organization in one line.
pub fn line(organization: &Organization) -> String {
    let seats = organization
        .seats
        .map_or("unlimited".to_owned(), |seats| seats.to_string());
    format!(
        "{}  plan {}  seats {seats} ({} in use)  {}",
        organization.id,
        organization.plan.as_str(),
        organization.seats_used,
        organization.name
    )
}

/// A one-time link with which an operator chooses a new password: for a server that sends no mail.
///
/// # Errors
/// An address that nobody signs in with, or the database's.
pub async fn password_link(app: &App, email: &str) -> anyhow::Result<String> {
    match reset::link(app, email).await? {
        Some(link) => Ok(link),
        None => bail!("Nobody who may sign in has the address {email}."),
    }
}

/// What the audit logs of all organizations are like.
#[derive(Debug)]
pub struct AuditCheck {
    /// Whether all are as they were written.
    pub ok: bool,
    /// One line for each organization.
    pub lines: Vec<String>,
}

/// Checks the audit logs of all organizations.
///
/// # Errors
/// The database's.
pub async fn verify_audit(app: &App) -> anyhow::Result<AuditCheck> {
    let mut check = AuditCheck {
        ok: true,
        lines: Vec::new(),
    };
    for organization in team::organization::all(app).await? {
        let verdict = audit::verify(app, organization.id).await?;
        check.ok &= verdict.ok;
        let state = match verdict.broken_at {
            None => format!("{} entries, all as they were written", verdict.entries),
            Some(n) => format!("entry {n} was changed or is missing"),
        };
        check.lines.push(format!(
            "{}  {state}  {}",
            organization.id, organization.name
        ));
    }
    Ok(check)
}
