//! A name that is typed over another can mean two things. The page asks, and keeps all staged work.

use axum::http::StatusCode;
use serde_json::{Value, json};

use crate::{
    support::{As, Client, ENGINES, Engine, Reply, World, new_client},
    user_groups::{filled, make, names, whole},
};

/// A user group "Insurance" with one member, whose page has another name and another member staged.
struct Sheet {
    world: World,
    admin: Client,
    own: String,
    api: String,
    member: String,
    owner: String,
}

impl Sheet {
    async fn new(engine: Engine) -> Self {
        let world = World::new(engine).await;
        let admin = world.client(As::Administrator).await;
        let mut body = whole("Insurance", &[world.member], &["requests.send"]);
        body["default"] = json!(true);
        let made = make(&admin, &world, &body).await;
        let id = made["id"].as_str().unwrap().to_owned();
        let (own, api) =
            (format!("/a/{}/user-groups/{id}", world.account), format!("/api/v1/user-groups/{id}"));
        let (member, owner) = (world.member.to_string(), world.owner.to_string());
        Self { world, admin, own, api, member, owner }
    }

    async fn page(&self) -> String {
        self.admin.get(&self.own).await.text
    }

    /// Sends the form of this page with the staged work and these fields.
    async fn send(&self, page: &str, name: &str, more: &[(&str, &str)]) -> Reply {
        let mut fields = vec![
            ("name", name),
            ("description", "Staged"),
            ("active", "yes"),
            ("default", "yes"),
            ("members", self.member.as_str()),
            ("members", self.owner.as_str()),
            ("privileges", "requests.send"),
        ];
        fields.extend(more);
        self.admin.form(&self.own, &filled(page, &fields)).await
    }

    async fn now(&self) -> Value {
        self.admin.get(&self.api).await.json
    }

    async fn all(&self) -> Vec<String> {
        let path = format!("/api/v1/accounts/{}/user-groups", self.world.account);
        let all = self.admin.get(&path).await.json;
        let name = |group: &Value| group["name"].as_str().unwrap().to_owned();
        all["items"].as_array().unwrap().iter().map(name).collect()
    }
}

#[tokio::test]
async fn another_name_is_asked_about_and_nothing_is_saved_or_lost() {
    for engine in ENGINES {
        let sheet = Sheet::new(engine).await;
        let asked = sheet.send(&sheet.page().await, "Verification", &[]).await;
        assert_eq!(asked.status, StatusCode::OK, "{engine:?}");
        for part in [
            "Rename “<bdi>Insurance</bdi>” to “<bdi>Verification</bdi>”",
            "Create “<bdi>Verification</bdi>” as a new group",
            "Keep “<bdi>Insurance</bdi>”",
            "value=\"Verification\"",
            "Staged",
            "data-unsaved=\"yes\"",
            &format!("value=\"{}\" checked", sheet.owner),
        ] {
            assert!(asked.text.contains(part), "{part}: {}", asked.text);
        }
        let now = sheet.now().await;
        assert_eq!((&now["name"], &now["description"]), (&json!("Insurance"), &json!("")));
        assert_eq!(names(&now["members"]), ["member"]);
        // An answer counts for the name that was asked about.
        let typed = sheet.send(&asked.text, "Other", &[("name_means", "rename")]).await;
        assert!(typed.text.contains("Create “<bdi>Other</bdi>” as a new group"), "{}", typed.text);
        assert_eq!(sheet.now().await["name"], "Insurance");
    }
}

#[tokio::test]
async fn each_answer_saves_the_staged_work() {
    for engine in ENGINES {
        for (answer, name) in [("rename", "Verification"), ("keep", "Insurance")] {
            let sheet = Sheet::new(engine).await;
            let asked = sheet.send(&sheet.page().await, "Verification", &[]).await.text;
            let saved = sheet.send(&asked, "Verification", &[("name_means", answer)]).await;
            assert_eq!(saved.status, StatusCode::SEE_OTHER, "{answer}: {}", saved.text);
            assert_eq!(saved.headers["location"], sheet.own.as_str());
            let now = sheet.now().await;
            assert_eq!((&now["name"], &now["description"]), (&json!(name), &json!("Staged")));
            assert_eq!(names(&now["members"]), ["member", "owner"]);
            assert_eq!(sheet.all().await, [name]);
        }
        let sheet = Sheet::new(engine).await;
        let asked = sheet.send(&sheet.page().await, "Verification", &[]).await.text;
        let made = sheet.send(&asked, "Verification", &[("name_means", "create")]).await;
        assert_eq!(made.status, StatusCode::SEE_OTHER, "{}", made.text);
        let id = made.headers["location"].to_str().unwrap().rsplit('/').next().unwrap().to_owned();
        let new = sheet.admin.get(&format!("/api/v1/user-groups/{id}")).await.json;
        assert_eq!((&new["name"], &new["description"]), (&json!("Verification"), &json!("Staged")));
        assert_eq!((names(&new["members"]), &new["default"]), (vec!["member", "owner"], &json!(false)));
        // The first stays as it was, the default too.
        let old = sheet.now().await;
        assert_eq!(
            (&old["name"], &old["description"], &old["default"]),
            (&json!("Insurance"), &json!(""), &json!(true))
        );
        assert_eq!(names(&old["members"]), ["member"]);
        // The same answer twice creates one.
        let twice = sheet.send(&asked, "Verification", &[("name_means", "create")]).await;
        assert_eq!(twice.status, StatusCode::UNPROCESSABLE_ENTITY, "{}", twice.text);
        assert_eq!(sheet.all().await, ["Insurance", "Verification"]);
    }
}

