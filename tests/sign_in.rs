//! Signing in: proof of address, no enumeration, throttling, sessions, links.

use axum::http::{Method, StatusCode};
use kernel::clock::{DAY, HOUR, MINUTE};
use serde_json::{Value, json};

use crate::support::{As, Client, Engine, PASSWORD, Reply, Server, World, link_token};

async fn with_password(world: &World, user: kernel::id::UserId) {
    let hash = world.server.app.passwords.hash(&kernel::turns::Flow::default(), PASSWORD).await.unwrap();
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
    json!({ "email": email, "password": password, "name": "Some One", "account_name": "Own practice" })
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
    assert_eq!(world.server.mail().await.len(), 2, "each gets an email, so the work is the same");
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
    // Someone signed in from this place, so it has twice the attempts of an unknown one.
    for i in 0..220 {
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
        world.server.app.settled().await;
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
async fn set_up_without_a_group_leads_to_the_empty_list_that_teaches_the_next_step() {
    let server = Server::new(Engine::Sqlite).await;
    let client = server.anonymous();
    let code = covey::app::set_up_code(&server.app).await.unwrap().unwrap();
    let form = [
        ("code", code.reveal()),
        ("account_name", "Riverside"),
        ("name", "Ann Lee"),
        ("email", "ann@x.test"),
        ("password", PASSWORD),
        ("time_zone", "America/Chicago"),
        ("practice_kind", "veterinary"),
        ("location_name", "Parlour"),
    ];
    let refused = client.form("/set-up", &form).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY, "a location belongs to a group");
    let done = client.form("/set-up", &form[..7]).await;
    let groups = done.headers["location"].to_str().unwrap().to_owned();
    assert!(groups.starts_with("/a/") && groups.ends_with("/groups"), "{groups}");
    let entered = sign_in(&client, "ann@x.test", PASSWORD).await;
    let me = Client { token: entered.json["token"].as_str().map(str::to_owned), ..client };
    let page = me.get(&groups).await;
    assert!(page.text.contains("No groups yet") && page.text.contains("Create group"), "{}", page.text);
    let account = me.get(&groups.replace("/a/", "/api/v1/accounts/").replace("/groups", "")).await;
    assert_eq!(account.json["time_zone"], "America/Chicago", "{}", account.text);
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

/// A sign-in from this address of the network, with these cookies.
async fn sign_in_from(client: &Client, address: &str, cookie: Option<&str>, who: (&str, &str)) -> Reply {
    let peer = std::net::SocketAddr::new(address.parse().unwrap(), 4711);
    let body = json!({ "email": who.0, "password": who.1 }).to_string();
    let mut request = axum::http::Request::post("/api/v1/sign-in")
        .header("content-type", "application/json")
        .header("sec-fetch-site", "same-origin")
        .extension(axum::extract::ConnectInfo(peer));
    if let Some(cookie) = cookie {
        request = request.header("cookie", cookie);
    }
    let response = tower::ServiceExt::oneshot(
        client.router.clone(),
        request.body(axum::body::Body::from(body)).unwrap(),
    );
    let (parts, body) = response.await.unwrap().into_parts();
    let bytes = axum::body::to_bytes(body, 1 << 20).await.unwrap();
    let text = String::from_utf8(bytes.to_vec()).unwrap();
    let json = serde_json::from_str(&text).unwrap_or(Value::Null);
    Reply { status: parts.status, headers: parts.headers, text, json }
}

/// The mark that an answer gives the browser, as it sends it back.
fn device_of(reply: &Reply) -> Option<String> {
    let cookies = reply.headers.get_all("set-cookie").iter().map(|value| value.to_str().unwrap());
    let mut devices = cookies.filter(|cookie| cookie.starts_with("covey-device="));
    devices.next().map(|cookie| cookie.split(';').next().unwrap().to_owned())
}

const MEMBER: &str = "member@riverside.test";
const WRONG: &str = "a wrong guess of someone";

#[tokio::test]
async fn guessing_ends_after_a_hundred_wrong_passwords_until_a_reset_by_mail() {
    for engine in crate::support::ENGINES {
        let world = World::new(engine).await;
        world.server.leave_mail();
        with_password(&world, world.member).await;
        let client = world.server.anonymous();
        let first = sign_in_from(&client, "198.51.100.1", None, (MEMBER, PASSWORD)).await;
        let known = device_of(&first).unwrap();
        let (mut checked, mut last) = (0, None);
        for _ in 0..130 {
            world.server.clock.advance(16 * MINUTE);
            let reply = sign_in_from(&client, "203.0.113.7", None, (MEMBER, WRONG)).await;
            assert_eq!(reply.status, StatusCode::UNAUTHORIZED, "{engine:?}: {}", reply.text);
            checked += 1;
            last = Some(reply);
        }
        assert_eq!(checked, 130);
        world.server.clock.advance(16 * MINUTE);
        let right = sign_in_from(&client, "203.0.113.7", None, (MEMBER, PASSWORD)).await;
        assert_eq!(right.status, StatusCode::UNAUTHORIZED, "{engine:?}: the password is locked");
        assert_eq!(right.text, last.unwrap().text, "and nobody learns that there is one");
        world.server.clock.advance(16 * MINUTE);
        let unknown = sign_in_from(&client, "203.0.113.7", None, ("nobody@riverside.test", WRONG)).await;
        assert_eq!((unknown.status, &unknown.text), (right.status, &right.text));
        let mails = world.server.mail().await;
        let told =
            mails.iter().filter(|mail| mail.starts_with(MEMBER) && mail.contains("password is locked"));
        assert_eq!(told.count(), 1, "{engine:?}: the person is told, once");
        // The known browser still gets in, and doesn't unlock it for others.
        let still = sign_in_from(&client, "198.51.100.1", Some(&known), (MEMBER, PASSWORD)).await;
        assert_eq!(still.status, StatusCode::OK, "{}", still.text);
        world.server.clock.advance(16 * MINUTE);
        let right = sign_in_from(&client, "203.0.113.7", None, (MEMBER, PASSWORD)).await;
        assert_eq!(right.status, StatusCode::UNAUTHORIZED);
        client.post("/api/v1/password-resets", &json!({ "email": MEMBER })).await;
        let token = link_token(world.server.mail().await.last().unwrap(), "password-resets");
        let path = format!("/api/v1/password-resets/{token}");
        let reset = client.post(&path, &json!({ "password": "fourteen white herons" })).await;
        assert_eq!(reset.status, StatusCode::NO_CONTENT, "{}", reset.text);
        // Who resets it in a browser is known there from now on, whatever strangers do meanwhile.
        let device = device_of(&reset).unwrap();
        let in_again =
            sign_in_from(&client, "192.0.2.77", Some(&device), (MEMBER, "fourteen white herons")).await;
        assert_eq!(in_again.status, StatusCode::OK, "{}", in_again.text);
    }
}

/// The control: ninety-nine wrong passwords lock nothing.
#[tokio::test]
async fn ninety_nine_wrong_passwords_lock_nothing_and_a_right_one_starts_anew() {
    let world = World::new(Engine::Sqlite).await;
    with_password(&world, world.member).await;
    let client = world.server.anonymous();
    for _ in 0..2 {
        for _ in 0..99 {
            world.server.clock.advance(16 * MINUTE);
            sign_in_from(&client, "203.0.113.7", None, (MEMBER, WRONG)).await;
        }
        world.server.clock.advance(16 * MINUTE);
        let right = sign_in_from(&client, "203.0.113.7", None, (MEMBER, PASSWORD)).await;
        assert_eq!(right.status, StatusCode::OK, "{}", right.text);
    }
}

#[tokio::test]
async fn a_known_browser_that_guesses_is_known_no_longer() {
    let world = World::new(Engine::Sqlite).await;
    with_password(&world, world.member).await;
    let client = world.server.anonymous();
    let known = device_of(&sign_in_from(&client, "198.51.100.1", None, (MEMBER, PASSWORD)).await).unwrap();
    for _ in 0..100 {
        world.server.clock.advance(16 * MINUTE);
        sign_in_from(&client, "198.51.100.1", Some(&known), (MEMBER, WRONG)).await;
    }
    // From now on it counts like any other, and the person's count was not touched.
    world.server.clock.advance(16 * MINUTE);
    let counted = storage::sql!("SELECT COALESCE(max(attempts), 0) FROM wrong_passwords");
    assert_eq!(world.server.count(counted).await, 0);
    sign_in_from(&client, "198.51.100.1", Some(&known), (MEMBER, WRONG)).await;
    assert_eq!(world.server.count(counted).await, 1);
}

#[tokio::test]
async fn wrong_guesses_elsewhere_shut_nobody_out_and_a_known_place_has_more_of_them() {
    for engine in crate::support::ENGINES {
        let world = World::new(engine).await;
        with_password(&world, world.member).await;
        with_password(&world, world.administrator).await;
        let client = world.server.anonymous();
        for _ in 0..10 {
            sign_in_from(&client, "203.0.113.7", None, (MEMBER, WRONG)).await;
        }
        let slowed = sign_in_from(&client, "203.0.113.7", None, (MEMBER, WRONG)).await;
        assert_eq!(slowed.status, StatusCode::TOO_MANY_REQUESTS, "there, one waits");
        let new_browser = sign_in_from(&client, "198.51.100.1", None, (MEMBER, PASSWORD)).await;
        assert_eq!(
            new_browser.status,
            StatusCode::OK,
            "{engine:?}: elsewhere, nobody does: {}",
            new_browser.text
        );
        // Made-up addresses: an unknown place is shut out after a hundred, the practice's is not.
        let made_up = async |address: &str| {
            let mut taken = 0;
            for i in 0..150 {
                let who = format!("made-up-{i}@x.test");
                let reply = sign_in_from(&client, address, None, (&who, WRONG)).await;
                taken += i32::from(reply.status == StatusCode::UNAUTHORIZED);
            }
            taken
        };
        assert_eq!(made_up("192.0.2.5").await, 100, "{engine:?}");
        assert_eq!(made_up("198.51.100.1").await, 150, "{engine:?}");
        let colleague =
            sign_in_from(&client, "198.51.100.1", None, ("administrator@riverside.test", PASSWORD)).await;
        assert_eq!(colleague.status, StatusCode::OK, "{engine:?}: {}", colleague.text);
        // IPv6 counts by the network that one customer has.
        for i in 0..5 {
            sign_in_from(&client, &format!("2001:db8:1:2::{i}"), None, ("owner@riverside.test", WRONG)).await;
        }
        let slowed = sign_in_from(&client, "2001:db8:1:2::99", None, ("owner@riverside.test", WRONG)).await;
        assert_eq!(slowed.status, StatusCode::TOO_MANY_REQUESTS);
        let other = sign_in_from(&client, "2001:db8:1:3::1", None, ("owner@riverside.test", WRONG)).await;
        assert_eq!(other.status, StatusCode::UNAUTHORIZED);
    }
}

#[tokio::test]
async fn a_person_has_at_most_twenty_sessions_and_the_oldest_goes() {
    for engine in crate::support::ENGINES {
        let world = World::new(engine).await;
        with_password(&world, world.member).await;
        let client = world.server.anonymous();
        let mut sessions = Vec::new();
        for number in 0..25 {
            // Also where the clock goes back in between: the newest is the one that just signed in.
            world.server.clock.advance(if number == 22 { -HOUR } else { MINUTE });
            let entered = sign_in(&client, MEMBER, PASSWORD).await;
            assert_eq!(entered.status, StatusCode::OK, "{}", entered.text);
            let token = entered.json["token"].as_str().map(str::to_owned);
            let session = Client { token, ..client.clone() };
            assert_eq!(session.get("/api/v1/me").await.status, StatusCode::OK, "{engine:?} {number}");
            sessions.push(session);
        }
        let mut open = 0;
        for session in &sessions {
            open += i32::from(session.get("/api/v1/me").await.status == StatusCode::OK);
        }
        assert_eq!(open, 20, "{engine:?}");
        assert_eq!(
            sessions[0].get("/api/v1/me").await.status,
            StatusCode::UNAUTHORIZED,
            "the oldest is gone"
        );
    }
}

#[tokio::test]
async fn a_clock_that_goes_back_a_day_locks_nobody_out() {
    for engine in crate::support::ENGINES {
        let world = World::new(engine).await;
        world.server.leave_mail();
        with_password(&world, world.member).await;
        let client = world.server.anonymous();
        let member = world.client(As::Member).await;
        for _ in 0..7 {
            sign_in(&client, MEMBER, WRONG).await;
        }
        assert_eq!(sign_in(&client, MEMBER, PASSWORD).await.status, StatusCode::TOO_MANY_REQUESTS);
        for _ in 0..6 {
            client.post("/api/v1/password-resets", &json!({ "email": MEMBER })).await;
        }
        // A worker takes an email and dies with it.
        let taken = world.server.db().write(async |tx| {
            let lease =
                storage::sql!("UPDATE outbox SET next_at = $1, waits_since = $2 WHERE state = 'queued'");
            tx.exec(lease, &[&tx.now().plus(3 * MINUTE), &tx.now()]).await
        });
        assert_eq!(taken.await.unwrap(), 5);
        assert_eq!(world.server.mail().await.len(), 0, "it is leased");
        world.server.clock.advance(-DAY);
        assert_eq!(sign_in(&client, MEMBER, PASSWORD).await.status, StatusCode::OK, "{engine:?}");
        assert_eq!(member.get("/api/v1/me").await.status, StatusCode::OK, "sessions go on");
        assert_eq!(world.server.mail().await.len(), 5, "{engine:?}: mail goes out");
        client.post("/api/v1/password-resets", &json!({ "email": MEMBER })).await;
        assert_eq!(world.server.mail().await.len(), 6, "{engine:?}: a reset can be asked for");
        let invite = json!({ "emails": "new@x.test", "role": "member" });
        let path = format!("/api/v1/accounts/{}/invitations", world.account);
        let sent = world.client(As::Owner).await.post(&path, &invite).await;
        assert_eq!(sent.json["outcomes"][0]["outcome"], "invited", "{}", sent.text);
    }
}

/// The broken control: a wait that trusts the clock is a day long after such a step.
#[test]
fn a_wait_that_trusts_the_clock_would_be_a_day_long() {
    let began = crate::support::START;
    let now = began.plus(-DAY);
    let left = |waited: i64| (15 * MINUTE).saturating_sub(waited);
    assert!(left(now.since(began)) > DAY);
    assert!(left(now.waited(began)) <= 0);
}

#[tokio::test]
async fn a_browsers_mark_that_the_caller_made_up_is_not_taken() {
    for engine in crate::support::ENGINES {
        let world = World::new(engine).await;
        with_password(&world, world.member).await;
        let client = world.server.anonymous();
        let planted = format!("covey-device={}", "a".repeat(43));
        let entered = sign_in_from(&client, "198.51.100.1", Some(&planted), (MEMBER, PASSWORD)).await;
        let given = device_of(&entered).expect("it gets a mark of ours");
        assert_ne!(given, planted);
        // The planted mark is nobody's: it waits like any other. Ours isn't kept waiting.
        for _ in 0..8 {
            sign_in_from(&client, "203.0.113.7", Some(&planted), (MEMBER, WRONG)).await;
        }
        let thief = sign_in_from(&client, "203.0.113.7", Some(&planted), (MEMBER, PASSWORD)).await;
        assert_eq!(thief.status, StatusCode::TOO_MANY_REQUESTS, "{engine:?}");
        let own = sign_in_from(&client, "203.0.113.7", Some(&given), (MEMBER, PASSWORD)).await;
        assert_eq!(own.status, StatusCode::OK, "{engine:?}: {}", own.text);
        assert_eq!(device_of(&own), None, "and it keeps its mark");
    }
}

#[tokio::test]
async fn a_write_with_a_cookie_says_where_it_comes_from() {
    let world = World::new(Engine::Sqlite).await;
    let member = world.client(As::Member).await;
    let session = format!("covey={}", member.token.clone().unwrap());
    let browser = world.server.anonymous();
    let send = async |headers: &[(&str, &str)]| {
        let path = format!("/api/v1/cases/{}/notes", world.case);
        let kind = [("content-type", "application/json"), ("cookie", session.as_str())];
        let headers = kind.iter().chain(headers).copied().collect::<Vec<_>>();
        browser.send(Method::POST, &path, &headers, r#"{"body":"x"}"#.into()).await.status
    };
    assert_eq!(send(&[]).await, StatusCode::FORBIDDEN);
    assert_eq!(send(&[("sec-fetch-site", "same-origin")]).await, StatusCode::CREATED);
    assert_eq!(send(&[("origin", "http://covey.test")]).await, StatusCode::CREATED);
}

/// Emails that strangers have sent are counted by kind: none keeps another from coming.
#[tokio::test]
async fn sign_ups_by_strangers_keep_nobodys_reset_from_coming() {
    for engine in crate::support::ENGINES {
        let world = World::new(engine).await;
        let stranger = world.server.anonymous();
        for _ in 0..6 {
            let sign_up = json!({ "email": "member@riverside.test", "password": "completely other words 77",
                                  "name": "A", "account_name": "B" });
            assert!(stranger.post("/api/v1/sign-up", &sign_up).await.status.is_success());
        }
        assert_eq!(world.server.mail().await.len(), 5, "{engine:?}: no more than 5 in an hour");
        let asked =
            stranger.post("/api/v1/password-resets", &json!({ "email": "member@riverside.test" })).await;
        assert_eq!(asked.status, StatusCode::ACCEPTED);
        assert!(world.server.mail().await.join("").contains("password-resets/"), "{engine:?}");
    }
}
