//! What an invitation's link shows to each person who opens it, and where one lands after accepting.

use access::GroupRole;
use axum::http::StatusCode;
use kernel::clock::DAY;
use serde_json::{Value, json};

use crate::support::{As, Client, ENGINES, PASSWORD, Reply, World, link_token};

/// Invites an address as the owner; gives the link's token and the invitation.
async fn invited(world: &World, email: &str, role: &str, groups: Value) -> (String, String) {
    let body = json!({ "emails": email, "role": role, "groups": groups, "user_type": "office" });
    let path = format!("/api/v1/accounts/{}/invitations", world.account);
    let sent = world.client(As::Owner).await.post(&path, &body).await;
    let outcome = &sent.json["outcomes"][0];
    let link = outcome["link"].as_str().unwrap_or_else(|| panic!("{}", sent.text));
    (link_token(link, "invitations"), outcome["invitation"].as_str().unwrap().to_owned())
}

async fn accept(client: &Client, token: &str, body: Value) -> Reply {
    client.post(&format!("/api/v1/invitation-links/{token}/accept"), &body).await
}

fn shows(page: &Reply, there: &[&str], absent: &[&str]) {
    for words in there {
        assert!(page.text.contains(words), "{words} isn't in {}", page.text);
    }
    for words in absent {
        assert!(!page.text.contains(words), "{words} is in {}", page.text);
    }
}

#[tokio::test]
async fn a_closed_link_shows_the_way_on_to_each_person_who_opens_it() {
    for engine in ENGINES {
        let world = World::new(engine).await;
        world.server.leave_mail();
        let groups = json!([{ "group": world.group, "role": "member" }]);
        let (token, id) = invited(&world, "stranger@riverside.test", "member", groups).await;
        let page = format!("/invitations/{token}");
        world.server.clock.advance(7 * DAY);
        let (stranger, owner) = (world.client(As::Stranger).await, world.client(As::Owner).await);
        let (member, anyone) = (world.client(As::Member).await, world.server.anonymous());
        let secret = ["stranger@riverside.test"];
        shows(&anyone.get(&page).await, &["has expired", "Sign in", "Ask owner for a new link"], &secret);
        shows(&stranger.get(&page).await, &["Ask owner for a new link", "Go home"], &["Sign out and"]);
        let other = world.client(As::Member).await.get(&page).await;
        shows(&other, &["member@riverside.test", "Sign out and switch"], &[secret[0], "Resend"]);
        let resend = format!("/a/{}/invitations/{id}/resend", world.account);
        shows(&owner.get(&page).await, &["stranger@riverside.test", &resend, "Resend invitation"], &[]);

        // A manager resends it; the old link says so, the new one is accepted.
        assert!(owner.form(&resend, &[]).await.status.is_success());
        shows(&anyone.get(&page).await, &["This link was replaced", "latest email"], &secret);
        let resent = owner.post(&format!("/api/v1/invitations/{id}/resend"), &Value::Null).await;
        let token = link_token(resent.json["link"].as_str().unwrap(), "invitations");
        let page = format!("/invitations/{token}");
        assert!(accept(&stranger, &token, json!({})).await.status.is_success(), "{engine:?}");

        let open = format!("href=\"/g/{}\"", world.group);
        shows(&stranger.get(&page).await, &["Open Alder Creek", &open], &[]);
        shows(&anyone.get(&page).await, &["already accepted", "If you accepted it, sign in."], &secret);
        shows(&member.get(&page).await, &["Sign out and switch"], &secret);
        shows(&owner.get(&page).await, &["stranger@riverside.test accepted it"], &["Resend"]);
        let gone = format!("/api/v1/accounts/{}/members/{}", world.account, world.stranger);
        assert!(owner.delete(&gone).await.status.is_success());
        shows(&stranger.get(&page).await, &["no longer belong to Riverside", "Ask owner"], &["Open Alder"]);
    }
}

