//! The verbs of invitations.

use crate::users;
use serde_json::json;

use crate::{
    accounts, groups,
    invitations::{
        AT_ONCE, HandedOut, LASTS, MailWaits, Offer, Outcome, Result as Became, State,
        mail::{self, Invited},
        opening::{Refusal, giver_may},
        store::{self, InvitationRow},
    },
    licenses, members, plans,
};
use access::{GroupAdmin, GroupRole, InvitationManager, Manager, Role};
use kernel::{
    addresses::{Email, Entry},
    clock::Time,
    error::{Error, Kind, Result},
    id::{AccountId, GroupId, InvitationId, UserId},
    links::Site,
    text,
};
use platform::{
    audit::{self, Action, Event},
    jobs::{self, enqueue, enqueue_from},
};
use storage::Tx;

/// Checks what a manager wants to offer, once for all addresses, and leaves out groups that can't be
/// joined.
///
/// # Errors
/// They may not give that role or invite into that group, or the role belongs to no groups.
pub async fn check_offer(tx: &Tx, by: &Manager, offer: &Offer) -> Result<()> {
    plans::must_be_open(tx, by.account()).await?;
    let place = licenses::seats(tx, by.account(), offer.role.into()).await?;
    if place.total == 0 {
        return Err(Error::field("role", "The support-staff seat comes with the Pro plan."));
    }
    if !by.may_give(offer.role) {
        let why = match (offer.role, by.only_group()) {
            (Role::Owner, _) => "You can't invite an owner. The owner can transfer ownership to a member.",
            (_, Some(_)) => {
                "Group administrators can invite members only. For other roles, ask an administrator of the \
                 account."
            }
            _ => "Choose a role that isn't above your own.",
        };
        return Err(Error::field("role", why));
    }
    if by.only_group().is_some() && offer.groups.is_empty() {
        return Err(Error::field("groups", "Choose a group that you administer."));
    }
    if !offer.role.works() && !offer.groups.is_empty() {
        return Err(Error::field("groups", "Support staff can't join groups. Remove the groups."));
    }
    let ids = offer.groups.iter().map(|(group, _)| *group).collect::<Vec<_>>();
    let found = groups::joinable(tx, by.account(), &ids).await?;
    for (i, (group, _)) in offer.groups.iter().enumerate() {
        if !found.iter().any(|(id, _)| id == group) || !by.may_give_in(*group) {
            return Err(Error::field(
                format!("groups[{i}].group"),
                "Choose an active group that you administer.",
            ));
        }
    }
    Ok(())
}

/// Takes what was found in what was typed, if one request can invite that many.
///
/// # Errors
/// There is nothing, or too much.
pub fn at_once(found: Vec<Entry>) -> Result<Vec<Entry>> {
    match found.len() {
        0 => Err(Error::field("emails", "Enter at least one email address, such as name@practice.org.")),
        many if many > AT_ONCE => Err(Error::field(
            "emails",
            format!(
                "You can invite up to {} at once. This list has {}.",
                text::counted(AT_ONCE, "person", "people"),
                text::counted(many, "address", "addresses")
            ),
        )),
        _ => Ok(found),
    }
}

/// Invites every address. Each has its own outcome; the good ones are not held up by the bad ones.
///
/// # Errors
/// The offer is not the manager's to make.
pub async fn invite(
    tx: &Tx,
    by: &Manager,
    site: &Site,
    addresses: &[Entry],
    offer: &Offer,
) -> Result<Vec<Outcome>> {
    invite_named(tx, by, site, addresses, None, offer).await
}

/// As [`invite`], where it is known what the person is called.
///
/// # Errors
/// As there.
pub async fn invite_named(
    tx: &Tx,
    by: &Manager,
    site: &Site,
    addresses: &[Entry],
    name: Option<&str>,
    offer: &Offer,
) -> Result<Vec<Outcome>> {
    let offer = &offer.clone().distinct()?;
    check_offer(tx, by, offer).await?;
    let inviter = users::user(tx, by.user()).await?;
    let account_name = accounts::account_name(tx, by.account()).await?;
    let outage = jobs::outage(tx, by.account()).await?;
    let (sender, inviter, account_name) = (&*inviter.email, &*inviter.name, &*account_name);
    let desk = Desk { by, site, offer, name, inviter, sender, account_name, outage };
    let mut outcomes = Vec::with_capacity(addresses.len());
    for address in addresses {
        let mut outcome = match &address.email {
            Ok(email) => desk.invite(tx, email).await?,
            Err(why) => desk.outcome(&address.typed, Became::NotAnAddress, why, None),
        };
        outcome.times = address.times;
        outcomes.push(outcome);
    }
    Ok(outcomes)
}

