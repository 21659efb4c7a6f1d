//! What ends with the right that made it, what an archived group and support staff are spared, and what an address
//! proves that no mail reached.

use axum::http::{Method, StatusCode};
use kernel::clock::{DAY, MINUTE};
use serde_json::{Value, json};
use storage::sql;

use crate::support::{
    As, Client, ENGINES, Engine, PASSWORD, Reply, Server, World, handout, link_token, new_client,
};

async fn invite(client: &Client, path: &str, email: &str, role: &str) -> Reply {
    let reply = client.post(path, &json!({ "emails": email, "role": role })).await;
    assert_eq!(reply.json["outcomes"][0]["outcome"], "invited", "{}", reply.text);
    reply
}

fn of_group(world: &World) -> String {
    format!("/api/v1/groups/{}/invitations", world.group)
}

fn of_account(world: &World) -> String {
    format!("/api/v1/accounts/{}/invitations", world.account)
}

async fn states(client: &Client, world: &World) -> Vec<(String, String)> {
    let list = client.get(&of_account(world)).await.json;
    let word = |value: &Value| value.as_str().unwrap().to_owned();
    let items = list["items"].as_array().unwrap().iter();
    let mut found = items.map(|each| (word(&each["email"]), word(&each["state"]))).collect::<Vec<_>>();
    found.sort();
    found
}

#[tokio::test]
async fn a_pending_invitation_is_withdrawn_when_its_giver_may_no_longer_give_it() {
    for engine in ENGINES {
        let world = World::new(engine).await;
        world.server.leave_mail();
        let owner = world.client(As::Owner).await;
        let reserved = sql!("SELECT CAST(sum(reserved) AS BIGINT) FROM license_counts");
        invite(&world.client(As::GroupAdmin).await, &of_group(&world), "a@x.test", "member").await;
        let admin = world.client(As::Administrator).await;
        let by_admin = invite(&admin, &of_account(&world), "b@x.test", "member").await;
        invite(&owner, &of_account(&world), "c@x.test", "member").await;
        assert_eq!(world.server.count(reserved).await, 3);
        let member = |user| format!("/api/v1/groups/{}/members/{user}", world.group);
        owner.put(&member(world.group_admin), &json!({ "role": "member" })).await;
        assert_eq!(world.server.count(reserved).await, 2, "{engine:?}: its license is free at once");
        let demoted = format!("/api/v1/accounts/{}/members/{}", world.account, world.administrator);
        assert!(owner.patch(&demoted, &json!({ "role": "member" })).await.status.is_success());
        let expected = [("a@x.test", "withdrawn"), ("b@x.test", "withdrawn"), ("c@x.test", "pending")];
        let expected = expected.map(|(email, state)| (email.to_owned(), state.to_owned()));
        assert_eq!(states(&owner, &world).await, expected, "{engine:?}");
        assert_eq!(world.server.count(reserved).await, 1);
        // Its link says so; a manager sends it again.
        let token = link_token(by_admin.json["outcomes"][0]["link"].as_str().unwrap(), "invitations");
        let link = world.server.anonymous().get(&format!("/api/v1/invitation-links/{token}")).await;
        assert_eq!(link.json["code"], "inviter_gone", "{}", link.text);
        let id = by_admin.json["outcomes"][0]["invitation"].as_str().unwrap();
        let page = owner.get(&format!("/a/{}/users", world.account)).await;
        assert!(page.text.contains("Withdrawn"), "it stays listed");
        let again = owner.post(&format!("/api/v1/invitations/{id}/resend"), &json!({})).await;
        assert_eq!(again.status, StatusCode::OK, "{}", again.text);
        assert_eq!(world.server.count(reserved).await, 2);
        let token = link_token(again.json["link"].as_str().unwrap(), "invitations");
        let body = json!({ "name": "Bea", "password": PASSWORD });
        let accept = format!("/api/v1/invitation-links/{token}/accept");
        assert_eq!(world.server.anonymous().post(&accept, &body).await.status, StatusCode::OK);
        // Who was removed altogether: the same.
        invite(&owner, &of_account(&world), "d@x.test", "member").await;
        let leave = format!("/api/v1/accounts/{}/members/{}", world.account, world.group_admin);
        assert!(owner.delete(&leave).await.status.is_success());
        assert_eq!(world.server.count(reserved).await, 2, "others' invitations stay");
    }
}

