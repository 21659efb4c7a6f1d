//! The real program, killed in the middle of its work: what it acknowledged is there, nothing is half
//! there, and a repeated request has one effect. (A killed process leaves the page cache alive, so this
//! proves the program's order of things, not the disk's; `synchronous=FULL` stands for the disk.)

use std::{
    io::{BufRead, BufReader, Read, Write},
    net::TcpStream,
    path::Path,
    process::{Child, Command, Stdio},
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use serde_json::{Value, json};

pub const TEST_CODE: &str = "set-up-code";
const PASSWORD: &str = "eleven gray wagtails";

/// `covey serve` in a process of its own, killed at drop.
pub struct Running {
    child: Child,
    address: String,
    pub said: String,
    folder: std::path::PathBuf,
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Running {
    pub fn start(folder: &Path) -> Self {
        Self::start_with(folder, &[])
    }

    pub fn start_with(folder: &Path, flags: &[&str]) -> Self {
        let mut command = Command::new(env!("CARGO_BIN_EXE_covey"));
        command.args(["serve", "--listen", "127.0.0.1:0", "--data"]).arg(folder).args(flags);
        command.env("COVEY_BILLING", "on");
        Self::start_by(command, folder)
    }

    /// Started by a command that ends up as `covey serve`.
    pub fn start_by(mut command: Command, folder: &Path) -> Self {
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let mut said = String::new();
        let address = loop {
            let line = lines.next().expect("it says where it listens").unwrap();
            said.push_str(&line);
            said.push('\n');
            if let Some(address) = line.strip_prefix("listening on http://") {
                break address.to_owned();
            }
        };
        Self { child, address, said, folder: folder.to_owned() }
    }

    pub fn address(&self) -> &str {
        &self.address
    }

    pub fn process(&self) -> u32 {
        self.child.id()
    }

    pub fn kill(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// Ends it as the system would, and gives its exit code.
    pub fn terminate(&mut self) -> Option<i32> {
        Command::new("kill").arg(self.child.id().to_string()).status().unwrap();
        self.child.wait().unwrap().code()
    }

    pub fn post(&self, path: &str, body: &str, token: Option<&str>) -> (u16, String) {
        request(&self.address, "POST", path, body, token, None).unwrap()
    }

    pub fn set_up(&self) -> Value {
        let code = std::fs::read_to_string(self.folder.join(TEST_CODE)).unwrap();
        let body = json!({ "code": code, "account_name": "Riverside", "name": "Owner", "email": "owner@x.test",
            "password": PASSWORD, "group_name": "Alder Creek", "location_name": "Parlour" });
        let (status, text) = self.post("/api/v1/set-up", &body.to_string(), None);
        assert_eq!(status, 201, "{text}");
        serde_json::from_str(&text).unwrap()
    }

    pub fn sign_in(&self) -> Option<String> {
        let body = json!({ "email": "owner@x.test", "password": PASSWORD });
        let (_, text) = self.post("/api/v1/sign-in", &body.to_string(), None);
        let answer: Value = serde_json::from_str(&text).unwrap();
        answer["token"].as_str().map(str::to_owned)
    }
}

/// One request on a connection of its own; none where the server went away.
pub fn request(
    address: &str,
    method: &str,
    path: &str,
    body: &str,
    token: Option<&str>,
    key: Option<&str>,
) -> Option<(u16, String)> {
    let mut stream = TcpStream::connect(address).ok()?;
    stream.set_read_timeout(Some(Duration::from_secs(60))).ok()?;
    let bearer = token.map(|token| format!("authorization: Bearer {token}\r\n")).unwrap_or_default();
    let key = key.map(|key| format!("idempotency-key: {key}\r\n")).unwrap_or_default();
    let head = format!(
        "{method} {path} HTTP/1.1\r\nhost: {address}\r\nconnection: close\r\ncontent-type: application/json\r\n\
         {bearer}{key}content-length: {}\r\n\r\n",
        body.len()
    );
    stream.write_all(head.as_bytes()).ok()?;
    stream.write_all(body.as_bytes()).ok()?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer).ok()?;
    let status = answer.split(' ').nth(1)?.parse().ok()?;
    let (_, body) = answer.split_once("\r\n\r\n")?;
    Some((status, body.to_owned()))
}

#[test]
fn a_killed_server_keeps_what_it_acknowledged_and_repeats_change_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let mut running = Running::start(folder.path());
    let made = running.set_up();
    let token = running.sign_in().unwrap();
    let account = made["account"].as_str().unwrap();
    let group = made["group"].as_str().unwrap();
    let (_, protocols) = request(
        running.address(),
        "GET",
        &format!("/api/v1/accounts/{account}/protocols"),
        "",
        Some(&token),
        None,
    )
    .unwrap();
    let protocols: Value = serde_json::from_str(&protocols).unwrap();
    let acknowledged = Arc::new(Mutex::new(Vec::<(String, String)>::new()));
    for round in 0..6 {
        let stop = Arc::new(AtomicBool::new(false));
        let writers = (0..4).map(|writer| {
            let (stop, acknowledged) = (stop.clone(), acknowledged.clone());
            let (address, token) = (running.address().to_owned(), token.clone());
            let path = format!("/api/v1/groups/{group}/cases");
            let body = json!({ "protocol": protocols["items"][0]["id"], "location": made["location"] });
            std::thread::spawn(move || {
                for i in 0.. {
                    let key = format!("{round}-{writer}-{i}");
                    let mut body = body.clone();
                    body["name"] = json!(key);
                    let Some((201, text)) =
                        request(&address, "POST", &path, &body.to_string(), Some(&token), Some(&key))
                    else {
                        return (key, body.to_string());
                    };
                    let id = serde_json::from_str::<Value>(&text).unwrap()["id"].as_str().unwrap().to_owned();
                    acknowledged.lock().unwrap().push((key.clone(), id));
                    if stop.load(Ordering::SeqCst) {
                        return (key, body.to_string());
                    }
                }
                unreachable!()
            })
        });
        let writers = writers.collect::<Vec<_>>();
        std::thread::sleep(Duration::from_millis(250));
        running.kill();
        stop.store(true, Ordering::SeqCst);
        let last = writers.into_iter().map(|writer| writer.join().unwrap()).collect::<Vec<_>>();
        running = Running::start(folder.path());
        // What was in flight is repeated with its key: made once, whether or not it was made before.
        for (key, body) in last {
            let path = format!("/api/v1/groups/{group}/cases");
            let first = request(running.address(), "POST", &path, &body, Some(&token), Some(&key)).unwrap();
            let second = request(running.address(), "POST", &path, &body, Some(&token), Some(&key)).unwrap();
            assert_eq!(first, second);
            assert_eq!(first.0, 201, "{}", first.1);
        }
    }
    let acknowledged = acknowledged.lock().unwrap().clone();
    assert!(acknowledged.len() > 20, "the load was too small to prove anything: {}", acknowledged.len());
    for (key, id) in &acknowledged {
        let (status, text) =
            request(running.address(), "GET", &format!("/api/v1/cases/{id}"), "", Some(&token), None)
                .unwrap();
        assert_eq!(status, 200, "{key} was acknowledged and is lost");
        assert!(text.contains(key));
    }
    assert_eq!(running.terminate(), Some(0), "it ends gracefully when told to");
    let verified = crate::config::covey(&["audit", "verify", "--data", folder.path().to_str().unwrap()]);
    assert!(verified.status.success(), "{}", String::from_utf8_lossy(&verified.stdout));
}

#[test]
fn secrets_never_reach_the_log() {
    let folder = tempfile::tempdir().unwrap();
    let log = folder.path().join("log");
    let mut command = Command::new(env!("CARGO_BIN_EXE_covey"));
    command.args(["serve", "--listen", "127.0.0.1:0", "--data"]).arg(folder.path().join("data"));
    command.env("COVEY_LOG", "trace").stdout(Stdio::piped()).stderr(std::fs::File::create(&log).unwrap());
    let mut child = command.spawn().unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines().map_while(Result::ok);
    let address =
        lines.find_map(|line| line.strip_prefix("listening on http://").map(str::to_owned)).unwrap();
    let running = Running { child, address, said: String::new(), folder: folder.path().join("data") };
    let code = std::fs::read_to_string(folder.path().join("data/set-up-code")).unwrap();
    let made = running.set_up();
    let token = running.sign_in().unwrap();
    let invite = json!({ "emails": "new@x.test", "role": "member" }).to_string();
    let path = format!("/api/v1/accounts/{}/invitations", made["account"].as_str().unwrap());
    let (_, text) = running.post(&path, &invite, Some(&token));
    let outcome: Value = serde_json::from_str(&text).unwrap();
    let link = outcome["outcomes"][0]["link"].as_str().unwrap().rsplit('/').next().unwrap().to_owned();
    request(running.address(), "GET", &format!("/invitations/{link}"), "", None, None).unwrap();
    request(running.address(), "GET", &format!("/api/v1/invitation-links/{link}"), "", None, None).unwrap();
    running.post(
        "/api/v1/sign-in",
        &json!({ "email": "owner@x.test", "password": "a wrong but secret one" }).to_string(),
        None,
    );
    drop(running);
    let log = std::fs::read_to_string(log).unwrap();
    assert!(log.len() > 200, "nothing was logged");
    for secret in [code.trim(), &token, &link, PASSWORD, "a wrong but secret one"] {
        assert!(!log.contains(secret), "a secret is in the log");
    }
}
