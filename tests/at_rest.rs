//! What lies on the disk: private whatever the umask, whole when it is restored, swept, one server's at a time; and
//! what probes say when the disk takes no more.

use std::{
    fs,
    os::unix::fs::PermissionsExt as _,
    path::{Path, PathBuf},
    process::{Command, Output, Stdio},
    time::{Duration, SystemTime},
};

use axum::{body::Body, http::header};
use kernel::{
    clock::{DAY, HOUR, SECOND, Time},
    id::FileId,
};
use platform::blobs::{self, Blobs, Swept};
use serde_json::{Value, json};
use tower::ServiceExt as _;

use crate::{
    config::covey,
    crash::{Running, request},
    support::{ENGINES, Server},
};

const COVEY: &str = env!("CARGO_BIN_EXE_covey");
const PNG: &[u8] = b"\x89PNG\r\n\x1a\n0000";

/// The program, run by a shell that did something first.
fn after(first: &str, arguments: &[&str]) -> Command {
    let mut command = Command::new("sh");
    command.args(["-c", &format!("{first}; exec \"$0\" \"$@\""), COVEY]).args(arguments);
    command
}

fn serve(data: &Path) -> [&str; 5] {
    ["serve", "--listen", "127.0.0.1:0", "--data", data.to_str().unwrap()]
}

fn said(output: &Output) -> String {
    String::from_utf8_lossy(&[&output.stdout[..], &output.stderr[..]].concat()).into_owned()
}

fn mode(path: &Path) -> u32 {
    fs::metadata(path).unwrap().permissions().mode() & 0o777
}

/// Everything in a folder, itself included.
fn all(folder: &Path) -> Vec<PathBuf> {
    let mut found = vec![folder.to_owned()];
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() { found.extend(all(&path)) } else { found.push(path) }
    }
    found
}

fn assert_private(folder: &Path) -> usize {
    let all = all(folder);
    for path in &all {
        let wanted = if path.is_dir() { 0o700 } else { 0o600 };
        assert_eq!(mode(path), wanted, "{}", path.display());
    }
    all.iter().filter(|path| path.is_file()).count()
}

/// Sets a server up, invites someone by mail and attaches a file; gives the file's id.
fn use_it(running: &Running) -> FileId {
    let made = running.set_up();
    let token = running.sign_in().unwrap();
    let (account, group) = (made["account"].as_str().unwrap(), made["group"].as_str().unwrap());
    let invite = json!({ "emails": "new@x.test", "role": "member" }).to_string();
    let (status, text) =
        running.post(&format!("/api/v1/accounts/{account}/invitations"), &invite, Some(&token));
    assert!(status < 300, "{text}");
    let get = |path: &str| {
        let (_, text) = request(running.address(), "GET", path, "", Some(&token), None).unwrap();
        serde_json::from_str::<Value>(&text).unwrap()
    };
    let protocols = get(&format!("/api/v1/accounts/{account}/protocols"));
    let case = json!({ "protocol": protocols["items"][0]["id"], "location": made["location"] }).to_string();
    let (status, text) = running.post(&format!("/api/v1/groups/{group}/cases"), &case, Some(&token));
    assert_eq!(status, 201, "{text}");
    let case = serde_json::from_str::<Value>(&text).unwrap();
    attach(running.address(), case["id"].as_str().unwrap(), &token)
}

#[tokio::main]
async fn attach(address: &str, case: &str, token: &str) -> FileId {
    let part = reqwest::multipart::Part::bytes(PNG).file_name("x.png");
    let sent = reqwest::Client::new()
        .post(format!("http://{address}/api/v1/cases/{case}/files"))
        .bearer_auth(token)
        .multipart(reqwest::multipart::Form::new().part("file", part))
        .send();
    let answer = sent.await.unwrap();
    assert_eq!(answer.status(), 201);
    answer.json::<Value>().await.unwrap()["id"].as_str().unwrap().parse().unwrap()
}

/// Waits for the mail that was queued to be a file.
fn wait_for_mail(data: &Path) {
    for _ in 0..400 {
        let ready = fs::read_dir(data.join("mail")).is_ok_and(|mails| {
            mails.flatten().any(|mail| mail.path().extension().is_some_and(|e| e == "eml"))
        });
        if ready {
            return;
        }
        std::thread::sleep(Duration::from_millis(50));
    }
    panic!("no mail was delivered");
}