#[tokio::test]
async fn a_shared_link_ends_with_its_makers_membership() {
    for engine in ENGINES {
        let world = World::new(engine).await;
        world.server.leave_mail();
        let owner = world.client(As::Owner).await;
        let made =
            owner.post(&format!("/api/v1/accounts/{}/handouts", world.account), &handout("After")).await;
        let id = made.json["id"].as_str().unwrap_or_else(|| panic!("{}", made.text)).to_owned();
        let share = async |by: As| {
            let path = format!("/api/v1/handouts/{id}/shares");
            let body = json!({ "account": world.account });
            let made = world.client(by).await.post(&path, &body).await;
            let link = made.json["link"].as_str().unwrap_or_else(|| panic!("{}", made.text));
            link.strip_prefix("http://covey.test").unwrap().to_owned()
        };
        let (gone, stays) = (share(As::Member).await, share(As::Owner).await);
        let anonymous = world.server.anonymous();
        assert_eq!(anonymous.get(&gone).await.status, StatusCode::OK);
        let member = format!("/api/v1/accounts/{}/members/{}", world.account, world.member);
        assert!(owner.delete(&member).await.status.is_success());
        let shut = anonymous.get(&gone).await;
        assert!(
            shut.status.is_client_error() && !shut.text.contains("Keep the wound"),
            "{engine:?} {}",
            shut.status
        );
        assert_eq!(anonymous.get(&stays).await.status, StatusCode::OK);
        // It ended for good: coming back opens nothing again.
        let account = world.account;
        let back = world.member;
        let joined = world.server.db().write(async move |tx| {
            workflows::onboarding::join(tx, account, back, access::Role::Member).await
        });
        assert!(joined.await.unwrap());
        assert!(anonymous.get(&gone).await.status.is_client_error(), "{engine:?}");
    }
}

#[tokio::test]
async fn a_kept_answer_holds_no_secret_and_only_its_session_reads_it_again() {
    for engine in ENGINES {
        let world = World::new(engine).await;
        world.server.leave_mail();
        let (owner, other) = (world.client(As::Owner).await, world.client(As::Owner).await);
        let send = async |client: &Client| {
            let headers = [("content-type", "application/json"), ("idempotency-key", "once")];
            let body = json!({ "emails": "new@x.test", "role": "member" }).to_string();
            client.send(Method::POST, &of_account(&world), &headers, body.into()).await
        };
        let first = send(&owner).await;
        let link = first.json["outcomes"][0]["link"].as_str().unwrap().to_owned();
        let kept = world
            .server
            .db()
            .read(async |tx| tx.value::<String>(sql!("SELECT body FROM idempotency_keys"), &[]).await)
            .await
            .unwrap();
        let token = link.rsplit('/').next().unwrap();
        assert!(!kept.contains(token) && !kept.contains("new@x.test"), "{engine:?}: {kept}");
        let again = send(&owner).await;
        assert_eq!((again.status, &again.text), (first.status, &first.text), "the same answer");
        let elsewhere = send(&other).await;
        assert_eq!(
            (elsewhere.status, &elsewhere.json["code"]),
            (StatusCode::CONFLICT, &json!("answered_elsewhere"))
        );
        let count = sql!("SELECT count(*) FROM invitations");
        assert_eq!(world.server.count(count).await, 1, "one effect");
    }
}

#[tokio::test]
async fn support_staff_reach_handouts_and_their_profile_alone() {
    for engine in ENGINES {
        let world = World::new(engine).await;
        let support = world.client(As::Support).await;
        for path in ["/all/cases", "/switch", "/api/v1/cases"] {
            assert_eq!(support.get(path).await.status, StatusCode::FORBIDDEN, "{engine:?} {path}");
            assert!(world.client(As::Member).await.get(path).await.status.is_success(), "{path}");
        }
        let handouts = support.get(&format!("/a/{}/handouts", world.account)).await;
        assert_eq!(handouts.status, StatusCode::OK);
        assert!(!handouts.text.contains("/switch") && !handouts.text.contains("/all/cases"));
        assert_eq!(support.get("/profile").await.status, StatusCode::OK);
    }
}

#[tokio::test]
async fn a_reset_for_nobody_runs_the_same_statements_as_for_someone() {
    for engine in ENGINES {
        let world = World::new(engine).await;
        world.server.leave_mail();
        let client = world.server.anonymous();
        let ask = async |email: &str| {
            let before = world.server.db().statements();
            client.post("/api/v1/password-resets", &json!({ "email": email })).await;
            world.server.db().statements() - before
        };
        assert_eq!(ask("member@riverside.test").await, ask("nobody@riverside.test").await, "{engine:?}");
    }
}

