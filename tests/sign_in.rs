//! Signing in: proof of address, no enumeration, throttling, sessions, links.

use axum::http::{Method, StatusCode};
use kernel::clock::{DAY, HOUR, MINUTE};
use serde_json::{Value, json};

use crate::support::{As, Client, Engine, PASSWORD, Reply, Server, World, link_token};

async fn with_password(world: &World, user: kernel::id::UserId) {
    let hash = world.server.app.passwords.hash(PASSWORD).await.unwrap();
    world
        .server
        .db()
        .write(async move |tx| people::users::set_password(tx, user, &hash).await)
        .await
        .unwrap();
}

async fn sign_in(client: &Client, email: &str, password: &str) -> Reply {
    client.post("/api/v1/sign-in", &json!({ "email": email, "password": password })).await
}

fn sign_up(email: &str, password: &str) -> Value {
    json!({ "email": email, "password": password, "name": "Some One", "account_name": "One's practice" })
}

#[tokio::test]
async fn a_sign_up_is_nothing_until_its_link_and_its_password_meet() {
    for engine in crate::support::ENGINES {
        let server = Server::new(engine).await;
        let client = server.anonymous();
        assert_eq!(
            client.post("/api/v1/sign-up", &sign_up("one@x.test", PASSWORD)).await.status,
            StatusCode::CREATED
        );
        assert_eq!(sign_in(&client, "one@x.test", PASSWORD).await.status, StatusCode::UNAUTHORIZED);
        let token = link_token(&server.mail().await.join("\n"), "verify");
        let path = format!("/api/v1/verify/{token}");
        let wrong = client.post(&path, &json!({ "password": "not the one that was chosen" })).await;
        assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
        let right = client.post(&path, &json!({ "password": PASSWORD })).await;
        assert_eq!(right.status, StatusCode::OK, "{}", right.text);
        let me = Client { token: right.json["token"].as_str().map(str::to_owned), ..client.clone() };
        assert_eq!(me.get("/api/v1/me").await.json["accounts"][0]["role"], "owner");
        assert_eq!(
            client.post(&path, &json!({ "password": PASSWORD })).await.status,
            StatusCode::CONFLICT,
            "once"
        );
    }
}

/// The pre-hijacking attacks: an attacker who signed up first with a victim's address gains nothing.
#[tokio::test]
async fn who_signs_up_with_a_victims_address_gains_nothing() {
    let world = World::new(Engine::Sqlite).await;
    world.server.leave_mail();
    let attacker = world.server.anonymous();
    attacker.post("/api/v1/sign-up", &sign_up("victim@x.test", "the attackers own words")).await;
    let sent = link_token(&world.server.mail().await.join("\n"), "verify");
    // The victim is invited and accepts with a password of their own.
    let body = json!({ "emails": "victim@x.test", "role": "member" });
    let owner = world.client(As::Owner).await;
    let invited = owner.post(&format!("/api/v1/accounts/{}/invitations", world.account), &body).await;
    let link = invited.json["outcomes"][0]["link"].as_str().unwrap().rsplit('/').next().unwrap().to_owned();
    let accept = json!({ "name": "Victim", "password": PASSWORD });
    let accepted = attacker.post(&format!("/api/v1/invitation-links/{link}/accept"), &accept).await;
    assert_eq!(accepted.status, StatusCode::OK, "{}", accepted.text);
    // Neither the attacker's password nor the old link opens anything now.
    assert_eq!(
        sign_in(&attacker, "victim@x.test", "the attackers own words").await.status,
        StatusCode::UNAUTHORIZED
    );
    let late = attacker
        .post(&format!("/api/v1/verify/{sent}"), &json!({ "password": "the attackers own words" }))
        .await;
    assert_eq!(late.status, StatusCode::CONFLICT);
    assert_eq!(sign_in(&attacker, "Victim@X.test", PASSWORD).await.status, StatusCode::OK);
}

#[tokio::test]
async fn known_and_unknown_addresses_answer_alike() {
    let world = World::new(Engine::Sqlite).await;
    world.server.leave_mail();
    with_password(&world, world.member).await;
    let client = world.server.anonymous();
    let known = sign_in(&client, "member@riverside.test", "not their password at all").await;
    let unknown = sign_in(&client, "nobody@riverside.test", "not their password at all").await;
    assert_eq!((known.status, &known.text), (unknown.status, &unknown.text));
    let reset = async |email: &str| client.post("/api/v1/password-resets", &json!({ "email": email })).await;
    let (known, unknown) = (reset("member@riverside.test").await, reset("nobody@riverside.test").await);
    assert_eq!((known.status, &known.text), (unknown.status, &unknown.text));
    assert_eq!(world.server.mail().await.len(), 2, "each gets a letter, so the work is the same");
    let ups = ["member@riverside.test", "nobody@riverside.test"].map(|email| sign_up(email, PASSWORD));
    let known = client.post("/api/v1/sign-up", &ups[0]).await;
    let unknown = client.post("/api/v1/sign-up", &ups[1]).await;
    let shape = |reply: &Reply| {
        let mut keys = reply.json.as_object().unwrap().keys().cloned().collect::<Vec<_>>();
        keys.sort();
        (reply.status, keys, reply.text.len())
    };
    assert_eq!(shape(&known), shape(&unknown));
}

