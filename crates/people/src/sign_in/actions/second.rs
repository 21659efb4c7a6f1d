//! The second step of a sign-in, a sign-in by passkey alone, and proving again who one is.

use super::{
    passwords,
    sessions::{Entered, enter, record_failure},
    whom,
};
use crate::{
    factors::{self, Begun, Ceremony, Code, Ways},
    sessions,
    sign_in::{
        attempts::{FREE_FAILURES, From, take_anonymous_try, take_try},
        store,
    },
    users,
};
use access::SignedIn;
use kernel::{
    error::{Error, Result},
    id::{AccountId, UserId},
    links::Site,
    random::Token,
};
use platform::{
    Services,
    audit::{self, Action, Event},
    jobs::enqueue,
};
use storage::Tx;

/// What someone answers who is asked for a second factor.
#[derive(Clone)]
pub enum Answer {
    /// A one-time code, or a recovery code.
    Code(String),
    /// A passkey's answer, as JSON.
    Passkey(String),
}

/// Begins to wait for the second factor of someone whose password was right.
pub(super) async fn wait_for(tx: &Tx, site: &Site, user: UserId) -> Result<Token> {
    let (options, state) = factors::ask_for(tx, site, user).await?.unwrap_or_default();
    // The page is told what to ask the passkey, the answer is checked against the state.
    let both = serde_json::to_string(&(options, state)).map_err(Error::internal)?;
    factors::begin(tx, Ceremony::SecondStep, Some(user), &both).await
}

async fn waited(tx: &Tx, token: &Token) -> Result<(UserId, String, String)> {
    let (user, both) = factors::look(tx, Ceremony::SecondStep, token).await?;
    let user = user.ok_or_else(Error::not_found)?;
    let (options, state) = serde_json::from_str(&both).map_err(Error::internal)?;
    Ok((user, options, state))
}

/// What a second step can be answered with, and what its passkeys are asked; nothing where there is none.
///
/// # Errors
/// It waited too long, or is over.
pub async fn waits_for(tx: &Tx, token: &Token) -> Result<(Ways, String)> {
    let (user, options, _) = waited(tx, token).await?;
    Ok((factors::ways(tx, user).await?, options))
}

/// Takes the second step of a sign-in, and opens the session.
///
/// # Errors
/// The answer is wrong, there were too many tries, or it took too long.
pub async fn second_step(services: &Services, token: Token, answer: Answer, from: From) -> Result<Entered> {
    let (length, site) = (services.config.session_length(), services.site.clone());
    // A wrong answer is counted, so it is no error of the transaction.
    let stepped = services.db.write(async move |tx| {
        let (user, _, state) = waited(tx, &token).await?;
        match answered(tx, &site, user, &state, &answer).await? {
            Ok(()) => {
                factors::end(tx, &token).await?;
                let entered = enter(tx, user, length, &from).await?;
                sessions::strengthen(tx, entered.session.id).await?;
                Ok(Ok(entered))
            }
            Err(error) => {
                tracing::info!(%user, "a second step of a sign-in failed");
                record_failure(tx, &user.to_string(), &from, "second_factor").await?;
                Ok(Err(error))
            }
        }
    });
    stepped.await?
}

/// Whether an answer is right, for a person; counts it as wrong until it is. The inner error is for them.
async fn answered(tx: &Tx, site: &Site, user: UserId, state: &str, answer: &Answer) -> Result<Result<()>> {
    let tries = format!("factor:{user}");
    take_try(tx, &tries, FREE_FAILURES).await?;
    let checked = match answer {
        Answer::Passkey(answer) => factors::verify(tx, site, user, state, answer).await,
        Answer::Code(code) => match factors::check_code(tx, user, code).await? {
            Ok(Code::OneTime) => Ok(()),
            Ok(Code::Recovery(left)) => recovered(tx, user, left).await,
            Err(error) => Err(error),
        },
    };
    if checked.is_ok() {
        store::forget(tx, &tries).await?;
    }
    Ok(checked)
}

