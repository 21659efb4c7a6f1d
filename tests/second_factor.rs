//! Second factors: set up, used, lost, required and reset, by people and by those who attack them.

use axum::http::StatusCode;
use kernel::{
    clock::{DAY, HOUR, MINUTE, SECOND},
    id::UserId,
};
use serde_json::{Value, json};
use storage::sql;

use crate::support::{
    As, Client, ENGINES, Engine, PASSWORD, Reply, World,
    authenticator::{self, Authenticator},
    specs,
};

const MINE: &str = "/api/v1/me/second-factors";

/// Gives someone a password, as they have in life.
pub async fn with_password(world: &World, user: UserId) {
    let passwords = &world.server.app.passwords;
    let hash = passwords.hash(&kernel::turns::Flow::default(), PASSWORD).await.unwrap();
    let set = async move |tx: &storage::Tx| people::users::set_password(tx, user, &hash).await;
    world.server.db().write(set).await.unwrap();
}

/// Sets up an authenticator app: its secret, and the recovery codes.
pub async fn with_app(world: &World, client: &Client) -> (String, Vec<String>) {
    let begun = client.post(&format!("{MINE}/app"), &Value::Null).await;
    let secret = begun.json["secret"].as_str().unwrap_or_else(|| panic!("{}", begun.text)).to_owned();
    let code = authenticator::code(&secret, world.server.clock.now());
    let confirm = json!({ "token": begun.json["token"], "code": code });
    let done = client.post(&format!("{MINE}/app/confirm"), &confirm).await;
    assert_eq!(done.status, StatusCode::OK, "{}", done.text);
    let codes = done.json["recovery_codes"].as_array().into_iter().flatten();
    (secret, codes.map(|code| code.as_str().unwrap().to_owned()).collect())
}

async fn sign_in(world: &World, email: &str, code: Option<&str>) -> Reply {
    let mut asked = json!({ "email": email, "password": PASSWORD });
    if let Some(code) = code {
        asked["code"] = code.into();
    }
    world.server.anonymous().post("/api/v1/sign-in", &asked).await
}

fn session(world: &World, signed_in: &Reply) -> Client {
    let token = signed_in.json["token"].as_str().map(str::to_owned);
    Client { token, ..world.server.anonymous() }
}

/// A world in which the member has a password and an authenticator app.
async fn member_with_app(engine: Engine) -> (World, String, Vec<String>) {
    let world = World::new(engine).await;
    world.server.leave_mail();
    with_password(&world, world.member).await;
    let member = world.client(As::Member).await;
    let (secret, codes) = with_app(&world, &member).await;
    world.server.clock.advance(MINUTE);
    (world, secret, codes)
}

const MEMBER: &str = "member@riverside.test";

#[tokio::test]
async fn a_password_alone_no_longer_signs_in_and_a_code_counts_once() {
    for engine in ENGINES {
        let (world, secret, codes) = member_with_app(engine).await;
        assert_eq!(codes.len(), 10);
        let alone = sign_in(&world, MEMBER, None).await;
        assert_eq!(
            (alone.status, alone.json["code"].as_str()),
            (StatusCode::UNAUTHORIZED, Some("code_needed"))
        );
        let now = world.server.clock.now();
        let code = authenticator::code(&secret, now);
        let right = sign_in(&world, MEMBER, Some(&code)).await;
        assert_eq!(right.status, StatusCode::OK, "{}", right.text);
        let again = sign_in(&world, MEMBER, Some(&code)).await;
        assert_eq!(again.json["errors"][0]["code"], "code_used", "{}", again.text);
        let older = authenticator::code(&secret, now.plus(-30 * SECOND));
        assert_eq!(sign_in(&world, MEMBER, Some(&older)).await.json["errors"][0]["code"], "code_used");
        let wrong = sign_in(&world, MEMBER, Some("000000")).await;
        assert_eq!(wrong.json["errors"][0]["code"], "wrong_code", "{}", wrong.text);
        let off = authenticator::code(&secret, now.plus(2 * MINUTE));
        let off = sign_in(&world, MEMBER, Some(&off)).await;
        assert!(off.text.contains("about 2 minutes ahead of ours"), "{}", off.text);
    }
}

