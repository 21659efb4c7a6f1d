//! What the main job's routes do, beyond who may call them.

use axum::http::{Method, StatusCode};
use kernel::clock::{DAY, HOUR};
use serde_json::{Value, json};
use storage::sql;

use crate::support::{As, Client, ENGINES, Engine, PASSWORD, PNG, World, specs::Extras};

fn outcome_of<'a>(reply: &'a Value, email: &str) -> &'a Value {
    reply["outcomes"]
        .as_array()
        .unwrap()
        .iter()
        .find(|one| one["email"] == email)
        .unwrap_or_else(|| panic!("{email}"))
}

#[tokio::test]
async fn each_address_has_its_own_outcome_and_the_good_ones_are_not_held_up() {
    for engine in ENGINES {
        let world = World::new(engine).await;
        world.server.leave_mail();
        let admin = world.client(As::GroupAdmin).await;
        let path = format!("/api/v1/groups/{}/invitations", world.group);
        let block = "new@x.test, NEW@x.test; nonsense non@sense\nmember@riverside.test elsewhere@riverside.test support@riverside.test";
        let reply = admin.post(&path, &json!({ "emails": block, "role": "member" })).await;
        assert_eq!(reply.status, StatusCode::OK, "{}", reply.text);
        assert_eq!(reply.json["outcomes"].as_array().unwrap().len(), 5, "repeats fold");
        for (email, outcome) in [
            ("new@x.test", "invited"),
            ("non@sense", "not_an_address"),
            ("member@riverside.test", "already_member"),
            ("elsewhere@riverside.test", "added"),
            ("support@riverside.test", "already_member"),
        ] {
            assert_eq!(outcome_of(&reply.json, email)["outcome"], outcome, "{engine:?} {email}");
        }
        let again = admin.post(&path, &json!({ "emails": ["new@x.test"], "role": "member" })).await;
        assert_eq!(outcome_of(&again.json, "new@x.test")["outcome"], "already_invited");
    }
}

#[tokio::test]
async fn ten_thousand_addresses_at_once_each_get_their_outcome_and_more_are_refused() {
    let world = World::new(Engine::Sqlite).await;
    world.server.leave_mail();
    let owner = world.client(As::Owner).await;
    let path = format!("/api/v1/accounts/{}/invitations", world.account);
    let block = |many: usize| (0..many).map(|i| format!("p{i}@x.test")).collect::<Vec<_>>().join("\n");
    let reply = owner.post(&path, &json!({ "emails": block(10_000), "role": "member" })).await;
    assert_eq!(reply.status, StatusCode::OK, "{}", &reply.text[..200]);
    assert_eq!(reply.json["outcomes"].as_array().unwrap().len(), 10_000);
    assert_eq!(world.server.count(sql!("SELECT count(*) FROM invitations")).await, 10_000);
    assert_eq!(world.server.count(sql!("SELECT count(*) FROM outbox")).await, 10_000);
    let more = owner.post(&path, &json!({ "emails": block(10_001), "role": "member" })).await;
    assert_eq!(more.status, StatusCode::UNPROCESSABLE_ENTITY);
}

async fn accept(client: &Client, token: &str, body: Value) -> crate::support::Reply {
    client.post(&format!("/api/v1/invitation-links/{token}/accept"), &body).await
}

fn newcomer() -> Value {
    json!({ "name": "New Comer", "password": PASSWORD })
}

#[tokio::test]
async fn a_link_survives_a_hundred_scanners_and_lands_its_person_in_the_group() {
    for engine in ENGINES {
        let world = World::new(engine).await;
        let extras = Extras::make(&world).await;
        let client = world.server.anonymous();
        for _ in 0..100 {
            let looked = client.get(&format!("/api/v1/invitation-links/{}", extras.token)).await;
            assert_eq!(looked.status, StatusCode::OK);
        }
        let accepted = accept(&client, &extras.token, newcomer()).await;
        assert_eq!(accepted.status, StatusCode::OK, "{}", accepted.text);
        assert_eq!(accepted.json["group"], json!(world.group));
        let token = accepted.json["session"]["token"].as_str().map(str::to_owned);
        let person = Client { token, ..client.clone() };
        assert_eq!(person.get(&format!("/api/v1/cases/{}", world.case)).await.status, StatusCode::OK);
        let again = accept(&client, &extras.token, newcomer()).await;
        assert_eq!(
            (again.status, &again.json["code"]),
            (StatusCode::CONFLICT, &json!("invitation_accepted"))
        );
    }
}

