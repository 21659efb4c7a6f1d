//! Client groups: whose clients are in them, what one save writes, and what the parent account reads.

use axum::http::{Method, StatusCode};
use care::client_groups;
use kernel::id::{ClientGroupId, ClientId};
use serde_json::{Value, json};
use storage::sql;

use crate::support::{As, Client, ENGINES, Engine, Reply, World, new_client, new_client_group};

fn whole(name: &str, clients: &[ClientId]) -> Value {
    json!({ "name": name, "description": "", "active": true, "default": false, "clients": clients })
}

fn with(mut body: Value, key: &str, value: Value) -> Value {
    body[key] = value;
    body
}

async fn client_of(world: &World, name: &str) -> ClientId {
    new_client(&world.server, world.member, world.account, world.group, name).await
}

async fn make(client: &Client, world: &World, body: &Value) -> Value {
    let made = client.post(&format!("/api/v1/groups/{}/client-groups", world.group), body).await;
    assert_eq!(made.status, StatusCode::CREATED, "{}", made.text);
    made.json
}

fn path(group: &Value) -> String {
    format!("/api/v1/client-groups/{}", group["id"].as_str().unwrap())
}

fn names(clients: &Value) -> Vec<&str> {
    clients.as_array().unwrap().iter().map(|each| each["name"].as_str().unwrap()).collect()
}

fn fault<'a>(reply: &'a Reply, field: &str) -> &'a str {
    assert_eq!(reply.status, StatusCode::UNPROCESSABLE_ENTITY, "{}", reply.text);
    let errors = reply.json["errors"].as_array().unwrap();
    errors.iter().find(|error| error["field"] == field).unwrap()["detail"].as_str().unwrap()
}

async fn archive(world: &World, client: ClientId, at: Option<i64>) {
    let archived = world.server.db().write(async move |tx| {
        tx.exec(sql!("UPDATE clients SET archived_at = $2 WHERE id = $1"), &[&client, &at]).await
    });
    archived.await.unwrap();
}

#[tokio::test]
async fn a_client_group_is_made_shown_listed_saved_and_deleted() {
    for engine in ENGINES {
        let world = World::new(engine).await;
        let member = world.client(As::Member).await;
        let (ann, bo) = (client_of(&world, "Ann").await, client_of(&world, "Bo").await);
        let made = make(&member, &world, &json!({ "name": "Tuesday", "clients": [bo, ann, bo] })).await;
        assert_eq!(names(&made["clients"]), ["Ann", "Bo"], "{engine:?}");
        let list = member.get(&format!("/api/v1/groups/{}/client-groups", world.group)).await;
        assert_eq!((&list.json["items"][0]["count"], &list.json["next_cursor"]), (&json!(2), &Value::Null));
        let saved = member.put(&path(&made), &whole("Wednesday", &[ann])).await;
        assert_eq!((saved.status, names(&saved.json["clients"])), (StatusCode::OK, vec!["Ann"]));
        let headers = [("content-type", "application/json"), ("if-match", "\"v1\"")];
        let late = member.send(Method::PUT, &path(&made), &headers, whole("X", &[]).to_string().into()).await;
        assert_eq!(late.status, StatusCode::PRECONDITION_FAILED);
        assert_eq!(member.delete(&path(&made)).await.status, StatusCode::NO_CONTENT);
        assert_eq!(member.get(&path(&made)).await.status, StatusCode::NOT_FOUND);
        assert_eq!(member.put(&path(&made), &whole("X", &[])).await.status, StatusCode::NOT_FOUND);
        make(&member, &world, &json!({ "name": "wednesday" })).await;
        let periods = sql!("SELECT count(*) FROM client_group_members WHERE until IS NULL");
        assert_eq!(world.server.count(periods).await, 0);
        // The trail names nobody.
        let trail =
            sql!("SELECT count(*) FROM audit_personal WHERE detail LIKE '%uesday%' OR detail LIKE '%Ann%'");
        assert_eq!(world.server.count(trail).await, 0);
    }
}

