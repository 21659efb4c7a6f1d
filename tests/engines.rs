//! The two engines are one: the same schema, the same behavior of the storage layer.

use kernel::{
    clock::Time,
    error::{Error, Kind},
    id::{AccountId, UserId},
};
use storage::{Hash, One, sql};

use crate::support::{ENGINES, Engine, Server};

#[tokio::test]
async fn the_schemas_are_the_same() {
    let [sqlite, postgres] = [Server::new(Engine::Sqlite).await, Server::new(Engine::Postgres).await];
    let normal = |column: &String| {
        let column =
            column.replace(" uuid", " BLOB").replace(" bytea", " BLOB").replace(" bigint", " BIGINT");
        // SQLite numbers rows by a column of the type INTEGER and no other.
        let column = column.replace(" INTEGER", " BIGINT");
        column.replace(" text", " TEXT").replace(" boolean", " BOOLEAN")
    };
    let sorted = |mut columns: Vec<String>| {
        columns.sort();
        columns
    };
    let ours = sorted(sqlite.db().describe().await.unwrap().iter().map(normal).collect());
    let theirs = sorted(postgres.db().describe().await.unwrap().iter().map(normal).collect());
    assert!(ours.len() > 100);
    assert_eq!(ours, theirs);
}

#[test]
fn the_views_are_the_same_text_on_both_engines() {
    let views = |baseline: &str| {
        let (_, rules) = baseline.split_once("-- == Rules ==").unwrap();
        let statements = rules.lines().filter(|line| !line.starts_with("--")).collect::<Vec<_>>();
        statements.join("\n").replace(" WITH (security_invoker = true)", "")
    };
    let ours = views(include_str!("../migrations/sqlite/0001_baseline.sql"));
    assert!(ours.matches("CREATE VIEW").count() >= 4);
    assert_eq!(ours, views(include_str!("../migrations/postgres/0001_baseline.sql")));
}

#[tokio::test]
async fn values_come_back_as_they_went_in() {
    for engine in ENGINES {
        let server = Server::new(engine).await;
        let id = UserId::at(Time::from_micros(1), [7; 8]);
        let found = server.db().write(async move |tx| {
            tx.exec(
                sql!("INSERT INTO throttles (name, failures, last_at) VALUES ($3, $1, $2)"),
                &[&41_i64, &Time::from_micros(-5), &"ключ 🐄"],
            )
            .await?;
            let row: (String, i64, Time) = tx
                .one(sql!("SELECT name, failures, last_at FROM throttles WHERE name = $1"), &[&"ключ 🐄"])
                .await?;
            let hash: One<Hash> = tx
                .one(
                    sql!(sqlite: "SELECT CAST($1 AS BLOB)", postgres: "SELECT CAST($1 AS BYTEA)"),
                    &[&Hash([9; 32])],
                )
                .await?;
            let back: One<UserId> = tx
                .one(sql!(sqlite: "SELECT CAST($1 AS BLOB)", postgres: "SELECT CAST($1 AS UUID)"), &[&id])
                .await?;
            Ok((row, hash.0, back.0))
        });
        let (row, hash, back) = found.await.unwrap();
        assert_eq!(row, ("ключ 🐄".to_owned(), 41, Time::from_micros(-5)), "{engine:?}");
        assert_eq!((hash, back), (Hash([9; 32]), id));
    }
}

#[tokio::test]
async fn an_error_undoes_its_own_transaction_and_no_other() {
    for engine in ENGINES {
        let server = Server::new(engine).await;
        let add = |name: &'static str, fail: bool| {
            let db = server.db().clone();
            let name = name.to_owned();
            async move {
                db.write(async move |tx| {
                    tx.exec(
                        sql!("INSERT INTO throttles (name, failures, last_at) VALUES ($1, 0, 0)"),
                        &[&name],
                    )
                    .await?;
                    if fail { Err(Error::stale()) } else { Ok(()) }
                })
                .await
            }
        };
        let (a, b, c) = tokio::join!(add("a", false), add("b", true), add("c", false));
        assert!(a.is_ok() && c.is_ok());
        assert_eq!(b.unwrap_err().kind(), Kind::Stale);
        assert_eq!(server.count(sql!("SELECT count(*) FROM throttles")).await, 2, "{engine:?}");
    }
}

