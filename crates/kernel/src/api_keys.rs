//! How API keys are written: `covey_`, 256 random bits, and a checksum, so that a mistyped or shortened key is refused
//! without a look at the database, and scanners for leaked secrets know one when they see it.

use data_encoding::BASE32HEX_NOPAD;
use sha2::{Digest, Sha256};

use crate::random::Token;

const PREFIX: &str = "covey_";
/// How many characters 32 random bytes take.
const SECRET: usize = 52;
/// How many bytes of the checksum are written, in 7 characters.
const CHECK: usize = 4;

/// What a credential is, by its looks.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Presented {
    /// Written as an API key is.
    Key,
    /// Begins as an API key does, but is mistyped or cut.
    Broken,
    /// Something else.
    Other,
}

/// The key of these random bytes.
pub fn of(random: [u8; 32]) -> Token {
    let secret = lower(&random);
    Token::presented(&format!("{PREFIX}{secret}{}", checksum(&secret)))
}

/// What was presented.
pub fn read(token: &Token) -> Presented {
    let Some(rest) = token.reveal().strip_prefix(PREFIX) else { return Presented::Other };
    match rest.split_at_checked(SECRET) {
        Some((secret, check)) if check == checksum(secret) => Presented::Key,
        _ => Presented::Broken,
    }
}

/// The beginning of a key, by which people tell theirs apart: 40 of its 256 bits.
pub fn hint(token: &Token) -> String {
    token.reveal().chars().take(PREFIX.len() + 8).collect()
}

fn checksum(secret: &str) -> String {
    lower(&Sha256::digest(secret.as_bytes())[..CHECK])
}

fn lower(bytes: &[u8]) -> String {
    BASE32HEX_NOPAD.encode(bytes).to_ascii_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::Random;
    use proptest::prelude::*;

    #[test]
    fn a_key_is_known_by_its_looks() {
        let key = of(Random::seeded(1).bytes());
        assert_eq!(read(&key), Presented::Key);
        assert_eq!(key.reveal().len(), 65);
        assert!(key.reveal().starts_with(&hint(&key)));
        assert_eq!(read(&Token::presented("covey_")), Presented::Broken);
        assert_eq!(read(&Token::presented("coveY_abc")), Presented::Other);
    }

    proptest! {
        /// A changed character, a missing one or one too many is noticed.
        #[test]
        fn a_mistyped_key_is_none(seed in any::<u64>(), at in 6_usize..65, letter in "[0-9a-v]") {
            let key = of(Random::seeded(seed).bytes()).reveal().to_owned();
            let mut typed = key.clone();
            typed.replace_range(at..=at, &letter);
            prop_assume!(typed != key);
            prop_assert_eq!(read(&Token::presented(&typed)), Presented::Broken);
            prop_assert_eq!(read(&Token::presented(&key[..at])), Presented::Broken);
            prop_assert_eq!(read(&Token::presented(&format!("{key}{letter}"))), Presented::Broken);
        }
    }
}
