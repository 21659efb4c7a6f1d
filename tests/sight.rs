//! Who could see a case or a client on a day and in a range of days: by the clocks of the account, to the minute.

use kernel::{
    clock::{HOUR, MINUTE, Time},
    id::AccountId,
};
use serde_json::{Value, json};
use storage::sql;

use crate::support::{As, Client, ENGINES, Engine, Server, World, new_client};

/// The day before the clocks of Chicago are set back: the day after it has 25 hours.
const BEFORE: &str = "2026-10-31T20:00:00Z";

async fn chicago(engine: Engine, start: &str) -> World {
    let start = Time::read(start, &kernel::clock::TimeZone::UTC).unwrap();
    let world = World::on(Server::at(start, engine, |_| {}).await).await;
    let account = world.account;
    let set = world.server.db().write(async move |tx| {
        tx.exec(sql!("UPDATE accounts SET time_zone = 'America/Chicago' WHERE id = $1"), &[&account]).await
    });
    set.await.unwrap();
    world
}

fn set_clock(world: &World, to: &str) {
    let to = Time::read(to, &kernel::clock::TimeZone::UTC).unwrap();
    world.server.clock.advance(to.since(world.server.clock.now()));
}

/// "member: member of Alder Creek", with its times as far as they lie after `from`.
fn told(reply: &Value, name: &str) -> Vec<(String, String, Option<String>)> {
    let items = reply["items"].as_array().unwrap_or_else(|| panic!("{reply}"));
    let own = items.iter().filter(|item| item["user"]["name"] == name);
    let text = |value: &Value| value.as_str().map(|text| text.get(..16).unwrap_or(text).to_owned());
    own.map(|item| {
        (item["why"].as_str().unwrap().to_owned(), text(&item["since"]).unwrap(), text(&item["until"]))
    })
    .collect()
}

async fn put_in(world: &World, admin: &Client, role: &str) {
    let path = format!("/api/v1/groups/{}/members/{}", world.group, world.elsewhere);
    let put = admin.put(&path, &json!({ "role": role })).await;
    assert!(put.status.is_success(), "{}", put.text);
}

async fn take_out(world: &World, admin: &Client) {
    let path = format!("/api/v1/groups/{}/members/{}", world.group, world.elsewhere);
    assert!(admin.delete(&path).await.status.is_success());
}

#[tokio::test]
async fn a_day_of_25_hours_is_told_whole_with_who_was_there_for_ten_minutes() {
    for engine in ENGINES {
        let world = chicago(engine, BEFORE).await;
        world.server.leave_mail();
        let client = new_client(&world.server, world.member, world.account, world.group, "Ada").await;
        // 24 and a half hours after midnight, for ten minutes.
        set_clock(&world, "2026-11-02T05:30:00Z");
        let admin = world.client(As::GroupAdmin).await;
        put_in(&world, &admin, "member").await;
        world.server.clock.advance(10 * MINUTE);
        take_out(&world, &admin).await;
        world.server.clock.advance(24 * HOUR);
        let admin = world.client(As::GroupAdmin).await;
        let brief = vec![(
            "member of Alder Creek".to_owned(),
            "2026-11-02T05:30".to_owned(),
            Some("2026-11-02T05:40".to_owned()),
        )];
        for path in
            [format!("/api/v1/cases/{}/access", world.case), format!("/api/v1/clients/{client}/access")]
        {
            let on = async |query: &str| admin.get(&format!("{path}{query}")).await.json;
            let day = on("?at=2026-11-01").await;
            assert_eq!(
                (&day["from"], &day["until"]),
                (&json!("2026-11-01T05:00:00Z"), &json!("2026-11-02T06:00:00Z"))
            );
            assert_eq!(day["at"], Value::Null);
            assert_eq!(told(&day, "elsewhere"), brief, "{path}");
            assert_eq!(told(&day, "member").len(), 1);
            for query in ["?from=2026-10-31&to=2026-11-01", "?from=2026-11-01", "?from=2026-11-02T05:35:00Z"]
            {
                assert_eq!(told(&on(query).await, "elsewhere"), brief, "{path}{query}");
            }
            for query in [
                "",
                "?at=2026-11-02",
                "?at=2026-10-31",
                "?from=2026-11-02",
                "?from=2026-10-31&to=2026-10-31",
                "?at=2026-11-02T05:41:00Z",
                "?at=2026-11-02T05:29:59Z",
            ] {
                assert_eq!(told(&on(query).await, "elsewhere"), [], "{path}{query}");
            }
            assert_eq!(told(&on("?at=2026-11-02T05:39:00Z").await, "elsewhere"), brief);
            assert_eq!(on("?from=2020-01-01&to=2020-12-31").await["items"], json!([]));
        }
    }
}