#[tokio::test]
async fn a_panic_in_a_transaction_is_its_callers_alone() {
    let server = Server::new(Engine::Sqlite).await;
    let broken = server.db().write(async |tx| {
        tx.exec(sql!("INSERT INTO throttles (name, failures, last_at) VALUES ('x', 0, 0)"), &[]).await?;
        assert!(tx.now() < Time::from_micros(0), "on purpose");
        Ok(())
    });
    assert_eq!(broken.await.unwrap_err().kind(), Kind::Internal);
    assert_eq!(server.count(sql!("SELECT count(*) FROM throttles")).await, 0);
    server.db().write(async |_| Ok(())).await.unwrap();
}

#[tokio::test]
async fn waiting_inside_an_embedded_transaction_is_an_error() {
    let server = Server::new(Engine::Sqlite).await;
    let waited = server.db().read(async |_| {
        tokio::time::sleep(std::time::Duration::from_millis(1)).await;
        Ok(())
    });
    assert_eq!(waited.await.unwrap_err().kind(), Kind::Internal);
}

#[tokio::test]
async fn a_read_sees_one_moment_and_can_not_write() {
    for engine in ENGINES {
        let server = Server::new(engine).await;
        let wrote = server.db().read(async |tx| {
            tx.exec(sql!("INSERT INTO throttles (name, failures, last_at) VALUES ('x', 0, 0)"), &[]).await
        });
        assert!(wrote.await.is_err(), "{engine:?}");
    }
}

#[tokio::test]
async fn a_reference_across_accounts_is_refused_by_the_database_itself() {
    for engine in ENGINES {
        let world = crate::support::World::new(engine).await;
        let (account, group, location) = (world.account, world.group, world.hillside_location);
        let (member, protocol) = (world.member, world.protocol);
        for location in [location, world.other_location] {
            let crossed = world.server.db().write(async move |tx| {
                tx.exec(
                    sql!(
                        "INSERT INTO cases (account_id, group_id, id, number, protocol_id, location_id, name, search,
                             status, created_by, created_at, updated_at, version)
                         VALUES ($1, $2, $3, 99, $4, $5, 'x', 'x', 'open', $6, 0, 0, 1)"
                    ),
                    &[&account, &group, &tx.id::<kernel::id::Case>(), &protocol, &location, &member],
                )
                .await
            });
            assert!(crossed.await.is_err(), "{engine:?}");
        }
    }
}

#[tokio::test]
async fn announcements_reach_listeners_after_the_commit_and_only_then() {
    for engine in ENGINES {
        let server = Server::new(engine).await;
        tokio::time::sleep(std::time::Duration::from_millis(300)).await;
        let mut changes = server.db().changes();
        let undone = server.db().write(async |tx| {
            tx.announce("undone");
            Err::<(), _>(Error::stale())
        });
        assert!(undone.await.is_err());
        server
            .db()
            .write(async |tx| {
                tx.announce("done");
                Ok(())
            })
            .await
            .unwrap();
        let heard =
            tokio::time::timeout(std::time::Duration::from_secs(10), changes.recv()).await.unwrap().unwrap();
        assert_eq!(&*heard, "done", "{engine:?}");
    }
}

#[tokio::test]
async fn an_unsafe_postgresql_is_refused() {
    let url = crate::support::postgres_database().await;
    let clock = kernel::clock::Clock::manual(crate::support::START);
    let refused = storage::Db::postgres(&url, false, clock, kernel::random::Random::System).await;
    assert!(refused.err().unwrap().public().contains("fsync=off"));
}

#[tokio::test]
async fn a_role_that_the_database_does_not_bind_is_refused() {
    let url = crate::support::postgres_database().await.replace("//covey@", "//postgres@");
    let clock = kernel::clock::Clock::manual(crate::support::START);
    let refused = storage::Db::postgres(&url, false, clock, kernel::random::Random::System).await;
    let said = refused.err().unwrap();
    assert!(said.public().contains("role postgres is a superuser or has BYPASSRLS"), "{}", said.public());
}

