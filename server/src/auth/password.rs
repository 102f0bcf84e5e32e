//! Passwords: argon2id (RFC 9106) with the OWASP minimum of memory, a few at once, and the same work
//! whether the operator exists or not.

use std::sync::Arc;

use argon2::password_hash::phc::PasswordHash;
use argon2::{Argon2, PasswordHasher, PasswordVerifier};
use deskside_db::Random;
use tokio::sync::Semaphore;

use crate::error::{Error, FieldErrorCode};
use crate::limits;

/// Hashes and checks passwords.
#[derive(Clone)]
pub struct Passwords {
    at_once: Arc<Semaphore>,
    /// Places in the line, those at work included.
    line: Arc<Semaphore>,
    random: Random,
    /// The hash that an unknown operator's password is checked against.
    nobody: Arc<tokio::sync::OnceCell<String>>,
}

impl Passwords {
    /// With its own bound of hashes at once.
    pub fn new(random: &Random) -> Self {
        Self {
            at_once: Arc::new(Semaphore::new(limits::PASSWORD_HASHES_AT_ONCE)),
            line: Arc::new(Semaphore::new(
                limits::PASSWORD_HASHES_AT_ONCE + limits::PASSWORD_HASHES_WAITING_MAX,
            )),
            random: random.clone(),
            nobody: Arc::default(),
        }
    }

    /// The hash of a new password, with its parameters and salt, as stored.
    ///
    /// # Errors
    /// Internal ones only.
    pub async fn hash(&self, password: &str) -> Result<String, Error> {
        let salt: [u8; 16] = self.random.bytes();
        let password = password.to_owned();
        self.work(move || {
            Argon2::default()
                .hash_password_with_salt(password.as_bytes(), &salt)
                .map(|hash| hash.to_string())
                .map_err(|error| anyhow::anyhow!("password hash: {error}"))
        })
        .await?
        .map_err(Error::Internal)
    }

    /// Whether the password is the one behind `hash`; without a hash the same work, and no.
    ///
    /// # Errors
    /// Internal ones only.
    pub async fn verify(&self, password: &str, hash: Option<String>) -> Result<bool, Error> {
        let known = hash.is_some();
        let hash = match hash {
            Some(hash) => hash,
            None => self
                .nobody
                .get_or_try_init(|| self.hash("nobody has this password"))
                .await?
                .clone(),
        };
        let password = password.to_owned();
        let right = self
            .work(move || {
                PasswordHash::new(&hash).is_ok_and(|hash| {
                    Argon2::default()
                        .verify_password(password.as_bytes(), &hash)
                        .is_ok()
                })
            })
            .await?;
        Ok(known && right)
    }

    async fn work<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, Error> {
        let _in_line = self.line.try_acquire().map_err(|_| Error::Overloaded)?;
        let _place = self
            .at_once
            .acquire()
            .await
            .map_err(|_| Error::Overloaded)?;
        tokio::task::spawn_blocking(work)
            .await
            .map_err(|error| Error::Internal(error.into()))
    }
}

/// Whether a new password is long enough and not on every attacker's list.
///
/// # Errors
/// What is wrong with it.
pub fn check_new(password: &str) -> Result<String, FieldErrorCode> {
    let characters = password.chars().count();
    if characters == 0 {
        return Err(FieldErrorCode::Required);
    }
    if characters < limits::PASSWORD_CHARACTERS_MIN {
        return Err(FieldErrorCode::TooShort);
    }
    if characters > limits::PASSWORD_CHARACTERS_MAX {
        return Err(FieldErrorCode::TooLong);
    }
    if is_common(password) {
        return Err(FieldErrorCode::TooCommon);
    }
    Ok(password.to_owned())
}

/// Whether a long password is made of what everyone tries first: one piece repeated, a run of the
/// keyboard or the alphabet, or a well-known word with digits around it.
fn is_common(password: &str) -> bool {
    let folded = password.to_lowercase();
    let characters: Vec<char> = folded.chars().collect();
    let repeats = (1..=characters.len() / 2).any(|size| {
        characters
            .chunks(size)
            .all(|chunk| characters.starts_with(chunk))
    });
    let runs = [
        "01234567890123456789",
        "abcdefghijklmnopqrstuvwxyz",
        "qwertyuiopasdfghjklzxcvbnm",
        "qwertzuiopasdfghjklyxcvbnm",
    ];
    let run = runs.iter().any(|run| {
        let back: String = run.chars().rev().collect();
        run.contains(&folded) || back.contains(&folded)
    });
    let core = folded.trim_matches(|c: char| !c.is_alphabetic());
    let words = [
        "password",
        "passwort",
        "passw0rd",
        "letmein",
        "welcome",
        "willkommen",
        "iloveyou",
        "administrator",
        "admin",
        "deskside",
        "qwerty",
        "qwertz",
        "schalke",
        "football",
        "geheim",
        "changeme",
        "hallo",
        "sommer",
        "winter",
        "summer",
    ];
    let known = core.is_empty() && folded.chars().all(|c| c.is_ascii_digit())
        || words
            .iter()
            .any(|word| core == *word || core.len() <= word.len() * 2 && core == word.repeat(2));
    repeats || run || known
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_new_password_is_long_and_not_common() {
        assert!(check_new("correct horse battery").is_ok());
        assert!(check_new("zwölf Zeichen").is_ok());
        assert_eq!(check_new(""), Err(FieldErrorCode::Required));
        assert_eq!(check_new("short"), Err(FieldErrorCode::TooShort));
        assert_eq!(check_new(&"x y".repeat(60)), Err(FieldErrorCode::TooLong));
        for common in [
            "password1234",
            "PasswortPasswort",
            "aaaaaaaaaaaaaa",
            "123456789012",
            "abcabcabcabcabc",
            "qwertyuiopas",
            "987654321098",
            "!!!administrator2026!!!",
        ] {
            assert_eq!(
                check_new(common),
                Err(FieldErrorCode::TooCommon),
                "{common}"
            );
        }
    }

    #[tokio::test]
    async fn an_unknown_operator_costs_the_same_and_never_passes() {
        let passwords = Passwords::new(&Random::seeded(1));
        let hash = passwords.hash("correct horse battery").await.unwrap();
        assert!(
            hash.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"),
            "{hash}"
        );
        assert!(
            passwords
                .verify("correct horse battery", Some(hash.clone()))
                .await
                .unwrap()
        );
        assert!(
            !passwords
                .verify("correct horse batterY", Some(hash))
                .await
                .unwrap()
        );
        assert!(
            !passwords
                .verify("nobody has this password", None)
                .await
                .unwrap()
        );
        assert!(!passwords.verify("x", Some("garbage".into())).await.unwrap());
    }
}
