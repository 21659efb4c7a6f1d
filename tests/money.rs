//! What happens to money over time: plans that survive, accounts that can't pay, purchases that are undone, refunds on
//! their way. On both engines.

use axum::http::StatusCode;
use billing::tick;
use kernel::{clock::DAY, id::AccountId};
use serde_json::{Value, json};
use storage::sql;

use crate::{
    billing::{buy, check_invariants, confirm_reported, quote},
    support::{As, Client, ENGINES, Engine, Server, World},
};

async fn world(engine: Engine) -> World {
    let usual = |config: &mut platform::config::Config| {
        (config.trial_licenses, config.trial_days) = (20, 30);
    };
    let world = World::on(Server::with(engine, usual).await).await;
    world.server.leave_mail();
    world
}

fn api(account: AccountId) -> String {
    format!("/api/v1/accounts/{account}")
}

async fn advance(world: &World, micros: i64) {
    world.server.clock.advance(micros);
    tick(&world.server.app).await.unwrap();
}

async fn subscription(client: &Client, account: AccountId) -> Value {
    client.get(&format!("{}/subscription", api(account))).await.json
}

/// Reports that every open invoice was paid, and confirms it.
async fn pay(world: &World) {
    let owner = world.client(As::Owner).await;
    let invoices = owner.get(&format!("{}/invoices", api(world.account))).await.json;
    for invoice in invoices["items"].as_array().unwrap() {
        let path = format!("/api/v1/invoices/{}/payments", invoice["id"].as_str().unwrap());
        owner.post(&path, &json!({})).await;
        confirm_reported(&world.server).await;
    }
}

/// Lets time pass in steps in which a scheduler would have looked, paying what comes.
async fn paying(world: &World, days: i64) {
    for _ in 0..days {
        advance(world, DAY).await;
        pay(world).await;
    }
}

fn invoices() -> storage::Sql {
    sql!("SELECT count(*) FROM invoices")
}

#[tokio::test]
async fn what_is_planned_for_the_renewal_survives_buying_one_more() {
    for engine in ENGINES {
        let world = world(engine).await;
        let owner = world.client(As::Owner).await;
        buy(&owner, world.account, &json!({ "plan": "pro", "billed": "month", "licenses": 12 })).await;
        buy(&owner, world.account, &json!({ "licenses": 6 })).await;
        pay(&world).await;
        let (quoted, _) = buy(&owner, world.account, &json!({ "licenses": 13 })).await;
        let six = json!({ "amount": 5 * 4_500 + 3_900, "currency": "USD" });
        assert_eq!(quoted["effect"], "now");
        assert_eq!(
            (&quoted["renewal"]["licenses"], &quoted["renewal"]["price"]),
            (&json!(6), &six),
            "{quoted}"
        );
        let now = subscription(&owner, world.account).await;
        assert_eq!((&now["licenses"]["total"], &now["planned"]["licenses"]), (&json!(13), &json!(6)));
        let page =
            owner.get(&format!("/a/{}/quotes/{}", world.account, quoted["id"].as_str().unwrap())).await;
        assert!(
            page.text.contains("stays as planned: 6 licenses, Pro, for $264.00 a month"),
            "{}",
            page.text
        );
        paying(&world, 32).await;
        let owner = world.client(As::Owner).await;
        let now = subscription(&owner, world.account).await;
        assert_eq!((&now["licenses"]["total"], &now["price"]), (&json!(6), &six), "{now}");
        check_invariants(&world.server).await;
    }
}

