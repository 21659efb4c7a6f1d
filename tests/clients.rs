//! Clients: who may do what, what is kept of them, merging, exporting; cases on clients.

use access::Privilege;
use axum::http::StatusCode;
use kernel::id::GroupId;
use serde_json::{Value, json};
use storage::sql;

use crate::support::{As, Client, ENGINES, Engine, World, new_client, new_client_group, new_user_group};

/// The API's address of the first group's clients.
fn clients(world: &World) -> String {
    format!("/api/v1/groups/{}/clients", world.group)
}

/// Adds a client through the API, and gives it.
async fn add(by: &Client, at: &str, body: Value) -> Value {
    let made = by.post(at, &body).await;
    assert_eq!(made.status, StatusCode::CREATED, "{}", made.text);
    made.json
}

fn at(client: &Value) -> String {
    format!("/api/v1/clients/{}", client["id"].as_str().unwrap())
}

fn names(list: &Value) -> Vec<&str> {
    list["items"].as_array().unwrap().iter().map(|item| item["name"].as_str().unwrap()).collect()
}

#[tokio::test]
async fn a_client_is_added_with_animals_found_changed_and_archived() {
    for engine in ENGINES {
        let world = World::new(engine).await;
        let member = world.client(As::Member).await;
        let new = json!({ "kind": "owner", "name": "  نادية   Müller ", "reference": "A-7", "email": "N.M@x.org",
                          "phone": "+49 (30) 123-456", "address": "1 Mill Lane\nTown", "birth_date": "1980-02-29",
                          "remarks": "Rings\nfirst", "animals": [{ "name": "Rex", "species": "Dog", "breed": "Collie",
                          "birth_date": "2019-05-01" }, { "name": "Mia" }] });
        let made = add(&member, &clients(&world), new).await;
        assert_eq!(made["name"], "نادية Müller");
        assert_eq!(made["animals"][0]["breed"], "Collie");
        assert_eq!(made["animals"][1]["birth_date"], Value::Null);
        add(&member, &clients(&world), json!({ "kind": "patient", "name": "Zed" })).await;
        for (query, found) in [
            ("", 2),
            ("?q=muller", 1),
            ("?q=m%C3%BCLL+rex", 1),
            ("?q=30123456", 1),
            ("?q=a-7", 1),
            ("?q=n.m%40x.org", 1),
            ("?q=%D9%86%D8%A7%D8%AF%D9%8A%D8%A9", 1),
            ("?q=rex+zed", 0),
            ("?q=%25", 0),
            ("?kind=patient", 1),
            ("?kind=producer", 0),
            ("?archived=true", 0),
        ] {
            let list = member.get(&format!("{}{query}", clients(&world))).await;
            assert_eq!(
                list.json["items"].as_array().unwrap().len(),
                found,
                "{engine:?} {query}: {}",
                list.text
            );
        }
        let one = member.get(&at(&made)).await;
        let tag = one.headers["etag"].to_str().unwrap().to_owned();
        let seen = [("if-match", tag.as_str()), ("content-type", "application/json")];
        let change = json!({ "name": "Nadia Müller", "birth_date": "" }).to_string();
        let changed = member.send(axum::http::Method::PATCH, &at(&made), &seen, change.clone().into()).await;
        assert_eq!((changed.status, &changed.json["birth_date"]), (StatusCode::OK, &Value::Null));
        assert_eq!(changed.json["phone"], "+49 (30) 123-456");
        let late = member.send(axum::http::Method::PATCH, &at(&made), &seen, change.into()).await;
        assert_eq!(late.status, StatusCode::PRECONDITION_FAILED);
        let animal = format!("{}/animals/{}", at(&made), made["animals"][1]["id"].as_str().unwrap());
        let renamed = member.patch(&animal, &json!({ "name": "Mimi" })).await;
        assert_eq!(renamed.json["name"], "Mimi");
        assert_eq!(names(&member.get(&format!("{}?q=mimi", clients(&world))).await.json), ["Nadia Müller"]);
        assert_eq!(member.delete(&animal).await.status, StatusCode::NO_CONTENT);
        assert!(names(&member.get(&format!("{}?q=mimi", clients(&world))).await.json).is_empty());
        // To archive and to restore is the curator's.
        assert_eq!(member.delete(&at(&made)).await.status, StatusCode::FORBIDDEN);
        let curator = world.client(As::GroupAdmin).await;
        assert_eq!(curator.delete(&at(&made)).await.status, StatusCode::NO_CONTENT);
        let refused = member.patch(&at(&made), &json!({ "name": "X" })).await;
        assert_eq!(refused.json["code"], "client_archived");
        let restore = json!({ "archived": false });
        assert_eq!(member.patch(&at(&made), &restore).await.json["code"], "privilege_needed");
        assert_eq!(
            names(&curator.get(&format!("{}?archived=true", clients(&world))).await.json),
            ["Nadia Müller"]
        );
        let both = json!({ "archived": false, "name": "X" });
        assert_eq!(curator.patch(&at(&made), &both).await.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert_eq!(curator.patch(&at(&made), &restore).await.json["archived_at"], Value::Null);
    }
}

#[tokio::test]
async fn what_can_not_be_used_is_named_field_by_field() {
    let world = World::new(Engine::Sqlite).await;
    let member = world.client(As::Member).await;
    let bad = json!({ "kind": "owner", "name": " ", "email": "x@", "birth_date": "2050-01-01", "phone": "\u{0}",
                      "animals": [{ "name": "Rex" }, { "name": "", "birth_date": "1.1.2020" }] });
    let reply = member.post(&clients(&world), &bad).await;
    assert_eq!(reply.status, StatusCode::UNPROCESSABLE_ENTITY);
    let fields = reply.json["errors"].as_array().unwrap().iter().map(|each| each["field"].as_str().unwrap());
    let fields = fields.collect::<Vec<_>>();
    assert_eq!(fields, ["name", "email", "phone", "birth_date", "animals[1].name", "animals[1].birth_date"]);
    for body in [
        json!({ "name": "A" }),
        json!({ "kind": "spaceship", "name": "A" }),
        json!({ "kind": "owner", "name": "a".repeat(201) }),
        json!({ "kind": "owner", "name": "A", "remarks": "a".repeat(20_001) }),
        json!({ "kind": "owner", "name": "A", "animals": vec![json!({ "name": "x" }); 101] }),
        json!({ "kind": "owner", "name": "A", "surprise": 1 }),
    ] {
        assert_eq!(
            member.post(&clients(&world), &body).await.status,
            StatusCode::UNPROCESSABLE_ENTITY,
            "{body}"
        );
    }
    assert_eq!(world.server.count(sql!("SELECT count(*) FROM clients")).await, 0);
}

#[tokio::test]
async fn lists_page_by_name_without_a_gap_or_a_double() {
    for engine in ENGINES {
        let world = World::new(engine).await;
        for at in 0..7 {
            // Names that are alike are told apart by their ids.
            let name = ["Åse", "Bo", "Bo", "bo", "Čeda", "عمر", "Zoë"][at];
            new_client(&world.server, world.member, world.account, world.group, name).await;
        }
        let member = world.client(As::Member).await;
        let (mut seen, mut cursor) = (Vec::new(), String::new());
        loop {
            let before = world.server.db().statements();
            let page = member.get(&format!("{}?limit=2{cursor}", clients(&world))).await.json;
            assert!(world.server.db().statements() - before < 6);
            seen.extend(page["items"].as_array().unwrap().iter().map(|item| item["id"].clone()));
            match page["next_cursor"].as_str() {
                Some(next) => cursor = format!("&cursor={next}"),
                None => break,
            }
        }
        let whole = member.get(&format!("{}?limit=100", clients(&world))).await.json;
        assert_eq!(
            seen,
            whole["items"].as_array().unwrap().iter().map(|item| item["id"].clone()).collect::<Vec<_>>()
        );
        assert_eq!(seen.len(), 7);
    }
}

#[tokio::test]
async fn nobody_outside_the_group_learns_of_a_client() {
    let world = World::new(Engine::Sqlite).await;
    let member = world.client(As::Member).await;
    let own = add(
        &member,
        &clients(&world),
        json!({ "kind": "owner", "name": "Own", "animals": [{ "name": "Rex" }] }),
    )
    .await;
    let far = new_client(&world.server, world.elsewhere, world.account, world.other_group, "Far").await;
    let absent = format!("/api/v1/clients/cli_{}", "0".repeat(26));
    let nothing = member.get(&absent).await.text;
    for role in [As::Stranger, As::Support, As::Elsewhere] {
        let other = world.client(role).await;
        for path in [at(&own), format!("{}/cases", at(&own)), format!("{}/access", at(&own))] {
            let reply = other.get(&path).await;
            assert_eq!((reply.status, &reply.text), (StatusCode::NOT_FOUND, &nothing), "{role:?} {path}");
        }
        assert_eq!(other.get(&clients(&world)).await.status, StatusCode::NOT_FOUND);
        assert_eq!(other.patch(&at(&own), &json!({ "name": "X" })).await.status, StatusCode::NOT_FOUND);
    }
    // An animal of another client, and a page's address that names another group.
    let mine = new_client(&world.server, world.member, world.account, world.group, "Mine").await;
    let animal = own["animals"][0]["id"].as_str().unwrap();
    let wrong = format!("/api/v1/clients/{mine}/animals/{animal}");
    assert_eq!(member.patch(&wrong, &json!({ "name": "X" })).await.status, StatusCode::NOT_FOUND);
    assert_eq!(member.delete(&wrong).await.status, StatusCode::NOT_FOUND);
    // The owner reads from the parent account, and it is noted; to write, one must be in the group.
    let owner = world.client(As::Owner).await;
    assert_eq!(owner.get(&at(&own)).await.json["name"], "Own");
    assert_eq!(owner.get(&clients(&world)).await.status, StatusCode::OK);
    assert_eq!(owner.get(&format!("/api/v1/clients/{far}/access")).await.status, StatusCode::OK);
    assert_eq!(owner.patch(&at(&own), &json!({ "name": "X" })).await.json["code"], "not_in_group");
    let noted = sql!("SELECT count(*) FROM audit_events WHERE action LIKE 'client%from_parent'");
    assert_eq!(world.server.count(noted).await, 3);
    let trail = owner.get(&format!("/api/v1/accounts/{}/audit", world.account)).await.text;
    assert!(!trail.contains("Own") && !trail.contains("Rex"), "the trail names no client");
}

#[tokio::test]
async fn a_privilege_lets_a_member_manage_the_clients_of_their_own_groups_alone() {
    let world = World::new(Engine::Sqlite).await;
    let member = world.client(As::Member).await;
    let export = format!("/api/v1/groups/{}/clients.csv", world.group);
    let cases = format!("/api/v1/groups/{}/cases.csv", world.group);
    assert_eq!(member.get(&export).await.json["code"], "privilege_needed");
    assert_eq!(member.get(&cases).await.json["code"], "privilege_needed");
    let both = [Privilege::ClientsManage, Privilege::CasesExport];
    new_user_group(&world.server, world.account, "Records", &[world.member], &both).await;
    assert_eq!(member.get(&export).await.status, StatusCode::OK);
    assert_eq!(member.get(&cases).await.status, StatusCode::OK);
    for other in ["clients.csv", "cases.csv", "clients/duplicates"] {
        let other = format!("/api/v1/groups/{}/{other}", world.other_group);
        assert_eq!(member.get(&other).await.status, StatusCode::NOT_FOUND);
    }
    let noted =
        sql!("SELECT count(*) FROM audit_events WHERE action IN ('clients.exported', 'cases.exported')");
    assert_eq!(world.server.count(noted).await, 2);
}

#[tokio::test]
async fn new_clients_join_the_default_client_group() {
    for engine in ENGINES {
        let world = World::new(engine).await;
        let circle = new_client_group(&world.server, world.account, world.group, "Circle", &[]).await;
        let make_default = async move |tx: &storage::Tx| {
            tx.exec(sql!("UPDATE client_groups SET is_default = $2 WHERE id = $1"), &[&circle, &true]).await
        };
        world.server.db().write(make_default).await.unwrap();
        let member = world.client(As::Member).await;
        add(&member, &clients(&world), json!({ "kind": "patient", "name": "Ada" })).await;
        let joined = sql!("SELECT count(*) FROM client_group_members WHERE until IS NULL");
        assert_eq!(world.server.count(joined).await, 1);
    }
}

#[tokio::test]
async fn a_case_is_on_a_client_and_animal_of_its_own_group() {
    for engine in ENGINES {
        let world = World::new(engine).await;
        let member = world.client(As::Member).await;
        let new =
            json!({ "kind": "owner", "name": "Ada", "animals": [{ "name": "Rex" }, { "name": "Mia" }] });
        let ada = add(&member, &clients(&world), new).await;
        let ben = add(&member, &clients(&world), json!({ "kind": "owner", "name": "Ben" })).await;
        let far = new_client(&world.server, world.elsewhere, world.account, world.other_group, "Far").await;
        let cases = format!("/api/v1/groups/{}/cases", world.group);
        let case = |client: &Value, animal: &Value| json!({ "protocol": world.protocol, "location": world.location, "client": client, "animal": animal });
        let made = member.post(&cases, &case(&ada["id"], &ada["animals"][0]["id"])).await;
        assert_eq!(
            (&made.json["client"]["name"], &made.json["animal"]["name"]),
            (&json!("Ada"), &json!("Rex"))
        );
        for (client, animal, field) in [
            (json!(far), Value::Null, "client"),
            (ben["id"].clone(), ada["animals"][0]["id"].clone(), "animal"),
            (Value::Null, ada["animals"][0]["id"].clone(), "animal"),
        ] {
            let reply = member.post(&cases, &case(&client, &animal)).await;
            assert_eq!(reply.json["errors"][0]["field"], field, "{}", reply.text);
        }
        let one = format!("/api/v1/cases/{}", made.json["id"].as_str().unwrap());
        let moved = member.patch(&one, &json!({ "animal": ada["animals"][1]["id"] })).await;
        assert_eq!(moved.json["animal"]["name"], "Mia");
        let moved = member.patch(&one, &json!({ "client": ben["id"] })).await;
        assert_eq!((&moved.json["client"]["name"], &moved.json["animal"]), (&json!("Ben"), &Value::Null));
        let listed = member.get(&format!("{}/cases", at(&ben))).await;
        assert_eq!(listed.json["items"][0]["id"], made.json["id"]);
        // A case of an archived client can still be edited, but no case begins on one.
        let curator = world.client(As::GroupAdmin).await;
        curator.delete(&at(&ben)).await;
        let kept = member.patch(&one, &json!({ "name": "Juno", "client": ben["id"] })).await;
        assert_eq!((kept.status, &kept.json["client"]["name"]), (StatusCode::OK, &json!("Ben")));
        let refused = member.post(&cases, &case(&ben["id"], &Value::Null)).await;
        assert_eq!(refused.json["errors"][0]["field"], "client");
        let none = member.patch(&one, &json!({ "client": null })).await;
        assert_eq!((none.status, &none.json["client"]), (StatusCode::OK, &Value::Null));
        let export = curator.get(&format!("{cases}.csv")).await;
        assert!(export.text.contains("\"Juno\",\"open\""), "{}", export.text);
    }
}

/// Puts a note into a client's chart, out of a group note or by itself.
async fn note(world: &World, client: &Value, group_note: Option<kernel::id::GroupNoteId>) {
    let client: kernel::id::ClientId = client["id"].as_str().unwrap().parse().unwrap();
    let (account, group, author) = (world.account, world.group, world.member);
    let write = async move |tx: &storage::Tx| {
        tx.exec(
            sql!(
                "INSERT INTO notes (account_id, group_id, client_id, id, group_note_id, note_type, description,
                     service_date, comment, body, personalized, author_id, created_at, updated_at, version)
                 VALUES ($1, $2, $3, $4, $5, 'Session', '', '2026-03-02', '', 'Said.', $6, $7, $8, $8, 1)"
            ),
            &[&account, &group, &client, &tx.id::<kernel::id::Note>(), &group_note, &false, &author, &tx.now()],
        )
        .await?;
        if let Some(group_note) = group_note {
            tx.exec(
                sql!(
                    "INSERT INTO group_note_attendance (account_id, group_id, group_note_id, client_id, attendance,
                         comment, guest) VALUES ($1, $2, $3, $4, 'present', '', $5)"
                ),
                &[&account, &group, &group_note, &client, &false],
            )
            .await?;
        }
        Ok(())
    };
    world.server.db().write(write).await.unwrap();
}

