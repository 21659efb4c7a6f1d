//! User groups: who is in them, what they give, what one save writes, and what becomes of their requests.

use access::{Privilege, Role};
use axum::http::{Method, StatusCode};
use kernel::{
    clock::{DAY, HOUR},
    id::{RequestId, UserGroupId, UserId},
};
use serde_json::{Value, json};
use storage::{hex, sql};
use workflows::onboarding;

use crate::support::{As, Client, ENGINES, Engine, Reply, World, new_user_group};

/// What a PUT sends: active, not the default.
pub(crate) fn whole(name: &str, members: &[UserId], privileges: &[&str]) -> Value {
    json!({ "name": name, "description": "", "active": true, "default": false, "members": members,
            "privileges": privileges })
}

fn with(mut body: Value, key: &str, value: Value) -> Value {
    body[key] = value;
    body
}

pub(crate) async fn make(client: &Client, world: &World, body: &Value) -> Value {
    let made = client.post(&format!("/api/v1/accounts/{}/user-groups", world.account), body).await;
    assert_eq!(made.status, StatusCode::CREATED, "{}", made.text);
    made.json
}

fn path(group: &Value) -> String {
    format!("/api/v1/user-groups/{}", group["id"].as_str().unwrap())
}

async fn put_if(client: &Client, path: &str, tag: &str, body: &Value) -> Reply {
    let headers = [("content-type", "application/json"), ("if-match", tag)];
    client.send(Method::PUT, path, &headers, body.to_string().into()).await
}

pub(crate) fn names(people: &Value) -> Vec<&str> {
    people.as_array().unwrap().iter().map(|each| each["name"].as_str().unwrap()).collect()
}

fn fault<'a>(reply: &'a Reply, field: &str) -> &'a str {
    assert_eq!(reply.status, StatusCode::UNPROCESSABLE_ENTITY, "{}", reply.text);
    let errors = reply.json["errors"].as_array().unwrap();
    let found = errors.iter().find(|error| error["field"] == field);
    found.unwrap_or_else(|| panic!("no fault of {field}: {}", reply.text))["detail"].as_str().unwrap()
}

/// A request that is open, as if the member had sent it.
async fn request_to(world: &World, group: UserGroupId, state: &'static str) -> RequestId {
    let (account, sender, state) = (world.account, world.member, state.to_owned());
    let made = world.server.db().write(async move |tx| {
        let id: RequestId = tx.id();
        let number: i64 = tx.value(sql!("SELECT count(*) + 1 FROM requests"), &[]).await?;
        let claimer = (state == "claimed").then_some(sender);
        let settled = (state == "done").then_some(tx.now());
        tx.exec(
            sql!(
                "INSERT INTO requests (account_id, id, number, sender_id, user_group_id, subject, body, priority, state,
                                       claimed_by, created_at, updated_at, search, sender_news_at, receiver_news_at, version,
                                       closed_at)
                 VALUES ($1, $2, $3, $4, $5, 'Cover?', '', 'normal', $6, $7, $8, $8, '', $8, $8, 1, $9)"
            ),
            &[&account, &id, &number, &sender, &group, &state, &claimer, &tx.now(), &settled],
        )
        .await?;
        tx.exec(
            sql!(
                "INSERT INTO request_addressees (account_id, request_id, id, user_group_id, since)
                 VALUES ($1, $2, $3, $4, $5)"
            ),
            &[&account, &id, &tx.id::<kernel::id::Period>(), &group, &tx.now()],
        )
        .await?;
        Ok(id)
    });
    made.await.unwrap()
}

async fn right(client: &Client, world: &World, privilege: &str) -> Value {
    let found = client.get(&format!("/api/v1/accounts/{}/privileges", world.account)).await;
    assert_eq!(found.status, StatusCode::OK, "{}", found.text);
    let items = found.json["items"].as_array().unwrap().clone();
    items.into_iter().find(|item| item["privilege"] == privilege).unwrap()
}

