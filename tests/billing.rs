//! Who pays: quotes and purchases, licenses, renewals, invoices, and joining with a subscription of
//! a person's own. On both engines.

use axum::http::StatusCode;
use billing::tick;
use kernel::{
    clock::{DAY, MINUTE, SECOND},
    id::{AccountId, UserId},
};
use platform::config::Config;
use serde_json::{Value, json};
use storage::sql;
use workflows::onboarding;

use crate::support::{As, Client, ENGINES, Engine, PASSWORD, Reply, Server, World, link_token};

/// A server with small trials, as by default.
async fn world(engine: Engine) -> World {
    with(engine, |_| {}).await
}

async fn with(engine: Engine, change: impl FnOnce(&mut Config)) -> World {
    let usual = |config: &mut Config| {
        (config.trial_licenses, config.trial_days) = (10, 30);
        change(config);
    };
    let world = World::on(Server::with(engine, usual).await).await;
    // Every purchase mails its invoice. What these mails say is read in letters.rs.
    world.server.leave_mail();
    world
}

fn api(account: AccountId) -> String {
    format!("/api/v1/accounts/{account}")
}

pub async fn quote(client: &Client, account: AccountId, wish: &Value) -> Reply {
    client.post(&format!("{}/subscription/quotes", api(account)), wish).await
}

pub async fn purchase(client: &Client, account: AccountId, quote: &Value) -> Reply {
    let body = json!({ "quote": quote, "accept_terms": true });
    client.post(&format!("{}/subscription/purchases", api(account)), &body).await
}

/// Buys, and gives the quote and what came of it.
pub async fn buy(client: &Client, account: AccountId, wish: &Value) -> (Value, Value) {
    let quoted = quote(client, account, wish).await;
    assert_eq!(quoted.status, StatusCode::CREATED, "{}", quoted.text);
    let bought = purchase(client, account, &quoted.json["id"]).await;
    assert_eq!(bought.status, StatusCode::CREATED, "{}", bought.text);
    (quoted.json, bought.json)
}

fn problem(reply: &Reply) -> (u16, &str) {
    (reply.status.as_u16(), reply.json["code"].as_str().unwrap_or_default())
}

fn field(reply: &Reply) -> &str {
    reply.json["errors"][0]["field"].as_str().unwrap_or_default()
}

async fn subscription(client: &Client, account: AccountId) -> Value {
    client.get(&format!("{}/subscription", api(account))).await.json
}

async fn advance(world: &World, micros: i64) {
    world.server.clock.advance(micros);
    tick(&world.server.app).await.unwrap();
}

/// Confirms, as the operator, every payment that was reported. Says how many could be.
pub async fn confirm_reported(server: &Server) -> usize {
    let reported = server.db().read(async |tx| billing::charges::reported(tx).await).await.unwrap();
    let mut confirmed = 0;
    for one in reported {
        let (shop, site) = (billing::Shop::of(&server.app.config), server.app.site.clone());
        let confirm =
            async move |tx: &storage::Tx| billing::charges::confirm(tx, &shop, &site, None, one.id).await;
        match server.db().write(confirm).await {
            Ok(_) => confirmed += 1,
            Err(_) => {
                server
                    .db()
                    .write(async move |tx| billing::charges::reject(tx, None, one.id).await)
                    .await
                    .unwrap();
            }
        }
    }
    confirmed
}

/// Records the payment of every open invoice of the practice.
async fn pay_everything(world: &World) -> Client {
    let owner = world.client(As::Owner).await;
    let invoices = owner.get(&format!("{}/invoices", api(world.account))).await.json;
    for invoice in invoices["items"].as_array().unwrap().iter().filter(|i| i["kind"] == "invoice") {
        let pay = format!("/api/v1/invoices/{}/payments", invoice["id"].as_str().unwrap());
        owner.post(&pay, &json!({})).await;
        confirm_reported(&world.server).await;
    }
    owner
}

/// What must be true of every account at every moment.
pub async fn check_invariants(server: &Server) {
    let wrong = |what| format!("{what} is not as it should be");
    for (what, statement) in [
        (
            "used against members",
            sql!(
                "SELECT count(*) FROM license_counts s WHERE s.used <> (SELECT count(*) FROM members m
                    WHERE m.account_id = s.account_id AND m.until IS NULL
                      AND (m.role = 'support_staff') = (s.kind = 'support_staff'))"
            ),
        ),
        (
            "used against holders",
            sql!(
                "SELECT count(*) FROM license_counts s WHERE s.kind = 'license' AND s.used <> (SELECT count(*)
                    FROM license_holders h WHERE h.account_id = s.account_id AND h.until IS NULL)"
            ),
        ),
        (
            "reserved against reservations",
            sql!(
                "SELECT count(*) FROM license_counts s WHERE s.reserved <> (SELECT count(*) FROM license_reservations r
                    WHERE r.account_id = s.account_id AND r.kind = s.kind)"
            ),
        ),
        (
            "reservations against invitations",
            sql!(
                "SELECT count(*) FROM license_reservations r JOIN invitations i
                    ON i.account_id = r.account_id AND i.id = r.invitation_id
                 WHERE i.state <> 'pending' OR i.expires_at <> r.expires_at"
            ),
        ),
        ("oversold seats", sql!("SELECT count(*) FROM license_counts WHERE used + reserved > total")),
        (
            "invoices against their lines",
            sql!(
                "SELECT count(*) FROM invoices i WHERE i.total <> (SELECT sum(l.amount) FROM invoice_lines l
                    WHERE l.account_id = i.account_id AND l.invoice_id = i.id)"
            ),
        ),
        (
            "the ledger against invoices and payments",
            sql!(
                "SELECT count(*) FROM accounts a WHERE
                    (SELECT COALESCE(sum(amount), 0) FROM ledger l WHERE l.account_id = a.id)
                    <> (SELECT COALESCE(sum(total), 0) FROM invoices i WHERE i.account_id = a.id)
                     - (SELECT COALESCE(sum(CASE kind WHEN 'charge' THEN amount ELSE -amount END), 0)
                        FROM payments p WHERE p.account_id = a.id AND p.state = 'succeeded')"
            ),
        ),
        (
            "what was charged against the meter",
            sql!(
                "SELECT count(*) FROM subscriptions s WHERE s.state <> 'trial' AND
                    abs(2 * (s.charged * ((s.period_end / 1000000) - (s.period_start / 1000000)) - s.exact))
                    > ((s.period_end / 1000000) - (s.period_start / 1000000))"
            ),
        ),
        (
            "numbers with gaps",
            sql!(
                "SELECT (SELECT count(*) FROM invoices)
                      - (SELECT COALESCE(max(value), 0) FROM counters WHERE name = 'invoices')"
            ),
        ),
        (
            "what is owed against what is open",
            sql!(
                "SELECT count(*) FROM accounts a WHERE
                    (SELECT COALESCE(sum(amount), 0) FROM ledger l WHERE l.account_id = a.id)
                    > (SELECT COALESCE(sum(amount_due), 0) FROM invoices i WHERE i.account_id = a.id)"
            ),
        ),
        (
            "what is open against what is settled",
            sql!(
                "SELECT count(*) FROM invoices WHERE (amount_due = 0) <> (settled_at IS NOT NULL)
                    OR amount_due < 0 OR (amount_due > total AND kind = 'invoice')"
            ),
        ),
    ] {
        assert_eq!(server.count(statement).await, 0, "{}", wrong(what));
    }
}

