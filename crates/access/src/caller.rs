//! Who calls: a person by their session, or an API key of an account.
//!
//! A key acts through a row of `users` that nobody can sign in as, so that whatever it makes or changes has an author,
//! and through the views `key_seats` and `key_groups`, which give it the seat that members have. A proof asks
//! [`actor`] who it is and never whether it is a person; only what concerns a person alone asks for a session.

use std::sync::OnceLock;

use crate::{Scope, store};
use kernel::{
    api_keys::{self, Presented as Written},
    clock::Time,
    error::{Error, Result},
    id::{AccountId, ApiKeyId, SessionId, UserId},
    random::{Digest32, Token},
};
use storage::Tx;

/// What the caller presents: the hash of a session's token, that of an API key, or nothing.
#[derive(Debug, Default)]
pub struct Credential {
    pub(crate) presented: Presented,
    pub(crate) idle: i64,
    /// What an API key needs for the route. None where the route is for people alone.
    scope: Option<Scope>,
    pub(crate) found: OnceLock<(Found, Time)>,
    /// What a person's session has proved. None of keys, and of nobody.
    pub(crate) session: OnceLock<Session>,
}

/// What is known of a session beside whose it is.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Session {
    pub(crate) user: UserId,
    /// When its person last proved who they are: by signing in, or again.
    pub(crate) proved_at: Time,
    /// Whether no second factor can be missing: one was used, or no account of the server requires one.
    pub(crate) enough: bool,
    /// Whether it reaches nothing before a second factor is set up.
    pub(crate) limited: bool,
}

#[derive(Clone, Copy, Debug, Default)]
pub(crate) enum Presented {
    #[default]
    Nothing,
    Session(Digest32),
    Key(Digest32),
    /// Written as keys are, but mistyped or cut: so not a key.
    NoKey,
}

/// What was found of what the caller presented.
#[derive(Clone, Copy, Debug)]
pub enum Found {
    /// A person's session.
    Session(SessionId),
    /// An account's key.
    Key(AccountId, ApiKeyId),
}

/// Who acts, and whether it is a key.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Actor {
    pub(crate) user: UserId,
    pub(crate) key: bool,
}

impl Credential {
    /// A session's token as its SHA-256, and the microseconds without use after which a session ends.
    pub fn new(digest: Option<Digest32>, idle: i64) -> Self {
        let presented = digest.map_or(Presented::Nothing, Presented::Session);
        Self { presented, idle, ..Self::default() }
    }

    /// What a program sent as its credential: a session's token, or an API key, which needs this scope for the route.
    pub fn sent(token: &Token, idle: i64, scope: Option<Scope>) -> Self {
        let presented = match api_keys::read(token) {
            Written::Key => Presented::Key(token.digest()),
            Written::Broken => Presented::NoKey,
            Written::Other => Presented::Session(token.digest()),
        };
        Self { presented, idle, scope, ..Self::default() }
    }

    /// The hash of the API key that was presented, if one was.
    pub fn key(&self) -> Option<Digest32> {
        match self.presented {
            Presented::Key(digest) => Some(digest),
            _ => None,
        }
    }

    /// What was found, if its last use is so long ago that it should be written again.
    pub fn stale(&self, now: Time) -> Option<Found> {
        self.found
            .get()
            .filter(|(_, used_at)| now.waited(*used_at) > store::SEEN_EVERY)
            .map(|(found, _)| *found)
    }
}

/// Who acts: the person of a session, or a key whose scopes cover the route.
pub(crate) async fn actor(tx: &Tx, who: &Credential) -> Result<Actor> {
    match who.presented {
        Presented::Key(digest) => key(tx, who, digest).await,
        Presented::NoKey => Err(no_key()),
        Presented::Session(_) | Presented::Nothing => {
            let session = store::session(tx, who).await?.ok_or_else(Error::unauthenticated)?;
            Ok(Actor { user: session.user, key: false })
        }
    }
}

/// The refusal of an API key where only a person will do; of nobody, that they should sign in.
pub(crate) fn people_only(who: &Credential) -> Error {
    match who.presented {
        Presented::Key(_) | Presented::NoKey => {
            Error::forbidden("not_for_keys", "API keys can't do this. Sign in as a person.")
        }
        Presented::Session(_) | Presented::Nothing => Error::unauthenticated(),
    }
}

async fn key(tx: &Tx, who: &Credential, digest: Digest32) -> Result<Actor> {
    let key = store::key(tx, digest).await?.ok_or_else(no_key)?;
    if key.until.is_some() {
        return Err(ended("key_revoked", "This API key was revoked."));
    }
    if key.expires_at.is_some_and(|end| end <= tx.now()) {
        return Err(ended("key_expired", "This API key has expired."));
    }
    if key.replaced_at.is_some_and(|end| end <= tx.now()) {
        return Err(ended("key_replaced", "This API key was replaced by a newer secret."));
    }
    let scope = who.scope.ok_or_else(|| people_only(who))?;
    if !Scope::list(&key.scopes).contains(&scope) {
        let needed = format!("This API key doesn't have the scope {scope}, which is needed here.");
        return Err(Error::forbidden("scope_missing", needed));
    }
    // What was never used is noted at once.
    let used_at = key.used_at.unwrap_or(Time::from_micros(0));
    let _ = who.found.set((Found::Key(key.account, key.id), used_at));
    Ok(Actor { user: key.user, key: true })
}

fn no_key() -> Error {
    ended("key_invalid", "This is not an API key of this server. Check that it was copied whole.")
}

fn ended(code: &'static str, why: &'static str) -> Error {
    Error::unauthenticated_because(code, why)
}
