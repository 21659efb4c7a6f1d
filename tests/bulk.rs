//! Many things in one call: an outcome and a transaction for each, by the same rules as one alone.

use axum::http::{Method, StatusCode};
use serde_json::{Value, json};
use storage::sql;

use crate::support::{As, Client, ENGINES, Engine, Reply, World, new_case};

fn statuses(reply: &Reply) -> Vec<u64> {
    assert_eq!(reply.status, StatusCode::OK, "{}", reply.text);
    let outcomes = reply.json["outcomes"].as_array().unwrap();
    for (index, outcome) in outcomes.iter().enumerate() {
        assert_eq!(outcome["index"], index);
        let fine = outcome["status"].as_u64().unwrap() < 300;
        assert_eq!(outcome["code"].is_null(), fine, "{outcome}");
        assert_eq!(outcome["detail"].is_null(), fine, "{outcome}");
    }
    let fine = outcomes.iter().filter(|outcome| outcome["code"].is_null()).count();
    assert_eq!(
        (&reply.json["succeeded"], &reply.json["failed"]),
        (&json!(fine), &json!(outcomes.len() - fine))
    );
    outcomes.iter().map(|outcome| outcome["status"].as_u64().unwrap()).collect()
}

async fn keyed(client: &Client, path: &str, key: &str, body: &Value) -> Reply {
    let headers = [("content-type", "application/json"), ("idempotency-key", key)];
    client.send(Method::POST, path, &headers, body.to_string().into()).await
}

#[tokio::test]
async fn people_join_and_leave_a_group_together_each_with_an_outcome() {
    for engine in ENGINES {
        let world = World::new(engine).await;
        world.server.leave_mail();
        let members = format!("/api/v1/groups/{}/members", world.group);
        let admin = world.client(As::GroupAdmin).await;
        let items = json!({ "items": [
            { "user": world.elsewhere, "role": "member" },
            { "user": world.support, "role": "member" },
            { "user": world.stranger, "role": "administrator" },
            { "user": world.member, "role": "administrator" },
            { "user": world.elsewhere, "role": "member" },
        ] });
        let set = admin.post(&format!("{members}/bulk"), &items).await;
        assert_eq!(statuses(&set), [200, 422, 422, 200, 200], "{engine:?}: {}", set.text);
        let refused = &set.json["outcomes"][1];
        assert_eq!((&refused["code"], &refused["errors"][0]["field"]), (&json!("invalid"), &json!("user")));
        assert!(refused["result"].is_null() && refused["errors"][0]["detail"].is_string(), "{refused}");
        assert_eq!(
            set.json["outcomes"][3]["result"],
            json!({ "user": world.member, "role": "administrator" })
        );
        let alone = json!({ "role": "member" });
        let same = admin.put(&format!("{members}/{}", world.support), &alone).await;
        assert_eq!(
            (&same.json["code"], &same.json["errors"]),
            (&refused["code"], &refused["errors"]),
            "as alone"
        );
        let mut left = admin.get(&members).await.json["items"].as_array().unwrap().len();
        let items = json!({ "items": [{ "user": world.elsewhere }, { "user": world.stranger }] });
        let removed = admin.post(&format!("{members}/bulk-remove"), &items).await;
        assert_eq!(statuses(&removed), [200, 404], "{engine:?}: {}", removed.text);
        left -= 1;
        assert_eq!(admin.get(&members).await.json["items"].as_array().unwrap().len(), left);
        // Each is in the trail by itself.
        let trail = sql!("SELECT count(*) FROM audit_events WHERE action = 'group_member.removed'");
        assert_eq!(world.server.count(trail).await, 1);
        // Who may not do one may not do many, and learns nothing.
        let member = world.client(As::Elsewhere).await.post(&format!("{members}/bulk"), &items).await;
        let stranger = world.client(As::Stranger).await.post(&format!("{members}/bulk"), &items).await;
        assert_eq!((member.status, stranger.status), (StatusCode::NOT_FOUND, StatusCode::NOT_FOUND));
    }
}

/// A caller who removes themselves in the middle has no right left for the rest.
#[tokio::test]
async fn the_permission_is_proved_for_each_item() {
    let world = World::new(Engine::Sqlite).await;
    world.server.leave_mail();
    let admin = world.client(As::GroupAdmin).await;
    let items = json!({ "items": [{ "user": world.group_admin }, { "user": world.member }] });
    let path = format!("/api/v1/groups/{}/members/bulk-remove", world.group);
    let removed = admin.post(&path, &items).await;
    assert_eq!(statuses(&removed), [200, 404], "{}", removed.text);
    let group = world.client(As::Member).await.get(&format!("/api/v1/groups/{}", world.group)).await;
    assert_eq!(group.status, StatusCode::OK, "the second person is still in it");
}