#[tokio::test]
async fn guessing_is_slowed_down_and_the_owner_still_gets_in() {
    let world = World::new(Engine::Sqlite).await;
    with_password(&world, world.member).await;
    let client = world.server.anonymous();
    let right = json!({ "email": "member@riverside.test", "password": PASSWORD }).to_string();
    let first = sign_in(&client, "member@riverside.test", PASSWORD).await;
    assert_eq!(first.status, StatusCode::OK);
    // The mark of a browser that signed in before.
    let cookies =
        first.headers.get_all("set-cookie").iter().map(|value| value.to_str().unwrap()).collect::<Vec<_>>();
    let device = cookies.iter().find(|cookie| cookie.starts_with("covey-device=")).unwrap();
    let device = device.split(';').next().unwrap();
    let stranger = async |email: &str| sign_in(&client, email, "a wrong guess of someone").await;
    for _ in 0..5 {
        assert_eq!(stranger("administrator@riverside.test").await.status, StatusCode::UNAUTHORIZED);
    }
    let slowed = stranger("administrator@riverside.test").await;
    assert_eq!(slowed.status, StatusCode::TOO_MANY_REQUESTS);
    assert!(slowed.headers.contains_key("retry-after"));
    for i in 0..120 {
        stranger("member@riverside.test").await;
        stranger(&format!("p{i}@riverside.test")).await;
    }
    assert_eq!(
        stranger("unheard@riverside.test").await.status,
        StatusCode::TOO_MANY_REQUESTS,
        "the place waits"
    );
    let headers =
        [("content-type", "application/json"), ("cookie", device), ("sec-fetch-site", "same-origin")];
    let known = client.send(Method::POST, "/api/v1/sign-in", &headers, right.into()).await;
    assert_eq!(known.status, StatusCode::OK, "a known browser is never shut out: {}", known.text);
    world.server.clock.advance(20 * MINUTE);
    assert_eq!(
        stranger("administrator@riverside.test").await.status,
        StatusCode::UNAUTHORIZED,
        "the wait is over"
    );
}

#[tokio::test]
async fn sessions_end_by_idleness_by_age_by_hand_and_by_a_new_password() {
    let world = World::new(Engine::Sqlite).await;
    world.server.leave_mail();
    with_password(&world, world.member).await;
    let client = world.client(As::Member).await;
    assert_eq!(client.get("/api/v1/me").await.status, StatusCode::OK);
    world.server.clock.advance(13 * HOUR);
    assert_eq!(client.get("/api/v1/me").await.status, StatusCode::UNAUTHORIZED, "12 hours idle");
    let (one, two) = (world.client(As::Member).await, world.client(As::Member).await);
    let list = one.get("/api/v1/me/sessions").await.json["items"].as_array().unwrap().len();
    assert_eq!(list, 2, "the idle one is not listed");
    let change = json!({ "current_password": PASSWORD, "password": "fourteen white herons" });
    assert_eq!(one.put("/api/v1/me/password", &change).await.status, StatusCode::NO_CONTENT);
    assert_eq!(one.get("/api/v1/me").await.status, StatusCode::OK, "the session that changed it stays");
    assert_eq!(two.get("/api/v1/me").await.status, StatusCode::UNAUTHORIZED, "the others end");
    for _ in 0..29 {
        world.server.clock.advance(11 * HOUR + 50 * MINUTE);
        one.get("/api/v1/me").await;
        tokio::time::sleep(std::time::Duration::from_millis(30)).await;
    }
    assert_eq!(one.get("/api/v1/me").await.status, StatusCode::UNAUTHORIZED, "14 days in any case");
}

