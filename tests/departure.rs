//! Leaving, changes of role, and closing an individual account.

use axum::http::StatusCode;
use serde_json::json;
use storage::sql;

use crate::{
    billing::individual,
    support::{As, ENGINES, PASSWORD, World, handout, link_token},
};

#[tokio::test]
async fn an_account_of_one_person_is_closed_for_good_and_leaves_the_switcher() {
    for engine in ENGINES {
        let world = World::new(engine).await;
        let (solo, own, email) = individual(&world, "solo").await;
        world.server.leave_mail();
        let api = format!("/api/v1/accounts/{own}");
        let made = solo.post(&format!("{api}/handouts"), &handout("Wound care")).await;
        let share = format!("/api/v1/handouts/{}/shares", made.json["id"].as_str().unwrap());
        let share = solo.post(&share, &json!({ "message": "Call us." })).await;
        let link = share.json["link"].as_str().unwrap().rsplit('/').next().unwrap().to_owned();
        let invite = json!({ "emails": "x@x.test", "role": "member" });
        let invited = solo.post(&format!("{api}/invitations"), &invite).await;
        let invitation =
            invited.json["outcomes"][0]["link"].as_str().map(|link| link_token(link, "invitations"));

        // Others learn nothing of it, and the page asks first.
        for who in [As::Owner, As::Stranger] {
            let refused = world.client(who).await.post(&format!("{api}/close"), &json!({})).await;
            assert_eq!(refused.status, StatusCode::NOT_FOUND, "{engine:?}: {who:?}");
        }
        let settings = solo.get(&format!("/a/{own}/settings")).await;
        assert!(settings.text.contains("Close this account"), "{}", settings.text);
        let asked = solo.form(&format!("/a/{own}/close"), &[]).await;
        assert!(asked.text.contains("Permanently close this account?"), "{}", asked.text);
        assert_eq!(solo.get(&api).await.status, StatusCode::OK, "asking changes nothing");

        // Twice at once: one closes it.
        let (path, none) = (format!("{api}/close"), json!({}));
        let (one, two) = tokio::join!(solo.post(&path, &none), solo.post(&path, &none));
        let mut codes = [one.status, two.status];
        codes.sort();
        assert_eq!(codes, [StatusCode::NO_CONTENT, StatusCode::NOT_FOUND], "{} {}", one.text, two.text);

        assert_eq!(solo.get(&api).await.status, StatusCode::NOT_FOUND, "{engine:?}");
        assert_eq!(solo.get("/api/v1/me").await.json["accounts"], json!([]), "it leaves the switcher");
        assert!(!solo.get("/profile").await.text.contains(&own.to_string()));
        assert_eq!(world.server.anonymous().get(&format!("/h/{link}")).await.status, StatusCode::GONE);
        if let Some(token) = invitation {
            let page = world.server.anonymous().get(&format!("/invitations/{token}")).await;
            assert_eq!(page.status, StatusCode::CONFLICT, "{engine:?}: its invitations are canceled");
        }
        let running = sql!(
            "SELECT COUNT(*) FROM subscriptions s JOIN accounts a ON a.id = s.account_id
                            WHERE a.closed_at IS NOT NULL AND s.state <> 'ended'"
        );
        assert_eq!(world.server.count(running).await, 0, "{engine:?}: nothing more is billed");
        let mails = world.server.mail().await;
        assert!(
            mails.iter().any(|mail| mail.starts_with(&email) && mail.contains("was closed")),
            "{mails:?}"
        );

        // The person stays, and can open another one.
        let sign_in = json!({ "email": email, "password": PASSWORD });
        assert!(world.server.anonymous().post("/api/v1/sign-in", &sign_in).await.status.is_success());
        let again = solo.post("/api/v1/accounts", &json!({ "account_name": "New start" })).await;
        assert!(again.status.is_success(), "{engine:?}: {}", again.text);
        world.server.leave_mail();
    }
}

#[tokio::test]
async fn an_account_that_others_belong_to_or_that_owes_is_not_closed() {
    for engine in ENGINES {
        let world = World::new(engine).await;
        world.server.leave_mail();
        let owner = world.client(As::Owner).await;
        let path = format!("/api/v1/accounts/{}/close", world.account);
        let refused = owner.post(&path, &json!({})).await;
        assert_eq!(refused.json["code"], "not_individual", "{engine:?}: {}", refused.text);
        for who in [As::Administrator, As::Member] {
            let refused = world.client(who).await.post(&path, &json!({})).await;
            assert_eq!(refused.status, StatusCode::FORBIDDEN, "{engine:?}: {who:?}");
        }
        // Even where the kind says that it is one person's.
        let individual = sql!("UPDATE accounts SET kind = 'individual'");
        world.server.db().write(async move |tx| tx.exec(individual, &[]).await).await.unwrap();
        let refused = owner.post(&path, &json!({})).await;
        assert_eq!(refused.json["code"], "others_belong", "{engine:?}: {}", refused.text);
    }
}

#[tokio::test]
async fn people_hear_that_they_were_added_or_got_another_role_but_not_from_themselves() {
    for engine in ENGINES {
        let world = World::new(engine).await;
        let owner = world.client(As::Owner).await;
        let add = format!("/api/v1/groups/{}/members", world.group);
        for user in [world.elsewhere, world.owner] {
            let added = owner.put(&format!("{add}/{user}"), &json!({ "role": "member" })).await;
            assert!(added.status.is_success(), "{}", added.text);
        }
        let role = format!("/api/v1/accounts/{}/members/{}", world.account, world.member);
        assert!(owner.patch(&role, &json!({ "role": "administrator" })).await.status.is_success());
        let mails = world.server.mail().await;
        let told = |to: &str, what: &str| {
            mails.iter().filter(|mail| mail.starts_with(to) && mail.contains(what)).count()
        };
        assert_eq!(told("elsewhere@", "You were added to Alder Creek"), 1, "{engine:?}: {mails:?}");
        assert_eq!(told("member@", "Your role at Riverside is now administrator"), 1, "{engine:?}");
        assert_eq!(mails.len(), 2, "the owner added themselves: {mails:?}");
    }
}