#[tokio::test]
async fn two_requests_with_one_code_sign_in_once() {
    for engine in ENGINES {
        let (world, secret, _) = member_with_app(engine).await;
        let code = authenticator::code(&secret, world.server.clock.now());
        let both = tokio::join!(sign_in(&world, MEMBER, Some(&code)), sign_in(&world, MEMBER, Some(&code)));
        let in_ = [&both.0, &both.1].iter().filter(|reply| reply.status == StatusCode::OK).count();
        assert_eq!(in_, 1, "{engine:?}: {} and {}", both.0.text, both.1.text);
    }
}

#[tokio::test]
async fn a_recovery_code_signs_in_once_and_says_how_many_are_left() {
    for engine in ENGINES {
        let (world, _, codes) = member_with_app(engine).await;
        // As people type it: in capitals, without the dashes.
        let typed = codes[3].to_uppercase().replace('-', " ");
        let entered = sign_in(&world, MEMBER, Some(&typed)).await;
        assert_eq!(entered.status, StatusCode::OK, "{}", entered.text);
        assert_eq!(sign_in(&world, MEMBER, Some(&typed)).await.status, StatusCode::UNPROCESSABLE_ENTITY);
        let me = session(&world, &entered);
        assert_eq!(me.get(MINE).await.json["recovery_codes_left"], 9);
        let fresh = me.post("/api/v1/me/recovery-codes", &Value::Null).await;
        assert_eq!(fresh.json["recovery_codes"].as_array().unwrap().len(), 10, "{}", fresh.text);
        assert_ne!(sign_in(&world, MEMBER, Some(&codes[4])).await.status, StatusCode::OK, "of the old set");
        let mail = world.server.mail().await.join("\n");
        assert!(mail.contains("9 are left") && mail.contains("new recovery codes"), "{mail}");
    }
}

/// After 100 wrong codes in a row none is taken, right or wrong; a recovery code still is.
#[tokio::test]
async fn guessing_codes_ends() {
    let (world, secret, codes) = member_with_app(Engine::Sqlite).await;
    for _ in 0..100 {
        let wrong = sign_in(&world, MEMBER, Some("000000")).await;
        assert!(!wrong.status.is_success());
        world.server.clock.advance(16 * MINUTE);
    }
    let code = authenticator::code(&secret, world.server.clock.now());
    let locked = sign_in(&world, MEMBER, Some(&code)).await;
    assert_eq!(locked.json["errors"][0]["code"], "locked", "{}", locked.text);
    world.server.clock.advance(16 * MINUTE);
    assert_eq!(sign_in(&world, MEMBER, Some(&codes[0])).await.status, StatusCode::OK);
}

#[tokio::test]
async fn wrong_codes_in_a_row_have_to_wait() {
    let (world, secret, _) = member_with_app(Engine::Sqlite).await;
    for _ in 0..7 {
        sign_in(&world, MEMBER, Some("000000")).await;
    }
    let code = authenticator::code(&secret, world.server.clock.now());
    let waits = sign_in(&world, MEMBER, Some(&code)).await;
    assert_eq!(waits.status, StatusCode::TOO_MANY_REQUESTS, "{}", waits.text);
}

/// A code of a time that has not come yet, taken while the clock was wrong, bars nobody once it is right again.
#[tokio::test]
async fn a_clock_that_goes_back_locks_nobody_out() {
    let (world, secret, _) = member_with_app(Engine::Sqlite).await;
    world.server.clock.advance(DAY);
    let later = authenticator::code(&secret, world.server.clock.now());
    assert_eq!(sign_in(&world, MEMBER, Some(&later)).await.status, StatusCode::OK);
    world.server.clock.advance(-DAY);
    let now = authenticator::code(&secret, world.server.clock.now());
    assert_eq!(sign_in(&world, MEMBER, Some(&now)).await.status, StatusCode::OK);
}

