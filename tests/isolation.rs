//! A stateful model: random people do random things in two practices, beside a small reference model
//! of who belongs where. Every group's rows carry a canary; no answer may hold the canary of a group
//! that the model says its reader can't see.
//!
//! `MODEL_STEPS` sets the number of steps on each engine, `MODEL_SEED` the seed.

use std::collections::{HashMap, HashSet};

use axum::http::StatusCode;
use covey::{
    access::{GroupRole, Role},
    accounts,
    db::One,
    groups,
    id::{AccountId, CaseId, GroupId, InvoiceId, LocationId, ProtocolId, UserId},
    locations, members,
    random::Random,
    sign_in::{self, UserType},
    sql,
    text::Email,
};
use serde_json::json;

use crate::{
    billing,
    support::{Client, Engine, Reply, Server},
};

struct Group {
    account: usize,
    id: GroupId,
    canary: String,
    location: LocationId,
    cases: Vec<CaseId>,
    /// Whose members are administrators of it.
    people: HashMap<usize, bool>,
}

struct Person {
    id: UserId,
    client: Client,
    /// The role in each account.
    roles: HashMap<usize, Role>,
}

struct Model {
    server: Server,
    accounts: Vec<(AccountId, ProtocolId)>,
    groups: Vec<Group>,
    people: Vec<Person>,
    random: Random,
    checked: usize,
}

impl Model {
    async fn new(engine: Engine, seed: u64) -> Self {
        let server = Server::new(engine).await;
        let mut model = Self {
            server,
            accounts: vec![],
            groups: vec![],
            people: vec![],
            random: Random::seeded(seed),
            checked: 0,
        };
        for i in 0..12 {
            let id = model
                .server
                .db()
                .write(async move |tx| {
                    let id = tx.id();
                    let email = Email::read(&format!("p{i}@model.test")).unwrap();
                    sign_in::insert_user(tx, id, &email, &format!("Person {i}"), UserType::Other, None)
                        .await?;
                    Ok(id)
                })
                .await
                .unwrap();
            let client = model.server.client(id).await;
            model.people.push(Person { id, client, roles: HashMap::new() });
        }
        for account in 0..2 {
            model.found_account(account).await;
        }
        model
    }

    async fn found_account(&mut self, account: usize) {
        let (owner, trial) = (self.people[account].id, self.server.app.config.trial());
        let opened = self.server.db().write(async move |tx| {
            let id = tx.id();
            accounts::open(tx, id, accounts::Kind::Group, "Practice", owner, trial).await?;
            Ok((id, accounts::protocols(tx, id).await?[0].id))
        });
        let (id, protocol) = opened.await.unwrap();
        self.accounts.push((id, protocol));
        self.people[account].roles.insert(account, Role::Owner);
        let client = self.people[account].client.clone();
        let details = json!({ "name": money_canary(account), "email": "books@model.test" });
        client.put(&format!("/api/v1/accounts/{id}/billing"), &details).await;
        billing::buy(&client, id, &json!({ "plan": "pro", "billed": "year", "licences": 15 })).await;
        for number in 0..3 {
            let canary = format!("CANARY{account}{number}Z");
            let name = canary.clone();
            let made = self.server.db().write(async move |tx| {
                let group = groups::found(tx, id, owner, &format!("G {name}"), &name).await?;
                Ok((group, locations::found(tx, id, group, owner, &format!("L {name}"), "").await?))
            });
            let (group, location) = made.await.unwrap();
            self.groups.push(Group {
                account,
                id: group,
                canary,
                location,
                cases: vec![],
                people: HashMap::new(),
            });
        }
    }

    fn pick(&self, many: usize) -> usize {
        usize::try_from(self.random.below(many as u64)).unwrap()
    }

    fn role(&self, person: usize, account: usize) -> Option<Role> {
        self.people[person].roles.get(&account).copied()
    }

    fn sees(&self, person: usize, group: usize) -> bool {
        let group = &self.groups[group];
        match self.role(person, group.account) {
            Some(Role::Owner | Role::Administrator) => true,
            Some(Role::Member) => group.people.contains_key(&person),
            _ => false,
        }
    }

    fn works(&self, person: usize, group: usize) -> bool {
        let group = &self.groups[group];
        self.role(person, group.account).is_some_and(Role::works) && group.people.contains_key(&person)
    }

