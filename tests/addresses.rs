//! Lists of addresses as people paste them, through the pages and the API: what is counted while one types is what is
//! invited, and the sum says so. How a list is read is tried beside the reader, in `kernel::addresses`.

use axum::http::StatusCode;
use serde_json::{Value, json};
use storage::sql;

use crate::support::{As, Client, ENGINES, Engine, World};

/// A list with a bit of everything: five new people, one of them twice, a member, a fault, and words.
const LIST: &str = "Name\tEmail\n\"Diaz, Rosa\"\trosa@x.test\n\
    Doe, Bob <bob+vet@x.test>; \u{feff}'cy.o'hara@x.test'\u{200b}\n\
    • Member <mailto:member@riverside.test>\n1) BOB+VET@x.test\n\
    <a href=\"mailto:dee@x.test\">Dee</a>; eve@praxis-müller.test; fay@x_y.test";

async fn counted(client: &Client, page: &str, text: &str) -> Value {
    let reply = client.form(&format!("{page}/count"), &[("emails", text)]).await;
    assert_eq!(reply.status, StatusCode::OK, "{}", reply.text);
    serde_json::from_str(&reply.text).unwrap()
}

#[tokio::test]
async fn the_counter_the_outcomes_and_the_sum_agree() {
    for engine in ENGINES {
        let world = World::new(engine).await;
        let owner = world.client(As::Owner).await;
        let page = format!("/a/{}/invite", world.account);
        let typed = counted(&owner, &page, LIST).await;
        assert_eq!(typed["sum"], "6 addresses, 1 not an address, 1 repeat");
        assert_eq!(typed["faults"], json!(["fay@x_y.test: “_” can't be used after the @."]));
        let invite = json!({ "emails": LIST, "role": "member" });
        let sent = owner.post(&format!("/api/v1/accounts/{}/invitations", world.account), &invite).await.json;
        let outcomes = sent["outcomes"].as_array().unwrap();
        let seen = outcomes.iter().map(|each| {
            (each["email"].as_str().unwrap(), each["outcome"].as_str().unwrap(), each["times"].as_i64())
        });
        assert_eq!(
            seen.collect::<Vec<_>>(),
            [
                ("rosa@x.test", "invited", Some(1)),
                ("bob+vet@x.test", "invited", Some(2)),
                ("cy.o'hara@x.test", "invited", Some(1)),
                ("member@riverside.test", "already_member", Some(1)),
                ("dee@x.test", "invited", Some(1)),
                ("eve@praxis-müller.test", "invited", Some(1)),
                ("fay@x_y.test", "not_an_address", Some(1)),
            ],
            "{engine:?}"
        );
        assert_eq!(sent["summary"], "5 invited, 1 already a member, 1 not an address, 1 repeat");
        let mails = world.server.mail().await;
        let to = mails.iter().map(|mail| mail.lines().next().unwrap()).collect::<Vec<_>>();
        assert_eq!(to.len(), 5, "{to:?}");
        assert!(to.contains(&"eve@xn--praxis-mller-klb.test"), "mail goes to the domain in ASCII: {to:?}");
        // The page says the same of the same list, resent.
        let again = owner.form(&page, &[("emails", LIST), ("role", "member")]).await.text;
        for told in
            ["1 already a member, 5 already invited, 1 not an address, 1 repeat", "It’s in the list 2 times."]
        {
            assert!(again.contains(told), "{told}: {again}");
        }
    }
}

#[tokio::test]
async fn both_ways_to_write_a_domain_are_one_person() {
    for engine in ENGINES {
        let world = World::new(engine).await;
        world.server.leave_mail();
        let owner = world.client(As::Owner).await;
        let path = format!("/api/v1/accounts/{}/invitations", world.account);
        let invite = |emails: &str| json!({ "emails": emails, "role": "member" });
        let first = owner.post(&path, &invite("Eve@Praxis-Müller.test")).await.json["outcomes"][0].clone();
        let second = owner.post(&path, &invite("eve@xn--praxis-mller-klb.test")).await.json;
        assert_eq!(second["outcomes"][0]["outcome"], "already_invited", "{engine:?}");
        let token = crate::support::link_token(first["link"].as_str().unwrap(), "invitations");
        let person = json!({ "name": "Eve", "password": crate::support::PASSWORD });
        let anyone = world.server.anonymous();
        let joined = anyone.post(&format!("/api/v1/invitation-links/{token}/accept"), &person).await;
        assert!(joined.status.is_success(), "{}", joined.text);
        for email in ["eve@praxis-müller.test", "EVE@xn--praxis-mller-klb.test"] {
            let body = json!({ "email": email, "password": crate::support::PASSWORD });
            let entered = anyone.post("/api/v1/sign-in", &body).await;
            assert_eq!(entered.status, StatusCode::OK, "{email}: {}", entered.text);
        }
        let third = owner.post(&path, &invite("eve@praxis-müller.test")).await.json;
        assert_eq!(third["outcomes"][0]["outcome"], "already_member");
    }
}

