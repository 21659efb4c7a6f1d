//! What the other tests lean on: it is tried with changes and mail that it must not miss.

use std::panic::{AssertUnwindSafe, catch_unwind};

use serde_json::json;
use storage::sql;

use crate::support::{As, ENGINES, Engine, Server, World, fingerprint, fingerprint_but, specs::Extras};

async fn exec(server: &Server, statement: storage::Sql) {
    server.db().write(async move |tx| tx.exec(statement, &[]).await).await.unwrap();
}

#[tokio::test]
async fn a_fingerprint_covers_the_tables_of_both_engines_and_those_that_nobody_told_it_of() {
    let mut tables = Vec::new();
    for engine in ENGINES {
        let world = World::new(engine).await;
        Extras::make(&world).await;
        let server = &world.server;
        let first = fingerprint(server).await;
        assert!(fingerprint(server).await.differs(&first).is_empty(), "{engine:?}: it is the same twice");
        tables.push(first.tables().into_iter().map(str::to_owned).collect::<Vec<_>>());

        exec(server, sql!("CREATE TABLE unheard_of (id BIGINT NOT NULL PRIMARY KEY, word TEXT)")).await;
        let made = fingerprint(server).await;
        assert_eq!(made.differs(&first), ["unheard_of"], "{engine:?}");
        exec(server, sql!("INSERT INTO unheard_of (id) VALUES (1)")).await;
        let filled = fingerprint(server).await;
        assert_eq!(filled.differs(&made), ["unheard_of"], "{engine:?}");
        exec(server, sql!("UPDATE unheard_of SET word = 'NULL'")).await;
        assert_eq!(
            fingerprint(server).await.differs(&filled),
            ["unheard_of"],
            "{engine:?}: no word is no NULL"
        );
        world.server.leave_mail();
    }
    assert_eq!(tables[0], tables[1]);
    assert!(tables[0].len() >= 69, "{}", tables[0].len());
}

/// A cell changes in each table that has one to change, and the fingerprint says which table it was.
#[tokio::test]
async fn a_fingerprint_sees_one_cell_change_in_the_middle_of_a_table() {
    for engine in ENGINES {
        let world = World::new(engine).await;
        let server = &world.server;
        let changes = [
            (
                "protocols",
                sql!(
                    "UPDATE protocols SET archived_at = 1 WHERE name_key = (SELECT min(name_key) FROM protocols)"
                ),
            ),
            ("counters", sql!("INSERT INTO counters (name, value) VALUES ('x', 0)")),
            ("sessions", sql!("UPDATE sessions SET device = 'y'")),
            ("cases", sql!("UPDATE cases SET closed_at = 1 WHERE number = 1")),
            ("users", sql!("UPDATE users SET seen_at = 1")),
        ];
        for (table, change) in changes {
            let before = fingerprint(server).await;
            exec(server, change).await;
            assert_eq!(fingerprint(server).await.differs(&before), [table], "{engine:?}");
        }
    }
}

#[tokio::test]
async fn a_fingerprint_leaves_out_refusals_and_nothing_else_of_the_trail() {
    for engine in ENGINES {
        let world = World::new(engine).await;
        let before = fingerprint(&world.server).await;
        let whole = fingerprint_but(&world.server, &[]).await;
        let path = format!("/api/v1/accounts/{}/invitations", world.account);
        let refused = world.client(As::Member).await.get(&path).await;
        assert_eq!(refused.status, 403);
        let noted = async || fingerprint_but(&world.server, &[]).await.differs(&whole).len() > 1;
        while !noted().await {
            tokio::task::yield_now().await;
        }
        let after = fingerprint(&world.server).await;
        assert_eq!(after.differs(&before), ["sessions", "users"], "{engine:?}: the member signed in");
        exec(&world.server, sql!("UPDATE audit_events SET object = 'x' WHERE action <> 'access.refused'"))
            .await;
        assert_eq!(fingerprint(&world.server).await.differs(&after), ["audit_events"], "{engine:?}");
    }
}

async fn with_mail(engine: Engine) -> World {
    let world = World::new(engine).await;
    let body = json!({ "emails": "ann@x.test", "role": "member" });
    let path = format!("/api/v1/accounts/{}/invitations", world.account);
    assert!(world.client(As::Owner).await.post(&path, &body).await.status.is_success());
    world
}

/// Why dropping it fails, if it does.
fn dropped(world: World) -> Option<String> {
    let panic = catch_unwind(AssertUnwindSafe(|| drop(world))).err()?;
    Some(panic.downcast_ref::<String>().cloned().unwrap_or_default())
}

#[tokio::test]
async fn mail_that_nobody_looked_at_fails_a_test_at_its_end() {
    for engine in ENGINES {
        let why = dropped(with_mail(engine).await).unwrap();
        assert!(why.contains("ann@x.test: "), "{engine:?}: {why}");
    }
}

#[tokio::test]
async fn mail_that_was_read_or_left_on_purpose_does_not() {
    for engine in ENGINES {
        let read = with_mail(engine).await;
        assert_eq!(read.server.mail().await.len(), 1, "{engine:?}");
        assert_eq!(dropped(read), None);
        let left = with_mail(engine).await;
        left.server.leave_mail();
        assert_eq!(dropped(left), None);
        let expected = with_mail(engine).await;
        expected.server.leave_mail_to("ann@x.test");
        assert_eq!(dropped(expected), None);
        let another = with_mail(engine).await;
        another.server.leave_mail_to("ann@x.tes");
        assert!(dropped(another).is_some(), "{engine:?}: mail to another address is not left");
    }
}

#[tokio::test]
async fn a_test_that_fails_already_is_not_asked_for_its_mail() {
    let world = with_mail(Engine::Sqlite).await;
    let panic = catch_unwind(AssertUnwindSafe(move || {
        let _world = world;
        panic!("the reason");
    }));
    assert_eq!(panic.unwrap_err().downcast_ref::<&str>(), Some(&"the reason"));
}