#[tokio::test]
async fn what_is_shown_is_charged_and_every_line_adds_up() {
    for engine in ENGINES {
        let world = world(engine).await;
        let owner = world.client(As::Owner).await;
        let wish = json!({ "plan": "pro", "billed": "month", "licenses": 8 });
        let (quoted, bought) = buy(&owner, world.account, &wish).await;
        // Five at $45.00, three at $39.00.
        assert_eq!(quoted["total"], json!({ "amount": 34_200, "currency": "USD" }));
        let invoice = format!("/api/v1/invoices/{}", bought["invoice"].as_str().unwrap());
        let invoice = owner.get(&invoice).await.json;
        let sum: i64 =
            invoice["lines"].as_array().unwrap().iter().map(|l| l["amount"].as_i64().unwrap()).sum();
        assert_eq!((sum, &invoice["total"]["amount"]), (34_200, &json!(34_200)));
        assert_eq!(invoice["state"], "open");
        let now = subscription(&owner, world.account).await;
        assert_eq!(now["licenses"], json!({ "total": 8, "used": 5, "reserved": 0, "free": 3 }));
        assert_eq!((&now["state"], &now["standing"]), (&json!("active"), &json!("good")));
        assert_eq!(now["balance"]["amount"], 34_200);
        check_invariants(&world.server).await;
    }
}

#[tokio::test]
async fn more_licenses_cost_the_rest_of_the_period_to_the_second() {
    for engine in ENGINES {
        let world = world(engine).await;
        let owner = world.client(As::Owner).await;
        buy(&owner, world.account, &json!({ "plan": "pro", "billed": "month", "licenses": 5 })).await;
        // 2 March to 2 April has 31 days; ten and a half are over.
        advance(&world, 10 * DAY + DAY / 2).await;
        let owner = world.client(As::Owner).await;
        let price = format!("{}/subscription/price?licenses=7", api(world.account));
        let shown = owner.get(&price).await.json;
        let (quoted, _) = buy(&owner, world.account, &json!({ "licenses": 7 })).await;
        assert_eq!(quoted["lines"].as_array().unwrap().len(), 1);
        assert_eq!(shown["total"], quoted["total"]);
        let left = 31 * 86_400 - 10 * 86_400 - 43_200_i64;
        let exact = f64::from(2 * 3_900) * left as f64 / f64::from(31 * 86_400);
        let charged = quoted["total"]["amount"].as_i64().unwrap();
        assert!((charged as f64 - exact).abs() <= 0.5, "{charged} for {exact}");
        assert!(quoted["lines"][0]["sum"].as_str().unwrap().starts_with("2 × $39.00 × "), "{quoted}");
        check_invariants(&world.server).await;
    }
}

#[tokio::test]
async fn bad_purchases_are_refused_with_a_reason_and_charge_nothing() {
    for engine in ENGINES {
        let world = world(engine).await;
        let (owner, stranger) = (world.client(As::Owner).await, world.client(As::Stranger).await);
        for (licenses, status) in [(1, 422), (21, 422), (0, 422), (-3, 422), (i64::MAX, 422), (4, 409)] {
            let refused = quote(&owner, world.account, &json!({ "plan": "pro", "licenses": licenses })).await;
            assert_eq!(refused.status, status, "{licenses}: {}", refused.text);
        }
        let standard = quote(&owner, world.account, &json!({ "plan": "standard", "licenses": 6 })).await;
        assert_eq!(problem(&standard), (409, "support_staff_needs_pro"), "{}", standard.text);
        let good = json!({ "plan": "pro", "billed": "year", "licenses": 6 });
        let quoted = quote(&owner, world.account, &good).await.json;
        let hillside: AccountId = stranger.get("/api/v1/me").await.json["accounts"][0]["account"]["id"]
            .as_str()
            .unwrap()
            .parse()
            .unwrap();
        assert_eq!(problem(&purchase(&stranger, hillside, &quoted["id"]).await), (404, "not_found"));
        let body = json!({ "quote": quoted["id"] });
        let unticked = owner.post(&format!("{}/subscription/purchases", api(world.account)), &body).await;
        assert_eq!((unticked.status.as_u16(), field(&unticked)), (422, "accept_terms"));
        world.server.clock.advance(15 * MINUTE + SECOND);
        let late = purchase(&owner, world.account, &quoted["id"]).await;
        assert_eq!(problem(&late), (409, "quote_expired"));
        assert_eq!(world.server.count(sql!("SELECT count(*) FROM ledger")).await, 0);
        assert_eq!(subscription(&owner, world.account).await["state"], "trial");
    }
}

