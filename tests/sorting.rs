//! Long tables: a page of each order shows every row once, in that order, and links keep what filters them.

use kernel::{
    clock::HOUR,
    id::{CaseId, UserId},
};
use people::users::{self, UserType};
use serde_json::json;
use storage::sql;

use crate::support::{As, Client, ENGINES, World, new_case, new_client};

/// What stands in an attribute, as a browser reads it.
fn read(attribute: &str) -> String {
    attribute.replace("&#38;", "&").replace("&#39;", "'")
}

/// Where the link to the next page leads.
fn next(page: &str) -> Option<String> {
    let link =
        page.split("<a class=\"btn btn-sm\" href=\"").skip(1).find(|link| link.contains("rel=\"next\""))?;
    Some(read(link.split('"').next().unwrap()))
}

/// Where a head of the table leads.
fn head(page: &str, label: &str) -> String {
    let heads = page.split("<thead>").nth(1).unwrap().split("</thead>").next().unwrap();
    let head = heads.split("</th>").find(|head| head.contains(&format!(">{label}</a>"))).expect(label);
    read(head.split("href=\"").nth(1).unwrap().split('"').next().unwrap())
}

/// The rows of all pages from this one on, by what stands between these texts in each.
async fn rows(client: &Client, path: &str, from: &str, to: &str) -> Vec<String> {
    let (mut seen, mut path) = (Vec::new(), path.to_owned());
    loop {
        let page = client.get(&path).await.text;
        let body = page.split("<tbody>").nth(1).unwrap_or_else(|| panic!("no table on {path}"));
        let body = body.split("</tbody>").next().unwrap();
        let found = body.split(from).skip(1).map(|row| row.split(to).next().unwrap().to_owned());
        let found = found.collect::<Vec<_>>();
        assert!(!found.is_empty() && found.len() <= 50, "{} rows on {path}", found.len());
        seen.extend(found);
        match next(&page) {
            Some(more) => path = more,
            None => return seen,
        }
        assert!(seen.len() < 1_000, "{path} goes in circles");
    }
}

const NAME: (&str, &str) = ("<span class=\"person-name\" dir=\"auto\">", "<");

/// The names of all people and invitations of a list.
pub(crate) async fn people(client: &Client, path: &str) -> Vec<String> {
    rows(client, path, NAME.0, NAME.1).await
}

/// Sixty members of the account and its first group, seen at different times, and fifty-five invitations.
async fn many_people(world: &World) {
    let (account, group, now) = (world.account, world.group, world.server.clock.now());
    let made = world.server.db().write(async move |tx| {
        for number in 0..60_i64 {
            let name = match number {
                7 => "Óscar Ibáñez".to_owned(),
                8 => "wen Li".to_owned(),
                9 => "O'Neil, Ada".to_owned(),
                _ => format!("Nurse {number:02}"),
            };
            let email = kernel::addresses::Email::read(&format!("n{number}@riverside.test")).unwrap();
            let id: UserId = tx.id();
            users::insert(tx, id, &email, &name, UserType::Other, None).await?;
            let period = tx.id::<kernel::id::Period>();
            let role = if number % 10 == 0 { "administrator" } else { "member" };
            tx.exec(
                sql!(
                    "INSERT INTO members (account_id, id, user_id, role, since) VALUES ($1, $2, $3, $4, $5)"
                ),
                &[&account, &period, &id, &role, &now],
            )
            .await?;
            tx.exec(
                sql!(
                    "INSERT INTO group_members (account_id, group_id, id, user_id, role, since)
                     VALUES ($1, $2, $3, $4, $5, $6)"
                ),
                &[&account, &group, &period, &id, &role, &now],
            )
            .await?;
            let seen = (number % 3 > 0).then(|| now.plus(-number * HOUR));
            tx.exec(sql!("UPDATE users SET seen_at = $2 WHERE id = $1"), &[&id, &seen]).await?;
        }
        Ok(())
    });
    made.await.unwrap();
    let owner = world.client(As::Owner).await;
    let emails = (0..55).map(|number| format!("invited{number:02}@out.test")).collect::<Vec<_>>();
    let groups = json!([{ "group": group, "role": "member" }]);
    let body = json!({ "emails": emails, "role": "member", "groups": groups });
    let path = format!("/api/v1/accounts/{account}/invitations");
    assert!(owner.post(&path, &body).await.status.is_success());
}