#[tokio::test]
async fn what_is_planned_survives_another_length_and_the_page_that_names_it() {
    for engine in ENGINES {
        let world = world(engine).await;
        let owner = world.client(As::Owner).await;
        buy(&owner, world.account, &json!({ "plan": "pro", "billed": "month", "licenses": 12 })).await;
        pay(&world).await;
        buy(&owner, world.account, &json!({ "licenses": 6 })).await;
        // The length alone, as the API asks for it; then all three, as the page sends them.
        for wish in [
            json!({ "billed": "year" }),
            json!({ "plan": "pro", "billed": "month", "licenses": 6 }),
            json!({ "plan": "pro", "billed": "year", "licenses": 6 }),
        ] {
            let (quoted, _) = buy(&owner, world.account, &wish).await;
            assert_eq!(
                (&quoted["effect"], &quoted["renewal"]["licenses"], &quoted["renewal"]["billed"]),
                (&json!("renewal"), &json!(6), wish.get("billed").unwrap()),
                "{wish}: {quoted}"
            );
        }
        // One more now, with the planned length as the page has it: no contradiction.
        let wish = json!({ "plan": "pro", "billed": "year", "licenses": 13 });
        let (quoted, _) = buy(&owner, world.account, &wish).await;
        assert_eq!(
            (&quoted["effect"], &quoted["billed"], &quoted["renewal"]["billed"]),
            (&json!("now"), &json!("month"), &json!("year"))
        );
        // What is there already takes the plan back.
        buy(&owner, world.account, &json!({ "licenses": 13 })).await;
        let now = subscription(&owner, world.account).await;
        assert_eq!((&now["planned"]["licenses"], &now["planned"]["billed"]), (&Value::Null, &json!("year")));
        check_invariants(&world.server).await;
    }
}

#[tokio::test]
async fn a_subscription_that_is_to_end_still_ends_after_a_purchase_and_says_so() {
    for engine in ENGINES {
        let world = world(engine).await;
        let owner = world.client(As::Owner).await;
        buy(&owner, world.account, &json!({ "plan": "pro", "billed": "month", "licenses": 8 })).await;
        pay(&world).await;
        let cancel = format!("{}/subscription/cancellation", api(world.account));
        assert_eq!(owner.post(&cancel, &json!({ "when": "renewal" })).await.status, StatusCode::OK);
        let (quoted, _) = buy(&owner, world.account, &json!({ "licenses": 9 })).await;
        assert_eq!(quoted["renewal"], Value::Null, "{quoted}");
        let page =
            owner.get(&format!("/a/{}/quotes/{}", world.account, quoted["id"].as_str().unwrap())).await;
        assert!(page.text.contains("still ends on April 2, 2026, as planned"), "{}", page.text);
        assert_eq!(subscription(&owner, world.account).await["planned"]["ends"], true);
        // An account that asks for what it has goes on.
        buy(&owner, world.account, &json!({ "licenses": 9 })).await;
        assert_eq!(subscription(&owner, world.account).await["planned"]["ends"], false);
        check_invariants(&world.server).await;
    }
}

#[tokio::test]
async fn a_read_only_account_is_not_invoiced_for_further_periods() {
    for engine in ENGINES {
        let world = world(engine).await;
        let owner = world.client(As::Owner).await;
        buy(&owner, world.account, &json!({ "plan": "pro", "billed": "month", "licenses": 8 })).await;
        for _ in 0..330 {
            advance(&world, DAY).await;
        }
        assert_eq!(world.server.count(invoices()).await, 1, "{engine:?}: the first month alone");
        let owner = world.client(As::Owner).await;
        let page = owner.get(&format!("/a/{}/subscription", world.account)).await.text;
        assert!(page.contains("You don’t pay for the time in between"), "{page}");
        // Nothing is sold to who owes, and the reason is the invoice.
        let more = quote(&owner, world.account, &json!({ "licenses": 9 })).await;
        assert_eq!((more.status, &more.json["code"]), (StatusCode::CONFLICT, &json!("invoice_open")));
        let paid = world.server.clock.now();
        pay(&world).await;
        advance(&world, 1_000_000).await;
        let now = subscription(&world.client(As::Owner).await, world.account).await;
        assert_eq!(now["standing"], "good", "{now}");
        let (begun, paid) = (now["period_start"].as_str().unwrap(), paid.to_string());
        assert_eq!(begun[..19], paid[..19], "the period begins with the payment: {now}");
        assert_eq!(world.server.count(invoices()).await, 2, "{engine:?}: a period from the payment on");
        check_invariants(&world.server).await;
        // And one that was to end does so, with nothing more to pay.
        let cancel = format!("{}/subscription/cancellation", api(world.account));
        world.client(As::Owner).await.post(&cancel, &json!({ "when": "renewal" })).await;
        for _ in 0..40 {
            advance(&world, DAY).await;
        }
        let now = subscription(&world.client(As::Owner).await, world.account).await;
        assert_eq!(now["state"], "ended", "{now}");
        assert_eq!(world.server.count(invoices()).await, 2);
        check_invariants(&world.server).await;
    }
}

