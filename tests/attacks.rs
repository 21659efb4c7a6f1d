//! What an attacker tried once, kept as tests.

use access::GroupRole;
use axum::http::{Method, StatusCode};
use futures_util::future::join_all;
use kernel::clock::MINUTE;
use serde_json::{Value, json};
use storage::sql;

use crate::support::{As, Client, ENGINES, Engine, PASSWORD, Reply, World};

async fn invite(client: &Client, group: impl std::fmt::Display, email: &str, role: &str) -> Reply {
    let body = json!({ "emails": email, "role": role, "change": true });
    let reply = client.post(&format!("/api/v1/groups/{group}/invitations"), &body).await;
    assert_eq!(reply.status, StatusCode::OK, "{}", reply.text);
    reply
}

fn token(reply: &Reply) -> String {
    let link = reply.json["outcomes"][0]["link"].as_str().unwrap_or_else(|| panic!("{}", reply.text));
    link.rsplit('/').next().unwrap().to_owned()
}

/// A second administrator, of the second group alone.
async fn elsewhere_administers(world: &World) -> Client {
    let owner = world.client(As::Owner).await;
    let path = format!("/api/v1/groups/{}/members/{}", world.other_group, world.elsewhere);
    assert!(owner.put(&path, &json!({ "role": GroupRole::Administrator })).await.status.is_success());
    world.client(As::Elsewhere).await
}

async fn accept(world: &World, token: &str) -> Reply {
    let body = json!({ "name": "New", "password": PASSWORD });
    world.server.anonymous().post(&format!("/api/v1/invitation-links/{token}/accept"), &body).await
}

#[tokio::test]
async fn a_group_put_into_somebodys_invitation_goes_with_its_giver() {
    for engine in ENGINES {
        let world = World::new(engine).await;
        world.server.leave_mail();
        let owner = world.client(As::Owner).await;
        let body = json!({ "emails": "alt@x.test", "role": "member" });
        let made = owner.post(&format!("/api/v1/accounts/{}/invitations", world.account), &body).await;
        let added =
            invite(&world.client(As::GroupAdmin).await, world.group, "alt@x.test", "administrator").await;
        assert_eq!(added.json["outcomes"][0]["outcome"], "changed");
        assert_eq!(added.json["outcomes"][0]["invitation"], Value::Null, "it is another's invitation");
        owner.delete(&format!("/api/v1/groups/{}/members/{}", world.group, world.group_admin)).await;
        let accepted = accept(&world, &token(&made)).await;
        assert_eq!((accepted.status, &accepted.json["group"]), (StatusCode::OK, &Value::Null), "{engine:?}");
        let person = Client { token: accepted.json["session"]["token"].as_str().map(str::to_owned), ..owner };
        assert_eq!(
            person.get(&format!("/api/v1/groups/{}", world.group)).await.status,
            StatusCode::NOT_FOUND
        );
    }
}

#[tokio::test]
async fn two_group_administrators_may_invite_the_same_person_and_learn_nothing_of_each_other() {
    for engine in ENGINES {
        let world = World::new(engine).await;
        world.server.leave_mail();
        let (first, second) = (world.client(As::GroupAdmin).await, elsewhere_administers(&world).await);
        let made = invite(&first, world.group, "both@x.test", "member").await;
        invite(&second, world.other_group, "both@x.test", "member").await;
        for (client, group, hidden) in
            [(&first, world.group, "Brookfield"), (&second, world.other_group, "Alder Creek")]
        {
            let list = client.get(&format!("/api/v1/groups/{group}/invitations")).await;
            assert!(list.text.contains("both@x.test") && !list.text.contains(hidden), "{}", list.text);
            let page = client.get(&format!("/g/{group}/users")).await;
            assert!(page.text.contains("both@x.test") && !page.text.contains(hidden));
        }
        let accepted = accept(&world, &token(&made)).await;
        assert_eq!(accepted.status, StatusCode::OK, "{engine:?} {}", accepted.text);
        let person = Client { token: accepted.json["session"]["token"].as_str().map(str::to_owned), ..first };
        assert_eq!(person.get("/api/v1/me").await.json["accounts"][0]["groups"].as_array().unwrap().len(), 2);
    }
}