    fn manages(&self, person: usize, group: usize) -> bool {
        let at = &self.groups[group];
        self.role(person, at.account).is_some_and(Role::manages)
            || (self.works(person, group) && at.people.get(&person) == Some(&true))
    }

    /// No answer tells its reader of a group that they can't see.
    fn check(&mut self, person: usize, what: &str, reply: &Reply) {
        self.checked += 1;
        for (at, group) in self.groups.iter().enumerate() {
            let told = reply.text.contains(&group.canary);
            assert!(
                !told || self.sees(person, at),
                "person {person} learnt of {} by {what}: {}",
                group.canary,
                reply.text
            );
        }
        for account in 0..self.accounts.len() {
            let told = reply.text.contains(&money_canary(account));
            let may = self.role(person, account).is_some_and(Role::manages);
            assert!(
                !told || may,
                "person {person} learnt of account {account}'s money by {what}: {}",
                reply.text
            );
        }
        assert!(!reply.status.is_server_error(), "{what}: {}", reply.text);
    }

    /// That the status is the model's.
    fn agree(allowed: bool, seen: bool, reply: &Reply, what: &str) {
        let fine = match (allowed, seen) {
            (true, _) => reply.status.is_success(),
            (false, true) => reply.status == StatusCode::FORBIDDEN,
            (false, false) => reply.status == StatusCode::NOT_FOUND,
        };
        assert!(fine, "{what}: allowed {allowed}, seen {seen}, but {} {}", reply.status, reply.text);
    }

    async fn step(&mut self) {
        let (person, group) = (self.pick(self.people.len()), self.pick(self.groups.len()));
        match self.random.below(12) {
            0 | 1 => self.create_case(person, group).await,
            2 => self.put_member(person, group).await,
            3 => self.remove_member(person, group).await,
            4 => self.change_role(person, group).await,
            5 if self.random.below(3) == 0 => self.buy(person, group).await,
            5 => self.join_or_leave(person, group).await,
            6 => self.write_note(person, group).await,
            _ => self.read(person, group).await,
        }
    }

    async fn create_case(&mut self, person: usize, group: usize) {
        let at = &self.groups[group];
        // Sometimes with a location of another group, which is never taken.
        let foreign = self.random.below(4) == 0;
        let other = (group + 1) % self.groups.len();
        let location = if foreign { self.groups[other].location } else { at.location };
        let body = json!({ "protocol": self.accounts[at.account].1, "location": location,
                           "name": format!("C {}", at.canary) });
        let client = self.people[person].client.clone();
        let reply = client.post(&format!("/api/v1/groups/{}/cases", at.id), &body).await;
        if foreign && self.works(person, group) {
            assert_eq!(reply.status, StatusCode::UNPROCESSABLE_ENTITY, "{}", reply.text);
        } else {
            Self::agree(self.works(person, group), self.sees(person, group), &reply, "create case");
        }
        self.check(person, "create case", &reply);
        if reply.status.is_success() {
            let id = reply.json["id"].as_str().unwrap().parse().unwrap();
            self.groups[group].cases.push(id);
        }
    }

    async fn put_member(&mut self, person: usize, group: usize) {
        let target = self.pick(self.people.len());
        let admin = self.random.below(2) == 0;
        let role = if admin { GroupRole::Administrator } else { GroupRole::Member };
        let path = format!("/api/v1/groups/{}/members/{}", self.groups[group].id, self.people[target].id);
        let reply = self.people[person].client.clone().put(&path, &json!({ "role": role })).await;
        let account = self.groups[group].account;
        if self.manages(person, group) && !self.role(target, account).is_some_and(Role::works) {
            assert_eq!(reply.status, StatusCode::UNPROCESSABLE_ENTITY, "{}", reply.text);
        } else {
            Self::agree(self.manages(person, group), self.sees(person, group), &reply, "put member");
        }
        self.check(person, "put member", &reply);
        if reply.status.is_success() {
            self.groups[group].people.insert(target, admin);
        }
    }

    async fn remove_member(&mut self, person: usize, group: usize) {
        let target = self.pick(self.people.len());
        let path = format!("/api/v1/groups/{}/members/{}", self.groups[group].id, self.people[target].id);
        let reply = self.people[person].client.clone().delete(&path).await;
        let there = self.groups[group].people.contains_key(&target);
        if self.manages(person, group) && !there {
            assert_eq!(reply.status, StatusCode::NOT_FOUND);
        } else {
            Self::agree(self.manages(person, group), self.sees(person, group), &reply, "remove member");
        }
        self.check(person, "remove member", &reply);
        if reply.status.is_success() {
            self.groups[group].people.remove(&target);
        }
    }