#[test]
fn everything_on_the_disk_is_private_whatever_the_umask_and_so_are_its_copies() {
    let place = tempfile::tempdir().unwrap();
    let [data, copy, back] = ["data", "copy", "back"].map(|name| place.path().join(name));
    let running = Running::start_by(after("umask 000", &serve(&data)), &data);
    assert_eq!(mode(&data.join("set-up-code")), 0o600);
    use_it(&running);
    wait_for_mail(&data);
    let files = assert_private(&data);
    for name in ["covey.db", "covey.db-wal", "covey.db-shm", "lock"] {
        assert!(data.join(name).is_file(), "{name}");
    }
    assert!(files >= 6, "{files}");
    let run = |arguments: &[&str]| after("umask 000", arguments).output().unwrap();
    let [from, to, restored] = [&data, &copy, &back].map(|path| path.to_str().unwrap());
    let made = run(&["backup", "--data", from, "--to", to]);
    assert!(made.status.success(), "{}", said(&made));
    assert!(assert_private(&copy) >= 2);
    drop(running);
    // The copy's modes are not taken over either: an older Covey, or `cp`, may have made it.
    for path in all(&copy) {
        fs::set_permissions(&path, fs::Permissions::from_mode(0o777)).unwrap();
    }
    let put = run(&["restore", "--data", restored, "--from", to]);
    assert!(put.status.success(), "{}", said(&put));
    assert!(assert_private(&back) >= 2);
}

#[test]
fn a_data_folder_that_was_open_is_closed_when_a_server_starts() {
    let place = tempfile::tempdir().unwrap();
    let data = place.path().join("data");
    drop(Running::start_by(after("umask 000", &serve(&data)), &data));
    for path in all(&data) {
        fs::set_permissions(&path, fs::Permissions::from_mode(if path.is_dir() { 0o755 } else { 0o644 }))
            .unwrap();
    }
    let running = Running::start(&data);
    assert_eq!(mode(&data), 0o700);
    for name in ["covey.db", "covey.db-wal", "covey.db-shm", "lock"] {
        assert_eq!(mode(&data.join(name)), 0o600, "{name}");
    }
    drop(running);
}

#[test]
fn missing_files_are_named_and_fail_unless_they_are_allowed() {
    let place = tempfile::tempdir().unwrap();
    let [data, copy, second, back] = ["data", "copy", "second", "back"].map(|name| place.path().join(name));
    let running = Running::start(&data);
    let file = use_it(&running);
    let [from, to, again, restored] = [&data, &copy, &second, &back].map(|path| path.to_str().unwrap());
    assert!(covey(&["backup", "--data", from, "--to", to]).status.success());
    let bytes = Blobs::new(copy.join("files")).path(file);
    assert_eq!(fs::read(&bytes).unwrap(), PNG, "the control: a whole backup has it");
    // Cut short is as bad as gone.
    fs::write(&bytes, &PNG[..5]).unwrap();
    for _ in 0..2 {
        let refused = covey(&["restore", "--data", restored, "--from", to]);
        assert!(
            !refused.status.success() && said(&refused).contains(&file.to_string()),
            "{}",
            said(&refused)
        );
        assert!(!back.join("covey.db").exists() && !back.join("files").exists());
        let _ = fs::remove_file(&bytes);
    }
    let allowed = covey(&["restore", "--data", restored, "--from", to, "--allow-missing-files"]);
    assert!(allowed.status.success() && said(&allowed).contains(&file.to_string()), "{}", said(&allowed));
    fs::remove_file(Blobs::new(data.join("files")).path(file)).unwrap();
    let failed = covey(&["backup", "--data", from, "--to", again]);
    assert!(!failed.status.success() && said(&failed).contains(&file.to_string()), "{}", said(&failed));
    assert!(second.join("covey.db").is_file(), "what there is was copied all the same");
}

