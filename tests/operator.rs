//! The operator's pages: who gets in, for how long, and what they do there.

use axum::http::{Method, StatusCode};
use kernel::clock::MINUTE;
use serde_json::json;
use storage::sql;

use crate::support::{As, Client, ENGINES, Engine, PASSWORD, Reply, World};

/// Where an answer leads, if it is a redirect.
fn way(reply: &Reply) -> &str {
    reply.headers.get("location").map_or("", |to| to.to_str().unwrap())
}

async fn page(client: &Client, path: &str) -> Reply {
    client.send(Method::GET, path, &[("accept", "text/html")], axum::body::Body::empty()).await
}

#[tokio::test]
async fn the_pages_open_by_name_and_password_for_a_quarter_of_an_hour() {
    let world = World::new(Engine::Sqlite).await;
    let owner = world.client(As::Owner).await;
    for path in ["/operator", "/operator/enter", "/operator/accounts"] {
        assert_eq!(page(&owner, path).await.status, StatusCode::NOT_FOUND, "{path}");
    }
    // A session of an operator's is not enough.
    let operator = world.server.client(world.operator).await;
    let asked = page(&operator, "/operator/accounts?q=hills").await;
    assert_eq!(way(&asked), "/operator/enter?next=%2Foperator%2Faccounts%3Fq%3Dhills");
    let wrong = operator.form("/operator/enter", &[("current_password", "not this one")]).await;
    assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(
        wrong.text.contains("This isn&#39;t your current password.")
            || wrong.text.contains("current password"),
        "{}",
        wrong.text
    );
    assert!(way(&page(&operator, "/operator").await).starts_with("/operator/enter"));
    let right = [("current_password", PASSWORD), ("next", "/operator/accounts?q=hills")];
    assert_eq!(way(&operator.form("/operator/enter", &right).await), "/operator/accounts?q=hills");
    let found = page(&operator, "/operator/accounts?q=hills").await;
    assert!(found.text.contains("Hillside") && !found.text.contains("Riverside"), "{}", found.text);
    // Another session of the same person is as closed as before.
    let elsewhere = world.server.client(world.operator).await;
    assert!(way(&page(&elsewhere, "/operator").await).starts_with("/operator/enter"));
    let evil = [("current_password", PASSWORD), ("next", "//evil.example")];
    assert_eq!(way(&elsewhere.form("/operator/enter", &evil).await), "/operator");

    world.server.clock.advance(15 * MINUTE + 1);
    assert!(way(&page(&operator, "/operator").await).starts_with("/operator/enter"));
    let late = operator
        .form("/operator/payments/pay_00000000000000000000000000/confirm", &[("confirm", "yes")])
        .await;
    assert_eq!(way(&late), "/operator/enter?next=%2Foperator");

    world
        .server
        .db()
        .write(async |tx| workflows::operator::dismiss(tx, "operator@riverside.test").await)
        .await
        .unwrap();
    assert_eq!(page(&operator, "/operator").await.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn a_clock_that_goes_back_does_not_keep_them_open() {
    let world = World::new(Engine::Sqlite).await;
    let operator = world.client(As::Operator).await;
    assert_eq!(page(&operator, "/operator").await.status, StatusCode::OK);
    world.server.clock.advance(-60 * MINUTE);
    assert!(way(&page(&operator, "/operator").await).starts_with("/operator/enter"));
}

#[tokio::test]
async fn a_reported_payment_is_confirmed_once_and_by_name() {
    for engine in ENGINES {
        let world = World::new(engine).await;
        world.server.leave_mail();
        let owner = world.client(As::Owner).await;
        let api = format!("/api/v1/accounts/{}", world.account);
        let wish = json!({ "plan": "pro", "billed": "month", "licenses": 18 });
        let quote = owner.post(&format!("{api}/subscription/quotes"), &wish).await.json["id"].clone();
        let bought = json!({ "quote": quote, "accept_terms": true });
        let bought = owner.post(&format!("{api}/subscription/purchases"), &bought).await;
        let invoice = bought.json["invoice"].as_str().unwrap_or_else(|| panic!("{}", bought.text)).to_owned();
        let report = json!({ "amount": 100, "note": "Check 7" });
        let report = owner.post(&format!("/api/v1/invoices/{invoice}/payments"), &report).await;
        let payment = report.json["payment"].as_str().unwrap_or_else(|| panic!("{}", report.text)).to_owned();

        let operator = world.client(As::Operator).await;
        let list = page(&operator, "/operator").await;
        assert!(list.text.contains("Check 7") && list.text.contains("$1.00"), "{}", list.text);
        assert!(page(&operator, "/operator/invoices").await.text.contains("Riverside"));
        let path = format!("/operator/payments/{payment}/confirm");
        let asked = operator.form(&path, &[]).await;
        assert!(
            asked.status == StatusCode::OK && asked.text.contains("Confirm this payment?"),
            "{}",
            asked.text
        );
        for _ in 0..2 {
            assert_eq!(way(&operator.form(&path, &[("confirm", "yes")]).await), "/operator");
        }
        assert!(!page(&operator, "/operator").await.text.contains("Check 7"));
        let by = world.operator;
        let events =
            sql!("SELECT count(*) FROM audit_events WHERE action = 'payment.recorded' AND actor_id = $1");
        let events =
            world.server.db().read(async move |tx| tx.value::<i64>(events, &[&by]).await).await.unwrap();
        assert_eq!(events, 1, "{engine:?}");
        let rejected =
            operator.form(&format!("/operator/payments/{payment}/reject"), &[("confirm", "yes")]).await;
        assert_eq!(way(&rejected), "/operator", "it says that this is over");
    }
}
