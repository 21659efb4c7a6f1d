//! Webhooks, against receivers of every kind, and checked by three libraries that are not ours.

use std::{
    io,
    net::{IpAddr, Ipv4Addr},
    process::{Command, Stdio},
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use axum::{
    Router,
    body::{Body, Bytes},
    extract::State,
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse, Response},
};
use developers::webhooks::{Lookup, Sender, Targets, Worker, deliver_due, tidy};
use futures_util::{future::BoxFuture, stream};
use kernel::{
    clock::{Clock, DAY, HOUR, MINUTE, SECOND},
    id::LocationId,
};
use platform::audit::{self, Action, Event};
use serde_json::{Value, json};
use storage::sql;
use tokio::net::TcpListener;

use crate::{
    letters::read_well,
    support::{As, Client, ENGINES, Engine, Reply, Server, World},
};

/// How a receiver answers.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Manner {
    Takes,
    Status(u16),
    Redirects,
    /// It answers after a while that is longer than anyone waits.
    Slow,
    /// Its answer never ends.
    Endless,
}

struct Got {
    headers: HeaderMap,
    body: String,
}

impl Got {
    fn header(&self, name: &str) -> &str {
        self.headers[name].to_str().unwrap()
    }

    fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap()
    }
}

/// A program that hears of events.
#[derive(Clone)]
struct Receiver {
    port: u16,
    manner: Arc<Mutex<Manner>>,
    got: Arc<Mutex<Vec<Got>>>,
}

async fn receive(State(receiver): State<Receiver>, headers: HeaderMap, body: Bytes) -> Response {
    let body = String::from_utf8(body.to_vec()).unwrap();
    receiver.got.lock().unwrap().push(Got { headers, body });
    let manner = *receiver.manner.lock().unwrap();
    match manner {
        Manner::Takes => "Thank you.\u{0}".into_response(),
        Manner::Status(status) => {
            (StatusCode::from_u16(status).unwrap(), "Not now: <b>\u{1b}").into_response()
        }
        Manner::Redirects => {
            (StatusCode::FOUND, [(header::LOCATION, format!("http://127.0.0.1:{}/else", receiver.port))])
                .into_response()
        }
        Manner::Slow => {
            tokio::time::sleep(Duration::from_secs(30)).await;
            StatusCode::OK.into_response()
        }
        Manner::Endless => {
            let more = stream::repeat_with(|| Ok::<_, io::Error>(Bytes::from_static(&[b'x'; 1024])));
            Body::from_stream(more).into_response()
        }
    }
}

impl Receiver {
    async fn at(address: Ipv4Addr) -> Self {
        let listener = TcpListener::bind((address, 0)).await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let receiver =
            Self { port, manner: Arc::new(Mutex::new(Manner::Takes)), got: Arc::new(Mutex::new(Vec::new())) };
        let app = Router::new().fallback(receive).with_state(receiver.clone());
        tokio::spawn(async move { axum::serve(listener, app).await.unwrap() });
        receiver
    }

    async fn new() -> Self {
        Self::at(Ipv4Addr::LOCALHOST).await
    }

    fn url(&self) -> String {
        format!("http://127.0.0.1:{}/hooks", self.port)
    }

    fn behaves(&self, manner: Manner) {
        *self.manner.lock().unwrap() = manner;
    }

    fn take(&self) -> Vec<Got> {
        std::mem::take(&mut *self.got.lock().unwrap())
    }

    /// The objects of the events that it got since the last look.
    fn objects(&self) -> Vec<String> {
        self.take().iter().map(|got| got.json()["object"].as_str().unwrap().to_owned()).collect()
    }
}

/// A world whose operator allows this machine, a sender that does not wait long, and the owner.
struct Scene {
    world: World,
    sender: Sender,
    owner: Client,
    api: String,
}

const ALLOWED: [&str; 1] = ["127.0.0.1"];

fn sender(targets: Targets) -> Sender {
    Sender::patient(targets, Duration::from_secs(2)).unwrap()
}

fn allowed() -> Vec<String> {
    ALLOWED.map(str::to_owned).to_vec()
}

