//! An address that has an invitation is invited again: nothing of it changes without a word. The manager sees what it is
//! and what it would be, and accepts that or leaves it.

use serde_json::json;

use crate::{
    groups,
    invitations::{
        Change, InvitationRow, OfferedGroup, Outcome, Result as Became, Terms, TermsGroup,
        actions::{Desk, announce, send},
        store,
    },
    licenses::{self, Seat},
};
use access::Role;
use kernel::{
    addresses::Email,
    error::{Error, Kind, Result},
    id::InvitationId,
};
use platform::audit::{self, Action, Event};
use storage::Tx;

impl From<OfferedGroup> for TermsGroup {
    fn from(offered: OfferedGroup) -> Self {
        Self { group: offered.group, name: offered.name, role: offered.role }
    }
}

/// What it comes to when an address is invited that has an invitation.
pub(super) enum Weighed {
    /// It stays as it is: why, and what would be changed if that was asked for.
    Stays(&'static str, Option<Change>),
    /// It is changed, or sent again because it had expired.
    Changes {
        /// What it offers.
        now: Terms,
        /// What it will offer.
        then: Terms,
    },
}

impl Desk<'_> {
    /// Invites an address whose invitation is pending, or was until it expired.
    pub(super) async fn again(&self, tx: &Tx, email: &Email, id: InvitationId) -> Result<Outcome> {
        let row = store::show(tx, self.by.account(), id).await?;
        match self.weigh(tx, &row).await? {
            Weighed::Stays(why, change) => {
                let stays = self.stays(email, id, why, change);
                Ok(Outcome { mail_waits: row.mail_waits(tx.now()), ..stays })
            }
            Weighed::Changes { now, then } => self.change(tx, email, &row, &now, &then).await,
        }
    }

    /// Says what inviting it again comes to. Changes nothing.
    pub(super) async fn weigh(&self, tx: &Tx, row: &InvitationRow) -> Result<Weighed> {
        let expired = row.expires_at <= tx.now();
        let groups = store::still_given(tx, self.by.account(), row.id).await?;
        let now = Terms { role: Some(row.role), groups: groups.into_iter().map(Into::into).collect() };
        if self.offer.into_groups && !row.role.works() {
            return Ok(Weighed::Stays(
                "Already invited as support staff. Support staff can't join groups.",
                None,
            ));
        }
        let then = self.then(tx, &now, row.role).await?;
        Ok(match (now == then, expired) {
            (true, false) => Weighed::Stays("Already invited. If the invitation got lost, resend it.", None),
            (false, _) if !self.offer.change => {
                let why = match expired {
                    false => "The pending invitation differs from this one. Change it or keep it.",
                    true => {
                        "The expired invitation differs from this one. Change and resend it, or leave it."
                    }
                };
                Weighed::Stays(why, Some(self.seen(now, then)))
            }
            // Who manages one group can't give again what an administrator of the account gave.
            (_, true) if self.by.only_group().is_some() && row.role != Role::Member => {
                let why = "Their invitation expired. Ask an administrator of the account to resend it.";
                Weighed::Stays(why, None)
            }
            _ => Weighed::Changes { now, then },
        })
    }

    /// What the invitation would be: what it was, with what is offered now.
    async fn then(&self, tx: &Tx, now: &Terms, present: Role) -> Result<Terms> {
        let role = if self.offer.into_groups { present } else { self.offer.role };
        let mut groups = if role.works() { now.groups.clone() } else { Vec::new() };
        let ids = self.offer.groups.iter().map(|(group, _)| *group).collect::<Vec<_>>();
        let names = groups::joinable(tx, self.by.account(), &ids).await?;
        for (group, role) in &self.offer.groups {
            match groups.iter_mut().find(|each| each.group == *group) {
                Some(there) => there.role = *role,
                None => groups.push(TermsGroup {
                    group: *group,
                    name: names
                        .iter()
                        .find(|(id, _)| id == group)
                        .map(|(_, name)| name.clone())
                        .unwrap_or_default(),
                    role: *role,
                }),
            }
        }
        Ok(Terms { role: Some(role), groups })
    }

