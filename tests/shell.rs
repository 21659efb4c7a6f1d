//! The frame of every page: the bar and what its buttons offer, the way back to where one was, the first steps of a
//! practice, and what a page hears while it is open.

use std::collections::BTreeSet;

use axum::{
    body::Body,
    http::{Method, StatusCode, header},
};
use covey::routes;
use kernel::clock::MINUTE;
use serde_json::json;
use storage::sql;

use crate::support::{
    As, Client, ENGINES, Engine, Reply, World, new_user_group,
    specs::{self, Extras},
};

/// The part of a page from one text to another.
fn part<'a>(page: &'a str, from: &str, to: &str) -> &'a str {
    let (_, rest) = page.split_once(from).unwrap_or_else(|| panic!("no {from} in {page}"));
    rest.split_once(to).map_or(rest, |(part, _)| part)
}

fn bar(page: &str) -> &str {
    part(page, "<header class=\"topbar\">", "</header>")
}

/// The links in a part of a page: where they lead, and what is read.
fn links(part: &str) -> Vec<(String, String)> {
    let found = part.split("<a").skip(1).filter_map(|link| {
        let (_, rest) = link.split_once("href=\"")?;
        let (href, rest) = rest.split_once('"')?;
        let words = rest.split_once('>')?.1.split_once("</a>")?.0;
        Some((href.to_owned(), words_of(words)))
    });
    found.collect()
}

/// What is read of a piece of HTML.
fn words_of(html: &str) -> String {
    let mut words = String::new();
    for piece in html.split('<') {
        words.push(' ');
        words.push_str(piece.split_once('>').map_or(piece, |(_, text)| text));
    }
    words.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn is_page(reply: &Reply) -> bool {
    let kind = reply.headers.get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok());
    reply.status.is_success() && kind.is_some_and(|kind| kind.starts_with("text/html"))
}

/// The pages of a person, from each of which the bar is read.
fn places(world: &World) -> Vec<String> {
    let mut places = vec!["/profile".to_owned(), "/all/cases".to_owned(), "/no/such/page".to_owned()];
    places.extend(["", "/cases", "/users"].map(|page| format!("/g/{}{page}", world.group)));
    places.extend(["groups", "users", "handouts"].map(|page| format!("/a/{}/{page}", world.account)));
    places
}

#[tokio::test]
async fn nothing_in_the_bar_leads_to_a_page_that_refuses() {
    let world = World::new(Engine::Sqlite).await;
    let everyone = [
        As::Owner,
        As::Administrator,
        As::GroupAdmin,
        As::Member,
        As::Elsewhere,
        As::Support,
        As::Operator,
        As::Stranger,
    ];
    for who in everyone {
        let client = world.client(who).await;
        let mut leads = BTreeSet::new();
        for place in places(&world) {
            let page = client.get(&place).await.text;
            leads.extend(links(bar(&page)).into_iter().map(|(href, _)| href));
        }
        assert!(leads.len() > 2, "{who:?}: {leads:?}");
        for lead in leads.into_iter().filter(|lead| lead.starts_with('/')) {
            let status = client.get(&lead).await.status;
            assert!(status.is_success() || status.is_redirection(), "{who:?}: {lead} is {status}");
        }
    }
}

#[tokio::test]
async fn the_words_of_the_guides_are_on_the_way() {
    let world = World::new(Engine::Sqlite).await;
    let panel = |page: &str| words_of(part(page, "account-panel\">", "</details>"));
    let owner = world.client(As::Owner).await;
    let page = owner.get(&format!("/g/{}", world.group)).await.text;
    assert_eq!(
        panel(&page).replace(['·'], ""),
        "Your groups Parent account Riverside Switch account Manage Groups Users Locations Handouts Administration Admin dashboard User management \
         User groups Subscription Activity Mail Developers Settings"
    );
    let manage = links(part(&page, "id=\"panel-manage\"", "</section>"));
    let in_group = |page: &str| format!("/g/{}/{page}", world.group);
    assert_eq!(manage[1], (in_group("users"), "Users".to_owned()));
    assert_eq!(manage[2], (in_group("locations"), "Locations".to_owned()));
    let member = world.client(As::Member).await.get("/profile").await.text;
    assert!(panel(&member).ends_with("Manage Groups Users Locations Handouts"), "{}", panel(&member));
    assert!(member.contains("Contact <bdi>owner</bdi>") && !page.contains("Contact <bdi>"));
    let support = world.client(As::Support).await.get(&format!("/a/{}/handouts", world.account)).await.text;
    assert_eq!(panel(&support), "Manage Handouts");
    assert!(!support.contains(">Inbox<"), "support staff get no requests");
}

