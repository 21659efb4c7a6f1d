//! API keys: what each scope opens, and that nothing else does; from their making to their end.

use access::{Access, Scope};
use axum::http::{Method, StatusCode, header};
use kernel::clock::DAY;
use serde_json::{Value, json};
use storage::sql;

use crate::support::{
    As, Client, ENGINES, Engine, Reply, Server, World,
    specs::{self, Extras},
};

fn keys_of(world: &World) -> String {
    format!("/api/v1/accounts/{}/api-keys", world.account)
}

/// Makes a key as the administrator of Riverside, and speaks with it.
async fn key(world: &World, scopes: &[Scope], groups: Option<&str>) -> (String, Client) {
    let scopes = scopes.iter().map(|scope| scope.word()).collect::<Vec<_>>();
    let mut wanted = json!({ "name": "Lab interface", "scopes": scopes });
    if let Some(group) = groups {
        wanted["groups"] = json!([group]);
    }
    let made = world.client(As::Administrator).await.post(&keys_of(world), &wanted).await;
    assert_eq!(made.status, StatusCode::CREATED, "{}", made.text);
    (made.json["key"]["id"].as_str().unwrap().to_owned(), bearer(&world.server, &made))
}

fn bearer(server: &Server, made: &Reply) -> Client {
    let secret = made.json["secret"].as_str().unwrap().to_owned();
    Client { token: Some(secret), ..server.anonymous() }
}

/// A key of Hillside with every scope.
async fn foreign(world: &World, hillside: &str) -> Client {
    let all = Scope::ALL.iter().map(|scope| scope.word()).collect::<Vec<_>>();
    let path = format!("/api/v1/accounts/{hillside}/api-keys");
    let made =
        world.client(As::Stranger).await.post(&path, &json!({ "name": "Theirs", "scopes": all })).await;
    bearer(&world.server, &made)
}

async fn hillside(world: &World) -> String {
    let me = world.client(As::Stranger).await.get("/api/v1/me").await;
    me.json["accounts"][0]["account"]["id"].as_str().unwrap().to_owned()
}

/// Where people alone get in, whatever the path's proof is called: it is about the caller, or asks who owns.
fn of_a_person(access: Access) -> bool {
    matches!(access, Access::AnyWorker | Access::AccountOwner)
}

#[tokio::test]
async fn each_scope_opens_its_operations_and_no_others() {
    let template = World::new(Engine::Sqlite).await;
    template.server.leave_mail();
    let extras = Extras::make(&template).await;
    let home = hillside(&template).await;
    let mut opened = 0;
    for route in covey::routes::all() {
        if route.id.is_empty() || route.access == Access::Public {
            continue;
        }
        let what = format!("{} {}", route.method, route.path);
        let world = template.copy().await;
        world.server.leave_mail();
        specs::prepare(route.path, &world).await;
        let spec = specs::spec(&route, &world, &extras);
        let Some(scope) = route.facts.scope else {
            let (_, all) = key(&world, Scope::ALL, None).await;
            let refused = specs::send(&all, &route.method, &spec).await;
            assert_eq!(
                (refused.status.as_u16(), &refused.json["code"]),
                (403, &json!("not_for_keys")),
                "{what}"
            );
            continue;
        };
        let others = Scope::ALL.iter().copied().filter(|other| *other != scope).collect::<Vec<_>>();
        let (_, without) = key(&world, &others, None).await;
        let refused = specs::send(&without, &route.method, &spec).await;
        assert_eq!(
            (refused.status.as_u16(), &refused.json["code"]),
            (403, &json!(if of_a_person(route.access) { "not_for_keys" } else { "scope_missing" })),
            "{what}"
        );
        let theirs = foreign(&world, &home).await;
        let hidden = specs::send(&theirs, &route.method, &spec).await;
        assert!(matches!(hidden.status.as_u16(), 404 | 403), "{what}: {}", hidden.text);
        assert!(
            hidden.status == StatusCode::NOT_FOUND || of_a_person(route.access),
            "{what}: {}",
            hidden.text
        );
        let (_, elsewhere) = key(&world, Scope::ALL, Some(&world.other_group.to_string())).await;
        let beside = specs::send(&elsewhere, &route.method, &spec).await;
        let own_account = matches!(
            route.access,
            Access::AccountMember | Access::AccountWorker | Access::HandoutReader | Access::HandoutAuthor
        );
        assert!(own_account || matches!(beside.status.as_u16(), 403 | 404), "{what}: {}", beside.text);
        let (_, right) = key(&world, &[scope], None).await;
        let answer = specs::send(&right, &route.method, &spec).await;
        assert!(answer.status.is_success() || of_a_person(route.access), "{what}: {}", answer.text);
        opened += usize::from(answer.status.is_success());
    }
    assert!(opened > 70, "keys reach {opened} operations");
}