async fn second_page(world: &World) -> String {
    let page = world.server.anonymous().form("/sign-in", &[("email", MEMBER), ("password", PASSWORD)]).await;
    assert!(page.text.contains("Confirm your sign-in"), "{}", page.text);
    page.text
}

async fn member_with_passkey(engine: Engine) -> (World, Authenticator) {
    let world = World::new(engine).await;
    world.server.leave_mail();
    with_password(&world, world.member).await;
    let key = Authenticator::new();
    specs::set_up(&world.client(As::Member).await, &key, "Work laptop").await;
    (world, key)
}

async fn answer_second(world: &World, page: &str, answer: &str) -> Reply {
    let token = authenticator::token(page);
    world.server.anonymous().form("/sign-in/second", &[("token", &token), ("passkey", answer)]).await
}

#[tokio::test]
async fn a_passkey_is_the_second_step_and_signs_in_alone() {
    for engine in ENGINES {
        let (world, key) = member_with_passkey(engine).await;
        let page = second_page(&world).await;
        let entered = answer_second(&world, &page, &key.answer(&page)).await;
        assert_eq!(entered.status, StatusCode::SEE_OTHER, "{}", entered.text);
        assert!(entered.headers.contains_key("set-cookie"));

        let anyone = world.server.anonymous();
        let page = anyone.form("/sign-in/passkey", &[]).await.text;
        let (token, answer) = (authenticator::token(&page), key.answer(&page));
        let fields = [("token", token.as_str()), ("passkey", answer.as_str())];
        let alone = anyone.form("/sign-in/passkey/confirm", &fields).await;
        assert_eq!(alone.status, StatusCode::SEE_OTHER, "{}", alone.text);
        let replayed = anyone.form("/sign-in/passkey/confirm", &fields).await;
        assert_eq!(replayed.headers["location"], "/sign-in", "the question is over: {}", replayed.text);
    }
}

/// Each is an attack, or an accident that looks like one. The control is a right answer to the same kind of question.
#[tokio::test]
async fn an_answer_that_is_not_quite_right_is_refused() {
    let (world, mut key) = member_with_passkey(Engine::Sqlite).await;
    let control = second_page(&world).await;
    assert_eq!(answer_second(&world, &control, &key.answer(&control)).await.status, StatusCode::SEE_OTHER);
    let refused = async |what: &str, answer: String, page: &str| {
        let reply = answer_second(&world, page, &answer).await;
        assert_eq!(reply.status, StatusCode::UNPROCESSABLE_ENTITY, "{what}: {} {}", reply.status, reply.text);
        // Wrong answers in a row have to wait, which is another test's.
        world.server.clock.advance(MINUTE);
    };
    let page = second_page(&world).await;
    let other = second_page(&world).await;
    refused("to another question", key.answer(&other), &page).await;
    refused("nonsense", "{}".to_owned(), &page).await;
    let page = second_page(&world).await;
    key.origin = "http://covey.test.evil.example".to_owned();
    refused("for another site", key.answer(&page), &page).await;
    key.origin = "http://covey.test".to_owned();
    key.host = "evil.example".to_owned();
    refused("of another host", key.answer(&page), &page).await;
    key.host = "covey.test".to_owned();
    let page = second_page(&world).await;
    key.verifies = false;
    refused("without checking who holds it", key.answer(&page), &page).await;
    key.verifies = true;
    let stranger = Authenticator::new();
    stranger.make(&world.client(As::Owner).await.form("/second-factor/passkey", &[]).await.text);
    refused("of another passkey", stranger.answer(&page), &page).await;
    let page = second_page(&world).await;
    key.counter.set(0);
    refused("of a copy, whose count went back", key.answer(&page), &page).await;
    world.server.clock.advance(11 * MINUTE);
    key.counter.set(100);
    let late = answer_second(&world, &page, &key.answer(&page)).await;
    assert_eq!(late.headers["location"], "/sign-in", "{}", late.text);
}

