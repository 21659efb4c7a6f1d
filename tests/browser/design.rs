//! The page of all parts: in light and dark, in forced colors and at every width, with a menu and a dialog open; and a
//! table's heads, which sort it without a script on a phone too.

use serde_json::{Value, json};
use thirtyfour::{By, Key};

use crate::{
    browser::{Browser, photos, user_groups::account},
    crash::Running,
};

const PASSWORD: &str = "seven blue herons";
const OWNER: &str = "miriam.okafor@riverside.example";

/// Where the bar covers nothing of the page.
async fn at_the_top(browser: &Browser) {
    browser.driver.execute("scrollTo(0, 0)", vec![]).await.unwrap();
}

/// Opens the first row menu, and looks at it.
async fn menu_is_fine(browser: &Browser) {
    let menu = browser.driver.find(By::Css("#tables td .menu > summary")).await.unwrap();
    menu.send_keys(Key::Enter).await.unwrap();
    at_the_top(browser).await;
    browser.is_accessible().await;
    menu.send_keys(Key::Escape).await.unwrap();
}

/// Opens the dialog, and looks at it.
async fn dialog_is_fine(browser: &Browser) {
    browser.press("Open dialog").await;
    let dialog = browser.driver.find(By::Css("#sample-dialog[open]")).await.unwrap();
    assert!(dialog.is_displayed().await.unwrap());
    browser.is_accessible().await;
    browser.press("Cancel").await;
    at_the_top(browser).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_part_is_accessible_in_every_state_and_at_every_width() {
    let folder = tempfile::tempdir().unwrap();
    let server = Running::start_with(folder.path(), &["--demo"]);
    let base = format!("http://{}", server.address());
    let browser = Browser::start().await;
    browser.sign_in(&base, OWNER, PASSWORD).await;
    browser.go(&format!("{base}/design")).await;
    for (scheme, width) in [("light", 1280), ("dark", 1280), ("light", 820), ("dark", 390), ("light", 320)] {
        browser.look(scheme, width).await;
        at_the_top(&browser).await;
        browser.is_accessible().await;
        menu_is_fine(&browser).await;
        dialog_is_fine(&browser).await;
        photos::keep(&browser, &format!("design-{scheme}-{width}")).await;
    }
    assert_eq!(browser.console().await, Vec::<String>::new());
    let forced = json!({ "features": [{ "name": "forced-colors", "value": "active" }] });
    browser.driver.cdp().send_raw("Emulation.setEmulatedMedia", forced).await.unwrap();
    browser.is_accessible_in_forced_colors().await;
    photos::keep(&browser, "design-forced-320").await;
}

/// The words of the heads that can be seen and pressed, with their order.
const HEADS: &str = "return [...document.querySelectorAll('thead a')].map((link) => {
    const { width, height, left, right } = link.getBoundingClientRect();
    if (height < 24 || width < 24 || left < 0 || right > innerWidth) return `${link.textContent} can't be pressed`;
    return `${link.textContent} ${link.closest('th').ariaSort ?? ''}`.trim();
})";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn heads_sort_a_table_at_every_width_and_keep_what_filters_it() {
    let folder = tempfile::tempdir().unwrap();
    let server = Running::start_with(folder.path(), &["--demo"]);
    let base = format!("http://{}", server.address());
    let browser = Browser::start().await;
    browser.sign_in(&base, OWNER, PASSWORD).await;
    let users = format!("{base}/a/{}/users?q=e", account(&browser).await);
    let heads = async || browser.driver.execute(HEADS, vec![]).await.unwrap().convert::<Value>().unwrap();
    for width in [1280, 820, 390, 320] {
        browser.look("light", width).await;
        browser.go(&users).await;
        browser.is_accessible().await;
        assert_eq!(heads().await, json!(["Person ascending", "Role", "Status", "Last seen"]), "{width}");
        browser.press("Last seen").await;
        assert_eq!(heads().await, json!(["Person", "Role", "Status", "Last seen descending"]), "{width}");
        browser.press("Last seen").await;
        assert_eq!(heads().await, json!(["Person", "Role", "Status", "Last seen ascending"]), "{width}");
        browser.press("Filter").await;
        assert!(browser.url().await.contains("q=e") && browser.url().await.contains("sort=seen"));
    }
}
