//! Passwords: what is accepted, and how they are kept.
//!
//! Argon2id with 19 MiB, two passes and one lane (OWASP's password storage advice) takes about 25 ms
//! of a core, so hashing runs on the blocking pool, a few at a time and in fair turns: a burst of sign-ins can't
//! starve anyone else.

use std::sync::Arc;

use argon2::{
    Algorithm, Argon2, Params, Version,
    password_hash::{PasswordHasher, PasswordVerifier, phc::PasswordHash},
};

use crate::{
    error::{Error, Fault, Result},
    guessable::guessable,
    turns::{Flow, Turns},
};

/// The least length, in characters, while there is no second factor (NIST SP 800-63B-4, 3.1.1.2).
pub const LEAST: usize = 15;
/// The least length beside a second factor.
pub const LEAST_BESIDE: usize = 8;
/// The greatest length in bytes, so that nobody makes us hash a book.
const GREATEST: usize = 1024;

/// Says why a password that stands alone is not accepted, if it isn't. There are no rules about kinds of characters.
///
/// # Errors
/// It is too short, too long, very common, or made of `own`: the person's and the practice's names and addresses.
pub fn acceptable(password: &str, own: &[&str]) -> Result<(), Fault> {
    acceptable_from(LEAST, password, own)
}

/// As [`acceptable`], of someone who has a second factor.
///
/// # Errors
/// As there.
pub fn acceptable_beside(password: &str, own: &[&str]) -> Result<(), Fault> {
    acceptable_from(LEAST_BESIDE, password, own)
}

/// Whether a password is too short to stand alone.
pub fn short(password: &str) -> bool {
    password.chars().count() < LEAST
}

fn acceptable_from(least: usize, password: &str, own: &[&str]) -> Result<(), Fault> {
    if password.chars().count() < least {
        return Err(Fault::new(
            "too_short",
            format!("Use at least {least} characters. A few words make a good password."),
        ));
    }
    if password.len() > GREATEST {
        return Err(Fault::new("too_long", format!("Use a shorter password: {GREATEST} bytes at most.")));
    }
    if guessable(password, own) {
        return Err(Fault::new(
            "weak_password",
            "This password is easy to guess. Choose another one. A few unrelated words work well.",
        ));
    }
    Ok(())
}

/// Hashes and checks passwords, a few at a time.
#[derive(Clone)]
pub struct Passwords {
    turns: Turns,
    params: Params,
    /// A hash that no password matches: checked where there is no user, for the same work.
    decoy: Arc<str>,
}

/// With the cost for real use.
impl Default for Passwords {
    fn default() -> Self {
        let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
        Self::with(Params::default(), cores.saturating_sub(1).max(1))
    }
}

impl Passwords {
    /// At almost no cost: for tests and for seeding the demo, never for people's passwords.
    ///
    /// # Errors
    /// Never, for the parameters are constants.
    pub fn cheap() -> Result<Self> {
        Ok(Self::with(Params::new(8, 1, 1, None).map_err(failed)?, 4))
    }

    fn with(params: Params, turns: usize) -> Self {
        let decoy = decoy(&params).into();
        Self { turns: Turns::new(turns), params, decoy }
    }

    /// Hashes a password for keeping, as a PHC string, in the turn of this flow.
    ///
    /// # Errors
    /// Too many wait for a turn.
    pub async fn hash(&self, flow: &Flow, password: &str) -> Result<String> {
        let (params, password) = (self.params.clone(), password.to_owned());
        self.turn(flow, move || hash(&params, &password)).await
    }

    /// Whether the password is the one that was hashed, in the turn of this flow. Without a hash the same work is
    /// done.
    ///
    /// # Errors
    /// Too many wait for a turn.
    pub async fn matches(&self, flow: &Flow, password: &str, hash: Option<&str>) -> Result<bool> {
        let known = hash.is_some();
        let hash = hash.unwrap_or(&self.decoy).to_owned();
        let password = password.to_owned();
        let matches = move || {
            let hash = PasswordHash::new(&hash).map_err(failed)?;
            Ok(password.len() <= GREATEST
                && Argon2::default().verify_password(password.as_bytes(), &hash).is_ok())
        };
        Ok(self.turn(flow, matches).await? && known)
    }

    async fn turn<T: Send + 'static>(
        &self,
        flow: &Flow,
        work: impl FnOnce() -> Result<T> + Send + 'static,
    ) -> Result<T> {
        let turn = self.turns.take(flow).await?;
        // The turn lasts as long as the work, also where the caller goes away meanwhile.
        let work = move || {
            let _turn = turn;
            work()
        };
        tokio::task::spawn_blocking(work).await.map_err(Error::internal)?
    }
}

/// A salt and a hash of zeros: checking it is the same work as any other, and making it is none.
fn decoy(params: &Params) -> String {
    let (memory, passes, lanes) = (params.m_cost(), params.t_cost(), params.p_cost());
    let (salt, hash) = ("A".repeat(22), "A".repeat(43));
    format!("$argon2id$v=19$m={memory},t={passes},p={lanes}${salt}${hash}")
}

fn failed(error: impl std::fmt::Display) -> Error {
    Error::internal(error.to_string())
}

fn hash(params: &Params, password: &str) -> Result<String> {
    let argon2 = Argon2::new(Algorithm::Argon2id, Version::V0x13, params.clone());
    argon2.hash_password(password.as_bytes()).map(|hash| hash.to_string()).map_err(failed)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn short_common_and_own_passwords_are_refused_and_long_ones_are_fine() {
        for bad in
            ["short", "PasswordPassword", "aaaaaaaaaaaaaaaa", "1234 5678 9012 345", "ann.lee@riverside.org"]
        {
            assert!(acceptable(bad, &["ann.lee@riverside.org"]).is_err(), "{bad}");
        }
        assert!(acceptable(&"x".repeat(2000), &[]).is_err());
        assert!(acceptable("seven blue herons fly", &[]).is_ok());
        assert!(acceptable(&"long words ".repeat(20), &[]).is_ok());
        assert!(acceptable("пятнадцать слов и ещё", &[]).is_ok());
    }

    #[tokio::test]
    async fn a_password_matches_its_own_hash_alone() {
        let (passwords, flow) = (Passwords::cheap().unwrap(), Flow::default());
        let hash = passwords.hash(&flow, "seven blue herons").await.unwrap();
        assert!(passwords.matches(&flow, "seven blue herons", Some(&hash)).await.unwrap());
        assert!(!passwords.matches(&flow, "eight blue herons", Some(&hash)).await.unwrap());
        assert!(!passwords.matches(&flow, "the password of nobody", None).await.unwrap());
    }

    #[test]
    fn the_cost_is_the_one_promised() {
        let hash = hash(&Params::default(), "x").unwrap();
        assert!(hash.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{hash}");
        let decoy = decoy(&Params::default());
        assert_eq!(decoy.len(), hash.len());
        let read = |text: &str| PasswordHash::new(text).map(|hash| hash.params.to_string());
        assert_eq!(read(&decoy).unwrap(), read(&hash).unwrap());
    }
}