/// Two windows finish one enrollment: one passkey comes of it.
#[tokio::test]
async fn one_enrollment_makes_one_passkey() {
    for engine in ENGINES {
        let world = World::new(engine).await;
        world.server.leave_mail();
        let member = world.client(As::Member).await;
        let asked = member.form("/second-factor/passkey", &[]).await.text;
        let (token, answer) = (authenticator::token(&asked), Authenticator::new().make(&asked));
        let fields = [("token", token.as_str()), ("name", "Phone"), ("passkey", &answer)];
        let confirm = || member.form("/second-factor/passkey/confirm", &fields);
        let _ = tokio::join!(confirm(), confirm());
        let mine = member.get(MINE).await;
        assert_eq!(mine.json["factors"].as_array().unwrap().len(), 1, "{engine:?}: {}", mine.text);
        let other = world.client(As::Owner).await;
        let asked = member.form("/second-factor/passkey", &[]).await.text;
        let (token, answer) = (authenticator::token(&asked), Authenticator::new().make(&asked));
        let fields = [("token", token.as_str()), ("name", "Phone"), ("passkey", &answer)];
        let foreign = other.form("/second-factor/passkey/confirm", &fields).await;
        assert_eq!(foreign.status, StatusCode::NOT_FOUND, "another person's question");
    }
}

async fn require(world: &World, who: &str, since: Option<kernel::clock::Time>) {
    let rule = json!({ "who": who, "since": since });
    let path = format!("/api/v1/accounts/{}/second-factor-rule", world.account);
    let set = world.client(As::Owner).await.put(&path, &rule).await;
    assert_eq!(set.status, StatusCode::OK, "{}", set.text);
}

#[tokio::test]
async fn from_its_day_on_nothing_of_the_account_is_reached_without_one() {
    for engine in ENGINES {
        let world = World::new(engine).await;
        world.server.leave_mail();
        let (administrator, member) = (world.client(As::Administrator).await, world.client(As::Member).await);
        require(&world, "managers", Some(world.server.clock.now().plus(HOUR))).await;
        let users = format!("/a/{}/users", world.account);
        let before = administrator.get(&users).await;
        assert!(before.text.contains("requires a second factor"), "they are asked: {}", before.text);
        world.server.clock.advance(HOUR);
        // The sessions are the same: nothing is remembered of the time before.
        let members = format!("/api/v1/accounts/{}/members", world.account);
        let refused = administrator.get(&members).await;
        assert_eq!(
            (refused.status, refused.json["code"].as_str()),
            (StatusCode::FORBIDDEN, Some("second_factor_needed"))
        );
        for path in ["/api/v1/cases", "/api/v1/find?q=bella", "/api/v1/handouts"] {
            let refused = administrator.get(path).await;
            assert_eq!(refused.json["code"], "second_factor_needed", "{path}: {}", refused.text);
        }
        let case = format!("/api/v1/cases/{}", world.case);
        assert_eq!(member.get(&case).await.status, StatusCode::OK, "a member isn't asked");
        assert_eq!(administrator.get("/api/v1/me").await.status, StatusCode::OK);

        let page =
            administrator.send(axum::http::Method::GET, &users, &[("accept", "text/html")], "".into()).await;
        assert_eq!(page.status, StatusCode::SEE_OTHER);
        let way = page.headers["location"].to_str().unwrap().to_owned();
        let way = administrator.get(&way).await.headers["location"].to_str().unwrap().to_owned();
        assert!(way.starts_with("/second-factor?next="), "{way}");
        let enroll = administrator.get(&way).await;
        assert!(enroll.text.contains("Set up a second factor") && !enroll.text.contains("Parent account"));
        with_app(&world, &administrator).await;
        assert_eq!(administrator.get(&members).await.status, StatusCode::OK, "the same session goes on");

        // The last one stays while it is required.
        let factor = administrator.get(MINE).await.json["factors"][0]["id"].as_str().unwrap().to_owned();
        let kept = administrator.delete(&format!("{MINE}/{factor}")).await;
        assert_eq!(kept.json["code"], "last_factor", "{}", kept.text);
    }
}

