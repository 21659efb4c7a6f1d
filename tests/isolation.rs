//! A stateful model: random people do random things in two practices, beside a small reference model
//! of who belongs where. Every group's rows carry a canary; no answer may hold the canary of a group
//! that the model says its reader can't see.
//!
//! `MODEL_STEPS` sets the number of steps on each engine, `MODEL_SEED` the seed.

use std::collections::{HashMap, HashSet};

use access::{GroupRole, Role};
use axum::http::StatusCode;
use kernel::{
    addresses::Email,
    id::{AccountId, CaseId, GroupId, InvoiceId, LocationId, ProtocolId, UserId},
    random::Random,
};
use people::{
    accounts, groups, locations,
    users::{self, UserType},
};
use serde_json::json;
use storage::{One, sql};
use workflows::onboarding;

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
    /// Clients have a canary of their own: who is asked about one learns its name, and nothing else.
    clients: Vec<String>,
    client_group: Option<String>,
    group_note: Option<String>,
}

/// A user group, and who is in it.
struct UserGroup {
    account: usize,
    id: String,
    name: String,
    privileges: &'static [&'static str],
    people: HashSet<usize>,
    active: bool,
}

/// A request: seen by its sender while they are in its group, and by who is in its user group.
struct Request {
    id: String,
    group: usize,
    sender: usize,
    user_group: usize,
    canary: String,
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
    user_groups: Vec<UserGroup>,
    requests: Vec<Request>,
    random: Random,
    checked: usize,
}

