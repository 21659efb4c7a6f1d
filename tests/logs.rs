//! What the server writes into its log of a request: enough to find out what happened, nothing that is anyone's
//! secret or tells who is a client of whom.

use std::{
    io::Write,
    sync::{Arc, Mutex},
};

use tracing::{level_filters::LevelFilter, subscriber::DefaultGuard};

use crate::support::{As, Engine, World};

/// A log that is kept.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl Write for Log {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().write(bytes)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

impl Log {
    /// Keeps what this thread logs at the level that the server has by itself.
    fn start() -> (Self, DefaultGuard) {
        let log = Self::default();
        let writer = log.clone();
        let subscriber = tracing_subscriber::fmt()
            .with_max_level(LevelFilter::INFO)
            .with_ansi(false)
            .with_writer(move || writer.clone());
        (log, tracing::subscriber::set_default(subscriber.finish()))
    }

    /// What was logged since it was asked last.
    fn lines(&self) -> Vec<String> {
        let text = String::from_utf8(std::mem::take(&mut *self.0.lock().unwrap())).unwrap();
        text.lines().map(str::to_owned).collect()
    }

    /// The only line since then.
    #[track_caller]
    fn line(&self) -> String {
        let mut lines = self.lines();
        assert_eq!(lines.len(), 1, "{lines:#?}");
        lines.remove(0)
    }
}

#[track_caller]
fn says(line: &str, words: &[&str]) {
    for word in words {
        assert!(line.contains(word), "{word} is missing: {line}");
    }
}

#[track_caller]
fn hides(line: &str, words: &[&str]) {
    for word in words {
        assert!(!line.contains(word), "{word} is in it: {line}");
    }
}

#[tokio::test]
async fn each_request_is_one_line_with_its_route_and_for_whom() {
    let world = World::new(Engine::Sqlite).await;
    let member = world.client(As::Member).await;
    let (log, _guard) = Log::start();
    let (account, user) = (format!("account={}", world.account), format!("user={}", world.member));

    let reply = member.get(&format!("/api/v1/groups/{}/cases?q=Bella", world.group)).await;
    assert!(reply.status.is_success(), "{}", reply.text);
    let line = log.line();
    let request = format!("request={}", reply.headers["x-request-id"].to_str().unwrap());
    let route = r#"route="/api/v1/groups/{group}/cases""#;
    says(&line, &[" INFO ", &request, "method=GET", route, "status=200", "micros=", &account, &user]);
    hides(&line, &["Bella", &world.group.to_string(), "member@", "/api/v1/groups/grp_"]);

    let closing = serde_json::json!({ "status": "closed" });
    member.patch(&format!("/api/v1/cases/{}", world.case), &closing).await;
    says(&log.line(), &["method=PATCH", "status=200", &account, &user]);

    member.get(&format!("/a/{}/settings", world.account)).await;
    says(&log.line(), &["status=403", &account, &user]);

    member.get(&format!("/api/v1/groups/{}", world.hillside_group)).await;
    let line = log.line();
    says(&line, &["status=404", r#"route="/api/v1/groups/{group}""#]);
    hides(&line, &["account=acc", "user="]);
}

#[tokio::test]
async fn secrets_and_strangers_paths_are_not_logged() {
    let world = World::new(Engine::Sqlite).await;
    let anyone = world.server.anonymous();
    let (log, _guard) = Log::start();
    for (path, route) in [
        ("/invitations/SeCrEt", "/invitations/{token}"),
        ("/api/v1/invitation-links/SeCrEt", "/api/v1/invitation-links/{token}"),
        ("/password-resets/SeCrEt", "/password-resets/{token}"),
        ("/h/SeCrEt.pdf", "/h/{token}"),
        ("/sign-in?next=SeCrEt", "/sign-in"),
        ("/invitation/SeCrEt", "-"),
    ] {
        anyone.get(path).await;
        let line = log.line();
        says(&line, &[&format!("route={route:?}")]);
        hides(&line, &["SeCrEt", "account=", "user="]);
    }
}

#[tokio::test]
async fn probes_are_not_logged_at_the_default_level() {
    let world = World::new(Engine::Sqlite).await;
    let anyone = world.server.anonymous();
    let (log, _guard) = Log::start();
    for path in ["/healthz", "/readyz", "/metrics", "/assets/0/style.css"] {
        assert!(anyone.get(path).await.status.is_success(), "{path}");
    }
    assert_eq!(log.lines(), Vec::<String>::new());
}