#[tokio::test]
async fn a_user_group_is_made_shown_listed_saved_and_deleted() {
    for engine in ENGINES {
        let world = World::new(engine).await;
        let (admin, member) = (world.client(As::Administrator).await, world.client(As::Member).await);
        let new = json!({ "name": "  Insurance   Verification ", "description": "Cover",
                          "members": [world.member, world.owner, world.member],
                          "privileges": ["requests.receive", "requests.send", "requests.send"] });
        let made = make(&admin, &world, &new).await;
        assert_eq!(made["name"], "Insurance Verification");
        assert_eq!((&made["active"], &made["default"]), (&json!(true), &json!(false)));
        assert_eq!(made["privileges"], json!(["requests.send", "requests.receive"]), "{engine:?}");
        assert_eq!(names(&made["members"]), ["member", "owner"]);
        make(&admin, &world, &json!({ "name": "Front desk" })).await;

        let list = member.get(&format!("/api/v1/accounts/{}/user-groups?limit=1", world.account)).await;
        assert_eq!(list.json["items"][0]["name"], "Front desk");
        let next = list.json["next_cursor"].as_str().unwrap();
        let list = member
            .get(&format!("/api/v1/accounts/{}/user-groups?limit=1&cursor={next}", world.account))
            .await;
        let item = &list.json["items"][0];
        assert_eq!((&item["count"], &item["people"]), (&json!(2), &json!(["member", "owner"])));
        assert_eq!(list.json["next_cursor"], Value::Null);

        let shown = admin.get(&path(&made)).await;
        let tag = shown.headers["etag"].to_str().unwrap().to_owned();
        let body = whole("Cover", &[world.elsewhere], &["notes.release"]);
        let saved = put_if(&admin, &path(&made), &tag, &body).await;
        assert_eq!(saved.status, StatusCode::OK, "{}", saved.text);
        assert_eq!(names(&saved.json["members"]), ["elsewhere"]);
        assert_eq!((&saved.json["name"], &saved.json["description"]), (&json!("Cover"), &json!("")));
        assert_eq!(saved.json["privileges"], json!(["notes.release"]));
        assert_ne!(saved.headers["etag"].to_str().unwrap(), tag);

        assert_eq!(admin.delete(&path(&made)).await.status, StatusCode::NO_CONTENT);
        for reply in [admin.get(&path(&made)).await, admin.delete(&path(&made)).await] {
            assert_eq!(reply.status, StatusCode::NOT_FOUND);
        }
        assert_eq!(admin.put(&path(&made), &body).await.status, StatusCode::NOT_FOUND);
        // Its name is free again.
        make(&admin, &world, &json!({ "name": "cover" })).await;
        let open = sql!(
            "SELECT (SELECT count(*) FROM user_group_members WHERE until IS NULL) +
                                (SELECT count(*) FROM user_group_grants WHERE until IS NULL)"
        );
        assert_eq!(world.server.count(open).await, 0);
    }
}

#[tokio::test]
async fn a_name_that_is_taken_says_where_to_find_it() {
    let world = World::new(Engine::Sqlite).await;
    let admin = world.client(As::Administrator).await;
    let groups = format!("/api/v1/accounts/{}/user-groups", world.account);
    let first = make(&admin, &world, &json!({ "name": "Insurance" })).await;
    let second = make(&admin, &world, &json!({ "name": "Front desk" })).await;
    let again = admin.post(&groups, &json!({ "name": " INSURANCE " })).await;
    assert_eq!(
        fault(&again, "name"),
        "A user group already has this name. To edit it, choose it from the list."
    );
    let renamed = admin.put(&path(&second), &whole("insurance", &[], &[])).await;
    assert_eq!(fault(&renamed, "name"), "Another user group has this name. Choose a different name.");
    assert_eq!(admin.put(&path(&first), &whole("INSURANCE", &[], &[])).await.status, StatusCode::OK);
    assert_eq!(fault(&admin.post(&groups, &json!({ "name": " \t" })).await, "name"), "Enter a name.");
    for bad in ["a\u{0}b", "evil\u{202e}gpj", &"n".repeat(201)] {
        fault(&admin.post(&groups, &json!({ "name": bad })).await, "name");
    }
    let reply = admin.post(&groups, &json!({ "name": "X", "privileges": ["everything"] })).await;
    assert_eq!(reply.status, StatusCode::UNPROCESSABLE_ENTITY);
    let reply = admin.put(&path(&first), &json!({ "name": "X" })).await;
    assert_eq!(reply.status, StatusCode::UNPROCESSABLE_ENTITY, "a PUT is whole: {}", reply.text);
    let inactive = with(with(whole("X", &[], &[]), "active", json!(false)), "default", json!(true));
    assert!(fault(&admin.put(&path(&first), &inactive).await, "default").contains("Select Active"));
}

#[tokio::test]
async fn only_who_works_in_the_account_can_be_in_a_user_group() {
    for engine in ENGINES {
        let world = World::new(engine).await;
        world.server.leave_mail();
        let admin = world.client(As::Administrator).await;
        let made = make(&admin, &world, &whole("Desk", &[world.member], &[])).await;
        let gone = format!("/api/v1/accounts/{}/members/{}", world.account, world.elsewhere);
        assert_eq!(admin.delete(&gone).await.status, StatusCode::NO_CONTENT);
        let stranger = world.stranger.to_string();
        for (who, why) in [
            (world.stranger, stranger.as_str()),
            (UserId::last(), "isn’t in this account"),
            (world.support, "support is support staff"),
            (world.elsewhere, "elsewhere is no longer in the account"),
        ] {
            let body = whole("Desk", &[world.member, world.owner, who], &["requests.send"]);
            let reply = admin.put(&path(&made), &body).await;
            assert!(fault(&reply, "members").contains(why), "{engine:?}: {}", reply.text);
            let reply = admin
                .post(
                    &format!("/api/v1/accounts/{}/user-groups", world.account),
                    &with(body, "name", json!("Two")),
                )
                .await;
            assert!(fault(&reply, "members").contains(why));
            assert!(!reply.text.contains("stranger@"), "another tenant's people have no names here");
        }
        let shown = admin.get(&path(&made)).await;
        assert_eq!((names(&shown.json["members"]), &shown.json["privileges"]), (vec!["member"], &json!([])));
        assert_eq!(world.server.count(sql!("SELECT count(*) FROM user_groups")).await, 1);
    }
}