async fn recovered(tx: &Tx, user: UserId, left: i64) -> Result<()> {
    let person = users::user(tx, user).await?;
    enqueue(tx, &factors::recovery_code_used(&person, left)).await?;
    let event = Event::new(AccountId::nil(), user, Action::RecoveryCodeUsed, user);
    audit::record(tx, event.with(serde_json::json!({ "left": left }))).await
}

/// Asks for a passkey of anyone, for a sign-in without an address and a password.
///
/// # Errors
/// No passkey can be used here, or this place asked too often.
pub async fn ask_for_passkey(tx: &Tx, site: &Site, from: &From) -> Result<Begun> {
    take_anonymous_try(tx, from).await?;
    factors::ask_anyone(tx, site).await
}

/// Signs in by a passkey alone. Its device checked who holds it, so it is both factors.
///
/// # Errors
/// It is nobody's, not for this host, or it took too long.
pub async fn by_passkey(services: &Services, token: Token, answer: String, from: From) -> Result<Entered> {
    let (length, site) = (services.config.session_length(), services.site.clone());
    let signed_in = services.db.write(async move |tx| {
        let (_, state) = factors::look(tx, Ceremony::PasskeyAlone, &token).await?;
        factors::end(tx, &token).await?;
        let user = match factors::identify(tx, &site, &state, &answer).await {
            Ok(user) => user,
            Err(error) => {
                record_failure(tx, &whom(None), &from, "passkey").await?;
                return Ok(Err(error));
            }
        };
        let entered = enter(tx, user, length, &from).await?;
        sessions::strengthen(tx, entered.session.id).await?;
        Ok(Ok(entered))
    });
    signed_in.await?
}

/// What a session lacks for what someone wants to do.
pub struct Missing {
    /// The password, or anything in its place: the last proof is too old.
    pub fresh: bool,
    /// A second factor, which was not used in this session.
    pub second: bool,
    /// What they have.
    pub ways: Ways,
    /// What their passkeys are asked, with the token for the answer.
    pub passkey: Option<Begun>,
}

/// What the caller's session lacks, and the question to their passkeys.
///
/// # Errors
/// The database fails.
pub async fn missing(tx: &Tx, site: &Site, by: &SignedIn) -> Result<Missing> {
    let ways = factors::ways(tx, by.user()).await?;
    let passkey = match factors::ask_for(tx, site, by.user()).await? {
        Some((options, state)) => {
            let token = factors::begin(tx, Ceremony::Again, Some(by.user()), &state).await?;
            Some(Begun { options, token })
        }
        None => None,
    };
    let fresh = !access::is_fresh(by.proved_at(), tx.now());
    Ok(Missing { fresh, second: ways.any() && by.second_at().is_none(), ways, passkey })
}

/// How someone proves again who they are.
#[derive(Clone)]
pub enum Proof {
    /// By their password.
    Password(String),
    /// By a one-time or recovery code.
    Code(String),
    /// By a passkey: what it answered to the question of this token.
    Passkey(Token, String),
}

/// Notes in the caller's session that they have just proved again who they are.
///
/// # Errors
/// The proof is wrong, or there were too many tries.
pub async fn prove(services: &Services, by: SignedIn, proof: Proof) -> Result<()> {
    let (answer, token) = match proof {
        Proof::Password(password) => return passwords::prove_again(services, by, &password).await,
        Proof::Code(code) => (Answer::Code(code), None),
        Proof::Passkey(token, answer) => (Answer::Passkey(answer), Some(token)),
    };
    let site = services.site.clone();
    let proved = services.db.write(async move |tx| {
        let state = match &token {
            Some(token) => own_state(tx, &by, token).await?,
            None => String::new(),
        };
        let checked = answered(tx, &site, by.user(), &state, &answer).await?;
        if checked.is_ok() {
            sessions::strengthen(tx, by.session()).await?;
        }
        Ok(checked)
    });
    proved.await?
}

/// The state of the caller's own question to their passkeys, which is over with that.
async fn own_state(tx: &Tx, by: &SignedIn, token: &Token) -> Result<String> {
    let (user, state) = factors::look(tx, Ceremony::Again, token).await?;
    if user != Some(by.user()) {
        return Err(Error::not_found());
    }
    factors::end(tx, token).await.map(|()| state)
}
