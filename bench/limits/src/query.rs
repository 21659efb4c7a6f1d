//! The best bare statements of the two listings: the session, then membership and cases in one. No
//! HTTP, no JSON, one thread, one connection with the server's settings: what SQLite itself costs.
//!
//! The order of the joins is written out (`CROSS JOIN`), so that no plan is left to chance. Two shapes of
//! the listing run: `joined` takes the names of what a case refers to while it looks for
//! the newest; `late` finds the newest 25 first and takes names for those alone. The cheaper one is
//! the limit.

use std::{fs, hint::black_box, time::Instant};

use rusqlite::{Connection, OpenFlags, Statement, config::DbConfig, types::ValueRef};
use serde::Deserialize;
use sha2::{Digest, Sha256};

use crate::Outcome;

const SESSION: &str = "SELECT id, user_id, seen_at FROM sessions
    WHERE token_hash = ?1 AND expires_at > ?2 AND seen_at > ?3";

macro_rules! columns {
    ($from:literal) => {
        concat!(
            "SELECT c.id, c.account_id, c.group_id, g.name, c.number, c.name, c.status, c.protocol_id, p.name,
                    c.location_id, l.name, c.created_by, u.name, c.created_at, c.updated_at, c.closed_at, c.version ",
            $from
        )
    };
}
macro_rules! names {
    () => {
        "CROSS JOIN groups g ON g.account_id = c.account_id AND g.id = c.group_id
         CROSS JOIN protocols p ON p.account_id = c.account_id AND p.id = c.protocol_id
         CROSS JOIN locations l ON l.account_id = c.account_id AND l.group_id = c.group_id AND l.id = c.location_id
         CROSS JOIN users u ON u.id = c.created_by "
    };
}
macro_rules! visible {
    () => {
        "FROM members m
         CROSS JOIN group_members gm ON gm.account_id = m.account_id AND gm.user_id = m.user_id AND gm.until IS NULL
         CROSS JOIN cases c ON c.account_id = gm.account_id AND c.group_id = gm.group_id
           AND c.id >= COALESCE((SELECT x.id FROM cases x WHERE x.account_id = gm.account_id
                AND x.group_id = gm.group_id ORDER BY x.id DESC LIMIT 1 OFFSET 24), zeroblob(16)) "
    };
}
const ALL_JOINED: &str = concat!(
    columns!(""), visible!(), names!(),
    "WHERE m.user_id = ?1 AND m.until IS NULL AND m.role <> 'support_staff' ORDER BY c.id DESC LIMIT 25"
);
const ALL_LATE: &str = concat!(
    columns!("FROM (SELECT c.account_id, c.group_id, c.id "), visible!(),
    "WHERE m.user_id = ?1 AND m.until IS NULL AND m.role <> 'support_staff' ORDER BY c.id DESC LIMIT 25) n
     CROSS JOIN cases c ON c.account_id = n.account_id AND c.group_id = n.group_id AND c.id = n.id ",
    names!(), "ORDER BY n.id DESC"
);
const GROUP: &str = concat!(
    columns!("FROM group_members gm CROSS JOIN cases c ON c.account_id = gm.account_id AND c.group_id = gm.group_id "),
    names!(),
    "WHERE gm.account_id = ?2 AND gm.user_id = ?1 AND gm.group_id = ?3 AND gm.until IS NULL
     ORDER BY c.id DESC LIMIT 25"
);

/// Whose requests to replay: their tokens, each with an account and a group of theirs in hexadecimal.
#[derive(Deserialize)]
struct Job {
    people: Vec<Person>,
    seconds: f64,
}

#[derive(Deserialize)]
struct Person {
    token: String,
    account: String,
    group: String,
}

pub(crate) fn run(database: &str, job: &str) -> Outcome {
    let job: Job = serde_json::from_str(&fs::read_to_string(job)?)?;
    let conn = open(database)?;
    let all_joined = measure(&conn, &job, ALL_JOINED, false)?;
    let all_late = measure(&conn, &job, ALL_LATE, false)?;
    let group = measure(&conn, &job, GROUP, true)?;
    println!(
        "{}",
        serde_json::json!({ "all_joined_us": all_joined, "all_late_us": all_late, "group_us": group })
    );
    Ok(())
}

fn open(database: &str) -> rusqlite::Result<Connection> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let conn = Connection::open_with_flags(database, flags)?;
    conn.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
    conn.execute_batch(
        "PRAGMA busy_timeout = 5000; PRAGMA mmap_size = 17179869184; PRAGMA cache_size = -16384;
         PRAGMA temp_store = MEMORY; PRAGMA query_only = ON;",
    )?;
    Ok(conn)
}

/// Microseconds of CPU per operation. One thread that never waits: its wall time would be the same on
/// an idle machine, but its CPU time is what others can't disturb.
fn measure(conn: &Connection, job: &Job, listing: &str, in_group: bool) -> Result<f64, Box<dyn std::error::Error>> {
    let mut session = conn.prepare(SESSION)?;
    let mut listing = conn.prepare(listing)?;
    let mut done = 0_u32;
    for person in job.people.iter().take(200) {
        once(conn, &mut session, &mut listing, person, in_group)?;
    }
    let (start, cpu) = (Instant::now(), cpu_seconds()?);
    while start.elapsed().as_secs_f64() < job.seconds {
        for person in job.people.iter().cycle().skip(done as usize % job.people.len()).take(100) {
            once(conn, &mut session, &mut listing, person, in_group)?;
        }
        done += 100;
    }
    Ok((cpu_seconds()? - cpu) * 1e6 / f64::from(done))
}

fn once(
    conn: &Connection,
    session: &mut Statement<'_>,
    listing: &mut Statement<'_>,
    person: &Person,
    in_group: bool,
) -> Result<(), Box<dyn std::error::Error>> {
    conn.prepare_cached("BEGIN")?.execute([])?;
    let hash: [u8; 32] = Sha256::digest(person.token.as_bytes()).into();
    let user: Vec<u8> = session.query_row((&hash[..], 1, 1), |row| row.get(1))?;
    let mut rows = if in_group {
        listing.query((&user, bytes(&person.account), bytes(&person.group)))?
    } else {
        listing.query((&user,))?
    };
    let mut found = 0;
    while let Some(row) = rows.next()? {
        for column in 0..17 {
            take(row.get_ref(column)?);
        }
        found += 1;
    }
    drop(rows);
    conn.prepare_cached("COMMIT")?.execute([])?;
    if found == 25 { Ok(()) } else { Err(format!("{found} cases instead of 25").into()) }
}

/// What a program has to do at least to own a value.
fn take(value: ValueRef<'_>) {
    match value {
        ValueRef::Text(text) => drop(black_box(text.to_vec())),
        ValueRef::Blob(blob) => drop(black_box(<[u8; 16]>::try_from(blob))),
        ValueRef::Integer(number) => drop(black_box(number)),
        ValueRef::Real(_) | ValueRef::Null => {}
    }
}

fn bytes(hex: &str) -> Vec<u8> {
    (0..hex.len()).step_by(2).filter_map(|i| u8::from_str_radix(&hex[i..i + 2], 16).ok()).collect()
}

/// This process's time on the processor, by the scheduler's nanoseconds.
fn cpu_seconds() -> Result<f64, Box<dyn std::error::Error>> {
    let text = fs::read_to_string("/proc/self/schedstat")?;
    let nanos: f64 = text.split_whitespace().next().ok_or("an empty schedstat")?.parse()?;
    Ok(nanos / 1e9)
}