#[tokio::test]
async fn a_repeated_call_does_what_was_left_and_nothing_twice() {
    for engine in ENGINES {
        let world = World::new(engine).await;
        world.server.leave_mail();
        let (admin, members) =
            (world.client(As::GroupAdmin).await, format!("/api/v1/groups/{}/members", world.group));
        let path = format!("{members}/bulk-remove");
        let items = json!({ "items": [{ "user": world.member }, { "user": world.elsewhere }] });
        let first = keyed(&admin, &path, "once", &items).await;
        assert_eq!(statuses(&first), [200, 404], "{engine:?}: {}", first.text);
        // Meanwhile both are in the group; what was done is not done again, what failed is tried again.
        for user in [world.member, world.elsewhere] {
            let role = json!({ "role": "member" });
            assert!(admin.put(&format!("{members}/{user}"), &role).await.status.is_success());
        }
        let again = keyed(&admin, &path, "once", &items).await;
        assert_eq!(statuses(&again), [200, 200], "{engine:?}: {}", again.text);
        assert_eq!(again.json["outcomes"][0], first.json["outcomes"][0]);
        let listed = admin.get(&members).await.text;
        assert!(listed.contains(&world.member.to_string()), "{engine:?}: {listed}");
        assert!(!listed.contains(&world.elsewhere.to_string()), "{engine:?}: {listed}");
        // Neither with another body nor by another caller.
        let other = json!({ "items": [{ "user": world.elsewhere }] });
        let refused = keyed(&admin, &path, "once", &other).await;
        assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY, "{}", refused.text);
        assert_eq!(refused.json["errors"][0]["field"], "idempotency-key");
        let mut same = Vec::new();
        for _ in 0..3 {
            same.push(keyed(&admin, &path, "once", &items).await.text);
        }
        assert!(same.iter().all(|text| *text == again.text), "{same:?}");
    }
}

#[tokio::test]
async fn clients_are_added_by_hundreds_and_the_bad_ones_hold_up_no_others() {
    for engine in ENGINES {
        let world = World::new(engine).await;
        let member = world.client(As::Member).await;
        let path = format!("/api/v1/groups/{}/clients/bulk", world.group);
        let mut items = (0..120)
            .map(|n| json!({ "kind": "owner", "name": format!("Client {n:03}") }))
            .collect::<Vec<_>>();
        items[7] = json!({ "kind": "owner", "name": " " });
        items[8] =
            json!({ "kind": "owner", "name": "Ada", "birth_date": "soon", "animals": [{ "name": "Rex" }] });
        items[9]["animals"] = json!([{ "name": "Rex", "species": "Dog" }]);
        let made = member.post(&path, &json!({ "items": items })).await;
        let statuses = statuses(&made);
        let failed = (0..120).filter(|n| statuses[*n] != 201).collect::<Vec<_>>();
        assert_eq!(failed, [7, 8], "{engine:?}");
        let outcomes = made.json["outcomes"].as_array().unwrap();
        assert_eq!((statuses[7], &outcomes[7]["errors"][0]["field"]), (422, &json!("name")));
        assert_eq!(
            (&outcomes[8]["errors"][0]["field"], &outcomes[8]["errors"][0]["code"]),
            (&json!("birth_date"), &json!("not_a_date"))
        );
        let rex = &outcomes[9]["result"];
        let alone = member.get(&format!("/api/v1/clients/{}", rex["id"].as_str().unwrap())).await.json;
        assert_eq!(*rex, alone, "the result is what a call for it alone answers");
        assert_eq!(world.server.count(sql!("SELECT count(*) FROM clients")).await, 118, "{engine:?}");
    }
}