#[tokio::test]
async fn an_archived_group_changes_in_nothing_until_it_is_restored() {
    for engine in ENGINES {
        let world = World::new(engine).await;
        world.server.leave_mail();
        let (owner, admin) = (world.client(As::Owner).await, world.client(As::GroupAdmin).await);
        let member = world.client(As::Member).await;
        let client = new_client(&world.server, world.member, world.account, world.group, "Ada").await;
        let group = format!("/api/v1/groups/{}", world.group);
        assert!(owner.patch(&group, &json!({ "archived": true })).await.status.is_success());
        let location = format!("/api/v1/locations/{}", world.location);
        let case = format!("/api/v1/cases/{}", world.case);
        let before = crate::support::fingerprint(&world.server).await;
        let put = format!("{group}/members/{}", world.elsewhere);
        let wishes: [(&Client, &str, String, Value); 14] = [
            (&owner, "PATCH", group.clone(), json!({ "name": "Other" })),
            (&admin, "PATCH", group.clone(), json!({ "description": "Other" })),
            (&owner, "PATCH", group.clone(), json!({ "archived": true, "name": "Other" })),
            (&owner, "PATCH", location.clone(), json!({ "name": "Other" })),
            (&admin, "PATCH", location.clone(), json!({ "archived": true })),
            (&admin, "DELETE", location.clone(), Value::Null),
            (&owner, "POST", format!("{group}/locations"), json!({ "name": "Other" })),
            (&owner, "PUT", put, json!({ "role": "member" })),
            (&member, "POST", format!("{group}/clients"), json!({ "kind": "owner", "name": "Bo" })),
            (&member, "PATCH", format!("/api/v1/clients/{client}"), json!({ "name": "Other" })),
            (
                &member,
                "POST",
                format!("{group}/client-groups"),
                json!({ "name": "Walkers", "clients": [client] }),
            ),
            (&member, "PATCH", case.clone(), json!({ "name": "Other" })),
            (&member, "POST", format!("{case}/notes"), json!({ "body": "x" })),
            (
                &member,
                "POST",
                format!("/api/v1/clients/{client}/notes"),
                json!({ "service_date": "2026-03-02", "body": "x" }),
            ),
        ];
        for (by, method, path, body) in wishes {
            let refused = by.json(method.parse().unwrap(), &path, &body).await;
            let code = refused.json["code"].as_str().unwrap_or_default();
            assert_eq!(
                (refused.status, code),
                (StatusCode::CONFLICT, "group_archived"),
                "{engine:?} {method} {path}: {}",
                refused.text
            );
        }
        let invite = json!({ "emails": "new@x.test", "role": "member" });
        let refused = owner.post(&format!("{group}/invitations"), &invite).await;
        assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY, "{}", refused.text);
        assert_eq!(crate::support::fingerprint(&world.server).await, before, "{engine:?}");
        let restored = owner.patch(&group, &json!({ "archived": false, "name": "Restored" })).await;
        assert_eq!((restored.status, &restored.json["name"]), (StatusCode::OK, &json!("Restored")));
        assert!(admin.patch(&location, &json!({ "name": "Other" })).await.status.is_success());
    }
}