impl Model {
    async fn new(engine: Engine, seed: u64) -> Self {
        let server = Server::new(engine).await;
        // People who are invited or asked are written to; mails to the wrong people are looked for elsewhere.
        server.leave_mail();
        let mut model = Self {
            server,
            accounts: vec![],
            groups: vec![],
            people: vec![],
            user_groups: vec![],
            requests: vec![],
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
                    users::insert(tx, id, &email, &format!("Person {i}"), UserType::Other, None).await?;
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
            onboarding::open_account(
                tx,
                id,
                accounts::Kind::Group,
                kernel::practice::PracticeKind::Veterinary,
                "Practice",
                owner,
                trial,
            )
            .await?;
            Ok((id, accounts::protocols(tx, id).await?[0].id))
        });
        let (id, protocol) = opened.await.unwrap();
        self.accounts.push((id, protocol));
        self.people[account].roles.insert(account, Role::Owner);
        let client = self.people[account].client.clone();
        let details = json!({ "name": money_canary(account), "email": "books@model.test" });
        client.put(&format!("/api/v1/accounts/{id}/billing"), &details).await;
        billing::buy(&client, id, &json!({ "plan": "pro", "billed": "year", "licenses": 15 })).await;
        for number in 0..3 {
            let canary = format!("CANARY{account}{number}Z");
            let name = canary.clone();
            let made = self.server.db().write(async move |tx| {
                let group = groups::create(tx, id, owner, &format!("G {name}"), &name).await?;
                Ok((group, locations::create(tx, id, group, owner, &format!("L {name}"), "").await?))
            });
            let (group, location) = made.await.unwrap();
            self.groups.push(Group {
                account,
                id: group,
                canary,
                location,
                cases: vec![],
                people: HashMap::new(),
                clients: vec![],
                client_group: None,
                group_note: None,
            });
        }
        for (name, privileges) in [("Senders", SENDS), ("Desk", RECEIVES), ("Archive", RECEIVES)] {
            let body = json!({ "name": name, "privileges": privileges });
            let made = client.post(&format!("/api/v1/accounts/{id}/user-groups"), &body).await;
            let made = made.json["id"].as_str().unwrap_or_else(|| panic!("{}", made.text)).to_owned();
            let (name, people) = (name.to_owned(), HashSet::new());
            self.user_groups.push(UserGroup { account, id: made, name, privileges, people, active: true });
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

    fn in_user_group(&self, person: usize, user_group: usize) -> bool {
        let group = &self.user_groups[user_group];
        group.active
            && group.people.contains(&person)
            && self.role(person, group.account).is_some_and(Role::works)
    }

    fn may_send(&self, person: usize, account: usize) -> bool {
        let sends = |at: &usize| self.user_groups[*at].privileges == SENDS;
        let mut of_account =
            (0..self.user_groups.len()).filter(|at| self.user_groups[*at].account == account).filter(sends);
        self.role(person, account).is_some_and(Role::manages)
            || of_account.any(|at| self.in_user_group(person, at))
    }

    fn receives(&self, person: usize, request: &Request) -> bool {
        self.in_user_group(person, request.user_group)
    }

    fn sees_request(&self, person: usize, request: &Request) -> bool {
        self.receives(person, request) || (request.sender == person && self.works(person, request.group))
    }

    /// Whether someone may learn the names of a group's clients: who sees it, or is asked about one.
    fn may_know_clients(&self, person: usize, group: usize) -> bool {
        let asked = |request: &Request| request.group == group && self.receives(person, request);
        self.sees(person, group) || self.requests.iter().any(asked)
    }

    /// No answer tells its reader of a group that they can't see.
    fn check(&mut self, person: usize, what: &str, reply: &Reply) {
        self.checked += 1;
        for (at, group) in self.groups.iter().enumerate() {
            let told = reply.text.contains(&group.canary);
            assert!(
                !told || self.sees(person, at),
                "person {person} learned of {} by {what}: {}",
                group.canary,
                reply.text
            );
        }
        for at in 0..self.groups.len() {
            let told = reply.text.contains(&client_canary(at));
            assert!(
                !told || self.may_know_clients(person, at),
                "person {person} learned of the clients of group {at} by {what}: {}",
                reply.text
            );
        }
        for request in &self.requests {
            let told = reply.text.contains(&request.canary);
            assert!(
                !told || self.sees_request(person, request),
                "person {person} learned of {} by {what}: {}",
                request.canary,
                reply.text
            );
        }
        for account in 0..self.accounts.len() {
            let told = reply.text.contains(&money_canary(account));
            let may = self.role(person, account).is_some_and(Role::manages);
            assert!(
                !told || may,
                "person {person} learned of account {account}'s money by {what}: {}",
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
        match self.random.below(20) {
            0 | 1 => self.create_case(person, group).await,
            2 => self.put_member(person, group).await,
            3 => self.remove_member(person, group).await,
            4 => self.change_role(person, group).await,
            5 if self.random.below(3) == 0 => self.buy(person, group).await,
            5 => self.join_or_leave(person, group).await,
            6 => self.write_note(person, group).await,
            7 => self.add_client(person, group).await,
            8 => self.write_in_chart(person, group).await,
            9 => self.write_group_note(person, group).await,
            10 => self.change_user_group(person, group).await,
            11 => self.send_request(person, group).await,
            12 => self.act_on_request(person).await,
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
        for user_group in self.user_groups.iter_mut().filter(|user_group| user_group.account == account) {
            user_group.people.remove(&person);
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

    /// Whether someone else has the account's one place for support staff.
    fn other_support(&self, target: usize, account: usize) -> bool {
        (0..self.people.len()).any(|at| at != target && self.role(at, account) == Some(Role::SupportStaff))
    }

    /// Someone joins an account (as if by an accepted invitation), or is removed from it.
    async fn join_or_leave(&mut self, person: usize, group: usize) {
        let account = self.groups[group].account;
        let target = self.pick(self.people.len());
        let (id, user) = (self.accounts[account].0, self.people[target].id);
        if self.role(target, account).is_none() {
            self.server
                .db()
                .write(async move |tx| onboarding::join(tx, id, user, Role::Member).await)
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

    /// Someone adds a license, or plans with one fewer.
    async fn buy(&mut self, person: usize, group: usize) {
        let account = self.groups[group].account;
        let id = self.accounts[account].0;
        let client = self.people[person].client.clone();
        let wish = json!({ "plan": "pro", "licenses": 14 + self.pick(7) });
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

    async fn add_client(&mut self, person: usize, group: usize) {
        let body = json!({ "kind": "patient", "name": format!("Client {}", client_canary(group)),
                           "remarks": format!("R {}", self.groups[group].canary) });
        let path = format!("/api/v1/groups/{}/clients", self.groups[group].id);
        let reply = self.people[person].client.clone().post(&path, &body).await;
        Self::agree(self.works(person, group), self.sees(person, group), &reply, "add client");
        self.check(person, "add client", &reply);
        if let Some(id) = reply.json["id"].as_str() {
            self.groups[group].clients.push(id.to_owned());
        }
    }

    async fn write_in_chart(&mut self, person: usize, group: usize) {
        let Some(client) = self.groups[group].clients.last().cloned() else { return };
        let text = format!("N {}", self.groups[group].canary);
        let body = json!({ "description": text, "service_date": "2026-03-01", "body": text });
        let path = format!("/api/v1/clients/{client}/notes");
        let reply = self.people[person].client.clone().post(&path, &body).await;
        Self::agree(self.works(person, group), self.sees(person, group), &reply, "write in a chart");
        self.check(person, "write in a chart", &reply);
    }

    /// Makes the group's client group, or writes a note for it and generates; sometimes with a client of
    /// another group, which is never taken.
    async fn write_group_note(&mut self, person: usize, group: usize) {
        let foreign = self.groups[(group + 1) % self.groups.len()].clients.first().cloned();
        let foreign = foreign.filter(|_| self.random.below(4) == 0);
        let clients = self.groups[group].clients.iter().rev().take(3).cloned().chain(foreign.clone());
        let clients = clients.collect::<Vec<_>>();
        let canary = self.groups[group].canary.clone();
        let client = self.people[person].client.clone();
        let Some(client_group) = self.groups[group].client_group.clone() else {
            let body = json!({ "name": format!("CG {canary}"), "clients": clients });
            let path = format!("/api/v1/groups/{}/client-groups", self.groups[group].id);
            let reply = client.post(&path, &body).await;
            if foreign.is_some() && self.works(person, group) {
                assert_eq!(reply.status, StatusCode::UNPROCESSABLE_ENTITY, "{}", reply.text);
            } else {
                Self::agree(self.works(person, group), self.sees(person, group), &reply, "client group");
            }
            self.check(person, "client group", &reply);
            self.groups[group].client_group = reply.json["id"].as_str().map(str::to_owned);
            return;
        };
        let attendance = clients.iter().map(|client| json!({ "client": client, "attendance": "present" }));
        let attendance = attendance.collect::<Vec<_>>();
        let body = json!({ "description": format!("GN {canary}"), "service_date": "2026-03-01",
                           "body": format!("B {canary}"), "attendance": attendance });
        let reply = client.post(&format!("/api/v1/client-groups/{client_group}/notes"), &body).await;
        if foreign.is_some() && self.works(person, group) {
            assert_eq!(reply.status, StatusCode::UNPROCESSABLE_ENTITY, "{}", reply.text);
        } else {
            Self::agree(self.works(person, group), self.sees(person, group), &reply, "group note");
        }
        self.check(person, "group note", &reply);
        if let Some(id) = reply.json["id"].as_str() {
            self.groups[group].group_note = Some(id.to_owned());
            let generated = client.post(&format!("/api/v1/group-notes/{id}/create-notes"), &json!({})).await;
            assert!(generated.status.is_success(), "{}", generated.text);
            self.check(person, "create-notes", &generated);
        }
    }

    /// Someone changes who is in a user group, and whether it is active; sometimes with people of another
    /// account, who are never taken.
    async fn change_user_group(&mut self, person: usize, group: usize) {
        let account = self.groups[group].account;
        let at = account * 3 + self.pick(3);
        let mut people = HashSet::new();
        for candidate in 0..self.people.len() {
            if self.random.below(3) == 0 && self.role(candidate, account).is_some_and(Role::works) {
                people.insert(candidate);
            }
        }
        let outsider = (0..self.people.len()).find(|at| !self.role(*at, account).is_some_and(Role::works));
        let outsider = outsider.filter(|_| self.random.below(5) == 0);
        let active = self.random.below(4) != 0;
        let ids = people.iter().chain(&outsider).map(|at| self.people[*at].id).collect::<Vec<_>>();
        let body = json!({ "name": self.user_groups[at].name, "active": active, "default": false, "description": "",
                           "members": ids, "privileges": self.user_groups[at].privileges });
        let path = format!("/api/v1/user-groups/{}", self.user_groups[at].id);
        let reply = self.people[person].client.clone().put(&path, &body).await;
        let may = self.role(person, account).is_some_and(Role::manages);
        if may && outsider.is_some() {
            assert_eq!(reply.status, StatusCode::UNPROCESSABLE_ENTITY, "{}", reply.text);
        } else {
            let knows = self.role(person, account).is_some_and(Role::works);
            Self::agree(may, knows, &reply, "change user group");
        }
        self.check(person, "change user group", &reply);
        if reply.status.is_success() {
            (self.user_groups[at].people, self.user_groups[at].active) = (people, active);
        }
    }

    async fn send_request(&mut self, person: usize, group: usize) {
        let account = self.groups[group].account;
        let Some(client) = self.groups[group].clients.last().cloned() else { return };
        let to = account * 3 + 1 + self.pick(2);
        let canary = format!("ASK{}Z", self.requests.len());
        let body = json!({ "to": self.user_groups[to].id, "subject": format!("About {canary}"),
                           "body": format!("B {canary}"), "clients": [client] });
        let path = format!("/api/v1/accounts/{}/requests", self.accounts[account].0);
        let reply = self.people[person].client.clone().post(&path, &body).await;
        self.check(person, "send request", &reply);
        let allowed = self.may_send(person, account);
        match self.role(person, account) {
            None => assert_eq!(reply.status, StatusCode::NOT_FOUND, "{}", reply.text),
            Some(_) if !allowed => assert_eq!(reply.status, StatusCode::FORBIDDEN, "{}", reply.text),
            Some(_) if !self.works(person, group) || !self.user_groups[to].active => {
                assert_eq!(reply.status, StatusCode::UNPROCESSABLE_ENTITY, "{}", reply.text);
            }
            Some(_) => assert_eq!(reply.status, StatusCode::CREATED, "{}", reply.text),
        }
        if let Some(id) = reply.json["id"].as_str().filter(|_| reply.status.is_success()) {
            let id = id.to_owned();
            self.requests.push(Request { id, group, sender: person, user_group: to, canary });
        }
    }

    async fn act_on_request(&mut self, person: usize) {
        if self.requests.is_empty() {
            return;
        }
        let at = self.pick(self.requests.len());
        let what = ["claim", "messages", "release", "complete", "reopen"][self.pick(5)];
        let path = format!("/api/v1/requests/{}/{what}", self.requests[at].id);
        let body = if what == "messages" { json!({ "body": "And?" }) } else { json!({}) };
        let reply = self.people[person].client.clone().post(&path, &body).await;
        self.check(person, what, &reply);
        let seen = self.sees_request(person, &self.requests[at]);
        assert_eq!(!seen, reply.status == StatusCode::NOT_FOUND, "{what}: seen {seen}, but {}", reply.text);
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
        for money in ["subscription", "licenses", "invoices", "ledger", "billing", "introduction"] {
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
        self.add_records(group, &mut paths);
        let (path, in_group) = paths.swap_remove(self.pick(paths.len()));
        let reply = self.people[person].client.clone().get(&path).await;
        if in_group {
            Self::agree(self.sees(person, group), false, &reply, &path);
        }
        self.check(person, &path, &reply);
    }
}

/// What a user group may that sends, and what one that receives.
const SENDS: &[&str] = &["requests.send"];
const RECEIVES: &[&str] = &["requests.receive"];

/// The name of a group's clients.
fn client_canary(group: usize) -> String {
    format!("CLIENT{group}Z")
}

impl Model {
    /// The paths of a group's clients, client groups and notes, and of the account's requests.
    fn add_records(&self, group: usize, paths: &mut Vec<(String, bool)>) {
        let at = &self.groups[group];
        let mut add = |path: String, in_group| paths.push((path, in_group));
        for end in ["clients", "clients?q=canary", "client-groups"] {
            add(format!("/api/v1/groups/{}/{end}", at.id), true);
            add(format!("/g/{}/{end}", at.id), true);
        }
        for end in ["clients.csv", "cases.csv", "clients/duplicates"] {
            add(format!("/g/{}/{end}", at.id), false);
        }
        if let Some(client) = at.clients.last() {
            for end in ["", "/notes", "/access", "/cases"] {
                add(format!("/api/v1/clients/{client}{end}"), true);
            }
            for end in ["", "/chart"] {
                add(format!("/g/{}/clients/{client}{end}", at.id), true);
            }
        }
        if let Some(client_group) = &at.client_group {
            for end in ["", "/notes"] {
                add(format!("/api/v1/client-groups/{client_group}{end}"), true);
                add(format!("/g/{}/client-groups/{client_group}{end}", at.id), true);
            }
        }
        if let Some(note) = &at.group_note {
            add(format!("/api/v1/group-notes/{note}"), true);
            add(format!("/g/{}/group-notes/{note}", at.id), true);
        }
        let account = self.accounts[at.account].0;
        for end in [
            "requests?mailbox=inbox",
            "requests?mailbox=sent",
            "requests?mailbox=mine",
            "requests/new",
            "user-groups",
        ] {
            add(format!("/api/v1/accounts/{account}/{end}"), false);
            add(format!("/a/{account}/{end}"), false);
        }
        for request in self.requests.iter().rev().take(3) {
            for end in ["", "/access"] {
                add(format!("/api/v1/requests/{}{end}", request.id), false);
            }
            let account = self.accounts[self.groups[request.group].account].0;
            add(format!("/a/{account}/requests/{}", request.id), false);
        }
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
                self.server.db().read(async |tx| platform::audit::verify(tx, account).await).await.unwrap();
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