#[tokio::test]
async fn a_reset_link_is_good_once_for_an_hour_and_opening_it_uses_nothing() {
    let world = World::new(Engine::Sqlite).await;
    let client = world.server.anonymous();
    let member = world.client(As::Member).await;
    client.post("/api/v1/password-resets", &json!({ "email": "member@riverside.test" })).await;
    let token = link_token(&world.server.mail().await.join("\n"), "password-resets");
    for _ in 0..100 {
        client.get(&format!("/password-resets/{token}")).await;
    }
    let path = format!("/api/v1/password-resets/{token}");
    let weak = client.post(&path, &json!({ "password": "short" })).await;
    assert_eq!(
        (weak.status, &weak.json["errors"][0]["field"]),
        (StatusCode::UNPROCESSABLE_ENTITY, &json!("password"))
    );
    assert_eq!(client.post(&path, &json!({ "password": PASSWORD })).await.status, StatusCode::NO_CONTENT);
    assert_eq!(client.post(&path, &json!({ "password": PASSWORD })).await.status, StatusCode::CONFLICT);
    assert_eq!(member.get("/api/v1/me").await.status, StatusCode::UNAUTHORIZED, "every session ended");
    assert_eq!(sign_in(&client, "member@riverside.test", PASSWORD).await.status, StatusCode::OK);
    client.post("/api/v1/password-resets", &json!({ "email": "owner@riverside.test" })).await;
    let late = link_token(world.server.mail().await.last().unwrap(), "password-resets");
    world.server.clock.advance(HOUR + MINUTE);
    let late =
        client.post(&format!("/api/v1/password-resets/{late}"), &json!({ "password": PASSWORD })).await;
    assert_eq!(late.status, StatusCode::CONFLICT);
}

#[tokio::test]
async fn an_address_changes_only_with_password_and_confirmation_and_the_old_one_is_told() {
    let world = World::new(Engine::Sqlite).await;
    with_password(&world, world.member).await;
    let member = world.client(As::Member).await;
    let wrong = json!({ "current_password": "someone else's guess", "email": "new@x.test" });
    assert_eq!(member.put("/api/v1/me/address", &wrong).await.status, StatusCode::UNPROCESSABLE_ENTITY);
    let right = json!({ "current_password": PASSWORD, "email": "new@x.test" });
    assert_eq!(member.put("/api/v1/me/address", &right).await.status, StatusCode::ACCEPTED);
    let mails = world.server.mail().await;
    assert!(
        mails.iter().any(|mail| mail.starts_with("member@riverside.test\n") && mail.contains("new@x.test"))
    );
    assert_eq!(member.get("/api/v1/me").await.json["user"]["email"], "member@riverside.test");
    let token = link_token(&mails.join("\n"), "addresses");
    let anonymous = world.server.anonymous();
    assert_eq!(
        anonymous.post(&format!("/api/v1/addresses/{token}"), &Value::Null).await.status,
        StatusCode::NO_CONTENT
    );
    assert_eq!(sign_in(&anonymous, "new@x.test", PASSWORD).await.status, StatusCode::OK);
}

#[tokio::test]
async fn a_write_from_another_site_is_refused() {
    let world = World::new(Engine::Sqlite).await;
    let member = world.client(As::Member).await;
    let path = format!("/api/v1/cases/{}/notes", world.case);
    let body = || axum::body::Body::from(r#"{"body":"x"}"#);
    for hostile in [
        [("sec-fetch-site", "cross-site")],
        [("sec-fetch-site", "same-site")],
        [("origin", "https://evil.test")],
    ] {
        let headers = [("content-type", "application/json"), hostile[0]];
        assert_eq!(member.send(Method::POST, &path, &headers, body()).await.status, StatusCode::FORBIDDEN);
    }
    let headers = [("content-type", "application/json"), ("sec-fetch-site", "same-origin")];
    assert_eq!(member.send(Method::POST, &path, &headers, body()).await.status, StatusCode::CREATED);
}

#[tokio::test]
async fn set_up_works_once_and_with_the_code_alone() {
    let server = Server::new(Engine::Sqlite).await;
    let client = server.anonymous();
    let code = covey::app::set_up_code(&server.app).await.unwrap().unwrap();
    let mut body = json!({ "code": "guess", "account_name": "Riverside", "name": "Ann Lee", "email": "ann@x.test",
        "password": PASSWORD, "group_name": "Alder Creek", "location_name": "Parlour" });
    let guessed = client.post("/api/v1/set-up", &body).await;
    assert_eq!(
        (guessed.status, &guessed.json["errors"][0]["field"]),
        (StatusCode::UNPROCESSABLE_ENTITY, &json!("code"))
    );
    body["code"] = json!(code.reveal());
    let done = client.post("/api/v1/set-up", &body).await;
    assert_eq!(done.status, StatusCode::CREATED, "{}", done.text);
    for field in ["user", "account", "group", "location"] {
        assert!(done.json[field].is_string());
    }
    assert_eq!(client.post("/api/v1/set-up", &body).await.status, StatusCode::NOT_FOUND);
    assert!(!server.folder.path().join("set-up-code").exists());
    let entered = sign_in(&client, "ann@x.test", PASSWORD).await;
    let me = Client { token: entered.json["token"].as_str().map(str::to_owned), ..client };
    let group = &me.get("/api/v1/me").await.json["accounts"][0]["groups"][0];
    assert_eq!((&group["role"], &group["group"]["name"]), (&json!("administrator"), &json!("Alder Creek")));
    server.clock.advance(DAY);
}
