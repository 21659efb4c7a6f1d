//! A group note, as a clinician writes it: nothing is lost when the session ends or two tabs write.

use kernel::{
    clock::Time,
    id::{ClientGroupId, ClientId, GroupId, Period},
};
use serde_json::{Value, json};
use thirtyfour::prelude::*;

use crate::{
    browser::Browser,
    crash::{Running, request},
};

const EMAIL: &str = "ann.lee@riverside.example";
const PASSWORD: &str = "seven blue herons";

/// A client group with two clients in a group of the demo that Ann is in.
fn seed(folder: &std::path::Path) -> (GroupId, ClientGroupId) {
    let db = rusqlite::Connection::open(folder.join("covey.db")).unwrap();
    db.busy_timeout(std::time::Duration::from_secs(10)).unwrap();
    let (ann, account, group): (Vec<u8>, Vec<u8>, [u8; 16]) = db
        .query_row(
            "SELECT u.id, m.account_id, m.group_id FROM users u JOIN group_members m ON m.user_id = u.id AND m.until IS NULL
             WHERE u.email = ?1 LIMIT 1",
            [EMAIL],
            |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)),
        )
        .unwrap();
    let group = GroupId::from_uuid(uuid::Uuid::from_bytes(group));
    let circle = ClientGroupId::at(Time::from_micros(1), [1; 8]);
    db.execute(
        "INSERT INTO client_groups (account_id, group_id, id, name, name_key, description, active, is_default, created_at, version)
         VALUES (?1, ?2, ?3, 'Tuesday circle', 'tuesday circle', '', 1, 0, 1, 1)",
        (&account, group.as_bytes(), circle.as_bytes()),
    )
    .unwrap();
    for (number, name) in [(2, "Ben Ode"), (3, "Clara Voss")] {
        let client = ClientId::at(Time::from_micros(1), [number; 8]);
        db.execute(
            "INSERT INTO clients (account_id, group_id, id, kind, name, name_key, search, reference, email, email_key, phone,
                                  address, remarks, created_by, created_at, updated_at, version)
             VALUES (?1, ?2, ?3, 'patient', ?4, lower(?4), lower(?4), '', '', '', '', '', '', ?5, 1, 1, 1)",
            (&account, group.as_bytes(), client.as_bytes(), name, &ann),
        )
        .unwrap();
        let period = kernel::id::Id::<Period>::at(Time::from_micros(1), [number; 8]);
        db.execute(
            "INSERT INTO client_group_members (account_id, group_id, client_group_id, id, client_id, since)
             VALUES (?1, ?2, ?3, ?4, ?5, 1)",
            (&account, group.as_bytes(), circle.as_bytes(), period.as_bytes(), client.as_bytes()),
        )
        .unwrap();
    }
    (group, circle)
}

/// Ends every session of Ann's browser, as someone at another desk would.
fn end_sessions(server: &Running) {
    let body = json!({ "email": EMAIL, "password": PASSWORD }).to_string();
    let (_, answer) = server.post("/api/v1/sign-in", &body, None);
    let token = serde_json::from_str::<Value>(&answer).unwrap()["token"].as_str().unwrap().to_owned();
    let ask = |method, path: &str| request(server.address(), method, path, "", Some(&token), None).unwrap().1;
    let sessions: Value = serde_json::from_str(&ask("GET", "/api/v1/me/sessions")).unwrap();
    let sessions = sessions["items"].as_array().unwrap().iter();
    let mut sessions = sessions.map(|session| session["id"].as_str().unwrap()).collect::<Vec<_>>();
    sessions.sort_unstable();
    // The newest is this one.
    sessions.pop();
    for session in sessions {
        ask("DELETE", &format!("/api/v1/me/sessions/{session}"));
    }
}

impl Browser {
    /// Types at the end of a field.
    async fn add(&self, css: &str, text: &str) {
        let field = self.driver.find(By::Css(css)).await.unwrap();
        field.send_keys(text).await.unwrap();
    }

    async fn value(&self, css: &str) -> String {
        self.driver.find(By::Css(css)).await.unwrap().value().await.unwrap().unwrap_or_default()
    }

    async fn click(&self, xpath: &str) {
        let element = self.driver.find(By::XPath(xpath)).await.unwrap();
        element.scroll_into_view().await.unwrap();
        element.click().await.unwrap();
    }

    /// Presses a button that asks first, and says yes.
    async fn press_surely(&self, words: &str) {
        self.press(words).await;
        let yes = format!("//dialog[@open]//button[contains(., '{words}')]");
        for _ in 0..50 {
            if let Ok(button) = self.driver.find(By::XPath(&yes)).await {
                button.click().await.unwrap();
                return;
            }
            tokio::time::sleep(std::time::Duration::from_millis(100)).await;
        }
        panic!("no question was asked");
    }

    async fn is_saved(&self) {
        self.waits("it is saved", |page| page.contains("Saved ")).await;
    }
}