#[tokio::test]
async fn the_page_tells_until_when_and_faults_stand_beside_their_field() {
    let world = chicago(Engine::Sqlite, "2026-03-07T12:00:00Z").await;
    world.server.leave_mail();
    // The day has 23 hours. In its last one:
    set_clock(&world, "2026-03-09T04:10:00Z");
    let admin = world.client(As::GroupAdmin).await;
    put_in(&world, &admin, "member").await;
    world.server.clock.advance(10 * MINUTE);
    take_out(&world, &admin).await;
    world.server.clock.advance(3 * HOUR);
    let page = format!("/g/{}/cases/{}", world.group, world.case);
    let day = admin.get(&format!("{page}?at=2026-03-08")).await.text;
    let clock = |at: &str| {
        let kit = web::parts::Kit {
            now: world.server.clock.now(),
            zone: kernel::clock::TimeZone::get("America/Chicago").unwrap(),
            flash: None,
            sells: true,
        };
        kit.clock(&Time::read(at, &kernel::clock::TimeZone::UTC).unwrap())
    };
    let brief = format!("from {} until {}", clock("2026-03-09T04:10:00Z"), clock("2026-03-09T04:20:00Z"));
    assert!(day.contains(&brief), "{brief}");
    let next = admin.get(&format!("{page}?at=2026-03-09")).await.text;
    assert!(!next.contains("from ") || !next.contains(&brief));
    for (query, fault) in [
        ("at=2027-01-01", "This is in the future."),
        ("at=x", "Give a day such as"),
        ("from=2026-03-09&to=2026-03-08", "The last day can’t be before the first."),
    ] {
        let faulty = admin.get(&format!("{page}?{query}")).await;
        assert!(faulty.text.contains(fault), "{query}");
        let refused = admin.get(&format!("/api/v1/cases/{}/access?{query}", world.case)).await;
        assert_eq!(refused.status, 422, "{}", refused.text);
    }
}

#[tokio::test]
async fn a_change_of_role_does_not_make_a_membership_younger() {
    for engine in ENGINES {
        let world = chicago(engine, BEFORE).await;
        world.server.leave_mail();
        world.server.clock.advance(HOUR);
        let owner = world.client(As::Owner).await;
        let path = format!("/api/v1/accounts/{}/members/{}", world.account, world.member);
        assert!(owner.patch(&path, &json!({ "role": "administrator" })).await.status.is_success());
        world.server.clock.advance(HOUR);
        // Out of the group: from now on only from the parent account.
        let path = format!("/api/v1/groups/{}/members/{}", world.group, world.member);
        assert!(owner.delete(&path).await.status.is_success());
        world.server.clock.advance(HOUR);
        let path = format!("/api/v1/cases/{}/access", world.case);
        let day = told(&owner.get(&format!("{path}?at=2026-10-31")).await.json, "member");
        let (inside, above) =
            ("member of Alder Creek", "administrator of the account; reads from the parent account");
        let expected = [
            (inside.to_owned(), "2026-10-31T20:00".to_owned(), Some("2026-10-31T22:00".to_owned())),
            (above.to_owned(), "2026-10-31T22:00".to_owned(), None),
        ];
        assert_eq!(day, expected);
        assert_eq!(told(&owner.get(&path).await.json, "member"), expected[1..]);
    }
}