#[tokio::test]
async fn a_page_that_is_not_found_keeps_the_bar_and_tells_nothing() {
    let world = World::new(Engine::Sqlite).await;
    let member = world.client(As::Member).await;
    let absent = member.get("/g/grp_00000000000000000000000000/cases").await;
    let hidden = member.get(&format!("/g/{}/cases", world.hillside_group)).await;
    let nowhere = member.get("/no/such/page").await;
    for page in [&absent, &hidden, &nowhere] {
        assert_eq!(page.status, StatusCode::NOT_FOUND);
        assert!(bar(&page.text).contains("Account") && page.text.contains("Alder Creek"));
        assert_eq!(page.text, absent.text);
    }
    let refused = world.client(As::Member).await.get(&format!("/a/{}/users", world.account)).await;
    assert_eq!(refused.status, StatusCode::FORBIDDEN);
    assert!(bar(&refused.text).contains("Account"));
    let anonymous = world.server.anonymous().get("/no/such/page").await;
    assert!(anonymous.status == StatusCode::NOT_FOUND && !anonymous.text.contains("topbar"));
    let program = member.get("/api/v1/nothing").await;
    assert_eq!(program.headers[header::CONTENT_TYPE], "application/problem+json");
}

/// The steps that are called otherwise than the page that they lead to.
const OTHERWISE: [(&str, &str); 3] =
    [("Riverside", "Groups"), ("Administration", "Admin dashboard"), ("User management", "Users")];

/// What a page calls itself: its heading, and the last step of its way.
fn called(page: &str) -> String {
    let heading = words_of(part(page, "<h1", "</h1>"));
    let last = page.split_once("aria-current=\"page\" dir=\"auto\"").map_or("", |(_, rest)| rest);
    format!("{heading} {}", words_of(last.split("</span>").next().unwrap())).to_lowercase()
}

#[tokio::test]
async fn every_step_of_the_way_leads_where_it_says() {
    let world = World::new(Engine::Sqlite).await;
    let extras = Extras::make(&world).await;
    let (mut seen, mut wrong) = (BTreeSet::new(), Vec::new());
    for route in routes::all().into_iter().filter(|route| route.method == Method::GET) {
        let spec = specs::spec(&route, &world, &extras);
        let client = world.client(spec.by).await;
        let reply = client.get(&spec.path).await;
        if !is_page(&reply) || !reply.text.contains("<nav class=\"crumbs\"") {
            continue;
        }
        for (href, label) in links(part(&reply.text, "<nav class=\"crumbs\"", "</nav>")) {
            if !seen.insert((href.clone(), label.clone())) {
                continue;
            }
            let there = client.get(&href).await;
            let label =
                OTHERWISE.iter().find(|(said, _)| *said == label).map_or(label, |(_, is)| (*is).into());
            if !is_page(&there) || !called(&there.text).contains(&label.to_lowercase()) {
                wrong.push(format!("{}: {label} leads to {href}", route.path));
            }
        }
    }
    assert_eq!(wrong, Vec::<String>::new());
    assert!(seen.len() > 15, "{seen:?}");
}

async fn crumbs(client: &Client, path: &str) -> String {
    words_of(part(&client.get(path).await.text, "<nav class=\"crumbs\"", "</nav>").split_once('>').unwrap().1)
}

