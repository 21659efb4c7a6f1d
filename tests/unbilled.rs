//! A server on which nothing is sold: no page, mail or answer speaks of money, and licenses are as many as one wants, or
//! as the operator sets. Switching billing on and off loses nobody.

use axum::http::{Method, StatusCode};
use billing::tick;
use covey::routes;
use kernel::clock::DAY;
use platform::config::{Billing, Config};
use serde_json::{Value, json};

use crate::support::{
    As, ENGINES, Engine, Server, World,
    specs::{self, Extras},
};

async fn unbilled(engine: Engine, licenses: Option<u32>) -> World {
    let off = |config: &mut Config| (config.billing, config.licenses) = (Billing::Off, licenses);
    let world = World::on(Server::with(engine, off).await).await;
    world.server.leave_mail();
    world
}

/// What nobody reads where nothing is sold.
const MONEY: [&str; 7] =
    ["subscription", "invoice", "license", "free trial", "the trial", "credited", "upgrade"];

#[tokio::test]
async fn no_page_and_no_letter_speaks_of_money() {
    let world = unbilled(Engine::Sqlite, None).await;
    let extras = Extras::make(&world).await;
    let (mut pages, mut told) = (0, std::collections::BTreeSet::new());
    for route in routes::served(false).into_iter().filter(|route| route.method == Method::GET) {
        let spec = specs::spec(&route, &world, &extras);
        for by in [spec.by, As::Owner] {
            let reply = world.client(by).await.get(&spec.path).await;
            let page = reply
                .headers
                .get("content-type")
                .is_some_and(|kind| kind.to_str().unwrap().starts_with("text/html"));
            // The pictures of a development build show every part there is.
            let apart = route.path.starts_with("/api/docs") || route.path == "/design";
            if !page || !reply.status.is_success() || apart {
                continue;
            }
            pages += 1;
            let text = reply.text.to_lowercase();
            told.extend(MONEY.iter().filter_map(|word| {
                let (before, after) = text.split_once(word)?;
                let before = before.chars().rev().take(60).collect::<Vec<_>>().into_iter().rev();
                let near = before.chain(word.chars()).chain(after.chars().take(40)).collect::<String>();
                Some(format!("{}: {near}", route.path))
            }));
        }
    }
    assert_eq!(told, std::collections::BTreeSet::new());
    assert!(pages > 90, "{pages}");
    let path = format!("/api/v1/accounts/{}/members/{}", world.account, world.elsewhere);
    let gone = world.client(As::Owner).await.delete(&path).await;
    assert_eq!(gone.status, StatusCode::NO_CONTENT);
    let mails = world.server.mail().await.join("\n").to_lowercase();
    for word in MONEY {
        assert!(!mails.contains(word), "an email says {word}: {mails}");
    }
}

#[tokio::test]
async fn what_is_sold_elsewhere_is_not_there_at_all() {
    let world = unbilled(Engine::Sqlite, None).await;
    let owner = world.client(As::Owner).await;
    let document = owner.get("/api/openapi.json").await.text;
    assert!(
        !document.contains("/subscription")
            && !document.contains("/invoices")
            && !document.contains("price-list")
    );
    for path in [
        "/api/v1/price-list".to_owned(),
        format!("/api/v1/accounts/{}/subscription", world.account),
        format!("/api/v1/accounts/{}/invoices", world.account),
        format!("/a/{}/subscription", world.account),
        format!("/a/{}/licenses", world.account),
        format!("/a/{}/billing", world.account),
    ] {
        assert_eq!(owner.get(&path).await.status, StatusCode::NOT_FOUND, "{path}");
    }
    let practice = owner.get(&format!("/a/{}/practice", world.account)).await;
    assert_eq!(practice.status, StatusCode::OK);
}

