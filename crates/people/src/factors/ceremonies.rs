//! What waits for an answer: a passkey's, a code's, or the second step of a sign-in.

use crate::factors::store;
use kernel::{
    clock::MINUTE,
    error::{Error, Result},
    id::UserId,
    random::Token,
};
use storage::Tx;

/// How long an answer is waited for.
const LASTS: i64 = 10 * MINUTE;

/// What is waited for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Ceremony {
    /// The second step of a sign-in whose password was right. Its state is what a passkey was asked.
    SecondStep,
    /// A passkey's answer of someone who is not known yet.
    PasskeyAlone,
    /// A passkey's answer of someone who proves again who they are.
    Again,
    /// A new passkey.
    NewPasskey,
    /// The first code of a new authenticator app. Its state is the sealed secret.
    NewCode,
}

impl Ceremony {
    const fn word(self) -> &'static str {
        match self {
            Self::SecondStep => "second_step",
            Self::PasskeyAlone => "passkey_alone",
            Self::Again => "again",
            Self::NewPasskey => "new_passkey",
            Self::NewCode => "new_code",
        }
    }
}

/// Begins to wait. Who has the token may answer.
///
/// # Errors
/// The database fails.
pub async fn begin(tx: &Tx, what: Ceremony, user: Option<UserId>, state: &str) -> Result<Token> {
    let token = tx.token();
    let end = tx.now().plus(LASTS);
    store::insert_ceremony(tx, &token, what.word(), user, state, end).await?;
    Ok(token)
}

/// Whom is waited for, and the state. It goes on waiting.
///
/// # Errors
/// It waited too long, is over, or was another ceremony's.
pub async fn look(tx: &Tx, what: Ceremony, token: &Token) -> Result<(Option<UserId>, String)> {
    let found = store::ceremony(tx, token, what.word()).await?.ok_or_else(over)?;
    Ok((found.user, found.state))
}

/// Ends the waiting.
///
/// # Errors
/// It was over already: of two answers at once, one counts.
pub async fn end(tx: &Tx, token: &Token) -> Result<()> {
    match store::end_ceremony(tx, token).await? {
        true => Ok(()),
        false => Err(over()),
    }
}

fn over() -> Error {
    Error::conflict("too_late", "This took longer than 10 minutes, or was already finished. Start again.")
}
