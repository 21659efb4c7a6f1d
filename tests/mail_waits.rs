//! Invitations whose emails can't leave: what is said of them, and what a link proves that was handed out.

use axum::http::StatusCode;
use kernel::clock::{HOUR, MINUTE};
use platform::{
    config::SignUp,
    jobs::{SmtpUrl, Transport, deliver_due},
};
use serde_json::{Value, json};
use storage::sql;

use crate::support::{As, Client, ENGINES, Engine, PASSWORD, Server, World, link_token};

/// Nothing listens there.
const DOWN: &str = "smtp://127.0.0.1:9?tls=off";

/// A world whose mail server is down. Mail is left in it, unless a test reads it.
async fn world(engine: Engine, sign_up: SignUp) -> World {
    let server = Server::with(engine, |config| {
        config.smtp = Some(DOWN.to_owned());
        config.sign_up = sign_up;
    });
    let world = World::on(server.await).await;
    world.server.leave_mail();
    world
}

/// The worker tries what is due.
async fn try_in_vain(world: &World) {
    let to = Transport::smtp(&DOWN.parse::<SmtpUrl>().unwrap(), None).unwrap();
    let from = "Covey <covey@covey.test>".parse().unwrap();
    assert_eq!(deliver_due(world.server.db(), &to, &from).await.unwrap(), 0);
}

async fn invite(by: &Client, place: &str, email: &str) -> Value {
    let reply =
        by.post(&format!("/api/v1/{place}/invitations"), &json!({ "emails": email, "role": "member" })).await;
    assert_eq!(reply.status, StatusCode::OK, "{}", reply.text);
    reply.json["outcomes"][0].clone()
}

async fn pending(by: &Client, world: &World, email: &str) -> Value {
    let list = by.get(&format!("/api/v1/accounts/{}/invitations?q={email}", world.account)).await.json;
    list["items"][0].clone()
}

fn link_of(outcome: &Value) -> String {
    format!("/api/v1/invitations/{}/link", outcome["invitation"].as_str().unwrap())
}

async fn accept(world: &World, token: &str) -> StatusCode {
    let body = json!({ "name": "Someone", "password": PASSWORD });
    let path = format!("/api/v1/invitation-links/{token}/accept");
    world.server.anonymous().post(&path, &body).await.status
}

async fn proved(world: &World, email: &str) -> bool {
    let owner = world.client(As::Owner).await;
    let list = owner.get(&format!("/api/v1/accounts/{}/members?q={email}", world.account)).await.json;
    list["items"][0]["address_proved"].as_bool().unwrap()
}

