//! The organization: its name, its contact, how it looks, and what it has switched on.

pub mod store;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::Plan;
use crate::app::App;
use crate::audit::{ObjectKind, Verb};
use crate::auth::{OperatorSession, policy};
use crate::error::{Error, FieldErrorCode, PublicOrganization};
use crate::events::{Event, Who};
use crate::ids::OrganizationId;
use crate::limits;
use crate::text::{self, Checks};
use crate::tx::Write;

/// The organization.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Organization {
    /// Its id.
    pub id: OrganizationId,
    /// Its name, as customers see it.
    pub name: String,
    /// Email address for customers; empty when not given.
    pub contact_email: String,
    /// Phone number for customers; empty when not given.
    pub contact_phone: String,
    /// What it has booked.
    pub plan: Plan,
    /// How many operators may work at once; unlimited when absent.
    pub seats: Option<i64>,
    /// How many of them are in use.
    pub seats_used: i64,
    /// Whether operators see only cases that wait and their own (V07).
    pub separate_operators: bool,
    /// Whether operators may ask for a customer's location.
    pub location_enabled: bool,
    /// Where a location is shown on a map: an address with `{latitude}` and `{longitude}`.
    pub map_url: String,
    /// Its colour as `#rrggbb`; empty for Deskside's own.
    pub brand_color: String,
    /// Where its logo is.
    pub logo: Option<String>,
}

/// Changes of the organization; what is absent stays.
#[derive(Debug, Clone, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct OrganizationChange {
    /// Its name.
    pub name: Option<String>,
    /// Email address for customers.
    pub contact_email: Option<String>,
    /// Phone number for customers.
    pub contact_phone: Option<String>,
    /// Whether operators see only cases that wait and their own.
    pub separate_operators: Option<bool>,
    /// Whether operators may ask for a customer's location.
    pub location_enabled: Option<bool>,
    /// Where a location is shown on a map: an https address with `{latitude}` and `{longitude}`.
    pub map_url: Option<String>,
    /// Its colour as `#rrggbb`; empty for Deskside's own.
    pub brand_color: Option<String>,
}

/// Where a picture is read, from the token it is kept under.
pub fn picture_url(token: String) -> String {
    format!("/api/v1/pictures/{token}")
}

/// The organization of this write, new.
///
/// # Errors
/// The database's.
pub async fn found(write: &mut Write<'_>, name: &str) -> Result<(), Error> {
    let now = write.now();
    let ordinal = store::next_ordinal(&mut write.system()).await?;
    Ok(store::insert(&mut write.org(), ordinal, name, now).await?)
}

/// Reads the organization.
///
/// # Errors
/// The database's.
pub async fn organization(app: &App, id: OrganizationId) -> Result<Organization, Error> {
    app.read(id, move |tx| {
        Box::pin(async move { store::organization(tx).await?.ok_or(Error::NotFound) })
    })
    .await
}

/// The address of a map: https, with both placeholders.
fn map_url(text: &str) -> Result<String, FieldErrorCode> {
    let text = text::line(text, limits::MAP_URL_CHARACTERS_MAX)?;
    let filled = text
        .replace("{latitude}", "52.5")
        .replace("{longitude}", "13.4");
    let host = filled.strip_prefix("https://").unwrap_or_default();
    let is_address = host.starts_with(|c: char| c.is_ascii_alphanumeric())
        && filled
            .chars()
            .all(|c| c.is_ascii_graphic() && !"\"<>\\^`{|}".contains(c));
    if is_address && text.contains("{latitude}") && text.contains("{longitude}") {
        Ok(text)
    } else {
        Err(FieldErrorCode::Invalid)
    }
}

/// A colour as `#rrggbb`, or nothing.
fn color(text: &str) -> Result<String, FieldErrorCode> {
    let text = text.trim().to_ascii_lowercase();
    let is_color = text
        .strip_prefix('#')
        .is_some_and(|digits| digits.len() == 6 && digits.chars().all(|c| c.is_ascii_hexdigit()));
    if text.is_empty() || is_color {
        Ok(text)
    } else {
        Err(FieldErrorCode::Invalid)
    }
}

/// Changes the organization. Separating operators changes what each of them sees at once.
///
/// # Errors
/// Field errors, `PlanRequired`, or the database's.
pub async fn change(
    app: &App,
    who: &OperatorSession,
    change: OrganizationChange,
) -> Result<(Organization, bool), Error> {
    let mut checks = Checks::default();
    let name = change
        .name
        .map(|name| checks.take("name", text::person_name(&name)));
    let email = change
        .contact_email
        .map(|email| checks.take("contact_email", text::optional_email(&email)));
    let phone = change
        .contact_phone
        .map(|phone| checks.take("contact_phone", text::optional_phone(&phone)));
    let map = change
        .map_url
        .map(|map| checks.take("map_url", map_url(&map)));
    let brand = change
        .brand_color
        .map(|brand| checks.take("brand_color", color(&brand)));
    checks.done()?;
    let actor = who.who();
    app.write(who.organization, move |write| {
        Box::pin(async move {
            store::lock(&mut write.org()).await?;
            let mut organization = store::organization(&mut write.org())
                .await?
                .ok_or(Error::NotFound)?;
            if change.location_enabled == Some(true) {
                policy::plan_has_location(organization.plan)?;
            }
            let separated = organization.separate_operators;
            let before = organization.clone();
            organization.name = name.unwrap_or(organization.name);
            organization.contact_email = email.unwrap_or(organization.contact_email);
            organization.contact_phone = phone.unwrap_or(organization.contact_phone);
            organization.separate_operators = change.separate_operators.unwrap_or(separated);
            organization.location_enabled = change
                .location_enabled
                .unwrap_or(organization.location_enabled);
            organization.map_url = map.unwrap_or(organization.map_url);
            organization.brand_color = brand.unwrap_or(organization.brand_color);
            store::update(&mut write.org(), &organization).await?;
            write.emit(None, actor, Event::OrganizationChanged {});
            let changed = changed(&before, &organization);
            write.audit_with(
                actor,
                Verb::OrganizationChanged,
                ObjectKind::Organization,
                changed,
            );
            let sight_changed = organization.separate_operators != separated;
            Ok((organization, sight_changed))
        })
    })
    .await
}

