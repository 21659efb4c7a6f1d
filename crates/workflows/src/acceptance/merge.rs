//! A person joins who has a subscription of their own: it ends, the unused time is credited, and the groups of their
//! own account, with everything in them, become groups of the new one, where only they are. Handouts that they wrote
//! become handouts of the new account.
//!
//! Nothing that comes along exceeds the offer. In the groups that they bring they get the role that the offer
//! gives in groups, the account's administrators manage those, and people whom they had invited don't come.
//! The inviting side is told by mail what came.
//!
//! Favorites and private notes are kept by person, not by account, so they stay theirs by themselves.

use serde_json::json;

use access::GroupRole;
use billing::Shop;
use care::{cases, client_groups, clients, handouts, notes};
use kernel::{
    clock::{MINUTE, Time},
    error::Result,
    id::{AccountId, UserId},
    links::Site,
    money::Money,
};
use messaging::requests;
use people::{accounts, groups, invitations, invitations::opening::Look, locations, users};
use platform::{
    access_log,
    audit::{self, Action, Event},
    jobs::enqueue_from,
};
use storage::Tx;

use crate::acceptance::mail;

/// How long the credit that was shown is the credit that is given.
const SHOWN_FOR: i64 = 15 * MINUTE;

/// What happens to the person's own account when they accept.
#[derive(Clone, Debug)]
pub struct Merge {
    /// The account.
    pub account: AccountId,
    /// Its name.
    pub name: String,
    /// What is credited for the unused time.
    pub credit: Money,
    /// What was not paid yet, and is no longer owed.
    pub canceled: Money,
    /// As of this moment.
    pub as_of: Time,
    /// How many groups come along.
    pub groups: i64,
    /// How many cases come along.
    pub cases: i64,
    /// How many handouts of their own come along.
    pub handouts: i64,
    /// The role that they will have in those groups.
    pub role: GroupRole,
}

/// The second that the unused time is counted from: that of what was shown, while it is fresh.
fn counted_from(shown: Option<Time>, now: Time) -> Time {
    shown.filter(|shown| (0..=SHOWN_FOR).contains(&now.waited(*shown))).unwrap_or(now)
}

/// What would happen to the person's own accounts if they accepted this offer. Support staff belong to no
/// groups, so theirs stay as they are.
///
/// # Errors
/// The database fails.
pub(super) async fn preview(tx: &Tx, user: UserId, offer: &Look, as_of: Time) -> Result<Vec<Merge>> {
    let mut merges = Vec::new();
    if offer.row.role.works() {
        let role = invitations::opening::role_in_brought_groups(tx, offer).await?;
        for (account, name) in accounts::own_accounts(tx, user).await? {
            let given = billing::subscriptions::given_back_at(tx, account, as_of).await?;
            let groups = i64::try_from(groups::names(tx, account).await?.len()).unwrap_or(i64::MAX);
            merges.push(Merge {
                account,
                name,
                credit: given.credited,
                canceled: given.canceled,
                as_of,
                groups,
                cases: cases::count_all(tx, account).await?,
                handouts: handouts::count_own(tx, account).await?,
                role,
            });
        }
    }
    Ok(merges)
}

/// An account of someone's own that stays as it is when they accept: it keeps its subscription and its bills.
#[derive(Clone, Debug)]
pub struct Stays {
    pub account: AccountId,
    pub name: String,
    /// Whether others work in it.
    pub shared: bool,
}

/// Which of someone's own accounts stay as they are: those in which others work, those of a practice, and all of them
/// where the offer belongs to no groups.
///
/// # Errors
/// None but the database's.
pub(super) async fn stays(tx: &Tx, user: UserId, offer: &Look) -> Result<Vec<Stays>> {
    let owned = accounts::owned(tx, user).await?.into_iter().filter(|own| {
        let merges = own.kind == accounts::Kind::Individual && !own.shared && offer.row.role.works();
        own.account != offer.row.account && !merges
    });
    Ok(owned.map(|own| Stays { account: own.account, name: own.name, shared: own.shared }).collect())
}

/// Who merges into what.
pub(super) struct Joining<'a> {
    pub(super) user: UserId,
    pub(super) offer: &'a Look,
    /// The moment of the credit that they were shown.
    pub(super) shown: Option<Time>,
    pub(super) shop: &'a Shop,
    pub(super) site: &'a Site,
}

/// Makes it happen, in the transaction of the acceptance.
///
/// # Errors
/// A payment of theirs is under way.
pub(super) async fn merge(tx: &Tx, joining: &Joining<'_>) -> Result<()> {
    let at = counted_from(joining.shown, tx.now());
    for merge in preview(tx, joining.user, joining.offer, at).await? {
        // Otherwise their own invitations would lead into groups that are no longer there.
        invitations::actions::cancel_all(tx, merge.account).await?;
        let (shop, site) = (joining.shop, joining.site);
        billing::subscriptions::end_own(tx, shop, site, merge.account, joining.user, at).await?;
        let brought = bring(tx, joining, merge.account, merge.role).await?;
        tell(tx, joining, &brought, &merge).await?;
    }
    Ok(())
}

/// Tells the inviting side what came along.
async fn tell(tx: &Tx, joining: &Joining<'_>, brought: &[String], merge: &Merge) -> Result<()> {
    if brought.is_empty() && merge.handouts == 0 {
        return Ok(());
    }
    let row = &joining.offer.row;
    let person = users::user(tx, joining.user).await?;
    let page = if brought.is_empty() { "handouts" } else { "groups" };
    let groups = joining.site.page(&format!("/a/{}/{page}", row.account));
    for to in invitations::opening::inviting_side(tx, row).await? {
        let letter = mail::brought(row.account, &to, &person, brought, merge, &groups);
        enqueue_from(tx, &letter, &person.email).await?;
    }
    Ok(())
}

/// Brings the groups along. Copied from the outside in and forgotten from the inside out, so that every
/// row has its parents at every moment. Gives the groups' names.
async fn bring(tx: &Tx, joining: &Joining<'_>, from: AccountId, role: GroupRole) -> Result<Vec<String>> {
    let (user, into) = (joining.user, joining.offer.row.account);
    let mut names = Vec::new();
    let whose = users::user(tx, user).await?.name;
    let moved = groups::names(tx, from).await?;
    for (group, _) in &moved {
        let name = groups::copy_into(tx, from, into, *group, &whose).await?;
        let detail = json!({ "name": name, "from": from, "to": into, "role": role });
        let event = |account, action| Event::new(account, user, action, *group).in_group(*group);
        audit::record(tx, event(from, Action::GroupMovedOut).with(detail.clone())).await?;
        audit::record(tx, event(into, Action::GroupMovedIn).with(detail)).await?;
        names.push(name);
    }
    accounts::copy_protocols(tx, from, into).await?;
    locations::copy_all(tx, from, into).await?;
    // What they asked of their own user groups stays behind, and names their clients no more.
    requests::forget_links(tx, from).await?;
    clients::copy_all(tx, from, into).await?;
    client_groups::copy_all(tx, from, into).await?;
    cases::move_all(tx, from, into).await?;
    notes::copy_all(tx, from, into).await?;
    access_log::copy_all(tx, from, into).await?;
    handouts::move_all(tx, from, into).await?;
    groups::copy_periods(tx, from, into, user, role).await?;
    notes::forget_all(tx, from).await?;
    client_groups::forget_all(tx, from).await?;
    clients::forget_all(tx, from).await?;
    locations::forget_all(tx, from).await?;
    groups::forget_all(tx, from).await?;
    Ok(names)
}