async fn group_note(world: &World, circle: kernel::id::ClientGroupId) -> kernel::id::GroupNoteId {
    let (account, group, author) = (world.account, world.group, world.member);
    let write = async move |tx: &storage::Tx| {
        let id: kernel::id::GroupNoteId = tx.id();
        tx.exec(
            sql!(
                "INSERT INTO group_notes (account_id, group_id, id, client_group_id, note_type, description,
                     service_date, body, author_id, created_at, updated_at, version)
                 VALUES ($1, $2, $3, $4, 'Session', '', '2026-03-02', 'Said.', $5, $6, $6, 1)"
            ),
            &[&account, &group, &id, &circle, &author, &tx.now()],
        )
        .await?;
        Ok(id)
    };
    world.server.db().write(write).await.unwrap()
}

#[tokio::test]
async fn merging_moves_everything_and_leaves_a_sign() {
    for engine in ENGINES {
        let world = World::new(engine).await;
        let member = world.client(As::Member).await;
        let curator = world.client(As::GroupAdmin).await;
        let one = json!({ "kind": "owner", "name": "Ann Lee", "email": "a@x.org", "phone": "1", "remarks": "Shy",
                          "animals": [{ "name": "Rex" }] });
        let two = json!({ "kind": "owner", "name": "A. Lee", "email": "lee@x.org", "animals": [{ "name": "Mia" }] });
        let (from, into) =
            (add(&member, &clients(&world), one).await, add(&member, &clients(&world), two).await);
        let ids = [&from, &into].map(|client| client["id"].as_str().unwrap().parse().unwrap());
        let both = new_client_group(&world.server, world.account, world.group, "Both", &ids).await;
        new_client_group(&world.server, world.account, world.group, "One", &ids[..1]).await;
        let shared = group_note(&world, both).await;
        for client in [&from, &into] {
            note(&world, client, Some(shared)).await;
        }
        note(&world, &from, None).await;
        let case = json!({ "protocol": world.protocol, "location": world.location, "client": from["id"],
                           "animal": from["animals"][0]["id"] });
        let case = member.post(&format!("/api/v1/groups/{}/cases", world.group), &case).await.json;
        let refused = member.post(&format!("{}/merge", at(&from)), &json!({ "into": into["id"] })).await;
        assert_eq!(refused.json["code"], "privilege_needed");
        let merged = curator.post(&format!("{}/merge", at(&from)), &json!({ "into": into["id"] })).await;
        assert_eq!((merged.status, &merged.json["id"]), (StatusCode::OK, &into["id"]), "{}", merged.text);
        let kept = member.get(&at(&into)).await.json;
        assert_eq!(
            (&kept["email"], &kept["phone"], &kept["remarks"]),
            (&json!("lee@x.org"), &json!("1"), &json!("Shy"))
        );
        assert_eq!(kept["animals"].as_array().unwrap().len(), 2);
        let gone = member.get(&at(&from)).await.json;
        assert_eq!((&gone["merged_into"]["name"], &gone["email"]), (&json!("A. Lee"), &json!("a@x.org")));
        assert!(gone["archived_at"].is_string() && gone["animals"].as_array().unwrap().is_empty());
        let case = member.get(&format!("/api/v1/cases/{}", case["id"].as_str().unwrap())).await.json;
        assert_eq!((&case["client"]["name"], &case["animal"]["name"]), (&json!("A. Lee"), &json!("Rex")));
        for (statement, expected) in [
            (
                sql!(
                    "SELECT count(*) FROM notes n JOIN clients c ON c.id = n.client_id AND c.name = 'A. Lee'"
                ),
                3,
            ),
            (sql!("SELECT count(*) FROM notes WHERE group_note_id IS NOT NULL"), 1),
            (sql!("SELECT count(*) FROM group_note_attendance"), 1),
            (
                sql!(
                    "SELECT count(*) FROM client_group_members s JOIN clients c ON c.id = s.client_id
                   WHERE s.until IS NULL AND c.name = 'A. Lee'"
                ),
                2,
            ),
            (sql!("SELECT count(*) FROM client_group_members WHERE until IS NULL"), 2),
            (sql!("SELECT count(*) FROM audit_events WHERE action = 'client.merged'"), 1),
        ] {
            assert_eq!(world.server.count(statement).await, expected, "{engine:?} {statement:?}");
        }
        // What was merged can't be merged, changed or restored; what points to it follows a further merge.
        let again = curator.post(&format!("{}/merge", at(&from)), &json!({ "into": into["id"] })).await;
        assert_eq!(again.json["code"], "client_merged");
        assert_eq!(
            curator.patch(&at(&from), &json!({ "archived": false })).await.json["code"],
            "client_merged"
        );
        assert_eq!(member.patch(&at(&from), &json!({ "name": "X" })).await.json["code"], "client_merged");
        let last = add(&member, &clients(&world), json!({ "kind": "owner", "name": "Last" })).await;
        curator.post(&format!("{}/merge", at(&into)), &json!({ "into": last["id"] })).await;
        assert_eq!(member.get(&at(&from)).await.json["merged_into"]["name"], "Last");
    }
}