#[tokio::test]
async fn a_clock_that_jumps_back_voids_a_quote_and_sells_no_more_than_the_period() {
    let world = world(Engine::Sqlite).await;
    let owner = world.client(As::Owner).await;
    buy(&owner, world.account, &json!({ "plan": "pro", "billed": "month", "licenses": 5 })).await;
    let quoted = quote(&owner, world.account, &json!({ "licenses": 6 })).await.json;
    world.server.clock.advance(-3 * DAY);
    let owner = world.client(As::Owner).await;
    assert_eq!(problem(&purchase(&owner, world.account, &quoted["id"]).await), (409, "quote_expired"));
    let again = quote(&owner, world.account, &json!({ "licenses": 6 })).await.json;
    assert_eq!(again["total"]["amount"], 3_900, "a whole period at most");
    check_invariants(&world.server).await;
}

#[tokio::test]
async fn time_in_which_no_server_ran_is_not_charged() {
    for engine in ENGINES {
        let world = world(engine).await;
        let owner = world.client(As::Owner).await;
        buy(&owner, world.account, &json!({ "plan": "pro", "billed": "month", "licenses": 5 })).await;
        // What is owed is paid: an account that owes is not renewed.
        pay_everything(&world).await;
        advance(&world, 400 * DAY).await;
        // The first month, and the one that runs now.
        assert_eq!(world.server.count(sql!("SELECT count(*) FROM invoices")).await, 2);
        advance(&world, 0).await;
        assert_eq!(world.server.count(sql!("SELECT count(*) FROM invoices")).await, 2);
        check_invariants(&world.server).await;
    }
}

#[tokio::test]
async fn pressing_again_buys_nothing_more_and_says_the_same() {
    for engine in ENGINES {
        let world = world(engine).await;
        let owner = world.client(As::Owner).await;
        let wish = json!({ "plan": "pro", "licenses": 9 });
        let quoted = quote(&owner, world.account, &wish).await.json;
        let press = |_| {
            let (owner, account, id) = (owner.clone(), world.account, quoted["id"].clone());
            tokio::spawn(async move { purchase(&owner, account, &id).await })
        };
        let answers = futures_util::future::join_all((0..25).map(press)).await;
        let invoices = answers.into_iter().map(|answer| {
            let answer = answer.unwrap();
            assert_eq!(answer.status, StatusCode::CREATED, "{engine:?} {}", answer.text);
            answer.json["invoice"].as_str().unwrap().to_owned()
        });
        let invoices = invoices.collect::<std::collections::BTreeSet<_>>();
        assert_eq!(invoices.len(), 1);
        assert_eq!(world.server.count(sql!("SELECT count(*) FROM invoices")).await, 1);
        check_invariants(&world.server).await;
    }
}

#[tokio::test]
async fn of_two_administrators_who_buy_at_once_one_is_told_to_look_again() {
    for engine in ENGINES {
        let world = world(engine).await;
        let (owner, admin) = (world.client(As::Owner).await, world.client(As::Administrator).await);
        buy(&owner, world.account, &json!({ "plan": "pro", "licenses": 6 })).await;
        let first = quote(&owner, world.account, &json!({ "licenses": 8 })).await.json["id"].clone();
        let second = quote(&admin, world.account, &json!({ "licenses": 9 })).await.json["id"].clone();
        let (one, other) =
            tokio::join!(purchase(&owner, world.account, &first), purchase(&admin, world.account, &second));
        let mut answers = [problem(&one), problem(&other)];
        answers.sort_unstable();
        assert_eq!(answers, [(201, ""), (409, "quote_outdated")], "{} {}", one.text, other.text);
        assert_eq!(world.server.count(sql!("SELECT count(*) FROM invoices")).await, 2);
        check_invariants(&world.server).await;
    }
}

#[tokio::test]
async fn fewer_licenses_begin_with_the_renewal_unless_people_came_meanwhile() {
    for engine in ENGINES {
        let world = world(engine).await;
        let owner = world.client(As::Owner).await;
        buy(&owner, world.account, &json!({ "plan": "pro", "billed": "month", "licenses": 8 })).await;
        let (quoted, _) = buy(&owner, world.account, &json!({ "licenses": 5 })).await;
        assert_eq!((&quoted["effect"], &quoted["total"]["amount"]), (&json!("renewal"), &json!(0)));
        let now = subscription(&owner, world.account).await;
        assert_eq!((&now["licenses"]["total"], &now["planned"]["licenses"]), (&json!(8), &json!(5)));
        // Someone is invited before the renewal, so six are taken.
        let invite = json!({ "emails": "new@riverside.test", "role": "member" });
        owner.post(&format!("{}/invitations", api(world.account)), &invite).await;
        let open = sql!("SELECT count(*) FROM invoices WHERE settled_at IS NULL");
        let owner = pay_everything(&world).await;
        assert_eq!(world.server.count(open).await, 0);
        advance(&world, 27 * DAY).await;
        let owner = {
            drop(owner);
            world.client(As::Owner).await
        };
        owner
            .post(
                &format!("{}/invitations", api(world.account)),
                &json!({ "emails": "newer@riverside.test", "role": "member" }),
            )
            .await;
        advance(&world, 5 * DAY).await;
        let owner = world.client(As::Owner).await;
        let now = subscription(&owner, world.account).await;
        // The first invitation has expired by then and keeps nothing.
        assert_eq!(now["licenses"], json!({ "total": 6, "used": 5, "reserved": 1, "free": 0 }), "{now}");
        assert!(world.server.mail().await.iter().any(|mail| mail.contains("renewed with 6 licenses")));
        check_invariants(&world.server).await;
    }
}

