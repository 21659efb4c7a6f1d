//! No list ends in silence: it has further pages, or says how many it leaves out.

use std::collections::BTreeSet;

use access::Privilege;
use kernel::id::{FileId, InvitationId, UserId};
use people::users::{self, UserType};
use platform::audit::{self, Action, Event};
use serde_json::{Value, json};
use storage::sql;

use crate::{
    sorting::people,
    support::{As, ENGINES, Engine, World, new_client, new_user_group},
};

#[tokio::test]
async fn files_of_a_case_are_paged() {
    for engine in ENGINES {
        let world = World::new(engine).await;
        let (account, group, case, member) = (world.account, world.group, world.case, world.member);
        let made = world.server.db().write(async move |tx| {
            for number in 0..120 {
                tx.exec(
                    sql!(
                        "INSERT INTO case_files (account_id, group_id, case_id, id, name, content_type, size, digest,
                                                 uploaded_by, created_at)
                         VALUES ($1, $2, $3, $4, $5, 'application/pdf', 1, $6, $7, $8)"
                    ),
                    &[
                        &account,
                        &group,
                        &case,
                        &tx.id::<kernel::id::File>(),
                        &format!("scan-{number:03}.pdf"),
                        &storage::Hash([0; 32]),
                        &member,
                        &tx.now(),
                    ],
                )
                .await?;
            }
            Ok(())
        });
        made.await.unwrap();
        let member = world.client(As::Member).await;
        let (mut seen, mut next) = (Vec::new(), String::new());
        loop {
            let page = member.get(&format!("/api/v1/cases/{case}/files?limit=50{next}")).await.json;
            let items = page["items"].as_array().unwrap();
            assert!(items.len() <= 50);
            seen.extend(items.iter().map(|file| file["id"].as_str().unwrap().parse::<FileId>().unwrap()));
            let Some(cursor) = page["next_cursor"].as_str() else { break };
            next = format!("&cursor={cursor}");
        }
        assert_eq!(seen.len(), 120, "{engine:?}");
        assert!(seen.windows(2).all(|pair| pair[0] > pair[1]), "newest first, each once");
        let path = format!("/g/{group}/cases/{case}");
        let page = member.get(&path).await.text;
        assert_eq!(page.matches("class=\"file-tile\"").count(), 50);
        let next = page.split("?files=").nth(1).unwrap().split(['#', '"']).next().unwrap();
        let second = member.get(&format!("{path}?files={next}")).await.text;
        assert_eq!(second.matches("class=\"file-tile\"").count(), 50);
        let names = |page: &str| {
            (0..120).filter(|n| page.contains(&format!("scan-{n:03}.pdf</a>"))).collect::<Vec<_>>()
        };
        let (first, second) = (names(&page), names(&second));
        assert!(first.len() == 50 && second.len() == 50 && first.iter().all(|name| !second.contains(name)));
    }
}

#[tokio::test]
async fn a_request_says_that_not_all_colleagues_are_listed() {
    let world = World::new(Engine::Sqlite).await;
    world.server.leave_mail();
    let (account, now) = (world.account, world.server.clock.now());
    let made = world.server.db().write(async move |tx| {
        let mut people = Vec::<UserId>::new();
        for number in 0..501 {
            let email = kernel::addresses::Email::read(&format!("n{number}@riverside.test")).unwrap();
            let id = tx.id();
            users::insert(tx, id, &email, &format!("Nurse {number:03}"), UserType::Other, None).await?;
            tx.exec(
                sql!("INSERT INTO members (account_id, id, user_id, role, since) VALUES ($1, $2, $3, 'member', $4)"),
                &[&account, &tx.id::<kernel::id::Period>(), &id, &now],
            )
            .await?;
            people.push(id);
        }
        Ok(people)
    });
    let people = made.await.unwrap();
    let receive = [Privilege::RequestsReceive, Privilege::RequestsSend];
    let ward = new_user_group(&world.server, account, "Ward", &people, &receive).await;
    let (asker, nurse) = (world.client(As::Owner).await, world.server.client(people[0]).await);
    let body = json!({ "to": ward, "subject": "Beds", "body": "How many?" });
    let sent = asker.post(&format!("/api/v1/accounts/{account}/requests"), &body).await.json;
    let page = nurse.get(&format!("/a/{account}/requests/{}", sent["id"].as_str().unwrap())).await.text;
    assert!(
        page.contains("Showing the first 500 of 501 people. The others can claim the request themselves.")
    );
    assert!(page.contains("Nurse 499") && !page.contains("Nurse 500"));
}