#[tokio::test]
async fn two_administrators_at_once_do_not_undo_each_other() {
    for engine in ENGINES {
        let world = World::new(engine).await;
        let (one, two) = (world.client(As::Administrator).await, world.client(As::Owner).await);
        let made = make(&one, &world, &whole("Desk", &[world.member], &[])).await;
        let tag = one.get(&path(&made)).await.headers["etag"].to_str().unwrap().to_owned();
        let first = whole("Desk", &[world.member, world.elsewhere], &[]);
        assert_eq!(put_if(&one, &path(&made), &tag, &first).await.status, StatusCode::OK);
        let late = put_if(&two, &path(&made), &tag, &whole("Desk", &[], &[])).await;
        assert_eq!(late.status, StatusCode::PRECONDITION_FAILED);
        let headers = [("if-match", tag.as_str())];
        let late = two.send(Method::DELETE, &path(&made), &headers, axum::body::Body::empty()).await;
        assert_eq!(late.status, StatusCode::PRECONDITION_FAILED);
        assert_eq!(names(&one.get(&path(&made)).await.json["members"]), ["elsewhere", "member"]);
        // In earnest: of ten at once with the same version, one is right.
        let tag = one.get(&path(&made)).await.headers["etag"].to_str().unwrap().to_owned();
        let tries = (0..10).map(|n| {
            let (client, path, tag) = (two.clone(), path(&made), tag.clone());
            let body = with(whole("Desk", &[], &[]), "description", json!(format!("by {n}")));
            tokio::spawn(async move { put_if(&client, &path, &tag, &body).await.status })
        });
        let mut right = 0;
        for each in tries.collect::<Vec<_>>() {
            match each.await.unwrap() {
                StatusCode::OK => right += 1,
                other => assert_eq!(other, StatusCode::PRECONDITION_FAILED, "{engine:?}"),
            }
        }
        assert_eq!(right, 1, "{engine:?}");
    }
}

#[tokio::test]
async fn somebody_who_joins_or_leaves_meanwhile_makes_a_save_stale() {
    let world = World::new(Engine::Sqlite).await;
    world.server.leave_mail();
    let admin = world.client(As::Administrator).await;
    let body = with(whole("All", &[world.member, world.elsewhere], &[]), "default", json!(true));
    let made = make(&admin, &world, &body).await;
    let tag = admin.get(&path(&made)).await.headers["etag"].to_str().unwrap().to_owned();
    admin.delete(&format!("/api/v1/accounts/{}/members/{}", world.account, world.elsewhere)).await;
    let late = put_if(&admin, &path(&made), &tag, &body).await;
    assert_eq!(late.status, StatusCode::PRECONDITION_FAILED);
    let tag = admin.get(&path(&made)).await.headers["etag"].to_str().unwrap().to_owned();
    let (account, back) = (world.account, world.elsewhere);
    let joined = async move |tx: &storage::Tx| onboarding::join(tx, account, back, Role::Member).await;
    assert!(world.server.db().write(joined).await.unwrap());
    assert_eq!(put_if(&admin, &path(&made), &tag, &body).await.status, StatusCode::PRECONDITION_FAILED);
}