#[tokio::test]
async fn expired_replaced_canceled_and_cut_links_explain_themselves() {
    let world = World::new(Engine::Sqlite).await;
    world.server.leave_mail();
    let extras = Extras::make(&world).await;
    let client = world.server.anonymous();
    let code = async |token: &str| {
        accept(&client, token, newcomer()).await.json["code"].as_str().unwrap().to_owned()
    };
    assert_eq!(code(&extras.token[..20]).await, "link_unknown");
    let admin = world.client(As::GroupAdmin).await;
    let resent = admin.post(&format!("/api/v1/invitations/{}/resend", extras.invitation), &Value::Null).await;
    assert_eq!(code(&extras.token).await, "link_replaced");
    let link = resent.json["link"].as_str().unwrap().rsplit('/').next().unwrap().to_owned();
    world.server.clock.advance(7 * DAY);
    assert_eq!(code(&link).await, "invitation_expired");
    let owner = world.client(As::Owner).await;
    let list = owner.get(&format!("/api/v1/accounts/{}/invitations?state=expired", world.account)).await;
    assert!(list.text.contains(&extras.invitation), "expired ones stay listed");
    let owner_resent =
        owner.post(&format!("/api/v1/invitations/{}/resend", extras.invitation), &Value::Null).await;
    let link = owner_resent.json["link"].as_str().unwrap().rsplit('/').next().unwrap().to_owned();
    assert!(owner.delete(&format!("/api/v1/invitations/{}", extras.invitation)).await.status.is_success());
    assert_eq!(code(&link).await, "invitation_canceled");
}

#[tokio::test]
async fn nobody_gains_by_acceptance_what_the_giver_has_lost() {
    let world = World::new(Engine::Sqlite).await;
    world.server.leave_mail();
    let admin = world.client(As::GroupAdmin).await;
    let invite = json!({ "emails": "late@x.test", "role": "administrator" });
    let made = admin.post(&format!("/api/v1/groups/{}/invitations", world.group), &invite).await;
    let link = made.json["outcomes"][0]["link"].as_str().unwrap().rsplit('/').next().unwrap().to_owned();
    let owner = world.client(As::Owner).await;
    owner.delete(&format!("/api/v1/accounts/{}/members/{}", world.account, world.group_admin)).await;
    let refused = accept(&world.server.anonymous(), &link, newcomer()).await;
    assert_eq!((refused.status, &refused.json["code"]), (StatusCode::CONFLICT, &json!("inviter_gone")));
}

#[tokio::test]
async fn a_group_administrator_gives_plain_membership_of_their_own_group_alone() {
    let world = World::new(Engine::Sqlite).await;
    let admin = world.client(As::GroupAdmin).await;
    let account = format!("/api/v1/accounts/{}/invitations", world.account);
    let other = format!("/api/v1/groups/{}/invitations", world.other_group);
    assert_eq!(admin.post(&account, &json!({ "emails": "a@x.test", "role": "member" })).await.status, 403);
    assert_eq!(admin.post(&other, &json!({ "emails": "a@x.test", "role": "member" })).await.status, 404);
    let administrator = world.client(As::Administrator).await;
    let owner_role = administrator.post(&account, &json!({ "emails": "a@x.test", "role": "owner" })).await;
    assert_eq!(owner_role.status, StatusCode::UNPROCESSABLE_ENTITY);
    let foreign = json!([{ "group": world.hillside_group, "role": "member" }]);
    let reply = administrator
        .post(&account, &json!({ "emails": "a@x.test", "role": "member", "groups": foreign }))
        .await;
    assert_eq!(reply.json["errors"][0]["field"], "groups[0].group", "a group of another account");
}

