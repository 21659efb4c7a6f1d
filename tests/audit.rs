//! The audit trail: written with its cause, and any change of the past is found.

use platform::audit;
use storage::{Sql, sql};

use crate::support::{As, ENGINES, Engine, World};

async fn fault(world: &World) -> Option<String> {
    let account = world.account;
    world.server.db().read(async |tx| audit::verify(tx, account).await).await.unwrap().fault
}

async fn tamper(world: &World, statement: Sql) {
    let account = world.account;
    let changed =
        world.server.db().write(async move |tx| tx.exec(statement, &[&account]).await).await.unwrap();
    assert!(changed > 0);
}

#[tokio::test]
async fn every_way_to_change_the_past_is_found_at_the_first_bad_event() {
    for engine in ENGINES {
        for (how, statement, at) in [
            (
                "flip",
                sql!("UPDATE audit_events SET action = 'group.deleted' WHERE account_id = $1 AND seq = 3"),
                "event 3",
            ),
            (
                "time",
                sql!("UPDATE audit_events SET at = at + 1 WHERE account_id = $1 AND seq = 2"),
                "event 2",
            ),
            ("cut", sql!("UPDATE audit_heads SET seq = seq + 1 WHERE account_id = $1"), "cut off"),
            (
                "detail",
                sql!("UPDATE audit_personal SET detail = '{}' WHERE account_id = $1 AND seq = 2"),
                "event 2",
            ),
            (
                "swap",
                sql!(
                    "UPDATE audit_events SET object = (SELECT x.object FROM audit_events x
                WHERE x.account_id = $1 AND x.seq = 4) WHERE account_id = $1 AND seq = 2"
                ),
                "event 2",
            ),
            (
                "rehash",
                sql!("UPDATE audit_events SET hash = previous WHERE account_id = $1 AND seq = 2"),
                "event 2",
            ),
        ] {
            let world = World::new(engine).await;
            assert_eq!(fault(&world).await, None);
            tamper(&world, statement).await;
            let found = fault(&world).await.unwrap_or_else(|| panic!("{how} was not found"));
            assert!(found.contains(at), "{engine:?} {how}: {found}");
        }
    }
}

#[tokio::test]
async fn a_deleted_event_is_missed() {
    let world = World::new(Engine::Sqlite).await;
    tamper(&world, sql!("DELETE FROM audit_personal WHERE account_id = $1 AND seq = 3")).await;
    assert_eq!(fault(&world).await, None, "what an event says about people can be erased");
    tamper(&world, sql!("DELETE FROM audit_events WHERE account_id = $1 AND seq = 3")).await;
    assert!(fault(&world).await.unwrap().starts_with("event 3: it is missing"));
}

async fn actions(world: &World) -> Vec<String> {
    let admin = world.client(As::Owner).await;
    let list = admin.get(&format!("/api/v1/accounts/{}/audit?limit=100", world.account)).await;
    list.json["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|event| event["action"].as_str().unwrap().to_owned())
        .collect()
}

#[tokio::test]
async fn a_read_from_the_parent_account_is_noted_and_a_members_read_is_not() {
    for engine in ENGINES {
        let world = World::new(engine).await;
        let path = format!("/api/v1/cases/{}", world.case);
        world.client(As::Member).await.get(&path).await;
        assert!(!actions(&world).await.contains(&"case.read_from_parent".to_owned()));
        for end in ["", "/notes", "/files", "/access"] {
            let reply = world.client(As::Administrator).await.get(&format!("{path}{end}")).await;
            assert!(reply.status.is_success(), "{}", reply.text);
        }
        let noted =
            actions(&world).await.into_iter().filter(|action| action == "case.read_from_parent").count();
        assert_eq!(noted, 4, "{engine:?}");
        let list = format!("/api/v1/groups/{}/cases", world.group);
        world.client(As::Administrator).await.get(&list).await;
        world.client(As::Owner).await.get(&format!("/api/v1/cases?account={}", world.account)).await;
        let listed =
            actions(&world).await.into_iter().filter(|action| action == "cases.listed_from_parent").count();
        assert_eq!(listed, 2, "{engine:?}");
    }
}

#[tokio::test]
async fn a_refusal_inside_the_account_is_noted() {
    let world = World::new(Engine::Sqlite).await;
    world.client(As::Elsewhere).await.get(&format!("/api/v1/cases/{}", world.case)).await;
    for _ in 0..100 {
        if actions(&world).await.contains(&"access.refused".to_owned()) {
            return;
        }
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
    panic!("the refusal was not noted");
}

#[tokio::test]
async fn what_was_undone_left_no_event() {
    let world = World::new(Engine::Sqlite).await;
    let before = actions(&world).await.len();
    let taken = serde_json::json!({ "name": "Brookfield", "administrator_email": "x@y.test" });
    let reply = world
        .client(As::Owner)
        .await
        .post(&format!("/api/v1/accounts/{}/groups", world.account), &taken)
        .await;
    assert_eq!(reply.status.as_u16(), 422);
    assert_eq!(actions(&world).await.len(), before);
}
