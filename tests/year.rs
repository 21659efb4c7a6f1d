//! A random year of many practices: they buy, reduce, change plans, cancel, come back, invite, remove, pay
//! and are paid back; people with subscriptions of their own join them. After every step what must hold
//! does, and in the end everyone has paid for the time that they used, to the cent.
//!
//! `YEAR_SEED` sets the seed, `YEAR_STEPS` the number of steps on each engine.

use std::collections::BTreeMap;

use billing::tick;
use kernel::{
    addresses::Email,
    clock::{SECOND, Time},
    id::{AccountId, UserId},
    random::Random,
};
use people::{
    accounts::Kind,
    plans::{State, Subscription, subscription},
    users::{self, UserType},
};
use serde_json::{Value, json};
use storage::sql;
use workflows::onboarding;

use crate::{
    billing::{check_invariants, purchase, quote},
    support::{Client, Engine, Reply, Server, link_token},
};

struct Practice {
    account: AccountId,
    owner: UserId,
    /// What the time used in each period costs, in minor units times seconds, and the period's length.
    used: BTreeMap<Time, (i128, i64)>,
    /// Until when it is reckoned.
    until: Time,
}

struct Year {
    server: Server,
    random: Random,
    practices: Vec<Practice>,
    people: u64,
    done: BTreeMap<&'static str, u64>,
}

fn seconds(time: Time) -> i64 {
    time.micros().div_euclid(SECOND)
}

/// Half away from zero; the sums here are never below it.
fn rounded(exact: i128, whole: i64) -> i64 {
    let whole = i128::from(whole);
    i64::try_from((2 * exact + whole) / (2 * whole)).unwrap()
}

impl Year {
    async fn new(engine: Engine, seed: u64) -> Self {
        let server = Server::with(engine, |config| {
            (config.trial_licenses, config.trial_days) = (6, 20);
        })
        .await;
        // A year of invoices: money is counted here, not mail.
        server.leave_mail();
        let mut year = Self {
            server,
            random: Random::seeded(seed),
            practices: vec![],
            people: 0,
            done: BTreeMap::new(),
        };
        for _ in 0..5 {
            year.found(Kind::Group).await;
        }
        for _ in 0..3 {
            year.found(Kind::Individual).await;
        }
        year
    }

    fn below(&self, many: u64) -> u64 {
        self.random.below(many)
    }

    async fn person(&mut self) -> UserId {
        self.people += 1;
        let email = Email::read(&format!("p{}@year.test", self.people)).unwrap();
        let made = self.server.db().write(async move |tx| {
            let id = tx.id();
            users::insert(tx, id, &email, "Someone", UserType::Other, None).await?;
            Ok(id)
        });
        made.await.unwrap()
    }

    async fn found(&mut self, kind: Kind) {
        let (owner, trial) = (self.person().await, self.server.app.config.trial());
        let made = self.server.db().write(async move |tx| {
            let id = tx.id();
            onboarding::open_account(
                tx,
                id,
                kind,
                kernel::practice::PracticeKind::Veterinary,
                "Practice",
                owner,
                trial,
            )
            .await?;
            Ok((id, tx.now()))
        });
        let (account, until) = made.await.unwrap();
        self.practices.push(Practice { account, owner, used: BTreeMap::new(), until });
    }

    async fn client(&self, at: usize) -> Client {
        self.server.client(self.practices[at].owner).await
    }

    async fn read(&self, at: usize) -> Subscription {
        let account = self.practices[at].account;
        self.server.db().read(async |tx| subscription(tx, account).await).await.unwrap()
    }

    /// Reckons what every practice used until `to`, at the price that it has.
    fn reckon(practice: &mut Practice, has: &Subscription, to: Time) {
        if has.state == State::Active {
            let (from, to) = (practice.until.max(has.period_start), to.min(has.period_end));
            let used = practice.used.entry(has.period_start).or_insert((0, has.seconds()));
            used.0 += i128::from(has.price) * i128::from((seconds(to) - seconds(from)).max(0));
        }
        practice.until = to;
    }