#[tokio::test]
async fn a_known_person_accepts_signed_in_and_under_the_invited_address_only() {
    let world = World::new(Engine::Sqlite).await;
    world.server.leave_mail();
    let invite = json!({ "emails": "stranger@riverside.test", "role": "member" });
    let owner = world.client(As::Owner).await;
    let made = owner.post(&format!("/api/v1/accounts/{}/invitations", world.account), &invite).await;
    let link = made.json["outcomes"][0]["link"].as_str().unwrap().rsplit('/').next().unwrap().to_owned();
    assert_eq!(
        world.server.anonymous().get(&format!("/api/v1/invitation-links/{link}")).await.json["known"],
        true
    );
    let unknown = accept(&world.server.anonymous(), &link, newcomer()).await;
    assert_eq!(
        (unknown.status, &unknown.json["code"]),
        (StatusCode::UNAUTHORIZED, &json!("sign_in_to_accept"))
    );
    let wrong = accept(&world.client(As::Member).await, &link, json!({})).await;
    assert_eq!((wrong.status, &wrong.json["code"]), (StatusCode::FORBIDDEN, &json!("another_address")));
    assert!(wrong.json["detail"].as_str().unwrap().contains("stranger@riverside.test"));
    let right = accept(&world.client(As::Stranger).await, &link, json!({})).await;
    assert_eq!(right.status, StatusCode::OK, "{}", right.text);
    let me = world.client(As::Stranger).await.get("/api/v1/me").await;
    assert_eq!(me.json["accounts"].as_array().unwrap().len(), 2, "one person, two accounts");
}

#[tokio::test]
async fn removal_ends_everything_at_once_and_tells_the_person() {
    for engine in ENGINES {
        let world = World::new(engine).await;
        let member = world.client(As::Member).await;
        let admin = world.client(As::Administrator).await;
        let path = format!("/api/v1/accounts/{}/members/{}", world.account, world.member);
        assert_eq!(admin.delete(&path).await.status, StatusCode::NO_CONTENT);
        for hidden in [
            format!("/api/v1/cases/{}", world.case),
            format!("/api/v1/groups/{}", world.group),
            format!("/api/v1/accounts/{}", world.account),
        ] {
            assert_eq!(member.get(&hidden).await.status, StatusCode::NOT_FOUND);
        }
        assert_eq!(member.get("/api/v1/me").await.json["accounts"], json!([]), "their sign-in stays");
        let mails = world.server.mail().await;
        assert!(
            mails
                .iter()
                .any(|mail| mail.starts_with("member@riverside.test\nYou were removed from Riverside"))
        );
        let gone = admin.get(&format!("/api/v1/accounts/{}/members?state=removed", world.account)).await;
        assert_eq!(gone.json["items"][0]["user"]["email"], "member@riverside.test");
    }
}

#[tokio::test]
async fn a_case_keeps_its_group_when_its_maker_leaves_and_history_says_who_saw_it() {
    for engine in ENGINES {
        let world = World::new(engine).await;
        let admin = world.client(As::GroupAdmin).await;
        let then = world.server.clock.now();
        world.server.clock.advance(HOUR);
        admin.delete(&format!("/api/v1/groups/{}/members/{}", world.group, world.member)).await;
        let mails = world.server.mail().await;
        assert_eq!(mails.len(), 1, "{mails:?}");
        assert!(
            mails[0].starts_with("member@riverside.test\nYou were removed from Alder Creek"),
            "{mails:?}"
        );
        world.server.clock.advance(HOUR);
        let path = format!("/api/v1/cases/{}/access", world.case);
        let names = |reply: &crate::support::Reply| {
            let items = reply.json["items"].as_array().unwrap_or_else(|| panic!("{}", reply.text)).clone();
            let mut names = items
                .iter()
                .map(|item| item["user"]["name"].as_str().unwrap().to_owned())
                .collect::<Vec<_>>();
            names.sort();
            names
        };
        let now = admin.get(&path).await;
        assert_eq!(names(&now), ["administrator", "group_admin", "owner"], "{engine:?}");
        assert_eq!(now.json["items"][0]["why"], "administrator of Alder Creek", "members of the group first");
        assert_eq!(now.json["items"][1]["read_only"], true);
        let at = admin.get(&format!("{path}?at={then}")).await;
        assert_eq!(names(&at), ["administrator", "group_admin", "member", "owner"]);
        let before = admin.get(&format!("{path}?at=2020-01-01")).await;
        assert_eq!(before.json["items"], json!([]), "before it existed, nobody");
        assert_eq!(
            admin.get(&format!("/api/v1/cases/{}", world.case)).await.json["group"]["name"],
            "Alder Creek"
        );
    }
}

