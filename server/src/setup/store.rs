//! The one row of set-up.

use deskside_db::{DbError, SystemSql, SystemTx, Time, system_sql, vals};

static OPEN: SystemSql = system_sql!(
    "INSERT INTO setup (id, token_hash) VALUES (1, $1)
     ON CONFLICT (id) DO UPDATE SET token_hash = excluded.token_hash WHERE setup.closed_at IS NULL"
);

static IS_OPEN: SystemSql =
    system_sql!("SELECT id FROM setup WHERE token_hash = $1 AND closed_at IS NULL");

static CLOSE: SystemSql =
    system_sql!("UPDATE setup SET closed_at = $2 WHERE token_hash = $1 AND closed_at IS NULL");

/// Writes the hash of a new link; the one before does not work any more.
pub async fn open(tx: &mut SystemTx<'_>, token_hash: &[u8]) -> Result<(), DbError> {
    tx.execute(&OPEN, vals![token_hash]).await?;
    Ok(())
}

/// Whether this link works.
pub async fn is_open(tx: &mut SystemTx<'_>, token_hash: &[u8]) -> Result<bool, DbError> {
    Ok(tx.row(&IS_OPEN, vals![token_hash]).await?.is_some())
}

/// Uses the link up; whether it was open.
pub async fn close(tx: &mut SystemTx<'_>, token_hash: &[u8], now: Time) -> Result<bool, DbError> {
    Ok(tx.execute(&CLOSE, vals![token_hash, now]).await? > 0)
}
