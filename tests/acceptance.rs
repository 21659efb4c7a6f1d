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
async fn an_address_that_is_invited_again_keeps_what_it_had_until_the_change_is_accepted() {
    for engine in ENGINES {
        let world = World::new(engine).await;
        world.server.leave_mail();
        let owner = world.client(As::Owner).await;
        let api = format!("/api/v1/accounts/{}/invitations", world.account);
        let group = json!([{ "group": world.group, "role": "member" }]);
        let other = json!([{ "group": world.other_group, "role": "administrator" }]);
        let (token, _) = invited(&world, "ann@x.test", "member", group).await;
        let look = async |token: &str| {
            world.server.anonymous().get(&format!("/api/v1/invitation-links/{token}")).await.json
        };
        let again = async |change: bool| {
            let body =
                json!({ "emails": "ann@x.test", "role": "administrator", "groups": other, "change": change });
            owner.post(&api, &body).await.json["outcomes"][0].clone()
        };

        let asked = again(false).await;
        assert_eq!(asked["outcome"], "already_invited", "{engine:?}");
        assert_eq!(asked["change"]["now"]["role"], "member");
        assert_eq!(asked["change"]["then"]["role"], "administrator");
        assert_eq!(asked["change"]["then"]["groups"].as_array().unwrap().len(), 2, "{asked}");
        assert_eq!(look(&token).await["role"], "member", "nothing changed");

        // The page asks as well, and its button accepts.
        let page = format!("/a/{}/invite", world.account);
        let other = world.other_group.to_string();
        let fields = [("emails", "ann@x.test"), ("role", "administrator"), ("groups", other.as_str())];
        let shown = owner.form(&page, &fields).await;
        shows(&shown, &["Change 1 invitation?", "Member, in Alder Creek", "Keep as is"], &[]);
        assert_eq!(again(true).await["outcome"], "changed");
        let changed = look(&token).await;
        assert_eq!(
            (&changed["role"], changed["groups"].as_array().unwrap().len()),
            (&json!("administrator"), 2)
        );

        // An administrator of one group is told of that group alone, and changes it alone.
        let path = format!("/api/v1/groups/{}/invitations", world.group);
        let body =
            |change: bool| json!({ "emails": "ann@x.test", "role": "administrator", "change": change });
        let admin = world.client(As::GroupAdmin).await;
        let asked = admin.post(&path, &body(false)).await.json["outcomes"][0].clone();
        assert_eq!(asked["change"]["then"]["role"], Value::Null);
        assert_eq!(asked["change"]["now"]["groups"].as_array().unwrap().len(), 1, "{asked}");
        assert_eq!(admin.post(&path, &body(true)).await.json["outcomes"][0]["outcome"], "changed");
        assert_eq!(look(&token).await["role"], "administrator");

        // Support staff belong to no groups: that is said before they are dropped. Licenses stay exact.
        let used = owner.get(&format!("/api/v1/accounts/{}/licenses", world.account)).await;
        let staff =
            |change: bool| json!({ "emails": "ann@x.test", "role": "support_staff", "change": change });
        let asked = owner.post(&api, &staff(false)).await;
        let outcome = &asked.json["outcomes"][0];
        if outcome["change"] != Value::Null {
            assert_eq!(outcome["change"]["then"]["groups"], json!([]));
        }
        assert_eq!(owner.get(&format!("/api/v1/accounts/{}/licenses", world.account)).await.text, used.text);

        // Expired: asks too, then goes out again with all that it had.
        world.server.clock.advance(7 * DAY);
        let owner = world.client(As::Owner).await;
        let member = |change: bool| json!({ "emails": "ann@x.test", "role": "member", "change": change });
        let asked = owner.post(&api, &member(false)).await;
        assert_eq!(asked.json["outcomes"][0]["outcome"], "already_invited", "{}", asked.text);
        let sent = owner.post(&api, &member(true)).await;
        assert_eq!(sent.json["outcomes"][0]["outcome"], "invited", "{}", sent.text);
        let token = link_token(sent.json["outcomes"][0]["link"].as_str().unwrap(), "invitations");
        let now = look(&token).await;
        assert_eq!(
            (&now["role"], now["groups"].as_array().unwrap().len()),
            (&json!("member"), 2),
            "{engine:?}"
        );
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
