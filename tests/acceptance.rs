//! What an invitation's link shows to each person who opens it, and where one lands after accepting.

use access::GroupRole;
use axum::http::StatusCode;
use kernel::{addresses::Email, clock::DAY, id::UserId};
use people::users::{self, UserType};
use platform::config::Config;
use serde_json::{Value, json};

use storage::sql;

use crate::support::{As, Client, ENGINES, PASSWORD, Reply, Server, World, handout, link_token};

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
        shows(&page, &["Hillside isn’t changed", "keep paying for its subscription"], &[]);
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

/// Proves or forgets a person's address.
async fn address_is_proved(world: &World, user: UserId, proved: bool) {
    let at = proved.then_some(1_i64);
    let statement = sql!("UPDATE users SET proved_at = $2 WHERE id = $1");
    world.server.db().write(async move |tx| tx.exec(statement, &[&user, &at]).await).await.unwrap();
}

/// A person who belongs nowhere yet.
async fn newcomer(world: &World, email: &str) -> UserId {
    let email = Email::read(email).unwrap();
    let made = world.server.db().write(async move |tx| {
        let user = tx.id();
        users::insert(tx, user, &email, "Solo", UserType::Other, None).await.map(|()| user)
    });
    made.await.unwrap()
}

#[tokio::test]
async fn an_invitation_waits_for_the_person_whose_address_is_proved_and_for_no_one_else() {
    for engine in ENGINES {
        let world = World::new(engine).await;
        world.server.leave_mail();
        let groups = json!([{ "group": world.group, "role": "member" }]);
        let newcomer = newcomer(&world, "solo@x.test").await;
        let (_, id) = invited(&world, "Solo@x.test", "member", groups).await;
        let solo = world.server.client(newcomer).await;
        let (list, own) = ("/api/v1/me/invitations", format!("/api/v1/me/invitations/{id}"));

        // A member in the same practice sees nothing of it, nor does an address that no mail has reached.
        for (client, proved) in [(world.client(As::Member).await, true), (solo.clone(), false)] {
            address_is_proved(&world, newcomer, proved).await;
            assert_eq!(client.get(list).await.json["items"], json!([]), "{engine:?}");
            assert_eq!(client.get(&own).await.status, StatusCode::NOT_FOUND);
            let refused = client.post(&format!("{own}/accept"), &json!({})).await;
            assert_eq!(refused.status, StatusCode::NOT_FOUND);
            let refused = client.form(&format!("/me/invitations/{id}"), &[]).await;
            assert_eq!(refused.status, StatusCode::NOT_FOUND);
            let profile = client.get("/profile").await;
            shows(&profile, &[], &["/me/invitations"]);
        }

        address_is_proved(&world, newcomer, true).await;
        let waiting = solo.get(list).await.json["items"].clone();
        assert_eq!(waiting[0]["id"], json!(id), "{engine:?}: {waiting}");
        assert_eq!(waiting[0]["account_name"], "Riverside");
        // They belong nowhere yet, so it is where they land; the menu counts it.
        let home = solo.get("/").await;
        assert_eq!(home.headers["location"], format!("/me/invitations/{id}").as_str());
        shows(&solo.get("/me/invitations").await, &["Riverside", "invited by owner"], &["No invitations"]);
        shows(&solo.get("/profile").await, &["/me/invitations"], &[]);
        shows(&solo.get(&format!("/me/invitations/{id}")).await, &["Accept as Solo"], &["Sign out"]);

        // Twice at once: one joins, the other is told.
        let path = format!("{own}/accept");
        let body = json!({});
        let (one, two) = tokio::join!(solo.post(&path, &body), solo.post(&path, &body));
        let mut codes = [one.status, two.status];
        codes.sort();
        assert_eq!(codes, [StatusCode::OK, StatusCode::CONFLICT], "{} {}", one.text, two.text);
        assert_eq!(solo.get(list).await.json["items"], json!([]));
        let page = solo.get(&format!("/me/invitations/{id}")).await;
        shows(&page, &["already accepted", "Open Alder Creek"], &[]);
        assert_eq!(solo.get(&format!("/api/v1/groups/{}", world.group)).await.status, StatusCode::OK);
    }
}

