//! The verb of accepting.

use serde_json::json;

use billing::Shop;
use kernel::{
    addresses::Email,
    clock::Time,
    error::{Error, Result},
    id::UserId,
    links::Site,
    passwords::acceptable,
    text,
};
use people::{
    groups,
    invitations::{self, opening::Opening},
    sign_in::{
        self,
        actions::{Entered, From},
    },
    users::{self, UserRow, UserType},
};
use platform::{
    Services,
    audit::{self, Action, Event},
};
use storage::Tx;

use crate::{
    acceptance::{
        closed::{self, Visitor},
        landing::{self, Landing},
        merge::{self, Joining, Merge, Stays},
    },
    onboarding,
};

/// What an invitation's link leads to, and what it means for the caller.
pub struct Look {
    /// The invitation.
    pub invited: invitations::opening::Look,
    /// What happens to their own accounts, if the caller is the invited person.
    pub merges: Vec<Merge>,
    /// Which of their own accounts stay as they are.
    pub stays: Vec<Stays>,
    /// Who asks, where it can't be accepted.
    pub visitor: Option<Visitor>,
}

impl std::ops::Deref for Look {
    type Target = invitations::opening::Look;
    fn deref(&self) -> &invitations::opening::Look {
        &self.invited
    }
}

/// What an invitation offers. Only the person whose address it was sent to sees what is theirs.
///
/// # Errors
/// As [`invitations::opening::look`].
pub async fn look(tx: &Tx, opening: &Opening, caller: Option<UserId>) -> Result<Look> {
    let invited = invitations::opening::look(tx, opening).await?;
    let (merges, stays) = match &invited.known {
        Some(known) if caller == Some(known.id) => (
            merge::preview(tx, known.id, &invited, tx.now()).await?,
            merge::stays(tx, known.id, &invited).await?,
        ),
        _ => (Vec::new(), Vec::new()),
    };
    let visitor = match invited.refusal {
        Some(_) => Some(closed::visitor(tx, &invited, caller).await?),
        None => None,
    };
    Ok(Look { invited, merges, stays, visitor })
}

/// Where an accepted invitation leads.
pub struct Accepted {
    /// The new session, if the person is new or was not signed in.
    pub entered: Option<Entered>,
    /// What they joined, and where they land.
    pub landing: Landing,
}

/// Someone who accepts.
#[derive(Clone, Debug)]
pub enum Acceptance {
    /// Signed in, as this person.
    Known {
        /// Who.
        user: UserId,
        /// The moment of the credit for their own subscription that they were shown.
        shown: Option<Time>,
    },
    /// New: chooses a name and a password.
    New {
        /// The name.
        name: String,
        /// The password.
        password: String,
        /// What they are in the practice, if they say: else what the invitation says.
        user_type: Option<UserType>,
    },
}

/// Accepts an invitation, once. A new person is made with the address that the link proved; a known one
/// must be signed in with that address, and needs no link if they have proved it.
///
/// # Errors
/// The link is no longer good; the address is another person's; the name or password can't be used.
pub async fn accept(services: &Services, opening: Opening, who: Acceptance, from: From) -> Result<Accepted> {
    let look = services.db.read(async |tx| invitations::opening::look(tx, &opening).await).await?;
    if let Some(refusal) = look.refusal {
        return Err(refusal.error());
    }
    let person = match who {
        Acceptance::Known { user, shown } => Person::Known { user, shown },
        Acceptance::New { .. } if look.known.is_some() => {
            return Err(Error::unauthenticated_because(
                "sign_in_to_accept",
                "You already have an account with this address. Sign in with it, then accept.",
            ));
        }
        Acceptance::New { name, password, user_type } => {
            let hash = hash(services, &look, &name, &password, &from).await?;
            let user_type = user_type.unwrap_or(look.row.user_type);
            Person::New { name: text::line(&name).unwrap_or_default(), hash, user_type }
        }
    };
    let length = services.config.session_length();
    let (shop, site) = (Shop::of(&services.config), services.site.clone());
    services.db.write(async move |tx| join(tx, &shop, &site, &opening, &person, length, &from).await).await
}

enum Person {
    Known { user: UserId, shown: Option<Time> },
    New { name: String, hash: String, user_type: UserType },
}

/// Checks what a new person chose, and hashes the password.
async fn hash(
    services: &Services,
    look: &invitations::opening::Look,
    name: &str,
    password: &str,
    from: &From,
) -> Result<String> {
    let mut checks = kernel::error::Checks::default();
    checks.take("name", text::line(name));
    checks.take("password", acceptable(password, &[&look.row.email, name, &look.account_name]));
    checks.done()?;
    let flow = sign_in::actions::flow(from, &Email::key_of(&look.row.email));
    services.passwords.hash(&flow, password).await
}

/// The whole acceptance in one transaction: settle, join the account, join the groups, sign in.
async fn join(
    tx: &Tx,
    shop: &Shop,
    site: &Site,
    opening: &Opening,
    person: &Person,
    length: i64,
    from: &From,
) -> Result<Accepted> {
    let look = invitations::opening::look(tx, opening).await?;
    if let Some(refusal) = look.refusal {
        return Err(refusal.error());
    }
    let email = Email::read(&look.row.email).map_err(Error::internal)?;
    let user = match (person, &look.known) {
        (Person::Known { user, .. }, Some(known)) if known.id == *user => *user,
        (Person::Known { user, .. }, _) => {
            return Err(another_address(&users::user(tx, *user).await?, &email));
        }
        (Person::New { .. }, Some(_)) => return Err(Error::stale()),
        (Person::New { name, hash, user_type }, None) => {
            let user = tx.id();
            users::insert(tx, user, &email, name, *user_type, Some(hash)).await?;
            if look.handed_out {
                users::mark_unproved(tx, user).await?;
            }
            sign_in::actions::forget_sign_ups(tx, &email).await?;
            user
        }
    };
    let (account, id) = (look.row.account, look.row.id);
    invitations::actions::settle_accepted(tx, &look.row, user).await?;
    onboarding::join_by(tx, account, user, look.row.role, id).await?;
    let detail = json!({ "role": look.row.role, "email": look.row.email });
    audit::record(tx, Event::new(account, user, Action::InvitationAccepted, id).with(detail)).await?;
    for offered in &look.groups {
        groups::add(tx, account, offered.group, user, offered.role, offered.given_by).await?;
    }
    if let Person::Known { shown, .. } = person {
        let joining = Joining { user, offer: &look, shown: *shown, shop, site };
        merge::merge(tx, &joining).await?;
    }
    let entered = match person {
        Person::Known { .. } => None,
        Person::New { .. } => Some(sign_in::actions::enter(tx, user, length, from).await?),
    };
    Ok(Accepted { entered, landing: landing::landing(tx, user, &look).await? })
}

fn another_address(present: &UserRow, invited: &Email) -> Error {
    Error::forbidden(
        "another_address",
        format!(
            "This invitation was sent to {}, but you are signed in as {}. Sign out and open the link again to \
             join with that address, or ask for an invitation to {}.",
            invited.shown, present.email, present.email
        ),
    )
}