#[tokio::test]
async fn only_clients_of_the_group_who_are_not_archived_can_be_in_it() {
    for engine in ENGINES {
        let world = World::new(engine).await;
        let member = world.client(As::Member).await;
        let ann = client_of(&world, "Ann").await;
        let old = client_of(&world, "Old").await;
        archive(&world, old, Some(1)).await;
        let server = &world.server;
        let other = new_client(server, world.elsewhere, world.account, world.other_group, "Secret").await;
        let made = make(&member, &world, &whole("Tuesday", &[ann])).await;
        for (client, why) in [
            (other, "isn’t a client of this group"),
            (ClientId::last(), "isn’t a client"),
            (old, "Old is archived"),
        ] {
            let reply = member.put(&path(&made), &whole("Tuesday", &[client])).await;
            assert!(fault(&reply, "clients").contains(why), "{engine:?}: {}", reply.text);
            assert!(!reply.text.contains("Secret"));
        }
        assert_eq!(names(&member.get(&path(&made)).await.json["clients"]), ["Ann"]);
        // Who is archived is not seen, and is back once restored, whatever was saved in between.
        archive(&world, ann, Some(1)).await;
        assert_eq!(names(&member.get(&path(&made)).await.json["clients"]), Vec::<&str>::new());
        assert_eq!(member.put(&path(&made), &whole("Thursday", &[])).await.status, StatusCode::OK);
        archive(&world, ann, None).await;
        assert_eq!(names(&member.get(&path(&made)).await.json["clients"]), ["Ann"]);
    }
}

#[tokio::test]
async fn new_clients_join_the_default_client_group_one_by_one_or_many_at_once() {
    for engine in ENGINES {
        let world = World::new(engine).await;
        let member = world.client(As::Member).await;
        let (account, group) = (world.account, world.group);
        let ann = client_of(&world, "Ann").await;
        let welcomed = async |clients: Vec<ClientId>| {
            let db = world.server.db();
            db.write(async move |tx| match clients.as_slice() {
                [one] => client_groups::welcome(tx, account, group, *one).await,
                many => client_groups::welcome_all(tx, account, group, many).await,
            })
            .await
            .unwrap();
        };
        welcomed(vec![ann]).await;
        let made = make(&member, &world, &with(whole("All", &[]), "default", json!(true))).await;
        welcomed(vec![ann]).await;
        let mut many = vec![ann];
        for n in 0..50 {
            many.push(client_of(&world, &format!("C{n}")).await);
        }
        let before = world.server.db().statements();
        welcomed(many).await;
        assert!(world.server.db().statements() - before <= 4, "{engine:?}");
        let shown = member.get(&path(&made)).await;
        assert_eq!(shown.json["clients"].as_array().unwrap().len(), 51);
        assert!(shown.headers["etag"].to_str().unwrap().starts_with("\"v3-"));
        let next = make(&member, &world, &with(whole("Next", &[]), "default", json!(true))).await;
        assert_eq!(member.get(&path(&made)).await.json["default"], false);
        assert_eq!(next["default"], true);
        let refused = with(with(whole("Next", &[]), "default", json!(true)), "active", json!(false));
        fault(&member.put(&path(&next), &refused).await, "default");
    }
}

#[tokio::test]
async fn a_client_who_is_merged_into_another_leaves_their_place_to_them() {
    for engine in ENGINES {
        let world = World::new(engine).await;
        let member = world.client(As::Member).await;
        let (ann, anne) = (client_of(&world, "Ann").await, client_of(&world, "Anne").await);
        let one = make(&member, &world, &whole("One", &[ann])).await;
        let both = make(&member, &world, &whole("Both", &[ann, anne])).await;
        let (account, group) = (world.account, world.group);
        let moved =
            async move |tx: &storage::Tx| client_groups::move_client(tx, account, group, ann, anne).await;
        world.server.db().write(moved).await.unwrap();
        for made in [one, both] {
            assert_eq!(names(&member.get(&path(&made)).await.json["clients"]), ["Anne"], "{engine:?}");
        }
    }
}