impl Scene {
    async fn new(engine: Engine) -> Self {
        Self::on(Server::with(engine, |config| config.webhook_allow = allowed()).await).await
    }

    /// On the clock that other programs have, too: signatures are good for minutes.
    async fn today() -> Self {
        let today = |config: &mut platform::config::Config| config.webhook_allow = allowed();
        Self::on(Server::at(Clock::System.now(), Engine::Sqlite, today).await).await
    }

    async fn on(server: Server) -> Self {
        let world = World::on(server).await;
        let owner = world.client(As::Owner).await;
        let api = format!("/api/v1/accounts/{}/webhooks", world.account);
        Self { world, sender: sender(Targets::new(&allowed())), owner, api }
    }

    /// The path and the secret of a new webhook.
    async fn add(&self, url: &str, types: &[&str]) -> (String, String) {
        let made = fine(self.owner.post(&self.api, &json!({ "url": url, "types": types })).await);
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        (format!("{}/{}", self.api, text(&made["webhook"]["id"])), text(&made["secret"]))
    }

    /// Something happens.
    async fn happen(&self) -> String {
        let (account, by, group) = (self.world.account, self.world.owner, self.world.group);
        let object = LocationId::at(Clock::System.now(), kernel::random::Random::System.bytes());
        let happened = self.world.server.db().write(async move |tx| {
            audit::record(tx, Event::new(account, by, Action::LocationChanged, object).in_group(group)).await
        });
        happened.await.unwrap();
        object.to_string()
    }

    async fn happen_times(&self, times: usize) -> Vec<String> {
        let mut objects = Vec::new();
        for _ in 0..times {
            objects.push(self.happen().await);
        }
        objects
    }

    async fn deliver(&self) {
        deliver_due(&self.world.server.app.services(), &self.sender).await.unwrap();
    }

    fn later(&self, micros: i64) {
        self.world.server.clock.advance(micros);
    }

    async fn owner(&self) -> Client {
        self.world.client(As::Owner).await
    }

    async fn state(&self, webhook: &str) -> String {
        fine(self.owner().await.get(webhook).await)["state"].as_str().unwrap().to_owned()
    }

    /// The newest deliveries of a webhook.
    async fn deliveries(&self, webhook: &str) -> Vec<Value> {
        let list = fine(self.owner().await.get(&format!("{webhook}/deliveries?limit=100")).await);
        list["items"].as_array().unwrap().clone()
    }

    async fn attempts(&self, webhook: &str, delivery: &Value) -> Vec<Value> {
        let path = format!("{webhook}/deliveries/{}", delivery["id"].as_str().unwrap());
        fine(self.owner().await.get(&path).await)["attempts"].as_array().unwrap().clone()
    }
}

fn fine(reply: Reply) -> Value {
    assert!(reply.status.is_success(), "{} {}", reply.status, reply.text);
    reply.json
}

#[tokio::test]
async fn events_arrive_in_order_once_each_and_say_only_what_the_feed_says() {
    for engine in ENGINES {
        let scene = Scene::new(engine).await;
        scene.world.server.leave_mail();
        let receiver = Receiver::new().await;
        let (webhook, _) = scene.add(&receiver.url(), &[]).await;
        let (closed, _) = scene.add(&receiver.url(), &["case.closed"]).await;
        scene.deliver().await;
        assert!(receiver.take().is_empty(), "{engine:?}: it hears of what happens from now on");
        let made = scene.happen_times(30).await;
        scene.deliver().await;
        let got = receiver.take();
        let objects = got.iter().map(|got| got.json()["object"].as_str().unwrap().to_owned());
        assert_eq!(objects.collect::<Vec<_>>(), made, "{engine:?}");
        let feed = format!("/api/v1/accounts/{}/events?type=location.changed&limit=100", scene.world.account);
        let feed = fine(scene.owner.get(&feed).await);
        let told = got.iter().map(Got::json).collect::<Vec<_>>();
        assert_eq!(feed["items"].as_array().unwrap(), &told, "{engine:?}: the same as the feed");
        assert!(got.iter().all(|got| got.json()["id"] == got.header("webhook-id")));
        assert!(got[0].header("user-agent").starts_with("Covey/"));
        scene.deliver().await;
        assert!(receiver.take().is_empty(), "{engine:?}: once each");
        let of_all = scene.deliveries(&webhook).await;
        assert_eq!(of_all.len(), 30);
        assert!(of_all.iter().all(|one| one["state"] == "delivered" && one["attempts"] == 1));
        assert!(scene.deliveries(&closed).await.is_empty(), "{engine:?}: it hears of its own types alone");
        let attempt = &scene.attempts(&webhook, &of_all[0]).await[0];
        assert_eq!((&attempt["status"], &attempt["error"]), (&json!(200), &Value::Null));
        assert_eq!(attempt["answer"], "Thank you.\u{fffd}");
    }
}