    /// Lets time pass, but never over the end of two periods at once: no server would have run.
    async fn pass(&mut self, seconds: i64) {
        let to = self.server.clock.now().plus(seconds * SECOND);
        for at in 0..self.practices.len() {
            let has = self.read(at).await;
            Self::reckon(&mut self.practices[at], &has, to.min(has.period_end));
        }
        self.server.clock.advance(seconds * SECOND);
        tick(&self.server.app).await.unwrap();
        for at in 0..self.practices.len() {
            let has = self.read(at).await;
            Self::reckon(&mut self.practices[at], &has, to);
        }
    }

    fn note(&mut self, what: &'static str, reply: &Reply) {
        assert!(!reply.status.is_server_error(), "{what}: {}", reply.text);
        let outcome = if reply.status.is_success() { what } else { "refused" };
        *self.done.entry(outcome).or_default() += 1;
    }

    async fn buy(&mut self, at: usize) {
        let client = self.client(at).await;
        let mut wish = json!({ "licenses": 1 + self.below(12) });
        if self.below(3) == 0 {
            wish["plan"] = json!(["standard", "pro"][usize::try_from(self.below(2)).unwrap()]);
        }
        if self.below(3) == 0 {
            wish["billed"] = json!(["month", "year"][usize::try_from(self.below(2)).unwrap()]);
        }
        let account = self.practices[at].account;
        let quoted = quote(&client, account, &wish).await;
        self.note("quote", &quoted);
        if quoted.status.is_success() && self.below(5) > 0 {
            let bought = purchase(&client, account, &quoted.json["id"]).await;
            self.note("purchase", &bought);
            assert!(bought.status.is_success(), "{wish}: {}", bought.text);
            let lines = quoted.json["lines"].as_array().unwrap().iter();
            let sum: i64 = lines.map(|line| line["amount"].as_i64().unwrap()).sum();
            let total = &quoted.json["total"]["amount"];
            assert!(quoted.json["effect"] == "renewal" || *total == json!(sum), "{}", quoted.text);
        }
    }

    async fn cancel(&mut self, at: usize) {
        let when = if self.below(3) == 0 { "now" } else { "renewal" };
        let path = format!("/api/v1/accounts/{}/subscription/cancellation", self.practices[at].account);
        let client = self.client(at).await;
        let reply = match self.below(3) {
            0 => client.delete(&path).await,
            _ => client.post(&path, &json!({ "when": when })).await,
        };
        self.note("cancellation", &reply);
    }

    async fn invite(&mut self, at: usize) {
        let role = ["member", "administrator", "support_staff"][usize::try_from(self.below(3)).unwrap()];
        self.people += 1;
        let path = format!("/api/v1/accounts/{}/invitations", self.practices[at].account);
        let body = json!({ "emails": format!("i{}@year.test", self.people), "role": role });
        let reply = self.client(at).await.post(&path, &body).await;
        self.note("invitation", &reply);
        let link = reply.json["outcomes"][0]["link"].as_str().map(|link| link_token(link, "invitations"));
        if let Some(token) = link.filter(|_| self.below(2) == 0) {
            let body = json!({ "name": "New", "password": crate::support::PASSWORD });
            let path = format!("/api/v1/invitation-links/{token}/accept");
            let accepted = self.server.anonymous().post(&path, &body).await;
            self.note("acceptance", &accepted);
        }
    }

    async fn remove(&mut self, at: usize) {
        let account = self.practices[at].account;
        let client = self.client(at).await;
        let members = client.get(&format!("/api/v1/accounts/{account}/members")).await.json;
        let items = members["items"].as_array().unwrap();
        let member = items[usize::try_from(self.below(items.len() as u64)).unwrap()]["user"]["id"].clone();
        let path = format!("/api/v1/accounts/{account}/members/{}", member.as_str().unwrap());
        let reply = match self.below(2) {
            0 => client.patch(&path, &json!({ "role": "member" })).await,
            _ => client.delete(&path).await,
        };
        self.note("removal", &reply);
    }

    async fn pay(&mut self, at: usize) {
        let client = self.client(at).await;
        let path = format!("/api/v1/accounts/{}/invoices", self.practices[at].account);
        let invoices = client.get(&path).await.json;
        for invoice in invoices["items"].as_array().unwrap() {
            let pay = format!("/api/v1/invoices/{}/payments", invoice["id"].as_str().unwrap());
            let amount =
                if self.below(3) == 0 { json!({ "amount": 1 + self.below(5_000) }) } else { json!({}) };
            let reply = client.post(&pay, &amount).await;
            self.note("payment", &reply);
            crate::billing::confirm_reported(&self.server).await;
        }
    }

