//! Naming operators, and what is theirs alone.

use crate::operator::store;
use access::Operator;
use kernel::{
    addresses::Email,
    error::{Error, Result},
    id::{AccountId, UserId},
};
use people::{accounts, users};
use platform::audit::{self, Action, Event};
use storage::Tx;

async fn known(tx: &Tx, email: &str) -> Result<UserId> {
    let user = users::by_email(tx, &Email::key_of(email)).await?;
    user.map(|user| user.id).ok_or_else(|| {
        Error::field(
            "email",
            "No one here uses this address. Check its \
        spelling.",
        )
    })
}

/// Names a person an operator, by their address. Says whether they were none before.
///
/// # Errors
/// Nobody has the address, or the database fails.
pub async fn name(tx: &Tx, email: &str) -> Result<bool> {
    let user = known(tx, email).await?;
    let new = store::insert(tx, user).await?;
    if new {
        audit::record(tx, Event::unattended(AccountId::nil(), Action::OperatorNamed, user)).await?;
    }
    Ok(new)
}

/// Takes the operator's pages from a person. It holds at their next request.
///
/// # Errors
/// Nobody has the address, they are no operator, or the database fails.
pub async fn dismiss(tx: &Tx, email: &str) -> Result<()> {
    let user = known(tx, email).await?;
    if !store::delete(tx, user).await? {
        return Err(Error::field("email", "This person isn't an operator."));
    }
    audit::record(tx, Event::unattended(AccountId::nil(), Action::OperatorDismissed, user)).await
}

/// Notes that an operator opened their pages.
pub(super) async fn entered(tx: &Tx, by: UserId) -> Result<()> {
    audit::record(tx, Event::new(AccountId::nil(), by, Action::OperatorEntered, by)).await
}

/// Confirms that an account is a practice. Gives its name, and whether that was new.
pub(super) async fn admit(tx: &Tx, by: &Operator, account: AccountId) -> Result<(String, bool)> {
    let name = accounts::account_name(tx, account).await?;
    let new = accounts::admit(tx, account).await?;
    if new {
        audit::record(tx, Event::new(account, by.user(), Action::AccountAdmitted, account)).await?;
    }
    Ok((name, new))
}
