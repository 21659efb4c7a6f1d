//! A client that sends each request of a file once, over kept connections: for writes, which can't be
//! repeated. It waits for the whole answer before it sends the next request on that connection.

use std::{cell::Cell, fs, io, rc::Rc, time::{Duration, Instant}};

use serde::Deserialize;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
    task::LocalSet,
};

use crate::Outcome;

/// What to send: lines of `METHOD\tPATH\tHEADERS\tBODY`, where HEADERS are `name: value` joined by `|`.
#[derive(Deserialize)]
struct Job {
    port: u16,
    requests: String,
    connections: usize,
    seconds: f64,
}

/// What the connections share. One thread runs them all.
struct Shared {
    port: u16,
    requests: Vec<Vec<u8>>,
    next: Cell<usize>,
    until: Instant,
}

#[derive(Default)]
struct Tally {
    took: Vec<Duration>,
    refused: usize,
    first_refusal: Option<String>,
}

pub(crate) fn run(job: &str) -> Outcome {
    let job: Job = serde_json::from_str(&fs::read_to_string(job)?)?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    LocalSet::new().block_on(&runtime, send_all(job))
}

async fn send_all(job: Job) -> Outcome {
    let lines = fs::read_to_string(&job.requests)?;
    let requests = lines.lines().map(|line| raw(line, job.port)).collect();
    let start = Instant::now();
    let until = start + Duration::from_secs_f64(job.seconds);
    let shared = Rc::new(Shared { port: job.port, requests, next: Cell::new(0), until });
    let tasks = (0..job.connections).map(|_| tokio::task::spawn_local(connection(shared.clone())));
    let tasks = tasks.collect::<Vec<_>>();
    let mut all = Tally::default();
    for task in tasks {
        let tally = task.await??;
        all.took.extend(tally.took);
        all.refused += tally.refused;
        all.first_refusal = all.first_refusal.or(tally.first_refusal);
    }
    report(all, start.elapsed());
    Ok(())
}

fn report(mut all: Tally, elapsed: Duration) {
    all.took.sort();
    let at = |share: usize| all.took.get(all.took.len() * share / 100).map_or(0, Duration::as_micros);
    println!(
        "{}",
        serde_json::json!({
            "requests": all.took.len(), "seconds": elapsed.as_secs_f64(), "p50_us": at(50), "p99_us": at(99),
            "failed": all.refused, "first_failure": all.first_refusal,
        })
    );
}

fn raw(line: &str, port: u16) -> Vec<u8> {
    let mut parts = line.splitn(4, '\t');
    let mut part = || parts.next().unwrap_or_default();
    let (method, path, headers, body) = (part(), part(), part(), part());
    let headers = headers.split('|').map(|header| format!("{header}\r\n")).collect::<String>();
    let length = body.len();
    format!("{method} {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n{headers}Content-Length: {length}\r\n\r\n{body}").into()
}

/// One kept connection: takes the next request while there is one and time.
async fn connection(shared: Rc<Shared>) -> io::Result<Tally> {
    let mut tally = Tally::default();
    let mut stream = connect(shared.port).await?;
    let mut buffer = Vec::new();
    while let Some(request) = take_next(&shared) {
        let start = Instant::now();
        stream.write_all(request).await?;
        let answer = read_answer(&mut stream, &mut buffer).await?;
        tally.took.push(start.elapsed());
        if !(200..300).contains(&answer.status) {
            tally.refused += 1;
            tally.first_refusal.get_or_insert_with(|| String::from_utf8_lossy(&buffer).into_owned());
        }
        if answer.closes {
            stream = connect(shared.port).await?;
        }
    }
    Ok(tally)
}

fn take_next(shared: &Shared) -> Option<&[u8]> {
    let next = shared.next.get();
    shared.next.set(next + 1);
    shared.requests.get(next).filter(|_| Instant::now() < shared.until).map(Vec::as_slice)
}

async fn connect(port: u16) -> io::Result<TcpStream> {
    let stream = TcpStream::connect(("127.0.0.1", port)).await?;
    stream.set_nodelay(true)?;
    Ok(stream)
}

struct Answer {
    status: u16,
    closes: bool,
}

/// Reads one whole answer into `buffer`.
async fn read_answer(stream: &mut TcpStream, buffer: &mut Vec<u8>) -> io::Result<Answer> {
    buffer.clear();
    let (mut head, mut length) = (None, None);
    loop {
        if stream.read_buf(buffer).await? == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        if head.is_none() && let Some(end) = find(buffer, b"\r\n\r\n") {
            let text = String::from_utf8_lossy(&buffer[..end]).to_ascii_lowercase();
            length = header(&text, "content-length").and_then(|value| value.parse::<usize>().ok());
            head = Some((end + 4, text));
        }
        if let Some((end, text)) = &head && is_whole(&buffer[*end..], length) {
            let status = text.split(' ').nth(1).and_then(|status| status.parse().ok()).unwrap_or(0);
            return Ok(Answer { status, closes: header(text, "connection") == Some("close") });
        }
    }
}

/// By its length, or by the last chunk where there is none.
fn is_whole(body: &[u8], length: Option<usize>) -> bool {
    length.map_or_else(|| body.ends_with(b"0\r\n\r\n"), |length| body.len() >= length)
}

fn find(haystack: &[u8], needle: &[u8]) -> Option<usize> {
    haystack.windows(needle.len()).position(|window| window == needle)
}

fn header<'a>(head: &'a str, name: &str) -> Option<&'a str> {
    head.lines().filter_map(|line| line.split_once(':')).find(|(key, _)| *key == name).map(|(_, value)| value.trim())
}
