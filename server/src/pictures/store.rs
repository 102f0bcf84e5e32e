//! Rows of pictures. The address of a picture is all that a browser shows, so it is looked up without an organization.

use deskside_blobs::BlobName;
use deskside_db::{DbError, OrgSql, OrgTx, SystemSql, SystemTx, Time, org_sql, system_sql, vals};

static INSERT: OrgSql = org_sql!(
    "INSERT INTO pictures (organization_id, token, blob, content_type, created_at) VALUES ($1, $2, $3, $4, $5)"
);

static DELETE: OrgSql =
    org_sql!("DELETE FROM pictures WHERE organization_id = $1 AND token = $2 RETURNING blob");

static FIND: SystemSql = system_sql!("SELECT blob, content_type FROM pictures WHERE token = $1");

static HAS_BLOB: SystemSql = system_sql!("SELECT 1 AS stands FROM pictures WHERE blob = $1");

/// A picture to write.
pub struct NewPicture {
    /// Stands in its address.
    pub token: String,
    /// Its bytes.
    pub blob: BlobName,
    /// `image/png` or `image/jpeg`.
    pub content_type: &'static str,
}

/// Writes a picture.
pub async fn insert(tx: &mut OrgTx<'_>, new: &NewPicture, now: Time) -> Result<(), DbError> {
    let values = vals![new.token.as_str(), new.blob.as_str(), new.content_type, now];
    tx.execute(&INSERT, values).await?;
    Ok(())
}

/// Deletes a picture; the name of its bytes, if there was one.
pub async fn delete(tx: &mut OrgTx<'_>, token: &str) -> Result<Option<BlobName>, DbError> {
    match tx.row(&DELETE, vals![token]).await? {
        Some(row) => Ok(BlobName::parse(&row.get::<String>("blob")?)),
        None => Ok(None),
    }
}

/// Bytes and content type behind an address.
pub async fn find(
    tx: &mut SystemTx<'_>,
    token: &str,
) -> Result<Option<(BlobName, String)>, DbError> {
    let Some(row) = tx.row(&FIND, vals![token]).await? else {
        return Ok(None);
    };
    let blob = BlobName::parse(&row.get::<String>("blob")?);
    let content_type = row.get("content_type")?;
    Ok(blob.map(|blob| (blob, content_type)))
}

/// Whether a picture has these bytes.
pub async fn has_blob(tx: &mut SystemTx<'_>, blob: &str) -> Result<bool, DbError> {
    Ok(tx.row(&HAS_BLOB, vals![blob]).await?.is_some())
}
