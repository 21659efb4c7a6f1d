//! The verb of making a group.

use access::{AccountAdmin, GroupRole, Manager, Role};
use kernel::{
    addresses::Email,
    error::{Checks, Result},
    id::GroupId,
    links::Site,
    text,
};
use people::{
    groups,
    invitations::{self, Outcome},
    plans,
    users::UserType,
};
use storage::Tx;

/// A group to be made.
#[derive(Clone, Debug)]
pub struct NewGroup {
    /// Its name, unique in the account.
    pub name: String,
    /// Who is to administer it; nobody yet, if empty.
    pub administrator_email: String,
    /// What it is for.
    pub description: String,
}

/// Makes a group. Whoever has the administrator's address becomes its administrator: at once if they
/// are a member, else by an invitation. The outcome says which.
///
/// # Errors
/// A field can't be used, the name is taken, or the account is read-only.
pub async fn create(
    tx: &Tx,
    by: &AccountAdmin,
    site: &Site,
    new: &NewGroup,
) -> Result<(GroupId, Option<Outcome>)> {
    let mut checks = Checks::default();
    let name = checks.take("name", text::line(&new.name));
    let description = checks.take("description", text::prose(&new.description));
    let email = match new.administrator_email.trim() {
        "" => None,
        address => checks.take("administrator_email", Email::read(address)),
    };
    checks.done()?;
    plans::must_be_open(tx, by.account()).await?;
    let (name, description) = (name.unwrap_or_default(), description.unwrap_or_default());
    let group = groups::create(tx, by.account(), by.user(), &name, &description).await?;
    let Some(email) = email else { return Ok((group, None)) };
    let offer = invitations::Offer {
        role: Role::Member,
        user_type: UserType::Other,
        groups: vec![(group, GroupRole::Administrator)],
        // The group is new: an invitation that the address has gains it and keeps everything else.
        into_groups: true,
        change: true,
    };
    let outcome = invitations::actions::invite_one(tx, &Manager::from(by), site, &email, &offer).await?;
    Ok((group, Some(outcome)))
}