#[tokio::test]
async fn five_thousand_people_are_saved_by_one_write_of_few_statements() {
    for engine in ENGINES {
        let world = World::new(engine).await;
        let account = world.account;
        let people: Vec<UserId> = world
            .server
            .db()
            .write(async move |tx| {
                let people = (0..5_000).map(|_| tx.id()).collect::<Vec<UserId>>();
                let rows = storage::many(
                    people.iter().map(|id| format!("{}{}", hex(tx.id::<kernel::id::Period>()), hex(*id))),
                );
                for statement in [
                    sql!(
                        sqlite: "INSERT INTO users (id, email, email_key, name, name_key, user_type, created_at, version)
                                 SELECT unhex(substr(value, 33)), value, value, 'P' || key, 'p' || key, 'other', 1, 1
                                 FROM json_each($1) WHERE $2 = $2",
                        postgres: "INSERT INTO users (id, email, email_key, name, name_key, user_type, created_at, version)
                                   SELECT CAST(substr(v, 33) AS UUID), v, v, 'P' || n, 'p' || n, 'other', 1, 1
                                   FROM jsonb_array_elements_text(CAST(CAST($1 AS TEXT) AS JSONB))
                                        WITH ORDINALITY AS t(v, n) WHERE CAST($2 AS UUID) IS NOT NULL"
                    ),
                    sql!(
                        sqlite: "INSERT INTO members (account_id, id, user_id, role, since)
                                 SELECT $2, unhex(substr(value, 1, 32)), unhex(substr(value, 33)), 'member', 1
                                 FROM json_each($1)",
                        postgres: "INSERT INTO members (account_id, id, user_id, role, since)
                                   SELECT $2, CAST(substr(v, 1, 32) AS UUID), CAST(substr(v, 33) AS UUID), 'member', 1
                                   FROM jsonb_array_elements_text(CAST(CAST($1 AS TEXT) AS JSONB)) AS t(v)"
                    ),
                ] {
                    tx.exec(statement, &[&rows, &account]).await?;
                }
                Ok(people)
            })
            .await
            .unwrap();
        let admin = world.client(As::Administrator).await;
        let made = make(&admin, &world, &whole("All", &[], &["requests.send"])).await;
        let before = world.server.db().statements();
        let saved = admin.put(&path(&made), &whole("All", &people, &["requests.send"])).await;
        assert_eq!(saved.status, StatusCode::OK, "{}", saved.text);
        assert_eq!(saved.json["members"].as_array().unwrap().len(), 5_000);
        let statements = world.server.db().statements() - before;
        assert!(statements <= 24, "{engine:?}: {statements} statements");
        let saved = admin.put(&path(&made), &whole("All", &people[..10], &["requests.send"])).await;
        assert_eq!(saved.json["members"].as_array().unwrap().len(), 10);
        let page = admin.get(&format!("/a/{account}/user-groups")).await;
        assert_eq!(page.text.matches("name=\"members\"").count(), 5_000 + 5);
        let list = admin.get(&format!("/api/v1/accounts/{account}/user-groups")).await;
        assert_eq!(list.json["items"][0]["count"], 10);
    }
}

#[tokio::test]
async fn a_privilege_ends_at_the_very_next_request_and_its_past_stays() {
    for engine in ENGINES {
        let world = World::new(engine).await;
        let (admin, member) = (world.client(As::Administrator).await, world.client(As::Member).await);
        let handouts = format!("/api/v1/accounts/{}/handouts", world.account);
        let may_write = async || {
            let made = member.post(&handouts, &crate::support::handout("Weaning")).await;
            assert!([201, 403].contains(&made.status.as_u16()), "{}", made.text);
            made.status == StatusCode::CREATED
        };
        assert!(!may_write().await, "{engine:?}");
        let own = [world.member];
        let body = whole("Library", &own, &["handouts.manage"]);
        let made = make(&admin, &world, &body).await;
        assert!(may_write().await);
        for (less, what) in [
            (with(body.clone(), "active", json!(false)), "inactive"),
            (with(body.clone(), "privileges", json!([])), "without the privilege"),
            (with(body.clone(), "members", json!([])), "without the person"),
        ] {
            world.server.clock.advance(HOUR);
            assert_eq!(admin.put(&path(&made), &less).await.status, StatusCode::OK);
            assert!(!may_write().await, "{engine:?}: {what}");
            world.server.clock.advance(HOUR);
            assert_eq!(admin.put(&path(&made), &body).await.status, StatusCode::OK);
            assert!(may_write().await);
        }
        assert_eq!(admin.delete(&path(&made)).await.status, StatusCode::NO_CONTENT);
        assert!(!may_write().await);
        // Periods never overlap, and every one of them ended.
        let periods = sql!("SELECT count(*) FROM user_group_grants WHERE until IS NOT NULL");
        assert_eq!(world.server.count(periods).await, 3);
        let periods = sql!("SELECT count(*) FROM user_group_members WHERE until IS NOT NULL");
        assert_eq!(world.server.count(periods).await, 2);
    }
}