/// Invites one address.
///
/// # Errors
/// The offer is not the manager's to make.
pub async fn invite_one(tx: &Tx, by: &Manager, site: &Site, email: &Email, offer: &Offer) -> Result<Outcome> {
    let outcomes = invite(tx, by, site, &[email.clone().into()], offer).await?;
    outcomes.into_iter().next().ok_or_else(|| Error::internal("no outcome"))
}

/// One manager's invitations with one offer.
pub(super) struct Desk<'a> {
    pub(super) by: &'a Manager,
    pub(super) site: &'a Site,
    pub(super) offer: &'a Offer,
    /// What the person is called, where that is known.
    pub(super) name: Option<&'a str>,
    pub(super) inviter: &'a str,
    /// The inviter's address; empty for an API key.
    pub(super) sender: &'a str,
    pub(super) account_name: &'a str,
    /// Since when the mail server gives no answer, if it doesn't.
    pub(super) outage: Option<Time>,
}

impl Desk<'_> {
    pub(super) fn outcome(
        &self,
        email: &str,
        outcome: Became,
        detail: &str,
        invitation: Option<(InvitationId, &str)>,
    ) -> Outcome {
        Outcome {
            email: email.to_owned(),
            outcome,
            detail: detail.to_owned(),
            times: 1,
            invitation: invitation.map(|(id, _)| id),
            link: invitation
                .map(|(_, link)| link.to_owned())
                .filter(|link| !self.site.mail_leaves && !link.is_empty()),
            mail_waits: None,
            change: None,
        }
    }

    /// The outcome of an address to which an invitation was queued just now.
    pub(super) fn sent(&self, tx: &Tx, email: &Email, id: InvitationId, link: &str) -> Outcome {
        let outcome =
            self.outcome(&email.shown, Became::Invited, on_its_way(self.site, self.outage), Some((id, link)));
        Outcome { mail_waits: at_once_again(tx, self.site, self.outage), ..outcome }
    }

    pub(super) async fn invite(&self, tx: &Tx, email: &Email) -> Result<Outcome> {
        let known = store::known(tx, self.by.account(), &email.key).await?;
        match (known.member, known.invitation) {
            (Some(user), _) => self.member(tx, email, user, known.role).await,
            (None, Some(id)) => self.again(tx, email, id).await,
            (None, None) => self.newcomer(tx, email).await,
        }
    }

    /// The outcome of an address that can't be sent one more email now.
    pub(super) async fn enough_mail(&self, tx: &Tx, email: &Email) -> Result<Option<Outcome>> {
        let account = self.by.account();
        if !accounts::is_admitted(tx, account).await? && jobs::sent_today(tx, account).await? >= FEW_LETTERS {
            return Ok(Some(self.outcome(&email.shown, Became::EnoughMail, accounts::NOT_ADMITTED, None)));
        }
        match jobs::spare(tx, account, &email.shown).await {
            Err(enough) if enough.kind() == Kind::Throttled => {
                Ok(Some(self.outcome(&email.shown, Became::EnoughMail, ENOUGH, None)))
            }
            spared => spared.map(|()| None),
        }
    }

    async fn newcomer(&self, tx: &Tx, email: &Email) -> Result<Outcome> {
        let (account, id) = (self.by.account(), tx.id());
        if let Some(enough) = self.enough_mail(tx, email).await? {
            return Ok(enough);
        }
        match licenses::reserve(tx, account, self.offer.role).await {
            Err(full) if full.kind() == Kind::Conflict => {
                return Ok(self.outcome(&email.shown, Became::NoLicense, full.public(), None));
            }
            reserved => reserved?,
        }
        if !store::insert(tx, account, id, email, self.name, self.offer, self.by.user()).await? {
            return Err(Error::stale());
        }
        licenses::keep(tx, account, id, self.offer.role, tx.now().plus(LASTS)).await?;
        for (group, role) in &self.offer.groups {
            store::insert_group(tx, account, id, *group, *role, self.by.user()).await?;
        }
        let row = store::show(tx, account, id).await?;
        let link = send(tx, self.site, &row, self.account_name, false).await?;
        announce(tx, account, self.offer.groups.iter().map(|(group, _)| *group));
        let groups = self.offer.groups.iter().take(20).collect::<Vec<_>>();
        let detail = json!({ "email": email.shown, "role": self.offer.role, "groups": groups });
        audit::record(tx, Event::new(account, self.by.user(), Action::InvitationSent, id).with(detail))
            .await?;
        Ok(self.sent(tx, email, id, &link))
    }

    async fn member(&self, tx: &Tx, email: &Email, user: UserId, role: Option<Role>) -> Result<Outcome> {
        if !role.is_some_and(Role::works) && !self.offer.groups.is_empty() {
            let detail = "Already in the account as support staff. Support staff can't join groups.";
            return Ok(self.outcome(&email.shown, Became::AlreadyMember, detail, None));
        }
        let ids = self.offer.groups.iter().map(|(group, _)| *group).collect::<Vec<_>>();
        let mut added = Vec::new();
        for (group, name) in groups::joinable(tx, self.by.account(), &ids).await? {
            let role = self.offer.groups.iter().find(|(id, _)| *id == group).map(|(_, role)| *role);
            let role = role.unwrap_or(GroupRole::Member);
            if groups::add(tx, self.by.account(), group, user, role, self.by.user()).await? {
                added.push((group, name));
            }
        }
        let Some((first, _)) = added.first() else {
            let detail = if ids.is_empty() { "Already in the account." } else { "Already in the group." };
            return Ok(self.outcome(&email.shown, Became::AlreadyMember, detail, None));
        };
        let link = self.site.page(&format!("/g/{first}"));
        let names = added.into_iter().map(|(_, name)| name).collect::<Vec<_>>();
        let letter = groups::mail::added(self.by.account(), &email.shown, self.inviter, &names, &link);
        enqueue_from(tx, &letter, self.sender).await?;
        let detail = "Already in the account. Now added to the group.";
        Ok(self.outcome(&email.shown, Became::Added, detail, None))
    }
}