#[tokio::test]
async fn new_people_land_where_they_were_invited_to_and_choose_their_user_type() {
    for engine in ENGINES {
        let world = World::new(engine).await;
        world.server.leave_mail();
        let anyone = world.server.anonymous();
        let form = |kind| [("name", "New Comer"), ("password", PASSWORD), ("user_type", kind)];

        // Into a group: on its page, with what was joined and the next step.
        let groups = json!([{ "group": world.group, "role": GroupRole::Member }]);
        let (token, _) = invited(&world, "ann@x.test", "member", groups).await;
        shows(&anyone.get(&format!("/invitations/{token}")).await, &["User type", "Therapist"], &[]);
        let landed = anyone.form(&format!("/invitations/{token}"), &form("therapist")).await;
        assert_eq!(landed.status, StatusCode::SEE_OTHER, "{engine:?}: {}", landed.text);
        assert_eq!(landed.headers["location"], format!("/g/{}", world.group).as_str());
        let owner = world.client(As::Owner).await;
        let list = owner.get(&format!("/api/v1/accounts/{}/members?q=ann@x", world.account)).await;
        assert_eq!(list.json["items"][0]["user"]["user_type"], "therapist");

        // Into no group: whom to ask is said at once, and stays on the page.
        let (token, _) = invited(&world, "bo@x.test", "member", json!([])).await;
        let body = json!({ "name": "Bo", "password": PASSWORD });
        let accepted = accept(&anyone, &token, body).await;
        assert_eq!(accepted.json["ask_for_group"], json!(["owner", "administrator"]), "{}", accepted.text);
        assert_eq!(accepted.json["account_name"], "Riverside");
        let session = accepted.json["session"]["token"].as_str().map(str::to_owned);
        let bo = Client { token: session, ..anyone.clone() };
        let page = bo.get(&format!("/a/{}/groups", world.account)).await;
        shows(&page, &["You aren’t in a group yet", "owner or administrator"], &[]);
        let list = owner.get(&format!("/api/v1/accounts/{}/members?q=bo@x", world.account)).await;
        assert_eq!(list.json["items"][0]["user"]["user_type"], "office", "what the invitation says");
    }
}

#[tokio::test]
async fn an_own_account_in_which_others_work_stays_and_the_page_says_so() {
    for engine in ENGINES {
        let world = World::new(engine).await;
        world.server.leave_mail();
        let (token, _) = invited(&world, "stranger@riverside.test", "member", json!([])).await;
        let stranger = world.client(As::Stranger).await;
        let look = stranger.get(&format!("/api/v1/invitation-links/{token}")).await;
        assert_eq!(look.json["stays"][0]["account_name"], "Hillside", "{engine:?}: {}", look.text);
        let page = stranger.get(&format!("/invitations/{token}")).await;
        shows(&page, &["Hillside isn’t changed", "goes on being billed"], &[]);
        let anyone = world.server.anonymous().get(&format!("/api/v1/invitation-links/{token}")).await;
        assert_eq!(anyone.json["stays"], json!([]));
    }
}

#[tokio::test]
async fn an_own_account_that_ends_is_listed_part_by_part() {
    for engine in ENGINES {
        let world = World::new(engine).await;
        world.server.leave_mail();
        let (ann, own, email) = crate::billing::individual(&world, "ann").await;
        ann.post(&format!("/api/v1/accounts/{own}/groups"), &json!({ "name": "Farm" })).await;
        let (token, _) = invited(&world, &email, "member", json!([])).await;
        let page = ann.get(&format!("/invitations/{token}")).await;
        shows(
            &page,
            &["Ends:", "Refunded:", "Comes along:", "1 group", "Can’t come along:"],
            &["isn’t changed"],
        );
        // What came along is where they land, since they were invited into no group.
        let accepted = ann.form(&format!("/invitations/{token}"), &[]).await;
        assert_eq!(accepted.headers["location"], format!("/a/{}/groups", world.account).as_str());
    }
}