#[tokio::test]
async fn a_key_works_until_it_is_revoked_and_outlives_its_maker() {
    for engine in ENGINES {
        let world = World::new(engine).await;
        world.server.leave_mail();
        let licenses = sql!("SELECT count(*) FROM license_holders WHERE until IS NULL");
        let before = world.server.count(licenses).await;
        let (id, program) = key(&world, &[Scope::CasesRead, Scope::CasesWrite], None).await;
        assert_eq!(world.server.count(licenses).await, before, "{engine:?}: a key takes no license");
        let case = format!("/api/v1/cases/{}", world.case);
        assert_eq!(program.get(&case).await.status, StatusCode::OK);
        let noted = program.post(&format!("{case}/notes"), &json!({ "body": "From the lab." })).await;
        assert_eq!(noted.status, StatusCode::CREATED, "{}", noted.text);
        let listed = program.get(&format!("/api/v1/groups/{}/cases", world.group)).await;
        assert_eq!(listed.json["items"].as_array().unwrap().len(), 1, "{}", listed.text);
        // Its maker goes, and it stays.
        let owner = world.client(As::Owner).await;
        let maker = format!("/api/v1/accounts/{}/members/{}", world.account, world.administrator);
        assert!(owner.delete(&maker).await.status.is_success());
        assert_eq!(program.get(&case).await.status, StatusCode::OK, "{engine:?}");
        // The trail and the access log name it.
        let trail = owner.get(&format!("/api/v1/accounts/{}/audit", world.account)).await.text;
        assert!(trail.contains("Lab interface (API key)"), "{trail}");
        let log = owner.get(&format!("{case}/access-log")).await.text;
        assert!(log.contains("Lab interface (API key)"), "{log}");
        let sight = owner.get(&format!("{case}/access")).await.text;
        assert!(sight.contains("Lab interface (API key)"), "{sight}");
        // Revoked, it ends with the next request.
        let revoked = owner.delete(&format!("/api/v1/api-keys/{id}")).await;
        assert!(revoked.json["revoked_at"].is_string(), "{}", revoked.text);
        let ended = program.get(&case).await;
        assert_eq!((ended.status.as_u16(), &ended.json["code"]), (401, &json!("key_revoked")), "{engine:?}");
    }
}

#[tokio::test]
async fn a_replaced_secret_goes_on_for_as_long_as_was_said() {
    for engine in ENGINES {
        let world = World::new(engine).await;
        world.server.leave_mail();
        let (id, old) = key(&world, &[Scope::CasesRead], None).await;
        let case = format!("/api/v1/cases/{}", world.case);
        let owner = world.client(As::Owner).await;
        let rotate = format!("/api/v1/api-keys/{id}/rotate");
        let rotated = owner.post(&rotate, &json!({ "overlap_hours": 24 })).await;
        assert_eq!(rotated.status, StatusCode::OK, "{}", rotated.text);
        let new = bearer(&world.server, &rotated);
        for program in [&old, &new] {
            assert_eq!(program.get(&case).await.status, StatusCode::OK, "{engine:?}");
        }
        world.server.clock.advance(DAY);
        assert_eq!(old.get(&case).await.json["code"], "key_replaced", "{engine:?}");
        assert_eq!(new.get(&case).await.status, StatusCode::OK, "{engine:?}");
        // A leaked secret is replaced without any overlap.
        let owner = world.client(As::Owner).await;
        let last = bearer(&world.server, &owner.post(&rotate, &json!({ "overlap_hours": 0 })).await);
        assert_eq!(new.get(&case).await.json["code"], "key_replaced");
        assert_eq!(last.get(&case).await.status, StatusCode::OK);
        let long = owner.post(&rotate, &json!({ "overlap_hours": 169 })).await;
        assert_eq!((long.status.as_u16(), &long.json["errors"][0]["field"]), (422, &json!("overlap_hours")));
    }
}