#[tokio::test]
async fn licenses_are_as_many_as_one_wants_or_as_the_operator_sets() {
    for engine in ENGINES {
        let world = unbilled(engine, None).await;
        let owner = world.client(As::Owner).await;
        let account = format!("/api/v1/accounts/{}", world.account);
        let many = (0..60).map(|n| format!("p{n}@x.test")).collect::<Vec<_>>().join(" ");
        let invited =
            owner.post(&format!("{account}/invitations"), &json!({ "emails": many, "role": "member" })).await;
        assert!(!invited.text.contains("no_license"), "{}", invited.text);
        let support = json!({ "emails": "s1@x.test s2@x.test", "role": "support_staff" });
        let support = owner.post(&format!("{account}/invitations"), &support).await;
        assert!(!support.text.contains("no_license"), "{}", support.text);
        let licenses = owner.get(&format!("{account}/licenses")).await.json;
        assert_eq!((&licenses["total"], &licenses["free"]), (&Value::Null, &Value::Null), "{licenses}");
        // Time changes nothing: there is no trial that ends.
        world.server.clock.advance(400 * DAY);
        tick(&world.server.app).await.unwrap();
        let case = json!({ "protocol": world.protocol, "location": world.location });
        let cases = format!("/api/v1/groups/{}/cases", world.group);
        assert_eq!(world.client(As::Member).await.post(&cases, &case).await.status, StatusCode::CREATED);
        let letters = world.server.mail().await.join("\n");
        assert!(!letters.contains("trial"), "{letters}");

        let world = unbilled(engine, Some(6)).await;
        tick(&world.server.app).await.unwrap();
        let owner = world.client(As::Owner).await;
        let account = format!("/api/v1/accounts/{}", world.account);
        let two = json!({ "emails": "one@x.test two@x.test", "role": "member" });
        let outcomes = owner.post(&format!("{account}/invitations"), &two).await.json["outcomes"].clone();
        assert_eq!(
            (&outcomes[0]["outcome"], &outcomes[1]["outcome"]),
            (&json!("invited"), &json!("no_license"))
        );
    }
}

#[tokio::test]
async fn switching_billing_off_and_on_loses_nobody() {
    for engine in ENGINES {
        let world = World::on(
            Server::with(engine, |config| (config.trial_licenses, config.trial_days) = (8, 30)).await,
        )
        .await;
        world.server.leave_mail();
        let account = world.account;
        let state = async || {
            let read = async move |tx: &storage::Tx| {
                let has = people::plans::subscription(tx, account).await?;
                Ok((has.state.word(), has.licenses, has.standing(tx.now()).word()))
            };
            world.server.db().read(read).await.unwrap()
        };
        assert_eq!(state().await, ("trial", 8, "trial"));
        world.server.clock.advance(60 * DAY);
        assert_eq!(state().await.2, "read_only", "the trial is over");
        let align = async |config: Config| {
            let trial = config.trial();
            let due = world
                .server
                .db()
                .read(async move |tx| people::plans::to_align(tx, trial).await)
                .await
                .unwrap();
            for account in &due {
                let account = *account;
                let align = async move |tx: &storage::Tx| people::plans::align(tx, account, trial).await;
                world.server.db().write(align).await.unwrap();
            }
            due.len()
        };
        let off = Config { billing: Billing::Off, ..Config::default() };
        assert!(align(off.clone()).await > 0);
        assert_eq!(align(off.clone()).await, 0, "once");
        assert_eq!(state().await, ("unbilled", kernel::prices::UNLIMITED, "good"));
        // A smaller number than there are people shuts nobody out.
        assert!(align(Config { licenses: Some(2), ..off }).await > 0);
        assert_eq!(state().await, ("unbilled", 5, "good"));
        let on = Config { billing: Billing::On, trial_licenses: 3, ..Config::default() };
        assert!(align(on.clone()).await > 0);
        assert_eq!(align(on).await, 0, "once");
        assert_eq!(state().await, ("trial", 5, "trial"));
        crate::billing::check_invariants(&world.server).await;
    }
}

#[test]
fn billing_is_on_where_prices_or_a_provider_are_set() {
    let plain = Config::default();
    assert!(!plain.sells());
    let mut priced = Config::default();
    priced.prices.currency = kernel::money::Currency::read("EUR").unwrap();
    assert!(priced.sells());
    assert!(Config { payments: platform::config::Payments::Stripe, ..Config::default() }.sells());
    assert!(Config { billing: Billing::On, ..Config::default() }.sells());
    assert!(!Config { billing: Billing::Off, ..priced }.sells());
}
