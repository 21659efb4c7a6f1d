//! Passwords that those who know a person or their practice would guess, at each place where one is chosen.

use axum::http::StatusCode;
use serde_json::{Value, json};

use crate::support::{As, Client, ENGINES, PASSWORD, Reply, World, link_token};

/// A way to choose a password: by which method and path, and the body with it.
async fn choose(client: &Client, (method, path, body): (&str, &str, &Value), password: &str) -> Reply {
    let mut body = body.clone();
    body["password"] = json!(password);
    match method {
        "PUT" => client.put(path, &body).await,
        _ => client.post(path, &body).await,
    }
}

#[tokio::test]
async fn names_of_person_and_practice_are_no_passwords_wherever_one_is_chosen() {
    for engine in ENGINES {
        let world = World::new(engine).await;
        world.server.leave_mail();
        let (anyone, member, owner) =
            (world.server.anonymous(), world.client(As::Member).await, world.client(As::Owner).await);
        let hash = world.server.app.passwords.hash(&kernel::turns::Flow::default(), PASSWORD).await.unwrap();
        let user = world.member;
        let set = world.server.db().write(async move |tx| people::users::set_password(tx, user, &hash).await);
        set.await.unwrap();
        let sign_up = json!({ "email": "new@x.test", "name": "New One", "account_name": "Riverside Clinic" });
        anyone.post("/api/v1/password-resets", &json!({ "email": "support@riverside.test" })).await;
        let reset = link_token(&world.server.mail().await.join("\n"), "password-resets");
        let reset = format!("/api/v1/password-resets/{reset}");
        let invite = json!({ "emails": "late@x.test", "role": "member" });
        let invited = owner.post(&format!("/api/v1/accounts/{}/invitations", world.account), &invite).await;
        let link = invited.json["outcomes"][0]["link"].as_str().unwrap().rsplit('/').next().unwrap();
        let accept = format!("/api/v1/invitation-links/{link}/accept");
        let (change, late) = (json!({ "current_password": PASSWORD }), json!({ "name": "Late Joiner" }));
        let ways = [
            (&anyone, ("POST", "/api/v1/sign-up", &sign_up)),
            (&member, ("PUT", "/api/v1/me/password", &change)),
            (&anyone, ("POST", reset.as_str(), &json!({}))),
            (&anyone, ("POST", accept.as_str(), &late)),
        ];
        for (client, way) in ways {
            for bad in ["riverside-riverside", "Riverside 1234567", "sunshine sunshine", "qwertyuiop123456"] {
                let refused = choose(client, way, bad).await;
                assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY, "{} {bad}", way.1);
                assert!(refused.text.contains("easy to guess"), "{} {bad}: {}", way.1, refused.text);
            }
            let taken = choose(client, way, "fourteen white herons").await;
            assert!(taken.status.is_success(), "{}: {}", way.1, taken.text);
        }
    }
}
