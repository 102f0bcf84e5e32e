//! The two session cookies. `__Host-` binds them to this host; they are always Secure, which browsers
//! accept on `http://localhost` too.

use axum::http::{HeaderMap, HeaderValue, header};
use deskside_db::Random;
use sha2::{Digest, Sha256};
use std::time::Duration;

/// The operator's session.
pub const OPERATOR: &str = "__Host-deskside";
/// A guest's session: one browser, many cases.
pub const GUEST: &str = "__Host-deskside_guest";

/// A new secret of 256 random bits, as text for the cookie.
pub fn new_secret(random: &Random) -> String {
    random.token_base62(256)
}

/// How a secret is stored.
pub fn hash(secret: &str) -> Vec<u8> {
    Sha256::digest(secret.as_bytes()).to_vec()
}

/// The value of a cookie; one that stands twice counts as none.
pub fn read<'h>(headers: &'h HeaderMap, name: &str) -> Option<&'h str> {
    let mut found = None;
    for header in headers.get_all(header::COOKIE) {
        for pair in header.to_str().ok()?.split(';') {
            if let Some((key, value)) = pair.trim().split_once('=')
                && key == name
            {
                if found.is_some() {
                    return None;
                }
                found = Some(value);
            }
        }
    }
    found.filter(|value| !value.is_empty() && value.len() <= 128)
}

/// The header that sets a cookie for `age`.
pub fn set(name: &str, secret: &str, age: Duration) -> HeaderValue {
    let text = format!(
        "{name}={secret}; Path=/; Secure; HttpOnly; SameSite=Lax; Max-Age={}",
        age.as_secs()
    );
    HeaderValue::from_str(&text).unwrap_or_else(|_| HeaderValue::from_static(""))
}

/// The header that takes a cookie away.
pub fn clear(name: &str) -> HeaderValue {
    set(name, "", Duration::ZERO)
}