    /// What this manager may know of it: who manages one group learns nothing of what others have offered.
    pub(super) fn seen(&self, mut now: Terms, mut then: Terms) -> Change {
        if let Some(only) = self.by.only_group() {
            for terms in [&mut now, &mut then] {
                terms.role = None;
                terms.groups.retain(|each| each.group == only);
            }
        }
        Change { now, then }
    }

    fn stays(&self, email: &Email, id: InvitationId, why: &str, change: Option<Change>) -> Outcome {
        let shown = self.by.only_group().is_none().then_some((id, ""));
        Outcome { change, ..self.outcome(&email.shown, Became::AlreadyInvited, why, shown) }
    }

    async fn change(
        &self,
        tx: &Tx,
        email: &Email,
        row: &InvitationRow,
        now: &Terms,
        then: &Terms,
    ) -> Result<Outcome> {
        let (account, id, by) = (self.by.account(), row.id, self.by.user());
        let expired = row.expires_at <= tx.now();
        let role = then.role.unwrap_or(row.role);
        if expired && let Some(enough) = self.enough_mail(tx, email).await? {
            return Ok(enough);
        }
        if let Err(full) = self.keep_license(tx, row, role, expired).await {
            return match full.kind() {
                Kind::Conflict => Ok(self.outcome(&email.shown, Became::NoLicense, full.public(), None)),
                _ => Err(full),
            };
        }
        self.write_down(tx, row, role, now, then).await?;
        announce(tx, account, now.groups.iter().chain(&then.groups).map(|each| each.group));
        let detail = json!({ "email": email.shown, "from": now, "to": then });
        let action = if expired { Action::InvitationResent } else { Action::InvitationExtended };
        audit::record(tx, Event::new(account, by, action, id).with(detail)).await?;
        if !expired {
            let shown = self.by.only_group().is_none().then_some((id, ""));
            let detail = "The pending invitation was changed. Its link shows the change.";
            return Ok(self.outcome(&email.shown, Became::Changed, detail, shown));
        }
        self.send_again(tx, email, id).await
    }

    /// Writes down what changes.
    async fn write_down(
        &self,
        tx: &Tx,
        row: &InvitationRow,
        role: Role,
        now: &Terms,
        then: &Terms,
    ) -> Result<()> {
        let (account, id, by) = (self.by.account(), row.id, self.by.user());
        if role != row.role {
            store::set_role(tx, account, id, role, by).await?;
        }
        if !role.works() {
            store::drop_groups(tx, account, id).await?;
        }
        if let Some(name) = self.name {
            store::set_name(tx, account, id, name).await?;
        }
        for each in then.groups.iter().filter(|each| !now.groups.contains(each)) {
            store::put_group(tx, account, id, each.group, each.role, by).await?;
        }
        Ok(())
    }

    /// Restarts the seven days of one that expired, with a new link.
    async fn send_again(&self, tx: &Tx, email: &Email, id: InvitationId) -> Result<Outcome> {
        let (account, by) = (self.by.account(), self.by.user());
        if !store::renew(tx, account, id, by).await? {
            return Err(Error::stale());
        }
        store::give_again(tx, account, id, by, self.by.only_group().is_none()).await?;
        let row = store::show(tx, account, id).await?;
        let link = send(tx, self.site, &row, self.account_name, true).await?;
        Ok(self.sent(tx, email, id, &link))
    }

    /// Reserves the license that the role needs, for as long as the invitation is good.
    async fn keep_license(&self, tx: &Tx, row: &InvitationRow, role: Role, expired: bool) -> Result<()> {
        let account = self.by.account();
        let until = if expired { tx.now().plus(crate::invitations::LASTS) } else { row.expires_at };
        if Seat::from(role) == Seat::from(row.role) {
            return match expired {
                true => licenses::keep_on(tx, account, row.id, role, until).await,
                false => Ok(()),
            };
        }
        licenses::reserve(tx, account, role).await?;
        licenses::release(tx, account, row.id).await?;
        licenses::keep(tx, account, row.id, role, until).await
    }
}