#[tokio::test]
async fn nobody_saw_it_before_its_group_came_into_the_account() {
    for engine in ENGINES {
        let world = chicago(engine, BEFORE).await;
        world.server.leave_mail();
        world.server.clock.advance(HOUR);
        // The group came out of Hillside an hour after its case was made there.
        let (account, group, case, now) = (world.account, world.group, world.case, world.server.clock.now());
        let hillside = world.server.db().read(async move |tx| {
            tx.value::<AccountId>(sql!("SELECT id FROM accounts WHERE name = 'Hillside'"), &[]).await
        });
        let hillside = hillside.await.unwrap();
        let moved = world.server.db().write(async move |tx| {
            tx.exec(
                sql!("INSERT INTO group_moves (account_id, group_id, id, from_account, at) VALUES ($1, $2, $3, $4, $5)"),
                &[&account, &group, &tx.id::<kernel::id::Period>(), &hillside, &now],
            )
            .await
        });
        moved.await.unwrap();
        world.server.clock.advance(HOUR);
        let owner = world.client(As::Owner).await;
        let day = owner.get(&format!("/api/v1/cases/{case}/access?at=2026-10-31")).await.json;
        let came = "2026-10-31T21:00".to_owned();
        let reads = "owner of the account; reads from the parent account".to_owned();
        assert_eq!(told(&day, "owner"), [(reads.clone(), came.clone(), None)], "{day}");
        assert_eq!(told(&day, "member"), [("member of Alder Creek".to_owned(), came.clone(), None)]);
        let made = "2026-10-31T20:00".to_owned();
        assert_eq!(told(&day, "stranger"), [(reads, made, Some(came))], "{engine:?}");
    }
}

#[tokio::test]
async fn a_note_of_a_day_to_come_is_not_released() {
    for engine in ENGINES {
        let world = chicago(engine, "2026-03-03T03:00:00Z").await;
        let client = new_client(&world.server, world.member, world.account, world.group, "Ada").await;
        let member = world.client(As::Member).await;
        // In Chicago it is still the evening of March 2.
        let path = format!("/api/v1/clients/{client}/notes");
        let note =
            member.post(&path, &json!({ "service_date": "2026-03-03", "body": "We walked." })).await.json;
        let note = format!("/api/v1/notes/{}", note["id"].as_str().unwrap());
        let refused = member.post(&format!("{note}/release"), &json!({})).await;
        assert_eq!(refused.status, 422, "{}", refused.text);
        assert_eq!(refused.json["errors"][0]["field"], "service_date");
        assert!(
            refused.json["errors"][0]["detail"].as_str().unwrap().starts_with("The date is in the future")
        );
        let circle =
            crate::support::new_client_group(&world.server, world.account, world.group, "Tuesday", &[client])
                .await;
        let path = format!("/api/v1/client-groups/{circle}/notes");
        let made =
            member.post(&path, &json!({ "service_date": "2026-03-03", "body": "We sang." })).await.json;
        let group_note = format!("/api/v1/group-notes/{}", made["id"].as_str().unwrap());
        assert!(member.post(&format!("{group_note}/create-notes"), &json!({})).await.status.is_success());
        for body in [json!({}), json!({ "clients": [client] }), json!({ "despite": true })] {
            let refused = member.post(&format!("{group_note}/release"), &body).await;
            assert_eq!(
                (refused.status.as_u16(), &refused.json["errors"][0]["field"]),
                (422, &json!("service_date"))
            );
        }
        assert_eq!(member.get(&group_note).await.json["notes_released"], 0);
        world.server.clock.advance(4 * HOUR);
        assert!(member.post(&format!("{note}/release"), &json!({})).await.status.is_success());
        assert!(member.post(&format!("{group_note}/release"), &json!({})).await.status.is_success());
    }
}