#[tokio::test]
async fn counting_asks_for_the_right_to_invite_and_tells_nothing_of_people() {
    let world = World::new(Engine::Sqlite).await;
    let pages = [format!("/a/{}/invite", world.account), format!("/g/{}/invite", world.group)];
    let member = world.client(As::Member).await;
    let admin = world.client(As::GroupAdmin).await;
    for page in &pages {
        let refused = member.form(&format!("{page}/count"), &[("emails", "a@x.test")]).await;
        assert_eq!(refused.status, StatusCode::FORBIDDEN);
    }
    let strangers = counted(&admin, &pages[1], "new@x.test").await;
    let members = counted(&admin, &pages[1], "member@riverside.test").await;
    assert_eq!(strangers, members);
    assert_eq!(counted(&admin, &pages[1], "").await, json!({ "sum": "", "faults": [] }));
    assert_eq!(world.server.count(sql!("SELECT count(*) FROM invitations")).await, 0);
}

#[tokio::test]
async fn each_item_of_a_list_has_its_outcome_and_a_text_without_addresses_is_refused() {
    let world = World::new(Engine::Sqlite).await;
    world.server.leave_mail();
    let owner = world.client(As::Owner).await;
    let path = format!("/api/v1/accounts/{}/invitations", world.account);
    let list = json!({ "emails": ["Rosa <rosa@x.test>", "Bob"], "role": "member" });
    let sent = owner.post(&path, &list).await.json;
    assert_eq!(sent["outcomes"][1]["email"], "Bob");
    assert_eq!(sent["summary"], "1 invited, 1 not an address");
    let words = owner.post(&path, &json!({ "emails": "Rosa, Bob", "role": "member" })).await;
    assert_eq!(words.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(words.json["errors"][0]["field"], "emails");
    // A field for one address takes it with its name.
    let group = json!({ "name": "Cedar", "administrator_email": "\"Diaz, Ana\" <ana@x.test>" });
    let made = owner.post(&format!("/api/v1/accounts/{}/groups", world.account), &group).await;
    assert_eq!(made.status, StatusCode::CREATED, "{}", made.text);
    assert!(made.text.contains("\"ana@x.test\""), "{}", made.text);
}

#[tokio::test]
async fn without_a_license_the_others_go_on_and_licenses_are_offered_where_they_help() {
    let world = World::new(Engine::Sqlite).await;
    world.server.leave_mail();
    let owner = world.client(As::Owner).await;
    let api = format!("/api/v1/accounts/{}", world.account);
    let quote = json!({ "plan": "pro", "billed": "month", "licenses": 6 });
    let quote = owner.post(&format!("{api}/subscription/quotes"), &quote).await.json["id"].clone();
    let bought = owner
        .post(&format!("{api}/subscription/purchases"), &json!({ "quote": quote, "accept_terms": true }))
        .await;
    assert!(bought.status.is_success(), "{}", bought.text);
    let page = format!("/g/{}/invite", world.group);
    let list = "a@x.test, b@x.test, elsewhere@riverside.test, c@x_y.test, member@riverside.test";
    let form = [("emails", list), ("role", "member")];
    let sent = world.client(As::Administrator).await.form(&page, &form).await.text;
    let sum = "1 invited, 1 added, 1 already a member, 1 without a license, 1 not an address";
    assert!(sent.contains(sum) && sent.contains("Add licenses"), "{sent}");
    // Who manages the group alone can't buy; and for a second person of the support staff nothing can be bought.
    let again =
        world.client(As::GroupAdmin).await.form(&page, &[("emails", "b@x.test"), ("role", "member")]).await;
    assert!(
        again.text.contains("1 without a license") && !again.text.contains("/licenses\""),
        "{}",
        again.text
    );
    let support = [("emails", "s@x.test t@x.test"), ("role", "support_staff")];
    let full = owner.form(&format!("/a/{}/invite", world.account), &support).await.text;
    assert!(full.contains("2 without a seat") && !full.contains("Add licenses"), "{full}");
}