#[test]
fn the_set_up_code_is_shown_to_a_terminal_and_nowhere_else() {
    let place = tempfile::tempdir().unwrap();
    let [piped, shown] = ["piped", "shown"].map(|name| place.path().join(name));
    let running = Running::start(&piped);
    let code = fs::read_to_string(piped.join("set-up-code")).unwrap();
    assert!(!running.said.contains(code.trim()) && running.said.contains("set-up-code"), "{}", running.said);
    drop(running);
    let mut terminal = Command::new("python3");
    terminal.args(["-c", "import pty, sys; pty.spawn(sys.argv[1:])", COVEY]).args(serve(&shown));
    let running = Running::start_by(
        {
            terminal.stdin(Stdio::null());
            terminal
        },
        &shown,
    );
    let code = fs::read_to_string(shown.join("set-up-code")).unwrap();
    assert!(running.said.contains(&format!("/set-up?code={}", code.trim())), "{}", running.said);
    drop(running);
}

#[test]
fn a_second_server_on_the_same_folder_refuses_to_start() {
    let place = tempfile::tempdir().unwrap();
    let mut running = Running::start(place.path());
    let second = covey(&serve(place.path()));
    assert!(!second.status.success());
    assert!(said(&second).contains("Another Covey server is running on"), "{}", said(&second));
    running.set_up();
    let data = place.path().to_str().unwrap();
    assert!(covey(&["audit", "verify", "--data", data]).status.success(), "commands run beside a server");
    running.kill();
    drop(Running::start(place.path()));
}

#[tokio::test]
async fn a_sweep_takes_what_nobody_names_and_leaves_what_is_still_being_written() {
    for engine in ENGINES {
        let server = Server::new(engine).await;
        let id = |n: u8| FileId::at(Time::from_micros(i64::from(n)), [n; 8]);
        let path = |n: u8| server.app.blobs.path(id(n));
        let now = server.clock.now();
        let age = |path: &Path, age: i64| {
            blobs::write(&path.with_extension("new"), b"x").unwrap();
            let at = Duration::from_micros(now.plus(-age).micros().unsigned_abs());
            let file = fs::File::options().write(true).open(path.with_extension("new")).unwrap();
            file.set_modified(SystemTime::UNIX_EPOCH + at).unwrap();
            fs::rename(path.with_extension("new"), path).unwrap();
        };
        let data = &server.app.config.data;
        let (foreign, mail) = (data.join("files/readme"), data.join("mail/x.tmp"));
        for old in [&path(1), &path(2).with_extension("tmp"), &foreign, &mail] {
            age(old, DAY + HOUR);
        }
        for new in [&path(3), &path(4).with_extension("tmp")] {
            age(new, DAY - HOUR);
        }
        let swept = covey::files::sweep(&server.app).await.unwrap();
        assert_eq!(swept, Swept { orphans: 1, temporary: 2, ..Swept::default() });
        for kept in [&path(3), &path(4).with_extension("tmp"), &foreign] {
            assert!(kept.exists(), "{}", kept.display());
        }
        fs::set_permissions(path(3), fs::Permissions::from_mode(0o644)).unwrap();
        server.clock.advance(2 * HOUR);
        fs::set_permissions(&foreign, fs::Permissions::from_mode(0o644)).unwrap();
        let swept = covey::files::sweep(&server.app).await.unwrap();
        assert_eq!(swept, Swept { orphans: 1, temporary: 1, closed: 2, doubtful: 0 });
        assert_eq!(mode(&foreign), 0o600);
    }
}

#[test]
fn a_sweep_spares_what_a_row_names() {
    let place = tempfile::tempdir().unwrap();
    let running = Running::start(place.path());
    let file = use_it(&running);
    let blobs = Blobs::new(place.path().join("files"));
    let later = kernel::clock::Clock::System.now().plus(DAY);
    assert_eq!(blobs.sweep(&[file], later).unwrap(), Swept::default());
    assert!(blobs.path(file).exists());
    assert_eq!(blobs.sweep(&[], later).unwrap().orphans, 1, "the control: without its row it goes");
}