#[tokio::test]
async fn users_are_paged_and_sorted_together_with_the_invited() {
    for engine in ENGINES {
        let world = World::new(engine).await;
        world.server.leave_mail();
        many_people(&world).await;
        let owner = world.client(As::Owner).await;
        for path in [format!("/a/{}/users", world.account), format!("/g/{}/users", world.group)] {
            let by_name = people(&owner, &path).await;
            assert!(by_name.len() >= 117, "{} on {path}", by_name.len());
            let folded = by_name.iter().map(|name| kernel::search::key(&read(name))).collect::<Vec<_>>();
            assert!(folded.is_sorted(), "{engine:?} {by_name:?}");
            let at = |name: &str| by_name.iter().position(|each| read(each) == name).expect(name);
            assert!(at("O'Neil, Ada") < at("Óscar Ibáñez") && at("Óscar Ibáñez") < at("wen Li"));
            let everyone = {
                let mut sorted = by_name.clone();
                sorted.sort();
                sorted
            };
            for sort in ["-name", "role", "-role", "status", "-status", "seen", "-seen"] {
                let mut found = people(&owner, &format!("{path}?sort={sort}")).await;
                match sort {
                    "-name" => assert!(found.iter().rev().eq(by_name.iter()), "{engine:?}"),
                    "status" => assert!(found[..55].iter().all(|name| name.starts_with("invited"))),
                    "-status" => {
                        assert!(found[found.len() - 55..].iter().all(|name| name.starts_with("invited")));
                    }
                    "-seen" => {
                        let nurses = found.iter().filter(|name| name.starts_with("Nurse ")).cloned();
                        let nurses = nurses.collect::<Vec<_>>();
                        let seen = |name: &&String| name[6..].parse::<i64>().unwrap() % 3 > 0;
                        assert!(nurses.iter().take_while(seen).is_sorted(), "the latest first: {nurses:?}");
                        assert_eq!(nurses.iter().take_while(seen).count(), 38, "{nurses:?}");
                    }
                    _ => {}
                }
                found.sort();
                assert_eq!(found, everyone, "{engine:?} {path} by {sort}");
            }
            // What filters stays while one sorts and pages, and what sorts stays while one filters.
            let page = owner.get(&format!("{path}?q=nurse&status=accepted&sort=-seen")).await.text;
            assert!(page.contains("aria-sort=\"descending\"><a"), "{page}");
            assert!(page.contains("<input type=\"hidden\" name=\"sort\" value=\"-seen\">"));
            assert!(head(&page, "Role").contains("q=nurse&status=accepted&sort=role"));
            assert!(next(&page).unwrap().contains("q=nurse&status=accepted&sort=-seen&cursor=usr_"));
            assert_eq!(people(&owner, &format!("{path}?q=nurse&status=accepted&sort=-seen")).await.len(), 57);
            assert_eq!(people(&owner, &format!("{path}?status=pending")).await.len(), 55);
            assert!(owner.get(&format!("{path}?cursor=cas_1")).await.status.is_client_error());
            // An order that there is none of is the usual one.
            assert_eq!(people(&owner, &format!("{path}?sort=salary")).await, by_name);
        }
        // Who doesn't manage the group sees its people alone.
        let member = world.client(As::Member).await;
        let seen = people(&member, &format!("/g/{}/users?sort=status", world.group)).await;
        assert!(seen.len() >= 60 && seen.iter().all(|name| !name.starts_with("invited")), "{seen:?}");
    }
}

/// Thirty cases in two groups, of which the even ones were touched later, in another order.
async fn many_cases(world: &World) {
    for number in 0..60 {
        world.server.clock.advance(HOUR);
        let (by, group, location) = match number % 2 {
            0 => (world.member, world.group, world.location),
            _ => (world.elsewhere, world.other_group, world.other_location),
        };
        new_case(&world.server, by, group, location, world.protocol, &format!("Case {number:02}")).await;
    }
    let (account, now) = (world.account, world.server.clock.now());
    let touched = world.server.db().write(async move |tx| {
        let found: Vec<(CaseId, i64)> = tx
            .all(sql!("SELECT id, number FROM cases WHERE account_id = $1 ORDER BY id"), &[&account])
            .await?;
        for (at, (id, _)) in found.into_iter().enumerate() {
            // Three at a time changed at one moment.
            let hours = i64::try_from(at * 7 % 61 / 3).unwrap();
            tx.exec(sql!("UPDATE cases SET updated_at = $2 WHERE id = $1"), &[&id, &now.plus(-hours * HOUR)])
                .await?;
        }
        Ok(())
    });
    touched.await.unwrap();
}

