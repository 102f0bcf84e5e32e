//! Reading requests: JSON bodies, queries and path parameters, each error as a problem.

mod strict;

use std::time::Duration;

use axum::extract::{FromRequest, FromRequestParts, Path, Request};
use axum::http::header;
use axum::http::request::Parts;
use bytes::{Bytes, BytesMut};
use futures_util::StreamExt;
use serde::de::DeserializeOwned;
use sha2::{Digest, Sha256};

use crate::error::Error;
use crate::limits;

/// A JSON body, with the hash of its bytes for idempotency.
pub struct Json<T> {
    /// The body.
    pub value: T,
    /// SHA-256 of the bytes as sent.
    pub hash: [u8; 32],
}

impl<S, T> FromRequest<S> for Json<T>
where
    S: Send + Sync,
    T: DeserializeOwned,
{
    type Rejection = Error;

    async fn from_request(request: Request, _: &S) -> Result<Self, Error> {
        let is_json = request
            .headers()
            .get(header::CONTENT_TYPE)
            .and_then(|value| value.to_str().ok())
            .is_some_and(|value| {
                value
                    .split(';')
                    .next()
                    .unwrap_or_default()
                    .trim()
                    .eq_ignore_ascii_case("application/json")
            });
        if !is_json {
            return Err(Error::WrongContentType);
        }
        let bytes = whole(request, limits::BODY_BYTES_MAX, limits::BODY_READ_TIMEOUT).await?;
        Ok(Json {
            value: parse(&bytes)?,
            hash: Sha256::digest(&bytes).into(),
        })
    }
}

/// Reads a body of at most `bytes_max` to its end.
///
/// # Errors
/// `BodyTooLarge`, or `Overloaded` when it does not come in time.
pub async fn whole(request: Request, bytes_max: usize, timeout: Duration) -> Result<Bytes, Error> {
    tokio::time::timeout(timeout, body_bytes(request, bytes_max))
        .await
        .map_err(|_| Error::Overloaded)?
}

async fn body_bytes(request: Request, bytes_max: usize) -> Result<Bytes, Error> {
    let mut stream = request.into_body().into_data_stream();
    let mut read = 0;
    let mut bytes = BytesMut::new();
    while let Some(chunk) = stream.next().await {
        let chunk = chunk.map_err(|_| Error::BadJson(String::new()))?;
        read += chunk.len();
        if read > limits::BODY_DRAINED_BYTES_MAX {
            return Err(Error::BodyTooLarge);
        }
        if read <= bytes_max {
            bytes.extend_from_slice(&chunk);
        } else {
            // Heard to the end, so that whoever sends it gets to read the answer.
            bytes.clear();
        }
    }
    if read > bytes_max {
        return Err(Error::BodyTooLarge);
    }
    Ok(bytes.freeze())
}

/// Parses a body; every type denies unknown fields.
fn parse<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, Error> {
    strict::from_slice(bytes).map_err(|error| {
        let text = error.to_string();
        match text
            .strip_prefix("unknown field `")
            .and_then(|rest| rest.split('`').next())
        {
            Some(field) => Error::UnknownField(field.chars().take(64).collect()),
            None => Error::BadJson(text.chars().take(200).collect()),
        }
    })
}

/// A query string.
pub struct Query<T>(pub T);

impl<S, T> FromRequestParts<S> for Query<T>
where
    S: Send + Sync,
    T: DeserializeOwned,
{
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Error> {
        match axum::extract::Query::<T>::try_from_uri(&parts.uri) {
            Ok(axum::extract::Query(value)) => Ok(Query(value)),
            Err(rejection) => {
                let text = rejection.body_text();
                Err(
                    match text
                        .split("unknown field `")
                        .nth(1)
                        .and_then(|rest| rest.split('`').next())
                    {
                        Some(field) => Error::UnknownField(field.chars().take(64).collect()),
                        None if text.contains("limit") => Error::BadLimit,
                        None if ["cursor", "before", "after"]
                            .iter()
                            .any(|name| text.contains(name)) =>
                        {
                            Error::BadCursor
                        }
                        None => Error::BadJson("query".into()),
                    },
                )
            }
        }
    }
}

/// Path parameters. An id that is not of its form names nothing: 404.
pub struct Params<T>(pub T);

impl<S, T> FromRequestParts<S> for Params<T>
where
    S: Send + Sync,
    T: DeserializeOwned + Send,
{
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Error> {
        match Path::<T>::from_request_parts(parts, state).await {
            Ok(Path(value)) => Ok(Params(value)),
            Err(_) => Err(Error::NotFound),
        }
    }
}

/// The number of rows a client asked for, between 1 and `max`.
///
/// # Errors
/// `BadLimit` outside of it.
pub fn page_rows(asked: Option<i64>, default: i64, max: i64) -> Result<i64, Error> {
    match asked {
        None => Ok(default),
        Some(rows) if (1..=max).contains(&rows) => Ok(rows),
        Some(_) => Err(Error::BadLimit),
    }
}