#[tokio::test]
async fn the_way_to_user_groups_is_the_one_of_the_guide() {
    let world = World::new(Engine::Sqlite).await;
    let group = new_user_group(&world.server, world.account, "Insurance", &[world.member], &[]).await;
    let owner = world.client(As::Owner).await;
    let list = format!("/a/{}/user-groups", world.account);
    let way = "Riverside Administration User management User groups";
    assert_eq!(crumbs(&owner, &list).await, way);
    assert_eq!(crumbs(&owner, &format!("{list}/{group}")).await, format!("{way} Insurance"));
    let invite = format!("/a/{}/invite", world.account);
    assert_eq!(crumbs(&owner, &invite).await, "Riverside Administration Users Invite users");
    let users = format!("/g/{}/users", world.group);
    assert_eq!(crumbs(&owner, &users).await, "Riverside Alder Creek Users");
}

#[tokio::test]
async fn users_are_those_of_this_group_or_of_the_whole_account() {
    let world = World::new(Engine::Sqlite).await;
    let owner = world.client(As::Owner).await;
    let tabs = |page: &str| links(part(page, "aria-label=\"Whose users\"", "</nav>"));
    let here = format!("/g/{}/users", world.group);
    let whole = format!("/a/{}/users?from={}", world.account, world.group);
    let expected = [(here.clone(), "This group".to_owned()), (whole.clone(), "Whole account".to_owned())];
    for (path, current) in [(&here, "This group"), (&whole, "Whole account")] {
        let page = owner.get(path).await.text;
        assert_eq!(tabs(&page), expected);
        let nav = part(&page, "aria-label=\"Whose users\"", "</nav>");
        assert!(nav.contains(&format!("aria-current=\"page\">{current}")), "{nav}");
    }
    let one = &tabs(&owner.get(&format!("/a/{}/users", world.account)).await.text)[0];
    assert_eq!(*one, (format!("/a/{}/groups", world.account), "One group".to_owned()));
    for who in [As::GroupAdmin, As::Member] {
        let page = world.client(who).await.get(&here).await.text;
        assert!(!page.contains("Whose users"), "{who:?} may not see the whole account");
    }
}

#[tokio::test]
async fn first_steps_check_themselves_off_and_are_dismissed() {
    for engine in ENGINES {
        let world = World::new(engine).await;
        let owner = world.client(As::Owner).await;
        let api = format!("/api/v1/accounts/{}/first-steps", world.account);
        let done = async |client: &Client| {
            let steps = client.get(&api).await.json["steps"].clone();
            let steps = steps.as_array().unwrap().iter();
            steps
                .map(|step| (step["step"].as_str().unwrap().to_owned(), step["done"] == true))
                .collect::<Vec<_>>()
        };
        let expected = [
            ("group", true),
            ("location", true),
            ("people", true),
            ("case", true),
            ("practice_details", false),
        ];
        assert_eq!(done(&owner).await, expected.map(|(step, done)| (step.to_owned(), done)), "{engine:?}");
        let pages = [format!("/a/{}/groups", world.account), format!("/g/{}", world.group)];
        for page in &pages {
            let text = owner.get(page).await.text;
            assert!(text.contains("4 of 5 done") && text.contains("Add your practice details"), "{page}");
            assert!(
                !world.client(As::GroupAdmin).await.get(page).await.text.contains("first-steps"),
                "{page}"
            );
        }
        let settings = json!({ "practice": "1 Mill Lane" });
        owner.patch(&format!("/api/v1/accounts/{}", world.account), &settings).await;
        assert!(owner.get(&pages[0]).await.text.contains("You’re all set"));
        let used = async |page: &str| {
            let before = world.server.db().statements();
            owner.get(page).await;
            world.server.db().statements() - before
        };
        let with = used(&pages[0]).await;
        let form = [("back", pages[1].as_str())];
        let dismissed = owner.form(&format!("/a/{}/first-steps", world.account), &form).await;
        assert_eq!(dismissed.headers[header::LOCATION], pages[1]);
        assert_eq!(used(&pages[0]).await, with - 1, "{engine:?}: none for those who dismissed it");
        assert!(!owner.get(&pages[0]).await.text.contains("first-steps"));
        assert_eq!(owner.get(&api).await.json["dismissed"], true);
        let again = owner.patch(&api, &json!({ "dismissed": false })).await;
        assert_eq!(again.json["dismissed"], false, "{}", again.text);
        assert!(owner.get(&pages[0]).await.text.contains("first-steps"));
        assert_eq!(world.client(As::Member).await.get(&api).await.status, StatusCode::FORBIDDEN);
    }
}