#[tokio::test]
async fn a_key_ends_on_its_day_and_by_no_other_way_in() {
    let world = World::new(Engine::Sqlite).await;
    world.server.leave_mail();
    let owner = world.client(As::Owner).await;
    let wanted =
        json!({ "name": "For a month", "scopes": ["cases.read"], "expires_at": "2026-04-01T00:00:00Z" });
    let made = owner.post(&keys_of(&world), &wanted).await;
    let program = bearer(&world.server, &made);
    let case = format!("/api/v1/cases/{}", world.case);
    assert_eq!(program.get(&case).await.status, StatusCode::OK);
    // Not by a cookie.
    let cookie = format!("covey={}", program.token.clone().unwrap());
    let headers = [(header::COOKIE.as_str(), cookie.as_str()), ("sec-fetch-site", "same-origin")];
    let anonymous = world.server.anonymous();
    let sent = anonymous.send(Method::GET, &case, &headers, axum::body::Body::empty()).await;
    assert_eq!(sent.status, StatusCode::UNAUTHORIZED);
    // Not by a part of it, nor mistyped.
    let secret = program.token.clone().unwrap();
    let mistyped = secret.replace(&secret[20..22], if &secret[20..22] == "00" { "11" } else { "00" });
    for wrong in [&secret[..40], &mistyped, "covey_"] {
        let wrong = Client { token: Some(wrong.to_owned()), ..world.server.anonymous() };
        assert_eq!(wrong.get(&case).await.json["code"], "key_invalid");
    }
    // As nobody's password, and to no pages.
    let page = program.get(&format!("/g/{}/cases", world.group)).await;
    assert_ne!(page.status, StatusCode::OK, "{}", page.text);
    world.server.clock.advance(31 * DAY);
    assert_eq!(program.get(&case).await.json["code"], "key_expired");
}

#[tokio::test]
async fn a_key_for_some_groups_knows_no_others_and_manages_nothing_above_them() {
    for engine in ENGINES {
        let world = World::new(engine).await;
        world.server.leave_mail();
        let (_, program) = key(&world, Scope::ALL, Some(&world.group.to_string())).await;
        let groups = program.get(&format!("/api/v1/accounts/{}/groups", world.account)).await;
        let names = groups.json["items"].as_array().unwrap().iter().map(|group| group["name"].clone());
        assert_eq!(names.collect::<Vec<_>>(), ["Alder Creek"], "{engine:?}: {}", groups.text);
        let hidden = program.get(&format!("/api/v1/groups/{}", world.other_group)).await;
        let nowhere = program.get(&format!("/api/v1/groups/{}", world.hillside_group)).await;
        assert_eq!((hidden.status, &hidden.text), (StatusCode::NOT_FOUND, &nowhere.text), "{engine:?}");
        let members = program.get(&format!("/api/v1/accounts/{}/members", world.account)).await;
        assert_eq!(members.status, StatusCode::FORBIDDEN, "{engine:?}");
        let none = json!({ "name": "X", "scopes": ["cases.read"], "groups": [world.hillside_group] });
        let made = world.client(As::Owner).await.post(&keys_of(&world), &none).await;
        assert_eq!((made.status.as_u16(), &made.json["errors"][0]["field"]), (422, &json!("groups")));
    }
}

#[tokio::test]
async fn a_secret_is_shown_once_and_the_owner_hears_of_each_key() {
    let world = World::new(Engine::Sqlite).await;
    let made = world.client(As::Administrator).await;
    let made =
        made.post(&keys_of(&world), &json!({ "name": "Lab", "scopes": ["cases.read", "events.read"] })).await;
    let mail = world.server.mail().await;
    assert_eq!(mail.len(), 1);
    assert!(mail[0].contains("administrator created the API key “Lab”"), "{}", mail[0]);
    let secret = made.json["secret"].as_str().unwrap();
    let listed = world.client(As::Owner).await.get(&keys_of(&world)).await;
    assert!(!listed.text.contains(secret) && listed.text.contains(&secret[..14]), "{}", listed.text);
    assert_eq!(listed.json["items"][0]["scopes"], json!(["cases.read", "events.read"]));
    let page = world.client(As::Owner).await.get(&format!("/a/{}/developers", world.account)).await;
    assert!(page.text.contains("Lab") && !page.text.contains(secret), "{}", page.text);
    // Nobody signs in as the author of what it does.
    let nobody = sql!("SELECT count(*) FROM users WHERE password_hash IS NOT NULL AND email = ''");
    assert_eq!(world.server.count(nobody).await, 0);
    for (field, wrong) in [
        ("name", json!({ "name": " ", "scopes": ["cases.read"] })),
        ("scopes", json!({ "name": "X", "scopes": [] })),
        ("groups", json!({ "name": "X", "scopes": ["cases.read"], "groups": [] })),
        (
            "expires_at",
            json!({ "name": "X", "scopes": ["cases.read"], "expires_at": "2020-01-01T00:00:00Z" }),
        ),
    ] {
        let refused = world.client(As::Owner).await.post(&keys_of(&world), &wrong).await;
        assert_eq!((refused.status.as_u16(), &refused.json["errors"][0]["field"]), (422, &json!(field)));
    }
    let odd = world
        .client(As::Owner)
        .await
        .post(&keys_of(&world), &json!({ "name": "X", "scopes": ["all"] }))
        .await;
    assert!(odd.status.is_client_error(), "{}", odd.text);
    let _: Value = odd.json;
}

