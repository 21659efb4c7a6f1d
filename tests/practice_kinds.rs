//! The kind of practice: what it decides, and that nothing is lost when it changes.

use axum::http::StatusCode;
use serde_json::{Value, json};

use crate::support::{As, Client, ENGINES, Engine, PASSWORD, Server, World, link_token};

fn account(world: &World) -> String {
    format!("/api/v1/accounts/{}", world.account)
}

async fn become_kind(world: &World, kind: &str) {
    let owner = world.client(As::Owner).await;
    let changed = owner.patch(&account(world), &json!({ "practice_kind": kind })).await;
    assert_eq!(
        (changed.status, &changed.json["practice_kind"]),
        (StatusCode::OK, &json!(kind)),
        "{}",
        changed.text
    );
}

/// The names of what a list offers: what is not archived.
fn offered(list: &Value) -> Vec<&str> {
    let items = list["items"].as_array().unwrap().iter().filter(|item| item["archived_at"].is_null());
    items.map(|item| item["name"].as_str().unwrap()).collect()
}

async fn protocols(world: &World) -> Value {
    world.client(As::Member).await.get(&format!("{}/protocols", account(world))).await.json
}

#[tokio::test]
async fn another_kind_of_practice_brings_its_protocols_and_loses_none_that_a_case_follows() {
    for engine in ENGINES {
        let world = World::new(engine).await;
        let before = protocols(&world).await;
        let followed =
            before["items"].as_array().unwrap().iter().find(|each| each["id"] == world.protocol.to_string());
        let followed = followed.unwrap()["name"].as_str().unwrap().to_owned();
        assert!(offered(&before).contains(&"Lameness"));
        become_kind(&world, "behavioral_health").await;
        let now = protocols(&world).await;
        let names = offered(&now);
        assert!(
            names.contains(&"Individual therapy") && names.contains(&"Follow-up"),
            "{engine:?}: {names:?}"
        );
        assert!(names.contains(&followed.as_str()) && !names.contains(&"Lameness"), "{engine:?}: {names:?}");
        become_kind(&world, "veterinary").await;
        let again = protocols(&world).await;
        assert_eq!(offered(&again), offered(&before), "{engine:?}");
        let owner = world.client(As::Owner).await;
        let page = owner.get(&format!("/a/{}/activity", world.account)).await;
        assert!(page.text.contains("Changed the kind of practice from Veterinary to Behavioral health"));
        let unknown = owner.patch(&account(&world), &json!({ "practice_kind": "bakery" })).await;
        assert_eq!(unknown.status, StatusCode::UNPROCESSABLE_ENTITY);
        let admin = world.client(As::GroupAdmin).await;
        let refused = admin.patch(&account(&world), &json!({ "practice_kind": "other" })).await;
        assert_eq!(refused.status, StatusCode::FORBIDDEN);
    }
}

#[tokio::test]
async fn the_same_kind_again_is_no_change_of_it() {
    let world = World::new(Engine::Sqlite).await;
    become_kind(&world, "veterinary").await;
    let noted =
        storage::sql!("SELECT count(*) FROM audit_events WHERE action = 'account.practice_kind_changed'");
    assert_eq!(world.server.count(noted).await, 0);
}

#[tokio::test]
async fn the_settings_page_changes_the_kind() {
    let world = World::new(Engine::Sqlite).await;
    let owner = world.client(As::Owner).await;
    let path = format!("/a/{}/settings", world.account);
    let page = owner.get(&path).await;
    assert!(page.text.contains("Nothing you recorded is lost"), "{}", page.text);
    let fields = [("name", "Riverside"), ("practice", ""), ("time_zone", "UTC"), ("practice_kind", "other")];
    assert_eq!(owner.form(&path, &fields).await.status, StatusCode::SEE_OTHER);
    assert_eq!(owner.get(&account(&world)).await.json["practice_kind"], "other");
    // A form that lacks the field, such as an old page's, changes nothing of it.
    assert_eq!(owner.form(&path, &fields[..3]).await.status, StatusCode::SEE_OTHER);
    assert_eq!(owner.get(&account(&world)).await.json["practice_kind"], "other");
}