/// Every organization of this server, in the order of their coming.
///
/// # Errors
/// The database's.
pub async fn all(app: &App) -> Result<Vec<Organization>, Error> {
    let ids = app
        .db()
        .read(|tx| Box::pin(async move { Ok::<_, Error>(store::all(&mut tx.system()).await?) }))
        .await?;
    let mut all = Vec::with_capacity(ids.len());
    for id in ids {
        all.push(organization(app, id).await?);
    }
    Ok(all)
}

/// Changes what the organization has booked; what is absent stays. Nobody loses a seat by it.
///
/// # Errors
/// `NotFound`, or the database's.
pub async fn book(
    write: &mut Write<'_>,
    plan: Option<Plan>,
    seats: Option<Option<i64>>,
) -> Result<(), Error> {
    store::lock(&mut write.org()).await?;
    let before = store::organization(&mut write.org())
        .await?
        .ok_or(Error::NotFound)?;
    let (plan, seats) = (plan.unwrap_or(before.plan), seats.unwrap_or(before.seats));
    store::book(&mut write.org(), plan, seats).await?;
    write.emit(None, Who::System, Event::OrganizationChanged {});
    let booked = seats.map_or_else(|| "unlimited".to_owned(), |seats| seats.to_string());
    let detail = format!("plan={} seats={booked}", plan.as_str());
    write.audit_with(
        Who::System,
        Verb::PlanChanged,
        ObjectKind::Organization,
        detail,
    );
    Ok(())
}

/// The names of what differs, for the audit log.
fn changed(before: &Organization, after: &Organization) -> String {
    [
        ("name", before.name != after.name),
        ("contact_email", before.contact_email != after.contact_email),
        ("contact_phone", before.contact_phone != after.contact_phone),
        (
            "separate_operators",
            before.separate_operators != after.separate_operators,
        ),
        (
            "location_enabled",
            before.location_enabled != after.location_enabled,
        ),
        ("map_url", before.map_url != after.map_url),
        ("brand_color", before.brand_color != after.brand_color),
    ]
    .into_iter()
    .filter_map(|(name, differs)| differs.then_some(name))
    .collect::<Vec<_>>()
    .join(" ")
}

/// What anyone with a link may know of an organization.
///
/// # Errors
/// The database's.
pub async fn public_organization(
    app: &App,
    id: OrganizationId,
) -> Result<PublicOrganization, Error> {
    app.read(id, move |tx| {
        Box::pin(async move { store::public_organization(tx).await?.ok_or(Error::NotFound) })
    })
    .await
}

/// The organization of a server that has just one: whom a stranger with a broken link may ask.
///
/// # Errors
/// The database's.
pub async fn sole_organization(app: &App) -> Result<Option<PublicOrganization>, Error> {
    let ids = app
        .db()
        .read(|tx| {
            Box::pin(
                async move { Ok::<_, Error>(super::store::organizations(&mut tx.system()).await?) },
            )
        })
        .await?;
    match ids.as_slice() {
        [id] => Ok(Some(public_organization(app, *id).await?)),
        _ => Ok(None),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_map_s_address_has_both_coordinates_and_is_https() {
        for good in [
            "https://www.openstreetmap.org/?mlat={latitude}&mlon={longitude}#map=17/{latitude}/{longitude}",
            "https://maps.example/{longitude},{latitude}",
        ] {
            assert_eq!(map_url(good).as_deref(), Ok(good));
        }
        for bad in [
            "",
            "http://maps.example/{latitude},{longitude}",
            "https://maps.example/{latitude}",
            "https:///{latitude},{longitude}",
            "https://{latitude}{longitude}/{x}",
            "https://maps.example/\"{latitude},{longitude}",
            "javascript:alert({latitude},{longitude})",
        ] {
            assert_eq!(map_url(bad), Err(FieldErrorCode::Invalid), "{bad}");
        }
    }

    #[test]
    fn a_colour_has_six_digits_or_is_none() {
        assert_eq!(color(" #1A7F5e ").as_deref(), Ok("#1a7f5e"));
        assert_eq!(color("").as_deref(), Ok(""));
        for bad in ["#123", "1a7f5e", "#1a7f5g", "red", "#1a7f5e00"] {
            assert_eq!(color(bad), Err(FieldErrorCode::Invalid), "{bad}");
        }
    }
}