#[tokio::test]
async fn unpaid_accounts_go_through_grace_to_read_only_and_can_still_remove_people() {
    for engine in ENGINES {
        let world = world(engine).await;
        let owner = world.client(As::Owner).await;
        let (_, bought) =
            buy(&owner, world.account, &json!({ "plan": "pro", "licenses": 6, "billed": "year" })).await;
        let create = json!({ "protocol": world.protocol, "location": world.location });
        let cases = format!("/api/v1/groups/{}/cases", world.group);
        advance(&world, 15 * DAY).await;
        let member = world.client(As::Member).await;
        assert_eq!(subscription(&world.client(As::Owner).await, world.account).await["standing"], "grace");
        assert_eq!(member.post(&cases, &create).await.status, StatusCode::CREATED);
        assert!(world.server.mail().await.iter().any(|mail| mail.contains("A payment is overdue")));
        advance(&world, 14 * DAY).await;
        let (member, owner) = (world.client(As::Member).await, world.client(As::Owner).await);
        assert_eq!(problem(&member.post(&cases, &create).await), (409, "account_read_only"));
        assert_eq!(member.get(&cases).await.status, StatusCode::OK);
        let invite = json!({ "emails": "x@riverside.test", "role": "member" });
        let refused = owner.post(&format!("{}/invitations", api(world.account)), &invite).await;
        assert_eq!(problem(&refused), (409, "account_read_only"));
        let groups = owner.post(&format!("{}/groups", api(world.account)), &json!({ "name": "New" })).await;
        assert_eq!(problem(&groups), (409, "account_read_only"));
        let handout =
            json!({ "title": "T", "body": "B", "species": "dog", "topic": "skin", "language": "en" });
        let handouts = owner.post(&format!("{}/handouts", api(world.account)), &handout).await;
        assert_eq!(problem(&handouts), (409, "account_read_only"), "{}", handouts.text);
        let gone = owner.delete(&format!("{}/members/{}", api(world.account), world.elsewhere)).await;
        assert_eq!(gone.status, StatusCode::NO_CONTENT, "{}", gone.text);
        let pay = format!("/api/v1/invoices/{}/payments", bought["invoice"].as_str().unwrap());
        assert_eq!(owner.post(&pay, &json!({})).await.status, StatusCode::CREATED);
        assert_eq!(confirm_reported(&world.server).await, 1);
        assert_eq!(problem(&owner.post(&pay, &json!({})).await), (409, "nothing_open"));
        assert_eq!(subscription(&owner, world.account).await["standing"], "good");
        assert_eq!(member.post(&cases, &create).await.status, StatusCode::CREATED);
        check_invariants(&world.server).await;
    }
}

#[tokio::test]
async fn a_payment_of_a_part_leaves_the_rest_open_and_too_much_is_refused() {
    let world = world(Engine::Sqlite).await;
    let owner = world.client(As::Owner).await;
    let (_, bought) =
        buy(&owner, world.account, &json!({ "plan": "pro", "billed": "month", "licenses": 5 })).await;
    let invoice = format!("/api/v1/invoices/{}", bought["invoice"].as_str().unwrap());
    let pay = format!("{invoice}/payments");
    assert_eq!(field(&owner.post(&pay, &json!({ "amount": 22_501 })).await), "amount");
    assert_eq!(field(&owner.post(&pay, &json!({ "amount": 0 })).await), "amount");
    assert_eq!(owner.post(&pay, &json!({ "amount": 20_000 })).await.status, StatusCode::CREATED);
    assert_eq!(confirm_reported(&world.server).await, 1);
    let shown = owner.get(&invoice).await.json;
    assert_eq!((&shown["open"]["amount"], &shown["state"]), (&json!(2_500), &json!("open")));
    assert_eq!(owner.post(&pay, &json!({})).await.status, StatusCode::CREATED);
    assert_eq!(confirm_reported(&world.server).await, 1);
    assert_eq!(owner.get(&invoice).await.json["state"], "paid");
    check_invariants(&world.server).await;
}

#[tokio::test]
async fn canceling_now_credits_the_unused_time_and_only_once() {
    for engine in ENGINES {
        let world = world(engine).await;
        let owner = world.client(As::Owner).await;
        let (_, bought) =
            buy(&owner, world.account, &json!({ "plan": "pro", "billed": "month", "licenses": 5 })).await;
        let pay = format!("/api/v1/invoices/{}/payments", bought["invoice"].as_str().unwrap());
        owner.post(&pay, &json!({})).await;
        confirm_reported(&world.server).await;
        advance(&world, 15 * DAY + DAY / 2).await;
        let cancel = format!("{}/subscription/cancellation", api(world.account));
        let admin = world.client(As::Administrator).await;
        let owner = world.client(As::Owner).await;
        assert_eq!(admin.post(&cancel, &json!({ "when": "now" })).await.status, StatusCode::FORBIDDEN);
        let done = owner.post(&cancel, &json!({ "when": "now" })).await;
        assert_eq!(done.json["credit"]["amount"], 11_250, "half a month of $225.00: {}", done.text);
        assert_eq!(problem(&owner.post(&cancel, &json!({ "when": "now" })).await), (409, "ended_already"));
        assert_eq!(subscription(&owner, world.account).await["balance"]["amount"], -11_250);
        // Accounts that come back pay less by what they are owed.
        let (quoted, _) =
            buy(&owner, world.account, &json!({ "plan": "pro", "billed": "month", "licenses": 5 })).await;
        assert_eq!((&quoted["credit"]["amount"], &quoted["due"]["amount"]), (&json!(11_250), &json!(11_250)));
        assert_eq!(subscription(&owner, world.account).await["balance"]["amount"], 11_250);
        check_invariants(&world.server).await;
    }
}

#[tokio::test]
async fn without_a_free_license_an_invitation_says_so_and_an_expired_one_frees_its_place() {
    for engine in ENGINES {
        let world = world(engine).await;
        let owner = world.client(As::Owner).await;
        buy(&owner, world.account, &json!({ "plan": "pro", "licenses": 7 })).await;
        let invitations = format!("{}/invitations", api(world.account));
        let invite = |emails: &str| json!({ "emails": emails, "role": "member" });
        let many = owner.post(&invitations, &invite("a@x.test b@x.test c@x.test no@address")).await.json;
        let outcomes = many["outcomes"].as_array().unwrap().iter().map(|o| o["outcome"].as_str().unwrap());
        assert_eq!(outcomes.collect::<Vec<_>>(), ["invited", "invited", "no_license", "not_an_address"]);
        check_invariants(&world.server).await;
        // An administrator's role takes one too; support staff's takes none.
        let second = json!({ "emails": "s@x.test", "role": "support_staff" });
        assert_eq!(owner.post(&invitations, &second).await.json["outcomes"][0]["outcome"], "no_license");
        advance(&world, 7 * DAY).await;
        let owner = world.client(As::Owner).await;
        let places = owner.get(&format!("{}/licenses", api(world.account))).await.json;
        assert_eq!((&places["reserved"], &places["free"]), (&json!(0), &json!(2)), "{places}");
        assert_eq!(places["holders"].as_array().unwrap().len(), 5);
        let one = owner.post(&invitations, &invite("c@x.test d@x.test e@x.test")).await.json;
        let outcomes = one["outcomes"].as_array().unwrap().iter().map(|o| o["outcome"].as_str().unwrap());
        assert_eq!(outcomes.collect::<Vec<_>>(), ["invited", "invited", "no_license"]);
        // The expired one can't be resent: its place is taken by now.
        let expired = world.server.db().read(async |tx| {
            tx.value::<kernel::id::InvitationId>(
                sql!("SELECT id FROM invitations WHERE email = 'a@x.test'"),
                &[],
            )
            .await
        });
        let resend = format!("/api/v1/invitations/{}/resend", expired.await.unwrap());
        assert_eq!(problem(&owner.post(&resend, &Value::Null).await), (409, "no_license"));
        check_invariants(&world.server).await;
    }
}