#[tokio::test]
async fn whoever_leaves_or_becomes_support_staff_is_in_no_user_group() {
    for engine in ENGINES {
        let world = World::new(engine).await;
        world.server.leave_mail();
        let admin = world.client(As::Administrator).await;
        let body = whole("Desk", &[world.member, world.elsewhere, world.group_admin], &["requests.send"]);
        let made = make(&admin, &world, &body).await;
        let member = |who: UserId| format!("/api/v1/accounts/{}/members/{who}", world.account);
        assert_eq!(admin.delete(&member(world.elsewhere)).await.status, StatusCode::NO_CONTENT);
        admin.delete(&member(world.support)).await;
        let reply = admin.patch(&member(world.group_admin), &json!({ "role": "support_staff" })).await;
        assert!(reply.status.is_success(), "{}", reply.text);
        assert_eq!(names(&admin.get(&path(&made)).await.json["members"]), ["member"], "{engine:?}");
        // Back at work they are in the default user group, and in no other.
        let all = make(&admin, &world, &with(whole("All", &[], &[]), "default", json!(true))).await;
        admin.patch(&member(world.group_admin), &json!({ "role": "member" })).await;
        assert_eq!(names(&admin.get(&path(&made)).await.json["members"]), ["member"]);
        assert_eq!(names(&admin.get(&path(&all)).await.json["members"]), ["group_admin"]);
    }
}

#[tokio::test]
async fn new_members_join_the_default_user_group_which_is_one_at_most() {
    for engine in ENGINES {
        let world = World::new(engine).await;
        world.server.leave_mail();
        let admin = world.client(As::Administrator).await;
        let body = with(whole("All", &[], &["requests.send"]), "default", json!(true));
        let all = make(&admin, &world, &body).await;
        let invite = json!({ "emails": "new@riverside.test", "role": "member" });
        let invited =
            admin.post(&format!("/api/v1/accounts/{}/invitations", world.account), &invite).await.json;
        let link = invited["outcomes"][0]["link"].as_str().unwrap();
        let token = link.rsplit('/').next().unwrap();
        let accept = json!({ "name": "Newt", "password": crate::support::PASSWORD });
        let accepted =
            world.server.anonymous().post(&format!("/api/v1/invitation-links/{token}/accept"), &accept).await;
        assert!(accepted.status.is_success(), "{}", accepted.text);
        assert_eq!(names(&admin.get(&path(&all)).await.json["members"]), ["Newt"], "{engine:?}");

        let desk = make(&admin, &world, &with(whole("Desk", &[], &[]), "default", json!(true))).await;
        assert_eq!(admin.get(&path(&all)).await.json["default"], false);
        let reply = admin.put(&path(&all), &body).await;
        assert_eq!((reply.status, &reply.json["default"]), (StatusCode::OK, &json!(true)));
        assert_eq!(admin.get(&path(&desk)).await.json["default"], false);
        let trail = admin.get(&format!("/api/v1/accounts/{}/audit", world.account)).await;
        assert!(trail.text.contains("user_group.joined"), "{}", trail.text);
    }
}

