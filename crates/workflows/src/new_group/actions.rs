//! The verb of making a group.

use access::{GroupMaker, GroupRole, Role};
use kernel::{
    addresses::Email,
    error::{Checks, Result},
    id::GroupId,
    links::Site,
    text,
};
use people::{
    accounts, groups,
    invitations::{self, Outcome},
    members, plans,
    users::{self, UserType},
};
use platform::jobs::enqueue_from;
use storage::Tx;

use crate::new_group::mail;

/// A group to be made.
#[derive(Clone, Debug)]
pub struct NewGroup {
    /// Its name, unique in the account.
    pub name: String,
    /// The address of its administrator; empty where that is decided later.
    pub administrator_email: String,
    /// What it is for.
    pub description: String,
}

/// Makes a group. The person with the administrator's address becomes its administrator: at once if they are a member,
/// else by an invitation. The outcome says which. An administrator of another group who adds one becomes its
/// administrator too, and the account's managers are told by email.
///
/// # Errors
/// A field can't be used, the name is taken, or the account is read-only.
pub async fn create(
    tx: &Tx,
    by: &GroupMaker,
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
    if !by.role().manages() {
        groups::add(tx, by.account(), group, by.user(), GroupRole::Administrator, by.user()).await?;
        tell(tx, by, site, group, &name).await?;
    }
    let Some(email) = email else { return Ok((group, None)) };
    let offer = invitations::Offer {
        role: Role::Member,
        user_type: UserType::Other,
        groups: vec![(group, GroupRole::Administrator)],
        // The group is new: an invitation that the address has gains it and keeps everything else.
        into_groups: true,
        change: true,
    };
    let outcome = invitations::actions::invite_one(tx, &by.of_made(group), site, &email, &offer).await?;
    Ok((group, Some(outcome)))
}

/// Tells those who manage the account that a group was added.
async fn tell(tx: &Tx, by: &GroupMaker, site: &Site, group: GroupId, name: &str) -> Result<()> {
    let maker = users::user(tx, by.user()).await?;
    let account_name = accounts::account_name(tx, by.account()).await?;
    let link = site.page(&format!("/g/{group}"));
    for to in members::people_who_manage(tx, by.account()).await? {
        let added =
            mail::Added { account: by.account(), account_name: &account_name, group: name, by: &maker.name };
        enqueue_from(tx, &mail::added(&to, &added, &link), &maker.email).await?;
    }
    Ok(())
}
