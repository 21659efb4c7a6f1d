//! Cards, through a real implementation of Stripe's interface (localstripe), with a broken line between
//! it and us where a test wants one. Whatever happens, nobody is charged twice and nothing is lost.

use std::{
    process::{Child, Command, Stdio},
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use axum::{
    Router,
    body::Bytes,
    extract::State,
    http::{HeaderMap, Method, StatusCode, Uri},
    response::{IntoResponse, Response},
};
use billing::tick;
use data_encoding::HEXLOWER;
use hmac::{Hmac, KeyInit, Mac};
use kernel::{
    clock::{Clock, DAY, MINUTE},
    id::AccountId,
};
use platform::config::Payments;
use serde_json::{Value, json};
use sha2::Sha256;
use storage::sql;

use crate::{
    billing::{check_invariants, purchase, quote},
    letters::read_well_on_any_day,
    support::{As, Client, ENGINES, Engine, Reply, Server, World},
};

const GOOD: &str = "4242424242424242";
/// It can be entered, and every charge is refused (as Stripe's own test card).
const REFUSED: &str = "4000000000000341";
const SECRET: &str = "whsec_test";

/// How the line between us and the card company is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Line {
    Good,
    /// Nothing gets through.
    Down,
    /// What moves money gets through, and its answer is lost.
    AnswerLost,
}

#[derive(Clone)]
struct Proxy {
    to: String,
    line: Arc<Mutex<Line>>,
    /// How many charges were asked for over it.
    charges: Arc<AtomicUsize>,
    http: reqwest::Client,
}

async fn pass(
    State(proxy): State<Proxy>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let line = *proxy.line.lock().unwrap();
    if line == Line::Down {
        return StatusCode::BAD_GATEWAY.into_response();
    }
    if method == Method::POST && uri.path().ends_with("/confirm") {
        proxy.charges.fetch_add(1, Ordering::SeqCst);
    }
    let mut request = proxy.http.request(method, format!("{}{uri}", proxy.to)).body(body);
    for name in ["authorization", "content-type", "idempotency-key"] {
        if let Some(value) = headers.get(name) {
            request = request.header(name, value);
        }
    }
    let moves = uri.path().ends_with("/confirm") || uri.path() == "/v1/refunds";
    let answer = request.send().await.unwrap();
    let (status, bytes) = (answer.status(), answer.bytes().await.unwrap());
    match line {
        Line::AnswerLost if moves => StatusCode::GATEWAY_TIMEOUT.into_response(),
        _ => (status, bytes).into_response(),
    }
}

/// The card company, and a line to it.
struct Stripe {
    child: Child,
    proxy: Proxy,
    base: String,
}