#[tokio::test]
async fn everybody_who_works_learns_what_they_may_and_why() {
    for engine in ENGINES {
        let world = World::new(engine).await;
        let (admin, member) = (world.client(As::Administrator).await, world.client(As::Member).await);
        make(&admin, &world, &whole("Insurance Verification", &[world.member], &["requests.send"])).await;
        make(&admin, &world, &whole("Clinicians", &[world.member], &["requests.send"])).await;
        make(&admin, &world, &whole("Exporters", &[world.owner], &["cases.export"])).await;
        let send = right(&member, &world, "requests.send").await;
        let why = |right: &Value| {
            let reasons = right["reasons"].as_array().unwrap().iter();
            reasons.map(|reason| reason["why"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
        };
        assert_eq!(send["held"], true);
        assert_eq!(why(&send), ["you are in Clinicians", "you are in Insurance Verification"], "{engine:?}");
        let export = right(&member, &world, "cases.export").await;
        assert_eq!((&export["held"], &export["reasons"]), (&json!(false), &json!([])));
        assert_eq!(export["given_by"][0]["name"], "Exporters");
        let export = right(&world.client(As::GroupAdmin).await, &world, "cases.export").await;
        assert_eq!(why(&export), ["you administer Alder Creek, for that group only"]);
        assert_eq!(export["held"], false);
        let owner = world.client(As::Owner).await;
        let export = right(&owner, &world, "cases.export").await;
        assert_eq!(why(&export), ["you are the account’s owner", "you are in Exporters"]);
        assert_eq!(right(&owner, &world, "requests.receive").await["held"], false);
        let page = member.get(&format!("/a/{}/rights", world.account)).await;
        assert!(page.text.contains("Insurance Verification"), "{}", page.text);
        // The advice fits who reads it.
        let advice = async |who: &Client| {
            let page = who.get(&format!("/a/{}/rights", world.account)).await.text;
            page.split_whitespace().collect::<Vec<_>>().join(" ")
        };
        let (of_member, of_owner) = (advice(&member).await, advice(&owner).await);
        assert!(
            of_member.contains("ask an administrator of the account to add you to <bdi>Exporters</bdi>.")
        );
        assert!(of_member.contains("Ask an administrator of the account to create one."));
        assert!(of_member.contains("No user group can receive requests yet"));
        assert!(
            of_owner.contains("and add yourself")
                && !of_owner.to_lowercase().contains("ask an administrator")
        );
        make(&admin, &world, &whole("Front desk", &[world.elsewhere], &["requests.receive"])).await;
        let (of_member, of_owner) = (advice(&member).await, advice(&owner).await);
        assert!(
            of_member.contains("add you to <bdi>Front desk</bdi>.")
                && !of_member.contains("No user group can receive")
        );
        assert!(of_owner.contains("To get it, add yourself to <a"), "{of_owner}");
        let support = world.client(As::Support).await;
        let reply = support.get(&format!("/api/v1/accounts/{}/privileges", world.account)).await;
        assert_eq!(reply.status, StatusCode::FORBIDDEN);
    }
}

#[tokio::test]
async fn a_user_group_with_open_requests_hands_them_over_before_it_goes() {
    for engine in ENGINES {
        let world = World::new(engine).await;
        let receive = [Privilege::RequestsReceive];
        let people = [world.group_admin, world.owner];
        let id = new_user_group(&world.server, world.account, "Insurance", &people, &receive).await;
        let heir = new_user_group(&world.server, world.account, "Billing", &[world.owner], &receive).await;
        let deaf = new_user_group(&world.server, world.account, "Deaf", &[], &[]).await;
        let open = request_to(&world, id, "claimed").await;
        request_to(&world, id, "new").await;
        request_to(&world, id, "done").await;
        world.server.clock.advance(DAY);
        let admin = world.client(As::Administrator).await;

        let path = format!("/api/v1/user-groups/{id}");
        let told = admin.get(&format!("{path}/deletion")).await.json;
        assert_eq!((&told["people"], &told["open_requests"]), (&json!(2), &json!(2)), "{engine:?}");
        let losses = json!([{ "privilege": "requests.receive", "people": 1 }]);
        assert_eq!(told["losses"], losses, "the owner receives in Billing too");
        assert_eq!(told["receivers"], json!([{ "id": heir, "name": "Billing" }]));

        let refused = admin.delete(&path).await;
        assert_eq!(
            (refused.status, &refused.json["code"]),
            (StatusCode::CONFLICT, &json!("has_open_requests"))
        );
        assert!(refused.text.contains("2 open requests"));
        for bad in [deaf, id, UserGroupId::last()] {
            let refused = admin.delete(&format!("{path}?requests_to={bad}")).await;
            assert!(fault(&refused, "requests_to").contains("can receive requests"));
        }
        // Without the right to receive, or inactive, it says how many nobody sees.
        let body = whole("Insurance", &[world.group_admin], &[]);
        let warned = admin.put(&path, &body).await.json;
        assert_eq!(warned["open_requests"], 2);
        assert!(warned["warning"].as_str().unwrap().contains("can’t receive"), "{warned}");
        let warned = admin.put(&path, &with(body, "active", json!(false))).await.json;
        assert!(warned["warning"].as_str().unwrap().contains("inactive"), "{warned}");

        assert_eq!(admin.delete(&format!("{path}?requests_to={heir}")).await.status, StatusCode::NO_CONTENT);
        let (there, states, claimed): (i64, i64, i64) = world
            .server
            .db()
            .read(async move |tx| {
                tx.one(
                    sql!(
                        "SELECT count(*), count(*) FILTER (WHERE state = 'new'), count(claimed_by)
                         FROM requests WHERE user_group_id = $1"
                    ),
                    &[&heir],
                )
                .await
            })
            .await
            .unwrap();
        assert_eq!((there, states, claimed), (2, 2, 0));
        let periods: Vec<(UserGroupId, bool)> = world
            .server
            .db()
            .read(async move |tx| {
                tx.all(
                    sql!(
                        "SELECT user_group_id, until IS NULL FROM request_addressees
                         WHERE request_id = $1 ORDER BY since"
                    ),
                    &[&open],
                )
                .await
            })
            .await
            .unwrap();
        assert_eq!(periods, [(id, false), (heir, true)]);
    }
}

#[tokio::test]
async fn nobody_else_reads_or_changes_a_user_group() {
    let world = World::new(Engine::Sqlite).await;
    let admin = world.client(As::Administrator).await;
    let made = make(&admin, &world, &whole("Desk", &[world.member], &["requests.send"])).await;
    for (role, status) in [
        (As::Member, StatusCode::FORBIDDEN),
        (As::GroupAdmin, StatusCode::FORBIDDEN),
        (As::Support, StatusCode::NOT_FOUND),
        (As::Stranger, StatusCode::NOT_FOUND),
        (As::Anonymous, StatusCode::UNAUTHORIZED),
    ] {
        let client = world.client(role).await;
        let body = whole("Mine", &[], &[]);
        assert_eq!(client.get(&path(&made)).await.status, status, "{role:?}");
        assert_eq!(client.put(&path(&made), &body).await.status, status);
        assert_eq!(client.delete(&path(&made)).await.status, status);
        assert_eq!(client.get(&format!("{}/deletion", path(&made))).await.status, status);
    }
    // A page of one account does not show what is another's.
    let stranger = world.client(As::Stranger).await;
    let id = made["id"].as_str().unwrap();
    let foreign = format!("/a/{}/user-groups/{id}", kernel::id::AccountId::last());
    for client in [&stranger, &admin] {
        assert_eq!(client.get(&foreign).await.status, StatusCode::NOT_FOUND);
    }
}

#[tokio::test]
async fn in_a_read_only_account_less_can_be_given_and_never_more() {
    let world = World::new(Engine::Sqlite).await;
    let admin = world.client(As::Administrator).await;
    let made = make(&admin, &world, &whole("Desk", &[world.member, world.owner], &["requests.send"])).await;
    let close = sql!("UPDATE subscriptions SET read_only_from = 1");
    world.server.db().write(async move |tx| tx.exec(close, &[]).await).await.unwrap();
    let more = admin.put(&path(&made), &whole("Desk", &[world.member, world.owner], &["cases.export"])).await;
    assert_eq!((more.status, &more.json["code"]), (StatusCode::CONFLICT, &json!("account_read_only")));
    let groups = format!("/api/v1/accounts/{}/user-groups", world.account);
    assert_eq!(admin.post(&groups, &json!({ "name": "Two" })).await.status, StatusCode::CONFLICT);
    let less = admin.put(&path(&made), &whole("Desk", &[world.member], &[])).await;
    assert_eq!(less.status, StatusCode::OK, "{}", less.text);
    assert_eq!(admin.delete(&path(&made)).await.status, StatusCode::NO_CONTENT);
}

#[tokio::test]
async fn an_account_has_so_many_user_groups_and_no_more() {
    let world = World::new(Engine::Sqlite).await;
    let admin = world.client(As::Administrator).await;
    for n in 0..200 {
        new_user_group(&world.server, world.account, &format!("Group {n}"), &[], &[]).await;
    }
    let groups = format!("/api/v1/accounts/{}/user-groups", world.account);
    let refused = admin.post(&groups, &json!({ "name": "One more" })).await;
    assert_eq!(
        (refused.status, &refused.json["code"]),
        (StatusCode::CONFLICT, &json!("too_many_user_groups"))
    );
    let before = world.server.db().statements();
    let list = admin.get(&format!("{groups}?limit=100")).await;
    assert_eq!(list.json["items"].as_array().unwrap().len(), 100);
    assert!(world.server.db().statements() - before < 6);
    let bad = admin.get(&format!("{groups}?cursor=x")).await;
    assert_eq!(bad.status, StatusCode::UNPROCESSABLE_ENTITY);
}

// The page, as it works without JavaScript.

/// The hidden fields that a page's form brings along, and the fields given.
pub(crate) fn filled<'a>(page: &'a str, fields: &[(&'a str, &'a str)]) -> Vec<(&'a str, &'a str)> {
    let form = page.split("data-unsaved=").nth(1).unwrap().split("</form>").next().unwrap();
    let hidden = form.split("<input type=\"hidden\" name=\"").skip(1).map(|rest| {
        let (name, rest) = rest.split_once("\" value=\"").unwrap();
        (name, rest.split_once('"').unwrap().0)
    });
    hidden.chain(fields.iter().copied()).collect()
}

#[tokio::test]
async fn the_page_makes_edits_renames_and_deletes_by_forms_alone() {
    let world = World::new(Engine::Sqlite).await;
    let admin = world.client(As::Administrator).await;
    let groups = format!("/a/{}/user-groups", world.account);
    let (member, owner) = (world.member.to_string(), world.owner.to_string());
    let fields =
        [("name", "Insurance"), ("active", "yes"), ("members", &member), ("privileges", "requests.send")];
    let made = admin.form(&groups, &fields).await;
    assert_eq!(made.status, StatusCode::SEE_OTHER, "{}", made.text);
    let own = made.headers["location"].to_str().unwrap().to_owned();
    let again = admin.form(&groups, &fields).await;
    assert_eq!(again.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(again.text.contains("To edit it, choose it from the list."));
    assert!(again.text.contains(&format!("value=\"{member}\" checked")), "what was selected stays selected");
    let id = own.rsplit('/').next().unwrap();
    let chosen = admin.get(&format!("{groups}?group={id}")).await;
    assert_eq!(chosen.headers["location"].to_str().unwrap(), own);

    // Edit name says what a new name means; tests/naming.rs is about what happens without it.
    let name = async || admin.get(&format!("/api/v1/user-groups/{id}")).await.json["name"].clone();
    let page = admin.get(&own).await;
    let sent = filled(
        &page.text,
        &[("name", "Cover"), ("edit_name", "yes"), ("active", "yes"), ("members", &owner)],
    );
    assert_eq!(admin.form(&own, &sent).await.status, StatusCode::SEE_OTHER);
    assert_eq!(name().await, "Cover");

    // Another tenant's person is refused, and the rest of the work stays on the page.
    let page = admin.get(&own).await;
    let stranger = world.stranger.to_string();
    let sent = filled(
        &page.text,
        &[("name", "Cover"), ("active", "yes"), ("members", &stranger), ("members", &member)],
    );
    let refused = admin.form(&own, &sent).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(refused.text.contains("isn’t in this account"));
    assert!(refused.text.contains(&format!("value=\"{member}\" checked")));

    let asked = admin.form(&format!("{own}/delete"), &[("version", "2")]).await;
    assert!(asked.status.is_success() && asked.text.contains("1 person is in it"), "{}", asked.text);
    let gone = admin.form(&format!("{own}/delete"), &[("version", "2"), ("confirm", "yes")]).await;
    assert_eq!(gone.headers["location"].to_str().unwrap(), groups);
    assert_eq!(admin.get(&own).await.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn a_stale_page_keeps_ones_work_and_says_what_the_other_changed() {
    for engine in ENGINES {
        let world = World::new(engine).await;
        let (one, two) = (world.client(As::Administrator).await, world.client(As::Owner).await);
        let made = make(&one, &world, &whole("Desk", &[world.member, world.elsewhere], &[])).await;
        let id = made["id"].as_str().unwrap();
        let own = format!("/a/{}/user-groups/{id}", world.account);
        let page = two.get(&own).await.text;
        // Meanwhile the first renames it, gives something, takes the member out and a group administrator in.
        let theirs = whole("Front desk", &[world.elsewhere, world.group_admin], &["requests.send"]);
        assert_eq!(one.put(&path(&made), &theirs).await.status, StatusCode::OK);
        // The second has taken `elsewhere` out and the owner in, and written a description.
        let (member, owner) = (world.member.to_string(), world.owner.to_string());
        let sent = filled(
            &page,
            &[
                ("name", "Desk"),
                ("active", "yes"),
                ("description", "Mine"),
                ("members", &member),
                ("members", &owner),
            ],
        );
        let stale = two.form(&own, &sent).await;
        assert_eq!(stale.status, StatusCode::PRECONDITION_FAILED, "{engine:?}");
        for told in [
            "Someone saved this user group",
            "Its name is now “Front desk”.",
            "Privileges added: Send requests.",
            "Added: group_admin.",
            "Removed: member.",
        ] {
            assert!(stale.text.contains(told), "{told}: {}", stale.text);
        }
        let checked = |who: UserId| stale.text.contains(&format!("value=\"{who}\" checked"));
        assert!(checked(world.owner) && checked(world.group_admin));
        assert!(!checked(world.member) && !checked(world.elsewhere));
        // Saving again puts both together.
        let group_admin = world.group_admin.to_string();
        let sent = filled(
            &stale.text,
            &[
                ("name", "Front desk"),
                ("active", "yes"),
                ("description", "Mine"),
                ("privileges", "requests.send"),
                ("members", &owner),
                ("members", &group_admin),
            ],
        );
        assert_eq!(two.form(&own, &sent).await.status, StatusCode::SEE_OTHER);
        let now = one.get(&path(&made)).await.json;
        assert_eq!(names(&now["members"]), ["group_admin", "owner"]);
        assert_eq!((&now["name"], &now["description"]), (&json!("Front desk"), &json!("Mine")));
        assert_eq!(now["privileges"], json!(["requests.send"]));
    }
}

#[tokio::test]
async fn the_trail_names_user_groups_and_what_changed() {
    let world = World::new(Engine::Sqlite).await;
    let admin = world.client(As::Administrator).await;
    let made = make(&admin, &world, &whole("Desk", &[world.member], &[])).await;
    admin.put(&path(&made), &whole("Desk", &[world.owner, world.elsewhere], &["requests.send"])).await;
    // A save that changes nothing is no event.
    admin.put(&path(&made), &whole("Desk", &[world.owner, world.elsewhere], &["requests.send"])).await;
    admin.delete(&path(&made)).await;
    let page = admin.get(&format!("/a/{}/activity", world.account)).await.text;
    assert!(page.contains("Changed a user group: 2 added; 1 removed; now grants Send requests"), "{page}");
    assert!(page.contains("Created a user group") && page.contains("Deleted a user group"));
    let changes = sql!("SELECT count(*) FROM audit_events WHERE action = 'user_group.changed'");
    assert_eq!(world.server.count(changes).await, 1);
}
