//! Every search of the product folds alike: apostrophes, accents, umlauts with and without their e, letters with strokes.

use kernel::{addresses::Email, id::UserId};
use people::users::{self, UserType};
use serde_json::{Value, json};
use storage::sql;

use crate::support::{As, Client, ENGINES, World, new_case, new_client, new_user_group};

/// Names, and ways to search for each: the first finds nothing else.
const NAMES: [(&str, &[&str]); 5] = [
    ("Maeve O’Neil", &["O'Neil", "ONeil", "o’neil", "oneil"]),
    ("Joerg Strauß", &["Jörg", "Joerg", "Strauss", "STRAUß", "strauß"]),
    ("Jörg Lang", &["Joerg Lang", "Jörg L", "jorg lang"]),
    ("Łukasz Nowak", &["lukasz", "Łukasz"]),
    ("Işıl Kaya", &["isil", "IŞIL", "ışıl"]),
];

fn encoded(text: &str) -> String {
    form_urlencoded::byte_serialize(text.as_bytes()).collect()
}

/// The texts of `field` in a list.
async fn listed(client: &Client, path: &str, search: &str, field: &[&str]) -> Vec<String> {
    let mark = if path.contains('?') { '&' } else { '?' };
    let reply = client.get(&format!("{path}{mark}q={}", encoded(search))).await;
    assert!(reply.status.is_success(), "{path} {search}: {}", reply.text);
    let of = |item: &Value| field.iter().fold(item.clone(), |value, key| value[key].clone());
    reply.json["items"].as_array().unwrap().iter().map(|item| of(item).as_str().unwrap().to_owned()).collect()
}

async fn everyone(client: &Client, path: &str, field: &[&str]) {
    for (name, searches) in NAMES {
        for search in searches {
            let found = listed(client, path, search, field).await;
            assert!(found.iter().any(|found| found == name), "{path}: {search} finds {name}, not {found:?}");
        }
    }
    assert_eq!(listed(client, path, "Neal", field).await, Vec::<String>::new());
}

#[tokio::test]
async fn clients_cases_requests_and_handouts_are_found_however_they_are_spelled() {
    for engine in ENGINES {
        let world = World::new(engine).await;
        world.server.leave_mail();
        let admin = world.client(As::Administrator).await;
        let all = [world.member, world.administrator];
        let both = [access::Privilege::RequestsSend, access::Privilege::RequestsReceive];
        let desk = new_user_group(&world.server, world.account, "Desk", &all, &both).await;
        let member = world.client(As::Member).await;
        let requests = format!("/api/v1/accounts/{}/requests", world.account);
        let handouts = format!("/api/v1/accounts/{}/handouts", world.account);
        for (name, _) in NAMES {
            let path = format!("/api/v1/groups/{}/clients", world.group);
            let made = member.post(&path, &json!({ "kind": "owner", "name": name })).await;
            assert_eq!(made.status, 201, "{}", made.text);
            new_case(&world.server, world.member, world.group, world.location, world.protocol, name).await;
            let sent =
                member.post(&requests, &json!({ "to": desk, "subject": name, "body": "Please call." })).await;
            assert_eq!(sent.status, 201, "{}", sent.text);
            let draft = json!({ "title": name, "summary": "About them.", "body": "Text.", "species": "horse",
                                "topic": "chronic", "language": "en" });
            let made = admin.post(&handouts, &draft).await;
            assert_eq!(made.status, 201, "{}", made.text);
        }
        everyone(&member, &format!("/api/v1/groups/{}/clients", world.group), &["name"]).await;
        everyone(&member, &format!("/api/v1/groups/{}/cases", world.group), &["name"]).await;
        everyone(&member, "/api/v1/cases", &["name"]).await;
        everyone(&member, &format!("{requests}?mailbox=sent"), &["subject"]).await;
        everyone(&member, "/api/v1/handouts", &["title"]).await;
        // A renamed case is found by its new name alone.
        let case = format!("/api/v1/cases/{}", world.case);
        assert!(member.patch(&case, &json!({ "name": "Fräulein Müßig" })).await.status.is_success());
        let cases = format!("/api/v1/groups/{}/cases", world.group);
        assert_eq!(listed(&member, &cases, "Fraeulein Muessig", &["name"]).await, ["Fräulein Müßig"]);
        assert_eq!(listed(&member, &cases, "Bella", &["name"]).await, Vec::<String>::new());
        // The form of a request offers clients by any spelling.
        let form = member.get(&format!("/a/{}/requests/new?find={}", world.account, encoded("oneil"))).await;
        // All are in the list of cases, one is offered as a client, too.
        let times = |name: &str| form.text.matches(name).count();
        assert!(times("Maeve O’Neil") > times("Nowak"), "{}", form.text);
    }
}