impl Drop for Stripe {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// It listens on every interface by itself; so it is run on the loopback alone.
const SERVE: &str = "import sys; from aiohttp import web; from localstripe.server import app; \
                     web.run_app(app, host='127.0.0.1', port=int(sys.argv[1]), print=None)";

impl Stripe {
    async fn start() -> Self {
        let tools =
            std::env::var("TEST_TOOLS").expect("run scripts/test: it installs localstripe for the tests");
        let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let mut command = Command::new(format!("{tools}/python/bin/python"));
        command.args(["-c", SERVE, &port.to_string()]).stdout(Stdio::null()).stderr(Stdio::null());
        let child = command.current_dir(std::env::temp_dir()).spawn().unwrap();
        let proxy = Proxy {
            to: format!("http://127.0.0.1:{port}"),
            line: Arc::new(Mutex::new(Line::Good)),
            charges: Arc::default(),
            http: reqwest::Client::new(),
        };
        for attempt in 0.. {
            assert!(attempt < 200, "localstripe did not start");
            if tokio::net::TcpStream::connect(("127.0.0.1", port)).await.is_ok() {
                break;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let base = format!("http://{}", listener.local_addr().unwrap());
        let service = Router::new().fallback(pass).with_state(proxy.clone());
        tokio::spawn(async move { axum::serve(listener, service).await });
        Self { child, proxy, base }
    }

    fn line(&self, line: Line) {
        *self.proxy.line.lock().unwrap() = line;
    }

    async fn ask(&self, path: &str) -> Value {
        let request = self.proxy.http.get(format!("{}/v1/{path}", self.proxy.to)).bearer_auth("sk_test_x");
        request.send().await.unwrap().json().await.unwrap()
    }

    /// Makes a payment method, as a browser does at Stripe.
    async fn card(&self, number: &str) -> String {
        let form = [
            ("type", "card"),
            ("card[number]", number),
            ("card[exp_month]", "12"),
            ("card[exp_year]", "2040"),
            ("card[cvc]", "123"),
        ];
        let body = form_urlencoded::Serializer::new(String::new()).extend_pairs(form).finish();
        let request = self.proxy.http.post(format!("{}/v1/payment_methods", self.proxy.to));
        let request =
            request.bearer_auth("sk_test_x").header("content-type", "application/x-www-form-urlencoded");
        let made: Value = request.body(body).send().await.unwrap().json().await.unwrap();
        made["id"].as_str().unwrap_or_else(|| panic!("{made}")).to_owned()
    }

    /// How much was charged and given back for real, in minor units.
    async fn taken(&self) -> i64 {
        let charges = self.ask("charges?limit=100").await;
        let refunds = self.ask("refunds?limit=100").await;
        let sum = |list: &Value| {
            let good = list["data"].as_array().unwrap().iter().filter(|item| item["status"] == "succeeded");
            good.map(|item| item["amount"].as_i64().unwrap()).sum::<i64>()
        };
        sum(&charges) - sum(&refunds)
    }
}

async fn world(engine: Engine, stripe: &Stripe) -> World {
    let base = stripe.base.clone();
    let server = Server::at(Clock::System.now(), engine, |config| {
        (config.trial_licenses, config.trial_days) = (10, 30);
        config.payments = Payments::Stripe;
        config.stripe_key = Some("sk_test_x".into());
        config.stripe_webhook_secret = Some(SECRET.into());
        config.stripe_url = base;
    });
    let world = World::on(server.await).await;
    // Invoices and reminders are mailed all along; letters.rs reads them.
    world.server.leave_mail();
    world
}

async fn enter_card(stripe: &Stripe, client: &Client, account: AccountId, number: &str) {
    let method = stripe.card(number).await;
    let path = format!("/api/v1/accounts/{account}/payment-method");
    let done = client.put(&path, &json!({ "method": method })).await;
    assert_eq!(done.status, StatusCode::NO_CONTENT, "{}", done.text);
}

async fn try_to_buy(client: &Client, account: AccountId, licenses: i64) -> Reply {
    let wish = json!({ "plan": "pro", "billed": "month", "licenses": licenses });
    let quoted = quote(client, account, &wish).await;
    assert_eq!(quoted.status, StatusCode::CREATED, "{}", quoted.text);
    purchase(client, account, &quoted.json["id"]).await
}

async fn subscription(client: &Client, account: AccountId) -> Value {
    client.get(&format!("/api/v1/accounts/{account}/subscription")).await.json
}

fn code(reply: &Reply) -> &str {
    reply.json["code"].as_str().unwrap_or_default()
}

#[tokio::test]
async fn a_card_is_charged_exactly_the_quote_once_however_often_the_button_is_pressed() {
    let stripe = Stripe::start().await;
    for engine in ENGINES {
        let before = stripe.taken().await;
        let world = world(engine, &stripe).await;
        let owner = world.client(As::Owner).await;
        assert_eq!(code(&try_to_buy(&owner, world.account, 6).await), "no_card");
        enter_card(&stripe, &owner, world.account, GOOD).await;
        assert_eq!(subscription(&owner, world.account).await["payment_method"], "Visa ending in 4242");
        let quoted =
            quote(&owner, world.account, &json!({ "plan": "pro", "billed": "month", "licenses": 6 })).await;
        let press = |_| {
            let (owner, account, id) = (owner.clone(), world.account, quoted.json["id"].clone());
            tokio::spawn(async move { purchase(&owner, account, &id).await })
        };
        for answer in futures_util::future::join_all((0..12).map(press)).await {
            let answer = answer.unwrap();
            assert!(matches!(answer.status.as_u16(), 201 | 202), "{}", answer.text);
        }
        let again = purchase(&owner, world.account, &quoted.json["id"]).await;
        assert_eq!((again.status.as_u16(), &again.json["state"]), (201, &json!("done")));
        assert_eq!(stripe.taken().await - before, quoted.json["total"]["amount"].as_i64().unwrap());
        let now = subscription(&owner, world.account).await;
        assert_eq!((&now["licenses"]["total"], &now["balance"]["amount"]), (&json!(6), &json!(0)));
        check_invariants(&world.server).await;
    }
}

#[tokio::test]
async fn a_declined_card_changes_nothing_and_another_one_can_be_used() {
    let stripe = Stripe::start().await;
    for engine in ENGINES {
        let world = world(engine, &stripe).await;
        let owner = world.client(As::Owner).await;
        enter_card(&stripe, &owner, world.account, REFUSED).await;
        let quoted = quote(&owner, world.account, &json!({ "plan": "pro", "licenses": 6 })).await.json;
        let refused = purchase(&owner, world.account, &quoted["id"]).await;
        assert_eq!((refused.status.as_u16(), code(&refused)), (409, "card_declined"), "{}", refused.text);
        assert_eq!(subscription(&owner, world.account).await["state"], "trial");
        assert_eq!(world.server.count(sql!("SELECT count(*) FROM ledger")).await, 0);
        enter_card(&stripe, &owner, world.account, GOOD).await;
        let bought = purchase(&owner, world.account, &quoted["id"]).await;
        assert_eq!(bought.status, StatusCode::CREATED, "{}", bought.text);
        check_invariants(&world.server).await;
    }
}

#[tokio::test]
async fn an_answer_that_is_lost_is_found_again_and_nobody_is_charged_twice() {
    let stripe = Stripe::start().await;
    for engine in ENGINES {
        let before = stripe.taken().await;
        let world = world(engine, &stripe).await;
        let owner = world.client(As::Owner).await;
        enter_card(&stripe, &owner, world.account, GOOD).await;
        stripe.line(Line::AnswerLost);
        let begun = try_to_buy(&owner, world.account, 6).await;
        assert_eq!(
            (begun.status.as_u16(), &begun.json["state"]),
            (202, &json!("confirming")),
            "{}",
            begun.text
        );
        assert_eq!(subscription(&owner, world.account).await["state"], "trial");
        // Meanwhile nothing else is sold.
        let second = quote(&owner, world.account, &json!({ "plan": "pro", "licenses": 7 })).await.json;
        assert_eq!(code(&purchase(&owner, world.account, &second["id"]).await), "payment_under_way");
        stripe.line(Line::Down);
        world.server.clock.advance(MINUTE);
        tick(&world.server.app).await.unwrap();
        stripe.line(Line::Good);
        world.server.clock.advance(10 * MINUTE);
        let charges = stripe.proxy.charges.load(Ordering::SeqCst);
        tick(&world.server.app).await.unwrap();
        let now = subscription(&world.client(As::Owner).await, world.account).await;
        assert_eq!((&now["state"], &now["licenses"]["total"]), (&json!("active"), &json!(6)));
        assert_eq!(
            stripe.proxy.charges.load(Ordering::SeqCst),
            charges,
            "it looked instead of charging again"
        );
        assert_eq!(stripe.taken().await - before, 26_400);
        check_invariants(&world.server).await;
    }
}

#[tokio::test]
async fn a_company_that_is_down_is_asked_until_it_answers() {
    let stripe = Stripe::start().await;
    let world = world(Engine::Sqlite, &stripe).await;
    let owner = world.client(As::Owner).await;
    enter_card(&stripe, &owner, world.account, GOOD).await;
    stripe.line(Line::Down);
    assert_eq!(try_to_buy(&owner, world.account, 6).await.status, StatusCode::ACCEPTED);
    for _ in 0..2 {
        world.server.clock.advance(11 * MINUTE);
        tick(&world.server.app).await.unwrap();
    }
    assert_eq!(stripe.taken().await, 0);
    stripe.line(Line::Good);
    world.server.clock.advance(61 * MINUTE);
    tick(&world.server.app).await.unwrap();
    let now = subscription(&world.client(As::Owner).await, world.account).await;
    assert_eq!(
        now["state"], "active",
        "an hour later the price still holds, since its charge was begun in time"
    );
    assert_eq!(stripe.taken().await, 26_400);
    check_invariants(&world.server).await;
}

#[tokio::test]
async fn renewals_are_charged_refusals_are_told_and_a_new_card_mends_them() {
    let stripe = Stripe::start().await;
    let world = world(Engine::Sqlite, &stripe).await;
    let owner = world.client(As::Owner).await;
    enter_card(&stripe, &owner, world.account, GOOD).await;
    assert_eq!(try_to_buy(&owner, world.account, 6).await.status, StatusCode::CREATED);
    enter_card(&stripe, &owner, world.account, REFUSED).await;
    world.server.clock.advance(32 * DAY);
    tick(&world.server.app).await.unwrap();
    tick(&world.server.app).await.unwrap();
    let owner = world.client(As::Owner).await;
    let now = subscription(&owner, world.account).await;
    assert_eq!((&now["standing"], &now["balance"]["amount"]), (&json!("grace"), &json!(26_400)), "{now}");
    assert!(world.server.mail().await.iter().any(|mail| mail.contains("couldn't charge your card")));
    enter_card(&stripe, &owner, world.account, GOOD).await;
    let invoices = owner.get(&format!("/api/v1/accounts/{}/invoices", world.account)).await.json;
    let newest = invoices["items"][0]["id"].as_str().unwrap();
    let charge = format!("/api/v1/invoices/{newest}/charges");
    assert_eq!(owner.post(&charge, &Value::Null).await.status, StatusCode::ACCEPTED);
    tick(&world.server.app).await.unwrap();
    let now = subscription(&owner, world.account).await;
    assert_eq!((&now["standing"], &now["balance"]["amount"]), (&json!("good"), &json!(0)), "{now}");
    assert_eq!(code(&owner.post(&charge, &Value::Null).await), "nothing_open");
    assert_eq!(stripe.taken().await, 2 * 26_400);
    check_invariants(&world.server).await;
    read_well_on_any_day("by_card", &world.server).await;
}

#[tokio::test]
async fn an_end_gives_the_unused_time_back_to_the_card_once() {
    let stripe = Stripe::start().await;
    let world = world(Engine::Sqlite, &stripe).await;
    let owner = world.client(As::Owner).await;
    enter_card(&stripe, &owner, world.account, GOOD).await;
    assert_eq!(try_to_buy(&owner, world.account, 6).await.status, StatusCode::CREATED);
    let cancel = format!("/api/v1/accounts/{}/subscription/cancellation", world.account);
    let done = owner.post(&cancel, &json!({ "when": "now" })).await;
    let credit = done.json["credit"]["amount"].as_i64().unwrap();
    stripe.line(Line::AnswerLost);
    tick(&world.server.app).await.unwrap();
    stripe.line(Line::Good);
    world.server.clock.advance(2 * MINUTE);
    tick(&world.server.app).await.unwrap();
    tick(&world.server.app).await.unwrap();
    assert_eq!(stripe.taken().await, 26_400 - credit);
    assert_eq!(subscription(&owner, world.account).await["balance"]["amount"], 0);
    check_invariants(&world.server).await;
}

#[tokio::test]
async fn credit_that_is_on_its_way_back_buys_nothing() {
    let stripe = Stripe::start().await;
    let world = world(Engine::Sqlite, &stripe).await;
    let owner = world.client(As::Owner).await;
    enter_card(&stripe, &owner, world.account, GOOD).await;
    assert_eq!(try_to_buy(&owner, world.account, 6).await.status, StatusCode::CREATED);
    let cancel = format!("/api/v1/accounts/{}/subscription/cancellation", world.account);
    assert_eq!(owner.post(&cancel, &json!({ "when": "now" })).await.status, StatusCode::OK);
    // Before the refund is made.
    assert_eq!(try_to_buy(&owner, world.account, 6).await.status, StatusCode::CREATED);
    tick(&world.server.app).await.unwrap();
    assert_eq!(stripe.taken().await, 26_400);
    assert_eq!(subscription(&owner, world.account).await["balance"]["amount"], 0);
    check_invariants(&world.server).await;
}

/// A practice whose renewal was refused: a retry waits for its day.
async fn refused(stripe: &Stripe) -> World {
    let world = world(Engine::Sqlite, stripe).await;
    let owner = world.client(As::Owner).await;
    enter_card(stripe, &owner, world.account, GOOD).await;
    assert_eq!(try_to_buy(&owner, world.account, 6).await.status, StatusCode::CREATED);
    enter_card(stripe, &owner, world.account, REFUSED).await;
    world.server.clock.advance(32 * DAY);
    tick(&world.server.app).await.unwrap();
    tick(&world.server.app).await.unwrap();
    assert_eq!(world.server.count(sql!("SELECT count(*) FROM payments WHERE state = 'pending'")).await, 1);
    world
}

#[tokio::test]
async fn a_retry_that_waits_holds_nothing_up() {
    let stripe = Stripe::start().await;
    let world = refused(&stripe).await;
    let owner = world.client(As::Owner).await;
    let cancel = format!("/api/v1/accounts/{}/subscription/cancellation", world.account);
    let ended = owner.post(&cancel, &json!({ "when": "now" })).await;
    assert_eq!(ended.status, StatusCode::OK, "{}", ended.text);
    world.server.clock.advance(3 * DAY);
    tick(&world.server.app).await.unwrap();
    assert_eq!(stripe.taken().await, 26_400, "what was dropped is not charged");
    check_invariants(&world.server).await;
}

#[tokio::test]
async fn what_was_paid_otherwise_is_not_charged_again() {
    let stripe = Stripe::start().await;
    let world = refused(&stripe).await;
    enter_card(&stripe, &world.client(As::Owner).await, world.account, GOOD).await;
    let (shop, site) = (billing::Shop::of(&world.server.app.config), world.server.app.site.clone());
    let number = world.server.db().read(async |tx| {
        tx.value::<String>(sql!("SELECT number FROM invoices WHERE number LIKE '%-00002'"), &[]).await
    });
    let number = number.await.unwrap();
    let recorded = world.server.db().write(async move |tx| {
        billing::charges::record_by_operator(tx, &shop, &site, &number, None, "Bank").await
    });
    recorded.await.unwrap();
    world.server.clock.advance(3 * DAY);
    tick(&world.server.app).await.unwrap();
    assert_eq!(stripe.taken().await, 26_400, "the card was charged for the first month alone");
    check_invariants(&world.server).await;
}

/// What Stripe would tell, signed as it signs.
fn told(id: &str, payment: &str, at: i64) -> (String, String) {
    let body = json!({ "id": id, "type": "payment_intent.succeeded", "data": { "object":
        { "id": "pi_told", "status": "succeeded", "metadata": { "payment": payment } } } })
    .to_string();
    let mut mac = Hmac::<Sha256>::new_from_slice(SECRET.as_bytes()).unwrap();
    mac.update(format!("{at}.{body}").as_bytes());
    (format!("t={at},v1={}", HEXLOWER.encode(&mac.finalize().into_bytes())), body)
}

#[tokio::test]
async fn what_stripe_tells_settles_a_payment_once_and_forgeries_do_nothing() {
    let stripe = Stripe::start().await;
    for engine in ENGINES {
        let world = world(engine, &stripe).await;
        let owner = world.client(As::Owner).await;
        enter_card(&stripe, &owner, world.account, GOOD).await;
        stripe.line(Line::Down);
        assert_eq!(try_to_buy(&owner, world.account, 6).await.status, StatusCode::ACCEPTED);
        stripe.line(Line::Good);
        let payment = world
            .server
            .db()
            .read(async |tx| tx.value::<kernel::id::PaymentId>(sql!("SELECT id FROM payments"), &[]).await);
        let payment = payment.await.unwrap().to_string();
        let now = world.server.clock.now().micros() / 1_000_000;
        let tell = async |signature: String, body: String| {
            let headers = [("stripe-signature", signature.as_str()), ("content-type", "application/json")];
            world
                .server
                .anonymous()
                .send(Method::POST, "/api/v1/webhooks/stripe", &headers, body.into())
                .await
                .status
        };
        let (signature, body) = told("evt_1", &payment, now);
        let forged = tell(signature.clone(), body.replace("evt_1", "evt_2")).await;
        assert_eq!(forged, StatusCode::FORBIDDEN);
        let (old, old_body) = told("evt_1", &payment, now - 3_600);
        assert_eq!(tell(old, old_body).await, StatusCode::FORBIDDEN);
        assert_eq!(subscription(&owner, world.account).await["state"], "trial");
        for _ in 0..3 {
            assert_eq!(tell(signature.clone(), body.clone()).await, StatusCode::NO_CONTENT);
        }
        let (other, other_body) = told("evt_9", &payment, now);
        assert_eq!(tell(other, other_body).await, StatusCode::NO_CONTENT);
        let (unknown, unknown_body) = told("evt_10", "pay_00000000000000000000000000", now);
        assert_eq!(tell(unknown, unknown_body).await, StatusCode::NO_CONTENT);
        assert_eq!(subscription(&owner, world.account).await["balance"]["amount"], 0);
        assert_eq!(world.server.count(sql!("SELECT count(*) FROM ledger")).await, 2);
        check_invariants(&world.server).await;
    }
}