/// Checks a message with another's library.
fn verified(program: &str, arguments: &[&str], secret: &str, got: &Got) -> bool {
    let headers = ["webhook-id", "webhook-timestamp", "webhook-signature"];
    let headers = headers.map(|name| (name.to_owned(), json!(got.header(name))));
    let headers = headers.into_iter().collect::<serde_json::Map<_, _>>();
    let input = json!({ "secret": secret, "body": got.body, "headers": headers });
    let mut child = Command::new(program)
        .args(arguments)
        .stdin(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap_or_else(|error| panic!("{program}: {error}"));
    io::Write::write_all(&mut child.stdin.take().unwrap(), input.to_string().as_bytes()).unwrap();
    child.wait().unwrap().success()
}

const PYTHON: &str = "import json, sys; from standardwebhooks import Webhook; m = json.load(sys.stdin); \
                      Webhook(m['secret']).verify(m['body'], m['headers'])";

fn by_all(secret: &str, got: &Got) -> [bool; 3] {
    let tools = std::env::var("TEST_TOOLS").expect("run scripts/test: it installs the libraries");
    let node = format!(
        "const {{ Webhook }} = require('{tools}/webhooks/node_modules/standardwebhooks'); \
         const m = JSON.parse(require('fs').readFileSync(0)); new Webhook(m.secret).verify(m.body, m.headers)"
    );
    let rust = standardwebhooks::Webhook::new(secret).unwrap().verify(got.body.as_bytes(), &got.headers);
    [
        rust.is_ok(),
        verified(&format!("{tools}/python/bin/python"), &["-c", PYTHON], secret, got),
        verified("node", &["-e", &node], secret, got),
    ]
}

#[tokio::test]
async fn three_libraries_verify_the_signatures_also_while_secrets_change() {
    let scene = Scene::today().await;
    scene.world.server.leave_mail();
    let receiver = Receiver::new().await;
    let (webhook, first) = scene.add(&receiver.url(), &[]).await;
    scene.happen().await;
    scene.deliver().await;
    let got = receiver.take().remove(0);
    assert_eq!(by_all(&first, &got), [true; 3]);
    let tampered = Got { body: got.body.replace("location", "vocation"), headers: got.headers.clone() };
    assert_eq!(by_all(&first, &tampered), [false; 3], "the control: a changed body is refused");
    let rotated = fine(scene.owner.post(&format!("{webhook}/rotate-secret"), &Value::Null).await);
    let second = rotated["secret"].as_str().unwrap().to_owned();
    assert_ne!(first, second);
    scene.happen().await;
    scene.deliver().await;
    let got = receiver.take().remove(0);
    assert_eq!(got.header("webhook-signature").split(' ').count(), 2);
    assert_eq!((by_all(&first, &got), by_all(&second, &got)), ([true; 3], [true; 3]));
    fine(scene.owner.post(&format!("{webhook}/test"), &Value::Null).await);
    scene.deliver().await;
    let ping = receiver.take().remove(0);
    assert_eq!(ping.json()["type"], "ping");
    assert_eq!(by_all(&second, &ping), [true; 3]);
    // A day later the old one is over.
    scene.later(DAY + SECOND);
    scene.happen().await;
    scene.deliver().await;
    assert_eq!(receiver.take()[0].header("webhook-signature").split(' ').count(), 1);
}

#[tokio::test]
async fn secrets_are_shown_once_and_lie_sealed() {
    for engine in ENGINES {
        let scene = Scene::new(engine).await;
        scene.world.server.leave_mail();
        let (webhook, secret) = scene.add("https://hooks.example.com/x", &["case.created"]).await;
        assert!(secret.starts_with("whsec_") && secret.len() > 40);
        for path in [&webhook, &scene.api] {
            let shown = scene.owner.get(path).await.text;
            assert!(!shown.contains("whsec_"), "{shown}");
        }
        let kept: String = scene
            .world
            .server
            .db()
            .read(async |tx| tx.value(sql!("SELECT secret FROM webhook_endpoints"), &[]).await)
            .await
            .unwrap();
        assert!(!kept.contains(secret.trim_start_matches("whsec_")), "{kept}");
        let pages = format!("/a/{}/developers/webhooks", scene.world.account);
        let made = scene.owner.form(&pages, &[("url", "https://hooks.example.com/y")]).await;
        assert!(made.status.is_success() && made.text.contains("whsec_"), "{}", made.text);
        let trail = scene.owner.get(&format!("/api/v1/accounts/{}/audit", scene.world.account)).await;
        assert!(trail.text.contains("webhook.added") && trail.text.contains("hooks.example.com"));
        assert!(!trail.text.contains("hooks.example.com/x"), "a path may hold a secret");
    }
}

#[tokio::test]
async fn a_receiver_that_fails_for_three_days_is_paused_the_owner_told_and_nothing_lost() {
    for engine in ENGINES {
        let scene = Scene::new(engine).await;
        let receiver = Receiver::new().await;
        let (webhook, _) = scene.add(&receiver.url(), &["location.changed"]).await;
        receiver.behaves(Manner::Status(500));
        let made = scene.happen_times(3).await;
        scene.deliver().await;
        let mut waits = Vec::new();
        while scene.state(&webhook).await == "active" {
            let first = scene.deliveries(&webhook).await.remove(0);
            let next: kernel::clock::Time = serde_json::from_value(first["next_at"].clone()).unwrap();
            let wait = next.since(scene.world.server.clock.now());
            scene.later(wait - SECOND);
            scene.deliver().await;
            let tried = scene.deliveries(&webhook).await.remove(0);
            assert_eq!(tried["attempts"], first["attempts"], "{engine:?}: not before its time");
            scene.later(2 * SECOND);
            scene.deliver().await;
            waits.push((wait + SECOND / 2) / SECOND);
        }
        assert_eq!(waits, [5, 300, 1_800, 7_200, 18_000, 36_000, 50_400, 72_000, 86_400], "{engine:?}");
        // The first alone was tried, the others wait behind it.
        let heard = receiver.objects();
        assert_eq!((heard.len(), heard.iter().all(|one| *one == made[0])), (10, true), "{engine:?}");
        let first = scene.deliveries(&webhook).await.pop().unwrap();
        let attempts = scene.attempts(&webhook, &first).await;
        assert_eq!(attempts.len(), 10);
        assert!(attempts.iter().all(|one| one["status"] == 500 && one["answer"] == "Not now: <b>\u{fffd}"));
        let mail = scene.world.server.mail().await.join("\n");
        assert!(
            mail.contains("owner@riverside.test") && mail.contains("Webhook paused: 127.0.0.1"),
            "{mail}"
        );
        scene.later(DAY);
        scene.deliver().await;
        assert!(receiver.take().is_empty(), "{engine:?}: paused");
        let later = scene.happen().await;
        receiver.behaves(Manner::Takes);
        fine(scene.owner().await.post(&format!("{webhook}/resume"), &Value::Null).await);
        scene.deliver().await;
        assert_eq!(receiver.objects(), [made, vec![later]].concat(), "{engine:?}: in order");
        let trail = format!("/api/v1/accounts/{}/audit", scene.world.account);
        let trail = scene.owner().await.get(&trail).await.text;
        assert!(trail.contains("webhook.paused") && trail.contains("webhook.resumed"));
        if engine == Engine::Sqlite {
            receiver.behaves(Manner::Status(410));
            scene.happen().await;
            scene.deliver().await;
            read_well("webhooks", &scene.world.server).await;
        }
        scene.world.server.leave_mail();
    }
}

#[tokio::test]
async fn a_receiver_that_is_gone_for_good_is_disabled_at_once() {
    let scene = Scene::new(Engine::Sqlite).await;
    let receiver = Receiver::new().await;
    let (webhook, _) = scene.add(&receiver.url(), &["location.changed"]).await;
    receiver.behaves(Manner::Status(410));
    let made = scene.happen_times(2).await;
    scene.deliver().await;
    assert_eq!(scene.state(&webhook).await, "disabled");
    assert_eq!(receiver.objects(), made[..1]);
    assert!(scene.world.server.mail().await.join("").contains("Webhook disabled"));
    receiver.behaves(Manner::Takes);
    fine(scene.owner.post(&format!("{webhook}/resume"), &Value::Null).await);
    scene.deliver().await;
    assert_eq!(receiver.objects(), made[1..], "what it refused for good is not sent again");
    scene.world.server.leave_mail();
}

#[tokio::test]
async fn redirects_slow_endless_and_absent_receivers_are_failures_in_bounded_time() {
    let scene = Scene::new(Engine::Sqlite).await;
    scene.world.server.leave_mail();
    let receiver = Receiver::new().await;
    let (webhook, _) = scene.add(&receiver.url(), &["location.changed"]).await;
    scene.happen().await;
    let last = async |state: &str| {
        let first = scene.deliveries(&webhook).await.remove(0);
        assert_eq!(first["state"], state);
        scene.attempts(&webhook, &first).await.pop().unwrap()
    };
    receiver.behaves(Manner::Redirects);
    scene.deliver().await;
    let attempt = last("pending").await;
    assert_eq!(attempt["status"], 302);
    assert!(attempt["error"].as_str().unwrap().contains("redirect"));
    assert_eq!(receiver.take().len(), 1, "the redirect was not followed");
    receiver.behaves(Manner::Slow);
    scene.later(10 * MINUTE);
    scene.deliver().await;
    let attempt = last("pending").await;
    assert_eq!(attempt["status"], Value::Null);
    assert!(attempt["error"].as_str().unwrap().contains("in time"), "{attempt}");
    // 64 KiB of the answer are read, and 1,000 characters kept.
    receiver.behaves(Manner::Endless);
    scene.later(HOUR);
    scene.deliver().await;
    let attempt = last("delivered").await;
    assert_eq!(attempt["answer"], "x".repeat(1_000));
    let closed = {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        listener.local_addr().unwrap().port()
    };
    let moved = json!({ "url": format!("http://127.0.0.1:{closed}/") });
    fine(scene.owner().await.patch(&webhook, &moved).await);
    scene.happen().await;
    scene.deliver().await;
    let attempt = last("pending").await;
    assert!(attempt["error"].as_str().unwrap().starts_with("No connection"), "{attempt}");
}

/// A resolver that says one thing now and another then.
struct Fickle {
    answers: Vec<IpAddr>,
    asked: AtomicUsize,
}

impl Fickle {
    fn next(&self) -> IpAddr {
        self.answers[self.asked.fetch_add(1, Ordering::SeqCst) % self.answers.len()]
    }
}

struct Shared(Arc<Fickle>);

impl Lookup for Shared {
    fn lookup(&self, _: &str) -> BoxFuture<'static, io::Result<Vec<IpAddr>>> {
        let address = self.0.next();
        Box::pin(async move { Ok(vec![address]) })
    }
}