#[tokio::test]
async fn the_combined_view_names_the_group_of_every_row_and_pages_are_stable() {
    for engine in ENGINES {
        let world = World::new(engine).await;
        let (account, other, member, owner) = (world.account, world.other_group, world.member, world.owner);
        world
            .server
            .db()
            .write(async move |tx| {
                people::groups::add(tx, account, other, member, access::GroupRole::Member, owner).await
            })
            .await
            .unwrap();
        for i in 0..30 {
            let (group, location) = [(world.group, world.location), (other, world.other_location)][i % 2];
            crate::support::new_case(
                &world.server,
                member,
                group,
                location,
                world.protocol,
                &format!("Case {i}"),
            )
            .await;
            world.server.clock.advance(1000);
        }
        let client = world.client(As::Member).await;
        let (mut seen, mut cursor) = (Vec::new(), String::new());
        loop {
            let page = client.get(&format!("/api/v1/cases?limit=7{cursor}")).await.json;
            for item in page["items"].as_array().unwrap() {
                assert!(item["group"]["name"].is_string());
                seen.push(item["id"].as_str().unwrap().to_owned());
            }
            let Some(next) = page["next_cursor"].as_str() else { break };
            cursor = format!("&cursor={next}");
        }
        assert_eq!(seen.len(), 32, "{engine:?}");
        assert!(seen.is_sorted_by(|a, b| a > b), "newest first, each once");
        let found = client.get("/api/v1/cases?q=case+1").await.json["items"].as_array().unwrap().len();
        assert_eq!(found, 11);
    }
}

#[tokio::test]
async fn a_group_needs_a_location_and_a_location_belongs_to_its_group() {
    let world = World::new(Engine::Sqlite).await;
    let client = world.client(As::Member).await;
    let path = format!("/api/v1/groups/{}/cases", world.group);
    let foreign = json!({ "protocol": world.protocol, "location": world.other_location });
    let refused = client.post(&path, &foreign).await;
    assert_eq!(
        (refused.status, &refused.json["errors"][0]["field"]),
        (StatusCode::UNPROCESSABLE_ENTITY, &json!("location"))
    );
    let admin = world.client(As::GroupAdmin).await;
    admin.delete(&format!("/api/v1/locations/{}", world.location)).await;
    let archived = json!({ "protocol": world.protocol, "location": world.location });
    assert_eq!(client.post(&path, &archived).await.status, StatusCode::UNPROCESSABLE_ENTITY, "archived");
    let keeps = client.patch(&format!("/api/v1/cases/{}", world.case), &json!({ "name": "Bella II" })).await;
    assert_eq!(keeps.status, StatusCode::OK, "its cases keep it");
    let twin =
        admin.post(&format!("/api/v1/groups/{}/locations", world.group), &json!({ "name": "PARLOUR" })).await;
    assert_eq!(twin.json["errors"][0]["field"], "name");
}

#[tokio::test]
async fn edits_say_when_somebody_was_faster() {
    for engine in ENGINES {
        let world = World::new(engine).await;
        let client = world.client(As::Member).await;
        let path = format!("/api/v1/cases/{}", world.case);
        let tag = client.get(&path).await.headers["etag"].to_str().unwrap().to_owned();
        let send = async |name: &str| {
            let headers = [("content-type", "application/json"), ("if-match", tag.as_str())];
            client.send(Method::PATCH, &path, &headers, json!({ "name": name }).to_string().into()).await
        };
        assert_eq!(send("First").await.status, StatusCode::OK, "{engine:?}");
        assert_eq!(send("Second").await.status, StatusCode::PRECONDITION_FAILED);
        assert_eq!(client.get(&path).await.json["name"], "First");
    }
}