#[tokio::test]
async fn cases_are_closed_under_the_permission_that_each_asks_for() {
    for engine in ENGINES {
        let world = World::new(engine).await;
        let other = new_case(
            &world.server,
            world.elsewhere,
            world.other_group,
            world.other_location,
            world.protocol,
            "Beside",
        )
        .await;
        let member = world.client(As::Member).await;
        let path = format!("/api/v1/groups/{}/cases/bulk-close", world.group);
        let unknown = kernel::id::CaseId::nil();
        let items = json!({ "items": [
            { "case": world.case }, { "case": other }, { "case": unknown }, { "case": world.case },
        ] });
        let closed = member.post(&path, &items).await;
        assert_eq!(statuses(&closed), [200, 404, 404, 200], "{engine:?}: {}", closed.text);
        let outcomes = closed.json["outcomes"].as_array().unwrap();
        for key in ["code", "detail", "errors"] {
            assert_eq!(outcomes[1][key], outcomes[2][key], "hidden and absent answer alike");
        }
        assert_eq!(outcomes[0]["result"]["status"], "closed");
        let case = member.get(&format!("/api/v1/cases/{}", world.case)).await.json;
        assert_eq!(
            (&case["status"], &case["closed_at"]),
            (&json!("closed"), &outcomes[0]["result"]["closed_at"])
        );
        let events = sql!("SELECT count(*) FROM audit_events WHERE action = 'case.closed'");
        assert_eq!(world.server.count(events).await, 1, "{engine:?}: one that is closed stays as it is");
        // From the parent account, cases are read and not closed.
        let from_above = world.client(As::Administrator).await.post(&path, &items).await;
        assert_eq!(from_above.status, StatusCode::FORBIDDEN, "{}", from_above.text);
    }
}

#[tokio::test]
async fn people_are_invited_each_with_an_offer_of_their_own() {
    for engine in ENGINES {
        let world = World::new(engine).await;
        world.server.leave_mail();
        let owner = world.client(As::Owner).await;
        let path = format!("/api/v1/accounts/{}/invitations", world.account);
        let groups = json!([{ "group": world.group, "role": "administrator" }]);
        let items = json!({ "items": [
            { "email": "Nia@x.test", "name": "Nia Ode", "role": "member", "groups": groups },
            { "email": "non@sense", "role": "member" },
            { "email": "member@riverside.test", "role": "member" },
            { "email": "boss@x.test", "role": "owner" },
            { "email": "nia@x.test", "role": "administrator" },
            { "email": "far@x.test", "role": "member", "groups": [{ "group": world.hillside_group, "role": "member" }] },
            { "email": "", "role": "member" },
        ] });
        let invited = owner.post(&format!("{path}/bulk"), &items).await;
        assert_eq!(statuses(&invited), [200, 422, 200, 422, 409, 422, 422], "{engine:?}: {}", invited.text);
        let outcomes = invited.json["outcomes"].as_array().unwrap();
        let words = |n: usize| (outcomes[n]["code"].clone(), outcomes[n]["result"]["outcome"].clone());
        assert_eq!(words(1), (json!("not_an_address"), json!("not_an_address")));
        assert_eq!(words(2), (Value::Null, json!("already_member")));
        assert_eq!(words(4), (json!("already_invited"), json!("already_invited")));
        assert_eq!(outcomes[3]["errors"][0]["field"], "role");
        assert_eq!(outcomes[5]["errors"][0]["field"], "groups[0].group");
        let listed = owner.get(&path).await.json["items"].clone();
        let nia = listed.as_array().unwrap().iter().find(|one| one["email"] == "Nia@x.test").unwrap().clone();
        assert_eq!((&nia["name"], &nia["role"]), (&json!("Nia Ode"), &json!("member")), "{nia}");
    }
}

#[tokio::test]
async fn a_call_has_items_and_not_too_many() {
    let world = World::new(Engine::Sqlite).await;
    let member = world.client(As::Member).await;
    let path = format!("/api/v1/groups/{}/clients/bulk", world.group);
    let many = (0..501).map(|n| json!({ "kind": "owner", "name": format!("C{n}") })).collect::<Vec<_>>();
    for (items, code) in [(Vec::new(), "required"), (many, "too_many")] {
        let refused = member.post(&path, &json!({ "items": items })).await;
        let error = &refused.json["errors"][0];
        assert_eq!(
            (refused.status.as_u16(), &error["field"], &error["code"]),
            (422, &json!("items"), &json!(code))
        );
    }
    let odd = json!({ "items": [{ "kind": "owner", "name": "A" }, { "kind": "owner", "name": 7 }] });
    let refused = member.post(&path, &odd).await;
    assert_eq!(refused.json["errors"][0]["field"], "items[1].name", "{}", refused.text);
    assert_eq!(
        world.server.count(sql!("SELECT count(*) FROM clients")).await,
        0,
        "what can't be read does nothing"
    );
}
