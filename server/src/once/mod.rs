//! Doing a POST once: the same `Idempotency-Key` with the same body gives the same thing again.
//!
//! Only the id of what was made is remembered, never its content, so that deleting a case leaves nothing here.

pub mod store;

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use sha2::{Digest, Sha256};
use uuid::Uuid;

use crate::error::Error;
use crate::tx::Write;

/// The header of a request that must be done once.
#[derive(Debug, Clone, Copy)]
pub struct IdempotencyKey(pub Uuid);

impl<S: Send + Sync> FromRequestParts<S> for IdempotencyKey {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Error> {
        let text = parts
            .headers
            .get("idempotency-key")
            .and_then(|value| value.to_str().ok())
            .unwrap_or_default();
        Uuid::try_parse(text)
            .map(IdempotencyKey)
            .map_err(|_| Error::IdempotencyKeyMissing)
    }
}

/// A request that must be done once: who, which operation, which key, which body.
#[derive(Debug, Clone)]
pub struct Once {
    /// The operator behind it.
    pub principal: Uuid,
    /// The client's key.
    pub key: Uuid,
    /// Hash of the operation, what it is about, and the body.
    pub hash: [u8; 32],
}

impl Once {
    /// `operation` names the operation and what it is about, for example `case_complete case_…`.
    pub fn new(principal: Uuid, key: IdempotencyKey, operation: &str, body: [u8; 32]) -> Self {
        let mut hash = Sha256::new();
        hash.update(operation.as_bytes());
        hash.update([0]);
        hash.update(body);
        Self {
            principal,
            key: key.0,
            hash: hash.finalize().into(),
        }
    }

    /// Claims the key for what this request is about to make, or tells what the same request made before.
    /// Of two at once the second waits for the first.
    ///
    /// # Errors
    /// `IdempotencyKeyReused` for the key of another request, or the database's.
    pub async fn claim(&self, write: &mut Write<'_>, made: Uuid) -> Result<Option<Uuid>, Error> {
        let now = write.now();
        if store::claim(&mut write.org(), self, made, now).await? {
            return Ok(None);
        }
        match store::find(&mut write.org(), self.principal, self.key).await? {
            Some((hash, made)) if hash == self.hash => Ok(Some(made)),
            _ => Err(Error::IdempotencyKeyReused),
        }
    }
}