#[tokio::test]
async fn a_database_of_a_newer_version_is_refused() {
    let server = Server::new(Engine::Sqlite).await;
    server
        .db()
        .write(async |tx| {
            tx.exec(sql!("INSERT INTO schema_migrations VALUES (99, 'future', 'x', 0)"), &[]).await
        })
        .await
        .unwrap();
    server.db().close().await;
    let options = storage::SqliteOptions { path: server.folder.path().join("covey.db"), durable: false };
    let again = storage::Db::sqlite(options, server.clock.clone(), kernel::random::Random::System);
    assert!(again.err().unwrap().public().contains("newer version"));
}

#[tokio::test]
async fn lists_need_few_statements() {
    let world = crate::support::World::new(Engine::Sqlite).await;
    let account: AccountId = world.account;
    assert_ne!(account, AccountId::nil());
    let client = world.client(crate::support::As::Member).await;
    for path in [
        "/api/v1/me".to_owned(),
        "/api/v1/cases".to_owned(),
        format!("/api/v1/groups/{}/cases", world.group),
        format!("/api/v1/groups/{}/members", world.group),
        format!("/api/v1/groups/{}/locations", world.group),
        format!("/api/v1/accounts/{}/groups", world.account),
        format!("/api/v1/cases/{}/notes", world.case),
        format!("/api/v1/cases/{}/access", world.case),
        "/api/v1/handouts?q=wound%20dry".to_owned(),
        format!("/api/v1/handouts?account={}&species=dog", world.account),
        format!("/api/v1/accounts/{}/handout-shares", world.account),
    ] {
        let before = world.server.db().statements();
        assert!(client.get(&path).await.status.is_success(), "{path}");
        let used = world.server.db().statements() - before;
        assert!(used < 6, "{path} took {used} statements");
    }
}

#[tokio::test]
async fn a_full_disk_is_said_plainly_and_nothing_is_half_done() {
    let world = crate::support::World::new(Engine::Sqlite).await;
    world.server.leave_mail();
    // The most pages that the writing connection may use: fewer than there are leave no room to grow.
    let limit = async |statement| {
        world.server.db().write(async move |tx| tx.value::<i64>(statement, &[]).await).await.unwrap()
    };
    limit(sql!("PRAGMA max_page_count = 10")).await;
    let client = world.client(crate::support::As::Owner).await;
    let many = (0..400).map(|i| format!("p{i}@x.test")).collect::<Vec<_>>();
    let body = serde_json::json!({ "emails": many, "role": "member" });
    let path = format!("/api/v1/accounts/{}/invitations", world.account);
    let refused = client.post(&path, &body).await;
    assert_eq!(refused.status.as_u16(), 503, "{}", refused.text);
    assert!(refused.json["detail"].as_str().unwrap().contains("Nothing was changed"), "{}", refused.text);
    limit(sql!("PRAGMA max_page_count = 1073741823")).await;
    let done = client.post(&path, &body).await;
    assert_eq!(done.status.as_u16(), 200, "{}", done.text);
    assert_eq!(world.server.count(sql!("SELECT count(*) FROM invitations")).await, 400);
}

#[tokio::test]
async fn a_database_that_another_program_locks_is_said_plainly_and_works_again_afterwards() {
    let world = crate::support::World::new(Engine::Sqlite).await;
    let client = world.client(crate::support::As::Member).await;
    let newcomer = world.client(crate::support::As::GroupAdmin).await;
    let path = format!("/api/v1/cases/{}/notes", world.case);
    assert_eq!(client.get(&path).await.status.as_u16(), 200);
    let other = rusqlite::Connection::open(world.server.folder.path().join("covey.db")).unwrap();
    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    let refused = client.post(&path, &serde_json::json!({ "body": "x" })).await;
    assert_eq!(refused.status.as_u16(), 503, "{}", refused.text);
    assert!(refused.text.contains("locked"), "{}", refused.text);
    let list = format!("/api/v1/groups/{}/cases", world.group);
    for read in [&list, &path] {
        assert_eq!(client.get(read).await.status.as_u16(), 200, "reading goes on");
    }
    // A record that someone opens for the first time leaves a trace, or stays closed.
    assert_eq!(newcomer.get(&path).await.status.as_u16(), 503);
    other.execute_batch("COMMIT").unwrap();
    assert_eq!(client.post(&path, &serde_json::json!({ "body": "x" })).await.status.as_u16(), 201);
}
