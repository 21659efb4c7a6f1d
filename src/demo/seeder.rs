//! The seeder: acts as anyone in a practice by the proofs and actions of real use; opens practices with their
//! subscription and groups.

use access::{AccountAdmin, AccountMember, Credential, GroupAdmin, GroupMaker, PathParams, Proof, Role};
use billing::{Shop, charges, checkout, quotes, quotes::PlanChange, tick};
use kernel::{
    addresses::Email,
    clock::{Clock, DAY, HOUR, MINUTE, Time},
    error::{Error, Result},
    id::{AccountId, CaseId, GroupId, LocationId, ProtocolId, SessionId, UserId},
    practice::PracticeKind,
    prices::{Billed, Plan},
    random::{Random, Token},
    turns::Flow,
};
use people::{
    accounts, factors, first_steps,
    locations::actions as locations,
    sign_in::{
        self,
        actions::{Entered, From},
    },
    users::{self, UserType},
};
use storage::{ExpectedVersion, Tx};
use web::App;
use workflows::{new_group::actions as new_group, onboarding};

use super::PASSWORD;

/// A practice to be seeded.
pub(super) struct PracticeSeed {
    pub(super) name: &'static str,
    pub(super) kind: PracticeKind,
    pub(super) address: &'static str,
    pub(super) zone: &'static str,
    pub(super) owner: &'static Person,
    pub(super) people: &'static [Person],
    pub(super) groups: &'static [GroupSeed],
}

pub(super) struct Person {
    pub(super) name: &'static str,
    pub(super) email: &'static str,
    pub(super) role: Role,
    pub(super) kind: UserType,
    /// The groups by their index in the practice's, and whether they administer them.
    pub(super) groups: &'static [(usize, bool)],
}

pub(super) const fn person(
    name: &'static str,
    email: &'static str,
    role: Role,
    kind: UserType,
    groups: &'static [(usize, bool)],
) -> Person {
    Person { name, email, role, kind, groups }
}

pub(super) struct GroupSeed {
    pub(super) name: &'static str,
    pub(super) description: &'static str,
    pub(super) locations: &'static [&'static str],
    /// What its cases are called; empty for an automatic name.
    pub(super) names: &'static [&'static str],
    /// Cases a week.
    pub(super) pace: u64,
    /// Whether the account's owner administers it.
    pub(super) owners: bool,
}

pub(super) struct Seeder {
    pub(super) app: App,
    pub(super) clock: Clock,
    pub(super) random: Random,
    pub(super) today: Time,
    /// The open cases, with their group.
    pub(super) open: Vec<(usize, CaseId)>,
}

/// Someone who acts, signed in like anyone else.
pub(super) struct Session {
    pub(super) user: UserId,
    pub(super) id: SessionId,
    pub(super) token: Token,
}

impl Session {
    pub(super) fn of(entered: Entered) -> Self {
        Self { user: entered.user.id, id: entered.session.id, token: entered.token }
    }
}

/// A practice being seeded.
pub(super) struct Practice {
    pub(super) seed: &'static PracticeSeed,
    pub(super) account: AccountId,
    pub(super) groups: Vec<GroupId>,
    pub(super) locations: Vec<Vec<LocationId>>,
    pub(super) protocols: Vec<ProtocolId>,
    pub(super) owner: Session,
    /// Those who are still there, by their index in the seed's people.
    pub(super) people: Vec<(usize, Session)>,
}

impl Practice {
    /// The session of a person who is still there.
    pub(super) fn session(&self, at: usize) -> Result<&Session> {
        let found = self.people.iter().find(|(i, _)| *i == at);
        found.map(|(_, session)| session).ok_or_else(|| Error::internal("the demo names someone who left"))
    }
}

impl Seeder {
    /// Does work in one transaction under the proof of a person's right to it, as a request would.
    pub(super) async fn act<P, T, F>(&self, who: &Session, path: &[(&str, String)], work: F) -> Result<T>
    where
        P: Proof,
        T: Send + 'static,
        F: AsyncFn(&Tx, &P) -> Result<T> + Send + Sync + 'static,
    {
        let path = PathParams::new(path.iter().map(|(name, id)| ((*name).to_owned(), id.clone())).collect());
        let credential = Credential::new(Some(who.token.digest()), i64::MAX / 2);
        self.app.db.write(async move |tx| work(tx, &P::prove(tx, &credential, &path).await?).await).await
    }

    pub(super) fn from() -> From {
        From { address: "192.0.2.10".to_owned(), device: "Demo".to_owned(), token: None }
    }