#[tokio::test]
async fn a_page_below_a_group_acts_on_that_groups_invitations_alone() {
    let world = World::new(Engine::Sqlite).await;
    world.server.leave_mail();
    let admin = world.client(As::GroupAdmin).await;
    let made = invite(&admin, world.group, "a@x.test", "member").await;
    let id = made.json["outcomes"][0]["invitation"].as_str().unwrap().to_owned();
    let foreign = format!("/g/{}/invitations/{id}/resend", world.other_group);
    assert_eq!(admin.form(&foreign, &[]).await.status, StatusCode::NOT_FOUND);
    let owner = world.client(As::Owner).await;
    assert_eq!(owner.form(&foreign, &[]).await.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn a_list_of_thirty_thousand_groups_is_refused_before_any_work() {
    let world = World::new(Engine::Sqlite).await;
    world.server.leave_mail();
    let owner = world.client(As::Owner).await;
    let path = format!("/api/v1/accounts/{}/invitations", world.account);
    let same = json!({ "group": world.group, "role": "member" });
    let body = json!({ "emails": "a@x.test", "role": "member", "groups": vec![same.clone(); 20_000] });
    let before = world.server.db().statements();
    assert_eq!(
        owner.post(&path, &body).await.status,
        StatusCode::OK,
        "the same group again is the same group"
    );
    assert!(world.server.db().statements() - before < 60);
    let other = json!({ "group": world.group, "role": "administrator" });
    let twice =
        owner.post(&path, &json!({ "emails": "b@x.test", "role": "member", "groups": [same, other] })).await;
    assert_eq!(twice.json["errors"][0]["field"], "groups");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_burst_of_guesses_is_counted_before_they_are_checked() {
    for engine in ENGINES {
        let world = World::new(engine).await;
        let client = world.server.anonymous();
        let body = json!({ "email": "administrator@riverside.test", "password": "a wrong guess of someone" });
        let guess = || client.post("/api/v1/sign-in", &body);
        let answers = join_all((0..40).map(|_| guess())).await;
        let tried = answers.iter().filter(|reply| reply.status == StatusCode::UNAUTHORIZED).count();
        assert!(tried <= 6, "{engine:?}: {tried} guesses at once");
        assert!(answers.iter().all(|reply| !reply.status.is_server_error()));
    }
}

#[tokio::test]
async fn a_stranger_can_not_keep_somebodys_reset_from_coming() {
    let world = World::new(Engine::Sqlite).await;
    let client = world.server.anonymous();
    let ask =
        async || client.post("/api/v1/password-resets", &json!({ "email": "member@riverside.test" })).await;
    for _ in 0..8 {
        ask().await;
    }
    assert_eq!(world.server.mail().await.len(), 5);
    for _ in 0..3 {
        world.server.clock.advance(25 * MINUTE);
        ask().await;
    }
    assert!(
        world.server.mail().await.len() > 5,
        "an hour later they come again, however often someone asked"
    );
}

#[tokio::test]
async fn one_place_can_not_make_the_server_write_to_the_whole_world() {
    let world = World::new(Engine::Sqlite).await;
    let client = world.server.anonymous();
    let mut last = StatusCode::ACCEPTED;
    for i in 0..40 {
        last =
            client.post("/api/v1/password-resets", &json!({ "email": format!("p{i}@x.test") })).await.status;
    }
    assert_eq!(last, StatusCode::TOO_MANY_REQUESTS);
    assert!(world.server.mail().await.len() <= 31);
}

#[tokio::test]
async fn a_repeated_long_list_has_one_effect_and_another_one_none() {
    let world = World::new(Engine::Sqlite).await;
    world.server.leave_mail();
    let owner = world.client(As::Owner).await;
    let path = format!("/api/v1/accounts/{}/invitations", world.account);
    let send = async |prefix: &str| {
        let emails = (0..300).map(|i| format!("{prefix}{i}@x.test")).collect::<Vec<_>>();
        let body = json!({ "emails": emails, "role": "member" }).to_string();
        let headers = [("content-type", "application/json"), ("idempotency-key", "long")];
        owner.send(Method::POST, &path, &headers, body.into()).await
    };
    let first = send("a").await;
    let id = first.json["outcomes"][0]["invitation"].as_str().unwrap().to_owned();
    owner.delete(&format!("/api/v1/invitations/{id}")).await;
    assert_eq!(send("a").await.text, first.text);
    assert_eq!(send("b").await.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(world.server.count(sql!("SELECT count(*) FROM invitations")).await, 300);
    let member = world.client(As::Member).await;
    let upload = async || {
        let mut body =
            b"--xx\r\ncontent-disposition: form-data; name=\"file\"; filename=\"x.png\"\r\n\r\n".to_vec();
        body.extend_from_slice(crate::support::PNG);
        body.extend_from_slice(b"\r\n--xx--\r\n");
        let headers = [("content-type", "multipart/form-data; boundary=xx"), ("idempotency-key", "file")];
        member.send(Method::POST, &format!("/api/v1/cases/{}/files", world.case), &headers, body.into()).await
    };
    assert_eq!(upload().await.text, upload().await.text);
    assert_eq!(world.server.count(sql!("SELECT count(*) FROM case_files")).await, 1);
}

#[tokio::test]
async fn odd_searches_and_addresses_are_refused_on_both_engines_alike() {
    for engine in ENGINES {
        let world = World::new(engine).await;
        let owner = world.client(As::Owner).await;
        for q in ["a".repeat(51_000), "_".repeat(26_000), "%EF%B7%BA".repeat(1_700), "%00".to_owned()] {
            for path in [
                format!("/api/v1/groups/{}/cases", world.group),
                format!("/api/v1/groups/{}/members", world.group),
                format!("/api/v1/accounts/{}/members", world.account),
                format!("/api/v1/accounts/{}/invitations", world.account),
                format!("/g/{}/cases", world.group),
                format!("/a/{}/activity", world.account),
            ] {
                let name = if path.ends_with("activity") { "object" } else { "q" };
                let reply = owner.get(&format!("{path}?{name}={q}")).await;
                assert!(reply.status.is_client_error(), "{engine:?} {path}: {}", reply.status);
            }
        }
        let most = "%EF%B7%BA".repeat(200);
        let reply = owner.get(&format!("/api/v1/groups/{}/cases?q={most}", world.group)).await;
        assert_eq!(reply.status, StatusCode::OK, "the longest that is taken works: {}", reply.text);
        let anonymous = world.server.anonymous();
        for email in
            ["a\u{0}@x.org".to_owned(), "x".repeat(9_000), format!("{}@x.org", "y".repeat(1_900_000))]
        {
            let body = json!({ "email": email, "password": "x" });
            let reply = anonymous.post("/api/v1/sign-in", &body).await;
            assert!(reply.status.is_client_error(), "{engine:?}: {}", reply.status);
        }
        let kept = sql!("SELECT CAST(max(length(name)) AS BIGINT) FROM throttles");
        assert!(world.server.count(kept).await < 400);
    }
}

#[tokio::test]
async fn the_trail_names_no_case_to_who_has_not_opened_it() {
    let world = World::new(Engine::Sqlite).await;
    let member = world.client(As::Member).await;
    let case = format!("/api/v1/cases/{}", world.case);
    member.patch(&case, &json!({ "name": "Secret of Bella" })).await;
    member.upload(&format!("{case}/files"), "secret.png", crate::support::PNG).await;
    let trail = world
        .client(As::Administrator)
        .await
        .get(&format!("/api/v1/accounts/{}/audit?limit=100", world.account))
        .await;
    assert!(
        trail.text.contains("case.changed") && !trail.text.to_lowercase().contains("secret"),
        "{}",
        trail.text
    );
    assert!(!trail.text.contains("Bella"));
}