#[tokio::test]
async fn roles_take_and_free_places_in_the_same_transaction() {
    for engine in ENGINES {
        let world = world(engine).await;
        let owner = world.client(As::Owner).await;
        buy(&owner, world.account, &json!({ "plan": "pro", "licenses": 5 })).await;
        let of = |user: UserId| format!("{}/members/{user}", api(world.account));
        let second = owner.patch(&of(world.member), &json!({ "role": "support_staff" })).await;
        assert_eq!(problem(&second), (409, "support_staff_taken"));
        let full = owner.patch(&of(world.support), &json!({ "role": "member" })).await;
        assert_eq!(problem(&full), (409, "no_license"));
        assert_eq!(owner.delete(&of(world.elsewhere)).await.status, StatusCode::NO_CONTENT);
        let works = owner.patch(&of(world.support), &json!({ "role": "member" })).await;
        assert_eq!(works.status, StatusCode::NO_CONTENT, "{}", works.text);
        check_invariants(&world.server).await;
        let back = owner.patch(&of(world.member), &json!({ "role": "support_staff" })).await;
        assert_eq!(back.status, StatusCode::NO_CONTENT, "{}", back.text);
        check_invariants(&world.server).await;
    }
}

/// Signs someone up for an account of their own, with a paid license, a group, a location and a case.
pub async fn individual(world: &World, name: &str) -> (Client, AccountId, String) {
    let email = format!("{name}@solo.test");
    let sign_up = json!({ "practice_kind": "veterinary", "email": email, "password": PASSWORD, "name": name, "account_name": format!("{name}'s") });
    world.server.anonymous().post("/api/v1/sign-up", &sign_up).await;
    let mails = world.server.mail().await;
    let token = link_token(mails.iter().rfind(|mail| mail.starts_with(&email)).unwrap(), "verify");
    let verified = world
        .server
        .anonymous()
        .post(&format!("/api/v1/verify/{token}"), &json!({ "password": PASSWORD }))
        .await;
    let verified = match verified.status.is_success() {
        true => verified,
        false => {
            world
                .server
                .anonymous()
                .post(&format!("/api/v1/verifications/{token}"), &json!({ "password": PASSWORD }))
                .await
        }
    };
    assert!(verified.status.is_success(), "{}", verified.text);
    let user: UserId = world
        .server
        .db()
        .read(async |tx| people::users::by_email(tx, &email).await)
        .await
        .unwrap()
        .unwrap()
        .id;
    let client = world.server.client(user).await;
    let me = client.get("/api/v1/me").await.json;
    let account: AccountId = me["accounts"][0]["account"]["id"].as_str().unwrap().parse().unwrap();
    (client, account, email)
}

