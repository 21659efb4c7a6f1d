//! The bar in a browser: each of its menus by keyboard and under the accessibility rules, at every width; help; and what
//! a page does when its session ends elsewhere.

use serde_json::json;
use thirtyfour::{By, Key};

use crate::{browser::Browser, crash::Running};

const PASSWORD: &str = "seven blue herons";
const OWNER: &str = "miriam.okafor@riverside.example";

async fn signed_in(base: &str, email: &str) -> Browser {
    let browser = Browser::start().await;
    browser.sign_in(base, email, PASSWORD).await;
    browser.waits("signed in", |page| !page.contains("Forgot your password")).await;
    browser
}

/// Whether the panel of this menu is wholly in the window.
const FITS: &str = "const area = document.querySelector(arguments[0] + ' .menu-panel').getBoundingClientRect();
    return area.width > 100 && area.left >= 0 && area.right <= innerWidth + 1 && area.bottom <= innerHeight + 1";

async fn opens(browser: &Browser, menu: &str) {
    let summary = browser.driver.find(By::Css(format!("{menu} > summary"))).await.unwrap();
    summary.send_keys(Key::Enter).await.unwrap();
    let fits = browser.driver.execute(FITS, vec![json!(menu)]).await.unwrap();
    assert!(fits.convert::<bool>().unwrap(), "{menu} sticks out on {}", browser.url().await);
    browser.is_accessible().await;
    summary.send_keys(Key::Escape).await.unwrap();
    let open = browser.driver.find_all(By::Css("details.menu[open]")).await.unwrap();
    assert!(open.is_empty(), "{menu} does not close");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_menu_of_the_bar_opens_by_keyboard_fits_and_is_accessible() {
    let folder = tempfile::tempdir().unwrap();
    let server = Running::start_with(folder.path(), &["--demo"]);
    let base = format!("http://{}", server.address());
    let browser = signed_in(&base, OWNER).await;
    let groups = browser.driver.find(By::Css("#panel-manage ~ ul a")).await.unwrap();
    let groups = groups.attr("href").await.unwrap().unwrap();
    for (scheme, width) in
        [("light", 320), ("dark", 390), ("light", 768), ("dark", 820), ("light", 1280), ("dark", 1920)]
    {
        browser.look(scheme, width).await;
        for page in [format!("{base}{groups}"), format!("{base}/nothing")] {
            browser.go(&page).await;
            for menu in [".switcher", ".help", ".account", ".profile"] {
                opens(&browser, menu).await;
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn help_shows_the_keys_and_what_the_page_is_for() {
    let folder = tempfile::tempdir().unwrap();
    let server = Running::start_with(folder.path(), &["--demo"]);
    let base = format!("http://{}", server.address());
    let browser = signed_in(&base, "ann.lee@riverside.example").await;
    let first = browser.driver.find(By::Css("#switcher-list a")).await.unwrap();
    let group = first.attr("href").await.unwrap().unwrap();
    browser.go(&format!("{base}{group}")).await;
    let body = browser.driver.find(By::Tag("body")).await.unwrap();
    body.send_keys("?").await.unwrap();
    browser.sees("Show this list").await;
    browser.is_accessible().await;
    browser.press_key(Key::Escape).await;
    let help = browser.driver.find(By::Css(".help > summary")).await.unwrap();
    help.click().await.unwrap();
    browser.sees("Owner of this account").await;
    browser.press("What’s on this page").await;
    browser.sees("An overview of this group").await;
    browser.is_accessible().await;
}

/// What is left of the page, for eyes and for assistive technology.
const LEFT: &str = "return [...document.body.children].filter((child) => !child.hidden || !child.inert)
    .map((child) => child.className)";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_page_covers_itself_when_its_session_ends_elsewhere_and_keeps_what_was_typed() {
    let folder = tempfile::tempdir().unwrap();
    let server = Running::start_with(folder.path(), &["--demo"]);
    let base = format!("http://{}", server.address());
    let browser = signed_in(&base, OWNER).await;
    let locations = browser.driver.find(By::Css(".account a[href$='/locations']")).await;
    let page = if let Ok(link) = locations {
        link.attr("href").await.unwrap().unwrap()
    } else {
        let group = browser.driver.find(By::Css("#switcher-list a")).await.unwrap();
        format!("{}/locations", group.attr("href").await.unwrap().unwrap())
    };
    browser.go(&format!("{base}{page}")).await;
    browser.fill("name", "South barn").await;
    end_other_sessions(&base).await;
    browser.sees("Your session has ended").await;
    browser.is_accessible().await;
    let left = browser.driver.execute(LEFT, vec![]).await.unwrap().convert::<Vec<String>>().unwrap();
    assert_eq!(left, ["session-over"]);
    assert_eq!(browser.driver.title().await.unwrap(), "Session ended · Covey");
    browser.press_key(Key::Escape).await;
    browser.sees("Your session has ended").await;
    // The way back is in another tab, since something was typed; then the page is as it was.
    let window = browser.driver.window().await.unwrap();
    browser.press("Sign in in a new tab").await;
    let windows = browser.driver.windows().await.unwrap();
    let other = windows.iter().find(|each| **each != window).unwrap().clone();
    browser.driver.switch_to_window(other).await.unwrap();
    browser.sees("Forgot your password").await;
    browser.fill("email", OWNER).await;
    browser.fill("password", PASSWORD).await;
    browser.press("Sign in").await;
    browser.sees("Locations").await;
    assert_eq!(browser.url().await, format!("{base}{page}"), "where one was");
    browser.driver.close_window().await.unwrap();
    browser.driver.switch_to_window(window).await.unwrap();
    browser.waits("uncovered", |page| !page.contains("Your session has ended")).await;
    let field = browser.driver.find(By::Css("main [name='name']")).await.unwrap();
    assert_eq!(field.prop("value").await.unwrap().as_deref(), Some("South barn"));
}

/// Signs in on another device, and ends the sessions on all others there.
async fn end_other_sessions(base: &str) {
    let other = signed_in(base, OWNER).await;
    other.go(&format!("{base}/profile")).await;
    let form = "document.querySelector('form[action=\"/profile/sessions/end-others\"]')";
    let send = format!(
        "const form = {form}; const yes = document.createElement('input');
         yes.name = 'confirm'; yes.value = 'yes'; form.append(yes); form.submit()"
    );
    other.driver.execute(send, vec![]).await.unwrap();
    other.waits("ended", |page| page.contains("ended")).await;
}