    fn leave_all(&mut self, person: usize, account: usize) {
        for group in self.groups.iter_mut().filter(|group| group.account == account) {
            group.people.remove(&person);
        }
    }

    async fn change_role(&mut self, person: usize, group: usize) {
        let account = self.groups[group].account;
        let target = self.pick(self.people.len());
        let role = [Role::Administrator, Role::Member, Role::SupportStaff][self.pick(3)];
        let path =
            format!("/api/v1/accounts/{}/members/{}", self.accounts[account].0, self.people[target].id);
        let reply = self.people[person].client.clone().patch(&path, &json!({ "role": role })).await;
        self.check(person, "change role", &reply);
        let may = self.role(person, account).is_some_and(Role::manages);
        match self.role(target, account) {
            Some(Role::Owner) if may => assert_eq!(reply.status, StatusCode::CONFLICT),
            Some(_) if may && role == Role::SupportStaff && self.other_support(target, account) => {
                assert_eq!(reply.status, StatusCode::CONFLICT, "{}", reply.text);
            }
            None if may => assert_eq!(reply.status, StatusCode::NOT_FOUND),
            _ => Self::agree(may, self.role(person, account).is_some(), &reply, "change role"),
        }
        if reply.status.is_success() {
            self.people[target].roles.insert(account, role);
            if !role.works() {
                self.leave_all(target, account);
            }
        }
    }

    /// Whether somebody else has the account's one place for support staff.
    fn other_support(&self, target: usize, account: usize) -> bool {
        (0..self.people.len()).any(|at| at != target && self.role(at, account) == Some(Role::SupportStaff))
    }

    /// Somebody joins an account (as if by an accepted invitation), or is removed from it.
    async fn join_or_leave(&mut self, person: usize, group: usize) {
        let account = self.groups[group].account;
        let target = self.pick(self.people.len());
        let (id, user) = (self.accounts[account].0, self.people[target].id);
        if self.role(target, account).is_none() {
            self.server
                .db()
                .write(async move |tx| members::join(tx, id, user, Role::Member).await)
                .await
                .unwrap();
            self.people[target].roles.insert(account, Role::Member);
            return;
        }
        let reply =
            self.people[person].client.clone().delete(&format!("/api/v1/accounts/{id}/members/{user}")).await;
        self.check(person, "remove from account", &reply);
        if reply.status.is_success() {
            let itself = person == target;
            assert!(itself || self.role(person, account).is_some_and(Role::manages));
            assert_ne!(self.role(target, account), Some(Role::Owner));
            self.people[target].roles.remove(&account);
            self.leave_all(target, account);
        }
    }

    /// Somebody adds a licence, or plans with one fewer.
    async fn buy(&mut self, person: usize, group: usize) {
        let account = self.groups[group].account;
        let id = self.accounts[account].0;
        let client = self.people[person].client.clone();
        let wish = json!({ "plan": "pro", "licences": 14 + self.pick(7) });
        let quoted = billing::quote(&client, id, &wish).await;
        self.check(person, "quote", &quoted);
        let may = self.role(person, account).is_some_and(Role::manages);
        assert!(may || !quoted.status.is_success(), "quote: {}", quoted.text);
        let bought = billing::purchase(&client, id, &quoted.json["id"]).await;
        self.check(person, "purchase", &bought);
        assert_eq!(quoted.status.is_success(), bought.status.is_success(), "{} {}", quoted.text, bought.text);
    }

    async fn write_note(&mut self, person: usize, group: usize) {
        let at = &self.groups[group];
        if at.cases.is_empty() {
            return;
        }
        let case = at.cases[self.pick(at.cases.len())];
        let body = json!({ "body": format!("N {}", at.canary) });
        let reply =
            self.people[person].client.clone().post(&format!("/api/v1/cases/{case}/notes"), &body).await;
        Self::agree(self.works(person, group), self.sees(person, group), &reply, "write note");
        self.check(person, "write note", &reply);
    }