#[tokio::test]
async fn whoever_joins_with_a_subscription_of_their_own_gets_the_rest_back_and_brings_their_groups() {
    for engine in ENGINES {
        let world = world(engine).await;
        let owner = world.client(As::Owner).await;
        let (solo, own, email) = individual(&world, "ann").await;
        let (_, bought) =
            buy(&solo, own, &json!({ "plan": "standard", "billed": "year", "licenses": 1 })).await;
        solo.post(&format!("/api/v1/invoices/{}/payments", bought["invoice"].as_str().unwrap()), &json!({}))
            .await;
        confirm_reported(&world.server).await;
        // A group of the same name as one of the practice's.
        let group = solo.post(&format!("{}/groups", api(own)), &json!({ "name": "Alder Creek" })).await.json;
        let group = group["id"].as_str().unwrap().to_owned();
        let me = solo.get("/api/v1/me").await.json["user"]["id"].as_str().unwrap().to_owned();
        solo.put(&format!("/api/v1/groups/{group}/members/{me}"), &json!({ "role": "administrator" })).await;
        let location =
            solo.post(&format!("/api/v1/groups/{group}/locations"), &json!({ "name": "Yard" })).await.json;
        let protocols = solo.get(&format!("{}/protocols", api(own))).await.json;
        let own_protocol =
            solo.post(&format!("{}/protocols", api(own)), &json!({ "name": "Acupuncture" })).await.json;
        for protocol in [&protocols["items"][0]["id"], &own_protocol["id"]] {
            let case = json!({ "protocol": protocol, "location": location["id"] });
            let made = solo.post(&format!("/api/v1/groups/{group}/cases"), &case).await;
            assert_eq!(made.status, StatusCode::CREATED, "{}", made.text);
            let case = made.json["id"].as_str().unwrap().to_owned();
            solo.post(&format!("/api/v1/cases/{case}/notes"), &json!({ "body": "Seen." })).await;
            solo.upload(&format!("/api/v1/cases/{case}/files"), "x.png", crate::support::PNG).await;
        }
        let chart = records(&solo, own, &group, &me).await;
        advance(&world, 100 * DAY).await;
        let (solo, owner) = (world.server.client(me.parse().unwrap()).await, {
            drop(owner);
            world.client(As::Owner).await
        });
        let pay_up = subscription(&owner, world.account).await;
        assert_eq!(pay_up["standing"], "read_only", "the practice's trial is over");
        buy(&owner, world.account, &json!({ "plan": "pro", "billed": "month", "licenses": 8 })).await;
        let invited = owner
            .post(
                &format!("{}/invitations", api(world.account)),
                &json!({ "emails": email, "role": "member" }),
            )
            .await
            .json;
        let token = link_token(invited["outcomes"][0]["link"].as_str().unwrap(), "invitations");
        let link = format!("/api/v1/invitation-links/{token}");
        // A person who holds only the link learns nothing of the subscription.
        assert_eq!(world.server.anonymous().get(&link).await.json["merges"], json!([]));
        let preview = solo.get(&link).await.json["merges"][0].clone();
        assert_eq!((&preview["groups"], &preview["cases"]), (&json!(1), &json!(2)), "{preview}");
        let credit = preview["credit"]["amount"].as_i64().unwrap();
        let exact = 29_000.0 * f64::from(265 * 86_400) / f64::from(365 * 86_400);
        assert!((credit as f64 - exact).abs() < 1.0, "{credit} for {exact}");
        world.server.clock.advance(5 * MINUTE);
        let accepted = solo.post(&format!("{link}/accept"), &json!({ "as_of": preview["as_of"] })).await;
        assert!(accepted.status.is_success(), "{}", accepted.text);
        // What was shown is what is credited, five minutes later.
        let after = subscription(&solo, own).await;
        assert_eq!((&after["state"], &after["balance"]["amount"]), (&json!("ended"), &json!(-credit)));
        let cases = solo.get(&format!("/api/v1/groups/{group}/cases")).await.json;
        assert_eq!(cases["items"].as_array().unwrap().len(), 2, "{cases}");
        assert_eq!(cases["items"][0]["account"], json!(world.account), "{cases}");
        let shown = solo.get(&format!("/api/v1/groups/{group}")).await.json;
        assert_eq!(shown["name"], "Alder Creek (ann)");
        let case = cases["items"][0]["id"].as_str().unwrap();
        assert_eq!(
            solo.get(&format!("/api/v1/cases/{case}/notes")).await.json["items"].as_array().unwrap().len(),
            1
        );
        assert_eq!(
            solo.get(&format!("/api/v1/cases/{case}/files")).await.json["items"].as_array().unwrap().len(),
            1
        );
        // Clients come along with their charts, and what was released is as it was.
        let note = solo.get(&chart).await.json["items"][0].clone();
        assert_eq!(
            (&note["body"], &note["addenda"][0]["body"]),
            (&json!("We walked."), &json!("Rang later."))
        );
        let circles = solo.get(&format!("/api/v1/groups/{group}/client-groups")).await.json;
        assert_eq!(circles["items"][0]["name"], "Walkers", "{circles}");
        assert_eq!(world.client(As::Member).await.get(&chart).await.status, StatusCode::NOT_FOUND);
        // Only they are in it; others of the practice don't learn that it exists.
        assert_eq!(
            world.client(As::Member).await.get(&format!("/api/v1/cases/{case}")).await.status,
            StatusCode::NOT_FOUND
        );
        assert_eq!(owner.get(&format!("/api/v1/cases/{case}")).await.status, StatusCode::OK);
        // The past stays as it was: on the day before, only they could see it.
        let then = world.server.clock.now().plus(-DAY);
        let past = solo.get(&format!("/api/v1/cases/{case}/access?at={then}")).await;
        assert!(past.text.contains("\"ann\"") && !past.text.contains("\"owner\""), "{}", past.text);
        let present = solo.get(&format!("/api/v1/cases/{case}/access")).await;
        assert!(present.text.contains("\"owner\""), "{}", present.text);
        let rest = sql!("SELECT (SELECT count(*) FROM groups) - 4 + (SELECT count(*) FROM cases) - 4");
        assert_eq!(world.server.count(rest).await, 0);
        check_invariants(&world.server).await;
    }
}

/// A client with an animal and a case, a client group with a note that was released, a user group that is asked
/// about the client; the path of the client's chart.
async fn records(solo: &Client, own: AccountId, group: &str, me: &str) -> String {
    let made = async |path: String, body: Value| {
        let made = solo.post(&path, &body).await;
        assert!(made.status.is_success(), "{path}: {}", made.text);
        made.json
    };
    let body = json!({ "kind": "owner", "name": "Ada Lund", "animals": [{ "name": "Rex" }] });
    let client = made(format!("/api/v1/groups/{group}/clients"), body).await["id"].clone();
    let case = solo.get(&format!("/api/v1/groups/{group}/cases")).await.json["items"][0]["id"].clone();
    let on =
        solo.patch(&format!("/api/v1/cases/{}", case.as_str().unwrap()), &json!({ "client": client })).await;
    assert!(on.status.is_success(), "{}", on.text);
    let body = json!({ "name": "Walkers", "clients": [client] });
    let circle = made(format!("/api/v1/groups/{group}/client-groups"), body).await["id"].clone();
    let body = json!({ "service_date": "2026-03-02", "body": "We walked." });
    let path = format!("/api/v1/client-groups/{}/notes", circle.as_str().unwrap());
    let note = made(path, body).await["id"].clone();
    let note = note.as_str().unwrap();
    let generated = made(format!("/api/v1/group-notes/{note}/create-notes"), json!({})).await;
    made(format!("/api/v1/group-notes/{note}/release"), json!({})).await;
    let one = generated["outcomes"][0]["note"].as_str().unwrap();
    made(format!("/api/v1/notes/{one}/addenda"), json!({ "body": "Rang later." })).await;
    let desk = json!({ "name": "Desk", "members": [me], "privileges": ["requests.receive"] });
    let desk = made(format!("{}/user-groups", api(own)), desk).await["id"].clone();
    let ask = json!({ "to": desk, "subject": "Cover", "body": "Is she?", "clients": [client], "case": case });
    made(format!("{}/requests", api(own)), ask).await;
    format!("/api/v1/clients/{}/notes", client.as_str().unwrap())
}

