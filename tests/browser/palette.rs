//! The palette: a key opens it, what is typed lists what it finds, arrows choose and Enter opens; a screen reader is told;
//! and the same form leads to a page without any of it.

use serde_json::Value;
use thirtyfour::{By, Key, WebElement};

use crate::{
    browser::{Browser, user_groups::account},
    crash::Running,
};

const PASSWORD: &str = "seven blue herons";
/// The titles of the options, and of the chosen one, as a screen reader is told.
const OPTIONS: &str = "const options = [...document.querySelectorAll('.palette:not([hidden]) [role=option]')];
    const field = document.querySelector('[data-palette] [role=combobox]');
    const chosen = document.getElementById(field.getAttribute('aria-activedescendant'));
    const title = (each) => each?.querySelector('span')?.firstChild.textContent ?? null;
    return { all: options.map(title), chosen: title(chosen), open: field.getAttribute('aria-expanded') === 'true',
             focused: document.activeElement === field };";

async fn options(browser: &Browser) -> Value {
    browser.driver.execute(OPTIONS, vec![]).await.unwrap().convert().unwrap()
}

/// Waits until the first option is this one, and gives what there is then.
async fn first(browser: &Browser, title: &str) -> Value {
    for _ in 0..100 {
        let found = options(browser).await;
        if found["all"][0] == title {
            return found;
        }
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    panic!("{title:?} never came first: {}", options(browser).await);
}

async fn field(browser: &Browser) -> WebElement {
    browser.driver.find(By::Css("[data-palette] input[name='q']")).await.unwrap()
}

async fn press(browser: &Browser, keys: impl Into<thirtyfour::TypingData>) {
    browser.driver.active_element().await.unwrap().send_keys(keys).await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_palette_is_worked_by_the_keyboard_alone() {
    let folder = tempfile::tempdir().unwrap();
    let server = Running::start_with(folder.path(), &["--demo"]);
    let base = format!("http://{}", server.address());
    let browser = Browser::start().await;
    browser.sign_in(&base, "miriam.okafor@riverside.example", PASSWORD).await;
    let account = account(&browser).await;
    browser.go(&format!("{base}/a/{account}/groups")).await;

    // A key opens it, with what can be done here; nothing is chosen yet.
    press(&browser, "/").await;
    let found = first(&browser, "Invite users").await;
    assert!(found["open"] == true && found["focused"] == true && found["chosen"].is_null(), "{found}");
    browser.is_accessible().await;
    press(&browser, Key::Escape + "").await;
    assert_eq!(options(&browser).await["all"], serde_json::json!([]));
    press(&browser, Key::Down + "").await;
    first(&browser, "Invite users").await;

    // What is typed lists what it finds; the first is chosen, and arrows go around.
    press(&browser, "alvarez").await;
    let found = first(&browser, "J. Alvarez").await;
    assert_eq!(found["chosen"], "J. Alvarez");
    browser.is_accessible().await;
    press(&browser, Key::Down + "").await;
    assert_eq!(options(&browser).await["chosen"], "Javier Alvarez");
    press(&browser, Key::Up + Key::Up).await;
    assert_eq!(options(&browser).await["chosen"], "Search all your groups for “alvarez”");
    press(&browser, Key::Down + Key::Enter).await;
    browser.sees("Who can see this, and why").await;
    assert!(browser.url().await.contains("/clients/"), "{}", browser.url().await);

    // Actions by what one would say, with the other key; the place is the group now.
    press(&browser, Key::Control + "k").await;
    press(&browser, "add loc").await;
    first(&browser, "Add location").await;
    press(&browser, Key::Enter + "").await;
    browser.sees("Locations").await;
    assert!(browser.url().await.ends_with("/locations#add"), "{}", browser.url().await);

    // Nothing found says so, and Enter goes on to all groups.
    press(&browser, Key::Control + "k").await;
    press(&browser, "zzz nobody").await;
    browser.sees("Nothing found. Try fewer or shorter words.").await;
    browser.is_accessible().await;

    // On a phone, in the dark, it fits.
    for width in [320, 390, 820] {
        browser.look("dark", width).await;
        browser.go(&format!("{base}/a/{account}/groups")).await;
        field(&browser).await.click().await.unwrap();
        press(&browser, "a").await;
        browser.sees("All results for “a”").await;
        browser.is_accessible().await;
    }
    assert_eq!(browser.console().await, Vec::<String>::new());

    // The form's own page, which needs no script.
    browser.look("light", 1280).await;
    browser.go(&format!("{base}/find?q=bella&account={account}")).await;
    browser.sees("Clients").await;
    browser.sees("Search all your groups").await;
    browser.is_accessible().await;
    browser.go(&format!("{base}/find?q=zzz&account={account}")).await;
    browser.sees("Nothing found").await;
    browser.is_accessible().await;
}