/// Counts who connects, whatever they say.
async fn counted(address: Ipv4Addr, port: u16) -> (u16, Arc<AtomicUsize>) {
    let listener = TcpListener::bind((address, port)).await.unwrap();
    let (port, count) = (listener.local_addr().unwrap().port(), Arc::new(AtomicUsize::new(0)));
    let counter = count.clone();
    tokio::spawn(async move {
        while listener.accept().await.is_ok() {
            counter.fetch_add(1, Ordering::SeqCst);
        }
    });
    (port, count)
}

#[tokio::test]
async fn a_name_that_leads_to_a_private_address_or_changes_its_mind_reaches_nothing() {
    let mut scene = Scene::new(Engine::Sqlite).await;
    scene.world.server.leave_mail();
    // One receiver is at an address that may be reached, the other, on the same port, at one that may not.
    let (port, theirs) = counted(Ipv4Addr::new(127, 0, 0, 2), 0).await;
    let (_, ours) = counted(Ipv4Addr::LOCALHOST, port).await;
    let (webhook, _) = scene.add(&format!("https://rebinding.example:{port}/"), &["location.changed"]).await;
    for private in
        ["127.0.0.1", "10.0.0.1", "169.254.169.254", "::1", "fd00::1", "::ffff:127.0.0.1", "64:ff9b::1"]
    {
        let private = private.parse::<IpAddr>().unwrap();
        let fickle = Fickle { answers: vec![private], asked: AtomicUsize::new(0) };
        scene.sender = sender(Targets::found_by(&[], Arc::new(Shared(Arc::new(fickle)))));
        fine(scene.owner.post(&format!("{webhook}/test"), &Value::Null).await);
        scene.deliver().await;
        let test = scene.deliveries(&webhook).await.remove(0);
        let attempt = scene.attempts(&webhook, &test).await.pop().unwrap();
        let told = attempt["error"].as_str().unwrap();
        assert!(told.contains("is not a public address"), "{private}: {told}");
    }
    assert_eq!(ours.load(Ordering::SeqCst) + theirs.load(Ordering::SeqCst), 0);

    // What is allowed, then what is not: one look-up for each connection, so there is nothing between.
    let answers = vec![IpAddr::from([127, 0, 0, 2]), IpAddr::from([127, 0, 0, 1])];
    let fickle = Arc::new(Fickle { answers: answers.clone(), asked: AtomicUsize::new(0) });
    let targets = Targets::found_by(&["127.0.0.2".to_owned()], Arc::new(Shared(fickle.clone())));
    scene.sender = sender(targets);
    for _ in 0..6 {
        fine(scene.owner.post(&format!("{webhook}/test"), &Value::Null).await);
        scene.deliver().await;
    }
    assert_eq!(fickle.asked.load(Ordering::SeqCst), 6);
    assert_eq!((theirs.load(Ordering::SeqCst), ours.load(Ordering::SeqCst)), (3, 0));
    // The control: a check before, and a connection that looks up again.
    let fickle = Fickle { answers, asked: AtomicUsize::new(0) };
    assert_eq!(fickle.next(), IpAddr::from([127, 0, 0, 2]), "the check is passed");
    let second = std::net::SocketAddr::new(fickle.next(), port);
    let naive = reqwest::Client::builder().resolve("rebinding.example", second).build().unwrap();
    let url = format!("https://rebinding.example:{port}/");
    let _ = naive.post(url).timeout(Duration::from_secs(1)).send().await;
    assert_eq!(ours.load(Ordering::SeqCst), 1, "the control reaches it");
}

