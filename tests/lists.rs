//! Every list of the API in every order: whole, exact at its page breaks, and by created_after and updated_after.

use std::collections::BTreeMap;

use axum::http::{Method, StatusCode};
use kernel::clock::{MINUTE, SECOND};
use serde_json::{Value, json};

use crate::support::{
    As, Client, ENGINES, World, new_client,
    specs::{self, Extras},
};

/// What a row of a list is known by.
fn id_of(item: &Value) -> String {
    let id = item["id"].as_str().or(item["user"]["id"].as_str());
    id.unwrap_or_else(|| panic!("a row without an id: {item}")).to_owned()
}

fn ids(page: &Value) -> Vec<String> {
    page["items"].as_array().unwrap_or_else(|| panic!("no list: {page}")).iter().map(id_of).collect()
}

fn with(path: &str, query: &str) -> String {
    format!("{path}{}{query}", if path.contains('?') { '&' } else { '?' })
}

/// Every id of a list, page by page.
async fn paged(client: &Client, path: &str, size: usize) -> Vec<String> {
    let (mut seen, mut cursor) = (Vec::new(), String::new());
    loop {
        let page = client.get(&with(path, &format!("limit={size}{cursor}"))).await;
        assert_eq!(page.status, StatusCode::OK, "{path}: {}", page.text);
        seen.extend(ids(&page.json));
        let Some(next) = page.json["next_cursor"].as_str() else { return seen };
        cursor = format!("&cursor={next}");
    }
}

fn fault(reply: &crate::support::Reply, field: &str, code: &str) {
    let error = &reply.json["errors"][0];
    assert_eq!(reply.status, StatusCode::UNPROCESSABLE_ENTITY, "{}", reply.text);
    assert_eq!((&error["field"], &error["code"]), (&json!(field), &json!(code)), "{}", reply.text);
    assert!(error["detail"].as_str().unwrap().ends_with('.'), "{}", reply.text);
}

/// The orders of a list, as the document has them.
fn orders(route: &web::Route) -> Vec<String> {
    if !route.path.starts_with("/api/") {
        return Vec::new();
    }
    let sort = route.notes.parameters.iter().find(|parameter| parameter.name == "sort");
    let Some(sort) = sort else { return Vec::new() };
    let sort = serde_json::to_value(sort).unwrap();
    sort["schema"]["enum"].as_array().unwrap().iter().map(|name| name.as_str().unwrap().to_owned()).collect()
}

/// A few more rows than one in the lists that people page through.
async fn fill(world: &World) {
    let member = world.client(As::Member).await;
    for name in ["Zoë Abt", "ada lund", "Bo", "Bo", "Čeda"] {
        new_client(&world.server, world.member, world.account, world.group, name).await;
        world.server.clock.advance(MINUTE);
        let case = json!({ "protocol": world.protocol, "location": world.location, "name": name });
        member.post(&format!("/api/v1/groups/{}/cases", world.group), &case).await;
        member.post(&format!("/api/v1/cases/{}/notes", world.case), &json!({ "body": name })).await;
    }
    let owner = world.client(As::Owner).await;
    let emails = "a@lists.test b@lists.test c@lists.test";
    let invite =
        json!({ "emails": emails, "role": "member", "groups": [{ "group": world.group, "role": "member" }] });
    owner.post(&format!("/api/v1/accounts/{}/invitations", world.account), &invite).await;
    // What was made first changes last.
    let case = format!("/api/v1/cases/{}", world.case);
    member.patch(&case, &json!({ "name": "Changed last" })).await;
}

#[tokio::test]
async fn every_list_is_whole_in_every_order_and_its_cursors_belong_to_one() {
    for engine in ENGINES {
        let world = World::new(engine).await;
        world.server.leave_mail();
        let extras = Extras::make(&world).await;
        fill(&world).await;
        let mut sorted = 0;
        for route in covey::routes::all() {
            let orders = orders(&route);
            if orders.is_empty() {
                continue;
            }
            assert_eq!(route.method, Method::GET, "{}", route.path);
            specs::prepare(route.path, &world).await;
            let spec = specs::spec(&route, &world, &extras);
            let (client, path) = (world.client(spec.by).await, &spec.path);
            let mut cursors = BTreeMap::new();
            let plain = paged(&client, path, 100).await;
            for order in &orders {
                let path = with(path, &format!("sort={order}"));
                let (whole, single) = (paged(&client, &path, 100).await, paged(&client, &path, 1).await);
                assert_eq!(whole, single, "{engine:?} {path}: one by one it is the same list");
                let mut same = (whole.clone(), plain.clone());
                same.0.sort();
                same.1.sort();
                assert_eq!(same.0, same.1, "{engine:?} {path}: every order has every row");
                let other = order.strip_prefix('-').map_or(format!("-{order}"), str::to_owned);
                let mut backwards = paged(&client, &with(&spec.path, &format!("sort={other}")), 2).await;
                backwards.reverse();
                assert_eq!(whole, backwards, "{engine:?} {path}: backwards it is the reverse");
                let first = client.get(&with(&path, "limit=1")).await;
                if let Some(cursor) = first.json["next_cursor"].as_str() {
                    cursors.insert(order.clone(), cursor.to_owned());
                    sorted += 1;
                }
            }
            for (of, cursor) in &cursors {
                for order in orders.iter().filter(|order| *order != of) {
                    let crossed = with(path, &format!("sort={order}&cursor={cursor}"));
                    let refused = client.get(&crossed).await;
                    fault(&refused, "cursor", "cursor_of_another_sort");
                    assert!(refused.text.contains(&format!("sort={of} ")), "{}", refused.text);
                }
            }
            fault(&client.get(&with(path, "sort=color")).await, "sort", "unknown_sort");
            let unknown = client.get(&with(path, "color=red")).await;
            fault(&unknown, "color", "unknown_field");
            assert!(unknown.text.contains("cursor, sort"), "{}", unknown.text);
            for bound in ["created_after", "updated_after"] {
                if !specs::parameters(&route).iter().any(|name| name == bound) {
                    fault(
                        &client.get(&with(path, &format!("{bound}=2020-01-01T00:00:00Z"))).await,
                        bound,
                        "unknown_field",
                    );
                    continue;
                }
                let none = client.get(&with(path, &format!("{bound}=2999-01-01T00:00:00Z"))).await;
                assert_eq!(ids(&none.json), Vec::<String>::new(), "{path} {bound}");
                let all = with(path, &format!("{bound}=1970-01-01T00:00:00Z"));
                assert_eq!(paged(&client, &all, 100).await, plain, "{path} {bound}");
                fault(&client.get(&with(path, &format!("{bound}=yesterday"))).await, bound, "not_a_time");
            }
        }
        assert!(sorted > 40, "{engine:?}: {sorted} orders had more than one page");
    }
}