#[tokio::test]
async fn only_two_clients_of_one_group_merge() {
    let world = World::new(Engine::Sqlite).await;
    let curator = world.client(As::GroupAdmin).await;
    let one = new_client(&world.server, world.member, world.account, world.group, "One").await;
    let far = new_client(&world.server, world.elsewhere, world.account, world.other_group, "Far").await;
    let stranger = world.stranger;
    let hillside = world.server.db().read(async move |tx| {
        let statement = sql!("SELECT account_id FROM members WHERE user_id = $1");
        tx.value::<kernel::id::AccountId>(statement, &[&stranger]).await
    });
    let foreign =
        new_client(&world.server, stranger, hillside.await.unwrap(), world.hillside_group, "Foe").await;
    let path = format!("/api/v1/clients/{one}/merge");
    let mut texts = Vec::new();
    for into in [far, foreign, "cli_00000000000000000000000000".parse().unwrap()] {
        let reply = curator.post(&path, &json!({ "into": into })).await;
        assert_eq!(reply.status, StatusCode::UNPROCESSABLE_ENTITY);
        texts.push(reply.text);
    }
    assert!(texts.iter().all(|text| *text == texts[0]), "hidden and absent are alike");
    assert_eq!(curator.post(&path, &json!({ "into": one })).await.status, StatusCode::UNPROCESSABLE_ENTITY);
    let merged = sql!("SELECT count(*) FROM clients WHERE merged_into IS NOT NULL");
    assert_eq!(world.server.count(merged).await, 0);
}

