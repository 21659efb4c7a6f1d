//! Undoing a claim, a release and a completion: by who did it, as long as no one else has done anything.

use axum::http::StatusCode;
use kernel::clock::MINUTE;
use serde_json::{Value, json};

use crate::{
    requests::{Desk, state, step},
    support::{As, Client, ENGINES, Engine, Reply, World},
};

async fn undo(who: &Client, request: &str) -> Reply {
    step(who, request, "undo", Value::Null).await
}

fn too_late(reply: &Reply) {
    assert_eq!(
        (reply.status, &reply.json["code"]),
        (StatusCode::CONFLICT, &json!("undo_too_late")),
        "{}",
        reply.text
    );
}

#[tokio::test]
async fn a_claim_a_release_and_a_completion_are_undone_as_if_they_had_not_been() {
    for engine in ENGINES {
        let desk = Desk::new(engine).await;
        let request = desk.send().await;
        step(&desk.grace, &request, "claim", Value::Null).await;
        assert_eq!(desk.unread(&desk.adam).await, [0, 0, 0]);
        let undone = undo(&desk.grace, &request).await;
        assert_eq!((state(&undone), &undone.json["claimed_by"]), ("new", &Value::Null), "{engine:?}");
        assert_eq!(desk.unread(&desk.adam).await, [1, 0, 0], "it is as unread as it was");
        too_late(&undo(&desk.grace, &request).await);

        step(&desk.grace, &request, "claim", Value::Null).await;
        step(&desk.grace, &request, "ask", json!({ "body": "Which card?" })).await;
        step(&desk.grace, &request, "release", Value::Null).await;
        let undone = undo(&desk.grace, &request).await;
        assert_eq!(
            (state(&undone), undone.json["claimed_by"]["name"].as_str()),
            ("waiting", Some("elsewhere"))
        );

        step(&desk.grace, &request, "complete", json!({ "body": "Covered." })).await;
        step(&desk.sender, &request, "read", Value::Null).await;
        desk.mails().await;
        let undone = undo(&desk.grace, &request).await;
        assert_eq!((state(&undone), &undone.json["settled_at"]), ("waiting", &Value::Null));
        assert_eq!(desk.unread(&desk.sender).await, [0, 0, 1], "the sender learns that it is not done");
        let mail = (
            "member@riverside.test".to_owned(),
            "Your request to Insurance Verification is open again".to_owned(),
        );
        assert_eq!(desk.mails().await, [mail]);
        let thread = undone.json["messages"].as_array().unwrap();
        let last = thread.last().unwrap();
        assert_eq!((last["kind"].as_str(), last["body"].as_str()), (Some("undone"), Some("Complete")));
        let answered = step(&desk.sender, &request, "messages", json!({ "body": "The blue one." })).await;
        assert_eq!(answered.json["state"], "claimed");
    }
}

#[tokio::test]
async fn what_anyone_did_meanwhile_makes_it_too_late() {
    for engine in ENGINES {
        let desk = Desk::new(engine).await;
        let request = desk.send().await;
        too_late(&undo(&desk.grace, &request).await);
        step(&desk.grace, &request, "release", Value::Null).await;
        step(&desk.grace, &request, "claim", Value::Null).await;
        // Another's step is theirs to undo, and a message is an act too.
        too_late(&undo(&desk.adam, &request).await);
        step(&desk.sender, &request, "messages", json!({ "body": "Thanks for taking it." })).await;
        too_late(&undo(&desk.grace, &request).await);
        step(&desk.grace, &request, "release", Value::Null).await;
        step(&desk.adam, &request, "claim", Value::Null).await;
        too_late(&undo(&desk.grace, &request).await);
        step(&desk.adam, &request, "complete", json!({})).await;
        step(&desk.sender, &request, "reopen", Value::Null).await;
        too_late(&undo(&desk.adam, &request).await);
        // An old version, such as of a page that lay open.
        step(&desk.adam, &request, "claim", Value::Null).await;
        let seen = desk.adam.get(&format!("/api/v1/requests/{request}")).await;
        let version = seen.headers["etag"].to_str().unwrap().to_owned();
        undo(&desk.adam, &request).await;
        step(&desk.adam, &request, "claim", Value::Null).await;
        let headers = [("content-type", "application/json"), ("if-match", version.as_str())];
        let path = format!("/api/v1/requests/{request}/undo");
        let old = desk.adam.send(axum::http::Method::POST, &path, &headers, "null".into()).await;
        too_late(&old);
        // Who is not a receiver undoes nothing.
        assert_eq!(undo(&desk.sender, &request).await.status, StatusCode::FORBIDDEN);
        for role in [As::Owner, As::Stranger] {
            let client = desk.world.client(role).await;
            assert_eq!(undo(&client, &request).await.status, StatusCode::NOT_FOUND, "{role:?}");
        }
        assert_eq!(desk.adam.get(&format!("/api/v1/requests/{request}")).await.json["state"], "claimed");
    }
}