#[tokio::test]
async fn the_first_steps_of_a_new_practice_begin_with_a_group() {
    let world = World::new(Engine::Sqlite).await;
    let member = world.client(As::Member).await;
    let account =
        member.post("/api/v1/accounts", &json!({ "account_name": "Own" })).await.json["account"].clone();
    let groups = format!("/a/{}/groups", account.as_str().unwrap());
    let page = member.get(&groups).await.text;
    assert!(page.contains("0 of 5 done"), "{page}");
    assert!(page.contains("aria-label=\"Start: Create a group\""));
}

#[tokio::test]
async fn the_inbox_counts_what_is_unread_in_every_account() {
    for engine in ENGINES {
        let world = World::new(engine).await;
        let extras = Extras::make(&world).await;
        // The group administrator is in the user group that received a request.
        let receiver = world.client(As::GroupAdmin).await;
        let inbox =
            |page: &str| words_of(part(page, "class=\"bar-btn\" href=", "</a>").split_once('>').unwrap().1);
        let unread = format!("/api/v1/accounts/{}/requests/unread", world.account);
        let count = receiver.get(&unread).await.json["unread"].as_i64().unwrap();
        assert!(count > 0, "{engine:?}");
        for page in
            places(&world).into_iter().filter(|page| !page.ends_with(&format!("{}/users", world.account)))
        {
            let text = receiver.get(&page).await.text;
            assert_eq!(inbox(&text), format!("Inbox {count}"), "{engine:?}: {page}");
        }
        // From another account of theirs, the button asks which requests are meant.
        let own = receiver.post("/api/v1/accounts", &json!({ "account_name": "Own" })).await.json["account"]
            .clone();
        let page = receiver.get(&format!("/a/{}/groups", own.as_str().unwrap())).await.text;
        let choices = links(part(&page, "<details class=\"menu menu-end inbox\">", "</details>"));
        let requests = (format!("/a/{}/requests", world.account), format!("Riverside {count}"));
        assert!(choices.contains(&requests) && choices.len() == 2, "{engine:?}: {choices:?}");
        let read = format!("/api/v1/requests/{}/read", extras.request);
        receiver.post(&read, &json!({})).await;
        assert_eq!(inbox(&receiver.get("/profile").await.text), "Inbox", "{engine:?}");
    }
}

#[tokio::test]
async fn a_page_that_listens_does_not_keep_its_session_alive() {
    let world = World::new(Engine::Sqlite).await;
    let member = world.client(As::Member).await;
    let seen = sql!("SELECT max(seen_at) FROM sessions");
    let before = world.server.count(seen).await;
    world.server.clock.advance(30 * MINUTE);
    let accept = [("accept", "text/event-stream")];
    let heard = member.send(Method::GET, "/live", &accept, Body::empty()).await;
    assert_eq!(heard.status, StatusCode::OK);
    world.server.app.settled().await;
    assert_eq!(world.server.count(seen).await, before, "nobody did anything");
    member.get("/profile").await;
    world.server.app.settled().await;
    assert!(world.server.count(seen).await > before);
    let signed_out = member.post("/api/v1/sign-out", &json!({})).await;
    assert!(signed_out.status.is_success(), "{}", signed_out.text);
    let over = member.send(Method::GET, "/live", &accept, Body::empty()).await;
    assert_eq!(over.status, StatusCode::UNAUTHORIZED);
}