#[tokio::test]
async fn someone_in_two_accounts_obeys_each_for_its_own_pages() {
    let world = World::new(Engine::Sqlite).await;
    world.server.leave_mail();
    require(&world, "everyone", None).await;
    let elsewhere = world.client(As::Elsewhere).await;
    let own = elsewhere.get("/api/v1/me").await;
    let accounts = own.json["accounts"].as_array().unwrap_or_else(|| panic!("{}", own.text)).clone();
    for account in accounts {
        let id = account["account"]["id"].as_str().unwrap_or_else(|| panic!("{account}"));
        let shown = elsewhere.get(&format!("/api/v1/accounts/{id}")).await;
        let required = id == world.account.to_string();
        assert_eq!(shown.status == StatusCode::FORBIDDEN, required, "{id}: {}", shown.text);
    }
}

#[tokio::test]
async fn what_matters_most_asks_again_and_goes_on_with_what_was_being_done() {
    for engine in ENGINES {
        let world = World::new(engine).await;
        world.server.leave_mail();
        with_password(&world, world.owner).await;
        let owner = world.client(As::Owner).await.plain();
        let keys = format!("/api/v1/accounts/{}/api-keys", world.account);
        let key = json!({ "name": "Lab", "scopes": ["cases.read"] });
        assert_eq!(owner.post(&keys, &key).await.status, StatusCode::CREATED, "they have just signed in");
        world.server.clock.advance(11 * MINUTE);
        let refused = owner.post(&keys, &key).await;
        assert_eq!(
            (refused.status, refused.json["code"].as_str()),
            (StatusCode::FORBIDDEN, Some("password_needed"))
        );
        let path = format!("/a/{}/developers", world.account);
        let fields = [("name", "Scanner"), ("scopes", "cases.read"), ("reach", "all")];
        let sent = owner.form(&path, &fields).await;
        assert_eq!(sent.status, StatusCode::TEMPORARY_REDIRECT);
        let way = sent.headers["location"].to_str().unwrap().to_owned();
        let asked = owner.form(&way, &fields).await;
        assert!(
            asked.text.contains("Confirm it’s you") && asked.text.contains("value=\"Scanner\""),
            "{}",
            asked.text
        );
        let mut proof = fields.to_vec();
        proof.extend([("proof_next", path.as_str()), ("proof_posts", "yes"), ("proof_password", "wrong")]);
        let wrong = owner.form("/prove/confirm", &proof).await;
        assert!(
            wrong.text.contains("This isn&#39;t your current password")
                || wrong.text.contains("current password")
        );
        assert!(wrong.text.contains("value=\"Scanner\"") && !wrong.text.contains("value=\"wrong\""));
        proof.pop();
        proof.push(("proof_password", PASSWORD));
        let proved = owner.form("/prove/confirm", &proof).await;
        assert_eq!(
            (proved.status, proved.headers["location"].to_str().unwrap()),
            (StatusCode::TEMPORARY_REDIRECT, path.as_str())
        );
        let made = owner.form(&path, &proof).await;
        assert!(made.text.contains("Copy the secret now"), "{}", made.text);
        let elsewhere = [("proof_next", "https://evil.example/"), ("proof_password", PASSWORD)];
        assert_eq!(owner.form("/prove/confirm", &elsewhere).await.headers["location"], "/");
    }
}