/// An invitation that a key gave is as good as an administrator's, and ends with the key.
#[tokio::test]
async fn what_a_key_invites_can_be_accepted_until_the_key_ends() {
    for engine in ENGINES {
        let world = World::new(engine).await;
        world.server.leave_mail();
        let (id, program) = key(&world, &[Scope::MembersRead, Scope::MembersWrite], None).await;
        let invite = async |email: &str| {
            let wanted = json!({ "emails": email, "role": "member", "groups": [{ "group": world.group, "role": "member" }] });
            let made =
                program.post(&format!("/api/v1/accounts/{}/invitations", world.account), &wanted).await;
            let link = made.json["outcomes"][0]["link"].as_str().unwrap_or_else(|| panic!("{}", made.text));
            link.rsplit('/').next().unwrap().to_owned()
        };
        let accept = async |token: &str| {
            let person = json!({ "name": "New", "password": crate::support::PASSWORD });
            let path = format!("/api/v1/invitation-links/{token}/accept");
            world.server.anonymous().post(&path, &person).await
        };
        let (first, second) = (invite("a@x.test").await, invite("b@x.test").await);
        let accepted = accept(&first).await;
        assert_eq!(accepted.status, StatusCode::OK, "{engine:?}: {}", accepted.text);
        assert_eq!(accepted.json["group"], world.group.to_string().as_str(), "{}", accepted.text);
        world.client(As::Owner).await.delete(&format!("/api/v1/api-keys/{id}")).await;
        assert_eq!(accept(&second).await.json["code"], "inviter_gone", "{engine:?}");
    }
}

#[tokio::test]
async fn a_key_is_told_its_rate_and_waits_beyond_it() {
    for engine in ENGINES {
        let server = Server::with(engine, |config| config.key_requests_per_minute = 3).await;
        let world = World::on(server).await;
        world.server.leave_mail();
        let (_, program) = key(&world, &[Scope::CasesRead], None).await;
        let (_, other) = key(&world, &[Scope::CasesRead], None).await;
        let case = format!("/api/v1/cases/{}", world.case);
        for left in [2, 1, 0] {
            let answer = program.get(&case).await;
            assert_eq!(answer.status, StatusCode::OK, "{}", answer.text);
            assert_eq!(answer.headers["ratelimit-policy"], "\"key\";q=3;w=60");
            let told = answer.headers["ratelimit"].to_str().unwrap().to_owned();
            assert!(told.starts_with(&format!("\"key\";r={left};t=")), "{told}");
        }
        // Refusals count and tell as well; whatever is asked for, nothing is done.
        let notes = format!("{case}/notes");
        for refused in [program.get(&case).await, program.post(&notes, &json!({ "body": "x" })).await] {
            assert_eq!((refused.status.as_u16(), &refused.json["code"]), (429, &json!("slow_down")));
            let wait = refused.headers["retry-after"].to_str().unwrap().parse::<u32>().unwrap();
            assert!((1..=60).contains(&wait), "{wait}");
            assert_eq!(refused.headers["ratelimit"], format!("\"key\";r=0;t={wait}"));
        }
        assert_eq!(other.get(&case).await.status, StatusCode::OK, "another key has a rate of its own");
        let person = world.client(As::Member).await.get(&case).await;
        assert!(person.status == StatusCode::OK && !person.headers.contains_key("ratelimit"));
        world.server.clock.advance(kernel::clock::MINUTE);
        assert_eq!(program.get(&case).await.status, StatusCode::OK, "{engine:?}: a minute later it goes on");
    }
}
