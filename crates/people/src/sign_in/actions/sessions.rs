//! Signing in and out, and the sessions that come of it.

use serde_json::json;

use super::{passwords::tell_locked, second, whom};
use crate::{
    factors,
    sessions::{self, SessionRow},
    sign_in::{
        attempts::{From, Tries, place},
        store,
    },
    users::{self, UserRow},
};
use access::SignedIn;
use kernel::{
    addresses::Email,
    error::{Error, Result},
    id::{AccountId, SessionId, UserId},
    random::Token,
};
use platform::{
    Services,
    audit::{self, Action, Event},
};
use storage::Tx;

/// How many sessions a person may have; the oldest goes.
const MOST_SESSIONS: i64 = 20;
/// How many browsers are known of one person. Programs that keep no cookies make one at every sign-in.
const MOST_BROWSERS: i64 = 200;

/// Someone who has just signed in.
pub struct Entered {
    /// The session's secret.
    pub token: Token,
    /// The session.
    pub session: SessionRow,
    /// Who.
    pub user: UserRow,
    /// What marks the browser from now on, if nothing did yet.
    pub device: Option<Token>,
}

/// What the browser gets of someone who has just signed in: the secrets for its cookies.
#[derive(Clone)]
pub struct Keys {
    /// The session's.
    pub session: Token,
    /// The browser's own, if it had none.
    pub device: Option<Token>,
}

impl Entered {
    /// The secrets for the browser's cookies.
    pub fn keys(&self) -> Keys {
        Keys { session: self.token.clone(), device: self.device.clone() }
    }
}

/// The same for an unknown address, a wrong password, and one that is locked: so it tells nobody which addresses are
/// known, and still says what to do.
fn wrong() -> Error {
    Error::unauthenticated_because(
        "wrong_credentials",
        "The email address or the password isn't right. After 100 wrong attempts in a row, a password stays locked \
         until you reset it by email.",
    )
}

/// How far a right password led.
pub enum Arrived {
    /// In.
    In(Box<Entered>),
    /// To the second step: who has the token may answer it.
    Halfway(Token),
}

/// Checks a password, and opens a session unless the person has a second factor.
///
/// # Errors
/// The address or the password is wrong, or there were too many tries.
pub async fn sign_in(services: &Services, email: &str, password: &str, from: From) -> Result<Arrived> {
    // What can't be an address is one that nobody has.
    let key = Email::read(email).map_or_else(|_| "nobody".to_owned(), |email| email.key);
    let tries = Tries { key, place: place(&from.address), from: from.clone() };
    let (length, site) = (services.config.session_length(), services.site.clone());
    let (seen, tries) = services.db.write(async move |tx| Ok((tries.take(tx).await?, tries.clone()))).await?;
    let flow = from.flow(&tries.key, seen.known_browser);
    let right = services.passwords.matches(&flow, password, seen.hash.as_deref()).await?;
    let Some(user) = seen.user.filter(|_| right && !seen.locked) else {
        if seen.last {
            tell_locked(services, seen.user).await?;
        }
        return Err(note_failure(services, seen.user, from).await);
    };
    services
        .db
        .write(async move |tx| {
            // The password may have been changed while it was being checked.
            if store::secret_of(tx, user).await?.hash != seen.hash {
                return Err(wrong());
            }
            tries.succeed(tx, user, seen.known_browser).await?;
            if factors::ways(tx, user).await?.any() {
                return second::wait_for(tx, &site, user).await.map(Arrived::Halfway);
            }
            enter(tx, user, length, &from).await.map(|entered| Arrived::In(Box::new(entered)))
        })
        .await
}

/// Notes that a sign-in failed; known and unknown addresses take the same work. Says what the caller reads.
async fn note_failure(services: &Services, known: Option<UserId>, from: From) -> Error {
    let whom = whom(known);
    tracing::info!(user = whom, "a sign-in failed");
    let noted = services.db.write(async move |tx| record_failure(tx, &whom, &from, "password").await);
    noted.await.err().unwrap_or_else(wrong)
}

/// Notes in the trail that a sign-in failed, and at which step.
pub(super) async fn record_failure(tx: &Tx, whom: &str, from: &From, step: &str) -> Result<()> {
    let event = Event::unattended(AccountId::nil(), Action::SignInFailed, whom);
    let detail = json!({ "address": from.address, "device": from.device, "step": step });
    audit::record(tx, event.with(detail)).await
}

/// Opens a session for someone who has just proved who they are.
///
/// # Errors
/// The database fails.
pub async fn enter(tx: &Tx, user: UserId, length: i64, from: &From) -> Result<Entered> {
    let (token, session) = sessions::open_session(tx, user, length, &from.device, &from.address).await?;
    let detail = json!({ "address": from.address, "device": from.device });
    audit::record(tx, Event::new(AccountId::nil(), user, Action::SessionOpened, session.id).with(detail))
        .await?;
    sessions::end_oldest_sessions(tx, user, session.id, MOST_SESSIONS).await?;
    let device = know_browser(tx, user, from).await?;
    Ok(Entered { token, session, user: users::user(tx, user).await?, device })
}

/// Notes that a person proved who they are from this browser. Gives its new mark, unless it has one that is ours.
pub(super) async fn know_browser(tx: &Tx, user: UserId, from: &From) -> Result<Option<Token>> {
    let ours = match &from.token {
        Some(device) => store::gave_device(tx, device).await?,
        None => false,
    };
    let new = (!ours).then(|| tx.token());
    if let Some(device) = new.as_ref().or(from.token.as_ref()) {
        store::know_device(tx, user, device, &place(&from.address)).await?;
        store::forget_oldest_devices(tx, user, device, MOST_BROWSERS).await?;
    }
    Ok(new)
}

/// Ends the caller's own session.
///
/// # Errors
/// The database fails.
pub async fn sign_out(tx: &Tx, by: &SignedIn) -> Result<()> {
    end_session(tx, by, by.session()).await
}

/// Ends one of the caller's sessions.
///
/// # Errors
/// It is none of theirs, or the database fails.
pub async fn end_session(tx: &Tx, by: &SignedIn, session: SessionId) -> Result<()> {
    if !sessions::end_session(tx, by.user(), session).await? {
        return Err(Error::not_found());
    }
    audit::record(tx, Event::new(AccountId::nil(), by.user(), Action::SessionEnded, session)).await
}

/// Ends all of the caller's sessions but the present one. Says how many.
///
/// # Errors
/// The database fails.
pub async fn end_other_sessions(tx: &Tx, by: &SignedIn) -> Result<u64> {
    let ended = sessions::end_sessions(tx, by.user(), Some(by.session())).await?;
    audit::record(tx, Event::new(AccountId::nil(), by.user(), Action::SessionOthersEnded, by.user())).await?;
    Ok(ended)
}

/// The caller's sessions, the latest used first.
///
/// # Errors
/// The database fails.
pub async fn sessions(tx: &Tx, by: &SignedIn, idle: i64) -> Result<Vec<SessionRow>> {
    sessions::sessions(tx, by.user(), idle).await
}
