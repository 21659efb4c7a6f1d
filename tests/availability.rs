//! One caller's misfortune or malice is nobody else's: slow and broken connections, bodies without a right, many
//! writers, and a server that stops.

use std::{
    io::{Read as _, Write as _},
    net::TcpStream,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    time::Duration,
};

use access::Access;
use axum::{
    body::{Body, Bytes},
    http::{Method, Request, StatusCode, header},
};
use futures_util::future::join_all;
use serde_json::json;
use storage::{Tx, sql};
use tower::ServiceExt as _;

use crate::{
    crash::{Running, request},
    support::{As, Engine, Server, World, specs},
};

/// A body that tells whether anyone began to read it, and never ends.
fn endless(read: &Arc<AtomicBool>) -> Body {
    let read = read.clone();
    Body::from_stream(futures_util::stream::poll_fn(move |_| {
        if read.swap(true, Ordering::SeqCst) {
            return std::task::Poll::Pending;
        }
        std::task::Poll::Ready(Some(Ok::<_, std::io::Error>(Bytes::from_static(b"a"))))
    }))
}

async fn begun(
    server: &Server,
    method: &Method,
    path: &str,
    content_type: &str,
    token: &str,
) -> (Option<StatusCode>, bool) {
    let read = Arc::new(AtomicBool::new(false));
    let request = Request::builder()
        .method(method)
        .uri(path)
        .header(header::CONTENT_TYPE, content_type)
        .header("sec-fetch-site", "same-origin")
        .header(header::COOKIE, format!("covey-session={token}; __Host-covey-session={token}"))
        .header(header::AUTHORIZATION, format!("Bearer {token}"))
        .header("idempotency-key", "one")
        .body(endless(&read))
        .unwrap();
    let answer = tokio::time::timeout(Duration::from_secs(2), server.router.clone().oneshot(request)).await;
    (answer.ok().map(|answer| answer.unwrap().status()), read.load(Ordering::SeqCst))
}