    async fn read(&mut self, person: usize, group: usize) {
        let at = &self.groups[group];
        let case = at.cases.last().copied();
        let mut paths = vec![
            (format!("/api/v1/groups/{}", at.id), true),
            (format!("/api/v1/groups/{}/cases?q=canary", at.id), true),
            (format!("/api/v1/groups/{}/cases?limit=3", at.id), true),
            (format!("/api/v1/groups/{}/members", at.id), true),
            (format!("/api/v1/groups/{}/locations", at.id), true),
            ("/api/v1/cases".to_owned(), false),
            ("/api/v1/cases?q=canary&status=open".to_owned(), false),
            ("/api/v1/me".to_owned(), false),
            (format!("/api/v1/cases?account={}", self.accounts[at.account].0), false),
            (format!("/api/v1/accounts/{}/groups", self.accounts[at.account].0), false),
            (format!("/api/v1/accounts/{}/members", self.accounts[at.account].0), false),
            (format!("/api/v1/accounts/{}/audit", self.accounts[at.account].0), false),
        ];
        for money in ["subscription", "licences", "invoices", "ledger", "billing", "introduction"] {
            paths.push((format!("/api/v1/accounts/{}/{money}", self.accounts[at.account].0), false));
        }
        if let Some(invoice) = self.invoice(at.account).await {
            paths.push((format!("/api/v1/invoices/{invoice}"), false));
            paths.push((format!("/api/v1/invoices/{invoice}.pdf"), false));
        }
        paths.extend(
            ["", "/users", "/locations", "/cases", "/cases?q=canary"]
                .map(|end| (format!("/g/{}{end}", at.id), true)),
        );
        paths.extend(
            ["/all/cases", "/all/cases?q=canary", "/switch", "/profile", "/"]
                .map(|page| (page.to_owned(), false)),
        );
        for page in ["groups", "users", "cases", "activity", "activity.csv", "invite", "mail"] {
            paths.push((format!("/a/{}/{page}", self.accounts[at.account].0), false));
        }
        if let Some(case) = case {
            paths.push((format!("/g/{}/cases/{case}", at.id), true));
            paths.extend(
                ["", "/notes", "/files", "/access"].map(|end| (format!("/api/v1/cases/{case}{end}"), true)),
            );
        }
        let (path, in_group) = paths.swap_remove(self.pick(paths.len()));
        let reply = self.people[person].client.clone().get(&path).await;
        if in_group {
            Self::agree(self.sees(person, group), false, &reply, &path);
        }
        self.check(person, &path, &reply);
    }
}

/// What stands on an account's invoices, for those who manage it alone.
fn money_canary(account: usize) -> String {
    format!("MONEY{account}Z")
}

fn setting(name: &str, otherwise: u64) -> u64 {
    std::env::var(name).ok().and_then(|text| text.parse().ok()).unwrap_or(otherwise)
}

async fn play(engine: Engine, steps: u64) {
    let seed = setting("MODEL_SEED", 1);
    let mut model = Model::new(engine, seed).await;
    for step in 0..setting("MODEL_STEPS", steps) {
        model.step().await;
        if step % 500 == 0 {
            model.audit().await;
        }
    }
    model.audit().await;
    let canaries = model.groups.iter().map(|group| &group.canary).collect::<HashSet<_>>();
    println!(
        "{engine:?}: seed {seed}, {} answers read, 0 of {} canaries foreign",
        model.checked,
        canaries.len()
    );
}

impl Model {
    /// Every chain is whole, whatever was done.
    async fn audit(&self) {
        for (account, _) in &self.accounts {
            let account = *account;
            let checked =
                self.server.db().read(async |tx| covey::audit::verify(tx, account).await).await.unwrap();
            assert_eq!(checked.fault, None);
        }
        billing::check_invariants(&self.server).await;
    }

    /// An invoice of an account.
    async fn invoice(&self, account: usize) -> Option<InvoiceId> {
        let account = self.accounts[account].0;
        let found = self.server.db().read(async |tx| {
            let any = sql!("SELECT id FROM invoices WHERE account_id = $1 LIMIT 1");
            Ok(tx.maybe::<One<InvoiceId>>(any, &[&account]).await?.map(|one| one.0))
        });
        found.await.unwrap()
    }
}

#[tokio::test]
async fn nobody_ever_reads_a_foreign_canary_on_sqlite() {
    play(Engine::Sqlite, 6000).await;
}

#[tokio::test]
async fn nobody_ever_reads_a_foreign_canary_on_postgresql() {
    play(Engine::Postgres, 1500).await;
}