#[tokio::test]
async fn one_persons_account_becomes_a_practices_by_adding_licenses() {
    for engine in ENGINES {
        let world = world(engine).await;
        let (solo, own, _) = individual(&world, "bea").await;
        buy(&solo, own, &json!({ "plan": "standard", "billed": "month", "licenses": 1 })).await;
        let invite = json!({ "emails": "cy@solo.test", "role": "member" });
        let full = solo.post(&format!("{}/invitations", api(own)), &invite).await.json;
        assert_eq!(full["outcomes"][0]["outcome"], "no_license", "{full}");
        let (quoted, _) = buy(&solo, own, &json!({ "licenses": 2 })).await;
        assert_eq!(quoted["total"]["amount"], 2_900);
        assert_eq!(solo.get(&api(own)).await.json["kind"], "group");
        let invited = solo.post(&format!("{}/invitations", api(own)), &invite).await.json;
        assert_eq!(invited["outcomes"][0]["outcome"], "invited");
        let support = json!({ "emails": "dee@solo.test", "role": "support_staff" });
        let refused = solo.post(&format!("{}/invitations", api(own)), &support).await;
        assert_eq!((refused.status.as_u16(), field(&refused)), (422, "role"));
        check_invariants(&world.server).await;
    }
}

#[tokio::test]
async fn accounts_from_before_get_a_trial_that_everybody_fits_into() {
    for engine in ENGINES {
        let world = world(engine).await;
        for statement in [
            sql!("DELETE FROM license_holders"),
            sql!("DELETE FROM license_totals"),
            sql!("DELETE FROM license_counts"),
            sql!("DELETE FROM subscriptions"),
        ] {
            world.server.db().write(async move |tx| tx.exec(statement, &[]).await).await.unwrap();
        }
        tick(&world.server.app).await.unwrap();
        let owner = world.client(As::Owner).await;
        let now = subscription(&owner, world.account).await;
        assert_eq!(now["licenses"], json!({ "total": 10, "used": 5, "reserved": 0, "free": 5 }));
        assert_eq!(now["support_staff"]["used"], 1);
        check_invariants(&world.server).await;
    }
}

#[tokio::test]
async fn the_ledger_only_grows() {
    for engine in ENGINES {
        let world = world(engine).await;
        let owner = world.client(As::Owner).await;
        buy(&owner, world.account, &json!({ "plan": "pro", "licenses": 5 })).await;
        for statement in [sql!("UPDATE ledger SET amount = 0"), sql!("DELETE FROM ledger")] {
            let tried = world.server.db().write(async move |tx| tx.exec(statement, &[]).await).await;
            assert!(tried.is_err(), "{engine:?}");
        }
    }
}

#[tokio::test]
async fn the_introduction_goes_to_chosen_people_of_the_account_only() {
    for engine in ENGINES {
        let world = world(engine).await;
        let admin = world.client(As::Administrator).await;
        let path = format!("{}/introduction", api(world.account));
        let proposed = admin.get(&path).await.json;
        assert_eq!(proposed["version"], 0);
        let letter = json!({ "subject": "Hello {name}", "body": "From {sender} at {practice}: {guide}", "version": 0 });
        assert_eq!(admin.put(&path, &letter).await.status, StatusCode::NO_CONTENT);
        assert_eq!(admin.put(&path, &letter).await.status, StatusCode::PRECONDITION_FAILED);
        let misspelt = json!({ "subject": "Hello", "body": "{nmae}", "version": 1 });
        assert_eq!(field(&admin.put(&path, &misspelt).await), "body");
        let send = format!("{path}/sends");
        let strangers = json!({ "emails": ["stranger@riverside.test"] });
        assert_eq!(field(&admin.post(&send, &strangers).await), "emails");
        assert_eq!(field(&admin.post(&send, &json!({ "emails": [] })).await), "emails");
        let chosen = json!({ "emails": ["member@riverside.test", "MEMBER@riverside.test"] });
        assert_eq!(admin.post(&send, &chosen).await.json["sent"], 1);
        let mails = world.server.mail().await.join("\n");
        assert!(
            mails.contains("Hello member")
                && mails.contains("From administrator at Riverside: http://covey.test/guide"),
            "{mails}"
        );
    }
}

#[tokio::test]
async fn whoever_was_removed_takes_a_subscription_of_their_own_once() {
    for engine in ENGINES {
        let world = world(engine).await;
        let owner = world.client(As::Owner).await;
        owner.delete(&format!("{}/members/{}", api(world.account), world.member)).await;
        let mails = world.server.mail().await.join("\n");
        assert!(mails.contains("start your own subscription"), "{mails}");
        let member = world.client(As::Member).await;
        let opened = member.post("/api/v1/accounts", &json!({ "account_name": "My own" })).await;
        assert_eq!(opened.status, StatusCode::CREATED, "{}", opened.text);
        let again = member.post("/api/v1/accounts", &json!({ "account_name": "Another" })).await;
        assert_eq!(problem(&again), (409, "account_owned"));
        let own: AccountId = opened.json["account"].as_str().unwrap().parse().unwrap();
        buy(&member, own, &json!({ "plan": "standard", "licenses": 1, "billed": "year" })).await;
        assert_eq!(member.get(&api(own)).await.json["kind"], "individual");
        check_invariants(&world.server).await;
    }
}

#[tokio::test]
async fn a_debt_keeps_its_age_however_often_one_cancels_and_buys() {
    for engine in ENGINES {
        let world = world(engine).await;
        let cancel = format!("{}/subscription/cancellation", api(world.account));
        let wish = json!({ "plan": "pro", "billed": "month", "licenses": 20 });
        buy(&world.client(As::Owner).await, world.account, &wish).await;
        advance(&world, 13 * DAY).await;
        for _ in 0..2 {
            let owner = world.client(As::Owner).await;
            owner.post(&cancel, &json!({ "when": "now" })).await;
            buy(&owner, world.account, &wish).await;
        }
        advance(&world, 2 * DAY).await;
        let owner = world.client(As::Owner).await;
        assert_eq!(subscription(&owner, world.account).await["standing"], "grace");
        owner.post(&cancel, &json!({ "when": "now" })).await;
        let again = quote(&owner, world.account, &wish).await;
        assert_eq!(problem(&again), (409, "invoice_open"), "{}", again.text);
        check_invariants(&world.server).await;
    }
}

