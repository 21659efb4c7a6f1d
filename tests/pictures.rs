//! Pictures: a group's year, who sees what, and one person's access over time.

use axum::http::StatusCode;
use kernel::clock::DAY;
use serde_json::{Value, json};

use crate::support::{As, ENGINES, Engine, World};

#[tokio::test]
async fn a_groups_year_counts_cases_in_the_month_in_which_they_were_opened_and_closed() {
    for engine in ENGINES {
        let world = World::new(engine).await;
        let member = world.client(As::Member).await;
        let path = format!("/api/v1/groups/{}/year", world.group);
        let months = |json: &Value| {
            let of = |month: &Value| (month["opened"].as_i64().unwrap(), month["closed"].as_i64().unwrap());
            json["months"].as_array().unwrap().iter().map(of).collect::<Vec<_>>()
        };
        let now = months(&member.get(&path).await.json);
        assert_eq!((now.len(), now[11]), (12, (1, 0)), "{engine:?}: {now:?}");
        world.server.clock.advance(62 * DAY);
        let member = world.server.client(world.member).await;
        let closed =
            member.patch(&format!("/api/v1/cases/{}", world.case), &json!({ "status": "closed" })).await;
        assert_eq!(closed.status, StatusCode::OK, "{}", closed.text);
        let later = months(&member.get(&path).await.json);
        assert_eq!(later.iter().map(|(opened, _)| opened).sum::<i64>(), 1, "{engine:?}: {later:?}");
        assert_eq!((later[9].0 + later[10].0, later[11]), (1, (0, 1)), "{engine:?}: {later:?}");
        let page = member.get(&format!("/g/{}/year", world.group)).await.text;
        assert!(
            page.contains("1 cases were opened and 1 closed") && page.contains("View as table"),
            "{page}"
        );
        let elsewhere = world.server.client(world.elsewhere).await;
        assert_eq!(elsewhere.get(&path).await.status, StatusCode::NOT_FOUND);
    }
}

#[tokio::test]
async fn who_sees_what_is_a_table_of_people_and_groups_and_a_file() {
    for engine in ENGINES {
        let world = World::new(engine).await;
        let owner = world.client(As::Owner).await;
        let path = format!("/api/v1/accounts/{}/access", world.account);
        let found = owner.get(&path).await.json;
        let names = found["groups"].as_array().unwrap().iter().map(|group| group["name"].as_str().unwrap());
        assert_eq!(names.collect::<Vec<_>>(), ["Alder Creek", "Brookfield"]);
        let of = |user: kernel::id::UserId| {
            let people = found["people"].as_array().unwrap();
            people.iter().find(|person| person["user"] == user.to_string()).unwrap().clone()
        };
        assert_eq!(
            of(world.group_admin)["groups"],
            json!([{ "group": world.group, "role": "administrator" }])
        );
        assert_eq!(of(world.member)["reads_all_groups"], false);
        assert_eq!(
            (&of(world.owner)["reads_all_groups"], &of(world.owner)["groups"]),
            (&json!(true), &json!([]))
        );
        assert_eq!(of(world.support)["role"], "support_staff");
        let page = owner.get(&format!("/a/{}/access", world.account)).await;
        assert!(page.text.contains("Reads only") && page.text.contains("Alder Creek"), "{}", page.text);
        let file = owner.get(&format!("/a/{}/access?format=csv", world.account)).await;
        assert!(file.headers["content-type"].to_str().unwrap().starts_with("text/csv"));
        let lines = file.text.lines().collect::<Vec<_>>();
        let head = "\"person\",\"email\",\"account role\",\"Alder Creek\",\"Brookfield\"";
        assert!(lines[0].ends_with(head), "{}", file.text);
        let member = "\"member\",\"member@riverside.test\",\"Member\",\"Member\",\"\"";
        assert!(lines.contains(&member), "{}", file.text);
        for role in [As::Member, As::GroupAdmin, As::Support] {
            let refused = world.client(role).await.get(&path).await;
            assert!(!refused.status.is_success(), "{engine:?} {role:?}");
        }
    }
}

#[tokio::test]
async fn a_persons_access_over_time_is_told_by_periods() {
    for engine in ENGINES {
        let world = World::new(engine).await;
        world.server.clock.advance(3 * DAY);
        let owner = world.server.client(world.owner).await;
        let seat = format!("/api/v1/groups/{}/members/{}", world.group, world.member);
        let made = owner.put(&seat, &json!({ "role": "administrator" })).await;
        assert!(made.status.is_success(), "{}", made.text);
        let path = format!("/api/v1/accounts/{}/members/{}/access", world.account, world.member);
        let found = owner.get(&path).await.json;
        let told = found["items"].as_array().unwrap().iter();
        let told = told.map(|item| {
            (item["group_name"].as_str(), item["role"].as_str().unwrap(), item["until"].is_null())
        });
        let wanted = [
            (None, "member", true),
            (Some("Alder Creek"), "member", false),
            (Some("Alder Creek"), "administrator", true),
        ];
        assert_eq!(told.collect::<Vec<_>>(), wanted, "{engine:?}");
        let page = owner.get(&format!("/a/{}/users/{}/access", world.account, world.member)).await;
        assert!(
            page.text.contains("Access over time") && page.text.contains("View as table"),
            "{}",
            page.text
        );
        let stranger = format!("/api/v1/accounts/{}/members/{}/access", world.account, world.stranger);
        assert_eq!(owner.get(&stranger).await.status, StatusCode::NOT_FOUND);
    }
}

#[tokio::test]
async fn the_dashboard_shows_requests_and_shared_handouts_once_there_are_some() {
    let world = World::new(Engine::Sqlite).await;
    let owner = world.client(As::Owner).await;
    let path = format!("/a/{}/dashboard", world.account);
    let empty = owner.get(&path).await.text;
    assert!(!empty.contains("Time to first answer") && !empty.contains("Handouts shared"), "{empty}");
    let handout = owner
        .post(
            &format!("/api/v1/accounts/{}/handouts", world.account),
            &crate::support::handout("After surgery"),
        )
        .await;
    let share = format!("/api/v1/handouts/{}/shares", handout.json["id"].as_str().unwrap());
    let shared = owner.post(&share, &json!({})).await;
    assert_eq!(shared.status, StatusCode::CREATED, "{}", shared.text);
    let page = owner.get(&path).await.text;
    assert!(page.contains("Handouts shared") && page.contains("Aftercare: 1"), "{page}");
}
