//! Joining never brings more than was offered: random offers, givers who go, and individual accounts that come
//! along.

use std::collections::BTreeMap;

use access::{GroupRole, Role};
use axum::http::StatusCode;
use kernel::{
    addresses::Email,
    id::{AccountId, GroupId, UserId},
    random::Random,
};
use people::{
    accounts, groups, locations,
    users::{self, UserType},
};
use serde_json::{Value, json};
use storage::sql;
use workflows::onboarding;

use crate::support::{As, Client, ENGINES, World, link_token};

/// What someone was given in the practice, at most.
#[derive(Default, Debug)]
struct Given {
    administrator: bool,
    groups: BTreeMap<GroupId, GroupRole>,
    /// Role in the groups that they bring.
    brought: Option<GroupRole>,
}

/// A person with an account of their own, in whose group they are administrator; and that group.
async fn own_account(world: &World, number: u64) -> (UserId, GroupId, String) {
    let trial = world.server.app.config.trial();
    let address = format!("solo{number}@solo.test");
    let email = Email::read(&address).unwrap();
    let made = world.server.db().write(async move |tx| {
        let (user, own): (UserId, AccountId) = (tx.id(), tx.id());
        users::insert(tx, user, &email, &format!("Solo {number}"), UserType::Other, None).await?;
        onboarding::open_account(
            tx,
            own,
            accounts::Kind::Individual,
            kernel::practice::PracticeKind::Veterinary,
            "Solo",
            user,
            trial,
        )
        .await?;
        let group = groups::create(tx, own, user, &format!("Own {number}"), "").await?;
        groups::add(tx, own, group, user, GroupRole::Administrator, user).await?;
        locations::create(tx, own, group, user, "Yard", "").await?;
        Ok((user, group))
    });
    let (user, group) = made.await.unwrap();
    (user, group, address)
}

/// Everything in which a person's rights exceed what they were given.
fn excess(me: &Value, account: AccountId, given: &Given) -> Vec<String> {
    let mut found = Vec::new();
    let accounts = me["accounts"].as_array().unwrap();
    let here = accounts.iter().find(|each| each["account"]["id"] == json!(account)).unwrap();
    let manages = here["role"] == "owner" || here["role"] == "administrator";
    if manages && !given.administrator {
        found.push(format!("the account as {}", here["role"]));
    }
    for group in here["groups"].as_array().unwrap() {
        let id: GroupId = group["group"]["id"].as_str().unwrap().parse().unwrap();
        let most = given.groups.get(&id).copied().or(given.brought);
        let administers = group["role"] == "administrator";
        if most.is_none() || (administers && most != Some(GroupRole::Administrator)) {
            found.push(format!("{} as {}", group["group"]["name"], group["role"]));
        }
    }
    found
}

fn role(dice: &Random) -> GroupRole {
    if dice.below(2) == 0 { GroupRole::Administrator } else { GroupRole::Member }
}

/// Invites an address, first by an administrator of a group who may be gone afterwards, then by the owner; gives the
/// link's token and what was given by those who still may.
async fn offers(world: &World, dice: &Random, email: &str) -> (String, Given) {
    let mut given = Given::default();
    let owner = world.client(As::Owner).await;
    let admin_path = format!("/api/v1/groups/{}/members/{}", world.group, world.group_admin);
    let mut link = None;
    let mut offered = Vec::new();
    if dice.below(2) == 0 {
        let role = role(dice);
        let body = json!({ "emails": email, "role": role });
        let path = format!("/api/v1/groups/{}/invitations", world.group);
        let sent = world.client(As::GroupAdmin).await.post(&path, &body).await;
        link = sent.json["outcomes"][0]["link"].as_str().map(str::to_owned);
        let stays = dice.below(3) > 0;
        if stays {
            given.groups.insert(world.group, role);
        } else {
            assert!(owner.delete(&admin_path).await.status.is_success());
        }
    }
    if link.is_none() || (dice.below(2) == 0 && !given.groups.is_empty()) || given.groups.is_empty() {
        let account_role = if dice.below(4) == 0 { Role::Administrator } else { Role::Member };
        for group in [world.group, world.other_group] {
            if dice.below(2) == 0 {
                offered.push((group, role(dice)));
            }
        }
        let groups = offered.iter().map(|(group, role)| json!({ "group": group, "role": role }));
        let body = json!({ "emails": email, "role": account_role, "groups": groups.collect::<Vec<_>>(), "change": true });
        let path = format!("/api/v1/accounts/{}/invitations", world.account);
        let sent = owner.post(&path, &body).await;
        if let Some(new) = sent.json["outcomes"][0]["link"].as_str() {
            given.administrator = account_role == Role::Administrator;
            link = Some(new.to_owned());
            for (group, role) in &offered {
                given.groups.insert(*group, *role);
            }
            let all = offered.iter().all(|(_, role)| *role == GroupRole::Administrator);
            let most = given.administrator || (all && !offered.is_empty());
            given.brought = Some(if most { GroupRole::Administrator } else { GroupRole::Member });
        } else {
            // An invitation was pending already, and is changed: it keeps the groups that others gave.
            given.administrator = account_role == Role::Administrator;
            let kept = given.groups.keys().any(|group| !offered.iter().any(|(each, _)| each == group));
            given.groups.extend(offered.iter().copied());
            let all = !kept && offered.iter().all(|(_, role)| *role == GroupRole::Administrator);
            let most = given.administrator || (all && !offered.is_empty());
            given.brought = Some(if most { GroupRole::Administrator } else { GroupRole::Member });
        }
    }
    given.brought.get_or_insert(GroupRole::Member);
    (link_token(&link.unwrap(), "invitations"), given)
}