    pub(super) async fn open(&self, seed: &'static PracticeSeed) -> Result<Practice> {
        let (account, owner) = self.open_account(seed).await?;
        let path = [("account", account.to_string())];
        let settings = accounts::actions::Settings {
            practice: Some(seed.address.to_owned()),
            time_zone: Some(seed.zone.to_owned()),
            ..Default::default()
        };
        let change = async move |tx: &_, by: &_| {
            // The practice has run for months: its first steps are behind it.
            first_steps::dismiss(tx, by, true).await?;
            accounts::actions::change(tx, by, &settings, ExpectedVersion::ANY).await
        };
        self.act::<AccountAdmin, _, _>(&owner, &path, change).await?;
        if seed.kind == PracticeKind::BehavioralHealth {
            // Its managers are asked to set one up, and not yet held to it.
            let (who, since) = (Some(factors::Who::Managers), Some(self.today.plus(30 * DAY)));
            let require = async move |tx: &_, by: &_| factors::actions::require(tx, by, who, since).await;
            self.act::<AccountAdmin, _, _>(&owner, &path, require).await?;
        }
        let list = async move |tx: &_, by: &AccountMember| accounts::protocols(tx, by.account()).await;
        let protocols = self.act::<AccountMember, _, _>(&owner, &path, list).await?;
        let protocols = protocols.into_iter().map(|protocol| protocol.id).collect();
        let (groups, locations, people) = (Vec::new(), Vec::new(), Vec::new());
        Ok(Practice { seed, account, groups, locations, protocols, owner, people })
    }

    async fn open_account(&self, seed: &'static PracticeSeed) -> Result<(AccountId, Session)> {
        let hash = self.app.passwords.hash(&Flow::default(), PASSWORD).await?;
        let (trial, owner) = (self.app.config.trial(), seed.owner);
        let opened = self.app.db.write(async move |tx| {
            let (user, account) = (tx.id(), tx.id());
            let email = Email::read(owner.email).map_err(|why| Error::field("email", why))?;
            users::insert(tx, user, &email, owner.name, owner.kind, Some(&hash)).await?;
            onboarding::open_account(tx, account, accounts::Kind::Group, seed.kind, seed.name, user, trial)
                .await?;
            let entered = sign_in::actions::enter(tx, user, 400 * DAY, &Self::from()).await?;
            Ok((account, Session::of(entered)))
        });
        opened.await
    }

    /// Has the practice pay for so many licenses from now on.
    pub(super) async fn subscribe(&self, practice: &Practice, licenses: i64) -> Result<()> {
        self.clock.advance(3 * HOUR);
        let path = [("account", practice.account.to_string())];
        let (shop, site) = (Shop::of(&self.app.config), self.app.site.clone());
        let wanted =
            PlanChange { plan: Some(Plan::Pro), billed: Some(Billed::Month), licenses: Some(licenses) };
        let buy = async move |tx: &_, by: &_| {
            let quote = quotes::make(tx, by, &shop, wanted).await?;
            checkout::begin_purchase(tx, by, &shop, &site, quote.id, true).await.map(drop)
        };
        self.act::<AccountAdmin, _, _>(&practice.owner, &path, buy).await
    }

    /// Renews what is due for renewal, and records payments for all invoices but the newest.
    pub(super) async fn keep_books(&self, account: AccountId) -> Result<()> {
        tick(&self.app).await?;
        let (shop, site) = (Shop::of(&self.app.config), self.app.site.clone());
        let pay = async move |tx: &_| charges::record_all(tx, &shop, &site, account, "Bank transfer").await;
        self.app.db.write(pay).await
    }

    pub(super) async fn create_groups(&self, practice: &mut Practice) -> Result<()> {
        for seed in practice.seed.groups {
            self.clock.advance(2 * HOUR);
            let site = self.app.site.clone();
            let owner = if seed.owners { practice.seed.owner.email } else { "" };
            let new = new_group::NewGroup {
                name: seed.name.to_owned(),
                administrator_email: owner.to_owned(),
                description: seed.description.to_owned(),
            };
            let path = [("account", practice.account.to_string())];
            let create = async move |tx: &_, by: &_| new_group::create(tx, by, &site, &new).await;
            let (group, _) = self.act::<GroupMaker, _, _>(&practice.owner, &path, create).await?;
            let locations = self.add_locations(practice, seed, group).await?;
            practice.locations.push(locations);
            practice.groups.push(group);
        }
        Ok(())
    }

    async fn add_locations(
        &self,
        practice: &Practice,
        seed: &GroupSeed,
        group: GroupId,
    ) -> Result<Vec<LocationId>> {
        let mut added = Vec::new();
        for location in seed.locations {
            self.clock.advance(MINUTE);
            let name = (*location).to_owned();
            let add = async move |tx: &_, by: &_| locations::add(tx, by, &name, "").await;
            let path = [("group", group.to_string())];
            added.push(self.act::<GroupAdmin, _, _>(&practice.owner, &path, add).await?.id);
        }
        Ok(added)
    }
}