#[tokio::test]
async fn nothing_of_a_body_is_read_before_the_proof() {
    let world = World::new(Engine::Sqlite).await;
    let extras = specs::Extras::make(&world).await;
    let stranger = world.client(As::Stranger).await;
    let mut tried = 0;
    for route in covey::routes::all() {
        let writes = [Method::POST, Method::PUT, Method::PATCH].contains(&route.method);
        if !writes || route.access == Access::Public {
            continue;
        }
        let path = specs::spec(&route, &world, &extras).path;
        for kind in
            ["application/json", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x"]
        {
            // Someone with a made-up session, and someone of another practice.
            let (status, read) = begun(&world.server, &route.method, &path, kind, "made-up").await;
            assert!(!read, "{} {path} reads what nobody may send", route.method);
            assert!(status.is_some_and(|status| !status.is_success()), "{} {path}: {status:?}", route.method);
            if route.access == Access::SignedIn {
                continue;
            }
            let token = stranger.token.as_deref().unwrap();
            let (status, read) = begun(&world.server, &route.method, &path, kind, token).await;
            assert!(
                !read || route.access == Access::SignedIn,
                "{} {path} reads a stranger's body: {status:?}",
                route.method
            );
        }
        tried += 1;
    }
    assert!(tried > 100, "{tried}");
}

/// The control: of those who may send it, the same body is read.
#[tokio::test]
async fn control_a_body_is_read_after_the_proof() {
    let world = World::new(Engine::Sqlite).await;
    let member = world.client(As::Member).await;
    let path = format!("/api/v1/groups/{}/cases", world.group);
    let token = member.token.as_deref().unwrap();
    let (status, read) = begun(&world.server, &Method::POST, &path, "application/json", token).await;
    assert!(read && status.is_none(), "{status:?}");
}

#[tokio::test]
async fn a_form_of_too_many_fields_is_refused_and_one_below_the_limit_is_read() {
    let server = Server::new(Engine::Sqlite).await;
    let form = |fields: usize| format!("email=a%40x.test{}", "&a".repeat(fields - 1));
    let send = async |fields: usize| {
        let request = Request::post("/sign-in")
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
            .header("sec-fetch-site", "same-origin")
            .body(Body::from(form(fields)))
            .unwrap();
        let answer = server.router.clone().oneshot(request).await.unwrap();
        let text = axum::body::to_bytes(answer.into_body(), 1 << 20).await.unwrap();
        String::from_utf8(text.to_vec()).unwrap()
    };
    assert!(send(10_001).await.contains("more than 10000 fields"));
    assert!(!send(10_000).await.contains("more than 10000 fields"));
}

fn connect(running: &Running, text: &str) -> Option<TcpStream> {
    let mut stream = TcpStream::connect(running.address()).ok()?;
    stream.write_all(text.as_bytes()).ok()?;
    Some(stream)
}

/// Whether the server has closed the connection, within this time.
fn closed(stream: &mut TcpStream, within: Duration) -> bool {
    stream.set_read_timeout(Some(within)).unwrap();
    let mut rest = [0; 512];
    loop {
        match stream.read(&mut rest) {
            Ok(0) => return true,
            Ok(_) => {}
            Err(error) => return error.kind() == std::io::ErrorKind::ConnectionReset,
        }
    }
}

#[test]
fn connections_that_stay_half_open_are_let_go_and_hold_nobody_up() {
    let folder = tempfile::tempdir().unwrap();
    let running = Running::start(folder.path());
    let many = rlimit::increase_nofile_limit(4096).unwrap_or(1024).saturating_sub(200).min(3000);
    let halves =
        ["", "GET / HTTP/1.1\r\nhost: x\r\nx-slow: ", "POST /api/v1/sign-in HTTP/1.1\r\nhost: x\r\n"];
    let mut open = (0..many)
        .filter_map(|i| connect(&running, halves[usize::try_from(i).unwrap() % 3]))
        .collect::<Vec<_>>();
    assert!(open.len() > 500, "{}", open.len());
    for _ in 0..20 {
        let (status, text) = request(running.address(), "GET", "/healthz", "", None, None).unwrap();
        assert_eq!((status, text.as_str()), (200, "ok\n"));
    }
    // Ten seconds and a glance later all of them are gone.
    std::thread::sleep(Duration::from_secs(13));
    let left = open
        .iter_mut()
        .filter_map(|stream| (!closed(stream, Duration::from_millis(50))).then_some(()))
        .count();
    assert_eq!(left, 0, "of {} half-open connections", open.len());
}

#[test]
fn a_slow_body_is_refused_and_a_connection_in_use_is_kept() {
    let folder = tempfile::tempdir().unwrap();
    let running = Running::start(folder.path());
    let head = "POST /api/v1/sign-in HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: 200\r\n\r\n{";
    let mut slow = connect(&running, head).unwrap();
    let mut used = connect(&running, "").unwrap();
    for _ in 0..3 {
        used.write_all(b"GET /healthz HTTP/1.1\r\nhost: x\r\n\r\n").unwrap();
        let mut answer = [0; 2048];
        let length = used.read(&mut answer).unwrap();
        assert!(answer[..length].starts_with(b"HTTP/1.1 200"));
        std::thread::sleep(Duration::from_secs(5));
    }
    let mut answer = String::new();
    slow.set_read_timeout(Some(Duration::from_secs(10))).unwrap();
    slow.read_to_string(&mut answer).unwrap();
    assert!(answer.starts_with("HTTP/1.1 422") && answer.contains("too slow"), "{answer}");
}

#[test]
fn a_stop_waits_for_no_stream_and_no_unfinished_body_and_cuts_no_request() {
    let folder = tempfile::tempdir().unwrap();
    let mut running = Running::start(folder.path());
    let made = running.set_up();
    let token = running.sign_in().unwrap();
    let live = format!(
        "GET /g/{}/live HTTP/1.1\r\nhost: x\r\naccept: text/event-stream\r\nauthorization: Bearer {token}\r\n\r\n",
        made["group"].as_str().unwrap()
    );
    let mut streams = (0..300).map(|_| connect(&running, &live).unwrap()).collect::<Vec<_>>();
    for stream in &mut streams {
        let mut answer = [0; 1024];
        let length = stream.read(&mut answer).unwrap();
        assert!(
            answer[..length].starts_with(b"HTTP/1.1 200"),
            "{}",
            String::from_utf8_lossy(&answer[..length])
        );
    }
    let unfinished = "POST /api/v1/sign-in HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: 99\r\n\r\n{";
    let bodies = (0..20).map(|_| connect(&running, unfinished).unwrap()).collect::<Vec<_>>();
    let address = running.address().to_owned();
    // In work when the stop comes: the password's hash takes a while.
    let signing = (0..8).map(|_| {
        let address = address.clone();
        std::thread::spawn(move || {
            let body = json!({ "email": "owner@x.test", "password": "eleven gray wagtails" }).to_string();
            let mut stream = TcpStream::connect(&address).unwrap();
            let head = format!("POST /api/v1/sign-in HTTP/1.1\r\nhost: x\r\nconnection: close\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n{body}", body.len());
            stream.write_all(head.as_bytes()).unwrap();
            let mut answer = String::new();
            stream.read_to_string(&mut answer).unwrap();
            answer
        })
    });
    let signing = signing.collect::<Vec<_>>();
    std::thread::sleep(Duration::from_millis(60));
    let begun = std::time::Instant::now();
    assert_eq!(running.terminate(), Some(0));
    eprintln!(
        "stopped in {:?} with {} streams and {} bodies open",
        begun.elapsed(),
        streams.len(),
        bodies.len()
    );
    // Far below the grace of 20 seconds that a stream or a body would have used up.
    assert!(begun.elapsed() < Duration::from_secs(10));
    for answer in signing {
        let answer = answer.join().unwrap();
        // Or it was asked to slow down; either way it has a whole answer.
        let whole = ["HTTP/1.1 200", "HTTP/1.1 429"].iter().any(|status| answer.starts_with(status));
        assert!(whole && answer.ends_with('}'), "a request in work was cut: {answer:?}");
    }
}

async fn count_up(tx: &Tx, begun: &AtomicUsize) -> kernel::error::Result<()> {
    begun.fetch_add(1, Ordering::SeqCst);
    let found: i64 = tx.value(sql!("SELECT failures FROM throttles WHERE name = 'line'"), &[]).await?;
    tx.exec(sql!("UPDATE throttles SET failures = $1 WHERE name = 'line'"), &[&(found + 1)]).await?;
    Ok(())
}

/// Has fifty tasks count up four times each, and says how often the work was begun.
async fn fifty_writers(in_line: bool) -> usize {
    let world = World::new(Engine::Postgres).await;
    let seed = async |tx: &Tx| {
        tx.exec(sql!("INSERT INTO throttles (name, failures, last_at) VALUES ('line', 0, 0)"), &[]).await
    };
    world.server.db().write(seed).await.unwrap();
    let begun = Arc::new(AtomicUsize::new(0));
    let writers = (0..50).map(|_| {
        let (db, begun, account) = (world.server.db().clone(), begun.clone(), world.account);
        tokio::spawn(async move {
            for _ in 0..4 {
                let begun = begun.clone();
                let written = db.write(async move |tx| {
                    if in_line {
                        tx.in_line(account)?;
                    }
                    count_up(tx, &begun).await
                });
                written.await.unwrap();
            }
        })
    });
    for writer in join_all(writers).await {
        writer.unwrap();
    }
    assert_eq!(world.server.count(sql!("SELECT failures FROM throttles WHERE name = 'line'")).await, 200);
    begun.load(Ordering::SeqCst)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn fifty_writers_of_one_account_wait_in_line_and_none_fails() {
    assert_eq!(fifty_writers(true).await, 200, "each is begun once");
}

/// The control: without the line they fail each other and begin again and again.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn control_writers_without_a_line_fail_each_other() {
    assert!(fifty_writers(false).await > 220);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn fifty_people_of_one_account_write_at_once_without_a_refusal() {
    let world = World::new(Engine::Postgres).await;
    let path = format!("/api/v1/groups/{}/cases", world.group);
    let member = world.client(As::Member).await;
    let writers = (0..50).map(|writer| {
        let (client, path) = (member.clone(), path.clone());
        let (protocol, location) = (world.protocol, world.location);
        tokio::spawn(async move {
            for i in 0..4 {
                let body =
                    json!({ "protocol": protocol, "location": location, "name": format!("{writer}-{i}") });
                let made = client.post(&path, &body).await;
                assert_eq!(made.status, StatusCode::CREATED, "{}", made.text);
            }
        })
    });
    for writer in join_all(writers).await {
        writer.unwrap();
    }
}

/// Polls a future so often and drops it.
async fn polled<F: Future>(future: F, times: usize) {
    let mut future = Box::pin(future);
    for _ in 0..times {
        let over =
            std::future::poll_fn(|context| std::task::Poll::Ready(future.as_mut().poll(context).is_ready()))
                .await;
        if over {
            return;
        }
        tokio::task::yield_now().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn ten_thousand_dropped_requests_harm_no_other_write() {
    let world = World::new(Engine::Postgres).await;
    let (db, account) = (world.server.db(), world.account);
    let look = async |tx: &Tx| tx.value::<i64>(sql!("SELECT count(*) FROM members"), &[]).await;
    let dropping = (0..20).map(|task| {
        let db = db.clone();
        tokio::spawn(async move {
            for i in 0..500 {
                polled(db.read(look), (task + i) % 40).await;
                polled(db.write(look), (task + i) % 7).await;
            }
        })
    });
    let writing = (0..10).map(|task| {
        let db = db.clone();
        tokio::spawn(async move {
            for i in 0..100 {
                let name = format!("w{task}-{i}");
                let write = db.write(async move |tx| {
                    tx.in_line(account)?;
                    let insert = sql!("INSERT INTO throttles (name, failures, last_at) VALUES ($1, 0, 0)");
                    tx.exec(insert, &[&name]).await
                });
                write.await.unwrap();
            }
        })
    });
    let (dropped, written) = tokio::join!(join_all(dropping), join_all(writing));
    assert!(dropped.iter().chain(&written).all(Result::is_ok), "a write failed");
    assert_eq!(world.server.count(sql!("SELECT count(*) FROM throttles WHERE name LIKE 'w%'")).await, 1000);
}

/// The control: a pool whose transactions have no guard hands others a connection in the middle of one.
#[tokio::test]
async fn control_without_a_guard_a_dropped_request_poisons_the_pool() {
    let url = crate::support::postgres_database().await;
    let config: tokio_postgres::Config = url.parse().unwrap();
    let manager = deadpool_postgres::Manager::new(config, tokio_postgres::NoTls);
    let pool = deadpool_postgres::Pool::builder(manager).max_size(1).build().unwrap();
    let careless = async {
        let client = pool.get().await.unwrap();
        client.batch_execute("BEGIN READ ONLY").await.unwrap();
        client.batch_execute("SELECT pg_sleep(60)").await.unwrap();
    };
    assert!(tokio::time::timeout(Duration::from_secs(2), careless).await.is_err());
    let client = pool.get().await.unwrap();
    let _ = client.cancel_token().cancel_query(tokio_postgres::NoTls).await;
    let wrote =
        client.batch_execute("INSERT INTO throttles (name, failures, last_at) VALUES ('x', 0, 0)").await;
    assert!(wrote.is_err(), "this test could not have failed");
}