#[tokio::test]
async fn addresses_that_may_not_be_reached_are_refused_when_they_are_entered() {
    let scene = Scene::on(Server::new(Engine::Sqlite).await).await;
    scene.world.server.leave_mail();
    for wrong in [
        "",
        "hooks.example.com",
        "http://hooks.example.com/",
        "https://user:secret@hooks.example.com/",
        "https://0x7f.1/",
        "https://2130706433/",
        "https://[::ffff:127.0.0.1]/",
        "https://hooks.example.com:25/",
        "https://10.1.2.3/",
        "gopher://hooks.example.com/",
    ] {
        let reply = scene.owner.post(&scene.api, &json!({ "url": wrong })).await;
        assert_eq!(
            (reply.status.as_u16(), &reply.json["errors"][0]["field"]),
            (422, &json!("url")),
            "{wrong}"
        );
    }
    let types = json!({ "url": "https://hooks.example.com/", "types": ["session.opened"] });
    assert_eq!(scene.owner.post(&scene.api, &types).await.json["errors"][0]["field"], "types");
    // What the operator allowed once, and does no longer, is not reached.
    let (webhook, _) = scene.add("https://hooks.example.com/", &[]).await;
    let receiver = Receiver::new().await;
    let url = receiver.url();
    let moved = scene
        .world
        .server
        .db()
        .write(async move |tx| tx.exec(sql!("UPDATE webhook_endpoints SET url = $1"), &[&url]).await);
    moved.await.unwrap();
    fine(scene.owner.post(&format!("{webhook}/test"), &Value::Null).await);
    let strict = sender(Targets::new(&[]));
    deliver_due(&scene.world.server.app.services(), &strict).await.unwrap();
    assert!(receiver.take().is_empty());
    for _ in 0..9 {
        scene.add("https://hooks.example.com/", &[]).await;
    }
    let more = scene.owner.post(&scene.api, &json!({ "url": "https://hooks.example.com/" })).await;
    assert_eq!(more.json["code"], "too_many_webhooks");
}

