//! What whoever runs the server does from its shell.

use anyhow::bail;

use crate::app::App;
use crate::auth::Role;
use crate::cases::Language;
use crate::ids::{OperatorId, OrganizationId};
use crate::team::{self, NewOperator};
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
            team::store::insert_organization(&mut write.org(), &name, now).await?;
            team::add_operator(write, &new).await
        })
    })
    .await?;
    Ok(password)
}