#[tokio::test]
async fn files_are_told_by_their_bytes_limited_and_served_where_nothing_runs() {
    for engine in ENGINES {
        let world = World::new(engine).await;
        let client = world.client(As::Member).await;
        let path = format!("/api/v1/cases/{}/files", world.case);
        let kept = client.upload(&path, "../x ray.png", PNG).await;
        assert_eq!(
            (kept.status, &kept.json["name"]),
            (StatusCode::CREATED, &json!("x ray.png")),
            "{}",
            kept.text
        );
        let file = format!("/api/v1/files/{}", kept.json["id"].as_str().unwrap());
        let opened = client.get(&file).await;
        assert_eq!(opened.headers["content-type"], "image/png");
        assert_eq!(opened.headers["content-security-policy"], "default-src 'none'; sandbox");
        assert_eq!(opened.headers["x-content-type-options"], "nosniff");
        for bad in [&b"<script>alert(1)</script>"[..], b"MZ\x90", b""] {
            assert_eq!(client.upload(&path, "x.png", bad).await.status, StatusCode::UNPROCESSABLE_ENTITY);
        }
        let mut large = PNG.to_vec();
        large.resize(usize::try_from(world.server.app.config.file_limit() + 1).unwrap(), 0);
        let refused = client.upload(&path, "x.png", &large).await;
        assert_eq!(refused.status, StatusCode::PAYLOAD_TOO_LARGE, "{}", refused.text);
        assert_eq!(client.get(&path).await.json["items"].as_array().unwrap().len(), 1);
        assert_eq!(client.delete(&file).await.status, StatusCode::NO_CONTENT);
        assert_eq!(client.get(&file).await.status, StatusCode::NOT_FOUND);
    }
}

#[tokio::test]
async fn an_archived_group_is_read_and_not_written() {
    let world = World::new(Engine::Sqlite).await;
    let owner = world.client(As::Owner).await;
    let group = format!("/api/v1/groups/{}", world.group);
    assert_eq!(owner.patch(&group, &json!({ "archived": true })).await.status, StatusCode::OK);
    let member = world.client(As::Member).await;
    assert_eq!(member.get(&format!("/api/v1/cases/{}", world.case)).await.status, StatusCode::OK);
    let note = member.post(&format!("/api/v1/cases/{}/notes", world.case), &json!({ "body": "x" })).await;
    assert_eq!((note.status, &note.json["code"]), (StatusCode::CONFLICT, &json!("group_archived")));
    assert_eq!(owner.delete(&group).await.json["code"], "group_has_cases");
    assert_eq!(owner.patch(&group, &json!({ "archived": false })).await.status, StatusCode::OK);
    let note = member.post(&format!("/api/v1/cases/{}/notes", world.case), &json!({ "body": "x" })).await;
    assert_eq!(note.status, StatusCode::CREATED);
}

#[tokio::test]
async fn creating_a_group_adds_a_member_as_its_administrator_or_invites_them() {
    let world = World::new(Engine::Sqlite).await;
    world.server.leave_mail();
    let owner = world.client(As::Owner).await;
    let path = format!("/api/v1/accounts/{}/groups", world.account);
    let known =
        json!({ "name": "Third", "administrator_email": "Member@riverside.test", "description": "x" });
    let made = owner.post(&path, &known).await;
    assert_eq!((made.status, &made.json["administrator"]["outcome"]), (StatusCode::CREATED, &json!("added")));
    let member = world.client(As::Member).await;
    let add = format!("/api/v1/groups/{}/locations", made.json["id"].as_str().unwrap());
    assert_eq!(member.post(&add, &json!({ "name": "Shed" })).await.status, StatusCode::CREATED);
    let unknown = json!({ "name": "Fourth", "administrator_email": "boss@x.test" });
    let made = owner.post(&path, &unknown).await;
    assert_eq!(made.json["administrator"]["outcome"], "invited");
    assert_eq!(made.json["pending_invitations"], 1);
    let twin = owner.post(&path, &json!({ "name": "  fourth " })).await;
    assert_eq!(twin.json["errors"][0]["field"], "name");
}