const BODY: &str = "#body";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_group_note_is_written_without_losing_a_word_and_released() {
    let folder = tempfile::tempdir().unwrap();
    let server = Running::start_with(folder.path(), &["--demo"]);
    let base = format!("http://{}", server.address());
    let (group, circle) = seed(folder.path());
    let browser = Browser::start().await;
    browser.sign_in(&base, EMAIL, PASSWORD).await;
    browser.go(&format!("{base}/g/{group}/client-groups/{circle}/notes")).await;
    browser.sees("No group notes yet").await;
    browser.is_accessible().await;
    browser.press("New group note").await;
    browser.is_accessible().await;
    browser.choose("note_type", "Group session").await;
    browser.fill("description", "Sleep").await;
    browser.press("Create group note").await;
    browser.sees("Attendance").await;
    browser.is_accessible().await;
    let page = browser.url().await;
    assert!(browser.value(BODY).await.contains("{attendance}"), "it begins with the text of its type");

    // It saves itself, and is there after the page is loaded again.
    browser.fill("body", "{name} was {attendance}. We talked.").await;
    browser.sees("Not saved yet").await;
    browser.is_saved().await;
    browser.go(&page).await;
    assert_eq!(browser.value(BODY).await, "{name} was {attendance}. We talked.");

    // The session ends while something is not saved yet: the text stays behind the cover, and is saved once they signed
    // in again in another tab.
    browser.add(BODY, " Of sleep.").await;
    end_sessions(&server);
    browser.waits("the end of the session", |page| page.contains("Your session has ended")).await;
    browser.is_accessible().await;
    let first = browser.driver.window().await.unwrap();
    let second = browser.driver.new_tab().await.unwrap();
    browser.driver.switch_to_window(second.clone()).await.unwrap();
    browser.sign_in(&base, EMAIL, PASSWORD).await;
    browser.driver.switch_to_window(first.clone()).await.unwrap();
    browser.is_saved().await;

    // It ends again, and the page is left: the text is offered when they come back.
    browser.add(BODY, " And of bread.").await;
    end_sessions(&server);
    browser.waits("the end of the session", |page| page.contains("Your session has ended")).await;
    browser.go(&page).await;
    browser.sign_in(&base, EMAIL, PASSWORD).await;
    browser.go(&page).await;
    browser.sees("that was not saved").await;
    browser.is_accessible().await;
    browser.press("Restore").await;
    browser.is_saved().await;
    let written = "{name} was {attendance}. We talked. Of sleep. And of bread.";
    assert_eq!(browser.value(BODY).await, written);

    // Two tabs write: neither overwrites the other unasked.
    browser.driver.switch_to_window(second.clone()).await.unwrap();
    browser.go(&page).await;
    browser.driver.switch_to_window(first.clone()).await.unwrap();
    browser.add(BODY, " First.").await;
    browser.is_saved().await;
    browser.driver.switch_to_window(second).await.unwrap();
    browser.add(BODY, " Second.").await;
    browser.waits("both texts", |page| page.contains("saved this note in the meantime")).await;
    browser.sees(&format!("{written} First.")).await;
    browser.is_accessible().await;
    browser.press("Save mine").await;
    browser.is_saved().await;
    browser.driver.switch_to_window(first).await.unwrap();
    browser.add(BODY, " Third.").await;
    browser.waits("both texts", |page| page.contains("saved this note in the meantime")).await;
    browser.press("Use theirs").await;
    browser.waits("the other text", |page| !page.contains("saved this note in the meantime")).await;
    assert_eq!(browser.value(BODY).await, format!("{written} Second."));

    // Notes are made out of what is on the page; one is made their own, and names another.
    browser.click("//tr[contains(., 'Ben Ode')]//label[contains(., 'Late')]").await;
    browser.press("Create notes").await;
    browser.sees("2 notes created").await;
    browser.sees("Ben Ode was late. We talked.").await;
    browser.is_accessible().await;
    browser.click("//article[contains(., 'Ben Ode')]//summary").await;
    let own = "article:first-of-type textarea";
    browser.add(own, " Clara laughed.").await;
    browser.is_saved().await;
    browser.press_surely("Release all 2 notes").await;
    browser
        .sees("1 note was released. 1 note is still a draft: The note for Ben Ode mentions Clara Voss (“Clara”).")
        .await;
    browser.sees("Mentions Clara Voss (“Clara”)").await;
    browser.is_accessible().await;
    browser.click("//article[contains(., 'Ben Ode')]//summary").await;
    browser.driver.find(By::Css(own)).await.unwrap().clear().await.unwrap();
    browser.add(own, "Ben laughed.").await;
    browser.press_surely("Release 1 note").await;
    browser.sees("1 note was released").await;
    browser.look("dark", 390).await;
    browser.is_accessible().await;

    add_and_write(&browser).await;
    assert_eq!(browser.console().await, Vec::<String>::new());
}

/// Adds to Ben's released note, and writes one for him alone.
async fn add_and_write(browser: &Browser) {
    // Released, it is only added to.
    browser.press("Ben Ode").await;
    browser.sees("Ben laughed.").await;
    browser.fill("addendum", "Rang later.").await;
    browser.press("Add addendum").await;
    browser.sees("Addendum by").await;
    browser.is_accessible().await;
    browser.click("//main//a[contains(@href, '/chart')]").await;
    browser.sees("Rang later.").await;
    browser.is_accessible().await;

    // A note of their own: begun by typing alone.
    browser.press("New note").await;
    browser.choose("note_type", "Phone call").await;
    browser.waits("it is saved", |page| page.contains("Saved ")).await;
    assert!(browser.value(BODY).await.contains("Who called"), "it begins with the text of its type");
    assert!(browser.url().await.contains("/notes/not_"), "{}", browser.url().await);
    browser.press("Save draft").await;
    browser.sees("Draft saved").await;
    browser.is_accessible().await;
    browser.press_surely("Release").await;
    browser.sees("was released").await;
}
