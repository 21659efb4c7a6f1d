//! Photographs of pages. They go into a folder that git ignores, to be looked at; with `PICTURES` set, those of the README
//! into `docs/pictures`.

use std::path::{Path, PathBuf};

use serde_json::json;
use thirtyfour::By;

use crate::{
    browser::{Browser, user_groups::account},
    crash::Running,
};

const PASSWORD: &str = "seven blue herons";

/// A photograph of the whole page.
pub async fn keep(browser: &Browser, name: &str) {
    let tools = std::env::var("TEST_TOOLS").expect("run scripts/test: it says where pictures go");
    take(browser, &PathBuf::from(tools).join("pictures"), name, true).await;
}

async fn take(browser: &Browser, folder: &Path, name: &str, whole: bool) {
    let wanted = json!({ "format": "webp", "quality": 82, "captureBeyondViewport": whole });
    let taken = browser.driver.cdp().send_raw("Page.captureScreenshot", wanted).await.unwrap();
    let bytes = data_encoding::BASE64.decode(taken["data"].as_str().unwrap().as_bytes()).unwrap();
    assert!(bytes.len() > 4_000, "{name} shows nothing");
    std::fs::create_dir_all(folder).unwrap();
    std::fs::write(folder.join(format!("{name}.webp")), bytes).unwrap();
}

/// Where the first link whose address has these parts leads.
async fn link(browser: &Browser, parts: &[&str]) -> String {
    for link in browser.driver.find_all(By::Css("a[href^='/']")).await.unwrap() {
        let href = link.attr("href").await.unwrap().unwrap();
        if parts.iter().all(|part| href.contains(part)) {
            return href;
        }
    }
    panic!("no link has {parts:?} on {}", browser.url().await)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_pictures_of_the_readme_can_be_taken() {
    let top = PathBuf::from(env!("CARGO_MANIFEST_DIR"));
    let folder = match std::env::var_os("PICTURES") {
        Some(_) => top.join("docs/pictures"),
        None => PathBuf::from(std::env::var("TEST_TOOLS").unwrap()).join("pictures"),
    };
    let demo = tempfile::tempdir().unwrap();
    let server = Running::start_with(demo.path(), &["--demo"]);
    let base = format!("http://{}", server.address());
    let browser = Browser::start().await;
    browser.look("light", 1280).await;
    browser.driver.cdp().send_raw("Emulation.setScrollbarsHidden", json!({ "hidden": true })).await.unwrap();
    browser.sign_in(&base, "miriam.okafor@riverside.example", PASSWORD).await;
    let account = format!("{base}/a/{}", account(&browser).await);
    browser.go(&format!("{base}/switch")).await;
    let group = format!("{base}{}", link(&browser, &["/g/"]).await);
    browser.go(&format!("{account}/user-groups")).await;
    let user_group = browser.driver.find(By::Css("main select option[value^='ugr_']")).await.unwrap();
    let user_group = user_group.attr("value").await.unwrap().unwrap();
    browser.go(&format!("{group}/cases?status=all")).await;
    let case = format!("{base}{}", link(&browser, &["/cases/cas_"]).await);
    for (name, page) in [
        ("group", group),
        ("case", case),
        ("user-group", format!("{account}/user-groups/{user_group}")),
        ("dashboard", format!("{account}/dashboard")),
        ("handouts", format!("{account}/handouts")),
    ] {
        browser.go(&page).await;
        take(&browser, &folder, name, false).await;
    }
    // Whom requests are sent to in the other practice.
    browser.driver.delete_all_cookies().await.unwrap();
    browser.sign_in(&base, "rosa.delgado@harborlane.example", PASSWORD).await;
    let requests = link(&browser, &["/requests"]).await;
    browser.go(&format!("{base}{requests}")).await;
    take(&browser, &folder, "requests", false).await;
}
