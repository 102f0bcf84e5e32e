//! The name of a blob: random, so that it tells nothing and cannot be guessed.

use deskside_db::Random;

/// Bytes of randomness in a name.
const RANDOM_BYTES: usize = 16;

/// 32 hexadecimal digits. Only digits and small letters: a disk may not tell case.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct BlobName(String);

impl BlobName {
    /// A new name.
    pub fn new(random: &Random) -> BlobName {
        let bytes: [u8; RANDOM_BYTES] = random.bytes();
        BlobName(bytes.iter().map(|byte| format!("{byte:02x}")).collect())
    }

    /// A name as stored; none when it is not one.
    pub fn parse(text: &str) -> Option<BlobName> {
        let hex = |byte: u8| matches!(byte, b'0'..=b'9' | b'a'..=b'f');
        (text.len() == RANDOM_BYTES * 2 && text.bytes().all(hex)).then(|| BlobName(text.to_owned()))
    }

    /// As stored.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_one_and_leads_nowhere_else() {
        let name = BlobName::new(&Random::seeded(7));
        assert_eq!(BlobName::parse(name.as_str()), Some(name.clone()));
        for odd in [
            "",
            "../../../../etc/passwd",
            &"G".repeat(32),
            &"a".repeat(31),
            &"A".repeat(32),
        ] {
            assert_eq!(BlobName::parse(odd), None, "{odd}");
        }
    }
}