/// Bad JSON, wrong types, odd text: 4xx that name the field, never 5xx, nothing half-done.
#[tokio::test]
async fn bad_input_is_refused_by_name() {
    let world = World::new(Engine::Sqlite).await;
    let owner = world.client(As::Owner).await;
    let groups = format!("/api/v1/accounts/{}/groups", world.account);
    let send = async |body: &str| {
        owner
            .send(Method::POST, &groups, &[("content-type", "application/json")], body.to_owned().into())
            .await
    };
    for (body, field) in [
        ("{", "body"),
        ("[]", "body"),
        ("{\"name\":7}", "name"),
        ("{\"name\":\"A\",\"color\":\"red\"}", "color"),
        ("{}", "name"),
        ("{\"name\":\"\"}", "name"),
        ("{\"name\":\"a\\u0000b\"}", "name"),
        ("{\"name\":\"a\\u202eb\"}", "name"),
        ("{\"name\":\"A\"} trailing", "body"),
    ] {
        let reply = send(body).await;
        assert_eq!(reply.status, StatusCode::UNPROCESSABLE_ENTITY, "{body}: {}", reply.text);
        assert_eq!(reply.json["errors"][0]["field"], field, "{body}: {}", reply.text);
        assert_eq!(reply.headers["content-type"], "application/problem+json");
    }
    let long = json!({ "name": "n".repeat(300) }).to_string();
    assert!(send(&long).await.text.contains("300"));
    assert!(send(&format!("{{\"name\":\"{}\"}}", "x".repeat(3 << 20))).await.status.is_client_error());
    for name in ["عيادة النيل", "Happy 🐄 Farm", &"ñ".repeat(200)] {
        assert_eq!(send(&json!({ "name": name }).to_string()).await.status, StatusCode::CREATED, "{name}");
    }
    for query in ["limit=0", "limit=101", "limit=x", "cursor=x", "status=lost", "unknown=1", "location=cas_1"]
    {
        let reply = owner.get(&format!("/api/v1/groups/{}/cases?{query}", world.group)).await;
        assert_eq!(reply.status, StatusCode::UNPROCESSABLE_ENTITY, "{query}: {}", reply.text);
    }
    let wrong = owner.send(Method::POST, &groups, &[("content-type", "text/plain")], "{}".into()).await;
    assert_eq!(wrong.status, StatusCode::UNSUPPORTED_MEDIA_TYPE);
    assert_eq!(owner.get("/api/v1/nothing").await.status, StatusCode::NOT_FOUND);
    let method = owner.put("/api/v1/me", &json!({})).await;
    assert_eq!(method.status, StatusCode::METHOD_NOT_ALLOWED);
    assert_eq!(method.headers["allow"], "PATCH,GET,HEAD");
}

#[tokio::test]
async fn the_api_document_covers_every_route_and_is_reviewed() {
    let world = World::new(Engine::Sqlite).await;
    let document = world.server.anonymous().get("/api/openapi.json").await.json;
    assert_eq!(document["openapi"], "3.1.0");
    for route in covey::routes::all().iter().filter(|route| route.path.starts_with("/api/v1/")) {
        let operation = &document["paths"][route.path.trim_start_matches("/api/v1")]
            [route.method.as_str().to_lowercase()];
        assert_eq!(operation["summary"], route.about, "{} {}", route.method, route.path);
        assert_eq!(operation["operationId"], route.id, "{} {}", route.method, route.path);
    }
    let schemas = document["components"]["schemas"].as_object().unwrap().keys().cloned().collect::<Vec<_>>();
    let text = document.to_string();
    for name in text.split("#/components/schemas/").skip(1).map(|rest| rest.split('"').next().unwrap()) {
        assert!(schemas.iter().any(|known| known == name), "{name} is named but not described");
    }
    insta::assert_json_snapshot!("openapi", document);
}

#[test]
fn every_operation_has_a_name_of_its_own_under_a_heading() {
    let mut known = std::collections::BTreeSet::new();
    for route in covey::routes::all() {
        let of_the_api = route.path.starts_with("/api/v1/");
        assert_eq!(!route.id.is_empty(), of_the_api, "{} {}", route.method, route.path);
        if of_the_api {
            assert!(!route.tag.is_empty(), "{} is under no heading", route.path);
            assert!(route.id.starts_with(|c: char| c.is_ascii_lowercase()), "{}", route.id);
            assert!(route.id.chars().all(|c| c.is_ascii_alphanumeric()), "{}", route.id);
            assert!(known.insert(route.id), "{} is there twice", route.id);
        }
    }
}

#[test]
fn every_example_can_be_read_and_names_what_there_is() {
    for route in covey::routes::all() {
        let of_the_api = route.path.starts_with("/api/v1/");
        if route.notes.body.iter().any(|body| body.media == "application/json")
            && route.path != "/api/v1/webhooks/stripe"
        {
            assert!(route.example.is_some(), "{} {} shows no request", route.method, route.path);
        }
        let Some(example) = route.example else { continue };
        let shown = web::example::fill(example, web::example::id);
        for name in shown.split('{').skip(1).filter_map(|rest| Some(rest.split_once('}')?.0)) {
            let a_word = !name.is_empty() && name.chars().all(|c| c.is_ascii_lowercase() || c == '_');
            assert!(!a_word || route.path.contains("/introduc"), "{}: nothing is called {name}", route.path);
        }
        if of_the_api && route.method != Method::GET {
            serde_json::from_str::<Value>(&shown).unwrap_or_else(|error| panic!("{}: {error}", route.path));
        }
    }
}

