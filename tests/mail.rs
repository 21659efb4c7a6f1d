//! Mail, through a real server: it arrives once, whatever happens to the server meanwhile.

use std::{
    net::TcpListener,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    time::Duration,
};

use kernel::clock::{DAY, HOUR};
use platform::jobs::{SmtpUrl, Transport, deliver_due};
use serde_json::json;
use storage::sql;

use crate::support::{As, Engine, Server, World};

struct MailServer {
    child: Child,
    folder: tempfile::TempDir,
    port: u16,
}

impl Drop for MailServer {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

fn tools() -> PathBuf {
    std::env::var("TEST_TOOLS").expect("run scripts/test: it installs the mail server for the tests").into()
}

/// A certificate for 127.0.0.1 that signs itself.
fn certificate(folder: &Path) -> (PathBuf, PathBuf) {
    let (cert, key) = (folder.join("cert.pem"), folder.join("key.pem"));
    let made = Command::new("openssl")
        .args([
            "req",
            "-x509",
            "-newkey",
            "ec",
            "-pkeyopt",
            "ec_paramgen_curve:prime256v1",
            "-nodes",
            "-days",
            "2",
        ])
        .args(["-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1"])
        .args(["-addext", "basicConstraints=critical,CA:FALSE"])
        .arg("-keyout")
        .arg(&key)
        .arg("-out")
        .arg(&cert)
        .stderr(Stdio::null())
        .status()
        .unwrap();
    assert!(made.success());
    (cert, key)
}

impl MailServer {
    fn start(port: u16, tls: bool) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let mut command = Command::new(tools().join("python/bin/python"));
        command.args(["-m", "aiosmtpd", "-n", "-l", &format!("127.0.0.1:{port}")]);
        if tls {
            let (cert, key) = certificate(folder.path());
            command.arg("--tlscert").arg(cert).arg("--tlskey").arg(key);
        }
        command.args(["-c", "aiosmtpd.handlers.Mailbox"]).arg(folder.path().join("box"));
        let child = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        let server = Self { child, folder, port };
        server.wait();
        server
    }

    fn wait(&self) {
        for _ in 0..200 {
            if std::net::TcpStream::connect(("127.0.0.1", self.port)).is_ok() {
                return;
            }
            std::thread::sleep(Duration::from_millis(50));
        }
        panic!("the mail server did not start");
    }

    fn received(&self) -> Vec<String> {
        let inbox = self.folder.path().join("box/new");
        let files =
            std::fs::read_dir(inbox).map(|dir| dir.map(|f| f.unwrap().path()).collect()).unwrap_or(vec![]);
        files.iter().map(|path| std::fs::read_to_string(path).unwrap()).collect()
    }
}

async fn invite(world: &World, email: &str) {
    let body = json!({ "emails": email, "role": "member" });
    let reply = world
        .client(As::Owner)
        .await
        .post(&format!("/api/v1/accounts/{}/invitations", world.account), &body)
        .await;
    assert!(reply.status.is_success(), "{}", reply.text);
    assert_eq!(
        reply.json["outcomes"][0]["link"],
        serde_json::Value::Null,
        "with a mail server, no link is shown"
    );
}

async fn world(port: u16) -> World {
    World::on(
        Server::with(Engine::Sqlite, |config| config.smtp = Some(format!("smtp://127.0.0.1:{port}"))).await,
    )
    .await
}

async fn deliver(world: &World, transport: &Transport) -> usize {
    let from = "Covey <covey@covey.test>".parse().unwrap();
    deliver_due(world.server.db(), transport, &from).await.unwrap()
}

fn transport(url: &str, root: Option<&[u8]>) -> Transport {
    Transport::smtp(&url.parse::<SmtpUrl>().unwrap(), root).unwrap()
}

#[tokio::test]
async fn a_letter_arrives_over_starttls_as_text_and_html() {
    let server = MailServer::start(free_port(), true);
    let world = world(server.port).await;
    invite(&world, "ann@x.test").await;
    let root = std::fs::read(server.folder.path().join("cert.pem")).unwrap();
    let to = format!("smtp://localhost:{}?tls=required", server.port);
    assert_eq!(deliver(&world, &transport(&to, Some(&root))).await, 1);
    let mails = server.received();
    assert_eq!(mails.len(), 1);
    assert!(
        mails[0].contains("text/plain")
            && mails[0].contains("text/html")
            && mails[0].contains("Message-ID: <mai_")
            && mails[0].contains("Reply-To: owner@"),
        "{}",
        mails[0]
    );
    assert_eq!(
        world.server.count(sql!("SELECT count(*) FROM outbox WHERE text_body <> ''")).await,
        0,
        "wiped"
    );
}

#[tokio::test]
async fn a_server_without_tls_gets_nothing_where_tls_is_required() {
    let server = MailServer::start(free_port(), false);
    let world = world(server.port).await;
    invite(&world, "ann@x.test").await;
    let strict = transport(&format!("smtp://127.0.0.1:{}?tls=required", server.port), None);
    assert_eq!(deliver(&world, &strict).await, 0);
    assert!(server.received().is_empty());
    world.server.clock.advance(HOUR);
    let lax = transport(&format!("smtp://127.0.0.1:{}?tls=opportunistic", server.port), None);
    assert_eq!(deliver(&world, &lax).await, 1);
    assert_eq!(server.received().len(), 1);
}

