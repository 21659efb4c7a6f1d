//! The verbs of signing in, a file for each thing that they are about.

mod addresses;
mod passwords;
mod second;
mod sessions;
mod sign_ups;

use serde_json::json;

use crate::{
    sign_in::store,
    users::{self, UserRow, UserType},
};
use access::SignedIn;
use kernel::{
    clock::HOUR,
    error::{Checks, Error, Result},
    id::{AccountId, UserId},
    text,
};
use platform::audit::{self, Action, Event};
use storage::Tx;

pub use self::{
    addresses::{change_address, confirm_address, look_at_address},
    passwords::{ask_reset, change_own_password, look_at_reset, prove_again, reset},
    second::{Answer, Missing, Proof, ask_for_passkey, by_passkey, missing, prove, second_step, waits_for},
    sessions::{Arrived, Entered, Keys, end_other_sessions, end_session, enter, sessions, sign_in, sign_out},
    sign_ups::{
        Completed, ProvedSignUp, SignUp, complete_sign_up, forget_sign_ups, look_at_sign_up, prove_sign_up,
        sign_up, untouched, untouched_in,
    },
};
pub use crate::sign_in::attempts::{From, flow};

/// How many mails anyone may have sent to one address within an hour.
const MAILS_PER_HOUR: i64 = 5;

/// A person as the trail names them who has not proved to be one.
fn whom(known: Option<UserId>) -> String {
    known.map_or_else(|| "unknown".to_owned(), |user| user.to_string())
}

/// An email that a stranger may have sent to an address by typing it. Each is counted by itself, so that none can be
/// kept from someone by having others sent.
#[derive(Clone, Copy)]
enum Mailed {
    /// The link that completes a sign-up.
    SignUp,
    /// That there is an account already.
    KnownAlready,
    /// The link to choose a new password, or that there is no account.
    Reset,
}

/// Whether one more such email may go to an address now; counts it.
async fn mail_allowed(tx: &Tx, email_key: &str, mailed: Mailed) -> Result<bool> {
    let kind = match mailed {
        Mailed::SignUp => "sign-up",
        Mailed::KnownAlready => "known",
        Mailed::Reset => "reset",
    };
    let name = format!("mail:{kind}:{email_key}");
    let sent = store::throttle(tx, &name)
        .await?
        .map_or(0, |throttle| if tx.now().waited(throttle.last_at) > HOUR { 0 } else { throttle.failures });
    if sent >= MAILS_PER_HOUR {
        return Ok(false);
    }
    store::count(tx, &name, HOUR).await?;
    Ok(true)
}

fn dead_link() -> Error {
    Error::conflict(
        "link_dead",
        "This link was already used, was replaced by a newer one, or has expired. Ask for a new one.",
    )
}

/// Changes the caller's name and type.
///
/// # Errors
/// The name can't be used.
pub async fn update_profile(
    tx: &Tx,
    by: &SignedIn,
    name: Option<&str>,
    kind: Option<UserType>,
) -> Result<UserRow> {
    let person = users::user(tx, by.user()).await?;
    let mut checks = Checks::default();
    let name = checks.take("name", text::line(name.unwrap_or(&person.name)));
    checks.done()?;
    let name = name.unwrap_or_default();
    users::update(tx, by.user(), &name, kind.unwrap_or(person.user_type)).await?;
    let detail = json!({ "name": name });
    audit::record(
        tx,
        Event::new(AccountId::nil(), by.user(), Action::ProfileChanged, by.user()).with(detail),
    )
    .await?;
    users::user(tx, by.user()).await
}