#[tokio::test]
async fn an_administrators_reset_leads_to_another_factor_and_to_nothing_else() {
    for engine in ENGINES {
        let (world, secret, codes) = member_with_app(engine).await;
        let code = authenticator::code(&secret, world.server.clock.now());
        let before = session(&world, &sign_in(&world, MEMBER, Some(&code)).await);
        let administrator = world.client(As::Administrator).await;
        let reset =
            |user: UserId| format!("/api/v1/accounts/{}/members/{user}/second-factor-reset", world.account);
        let done = administrator.post(&reset(world.member), &Value::Null).await;
        assert_eq!(done.status, StatusCode::NO_CONTENT, "{}", done.text);
        assert_eq!(before.get("/api/v1/me").await.status, StatusCode::UNAUTHORIZED, "every session ends");
        assert_eq!(
            sign_in(&world, MEMBER, Some(&codes[0])).await.status,
            StatusCode::OK,
            "the password suffices again"
        );
        let me = session(&world, &sign_in(&world, MEMBER, None).await);
        let case = format!("/api/v1/cases/{}", world.case);
        assert_eq!(me.get(&case).await.json["code"], "second_factor_needed", "and leads nowhere else");
        with_app(&world, &me).await;
        assert_eq!(me.get(&case).await.status, StatusCode::OK);
        let mail = world.server.mail().await.join("\n");
        assert!(mail.contains("reset your second factors"), "{mail}");

        let owner = administrator.post(&reset(world.owner), &Value::Null).await;
        assert_eq!(owner.json["code"], "owners_factors", "{}", owner.text);
        let member = me.post(&reset(world.administrator), &Value::Null).await;
        assert!(!member.status.is_success(), "a member resets nobody's");
    }
}

#[tokio::test]
async fn nobody_resets_who_owns_another_account() {
    for engine in ENGINES {
        let world = World::new(engine).await;
        world.server.leave_mail();
        // The member opens an account of their own: from then on they are more than a member here.
        let member = world.client(As::Member).await;
        with_app(&world, &member).await;
        let own = member.post("/api/v1/accounts", &json!({ "account_name": "My own" })).await;
        assert!(own.status.is_success(), "{}", own.text);
        let path = format!("/api/v1/accounts/{}/members/{}/second-factor-reset", world.account, world.member);
        let refused = world.client(As::Owner).await.post(&path, &Value::Null).await;
        assert_eq!(refused.json["code"], "belongs_elsewhere", "{engine:?}: {}", refused.text);
    }
}

#[tokio::test]
async fn a_short_password_stands_beside_a_second_factor_alone() {
    let (world, _, _) = member_with_app(Engine::Sqlite).await;
    let member = world.client(As::Member).await;
    let change = |to: &str| json!({ "current_password": PASSWORD, "password": to });
    let short = member.put("/api/v1/me/password", &change("wagtails9")).await;
    assert_eq!(short.status, StatusCode::NO_CONTENT, "{}", short.text);
    let factor = member.get(MINE).await.json["factors"][0]["id"].as_str().unwrap().to_owned();
    let kept = member.delete(&format!("{MINE}/{factor}")).await;
    assert_eq!(kept.json["code"], "short_password", "{}", kept.text);
    let again = json!({ "current_password": "wagtails9", "password": "eleven gray wagtails" });
    assert_eq!(member.put("/api/v1/me/password", &again).await.status, StatusCode::NO_CONTENT);
    assert_eq!(member.delete(&format!("{MINE}/{factor}")).await.status, StatusCode::NO_CONTENT);
    let alone = member.put("/api/v1/me/password", &change("wagtails9")).await;
    assert_eq!(alone.status, StatusCode::UNPROCESSABLE_ENTITY, "{}", alone.text);
}

/// Nothing that a factor is made of stands in the database as its person has it.
#[tokio::test]
async fn secrets_are_sealed_and_codes_hashed() {
    let (world, secret, codes) = member_with_app(Engine::Sqlite).await;
    let kept: Vec<storage::One<String>> = world
        .server
        .db()
        .read(async |tx| tx.all(sql!("SELECT secret FROM factors"), &[]).await)
        .await
        .unwrap();
    let plain = secret.replace(' ', "");
    assert!(kept.iter().all(|one| !one.0.contains(&plain)));
    let bytes = std::fs::read(world.server.folder.path().join("covey.db")).unwrap();
    let wal = std::fs::read(world.server.folder.path().join("covey.db-wal")).unwrap_or_default();
    for code in codes.iter().map(|code| code.replace('-', "")).chain([plain]) {
        let found =
            [&bytes, &wal].iter().any(|bytes| bytes.windows(code.len()).any(|part| part == code.as_bytes()));
        assert!(!found, "{code}");
    }
}