async fn hired(world: &World, name: &str, email: &str) {
    let (account, group, owner) = (world.account, world.group, world.owner);
    let (name, email) = (name.to_owned(), Email::read(email).unwrap());
    let hired = world.server.db().write(async move |tx| {
        let id: UserId = tx.id();
        users::insert(tx, id, &email, &name, UserType::Other, None).await?;
        workflows::onboarding::join(tx, account, id, access::Role::Member).await?;
        people::groups::add(tx, account, group, id, access::GroupRole::Member, owner).await
    });
    hired.await.unwrap();
}

#[tokio::test]
async fn people_invitations_and_accounts_are_found_however_they_are_spelled() {
    for engine in ENGINES {
        let world = World::new(engine).await;
        world.server.leave_mail();
        for (number, (name, _)) in NAMES.iter().enumerate() {
            hired(&world, name, &format!("p{number}@München.example")).await;
        }
        hired(&world, "Someone Else", "o'toole@riverside.test").await;
        let owner = world.client(As::Owner).await;
        let members = format!("/api/v1/accounts/{}/members", world.account);
        let group = format!("/api/v1/groups/{}/members", world.group);
        for path in [&members, &group] {
            everyone(&owner, path, &["user", "name"]).await;
            for search in ["otoole", "O’Toole@riverside", "o'toole"] {
                assert_eq!(
                    listed(&owner, path, search, &["user", "name"]).await,
                    ["Someone Else"],
                    "{search}"
                );
            }
            for search in ["münchen", "MÜNCHEN.example", "xn--mnchen-3ya", "p3@münchen.example"] {
                let found = listed(&owner, path, search, &["user", "name"]).await;
                assert!(found.iter().any(|name| name == "Łukasz Nowak"), "{path} {search}: {found:?}");
            }
        }
        // Invitations: the pages too.
        let invitations = format!("/api/v1/accounts/{}/invitations", world.account);
        let body = json!({ "emails": "kim.o'dea@Bücher.example, lee@plain.example", "role": "member" });
        let invited = owner.post(&invitations, &body).await;
        assert!(invited.status.is_success(), "{}", invited.text);
        for search in ["odea", "o’dea", "bücher", "xn--bcher-kva", "kim.odea@Bücher.example"] {
            let found = listed(&owner, &invitations, search, &["email"]).await;
            assert_eq!(found.len(), 1, "{search}: {found:?}");
            let page = owner.get(&format!("/a/{}/users?q={}", world.account, encoded(search))).await.text;
            assert!(
                page.to_lowercase().contains("cher.example") && !page.contains("lee@plain.example"),
                "{search}"
            );
        }
        // The operator's accounts, also after they are renamed.
        let account = world.account;
        let version = world.server.count(sql!("SELECT version FROM accounts WHERE name = 'Riverside'")).await;
        assert!(version > 0 && account == world.account);
        let renamed =
            owner.patch(&format!("/api/v1/accounts/{account}"), &json!({ "name": "Tierärzte O’Hara" })).await;
        assert!(renamed.status.is_success(), "{}", renamed.text);
        let operator = world.client(As::Operator).await;
        for search in ["tieraerzte", "Tierarzte", "ohara", "o'hara"] {
            let page = operator.get(&format!("/operator/accounts?q={}", encoded(search))).await.text;
            assert!(page.contains("Tierärzte") && !page.contains("Hillside"), "{search}");
        }
    }
}

#[tokio::test]
async fn who_may_be_added_to_a_group_note_is_found_however_they_are_spelled() {
    for engine in ENGINES {
        let world = World::new(engine).await;
        let ann = new_client(&world.server, world.member, world.account, world.group, "Ann Lee").await;
        for (name, _) in NAMES {
            new_client(&world.server, world.member, world.account, world.group, name).await;
        }
        let circle =
            crate::support::new_client_group(&world.server, world.account, world.group, "Tuesday", &[ann])
                .await;
        let member = world.client(As::Member).await;
        let made = member
            .post(
                &format!("/api/v1/client-groups/{circle}/notes"),
                &json!({ "service_date": "2026-03-02", "body": "" }),
            )
            .await;
        let note = made.json["id"].as_str().unwrap().to_owned();
        for (search, name) in
            [("oneil", "Maeve O’Neil"), ("joerg lang", "Jörg Lang"), ("Lukasz", "Łukasz Nowak")]
        {
            let shown = member.get(&format!("/api/v1/group-notes/{note}")).await.json;
            let version = shown["version"].to_string();
            let fields = [
                ("service_date", "2026-03-02"),
                ("version", version.as_str()),
                ("guest", search),
                ("do", "find"),
            ];
            let added = member.form(&format!("/g/{}/group-notes/{note}", world.group), &fields).await;
            assert_eq!(added.status, 303, "{search}: {}", added.text);
            let shown = member.get(&format!("/api/v1/group-notes/{note}")).await.text;
            assert!(shown.contains(name), "{search} finds {name}: {shown}");
        }
    }
}