/// Paths are given away: by browsers' histories, by proxies. What is secret in one is called so.
#[test]
fn nothing_in_a_path_is_secret_but_tokens() {
    for route in covey::routes::all() {
        for part in route.parts() {
            let an_id = web::example::id(part).is_some();
            let of_an_asset = route.path == "/assets/{hash}/{name}";
            assert!(an_id || of_an_asset || part == "token", "{} holds {part}, which is no id", route.path);
        }
    }
    let mut tokens = 0;
    for file in sources(std::path::Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/crates"))) {
        let code = std::fs::read_to_string(&file).unwrap();
        for name in code.split("may.text(\"").skip(1).map(|rest| rest.split('"').next().unwrap()) {
            let known = ["token", "format"].contains(&name) || file.ends_with("web/src/assets.rs");
            assert!(known, "{} reads {name} as a text, so it may be anything", file.display());
            tokens += usize::from(name == "token");
        }
    }
    assert!(tokens > 10, "{tokens}");
}

pub fn sources(folder: &std::path::Path) -> Vec<std::path::PathBuf> {
    let entries = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let (folders, files) = entries.partition::<Vec<_>, _>(|path| path.is_dir());
    let code = files.into_iter().filter(|path| path.extension().is_some_and(|ending| ending == "rs"));
    code.chain(folders.iter().flat_map(|folder| sources(folder))).collect()
}

#[tokio::test]
async fn ownership_is_offered_and_accepted_never_taken() {
    for engine in ENGINES {
        let world = World::new(engine).await;
        let owner = world.client(As::Owner).await;
        let member = world.client(As::Member).await;
        let api = format!("/api/v1/accounts/{}", world.account);
        let offer = owner.post(&format!("{api}/ownership-transfers"), &json!({ "to": world.member })).await;
        let id = offer.json["id"].as_str().unwrap().to_owned();
        let accept = format!("/api/v1/ownership-transfers/{id}/accept");
        assert_eq!(owner.post(&accept, &Value::Null).await.status, StatusCode::FORBIDDEN);
        assert_eq!(member.post(&accept, &Value::Null).await.status, StatusCode::NO_CONTENT);
        assert_eq!(member.get("/api/v1/me").await.json["accounts"][0]["role"], "owner", "{engine:?}");
        assert_eq!(owner.get("/api/v1/me").await.json["accounts"][0]["role"], "administrator");
        let mails = world.server.mail().await.join("\n");
        assert!(mails.contains("offered you ownership") && mails.contains("is now the owner"));
        let left = owner.delete(&format!("{api}/members/{}", world.owner)).await;
        assert_eq!(left.status, StatusCode::NO_CONTENT, "the old owner may leave now");
        assert_eq!(
            member.delete(&format!("{api}/members/{}", world.member)).await.json["code"],
            "owner_stays"
        );
    }
}

#[tokio::test]
async fn support_staff_see_their_profile_and_nothing_else() {
    let world = World::new(Engine::Sqlite).await;
    world.server.leave_mail();
    let support = world.client(As::Support).await;
    let me = support.get("/api/v1/me").await;
    assert_eq!(me.json["accounts"][0]["groups"], json!([]));
    assert_eq!(support.get("/api/v1/cases").await.json["code"], "support_staff");
    for path in [
        format!("/api/v1/accounts/{}/groups", world.account),
        format!("/api/v1/accounts/{}/protocols", world.account),
        format!("/api/v1/groups/{}", world.group),
        format!("/api/v1/cases/{}", world.case),
    ] {
        assert_eq!(support.get(&path).await.status, StatusCode::NOT_FOUND, "{path}");
    }
    let put = format!("/api/v1/groups/{}/members/{}", world.group, world.support);
    let refused = world.client(As::Owner).await.put(&put, &json!({ "role": "member" })).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    let of = |user| format!("/api/v1/accounts/{}/members/{user}", world.account);
    let owner = world.client(As::Owner).await;
    owner.delete(&of(world.support)).await;
    owner.patch(&of(world.member), &json!({ "role": "support_staff" })).await;
    let member = world.client(As::Member).await;
    assert_eq!(member.get(&format!("/api/v1/cases/{}", world.case)).await.status, StatusCode::NOT_FOUND);
}