/// How many emails an account sends in a day until it is known to be a practice.
pub(super) const FEW_LETTERS: i64 = 10;
const ENOUGH: &str = "This address got several emails from this account today. Try again tomorrow.";

const fn on_its_way(site: &Site, outage: Option<Time>) -> &'static str {
    match (site.mail_leaves, outage) {
        (true, None) => "We emailed an invitation.",
        (true, Some(_)) => "Invited. The email hasn’t left yet.",
        (false, _) => "Invited. This server doesn't send mail. Copy the link and send it yourself.",
    }
}

/// What is said of an email that was queued just now, while the mail server gives no answer.
fn at_once_again(tx: &Tx, site: &Site, outage: Option<Time>) -> Option<MailWaits> {
    outage.filter(|_| site.mail_leaves).map(|since| MailWaits { since, next_at: Some(tx.now()) })
}

/// Makes an invitation's link and mails it. Gives the link.
pub(super) async fn send(
    tx: &Tx,
    site: &Site,
    row: &InvitationRow,
    account_name: &str,
    again: bool,
) -> Result<String> {
    let token = tx.token();
    store::replace_links(tx, row.account, row.id).await?;
    // Where no mail leaves, the link is shown to the person who invites.
    store::insert_link(tx, row.account, row.id, &token, !site.mail_leaves).await?;
    let (link, admitted) = (site.link("invitations", &token), accounts::is_admitted(tx, row.account).await?);
    let letter = mail::invited(&Invited {
        account: row.account,
        account_name,
        inviter: &row.inviter,
        email: &row.email,
        name: row.name.as_deref(),
        role: row.role,
        groups: &row.groups.as_deref().map(|names| names.lines().collect::<Vec<_>>()).unwrap_or_default(),
        link: &link,
        again,
        admitted,
    });
    // An account that isn't known to be a practice shows strangers nothing of its people, not even an address.
    let mail = match admitted {
        true => enqueue_from(tx, &letter, &row.inviter_email).await?,
        false => enqueue(tx, &letter).await?,
    };
    store::set_mail(tx, row.account, row.id, mail).await?;
    Ok(link)
}

pub(super) fn announce(tx: &Tx, account: AccountId, groups: impl Iterator<Item = GroupId>) {
    tx.announce(members::topic(account));
    groups.for_each(|group| tx.announce(groups::topic(group)));
}

async fn announce_all(tx: &Tx, account: AccountId, id: InvitationId) -> Result<()> {
    let groups = store::groups_of(tx, account, id).await?;
    announce(tx, account, groups.into_iter().map(|offered| offered.group));
    Ok(())
}

fn settled() -> Error {
    Error::conflict("invitation_settled", "This invitation was already accepted or canceled.")
}