#[tokio::test]
async fn an_email_that_waits_is_said_to_and_its_link_can_be_had() {
    for engine in ENGINES {
        let world = world(engine, SignUp::Closed).await;
        let (account, group) = (format!("accounts/{}", world.account), format!("groups/{}", world.group));
        let owner = world.client(As::Owner).await;
        let admin = world.client(As::GroupAdmin).await;
        let ann = invite(&owner, &account, "ann@x.test").await;
        assert_eq!((&ann["link"], &ann["mail_waits"]), (&Value::Null, &Value::Null), "{engine:?}");
        let early = owner.post(&link_of(&ann), &Value::Null).await;
        assert_eq!((early.status, &early.json["code"]), (StatusCode::CONFLICT, &json!("mail_not_waiting")));
        let quiet = owner.get(&format!("/a/{}/users", world.account)).await.text;
        assert!(!quiet.contains("Email waiting"), "{quiet}");

        // The mail server gives no answer. From now on that is said of every invitation.
        try_in_vain(&world).await;
        let waits = pending(&owner, &world, "ann@x.test").await["mail_waits"].clone();
        assert!(waits["since"].is_string() && waits["next_at"].is_string(), "{engine:?}: {waits}");
        let bo = invite(&admin, &group, "bo@x.test").await;
        assert!(bo["mail_waits"]["since"].is_string() && bo["link"].is_null(), "{engine:?}: {bo}");
        assert_eq!(bo["detail"], "Invited. The email hasn’t left yet.");
        try_in_vain(&world).await;
        for (client, path, place) in [
            (&owner, format!("/a/{}/users", world.account), format!("/a/{}", world.account)),
            (&owner, format!("/a/{}/dashboard", world.account), format!("/a/{}", world.account)),
            (&admin, format!("/g/{}/users", world.group), format!("/g/{}", world.group)),
        ] {
            let page = client.get(&path).await.text;
            let link = format!("{place}/invitations/{}/link", bo["invitation"].as_str().unwrap());
            assert!(page.contains("Email waiting since") && page.contains(&link), "{path}: {page}");
        }
        let dashboard = owner.get(&format!("/a/{}/dashboard", world.account)).await.text;
        assert!(dashboard.contains("2 emails have been waiting since"), "{dashboard}");
        let fields = [("emails", "cy@x.test"), ("role", "member"), ("user_type", "other")];
        let outcomes = owner.form(&format!("/a/{}/invite", world.account), &fields).await.text;
        assert!(outcomes.contains("The mail server hasn’t answered since"), "{outcomes}");
        assert!(outcomes.contains("/link\"") && outcomes.contains("Get link"), "{outcomes}");

        // Taking the link leaves a trace, and leaves the email's own link alone.
        let taken = format!("/g/{}/invitations/{}/link", world.group, bo["invitation"].as_str().unwrap());
        let page = admin.form(&taken, &[]).await;
        assert!(page.text.contains("http://covey.test/invitations/"), "{}", page.text);
        let handed = owner.post(&link_of(&ann), &Value::Null).await;
        assert_eq!(handed.status, StatusCode::OK, "{}", handed.text);
        assert_eq!(handed.json["email"], "ann@x.test");
        let events = sql!("SELECT count(*) FROM audit_events WHERE action = 'invitation.handed_out'");
        assert_eq!(world.server.count(events).await, 2, "{engine:?}");

        // The server is back: the email's link proves the address, and nothing waits any more.
        world.server.clock.advance(HOUR);
        let mails = world.server.mail().await;
        let mail = mails.iter().find(|mail| mail.starts_with("ann@x.test")).unwrap();
        assert_eq!(accept(&world, &link_token(mail, "invitations")).await, StatusCode::OK);
        assert!(proved(&world, "ann@x.test").await, "{engine:?}");
        assert_eq!(
            accept(&world, &link_token(&handed.text, "invitations").replace("\"}", "")).await,
            StatusCode::CONFLICT
        );
        assert!(pending(&owner, &world, "bo@x.test").await["mail_waits"].is_null(), "{engine:?}");
        assert!(invite(&owner, &account, "dan@x.test").await["mail_waits"].is_null(), "{engine:?}");

        // A resend makes a new link, and those handed out say so.
        let link = link_token(&page.text, "invitations").split(['"', '<']).next().unwrap().to_owned();
        let again = format!("/api/v1/invitations/{}/resend", bo["invitation"].as_str().unwrap());
        assert_eq!(owner.post(&again, &Value::Null).await.status, StatusCode::OK);
        let old = world.server.anonymous().get(&format!("/api/v1/invitation-links/{link}")).await;
        assert_eq!(old.json["code"], "link_replaced", "{engine:?}: {}", old.text);
    }
}

/// An inviter takes the link of an address that isn't theirs, and joins with it in the other's name. Says whether the
/// address is theirs then: another practice's invitation to it can be accepted.
async fn taken_over(engine: Engine, broken: bool) -> bool {
    let world = world(engine, SignUp::Closed).await;
    let hostile = world.client(As::GroupAdmin).await;
    let made = invite(&hostile, &format!("groups/{}", world.group), "victim@x.test").await;
    try_in_vain(&world).await;
    let link = hostile.post(&link_of(&made), &Value::Null).await.json["link"].as_str().unwrap().to_owned();
    if broken {
        // As if the link had traveled by email alone.
        let mailed = sql!("UPDATE invitation_links SET handed_out = FALSE");
        world.server.db().write(async move |tx| tx.exec(mailed, &[]).await).await.unwrap();
    }
    assert_eq!(accept(&world, &link_token(&link, "invitations")).await, StatusCode::OK);
    assert_eq!(proved(&world, "victim@x.test").await, broken, "{engine:?}");
    let user = world.server.db().read(async |tx| people::users::by_email(tx, "victim@x.test").await);
    let user = user.await.unwrap().unwrap().id;
    let intruder = world.server.client(user).await;
    let stranger = world.client(As::Stranger).await;
    let hillside =
        stranger.get(&format!("/api/v1/groups/{}", world.hillside_group)).await.json["account"].clone();
    let offer = invite(&stranger, &format!("accounts/{}", hillside.as_str().unwrap()), "victim@x.test").await;
    let own = format!("/api/v1/me/invitations/{}/accept", offer["invitation"].as_str().unwrap());
    let taken = intruder.post(&own, &Value::Null).await.status == StatusCode::OK;
    if !broken {
        owner_gets_it_back(&world, &intruder, &own).await;
    }
    taken
}

