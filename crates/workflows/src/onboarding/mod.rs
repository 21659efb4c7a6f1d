//! How a server, an account and a person begin: first-run set-up, completing a sign-up, a person's own account,
//! and what happens whenever someone joins an account.

pub mod actions;
pub mod api;
pub mod pages;

use serde_json::json;

use access::Role;
use kernel::{
    error::Result,
    id::{AccountId, InvitationId, UserId},
    practice::PracticeKind,
    prices::Trial,
};
use messaging::user_groups;
use people::{
    accounts::{self, Kind},
    members, plans,
};
use platform::audit::{self, Action, Event};
use storage::Tx;

/// Makes an account with its owner, its trial and first protocols, in the caller's transaction.
///
/// # Errors
/// None but the database's.
pub async fn open_account(
    tx: &Tx,
    id: AccountId,
    kind: Kind,
    practice_kind: PracticeKind,
    name: &str,
    owner: UserId,
    trial: Trial,
) -> Result<()> {
    accounts::create(tx, id, kind, practice_kind, name).await?;
    // The first event of every account's trail: the check of the trail asks for it.
    let opened = Event::new(id, owner, Action::AccountOpened, id)
        .with(json!({ "name": name, "practice_kind": practice_kind }));
    audit::record(tx, opened).await?;
    let licenses = if kind == Kind::Individual { 1 } else { trial.licenses };
    plans::begin(tx, id, trial, licenses).await?;
    join(tx, id, owner, Role::Owner).await?;
    Ok(())
}

/// Makes someone a member, with the license that their role needs; says whether they were none yet.
///
/// # Errors
/// No license is available.
pub async fn join(tx: &Tx, account: AccountId, user: UserId, role: Role) -> Result<bool> {
    let joined = members::join(tx, account, user, role).await?;
    if joined {
        begin_work(tx, account, user, role).await?;
    }
    Ok(joined)
}

/// As [`join`], with the license that was reserved for their invitation. That is given up in any case.
///
/// # Errors
/// It is reserved no longer, and none is available.
pub async fn join_by(
    tx: &Tx,
    account: AccountId,
    user: UserId,
    role: Role,
    invitation: InvitationId,
) -> Result<bool> {
    let joined = members::join_by(tx, account, user, role, invitation).await?;
    if joined {
        begin_work(tx, account, user, role).await?;
    }
    Ok(joined)
}

/// A person who begins to work in an account joins its default user group.
async fn begin_work(tx: &Tx, account: AccountId, user: UserId, role: Role) -> Result<()> {
    match role.works() {
        true => user_groups::join_default_groups(tx, account, user).await,
        false => Ok(()),
    }
}