#[tokio::test]
async fn whoever_edits_while_another_merges_loses_nothing_unseen() {
    for engine in ENGINES {
        let world = World::new(engine).await;
        let (member, curator) = (world.client(As::Member).await, world.client(As::GroupAdmin).await);
        let from =
            add(&member, &clients(&world), json!({ "kind": "owner", "name": "From", "phone": "1" })).await;
        let into = add(&member, &clients(&world), json!({ "kind": "owner", "name": "Into" })).await;
        let (path, merge) = (at(&from), format!("{}/merge", at(&from)));
        let (wish, body) = (json!({ "phone": "2" }), json!({ "into": into["id"] }));
        let (edited, merged) = tokio::join!(member.patch(&path, &wish), curator.post(&merge, &body));
        assert!(
            [StatusCode::OK, StatusCode::PRECONDITION_FAILED].contains(&merged.status),
            "{}",
            merged.text
        );
        let kept = member.get(&at(&into)).await.json["phone"].clone();
        match (edited.status, merged.status) {
            (StatusCode::OK, StatusCode::OK) => assert_eq!(kept, "2"),
            (_, StatusCode::OK) => {
                assert_eq!((edited.json["code"].as_str(), kept), (Some("client_merged"), json!("1")));
            }
            _ => assert_eq!(edited.status, StatusCode::OK),
        }
        // Two merges against each other: one of them wins.
        let one = add(&member, &clients(&world), json!({ "kind": "owner", "name": "One" })).await;
        let two = add(&member, &clients(&world), json!({ "kind": "owner", "name": "Two" })).await;
        let (there, back) = (format!("{}/merge", at(&one)), format!("{}/merge", at(&two)));
        let (to_two, to_one) = (json!({ "into": two["id"] }), json!({ "into": one["id"] }));
        let (first, second) = tokio::join!(curator.post(&there, &to_two), curator.post(&back, &to_one));
        let done = [first.status, second.status].iter().filter(|status| **status == StatusCode::OK).count();
        assert_eq!(done, 1, "{} {}", first.text, second.text);
    }
}