#[tokio::test]
async fn invitations_whose_giver_left_are_not_paid_for_at_the_renewal() {
    for engine in ENGINES {
        let world = world(engine).await;
        let owner = world.client(As::Owner).await;
        buy(&owner, world.account, &json!({ "plan": "pro", "billed": "month", "licenses": 12 })).await;
        buy(&owner, world.account, &json!({ "licenses": 5 })).await;
        paying(&world, 30).await;
        let admin = world.client(As::Administrator).await;
        let invite = json!({ "emails": "a@x.test b@x.test c@x.test", "role": "member" });
        let sent = admin.post(&format!("{}/invitations", api(world.account)), &invite).await;
        assert!(sent.status.is_success(), "{}", sent.text);
        let owner = world.client(As::Owner).await;
        let gone = owner.delete(&format!("{}/members/{}", api(world.account), world.administrator)).await;
        assert_eq!(gone.status, StatusCode::NO_CONTENT, "{}", gone.text);
        advance(&world, 2 * DAY).await;
        let now = subscription(&world.client(As::Owner).await, world.account).await;
        assert_eq!(now["licenses"], json!({ "total": 5, "used": 4, "reserved": 0, "free": 1 }), "{now}");
        check_invariants(&world.server).await;
    }
}

#[tokio::test]
async fn an_unpaid_purchase_that_is_undone_is_canceled_and_nothing_is_credited() {
    for engine in ENGINES {
        let world = world(engine).await;
        let owner = world.client(As::Owner).await;
        let (_, bought) =
            buy(&owner, world.account, &json!({ "plan": "pro", "billed": "month", "licenses": 8 })).await;
        let cancel = format!("{}/subscription/cancellation", api(world.account));
        let page = owner.get(&format!("/a/{}/subscription", world.account)).await.text;
        assert!(page.contains("The unpaid $342.00 is canceled."), "{page}");
        let done = owner.post(&cancel, &json!({ "when": "now" })).await;
        assert_eq!((&done.json["credit"], &done.json["canceled"]["amount"]), (&Value::Null, &json!(34_200)));
        let invoice =
            owner.get(&format!("/api/v1/invoices/{}", bought["invoice"].as_str().unwrap())).await.json;
        assert_eq!(
            (&invoice["state"], &invoice["open"]["amount"]),
            (&json!("canceled"), &json!(0)),
            "{invoice}"
        );
        let mails = world.server.mail().await.join("\n");
        assert!(mails.contains("The unpaid $342.00 is canceled") && !mails.contains("credited"), "{mails}");
        let refunds = owner.get(&format!("{}/refunds", api(world.account))).await.json;
        assert_eq!(refunds["items"], json!([]), "nothing was paid, so nothing goes back");
        check_invariants(&world.server).await;
    }
}

