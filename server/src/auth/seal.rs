//! Secrets that must be shown again (guest links, invitations) are sealed under the server key:
//! XChaCha20-Poly1305, bound to table, row and organization, so that no sealed text works elsewhere.

use std::io::Write as _;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;

use anyhow::{Context as _, bail};
use chacha20poly1305::aead::{Aead, KeyInit, Payload};
use chacha20poly1305::{XChaCha20Poly1305, XNonce};
use deskside_db::{Random, Uuid};

use crate::config::Config;
use crate::ids::OrganizationId;

/// First byte of everything sealed: which key. There is one so far.
const KEY_ID: u8 = 1;
const NONCE_BYTES: usize = 24;

/// Seals and opens.
#[derive(Clone)]
pub struct Sealer {
    cipher: XChaCha20Poly1305,
    random: Random,
}

/// Where a sealed secret stands.
pub struct Place<'a> {
    /// The table.
    pub table: &'a str,
    /// The row.
    pub row: Uuid,
    /// The organization.
    pub organization: OrganizationId,
}

impl Place<'_> {
    fn bytes(&self) -> Vec<u8> {
        format!("{}/{}/{}", self.table, self.row, self.organization).into_bytes()
    }
}

impl Sealer {
    /// Takes the server key from its file, or makes it at the first start (mode 0600).
    ///
    /// # Errors
    /// A sentence about the file.
    pub fn open(config: &Config, random: &Random) -> anyhow::Result<Self> {
        let key = if config.secret_key_file.as_os_str().is_empty() {
            let file = config.data.join("secret.key");
            if !file.exists() {
                make_key(&file, random).with_context(|| {
                    format!("The server key {} cannot be written", file.display())
                })?;
            }
            read_key(&file)?
        } else {
            read_key(&config.secret_key_file)?
        };
        Ok(Self {
            cipher: XChaCha20Poly1305::new(&key.into()),
            random: random.clone(),
        })
    }

    /// Seals a secret for one place.
    ///
    /// # Errors
    /// Only when the cipher refuses, which it does for texts of many gigabytes.
    pub fn seal(&self, place: &Place<'_>, secret: &str) -> anyhow::Result<Vec<u8>> {
        let nonce: [u8; NONCE_BYTES] = self.random.bytes();
        let sealed = self
            .cipher
            .encrypt(
                &XNonce::from(nonce),
                Payload {
                    msg: secret.as_bytes(),
                    aad: &place.bytes(),
                },
            )
            .map_err(|_| anyhow::anyhow!("a secret could not be sealed"))?;
        Ok([&[KEY_ID], nonce.as_slice(), &sealed].concat())
    }

    /// Opens what was sealed for this place.
    ///
    /// # Errors
    /// When it was sealed under another key, for another place, or was changed.
    pub fn unseal(&self, place: &Place<'_>, sealed: &[u8]) -> anyhow::Result<String> {
        let Some((&[KEY_ID], rest)) = sealed.split_first_chunk::<1>() else {
            bail!("sealed under an unknown key")
        };
        let Some((nonce, text)) = rest.split_first_chunk::<NONCE_BYTES>() else {
            bail!("sealed text is cut")
        };
        let secret = self
            .cipher
            .decrypt(
                &XNonce::from(*nonce),
                Payload {
                    msg: text,
                    aad: &place.bytes(),
                },
            )
            .map_err(|_| anyhow::anyhow!("sealed under another server key, or changed"))?;
        Ok(String::from_utf8(secret)?)
    }
}

fn make_key(file: &Path, random: &Random) -> std::io::Result<()> {
    let key: [u8; 32] = random.bytes();
    let text: String = key.iter().map(|byte| format!("{byte:02x}")).collect();
    let mut file = std::fs::OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(file)?;
    file.write_all(text.as_bytes())?;
    file.sync_all()
}

fn read_key(file: &Path) -> anyhow::Result<[u8; 32]> {
    let text = std::fs::read_to_string(file)
        .with_context(|| format!("The server key {} cannot be read", file.display()))?;
    let text = text.trim();
    let mut key = [0; 32];
    if text.len() != 64 || !text.is_ascii() {
        bail!(
            "The server key {} must be 64 hexadecimal digits.",
            file.display()
        );
    }
    for (byte, digits) in key.iter_mut().zip(text.as_bytes().chunks_exact(2)) {
        let digits = std::str::from_utf8(digits)?;
        *byte = u8::from_str_radix(digits, 16).with_context(|| {
            format!(
                "The server key {} must be 64 hexadecimal digits",
                file.display()
            )
        })?;
    }
    Ok(key)
}

#[cfg(test)]
mod tests {
    use super::*;
    use deskside_db::Time;

    #[test]
    fn a_sealed_secret_opens_only_in_its_place() {
        let folder = tempfile::tempdir().unwrap();
        let config = Config {
            data: folder.path().into(),
            ..Config::default()
        };
        let random = Random::seeded(7);
        let sealer = Sealer::open(&config, &random).unwrap();
        let again = Sealer::open(&config, &random).unwrap();
        let (row, other) = (
            random.uuid_v7(Time::from_millis(1)),
            random.uuid_v7(Time::from_millis(2)),
        );
        let organization = OrganizationId::from_uuid(other);
        let place = |table, row| Place {
            table,
            row,
            organization,
        };
        let sealed = sealer.seal(&place("guest_links", row), "secret").unwrap();
        assert!(!sealed.windows(6).any(|window| window == b"secret"));
        assert_eq!(
            again.unseal(&place("guest_links", row), &sealed).unwrap(),
            "secret",
            "the key is kept"
        );
        assert!(
            sealer
                .unseal(&place("guest_links", other), &sealed)
                .is_err()
        );
        assert!(
            sealer
                .unseal(&place("operator_invites", row), &sealed)
                .is_err()
        );
        let mut changed = sealed.clone();
        changed[30] ^= 1;
        assert!(sealer.unseal(&place("guest_links", row), &changed).is_err());
        assert!(sealer.unseal(&place("guest_links", row), &[]).is_err());
    }
}