#[test]
fn a_sweep_leaves_the_folder_of_another_database_alone() {
    let place = tempfile::tempdir().unwrap();
    let blobs = Blobs::new(place.path().join("files"));
    let id = |n: u8| FileId::at(Time::from_micros(i64::from(n)), [n; 8]);
    for n in 0..12 {
        blobs::write(&blobs.path(id(n)), b"x").unwrap();
    }
    let later = kernel::clock::Clock::System.now().plus(DAY);
    assert_eq!(blobs.sweep(&[], later).unwrap(), Swept { doubtful: 12, ..Swept::default() });
    assert!((0..12).all(|n| blobs.path(id(n)).exists()));
    assert_eq!(blobs.sweep(&[id(0), id(1)], later).unwrap().orphans, 10);
}

/// A probe's answer as a browser would get it: status, kind, text.
async fn probe(server: &Server, path: &str) -> (u16, String, String) {
    let asked = axum::http::Request::get(path).header(header::ACCEPT, "text/html").body(Body::empty());
    let answer = server.router.clone().oneshot(asked.unwrap()).await.unwrap();
    let kind = answer.headers()[header::CONTENT_TYPE].to_str().unwrap().to_owned();
    let status = answer.status().as_u16();
    let text = axum::body::to_bytes(answer.into_body(), 1 << 20).await.unwrap();
    (status, kind, String::from_utf8(text.to_vec()).unwrap())
}

#[tokio::test]
async fn probes_tell_of_an_outage_in_plain_text_and_look_again_after_a_while() {
    for engine in ENGINES {
        let server = Server::new(engine).await;
        let files = server.app.config.data.join("files");
        assert_eq!(probe(&server, "/readyz").await.0, 200);
        fs::remove_dir_all(&files).unwrap();
        fs::write(&files, "in the way").unwrap();
        assert_eq!(probe(&server, "/readyz").await.0, 200, "what was found holds for some seconds");
        server.clock.advance(6 * SECOND);
        let (status, kind, text) = probe(&server, "/readyz").await;
        assert_eq!((status, kind.starts_with("text/plain")), (503, true), "{text}");
        assert!(text.contains("the data folder"), "{text}");
        fs::remove_file(&files).unwrap();
        // A clock that goes back keeps nothing for longer.
        server.clock.advance(-HOUR);
        assert_eq!(probe(&server, "/readyz").await.0, 200);
        server.db().close().await;
        server.clock.advance(6 * SECOND);
        let (status, kind, text) = probe(&server, "/readyz").await;
        assert_eq!((status, kind.starts_with("text/plain")), (503, true), "{text}");
        assert!(text.contains("the database"), "{text}");
        let (status, kind, text) = probe(&server, "/metrics").await;
        assert_eq!((status, kind.starts_with("text/plain")), (200, true), "{text}");
        assert!(text.contains("covey_ready 0"), "{text}");
        assert_eq!(probe(&server, "/healthz").await.0, 200);
    }
}

#[test]
fn a_disk_that_takes_no_more_makes_the_server_unready_until_it_does_again() {
    let place = tempfile::tempdir().unwrap();
    // The signal that comes with the limit would end the program; a full disk has none.
    let running = Running::start_by(after("trap '' XFSZ", &serve(place.path())), place.path());
    running.set_up();
    let limit = |size: &str| {
        let pid = running.process().to_string();
        let status = Command::new("prlimit").args(["--pid", &pid, &format!("--fsize={size}")]).status();
        assert!(status.unwrap().success());
    };
    let get = |path: &str| request(running.address(), "GET", path, "", None, None).unwrap();
    limit("0:unlimited");
    let (status, text) = get("/readyz");
    assert_eq!(status, 503, "{text}");
    assert!(text.contains("not ready: "), "{text}");
    assert_eq!(get("/healthz").0, 200);
    let body = json!({ "email": "owner@x.test", "password": "eleven gray wagtails" }).to_string();
    let (status, text) = running.post("/api/v1/sign-in", &body, None);
    assert_eq!(status, 503, "{text}");
    limit("unlimited:unlimited");
    for _ in 0..600 {
        if get("/readyz").0 == 200 {
            assert!(running.sign_in().is_some());
            return;
        }
        std::thread::sleep(Duration::from_millis(50));
    }
    panic!("it stayed unready");
}