/// The person who reads the mail of the address chooses a password by it, and the intruder is out.
async fn owner_gets_it_back(world: &World, intruder: &Client, invitation: &str) {
    let anonymous = world.server.anonymous();
    anonymous.post("/api/v1/password-resets", &json!({ "email": "victim@x.test" })).await;
    world.server.clock.advance(MINUTE);
    let mails = world.server.mail().await;
    let mail = mails.iter().rfind(|mail| mail.contains("/password-resets/")).unwrap();
    let path = format!("/api/v1/password-resets/{}", link_token(mail, "password-resets"));
    let reset = anonymous.post(&path, &json!({ "password": "fourteen white herons" })).await;
    assert_eq!(reset.status, StatusCode::NO_CONTENT, "{}", reset.text);
    assert_eq!(intruder.post(invitation, &Value::Null).await.status, StatusCode::UNAUTHORIZED);
    assert!(proved(world, "victim@x.test").await);
}

#[tokio::test]
async fn who_joins_by_a_link_that_was_handed_out_does_not_own_the_address() {
    for engine in ENGINES {
        assert!(!taken_over(engine, false).await, "{engine:?}");
    }
}

/// The broken control: were a link that was handed out taken for one that was mailed, the address would be taken over.
#[tokio::test]
async fn a_link_that_is_taken_for_a_mailed_one_gives_the_address_away() {
    for engine in ENGINES {
        assert!(taken_over(engine, true).await, "{engine:?}");
    }
}

#[tokio::test]
async fn where_anyone_can_sign_up_no_link_is_handed_out() {
    for engine in ENGINES {
        let world = world(engine, SignUp::Open).await;
        let owner = world.client(As::Owner).await;
        let made = invite(&owner, &format!("accounts/{}", world.account), "ann@x.test").await;
        try_in_vain(&world).await;
        let refused = owner.post(&link_of(&made), &Value::Null).await;
        assert_eq!(
            (refused.status, &refused.json["code"]),
            (StatusCode::CONFLICT, &json!("link_not_handed_out")),
            "{engine:?}"
        );
        let page = owner.get(&format!("/a/{}/users", world.account)).await.text;
        assert!(page.contains("Email waiting since") && !page.contains("Get link"), "{engine:?}: {page}");
        let links = sql!("SELECT count(*) FROM invitation_links WHERE handed_out");
        assert_eq!(world.server.count(links).await, 0);
    }
}

#[tokio::test]
async fn who_may_not_invite_gets_no_link() {
    let world = world(Engine::Sqlite, SignUp::Closed).await;
    let owner = world.client(As::Owner).await;
    let made = invite(&owner, &format!("accounts/{}", world.account), "ann@x.test").await;
    try_in_vain(&world).await;
    // A group's administrator gets none of an invitation that leads elsewhere, or offers more than they can give.
    let groups = json!([{ "group": world.group, "role": "member" }]);
    let body = json!({ "emails": "boss@x.test", "role": "administrator", "groups": groups });
    let boss = owner.post(&format!("/api/v1/accounts/{}/invitations", world.account), &body).await;
    for outcome in [&made, &boss.json["outcomes"][0]] {
        for role in [As::GroupAdmin, As::Member, As::Elsewhere, As::Support, As::Stranger, As::Anonymous] {
            let refused = world.client(role).await.post(&link_of(outcome), &Value::Null).await;
            assert!(!refused.status.is_success(), "{role:?}: {}", refused.text);
        }
    }
    assert_eq!(world.server.count(sql!("SELECT count(*) FROM invitation_links WHERE handed_out")).await, 0);
}
