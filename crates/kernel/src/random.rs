//! Randomness that is passed in, and the secrets made of it.

use std::sync::{Arc, Mutex, PoisonError};

use data_encoding::BASE64URL_NOPAD;
use rand::{Rng as _, SeedableRng, rngs::StdRng};
use sha2::{Digest, Sha256};

/// A source of random bytes: from the operating system, or repeatable for tests and the demo.
#[derive(Clone)]
pub enum Random {
    /// The thread's generator, seeded by the operating system.
    System,
    /// The same bytes at every run.
    Seeded(Arc<Mutex<StdRng>>),
}

impl Random {
    /// A repeatable source. Never for a server that others reach.
    pub fn seeded(seed: u64) -> Self {
        Self::Seeded(Arc::new(Mutex::new(StdRng::seed_from_u64(seed))))
    }

    /// `N` random bytes.
    #[allow(clippy::disallowed_methods, reason = "the one place that asks the thread's generator")]
    pub fn bytes<const N: usize>(&self) -> [u8; N] {
        let mut bytes = [0; N];
        match self {
            Self::System => rand::rng().fill_bytes(&mut bytes),
            Self::Seeded(rng) => {
                rng.lock().unwrap_or_else(PoisonError::into_inner).fill_bytes(&mut bytes);
            }
        }
        bytes
    }

    /// A whole number from 0 up to, not including, `end`.
    pub fn below(&self, end: u64) -> u64 {
        u64::from_be_bytes(self.bytes()) % end.max(1)
    }
}

/// The SHA-256 of a secret: all that the database keeps of it.
pub type Digest32 = [u8; 32];

/// A bearer secret of 256 random bits: in a link, a cookie, or an `Authorization` header.
/// It has no `Debug`, so that it can't reach a log by accident.
#[derive(Clone)]
pub struct Token(String);

impl Token {
    /// A fresh one.
    pub fn new(random: &Random) -> Self {
        Self(BASE64URL_NOPAD.encode(&random.bytes::<32>()))
    }

    /// What someone presents, whole or cut: it only has to hash.
    pub fn presented(text: &str) -> Self {
        Self(text.to_owned())
    }

    /// The secret, to be sent to its holder and nowhere else.
    pub fn reveal(&self) -> &str {
        &self.0
    }

    /// What is stored and looked up.
    pub fn digest(&self) -> Digest32 {
        Sha256::digest(self.0.as_bytes()).into()
    }
}