#[tokio::test]
async fn a_name_that_another_group_has_can_only_be_changed_or_dropped() {
    let sheet = Sheet::new(Engine::Sqlite).await;
    make(&sheet.admin, &sheet.world, &whole("Front desk", &[], &[])).await;
    let asked = sheet.send(&sheet.page().await, "front DESK", &[]).await;
    assert_eq!(asked.status, StatusCode::OK);
    assert!(asked.text.contains("Another user group already has that name."), "{}", asked.text);
    assert!(!asked.text.contains("value=\"rename\"") && asked.text.contains("value=\"keep\""));
    for answer in ["rename", "create"] {
        let refused = sheet.send(&asked.text, "front DESK", &[("name_means", answer)]).await;
        assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY, "{answer}");
    }
    assert_eq!(sheet.now().await["name"], "Insurance");
    // Other letters for its own name are no other group's.
    let own = sheet.send(&sheet.page().await, "INSURANCE", &[]).await;
    assert!(own.text.contains("value=\"rename\""), "{}", own.text);
}

#[tokio::test]
async fn with_two_tabs_the_answer_is_put_on_top_of_what_the_other_saved() {
    for engine in ENGINES {
        let sheet = Sheet::new(engine).await;
        let first = sheet.page().await;
        let asked = sheet.send(&first, "Verification", &[]).await.text;
        // Meanwhile the other tab renames it.
        let second = sheet.send(&first, "Cover", &[("edit_name", "yes")]).await;
        assert_eq!(second.status, StatusCode::SEE_OTHER, "{engine:?}");
        let stale = sheet.send(&asked, "Verification", &[("name_means", "rename")]).await;
        assert_eq!(stale.status, StatusCode::PRECONDITION_FAILED, "{}", stale.text);
        assert!(stale.text.contains("Its name is now “Cover”."), "{}", stale.text);
        assert_eq!(sheet.now().await["name"], "Cover");
        // That it is to be renamed was said: saving again asks no more.
        assert!(stale.text.contains("name=\"edit_name\" value=\"yes\" autocomplete=\"off\" checked"));
        let saved = sheet.send(&stale.text, "Verification", &[("edit_name", "yes")]).await;
        assert_eq!(saved.status, StatusCode::SEE_OTHER, "{}", saved.text);
        assert_eq!(sheet.now().await["name"], "Verification");
    }
}

#[tokio::test]
async fn client_groups_ask_the_same() {
    for engine in ENGINES {
        let world = World::new(engine).await;
        let client =
            new_client(&world.server, world.member, world.account, world.group, "Ann").await.to_string();
        let member = world.client(As::Member).await;
        let groups = format!("/g/{}/client-groups", world.group);
        let fields = [("name", "Tuesday"), ("active", "yes"), ("clients", client.as_str())];
        let made = member.form(&groups, &fields).await;
        let own = made.headers["location"].to_str().unwrap().to_owned();
        let page = member.get(&own).await.text;
        let fields = [("name", "Wednesday"), ("active", "yes"), ("clients", client.as_str())];
        let asked = member.form(&own, &filled(&page, &fields)).await;
        assert!(
            asked.text.contains("Rename “<bdi>Tuesday</bdi>” to “<bdi>Wednesday</bdi>”"),
            "{}",
            asked.text
        );
        let with = |answer| [fields.as_slice(), &[("name_means", answer)]].concat();
        let created = member.form(&own, &filled(&asked.text, &with("create"))).await;
        assert_eq!(created.status, StatusCode::SEE_OTHER, "{}", created.text);
        let new = created.headers["location"].to_str().unwrap();
        assert!(new != own && member.get(new).await.text.contains("Wednesday"));
        assert!(member.get(&own).await.text.contains("value=\"Tuesday\""));
        let taken = member.form(&own, &filled(&asked.text, &with("rename"))).await;
        assert_eq!(taken.status, StatusCode::UNPROCESSABLE_ENTITY, "the name is taken now");
        // From the parent account nothing is created.
        let administrator = world.client(As::Administrator).await;
        let refused = administrator.form(&own, &filled(&asked.text, &with("create"))).await;
        assert!(refused.status.is_client_error(), "{}", refused.status);
    }
}
