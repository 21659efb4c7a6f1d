//! How people come and go: invitations that are accepted, wait or expire, and members who leave.

use access::{AccountAdmin, AccountMember, GroupRole, Manager, Role, touch};
use kernel::{
    addresses,
    clock::{DAY, HOUR},
    error::{Error, Result},
    id::GroupId,
    random::Token,
};
use people::{
    invitations::{Offer, actions as invitations, opening::Opening},
    sessions, sign_in,
    users::UserType,
};
use workflows::{
    acceptance::actions::{Acceptance, accept},
    departure::actions as departure,
};

use super::{
    PASSWORD, clinic,
    seeder::{Practice, Seeder, Session},
};

impl Seeder {
    async fn invite(&self, practice: &Practice, email: &str, offer: Offer) -> Result<Token> {
        let site = self.app.site.clone();
        let addresses = addresses::read(email);
        let path = [("account", practice.account.to_string())];
        let invite = async move |tx: &_, by: &AccountAdmin| {
            invitations::invite(tx, &Manager::from(by), &site, &addresses, &offer).await
        };
        let outcome = self.act::<AccountAdmin, _, _>(&practice.owner, &path, invite).await?.pop();
        let link = outcome.and_then(|outcome| outcome.link).ok_or_else(|| Error::internal("no link"))?;
        Ok(Token::presented(link.rsplit('/').next().unwrap_or_default()))
    }

    /// Invites everyone of the practice and has them accept.
    pub(super) async fn invite_everyone(&self, practice: &mut Practice) -> Result<()> {
        for (i, person) in practice.seed.people.iter().enumerate() {
            self.clock.advance(7 * HOUR);
            let role = |administers| if administers { GroupRole::Administrator } else { GroupRole::Member };
            let groups = person.groups.iter().map(|(at, admin)| (practice.groups[*at], role(*admin)));
            let offer = Offer {
                role: person.role,
                user_type: person.kind,
                groups: groups.collect::<Vec<_>>(),
                into_groups: false,
                change: false,
            };
            let token = self.invite(practice, person.email, offer).await?;
            self.clock.advance(5 * HOUR);
            let session = self.accept(token, person.name).await?;
            practice.people.push((i, session));
        }
        Ok(())
    }

    async fn accept(&self, token: Token, name: &str) -> Result<Session> {
        let who = Acceptance::New { name: name.to_owned(), password: PASSWORD.to_owned(), user_type: None };
        let accepted = accept(&self.app, Opening::Link(token), who, Self::from()).await?;
        let entered = accepted.entered.ok_or_else(|| Error::internal("a new person is signed in"))?;
        let (user, length) = (entered.user.id, 400 * DAY);
        let enter = async move |tx: &_| sign_in::actions::enter(tx, user, length, &Self::from()).await;
        self.app.db.write(enter).await.map(Session::of)
    }

    /// Invites someone into a group who does not answer.
    async fn invite_silent(
        &self,
        practice: &Practice,
        email: &str,
        group: (GroupId, GroupRole),
    ) -> Result<()> {
        let offer = Offer {
            role: Role::Member,
            user_type: UserType::Other,
            groups: vec![group],
            into_groups: true,
            change: false,
        };
        self.invite(practice, email, offer).await.map(drop)
    }

    pub(super) async fn let_invitations_expire(&self, practice: &Practice) -> Result<()> {
        for email in clinic::EXPIRED {
            self.clock.advance(HOUR);
            self.invite_silent(practice, email, (practice.groups[3], GroupRole::Member)).await?;
        }
        Ok(())
    }

    pub(super) async fn leave_invitations_open(&self, practice: &Practice) -> Result<()> {
        for (email, group) in clinic::PENDING {
            self.clock.advance(11 * HOUR);
            let role = if group == 4 { GroupRole::Administrator } else { GroupRole::Member };
            self.invite_silent(practice, email, (practice.groups[group], role)).await?;
        }
        Ok(())
    }

    pub(super) async fn let_people_leave(&self, practice: &mut Practice) -> Result<()> {
        let people = practice.seed.people;
        let left = |(i, _): &(usize, Session)| clinic::LEFT.contains(&people[*i].email);
        for (_, session) in practice.people.iter().filter(|person| left(person)) {
            self.clock.advance(9 * HOUR);
            let (user, site) = (session.user, self.app.site.clone());
            let remove = async move |tx: &_, by: &_| departure::remove(tx, by, user, &site).await;
            let path = [("account", practice.account.to_string())];
            self.act::<AccountMember, _, _>(&practice.owner, &path, remove).await?;
        }
        practice.people.retain(|person| !left(person));
        Ok(())
    }

    /// The seeder's own sessions must not outlive it.
    pub(super) async fn end_sessions(&self, practice: &Practice) -> Result<()> {
        let session = practice.owner.id;
        self.app.db.write(async move |tx| touch(tx, access::Found::Session(session), "").await).await?;
        let people = practice.people.iter().map(|(_, session)| session.user);
        let people = people.chain([practice.owner.user]).collect::<Vec<_>>();
        let end = async move |tx: &_| {
            for person in &people {
                sessions::end_sessions(tx, *person, None).await?;
            }
            Ok(())
        };
        self.app.db.write(end).await
    }
}