#[tokio::test]
async fn likely_duplicates_are_found_by_what_they_share() {
    for engine in ENGINES {
        let world = World::new(engine).await;
        let member = world.client(As::Member).await;
        for (name, email, phone, born) in [
            ("Ann Lee", "ann@x.org", "", ""),
            ("A. Lee", "ANN@x.org", "", ""),
            ("Ben Ott", "", "+49 30 1", ""),
            ("ben ott", "", "(49) 301", ""),
            ("Cy", "", "", "1980-01-01"),
            ("Cy", "", "", "1980-01-01"),
            ("Dee", "", "", "1980-01-01"),
            ("Dee", "", "", ""),
        ] {
            let new =
                json!({ "kind": "owner", "name": name, "email": email, "phone": phone, "birth_date": born });
            add(&member, &clients(&world), new).await;
        }
        let keeper = world.client(As::GroupAdmin).await;
        let found = keeper.get(&format!("{}/duplicates", clients(&world))).await.json;
        let found = found["items"].as_array().unwrap().iter().map(|item| {
            let names =
                item["clients"].as_array().unwrap().iter().map(|client| client["name"].as_str().unwrap());
            format!("{}: {}", item["why"].as_str().unwrap(), names.collect::<Vec<_>>().join(", "))
        });
        assert_eq!(
            found.collect::<Vec<_>>(),
            [
                "the same email address: Ann Lee, A. Lee",
                "the same name and date of birth: Cy, Cy",
                "the same name and phone: Ben Ott, ben ott",
            ]
        );
    }
}

