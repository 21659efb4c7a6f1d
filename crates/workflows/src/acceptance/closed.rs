//! An invitation's link that can't be used any more shows the way on, to each person who may open it. Who isn't the
//! invited person and doesn't manage the account isn't told whom it was for.

use access::Role;
use kernel::{
    error::Result,
    id::{GroupId, UserId},
};
use people::{
    accounts, invitations,
    invitations::opening::Refusal,
    members,
    users::{self, UserRow},
};
use storage::Tx;

use crate::acceptance::{actions::Look, landing};

/// Who opens a link that can't be used any more.
pub enum Visitor {
    SignedOut,
    /// Someone else, who doesn't manage the account.
    Another(UserRow),
    /// The invited person, with what they have in the account: its name and page, if they are in it.
    Invited(Option<(String, String)>),
    /// Someone who manages the account.
    Manager,
}

/// Who opens the link of this invitation.
pub(super) async fn visitor(
    tx: &Tx,
    invited: &invitations::opening::Look,
    caller: Option<UserId>,
) -> Result<Visitor> {
    let Some(user) = caller else { return Ok(Visitor::SignedOut) };
    if invited.known.as_ref().is_some_and(|known| known.id == user) {
        let rows = accounts::belongings(tx, user).await?;
        let here = rows.into_iter().filter(|row| row.account == invited.row.account).collect::<Vec<_>>();
        return Ok(Visitor::Invited(here.first().map(|first| {
            let offered =
                |group: Option<GroupId>| invited.groups.iter().any(|each| group == Some(each.group));
            let group = here.iter().find(|row| offered(row.group));
            let name = group.and_then(|row| row.group_name.clone()).unwrap_or(first.account_name.clone());
            let group = group.and_then(|row| row.group);
            (name, landing::home(first.account, first.role, group))
        })));
    }
    let role = members::current_role(tx, invited.row.account, user).await?;
    match role.is_some_and(Role::manages) {
        true => Ok(Visitor::Manager),
        false => Ok(Visitor::Another(users::user(tx, user).await?)),
    }
}

/// What happened, and what to do next.
pub(super) fn text(look: &Look, refusal: Refusal, visitor: &Visitor) -> String {
    let (account, inviter) = (&look.account_name, &look.row.inviter);
    let ask = match refusal {
        Refusal::Replaced => "Use the link in the latest email.".to_owned(),
        Refusal::GiverGone => "Ask an administrator of the practice for a new one.".to_owned(),
        Refusal::ReadOnly => refusal.words().1.to_owned(),
        _ => format!("Ask {inviter} for a new link."),
    };
    match visitor {
        Visitor::Invited(Some(_)) => format!("You belong to {account}."),
        Visitor::Invited(None) if refusal == Refusal::Accepted => {
            format!("You accepted it, but you no longer belong to {account}. {ask}")
        }
        Visitor::Invited(None) => ask,
        Visitor::Manager => managers_text(look, refusal),
        // Whom to ask is no stranger's business.
        Visitor::Another(_) => refusal.words().1.to_owned(),
        Visitor::SignedOut => match refusal {
            Refusal::Replaced | Refusal::ReadOnly => ask,
            Refusal::Accepted => "If you accepted it, sign in.".to_owned(),
            _ => format!("If you already have access, sign in. {ask}"),
        },
    }
}

fn managers_text(look: &Look, refusal: Refusal) -> String {
    let email = &look.row.email;
    match refusal {
        Refusal::Replaced => format!("A newer link was sent to {email}. You can send another one."),
        Refusal::Accepted => format!("{email} accepted it."),
        Refusal::Canceled => format!("It was for {email}. You can invite them again from the list of users."),
        Refusal::Expired => format!("It was for {email}, and valid for 7 days. You can send it again."),
        Refusal::GiverGone => {
            format!(
                "It was for {email}. {} can no longer give it, but you can send it again.",
                look.row.inviter
            )
        }
        Refusal::ReadOnly => {
            format!("It was for {email}. The account is read-only until its invoices are paid.")
        }
    }
}