#[tokio::test]
async fn a_strangers_certificate_is_not_believed() {
    let server = MailServer::start(free_port(), true);
    let world = world(server.port).await;
    world.server.leave_mail();
    invite(&world, "ann@x.test").await;
    assert_eq!(deliver(&world, &transport(&format!("smtp://localhost:{}", server.port), None)).await, 0);
    assert!(server.received().is_empty());
}

#[tokio::test]
async fn a_server_that_was_down_gets_everything_once_it_is_back_and_nothing_twice() {
    let port = free_port();
    let world = world(port).await;
    let to = transport(&format!("smtp://127.0.0.1:{port}?tls=off"), None);
    for i in 0..30 {
        invite(&world, &format!("p{i}@x.test")).await;
    }
    assert_eq!(deliver(&world, &to).await, 0);
    let queued = sql!("SELECT count(*) FROM outbox WHERE state = 'queued' AND last_error IS NOT NULL");
    assert_eq!(world.server.count(queued).await, 30);
    let server = MailServer::start(port, false);
    assert_eq!(deliver(&world, &to).await, 0, "their pause is not over");
    world.server.clock.advance(HOUR);
    assert_eq!(deliver(&world, &to).await, 30);
    world.server.clock.advance(HOUR);
    assert_eq!(deliver(&world, &to).await, 0);
    assert_eq!(server.received().len(), 30);
}

#[tokio::test]
async fn a_letter_that_is_given_up_is_shown_and_can_be_tried_again() {
    let port = free_port();
    let world = world(port).await;
    invite(&world, "ann@x.test").await;
    let to = transport(&format!("smtp://127.0.0.1:{port}?tls=off"), None);
    for _ in 0..12 {
        deliver(&world, &to).await;
        world.server.clock.advance(DAY + HOUR);
    }
    let admin = world.client(As::Administrator).await;
    let api = format!("/api/v1/accounts/{}/mail", world.account);
    let failed = admin.get(&format!("{api}?state=failed")).await.json["items"][0].clone();
    assert_eq!(failed["recipient"], "ann@x.test");
    assert!(failed["last_error"].as_str().unwrap().len() > 5);
    let server = MailServer::start(port, false);
    let retry = format!("{api}/{}/retry", failed["id"].as_str().unwrap());
    assert!(admin.post(&retry, &serde_json::Value::Null).await.status.is_success());
    assert_eq!(deliver(&world, &to).await, 1);
    assert_eq!(server.received().len(), 1);
}

#[tokio::test]
async fn without_a_mail_server_letters_are_files_and_the_link_is_shown() {
    let world = World::new(Engine::Sqlite).await;
    let body = json!({ "emails": "ann@x.test", "role": "member" });
    let reply = world
        .client(As::Owner)
        .await
        .post(&format!("/api/v1/accounts/{}/invitations", world.account), &body)
        .await;
    let link = reply.json["outcomes"][0]["link"].as_str().unwrap().to_owned();
    assert!(link.starts_with("http://covey.test/invitations/"));
    let mails = world.server.mail().await;
    assert_eq!(mails.len(), 1);
    assert!(mails[0].starts_with("ann@x.test\n") && mails[0].contains(&link));
}

#[tokio::test]
async fn links_are_built_from_the_configured_address_whatever_the_request_says() {
    let world = World::new(Engine::Sqlite).await;
    let hostile = [
        ("content-type", "application/json"),
        ("host", "evil.test"),
        ("x-forwarded-host", "evil.test"),
        ("forwarded", "host=evil.test"),
        ("x-forwarded-proto", "gopher"),
    ];
    let owner = world.client(As::Owner).await;
    let api = format!("/api/v1/accounts/{}", world.account);
    let posts = [
        (format!("{api}/invitations"), json!({ "emails": "ann@x.test", "role": "member" })),
        (format!("{api}/members/{}/password-reset", world.member), serde_json::Value::Null),
        (format!("{api}/ownership-transfers"), json!({ "to": world.administrator })),
        ("/api/v1/password-resets".to_owned(), json!({ "email": "owner@riverside.test" })),
        (
            "/api/v1/sign-up".to_owned(),
            json!({ "email": "s@s.test", "name": "S", "account_name": "S", "password": crate::support::PASSWORD }),
        ),
    ];
    for (path, body) in posts {
        let body = if body.is_null() { String::new() } else { body.to_string() };
        let reply = owner.send(axum::http::Method::POST, &path, &hostile, body.into()).await;
        assert!(reply.status.is_success(), "{path}: {}", reply.text);
    }
    let mails = world.server.mail().await;
    assert_eq!(mails.len(), 5);
    for mail in mails {
        assert!(mail.contains("http://covey.test/") && !mail.contains("evil"), "{mail}");
    }
}