async fn with_animal(world: &World, by: &Client) -> String {
    let new =
        json!({ "kind": "owner", "name": "Ada Lund", "animals": [{ "name": "Rex", "species": "Dog" }] });
    let made = by.post(&format!("/api/v1/groups/{}/clients", world.group), &new).await;
    assert_eq!(made.status, StatusCode::CREATED, "{}", made.text);
    made.json["id"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn where_no_animals_are_kept_none_is_added_and_those_that_are_there_stay() {
    for engine in ENGINES {
        let world = World::new(engine).await;
        let member = world.client(As::Member).await;
        let client = with_animal(&world, &member).await;
        become_kind(&world, "behavioral_health").await;
        let list = format!("/api/v1/groups/{}/clients", world.group);
        let with = json!({ "name": "Mo", "animals": [{ "name": "Tibby" }] });
        let refused = member.post(&list, &with).await;
        assert_eq!(
            (refused.status, &refused.json["errors"][0]["field"]),
            (StatusCode::UNPROCESSABLE_ENTITY, &json!("animals"))
        );
        let one = format!("/api/v1/clients/{client}");
        let refused = member.post(&format!("{one}/animals"), &json!({ "name": "Tibby" })).await;
        assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY, "{}", refused.text);
        let said = refused.json["errors"][0]["detail"].as_str().unwrap();
        assert!(said.contains("doesn’t keep records of animals"), "{said}");
        let plain = member.post(&list, &json!({ "name": "Mo" })).await;
        assert_eq!(
            (plain.status, &plain.json["kind"]),
            (StatusCode::CREATED, &json!("patient")),
            "{}",
            plain.text
        );
        assert_eq!(member.get(&one).await.json["animals"][0]["name"], "Rex");
        let own = format!("/g/{}/clients", world.group);
        let page = member.get(&format!("{own}/{client}")).await.text;
        assert!(page.contains("Rex") && !page.contains("Add animal"), "{page}");
        let page = member.get(&own).await.text;
        assert!(page.contains("Rex") && page.contains(">Animals<"), "{page}");
        let mo = member.get(&format!("{own}/{}", plain.json["id"].as_str().unwrap())).await.text;
        assert!(!mo.to_lowercase().contains("animal"), "{mo}");
        let form = member.get(&format!("{own}/new")).await.text;
        assert!(!form.to_lowercase().contains("animal") && !form.contains("name=\"kind\""), "{form}");
        let added = member.form(&own, &[("name", "Li")]).await;
        assert_eq!(added.status, StatusCode::SEE_OTHER, "{}", added.text);
    }
}

#[tokio::test]
async fn an_import_leaves_animals_out_where_none_are_kept() {
    for engine in ENGINES {
        let world = World::new(engine).await;
        become_kind(&world, "behavioral_health").await;
        let keeper = world.client(As::GroupAdmin).await;
        let file = "Client name,Kind,Pet name,Species\nAda Lund,Client,Rex,Dog\nMo Li,,,\n";
        let path = format!("/api/v1/groups/{}/client-imports", world.group);
        let import = keeper.upload(&path, "clients.csv", file.as_bytes()).await.json;
        assert_eq!(
            import["planned"],
            json!({ "clients": 2, "merges": 0, "animals": 0 }),
            "{engine:?}: {import}"
        );
        assert_eq!(import["read"]["ignored"], json!(["Pet name", "Species"]));
        assert_eq!(import["read"]["kind"], "patient");
        let id = import["id"].as_str().unwrap();
        let columns = format!("/g/{}/clients/imports/{id}/columns", world.group);
        assert!(!keeper.get(&columns).await.text.contains("Animal"));
        let mapped = json!({ "columns": ["name", null, "animal_name", null] });
        let refused = keeper.put(&format!("/api/v1/client-imports/{id}/mapping"), &mapped).await;
        assert_eq!(
            (refused.status, &refused.json["errors"][0]["field"]),
            (StatusCode::UNPROCESSABLE_ENTITY, &json!("columns[2]")),
            "{}",
            refused.text
        );
        let done = keeper.post(&format!("/api/v1/client-imports/{id}/run"), &Value::Null).await;
        assert_eq!(done.json["counts"]["added"], 2, "{}", done.text);
        let list = keeper.get(&format!("/api/v1/groups/{}/clients", world.group)).await.json;
        assert!(list["items"].as_array().unwrap().iter().all(|client| client["kind"] == "patient"), "{list}");
        let export = keeper.get(&format!("/g/{}/clients.csv", world.group)).await.text;
        assert!(!export.contains("species"), "{export}");
    }
}

#[tokio::test]
async fn a_file_that_was_read_with_animals_is_not_run_once_none_are_kept() {
    let world = World::new(Engine::Sqlite).await;
    let keeper = world.client(As::GroupAdmin).await;
    let path = format!("/api/v1/groups/{}/client-imports", world.group);
    let import = keeper.upload(&path, "clients.csv", b"Owner,Pet name\nAda Lund,Rex\n").await.json;
    become_kind(&world, "other").await;
    let run = format!("/api/v1/client-imports/{}/run", import["id"].as_str().unwrap());
    assert_eq!(keeper.post(&run, &Value::Null).await.json["code"], "import_with_animals");
}

fn titles(list: &Value) -> Vec<&str> {
    list["items"].as_array().unwrap().iter().map(|item| item["title"].as_str().unwrap()).collect()
}

#[tokio::test]
async fn a_library_has_the_starter_handouts_of_its_kind_of_practice() {
    for engine in ENGINES {
        let world = World::new(engine).await;
        care::handouts::seed(world.server.db()).await.unwrap();
        let support = world.client(As::Support).await;
        let all = format!("/api/v1/handouts?account={}&limit=100", world.account);
        let veterinary = support.get(&all).await.json;
        assert!(titles(&veterinary).contains(&"Dogs who worry when left alone"));
        assert!(
            titles(&veterinary).contains(&"Sleeping better")
                && !titles(&veterinary).contains(&"Panic attacks")
        );
        let favorite =
            veterinary["items"].as_array().unwrap().iter().find(|item| item["species"] == "horse").unwrap();
        let path = format!("/api/v1/handouts/{}", favorite["id"].as_str().unwrap());
        assert!(support.put(&format!("{path}/favorite"), &Value::Null).await.status.is_success());
        become_kind(&world, "behavioral_health").await;
        let behavioral = support.get(&all).await.json;
        assert!(
            titles(&behavioral).contains(&"Panic attacks")
                && titles(&behavioral).contains(&"Ataques de pánico")
        );
        assert!(
            behavioral["items"].as_array().unwrap().iter().all(|item| item["species"].is_null()),
            "{behavioral}"
        );
        let found = support.get(&format!("{all}&q=colic")).await.json;
        assert_eq!(titles(&found), Vec::<&str>::new(), "{engine:?}");
        // Someone's own favorites stay theirs, and what they open is still there.
        let favorites = support.get(&format!("{all}&favorites=true")).await.json;
        assert_eq!(titles(&favorites), [favorite["title"].as_str().unwrap()]);
        assert_eq!(support.get(&path).await.status, StatusCode::OK);
        become_kind(&world, "other").await;
        let other = support.get(&all).await.json;
        assert!(
            titles(&other).contains(&"If you think about suicide")
                && !titles(&other).contains(&"Panic attacks")
        );
    }
}

#[tokio::test]
async fn handouts_name_animals_in_veterinary_practices_alone() {
    for engine in ENGINES {
        let world = World::new(engine).await;
        let owner = world.client(As::Owner).await;
        let path = format!("{}/handouts", account(&world));
        let new =
            json!({ "title": "Breathing", "body": "In, and out.", "topic": "coping", "language": "en" });
        let refused = owner.post(&path, &new).await;
        assert_eq!(refused.json["errors"][0]["field"], "species", "{}", refused.text);
        become_kind(&world, "behavioral_health").await;
        let made = owner.post(&path, &new).await;
        assert_eq!(
            (made.status, &made.json["species"]),
            (StatusCode::CREATED, &Value::Null),
            "{}",
            made.text
        );
        let pages = format!("/a/{}/handouts", world.account);
        let one = format!("{pages}/{}", made.json["id"].as_str().unwrap());
        for page in [
            pages.clone(),
            format!("{pages}/new"),
            one.clone(),
            format!("{one}/edit"),
            format!("{pages}/sent"),
        ] {
            let text = owner.get(&page).await.text;
            for word in ["pet owner", "Pet owner", "Animal", "animal", "Lameness"] {
                assert!(!text.contains(word), "{page}: {word}");
            }
        }
        assert!(owner.get(&one).await.text.contains("Share with client"));
        let unsent = owner.form(&format!("{one}/share"), &[("email", ""), ("do", "email")]).await;
        assert!(unsent.text.contains("Enter the client’s email"), "{}", unsent.text);
        // Once animals are kept, a handout without one can still be changed.
        become_kind(&world, "veterinary").await;
        let one = format!("/api/v1/handouts/{}", made.json["id"].as_str().unwrap());
        assert_eq!(owner.patch(&one, &json!({ "title": "Slow breathing" })).await.status, StatusCode::OK);
    }
}

#[tokio::test]
async fn note_types_follow_the_kind_until_someone_manages_them() {
    let world = World::new(Engine::Sqlite).await;
    let owner = world.client(As::Owner).await;
    become_kind(&world, "behavioral_health").await;
    let page = owner.get(&format!("/a/{}/note-types", world.account)).await.text;
    assert!(page.contains("Psychoeducation") && !page.contains("Herd visit"), "{page}");
}

#[tokio::test]
async fn set_up_and_sign_up_ask_for_the_kind() {
    for engine in ENGINES {
        let server = Server::new(engine).await;
        let client = server.anonymous();
        let code = covey::app::set_up_code(&server.app).await.unwrap().unwrap();
        let mut form = vec![
            ("code", code.reveal()),
            ("account_name", "Harbor"),
            ("name", "Ann Lee"),
            ("email", "ann@x.test"),
            ("password", PASSWORD),
        ];
        let refused = client.form("/set-up", &form).await;
        assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(refused.text.contains("Choose the kind of practice."), "{}", refused.text);
        form.push(("practice_kind", "behavioral_health"));
        assert_eq!(client.form("/set-up", &form).await.status, StatusCode::SEE_OTHER);
        let of = storage::sql!("SELECT count(*) FROM accounts WHERE practice_kind = 'behavioral_health'");
        assert_eq!(server.count(of).await, 1, "{engine:?}");
        let lame = storage::sql!("SELECT count(*) FROM protocols WHERE name = 'Lameness'");
        assert_eq!(server.count(lame).await, 0);
        let mut form =
            vec![("account_name", "Own"), ("name", "Bo"), ("email", "bo@x.test"), ("password", PASSWORD)];
        assert_eq!(client.form("/sign-up", &form).await.status, StatusCode::UNPROCESSABLE_ENTITY);
        form.push(("practice_kind", "veterinary"));
        assert_eq!(client.form("/sign-up", &form).await.status, StatusCode::OK);
        let token = link_token(&server.mail().await.join("\n"), "verify");
        let proved = client.post(&format!("/api/v1/verify/{token}"), &json!({ "password": PASSWORD })).await;
        assert_eq!(proved.status, StatusCode::OK, "{}", proved.text);
        let of = storage::sql!("SELECT count(*) FROM accounts WHERE practice_kind = 'veterinary'");
        assert_eq!(server.count(of).await, 1, "{engine:?}");
        // A program that doesn't say means no particular kind.
        let bo = Client { token: proved.json["token"].as_str().map(str::to_owned), ..client };
        let second = bo.post("/api/v1/accounts", &json!({ "account_name": "More" })).await;
        assert_eq!(second.json["code"], "account_owned", "{}", second.text);
    }
}