#[tokio::test]
async fn people_who_belong_somewhere_are_told_of_an_invitation_on_the_page_where_they_land() {
    for engine in ENGINES {
        let world = World::new(engine).await;
        world.server.leave_mail();
        let (_, id) = invited(&world, "stranger@riverside.test", "member", json!([])).await;
        let stranger = world.client(As::Stranger).await;
        let home = stranger.get("/").await;
        let cookie = home.headers.get_all("set-cookie").iter();
        let flash =
            cookie.filter_map(|value| value.to_str().ok()).find(|value| value.contains("covey_flash"));
        assert!(
            flash.is_some_and(|flash| flash.contains(&id.replace('_', "%5F"))),
            "{engine:?}: {:?}",
            home.headers
        );
        assert_ne!(home.headers["location"], format!("/me/invitations/{id}").as_str());
    }
}

#[tokio::test]
async fn a_sign_up_with_an_invited_address_leads_to_the_invitation() {
    for engine in ENGINES {
        let smtp = |config: &mut Config| config.smtp = Some("smtp://127.0.0.1:9".to_owned());
        let world = World::on(Server::with(engine, smtp).await).await;
        world.server.leave_mail();
        let anyone = world.server.anonymous();
        let sign_up = json!({ "email": "fresh@else.test", "password": PASSWORD, "name": "Fresh", "account_name": "Fresh" });
        assert!(anyone.post("/api/v1/sign-up", &sign_up).await.status.is_success());
        let body = json!({ "emails": "Fresh@else.test", "role": "member" });
        let path = format!("/api/v1/accounts/{}/invitations", world.account);
        let sent = world.client(As::Owner).await.post(&path, &body).await;
        let id = sent.json["outcomes"][0]["invitation"].as_str().unwrap_or_else(|| panic!("{}", sent.text));
        let link = link_token(&world.server.mail().await.join("\n"), "verify");
        let landed = anyone.form(&format!("/verify/{link}"), &[("password", PASSWORD)]).await;
        assert_eq!(landed.status, StatusCode::SEE_OTHER, "{engine:?}: {}", landed.text);
        assert_eq!(landed.headers["location"], format!("/me/invitations/{id}").as_str());
    }
}

#[tokio::test]
async fn handouts_that_someone_wrote_come_along_and_their_links_keep_working() {
    for engine in ENGINES {
        let world = World::new(engine).await;
        world.server.leave_mail();
        let (solo, own, email) = crate::billing::individual(&world, "solo").await;
        let made = solo.post(&format!("/api/v1/accounts/{own}/handouts"), &handout("Wound care")).await;
        let id = made.json["id"].as_str().unwrap_or_else(|| panic!("{}", made.text)).to_owned();
        let path = format!("/api/v1/handouts/{id}");
        for (part, body) in [("favorite", Value::Null), ("note", json!({ "body": "Mine" }))] {
            assert!(solo.put(&format!("{path}/{part}"), &body).await.status.is_success(), "{part}");
        }
        let share = solo.post(&format!("{path}/shares"), &json!({ "message": "Call us." })).await;
        let link = share.json["link"].as_str().unwrap().rsplit('/').next().unwrap().to_owned();
        let reading = world.client(As::Member).await;
        assert_eq!(reading.get(&path).await.status, StatusCode::NOT_FOUND, "{engine:?}: another account's");

        let (token, _) = invited(&world, &email, "member", json!([])).await;
        let look = format!("/api/v1/invitation-links/{token}");
        assert_eq!(solo.get(&look).await.json["merges"][0]["handouts"], 1);
        let page = solo.get(&format!("/invitations/{token}")).await;
        shows(&page, &["1 handout that you wrote", "Links that you shared keep working"], &[]);
        let accepted = solo.post(&format!("{look}/accept"), &json!({})).await;
        assert!(accepted.status.is_success(), "{}", accepted.text);

        assert_eq!(reading.get(&path).await.json["title"], "Wound care", "{engine:?}");
        let found = reading.get("/api/v1/handouts?q=wound").await;
        assert_eq!(found.json["items"][0]["id"], json!(id), "{}", found.text);
        let mine = solo.get(&path).await;
        assert_eq!(mine.json["favorite"], true, "{}", mine.text);
        assert_eq!(mine.json["note"], "Mine", "{}", mine.text);
        assert_eq!(world.server.anonymous().get(&format!("/h/{link}")).await.status, StatusCode::OK);
        let mails = world.server.mail().await.join("\n");
        assert!(mails.contains("joined and brought 1 handout"), "{mails}");
    }
}