#[tokio::test]
async fn an_address_is_unproved_until_a_mail_reaches_it() {
    for engine in ENGINES {
        let world = World::new(engine).await;
        world.server.leave_mail();
        let owner = world.client(As::Owner).await;
        // No mail leaves this server, so the owner has the link and could accept it in the person's place.
        let made = invite(&owner, &of_account(&world), "new@x.test", "member").await;
        let token = link_token(made.json["outcomes"][0]["link"].as_str().unwrap(), "invitations");
        let body = json!({ "name": "New", "password": PASSWORD });
        let accept = format!("/api/v1/invitation-links/{token}/accept");
        assert_eq!(world.server.anonymous().post(&accept, &body).await.status, StatusCode::OK);
        let proved = async || {
            let list = owner.get(&format!("/api/v1/accounts/{}/members?limit=100", world.account)).await.json;
            let items = list["items"].as_array().unwrap().clone();
            let of = |email: &str| {
                items.iter().find(|each| each["user"]["email"] == email).unwrap()["address_proved"].clone()
            };
            (of("new@x.test"), of("member@riverside.test"))
        };
        assert_eq!(proved().await, (json!(false), json!(true)), "{engine:?}");
        let page = owner.get(&format!("/a/{}/users", world.account)).await.text;
        assert_eq!(page.matches("Unconfirmed").count(), 1);
        // A link that the operator prints proves nothing; one that left by mail alone does.
        for (mailed, expected) in [(false, false), (true, true)] {
            let link = world.server.db().write(async move |tx| {
                let user = people::users::by_email(tx, "new@x.test").await?.unwrap();
                if !mailed {
                    return people::sign_in::reset_link(tx, user.id, "http://covey.test").await;
                }
                let site = kernel::links::Site {
                    base_url: "http://covey.test".into(),
                    mail_leaves: true,
                    hands_out: true,
                };
                people::sign_in::send_reset(tx, &site, user.id, &user).await.map(|()| String::new())
            });
            let link = link.await.unwrap();
            let mails = world.server.mail().await;
            let mailed = mails.into_iter().rfind(|mail| mail.contains("/password-resets/"));
            let text = if link.is_empty() { mailed.unwrap() } else { link };
            let path = format!("/api/v1/password-resets/{}", link_token(&text, "password-resets"));
            let reset =
                world.server.anonymous().post(&path, &json!({ "password": "fourteen white herons" })).await;
            assert_eq!(reset.status, StatusCode::NO_CONTENT, "{}", reset.text);
            assert_eq!(proved().await.0, json!(expected), "{engine:?}");
        }
    }
}

#[tokio::test]
async fn written_mail_is_removed_once_its_links_are_dead() {
    let world = World::new(Engine::Sqlite).await;
    let client = world.server.anonymous();
    client.post("/api/v1/password-resets", &json!({ "email": "member@riverside.test" })).await;
    assert_eq!(world.server.mail().await.len(), 1);
    let folder = world.server.folder.path().join("mail");
    std::fs::write(folder.join("notes.txt"), "the operator's own").unwrap();
    let transport = platform::jobs::Transport::Folder(folder.clone());
    let files = || std::fs::read_dir(&folder).unwrap().count();
    world.server.clock.advance(7 * DAY - MINUTE);
    assert_eq!(transport.tidy(world.server.clock.now()).unwrap(), 0);
    assert_eq!(files(), 2);
    world.server.clock.advance(2 * MINUTE);
    assert_eq!(transport.tidy(world.server.clock.now()).unwrap(), 1);
    assert_eq!(files(), 1, "what isn't ours stays");
}

#[tokio::test]
async fn whoever_signed_up_by_themselves_writes_no_words_of_their_own_to_outsiders() {
    for engine in ENGINES {
        let server = Server::new(engine).await;
        let anonymous = server.anonymous();
        let sign_up = json!({ "email": "new@x.test", "password": PASSWORD, "name": "Buy at evil.example",
                              "account_name": "Cheap pills at evil.example" });
        assert_eq!(anonymous.post("/api/v1/sign-up", &sign_up).await.status, StatusCode::CREATED);
        let token = link_token(&server.mail().await.join("\n"), "verify");
        let verified =
            anonymous.post(&format!("/api/v1/verify/{token}"), &json!({ "password": PASSWORD })).await;
        let owner = Client { token: verified.json["token"].as_str().map(str::to_owned), ..anonymous };
        let me = owner.get("/api/v1/me").await.json;
        let account = me["accounts"][0]["account"]["id"].as_str().unwrap().to_owned();
        let more = server.db().write(async |tx| {
            tx.exec(sql!("UPDATE license_counts SET total = 30 WHERE kind = 'license'"), &[]).await
        });
        more.await.unwrap();
        let made = owner.post(&format!("/api/v1/accounts/{account}/handouts"), &handout("Pills")).await;
        let shares = format!("/api/v1/handouts/{}/shares", made.json["id"].as_str().unwrap());
        let letter = json!({ "email": "stranger@y.test", "message": "Visit evil.example" });
        let refused = owner.post(&shares, &letter).await;
        assert_eq!(refused.json["code"], "practice_unconfirmed", "{engine:?}: {}", refused.text);
        assert_eq!(
            owner.post(&shares, &json!({})).await.status,
            StatusCode::CREATED,
            "a link to hand over is fine"
        );
        let invitations = format!("/api/v1/accounts/{account}/invitations");
        let many = (0..14).map(|number| format!("p{number}@y.test")).collect::<Vec<_>>().join(" ");
        let sent = owner.post(&invitations, &json!({ "emails": many, "role": "member" })).await;
        let outcomes = sent.json["outcomes"].as_array().unwrap();
        let of = |word: &str| outcomes.iter().filter(|each| each["outcome"] == word).count();
        assert_eq!((of("invited"), of("enough_mail")), (10, 4), "{engine:?}: {}", sent.text);
        let mails = server.mail().await;
        assert_eq!(mails.len(), 11);
        assert!(!mails.join("\n").contains("evil"), "{engine:?}: {}", mails.join("\n"));
        let page = owner.get(&format!("/a/{account}/invite")).await;
        assert!(page.text.contains("Until your practice is confirmed"), "and the page says so");
        // The operator confirms it: now it says who it is.
        let id = account.parse().unwrap();
        let admitted = server.db().write(async move |tx| people::accounts::admit(tx, id).await);
        assert!(admitted.await.unwrap());
        assert_eq!(owner.post(&shares, &letter).await.status, StatusCode::CREATED);
        let sent = owner.post(&invitations, &json!({ "emails": "late@y.test", "role": "member" })).await;
        assert_eq!(sent.json["outcomes"][0]["outcome"], "invited");
        assert!(server.mail().await.last().unwrap().contains("evil.example"));
    }
}