#[tokio::test]
async fn the_form_of_a_request_says_that_there_are_more_cases() {
    let world = World::new(Engine::Sqlite).await;
    let (account, group, case) = (world.account, world.group, world.case);
    new_user_group(
        &world.server,
        account,
        "Clinicians",
        &[world.member],
        &[Privilege::RequestsSend, Privilege::RequestsReceive],
    )
    .await;
    let member = world.client(As::Member).await;
    let form = async || {
        let page = member.get(&format!("/a/{account}/requests/new?case={case}")).await.text;
        assert!(
            page.contains(&format!("value=\"{case}\" selected")),
            "the chosen one is always offered: {page}"
        );
        page.contains("The newest 100 open cases are listed.")
    };
    assert!(!form().await);
    for number in 0..100 {
        crate::support::new_case(
            &world.server,
            world.member,
            group,
            world.location,
            world.protocol,
            &format!("C{number}"),
        )
        .await;
    }
    assert!(form().await);
}

#[tokio::test]
async fn lists_of_people_have_all_invitations_on_further_pages() {
    for engine in ENGINES {
        let world = World::new(engine).await;
        world.server.leave_mail();
        let owner = world.client(As::Owner).await;
        let (account, group, by) = (world.account, world.group, world.owner);
        let groups = json!([{ "group": group, "role": "member" }]);
        let body = json!({ "emails": "first@out.test", "role": "member", "groups": groups });
        owner.post(&format!("/api/v1/accounts/{account}/invitations"), &body).await;
        let more = world.server.db().write(async move |tx| {
            for number in 0..240 {
                let id: InvitationId = tx.id();
                tx.exec(
                    sql!(
                        "INSERT INTO invitations (account_id, id, email, email_key, role, user_type, state, invited_by,
                                                  created_at, sent_at, expires_at)
                         SELECT account_id, $2, $3, $3, role, user_type, 'pending', invited_by, created_at, sent_at, expires_at
                         FROM invitations WHERE account_id = $1 AND email = 'first@out.test'"
                    ),
                    &[&account, &id, &format!("n{number:03}@out.test")],
                )
                .await?;
                tx.exec(
                    sql!(
                        "INSERT INTO invitation_groups (account_id, invitation_id, group_id, role, given_by)
                         VALUES ($1, $2, $3, 'member', $4)"
                    ),
                    &[&account, &id, &group, &by],
                )
                .await?;
            }
            Ok(())
        });
        more.await.unwrap();
        for path in [format!("/a/{account}/users"), format!("/g/{group}/users")] {
            for path in [path.clone(), format!("{path}?status=pending")] {
                let everyone = people(&owner, &path).await;
                let invited = everyone.into_iter().filter(|name| name.ends_with("@out.test"));
                let invited = invited.collect::<BTreeSet<_>>();
                assert_eq!(invited.len(), 241, "{engine:?} {path}");
            }
            assert_eq!(people(&owner, &format!("{path}?q=first%40out")).await, ["first@out.test"], "{path}");
        }
    }
}

#[tokio::test]
async fn likely_duplicates_say_that_there_are_more() {
    let world = World::new(Engine::Sqlite).await;
    for _ in 0..501 {
        new_client(&world.server, world.member, world.account, world.group, "Ada Lund").await;
    }
    let admin = world.client(As::GroupAdmin).await;
    let api = format!("/api/v1/groups/{}/clients/duplicates", world.group);
    assert_eq!(admin.get(&api).await.json["more"], true);
    let page = admin.get(&format!("/g/{}/clients/duplicates", world.group)).await.text;
    assert!(page.contains("Showing the first 500 likely duplicates."), "{page}");
}

#[tokio::test]
async fn an_export_of_the_activity_holds_all_of_it() {
    for engine in ENGINES {
        let world = World::new(engine).await;
        let (account, owner) = (world.account, world.owner);
        let noted = world.server.db().write(async move |tx| {
            for _ in 0..2_100 {
                audit::record(tx, Event::new(account, owner, Action::AccountChanged, account)).await?;
            }
            Ok(())
        });
        noted.await.unwrap();
        let owner = world.client(As::Owner).await;
        let csv = owner.get(&format!("/a/{account}/activity.csv")).await.text;
        let numbers = csv
            .lines()
            .skip(1)
            .filter_map(|line| line.trim_start_matches('"').split('"').next()?.parse::<i64>().ok());
        let numbers = numbers.collect::<Vec<_>>();
        assert!(numbers.len() > 2_100 && numbers.windows(2).all(|pair| pair[0] == pair[1] + 1), "{engine:?}");
        assert_eq!(numbers.last(), Some(&1));
        let none = owner.get(&format!("/a/{account}/activity.csv?from=2020-01-01&to=2020-01-02")).await.text;
        assert_eq!(none.lines().count(), 1, "{none}");
        assert_ne!(Value::Null, json!(none));
    }
}
