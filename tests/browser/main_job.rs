//! The main job: from an empty folder to a member's first case, in two browsers at once.

use crate::{
    browser::Browser,
    crash::{Running, TEST_CODE},
};

const OWNER: &str = "eleven gray wagtails";
const MEMBER: &str = "fourteen white herons";

fn link_in(text: &str, kind: &str) -> String {
    let at = text.find("http://").into_iter().chain(text.match_indices("http://").map(|(at, _)| at));
    let links = at.map(|at| text[at..].split_whitespace().next().unwrap());
    links
        .filter(|link| link.contains(kind))
        .last()
        .unwrap_or_else(|| panic!("no {kind} link in:\n{text}"))
        .to_owned()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn from_an_empty_folder_to_a_members_first_case() {
    let folder = tempfile::tempdir().unwrap();
    let server = Running::start(folder.path());
    let base = format!("http://{}", server.address());
    let admin = Browser::start().await;
    admin.go(&link_in(&server.said, "/set-up")).await;
    admin.is_accessible().await;
    let code = std::fs::read_to_string(folder.path().join(TEST_CODE)).unwrap();
    for (name, text) in [
        ("code", code.trim()),
        ("account_name", "Riverside Vets"),
        ("name", "Miriam Okafor"),
        ("email", "miriam@riverside.test"),
        ("group_name", "Alder Creek"),
        ("location_name", "Main parlour"),
    ] {
        admin.fill(name, text).await;
    }
    admin.pick("practice_kind", "veterinary").await;
    admin.fill("password", "short").await;
    admin.press("Create account").await;
    admin.sees("at least 15 characters").await;
    admin.is_accessible().await;
    admin.fill("password", OWNER).await;
    admin.press("Create account").await;
    admin.sees("Pending invitations").await;
    admin.is_accessible().await;
    let home = admin.url().await;

    // Another group, without a location: the page teaches the next step.
    admin.press("Add another group").await;
    admin.fill("name", "Brookfield Equine").await;
    admin.press("Create group").await;
    admin.sees("Brookfield Equine").await;
    admin.is_accessible().await;

    // Invite: a pasted block, an outcome for each.
    admin.go(&home).await;
    admin.press("Invite users to the group").await;
    admin.is_accessible().await;
    admin.fill("emails", "ann@riverside.test, non@sense\nmiriam@riverside.test").await;
    admin.waits("the count", |page| page.contains("2 addresses, 1 not an address")).await;
    let invite = "//form[.//textarea[@name='emails']]//button[contains(., 'Invite')]";
    admin.driver.find(thirtyfour::By::XPath(invite)).await.unwrap().click().await.unwrap();
    admin.sees("1 not an address").await;
    admin.sees("The part after the @ needs a period").await;
    admin.is_accessible().await;
    let link = link_in(&admin.text().await, "/invitations/");
    admin.go(&home).await;
    admin.waits("one pending invitation", |page| page.contains("1\nPending invitations")).await;

    // The invited person opens the link (twice: nothing is used up), and accepts by a button.
    let person = Browser::start().await;
    person.go(&link).await;
    person.go(&link).await;
    person.is_accessible().await;
    person.fill("name", "Ann Lee").await;
    person.fill("password", MEMBER).await;
    person.press("Accept and join").await;
    person.sees("Alder Creek").await;
    // The circle on the administrator's screen changes by itself.
    admin.waits("no pending invitation", |page| page.contains("0\nPending invitations")).await;

    // The member's first case.
    person.press("New case").await;
    person.is_accessible().await;
    person.choose("protocol", "Wellness").await;
    person.choose("location", "Main parlour").await;
    person.press("Create case").await;
    person.sees("Who can see this, and why").await;
    let case = person.url().await;
    person.fill("body", "Temperature normal.").await;
    person.press("Add note").await;
    person.sees("Temperature normal.").await;
    let picture = folder.path().join("x-ray.png");
    std::fs::write(&picture, crate::support::PNG).unwrap();
    let field = person.driver.find(thirtyfour::By::Css("input[type=file]")).await.unwrap();
    field.send_keys(picture.to_str().unwrap()).await.unwrap();
    person.press("Upload").await;
    person.sees("x-ray.png").await;
    person.is_accessible().await;
    person.press("Close case").await;
    person.sees("Closed").await;
    person.press("Undo").await;
    person.waits("open again", |page| page.contains("Close case")).await;

    // The owner reads the other group's cases from the parent account; the member has never heard of it.
    person.go(&format!("{base}/switch")).await;
    assert!(!person.text().await.contains("Brookfield"));
    person.is_accessible().await;

    // Removal takes effect at the very next click.
    admin.go(&format!("{home}/users")).await;
    admin.is_accessible().await;
    admin.sees("Ann Lee").await;
    remove(&admin, "Ann Lee").await;
    admin.waits("Ann is gone", |page| page.contains("Undo")).await;
    person.go(&case).await;
    person.sees("Not found").await;
    person.is_accessible().await;
    assert_eq!(admin.console().await, Vec::<String>::new());
}

/// Opens the row's menu, chooses Remove, and says yes.
async fn remove(admin: &Browser, name: &str) {
    let row = format!("//tr[contains(., '{name}')]");
    let menu = admin.driver.find(thirtyfour::By::XPath(format!("{row}//summary"))).await.unwrap();
    menu.click().await.unwrap();
    let remove = format!("{row}//button[contains(., 'Remove')]");
    admin.driver.find(thirtyfour::By::XPath(remove)).await.unwrap().click().await.unwrap();
    let yes = "//dialog[@open]//button[contains(., 'Remove')]";
    for _ in 0..50 {
        if let Ok(button) = admin.driver.find(thirtyfour::By::XPath(yes)).await {
            button.click().await.unwrap();
            return;
        }
        tokio::time::sleep(std::time::Duration::from_millis(100)).await;
    }
    panic!("no question was asked");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn another_site_can_not_post_for_somebody_who_is_signed_in() {
    let folder = tempfile::tempdir().unwrap();
    let server = Running::start(folder.path());
    let made = server.set_up();
    let base = format!("http://{}", server.address());
    let browser = Browser::start().await;
    browser.sign_in(&base, "owner@x.test", OWNER).await;
    browser.sees("Alder Creek").await;
    let account = made["account"].as_str().unwrap();
    // A page of another origin: the same machine under another name.
    let foreign = base.replace("127.0.0.1", "localhost");
    browser.go(&format!("{foreign}/healthz")).await;
    let attack = format!(
        "const f = document.createElement('form'); f.method = 'post'; f.action = '{base}/a/{account}/groups'; \
         const i = document.createElement('input'); i.name = 'name'; i.value = 'Stolen'; f.append(i); \
         document.body.append(f); f.submit();"
    );
    browser.driver.execute(attack, vec![]).await.unwrap();
    tokio::time::sleep(std::time::Duration::from_millis(700)).await;
    browser.go(&format!("{base}/a/{account}/groups")).await;
    browser.sees("Alder Creek").await;
    assert!(!browser.text().await.contains("Stolen"));
}
