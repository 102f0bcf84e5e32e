//! Rows of remembered keys.

use deskside_db::{DbError, OrgSql, OrgTx, SystemSql, SystemTx, Time, org_sql, system_sql, vals};
use uuid::Uuid;

use super::Once;

static FIND: OrgSql = org_sql!(
    "SELECT body_hash, made FROM idempotency_keys WHERE organization_id = $1 AND principal = $2 AND client_key = $3"
);

static CLAIM: OrgSql = org_sql!(
    "INSERT INTO idempotency_keys (organization_id, principal, client_key, body_hash, made, created_at)
     VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (organization_id, principal, client_key) DO NOTHING"
);

static FORGET_MADE: OrgSql =
    org_sql!("DELETE FROM idempotency_keys WHERE organization_id = $1 AND made = $2");

static FORGET_OLD: SystemSql = system_sql!("DELETE FROM idempotency_keys WHERE created_at < $1");

/// The hash and the made thing behind a key.
pub async fn find(
    tx: &mut OrgTx<'_>,
    principal: Uuid,
    key: Uuid,
) -> Result<Option<(Vec<u8>, Uuid)>, DbError> {
    match tx.row(&FIND, vals![principal, key]).await? {
        Some(row) => Ok(Some((row.get("body_hash")?, row.get("made")?))),
        None => Ok(None),
    }
}

/// Remembers a key; false when it is there already.
pub async fn claim(
    tx: &mut OrgTx<'_>,
    once: &Once,
    made: Uuid,
    now: Time,
) -> Result<bool, DbError> {
    let values = vals![once.principal, once.key, once.hash.to_vec(), made, now];
    Ok(tx.execute(&CLAIM, values).await? > 0)
}

/// Forgets the keys of what is deleted.
pub async fn forget_made(tx: &mut OrgTx<'_>, made: Uuid) -> Result<(), DbError> {
    tx.execute(&FORGET_MADE, vals![made]).await?;
    Ok(())
}

/// Forgets keys made before `before`.
pub async fn forget_old(tx: &mut SystemTx<'_>, before: Time) -> Result<u64, DbError> {
    tx.execute(&FORGET_OLD, vals![before]).await
}