#[tokio::test]
async fn what_was_paid_in_part_is_canceled_in_part_and_credited_in_part() {
    for engine in ENGINES {
        let world = world(engine).await;
        let owner = world.client(As::Owner).await;
        let (_, bought) =
            buy(&owner, world.account, &json!({ "plan": "pro", "billed": "month", "licenses": 8 })).await;
        let path = format!("/api/v1/invoices/{}", bought["invoice"].as_str().unwrap());
        owner.post(&format!("{path}/payments"), &json!({ "amount": 20_000 })).await;
        confirm_reported(&world.server).await;
        let cancel = format!("{}/subscription/cancellation", api(world.account));
        let done = owner.post(&cancel, &json!({ "when": "now" })).await.json;
        assert_eq!(
            (&done["credit"]["amount"], &done["canceled"]["amount"]),
            (&json!(20_000), &json!(14_200))
        );
        let invoice = owner.get(&path).await.json;
        assert_eq!((&invoice["state"], &invoice["canceled"]["amount"]), (&json!("paid"), &json!(14_200)));
        check_invariants(&world.server).await;
    }
}

#[tokio::test]
async fn a_refund_is_seen_from_its_request_to_its_end() {
    for engine in ENGINES {
        let world = world(engine).await;
        let owner = world.client(As::Owner).await;
        buy(&owner, world.account, &json!({ "plan": "pro", "billed": "month", "licenses": 8 })).await;
        pay(&world).await;
        let cancel = format!("{}/subscription/cancellation", api(world.account));
        owner.post(&cancel, &json!({ "when": "now" })).await;
        let refunds = format!("{}/refunds", api(world.account));
        let asked = owner.get(&refunds).await.json["items"][0].clone();
        assert_eq!(
            (&asked["state"], &asked["amount"]["amount"]),
            (&json!("requested"), &json!(34_200)),
            "{asked}"
        );
        assert_eq!(asked["requested_by"]["id"], json!(world.owner));
        let page = owner.get(&format!("/a/{}/subscription", world.account)).await.text;
        assert!(page.contains("Requested on March 2, 2026 by"), "{page}");
        // The credit pays a purchase first; what is left of it is still requested once it ends again.
        buy(&owner, world.account, &json!({ "plan": "pro", "billed": "month", "licenses": 8 })).await;
        let used = owner.get(&refunds).await.json["items"].clone();
        assert_eq!(
            (used[0]["state"].as_str(), used.as_array().unwrap().len()),
            (Some("failed"), 1),
            "{used}"
        );
        owner.post(&cancel, &json!({ "when": "now" })).await;
        let again = owner.get(&refunds).await.json["items"][0].clone();
        assert_eq!(
            (&again["state"], &again["amount"]["amount"]),
            (&json!("requested"), &json!(34_200)),
            "{again}"
        );
        // A part, then the rest; the account is told both times.
        for (amount, left) in [(Some(10_000), "requested"), (None, "succeeded")] {
            world.server.clock.advance(DAY);
            let (shop, site) = (billing::Shop::of(&world.server.app.config), world.server.app.site.clone());
            let account = world.account;
            let paid = world.server.db().write(async move |tx| {
                billing::charges::record_payout(tx, &shop, &site, None, account, amount, "T-77").await
            });
            paid.await.unwrap();
            let owner = world.client(As::Owner).await;
            let items = owner.get(&refunds).await.json["items"].clone();
            let request = items.as_array().unwrap().iter().find(|one| one["id"] == again["id"]).unwrap();
            assert_eq!(request["state"], left, "{items}");
        }
        let mails = world.server.mail().await.join("\n");
        assert!(
            mails.contains("Your refund of $100.00 was paid out") && mails.contains("We transferred $242.00")
        );
        let owner = world.client(As::Owner).await;
        let page = owner.get(&format!("/a/{}/subscription", world.account)).await.text;
        assert!(page.contains("Paid out on March 4, 2026, reference T-77."), "{page}");
        assert_eq!(subscription(&owner, world.account).await["balance"]["amount"], 0);
        check_invariants(&world.server).await;
    }
}