#[tokio::test]
async fn administrators_of_a_group_add_groups_only_where_the_account_lets_them() {
    for engine in ENGINES {
        let world = World::new(engine).await;
        let (owner, admin) = (world.client(As::Owner).await, world.client(As::GroupAdmin).await);
        let (groups, account) = (
            format!("/api/v1/accounts/{}/groups", world.account),
            format!("/api/v1/accounts/{}", world.account),
        );
        let new = json!({ "name": "Third", "administrator_email": "new@riverside.test" });
        assert_eq!(
            admin.post(&groups, &new).await.status,
            StatusCode::FORBIDDEN,
            "{engine:?}: off by default"
        );
        let home = format!("/g/{}", world.group);
        assert!(!admin.get(&home).await.text.contains("Add another group"));
        assert_eq!(
            admin.patch(&account, &json!({ "group_admins_add_groups": true })).await.status,
            StatusCode::FORBIDDEN
        );
        let set = owner.patch(&account, &json!({ "group_admins_add_groups": true })).await;
        assert_eq!(set.json["group_admins_add_groups"], true, "{}", set.text);
        for who in [As::Member, As::Elsewhere, As::Support] {
            let refused = world.client(who).await.post(&groups, &new).await;
            assert_eq!(refused.status, StatusCode::FORBIDDEN, "{engine:?}: {who:?}");
        }
        assert_eq!(world.client(As::Stranger).await.post(&groups, &new).await.status, StatusCode::NOT_FOUND);

        // They become its administrator, name another one, and see no other group for it.
        assert!(admin.get(&home).await.text.contains("Add another group"));
        let made = admin.post(&groups, &new).await;
        assert_eq!(made.json["administrator"]["outcome"], "invited", "{}", made.text);
        let third = format!("/api/v1/groups/{}", made.json["id"].as_str().unwrap());
        assert_eq!(admin.get(&third).await.status, StatusCode::OK);
        let invited = admin
            .post(&format!("{third}/invitations"), &json!({ "emails": "b@x.test", "role": "member" }))
            .await;
        assert_eq!(invited.json["outcomes"][0]["outcome"], "invited", "{}", invited.text);
        let other = format!("/api/v1/groups/{}", world.other_group);
        assert_eq!(admin.get(&other).await.status, StatusCode::NOT_FOUND);
        assert_eq!(world.client(As::Member).await.get(&third).await.status, StatusCode::NOT_FOUND);
        let mails = world.server.mail().await;
        for to in ["owner@riverside.test", "administrator@riverside.test"] {
            let told =
                mails.iter().any(|mail| mail.starts_with(to) && mail.contains("added the group Third"));
            assert!(told, "{engine:?}: {to} hears of it: {mails:?}");
        }

        // Off again, or no longer administrator of any group: refused at once.
        let member = json!({ "role": "member" });
        for group in [&third, &format!("/api/v1/groups/{}", world.group)] {
            let path = format!("{group}/members/{}", world.group_admin);
            assert!(owner.put(&path, &member).await.status.is_success());
        }
        let fourth = json!({ "name": "Fourth" });
        assert_eq!(admin.post(&groups, &fourth).await.status, StatusCode::FORBIDDEN, "{engine:?}");
        world.server.leave_mail();
    }
}