async fn me(client: &Client) -> Value {
    client.get("/api/v1/me").await.json
}

#[tokio::test]
async fn no_offers_own_groups_and_acceptances_give_more_than_a_manager_gave() {
    for engine in ENGINES {
        let world = World::new(engine).await;
        let dice = Random::seeded(11);
        let owner = world.client(As::Owner).await;
        let (mut joined, mut administered) = (0, 0);
        for number in 0..40 {
            let admin_path = format!("/api/v1/groups/{}/members/{}", world.group, world.group_admin);
            owner.put(&admin_path, &json!({ "role": "administrator" })).await;
            let (user, brought, email) = own_account(&world, number).await;
            let solo = world.server.client(user).await;
            let (token, given) = offers(&world, &dice, &email).await;
            let preview = solo.get(&format!("/api/v1/invitation-links/{token}")).await;
            let accepted = solo.post(&format!("/api/v1/invitation-links/{token}/accept"), &json!({})).await;
            if accepted.status == StatusCode::CONFLICT {
                assert!(
                    ["inviter_gone"].contains(&accepted.json["code"].as_str().unwrap()),
                    "{}",
                    accepted.text
                );
                continue;
            }
            assert!(accepted.status.is_success(), "{engine:?}: {}", accepted.text);
            joined += 1;
            assert_eq!(excess(&me(&solo).await, world.account, &given), Vec::<String>::new(), "{given:?}");
            let role = given.brought.unwrap();
            assert_eq!(preview.json["merges"][0]["role"], json!(role), "shown before: {}", preview.text);
            // Who may invite into a group lets people into the practice.
            let invite = json!({ "emails": format!("friend{number}@x.test"), "role": "member" });
            let friend = solo.post(&format!("/api/v1/groups/{brought}/invitations"), &invite).await;
            let may = role == GroupRole::Administrator;
            administered += usize::from(may);
            let expected = if may { StatusCode::OK } else { StatusCode::FORBIDDEN };
            assert_eq!(friend.status, expected, "{engine:?} {given:?}: {}", friend.text);
            // The practice's own administrators manage what came.
            let path = format!("/api/v1/groups/{brought}/members/{user}");
            assert!(owner.put(&path, &json!({ "role": "member" })).await.status.is_success());
        }
        assert!(joined > 20 && administered > 3 && administered < joined, "{joined} {administered}");
        let mails = world.server.mail().await;
        let told = mails.iter().filter(|mail| mail.starts_with("owner@") && mail.contains("brought 1 group"));
        assert_eq!(told.count(), joined, "the inviting side hears what came");
    }
}

#[tokio::test]
async fn the_check_finds_a_role_that_came_along_unreduced() {
    let world = World::new(crate::support::Engine::Sqlite).await;
    world.server.leave_mail();
    let (user, brought, email) = own_account(&world, 1).await;
    let solo = world.server.client(user).await;
    let body = json!({ "emails": email, "role": "member" });
    let path = format!("/api/v1/accounts/{}/invitations", world.account);
    let sent = world.client(As::Owner).await.post(&path, &body).await;
    let token = link_token(sent.json["outcomes"][0]["link"].as_str().unwrap(), "invitations");
    assert!(
        solo.post(&format!("/api/v1/invitation-links/{token}/accept"), &json!({})).await.status.is_success()
    );
    let given = Given { brought: Some(GroupRole::Member), ..Given::default() };
    assert!(excess(&me(&solo).await, world.account, &given).is_empty());
    let unreduced = world.server.db().write(async move |tx| {
        let as_before =
            sql!("UPDATE group_members SET role = 'administrator' WHERE group_id = $1 AND user_id = $2 AND until IS NULL");
        tx.exec(as_before, &[&brought, &user]).await
    });
    assert_eq!(unreduced.await.unwrap(), 1);
    assert_eq!(excess(&me(&solo).await, world.account, &given).len(), 1);
}