#[tokio::test]
async fn a_years_invoices_come_as_a_table_and_as_one_document_with_totals() {
    for engine in ENGINES {
        let world = world(engine).await;
        let owner = world.client(As::Owner).await;
        buy(&owner, world.account, &json!({ "plan": "pro", "billed": "month", "licenses": 8 })).await;
        pay(&world).await;
        let cancel = format!("{}/subscription/cancellation", api(world.account));
        advance(&world, 15 * DAY + DAY / 2).await;
        let owner = world.client(As::Owner).await;
        owner.post(&cancel, &json!({ "when": "now" })).await;
        let csv = owner.get(&format!("{}/invoices.csv?year=2026", api(world.account))).await.text;
        let lines = csv.lines().collect::<Vec<_>>();
        assert_eq!(lines.len(), 6, "{csv}");
        assert!(
            lines[1].starts_with("\"2026-00001\",\"invoice\",\"2026-03-02\"")
                && lines[1].ends_with(",342.00,0.00,0.00")
        );
        assert!(lines[2].ends_with(",-171.00,0.00,0.00"), "{csv}");
        assert!(lines[3].starts_with("\"Total\"") && lines[3].ends_with(",171.00,0.00,0.00"), "{csv}");
        assert!(lines[4].starts_with("\"Payments received\"") && lines[4].contains(",342.00,"), "{csv}");
        let pdf = owner.get(&format!("/a/{}/invoices.pdf", world.account)).await;
        assert_eq!(
            (pdf.status, &pdf.headers["content-type"]),
            (StatusCode::OK, &"application/pdf".parse().unwrap())
        );
        // Another year has none, and no year is refused.
        let none = owner.get(&format!("{}/invoices.csv?year=2025", api(world.account))).await.text;
        assert_eq!(none.lines().count(), 4, "{none}");
        for bad in ["0", "99999", "soon"] {
            let refused = owner.get(&format!("{}/invoices.csv?year={bad}", api(world.account))).await;
            assert!(refused.status.is_client_error(), "{bad}: {}", refused.status);
        }
        let member = world.client(As::Member).await;
        assert_eq!(
            member.get(&format!("/a/{}/invoices.pdf", world.account)).await.status,
            StatusCode::FORBIDDEN
        );
    }
}

#[tokio::test]
async fn more_licenses_than_one_can_buy_are_asked_for_once_a_day() {
    for engine in ENGINES {
        let world = world(engine).await;
        let owner = world.client(As::Owner).await;
        let path = format!("{}/license-requests", api(world.account));
        let wish = json!({ "licenses": 30, "note": "We open a second site." });
        for bad in [20, 0, -1, 1_000_000] {
            let refused = owner.post(&path, &json!({ "licenses": bad })).await;
            assert_eq!(refused.status, 422, "{bad}: {}", refused.text);
        }
        let asked = owner.post(&path, &wish).await;
        assert_eq!(asked.status, StatusCode::ACCEPTED, "{}", asked.text);
        let letters = world.server.mail().await.join("\n");
        assert!(
            letters.contains("asks for 30 licenses. They have 20 now.")
                && letters.contains("We open a second site."),
            "{letters}"
        );
        assert!(
            letters.contains(&format!("covey billing arrange --account {} --licenses 30", world.account))
        );
        assert_eq!(owner.post(&path, &wish).await.json["code"], "asked_already");
        world.server.clock.advance(DAY + 1);
        let page = world
            .client(As::Administrator)
            .await
            .form(&format!("/a/{}/licenses/ask", world.account), &[("licenses", "40"), ("note", "")])
            .await;
        assert!(page.status.is_redirection(), "{}", page.text);
        assert!(world.server.mail().await.join("\n").contains("asks for 40 licenses"));
        let dismissed = world
            .server
            .db()
            .write(async |tx| workflows::operator::dismiss(tx, "operator@riverside.test").await);
        dismissed.await.unwrap();
        world.server.clock.advance(DAY + 1);
        let owner = world.client(As::Owner).await;
        assert_eq!(owner.post(&path, &wish).await.json["code"], "nobody_to_ask");
    }
}