#[tokio::test]
async fn the_panel_tells_who_can_see_a_client_now_and_then() {
    let world = World::new(Engine::Sqlite).await;
    let member = world.client(As::Member).await;
    let made = add(&member, &clients(&world), json!({ "kind": "owner", "name": "Ada" })).await;
    let now = member.get(&format!("{}/access", at(&made))).await.json;
    let who = now["items"].as_array().unwrap().iter().map(|each| each["user"]["name"].as_str().unwrap());
    let mut who = who.collect::<Vec<_>>();
    who.sort_unstable();
    assert_eq!(who, ["administrator", "group_admin", "member", "owner"]);
    let then = member.get(&format!("{}/access?at=2020-01-01", at(&made))).await.json;
    assert!(then["items"].as_array().unwrap().is_empty());
}

#[tokio::test]
async fn a_group_with_clients_is_archived_and_not_deleted() {
    for engine in ENGINES {
        let world = World::new(engine).await;
        let owner = world.client(As::Owner).await;
        let made = owner
            .post(&format!("/api/v1/accounts/{}/groups", world.account), &json!({ "name": "New" }))
            .await;
        let group: GroupId = made.json["id"].as_str().unwrap().parse().unwrap();
        new_client(&world.server, world.owner, world.account, group, "Ada Lund").await;
        let path = format!("/api/v1/groups/{group}");
        let refused = owner.delete(&path).await;
        assert_eq!(
            (refused.status, &refused.json["code"]),
            (StatusCode::CONFLICT, &json!("group_has_clients"))
        );
        let gone = storage::sql!("DELETE FROM clients");
        world.server.db().write(async move |tx| tx.exec(gone, &[]).await).await.unwrap();
        new_client_group(&world.server, world.account, group, "Circle", &[]).await;
        assert_eq!(owner.delete(&path).await.status, StatusCode::NO_CONTENT);
    }
}
