//! The event feed: in the order of commits, nothing missed and nothing twice, however many write meanwhile.

use std::{
    collections::BTreeSet,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use axum::http::StatusCode;
use kernel::{
    clock::{DAY, SECOND, Time},
    id::{AccountId, GroupId, LocationId, UserId},
};
use platform::audit::{self, Action, Event};
use serde_json::{Value, json};
use storage::{Db, One, sql};

use crate::support::{As, Client, ENGINES, Engine, World};

const WRITERS: usize = 50;
/// How many transactions each of them makes, of two events.
const EACH: usize = 3;

fn texts(items: &Value, field: &str) -> Vec<String> {
    items.as_array().unwrap().iter().map(|item| item[field].as_str().unwrap_or_default().to_owned()).collect()
}

/// Follows the feed from an event on until `done`, and gives the objects in the order in which they came.
async fn follow(client: &Client, feed: &str, mut after: String, done: &AtomicBool) -> Vec<String> {
    let mut seen = Vec::new();
    loop {
        let last = done.load(Ordering::SeqCst);
        let page = client.get(&format!("{feed}?limit=7&type=location.changed&after={after}")).await;
        assert_eq!(page.status, StatusCode::OK, "{}", page.text);
        seen.extend(texts(&page.json["items"], "object"));
        page.json["next_after"].as_str().unwrap().clone_into(&mut after);
        if page.json["has_more"] == true {
            continue;
        }
        if last {
            return seen;
        }
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
}

/// The broken way: a reader that remembers the time of the last event, as if each had its own. It reads one at a time:
/// the second event of a transaction always comes at the time of the first.
async fn follow_by_time(db: &Db, account: AccountId, done: &AtomicBool) -> usize {
    let (mut seen, mut last) = (BTreeSet::new(), -1_i64);
    loop {
        let end = done.load(Ordering::SeqCst);
        let rows = db
            .read(async |tx| {
                let later = sql!(
                    "SELECT at, object FROM audit_events
                     WHERE account_id = $1 AND at > $2 AND action = 'location.changed' ORDER BY at, seq LIMIT 1"
                );
                tx.all::<(i64, String)>(later, &[&account, &last]).await
            })
            .await
            .unwrap();
        if rows.is_empty() && end {
            return seen.len();
        }
        for (at, object) in rows {
            last = at;
            seen.insert(object);
        }
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
}

/// Writes events by many at once. On PostgreSQL half of them come by another server.
async fn write(world: &World, dbs: &[Db]) -> BTreeSet<String> {
    let (account, owner, group) = (world.account, world.owner, world.group);
    let mut tasks = Vec::new();
    for number in 0..WRITERS {
        let db = dbs[number % dbs.len()].clone();
        tasks.push(tokio::spawn(async move {
            let mut made = Vec::new();
            for _ in 0..EACH {
                let object = || LocationId::at(Time::from_micros(1), db.random().bytes());
                let pair = [object(), object()];
                note(&db, account, owner, pair, group).await;
                made.extend(pair.map(|object| object.to_string()));
            }
            made
        }));
    }
    let mut made = BTreeSet::new();
    for task in tasks {
        made.extend(task.await.unwrap());
    }
    made
}

/// Writes two events in one transaction.
async fn note(db: &Db, account: AccountId, by: UserId, objects: [LocationId; 2], group: GroupId) {
    loop {
        let events = async move |tx: &storage::Tx| {
            for object in objects {
                let event = Event::new(account, by, Action::LocationChanged, object).in_group(group);
                audit::record(tx, event.with(json!({ "name": "A private name" }))).await?;
            }
            Ok(())
        };
        // Another server came between: the same again.
        if db.write(events).await.is_ok() {
            return;
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_reader_that_follows_fifty_writers_misses_nothing_and_gets_nothing_twice() {
    for engine in ENGINES {
        let world = World::new(engine).await;
        world.server.leave_mail();
        let owner = world.client(As::Owner).await;
        let feed = format!("/api/v1/accounts/{}/events", world.account);
        let start = owner.get(&format!("{feed}?limit=100")).await.json;
        let after = start["next_after"].as_str().unwrap().to_owned();
        let mut dbs = vec![world.server.db().clone()];
        if engine == Engine::Postgres {
            dbs.push(world.server.another_db().await);
        }
        let done = Arc::new(AtomicBool::new(false));
        let readers = [1, 2].map(|_| {
            let (client, feed, after, done) = (owner.clone(), feed.clone(), after.clone(), done.clone());
            tokio::spawn(async move { follow(&client, &feed, after, &done).await })
        });
        let broken = {
            let (db, account, done) = (world.server.db().clone(), world.account, done.clone());
            tokio::spawn(async move { follow_by_time(&db, account, &done).await })
        };
        let ticking = {
            let (clock, done) = (world.server.clock.clone(), done.clone());
            tokio::spawn(async move {
                while !done.load(Ordering::SeqCst) {
                    clock.advance(SECOND / 1000);
                    tokio::time::sleep(Duration::from_millis(5)).await;
                }
            })
        };
        let made = write(&world, &dbs).await;
        done.store(true, Ordering::SeqCst);
        ticking.await.unwrap();
        assert_eq!(made.len(), WRITERS * EACH * 2);
        for reader in readers {
            let seen = reader.await.unwrap();
            assert_eq!(seen.len(), made.len(), "{engine:?}: none twice");
            assert_eq!(seen.into_iter().collect::<BTreeSet<_>>(), made, "{engine:?}: none missed");
        }
        let by_time = broken.await.unwrap();
        assert!(by_time < made.len(), "{engine:?}: the control that goes by time missed none");
    }
}

/// Numbers of a plain sequence are taken before the commit: a reader that remembers the last one misses events.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn the_control_that_goes_by_a_sequence_misses_some() {
    let world = World::new(Engine::Postgres).await;
    world.server.leave_mail();
    let reader = world.server.connect().await;
    reader
        .batch_execute("CREATE SEQUENCE naive_numbers; CREATE TABLE naive (n BIGINT PRIMARY KEY);")
        .await
        .unwrap();
    let mut writers = Vec::new();
    for _ in 0..10 {
        let client = world.server.connect().await;
        writers.push(tokio::spawn(async move {
            let one =
                "BEGIN; INSERT INTO naive SELECT nextval('naive_numbers'); SELECT pg_sleep(random() * 0.01);
                       COMMIT;";
            for _ in 0..20 {
                client.batch_execute(one).await.unwrap();
            }
        }));
    }
    let (mut last, mut seen) = (0_i64, 0);
    loop {
        let end = writers.iter().all(tokio::task::JoinHandle::is_finished);
        let rows = reader.query("SELECT n FROM naive WHERE n > $1 ORDER BY n", &[&last]).await.unwrap();
        if rows.is_empty() && end {
            break;
        }
        seen += rows.len();
        last = rows.last().map_or(last, |row| row.get(0));
    }
    assert!(seen < 200, "the control missed none of 200");
}

#[tokio::test]
async fn the_feed_tells_by_ids_what_happened_and_nothing_private() {
    for engine in ENGINES {
        let world = World::new(engine).await;
        world.server.leave_mail();
        let owner = world.client(As::Owner).await;
        let feed = format!("/api/v1/accounts/{}/events", world.account);
        let all = owner.get(&format!("{feed}?limit=100")).await;
        assert_eq!(all.status, StatusCode::OK, "{}", all.text);
        let types = texts(&all.json["items"], "type");
        assert!(types.contains(&"case.created".to_owned()), "{types:?}");
        let made = all.json["items"].as_array().unwrap().iter().find(|item| item["type"] == "case.created");
        let made = made.unwrap();
        assert_eq!(made["object"], world.case.to_string());
        assert_eq!(made["group"], world.group.to_string());
        assert_eq!(made["actor"], world.member.to_string());
        assert_eq!(made["account"], world.account.to_string());
        assert_eq!(made.as_object().unwrap().len(), 7);
        for private in ["Bella", "Parlour", "Alder", "Riverside", "riverside.test"] {
            assert!(!all.text.contains(private), "{private} in {}", all.text);
        }
        // In pages, the same in the same order.
        let (mut after, mut paged) = (String::new(), Vec::new());
        loop {
            let page = owner.get(&format!("{feed}?limit=3{after}")).await.json;
            paged.extend(texts(&page["items"], "id"));
            after = format!("&after={}", page["next_after"].as_str().unwrap());
            if page["has_more"] == false {
                break;
            }
        }
        assert_eq!(paged, texts(&all.json["items"], "id"));
        assert!(paged.is_sorted(), "ids sort as events came");
        let cases = owner.get(&format!("{feed}?type=case.created,%20case.closed")).await.json;
        assert_eq!(texts(&cases["items"], "type"), ["case.created", "case.created"]);
        for wrong in ["type=session.opened", "type=x", "after=evt_1", "after=usr_1", "limit=0", "since=1"] {
            assert_eq!(owner.get(&format!("{feed}?{wrong}")).await.status, 422, "{wrong}");
        }
        let page = owner.get(&format!("/a/{}/developers/events", world.account)).await;
        assert!(page.text.contains("case.created") && page.text.contains(&world.case.to_string()));
    }
}

#[tokio::test]
async fn an_event_of_another_account_or_an_invented_one_is_no_cursor() {
    for engine in ENGINES {
        let world = World::new(engine).await;
        world.server.leave_mail();
        let hillside: AccountId = world
            .server
            .db()
            .read(async |tx| tx.value(sql!("SELECT id FROM accounts WHERE name = 'Hillside'"), &[]).await)
            .await
            .unwrap();
        let stranger = world.client(As::Stranger).await;
        let theirs = stranger.get(&format!("/api/v1/accounts/{hillside}/events")).await.json;
        let foreign = texts(&theirs["items"], "id").pop().unwrap();
        let owner = world.client(As::Owner).await;
        let feed = format!("/api/v1/accounts/{}/events", world.account);
        let own = texts(&owner.get(&feed).await.json["items"], "id")[0].clone();
        // The number of another event with this the caller's code.
        let forged = own.replacen("00000", "00001", 1);
        for wrong in [&foreign, &forged] {
            let reply = owner.get(&format!("{feed}?after={wrong}")).await;
            assert_eq!(reply.status, 422, "{}", reply.text);
            assert_eq!(reply.json["errors"][0]["field"], "after");
        }
        assert_eq!(stranger.get(&format!("{feed}?after={foreign}")).await.status, 404);
    }
}

#[tokio::test]
async fn a_reader_who_would_miss_what_is_no_longer_told_is_told_so() {
    for engine in ENGINES {
        let world = World::new(engine).await;
        world.server.leave_mail();
        let owner = world.client(As::Owner).await;
        let feed = format!("/api/v1/accounts/{}/events", world.account);
        let ids = texts(&owner.get(&format!("{feed}?limit=100")).await.json["items"], "id");
        let (first, last) = (ids[0].clone(), ids.last().unwrap().clone());
        world.server.clock.advance(91 * DAY);
        let owner = world.client(As::Owner).await;
        // Nothing is there any more; who had the last event has missed nothing.
        assert_eq!(owner.get(&feed).await.json["items"], json!([]));
        let gone = owner.get(&format!("{feed}?after={first}")).await;
        assert_eq!((gone.status.as_u16(), gone.json["code"].as_str()), (410, Some("events_expired")));
        assert_eq!(gone.json["errors"], json!([]));
        let idle = owner.get(&format!("{feed}?after={last}")).await;
        assert_eq!((idle.status.as_u16(), &idle.json["items"]), (200, &json!([])));
        assert_eq!(idle.json["next_after"], last.as_str());
        let (account, by, group) = (world.account, world.owner, world.group);
        note(world.server.db(), account, by, [world.location, world.other_location], group).await;
        let fresh = owner.get(&format!("{feed}?after={last}")).await.json;
        assert_eq!(texts(&fresh["items"], "type"), ["location.changed", "location.changed"]);
        let gone = owner.get(&format!("{feed}?after={first}")).await;
        assert_eq!(gone.status, 410);
        assert_eq!(
            gone.json["errors"][0],
            json!({ "field": "oldest", "code": "oldest", "detail": fresh["items"][0]["id"] })
        );
        // Of the one type that is asked for, nothing was missed.
        let kind = format!("{feed}?after={first}&type=client.merged");
        assert_eq!(owner.get(&kind).await.status, 200);
        let oldest = owner.get(&feed).await.json;
        assert_eq!(oldest["items"], fresh["items"]);
    }
}

#[tokio::test]
async fn the_chain_has_no_gaps_where_writers_fail() {
    for engine in ENGINES {
        let world = World::new(engine).await;
        world.server.leave_mail();
        let (account, by) = (world.account, world.owner);
        for fails in [true, false, true, false] {
            let written = world.server.db().write(async move |tx| {
                audit::record(tx, Event::new(account, by, Action::AccountChanged, account)).await?;
                if fails { Err(kernel::error::Error::not_found()) } else { Ok(()) }
            });
            assert_eq!(written.await.is_err(), fails);
        }
        let numbers = world.server.db().read(async |tx| {
            tx.all::<One<i64>>(
                sql!("SELECT seq FROM audit_events WHERE account_id = $1 ORDER BY seq"),
                &[&account],
            )
            .await
        });
        let numbers = numbers.await.unwrap().into_iter().map(|one| one.0).collect::<Vec<_>>();
        assert_eq!(numbers, (1..=i64::try_from(numbers.len()).unwrap()).collect::<Vec<_>>(), "{engine:?}");
    }
}