#[tokio::test]
async fn what_the_owner_ends_no_administrator_goes_on_with() {
    let world = world(Engine::Sqlite).await;
    let (owner, admin) = (world.client(As::Owner).await, world.client(As::Administrator).await);
    let cancel = format!("{}/subscription/cancellation", api(world.account));
    assert_eq!(problem(&owner.post(&cancel, &json!({ "when": "renewal" })).await), (409, "trial"));
    buy(&owner, world.account, &json!({ "plan": "pro", "licenses": 6 })).await;
    assert_eq!(owner.post(&cancel, &json!({ "when": "renewal" })).await.status, StatusCode::OK);
    assert_eq!(problem(&quote(&admin, world.account, &json!({})).await), (409, "ending"));
    assert_eq!(problem(&quote(&admin, world.account, &json!({ "licenses": 7 })).await), (409, "ending"));
    buy(&owner, world.account, &json!({})).await;
    assert_eq!(subscription(&owner, world.account).await["planned"]["ends"], false);
}

#[tokio::test]
async fn an_account_is_no_means_of_writing_to_strangers_without_end() {
    let world = world(Engine::Sqlite).await;
    let owner = world.client(As::Owner).await;
    let invitations = format!("{}/invitations", api(world.account));
    let invite = json!({ "emails": "victim@x.test", "role": "member" });
    let invited = owner.post(&invitations, &invite).await.json["outcomes"][0]["invitation"].clone();
    let resend = format!("/api/v1/invitations/{}/resend", invited.as_str().unwrap());
    let send = format!("{}/introduction/sends", api(world.account));
    let mut letters = 1;
    for _ in 0..10 {
        letters += i64::from(owner.post(&resend, &Value::Null).await.status.is_success());
        let sent = owner.post(&send, &json!({ "emails": ["victim@x.test"] })).await;
        letters += i64::from(sent.status.is_success());
        assert!(sent.status.is_success() || sent.status == StatusCode::TOO_MANY_REQUESTS, "{}", sent.text);
    }
    assert_eq!(letters, 6);
    owner.delete(&format!("/api/v1/invitations/{}", invited.as_str().unwrap())).await;
    let again = owner.post(&invitations, &invite).await.json;
    assert_eq!(again["outcomes"][0]["outcome"], "enough_mail", "{again}");
    check_invariants(&world.server).await;
}

#[tokio::test]
async fn nobody_gets_more_in_a_read_only_account() {
    let world = world(Engine::Sqlite).await;
    advance(&world, 45 * DAY).await;
    let owner = world.client(As::Owner).await;
    assert_eq!(subscription(&owner, world.account).await["standing"], "read_only");
    let (group, account) = (world.group, api(world.account));
    for (method, path, body) in [
        ("PUT", format!("/api/v1/groups/{group}/members/{}", world.elsewhere), json!({ "role": "member" })),
        ("PATCH", format!("{account}/members/{}", world.member), json!({ "role": "administrator" })),
        ("POST", format!("{account}/protocols"), json!({ "name": "New" })),
        ("PATCH", format!("/api/v1/protocols/{}", world.protocol), json!({ "name": "New" })),
        ("PATCH", format!("/api/v1/groups/{group}"), json!({ "name": "New" })),
        ("PATCH", format!("/api/v1/locations/{}", world.location), json!({ "name": "New" })),
        ("POST", format!("/api/v1/groups/{group}/locations"), json!({ "name": "New" })),
    ] {
        let refused = owner.json(method.parse().unwrap(), &path, &body).await;
        assert_eq!(problem(&refused), (409, "account_read_only"), "{method} {path}: {}", refused.text);
    }
}

#[tokio::test]
async fn an_account_in_which_others_work_too_does_not_come_along() {
    for engine in ENGINES {
        let world = world(engine).await;
        let (solo, own, email) = individual(&world, "eve").await;
        let colleague = world.elsewhere;
        let joined = world.server.db().write(async move |tx| {
            let more = sql!("UPDATE license_counts SET total = 2 WHERE account_id = $1 AND kind = 'license'");
            tx.exec(more, &[&own]).await?;
            onboarding::join(tx, own, colleague, access::Role::Member).await
        });
        assert!(joined.await.unwrap());
        let invite = json!({ "emails": email, "role": "member" });
        let owner = world.client(As::Owner).await;
        let invited = owner.post(&format!("{}/invitations", api(world.account)), &invite).await.json;
        let token = link_token(invited["outcomes"][0]["link"].as_str().unwrap(), "invitations");
        let link = format!("/api/v1/invitation-links/{token}");
        assert_eq!(solo.get(&link).await.json["merges"], json!([]));
        let accepted = solo.post(&format!("{link}/accept"), &json!({})).await;
        assert!(accepted.status.is_success(), "{}", accepted.text);
        assert_eq!(subscription(&solo, own).await["state"], "trial", "it goes on");
        check_invariants(&world.server).await;
    }
}

#[tokio::test]
async fn who_owes_reports_and_the_operator_confirms() {
    for engine in ENGINES {
        let world = world(engine).await;
        let owner = world.client(As::Owner).await;
        let (_, bought) =
            buy(&owner, world.account, &json!({ "plan": "pro", "billed": "month", "licenses": 20 })).await;
        let invoice = format!("/api/v1/invoices/{}", bought["invoice"].as_str().unwrap());
        let told = owner.post(&format!("{invoice}/payments"), &json!({ "note": "Wire" })).await;
        assert_eq!(
            (told.status, &told.json["state"]),
            (StatusCode::CREATED, &json!("reported")),
            "{}",
            told.text
        );
        assert_eq!(owner.get(&invoice).await.json["state"], "open", "{engine:?}: saying so pays nothing");
        let page = owner.get(invoice.strip_prefix("/api/v1").unwrap()).await.text;
        assert!(page.contains("Reported, not confirmed yet"));
        // The attack: report, end at once, and be owed the unused time.
        let cancel = format!("{}/subscription/cancellation", api(world.account));
        let done = owner.post(&cancel, &json!({ "when": "now" })).await;
        assert!(done.status.is_success(), "{}", done.text);
        let balance = subscription(&owner, world.account).await["balance"]["amount"].as_i64().unwrap();
        assert!(balance >= 0, "{engine:?}: credit of {balance} out of nothing");
        check_invariants(&world.server).await;
        // Too much by now, so it can't be confirmed; and nothing is confirmed twice.
        assert_eq!(confirm_reported(&world.server).await, 0);
        assert_eq!(confirm_reported(&world.server).await, 0);
        assert!(subscription(&owner, world.account).await["balance"]["amount"].as_i64().unwrap() >= 0);
    }
}