/// A program that keeps up with what changed: it asks for what changed since, in that order, and misses nothing.
#[tokio::test]
async fn what_changes_between_two_pages_is_neither_lost_nor_hides_others() {
    for engine in ENGINES {
        let world = World::new(engine).await;
        let member = world.client(As::Member).await;
        let mut made = Vec::new();
        for name in ["Ada", "Bo", "Čeda", "Dag", "Eva"] {
            let client = new_client(&world.server, world.member, world.account, world.group, name).await;
            made.push(client.to_string());
            world.server.clock.advance(SECOND);
        }
        let list = format!("/api/v1/groups/{}/clients", world.group);
        for sort in ["updated_at", "name"] {
            let first = member.get(&format!("{list}?sort={sort}&limit=2")).await.json;
            let shown = ids(&first);
            // The last row of the page moves to the end of the list, and the first row by its name.
            for (id, change) in
                [(&shown[1], json!({ "name": "Zoë" })), (&shown[0], json!({ "name": "Zora" }))]
            {
                assert_eq!(
                    member.patch(&format!("/api/v1/clients/{id}"), &change).await.status,
                    StatusCode::OK
                );
                world.server.clock.advance(SECOND);
            }
            let rest = format!("{list}?sort={sort}&cursor={}", first["next_cursor"].as_str().unwrap());
            let rest = paged(&member, &rest, 100).await;
            let unchanged = made.iter().filter(|id| !shown.contains(id)).collect::<Vec<_>>();
            for id in &unchanged {
                assert_eq!(rest.iter().filter(|seen| seen == id).count(), 1, "{engine:?} {sort}: {rest:?}");
            }
            assert_eq!(
                rest.len(),
                unchanged.len() + 2,
                "{engine:?} {sort}: what moved is shown where it is now"
            );
        }
        let at = member.get(&format!("{list}?sort=-updated_at&limit=1")).await.json["items"][0]["updated_at"]
            .clone();
        world.server.clock.advance(SECOND);
        let since = format!("{list}?sort=updated_at&updated_after={}", at.as_str().unwrap());
        assert_eq!(
            paged(&member, &since, 1).await,
            Vec::<String>::new(),
            "{engine:?}: nothing changed since"
        );
        member.patch(&format!("/api/v1/clients/{}", made[3]), &json!({ "phone": "1" })).await;
        assert_eq!(paged(&member, &since, 1).await, [made[3].clone()], "{engine:?}");
        let created = member.get(&format!("/api/v1/clients/{}", made[2])).await.json["created_at"].clone();
        let after = format!("{list}?created_after={}&sort=created_at", created.as_str().unwrap());
        assert_eq!(
            paged(&member, &after, 1).await,
            made[3..],
            "{engine:?}: that very moment is not after it"
        );
    }
}

/// The list over several groups, which reads each only as far as a page needs.
#[tokio::test]
async fn the_cases_of_all_groups_are_bounded_by_their_creation() {
    for engine in ENGINES {
        let world = World::new(engine).await;
        let owner = world.client(As::Owner).await;
        let mut made = Vec::new();
        for n in 0..6 {
            world.server.clock.advance(SECOND);
            let (group, location) =
                [(world.group, world.location), (world.other_group, world.other_location)][n % 2];
            let by = [world.member, world.elsewhere][n % 2];
            let name = format!("Case {n}");
            made.push(
                crate::support::new_case(&world.server, by, group, location, world.protocol, &name)
                    .await
                    .to_string(),
            );
        }
        let all = format!("/api/v1/cases?account={}", world.account);
        let third = owner.get(&format!("/api/v1/cases/{}", made[2])).await.json["created_at"].clone();
        let after = with(&all, &format!("created_after={}", third.as_str().unwrap()));
        for size in [1, 2, 100] {
            let mut newest = made[3..].to_vec();
            assert_eq!(
                paged(&owner, &with(&after, "sort=created_at"), size).await,
                newest,
                "{engine:?} {size}"
            );
            newest.reverse();
            assert_eq!(paged(&owner, &after, size).await, newest, "{engine:?} {size}");
        }
    }
}