#[tokio::test]
async fn the_parent_account_reads_and_that_is_noted_and_others_learn_nothing() {
    for engine in ENGINES {
        let world = World::new(engine).await;
        let ann = client_of(&world, "Ann").await;
        let id = new_client_group(&world.server, world.account, world.group, "Tuesday", &[ann]).await;
        let owner = world.client(As::Owner).await;
        let own = format!("/api/v1/client-groups/{id}");
        assert_eq!(names(&owner.get(&own).await.json["clients"]), ["Ann"], "{engine:?}");
        owner.get(&format!("/api/v1/groups/{}/client-groups", world.group)).await;
        let page = owner.get(&format!("/g/{}/client-groups/{id}", world.group)).await;
        assert!(page.text.contains("That’s recorded") && !page.text.contains("data-unsaved"));
        let noted = sql!(
            "SELECT count(*) FROM audit_events
             WHERE action IN ('client_group.read_from_parent', 'client_groups.listed_from_parent')"
        );
        assert_eq!(world.server.count(noted).await, 3);
        assert_eq!(owner.put(&own, &whole("X", &[])).await.status, StatusCode::FORBIDDEN);
        let pages = format!("/g/{}/client-groups", world.group);
        for path in [pages.clone(), format!("{pages}/{id}"), format!("{pages}/{id}/delete")] {
            let reply = owner.form(&path, &[("name", "X"), ("version", "1")]).await;
            assert_eq!(reply.status, StatusCode::FORBIDDEN, "{path}");
        }
        assert_eq!(world.server.count(noted).await, 3, "a refusal is no visit");
        for role in [As::Elsewhere, As::Support, As::Stranger] {
            let client = world.client(role).await;
            assert_eq!(client.get(&own).await.status, StatusCode::NOT_FOUND, "{role:?}");
            assert_eq!(client.delete(&own).await.status, StatusCode::NOT_FOUND);
        }
        let wrong = format!("/g/{}/client-groups/{id}", world.other_group);
        assert_eq!(world.client(As::Member).await.get(&wrong).await.status, StatusCode::NOT_FOUND);
        let absent = format!("/api/v1/client-groups/{}", ClientGroupId::last());
        assert_eq!(owner.get(&absent).await.status, StatusCode::NOT_FOUND);
    }
}

#[tokio::test]
async fn the_page_makes_and_saves_by_forms_alone_and_keeps_work_that_is_stale() {
    let world = World::new(Engine::Sqlite).await;
    let member = world.client(As::Member).await;
    let (ann, bo) = (client_of(&world, "Ann").await, client_of(&world, "Bo").await);
    let groups = format!("/g/{}/client-groups", world.group);
    let made =
        member.form(&groups, &[("name", "Tuesday"), ("active", "yes"), ("clients", &ann.to_string())]).await;
    assert_eq!(made.status, StatusCode::SEE_OTHER, "{}", made.text);
    let own = made.headers["location"].to_str().unwrap().to_owned();
    let api = format!("/api/v1/client-groups/{}", own.rsplit('/').next().unwrap());
    assert!(member.get(&own).await.text.contains(&format!("{own}/notes/new")));
    let admin = world.client(As::GroupAdmin).await;
    assert_eq!(admin.put(&api, &whole("Tuesday", &[ann, bo])).await.status, StatusCode::OK);
    let sent = [
        ("name", "Tuesday"),
        ("was_name", "Tuesday"),
        ("was_active", "yes"),
        ("was_members", &ann.to_string()),
        ("version", "1"),
        ("active", "yes"),
        ("default", "yes"),
    ];
    let stale = member.form(&own, &sent).await;
    assert_eq!(stale.status, StatusCode::PRECONDITION_FAILED);
    assert!(stale.text.contains("Added: Bo."), "{}", stale.text);
    assert!(stale.text.contains(&format!("value=\"{bo}\" checked")));
    assert!(!stale.text.contains(&format!("value=\"{ann}\" checked")));
    let gone = member.form(&format!("{own}/delete"), &[("version", "2"), ("confirm", "yes")]).await;
    assert_eq!(gone.headers["location"].to_str().unwrap(), groups);
    assert_eq!(member.get(&own).await.status, StatusCode::NOT_FOUND);
}