#[tokio::test]
async fn a_restart_in_the_middle_loses_nothing_and_keeps_the_order() {
    for engine in ENGINES {
        let scene = Scene::new(engine).await;
        scene.world.server.leave_mail();
        let receiver = Receiver::new().await;
        let (webhook, _) = scene.add(&receiver.url(), &["location.changed"]).await;
        let made = scene.happen_times(12).await;
        // A server that is killed with a request under way: it was sent, and nothing of it written down.
        receiver.behaves(Manner::Slow);
        let services = scene.world.server.app.services();
        let patient = Sender::new(Targets::new(&allowed())).unwrap();
        let killed = tokio::spawn(async move { deliver_due(&services, &patient).await });
        while receiver.got.lock().unwrap().is_empty() {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        killed.abort();
        receiver.behaves(Manner::Takes);
        let first = receiver.take().remove(0).header("webhook-id").to_owned();
        scene.deliver().await;
        assert!(receiver.take().is_empty(), "{engine:?}: another server may still be at it");
        scene.later(2 * MINUTE);
        // A server that is stopped gives back what is under way.
        receiver.behaves(Manner::Slow);
        let (stop, stopped) = tokio::sync::watch::channel(false);
        let running = tokio::spawn(Worker::new(scene.world.server.app.services()).unwrap().run(stopped));
        while receiver.got.lock().unwrap().is_empty() {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        stop.send(true).unwrap();
        running.await.unwrap();
        receiver.behaves(Manner::Takes);
        receiver.take();
        scene.deliver().await;
        let got = receiver.take();
        assert_eq!(got[0].header("webhook-id"), first, "{engine:?}: the same id, so that it can be told");
        let objects = got.iter().map(|got| got.json()["object"].as_str().unwrap().to_owned());
        assert_eq!(objects.collect::<Vec<_>>(), made, "{engine:?}");
        assert_eq!(scene.deliveries(&webhook).await.len(), 12);
    }
}

#[tokio::test]
async fn the_worker_hears_of_new_events_by_itself() {
    for engine in ENGINES {
        let scene = Scene::new(engine).await;
        scene.world.server.leave_mail();
        let (receiver, slow) = (Receiver::new().await, Receiver::new().await);
        slow.behaves(Manner::Slow);
        scene.add(&slow.url(), &[]).await;
        scene.add(&receiver.url(), &["location.changed"]).await;
        let (stop, stopped) = tokio::sync::watch::channel(false);
        let running = tokio::spawn(Worker::new(scene.world.server.app.services()).unwrap().run(stopped));
        let made = scene.happen_times(5).await;
        while receiver.got.lock().unwrap().len() < 5 {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        assert_eq!(receiver.objects(), made, "{engine:?}: a slow receiver holds up no other");
        stop.send(true).unwrap();
        running.await.unwrap();
    }
}

#[tokio::test]
async fn replays_and_tests_wait_for_nothing_and_keep_the_events_ids() {
    for engine in ENGINES {
        let scene = Scene::new(engine).await;
        scene.world.server.leave_mail();
        let receiver = Receiver::new().await;
        let (webhook, _) = scene.add(&receiver.url(), &["location.changed"]).await;
        let before = scene.world.server.clock.now();
        let made = scene.happen_times(3).await;
        scene.deliver().await;
        let first = receiver.take();
        let after = scene.world.server.clock.now();
        scene.later(HOUR);
        // The line of events stands still; replays and tests don't.
        receiver.behaves(Manner::Status(503));
        scene.happen().await;
        scene.deliver().await;
        receiver.behaves(Manner::Takes);
        receiver.take();
        let span = json!({ "since": before, "until": after });
        let replayed = fine(scene.owner.post(&format!("{webhook}/replay"), &span).await);
        assert_eq!(replayed["events"], 3);
        scene.deliver().await;
        let again = receiver.take();
        let ids = |got: &[Got]| got.iter().map(|got| got.header("webhook-id").to_owned()).collect::<Vec<_>>();
        assert_eq!(ids(&again), ids(&first), "{engine:?}");
        let one = scene.deliveries(&webhook).await.pop().unwrap();
        let one = format!("{webhook}/deliveries/{}/replay", one["id"].as_str().unwrap());
        assert_eq!(fine(scene.owner.post(&one, &Value::Null).await)["kind"], "replay");
        scene.deliver().await;
        assert_eq!(receiver.objects(), made[..1], "{engine:?}");
        fine(scene.owner.post(&format!("{webhook}/pause"), &Value::Null).await);
        assert_eq!(scene.owner.post(&format!("{webhook}/pause"), &Value::Null).await.status, 409);
        fine(scene.owner.post(&format!("{webhook}/test"), &Value::Null).await);
        let second = scene.owner.post(&format!("{webhook}/test"), &Value::Null).await;
        assert_eq!(second.json["code"], "test_waiting");
        fine(scene.owner.post(&one, &Value::Null).await);
        scene.later(DAY);
        scene.deliver().await;
        let got = receiver.take();
        assert_eq!((got.len(), got[0].json()["type"].clone()), (1, json!("ping")), "{engine:?}: paused");
        let none = json!({ "since": after, "until": before });
        assert_eq!(scene.owner().await.post(&format!("{webhook}/replay"), &none).await.status, 422);
    }
}

#[tokio::test]
async fn webhooks_are_their_accounts_and_changes_are_seen_and_old_deliveries_go() {
    for engine in ENGINES {
        let scene = Scene::new(engine).await;
        scene.world.server.leave_mail();
        let receiver = Receiver::new().await;
        let (webhook, _) = scene.add(&receiver.url(), &["location.changed"]).await;
        let hillside: kernel::id::AccountId = scene
            .world
            .server
            .db()
            .read(async |tx| tx.value(sql!("SELECT id FROM accounts WHERE name = 'Hillside'"), &[]).await)
            .await
            .unwrap();
        let stranger = scene.world.client(As::Stranger).await;
        let id = webhook.rsplit('/').next().unwrap();
        let theirs = format!("/api/v1/accounts/{hillside}/webhooks/{id}");
        for path in [webhook.clone(), theirs.clone(), format!("{theirs}/deliveries")] {
            assert_eq!(stranger.get(&path).await.status, 404, "{path}");
        }
        assert_eq!(stranger.delete(&theirs).await.status, 404);
        let shown = scene.owner.get(&webhook).await;
        let tag = shown.headers["etag"].to_str().unwrap().to_owned();
        let change = json!({ "description": "Warehouse", "types": ["case.created", "case.created"] });
        let changed = fine(scene.owner.patch(&webhook, &change).await);
        assert_eq!(changed["types"], json!(["case.created"]));
        let stale = [("if-match", tag.as_str()), ("content-type", "application/json")];
        let stale =
            scene.owner.send(axum::http::Method::PATCH, &webhook, &stale, "{\"url\":\"x\"}".into()).await;
        assert_eq!(stale.status, 412);
        fine(scene.owner.patch(&webhook, &json!({ "types": [] })).await);
        scene.happen().await;
        scene.deliver().await;
        // Its own changes are no event: only what the table of types names.
        assert_eq!(receiver.take().len(), 1);
        assert_eq!(scene.deliveries(&webhook).await.len(), 1);
        scene.later(91 * DAY);
        tidy(scene.world.server.db()).await.unwrap();
        assert!(scene.deliveries(&webhook).await.is_empty(), "{engine:?}");
        assert_eq!(scene.owner().await.delete(&webhook).await.status, 204);
        assert_eq!(scene.owner().await.get(&webhook).await.status, 404);
        scene.happen().await;
        scene.deliver().await;
        assert!(receiver.take().is_empty());
    }
}