    /// Someone with an account of their own joins a practice with it.
    async fn join(&mut self, at: usize) {
        let mut alone = Vec::new();
        for own in (0..self.practices.len()).filter(|own| *own != at) {
            let has = self.read(own).await;
            alone.extend((has.licenses == 1 && has.state == State::Active).then_some(own));
        }
        let Some(own) = alone.pop() else {
            self.found(Kind::Individual).await;
            let (new, wish) = (self.practices.len() - 1, json!({ "plan": "standard", "licenses": 1 }));
            let (client, account) = (self.client(new).await, self.practices[new].account);
            let quoted = quote(&client, account, &wish).await;
            let bought = purchase(&client, account, &quoted.json["id"]).await;
            return self.note("subscription of their own", &bought);
        };
        let me = self.client(own).await;
        let email = me.get("/api/v1/me").await.json["user"]["email"].clone();
        let path = format!("/api/v1/accounts/{}/invitations", self.practices[at].account);
        let invited = self.client(at).await.post(&path, &json!({ "emails": email, "role": "member" })).await;
        let Some(link) = invited.json["outcomes"][0]["link"].as_str() else { return };
        let path = format!("/api/v1/invitation-links/{}/accept", link_token(link, "invitations"));
        let accepted = me.post(&path, &Value::Null).await;
        self.note("merge", &accepted);
    }

    async fn step(&mut self) {
        let at = usize::try_from(self.below(self.practices.len() as u64)).unwrap();
        match self.below(12) {
            0..3 => self.buy(at).await,
            3 => self.cancel(at).await,
            4 | 5 => self.invite(at).await,
            6 => self.remove(at).await,
            7 => self.pay(at).await,
            8 => self.join(at).await,
            _ => {
                let seconds = 1 + self.below(4 * 86_400);
                self.pass(i64::try_from(seconds).unwrap()).await;
            }
        }
        check_invariants(&self.server).await;
    }

    /// Ends every subscription, so that nothing is paid for that is not used, and compares.
    async fn settle(&mut self) {
        self.pass(1).await;
        for at in 0..self.practices.len() {
            let path = format!("/api/v1/accounts/{}/subscription/cancellation", self.practices[at].account);
            let reply = self.client(at).await.post(&path, &json!({ "when": "now" })).await;
            self.note("end", &reply);
        }
        check_invariants(&self.server).await;
        for practice in &self.practices {
            let account = practice.account;
            let charged = self.server.db().read(async |tx| {
                let sum = sql!(
                    "SELECT CAST(COALESCE(sum(total), 0) AS BIGINT) FROM invoices WHERE account_id = $1"
                );
                tx.value::<i64>(sum, &[&account]).await
            });
            let used: i64 = practice.used.values().map(|(exact, whole)| rounded(*exact, *whole)).sum();
            assert_eq!(charged.await.unwrap(), used, "{account} paid for what it used");
        }
    }
}

fn setting(name: &str, otherwise: u64) -> u64 {
    std::env::var(name).ok().and_then(|text| text.parse().ok()).unwrap_or(otherwise)
}

async fn play(engine: Engine, steps: u64) {
    let mut year = Year::new(engine, setting("YEAR_SEED", 1)).await;
    for _ in 0..setting("YEAR_STEPS", steps) {
        year.step().await;
    }
    year.settle().await;
    println!("{engine:?}: {:?}", year.done);
    for what in ["purchase", "cancellation", "acceptance", "removal", "payment", "merge"] {
        assert!(year.done.contains_key(what), "the year had no {what}: {:?}", year.done);
    }
}

#[tokio::test]
async fn a_random_year_is_paid_to_the_cent_on_sqlite() {
    play(Engine::Sqlite, 1200).await;
}

#[tokio::test]
async fn a_random_year_is_paid_to_the_cent_on_postgresql() {
    play(Engine::Postgres, 400).await;
}