#[tokio::test]
async fn cases_are_sorted_in_a_group_in_all_groups_and_from_the_parent_account() {
    for engine in ENGINES {
        let world = World::new(engine).await;
        world.server.leave_mail();
        many_cases(&world).await;
        let (owner, member) = (world.client(As::Owner).await, world.client(As::Member).await);
        let in_group = format!("/g/{}/cases?status=all", world.group);
        let everywhere = "/all/cases?status=all".to_owned();
        let account = format!("/a/{}/cases?status=all", world.account);
        let row = ("<tr>", "</tr>");
        for (client, path) in [(&member, in_group), (&member, everywhere), (&owner, account)] {
            let id = |row: &String| row.split("/cases/").nth(1).unwrap()[..30].to_owned();
            let updated = |row: &String| {
                let cell = row.split("data-label=\"Updated\"").nth(1).unwrap();
                cell.split("datetime=\"").nth(1).unwrap().split('"').next().unwrap().to_owned()
            };
            let newest = rows(client, &path, row.0, row.1).await;
            assert!(newest.len() >= 31, "{engine:?} {path}: {}", newest.len());
            assert!(newest.is_sorted_by(|a, b| id(a) > id(b)));
            let oldest = rows(client, &format!("{path}&sort=created"), row.0, row.1).await;
            assert!(oldest.iter().map(id).eq(newest.iter().rev().map(id)), "{engine:?} {path}");
            let last = rows(client, &format!("{path}&sort=-updated"), row.0, row.1).await;
            assert!(last.is_sorted_by(|a, b| (updated(a), id(a)) > (updated(b), id(b))), "{engine:?} {path}");
            let first = rows(client, &format!("{path}&sort=updated"), row.0, row.1).await;
            assert!(first.iter().map(id).eq(last.iter().rev().map(id)), "{engine:?} {path}");
            assert_eq!(last.len(), newest.len());
            let some = rows(client, &format!("{path}&q=case+1&sort=-updated"), row.0, row.1).await;
            assert!(some.iter().all(|row| row.contains(">Case 1")) && some.len() >= 5, "{engine:?} {path}");
            let page = client.get(&format!("{path}&sort=-updated")).await.text;
            assert!(page.contains("status=closed&#38;sort=-updated"), "tabs keep the order: {page}");
        }
    }
}

#[tokio::test]
async fn clients_and_locations_are_sorted_by_the_rules_of_names() {
    for engine in ENGINES {
        let world = World::new(engine).await;
        for number in 0..40 {
            let name = match number {
                3 => "Óscar Ibáñez".to_owned(),
                4 => "Wen Li".to_owned(),
                5 => "O'Neil".to_owned(),
                _ => format!("Client {:02}", number * 7 % 40),
            };
            world.server.clock.advance(HOUR);
            new_client(&world.server, world.member, world.account, world.group, &name).await;
        }
        let member = world.client(As::Member).await;
        let path = format!("/g/{}/clients", world.group);
        let name = ("dir=\"auto\">", "</a>");
        let names = rows(&member, &path, name.0, name.1).await;
        let names = names.iter().map(|name| read(name)).collect::<Vec<_>>();
        assert_eq!(names.len(), 40);
        assert!(names.iter().map(|name| kernel::search::words(name)).is_sorted(), "{engine:?} {names:?}");
        assert_eq!(names[37..], ["O'Neil", "Óscar Ibáñez", "Wen Li"]);
        let mut other = rows(&member, &format!("{path}?sort=-name"), name.0, name.1).await;
        other.reverse();
        assert_eq!(other.iter().map(|name| read(name)).collect::<Vec<_>>(), names);
        let newest = rows(&member, &format!("{path}?sort=-updated"), name.0, name.1).await;
        assert_eq!((newest.len(), read(&newest[36]).as_str()), (40, "Óscar Ibáñez"));
        let found = rows(&member, &format!("{path}?q=client+1&sort=-name"), name.0, name.1).await;
        assert!(found.is_sorted_by(|a, b| a > b) && found.len() == 12, "{found:?}");

        let admin = world.client(As::GroupAdmin).await;
        for number in 0..70 {
            let body = json!({ "name": format!("Barn {number:02}") });
            let made = admin.post(&format!("/api/v1/groups/{}/locations", world.group), &body).await;
            assert!(made.status.is_success(), "{}", made.text);
        }
        let path = format!("/g/{}/locations", world.group);
        let names = async |path: &str| {
            let links = rows(&admin, path, "/cases?location=", "</a>").await;
            links.iter().map(|link| link.split_once('>').unwrap().1.to_owned()).collect::<Vec<_>>()
        };
        let mut all = names(&path).await;
        assert_eq!(all.len(), 71);
        let mut reversed = names(&format!("{path}?sort=-name")).await;
        reversed.reverse();
        assert!(reversed.is_sorted_by_key(|name| kernel::text::fold(name)), "{engine:?} {reversed:?}");
        reversed.sort();
        let mut added = names(&format!("{path}?sort=-added")).await;
        for list in [&mut all, &mut added] {
            list.sort();
            assert_eq!(*list, reversed, "{engine:?}");
        }
    }
}