/// Sends an invitation again: a new link, and seven new days. The giver is now the person who resends.
///
/// # Errors
/// It was accepted or canceled, it had expired and no license is free, or the address had emails enough
/// today.
pub async fn resend(tx: &Tx, by: &InvitationManager, site: &Site) -> Result<Outcome> {
    plans::must_be_open(tx, by.account()).await?;
    let (account, id) = (by.account(), by.invitation());
    if !store::renew(tx, account, id, by.user()).await? {
        return Err(settled());
    }
    store::give_again(tx, account, id, by.user(), by.role().manages()).await?;
    let row = store::show(tx, account, id).await?;
    if !giver_may(tx, &row, &store::still_given(tx, account, id).await?).await? {
        return Err(Error::conflict(
            "group_archived",
            "The groups in this invitation are archived. Restore one, or invite to another group.",
        ));
    }
    jobs::spare(tx, account, &row.email).await?;
    if jobs::sent_today(tx, account).await? >= FEW_LETTERS {
        accounts::must_be_admitted(tx, account).await?;
    }
    licenses::keep_on(tx, account, id, row.role, row.expires_at).await?;
    let account_name = accounts::account_name(tx, account).await?;
    let outage = jobs::outage(tx, account).await?;
    let link = send(tx, site, &row, &account_name, true).await?;
    announce_all(tx, account, id).await?;
    let detail = json!({ "email": row.email });
    audit::record(tx, Event::new(account, by.user(), Action::InvitationResent, id).with(detail)).await?;
    Ok(Outcome {
        email: row.email,
        outcome: Became::Invited,
        detail: format!("{} The link in the previous invitation no longer works.", on_its_way(site, outage)),
        times: 1,
        invitation: Some(id),
        link: (!site.mail_leaves).then_some(link),
        mail_waits: at_once_again(tx, site, outage),
        change: None,
    })
}

/// Gives a link of a pending invitation to the person who passes it on, while its email can't leave. It is one more link: that
/// in the email stays good, and proves the address, which this one doesn't.
///
/// # Errors
/// Anyone can sign up here, the email is on its way, or the invitation isn't pending.
pub async fn hand_out(tx: &Tx, by: &InvitationManager, site: &Site) -> Result<HandedOut> {
    plans::must_be_open(tx, by.account()).await?;
    let (account, id) = (by.account(), by.invitation());
    let row = store::show(tx, account, id).await?;
    may_hand_out(&row, site, tx.now())?;
    let token = tx.token();
    store::insert_link(tx, account, id, &token, true).await?;
    let detail = json!({ "email": row.email });
    audit::record(tx, Event::new(account, by.user(), Action::InvitationHandedOut, id).with(detail)).await?;
    Ok(HandedOut { invitation: id, email: row.email, link: site.link("invitations", &token) })
}

fn may_hand_out(row: &InvitationRow, site: &Site, now: Time) -> Result<()> {
    if site.mail_leaves && !site.hands_out {
        let why = "Anyone can sign up on this server, so an invitation’s link is only ever emailed.";
        return Err(Error::conflict("link_not_handed_out", why));
    }
    if row.state(now) != State::Pending {
        return Err(Error::conflict(
            "invitation_settled",
            "This invitation isn’t pending. Resend it instead.",
        ));
    }
    if site.mail_leaves && row.mail_waits(now).is_none() {
        let why = "The email with the link has left, or is about to. If it got lost, resend it.";
        return Err(Error::conflict("mail_not_waiting", why));
    }
    Ok(())
}

/// Cancels an invitation: its link says so from now on.
///
/// # Errors
/// It was accepted or canceled already.
pub async fn cancel(tx: &Tx, by: &InvitationManager) -> Result<()> {
    let (account, id) = (by.account(), by.invitation());
    announce_all(tx, account, id).await?;
    if !store::settle(tx, account, id, State::Canceled, None).await? {
        return Err(settled());
    }
    licenses::release(tx, account, id).await?;
    audit::record(tx, Event::new(account, by.user(), Action::InvitationCanceled, id)).await
}

/// Notes in the caller's transaction that a person accepted: once.
///
/// # Errors
/// It was settled already.
pub async fn settle_accepted(tx: &Tx, row: &InvitationRow, user: UserId) -> Result<()> {
    announce_all(tx, row.account, row.id).await?;
    if !store::settle(tx, row.account, row.id, State::Accepted, Some(user)).await? {
        return Err(Refusal::Accepted.error());
    }
    Ok(())
}

/// Cancels every pending invitation of an account that ends, and frees what they reserved.
///
/// # Errors
/// None but the database's.
pub async fn cancel_all(tx: &Tx, account: AccountId) -> Result<()> {
    for id in store::pending(tx, account).await? {
        store::settle(tx, account, id, State::Canceled, None).await?;
        licenses::release(tx, account, id).await?;
    }
    Ok(())
}

/// The invitations into a group, for who manages it.
///
/// # Errors
/// The database fails.
pub async fn in_group(
    tx: &Tx,
    by: &GroupAdmin,
    filter: &store::Filter,
    limit: i64,
) -> Result<Vec<InvitationRow>> {
    let filter = store::Filter { group: Some(by.group()), ..filter.clone() };
    store::list(tx, by.account(), &filter, limit).await
}