#[tokio::test]
async fn the_page_offers_undo_once_and_says_when_it_is_too_late() {
    let desk = Desk::new(Engine::Sqlite).await;
    let request = desk.send().await;
    let own = format!("/a/{}/requests/{request}", desk.world.account);
    let claimed = desk.grace.form(&format!("{own}/claim"), &[]).await;
    assert_eq!(claimed.status, StatusCode::SEE_OTHER);
    let cookie = claimed.headers["set-cookie"].to_str().unwrap().split(';').next().unwrap().to_owned();
    let headers = [("accept", "text/html"), ("cookie", cookie.as_str())];
    let page = desk.grace.send(axum::http::Method::GET, &own, &headers, axum::body::Body::empty()).await.text;
    assert!(
        page.contains("This request is yours.") && page.contains(&format!("action=\"{own}/undo\"")),
        "{page}"
    );
    let version =
        page.split("name=\"version\" value=\"").nth(1).unwrap().split('"').next().unwrap().to_owned();
    let undone = desk.grace.form(&format!("{own}/undo"), &[("version", &version)]).await;
    assert_eq!(undone.headers["location"], own.as_str());
    let api = format!("/api/v1/requests/{request}");
    assert_eq!(desk.adam.get(&api).await.json["state"], "new");
    desk.world.server.clock.advance(MINUTE);
    let again = desk.grace.form(&format!("{own}/undo"), &[("version", &version)]).await;
    let flash = again.headers["set-cookie"].to_str().unwrap();
    assert!(flash.contains("Someone%20else%20acted"), "{flash}");
}

#[tokio::test]
async fn assigning_and_forwarding_ask_first() {
    let desk = Desk::new(Engine::Sqlite).await;
    let request = desk.send().await;
    let own = format!("/a/{}/requests/{request}", desk.world.account);
    let user = desk.world.administrator.to_string();
    let asked = desk.grace.form(&format!("{own}/assign"), &[("user", &user)]).await;
    assert!(asked.status.is_success() && asked.text.contains("Assign this request?"), "{}", asked.text);
    assert!(asked.text.contains(&format!("value=\"{user}\"")), "what was chosen travels along");
    let api = format!("/api/v1/requests/{request}");
    assert_eq!(desk.adam.get(&api).await.json["state"], "new");
    let done = desk.grace.form(&format!("{own}/assign"), &[("user", &user), ("confirm", "yes")]).await;
    assert_eq!(done.status, StatusCode::SEE_OTHER);
    assert_eq!(desk.adam.get(&api).await.json["claimed_by"]["name"], "administrator");
    let asked = desk.sender.form(&format!("{own}/forward"), &[("to", &desk.insurance.to_string())]).await;
    assert!(asked.text.contains("Forward this request?"), "{}", asked.text);
}

/// The form that the message after a step offers: where it posts, and its fields.
fn offered(reply: &Reply) -> (String, Vec<(String, String)>) {
    let cookies = reply.headers.get_all("set-cookie").iter().map(|cookie| cookie.to_str().unwrap());
    let flash = cookies.filter_map(|cookie| cookie.split_once('=')).find(|(name, _)| name.contains("flash"));
    let (_, value) = flash.unwrap_or_else(|| panic!("no message: {reply:?}"));
    let text = format!("message={}", value.split(';').next().unwrap());
    let (_, json) = form_urlencoded::parse(text.as_bytes()).next().unwrap();
    let message: Value = serde_json::from_str(&json).unwrap();
    serde_json::from_value(message["undo"].clone()).unwrap_or_else(|_| panic!("no undo: {message}"))
}

#[tokio::test]
async fn whoever_was_removed_from_a_group_comes_back_with_the_role_that_they_had() {
    for engine in ENGINES {
        let world = World::new(engine).await;
        world.server.leave_mail();
        let owner = world.client(As::Owner).await;
        let people = format!("/api/v1/groups/{}/members", world.group);
        let before = owner.get(&people).await.json;
        for user in [world.group_admin, world.member] {
            let path = format!("/g/{}/users/{user}/remove", world.group);
            // The page may be old: what it says of the role doesn't count.
            let removed = owner.form(&path, &[("confirm", "yes"), ("role", "member")]).await;
            let (undo, fields) = offered(&removed);
            assert!(!owner.get(&people).await.text.contains(&user.to_string()));
            let fields =
                fields.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect::<Vec<_>>();
            let undone = owner.form(&undo, &fields).await;
            assert_eq!(undone.status, StatusCode::SEE_OTHER, "{}", undone.text);
        }
        let roles = |list: &Value| {
            let items = list["items"].as_array().unwrap().clone();
            items
                .into_iter()
                .map(|item| (item["user"]["id"].clone(), item["role"].clone()))
                .collect::<Vec<_>>()
        };
        assert_eq!(roles(&owner.get(&people).await.json), roles(&before), "{engine:?}");
    }
}
